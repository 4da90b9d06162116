/* What a segment is called, and where both sides stand after it: every script names the class bits of its last packet.
 */
#include <inttypes.h>
#include <string.h>

#include "script.h"
#include "unit.h"

#define HANDSHAKE \
	"0 C>S S 0:0(0) win 64240 <mss 1460,wscale 7>\n" \
	"+0.01 S>C SA 0:0(0) ack 1 win 65160 <mss 1400,wscale 8>\n" \
	"+0.01 C>S A 1:1(0) ack 1 win 502\n"

static struct script_track track;

static uint32_t last_classes(const char *text)
{
	script_track_init(&track, text);
	return track.segments[track.count - 1].classes;
}

static const struct fl_segment *last(void)
{
	return &track.segments[track.count - 1];
}

static const struct fl_flow *flow(void)
{
	return script_track_flow(&track);
}

static void done(void)
{
	script_track_deinit(&track);
}

START_TEST(handshake_is_named_and_measured)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE), FL_SEG_ACKS);
	ck_assert_uint_eq(track.segments[0].classes, FL_SEG_SYN);
	ck_assert_uint_eq(track.segments[1].classes, FL_SEG_SYN_ACK | FL_SEG_ACKS);
	ck_assert_uint_eq(flow()->cold->rtt_us, 20000);
	ck_assert_uint_eq(flow()->cold->isn[0], SCRIPT_CLIENT_ISN);
	ck_assert_uint_eq(flow()->cold->isn[1], SCRIPT_SERVER_ISN);
	ck_assert_uint_eq(flow()->cold->mss[0], 1460);
	ck_assert_uint_eq(flow()->cold->mss[1], 1400);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 0);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 1), 0);
	ck_assert(!(flow()->marks & FL_MARK_MID_FLOW));
	done();
}
END_TEST

START_TEST(rtt_of_a_repeated_syn_is_not_known)
{
	last_classes("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n+0.01 S>C SA 0:0(0) ack 1\n+0.01 C>S A 1:1(0) ack 1\n");
	ck_assert_uint_eq(track.segments[1].classes, FL_SEG_SYN | FL_SEG_REPEAT | FL_SEG_RTO);
	ck_assert_uint_eq(flow()->cold->rtt_us, UINT32_MAX);
	ck_assert_uint_eq(flow()->end[0].retransmissions, 1);
	done();
}
END_TEST

START_TEST(new_data_is_fresh_and_outstanding_until_acked)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S PA 1:65(64) ack 1\n"), FL_SEG_DATA | FL_SEG_PUSH);
	ck_assert_uint_eq(last()->fresh, 64);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 64);
	ck_assert(!fl_tcp_acked(flow(), 0, last()->end));
	done();
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S PA 1:65(64) ack 1\n+0.01 S>C A 1:1(0) ack 65\n"), FL_SEG_ACKS);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 0);
	ck_assert(fl_tcp_acked(flow(), 0, track.segments[3].end));
	ck_assert(!(flow()->end[0].seen & FL_SEEN_HOLE));
	done();
}
END_TEST

START_TEST(retransmission_carries_nothing_new)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S PA 1:65(64) ack 1\n+0.2 C>S PA 1:65(64) ack 1\n"),
	                  FL_SEG_REPEAT | FL_SEG_PUSH | FL_SEG_RTO);
	ck_assert_uint_eq(last()->fresh, 0);
	ck_assert_uint_eq(flow()->end[0].retransmissions, 1);
	ck_assert_uint_eq(flow()->end[0].payload, 128);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 64);
	done();
}
END_TEST

START_TEST(longer_repeat_is_partly_fresh)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S PA 1:65(64) ack 1\n+0.2 C>S PA 1:101(100) ack 1\n"),
	                  FL_SEG_DATA | FL_SEG_PUSH);
	ck_assert_uint_eq(last()->fresh, 36);
	ck_assert_uint_eq(flow()->end[0].retransmissions, 0);
	done();
}
END_TEST

