/* What kernels repeat and nobody answers: peer-vanished, connect-unanswered, connect-slow, degraded; and the silence in
 * which nobody asks: idle-unknown. Each threshold of VERDICTS.md from both sides, each "not to be called when" with its
 * look-alike, and healthy connections that lose packets cut after every one of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "unit.h"

#define GAPS(...) ((const double[]){ __VA_ARGS__, 0 })

/* When the client's 100 bytes are sent that are never ACKed, and their frame, after session(). */
#define LOST 3.0
enum { lost_frame = 12, lost_bytes = 100 };

static struct dialogue dialogue;

static void is(const struct script_flow *flow, const char *id, enum fl_severity severity, enum fl_side side)
{
	ck_assert_msg(strcmp(flow->verdict, id) == 0 && flow->severity == severity && flow->side == side,
	              "flow %u is %s (%s, %s), not %s (%s, %s): %s", flow->id, flow->verdict,
	              fl_severity_name(flow->severity), fl_side_name(flow->side), id, fl_severity_name(severity),
	              fl_side_name(side), flow->summary);
}

static void is_well(const struct script_flow *flow, const char *id)
{
	is(flow, id, FL_OK, FL_SIDE_NONE);
	ck_assert_int_eq(flow->layer, FL_LAYER_NONE);
}

static void is_inconclusive(const struct script_flow *flow)
{
	is(flow, "inconclusive", FL_NOTICE, FL_SIDE_UNKNOWN);
}

static void says(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in \"%s\"", part, text);
}

static void says_not(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is in \"%s\"", part, text);
}

/* The dialogue's lines in the order of time. */
static char *sorted(void)
{
	struct {
		double at;
		const char *line;
	} lines[256], swap;
	size_t count = 0, room = strlen(dialogue_text(&dialogue)) + 1;
	char *text = malloc(room), *out = calloc(1, room), *rest;

	memcpy(text, dialogue_text(&dialogue), room);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		ck_assert_uint_lt(count, sizeof(lines) / sizeof(lines[0]));
		lines[count].at = atof(line);
		lines[count++].line = line;
	}
	for (size_t i = 1; i < count; i++) {
		for (size_t k = i; k > 0 && lines[k].at < lines[k - 1].at; k--) {
			swap = lines[k];
			lines[k] = lines[k - 1];
			lines[k - 1] = swap;
		}
	}
	for (size_t i = 0; i < count; i++) {
		strcat(out, lines[i].line);
		strcat(out, "\n");
	}
	free(text);
	return out;
}

/* The first connection as it stands at `until` (0: the last frame). The dialogue can be gone on with. */
static struct script_flow seen_with(double until, const char *set)
{
	struct script_run how = { .until = until, .set = { set } };
	char *text = sorted();
	struct script_result *result = script_run(text, &how);
	struct script_flow flow = result->flows[0];

	free(result);
	free(text);
	return flow;
}

static struct script_flow seen(double until)
{
	return seen_with(until, NULL);
}

static void over(void)
{
	dialogue_deinit(&dialogue);
}

/* A handshake and two requests that are answered: 11 frames. */
static void session(void)
{
	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_ask(&dialogue, 1, 50, 0.01, 80);
	dialogue_ask(&dialogue, 2, 50, 0.01, 80);
}

/* `who` sends `length` bytes that nobody ACKs, and again after each of the gaps. Returns when it did so last. */
static double lose(double at, unsigned who, unsigned length, const double *gaps)
{
	dialogue_say_unacked(&dialogue, at, who, length);
	for (; *gaps > 0; gaps++) {
		at += *gaps;
		dialogue_again(&dialogue, at, who, length);
	}
	return at;
}

/* The session's client loses 100 bytes. */
static double lost(const double *gaps)
{
	session();
	return lose(LOST, 0, lost_bytes, gaps);
}

static void add(const char *lines)
{
	fl_text_add(&dialogue.lines, "%s", lines);
}

/* peer-vanished */

START_TEST(three_repeats_by_the_timer_over_a_second_are_a_warning)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	ck_assert_int_eq(flow.onset, script_at(LOST));
	ck_assert_uint_eq(flow.onset_frame, lost_frame);
	ck_assert_int_eq(flow.noticed, FL_TIME_NONE);
	ck_assert(flow.blind_open);
	ck_assert_int_eq(flow.blind, script_at(1.4) - script_at(0));
	ck_assert_uint_eq(flow.bytes_at_risk, lost_bytes);
	ck_assert_str_eq(flow.alternatives, "");
	ck_assert_str_eq(flow.because, "3 repeats by the retransmission timer, and no ACK captured from the first SYN "
	                               "on, both directions");
	ck_assert_str_eq(flow.summary,
	                 "The server's host, or the path to it, vanished: 100 bytes from frame 12 on were "
	                 "never ACKed, though the client's kernel sent the oldest 3 times more over 1.4 s.");
	ck_assert_str_eq(flow.would_catch, /* 10 s would have been no help in 1.4 s */
	                 "TCP_USER_TIMEOUT on the client's socket; or a reply timeout in the application.");

	const struct script_finding *finding = script_find(&flow, "peer-vanished");

	ck_assert_int_eq(script_figure(finding, "repeats", 0), 3);
	ck_assert_int_eq(script_figure(finding, "rtos", 0), 3);
	ck_assert_int_eq(script_figure(finding, "sent", 0), lost_frame);
	ck_assert_int_eq(script_figure(finding, "bytes", 0), lost_bytes);
	ck_assert_int_eq(script_figure(finding, "tried", 0), 1400 * FL_NS_PER_MS);
	ck_assert_int_eq(script_figure(finding, "first_gap", 0), 200 * FL_NS_PER_MS);
	ck_assert_int_eq(script_figure(finding, "goes_on", 0), script_at(LOST + 1.4 + 1.6 * 1.125 + .01));
	ck_assert_int_eq(script_figure(finding, "stopped", 0), 0);
	ck_assert_uint_eq(finding->n_evidence, 3);
	ck_assert_uint_eq(finding->evidence_frame[0], lost_frame);
	ck_assert_str_eq(finding->evidence[0], "client sends 100 bytes; never ACKed");
	ck_assert_uint_eq(finding->evidence_frame[1], lost_frame + 1);
	ck_assert_str_eq(finding->evidence[1], "sent again for the first time, after 200 ms");
	ck_assert_uint_eq(finding->evidence_frame[2], lost_frame + 3);
	ck_assert_str_eq(finding->evidence[2], "sent again for the last time: 3 times in 1.4 s");
	over();
}
END_TEST

START_TEST(two_repeats_by_the_timer_are_too_few)
{
	struct script_flow flow;

	lost(GAPS(.4, .8));
	flow = seen(0);
	is_inconclusive(&flow);
	ck_assert_int_eq(script_find(&flow, "peer-vanished")->severity, FL_NOTICE);
	ck_assert_uint_eq(script_find(&flow, "peer-vanished")->n_evidence, 3);
	over();
	lost(GAPS(1.2)); /* a lone one may be a probe */
	flow = seen(0);
	is_inconclusive(&flow);
	ck_assert_uint_eq(script_find(&flow, "peer-vanished")->n_evidence, 2);
	over();
}
END_TEST

START_TEST(tail_loss_probe_is_no_repeat_by_the_timer)
{
	struct script_flow flow;

	lost(GAPS(.4, .4, .8));
	flow = seen(0);
	is_inconclusive(&flow);
	ck_assert_int_eq(script_figure(script_find(&flow, "peer-vanished"), "rtos", 0), 2);
	over();
	lost(GAPS(.4, .4, .8, 1.6));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	over();
}
END_TEST

START_TEST(three_repeats_within_a_second_have_to_wait)
{
	struct script_flow flow;

	lost(GAPS(.1, .2, .4));
	flow = seen(0);
	is_inconclusive(&flow);
	flow = seen(LOST + .999999);
	is_inconclusive(&flow);
	flow = seen(LOST + 1);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	over();
}
END_TEST

START_TEST(two_repeats_over_five_seconds_are_a_warning)
{
	struct script_flow flow;

	lost(GAPS(1.5, 3));
	flow = seen(LOST + 4.999999);
	is_inconclusive(&flow);
	flow = seen(LOST + 5);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	says(flow.because, "2 repeats by the retransmission timer");
	over();
	lost(GAPS(4)); /* one is not enough */
	flow = seen(LOST + 6);
	is_inconclusive(&flow);
	over();
}
END_TEST

START_TEST(five_repeats_by_the_timer_over_five_seconds_are_critical)
{
	struct script_flow flow;

	lost(GAPS(.15, .3, .6, 1.2, 2.4));
	flow = seen(LOST + 4.999999);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	flow = seen(LOST + 5);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	ck_assert(flow.blind_open);
	over();
	lost(GAPS(.2, .2, .4, .8, 1.6)); /* four, behind a probe */
	flow = seen(LOST + 6);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	over();
}
END_TEST

START_TEST(settings_of_the_data_tries_are_obeyed)
{
	struct script_flow flow;

	lost(GAPS(.1, .2, .4));
	flow = seen_with(0, "data_tries_for=700ms");
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	flow = seen_with(LOST + 1, "data_tries=4");
	is_inconclusive(&flow);
	over();
}
END_TEST

START_TEST(kernel_that_gave_up_makes_it_critical)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8)); /* the next is due 1.6 s later, or an eighth more and 10 ms */
	flow = seen(LOST + 1.4 + 1.81);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	ck_assert(!flow.is_abandoned);
	flow = seen(LOST + 1.4 + 1.811);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert(flow.is_abandoned);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	ck_assert_int_eq(flow.noticed, FL_TIME_NONE); /* nobody says so on the wire */
	ck_assert_int_ne(script_figure(script_find(&flow, "peer-vanished"), "stopped", 0), 0);
	ck_assert_int_eq(script_figure(script_find(&flow, "peer-vanished"), "goes_on", 0), 0);
	says(flow.kernel_says, "gave up without a word");
	over();
}
END_TEST

