/* `flatline report`. Private to cli/. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "options.h"

/* Returns an exit status; what went wrong is told on standard error. */
int report_run(const struct options *options);

#endif
