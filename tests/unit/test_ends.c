/* How connections end, requests that are no longer answered, and windows that stay closed: app-silent,
 * receiver-stalled, peer-restarted, closed-mid-request, reset, half-closed, close-unanswered. Each "not to be called
 * when" of VERDICTS with its look-alike, each threshold from both sides. */
#include "verdicts.h"

/* app-silent */

/* A request of 50 bytes at `AT` s, from FROM to TO - 1, which is ACKed; and its answer 10 ms later. */
#define ASK(AT, FROM, TO, ACK) \
	AT " C>S PA " FROM ":" TO "(50) ack " ACK "\n" AT "0002 S>C A " ACK ":" ACK "(0) ack " TO "\n"
#define ANSWER(AT, FROM, TO, ACK) \
	AT "1 S>C PA " FROM ":" TO "(80) ack " ACK "\n" AT "102 C>S A " ACK ":" ACK "(0) ack " TO "\n"

/* Six requests ten seconds apart, each answered within 10 ms; the next numbers are 301 and 481. */
#define SIX_ANSWERED \
	OPEN ASK("1.0", "1", "51", "1") ANSWER("1.0", "1", "81", "51") ASK("11.0", "51", "101", "81") \
		ANSWER("11.0", "81", "161", "101") ASK("21.0", "101", "151", "161") \
			ANSWER("21.0", "161", "241", "151") ASK("31.0", "151", "201", "241") \
				ANSWER("31.0", "241", "321", "201") ASK("41.0", "201", "251", "321") \
					ANSWER("41.0", "321", "401", "251") ASK("51.0", "251", "301", "401") \
						ANSWER("51.0", "401", "481", "301")

START_TEST(request_unlike_the_answered_ones_waits_five_seconds)
{
	struct script_flow flow;

	flow = called(SESSION ASKS, 8, "app-silent", FL_NOTICE, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.onset, script_at(3));
	ck_assert_uint_eq(flow.onset_frame, 12);
	ck_assert_int_eq(flow.layer, FL_LAYER_APPLICATION);
	not_called(SESSION ASKS, 7.999999, "app-silent");
	ck_assert_str_ne(judged_with(SESSION ASKS, 8, "answer_owed=6s").verdict, "app-silent");
	script_never_critical(SESSION ASKS);
}
END_TEST

