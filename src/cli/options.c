/* GNU habits: long options, short ones for what is typed often, options and files in any order. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/report.h"
#include "flatline/time.h"

enum { for_analyze = 1, for_check = 2, for_both = 3 };

static const struct row {
	const char *name;
	int key; /* a short option's letter, or a number above all letters */
	const char *argument;
	const char *help;
	unsigned commands;
} rows[] = {
	{ "format", 'f', "NAME", "text or json (see: flatline list formats)", for_analyze },
	{ "output", 'o', "FILE", "write the report to FILE", for_analyze },
	{ "expect", 256, "FILE", "what the capture must show, as JSON (see flatline-check(1))", for_check },
	{ "filter", 257, "BPF", "only frames that match this pcap-filter(7) expression; numbers stay the file's",
	  for_both },
	{ "from", 258, "TIME", "only frames at or after TIME (RFC 3339, or seconds since 1970)", for_both },
	{ "to", 259, "TIME", "only frames before TIME", for_both },
	{ "until", 260, "TIME", "the capture ran until TIME, or \"mtime\": until the file was last written", for_both },
	{ "flow", 261, "N", "only the connection with this id", for_analyze },
	{ "only", 262, "ID,...", "only connections with these verdicts", for_analyze },
	{ "min-severity", 263, "LEVEL", "only connections at or over: ok, notice, warning, critical", for_analyze },
	{ "all", 'a', NULL, "tell of healthy connections in full, too", for_analyze },
	{ "set", 's', "NAME=VALUE", "change a setting (see: flatline list settings)", for_both },
	{ "memory", 264, "SIZE", "bytes that connections may take (default 4G); the oldest leave then", for_both },
	{ "fail-on", 265, "LEVEL", "exit with 1 when a connection is at or over LEVEL", for_analyze },
	{ "strict", 266, NULL, "exit with 3 also for a file that only ends inside its last packet", for_both },
	{ "color", 267, "WHEN", "auto, always, or never", for_analyze },
	{ "quiet", 'q', NULL, "only the failures", for_both },
	{ "verbose", 'v', NULL, "say on standard error what was read", for_both },
	{ "help", 'h', NULL, "this text", for_both },
	{ "version", 'V', NULL, "the version, and what it was built with", for_both },
};

enum { n_rows = sizeof(rows) / sizeof(rows[0]) };

static const struct {
	const char *name, *arguments, *help;
	enum command command;
} commands[] = {
	{ "analyze", "FILE...", "a verdict for every connection (the word may be left out)", COMMAND_ANALYZE },
	{ "check", "--expect EXPECT.json FILE...", "exit with 1 when a capture does not show what it must",
	  COMMAND_CHECK },
	{ "explain", "ID", "what a verdict means, its look-alikes, what to do", COMMAND_EXPLAIN },
	{ "list", "verdicts|detectors|settings|formats", "what there is", COMMAND_LIST },
};

enum { n_commands = sizeof(commands) / sizeof(commands[0]) };

void options_help(FILE *out)
{
	fprintf(out, "usage: flatline [analyze] [OPTION]... FILE...\n\n"
	             "Reads packet captures (pcap, pcapng; gzip, zstd; \"-\" is standard input) and says of every TCP\n"
	             "connection why it went quiet, who stopped answering, at which layer, and since when.\n\n");
	for (size_t i = 0; i < n_commands; i++) {
		fprintf(out, "  flatline %s %s\n", commands[i].name, commands[i].arguments);
		fprintf(out, "      %s\n", commands[i].help);
	}
	fprintf(out, "\nOptions:\n");
	for (size_t i = 0; i < n_rows; i++) {
		char option[48];

		snprintf(option, sizeof(option), "--%s%s%s", rows[i].name, rows[i].argument ? "=" : "",
		         rows[i].argument ? rows[i].argument : "");
		if (rows[i].key < 256)
			fprintf(out, "  -%c, ", rows[i].key);
		else
			fprintf(out, "      ");
		fprintf(out, "%-22s %s\n", option, rows[i].help);
	}
	fprintf(out, "\nExit status: 0 done; 1 what was asked to fail on; 2 usage; 3 input not readable to its end.\n");
}

