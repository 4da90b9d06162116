/* GNU habits: long options, short ones for what is typed often, options and files in any order. */
#include "options.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "options_check.h"
#include "values.h"

/* Commands that take an option, by their bits. */
enum {
	analyze = 1 << COMMAND_ANALYZE,
	check = 1 << COMMAND_CHECK,
	diff = 1 << COMMAND_DIFF,
	report = 1 << COMMAND_REPORT,
	live = 1 << COMMAND_LIVE,
	files = analyze | check | diff | report, /* those that read captures */
	stories = analyze | report,
	any = files | live,
};

static const struct row {
	const char *name;
	int key;              /* a short option's letter, or a number above all letters */
	const char *argument; /* "[...]": it may be left out */
	const char *help;
	unsigned commands;
} rows[] = {
	{ "format", 'f', "NAME",
	  "text, json, html, markdown; check: text, tap, junit, sarif, github; live: text, ndjson", any },
	{ "output", 'o', "FILE", "write the report to FILE; live: append the events to it", any },
	{ "expect", 256, "FILE", "what the capture must show, as JSON (see flatline-check(1))", check },
	{ "filter", 257, "BPF", "only frames that match this pcap-filter(7) expression; they keep their numbers",
	  files },
	{ "from", 258, "TIME", "only frames at or after TIME (RFC 3339, or seconds since 1970)", files },
	{ "to", 259, "TIME", "only frames before TIME", files },
	{ "until", 260, "TIME", "the capture ran until TIME, or \"mtime\": until the file was last written", files },
	{ "flow", 261, "N", "only the connection with this id", stories },
	{ "only", 262, "ID,...", "only connections with these verdicts", stories },
	{ "min-severity", 263, "LEVEL",
	  "only connections at or over: ok, notice, warning (live: unless it is given), critical", stories | live },
	{ "all", 'a', NULL, "report healthy connections in full, too", stories },
	{ "profile", 268, "NAME[@PORT,...]",
	  "connections to these ports speak that protocol (see: flatline list profiles); or a file of one's own", any },
	{ "set", 's', "NAME=VALUE", "change a setting (see: flatline list settings)", any },
	{ "memory", 264, "SIZE", "bytes that connections may take (default 4G, live 512M); then the oldest are dropped",
	  any },
	{ "fail-on", 265, "LEVEL", "exit with 1 when a connection is at or over LEVEL (check alone: critical)", files },
	{ "allow", 270, "FILE", "verdicts that are known and excused, as JSON (see flatline-check(1))", check },
	{ "today", 271, "DATE", "the day by which excuses expire (default: today)", check },
	{ "draft", 272, NULL, "instead: write an expectation that the captures meet, for you to read", check },
	{ "update", 273, "NAME", "instead: rewrite the entry NAME of --expect so that it holds", check },
	{ "evidence", 274, "DIR",
	  "report: write a small capture of each failure told in detail, cut to headers, into DIR", report },
	{ "anonymize", 275, "[KEYFILE]", "with --evidence: replace addresses, prefixes kept (same key, same addresses)",
	  report },
	{ "fail-on-verdict", 269, "ID,...", "or when it has one of these verdicts", check },
	{ "show-payload", 276, NULL, "report: show the first bytes of messages (a capture may hold passwords)",
	  stories },
	{ "strict", 266, NULL, "exit with 3 also for a file that only ends inside its last packet", files },
	{ "color", 267, "WHEN", "auto, always, or never", stories },
	{ "interface", 'i', "NAME", "live: the interface to watch (several: again); \"any\" for all", live },
	{ "list-interfaces", 277, NULL, "live: the interfaces that there are", live },
	{ "snaplen", 278, "BYTES", "live: take so many of each packet (default 256)", live },
	{ "buffer", 279, "SIZE", "live: what the kernel keeps for each interface (default 16M)", live },
	{ "promiscuous", 280, NULL, "live: take packets for other hosts, too", live },
	{ "exec", 281, "PROGRAM",
	  "live: run PROGRAM for each critical verdict, with its event as JSON on standard input", live },
	{ "exec-timeout", 282, "SECONDS", "live: how long it may run (default 10)", live },
	{ "user", 289, "NAME", "live: go on as that user (default for root: who called sudo, or nobody)", live },
	{ "keep-net-raw", 290, NULL, "live: keep the right to open an interface again that had vanished", live },
	{ "no-sandbox", 291, NULL, "live: do not restrict system calls", live },
	{ "record", 285, "DIR", "live: write the packets of each connection that turns bad, from before, into DIR",
	  live },
	{ "record-buffer", 286, "SIZE", "with --record: memory for the last packets of all (default 32M)", live },
	{ "record-seconds", 287, "N", "with --record: packets older than that are not kept (default 600)", live },
	{ "record-limit", 288, "SIZE", "with --record: what all recordings in DIR may take (default 1G)", live },
	{ "metrics", 283, "FILE", "live: write metrics for Prometheus to FILE (node_exporter: NAME.prom), every 5 s",
	  live },
	{ "metrics-listen", 284, "ADDRESS:PORT", "live: and answer Prometheus there, as 127.0.0.1:9810", live },
	{ "quiet", 'q', NULL, "only the failures", any },
	{ "verbose", 'v', NULL, "say on standard error what was read", any },
	{ "help", 'h', NULL, "this text", any },
	{ "version", 'V', NULL, "the version, and what it was built with", any },
};

