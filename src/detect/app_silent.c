/* Requests that used to be answered are ACKed by the other side's kernel, and no longer answered: its process hangs.
 * The first request of a connection is another verdict's (auth-unanswered), steady beats are a third's. */
#include "flatline/detect.h"

static const char last_answer[] = "{side}'s last answer";
static const char waiting[] = "{other}'s request that waits; it is ACKed, and not answered";
static const char late[] = "{side}'s answer at last, after {waited}";
static const char left[] = "{other} closes: it waits no longer";

static const char of_pings[] = "The {side} stopped answering: {requests} {requests?ping:pings} of the {other} "
			       "{requests?was:were} ACKed and got no answer for {waited}, after {answered} "
			       "{answered?message:messages} that {answered?was:were} answered.";

enum { few = 2, habit = 10, times_the_longest = 4, run_of_answers = 5, same_size = 2 };

static bool is_about(uint64_t value, uint64_t expected)
{
	return value * 4 >= expected * 3 && value * 4 <= expected * 5;
}

static bool is_same(uint32_t a, uint32_t b)
{
	return (a > b ? a - b : b - a) <= same_size;
}

static bool is_as_long(const struct fl_talk *asks)
{
	return is_same(asks->last_length, asks->answered_length);
}

/* So was the first of all: as far as lengths tell it has one thing to say. */
static bool are_all_alike(const struct fl_talk *asks)
{
	return is_as_long(asks) && is_same(asks->last_length, asks->first_length);
}

/* More waiting ones than a few are a stream, unless answers were the habit. */
static bool is_answerer(const struct fl_talk *asks, const struct fl_talk *answers)
{
	uint32_t asked = asks->messages - asks->waiting;

	return asked >= habit && (uint64_t)answers->messages * 10 >= (uint64_t)asked * 9;
}

static bool used_to_be_answered(const struct fl_talk *asks, const struct fl_talk *answers, bool is_owed)
{
	uint32_t asked = asks->messages - asks->waiting, least = is_owed || is_as_long(asks) ? 1 : few;

	return asks->waiting > 0 && asked >= least && answers->messages >= least &&
	       (is_owed || asks->waiting <= few || is_answerer(asks, answers));
}

/* The server's messages that its client answers may be answers themselves, each followed by the next request. One that
 * is repeated at its own pace when nothing came in between is a request. */
static bool asks_by_itself(const struct fl_talk *asks)
{
	return asks->waiting == 2 && asks->answered_run >= run_of_answers && is_as_long(asks) &&
	       is_about((uint64_t)(asks->last_at - asks->waiting_at) / FL_NS_PER_US, asks->answered_gap_us);
}

/* Until when the answer could have come: the connection's end, where it has one. Who has closed its side behind a
 * request like the others can still be answered. */
static int64_t end_of_wait(const struct fl_watch *watch, unsigned asker)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_ending *ending = fl_tcp_ending(flow);
	int64_t last = flow->end[0].last_at > flow->end[1].last_at ? flow->end[0].last_at : flow->end[1].last_at;

	if (ending && (ending->classes & FL_SEG_RST) && !(ending->classes & FL_SEG_RST_IGNORED))
		return ending->at;
	if (!(flow->end[!asker].seen & FL_SEEN_FIN) &&
	    (is_as_long(&flow->cold->talk[asker]) || fl_session_owed(flow, asker)))
		return watch->now;
	return (flow->end[0].seen | flow->end[1].seen) & FL_SEEN_FIN ? last : watch->now;
}

/* A steady beat that goes on has another verdict, with a count of its own (heartbeat-ack-only); here it counts when it
 * stopped, or its side left. */
static bool beats_on(const struct fl_watch *watch, unsigned asker)
{
	const struct fl_talk *asks = &watch->flow->cold->talk[asker];
	bool has_left = watch->flow->end[asker].seen & (FL_SEEN_FIN | FL_SEEN_RST);
	bool is_beat = asks->answered_run >= few && is_as_long(asks) && is_about(asks->gap_us, asks->answered_gap_us);

	return is_beat && !has_left && watch->now - asks->last_at <= asks->answered_gap_us * FL_NS_PER_US * 3 / 2;
}

/* Its kernel repeats what this capture saw ACKed: it gets no ACKs, and would get no answer either. */
static bool misses_acks(const struct fl_flow *flow, unsigned asker)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);

	return trouble && trouble->now[asker].kind == FL_SERIES_DATA && trouble->now[asker].over_at == FL_TIME_NONE;
}

/* The longest answer so far. What a protocol owes at once is measured by its like: a message that needs no answer waits
 * until the other side says something else. */
static int64_t longest_answer(const struct fl_flow *flow, unsigned asker)
{
	return fl_session_owed(flow, asker) ? fl_session_of(flow)->by[asker].longest
	                                    : flow->cold->talk[asker].longest_answer_us * FL_NS_PER_US;
}

