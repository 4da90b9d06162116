/* What the gaps of a series tell of the kernel's settings. The measured ones are those of KERNEL section 3: what was
 * set is never left out of the range, and where the wire decides, the range is that one value. */
#include <string.h>

#include "judge/knobs.h"
#include "script.h"
#include "unit.h"

#define OPEN FL_KNOB_OPEN
#define GAPS(...) ((const double[]){ __VA_ARGS__, 0 })

static struct fl_timers timers;

/* What was sent at second 0, and again after each of the gaps (0 ends them). */
static struct fl_series series_of(enum fl_series_kind kind, const double *gaps)
{
	struct fl_series series = { .kind = (uint8_t)kind,
		                    .sent_at = script_at(0),
		                    .last_at = script_at(0),
		                    .over_at = FL_TIME_NONE,
		                    .replied_at = FL_TIME_NONE,
		                    .reset_at = FL_TIME_NONE };

	for (; *gaps > 0; gaps++) {
		int64_t gap = script_at(*gaps) - script_at(0);

		series.last_at += gap;
		if (series.repeats == 0)
			series.first_at = series.last_at;
		if (series.repeats < FL_STEPS)
			series.gap_us[series.repeats] = (uint32_t)(gap / FL_NS_PER_US);
		series.repeats++;
	}
	return series;
}

/* As it stands `after` seconds from its last repeat. */
static void find_of(struct fl_series series, double after, bool is_flattened)
{
	knobs_find(&series, series.last_at + script_at(after) - script_at(0), is_flattened, &timers);
	ck_assert(timers.is_known);
	ck_assert_uint_le(timers.n_knobs, FL_KNOBS);
}

/* A series of data that nothing ended, long after its last repeat. */
static void stopped(const double *gaps)
{
	find_of(series_of(FL_SERIES_DATA, gaps), 1000, false);
}

static void stopped_syns(const double *gaps)
{
	find_of(series_of(FL_SERIES_SYN, gaps), 1000, false);
}

static void stopped_fins(const double *gaps)
{
	find_of(series_of(FL_SERIES_FIN, gaps), 1000, false);
}

static const struct fl_knob *knob_of(const char *name)
{
	for (size_t i = 0; i < timers.n_knobs; i++) {
		if (strcmp(timers.knobs[i].name, name) == 0)
			return &timers.knobs[i];
	}
	return NULL;
}

static void is(const char *name, int64_t at_least, int64_t at_most)
{
	const struct fl_knob *knob = knob_of(name);

	ck_assert_msg(knob != NULL, "nothing said of %s", name);
	ck_assert_msg(knob->at_least == at_least && knob->at_most == at_most, "%s is %lld to %lld, not %lld to %lld",
	              name, (long long)knob->at_least, (long long)knob->at_most, (long long)at_least,
	              (long long)at_most);
}

static void holds(const char *name, int64_t value)
{
	const struct fl_knob *knob = knob_of(name);

	ck_assert_msg(knob != NULL, "nothing said of %s", name);
	ck_assert_msg(knob->at_least <= value && (knob->at_most == OPEN || knob->at_most >= value),
	              "%s is %lld to %lld, without %lld", name, (long long)knob->at_least, (long long)knob->at_most,
	              (long long)value);
}

static void is_not_named(const char *name)
{
	ck_assert_msg(knob_of(name) == NULL, "%s is named", name);
}

