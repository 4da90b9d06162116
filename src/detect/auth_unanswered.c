/* A client logs in, the server's kernel ACKs the login, and no answer ever comes: the process behind the socket hangs,
 * or never accepted it. TCP is content, so no timer of any kernel will ever end this (RFC 9293 section 3.8.3 only
 * watches unacknowledged data). In a protocol that is known the login is known; else the first message of the
 * connecting side stands for it. */
#include "flatline/detect.h"

static const char login_sent[] = "{login|login|first request} sent, {request_length}; ACKed[ after {acked_after}], "
				 "{late|answered late|never answered}";
static const char first_beat[] =
	"first heartbeat, {beat_length} every {period}: sent although the login was not answered{late| yet|}";
static const char last_beat[] = "last heartbeat: {beats} sent, {beats_acked} ACKed, 0 answered";
static const char gave_up[] = "{other} closes the connection after waiting {waited}";
static const char reset[] = "{other} resets the connection after waiting {waited}";

static const char connected[] = "{other} connects; the connection is made {made_after} later";
static const char left_ungreeted[] = "{other} closes, without having heard or said a word";
static const char ungreeted[] = "The {side}'s application never greeted: in this protocol it speaks first, and it has "
				"said nothing for {waited} "
				"after the connection was made. Its kernel is alive: it made the connection.";

enum { enough_beats = 3, same_size = 2 };

/* A login by its protocol that waits, whatever was said before it (a greeting, a first step of it). */
static const struct fl_said_at *login_of(const struct fl_flow *flow, unsigned asker)
{
	const struct fl_said_at *owed = fl_session_owed(flow, asker);

	return owed && owed->said == FL_SAID_LOGIN && fl_tcp_acked(flow, asker, owed->end) ? owed : NULL;
}

/* The side that logs in, or that connected: then a login is its first message. False when it is not known. */
static bool asking_side(const struct fl_flow *flow, unsigned *ret_dir)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		if (login_of(flow, dir)) {
			*ret_dir = dir;
			return true;
		}
	}
	for (unsigned dir = 0; dir < 2; dir++) {
		if ((flow->end[dir].seen & FL_SEEN_SYN) && !(flow->end[dir].seen & FL_SEEN_SYN_ACK)) {
			*ret_dir = dir;
			return true;
		}
	}
	return false;
}

/* Since when the other side's kernel has left unanswered what was sent to it; FL_TIME_NONE while it answers. */
static int64_t kernel_silent_since(const struct fl_watch *watch, unsigned asker)
{
	const int64_t patience = FL_NS_PER_S; /* the last packet of a capture is seldom ACKed in it */
	const struct fl_rung *stack = &watch->flow->cold->rung[!asker][FL_RUNG_STACK];

	return stack->demands > 0 && watch->now - stack->asked_at >= patience ? stack->asked_at : FL_TIME_NONE;
}

static int64_t asked_at(const struct fl_flow *flow, unsigned asker)
{
	const struct fl_said_at *login = login_of(flow, asker);

	return login ? login->at : flow->cold->talk[asker].first_at;
}

static int64_t patience(const struct fl_watch *watch, unsigned asker)
{
	int64_t owed = watch->settings->value[FL_SET_ANSWER_OWED];

	return login_of(watch->flow, asker) ? fl_session_patience(watch->flow, asker, false, owed) : owed;
}

/* It asked, was ACKed, and never got a word, as far as the capture shows all of the other side. */
static bool waits_for_first_answer(const struct fl_watch *watch, unsigned asker)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_talk *talk = &flow->cold->talk[asker];
	int64_t silent_since = kernel_silent_since(watch, asker), since = asked_at(flow, asker);

	/* A kernel, or a path, that died before the answer was overdue explains by itself that none came. */
	if (silent_since != FL_TIME_NONE && silent_since < since + patience(watch, asker))
		return false;
	if (login_of(flow, asker))
		return true;

	uint64_t own_fin = flow->end[asker].seen & FL_SEEN_FIN ? 1 : 0;

	/* A request ACKed in part has met a kernel or a path that died, not an application that hangs. */
	if (talk->messages == 1 && fl_tcp_outstanding(flow, asker) > own_fin)
		return false;
	return talk->messages > 0 && talk->waiting == talk->messages && talk->first_acked_us > 0 &&
	       !(flow->end[!asker].seen & FL_SEEN_HOLE);
}

/* A first message distinct from the rest, and the rest a beat: the shape of a login and heartbeats. */
static bool has_login_shape(const struct fl_flow *flow, unsigned asker)
{
	const struct fl_beats *beats = fl_message_beats(flow, asker);
	uint32_t first = flow->cold->talk[asker].first_length;

	if (!beats || !fl_beats_steady(beats, enough_beats))
		return false;
	return first > beats->length ? first - beats->length > same_size : beats->length - first > same_size;
}

