/* Turn-taking without a profile: a message is what one side sends until it pushes (PSH ends what the application wrote,
 * RFC 9293 section 3.9.1), pauses, or the other side speaks; it waits until the other side speaks. Whether an answer is
 * owed is not known here. */
#include <stdlib.h>

#include "beats.h"
#include "flatline/message.h"

/* A pause that ends a message even without PSH. */
static const int64_t longest_pause = FL_NS_PER_S;

enum { length_slack = 2 };

static struct fl_beats *beats_of(const struct fl_flow *flow, unsigned dir)
{
	return flow->sick ? flow->sick->beats[dir] : NULL;
}

const struct fl_beats *fl_message_beats(const struct fl_flow *flow, unsigned dir)
{
	return beats_of(flow, dir);
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

static void remember_answered(struct fl_talk *asker)
{
	uint32_t length = asker->last_length < UINT16_MAX ? asker->last_length : UINT16_MAX;
	uint32_t off = length > asker->answered_length ? length - asker->answered_length
	                                               : asker->answered_length - length;

	if (asker->answered_run == 0 || off > length_slack)
		asker->answered_run = 0;
	asker->answered_length = (uint16_t)length;
	if (asker->answered_run < UINT16_MAX)
		asker->answered_run++;
}

/* end[!dir] spoke, or was heard to have spoken: what end[dir] asked is answered. True when it had been missing beats.
 */
static bool answer(struct fl_flow *flow, unsigned asker_dir, int64_t at)
{
	struct fl_talk *asker = &flow->cold->talk[asker_dir];
	struct fl_rung *session = &flow->cold->rung[!asker_dir][FL_RUNG_SESSION];
	struct fl_beats *beats = beats_of(flow, asker_dir);
	uint32_t waited_us = capped_us(at - asker->waiting_at);
	bool was_missed = asker->waiting > 1 && beats;

	if (waited_us > asker->longest_answer_us)
		asker->longest_answer_us = waited_us;
	if (asker->waiting == 1)
		remember_answered(asker);
	asker->waiting = 0;
	session->demands = 0;
	if (beats)
		beats_reset(beats);
	return was_missed;
}

static void begin_message(struct fl_flow *flow, const struct fl_segment *segment)
{
	struct fl_talk *talk = &flow->cold->talk[segment->dir];
	struct fl_rung *asked = &flow->cold->rung[!segment->dir][FL_RUNG_SESSION];

	if (talk->messages++ == 0) {
		talk->first_at = segment->at;
		talk->first_frame = segment->frame;
		talk->first_file = (uint16_t)segment->file;
		talk->first_length = 0;
	}
	if (talk->waiting++ == 0) {
		talk->waiting_at = segment->at;
		talk->waiting_frame = segment->frame;
		talk->waiting_file = (uint16_t)segment->file;
		asked->asked_at = segment->at;
		asked->asked_frame = segment->frame;
	}
	asked->demands = talk->waiting;
	talk->last_at = segment->at;
	talk->last_length = 0;
}

/* How long the side's first message waited for its ACK: the proof that the other kernel was there. */
static void note_first_ack(struct fl_talk *talk, const struct fl_segment *segment)
{
	if (talk->first_acked_us == 0 && talk->messages > 0)
		talk->first_acked_us = capped_us(segment->at - talk->first_at);
}

/* Feeds the learner once a side has spoken twice without an answer, at a pace that is no transfer. */
static uint32_t learn(struct fl_flows *flows, struct fl_flow *flow, const struct fl_message *message,
                      int64_t previous_at, uint32_t asked_length)
{
	struct fl_beats *beats = beats_of(flow, message->dir);

	if (!beats && message->at - previous_at < BEATS_SHORTEST_PERIOD)
		return 0;
	if (!beats) {
		beats = fl_flows_sick_bytes(flows, flow, sizeof(*beats));
		if (!beats)
			return 0;
		flow->sick->beats[message->dir] = beats;
	}
	if (flow->cold->talk[message->dir].waiting == 2)
		beats->asked_length = asked_length;
	return beats_feed(beats, message) ? FL_MSG_BEAT : 0;
}

/* The answer itself was not captured, but it was ACKed: nobody waits for it any more. */
static bool hear_unseen(struct fl_flow *flow, const struct fl_segment *segment, struct fl_message *ret_message)
{
	if (!(segment->classes & FL_SEG_ACKS_UNSEEN) || flow->cold->talk[segment->dir].waiting == 0)
		return false;
	*ret_message = (struct fl_message){ .at = segment->at,
		                            .frame = segment->frame,
		                            .file = segment->file,
		                            .dir = !segment->dir,
		                            .kinds = FL_MSG_ANSWER };
	if (answer(flow, segment->dir, segment->at))
		ret_message->kinds |= FL_MSG_REPLY;
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
	struct fl_rung *session = &flow->cold->rung[dir][FL_RUNG_SESSION];
	int64_t previous_at = talk->last_at;
	uint32_t asked_length = 0;
	uint32_t kinds = 0;

	if (other->waiting > 0) {
		kinds |= FL_MSG_ANSWER;
		flow->marks &= (uint16_t)~open_mark(dir);
		if (answer(flow, !dir, segment->at))
			kinds |= FL_MSG_REPLY;
	}
	session->last_at = segment->at;
	session->last_frame = segment->frame;
	if (!(flow->marks & open_mark(dir)) || segment->at - previous_at > longest_pause) {
		asked_length = talk->last_length;
		begin_message(flow, segment);
	}
	talk->last_length += segment->fresh;
	if (talk->messages == 1)
		talk->first_length = talk->last_length;

	if (segment->classes & FL_SEG_PUSH)
		flow->marks &= (uint16_t)~open_mark(dir);
	else
		flow->marks |= open_mark(dir);
	if (is_unseen && !(kinds & FL_MSG_REPLY))
		return true; /* of the two it is the answer that matters: what answers nothing and waits alone is no
		                beat */
	if (!(segment->classes & FL_SEG_PUSH) && !(kinds & FL_MSG_REPLY))
		return false;

	*ret_message = (struct fl_message){ .at = talk->last_at,
		                            .end = segment->end,
		                            .frame = segment->frame,
		                            .file = segment->file,
		                            .length = talk->last_length,
		                            .dir = (uint8_t)dir };
	if (talk->messages == 1)
		kinds |= FL_MSG_FIRST;
	if (talk->waiting > 1)
		kinds |= FL_MSG_WAITING | learn(flows, flow, ret_message, previous_at, asked_length);
	ret_message->kinds = kinds;
	return true;
}