START_TEST(measured_series_of_data_hold_the_retries2_that_was_set)
{
	/* Of b1 and b9 (3), 3 and 4 look alike on a link of no length: T(3) = 3.0 s and T(4) = 6.2 s are both over at
	 * the expiry that ended them. */
	stopped(GAPS(.208, .208, .440, .832, 1.664)); /* b1 */
	is("tcp_retries2", 3, 4);
	stopped(GAPS(.206, .208, .432, .832, 1.668, 3.420)); /* b2 */
	is("tcp_retries2", 5, 5);
	stopped(GAPS(.206, .208, .440, .832, 1.664, 3.296, 6.656, 13.312, 27.136, 53.248, 106.496, 120.832, 120.832,
	             120.832, 120.832, 120.832)); /* b6 */
	is("tcp_retries2", 15, 15);
	stopped(GAPS(.024, .028, .052, .100, .196, .392, .800)); /* b7: a smaller RTO moves the count, not the time */
	is("tcp_retries2", 3, 3);
	stopped(GAPS(.208, .436, .832, 1.664)); /* b9: without a tail loss probe */
	is("tcp_retries2", 3, 4);
	stopped(GAPS(.205, .208)); /* b11 */
	is("tcp_retries2", 0, 0);
	stopped(GAPS(.210, .208, .428)); /* b12 */
	is("tcp_retries2", 1, 2);
	stopped(GAPS(.206, .208, .428, .832)); /* b13 */
	is("tcp_retries2", 2, 3);
	stopped(GAPS(.494, .512, .992, 1.984)); /* q1: 100 ms of round trip, set to 3 */
	is("tcp_retries2", 3, 4);
	stopped(GAPS(1.005, 3.040)); /* q10: no timestamps and a SYN lost, set to 2 */
	holds("tcp_retries2", 2);
	stopped(GAPS(.242, .244, .488)); /* q10 with timestamps */
	holds("tcp_retries2", 2);
}
END_TEST

START_TEST(measured_probe_of_the_tail_is_no_repeat_by_the_timer)
{
	/* q2: three segments, the last again after 0.206 s, the first after 0.538 s; set to 3. */
	struct fl_series series = series_of(FL_SERIES_DATA, GAPS(.206, .332, .640, 1.248));

	series.is_tail = true;
	find_of(series, 1000, false);
	is("tcp_retries2", 3, 3);
	ck_assert_uint_eq(timers.retries, 3);
	ck_assert_int_eq(timers.initial_rto, FL_TIME_NONE);
}
END_TEST

START_TEST(measured_series_hold_the_user_timeout_that_was_set)
{
	stopped(GAPS(.208, .208, .432, .832, 1.664)); /* c1 */
	holds("TCP_USER_TIMEOUT", 5000);
	is("TCP_USER_TIMEOUT", 2918, 6693);
	stopped(GAPS(.208, .208, .432, .832, 1.664, 3.424)); /* c5 */
	holds("TCP_USER_TIMEOUT", 8000);
	stopped(GAPS(.208, .208)); /* c6 */
	holds("TCP_USER_TIMEOUT", 300);
	is("TCP_USER_TIMEOUT", 0, 489);
}
END_TEST

START_TEST(longest_timer_that_was_lowered_is_read_from_gaps_that_no_longer_grow)
{
	stopped(GAPS(.207, .208, .424, .832, 1.024, 1.024, 1.024)); /* b4: tcp_rto_max_ms 1000, 5 */
	is("tcp_retries2", 5, 7);
	/* Two equal gaps out of three say nothing of the longest timer: the first repeat may have been a probe. */
	stopped(GAPS(.208, .208, .208));
	is("tcp_retries2", 0, 1);
	/* Four do, and a last gap a quarter longer than the one before still counts as no longer growing. */
	stopped(GAPS(.4, .8, 1, 1.25));
	is("tcp_retries2", 4, 6);
	stopped(GAPS(.4, .8, 1, 1.26));
	is_not_named("tcp_retries2"); /* neither doubled nor held */
}
END_TEST

START_TEST(gaps_at_the_longest_timer_by_default_are_no_sign_of_a_lower_one)
{
	stopped(GAPS(30, 60, 120, 120, 120));
	is("tcp_retries2", 11, 11);
}
END_TEST

