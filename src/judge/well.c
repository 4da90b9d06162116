/* What a flow is when no failure was found: alive, closed, one-way, or not to be told. A healthy flow must never be
 * called dead, and a flow that the capture does not show well enough must not be called healthy either. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

/* The flow's facts that decide, worked out once. */
struct facts {
	const struct fl_end *client, *server;
	const struct fl_talk *asks, *answers; /* the client's and the server's messages */
	int64_t silent;                       /* from its last packet until observed_until */
	int64_t span;                         /* from its first to its last packet */
	uint16_t any, both;
	uint64_t outstanding[2]; /* by role */
};

static int64_t latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct facts facts_of(const struct hearing *hearing)
{
	const struct fl_flow *flow = hearing->flow;
	unsigned client = hearing->client;
	struct facts facts = { .client = &flow->end[client],
		               .server = &flow->end[!client],
		               .asks = &flow->cold->talk[client],
		               .answers = &flow->cold->talk[!client] };
	int64_t last = latest(flow->end[0].last_at, flow->end[1].last_at);

	facts.silent = latest(hearing->judge->settings.observed_until - last, 0);
	facts.span = last - flow->cold->first_at;
	facts.any = facts.client->seen | facts.server->seen;
	facts.both = facts.client->seen & facts.server->seen;
	facts.outstanding[FL_CLIENT] = fl_tcp_outstanding(flow, client);
	facts.outstanding[FL_SERVER] = fl_tcp_outstanding(flow, !client);
	return facts;
}

__attribute__((format(printf, 6, 7))) static bool settle(struct fl_verdict *verdict, const char *id,
                                                         enum fl_severity severity, enum fl_layer layer,
                                                         enum fl_side side, const char *format, ...)
{
	va_list args;

	verdict->id = id;
	verdict->severity = severity;
	verdict->layer = layer;
	verdict->side = side;
	if (verdict->because.is_muted)
		return true;
	va_start(args, format);

	int length = vasprintf(&verdict->summary, format, args);

	va_end(args);
	if (length < 0)
		verdict->summary = NULL;
	return length >= 0;
}

static bool cannot_tell(struct fl_verdict *verdict, const char *why)
{
	verdict->confidence = FL_CONFIDENCE_LOW;
	return settle(verdict, "inconclusive", FL_NOTICE, FL_LAYER_UNKNOWN, FL_SIDE_UNKNOWN,
	              "Cannot be decided from this capture: %s.", why);
}

/* One direction only: what the other did is not known. */
static const char *why_one_direction(const struct facts *facts)
{
	bool is_client = facts->server->packets == 0;
	const struct fl_end *seen = is_client ? facts->client : facts->server;

	if (is_client && (seen->seen & FL_SEEN_SYN) && seen->packets > 1 && !(seen->seen & FL_SEEN_PAYLOAD))
		return "the client repeated its SYN, and no SYN-ACK came";
	if (is_client && (seen->seen & FL_SEEN_SYN) && !(seen->seen & FL_SEEN_PAYLOAD))
		return "a single SYN was captured, and no SYN-ACK";
	return is_client ? "only the client's packets were captured" : "only the server's packets were captured";
}

/* Both SYNs were seen and the server's was ACKed: the client's ACK may be the one of its data. */
static bool is_connected(const struct facts *facts)
{
	return (facts->both & FL_SEEN_SYN) && facts->server->una != 0 && facts->client->packets > 1;
}

/* SYN, SYN-ACK, and RST instead of the last ACK: a load balancer looks whether somebody listens, or a scanner does. */
static bool is_half_open_check(const struct facts *facts)
{
	return (facts->both & FL_SEEN_SYN) && (facts->client->seen & FL_SEEN_RST) && !(facts->any & FL_SEEN_PAYLOAD);
}

/* A series of repeats that nothing ended. A lone repeat proves nothing, of bytes that were ACKed least of all. */
static bool is_repeating(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	const uint32_t too_many = 3;

	return trouble && trouble->now[dir].kind != FL_SERIES_NONE && trouble->now[dir].over_at == FL_TIME_NONE &&
	       trouble->now[dir].repeats >= too_many;
}

