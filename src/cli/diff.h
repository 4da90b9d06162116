/* The command. Private to cli/. */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include "options.h"

int diff_run(const struct options *options);

#endif
