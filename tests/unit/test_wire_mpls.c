/* MPLS label stacks, and what is guessed below them. */
#include "wire_bytes.h"

#define LABEL(value, bottom) U32((value) << 12 | (bottom) << 8 | 64)

START_TEST(stack_ends_at_the_bottom_bit)
{
	static const uint8_t two[] = { ETHERNET(0x8847), LABEL(16, 0), LABEL(17, 1), IPV4(40, 6), TCP };
	static const uint8_t v6[] = { ETHERNET(0x8848), LABEL(18, 1), IPV6(20, 6), TCP };
	static const uint8_t never[] = { ETHERNET(0x8847), LABEL(16, 0), LABEL(17, 0) };

	ck_assert_uint_eq(DECODE_TCP(1, two, 4, 0).via, FL_VIA_MPLS);
	DECODE_TCP(1, v6, 6, 0);
	ck_assert_uint_eq(DECODE(1, never).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

START_TEST(pseudowire_with_and_without_control_word)
{
	static const uint8_t with[] = { ETHERNET(0x8847), LABEL(16, 1), U32(5), ETHERNET(0x0800), IPV4(40, 6), TCP };
	static const uint8_t without[] = { ETHERNET(0x8847), LABEL(16, 1), ETHERNET(0x8100), U16(3), U16(0x0800),
		                           IPV4(40, 6),      TCP };
	static const uint8_t channel[] = { ETHERNET(0x8847), LABEL(16, 1), 0x10, 0, U16(0x0021), 0, 0 };

	DECODE_TCP(1, with, 4, 0);
	ck_assert_uint_eq(DECODE_TCP(1, without, 4, 0).vlan[0], 3);
	ck_assert_uint_eq(DECODE(1, channel).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

UNIT_MAIN("wire/mpls", stack_ends_at_the_bottom_bit, pseudowire_with_and_without_control_word)
