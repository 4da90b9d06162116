/* Reads a kernel's settings from its hand on the wire. Linux ends a series at a timer's expiry, when the time since the
 * first retransmission by the timer has reached what tcp_retries2 stands for (a time and not a count: KERNEL b), or
 * TCP_USER_TIMEOUT; for SYNs a count and a time (KERNEL a). Nothing is sent at the end: it lies between the last repeat
 * and the next one that did not come. So each setting has a range, which never leaves out the true value. */
#include "knobs.h"

enum { most_retries = 30, most_syn_retries = 20, most_linear = 15 };

static const int64_t least_rto = 200 * FL_NS_PER_MS, most_rto = 120 * FL_NS_PER_S; /* TCP_RTO_MIN, TCP_RTO_MAX */
static const int64_t slack = 10 * FL_NS_PER_MS;                                    /* of wire times against timers */

/* The time that tcp_retries2 = `n` stands for, with a longest timer of `cap`: the sum of a series that begins with
 * 0.2 s, whatever the real RTO is. */
static int64_t time_of_retries(unsigned n, int64_t cap)
{
	unsigned doublings = 0;

	while (least_rto << (doublings + 1) <= cap)
		doublings++;
	if (n <= doublings)
		return least_rto * ((INT64_C(2) << n) - 1);
	return least_rto * ((INT64_C(2) << doublings) - 1) + (int64_t)(n - doublings) * cap;
}

static uint32_t kept_gaps(const struct fl_series *series)
{
	return series->repeats < FL_STEPS ? series->repeats : FL_STEPS;
}

/* Bounds of the longest timer: gaps that no longer grow show it, else it is the default. */
static void longest_timer(const struct fl_series *series, bool is_flattened, int64_t *ret_least, int64_t *ret_most)
{
	const uint32_t enough = 4; /* gaps: of fewer a tail loss probe may have made two equal */
	uint32_t count = kept_gaps(series);
	int64_t last = fl_series_last_gap(series), before = count > 1 ? series->gap_us[count - 2] * FL_NS_PER_US : 0;

	*ret_least = *ret_most = most_rto;
	if (is_flattened || count < enough || last > before + before / 4 || last >= most_rto)
		return;
	*ret_least = last - last / 9 - slack;
	*ret_most = last;
	if (*ret_least < least_rto)
		*ret_least = least_rto;
	if (*ret_most < *ret_least)
		*ret_most = *ret_least;
}

static struct fl_knob *add(struct fl_timers *timers, const char *name)
{
	struct fl_knob *knob = &timers->knobs[timers->n_knobs++];

	*knob = (struct fl_knob){ name, FL_KNOB_OPEN, FL_KNOB_OPEN };
	return knob;
}

/* How long the series had gone on at its last repeat, and how long at most when the next one did not come. Which of the
 * first two repeats was the timer's first is not always to be told: then both count. */
struct span {
	int64_t at_last,
		at_end; /* ns since the first retransmission by the timer; at_end FL_TIME_NONE while it goes on */
};

static struct span span_of(const struct fl_series *series, int64_t now)
{
	int64_t first, least, most;
	struct span span = { 0, FL_TIME_NONE };

	fl_series_rtos(series, &first);
	fl_series_next(series, &least, &most);
	if (first != FL_TIME_NONE)
		span.at_last = series->last_at - first;
	if (series->over_at == FL_TIME_NONE && !series->is_reset && fl_series_stopped(series, now))
		span.at_end = most - (first != FL_TIME_NONE ? first : series->first_at);
	return span;
}

/* The range of n for which the series went on at its last repeat, and (where it stopped) not for longer than it did. */
static void bound_retries(struct span span, int64_t least_cap, int64_t most_cap, struct fl_knob *knob)
{
	for (unsigned n = 0; n <= most_retries; n++) {
		bool goes_on = time_of_retries(n, most_cap) + slack > span.at_last;
		bool has_ended = span.at_end == FL_TIME_NONE || time_of_retries(n, least_cap) <= span.at_end + slack;

		if (!goes_on || !has_ended)
			continue;
		if (knob->at_least == FL_KNOB_OPEN)
			knob->at_least = n;
		knob->at_most = n;
	}
	if (span.at_end == FL_TIME_NONE)
		knob->at_most = FL_KNOB_OPEN;
}

static void bound_user_timeout(int64_t at_last, int64_t at_end, struct fl_knob *knob)
{
	int64_t least = (at_last - slack) / FL_NS_PER_MS;

	knob->at_least = least > 0 ? least : 0;
	if (at_end != FL_TIME_NONE)
		knob->at_most = (at_end + slack) / FL_NS_PER_MS + 1;
}