enum { n_rows = sizeof(rows) / sizeof(rows[0]) };

static const struct {
	const char *name, *arguments, *help;
	enum command command;
} commands[] = {
	{ "analyze", "FILE...", "a verdict for every connection (the word may be left out)", COMMAND_ANALYZE },
	{ "check", "[--expect EXPECT.json] FILE...", "for CI: exit with 1 when a capture does not show what it must",
	  COMMAND_CHECK },
	{ "diff", "OLD NEW", "the verdicts of two runs, captures or JSON reports, beside each other", COMMAND_DIFF },
	{ "explain", "ID", "what a verdict means, its look-alikes, what to do", COMMAND_EXPLAIN },
	{ "report", "-o OUT.html FILE...", "the page that one sends to others (OUT.html, OUT.md), and --evidence",
	  COMMAND_REPORT },
	{ "live", "-i NAME [FILTER]", "the same while it happens, an event a line", COMMAND_LIVE },
	{ "list", "verdicts|incidents|detectors|profiles|settings|formats", "what there is", COMMAND_LIST },
};

enum { n_commands = sizeof(commands) / sizeof(commands[0]) };

/* What stood on the command line. */
struct used {
	const struct row *rows[n_rows]; /* each option once, in their order */
	size_t count;
	bool has_command; /* its word was there */
};

static void note_use(struct used *used, const struct row *row)
{
	for (size_t i = 0; i < used->count; i++) {
		if (used->rows[i] == row)
			return;
	}
	used->rows[used->count++] = row;
}

/* The first option that the command does not take; NULL for none. */
static const struct row *find_stranger(const struct used *used, enum command command)
{
	for (size_t i = 0; i < used->count; i++) {
		if (!(used->rows[i]->commands & 1u << command))
			return used->rows[i];
	}
	return NULL;
}

static bool may_lack_value(const struct row *row)
{
	return row->argument && row->argument[0] == '[';
}

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

		if (may_lack_value(&rows[i]))
			snprintf(option, sizeof(option), "--%s[=%s", rows[i].name, rows[i].argument + 1);
		else
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
		int kind = rows[i].argument ? required_argument : no_argument;

		if (may_lack_value(&rows[i]))
			kind = optional_argument;
		longs[i] = (struct option){ rows[i].name, kind, NULL, rows[i].key };
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

static int take_profile(struct options *options, const char *value, struct fl_error *reterr)
{
	if (options->n_profiles == most_profiles) {
		fl_error_set(reterr, NULL, 0, "--profile can be given %d times at most", most_profiles);
		return -1;
	}
	options->profiles[options->n_profiles++] = value;
	return 0;
}

static int take_interface(struct options *options, const char *value, struct fl_error *reterr)
{
	if (options->n_interfaces == most_interfaces) {
		fl_error_set(reterr, NULL, 0, "-i can be given %d times at most", most_interfaces);
		return -1;
	}
	for (size_t i = 0; i < options->n_interfaces; i++) {
		if (strcmp(options->interfaces[i], value) == 0) {
			fl_error_set(reterr, NULL, 0, "-i %s is given twice: its packets would count twice", value);
			return -1;
		}
	}
	options->interfaces[options->n_interfaces++] = value;
	return 0;
}

