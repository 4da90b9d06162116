/* Tunnels over UDP, known by their port. */
#include "wire_bytes.h"

#define OVER(port, length) IPV4_OUTER(28 + (length), 17), UDP(54321, port, 8 + (length))
#define INNER IPV4(40, 6), TCP

START_TEST(vxlan_and_its_generic_extension)
{
	static const uint8_t plain[] = { OVER(4789, 62), 8, 0, 0, 0, U32(0x100), ETHERNET(0x0800), INNER };
	static const uint8_t generic[] = { OVER(4790, 48), 0x0c, 0, 0, 1, U32(0x100), INNER };
	static const uint8_t generic_ethernet[] = {
		OVER(4790, 62), 0x0c, 0, 0, 3, U32(0x100), ETHERNET(0x0800), INNER
	};
	static const uint8_t no_id[] = { OVER(4789, 62), 0, 0, 0, 0, U32(0x100), ETHERNET(0x0800), INNER };

	ck_assert_uint_eq(DECODE_TCP(101, plain, 4, 0).via, FL_VIA_VXLAN);
	DECODE_TCP(101, generic, 4, 0);
	DECODE_TCP(101, generic_ethernet, 4, 0);
	ck_assert_uint_eq(DECODE(101, no_id).outcome, FL_OUTCOME_NOT_TCP);
}
END_TEST

START_TEST(inner_ethernet_does_not_replace_the_outer_hardware_addresses)
{
	static const uint8_t bytes[] = { 4,           4,
		                         4,           4,
		                         4,           4,
		                         5,           5,
		                         5,           5,
		                         5,           5,
		                         U16(0x0800), OVER(4789, 62),
		                         8,           0,
		                         0,           0,
		                         U32(0x100),  ETHERNET(0x0800),
		                         INNER };
	struct fl_packet packet = DECODE_TCP(1, bytes, 4, 0);

	ck_assert_uint_eq(packet.mac_target[0], 4);
	ck_assert_uint_eq(packet.mac_source[0], 5);
	ck_assert_uint_eq(packet.source_port, 40122);
}
END_TEST

START_TEST(geneve_with_options_and_either_inside)
{
	static const uint8_t ethernet[] = { OVER(6081, 70),   2,    0, U16(0x6558), U32(0x100), U32(1), U32(2),
		                            ETHERNET(0x0800), INNER };
	static const uint8_t ip[] = { OVER(6081, 68), 0, 0, U16(0x86dd), U32(0x100), IPV6(20, 6), TCP };
	static const uint8_t version[] = { OVER(6081, 68), 0x40, 0, U16(0x86dd), U32(0x100), IPV6(20, 6), TCP };

	ck_assert_uint_eq(DECODE_TCP(101, ethernet, 4, 0).via, FL_VIA_GENEVE);
	DECODE_TCP(101, ip, 6, 0);
	ck_assert_uint_eq(DECODE(101, version).outcome, FL_OUTCOME_NOT_TCP);
}
END_TEST

START_TEST(gtpu_with_extension_headers)
{
	static const uint8_t plain[] = { OVER(2152, 48), 0x30, 255, U16(40), U32(1), INNER };
	static const uint8_t sequence[] = { OVER(2152, 52), 0x32, 255, U16(44), U32(1), U16(1), 0, 0, INNER };
	static const uint8_t extended[] = { OVER(2152, 60), 0x34, 255, U16(52), U32(1), U16(0), 0, 0x85, 1, 0, 0,
		                            0x85,           1,    0,   0,       0,      INNER };
	static const uint8_t endless[] = { OVER(2152, 52), 0x34, 255, U16(44), U32(1), U16(0), 0,
		                           0x85,           0,    0,   0,       0x85,   INNER };
	static const uint8_t echo[] = { OVER(2152, 12), 0x32, 1, U16(4), U32(0), U32(0) };

	ck_assert_uint_eq(DECODE_TCP(101, plain, 4, 0).via, FL_VIA_GTPU);
	DECODE_TCP(101, sequence, 4, 0);
	DECODE_TCP(101, extended, 4, 0);
	ck_assert_uint_eq(DECODE(101, endless).outcome, FL_OUTCOME_NOT_TCP);
	ck_assert_uint_eq(DECODE(101, echo).outcome, FL_OUTCOME_NOT_TCP);
}
END_TEST

START_TEST(teredo_with_authentication_and_origin)
{
	static const uint8_t plain[] = { OVER(3544, 60), IPV6(20, 6), TCP };
	static const uint8_t both[] = { OVER(3544, 84), 0, 1, 1, 2,      0xaa,   0xbb,        0xbb, U32(1),
		                        U32(2),         0, 0, 0, U16(9), U32(8), IPV6(20, 6), TCP };

	ck_assert_uint_eq(DECODE_TCP(101, plain, 6, 0).via, FL_VIA_TEREDO);
	/* Three bytes of client id and check value, a nonce of 8, a confirmation; then the origin. */
	DECODE_TCP(101, both, 6, 0);
}
END_TEST

START_TEST(mpls_and_gre_in_udp_and_ports_from_either_side)
{
	static const uint8_t mpls[] = { OVER(6635, 44), U32(0x10140), INNER };
	static const uint8_t gre[] = { OVER(4754, 44), U16(0), U16(0x0800), INNER };
	static const uint8_t back[] = { IPV4_OUTER(28 + 60, 17), UDP(3544, 54321, 68), IPV6(20, 6), TCP };

	DECODE_TCP(101, mpls, 4, 0);
	DECODE_TCP(101, gre, 4, 0);
	DECODE_TCP(101, back, 6, 0);
}
END_TEST

START_TEST(udp_length_ends_the_tunnel)
{
	static const uint8_t bytes[] = {
		IPV4_OUTER(28 + 50, 17), UDP(54321, 4790, 8 + 48), 0x0c, 0, 0, 1, U32(0x100), IPV4(0, 6), TCP, 0, 0
	};
	struct fl_packet packet = DECODE(101, bytes);

	assert_tcp(&packet, 4, 0);
}
END_TEST

UNIT_MAIN("wire/tunnel", vxlan_and_its_generic_extension, inner_ethernet_does_not_replace_the_outer_hardware_addresses,
          geneve_with_options_and_either_inside, gtpu_with_extension_headers, teredo_with_authentication_and_origin,
          mpls_and_gre_in_udp_and_ports_from_either_side, udp_length_ends_the_tunnel)
