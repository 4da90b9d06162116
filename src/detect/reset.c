/* An RST that ended a connection on which something was still to be done. Who sent it is told by its TTL, what it was
 * by its form (RFC 9293 section 3.5.2). */
#include "flatline/detect.h"

static const char rst[] = "{side} resets the connection (RST)";
static const char foreign_rst[] = "RST in the {side}'s name, whose TTL is not its own: {rst_ttl}, where its "
				  "packets had {own_ttl}";
static const char written_after[] = "{side} writes, although the {other} had closed its side";
static const char refused[] = "{other}'s host: nobody is there any more (RST)";
static const char fin[] = "{other} closes (FIN)";

static const char after_close[] =
	"The {side} wrote to a connection that the {other} had closed, and was reset: what it "
	"wrote after the FIN of frame {fin} is lost.";
static const char foreign[] =
	"An RST in the {side}'s name ended the connection, and its TTL is not the {side}'s own: something "
	"between the two sent it.";
static const char after_handshake[] =
	"The {side} reset the connection right after the handshake: it was not accepted, or the "
	"listener was closed.";

static const int64_t at_once = 50 * FL_NS_PER_MS, half_a_second = FL_NS_PER_S / 2;

static bool is_half_open_check(const struct fl_flow *flow, const struct fl_ending *ending)
{
	const struct fl_end *own = &flow->end[ending->dir];

	return (own->seen & (FL_SEEN_SYN | FL_SEEN_SYN_ACK)) == FL_SEEN_SYN &&
	       !((flow->end[0].seen | flow->end[1].seen) & FL_SEEN_PAYLOAD);
}

/* The server's, within half a second of the SYN. */
static bool is_after_handshake(const struct fl_flow *flow, const struct fl_ending *ending)
{
	bool took_a_request = (ending->classes & FL_SEG_RST_ACTIVE) &&
	                      (flow->end[!ending->dir].seen & FL_SEEN_PAYLOAD) && ending->waiting[!ending->dir] == 0;

	return !(flow->marks & FL_MARK_MID_FLOW) && (flow->end[ending->dir].seen & FL_SEEN_SYN_ACK) &&
	       !took_a_request && !(flow->end[ending->dir].seen & FL_SEEN_PAYLOAD) &&
	       ending->at - flow->cold->first_at < half_a_second + fl_tcp_rtt(flow);
}

/* Data, and no crossing: it was sent when the FIN had long arrived. */
static bool is_write_after_close(const struct fl_flow *flow, const struct fl_ending *ending)
{
	const struct fl_talk *talk = &flow->cold->talk[!ending->dir];

	/* Who closes behind it has said goodbye, and lost nothing (TLS: close_notify). */
	return flow->cold->fin_frame != 0 && (flow->end[ending->dir].seen & FL_SEEN_FIN) &&
	       !(flow->end[!ending->dir].seen & FL_SEEN_FIN) && talk->messages > 0 &&
	       talk->last_at > flow->cold->fin_at + fl_tcp_rtt(flow) && ending->at >= talk->last_at;
}

/* The other side was in the middle of a message. */
static bool cuts_a_message(const struct fl_flow *flow, unsigned dir)
{
	return flow->marks & (dir == 0 ? FL_MARK_OPEN_1 : FL_MARK_OPEN_0);
}

/* The client asked before that, and had not closed right behind it: then it was a goodbye. */
static bool is_owed(const struct fl_flow *flow, const struct fl_ending *ending, unsigned client)
{
	const struct fl_talk *asks = &flow->cold->talk[client];
	bool is_goodbye = fl_tcp_closed_first(flow, client) && flow->cold->fin_at - asks->waiting_at <= at_once;

	/* Who never had an answer and leaves is one that only sends. */
	if (ending->dir == client && asks->messages == asks->waiting)
		return false;
	return asks->waiting > 0 && asks->waiting_at < ending->at && !is_goodbye &&
	       !fl_session_asks_nothing(flow, client);
}

/* What was lost, or may have been. Its sender's own last words, a moment before, are no work that was pending. */
static bool is_pending(const struct fl_flow *flow, const struct fl_ending *ending)
{
	enum fl_roles roles;
	unsigned client = fl_flow_client(flow, &roles);
	bool had_closed = flow->cold->fin_frame != 0;
	uint64_t own = ending->silent > at_once + fl_tcp_rtt(flow) ? ending->waiting[ending->dir] : 0;

	if (ending->dir == client && !(flow->end[client].seen & FL_SEEN_PAYLOAD))
		return false; /* a health check that got a greeting */
	if (own + ending->waiting[!ending->dir] > 0 && !had_closed)
		return true;
	if (is_owed(flow, ending, client) && (!had_closed || ending->dir != client) &&
	    (ending->dir != client || ending->silent > at_once))
		return true;
	if (!had_closed && ending->dir != client && (ending->classes & FL_SEG_RST_ACTIVE) &&
	    cuts_a_message(flow, !ending->dir)) /* its own answer */
		return true;
	return !had_closed &&
	       (cuts_a_message(flow, ending->dir) || (flow->end[ending->dir].seen & FL_SEEN_ZERO_WINDOW));
}