bool well_is_long_unresolved(const struct fl_unresolved *item)
{
	const uint32_t enough = 3;

	return item->asks >= enough && item->last_at - item->first_at >= 2 * FL_NS_PER_S;
}

/* Nobody answers for its address since before it last said anything; NULL when that is not so. */
static const struct fl_unresolved *unresolved(const struct hearing *hearing, unsigned dir)
{
	/* Somebody else's question, and perhaps an answer for him alone, says nothing of an idle connection. */
	bool is_waiting = fl_tcp_outstanding(hearing->flow, !dir) > 0;
	struct fl_address peer;
	const struct fl_judge_settings *settings = &hearing->judge->settings;
	struct fl_address address;
	uint16_t port;

	fl_flow_endpoint(hearing->flow, !dir, &peer, &port);
	fl_flow_endpoint(hearing->flow, dir, &address, &port);
	for (size_t i = 0; i < settings->n_unresolved; i++) {
		const struct fl_unresolved *item = &settings->unresolved[i];

		if (fl_address_equal(&item->address, &address) && well_is_long_unresolved(item) &&
		    (is_waiting || fl_address_equal(&item->asker, &peer)) &&
		    hearing->flow->end[dir].last_at <= item->first_at)
			return item;
	}
	return NULL;
}

static bool is_untouched(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255;
}

/* What end[dir] sent waits, and its kernel, which has to send it again, has said nothing at all on this connection
 * since `at`: it cannot. `least`: for how long. */
static bool is_kept_back(const struct hearing *hearing, unsigned dir, int64_t at, int64_t least)
{
	const struct fl_flow *flow = hearing->flow;
	const struct fl_sent *oldest = fl_tcp_oldest(flow, dir);
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	const struct fl_series *series = trouble ? &trouble->now[dir] : NULL;
	int64_t until = hearing->judge->settings.observed_until;
	int64_t timer = fl_tcp_rtt(flow) > 0 ? 4 * fl_tcp_rtt(flow) : 3 * least; /* no longer than that */
	bool is_repeating = series && series->kind != FL_SERIES_NONE && series->over_at == FL_TIME_NONE;

	return oldest && fl_tcp_outstanding(flow, dir) > 0 && flow->end[dir].last_at <= at && until - at >= least &&
	       until - at >= timer && (!is_repeating || fl_series_stopped(series, until));
}

/* The one that nobody answers for lies between the two: its asker has something to send to end[dir], which is not on
 * this link, sends nothing, and asks for an address that is neither's instead. NULL when that is not so. */
static const struct fl_unresolved *unresolved_gateway(const struct hearing *hearing, unsigned dir)
{
	const struct fl_judge_settings *settings = &hearing->judge->settings;
	const struct fl_cold *cold = hearing->flow->cold;
	struct fl_address own, peer;
	uint16_t port;

	if (fl_tcp_outstanding(hearing->flow, !dir) == 0 || !is_untouched(cold->first_ttl[!dir]) ||
	    cold->first_ttl[dir] == 0 || is_untouched(cold->first_ttl[dir]))
		return NULL;
	fl_flow_endpoint(hearing->flow, !dir, &own, &port);
	fl_flow_endpoint(hearing->flow, dir, &peer, &port);
	for (size_t i = 0; i < settings->n_unresolved; i++) {
		const struct fl_unresolved *item = &settings->unresolved[i];

		if (fl_address_equal(&item->asker, &own) && !fl_address_equal(&item->address, &peer) &&
		    well_is_long_unresolved(item) && hearing->flow->end[dir].last_at <= item->first_at &&
		    is_kept_back(hearing, !dir, item->first_at, 2 * FL_NS_PER_S))
			return item;
	}
	return NULL;
}

bool well_is_unresolved(const struct hearing *hearing, unsigned dir)
{
	return unresolved(hearing, dir) || unresolved_gateway(hearing, dir);
}