static void fill_getopt(struct option longs[n_rows + 1], char shorts[2 * n_rows + 2])
{
	char *to = shorts;

	*to++ = ':'; /* a missing argument is told as ':' */
	for (size_t i = 0; i < n_rows; i++) {
		longs[i] = (struct option){ rows[i].name, rows[i].argument ? required_argument : no_argument, NULL,
			                    rows[i].key };
		if (rows[i].key < 256) {
			*to++ = (char)rows[i].key;
			if (rows[i].argument)
				*to++ = ':';
		}
	}
	*to = '\0';
	longs[n_rows] = (struct option){ 0 };
}

static const struct row *row_of(int key)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (rows[i].key == key)
			return &rows[i];
	}
	return NULL;
}

static int take_severity(const char *text, const char *option, enum fl_severity *ret_severity, struct fl_error *reterr)
{
	for (int severity = FL_OK; severity < FL_SEVERITIES; severity++) {
		if (strcmp(text, fl_severity_name(severity)) == 0) {
			*ret_severity = severity;
			return 0;
		}
	}
	fl_error_set(reterr, NULL, 0, "--%s takes ok, notice, warning or critical, not \"%s\"", option, text);
	return -1;
}

static int take_time(const char *text, const char *option, int64_t *ret_at, struct fl_error *reterr)
{
	if (fl_time_parse(text, ret_at) && *ret_at >= 0 && *ret_at <= FL_TIME_MOST)
		return 0;
	fl_error_set(reterr, NULL, 0, "--%s takes a time like 2026-01-14T09:00:00Z or seconds since 1970, not \"%s\"",
	             option, text);
	return -1;
}

static int take_memory(const char *text, size_t *ret_memory, struct fl_error *reterr)
{
	static const struct {
		const char *name;
		unsigned shift;
	} units[] = { { "", 0 },   { "k", 10 },   { "K", 10 }, { "KiB", 10 },
		      { "M", 20 }, { "MiB", 20 }, { "G", 30 }, { "GiB", 30 } };
	char *end;

	errno = 0;

	unsigned long long number = strtoull(text, &end, 10);

	for (size_t i = 0; errno == 0 && end != text && *text != '-' && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) == 0 && number <= SIZE_MAX >> units[i].shift && number > 0) {
			*ret_memory = (size_t)number << units[i].shift;
			return 0;
		}
	}
	fl_error_set(reterr, NULL, 0, "--memory takes a size like 512M or 4G, not \"%s\"", text);
	return -1;
}

static int take_flow(const char *text, int64_t *ret_flow, struct fl_error *reterr)
{
	char *end;

	errno = 0;
	*ret_flow = strtoll(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && *ret_flow >= 0 && *ret_flow < UINT32_MAX)
		return 0;
	fl_error_set(reterr, NULL, 0, "--flow takes the id of a connection (0, 1, ...), not \"%s\"", text);
	return -1;
}

/* Every id must exist: a typo would silently show nothing. */
static int take_only(const char *text, const char **ret_only, struct fl_error *reterr)
{
	char id[64];
	struct fl_topic topic;

	for (const char *at = text;; at++) {
		size_t length = strcspn(at, ",");

		if (length >= sizeof(id))
			length = sizeof(id) - 1;
		memcpy(id, at, length);
		id[length] = '\0';
		if (!fl_topic_find(id, &topic)) {
			fl_error_set(reterr, NULL, 0,
			             "--only: there is no verdict \"%s\" (see: flatline list verdicts)", id);
			return -1;
		}
		at += length;
		if (*at == '\0')
			break;
	}
	*ret_only = text;
	return 0;
}

static int take_format(const char *text, const char **ret_format, struct fl_error *reterr)
{
	for (size_t i = 0; fl_report_format_name(i); i++) {
		if (strcmp(text, fl_report_format_name(i)) == 0) {
			*ret_format = text;
			return 0;
		}
	}
	fl_error_set(reterr, NULL, 0, "there is no format \"%s\" (see: flatline list formats)", text);
	return -1;
}

