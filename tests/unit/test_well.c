/* Connections in which no detector found a failure, and which are well all the same, or not to be told. */
#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "unit.h"

static struct script_flow judged(const char *text, double until)
{
	return script_judge(text, until, 0);
}

static void is_inconclusive(const struct script_flow *flow, const char *why)
{
	ck_assert_str_eq(flow->verdict, "inconclusive");
	ck_assert_msg(strstr(flow->summary, why) != NULL, "\"%s\" is not in \"%s\"", why, flow->summary);
}

static void is(const struct script_flow *flow, const char *id, enum fl_severity severity, enum fl_side side)
{
	ck_assert_msg(strcmp(flow->verdict, id) == 0 && flow->severity == severity && flow->side == side,
	              "%s (%s, %s): %s", flow->verdict, fl_severity_name(flow->severity), fl_side_name(flow->side),
	              flow->summary);
}

static void is_well(const struct script_flow *flow, const char *id, const char *summary)
{
	ck_assert_msg(strcmp(flow->verdict, id) == 0 && flow->severity == FL_OK, "%s: %s", flow->verdict,
	              flow->summary);
	ck_assert_msg(strstr(flow->summary, summary) != NULL, "\"%s\" is not in \"%s\"", summary, flow->summary);
}

START_TEST(syn_syn_ack_reset_is_a_health_check_or_a_scan)
{
	struct script_flow flow = judged("0 C>S S 0:0(0)\n0.1 S>C SA 0:0(0) ack 1\n0.2 C>S R 1:1(0) win 0\n", 0);

	is_well(&flow, "closed", "reset it at once: a health check, or a scan");
	flow = judged("0 C>S S 0:0(0)\n0.1 S>C SA 0:0(0) ack 1\n0.2 C>S RA 1:1(0) ack 1\n", 0);
	is_well(&flow, "closed", "reset it at once: a health check, or a scan");
	/* Connected first, with the last ACK, and then reset. */
	flow = judged("0 C>S S 0:0(0)\n0.1 S>C SA 0:0(0) ack 1\n0.2 C>S A 1:1(0) ack 1\n0.3 C>S RA 1:1(0) ack 1\n", 0);
	is_well(&flow, "closed", "the client reset the connection, on which no data was seen");
}
END_TEST

START_TEST(what_is_no_half_open_check)
{
	/* The server's RST; no SYN-ACK; and data was sent. */
	struct script_flow flow = judged("0 C>S S 0:0(0)\n0.1 S>C SA 0:0(0) ack 1\n0.2 S>C RA 1:1(0) ack 1\n", 0);

	is(&flow, "reset", FL_NOTICE, FL_SIDE_SERVER);
	flow = judged("0 C>S S 0:0(0)\n0.1 S>C RA 0:0(0) ack 1 win 0\n", 0);
	is(&flow, "connect-refused", FL_CRITICAL, FL_SIDE_SERVER);
	flow = judged("0 C>S S 0:0(0)\n0.1 S>C SA 0:0(0) ack 1\n0.2 C>S PA 1:11(10) ack 1\n0.8 C>S R 1:1(0) win 0\n",
	              0);
	is(&flow, "reset", FL_WARNING, FL_SIDE_CLIENT);
}
END_TEST

START_TEST(syn_ack_without_anything_after_is_no_connection)
{
	struct script_flow flow = judged("0 C>S S 0:0(0)\n0.1 S>C SA 0:0(0) ack 1\n", 10);

	is_inconclusive(&flow, "the connection was never made");
}
END_TEST

/* An answered request; then C asks for S's address at the seconds given. */
#define ANSWERED \
	"0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n0.02 C>S A 1:1(0) ack 1\n0.3 C>S PA 1:11(10) ack 1\n" \
	"0.4 S>C PA 1:21(20) ack 11\n0.5 C>S A 11:11(0) ack 21\n"

START_TEST(address_that_nobody_answers_for_is_unreachable)
{
	struct script_flow flow = judged(ANSWERED "5 C?S\n6 C?S\n7 C?S\n", 0);

	is(&flow, "unreachable", FL_CRITICAL, FL_SIDE_SERVER);
	flow = judged(ANSWERED "5 S?C\n6 S?C\n7 S?C\n", 0);
	is(&flow, "unreachable", FL_CRITICAL, FL_SIDE_CLIENT);
	flow = judged(ANSWERED "5 C?S\n7 C?S\n", 0); /* twice */
	is_well(&flow, "alive", "");
	flow = judged(ANSWERED "5 C?S\n6 C?S\n6.999999 C?S\n", 0); /* for less than two seconds */
	is_well(&flow, "alive", "");
	flow = judged(ANSWERED "5 C?S\n6 C?S\n7 C?S\n7.1 C!S\n", 0); /* answered */
	is_well(&flow, "alive", "");
	flow = judged(ANSWERED "5 C?T\n6 C?T\n7 C?T\n", 0); /* another */
	is_well(&flow, "alive", "");
}
END_TEST

