/* The verdicts, as VERDICTS.md words them: what sick connections are called, and what healthy and look-alike ones must
 * not be called. Each script is a dialogue as a kernel would show it; the healthy ones are also cut after every packet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "unit.h"

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
	ck_assert(flow->onset == FL_TIME_NONE && flow->noticed == FL_TIME_NONE);
}

/* A failure that this version has no name for must not get a wrong one. */
static void is_not_critical(const struct script_flow *flow)
{
	ck_assert_msg(flow->severity < FL_CRITICAL, "flow %u is %s, critical: %s", flow->id, flow->verdict,
	              flow->summary);
}

static struct script_flow end_of(struct dialogue *dialogue, double until)
{
	struct script_flow flow = script_judge(dialogue_text(dialogue), until, 0);

	dialogue_deinit(dialogue);
	return flow;
}

/* The same, and no prefix of it may be critical. */
static struct script_flow healthy_end_of(struct dialogue *dialogue, double until)
{
	script_never_critical(dialogue_text(dialogue));
	return end_of(dialogue, until);
}

/* The gateway's incident: a login, then `beats` heartbeats from 5 s on, all ACKed. */
static void open_gateway(struct dialogue *dialogue, unsigned beats)
{
	dialogue_init(dialogue);
	dialogue_open(dialogue, 0);
	dialogue_say(dialogue, 0.001, 0, 64);
	for (unsigned i = 0; i < beats; i++)
		dialogue_say(dialogue, 5.001 + 5.0 * i, 0, 24);
}

/* A session whose login is answered, and `beats` heartbeats of 24 bytes, one every `period`, all answered after 10 ms.
 * Returns when the next one is due. */
static double answered_session(struct dialogue *dialogue, unsigned beats, double period)
{
	dialogue_init(dialogue);
	dialogue_open(dialogue, 0);
	dialogue_ask(dialogue, 0.001, 64, 0.02, 32);
	for (unsigned i = 1; i <= beats; i++)
		dialogue_ask(dialogue, i * period, 24, 0.01, 24);
	return (beats + 1) * period;
}

START_TEST(login_and_beats_without_an_answer_is_auth_unanswered)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 10);
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.layer, FL_LAYER_APPLICATION);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	ck_assert(flow.has_alternative_one_way);
	ck_assert_uint_eq(flow.onset_frame, 4);
	ck_assert_int_eq(flow.onset, script_at(0.001));
	ck_assert(flow.blind_open);
	ck_assert_int_eq(flow.blind, script_at(50.0012) - script_at(0.001));
	ck_assert_ptr_nonnull(strstr(flow.explains, "heartbeat-before-auth"));
	ck_assert_str_eq(flow.summary,
	                 "The server's application never answered the login (frame 4). Its kernel is alive: it ACKed "
	                 "the login and all 10 heartbeats.");

	const struct script_finding *finding = script_find(&flow, "auth-unanswered");

	ck_assert_int_eq(script_figure(finding, "beats", 0), 10);
	ck_assert_int_eq(script_figure(finding, "beats_acked", 0), 10);
	ck_assert_int_eq(script_figure(finding, "period", 0), 5 * FL_NS_PER_S);
	ck_assert_int_eq(script_figure(finding, "acked_after", 0), 200 * FL_NS_PER_US);
}
END_TEST

START_TEST(auth_unanswered_needs_three_beats_to_be_critical)
{
	for (unsigned beats = 0; beats <= 4; beats++) {
		struct dialogue dialogue;
		struct script_flow flow;

		open_gateway(&dialogue, beats);
		flow = end_of(&dialogue, 0);
		if (beats >= 3)
			is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
		else
			is_not_critical(&flow);
	}
}
END_TEST

START_TEST(first_request_that_waits_is_only_a_notice)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	flow = healthy_end_of(&dialogue, 30);
	is(&flow, "auth-unanswered", FL_NOTICE, FL_SIDE_SERVER);
	ck_assert(flow.has_alternative_one_way);
}
END_TEST

START_TEST(answer_owed_is_measured_to_observed_until)
{
	struct dialogue dialogue;

	open_gateway(&dialogue, 0);

	struct script_flow early = script_judge(dialogue_text(&dialogue), 5.0, 0);
	struct script_flow late = script_judge(dialogue_text(&dialogue), 5.0011, 0);

	is_not_critical(&early);
	ck_assert_str_ne(early.verdict, "auth-unanswered");
	is(&late, "auth-unanswered", FL_NOTICE, FL_SIDE_SERVER);
	dialogue_deinit(&dialogue);
}
END_TEST

START_TEST(answer_owed_setting_is_obeyed)
{
	struct script_run how = { .until = 30, .set = { "answer_owed=31s" } };
	struct dialogue dialogue;
	struct script_result *result;

	open_gateway(&dialogue, 0);
	result = script_run(dialogue_text(&dialogue), &how);
	ck_assert_str_ne(result->flows[0].verdict, "auth-unanswered");
	free(result);
	how.set[0] = "answer_owed=29s";
	result = script_run(dialogue_text(&dialogue), &how);
	ck_assert_str_eq(result->flows[0].verdict, "auth-unanswered");
	free(result);
	dialogue_deinit(&dialogue);
}
END_TEST

START_TEST(asker_that_gives_up_makes_it_critical)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	dialogue_fin(&dialogue, 12, 0);
	flow = script_judge(dialogue_text(&dialogue), 16.999, 0);
	is(&flow, "auth-unanswered", FL_NOTICE, FL_SIDE_SERVER); /* a server that reads on closes, too */
	flow = end_of(&dialogue, 17);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(12));
	ck_assert(!flow.blind_open);
	ck_assert_int_eq(flow.blind, script_at(12) - script_at(0.001));
}
END_TEST

START_TEST(reset_by_the_asker_is_giving_up_too)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	dialogue_rst(&dialogue, 12, 0);
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(12));
}
END_TEST

START_TEST(new_syn_of_the_client_is_when_it_noticed)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 4);
	dialogue_between(&dialogue, "C2", "S");
	dialogue_open(&dialogue, 33);
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.noticed, script_at(33));
}
END_TEST

/* Two programs of one host, or one that never looks: who sends on has not left. */
START_TEST(new_syn_is_not_noticing_where_the_old_connection_is_used_on)
{
	struct dialogue dialogue;
	struct script_flow flow;

	for (int late = 0; late < 2; late++) {
		open_gateway(&dialogue, 3);
		dialogue_between(&dialogue, "C2", "S");
		dialogue_open(&dialogue, late ? 19 : 19.1);
		fl_text_add(&dialogue.lines, "20.001 C>S PA 137:161(24) ack 1\n20.0012 S>C A 1:1(0) ack 161\n");
		flow = end_of(&dialogue, 0);
		is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
		ck_assert_int_eq(flow.noticed, late ? FL_TIME_NONE : script_at(19.1));
	}
}
END_TEST

START_TEST(syn_of_another_host_or_to_another_service_is_not_noticing)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	dialogue_between(&dialogue, "D", "S");
	dialogue_open(&dialogue, 20);
	dialogue_between(&dialogue, "C2", "S2");
	dialogue_open(&dialogue, 21);
	dialogue_between(&dialogue, "C3", "T");
	dialogue_open(&dialogue, 22);
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_NOTICE, FL_SIDE_SERVER);
	ck_assert(flow.noticed == FL_TIME_NONE);
}
END_TEST

