/* Keepalive probes of an idle connection that nobody answers: the host, or the path to it, is gone (RFC 9293 section
 * 3.8.4). Linux probes after tcp_keepalive_time, every tcp_keepalive_intvl, tcp_keepalive_probes times, and then
 * resets. */
#include "flatline/detect.h"

static const char first_probe[] = "{other}'s first keepalive probe without an answer";
static const char last_probe[] = "the last one: {probes} without an answer";
static const char gave_up[] = "{other}'s kernel gives the connection up (RST)";
static const char left[] = "{other} closes: it waits no longer";

/* The prober's own RST, after its probes. */
static const struct fl_ending *given_up(const struct fl_flow *flow, unsigned dir, const struct fl_probes *probes)
{
	const struct fl_ending *ending = fl_tcp_ending(flow);
	bool is_own = ending && ending->dir == dir && (ending->classes & FL_SEG_RST_ACTIVE);

	return is_own && ending->at - probes->last_at >= FL_NS_PER_S / 2 ? ending : NULL;
}

/* Something waits that the probes were sent behind: no keepalive is sent then (RFC 1122 section 4.2.3.6), and these
 * were none. What was sent after them does not take them back. */
static bool is_data_before(const struct fl_flow *flow, unsigned dir, const struct fl_probes *probes)
{
	const struct fl_sent *oldest = fl_tcp_oldest(flow, dir);

	return fl_tcp_outstanding(flow, dir) > 0 && !(oldest && oldest->at > probes->last_at);
}

/* The prober's FIN, after its probes. */
static bool is_left(const struct fl_flow *flow, unsigned dir, const struct fl_probes *probes)
{
	return fl_tcp_closed_first(flow, dir) && flow->cold->fin_at > probes->last_at;
}

/* The last probe of a capture has had no time. */
static bool is_unanswered(const struct fl_watch *watch, unsigned dir, const struct fl_probes *probes)
{
	const uint32_t certain = 3;
	int64_t missed = watch->settings->value[FL_SET_PROBES_MISSED];

	if (probes->unanswered == 0 || is_data_before(watch->flow, dir, probes))
		return false;
	if (given_up(watch->flow, dir, probes))
		return true;
	return probes->unanswered >= missed &&
	       (probes->unanswered >= certain || watch->now - probes->last_at >= FL_NS_PER_S / 2);
}

static void state(struct fl_watch *watch, unsigned dir, const struct fl_probes *probes)
{
	const struct fl_ending *ending = given_up(watch->flow, dir, probes);
	struct fl_finding *finding = fl_watch_finding(watch, !dir);

	if (!finding)
		return;
	finding->onset = probes->unanswered_at;
	finding->onset_frame = probes->unanswered_frame;
	finding->until = probes->last_at;
	fl_finding_set(finding, "probes", FL_UNIT_COUNT, probes->unanswered);
	fl_finding_set(finding, "tried", FL_UNIT_DURATION, probes->last_at - probes->unanswered_at);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, watch->now - probes->unanswered_at);
	if (probes->answered > 0)
		fl_finding_set(finding, "answered", FL_UNIT_COUNT, probes->answered);
	fl_finding_show(finding, first_probe, dir, probes->unanswered_file, probes->unanswered_frame,
	                probes->unanswered_at);
	if (probes->unanswered > 1)
		fl_finding_show(finding, last_probe, dir, probes->last_file, probes->last_frame, probes->last_at);
	if (ending) {
		fl_finding_set(finding, "gave_up", FL_UNIT_TIME, ending->at);
		fl_finding_show(finding, gave_up, dir, ending->file, ending->frame, ending->at);
	} else if (is_left(watch->flow, dir, probes)) {
		const struct fl_cold *cold = watch->flow->cold;

		fl_finding_set(finding, "left", FL_UNIT_TIME, cold->fin_at);
		fl_finding_show(finding, left, dir, cold->fin_file, cold->fin_frame, cold->fin_at);
	}
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		bool is_reset = watch->flow->end[!dir].seen & FL_SEEN_RST;

		if (!is_reset && is_unanswered(watch, dir, &trouble->keepalives[dir]))
			state(watch, dir, &trouble->keepalives[dir]);
	}
}

static const enum fl_setting_id params[] = { FL_SET_PROBES_MISSED };

const struct fl_detector fl_detector_keepalive_unanswered = {
	.id = "keepalive-unanswered",
	.title = "keepalive probes of an idle connection get no answer",
	.explain =
		"The connection was idle, and one side's kernel asked the other whether it is still there: keepalive "
		"probes, each of which a living kernel answers at once. No answer came: the host died or lost its "
		"network, or something on the path forgot or drops the connection. After the last probe the prober's "
		"kernel gives the connection up and says so by an RST, the only time that Linux does.\nTwo probes in "
		"a row make it critical, or one and the prober's RST.",
	.lookalikes =
		"One probe without an answer among answered ones proves nothing: Linux answers at most one such probe "
		"in half a second. A host that was restarted answers by an RST (peer-restarted). Probes of a closed "
		"window look alike (see receiver-stalled).",
	.advice =
		"Look whether the silent host was up at that time, and at firewalls and load balancers between: their "
		"idle timers are 350 s (AWS), 240 s (Azure), 600 s (Google Cloud), 900 s (IPVS) by default. A "
		"keepalive below the timer keeps the connection; keepalive time plus interval times probes is how "
		"long nobody notices.",
	.reference = "RFC 9293 section 3.8.4, RFC 1122 section 4.2.3.6; Linux tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL, "
		     "TCP_KEEPCNT",
	.summary = "The {side}'s host, or the path to it, is gone: {probes} keepalive {probes?probe:probes} of the "
		   "{other} got no answer[, after {answered} that had got one].",
	.why_unnoticed = "the connection was idle, and an idle connection shows nothing until somebody asks.",
	.would_catch = "a shorter keepalive (TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT) on the {other}'s socket, or "
		       "heartbeats of the application.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.is_of_sick = true,
};