static int take_option(struct options *options, int key, const char *value, struct fl_error *reterr)
{
	switch (key) {
	case 'f':
		options->format = value;
		options->has_format = true;
		return 0; /* which there are depends on the command */
	case 'o': options->output = value; return 0;
	case 256: options->expect = value; return 0;
	case 257: options->filter = value; return 0;
	case 258: return value_time(value, "from", &options->from, reterr);
	case 259: return value_time(value, "to", &options->to, reterr);
	case 260:
		options->until_mtime = strcmp(value, "mtime") == 0;
		return options->until_mtime ? 0 : value_time(value, "until", &options->until, reterr);
	case 261: return value_flow(value, &options->flow, reterr);
	case 262: return value_only(value, "only", &options->only, reterr);
	case 263: return value_severity(value, "min-severity", &options->min_severity, reterr);
	case 270: options->allow = value; return 0;
	case 272: options->draft = true; return 0;
	case 'i': return take_interface(options, value, reterr);
	case 277: options->lists_interfaces = true; return 0;
	case 278: return value_number(value, "snaplen", 64, 262144, &options->snaplen, reterr);
	case 279: return value_memory(value, &options->buffer, reterr);
	case 280: options->is_promiscuous = true; return 0;
	case 281: options->exec = value; return 0;
	case 282: return value_number(value, "exec-timeout", 1, 3600, &options->exec_timeout, reterr);
	case 289: options->user = value; return 0;
	case 290: options->keeps_net_raw = true; return 0;
	case 291: options->has_no_sandbox = true; return 0;
	case 285: options->record = value; return 0;
	case 286: return value_size(value, "record-buffer", &options->record_buffer, reterr);
	case 287: return value_number(value, "record-seconds", 1, 31536000, &options->record_seconds, reterr);
	case 288: return value_size(value, "record-limit", &options->record_limit, reterr);
	case 283: options->metrics = value; return 0;
	case 284: options->metrics_listen = value; return 0;
	case 276: options->show_payload = true; return 0;
	case 273: options->update = value; return 0;
	case 271: return value_day(value, &options->today, reterr);
	case 269: return value_only(value, "fail-on-verdict", &options->fail_on_verdict, reterr);
	case 268: return take_profile(options, value, reterr);
	case 274: options->evidence = value; return 0;
	case 275:
		options->anonymize = true;
		options->key_file = value;
		return 0;
	case 'a': options->all = true; return 0;
	case 's': return fl_settings_set(&options->settings, value, reterr);
	case 264: return value_memory(value, &options->memory, reterr);
	case 265: return value_severity(value, "fail-on", &options->fail_on, reterr);
	case 266: options->strict = true; return 0;
	case 267: return value_color(value, &options->color, reterr);
	case 'q': options->quiet = true; return 0;
	case 'v': options->verbose = true; return 0;
	case 'h': options->command = COMMAND_HELP; return 0;
	default: options->command = COMMAND_VERSION; return 0;
	}
}

/* The first word names the command, unless it is a file. */
static bool take_command(struct options *options)
{
	for (size_t i = 0; options->n_args > 0 && i < n_commands; i++) {
		if (strcmp(options->args[0], commands[i].name) == 0) {
			options->command = commands[i].command;
			options->args++;
			options->n_args--;
			return true;
		}
	}
	return false;
}

/* What a command is called, and what of its own follows it. */
static const char *command_name(enum command command)
{
	for (size_t i = 0; i < n_commands; i++) {
		if (commands[i].command == command)
			return commands[i].name;
	}
	return "";
}

/* explain and list: one word follows, and no more. */
static int check_word(const struct options *options, struct fl_error *reterr)
{
	const char *name = command_name(options->command);

	if (options->n_args == 1)
		return 0;
	if (options->n_args > 1)
		fl_error_set(reterr, NULL, 0, "%s takes one word: \"%s\" is one too many", name, options->args[1]);
	else if (options->command == COMMAND_EXPLAIN)
		fl_error_set(reterr, NULL, 0,
		             "explain takes the id of a verdict, finding or incident (see: flatline list verdicts)");
	else
		fl_error_set(reterr, NULL, 0,
		             "list takes verdicts, incidents, detectors, profiles, settings or formats");
	return -1;
}

