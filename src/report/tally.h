/* Counts by name, in order of the names. Private to report/. */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally {
	struct tally_row {
		char *name;
		uint64_t count;
	} * rows; /* sorted by name */
	size_t n_rows;
	uint64_t total;
};

/* One more of `name`, which is copied. The row's name (valid until tally_deinit), or NULL out of memory. */
const char *tally_add(struct tally *tally, const char *name);
void tally_deinit(struct tally *tally);

#endif
