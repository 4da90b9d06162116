/* What is kept of connections that left memory: bounded, the failed ones for longest, and of them the last. */
#include "run/departed.h"

#include <string.h>

#include "unit.h"

static void keep(struct departures *departures, uint32_t id, enum fl_severity severity)
{
	struct fl_account account = { .id = id };

	account.verdict = (struct fl_verdict){
		.id = severity == FL_OK ? "closed" : "reset",
		.severity = severity,
		.summary = (char *)"an end that somebody should know of",
	};
	ck_assert(departures_keep(departures, &account));
}

/* The ids of those that are left, in order; how many. */
static size_t collect(struct departures *departures, uint32_t below, uint32_t *ret_ids, size_t most)
{
	struct fl_account account;
	size_t count = 0;

	while (count < most && departures_next(departures, below, &account)) {
		ret_ids[count++] = account.id;
		ck_assert_str_eq(account.verdict.summary,
		                 account.verdict.severity == FL_OK
		                         ? "Nothing had failed when it left memory, before the end."
		                         : "an end that somebody should know of");
		fl_account_deinit(&account);
	}
	return count;
}

START_TEST(they_come_by_id_whatever_the_order_they_left_in)
{
	struct departures departures = { .count = 0 };
	uint32_t ids[8];

	keep(&departures, 7, FL_OK);
	keep(&departures, 2, FL_CRITICAL);
	keep(&departures, 5, FL_OK);
	ck_assert_uint_eq(collect(&departures, 2, ids, 8), 0);
	ck_assert_uint_eq(collect(&departures, 6, ids, 8), 2);
	ck_assert(ids[0] == 2 && ids[1] == 5);
	ck_assert_uint_eq(collect(&departures, UINT32_MAX, ids, 8), 1);
	ck_assert_uint_eq(ids[0], 7);
	departures_deinit(&departures);
}
END_TEST

START_TEST(memory_is_bounded_and_the_last_that_failed_stay)
{
	enum { healthy = 1000, failed = 5000, most = 10000 };
	struct departures departures = { .memory = 64 << 10 };
	static uint32_t ids[most];
	size_t left;

	for (uint32_t id = 0; id < healthy; id++)
		keep(&departures, id, FL_OK);
	ck_assert_uint_gt(departures.count, 0);
	ck_assert_uint_gt(departures.forgotten, 0);
	ck_assert_uint_eq(departures.count + departures.forgotten, healthy);
	for (uint32_t id = healthy; id < healthy + failed; id++)
		keep(&departures, id, FL_CRITICAL);
	ck_assert_uint_gt(departures.failed_forgotten, 0);
	left = collect(&departures, UINT32_MAX, ids, most);
	ck_assert_uint_eq(left + departures.forgotten + departures.failed_forgotten, healthy + failed);
	ck_assert_uint_gt(left, 100);
	for (size_t i = 0; i < left; i++)
		ck_assert_uint_eq(ids[i], healthy + failed - left + i);
	departures_deinit(&departures);
}
END_TEST

UNIT_MAIN("departed", they_come_by_id_whatever_the_order_they_left_in, memory_is_bounded_and_the_last_that_failed_stay)
