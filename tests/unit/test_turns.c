/* Turn-taking: where a message begins and ends, who waits, and what counts as an answer. end[0] is the client. */
#include "script.h"
#include "unit.h"

#define HANDSHAKE \
	"0 C>S S 0:0(0) win 64240 <mss 1460>\n" \
	"0.01 S>C SA 0:0(0) ack 1 win 65160 <mss 1460>\n" \
	"0.02 C>S A 1:1(0) ack 1\n"

static struct script_track track;

static const struct fl_talk *talk(unsigned dir)
{
	return &script_track_flow(&track)->cold->talk[dir];
}

static uint32_t last_kinds(const char *text)
{
	script_track_init(&track, text);
	return track.messages[track.count - 1].kinds;
}

static const struct fl_message *last(void)
{
	return &track.messages[track.count - 1];
}

static void done(void)
{
	script_track_deinit(&track);
}

START_TEST(pushed_segment_is_a_message)
{
	ck_assert_uint_eq(last_kinds(HANDSHAKE "1 C>S PA 1:65(64) ack 1\n"), FL_MSG_FIRST);
	ck_assert_uint_eq(last()->length, 64);
	ck_assert_uint_eq(last()->dir, 0);
	ck_assert_int_eq(last()->at, script_at(1));
	ck_assert_uint_eq(last()->end, track.segments[3].end);
	ck_assert_uint_eq(talk(0)->messages, 1);
	ck_assert_uint_eq(talk(0)->waiting, 1);
	ck_assert_uint_eq(talk(0)->waiting_frame, 4);
	ck_assert_uint_eq(talk(0)->first_length, 64);
	done();
}
END_TEST

START_TEST(several_segments_up_to_the_push_are_one_message)
{
	last_kinds(
		HANDSHAKE
		"1 C>S A 1:1461(1460) ack 1\n1.001 C>S A 1461:2921(1460) ack 1\n1.002 C>S PA 2921:3021(100) ack 1\n");
	ck_assert(!track.is_message[3] && !track.is_message[4] && track.is_message[5]);
	ck_assert_uint_eq(last()->length, 3020);
	ck_assert_int_eq(last()->at, script_at(1));
	ck_assert_uint_eq(last()->frame, 6);
	ck_assert_uint_eq(talk(0)->messages, 1);
	ck_assert_uint_eq(talk(0)->first_length, 3020);
	done();
}
END_TEST

START_TEST(pause_ends_a_message_without_a_push)
{
	last_kinds(HANDSHAKE "1 C>S A 1:11(10) ack 1\n1.9 C>S A 11:21(10) ack 1\n");
	ck_assert_uint_eq(talk(0)->messages, 1);
	done();
	last_kinds(HANDSHAKE "1 C>S A 1:11(10) ack 1\n2.1 C>S A 11:21(10) ack 1\n");
	ck_assert_uint_eq(talk(0)->messages, 2);
	done();
}
END_TEST

START_TEST(other_side_ends_a_message_without_a_push)
{
	last_kinds(HANDSHAKE "1 C>S A 1:11(10) ack 1\n1.1 S>C PA 1:5(4) ack 11\n1.2 C>S A 11:21(10) ack 5\n");
	ck_assert_uint_eq(talk(0)->messages, 2);
	ck_assert_uint_eq(talk(0)->waiting, 1);
	done();
}
END_TEST

