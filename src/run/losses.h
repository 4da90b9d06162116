/* When packets passed that were not captured. Private to run/. */
#ifndef RUN_LOSSES_H
#define RUN_LOSSES_H

#include "flatline/judge.h"

#define LOSSES_MOST 64 /* spans at a time; then the two oldest become one */

struct losses {
	struct fl_loss item[LOSSES_MOST];
	size_t count;
};

/* Between `from` and `to`, which is not before what was taken before. */
void losses_take(struct losses *losses, int64_t from, int64_t to, uint64_t packets);

#endif
