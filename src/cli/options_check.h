/* What does not go together on a command line. Private to cli/. */
#ifndef CLI_OPTIONS_CHECK_H
#define CLI_OPTIONS_CHECK_H

#include "options.h"

/* Of commands that read captures, and of live. 0, or -1 with `reterr`. */
int options_check_files(const struct options *options, struct fl_error *reterr);
int options_check_live(const struct options *options, struct fl_error *reterr);

#endif