/* How many letters to change, add or leave out to make one word of the other; both are short. */
static size_t distance(const char *a, const char *b)
{
	size_t row[24], length = strlen(b);

	if (length >= sizeof(row) / sizeof(row[0]))
		return SIZE_MAX;
	for (size_t i = 0; i <= length; i++)
		row[i] = i;
	for (size_t j = 1; a[j - 1]; j++) {
		size_t diagonal = row[0];

		row[0] = j;
		for (size_t i = 1; i <= length; i++) {
			size_t changed = diagonal + (a[j - 1] != b[i - 1]);
			size_t other = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + 1;

			diagonal = row[i];
			row[i] = changed < other ? changed : other;
		}
	}
	return row[length];
}

/* "flatline analyse x.pcap": the first word is no file, and nearly a command. */
static int check_misspelt(const struct options *options, struct fl_error *reterr)
{
	const size_t nearly = 2;
	const char *first = options->args[0];

	if (access(first, F_OK) == 0)
		return 0;
	for (size_t i = 0; i < n_commands; i++) {
		if (strcmp(first, commands[i].name) == 0 || distance(first, commands[i].name) > nearly)
			continue;
		fl_error_set(reterr, NULL, 0, "there is no file \"%s\"; did you mean \"flatline %s\"?", first,
		             commands[i].name);
		return -1;
	}
	return 0;
}

/* What is said of recordings goes with --record. */
static int check_record(const struct options *options, const struct used *used, struct fl_error *reterr)
{
	const size_t least = (size_t)64 << 10;

	for (size_t i = 0; !options->record && i < used->count; i++) {
		if (strncmp(used->rows[i]->name, "record-", 7) == 0) {
			fl_error_set(reterr, NULL, 0, "--%s goes with --record", used->rows[i]->name);
			return -1;
		}
	}
	if (options->record_buffer >= least)
		return 0;
	fl_error_set(reterr, NULL, 0, "--record-buffer takes 64K or more");
	return -1;
}

/* The command that an option is for, where it is for one alone; NULL. */
static const char *sole_command(const struct row *row)
{
	for (size_t i = 0; i < n_commands; i++) {
		if (row->commands == 1u << commands[i].command)
			return commands[i].name;
	}
	return NULL;
}

static void refuse(const struct row *row, enum command command, struct fl_error *reterr)
{
	const char *other = sole_command(row);

	if (other)
		fl_error_set(reterr, NULL, 0, "--%s does not go with %s: it is one of \"flatline %s\"", row->name,
		             command_name(command), other);
	else if (command == COMMAND_LIVE && strcmp(row->name, "filter") == 0)
		fl_error_set(reterr, NULL, 0, "--filter does not go with live: its filter stands behind the options");
	else
		fl_error_set(reterr, NULL, 0, "--%s does not go with %s", row->name, command_name(command));
}

static int check_arguments(const struct options *options, const struct used *used, struct fl_error *reterr)
{
	bool takes_files = files & 1u << options->command;
	const struct row *stranger = find_stranger(used, options->command);

	if (stranger) {
		refuse(stranger, options->command, reterr);
		return -1;
	}
	if (check_record(options, used, reterr))
		return -1;
	if (options->command == COMMAND_LIVE)
		return options_check_live(options, reterr);
	if (!takes_files)
		return check_word(options, reterr);
	if (options_check_files(options, reterr))
		return -1;
	return used->has_command ? 0 : check_misspelt(options, reterr);
}

