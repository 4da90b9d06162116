/* Ethernet, LLC/SNAP and VLAN tags. */
#include "wire_bytes.h"

#define INSIDE IPV4(40, 6), TCP

START_TEST(plain_ethernet_with_its_hardware_addresses)
{
	static const uint8_t bytes[] = { ETHERNET(0x0800), INSIDE };
	struct fl_packet packet = DECODE_TCP(1, bytes, 4, 0);

	ck_assert_mem_eq(packet.mac_target, bytes, 6);
	ck_assert_mem_eq(packet.mac_source, bytes + 6, 6);
	ck_assert_uint_eq(packet.via, 0);
}
END_TEST

START_TEST(padding_of_a_short_frame_is_no_payload)
{
	static const uint8_t bytes[] = { ETHERNET(0x0800), INSIDE, 0, 0, 0, 0, 0, 0 };
	struct fl_packet packet = DECODE(1, bytes);

	assert_tcp(&packet, 4, 0);
	ck_assert_ptr_null(packet.payload);
}
END_TEST

START_TEST(two_vlan_ids_are_kept_of_any_number)
{
	static const uint8_t one[] = { ETHERNET(0x8100), U16(0x6064), U16(0x0800), INSIDE };
	static const uint8_t three[] = { ETHERNET(0x88a8), U16(1), U16(0x9100), U16(2),
		                         U16(0x8100),      U16(3), U16(0x0800), INSIDE };
	struct fl_packet packet = DECODE_TCP(1, one, 4, 0);

	ck_assert_uint_eq(packet.vlan[0], 100);
	ck_assert_uint_eq(packet.vlan[1], 0);
	ck_assert_uint_eq(packet.via, FL_VIA_VLAN);
	packet = DECODE_TCP(1, three, 4, 0);
	ck_assert_uint_eq(packet.vlan[0], 1);
	ck_assert_uint_eq(packet.vlan[1], 2);
}
END_TEST

START_TEST(llc_with_ip_and_snap)
{
	static const uint8_t snap[] = { ETHERNET(48), 0xaa, 0xaa, 3, 0, 0, 0, U16(0x0800), INSIDE };
	static const uint8_t sap[] = { ETHERNET(43), 6, 6, 3, INSIDE };
	static const uint8_t bridge[] = { ETHERNET(8), 0x42, 0x42, 3, 0, 0, 0, 0, 0 };
	static const uint8_t other_oui[] = { ETHERNET(48), 0xaa, 0xaa, 3, 0, 0, 0x0c, U16(0x0800), INSIDE };

	DECODE_TCP(1, snap, 4, 0);
	DECODE_TCP(1, sap, 4, 0);
	ck_assert_uint_eq(DECODE(1, bridge).outcome, FL_OUTCOME_NOT_IP);
	ck_assert_uint_eq(DECODE(1, other_oui).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

START_TEST(snap_in_snap_ends)
{
	uint8_t bytes[14 + 8 * 100] = { ETHERNET(8 * 100) };

	for (size_t i = 14; i < sizeof(bytes); i += 8)
		memcpy(bytes + i, (const uint8_t[]){ 0xaa, 0xaa, 3, 0, 0, 0, U16(0x6558) }, 8);
	ck_assert_uint_ne(decode_cut(1, bytes, sizeof(bytes), sizeof(bytes)).outcome, FL_OUTCOME_TCP);
}
END_TEST

START_TEST(other_protocols_are_not_ip)
{
	static const uint8_t lldp[] = { ETHERNET(0x88cc), 2, 7, 4, 0 };
	size_t least;

	ck_assert_uint_eq(decode(1, lldp, sizeof(lldp), &least).outcome, FL_OUTCOME_NOT_IP);
	ck_assert_uint_eq(least, 14);
}
END_TEST

UNIT_MAIN("wire/ethernet", plain_ethernet_with_its_hardware_addresses, padding_of_a_short_frame_is_no_payload,
          two_vlan_ids_are_kept_of_any_number, llc_with_ip_and_snap, snap_in_snap_ends, other_protocols_are_not_ip)
