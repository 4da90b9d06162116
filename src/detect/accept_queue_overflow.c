/* The server's kernel goes on sending its SYN-ACK although the client has ACKed it and sends its request: the accept
 * queue is full, so the kernel throws the handshake's last ACK away, and everything behind it (Linux:
 * TcpExtListenOverflows). The client's connect() has long returned. */
#include "flatline/detect.h"

static const char acked[] = "the handshake's SYN-ACK, which {other} ACKed";
static const char first_again[] = "{side} sends the SYN-ACK again all the same";
static const char last_again[] = "SYN-ACK again for the last time: {repeats} {repeats?repeat:repeats}";
static const char went_on[] = "{side} goes on: its application accepted at last";

/* A path that is slow by itself makes the timer fire before the ACK can come. */
static bool is_slow_path(const struct fl_flow *flow)
{
	return fl_tcp_rtt(flow) >= 800 * FL_NS_PER_MS;
}

/* The client's first bytes are repeated and not taken. */
static bool is_request_refused(const struct fl_trouble *trouble, unsigned client)
{
	const struct fl_series *series = &trouble->now[client];

	return series->kind == FL_SERIES_DATA && series->over_at == FL_TIME_NONE && series->repeats >= 2;
}

/* A listener that waits for data (TCP_DEFER_ACCEPT) sends a single SYN-ACK more, and late. */
static bool is_refusal(const struct fl_trouble *trouble, unsigned dir, const struct fl_series *series)
{
	return series->kind == FL_SERIES_SYN_ACK && series->is_acked &&
	       (series->repeats >= 2 || (series->repeats == 1 && is_request_refused(trouble, !dir)));
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
	if (series->over_at != FL_TIME_NONE && waiting == 0) {
		fl_finding_show(finding, went_on, dir, series->over_file, series->over_frame, series->over_at);
		finding->recovered = series->over_at;
	}
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		const struct fl_series *series = trouble->now[dir].kind == FL_SERIES_SYN_ACK ? &trouble->now[dir]
		                                                                             : &trouble->connect[dir];

		if (is_refusal(trouble, dir, series) && !is_slow_path(watch->flow))
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
	.on_end = on_end,
	.is_of_sick = true,
};