/* What getopt could not make sense of: `word` as it stands on the command line. */
static int complain(int key, const char *word, struct fl_error *reterr)
{
	const char *name = word + strspn(word, "-");
	size_t length = strcspn(name, "="), n_fitting = 0;
	bool is_long = strncmp(word, "--", 2) == 0;
	char fitting[128] = "";

	for (size_t i = 0; is_long && i < n_rows; i++) {
		size_t used = strlen(fitting);

		if (strncmp(rows[i].name, name, length) == 0)
			snprintf(fitting + used, sizeof(fitting) - used, "%s--%s", n_fitting++ ? ", " : "",
			         rows[i].name);
	}
	if (key == ':' && !is_long)
		fl_error_set(reterr, NULL, 0, "-%c needs a value", optopt);
	else if (key == ':')
		fl_error_set(reterr, NULL, 0, "%s needs a value", word);
	else if (optopt != 0 && is_long)
		fl_error_set(reterr, NULL, 0, "--%.*s takes no value", (int)length, name);
	else if (optopt != 0)
		fl_error_set(reterr, NULL, 0, "there is no option -%c (see: flatline --help)", optopt);
	else if (n_fitting > 1)
		fl_error_set(reterr, NULL, 0, "%s is not clear: %s", word, fitting);
	else
		fl_error_set(reterr, NULL, 0, "there is no option %s (see: flatline --help)", word);
	return -1;
}

static void set_presets(struct options *options)
{
	*options = (struct options){ .command = COMMAND_ANALYZE,
		                     .format = "text",
		                     .color = "auto",
		                     .flow = -1,
		                     .from = FL_TIME_NONE,
		                     .to = FL_TIME_NONE,
		                     .until = FL_TIME_NONE,
		                     .today = FL_TIME_NONE,
		                     .fail_on = FL_SEVERITIES,
		                     .memory = (size_t)4 << 30,
		                     .snaplen = 256,
		                     .buffer = (size_t)16 << 20,
		                     .record_buffer = (size_t)32 << 20,
		                     .record_seconds = 600,
		                     .record_limit = (size_t)1 << 30 };
	fl_settings_init(&options->settings);
}

/* A live run shares its host with others, and tells only of what is wrong. */
static void set_presets_of_live(struct options *options, const struct used *used)
{
	bool has_memory = false, has_severity = false;

	for (size_t i = 0; i < used->count; i++) {
		has_memory |= strcmp(used->rows[i]->name, "memory") == 0;
		has_severity |= strcmp(used->rows[i]->name, "min-severity") == 0;
	}
	if (!has_memory)
		options->memory = (size_t)512 << 20;
	if (!has_severity)
		options->min_severity = FL_WARNING;
}

/* The format of a report is that of its file's name, unless it was given. */
static int choose_format(struct options *options, struct fl_error *reterr)
{
	static const struct {
		const char *ending, *format;
	} endings[] = {
		{ ".html", "html" },         { ".htm", "html" },  { ".md", "markdown" },
		{ ".markdown", "markdown" }, { ".json", "json" }, { ".txt", "text" },
	};
	const char *ending = options->output ? strrchr(options->output, '.') : NULL;

	if (options->has_format)
		return 0;
	options->is_evidence_only = options->evidence && !options->output;
	if (options->is_evidence_only)
		return 0;
	for (size_t i = 0; ending && i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (strcmp(ending, endings[i].ending) == 0) {
			options->format = endings[i].format;
			return 0;
		}
	}
	fl_error_set(reterr, NULL, 0,
	             "report wants -o with a name that ends in .html, .md, .json or .txt, or --format, or --evidence");
	return -1;
}

int options_read(struct options *options, int argc, char **argv, struct fl_error *reterr)
{
	struct option longs[n_rows + 1];
	char shorts[2 * n_rows + 2];
	struct used used = { .count = 0 };
	int key;

	set_presets(options);
	fill_getopt(longs, shorts);
	opterr = 0;
	while ((key = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct row *row = row_of(key);

		if (!row)
			return complain(key, argv[optind - 1], reterr);
		if (take_option(options, key, optarg, reterr))
			return -1;
		note_use(&used, row);
	}
	options->words = (const char *const *)argv + 1;
	options->n_words = argc > 0 ? (size_t)argc - 1 : 0;
	options->args = (const char *const *)argv + optind;
	options->n_args = (size_t)(argc - optind);
	if (options->command == COMMAND_HELP || options->command == COMMAND_VERSION)
		return 0;
	used.has_command = take_command(options);
	if (options->command == COMMAND_LIVE)
		set_presets_of_live(options, &used);
	if (options->command == COMMAND_REPORT && choose_format(options, reterr))
		return -1;
	return check_arguments(options, &used, reterr);
}
