/* Probes in words: who asks an idle peer whether it is there, how often, with which settings, and whether that would
 * keep the connection in the tables on its way; and how a closed window is probed. */
#include "probes.h"

#include <stdio.h>
#include <string.h>

#include "flatline/time.h"
#include "knobs.h"
#include "timers.h"

bool probes_of_window(const struct hearing *hearing, unsigned *ret_dir)
{
	const struct fl_flow *flow = hearing->flow;
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);

	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		const struct fl_probes *probes = &trouble->window_probes[dir];
		bool is_over = (flow->end[0].seen | flow->end[1].seen) & FL_SEEN_RST;

		/* What was under way when it closed is repeated as data is, by other rules. */
		if (trouble->closed[!dir].since == FL_TIME_NONE || probes->began_at == FL_TIME_NONE || is_over ||
		    fl_tcp_outstanding(flow, dir) > 0 || trouble->now[dir].last_at > probes->last_at)
			continue;
		*ret_dir = dir;
		return true;
	}
	return false;
}

static const char *duration_ms(uint32_t ms, char ret_text[FL_TIME_TEXT])
{
	return fl_duration_text(ms * FL_NS_PER_MS, ret_text);
}

void probes_tell_window(const struct hearing *hearing, unsigned dir, int64_t until, struct fl_text *text,
                        struct fl_timers *ret_timers)
{
	const struct fl_probes *probes = &fl_tcp_trouble(hearing->flow)->window_probes[dir];
	uint32_t count = probes->count - probes->before;
	bool is_capped = count > 2 && knobs_persist_is_capped(probes), has_stopped;
	char first[FL_TIME_TEXT], last[FL_TIME_TEXT], from[FL_TIME_TEXT], to[FL_TIME_TEXT];
	int64_t due;

	knobs_of_persist(probes, until, ret_timers);
	has_stopped = knobs_persist_stopped(probes, until, &due);
	fl_text_add(text, "The %s's kernel probed the closed window ", fl_side_name(side_of(hearing, dir)));
	if (count == 1)
		fl_text_add(text, "once");
	else if (count == 2)
		fl_text_add(text, "twice, %s apart", duration_ms(probes->first_step, first));
	else
		fl_text_add(text, "%u times, first %s apart and at last %s%s", count,
		            duration_ms(probes->first_step, first), fl_duration_text(probes->gap, last),
		            is_capped                       ? ", no longer doubled"
		            : knobs_persist_doubles(probes) ? ", doubled each time"
		                                            : "");
	if (has_stopped) {
		if (probes->run > 0)
			fl_text_add(text, "; %s%u got no answer", probes->run < count ? "the last " : "", probes->run);
		fl_text_add(text, ". It sent nothing more, and gave up without a word, between %s and %s",
		            fl_time_of_day(probes->last_at, true, from), fl_time_of_day(due, true, to));
	}
	if (has_stopped ? ret_timers->n_knobs > 0 : is_capped && ret_timers->n_knobs > 1) {
		struct fl_timers told = *ret_timers;

		told.n_knobs -= !has_stopped; /* TCP_USER_TIMEOUT holds no gap down */
		fl_text_add(text, ": ");
		timers_tell_knobs(text, &told, FL_SERIES_DATA);
	}
}

bool probes_gave_up(const struct hearing *hearing, int64_t *ret_from, int64_t *ret_to)
{
	const struct fl_probes *probes;
	unsigned dir;

	if (!probes_of_window(hearing, &dir))
		return false;
	probes = &fl_tcp_trouble(hearing->flow)->window_probes[dir];
	*ret_from = probes->last_at;
	return knobs_persist_stopped(probes, hearing->judge->settings.observed_until, ret_to);
}

