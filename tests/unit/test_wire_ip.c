/* IPv4: where the packet ends, options, IP in IP, and what is not TCP. */
#include "wire_bytes.h"

START_TEST(header_fields_are_kept)
{
	static const uint8_t bytes[] = { IPV4(43, 6), TCP, 1, 2, 3 };
	struct fl_packet packet = DECODE_TCP(101, bytes, 4, 3);

	ck_assert_uint_eq(packet.ip_id, 7);
	ck_assert_uint_eq(packet.ttl, 64);
	ck_assert_uint_eq(packet.tos, 0x10);
	ck_assert_uint_eq(packet.flags, FL_TCP_PSH | FL_TCP_ACK);
}
END_TEST

START_TEST(options_are_stepped_over)
{
	static const uint8_t bytes[] = { 0x46, 0, U16(44), 0,  7, 0, 0, 64,   6, 0, 0, 10,
		                         0,    0, 1,       10, 0, 0, 9, 0x94, 4, 0, 0, TCP };

	DECODE_TCP(101, bytes, 4, 0);
}
END_TEST

START_TEST(total_length_of_zero_is_the_frames)
{
	/* A super-segment, of which the snap length left 2 bytes of payload. */
	static const uint8_t bytes[] = { IPV4(0, 6), TCP, 1, 2 };
	struct fl_packet packet = decode_cut(101, bytes, sizeof(bytes), 100040);

	assert_tcp(&packet, 4, 100000);
	ck_assert_uint_eq(packet.captured, 2);
	DECODE_TCP(101, bytes, 4, 2);
}
END_TEST

START_TEST(total_length_past_the_frame_is_cut_to_it)
{
	static const uint8_t bytes[] = { IPV4(1000, 6), TCP, 1, 2 };
	struct fl_packet packet = decode_cut(101, bytes, sizeof(bytes), sizeof(bytes));

	assert_tcp(&packet, 4, 2);
}
END_TEST

START_TEST(lengths_that_contradict_are_malformed)
{
	static const uint8_t total[] = { IPV4(19, 6), TCP };
	static const uint8_t header[] = { 0x44, 0, U16(40), 0, 7, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 9, TCP };
	static const uint8_t version[] = { 0x55, 0, U16(40), 0, 7, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 9, TCP };
	static const uint8_t segment[] = { IPV4(39, 6), TCP };

	ck_assert_uint_eq(DECODE(101, total).outcome, FL_OUTCOME_MALFORMED);
	ck_assert_uint_eq(DECODE(101, header).outcome, FL_OUTCOME_MALFORMED);
	ck_assert_uint_eq(DECODE(101, version).outcome, FL_OUTCOME_MALFORMED);
	ck_assert_uint_eq(DECODE(101, segment).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

START_TEST(ip_in_ip_of_both_versions)
{
	static const uint8_t in4[] = { IPV4_OUTER(60, 4), IPV4(40, 6), TCP };
	static const uint8_t six_in_4[] = { IPV4_OUTER(80, 41), IPV6(20, 6), TCP };
	static const uint8_t four_in_6[] = { IPV6(40, 4), IPV4(40, 6), TCP };
	struct fl_packet packet = DECODE_TCP(101, in4, 4, 0);

	ck_assert_uint_eq(packet.via, FL_VIA_IPIP);
	ck_assert_uint_eq(packet.ttl, 64);
	DECODE_TCP(101, six_in_4, 6, 0);
	packet = DECODE_TCP(101, four_in_6, 4, 0);
	ck_assert_uint_eq(packet.flow_label, 0);
	for (size_t i = 4; i < 16; i++)
		ck_assert_uint_eq(packet.source.bytes[i], 0);
}
END_TEST

START_TEST(ip_in_ip_without_end_stops)
{
	uint8_t bytes[20 * 100];

	for (size_t i = 0; i < sizeof(bytes); i += 20)
		memcpy(bytes + i, (const uint8_t[]){ IPV4(0, 4) }, 20);
	ck_assert_uint_eq(decode_cut(101, bytes, sizeof(bytes), sizeof(bytes)).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

START_TEST(authentication_header_and_other_carriers)
{
	/* next, length 4 words less 2, reserved, SPI, sequence, a check value of 4 */
	static const uint8_t ah[] = { IPV4(56, 51), 6, 2, 0, 0, U32(1), U32(2), U32(3), TCP };
	static const uint8_t etherip[] = { IPV4_OUTER(76, 97), 0x30, 0, ETHERNET(0x0800), IPV4(40, 6), TCP };
	static const uint8_t mpls[] = { IPV4_OUTER(64, 137), U32(0x10140), IPV4(40, 6), TCP };

	ck_assert_uint_eq(DECODE_TCP(101, ah, 4, 0).via, FL_VIA_AH);
	DECODE_TCP(101, etherip, 4, 0);
	DECODE_TCP(101, mpls, 4, 0);
}
END_TEST

START_TEST(what_is_not_tcp_is_named)
{
	static const uint8_t udp[] = { IPV4(28, 17), UDP(5000, 443, 8) };
	static const uint8_t esp[] = { IPV4(28, 50), U32(1), U32(2) };
	struct fl_packet packet = DECODE(101, udp);

	ck_assert_uint_eq(packet.outcome, FL_OUTCOME_NOT_TCP);
	ck_assert_uint_eq(packet.protocol, 17);
	ck_assert_uint_eq(packet.source_port, 5000);
	ck_assert_uint_eq(packet.target_port, 443);
	packet = DECODE(101, esp);
	ck_assert_uint_eq(packet.outcome, FL_OUTCOME_NOT_TCP);
	ck_assert_uint_eq(packet.protocol, 50);
	ck_assert_uint_eq(packet.source_port, 0);
}
END_TEST

UNIT_MAIN("wire/ip", header_fields_are_kept, options_are_stepped_over, total_length_of_zero_is_the_frames,
          total_length_past_the_frame_is_cut_to_it, lengths_that_contradict_are_malformed, ip_in_ip_of_both_versions,
          ip_in_ip_without_end_stops, authentication_header_and_other_carriers, what_is_not_tcp_is_named)
