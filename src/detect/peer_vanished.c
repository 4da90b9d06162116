/* Data is sent again and again, each time after twice the time, and nothing comes back: the other host is gone, or the
 * path to it (RFC 9293 section 3.8.3, RFC 6298 section 5). The sender's kernel tries for a quarter of an hour before it
 * tells its application. Where packets of the other side still arrive, the host lives and one direction of the path is
 * dead: either its ACKs stop on the way, or what is repeated never gets there. */
#include "flatline/detect.h"

static const char sent_first[] = "{other} sends {bytes}[ after {quiet_before} of quiet]; never ACKed";
static const char acked_first[] = "{other} sends what is ACKed in this capture, and then repeats it";
static const char first_again[] = "sent again for the first time, after {first_gap}";
static const char last_again[] = "sent again for the last time: {repeats} {repeats?time:times} in {tried}";
static const char acked_at_last[] = "ACKed at last, after {tried_in_vain}";
static const char aborted_here[] = "{other} aborts the connection (RST)";
static const char no_such_data[] = "{side} resets the connection; its RST shows that it never got that data";
static const char closed_window[] = "the last of {answered} answered probes of the closed window was before this one";
static const char last_probe[] = "last probe: {repeats} in a row without an answer, over {tried}";

static const char acks_lost[] =
	"The {side}'s ACKs do not reach the {other}: the {other} goes on repeating what was ACKed (frame {sent} on), "
	"{repeats} "
	"{repeats?time:times} over {tried}. The path from the {side} to the {other} is dead, the other direction "
	"works.";
static const char data_lost[] =
	"What the {other} sends does not arrive: {bytes} from frame {sent} on were never ACKed, though packets of the "
	"{side} went on to come. The path from the {other} to the {side} is dead, the other direction works.";
static const char probes_lost[] =
	"The {side}'s host, or the path to it, vanished while its receive window was closed: {repeats} "
	"{repeats?probe:probes} from frame {sent} on got no answer, after {answered} that had got one.";

enum { least_probes = 3 };

static int64_t lasted(const struct fl_watch *watch, const struct fl_series *series)
{
	return (series->over_at != FL_TIME_NONE ? series->over_at : watch->now) - series->sent_at;
}

static bool is_past_threshold(const struct fl_watch *watch, const struct fl_series *series)
{
	return fl_series_is_long(series, watch->now, watch->settings->value[FL_SET_DATA_TRIES],
	                         watch->settings->value[FL_SET_DATA_TRIES_FOR]);
}

/* The peer's kernel shows that what is repeated arrives, and does not take it: no path is dead. An RST of the peer
 * tells what it has, unless that RST shows that it never got the data. */
static bool is_explained(const struct fl_series *series)
{
	const uint32_t enough = 3; /* one ACK may get lost, and what was repeated for it gets another */

	if (series->is_reset && series->reset_by_peer && !series->reset_knows_less)
		return true;
	if (series->is_acked)
		return series->replies == 0 || series->repeats < enough;
	/* A peer that is heard and misses nothing itself gets what is small: another verdict's affair. */
	return (series->replies > 0 && series->unreplied < enough) ||
	       (series->heard_trying > 0 && series->heard_again == 0);
}

static void state_figures(struct fl_watch *watch, const struct fl_series *series, unsigned dir,
                          struct fl_finding *finding)
{
	const int64_t worth_telling = 3 * FL_NS_PER_S; /* of quiet: below it nothing forgets a connection */
	const int64_t advised = 10 * FL_NS_PER_S;      /* the TCP_USER_TIMEOUT that is worked out */
	int64_t first_rto, quiet = series->quiet;
	uint32_t rtos = fl_series_rtos(series, &first_rto);
	uint64_t waiting = fl_tcp_outstanding(watch->flow, dir);
	int64_t least, most;

