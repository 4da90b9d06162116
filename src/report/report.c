/* The one table of formats, and the stream under them. A report that could not be written whole (a full disk, a closed
 * pipe) must never pass for a short one, so the first failure of a write is kept and told at the end. */
#include "flatline/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

static const struct format *const formats[] = { &format_text, &format_json, &format_html, &format_markdown };

enum { n_formats = sizeof(formats) / sizeof(formats[0]) };

void report_write(struct fl_report *report, const char *bytes, size_t length)
{
	if (report->error || length == 0)
		return;
	errno = 0;
	if (fwrite(bytes, 1, length, report->out) != length)
		report->error = errno ? errno : EIO;
}

void report_print(struct fl_report *report, const char *text)
{
	report_write(report, text, strlen(text));
}

void report_starve(struct fl_report *report)
{
	if (!report->error)
		report->error = ENOMEM;
}

struct fl_report *fl_report_new(const char *format, FILE *out, const struct fl_report_settings *settings)
{
	struct fl_report *report = NULL;

	for (size_t i = 0; i < n_formats; i++) {
		if (strcmp(formats[i]->name, format) != 0)
			continue;
		report = calloc(1, sizeof(*report));
		if (!report)
			return NULL;
		*report = (struct fl_report){ .format = formats[i], .out = out, .settings = *settings };
		report->state = report->format->new (settings);
		if (!report->state) {
			free(report);
			return NULL;
		}
	}
	return report;
}

void fl_report_free(struct fl_report *report)
{
	if (!report)
		return;
	report->format->free(report->state);
	free(report);
}

void fl_report_begin(struct fl_report *report, const struct fl_capture_account *capture)
{
	report->format->begin(report, capture);
}

void fl_report_incident(struct fl_report *report, const struct fl_incident *incident)
{
	report->format->incident(report, incident);
}

void fl_report_flow(struct fl_report *report, const struct fl_account *account)
{
	report->format->flow(report, account);
}

bool fl_report_wants(const struct fl_report *report, const struct fl_account *account)
{
	return !report->format->wants || report->format->wants(report, account);
}

void fl_report_pass(struct fl_report *report, const struct fl_account *account)
{
	if (report->format->pass)
		report->format->pass(report, account);
}

int fl_report_end(struct fl_report *report, struct fl_error *reterr)
{
	report->format->end(report);
	errno = 0;
	if (fflush(report->out) != 0 && !report->error)
		report->error = errno ? errno : EIO;
	if (!report->error)
		return 0;
	fl_error_set(reterr, NULL, 0, "the report could not be written: %s", strerror(report->error));
	return -1;
}

const char *fl_report_format_name(size_t index)
{
	return index < n_formats ? formats[index]->name : NULL;
}

const char *fl_report_format_help(size_t index)
{
	return index < n_formats ? formats[index]->help : NULL;
}
