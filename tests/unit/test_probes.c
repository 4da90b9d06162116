/* Keepalives and the probes of a closed window, from the wire to the settings and the words: what was set is never left
 * out of a range, and a value is single only where the wire decides. The measured ones are those of KERNEL section 3.
 */
#include <stdio.h>

#include "judge/knobs.h"
#include "verdicts.h"

#define ANY FL_KNOB_OPEN

/* Behind SESSION, whose server said its last word at 2.01 s: a keepalive of the client, its answer, and its RST. */
#define ASK(AT) AT " C>S A 100:100(0) ack 161\n"
#define ANSWER(AT) AT " S>C A 161:161(0) ack 101\n"
#define ANSWERED(AT) ASK(AT) ANSWER("+0.0002")
#define GIVE_UP(AT) AT " C>S RA 101:101(0) ack 161\n"
/* The same of a connection that was open when the capture began. */
#define JOINED "1 C>S PA 51:101(50) ack 81\n1.0002 S>C PA 81:161(80) ack 101\n1.001 C>S A 101:101(0) ack 161\n"

static struct script_flow flow;

static void judge(const char *text, double until)
{
	flow = script_judge(text, until, 0);
	ck_assert_uint_le(flow.timers.n_knobs, FL_KNOBS);
}

static const struct fl_knob *knob_of(const char *name)
{
	for (size_t i = 0; i < flow.timers.n_knobs; i++) {
		if (strcmp(flow.timers.knobs[i].name, name) == 0)
			return &flow.timers.knobs[i];
	}
	return NULL;
}

static void is_knob(const char *name, int64_t at_least, int64_t at_most)
{
	const struct fl_knob *knob = knob_of(name);

	ck_assert_msg(knob != NULL, "nothing said of %s: %s", name, flow.keepalive_says);
	ck_assert_msg(knob->at_least == at_least && knob->at_most == at_most, "%s is %lld to %lld, not %lld to %lld",
	              name, (long long)knob->at_least, (long long)knob->at_most, (long long)at_least,
	              (long long)at_most);
}

static void is_not_named(const char *name)
{
	ck_assert_msg(knob_of(name) == NULL, "%s is named", name);
}

static void says_not(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is in \"%s\"", part, text);
}

/* Keepalives. */

START_TEST(measured_keepalives_without_an_answer_tell_all_three)
{
	judge(SESSION ASK("5.103") ASK("+1.024") ASK("+1.024") GIVE_UP("+1.024"), 0); /* d1: 3, 1, 3 */
	ck_assert_str_eq(flow.verdict, "keepalive-unanswered");
	is_knob("tcp_keepalive_time", 3, 3);
	is_knob("tcp_keepalive_intvl", 1, 1);
	is_knob("tcp_keepalive_probes", 3, 3);
	is_knob("TCP_USER_TIMEOUT", 5091, 6215);
	ck_assert_uint_eq(flow.timers.n_knobs, 4);
	ck_assert_str_eq(
		flow.keepalive_says,
		"The client's kernel sends keepalives after 3.1 s of silence, then every 1.0 s while no answer "
		"comes, and gave up with its RST 1.0 s after the last: tcp_keepalive_time (TCP_KEEPIDLE) is 3 "
		"s, tcp_keepalive_intvl (TCP_KEEPINTVL) is 1 s, tcp_keepalive_probes (TCP_KEEPCNT) is 3, or "
		"TCP_USER_TIMEOUT is 5.1 s to 6.2 s. That beats idle timers of 240 s (Azure), 350 s (AWS), "
		"600 s (Google Cloud) and 900 s (IPVS).");
	ck_assert_str_eq(flow.kernel_says, "");
	/* c4: 10 s, 1 s, and TCP_USER_TIMEOUT = 3000, which ended it after one */
	judge(SESSION ASK("12.24") GIVE_UP("+1.024"), 0);
	is_knob("tcp_keepalive_time", 10, 10);
	is_knob("tcp_keepalive_intvl", 1, 1);
	is_knob("tcp_keepalive_probes", 1, 1);
	is_knob("TCP_USER_TIMEOUT", ANY, 11304);
}
END_TEST