	fl_series_next(series, &least, &most);
	fl_finding_set(finding, "repeats", FL_UNIT_COUNT, series->repeats);
	fl_finding_set(finding, "rtos", FL_UNIT_COUNT, rtos);
	fl_finding_set(finding, "sent", FL_UNIT_FRAME, series->sent_frame);
	fl_finding_set(finding, "bytes", FL_UNIT_BYTES,
	               waiting && series->over_at == FL_TIME_NONE ? (int64_t)waiting
	                                                          : (int64_t)(series->end - series->head));
	fl_finding_set(finding, "tried", FL_UNIT_DURATION, series->last_at - series->sent_at);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, lasted(watch, series));
	fl_finding_set(finding, "first_gap", FL_UNIT_DURATION, series->gap_us[0] * FL_NS_PER_US);
	/* Where it was over sooner, this would have been no help. */
	if (first_rto != FL_TIME_NONE && lasted(watch, series) > first_rto - series->sent_at + advised)
		fl_finding_set(finding, "told_after", FL_UNIT_DURATION, first_rto - series->sent_at + advised);
	fl_finding_drop(finding, "stopped");
	fl_finding_drop(finding, "goes_on");
	if (series->over_at != FL_TIME_NONE)
		fl_finding_set(finding, "tried_in_vain", FL_UNIT_DURATION, lasted(watch, series));
	else if (!series->is_reset && fl_series_stopped(series, watch->now))
		fl_finding_set(finding, "stopped", FL_UNIT_TIME, least);
	else if (!series->is_reset)
		fl_finding_set(finding, "goes_on", FL_UNIT_TIME, most);
	if (quiet >= worth_telling)
		fl_finding_set(finding, "quiet_before", FL_UNIT_DURATION, quiet);
	/* A path that only lost its large packets looks like this, too. */
	if (fl_tcp_is_full_size(watch->flow, dir, series->least))
		fl_finding_set(finding, "full_size", FL_UNIT_BYTES, series->least);
}

/* In which direction the path is dead, where packets of the peer prove that it lives. */
static void state_direction(const struct fl_series *series, struct fl_finding *finding)
{
	fl_finding_drop(finding, "one_way");
	finding->summary = NULL;
	if (series->is_acked)
		finding->summary = acks_lost;
	else if (series->heard_trying > 0)
		finding->summary = data_lost;
	if (series->is_acked) {
		fl_finding_set(finding, "acks_lost", FL_UNIT_COUNT, series->replies);
		fl_finding_set(finding, "d_sacks", FL_UNIT_COUNT, series->dsacks);
	}
	if (finding->summary)
		fl_finding_set(finding, "one_way", FL_UNIT_COUNT, series->heard);
}

static void state(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	struct fl_finding *finding = fl_watch_finding(watch, !dir);

	if (!finding)
		return;
	finding->onset = series->sent_at;
	finding->onset_frame = series->sent_frame;
	finding->until = series->last_at;
	state_figures(watch, series, dir, finding);
	state_direction(series, finding);
	fl_finding_show(finding, series->is_acked ? acked_first : sent_first, dir, series->sent_file,
	                series->sent_frame, series->sent_at);
	fl_finding_show(finding, first_again, dir, series->first_file, series->first_frame, series->first_at);
	if (series->repeats > 1)
		fl_finding_show(finding, last_again, dir, series->last_file, series->last_frame, series->last_at);
	if (series->is_reset && series->over_at == FL_TIME_NONE) {
		const char *what = series->reset_by_peer ? no_such_data : aborted_here;

		if (!series->reset_by_peer)
			fl_finding_set(finding, "gave_up", FL_UNIT_TIME, series->reset_at);
		fl_finding_show(finding, what, series->reset_by_peer ? !dir : dir, series->reset_file,
		                series->reset_frame, series->reset_at);
	}
	if (series->over_at != FL_TIME_NONE) {
		fl_finding_show(finding, acked_at_last, !dir, series->over_file, series->over_frame, series->over_at);
		finding->recovered = series->over_at;
	}
}

/* A failure that is over is stated when it had been one; one that lasts also before. */
static void consider(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	bool is_over = series->over_at != FL_TIME_NONE;

	if (series->kind != FL_SERIES_DATA || series->repeats == 0 || is_explained(series))
		return;
	if (!is_over || is_past_threshold(watch, series))
		state(watch, dir, series);
}

