/* What a format has to bring, and the stream that all of them write to. Private to report/. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include <stddef.h>
#include <stdio.h>

#include "flatline/report.h"

struct fl_report {
	const struct format *format;
	FILE *out;
	struct fl_report_settings settings;
	int error;   /* errno of the first write that failed, 0 while all is well */
	void *state; /* the format's own */
};

/* The steps of a report, in the order in which they come; what is passed is valid during the call. */
struct format {
	const char *name, *help;
	/* The format's state, NULL out of memory. */
	void *(*new)(const struct fl_report_settings *settings);
	void (*free)(void *state);
	void (*begin)(struct fl_report *report, const struct fl_capture_account *capture);
	void (*incident)(struct fl_report *report, const struct fl_incident *incident);
	void (*flow)(struct fl_report *report, const struct fl_account *account);
	void (*end)(struct fl_report *report);
	/* Whether the account of a flow that is not healthy is to be one in full; NULL: each is. */
	bool (*wants)(const struct fl_report *report, const struct fl_account *account);
	/* A flow that was not asked for; NULL: nothing is said of those. */
	void (*pass)(struct fl_report *report, const struct fl_account *account);
};

extern const struct format format_text;
extern const struct format format_json;
extern const struct format format_html;
extern const struct format format_markdown;

/* Writes to the report's stream; a failure is kept, and nothing is written after it. */
void report_write(struct fl_report *report, const char *bytes, size_t length);
void report_print(struct fl_report *report, const char *text);
/* Nothing can be written any more: out of memory. */
void report_starve(struct fl_report *report);

#endif
