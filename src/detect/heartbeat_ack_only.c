/* Messages of one size at a steady period are ACKed by the other side's kernel and get no answer from its application.
 * It is how a process that hung in mid-session looks: the kernel ACKs for it as long as there is room in its receive
 * buffer (RFC 9293 section 3.8.6), which for small heartbeats is hours. Whether answers are owed at all is the judge's
 * question; here stands only what was answered before and what is not any more. */
#include "flatline/detect.h"

static const char last_answer[] = "{side} answers for the last time";
static const char first_missed[] = "first message without an answer, {beat_length}; one every {period}";
static const char last_missed[] = "last one: {missed} sent, {missed_acked} ACKed, 0 answered";

enum { same_size = 2 };

static bool is_beats_size(const struct fl_beats *beats, uint32_t length)
{
	return (length > beats->length ? length - beats->length : beats->length - length) <= same_size;
}

/* True when messages of the beats' size and pace were answered one by one, before. */
static bool were_answered(const struct fl_talk *talk, const struct fl_beats *beats)
{
	int64_t period = fl_beats_period(beats), off = talk->answered_gap_us * FL_NS_PER_US - period;

	return talk->answered_run > 0 && (off < 0 ? -off : off) <= period / 4 &&
	       is_beats_size(beats, talk->answered_length);
}

/* Pings of a known protocol, each owed its answer, that have had none. */
static uint32_t pings(const struct fl_flow *flow, unsigned asker)
{
	const struct fl_session *session = fl_session_of(flow);

	return session ? session->by[asker].pings : 0;
}

/* Its protocol says that nobody answers them. */
static bool are_one_way(const struct fl_flow *flow, unsigned asker)
{
	const struct fl_session *session = fl_session_of(flow);

	return session && session->by[asker].last.said == FL_SAID_BEAT;
}

/* The last beat's answer may still be on its way: it is missing once it is overdue, or the next beat is. */
static bool last_had_its_time(const struct fl_watch *watch, const struct fl_talk *talk, const struct fl_beats *beats)
{
	int64_t owed = 4 * (int64_t)talk->longest_answer_us * FL_NS_PER_US, period = fl_beats_period(beats);

	if (owed < watch->settings->value[FL_SET_ANSWER_OWED])
		owed = watch->settings->value[FL_SET_ANSWER_OWED];
	return watch->now - beats->last_at >= (owed < period ? owed : period);
}

static void state(struct fl_watch *watch, unsigned asker)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_talk *talk = &flow->cold->talk[asker];
	const struct fl_beats *beats = fl_message_beats(flow, asker);
	const struct fl_rung *spoke = &flow->cold->rung[!asker][FL_RUNG_APPLICATION];
	bool answered = were_answered(talk, beats);
	struct fl_finding *finding = fl_watch_finding(watch, !asker);

	if (!finding)
		return;
	/* The first that waits is the login where that was never answered: it is not a beat then. */
	bool first_is_alike = (answered && is_beats_size(beats, beats->asked_length)) ||
	                      pings(flow, asker) == talk->waiting;
	bool first_waiting_is_beat = talk->waiting == beats->count + beats->odd + 1 && first_is_alike;
	uint32_t missed = beats->count + first_waiting_is_beat;

	finding->onset = first_waiting_is_beat ? talk->waiting_at : beats->first_at;
	finding->onset_frame = first_waiting_is_beat ? talk->waiting_frame : beats->first_frame;
	finding->until = beats->last_at;
	fl_finding_set(finding, "missed", FL_UNIT_COUNT, missed);
	fl_finding_set(finding, "missing", FL_UNIT_COUNT, last_had_its_time(watch, talk, beats) ? missed : missed - 1);
	fl_finding_set(finding, "missed_acked", FL_UNIT_COUNT,
	               fl_beats_acked(beats, flow->end[asker].una) + first_waiting_is_beat);
	fl_finding_set(finding, "missed_for", FL_UNIT_DURATION, watch->now - finding->onset);
	fl_finding_set(finding, "beat_length", FL_UNIT_BYTES, beats->length);
	fl_finding_set(finding, "period", FL_UNIT_DURATION, fl_beats_period(beats));
	fl_finding_set(finding, "first", FL_UNIT_FRAME, finding->onset_frame);
	if (pings(flow, asker) > 0)
		fl_finding_set(finding, "pings", FL_UNIT_COUNT, pings(flow, asker));
	if (answered) {
		fl_finding_set(finding, "answered_before", FL_UNIT_COUNT, talk->answered_run);
		fl_finding_show(finding, last_answer, !asker, beats->first_file, spoke->last_frame, spoke->last_at);
	}
	fl_finding_show(finding, first_missed, asker, first_waiting_is_beat ? talk->waiting_file : beats->first_file,
	                finding->onset_frame, finding->onset);
	fl_finding_show(finding, last_missed, asker, beats->last_file, beats->last_frame, beats->last_at);
}

