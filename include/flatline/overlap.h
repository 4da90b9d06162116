/* Do two of the files show the same packets? Several files make one timeline only when they are pieces of one capture;
 * the same traffic captured at two places would make every packet a repeat. */
#ifndef FLATLINE_OVERLAP_H
#define FLATLINE_OVERLAP_H

#include <stdbool.h>
#include <stddef.h>

#include "flatline/error.h"

/* 0 when the files may be one timeline (or cannot be read twice, like standard input); -1 with `reterr`, a sentence
 * that names two files and the offset of their clocks, when two of them hold the same packets. Reads all of them
 * once; `is_stopped` is asked now and then, and ends that early. */
int fl_overlap_check(const char *const *paths, size_t n_paths, bool (*is_stopped)(void), struct fl_error *reterr);

#endif
