/* Turn-taking without a profile: a message is what one side sends until it pushes (PSH ends what the application wrote,
 * RFC 9293 section 3.9.1), pauses, or the other side speaks; it waits until the other side speaks. Whether an answer is
 * owed is not known here. */
#include <stdlib.h>

#include "beats.h"
#include "flatline/message.h"

/* A pause that ends a message even without PSH. */
static const int64_t longest_pause = FL_NS_PER_S;

enum { length_slack = 2 };

static struct learner *learner_of(const struct fl_flow *flow, unsigned dir)
{
	return flow->sick ? flow->sick->beats[dir] : NULL;
}

const struct fl_beats *fl_message_beats(const struct fl_flow *flow, unsigned dir)
{
	const struct learner *learner = learner_of(flow, dir);

	return learner ? &learner->now : NULL;
}

static uint16_t open_mark(unsigned dir)
{
	return (uint16_t)(dir ? FL_MARK_OPEN_1 : FL_MARK_OPEN_0);
}

/* Microseconds, at least 1. */
static uint32_t capped_us(int64_t ns)
{
	int64_t us = ns / FL_NS_PER_US;

	return us < 1 ? 1 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static uint16_t capped_16(uint32_t number)
{
	return number < UINT16_MAX ? (uint16_t)number : UINT16_MAX;
}

static bool is_same_size(uint32_t a, uint32_t b)
{
	return (a > b ? a - b : b - a) <= length_slack;
}

/* A ping and its pong: asked at the pace of the one before, answered soon, and with the same. Anything may follow a
 * message by chance; what follows each of several in this way is its answer. */
static void remember_answered(struct fl_talk *asker, uint32_t waited_us, uint32_t answer_length)
{
	uint32_t gap = asker->gap_us, was = asker->answered_gap_us;
	bool is_soon = waited_us <= gap / 2, is_at_pace = (gap > was ? gap - was : was - gap) <= was / 4;

	if (!is_soon || !is_at_pace || !is_same_size(asker->last_length, asker->answered_length) ||
	    !is_same_size(answer_length, asker->answer_length))
		asker->answered_run = 0;
	asker->answered_length = capped_16(asker->last_length);
	asker->answer_length = capped_16(answer_length);
	asker->answered_gap_us = gap;
	if (asker->answered_run < UINT16_MAX)
		asker->answered_run++;
}

/* It took longer than a second, and much longer than those before it. */
static bool is_late(const struct fl_talk *asker, uint32_t waited_us)
{
	const uint32_t few = 2, times = 4, a_second_us = 1000000;

	return asker->waiting == 1 && asker->messages > few && waited_us >= a_second_us &&
	       waited_us / times >= asker->longest_answer_us;
}

/* end[!dir] spoke, or was heard to have spoken: what end[dir] asked is answered. Returns what that answer is: REPLY
 * when it had been missing beats, LATE. */
static uint32_t answer(struct fl_flow *flow, unsigned asker_dir, int64_t at, uint32_t answer_length)
{
	struct fl_talk *asker = &flow->cold->talk[asker_dir];
	struct learner *learner = learner_of(flow, asker_dir);
	uint32_t waited_us = capped_us(at - asker->waiting_at);
	uint32_t kinds = FL_MSG_ANSWER;

	if (asker->waiting > 1 && learner)
		kinds |= FL_MSG_REPLY;
	if (is_late(asker, waited_us))
		kinds |= FL_MSG_LATE;
	if (waited_us > asker->longest_answer_us)
		asker->longest_answer_us = waited_us;
	if (asker->waiting == 1)
		remember_answered(asker, waited_us, answer_length);
	else
		asker->answered_run = 0;
	asker->waiting = 0;
	if (learner)
		beats_reset(&learner->now);
	return kinds;
}

static void note_gap(struct fl_talk *talk, int64_t ns)
{
	int64_t ms = ns / FL_NS_PER_MS;

	if (ms > talk->longest_gap_ms)
		talk->longest_gap_ms = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static void begin_message(struct fl_talk *talk, const struct fl_segment *segment)
{
	int64_t previous_at = talk->last_at;

	if (talk->messages++ == 0) {
		talk->first_at = previous_at = segment->at;
		talk->first_frame = segment->frame;
		talk->first_file = (uint16_t)segment->file;
		talk->first_length = 0;
	}
	note_gap(talk, segment->at - previous_at);
	if (talk->waiting++ == 0) {
		talk->waiting_at = segment->at;
		talk->waiting_frame = segment->frame;
		talk->waiting_file = (uint16_t)segment->file;
		talk->gap_us = capped_us(segment->at - previous_at);
	}
	talk->last_at = segment->at;
	talk->last_length = 0;
}

/* How long the side's first message waited for its ACK: the proof that the other kernel was there. */
static void note_first_ack(struct fl_talk *talk, const struct fl_segment *segment)
{
	if (talk->first_acked_us == 0 && talk->messages > 0)
		talk->first_acked_us = capped_us(segment->at - talk->first_at);
}

/* How long what one side sends in several writes belongs together: header and body, and with Nagle's algorithm the body
 * only when the header was ACKed (RFC 1122 section 4.2.3.4). */
static int64_t longest_write(const struct fl_flow *flow)
{
	uint32_t rtt_us = flow->cold->rtt_us != UINT32_MAX ? flow->cold->rtt_us : 0;

	return BEATS_SHORTEST_PERIOD + rtt_us * FL_NS_PER_US;
}

/* Feeds the learner once a side has spoken twice without an answer, at a pace that is no transfer. What joins the last
 * message replaces it. `asked_length`: of the message that waits before this one. */
static uint32_t learn(struct fl_flows *flows, struct fl_flow *flow, const struct fl_message *message, bool is_joining,
                      int64_t previous_at, uint32_t asked_length)
{
	struct learner *learner = learner_of(flow, message->dir);

	if (!learner && (is_joining || message->at - previous_at < BEATS_SHORTEST_PERIOD))
		return 0;
	if (!learner) {
		learner = fl_flows_sick_bytes(flows, flow, sizeof(*learner));
		if (!learner)
			return 0;
		flow->sick->beats[message->dir] = learner;
	}
	if (is_joining)
		learner->now = learner->before;
	else if (flow->cold->talk[message->dir].waiting == 2)
		learner->now.asked_length = asked_length;
	learner->before = learner->now;
	return beats_feed(&learner->now, message) ? FL_MSG_BEAT : 0;
}

/* The answer itself was not captured, but it was ACKed: nobody waits for it any more. */
static bool hear_unseen(struct fl_flow *flow, const struct fl_segment *segment, struct fl_message *ret_message)
{
	if (!(segment->classes & FL_SEG_ACKS_UNSEEN) || flow->cold->talk[segment->dir].waiting == 0)
		return false;
	*ret_message = (struct fl_message){ .at = segment->at,
		                            .frame = segment->frame,
		                            .file = segment->file,
		                            .waited = segment->at - flow->cold->talk[segment->dir].waiting_at,
		                            .dir = !segment->dir };
	ret_message->kinds = answer(flow, segment->dir, segment->at, flow->cold->talk[segment->dir].answer_length);
	return true;
}

bool fl_message_feed(struct fl_flows *flows, struct fl_flow *flow, const struct fl_segment *segment,
                     struct fl_message *ret_message)
{
	if (segment->classes & FL_SEG_ACKS)
		note_first_ack(&flow->cold->talk[!segment->dir], segment);

	bool is_unseen = hear_unseen(flow, segment, ret_message);

	if (!(segment->classes & FL_SEG_DATA))
		return is_unseen;

	unsigned dir = segment->dir;
	struct fl_talk *talk = &flow->cold->talk[dir], *other = &flow->cold->talk[!dir];
	bool is_open = flow->marks & open_mark(dir);

	/* A late piece of what was counted already. */
	if ((segment->classes & FL_SEG_OUT_OF_ORDER) && other->waiting == 0 && talk->messages > 0)
		return is_unseen;

	int64_t previous_at = talk->last_at;
	uint32_t asked_length = talk->last_length;
	int64_t waited = segment->at - other->waiting_at;
	uint32_t kinds = 0;

	if (other->waiting > 0) {
		is_open = false;
		kinds = answer(flow, !dir, segment->at, segment->fresh);
	}

	bool is_joining = (is_open && segment->at - previous_at <= longest_pause) ||
	                  (talk->waiting > 0 && segment->at - previous_at < longest_write(flow));

	if (!is_joining)
		begin_message(talk, segment);
	talk->last_length += segment->fresh;
	if (talk->messages == 1)
		talk->first_length = talk->last_length;

	if (segment->classes & FL_SEG_PUSH)
		flow->marks &= (uint16_t)~open_mark(dir);
	else
		flow->marks |= open_mark(dir);
	/* Of an answer heard and a message the answer matters: what answers nothing and waits alone is no beat. */
	if (is_unseen && !(kinds & FL_MSG_REPLY))
		return true;
	if (!(segment->classes & FL_SEG_PUSH) && !(kinds & (FL_MSG_REPLY | FL_MSG_LATE)))
		return false;

	*ret_message = (struct fl_message){ .at = talk->last_at,
		                            .end = segment->end,
		                            .frame = segment->frame,
		                            .file = segment->file,
		                            .length = talk->last_length,
		                            .waited = kinds & FL_MSG_ANSWER ? waited : 0,
		                            .dir = (uint8_t)dir };
	if (talk->messages == 1)
		kinds |= FL_MSG_FIRST;
	if (talk->waiting > 1)
		kinds |= FL_MSG_WAITING | learn(flows, flow, ret_message, is_joining, previous_at, asked_length);
	ret_message->kinds = kinds;
	return true;
}