START_TEST(senders_own_reset_makes_it_critical_and_is_when_it_was_noticed)
{
	struct script_flow flow;
	const struct script_finding *finding;

	lost(GAPS(.2, .4, .8));
	dialogue_rst(&dialogue, LOST + 2, 0);
	flow = seen(LOST + 10);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(LOST + 2));
	ck_assert(!flow.blind_open);
	ck_assert_int_eq(flow.blind, 2 * FL_NS_PER_S);
	finding = script_find(&flow, "peer-vanished");
	ck_assert_int_eq(script_figure(finding, "gave_up", 0), script_at(LOST + 2));
	ck_assert_uint_eq(finding->n_evidence, 4);
	ck_assert_str_eq(finding->evidence[3], "client aborts the connection (RST)");
	ck_assert_uint_eq(finding->evidence_frame[3], lost_frame + 4);
	over();
}
END_TEST

START_TEST(new_syn_of_the_client_corroborates)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8));
	add("5.000 C2>S S 0:0(0)\n");
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	ck_assert_int_eq(flow.noticed, script_at(5));
	ck_assert(!flow.blind_open);
	ck_assert_int_eq(flow.blind, 2 * FL_NS_PER_S);
	over();
}
END_TEST

START_TEST(new_syn_within_a_second_says_nothing)
{
	struct script_flow flow;

	/* Answered, so that the host is not silent on it. */
	lost(GAPS(.2, .4, .8));
	add("4.000 C2>S S 0:0(0)\n4.0002 S>C2 SA 0:0(0) ack 1\n4.0004 C2>S A 1:1(0) ack 1\n");
	flow = seen(4.4);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, FL_TIME_NONE);
	says_not(flow.kernel_says, "anew");
	over();
	lost(GAPS(.2, .4, .8));
	add("4.000001 C2>S S 0:0(0)\n4.0002 S>C2 SA 0:0(0) ack 1\n4.0004 C2>S A 1:1(0) ack 1\n");
	flow = seen(4.4);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(4.000001));
	over();
}
END_TEST

START_TEST(syn_of_another_client_or_to_another_service_says_nothing)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8));
	add("5 D>S S 0:0(0)\n5.0002 S>D SA 0:0(0) ack 1\n5.0004 D>S A 1:1(0) ack 1\n"
	    "5.1 C2>T S 0:0(0)\n5.1002 T>C2 SA 0:0(0) ack 1\n5.1004 C2>T A 1:1(0) ack 1\n");
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, FL_TIME_NONE);
	over();
}
END_TEST

START_TEST(new_connection_made_while_the_old_one_is_repeated_concerns_this_one_only)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8));
	add("4.2 C2>S S 0:0(0)\n4.2002 S>C2 SA 0:0(0) ack 1\n4.2004 C2>S A 1:1(0) ack 1\n");
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	ck_assert_int_eq(flow.noticed, script_at(4.2));
	says(flow.because, "a new connection to the same service was made while this one was still repeated");
	says(flow.kernel_says, "The application did not wait for that: it connected anew at 09:00:04.200, while");
	over();
}
END_TEST

START_TEST(own_reset_and_new_syn_are_noticed_at_the_first_of_them)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8));
	dialogue_rst(&dialogue, 4.5, 0);
	add("5.000 C2>S S 0:0(0)\n");
	flow = seen(0);
	ck_assert_int_eq(flow.noticed, script_at(4.5));
	over();
	lost(GAPS(.2, .4, .8));
	add("4.5 C2>S S 0:0(0)\n");
	dialogue_rst(&dialogue, 5, 0);
	flow = seen(0);
	ck_assert_int_eq(flow.noticed, script_at(4.5));
	over();
}
END_TEST

/* Another client's connection to the host, which is heard on it at `heard`, and then leaves a request of 3.5 s without
 * an answer when it is silent there, too. */
static void with_other_connection(double heard, bool is_silent, bool is_two)
{
	dialogue_init(&dialogue);
	dialogue_between(&dialogue, "D", "S");
	dialogue_open(&dialogue, 0.5);
	dialogue_ask(&dialogue, heard - .1, 10, .1, 10);
	if (is_silent)
		dialogue_say_unacked(&dialogue, 3.5, 0, 10);
	if (is_two) {
		dialogue_between(&dialogue, "E", "S2");
		dialogue_open(&dialogue, 0.6);
		dialogue_say_unacked(&dialogue, 3.6, 0, 10);
	}
	dialogue_between(&dialogue, "C", "S");
	dialogue_open(&dialogue, 0);
	lose(LOST, 0, lost_bytes, GAPS(.2, .4, .8));
}

START_TEST(host_that_is_silent_on_other_connections_too_makes_it_critical)
{
	struct script_flow flow;

	with_other_connection(2, true, false);
	flow = seen(0);
	over();
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	says(flow.because, "the same host left 1 other connection unanswered, too");
	ck_assert_int_eq(flow.noticed, FL_TIME_NONE);
	with_other_connection(2, true, true);
	flow = seen(0);
	over();
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	says(flow.because, "the same host left 2 other connections unanswered, too");
	with_other_connection(2, false, false);
	flow = seen(0);
	over();
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	says_not(flow.because, "the same host");
}
END_TEST

START_TEST(host_that_was_heard_since_is_not_silent)
{
	struct script_flow flow;

	with_other_connection(LOST + .1, true, false); /* its last packets were on their way */
	flow = seen(0);
	over();
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	with_other_connection(LOST + .101, true, false);
	flow = seen(0);
	over();
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

/* An ACK that says nothing new, right behind the first repeat, and then silence. */
START_TEST(stray_ack_explains_three_repeats_at_most)
{
	const char *text = "0 C>S S 0:0(0)\n0.0002 S>C SA 0:0(0) ack 1\n0.0004 C>S A 1:1(0) ack 1\n"
			   "1 C>S PA 1:11(10) ack 1\n1.2 C>S PA 1:11(10) ack 1\n1.21 S>C A 1:1(0) ack 1\n"
			   "1.6 C>S PA 1:11(10) ack 1\n2.4 C>S PA 1:11(10) ack 1\n";
	char longer[1024];
	struct script_flow flow = script_judge(text, 0, 0);

	ck_assert_str_eq(flow.verdict, "inconclusive");
	snprintf(longer, sizeof(longer),
	         "%s4 C>S PA 1:11(10) ack 1\n7.2 C>S PA 1:11(10) ack 1\n13.6 C>S PA 1:11(10) ack 1\n", text);
	flow = script_judge(longer, 0, 0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(ack_right_behind_the_last_repeat_ends_it_and_refuses_nothing)
{
	struct script_flow flow;

	for (int is_late = 0; is_late < 2; is_late++) {
		lost(GAPS(.2, .4, .8, 1.6, 3.2));
		dialogue_ack(&dialogue, LOST + 6.2 + (is_late ? .2 : .02), 1);
		flow = seen(0);
		ck_assert_ptr_nonnull(script_find(&flow, "peer-vanished"));
		ck_assert_int_eq(script_find(&flow, "peer-vanished")->recovered,
		                 script_at(LOST + 6.2 + (is_late ? .2 : .02)));
		over();
	}
}
END_TEST

START_TEST(what_would_have_caught_it_is_told_with_its_time)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8, 1.6, 3.2, 6.4));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	says(flow.would_catch, "(10000 ms would have ended it 10.2 s after the write)");
}
END_TEST

START_TEST(host_that_lives_on_other_connections_is_told)
{
	struct script_flow flow;

	with_other_connection(6, false, false);
	flow = seen(7);
	over();
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER); /* given up by the kernel */
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	says(flow.because, "a connection of the host from before had packets of it afterwards: it was not restarted");
	with_other_connection(4.4, false, false); /* as late as its last repeat */
	flow = seen(7);
	over();
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	says(flow.because, "the host sent packets on other connections meanwhile: it lives");
	with_other_connection(2, false, false);
	flow = seen(7);
	over();
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	says_not(flow.because, "it lives");
	says_not(flow.because, "not restarted");
}
END_TEST

START_TEST(host_that_is_back_is_told_with_its_time)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_between(&dialogue, "D", "S");
	dialogue_open(&dialogue, 20);
	dialogue_between(&dialogue, "C", "S");
	dialogue_open(&dialogue, 0);
	lose(LOST, 0, lost_bytes, GAPS(.2, .4, .8));
	flow = seen(30);
	over();
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	says(flow.because, "nothing was heard of the host on any connection until ");
	says_not(flow.because, "it lives");
}
END_TEST

START_TEST(client_that_vanished_is_the_clients_side)
{
	struct script_flow flow;

	session();
	lose(LOST, 1, 100, GAPS(.2, .4, .8));
	add("5.000 C2>S S 0:0(0)\n5.0002 S>C2 SA 0:0(0) ack 1\n5.0004 C2>S A 1:1(0) ack 1\n");
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_CLIENT);
	says_not(flow.kernel_says, "anew");
	ck_assert_int_eq(flow.noticed, FL_TIME_NONE); /* who vanished did not notice */
	ck_assert_uint_eq(flow.onset_frame, lost_frame);
	over();
}
END_TEST

START_TEST(one_direction_alone_shows_no_ack)
{
	struct script_flow flow = script_judge("0 C>S PA 1:101(100) ack 1\n0.2 C>S PA 1:101(100) ack 1\n"
	                                       "0.6 C>S PA 1:101(100) ack 1\n1.4 C>S PA 1:101(100) ack 1\n"
	                                       "3.0 C>S PA 1:101(100) ack 1\n6.2 C>S PA 1:101(100) ack 1\n",
	                                       60, 0);

	is_inconclusive(&flow);
	says(flow.summary, "only the client's packets were captured");
}
END_TEST

