/* What a segment is called: every script names the class bits of its last packet. Repeats are told by what came before
 * them, so most tests stand on both sides of a moment. The round trip is 20 ms, so that no timer of the kernel is
 * shorter than 35 ms: 5 / 4 of it and 10 ms. */
#include "script.h"
#include "unit.h"

/* Frames 1 to 3, at 0.02 s. Without SACK there is no tail loss probe. */
#define OPEN \
	"0 C>S S 0:0(0) win 64240 <mss 1460,sackok>\n" \
	"0.01 S>C SA 0:0(0) ack 1 win 65160 <mss 1460,sackok>\n" \
	"0.02 C>S A 1:1(0) ack 1\n"
#define OPEN_NO_SACK \
	"0 C>S S 0:0(0) win 64240 <mss 1460,sackok>\n" \
	"0.01 S>C SA 0:0(0) ack 1 win 65160 <mss 1460>\n" \
	"0.02 C>S A 1:1(0) ack 1\n"

/* One segment at 1 s; two; four. */
#define ONE "1 C>S A 1:11(10) ack 1\n"
#define TWO ONE "1 C>S A 11:21(10) ack 1\n"
#define FOUR TWO "1 C>S A 21:31(10) ack 1\n1 C>S A 31:41(10) ack 1\n"

/* The server's window is closed, and all was ACKed; or was not. */
#define CLOSED ONE "1.01 S>C A 1:1(0) ack 11 win 0\n"
#define CLOSED_OVER_DATA ONE "1.01 S>C A 1:1(0) ack 1 win 0\n"

static struct script_track track;

static void called(const char *text, uint32_t expected)
{
	uint32_t classes;

	script_track_init(&track, text);
	classes = track.segments[track.count - 1].classes;
	ck_assert_msg(classes == expected, "the last of these is 0x%x and not 0x%x:\n%s", classes, expected, text);
	script_track_deinit(&track);
}

static uint32_t fresh(const char *text)
{
	uint32_t result;

	script_track_init(&track, text);
	result = track.segments[track.count - 1].fresh;
	script_track_deinit(&track);
	return result;
}

/* New data and what is like it. */

START_TEST(data_is_what_was_never_seen)
{
	called(OPEN ONE, FL_SEG_DATA);
	called(OPEN TWO, FL_SEG_DATA);
	called(OPEN "1 C>S PA 1:11(10) ack 1\n", FL_SEG_DATA | FL_SEG_PUSH);
	called(OPEN "1 C>S PA 1:1(0) ack 1\n", 0);
	called(OPEN "1 C>S PA 1:2(1) ack 1\n", FL_SEG_DATA | FL_SEG_PUSH);
}
END_TEST

START_TEST(late_first_arrival_is_data_out_of_order)
{
	static const char late[] = OPEN ONE "1 C>S A 21:31(10) ack 1\n1.3 C>S A 11:21(10) ack 1\n";

	called(late, FL_SEG_DATA | FL_SEG_OUT_OF_ORDER);
	ck_assert_uint_eq(fresh(late), 10);
	/* with bytes that were seen it was sent again, and cut anew */
	called(OPEN ONE "1 C>S A 21:31(10) ack 1\n1.3 C>S A 6:16(10) ack 1\n", FL_SEG_DATA);
	ck_assert_uint_eq(fresh(OPEN ONE "1 C>S A 21:31(10) ack 1\n1.3 C>S A 6:16(10) ack 1\n"), 5);
}
END_TEST

START_TEST(single_late_byte_is_data)
{
	called(OPEN ONE "1 C>S A 12:21(9) ack 1\n1.3 C>S A 11:12(1) ack 1\n", FL_SEG_DATA | FL_SEG_OUT_OF_ORDER);
}
END_TEST

START_TEST(late_arrival_that_brings_more_is_data)
{
	static const char more[] = OPEN ONE "1 C>S A 21:31(10) ack 1\n1.3 C>S A 11:41(30) ack 1\n";

	called(more, FL_SEG_DATA);
	ck_assert_uint_eq(fresh(more), 20);
}
END_TEST

START_TEST(hole_that_was_filled_is_repeated_next)
{
	static const char filled[] = OPEN ONE
		"1 C>S A 21:31(10) ack 1\n1.001 C>S A 11:21(10) ack 1\n1.002 C>S A 11:21(10) ack 1\n";

	called(filled, FL_SEG_REPEAT | FL_SEG_CLOCKED);
	ck_assert_uint_eq(fresh(filled), 0);
}
END_TEST

START_TEST(what_a_longer_repeat_holds_is_a_repeat)
{
	/* small segments are put together (KERNEL b3) */
	called(OPEN_NO_SACK TWO "1.2 C>S A 1:21(20) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK TWO "1.2 C>S A 1:20(19) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK TWO "1.2 C>S A 1:22(21) ack 1\n", FL_SEG_DATA);
}
END_TEST

