/* A client that sends heartbeats although its login was not answered checks the connection and not the session: the
 * beats keep the connection looking alive for everyone who watches it. A fault of its own, beside the one it hides. */
#include "flatline/detect.h"

static const char first_beat[] = "first heartbeat of the {side}, {beat_length}, while its login waits for an answer";

enum { enough_beats = 3, same_size = 2 };

/* The side that connected said something else first, and beats since without having had a word back. */
static bool beats_before_answer(const struct fl_flow *flow, unsigned asker)
{
	const struct fl_talk *talk = &flow->cold->talk[asker];
	const struct fl_beats *beats = fl_message_beats(flow, asker);
	bool connected = (flow->end[asker].seen & (FL_SEEN_SYN | FL_SEEN_SYN_ACK)) == FL_SEEN_SYN;

	if (!beats || !connected || talk->waiting != talk->messages || (flow->end[!asker].seen & FL_SEEN_HOLE))
		return false;

	uint32_t longer = talk->first_length > beats->length ? talk->first_length - beats->length
	                                                     : beats->length - talk->first_length;

	return longer > same_size && beats->count >= enough_beats;
}

static void state(struct fl_watch *watch, unsigned asker)
{
	const struct fl_beats *beats = fl_message_beats(watch->flow, asker);
	struct fl_finding *finding = fl_watch_finding(watch, asker);

	if (!finding)
		return;
	finding->onset = beats->first_at;
	finding->onset_frame = beats->first_frame;
	finding->until = beats->last_at;
	fl_finding_set(finding, "beats", FL_UNIT_COUNT, beats->count);
	fl_finding_set(finding, "beat_length", FL_UNIT_BYTES, beats->length);
	fl_finding_set(finding, "first", FL_UNIT_FRAME, beats->first_frame);
	fl_finding_show(finding, first_beat, asker, beats->first_file, beats->first_frame, beats->first_at);
}

static void on_message(struct fl_watch *watch, const struct fl_message *message)
{
	if (message->kinds & FL_MSG_REPLY) {
		struct fl_finding *open = fl_watch_open(watch, !message->dir);

		if (open)
			open->recovered = message->at;
	}
	if ((message->kinds & FL_MSG_BEAT) && beats_before_answer(watch->flow, message->dir) &&
	    fl_beats_steady(fl_message_beats(watch->flow, message->dir), enough_beats))
		state(watch, message->dir);
}

/* What looked like beats for a while went on as a stream: then there was no login either. */
static void on_end(struct fl_watch *watch)
{
	for (unsigned asker = 0; asker < 2; asker++) {
		struct fl_finding *open = fl_watch_open(watch, asker);

		const struct fl_talk *talk = &watch->flow->cold->talk[asker];

		if (open && talk->waiting == talk->messages && !fl_beats_goes_on(fl_message_beats(watch->flow, asker)))
			fl_watch_withdraw(watch, open);
	}
}

const struct fl_detector fl_detector_heartbeat_before_auth = {
	.id = "heartbeat-before-auth",
	.title = "heartbeats are sent although the login has no answer",
	.explain = "The connecting side sent a first message that looks like a login, got no answer, and went on with "
		   "heartbeats. They prove that the connection lives, and hide that the session never began. It is a "
		   "finding beside auth-unanswered, never a verdict of its own.",
	.lookalikes = "A protocol whose login needs no answer, or telemetry that says hello first.",
	.advice = "In the client: start the heartbeat timer when the login was accepted, not when the connection was "
		  "made.",
	.reference = "none: it is a matter of the application's protocol",
	.summary = "The {side} sends heartbeats from frame {first} on although its login was not answered.",
	.hears = FL_MSG_BEAT | FL_MSG_REPLY,
	.on_message = on_message,
	.on_end = on_end,
	.is_of_sick = true,
};
