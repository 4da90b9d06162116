/* What a format of `check` has to bring. Private to report/. */
#ifndef REPORT_CHECK_FORMAT_H
#define REPORT_CHECK_FORMAT_H

#include "flatline/check.h"

/* Writes the whole; what went wrong with the stream is seen behind it. False out of memory. */
typedef bool check_write(const struct fl_checks *checks, const struct fl_check_run *run, FILE *out);

check_write check_text, check_tap, check_junit, check_sarif, check_github;

/* The file of an item, or of the run where it names none: as the user named it. */
const char *check_file(const struct fl_check_run *run, const struct fl_check_item *item);
/* What lines about the run as a whole begin with. */
const char *check_subject(const struct fl_check_run *run);

#endif
