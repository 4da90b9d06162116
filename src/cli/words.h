/* explain and list: the words that detectors and settings bring. Private to cli/. */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "options.h"

int explain_run(const struct options *options);
int list_run(const struct options *options);

#endif