/* No TCP is on the wire then: what the sender's kernel has to say waits for the neighbour's address. */
static bool judge_unresolved(const struct hearing *hearing, const struct fl_unresolved *item, unsigned dir,
                             bool is_gateway, struct fl_verdict *verdict)
{
	const int64_t until = hearing->judge->settings.observed_until;
	const char *side = fl_side_name(side_of(hearing, dir));
	const struct fl_sent *oldest = fl_tcp_oldest(hearing->flow, !dir);
	char address[FL_ADDRESS_TEXT], asker[FL_ADDRESS_TEXT], length[FL_TIME_TEXT];

	verdict->confidence = FL_CONFIDENCE_HIGH;
	verdict->onset = oldest ? oldest->at : item->first_at;
	verdict->onset_frame = oldest ? oldest->frame : 0;
	verdict->blind = until > verdict->onset ? until - verdict->onset : 0;
	verdict->blind_open = true;
	if (!words_add(&verdict->because, "%u questions for %s on the link (ARP or ND), the last by %s, and no answer",
	               item->asks, fl_address_text(&item->address, address), fl_address_text(&item->asker, asker)))
		return false;
	if (is_gateway) {
		verdict->confidence = FL_CONFIDENCE_MEDIUM;
		if (!words_add(&verdict->because,
		               "the %s is not on this link (TTL %u), and the asker's kernel, which has to send its "
		               "data again, sends nothing while it asks",
		               side, hearing->flow->cold->first_ttl[dir]))
			return false;
		return settle(verdict, "unreachable", FL_CRITICAL, FL_LAYER_PATH, FL_SIDE_BETWEEN,
		              "The way to the %s is gone: its next machine, %s, was asked for %u times over %s (ARP or "
		              "ND), and nobody answers.",
		              side, fl_address_text(&item->address, address), item->asks,
		              fl_duration_text(item->last_at - item->first_at, length));
	}
	return settle(
		verdict, "unreachable", FL_CRITICAL, FL_LAYER_PATH, side_of(hearing, dir),
		"The %s's host is gone from its link: its address was asked for %u times over %s (ARP or ND), and "
		"nobody answers.",
		side, item->asks, fl_duration_text(item->last_at - item->first_at, length));
}

/* What is in the way of calling the connection alive or closed in order; NULL when nothing is. Each of these is a
 * failure that has an id of its own in the contract, and that this version does not judge yet. */
static const char *why_not_well(const struct hearing *hearing, const struct facts *facts)
{
	const struct fl_flow *flow = hearing->flow;
	const int64_t patience = FL_NS_PER_S;
	int64_t until = hearing->judge->settings.observed_until;

	if (!(flow->marks & FL_MARK_MID_FLOW) && !is_connected(facts) && !is_half_open_check(facts))
		return "the connection was never made";
	if (fl_tcp_ending(flow) && (fl_tcp_ending(flow)->classes & FL_SEG_SYN))
		return "a new connection began on its ports while it was open, and no end of it was captured";
	if ((flow->marks & FL_MARK_ICMP_LAST) && facts->outstanding[FL_CLIENT] + facts->outstanding[FL_SERVER] > 0)
		return "at the end data was not ACKed, and an ICMP error said that it could not be delivered";
	for (unsigned dir = 0; dir < 2; dir++) {
		const struct fl_rung *stack = &flow->cold->rung[dir][FL_RUNG_STACK];
		bool is_client = dir == hearing->client;

		if (stack->demands > 0 && until - stack->asked_at >= patience)
			return is_client ? "at the end the client's kernel had not answered what was sent to it"
			                 : "at the end the server's kernel had not answered what was sent to it";
		if (is_repeating(flow, dir))
			return is_client ? "what the client sent last had to be repeated again and again"
			                 : "what the server sent last had to be repeated again and again";
		if (flow->end[dir].window == 0 && !(facts->any & (FL_SEEN_FIN | FL_SEEN_RST)))
			return is_client ? "at the end the client's receive window was closed"
			                 : "at the end the server's receive window was closed";
	}
	return NULL;
}