/* How the other side took it that the asker closed: a process that reads on closes soon, too. */
static void state_close(const struct fl_watch *watch, unsigned asker, int64_t left_at, struct fl_finding *finding)
{
	const struct fl_flow *flow = watch->flow;
	const int64_t at_once = 50 * FL_NS_PER_MS; /* it has said all, and waits for the answer */
	bool is_close = left_at != FL_TIME_NONE && left_at == flow->cold->fin_at;

	if (is_close && (flow->end[!asker].seen & FL_SEEN_FIN))
		fl_finding_set(finding, "follows", FL_UNIT_COUNT, 1);
	else if (is_close && left_at - flow->cold->talk[asker].last_at > at_once + fl_tcp_rtt(flow))
		fl_finding_set(finding, "left_for", FL_UNIT_DURATION, watch->now - left_at);
}

/* What waits: the first request, or, where a protocol owes an answer at once, the login or the ping. */
static int64_t waits_since(const struct fl_flow *flow, unsigned asker)
{
	const struct fl_said_at *owed = fl_session_owed(flow, asker);

	return owed ? owed->at : flow->cold->talk[asker].waiting_at;
}

static void state_wait(struct fl_finding *finding, const struct fl_flow *flow, unsigned asker)
{
	const struct fl_talk *asks = &flow->cold->talk[asker];
	const struct fl_said_at *owed = fl_session_owed(flow, asker);
	uint32_t file = owed ? owed->file : asks->waiting_file;
	uint32_t pings = owed && owed->said == FL_SAID_PING ? fl_session_of(flow)->by[asker].pings : 1;

	finding->onset = waits_since(flow, asker);
	finding->onset_frame = owed ? owed->frame : asks->waiting_frame;
	finding->until = asks->last_at;
	fl_finding_set(finding, "requests", FL_UNIT_COUNT, owed ? pings : asks->waiting);
	if (owed)
		fl_finding_set(finding, "by_protocol", FL_UNIT_COUNT, 1);
	if (owed && owed->said == FL_SAID_PING) {
		fl_finding_set(finding, "ping", FL_UNIT_COUNT, 1);
		finding->summary = of_pings;
	}
	fl_finding_show(finding, waiting, asker, file, finding->onset_frame, finding->onset);
}

static void state(struct fl_watch *watch, unsigned asker, int64_t waited)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_talk *asks = &flow->cold->talk[asker];
	const struct fl_rung *life = &flow->cold->rung[!asker][FL_RUNG_APPLICATION];
	const struct fl_ending *ending = fl_tcp_ending(flow);
	struct fl_finding *finding = fl_watch_finding(watch, !asker);
	int64_t left_at = FL_TIME_NONE;

	if (!finding)
		return;
	if (life->last_frame)
		fl_finding_show(finding, last_answer, !asker, asks->waiting_file, life->last_frame, life->last_at);
	state_wait(finding, flow, asker);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, waited);
	fl_finding_set(finding, "answered", FL_UNIT_COUNT, asks->messages - asks->waiting);
	fl_finding_set(finding, "longest_answer", FL_UNIT_DURATION, longest_answer(flow, asker));
	fl_finding_set(finding, "answers", FL_UNIT_COUNT, flow->cold->talk[!asker].messages);
	if (is_as_long(asks))
		fl_finding_set(finding, "same_length", FL_UNIT_COUNT, asks->answered_run);
	if (fl_tcp_closed_first(flow, asker) && flow->cold->fin_at > finding->onset)
		left_at = flow->cold->fin_at;
	else if (ending && ending->dir == asker && (ending->classes & FL_SEG_RST))
		left_at = ending->at;
	/* What is much shorter than a request that was answered may be no request (HTTP/2: WINDOW_UPDATE), and the
	 * close that of an idle connection. */
	if (asks->last_length * 2 < asks->answered_length && left_at == flow->cold->fin_at)
		fl_finding_set(finding, "minor", FL_UNIT_BYTES, asks->last_length);
	if (left_at != FL_TIME_NONE)
		fl_finding_set(finding, "gave_up", FL_UNIT_TIME, left_at);
	if (are_all_alike(asks))
		fl_finding_set(finding, "all_alike", FL_UNIT_BYTES, asks->last_length);
	if (asks->waiting > 1)
		fl_finding_set(finding, "again_after", FL_UNIT_DURATION, asks->last_at - asks->waiting_at);
	if (asks_by_itself(asks))
		fl_finding_set(finding, "by_itself", FL_UNIT_COUNT, 1);
	state_close(watch, asker, left_at, finding);
	if (left_at != FL_TIME_NONE && left_at == flow->cold->fin_at)
		fl_finding_show(finding, left, asker, flow->cold->fin_file, flow->cold->fin_frame, left_at);
}

/* By its protocol: nobody had asked for anything, or the answer may take so long. */
static bool was_in_time(const struct fl_flow *flow, unsigned asker, int64_t waited)
{
	const struct fl_session *session = fl_session_of(flow);
	bool has_spoken = session && session->by[asker].last.at != FL_TIME_NONE;

	return has_spoken &&
	       (session->by[asker].answered_requests == 0 || waited < fl_profile_answer_within(session->profile));
}

