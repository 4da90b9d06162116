/* A page of metrics in a file, for node_exporter's textfile collector. Private to cli/. */
#ifndef CLI_METRICS_FILE_H
#define CLI_METRICS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "flatline/error.h"

struct metrics_file;

/* Sees whether `path`, which outlives it, can be written: then, and later, a file beside it named "PATH.new" is made,
 * and takes its place. NULL with `reterr`. */
struct metrics_file *metrics_file_open(const char *path, struct fl_error *reterr);
/* Makes the thread that writes. False with `reterr`. */
bool metrics_file_start(struct metrics_file *file, struct fl_error *reterr);
/* The page (copied) is what the file is to hold; one that was not written yet is forgotten. Never waits for the disk.
 */
void metrics_file_put(struct metrics_file *file, const char *page, size_t length);
/* Why the last page could not be written (a number of errno); 0 when it was. */
int metrics_file_problem(struct metrics_file *file);
/* Waits up to `patience_ms` until the last page is written. */
void metrics_file_free(struct metrics_file *file, int patience_ms);

#endif
