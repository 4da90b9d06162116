/* GRE of both versions, and ERSPAN of all three types. */
#include "wire_bytes.h"

#define INNER IPV4(40, 6), TCP

START_TEST(optional_fields_of_version_0)
{
	static const uint8_t bare[] = { IPV4_OUTER(64, 47), U16(0), U16(0x0800), INNER };
	static const uint8_t full[] = { IPV4_OUTER(76, 47), U16(0xb000), U16(0x0800), U32(1), U32(2), U32(3), INNER };
	static const uint8_t routed[] = {
		IPV4_OUTER(80, 47), U16(0x4000), U16(0x0800), U32(0), U16(0x0800), 0, 4, U32(9), U16(0), 0, 0, INNER
	};
	static const uint8_t v6[] = { IPV4_OUTER(84, 47), U16(0), U16(0x86dd), IPV6(20, 6), TCP };
	static const uint8_t ethernet[] = { IPV4_OUTER(78, 47), U16(0), U16(0x6558), ETHERNET(0x0800), INNER };

	ck_assert_uint_eq(DECODE_TCP(101, bare, 4, 0).via, FL_VIA_GRE);
	DECODE_TCP(101, full, 4, 0);
	DECODE_TCP(101, routed, 4, 0);
	DECODE_TCP(101, v6, 6, 0);
	DECODE_TCP(101, ethernet, 4, 0);
}
END_TEST

START_TEST(pptp_carries_ppp)
{
	/* key (length and call), sequence, acknowledgement; and a bare acknowledgement */
	static const uint8_t data[] = {
		IPV4_OUTER(80, 47), U16(0x3081), U16(0x880b), U32(0x2c0001), U32(5), U32(6), 0xff, 0x03,
		U16(0x0021),        INNER
	};
	static const uint8_t ack[] = { IPV4_OUTER(32, 47), U16(0x2081), U16(0x880b), U32(1), U32(6) };

	DECODE_TCP(101, data, 4, 0);
	ck_assert_uint_eq(DECODE(101, ack).outcome, FL_OUTCOME_NOT_TCP);
}
END_TEST

START_TEST(erspan_of_three_types)
{
	static const uint8_t one[] = { IPV4_OUTER(78, 47), U16(0), U16(0x88be), ETHERNET(0x0800), INNER };
	static const uint8_t two[] = { IPV4_OUTER(90, 47), U16(0x1000), U16(0x88be),      U32(7),
		                       U32(0x10000000),    U32(0),      ETHERNET(0x0800), INNER };
	static const uint8_t three[] = { IPV4_OUTER(94, 47), U16(0x1000), U16(0x22eb), U32(7),
		                         U32(0x20000000),    U32(0),      U16(0),      U16(0),
		                         ETHERNET(0x0800),   INNER };
	static const uint8_t platform[] = { IPV4_OUTER(102, 47),
		                            U16(0x1000),
		                            U16(0x22eb),
		                            U32(7),
		                            U32(0x20000000),
		                            U32(0),
		                            U16(0),
		                            U16(1),
		                            U32(1),
		                            U32(2),
		                            ETHERNET(0x0800),
		                            INNER };
	static const uint8_t ip[] = {
		IPV4_OUTER(80, 47), U16(0x1000), U16(0x22eb), U32(7), U32(0x20000000), U32(0), U16(0),
		U16(0x0800),        INNER
	};

	ck_assert_uint_eq(DECODE_TCP(101, one, 4, 0).via, FL_VIA_GRE | FL_VIA_ERSPAN);
	DECODE_TCP(101, two, 4, 0);
	DECODE_TCP(101, three, 4, 0);
	DECODE_TCP(101, platform, 4, 0);
	DECODE_TCP(101, ip, 4, 0);
}
END_TEST

START_TEST(wccp_with_and_without_its_header)
{
	static const uint8_t first[] = { IPV4_OUTER(64, 47), U16(0), U16(0x883e), INNER };
	static const uint8_t second[] = { IPV4_OUTER(68, 47), U16(0), U16(0x883e), U32(0x00010203), INNER };

	DECODE_TCP(101, first, 4, 0);
	DECODE_TCP(101, second, 4, 0);
}
END_TEST

START_TEST(keepalive_and_unknown_versions_are_not_tcp)
{
	static const uint8_t keepalive[] = { IPV4_OUTER(24, 47), U16(0), U16(0) };
	static const uint8_t version[] = { IPV4_OUTER(64, 47), U16(2), U16(0x0800), INNER };

	ck_assert_uint_eq(DECODE(101, keepalive).outcome, FL_OUTCOME_NOT_TCP);
	ck_assert_uint_eq(DECODE(101, version).outcome, FL_OUTCOME_NOT_TCP);
}
END_TEST

UNIT_MAIN("wire/gre", optional_fields_of_version_0, pptp_carries_ppp, erspan_of_three_types,
          wccp_with_and_without_its_header, keepalive_and_unknown_versions_are_not_tcp)
