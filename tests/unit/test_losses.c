/* Packets that the capture lost: verdicts that rest on what was not seen are less sure, the others as sure as ever. */
#include "run/losses.h"

#include "verdicts.h"

/* The host is gone: five repeats of what was asked at 3 s. */
#define GONE \
	SESSION REPEATED("3") "+1.6 C>S PA 101:201(100) ack 161\n" \
			      "+3.2 C>S PA 101:201(100) ack 161\n"

static enum fl_confidence confidence(const char *text, const char *id, struct script_run how)
{
	struct script_result *result = script_run(text, &how);
	enum fl_confidence found = result->flows[0].confidence;

	ck_assert_str_eq(result->flows[0].verdict, id);
	free(result);
	return found;
}

START_TEST(a_silence_while_the_capture_lost_packets_is_less_sure)
{
	enum fl_confidence sure = confidence(GONE, "peer-vanished", (struct script_run){ 0 });

	ck_assert_int_gt(sure, FL_CONFIDENCE_LOW);
	ck_assert_int_eq(confidence(GONE, "peer-vanished", (struct script_run){ .drops = 1 }), sure - 1);
	ck_assert_int_eq(confidence(GONE, "peer-vanished", (struct script_run){ .lost_from = 4, .lost_to = 5 }),
	                 sure - 1);
	/* What was lost before it began could not have ended it. */
	ck_assert_int_eq(confidence(GONE, "peer-vanished", (struct script_run){ .lost_from = 1, .lost_to = 2 }), sure);
}
END_TEST

START_TEST(what_was_seen_stays_sure)
{
	static const char refused[] = "0 C>S S 0:0(0) win 64240 <mss 1460>\n0.0002 S>C RA 0:0(0) ack 1 win 0\n";
	enum fl_confidence sure = confidence(refused, "connect-refused", (struct script_run){ 0 });

	ck_assert_int_eq(confidence(refused, "connect-refused", (struct script_run){ .drops = 1 }), sure);
}
END_TEST

START_TEST(losses_that_touch_are_one_and_of_many_the_oldest_are)
{
	struct losses losses = { .count = 0 };
	uint64_t all = 0;

	losses_take(&losses, 10, 20, 3);
	losses_take(&losses, 20, 30, 4);
	losses_take(&losses, 30, 40, 0);
	ck_assert_uint_eq(losses.count, 1);
	ck_assert(losses.item[0].from == 10 && losses.item[0].to == 30 && losses.item[0].packets == 7);
	for (int64_t i = 1; i < 2 * LOSSES_MOST; i++)
		losses_take(&losses, 100 * i, 100 * i + 1, 1);
	ck_assert_uint_eq(losses.count, LOSSES_MOST);
	for (size_t i = 0; i < losses.count; i++)
		all += losses.item[i].packets;
	ck_assert_uint_eq(all, 7 + 2 * LOSSES_MOST - 1);
	ck_assert_int_eq(losses.item[0].from, 10);
	ck_assert_int_eq(losses.item[LOSSES_MOST - 1].from, 100 * (2 * LOSSES_MOST - 1));
	for (size_t i = 1; i < losses.count; i++)
		ck_assert_int_gt(losses.item[i].from, losses.item[i - 1].to);
}
END_TEST

UNIT_MAIN("losses", a_silence_while_the_capture_lost_packets_is_less_sure, what_was_seen_stays_sure,
          losses_that_touch_are_one_and_of_many_the_oldest_are)