/* An end that says no more can still be silent: it is open, and nothing is under way. */
static int64_t silence_at_end(const struct hearing *hearing)
{
	const struct fl_flow *flow = hearing->flow;
	int64_t last = flow->end[0].last_at > flow->end[1].last_at ? flow->end[0].last_at : flow->end[1].last_at;

	if (((flow->end[0].seen | flow->end[1].seen) & (FL_SEEN_FIN | FL_SEEN_RST | FL_SEEN_ZERO_WINDOW)) ||
	    (flow->marks & FL_MARK_GONE) || flow->end[0].packets == 0 || flow->end[1].packets == 0 ||
	    fl_tcp_outstanding(flow, 0) + fl_tcp_outstanding(flow, 1) > 0)
		return 0;
	return hearing->judge->settings.observed_until - last;
}

/* The silence before what failed. */
static int64_t silence_before(const struct hearing *hearing)
{
	const struct fl_ending *ending = fl_tcp_ending(hearing->flow);
	const struct fl_trouble *trouble = fl_tcp_trouble(hearing->flow);
	int64_t longest = 0;

	if (ending && (ending->classes & FL_SEG_RST) && ending->sent > 0 &&
	    !(trouble && trouble->now[!ending->dir].kind != FL_SERIES_NONE &&
	      trouble->now[!ending->dir].over_at == FL_TIME_NONE))
		longest = ending->quiet;
	for (size_t i = 0; i < hearing->n_findings; i++) {
		int64_t quiet = fl_finding_get(&hearing->findings[i], "quiet", 0);

		longest = quiet > longest ? quiet : longest;
	}
	return longest;
}

/* Idle timers that are usual on the way: of Azure's load balancer, AWS' NAT gateway and NLB, Google Cloud's VPC, IPVS.
 */
static const struct idle_timer {
	int64_t after; /* ns */
	const char *whose;
} idle_timers[] = { { 240 * FL_NS_PER_S, "240 s (Azure)" },
	            { 350 * FL_NS_PER_S, "350 s (AWS)" },
	            { 600 * FL_NS_PER_S, "600 s (Google Cloud)" },
	            { 900 * FL_NS_PER_S, "900 s (IPVS)" } };
enum { n_idle_timers = sizeof(idle_timers) / sizeof(idle_timers[0]) };

/* How many of them run out in a silence of that length. */
static size_t run_out_in(int64_t silence)
{
	size_t count = 0;

	while (count < n_idle_timers && idle_timers[count].after <= silence)
		count++;
	return count;
}

/* "240 s (Azure), 350 s (AWS) and 600 s (Google Cloud)" */
static void list_timers(struct fl_text *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		fl_text_add(text, "%s%s", i == from ? "" : i + 1 == to ? " and " : ", ", idle_timers[i].whose);
}

/* A silence in which nobody asked; `is_over`: something was sent at last. */
static void tell_silence(struct fl_text *text, int64_t silence, bool is_over)
{
	size_t count = run_out_in(silence);
	char length[FL_TIME_TEXT];

	fl_text_add(text, "No keepalive in %s of silence: ", fl_duration_text(silence, length));
	if (count > 0) {
		fl_text_add(text, "nothing kept the connection from idle timers of ");
		list_timers(text, 0, count);
	} else if (is_over) {
		fl_text_add(text, "nothing told those on the way that the connection was still in use");
	} else {
		fl_text_add(text, "nothing would keep the connection from idle timers on the way, usually of ");
		list_timers(text, 0, n_idle_timers);
	}
	fl_text_add(text, ".");
}

