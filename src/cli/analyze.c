/* analyze: captures in, one report out. The exit status tells a script what a person reads: 0 done, 1 what the user
 * asked to fail on, 3 when something of the input could not be read. */
#include "analyze.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "flatline/capture.h"
#include "flatline/overlap.h"
#include "flatline/report.h"
#include "progress.h"

static void complain(const struct fl_error *error)
{
	char text[512];

	fprintf(stderr, "flatline: %s\n", fl_error_text(error, text, sizeof(text)));
}

/* Output never depends on the hash seed; a random one keeps crafted captures from filling one chain. */
static uint64_t random_seed(void)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 0;
	return seed;
}

/* How long the capture is known to have run: told by the user, by the file's time, by the file, or by its last frame.
 */
static int64_t observed_until(const struct options *options, const struct fl_capture_facts *facts,
                              enum fl_until_source *ret_source)
{
	int64_t modified = FL_TIME_NONE;

	if (options->until != FL_TIME_NONE && options->until >= facts->last) {
		*ret_source = FL_UNTIL_OPTION;
		return options->until;
	}
	for (size_t i = 0; options->until_mtime && i < facts->n_files; i++) {
		if (facts->files[i].modified > modified)
			modified = facts->files[i].modified;
	}
	if (modified != FL_TIME_NONE && modified >= facts->last) {
		*ret_source = FL_UNTIL_MTIME;
		return modified;
	}
	if (facts->interface_end != FL_TIME_NONE && facts->interface_end >= facts->last) {
		*ret_source = FL_UNTIL_INTERFACE_END;
		return facts->interface_end;
	}
	*ret_source = FL_UNTIL_LAST_FRAME;
	return facts->last;
}

/* Says what could not be read, and how bad that is. */
static int file_status(const struct options *options, const struct fl_capture_facts *facts)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < facts->n_files; i++) {
		const struct fl_capture_file *file = &facts->files[i];
		bool is_cut = file->end == FL_FILE_CUT;

		if (options->verbose)
			fprintf(stderr, "flatline: %s: %s%s%s, %" PRIu64 " frames\n", file->name,
			        file->format[0] ? file->format : "unreadable", file->compression[0] ? ", " : "",
			        file->compression, file->frames);
		if (file->end != FL_FILE_CORRUPT && file->end != FL_FILE_UNREADABLE && !is_cut)
			continue;
		if (!is_cut || options->strict) {
			complain(&file->problem);
			status = EXIT_INPUT;
		}
	}
	return status;
}

/* A file of which no frame has a link type that is known is not readable, whatever its container. */
static int link_status(const struct fl_capture_facts *facts, const struct fl_engine *engine)
{
	struct fl_engine_counters counters;
	struct fl_error error;
	const char *name;

	fl_engine_counters(engine, &counters);
	if (counters.outcomes[FL_OUTCOME_LINK] == 0 || counters.outcomes[FL_OUTCOME_LINK] < counters.frames)
		return EXIT_DONE;
	name = fl_link_name(facts->links[0]);
	fl_error_set(&error, facts->files[0].name, 1, "link type %u (%s) is not supported", facts->links[0],
	             name ? name : "unknown");
	complain(&error);
	return EXIT_INPUT;
}

static void read_all(struct fl_capture *capture, struct fl_engine *engine, const struct options *options)
{
	struct fl_frame frames[FL_BATCH];
	struct progress progress;
	uint64_t read = 0;
	size_t count;

	progress_init(&progress, options->quiet);
	while (!progress_is_interrupted() && (count = fl_capture_read(capture, frames, FL_BATCH)) > 0) {
		fl_engine_frames(engine, frames, count);
		read += count;
		progress_show(&progress, read);
	}
	progress_end(&progress);
}

int analyze_files(const struct options *options, bool detail, const struct fl_engine_sink *sink)
{
	struct fl_capture_settings capture_settings = { options->filter, options->from, options->to };
	struct fl_engine_settings engine_settings = { .settings = options->settings,
		                                      .seed = random_seed(),
		                                      .memory = options->memory,
		                                      .detail = detail,
		                                      .number_streams = options->n_args == 1 };
	enum fl_until_source source;
	struct fl_error error;
	struct fl_capture *capture;
	struct fl_engine *engine = NULL;
	int status;

	if (fl_overlap_check(options->args, options->n_args, &error)) {
		complain(&error);
		return EXIT_USAGE;
	}
	capture = fl_capture_new(options->args, options->n_args, &capture_settings, &error);
	if (!capture) {
		complain(&error);
		return EXIT_USAGE;
	}
	engine = fl_engine_new(&engine_settings);
	if (!engine) {
		fl_capture_free(capture);
		fprintf(stderr, "flatline: out of memory\n");
		return EXIT_INPUT;
	}
	progress_catch_interrupt();
	read_all(capture, engine, options);

	const struct fl_capture_facts *facts = fl_capture_facts(capture);
	int64_t until = observed_until(options, facts, &source);

	status = file_status(options, facts);
	if (link_status(facts, engine))
		status = EXIT_INPUT;
	if (fl_engine_finish(engine, facts, until, source, sink)) {
		fprintf(stderr, "flatline: out of memory\n");
		status = EXIT_INPUT;
	}
	fl_engine_free(engine);
	fl_capture_free(capture);
	return status;
}

/* Between the engine and the report: leaves out what was not asked for. */
struct selection {
	const struct options *options;
	struct fl_report *report;
	bool has_failed; /* a flow is at or over --fail-on */
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

static void take_capture(void *context, const struct fl_capture_account *capture)
{
	fl_report_begin(((struct selection *)context)->report, capture);
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	fl_report_incident(((struct selection *)context)->report, incident);
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct selection *selection = context;
	const struct options *options = selection->options;

	if ((options->flow >= 0 && account->id != options->flow) || account->verdict.severity < options->min_severity ||
	    (options->only && !is_named(options->only, account->verdict.id)))
		return;
	if (account->verdict.severity >= options->fail_on)
		selection->has_failed = true;
	fl_report_flow(selection->report, account);
}

static bool wants_color(const struct options *options, FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(options->color, "auto") != 0)
		return strcmp(options->color, "always") == 0;
	return isatty(fileno(out)) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

int analyze_run(const struct options *options)
{
	FILE *out = options->output ? fopen(options->output, "w") : stdout;
	struct fl_error error;
	int status;

	if (!out) {
		fprintf(stderr, "flatline: %s: cannot be written: %s\n", options->output, strerror(errno));
		return EXIT_USAGE;
	}

	bool all = options->all || options->flow >= 0;
	struct fl_report_settings settings = { .all = all,
		                               .color = wants_color(options, out),
		                               .quiet = options->quiet,
		                               .min_severity = options->min_severity };
	struct selection selection = { options, fl_report_new(options->format, out, &settings), false };
	struct fl_engine_sink sink = { take_capture, take_incident, take_flow, &selection };

	if (!selection.report) {
		fprintf(stderr, "flatline: out of memory\n");
		return EXIT_INPUT;
	}
	status = analyze_files(options, all, &sink);
	if (status != EXIT_USAGE) {
		if (fl_report_end(selection.report, &error)) {
			complain(&error);
			status = EXIT_INPUT;
		}
		if (selection.has_failed)
			status = EXIT_FAIL;
	}
	fl_report_free(selection.report);
	if (out != stdout && fclose(out) != 0) {
		fprintf(stderr, "flatline: %s: %s\n", options->output, strerror(errno));
		status = EXIT_INPUT;
	}
	return status;
}
