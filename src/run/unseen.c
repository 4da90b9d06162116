/* A capture that was interrupted, or that shows one direction only, looks like a failure to who does not notice. */
#include "unseen.h"

static const int64_t moment = FL_NS_PER_S;

/* Open, and both sides said something within the moment before. */
static bool is_busy(const struct fl_flow *flow, int64_t at)
{
	uint16_t any = flow->end[0].seen | flow->end[1].seen, both = flow->end[0].seen & flow->end[1].seen;

	return flow->end[0].last_at >= at - moment && flow->end[1].last_at >= at - moment && (any & FL_SEEN_PAYLOAD) &&
	       !(any & FL_SEEN_RST) && !(both & FL_SEEN_FIN);
}

/* When not one of those that said something a moment before says anything for so long, and nothing is repeated either,
 * it may be that nobody captured. The newest flows tell. */
void unseen_silence(struct unseen *unseen, const struct fl_flows *flows, int64_t from, int64_t to)
{
	const uint32_t most_looked_at = 4096;
	const uint32_t most_looks = 1000; /* a capture of nothing but long silences has no busy flows */
	const uint32_t many = 5;
	uint32_t busy = 0, id = fl_flows_recent(flows, most_looked_at);

	if (to - from <= unseen->silence.to - unseen->silence.from || unseen->looks == most_looks)
		return;
	unseen->looks++;
	for (; id != FL_FLOW_UNSEEN; id = fl_flows_next(flows, id + 1))
		busy += is_busy(fl_flows_at(flows, id), from);
	if (busy < many)
		return;
	unseen->silence = (struct fl_clock_jump){ from, to, unseen->frame };
	unseen->silenced = busy;
}

bool unseen_direction(const struct fl_flow *flow)
{
	return (flow->end[0].packets == 0 && flow->end[0].una != 0) ||
	       (flow->end[1].packets == 0 && flow->end[1].una != 0);
}
