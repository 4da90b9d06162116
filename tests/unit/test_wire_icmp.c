/* ICMP errors with what they quote. */
#include "wire_bytes.h"

#define ROUTER(total) 0x45, 0, U16(total), 0, 1, 0, 0, 250, 1, 0, 0, 192, 0, 2, 1, 10, 0, 0, 1
#define QUOTE8 U16(40122), U16(9001), U32(1000)

static void assert_quoted(const struct fl_packet *packet, unsigned quoted)
{
	const struct fl_icmp_error *error = &packet->icmp;
	char text[FL_ENDPOINT_TEXT];

	ck_assert_uint_eq(packet->outcome, FL_OUTCOME_ICMP);
	ck_assert_uint_eq(error->protocol, 6);
	ck_assert_uint_eq(error->quoted, quoted);
	ck_assert_uint_eq(error->from_port, 40122);
	ck_assert_uint_eq(error->to_port, 9001);
	ck_assert_uint_eq(error->seq, 1000);
	fl_address_text(&error->from, text);
	ck_assert_str_eq(text, error->from.family == 4 ? "10.0.0.1" : "2001:db8::1");
	fl_address_text(&error->to, text);
	ck_assert_str_eq(text, error->to.family == 4 ? "10.0.0.9" : "2001:db8::9");
	/* It is no segment of the connection. */
	ck_assert_uint_eq(packet->seq, 0);
	ck_assert_uint_eq(packet->source_port, 0);
}

START_TEST(host_unreachable_with_eight_bytes)
{
	static const uint8_t bytes[] = { ROUTER(56), 3, 1, 0, 0, U32(0), IPV4(1500, 6), QUOTE8 };
	struct fl_packet packet = DECODE(101, bytes);
	char text[FL_ADDRESS_TEXT];

	assert_quoted(&packet, 8);
	ck_assert_str_eq(fl_address_text(&packet.icmp.sender, text), "192.0.2.1");
	ck_assert_uint_eq(packet.icmp.type, 3);
	ck_assert_uint_eq(packet.icmp.code, 1);
	ck_assert_uint_eq(packet.icmp.mtu, 0);
	ck_assert_uint_eq(packet.icmp.flags, 0);
	ck_assert_uint_eq(packet.icmp.ack, 0);
}
END_TEST

START_TEST(whole_header_quoted_behind_ip_options)
{
	static const uint8_t bytes[] = { ROUTER(76), 11, 0, 0, 0,  U32(0), 0x46, 0, U16(48), 0, 7, 0, 0,   1, 6, 0, 0,
		                         10,         0,  0, 1, 10, 0,      0,    9, 0x94,    4, 0, 0, TCP, 1, 2, 3, 4 };
	struct fl_packet packet = DECODE(101, bytes);

	assert_quoted(&packet, 20);
	ck_assert_uint_eq(packet.icmp.ack, 2000);
	ck_assert_uint_eq(packet.icmp.flags, FL_TCP_PSH | FL_TCP_ACK);
}
END_TEST

START_TEST(next_hop_mtu_of_both_versions)
{
	static const uint8_t v4[] = { ROUTER(56), 3, 4, 0, 0, U16(0), U16(1400), IPV4(1500, 6), QUOTE8 };
	static const uint8_t v6[] = { IPV6(56, 58), 2, 0, 0, 0, U32(1280), IPV6(1460, 6), QUOTE8 };
	static const uint8_t huge[] = { IPV6(56, 58), 2, 0, 0, 0, U32(100000), IPV6(1460, 6), QUOTE8 };
	struct fl_packet packet = DECODE(101, v4);

	assert_quoted(&packet, 8);
	ck_assert_uint_eq(packet.icmp.mtu, 1400);
	packet = DECODE(101, v6);
	assert_quoted(&packet, 8);
	ck_assert_uint_eq(packet.icmp.mtu, 1280);
	ck_assert_uint_eq(packet.icmp.sender.family, 6);
	ck_assert_uint_eq(DECODE(101, huge).icmp.mtu, 65535);
}
END_TEST

START_TEST(extensions_behind_the_quote_are_not_of_it)
{
	/* The length field says 7 words: IP and 8 bytes; an extension structure follows. */
	static const uint8_t bytes[] = { ROUTER(68),    3,      13,   0, 0, 0, 7,      0,     0,
		                         IPV4(1500, 6), QUOTE8, 0x20, 0, 0, 0, U32(8), U32(9) };
	struct fl_packet packet = DECODE(101, bytes);

	assert_quoted(&packet, 8);
}
END_TEST

START_TEST(ipv6_quote_behind_extension_headers)
{
	static const uint8_t bytes[] = {
		IPV6(64 + 12, 58), 1, 3, 0, 0, U32(0), IPV6(1460, 60), 6, 0, 1, 4, 0, 0, 0, 0, TCP
	};
	static const uint8_t later[] = { IPV6(64 + 12, 58), 3, 0, 0,       0,      U32(0),
		                         IPV6(1460, 44),    6, 0, U16(64), U32(1), TCP };
	struct fl_packet packet = DECODE(101, bytes);

	assert_quoted(&packet, 20);
	packet = DECODE(101, later);
	ck_assert_uint_eq(packet.outcome, FL_OUTCOME_ICMP);
	ck_assert_uint_eq(packet.icmp.quoted, 0);
}
END_TEST

