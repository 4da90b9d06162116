/* Full-size segments vanish while small ones arrive: something on the path has a smaller MTU, drops what does not fit,
 * and its "fragmentation needed" does not come back (RFC 2923 section 2.1, RFC 8899). */
#include "flatline/detect.h"

static const char sent_first[] = "{other} sends a segment of {least} that is never ACKed";
static const char last_again[] = "sent again for the last time: {repeats} {repeats?time:times} in {tried}";
static const char told[] = "ICMP says that it does not fit: next-hop MTU {mtu}";

static const char beyond[] = "{other}'s first segment behind what is missing";

static const char likely[] =
	"The first full-size segments of the {other} ({least}) were never ACKed, sent {repeats} "
	"{repeats?time:times} more over {tried}, where all smaller ones had been: the path does not take "
	"their size, or is dead since.";
static const char at_receiver[] =
	"Segments of full size from the {other} never arrive: {missing} before frame {sent} are missing "
	"and nothing fills the hole for {waited}, while small packets of the {other} go on to come.";

static const char silent_since[] =
	"Segments of full size from the {other} never arrive: {missing} before frame {sent} are missing, though the "
	"{side} says so and its ACKs stand before them, and nothing fills the hole for {waited}.";

/* Nine tenths of the MSS; or, where the two ends would take more than an Ethernet does, of what that takes: they may
 * have learnt that the path is one. */
static bool is_large(const struct fl_flow *flow, unsigned dir, uint32_t length)
{
	const uint32_t usual_mss = 1460, usual_full = 1428 * 9 / 10;

	return fl_tcp_is_full_size(flow, dir, length) || (flow->cold->mss[!dir] > usual_mss && length >= usual_full);
}

/* All that was delivered before was small: no full segment ever passed. */
static bool is_first_large(const struct fl_flow *flow, unsigned dir, const struct fl_series *series)
{
	uint64_t first = fl_tcp_first_byte(flow, dir);

	return (flow->end[dir].seen & FL_SEEN_SYN) && series->head > first && series->head - first < series->least;
}

static void state(struct fl_watch *watch, unsigned dir, const struct fl_series *series, bool is_likely)
{
	const struct fl_icmp_seen *icmp = fl_tcp_icmp(watch->flow, dir);
	struct fl_finding *finding = fl_watch_finding(watch, !dir);
	int64_t first;

	if (!finding)
		return;
	finding->onset = series->sent_at;
	finding->onset_frame = series->sent_frame;
	finding->until = series->last_at;
	fl_finding_set(finding, "least", FL_UNIT_BYTES, series->least);
	fl_finding_set(finding, "repeats", FL_UNIT_COUNT, series->repeats);
	fl_finding_set(finding, "sent", FL_UNIT_FRAME, series->sent_frame);
	fl_finding_set(finding, "tried", FL_UNIT_DURATION, series->last_at - series->sent_at);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, watch->now - series->sent_at);
	fl_finding_set(finding, "heard", FL_UNIT_COUNT, series->heard);
	finding->summary = NULL;
	if (is_likely) {
		finding->summary = likely;
		fl_finding_set(finding, "rtos", FL_UNIT_COUNT, fl_series_rtos(series, &first));
		if (fl_series_stopped(series, watch->now))
			fl_finding_set(finding, "stopped", FL_UNIT_TIME, series->last_at);
		fl_finding_set(finding, "likely", FL_UNIT_COUNT, 1);
	}
	fl_finding_show(finding, sent_first, dir, series->sent_file, series->sent_frame, series->sent_at);
	fl_finding_show(finding, last_again, dir, series->last_file, series->last_frame, series->last_at);
	if (icmp && icmp->mtu > 0) {
		fl_finding_set(finding, "mtu", FL_UNIT_BYTES, icmp->mtu);
		fl_finding_show(finding, told, !dir, icmp->first_file, icmp->first_frame, icmp->first_at);
	}
}

static void consider(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	const uint32_t headers = 40, unrefused = 3; /* repeats in a row that drew no ACK at once */
	const struct fl_icmp_seen *icmp = fl_tcp_icmp(watch->flow, dir);
	/* Packets of the peer while only these are repeated: what is small comes through, in both directions. */
	bool is_selective = series->heard_trying > 1 && series->heard_again == 0 && series->unreplied >= unrefused;

	if (!fl_series_is_in_vain(series, FL_SERIES_DATA) || !is_large(watch->flow, dir, series->least))
		return;
	if (!fl_series_is_long(series, watch->now, watch->settings->value[FL_SET_DATA_TRIES],
	                       watch->settings->value[FL_SET_DATA_TRIES_FOR]))
		return;
	/* Told of this very size. */
	bool is_told = icmp && icmp->mtu > 0 && icmp->last_at >= series->sent_at && series->least + headers > icmp->mtu;

	bool is_likely = !is_selective && !is_told && series->heard_trying == 0 &&
	                 fl_tcp_is_full_size(watch->flow, dir, series->least) &&
	                 is_first_large(watch->flow, dir, series);

	if (is_selective || is_told || is_likely)
		state(watch, dir, series, is_likely);
}

