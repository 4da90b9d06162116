/* An established connection about which the network itself says that its packets cannot be delivered: ICMP errors
 * (RFC 1122 section 4.2.3.9, RFC 5927). TCP takes them for hints and goes on trying; they name the place to look at. */
#include "flatline/detect.h"

static const char sent_first[] = "{other} sends what is never ACKed";
static const char first_error[] = "the first ICMP error about it (type {icmp_type}, code {icmp_code})";
static const char last_error[] = "the last one: {errors}";
static const char went_on[] = "{side} ACKs it at last, and the connection goes on";

static const int64_t long_enough = FL_NS_PER_S;
enum { enough_errors = 2 };

/* Both sides had said something, and neither in a handshake alone. */
static bool is_established(const struct fl_flow *flow)
{
	const struct fl_end *a = &flow->end[0], *b = &flow->end[1];
	bool is_made = (a->seen & b->seen & FL_SEEN_SYN) || (flow->marks & FL_MARK_MID_FLOW);

	return is_made && a->packets > 0 && b->packets > 0 && a->una != 0 && b->una != 0;
}

static void show_errors(const struct fl_icmp_seen *icmp, unsigned from, struct fl_finding *finding)
{
	fl_finding_set(finding, "errors", FL_UNIT_COUNT, icmp->count);
	fl_finding_set(finding, "icmp_type", FL_UNIT_COUNT, icmp->type);
	fl_finding_set(finding, "icmp_code", FL_UNIT_COUNT, icmp->code);
	if (icmp->is_from_target)
		fl_finding_set(finding, "from_target", FL_UNIT_COUNT, 1);
	fl_finding_show(finding, first_error, from, icmp->first_file, icmp->first_frame, icmp->first_at);
	if (icmp->count > 1)
		fl_finding_show(finding, last_error, from, icmp->last_file, icmp->last_frame, icmp->last_at);
}

static void consider(struct fl_watch *watch, unsigned dir, const struct fl_icmp_seen *icmp)
{
	const struct fl_sent *oldest = fl_tcp_oldest(watch->flow, dir);
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);
	bool is_probed = trouble && trouble->keepalives[dir].unanswered > 0;
	bool is_waiting = fl_tcp_outstanding(watch->flow, dir) > 0 || is_probed;
	const struct fl_ending *ending = fl_tcp_ending(watch->flow);
	bool is_ended = ending && (ending->classes & FL_SEG_RST) && !(ending->classes & FL_SEG_RST_IGNORED);
	struct fl_finding *finding;

	if (icmp->mtu > 0 || !is_waiting || !(watch->flow->marks & FL_MARK_ICMP_LAST) || !is_established(watch->flow))
		return;
	finding = fl_watch_finding(watch, !dir);
	if (!finding)
		return;
	finding->onset = oldest ? oldest->at : icmp->first_at;
	finding->onset_frame = oldest ? oldest->frame : icmp->first_frame;
	if (!oldest && is_probed) {
		finding->onset = trouble->keepalives[dir].unanswered_at;
		finding->onset_frame = trouble->keepalives[dir].unanswered_frame;
	}
	finding->until = icmp->last_at;
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, (is_ended ? ending->at : watch->now) - finding->onset);
	if (is_ended)
		fl_finding_set(finding, "gave_up", FL_UNIT_TIME, ending->at);
	if (fl_tcp_outstanding(watch->flow, dir) > 0)
		fl_finding_set(finding, "bytes", FL_UNIT_BYTES, (int64_t)fl_tcp_outstanding(watch->flow, dir));
	if (oldest)
		fl_finding_show(finding, sent_first, dir, oldest->file, oldest->frame, oldest->at);
	show_errors(icmp, !dir, finding);
}

/* What was repeated while the errors came, and ACKed at last. */
static void consider_past(struct fl_watch *watch, unsigned dir, const struct fl_icmp_seen *icmp,
                          const struct fl_series *series)
{
	struct fl_finding *finding;

	if (series->kind != FL_SERIES_DATA || series->over_at == FL_TIME_NONE || series->sent_at > icmp->first_at ||
	    series->over_at < icmp->last_at || series->over_at - series->sent_at < long_enough)
		return;
	finding = fl_watch_finding(watch, !dir);
	if (!finding)
		return;
	finding->onset = series->sent_at;
	finding->onset_frame = series->sent_frame;
	finding->until = finding->recovered = series->over_at;
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, series->over_at - series->sent_at);
	fl_finding_show(finding, sent_first, dir, series->sent_file, series->sent_frame, series->sent_at);
	show_errors(icmp, !dir, finding);
	fl_finding_show(finding, went_on, !dir, series->over_file, series->over_frame, series->over_at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	for (unsigned dir = 0; dir < 2; dir++) {
		const struct fl_icmp_seen *icmp = fl_tcp_icmp(watch->flow, dir);

		if (!icmp)
			continue;
		consider(watch, dir, icmp);
		if (trouble && icmp->mtu == 0 && icmp->count >= enough_errors && is_established(watch->flow)) {
			consider_past(watch, dir, icmp, &trouble->now[dir]);
			consider_past(watch, dir, icmp, &trouble->worst[dir]);
		}
	}
}

const struct fl_detector fl_detector_unreachable = {
	.id = "unreachable",
	.title = "ICMP errors, or a neighbour that nobody answers for: packets of the connection cannot be delivered",
	.explain =
		"The connection was established, and now what one side sends comes back as an ICMP error: no route, "
		"no such host, or a filter that forbids it. Or the next machine on the link does not answer who has "
		"the address (ARP, ND). TCP does not end a connection for that: it repeats until its timers run out, "
		"and only then tells its application the error.\nTwo errors about bytes that nobody has ACKed for a "
		"second make it critical; so do three questions on the link over two seconds.",
	.lookalikes = "An error that tells of a smaller MTU is no failure when smaller segments pass (mtu-blackhole "
		      "otherwise). A connection that goes on after an error has recovered.",
	.advice = "The sender of the ICMP error is the machine to look at: its route, its neighbour table, its filter. "
		  "Code 10 or 13 (ICMPv6: 1) is a firewall's rule. Where the target's own address sends it: its host's "
		  "filter.",
	.reference = "RFC 1122 section 4.2.3.9, RFC 5927, RFC 6069, RFC 792, RFC 4443",
	.summary = "What the {other} sends cannot be delivered: {errors} ICMP {errors?error:errors} (type {icmp_type}, "
		   "code "
		   "{icmp_code}) over {waited}[, and {bytes} {bytes?was:were} never ACKed].",
	.why_unnoticed =
		"TCP takes ICMP errors for hints: it goes on repeating, and tells its application only when it "
		"gives up.",
	.would_catch = "TCP_USER_TIMEOUT on the {other}'s socket; IP_RECVERR tells the application of each ICMP error.",
	.on_end = on_end,
	.is_of_sick = true,
};
