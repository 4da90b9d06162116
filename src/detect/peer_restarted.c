/* A host says that it knows no such connection, although it had taken part in it and never ended it: it was restarted,
 * or lost its state otherwise (RFC 9293 section 3.5.1, half-open connections). */
#include "flatline/detect.h"

static const char last_of_it[] = "{other} sends what the {side} no longer knows of";
static const char no_such[] = "{side}'s host: no such connection (RST)";
static const char new_syn[] = "{side} asks for a new connection from the same port, as if there were none";

static const char by_syn[] =
	"The {side} lost the connection: it asked for a new one from the same port while this one was "
	"open, and had ended it by neither FIN nor RST.";

/* It had said more than a handshake: what only ever sent SYN-ACKs forgot what it never accepted. */
static bool took_part(const struct fl_flow *flow, const struct fl_ending *ending)
{
	const struct fl_end *end = &flow->end[ending->dir];
	uint32_t alone = end->seen & FL_SEEN_SYN_ACK ? 1 + end->retransmissions : 0;

	return ending->sent > alone;
}

/* Right behind the handshake it is a listener that does not take it. */
static bool is_early(const struct fl_flow *flow, const struct fl_ending *ending)
{
	return !(flow->marks & FL_MARK_MID_FLOW) && ending->at - flow->cold->first_at < FL_NS_PER_S;
}

/* It had given up by itself, without a word: what it sent was never ACKed. */
static bool had_given_up(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);

	return trouble && trouble->now[dir].kind == FL_SERIES_DATA && trouble->now[dir].over_at == FL_TIME_NONE &&
	       trouble->now[dir].repeats > 0;
}

static bool is_lost_state(const struct fl_flow *flow, const struct fl_ending *ending)
{
	const uint32_t other = FL_SEG_RST_FOREIGN | FL_SEG_RST_IGNORED;
	uint16_t any = flow->end[0].seen | flow->end[1].seen;

	/* A host that was there a moment ago was not restarted since. */
	const int64_t shortest = FL_NS_PER_S / 2;

	return ending->quiet >= shortest && (ending->classes & FL_SEG_RST_NO_SOCKET) && !(ending->classes & other) &&
	       !(any & (FL_SEEN_FIN | FL_SEEN_HOLE)) && !ending->is_beyond && took_part(flow, ending) &&
	       !is_early(flow, ending) && !had_given_up(flow, ending->dir) &&
	       (flow->end[ending->dir].seen & FL_SEEN_BARE_RST);
}

/* A new SYN on an open connection, and an RST to the other side's ACK of the old one: a stray SYN would be followed by
 * nothing. Where the capture has holes the end may be in one. */
static bool is_replaced(const struct fl_flow *flow, const struct fl_ending *ending)
{
	const struct fl_end *a = &flow->end[0], *b = &flow->end[1];

	return (ending->classes & FL_SEG_SYN) && ending->is_confirmed && a->packets > 1 && b->packets > 0 &&
	       !((a->seen | b->seen) & FL_SEEN_HOLE) && b->una != 0 && a->una != 0;
}

static void state(struct fl_watch *watch, const struct fl_ending *ending)
{
	const struct fl_flow *flow = watch->flow;
	unsigned dir = ending->dir;
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	const struct fl_sent *oldest = fl_tcp_oldest(flow, !dir);
	struct fl_finding *finding = fl_watch_finding(watch, dir);

	if (!finding)
		return;
	finding->onset = finding->until = ending->at;
	finding->onset_frame = ending->frame;
	if (ending->classes & FL_SEG_SYN) {
		finding->summary = by_syn;
		fl_finding_show(finding, new_syn, dir, ending->file, ending->frame, ending->at);
		fl_finding_set(finding, "replaced", FL_UNIT_TIME, ending->at);
		return;
	}
	if (oldest) {
		finding->onset = oldest->at;
		finding->onset_frame = oldest->frame;
		fl_finding_show(finding, last_of_it, !dir, oldest->file, oldest->frame, oldest->at);
	} else if (trouble && trouble->keepalives[!dir].unanswered > 0) {
		const struct fl_probes *probes = &trouble->keepalives[!dir];

		finding->onset = probes->unanswered_at;
		finding->onset_frame = probes->unanswered_frame;
		fl_finding_show(finding, last_of_it, !dir, probes->unanswered_file, probes->unanswered_frame,
		                probes->unanswered_at);
	}
	fl_finding_set(finding, "outage", FL_UNIT_DURATION, ending->at - finding->onset);
	fl_finding_set(finding, "reset", FL_UNIT_FRAME, ending->frame);
	fl_finding_set(finding, "gave_up", FL_UNIT_TIME, ending->at);
	fl_finding_set(finding, "bytes", FL_UNIT_BYTES, (int64_t)ending->waiting[!dir]);
	fl_finding_show(finding, no_such, dir, ending->file, ending->frame, ending->at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_ending *ending = fl_tcp_ending(watch->flow);

	if (ending && (is_lost_state(watch->flow, ending) || is_replaced(watch->flow, ending)))
		state(watch, ending);
}

const struct fl_detector fl_detector_peer_restarted = {
	.id = "peer-restarted",
	.title = "a host that took part in the connection knows nothing of it any more: restarted, or replaced",
	.explain =
		"One side sends, and the other's host answers by an RST as a host does that knows no such connection, "
		"though it had sent segments of it and never a FIN or RST. It was rebooted or power-cycled, its "
		"container was made anew with the same address, or its address moved to another machine (failover). "
		"A crash of the process alone would have shown a FIN or RST when it happened. A side that asks for a "
		"new connection from the port of one that is still open has lost it, too.\nIt is critical: whatever "
		"was under way is gone, and what waited for it was not told before.",
	.lookalikes =
		"An RST whose TTL is not the host's own comes from something between (idle-dropped, reset). After a "
		"FIN the same RST only says that the socket is closed (reset). Right behind the handshake it is "
		"the listener that did not take the connection.",
	.advice = "Look at the uptime of that host (and of the container or virtual machine), and at failovers at the "
		  "onset. Heartbeats of the application or a keepalive on the other side tell of it within their "
		  "period; without them a side that only reads never learns of it.",
	.reference = "RFC 9293 sections 3.5.1 and 3.10.7.1, RFC 5961",
	.summary = "The {side}'s host no longer knows the connection: it answered a segment by an RST[, {outage} after "
		   "the first that met this], with no FIN or RST before.",
	.summaries = { by_syn },
	.why_unnoticed = "a host that restarts tells nobody; only the next segment that is sent to it shows it.",
	.would_catch = "a heartbeat of the application, or a keepalive, with a period as short as the outage may be.",
	.on_end = on_end,
	.is_of_sick = true,
};
