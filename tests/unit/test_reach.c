/* Whether the other end can be reached: connects that are refused or half made, probes that nobody answers, ICMP and
 * ARP, a path that takes no large segments, and one that forgot the connection. Each "not to be called when" of
 * VERDICTS with its look-alike, each threshold from both sides. */
#include "verdicts.h"

#define SYN "0 C>S S 0:0(0) win 64240 <mss 1460,wscale 7,sackok>\n"
#define SYN_ACK(AT) AT " S>C SA 0:0(0) ack 1 win 65160 <mss 1460,wscale 7,sackok>\n"

/* connect-refused */

START_TEST(rst_in_answer_to_the_syn_refuses_the_connection)
{
	struct script_flow flow = called(SYN "0.001 S>C RA 0:0(0) ack 1 win 0\n", 0, "connect-refused", FL_CRITICAL,
	                                 FL_SIDE_SERVER);

	ck_assert_int_eq(flow.onset, script_at(0));
	ck_assert_uint_eq(flow.onset_frame, 1);
	ck_assert_int_eq(flow.noticed, script_at(.001));
	/* The look-alikes: taken first, and reset then; and no answer at all. */
	not_called(SYN SYN_ACK(".0002") ".0004 C>S A 1:1(0) ack 1\n.0005 S>C RA 1:1(0) ack 1 win 0\n", 0,
	           "connect-refused");
	called(SYN "1 C>S S 0:0(0)\n3 C>S S 0:0(0)\n7 C>S S 0:0(0)\n", 0, "connect-unanswered", FL_CRITICAL,
	       FL_SIDE_SERVER);
}
END_TEST

