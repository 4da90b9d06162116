/* The walk as a whole: what is always set, and any bytes whatsoever. */
#include "wire_bytes.h"

START_TEST(frame_facts_are_copied_and_the_rest_cleared)
{
	static const uint8_t bytes[] = { ETHERNET(0x88cc), 1, 2, 3 };
	struct fl_frame frame = { .number = 42,
		                  .at = 77,
		                  .file = 3,
		                  .interface = 2,
		                  .link = 1,
		                  .bytes = bytes,
		                  .caplen = sizeof(bytes),
		                  .len = sizeof(bytes) };
	struct fl_wire *wire = fl_wire_new();
	struct fl_packet packet;

	memset(&packet, 0xa5, sizeof(packet));
	fl_wire_decode(wire, &frame, &packet);
	ck_assert_uint_eq(packet.number, 42);
	ck_assert_int_eq(packet.at, 77);
	ck_assert_uint_eq(packet.file, 3);
	ck_assert_uint_eq(packet.interface, 2);
	ck_assert_uint_eq(packet.outcome, FL_OUTCOME_NOT_IP);
	ck_assert_uint_eq(packet.protocol, 0);
	ck_assert_uint_eq(packet.source.family, 0);
	ck_assert_uint_eq(packet.via, 0);
	ck_assert_ptr_null(packet.payload);
	fl_wire_free(wire);
	fl_wire_free(NULL);
}
END_TEST

START_TEST(innermost_of_many_tunnels)
{
	/* Ethernet, VLAN, IPv4, GRE, ERSPAN II, Ethernet, IPv4, UDP, VXLAN, Ethernet, IPv6, IPv4: as mirrored from a
	 * fabric */
	static const uint8_t bytes[] = {
		ETHERNET(0x8100),
		U16(12),
		U16(0x0800),
		IPV4_OUTER(0, 47),
		U16(0x1000),
		U16(0x88be),
		U32(1),
		U32(0x10000000),
		U32(0),
		ETHERNET(0x0800),
		IPV4_OUTER(0, 17),
		UDP(54321, 4789, 0),
		8,
		0,
		0,
		0,
		U32(0x100),
		ETHERNET(0x86dd),
		IPV6(43, 4),
		IPV4(43, 6),
		TCP,
		'a',
		'b',
		'c',
	};
	struct fl_packet packet = DECODE_TCP(1, bytes, 4, 3);

	ck_assert_uint_eq(packet.via, FL_VIA_VLAN | FL_VIA_GRE | FL_VIA_ERSPAN | FL_VIA_VXLAN | FL_VIA_IPIP);
	ck_assert_uint_eq(packet.vlan[0], 12);
}
END_TEST

START_TEST(empty_frame_of_any_link_type)
{
	for (unsigned link = 0; link < 400; link++) {
		enum fl_outcome outcome = decode_cut((uint16_t)link, NULL, 0, 60).outcome;

		ck_assert(outcome == FL_OUTCOME_MALFORMED || outcome == FL_OUTCOME_LINK);
	}
}
END_TEST

START_TEST(damaged_bytes_are_never_read_past_their_end)
{
	static const uint8_t bytes[] = { ETHERNET(0x8100),
		                         U16(12),
		                         U16(0x86dd),
		                         IPV6(28 + 24, 0),
		                         43,
		                         0,
		                         1,
		                         4,
		                         0,
		                         0,
		                         0,
		                         0,
		                         6,
		                         2,
		                         0,
		                         1,
		                         U32(0),
		                         ADDRESS6(7),
		                         TCP,
		                         1,
		                         2 };
	uint8_t damaged[sizeof(bytes)];

	for (size_t at = 0; at < sizeof(bytes); at++) {
		for (unsigned value = 0; value < 256; value++) {
			memcpy(damaged, bytes, sizeof(bytes));
			damaged[at] = (uint8_t)value;
			(void)decode_cut(1, damaged, sizeof(damaged), sizeof(damaged) + value);
		}
	}
}
END_TEST

UNIT_MAIN("wire/decode", frame_facts_are_copied_and_the_rest_cleared, innermost_of_many_tunnels,
          empty_frame_of_any_link_type, damaged_bytes_are_never_read_past_their_end)
