/* The server's kernel goes on sending its SYN-ACK although the client has ACKed it and sends its request: the accept
 * queue is full, so the kernel throws the handshake's last ACK away, and everything behind it (Linux:
 * TcpExtListenOverflows). The client's connect() has long returned. */
#include "flatline/detect.h"

static const char acked[] = "the handshake's SYN-ACK; {other} ACKed it";
static const char first_again[] = "{side} sends the SYN-ACK again all the same";
static const char last_again[] = "SYN-ACK again for the last time: {repeats} {repeats?repeat:repeats}";
static const char went_on[] = "{side} goes on: its application accepted at last";

static const char reset[] = "{side} resets (RST) what its SYN-ACK had accepted";

static const char aborted[] =
	"The {side} did not take the connection: its kernel had sent the SYN-ACK, and answered what came "
	"then by an RST, as it does when the accept queue is full (tcp_abort_on_overflow).";

static const char first_bytes[] = "{other}'s first bytes, which are never ACKed";
static const char repeated[] = "sent again for the last time: {repeats} {repeats?time:times} in {tried}";

static const char not_taken[] =
	"The {side} did not take the connection: its kernel had sent the SYN-ACK, ignored the {bytes} that the {other} "
	"sent {repeats} {repeats?time:times} more, and then answered by an RST as if there were no connection, as it "
	"does with SYN cookies when the accept queue is full.";

/* The client's first bytes are repeated and not taken. */
static bool is_request_refused(const struct fl_series *request, const struct fl_series *syn_acks)
{
	return request->kind == FL_SERIES_DATA && request->repeats >= 2 && request->first_at <= syn_acks->last_at &&
	       (request->over_at == FL_TIME_NONE || request->over_at >= syn_acks->first_at);
}

/* A listener that waits for data (TCP_DEFER_ACCEPT) sends a single SYN-ACK more, and late. */
static bool is_refusal(const struct fl_trouble *trouble, unsigned dir, const struct fl_series *series)
{
	return series->kind == FL_SERIES_SYN_ACK && series->is_acked &&
	       (series->repeats >= 2 || is_request_refused(&trouble->now[!dir], series) ||
	        is_request_refused(&trouble->worst[!dir], series));
}

/* The server ACKed what the client sent: it has the connection. */
static bool has_taken(const struct fl_flow *flow, unsigned client)
{
	const struct fl_end *end = &flow->end[client];

	return (end->seen & FL_SEEN_PAYLOAD) && (end->seen & FL_SEEN_SYN) && end->una > fl_tcp_first_byte(flow, client);
}

static void state(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	const struct fl_flow *flow = watch->flow;
	struct fl_finding *finding = fl_watch_finding(watch, dir);
	uint64_t waiting = fl_tcp_outstanding(flow, !dir);

	if (!finding)
		return;
	finding->onset = series->sent_at;
	finding->onset_frame = series->sent_frame;
	finding->until = series->last_at;
	fl_finding_set(finding, "repeats", FL_UNIT_COUNT, series->repeats);
	fl_finding_set(finding, "sent", FL_UNIT_FRAME, series->sent_frame);
	fl_finding_set(finding, "tried", FL_UNIT_DURATION, series->last_at - series->sent_at);
	fl_finding_drop(finding, "bytes");
	if (waiting > 0)
		fl_finding_set(finding, "bytes", FL_UNIT_BYTES, (int64_t)waiting);
	fl_finding_show(finding, acked, dir, series->sent_file, series->sent_frame, series->sent_at);
	fl_finding_show(finding, first_again, dir, series->first_file, series->first_frame, series->first_at);
	if (series->repeats > 1)
		fl_finding_show(finding, last_again, dir, series->last_file, series->last_frame, series->last_at);
	if (series->over_at == FL_TIME_NONE && has_taken(flow, !dir)) {
		finding->recovered = flow->cold->acked_at[!dir];
	} else if (series->over_at != FL_TIME_NONE && (waiting == 0 || has_taken(flow, !dir))) {
		fl_finding_show(finding, went_on, dir, series->over_file, series->over_frame, series->over_at);
		finding->recovered = series->over_at;
	}
}

/* The client's first bytes, which it repeated in vain until the RST came: NULL unless twice. A SYN-ACK that was a
 * cookie is never repeated, and with a full queue the ACK and what follows it is thrown away. */
static const struct fl_series *never_taken(const struct fl_flow *flow, unsigned client)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	const struct fl_series *request = trouble ? &trouble->now[client] : NULL;

	return request && request->kind == FL_SERIES_DATA && request->repeats >= 2 && !request->is_acked &&
	                       request->over_at == FL_TIME_NONE && request->is_reset && request->reset_by_peer &&
	                       request->head == fl_tcp_first_byte(flow, client)
	               ? request
	               : NULL;
}