START_TEST(ack_that_comes_after_all_ends_it)
{
	struct script_flow flow;
	const struct script_finding *finding;

	lost(GAPS(.2, .4, .8, 1.6, 3.2));
	dialogue_ack(&dialogue, LOST + 6.5, 1);
	dialogue_say(&dialogue, LOST + 6.51, 1, 80);
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	finding = script_find(&flow, "peer-vanished");
	ck_assert_ptr_nonnull(finding);
	ck_assert_int_eq(finding->severity, FL_WARNING);
	ck_assert_int_eq(finding->recovered, script_at(LOST + 6.5));
	ck_assert_int_eq(script_figure(finding, "tried_in_vain", 0), 6500 * FL_NS_PER_MS);
	ck_assert_uint_eq(finding->n_evidence, 4);
	ck_assert_str_eq(finding->evidence[3], "ACKed at last, after 6.5 s");
	dialogue_fin(&dialogue, 11, 0);
	dialogue_fin(&dialogue, 11.1, 1);
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN); /* closed in order, but it had stood still */
	over();
}
END_TEST

START_TEST(recovered_before_the_threshold_was_no_failure)
{
	struct script_flow flow;

	lost(GAPS(.1, .2, .4));
	dialogue_ack(&dialogue, LOST + .99, 1);
	flow = seen(0);
	is_well(&flow, "alive");
	ck_assert_uint_eq(flow.n_findings, 0);
	over();
	lost(GAPS(.1, .2, .4));
	dialogue_ack(&dialogue, LOST + 1, 1);
	flow = seen(0);
	is_well(&flow, "alive"); /* it stood still for 1 s less a round trip */
	ck_assert_int_eq(script_find(&flow, "peer-vanished")->recovered, script_at(LOST + 1));
	over();
}
END_TEST

START_TEST(two_repeats_over_five_seconds_leave_a_finding_when_they_recover)
{
	struct script_flow flow;

	lost(GAPS(1.5, 3));
	dialogue_ack(&dialogue, LOST + 4.999999, 1);
	dialogue_say(&dialogue, LOST + 5.1, 1, 80);
	flow = seen(0);
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	over();
	lost(GAPS(1.5, 3));
	dialogue_ack(&dialogue, LOST + 5, 1);
	dialogue_say(&dialogue, LOST + 5.1, 1, 80);
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(script_find(&flow, "peer-vanished")->recovered, script_at(LOST + 5));
	over();
}
END_TEST

START_TEST(repeated_fin_is_no_vanished_peer)
{
	struct script_flow flow;

	session();
	add("3 C>S FA 101:101(0) ack 161\n3.2 C>S FA 101:101(0) ack 161\n3.6 C>S FA 101:101(0) ack 161\n"
	    "4.4 C>S FA 101:101(0) ack 161\n6 C>S FA 101:101(0) ack 161\n9.2 C>S FA 101:101(0) ack 161\n");
	flow = seen(0);
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	is(&flow, "close-unanswered", FL_NOTICE, FL_SIDE_SERVER);
	over();
}
END_TEST

START_TEST(failure_after_one_that_recovered_is_told_with_it)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8));
	dialogue_ack(&dialogue, LOST + 2, 1);
	lose(10, 0, 30, GAPS(.2, .4, .8, 1.6, 3.2));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.onset, script_at(10));
	ck_assert_uint_eq(flow.bytes_at_risk, 30);
	ck_assert_ptr_nonnull(script_find(&flow, "degraded"));
	ck_assert_uint_eq(flow.n_findings, 3);
	over();
}
END_TEST

START_TEST(pending_failure_after_one_that_recovered_is_inconclusive)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8));
	dialogue_ack(&dialogue, LOST + 2, 1);
	lose(10, 0, 30, GAPS(.2, .4));
	flow = seen(0);
	is_inconclusive(&flow);
	over();
}
END_TEST

START_TEST(reset_of_the_peer_explains_it)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8));
	add("5 S>C R 161:161(0) win 0\n"); /* it knows no such connection */
	flow = seen(20);
	ck_assert_str_ne(flow.verdict, "peer-vanished");
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	is(&flow, "peer-restarted", FL_CRITICAL, FL_SIDE_SERVER);
	over();
	lost(GAPS(.2, .4, .8));
	add("5 S>C RA 161:161(0) ack 201\n"); /* it had got all of it */
	flow = seen(20);
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	over();
}
END_TEST

START_TEST(reset_of_a_peer_that_never_got_the_data_does_not_explain_it)
{
	struct script_flow flow;
	const struct script_finding *finding;

	lost(GAPS(.2, .4, .8));
	add("5 S>C RA 161:161(0) ack 101\n");
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	finding = script_find(&flow, "peer-vanished");
	ck_assert_uint_eq(finding->n_evidence, 4);
	ck_assert_str_eq(finding->evidence[3],
	                 "server resets the connection; its RST shows that it never got that data");
	ck_assert_int_eq(script_figure(finding, "gave_up", 0), 0);
	over();
	lost(GAPS(.2, .4, .8));
	add("5 S>C RA 161:161(0) ack 102\n"); /* a byte of it came */
	flow = seen(0);
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	over();
}
END_TEST

START_TEST(series_that_the_peers_reset_ended_was_not_given_up)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8));
	add("5 S>C RA 161:161(0) ack 101\n");
	flow = seen(20);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(script_figure(script_find(&flow, "peer-vanished"), "stopped", 0), 0);
	ck_assert_int_eq(script_figure(script_find(&flow, "peer-vanished"), "goes_on", 0), 0);
	over();
}
END_TEST

START_TEST(repeated_syn_acks_are_a_full_accept_queue)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	lose(.001, 0, 100, GAPS(.2, .4, .8, 1.6, 3.2));
	add("6.3 S>C SA 0:0(0) ack 1\n6.3002 C>S A 101:101(0) ack 1\n6.5 S>C SA 0:0(0) ack 1\n");
	flow = seen(0);
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	is(&flow, "accept-queue-overflow", FL_CRITICAL, FL_SIDE_SERVER);
	over();
}
END_TEST

START_TEST(peer_that_answers_the_repeats_without_taking_them_has_not_vanished)
{
	struct script_flow flow;

	session();
	dialogue_say_unacked(&dialogue, LOST, 0, lost_bytes);
	for (double at = .2, gap = .4; at < 7; at += gap, gap *= 2) {
		dialogue_again(&dialogue, LOST + at, 0, lost_bytes);
		fl_text_add(&dialogue.lines, "%.6f S>C A 161:161(0) ack 101\n", LOST + at + .001);
	}
	flow = seen(0);
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	is_inconclusive(&flow);
	over();
}
END_TEST

START_TEST(icmp_error_belongs_to_another_verdict)
{
	struct script_flow flow;

	lost(GAPS(.2, .4, .8, 1.6, 3.2));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	add("9.3 R ICMP 3/1 C>S 101:201(100)\n");
	flow = seen(0);
	is_inconclusive(&flow);
	says(flow.summary, "an ICMP error said that it could not be delivered");
	over();
}
END_TEST

/* A router asked for smaller packets, and got them. */
START_TEST(icmp_error_before_the_last_ack_is_history)
{
	struct script_flow flow;

	session();
	fl_text_add(&dialogue.lines, "2.9 R ICMP 3/4 C>S 51:101(50)\n");
	dialogue_say(&dialogue, 2.95, 0, 50);
	lose(LOST, 0, lost_bytes, GAPS(.2, .4, .8, 1.6, 3.2));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	over();
}
END_TEST

/* The capture sees the data ACKed, and its sender does not: it repeats it, and each repeat is answered (by a D-SACK).
 */
static void acks_do_not_arrive(const double *gaps, bool is_answered)
{
	double at = LOST;

	session();
	dialogue_say(&dialogue, LOST, 0, lost_bytes);
	for (; *gaps > 0; gaps++) {
		at += *gaps;
		dialogue_again(&dialogue, at, 0, lost_bytes);
		if (is_answered)
			fl_text_add(&dialogue.lines, "%.6f S>C A 161:161(0) ack 201 <sack 101 201>\n", at + .0001);
	}
}

START_TEST(repeats_of_what_was_acked_show_that_the_acks_do_not_arrive)
{
	struct script_flow flow;
	const struct script_finding *finding;

	acks_do_not_arrive(GAPS(.2, .4, .8), true);
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.onset, script_at(LOST));
	ck_assert_uint_eq(flow.onset_frame, lost_frame);
	ck_assert_str_eq(
		flow.summary,
		"The server's ACKs do not reach the client: the client goes on repeating what was ACKed (frame "
		"12 on), 3 times over 1.4 s. The path from the server to the client is dead, the "
		"other direction works.");
	finding = script_find(&flow, "peer-vanished");
	ck_assert_int_eq(script_figure(finding, "one_way", 0), 2);
	ck_assert_int_eq(script_figure(finding, "bytes", 0), lost_bytes);
	ck_assert_str_eq(finding->evidence[0], "client sends what is ACKed in this capture, and then repeats it");
	over();
	acks_do_not_arrive(GAPS(.2, .4, .8, 1.6, 3.2), true);
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	over();
}
END_TEST

START_TEST(two_repeats_of_what_was_acked_may_be_one_lost_ack)
{
	struct script_flow flow;

	acks_do_not_arrive(GAPS(.2, .4), true);
	flow = seen(LOST + 10);
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	over();
	acks_do_not_arrive(GAPS(.2, .4, .8), true);
	flow = seen(LOST + 10);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_BETWEEN);
	over();
}
END_TEST

START_TEST(repeats_of_what_was_acked_without_a_reply_prove_nothing)
{
	struct script_flow flow;

	acks_do_not_arrive(GAPS(.2, .4, .8, 1.6, 3.2), false);
	flow = seen(0);
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	is_inconclusive(&flow);
	over();
}
END_TEST

START_TEST(sender_that_goes_on_to_new_data_has_heard_the_ack)
{
	struct script_flow flow;

	acks_do_not_arrive(GAPS(.2, .4, .8), true);
	dialogue_ask(&dialogue, 6, 10, .01, 20);
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(script_find(&flow, "peer-vanished")->recovered, script_at(LOST + 1.4001));
	over();
}
END_TEST

