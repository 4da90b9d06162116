/* report: the page for the other team. A first pass finds the worst connections, a second one draws them; what comes
 * through a pipe is read once, and drawn from what a short ring kept. */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyze.h"
#include "chosen.h"
#include "exhibits.h"
#include "fanout.h"
#include "flatline/report.h"
#include "output.h"

/* The first pass. */
struct search {
	const struct options *options;
	struct chosen *chosen;
	struct exhibits *exhibits;
	bool is_broken_off; /* a signal came: the second pass goes as far, and no further */
};

static void search_capture(void *context, const struct fl_capture_account *capture)
{
	struct search *search = context;

	search->chosen->observed_until = capture->observed_until;
	search->is_broken_off = reading_is_broken_off(capture->facts);
}

static void search_incident(void *context, const struct fl_incident *incident)
{
	struct search *search = context;

	exhibits_incident(search->exhibits, incident);
}

static bool search_wants(void *context, const struct fl_account *account)
{
	const struct search *search = context;

	if (exhibits_wants(search->exhibits, account->id))
		return true;
	return analyze_selects(search->options, account) && chosen_wants(search->chosen, account);
}

static void search_flow(void *context, const struct fl_account *account)
{
	struct search *search = context;

	exhibits_flow(search->exhibits, account);
	if (analyze_selects(search->options, account))
		chosen_add(search->chosen, account);
}

/* The second pass. */
struct writing {
	const struct options *options;
	struct chosen *chosen; /* of what is read once: as far as is known, while flows come by */
	struct exhibits *exhibits;
	struct fl_pictures *pictures; /* NULL where there is no report */
	struct output output;
	struct fl_report *report; /* NULL before there is anything to tell */
	struct fl_report_detail detail;
	uint64_t flows;
	int evidence; /* exit status of writing it */
	bool is_once; /* there was no first pass */
	bool has_flow, is_broken, is_void;
};

static bool is_told(void *context, const struct fl_account *account)
{
	struct writing *writing = context;

	if (!writing->is_once)
		return chosen_find(writing->chosen, account->id) != NULL;
	return chosen_wants(writing->chosen, account);
}

static const struct fl_picture *picture_of(void *context, const struct fl_account *account)
{
	struct writing *writing = context;
	struct fl_scope scope = scope_of(account, writing->chosen->observed_until);

	return fl_pictures_of(writing->pictures, &scope);
}

static void take_capture(void *context, const struct fl_capture_account *capture)
{
	struct writing *writing = context;
	FILE *out;

	writing->chosen->observed_until = capture->observed_until;
	writing->is_void = reading_unreadable(capture->facts) == capture->facts->n_files;
	if (writing->is_void)
		return;
	writing->evidence = exhibits_write(writing->exhibits, capture);
	if (writing->options->is_evidence_only)
		return;
	out = output_begin(&writing->output);
	if (out) {
		struct fl_report_settings settings = { .all = writing->options->all,
			                               .min_severity = writing->options->min_severity,
			                               .detail = &writing->detail };

		writing->report = fl_report_new(writing->options->format, out, &settings);
		if (!writing->report)
			fprintf(stderr, "flatline: out of memory\n");
	}
	writing->is_broken = !writing->report;
	if (writing->report)
		fl_report_begin(writing->report, capture);
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	struct writing *writing = context;

	if (writing->report)
		fl_report_incident(writing->report, incident);
}

static bool wants_flow(void *context, const struct fl_account *account)
{
	struct writing *writing = context;

	return writing->report && analyze_selects(writing->options, account) && is_told(writing, account);
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct writing *writing = context;

	writing->flows++;
	writing->has_flow |= account->id == writing->options->flow;
	if (!writing->report)
		return;
	if (!analyze_selects(writing->options, account)) {
		fl_report_pass(writing->report, account);
		return;
	}
	fl_report_flow(writing->report, account);
	if (writing->is_once)
		chosen_add(writing->chosen, account);
}

/* What is no regular file cannot be read twice. */
static bool can_read_twice(const struct options *options)
{
	struct stat kind;

	for (size_t i = 0; i < options->n_args; i++) {
		if (strcmp(options->args[i], "-") == 0 ||
		    (stat(options->args[i], &kind) == 0 && !S_ISREG(kind.st_mode)))
			return false;
	}
	return true;
}

static int find_worst(const struct options *options, struct chosen *chosen, struct exhibits *exhibits,
                      uint64_t *ret_frames)
{
	struct search search = { .options = options, .chosen = chosen, .exhibits = exhibits };
	struct fl_engine_sink sink = { .capture = search_capture,
		                       .incident = search_incident,
		                       .flow = search_flow,
		                       .wants = search_wants,
		                       .context = &search };
	struct reading reading = { .options = options, .detail = chosen->all, .sink = &sink };
	int status = read_files(&reading);

	*ret_frames = search.is_broken_off ? reading.count : 0;
	chosen_sort(chosen);
	return status;
}

