/* check: does a capture show what it must? Private to cli/. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "options.h"

int check_run(const struct options *options);

#endif