START_TEST(packets_of_the_peer_during_the_series_show_one_direction_dead)
{
	struct script_flow flow;

	session();
	dialogue_say_unacked(&dialogue, LOST, 0, 100);
	dialogue_again(&dialogue, LOST + .2, 0, 100);
	dialogue_again(&dialogue, LOST + .6, 0, 100);
	add("3.8 S>C PA 161:261(100) ack 101\n3.8002 C>S A 201:201(0) ack 261\n");
	dialogue.next[1] += 100;
	dialogue_again(&dialogue, LOST + 1.4, 0, 100);
	flow = seen(0);
	is(&flow, "inconclusive", FL_NOTICE, FL_SIDE_UNKNOWN); /* what the server gets, is not known yet */
	add("4.5 S>C PA 161:261(100) ack 101\n");              /* it misses the ACK */
	dialogue_again(&dialogue, LOST + 3, 0, 100);
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_str_eq(flow.summary,
	                 "What the client sends does not arrive: 100 bytes from frame 12 on were never ACKed, "
	                 "though packets of the server went on to come. The path from the client to the "
	                 "server is dead, the other direction works.");
	over();
}
END_TEST

START_TEST(packets_of_the_peer_only_before_the_first_repeat_show_no_direction)
{
	struct script_flow flow;

	session();
	dialogue_say_unacked(&dialogue, LOST, 0, 100);
	add("3.1 S>C PA 161:261(100) ack 101\n3.1002 C>S A 201:201(0) ack 261\n");
	dialogue.next[1] += 100;
	dialogue_again(&dialogue, LOST + .2, 0, 100);
	dialogue_again(&dialogue, LOST + .6, 0, 100);
	dialogue_again(&dialogue, LOST + 1.4, 0, 100);
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	over();
}
END_TEST

/* The server closes its window at 3, the client probes it: `answered` times with an answer, then `silent` times
 * without, `apart` seconds apart. */
static void probed_window(unsigned answered, unsigned silent, double apart)
{
	double at = 4;

	session();
	add("3 C>S PA 101:151(50) ack 161\n3.0002 S>C A 161:161(0) ack 151 win 0\n");
	dialogue.next[0] = 151;
	for (unsigned i = 0; i < answered; i++, at += 1) {
		dialogue_probe(&dialogue, at, 0, false);
		fl_text_add(&dialogue.lines, "%.6f S>C A 161:161(0) ack 151 win 0\n", at + .0002);
	}
	for (unsigned i = 0; i < silent; i++, at += apart)
		dialogue_probe(&dialogue, at, 0, false);
}

START_TEST(three_window_probes_without_an_answer_are_a_vanished_peer)
{
	struct script_flow flow;
	const struct script_finding *finding;

	probed_window(2, 3, 1);
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.onset, script_at(6));
	ck_assert_uint_eq(flow.onset_frame, 18);
	ck_assert_str_eq(flow.summary,
	                 "The server's host, or the path to it, vanished while its receive window was closed: 3 "
	                 "probes from frame 18 on got no answer, after 2 that had got one.");
	says(flow.because, "3 probes in a row, each of which its kernel owes an answer");
	finding = script_find(&flow, "peer-vanished");
	ck_assert_int_eq(script_figure(finding, "tried", 0), 2 * FL_NS_PER_S);
	ck_assert_uint_eq(finding->evidence_frame[0], 18);
	ck_assert_uint_eq(finding->evidence_frame[1], 20);
	over();
	probed_window(2, 2, 1);
	flow = seen(30);
	ck_assert_str_ne(flow.verdict, "peer-vanished");
	over();
}
END_TEST

START_TEST(window_probes_within_half_a_second_count_once)
{
	struct script_flow flow;

	probed_window(1, 5, .3);
	flow = seen(30);
	ck_assert_str_ne(flow.verdict, "peer-vanished");
	over();
	probed_window(1, 3, .5);
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	over();
}
END_TEST

START_TEST(five_window_probes_over_five_seconds_are_critical)
{
	struct script_flow flow;

	probed_window(1, 5, 1.2);
	flow = seen(9.999999);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	flow = seen(10);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	over();
	probed_window(1, 4, 1.2);
	flow = seen(11);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	flow = seen(12); /* the next one is overdue: the kernel gave up */
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	over();
}
END_TEST

START_TEST(window_probe_that_is_answered_at_last_is_a_recovery)
{
	struct script_flow flow;

	probed_window(1, 3, 1);
	add("7.5 S>C A 161:161(0) ack 151 win 0\n");
	flow = seen(0);
	ck_assert_str_ne(flow.verdict, "peer-vanished");
	over();
	probed_window(1, 3, 1);
	add("7.5 S>C R 161:161(0) win 0\n");
	flow = seen(0);
	ck_assert_str_ne(flow.verdict, "peer-vanished");
	over();
}
END_TEST

START_TEST(only_full_segments_lost_may_be_an_mtu_black_hole)
{
	struct script_flow flow;

	session();
	lose(LOST, 0, 1303, GAPS(.2, .4, .8, 1.6, 3.2)); /* nine tenths of 1460 less its timestamps */
	flow = seen(0);
	is(&flow, "mtu-blackhole", FL_CRITICAL, FL_SIDE_BETWEEN);
	ck_assert_str_eq(flow.alternatives, "peer-vanished");
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	over();
	session();
	lose(LOST, 0, 1302, GAPS(.2, .4, .8, 1.6, 3.2));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_str_eq(flow.alternatives, "");
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	over();
}
END_TEST

START_TEST(full_segment_without_a_handshake_is_one_of_a_usual_path)
{
	for (unsigned length = 1199; length <= 1200; length++) {
		struct script_flow flow;

		dialogue_init(&dialogue);
		dialogue.next[0] = dialogue.next[1] = 1;
		dialogue_ask(&dialogue, 1, 50, .01, 80);
		lose(LOST, 0, length, GAPS(.2, .4, .8, 1.6, 3.2));
		flow = seen(0);
		is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
		ck_assert_str_eq(flow.alternatives, length < 1200 ? "" : "mtu-blackhole");
		says(flow.because, "captured from the middle of the connection on");
		over();
	}
}
END_TEST

START_TEST(loss_after_a_quiet_minute_may_be_a_forgetful_middlebox)
{
	struct script_flow flow;

	session();
	lose(62.01, 0, 100, GAPS(.2, .4, .8, 1.6, 3.2)); /* the answer of 2.01 was the last word */
	flow = seen(0);
	is(&flow, "idle-dropped", FL_CRITICAL, FL_SIDE_BETWEEN);
	ck_assert_str_eq(flow.alternatives, "peer-vanished");
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_LOW);
	says(script_find(&flow, "peer-vanished")->evidence[0], "100 bytes after 1m00s of quiet; never ACKed");
	over();
	session();
	lose(62.009, 0, 100, GAPS(.2, .4, .8, 1.6, 3.2));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_str_eq(flow.alternatives, "");
	over();
}
END_TEST

START_TEST(quiet_before_is_that_of_the_message_that_was_lost)
{
	struct script_flow flow;

	/* Since the other side's last word. */
	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_say(&dialogue, .5, 1, 20);
	dialogue_say(&dialogue, 1, 0, 50);
	dialogue_say(&dialogue, 1.1, 1, 20);
	lose(62, 0, 100, GAPS(.2, .4, .8));
	flow = seen(0);
	ck_assert_int_eq(script_figure(script_find(&flow, "peer-vanished"), "quiet_before", 0), 60900 * FL_NS_PER_MS);
	over();
	/* The sender's own last word was later than the other's. */
	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_ask(&dialogue, 1, 50, .1, 80);
	dialogue_say(&dialogue, 12, 0, 50);
	lose(62, 0, 100, GAPS(.2, .4, .8));
	flow = seen(0);
	says(script_find(&flow, "peer-vanished")->evidence[0],
	     "100 bytes after 50.0 s of quiet; never ACKed"); /* not the first that waits */
	over();
	/* Since the handshake. */
	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	lose(62, 0, 100, GAPS(.2, .4, .8));
	flow = seen(0);
	says(script_find(&flow, "peer-vanished")->evidence[0], "100 bytes after 1m02s of quiet; never ACKed");
	over();
}
END_TEST

START_TEST(full_segment_is_measured_by_what_its_receiver_takes)
{
	for (unsigned length = 470; length <= 471; length++) {
		struct script_flow flow;

		dialogue_init(&dialogue);
		add("0 C>S S 0:0(0) <mss 1460>\n0.0002 S>C SA 0:0(0) ack 1 <mss 536>\n0.0004 C>S A 1:1(0) ack 1\n");
		dialogue.next[0] = dialogue.next[1] = 1;
		dialogue_ask(&dialogue, 1, 50, .01, 80);
		lose(LOST, 0, length, GAPS(.2, .4, .8));
		flow = seen(0);
		ck_assert_str_eq(flow.alternatives, length < 471 ? "" : "peer-vanished");
		over();
	}
}
END_TEST

START_TEST(new_connection_at_once_after_a_quiet_minute_is_not_a_vanished_peer)
{
	struct script_flow flow;

	session();
	lose(62.01, 0, 100, GAPS(.2, .4, .8, 1.6, 3.2));
	add("69 C2>S S 0:0(0)\n69.0002 S>C2 SA 0:0(0) ack 1\n69.0004 C2>S A 1:1(0) ack 1\n");
	flow = seen(0);
	is(&flow, "idle-dropped", FL_CRITICAL, FL_SIDE_BETWEEN);
	over();
	session();
	lose(62.01, 0, 100, GAPS(.2, .4, .8, 1.6, 3.2));
	add("69 C2>S S 0:0(0)\n");
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	over();
}
END_TEST

START_TEST(capture_with_holes_lowers_the_confidence)
{
	struct script_flow flow;

	session();
	add("2.5 S>C A 161:161(0) ack 111\n"); /* ten bytes that nobody saw */
	dialogue.next[0] = 111;
	lose(LOST, 0, 100, GAPS(.2, .4, .8, 1.6, 3.2));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_LOW);
	over();
}
END_TEST

