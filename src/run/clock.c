/* Captures carry wall time, which somebody may set; the timestamps of RFC 7323 are a second clock that nobody sets. A
 * jump that these deny is none of the network's: nobody waited through it. */
#include "clock.h"

#include "flatline/time.h"

/* The slowest clock that a timestamp is believed to have (RFC 7323 section 5.4 has 1 ms to 1 s; real ones are 1 or 10
 * ms): only a jump that even this one denies counts. */
static const int64_t slowest_tick = 100 * FL_NS_PER_MS;

static const int64_t worth_it = 2 * FL_NS_PER_S; /* a jump by less is not told */

/* True when the timestamps say that much less time than the wall clock's has passed since the end's last packet. */
static bool denies(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	int64_t ticks = (int32_t)(packet->options.ts_value - flow->cold->ts_value[dir]);
	int64_t passed = packet->at - flow->end[dir].last_at;

	return ticks >= 0 && passed > (ticks + 2) * slowest_tick + worth_it;
}

static void confirm(struct clock_jumps *jumps)
{
	jumps->total++;
	if (jumps->count < CLOCK_JUMPS)
		jumps->item[jumps->count++] = jumps->suspect;
	jumps->suspect.frame = 0;
}

/* A path that held packets back for a while looks the same at its one end: only when the other end's clock stood still,
 * too, it was the capture's that jumped. */
static void ask_another(struct clock_jumps *jumps, const struct fl_flow *flow, const struct fl_packet *packet,
                        unsigned dir)
{
	if (flow->end[dir].last_at > jumps->suspect.from || !fl_address_equal(&packet->source, &jumps->other_end))
		return;
	if (denies(flow, packet, dir))
		confirm(jumps);
	else
		jumps->suspect.frame = 0;
}

void clock_take(struct clock_jumps *jumps, const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir,
                int64_t before)
{
	bool is_jump = before != FL_TIME_NONE && packet->at - before >= worth_it;

	if ((!is_jump && jumps->suspect.frame == 0) || flow->end[dir].packets == 0 ||
	    !(flow->end[dir].seen & FL_SEEN_TIMESTAMP) || !(packet->options.present & FL_OPT_TIMESTAMP))
		return;
	if (jumps->suspect.frame != 0)
		ask_another(jumps, flow, packet, dir);
	if (!is_jump || !denies(flow, packet, dir))
		return;
	jumps->suspect = (struct fl_clock_jump){ before, packet->at, packet->number };
	jumps->other_end = packet->target;
}
