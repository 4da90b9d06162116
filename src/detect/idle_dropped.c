/* After a quiet time the first segment meets silence, or an RST that is not the peer's own: something on the path
 * forgot the connection while nobody used it (RFC 5382 section 5; conntrack, NAT gateways, load balancers). */
#include "flatline/detect.h"

static const char sent_first[] = "{other} sends the first segment after {quiet} of quiet";
static const char last_again[] = "sent again for the last time: {repeats} {repeats?time:times}, and no answer";
static const char foreign[] = "an RST in the {side}'s name, whose TTL is not its own: {rst_ttl}, "
			      "where its packets had {own_ttl}";

static const char first_probe[] = "{other}'s first keepalive probe, after {quiet} of quiet";
static const char last_probe[] = "the last one: {probes} without an answer";

static const char by_probes[] =
	"Something on the path forgot the connection while it was idle: after {quiet} of quiet {probes} keepalive "
	"{probes?probe:probes} of the {other} met silence, though the {side}'s host lives.";
static const char by_reset[] = "Something on the path forgot the connection while it was idle: after {quiet} of quiet "
			       "the {other}'s next segment "
			       "was answered by an RST that is not the {side}'s own.";

static struct fl_finding *state(struct fl_watch *watch, unsigned dir, int64_t quiet, int64_t onset, uint32_t frame)
{
	struct fl_finding *finding = fl_watch_finding(watch, !dir);

	if (!finding)
		return NULL;
	finding->onset = onset;
	finding->onset_frame = frame;
	fl_finding_set(finding, "quiet", FL_UNIT_DURATION, quiet);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, watch->now - onset);
	return finding;
}

static void consider_silence(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	int64_t quiet = series->quiet;
	struct fl_finding *finding;
	int64_t first;

	if (!fl_series_is_in_vain(series, FL_SERIES_DATA) || series->heard > 0 ||
	    quiet < watch->settings->value[FL_SET_IDLE] ||
	    !fl_series_is_long(series, watch->now, watch->settings->value[FL_SET_DATA_TRIES],
	                       watch->settings->value[FL_SET_DATA_TRIES_FOR]))
		return;
	finding = state(watch, dir, quiet, series->sent_at, series->sent_frame);
	if (!finding)
		return;
	finding->until = series->last_at;
	fl_finding_set(finding, "repeats", FL_UNIT_COUNT, series->repeats);
	fl_finding_set(finding, "rtos", FL_UNIT_COUNT, fl_series_rtos(series, &first));
	fl_finding_set(finding, "bytes", FL_UNIT_BYTES, (int64_t)fl_tcp_outstanding(watch->flow, dir));
	if (fl_series_stopped(series, watch->now))
		fl_finding_set(finding, "stopped", FL_UNIT_TIME, series->last_at);
	fl_finding_show(finding, sent_first, dir, series->sent_file, series->sent_frame, series->sent_at);
	fl_finding_show(finding, last_again, dir, series->last_file, series->last_frame, series->last_at);
}

/* Keepalives that began too late: the first of them met silence. Where one was answered such a pause had been survived.
 */
static void consider_probes(struct fl_watch *watch, unsigned dir, const struct fl_probes *probes)
{
	const struct fl_end *peer = &watch->flow->end[!dir];
	const struct fl_sent *oldest = fl_tcp_oldest(watch->flow, dir);
	bool is_first = !oldest || oldest->at > probes->last_at;
	struct fl_finding *finding;

	if (probes->unanswered < watch->settings->value[FL_SET_PROBES_MISSED] || probes->answered > 0 || !is_first ||
	    peer->packets == 0 || (peer->seen & (FL_SEEN_FIN | FL_SEEN_RST)) ||
	    watch->now - probes->last_at < FL_NS_PER_S / 2 ||
	    probes->unanswered_at - peer->last_at < watch->settings->value[FL_SET_IDLE])
		return;
	finding = state(watch, dir, probes->unanswered_at - peer->last_at, probes->unanswered_at,
	                probes->unanswered_frame);
	if (!finding)
		return;
	finding->until = probes->last_at;
	finding->summary = by_probes;
	fl_finding_set(finding, "probes", FL_UNIT_COUNT, probes->unanswered);
	fl_finding_show(finding, first_probe, dir, probes->unanswered_file, probes->unanswered_frame,
	                probes->unanswered_at);
	fl_finding_show(finding, last_probe, dir, probes->last_file, probes->last_frame, probes->last_at);
}

