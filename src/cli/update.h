/* `flatline check --update`. Private to cli/. */
#ifndef CLI_UPDATE_H
#define CLI_UPDATE_H

#include "options.h"

/* Returns an exit status; what went wrong is told on standard error. */
int update_run(const struct options *options);

#endif
