/* A SYN-ACK that nobody answers: the client is gone, never was there (a scan, a forged source), or one direction of the
 * path is dead. The server's kernel repeats it, by default five times (tcp_synack_retries). */
#include "flatline/detect.h"

static const char first_syn_ack[] = "{other} sends the first SYN-ACK";
static const char last_syn_ack[] = "SYN-ACK for the last time: {sent} in all";

static const char late[] = "{side} sends on a connection that it takes for made";
static const char refused[] = "{other}'s host has given the handshake up, and knows no such connection (RST)";

static const char too_late[] =
	"The {side}'s ACKs did not reach the {other}: it sent its SYN-ACK {sent} {sent?time:times} over {tried}, gave "
	"up, and refused what the {side} sent then, which took the connection for made.";

/* The sender of SYN-ACKs of which none was ACKed. */
static bool is_unanswered(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_end *end = &flow->end[dir];

	return (end->seen & FL_SEEN_SYN_ACK) && !(end->seen & (FL_SEEN_PAYLOAD | FL_SEEN_FIN)) && end->una == 0 &&
	       end->retransmissions > 0;
}

/* What the client sends when the server has long given the handshake up shows that it had got a SYN-ACK: none of its
 * ACKs came through. NULL when that is not so. */
static const struct fl_series *acked_too_late(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_end *end = &flow->end[dir];
	const struct fl_ending *ending = fl_tcp_ending(flow);
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	const struct fl_series *series;

	if (!ending || ending->dir != dir || !(ending->classes & FL_SEG_RST_NO_SOCKET) ||
	    (ending->classes & FL_SEG_RST_FOREIGN) || !(end->seen & FL_SEEN_SYN_ACK) ||
	    (end->seen & (FL_SEEN_PAYLOAD | FL_SEEN_FIN)) || !trouble)
		return NULL;
	series = trouble->now[dir].kind == FL_SERIES_SYN_ACK ? &trouble->now[dir] : &trouble->connect[dir];
	return series->kind == FL_SERIES_SYN_ACK && !series->is_acked && series->over_at != FL_TIME_NONE &&
	                       series->over_at - series->last_at >= FL_NS_PER_S / 2 + fl_tcp_rtt(flow)
	               ? series
	               : NULL;
}

static void state_late(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	const struct fl_ending *ending = fl_tcp_ending(watch->flow);
	struct fl_finding *finding = fl_watch_finding(watch, !dir);

	if (!finding)
		return;
	finding->onset = series->sent_at;
	finding->onset_frame = series->sent_frame;
	finding->until = ending->at;
	finding->summary = too_late;
	fl_finding_set(finding, "sent", FL_UNIT_COUNT, series->repeats + 1);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, ending->at - series->sent_at);
	fl_finding_set(finding, "tried", FL_UNIT_DURATION, series->last_at - series->sent_at);
	fl_finding_set(finding, "acked_late", FL_UNIT_TIME, series->over_at);
	fl_finding_set(finding, "refused", FL_UNIT_TIME, ending->at);
	fl_finding_show(finding, first_syn_ack, dir, series->sent_file, series->sent_frame, series->sent_at);
	fl_finding_show(finding, last_syn_ack, dir, series->last_file, series->last_frame, series->last_at);
	fl_finding_show(finding, late, !dir, series->over_file, series->over_frame, series->over_at);
	fl_finding_show(finding, refused, dir, ending->file, ending->frame, ending->at);
}

static void state(struct fl_watch *watch, unsigned dir, const struct fl_sent *first)
{
	const struct fl_end *end = &watch->flow->end[dir], *client = &watch->flow->end[!dir];
	struct fl_finding *finding = fl_watch_finding(watch, !dir);

	if (!finding)
		return;
	finding->onset = first->at;
	finding->onset_frame = first->frame;
	finding->until = end->last_at;
	fl_finding_set(finding, "sent", FL_UNIT_COUNT, end->retransmissions + 1);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, watch->now - first->at);
	fl_finding_set(finding, "tried", FL_UNIT_DURATION, end->last_at - first->at);
	fl_finding_drop(finding, "client_lives");
	if (client->packets > 1 && client->last_at - first->at >= FL_NS_PER_S / 2)
		fl_finding_set(finding, "client_lives", FL_UNIT_COUNT, client->packets - 1);
	fl_finding_show(finding, first_syn_ack, dir, first->file, first->frame, first->at);
	fl_finding_show(finding, last_syn_ack, dir, watch->flow->cold->last_file, end->last_frame, end->last_at);
}

static void on_end(struct fl_watch *watch)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		const struct fl_sent *first = is_unanswered(watch->flow, dir) ? fl_tcp_oldest(watch->flow, dir) : NULL;

		if (first && !(watch->flow->end[!dir].seen & FL_SEEN_RST))
			state(watch, dir, first);

		const struct fl_series *series = acked_too_late(watch->flow, dir);

		if (series)
			state_late(watch, dir, series);
	}
}

static const enum fl_setting_id params[] = { FL_SET_HANDSHAKE_FOR };

const struct fl_detector fl_detector_handshake_abandoned = {
	.id = "handshake-abandoned",
	.title = "SYN-ACKs are repeated and nobody completes the handshake",
	.explain = "The server answers a SYN, and the client never completes the handshake: the server's kernel sends "
		   "its SYN-ACK again after 1, 3, 7, 15 and 31 s (tcp_synack_retries = 5), and then forgets it. A port "
		   "scan or a forged source address looks like this, and so does a path that loses the SYN-ACKs on "
		   "their way back: then the client repeats its SYN all the while.\nThree seconds and one repeat make "
		   "it a warning, and for a scan of ports or hosts a notice. A client whose data comes after the last "
		   "SYN-ACK had got one: then it is the way to the server that loses its ACKs.",
	.lookalikes = "A client that resets the connection at once is a health check or a half-open scan: closed. "
		      "Where the client's ACK is in the capture and the server goes on repeating, its accept queue is "
		      "full (accept-queue-overflow). At the client's side of the path a lost SYN-ACK is "
		      "connect-unanswered.",
	.advice = "Where the client repeats its SYN: look for what drops the SYN-ACKs on the way back (asymmetric "
		  "routes, a stateful firewall that saw one direction only). Else capture at the client: does it send "
		  "its "
		  "ACK, and where is that lost? Many of these from many addresses are a "
		  "SYN flood: tcp_syncookies = 1.",
	.reference = "RFC 9293 section 3.10.7.4, RFC 4987 (SYN flooding)",
	.summary = "The handshake was never completed: the {other} sent its SYN-ACK {sent} {sent?time:times} over "
		   "{tried}, and no answer of the {side} came[, though {client_lives} {client_lives?packet:packets} of "
		   "its side came after the SYN].",
	.summaries = { too_late },
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.is_of_sick = true,
};