/* An answer that came after all, when it was overdue. Where the path was at work it is the path's affair. */
static void on_message(struct fl_watch *watch, const struct fl_message *message)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	unsigned asker = !message->dir;
	const struct fl_talk *asks = &flow->cold->talk[asker];
	int64_t since = message->at - message->waited;
	enum fl_roles roles;
	struct fl_finding *finding;

	if (fl_flow_client(flow, &roles) != asker || message->waited < watch->settings->value[FL_SET_ANSWER_OWED] ||
	    (trouble && trouble->repeated_at[asker] >= since) || was_in_time(flow, asker, message->waited))
		return;
	finding = fl_watch_finding(watch, message->dir);
	if (!finding)
		return;
	finding->onset = since;
	finding->onset_frame = flow->cold->talk[asker].waiting_frame;
	finding->until = finding->recovered = message->at;
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, message->waited);
	fl_finding_set(finding, "requests", FL_UNIT_COUNT, 1);
	fl_finding_set(finding, "answered", FL_UNIT_COUNT, asks->messages - 1);
	if (are_all_alike(asks) && flow->cold->talk[message->dir].messages == asks->messages)
		fl_finding_set(finding, "all_alike", FL_UNIT_BYTES, asks->last_length);
	fl_finding_show(finding, waiting, asker, asks->waiting_file, asks->waiting_frame, since);
	fl_finding_show(finding, late, message->dir, message->file, message->frame, message->at);
}

static void consider(struct fl_watch *watch, unsigned asker)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_talk *asks = &flow->cold->talk[asker], *answers = &flow->cold->talk[!asker];
	int64_t longest = times_the_longest * longest_answer(flow, asker);
	bool has_left = flow->end[asker].seen & (FL_SEEN_FIN | FL_SEEN_RST);
	int64_t owed = watch->settings->value[FL_SET_ANSWER_OWED],
		waited = end_of_wait(watch, asker) - waits_since(flow, asker);
	uint64_t own_fin = flow->end[asker].seen & FL_SEEN_FIN ? 1 : 0;

	if (!used_to_be_answered(asks, answers, fl_session_owed(flow, asker)) ||
	    fl_tcp_outstanding(flow, asker) > own_fin || (flow->end[!asker].seen & FL_SEEN_HOLE) ||
	    misses_acks(flow, asker) || beats_on(watch, asker) || fl_session_asks_nothing(flow, asker))
		return;
	if (fl_session_owed(flow, asker))
		owed = fl_session_patience(flow, asker, has_left, owed);
	if (waited >= (longest > owed ? longest : owed))
		state(watch, asker, waited);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_talk *talk = watch->flow->cold->talk;
	enum fl_roles roles;
	unsigned client;

	if (talk[0].messages == 0 || talk[1].messages == 0 || talk[0].messages + talk[1].messages <= few)
		return;
	client = fl_flow_client(watch->flow, &roles);
	consider(watch, client);
	if (asks_by_itself(&talk[!client]))
		consider(watch, !client);
}

static const enum fl_setting_id params[] = { FL_SET_ANSWER_OWED };

const struct fl_detector fl_detector_app_silent = {
	.id = "app-silent",
	.title = "requests that used to be answered are ACKed and no longer answered",
	.explain = "One side asks, and was answered before on this connection. Now its request is ACKed by the other "
		   "side's kernel, and the application behind it says nothing: it hangs in a lock, a database, a "
		   "garbage collection, or waits for a backend of its own. The kernel would go on ACKing for ever.\n"
		   "Five seconds, or four times the longest answer so far, make it a notice. It "
		   "is critical when the asker asks again or gives up, or when the same kind of request was answered "
		   "fast before, on this connection or on others to the service.",
	.lookalikes = "A long poll, a push channel or a subscription waits within its usual time. A request that "
		      "nobody ACKs is the path's affair (peer-vanished). A proxy that ends TCP ACKs for a dead "
		      "backend: then the proxy is well and what is behind it is not.",
	.advice = "Look at the process on the silent side at the onset: its threads, its stack, what it waits for. On "
		  "the asking side: a reply timeout, since neither keepalive nor TCP_USER_TIMEOUT sees this.",
	.reference = "RFC 9293 section 3.8.3 (an ACK is the kernel's, not the application's)",
	.summary = "The {side} stopped answering: {requests} {requests?request:requests} of the {other} "
		   "{requests?was:were} ACKed and got no answer for {waited}, after {answered} that were answered"
		   "[ within {longest_answer}].",
	.summaries = { of_pings },
	.why_unnoticed = "the {side}'s kernel ACKs every byte and answers keepalives; only an answer would show that "
			 "its process lives.",
	.would_catch = "a reply timeout in the {other}'s application.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.hears = FL_MSG_LATE,
	.on_message = on_message,
	.on_end = on_end,
	.ends_of = FL_SEEN_PAYLOAD,
};