/* A silence in which nobody asked either, and behind which both sides went on: how much those on the way bear. */
static void tell_borne(const struct hearing *hearing, int64_t told, struct fl_text *text)
{
	int64_t borne = hearing->flow->cold->quiet_s * FL_NS_PER_S;
	char length[FL_TIME_TEXT];

	if (borne < hearing->judge->settings.settings->value[FL_SET_IDLE] || borne <= told + FL_NS_PER_S ||
	    fl_tcp_outstanding(hearing->flow, 0) + fl_tcp_outstanding(hearing->flow, 1) > 0 ||
	    hearing->flow->end[0].packets == 0 || hearing->flow->end[1].packets == 0)
		return;
	for (size_t i = 0; i < hearing->n_findings; i++) {
		if (hearing->findings[i].recovered == FL_TIME_NONE && hearing->rulings[i].is_verdict &&
		    hearing->rulings[i].severity > FL_NOTICE)
			return; /* it may be what that silence ended in */
	}
	fl_text_add(
		text,
		"%sIt was silent for %s once, without a keepalive, and went on: nothing on the way forgets it so soon.",
		text->length ? " " : "", fl_duration_text(borne, length));
}

/* Whether asking after such a silence keeps a connection. */
static void tell_whether_kept(struct fl_text *text, int64_t silence)
{
	size_t count = run_out_in(silence);

	if (count < n_idle_timers) {
		fl_text_add(text, " That beats idle timers of ");
		list_timers(text, count, n_idle_timers);
	}
	if (count > 0) {
		fl_text_add(text, count < n_idle_timers ? ", and is too seldom for "
		                                        : " That is too seldom for idle timers of ");
		list_timers(text, 0, count);
	}
	fl_text_add(text, ".");
}

static struct keepalives keepalives_of(const struct hearing *hearing, unsigned dir)
{
	const struct fl_flow *flow = hearing->flow;
	const struct fl_ending *ending = fl_tcp_ending(flow);
	const struct fl_probes *probes = &fl_tcp_trouble(flow)->keepalives[dir];
	bool is_mid_flow = flow->marks & (FL_MARK_MID_FLOW | FL_MARK_RETURNED);
	struct keepalives keepalives = { .probes = probes,
		                         .seen_before = is_mid_flow ? probes->first_at - flow->cold->first_at
		                                                    : FL_TIME_NONE,
		                         .rtt = fl_tcp_rtt(flow),
		                         .gave_up_at = FL_TIME_NONE };

	keepalives.is_reset = flow->end[!dir].seen & FL_SEEN_RST;
	if (ending && ending->dir == dir && (ending->classes & FL_SEG_RST_ACTIVE) && ending->at >= probes->last_at)
		keepalives.gave_up_at = ending->at;
	return keepalives;
}

/* The longest silence before a keepalive, ns; 0 not known. */
static int64_t longest_idle(const struct fl_probes *probes)
{
	uint32_t longest = probes->first_idle > probes->most_idle ? probes->first_idle : probes->most_idle;

	return longest * FL_NS_PER_MS;
}

static void tell_idle(struct fl_text *text, const struct fl_probes *probes)
{
	int64_t longest = longest_idle(probes), shortest = probes->first_idle * FL_NS_PER_MS;
	char from[FL_TIME_TEXT], to[FL_TIME_TEXT];

	if (probes->least_idle > 0 && (shortest == 0 || probes->least_idle * FL_NS_PER_MS < shortest))
		shortest = probes->least_idle * FL_NS_PER_MS;
	if (longest == 0)
		return;
	if (longest > shortest + shortest / 8)
		fl_text_add(text, " after %s to %s of silence", fl_duration_text(shortest, from),
		            fl_duration_text(longest, to));
	else
		fl_text_add(text, " after %s of silence", fl_duration_text(longest, to));
}

/* A timer is seen; what lacks it may be something else that looks like one. */
static bool are_timed(const struct fl_probes *probes)
{
	return probes->first_idle + probes->least_idle + probes->least_step > 0;
}

/* "The client's kernel sends keepalives after 3.1 s of silence, then every 1.0 s while no answer comes, and gave up
 * with its RST: tcp_keepalive_time is 3 s, ..." */
static void tell_keepalives(const struct hearing *hearing, unsigned dir, struct fl_text *text,
                            struct fl_timers *ret_timers)
{
	struct keepalives keepalives = keepalives_of(hearing, dir);
	const struct fl_probes *probes = keepalives.probes;
	char length[FL_TIME_TEXT], number[32];