static void state_beats(struct fl_finding *finding, const struct fl_flow *flow, unsigned asker)
{
	const struct fl_beats *beats = fl_message_beats(flow, asker);

	uint32_t acked = fl_beats_acked(beats, flow->end[asker].una);

	fl_finding_set(finding, "beats", FL_UNIT_COUNT, beats->count);
	fl_finding_set(finding, "beats_acked", FL_UNIT_COUNT, acked);
	fl_finding_drop(finding, "all_acked");
	fl_finding_drop(finding, "some_of");
	fl_finding_set(finding, acked == beats->count ? "all_acked" : "some_of", FL_UNIT_COUNT, beats->count);
	fl_finding_set(finding, "beat_length", FL_UNIT_BYTES, beats->length);
	fl_finding_set(finding, "period", FL_UNIT_DURATION, fl_beats_period(beats));
	fl_finding_show(finding, first_beat, asker, beats->first_file, beats->first_frame, beats->first_at);
	fl_finding_show(finding, last_beat, asker, beats->last_file, beats->last_frame, beats->last_at);
}

/* The request that waits: the login of a known protocol, or the first message of all. */
static void state_request(const struct fl_watch *watch, unsigned asker, struct fl_finding *finding)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_talk *talk = &flow->cold->talk[asker];
	const struct fl_said_at *login = login_of(flow, asker);
	bool is_first = !login || login->frame == talk->first_frame;
	uint32_t frame = login ? login->frame : talk->first_frame, file = login ? login->file : talk->first_file;

	finding->onset = asked_at(flow, asker);
	finding->onset_frame = frame;
	fl_finding_set(finding, "request", FL_UNIT_FRAME, frame);
	fl_finding_set(finding, "request_length", FL_UNIT_BYTES, is_first ? talk->first_length : login->length);
	if (is_first)
		fl_finding_set(finding, "acked_after", FL_UNIT_DURATION, talk->first_acked_us * FL_NS_PER_US);
	if (login)
		fl_finding_set(finding, "by_protocol", FL_UNIT_COUNT, 1);
	if (login)
		fl_finding_set(finding, "patience", FL_UNIT_DURATION, patience(watch, asker));
	if (login || has_login_shape(flow, asker))
		fl_finding_set(finding, "login", FL_UNIT_COUNT, 1);
	fl_finding_show(finding, login_sent, asker, file, frame, finding->onset);
}

static void state(struct fl_watch *watch, unsigned asker)
{
	const struct fl_flow *flow = watch->flow;
	struct fl_finding *finding = fl_watch_finding(watch, !asker);

	if (!finding)
		return;
	state_request(watch, asker, finding);
	finding->until = watch->now;
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, watch->now - finding->onset);
	fl_finding_drop(finding, "kernel_silent");
	if (kernel_silent_since(watch, asker) != FL_TIME_NONE)
		fl_finding_set(finding, "kernel_silent", FL_UNIT_TIME, kernel_silent_since(watch, asker));
	if (has_login_shape(flow, asker))
		state_beats(finding, flow, asker);
}

/* An answer that comes when the asker has closed is no recovery: nobody reads it. */
static bool has_left(const struct fl_flow *flow, unsigned asker)
{
	return flow->end[asker].seen & (FL_SEEN_FIN | FL_SEEN_RST);
}

static void recover(struct fl_finding *finding, int64_t at)
{
	finding->recovered = at;
	fl_finding_set(finding, "late", FL_UNIT_DURATION, at - finding->onset);
}

static void on_message(struct fl_watch *watch, const struct fl_message *message)
{
	unsigned asker;

	if (!asking_side(watch->flow, &asker))
		return;
	if ((message->kinds & FL_MSG_BEAT) && message->dir == asker) {
		if (waits_for_first_answer(watch, asker) && has_login_shape(watch->flow, asker))
			state(watch, asker);
	} else if (message->kinds & FL_MSG_REPLY) {
		struct fl_finding *finding = fl_watch_open(watch, message->dir);

		if (finding && !has_left(watch->flow, asker))
			recover(finding, message->at);
	}
}

/* Messages that went on, but not as a beat does: a stream that nobody has to answer, unless the user knows better. */
static bool is_stream(const struct fl_watch *watch, unsigned asker)
{
	const struct fl_talk *talk = &watch->flow->cold->talk[asker];
	const int64_t *values = watch->settings->value;
	bool is_long = talk->messages >= values[FL_SET_ONE_WAY_MESSAGES] &&
	               talk->last_at - talk->first_at >= values[FL_SET_ONE_WAY_FOR];

	return (talk->messages > enough_beats || is_long) && !values[FL_SET_REPLIES] && !login_of(watch->flow, asker) &&
	       !has_login_shape(watch->flow, asker);
}