/* A closed window is probed for as long as the probes are answered; when no answer comes any more, the host is gone. */
static void consider_probes(struct fl_watch *watch, unsigned dir, const struct fl_probes *probes)
{
	struct fl_finding *finding;

	if (probes->unanswered < least_probes || (watch->flow->end[!dir].seen & FL_SEEN_RST))
		return;
	finding = fl_watch_finding(watch, !dir);
	if (!finding)
		return;
	finding->onset = probes->unanswered_at;
	finding->onset_frame = probes->unanswered_frame;
	finding->until = probes->last_at;
	finding->summary = probes_lost;
	fl_finding_set(finding, "repeats", FL_UNIT_COUNT, probes->unanswered);
	fl_finding_set(finding, "rtos", FL_UNIT_COUNT, probes->unanswered);
	fl_finding_set(finding, "probes", FL_UNIT_COUNT, probes->unanswered);
	fl_finding_set(finding, "answered", FL_UNIT_COUNT, probes->answered);
	fl_finding_set(finding, "sent", FL_UNIT_FRAME, probes->unanswered_frame);
	fl_finding_set(finding, "tried", FL_UNIT_DURATION, probes->last_at - probes->unanswered_at);
	fl_finding_set(finding, "waited", FL_UNIT_DURATION, watch->now - probes->unanswered_at);
	/* Persist doubles its gap, or holds it: what is later than that has been given up. */
	if (probes->gap > 0 && watch->now - probes->last_at > 2 * probes->gap + probes->gap / 4)
		fl_finding_set(finding, "stopped", FL_UNIT_TIME, probes->last_at + probes->gap);
	fl_finding_show(finding, closed_window, dir, probes->unanswered_file, probes->unanswered_frame,
	                probes->unanswered_at);
	fl_finding_show(finding, last_probe, dir, probes->last_file, probes->last_frame, probes->last_at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	if (!trouble)
		return;
	for (unsigned dir = 0; dir < 2; dir++) {
		consider(watch, dir, &trouble->worst[dir]);
		consider(watch, dir, &trouble->now[dir]);
		consider_probes(watch, dir, &trouble->window_probes[dir]);
	}
}

static const enum fl_setting_id params[] = { FL_SET_DATA_TRIES, FL_SET_DATA_TRIES_FOR };

const struct fl_detector fl_detector_peer_vanished = {
	.id = "peer-vanished",
	.title = "data is repeated with growing gaps and nobody ACKs it: the host, or the path to it, is gone",
	.explain =
		"One side sent data, its kernel sent it again by the retransmission timer, each time after about twice "
		"the time, and no ACK came, and no RST or FIN: the other host died, or lost its power or its link, or "
		"something on the path drops what is sent. The sending application usually knows nothing of it: its "
		"writes go on to succeed until the send buffer is full, and later writes do not show on the wire, "
		"since the kernel first repeats the oldest.\nThree retransmissions by the timer over a second, or two "
		"over five, make it a warning (a tail loss probe does not count); five over five seconds make it "
		"critical, or another sign: the sender's kernel or application gave up, or connected anew, or the host "
		"was silent on other connections too. Three unanswered probes of a closed window count alike. Where "
		"packets of the other side arrive all the same, one direction of the path is dead, and it is said "
		"which.",
	.lookalikes =
		"A capture of one direction only, in which no ACK can be seen. A path that lost only its large packets "
		"(mtu-blackhole): then only full segments are repeated. A middlebox that forgot the connection while "
		"it was idle (idle-dropped): then a quiet time came before. A host that was restarted behind a "
		"firewall that drops what it does not know. A listener whose accept queue is full: then the server "
		"repeats its SYN-ACK.",
	.advice = "Look whether the silent host was up at the onset, and at the network between: the same moment in "
		  "other connections of that host, a switch's log, a changed firewall rule. In the sender: set "
		  "TCP_USER_TIMEOUT, so that a write that nobody ACKs fails in seconds and not in a quarter of an "
		  "hour, and a reply timeout above it.",
	.reference = "RFC 9293 section 3.8.3 (R2), RFC 6298 section 5, RFC 5482 (user timeout)",
	.summary = "The {side}'s host, or the path to it, vanished: {bytes} from frame {sent} on were never ACKed, "
		   "though the {other}'s kernel sent the oldest {repeats} {repeats?time:times} more over {tried}.",
	.summaries = { acks_lost, data_lost, probes_lost },
	.why_unnoticed = "writes succeed until the send buffer is full, keepalives are not sent while data waits for "
			 "its ACK, and the kernel tries for about 15 minutes by default (tcp_retries2 = 15: 924.6 s "
			 "at least) before it tells the application.",
	.would_catch = "TCP_USER_TIMEOUT on the {other}'s socket[ (10000 ms would have ended it {told_after} after "
		       "the write)]; or a reply timeout in the application.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.is_of_sick = true,
};