START_TEST(ipv6_extensions_are_counted_in_words_of_eight)
{
	/* Six words: the IPv6 header and 8 bytes; behind them an extension structure. Only some types have the field.
	 */
	static const uint8_t bytes[] = { IPV6(8 + 48 + 8, 58), 1,      4,    0, 0, 6, 0,     0, 0,
		                         IPV6(1460, 6),        QUOTE8, 0x20, 0, 0, 0, U32(8) };
	static const uint8_t pointer[] = { IPV6(8 + 48, 58), 4, 1, 0, 0, U32(0x01000000), IPV6(1460, 6), QUOTE8 };
	struct fl_packet packet = DECODE(101, bytes);

	assert_quoted(&packet, 8);
	packet = DECODE(101, pointer);
	assert_quoted(&packet, 8);
}
END_TEST

START_TEST(quoted_total_length_in_another_byte_order_limits_nothing)
{
	/* 20 + 8 bytes, of which the length says the header alone; and a true one, behind which lies padding. */
	static const uint8_t odd[] = { ROUTER(56), 3, 1, 0, 0, U32(0), IPV4(24, 6), QUOTE8 };
	static const uint8_t padded[] = { ROUTER(72),  3,      1,         0,      0,      U32(0),
		                          IPV4(32, 6), QUOTE8, U32(2000), U32(0), U32(0), U32(0) };
	struct fl_packet packet = DECODE(101, odd);

	assert_quoted(&packet, 8);
	packet = DECODE(101, padded);
	assert_quoted(&packet, 12);
}
END_TEST

START_TEST(later_fragment_and_other_protocols_quote_no_header)
{
	static const uint8_t fragment[] = { ROUTER(56), 11, 1, 0, 0, U32(0), IPV4_FRAGMENT(1500, 6, 7, 100), QUOTE8 };
	static const uint8_t udp[] = { ROUTER(56), 3, 3, 0, 0, U32(0), IPV4(28, 17), UDP(5, 53, 8) };

	ck_assert_uint_eq(DECODE(101, fragment).icmp.quoted, 0);
	ck_assert_uint_eq(DECODE(101, fragment).icmp.protocol, 6);
	ck_assert_uint_eq(DECODE(101, udp).outcome, FL_OUTCOME_ICMP);
	ck_assert_uint_eq(DECODE(101, udp).icmp.protocol, 17);
	ck_assert_uint_eq(DECODE(101, udp).icmp.from_port, 0);
}
END_TEST

START_TEST(echo_is_no_error)
{
	static const uint8_t echo[] = { ROUTER(56), 8, 0, 0, 0, U32(1), IPV4(1500, 6), QUOTE8 };
	static const uint8_t echo6[] = { IPV6(8, 58), 128, 0, 0, 0, U32(1) };
	static const uint8_t junk[] = { ROUTER(56), 3, 1, 0, 0,  U32(0), 0x15, 0, U16(40), 0, 0, 0, 0,
		                        1,          6, 0, 0, 10, 0,      0,    1, 10,      0, 0, 9, QUOTE8 };

	ck_assert_uint_eq(DECODE(101, echo).outcome, FL_OUTCOME_NOT_TCP);
	ck_assert_uint_eq(DECODE(101, echo6).outcome, FL_OUTCOME_NOT_TCP);
	ck_assert_uint_eq(DECODE(101, junk).outcome, FL_OUTCOME_NOT_TCP);
}
END_TEST

START_TEST(every_cut_quotes_what_is_left)
{
	static const uint8_t bytes[] = { ROUTER(68), 3, 0, 0, 0, U32(0), IPV4(1500, 6), TCP };

	for (size_t cut = 48; cut <= sizeof(bytes); cut++) {
		struct fl_packet packet = decode_cut(101, bytes, cut, sizeof(bytes));

		ck_assert_uint_eq(packet.outcome, FL_OUTCOME_ICMP);
		ck_assert_uint_eq(packet.icmp.quoted, cut - 48);
		ck_assert_uint_eq(packet.icmp.from_port, cut - 48 >= 4 ? 40122 : 0);
		ck_assert_uint_eq(packet.icmp.seq, cut - 48 >= 8 ? 1000 : 0);
		ck_assert_uint_eq(packet.icmp.ack, cut - 48 >= 12 ? 2000 : 0);
		ck_assert_uint_eq(packet.icmp.flags != 0, cut - 48 >= 14);
	}
}
END_TEST

UNIT_MAIN("wire/icmp", host_unreachable_with_eight_bytes, whole_header_quoted_behind_ip_options,
          next_hop_mtu_of_both_versions, extensions_behind_the_quote_are_not_of_it, ipv6_quote_behind_extension_headers,
          ipv6_extensions_are_counted_in_words_of_eight, quoted_total_length_in_another_byte_order_limits_nothing,
          later_fragment_and_other_protocols_quote_no_header, echo_is_no_error, every_cut_quotes_what_is_left)
