/* Times as text and back, at the borders where calendars and rounding go wrong. */
#include <stdio.h>
#include <string.h>

#include "flatline/time.h"
#include "unit.h"

static const struct {
	int64_t seconds;
	const char *text;
} dates[] = {
	{ 0, "1970-01-01T00:00:00" },           { -1, "1969-12-31T23:59:59" },
	{ -86400, "1969-12-31T00:00:00" },      { 951782400, "2000-02-29T00:00:00" },
	{ 951868799, "2000-02-29T23:59:59" },   { 951868800, "2000-03-01T00:00:00" },
	{ 946684799, "1999-12-31T23:59:59" },   { 1709164800, "2024-02-29T00:00:00" },
	{ 1768381201, "2026-01-14T09:00:01" },  { 4107542399, "2100-02-28T23:59:59" },
	{ 4107542400, "2100-03-01T00:00:00" }, /* no leap year */
	{ -2203891200, "1900-03-01T00:00:00" }, { -2208988800, "1900-01-01T00:00:00" },
	{ 9214646399, "2261-12-31T23:59:59" },  { -9214560000, "1678-01-01T00:00:00" },
};

START_TEST(dates_print_and_parse)
{
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		char text[FL_TIME_TEXT], expected[FL_TIME_TEXT];
		int64_t at = dates[i].seconds * FL_NS_PER_S, back = 0;

		snprintf(expected, sizeof(expected), "%s.000000000Z", dates[i].text);
		ck_assert_str_eq(fl_time_rfc3339(at, text), expected);
		ck_assert(fl_time_parse(text, &back));
		ck_assert_int_eq(back, at);
	}
}
END_TEST

START_TEST(nanoseconds_survive_the_round_trip)
{
	static const int64_t times[] = { 1, -1, 999999999, -999999999, 1768381201203000001, -1768381201203000001 };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char text[FL_TIME_TEXT];
		int64_t back = 0;

		ck_assert(fl_time_parse(fl_time_rfc3339(times[i], text), &back));
		ck_assert_int_eq(back, times[i]);
	}
}
END_TEST

START_TEST(every_day_of_four_centuries_comes_back)
{
	for (int64_t day = -70000; day < 80000; day += 7) {
		char text[FL_TIME_TEXT];
		int64_t at = day * 86400 * FL_NS_PER_S, back = 0;

		ck_assert(fl_time_parse(fl_time_rfc3339(at, text), &back));
		ck_assert_int_eq(back, at);
	}
}
END_TEST

START_TEST(time_before_1970_has_a_time_of_day)
{
	char text[FL_TIME_TEXT];

	ck_assert_str_eq(fl_time_of_day(-FL_NS_PER_MS, true, text), "23:59:59.999");
	ck_assert_str_eq(fl_time_of_day(1768381201203 * FL_NS_PER_MS, true, text), "09:00:01.203");
	ck_assert_str_eq(fl_time_of_day(1768381201203 * FL_NS_PER_MS, false, text), "09:00");
	ck_assert_str_eq(fl_time_date(1768381201999 * FL_NS_PER_MS, text), "2026-01-14 09:00:01");
}
END_TEST

START_TEST(other_spellings_are_understood)
{
	static const char *const same[] = { "2026-01-14T09:00:01.5Z",        "2026-01-14t09:00:01.5z",
		                            "2026-01-14 09:00:01.5",         "2026-01-14 10:00:01.5+01:00",
		                            "2026-01-14T03:15:01.500-05:45", "1768381201.5",
		                            "1768381201.500000000999" };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		int64_t at = 0;

		ck_assert_msg(fl_time_parse(same[i], &at), "%s is not understood", same[i]);
		ck_assert_msg(at == 1768381201500 * FL_NS_PER_MS, "%s is another time", same[i]);
	}
}
END_TEST

START_TEST(nonsense_is_refused_and_leaves_the_result_alone)
{
	static const char *const texts[] = { "",
		                             " ",
		                             "now",
		                             "2026-01-14",
		                             "2026-01-14T09:00",
		                             "2026-01-14T09:00:00ZZ",
		                             "2026-13-01T00:00:00Z",
		                             "2026-00-01T00:00:00Z",
		                             "2026-02-29T00:00:00Z",
		                             "2100-02-29T00:00:00Z",
		                             "2026-04-31T00:00:00Z",
		                             "2026-01-00T00:00:00Z",
		                             "2026-01-14T24:00:00Z",
		                             "2026-01-14T09:60:00Z",
		                             "2026-01-14T09:00:00.Z",
		                             "2026-01-14T09:00:00+24:00",
		                             "2026-01-14T09:00:00+01",
		                             "1677-12-31T00:00:00Z",
		                             "2262-01-01T00:00:00Z",
		                             "9999999999999",
		                             "-5",
		                             "5.",
		                             "5.x",
		                             "5s",
		                             "0x10",
		                             "2026-01-14T09:00:00Z ",
		                             " 5",
		                             "2026-1-14T09:00:00Z" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t at = 42;

		ck_assert_msg(!fl_time_parse(texts[i], &at), "\"%s\" was taken", texts[i]);
		ck_assert_int_eq(at, 42);
	}
}
END_TEST

START_TEST(durations_change_their_unit_at_the_right_place)
{
	static const struct {
		int64_t ns;
		const char *text;
	} durations[] = {
		{ 0, "0 s" },
		{ 1000, "1 us" },
		{ 49999, "50 us" },
		{ 50000, "0.1 ms" },
		{ 300000, "0.3 ms" },
		{ 9949999, "9.9 ms" },
		{ 9950000, "10 ms" },
		{ 10400000, "10 ms" },
		{ 999499999, "999 ms" },
		{ 999500000, "1.0 s" },
		{ 9300000000, "9.3 s" },
		{ 59949999999, "59.9 s" },
		{ 59950000000, "1m00s" },
		{ 60000000000, "1m00s" },
		{ 870000000000, "14m30s" },
		{ 3599499999999, "59m59s" },
		{ 3599500000000, "1h00m" },
		{ 7500000000000, "2h05m" },
		{ 48 * 3600 * INT64_C(1000000000) - 1, "2d00h" },
		{ 50 * 3600 * INT64_C(1000000000), "2d02h" },
		{ -9300000000, "-9.3 s" },
		{ -50000, "-0.1 ms" },
	};

	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		char text[FL_TIME_TEXT];

		ck_assert_str_eq(fl_duration_text(durations[i].ns, text), durations[i].text);
	}
}
END_TEST

START_TEST(longest_durations_fit_their_text)
{
	char text[FL_TIME_TEXT];

	ck_assert_str_eq(fl_duration_text(INT64_MAX, text), "106751d23h");
	ck_assert_str_eq(fl_duration_text(INT64_MIN, text), "-106751d23h");
	ck_assert_uint_lt(strlen(fl_time_rfc3339(INT64_MIN, text)), FL_TIME_TEXT);
	ck_assert_uint_lt(strlen(fl_time_rfc3339(INT64_MAX, text)), FL_TIME_TEXT);
}
END_TEST

UNIT_MAIN("time", dates_print_and_parse, nanoseconds_survive_the_round_trip, every_day_of_four_centuries_comes_back,
          time_before_1970_has_a_time_of_day, other_spellings_are_understood,
          nonsense_is_refused_and_leaves_the_result_alone, durations_change_their_unit_at_the_right_place,
          longest_durations_fit_their_text)