START_TEST(times_are_whole_seconds_that_fired_late)
{
	/* 18.1 s is the shortest timer that fires as late as 20.45 s. */
	judge(SESSION ASK("22.46") ASK("+7.99") ASK("+8.2"), 40);
	is_knob("tcp_keepalive_time", 19, 20);
	is_knob("tcp_keepalive_intvl", 8, 8);
	judge(SESSION ASK("22.46") ASK("+7.94") ASK("+8.2"), 40);
	is_not_named("tcp_keepalive_intvl"); /* 8 would have been 60 ms early, and 7 too late */
}
END_TEST

START_TEST(keepalives_that_go_on_have_no_upper_bounds_of_their_end)
{
	judge(SESSION ASK("5.103") ASK("+1.024") ASK("+1.024"), 7.5);
	is_knob("tcp_keepalive_time", 3, 3);
	is_knob("tcp_keepalive_intvl", 1, 1);
	is_knob("tcp_keepalive_probes", 3, ANY);
	is_knob("TCP_USER_TIMEOUT", 5091, ANY);
	says_not(flow.keepalive_says, "gave up");
	/* An RST that does not come when the timer's would is somebody else's doing. */
	judge(SESSION ASK("5.103") ASK("+1.024") ASK("+1.024") GIVE_UP("+1.21"), 0);
	is_knob("tcp_keepalive_probes", 3, ANY);
	judge(SESSION ASK("5.103") ASK("+1.024") ASK("+1.024") GIVE_UP("+1.2"), 0);
	is_knob("tcp_keepalive_probes", 3, 3);
	judge(SESSION ASK("5.103") ASK("+1.024") ASK("+1.024") GIVE_UP("+0.861"), 0);
	is_knob("tcp_keepalive_probes", 3, 3);
	judge(SESSION ASK("5.103") ASK("+1.024") ASK("+1.024") GIVE_UP("+0.85"), 0);
	is_knob("tcp_keepalive_probes", 3, ANY);
	judge(SESSION ASK("5.103") GIVE_UP("+0.9"), 0); /* no interval is below a second */
	is_knob("tcp_keepalive_probes", 1, ANY);
	is_not_named("tcp_keepalive_intvl");
	is_not_named("TCP_USER_TIMEOUT");
}
END_TEST

START_TEST(answered_keepalives_come_after_the_longer_of_time_and_interval)
{
	judge(SESSION ANSWERED("7.13") ANSWERED("+5.12") ANSWERED("+5.12"), 0); /* 5, and 5 at most */
	is_knob("tcp_keepalive_time", 5, 5);
	is_knob("tcp_keepalive_intvl", ANY, 5);
	is_not_named("tcp_keepalive_probes");
	is_not_named("TCP_USER_TIMEOUT");
	says(flow.keepalive_says, "The client's kernel sends keepalives after 5.1 s of silence; all 3 so far were "
	                          "answered: tcp_keepalive_time (TCP_KEEPIDLE) is 5 s, ");
	/* The first after 60 s, and then each interval of 75 s, which is the default: the time is not that. */
	judge(SESSION ANSWERED("62.4") ANSWERED("+75.3") ANSWERED("+75.3"), 0);
	is_knob("tcp_keepalive_time", 54, 60);
	is_knob("tcp_keepalive_intvl", 67, 75);
	says(flow.keepalive_says, "after 1m00s to 1m15s of silence");
	judge(SESSION ANSWERED("4.03") ANSWERED("+5.056") ANSWERED("+5.12"), 0); /* 2 and 5, of the goldens */
	is_knob("tcp_keepalive_time", 2, 2);
	is_knob("tcp_keepalive_intvl", 5, 5);
	/* Of those that came later for different reasons nothing is known. */
	judge(SESSION ANSWERED("4.03") ANSWERED("+5.056") ANSWERED("+7.12"), 0);
	is_knob("tcp_keepalive_time", 2, 2);
	is_knob("tcp_keepalive_intvl", ANY, 5);
}
END_TEST