/* Its receiver has said that something is missing, and waits: by then the sender's timer has fired five times, at the
 * slowest. Neither has ended the connection. */
static bool is_waited_for(const struct fl_watch *watch, unsigned dir, int64_t since)
{
	const int64_t five_timers = 31 * FL_NS_PER_S;
	const struct fl_flow *flow = watch->flow;

	return flow->cold->acked_at[dir] >= since && watch->now - since >= five_timers &&
	       !((flow->end[0].seen | flow->end[1].seen) & (FL_SEEN_FIN | FL_SEEN_RST));
}

/* At the receiver's end the large segments never come by: what shows is the hole that they leave, which nothing fills
 * though its sender goes on to send what is small, or has had its time. */
static void consider_hole(struct fl_watch *watch, unsigned dir)
{
	const int64_t long_enough = 5 * FL_NS_PER_S;
	const struct fl_flow *flow = watch->flow;
	const struct fl_sent *behind = fl_tcp_oldest(flow, dir);
	uint64_t missing = fl_tcp_missing(flow, dir);
	struct fl_finding *finding;
	int64_t since;
	bool is_silent;

	if (!behind || missing > UINT32_MAX || !fl_tcp_is_full_size(flow, dir, (uint32_t)missing) ||
	    (flow->end[dir].seen & FL_SEEN_HOLE))
		return;
	/* While it is filled bit by bit it only takes its time. */
	since = fl_tcp_filled_at(flow, dir) > behind->at ? fl_tcp_filled_at(flow, dir) : behind->at;
	is_silent = flow->end[dir].last_at - since < long_enough;
	/* What came before, or behind it, as large as that shows that such a size passes. */
	if (is_silent && (!is_waited_for(watch, dir, since) || flow->end[dir].payload >= missing))
		return;
	finding = fl_watch_finding(watch, !dir);
	if (!finding)
		return;
	finding->onset = behind->at;
	finding->onset_frame = behind->frame;
	finding->until = flow->end[dir].last_at;
	finding->summary = is_silent ? silent_since : at_receiver;
	fl_finding_set(finding, "missing", FL_UNIT_BYTES, (int64_t)missing);
	fl_finding_set(finding, "least", FL_UNIT_BYTES, (int64_t)missing);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, (is_silent ? watch->now : finding->until) - behind->at);
	fl_finding_set(finding, "sent", FL_UNIT_FRAME, behind->frame);
	fl_finding_show(finding, beyond, dir, behind->file, behind->frame, behind->at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	for (unsigned dir = 0; dir < 2; dir++)
		consider_hole(watch, dir);

	for (unsigned dir = 0; trouble && dir < 2; dir++)
		consider(watch, dir, &trouble->now[dir]);
}

static const enum fl_setting_id params[] = { FL_SET_DATA_TRIES, FL_SET_DATA_TRIES_FOR };

const struct fl_detector fl_detector_mtu_blackhole = {
	.id = "mtu-blackhole",
	.title = "full-size segments are never ACKed while small ones are: a path MTU black hole",
	.explain = "Only the large segments of one side vanish: they are repeated in vain, while packets of the other "
		   "side go on to come. A link or tunnel on the path takes less than what the two ends agreed on, and "
		   "the ICMP message that would say so is filtered, or ignored. Logins and heartbeats work, the first "
		   "large answer hangs.\nThree repeats by the timer over a second, of nothing but full segments, make "
		   "it critical.",
	.lookalikes =
		"Where nothing small was sent meanwhile, a dead path looks the same (peer-vanished). A kernel that "
		"probes the MTU (tcp_mtu_probing) finds a size after some seconds, and goes on.",
	.advice =
		"Find the smaller MTU: ping -M do -s SIZE between the two hosts. Let ICMP type 3 code 4 (ICMPv6: type "
		"2) pass every filter; or lower the MSS on the path (TCPMSS clamp), or set tcp_mtu_probing = 1 on "
		"the sender.",
	.reference = "RFC 2923 section 2.1, RFC 4821, RFC 8899; Linux tcp_mtu_probing",
	.summary =
		"Segments of {least} and more from the {other} never arrive, while small packets do: the path does not "
		"take their size ({repeats} {repeats?repeat:repeats} from frame {sent} on over {tried})[; an ICMP "
		"error says that {mtu} fit].",
	.why_unnoticed = "the connection was made and small messages pass, so that both ends believe in the path.",
	.would_catch =
		"tcp_mtu_probing = 1 on the {other}'s host; TCP_USER_TIMEOUT; a reply timeout in the application.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.summaries = { at_receiver, likely, silent_since },
	.on_end = on_end,
	.is_of_sick = true,
};