START_TEST(later_writes_count_as_bytes_at_risk_and_the_oldest_is_the_onset)
{
	struct script_flow flow;

	session();
	dialogue_say_unacked(&dialogue, LOST, 0, 100);
	dialogue_say_unacked(&dialogue, LOST + .05, 0, 60);
	add("3.2 C>S PA 101:201(100) ack 161\n3.6 C>S PA 101:201(100) ack 161\n4.4 C>S PA 101:201(100) ack 161\n");
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.onset, script_at(LOST));
	ck_assert_uint_eq(flow.onset_frame, lost_frame);
	ck_assert_uint_eq(flow.bytes_at_risk, 160);
	ck_assert_int_eq(script_figure(script_find(&flow, "peer-vanished"), "bytes", 0), 160);
	over();
}
END_TEST

START_TEST(vanished_peer_explains_beats_that_are_no_longer_answered)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	for (unsigned i = 1; i <= 6; i++)
		dialogue_ask(&dialogue, i, 24, .01, 24);
	lose(7, 0, 24, GAPS(.2, .4, .8, 1.6, 3.2, 6.4));
	flow = seen(80);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_ptr_null(script_find(&flow, "idle-unknown"));
	over();
}
END_TEST

/* connect-unanswered */

static struct script_flow connecting(const char *text, double until)
{
	return script_judge(text, until, 0);
}

START_TEST(two_syns_a_second_apart_are_a_warning)
{
	struct script_flow flow = connecting("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n", 0);
	const struct script_finding *finding;

	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	ck_assert_int_eq(flow.onset, script_at(0));
	ck_assert_uint_eq(flow.onset_frame, 1);
	ck_assert_int_eq(flow.noticed, FL_TIME_NONE);
	ck_assert(flow.blind_open);
	ck_assert_int_eq(flow.blind, FL_NS_PER_S);
	ck_assert_str_eq(flow.because,
	                 "2 SYNs of one attempt, none of which got anything back no other connection to that "
	                 "port in the capture to compare with");
	ck_assert_str_eq(flow.summary,
	                 "Nothing answered the client's 2 SYNs from frame 1 on, over 1.0 s: no SYN-ACK, no "
	                 "refusal, no ICMP error.");
	finding = script_find(&flow, "connect-unanswered");
	ck_assert_uint_eq(finding->n_evidence, 2);
	ck_assert_str_eq(finding->evidence[0], "client sends the first SYN; nothing comes back");
	ck_assert_str_eq(finding->evidence[1], "SYN again, after 1.0 s");
}
END_TEST

START_TEST(single_syn_proves_nothing_however_long_ago)
{
	struct script_flow flow = connecting("0 C>S S 0:0(0)\n", 1000);

	is_inconclusive(&flow);
	ck_assert_uint_eq(flow.n_findings, 0);
}
END_TEST