START_TEST(keepalive_that_was_lost_among_answered_ones_tells_the_interval)
{
	judge(SESSION ANSWERED("5.1") ASK("+3.1") ANSWERED("+1.02") ANSWERED("+3.1"), 0);
	is_knob("tcp_keepalive_time", 3, 3);
	is_knob("tcp_keepalive_intvl", 1, 1);
	is_not_named("tcp_keepalive_probes");
}
END_TEST

START_TEST(answers_that_the_prober_never_got_are_no_period)
{
	/* Captured at the peer, whose ACKs are lost: 60, 5, and each is answered as far as this capture knows. */
	judge(SESSION ANSWERED("62.6") ANSWERED("+5.1") ANSWERED("+5.1") GIVE_UP("+5.1"), 0);
	is_knob("tcp_keepalive_time", ANY, 60);
	is_knob("tcp_keepalive_intvl", ANY, 5);
}
END_TEST

START_TEST(first_keepalive_of_a_capture_may_be_an_intervals)
{
	/* As d2: what was sent before the capture may have left its interval running. */
	judge(JOINED ANSWERED("3.013") ANSWERED("+2.016") ANSWERED("+2.016"), 0);
	is_knob("tcp_keepalive_time", ANY, 2);
	is_knob("tcp_keepalive_intvl", ANY, 2);
	/* An interval of 1 s had been over long before. */
	judge(JOINED ASK("3.013") ASK("+1.02") ASK("+1.02"), 6);
	is_knob("tcp_keepalive_time", 2, 2);
	judge(JOINED ASK("2.1") ASK("+1.02") ASK("+1.02"), 6);
	is_knob("tcp_keepalive_time", ANY, 1);
	judge(JOINED ASK("3.013") GIVE_UP("+1.02"), 0);
	is_knob("tcp_keepalive_time", 2, 2);
	judge(JOINED ASK("3.013"), 0); /* one alone tells no interval */
	is_knob("tcp_keepalive_time", ANY, 2);
	is_not_named("tcp_keepalive_intvl");
	/* And one that is the capture's first packet of its side tells nothing. */
	judge("1 C>S A 100:100(0) ack 161\n1.0002 S>C A 161:161(0) ack 101\n", 0);
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
	ck_assert_str_eq(flow.keepalive_says, "");
}
END_TEST

START_TEST(what_comes_within_a_second_is_no_keepalives_timer)
{
	judge(SESSION ANSWERED("2.959"), 0);
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
	ck_assert_str_eq(flow.keepalive_says, "");
	judge(SESSION ANSWERED("2.96"), 0); /* 50 ms early, as of a path that is longer now than then */
	is_knob("tcp_keepalive_time", 1, 1);
	/* Beside one that is a timer's it changes nothing. */
	judge(SESSION ANSWERED("5.103") ANSWERED("+0.2") ANSWERED("+3.05"), 0);
	is_knob("tcp_keepalive_time", 3, 3);
	is_knob("tcp_keepalive_intvl", ANY, 3);
}
END_TEST

START_TEST(keepalive_that_an_rst_answers_was_not_in_vain)
{
	judge(SESSION ASK("5.103") "+0.0002 S>C R 161:161(0) win 0\n", 0); /* d3 */
	is_knob("tcp_keepalive_time", 3, 3);
	is_not_named("tcp_keepalive_probes");
	is_not_named("TCP_USER_TIMEOUT");
}
END_TEST

