/* The command line: one table from which getopt, --help and the tests of the man page live. Private to cli/. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "flatline/error.h"
#include "flatline/judge.h"
#include "flatline/settings.h"

/* Exit statuses. When several hold, 2 beats 1 beats 3. */
enum { EXIT_DONE = 0, EXIT_FAIL = 1, EXIT_USAGE = 2, EXIT_INPUT = 3 };

enum { most_profiles = 16, most_interfaces = 16 };

enum command {
	COMMAND_ANALYZE,
	COMMAND_CHECK,
	COMMAND_DIFF,
	COMMAND_EXPLAIN,
	COMMAND_LIST,
	COMMAND_REPORT,
	COMMAND_LIVE,
	COMMAND_HELP,
	COMMAND_VERSION
};

struct options {
	enum command command;
	const char *const *words; /* the whole command line but its first word */
	size_t n_words;
	const char *const *args; /* what follows the options: files, an id, a list's name */
	size_t n_args;

	const char *format;
	const char *output; /* NULL: standard output */
	const char *filter;
	const char *expect;
	const char *only;            /* comma-separated verdict ids */
	const char *fail_on_verdict; /* the same */
	int64_t flow;                /* -1: all */
	int64_t from, to, until;
	bool has_format;       /* --format was given */
	const char *evidence;  /* the directory; NULL: none is written */
	bool is_evidence_only; /* and no report beside it */
	bool anonymize;
	const char *key_file; /* of that; NULL: a random key */
	const char *update;   /* the name of an entry; NULL: none is rewritten */
	const char *allow;    /* the file; NULL: nothing is excused */
	int64_t today;        /* FL_TIME_NONE: the clock says it */
	bool until_mtime;
	enum fl_severity min_severity;
	enum fl_severity fail_on; /* FL_SEVERITIES: nothing */
	bool all, strict, quiet, verbose, draft, show_payload;
	const char *color; /* auto, always, never */
	size_t memory;
	struct fl_settings settings;
	const char *interfaces[most_interfaces]; /* of live */
	size_t n_interfaces;
	uint32_t snaplen; /* bytes of each packet */
	size_t buffer;    /* bytes that the kernel keeps for each interface */
	bool lists_interfaces, is_promiscuous;
	const char *exec;      /* the program as named; NULL: none is run */
	uint32_t exec_timeout; /* s; 0: not given */
	const char *user;      /* as whom live goes on; NULL: see privileges.h */
	bool keeps_net_raw, has_no_sandbox;
	const char *record;                  /* the directory; NULL: nothing is recorded */
	size_t record_buffer;                /* bytes of packets in memory */
	uint32_t record_seconds;             /* packets that are older are not kept */
	size_t record_limit;                 /* bytes of all recordings in the directory */
	const char *metrics;                 /* the file; NULL: none is written */
	const char *metrics_listen;          /* ADDRESS:PORT; NULL: nobody is answered */
	const char *profiles[most_profiles]; /* as given with --profile */
	size_t n_profiles;
};

/* Reads the command line. 0, or -1 with `reterr`. */
int options_read(struct options *options, int argc, char **argv, struct fl_error *reterr);
void options_help(FILE *out);

#endif
