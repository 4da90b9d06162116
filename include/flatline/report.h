/* Formats: one table of them; each writes what the judge said into the stream that it is given, one flow at a time.
 * Knows nothing of packets. */
#ifndef FLATLINE_REPORT_H
#define FLATLINE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "flatline/check.h"
#include "flatline/error.h"
#include "flatline/judge.h"
#include "flatline/picture.h"

/* For formats that tell some connections in detail, and draw them (html, markdown). */
struct fl_report_detail {
	/* Whether it is one of those, given from id to verdict. */
	bool (*is_told)(void *context, const struct fl_account *account);
	/* Its picture, valid during the call; NULL without one. */
	const struct fl_picture *(*picture)(void *context, const struct fl_account *account);
	void *context;
	const char *command; /* how the report is made, a line for a shell; NULL: nobody says */
	uint64_t untold;     /* connections that are not well, and are not among them */
	bool is_once;        /* the capture could not be read twice: pictures show its beginning and its end */
};

struct fl_report_settings {
	bool all; /* healthy flows in full too; text: no limit on stories */
	bool color;
	bool quiet;                            /* text: only the stories */
	enum fl_severity min_severity;         /* flows below are left out (of text stories and tables) */
	unsigned width;                        /* columns for text, 0: 100 */
	const struct fl_report_detail *detail; /* NULL: no connection is told in detail */
};

struct fl_report;

/* A report in `format` ("text", "json") on `out`. NULL when the format is not known, or out of memory. */
struct fl_report *fl_report_new(const char *format, FILE *out, const struct fl_report_settings *settings);
void fl_report_free(struct fl_report *report);

/* In this order: one begin, the incidents, the flows by id, one end. */
void fl_report_begin(struct fl_report *report, const struct fl_capture_account *capture);
void fl_report_incident(struct fl_report *report, const struct fl_incident *incident);
void fl_report_flow(struct fl_report *report, const struct fl_account *account);
/* Whether the account, which holds its members from id to verdict, is to be one in full. */
bool fl_report_wants(const struct fl_report *report, const struct fl_account *account);
/* In place of fl_report_flow for a flow that the user did not ask for: text counts it in its header. */
void fl_report_pass(struct fl_report *report, const struct fl_account *account);
/* Finishes and flushes. 0, or -1 with `reterr` when something could not be written (disk full, pipe closed). */
int fl_report_end(struct fl_report *report, struct fl_error *reterr);

/* Names of all formats with a line of help, for `list formats`; NULL past the last. */
const char *fl_report_format_name(size_t index);
const char *fl_report_format_help(size_t index);

/* What a capture must show, for `check`: filters on the JSON of its flows, with counts (flatline-check(1)). */
struct fl_expect;

/* Reads an expectation file. NULL with `reterr`: file, place and reason, also for a filter that could never match. */
struct fl_expect *fl_expect_load(const char *path, struct fl_error *reterr);
void fl_expect_free(struct fl_expect *expect);

/* Takes note of the capture as a whole, once. */
void fl_expect_capture(struct fl_expect *expect, const struct fl_capture_account *capture);
/* What of one client and service waited in TIME_WAIT, when anything asks for that. */
bool fl_expect_wants_time_waits(const struct fl_expect *expect);
void fl_expect_time_wait(struct fl_expect *expect, const struct fl_time_wait *time_wait);
/* Compares one flow; its account is to be one in full, healthy or not. 0, or -1 out of memory. */
int fl_expect_flow(struct fl_expect *expect, const struct fl_account *account);

/* Once, after the last flow: adds an item for each entry. 0, or -1 out of memory. */
int fl_expect_end(const struct fl_expect *expect, struct fl_checks *checks);

/* `flatline check --draft`: an expectation that the flows meet, for a human to read. */
struct fl_draft;
struct fl_draft *fl_draft_new(void); /* NULL out of memory */
void fl_draft_free(struct fl_draft *draft);
/* 0, or -1 out of memory. */
int fl_draft_flow(struct fl_draft *draft, const struct fl_account *account);
/* 0, or -1 when it could not be written. */
int fl_draft_write(const struct fl_draft *draft, FILE *out);

/* `flatline check --update`: one entry of an expectation file is made to hold for the flows of a capture. */
struct fl_update;
/* Reads the file, which fl_expect_load() took, and finds the entry of that name. NULL with `reterr`. */
struct fl_update *fl_update_new(const char *path, const char *name, struct fl_error *reterr);
void fl_update_free(struct fl_update *update);
/* 0, or -1 out of memory. */
int fl_update_flow(struct fl_update *update, const struct fl_account *account);
/* After the last flow: the file as it is to be, and what changed in it, a line for each change; none when it holds as
 * it is. 0, or -1 with `reterr`: no flow can be what it speaks of, or out of memory. */
int fl_update_end(const struct fl_update *update, struct fl_text *ret_file, struct fl_text *told,
                  struct fl_error *reterr);

/* `flatline diff`: the verdicts of two runs, 0 the earlier and 1 the later one, beside each other. */
struct fl_diff;
struct json_object;
struct fl_diff *fl_diff_new(void); /* NULL out of memory */
void fl_diff_free(struct fl_diff *diff);
/* Takes a flow of that run. 0, or -1 out of memory. */
int fl_diff_flow(struct fl_diff *diff, unsigned run, const struct fl_account *account);
/* Takes all flows of a JSON report. 0, or -1 with `reterr`, named `path`. */
int fl_diff_report(struct fl_diff *diff, unsigned run, const char *path, struct json_object *report,
                   struct fl_error *reterr);
/* Says once what differs, or that nothing does. 0, or -1 when it could not be written. */
int fl_diff_write(struct fl_diff *diff, FILE *out, bool *ret_differs);

#endif