static bool misses_enough(const struct fl_watch *watch, unsigned asker)
{
	const struct fl_beats *beats = fl_message_beats(watch->flow, asker);
	uint32_t least = (uint32_t)watch->settings->value[FL_SET_BEATS_MISSED];

	/* One beat of the missing ones may be the first that waits, which the learner does not see. */
	return beats && !are_one_way(watch->flow, asker) && fl_beats_steady(beats, least - 1) &&
	       watch->flow->cold->talk[asker].waiting >= least;
}

static void on_message(struct fl_watch *watch, const struct fl_message *message)
{
	if (message->kinds & FL_MSG_BEAT) {
		if (misses_enough(watch, message->dir))
			state(watch, message->dir);
	} else if (message->kinds & FL_MSG_REPLY) {
		struct fl_finding *finding = fl_watch_open(watch, message->dir);

		/* What comes after the asker has closed is no recovery: nobody reads it. */
		if (finding && !(watch->flow->end[!message->dir].seen & (FL_SEEN_FIN | FL_SEEN_RST)))
			finding->recovered = message->at;
	}
}

/* The last beat may have been ACKed since, and time went by. */
static void on_end(struct fl_watch *watch)
{
	for (unsigned asker = 0; asker < 2; asker++) {
		struct fl_finding *finding = fl_watch_open(watch, !asker);

		const struct fl_rung *spoke = &watch->flow->cold->rung[!asker][FL_RUNG_APPLICATION];

		if (!finding)
			continue;
		/* One that closed and did not refuse the answer has half-closed, and reads on. */
		if (watch->flow->cold->talk[asker].waiting == 0 && !(watch->flow->end[asker].seen & FL_SEEN_RST))
			finding->recovered = spoke->last_at;
		else if (misses_enough(watch, asker))
			state(watch, asker);
	}
}

static const enum fl_setting_id params[] = { FL_SET_BEATS_MISSED, FL_SET_BEATS_MISSED_FOR, FL_SET_ANSWER_OWED,
	                                     FL_SET_REPLIES };

const struct fl_detector fl_detector_heartbeat_ack_only = {
	.id = "heartbeat-ack-only",
	.title = "heartbeats are ACKed by the kernel and no longer answered by the application",
	.explain = "One side sends messages of one size at a steady period. The other side's kernel ACKs each of them, "
		   "but its application sends nothing back, although answers are owed: the protocol says so, earlier "
		   "messages of that kind were answered on this connection, or other connections of the same service "
		   "get their answers. The "
		   "host and the path are well; the process hangs, is stopped, or lost the session.\nSize and period "
		   "are learned from the messages themselves: gaps within a quarter of their median, lengths within "
		   "two bytes. Three missing answers in a row and three seconds make it a failure.",
	.lookalikes = "Heartbeats that nobody answers by design: in FIX, SoupBinTCP, AMQP, STOMP and BGP each side "
		      "beats for itself, so any message of the other side counts as life. Telemetry is one-way "
		      "altogether. Answers to TCP keepalives say nothing of an application.",
	.advice = "Look at the process behind the silent side at the onset: stopped, dead-locked, in a long "
		  "garbage collection, waiting for a disk or a database? In the asker: count unanswered heartbeats, "
		  "and close "
		  "and reconnect after two or three.",
	.reference = "RFC 9293 section 3.8.6 (the receive window, which is all that a hung process changes)",
	.summary = "The {side}'s application {answered_before|stopped answering|does not answer}: {missed} "
		   "{missed?heartbeat:heartbeats} from frame "
		   "{first} on, one every {period}, were ACKed by its kernel and not answered[, after "
		   "{answered_before} in a row that were].",
	.why_unnoticed = "every byte is ACKed, so no kernel timer (retransmission, keepalive, TCP_USER_TIMEOUT) can "
			 "fire; and the {other} does not count the answers to its heartbeats.",
	.would_catch = "counting answers in the {other}: two or three periods of {period} without one are enough to "
		       "close and reconnect.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.hears = FL_MSG_BEAT | FL_MSG_REPLY,
	.on_message = on_message,
	.on_end = on_end,
	.is_of_sick = true,
};