START_TEST(gaps_that_icmp_held_flat_are_no_longest_timer)
{
	/* As of o1: RFC 6069 takes the back-off back. */
	struct fl_series series = series_of(FL_SERIES_DATA, GAPS(.204, .204, .204, .204, .204, .204, .204, .204, .204,
	                                                         .204, .204, .204, .204, .204, .204, .204));

	find_of(series, 1000, true);
	is("tcp_retries2", 3, 3);
	find_of(series, 1000, false);
	ck_assert_int_gt(knob_of("tcp_retries2")->at_most, 3);
}
END_TEST

START_TEST(wire_times_may_be_short_of_the_timers_by_10_ms)
{
	stopped(GAPS(.2, .43, .86, 1.719)); /* 3.009 s after the first: T(3) = 3.0 */
	is("tcp_retries2", 3, 4);
	stopped(GAPS(.2, .43, .86, 1.722));
	is("tcp_retries2", 4, 4);
}
END_TEST

START_TEST(series_that_goes_on_has_no_upper_bound)
{
	struct fl_series series = series_of(FL_SERIES_DATA, GAPS(.206, .208, .432, .832, 1.668, 3.420));

	find_of(series, 7.7, false); /* 2 * 3.42 * 1.125 + 0.01 is 7.705 */
	is("tcp_retries2", 5, OPEN);
	is("TCP_USER_TIMEOUT", 6342, OPEN);
	is_not_named("tcp_orphan_retries");
	find_of(series, 7.71, false);
	is("tcp_retries2", 5, 5);
	is("TCP_USER_TIMEOUT", 6342, 14068);
	is("tcp_orphan_retries", OPEN, 5); /* it may have closed late */
}
END_TEST

START_TEST(series_that_an_ack_or_a_reset_ended_has_no_upper_bound)
{
	struct fl_series series = series_of(FL_SERIES_DATA, GAPS(.206, .208, .432, .832, 1.668, 3.420));

	series.over_at = series.last_at + FL_NS_PER_S;
	find_of(series, 1000, false);
	is("tcp_retries2", 5, OPEN);
	is_not_named("tcp_orphan_retries");
	series.over_at = FL_TIME_NONE;
	series.is_reset = true;
	find_of(series, 1000, false);
	is("tcp_retries2", 5, OPEN);
	is("TCP_USER_TIMEOUT", 6342, OPEN);
	is_not_named("tcp_orphan_retries");
	series = series_of(FL_SERIES_SYN, GAPS(1.011, 2.020, 4.092));
	series.over_at = series.last_at + FL_NS_PER_S;
	find_of(series, 1000, false);
	is("tcp_syn_retries", 3, OPEN);
	is("TCP_USER_TIMEOUT", 7113, OPEN);
	series.over_at = FL_TIME_NONE;
	series.is_reset = true;
	find_of(series, 1000, false);
	is("tcp_syn_retries", 3, OPEN);
}
END_TEST

START_TEST(lone_repeat_may_be_a_probe_or_the_timers)
{
	/* As a probe it leaves no repeat by the timer, whose time then only began after it. */
	stopped(GAPS(.208));
	ck_assert_uint_eq(timers.retries, 0);
	ck_assert_int_eq(timers.initial_rto, FL_TIME_NONE);
	is("tcp_retries2", 0, 1); /* nothing more for 1.135 s: T(0) = 0.2, T(1) = 0.6 and T(2) = 1.4 */
	is("TCP_USER_TIMEOUT", 0, 1146);
}
END_TEST

START_TEST(initial_rto_is_the_first_gap_by_the_timer)
{
	stopped(GAPS(.208, .436, .832)); /* doubled at once: no probe */
	ck_assert_uint_eq(timers.retries, 3);
	ck_assert_int_eq(timers.initial_rto, 208 * FL_NS_PER_MS);
	stopped(GAPS(.208, .212, .436));
	ck_assert_uint_eq(timers.retries, 2);
	ck_assert_int_eq(timers.initial_rto, 212 * FL_NS_PER_MS);
	stopped_syns(GAPS(1.011, 2.020));
	ck_assert_uint_eq(timers.retries, 2);
	ck_assert_int_eq(timers.initial_rto, 1011 * FL_NS_PER_MS);
}
END_TEST