START_TEST(syns_that_began_less_than_a_second_ago_have_to_wait)
{
	const char *text = "0 C>S S 0:0(0)\n0.95 C>S S 0:0(0)\n";
	struct script_flow flow = connecting(text, 0.999999);

	is_inconclusive(&flow);
	flow = connecting(text, 1);
	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

START_TEST(syns_half_a_second_apart_follow_a_refusal_that_was_not_captured)
{
	const char *text = "0 C>S S 0:0(0)\n0.5 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.5 C>S S 0:0(0)\n";
	struct script_flow flow = connecting(text, 0);

	is_inconclusive(&flow);
	flow = connecting(text, 20);
	is_inconclusive(&flow);
	flow = connecting("0 C>S S 0:0(0)\n0.89 C>S S 0:0(0)\n", 1.5);
	is_inconclusive(&flow);
	flow = connecting("0 C>S S 0:0(0)\n0.9 C>S S 0:0(0)\n", 1.5);
	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

START_TEST(three_repeated_syns_over_three_seconds_are_critical)
{
	const char *four = "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n2 C>S S 0:0(0)\n2.95 C>S S 0:0(0)\n";
	struct script_flow flow = connecting(four, 0);

	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	flow = connecting(four, 2.999999);
	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER);
	flow = connecting(four, 3);
	is(&flow, "connect-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(script_find(&flow, "connect-unanswered")->n_evidence, 3);
	says(script_find(&flow, "connect-unanswered")->evidence[2], "SYN for the last time: 4 in 3.0 s");
	ck_assert(!flow.is_abandoned);
	flow = connecting(four, 30);
	is(&flow, "connect-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert(flow.is_abandoned);
	flow = connecting("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n3 C>S S 0:0(0)\n", 5);
	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER); /* two of them */
	says(script_find(&flow, "connect-unanswered")->evidence[2], "SYN for the last time: 3 in 3.0 s");
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
}
END_TEST

START_TEST(settings_of_the_syn_tries_are_obeyed)
{
	struct script_run how = { .until = 1.5, .set = { "syn_for=1600ms" } };
	const char *text = "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n";
	struct script_result *result = script_run(text, &how);

	is_inconclusive(&result->flows[0]);
	free(result);
	how.set[0] = "syn_repeats=2";
	result = script_run(text, &how);
	is_inconclusive(&result->flows[0]);
	free(result);
}
END_TEST

START_TEST(client_that_gave_up_connecting_makes_it_critical)
{
	const char *reset = "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.5 C>S R 1:1(0) win 0\n";
	const char *again = "0 C>S S 0:0(0)\n.95 C>S S 0:0(0)\n2.9 C2>S S 0:0(0)\n";
	struct script_flow flow = connecting(reset, 0);

	is(&flow, "connect-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(1.5));
	ck_assert(!flow.blind_open);
	/* From a new port, when the next SYN of the old one was overdue: 0.95 + 1.9 * 1.125 + 0.01. */
	flow = connecting(again, 3.097);
	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(2.9));
}
END_TEST

START_TEST(new_port_when_the_old_one_stopped_is_giving_up)
{
	const char *text = "0 C>S S 0:0(0)\n0.9 C>S S 0:0(0)\n2.5 C2>S S 0:0(0)\n";
	struct script_flow flow = connecting(text, 2.93); /* 0.9 + 1.8 * 1.125 + 0.01 = 2.935 */

	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER);
	flow = connecting(text, 2.94);
	is(&flow, "connect-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(2.5));
	ck_assert_int_eq(flow.blind, script_at(2.5) - script_at(0));
	says_not(flow.kernel_says, "anew");
	flow = connecting("0 C>S S 0:0(0)\n0.9 C>S S 0:0(0)\n", 2.94); /* it stopped, and that may be all */
	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER);
	flow = connecting("0 C>S S 0:0(0)\n0.9 C>S S 0:0(0)\n", 3); /* two SYNs are two, however long one looks */
	is(&flow, "connect-unanswered", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_ne(script_figure(script_find(&flow, "connect-unanswered"), "stopped", 0), 0);
}
END_TEST

START_TEST(anything_that_came_back_is_an_answer)
{
	static const char *const answers[] = { "3.1 S>C RA 0:0(0) ack 1 win 0\n", "3.1 S>C SA 0:0(0) ack 1\n",
		                               "3.1 R ICMP 3/13 C>S 0:0(0)\n", "3.1 S ICMP 3/3 C>S 0:0(0)\n" };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		char text[512];
		struct script_flow flow;

		snprintf(text, sizeof(text), "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n2 C>S S 0:0(0)\n3 C>S S 0:0(0)\n%s",
		         answers[i]);
		flow = connecting(text, 30);
		ck_assert_str_ne(flow.verdict, "connect-unanswered");
	}
}
END_TEST

START_TEST(where_the_client_connected_at_last_nothing_is_unanswered)
{
	struct script_flow flow = connecting("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n2 C>S S 0:0(0)\n3 C>S S 0:0(0)\n"
	                                     "3.0002 S>C SA 0:0(0) ack 1\n3.0004 C>S A 1:1(0) ack 1\n",
	                                     0);

	is(&flow, "connect-slow", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_ptr_null(script_find(&flow, "connect-unanswered"));
}
END_TEST

START_TEST(syns_that_arrive_at_the_server_and_draw_nothing_are_its_stacks)
{
	/* Another connection shows the server's first TTL. */
	struct script_flow flow = connecting("0 D>S S 0:0(0) ttl 63\n0.0002 S>D SA 0:0(0) ack 1 ttl 64\n"
	                                     "0.0004 D>S A 1:1(0) ack 1 ttl 63\n"
	                                     "1 C>S S 0:0(0) ttl 62\n2 C>S S 0:0(0) ttl 62\n3 C>S S 0:0(0) ttl 62\n"
	                                     "4 C>S S 0:0(0) ttl 62\n",
	                                     0);

	flow = script_judge(
		"0 D>S S 0:0(0) ttl 63\n0.0002 S>D SA 0:0(0) ack 1 ttl 64\n0.0004 D>S A 1:1(0) ack 1 ttl 63\n"
		"1 C>S S 0:0(0) ttl 62\n2 C>S S 0:0(0) ttl 62\n3 C>S S 0:0(0) ttl 62\n"
		"4 C>S S 0:0(0) ttl 62\n",
		0, 1);
	is(&flow, "connect-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.layer, FL_LAYER_STACK);
	ck_assert_int_eq(flow.vantage, FL_SIDE_SERVER);
	says(flow.because, "captured at the server: the SYNs arrive, and nothing leaves");
	flow = script_judge("0 D>S S 0:0(0)\n0.0002 S>D SA 0:0(0) ack 1 ttl 60\n0.0004 D>S A 1:1(0) ack 1\n"
	                    "1 C>S S 0:0(0)\n2 C>S S 0:0(0)\n3 C>S S 0:0(0)\n4 C>S S 0:0(0)\n",
	                    0, 1);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.vantage, FL_SIDE_CLIENT);
	says_not(flow.because, "captured at the server");
}
END_TEST

START_TEST(other_connections_to_the_port_tell_more_of_it)
{
	const char *syns = "1 C>S S 0:0(0)\n2 C>S S 0:0(0)\n3 C>S S 0:0(0)\n4 C>S S 0:0(0)\n";
	static const struct {
		const char *before, *after, *because;
	} cases[] = {
		{ "0 D>S S 0:0(0)\n0.1 S>D SA 0:0(0) ack 1\n0.2 D>S A 1:1(0) ack 1\n",
		  "5 D>S PA 1:11(10) ack 1\n5.1 S>D A 1:1(0) ack 11\n", "its listen queue was full, or a filter" },
		{ "0 D>S S 0:0(0)\n0.1 S>D SA 0:0(0) ack 1\n0.2 D>S A 1:1(0) ack 1\n", "",
		  "had been made before; nothing was heard of the host since" },
		{ "0 D>S2 S 0:0(0)\n0.1 S2>D SA 0:0(0) ack 1\n0.2 D>S2 A 1:1(0) ack 1\n",
		  "25 D>S2 PA 1:11(10) ack 1\n25.1 S2>D A 1:1(0) ack 11\n", "it was not restarted" },
		{ "", "25 D>S S 0:0(0)\n25.1 S>D SA 0:0(0) ack 1\n", "nothing was heard of the host until " },
		{ "0 D>S S 0:0(0)\n", "", "no other connection to that port was made either" },
		{ "0 D>T S 0:0(0)\n", "", "no other connection to that port in the capture" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[1024];
		struct script_flow flow;

		snprintf(text, sizeof(text), "%s%s%s", cases[i].before, syns, cases[i].after);
		flow = script_judge(text, 0, cases[i].before[0] != 0);
		is(&flow, "connect-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
		says(flow.because, cases[i].because);
	}

	struct script_flow flow = script_judge(
		"1 C>S S 0:0(0)\n2 C>S S 0:0(0)\n2.1 D>S2 S 0:0(0)\n2.2 S2>D SA 0:0(0) ack 1\n"
		"3 C>S S 0:0(0)\n4 C>S S 0:0(0)\n",
		0, 0);

	is(&flow, "connect-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	says(flow.because, "the host was heard on other connections meanwhile: it is up");
}
END_TEST

/* connect-slow */

static const char syn_lost[] = "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.0002 S>C SA 0:0(0) ack 1\n1.0004 C>S A 1:1(0) ack 1\n"
			       "1.1 C>S PA 1:11(10) ack 1\n1.1002 S>C A 1:1(0) ack 11\n1.2 S>C PA 1:21(20) ack 11\n"
			       "1.2002 C>S A 11:11(0) ack 21\n";

START_TEST(syn_that_had_to_be_repeated_makes_a_slow_connect)
{
	struct script_flow flow = connecting(syn_lost, 0);
	const struct script_finding *finding = script_find(&flow, "connect-slow");

	is(&flow, "connect-slow", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	ck_assert_int_eq(flow.onset, script_at(0));
	ck_assert_uint_eq(flow.onset_frame, 1);
	ck_assert_int_eq(finding->recovered, script_at(1.0002));
	ck_assert_int_eq(finding->severity, FL_WARNING);
	ck_assert_int_eq(script_figure(finding, "syn", 0), 1);
	ck_assert_int_eq(script_figure(finding, "syn_ack", 0), 0);
	ck_assert_int_eq(script_figure(finding, "cost", 0), 1000200 * FL_NS_PER_US);
	ck_assert_uint_eq(finding->n_evidence, 3);
	ck_assert_str_eq(finding->evidence[0], "client sends the first SYN");
	ck_assert_str_eq(flow.because, "the repeats of the handshake are in the capture; whether it or its answer was "
	                               "lost, one place of capture cannot tell");
	script_never_critical(syn_lost);
}
END_TEST

START_TEST(syn_ack_that_had_to_be_repeated_makes_one_too)
{
	const char *text =
		"0 C>S S 0:0(0)\n0.0002 S>C SA 0:0(0) ack 1\n1.0002 S>C SA 0:0(0) ack 1\n1.0004 C>S A 1:1(0) ack 1\n";
	struct script_flow flow = connecting(text, 0);
	const struct script_finding *finding = script_find(&flow, "connect-slow");

	is(&flow, "connect-slow", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(script_figure(finding, "syn_ack", 0), 1);
	ck_assert_int_eq(flow.onset, script_at(.0002));
	ck_assert_int_eq(finding->side, FL_SIDE_SERVER);
	script_never_critical(text);
}
END_TEST

START_TEST(repeats_behind_a_repeated_syn_ack_are_still_the_timers)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	add("0 C>S S 0:0(0)\n0.0002 S>C SA 0:0(0) ack 1\n1.0002 S>C SA 0:0(0) ack 1\n1.0004 C>S A 1:1(0) ack 1\n");
	dialogue.next[0] = dialogue.next[1] = 1;
	dialogue_ask(&dialogue, 2, 50, .01, 80);
	lose(LOST, 0, 100, GAPS(.2, .4, .8));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.rtt, FL_TIME_NONE);
	over();
}
END_TEST

START_TEST(connect_that_cost_less_than_a_second_is_not_slow)
{
	struct script_flow flow = connecting("0 C>S S 0:0(0)\n0.5 C>S S 0:0(0)\n0.899 S>C SA 0:0(0) ack 1\n"
	                                     "0.8992 C>S A 1:1(0) ack 1\n",
	                                     0);

	is_well(&flow, "alive");
	flow = connecting("0 C>S S 0:0(0)\n0.5 C>S S 0:0(0)\n0.9 S>C SA 0:0(0) ack 1\n0.9002 C>S A 1:1(0) ack 1\n", 0);
	is(&flow, "connect-slow", FL_WARNING, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(slow_path_repeats_without_loss)
{
	/* 1.2 s of round trip: both SYNs arrive, and both are answered. */
	const char *text = "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.2 S>C SA 0:0(0) ack 1\n1.2001 C>S A 1:1(0) ack 1\n"
			   "1.3 C>S PA 1:11(10) ack 1\n2.2 S>C SA 0:0(0) ack 1\n2.2001 C>S A 11:11(0) ack 1\n"
			   "2.5 S>C A 1:1(0) ack 11\n";
	struct script_flow flow = connecting(text, 0);

	is_well(&flow, "alive");
	ck_assert_ptr_null(script_find(&flow, "connect-slow"));
	script_never_critical(text);
	/* The same on a short path is a loss. */
	flow = connecting("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.2 S>C SA 0:0(0) ack 1\n1.2001 C>S A 1:1(0) ack 1\n"
	                  "1.3 C>S PA 1:11(10) ack 1\n1.5 S>C A 1:1(0) ack 11\n",
	                  0);
	is(&flow, "connect-slow", FL_WARNING, FL_SIDE_BETWEEN);
}
END_TEST

START_TEST(slow_connect_is_a_finding_under_anything_worse)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	add(syn_lost);
	dialogue.next[0] = 11;
	dialogue.next[1] = 21;
	lose(LOST, 0, 100, GAPS(.2, .4, .8, 1.6, 3.2));
	flow = seen(0);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(script_find(&flow, "connect-slow")->severity, FL_WARNING);
	over();
}
END_TEST

START_TEST(slow_connect_and_a_standstill_are_degraded)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	add(syn_lost);
	dialogue.next[0] = 11;
	dialogue.next[1] = 21;
	lose(LOST, 0, 100, GAPS(.2, .4, .8));
	dialogue_ack(&dialogue, LOST + 2, 1);
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_ptr_nonnull(script_find(&flow, "connect-slow"));
	script_never_critical(dialogue_text(&dialogue));
	over();
}
END_TEST

START_TEST(pending_failure_after_a_slow_connect_is_inconclusive)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	add(syn_lost);
	dialogue.next[0] = 11;
	dialogue.next[1] = 21;
	lose(LOST, 0, 100, GAPS(.2, .4));
	flow = seen(0);
	is_inconclusive(&flow);
	ck_assert_ptr_nonnull(script_find(&flow, "connect-slow"));
	over();
}
END_TEST

START_TEST(slow_connect_that_closed_in_order_stays_one)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	add(syn_lost);
	dialogue.next[0] = 11;
	dialogue.next[1] = 21;
	dialogue_fin(&dialogue, 2, 0);
	dialogue_fin(&dialogue, 2.1, 1);
	flow = seen(0);
	is(&flow, "connect-slow", FL_WARNING, FL_SIDE_BETWEEN);
	over();
}
END_TEST

/* degraded */

START_TEST(standstills_of_more_than_a_second_in_all_are_degraded)
{
	struct script_flow flow;
	const struct script_finding *finding;

	session();
	lose(3, 0, 100, GAPS(.2));
	dialogue_ack(&dialogue, 3.4002, 1);
	lose(5, 0, 100, GAPS(.2, .3));
	dialogue_ack(&dialogue, 5.6006, 1); /* 0.3998 and 0.6002 without their round trips: 1 s */
	flow = seen(0);
	is_well(&flow, "alive");
	ck_assert_uint_eq(flow.n_findings, 0);
	over();
	session();
	lose(3, 0, 100, GAPS(.2));
	dialogue_ack(&dialogue, 3.4002, 1);
	lose(5, 0, 100, GAPS(.2, .3));
	dialogue_ack(&dialogue, 5.6007, 1);
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.layer, FL_LAYER_PATH);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	ck_assert_int_eq(flow.onset, script_at(5)); /* the longest */
	ck_assert_uint_eq(flow.onset_frame, 15);
	finding = script_find(&flow, "degraded");
	ck_assert_int_eq(finding->recovered, script_at(5.6007));
	ck_assert_int_eq(script_figure(finding, "stalled", 0), 1000100 * FL_NS_PER_US);
	ck_assert_int_eq(script_figure(finding, "stalls", 0), 2);
	ck_assert_int_eq(script_figure(finding, "longest", 0), 600300 * FL_NS_PER_US);
	ck_assert_int_eq(script_figure(finding, "repeats", 0), 2);
	ck_assert_int_eq(script_figure(finding, "again", 0), 3);
	ck_assert_int_eq(script_figure(finding, "packets", 0), 18);
	ck_assert_uint_eq(finding->n_evidence, 2);
	ck_assert_str_eq(finding->evidence[0], "the longest standstill begins: 600 ms, 2 repeats");
	says(flow.summary, "It works, and stood still for 1.0 s in all, 2 times, the longest for 600 ms, from frame ");
	ck_assert_str_eq(flow.because,
	                 "the repeats and the ACKs that ended them are in the capture; the round trip that an "
	                 "ACK takes anyway is not counted");
	flow = seen_with(0, "stalled=1100ms");
	is_well(&flow, "alive");
	script_never_critical(dialogue_text(&dialogue));
	over();
}
END_TEST

START_TEST(longest_standstill_may_be_the_first_or_the_other_sides)
{
	struct script_flow flow;

	session();
	lose(3, 0, 100, GAPS(.2, .4));
	dialogue_ack(&dialogue, 4.3, 1);
	lose(5, 0, 100, GAPS(.2));
	dialogue_ack(&dialogue, 5.4, 1);
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.onset, script_at(3));
	over();
	session();
	lose(3, 0, 100, GAPS(.2, .4));
	dialogue_ack(&dialogue, 4.3, 1);
	lose(5, 1, 100, GAPS(.2, .4));
	dialogue_ack(&dialogue, 7, 0);
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.onset, script_at(5));
	ck_assert_int_eq(script_find(&flow, "degraded")->side, FL_SIDE_CLIENT);
	ck_assert_int_eq(script_figure(script_find(&flow, "degraded"), "again", 0), 4);
	over();
	session();
	lose(3, 0, 100, GAPS(.2, .4));
	dialogue_ack(&dialogue, 4.3, 1);
	lose(5, 0, 100, GAPS(.2, .4));
	dialogue_ack(&dialogue, 6.3, 1); /* as long: the first */
	flow = seen(0);
	ck_assert_int_eq(flow.onset, script_at(3));
	over();
}
END_TEST

