/* check: a golden capture is compared with what stands in an expectation file. Silence would be ambiguous in a CI log,
 * so a line says that all is as expected; a failure says enough to act on without opening the capture. */
#include "check.h"

#include "analyze.h"
#include "flatline/report.h"

struct comparison {
	struct fl_expect *expect;
	uint32_t flows;
	bool is_out_of_memory;
};

static void take_capture(void *context, const struct fl_capture_account *capture)
{
	(void)context;
	(void)capture;
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

static int print_result(const struct options *options, struct comparison *comparison)
{
	const struct fl_words *failures;

	if (fl_expect_end(comparison->expect, &failures) || comparison->is_out_of_memory) {
		fprintf(stderr, "flatline: out of memory\n");
		return EXIT_INPUT;
	}
	for (size_t i = 0; i < failures->count; i++)
		printf("%s: %s\n", options->args[0], failures->items[i]);
	if (failures->count == 0 && !options->quiet)
		printf("%s: as expected (%u %s)\n", options->args[0], comparison->flows,
		       comparison->flows == 1 ? "flow" : "flows");
	if (fflush(stdout) != 0)
		return EXIT_INPUT;
	return failures->count > 0 ? EXIT_FAIL : EXIT_DONE;
}

int check_run(const struct options *options)
{
	struct fl_error error;
	struct comparison comparison = { .expect = fl_expect_load(options->expect, &error) };
	struct fl_engine_sink sink = { take_capture, take_incident, take_flow, &comparison };
	char text[512];
	int status, result;

	if (!comparison.expect) {
		fprintf(stderr, "flatline: %s\n", fl_error_text(&error, text, sizeof(text)));
		return EXIT_USAGE;
	}
	status = analyze_files(options, true, &sink);
	if (status != EXIT_USAGE) {
		result = print_result(options, &comparison);
		if (result != EXIT_DONE)
			status = result;
	}
	fl_expect_free(comparison.expect);
	return status;
}
