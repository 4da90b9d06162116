/* Formats: one table of them; each writes what the judge said into the stream that it is given, one flow at a time. Knows
 * nothing of packets. */
#ifndef FLATLINE_REPORT_H
#define FLATLINE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "flatline/error.h"
#include "flatline/judge.h"

struct fl_report_settings {
	bool all;    /* healthy flows in full too */
	bool color;
	bool quiet;  /* text: only the stories */
	enum fl_severity min_severity; /* flows below are left out (of text stories and tables) */
	unsigned width; /* columns for text, 0: 100 */
};

struct fl_report;

/* A report in `format` ("text", "json") on `out`. NULL when the format is not known. */
struct fl_report *fl_report_new(const char *format, FILE *out, const struct fl_report_settings *settings);
void fl_report_free(struct fl_report *report);

/* In this order: one begin, the incidents, the flows by id, one end. */
void fl_report_begin(struct fl_report *report, const struct fl_capture_account *capture);
void fl_report_incident(struct fl_report *report, const struct fl_incident *incident);
void fl_report_flow(struct fl_report *report, const struct fl_account *account);
/* Finishes and flushes. 0, or -1 with `reterr` when something could not be written (disk full, pipe closed). */
int fl_report_end(struct fl_report *report, struct fl_error *reterr);

/* Names of all formats with a line of help, for `list formats`; NULL past the last. */
const char *fl_report_format_name(size_t index);
const char *fl_report_format_help(size_t index);

#endif