START_TEST(capture_with_holes_is_less_sure_of_a_standstill)
{
	struct script_flow flow;

	session();
	add("2.5 S>C A 161:161(0) ack 111\n");
	dialogue.next[0] = 111;
	lose(3, 0, 100, GAPS(.2, .4));
	dialogue_ack(&dialogue, 4.3, 1);
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	says(flow.because, "the capture itself lost packets of this connection");
	over();
}
END_TEST

START_TEST(fast_retransmissions_are_no_standstill)
{
	struct script_flow flow;

	session();
	for (unsigned i = 0; i < 20; i++) {
		double at = 3 + i;

		/* The first of four is lost, three ACKs ask for it. */
		dialogue_say_unacked(&dialogue, at, 0, 100);
		for (unsigned k = 1; k < 4; k++)
			dialogue_say_unacked(&dialogue, at + .0001 * k, 0, 100);
		for (unsigned k = 1; k < 4; k++)
			fl_text_add(&dialogue.lines, "%.6f S>C A 161:161(0) ack %llu\n", at + .001 + .0001 * k,
			            (unsigned long long)dialogue.next[0] - 400);
		fl_text_add(&dialogue.lines, "%.6f C>S A %llu:%llu(100) ack 161\n", at + .0015,
		            (unsigned long long)dialogue.next[0] - 400, (unsigned long long)dialogue.next[0] - 300);
		dialogue_ack(&dialogue, at + .002, 1);
	}
	flow = seen(0);
	is_well(&flow, "alive");
	ck_assert_ptr_null(script_find(&flow, "degraded"));
	ck_assert_ptr_null(script_find(&flow, "peer-vanished"));
	over();
}
END_TEST

/* idle-unknown */

START_TEST(open_and_silent_for_a_minute_is_unknown)
{
	struct script_flow flow;

	session(); /* its last packet comes at 2.0102 */
	flow = seen(62.0101);
	is_well(&flow, "alive");
	flow = seen(62.0102);
	is(&flow, "idle-unknown", FL_NOTICE, FL_SIDE_UNKNOWN);
	ck_assert_int_eq(flow.layer, FL_LAYER_UNKNOWN);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	ck_assert_int_eq(flow.onset, script_at(2.0102));
	ck_assert_uint_eq(flow.onset_frame, 11);
	says(flow.because, "nothing was under way, and nothing was asked");
	says(flow.because, "captured from the first SYN on");
	ck_assert_str_eq(flow.summary,
	                 "Open and silent for 1m00s (since frame 11): nothing is under way and nobody asks, "
	                 "so nobody can know whether the other side is still there. Only the next "
	                 "write will tell.");
	says(flow.would_catch, "keepalives (by default 7,200 s of silence and 9 probes 75 s apart: 7,875 s");
	flow = seen(352.0102);
	is(&flow, "idle-unknown", FL_NOTICE, FL_SIDE_UNKNOWN);
	flow = seen(352.0103);
	is(&flow, "idle-unknown", FL_WARNING, FL_SIDE_UNKNOWN);
	flow = seen_with(30, "idle=20s");
	is(&flow, "idle-unknown", FL_NOTICE, FL_SIDE_UNKNOWN);
	flow = seen_with(30, "idle=40s");
	is_well(&flow, "alive");
	over();
}
END_TEST

START_TEST(answered_keepalives_are_no_doubt_until_the_next_is_due)
{
	struct script_flow flow;

	session();
	dialogue_probe(&dialogue, 77.0104, 0, true);
	dialogue_probe(&dialogue, 152.0104, 0, true);
	flow = seen(152.0106 + 75 * 1.125);
	is_well(&flow, "alive");
	flow = seen(152.0106 + 75 * 1.125 + .000001); /* overdue by more than an eighth */
	is(&flow, "idle-unknown", FL_NOTICE, FL_SIDE_UNKNOWN);
	over();
	session(); /* two hours apart, as Linux sends them by default */
	dialogue_probe(&dialogue, 7200, 0, true);
	dialogue_probe(&dialogue, 14400, 0, true);
	flow = seen(20000);
	is_well(&flow, "alive");
	over();
	session();
	dialogue_probe(&dialogue, 77.0104, 1, true); /* of one nobody knows when the next is due */
	flow = seen(500);
	is_well(&flow, "alive");
	over();
}
END_TEST

START_TEST(unanswered_keepalive_is_no_idle_silence)
{
	struct script_flow flow;

	session();
	dialogue_probe(&dialogue, 77.0104, 0, false);
	flow = seen(200);
	is_inconclusive(&flow);
	ck_assert_ptr_null(script_find(&flow, "idle-unknown"));
	over();
}
END_TEST

START_TEST(usual_pause_is_no_doubt)
{
	struct script_flow flow;

	session();
	dialogue_ask(&dialogue, 102, 50, .01, 80); /* 100 s after the one before */
	flow = seen(102.0102 + 125);
	is_well(&flow, "alive");
	flow = seen(102.0102 + 125.000001);
	is(&flow, "idle-unknown", FL_NOTICE, FL_SIDE_UNKNOWN);
	over();
	/* Two messages have no usual pause. */
	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_ask(&dialogue, 1, 50, .01, 80);
	dialogue_ask(&dialogue, 101, 50, .01, 80);
	flow = seen(170);
	is(&flow, "idle-unknown", FL_NOTICE, FL_SIDE_UNKNOWN);
	over();
}
END_TEST

START_TEST(one_way_stream_between_two_sends_is_well)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	for (unsigned i = 1; i <= 5; i++)
		dialogue_say(&dialogue, i * 90, 0, 40 + i * 7);
	flow = seen(450 + 80);
	is_well(&flow, "one-way");
	flow = seen(450 + 120);
	ck_assert_str_ne(flow.verdict, "one-way");
	over();
}
END_TEST

START_TEST(what_is_under_way_or_over_is_not_idle)
{
	struct script_flow flow;

	session();
	dialogue_say_unacked(&dialogue, 3, 0, 10);
	flow = seen(100);
	ck_assert_ptr_null(script_find(&flow, "idle-unknown"));
	over();
	session();
	dialogue_fin(&dialogue, 3, 0);
	flow = seen(100);
	ck_assert_ptr_null(script_find(&flow, "idle-unknown"));
	over();
	session();
	dialogue_rst(&dialogue, 3, 0);
	flow = seen(100);
	ck_assert_ptr_null(script_find(&flow, "idle-unknown"));
	over();
	session();
	add("3 S>C A 161:161(0) ack 101 win 0\n"); /* it is not idle that reads nothing */
	flow = seen(100);
	ck_assert_ptr_null(script_find(&flow, "idle-unknown"));
	over();
	flow = script_judge("0 C>S PA 1:11(10) ack 1\n1 C>S PA 11:21(10) ack 1\n", 100, 0); /* one side alone */
	ck_assert_ptr_null(script_find(&flow, "idle-unknown"));
}
END_TEST

START_TEST(repeats_of_which_only_one_direction_was_captured_prove_nothing)
{
	/* Whoever captured this saw no ACK of anything, of those that went well neither. */
	struct script_flow flow = script_judge("0 C>S PA 1:51(50) ack 1\n1 C>S PA 51:101(50) ack 81\n"
	                                       "2 C>S PA 101:201(100) ack 161\n2.2 C>S PA 101:201(100) ack 161\n"
	                                       "2.6 C>S PA 101:201(100) ack 161\n3.4 C>S PA 101:201(100) ack 161\n"
	                                       "5 C>S PA 101:201(100) ack 161\n8.2 C>S PA 101:201(100) ack 161\n"
	                                       "14.6 C>S PA 101:201(100) ack 161\n",
	                                       30, 0);

	ck_assert_str_eq(flow.verdict, "inconclusive");
	ck_assert_str_eq(flow.kernel_says,
	                 "The client's kernel sent 6 segments again: whether anything was ACKed was not captured.");
	ck_assert_uint_eq(flow.timers.n_knobs, 0);
}
END_TEST

