/* Which connections a live run looks at, and when: the urgent ones first, nobody never, and never too many at once; and
 * what a clock does to it that somebody sets back. */
#include "cli/looking.h"

#include <stdlib.h>

#include "cli/live_session.h"
#include "flatline/tcp.h"
#include "unit.h"

enum { n_flows = 200000 };

#define S FL_NS_PER_S

static struct fl_flow *flows;
static struct fl_cold *colds;
static struct looking looking;
static bool is_held;
static const int64_t cost = 10 * FL_NS_PER_US; /* of one connection */

/* Open connections in which nothing waits. */
static void setup(void)
{
	flows = aligned_alloc(64, n_flows * sizeof(*flows));
	colds = calloc(n_flows, sizeof(*colds));
	ck_assert(flows && colds);
	for (uint32_t i = 0; i < n_flows; i++) {
		flows[i] = (struct fl_flow){ .id = i, .cold = &colds[i] };
		flows[i].end[0].seen = flows[i].end[1].seen = FL_SEEN_SYN;
		colds[i].first_at = i / 3; /* several at a time */
	}
	looking_init(&looking, FL_WARNING);
}

static void teardown(void)
{
	free(colds);
	free(flows);
}

/* One look, which costs something by itself; how many it is at. seen[] counts them. */
static uint32_t look_for(int64_t now, uint32_t count, uint8_t *seen, int64_t fixed)
{
	uint32_t due = 0;
	int64_t clock = 1;

	looking_begin(&looking, now, now, false);
	if (is_held)
		looking_hold(&looking);
	for (uint32_t i = 0; i < count; i++) {
		if (!looking_take(&looking, &flows[i]))
			continue;
		due++;
		clock += cost + (due == 2 ? fixed : 0);
		looking_judged(&looking, clock);
		if (fl_tcp_is_over(&flows[i]))
			flows[i].marks |= FL_MARK_LOOKED;
		if (seen)
			seen[i]++;
	}
	if (is_held)
		ck_assert_uint_eq(looking.n_asked, 0);
	looking_end(&looking, now, due * cost + fixed);
	return due;
}

static uint32_t look(int64_t now, uint32_t count, uint8_t *seen)
{
	return look_for(now, count, seen, 0);
}

START_TEST(who_is_well_is_looked_at_every_second)
{
	ck_assert_uint_eq(look(10 * S, 100, NULL), 100);
	ck_assert_uint_eq(look(10 * S + S / 5, 100, NULL), 0);
	ck_assert_uint_eq(look(11 * S, 100, NULL), 100);
	ck_assert_int_eq(looking.next, 11 * S + S / 5);
}
END_TEST

START_TEST(who_waits_is_looked_at_each_time)
{
	colds[7].talk[0] = (struct fl_talk){ .waiting = 1, .waiting_at = 9 * S };
	flows[8].end[1].seen = 0; /* its SYN was not answered yet */
	look(10 * S, 100, NULL);
	ck_assert_uint_eq(look(10 * S + S / 5, 100, NULL), 2);
	colds[7].talk[0].waiting_at = 10 * S; /* not long enough for anything */
	ck_assert_uint_eq(look(10 * S + 2 * S / 5, 100, NULL), 1);
}
END_TEST

START_TEST(who_ended_is_looked_at_once_more)
{
	look(10 * S, 100, NULL);
	flows[5].end[0].seen |= FL_SEEN_RST;
	flows[5].end[0].last_at = 10 * S + S / 10;
	ck_assert_uint_eq(look(10 * S + S / 5, 100, NULL), 1);
	ck_assert_uint_eq(look(10 * S + 2 * S / 5, 100, NULL), 0);
	ck_assert_uint_eq(look(12 * S, 100, NULL), 99);
	flows[6].end[0].seen |= FL_SEEN_FIN; /* both closed, but the last of it is not ACKed: it may still fail */
	flows[6].end[1].seen |= FL_SEEN_FIN;
	flows[6].end[0].next = flows[6].end[0].una + 1;
	ck_assert_uint_eq(look(14 * S, 100, NULL), 99);
}
END_TEST

START_TEST(a_look_is_short_and_nobody_is_left_out)
{
	static uint8_t seen[n_flows];
	int64_t now = 10 * S, longest = 0;
	uint32_t looks = 0, last = n_flows - 1;

	while (seen[last] < 2 && looks < 1000) {
		uint32_t due = look(now, n_flows, seen);

		longest = due > longest ? due : longest;
		ck_assert_int_ge(looking.next - now, 10 * due * cost);
		now = looking.next;
		looks++;
	}
	ck_assert_int_le(longest * cost, 80 * FL_NS_PER_MS);
	for (uint32_t i = 0; i < n_flows; i++)
		ck_assert_msg(seen[i] == 2 || seen[i] == 3, "connection %u was looked at %u times", i, seen[i]);
}
END_TEST

