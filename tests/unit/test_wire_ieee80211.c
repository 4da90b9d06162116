/* Wireless data frames, with and without radiotap's header. */
#include "wire_bytes.h"

#define A(last) 2, 0, 0, 0, 0, last
#define SNAP 0xaa, 0xaa, 3, 0, 0, 0, U16(0x0800)
#define INSIDE SNAP, IPV4(40, 6), TCP

START_TEST(data_frames_of_every_header_length)
{
	static const uint8_t plain[] = { 0x08, 0x02, 0, 0, A(1), A(2), A(3), 0, 0, INSIDE };
	static const uint8_t qos[] = { 0x88, 0x01, 0, 0, A(1), A(2), A(3), 0, 0, U16(0), INSIDE };
	static const uint8_t ordered[] = { 0x88, 0x81, 0, 0, A(1), A(2), A(3), 0, 0, U16(0), U32(0), INSIDE };
	static const uint8_t bridge[] = { 0x08, 0x03, 0, 0, A(1), A(2), A(3), 0, 0, A(4), INSIDE };

	DECODE_TCP(105, plain, 4, 0);
	DECODE_TCP(105, qos, 4, 0);
	DECODE_TCP(105, ordered, 4, 0);
	DECODE_TCP(105, bridge, 4, 0);
}
END_TEST

START_TEST(encrypted_and_management_frames_hold_nothing)
{
	static const uint8_t secret[] = { 0x08, 0x42, 0, 0, A(1), A(2), A(3), 0, 0, INSIDE };
	static const uint8_t null[] = { 0x48, 0x01, 0, 0, A(1), A(2), A(3), 0, 0 };
	static const uint8_t beacon[] = { 0x80, 0x00, 0, 0, A(1), A(2), A(3), 0, 0, INSIDE };

	ck_assert_uint_eq(DECODE(105, secret).outcome, FL_OUTCOME_NOT_IP);
	ck_assert_uint_eq(DECODE(105, null).outcome, FL_OUTCOME_NOT_IP);
	ck_assert_uint_eq(DECODE(105, beacon).outcome, FL_OUTCOME_NOT_IP);
}
END_TEST

START_TEST(radiotap_is_stepped_over_by_its_length)
{
	static const uint8_t bytes[] = {
		0, 0, LE16(10), U32(0), 9, 9, 0x08, 0x02, 0, 0, A(1), A(2), A(3), 0, 0, INSIDE
	};
	static const uint8_t too_short[] = { 0, 0, LE16(4), U32(0), INSIDE };

	DECODE_TCP(127, bytes, 4, 0);
	ck_assert_uint_eq(DECODE(127, too_short).outcome, FL_OUTCOME_MALFORMED);
}
END_TEST

UNIT_MAIN("wire/ieee80211", data_frames_of_every_header_length, encrypted_and_management_frames_hold_nothing,
          radiotap_is_stepped_over_by_its_length)
