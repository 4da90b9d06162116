/* Reading captures and handing the accounts on: what analyze and check have in common. Private to cli/. */
#ifndef CLI_ANALYZE_H
#define CLI_ANALYZE_H

#include "flatline/engine.h"
#include "options.h"

/* Reads all files of `options`, runs them through an engine, and hands the accounts to `sink`. Returns an exit status;
 * EXIT_INPUT and EXIT_USAGE have been explained on standard error. */
int analyze_files(const struct options *options, bool detail, const struct fl_engine_sink *sink);

/* The command. */
int analyze_run(const struct options *options);

#endif