START_TEST(shorter_repeat_is_a_repeat)
{
	called(OPEN_NO_SACK ONE "1.2 C>S A 1:6(5) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK ONE "1.2 C>S A 1:2(1) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
}
END_TEST

/* The timer, the tail loss probe, and what is asked for. */

START_TEST(timer_fires_into_silence)
{
	called(OPEN_NO_SACK ONE "1.035 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK ONE "1.034999 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(new_data_behind_it_does_not_start_the_timer_anew)
{
	called(OPEN_NO_SACK ONE "1.03 C>S A 11:21(10) ack 1\n1.035 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK ONE "1.03 C>S A 11:21(10) ack 1\n1.034999 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(ack_of_a_part_starts_the_timer_anew)
{
	called(OPEN_NO_SACK TWO "1.02 S>C A 1:1(0) ack 11\n1.055 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK TWO "1.02 S>C A 1:1(0) ack 11\n1.054999 C>S A 11:21(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(repeat_starts_the_timer_anew)
{
	called(OPEN_NO_SACK ONE "1.2 C>S A 1:11(10) ack 1\n1.235 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK ONE "1.2 C>S A 1:11(10) ack 1\n1.234999 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(only_the_head_is_sent_by_the_timer)
{
	called(OPEN_NO_SACK FOUR "1.2 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK FOUR "1.2 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called(OPEN_NO_SACK FOUR "1.2 C>S A 2:11(9) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called(OPEN_NO_SACK FOUR "1.01 S>C A 1:1(0) ack 11\n1.2 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK FOUR "1.01 S>C A 1:1(0) ack 11\n1.2 C>S A 1:21(20) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
}
END_TEST

START_TEST(one_segment_in_flight_may_be_probed_for)
{
	called(OPEN ONE "1.035 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
	called(OPEN ONE "1.034999 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
	/* once */
	called(OPEN ONE "1.2 C>S A 1:11(10) ack 1\n1.4 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
}
END_TEST

START_TEST(tail_of_several_is_probed_for_soon)
{
	called(OPEN TWO "1.005 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
	called(OPEN TWO "1.2 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
	called(OPEN TWO "1.005 C>S A 15:21(6) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
	called(OPEN TWO "1.005 C>S A 11:20(9) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called(OPEN TWO "1.005 C>S A 1:21(20) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(without_sack_there_is_no_tail_loss_probe)
{
	called(OPEN_NO_SACK TWO "1.005 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called(OPEN_NO_SACK TWO "1.2 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1 <sackok>\n0.02 C>S A 1:1(0) ack 1\n" TWO
	       "1.2 C>S A 11:21(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED);
	/* whether it was allowed is not known mid-flow, nor where one side's SYN is all that was captured */
	called("0 S>C A 1:1(0) ack 1\n" TWO "1.2 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
	called("0 C>S S 0:0(0)\n0 S>C A 1:1(0) ack 1\n" TWO "1.2 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
}
END_TEST

START_TEST(timer_runs_on_behind_a_tail_loss_probe)
{
	called(OPEN TWO "1.02 C>S A 11:21(10) ack 1\n1.035 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN TWO "1.02 C>S A 11:21(10) ack 1\n1.034999 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
	/* and is started anew by the repeat that follows it */
	called(OPEN TWO "1.02 C>S A 11:21(10) ack 1\n1.2 C>S A 1:11(10) ack 1\n1.235 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN TWO "1.02 C>S A 11:21(10) ack 1\n1.2 C>S A 1:11(10) ack 1\n1.234999 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED);
	/* one in flight: that probe was the oldest segment, and the timer begins behind it */
	called(OPEN ONE "1.2 C>S A 1:11(10) ack 1\n1.235 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN ONE "1.2 C>S A 1:11(10) ack 1\n1.234999 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(tail_that_comes_again_in_a_series_is_no_probe)
{
	called(OPEN TWO "1.005 C>S A 11:21(10) ack 1\n1.2 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called(OPEN TWO "1.2 C>S A 1:11(10) ack 1\n1.4 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(duplicate_acks_ask_for_it)
{
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1\n1.011 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_FAST);
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1\n1.01 S>C A 1:1(0) ack 1\n1.011 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_FAST);
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1\n1.011 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_FAST);
	called(OPEN FOUR "1.011 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(tail_that_duplicate_acks_ask_for_is_no_probe)
{
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 1\n1.011 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_FAST);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 1\n1.044999 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_FAST);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 1\n1.045 C>S A 11:21(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
}
END_TEST

START_TEST(duplicate_acks_that_a_timer_outlasts_asked_for_nothing)
{
	called(OPEN_NO_SACK FOUR "1.01 S>C A 1:1(0) ack 1\n1.045 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK FOUR "1.01 S>C A 1:1(0) ack 1\n1.044999 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_FAST);
}
END_TEST

START_TEST(new_ack_takes_duplicate_ones_back)
{
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1\n1.02 S>C A 1:1(0) ack 11\n1.021 C>S A 11:21(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(what_acks_let_out_after_the_timer_is_clocked)
{
	static const char before[] = OPEN_NO_SACK FOUR "1.2 C>S A 1:11(10) ack 1\n1.22 S>C A 1:1(0) ack 11\n"
						       "1.22 C>S A 11:21(10) ack 1\n";

	called(before, FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called(OPEN_NO_SACK FOUR "1.2 C>S A 1:11(10) ack 1\n1.22 S>C A 1:1(0) ack 11\n1.22 C>S A 11:21(10) ack 1\n"
	                         "1.22 C>S A 21:31(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called(OPEN_NO_SACK FOUR "1.2 C>S A 1:11(10) ack 1\n1.2 C>S A 11:21(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(round_trip_of_the_path_bounds_the_timer)
{
	/* 200 ms from SYN to ACK: 260 ms */
#define FAR \
	"0 C>S S 0:0(0)\n" \
	"0.1 S>C SA 0:0(0) ack 1\n" \
	"0.2 C>S A 1:1(0) ack 1\n"
	called(FAR ONE "1.26 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(FAR ONE "1.259999 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
	/* unknown: 10 ms */
	called("0 S>C A 1:1(0) ack 1\n" ONE "1.01 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
	called("0 S>C A 1:1(0) ack 1\n" ONE "1.009999 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

/* Repeats of what was ACKed, as far as the capture knows. */

START_TEST(repeat_of_acked_data_is_spurious)
{
	called(OPEN_NO_SACK ONE "1.01 S>C A 1:1(0) ack 11\n1.2 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n1.2 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_TLP | FL_SEG_SPURIOUS);
	called(OPEN_NO_SACK TWO "1.01 S>C A 1:1(0) ack 11\n1.2 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
	called(OPEN_NO_SACK TWO "1.01 S>C A 1:1(0) ack 10\n1.2 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
}
END_TEST

START_TEST(ack_that_its_sender_missed_does_not_stop_the_timer)
{
	called(OPEN_NO_SACK ONE "1.01 S>C A 1:1(0) ack 11\n1.035 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
	called(OPEN_NO_SACK ONE "1.01 S>C A 1:1(0) ack 11\n1.034999 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED | FL_SEG_SPURIOUS);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n1.035 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_TLP | FL_SEG_SPURIOUS);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n1.034999 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED | FL_SEG_SPURIOUS);
}
END_TEST

START_TEST(spurious_repeat_starts_the_timer_anew)
{
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n1.2 C>S A 1:11(10) ack 1\n1.235 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n1.2 C>S A 1:11(10) ack 1\n1.234999 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_CLOCKED | FL_SEG_SPURIOUS);
}
END_TEST

START_TEST(fast_repeat_of_acked_data_is_spurious)
{
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 11\n1.02 S>C A 1:1(0) ack 11\n1.021 C>S A 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_FAST | FL_SEG_SPURIOUS);
}
END_TEST

/* The handshake again. */

START_TEST(syn_comes_again_by_its_timer)
{
	called("0 C>S S 0:0(0)\n", FL_SEG_SYN);
	called("0 C>S S 0:0(0)\n0.25 C>S S 0:0(0)\n", FL_SEG_SYN | FL_SEG_REPEAT | FL_SEG_RTO);
	called("0 C>S S 0:0(0)\n0.249999 C>S S 0:0(0)\n", FL_SEG_SYN | FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.25 C>S S 0:0(0)\n", FL_SEG_SYN | FL_SEG_REPEAT | FL_SEG_RTO);
	called("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.249999 C>S S 0:0(0)\n", FL_SEG_SYN | FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(syn_sent_again_after_an_rst_is_no_timers)
{
	/* Windows asks three times more, half a second apart */
	called("0 C>S S 0:0(0)\n0.01 S>C RA 0:0(0) ack 1 win 0\n0.5 C>S S 0:0(0)\n",
	       FL_SEG_SYN | FL_SEG_REPEAT | FL_SEG_CLOCKED);
}
END_TEST

START_TEST(syn_whose_syn_ack_was_lost_is_spurious)
{
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1 C>S S 0:0(0)\n",
	       FL_SEG_SYN | FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
}
END_TEST

START_TEST(syn_ack_comes_again_by_its_timer)
{
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n0.26 S>C SA 0:0(0) ack 1\n",
	       FL_SEG_SYN_ACK | FL_SEG_REPEAT | FL_SEG_RTO);
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n0.259999 S>C SA 0:0(0) ack 1\n",
	       FL_SEG_SYN_ACK | FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called(OPEN "1 S>C SA 0:0(0) ack 1\n", FL_SEG_SYN_ACK | FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
}
END_TEST

START_TEST(syn_ack_that_answers_a_repeated_syn_is_no_timers)
{
	/* 10 ms from SYN to SYN-ACK: within 22.5 ms */
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1 C>S S 0:0(0)\n1.01 S>C SA 0:0(0) ack 1\n",
	       FL_SEG_SYN_ACK | FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1 C>S S 0:0(0)\n1.022499 S>C SA 0:0(0) ack 1\n",
	       FL_SEG_SYN_ACK | FL_SEG_REPEAT | FL_SEG_CLOCKED);
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1 C>S S 0:0(0)\n1.0225 S>C SA 0:0(0) ack 1\n",
	       FL_SEG_SYN_ACK | FL_SEG_REPEAT | FL_SEG_RTO);
}
END_TEST

START_TEST(syn_ack_behind_repeated_data_is_its_timers)
{
	/* KERNEL f2: the queue is full, both sides repeat what they have */
	called(OPEN_NO_SACK ONE "1.2 C>S A 1:11(10) ack 1\n1.201 S>C SA 0:0(0) ack 1\n",
	       FL_SEG_SYN_ACK | FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
}
END_TEST

START_TEST(simultaneous_open_sends_each_syn_twice)
{
	called("0 C>S S 0:0(0)\n0.001 S>C S 0:0(0)\n", FL_SEG_SYN);
	called("0 C>S S 0:0(0)\n0.001 S>C S 0:0(0)\n0.01 C>S SA 0:0(0) ack 1\n",
	       FL_SEG_SYN_ACK | FL_SEG_REPEAT | FL_SEG_CLOCKED | FL_SEG_ACKS);
}
END_TEST

/* The end. */

START_TEST(fin_comes_again_as_data_does)
{
	called(OPEN "1 C>S FA 1:1(0) ack 1\n", FL_SEG_FIN);
	called(OPEN "1 C>S FA 1:1(0) ack 1\n1.2 C>S FA 1:1(0) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
	called(OPEN_NO_SACK "1 C>S FA 1:1(0) ack 1\n1.2 C>S FA 1:1(0) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN "1 C>S FA 1:1(0) ack 1\n1.2 C>S FA 1:1(0) ack 1\n1.4 C>S FA 1:1(0) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_RTO);
}
END_TEST

START_TEST(fin_of_a_tail_is_probed_with_alone)
{
	/* KERNEL k5: the probe is the FIN, the timer's repeat is data and FIN in one */
	called(OPEN "1 C>S PA 1:11(10) ack 1\n1 C>S FA 11:11(0) ack 1\n1.007 C>S FA 11:11(0) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_TLP);
	called(OPEN "1 C>S PA 1:11(10) ack 1\n1 C>S FA 11:11(0) ack 1\n1.007 C>S FA 11:11(0) ack 1\n"
	            "1.2 C>S FA 1:11(10) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_RTO);
}
END_TEST

START_TEST(fin_with_data_that_was_sent_is_new_once)
{
	called(OPEN ONE "1.2 C>S FA 1:11(10) ack 1\n", FL_SEG_FIN);
	called(OPEN ONE "1.2 C>S FA 1:11(10) ack 1\n1.4 C>S FA 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
}
END_TEST

/* Probes and closed windows. */

START_TEST(keepalive_is_the_byte_below_the_last_ack)
{
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n60 C>S A 10:10(0) ack 1\n", FL_SEG_PROBE);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n60 C>S A 10:11(1) ack 1\n", FL_SEG_PROBE); /* Windows */
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n60 C>S PA 10:11(1) ack 1\n", FL_SEG_PROBE | FL_SEG_PUSH);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n60 C>S A 11:11(0) ack 1\n", 0);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n60 C>S A 9:9(0) ack 1\n", 0);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n60 C>S A 10:12(2) ack 1\n", FL_SEG_DATA);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n60 C>S A 9:11(2) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_TLP | FL_SEG_SPURIOUS);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n60 C>S A 9:10(1) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
}
END_TEST

START_TEST(nothing_is_a_keepalive_while_data_waits)
{
	called(OPEN ONE "60 C>S A 10:10(0) ack 1\n", 0);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 10\n60 C>S A 10:11(1) ack 1\n", FL_SEG_REPEAT | FL_SEG_TLP);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 10\n60 C>S A 9:9(0) ack 1\n", 0);
}
END_TEST

START_TEST(fin_is_no_keepalive)
{
	called(OPEN "1 C>S FA 1:1(0) ack 1\n1.01 S>C A 1:1(0) ack 2\n2 C>S FA 1:1(0) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_TLP | FL_SEG_SPURIOUS);
	called(OPEN "1 C>S FA 1:1(0) ack 1\n1.01 S>C A 1:1(0) ack 2\n2 C>S A 1:1(0) ack 1\n", FL_SEG_PROBE);
}
END_TEST

START_TEST(syn_is_no_keepalive)
{
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1 C>S S 0:0(0)\n",
	       FL_SEG_SYN | FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
}
END_TEST

START_TEST(first_packet_of_a_side_is_no_probe)
{
	called("0 S>C A 1:1(0) ack 100 win 0\n1 C>S A 99:99(0) ack 1\n", FL_SEG_ACKS);
	called("0 S>C A 1:1(0) ack 100 win 0\n1 C>S A 100:101(1) ack 1\n", FL_SEG_DATA | FL_SEG_ACKS);
}
END_TEST

START_TEST(probe_of_a_closed_window)
{
	called(OPEN CLOSED "1.3 C>S A 10:10(0) ack 1\n", FL_SEG_PROBE | FL_SEG_WINDOW_PROBE); /* Linux */
	called(OPEN CLOSED "1.3 C>S A 11:12(1) ack 1\n", FL_SEG_DATA | FL_SEG_WINDOW_PROBE);  /* BSD */
	called(OPEN CLOSED "1.3 C>S A 11:12(1) ack 1\n1.6 C>S A 11:12(1) ack 1\n", FL_SEG_REPEAT | FL_SEG_WINDOW_PROBE);
	called(OPEN CLOSED "1.3 C>S A 11:11(0) ack 1\n", 0);
	called(OPEN CLOSED "1.3 C>S A 11:13(2) ack 1\n", FL_SEG_DATA);
	called(OPEN CLOSED "1.3 C>S A 9:9(0) ack 1\n", 0);
	called(OPEN CLOSED "1.3 C>S FA 11:11(0) ack 1\n", FL_SEG_FIN);
}
END_TEST

START_TEST(open_window_is_not_probed)
{
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11 win 1\n1.3 C>S A 11:12(1) ack 1\n", FL_SEG_DATA);
	called(OPEN CLOSED "1.2 S>C A 1:1(0) ack 11 win 1\n1.3 C>S A 11:12(1) ack 1\n", FL_SEG_DATA);
	called(OPEN CLOSED "1.2 S>C A 1:1(0) ack 11 win 1\n1.3 C>S A 10:10(0) ack 1\n", FL_SEG_PROBE);
	/* its own window has nothing to do with it */
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n1.02 C>S A 11:11(0) ack 1 win 0\n1.3 C>S A 10:10(0) ack 1 win 0\n",
	       FL_SEG_PROBE | FL_SEG_ZERO_WINDOW);
}
END_TEST

START_TEST(probe_of_a_window_closed_over_data)
{
	called(OPEN CLOSED_OVER_DATA "1.3 C>S A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_WINDOW_PROBE);
	called(OPEN CLOSED_OVER_DATA "1.3 C>S A 0:0(0) ack 1\n", FL_SEG_PROBE | FL_SEG_WINDOW_PROBE);
	called(OPEN CLOSED_OVER_DATA "1.3 C>S A 1:2(1) ack 1\n", FL_SEG_REPEAT | FL_SEG_WINDOW_PROBE);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11 win 0\n1.3 C>S A 10:11(1) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_WINDOW_PROBE | FL_SEG_SPURIOUS);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11 win 0\n1.3 C>S A 10:12(2) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_WINDOW_PROBE);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11 win 0\n1.3 C>S A 9:9(0) ack 1\n", 0);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11 win 0\n1.3 C>S A 11:11(0) ack 1\n", 0);
}
END_TEST

START_TEST(syn_ack_is_no_window_probe)
{
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n0.02 C>S A 1:1(0) ack 1 win 0\n1 S>C SA 0:0(0) ack 1\n",
	       FL_SEG_SYN_ACK | FL_SEG_REPEAT | FL_SEG_RTO | FL_SEG_SPURIOUS);
}
END_TEST

START_TEST(zero_window_and_its_reopening)
{
	called(OPEN CLOSED, FL_SEG_ACKS | FL_SEG_ZERO_WINDOW);
	called(OPEN CLOSED "1.5 S>C A 1:1(0) ack 11 win 1\n", FL_SEG_WINDOW_OPENED);
	called(OPEN CLOSED "1.5 S>C A 1:1(0) ack 11 win 0\n", FL_SEG_ZERO_WINDOW);
	called(OPEN CLOSED "1.5 S>C A 1:1(0) ack 11 win 1\n1.6 S>C A 1:1(0) ack 11 win 2\n", 0);
	called("0 C>S S 0:0(0) win 0\n", FL_SEG_SYN);
	called("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1 win 0\n", FL_SEG_SYN_ACK | FL_SEG_ACKS);
}
END_TEST

/* Pure ACKs. */

START_TEST(same_ack_again_is_a_duplicate_while_data_waits)
{
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 1\n", FL_SEG_DUP_ACK);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 10\n", FL_SEG_ACKS);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 10\n1.02 S>C A 1:1(0) ack 10\n", FL_SEG_DUP_ACK);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n1.02 S>C A 1:1(0) ack 11\n", 0);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 10\n1.02 S>C A 1:1(0) ack 9\n", 0);
	called(OPEN "1.01 S>C A 1:1(0) ack 1\n", 0);
}
END_TEST

START_TEST(ack_with_data_is_no_duplicate)
{
	called(OPEN ONE "1.01 S>C A 1:11(10) ack 1\n", FL_SEG_DATA);
	called(OPEN ONE "1.01 S>C FA 1:1(0) ack 1\n", FL_SEG_FIN);
}
END_TEST

START_TEST(window_that_opens_is_no_duplicate_ack)
{
	called(OPEN CLOSED_OVER_DATA, FL_SEG_DUP_ACK | FL_SEG_ZERO_WINDOW);
	called(OPEN CLOSED_OVER_DATA "1.5 S>C A 1:1(0) ack 1 win 9\n", FL_SEG_WINDOW_OPENED);
}
END_TEST

START_TEST(keepalive_of_the_other_side_is_no_duplicate_ack)
{
	called(OPEN ONE "1.01 S>C A 0:0(0) ack 1\n", FL_SEG_PROBE);
}
END_TEST

START_TEST(answer_to_a_probe_is_no_duplicate_ack)
{
	called(OPEN "60 C>S A 0:0(0) ack 1\n60.01 S>C A 1:1(0) ack 1\n", FL_SEG_PROBE_ANSWER);
	called(OPEN "60 C>S A 0:0(0) ack 1\n60.01 S>C A 1:1(0) ack 1\n61 S>C A 1:1(0) ack 1\n", 0);
	called(OPEN CLOSED "1.3 C>S A 10:10(0) ack 1\n1.31 S>C A 1:1(0) ack 11 win 0\n",
	       FL_SEG_PROBE_ANSWER | FL_SEG_ZERO_WINDOW);
	called(OPEN CLOSED "1.3 C>S A 10:10(0) ack 1\n1.31 S>C A 1:1(0) ack 11 win 9\n",
	       FL_SEG_PROBE_ANSWER | FL_SEG_WINDOW_OPENED);
	called(OPEN CLOSED_OVER_DATA "1.3 C>S A 1:11(10) ack 1\n1.31 S>C A 1:1(0) ack 1 win 0\n",
	       FL_SEG_PROBE_ANSWER | FL_SEG_ZERO_WINDOW);
	called(OPEN CLOSED "1.3 C>S A 11:12(1) ack 1\n1.31 S>C A 1:1(0) ack 11 win 0\n",
	       FL_SEG_PROBE_ANSWER | FL_SEG_ZERO_WINDOW);
	called(OPEN CLOSED "1.3 C>S A 11:12(1) ack 1\n1.31 S>C A 1:1(0) ack 12 win 0\n",
	       FL_SEG_ACKS | FL_SEG_ZERO_WINDOW);
	/* of the side that probed it is none */
	called(OPEN "60 C>S A 0:0(0) ack 1\n60.01 C>S A 1:1(0) ack 1\n", 0);
}
END_TEST

START_TEST(ack_of_what_was_sent_twice_may_tell_so)
{
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n1.2 C>S A 1:11(10) ack 1\n1.21 S>C A 1:1(0) ack 11 <sack 1 11>\n",
	       FL_SEG_DSACK);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11 <sack 10 11>\n", FL_SEG_ACKS | FL_SEG_DSACK);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11\n1.02 S>C A 1:1(0) ack 11 <sack 11 21>\n", FL_SEG_DUP_ACK);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11\n1.02 S>C A 1:1(0) ack 11 <sack 10 21>\n",
	       FL_SEG_DUP_ACK | FL_SEG_DSACK);
}
END_TEST

START_TEST(block_inside_the_next_tells_so_too)
{
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1 <sack 21 31,sack 21 41>\n", FL_SEG_DUP_ACK | FL_SEG_DSACK);
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1 <sack 31 41,sack 21 41>\n", FL_SEG_DUP_ACK | FL_SEG_DSACK);
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1 <sack 21 41,sack 21 41>\n", FL_SEG_DUP_ACK | FL_SEG_DSACK);
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1 <sack 20 31,sack 21 41>\n", FL_SEG_DUP_ACK);
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1 <sack 31 41,sack 21 40>\n", FL_SEG_DUP_ACK);
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1 <sack 31 41,sack 11 21>\n", FL_SEG_DUP_ACK);
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1 <sack 11 21,sack 31 41>\n", FL_SEG_DUP_ACK);
	called(OPEN FOUR "1.01 S>C A 1:1(0) ack 1 <sack 21 31>\n", FL_SEG_DUP_ACK);
}
END_TEST

START_TEST(segment_that_is_not_acceptable_is_challenged)
{
	/* an RST that is not exactly at the next number */
	called(OPEN ONE "1.01 C>S RA 11:11(0) ack 1 win 0\n1.02 S>C A 1:1(0) ack 1\n", FL_SEG_CHALLENGE);
	called(OPEN ONE "1.01 C>S RA 12:12(0) ack 1 win 0\n1.02 S>C A 1:1(0) ack 1\n", FL_SEG_DUP_ACK);
	called(OPEN ONE "1.01 S>C RA 1:1(0) ack 1 win 0\n1.02 S>C A 1:1(0) ack 1\n", FL_SEG_DUP_ACK);
	/* a SYN to an old connection (KERNEL p), whose numbers its ACK tells; each time anew */
	called("0 C>S S 0:0(0)\n0.01 S>C A 700:700(0) ack 900\n", FL_SEG_CHALLENGE);
	called("0 C>S S 0:0(0)\n0.01 S>C A 700:700(0) ack 900\n1 C>S S 0:0(0)\n1.01 S>C A 700:700(0) ack 900\n",
	       FL_SEG_CHALLENGE);
	called("0 C>S S 0:0(0)\n0.01 S>C A 700:700(0) ack 0\n", FL_SEG_CHALLENGE);
	called("0 C>S S 0:0(0)\n0.01 S>C A 700:700(0) ack 2\n", FL_SEG_CHALLENGE);
	/* not where the client's other packets show a connection whose SYN-ACK was not captured */
	called("0 C>S S 0:0(0)\n0.02 C>S A 1:1(0) ack 1\n1 S>C A 1:1(0) ack 65\n", FL_SEG_ACKS | FL_SEG_ACKS_UNSEEN);
	called("0 C>S S 0:0(0)\n" ONE "1.01 S>C A 1:1(0) ack 1\n1.01 S>C A 1:1(0) ack 1\n", FL_SEG_DUP_ACK);
	called("0 C>S S 0:10(10)\n0.01 S>C A 1:1(0) ack 11\n", FL_SEG_ACKS); /* TCP fast open */
	called("0 C>S S 0:10(10)\n0.01 S>C A 1:1(0) ack 12\n", FL_SEG_CHALLENGE);
	/* not to one of this capture's */
	called(OPEN "1 C>S A 1:1(0) ack 1\n1.01 S>C A 1:1(0) ack 1\n", 0);
	called("0 C>S S 0:0(0)\n0.01 S>C A 1:1(0) ack 1\n", FL_SEG_ACKS);
}
END_TEST

/* RSTs. */

START_TEST(rst_of_a_host_without_the_socket)
{
	called(OPEN ONE "1.01 S>C R 1:1(0) win 0\n", FL_SEG_RST | FL_SEG_RST_NO_SOCKET);
}
END_TEST

START_TEST(rst_that_refuses)
{
	called("0 C>S S 0:0(0)\n0.01 S>C RA 0:0(0) ack 1 win 0\n", FL_SEG_RST | FL_SEG_RST_REFUSED);
	called("0 C>S S 0:0(0)\n0.01 S>C R 0:0(0) win 0\n", FL_SEG_RST | FL_SEG_RST_NO_SOCKET);
}
END_TEST

START_TEST(rst_of_an_aborted_socket)
{
	called(OPEN ONE "1.01 S>C RA 1:1(0) ack 11 win 0\n", FL_SEG_RST | FL_SEG_RST_ACTIVE);
	called(OPEN ONE "1.01 C>S RA 11:11(0) ack 1 win 0\n", FL_SEG_RST | FL_SEG_RST_ACTIVE);
	called("0 C>S S 0:0(0)\n0.01 C>S RA 1:1(0) ack 0 win 0\n", FL_SEG_RST | FL_SEG_RST_ACTIVE);
	called("0 C>S A 1:11(10) ack 1\n0.01 S>C RA 1:1(0) ack 11 win 0\n", FL_SEG_RST | FL_SEG_RST_ACTIVE);
}
END_TEST

START_TEST(rst_is_nothing_else)
{
	called(OPEN ONE "1.01 S>C FPRA 1:11(10) ack 11 win 0\n", FL_SEG_RST | FL_SEG_RST_ACTIVE);
	called(OPEN ONE "1.01 C>S RA 1:11(10) ack 1 win 0\n", FL_SEG_RST | FL_SEG_RST_ACTIVE);
}
END_TEST

START_TEST(rst_is_taken_at_what_was_acked_up_to_what_was_sent)
{
	static const uint32_t active = FL_SEG_RST | FL_SEG_RST_ACTIVE;

	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11\n2 C>S RA 11:11(0) ack 1 win 0\n", active);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11\n2 C>S RA 10:10(0) ack 1 win 0\n", active | FL_SEG_RST_IGNORED);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11\n2 C>S RA 21:21(0) ack 1 win 0\n", active);
	called(OPEN TWO "1.01 S>C A 1:1(0) ack 11\n2 C>S RA 22:22(0) ack 1 win 0\n", active | FL_SEG_RST_IGNORED);
	/* where it stands is not known without an ACK of the other side */
	called("0 C>S A 1:11(10) ack 1\n2 C>S RA 500:500(0) ack 1 win 0\n", active);
	called("0 C>S A 1:11(10) ack 1\n2 S>C RA 500:500(0) ack 11 win 0\n", active);
}
END_TEST

START_TEST(rst_with_another_ttl_is_foreign)
{
	static const uint32_t bare = FL_SEG_RST | FL_SEG_RST_NO_SOCKET;

	called(OPEN ONE "1.01 S>C R 1:1(0) win 0 ttl 64\n", bare);
	called(OPEN ONE "1.01 S>C R 1:1(0) win 0 ttl 63\n", bare | FL_SEG_RST_FOREIGN);
	called(OPEN ONE "1.01 S>C R 1:1(0) win 0 ttl 65\n", bare | FL_SEG_RST_FOREIGN);
	/* compared with its last packet */
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11 ttl 60\n1.02 S>C R 1:1(0) win 0 ttl 60\n", bare);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11 ttl 60\n1.02 S>C R 1:1(0) win 0 ttl 64\n", bare | FL_SEG_RST_FOREIGN);
}
END_TEST

START_TEST(host_that_only_sent_rsts_has_no_ttl_to_differ_from)
{
	called("0 C>S S 0:0(0)\n0.01 S>C RA 0:0(0) ack 1 win 0 ttl 50\n", FL_SEG_RST | FL_SEG_RST_REFUSED);
	called("0 C>S S 0:0(0)\n0.01 S>C RA 0:0(0) ack 1 win 0 ttl 50\n0.5 C>S S 0:0(0)\n"
	       "0.51 S>C RA 0:0(0) ack 1 win 0 ttl 50\n",
	       FL_SEG_RST | FL_SEG_RST_REFUSED);
}
END_TEST

/* What was ACKed and never captured, and numbers that wrap. */

START_TEST(acked_bytes_that_were_never_captured)
{
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 12\n", FL_SEG_ACKS | FL_SEG_ACKS_UNSEEN);
	called(OPEN ONE "1.01 S>C A 1:1(0) ack 11\n", FL_SEG_ACKS);
	called(OPEN ONE "1 C>S A 21:31(10) ack 1\n1.01 S>C A 1:1(0) ack 11\n", FL_SEG_ACKS);
	called(OPEN ONE "1 C>S A 21:31(10) ack 1\n1.01 S>C A 1:1(0) ack 12\n", FL_SEG_ACKS | FL_SEG_ACKS_UNSEEN);
	called(OPEN ONE "1 C>S A 21:31(10) ack 1\n1.01 S>C A 1:1(0) ack 31\n", FL_SEG_ACKS | FL_SEG_ACKS_UNSEEN);
	called(OPEN ONE "1 C>S A 21:31(10) ack 1\n1 C>S A 11:21(10) ack 1\n1.01 S>C A 1:1(0) ack 31\n", FL_SEG_ACKS);
	called(OPEN ONE "1 C>S A 21:31(10) ack 1\n1 C>S A 11:20(9) ack 1\n1.01 S>C A 1:1(0) ack 31\n",
	       FL_SEG_ACKS | FL_SEG_ACKS_UNSEEN);
}
END_TEST

START_TEST(numbers_wrap)
{
	/* The server's pass 2^32 at 6: in the segment, at its end, at its start. */
	called(OPEN_NO_SACK "1 S>C A 1:11(10) ack 1\n1.2 S>C A 1:11(10) ack 1\n", FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN_NO_SACK "1 S>C A 1:6(5) ack 1\n1 S>C A 6:11(5) ack 1\n1.01 C>S A 1:1(0) ack 6\n", FL_SEG_ACKS);
	called(OPEN_NO_SACK "1 S>C A 1:6(5) ack 1\n1 S>C A 6:11(5) ack 1\n1.01 C>S A 1:1(0) ack 6\n"
	                    "1.2 S>C A 6:11(5) ack 1\n",
	       FL_SEG_REPEAT | FL_SEG_RTO);
	called(OPEN "1 S>C A 1:6(5) ack 1\n1.01 C>S A 1:1(0) ack 6\n60 S>C A 5:5(0) ack 1\n", FL_SEG_PROBE);
	called(OPEN "1 S>C A 1:6(5) ack 1\n1.01 C>S A 1:1(0) ack 6 <sack 5 6>\n", FL_SEG_ACKS | FL_SEG_DSACK);
	called(OPEN "1 S>C A 1:7(6) ack 1\n1.01 C>S A 1:1(0) ack 7 <sack 5 6>\n", FL_SEG_ACKS | FL_SEG_DSACK);
	called(OPEN "1 S>C A 1:2(1) ack 1\n1 S>C A 7:11(4) ack 1\n1.01 S>C A 2:7(5) ack 1\n",
	       FL_SEG_DATA | FL_SEG_OUT_OF_ORDER);
	called(OPEN "1 S>C A 1:7(6) ack 1\n1.01 S>C R 7:7(0) win 0\n", FL_SEG_RST | FL_SEG_RST_NO_SOCKET);
	called(OPEN "1 S>C A 1:7(6) ack 1\n1.01 S>C R 8:8(0) win 0\n",
	       FL_SEG_RST | FL_SEG_RST_NO_SOCKET | FL_SEG_RST_IGNORED);
}
END_TEST

UNIT_MAIN("classify", data_is_what_was_never_seen, late_first_arrival_is_data_out_of_order, single_late_byte_is_data,
          late_arrival_that_brings_more_is_data, hole_that_was_filled_is_repeated_next,
          what_a_longer_repeat_holds_is_a_repeat, shorter_repeat_is_a_repeat, timer_fires_into_silence,
          new_data_behind_it_does_not_start_the_timer_anew, ack_of_a_part_starts_the_timer_anew,
          repeat_starts_the_timer_anew, only_the_head_is_sent_by_the_timer, one_segment_in_flight_may_be_probed_for,
          tail_of_several_is_probed_for_soon, without_sack_there_is_no_tail_loss_probe,
          timer_runs_on_behind_a_tail_loss_probe, tail_that_comes_again_in_a_series_is_no_probe,
          duplicate_acks_ask_for_it, tail_that_duplicate_acks_ask_for_is_no_probe,
          duplicate_acks_that_a_timer_outlasts_asked_for_nothing, new_ack_takes_duplicate_ones_back,
          what_acks_let_out_after_the_timer_is_clocked, round_trip_of_the_path_bounds_the_timer,
          repeat_of_acked_data_is_spurious, ack_that_its_sender_missed_does_not_stop_the_timer,
          spurious_repeat_starts_the_timer_anew, fast_repeat_of_acked_data_is_spurious, syn_comes_again_by_its_timer,
          syn_sent_again_after_an_rst_is_no_timers, syn_whose_syn_ack_was_lost_is_spurious,
          syn_ack_comes_again_by_its_timer, syn_ack_that_answers_a_repeated_syn_is_no_timers,
          syn_ack_behind_repeated_data_is_its_timers, simultaneous_open_sends_each_syn_twice,
          fin_comes_again_as_data_does, fin_of_a_tail_is_probed_with_alone, fin_with_data_that_was_sent_is_new_once,
          keepalive_is_the_byte_below_the_last_ack, nothing_is_a_keepalive_while_data_waits, fin_is_no_keepalive,
          syn_is_no_keepalive, first_packet_of_a_side_is_no_probe, probe_of_a_closed_window, open_window_is_not_probed,
          probe_of_a_window_closed_over_data, syn_ack_is_no_window_probe, zero_window_and_its_reopening,
          same_ack_again_is_a_duplicate_while_data_waits, ack_with_data_is_no_duplicate,
          window_that_opens_is_no_duplicate_ack, keepalive_of_the_other_side_is_no_duplicate_ack,
          answer_to_a_probe_is_no_duplicate_ack, ack_of_what_was_sent_twice_may_tell_so,
          block_inside_the_next_tells_so_too, segment_that_is_not_acceptable_is_challenged,
          rst_of_a_host_without_the_socket, rst_that_refuses, rst_of_an_aborted_socket, rst_is_nothing_else,
          rst_is_taken_at_what_was_acked_up_to_what_was_sent, rst_with_another_ttl_is_foreign,
          host_that_only_sent_rsts_has_no_ttl_to_differ_from, acked_bytes_that_were_never_captured, numbers_wrap)