START_TEST(orphan_retries_of_0_stand_for_8)
{
	stopped(GAPS(.206, .208, .440, .832, 1.664, 3.296, 6.656, 13.312, 28.160)); /* k10 */
	is("tcp_retries2", 8, 8);
	is("tcp_orphan_retries", OPEN, 8);
	stopped_fins(GAPS(.206, .208, .440, .832, 1.664, 3.296, 6.656, 13.312, 28.160));
	is("tcp_orphan_retries", 0, 8);
	is("tcp_retries2", 8, 8);
	/* The timer of fewer may have come to a lower tcp_rto_max_ms, of 1 s at least: then 0 stands for none (k6). */
	stopped_fins(GAPS(.208, .208, .420, .832)); /* k4: 2 */
	is("tcp_orphan_retries", 0, 3);
	is("tcp_retries2", 2, 3);
	stopped_fins(GAPS(.207, .204, .424, .832, 1.632)); /* k7: 3 */
	is("tcp_orphan_retries", 0, 4);
	stopped_fins(GAPS(.205, .208, .440));
	is("tcp_orphan_retries", 1, 2);
	stopped_fins(GAPS(.205, .208, .445)); /* 2 * .445 * 1.125 is 1.001 */
	is("tcp_orphan_retries", 0, 2);
	is("TCP_USER_TIMEOUT", 435, 1467);
}
END_TEST

START_TEST(end_that_no_number_of_retries_makes_is_not_named_so)
{
	/* Hours are more than any number of retries stands for. */
	find_of(series_of(FL_SERIES_DATA, GAPS(1000, 2000, 4000)), 10000, false);
	is_not_named("tcp_retries2");
	is_not_named("tcp_orphan_retries");
	ck_assert_ptr_nonnull(knob_of("TCP_USER_TIMEOUT"));
}
END_TEST

START_TEST(measured_syns_hold_what_was_set)
{
	stopped_syns(GAPS(1.015, 1.024, 1.024, 1.024, 1.024, 2.016, 4.160, 8.192, 16.128, 33.024)); /* a1 */
	is("tcp_syn_retries", 6, 6);
	is("tcp_syn_linear_timeouts", 4, 4);
	stopped_syns(GAPS(1.011, 2.020, 4.092)); /* a2 */
	is("tcp_syn_retries", 3, 3);
	is("tcp_syn_linear_timeouts", 0, 0);
	stopped_syns(GAPS(1.018, 1.028, 1.024, 1.020, 1.024)); /* a3 */
	holds("tcp_syn_retries", 2);
	holds("tcp_syn_linear_timeouts", 4);
	stopped_syns(GAPS(1.027, 1.020)); /* a4: ended by its 3 s and not by a count */
	holds("tcp_syn_retries", 1);
	holds("tcp_syn_linear_timeouts", 4);
	stopped_syns(GAPS(1.023, 1.028, 1.020, 1.024)); /* a5 */
	holds("TCP_USER_TIMEOUT", 5000);
	is_not_named("tcp_retries2");
}
END_TEST

START_TEST(syns_bound_the_user_timeout_from_the_first_one)
{
	stopped_syns(GAPS(1.023, 1.028, 1.020, 1.024));
	is("TCP_USER_TIMEOUT", 4085, 6420);
	find_of(series_of(FL_SERIES_SYN, GAPS(1.023, 1.028, 1.020, 1.024)), 2.3, false);
	is("TCP_USER_TIMEOUT", 4085, OPEN);
}
END_TEST