/* Somebody set the clock by an hour, and nobody waited for that long. */
START_TEST(wait_that_is_mostly_a_jump_of_the_clock_is_a_notice)
{
	const char
		*text = "0 C>S S 0:0(0) <mss 1460,ts 1000 0>\n0.01 S>C SA 0:0(0) ack 1 <mss 1460,ts 5000 1000>\n"
			"0.02 C>S A 1:1(0) ack 1 <ts 1020 5000>\n1 C>S PA 1:65(64) ack 1 <ts 2000 5000>\n"
			"1.01 S>C A 1:1(0) ack 65 <ts 5990 2000>\n3601 C>S PA 65:89(24) ack 1 <ts 2100 5990>\n"
			"3601.01 S>C A 1:1(0) ack 89 <ts 6090 2100>\n3603 C>S PA 89:113(24) ack 1 <ts 4100 6090>\n"
			"3603.01 S>C A 1:1(0) ack 113 <ts 8090 4100>\n3605 C>S PA 113:137(24) ack 1 <ts 6100 8090>\n"
			"3605.01 S>C A 1:1(0) ack 137 <ts 10090 6100>\n3607 C>S PA 137:161(24) ack 1 <ts 8100 10090>\n"
			"3607.01 S>C A 1:1(0) ack 161 <ts 12090 8100>\n";
	const char *why = "most of this time is a jump of the capture's clock";
	struct script_flow flow = script_judge(text, 3608, 0);

	is(&flow, "auth-unanswered", FL_NOTICE, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_LOW);
	ck_assert_ptr_nonnull(strstr(flow.because, why));
	flow = script_judge(text, 7300, 0); /* less than half of it */
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_ptr_null(strstr(flow.because, why));
}
END_TEST

START_TEST(siblings_that_were_answered_make_it_certain)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 4);
	dialogue_between(&dialogue, "D", "S");
	dialogue_open(&dialogue, 21);
	dialogue_ask(&dialogue, 21.001, 64, 0.02, 32);
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	ck_assert(!flow.has_alternative_one_way);
}
END_TEST

START_TEST(slow_service_gets_four_times_its_longest_answer)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	dialogue_between(&dialogue, "D", "S");
	dialogue_open(&dialogue, 0.5);
	dialogue_ask(&dialogue, 0.6, 64, 4, 32);
	flow = script_judge(dialogue_text(&dialogue), 15.9, 0);
	is_not_critical(&flow);
	ck_assert_str_eq(flow.verdict, "inconclusive"); /* it ended too soon to tell */
	flow = end_of(&dialogue, 16.1);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(replies_owed_makes_the_first_wait_critical)
{
	struct script_run how = { .until = 6, .set = { "replies=owed" } };
	struct dialogue dialogue;
	struct script_result *result;

	open_gateway(&dialogue, 0);
	result = script_run(dialogue_text(&dialogue), &how);
	is(&result->flows[0], "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(result->flows[0].confidence, FL_CONFIDENCE_HIGH);
	free(result);
	dialogue_deinit(&dialogue);
}
END_TEST

START_TEST(login_of_several_segments_is_one_login)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	fl_text_add(&dialogue.lines,
	            "0.001 C>S A 1:1461(1460) ack 1\n+0 C>S PA 1461:1561(100) ack 1\n+0.0002 S>C A 1:1(0) ack 1561\n");
	dialogue.next[0] = 1561;
	for (unsigned i = 0; i < 5; i++)
		dialogue_say(&dialogue, 5 + 5.0 * i, 0, 24);
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(script_figure(script_find(&flow, "auth-unanswered"), "request_length", 0), 1560);
}
END_TEST

START_TEST(late_beat_among_eight_does_not_hide_the_shape)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 8);
	dialogue_say(&dialogue, 43, 0, 24);
	dialogue_say(&dialogue, 50, 0, 24);
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(three_equal_lines_do_not_outlast_the_ones_that_vary)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 3);
	for (unsigned i = 0; i < 12; i++)
		dialogue_say(&dialogue, 20 + 5 * i, 0, 31 + 17 * i % 90);
	flow = end_of(&dialogue, 0);
	is_well(&flow, "one-way");
}
END_TEST

START_TEST(answered_login_is_alive)
{
	struct dialogue dialogue;
	struct script_flow flow;

	answered_session(&dialogue, 8, 5);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "alive");
}
END_TEST

START_TEST(login_answered_after_two_beats_is_alive)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 2);
	dialogue_say(&dialogue, 10.5, 1, 32);
	for (unsigned i = 3; i < 9; i++)
		dialogue_ask(&dialogue, 5.0 * i, 24, 0.01, 24);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "alive");
}
END_TEST

START_TEST(login_answered_after_four_beats_has_recovered)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 4);
	dialogue_say(&dialogue, 21, 1, 32);
	dialogue_ask(&dialogue, 25, 24, 0.01, 24);
	flow = end_of(&dialogue, 0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_SERVER); /* the answer came too late */

	const struct script_finding *finding = script_find(&flow, "auth-unanswered");

	ck_assert_ptr_nonnull(finding);
	ck_assert_int_eq(finding->recovered, script_at(21));
	ck_assert_int_le(finding->severity, FL_WARNING);
}
END_TEST

START_TEST(login_never_acked_is_not_auth_unanswered)
{
	static const char text[] = "0 C>S S 0:0(0) win 64240 <mss 1460,wscale 7>\n"
				   "+0.0002 S>C SA 0:0(0) ack 1 win 65160 <mss 1460,wscale 7>\n"
				   "+0.0002 C>S A 1:1(0) ack 1\n"
				   "0.001 C>S PA 1:65(64) ack 1\n"
				   "0.201 C>S PA 1:65(64) ack 1\n"
				   "0.601 C>S PA 1:65(64) ack 1\n"
				   "1.401 C>S PA 1:65(64) ack 1\n"
				   "3.001 C>S PA 1:65(64) ack 1\n"
				   "6.201 C>S PA 1:65(64) ack 1\n"
				   "9.000 C2>S S 0:0(0) win 64240 <mss 1460,wscale 7>\n";
	struct script_flow flow = script_judge(text, 0, 0);

	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(flow.onset_frame, 4);
}
END_TEST

/* The second half of the login was never ACKed: the kernel or the path is gone, not the application (peer-vanished). */
START_TEST(login_acked_in_part_is_not_auth_unanswered)
{
	static const char text[] = "0 C>S S 0:0(0) win 64240 <mss 1460,wscale 7>\n"
				   "+0.0002 S>C SA 0:0(0) ack 1 win 65160 <mss 1460,wscale 7>\n"
				   "+0.0002 C>S A 1:1(0) ack 1\n"
				   "0.001 C>S A 1:1461(1460) ack 1\n"
				   "0.001 C>S PA 1461:1561(100) ack 1\n"
				   "0.0012 S>C A 1:1(0) ack 1461\n"
				   "0.201 C>S PA 1461:1561(100) ack 1\n"
				   "0.601 C>S PA 1461:1561(100) ack 1\n"
				   "1.401 C>S PA 1461:1561(100) ack 1\n"
				   "3.001 C>S PA 1461:1561(100) ack 1\n"
				   "6.201 C>S PA 1461:1561(100) ack 1\n"
				   "9.000 C2>S S 0:0(0) win 64240 <mss 1460,wscale 7>\n";
	struct script_flow flow = script_judge(text, 0, 0);

	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(flow.onset_frame, 5);
}
END_TEST