START_TEST(shorter_repeat_is_a_repeat)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S PA 1:65(64) ack 1\n+0.2 C>S PA 1:33(32) ack 1\n"),
	                  FL_SEG_REPEAT | FL_SEG_PUSH | FL_SEG_RTO);
	done();
}
END_TEST

START_TEST(repeated_ack_acks_nothing_new)
{
	ck_assert_uint_eq(
		last_classes(HANDSHAKE
	                     "+1 C>S PA 1:65(64) ack 1\n+0.01 S>C A 1:1(0) ack 65\n+0.01 S>C A 1:1(0) ack 65\n"),
		0);
	done();
	ck_assert_uint_eq(
		last_classes(HANDSHAKE
	                     "+1 C>S PA 1:65(64) ack 1\n+0.01 S>C A 1:1(0) ack 65\n+0.01 S>C A 1:1(0) ack 1\n"),
		0); /* overtaken on the way */
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 0);
	done();
}
END_TEST

START_TEST(bytes_acked_but_never_captured_are_a_hole)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 S>C A 1:1(0) ack 65\n"), FL_SEG_ACKS | FL_SEG_ACKS_UNSEEN);
	ck_assert(flow()->end[0].seen & FL_SEEN_HOLE);
	ck_assert(!(flow()->end[1].seen & FL_SEEN_HOLE));
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 0);
	done();
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 S>C A 1:1(0) ack 65\n+1 C>S PA 65:75(10) ack 1\n"),
	                  FL_SEG_DATA | FL_SEG_PUSH);
	ck_assert_uint_eq(last()->fresh, 10);
	done();
}
END_TEST

START_TEST(mid_flow_start_takes_the_first_numbers_as_they_are)
{
	ck_assert_uint_eq(last_classes("0 C>S PA 7000:7064(64) ack 9000\n"), FL_SEG_DATA | FL_SEG_PUSH);
	ck_assert(flow()->marks & FL_MARK_MID_FLOW);
	ck_assert_uint_eq(last()->fresh, 64);
	done();
	ck_assert_uint_eq(last_classes("0 C>S PA 7000:7064(64) ack 9000\n+0 S>C A 9000:9000(0) ack 7064\n"),
	                  FL_SEG_ACKS);
	ck_assert(!((flow()->end[0].seen | flow()->end[1].seen) & FL_SEEN_HOLE));
	done();
	ck_assert_uint_eq(last_classes("0 C>S A 7000:7000(0) ack 9000\n+0 S>C PA 9000:9100(100) ack 7000\n"),
	                  FL_SEG_DATA | FL_SEG_PUSH | FL_SEG_ACKS);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 1), 100);
	done();
}
END_TEST

START_TEST(mid_flow_repeat_of_what_was_acked_is_below_the_first_ack)
{
	last_classes("0 C>S A 7000:7000(0) ack 9000\n+0 S>C PA 8900:9000(100) ack 7000\n");
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 1), 0);
	ck_assert(!(flow()->end[1].seen & FL_SEEN_HOLE));
	done();
}
END_TEST

START_TEST(mid_flow_what_the_first_packet_overtook_is_late)
{
	ck_assert_uint_eq(last_classes("0 C>S PA 8396:8418(22) ack 1\n+0.0002 S>C A 1:1(0) ack 7000\n"
	                               "+0.0002 C>S A 7000:8396(1396) ack 1\n"),
	                  FL_SEG_DATA | FL_SEG_OUT_OF_ORDER);
	ck_assert_uint_eq(last()->fresh, 1396);
	ck_assert_uint_eq(flow()->end[0].retransmissions, 0);
	done();
	/* The same again is a repeat, and so is what was ACKed, or seen. */
	ck_assert(last_classes("0 C>S PA 8396:8418(22) ack 1\n+0.0002 C>S A 7000:8396(1396) ack 1\n"
	                       "+1 C>S A 7000:8396(1396) ack 1\n") &
	          FL_SEG_REPEAT);
	ck_assert_uint_eq(track.segments[1].classes, FL_SEG_DATA | FL_SEG_OUT_OF_ORDER);
	done();
	last_classes("0 C>S PA 8396:8418(22) ack 1\n+0.0002 S>C A 1:1(0) ack 8396\n"
	             "+0.0002 C>S A 7000:8396(1396) ack 1\n+0.0002 C>S A 8396:8407(11) ack 1\n");
	ck_assert(track.segments[2].classes & FL_SEG_REPEAT);
	ck_assert(track.segments[3].classes & FL_SEG_REPEAT);
	done();
	/* Partly overtaken. */
	last_classes("0 C>S PA 8396:8418(22) ack 1\n+0.0002 S>C A 1:1(0) ack 7500\n"
	             "+0.0002 C>S A 7000:8400(1400) ack 1\n");
	ck_assert_uint_eq(last()->fresh, 896);
	done();
}
END_TEST