START_TEST(requests_that_were_answered_again_and_again_and_are_no_longer_are_critical)
{
	/* It misses two and waits; it misses one and leaves. */
	called(SIX_ANSWERED ASK("61.0", "301", "351", "481") ASK("71.0", "351", "401", "481"), 110, "app-silent",
	       FL_CRITICAL, FL_SIDE_SERVER);
	called(SIX_ANSWERED ASK("61.0", "301", "351", "481") "71 C>S FA 351:351(0) ack 481\n"
	                                                     "71.0002 S>C A 481:481(0) ack 352\n",
	       110, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	called(SIX_ANSWERED ASK("61.0", "301", "351", "481") "71 C>S RA 351:351(0) ack 481 win 0\n", 110, "app-silent",
	       FL_CRITICAL, FL_SIDE_SERVER);
	well(SIX_ANSWERED ASK("61.0", "301", "351", "481") ANSWER("61.0", "481", "561", "351"), 66, "alive");
}
END_TEST

START_TEST(asker_that_stops_with_its_answers_is_told_with_how_it_left)
{
	struct script_flow flow = called(
		SIX_ANSWERED ASK("61.0", "301", "351", "481") "71 C>S FA 351:351(0) ack 481\n"
							      "71.0002 S>C A 481:481(0) ack 352\n",
		110, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.noticed, script_at(71));
	shows(&flow, "app-silent", 3, 26, "server's last answer");
	shows(&flow, "app-silent", 3, 28, "client's request that waits; it is ACKed, and not answered");
	shows(&flow, "app-silent", 3, 30, "client closes: it waits no longer");
	flow = called(SIX_ANSWERED ASK("61.0", "301", "351", "481") "71 C>S RA 351:351(0) ack 481 win 0\n", 110,
	              "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(71));
	says(flow.explains, "reset");
	/* One that stays: nobody has noticed yet. */
	flow = called(SIX_ANSWERED ASK("61.0", "301", "351", "481"), 110, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, FL_TIME_NONE);
	shows(&flow, "app-silent", 2, 28, "client's request that waits; it is ACKed, and not answered");
}
END_TEST

START_TEST(asker_at_a_steady_pace_waits_until_its_next_request_is_due)
{
	not_called(SIX_ANSWERED ASK("61.0", "301", "351", "481"), 71, "app-silent");
	not_called(SIX_ANSWERED ASK("61.0", "301", "351", "481") ASK("71.0", "351", "401", "481"), 81, "app-silent");
	script_never_critical(SIX_ANSWERED ASK("61.0", "301", "351", "481") ASK("71.0", "351", "401", "481"));
}
END_TEST

START_TEST(answers_that_were_the_habit_are_missed_in_a_stream_of_requests)
{
	struct fl_text text = { 0 };
	unsigned next = 1;

	fl_text_add(&text, "%s", OPEN);
	for (unsigned i = 0; i < 16; i++) {
		unsigned length = 40 + i * 17 % 50, answer = i < 12 ? 1 + 80 * i : 961;

		fl_text_add(&text, "%u C>S PA %u:%u(%u) ack %u\n", 1 + i * 3 + i % 2, next, next + length, length,
		            answer);
		next += length;
		fl_text_add(&text, "+0.0002 S>C A %u:%u(0) ack %u\n", answer, answer, next);
		if (i < 12)
			fl_text_add(&text, "+0.01 S>C PA %u:%u(80) ack %u\n+0.0002 C>S A %u:%u(0) ack %u\n", answer,
			            answer + 80, next, next, next, answer + 80);
	}
	called(fl_text_get(&text), 60, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	fl_text_deinit(&text);
}
END_TEST

START_TEST(asker_that_misses_the_acks_gets_no_answer_either)
{
	/* The ACKs are in the capture, and do not reach it: it repeats what was ACKed, and draws D-SACKs. */
	struct script_flow flow = called(
		SESSION ASKS "3.4 C>S PA 101:151(50) ack 161\n3.4002 S>C A 161:161(0) ack 151 <sack 101 151>\n"
			     "3.8 C>S PA 101:151(50) ack 161\n3.8002 S>C A 161:161(0) ack 151 <sack 101 151>\n"
			     "4.6 C>S PA 101:151(50) ack 161\n4.6002 S>C A 161:161(0) ack 151 <sack 101 151>\n"
			     "6.2 C>S PA 101:151(50) ack 161\n6.2002 S>C A 161:161(0) ack 151 <sack 101 151>\n",
		9, "peer-vanished", FL_WARNING, FL_SIDE_BETWEEN);

	ck_assert_ptr_null(script_find(&flow, "app-silent"));
}
END_TEST

START_TEST(answer_that_was_acked_and_not_captured_is_an_answer)
{
	well(SESSION ASKS "3.02 C>S A 151:151(0) ack 241\n", 30, "alive");
}
END_TEST

START_TEST(never_acked_request_is_not_the_applications_silence)
{
	struct script_flow flow = called(SESSION REPEATED("3"), 20, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_ptr_null(script_find(&flow, "app-silent"));
}
END_TEST

START_TEST(answer_that_came_late_ends_the_silence)
{
	static const char text[] = SESSION ASKS "13 S>C PA 161:241(80) ack 151\n13.0002 C>S A 151:151(0) ack 241\n";

	not_called(text, 15, "app-silent");
	script_never_critical(text);
}
END_TEST

#define POLL(AT, FROM, TO, ACK, THEN, LAST) \
	AT " C>S PA " FROM ":" TO "(50) ack " ACK "\n" AT ".0002 S>C A " ACK ":" ACK "(0) ack " TO "\n" THEN \
	   " S>C PA " ACK ":" LAST "(80) ack " TO "\n" THEN ".0002 C>S A " TO ":" TO "(0) ack " LAST "\n"
#define TWO_POLLS OPEN POLL("1", "1", "51", "1", "31", "81") POLL("32", "51", "101", "81", "62", "161")
#define THIRD_POLL "63 C>S PA 101:151(50) ack 161\n63.0002 S>C A 161:161(0) ack 151\n"

START_TEST(long_poll_waits_within_its_usual_time)
{
	/* It is usually answered after 30 s, and has four times that. */
	not_called(TWO_POLLS THIRD_POLL, 182.999, "app-silent");
	script_never_critical(TWO_POLLS THIRD_POLL);
	called(TWO_POLLS THIRD_POLL, 183.001, "app-silent", FL_NOTICE, FL_SIDE_SERVER);
}
END_TEST

START_TEST(push_within_its_usual_time_is_not_owed)
{
	/* A subscription: one request, and then the server speaks when it likes. */
	static const char text[] = OPEN
		"1 C>S PA 1:51(50) ack 1\n1.0002 S>C A 1:1(0) ack 51\n1.01 S>C PA 1:81(80) ack 51\n"
		"1.0102 C>S A 51:51(0) ack 81\n11 S>C PA 81:161(80) ack 51\n"
		"11.0002 C>S A 51:51(0) ack 161\n25 S>C PA 161:241(80) ack 51\n"
		"25.0002 C>S A 51:51(0) ack 241\n";
	struct script_flow flow = well(text, 40, "alive");

	ck_assert_ptr_null(script_find(&flow, "app-silent"));
}
END_TEST

/* receiver-stalled */

#define CLOSES(AT) AT " S>C A 161:161(0) ack 101 win 0\n"
#define PROBED(AT) AT " C>S A 100:100(0) ack 161\n" AT "0002 S>C A 161:161(0) ack 101 win 0\n"
#define OPENS(AT) AT " S>C A 161:161(0) ack 101 win 500\n"
#define GOES_ON \
	"12 C>S PA 101:151(50) ack 161\n12.0002 S>C A 161:161(0) ack 151\n12.01 S>C PA 161:241(80) ack 151\n" \
	"12.0102 C>S A 151:151(0) ack 241\n"

START_TEST(window_closed_for_five_seconds_and_two_answered_probes_is_a_stall)
{
	static const char text[] = SESSION CLOSES("3") PROBED("3.2") PROBED("3.6");
	struct script_flow flow;

	too_soon(text, 7.999999, "receiver-stalled");
	flow = called(text, 8, "receiver-stalled", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.layer, FL_LAYER_APPLICATION);
	ck_assert_int_eq(flow.onset, script_at(3));
	ck_assert_uint_eq(flow.onset_frame, 12);
	ck_assert_int_eq(script_figure(script_find(&flow, "receiver-stalled"), "longest_before", -1), -1);
	too_soon(SESSION CLOSES("3") PROBED("3.2"), 20, "receiver-stalled"); /* one probe */
	shows(&flow, "receiver-stalled", 2, 12, "server closes its receive window");
	says(flow.because, "captured from the first SYN on, both directions");
	shows(&flow, "receiver-stalled", 2, 15,
	      "the client's last probe so far: 2 were answered, and the window stays closed");
	ck_assert_str_eq(judged_with(text, 8, "window_closed_for=6s").verdict, "inconclusive");
	ck_assert_str_eq(judged_with(text, 8, "window_probes=3").verdict, "inconclusive");
	/* The client's window. */
	called(SESSION "3 C>S A 101:101(0) ack 161 win 0\n3.2 S>C A 160:160(0) ack 101\n"
	               "3.2002 C>S A 101:101(0) ack 161 win 0\n3.6 S>C A 160:160(0) ack 101\n"
	               "3.6002 C>S A 101:101(0) ack 161 win 0\n",
	       8, "receiver-stalled", FL_CRITICAL, FL_SIDE_CLIENT);
}
END_TEST

START_TEST(window_that_opens_again_is_no_stall)
{
	static const char text[] = SESSION CLOSES("3") PROBED("3.2") PROBED("3.6") OPENS("4") GOES_ON;
	struct script_flow flow = well(text, 13, "alive");
	const struct script_finding *finding = script_find(&flow, "receiver-stalled");

	ck_assert_ptr_nonnull(finding);
	ck_assert_int_eq(finding->recovered, script_at(4));
	ck_assert_int_eq(script_figure(finding, "closed_for", 0), FL_NS_PER_S);
	/* A finding from 0.2 s on. */
	flow = well(SESSION CLOSES("3") OPENS("3.2") GOES_ON, 13, "alive");
	ck_assert_ptr_nonnull(script_find(&flow, "receiver-stalled"));
	flow = well(SESSION CLOSES("3") OPENS("3.199999") GOES_ON, 13, "alive");
	ck_assert_ptr_null(script_find(&flow, "receiver-stalled"));
}
END_TEST

START_TEST(stall_that_ended_stays_a_finding)
{
	static const char text[] = SESSION CLOSES("3") PROBED("3.2") PROBED("3.6") PROBED("4.5") OPENS("9") GOES_ON;
	struct script_flow flow = called(text, 13, "degraded", FL_WARNING, FL_SIDE_SERVER);

	ck_assert_int_eq(script_find(&flow, "receiver-stalled")->severity, FL_WARNING);
	ck_assert_int_eq(script_find(&flow, "receiver-stalled")->recovered, script_at(9));
}
END_TEST

START_TEST(zero_windows_of_milliseconds_are_flow_control)
{
	static const char text[] = SESSION CLOSES("3") OPENS("3.005") CLOSES("3.1") OPENS("3.105") CLOSES("3.2")
		OPENS("3.205") CLOSES("3.3") OPENS("3.305") CLOSES("3.4") OPENS("3.405") GOES_ON;
	struct script_flow flow = well(text, 13, "alive");

	ck_assert_ptr_null(script_find(&flow, "receiver-stalled"));
}
END_TEST

START_TEST(reset_with_window_zero_closes_no_window)
{
	struct script_flow flow = well(SESSION "3 S>C RA 161:161(0) ack 101 win 0\n", 30, "closed");

	ck_assert_ptr_null(script_find(&flow, "receiver-stalled"));
	flow = script_judge(SESSION "3 C>S PA 101:151(50) ack 161\n3.0002 S>C R 161:161(0) win 0\n", 30, 0);
	ck_assert_ptr_null(script_find(&flow, "receiver-stalled"));
}
END_TEST

START_TEST(unscaled_window_of_a_connection_joined_in_the_middle_is_not_closed)
{
	struct script_flow flow = well("1 C>S PA 51:101(50) ack 81\n1.0002 S>C A 81:81(0) ack 101 win 1\n"
	                               "1.01 S>C PA 81:161(80) ack 101 win 1\n1.0102 C>S A 101:101(0) ack 161\n"
	                               "2 C>S PA 101:151(50) ack 161\n2.0002 S>C A 161:161(0) ack 151 win 1\n"
	                               "2.01 S>C PA 161:241(80) ack 151 win 1\n2.0102 C>S A 151:151(0) ack 241\n"
	                               "22 C>S A 150:150(0) ack 241\n22.0002 S>C A 241:241(0) ack 151 win 1\n"
	                               "32 C>S A 150:150(0) ack 241\n32.0002 S>C A 241:241(0) ack 151 win 1\n",
	                               33, "alive");

	ck_assert_ptr_null(script_find(&flow, "receiver-stalled"));
}
END_TEST

START_TEST(closed_window_whose_probes_nobody_answers_is_a_vanished_peer)
{
	called(SESSION CLOSES("3") "3.2 C>S A 100:100(0) ack 161\n3.8 C>S A 100:100(0) ack 161\n"
	                           "5 C>S A 100:100(0) ack 161\n7.4 C>S A 100:100(0) ack 161\n",
	       9, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

START_TEST(three_probes_in_a_row_without_an_answer_are_another_failure)
{
	called(SESSION CLOSES("3") PROBED("3.2")
	               PROBED("3.6") "4.4 C>S A 100:100(0) ack 161\n6 C>S A 100:100(0) ack 161\n",
	       9, "receiver-stalled", FL_CRITICAL, FL_SIDE_SERVER);
	called(SESSION CLOSES("3") PROBED("3.2")
	               PROBED("3.6") "4.4 C>S A 100:100(0) ack 161\n6 C>S A 100:100(0) ack 161\n"
	                             "9.2 C>S A 100:100(0) ack 161\n",
	       12, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

START_TEST(closed_window_explains_the_answers_that_do_not_come)
{
	static const char text[] = SESSION "3 C>S PA 101:151(50) ack 161\n3.0002 S>C A 161:161(0) ack 151 win 0\n"
					   "3.2 C>S A 150:150(0) ack 161\n3.2002 S>C A 161:161(0) ack 151 win 0\n"
					   "3.6 C>S A 150:150(0) ack 161\n3.6002 S>C A 161:161(0) ack 151 win 0\n";

	called(text, 9, "receiver-stalled", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

/* peer-restarted */

#define WRITES "3 C>S PA 101:151(50) ack 161\n"

START_TEST(host_that_knows_no_such_connection_was_restarted)
{
	struct script_flow flow = called(SESSION WRITES "3.0002 S>C R 161:161(0) win 0\n", 0, "peer-restarted",
	                                 FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.onset, script_at(3)); /* the first segment that got no answer */
	ck_assert_uint_eq(flow.onset_frame, 12);
	ck_assert_int_eq(flow.noticed, script_at(3.0002));
	called(SESSION "3 S>C PA 161:261(100) ack 101\n3.0002 C>S R 101:101(0) win 0\n", 0, "peer-restarted",
	       FL_CRITICAL, FL_SIDE_CLIENT);
	shows(&flow, "peer-restarted", 2, 12, "client sends what the server no longer knows of");
	shows(&flow, "peer-restarted", 2, 13, "server's host: no such connection (RST)");
	says(flow.because, "captured from the first SYN on, both directions");
	ck_assert_int_eq(script_figure(script_find(&flow, "peer-restarted"), "bytes", 0), 50);
	/* Another TTL is another's RST, and one with ACK is a socket's. */
	called(SESSION WRITES "3.0002 S>C R 161:161(0) win 0 ttl 61\n", 0, "reset", FL_WARNING, FL_SIDE_BETWEEN);
	not_called(SESSION WRITES "3.0002 S>C RA 161:161(0) ack 151 win 0\n", 0, "peer-restarted");
}
END_TEST

START_TEST(only_the_ttl_of_the_reset_must_be_as_before)
{
	/* Linux's RST of no socket has IP identification 0, and others count it on. */
	static const char counted[] = OPEN "1 C>S PA 1:51(50) ack 1 id 500\n1.0002 S>C A 1:1(0) ack 51 id 900\n"
					   "1.01 S>C PA 1:81(80) ack 51 id 901\n1.0102 C>S A 51:51(0) ack 81 id 501\n"
					   "3 C>S PA 51:101(50) ack 81 id 502\n3.0002 S>C R 81:81(0) win 0 id 0\n";

	called(counted, 0, "peer-restarted", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(restart_begins_with_the_first_segment_that_nobody_answered)
{
	struct script_flow flow = called(
		SESSION REPEATED("3") "30 C>S PA 101:201(100) ack 161\n30.0002 S>C R 161:161(0) win 0\n", 31,
		"peer-restarted", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.onset, script_at(3));
	ck_assert_int_eq(script_figure(script_find(&flow, "peer-restarted"), "outage", 0), 27000200 * FL_NS_PER_US);
}
END_TEST

START_TEST(restart_that_a_probe_met_begins_with_the_first_probe_without_an_answer)
{
	struct script_flow flow = called(
		SESSION "22 C>S A 100:100(0) ack 161\n32 C>S A 100:100(0) ack 161\n32.0002 S>C R 161:161(0) win 0\n", 0,
		"peer-restarted", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.onset, script_at(22));
	ck_assert_uint_eq(flow.onset_frame, 12);
	shows(&flow, "peer-restarted", 2, 12, "client sends what the server no longer knows of");
}
END_TEST

START_TEST(host_that_only_ever_sent_syn_acks_had_no_part_in_it)
{
	/* It forgot what it never accepted. */
	not_called(OPEN "5 C>S PA 1:51(50) ack 1\n5.0002 S>C R 1:1(0) win 0\n", 6, "peer-restarted");
	called(OPEN "1 C>S PA 1:51(50) ack 1\n1.0002 S>C A 1:1(0) ack 51\n5 C>S PA 51:101(50) ack 1\n"
	            "5.0002 S>C R 1:1(0) win 0\n",
	       6, "peer-restarted", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(reset_after_a_fin_is_no_restart)
{
	static const char text[] = SESSION "2.5 S>C FA 161:161(0) ack 101\n2.5002 C>S A 101:101(0) ack 162\n"
					   "3 C>S PA 101:151(50) ack 162\n3.0002 S>C R 162:162(0) win 0\n";

	called(text, 0, "reset", FL_WARNING, FL_SIDE_CLIENT);
	script_never_critical(text);
}
END_TEST

#define EARLY(AT) \
	OPEN "0.5 C>S PA 1:51(50) ack 1\n0.5002 S>C A 1:1(0) ack 51\n0.51 S>C PA 1:81(80) ack 51\n" \
	     "0.5102 C>S A 51:51(0) ack 81\n" AT " C>S PA 51:101(50) ack 81\n+0.0002 S>C R 81:81(0) win 0\n"

START_TEST(reset_within_a_second_of_the_handshake_is_no_restart)
{
	struct script_flow flow = not_called(EARLY("0.99"), 0, "peer-restarted");

	ck_assert_str_eq(flow.verdict, "reset");
	script_never_critical(EARLY("0.99"));
	called(EARLY("1.01"), 0, "peer-restarted", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(reset_of_a_host_that_had_given_up_itself_is_no_restart)
{
	/* The server's own repeats of its answer stopped without an ACK; its socket is gone since. */
	static const char text[] = SESSION ASKS "3.01 S>C PA 161:241(80) ack 151\n3.21 S>C PA 161:241(80) ack 151\n"
						"3.61 S>C PA 161:241(80) ack 151\n4.41 S>C PA 161:241(80) ack 151\n"
						"60 C>S PA 151:201(50) ack 161\n60.0002 S>C R 161:161(0) win 0\n";

	struct script_flow flow = called(text, 61, "peer-vanished", FL_CRITICAL, FL_SIDE_CLIENT);

	ck_assert_ptr_null(script_find(&flow, "peer-restarted"));
	/* Repeats that were ACKed are no giving up. */
	called(SESSION ASKS
	       "3.01 S>C PA 161:241(80) ack 151\n3.21 S>C PA 161:241(80) ack 151\n3.2102 C>S A 151:151(0) ack 241\n"
	       "60 C>S PA 151:201(50) ack 241\n60.0002 S>C R 241:241(0) win 0\n",
	       61, "peer-restarted", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

#define CHALLENGED "10 C>S S 5000:5000(0)\n10.0002 S>C A 161:161(0) ack 101\n10.0004 C>S R 101:101(0) win 0\n"

START_TEST(new_syn_on_an_open_connection_shows_that_its_sender_lost_it)
{
	struct script_flow flow = called(SESSION CHALLENGED "11 C>S S 5000:5000(0)\n11.0002 S>C SA 0:0(0) ack 5001\n"
	                                                    "11.0004 C>S A 5001:5001(0) ack 1\n",
	                                 12, "peer-restarted", FL_CRITICAL, FL_SIDE_CLIENT);

	ck_assert_int_eq(flow.onset, script_at(10));
	/* On one that was closed it is an ordinary connection. */
	well(SESSION
	     "3 C>S FA 101:101(0) ack 161\n3.0002 S>C FA 161:161(0) ack 102\n3.0004 C>S A 102:102(0) ack 162\n"
	     "10 C>S S 5000:5000(0)\n10.0002 S>C SA 90000:90000(0) ack 5001\n10.0004 C>S A 5001:5001(0) ack 90001\n",
	     12, "closed");
}
END_TEST

START_TEST(challenged_reset_of_a_connection_that_goes_on_is_nothing)
{
	/* Not at the number that is due: it is answered, and nobody took it. */
	well(SESSION
	     "3 S>C R 171:171(0) win 0\n3.0002 C>S A 101:101(0) ack 161\n4 C>S PA 101:151(50) ack 161\n"
	     "4.0002 S>C A 161:161(0) ack 151\n4.01 S>C PA 161:241(80) ack 151\n4.0102 C>S A 151:151(0) ack 241\n",
	     5, "alive");
}
END_TEST

/* closed-mid-request */

#define SERVER_CLOSES(AT, SEQ, ACK, NEXT) \
	AT " S>C FA " SEQ ":" SEQ "(0) ack " ACK "\n+0.0002 C>S A " ACK ":" ACK "(0) ack " NEXT "\n"

START_TEST(fin_in_place_of_an_answer_is_a_close_over_a_request)
{
	static const char text[] = SESSION ASKS SERVER_CLOSES("5", "161", "151", "162");
	struct script_flow flow = called(text, 0, "closed-mid-request", FL_WARNING, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.layer, FL_LAYER_APPLICATION);
	ck_assert_int_eq(flow.onset, script_at(5));
	ck_assert_uint_eq(flow.onset_frame, 14);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	shows(&flow, "closed-mid-request", 2, 12, "client's request, which is never answered");
	shows(&flow, "closed-mid-request", 2, 14, "server closes (FIN)");
	says(flow.because, "captured from the first SYN on, both directions");
	flow = called(SESSION ASKS "5 S>C RA 161:161(0) ack 151 win 0\n", 0, "closed-mid-request", FL_WARNING,
	              FL_SIDE_SERVER);
	says(flow.explains, "reset");
}
END_TEST

START_TEST(answered_request_closes_in_order)
{
	well(SESSION SERVER_CLOSES("2.02", "161", "101", "162") "2.03 C>S FA 101:101(0) ack 162\n"
	                                                        "2.0302 S>C A 162:162(0) ack 102\n",
	     0, "closed");
}
END_TEST

START_TEST(idle_close_of_the_server_owes_nothing)
{
	well(SESSION SERVER_CLOSES("50", "161", "101", "162") "50.001 C>S FA 101:101(0) ack 162\n"
	                                                      "50.0012 S>C A 162:162(0) ack 102\n",
	     0, "closed");
	well(SESSION "50 S>C RA 161:161(0) ack 101 win 0\n", 0, "closed");
}
END_TEST

START_TEST(goodbye_of_a_protocol_is_not_owed_an_answer)
{
	/* QUIT, and the server closes at once. */
	well(SESSION "3 C>S PA 101:107(6) ack 161\n3.0002 S>C FA 161:161(0) ack 107\n3.0004 C>S FA 107:107(0) ack 162\n"
	             "3.0006 S>C A 162:162(0) ack 108\n",
	     0, "closed");
}
END_TEST

START_TEST(request_of_a_tenth_of_a_second_is_weak)
{
	struct script_flow flow = called(SESSION ASKS SERVER_CLOSES("3.1", "161", "151", "162"), 0,
	                                 "closed-mid-request", FL_WARNING, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_LOW);
}
END_TEST

START_TEST(side_that_never_spoke_owes_nothing)
{
	well(OPEN "1 C>S PA 1:51(50) ack 1\n1.0002 S>C A 1:1(0) ack 51\n3 S>C FA 1:1(0) ack 51\n3.0002 C>S A 51:51(0) "
	          "ack 2\n"
	          "3.001 C>S FA 51:51(0) ack 2\n3.0012 S>C A 2:2(0) ack 52\n",
	     0, "closed");
	/* Its RST over a request is a reset. */
	called(OPEN "1 C>S PA 1:51(50) ack 1\n1.0002 S>C A 1:1(0) ack 51\n3 S>C RA 1:1(0) ack 51 win 0\n", 0, "reset",
	       FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

START_TEST(close_over_a_request_needs_one_that_was_answered_and_one_that_waits)
{
	/* It spoke first, and never answered anything. */
	not_called(OPEN "0.5 S>C PA 1:81(80) ack 1\n0.5002 C>S A 1:1(0) ack 81\n1 C>S PA 1:51(50) ack 81\n"
	                "1.0002 S>C A 81:81(0) ack 51\n3 S>C FA 81:81(0) ack 51\n3.0002 C>S A 51:51(0) ack 82\n",
	           0, "closed-mid-request");
	/* What was asked after the close was not asked of it. */
	not_called(SESSION SERVER_CLOSES("3", "161", "101", "162") "4 C>S PA 101:151(50) ack 162\n"
	                                                           "4.0002 S>C A 162:162(0) ack 151\n",
	           0, "closed-mid-request");
}
END_TEST

START_TEST(client_that_leaves_first_is_not_cut_off)
{
	struct script_flow flow = not_called(SESSION ASKS
	                                     "4 C>S FA 151:151(0) ack 161\n4.0002 S>C A 161:161(0) ack 152\n"
	                                     "4.001 S>C FA 161:161(0) ack 152\n4.0012 C>S A 152:152(0) ack 162\n",
	                                     0, "closed-mid-request");

	ck_assert_int_lt(flow.severity, FL_CRITICAL);
}
END_TEST

/* reset */

START_TEST(reset_with_work_pending_is_a_warning)
{
	struct script_flow flow = called(SESSION
	                                 "3 C>S PA 101:151(50) ack 161\n3.0002 S>C A 161:161(0) ack 151\n"
	                                 "3.01 S>C A 161:1609(1448) ack 151\n3.0102 C>S RA 151:151(0) ack 161 win 0\n",
	                                 0, "reset", FL_WARNING, FL_SIDE_CLIENT);

	ck_assert_int_eq(flow.layer, FL_LAYER_APPLICATION);
	ck_assert_int_eq(flow.onset, script_at(3.0102));
	ck_assert_uint_eq(flow.onset_frame, 15);
	ck_assert_int_eq(flow.noticed, script_at(3.0102));
	says(flow.summary, "1,448 bytes were not ACKed");
	shows(&flow, "reset", 1, 15, "client resets the connection (RST)");
	says(flow.because, "captured from the first SYN on, both directions");
}
END_TEST

START_TEST(reset_of_a_server_over_a_request_it_never_answered_tells_of_the_wait)
{
	struct script_flow flow = called(
		OPEN "1 C>S PA 1:51(50) ack 1\n1.0002 S>C A 1:1(0) ack 51\n3 S>C RA 1:1(0) ack 51 win 0\n", 0, "reset",
		FL_WARNING, FL_SIDE_SERVER);

	says(flow.summary, "with work pending; the client had waited for an answer for 2.0 s.");
}
END_TEST

START_TEST(reset_in_the_middle_of_an_answer_cuts_it)
{
	called(SESSION ASKS "3.01 S>C A 161:1609(1448) ack 151\n3.0102 C>S A 151:151(0) ack 1609\n"
	                    "3.02 C>S RA 151:151(0) ack 1609 win 0\n",
	       0, "reset", FL_WARNING, FL_SIDE_CLIENT);
	well(SESSION ASKS "3.01 S>C PA 161:1609(1448) ack 151\n3.0102 C>S A 151:151(0) ack 1609\n"
	                  "3.02 C>S RA 151:151(0) ack 1609 win 0\n",
	     0, "closed");
}
END_TEST

START_TEST(reset_after_ones_own_fin_leaves_nothing_pending)
{
	/* The client closed, and then aborts: what it asked last it does not want to know. */
	well(SESSION ASKS
	     "3.1 C>S FA 151:151(0) ack 161\n3.1002 S>C A 161:161(0) ack 152\n3.2 C>S RA 152:152(0) ack 161 win 0\n",
	     0, "closed");
	/* The server's reset over what its client asked before it closed. */
	called(SESSION ASKS "3.1 C>S FA 151:151(0) ack 161\n3.1002 S>C A 161:161(0) ack 152\n"
	                    "4.5 S>C RA 161:161(0) ack 152 win 0\n",
	       0, "reset", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

START_TEST(reset_after_the_work_was_done_closes)
{
	well(SESSION "3 C>S RA 101:101(0) ack 161 win 0\n", 0, "closed");
	well(SESSION "3 S>C RA 161:161(0) ack 101 win 0\n", 0, "closed");
	well(SESSION "3 C>S FA 101:101(0) ack 161\n3.0002 S>C FA 161:161(0) ack 102\n3.0003 C>S R 102:102(0) win 0\n",
	     0, "closed");
}
END_TEST

START_TEST(reset_of_a_connection_that_was_never_used_closes)
{
	well(OPEN "10 C>S RA 1:1(0) ack 1 win 0\n", 0, "closed");
	well(OPEN "10 S>C RA 1:1(0) ack 1 win 0\n", 0, "closed");
}
END_TEST

START_TEST(fin_met_by_a_reset_at_the_start_of_the_capture_closes)
{
	well("0 C>S FA 101:101(0) ack 161\n0.0002 S>C R 161:161(0) win 0\n", 0, "closed");
}
END_TEST

START_TEST(write_after_the_peers_fin_is_the_writers_fault)
{
	static const char text[] = SESSION SERVER_CLOSES("3", "161", "101", "162") "4 C>S PA 101:151(50) ack 162\n"
										   "4.0002 S>C R 162:162(0) win 0\n";

	struct script_flow flow = called(text, 0, "reset", FL_WARNING, FL_SIDE_CLIENT);

	shows(&flow, "reset", 3, 12, "server closes (FIN)");
	called(SESSION "3 C>S FA 101:101(0) ack 161\n3.0002 S>C A 161:161(0) ack 102\n4 S>C PA 161:241(80) ack 102\n"
	               "4.0002 C>S R 102:102(0) win 0\n",
	       0, "reset", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

START_TEST(data_that_crossed_the_fin_is_nobodys_fault)
{
	/* A round trip takes 0.4 ms: sent 0.1 ms after the FIN it cannot know of it. */
	struct script_flow flow = script_judge(SESSION
	                                       "3 S>C FA 161:161(0) ack 101\n3.0001 C>S PA 101:151(50) ack 161\n"
	                                       "3.0003 C>S A 151:151(0) ack 162\n3.0004 S>C R 162:162(0) win 0\n",
	                                       0, 0);

	ck_assert_msg(flow.side != FL_SIDE_CLIENT, "%s: %s", flow.verdict, flow.summary);
	ck_assert_int_lt(flow.severity, FL_CRITICAL);
}
END_TEST

START_TEST(reset_that_is_not_the_ends_own_is_always_told)
{
	called(SESSION "3 S>C R 161:161(0) win 0 ttl 61\n", 0, "reset", FL_WARNING, FL_SIDE_BETWEEN);
	called(SESSION "3 S>C RA 161:161(0) ack 101 win 0 ttl 61\n", 0, "reset", FL_WARNING, FL_SIDE_BETWEEN);
	called(OPEN "10 C>S RA 1:1(0) ack 1 win 0 ttl 61\n", 0, "reset", FL_WARNING, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(reset_by_the_server_right_after_the_handshake_is_a_notice)
{
	called(OPEN "0.01 S>C RA 1:1(0) ack 1 win 0\n", 0, "reset", FL_NOTICE, FL_SIDE_SERVER);
	called(OPEN "0.001 C>S PA 1:51(50) ack 1\n0.0012 S>C R 1:1(0) win 0\n", 0, "reset", FL_NOTICE, FL_SIDE_SERVER);
	well(OPEN "0.01 C>S RA 1:1(0) ack 1 win 0\n", 0, "closed"); /* the client's: a check */
}
END_TEST

/* half-closed */

#define CLIENT_CLOSES "3 C>S FA 101:101(0) ack 161\n3.0002 S>C A 161:161(0) ack 102\n"

START_TEST(side_that_does_not_close_for_a_minute_leaks)
{
	struct script_flow flow = called(SESSION CLIENT_CLOSES, 63.0002, "half-closed", FL_WARNING, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.layer, FL_LAYER_APPLICATION);
	ck_assert_int_eq(flow.onset, script_at(3));
	ck_assert_uint_eq(flow.onset_frame, 12);
	shows(&flow, "half-closed", 1, 12, "client closes its side (FIN)");
	says(flow.because, "captured from the first SYN on, both directions");
	well(SESSION CLIENT_CLOSES, 62.999999, "alive");
	called(SESSION SERVER_CLOSES("3", "161", "101", "162"), 64, "half-closed", FL_WARNING, FL_SIDE_CLIENT);
	ck_assert_str_eq(judged_with(SESSION CLIENT_CLOSES, 30, "half_closed=20s").verdict, "half-closed");
}
END_TEST

START_TEST(half_close_in_which_data_still_flows_is_legitimate)
{
	static const char text[] = SESSION CLIENT_CLOSES
		"20 S>C PA 161:241(80) ack 102\n20.0002 C>S A 102:102(0) ack 241\n45 S>C PA 241:341(100) ack 102\n"
		"45.0002 C>S A 102:102(0) ack 341\n90 S>C PA 341:401(60) ack 102\n90.0002 C>S A 102:102(0) ack 401\n";

	not_called(text, 149.9, "half-closed");
	script_never_critical(text);
	called(text, 150.1, "half-closed", FL_WARNING, FL_SIDE_SERVER); /* a minute after the last of it */
}
END_TEST

START_TEST(half_close_is_told_of_a_fin_that_was_acked_and_of_a_side_that_is_silent)
{
	/* Not ACKed. */
	not_called(SESSION "3 C>S FA 101:101(0) ack 161\n", 100, "half-closed");
	/* The other side has something to say, and it is the closer that is gone. */
	called(SESSION CLIENT_CLOSES "20 S>C PA 161:261(100) ack 102\n20.2 S>C PA 161:261(100) ack 102\n"
	                             "20.6 S>C PA 161:261(100) ack 102\n21.4 S>C PA 161:261(100) ack 102\n",
	       100, "peer-vanished", FL_CRITICAL, FL_SIDE_CLIENT);
	/* Its packets were not captured. */
	not_called("0 C>S PA 51:101(50) ack 81\n3 C>S FA 101:101(0) ack 161\n", 100, "half-closed");
}
END_TEST

START_TEST(half_close_that_ends_in_time_is_legitimate)
{
	well(SESSION CLIENT_CLOSES "60 S>C FA 161:161(0) ack 102\n60.0002 C>S A 102:102(0) ack 162\n", 200, "closed");
}
END_TEST

/* close-unanswered */

#define FIN(AT) AT " C>S FA 101:101(0) ack 161\n"

START_TEST(fin_that_nobody_acks_is_a_notice)
{
	static const char three[] = SESSION FIN("3") FIN("3.2") FIN("3.6") FIN("4.4");
	static const char quick[] = SESSION FIN("3") FIN("3.1") FIN("3.3") FIN("3.7");
	static const char two[] = SESSION FIN("3") FIN("4.5") FIN("7.5");
	struct script_flow flow = called(three, 0, "close-unanswered", FL_NOTICE, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.onset, script_at(3));
	ck_assert_uint_eq(flow.onset_frame, 12);
	shows(&flow, "close-unanswered", 2, 12, "client closes (FIN); never ACKed");
	shows(&flow, "close-unanswered", 2, 15, "FIN for the last time: 3 repeats in 1.4 s");
	not_called(quick, 3.999999, "close-unanswered");
	called(quick, 4, "close-unanswered", FL_NOTICE, FL_SIDE_SERVER);
	not_called(two, 7.999999, "close-unanswered");
	called(two, 8, "close-unanswered", FL_NOTICE, FL_SIDE_SERVER);
	not_called(SESSION FIN("3") FIN("4.5"), 20, "close-unanswered"); /* one repeat */
	script_never_critical(three);
}
END_TEST

START_TEST(fin_that_was_acked_at_last_closes)
{
	well(SESSION FIN("3") FIN("3.2") FIN("3.6") FIN("4.4") "4.4002 S>C FA 161:161(0) ack 102\n"
	                                                       "4.4004 C>S A 102:102(0) ack 162\n",
	     6, "closed");
}
END_TEST

START_TEST(fin_that_a_reset_or_icmp_errors_answer_is_not_unanswered)
{
	not_called(SESSION FIN("3") FIN("3.2") FIN("3.6") FIN("4.4") "4.4002 S>C R 161:161(0) win 0\n", 6,
	           "close-unanswered");
	called(SESSION FIN("3") "3.001 R ICMP 3/1 C>S 101:101(0)\n" FIN("3.2") "3.201 R ICMP 3/1 C>S 101:101(0)\n" FIN(
		       "3.6") FIN("4.4"),
	       6, "unreachable", FL_CRITICAL, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(data_that_waits_with_the_fin_makes_it_a_vanished_peer)
{
	called(SESSION
	       "3 C>S PA 101:151(50) ack 161\n3.0001 C>S FA 151:151(0) ack 161\n3.2 C>S FA 151:151(0) ack 161\n"
	       "3.6 C>S FPA 101:151(50) ack 161\n4.4 C>S FPA 101:151(50) ack 161\n6 C>S FPA 101:151(50) ack 161\n",
	       7, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

/* Owed: what VERDICTS says, and src/ does not do yet. */

/* "`critical` needs the threshold *and* a corroboration: ... the asker asks again or beats on; it gave up (RST, FIN,
 * new SYN); the same service answered others (or this flow's earlier requests) much faster". */
START_TEST(silence_is_critical_when_the_asker_asks_again)
{
	called(SESSION ASKS "10 C>S PA 151:201(50) ack 161\n10.0002 S>C A 161:161(0) ack 201\n", 20, "app-silent",
	       FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(silence_is_critical_when_the_asker_gave_up)
{
	called(SESSION ASKS "20 C>S RA 151:151(0) ack 161 win 0\n", 40, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	called(SESSION ASKS "20 C>S FA 151:151(0) ack 161\n20.0002 S>C A 161:161(0) ack 152\n", 40, "app-silent",
	       FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

/* What asks again, or leaves, is no second sign where an answer need not be owed. */
START_TEST(silence_that_may_be_in_order_is_no_failure)
{
	/* Asked again at once: a stream perhaps; and something else than what was answered. */
	called(SESSION ASKS "7 C>S PA 151:201(50) ack 161\n7.0002 S>C A 161:161(0) ack 201\n", 20, "app-silent",
	       FL_NOTICE, FL_SIDE_SERVER);
	called(SESSION "3 C>S PA 101:141(40) ack 161\n3.0002 S>C A 161:161(0) ack 141\n"
	               "10 C>S PA 141:181(40) ack 161\n10.0002 S>C A 161:161(0) ack 181\n",
	       20, "app-silent", FL_NOTICE, FL_SIDE_SERVER);
	called(SESSION "3 C>S PA 101:141(40) ack 161\n3.0002 S>C A 161:161(0) ack 141\n"
	               "20 C>S RA 141:141(0) ack 161 win 0\n",
	       40, "app-silent", FL_NOTICE, FL_SIDE_SERVER);
	/* A server that speaks of its own accord: what was said last may have been said to that. */
	called(SESSION "2.5 S>C PA 161:241(80) ack 101\n2.5002 C>S A 101:101(0) ack 241\n"
	               "3 C>S PA 101:151(50) ack 241\n3.0002 S>C A 241:241(0) ack 151\n"
	               "20 C>S RA 151:151(0) ack 241 win 0\n",
	       40, "app-silent", FL_NOTICE, FL_SIDE_SERVER);
	/* It closes with its client: it reads, and does not hang. */
	called(SESSION ASKS "20 C>S FA 151:151(0) ack 161\n20.0002 S>C FA 161:161(0) ack 152\n"
	                    "20.0004 C>S A 152:152(0) ack 162\n",
	       40, "app-silent", FL_NOTICE, FL_SIDE_SERVER);
}
END_TEST

START_TEST(silence_is_critical_when_earlier_requests_were_answered_much_faster)
{
	called(SESSION ASKS, 20, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

/* app-silent: "requests that used to be answered are ACKed and no longer are; not the first"; 5 s. One was. */
START_TEST(second_request_that_waits_is_the_applications_silence)
{
	called(OPEN ASK("1.0", "1", "51", "1") ANSWER("1.0", "1", "81", "51") ASK("2.0", "51", "101", "81"), 20,
	       "app-silent", FL_NOTICE, FL_SIDE_SERVER);
}
END_TEST

START_TEST(second_message_unlike_the_first_is_not_owed_an_answer)
{
	well(OPEN ASK("1.0", "1", "51", "1") ANSWER("1.0", "1", "81", "51") "2 C>S PA 51:81(30) ack 81\n"
	                                                                    "2.0002 S>C A 81:81(0) ack 81\n",
	     20, "alive");
}
END_TEST

/* "An asker that gives up politely ... the verdict stays with the unanswered demand, `noticed` is that FIN"; the
 * judge's table: any session verdict explains the `half-closed` that follows it. */
START_TEST(half_close_behind_an_unanswered_request_is_the_applications_silence)
{
	struct script_flow flow = script_judge(
		SESSION ASKS "4 C>S FA 151:151(0) ack 161\n4.0002 S>C A 161:161(0) ack 152\n", 90, 0);

	ck_assert_str_eq(flow.verdict, "app-silent");
	ck_assert_int_eq(flow.noticed, script_at(4));
	says(flow.explains, "half-closed");
}
END_TEST

START_TEST(half_close_right_behind_the_request_waits_for_its_answer)
{
	static const char text[] = SESSION ASKS "3.0003 C>S FA 151:151(0) ack 161\n3.0005 S>C A 161:161(0) ack 152\n";

	ck_assert_int_lt(script_judge(text, 59, 0).severity, FL_WARNING);
	called(text, 90, "half-closed", FL_WARNING, FL_SIDE_SERVER);
	/* What is unlike a request may be a goodbye. */
	called(SESSION "3 C>S PA 101:106(5) ack 161\n3.0002 S>C A 161:161(0) ack 106\n"
	               "4 C>S FA 106:106(0) ack 161\n4.0002 S>C A 161:161(0) ack 107\n",
	       90, "half-closed", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

/* "An answer that came later than that is a recovered failure: `degraded`, with the latency." */
START_TEST(answer_that_came_late_leaves_a_degraded_connection)
{
	struct script_flow flow = script_judge(
		SESSION ASKS "13 S>C PA 161:241(80) ack 151\n13.0002 C>S A 151:151(0) ack 241\n", 15, 0);

	ck_assert_str_eq(flow.verdict, "degraded");
	ck_assert_int_eq(flow.severity, FL_WARNING);
}
END_TEST

START_TEST(answer_within_five_seconds_or_to_something_else_is_not_late)
{
	well(SESSION ASKS "7.9 S>C PA 161:241(80) ack 151\n7.9002 C>S A 151:151(0) ack 241\n", 15, "alive");
	/* A poll, unlike the quick ones before it. */
	well(SESSION "3 C>S PA 101:141(40) ack 161\n3.0002 S>C A 161:161(0) ack 141\n"
	             "33 S>C PA 161:241(80) ack 141\n33.0002 C>S A 141:141(0) ack 241\n",
	     35, "alive");
}
END_TEST

/* app-silent: "silent side". Here the server asks, and its client answered six times. */
START_TEST(client_that_answers_its_servers_requests_no_longer_is_silent)
{
	struct fl_text text = { 0 };

	fl_text_add(&text, "%s", OPEN);
	for (unsigned i = 0; i < 8; i++) {
		unsigned asked = 1 + 50 * i, answer = 1 + 80 * (i < 6 ? i : 6);

		fl_text_add(&text, "%u S>C PA %u:%u(50) ack %u\n+0.0002 C>S A %u:%u(0) ack %u\n", 1 + 10 * i, asked,
		            asked + 50, answer, answer, answer, asked + 50);
		if (i < 6)
			fl_text_add(&text, "+0.01 C>S PA %u:%u(80) ack %u\n+0.0002 S>C A %u:%u(0) ack %u\n", answer,
			            answer + 80, asked + 50, asked + 50, asked + 50, answer + 80);
	}
	called(fl_text_get(&text), 110, "app-silent", FL_CRITICAL, FL_SIDE_CLIENT);
	fl_text_deinit(&text);
}
END_TEST

/* The look-alike: a client whose quick requests each follow the server's slow answer, and that has no more. */
START_TEST(client_that_has_no_more_requests_owes_no_answer)
{
	struct fl_text text = { 0 };

	fl_text_add(&text, "%s", OPEN);
	for (unsigned i = 0; i < 8; i++)
		fl_text_add(&text,
		            "%u.01 C>S PA %u:%u(50) ack %u\n+0.0002 S>C A %u:%u(0) ack %u\n"
		            "%u S>C PA %u:%u(80) ack %u\n+0.0002 C>S A %u:%u(0) ack %u\n",
		            1 + 10 * i, 1 + 50 * i, 51 + 50 * i, 1 + 80 * i, 1 + 80 * i, 1 + 80 * i, 51 + 50 * i,
		            11 + 10 * i, 1 + 80 * i, 81 + 80 * i, 51 + 50 * i, 51 + 50 * i, 51 + 50 * i, 81 + 80 * i);
	script_never_critical(fl_text_get(&text));
	not_called(fl_text_get(&text), 110, "app-silent");
	/* Its last answer came in two pieces. */
	fl_text_add(&text, "+0.3 S>C PA 641:721(80) ack 401\n+0.0002 C>S A 401:401(0) ack 721\n");
	not_called(fl_text_get(&text), 110, "app-silent");
	ck_assert_int_lt(script_judge(fl_text_get(&text), 110, 0).severity, FL_CRITICAL);
	fl_text_deinit(&text);
}
END_TEST

/* receiver-stalled: "5 s" of a closed window, and not of a connection that has ended. */
START_TEST(window_of_a_connection_that_ended_is_closed_no_longer)
{
	static const char text[] = SESSION CLOSES("3") PROBED("3.2")
		PROBED("3.6") "4 C>S RA 101:101(0) ack 161 win 0\n";

	not_called(text, 20, "receiver-stalled");
}
END_TEST

/* receiver-stalled: "5 s and 2 answered probes", "with data waiting": the probes of a closing that is over do not
 * count. */
START_TEST(probes_of_a_window_that_opened_since_do_not_count)
{
	static const char text[] = SESSION CLOSES("3") PROBED("3.2") PROBED("3.6") PROBED("4.4")
		OPENS("8") "8.1 C>S PA 101:151(50) ack 161\n8.1001 S>C A 161:161(0) ack 151 win 0\n";

	not_called(text, 13.2, "receiver-stalled");
	ck_assert_int_lt(script_judge(text, 13.2, 0).severity, FL_CRITICAL);
}
END_TEST

/* peer-vanished: "an earlier closed window stays a finding"; receiver-stalled: "unanswered ones are `peer-vanished`,
 * with the closed window as a finding". */
START_TEST(closed_window_stays_a_finding_when_its_probes_are_not_answered)
{
	struct script_flow flow = called(SESSION CLOSES("3") PROBED("3.2") PROBED(
						 "3.6") "4.4 C>S A 100:100(0) ack 161\n"
	                                                "6 C>S A 100:100(0) ack 161\n9.2 C>S A 100:100(0) ack 161\n"
	                                                "15.6 C>S A 100:100(0) ack 161\n",
	                                 17, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);

	ck_assert_ptr_nonnull(script_find(&flow, "receiver-stalled"));
	ck_assert_int_eq(script_find(&flow, "receiver-stalled")->severity, FL_NOTICE);
}
END_TEST

/* peer-restarted: "`alive` when a challenge ACK cleared it and it goes on". */
START_TEST(connection_that_a_challenge_ack_cleared_and_that_goes_on_is_alive)
{
	static const char text[] = SESSION "10 C>S S 5000:5000(0)\n10.0002 S>C A 161:161(0) ack 101\n"
					   "11 C>S PA 101:151(50) ack 161\n11.0002 S>C A 161:161(0) ack 151\n"
					   "11.01 S>C PA 161:241(80) ack 151\n11.0102 C>S A 151:151(0) ack 241\n";

	called(text, 12, "alive", FL_OK, FL_SIDE_NONE);
	/* What that SYN began stays what it is: an attempt that nothing but the old connection's ACK answered. */
	ck_assert_str_eq(script_judge(text, 12, 1).verdict, "inconclusive");
	/* A client that did connect anew, whose SYN-ACK the capture missed, goes on with its new numbers. */
	called(SESSION "10 C>S S 5000:5000(0)\n11 C>S PA 5001:5051(50) ack 161\n", 12, "inconclusive", FL_NOTICE,
	       FL_SIDE_UNKNOWN);
	ck_assert_uint_eq(script_judge(SESSION "10 C>S S 5000:5000(0)\n11 C>S PA 5001:5051(50) ack 161\n", 12, 1)
	                          .payload[FL_CLIENT],
	                  50);
}
END_TEST

/* closed-mid-request: "critical by profile or when requests stay unanswered on reconnect". */
START_TEST(requests_that_stay_unanswered_on_reconnect_make_the_close_critical)
{
	called(SESSION ASKS SERVER_CLOSES(
		       "5", "161", "151",
		       "162") "5.001 C>S FA 151:151(0) ack 162\n"
	                      "5.0012 S>C A 162:162(0) ack 152\n6 C2>S S 0:0(0)\n6.0002 S>C2 SA 0:0(0) ack 1\n"
	                      "6.0004 C2>S A 1:1(0) ack 1\n6.001 C2>S PA 1:51(50) ack 1\n6.0012 S>C2 A 1:1(0) ack 51\n",
	       30, "closed-mid-request", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(close_over_a_request_that_is_answered_on_reconnect_is_a_warning)
{
#define CUT \
	SESSION ASKS SERVER_CLOSES("5", "161", "151", \
	                           "162") "5.001 C>S FA 151:151(0) ack 162\n" \
					  "5.0012 S>C A 162:162(0) ack 152\n" \
					  "6 C2>S S 0:0(0)\n6.0002 S>C2 SA 0:0(0) ack 1\n6.0004 C2>S A 1:1(0) ack 1\n"
	called(CUT "6.001 C2>S PA 1:51(50) ack 1\n6.0012 S>C2 A 1:1(0) ack 51\n"
	           "6.01 S>C2 PA 1:81(80) ack 51\n6.0102 C2>S A 51:51(0) ack 81\n",
	       30, "closed-mid-request", FL_WARNING, FL_SIDE_SERVER);
	/* Its client did not wait there; or not for as long as here. */
	called(CUT "6.001 C2>S PA 1:51(50) ack 1\n6.0012 S>C2 A 1:1(0) ack 51\n8 C2>S RA 51:51(0) ack 1 win 0\n", 30,
	       "closed-mid-request", FL_WARNING, FL_SIDE_SERVER);
	called(SESSION ASKS SERVER_CLOSES("33", "161", "151", "162") "34 C2>S S 0:0(0)\n34.0002 S>C2 SA 0:0(0) ack 1\n"
	                                                             "34.0004 C2>S A 1:1(0) ack 1\n"
	                                                             "34.001 C2>S PA 1:51(50) ack 1\n"
	                                                             "34.0012 S>C2 A 1:1(0) ack 51\n",
	       60, "app-silent", FL_NOTICE, FL_SIDE_SERVER);
	/* It waits since a moment; never ACKed; asks for something else; has not asked. */
	called(CUT "6.001 C2>S PA 1:51(50) ack 1\n6.0012 S>C2 A 1:1(0) ack 51\n", 11, "closed-mid-request", FL_WARNING,
	       FL_SIDE_SERVER);
	called(CUT "6.001 C2>S PA 1:51(50) ack 1\n", 30, "closed-mid-request", FL_WARNING, FL_SIDE_SERVER);
	called(CUT "6.001 C2>S PA 1:31(30) ack 1\n6.0012 S>C2 A 1:1(0) ack 31\n", 30, "closed-mid-request", FL_WARNING,
	       FL_SIDE_SERVER);
	called(CUT, 30, "closed-mid-request", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

/* closed-mid-request: "A side that never spoke owes nothing: its FIN is `closed` with a notice (a warning when several
 * first requests of one client are cut so)". */
START_TEST(several_first_requests_that_are_cut_off_are_a_warning)
{
	struct fl_text text = { 0 };
	struct script_result *result;

	for (unsigned i = 1; i <= 3; i++) {
		fl_text_add(&text, "%u C%u>S S 0:0(0)\n+0.0002 S>C%u SA 0:0(0) ack 1\n+0.0002 C%u>S A 1:1(0) ack 1\n",
		            i * 5, i, i, i);
		fl_text_add(&text, "+0.1 C%u>S PA 1:51(50) ack 1\n+0.0002 S>C%u A 1:1(0) ack 51\n", i, i);
		fl_text_add(&text, "+2 S>C%u FA 1:1(0) ack 51\n+0.0002 C%u>S A 51:51(0) ack 2\n", i, i);
		fl_text_add(&text, "+0.001 C%u>S FA 51:51(0) ack 2\n+0.0002 S>C%u A 2:2(0) ack 52\n", i, i);
	}
	result = script_run(fl_text_get(&text), NULL);
	for (size_t i = 0; i < result->n_flows; i++)
		ck_assert_int_eq(result->flows[i].severity, FL_WARNING);
	free(result);
	fl_text_deinit(&text);
}
END_TEST

START_TEST(first_requests_that_are_cut_off_now_and_then_are_not_told)
{
	static const char cut[] = "+1 CN>S S 0:0(0)\n+0.0002 S>CN SA 0:0(0) ack 1\n+0.0002 CN>S A 1:1(0) ack 1\n"
				  "+0.1 CN>S PA 1:51(50) ack 1\n+0.0002 S>CN A 1:1(0) ack 51\n"
				  "+2 S>CN FA 1:1(0) ack 51\n+0.0002 CN>S A 51:51(0) ack 2\n"
				  "+0.001 CN>S FA 51:51(0) ack 2\n+0.0002 S>CN A 2:2(0) ack 52\n";
	struct fl_text text = { 0 };
	struct script_result *result;

	/* Three of one client, where another of its requests is answered. */
	fl_text_add(&text, "%s", SESSION);
	for (unsigned i = 2; i <= 4; i++) {
		for (const char *at = cut; *at; at++)
			fl_text_add(&text, *at == 'N' ? "%u" : "%c", *at == 'N' ? i : (unsigned)*at);
	}
	result = script_run(fl_text_get(&text), NULL);
	ck_assert_uint_eq(result->n_flows, 4);
	for (size_t i = 0; i < result->n_flows; i++)
		ck_assert_int_le(result->flows[i].severity, FL_NOTICE);
	free(result);
	fl_text_deinit(&text);
}
END_TEST

/* alive: "one side closed, nothing owed, and below the half-closed threshold: with that as a finding (...; if the same
 * service then refuses the client's new SYN: its process is gone, `closed-mid-request` too)". */
START_TEST(close_below_the_threshold_is_a_finding)
{
	struct script_flow flow = well(SESSION CLIENT_CLOSES, 50, "alive");

	ck_assert_ptr_nonnull(script_find(&flow, "half-closed"));
	ck_assert_int_eq(script_find(&flow, "half-closed")->severity, FL_NOTICE);
}
END_TEST

START_TEST(service_that_closed_and_refuses_the_next_connection_is_gone)
{
	called(SESSION SERVER_CLOSES("5", "161", "101", "162") "6 C2>S S 0:0(0)\n6.0002 S>C2 RA 0:0(0) ack 1 win 0\n",
	       30, "closed-mid-request", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

START_TEST(service_that_closed_and_takes_the_next_connection_is_alive)
{
	well(SESSION SERVER_CLOSES("5", "161", "101", "162") "6 C2>S S 0:0(0)\n6.0002 S>C2 SA 0:0(0) ack 1\n"
	                                                     "6.0004 C2>S A 1:1(0) ack 1\n",
	     30, "alive");
	/* Refused before it closed; and another service. */
	called(SESSION "4 C2>S S 0:0(0)\n4.0002 S>C2 RA 0:0(0) ack 1 win 0\n" SERVER_CLOSES("5", "161", "101", "162"),
	       30, "alive", FL_OK, FL_SIDE_NONE);
	called(SESSION SERVER_CLOSES("5", "161", "101", "162") "6 C2>S2 S 0:0(0)\n6.0002 S2>C2 RA 0:0(0) ack 1 win 0\n",
	       30, "alive", FL_OK, FL_SIDE_NONE);
}
END_TEST

/* "Below its threshold a failure in progress is a finding of severity notice; if it is the last thing that happened,
 * the verdict is `inconclusive`." Of FIN tries there is no finding. */
START_TEST(fin_below_its_threshold_is_a_finding)
{
	too_soon(SESSION FIN("3") FIN("4.5") FIN("7.5"), 7.9, "close-unanswered");
}
END_TEST

/* reset: not "after the work was done (SO_LINGER 0, ...)": all was ACKed, and nothing shows that an answer was owed. */
START_TEST(one_way_sender_that_resets_when_it_is_done_closes)
{
	struct fl_text text = { 0 };
	unsigned next = 1;

	fl_text_add(&text, "%s", OPEN);
	for (unsigned i = 1; i <= 12; i++) {
		unsigned length = 40 + i * 7 % 13;

		fl_text_add(&text, "%u C>S PA %u:%u(%u) ack 1\n", i * 7 + i % 3, next, next + length, length);
		next += length;
		fl_text_add(&text, "+0.0002 S>C A 1:1(0) ack %u\n", next);
	}
	well(fl_text_get(&text), 86, "one-way");
	fl_text_add(&text, "90 C>S RA %u:%u(0) ack 1 win 0\n", next, next);
	well(fl_text_get(&text), 91, "closed");
	fl_text_deinit(&text);
}
END_TEST

/* The same, of an RST without ACK that answers nothing: what it aborts had no work pending. */
START_TEST(reset_without_ack_after_the_work_was_done_closes)
{
	well(SESSION "3 C>S R 101:101(0) win 0\n", 30, "closed");
	well(SESSION "50 S>C R 161:161(0) win 0\n", 55, "closed");
}
END_TEST

/* The same, right behind the last packet: its sender spoke last, or 20 ms before, and knew the connection then. */
START_TEST(reset_without_ack_right_behind_the_work_is_no_restart)
{
	not_called(SESSION "2.0103 C>S R 101:101(0) win 0\n", 30, "peer-restarted");
	not_called(SESSION "2.03 S>C R 161:161(0) win 0\n", 30, "peer-restarted");
	script_never_critical(SESSION "2.0103 C>S R 101:101(0) win 0\n");
}
END_TEST

/* reset: warning. Bytes that nobody ACKed are work pending, however young. */
START_TEST(reset_over_bytes_that_were_not_acked_is_a_warning)
{
	called(EARLY("0.99"), 0, "reset", FL_WARNING, FL_SIDE_SERVER);
	/* A goodbye (TLS: close_notify), which was never taken either; and one that was. */
	called(OPEN "0.5 C>S PA 1:51(50) ack 1\n0.5002 S>C A 1:1(0) ack 51\n0.51 S>C PA 1:81(80) ack 51\n"
	            "0.5102 C>S A 51:51(0) ack 81\n0.99 C>S PA 51:82(31) ack 81\n0.9902 S>C R 81:81(0) win 0\n",
	       0, "reset", FL_NOTICE, FL_SIDE_SERVER);
}
END_TEST

/* reset: "data written after the peer's FIN and answered by RST (side: the writer)": it began with what was written. */
START_TEST(write_after_the_peers_fin_is_where_it_began)
{
	struct script_flow flow = script_judge(
		SESSION SERVER_CLOSES("3", "161", "101", "162") "4 C>S PA 101:151(50) ack 162\n"
								"4.0002 S>C R 162:162(0) win 0\n",
		0, 0);

	ck_assert_int_eq(flow.onset, script_at(4));
	ck_assert_uint_eq(flow.onset_frame, 14); /* the writer's, of the same time */
}
END_TEST

UNIT_OWED("ends", silence_is_critical_when_earlier_requests_were_answered_much_faster)
UNIT_MAIN_BUT_OWED(
	"ends", connection_that_a_challenge_ack_cleared_and_that_goes_on_is_alive,
	request_unlike_the_answered_ones_waits_five_seconds,
	requests_that_were_answered_again_and_again_and_are_no_longer_are_critical,
	asker_that_stops_with_its_answers_is_told_with_how_it_left,
	asker_at_a_steady_pace_waits_until_its_next_request_is_due,
	answers_that_were_the_habit_are_missed_in_a_stream_of_requests,
	asker_that_misses_the_acks_gets_no_answer_either, answer_that_was_acked_and_not_captured_is_an_answer,
	never_acked_request_is_not_the_applications_silence, answer_that_came_late_ends_the_silence,
	long_poll_waits_within_its_usual_time, push_within_its_usual_time_is_not_owed,
	window_closed_for_five_seconds_and_two_answered_probes_is_a_stall, window_that_opens_again_is_no_stall,
	stall_that_ended_stays_a_finding, zero_windows_of_milliseconds_are_flow_control,
	reset_with_window_zero_closes_no_window, unscaled_window_of_a_connection_joined_in_the_middle_is_not_closed,
	closed_window_whose_probes_nobody_answers_is_a_vanished_peer,
	three_probes_in_a_row_without_an_answer_are_another_failure,
	closed_window_explains_the_answers_that_do_not_come, host_that_knows_no_such_connection_was_restarted,
	only_the_ttl_of_the_reset_must_be_as_before, restart_begins_with_the_first_segment_that_nobody_answered,
	restart_that_a_probe_met_begins_with_the_first_probe_without_an_answer,
	host_that_only_ever_sent_syn_acks_had_no_part_in_it, reset_after_a_fin_is_no_restart,
	reset_within_a_second_of_the_handshake_is_no_restart, reset_of_a_host_that_had_given_up_itself_is_no_restart,
	new_syn_on_an_open_connection_shows_that_its_sender_lost_it,
	challenged_reset_of_a_connection_that_goes_on_is_nothing, fin_in_place_of_an_answer_is_a_close_over_a_request,
	answered_request_closes_in_order, idle_close_of_the_server_owes_nothing,
	goodbye_of_a_protocol_is_not_owed_an_answer, request_of_a_tenth_of_a_second_is_weak,
	side_that_never_spoke_owes_nothing, close_over_a_request_needs_one_that_was_answered_and_one_that_waits,
	client_that_leaves_first_is_not_cut_off, reset_with_work_pending_is_a_warning,
	reset_of_a_server_over_a_request_it_never_answered_tells_of_the_wait, reset_in_the_middle_of_an_answer_cuts_it,
	reset_after_ones_own_fin_leaves_nothing_pending, reset_after_the_work_was_done_closes,
	reset_of_a_connection_that_was_never_used_closes, fin_met_by_a_reset_at_the_start_of_the_capture_closes,
	write_after_the_peers_fin_is_the_writers_fault, data_that_crossed_the_fin_is_nobodys_fault,
	reset_that_is_not_the_ends_own_is_always_told, reset_by_the_server_right_after_the_handshake_is_a_notice,
	side_that_does_not_close_for_a_minute_leaks, half_close_in_which_data_still_flows_is_legitimate,
	half_close_is_told_of_a_fin_that_was_acked_and_of_a_side_that_is_silent,
	half_close_that_ends_in_time_is_legitimate, fin_that_nobody_acks_is_a_notice, fin_that_was_acked_at_last_closes,
	fin_that_a_reset_or_icmp_errors_answer_is_not_unanswered, data_that_waits_with_the_fin_makes_it_a_vanished_peer,
	window_of_a_connection_that_ended_is_closed_no_longer, probes_of_a_window_that_opened_since_do_not_count,
	reset_without_ack_after_the_work_was_done_closes, write_after_the_peers_fin_is_where_it_began,
	reset_without_ack_right_behind_the_work_is_no_restart, one_way_sender_that_resets_when_it_is_done_closes,
	silence_is_critical_when_the_asker_asks_again, silence_is_critical_when_the_asker_gave_up,
	silence_that_may_be_in_order_is_no_failure, second_request_that_waits_is_the_applications_silence,
	second_message_unlike_the_first_is_not_owed_an_answer,
	half_close_behind_an_unanswered_request_is_the_applications_silence,
	half_close_right_behind_the_request_waits_for_its_answer, answer_that_came_late_leaves_a_degraded_connection,
	answer_within_five_seconds_or_to_something_else_is_not_late,
	client_that_answers_its_servers_requests_no_longer_is_silent, client_that_has_no_more_requests_owes_no_answer,
	closed_window_stays_a_finding_when_its_probes_are_not_answered,
	requests_that_stay_unanswered_on_reconnect_make_the_close_critical,
	close_over_a_request_that_is_answered_on_reconnect_is_a_warning,
	several_first_requests_that_are_cut_off_are_a_warning,
	first_requests_that_are_cut_off_now_and_then_are_not_told, close_below_the_threshold_is_a_finding,
	service_that_closed_and_refuses_the_next_connection_is_gone,
	service_that_closed_and_takes_the_next_connection_is_alive, fin_below_its_threshold_is_a_finding,
	reset_over_bytes_that_were_not_acked_is_a_warning)
