/* The directory of --record: whose files are ours, and what they take. Private to cli/. */
#ifndef CLI_RECORDINGS_H
#define CLI_RECORDINGS_H

#include <stdint.h>

#include "flatline/error.h"
#include "flatline/text.h"

struct recordings;

/* The directory is there and can be written into; what runs that were killed left half written in it is removed. NULL
 * with `reterr`. `path` outlives it. */
struct recordings *recordings_open(const char *path, struct fl_error *reterr);
void recordings_close(struct recordings *recordings);

/* Adds the path of a recording: of that connection and verdict, by an event at that time. */
void recordings_name(const struct recordings *recordings, int64_t at, uint32_t flow, const char *verdict,
                     struct fl_text *text);
/* Bytes of all recordings that are there, those of other runs included. 0, or the number of an error. */
int recordings_sum(const struct recordings *recordings, uint64_t *ret_bytes);

#endif