START_TEST(syns_that_go_on_have_no_most_retries)
{
	find_of(series_of(FL_SERIES_SYN, GAPS(1.011, 2.020, 4.092)), 9.2, false);
	is("tcp_syn_retries", 3, OPEN);
	is("tcp_syn_linear_timeouts", 0, 0);
	find_of(series_of(FL_SERIES_SYN, GAPS(1.011, 2.020, 4.092)), 9.3, false);
	is("tcp_syn_retries", 3, 3);
	/* One gap of 1 s says nothing of how many more there would have been. */
	find_of(series_of(FL_SERIES_SYN, GAPS(1.011)), 1, false);
	is("tcp_syn_retries", 1, OPEN);
	is("tcp_syn_linear_timeouts", 0, OPEN);
}
END_TEST

START_TEST(first_syn_may_have_waited_for_the_neighbours_address)
{
	stopped_syns(GAPS(.960, 2.020, 4.092)); /* q10: ARP took 40 ms of the first second */
	is("tcp_syn_retries", 3, 3);
	stopped_syns(GAPS(.874, 2.020, 4.092));
	is_not_named("tcp_syn_retries");
	stopped_syns(GAPS(1.011, 1.990, 4.092));
	is("tcp_syn_retries", 3, 3);
	stopped_syns(GAPS(1.011, 1.970, 4.092)); /* only the first */
	is_not_named("tcp_syn_retries");
}
END_TEST

START_TEST(end_of_the_syns_by_time_is_taken_within_the_timers_lateness)
{
	stopped_syns(GAPS(.875, .99)); /* the next expiry at 1.865 + 1.125 + 0.01 is the 3 s of one retry */
	holds("tcp_syn_retries", 1);
	holds("tcp_syn_linear_timeouts", 4);
	stopped_syns(GAPS(.96, 1.02, 1.015)); /* the third at 2.995, within 10 ms of those 3 s */
	holds("tcp_syn_retries", 1);
	stopped_syns(GAPS(1.135, 2.020, 4.092));
	is("tcp_syn_retries", 3, 3);
	stopped_syns(GAPS(1.1351, 2.020, 4.092));
	is_not_named("tcp_syn_retries");
}
END_TEST

START_TEST(syns_of_another_system_fit_no_setting_of_linux)
{
	stopped_syns(GAPS(3.0, 6.0));
	is_not_named("tcp_syn_retries");
	is_not_named("tcp_syn_linear_timeouts");
	ck_assert_uint_eq(timers.n_knobs, 1);
	stopped_syns(GAPS(1.011, 2.261, 4.092)); /* a timer is late by an eighth and 10 ms at most */
	is_not_named("tcp_syn_retries");
	stopped_syns(GAPS(1.011, 2.259, 4.092));
	is("tcp_syn_retries", 3, 3);
}
END_TEST

START_TEST(fins_that_go_on_have_no_most_retries)
{
	find_of(series_of(FL_SERIES_FIN, GAPS(.208, .208, .420, .832)), 1, false);
	is("tcp_orphan_retries", 0, OPEN);
	is("tcp_retries2", 2, OPEN);
	is("TCP_USER_TIMEOUT", 1242, OPEN);
	ck_assert_uint_eq(timers.retries, 3);
	/* Nine and more were sent by no kernel that takes 0 for 8. */
	find_of(series_of(FL_SERIES_FIN, GAPS(.206, .208, .440, .832, 1.664, 3.296, 6.656, 13.312, 28.160, 56.320)), 1,
	        false);
	is("tcp_orphan_retries", 9, OPEN);
	/* One that no number of retries makes. */
	find_of(series_of(FL_SERIES_FIN, GAPS(1000, 2000, 4000)), 10000, false);
	is_not_named("tcp_orphan_retries");
	is_not_named("tcp_retries2");
}
END_TEST

START_TEST(syn_acks_tell_at_least_how_often_they_are_sent)
{
	/* A listener with much to do takes fewer than it is set to, and two at least. */
	find_of(series_of(FL_SERIES_SYN_ACK, GAPS(1.002, 2.016)), 1000, false); /* g1 */
	is("tcp_synack_retries", 2, OPEN);
	ck_assert_uint_eq(timers.retries, 2);
	find_of(series_of(FL_SERIES_SYN_ACK, GAPS(1.006, 2.016, 4.220)), 1000, false); /* f2 */
	is("tcp_synack_retries", 3, OPEN);
	find_of(series_of(FL_SERIES_SYN_ACK, GAPS(1.006)), 1000, false);
	is("tcp_synack_retries", 1, 1);
	find_of(series_of(FL_SERIES_SYN_ACK, GAPS(1.006)), 2, false);
	is("tcp_synack_retries", 1, OPEN);
}
END_TEST