START_TEST(both_sides_may_ask_and_neither_counts_as_a_word_of_the_other)
{
	/* Linux takes the peer's keepalive for no sign of life: each asks 15 s after the other's answer. */
	judge(SESSION ASK("17.2")
	              ANSWER("+0.0002") "19 S>C A 160:160(0) ack 101\n19.0002 C>S A 101:101(0) ack 161\n" ASK("32.4")
	                      ANSWER("+0.0002") "34.2 S>C A 160:160(0) ack 101\n34.2002 C>S A 101:101(0) ack 161\n",
	      0);
	is_knob("tcp_keepalive_time", 14, 15);
	/* When the client had last said anything before its own first one is not kept. */
	says(flow.keepalive_says, "The client's kernel sends keepalives after 15.2 s of silence; all 2 so far");
	says(flow.keepalive_says, "The server's kernel sends keepalives after 15.2 s of silence; all 2 so far");
}
END_TEST

/* The audit. */

static void audited(const char *second, const char *expected)
{
	char text[2048];

	snprintf(text, sizeof(text), "%s%s S>C A 160:160(0) ack 101\n+0.0002 C>S A 101:101(0) ack 161\n", SESSION,
	         second);
	judge(text, 0);
	says(flow.keepalive_says, "The server's kernel");
	says(flow.keepalive_says, expected);
}

START_TEST(keepalives_are_measured_by_the_idle_timers_on_the_way)
{
	audited("242", " That beats idle timers of 240 s (Azure), 350 s (AWS), 600 s (Google Cloud) and 900 s (IPVS).");
	audited("242.0102", " That beats idle timers of 350 s (AWS), 600 s (Google Cloud) and 900 s (IPVS), and is too "
	                    "seldom for 240 s (Azure).");
	audited("890", " That beats idle timers of 900 s (IPVS), and is too seldom for 240 s (Azure), 350 s (AWS) and "
	               "600 s (Google Cloud).");
	audited("7202", " That is too seldom for idle timers of 240 s (Azure), 350 s (AWS), 600 s (Google Cloud) and "
	                "900 s (IPVS).");
	judge(SESSION ANSWERED("7.13") ANSWERED("+5.12"), 80);
	says(flow.keepalive_says, " But none came in the last 1m08s of silence.");
	judge(SESSION ANSWERED("7.13") ANSWERED("+5.12"), 70);
	says_not(flow.keepalive_says, " But none");
}
END_TEST

START_TEST(silence_without_a_keepalive_is_told)
{
	judge(SESSION, 62.0102);
	ck_assert_str_eq(flow.verdict, "idle-unknown");
	ck_assert_str_eq(flow.keepalive_says,
	                 "No keepalive in 1m00s of silence: nothing would keep the connection from idle timers on the "
	                 "way, usually of 240 s (Azure), 350 s (AWS), 600 s (Google Cloud) and 900 s (IPVS).");
	judge(SESSION, 62);
	ck_assert_str_eq(flow.keepalive_says, "");
	judge(SESSION, 2462.1);
	ck_assert_str_eq(flow.keepalive_says,
	                 "No keepalive in 41m00s of silence: nothing kept the connection from idle timers of 240 s "
	                 "(Azure), 350 s (AWS), 600 s (Google Cloud) and 900 s (IPVS).");
	judge(SESSION, 300);
	says(flow.keepalive_says, "nothing kept the connection from idle timers of 240 s (Azure).");
	/* What is over, or under way, is no silence. */
	judge(SESSION "3 C>S FA 101:101(0) ack 161\n3.0002 S>C A 161:161(0) ack 102\n", 300);
	ck_assert_str_eq(flow.keepalive_says, "");
	judge(SESSION "3 C>S PA 101:151(50) ack 161\n", 300);
	ck_assert_str_eq(flow.keepalive_says, "");
}
END_TEST

START_TEST(silence_before_what_failed_is_told)
{
	judge(SESSION REPEATED("70") "+1.6 C>S PA 101:201(100) ack 161\n+3.2 C>S PA 101:201(100) ack 161\n", 90);
	ck_assert_str_eq(flow.verdict, "idle-dropped");
	ck_assert_str_eq(flow.keepalive_says,
	                 "No keepalive in 1m08s of silence: nothing told those on the way that the "
	                 "connection was still in use.");
	says(flow.kernel_says, "sent the oldest segment again");
	judge(SESSION REPEATED("302.1") "+1.6 C>S PA 101:201(100) ack 161\n+3.2 C>S PA 101:201(100) ack 161\n", 320);
	ck_assert_str_eq(flow.keepalive_says, "No keepalive in 5m00s of silence: nothing kept the connection from idle "
	                                      "timers of 240 s (Azure).");
}
END_TEST

