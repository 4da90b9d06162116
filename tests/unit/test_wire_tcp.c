/* The TCP header and its options. */
#include "wire_bytes.h"

#define PACKET(total, words, flags) IPV4(total, 6), TCP_HEADER(words, flags)

START_TEST(syn_with_every_option)
{
	static const uint8_t bytes[] = {
		PACKET(64, 11, FL_TCP_SYN), 2, 4, U16(1460), 4, 2, 8, 10, U32(111), U32(222), 1, 3, 3, 7, 34, 2, 0, 0
	};
	struct fl_packet packet = DECODE(101, bytes);

	assert_tcp(&packet, 4, 0);
	ck_assert_uint_eq(packet.flags, FL_TCP_SYN);
	ck_assert_uint_eq(packet.options.present,
	                  FL_OPT_MSS | FL_OPT_SACK_PERMITTED | FL_OPT_TIMESTAMP | FL_OPT_WSCALE | FL_OPT_FASTOPEN);
	ck_assert_uint_eq(packet.options.mss, 1460);
	ck_assert_uint_eq(packet.options.wscale, 7);
	ck_assert_uint_eq(packet.options.ts_value, 111);
	ck_assert_uint_eq(packet.options.ts_echo, 222);
}
END_TEST

START_TEST(timestamp_alone_in_its_usual_and_another_order)
{
	static const uint8_t usual[] = { PACKET(52, 8, FL_TCP_ACK), 1, 1, 8, 10, U32(111), U32(222) };
	static const uint8_t other[] = { PACKET(52, 8, FL_TCP_ACK), 8, 10, U32(111), U32(222), 0, 0xee };
	struct fl_packet packet = DECODE(101, usual);

	ck_assert_uint_eq(packet.options.present, FL_OPT_TIMESTAMP);
	ck_assert_uint_eq(packet.options.ts_value, 111);
	ck_assert_uint_eq(packet.options.ts_echo, 222);
	packet = DECODE(101, other);
	ck_assert_uint_eq(packet.options.present, FL_OPT_TIMESTAMP);
	ck_assert_uint_eq(packet.options.ts_echo, 222);
}
END_TEST

START_TEST(sack_blocks_beside_a_timestamp)
{
	static const uint8_t bytes[] = { PACKET(80, 15, FL_TCP_ACK),
		                         1,
		                         1,
		                         8,
		                         10,
		                         U32(1),
		                         U32(2),
		                         1,
		                         1,
		                         5,
		                         26,
		                         U32(3000),
		                         U32(3100),
		                         U32(4000),
		                         U32(4100),
		                         U32(5000),
		                         U32(5100) };
	struct fl_packet packet = DECODE(101, bytes);

	ck_assert_uint_eq(packet.options.present, FL_OPT_TIMESTAMP | FL_OPT_SACK);
	ck_assert_uint_eq(packet.options.n_sack, 3);
	ck_assert_uint_eq(packet.options.sack[0][0], 3000);
	ck_assert_uint_eq(packet.options.sack[2][1], 5100);
}
END_TEST

START_TEST(option_of_a_wrong_length_is_stepped_over)
{
	static const uint8_t bytes[] = { PACKET(52, 8, FL_TCP_SYN), 2, 5, 1, 2, 3, 3, 3, 9, 4, 2, 0, 0 };
	struct fl_packet packet = DECODE(101, bytes);

	ck_assert_uint_eq(packet.options.present, FL_OPT_MALFORMED | FL_OPT_WSCALE | FL_OPT_SACK_PERMITTED);
	ck_assert_uint_eq(packet.options.mss, 0);
	ck_assert_uint_eq(packet.options.wscale, 9);
}
END_TEST

START_TEST(option_that_leads_out_of_the_list_ends_it)
{
	static const uint8_t past[] = { PACKET(28, 7, FL_TCP_SYN), 3, 3, 9, 1, 2, 40, 1, 2 };
	static const uint8_t zero[] = { PACKET(48, 7, FL_TCP_SYN), 3, 0, 9, 1, 4, 2, 1, 1 };
	static const uint8_t here[] = { PACKET(48, 7, FL_TCP_SYN), 3, 3, 9, 1, 2, 40, 1, 2 };

	/* The IP length leaves no room for the header. */
	ck_assert_uint_eq(DECODE(101, past).outcome, FL_OUTCOME_MALFORMED);
	ck_assert_uint_eq(DECODE(101, zero).options.present, FL_OPT_MALFORMED);
	ck_assert_uint_eq(DECODE(101, here).options.present, FL_OPT_MALFORMED | FL_OPT_WSCALE);
}
END_TEST

START_TEST(options_cut_by_the_snap_length_are_said_to_be_cut)
{
	static const uint8_t bytes[] = { PACKET(152, 8, FL_TCP_ACK), 2, 4, U16(1460), 8, 10, U32(111) };
	struct fl_packet packet = decode_cut(101, bytes, sizeof(bytes), 152);

	assert_tcp(&packet, 4, 100);
	ck_assert_uint_eq(packet.options.present, FL_OPT_MSS | FL_OPT_MALFORMED);
	ck_assert_uint_eq(packet.options.mss, 1460);
	ck_assert_uint_eq(packet.captured, 0);
}
END_TEST

START_TEST(payload_is_borrowed_and_its_length_told_by_ip)
{
	static const uint8_t bytes[] = { PACKET(140, 5, FL_TCP_ACK), 'a', 'b', 'c' };
	struct fl_frame frame = { .link = 101, .bytes = bytes, .caplen = sizeof(bytes), .len = 140 };
	struct fl_wire *wire = fl_wire_new();
	struct fl_packet packet;

	fl_wire_decode(wire, &frame, &packet);
	assert_tcp(&packet, 4, 100);
	ck_assert_ptr_eq(packet.payload, bytes + 40);
	ck_assert_uint_eq(packet.captured, 3);
	fl_wire_free(wire);
}
END_TEST

START_TEST(data_offset_below_the_header_is_malformed)
{
	static const uint8_t bytes[] = { PACKET(44, 4, FL_TCP_ACK), 1, 2, 3, 4 };

	ck_assert_uint_eq(DECODE(101, bytes).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

START_TEST(frame_that_lost_its_last_bytes_still_counts)
{
	/* IP says 52, a header with a timestamp; a tool took the last four bytes for a checksum. */
	static const uint8_t bytes[] = { PACKET(52, 8, FL_TCP_ACK), 1, 1, 8, 10, U32(111) };
	struct fl_packet packet = decode_cut(101, bytes, sizeof(bytes), sizeof(bytes));

	assert_tcp(&packet, 4, 0);
	ck_assert_uint_eq(packet.options.present, FL_OPT_MALFORMED);
}
END_TEST

UNIT_MAIN("wire/tcp", syn_with_every_option, timestamp_alone_in_its_usual_and_another_order,
          sack_blocks_beside_a_timestamp, option_of_a_wrong_length_is_stepped_over,
          option_that_leads_out_of_the_list_ends_it, options_cut_by_the_snap_length_are_said_to_be_cut,
          payload_is_borrowed_and_its_length_told_by_ip, data_offset_below_the_header_is_malformed,
          frame_that_lost_its_last_bytes_still_counts)