START_TEST(answer_acked_but_not_captured_is_an_answer)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	dialogue.next[1] += 32; /* the capture lost it */
	fl_text_add(&dialogue.lines, "0.05 C>S A 65:65(0) ack 33\n");
	for (unsigned i = 0; i < 6; i++)
		dialogue_say(&dialogue, 5 + 5.0 * i, 0, 24);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "alive"); /* and not one-way either */
	ck_assert_ptr_nonnull(strstr(flow.caveats, "does not hold"));
}
END_TEST

START_TEST(answers_acked_by_the_next_beat_are_answers)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 5);

	for (unsigned i = 0; i < 6; i++) { /* each answer is lost to the capture, and ACKed by the next heartbeat */
		dialogue_say(&dialogue, at + 5.0 * i, 0, 24);
		dialogue.next[1] += 24;
	}
	flow = healthy_end_of(&dialogue, 0);
	ck_assert_str_ne(flow.verdict, "heartbeat-ack-only");
	is_not_critical(&flow);
}
END_TEST

START_TEST(server_that_speaks_first_owes_nothing_more)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_say(&dialogue, 0.01, 1, 40);
	flow = healthy_end_of(&dialogue, 50);
	is_well(&flow, "alive");
}
END_TEST

START_TEST(lines_of_varying_size_are_one_way)
{
	static const unsigned sizes[] = { 48, 120, 75, 260, 90, 33, 180, 64 };
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	for (unsigned i = 0; i < 24; i++)
		dialogue_say(&dialogue, 2.5 * (i + 1), 0, sizes[i % 8]);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "one-way");
}
END_TEST

START_TEST(lines_at_irregular_times_are_one_way)
{
	static const double gaps[] = { 0.3, 4.1, 1.0, 7.7, 0.2, 2.6, 9.0, 3.3 };
	struct dialogue dialogue;
	struct script_flow flow;
	double at = 0.5;

	open_gateway(&dialogue, 0);
	for (unsigned i = 0; i < 24; i++) {
		dialogue_say(&dialogue, at, 0, 80);
		at += gaps[i % 8];
	}
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "one-way");
}
END_TEST

START_TEST(uniform_stream_without_a_distinct_first_message_is_one_way)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	for (unsigned i = 0; i < 20; i++)
		dialogue_say(&dialogue, 0.01 + 5.0 * i, 0, 24);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "one-way");
}
END_TEST

START_TEST(first_message_must_differ_by_more_than_two_bytes)
{
	for (unsigned first = 20; first <= 28; first++) {
		struct dialogue dialogue;
		struct script_flow flow;

		dialogue_init(&dialogue);
		dialogue_open(&dialogue, 0);
		dialogue_say(&dialogue, 0.01, 0, first);
		for (unsigned i = 1; i < 10; i++)
			dialogue_say(&dialogue, 5.0 * i, 0, 24);
		flow = end_of(&dialogue, 0);
		if (first < 22 || first > 26)
			is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
		else
			is_well(&flow, "one-way");
	}
}
END_TEST

START_TEST(three_irregular_messages_over_a_minute_are_one_way)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_say(&dialogue, 0.01, 0, 100);
	dialogue_say(&dialogue, 50, 0, 340);
	dialogue_say(&dialogue, 70, 0, 60);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "one-way");
}
END_TEST

START_TEST(stream_of_the_server_alone_is_one_way)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	for (unsigned i = 0; i < 20; i++)
		dialogue_say(&dialogue, 1 + 4.0 * i, 1, 200 + 37 * (i % 5));
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "one-way");
}
END_TEST

START_TEST(one_way_upload_that_ends_in_order_is_closed)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	for (unsigned i = 0; i < 200; i++)
		dialogue_say(&dialogue, 0.01 + 0.002 * i, 0, 1460);
	dialogue_fin(&dialogue, 0.5, 0);
	dialogue_fin(&dialogue, 0.51, 1);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "closed");
}
END_TEST

/* The side that never spoke owes nothing; its close is no failure, and the client's own close follows it. */
/* Data on its way is not data that nobody answers. */
START_TEST(capture_that_ends_in_a_transfer_is_alive)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_ask(&dialogue, 0.001, 64, 0.02, 32);
	for (unsigned i = 0; i < 100; i++) {
		dialogue_say_unacked(&dialogue, 0.1 + 0.001 * i, 0, 1460);
		if (i % 10 == 0) /* ten segments are in flight at any time */
			fl_text_add(&dialogue.lines, "+0 S>C A 33:33(0) ack %u\n", i < 10 ? 65 : 65 + (i - 9) * 1460);
	}
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "alive");
}
END_TEST

START_TEST(close_by_a_server_that_never_spoke_is_closed)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	dialogue_fin(&dialogue, 10, 1);
	dialogue_fin(&dialogue, 10.001, 0);
	flow = end_of(&dialogue, 0);
	is_not_critical(&flow);
	ck_assert_str_eq(flow.verdict, "closed");
}
END_TEST

START_TEST(reset_by_a_server_that_never_spoke_is_not_the_clients_giving_up)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	dialogue_rst(&dialogue, 10, 1);
	flow = end_of(&dialogue, 0);
	is_not_critical(&flow);
	ck_assert_int_ge(flow.severity, FL_NOTICE);
	ck_assert(flow.noticed == FL_TIME_NONE);
}
END_TEST

START_TEST(beats_before_the_login_was_answered_is_a_finding_beside)
{
	struct dialogue dialogue;
	struct script_flow flow;
	const struct script_finding *finding;

	open_gateway(&dialogue, 5);
	flow = end_of(&dialogue, 0);
	finding = script_find(&flow, "heartbeat-before-auth");
	ck_assert_ptr_nonnull(finding);
	ck_assert_int_eq(finding->side, FL_SIDE_CLIENT);
	ck_assert_int_eq(finding->severity, FL_WARNING);
	ck_assert_int_eq(finding->onset, script_at(5.001));
	ck_assert_uint_eq(finding->evidence_frame[0], 6);
}
END_TEST

/* What the other side said and this capture lost may have been the answer. */
START_TEST(bytes_of_the_other_side_that_were_not_captured_may_be_the_answer)
{
	struct dialogue dialogue;
	struct script_flow flow;

	for (int is_lost = 0; is_lost < 2; is_lost++) {
		open_gateway(&dialogue, 0);
		if (is_lost)
			fl_text_add(&dialogue.lines, "1 C>S A 65:65(0) ack 33\n");
		for (unsigned i = 0; i < 5; i++)
			fl_text_add(&dialogue.lines, "%u C>S PA %u:%u(24) ack %d\n%u.0002 S>C A %d:%d(0) ack %u\n",
			            5 * i + 5, 65 + 24 * i, 89 + 24 * i, is_lost ? 33 : 1, 5 * i + 5, is_lost ? 33 : 1,
			            is_lost ? 33 : 1, 89 + 24 * i);
		flow = end_of(&dialogue, 0);
		ck_assert_int_eq(script_find(&flow, "heartbeat-before-auth") == NULL, is_lost);
	}

	/* What is missing of the asker itself is no answer. */
	open_gateway(&dialogue, 0);
	fl_text_add(&dialogue.lines, "2 S>C A 1:1(0) ack 89\n");
	for (unsigned i = 0; i < 5; i++)
		fl_text_add(&dialogue.lines, "%u C>S PA %u:%u(24) ack 1\n%u.0002 S>C A 1:1(0) ack %u\n", 5 * i + 5,
		            89 + 24 * i, 113 + 24 * i, 5 * i + 5, 113 + 24 * i);
	flow = end_of(&dialogue, 0);
	ck_assert_ptr_nonnull(script_find(&flow, "heartbeat-before-auth"));
}
END_TEST

