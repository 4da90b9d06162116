/* Reading captures and handing the accounts on: what analyze and check have in common. Private to cli/. */
#ifndef CLI_ANALYZE_H
#define CLI_ANALYZE_H

#include "flatline/capture.h"
#include "flatline/engine.h"
#include "options.h"

/* Reads all files of `options`, runs them through an engine, and hands the accounts to `sink`, healthy ones in full,
 * too, with `detail`. Returns an exit status; EXIT_INPUT and EXIT_USAGE have been explained on standard error. */
int analyze_files(const struct options *options, bool detail, const struct fl_engine_sink *sink);

/* Whether a signal ended the reading before the end of the files. */
bool reading_is_broken_off(const struct fl_capture_facts *facts);
/* How many of the files nothing could be read of. */
size_t reading_unreadable(const struct fl_capture_facts *facts);

/* The command. */
int analyze_run(const struct options *options);

/* Prints the error on standard error. */
void complain(const struct fl_error *error);

#endif