/* Gap `i` of a Linux SYN series, in seconds: the initial RTO of 1 s, `linear` times more, then doubling. */
static int64_t syn_gap(uint32_t i, unsigned linear)
{
	const unsigned most_doublings = 7;
	unsigned doublings = i > linear ? i - linear : 0;

	return doublings > most_doublings ? most_rto
	                                  : (FL_NS_PER_S << doublings > most_rto ? most_rto : FL_NS_PER_S << doublings);
}

static void knobs_of_data(const struct fl_series *series, int64_t now, bool is_flattened, struct fl_timers *timers)
{
	struct span span = span_of(series, now);
	int64_t least_cap, most_cap;
	struct fl_knob *knob = add(timers, "tcp_retries2");

	longest_timer(series, is_flattened, &least_cap, &most_cap);
	bound_retries(span, least_cap, most_cap, knob);
	if (knob->at_least == FL_KNOB_OPEN && knob->at_most == FL_KNOB_OPEN && span.at_end != FL_TIME_NONE)
		timers->n_knobs--; /* no value fits: it was not this setting */
	bound_user_timeout(span.at_last, span.at_end, add(timers, "TCP_USER_TIMEOUT"));
	/* An application that closed is not told by the wire, nor when: then this one counts instead, however long the
	 * series had gone on before. */
	if (span.at_end != FL_TIME_NONE) {
		knob = add(timers, "tcp_orphan_retries");
		bound_retries(span, least_cap, most_cap, knob);
		if (knob->at_least == FL_KNOB_OPEN)
			timers->n_knobs--;
		knob->at_least = FL_KNOB_OPEN;
	}
}

/* A FIN that was a close leaves its series to tcp_orphan_retries, where 0 means 8, or, where tcp_rto_max_ms was lowered
 * and the timer has come to it, none at all (KERNEL k); one of a side that only has no more to say is as data. */
static void knobs_of_fin(const struct fl_series *series, int64_t now, bool is_flattened, struct fl_timers *timers)
{
	const int64_t stands_for_zero = 8, least_rto_max = FL_NS_PER_S;
	struct span span = span_of(series, now);
	int64_t least_cap, most_cap, last = fl_series_last_gap(series);
	struct fl_knob *knob = add(timers, "tcp_orphan_retries");

	longest_timer(series, is_flattened, &least_cap, &most_cap);
	bound_retries(span, least_cap, most_cap, knob);
	if (knob->at_least == FL_KNOB_OPEN && span.at_end != FL_TIME_NONE)
		timers->n_knobs--;
	else if (knob->at_least <= stands_for_zero &&
	         (knob->at_most == FL_KNOB_OPEN || knob->at_most >= stands_for_zero ||
	          2 * last + last / 4 >= least_rto_max))
		knob->at_least = 0;
	knob = add(timers, "tcp_retries2");
	bound_retries(span, least_cap, most_cap, knob);
	if (knob->at_least == FL_KNOB_OPEN && span.at_end != FL_TIME_NONE)
		timers->n_knobs--;
	bound_user_timeout(span.at_last, span.at_end, add(timers, "TCP_USER_TIMEOUT"));
}

/* The server's timer sends a SYN-ACK again after 1, 2, 4, ... s, tcp_synack_retries times; of a listener that has much
 * to do fewer, but two. */
static void knobs_of_syn_acks(const struct fl_series *series, int64_t now, struct fl_timers *timers)
{
	const uint32_t least_by_load = 2;
	bool has_stopped = series->over_at == FL_TIME_NONE && !series->is_reset && fl_series_stopped(series, now);
	uint32_t count = kept_gaps(series);
	struct fl_knob *knob;

	for (uint32_t i = 0; i < count; i++) {
		int64_t gap = series->gap_us[i] * FL_NS_PER_US, timer = syn_gap(i, 0);

		if (gap < timer - timer / 100 || gap > timer + timer / 8 + slack)
			return;
	}
	knob = add(timers, "tcp_synack_retries");
	knob->at_least = series->repeats;
	if (has_stopped && series->repeats < least_by_load)
		knob->at_most = series->repeats;
}

void knobs_of_fin_wait(int64_t after, struct fl_timers *ret_timers)
{
	*ret_timers = (struct fl_timers){ .is_known = true, .initial_rto = FL_TIME_NONE };
	add(ret_timers, "tcp_fin_timeout")->at_most = (after + slack) / FL_NS_PER_S;
}