START_TEST(beats_after_an_answered_login_are_no_finding)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	dialogue_say(&dialogue, 0.02, 1, 32);
	for (unsigned i = 0; i < 10; i++) /* nobody answers them, by design */
		dialogue_say(&dialogue, 5 + 5.0 * i, 0, 24);
	flow = healthy_end_of(&dialogue, 0);
	ck_assert_ptr_null(script_find(&flow, "heartbeat-before-auth"));
	ck_assert_int_le(flow.severity, FL_OK);
	ck_assert_str_ne(flow.verdict, "heartbeat-ack-only");
}
END_TEST

START_TEST(beats_no_longer_answered_is_heartbeat_ack_only)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 5);

	for (unsigned i = 0; i < 5; i++)
		dialogue_say(&dialogue, at + 5.0 * i, 0, 24);
	flow = end_of(&dialogue, 0);
	is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.layer, FL_LAYER_APPLICATION);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_HIGH);
	ck_assert_int_eq(flow.onset, script_at(35));
	ck_assert_uint_eq(flow.onset_frame, 3 + 4 + 6 * 4 + 1);
	ck_assert_int_eq(script_figure(script_find(&flow, "heartbeat-ack-only"), "missed", 0), 5);
	ck_assert_int_eq(script_figure(script_find(&flow, "heartbeat-ack-only"), "missed_acked", 0), 5);
}
END_TEST

START_TEST(three_beats_must_be_missing)
{
	for (unsigned missing = 1; missing <= 4; missing++) {
		struct dialogue dialogue;
		struct script_flow flow;
		double at = answered_session(&dialogue, 6, 5);

		for (unsigned i = 0; i < missing; i++)
			dialogue_say(&dialogue, at + 5.0 * i, 0, 24);
		flow = end_of(&dialogue, at + 5.0 * missing);
		if (missing >= 3)
			is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
		else
			is_not_critical(&flow);
	}
}
END_TEST

/* A heartbeat that was sent a moment ago is not unanswered yet. */
START_TEST(last_beat_must_have_had_its_time)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 5);

	for (unsigned i = 0; i < 3; i++)
		dialogue_say(&dialogue, at + 5.0 * i, 0, 24);
	flow = script_judge(dialogue_text(&dialogue), at + 10.1, 0);
	is(&flow, "inconclusive", FL_NOTICE, FL_SIDE_UNKNOWN);
	flow = end_of(&dialogue, at + 15.1);
	is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(slow_beat_is_overdue_before_the_next_is_due)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 20);

	for (unsigned i = 0; i < 3; i++)
		dialogue_say(&dialogue, at + 20.0 * i, 0, 24);
	flow = script_judge(dialogue_text(&dialogue), at + 44.9, 0);
	is(&flow, "inconclusive", FL_NOTICE, FL_SIDE_UNKNOWN);
	flow = end_of(&dialogue, at + 45.1); /* answer_owed after the third */
	is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(fast_beats_must_be_missing_for_three_seconds)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 10, 0.5);

	for (unsigned i = 0; i < 4; i++)
		dialogue_say(&dialogue, at + 0.5 * i, 0, 24);
	flow = script_judge(dialogue_text(&dialogue), at + 2.9, 0);
	is_not_critical(&flow);
	ck_assert_str_eq(flow.verdict, "inconclusive"); /* it ended too soon to tell */
	flow = end_of(&dialogue, at + 3.1);
	is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(pause_of_two_beats_is_healthy)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 5);

	dialogue_say(&dialogue, at, 0, 24);
	dialogue_say(&dialogue, at + 5, 0, 24);
	for (unsigned i = 2; i < 8; i++)
		dialogue_ask(&dialogue, at + 5.0 * i, 24, 0.01, 24);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "alive");
}
END_TEST

/* A one-way notice waits for no answer, and is no heartbeat that missed one: only two beats were missed. */
START_TEST(answers_to_messages_two_bytes_longer_are_answers_to_the_beats)
{
	struct dialogue dialogue;
	struct script_flow flow;

	for (unsigned longer = 2; longer < 4; longer++) {
		dialogue_init(&dialogue);
		dialogue_open(&dialogue, 0);
		dialogue_ask(&dialogue, 0.001, 64, 0.02, 32);
		for (unsigned i = 1; i <= 6; i++)
			dialogue_ask(&dialogue, 5.0 * i, 24 + longer, 0.01, 24);
		for (unsigned i = 7; i <= 13; i++)
			dialogue_say(&dialogue, 5.0 * i, 0, 24);
		flow = end_of(&dialogue, 0);
		ck_assert_int_eq(strcmp(flow.verdict, "heartbeat-ack-only") == 0, longer == 2);
	}
}
END_TEST

START_TEST(message_of_another_size_is_no_missing_beat)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 5);

	dialogue_say(&dialogue, at - 1, 0, 300);
	dialogue_say(&dialogue, at, 0, 24);
	dialogue_say(&dialogue, at + 5, 0, 24);
	for (unsigned i = 2; i < 8; i++)
		dialogue_ask(&dialogue, at + 5.0 * i, 24, 0.01, 24);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "alive");
}
END_TEST

START_TEST(recovered_beats_leave_a_finding)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 5);

	for (unsigned i = 0; i < 5; i++)
		dialogue_say(&dialogue, at + 5.0 * i, 0, 24);
	dialogue_say(&dialogue, at + 22, 1, 24);
	dialogue_ask(&dialogue, at + 25, 24, 0.01, 24);
	flow = end_of(&dialogue, 0);
	is(&flow, "degraded", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(script_find(&flow, "heartbeat-ack-only")->recovered, script_at(at + 22));
}
END_TEST

START_TEST(failure_after_many_recovered_ones_is_still_told)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 5);

	for (unsigned outage = 0; outage < 8; outage++) {
		for (unsigned i = 0; i < 4; i++, at += 5)
			dialogue_say(&dialogue, at, 0, 24);
		for (unsigned i = 0; i < 4; i++, at += 5)
			dialogue_ask(&dialogue, at, 24, 0.01, 24);
	}
	for (unsigned i = 0; i < 5; i++, at += 5)
		dialogue_say(&dialogue, at, 0, 24);
	flow = end_of(&dialogue, 0);
	is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.onset, script_at(at - 25));
}
END_TEST

START_TEST(beats_of_the_server_missed_by_the_client_are_the_clients)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = 1;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_ask(&dialogue, 0.001, 64, 0.02, 32);
	for (unsigned i = 0; i < 6; i++, at += 5) {
		dialogue_say(&dialogue, at, 1, 12);
		dialogue_say(&dialogue, at + 0.01, 0, 12);
	}
	for (unsigned i = 0; i < 5; i++, at += 5)
		dialogue_say(&dialogue, at, 1, 12);
	flow = end_of(&dialogue, 0);
	is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_CLIENT);
}
END_TEST

