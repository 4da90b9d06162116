/* The side that owed an answer closed instead: its process exited or was killed, or it closed without reading (FIN; an
 * RST where something lay unread: RFC 9293 section 3.6.1, RFC 2525 section 2.17). */
#include "flatline/detect.h"

static const char request[] = "{other}'s request, which is never answered";
static const char fin[] = "{side} closes (FIN)";
static const char reset[] = "{side} aborts (RST), with the request unread or unanswered";

static const char by_reset[] =
	"The {side} aborted the connection over a {login|login|request}: the {other} had asked {waited} before and "
	"got an RST instead of its answer[, after {answered} that were answered].";

static void state(struct fl_watch *watch, unsigned dir, int64_t at, bool by_rst)
{
	const struct fl_cold *cold = watch->flow->cold;
	const struct fl_talk *asks = &cold->talk[!dir];
	const struct fl_ending *ending = fl_tcp_ending(watch->flow);
	const struct fl_said_at *owed = fl_session_owed(watch->flow, !dir);
	struct fl_finding *finding = fl_watch_finding(watch, dir);

	if (!finding)
		return;
	finding->onset = at;
	finding->onset_frame = by_rst ? ending->frame : cold->fin_frame;
	finding->until = at;
	finding->summary = by_rst ? by_reset : NULL;
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, at - (owed ? owed->at : asks->waiting_at));
	if (asks->messages > asks->waiting)
		fl_finding_set(finding, "answered", FL_UNIT_COUNT, asks->messages - asks->waiting);
	if (asks->last_length + 2 >= asks->answered_length && asks->last_length <= asks->answered_length + 2u)
		fl_finding_set(finding, "alike", FL_UNIT_COUNT, 1);
	if (owed)
		fl_finding_set(finding, "by_protocol", FL_UNIT_COUNT, 1);
	if (owed && owed->said == FL_SAID_LOGIN)
		fl_finding_set(finding, "login", FL_UNIT_COUNT, 1);
	fl_finding_set(finding, "closed_at", FL_UNIT_TIME, at);
	fl_finding_set(finding, "longest_answer", FL_UNIT_DURATION, asks->longest_answer_us * FL_NS_PER_US);
	fl_finding_show(finding, request, !dir, owed ? owed->file : asks->waiting_file,
	                owed ? owed->frame : asks->waiting_frame, owed ? owed->at : asks->waiting_at);
	if (by_rst)
		fl_finding_show(finding, reset, dir, ending->file, ending->frame, at);
	else
		fl_finding_show(finding, fin, dir, cold->fin_file, cold->fin_frame, at);
}

static void consider(struct fl_watch *watch, const struct fl_ending *ending)
{
	const struct fl_flow *flow = watch->flow;
	enum fl_roles roles;
	unsigned dir = !fl_flow_client(flow, &roles); /* who owes answers */
	const struct fl_talk *asks = &flow->cold->talk[!dir], *answers = &flow->cold->talk[dir];
	bool has_fin = flow->cold->fin_frame != 0;
	bool is_abort = ending && ending->dir == dir && (ending->classes & FL_SEG_RST_ACTIVE) && !has_fin &&
	                !(ending->classes & (FL_SEG_RST_FOREIGN | FL_SEG_RST_IGNORED));
	int64_t at = is_abort ? ending->at : flow->cold->fin_at;

	if (!is_abort && !(has_fin && fl_tcp_closed_first(flow, dir)))
		return;
	bool is_owed = (answers->messages > 0 && asks->messages > asks->waiting) || fl_session_owed(flow, !dir);

	if (asks->waiting == 0 || asks->waiting_at >= at || !is_owed || fl_session_asks_nothing(flow, !dir) ||
	    (flow->end[dir].seen & FL_SEEN_HOLE))
		return;
	state(watch, dir, at, is_abort);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_ending *ending = fl_tcp_ending(watch->flow);

	if (ending || watch->flow->cold->fin_frame != 0)
		consider(watch, ending);
}

const struct fl_detector fl_detector_closed_mid_request = {
	.id = "closed-mid-request",
	.title = "the side that owed an answer closed the connection instead",
	.explain =
		"A request was on its way, this side had answered others before on this connection, and it closed "
		"instead of answering: its process exited, crashed or was killed (its kernel closes in its name), or "
		"it closed without reading what had come, in which case its kernel sends an RST.\nIt is a warning, "
		"and critical when the requests stay unanswered on the next connection, too, or when a known protocol "
		"owed the answer (to a login, a ping). What was asked only a "
		"moment before may have crossed the close: then the confidence is low.",
	.lookalikes = "An idle connection that the server closes owes nothing. A client that says goodbye (QUIT, a TLS "
		      "close_notify) is not owed an answer. A side that never answered anything on this connection "
		      "owes nothing as far as it shows.",
	.advice =
		"Look for an exit, a crash, an out-of-memory kill or a deployment of the process on that side at that "
		"moment. A client has to expect it: repeat the request on a new connection where it may be repeated.",
	.reference = "RFC 9293 section 3.6.1, RFC 2525 section 2.17",
	.summary =
		"The {side} closed the connection over a {login|login|request}: the {other} had asked {waited} before "
		"and got a FIN instead of its answer[, after {answered} that were answered].",
	.summaries = { by_reset },
	.on_end = on_end,
	.ends_of = FL_SEEN_PAYLOAD,
};
