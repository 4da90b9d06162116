/* Sessions: verdicts of connections whose protocol is known, each beside the look-alike that it is not. The words stand
 * for the bytes of a protocol (script.h). */
#include "verdicts.h"

/* A login of 40 bytes at 1 s, ACKed. The next numbers are 41 and 1. */
#define LOGIN OPEN "1 C>S PA 1:41(40) ack 1 says login\n1.0002 S>C A 1:1(0) ack 41\n"
/* And its answer of 20 bytes 10 ms later, which says that: 41 and 21. */
#define ANSWERED(WORD) LOGIN "1.01 S>C PA 1:21(20) ack 41 says " WORD "\n1.0102 C>S A 41:41(0) ack 21\n"

START_TEST(login_that_a_known_protocol_owes_an_answer_is_critical_when_it_is_overdue)
{
	struct script_flow flow = called(LOGIN, 7, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	ck_assert_str_eq(flow.alternatives, "");
	ck_assert_uint_eq(flow.onset_frame, 4);
	ck_assert_ptr_nonnull(strstr(flow.because, "Words, by its bytes"));
	not_called(LOGIN, 5.9, "auth-unanswered");
	/* The same without a word that is known. */
	called(OPEN "1 C>S PA 1:41(40) ack 1\n1.0002 S>C A 1:1(0) ack 41\n", 7, "auth-unanswered", FL_NOTICE,
	       FL_SIDE_SERVER);
	/* Never ACKed: the kernel is silent, and not the application alone. */
	not_called(OPEN "1 C>S PA 1:41(40) ack 1 says login\n", 7, "auth-unanswered");
}
END_TEST

START_TEST(login_behind_a_greeting_or_a_challenge_is_owed_an_answer_too)
{
	struct script_flow flow = called(OPEN "0.5 S>C PA 1:31(30) ack 1 says hello\n0.5002 C>S A 1:1(0) ack 31\n"
	                                      "1 C>S PA 1:41(40) ack 31 says login\n1.0002 S>C A 31:31(0) ack 41\n",
	                                 7, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_uint_eq(flow.onset_frame, 6);
	flow = called(ANSWERED("challenge") "2 C>S PA 41:81(40) ack 21 says login\n2.0002 S>C A 21:21(0) ack 81\n", 8,
	              "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.onset, script_at(2));
	called(ANSWERED("challenge"), 8, "alive", FL_OK, FL_SIDE_NONE); /* now it is the client's turn */
	called(ANSWERED("accept"), 8, "alive", FL_OK, FL_SIDE_NONE);
	called(ANSWERED("anything"), 8, "alive", FL_OK, FL_SIDE_NONE);
}
END_TEST

START_TEST(client_that_leaves_without_its_answer_notices)
{
	struct script_flow flow = called(LOGIN "9 C>S FA 41:41(0) ack 1\n9.0002 S>C A 1:1(0) ack 42\n", 20,
	                                 "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.noticed, script_at(9));
}
END_TEST

START_TEST(login_that_is_rejected_is_a_warning_about_the_client)
{
	struct script_flow flow = called(ANSWERED("reject"), 3, "auth-rejected", FL_WARNING, FL_SIDE_CLIENT);

	ck_assert_uint_eq(flow.onset_frame, 6);
	ck_assert_int_eq(flow.layer, FL_LAYER_APPLICATION);
	/* And closed at once, by either side. */
	called(ANSWERED("reject") "1.02 S>C FA 21:21(0) ack 41\n1.021 C>S FA 41:41(0) ack 22\n"
	                          "1.0212 S>C A 22:22(0) ack 42\n",
	       3, "auth-rejected", FL_WARNING, FL_SIDE_CLIENT);
	/* What says "reject" and does not answer, does not: the client's own, or in a protocol that is not known. */
	not_called(OPEN "1 C>S PA 1:41(40) ack 1 says login\n1.0002 S>C A 1:1(0) ack 41\n"
	                "1.01 S>C PA 1:21(20) ack 41 says accept\n1.02 C>S PA 41:61(20) ack 21 says reject\n"
	                "1.03 S>C PA 21:41(20) ack 61\n1.0302 C>S A 61:61(0) ack 41\n",
	           3, "auth-rejected");
	not_called(OPEN "1 C>S PA 1:41(40) ack 1\n1.0002 S>C A 1:1(0) ack 41\n"
	                "1.01 S>C PA 1:21(20) ack 41 says reject\n1.0102 C>S A 41:41(0) ack 21\n",
	           3, "auth-rejected");
}
END_TEST

START_TEST(login_that_is_accepted_at_the_second_try_is_well)
{
	struct script_flow flow = called(
		ANSWERED("reject") "2 C>S PA 41:81(40) ack 21 says login\n2.0002 S>C A 21:21(0) ack 81\n"
				   "2.01 S>C PA 21:41(20) ack 81 says accept\n2.0102 C>S A 81:81(0) ack 41\n",
		5, "alive", FL_OK, FL_SIDE_NONE);

	ck_assert_int_eq(script_find(&flow, "auth-rejected")->recovered, script_at(2.01));
}
END_TEST

#define PING(AT, FROM, TO) AT " C>S PA " FROM ":" TO "(10) ack 21 says ping\n+0.0002 S>C A 21:21(0) ack " TO "\n"

START_TEST(pings_that_nobody_answers_are_owed_by_the_protocol)
{
	struct script_flow flow = called(ANSWERED("accept") PING("5", "41", "51") PING("10", "51", "61")
	                                         PING("15", "61", "71"),
	                                 20.5, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	ck_assert_str_eq(flow.alternatives, "");
	/* The same of unknown bytes: nothing says that they were ever answered. */
	not_called(OPEN "1 C>S PA 1:41(40) ack 1\n1.0002 S>C A 1:1(0) ack 41\n"
	                "1.01 S>C PA 1:21(20) ack 41\n1.0102 C>S A 41:41(0) ack 21\n"
	                "5 C>S PA 41:51(10) ack 21\n+0.0002 S>C A 21:21(0) ack 51\n"
	                "10 C>S PA 51:61(10) ack 21\n+0.0002 S>C A 21:21(0) ack 61\n"
	                "15 C>S PA 61:71(10) ack 21\n+0.0002 S>C A 21:21(0) ack 71\n",
	           20.5, "heartbeat-ack-only");
	/* The other side says something: it lives. */
	not_called(ANSWERED("accept") PING("5", "41", "51") PING("10", "51", "61")
	                   PING("15", "61", "71") "15.01 S>C PA 21:31(10) ack 71\n15.0102 C>S A 71:71(0) ack 31\n",
	           20.5, "heartbeat-ack-only");
}
END_TEST

START_TEST(beats_that_a_protocol_leaves_unanswered_miss_no_answer)
{
	static const char text[] = ANSWERED(
		"accept") "3 C>S PA 41:51(10) ack 21 says beat\n+0.0002 S>C A 21:21(0) ack 51\n"
			  "3.01 S>C PA 21:31(10) ack 51 says beat\n+0.0002 C>S A 51:51(0) ack 31\n"
			  "5 C>S PA 51:61(10) ack 31 says beat\n+0.0002 S>C A 31:31(0) ack 61\n"
			  "5.01 S>C PA 31:41(10) ack 61 says beat\n+0.0002 C>S A 61:61(0) ack 41\n"
			  "7 C>S PA 61:71(10) ack 41 says beat\n+0.0002 S>C A 41:41(0) ack 71\n"
			  "9 C>S PA 71:81(10) ack 41 says beat\n+0.0002 S>C A 41:41(0) ack 81\n"
			  "11 C>S PA 81:91(10) ack 41 says beat\n+0.0002 S>C A 41:41(0) ack 91\n"
			  "13 C>S PA 91:101(10) ack 41 says beat\n+0.0002 S>C A 41:41(0) ack 101\n";
	struct script_flow flow = script_judge(text, 13.5, 0);

	ck_assert_ptr_null(script_find(&flow, "heartbeat-ack-only"));
}
END_TEST

#define BOTH_BEAT(AT, FROM, TO, BACK, END) \
	AT " C>S PA " FROM ":" TO "(10) ack " BACK " says beat\n+0.0002 S>C A " BACK ":" BACK "(0) ack " TO "\n" \
	   "+0.3 S>C PA " BACK ":" END "(10) ack " TO " says beat\n+0.0002 C>S A " TO ":" TO "(0) ack " END "\n"
#define CLIENT_BEATS(AT, FROM, TO, BACK) \
	AT " C>S PA " FROM ":" TO "(10) ack " BACK " says beat\n+0.0002 S>C A " BACK ":" BACK "(0) ack " TO "\n"
#define SIX_BEATS \
	ANSWERED("accept") \
	BOTH_BEAT("3", "41", "51", "21", "31") \
	BOTH_BEAT("5", "51", "61", "31", "41") \
	BOTH_BEAT("7", "61", "71", "41", "51") \
	BOTH_BEAT("9", "71", "81", "51", "61") \
	BOTH_BEAT("11", "81", "91", "61", "71") \
	BOTH_BEAT("13", "91", "101", "71", "81")

START_TEST(side_that_owes_its_beat_and_stops_is_critical)
{
	static const char text[] = SIX_BEATS CLIENT_BEATS("15", "101", "111", "81")
		CLIENT_BEATS("17", "111", "121", "81") CLIENT_BEATS("19", "121", "131", "81");
	struct script_flow flow = called(text, 20, "heartbeat-stopped", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.onset, script_at(13.3002));
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	not_called(text, 19.4, "heartbeat-stopped"); /* three periods are not over */
	called(SIX_BEATS, 14, "alive", FL_OK, FL_SIDE_NONE);
}
END_TEST

START_TEST(close_over_a_login_or_a_ping_is_a_close_over_what_is_owed)
{
#define CLOSES \
	"2 S>C FA 1:1(0) ack 41\n2.0002 C>S A 41:41(0) ack 2\n2.001 C>S FA 41:41(0) ack 2\n2.0012 S>C A 2:2(0) ack " \
	"42\n"
	struct script_flow flow = called(LOGIN CLOSES, 5, "closed-mid-request", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_str_eq(flow.alternatives, "auth-rejected");
	/* A side that never spoke owes nothing, as far as anyone knows. */
	not_called(OPEN "1 C>S PA 1:41(40) ack 1\n1.0002 S>C A 1:1(0) ack 41\n" CLOSES, 5, "closed-mid-request");
	/* A goodbye is owed nothing. */
	called(ANSWERED("accept") "3 C>S PA 41:51(10) ack 21 says goodbye\n3.0002 S>C A 21:21(0) ack 51\n"
	                          "3.5 S>C FA 21:21(0) ack 51\n3.5002 C>S FA 51:51(0) ack 22\n"
	                          "3.5004 S>C A 22:22(0) ack 52\n",
	       5, "closed", FL_OK, FL_SIDE_NONE);
	called(ANSWERED("accept") "3 C>S PA 41:51(10) ack 21 says ping\n3.0002 S>C A 21:21(0) ack 51\n"
	                          "3.5 S>C FA 21:21(0) ack 51\n3.5002 C>S FA 51:51(0) ack 22\n"
	                          "3.5004 S>C A 22:22(0) ack 52\n",
	       5, "closed-mid-request", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(words_on_another_port_tell_no_protocol_that_is_told_on_its_ports_alone)
{
	static const char on_port[] = OPEN "1 C>S PA 1:11(10) ack 1 says ping\n1.0002 S>C A 1:1(0) ack 11\n",
			  off_port[] = "0 C>S1 S 0:0(0)\n0.0002 S1>C SA 0:0(0) ack 1\n0.0004 C>S1 A 1:1(0) ack 1\n"
				       "1 C>S1 PA 1:11(10) ack 1 says ping\n1.0002 S1>C A 1:1(0) ack 11\n";

	ck_assert_str_eq(script_judge(on_port, 2, 0).profile, "words");
	ck_assert_str_eq(script_judge(off_port, 2, 0).profile, "");
}
END_TEST

/* A side's messages: `FROM` to `TO`, ACKed, and nothing comes back. */
#define SAYS(AT, FROM, TO, LENGTH, WORD) \
	AT " C>S PA " FROM ":" TO "(" LENGTH ") ack 1 says " WORD "\n+0.0002 S>C A 1:1(0) ack " TO "\n"

START_TEST(protocol_is_told_by_the_first_two_messages_of_a_side)
{
	ck_assert_str_eq(
		script_judge(OPEN SAYS("1", "1", "11", "10", "anything") SAYS("2", "11", "21", "10", "login"), 3, 0)
			.profile,
		"words");
	ck_assert_str_eq(script_judge(OPEN SAYS("1", "1", "11", "10", "anything") SAYS("2", "11", "21", "10", "any")
	                                      SAYS("3", "21", "31", "10", "login"),
	                              4, 0)
	                         .profile,
	                 "");
	/* Also by the server's, whatever its client said. */
	ck_assert_str_eq(script_judge(OPEN SAYS("1", "1", "11", "10", "any") SAYS("2", "11", "21", "10", "any") SAYS(
					      "3", "21", "31", "10", "any") "4 S>C PA 1:11(10) ack 31 says hello\n",
	                              4, 0)
	                         .profile,
	                 "words");
}
END_TEST

START_TEST(message_is_read_where_its_side_begins_to_speak)
{
	/* Behind what was not pushed it is a part of that, unless the other side spoke in between. */
	ck_assert_str_eq(
		script_judge(OPEN "1 C>S A 1:11(10) ack 1 says any\n1.01 C>S PA 11:21(10) ack 1 says login\n", 2, 0)
			.profile,
		"");
	ck_assert_str_eq(script_judge(OPEN "1 C>S A 1:11(10) ack 1 says any\n1.01 S>C PA 1:11(10) ack 11 says any\n"
	                                   "1.02 C>S PA 11:21(10) ack 11 says login\n",
	                              2, 0)
	                         .profile,
	                 "words");
	/* What comes late, or was seen in part, is not where anything begins. */
	ck_assert_str_eq(
		script_judge(OPEN "1 C>S PA 11:21(10) ack 1 says any\n1.01 C>S PA 1:11(10) ack 1 says login\n", 2, 0)
			.profile,
		"");
	ck_assert_str_eq(
		script_judge(OPEN "1 C>S PA 1:11(10) ack 1 says any\n1.4 C>S PA 1:21(20) ack 1 says login\n", 2, 0)
			.profile,
		"");
}
END_TEST

START_TEST(what_is_owed_first_is_what_waits)
{
	struct script_flow flow = called(LOGIN "3 C>S PA 41:51(10) ack 1 says ping\n3.0002 S>C A 1:1(0) ack 51\n"
	                                       "4 C>S PA 51:91(40) ack 1 says login\n4.0002 S>C A 1:1(0) ack 91\n",
	                                 8, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.onset, script_at(1));
	/* An answer that the capture missed is one: the client ACKs bytes of the server that were not seen. */
	not_called(LOGIN "1.5 C>S A 41:41(0) ack 31\n", 8, "auth-unanswered");
	/* A ping that waits from the very first. */
	called(ANSWERED("accept")
	               PING("5", "41", "51") "6 S>C PA 21:31(10) ack 51 says pong\n6.0002 C>S A 51:51(0) ack 31\n"
	                                     "10 C>S PA 51:61(10) ack 31 says ping\n10.0002 S>C A 31:31(0) ack 61\n"
	                                     "17 C>S FA 61:61(0) ack 31\n17.0002 S>C A 31:31(0) ack 62\n",
	       25, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(rejection_tells_of_the_attempt_and_how_long_it_took)
{
	/* Two steps make one attempt. */
	struct script_flow flow = called(
		ANSWERED("challenge") "2 C>S PA 41:81(40) ack 21 says login\n2.0002 S>C A 21:21(0) ack 81\n"
				      "3 S>C PA 21:41(20) ack 81 says reject\n3.0002 C>S A 81:81(0) ack 41\n",
		4, "auth-rejected", FL_WARNING, FL_SIDE_CLIENT);
	const struct script_finding *finding = script_find(&flow, "auth-rejected");

	ck_assert_int_eq(script_figure(finding, "login", 0), 4);
	ck_assert_int_eq(script_figure(finding, "took", 0), 2 * FL_NS_PER_S);
	ck_assert_int_eq(script_figure(finding, "rejections", 0), 1);
	/* A second login is a second one; a yes to something else is none to a login. */
	flow = called(ANSWERED("reject") "2 C>S PA 41:81(40) ack 21 says login\n2.0002 S>C A 21:21(0) ack 81\n"
	                                 "3 S>C PA 21:41(20) ack 81 says reject\n3.0002 C>S A 81:81(0) ack 41\n"
	                                 "4 C>S PA 81:91(10) ack 41 says ping\n4.0002 S>C A 41:41(0) ack 91\n"
	                                 "4.1 S>C PA 41:51(10) ack 91 says accept\n4.1002 C>S A 91:91(0) ack 51\n",
	              5, "auth-rejected", FL_WARNING, FL_SIDE_CLIENT);
	finding = script_find(&flow, "auth-rejected");
	ck_assert_int_eq(script_figure(finding, "login", 0), 4);
	ck_assert_int_eq(script_figure(finding, "rejections", 0), 2);
	/* The client says no: it is the server that is refused. */
	called(OPEN SAYS("1", "1", "11", "10", "ping") SAYS("2", "11", "21", "10", "sorry"), 5, "auth-rejected",
	       FL_WARNING, FL_SIDE_SERVER);
	/* Nobody had logged in. */
	flow = called(OPEN SAYS("1", "1", "11", "10", "ping") "1.1 S>C PA 1:21(20) ack 11 says reject\n"
	                                                      "1.1002 C>S A 11:11(0) ack 21\n",
	              5, "auth-rejected", FL_WARNING, FL_SIDE_CLIENT);
	ck_assert_ptr_nonnull(strstr(flow.summary, "refused the client in its protocol"));
	/* A goodbye right behind the login is a no in other words; later it is a goodbye. */
	called(ANSWERED("goodbye"), 5, "auth-rejected", FL_WARNING, FL_SIDE_CLIENT);
	not_called(ANSWERED("accept") "2 S>C PA 21:31(10) ack 41 says goodbye\n2.0002 C>S A 41:41(0) ack 31\n", 5,
	           "auth-rejected");
}
END_TEST

START_TEST(ping_that_is_not_repeated_may_wait_for_the_next)
{
	/* It pings every 20 s; the fourth has had no answer for 25 s, then for 31 s. */
#define PINGED(AT, FROM, TO, BACK, END) \
	AT " C>S PA " FROM ":" TO "(10) ack " BACK " says ping\n+0.01 S>C PA " BACK ":" END "(10) ack " TO \
	   " says pong\n" \
	   "+0.0002 C>S A " TO ":" TO "(0) ack " END "\n"
	static const char text[] = ANSWERED("accept") PINGED("21", "41", "51", "21", "31")
		PINGED("41", "51", "61", "31", "41")
			PINGED("61", "61", "71", "41",
	                       "51") "81 C>S PA 71:81(10) ack 51 says ping\n81.0002 S>C A 51:51(0) ack 81\n";

	ck_assert_int_lt(script_judge(text, 106, 0).severity, FL_WARNING);
	called(text, 112, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	/* It asks again, or leaves, and has lost patience by itself. */
	called(ANSWERED("accept") PINGED("21", "41", "51", "21", "31")
	               PINGED("41", "51", "61", "31",
	                      "41") "61 C>S PA 61:71(10) ack 41 says ping\n61.0002 S>C A 41:41(0) ack 71\n"
	                            "70 C>S FA 71:71(0) ack 41\n70.0002 S>C A 41:41(0) ack 72\n",
	       80, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	/* The first one, 20 s behind the login's answer; and the second. */
	ck_assert_int_lt(script_judge(ANSWERED("accept") PING("21", "41", "51"), 50, 0).severity, FL_WARNING);
	called(ANSWERED("accept") PING("21", "41", "51"), 52, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	called(ANSWERED("accept") PING("21", "41", "51") PING("41", "51", "61"), 47, "app-silent", FL_CRITICAL,
	       FL_SIDE_SERVER);
	/* What its protocol says about it counts. */
	ck_assert_int_lt(script_judge(LOGIN, 5.9, 0).severity, FL_WARNING);
}
END_TEST

START_TEST(beats_are_those_of_one_period)
{
	/* Gaps of 2 s, and the last by a quarter longer, or a little more. */
#define BEATS_AND(LAST) \
	ANSWERED("accept") \
	BOTH_BEAT("3", "41", "51", "21", "31") \
	BOTH_BEAT("5", "51", "61", "31", "41") \
	BOTH_BEAT("7", "61", "71", "41", "51") \
	BOTH_BEAT("9", "71", "81", "51", "61") \
	BOTH_BEAT(LAST, "81", "91", "61", "71")

	called(BEATS_AND("11.5"), 21, "heartbeat-stopped", FL_CRITICAL, FL_SIDE_CLIENT);
	not_called(BEATS_AND("11.51"), 21, "heartbeat-stopped");
	not_called(BEATS_AND("10.49"), 21, "heartbeat-stopped");
	called(BEATS_AND("10.5"), 21, "heartbeat-stopped", FL_CRITICAL, FL_SIDE_CLIENT);
}
END_TEST

START_TEST(goodbye_behind_an_open_question_leaves_that_open)
{
	static const char asks[] = ANSWERED("accept") PINGED("21", "41", "51", "21", "31") PINGED(
		"41", "51", "61", "31", "41") "61 C>S PA 61:71(10) ack 41 says ping\n61.0002 S>C A 41:41(0) ack 71\n";
	char text[4096];

	strcat(strcpy(text, asks), "70 C>S PA 71:81(10) ack 41 says goodbye\n70.0002 S>C A 41:41(0) ack 81\n"
	                           "70.1 C>S FA 81:81(0) ack 41\n70.1002 S>C A 41:41(0) ack 82\n");
	called(text, 80, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	/* A goodbye alone is nothing that waits, and what is none is. */
	not_called(ANSWERED("accept") PINGED("21", "41", "51", "21", "31")
	                   PINGED("41", "51", "61", "31",
	                          "41") "61 C>S PA 61:71(10) ack 41 says goodbye\n61.0002 S>C A 41:41(0) ack 71\n"
	                                "90 C>S FA 71:71(0) ack 41\n90.0002 S>C A 41:41(0) ack 72\n",
	           100, "app-silent");
	called(ANSWERED("accept") PINGED("21", "41", "51", "21", "31")
	               PINGED("41", "51", "61", "31",
	                      "41") "61 C>S PA 61:71(10) ack 41 says any\n61.0002 S>C A 41:41(0) ack 71\n"
	                            "90 C>S FA 71:71(0) ack 41\n90.0002 S>C A 41:41(0) ack 72\n",
	       100, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

/* On S1's port the server speaks first. */
#define CONNECTED "0 C>S1 S 0:0(0)\n0.0002 S1>C SA 0:0(0) ack 1\n0.0004 C>S1 A 1:1(0) ack 1\n"

START_TEST(server_that_is_to_speak_first_and_does_not_is_told)
{
	/* "says" makes the script be read with profiles; by another connection. */
#define OTHER \
	"0.1 C2>S S 0:0(0)\n0.1002 S>C2 SA 0:0(0) ack 1\n0.1004 C2>S A 1:1(0) ack 1\n" \
	"0.2 C2>S PA 1:11(10) ack 1 says any\n0.2002 S>C2 A 1:1(0) ack 11\n"
	struct script_flow flow = called(CONNECTED OTHER, 6, "auth-unanswered", FL_NOTICE, FL_SIDE_SERVER);

	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	not_called(CONNECTED OTHER, 5, "auth-unanswered");
	flow = called(CONNECTED OTHER "9 C>S1 FA 1:1(0) ack 1\n9.0002 S1>C A 1:1(0) ack 2\n", 10, "auth-unanswered",
	              FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(9));
	flow = called(CONNECTED OTHER "9 C>S1 RA 1:1(0) ack 1\n", 10, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(9));
	/* It was greeted; it is a health check, and gone before it could be; the server closes. */
	not_called(CONNECTED OTHER "0.3 S1>C PA 1:31(30) ack 1 says any\n0.3002 C>S1 A 1:1(0) ack 31\n", 10,
	           "auth-unanswered");
	not_called(CONNECTED OTHER "4 C>S1 FA 1:1(0) ack 1\n4.0002 S1>C A 1:1(0) ack 2\n", 20, "auth-unanswered");
	not_called(CONNECTED OTHER "9 S1>C FA 1:1(0) ack 1\n9.0002 C>S1 FA 1:1(0) ack 2\n9.0004 S1>C A 2:2(0) ack 2\n",
	           20, "auth-unanswered");
	not_called(CONNECTED OTHER "9 S1>C RA 1:1(0) ack 1\n", 20, "auth-unanswered");
	/* Another was greeted: so is this one to be. Another's client began: it is something else that listens there.
	 */
	flow = called(CONNECTED OTHER "0.3 C3>S1 S 0:0(0)\n0.3002 S1>C3 SA 0:0(0) ack 1\n0.3004 C3>S1 A 1:1(0) ack 1\n"
	                              "0.4 S1>C3 PA 1:31(30) ack 1 says any\n0.4002 C3>S1 A 1:1(0) ack 31\n",
	              6, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	called(CONNECTED OTHER "0.3 C3>S1 S 0:0(0)\n0.3002 S1>C3 SA 0:0(0) ack 1\n0.3004 C3>S1 A 1:1(0) ack 1\n"
	                       "0.4 C3>S1 PA 1:31(30) ack 1 says any\n0.4002 S1>C3 A 1:1(0) ack 31\n"
	                       "9 C>S1 FA 1:1(0) ack 1\n9.0002 S1>C A 1:1(0) ack 2\n9.001 S1>C FA 1:1(0) ack 2\n"
	                       "9.0012 C>S1 A 2:2(0) ack 2\n",
	       20, "closed", FL_OK, FL_SIDE_NONE);
	/* On a port of nobody's the client may well be the first. */
	not_called("0 C>S2 S 0:0(0)\n0.0002 S2>C SA 0:0(0) ack 1\n0.0004 C>S2 A 1:1(0) ack 1\n" OTHER, 6,
	           "auth-unanswered");
}
END_TEST

/* A question of 20 bytes at `AT`, answered by as many 10 ms later. */
#define ASKED(AT, FROM, TO, BACK, END) \
	AT " C>S PA " FROM ":" TO "(20) ack " BACK " says any\n+0.01 S>C PA " BACK ":" END "(20) ack " TO \
	   " says any\n" \
	   "+0.0002 C>S A " TO ":" TO "(0) ack " END "\n"
#define TELLS(AT, FROM, TO, LENGTH, BACK, WORD) \
	AT " C>S PA " FROM ":" TO "(" LENGTH ") ack " BACK " says " WORD "\n+0.0002 S>C A " BACK ":" BACK \
	   "(0) ack " TO "\n"
#define THREE_ASKED \
	ANSWERED("accept") \
	ASKED("2", "41", "61", "21", "41") ASKED("3", "61", "81", "41", "61") ASKED("4", "81", "101", "61", "81")

START_TEST(ping_waits_since_it_was_sent_whatever_else_needs_no_answer)
{
	/* What is published needs none; then a ping of this moment. */
	static const char text[] = THREE_ASKED TELLS("20", "101", "131", "30", "81", "any")
		TELLS("45", "131", "171", "40", "81", "any") TELLS("80", "171", "191", "20", "81", "any")
			TELLS("100", "191", "201", "10", "81", "ping");
	struct script_flow flow;

	ck_assert_int_lt(script_judge(text, 100.1, 0).severity, FL_WARNING);
	ck_assert_int_lt(script_judge(text, 129, 0).severity,
	                 FL_WARNING); /* half as long again as it had been silent */
	flow = called(text, 131, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.onset, script_at(100));
	ck_assert_ptr_nonnull(strstr(flow.summary, "1 ping of the client was ACKed and got no answer for 31.0 s"));
}
END_TEST

START_TEST(ping_behind_a_request_waits_for_its_answer_where_they_come_in_order)
{
	static const char open[] = "0 C>S2 S 0:0(0)\n0.0002 S2>C SA 0:0(0) ack 1\n0.0004 C>S2 A 1:1(0) ack 1\n"
				   "1 C>S2 PA 1:41(40) ack 1 says open\n1.01 S2>C PA 1:21(20) ack 41 says any\n1.0102 "
				   "C>S2 A 41:41(0) ack 21\n"
				   "2 C>S2 PA 41:61(20) ack 21 says any\n2.01 S2>C PA 21:41(20) ack 61 says "
				   "any\n2.0102 C>S2 A 61:61(0) ack 41\n";
	char text[2048];

	strcat(strcpy(text, open), "3 C>S2 PA 61:91(30) ack 41 says any\n3.0002 S2>C A 41:41(0) ack 91\n"
	                           "3.1 C>S2 PA 91:101(10) ack 41 says sync\n3.1002 S2>C A 41:41(0) ack 101\n");
	ck_assert_int_lt(script_judge(text, 12, 0).severity, FL_CRITICAL);
	strcat(strcpy(text, open), "3.1 C>S2 PA 61:71(10) ack 41 says sync\n3.1002 S2>C A 41:41(0) ack 71\n");
	called(text, 12, "app-silent", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(who_is_in_logs_in_no_more)
{
	ck_assert_int_lt(script_judge(ANSWERED("accept") TELLS("2", "41", "61", "20", "21", "login"), 12, 0).severity,
	                 FL_CRITICAL);
	/* The answer was none that is known, and the client went on. */
	ck_assert_int_lt(script_judge(ANSWERED("anything") ASKED("2", "41", "61", "21", "41")
	                                      TELLS("3", "61", "81", "20", "41", "login"),
	                              12, 0)
	                         .severity,
	                 FL_CRITICAL);
	ck_assert_int_lt(script_judge(ANSWERED("anything") TELLS("2", "41", "61", "20", "21", "any")
	                                      TELLS("3", "61", "81", "20", "21", "login"),
	                              12, 0)
	                         .severity,
	                 FL_CRITICAL);
	ck_assert_int_lt(script_judge(ANSWERED("anything") TELLS("2", "41", "61", "20", "21", "beat")
	                                      TELLS("3", "61", "81", "20", "21", "login"),
	                              12, 0)
	                         .severity,
	                 FL_CRITICAL);
	called(ANSWERED("anything") TELLS("3", "41", "61", "20", "21", "login"), 12, "auth-unanswered", FL_CRITICAL,
	       FL_SIDE_SERVER);
}
END_TEST

START_TEST(no_to_one_of_many_is_no_verdict)
{
	struct script_flow flow = called(ANSWERED("reject") ASKED("2", "41", "61", "21", "41")
	                                         ASKED("3", "61", "81", "41", "61"),
	                                 5, "alive", FL_OK, FL_SIDE_NONE);

	ck_assert_ptr_nonnull(script_find(&flow, "auth-rejected"));
	called(ANSWERED("reject") ASKED("2", "41", "61", "21", "41"), 5, "auth-rejected", FL_WARNING, FL_SIDE_CLIENT);
	/* Who is in, and is told no, has asked for something else. */
	called(THREE_ASKED "5 S>C PA 81:101(20) ack 101 says reject\n5.0002 C>S A 101:101(0) ack 101\n", 6, "alive",
	       FL_OK, FL_SIDE_NONE);
}
END_TEST

START_TEST(what_answers_a_login_is_the_first_word_of_the_other_side)
{
	struct script_flow flow;

	/* What the client said meanwhile is none. */
	called(OPEN SAYS("1", "1", "41", "40", "login") SAYS("2", "41", "51", "10", "ping")
	               SAYS("3", "51", "61", "10",
	                    "ping") "3.5 S>C PA 1:21(20) ack 61 says reject\n3.5002 C>S A 61:61(0) ack 21\n",
	       5, "auth-rejected", FL_WARNING, FL_SIDE_CLIENT);
	/* Nor what comes behind it. */
	flow = called(ANSWERED("reject") "2 C>S PA 41:81(40) ack 21 says login\n2.0002 S>C A 21:21(0) ack 81\n"
	                                 "2.01 S>C PA 21:41(20) ack 81 says any\n2.0102 C>S A 81:81(0) ack 41\n"
	                                 "2.5 S>C PA 41:61(20) ack 81 says any\n2.5002 C>S A 81:81(0) ack 61\n" ASKED(
						 "3", "81", "101", "61", "81"),
	              5, "alive", FL_OK, FL_SIDE_NONE);
	ck_assert_int_eq(script_find(&flow, "auth-rejected")->recovered, script_at(2.01));
	/* A goodbye in answer to a request does not serve who was rejected. */
	called(ANSWERED("reject")
	               ASKED("2", "41", "61", "21", "41") "3 C>S PA 61:81(20) ack 41 says any\n3.01 S>C PA 41:61(20) "
	                                                  "ack 81 says goodbye\n3.0102 C>S A 81:81(0) ack 61\n",
	       5, "auth-rejected", FL_WARNING, FL_SIDE_CLIENT);
}
END_TEST

START_TEST(beats_of_two_timers_answer_nothing_late)
{
	/* The server's comes 10 s behind the client's. */
#define APART(AT, FROM, TO, BACK, END) \
	TELLS(AT, FROM, TO, "10", BACK, "beat") \
	"+9.9998 S>C PA " BACK ":" END "(10) ack " TO " says beat\n+0.0002 C>S A " TO ":" TO "(0) ack " END "\n"
	static const char text[] = ANSWERED("accept") APART("30", "41", "51", "21", "31")
		APART("60", "51", "61", "31", "41") APART("90", "61", "71", "41", "51")
			APART("120", "71", "81", "51", "61") APART("150", "81", "91", "61", "71");

	called(text, 165, "alive", FL_OK, FL_SIDE_NONE);
	called(text, 159, "alive", FL_OK, FL_SIDE_NONE);
}
END_TEST

START_TEST(who_has_said_goodbye_owes_no_beat_and_asks_nothing)
{
	not_called(SIX_BEATS "15 C>S PA 101:111(10) ack 81 says goodbye\n15.0002 S>C A 81:81(0) ack 111\n"
	                     "15.1 S>C PA 81:91(10) ack 111 says goodbye\n15.1002 C>S A 111:111(0) ack 91\n",
	           60, "heartbeat-stopped");
	/* Nobody waits for the answer to a beat. */
	called(THREE_ASKED TELLS("20", "101", "121", "20", "81", "beat") "26.5 S>C FA 81:81(0) ack 121\n"
	                                                                 "26.5002 C>S FA 121:121(0) ack 82\n"
	                                                                 "26.5004 S>C A 82:82(0) ack 122\n",
	       40, "closed", FL_OK, FL_SIDE_NONE);
	/* A goodbye that is met by an RST is no request that was cut off; a request is. */
	called(THREE_ASKED TELLS("20", "101", "111", "10", "81", "goodbye") "20.001 S>C RA 81:81(0) ack 111 win 0\n",
	       40, "closed", FL_OK, FL_SIDE_NONE);
	ck_assert_int_ge(script_judge(THREE_ASKED TELLS("20", "101", "121", "20", "81",
	                                                "any") "20.001 S>C RA 81:81(0) ack 121 win 0\n",
	                              40, 0)
	                         .severity,
	                 FL_NOTICE);
	/* Three messages that need no answer, then a goodbye; the server closes. */
	called(THREE_ASKED TELLS("20", "101", "121", "20", "81", "any") TELLS("23", "121", "141", "20", "81", "any")
	               TELLS("26", "141", "151", "10", "81", "goodbye") "26.5 S>C FA 81:81(0) ack 151\n"
	                                                                "26.5002 C>S FA 151:151(0) ack 82\n"
	                                                                "26.5004 S>C A 82:82(0) ack 152\n",
	       40, "closed", FL_OK, FL_SIDE_NONE);
}
END_TEST

START_TEST(ping_that_crosses_the_close_is_nobodys_fault)
{
	static const char close[] =
		" S>C FA 81:81(0) ack 101\n+0.01 C>S FA 111:111(0) ack 82\n+0.0002 S>C A 82:82(0) ack 112\n";
	char text[2048];

	strcat(strcpy(text, THREE_ASKED "60 C>S PA 101:111(10) ack 81 says ping\n60.004"), close);
	called(text, 70, "closed", FL_OK, FL_SIDE_NONE);
	strcat(strcpy(text, THREE_ASKED "60 C>S PA 101:111(10) ack 81 says ping\n60.0002 S>C A 81:81(0) ack 111\n61"),
	       close);
	called(text, 70, "closed-mid-request", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(nothing_is_read_where_nobody_knows_who_asks)
{
	/* Joined in the middle, both ports ephemeral: C and C5 are clients' sockets. */
	ck_assert_str_eq(
		script_judge("0 C>D PA 1:41(40) ack 1 says login\n0.0002 D>C A 1:1(0) ack 41\n", 12, 0).profile, "");
	ck_assert_str_eq(
		script_judge("0 C>S PA 1:41(40) ack 1 says login\n0.0002 S>C A 1:1(0) ack 41\n", 12, 0).profile,
		"words");
}
END_TEST

UNIT_MAIN("session", ping_waits_since_it_was_sent_whatever_else_needs_no_answer,
          ping_behind_a_request_waits_for_its_answer_where_they_come_in_order, who_is_in_logs_in_no_more,
          no_to_one_of_many_is_no_verdict, what_answers_a_login_is_the_first_word_of_the_other_side,
          beats_of_two_timers_answer_nothing_late, who_has_said_goodbye_owes_no_beat_and_asks_nothing,
          ping_that_crosses_the_close_is_nobodys_fault, nothing_is_read_where_nobody_knows_who_asks,
          server_that_is_to_speak_first_and_does_not_is_told, protocol_is_told_by_the_first_two_messages_of_a_side,
          message_is_read_where_its_side_begins_to_speak, what_is_owed_first_is_what_waits,
          rejection_tells_of_the_attempt_and_how_long_it_took, ping_that_is_not_repeated_may_wait_for_the_next,
          beats_are_those_of_one_period, goodbye_behind_an_open_question_leaves_that_open,
          login_that_a_known_protocol_owes_an_answer_is_critical_when_it_is_overdue,
          login_behind_a_greeting_or_a_challenge_is_owed_an_answer_too, client_that_leaves_without_its_answer_notices,
          login_that_is_rejected_is_a_warning_about_the_client, login_that_is_accepted_at_the_second_try_is_well,
          pings_that_nobody_answers_are_owed_by_the_protocol, beats_that_a_protocol_leaves_unanswered_miss_no_answer,
          side_that_owes_its_beat_and_stops_is_critical, close_over_a_login_or_a_ping_is_a_close_over_what_is_owed,
          words_on_another_port_tell_no_protocol_that_is_told_on_its_ports_alone)