START_TEST(syn_acks_that_the_servers_timer_did_not_send_tell_nothing)
{
	find_of(series_of(FL_SERIES_SYN_ACK, GAPS(7.237)), 1000, false); /* g3: TCP_DEFER_ACCEPT */
	is_not_named("tcp_synack_retries");
	find_of(series_of(FL_SERIES_SYN_ACK, GAPS(1.006, 6.1)), 1000, false); /* g2b: the client's SYN came again */
	is_not_named("tcp_synack_retries");
	find_of(series_of(FL_SERIES_SYN_ACK, GAPS(1.136)), 1000, false);
	is_not_named("tcp_synack_retries");
	find_of(series_of(FL_SERIES_SYN_ACK, GAPS(1.135)), 1000, false);
	is("tcp_synack_retries", 1, 1);
	find_of(series_of(FL_SERIES_SYN_ACK, GAPS(.98)), 1000, false);
	is_not_named("tcp_synack_retries");
}
END_TEST

START_TEST(closer_that_had_forgotten_bounds_its_fin_timeout)
{
	knobs_of_fin_wait(script_at(5.4) - script_at(0), &timers);
	is("tcp_fin_timeout", OPEN, 5);
	knobs_of_fin_wait(script_at(4.995) - script_at(0), &timers);
	is("tcp_fin_timeout", OPEN, 5);
	knobs_of_fin_wait(script_at(4.98) - script_at(0), &timers);
	is("tcp_fin_timeout", OPEN, 4);
}
END_TEST

START_TEST(more_repeats_than_are_kept_do_not_overrun)
{
	double gaps[FL_STEPS + 6] = { 0 };
	struct fl_series series;

	for (size_t i = 0; i + 1 < sizeof(gaps) / sizeof(gaps[0]); i++)
		gaps[i] = i < 10 ? .2 * (double)(1u << i) : 120;
	series = series_of(FL_SERIES_DATA, gaps);
	ck_assert_uint_gt(series.repeats, FL_STEPS);
	find_of(series, 1000, false);
	ck_assert_int_eq(knob_of("tcp_retries2")->at_least, 24);
	series.kind = FL_SERIES_SYN;
	find_of(series, 1000, false);
}
END_TEST

/* Seconds after the last repeat. */
static double gives_up_after(const struct fl_series *series, unsigned retries2)
{
	return (double)(knobs_gives_up(series, retries2) - series->last_at) / (double)FL_NS_PER_S;
}

START_TEST(kernel_that_still_tries_gives_up_at_the_expiry_behind_its_time)
{
	/* T(15) is 924.6 s from the first repeat by the timer, at 0.2 s: the expiries are at 0.4, 1.2, ... */
	struct fl_series series = series_of(FL_SERIES_DATA, GAPS(.2, .4, .8));

	/* from 1.2: 1.6 3.2 6.4 12.8 25.6 51.2 102.4, then 120 each */
	ck_assert_double_eq_tol(gives_up_after(&series, 15), 1.6 + 3.2 + 6.4 + 12.8 + 25.6 + 51.2 + 102.4 + 7 * 120,
	                        0.001);
	ck_assert_double_eq_tol(gives_up_after(&series, 3), 1.6 + 3.2, 0.001); /* 1.2 + 1.6 = 2.8 < 3.0 */
	ck_assert_double_eq_tol(gives_up_after(&series, 2), 1.6, 0.001);
	ck_assert_double_eq_tol(gives_up_after(&series, 9), 1.6 + 3.2 + 6.4 + 12.8 + 25.6 + 51.2 + 102.4 + 120, 0.001);
}
END_TEST