/* A request that waits for longer than any before it did: the application may have gone silent. */
static bool waits_too_long(const struct hearing *hearing, const struct facts *facts)
{
	const struct fl_talk *asks = facts->asks;

	if (fl_session_asks_nothing(hearing->flow, hearing->client))
		return false;

	const uint32_t few = 2, habit = 10; /* more waiting ones are a stream, unless answers were the habit */
	uint32_t asked = asks->messages - asks->waiting;
	bool is_answerer = asked >= habit && facts->answers->messages * 10 >= asked * 9;
	int64_t longest = 4 * (int64_t)asks->longest_answer_us * FL_NS_PER_US;
	int64_t owed = latest(longest, hearing->judge->settings.settings->value[FL_SET_ANSWER_OWED]);
	int64_t end = facts->any & FL_SEEN_FIN ? latest(facts->client->last_at, facts->server->last_at)
	                                       : hearing->judge->settings.observed_until;

	return asks->waiting > 0 && (asks->waiting <= few || is_answerer) && asked >= few &&
	       facts->answers->messages >= few && end - asks->waiting_at >= owed;
}

bool well_was_made(const struct hearing *hearing)
{
	struct facts facts = facts_of(hearing);

	return (hearing->flow->marks & FL_MARK_MID_FLOW) || is_connected(&facts);
}

bool well_waits_too_long(const struct hearing *hearing)
{
	struct facts facts = facts_of(hearing);

	return waits_too_long(hearing, &facts);
}

/* The server closed while a request waited that is older than any that it answered: it may have died over it. What
 * waits for less may be a goodbye. */
static bool left_a_request(const struct facts *facts, const struct fl_flow *flow)
{
	const struct fl_talk *asks = facts->asks;
	int64_t waited = facts->server->last_at - asks->waiting_at;

	if (fl_session_asks_nothing(flow, facts->client != flow->end))
		return false;

	return fl_tcp_closed_first(flow, flow->end != facts->server) && asks->waiting > 0 &&
	       facts->answers->messages > 0 && waited >= FL_NS_PER_S &&
	       waited > 4 * (int64_t)asks->longest_answer_us * FL_NS_PER_US;
}

static bool judge_reset(const struct hearing *hearing, const struct facts *facts, struct fl_verdict *verdict)
{
	const struct fl_end *resetter = facts->client->seen & FL_SEEN_RST ? facts->client : facts->server;
	const char *side = resetter == facts->client ? "client" : "server";
	uint16_t open = resetter == hearing->flow->end ? FL_MARK_OPEN_1 : FL_MARK_OPEN_0;
	bool had_closed = facts->any & FL_SEEN_FIN;

	if (facts->outstanding[FL_CLIENT] + facts->outstanding[FL_SERVER] > 0 && !had_closed &&
	    !is_half_open_check(facts))
		return cannot_tell(verdict, "it was reset while data was under way");
	bool only_sent = resetter == facts->client && facts->asks->messages == facts->asks->waiting;

	bool is_waiting = facts->asks->waiting > 0 && !fl_session_asks_nothing(hearing->flow, hearing->client);

	if (is_waiting && !only_sent && (!had_closed || resetter == facts->server))
		return cannot_tell(verdict,
		                   resetter == facts->server
		                           ? "the server reset it, and what the client had said last was not "
		                             "answered: a request, or a goodbye"
		                           : "the client reset it, and what it had said last was not answered: a "
		                             "request, or a goodbye");
	if ((resetter->seen & FL_SEEN_ZERO_WINDOW) && !had_closed)
		return cannot_tell(verdict, "it was reset by the side whose receive window was closed");
	if ((hearing->flow->marks & open) && !had_closed)
		return cannot_tell(verdict, "it was reset in the middle of what the other side sent");
	if (is_half_open_check(facts) && facts->client->packets <= 2)
		return settle(
			verdict, "closed", FL_OK, FL_LAYER_NONE, FL_SIDE_NONE,
			"Closed: the client asked for a connection, got it, and reset it at once: a health check, "
			"or a scan.");
	if ((resetter->seen & FL_SEEN_BARE_RST) && !had_closed)
		return cannot_tell(verdict, "one host answered as if it knew no such connection");
	if (!(facts->any & FL_SEEN_PAYLOAD))
		return settle(verdict, "closed", FL_OK, FL_LAYER_NONE, FL_SIDE_NONE,
		              "Closed: the %s reset the connection, on which no data was seen.", side);
	return settle(verdict, "closed", FL_OK, FL_LAYER_NONE, FL_SIDE_NONE,
	              "Closed: the %s reset the connection when all was ACKed and no answer was known to be owed.",
	              side);
}