START_TEST(mid_flow_byte_of_a_keepalive_is_not_late)
{
	ck_assert(!(last_classes("0 C>S A 7000:7000(0) ack 1\n+10 C>S A 6999:7000(1) ack 1\n") & FL_SEG_DATA));
	done();
	ck_assert_uint_eq(last_classes("0 C>S A 7000:7000(0) ack 1\n+0.1 S>C A 1:1(0) ack 7000\n"
	                               "+10 C>S A 6999:7000(1) ack 1\n"),
	                  FL_SEG_PROBE);
	done();
}
END_TEST

START_TEST(keepalive_probe_without_a_byte)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+60 C>S A 0:0(0) ack 1\n"), FL_SEG_PROBE);
	ck_assert_uint_eq(flow()->end[0].retransmissions, 0);
	ck_assert_uint_eq(flow()->end[0].next, track.segments[0].end);
	done();
}
END_TEST

START_TEST(keepalive_probe_with_a_byte)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+60 C>S A 0:1(1) ack 1\n"), FL_SEG_PROBE);
	ck_assert_uint_eq(last()->fresh, 0);
	ck_assert_uint_eq(flow()->end[0].retransmissions, 0);
	done();
}
END_TEST

START_TEST(last_byte_sent_again_before_its_ack_is_no_probe)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S PA 1:2(1) ack 1\n+0.2 C>S PA 1:2(1) ack 1\n"),
	                  FL_SEG_REPEAT | FL_SEG_PUSH | FL_SEG_RTO);
	done();
}
END_TEST

START_TEST(fin_is_named_once_and_then_a_repeat)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S FA 1:1(0) ack 1\n"), FL_SEG_FIN);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 1);
	done();
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S FA 1:1(0) ack 1\n+0.2 C>S FA 1:1(0) ack 1\n"),
	                  FL_SEG_REPEAT | FL_SEG_RTO);
	ck_assert_uint_eq(flow()->end[0].retransmissions, 1);
	done();
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S FPA 1:65(64) ack 1\n"),
	                  FL_SEG_FIN | FL_SEG_DATA | FL_SEG_PUSH);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 65);
	done();
}
END_TEST

START_TEST(fin_that_follows_repeated_data_is_new)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S PA 1:65(64) ack 1\n+0.2 C>S FPA 1:65(64) ack 1\n"),
	                  FL_SEG_FIN | FL_SEG_PUSH);
	ck_assert_uint_eq(last()->fresh, 0);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 65);
	done();
}
END_TEST

START_TEST(rst_moves_no_coordinate)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 S>C R 90000:90000(0) win 0\n"),
	                  FL_SEG_RST | FL_SEG_RST_NO_SOCKET | FL_SEG_RST_IGNORED);
	ck_assert_uint_eq(flow()->end[1].next, track.segments[1].end);
	ck_assert(!(flow()->end[1].seen & FL_SEEN_RST));
	done();
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 S>C RA 1:1(0) ack 5000 win 0\n"), FL_SEG_RST | FL_SEG_RST_ACTIVE);
	ck_assert(flow()->end[1].seen & FL_SEEN_RST);
	ck_assert(!(flow()->end[0].seen & FL_SEEN_HOLE));
	ck_assert_uint_eq(flow()->end[1].window, 65160);
	done();
}
END_TEST

