/* The capture's clock against the timestamps that the packets carry. Private to run/. */
#ifndef RUN_CLOCK_H
#define RUN_CLOCK_H

#include "flatline/flow.h"
#include "flatline/judge.h"
#include "flatline/packet.h"

#define CLOCK_JUMPS 8 /* remembered; more are only counted */

struct clock_jumps {
	struct fl_clock_jump item[CLOCK_JUMPS];
	size_t count;                 /* of them */
	uint64_t total;               /* of all */
	struct fl_clock_jump suspect; /* one sender's timestamps deny it; a second one has to: `frame` 0 without */
	struct fl_address other_end;
};

/* Takes a packet of `flow`'s end[dir] before it is tracked; `before`: the time of the frame before it. */
void clock_take(struct clock_jumps *jumps, const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir,
                int64_t before);

#endif
