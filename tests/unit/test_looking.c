/* Which connections a live run looks at, and when: the urgent ones first, nobody never, and never too many at once; and
 * what a clock does to it that somebody sets back. */
#include "cli/looking.h"

#include <stdlib.h>

#include "cli/live_session.h"
#include "unit.h"

enum { n_flows = 200000 };

#define S FL_NS_PER_S

static struct fl_flow *flows;
static struct fl_cold *colds;
static struct watching *watching;
static struct looking looking;

/* Open connections in which nothing waits. */
static void setup(void)
{
	flows = aligned_alloc(64, n_flows * sizeof(*flows));
	colds = calloc(n_flows, sizeof(*colds));
	watching = watching_new(FL_WARNING);
	ck_assert(flows && colds && watching);
	for (uint32_t i = 0; i < n_flows; i++) {
		flows[i] = (struct fl_flow){ .id = i, .cold = &colds[i] };
		flows[i].end[0].seen = flows[i].end[1].seen = FL_SEEN_SYN;
	}
	looking_init(&looking, watching);
}

static void teardown(void)
{
	watching_free(watching);
	free(colds);
	free(flows);
}

/* One look, in which each connection costs 10 us; how many it is at. seen[] counts them. */
static uint32_t look(int64_t now, uint32_t count, uint8_t *seen)
{
	uint32_t due = 0;

	looking_begin(&looking, now, now, false);
	for (uint32_t i = 0; i < count; i++) {
		if (!looking_is_due(&looking, &flows[i]))
			continue;
		due++;
		if (seen)
			seen[i]++;
	}
	looking_end(&looking, now, due * 10 * FL_NS_PER_US);
	return due;
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
		ck_assert_int_ge(looking.next - now, 10 * due * 10 * FL_NS_PER_US);
		now = looking.next;
		looks++;
	}
	ck_assert_int_le(longest * 10 * FL_NS_PER_US, 60 * FL_NS_PER_MS);
	for (uint32_t i = 0; i < n_flows; i++)
		ck_assert_msg(seen[i] == 2 || seen[i] == 3, "connection %u was looked at %u times", i, seen[i]);
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
	tcase_add_test(tcase, urgent_ones_do_not_wait_for_the_others);
	tcase_add_test(tcase, a_clock_that_is_set_back_stops_nothing);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