/* The client asks at `AT`, and is answered: 151 and 241. */
#define ASKS_AGAIN(AT) \
	AT " C>S PA 101:151(50) ack 161\n+0.01 S>C PA 161:241(80) ack 151\n+0.0002 C>S A 151:151(0) ack 241\n"

START_TEST(silence_behind_which_both_went_on_tells_what_is_borne)
{
	static const char borne[] =
		"It was silent for 4m57s once, without a keepalive, and went on: nothing on the way "
		"forgets it so soon.";

	judge(SESSION ASKS_AGAIN("300"), 310);
	ck_assert_str_eq(flow.keepalive_says, borne);
	judge(SESSION ASKS_AGAIN("61.9"), 70);
	ck_assert_str_eq(flow.keepalive_says, "");
	/* Beside a shorter one that lasts. */
	judge(SESSION ASKS_AGAIN("300"), 400);
	says(flow.keepalive_says, "No keepalive in 1m40s of silence: ");
	says(flow.keepalive_says, borne);
	/* It did not go on; a side is not captured; a keepalive came in between. */
	judge(SESSION "300 C>S PA 101:151(50) ack 161\n", 310);
	says_not(flow.keepalive_says, "went on");
	judge(SESSION "302.1 C>S PA 101:151(50) ack 161\n302.1002 S>C R 161:161(0) win 0\n", 0);
	says_not(flow.keepalive_says, "went on");
	judge("0 C>S A 1:1(0) ack 1\n300 C>S A 1:1(0) ack 81\n", 310);
	says_not(flow.keepalive_says, "went on");
	judge(SESSION "200 C>S A 100:100(0) ack 161\n200.0002 S>C A 161:161(0) ack 101\n" ASKS_AGAIN("300"), 310);
	says_not(flow.keepalive_says, "went on");
}
END_TEST

START_TEST(silence_before_a_reset_is_told)
{
	judge(SESSION "302.1 C>S PA 101:151(50) ack 161\n302.1002 S>C R 161:161(0) win 0\n", 0);
	ck_assert_str_eq(flow.verdict, "peer-restarted");
	says(flow.keepalive_says, "No keepalive in 5m00s of silence: ");
	/* Repeats in vain are no silence. */
	judge(SESSION REPEATED("3") "80 S>C R 161:161(0) win 0\n", 0);
	ck_assert_str_eq(flow.keepalive_says, "");
}
END_TEST

START_TEST(repeats_that_last_are_told_before_keepalives)
{
	judge(SESSION ANSWERED("7.13") REPEATED("9"), 11);
	is_not_named("tcp_keepalive_time");
	is_knob("tcp_retries2", 2, ANY);
	says(flow.keepalive_says, "tcp_keepalive_time (TCP_KEEPIDLE) is 5 s");
	/* What is over is not. */
	judge(SESSION "3 C>S PA 101:151(50) ack 161\n3.3 C>S PA 101:151(50) ack 161\n3.3002 S>C A 161:161(0) ack 151\n"
	              "8.4 C>S A 150:150(0) ack 161\n+0.0002 S>C A 161:161(0) ack 151\n",
	      0);
	is_knob("tcp_keepalive_time", 5, 5);
	says(flow.kernel_says, "until it was ACKed");
}
END_TEST

/* Windows that stay closed. */

#define CLOSED SESSION "3 C>S PA 101:151(50) ack 161\n3.0002 S>C A 161:161(0) ack 151 win 0\n"
#define PROBE(AT) AT " C>S A 150:150(0) ack 161\n"
#define STILL "+0.0002 S>C A 161:161(0) ack 151 win 0\n"

