/* What stays of flows that left: found again by the hash of their tuple, however many there are. */
#include "flow/tombstones.h"
#include "unit.h"

static struct fl_wireshark_id numbered(uint32_t stream)
{
	return (struct fl_wireshark_id){ .stream = stream, .base = { stream + 1, stream + 2 }, .has_base = 3 };
}

START_TEST(nothing_is_found_in_nothing)
{
	struct tombstones stones = { 0 };

	ck_assert_ptr_null(tombstones_find(&stones, 0));
	ck_assert_ptr_null(tombstones_find(&stones, 42));
	tombstones_deinit(&stones);
}
END_TEST

START_TEST(all_are_found_again_and_no_other)
{
	enum { count = 20000 };
	struct tombstones stones = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		struct fl_wireshark_id id = numbered(i);

		tombstones_put(&stones, (uint64_t)i * 0x9e3779b97f4a7c15u, &id, 0);
	}
	ck_assert_uint_eq(stones.count, count);
	for (uint32_t i = 0; i < count; i++) {
		const struct tombstone *stone = tombstones_find(&stones, (uint64_t)i * 0x9e3779b97f4a7c15u);

		ck_assert_ptr_nonnull(stone);
		ck_assert_uint_eq(stone->wireshark.stream, i);
		ck_assert_uint_eq(stone->wireshark.base[1], i + 2);
	}
	for (uint32_t i = count; i < 2 * count; i++)
		ck_assert_ptr_null(tombstones_find(&stones, (uint64_t)i * 0x9e3779b97f4a7c15u));
	tombstones_deinit(&stones);
	ck_assert_ptr_null(stones.slots);
}
END_TEST

START_TEST(newer_stone_replaces_the_older)
{
	struct tombstones stones = { 0 };
	struct fl_wireshark_id first = numbered(1), second = numbered(2);

	tombstones_put(&stones, 77, &first, 0);
	tombstones_put(&stones, 77, &second, 0);
	ck_assert_uint_eq(stones.count, 1);
	ck_assert_uint_eq(tombstones_find(&stones, 77)->wireshark.stream, 2);
	tombstones_deinit(&stones);
}
END_TEST

START_TEST(hashes_that_meet_in_one_slot_are_kept_apart)
{
	struct tombstones stones = { 0 };

	for (uint32_t i = 1; i <= 100; i++) {
		struct fl_wireshark_id id = numbered(i);

		tombstones_put(&stones, (uint64_t)i << 32 | 255, &id, 0);
	}
	for (uint32_t i = 1; i <= 100; i++)
		ck_assert_uint_eq(tombstones_find(&stones, (uint64_t)i << 32 | 255)->wireshark.stream, i);
	ck_assert_ptr_null(tombstones_find(&stones, UINT64_C(101) << 32 | 255));
	tombstones_deinit(&stones);
}
END_TEST

START_TEST(hash_of_zero_is_a_hash)
{
	struct tombstones stones = { 0 };
	struct fl_wireshark_id id = numbered(9);

	tombstones_put(&stones, 5, &id, 0);
	ck_assert_ptr_null(tombstones_find(&stones, 0));
	tombstones_put(&stones, 0, &id, 0);
	ck_assert_uint_eq(tombstones_find(&stones, 0)->wireshark.stream, 9);
	tombstones_deinit(&stones);
}
END_TEST

START_TEST(room_bounds_what_is_remembered)
{
	struct tombstones stones = { 0 };
	struct fl_wireshark_id id = { .stream = 7 };
	const size_t room = 512 * sizeof(struct tombstone);

	for (uint64_t i = 1; i <= 1000; i++) {
		tombstones_put(&stones, i, &id, room);
		ck_assert_uint_le(stones.size * sizeof(struct tombstone), room);
		ck_assert_ptr_nonnull(tombstones_find(&stones, i)); /* the last one always */
	}
	ck_assert_ptr_null(tombstones_find(&stones, 1));
	ck_assert_ptr_nonnull(tombstones_find(&stones, 999));
	tombstones_deinit(&stones);
}
END_TEST

UNIT_MAIN("tombstones", room_bounds_what_is_remembered, nothing_is_found_in_nothing, all_are_found_again_and_no_other,
          newer_stone_replaces_the_older, hashes_that_meet_in_one_slot_are_kept_apart, hash_of_zero_is_a_hash)