/* What a look costs anyway is not what a connection costs: it must not make looks ever smaller. */
START_TEST(a_look_that_is_dear_by_itself_is_at_as_many)
{
	static uint8_t seen[n_flows];
	int64_t now = 10 * S;

	for (unsigned i = 0; i < 200; i++) {
		look_for(now, n_flows, seen, 100 * FL_NS_PER_MS);
		now = looking.next;
	}
	for (uint32_t i = 0; i < n_flows; i++)
		ck_assert_uint_ge(seen[i], 1);
	ck_assert_int_le(now, 10 * S + 200 * 2 * S);
}
END_TEST

START_TEST(many_that_end_at_once_are_looked_at_one_after_the_other)
{
	static uint8_t seen[n_flows];
	int64_t now = 10 * S;

	for (uint32_t i = 0; i < n_flows; i++)
		flows[i].end[1].seen |= FL_SEEN_RST;
	for (unsigned i = 0; i < 60; i++) {
		ck_assert_uint_le(look(now, n_flows, seen), 8000);
		now = looking.next;
	}
	for (uint32_t i = 0; i < n_flows; i++)
		ck_assert_uint_eq(seen[i], 1);
}
END_TEST

START_TEST(who_asks_hears_of_each_once)
{
	static uint8_t asked[1000];
	int64_t now = 10 * S;

	looking_ask(&looking);
	for (unsigned i = 0; i < 8; i++) {
		is_held = i % 3 == 0; /* nobody takes what is told: it is told later */
		look(now, 1000, NULL);
		for (uint32_t id = 0; id < 1000; id++)
			asked[id] += looking_was_asked(&looking, id);
		now = looking.next;
	}
	for (uint32_t id = 0; id < 1000; id++)
		ck_assert_uint_eq(asked[id], 1);
}
END_TEST

/* The ids began anew: those that began last have the lowest. */
START_TEST(an_id_says_nothing_of_when_it_began)
{
	static uint8_t seen[n_flows];
	int64_t now = 10 * S;

	for (uint32_t i = 0; i < n_flows; i++)
		flows[i].id = i < n_flows / 2 ? i + n_flows : i - n_flows / 2;
	for (unsigned i = 0; i < 200; i++) {
		look(now, n_flows, seen);
		now = looking.next;
	}
	for (uint32_t i = 0; i < n_flows; i++)
		ck_assert_uint_ge(seen[i], 1);
}
END_TEST

START_TEST(urgent_ones_do_not_wait_for_the_others)
{
	static uint8_t seen[n_flows];
	uint32_t urgent = n_flows - 1;
	int64_t now = 10 * S;

	colds[urgent].talk[1] = (struct fl_talk){ .waiting = 1, .waiting_at = 5 * S };
	for (unsigned i = 1; i <= 5; i++) {
		look(now, n_flows, seen);
		ck_assert_uint_eq(seen[urgent], i);
		now = looking.next;
	}
}
END_TEST

START_TEST(a_clock_that_is_set_back_stops_nothing)
{
	struct session session = { .is_json = true };

	ck_assert_int_eq(live_step(&session, 100 * S, 5000 * S), 0);
	ck_assert_int_eq(session.now, 5000 * S);
	ck_assert_int_eq(live_step(&session, 101 * S, 5001 * S - S / 2), 0); /* slewed */
	ck_assert_int_eq(session.skew, 0);
	ck_assert_int_eq(live_step(&session, 102 * S, 1401 * S + S / 2), 3600 * S);
	ck_assert_int_eq(session.now, 5001 * S + S / 2);
	ck_assert_int_eq(live_step(&session, 103 * S, 1402 * S + S / 2), 0);
	ck_assert_int_eq(session.now, 5002 * S + S / 2);
	/* Forward is what every analysis of a file has to do with, too. */
	ck_assert_int_eq(live_step(&session, 104 * S, 2000 * S), 0);
	ck_assert_int_eq(session.now, 5600 * S);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("looking");
	TCase *tcase = tcase_create("looking");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, UNIT_TIMEOUT);
	tcase_add_test(tcase, who_is_well_is_looked_at_every_second);
	tcase_add_test(tcase, who_waits_is_looked_at_each_time);
	tcase_add_test(tcase, who_ended_is_looked_at_once_more);
	tcase_add_test(tcase, a_look_is_short_and_nobody_is_left_out);
	tcase_add_test(tcase, a_look_that_is_dear_by_itself_is_at_as_many);
	tcase_add_test(tcase, many_that_end_at_once_are_looked_at_one_after_the_other);
	tcase_add_test(tcase, who_asks_hears_of_each_once);
	tcase_add_test(tcase, an_id_says_nothing_of_when_it_began);
	tcase_add_test(tcase, urgent_ones_do_not_wait_for_the_others);
	tcase_add_test(tcase, a_clock_that_is_set_back_stops_nothing);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