START_TEST(measured_probes_of_a_window_hold_the_retries2_that_was_set)
{
	/* e2: the gaps froze at 3.5 s, and then nobody answered: 4. */
#define E2 \
	CLOSED PROBE("3.216") STILL PROBE("+0.452") STILL PROBE("+0.864") STILL PROBE("+1.728") STILL PROBE("+3.520") \
		PROBE("+3.588") PROBE("+3.584") PROBE("+3.580")
	judge(E2, 18.1);
	is_knob("tcp_retries2", 4, 4);
	is_knob("tcp_rto_max_ms", 3133, 3630);
	ck_assert_str_eq(flow.kernel_says,
	                 "The client's kernel probed the closed window 8 times, first 452 ms apart and at "
	                 "last 3.6 s, no longer doubled: tcp_retries2 is 4, or tcp_rto_max_ms is 3.1 s "
	                 "to 3.6 s.");
	judge(E2, 60);
	is_knob("tcp_retries2", 4, 4);
	is_not_named("tcp_rto_max_ms");
	is_knob("TCP_USER_TIMEOUT", 17266, 21394);
	is_knob("tcp_orphan_retries", ANY, 4);
	says(flow.kernel_says,
	     "no longer doubled; the last 4 got no answer. It sent nothing more, and gave up without a "
	     "word, between 09:00:20.532 and 09:00:24.");
	says(flow.kernel_says, ": tcp_retries2 is 4, or TCP_USER_TIMEOUT is 17.3 s to 21.4 s, or the application had "
	                       "closed it and tcp_orphan_retries is at most 4.");
}
END_TEST

START_TEST(answered_probes_end_by_the_user_timeout_alone)
{
	judge(CLOSED PROBE("3.216") STILL PROBE("+0.440") STILL PROBE("+0.864") STILL PROBE("+1.728") STILL,
	      60); /* e3 */
	is_knob("TCP_USER_TIMEOUT", 2982, 6971);
	ck_assert_uint_eq(flow.timers.n_knobs, 1);
	says(flow.kernel_says,
	     "4 times, first 440 ms apart and at last 1.7 s, doubled each time. It sent nothing more, "
	     "and gave up without a word, between ");
	/* They go on: each of them doubled, so there may be more of that. */
	judge(CLOSED PROBE("3.216") STILL PROBE("+0.440") STILL PROBE("+0.864") STILL PROBE("+1.728") STILL, 0);
	is_knob("tcp_retries2", 3, ANY);
	is_knob("TCP_USER_TIMEOUT", 2982, ANY);
	ck_assert_str_eq(flow.kernel_says,
	                 "The client's kernel probed the closed window 4 times, first 440 ms apart and at "
	                 "last 1.7 s, doubled each time.");
}
END_TEST

START_TEST(gaps_that_the_peer_began_anew_tell_no_setting)
{
	/* Its data came at 5 s, with the window still closed: the timer of 1.7 s began then. */
	judge(CLOSED PROBE("3.216") STILL PROBE("+0.440") STILL PROBE("+0.864") STILL
	      "5 S>C PA 161:171(10) ack 151 win 0\n5.0001 C>S A 151:151(0) ack 171\n"
	      "8.5 C>S A 150:150(0) ack 171\n+0.0002 S>C A 171:171(0) ack 151 win 0\n",
	      0);
	is_not_named("tcp_retries2");
	is_not_named("tcp_rto_max_ms");
	says(flow.kernel_says, "4 times, first 440 ms apart and at last 4.0 s.");
}
END_TEST

START_TEST(window_that_opened_begins_its_probes_anew)
{
	judge(CLOSED PROBE("3.216") STILL PROBE("+0.440") STILL
	      "4 S>C A 161:161(0) ack 151\n"
	      "5 C>S PA 151:201(50) ack 161\n5.0002 S>C A 161:161(0) ack 201 win 0\n"
	      "5.3 C>S A 200:200(0) ack 161\n",
	      5.31);
	ck_assert_str_eq(flow.kernel_says, "The client's kernel probed the closed window once.");
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
	judge(CLOSED PROBE("3.216") STILL PROBE("+0.440") STILL "4 S>C A 161:161(0) ack 151\n", 5);
	ck_assert_str_eq(flow.kernel_says, "");
}
END_TEST