START_TEST(syn_that_comes_again_on_a_connection_that_was_made_is_none_of_its_handshake)
{
	static const char text[] = "0 C>S S 0:0(0)\n0.001 S>C SA 0:0(0) ack 1\n0.002 C>S A 1:1(0) ack 1\n"
				   "9 C>S S 0:0(0)\n";
	struct script_flow flow = script_judge(text, 300, 0);

	ck_assert_msg(strstr(flow.kernel_says, "SYN") == NULL, "%s", flow.kernel_says);
}
END_TEST

START_TEST(first_gap_of_a_syn_tells_old_systems_only_where_it_is_theirs)
{
	static const char old[] = "3 s (Linux before 3.1, old Windows)";
	struct script_flow flow = script_judge("0 C>S S 0:0(0)\n3 C>S S 0:0(0)\n9 C>S S 0:0(0)\n", 20, 0);

	ck_assert_msg(strstr(flow.kernel_says, old) != NULL, "%s", flow.kernel_says);
	flow = script_judge("0 C>S S 0:0(0)\n4 C>S S 0:0(0)\n12 C>S S 0:0(0)\n", 20, 0);
	ck_assert_msg(strstr(flow.kernel_says, old) == NULL, "%s", flow.kernel_says);
	flow = script_judge("0 C>S S 0:0(0)\n4500 C>S S 0:0(0)\n9000 C>S S 0:0(0)\n", 9001, 0);
	ck_assert_msg(strstr(flow.kernel_says, "again after more than 1h11m") != NULL, "%s", flow.kernel_says);
}
END_TEST

START_TEST(request_that_waits_is_not_idle)
{
	struct script_flow flow;

	session();
	dialogue_say(&dialogue, 3, 0, 50); /* ACKed, not answered as the two before were */
	flow = seen(100);
	is(&flow, "app-silent", FL_NOTICE, FL_SIDE_SERVER);
	over();
}
END_TEST

START_TEST(idle_after_what_it_suffered_is_told_beside_it)
{
	struct script_flow flow = connecting(syn_lost, 100);

	is(&flow, "connect-slow", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(script_find(&flow, "idle-unknown")->severity, FL_NOTICE);
	lost(GAPS(.2, .4, .8));
	dialogue_ack(&dialogue, LOST + 2, 1);
	dialogue_say(&dialogue, LOST + 2.1, 1, 80);
	flow = seen(100);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	ck_assert_int_eq(script_find(&flow, "idle-unknown")->severity, FL_NOTICE);
	flow = seen(400); /* as bad, and what lasts comes first */
	is(&flow, "idle-unknown", FL_WARNING, FL_SIDE_UNKNOWN);
	over();
}
END_TEST

/* Healthy connections that lose packets: no prefix is critical. */

START_TEST(no_prefix_of_a_connection_that_loses_packets_is_critical)
{
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue.rtt = .04;
	dialogue_open(&dialogue, 0);
	for (unsigned i = 0; i < 12; i++) {
		double at = 1 + i * 6;

		dialogue_ask(&dialogue, at, 50, .1, 80);
		/* Each time one repeat more: a probe, then by the timer. */
		at = lose(at + 1, i & 1, 100 + i,
		          i % 4 == 0   ? GAPS(.24)
		          : i % 4 == 1 ? GAPS(.24, .24)
		          : i % 4 == 2 ? GAPS(.24, .48, .96)
		                       : GAPS(.24, .24, .48, .96));
		dialogue_ack(&dialogue, at + .04, !(i & 1));
	}
	dialogue_fin(&dialogue, 100, 0);
	dialogue_fin(&dialogue, 100.1, 1);
	script_never_critical(dialogue_text(&dialogue));
	flow = seen(0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_BETWEEN);
	over();
}
END_TEST

START_TEST(no_prefix_of_a_handshake_that_loses_packets_is_critical)
{
	script_never_critical("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.0002 S>C SA 0:0(0) ack 1\n2.0002 S>C SA 0:0(0) ack 1\n"
	                      "2.0004 C>S A 1:1(0) ack 1\n2.1 C>S PA 1:11(10) ack 1\n2.3 C>S PA 1:11(10) ack 1\n"
	                      "2.3002 S>C A 1:1(0) ack 11\n3 C2>S S 0:0(0)\n3.0002 S>C2 SA 0:0(0) ack 1\n"
	                      "3.0004 C2>S A 1:1(0) ack 1\n");
}
END_TEST

UNIT_MAIN("path", three_repeats_by_the_timer_over_a_second_are_a_warning, two_repeats_by_the_timer_are_too_few,
          tail_loss_probe_is_no_repeat_by_the_timer, three_repeats_within_a_second_have_to_wait,
          two_repeats_over_five_seconds_are_a_warning, five_repeats_by_the_timer_over_five_seconds_are_critical,
          settings_of_the_data_tries_are_obeyed, kernel_that_gave_up_makes_it_critical,
          senders_own_reset_makes_it_critical_and_is_when_it_was_noticed, new_syn_of_the_client_corroborates,
          new_syn_within_a_second_says_nothing, syn_of_another_client_or_to_another_service_says_nothing,
          new_connection_made_while_the_old_one_is_repeated_concerns_this_one_only,
          own_reset_and_new_syn_are_noticed_at_the_first_of_them,
          host_that_is_silent_on_other_connections_too_makes_it_critical, host_that_was_heard_since_is_not_silent,
          stray_ack_explains_three_repeats_at_most, ack_right_behind_the_last_repeat_ends_it_and_refuses_nothing,
          what_would_have_caught_it_is_told_with_its_time, host_that_lives_on_other_connections_is_told,
          host_that_is_back_is_told_with_its_time, client_that_vanished_is_the_clients_side,
          one_direction_alone_shows_no_ack, ack_that_comes_after_all_ends_it,
          recovered_before_the_threshold_was_no_failure,
          two_repeats_over_five_seconds_leave_a_finding_when_they_recover, repeated_fin_is_no_vanished_peer,
          failure_after_one_that_recovered_is_told_with_it, pending_failure_after_one_that_recovered_is_inconclusive,
          reset_of_the_peer_explains_it, reset_of_a_peer_that_never_got_the_data_does_not_explain_it,
          series_that_the_peers_reset_ended_was_not_given_up, repeated_syn_acks_are_a_full_accept_queue,
          peer_that_answers_the_repeats_without_taking_them_has_not_vanished, icmp_error_belongs_to_another_verdict,
          icmp_error_before_the_last_ack_is_history, repeats_of_what_was_acked_show_that_the_acks_do_not_arrive,
          two_repeats_of_what_was_acked_may_be_one_lost_ack, repeats_of_what_was_acked_without_a_reply_prove_nothing,
          sender_that_goes_on_to_new_data_has_heard_the_ack,
          packets_of_the_peer_during_the_series_show_one_direction_dead,
          packets_of_the_peer_only_before_the_first_repeat_show_no_direction,
          three_window_probes_without_an_answer_are_a_vanished_peer, window_probes_within_half_a_second_count_once,
          five_window_probes_over_five_seconds_are_critical, window_probe_that_is_answered_at_last_is_a_recovery,
          only_full_segments_lost_may_be_an_mtu_black_hole, full_segment_without_a_handshake_is_one_of_a_usual_path,
          loss_after_a_quiet_minute_may_be_a_forgetful_middlebox, quiet_before_is_that_of_the_message_that_was_lost,
          full_segment_is_measured_by_what_its_receiver_takes,
          new_connection_at_once_after_a_quiet_minute_is_not_a_vanished_peer, capture_with_holes_lowers_the_confidence,
          later_writes_count_as_bytes_at_risk_and_the_oldest_is_the_onset,
          vanished_peer_explains_beats_that_are_no_longer_answered, two_syns_a_second_apart_are_a_warning,
          single_syn_proves_nothing_however_long_ago, syns_that_began_less_than_a_second_ago_have_to_wait,
          syns_half_a_second_apart_follow_a_refusal_that_was_not_captured,
          three_repeated_syns_over_three_seconds_are_critical, settings_of_the_syn_tries_are_obeyed,
          client_that_gave_up_connecting_makes_it_critical, new_port_when_the_old_one_stopped_is_giving_up,
          anything_that_came_back_is_an_answer, where_the_client_connected_at_last_nothing_is_unanswered,
          syns_that_arrive_at_the_server_and_draw_nothing_are_its_stacks, other_connections_to_the_port_tell_more_of_it,
          syn_that_had_to_be_repeated_makes_a_slow_connect, syn_ack_that_had_to_be_repeated_makes_one_too,
          repeats_behind_a_repeated_syn_ack_are_still_the_timers, connect_that_cost_less_than_a_second_is_not_slow,
          slow_path_repeats_without_loss, slow_connect_is_a_finding_under_anything_worse,
          slow_connect_and_a_standstill_are_degraded, pending_failure_after_a_slow_connect_is_inconclusive,
          slow_connect_that_closed_in_order_stays_one, standstills_of_more_than_a_second_in_all_are_degraded,
          longest_standstill_may_be_the_first_or_the_other_sides, capture_with_holes_is_less_sure_of_a_standstill,
          fast_retransmissions_are_no_standstill, open_and_silent_for_a_minute_is_unknown,
          answered_keepalives_are_no_doubt_until_the_next_is_due, unanswered_keepalive_is_no_idle_silence,
          usual_pause_is_no_doubt, one_way_stream_between_two_sends_is_well, what_is_under_way_or_over_is_not_idle,
          repeats_of_which_only_one_direction_was_captured_prove_nothing,
          syn_that_comes_again_on_a_connection_that_was_made_is_none_of_its_handshake,
          first_gap_of_a_syn_tells_old_systems_only_where_it_is_theirs, request_that_waits_is_not_idle,
          idle_after_what_it_suffered_is_told_beside_it, no_prefix_of_a_connection_that_loses_packets_is_critical,
          no_prefix_of_a_handshake_that_loses_packets_is_critical)
