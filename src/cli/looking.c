/* A look costs time in which no packet is taken, and a host may have a million connections: so a look is short, and all
 * of them together take a tenth of a processor. What can turn bad any moment comes first. */
#include "looking.h"

#include "flatline/tcp.h"

static const int64_t longest = 50 * FL_NS_PER_MS;         /* for one look */
static const int64_t shortest_pause = 200 * FL_NS_PER_MS; /* between two */
static const int64_t pauses = 10;                         /* and so many times what the look took */
static const int64_t first_cost = 10 * FL_NS_PER_US;
static const int64_t soonest = FL_NS_PER_S; /* nothing is a failure before it went on for so long */

void looking_init(struct looking *looking, const struct watching *watching)
{
	*looking = (struct looking){ .watching = watching, .cost = first_cost };
}

void looking_begin(struct looking *looking, int64_t now, int64_t ticks, bool is_at_all)
{
	const uint32_t part = 4; /* of the time goes to those that are well */
	uint32_t room = (uint32_t)(longest / looking->cost) + 1;

	looking->now = now;
	looking->is_at_all = is_at_all;
	looking->count = 0;
	looking->urgent = (struct turn){ .from = looking->urgent.from, .room = room, .is_on = true };
	if (looking->well.from == 0 && ticks - looking->cycle_at >= soonest) {
		looking->well.is_on = true;
		looking->cycle_at = ticks;
	}
	looking->well.room = room / part;
}

static int64_t last_of(const struct fl_flow *flow)
{
	return flow->end[0].last_at > flow->end[1].last_at ? flow->end[0].last_at : flow->end[1].last_at;
}

/* One side asked something a while ago and the other has not spoken since, or something was sent that was not ACKed and
 * more than once. */
static bool is_waiting(const struct looking *looking, const struct fl_flow *flow)
{
	uint16_t any = flow->end[0].seen | flow->end[1].seen, both = flow->end[0].seen & flow->end[1].seen;

	if ((any & FL_SEEN_SYN) && !(both & FL_SEEN_SYN))
		return true;
	for (unsigned dir = 0; dir < 2; dir++) {
		const struct fl_talk *talk = &flow->cold->talk[dir];

		if (flow->sick && (talk->waiting > 0 || fl_tcp_outstanding(flow, dir) > 0))
			return true;
		if (talk->waiting > 0 && looking->now - talk->waiting_at >= soonest)
			return true;
	}
	return false;
}

static bool take(struct looking *looking, struct turn *turn, uint32_t id)
{
	if (!turn->is_on || id < turn->from || turn->room == 0)
		return false;
	turn->room--;
	turn->to = id + 1;
	looking->count++;
	return true;
}

bool looking_is_due(struct looking *looking, const struct fl_flow *flow)
{
	uint16_t any = flow->end[0].seen | flow->end[1].seen, both = flow->end[0].seen & flow->end[1].seen;

	if (looking->is_at_all)
		return true;
	if ((any & FL_SEEN_RST) || (both & FL_SEEN_FIN)) {
		bool is_news = last_of(flow) >= looking->looked_at;

		looking->count += is_news;
		return is_news;
	}
	if (watching_knows(looking->watching, flow->id) || is_waiting(looking, flow))
		return take(looking, &looking->urgent, flow->id);
	return take(looking, &looking->well, flow->id);
}

/* Where room was left it came to the end. */
static void step(struct turn *turn)
{
	if (turn->room > 0)
		turn->from = 0;
	else
		turn->from = turn->to;
	turn->is_on = turn->from > 0;
}

void looking_end(struct looking *looking, int64_t ticks, int64_t took)
{
	const int64_t smooth = 8, enough = 100; /* connections, so that one of them has a cost */

	if (looking->count >= enough)
		looking->cost += (took / looking->count - looking->cost) / smooth;
	if (looking->cost < FL_NS_PER_US)
		looking->cost = FL_NS_PER_US;
	step(&looking->urgent);
	if (looking->well.is_on)
		step(&looking->well);
	looking->looked_at = looking->now;
	looking->next = ticks + (took * pauses > shortest_pause ? took * pauses : shortest_pause);
}
