/* SYNs go out and nothing comes back: no SYN-ACK, no RST, no ICMP error. The host is down or the path to it drops them,
 * a firewall discards them, or the listener's accept queue is full, in which case Linux drops SYNs without a word too
 * (RFC 9293 section 3.8.3: a SYN is repeated for three minutes at least). */
#include "flatline/detect.h"

static const char first_syn[] = "{other} sends the first SYN; nothing comes back";
static const char first_again[] = "SYN again, after {first_gap}";
static const char last_again[] = "SYN for the last time: {syns} in {tried}";

/* The timer of a SYN is a second or more. SYNs half a second apart are those of a Windows that was refused, by an RST
 * which a capture of one direction does not hold. */
static bool is_timed(const struct fl_series *series)
{
	const uint32_t shortest_us = 900000;
	uint32_t kept = series->repeats < FL_STEPS ? series->repeats : FL_STEPS;

	for (uint32_t i = 0; i < kept; i++) {
		if (series->gap_us[i] >= shortest_us)
			return true;
	}
	return false;
}

static bool is_unheard(const struct fl_flow *flow, unsigned dir, const struct fl_series *series)
{
	return series->kind == FL_SERIES_SYN && series->over_at == FL_TIME_NONE && flow->end[!dir].packets == 0 &&
	       is_timed(series);
}

static void state(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	struct fl_finding *finding = fl_watch_finding(watch, !dir);
	int64_t least, most;

	if (!finding)
		return;
	fl_series_next(series, &least, &most);
	finding->onset = series->sent_at;
	finding->onset_frame = series->sent_frame;
	finding->until = series->last_at;
	fl_finding_set(finding, "syns", FL_UNIT_COUNT, series->repeats + 1);
	fl_finding_set(finding, "repeats", FL_UNIT_COUNT, series->repeats);
	fl_finding_set(finding, "sent", FL_UNIT_FRAME, series->sent_frame);
	fl_finding_set(finding, "tried", FL_UNIT_DURATION, series->last_at - series->sent_at);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, watch->now - series->sent_at);
	fl_finding_set(finding, "first_gap", FL_UNIT_DURATION, series->gap_us[0] * FL_NS_PER_US);
	fl_finding_drop(finding, "stopped");
	if (fl_series_stopped(series, watch->now))
		fl_finding_set(finding, "stopped", FL_UNIT_TIME, least);
	if (series->is_reset && !series->reset_by_peer)
		fl_finding_set(finding, "gave_up", FL_UNIT_TIME, series->reset_at);
	fl_finding_show(finding, first_syn, dir, series->sent_file, series->sent_frame, series->sent_at);
	fl_finding_show(finding, first_again, dir, series->first_file, series->first_frame, series->first_at);
	if (series->repeats > 1)
		fl_finding_show(finding, last_again, dir, series->last_file, series->last_frame, series->last_at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		if (is_unheard(watch->flow, dir, &trouble->now[dir]))
			state(watch, dir, &trouble->now[dir]);
	}
}

static const enum fl_setting_id params[] = { FL_SET_SYN_REPEATS, FL_SET_SYN_FOR };

const struct fl_detector fl_detector_connect_unanswered = {
	.id = "connect-unanswered",
	.title = "SYNs are repeated and nothing comes back",
	.explain = "The client asks for a connection, its kernel repeats the SYN (by default with gaps of 1, 2, 4 "
		   "and so on to 32 s; since Linux 6.5 four more of 1 s come first), and nothing comes back: no "
		   "SYN-ACK, no "
		   "refusal, no ICMP error. The server's host is down, the path drops the packets, a firewall discards "
		   "them in silence, or the server's accept queue is full: then its kernel drops new SYNs, while its "
		   "established connections go on.\nTwo SYNs over a second make it a warning; three repeats over "
		   "three seconds, or a client that gave up, make it critical. It is a notice where the client only "
		   "looks who is there (a scan of ports or hosts).",
	.lookalikes = "A single SYN proves nothing: the capture may have ended. Where SYN-ACKs are lost on their way "
		      "back, the client's side of the path shows just this, and the server's shows the SYN-ACKs.",
	.advice = "See whether the server's host answers anything at all, and whether other connections to the same "
		  "port were made at that time: then look at the listener's accept queue (ss -ltn, nstat "
		  "TcpExtListenOverflows) and at filters for this client. In the client: set a connect timeout.",
	.reference = "RFC 9293 section 3.8.3, RFC 6298 section 2 (initial RTO of 1 s)",
	.summary = "Nothing answered the {other}'s {syns} SYNs from frame {sent} on, over {tried}: no SYN-ACK, no "
		   "refusal, no ICMP error.",
	.why_unnoticed = "connect() only fails when the kernel has tried its tcp_syn_retries: after about 130 s by "
			 "default.",
	.would_catch = "a connect timeout in the {other} (a few seconds), or TCP_USER_TIMEOUT, which also bounds a "
		       "connect on Linux.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.is_of_sick = true,
};
