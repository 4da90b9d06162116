/* PPP's short and long forms, PPPoE, Cisco HDLC. */
#include "wire_bytes.h"

START_TEST(protocol_field_of_one_or_two_bytes)
{
	static const uint8_t two[] = { U16(0x0021), IPV4(40, 6), TCP };
	static const uint8_t one[] = { 0xff, 0x03, 0x57, IPV6(20, 6), TCP };
	static const uint8_t mpls[] = { U16(0x0281), U32(0x10140), IPV4(40, 6), TCP };
	static const uint8_t control[] = { 0xff, 0x03, U16(0xc021), 1, 1, 0, 4 };

	DECODE_TCP(9, two, 4, 0);
	DECODE_TCP(9, one, 6, 0);
	DECODE_TCP(9, mpls, 4, 0);
	ck_assert_uint_eq(DECODE(9, control).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

START_TEST(pppoe_session_in_ethernet)
{
	static const uint8_t session[] = { ETHERNET(0x8864), 0x11, 0, U16(9), U16(42), U16(0x0021), IPV4(40, 6), TCP };
	static const uint8_t padded[] = {
		ETHERNET(0x8864), 0x11, 0, U16(9), U16(42), U16(0x0021), IPV4(0, 6), TCP, 0, 0
	};
	static const uint8_t discovery[] = { ETHERNET(0x8864), 0x11, 9, U16(0), U16(4), 1, 1, 0, 0 };
	struct fl_packet packet = DECODE(1, padded);

	ck_assert_uint_eq(DECODE_TCP(1, session, 4, 0).via, FL_VIA_PPPOE);
	/* Its length ends the packet, too. */
	assert_tcp(&packet, 4, 0);
	ck_assert_uint_eq(DECODE(1, discovery).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

START_TEST(cisco_hdlc_has_an_ethernet_type)
{
	static const uint8_t ip[] = { 0x0f, 0, U16(0x0800), IPV4(40, 6), TCP };
	static const uint8_t slarp[] = { 0x8f, 0, U16(0x8035), 0, 0, 0, 2 };

	DECODE_TCP(104, ip, 4, 0);
	ck_assert_uint_eq(DECODE(104, slarp).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

START_TEST(l2tp_data_with_all_optional_fields)
{
	/* flags L S O, version 2; length, tunnel, session, Ns, Nr, offset 2 and its padding */
	static const uint8_t full[] = { IPV4_OUTER(20 + 8 + 16 + 4 + 40, 17),
		                        UDP(1701, 1701, 8 + 16 + 4 + 40),
		                        U16(0x4a02),
		                        U16(60),
		                        U16(1),
		                        U16(2),
		                        U16(3),
		                        U16(4),
		                        U16(2),
		                        0,
		                        0,
		                        0xff,
		                        0x03,
		                        U16(0x0021),
		                        IPV4(40, 6),
		                        TCP };
	static const uint8_t control[] = {
		IPV4_OUTER(20 + 8 + 12, 17), UDP(1701, 1701, 20), U16(0xc802), U16(12), U16(1), U16(0), U16(3), U16(4)
	};

	ck_assert_uint_eq(DECODE_TCP(101, full, 4, 0).via, FL_VIA_L2TP);
	ck_assert_uint_eq(DECODE(101, control).outcome, FL_OUTCOME_NOT_TCP);
}
END_TEST

UNIT_MAIN("wire/ppp", protocol_field_of_one_or_two_bytes, pppoe_session_in_ethernet, cisco_hdlc_has_an_ethernet_type,
          l2tp_data_with_all_optional_fields)
