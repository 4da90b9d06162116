/* Where the report goes. Private to cli/. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdio.h>

#include "options.h"

struct output {
	const char *path; /* NULL: standard output */
	FILE *file;
	bool is_new;   /* it was made for this report */
	bool is_begun; /* what stood there is overwritten */
};

/* Opens the output without touching what stands there. -1 with `reterr` when that cannot be, or when it is one of the
 * captures. */
int output_open(struct output *output, const struct options *options, struct fl_error *reterr);
/* What stood there goes; the report may be written. NULL, told on standard error, when that fails. */
FILE *output_begin(struct output *output);
/* A file that was made for a report that never came goes again. -1 with `reterr` when not all could be written. */
int output_close(struct output *output, struct fl_error *reterr);

/* All of that, for what is written at once: `write` fills the file (0, or -1 with its error). An exit status; what went
 * wrong is told on standard error. */
typedef int output_writer(FILE *file, void *context, struct fl_error *reterr);
int output_write(const struct options *options, output_writer *write, void *context);

#endif