START_TEST(syn_repeated_is_the_same_connection)
{
	last_classes("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n3 C>S S 0:0(0)\n");
	ck_assert_uint_eq(fl_flows_count(track.flows), 1);
	done();
	last_classes(HANDSHAKE "+1 C>S S 0:0(0)\n"); /* a challenge ACK would follow */
	ck_assert_uint_eq(fl_flows_count(track.flows), 1);
	done();
	last_classes("0 C>S S 0:0(0)\n+0.01 S>C RA 0:0(0) ack 1\n1 C>S S 0:0(0)\n");
	ck_assert_uint_eq(fl_flows_count(track.flows), 1);
	done();
}
END_TEST

START_TEST(syn_with_another_number_is_a_new_connection)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 C>S S 5:5(0)\n"), FL_SEG_SYN);
	ck_assert_uint_eq(fl_flows_count(track.flows), 2);
	ck_assert(track.flow[0]->marks & FL_MARK_GONE);
	ck_assert_uint_eq(flow()->id, 1);
	done();
	last_classes("0 C>S PA 100:110(10) ack 1\n+1 C>S S 5000:5000(0)\n"); /* mid-flow before */
	ck_assert_uint_eq(fl_flows_count(track.flows), 2);
	ck_assert(!(flow()->marks & FL_MARK_MID_FLOW));
	done();
}
END_TEST

START_TEST(syn_of_the_other_side_after_a_connection_is_new)
{
	last_classes(HANDSHAKE "+1 S>C S 777:777(0)\n");
	ck_assert_uint_eq(fl_flows_count(track.flows), 2);
	ck_assert_uint_eq(last()->dir, 0);
	done();
}
END_TEST

START_TEST(simultaneous_open_is_one_connection)
{
	last_classes("0 C>S S 0:0(0)\n+0.001 S>C S 0:0(0)\n+0.01 C>S SA 0:0(0) ack 1\n+0 S>C SA 0:0(0) ack 1\n+0 C>S A "
	             "1:1(0) ack 1\n");
	ck_assert_uint_eq(fl_flows_count(track.flows), 1);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 0);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 1), 0);
	done();
}
END_TEST

START_TEST(silence_splits_no_connection)
{
	last_classes(HANDSHAKE "90000 C>S PA 1:65(64) ack 1\n");
	ck_assert_uint_eq(fl_flows_count(track.flows), 1);
	done();
}
END_TEST

START_TEST(windows_are_scaled_when_both_sides_offered_it)
{
	last_classes(HANDSHAKE);
	ck_assert_uint_eq(flow()->end[0].window, 502 << 7);
	ck_assert_uint_eq(flow()->end[1].window, 65160); /* a SYN-ACK's own window never is */
	done();
	last_classes("0 C>S S 0:0(0) win 64240 <mss 1460,wscale 7>\n+0 S>C SA 0:0(0) ack 1 win 65160 <mss 1460>\n"
	             "+0 C>S A 1:1(0) ack 1 win 502\n");
	ck_assert_uint_eq(flow()->end[0].window, 502);
	done();
}
END_TEST

START_TEST(shift_of_zero_is_an_offer_too)
{
	last_classes(
		"0 C>S S 0:0(0) win 64240 <mss 1460,wscale 7>\n+0 S>C SA 0:0(0) ack 1 win 65160 <mss 1460,wscale 0>\n"
		"+0 C>S A 1:1(0) ack 1 win 502\n+0 S>C A 1:1(0) ack 1 win 600\n");
	ck_assert_uint_eq(flow()->end[0].window, 502 << 7);
	ck_assert_uint_eq(flow()->end[1].window, 600);
	done();
}
END_TEST

START_TEST(shift_above_fourteen_counts_as_fourteen)
{
	last_classes("0 C>S S 0:0(0) win 64240 <wscale 200>\n+0 S>C SA 0:0(0) ack 1 win 65160 <wscale 1>\n"
	             "+0 C>S A 1:1(0) ack 1 win 65535\n");
	ck_assert_uint_eq(flow()->end[0].window, 65535u << 14);
	done();
}
END_TEST

