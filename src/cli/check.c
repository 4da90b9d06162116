/* check: a golden capture is compared with what stands in an expectation file. Silence would be ambiguous in a CI log,
 * so a line says that all is as expected; a failure says enough to act on without opening the capture. */
#include "check.h"

#include <string.h>

#include "analyze.h"
#include "flatline/report.h"

struct comparison {
	struct fl_expect *expect;
	uint32_t flows;
	bool is_out_of_memory;
	bool is_broken_off;  /* a signal ended the reading */
	size_t n_unreadable; /* files */
};

static void take_capture(void *context, const struct fl_capture_account *capture)
{
	struct comparison *comparison = context;

	comparison->is_broken_off = reading_is_broken_off(capture->facts);
	comparison->n_unreadable = reading_unreadable(capture->facts);
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	(void)context;
	(void)incident;
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct comparison *comparison = context;

	comparison->flows++;
	if (fl_expect_flow(comparison->expect, account))
		comparison->is_out_of_memory = true;
}

/* What the lines of the result begin with. */
static const char *subject(const struct options *options)
{
	return strcmp(options->args[0], "-") == 0 ? "standard input" : options->args[0];
}

/* What was not read may hold what is missed, and may not hold what must not be there: no comparison means anything. */
static int print_unchecked(const struct options *options, const struct comparison *comparison)
{
	if (comparison->is_broken_off)
		printf("%s: not checked: interrupted\n", subject(options));
	else if (options->n_args == 1)
		printf("%s: not checked: it could not be read\n", subject(options));
	else
		printf("%s: not checked: %zu of %zu captures could not be read\n", subject(options),
		       comparison->n_unreadable, options->n_args);
	(void)fflush(stdout);
	return EXIT_INPUT;
}

static int print_result(const struct options *options, struct comparison *comparison, bool is_whole)
{
	const struct fl_words *failures;

	if (fl_expect_end(comparison->expect, &failures) || comparison->is_out_of_memory) {
		fprintf(stderr, "flatline: out of memory\n");
		return EXIT_INPUT;
	}
	if (comparison->is_broken_off || comparison->n_unreadable > 0)
		return print_unchecked(options, comparison);
	for (size_t i = 0; i < failures->count; i++)
		printf("%s: %s\n", subject(options), failures->items[i]);
	if (failures->count == 0 && !options->quiet)
		printf("%s: as expected%s (%u %s)\n", subject(options), is_whole ? "" : ", as far as it could be read",
		       comparison->flows, comparison->flows == 1 ? "flow" : "flows");
	if (fflush(stdout) != 0)
		return EXIT_INPUT;
	return failures->count > 0 ? EXIT_FAIL : EXIT_DONE;
}

int check_run(const struct options *options)
{
	struct fl_error error;
	struct comparison comparison = { .expect = fl_expect_load(options->expect, &error) };
	struct fl_engine_sink sink = { take_capture, take_incident, take_flow, &comparison, NULL };
	int status, result;

	if (!comparison.expect) {
		complain(&error);
		return EXIT_USAGE;
	}
	status = analyze_files(options, true, &sink);
	if (status != EXIT_USAGE) {
		result = print_result(options, &comparison, status == EXIT_DONE);
		if (result != EXIT_DONE)
			status = result;
	}
	fl_expect_free(comparison.expect);
	return status;
}