START_TEST(gap_above_the_longest_timer_stays_as_it_is)
{
	struct fl_series series = series_of(FL_SERIES_DATA, GAPS(70, 130));

	ck_assert_double_eq_tol(gives_up_after(&series, 8), 130, 0.001);
	series = series_of(FL_SERIES_DATA, GAPS(30, 60));
	ck_assert_double_eq_tol(gives_up_after(&series, 8), 120, 0.001);
	series = series_of(FL_SERIES_DATA, GAPS(29, 59));
	ck_assert_double_eq_tol(gives_up_after(&series, 8), 118, 0.001);
}
END_TEST

START_TEST(connect_that_still_tries_fails_at_the_expiry_behind_its_last_repeat)
{
	struct fl_series series = series_of(FL_SERIES_SYN, GAPS(1, 2, 4));

	ck_assert_double_eq_tol(gives_up_after(&series, 6), 8 + 16 + 32 + 64, 0.001);
	ck_assert_double_eq_tol(gives_up_after(&series, 3), 8, 0.001);
	series = series_of(FL_SERIES_SYN, GAPS(1, 1, 1, 1, 1, 2)); /* since 6.5 */
	ck_assert_double_eq_tol(gives_up_after(&series, 6), 4 + 8 + 16 + 32 + 64, 0.001);
}
END_TEST

START_TEST(nothing_is_known_of_when_other_series_are_given_up)
{
	struct fl_series series = series_of(FL_SERIES_SYN_ACK, GAPS(1, 2));

	ck_assert_int_eq(knobs_gives_up(&series, 15), FL_TIME_NONE);
	series = series_of(FL_SERIES_SYN, GAPS(3, 6)); /* no schedule of Linux' */
	ck_assert_int_eq(knobs_gives_up(&series, 6), FL_TIME_NONE);
	series = series_of(FL_SERIES_DATA, GAPS(.2)); /* it may have been a probe */
	ck_assert_int_eq(knobs_gives_up(&series, 15), FL_TIME_NONE);
}
END_TEST

UNIT_MAIN("knobs", measured_series_of_data_hold_the_retries2_that_was_set,
          measured_probe_of_the_tail_is_no_repeat_by_the_timer, measured_series_hold_the_user_timeout_that_was_set,
          longest_timer_that_was_lowered_is_read_from_gaps_that_no_longer_grow,
          gaps_at_the_longest_timer_by_default_are_no_sign_of_a_lower_one,
          gaps_that_icmp_held_flat_are_no_longest_timer, wire_times_may_be_short_of_the_timers_by_10_ms,
          series_that_goes_on_has_no_upper_bound, series_that_an_ack_or_a_reset_ended_has_no_upper_bound,
          lone_repeat_may_be_a_probe_or_the_timers, initial_rto_is_the_first_gap_by_the_timer,
          orphan_retries_of_0_stand_for_8, end_that_no_number_of_retries_makes_is_not_named_so,
          measured_syns_hold_what_was_set, syns_bound_the_user_timeout_from_the_first_one,
          syns_that_go_on_have_no_most_retries, first_syn_may_have_waited_for_the_neighbours_address,
          end_of_the_syns_by_time_is_taken_within_the_timers_lateness, syns_of_another_system_fit_no_setting_of_linux,
          fins_that_go_on_have_no_most_retries, syn_acks_tell_at_least_how_often_they_are_sent,
          syn_acks_that_the_servers_timer_did_not_send_tell_nothing, closer_that_had_forgotten_bounds_its_fin_timeout,
          more_repeats_than_are_kept_do_not_overrun, kernel_that_still_tries_gives_up_at_the_expiry_behind_its_time,
          gap_above_the_longest_timer_stays_as_it_is,
          connect_that_still_tries_fails_at_the_expiry_behind_its_last_repeat,
          nothing_is_known_of_when_other_series_are_given_up)
