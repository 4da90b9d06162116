/* Which connections the next look of a live run is at, and when it is. Private to cli/. */
#ifndef CLI_LOOKING_H
#define CLI_LOOKING_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/flow.h"
#include "flatline/judge.h"

enum { LOOKING_ASKED = 256 };

/* Through connections of a kind in the order in which they began, some at each look. */
struct turn {
	int64_t from; /* those that began before then were looked at in this round, */
	uint32_t id;  /* and of those that began just then, those with ids up to this one (FL_FLOW_UNSEEN: none) */
	int64_t to;   /* the last that this look is at */
	uint32_t to_id;
	uint32_t room; /* for so many more at this look */
	bool is_on;
};

struct looking {
	enum fl_severity least; /* from it on a connection is bad */
	int64_t now;            /* of this look */
	int64_t next;           /* not before then: ticks */
	int64_t cycle_at;       /* ticks: when the walk through those that are well began */
	int64_t cost;           /* of one connection, ns */
	int64_t judged_at;      /* by the clock of looking_judged(); 0 before the first of this look */
	int64_t spent;          /* between the first and the last */
	uint32_t judged;
	bool is_at_all;
	struct turn ended, urgent, well, asked;
	uint32_t asked_ids[LOOKING_ASKED]; /* of this look */
	uint32_t n_asked;
};

void looking_init(struct looking *looking, enum fl_severity least);
/* From now on all that are open are looked at once more, because somebody asked. */
void looking_ask(struct looking *looking);
/* A look as of `now`, at `ticks` of a clock that nobody sets; at all if `is_at_all`. */
void looking_begin(struct looking *looking, int64_t now, int64_t ticks, bool is_at_all);
/* This look is at none of those that somebody asked for: the next ones are. */
void looking_hold(struct looking *looking);
/* Whether it is at that flow: one that is bad or may be so any moment, at each look; one that just ended, once; one
 * that is well, every second. As many as a look may take time for, the others in the next. Takes note of it: to be
 * asked once for each flow, in the order in which they began. */
bool looking_take(struct looking *looking, const struct fl_flow *flow);
/* Whether this look is at that one because somebody asked. */
bool looking_was_asked(const struct looking *looking, uint32_t id);
/* One of them was judged: `at` by a clock that runs evenly. */
void looking_judged(struct looking *looking, int64_t at);
/* It took so long, ns. */
void looking_end(struct looking *looking, int64_t ticks, int64_t took);

#endif
