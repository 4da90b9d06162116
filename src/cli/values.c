/* What stands behind an option: each value is understood whole or refused, with the words that say what is taken. A
 * typo that passed for a value would silently show another part of the capture. */
#include "values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/check.h"
#include "flatline/report.h"
#include "flatline/time.h"

int value_severity(const char *text, const char *option, enum fl_severity *ret_severity, struct fl_error *reterr)
{
	for (int severity = FL_OK; severity < FL_SEVERITIES; severity++) {
		if (strcmp(text, fl_severity_name(severity)) == 0) {
			*ret_severity = severity;
			return 0;
		}
	}
	fl_error_set(reterr, NULL, 0, "--%s takes ok, notice, warning or critical, not \"%s\"", option, text);
	return -1;
}

int value_time(const char *text, const char *option, int64_t *ret_at, struct fl_error *reterr)
{
	if (fl_time_parse(text, ret_at) && *ret_at >= 0 && *ret_at <= FL_TIME_MOST)
		return 0;
	fl_error_set(reterr, NULL, 0, "--%s takes a time like 2026-01-14T09:00:00Z or seconds since 1970, not \"%s\"",
	             option, text);
	return -1;
}

int value_day(const char *text, int64_t *ret_at, struct fl_error *reterr)
{
	if (fl_time_parse_day(text, ret_at))
		return 0;
	fl_error_set(reterr, NULL, 0, "--today takes a date like 2026-12-31, not \"%s\"", text);
	return -1;
}

int value_size(const char *text, const char *option, size_t *ret_size, struct fl_error *reterr)
{
	static const struct {
		const char *name;
		unsigned shift;
	} units[] = { { "", 0 },   { "k", 10 },   { "K", 10 }, { "KiB", 10 },
		      { "M", 20 }, { "MiB", 20 }, { "G", 30 }, { "GiB", 30 } };
	char *end;

	errno = 0;

	unsigned long long number = strtoull(text, &end, 10);

	for (size_t i = 0; errno == 0 && end != text && *text != '-' && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) == 0 && number <= SIZE_MAX >> units[i].shift && number > 0) {
			*ret_size = (size_t)number << units[i].shift;
			return 0;
		}
	}
	fl_error_set(reterr, NULL, 0, "--%s takes a size like 512M or 4G, not \"%s\"", option, text);
	return -1;
}

int value_memory(const char *text, size_t *ret_memory, struct fl_error *reterr)
{
	return value_size(text, "memory", ret_memory, reterr);
}

int value_number(const char *text, const char *option, uint32_t least, uint32_t most, uint32_t *ret_number,
                 struct fl_error *reterr)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno == 0 && end != text && !*end && *text != '-' && number >= least && number <= most) {
		*ret_number = (uint32_t)number;
		return 0;
	}
	fl_error_set(reterr, NULL, 0, "--%s takes a number from %u to %u, not \"%s\"", option, least, most, text);
	return -1;
}

int value_flow(const char *text, int64_t *ret_flow, struct fl_error *reterr)
{
	char *end;

	errno = 0;
	*ret_flow = strtoll(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && *ret_flow >= 0 && *ret_flow < UINT32_MAX)
		return 0;
	fl_error_set(reterr, NULL, 0, "--flow takes the id of a connection (0, 1, ...), not \"%s\"", text);
	return -1;
}

/* Every id must exist: a typo would silently show nothing. */
int value_only(const char *text, const char *option, const char **ret_only, struct fl_error *reterr)
{
	char id[64];
	struct fl_topic topic;

	for (const char *at = text;; at++) {
		size_t length = strcspn(at, ",");

		if (length >= sizeof(id))
			length = sizeof(id) - 1;
		memcpy(id, at, length);
		id[length] = '\0';
		if (!fl_topic_find(id, &topic)) {
			fl_error_set(reterr, NULL, 0, "--%s: there is no verdict \"%s\" (see: flatline list verdicts)",
			             option, id);
			return -1;
		}
		if (topic.kind != FL_TOPIC_VERDICT) {
			fl_error_set(reterr, NULL, 0,
			             "--%s: \"%s\" is a finding beside others, never a verdict (see: flatline list "
			             "verdicts)",
			             option, id);
			return -1;
		}
		at += length;
		if (*at == '\0')
			break;
	}
	*ret_only = text;
	return 0;
}

int value_format(const char *text, bool is_check, struct fl_error *reterr)
{
	const char *(*name)(size_t index) = is_check ? fl_checks_format_name : fl_report_format_name;

	for (size_t i = 0; name(i); i++) {
		if (strcmp(text, name(i)) == 0)
			return 0;
	}
	fl_error_set(reterr, NULL, 0, "there is no format \"%s\"%s (see: flatline list formats)", text,
	             is_check ? " of check" : "");
	return -1;
}

int value_color(const char *text, const char **ret_color, struct fl_error *reterr)
{
	if (strcmp(text, "auto") != 0 && strcmp(text, "always") != 0 && strcmp(text, "never") != 0) {
		fl_error_set(reterr, NULL, 0, "--color takes auto, always or never, not \"%s\"", text);
		return -1;
	}
	*ret_color = text;
	return 0;
}