	knobs_of_keepalives(&keepalives, ret_timers);
	fl_text_add(text, "The %s's kernel sends keepalives", fl_side_name(side_of(hearing, dir)));
	tell_idle(text, probes);
	if (probes->most_retry > 0)
		fl_text_add(text, ", then every %s while no answer comes", duration_ms(probes->most_retry, length));
	if (knobs_keepalives_gave_up(&keepalives))
		fl_text_add(text, ", and gave up with its RST %s after the last",
		            fl_duration_text(keepalives.gave_up_at - probes->last_at, length));
	else if (probes->run == 0 && probes->answered == probes->count)
		fl_text_add(text,
		            probes->count == 1 ? "; the one so far was answered" : "; all %s so far were answered",
		            fl_count_text(probes->count, number));
	if (ret_timers->n_knobs > 0) {
		fl_text_add(text, ": ");
		timers_tell_knobs(text, ret_timers, FL_SERIES_NONE);
	}
	fl_text_add(text, ".");
}

/* The side whose settings are given as figures: that which got no answer, else that which asked more often. */
static unsigned main_prober(const struct fl_probes probes[2])
{
	if (are_timed(&probes[0]) != are_timed(&probes[1]))
		return are_timed(&probes[1]);
	if ((probes[0].run > 0) != (probes[1].run > 0))
		return probes[1].run > 0;
	return probes[1].count > probes[0].count;
}

static void tell_probing(const struct hearing *hearing, bool takes_timers, struct fl_account *account,
                         struct fl_text *text)
{
	const struct fl_probes *probes = fl_tcp_trouble(hearing->flow)->keepalives;
	unsigned main = main_prober(probes);
	int64_t idle = longest_idle(&probes[main]), other = longest_idle(&probes[!main]);
	int64_t silence = silence_at_end(hearing);
	char length[FL_TIME_TEXT];

	for (unsigned i = 0; i < 2; i++) {
		unsigned dir = i == 0 ? main : !main;
		struct fl_timers timers;

		if (!are_timed(&probes[dir]))
			continue;
		if (i > 0)
			fl_text_add(text, " ");
		tell_keepalives(hearing, dir, text, &timers);
		if (dir != main || !takes_timers)
			continue;
		if (account->timers.is_known) { /* of a series that is over */
			timers.initial_rto = account->timers.initial_rto;
			timers.retries = account->timers.retries;
		}
		account->timers = timers;
	}
	if (other > 0 && (idle == 0 || other < idle))
		idle = other;
	if (idle > 0)
		tell_whether_kept(text, idle);
	if (idle > 0 && silence > idle + idle / 4 && silence >= hearing->judge->settings.settings->value[FL_SET_IDLE])
		fl_text_add(text, " But none came in the last %s of silence.", fl_duration_text(silence, length));
}

bool probes_tell_keepalives(const struct hearing *hearing, bool takes_timers, struct fl_account *account)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(hearing->flow);
	const struct fl_probes *probes = trouble ? trouble->keepalives : NULL;
	int64_t before = silence_before(hearing), at_end = silence_at_end(hearing);
	int64_t enough = hearing->judge->settings.settings->value[FL_SET_IDLE];
	bool is_asked = probes && probes[0].count + probes[1].count > 0;
	struct fl_text text;

	if (hearing->judge->settings.is_untimed)
		return true;
	fl_text_init(&text);
	if (probes && (are_timed(&probes[0]) || are_timed(&probes[1])))
		tell_probing(hearing, takes_timers, account, &text);
	else if (!is_asked && (before >= enough || at_end >= enough))
		tell_silence(&text, before >= enough ? before : at_end, before >= enough);
	if (!is_asked)
		tell_borne(hearing, before > at_end ? before : at_end, &text);
	if (text.failed) {
		fl_text_deinit(&text);
		return false;
	}
	account->keepalive_says = text.data;
	return true;
}
