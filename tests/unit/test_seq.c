/* Sequence numbers: 32 bits on the wire, one line without end in here. */
#include "flatline/seq.h"
#include "unit.h"

#define TURN (UINT64_C(1) << 32)

START_TEST(first_number_leaves_room_below)
{
	ck_assert_uint_eq(fl_seq_first(0), TURN);
	ck_assert_uint_eq(fl_seq_unwrap(fl_seq_first(0), UINT32_MAX), TURN - 1);
	ck_assert_uint_gt(fl_seq_unwrap(fl_seq_first(0), 0x80000000u), 0);
}
END_TEST

START_TEST(unwraps_forwards_across_4_gib)
{
	uint64_t at = fl_seq_first(4294967290u);

	for (unsigned i = 0; i < 20000; i++) { /* some 4.5 turns */
		uint64_t next = at + 999983;

		ck_assert_uint_eq(fl_seq_unwrap(at, (uint32_t)next), next);
		at = next;
	}
	ck_assert_uint_gt(at, 5 * TURN);
}
END_TEST

START_TEST(unwraps_backwards_across_4_gib)
{
	uint64_t at = 3 * TURN + 10;

	ck_assert_uint_eq(fl_seq_unwrap(at, (uint32_t)(at - 11)), at - 11);
	ck_assert_uint_eq(fl_seq_unwrap(at, (uint32_t)(at - 1)), at - 1);
	ck_assert_uint_eq(fl_seq_unwrap(at, (uint32_t)at), at);
}
END_TEST

START_TEST(nearest_of_both_ways_is_taken)
{
	uint64_t at = 7 * TURN + 123;

	ck_assert_uint_eq(fl_seq_unwrap(at, (uint32_t)(at + 0x7fffffff)), at + 0x7fffffff);
	ck_assert_uint_eq(fl_seq_unwrap(at, (uint32_t)(at - 0x80000000u)), at - 0x80000000u);
	ck_assert_uint_eq(fl_seq_unwrap(at, (uint32_t)(at + 0x80000001u)), at - 0x7fffffffu);
}
END_TEST

START_TEST(before_is_serial_order)
{
	ck_assert(fl_seq_before(1, 2));
	ck_assert(!fl_seq_before(2, 1));
	ck_assert(!fl_seq_before(5, 5));
	ck_assert(fl_seq_before(UINT32_MAX, 0));
	ck_assert(!fl_seq_before(0, UINT32_MAX));
	ck_assert(fl_seq_before(0xffffff00u, 0x100));
}
END_TEST

UNIT_MAIN("seq", first_number_leaves_room_below, unwraps_forwards_across_4_gib, unwraps_backwards_across_4_gib,
          nearest_of_both_ways_is_taken, before_is_serial_order)