/* `count` probes of a closed window at 0 s and later, the first gap and the last two in ms; as they stand `after` ms.
 */
static struct fl_probes stepped(uint32_t count, uint32_t first, int64_t before, int64_t last, int64_t after)
{
	struct fl_probes probes = { .count = count, .first_step = first };

	probes.gap_before = before * FL_NS_PER_MS;
	probes.gap = last * FL_NS_PER_MS;
	probes.last_at = 100000 * FL_NS_PER_MS;
	knobs_of_persist(&probes, probes.last_at + after * FL_NS_PER_MS, &flow.timers);
	return probes;
}

/* Seconds from the last one until it is overdue. */
static double due_after(struct fl_probes probes)
{
	int64_t due;

	ck_assert(!knobs_persist_stopped(&probes, probes.last_at, &due));
	ck_assert(!knobs_persist_stopped(&probes, due, &due));
	ck_assert(probes.gap == 0 || knobs_persist_stopped(&probes, due + 1, &due));
	return (double)(due - probes.last_at) / (double)FL_NS_PER_S;
}

START_TEST(longest_timer_of_probes_by_default_is_no_setting)
{
	stepped(13, 400, 120000, 120000, 0);
	is_not_named("tcp_retries2");
	is_not_named("tcp_rto_max_ms");
	stepped(13, 400, 119000, 119000, 0);
	is_knob("tcp_rto_max_ms", 105728, 119050);
	ck_assert_double_eq_tol(due_after(stepped(10, 400, 35000, 70000, 0)), 120 * 1.125 + .05, .001);
	ck_assert_double_eq_tol(due_after(stepped(10, 400, 29000, 59000, 0)), 118 * 1.125 + .05, .001);
	ck_assert_double_eq_tol(due_after(stepped(13, 400, 120000, 130000, 0)), 130 * 1.125 + .05, .001);
	ck_assert_double_eq_tol(due_after(stepped(1, 0, 0, 0, 0)), .05, .001); /* one alone is never overdue */
}
END_TEST

START_TEST(gap_that_grew_by_less_than_a_third_is_held)
{
	stepped(7, 400, 3000, 3999, 0);
	ck_assert_ptr_nonnull(knob_of("tcp_rto_max_ms"));
	stepped(7, 400, 3000, 4000, 0);
	is_not_named("tcp_rto_max_ms");
	ck_assert_double_eq_tol(due_after(stepped(5, 400, 3000, 3999, 0)), 3.999 * 1.125 + .05, .001);
	ck_assert_double_eq_tol(due_after(stepped(5, 400, 3000, 4000, 0)), 8 * 1.125 + .05, .001);
}
END_TEST

START_TEST(rto_max_is_a_second_at_least)
{
	/* 0.25, 0.5 and then held at 1.0 s: twice 0.5, or the shortest tcp_rto_max_ms. */
	stepped(5, 250, 1000, 1000, 0);
	is_knob("tcp_retries2", 3, 3);
	is_knob("tcp_rto_max_ms", 1000, 1050);
	stepped(5, 250, 999, 999, 0);
	is_not_named("tcp_rto_max_ms");
	stepped(6, 250, 1990, 1990, 0);
	is_knob("tcp_rto_max_ms", 1719, 2040);
	/* No doubling of 0.25 s comes to 1.5 s. */
	stepped(6, 250, 1500, 1500, 0);
	is_not_named("tcp_retries2");
	is_knob("tcp_rto_max_ms", 1284, 1550);
	/* Too few gaps for so many doublings: the timer began anew meanwhile. */
	stepped(4, 250, 1000, 1000, 0);
	is_not_named("tcp_retries2");
	is_not_named("tcp_rto_max_ms");
}
END_TEST

/* A closer that is gone. */