/* The RST of a host that has nothing but sent its SYN-ACK, right behind the client's ACK or first data: with
 * tcp_abort_on_overflow a full queue says so. Whether it was that the other connections tell. */
static void consider_abort(struct fl_watch *watch, const struct fl_ending *ending)
{
	const struct fl_flow *flow = watch->flow;
	unsigned dir = ending->dir;
	const struct fl_end *end = &flow->end[dir];
	const struct fl_series *request = never_taken(flow, !dir);
	int64_t longest = (request ? 30 : 1) * FL_NS_PER_S;
	struct fl_finding *finding;

	if (!(ending->classes & FL_SEG_RST_NO_SOCKET) || (ending->classes & FL_SEG_RST_FOREIGN) ||
	    !(end->seen & FL_SEEN_SYN_ACK) || end->packets > end->retransmissions + 4u ||
	    ending->at - flow->cold->first_at > longest || end->una == 0 || (end->seen & FL_SEEN_PAYLOAD))
		return;
	finding = fl_watch_finding(watch, dir);
	if (!finding)
		return;
	finding->onset = finding->until = ending->at;
	finding->onset_frame = ending->frame;
	finding->summary = aborted;
	fl_finding_set(finding, "aborted", FL_UNIT_TIME, ending->at);
	if (request) {
		finding->onset = request->sent_at;
		finding->onset_frame = request->sent_frame;
		finding->summary = not_taken;
		fl_finding_set(finding, "repeats", FL_UNIT_COUNT, request->repeats);
		fl_finding_set(finding, "tried", FL_UNIT_DURATION, request->last_at - request->sent_at);
		fl_finding_set(finding, "bytes", FL_UNIT_BYTES, (int64_t)ending->waiting[!dir]);
		fl_finding_show(finding, first_bytes, !dir, request->sent_file, request->sent_frame, request->sent_at);
		fl_finding_show(finding, repeated, !dir, request->last_file, request->last_frame, request->last_at);
	}
	fl_finding_show(finding, reset, dir, ending->file, ending->frame, ending->at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);
	const struct fl_ending *ending = fl_tcp_ending(watch->flow);

	if (ending)
		consider_abort(watch, ending);
	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		const struct fl_series *series = trouble->now[dir].kind == FL_SERIES_SYN_ACK ? &trouble->now[dir]
		                                                                             : &trouble->connect[dir];

		if (is_refusal(trouble, dir, series) && !fl_tcp_is_slow_path(watch->flow))
			state(watch, dir, series);
	}
}

const struct fl_detector fl_detector_accept_queue_overflow = {
	.id = "accept-queue-overflow",
	.title = "the server repeats its SYN-ACK although the client ACKed it: its accept queue is full",
	.explain =
		"The client has completed the handshake and sends its request; the server's kernel takes neither and "
		"sends its SYN-ACK again, after 1, 3, 7 s and so on. That is what Linux does when the accept queue "
		"of the listening socket is full: its application does not call accept() as fast as connections "
		"come, or not at all. The client believes that it is connected and that its request is on its way. "
		"In the end the server forgets the connection, and answers the next packet by an RST.",
	.lookalikes =
		"The same packets are seen at the client when its ACK is lost on the way; at the server they tell "
		"the two apart. A round trip of a second and more makes the SYN-ACK's timer fire by itself. "
		"TCP_DEFER_ACCEPT sends one late SYN-ACK and then goes on.",
	.advice = "On the server: ss -ltn shows the queue (Recv-Q against Send-Q of the listener), nstat -az "
		  "TcpExtListenOverflows whether it overflowed. Look why the application does not accept (a hang, "
		  "threads used up), and raise the backlog (listen(), net.core.somaxconn) if it only bursts. In the "
		  "client: a reply timeout.",
	.reference = "RFC 9293 section 3.10.7.4; Linux tcp(7), listen(2), tcp_abort_on_overflow",
	.summary = "The {side} never accepted the connection: its kernel sent the SYN-ACK {repeats} "
		   "{repeats?time:times} more over {tried}, although the {other} had ACKed it[, and took none of the "
		   "{bytes} sent after it].",
	.why_unnoticed = "the {other}'s connect() had succeeded, and its writes succeed until the send buffer is full.",
	.would_catch = "a reply timeout in the {other}'s application; TcpExtListenOverflows watched on the {side}.",
	.summaries = { aborted, not_taken },
	.on_end = on_end,
	.is_of_sick = true,
};