static int take_color(const char *text, const char **ret_color, struct fl_error *reterr)
{
	if (strcmp(text, "auto") != 0 && strcmp(text, "always") != 0 && strcmp(text, "never") != 0) {
		fl_error_set(reterr, NULL, 0, "--color takes auto, always or never, not \"%s\"", text);
		return -1;
	}
	*ret_color = text;
	return 0;
}

static int take_option(struct options *options, int key, const char *value, struct fl_error *reterr)
{
	switch (key) {
	case 'f': return take_format(value, &options->format, reterr);
	case 'o': options->output = value; return 0;
	case 256: options->expect = value; return 0;
	case 257: options->filter = value; return 0;
	case 258: return take_time(value, "from", &options->from, reterr);
	case 259: return take_time(value, "to", &options->to, reterr);
	case 260:
		options->until_mtime = strcmp(value, "mtime") == 0;
		return options->until_mtime ? 0 : take_time(value, "until", &options->until, reterr);
	case 261: return take_flow(value, &options->flow, reterr);
	case 262: return take_only(value, &options->only, reterr);
	case 263: return take_severity(value, "min-severity", &options->min_severity, reterr);
	case 'a': options->all = true; return 0;
	case 's': return fl_settings_set(&options->settings, value, reterr);
	case 264: return take_memory(value, &options->memory, reterr);
	case 265: return take_severity(value, "fail-on", &options->fail_on, reterr);
	case 266: options->strict = true; return 0;
	case 267: return take_color(value, &options->color, reterr);
	case 'q': options->quiet = true; return 0;
	case 'v': options->verbose = true; return 0;
	case 'h': options->command = COMMAND_HELP; return 0;
	default: options->command = COMMAND_VERSION; return 0;
	}
}

/* The first word names the command, unless it is a file. */
static void take_command(struct options *options)
{
	for (size_t i = 0; options->n_args > 0 && i < n_commands; i++) {
		if (strcmp(options->args[0], commands[i].name) == 0) {
			options->command = commands[i].command;
			options->args++;
			options->n_args--;
			return;
		}
	}
}

static int check_arguments(const struct options *options, unsigned used_for, const char *used, struct fl_error *reterr)
{
	unsigned command = options->command == COMMAND_ANALYZE ? for_analyze
	                   : options->command == COMMAND_CHECK ? for_check
	                                                       : 0;

	if (used && !(used_for & command)) {
		fl_error_set(reterr, NULL, 0, "--%s does not go with this command", used);
		return -1;
	}
	if (options->n_args == 0) {
		fl_error_set(reterr, NULL, 0, "%s",
		             command ? "no capture file given (\"-\" is standard input)" : "one more word is needed");
		return -1;
	}
	if (options->command == COMMAND_CHECK && !options->expect) {
		fl_error_set(reterr, NULL, 0, "check needs --expect FILE: what the capture must show");
		return -1;
	}
	return 0;
}

int options_read(struct options *options, int argc, char **argv, struct fl_error *reterr)
{
	struct option longs[n_rows + 1];
	char shorts[2 * n_rows + 2];
	const char *used = NULL; /* the option that fits the fewest commands */
	unsigned used_for = for_both;
	int key;

	*options = (struct options){ .command = COMMAND_ANALYZE,
		                     .format = "text",
		                     .color = "auto",
		                     .flow = -1,
		                     .from = FL_TIME_NONE,
		                     .to = FL_TIME_NONE,
		                     .until = FL_TIME_NONE,
		                     .fail_on = FL_SEVERITIES,
		                     .memory = (size_t)4 << 30 };
	fl_settings_init(&options->settings);
	fill_getopt(longs, shorts);
	opterr = 0;
	while ((key = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct row *row = row_of(key);

		if (!row) {
			fl_error_set(reterr, NULL, 0,
			             key == ':' ? "%s needs a value" : "there is no option %s (see: flatline --help)",
			             argv[optind - 1]);
			return -1;
		}
		if (take_option(options, key, optarg, reterr))
			return -1;
		if (row->commands != for_both) {
			used = row->name;
			used_for &= row->commands;
		}
	}
	options->args = (const char *const *)argv + optind;
	options->n_args = (size_t)(argc - optind);
	if (options->command == COMMAND_HELP || options->command == COMMAND_VERSION)
		return 0;
	take_command(options);
	return check_arguments(options, used_for, used, reterr);
}