START_TEST(both_sides_beating_for_themselves_is_alive)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_ask(&dialogue, 0.001, 64, 0.02, 32);
	for (unsigned i = 0; i < 20; i++) { /* FIX: each side beats on its own clock, the server more slowly */
		dialogue_say(&dialogue, 5 + 5.0 * i, 0, 24);
		if (i % 2)
			dialogue_say(&dialogue, 6 + 5.0 * i, 1, 24);
	}
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "alive");
}
END_TEST

START_TEST(siblings_that_are_answered_make_beats_owed)
{
	struct dialogue dialogue;
	struct script_flow flow;

	open_gateway(&dialogue, 0);
	dialogue_say(&dialogue, 0.02, 1, 32);
	for (unsigned i = 0; i < 6; i++)
		dialogue_say(&dialogue, 5 + 5.0 * i, 0, 24);
	dialogue_between(&dialogue, "D", "S");
	dialogue_open(&dialogue, 31);
	dialogue_ask(&dialogue, 31.001, 64, 0.02, 32);
	for (unsigned i = 0; i < 4; i++)
		dialogue_ask(&dialogue, 32 + 5.0 * i, 24, 0.01, 24);
	flow = script_judge(dialogue_text(&dialogue), 0, 1);
	is_well(&flow, "alive");
	flow = end_of(&dialogue, 0);
	is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.confidence, FL_CONFIDENCE_MEDIUM);
	ck_assert(flow.has_alternative_one_way);
}
END_TEST

START_TEST(answers_to_keepalives_are_no_life_of_the_application)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 5);

	for (unsigned i = 0; i < 5; i++) {
		dialogue_say(&dialogue, at + 5.0 * i, 0, 24);
		dialogue_probe(&dialogue, at + 5.0 * i + 2, 0, true);
	}
	flow = end_of(&dialogue, 0);
	is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(verdict_is_the_same_for_any_batch_and_seed)
{
	struct dialogue dialogue;
	double at = answered_session(&dialogue, 6, 5);

	for (unsigned i = 0; i < 5; i++)
		dialogue_say(&dialogue, at + 5.0 * i, 0, 24);
	for (unsigned i = 0; i < 6; i++) {
		struct script_run how = { .seed = i * 77, .batch = 1 + i * 7 };
		struct script_result *result = script_run(dialogue_text(&dialogue), &how);

		is(&result->flows[0], "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
		ck_assert_int_eq(result->flows[0].blind, script_at(55.0002) - script_at(35));
		free(result);
	}
	dialogue_deinit(&dialogue);
}
END_TEST

START_TEST(requests_and_answers_closed_in_order_is_closed)
{
	struct dialogue dialogue;
	struct script_flow flow;

	answered_session(&dialogue, 3, 1);
	dialogue_fin(&dialogue, 4, 0);
	dialogue_fin(&dialogue, 4.1, 1);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "closed");
}
END_TEST

START_TEST(reset_after_the_work_was_done_is_closed)
{
	struct dialogue dialogue;
	struct script_flow flow;

	answered_session(&dialogue, 3, 1);
	dialogue_rst(&dialogue, 4, 0);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "closed");
}
END_TEST

START_TEST(reset_over_a_request_is_closed_mid_request)
{
	struct dialogue dialogue;
	struct script_flow flow;

	answered_session(&dialogue, 3, 1);
	dialogue_say(&dialogue, 4, 0, 24);
	dialogue_rst(&dialogue, 4.5, 1);
	flow = end_of(&dialogue, 0);
	is(&flow, "closed-mid-request", FL_WARNING, FL_SIDE_SERVER);
}
END_TEST

START_TEST(young_message_unlike_the_requests_is_owed_nothing)
{
	for (unsigned length = 26; length <= 27; length++) {
		struct dialogue dialogue;
		struct script_flow flow;

		answered_session(&dialogue, 3, 1);
		dialogue_say(&dialogue, 4, 0, length);
		dialogue_fin(&dialogue, 4.5, 1);
		dialogue_fin(&dialogue, 4.6, 0);
		flow = end_of(&dialogue, 0);
		if (length == 26)
			is(&flow, "closed-mid-request", FL_WARNING, FL_SIDE_SERVER);
		else
			is_well(&flow, "closed");
	}
}
END_TEST

START_TEST(refused_connection_is_connect_refused)
{
	struct script_flow flow = script_judge(
		"0 C>S S 0:0(0) win 64240 <mss 1460>\n+0.0002 S>C RA 0:0(0) ack 1 win 0\n", 0, 0);

	is(&flow, "connect-refused", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(single_syn_is_inconclusive)
{
	struct script_flow flow = script_judge("0 C>S S 0:0(0) win 64240 <mss 1460>\n", 0, 0);

	is(&flow, "inconclusive", FL_NOTICE, FL_SIDE_UNKNOWN);
}
END_TEST

START_TEST(one_direction_alone_is_inconclusive)
{
	struct dialogue dialogue;
	struct fl_text half;
	struct script_flow flow;

	open_gateway(&dialogue, 10);
	fl_text_init(&half);
	for (char *rest, *line = strtok_r(dialogue.lines.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (strstr(line, "C>S"))
			fl_text_add(&half, "%s\n", line);
	}
	script_never_critical(fl_text_get(&half));
	flow = script_judge(fl_text_get(&half), 0, 0);
	is(&flow, "inconclusive", FL_NOTICE, FL_SIDE_UNKNOWN);
	fl_text_deinit(&half);
	dialogue_deinit(&dialogue);
}
END_TEST

START_TEST(data_never_acked_at_the_end_is_not_called_well)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 6, 5);

	dialogue_say_unacked(&dialogue, at, 0, 24);
	dialogue.next[0] -= 24;
	for (double wait = 0.2; wait < 10; wait *= 2) {
		dialogue_say_unacked(&dialogue, at + wait, 0, 24);
		dialogue.next[0] -= 24;
	}
	flow = end_of(&dialogue, 60);
	is(&flow, "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(long_silence_is_not_called_alive)
{
	struct dialogue dialogue;
	struct script_flow flow;

	answered_session(&dialogue, 3, 1);
	flow = script_judge(dialogue_text(&dialogue), 62, 0);
	is_well(&flow, "alive");
	flow = end_of(&dialogue, 400);
	is_not_critical(&flow);
	ck_assert_int_ge(flow.severity, FL_NOTICE);
}
END_TEST

START_TEST(answered_keepalives_are_alive)
{
	struct dialogue dialogue;
	struct script_flow flow;

	answered_session(&dialogue, 3, 1);
	for (unsigned i = 0; i < 6; i++)
		dialogue_probe(&dialogue, 60 + 50.0 * i, 0, true);
	flow = healthy_end_of(&dialogue, 330);
	is_well(&flow, "alive");
	ck_assert_uint_eq(flow.retransmissions[FL_CLIENT], 0);
}
END_TEST

START_TEST(half_close_with_the_answer_still_flowing_is_well)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_say(&dialogue, 0.001, 0, 200);
	dialogue_fin(&dialogue, 0.002, 0);
	for (unsigned i = 0; i < 100; i++)
		dialogue_say(&dialogue, 0.1 + 0.2 * i, 1, 1460);
	dialogue_fin(&dialogue, 21, 1);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "closed");
}
END_TEST

START_TEST(mid_flow_capture_is_judged_by_what_is_seen)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue.next[0] = 5000;
	dialogue.next[1] = 9000;
	for (unsigned i = 0; i < 6; i++)
		dialogue_ask(&dialogue, 1 + 5.0 * i, 24, 0.01, 24);
	script_never_critical(dialogue_text(&dialogue));
	flow = script_judge(dialogue_text(&dialogue), 0, 0);
	is_well(&flow, "alive");
	ck_assert(!flow.from_handshake);
	ck_assert_ptr_nonnull(strstr(flow.caveats, "already open"));
	for (unsigned i = 0; i < 5; i++)
		dialogue_say(&dialogue, 31 + 5.0 * i, 0, 24);
	flow = end_of(&dialogue, 0);
	is(&flow, "heartbeat-ack-only", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(hung_session_joined_mid_flow_shows_nobody_owing)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue.next[0] = 5000;
	dialogue.next[1] = 9000;
	for (unsigned i = 0; i < 20; i++)
		dialogue_say(&dialogue, 1 + 5.0 * i, 0, 24);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "one-way");
}
END_TEST

