/* A side that sent messages of one size at a steady period no longer does, and the connection is open: its process
 * hangs, or ended the job that beat. What it beats for is its protocol's affair; that it stopped shows on the wire. */
#include "flatline/detect.h"

static const char first_beat[] = "{side}'s first beat of a steady run";
static const char last_beat[] = "{side}'s last one: {beats}, {period} apart";

enum { enough_beats = 5 };

/* What hides beats: the end, a path at work, a window without room (KERNEL 0: behind an RTO nothing new is sent). */
static bool is_hindered(const struct fl_flow *flow, unsigned dir, int64_t since)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	uint16_t any = flow->end[0].seen | flow->end[1].seen;

	if ((any & (FL_SEEN_FIN | FL_SEEN_RST)) || (flow->marks & FL_MARK_GONE) || fl_tcp_outstanding(flow, dir) > 0 ||
	    (flow->end[!dir].seen & FL_SEEN_ZERO_WINDOW))
		return true;
	return trouble && trouble->keepalives[!dir].answered_at != FL_TIME_NONE &&
	       trouble->keepalives[!dir].answered_at > since;
}

static void consider(struct fl_watch *watch, unsigned dir, const struct fl_beats *beats)
{
	int64_t period = fl_beats_period(beats), silent = watch->now - beats->last_at;
	int64_t missed = watch->settings->value[FL_SET_BEATS_MISSED];
	struct fl_finding *finding;

	if (!fl_beats_steady(beats, enough_beats) || watch->flow->cold->talk[dir].last_at > beats->last_at ||
	    silent < missed * period + period / 4 || is_hindered(watch->flow, dir, beats->last_at))
		return;
	finding = fl_watch_finding(watch, dir);
	if (!finding)
		return;
	finding->onset = finding->until = beats->last_at;
	finding->onset_frame = beats->last_frame;
	fl_finding_set(finding, "beats", FL_UNIT_COUNT, beats->count);
	fl_finding_set(finding, "period", FL_UNIT_DURATION, period);
	fl_finding_set(finding, "silent", FL_UNIT_DURATION, silent);
	fl_finding_set(finding, "length", FL_UNIT_BYTES, beats->length);
	fl_finding_show(finding, first_beat, dir, beats->first_file, beats->first_frame, beats->first_at);
	fl_finding_show(finding, last_beat, dir, beats->last_file, beats->last_frame, beats->last_at);
}

/* A side whose protocol has it beat when it has nothing else to say, and that says nothing. */
static bool consider_protocol(struct fl_watch *watch, unsigned dir)
{
	const struct fl_session *session = fl_session_of(watch->flow);
	const struct fl_speaker *by = session ? &session->by[dir] : NULL;
	int64_t missed = watch->settings->value[FL_SET_BEATS_MISSED];
	struct fl_finding *finding;

	if (session && (session->by[0].last.said == FL_SAID_GOODBYE || session->by[1].last.said == FL_SAID_GOODBYE ||
	                fl_profile_beats_at_will(session->profile)))
		return true; /* nothing more is owed */
	if (!by || by->beats < enough_beats)
		return false;
	if (watch->now - by->last.at < missed * by->period + by->period / 4 ||
	    is_hindered(watch->flow, dir, by->last.at))
		return true;
	finding = fl_watch_finding(watch, dir);
	if (!finding)
		return true;
	finding->onset = finding->until = by->last.at;
	finding->onset_frame = by->last.frame;
	fl_finding_set(finding, "by_protocol", FL_UNIT_COUNT, 1);
	fl_finding_set(finding, "beats", FL_UNIT_COUNT, by->beats);
	fl_finding_set(finding, "period", FL_UNIT_DURATION, by->period);
	fl_finding_set(finding, "silent", FL_UNIT_DURATION, watch->now - by->last.at);
	fl_finding_set(finding, "length", FL_UNIT_BYTES, by->beat.length);
	fl_finding_show(finding, first_beat, dir, by->first_beat.file, by->first_beat.frame, by->first_beat.at);
	fl_finding_show(finding, last_beat, dir, by->last.file, by->last.frame, by->last.at);
	return true;
}

static void on_end(struct fl_watch *watch)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		const struct fl_beats *beats = fl_message_beats(watch->flow, dir);

		if (!consider_protocol(watch, dir) && beats)
			consider(watch, dir, beats);
	}
}

static const enum fl_setting_id params[] = { FL_SET_BEATS_MISSED };

const struct fl_detector fl_detector_heartbeat_stopped = {
	.id = "heartbeat-stopped",
	.title = "a side that beat at a steady period stopped, while the connection is open",
	.explain =
		"One side sent messages of one size at a steady period, at least five, and then no more, for three "
		"periods "
		"and longer; nothing was under way, nothing was repeated, and nobody closed. Its process hangs, or the "
		"job behind the beat ended without closing the connection. Its kernel goes on to answer, so that TCP "
		"notices nothing.\nIt is a warning where the protocol is not known, since nobody can say whether the "
		"beat was owed; where the protocol owes it (FIX, SoupBinTCP, AMQP, BGP), it is critical.",
	.lookalikes =
		"A sender whose path died repeats what was under way, and its later beats do not show: that is "
		"peer-vanished. A receiver whose window is closed keeps them back (receiver-stalled). A stream that "
		"came to its end.",
	.advice = "Look at the process on that side: its threads, its timers, what it waits for. On the other side: a "
		  "timeout of three periods that closes the connection.",
	.reference = "none: it is a matter of the application's protocol",
	.summary = "The {side} stopped beating: {beats} messages of {length}, {period} apart, and then none for "
		   "{silent}, though "
		   "the connection is open.",
	.why_unnoticed = "the {side}'s kernel keeps the connection open whatever its process does.",
	.would_catch = "a timeout in the {other}'s application, of a few periods.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.is_of_sick = true,
};
