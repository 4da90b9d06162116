/* Settings of the probes' timers. Keepalives are sent after tcp_keepalive_time without a word of the peer; while they
 * get no answer every tcp_keepalive_intvl, tcp_keepalive_probes times, and then the connection is reset (KERNEL d). One
 * that was answered leaves the interval's timer running, so that answered ones come after the longer of the two. The
 * times are whole seconds, and timers fire late and never early. Probes of a closed window wait for twice the time
 * each, the RTO << tcp_retries2 or tcp_rto_max_ms at most, and as many as tcp_retries2 without an answer end the
 * connection. */
#include "knobs.h"

static const int64_t slack = 50; /* ms: of wire times against timers */

static int64_t least_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The shortest timer that may have fired so late, ms; and what a timer can take at the latest. */
static int64_t timer_of(int64_t ms)
{
	return ms - ms / 9 - slack;
}

static int64_t latest_of(int64_t ms)
{
	return ms + ms / 8 + slack;
}

static int64_t seconds_down(int64_t ms)
{
	return ms / 1000;
}

static int64_t seconds_up(int64_t ms)
{
	return ms > 1000 ? (ms + 999) / 1000 : 1;
}

static void add(struct fl_timers *timers, const char *name, int64_t at_least, int64_t at_most)
{
	if (at_least != FL_KNOB_OPEN && at_most != FL_KNOB_OPEN && at_most < at_least)
		return; /* no value fits: it was not this setting */
	timers->knobs[timers->n_knobs++] = (struct fl_knob){ name, at_least, at_most };
}

static void begin(struct fl_timers *timers)
{
	*timers = (struct fl_timers){ .is_known = true, .initial_rto = FL_TIME_NONE };
}

static int64_t ms_between(int64_t from, int64_t to)
{
	return (to - from) / FL_NS_PER_MS;
}

bool knobs_keepalives_gave_up(const struct keepalives *keepalives)
{
	const struct fl_probes *probes = keepalives->probes;
	int64_t after;

	if (keepalives->gave_up_at == FL_TIME_NONE || probes->run == 0)
		return false;
	after = ms_between(probes->last_at, keepalives->gave_up_at);
	if (probes->least_retry == 0) /* an interval of a second and more, whatever it is */
		return after + slack >= 1000;
	return after >= timer_of(probes->most_retry) && after <= latest_of(probes->least_retry);
}

/* The intervals that were seen: of a run without an answer, with the RST that ends it. False for none. */
static bool retries_of(const struct keepalives *keepalives, int64_t *ret_least, int64_t *ret_most)
{
	const struct fl_probes *probes = keepalives->probes;

	*ret_least = probes->least_retry;
	*ret_most = probes->most_retry;
	if (knobs_keepalives_gave_up(keepalives)) {
		int64_t last = ms_between(probes->last_at, keepalives->gave_up_at);

		*ret_least = *ret_least == 0 ? last : least_of(*ret_least, last);
		*ret_most = most_of(*ret_most, last);
	}
	return *ret_least > 0;
}

/* The first keepalive that was seen can have been no interval's, begun by one before the capture. */
static bool is_first_sure(const struct keepalives *keepalives)
{
	int64_t least, most, interval = keepalives->probes->least_step;

	if (keepalives->probes->first_idle == 0)
		return false;
	if (keepalives->seen_before == FL_TIME_NONE)
		return true;
	if (retries_of(keepalives, &least, &most))
		interval = interval == 0 ? least : least_of(interval, least);
	return interval > 0 && keepalives->seen_before / FL_NS_PER_MS > latest_of(interval);
}

static void bound_idle_time(const struct keepalives *keepalives, struct fl_timers *timers)
{
	const struct fl_probes *probes = keepalives->probes;
	int64_t first = probes->first_idle, later = probes->least_idle, rtt = keepalives->rtt / FL_NS_PER_MS;
	int64_t least = first && later ? least_of(first, later) : first + later;
	int64_t most = most_of(first, probes->most_idle);
	bool are_alike = most <= latest_of(least) + rtt;
	int64_t at_least = FL_KNOB_OPEN;

	if (least == 0)
		return;
	if (is_first_sure(keepalives) && (are_alike || first == least))
		at_least = seconds_up(timer_of((are_alike ? most : first) - rtt));
	/* Where they differ the shorter one may be an answer that the prober never got. */
	add(timers, "tcp_keepalive_time", at_least,
	    seconds_down((are_alike || at_least != FL_KNOB_OPEN ? least : most) + slack));
}

/* Answered ones that came later than the first did: the interval's timer sent them, which an answer does not stop. */
static bool are_the_intervals(const struct keepalives *keepalives)
{
	const struct fl_probes *probes = keepalives->probes;
	int64_t rtt = keepalives->rtt / FL_NS_PER_MS;

	return is_first_sure(keepalives) && probes->least_idle > latest_of(probes->first_idle) + rtt &&
	       probes->most_idle <= latest_of(probes->least_idle) + rtt &&
	       probes->least_step <= latest_of(probes->least_idle) + rtt;
}