static uint32_t next_random(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % below;
}

/* Sessions in which every request is answered in time, with pauses, pushes, one-way notices and lost segments. */
START_TEST(no_prefix_of_random_healthy_sessions_is_critical)
{
	for (uint32_t state = 1, session = 0; session < 12; session++) {
		uint32_t beat = 8 + next_random(&state, 40), answer = 4 + next_random(&state, 60);
		double period = 0.5 + next_random(&state, 150) / 10.0, at = 0.5;
		struct dialogue dialogue;

		dialogue_init(&dialogue);
		dialogue.rtt = 0.0002 + next_random(&state, 200) / 1000.0;
		dialogue_open(&dialogue, 0);
		dialogue_ask(&dialogue, at, 20 + next_random(&state, 200), 0.01 + next_random(&state, 300) / 100.0, 32);
		for (unsigned i = 0; i < 25; i++) {
			double wait = dialogue.rtt / 2 + next_random(&state, 100) / 1000.0;

			at += next_random(&state, 10) ? period * (0.85 + next_random(&state, 30) / 100.0)
			                              : next_random(&state, 50);
			at += 3.5;
			if (next_random(&state, 5) == 0)
				dialogue_say(&dialogue, at - 1, 1, 1 + next_random(&state, 500));
			if (next_random(&state, 6) == 0)
				dialogue_say(&dialogue, at - 0.5, 0, 100 + next_random(&state, 900));
			if (next_random(&state, 9) == 0) {
				dialogue_say_unacked(&dialogue, at, 0, beat);
				dialogue.next[0] -= beat;
				at += 0.2 + dialogue.rtt;
			}
			dialogue_ask(&dialogue, at, beat, wait, answer);
		}
		if (session % 2)
			dialogue_fin(&dialogue, at + 2, session % 3 == 0);
		script_never_critical(dialogue_text(&dialogue));
		dialogue_deinit(&dialogue);
	}
}
END_TEST

START_TEST(reused_port_is_a_second_flow_with_its_own_verdict)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double at = answered_session(&dialogue, 3, 1);

	dialogue_fin(&dialogue, at, 0);
	dialogue_fin(&dialogue, at + 0.1, 1);
	fl_text_add(&dialogue.lines,
	            "%f C>S S 700000:700000(0) win 64240 <mss 1460,wscale 7>\n"
	            "+0.0002 S>C SA 900000:900000(0) ack 700001 win 65160 <mss 1460,wscale 7>\n"
	            "+0.0002 C>S A 700001:700001(0) ack 900001\n",
	            at + 70);
	dialogue.next[0] = 700001;
	dialogue.next[1] = 900001;
	dialogue_say(&dialogue, at + 70.001, 0, 64);
	for (unsigned i = 0; i < 5; i++)
		dialogue_say(&dialogue, at + 75 + 5.0 * i, 0, 24);
	flow = script_judge(dialogue_text(&dialogue), 0, 0);
	is_well(&flow, "closed");
	flow = script_judge(dialogue_text(&dialogue), 0, 1);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(flow.stream, 1);
	dialogue_deinit(&dialogue);
}
END_TEST

START_TEST(flow_that_leaves_memory_keeps_its_verdict)
{
	struct script_run how = { .memory = 1 };
	struct dialogue dialogue;
	struct script_result *result;

	open_gateway(&dialogue, 5);
	for (unsigned i = 2; i < 40; i++) {
		char name[8];

		snprintf(name, sizeof(name), "D%u", i);
		dialogue_between(&dialogue, name, "T");
		dialogue_open(&dialogue, 30 + i);
		dialogue_ask(&dialogue, 30.1 + i, 40, 0.01, 40);
		dialogue_fin(&dialogue, 30.2 + i, 0);
		dialogue_fin(&dialogue, 30.3 + i, 1);
	}
	result = script_run(dialogue_text(&dialogue), &how);
	ck_assert_uint_gt(result->evicted, 20);
	ck_assert_uint_eq(result->n_flows, 39);
	is(&result->flows[0], "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	for (unsigned i = 1; i < 39; i++) {
		ck_assert_uint_eq(result->flows[i].id, i);
		ck_assert_uint_eq(result->flows[i].stream, i);
		is_well(&result->flows[i], "closed");
	}
	free(result);
	dialogue_deinit(&dialogue);
}
END_TEST

START_TEST(header_and_body_written_apart_are_one_heartbeat)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_say(&dialogue, 0.001, 0, 4);
	dialogue_say(&dialogue, 0.002, 0, 60);
	for (unsigned i = 1; i <= 6; i++) {
		dialogue_say(&dialogue, 2.0 * i, 0, 4);
		dialogue_say(&dialogue, 2.0 * i + 0.001, 0, 20);
	}
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_int_eq(script_figure(script_find(&flow, "auth-unanswered"), "beats", 0), 6);
	ck_assert_int_eq(script_figure(script_find(&flow, "auth-unanswered"), "beat_length", 0), 24);
	ck_assert_int_eq(script_figure(script_find(&flow, "auth-unanswered"), "request_length", 0), 64);
}
END_TEST

START_TEST(a_second_request_before_the_beats_does_not_hide_them)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_say(&dialogue, 0.001, 0, 64);
	dialogue_say(&dialogue, 0.3, 0, 40);
	for (unsigned i = 1; i <= 6; i++)
		dialogue_say(&dialogue, 2.0 * i, 0, 24);
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(login_after_the_servers_greeting_may_be_unanswered_too)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_say(&dialogue, 0.1, 1, 30);
	dialogue_say(&dialogue, 0.2, 0, 64);
	for (unsigned i = 1; i <= 4; i++)
		dialogue_say(&dialogue, 5.0 * i, 0, 24);
	flow = end_of(&dialogue, 0);
	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
}
END_TEST

START_TEST(server_that_closes_with_its_client_did_not_hang)
{
	struct dialogue dialogue;
	struct script_flow flow;

	for (int at_once = 0; at_once < 2; at_once++) {
		dialogue_init(&dialogue);
		dialogue_open(&dialogue, 0);
		dialogue_say(&dialogue, 0.1, 0, 64);
		dialogue_fin(&dialogue, 10, 0);
		dialogue_fin(&dialogue, at_once ? 14.999 : 15, 1);
		flow = end_of(&dialogue, 0);
		if (at_once)
			is_well(&flow, "closed");
		else
			is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	}
}
END_TEST

