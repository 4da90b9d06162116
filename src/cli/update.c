/* check --update: one entry of an expectation is made to hold for what the captures show, and what was changed is said,
 * so that somebody looks at it before it is committed. */
#include "update.h"

#include <stdio.h>

#include "analyze.h"
#include "flatline/report.h"
#include "replace.h"

struct updating {
	struct fl_update *update;
	bool is_out_of_memory;
};

static void take_flow(void *context, const struct fl_account *account)
{
	struct updating *updating = context;

	if (fl_update_flow(updating->update, account))
		updating->is_out_of_memory = true;
}

static int rewrite(const struct options *options, const struct fl_update *update)
{
	struct fl_text file, told;
	struct fl_error error;
	int status = EXIT_FAIL;

	fl_text_init(&file);
	fl_text_init(&told);
	if (fl_update_end(update, &file, &told, &error)) {
		complain(&error);
	} else if (told.length > 0 && replace_file(options->expect, fl_text_get(&file), file.length, &error)) {
		complain(&error);
		status = EXIT_INPUT;
	} else {
		fputs(told.length > 0 ? fl_text_get(&told) : "as expected: nothing was changed\n", stdout);
		status = EXIT_DONE;
	}
	fl_text_deinit(&file);
	fl_text_deinit(&told);
	return status;
}

int update_run(const struct options *options)
{
	struct updating updating = { 0 };
	struct fl_engine_sink sink = { .flow = take_flow, .context = &updating };
	struct fl_error error;
	struct fl_expect *expect = fl_expect_load(options->expect, &error);
	int status = EXIT_USAGE;

	if (expect) /* it is one; then its text is read */
		updating.update = fl_update_new(options->expect, options->update, &error);
	fl_expect_free(expect);
	if (!updating.update) {
		complain(&error);
		return status;
	}
	status = analyze_files(options, true, &sink);
	if (status == EXIT_DONE && updating.is_out_of_memory) {
		fprintf(stderr, "flatline: out of memory\n");
		status = EXIT_INPUT;
	} else if (status == EXIT_DONE) {
		status = rewrite(options, updating.update);
	}
	fl_update_free(updating.update);
	return status;
}
