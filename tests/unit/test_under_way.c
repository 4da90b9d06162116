/* The marks of what is under way: which segment the oldest byte that waits was in, and when it was first sent. */
#include "tcp/under_way.h"

#include "script.h"
#include "unit.h"

#define HANDSHAKE \
	"0 C>S S 0:0(0) <mss 1460,sackok>\n" \
	"0.01 S>C SA 0:0(0) ack 1 <mss 1460,sackok>\n" \
	"0.02 C>S A 1:1(0) ack 1\n"

/* Frames 4 to 6. */
#define THREE HANDSHAKE "1 C>S PA 1:11(10) ack 1\n2 C>S PA 11:21(10) ack 1\n3 C>S PA 21:31(10) ack 1\n"

/* Frames 4 to 7: one more than there are marks. */
#define FOUR THREE "4 C>S PA 31:41(10) ack 1\n"

enum { CLIENT, SERVER };

static struct script_track track;

static uint32_t frame_of(const struct fl_sent *mark)
{
	return mark ? mark->frame : 0;
}

/* The frame of the oldest byte of `dir` that waits; 0 when nothing is under way. */
static uint32_t oldest(const char *text, unsigned dir)
{
	uint32_t frame;

	script_track_init(&track, text);
	frame = frame_of(fl_tcp_oldest(script_track_flow(&track), dir));
	script_track_deinit(&track);
	return frame;
}

static uint32_t last(const char *text, unsigned dir)
{
	uint32_t frame;

	script_track_init(&track, text);
	frame = frame_of(under_way_last(script_track_flow(&track), dir));
	script_track_deinit(&track);
	return frame;
}

static uint32_t ack_delay_us(const char *text, unsigned dir)
{
	uint32_t us;

	script_track_init(&track, text);
	us = script_track_flow(&track)->cold->ack_delay_us[dir];
	script_track_deinit(&track);
	return us;
}

START_TEST(first_of_what_waits_is_the_oldest)
{
	script_track_init(&track, THREE);

	const struct fl_sent *mark = fl_tcp_oldest(script_track_flow(&track), CLIENT);

	ck_assert_ptr_nonnull(mark);
	ck_assert_int_eq(mark->at, script_at(1));
	ck_assert_uint_eq(mark->frame, 4);
	ck_assert_uint_eq(mark->seq, SCRIPT_CLIENT_ISN + 1);
	script_track_deinit(&track);
	ck_assert_uint_eq(oldest(HANDSHAKE, CLIENT), 0);
	ck_assert_uint_eq(oldest("0 C>S S 0:0(0)\n", CLIENT), 1);
	ck_assert_uint_eq(oldest("0 C>S S 0:0(0)\n", SERVER), 0);
}
END_TEST

START_TEST(ack_of_a_part_moves_the_oldest)
{
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 10\n", CLIENT), 4);
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 11\n", CLIENT), 5);
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 20\n", CLIENT), 5);
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 21\n", CLIENT), 6);
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 30\n", CLIENT), 6);
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 31\n", CLIENT), 0);
}
END_TEST

START_TEST(new_data_behind_it_leaves_the_oldest)
{
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 11\n4 C>S PA 31:41(10) ack 1\n", CLIENT), 5);
	ck_assert_uint_eq(
		oldest(THREE "3.1 S>C A 1:1(0) ack 11\n4 C>S PA 31:41(10) ack 1\n4.1 S>C A 1:1(0) ack 31\n", CLIENT),
		8);
}
END_TEST