/* True when these settings would have made just these repeats, and (where the series stopped) no more. */
static bool fits_syns(const struct fl_series *series, bool has_stopped, unsigned retries, unsigned linear)
{
	int64_t limit = FL_NS_PER_S * ((INT64_C(2) << retries) - 1), elapsed = 0;
	uint32_t count = kept_gaps(series);

	for (uint32_t i = 0; i < count; i++) {
		int64_t gap = series->gap_us[i] * FL_NS_PER_US, timer = syn_gap(i, linear);

		/* The first may have waited for a neighbour's address before it was sent. */
		if (gap < timer - timer / (i == 0 ? 8 : 100) || gap > timer + timer / 8 + slack)
			return false;
		elapsed += gap;
		if (i >= retries + linear || elapsed >= limit + slack)
			return false;
	}
	elapsed += syn_gap(count, linear);
	elapsed += syn_gap(count, linear) / 8 + slack;
	return !has_stopped || count >= retries + linear || elapsed >= limit;
}

static void widen(struct fl_knob *knob, int64_t value)
{
	if (knob->at_least == FL_KNOB_OPEN || value < knob->at_least)
		knob->at_least = value;
	if (knob->at_most == FL_KNOB_OPEN || value > knob->at_most)
		knob->at_most = value;
}

static void knobs_of_syns(const struct fl_series *series, int64_t now, struct fl_timers *timers)
{
	bool has_stopped = series->over_at == FL_TIME_NONE && !series->is_reset && fl_series_stopped(series, now);
	int64_t at_last = series->last_at - series->sent_at, least, at_end;
	struct fl_knob *retries = add(timers, "tcp_syn_retries"), *linear = add(timers, "tcp_syn_linear_timeouts");

	fl_series_next(series, &least, &at_end);
	for (unsigned n = 0; n <= most_syn_retries; n++) {
		for (unsigned l = 0; l <= most_linear; l++) {
			if (!fits_syns(series, has_stopped, n, l))
				continue;
			widen(retries, n);
			widen(linear, l);
		}
	}
	if (retries->at_least == FL_KNOB_OPEN) {
		timers->n_knobs -= 2; /* another system's schedule, or neither of the two ended it */
	} else {
		if (!has_stopped)
			retries->at_most = FL_KNOB_OPEN;
		if (linear->at_most == most_linear)
			linear->at_most = FL_KNOB_OPEN;
	}
	bound_user_timeout(at_last, has_stopped ? at_end - series->sent_at : FL_TIME_NONE,
	                   add(timers, "TCP_USER_TIMEOUT"));
}

void knobs_find(const struct fl_series *series, int64_t now, bool is_flattened, struct fl_timers *ret_timers)
{
	bool has_probe = fl_series_begins_with_tlp(series) == 1;
	uint32_t first_rto = series->gap_us[has_probe];
	int64_t first;

	*ret_timers = (struct fl_timers){ .is_known = true, .initial_rto = FL_TIME_NONE };
	ret_timers->retries = fl_series_rtos(series, &first);
	/* A probe of new data starts the timer anew: the first repeat then waited for longer than the timer ran. */
	if (series->is_head && series->repeats > 1 && series->gap_us[1] / 2 < first_rto)
		first_rto = series->gap_us[1] / 2;
	if (ret_timers->retries > 0 && !series->is_tail)
		ret_timers->initial_rto = first_rto * FL_NS_PER_US;
	if (series->kind == FL_SERIES_DATA)
		knobs_of_data(series, now, is_flattened, ret_timers);
	else if (series->kind == FL_SERIES_SYN)
		knobs_of_syns(series, now, ret_timers);
	else if (series->kind == FL_SERIES_FIN)
		knobs_of_fin(series, now, is_flattened, ret_timers);
	else if (series->kind == FL_SERIES_SYN_ACK)
		knobs_of_syn_acks(series, now, ret_timers);
}

static int64_t data_gives_up(const struct fl_series *series, unsigned retries2)
{
	int64_t first, gap = fl_series_last_gap(series), at = series->last_at;

	if (fl_series_rtos(series, &first) == 0)
		return FL_TIME_NONE;
	do {
		gap = 2 * gap < most_rto ? 2 * gap : most_rto > gap ? most_rto : gap;
		at += gap;
	} while (at - first < time_of_retries(retries2, most_rto));
	return at;
}

static int64_t syns_give_up(const struct fl_series *series, unsigned retries)
{
	int64_t limit = FL_NS_PER_S * ((INT64_C(2) << retries) - 1), at = series->last_at;
	uint32_t count = kept_gaps(series);
	unsigned linear = 0;

	while (linear <= most_linear && !fits_syns(series, false, retries, linear))
		linear++;
	if (linear > most_linear)
		return FL_TIME_NONE;
	do {
		at += syn_gap(count, linear);
	} while (count++ < retries + linear && at - series->sent_at < limit);
	return at;
}

int64_t knobs_gives_up(const struct fl_series *series, unsigned retries)
{
	if (series->kind == FL_SERIES_DATA)
		return data_gives_up(series, retries);
	return series->kind == FL_SERIES_SYN ? syns_give_up(series, retries) : FL_TIME_NONE;
}