START_TEST(repeats_are_no_messages)
{
	last_kinds(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n1.2 C>S PA 1:11(10) ack 1\n60 C>S A 10:10(0) ack 1\n");
	ck_assert_uint_eq(talk(0)->messages, 1);
	ck_assert(!track.is_message[4] && !track.is_message[5]);
	done();
}
END_TEST

START_TEST(answer_resets_the_wait)
{
	ck_assert_uint_eq(last_kinds(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n3.5 S>C PA 1:5(4) ack 11\n"),
	                  FL_MSG_ANSWER | FL_MSG_FIRST);
	ck_assert_uint_eq(talk(0)->waiting, 0);
	ck_assert_uint_eq(talk(0)->longest_answer_us, 2500000);
	ck_assert_uint_eq(talk(0)->answered_run, 1);
	ck_assert_uint_eq(talk(0)->answered_length, 10);
	ck_assert_uint_eq(talk(1)->waiting, 1); /* and waits itself */
	done();
}
END_TEST

START_TEST(ack_alone_is_no_answer)
{
	last_kinds(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n1.01 S>C A 1:1(0) ack 11\n");
	ck_assert(!track.is_message[4]);
	ck_assert_uint_eq(talk(0)->waiting, 1);
	ck_assert_uint_eq(talk(0)->first_acked_us, 10000);
	done();
}
END_TEST

START_TEST(message_that_is_not_the_first_to_wait_says_so)
{
	ck_assert(last_kinds(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n6 C>S PA 11:35(24) ack 1\n") & FL_MSG_WAITING);
	ck_assert_uint_eq(talk(0)->waiting, 2);
	ck_assert_uint_eq(talk(0)->waiting_frame, 4);
	ck_assert_int_eq(talk(0)->waiting_at, script_at(1));
	done();
}
END_TEST

START_TEST(third_unanswered_message_of_a_shape_is_a_beat)
{
	ck_assert(last_kinds(HANDSHAKE "1 C>S PA 1:65(64) ack 1\n6 C>S PA 65:89(24) ack 1\n11 C>S PA 89:113(24) ack 1\n"
	                               "16 C>S PA 113:137(24) ack 1\n") &
	          FL_MSG_BEAT);
	ck_assert_uint_eq(fl_message_beats(script_track_flow(&track), 0)->count, 3);
	ck_assert_uint_eq(fl_message_beats(script_track_flow(&track), 0)->asked_length, 64);
	ck_assert_ptr_null(fl_message_beats(script_track_flow(&track), 1));
	done();
}
END_TEST

START_TEST(reply_to_missing_beats_is_told)
{
	ck_assert_uint_eq(last_kinds(HANDSHAKE
	                             "1 C>S PA 1:25(24) ack 1\n6 C>S PA 25:49(24) ack 1\n11 C>S PA 49:73(24) ack 1\n"
	                             "12 S>C PA 1:5(4) ack 73\n"),
	                  FL_MSG_ANSWER | FL_MSG_REPLY | FL_MSG_FIRST);
	ck_assert_uint_eq(fl_message_beats(script_track_flow(&track), 0)->count, 0);
	ck_assert_uint_eq(talk(0)->answered_run, 0); /* not answered one by one */
	done();
}
END_TEST

START_TEST(answer_acked_but_not_captured_is_told)
{
	ck_assert_uint_eq(
		last_kinds(HANDSHAKE "1 C>S PA 1:25(24) ack 1\n1.01 S>C A 1:1(0) ack 25\n1.5 C>S A 25:25(0) ack 33\n"),
		FL_MSG_ANSWER);
	ck_assert_uint_eq(last()->dir, 1);
	ck_assert_uint_eq(last()->length, 0);
	ck_assert_uint_eq(talk(0)->waiting, 0);
	done();
}
END_TEST

START_TEST(answer_acked_by_the_next_message_is_told)
{
	ck_assert_uint_eq(
		last_kinds(HANDSHAKE "1 C>S PA 1:25(24) ack 1\n6 C>S PA 25:49(24) ack 1\n11 C>S PA 49:73(24) ack 33\n"),
		FL_MSG_ANSWER | FL_MSG_REPLY);
	ck_assert_uint_eq(last()->dir, 1);
	ck_assert_uint_eq(talk(0)->messages, 3);
	ck_assert_uint_eq(talk(0)->waiting, 1); /* the newest */
	ck_assert_uint_eq(talk(0)->waiting_frame, 6);
	done();
}
END_TEST

START_TEST(crossing_messages_answer_each_other)
{
	last_kinds(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n1.0001 S>C PA 1:21(20) ack 1\n1.02 S>C A 21:21(0) ack 11\n1.03 "
	                     "C>S A 11:11(0) ack 21\n");
	ck_assert_uint_eq(talk(0)->waiting, 0);
	ck_assert_uint_eq(talk(1)->waiting, 1);
	done();
}
END_TEST

START_TEST(answers_of_one_size_in_a_row_are_counted)
{
	struct dialogue dialogue;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_ask(&dialogue, 1, 64, 0.01, 10);
	for (unsigned i = 0; i < 5; i++)
		dialogue_ask(&dialogue, 5 + 5.0 * i, 24 + i % 3, 0.01, 24);
	script_track_init(&track, dialogue_text(&dialogue));
	ck_assert_uint_eq(talk(0)->answered_run, 5);
	ck_assert_uint_eq(talk(0)->answered_length, 25);
	ck_assert_uint_eq(talk(0)->longest_answer_us, 10000);
	ck_assert_ptr_null(script_track_flow(&track)->sick); /* nothing odd happened */
	done();
	dialogue_deinit(&dialogue);
}
END_TEST

START_TEST(transfer_needs_no_learner)
{
	struct dialogue dialogue;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	for (unsigned i = 0; i < 50; i++)
		dialogue_say(&dialogue, 1 + 0.001 * i, 0, 1460);
	script_track_init(&track, dialogue_text(&dialogue));
	ck_assert_ptr_null(script_track_flow(&track)->sick);
	done();
	dialogue_deinit(&dialogue);
}
END_TEST

UNIT_MAIN("turns", pushed_segment_is_a_message, several_segments_up_to_the_push_are_one_message,
          pause_ends_a_message_without_a_push, other_side_ends_a_message_without_a_push, repeats_are_no_messages,
          answer_resets_the_wait, ack_alone_is_no_answer, message_that_is_not_the_first_to_wait_says_so,
          third_unanswered_message_of_a_shape_is_a_beat, reply_to_missing_beats_is_told,
          answer_acked_but_not_captured_is_told, answer_acked_by_the_next_message_is_told,
          crossing_messages_answer_each_other, answers_of_one_size_in_a_row_are_counted, transfer_needs_no_learner)
