/* diff: the verdicts of two runs beside each other, each a capture or a JSON report. Like diff(1) it exits with 1 when
 * they differ. */
#include "diff.h"

#include <json-c/json.h>

#include "analyze.h"
#include "flatline/json_file.h"
#include "flatline/report.h"
#include "output.h"

struct side {
	struct fl_diff *diff;
	unsigned run;
	bool is_out_of_memory;
};

static void take_flow(void *context, const struct fl_account *account)
{
	struct side *side = context;

	if (fl_diff_flow(side->diff, side->run, account))
		side->is_out_of_memory = true;
}

/* A report begins with a brace, which no capture does. */
static bool is_report(const char *path)
{
	FILE *file = fopen(path, "rb");
	int first = file ? fgetc(file) : EOF;

	if (file)
		fclose(file);
	return first == '{';
}

static int take_report(const char *path, struct side *side)
{
	struct fl_error error;
	struct json_object *report = fl_json_file(path, "{ \"format\": \"flatline/1\", ... }", &error);
	int status = EXIT_DONE;

	if (!report || fl_diff_report(side->diff, side->run, path, report, &error)) {
		complain(&error);
		status = EXIT_INPUT;
	}
	json_object_put(report);
	return status;
}

/* One of the two. What of it cannot be read may hold the difference: nothing is compared then. */
static int take_side(const struct options *options, struct side *side)
{
	struct options of_one = *options;
	struct fl_engine_sink sink = { .flow = take_flow, .context = side };

	of_one.args = options->args + side->run;
	of_one.n_args = 1;
	return is_report(of_one.args[0]) ? take_report(of_one.args[0], side) : analyze_files(&of_one, false, &sink);
}

/* What is written, and what came of it. */
struct result {
	struct fl_diff *diff;
	bool differs;
};

static int write_result(FILE *file, void *context, struct fl_error *reterr)
{
	struct result *result = context;

	if (fl_diff_write(result->diff, file, &result->differs) == 0)
		return 0;
	fl_error_set(reterr, NULL, 0, "the difference cannot be written");
	return -1;
}

int diff_run(const struct options *options)
{
	struct fl_diff *diff = fl_diff_new();
	bool is_out_of_memory = !diff;
	int status = EXIT_DONE;

	for (unsigned run = 0; run < 2 && status == EXIT_DONE && !is_out_of_memory; run++) {
		struct side side = { .diff = diff, .run = run };

		status = take_side(options, &side);
		is_out_of_memory = side.is_out_of_memory;
	}
	if (is_out_of_memory) {
		fprintf(stderr, "flatline: out of memory\n");
		status = EXIT_INPUT;
	}
	if (status == EXIT_DONE) {
		struct result result = { .diff = diff };

		status = output_write(options, write_result, &result);
		if (status == EXIT_DONE && result.differs)
			status = EXIT_FAIL;
	}
	fl_diff_free(diff);
	return status;
}