START_TEST(host_that_spoke_since_it_was_asked_for_is_there)
{
	struct script_flow flow = judged(
		ANSWERED "5 C?S\n6 C?S\n6.5 S>C PA 21:31(10) ack 11\n6.6 C>S A 11:11(0) ack 31\n7 C?S\n", 0);

	is_well(&flow, "alive", "");
}
END_TEST

START_TEST(kernel_whose_next_hop_answers_nothing_may_still_try)
{
	/* The repeats stop at 3.4, where its packets no longer get out: that it gave up does not follow. */
	struct script_flow flow = judged(ANSWERED "2 C>S PA 11:21(10) ack 21\n2.2 C>S PA 11:21(10) ack 21\n"
	                                          "2.6 C>S PA 11:21(10) ack 21\n3.4 C>S PA 11:21(10) ack 21\n"
	                                          "5 C?S\n6 C?S\n7 C?S\n",
	                                 30);

	ck_assert_msg(strstr(flow.kernel_says, "whether its kernel gave up is not to be seen") != NULL, "%s",
	              flow.kernel_says);
	/* Another asks in vain; or the sender did, before. */
	flow = judged(ANSWERED "2 C>S PA 11:21(10) ack 21\n2.2 C>S PA 11:21(10) ack 21\n2.6 C>S PA 11:21(10) ack 21\n"
	                       "3.4 C>S PA 11:21(10) ack 21\n5 D?T\n6 D?T\n7 D?T\n",
	              30);
	ck_assert_msg(strstr(flow.kernel_says, "gave up without a word") != NULL, "%s", flow.kernel_says);
	flow = judged(ANSWERED "1 C?T\n2 C>S PA 11:21(10) ack 21\n2.2 C>S PA 11:21(10) ack 21\n"
	                       "2.6 C>S PA 11:21(10) ack 21\n3.4 C>S PA 11:21(10) ack 21\n",
	              30);
	ck_assert_msg(strstr(flow.kernel_says, "gave up without a word") != NULL, "%s", flow.kernel_says);
	flow = judged(ANSWERED "2 C>S PA 11:21(10) ack 21\n2.2 C>S PA 11:21(10) ack 21\n2.6 C>S PA 11:21(10) ack 21\n"
	                       "3.4 C>S PA 11:21(10) ack 21\n",
	              30);
	ck_assert_msg(strstr(flow.kernel_says, "gave up without a word") != NULL, "%s", flow.kernel_says);
	ck_assert_uint_eq(flow.timers.retries, 3);
	ck_assert_int_eq(flow.timers.initial_rto, 200 * FL_NS_PER_MS);
}
END_TEST

START_TEST(icmp_error_over_what_was_delivered_is_well)
{
	struct script_flow flow = judged(ANSWERED "1 R ICMP 3/1 C>S 1:11(10)\n", 0);

	is_well(&flow, "alive", "");
	flow = judged(ANSWERED "1 C>S PA 11:21(10) ack 21\n1.1 R ICMP 3/1 C>S 11:21(10)\n", 0);
	is_inconclusive(&flow, "an ICMP error said that it could not be delivered");
}
END_TEST

START_TEST(lone_repeat_at_the_end_is_no_failure)
{
	/* Repeated again and again although it was ACKed: three are too many. */
	const char *two = ANSWERED "1.2 C>S PA 1:11(10) ack 21\n1.6 C>S PA 1:11(10) ack 21\n";
	const char *three = ANSWERED
		"1.2 C>S PA 1:11(10) ack 21\n1.6 C>S PA 1:11(10) ack 21\n2.4 C>S PA 1:11(10) ack 21\n";
	struct script_flow flow = judged(two, 2.5);

	is_inconclusive(&flow, "the server's kernel had not answered");
	flow = judged(three, 2.5);
	is_inconclusive(&flow, "");
}
END_TEST

UNIT_MAIN("well", syn_syn_ack_reset_is_a_health_check_or_a_scan, what_is_no_half_open_check,
          syn_ack_without_anything_after_is_no_connection, address_that_nobody_answers_for_is_unreachable,
          host_that_spoke_since_it_was_asked_for_is_there, kernel_whose_next_hop_answers_nothing_may_still_try,
          icmp_error_over_what_was_delivered_is_well, lone_repeat_at_the_end_is_no_failure)