START_TEST(repeat_is_no_first_transmission)
{
	ck_assert_uint_eq(oldest(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n1.2 C>S PA 1:11(10) ack 1\n", CLIENT), 4);
	ck_assert_uint_eq(last(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n1.2 C>S PA 1:11(10) ack 1\n", CLIENT), 4);
}
END_TEST

START_TEST(longer_repeat_brings_only_its_new_bytes)
{
	/* What a BSD sends after its timeout holds what was written since. */
	ck_assert_uint_eq(oldest(THREE "3.2 C>S PA 1:41(40) ack 1\n3.3 S>C A 1:1(0) ack 5\n", CLIENT), 4);
	ck_assert_uint_eq(oldest(THREE "3.2 C>S PA 1:41(40) ack 1\n3.3 S>C A 1:1(0) ack 21\n", CLIENT), 6);
	ck_assert_uint_eq(oldest(THREE "3.2 C>S PA 1:41(40) ack 1\n3.3 S>C A 1:1(0) ack 31\n", CLIENT), 7);
}
END_TEST

START_TEST(bytes_behind_a_hole_are_marked_where_they_begin)
{
	ck_assert_uint_eq(oldest(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n2 C>S PA 21:31(10) ack 1\n"
	                                   "2.1 S>C A 1:1(0) ack 11\n",
	                         CLIENT),
	                  4);
	ck_assert_uint_eq(oldest(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n2 C>S PA 21:31(10) ack 1\n"
	                                   "2.1 S>C A 1:1(0) ack 21\n",
	                         CLIENT),
	                  5);
}
END_TEST

START_TEST(as_many_as_there_are_marks_are_exact)
{
	ck_assert_uint_eq(FL_MARKS, 3);
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 11\n", CLIENT), 5);
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 21\n", CLIENT), 6);
	ck_assert_uint_eq(last(THREE, CLIENT), 6);
}
END_TEST

/* The oldest, the last, and one near the middle. */
START_TEST(of_more_one_near_the_middle_stays)
{
	static const char five[] = FOUR "5 C>S PA 41:51(10) ack 1\n"; /* marks: 4, 6, 8 */
	static const char seven[] = FOUR "5 C>S PA 41:51(10) ack 1\n6 C>S PA 51:61(10) ack 1\n"
					 "7 C>S PA 61:71(10) ack 1\n"; /* 4, 8, 10 */

	ck_assert_uint_eq(oldest(FOUR "4.1 S>C A 1:1(0) ack 11\n", CLIENT), 4);
	ck_assert_uint_eq(oldest(FOUR "4.1 S>C A 1:1(0) ack 21\n", CLIENT), 6);
	ck_assert_uint_eq(oldest(FOUR "4.1 S>C A 1:1(0) ack 31\n", CLIENT), 7);
	script_track_init(&track, five);
	ck_assert_uint_eq(script_track_flow(&track)->cold->n_sent[CLIENT], 3);
	script_track_deinit(&track);
	ck_assert_uint_eq(oldest(five, CLIENT), 4);
	ck_assert_uint_eq(last(five, CLIENT), 8);
	ck_assert_uint_eq(oldest(FOUR "5 C>S PA 41:51(10) ack 1\n5.1 S>C A 1:1(0) ack 11\n", CLIENT), 4);
	ck_assert_uint_eq(oldest(FOUR "5 C>S PA 41:51(10) ack 1\n5.1 S>C A 1:1(0) ack 31\n", CLIENT), 6);
	ck_assert_uint_eq(oldest(FOUR "5 C>S PA 41:51(10) ack 1\n5.1 S>C A 1:1(0) ack 41\n", CLIENT), 8);
	ck_assert_uint_eq(oldest(seven, CLIENT), 4);
	ck_assert_uint_eq(last(seven, CLIENT), 10);
	ck_assert_uint_eq(oldest(FOUR "5 C>S PA 41:51(10) ack 1\n6 C>S PA 51:61(10) ack 1\n7 C>S PA 61:71(10) ack 1\n"
	                              "7.1 S>C A 1:1(0) ack 60\n",
	                         CLIENT),
	                  8);
}
END_TEST

START_TEST(last_one_is_known_when_all_was_acked)
{
	ck_assert_uint_eq(last("0 C>S S 0:0(0)\n", SERVER), 0);
	ck_assert_uint_eq(last(HANDSHAKE, CLIENT), 1);
	ck_assert_uint_eq(last(HANDSHAKE, SERVER), 2);
	ck_assert_uint_eq(last(THREE, CLIENT), 6);
	ck_assert_uint_eq(last(THREE "3.1 S>C A 1:1(0) ack 11\n", CLIENT), 6);
	ck_assert_uint_eq(last(THREE "3.1 S>C A 1:1(0) ack 31\n", CLIENT), 6);
	ck_assert_uint_eq(last(THREE "3.1 S>C A 1:1(0) ack 31\n4 C>S PA 31:41(10) ack 1\n", CLIENT), 8);
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 31\n4 C>S PA 31:41(10) ack 1\n", CLIENT), 8);
}
END_TEST

START_TEST(bytes_acked_that_were_never_captured_leave_nothing_under_way)
{
	ck_assert_uint_eq(oldest(THREE "3.1 S>C A 1:1(0) ack 50\n", CLIENT), 0);
	ck_assert_uint_eq(last(THREE "3.1 S>C A 1:1(0) ack 50\n", CLIENT), 6);
}
END_TEST

START_TEST(marks_hold_past_the_wrap)
{
	/* The server's numbers pass 2^32 in the second of these. */
	static const char three[] = HANDSHAKE
		"1 S>C PA 1:4(3) ack 1\n2 S>C PA 4:10(6) ack 1\n3 S>C PA 10:20(10) ack 1\n";

	ck_assert_uint_eq(oldest(three, SERVER), 4);
	ck_assert_uint_eq(oldest(HANDSHAKE "1 S>C PA 1:4(3) ack 1\n2 S>C PA 4:10(6) ack 1\n3 S>C PA 10:20(10) ack 1\n"
	                                   "3.1 C>S A 1:1(0) ack 4\n",
	                         SERVER),
	                  5);
	ck_assert_uint_eq(oldest(HANDSHAKE "1 S>C PA 1:4(3) ack 1\n2 S>C PA 4:10(6) ack 1\n3 S>C PA 10:20(10) ack 1\n"
	                                   "3.1 C>S A 1:1(0) ack 10\n",
	                         SERVER),
	                  6);
}
END_TEST

START_TEST(shortest_time_to_the_ack_of_all_is_kept)
{
	ck_assert_uint_eq(ack_delay_us("0 C>S PA 1:11(10) ack 1\n", CLIENT), UINT32_MAX);
	ck_assert_uint_eq(ack_delay_us("0 C>S PA 1:11(10) ack 1\n+0.03 S>C A 1:1(0) ack 11\n", CLIENT), 30000);
	ck_assert_uint_eq(ack_delay_us("0 C>S PA 1:11(10) ack 1\n+0.03 S>C A 1:1(0) ack 11\n"
	                               "1 C>S PA 11:21(10) ack 1\n+0.02 S>C A 1:1(0) ack 21\n",
	                               CLIENT),
	                  20000);
	ck_assert_uint_eq(ack_delay_us("0 C>S PA 1:11(10) ack 1\n+0.03 S>C A 1:1(0) ack 11\n"
	                               "1 C>S PA 11:21(10) ack 1\n+0.04 S>C A 1:1(0) ack 21\n",
	                               CLIENT),
	                  30000);
	/* measured from what was sent last, and at least a microsecond */
	ck_assert_uint_eq(ack_delay_us("0 C>S PA 1:11(10) ack 1\n+0.02 C>S PA 11:21(10) ack 1\n"
	                               "+0.01 S>C A 1:1(0) ack 21\n",
	                               CLIENT),
	                  10000);
	ck_assert_uint_eq(ack_delay_us("0 C>S PA 1:11(10) ack 1\n+0 S>C A 1:1(0) ack 11\n", CLIENT), 1);
}
END_TEST

START_TEST(ack_of_a_part_measures_nothing)
{
	ck_assert_uint_eq(ack_delay_us("0 C>S PA 1:11(10) ack 1\n+0.03 S>C A 1:1(0) ack 10\n", CLIENT), UINT32_MAX);
}
END_TEST

START_TEST(ack_after_a_repeat_measures_nothing)
{
	/* Karn: which of the two it is for is not known. */
	ck_assert_uint_eq(ack_delay_us("0 C>S PA 1:11(10) ack 1\n+0.2 C>S PA 1:11(10) ack 1\n+0.03 S>C A 1:1(0) ack "
	                               "11\n",
	                               CLIENT),
	                  UINT32_MAX);
}
END_TEST

START_TEST(clock_that_stepped_back_measures_nothing)
{
	ck_assert_uint_eq(ack_delay_us("1 C>S PA 1:11(10) ack 1\n0.5 S>C A 1:1(0) ack 11\n", CLIENT), UINT32_MAX);
}
END_TEST

UNIT_MAIN("under_way", first_of_what_waits_is_the_oldest, ack_of_a_part_moves_the_oldest,
          new_data_behind_it_leaves_the_oldest, repeat_is_no_first_transmission,
          longer_repeat_brings_only_its_new_bytes, bytes_behind_a_hole_are_marked_where_they_begin,
          as_many_as_there_are_marks_are_exact, of_more_one_near_the_middle_stays, last_one_is_known_when_all_was_acked,
          bytes_acked_that_were_never_captured_leave_nothing_under_way, marks_hold_past_the_wrap,
          shortest_time_to_the_ack_of_all_is_kept, ack_of_a_part_measures_nothing, ack_after_a_repeat_measures_nothing,
          clock_that_stepped_back_measures_nothing)