START_TEST(zero_window_is_named)
{
	ck_assert_uint_eq(last_classes(HANDSHAKE "+1 S>C A 1:1(0) ack 1 win 0\n"), FL_SEG_ZERO_WINDOW);
	done();
	ck_assert_uint_eq(last_classes("0 C>S S 0:0(0) win 0\n"), FL_SEG_SYN);
	done();
}
END_TEST

START_TEST(numbers_run_on_past_4_gib)
{
	struct fl_text text;
	uint64_t at = 1;

	fl_text_init(&text);
	fl_text_add(&text, HANDSHAKE);
	for (unsigned i = 0; i < 100; i++) {
		uint64_t end = at + 65000,
			 acked = end + (i % 2 ? 1000000000 : 0); /* the capture lost what lies between */

		fl_text_add(&text,
		            "+0.01 C>S PA %" PRIu64 ":%" PRIu64 "(65000) ack 1\n+0 S>C A 1:1(0) ack %" PRIu64 "\n", at,
		            end, acked);
		at = acked;
	}
	script_track_init(&track, fl_text_get(&text));
	ck_assert_uint_gt(at, UINT64_C(10) << 32);
	ck_assert_uint_eq(flow()->end[0].next - track.segments[0].seq, at);
	ck_assert_uint_eq(fl_tcp_outstanding(flow(), 0), 0);
	ck_assert_uint_eq(flow()->end[0].retransmissions, 0);
	done();
	fl_text_deinit(&text);
}
END_TEST

START_TEST(history_tells_what_came_first)
{
	last_classes(HANDSHAKE "+1 C>S PA 1:65(64) ack 1\n+0 S>C A 1:1(0) ack 65\n+0 S>C PA 1:11(10) ack 65\n+0 C>S FA "
	                       "65:65(0) ack 11\n"
	                       "+0 S>C RA 11:11(0) ack 66\n");
	ck_assert_str_eq(flow()->cold->history, "ShADadFr");
	done();
}
END_TEST

START_TEST(counters_count_every_packet)
{
	last_classes(HANDSHAKE "+1 C>S PA 1:65(64) ack 1\n+0 C>S PA 1:65(64) ack 1\n+0 S>C PA 1:11(10) ack 65\n");
	ck_assert_uint_eq(flow()->end[0].packets, 4);
	ck_assert_uint_eq(flow()->end[1].packets, 2);
	ck_assert_uint_eq(flow()->end[0].payload, 128);
	ck_assert_uint_eq(flow()->end[1].payload, 10);
	ck_assert_uint_eq(flow()->end[0].last_frame, 5);
	ck_assert_int_eq(flow()->end[1].last_at, script_at(1.02));
	ck_assert_int_eq(flow()->cold->first_at, script_at(0));
	ck_assert_uint_eq(flow()->cold->first_frame, 1);
	done();
}
END_TEST

UNIT_MAIN("track", handshake_is_named_and_measured, rtt_of_a_repeated_syn_is_not_known,
          new_data_is_fresh_and_outstanding_until_acked, retransmission_carries_nothing_new,
          longer_repeat_is_partly_fresh, shorter_repeat_is_a_repeat, repeated_ack_acks_nothing_new,
          bytes_acked_but_never_captured_are_a_hole, mid_flow_start_takes_the_first_numbers_as_they_are,
          mid_flow_repeat_of_what_was_acked_is_below_the_first_ack, mid_flow_what_the_first_packet_overtook_is_late,
          mid_flow_byte_of_a_keepalive_is_not_late, keepalive_probe_without_a_byte, keepalive_probe_with_a_byte,
          last_byte_sent_again_before_its_ack_is_no_probe, fin_is_named_once_and_then_a_repeat,
          fin_that_follows_repeated_data_is_new, rst_moves_no_coordinate, syn_repeated_is_the_same_connection,
          syn_with_another_number_is_a_new_connection, syn_of_the_other_side_after_a_connection_is_new,
          simultaneous_open_is_one_connection, silence_splits_no_connection,
          windows_are_scaled_when_both_sides_offered_it, shift_of_zero_is_an_offer_too,
          shift_above_fourteen_counts_as_fourteen, zero_window_is_named, numbers_run_on_past_4_gib,
          history_tells_what_came_first, counters_count_every_packet)
