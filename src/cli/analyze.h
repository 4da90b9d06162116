/* Reading captures and handing the accounts on: what analyze and check have in common. Private to cli/. */
#ifndef CLI_ANALYZE_H
#define CLI_ANALYZE_H

#include "flatline/capture.h"
#include "flatline/engine.h"
#include "options.h"

/* Reads all files of `options`, runs them through an engine, and hands the accounts to `sink`, healthy ones in full,
 * too, with `detail`. Returns an exit status; EXIT_INPUT and EXIT_USAGE have been explained on standard error. */
int analyze_files(const struct options *options, bool detail, const struct fl_engine_sink *sink);

/* One reading of the files, for those who want more than the accounts. */
struct reading {
	const struct options *options;
	bool detail;
	bool is_again; /* what cannot be read was told before */
	const struct fl_engine_sink *sink;
	const struct fl_engine_probe *probe; /* NULL without one */
	/* Frames that the engine has taken; NULL: nobody asks. */
	void (*frames)(void *context, const struct fl_frame *frames, size_t count);
	void *context;
	uint64_t most;  /* frames; 0: all */
	uint64_t count; /* how many were read */
};
/* As above. */
int read_files(struct reading *reading);

/* What is known of protocols, and what the user knows. NULL: told why. */
struct fl_profiles *read_profiles(const struct options *options);

/* Whether a signal ended the reading before the end of the files. */
bool reading_is_broken_off(const struct fl_capture_facts *facts);
/* How many of the files nothing could be read of. */
size_t reading_unreadable(const struct fl_capture_facts *facts);

/* Whether the user asked for that flow (--flow, --only, --min-severity). */
bool analyze_selects(const struct options *options, const struct fl_account *account);
/* Says that the flow of --flow is none of those; the exit status. */
int analyze_lacks_flow(const struct options *options, uint64_t flows);

/* The command. */
int analyze_run(const struct options *options);

/* Prints the error on standard error. */
void complain(const struct fl_error *error);

#endif
