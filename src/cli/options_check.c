/* Options that make no sense beside each other, command by command. Each alone is right, and known to the command: that
 * options.c has seen to by its table. */
#include "options_check.h"

#include <limits.h>
#include <string.h>

#include "flatline/time.h"
#include "values.h"

static int check_span(const struct options *options, struct fl_error *reterr)
{
	char from[FL_TIME_TEXT], to[FL_TIME_TEXT];

	if (options->from == FL_TIME_NONE || options->to == FL_TIME_NONE || options->from < options->to)
		return 0;
	fl_error_set(reterr, NULL, 0, "no frame can be at or after --from %s and before --to %s",
	             fl_time_rfc3339(options->from, from), fl_time_rfc3339(options->to, to));
	return -1;
}

/* What is done in place of a comparison does not go with what is asked of one. */
static int check_instead(const struct options *options, struct fl_error *reterr)
{
	bool compares = options->allow || options->fail_on_verdict || options->fail_on != FL_SEVERITIES;

	if (options->draft && (compares || options->expect || options->update))
		fl_error_set(reterr, NULL, 0,
		             "--draft compares with nothing: it goes without --expect, --update, --allow, "
		             "--fail-on and --fail-on-verdict");
	else if (options->update && !options->expect)
		fl_error_set(reterr, NULL, 0, "--update rewrites the file of --expect: which one?");
	else if (options->update && compares)
		fl_error_set(
			reterr, NULL, 0,
			"--update compares with nothing: it goes without --allow, --fail-on and --fail-on-verdict");
	else if (options->update && (options->output || strcmp(options->format, "text") != 0))
		fl_error_set(reterr, NULL, 0,
		             "--update rewrites the file of --expect: it goes without --output and --format");
	else
		return 0;
	return -1;
}

int options_check_live(const struct options *options, struct fl_error *reterr)
{
	if (strcmp(options->format, "text") != 0 && strcmp(options->format, "ndjson") != 0)
		fl_error_set(reterr, NULL, 0, "there is no format \"%s\" of live: text, ndjson", options->format);
	else if (options->exec_timeout && !options->exec)
		fl_error_set(reterr, NULL, 0, "--exec-timeout goes with --exec: how long what may run?");
	else if (options->buffer > INT_MAX)
		fl_error_set(reterr, NULL, 0, "--buffer takes less than 2G");
	else if (options->n_interfaces == 0 && !options->lists_interfaces)
		fl_error_set(reterr, NULL, 0, "live wants -i with an interface (see: flatline live --list-interfaces)");
	else
		return 0;
	return -1;
}

int options_check_files(const struct options *options, struct fl_error *reterr)
{
	bool is_check = options->command == COMMAND_CHECK, is_diff = options->command == COMMAND_DIFF;

	if (options->n_args == 0) {
		fl_error_set(reterr, NULL, 0, "no capture file given (\"-\" is standard input)");
		return -1;
	}
	if (is_diff && (options->n_args != 2 || strcmp(options->format, "text") != 0)) {
		fl_error_set(reterr, NULL, 0,
		             options->n_args != 2 ? "diff takes two files, the earlier run first"
		                                  : "diff knows the format text alone");
		return -1;
	}
	if (value_format(options->format, is_check, reterr))
		return -1;
	if (check_instead(options, reterr))
		return -1;
	if (options->anonymize && !options->evidence) {
		fl_error_set(reterr, NULL, 0, "--anonymize goes with --evidence: a report shows addresses as they are");
		return -1;
	}
	return check_span(options, reterr);
}
