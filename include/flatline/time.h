/* Time is nanoseconds since 1970-01-01 00:00:00 UTC, signed 64 bit, always taken from the capture and
 * passed as a parameter: nothing below cli reads a clock. */
#ifndef FLATLINE_TIME_H
#define FLATLINE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FL_NS_PER_US INT64_C(1000)
#define FL_NS_PER_MS INT64_C(1000000)
#define FL_NS_PER_S INT64_C(1000000000)

/* No time known. Smaller than every real time, so that "later than" tests fail by themselves. */
#define FL_TIME_NONE INT64_MIN

/* The latest time that is taken from a capture or a user, in the year 2116. A damaged capture may name any other, and
 * one before 1970: those count as none, so that differences of times, and twice a time, never overflow. */
#define FL_TIME_MOST (INT64_MAX / 2)

/* Longest text of the fl_time_* and fl_duration_* functions, with its terminating zero. */
#define FL_TIME_TEXT 40

/* RFC 3339 in UTC with nine decimals: "2026-01-14T09:00:01.203000000Z". `ret_text` holds FL_TIME_TEXT bytes and is
 * returned. Years outside 1678..2262 cannot occur. */
const char *fl_time_rfc3339(int64_t at, char ret_text[FL_TIME_TEXT]);

/* Time of day in UTC with milliseconds: "09:00:01.203"; with `seconds` false only "09:00". */
const char *fl_time_of_day(int64_t at, bool seconds, char ret_text[FL_TIME_TEXT]);

/* "2026-01-14 09:00:00" in UTC. */
const char *fl_time_date(int64_t at, char ret_text[FL_TIME_TEXT]);

/* A length of time as people say it: "0.3 ms", "9.3 s", "14m30s", "2h05m". Negative lengths get a minus sign. */
const char *fl_duration_text(int64_t ns, char ret_text[FL_TIME_TEXT]);

/* Reads RFC 3339 ("2026-01-14T09:00:00Z", fraction and offset allowed, a blank may stand for the T), or seconds since
 * 1970 with an optional fraction. True and *ret_at set when the whole text was understood. */
bool fl_time_parse(const char *text, int64_t *ret_at);
/* Reads a day, "2026-12-31": its first moment in UTC. */
bool fl_time_parse_day(const char *text, int64_t *ret_at);

#endif
