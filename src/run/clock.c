/* Captures carry wall time, which somebody may set; the timestamps of RFC 7323 are a second clock that nobody sets. A
 * jump that these deny is none of the network's: nobody waited through it. */
#include "clock.h"

#include "flatline/time.h"

/* The slowest clock that a timestamp is believed to have (RFC 7323 section 5.4 has 1 ms to 1 s; real ones are 1 or 10
 * ms): only a jump that even this one denies counts. */
static const int64_t slowest_tick = 100 * FL_NS_PER_MS;

void clock_take(struct clock_jumps *jumps, const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir,
                int64_t before)
{
	const int64_t worth_it = 2 * FL_NS_PER_S;
	const struct fl_end *end = &flow->end[dir];
	int64_t ticks, longest;

	if (before == FL_TIME_NONE || packet->at - before < worth_it || end->packets == 0 ||
	    !(end->seen & FL_SEEN_TIMESTAMP) || !(packet->options.present & FL_OPT_TIMESTAMP))
		return;
	ticks = (int32_t)(packet->options.ts_value - flow->cold->ts_value[dir]);
	longest = (ticks + 2) * slowest_tick;
	if (ticks < 0 || packet->at - end->last_at <= longest + worth_it)
		return;
	jumps->total++;
	if (jumps->count < CLOCK_JUMPS)
		jumps->item[jumps->count++] = (struct fl_clock_jump){ before, packet->at, packet->number };
}