#define HALF SESSION "3 C>S FA 101:101(0) ack 161\n3.0002 S>C A 161:161(0) ack 102\n"

START_TEST(close_that_met_no_socket_bounds_the_fin_timeout)
{
	judge(HALF "8.5 S>C FA 161:161(0) ack 102\n8.5002 C>S R 102:102(0) win 0\n", 0); /* k8 */
	is_knob("tcp_fin_timeout", ANY, 5);
	ck_assert_str_eq(flow.kernel_says,
	                 "5.5 s after its FIN the client's kernel knew no such connection any more, and "
	                 "refused the other side's close: tcp_fin_timeout (TCP_LINGER2) is at most 5 s.");
	/* Data is refused at once, while that time runs (k2). */
	judge(HALF "8.5 S>C PA 161:171(10) ack 102\n8.5002 C>S R 102:102(0) win 0\n", 0);
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
	judge(HALF "8.5 S>C FPA 161:171(10) ack 102\n8.5002 C>S R 102:102(0) win 0\n", 0);
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
	judge(HALF "8.5 S>C FA 161:161(0) ack 102\n8.5002 C>S A 102:102(0) ack 162\n", 0);
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
	judge(HALF "3.9 S>C FA 161:161(0) ack 102\n3.9002 C>S R 102:102(0) win 0\n", 0); /* none is below 1 s */
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
}
END_TEST

/* SYN-ACKs. */

START_TEST(syn_acks_are_the_servers_own_only_without_repeats_of_the_syn)
{
	judge("0 C>S S 0:0(0)\n0.0002 S>C SA 0:0(0) ack 1\n1.006 S>C SA 0:0(0) ack 1\n3.022 S>C SA 0:0(0) ack 1\n", 30);
	is_knob("tcp_synack_retries", 2, ANY);
	says(flow.kernel_says,
	     ": tcp_synack_retries is at least 2 (a listener with much to do sends fewer than that, but "
	     "two).");
	says_not(flow.kernel_says, "the application");
	judge("0 C>S S 0:0(0)\n0.0002 S>C SA 0:0(0) ack 1\n1.006 S>C SA 0:0(0) ack 1\n2.9 C>S S 0:0(0)\n"
	      "3.022 S>C SA 0:0(0) ack 1\n",
	      30);
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
	judge("0 S>C SA 0:0(0) ack 1\n1.006 S>C SA 0:0(0) ack 1\n3.022 S>C SA 0:0(0) ack 1\n", 30);
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
}
END_TEST

UNIT_MAIN("probes", measured_keepalives_without_an_answer_tell_all_three, times_are_whole_seconds_that_fired_late,
          keepalives_that_go_on_have_no_upper_bounds_of_their_end,
          answered_keepalives_come_after_the_longer_of_time_and_interval,
          keepalive_that_was_lost_among_answered_ones_tells_the_interval,
          answers_that_the_prober_never_got_are_no_period, first_keepalive_of_a_capture_may_be_an_intervals,
          what_comes_within_a_second_is_no_keepalives_timer, keepalive_that_an_rst_answers_was_not_in_vain,
          both_sides_may_ask_and_neither_counts_as_a_word_of_the_other,
          keepalives_are_measured_by_the_idle_timers_on_the_way, silence_without_a_keepalive_is_told,
          silence_before_what_failed_is_told, silence_behind_which_both_went_on_tells_what_is_borne,
          silence_before_a_reset_is_told, repeats_that_last_are_told_before_keepalives,
          measured_probes_of_a_window_hold_the_retries2_that_was_set, answered_probes_end_by_the_user_timeout_alone,
          gaps_that_the_peer_began_anew_tell_no_setting, window_that_opened_begins_its_probes_anew,
          longest_timer_of_probes_by_default_is_no_setting, gap_that_grew_by_less_than_a_third_is_held,
          rto_max_is_a_second_at_least, close_that_met_no_socket_bounds_the_fin_timeout,
          syn_acks_are_the_servers_own_only_without_repeats_of_the_syn)