/* The command line, quoted for a shell; getopt moved the options to its front. */
static void write_command(const struct options *options, struct fl_text *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";

	fl_text_add(text, "flatline report");
	for (size_t i = 0; i < options->n_words; i++) {
		const char *word = options->words[i];

		if (&options->words[i] + 1 == options->args)
			continue;
		if (*word && strspn(word, plain) == strlen(word)) {
			fl_text_add(text, " %s", word);
			continue;
		}
		fl_text_add(text, " '");
		for (; *word; word++)
			fl_text_add(text, *word == '\'' ? "'\\''" : "%c", *word);
		fl_text_add(text, "'");
	}
}

static struct fl_pictures *prepare_pictures(const struct chosen *chosen, bool is_once, bool with_payload)
{
	struct fl_scope scopes[most_chosen];

	for (size_t i = 0; i < chosen->count; i++)
		scopes[i] = chosen->items[i].scope;
	return fl_pictures_new(is_once ? NULL : scopes, chosen->count, with_payload);
}

static int finish(struct writing *writing, int status)
{
	const struct options *options = writing->options;
	struct fl_error error;

	if (writing->report && fl_report_end(writing->report, &error)) {
		complain(&error);
		status = EXIT_INPUT;
	}
	if (writing->is_broken || writing->chosen->is_starved || writing->evidence != EXIT_DONE)
		status = EXIT_INPUT;
	if (options->flow >= 0 && !writing->has_flow && !writing->is_void)
		status = analyze_lacks_flow(options, writing->flows);
	return status;
}

static void take_frames(void *context, const struct fl_frame *frames, size_t count)
{
	struct writing *writing = context;

	if (writing->exhibits->made)
		fl_exhibits_frames(writing->exhibits->made, frames, count);
}

/* What the second pass is for. False out of memory. */
static bool prepare(struct writing *writing, struct fanout *fanout)
{
	struct fl_engine_probe probe;

	if (!exhibits_begin(writing->exhibits, writing->chosen))
		return false;
	if (writing->exhibits->made) {
		probe = fl_exhibits_probe(writing->exhibits->made);
		fanout_add(fanout, &probe);
	}
	if (writing->options->is_evidence_only)
		return true;
	writing->pictures = prepare_pictures(writing->chosen, writing->is_once, writing->options->show_payload);
	if (!writing->pictures)
		return false;
	probe = fl_pictures_probe(writing->pictures);
	fanout_add(fanout, &probe);
	return true;
}

/* `most`: so many frames, 0 for all. */
static int write_report(struct writing *writing, uint64_t most)
{
	struct fl_engine_sink sink = { .capture = take_capture,
		                       .incident = take_incident,
		                       .flow = take_flow,
		                       .wants = wants_flow,
		                       .context = writing };
	struct fanout fanout = { .count = 0 };
	struct fl_engine_probe probe = fanout_probe(&fanout);
	struct reading reading = { .options = writing->options,
		                   .detail = writing->chosen->all,
		                   .is_again = !writing->is_once,
		                   .sink = &sink,
		                   .probe = &probe,
		                   .frames = take_frames,
		                   .context = writing,
		                   .most = most };
	int status;

	if (!prepare(writing, &fanout)) {
		fprintf(stderr, "flatline: out of memory\n");
		return EXIT_INPUT;
	}
	status = read_files(&reading);
	if (status != EXIT_USAGE)
		status = finish(writing, status);
	fl_pictures_free(writing->pictures);
	return status;
}

/* Both passes, and what comes of them. */
static int report_twice(const struct options *options, struct exhibits *exhibits)
{
	struct chosen chosen = { .all = options->all || options->flow >= 0,
		                 .keeps_evidence = options->evidence,
		                 .observed_until = FL_TIME_NONE };
	struct writing writing = { .options = options, .chosen = &chosen, .exhibits = exhibits };
	struct fl_error error;
	struct fl_text command;
	uint64_t frames = 0;
	int status = EXIT_DONE;

	if (output_open(&writing.output, options, &error)) {
		complain(&error);
		return EXIT_USAGE;
	}
	fl_text_init(&command);
	write_command(options, &command);
	writing.is_once = !can_read_twice(options);
	writing.detail = (struct fl_report_detail){ .is_told = is_told,
		                                    .picture = picture_of,
		                                    .context = &writing,
		                                    .command = fl_text_get(&command),
		                                    .is_once = writing.is_once };
	if (!writing.is_once)
		status = find_worst(options, &chosen, exhibits, &frames);
	writing.detail.untold = chosen.others;
	if (status != EXIT_USAGE)
		status = write_report(&writing, frames);
	fl_report_free(writing.report);
	chosen_deinit(&chosen);
	fl_text_deinit(&command);
	if (output_close(&writing.output, &error)) {
		complain(&error);
		status = status == EXIT_DONE ? EXIT_INPUT : status;
	}
	return status;
}

int report_run(const struct options *options)
{
	struct exhibits exhibits;
	int status;

	if (options->evidence && !can_read_twice(options)) {
		fprintf(stderr,
		        "flatline: --evidence needs files: it reads them twice, and what comes through a pipe is "
		        "there once\n");
		return EXIT_USAGE;
	}
	status = exhibits_open(&exhibits, options);
	if (status == EXIT_DONE)
		status = report_twice(options, &exhibits);
	exhibits_deinit(&exhibits);
	return status;
}