static void bound_interval(const struct keepalives *keepalives, struct fl_timers *timers)
{
	const struct fl_probes *probes = keepalives->probes;
	int64_t least, most;

	if (retries_of(keepalives, &least, &most))
		add(timers, "tcp_keepalive_intvl", seconds_up(timer_of(most)), seconds_down(least + slack));
	else if (probes->least_step > 0)
		add(timers, "tcp_keepalive_intvl",
		    are_the_intervals(keepalives) ? seconds_up(timer_of(probes->least_step)) : FL_KNOB_OPEN,
		    seconds_down(probes->least_step + slack));
}

/* With TCP_USER_TIMEOUT the count is not looked at: the first expiry behind that time ends it, if a keepalive was sent.
 */
static void bound_end(const struct keepalives *keepalives, struct fl_timers *timers)
{
	const struct fl_probes *probes = keepalives->probes;
	bool gave_up = knobs_keepalives_gave_up(keepalives);
	int64_t at_last = probes->last_idle + ms_between(probes->unanswered_at, probes->last_at);
	int64_t at_end = gave_up ? probes->last_idle + ms_between(probes->unanswered_at, keepalives->gave_up_at) : 0;

	if (probes->run == 0 || keepalives->is_reset)
		return;
	add(timers, "tcp_keepalive_probes", probes->run, gave_up ? probes->run : FL_KNOB_OPEN);
	at_last -= keepalives->rtt / FL_NS_PER_MS + slack;
	if (probes->run == 1 && (!gave_up || probes->last_idle == 0)) /* nothing is known of it */
		return;
	add(timers, "TCP_USER_TIMEOUT", probes->run > 1 && at_last > 0 ? at_last : FL_KNOB_OPEN,
	    gave_up && probes->last_idle > 0 ? at_end + slack : FL_KNOB_OPEN);
}

void knobs_of_keepalives(const struct keepalives *keepalives, struct fl_timers *ret_timers)
{
	begin(ret_timers);
	bound_idle_time(keepalives, ret_timers);
	bound_interval(keepalives, ret_timers);
	bound_end(keepalives, ret_timers);
}

bool knobs_persist_is_capped(const struct fl_probes *probes)
{
	return probes->gap_before > 0 && probes->gap < probes->gap_before + probes->gap_before / 3;
}

bool knobs_persist_stopped(const struct fl_probes *probes, int64_t now, int64_t *ret_due)
{
	const int64_t most_timer = 120 * FL_NS_PER_S; /* TCP_RTO_MAX */
	int64_t timer = knobs_persist_is_capped(probes) ? probes->gap : 2 * probes->gap;

	if (timer > most_timer)
		timer = most_of(most_timer, probes->gap);
	*ret_due = probes->last_at + timer + timer / 8 + slack * FL_NS_PER_MS;
	return probes->gap > 0 && now > *ret_due;
}

/* How many gaps there are when each is twice the one before, from the first to the last. */
static int64_t doubled_gaps(const struct fl_probes *probes)
{
	int64_t first = probes->first_step, last = probes->gap / FL_NS_PER_MS, gaps = 1;

	while (first > 0 && latest_of(last) >= first << gaps)
		gaps++;
	return gaps;
}

static int64_t seen_gaps(const struct fl_probes *probes)
{
	return (int64_t)probes->count - probes->before - 1;
}

bool knobs_persist_doubles(const struct fl_probes *probes)
{
	return !knobs_persist_is_capped(probes) && seen_gaps(probes) == doubled_gaps(probes);
}

/* The first gap is twice the RTO: with tcp_retries2 = n the longest is the RTO << n. What the peer says of its own
 * accord starts the timer anew, and then the gaps tell nothing. */
static void bound_cap(const struct fl_probes *probes, struct fl_timers *timers)
{
	const int64_t longest = 120000; /* ms: TCP_RTO_MAX */
	int64_t first = probes->first_step, last = probes->gap / FL_NS_PER_MS, gaps = doubled_gaps(probes);

	if (knobs_persist_doubles(probes))
		add(timers, "tcp_retries2", gaps, FL_KNOB_OPEN);
	if (!knobs_persist_is_capped(probes) || last >= longest || seen_gaps(probes) <= gaps)
		return;
	if (last <= latest_of(first << (gaps - 1)))
		add(timers, "tcp_retries2", gaps, gaps);
	if (last >= 1000)
		add(timers, "tcp_rto_max_ms", most_of(timer_of(last), 1000), last + slack);
}

void knobs_of_persist(const struct fl_probes *probes, int64_t now, struct fl_timers *ret_timers)
{
	int64_t due, at_last = ms_between(probes->began_at, probes->last_at) - slack;
	bool has_stopped = knobs_persist_stopped(probes, now, &due);
	bool is_in_vain = has_stopped && probes->run > 0;

	begin(ret_timers);
	if (probes->first_step == 0)
		return;
	if (is_in_vain)
		add(ret_timers, "tcp_retries2", probes->run, probes->run);
	else if (!has_stopped)
		bound_cap(probes, ret_timers);
	add(ret_timers, "TCP_USER_TIMEOUT", most_of(at_last, 0),
	    has_stopped ? ms_between(probes->began_at, due) : FL_KNOB_OPEN);
	/* When the application had closed is not told by the wire, since the FIN waits behind the data. */
	if (is_in_vain)
		add(ret_timers, "tcp_orphan_retries", FL_KNOB_OPEN, probes->run);
}
