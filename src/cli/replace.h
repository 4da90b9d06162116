/* A file is replaced as a whole, or stays as it was. Private to cli/. */
#ifndef CLI_REPLACE_H
#define CLI_REPLACE_H

#include <stddef.h>

#include "flatline/error.h"

/* What `path` leads to (through links) then holds `length` bytes of `text`, with the permissions that it had. 0, or -1
 * with `reterr`, and nothing changed. */
int replace_file(const char *path, const char *text, size_t length, struct fl_error *reterr);

#endif