START_TEST(server_that_leaves_an_overdue_login_is_told_only_with_a_second_sign)
{
	struct dialogue dialogue;
	struct script_flow flow;

	for (int siblings = 0; siblings < 2; siblings++) {
		dialogue_init(&dialogue);
		dialogue_open(&dialogue, 0);
		dialogue_say(&dialogue, 0.1, 0, 64);
		dialogue_fin(&dialogue, 19, 1);
		dialogue_fin(&dialogue, 19.1, 0);
		if (siblings) {
			dialogue_between(&dialogue, "C2", "S");
			dialogue_open(&dialogue, 20);
			dialogue_ask(&dialogue, 20.1, 64, 0.01, 32);
		}
		flow = end_of(&dialogue, 0);
		if (siblings)
			is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
		else
			is_well(&flow, "closed");
	}
}
END_TEST

START_TEST(answers_owed_by_the_users_word_are_missed_in_a_stream_too)
{
	struct dialogue dialogue;
	struct script_flow flow;
	struct script_run owed = { .set = { "replies=owed" } };
	struct script_result *result;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	for (unsigned i = 0; i < 12; i++)
		dialogue_say(&dialogue, 1 + 6 * i, 0, 40 + 13 * i % 70);
	flow = script_judge(dialogue_text(&dialogue), 0, 0);
	is_well(&flow, "one-way");
	result = script_run(dialogue_text(&dialogue), &owed);
	is(&result->flows[0], "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	free(result);
	dialogue_deinit(&dialogue);
}
END_TEST

START_TEST(pushes_that_follow_one_way_beats_by_chance_answer_none)
{
	/* The client beats each second and nobody answers; the server's prices come when they come, then the market is
	 * quiet. */
	static const double prices[] = { 1.4, 2.1, 3.7, 4.2, 5.9, 6.3, 7.1 };
	struct dialogue dialogue;
	struct script_flow flow;
	unsigned price = 0;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_ask(&dialogue, 0.01, 64, 0.01, 32);
	for (unsigned i = 1; i <= 20; i++) {
		dialogue_say(&dialogue, i, 0, 24);
		for (; price < 7 && prices[price] < i + 1; price++)
			dialogue_say(&dialogue, prices[price], 1, 80 + 11 * price);
	}
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "alive");
}
END_TEST

START_TEST(questions_now_and_then_do_not_make_samples_of_their_size_owed)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_ask(&dialogue, 0.1, 32, 0.01, 16);
	dialogue_ask(&dialogue, 0.3, 32, 0.01, 16);
	dialogue_ask(&dialogue, 3.3, 32, 0.01, 16);
	dialogue_ask(&dialogue, 4.3, 32, 0.01, 16);
	for (unsigned i = 1; i <= 12; i++)
		dialogue_say(&dialogue, 4.3 + i, 0, 32);
	flow = healthy_end_of(&dialogue, 0);
	is_well(&flow, "alive");
}
END_TEST

START_TEST(beats_that_are_not_acked_are_the_paths_silence)
{
	struct dialogue dialogue;
	struct script_flow flow;
	double due = answered_session(&dialogue, 10, 1);

	dialogue_say(&dialogue, due, 0, 24);
	for (unsigned i = 1; i <= 6; i++)
		dialogue_say_unacked(&dialogue, due + i, 0, 24);
	flow = end_of(&dialogue, due + 12);
	ck_assert_str_eq(flow.verdict, "inconclusive");
}
END_TEST

START_TEST(one_direction_alone_misses_no_answers)
{
	struct script_flow flow = script_judge("0 C>S S 0:0(0)\n0.1 C>S A 1:1(0) ack 1\n"
	                                       "1 C>S PA 1:25(24) ack 1\n2 C>S PA 25:49(24) ack 25\n"
	                                       "3 C>S PA 49:73(24) ack 49\n4 C>S PA 73:97(24) ack 73\n"
	                                       "5 C>S PA 97:121(24) ack 73\n6 C>S PA 121:145(24) ack 73\n"
	                                       "7 C>S PA 145:169(24) ack 73\n8 C>S PA 169:193(24) ack 73\n",
	                                       12, 0);

	ck_assert_str_eq(flow.verdict, "inconclusive");
}
END_TEST

START_TEST(a_request_that_waits_longer_than_any_before_is_told)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	for (unsigned i = 1; i <= 5; i++)
		dialogue_ask(&dialogue, i, 100 + 30 * i, 0.05, 500 + 40 * i);
	dialogue_say(&dialogue, 7, 0, 120);
	flow = end_of(&dialogue, 20); /* a wait, and nothing but a wait */
	is(&flow, "app-silent", FL_NOTICE, FL_SIDE_SERVER);
}
END_TEST

