/* IPv6, its extension headers and jumbograms. */
#include "wire_bytes.h"

#define PADDED(next) next, 0, 1, 4, 0, 0, 0, 0 /* an extension of 8 bytes with one padding option */

START_TEST(header_fields_are_kept)
{
	static const uint8_t bytes[] = { IPV6(23, 6), TCP, 1, 2, 3 };
	struct fl_packet packet = DECODE_TCP(229, bytes, 6, 3);

	ck_assert_uint_eq(packet.tos, 0x12);
	ck_assert_uint_eq(packet.flow_label, 0x34567);
	ck_assert_uint_eq(packet.ttl, 61);
	ck_assert_uint_eq(packet.ip_id, 0);
}
END_TEST

START_TEST(payload_length_ends_the_packet)
{
	static const uint8_t bytes[] = { IPV6(20, 6), TCP, 0, 0, 0, 0 };
	struct fl_packet packet = DECODE(229, bytes);

	assert_tcp(&packet, 6, 0);
}
END_TEST

START_TEST(extensions_in_a_row)
{
	static const uint8_t bytes[] = { IPV6(8 + 16 + 8 + 24 + 20, 0),
		                         PADDED(60),
		                         135,
		                         1,
		                         1,
		                         12,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         PADDED(51),
		                         6,
		                         4,
		                         0,
		                         0,
		                         U32(1),
		                         U32(2),
		                         U32(3),
		                         U32(4),
		                         U32(5),
		                         TCP };

	ck_assert_uint_eq(DECODE_TCP(229, bytes, 6, 0).via, FL_VIA_AH);
}
END_TEST

START_TEST(atomic_fragment_is_a_whole_packet)
{
	static const uint8_t bytes[] = { IPV6(28, 44), 6, 0, U16(0), U32(99), TCP };

	ck_assert_uint_eq(DECODE_TCP(229, bytes, 6, 0).via, 0);
}
END_TEST

START_TEST(routing_header_names_the_last_address)
{
	/* type 0 with two segments left; type 4 keeps the last of the path first; the last uses up none */
	static const uint8_t type0[] = { IPV6(60, 43), 6, 4, 0, 2, U32(0), ADDRESS6(7), ADDRESS6(8), TCP };
	static const uint8_t type4[] = { IPV6(60, 43), 6, 4, 4, 1, U32(0), ADDRESS6(8), ADDRESS6(9), TCP };
	static const uint8_t type2[] = { IPV6(44, 43), 6, 2, 2, 1, U32(0), ADDRESS6(7), TCP };
	static const uint8_t used[] = { IPV6(60, 43), 6, 4, 0, 0, U32(0), ADDRESS6(7), ADDRESS6(8), TCP };

	ck_assert_uint_eq(DECODE(229, type0).target.bytes[15], 8);
	ck_assert_uint_eq(DECODE(229, type4).target.bytes[15], 8);
	ck_assert_uint_eq(DECODE(229, type2).target.bytes[15], 7);
	ck_assert_uint_eq(DECODE(229, used).target.bytes[15], 9);
	ck_assert_uint_eq(DECODE(229, used).outcome, FL_OUTCOME_TCP);
}
END_TEST

START_TEST(jumbogram_has_its_length_in_an_option)
{
	static const uint8_t bytes[] = { IPV6(0, 0), 6, 0, 0xc2, 4, U32(8 + 20 + 100000), TCP, 1, 2, 3, 4 };
	struct fl_packet packet = decode_cut(229, bytes, sizeof(bytes), 40 + 8 + 20 + 100000 + 4);

	assert_tcp(&packet, 6, 100000);
	ck_assert_uint_eq(packet.captured, 4);
}
END_TEST

START_TEST(payload_length_of_zero_is_the_frames)
{
	static const uint8_t bytes[] = { IPV6(0, 6), TCP };
	struct fl_packet packet = decode_cut(229, bytes, sizeof(bytes), 60 + 70000);

	assert_tcp(&packet, 6, 70000);
}
END_TEST

START_TEST(nothing_next_is_not_tcp)
{
	static const uint8_t none[] = { IPV6(8, 60), PADDED(59) };
	static const uint8_t version[] = { 0x51, 0x23, 0x45, 0x67, U16(20), 6, 61, ADDRESS6(1), ADDRESS6(9), TCP };

	ck_assert_uint_eq(DECODE(229, none).outcome, FL_OUTCOME_NOT_TCP);
	ck_assert_uint_eq(DECODE(229, version).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

UNIT_MAIN("wire/ipv6", header_fields_are_kept, payload_length_ends_the_packet, extensions_in_a_row,
          atomic_fragment_is_a_whole_packet, routing_header_names_the_last_address,
          jumbogram_has_its_length_in_an_option, payload_length_of_zero_is_the_frames, nothing_next_is_not_tcp)