START_TEST(rst_of_another_ttl_than_the_hosts_refuses_in_its_name)
{
	static const char own[] = OPEN "1 C2>S2 S 0:0(0)\n1.001 S2>C2 RA 0:0(0) ack 1 win 0 ttl 64\n";
	static const char another[] = OPEN "1 C2>S2 S 0:0(0)\n1.001 S2>C2 RA 0:0(0) ack 1 win 0 ttl 61\n";
	struct script_flow flow = script_judge(own, 0, 1);

	is(&flow, "connect-refused", FL_CRITICAL, FL_SIDE_SERVER);
	flow = script_judge(another, 0, 1);
	is(&flow, "connect-refused", FL_CRITICAL, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
}
END_TEST

START_TEST(icmp_error_about_the_syn_is_told_with_its_code_and_sender)
{
	struct script_flow flow = called(SYN "0.001 R ICMP 3/13 C>S 0:0(0)\n", 0, "connect-refused", FL_CRITICAL,
	                                 FL_SIDE_BETWEEN);

	says(flow.summary, "type 3, code 13");
	says(flow.because, "10.0.0.18");
	ck_assert(flow.is_abandoned);
	called(SYN "0.001 S ICMP 3/3 C>S 0:0(0)\n", 0, "connect-refused", FL_CRITICAL, FL_SIDE_SERVER);
	/* And the connection was made all the same. */
	not_called(SYN "0.001 R ICMP 3/1 C>S 0:0(0)\n1 C>S S 0:0(0)\n" SYN_ACK("1.001") "1.002 C>S A 1:1(0) ack 1\n", 0,
	           "connect-refused");
}
END_TEST

/* handshake-abandoned */

START_TEST(handshake_is_abandoned_three_seconds_and_one_repeat_after_the_syn_ack)
{
	static const char text[] = SYN SYN_ACK("0.0002") SYN_ACK("1.0002");
	struct script_flow flow;

	too_soon(text, 3.000199, "handshake-abandoned");
	flow = called(text, 3.0002, "handshake-abandoned", FL_WARNING, FL_SIDE_CLIENT);
	ck_assert_int_eq(flow.onset, script_at(.0002));
	ck_assert_uint_eq(flow.onset_frame, 2);
	not_called(SYN SYN_ACK("0.0002"), 100, "handshake-abandoned"); /* no repeat */
	flow = judged_with(text, 3.0002, "handshake_for=4s");
	ck_assert_str_eq(flow.verdict, "inconclusive");
	script_never_critical(text);
}
END_TEST

START_TEST(client_that_repeats_its_syn_lives_and_the_way_back_is_dead)
{
	static const char text[] = SYN SYN_ACK("0.0002") "1 C>S S 0:0(0)\n" SYN_ACK(
		"1.0002") "3 C>S S 0:0(0)\n" SYN_ACK("3.0002");

	called(text, 4, "handshake-abandoned", FL_WARNING, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(handshake_that_the_client_acked_or_reset_is_not_abandoned)
{
	/* The client's ACK is in the capture before the last SYN-ACK. */
	called(OPEN SYN_ACK("1.0002") SYN_ACK("3.0002"), 4, "accept-queue-overflow", FL_CRITICAL, FL_SIDE_SERVER);
	/* A health check, or a half-open scan. */
	well(SYN SYN_ACK("0.0002") "0.0004 C>S R 1:1(0) win 0\n", 100, "closed");
	/* It comes late, and all is well. */
	called(SYN SYN_ACK("0.0002") SYN_ACK("1.0002") "2 C>S A 1:1(0) ack 1\n2.1 C>S PA 1:51(50) ack 1\n"
	                                               "2.1002 S>C A 1:1(0) ack 51\n",
	       5, "connect-slow", FL_WARNING, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(syn_repeated_before_any_syn_ack_came_shows_no_life_after_it)
{
	struct script_flow flow = called(SYN "1 C>S S 0:0(0) win 64240 <mss 1460,wscale 7,sackok>\n" SYN_ACK("1.2")
	                                         SYN_ACK("2.2") SYN_ACK("4.2"),
	                                 5, "handshake-abandoned", FL_WARNING, FL_SIDE_CLIENT);

	shows(&flow, "handshake-abandoned", 2, 3, "server sends the first SYN-ACK");
	shows(&flow, "handshake-abandoned", 2, 5, "SYN-ACK for the last time: 3 in all");
}
END_TEST

START_TEST(client_that_resets_a_repeated_handshake_ends_it)
{
	struct script_flow flow = well(
		SYN SYN_ACK("0.0002") SYN_ACK("1.0002") SYN_ACK("3.0002") "7 C>S R 1:1(0) win 0\n", 20, "closed");

	ck_assert_ptr_null(script_find(&flow, "handshake-abandoned"));
}
END_TEST

/* accept-queue-overflow */

#define ASKED_EARLY OPEN "0.001 C>S PA 1:51(50) ack 1\n"
#define ACKED_AGAIN(AT) AT " C>S A 51:51(0) ack 1\n"

START_TEST(syn_ack_repeated_behind_the_clients_ack_is_a_full_accept_queue)
{
	static const char text[] = ASKED_EARLY SYN_ACK("1.0002") ACKED_AGAIN("1.0004") SYN_ACK("3.0002")
		ACKED_AGAIN("3.0004");
	struct script_flow flow = called(text, 4, "accept-queue-overflow", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.layer, FL_LAYER_APPLICATION);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM); /* seen at the client */
	ck_assert_int_eq(flow.onset, script_at(.0002));
	ck_assert_uint_eq(flow.bytes_at_risk, 50);
	ck_assert_int_eq(script_figure(script_find(&flow, "accept-queue-overflow"), "bytes", 0), 50);
	shows(&flow, "accept-queue-overflow", 3, 2, "the handshake's SYN-ACK; client ACKed it");
	shows(&flow, "accept-queue-overflow", 3, 5, "server sends the SYN-ACK again all the same");
	shows(&flow, "accept-queue-overflow", 3, 7, "SYN-ACK again for the last time: 2 repeats");
}
END_TEST

START_TEST(one_syn_ack_more_tells_where_the_request_is_refused_too)
{
	called(ASKED_EARLY "0.21 C>S PA 1:51(50) ack 1\n0.63 C>S PA 1:51(50) ack 1\n" SYN_ACK("1.0002")
	               ACKED_AGAIN("1.0004"),
	       2, "accept-queue-overflow", FL_CRITICAL, FL_SIDE_SERVER);
	not_called(ASKED_EARLY "0.21 C>S PA 1:51(50) ack 1\n" SYN_ACK("1.0002") ACKED_AGAIN("1.0004"), 2,
	           "accept-queue-overflow");
	not_called(OPEN SYN_ACK("1.0002") "1.0004 C>S A 1:1(0) ack 1\n", 2, "accept-queue-overflow");
	/* What was taken is not refused, however often it was repeated. */
	not_called(ASKED_EARLY
	           "0.21 C>S PA 1:51(50) ack 1\n0.63 C>S PA 1:51(50) ack 1\n0.6302 S>C A 1:1(0) ack 51\n" SYN_ACK(
			   "1.0002") ACKED_AGAIN("1.0004"),
	           2, "accept-queue-overflow");
}
END_TEST

START_TEST(full_accept_queue_is_certain_where_it_is_seen_at_the_server)
{
	static const char text[] = SYN SYN_ACK(
		"0.0001") "0.02 C>S A 1:1(0) ack 1\n0.021 C>S PA 1:51(50) ack 1\n" SYN_ACK("1.0202") ACKED_AGAIN("1.04")
		SYN_ACK("3.0202") ACKED_AGAIN("3.04");
	struct script_flow flow = called(text, 4, "accept-queue-overflow", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
}
END_TEST

START_TEST(full_accept_queue_explains_the_reset_that_ends_it)
{
	static const char text[] = ASKED_EARLY SYN_ACK("1.0002") ACKED_AGAIN("1.0004") SYN_ACK("3.0002")
		ACKED_AGAIN("3.0004") "70 C>S PA 1:51(50) ack 1\n70.0002 S>C R 1:1(0) win 0\n";
	struct script_flow flow = called(text, 71, "accept-queue-overflow", FL_CRITICAL, FL_SIDE_SERVER);

	says(flow.explains, "reset");
}
END_TEST

START_TEST(slow_path_repeats_syn_acks_without_a_full_queue)
{
	/* The round trip takes 1.2 s; captured at the client. */
	static const char text[] = SYN "1 C>S S 0:0(0) win 64240 <mss 1460,wscale 7,sackok>\n" SYN_ACK(
		"1.2") "1.2001 C>S A 1:1(0) ack 1\n1.2002 C>S PA 1:51(50) ack 1\n" SYN_ACK("2.2") ACKED_AGAIN("2.2001")
		SYN_ACK("2.3") ACKED_AGAIN("2.3001") "2.4002 S>C A 1:1(0) ack 51\n2.4003 S>C PA 1:81(80) ack 51\n"
						     "2.4004 C>S A 51:51(0) ack 81\n";

	not_called(text, 4, "accept-queue-overflow");
	script_never_critical(text);
}
END_TEST

START_TEST(very_slow_path_repeats_syn_acks_twice_without_a_full_queue)
{
	/* The round trip takes 3.5 s; captured at the client, whose own SYN is answered thrice. */
	static const char text[] = SYN SYN_ACK(
		"3.5") "3.5001 C>S A 1:1(0) ack 1\n3.5002 C>S PA 1:51(50) ack 1\n" SYN_ACK("4.5") ACKED_AGAIN("4.5001")
		SYN_ACK("6.5") ACKED_AGAIN("6.5001") "7.0002 S>C A 1:1(0) ack 51\n"
						     "7.0003 S>C PA 1:81(80) ack 51\n"
						     "7.0004 C>S A 51:51(0) ack 81\n";
	struct script_flow flow = not_called(text, 8, "accept-queue-overflow");

	ck_assert_ptr_null(script_find(&flow, "accept-queue-overflow"));
	script_never_critical(text);
}
END_TEST

START_TEST(one_late_syn_ack_with_data_acked_at_once_is_a_deferred_accept)
{
	static const char text[] = OPEN SYN_ACK("1.0202") "1.0203 C>S A 1:1(0) ack 1\n2 C>S PA 1:51(50) ack 1\n"
							  "2.0001 S>C A 1:1(0) ack 51\n2.01 S>C PA 1:81(80) ack 51\n"
							  "2.0102 C>S A 51:51(0) ack 81\n";
	struct script_flow flow = not_called(text, 3, "accept-queue-overflow");

	ck_assert_ptr_null(script_find(&flow, "accept-queue-overflow"));
	script_never_critical(text);
}
END_TEST

START_TEST(full_accept_queue_that_was_emptied_in_time_leaves_a_slow_connect)
{
	/* The client says nothing before it is accepted: only the handshake suffered. */
	struct script_flow flow = called(
		OPEN SYN_ACK("1.0002") "1.0004 C>S A 1:1(0) ack 1\n" SYN_ACK(
			"3.0002") "3.0004 C>S A 1:1(0) ack 1\n3.5 C>S PA 1:51(50) ack 1\n"
				  "3.5002 S>C A 1:1(0) ack 51\n3.51 S>C PA 1:81(80) ack 51\n3.5102 C>S A "
				  "51:51(0) ack 81\n",
		5, "connect-slow", FL_WARNING, FL_SIDE_SERVER);
	const struct script_finding *finding = script_find(&flow, "accept-queue-overflow");

	ck_assert_ptr_nonnull(finding);
	ck_assert_int_eq(finding->severity, FL_WARNING);

	/* What answered the last SYN-ACK was not captured; that the data was taken says as much. */
	flow = not_called(OPEN
	                  "0.001 C>S PA 1:51(50) ack 1\n0.2 C>S PA 1:51(50) ack 1\n0.6 C>S PA 1:51(50) ack 1\n" SYN_ACK(
				  "1.0002") SYN_ACK("3.0002") "3.0012 S>C A 1:1(0) ack 51\n",
	                  4, "accept-queue-overflow");
	finding = script_find(&flow, "accept-queue-overflow");
	ck_assert_ptr_nonnull(finding);
	ck_assert_int_eq(finding->severity, FL_WARNING);
}
END_TEST

/* keepalive-unanswered */

#define PROBE(AT) AT " C>S A 100:100(0) ack 161\n"
#define PROBE_ANSWER(AT) AT " S>C A 161:161(0) ack 101\n"

START_TEST(two_probes_without_an_answer_are_a_dead_peer)
{
	static const char text[] = SESSION PROBE("22") PROBE("32");
	struct script_flow flow = called(text, 32.5, "keepalive-unanswered", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.onset, script_at(22));
	ck_assert_uint_eq(flow.onset_frame, 12);
	says(flow.summary, "2 keepalive probes of the client got no answer.");
	shows(&flow, "keepalive-unanswered", 2, 12, "client's first keepalive probe without an answer");
	shows(&flow, "keepalive-unanswered", 2, 13, "the last one: 2 without an answer");
	flow = called(SESSION PROBE("12") PROBE_ANSWER("12.0002") PROBE("22") PROBE("32"), 33, "keepalive-unanswered",
	              FL_CRITICAL, FL_SIDE_SERVER);
	says(flow.summary, "got no answer, after 1 that had got one.");
	not_called(SESSION PROBE("22"), 100, "keepalive-unanswered"); /* one proves nothing */
	ck_assert_str_ne(judged_with(text, 33, "probes_missed=3").verdict, "keepalive-unanswered");
	/* The server's probes; and three, of which the last comes at the capture's end. */
	called(SESSION "22 S>C A 160:160(0) ack 101\n32 S>C A 160:160(0) ack 101\n", 33, "keepalive-unanswered",
	       FL_CRITICAL, FL_SIDE_CLIENT);
	called(SESSION PROBE("22") PROBE("32") PROBE("42"), 0, "keepalive-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(probes_within_half_a_second_count_once)
{
	not_called(SESSION PROBE("22") PROBE("22.4"), 30, "keepalive-unanswered");
	called(SESSION PROBE("22") PROBE("22.51"), 30, "keepalive-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(one_probe_and_the_probers_reset_are_a_dead_peer)
{
	struct script_flow flow = called(SESSION PROBE("22") "32 C>S RA 101:101(0) ack 161 win 0\n", 0,
	                                 "keepalive-unanswered", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.noticed, script_at(32));
	ck_assert_int_eq(flow.onset, script_at(22));
	shows(&flow, "keepalive-unanswered", 2, 13, "client's kernel gives the connection up (RST)");
	well(SESSION PROBE("22") PROBE_ANSWER("22.0002") "32 C>S RA 101:101(0) ack 161 win 0\n", 0, "closed");
}
END_TEST

START_TEST(lone_unanswered_probe_among_answered_ones_proves_nothing)
{
	well(SESSION PROBE("22") PROBE_ANSWER("22.0002") PROBE("32") PROBE("42") PROBE_ANSWER("42.0002"), 43, "alive");
}
END_TEST

START_TEST(last_probe_of_the_capture_has_had_no_time)
{
	well(SESSION PROBE("22") PROBE_ANSWER("22.0002") PROBE("32") PROBE_ANSWER("32.0002") PROBE("42"), 0, "alive");
	script_never_critical(SESSION PROBE("22") PROBE("32"));
	ck_assert_int_lt(script_judge(SESSION PROBE("22") PROBE("32"), 32.4, 0).severity, FL_CRITICAL);
}
END_TEST

START_TEST(probes_of_a_closed_window_are_no_keepalives)
{
	static const char closed[] = SESSION "3 S>C A 161:161(0) ack 101 win 0\n";
	static const char probes[] = PROBE("22") PROBE("32") PROBE("52") PROBE("92");
	char text[sizeof(closed) + sizeof(probes)];

	strcpy(text, closed);
	strcat(text, probes);
	not_called(text, 95, "keepalive-unanswered");
}
END_TEST

START_TEST(host_that_answers_a_probe_by_a_reset_is_there)
{
	called(SESSION PROBE("22") PROBE("32") "32.0002 S>C R 161:161(0) win 0\n", 0, "peer-restarted", FL_CRITICAL,
	       FL_SIDE_SERVER);
}
END_TEST

/* unreachable */

#define UNDELIVERED "C>S 101:201(100)"
#define SENT_TWICE "3 C>S PA 101:201(100) ack 161\n3.001 R ICMP 3/1 " UNDELIVERED "\n3.2 C>S PA 101:201(100) ack 161\n"

START_TEST(two_errors_and_a_second_without_an_ack_are_unreachable)
{
	static const char text[] = SESSION SENT_TWICE "3.201 R ICMP 3/1 " UNDELIVERED "\n";
	struct script_flow flow;

	not_called(text, 3.999999, "unreachable");
	ck_assert_int_lt(script_judge(text, 3.999999, 0).severity, FL_CRITICAL);
	flow = called(text, 4, "unreachable", FL_CRITICAL, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.onset, script_at(3)); /* the first segment that got no answer */
	ck_assert_uint_eq(flow.onset_frame, 12);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	shows(&flow, "unreachable", 3, 12, "client sends what is never ACKed");
	shows(&flow, "unreachable", 3, 13, "the first ICMP error about it (type 3, code 1)");
	shows(&flow, "unreachable", 3, 15, "the last one: 2");
	not_called(SESSION SENT_TWICE, 5, "unreachable"); /* one error */
	/* The target's own address. */
	called(SESSION "3 C>S PA 101:201(100) ack 161\n3.001 S ICMP 3/13 " UNDELIVERED
	               "\n3.2 C>S PA 101:201(100) ack 161\n3.201 S ICMP 3/13 " UNDELIVERED "\n",
	       4, "unreachable", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(connection_that_went_on_after_an_error_is_not_unreachable)
{
	static const char text[] = SESSION SENT_TWICE
		"3.201 R ICMP 3/1 " UNDELIVERED "\n3.6 C>S PA 101:201(100) ack 161\n3.6002 S>C A 161:161(0) ack 201\n"
		"3.61 S>C PA 161:241(80) ack 201\n3.6102 C>S A 201:201(0) ack 241\n";

	well(text, 5, "alive");
	/* What fails long after that fails for another reason. */
	not_called(SESSION SENT_TWICE "3.201 R ICMP 3/1 " UNDELIVERED
	                              "\n3.6 C>S PA 101:201(100) ack 161\n3.6002 S>C A 161:161(0) ack 201\n"
	                              "13 C>S PA 201:301(100) ack 161\n13.2 C>S PA 201:301(100) ack 161\n"
	                              "13.6 C>S PA 201:301(100) ack 161\n14.4 C>S PA 201:301(100) ack 161\n",
	           15, "unreachable");
}
END_TEST

START_TEST(errors_about_keepalive_probes_count_as_well)
{
	struct script_flow flow = called(SESSION PROBE("22") "22.001 R ICMP 3/1 C>S 100:100(0)\n" PROBE(
						 "32") "32.001 R ICMP 3/1 C>S 100:100(0)\n",
	                                 33, "unreachable", FL_CRITICAL, FL_SIDE_BETWEEN);

	ck_assert_int_eq(flow.onset, script_at(22));
	ck_assert_uint_eq(flow.onset_frame, 12);
	says(flow.explains, "keepalive-unanswered");
	/* Answered ones do not. */
	not_called(SESSION PROBE("22") "22.001 R ICMP 3/1 C>S 100:100(0)\n" PROBE(
			   "32") "32.001 R ICMP 3/1 C>S 100:100(0)\n" PROBE("42") PROBE_ANSWER("42.0002"),
	           43, "unreachable");
}
END_TEST

START_TEST(errors_about_a_handshake_concern_no_established_connection)
{
	not_called(
		SYN SYN_ACK("0.0002") "0.001 R ICMP 3/1 S>C 0:0(0)\n" SYN_ACK("1.0002") "1.001 R ICMP 3/1 S>C 0:0(0)\n",
		5, "unreachable");
}
END_TEST

START_TEST(errors_after_which_smaller_segments_pass_are_no_failure)
{
	well(SESSION
	     "3 C>S A 101:1549(1448) ack 161\n3.0001 C>S PA 1549:2997(1448) ack 161\n"
	     "3.001 R ICMP 3/4 C>S 101:1549(1448) mtu 1300\n3.0012 R ICMP 3/4 C>S 1549:2997(1448) mtu 1300\n"
	     "3.0014 C>S A 101:1349(1248) ack 161\n3.0015 C>S A 1349:1549(200) ack 161\n"
	     "3.0016 C>S A 1549:2797(1248) ack 161\n3.0017 C>S PA 2797:2997(200) ack 161\n"
	     "3.003 S>C A 161:161(0) ack 2997\n3.01 S>C PA 161:241(80) ack 2997\n3.0102 C>S A 2997:2997(0) ack 241\n",
	     6, "alive");
}
END_TEST

/* ARP */

START_TEST(three_questions_and_two_seconds_without_an_answer_are_unreachable)
{
	static const char text[] = SESSION "3 C?S\n4 C?S\n5 C?S\n";
	struct script_flow flow = called(text, 5, "unreachable", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	not_called(SESSION "3 C?S\n5.1 C?S\n", 6, "unreachable");              /* two */
	not_called(SESSION "3 C?S\n4 C?S\n4.999 C?S\n", 4.999, "unreachable"); /* too soon */
	well(SESSION "3 C?S\n4 C?S\n4.001 C!S\n5 C?S\n6 C?S\n", 6, "alive");   /* answered in between */
	not_called(SESSION "3 C?S\n4 C?S\n5 C?S\n5.001 C!S\n", 6, "unreachable");
	called(SESSION "3 S?C\n4 S?C\n5 S?C\n", 5, "unreachable", FL_CRITICAL, FL_SIDE_CLIENT);
}
END_TEST

START_TEST(questions_about_a_host_that_is_heard_since_concern_nobody)
{
	not_called(SESSION "2.5 C?S\n3.5 C?S\n4.5 C?S\n5 C>S PA 101:151(50) ack 161\n5.0002 S>C A 161:161(0) ack 151\n"
	                   "5.01 S>C PA 161:241(80) ack 151\n5.0102 C>S A 151:151(0) ack 241\n",
	           6, "unreachable");
	well(SESSION "3 C?D\n4 C?D\n5 C?D\n", 6, "alive"); /* another host */
}
END_TEST

START_TEST(unanswered_questions_are_an_incident_without_any_connection)
{
	struct script_result *result = script_run("3 C?S\n4 C?S\n5 C?S\n", NULL);

	ck_assert_uint_eq(result->n_flows, 0);
	ck_assert_uint_eq(result->n_incidents, 1);
	ck_assert_str_eq(result->incidents[0].id, "neighbour-unresolved");
	ck_assert_str_eq(result->incidents[0].subject, "10.0.0.19");
	ck_assert_int_eq(result->incidents[0].onset, script_at(3));
	ck_assert_uint_eq(result->incidents[0].n_flows, 0);
	free(result);
	result = script_run(SESSION "3 C?S\n4 C?S\n5 C?S\n", NULL);
	ck_assert_uint_eq(result->n_incidents, 1);
	ck_assert_uint_eq(result->incidents[0].n_flows, 1);
	free(result);
	result = script_run("3 C?S\n4 C?S\n4.999 C?S\n", NULL);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
	result = script_run("3 C?S\n5.1 C?S\n", NULL);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

/* mtu-blackhole */

/* The server's answer of `LAST` - 161 bytes is repeated three times over 1.4 s, and two more small questions of the
 * client's are ACKed meanwhile. */
#define LARGE(LAST, LENGTH) \
	"3 C>S PA 101:151(50) ack 161\n3.01 S>C PA 161:" LAST "(" LENGTH ") ack 151\n" \
	"3.21 S>C PA 161:" LAST "(" LENGTH ") ack 151\n3.61 S>C PA 161:" LAST "(" LENGTH ") ack 151\n" \
	"3.8 C>S PA 151:171(20) ack 161\n3.84 S>C A " LAST ":" LAST "(0) ack 171\n" \
	"4 C>S PA 171:191(20) ack 161\n4.04 S>C A " LAST ":" LAST "(0) ack 191\n" \
	"4.41 S>C PA 161:" LAST "(" LENGTH ") ack 191\n"

START_TEST(full_segments_that_vanish_while_small_ones_pass_are_a_black_hole)
{
	struct script_flow flow = called(SESSION LARGE("1609", "1448"), 5, "mtu-blackhole", FL_CRITICAL,
	                                 FL_SIDE_BETWEEN);

	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.onset, script_at(3.01));
	ck_assert_uint_eq(flow.onset_frame, 13);
	ck_assert_ptr_eq(script_find(&flow, "peer-vanished"), NULL);
	shows(&flow, "mtu-blackhole", 2, 13, "server sends a segment of 1,448 bytes that is never ACKed");
	shows(&flow, "mtu-blackhole", 2, 20, "sent again for the last time: 3 times in 1.4 s");
	called(SESSION LARGE("1476", "1315"), 5, "mtu-blackhole", FL_CRITICAL, FL_SIDE_BETWEEN); /* 90 % of the MSS */
	not_called(SESSION LARGE("1451", "1290"), 5, "mtu-blackhole");                           /* less */
	not_called(SESSION LARGE("461", "300"), 5, "mtu-blackhole");
}
END_TEST

START_TEST(black_hole_whose_icmp_comes_through_is_told_with_its_size)
{
	struct script_flow flow = called(
		SESSION "3 C>S PA 101:1549(1448) ack 161\n3.001 R ICMP 3/4 C>S 101:1549(1448) mtu 1300\n"
			"3.2 C>S PA 101:1549(1448) ack 161\n3.6 C>S PA 101:1549(1448) ack 161\n"
			"4.4 C>S PA 101:1549(1448) ack 161\n",
		5, "mtu-blackhole", FL_CRITICAL, FL_SIDE_BETWEEN);

	says(flow.summary, "1,300");
	shows(&flow, "mtu-blackhole", 3, 13, "ICMP says that it does not fit: next-hop MTU 1,300 bytes");
	/* Small segments that vanish with it are no question of size. */
	not_called(SESSION
	           "3 C>S PA 101:151(50) ack 161\n3.001 R ICMP 3/4 C>S 101:151(50) mtu 1300\n"
	           "3.2 C>S PA 101:151(50) ack 161\n3.6 C>S PA 101:151(50) ack 161\n4.4 C>S PA 101:151(50) ack 161\n",
	           5, "mtu-blackhole");
	/* Without it, and with nothing small meanwhile: a dead path looks the same. */
	flow = script_judge(SESSION "3 C>S PA 101:1549(1448) ack 161\n3.2 C>S PA 101:1549(1448) ack 161\n"
	                            "3.6 C>S PA 101:1549(1448) ack 161\n4.4 C>S PA 101:1549(1448) ack 161\n",
	                    5, 0);
	ck_assert(strstr(flow.alternatives, "mtu-blackhole") || strstr(flow.alternatives, "peer-vanished"));
}
END_TEST

#define MIDDLE(NEXT, LENGTH) \
	"1 C>S PA 51:101(50) ack 81\n1.0002 S>C PA 81:161(80) ack 101\n1.0004 C>S A 101:101(0) ack 161\n" \
	"3 C>S PA 101:151(50) ack 161\n3.01 S>C PA 161:" NEXT "(" LENGTH ") ack 151\n" \
	"3.21 S>C PA 161:" NEXT "(" LENGTH ") ack 151\n3.61 S>C PA 161:" NEXT "(" LENGTH ") ack 151\n" \
	"3.8 C>S PA 151:171(20) ack 161\n3.84 S>C A " NEXT ":" NEXT "(0) ack 171\n" \
	"4 C>S PA 171:191(20) ack 161\n4.04 S>C A " NEXT ":" NEXT "(0) ack 191\n" \
	"4.41 S>C PA 161:" NEXT "(" LENGTH ") ack 191\n"

START_TEST(black_hole_of_a_connection_joined_in_the_middle_is_one_too)
{
	called(MIDDLE("1609", "1448"), 5, "mtu-blackhole", FL_CRITICAL, FL_SIDE_BETWEEN);
	not_called(MIDDLE("461", "300"), 5, "mtu-blackhole");
}
END_TEST

START_TEST(probing_that_finds_a_size_leaves_a_degraded_connection)
{
	static const char text[] = SESSION LARGE("1609", "1448") "6.01 S>C PA 161:1185(1024) ack 191\n"
								 "6.05 C>S A 191:191(0) ack 1185\n"
								 "6.06 S>C PA 1185:1609(424) ack 191\n"
								 "6.1 C>S A 191:191(0) ack 1609\n";
	struct script_flow flow = called(text, 7, "degraded", FL_WARNING, FL_SIDE_BETWEEN);

	ck_assert_int_ge(script_figure(script_find(&flow, "degraded"), "stalled", 0), 2 * FL_NS_PER_S);
}
END_TEST

START_TEST(full_segments_that_were_acked_at_last_leave_a_degraded_connection)
{
	struct script_flow flow = called(SESSION LARGE("1609", "1448") "5 C>S A 191:191(0) ack 1609\n", 7, "degraded",
	                                 FL_WARNING, FL_SIDE_BETWEEN);

	ck_assert_ptr_null(script_find(&flow, "mtu-blackhole"));
	/* A host that resets over them is there. */
	not_called(SESSION LARGE("1609", "1448") "5 C>S R 191:191(0) win 0\n", 7, "mtu-blackhole");
}
END_TEST

/* idle-dropped */

#define NEW_CONNECTION(AT, THEN, LAST) \
	AT " C2>S S 0:0(0)\n" THEN " S>C2 SA 0:0(0) ack 1\n" LAST " C2>S A 1:1(0) ack 1\n"

START_TEST(silence_after_a_quiet_minute_where_a_new_connection_works_is_a_forgetful_path)
{
	static const char new_one[] = NEW_CONNECTION("73", "73.0002", "73.0004");
	static const char later[] = SESSION REPEATED("62.01"), sooner[] = SESSION REPEATED("62.0099");
	char text[2048];
	struct script_flow flow;

	strcat(strcpy(text, later), new_one);
	flow = called(text, 74, "idle-dropped", FL_CRITICAL, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.onset, script_at(62.01));
	ck_assert_uint_eq(flow.onset_frame, 12);
	shows(&flow, "idle-dropped", 2, 12, "client sends the first segment after 1m00s of quiet");
	shows(&flow, "idle-dropped", 2, 15, "sent again for the last time: 3 times, and no answer");
	/* A gap below that: the gap is told. */
	strcat(strcpy(text, sooner), new_one);
	flow = called(text, 74, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_ge(script_figure(script_find(&flow, "peer-vanished"), "quiet_before", 0), 59 * FL_NS_PER_S);
	ck_assert_str_eq(judged_with(text, 74, "idle=30s").verdict, "idle-dropped");
}
END_TEST

START_TEST(silence_after_a_quiet_minute_that_ended_is_no_forgetful_path)
{
	static const char new_one[] = NEW_CONNECTION("73", "73.0002", "73.0004");
	static const char acked[] = SESSION REPEATED(
		"70") "71.5 S>C A 161:161(0) ack 201\n71.6 S>C PA 161:241(80) ack 201\n"
		      "71.6002 C>S A 201:201(0) ack 241\n";
	static const char reset[] = SESSION REPEATED("70") "71.4002 S>C R 161:161(0) win 0\n";
	char text[2048];
	struct script_flow flow;

	strcat(strcpy(text, acked), new_one);
	flow = not_called(text, 80, "idle-dropped");
	ck_assert_ptr_null(script_find(&flow, "idle-dropped"));
	strcat(strcpy(text, reset), new_one);
	flow = called(text, 80, "peer-restarted", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_ptr_null(script_find(&flow, "idle-dropped"));
}
END_TEST

START_TEST(foreign_reset_after_a_quiet_minute_is_a_forgetful_path)
{
	struct script_flow flow = called(SESSION
	                                 "70 C>S PA 101:151(50) ack 161\n70.0002 S>C R 161:161(0) win 0 ttl 61\n",
	                                 71, "idle-dropped", FL_CRITICAL, FL_SIDE_BETWEEN);

	ck_assert_int_eq(flow.onset, script_at(70));
	ck_assert_int_eq(flow.noticed, script_at(70.0002));
	shows(&flow, "idle-dropped", 2, 12, "client sends the first segment after 1m08s of quiet");
	shows(&flow, "idle-dropped", 2, 13,
	      "an RST in the server's name, whose TTL is not its own: 61, where its packets had 64");
	called(SESSION "62.01 C>S PA 101:151(50) ack 161\n62.0102 S>C R 161:161(0) win 0 ttl 61\n", 71, "idle-dropped",
	       FL_CRITICAL, FL_SIDE_BETWEEN);
	/* Too soon after: an RST that is not the end's own, always between. */
	called(SESSION "62.0099 C>S PA 101:151(50) ack 161\n62.01 S>C R 161:161(0) win 0 ttl 61\n", 71, "reset",
	       FL_WARNING, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(peers_own_reset_after_a_quiet_minute_is_the_peers)
{
	called(SESSION "70 C>S PA 101:151(50) ack 161\n70.0002 S>C R 161:161(0) win 0\n", 71, "peer-restarted",
	       FL_CRITICAL, FL_SIDE_SERVER);
	/* The service's own idle close. */
	not_called(SESSION "70 C>S PA 101:151(50) ack 161\n70.0002 S>C RA 161:161(0) ack 151 win 0\n", 71,
	           "idle-dropped");
	well(SESSION
	     "70 S>C FA 161:161(0) ack 101\n70.0002 C>S A 101:101(0) ack 162\n70.001 C>S FA 101:101(0) ack 162\n"
	     "70.0012 S>C A 162:162(0) ack 102\n",
	     0, "closed");
}
END_TEST

/* handshake-abandoned: "`between` when the client proves that it lives (repeats its SYN: return path; late data or ACK:
 * forward path)". */
START_TEST(late_data_shows_that_the_clients_ack_was_lost_on_its_way)
{
	called(SYN SYN_ACK("0.0002") SYN_ACK("1.0002") SYN_ACK("3.0002")
	               SYN_ACK("7.0002") "8 C>S PA 1:51(50) ack 1\n"
	                                 "8.0002 S>C R 1:1(0) win 0\n",
	       9, "handshake-abandoned", FL_WARNING, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(late_data_that_is_taken_leaves_a_slow_connect)
{
	called(SYN SYN_ACK("0.0002") SYN_ACK("1.0002") SYN_ACK("3.0002")
	               SYN_ACK("7.0002") "8 C>S PA 1:51(50) ack 1\n8.0002 S>C A 1:1(0) ack 51\n",
	       9, "connect-slow", FL_WARNING, FL_SIDE_BETWEEN);
	/* ACKed at once, and the connection refused then. */
	not_called(SYN SYN_ACK("0.0002") SYN_ACK("1.0002") "1.0004 C>S A 1:1(0) ack 1\n1.0006 S>C R 1:1(0) win 0\n", 9,
	           "handshake-abandoned");
}
END_TEST

/* handshake-abandoned: "warning; notice and aggregated for scans". */
START_TEST(scan_of_many_ports_is_a_notice)
{
	struct fl_text text = { 0 };
	struct script_result *result;

	for (unsigned i = 1; i <= 12; i++)
		fl_text_add(&text, "0.%03u C%u>S%u S 0:0(0)\n0.%03u2 S%u>C%u SA 0:0(0) ack 1\n", i, i, i, i, i, i);
	for (unsigned i = 1; i <= 12; i++)
		fl_text_add(&text, "1.%03u2 S%u>C%u SA 0:0(0) ack 1\n", i, i, i);
	result = script_run(fl_text_get(&text), &(const struct script_run){ .until = 9 });
	ck_assert_uint_eq(result->n_flows, 12);
	for (size_t i = 0; i < result->n_flows; i++)
		is(&result->flows[i], "handshake-abandoned", FL_NOTICE, FL_SIDE_CLIENT);
	free(result);
	fl_text_deinit(&text);
}
END_TEST

/* Ports 1 to 12 of the server, each tried by `line`, with the numbers of the port for each %u; what is written is
 * free()d by the caller. `tries`: how often. */
static struct script_result *tried(const char *before, const char *line, unsigned tries, double until)
{
	struct fl_text text = { 0 };
	struct script_result *result;

	fl_text_add(&text, "%s", before);
	for (unsigned i = 1; i <= 12 * tries; i++) {
		for (const char *at = line; *at; at++) {
			if (*at == 'N')
				fl_text_add(&text, "%u", 1 + i % 12);
			else if (*at == 'M')
				fl_text_add(&text, "%u", 10 + i);
			else
				fl_text_add(&text, "%c", *at);
		}
	}
	result = script_run(fl_text_get(&text), &(const struct script_run){ .until = until });
	fl_text_deinit(&text);
	return result;
}

static void all_are(struct script_result *result, size_t from, const char *id, enum fl_severity severity)
{
	ck_assert_uint_ge(result->n_flows, from + 12);
	for (size_t i = from; i < result->n_flows; i++)
		is(&result->flows[i], id, severity, FL_SIDE_SERVER);
	free(result);
}

#define REFUSED "+0.1 CM>SN S 0:0(0)\n+0.0001 SN>CM RA 0:0(0) ack 1 win 0\n"
/* The same of 24 services. */
#define REFUSED_ALL REFUSED "+0.1 CM>SM S 0:0(0)\n+0.0001 SM>CM RA 0:0(0) ack 1 win 0\n"
#define IGNORED "+0.01 CM>SN S 0:0(0)\n+1 CM>SN S 0:0(0)\n"

START_TEST(scan_that_is_refused_or_ignored_is_a_notice)
{
	all_are(tried("", REFUSED_ALL, 1, 5), 0, "connect-refused", FL_NOTICE);
	all_are(tried("", REFUSED, 1, 5), 0, "connect-refused", FL_CRITICAL); /* twelve services may be down together */
	all_are(tried("", IGNORED, 1, 30), 0, "connect-unanswered", FL_NOTICE);
}
END_TEST

START_TEST(client_that_lost_its_servers_is_no_scanner)
{
	static const char waits[] = "+0.01 CM>SN S 0:0(0)\n+1 CM>SN S 0:0(0)\n+2 CM>SN S 0:0(0)\n+4 CM>SN S 0:0(0)\n";

	/* It comes back to them. */
	all_are(tried("", REFUSED, 3, 0), 0, "connect-refused", FL_CRITICAL);
	/* It had talked to one of them; or to another. */
	all_are(tried(SESSION, REFUSED, 1, 0), 1, "connect-refused", FL_CRITICAL);
	all_are(tried("0 C>T S 0:0(0)\n+0.001 T>C SA 0:0(0) ack 1\n+0.001 C>T A 1:1(0) ack 1\n"
	              "+0.001 C>T PA 1:51(50) ack 1\n+0.001 T>C A 1:1(0) ack 51\n",
	              REFUSED, 1, 0),
	        1, "connect-refused", FL_CRITICAL);
	/* It waits for an answer until its kernel gives up. */
	all_are(tried("", waits, 1, 120), 0, "connect-unanswered", FL_CRITICAL);
}
END_TEST

/* idle-unknown: "open and silent". It was never open: handshake-abandoned needs a repeat, and nothing else is known. */
START_TEST(handshake_that_was_not_completed_is_not_open_and_idle)
{
	called(SYN SYN_ACK("0.0002"), 100, "inconclusive", FL_NOTICE, FL_SIDE_UNKNOWN);
}
END_TEST

START_TEST(connection_whose_ports_another_has_is_abandoned)
{
	struct script_flow flow = script_judge(SESSION, 60, 0);

	ck_assert(!flow.is_abandoned);
	flow = script_judge(SESSION "50 C>S S 900000:900000(0)\n50.0002 S>C SA 900000:900000(0) ack 900001\n", 60, 0);
	ck_assert(flow.is_abandoned);
	flow = script_judge(SESSION "50 C>S S 900000:900000(0)\n50.0002 S>C SA 900000:900000(0) ack 900001\n", 60, 1);
	ck_assert(!flow.is_abandoned);
}
END_TEST

START_TEST(connection_that_was_made_and_never_used_is_open_and_idle)
{
	called(OPEN, 100, "idle-unknown", FL_NOTICE, FL_SIDE_UNKNOWN);
}
END_TEST

/* accept-queue-overflow: "or RST by tcp_abort_on_overflow, or about 0.4 s / 20 s later with cookies / after
 * tcp_synack_retries"; reset: "an RST by the server right after the handshake: notice, unless siblings show a full
 * queue
 * (`accept-queue-overflow`)". */
START_TEST(reset_beside_a_sibling_with_a_full_queue_is_the_queues)
{
	struct script_flow flow = script_judge(
		ASKED_EARLY SYN_ACK("1.0002") ACKED_AGAIN("1.0004") SYN_ACK("3.0002")
			ACKED_AGAIN("3.0004") "3.5 C2>S S 0:0(0)\n3.5002 S>C2 SA 0:0(0) ack 1\n"
					      "3.5004 C2>S A 1:1(0) ack 1\n3.5005 S>C2 R 1:1(0) win 0\n",
		5, 1);

	is(&flow, "accept-queue-overflow", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(reset_long_after_a_siblings_full_queue_is_its_own)
{
	struct script_flow flow = script_judge(
		ASKED_EARLY SYN_ACK("1.0002") ACKED_AGAIN("1.0004") SYN_ACK("3.0002")
			ACKED_AGAIN("3.0004") "70 C2>S S 0:0(0)\n70.0002 S>C2 SA 0:0(0) ack 1\n"
					      "70.0004 C2>S A 1:1(0) ack 1\n70.0005 S>C2 R 1:1(0) win 0\n",
		75, 1);

	is(&flow, "reset", FL_NOTICE, FL_SIDE_SERVER);
	/* A sibling whose queue was full for one SYN-ACK, a deferred accept, shows nothing. */
	flow = script_judge(OPEN SYN_ACK("1.0202") "1.0203 C>S A 1:1(0) ack 1\n2 C>S PA 1:51(50) ack 1\n"
	                                           "2.0001 S>C A 1:1(0) ack 51\n2.01 S>C PA 1:81(80) ack 51\n"
	                                           "2.0102 C>S A 51:51(0) ack 81\n3.5 C2>S S 0:0(0)\n"
	                                           "3.5002 S>C2 SA 0:0(0) ack 1\n3.5004 C2>S A 1:1(0) ack 1\n"
	                                           "3.5005 S>C2 R 1:1(0) win 0\n",
	                    5, 1);
	is(&flow, "reset", FL_NOTICE, FL_SIDE_SERVER);
}
END_TEST

START_TEST(reset_after_a_cookie_was_not_taken_is_a_full_queue)
{
	called(OPEN "0.001 C>S PA 1:51(50) ack 1\n0.21 C>S PA 1:51(50) ack 1\n0.42 C>S PA 1:51(50) ack 1\n"
	            "0.4202 S>C R 1:1(0) win 0\n",
	       5, "accept-queue-overflow", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(reset_of_a_request_that_was_heard_is_no_full_queue)
{
	/* Sent once more: one loss, and a listener that was closed. */
	not_called(OPEN "0.001 C>S PA 1:51(50) ack 1\n0.21 C>S PA 1:51(50) ack 1\n0.2102 S>C R 1:1(0) win 0\n", 5,
	           "accept-queue-overflow");
	/* ACKed before; repeated bytes are later ones; and the RST of a socket. */
	not_called(OPEN "0.001 C>S PA 1:51(50) ack 1\n0.0012 S>C A 1:1(0) ack 51\n0.1 C>S PA 51:101(50) ack 1\n"
	                "0.31 C>S PA 51:101(50) ack 1\n0.73 C>S PA 51:101(50) ack 1\n0.7302 S>C R 1:1(0) win 0\n",
	           5, "accept-queue-overflow");
	not_called(OPEN "0.001 C>S PA 1:51(50) ack 1\n0.21 C>S PA 1:51(50) ack 1\n0.42 C>S PA 1:51(50) ack 1\n"
	                "0.4202 S>C RA 1:1(0) ack 51 win 0\n",
	           5, "accept-queue-overflow");
	/* It has said something. */
	not_called(OPEN "0.0005 S>C PA 1:21(20) ack 1\n0.0006 C>S A 1:1(0) ack 21\n0.001 C>S PA 1:51(50) ack 21\n"
	                "0.21 C>S PA 1:51(50) ack 21\n0.42 C>S PA 1:51(50) ack 21\n0.4202 S>C R 21:21(0) win 0\n",
	           5, "accept-queue-overflow");
}
END_TEST

/* An asker that gives up politely "does not turn the failure into `closed`: the verdict stays with the unanswered
 * demand, `noticed` is that FIN"; cause before symptom: the probes were missed first. */
START_TEST(prober_that_closes_does_not_take_the_missed_probes_back)
{
	struct script_flow flow = called(
		SESSION PROBE("22") PROBE("32")
			PROBE("42") "45 C>S FA 101:101(0) ack 161\n"
				    "45.2 C>S FA 101:101(0) ack 161\n45.6 C>S FA 101:101(0) ack 161\n"
				    "46.4 C>S FA 101:101(0) ack 161\n",
		48, "keepalive-unanswered", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.onset, script_at(22));
	ck_assert_int_eq(flow.noticed, script_at(45));
}
END_TEST

START_TEST(prober_that_writes_does_not_take_the_missed_probes_back)
{
	struct script_flow flow = script_judge(SESSION PROBE("22") PROBE("32") PROBE("42") REPEATED("45"), 48, 0);

	ck_assert_int_eq(flow.severity, FL_CRITICAL);
	ck_assert_int_eq(flow.onset, script_at(22));
}
END_TEST

START_TEST(prober_that_is_answered_after_all_was_never_alone)
{
	/* It writes, and that is ACKed. */
	not_called(SESSION PROBE("22") PROBE("32") PROBE("42") REPEATED("45") "47 S>C A 161:161(0) ack 201\n", 48,
	           "keepalive-unanswered");
	/* What it probes behind waits for its ACK: the repeats tell of that. */
	not_called(SESSION REPEATED("12") PROBE("22") PROBE("32") PROBE("42"), 48, "keepalive-unanswered");
	script_never_critical(SESSION PROBE("22") PROBE_ANSWER("22.0002") "32 C>S PA 101:201(100) ack 161\n"
	                                                                  "32.2 C>S PA 101:201(100) ack 161\n");
}
END_TEST

/* unreachable: "2 errors on the same bytes, no ACK for 1 s"; and not when the flow went on. */
START_TEST(error_about_bytes_that_were_acked_since_does_not_count)
{
	static const char text[] = SESSION SENT_TWICE
		"3.2002 S>C A 161:161(0) ack 201\n10 C>S PA 201:301(100) ack 161\n"
		"10.001 R ICMP 3/1 C>S 201:301(100)\n10.2 C>S PA 201:301(100) ack 161\n";

	not_called(text, 12, "unreachable");
	ck_assert_int_lt(script_judge(text, 12, 0).severity, FL_CRITICAL);
}
END_TEST

/* "The finding keeps `recovered` at a time, severity at most warning." */
START_TEST(unreachable_that_recovered_stays_a_finding)
{
	struct script_flow flow = called(SESSION SENT_TWICE
	                                 "3.201 R ICMP 3/1 " UNDELIVERED "\n8 C>S PA 101:201(100) ack 161\n"
	                                 "8.0002 S>C A 161:161(0) ack 201\n8.01 S>C PA 161:241(80) ack 201\n"
	                                 "8.0102 C>S A 201:201(0) ack 241\n",
	                                 10, "degraded", FL_WARNING, FL_SIDE_BETWEEN);

	ck_assert_ptr_nonnull(script_find(&flow, "unreachable"));
	ck_assert_int_eq(script_find(&flow, "unreachable")->recovered, script_at(8.0002));
}
END_TEST

START_TEST(errors_that_a_moment_mends_are_not_worth_telling)
{
	struct script_flow flow = well(SESSION SENT_TWICE "3.201 R ICMP 3/1 " UNDELIVERED
	                                                  "\n3.6 C>S PA 101:201(100) ack 161\n"
	                                                  "3.6002 S>C A 161:161(0) ack 201\n"
	                                                  "3.61 S>C PA 161:241(80) ack 201\n"
	                                                  "3.6102 C>S A 201:201(0) ack 241\n",
	                               10, "alive");

	ck_assert_ptr_null(script_find(&flow, "unreachable"));
}
END_TEST

/* unreachable: "its onset is the first segment that got no answer"; the judge's table: it explains `peer-vanished`. */
START_TEST(unanswered_questions_explain_the_repeats_before_them)
{
	struct script_flow flow = called(SESSION REPEATED("3") "8 C?S\n9 C?S\n10 C?S\n11 C?S\n", 12, "unreachable",
	                                 FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.onset, script_at(3));
}
END_TEST

/* unreachable: "ARP for the peer's own address = that side, for a gateway = between". The gateway's MAC brings the
 * server's packets. */
START_TEST(gateway_that_nobody_answers_for_is_between)
{
	called("0 C?R\n0.0001 C!R\n0.001 C>S S 0:0(0) win 64240 <mss 1460>\n"
	       "0.02 S>C SA 0:0(0) ack 1 win 65160 ttl 57 mac 18 <mss 1460>\n0.0201 C>S A 1:1(0) ack 1\n"
	       "1 C>S PA 1:51(50) ack 1\n1.02 S>C PA 1:81(80) ack 51 ttl 57 mac 18\n1.0201 C>S A 51:51(0) ack 81\n"
	       "2 C>S PA 51:101(50) ack 81\n2.02 S>C PA 81:161(80) ack 101 ttl 57 mac 18\n2.0201 C>S A 101:101(0) ack "
	       "161\n"
	       "3 C>S PA 101:151(50) ack 161\n3.2 C?R\n4.2 C?R\n5.2 C?R\n",
	       6, "unreachable", FL_CRITICAL, FL_SIDE_BETWEEN);
}
END_TEST

#define FAR(SERVER_TTL) \
	"0.001 C>S S 0:0(0) win 64240 <mss 1460>\n" \
	"0.02 S>C SA 0:0(0) ack 1 win 65160 ttl " SERVER_TTL " <mss 1460>\n0.0201 C>S A 1:1(0) ack 1\n" \
	"1 C>S PA 1:51(50) ack 1\n1.02 S>C PA 1:81(80) ack 51 ttl " SERVER_TTL "\n1.0201 C>S A 51:51(0) ack 81\n"

START_TEST(neighbour_that_nobody_answers_for_is_no_gateway)
{
	static const char asks[] = "3 C>S PA 51:101(50) ack 81\n3.2 C?R\n4.2 C?R\n5.2 C?R\n";
	char text[1024];

	/* A server on this link needs none. */
	not_called(strcat(strcpy(text, FAR("64")), asks), 6, "unreachable");
	called(strcat(strcpy(text, FAR("57")), asks), 6, "unreachable", FL_CRITICAL, FL_SIDE_BETWEEN);
	/* Another asks; it goes on to send meanwhile; all that it sent was ACKed; too soon. */
	not_called(FAR("57") "3 C>S PA 51:101(50) ack 81\n3.2 D?R\n4.2 D?R\n5.2 D?R\n", 6, "unreachable");
	not_called(FAR("57") "3 C>S PA 51:101(50) ack 81\n3.2 C?R\n3.3 C>S PA 51:101(50) ack 81\n4.2 C?R\n5.2 C?R\n", 6,
	           "unreachable");
	well(FAR("57") "3.2 C?R\n4.2 C?R\n5.2 C?R\n", 6, "alive");
	not_called(FAR("57") "3 C>S PA 51:101(50) ack 81\n3.2 C?R\n4.2 C?R\n5.1 C?R\n", 6, "unreachable");
	/* The round trip takes a second: its timer has not fired. */
	not_called("0 C>S S 0:0(0) win 64240\n0.9 S>C SA 0:0(0) ack 1 win 65160 ttl 57\n0.9001 C>S A 1:1(0) ack 1\n"
	           "3 C>S PA 1:51(50) ack 1\n3.2 C?R\n4.2 C?R\n5.2 C?R\n",
	           5.3, "unreachable");
}
END_TEST

/* mtu-blackhole: "90 % of the largest seen or of the MSS": the ends take 8,960 bytes each, and had learnt that the path
 * takes 1,500. */
START_TEST(full_segments_are_measured_by_the_largest_seen_too)
{
	called("0 C>S S 0:0(0) win 64240 <mss 8960,wscale 7,sackok>\n"
	       "0.0002 S>C SA 0:0(0) ack 1 win 65160 <mss 8960,wscale 7,sackok>\n0.0004 C>S A 1:1(0) ack 1\n"
	       "1 C>S PA 1:101(100) ack 1\n1.0002 S>C A 1:1(0) ack 101\n1.01 S>C PA 1:161(160) ack 101\n"
	       "1.0102 C>S A 101:101(0) ack 161\n" LARGE("1609", "1448"),
	       5, "mtu-blackhole", FL_CRITICAL, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(message_that_any_path_takes_is_no_full_segment_of_a_jumbo_link)
{
#define JUMBO \
	"0 C>S S 0:0(0) win 64240 <mss 8960,wscale 7,sackok>\n" \
	"0.0002 S>C SA 0:0(0) ack 1 win 65160 <mss 8960,wscale 7,sackok>\n0.0004 C>S A 1:1(0) ack 1\n" \
	"1 C>S PA 1:101(100) ack 1\n1.0002 S>C A 1:1(0) ack 101\n1.01 S>C PA 1:161(160) ack 101\n" \
	"1.0102 C>S A 101:101(0) ack 161\n"
	not_called(JUMBO LARGE("1431", "1270"), 5, "mtu-blackhole");
	called(JUMBO LARGE("1461", "1300"), 5, "mtu-blackhole", FL_CRITICAL, FL_SIDE_BETWEEN);
	/* With nothing heard meanwhile the host is gone as like as not. */
	called(JUMBO "3 C>S PA 101:1549(1448) ack 161\n3.2 C>S PA 101:1549(1448) ack 161\n"
	             "3.6 C>S PA 101:1549(1448) ack 161\n4.4 C>S PA 101:1549(1448) ack 161\n",
	       4.6, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

/* mtu-blackhole: "small ones are (during the outage: certain; only before it: likely, alternative `peer-vanished`)". */
START_TEST(full_segments_alone_that_vanish_are_likely_a_black_hole)
{
	struct script_flow flow = called(SESSION
	                                 "3 C>S PA 101:1549(1448) ack 161\n3.2 C>S PA 101:1549(1448) ack 161\n"
	                                 "3.6 C>S PA 101:1549(1448) ack 161\n4.4 C>S PA 101:1549(1448) ack 161\n"
	                                 "6 C>S PA 101:1549(1448) ack 161\n9.2 C>S PA 101:1549(1448) ack 161\n",
	                                 10, "mtu-blackhole", FL_CRITICAL, FL_SIDE_BETWEEN);

	says(flow.alternatives, "peer-vanished");
}
END_TEST

/* The same: an error of long ago, after which the segments passed, is no proof that they do not now. */
START_TEST(old_icmp_of_a_size_that_passed_since_makes_no_certain_black_hole)
{
	struct script_flow flow = script_judge(
		SESSION "3 C>S PA 101:1549(1448) ack 161\n3.001 R ICMP 3/4 C>S 101:1549(1448) mtu 1490\n"
			"3.0016 C>S A 101:1549(1448) ack 161\n3.003 S>C A 161:161(0) ack 1549\n"
			"20 C>S PA 1549:2997(1448) ack 161\n20.2 C>S PA 1549:2997(1448) ack 161\n"
			"20.6 C>S PA 1549:2997(1448) ack 161\n21.4 C>S PA 1549:2997(1448) ack 161\n",
		25, 0);

	ck_assert(strcmp(flow.verdict, "peer-vanished") == 0 || strstr(flow.alternatives, "peer-vanished"));
}
END_TEST

/* mtu-blackhole: "At the receiver's end: a sequence hole of full segments that is never filled". */
#define ASKED_LARGE \
	"3 C>S PA 101:151(50) ack 161\n3.0002 S>C A 161:161(0) ack 151\n3.01 S>C PA 3057:3157(100) ack 151\n" \
	"3.0101 C>S A 151:151(0) ack 161 <sack 3057 3157>\n"

START_TEST(hole_of_full_segments_that_is_never_filled_is_a_black_hole)
{
	called(SESSION ASKED_LARGE, 65, "mtu-blackhole", FL_CRITICAL, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(hole_that_is_young_or_small_or_not_waited_for_is_no_black_hole)
{
	static const char filled[] = SESSION ASKED_LARGE
		"20 S>C PA 161:1609(1448) ack 151\n20.0001 C>S A 151:151(0) ack 1609\n"
		"20.02 S>C PA 1609:3057(1448) ack 151\n"
		"20.0201 C>S A 151:151(0) ack 3157\n";

	not_called(SESSION ASKED_LARGE, 34, "mtu-blackhole");
	called(SESSION ASKED_LARGE, 34.1, "mtu-blackhole", FL_CRITICAL, FL_SIDE_BETWEEN);
	script_never_critical(filled);
	not_called(filled, 65, "mtu-blackhole");
	/* Small ones. */
	not_called(SESSION "3 C>S PA 101:151(50) ack 161\n3.0002 S>C A 161:161(0) ack 151\n"
	                   "3.01 S>C PA 461:561(100) ack 151\n3.0101 C>S A 151:151(0) ack 161 <sack 461 561>\n",
	           65, "mtu-blackhole");
	/* Its receiver said nothing since: the capture may have missed them. */
	not_called(SESSION "3 C>S PA 101:151(50) ack 161\n3.0002 S>C A 161:161(0) ack 151\n"
	                   "3.01 S>C PA 3057:3157(100) ack 151\n",
	           65, "mtu-blackhole");
	/* It waits no longer. */
	not_called(SESSION ASKED_LARGE "9 C>S RA 151:151(0) ack 161 win 0\n", 65, "mtu-blackhole");
}
END_TEST

/* idle-dropped: "after a quiet gap (60 s, or a known timer) the first segment met silence"; the judge's table: it
 * explains `peer-vanished` and `keepalive-unanswered`. */
START_TEST(silence_after_a_quiet_minute_alone_is_a_forgetful_path)
{
	called(SESSION REPEATED("70") "73 C>S PA 101:201(100) ack 161\n76.2 C>S PA 101:201(100) ack 161\n", 80,
	       "idle-dropped", FL_CRITICAL, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(probes_that_met_silence_after_a_quiet_hour_where_a_new_connection_works)
{
	called(SESSION PROBE("3602") PROBE("3677") PROBE("3752") NEW_CONNECTION("3760", "3760.0002", "3760.0004"), 3770,
	       "idle-dropped", FL_CRITICAL, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(probes_that_met_silence_of_a_host_that_may_be_dead_are_keepalives)
{
	/* Nothing shows that it lives. */
	called(SESSION PROBE("3602") PROBE("3677") PROBE("3752"), 3770, "keepalive-unanswered", FL_CRITICAL,
	       FL_SIDE_SERVER);
	/* Such a pause had been survived; and one below a minute. */
	called(SESSION PROBE("102") PROBE_ANSWER("102.0002") PROBE("202") PROBE("212") PROBE("222")
	               NEW_CONNECTION("230", "230.0002", "230.0004"),
	       240, "keepalive-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	called(SESSION PROBE("42") PROBE("52") PROBE("62") NEW_CONNECTION("70", "70.0002", "70.0004"), 80,
	       "keepalive-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	/* One probe is none. */
	not_called(SESSION PROBE("3602") NEW_CONNECTION("3660", "3660.0002", "3660.0004"), 3770, "idle-dropped");
}
END_TEST

START_TEST(servers_push_that_met_silence_after_a_quiet_minute_where_a_new_connection_works)
{
	called(SESSION
	       "70 S>C PA 161:261(100) ack 101\n70.2 S>C PA 161:261(100) ack 101\n70.6 S>C PA 161:261(100) ack 101\n"
	       "71.4 S>C PA 161:261(100) ack 101\n" NEW_CONNECTION("73", "73.0002", "73.0004"),
	       80, "idle-dropped", FL_CRITICAL, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(probe_answered_by_a_foreign_reset_is_the_onset)
{
	struct script_flow flow = called(SESSION PROBE("3602") "3602.0002 S>C R 161:161(0) win 0 ttl 61\n", 3605,
	                                 "idle-dropped", FL_CRITICAL, FL_SIDE_BETWEEN);

	ck_assert_int_eq(flow.onset, script_at(3602));
	ck_assert_uint_eq(flow.onset_frame, 12);
}
END_TEST

UNIT_MAIN("reach", rst_in_answer_to_the_syn_refuses_the_connection,
          rst_of_another_ttl_than_the_hosts_refuses_in_its_name,
          icmp_error_about_the_syn_is_told_with_its_code_and_sender,
          handshake_is_abandoned_three_seconds_and_one_repeat_after_the_syn_ack,
          client_that_repeats_its_syn_lives_and_the_way_back_is_dead,
          handshake_that_the_client_acked_or_reset_is_not_abandoned,
          syn_repeated_before_any_syn_ack_came_shows_no_life_after_it, client_that_resets_a_repeated_handshake_ends_it,
          syn_ack_repeated_behind_the_clients_ack_is_a_full_accept_queue,
          one_syn_ack_more_tells_where_the_request_is_refused_too,
          full_accept_queue_is_certain_where_it_is_seen_at_the_server,
          full_accept_queue_explains_the_reset_that_ends_it, slow_path_repeats_syn_acks_without_a_full_queue,
          very_slow_path_repeats_syn_acks_twice_without_a_full_queue,
          one_late_syn_ack_with_data_acked_at_once_is_a_deferred_accept,
          full_accept_queue_that_was_emptied_in_time_leaves_a_slow_connect,
          two_probes_without_an_answer_are_a_dead_peer, probes_within_half_a_second_count_once,
          one_probe_and_the_probers_reset_are_a_dead_peer, lone_unanswered_probe_among_answered_ones_proves_nothing,
          last_probe_of_the_capture_has_had_no_time, probes_of_a_closed_window_are_no_keepalives,
          host_that_answers_a_probe_by_a_reset_is_there, two_errors_and_a_second_without_an_ack_are_unreachable,
          connection_that_went_on_after_an_error_is_not_unreachable, errors_about_keepalive_probes_count_as_well,
          errors_about_a_handshake_concern_no_established_connection,
          errors_after_which_smaller_segments_pass_are_no_failure,
          three_questions_and_two_seconds_without_an_answer_are_unreachable,
          questions_about_a_host_that_is_heard_since_concern_nobody,
          unanswered_questions_are_an_incident_without_any_connection,
          full_segments_that_vanish_while_small_ones_pass_are_a_black_hole,
          black_hole_whose_icmp_comes_through_is_told_with_its_size,
          black_hole_of_a_connection_joined_in_the_middle_is_one_too,
          probing_that_finds_a_size_leaves_a_degraded_connection,
          full_segments_that_were_acked_at_last_leave_a_degraded_connection,
          silence_after_a_quiet_minute_where_a_new_connection_works_is_a_forgetful_path,
          silence_after_a_quiet_minute_that_ended_is_no_forgetful_path,
          foreign_reset_after_a_quiet_minute_is_a_forgetful_path, peers_own_reset_after_a_quiet_minute_is_the_peers,
          error_about_bytes_that_were_acked_since_does_not_count, unanswered_questions_explain_the_repeats_before_them,
          old_icmp_of_a_size_that_passed_since_makes_no_certain_black_hole,
          servers_push_that_met_silence_after_a_quiet_minute_where_a_new_connection_works,
          full_segments_alone_that_vanish_are_likely_a_black_hole,
          silence_after_a_quiet_minute_alone_is_a_forgetful_path, scan_of_many_ports_is_a_notice,
          scan_that_is_refused_or_ignored_is_a_notice, client_that_lost_its_servers_is_no_scanner,
          handshake_that_was_not_completed_is_not_open_and_idle,
          connection_that_was_made_and_never_used_is_open_and_idle, connection_whose_ports_another_has_is_abandoned,
          reset_beside_a_sibling_with_a_full_queue_is_the_queues, reset_long_after_a_siblings_full_queue_is_its_own,
          reset_after_a_cookie_was_not_taken_is_a_full_queue, reset_of_a_request_that_was_heard_is_no_full_queue,
          late_data_shows_that_the_clients_ack_was_lost_on_its_way, late_data_that_is_taken_leaves_a_slow_connect,
          prober_that_closes_does_not_take_the_missed_probes_back,
          prober_that_writes_does_not_take_the_missed_probes_back, prober_that_is_answered_after_all_was_never_alone,
          unreachable_that_recovered_stays_a_finding, errors_that_a_moment_mends_are_not_worth_telling,
          gateway_that_nobody_answers_for_is_between, neighbour_that_nobody_answers_for_is_no_gateway,
          probes_that_met_silence_after_a_quiet_hour_where_a_new_connection_works,
          probes_that_met_silence_of_a_host_that_may_be_dead_are_keepalives,
          probe_answered_by_a_foreign_reset_is_the_onset, full_segments_are_measured_by_the_largest_seen_too,
          message_that_any_path_takes_is_no_full_segment_of_a_jumbo_link,
          hole_of_full_segments_that_is_never_filled_is_a_black_hole,
          hole_that_is_young_or_small_or_not_waited_for_is_no_black_hole)