START_TEST(connect_through_a_challenge_ack_is_one_attempt_like_any_other)
{
	/* The tuple's old connection still lives at the server: it answers the SYN with its own ACK, and is reset. */
	struct script_flow flow = script_judge("0 C>S S 0:0(0)\n0.001 S>C A 70000:70000(0) ack 90000\n"
	                                       "0.002 C>S R 90000:90000(0) win 0\n0.012 C>S S 0:0(0)\n"
	                                       "0.013 S>C SA 0:0(0) ack 1\n0.014 C>S A 1:1(0) ack 1\n"
	                                       "0.1 C>S PA 1:65(64) ack 1\n0.101 S>C A 1:1(0) ack 65\n"
	                                       "2 C>S PA 65:89(24) ack 1\n2.001 S>C A 1:1(0) ack 89\n"
	                                       "4 C>S PA 89:113(24) ack 1\n4.001 S>C A 1:1(0) ack 113\n"
	                                       "6 C>S PA 113:137(24) ack 1\n6.001 S>C A 1:1(0) ack 137\n"
	                                       "8 C>S PA 137:161(24) ack 1\n8.001 S>C A 1:1(0) ack 161\n",
	                                       0, 0);

	is(&flow, "auth-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(flow.id, 0);
}
END_TEST

START_TEST(answer_repeated_after_a_loss_is_heard)
{
	/* The answer was lost before the capture; a pure ACK shows that the server is beyond it, then its repeat comes.
	 */
	struct script_flow flow = script_judge("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n0.02 C>S A 1:1(0) ack 1\n"
	                                       "0.1 C>S PA 1:65(64) ack 1\n0.11 S>C A 1:1(0) ack 65\n"
	                                       "2 C>S PA 65:89(24) ack 1\n2.01 S>C A 33:33(0) ack 89\n"
	                                       "2.4 S>C PA 1:33(32) ack 89\n2.41 C>S A 89:89(0) ack 33\n"
	                                       "4 C>S PA 89:113(24) ack 33\n4.01 S>C A 33:33(0) ack 113\n"
	                                       "6 C>S PA 113:137(24) ack 33\n6.01 S>C A 33:33(0) ack 137\n"
	                                       "8 C>S PA 137:161(24) ack 33\n8.01 S>C A 33:33(0) ack 161\n",
	                                       0, 0);

	is_well(&flow, "alive");
}
END_TEST

/* The timer never fired: nothing of its settings is told (and nothing overflows). */
START_TEST(lone_tail_loss_probe_tells_no_kernel_setting)
{
	struct script_flow flow = script_judge(
		"0 C>S S 0:0(0) <mss 1460,sackok>\n0.01 S>C SA 0:0(0) ack 1 <mss 1460,sackok>\n"
		"0.02 C>S A 1:1(0) ack 1\n1 C>S PA 1:11(10) ack 1\n"
		"1.001 C>S PA 11:21(10) ack 1\n1.008 C>S PA 11:21(10) ack 1\n",
		100, 0);

	ck_assert_str_ne(flow.verdict, "alive");
	ck_assert_ptr_null(strstr(flow.because, "tcp_retries2"));
}
END_TEST

/* A server that sends the time of day every two seconds, `beats` times, to a client that is silent. */
static void clock_server(struct dialogue *dialogue, unsigned beats)
{
	dialogue_init(dialogue);
	dialogue_open(dialogue, 0);
	dialogue_say(dialogue, .5, 0, 40);
	for (unsigned i = 1; i <= beats; i++)
		dialogue_say(dialogue, 2.0 * i, 1, 20);
}

START_TEST(beat_that_stops_for_three_periods_is_told)
{
	struct dialogue dialogue;
	struct script_flow flow;

	clock_server(&dialogue, 8);
	flow = end_of(&dialogue, 16 + 6.6);
	is(&flow, "heartbeat-stopped", FL_WARNING, FL_SIDE_SERVER);
	ck_assert_int_eq(flow.onset, script_at(16));
	clock_server(&dialogue, 8); /* two periods */
	flow = end_of(&dialogue, 16 + 5.9);
	is_well(&flow, "alive");
	clock_server(&dialogue, 5); /* the first opens the run: four that may be beats */
	flow = end_of(&dialogue, 10 + 30);
	ck_assert_ptr_null(script_find(&flow, "heartbeat-stopped"));
}
END_TEST

START_TEST(beat_that_ends_with_its_connection_has_not_stopped)
{
	struct dialogue dialogue;
	struct script_flow flow;

	clock_server(&dialogue, 8);
	dialogue_fin(&dialogue, 17, 1);
	dialogue_fin(&dialogue, 17.1, 0);
	flow = end_of(&dialogue, 60);
	is_well(&flow, "closed");
	clock_server(&dialogue, 8); /* nor while its kernel's keepalive says that it lives */
	dialogue_probe(&dialogue, 30, 0, true);
	flow = end_of(&dialogue, 40);
	ck_assert_ptr_null(script_find(&flow, "heartbeat-stopped"));
}
END_TEST

UNIT_MAIN("detectors", login_and_beats_without_an_answer_is_auth_unanswered,
          lone_tail_loss_probe_tells_no_kernel_setting, auth_unanswered_needs_three_beats_to_be_critical,
          first_request_that_waits_is_only_a_notice, answer_owed_is_measured_to_observed_until,
          answer_owed_setting_is_obeyed, asker_that_gives_up_makes_it_critical, reset_by_the_asker_is_giving_up_too,
          new_syn_of_the_client_is_when_it_noticed, new_syn_is_not_noticing_where_the_old_connection_is_used_on,
          syn_of_another_host_or_to_another_service_is_not_noticing,
          wait_that_is_mostly_a_jump_of_the_clock_is_a_notice, siblings_that_were_answered_make_it_certain,
          slow_service_gets_four_times_its_longest_answer, replies_owed_makes_the_first_wait_critical,
          login_of_several_segments_is_one_login, late_beat_among_eight_does_not_hide_the_shape,
          three_equal_lines_do_not_outlast_the_ones_that_vary, answered_login_is_alive,
          login_answered_after_two_beats_is_alive, login_answered_after_four_beats_has_recovered,
          login_never_acked_is_not_auth_unanswered, login_acked_in_part_is_not_auth_unanswered,
          answer_acked_but_not_captured_is_an_answer, answers_acked_by_the_next_beat_are_answers,
          server_that_speaks_first_owes_nothing_more, lines_of_varying_size_are_one_way,
          lines_at_irregular_times_are_one_way, uniform_stream_without_a_distinct_first_message_is_one_way,
          first_message_must_differ_by_more_than_two_bytes, three_irregular_messages_over_a_minute_are_one_way,
          stream_of_the_server_alone_is_one_way, one_way_upload_that_ends_in_order_is_closed,
          capture_that_ends_in_a_transfer_is_alive, close_by_a_server_that_never_spoke_is_closed,
          reset_by_a_server_that_never_spoke_is_not_the_clients_giving_up,
          beats_before_the_login_was_answered_is_a_finding_beside,
          bytes_of_the_other_side_that_were_not_captured_may_be_the_answer,
          beats_after_an_answered_login_are_no_finding, beats_no_longer_answered_is_heartbeat_ack_only,
          three_beats_must_be_missing, last_beat_must_have_had_its_time, slow_beat_is_overdue_before_the_next_is_due,
          fast_beats_must_be_missing_for_three_seconds, pause_of_two_beats_is_healthy,
          answers_to_messages_two_bytes_longer_are_answers_to_the_beats, message_of_another_size_is_no_missing_beat,
          recovered_beats_leave_a_finding, failure_after_many_recovered_ones_is_still_told,
          beats_of_the_server_missed_by_the_client_are_the_clients, both_sides_beating_for_themselves_is_alive,
          siblings_that_are_answered_make_beats_owed, answers_to_keepalives_are_no_life_of_the_application,
          verdict_is_the_same_for_any_batch_and_seed, requests_and_answers_closed_in_order_is_closed,
          reset_after_the_work_was_done_is_closed, reset_over_a_request_is_closed_mid_request,
          refused_connection_is_connect_refused, young_message_unlike_the_requests_is_owed_nothing,
          single_syn_is_inconclusive, one_direction_alone_is_inconclusive,
          data_never_acked_at_the_end_is_not_called_well, long_silence_is_not_called_alive,
          answered_keepalives_are_alive, half_close_with_the_answer_still_flowing_is_well,
          mid_flow_capture_is_judged_by_what_is_seen, hung_session_joined_mid_flow_shows_nobody_owing,
          no_prefix_of_random_healthy_sessions_is_critical, reused_port_is_a_second_flow_with_its_own_verdict,
          flow_that_leaves_memory_keeps_its_verdict, header_and_body_written_apart_are_one_heartbeat,
          a_second_request_before_the_beats_does_not_hide_them, login_after_the_servers_greeting_may_be_unanswered_too,
          server_that_closes_with_its_client_did_not_hang,
          server_that_leaves_an_overdue_login_is_told_only_with_a_second_sign,
          answers_owed_by_the_users_word_are_missed_in_a_stream_too,
          pushes_that_follow_one_way_beats_by_chance_answer_none, one_direction_alone_misses_no_answers,
          questions_now_and_then_do_not_make_samples_of_their_size_owed, beats_that_are_not_acked_are_the_paths_silence,
          a_request_that_waits_longer_than_any_before_is_told, answer_repeated_after_a_loss_is_heard,
          connect_through_a_challenge_ack_is_one_attempt_like_any_other, beat_that_stops_for_three_periods_is_told,
          beat_that_ends_with_its_connection_has_not_stopped)