static bool is_overdue(const struct fl_watch *watch, unsigned asker)
{
	const struct fl_flow *flow = watch->flow;

	return waits_for_first_answer(watch, asker) && !is_stream(watch, asker) &&
	       watch->now - asked_at(flow, asker) >= patience(watch, asker);
}

/* The asker leaves without its answer: that is when its application noticed. */
static void asker_leaves(struct fl_watch *watch, const struct fl_segment *segment)
{
	unsigned asker = segment->dir;

	if (!is_overdue(watch, asker) || (watch->flow->end[!asker].seen & FL_SEEN_FIN))
		return; /* a FIN after the other side's only follows it */
	state(watch, asker);

	struct fl_finding *finding = fl_watch_open(watch, !asker);

	if (!finding || fl_finding_get(finding, "gave_up", 0))
		return;
	fl_finding_set(finding, "gave_up", FL_UNIT_TIME, segment->at);
	fl_finding_show(finding, segment->classes & FL_SEG_RST ? reset : gave_up, asker, segment->file, segment->frame,
	                segment->at);
}

/* The silent side ends it. A process that reads the asker's end of file and closes does not hang; one that
 * leaves an overdue question behind did not answer it. */
static void silent_leaves(struct fl_watch *watch, const struct fl_segment *segment)
{
	int64_t in_time = watch->settings->value[FL_SET_ANSWER_OWED];
	unsigned asker = !segment->dir;
	struct fl_finding *finding = fl_watch_open(watch, !asker);
	int64_t gave_up_at = finding ? fl_finding_get(finding, "gave_up", 0) : 0;

	if (gave_up_at && (segment->classes & FL_SEG_FIN) && segment->at - gave_up_at < in_time)
		fl_finding_set(finding, "follows", FL_UNIT_TIME, segment->at);
	if (gave_up_at || has_left(watch->flow, asker) || !is_overdue(watch, asker))
		return;
	state(watch, asker);
	finding = fl_watch_open(watch, !asker);
	if (finding)
		fl_finding_set(finding, "left", FL_UNIT_TIME, segment->at);
	if (finding && (segment->classes & FL_SEG_RST_ACTIVE))
		fl_finding_set(finding, "aborted", FL_UNIT_TIME, segment->at);
}

static void on_segment(struct fl_watch *watch, const struct fl_segment *segment)
{
	unsigned asker;

	if (!asking_side(watch->flow, &asker))
		return;
	if (asker == segment->dir)
		asker_leaves(watch, segment);
	else
		silent_leaves(watch, segment);
}

/* A connection on which nobody has said anything, though the server was to speak first. */
static void consider_greeting(struct fl_watch *watch)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_cold *cold = flow->cold;
	uint16_t any = flow->end[0].seen | flow->end[1].seen, port;
	struct fl_address address;
	struct fl_finding *finding;
	enum fl_roles roles;
	bool is_assigned;

	if (!(any & FL_SEEN_SYN_ACK) || (any & (FL_SEEN_PAYLOAD | FL_SEEN_HOLE)) || cold->rtt_us == UINT32_MAX)
		return;

	unsigned client = fl_flow_client(flow, &roles);
	const struct fl_ending *ending = fl_tcp_ending(flow);
	bool is_reset_by_client = ending && ending->dir == client && (ending->classes & FL_SEG_RST);
	bool is_closed_by_client = (any & FL_SEEN_FIN) && fl_tcp_closed_first(flow, client);
	int64_t made_at = cold->first_at + cold->rtt_us * FL_NS_PER_US, end = watch->now;

	if (is_closed_by_client)
		end = cold->fin_at;
	else if (is_reset_by_client)
		end = ending->at;
	else if ((any & FL_SEEN_FIN) || ending) /* the server took it back, or something else did */
		return;
	fl_flow_endpoint(flow, !client, &address, &port);
	if (!fl_profiles_greeting(watch->profiles, port, &is_assigned) ||
	    end - made_at < watch->settings->value[FL_SET_ANSWER_OWED])
		return;
	finding = fl_watch_finding(watch, !client);
	if (!finding)
		return;
	finding->summary = ungreeted;
	finding->onset = made_at;
	finding->onset_frame = cold->first_frame;
	finding->until = watch->now;
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, end - made_at);
	fl_finding_set(finding, "greeting", FL_UNIT_COUNT, 1 + is_assigned);
	fl_finding_set(finding, "made_after", FL_UNIT_DURATION, cold->rtt_us * FL_NS_PER_US);
	fl_finding_show(finding, connected, client, cold->last_file, cold->first_frame, cold->first_at);
	if (end == watch->now && !is_closed_by_client && !is_reset_by_client)
		return;
	fl_finding_set(finding, "gave_up", FL_UNIT_TIME, end);
	if (is_closed_by_client)
		fl_finding_show(finding, left_ungreeted, client, cold->fin_file, cold->fin_frame, end);
}