/* What is still open at the end, though nothing of it is overdue. */
static bool settle_alive(const struct facts *facts, int64_t until, struct fl_verdict *verdict)
{
	char waited[FL_TIME_TEXT] = "";

	if (!verdict->because.is_muted)
		fl_duration_text(latest(until - facts->asks->waiting_at, 0), waited);
	if (facts->asks->waiting > 0 && facts->answers->messages > 0)
		return settle(
			verdict, "alive", FL_OK, FL_LAYER_NONE, FL_SIDE_NONE,
			"Alive: the client spoke last, %s before the end; whether an answer is owed is not known.",
			waited);
	if (facts->asks->waiting > 0)
		return settle(
			verdict, "alive", FL_OK, FL_LAYER_NONE, FL_SIDE_NONE,
			"Alive: the client has sent, and had no answer yet for %s; whether one is owed is not known.",
			waited);
	if (facts->outstanding[FL_CLIENT] + facts->outstanding[FL_SERVER] > 0)
		return settle(verdict, "alive", FL_OK, FL_LAYER_NONE, FL_SIDE_NONE,
		              "Alive: the last bytes sent were not ACKed yet, and there was no time to.");
	return settle(verdict, "alive", FL_OK, FL_LAYER_NONE, FL_SIDE_NONE,
	              "Alive: nothing is owed at the end of the capture.");
}

static bool judge_open(const struct hearing *hearing, const struct facts *facts, struct fl_verdict *verdict)
{
	const struct fl_settings *settings = hearing->judge->settings.settings;
	const struct fl_talk *talk = facts->answers->messages == 0 ? facts->asks : facts->answers;
	const struct fl_talk *other = facts->answers->messages == 0 ? facts->answers : facts->asks;
	unsigned speaker = facts->answers->messages == 0 ? hearing->client : !hearing->client;
	const struct fl_beats *beats = fl_message_beats(hearing->flow, speaker);
	uint32_t enough = (uint32_t)settings->value[FL_SET_ONE_WAY_MESSAGES];
	bool steady = beats && fl_beats_steady(beats, enough);
	bool is_lost = hearing->flow->end[!speaker].seen & FL_SEEN_HOLE; /* it spoke, and the capture missed it */
	char length[FL_TIME_TEXT];

	if (talk->messages >= enough && other->messages == 0 && !is_lost &&
	    (steady || facts->span >= settings->value[FL_SET_ONE_WAY_FOR])) {
		const char *side = fl_side_name(side_of(hearing, speaker));

		/* Joined in the middle, a session that hung before looks the same. */
		verdict->confidence = hearing->flow->marks & FL_MARK_MID_FLOW ? FL_CONFIDENCE_LOW
		                                                              : FL_CONFIDENCE_MEDIUM;
		return settle(verdict, "one-way", FL_OK, FL_LAYER_NONE, FL_SIDE_NONE,
		              "One-way: only the %s sends (%u messages in %s), all of it is ACKed. If answers are "
		              "owed, --set replies=owed says so.",
		              side, talk->messages, fl_duration_text(facts->span, length));
	}
	return settle_alive(facts, hearing->judge->settings.observed_until, verdict);
}

/* A server that never spoke and closes owes nothing. But when it does so to one first request of a client after the
 * other, and answers none, that client gets nowhere. */
static bool is_cut_again(const struct hearing *hearing, uint32_t *ret_others)
{
	const uint32_t several = 3;
	const struct neighbours *neighbours = neighbours_is_cut(hearing->flow, hearing->client)
	                                              ? judge_neighbours(hearing->judge)
	                                              : NULL;

	*ret_others = neighbours ? neighbours_cut(neighbours, hearing->flow) : 0;
	return *ret_others + 1 >= several;
}

static bool judge_cut(uint32_t others, struct fl_verdict *verdict)
{
	verdict->confidence = FL_CONFIDENCE_LOW;
	return settle(verdict, "closed", FL_WARNING, FL_LAYER_APPLICATION, FL_SIDE_SERVER,
	              "Closed by the server without a word to the client's first request, as %u others of this client, "
	              "none of which was answered.",
	              others);
}

