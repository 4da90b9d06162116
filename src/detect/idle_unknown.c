/* A connection on which nothing is said and nothing is under way: TCP sends nothing by itself, so a peer whose host
 * died looks just like one that has nothing to say (RFC 9293 section 3.8.4: keepalives are off by default). Who knows
 * that it lives, knows it from the application or from keepalives; here nobody asks. */
#include "flatline/detect.h"

static const char last_word[] = "the last packet of both sides; silence for {idle} from here";

/* One that is used at such intervals is between two uses, as usual. */
static bool is_usual(const struct fl_watch *watch, int64_t idle)
{
	int64_t longest = 0;

	for (unsigned dir = 0; dir < 2; dir++) {
		const struct fl_talk *talk = &watch->flow->cold->talk[dir];
		int64_t usual = talk->longest_gap_ms * FL_NS_PER_MS;

		if (talk->messages >= 3 && usual > longest)
			longest = usual;
	}
	return idle <= longest + longest / 4;
}

/* Keepalives that were answered: silence until the next one is due, or a little after, is no doubt. */
static bool is_kept_alive(const struct fl_watch *watch, int64_t idle)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		const struct fl_probes *probes = &trouble->keepalives[dir];
		int64_t period = probes->gap;

		if (probes->answered > 0 && probes->unanswered == 0 && (period == 0 || idle <= period + period / 8))
			return true;
	}
	return false;
}

static bool is_probed(const struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	return trouble && trouble->keepalives[0].unanswered + trouble->keepalives[1].unanswered +
	                                  trouble->window_probes[0].unanswered + trouble->window_probes[1].unanswered >
	                          0;
}

static void on_end(struct fl_watch *watch)
{
	if (watch->flow->marks & FL_MARK_GONE) /* another has its ports */
		return;

	const struct fl_flow *flow = watch->flow;
	const struct fl_end *late = flow->end[1].last_at > flow->end[0].last_at ? &flow->end[1] : &flow->end[0];
	int64_t idle = watch->now - late->last_at;
	struct fl_finding *finding;

	if (idle < watch->settings->value[FL_SET_IDLE] || flow->end[0].packets == 0 || flow->end[1].packets == 0 ||
	    ((flow->end[0].seen | flow->end[1].seen) & (FL_SEEN_FIN | FL_SEEN_RST | FL_SEEN_ZERO_WINDOW)))
		return;
	if (fl_tcp_outstanding(flow, 0) + fl_tcp_outstanding(flow, 1) > 0 || is_probed(watch) ||
	    is_kept_alive(watch, idle) || is_usual(watch, idle))
		return;
	finding = fl_watch_finding(watch, 0);
	if (!finding)
		return;
	finding->onset = late->last_at;
	finding->onset_frame = late->last_frame;
	fl_finding_set(finding, "idle", FL_UNIT_DURATION, idle);
	fl_finding_set(finding, "last", FL_UNIT_FRAME, late->last_frame);
	fl_finding_show(finding, last_word, late == &flow->end[1], flow->cold->last_file, late->last_frame,
	                late->last_at);
}

static const enum fl_setting_id params[] = { FL_SET_IDLE, FL_SET_IDLE_UNPROBED };

const struct fl_detector fl_detector_idle_unknown = {
	.id = "idle-unknown",
	.title = "open and silent, and nobody asks whether the other side is still there",
	.explain = "The connection is open, all that was sent was ACKed, nothing is owed as far as can be seen, and "
		   "nobody has said anything since, no keepalive either. That may be quite in order. But if the other "
		   "host died meanwhile, neither side would know it: TCP sends nothing by itself, and so nothing can "
		   "fail.",
	.lookalikes = "Answered keepalives make it alive. A connection that is used now and then, and whose usual "
		      "pause is not over, is alive too.",
	.advice = "Turn keepalives on where an idle peer matters (SO_KEEPALIVE, and TCP_KEEPIDLE below the shortest "
		  "idle timer on the path: 350 s at some clouds' load balancers, 240 s at others), or let the "
		  "application beat.",
	.reference = "RFC 9293 section 3.8.4, RFC 1122 section 4.2.3.6",
	.summary =
		"Open and silent for {idle} (since frame {last}): nothing is under way and nobody asks, so nobody can "
		"know whether the other side is still there. Only the next write will tell.",
	.would_catch = "keepalives (by default 7,200 s of silence and 9 probes 75 s apart: 7,875 s; with "
		       "TCP_KEEPIDLE=60, TCP_KEEPINTVL=10, TCP_KEEPCNT=3 a dead peer is known after 90 s), or a "
		       "heartbeat of the application that has to be answered.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
};
