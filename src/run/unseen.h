/* What a capture does not show although it was there. Private to run/. */
#ifndef RUN_UNSEEN_H
#define RUN_UNSEEN_H

#include "flatline/flow.h"
#include "flatline/judge.h"
#include "flatline/time.h"

struct unseen {
	uint64_t frame;               /* the last one */
	struct fl_clock_jump silence; /* the longest without a frame while many flows were busy; frame 0: none */
	uint32_t silenced;            /* how many those were */
	uint32_t looks;               /* how often they were counted */
};

/* Nothing was captured from `from` to `to`, a long time. */
void unseen_silence(struct unseen *unseen, const struct fl_flows *flows, int64_t from, int64_t to);

/* Time goes on from `from` (FL_TIME_NONE: it begins) to `to` without a frame. */
static inline void unseen_step(struct unseen *unseen, const struct fl_flows *flows, int64_t from, int64_t to)
{
	const int64_t long_silence = 10 * FL_NS_PER_S;

	if (from != FL_TIME_NONE && to > from && to - from >= long_silence) /* a frame without a time is before all */
		unseen_silence(unseen, flows, from, to);
}

/* One side is missing, though the other ACKed what it sent. */
bool unseen_direction(const struct fl_flow *flow);

#endif
