/* Progress of a long reading, on a terminal's standard error only; and the interrupt that ends it early. Private to
 * cli/. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool is_shown;
	uint64_t next;
	int64_t started; /* s */
};

void progress_init(struct progress *progress, bool quiet);
void progress_show(struct progress *progress, uint64_t frames);
void progress_end(struct progress *progress);

/* From now on SIGINT and SIGTERM set a flag, and end a read that waits, instead of ending the program. */
void progress_catch_interrupt(void);
/* All is read: they end the program again. */
void progress_release_interrupt(void);
bool progress_is_interrupted(void);

#endif
