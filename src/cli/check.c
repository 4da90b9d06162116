/* check: a capture is compared with what it must show and must not show, and the result is written in the format that
 * the CI system at hand reads. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analyze.h"
#include "flatline/check.h"
#include "flatline/report.h"
#include "output.h"
#include "update.h"

struct comparison {
	struct fl_expect *expect; /* NULL when nothing is expected */
	struct fl_allow *allow;   /* NULL when nothing is excused */
	struct fl_policy *policy; /* NULL when nothing is forbidden */
	struct fl_draft *draft;   /* NULL when none is to be made */
	uint64_t flows;
	bool is_out_of_memory;
	bool is_broken_off;  /* a signal ended the reading */
	size_t n_unreadable; /* files */
};

static void take_capture(void *context, const struct fl_capture_account *capture)
{
	struct comparison *comparison = context;

	comparison->is_broken_off = reading_is_broken_off(capture->facts);
	comparison->n_unreadable = reading_unreadable(capture->facts);
	if (comparison->expect)
		fl_expect_capture(comparison->expect, capture);
}

static void take_time_wait(void *context, const struct fl_time_wait *time_wait)
{
	struct comparison *comparison = context;

	fl_expect_time_wait(comparison->expect, time_wait);
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct comparison *comparison = context;

	comparison->flows++;
	if ((comparison->expect && fl_expect_flow(comparison->expect, account)) ||
	    (comparison->policy && fl_policy_flow(comparison->policy, account)) ||
	    (comparison->draft && fl_draft_flow(comparison->draft, account)))
		comparison->is_out_of_memory = true;
}

/* What was not read may hold what is missed, and may not hold what must not be there: no comparison means anything.
 * NULL when all was read. */
static const char *trouble(const struct options *options, const struct comparison *comparison, char *ret_text,
                           size_t size)
{
	if (comparison->is_broken_off)
		return "interrupted";
	if (comparison->n_unreadable == 0)
		return NULL;
	if (options->n_args == 1)
		return "it could not be read";
	snprintf(ret_text, size, "%zu of %zu captures could not be read", comparison->n_unreadable, options->n_args);
	return ret_text;
}

/* What is written. */
struct result {
	const char *format;
	const struct fl_draft *draft; /* NULL: the checks */
	const struct fl_checks *checks;
	const struct fl_check_run *run;
};

static int write_result(FILE *file, void *context, struct fl_error *reterr)
{
	const struct result *result = context;

	if (!result->draft)
		return fl_checks_write(result->checks, result->run, result->format, file, reterr);
	if (fl_draft_write(result->draft, file) == 0)
		return 0;
	fl_error_set(reterr, NULL, 0, "the draft cannot be written");
	return -1;
}

static int conclude(const struct options *options, const struct comparison *comparison, bool is_whole)
{
	char words[64];
	struct fl_checks checks = { .flows = comparison->flows };
	struct fl_check_run run = { .files = options->args,
		                    .n_files = options->n_args,
		                    .trouble = trouble(options, comparison, words, sizeof(words)),
		                    .is_whole = is_whole,
		                    .quiet = options->quiet };
	int status;

	if (comparison->is_out_of_memory || (comparison->expect && fl_expect_end(comparison->expect, &checks)) ||
	    (comparison->policy && fl_policy_end(comparison->policy, &checks))) {
		fl_checks_deinit(&checks);
		fprintf(stderr, "flatline: out of memory\n");
		return EXIT_INPUT;
	}
	struct result result = { .format = options->format,
		                 .draft = run.trouble ? NULL : comparison->draft, /* of what was read alone */
		                 .checks = &checks,
		                 .run = &run };

	status = output_write(options, write_result, &result);
	if (status == EXIT_DONE && run.trouble)
		status = EXIT_INPUT;
	else if (status == EXIT_DONE && checks.failed > 0)
		status = EXIT_FAIL;
	fl_checks_deinit(&checks);
	return status;
}

/* The ids of --fail-on-verdict, which were checked; `text` is cut in pieces. */
static size_t split(char *text, const char **ids, size_t most)
{
	size_t count = 0;
	char *rest;

	for (char *id = strtok_r(text, ",", &rest); id && count < most; id = strtok_r(NULL, ",", &rest))
		ids[count++] = id;
	return count;
}

/* Or a draft, and nothing fails. What fails whatever is expected: what was said; where nothing was, and nothing is
 * expected either, what is critical.
 */
static int make_policy(const struct options *options, char *verdicts, struct comparison *comparison)
{
	const char *ids[64];
	struct fl_policy_settings settings = { .fail_on = options->fail_on,
		                               .verdicts = ids,
		                               .allow = comparison->allow,
		                               .now = options->today != FL_TIME_NONE
		                                              ? options->today
		                                              : (int64_t)time(NULL) * FL_NS_PER_S };

	settings.n_verdicts = verdicts ? split(verdicts, ids, sizeof(ids) / sizeof(ids[0])) : 0;
	if (options->draft) {
		comparison->draft = fl_draft_new();
		return comparison->draft ? 0 : -1;
	}
	if (options->fail_on == FL_SEVERITIES && settings.n_verdicts == 0) {
		if (options->expect)
			return 0;
		settings.fail_on = FL_CRITICAL;
	}
	comparison->policy = fl_policy_new(&settings);
	return comparison->policy ? 0 : -1;
}

static int check(const struct options *options, struct comparison *comparison)
{
	struct fl_engine_sink sink = { .capture = take_capture, .flow = take_flow, .context = comparison };
	int status, result;

	if (comparison->expect && fl_expect_wants_time_waits(comparison->expect))
		sink.time_wait = take_time_wait;
	status = analyze_files(options, true, &sink);
	if (status == EXIT_USAGE)
		return status;
	result = conclude(options, comparison, status == EXIT_DONE);
	return result != EXIT_DONE ? result : status;
}

/* Reads the files that say what is to be and what is excused. */
static int load(const struct options *options, struct comparison *comparison)
{
	struct fl_error error;

	if (options->expect)
		comparison->expect = fl_expect_load(options->expect, &error);
	if (options->allow && (comparison->expect || !options->expect))
		comparison->allow = fl_allow_load(options->allow, &error);
	if ((!options->expect || comparison->expect) && (!options->allow || comparison->allow))
		return 0;
	complain(&error);
	return -1;
}

int check_run(const struct options *options)
{
	struct comparison comparison = { 0 };
	char *verdicts;
	int status = EXIT_USAGE;

	if (options->update)
		return update_run(options);
	verdicts = options->fail_on_verdict ? strdup(options->fail_on_verdict) : NULL;
	if (options->fail_on_verdict && !verdicts) {
		fprintf(stderr, "flatline: out of memory\n");
		return EXIT_INPUT;
	}
	if (load(options, &comparison) == 0) {
		if (make_policy(options, verdicts, &comparison) == 0) {
			status = check(options, &comparison);
		} else {
			fprintf(stderr, "flatline: out of memory\n");
			status = EXIT_INPUT;
		}
	}
	fl_draft_free(comparison.draft);
	fl_policy_free(comparison.policy);
	fl_expect_free(comparison.expect);
	fl_allow_free(comparison.allow);
	free(verdicts);
	return status;
}
