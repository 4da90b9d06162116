/* Which connections the next look of a live run is at, and when it is. Private to cli/. */
#ifndef CLI_LOOKING_H
#define CLI_LOOKING_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/flow.h"
#include "watching.h"

/* Through connections of a kind, some at each look, by their ids. */
struct turn {
	uint32_t from, to; /* those that are to come; one behind the last that was looked at */
	uint32_t room;     /* for so many more at this look */
	bool is_on;
};

struct looking {
	const struct watching *watching;
	int64_t now;       /* of this look */
	int64_t looked_at; /* of the one before */
	int64_t next;      /* not before then: ticks */
	int64_t cycle_at;  /* ticks: when the walk through those that are well began */
	int64_t cost;      /* of one connection, ns */
	uint32_t count;    /* looked at in this look */
	bool is_at_all;
	struct turn urgent, well;
};

void looking_init(struct looking *looking, const struct watching *watching);
/* A look as of `now`, at `ticks` of a clock that nobody sets; at all if `is_at_all`. */
void looking_begin(struct looking *looking, int64_t now, int64_t ticks, bool is_at_all);
/* Whether it is at that flow: one that is bad or may be so any moment, at each look; one that just ended; one that is
 * well, every second. As many as a look may take time for, the others in the next. */
bool looking_is_due(struct looking *looking, const struct fl_flow *flow);
/* It took so long, ns. */
void looking_end(struct looking *looking, int64_t ticks, int64_t took);

#endif
