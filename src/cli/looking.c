/* A look costs time in which no packet is taken, and a host may have a million connections: so a look is short, and all
 * of them together take a tenth of a processor. What can turn bad any moment comes first. */
#include "looking.h"

#include "flatline/tcp.h"

static const int64_t longest = 50 * FL_NS_PER_MS;         /* for those of one look, beside what it costs anyway */
static const int64_t shortest_pause = 200 * FL_NS_PER_MS; /* between two */
static const int64_t pauses = 10;                         /* and so many times what the look took, */
static const int64_t longest_pause = 5 * FL_NS_PER_S;     /* but not longer */
static const int64_t first_cost = 10 * FL_NS_PER_US;
static const int64_t soonest = FL_NS_PER_S; /* nothing is a failure before it went on for so long */

void looking_init(struct looking *looking, enum fl_severity least)
{
	const struct turn at_the_beginning = { .from = FL_TIME_NONE, .id = FL_FLOW_UNSEEN, .to = FL_TIME_NONE };

	*looking = (struct looking){ .least = least,
		                     .cost = first_cost,
		                     .ended = at_the_beginning,
		                     .urgent = at_the_beginning,
		                     .well = at_the_beginning,
		                     .asked = at_the_beginning };
}

void looking_ask(struct looking *looking)
{
	looking->asked.from = looking->asked.to = FL_TIME_NONE;
	looking->asked.id = looking->asked.to_id = FL_FLOW_UNSEEN;
	looking->asked.is_on = true;
}

static bool is_at_beginning(const struct turn *turn)
{
	return turn->from == FL_TIME_NONE;
}

void looking_begin(struct looking *looking, int64_t now, int64_t ticks, bool is_at_all)
{
	const uint32_t least = 256, part = 4; /* of the time goes to those that are well */
	uint32_t room = (uint32_t)(longest / looking->cost) + least;

	looking->now = now;
	looking->is_at_all = is_at_all;
	looking->judged_at = looking->spent = 0;
	looking->judged = looking->n_asked = 0;
	looking->ended.is_on = looking->urgent.is_on = true;
	looking->ended.room = looking->urgent.room = room;
	if (is_at_beginning(&looking->well)) {
		looking->well.is_on = ticks - looking->cycle_at >= soonest;
		if (looking->well.is_on)
			looking->cycle_at = ticks;
	}
	looking->well.room = room / part;
	looking->asked.room = LOOKING_ASKED;
}

void looking_hold(struct looking *looking)
{
	looking->asked.room = 0;
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

/* Ids alone would not do: behind 2^31 of them they begin anew. */
static bool take(struct turn *turn, const struct fl_flow *flow)
{
	int64_t began = flow->cold->first_at;
	bool was_there = began < turn->from ||
	                 (began == turn->from && turn->id != FL_FLOW_UNSEEN && flow->id <= turn->id);

	if (!turn->is_on || turn->room == 0 || was_there)
		return false;
	turn->room--;
	turn->to = began;
	turn->to_id = flow->id;
	return true;
}

static bool take_asked(struct looking *looking, const struct fl_flow *flow)
{
	if (!take(&looking->asked, flow))
		return false;
	looking->asked_ids[looking->n_asked++] = flow->id;
	return true;
}

bool looking_take(struct looking *looking, const struct fl_flow *flow)
{
	bool is_asked;

	if (looking->is_at_all)
		return true;
	if (fl_tcp_is_over(flow))
		return !(flow->marks & FL_MARK_LOOKED) && take(&looking->ended, flow);
	is_asked = take_asked(looking, flow);
	if (fl_flow_severity(flow) >= (unsigned)looking->least || is_waiting(looking, flow))
		return take(&looking->urgent, flow) || is_asked;
	return take(&looking->well, flow) || is_asked;
}

bool looking_was_asked(const struct looking *looking, uint32_t id)
{
	for (uint32_t i = 0; i < looking->n_asked; i++) {
		if (looking->asked_ids[i] == id)
			return true;
	}
	return false;
}

void looking_judged(struct looking *looking, int64_t at)
{
	const int64_t most = FL_NS_PER_MS; /* what is more was for something that all of them share */
	int64_t passed = at - looking->judged_at;

	if (looking->judged_at != 0) {
		looking->spent += passed < most ? passed : most;
		looking->judged++;
	}
	looking->judged_at = at;
}

/* Where room was left it came to the end. */
static void step(struct turn *turn)
{
	if (!turn->is_on)
		return;
	turn->is_on = turn->room == 0;
	turn->from = turn->is_on ? turn->to : FL_TIME_NONE;
	turn->id = turn->is_on ? turn->to_id : FL_FLOW_UNSEEN;
}

void looking_end(struct looking *looking, int64_t ticks, int64_t took)
{
	const int64_t smooth = 100; /* connections: the more there were, the more this look tells */
	int64_t pause = took * pauses;

	if (looking->judged > 0)
		looking->cost += (looking->spent / looking->judged - looking->cost) * looking->judged /
		                 (looking->judged + smooth);
	if (looking->cost < FL_NS_PER_US)
		looking->cost = FL_NS_PER_US;
	step(&looking->ended);
	step(&looking->urgent);
	step(&looking->well);
	step(&looking->asked);
	pause = pause < shortest_pause ? shortest_pause : pause;
	looking->next = ticks + (pause < longest_pause ? pause : longest_pause);
}