static void consider_reset(struct fl_watch *watch, const struct fl_ending *ending)
{
	unsigned dir = !ending->dir;
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);
	bool is_repeated = trouble && trouble->now[dir].kind != FL_SERIES_NONE &&
	                   trouble->now[dir].over_at == FL_TIME_NONE;
	const struct fl_probes *probes = trouble && trouble->keepalives[dir].unanswered > 0 ? &trouble->keepalives[dir]
	                                                                                    : NULL;
	const struct fl_sent *oldest = fl_tcp_oldest(watch->flow, dir);
	struct fl_finding *finding;

	if (is_repeated || (watch->flow->end[ending->dir].seen & FL_SEEN_FIN))
		return;
	if (!(ending->classes & FL_SEG_RST_FOREIGN) || (ending->classes & FL_SEG_RST_IGNORED) ||
	    ending->quiet < watch->settings->value[FL_SET_IDLE])
		return;
	finding = state(watch, dir, ending->quiet, oldest ? oldest->at : ending->at,
	                oldest ? oldest->frame : ending->frame);
	if (!finding)
		return;
	if (!oldest && probes) {
		finding->onset = probes->unanswered_at;
		finding->onset_frame = probes->unanswered_frame;
		fl_finding_show(finding, first_probe, dir, probes->unanswered_file, probes->unanswered_frame,
		                probes->unanswered_at);
	}
	finding->until = ending->at;
	finding->summary = by_reset;
	fl_finding_set(finding, "rst_ttl", FL_UNIT_COUNT, ending->ttl);
	fl_finding_set(finding, "own_ttl", FL_UNIT_COUNT, watch->flow->cold->ttl[ending->dir]);
	fl_finding_set(finding, "gave_up", FL_UNIT_TIME, ending->at);
	if (oldest)
		fl_finding_show(finding, sent_first, dir, oldest->file, oldest->frame, oldest->at);
	fl_finding_show(finding, foreign, ending->dir, ending->file, ending->frame, ending->at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);
	const struct fl_ending *ending = fl_tcp_ending(watch->flow);

	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		consider_silence(watch, dir, &trouble->now[dir]);
		consider_probes(watch, dir, &trouble->keepalives[dir]);
	}
	if (ending)
		consider_reset(watch, ending);
}

static const enum fl_setting_id params[] = { FL_SET_IDLE, FL_SET_DATA_TRIES, FL_SET_DATA_TRIES_FOR,
	                                     FL_SET_PROBES_MISSED };

const struct fl_detector fl_detector_idle_dropped = {
	.id = "idle-dropped",
	.title = "something on the path forgot the connection while it was idle",
	.explain =
		"Nobody said anything for a while, and then the first segment met silence, or an RST that did not come "
		"from the peer (its TTL differs): a firewall, a NAT gateway or a load balancer had dropped the "
		"connection from its table, as all of them do after their idle timer. Both ends believe that they "
		"are connected.\nIt needs 60 s of quiet before, and the repeats of peer-vanished after it, or that "
		"RST; keepalive probes that were missed count where the host is known to live.",
	.lookalikes = "A host that died while the connection was idle looks the same until somebody connects anew: the "
		      "new connection works at once through a middlebox that forgot. A host that was restarted answers "
		      "by its own RST (peer-restarted).",
	.advice = "Compare the quiet time with the timers on the path: 240 s (Azure), 350 s (AWS NLB, "
		  "NAT "
		  "gateway), 600 s (Google Cloud), 900 s (IPVS), five days (Linux conntrack). Send a "
		  "keepalive or a heartbeat more often than that: TCP_KEEPIDLE below the timer.",
	.reference = "RFC 5382 section 5 (REQ-5), RFC 9293 section 3.8.4",
	.summary = "Something on the path forgot the connection while it was idle, or the {side}'s host is gone: the "
		   "first "
		   "segment of the {other} after {quiet} of quiet was sent {repeats} {repeats?time:times} more, and "
		   "nothing came back.",
	.summaries = { by_reset, by_probes },
	.why_unnoticed = "an idle connection shows nothing until somebody uses it.",
	.would_catch =
		"a keepalive, or a heartbeat, more often than every {quiet}[{repeats!}; and TCP_USER_TIMEOUT for "
		"the write that meets it].",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.is_of_sick = true,
};