static void state(struct fl_watch *watch, const struct fl_ending *ending, const char *summary)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_talk *asks = &flow->cold->talk[!ending->dir];
	bool is_writer = summary == after_close;
	enum fl_roles roles;
	unsigned client = fl_flow_client(flow, &roles);
	struct fl_finding *finding = fl_watch_finding(watch, is_writer ? !ending->dir : ending->dir);

	if (!finding)
		return;
	finding->onset = finding->until = is_writer && asks->waiting > 0 ? asks->waiting_at : ending->at;
	finding->onset_frame = is_writer && asks->waiting > 0 ? asks->waiting_frame : ending->frame;
	finding->summary = summary;
	fl_finding_set(finding, "rst", FL_UNIT_FRAME, ending->frame);
	fl_finding_set(finding, "at", FL_UNIT_TIME, ending->at);
	if (ending->waiting[0] + ending->waiting[1] > 0)
		fl_finding_set(finding, "bytes", FL_UNIT_BYTES, (int64_t)(ending->waiting[0] + ending->waiting[1]));
	if (summary == foreign) {
		fl_finding_set(finding, "foreign", FL_UNIT_COUNT, 1);
		fl_finding_set(finding, "rst_ttl", FL_UNIT_COUNT, ending->ttl);
		fl_finding_set(finding, "own_ttl", FL_UNIT_COUNT, flow->cold->ttl[ending->dir]);
	}
	if (summary == after_handshake)
		fl_finding_set(finding, "early", FL_UNIT_COUNT, 1);
	if (is_writer) {
		fl_finding_set(finding, "fin", FL_UNIT_FRAME, flow->cold->fin_frame);
		fl_finding_show(finding, fin, ending->dir, flow->cold->fin_file, flow->cold->fin_frame,
		                flow->cold->fin_at);
		fl_finding_show(finding, written_after, !ending->dir, ending->file, finding->onset_frame,
		                finding->onset);
		fl_finding_show(finding, refused, ending->dir, ending->file, ending->frame, ending->at);
		return;
	}
	if (!summary && ending->dir != client && asks->waiting > 0 && asks->waiting_at < ending->at) {
		fl_finding_set(finding, "unanswered", FL_UNIT_DURATION, ending->at - asks->waiting_at);
		fl_finding_set(finding, "answered", FL_UNIT_COUNT, asks->messages - asks->waiting);
		/* Its kernel took it for nobody's; and it is no goodbye (TLS: close_notify), but a request like the
		 * last. */
		if ((ending->classes & FL_SEG_RST_NO_SOCKET) && ending->waiting[!ending->dir] > 0 &&
		    asks->last_length + 2 >= asks->answered_length && asks->last_length <= asks->answered_length + 2u)
			fl_finding_set(finding, "not_taken", FL_UNIT_BYTES, (int64_t)ending->waiting[!ending->dir]);
	}
	fl_finding_show(finding, summary == foreign ? foreign_rst : rst, ending->dir, ending->file, ending->frame,
	                ending->at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_flow *flow = watch->flow;
	const struct fl_ending *ending = fl_tcp_ending(flow);

	if (!ending || !(ending->classes & FL_SEG_RST) ||
	    (ending->classes & (FL_SEG_RST_IGNORED | FL_SEG_RST_REFUSED)) || flow->end[0].packets == 0 ||
	    flow->end[1].packets == 0)
		return;
	/* Behind both FINs there is nothing left to end. */
	if ((flow->end[0].seen & flow->end[1].seen & FL_SEEN_FIN) && ending->waiting[0] + ending->waiting[1] == 0)
		return;
	if (ending->classes & FL_SEG_RST_FOREIGN)
		state(watch, ending, foreign);
	else if (is_half_open_check(flow, ending))
		return;
	else if (is_write_after_close(flow, ending))
		state(watch, ending, after_close);
	else if (is_after_handshake(flow, ending))
		state(watch, ending, after_handshake);
	else if (is_pending(flow, ending))
		state(watch, ending, NULL);
}

const struct fl_detector fl_detector_reset = {
	.id = "reset",
	.title = "the connection was aborted by an RST while something was still to be done",
	.explain =
		"An RST ended the connection, and something was lost by it: bytes that nobody had ACKed, a request "
		"without its answer, or what one side wrote after the other had closed. An RST whose TTL is not that "
		"of its supposed sender was made by something between the two: a firewall, a proxy, a middlebox.\nIt "
		"is a warning; one right after the handshake is a notice.",
	.lookalikes =
		"Browsers, load balancers and many clients end a connection whose work is done by an RST: that is "
		"closed. An RST after idle time by a middlebox is idle-dropped, one of a host that knows nothing "
		"of the connection is peer-restarted.",
	.advice = "Look at the side that sent it: did its process exit, close with data unread, or set SO_LINGER to 0? "
		  "Where "
		  "the TTL is foreign: compare it with the hops, and find the firewall or proxy at that distance. A "
		  "program that is reset after the other side's FIN should read the end of file before it writes.",
	.reference = "RFC 9293 sections 3.5.2 and 3.10.7, RFC 3360 (inappropriate RSTs)",
	.summary = "The {side} aborted the connection (RST in frame {rst}) with work pending[: {bytes} "
		   "{bytes?was:were} not ACKed][; "
		   "the {other} had waited for an answer for {unanswered}].",
	.summaries = { after_close, foreign, after_handshake },
	.on_end = on_end,
	.is_of_sick = true,
};
