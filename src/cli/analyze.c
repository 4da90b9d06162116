/* analyze: captures in, one report out. The exit status tells a script what a person reads: 0 done, 1 what the user
 * asked to fail on, 3 when something of the input could not be read. */
#include "analyze.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flatline/report.h"
#include "output.h"

void complain(const struct fl_error *error)
{
	char text[512];

	fprintf(stderr, "flatline: %s\n", fl_error_text(error, text, sizeof(text)));
}

/* Between the engine and the report: leaves out what was not asked for. */
struct selection {
	const struct options *options;
	struct output *output;
	struct fl_report *report; /* NULL before there is anything to tell */
	uint64_t flows;
	bool has_failed; /* a flow is at or over --fail-on */
	bool has_flow;   /* the one of --flow is there */
	bool is_broken;  /* the report cannot be written */
	bool is_void;    /* nothing could be read, so that there is nothing to report on */
};

static bool is_named(const char *list, const char *id)
{
	size_t length = strlen(id);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, id, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	}
	return false;
}

static bool wants_color(const struct options *options, FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(options->color, "auto") != 0)
		return strcmp(options->color, "always") == 0;
	return isatty(fileno(out)) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

static bool wants_all(const struct options *options)
{
	return options->all || options->flow >= 0;
}

/* Only now the output is overwritten: all is read. */
static void take_capture(void *context, const struct fl_capture_account *capture)
{
	struct selection *selection = context;
	const struct options *options = selection->options;
	FILE *out;

	selection->is_void = reading_unreadable(capture->facts) == capture->facts->n_files;
	if (selection->is_void && strcmp(options->format, "json") != 0)
		return; /* standard error said so, and a program gets its document */
	out = output_begin(selection->output);
	if (out) {
		struct fl_report_settings settings = { .all = wants_all(options),
			                               .color = wants_color(options, out),
			                               .quiet = options->quiet,
			                               .min_severity = options->min_severity };

		selection->report = fl_report_new(options->format, out, &settings);
		if (!selection->report)
			fprintf(stderr, "flatline: out of memory\n");
	}
	selection->is_broken = !selection->report;
	if (selection->report)
		fl_report_begin(selection->report, capture);
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	struct selection *selection = context;

	if (selection->report)
		fl_report_incident(selection->report, incident);
}

bool analyze_selects(const struct options *options, const struct fl_account *account)
{
	return (options->flow < 0 || account->id == options->flow) &&
	       account->verdict.severity >= options->min_severity &&
	       (!options->only || is_named(options->only, account->verdict.id));
}

static bool wants_flow(void *context, const struct fl_account *account)
{
	const struct selection *selection = context;

	return selection->report && analyze_selects(selection->options, account) &&
	       fl_report_wants(selection->report, account);
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct selection *selection = context;
	const struct options *options = selection->options;

	selection->flows++;
	selection->has_flow |= account->id == options->flow;
	if (!selection->report)
		return;
	if (!analyze_selects(options, account)) {
		fl_report_pass(selection->report, account);
		return;
	}
	if (account->verdict.severity >= options->fail_on)
		selection->has_failed = true;
	fl_report_flow(selection->report, account);
}

int analyze_lacks_flow(const struct options *options, uint64_t flows)
{
	fprintf(stderr, "flatline: there is no flow %" PRId64 ": ids go from 0, and the capture shows %" PRIu64 " %s\n",
	        options->flow, flows, flows == 1 ? "flow" : "flows");
	return EXIT_USAGE;
}

/* The exit status when all was told, worst first. */
static int finish(struct selection *selection, int status)
{
	const struct options *options = selection->options;
	struct fl_error error;

	if (selection->report && fl_report_end(selection->report, &error)) {
		complain(&error);
		status = EXIT_INPUT;
	}
	if (selection->is_broken)
		status = EXIT_INPUT;
	if (selection->has_failed)
		status = EXIT_FAIL;
	if (options->flow >= 0 && !selection->has_flow && !selection->is_void)
		status = analyze_lacks_flow(options, selection->flows);
	return status;
}

int analyze_run(const struct options *options)
{
	struct output output;
	struct selection selection = { .options = options, .output = &output };
	struct fl_engine_sink sink = { .capture = take_capture,
		                       .incident = take_incident,
		                       .flow = take_flow,
		                       .context = &selection,
		                       .wants = wants_flow };
	struct fl_error error;
	int status;

	if (output_open(&output, options, &error)) {
		complain(&error);
		return EXIT_USAGE;
	}
	status = analyze_files(options, wants_all(options), &sink);
	if (status != EXIT_USAGE)
		status = finish(&selection, status);
	fl_report_free(selection.report);
	if (output_close(&output, &error)) {
		complain(&error);
		status = status == EXIT_DONE ? EXIT_INPUT : status;
	}
	return status;
}
