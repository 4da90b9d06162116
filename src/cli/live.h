/* `flatline live`. Private to cli/. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "options.h"

/* Runs until a signal ends it. Returns an exit status; what went wrong is told on standard error. */
int live_run(const struct options *options);
/* --list-interfaces. */
int live_list(void);

#endif
