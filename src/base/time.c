/* Times as text, always in UTC: a report that depends on the reader's time zone cannot be compared with another. The
 * calendar arithmetic is done here, since gmtime_r is bound to time_t and strptime to the locale. */
#include "flatline/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct civil {
	int64_t year;
	unsigned month, day, hour, minute, second, ns;
};

static const int64_t seconds_per_day = 86400;

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back; years begin in March so that the leap
 * day is the last. */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;

	int64_t era = (year >= 0 ? year : year - 399) / 400;
	unsigned year_of_era = (unsigned)(year - era * 400);
	unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, struct civil *ret_civil)
{
	days += 719468;

	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	unsigned day_of_era = (unsigned)(days - era * 146097);
	unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned march_month = (5 * day_of_year + 2) / 153;

	ret_civil->day = day_of_year - (153 * march_month + 2) / 5 + 1;
	ret_civil->month = march_month < 10 ? march_month + 3 : march_month - 9;
	ret_civil->year = (int64_t)year_of_era + era * 400 + (ret_civil->month <= 2);
}

static struct civil civil_from_time(int64_t at)
{
	int64_t seconds = at / FL_NS_PER_S, ns = at % FL_NS_PER_S;
	struct civil civil;

	if (ns < 0) {
		ns += FL_NS_PER_S;
		seconds--;
	}

	int64_t days = seconds / seconds_per_day, rest = seconds % seconds_per_day;

	if (rest < 0) {
		rest += seconds_per_day;
		days--;
	}
	civil_from_days(days, &civil);
	civil.hour = (unsigned)(rest / 3600);
	civil.minute = (unsigned)(rest / 60 % 60);
	civil.second = (unsigned)(rest % 60);
	civil.ns = (unsigned)ns;
	return civil;
}

const char *fl_time_rfc3339(int64_t at, char ret_text[FL_TIME_TEXT])
{
	struct civil c = civil_from_time(at);

	snprintf(ret_text, FL_TIME_TEXT, "%04" PRId64 "-%02u-%02uT%02u:%02u:%02u.%09uZ", c.year, c.month, c.day, c.hour,
	         c.minute, c.second, c.ns);
	return ret_text;
}

const char *fl_time_of_day(int64_t at, bool seconds, char ret_text[FL_TIME_TEXT])
{
	struct civil c = civil_from_time(at);

	if (seconds)
		snprintf(ret_text, FL_TIME_TEXT, "%02u:%02u:%02u.%03u", c.hour, c.minute, c.second, c.ns / 1000000);
	else
		snprintf(ret_text, FL_TIME_TEXT, "%02u:%02u", c.hour, c.minute);
	return ret_text;
}

const char *fl_time_date(int64_t at, char ret_text[FL_TIME_TEXT])
{
	struct civil c = civil_from_time(at);

	snprintf(ret_text, FL_TIME_TEXT, "%04" PRId64 "-%02u-%02u %02u:%02u:%02u", c.year, c.month, c.day, c.hour,
	         c.minute, c.second);
	return ret_text;
}

/* Whole units, rounded to the nearest, so that 59.96 s does not become "60.0 s". */
static int64_t rounded(int64_t ns, int64_t unit)
{
	return ns / unit + (ns % unit + unit / 2) / unit;
}

const char *fl_duration_text(int64_t ns, char ret_text[FL_TIME_TEXT])
{
	const char *sign = ns < 0 ? "-" : "";

	if (ns < 0)
		ns = ns == INT64_MIN ? INT64_MAX : -ns;

	int64_t tenth_ms = rounded(ns, FL_NS_PER_MS / 10), ms = rounded(ns, FL_NS_PER_MS);
	int64_t tenth_s = rounded(ns, FL_NS_PER_S / 10), s = rounded(ns, FL_NS_PER_S);

	if (ns == 0)
		snprintf(ret_text, FL_TIME_TEXT, "0 s");
	else if (tenth_ms == 0)
		snprintf(ret_text, FL_TIME_TEXT, "%s%" PRId64 " us", sign, rounded(ns, FL_NS_PER_US));
	else if (tenth_ms < 100)
		snprintf(ret_text, FL_TIME_TEXT, "%s%" PRId64 ".%" PRId64 " ms", sign, tenth_ms / 10, tenth_ms % 10);
	else if (ms < 1000)
		snprintf(ret_text, FL_TIME_TEXT, "%s%" PRId64 " ms", sign, ms);
	else if (tenth_s < 600)
		snprintf(ret_text, FL_TIME_TEXT, "%s%" PRId64 ".%" PRId64 " s", sign, tenth_s / 10, tenth_s % 10);
	else if (s < 3600)
		snprintf(ret_text, FL_TIME_TEXT, "%s%" PRId64 "m%02" PRId64 "s", sign, s / 60, s % 60);
	else if (s < 48 * 3600)
		snprintf(ret_text, FL_TIME_TEXT, "%s%" PRId64 "h%02" PRId64 "m", sign, s / 3600, s / 60 % 60);
	else
		snprintf(ret_text, FL_TIME_TEXT, "%s%" PRId64 "d%02" PRId64 "h", sign, s / 86400, s / 3600 % 24);
	return ret_text;
}