static void on_end(struct fl_watch *watch)
{
	consider_greeting(watch);

	bool is_over = (watch->flow->end[0].seen | watch->flow->end[1].seen) & (FL_SEEN_FIN | FL_SEEN_RST);
	unsigned asker;

	if (!asking_side(watch->flow, &asker))
		return;
	if (!is_over && is_overdue(watch, asker))
		state(watch, asker);

	struct fl_finding *finding = fl_watch_open(watch, !asker);
	const struct fl_talk *talk = &watch->flow->cold->talk[asker];
	const struct fl_session *session = fl_session_of(watch->flow);

	/* One that closed and did not refuse the answer has half-closed, and reads on. */
	if (!finding || (watch->flow->end[asker].seen & FL_SEEN_RST) || login_of(watch->flow, asker))
		return;
	if (session && session->answered.at != FL_TIME_NONE && session->answered.at > finding->onset)
		recover(finding, session->answered.at);
	else if (talk->waiting !=
	         talk->messages) /* the one request that waited was answered; beats tell it by themselves */
		recover(finding, talk->first_at + talk->longest_answer_us * FL_NS_PER_US);
	else if (is_stream(watch, asker) && !fl_beats_goes_on(fl_message_beats(watch->flow, asker)))
		fl_watch_withdraw(watch, finding); /* what looked like beats for a while went on as a stream */
}

static const enum fl_setting_id params[] = { FL_SET_ANSWER_OWED, FL_SET_ONE_WAY_MESSAGES, FL_SET_ONE_WAY_FOR,
	                                     FL_SET_REPLIES };

const struct fl_detector fl_detector_auth_unanswered = {
	.id = "auth-unanswered",
	.title = "the login, or the first request, was ACKed and never answered",
	.explain =
		"The connection was made and the connecting side sent its first message. The other side's kernel ACKed "
		"every byte, so the host, the path and TCP are well; its application never sent a byte back. The "
		"process hangs, is stopped, waits for something itself, or never accepted the connection.\nIt is found "
		"from the first message after the handshake. When the asker goes on with at least three messages of "
		"one size at a steady period (the shape of a login and its heartbeats), or gives up, the verdict is "
		"critical once the answer is overdue; before that it is only a notice that somebody waits. In a "
		"protocol "
		"that is known the login is known, and owed its answer; and a server that is to speak first in it owes "
		"its greeting.",
	.lookalikes =
		"A client that only ever sends (telemetry, logging) may look the same on the wire when it says hello "
		"and then sends lines of one size at a steady pace; that is why the confidence is medium at most, "
		"unless other connections of the same service were answered, or the protocol is known. A proxy that "
		"terminates TCP ACKs for a "
		"backend that is long dead: then the proxy's application is the one that does not answer.",
	.advice = "Look at the process behind the server's port at the time of the login: is it running, does it "
		  "accept, what is it blocked on? In the client: wait for the login's answer with a timeout, close and "
		  "reconnect when it does not come, and send no heartbeat before it came.",
	.reference = "RFC 9293 section 3.8.3 (connection failures are seen only through unacknowledged data)",
	.summary = "The {side}'s application never answered the {login|login|first request} (frame {request}). "
		   "{kernel_silent|Its kernel went on for a while|Its kernel is alive}: it ACKed the "
		   "{login|login|request}[ and {all_acked|all |}{beats_acked} {beats_acked?heartbeat:heartbeats}][ of "
		   "{some_of}][, and fell silent at {kernel_silent}].",
	.summaries = { ungreeted },
	.why_unnoticed =
		"every byte is ACKed, so no kernel timer (retransmission, keepalive, TCP_USER_TIMEOUT) can fire.",
	.would_catch = "a reply timeout in the {other}[{gave_up!}, shorter than the {waited} that it waited][{beats!}; "
		       "and heartbeats only after the login was accepted].",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.wakes_on = FL_SEG_FIN | FL_SEG_RST,
	.hears = FL_MSG_BEAT | FL_MSG_REPLY,
	.on_segment = on_segment,
	.on_message = on_message,
	.on_end = on_end,
	.ends_of = FL_SEEN_PAYLOAD | FL_SEEN_SYN_ACK,
};
