/* ARP and IPv6 neighbour discovery. */
#include "wire_bytes.h"

#define MAC(last) 2, 0, 0, 0, 0, last
#define ALL 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
#define ARP(operation) U16(1), U16(0x0800), 6, 4, U16(operation)
#define TO_GROUP 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 9

static void assert_pair(const struct fl_packet *packet, const char *sender, const char *target)
{
	char text[FL_ADDRESS_TEXT];

	ck_assert_uint_eq(packet->outcome, FL_OUTCOME_NEIGHBOUR);
	ck_assert_str_eq(fl_address_text(&packet->neighbour.sender, text), sender);
	ck_assert_str_eq(fl_address_text(&packet->neighbour.target, text), target);
}

START_TEST(arp_request_and_reply_name_the_same_pair)
{
	static const uint8_t request[] = { ALL, MAC(1), U16(0x0806), ARP(1), MAC(1), 10, 0, 0, 1, MAC(0), 10, 0, 0, 9 };
	static const uint8_t reply[] = {
		MAC(1), MAC(9), U16(0x0806), ARP(2), MAC(9), 10, 0, 0, 9, MAC(1), 10, 0, 0, 1
	};
	struct fl_packet packet = DECODE(1, request);

	assert_pair(&packet, "10.0.0.1", "10.0.0.9");
	ck_assert(!packet.neighbour.is_reply && packet.neighbour.is_broadcast);
	ck_assert_uint_eq(packet.neighbour.sender_mac[5], 1);
	packet = DECODE(1, reply);
	assert_pair(&packet, "10.0.0.1", "10.0.0.9");
	ck_assert(packet.neighbour.is_reply && !packet.neighbour.is_broadcast);
	ck_assert_uint_eq(packet.neighbour.sender_mac[5], 1);
	ck_assert_uint_eq(packet.neighbour.target_mac[5], 9);
}
END_TEST

START_TEST(cooked_capture_tells_a_broadcast_by_its_packet_type)
{
	static const uint8_t all[] = { U16(1), U16(1), U16(6), MAC(1), 0,      0,  U16(0x0806), ARP(1), MAC(1),
		                       10,     0,      0,      1,      MAC(0), 10, 0,           0,      9 };
	static const uint8_t one[] = { U16(0), U16(1), U16(6), MAC(1), 0,      0,  U16(0x0806), ARP(1), MAC(1),
		                       10,     0,      0,      1,      MAC(0), 10, 0,           0,      9 };

	static const uint8_t sll2[] = { U16(0x0806), U16(0), U32(2), U16(1), 2, 6,      MAC(1), 0, 0, ARP(1),
		                        MAC(1),      10,     0,      0,      1, MAC(0), 10,     0, 0, 9 };
	static const uint8_t sll2_one[] = { U16(0x0806), U16(0), U32(2), U16(1), 0, 1,      MAC(1), 0, 0, ARP(1),
		                            MAC(1),      10,     0,      0,      1, MAC(0), 10,     0, 0, 9 };

	ck_assert(DECODE(276, sll2).neighbour.is_broadcast);
	ck_assert(!DECODE(276, sll2_one).neighbour.is_broadcast);
	ck_assert(DECODE(113, all).neighbour.is_broadcast);
	ck_assert(!DECODE(113, one).neighbour.is_broadcast);
	ck_assert_uint_eq(DECODE(113, one).outcome, FL_OUTCOME_NEIGHBOUR);
}
END_TEST

START_TEST(other_arp_is_nothing_that_tcp_waits_for)
{
	static const uint8_t reverse[] = { ALL, MAC(1), U16(0x0806), ARP(3), MAC(1), 10, 0, 0, 1, MAC(0), 10, 0, 0, 9 };
	static const uint8_t atm[] = { ALL, MAC(1), U16(0x0806), U16(19), U16(0x0800), 20, 4, U16(1), MAC(1),
		                       10,  0,      0,           1,       MAC(0),      10, 0, 0,      9 };

	ck_assert_uint_eq(DECODE(1, reverse).outcome, FL_OUTCOME_NOT_IP);
	ck_assert_uint_eq(DECODE(1, atm).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

START_TEST(solicitation_and_advertisement_name_the_same_pair)
{
	static const uint8_t asks[] = { 0x60, 0, 0, 0, U16(32), 58,          255, ADDRESS6(1), TO_GROUP,
		                        135,  0, 0, 0, U32(0),  ADDRESS6(9), 1,   1,           MAC(1) };
	static const uint8_t tells[] = { 0x60, 0, 0, 0, U16(32),         58,          255, ADDRESS6(9), ADDRESS6(1),
		                         136,  0, 0, 0, U32(0x60000000), ADDRESS6(9), 2,   1,           MAC(9) };
	struct fl_packet packet = DECODE(229, asks);

	assert_pair(&packet, "2001:db8::1", "2001:db8::9");
	ck_assert(!packet.neighbour.is_reply && packet.neighbour.is_broadcast);
	ck_assert_uint_eq(packet.neighbour.sender_mac[5], 1);
	packet = DECODE(229, tells);
	assert_pair(&packet, "2001:db8::1", "2001:db8::9");
	ck_assert(packet.neighbour.is_reply && !packet.neighbour.is_broadcast);
	ck_assert_uint_eq(packet.neighbour.target_mac[5], 9);
}
END_TEST

START_TEST(option_of_length_zero_ends_the_list)
{
	static const uint8_t bytes[] = { 0x60, 0, 0, 0, U16(40), 58,          255, ADDRESS6(1), ADDRESS6(9),
		                         135,  0, 0, 0, U32(0),  ADDRESS6(9), 14,  0,           0,
		                         0,    0, 0, 0, 0,       1,           1,   MAC(1) };
	struct fl_packet packet = DECODE(229, bytes);

	assert_pair(&packet, "2001:db8::1", "2001:db8::9");
	ck_assert(!packet.neighbour.is_broadcast);
	ck_assert_uint_eq(packet.neighbour.sender_mac[5], 0);
}
END_TEST

UNIT_MAIN("wire/neighbour", arp_request_and_reply_name_the_same_pair,
          cooked_capture_tells_a_broadcast_by_its_packet_type, other_arp_is_nothing_that_tcp_waits_for,
          solicitation_and_advertisement_name_the_same_pair, option_of_length_zero_ends_the_list)