/* Reads exactly `digits` decimal digits. */
static bool take_number(const char **text, unsigned digits, unsigned *ret_number)
{
	unsigned number = 0;

	for (unsigned i = 0; i < digits; i++) {
		char c = (*text)[i];

		if (c < '0' || c > '9')
			return false;
		number = number * 10 + (unsigned)(c - '0');
	}
	*text += digits;
	*ret_number = number;
	return true;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* An optional ".123456789" as nanoseconds; further digits are cut. */
static bool take_fraction(const char **text, int64_t *ret_ns)
{
	int64_t ns = 0, unit = FL_NS_PER_S / 10;
	unsigned digit;

	*ret_ns = 0;
	if (!take_char(text, '.'))
		return true;
	if (!take_number(text, 1, &digit))
		return false;
	do {
		ns += digit * unit;
		unit /= 10;
	} while (take_number(text, 1, &digit));
	*ret_ns = ns;
	return true;
}

/* "Z", "+01:00", or nothing (UTC). */
static bool take_offset(const char **text, int64_t *ret_seconds)
{
	unsigned hours, minutes;
	int64_t sign = **text == '-' ? -1 : 1;

	*ret_seconds = 0;
	if (take_char(text, 'Z') || take_char(text, 'z') || **text == '\0')
		return true;
	if (!take_char(text, '+') && !take_char(text, '-'))
		return false;
	if (!take_number(text, 2, &hours) || !take_char(text, ':') || !take_number(text, 2, &minutes) || hours > 23 ||
	    minutes > 59)
		return false;
	*ret_seconds = sign * (int64_t)(hours * 3600 + minutes * 60);
	return true;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool parse_date(const char *text, int64_t *ret_at)
{
	unsigned year, month, day, hour, minute, second;
	int64_t ns, offset;

	if (!take_number(&text, 4, &year) || !take_char(&text, '-') || !take_number(&text, 2, &month) ||
	    !take_char(&text, '-') || !take_number(&text, 2, &day))
		return false;
	if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	if (!take_char(&text, 'T') && !take_char(&text, 't') && !take_char(&text, ' '))
		return false;
	if (!take_number(&text, 2, &hour) || !take_char(&text, ':') || !take_number(&text, 2, &minute) ||
	    !take_char(&text, ':') || !take_number(&text, 2, &second) || hour > 23 || minute > 59 || second > 60)
		return false;
	if (!take_fraction(&text, &ns) || !take_offset(&text, &offset) || *text != '\0')
		return false;
	*ret_at = (days_from_civil(year, month, day) * seconds_per_day + hour * 3600 + minute * 60 + second - offset) *
	                  FL_NS_PER_S +
	          ns;
	return true;
}

static bool parse_epoch(const char *text, int64_t *ret_at)
{
	int64_t seconds = 0, ns;
	unsigned digit;

	if (!take_number(&text, 1, &digit))
		return false;
	do {
		seconds = seconds * 10 + digit;
		if (seconds > INT64_MAX / FL_NS_PER_S - 1)
			return false;
	} while (take_number(&text, 1, &digit));
	if (!take_fraction(&text, &ns) || *text != '\0')
		return false;
	*ret_at = seconds * FL_NS_PER_S + ns;
	return true;
}

bool fl_time_parse(const char *text, int64_t *ret_at)
{
	return parse_date(text, ret_at) || parse_epoch(text, ret_at);
}

bool fl_time_parse_day(const char *text, int64_t *ret_at)
{
	const size_t length = strlen("2026-12-31");
	char moment[40];

	if (strlen(text) != length)
		return false;
	snprintf(moment, sizeof(moment), "%sT00:00:00Z", text);
	return fl_time_parse(moment, ret_at);
}
