/* A connection that was made, but only when its SYN or SYN-ACK was sent again: each loss there costs a whole second and
 * more, since no round trip is known yet (RFC 6298 section 2: the first RTO is 1 s, and doubles). */
#include "flatline/detect.h"

static const char syn_sent[] = "{other} sends the first SYN";
static const char syn_ack_sent[] = "{side} sends the first SYN-ACK";
static const char last_again[] = "sent for the last time: {repeats} {repeats?repeat:repeats}";
static const char made[] = "answered: connected {cost} after the first";

static void state(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	bool is_syn = series->kind == FL_SERIES_SYN;
	unsigned server = is_syn ? !dir : dir;
	struct fl_finding *finding = fl_watch_finding(watch, server);

	if (!finding)
		return;
	finding->onset = series->sent_at;
	finding->onset_frame = series->sent_frame;
	finding->until = finding->recovered = series->over_at;
	fl_finding_set(finding, is_syn ? "syn" : "syn_ack", FL_UNIT_COUNT, series->repeats);
	fl_finding_set(finding, "repeats", FL_UNIT_COUNT, series->repeats);
	fl_finding_set(finding, "sent", FL_UNIT_FRAME, series->sent_frame);
	fl_finding_set(finding, "cost", FL_UNIT_DURATION, series->over_at - series->sent_at);
	fl_finding_show(finding, is_syn ? syn_sent : syn_ack_sent, dir, series->sent_file, series->sent_frame,
	                series->sent_at);
	fl_finding_show(finding, last_again, dir, series->last_file, series->last_frame, series->last_at);
	fl_finding_show(finding, made, !dir, series->over_file, series->over_frame, series->over_at);
}

static void consider(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	const int64_t least_cost = 900 * FL_NS_PER_MS;
	/* A SYN-ACK again behind the client's ACK: where nothing waited for it, the client was connected all the while
	 * (TCP_DEFER_ACCEPT). */
	bool is_late = series->is_acked && series->repeats < 2 && !(watch->flow->end[!dir].retransmissions > 0);
	bool is_connecting = series->kind == FL_SERIES_SYN || series->kind == FL_SERIES_SYN_ACK;

	if (is_connecting && !is_late && series->over_at != FL_TIME_NONE &&
	    series->over_at - series->sent_at >= least_cost &&
	    (watch->flow->end[0].seen & watch->flow->end[1].seen & FL_SEEN_SYN) && !fl_tcp_is_slow_path(watch->flow))
		state(watch, dir, series);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		consider(watch, dir, &trouble->connect[dir]);
		consider(watch, dir, &trouble->now[dir]);
	}
}

static const char by_queue[] = "The server took the connection late: its accept queue was full, so that its kernel "
			       "ignored the client's ACK and "
			       "sent the SYN-ACK {repeats} {repeats?time:times} more.";

const struct fl_detector fl_detector_connect_slow = {
	.id = "connect-slow",
	.title = "connected, but only after the SYN or the SYN-ACK was repeated",
	.explain = "The connection was made, and its handshake lost something on the way: the SYN or the SYN-ACK came "
		   "only when it was sent again. Nothing is known of the path yet at that point, so each repeat waits "
		   "for a second and more, and that is what the user of the connection felt.",
	.lookalikes = "A path whose round trip is longer than a second: repeats there are too early, and nothing was "
		      "lost. A server whose accept queue was full for a while, and then had room.",
	.advice = "Look for loss on the path, and for a full accept queue of the server (nstat TcpExtListenOverflows, "
		  "TcpExtListenDrops). Keep connections open and use them again.",
	.reference = "RFC 6298 section 2, RFC 9293 section 3.5",
	.summary = "Connected only after {cost}: the {syn_ack|SYN-ACK|SYN} from frame {sent} had to be sent "
		   "{repeats} {repeats?time:times} more.",
	.summaries = { by_queue }, /* for the judge to take */
	.would_catch = "measuring how long connect() takes, in the client.",
	.on_end = on_end,
	.is_of_sick = true,
};
