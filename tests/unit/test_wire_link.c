/* Link types: each leads to the same packet. */
#include "wire_bytes.h"

#define INSIDE IPV4(45, 6), TCP, 'h', 'e', 'l', 'l', 'o'
#define INSIDE6 IPV6(25, 6), TCP, 'h', 'e', 'l', 'l', 'o'

START_TEST(raw_ip_is_told_apart_by_its_first_nibble)
{
	static const uint8_t v4[] = { INSIDE }, v6[] = { INSIDE6 };
	static const uint16_t either[] = { 101, 12, 14 };

	for (size_t i = 0; i < 3; i++) {
		DECODE_TCP(either[i], v4, 4, 5);
		DECODE_TCP(either[i], v6, 6, 5);
	}
	DECODE_TCP(228, v4, 4, 5);
	DECODE_TCP(229, v6, 6, 5);
	ck_assert_uint_eq(DECODE(228, v6).outcome, FL_OUTCOME_MALFORMED);
	ck_assert_uint_eq(DECODE(229, v4).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

START_TEST(cooked_captures_of_both_versions)
{
	static const uint8_t sll[] = { U16(4), U16(1), U16(6), 2, 0, 0, 0, 0, 1, 0, 0, U16(0x0800), INSIDE };
	static const uint8_t sll_vlan[] = { U16(4), U16(1), U16(6), 2,           0,           0,           0,      0,
		                            1,      0,      0,      U16(0x8100), U16(0x2005), U16(0x86dd), INSIDE6 };
	static const uint8_t sll_802_2[] = { U16(0), U16(1), U16(6), 2,    0, 0, 0, 0, 1,           0,
		                             0,      U16(4), 0xaa,   0xaa, 3, 0, 0, 0, U16(0x0800), INSIDE };
	static const uint8_t sll2[] = { U16(0x86dd), U16(0), U32(2), U16(1), 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, INSIDE6 };
	static const uint8_t ipx[] = { U16(0), U16(1), U16(6), 2, 0, 0, 0, 0, 1, 0, 0, U16(1), 0xff, 0xff };

	ck_assert_uint_eq(DECODE_TCP(113, sll, 4, 5).mac_source[0], 0);
	ck_assert_uint_eq(DECODE_TCP(113, sll_vlan, 6, 5).vlan[0], 5);
	DECODE_TCP(113, sll_802_2, 4, 5);
	DECODE_TCP(276, sll2, 6, 5);
	ck_assert_uint_eq(DECODE(113, ipx).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

START_TEST(loopback_in_either_byte_order_and_any_systems_ipv6)
{
	static const uint8_t families6[] = { 10, 23, 24, 28, 30 };
	static const uint8_t little[] = { 2, 0, 0, 0, INSIDE }, big[] = { 0, 0, 0, 2, INSIDE };
	static const uint8_t other[] = { 7, 0, 0, 0, INSIDE };
	uint8_t v6[] = { 0, 0, 0, 0, INSIDE6 };

	DECODE_TCP(0, little, 4, 5);
	DECODE_TCP(0, big, 4, 5);
	DECODE_TCP(108, big, 4, 5);
	for (size_t i = 0; i < sizeof(families6); i++) {
		v6[0] = families6[i];
		v6[3] = 0;
		DECODE_TCP(0, v6, 6, 5);
		v6[0] = 0;
		v6[3] = families6[i];
		DECODE_TCP(108, v6, 6, 5);
	}
	ck_assert_uint_eq(DECODE(0, other).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

START_TEST(ppi_names_another_link_type)
{
	/* version, flags, length 12 with a field of 4, DLT 1 */
	static const uint8_t ppi[] = { 0, 0, LE16(12), 1, 0, 0, 0, 9, 9, 9, 9, ETHERNET(0x0800), INSIDE };
	static const uint8_t unknown[] = { 0, 0, LE16(8), LE16(999), 0, 0, INSIDE };
	/* one in another, deeper than any real one: no endless walk */
	uint8_t nested[8 * 200];

	DECODE_TCP(192, ppi, 4, 5);
	ck_assert_uint_eq(DECODE(192, unknown).outcome, FL_OUTCOME_LINK);
	for (size_t i = 0; i < sizeof(nested); i += 8)
		memcpy(nested + i, (const uint8_t[]){ 0, 0, LE16(8), 192, 0, 0, 0 }, 8);
	ck_assert_uint_eq(decode_cut(192, nested, sizeof(nested), sizeof(nested)).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

START_TEST(nflog_payload_is_found_among_attributes)
{
	/* family, version, resource; a prefix of 5 + padding; the payload (type 9) of 45 bytes */
	static const uint8_t little[] = { 2,   0, U16(0), LE16(9), LE16(10), 'd',      'r',     'o',
		                          'p', 0, 0,      0,       0,        LE16(49), LE16(9), INSIDE };
	static const uint8_t big[] = { 2,   0, U16(0), U16(9), U16(10), 'd',     'r',    'o',
		                       'p', 0, 0,      0,      0,       U16(49), U16(9), INSIDE };
	static const uint8_t six[] = { 10, 0, U16(0), LE16(69), LE16(9), INSIDE6 };
	static const uint8_t bridge[] = { 7, 0, U16(0), LE16(49), LE16(9), INSIDE };
	static const uint8_t arp[] = { 3, 0, U16(0), LE16(49), LE16(9), INSIDE };
	static const uint8_t endless[] = { 2, 0, U16(0), LE16(0), LE16(10), 0, 0, 0, 0 };

	DECODE_TCP(239, little, 4, 5);
	DECODE_TCP(239, big, 4, 5);
	DECODE_TCP(239, six, 6, 5);
	DECODE_TCP(239, bridge, 4, 5);
	ck_assert_uint_eq(DECODE(239, arp).outcome, FL_OUTCOME_NOT_IP);
	ck_assert_uint_eq(DECODE(239, endless).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

START_TEST(frame_relay_and_arcnet)
{
	static const uint8_t relay[] = { 0x18, 0x41, 0x03, 0xcc, INSIDE };
	static const uint8_t relay6[] = { 0x18, 0x41, 0x03, 0x8e, INSIDE6 };
	static const uint8_t cisco[] = { 0x18, 0x41, U16(0x0800), INSIDE };
	static const uint8_t arcnet[] = { 1, 2, 0, 0, 212, 0, U16(1), INSIDE };
	static const uint8_t old_arcnet[] = { 1, 2, 0, 0, 240, INSIDE };

	DECODE_TCP(107, relay, 4, 5);
	DECODE_TCP(107, relay6, 6, 5);
	DECODE_TCP(107, cisco, 4, 5);
	DECODE_TCP(129, arcnet, 4, 5);
	DECODE_TCP(129, old_arcnet, 4, 5);
}
END_TEST

START_TEST(ppp_links)
{
	static const uint8_t hdlc[] = { 0xff, 0x03, U16(0x0021), INSIDE }, bare[] = { 0x21, INSIDE };
	static const uint8_t cisco[] = { 0x0f, 0, U16(0x86dd), INSIDE6 };
	static const uint8_t pppoe[] = { 0x11, 0, U16(1), U16(47), U16(0x0021), INSIDE };
	static const uint8_t pppd[] = { 1, 0xff, 0x03, U16(0x0057), INSIDE6 };

	DECODE_TCP(9, hdlc, 4, 5);
	DECODE_TCP(9, bare, 4, 5);
	DECODE_TCP(50, hdlc, 4, 5);
	DECODE_TCP(50, cisco, 6, 5);
	DECODE_TCP(104, cisco, 6, 5);
	DECODE_TCP(51, pppoe, 4, 5);
	DECODE_TCP(166, pppd, 6, 5);
	DECODE_TCP(204, pppd, 6, 5);
}
END_TEST

START_TEST(unknown_link_type_is_said)
{
	static const uint8_t bytes[] = { INSIDE };

	ck_assert_uint_eq(decode_cut(147, bytes, sizeof(bytes), sizeof(bytes)).outcome, FL_OUTCOME_LINK);
}
END_TEST

/* Endace's header of 16 bytes */
#define ERF(type) 1, 2, 3, 4, 5, 6, 7, 8, type, 4, U16(0), U16(0), U16(0)

START_TEST(juniper_with_and_without_extensions)
{
	static const uint8_t with[] = { 'M', 'G', 'C', 0x80, U16(3), 3, 1, 1, ETHERNET(0x0800), INSIDE };
	static const uint8_t without[] = { 'M', 'G', 'C', 0x01, ETHERNET(0x0800), INSIDE };
	static const uint8_t no_link[] = { 'M', 'G', 'C', 0x02, ETHERNET(0x0800), INSIDE };
	static const uint8_t no_magic[] = { 'M', 'G', 'D', 0x00, ETHERNET(0x0800), INSIDE };

	DECODE_TCP(178, with, 4, 5);
	DECODE_TCP(178, without, 4, 5);
	ck_assert_uint_eq(DECODE(178, no_link).outcome, FL_OUTCOME_NOT_IP);
	ck_assert_uint_eq(DECODE(178, no_magic).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

START_TEST(erf_of_ethernet_and_serial_lines)
{
	static const uint8_t ethernet[] = { ERF(2), 0, 0, ETHERNET(0x0800), INSIDE };
	static const uint8_t extended[] = { ERF(0x82), 0x84, 0, 0, 0, 0, 0, 0, 1, 0x04,
		                            0,         0,    0, 0, 0, 0, 1, 0, 0, ETHERNET(0x0800),
		                            INSIDE };
	static const uint8_t serial[] = { ERF(1), 0xff, 0x03, U16(0x0021), IPV4(40, 6), TCP };
	static const uint8_t cell[] = { ERF(3), 0, 0, 0, 0 };

	DECODE_TCP(197, ethernet, 4, 5);
	DECODE_TCP(197, extended, 4, 5);
	DECODE_TCP(197, serial, 4, 0);
	ck_assert_uint_eq(DECODE(197, cell).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

UNIT_MAIN("wire/link", juniper_with_and_without_extensions, erf_of_ethernet_and_serial_lines,
          raw_ip_is_told_apart_by_its_first_nibble, cooked_captures_of_both_versions,
          loopback_in_either_byte_order_and_any_systems_ipv6, ppi_names_another_link_type,
          nflog_payload_is_found_among_attributes, frame_relay_and_arcnet, ppp_links, unknown_link_type_is_said)