/* The server has closed, and owed nothing. When it then refuses its client's next connection its process is gone. */
static bool judge_closing(const struct hearing *hearing, const struct facts *facts, struct fl_verdict *verdict)
{
	const struct fl_cold *cold = hearing->flow->cold;
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	struct retry retry;

	if (!neighbours)
		return false;

	int64_t again = neighbours_retry(neighbours, hearing->flow, cold->fin_at, &retry);

	if (again == FL_TIME_NONE || !retry.is_refused)
		return judge_open(hearing, facts, verdict);

	bool is_made = false;

	/* It may only have been restarted. */
	if (neighbours_next_try(neighbours, hearing->flow, again, &is_made) != FL_TIME_NONE && is_made)
		return judge_open(hearing, facts, verdict);
	verdict->confidence = FL_CONFIDENCE_MEDIUM;
	verdict->onset = cold->fin_at;
	verdict->onset_frame = cold->fin_frame;
	verdict->noticed = again;
	verdict->blind = again - cold->fin_at;
	if (!words_add(&verdict->because,
	               "the service refused the same client's next connection: nobody listens any more"))
		return false;
	return settle(verdict, "closed-mid-request", FL_WARNING, FL_LAYER_APPLICATION, FL_SIDE_SERVER,
	              "The server's process is gone: it closed (frame %u), and its service refuses the client's next "
	              "connection.",
	              cold->fin_frame);
}

bool well_judge(const struct hearing *hearing, struct fl_verdict *ret_verdict)
{
	struct facts facts = facts_of(hearing);
	struct fl_verdict *verdict = ret_verdict;
	bool is_closing = facts.any & FL_SEEN_FIN;
	uint32_t others;
	const char *why;

	verdict->confidence = hearing->flow->marks & FL_MARK_MID_FLOW ? FL_CONFIDENCE_MEDIUM : FL_CONFIDENCE_HIGH;
	verdict->onset = verdict->noticed = verdict->blind = FL_TIME_NONE;
	verdict->bytes_at_risk = facts.outstanding[FL_CLIENT] + facts.outstanding[FL_SERVER];
	if (facts.client->packets == 0 || facts.server->packets == 0)
		return cannot_tell(verdict, why_one_direction(&facts));
	for (unsigned dir = 0; dir < 2 && !(facts.any & FL_SEEN_RST) && (facts.both & FL_SEEN_FIN) == 0; dir++) {
		const struct fl_unresolved *item = unresolved(hearing, dir);
		bool is_gateway = !item;

		if (is_gateway)
			item = unresolved_gateway(hearing, dir);
		if (item)
			return judge_unresolved(hearing, item, dir, is_gateway, verdict);
	}
	why = why_not_well(hearing, &facts);
	if (why)
		return cannot_tell(verdict, why);
	if (waits_too_long(hearing, &facts))
		return cannot_tell(verdict, "a request waited for its answer for longer than any before it");
	if (facts.any & FL_SEEN_RST)
		return judge_reset(hearing, &facts, verdict);
	if (left_a_request(&facts, hearing->flow))
		return cannot_tell(verdict, "the server closed without an answer to what the client sent last");
	if (is_cut_again(hearing, &others))
		return judge_cut(others, verdict);
	if (facts.both & FL_SEEN_FIN)
		return settle(verdict, "closed", FL_OK, FL_LAYER_NONE, FL_SIDE_NONE, "Closed in order by both sides.");
	if (hearing->judge->settings.is_untimed)
		return cannot_tell(verdict, "frames of the capture have no time");
	if (is_closing && facts.silent >= hearing->judge->settings.settings->value[FL_SET_IDLE])
		return cannot_tell(verdict, "one side closed and the other has not, up to the end");
	for (size_t i = 0; i < hearing->n_findings; i++) {
		if (hearing->rulings[i].is_pending)
			return cannot_tell(verdict,
			                   "it ended too soon: something was overdue, for less than the threshold");
	}
	if (is_closing && fl_tcp_closed_first(hearing->flow, !hearing->client))
		return judge_closing(hearing, &facts, verdict);
	return judge_open(hearing, &facts, verdict);
}
