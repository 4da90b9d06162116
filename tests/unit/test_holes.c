/* The books of what is missing: [from, to) of sequence numbers, in the order in which a capture shows and fills them.
 */
#include <string.h>

#include "tcp/holes.h"
#include "unit.h"

static struct holes holes;

static void start(void)
{
	memset(&holes, 0, sizeof(holes));
}

/* [10, 20), [30, 40), [50, 60) */
static void start_three(void)
{
	start();
	for (uint64_t from = 10; from < 60; from += 20)
		holes_add(&holes, from, from + 10);
}

static void is_at(uint32_t index, uint64_t from, uint64_t to)
{
	ck_assert_uint_lt(index, holes.count);
	ck_assert_uint_eq(holes.at[index].from, from);
	ck_assert_uint_eq(holes.at[index].to, to);
}

START_TEST(hole_is_filled_at_once)
{
	start_three();
	ck_assert_uint_eq(holes_fill(&holes, 30, 40), 10);
	ck_assert_uint_eq(holes.count, 2);
	is_at(0, 10, 20);
	is_at(1, 50, 60);
	ck_assert_uint_eq(holes_fill(&holes, 30, 40), 0);
}
END_TEST

START_TEST(hole_is_filled_from_below)
{
	start_three();
	ck_assert_uint_eq(holes_fill(&holes, 25, 33), 3);
	ck_assert_uint_eq(holes.count, 3);
	is_at(1, 33, 40);
	ck_assert_uint_eq(holes_fill(&holes, 33, 39), 6);
	is_at(1, 39, 40);
	ck_assert_uint_eq(holes_fill(&holes, 39, 41), 1);
	ck_assert_uint_eq(holes.count, 2);
}
END_TEST

START_TEST(hole_is_filled_from_above)
{
	start_three();
	ck_assert_uint_eq(holes_fill(&holes, 37, 45), 3);
	ck_assert_uint_eq(holes.count, 3);
	is_at(1, 30, 37);
	ck_assert_uint_eq(holes_fill(&holes, 31, 37), 6);
	is_at(1, 30, 31);
	is_at(2, 50, 60);
}
END_TEST

START_TEST(hole_is_split_in_its_middle)
{
	start_three();
	ck_assert_uint_eq(holes_fill(&holes, 31, 39), 8);
	ck_assert_uint_eq(holes.count, 4);
	is_at(0, 10, 20);
	is_at(1, 30, 31);
	is_at(2, 39, 40);
	is_at(3, 50, 60);
}
END_TEST

START_TEST(one_segment_fills_all_that_it_covers)
{
	start_three();
	ck_assert_uint_eq(holes_fill(&holes, 15, 55), 5 + 10 + 5);
	ck_assert_uint_eq(holes.count, 2);
	is_at(0, 10, 15);
	is_at(1, 55, 60);
	start_three();
	ck_assert_uint_eq(holes_fill(&holes, 0, 100), 30);
	ck_assert_uint_eq(holes.count, 0);
}
END_TEST

START_TEST(what_lies_beside_a_hole_fills_nothing)
{
	start_three();
	ck_assert_uint_eq(holes_fill(&holes, 20, 30), 0);
	ck_assert_uint_eq(holes_fill(&holes, 0, 10), 0);
	ck_assert_uint_eq(holes_fill(&holes, 60, 70), 0);
	ck_assert_uint_eq(holes_fill(&holes, 15, 15), 0);
	ck_assert_uint_eq(holes.count, 3);
	is_at(0, 10, 20);
	is_at(1, 30, 40);
	is_at(2, 50, 60);
}
END_TEST

START_TEST(lowest_hole_is_forgotten_when_there_are_too_many)
{
	start();
	for (uint64_t i = 0; i < HOLES_MOST; i++)
		holes_add(&holes, 10 * i, 10 * i + 5);
	ck_assert_uint_eq(holes.count, HOLES_MOST);
	is_at(0, 0, 5);
	holes_add(&holes, 1000, 1005);
	ck_assert_uint_eq(holes.count, HOLES_MOST);
	is_at(0, 10, 15);
	is_at(HOLES_MOST - 1, 1000, 1005);
	is_at(HOLES_MOST - 2, 10 * (HOLES_MOST - 1), 10 * (HOLES_MOST - 1) + 5);
}
END_TEST

START_TEST(split_of_one_among_too_many_forgets_the_lowest)
{
	start();
	for (uint64_t i = 0; i < HOLES_MOST; i++)
		holes_add(&holes, 10 * i, 10 * i + 5);
	ck_assert_uint_eq(holes_fill(&holes, 52, 53), 1);
	ck_assert_uint_eq(holes.count, HOLES_MOST);
	is_at(0, 10, 15);
	is_at(4, 50, 52);
	is_at(5, 53, 55);
	for (uint32_t i = 6; i < HOLES_MOST; i++)
		is_at(i, 10 * i, 10 * i + 5);
}
END_TEST

START_TEST(split_of_the_lowest_among_too_many_leaves_its_upper_part)
{
	start();
	for (uint64_t i = 0; i < HOLES_MOST; i++)
		holes_add(&holes, 10 * i, 10 * i + 5);
	ck_assert_uint_eq(holes_fill(&holes, 2, 3), 1);
	ck_assert_uint_eq(holes.count, HOLES_MOST);
	is_at(0, 3, 5);
	is_at(1, 10, 15);
	is_at(HOLES_MOST - 1, 10 * (HOLES_MOST - 1), 10 * (HOLES_MOST - 1) + 5);
}
END_TEST

START_TEST(ack_below_all_holes_shows_nothing_missing)
{
	start_three();
	ck_assert(!holes_acked(&holes, 10));
	ck_assert_uint_eq(holes.count, 3);
	start();
	ck_assert(!holes_acked(&holes, 10));
}
END_TEST

START_TEST(ack_inside_a_hole_shows_that_bytes_never_came)
{
	start_three();
	ck_assert(holes_acked(&holes, 11));
	ck_assert_uint_eq(holes.count, 3);
	is_at(0, 11, 20);
	ck_assert(holes_acked(&holes, 19));
	is_at(0, 19, 20);
	ck_assert(!holes_acked(&holes, 19));
}
END_TEST

START_TEST(ack_to_the_end_of_a_hole_closes_it)
{
	start_three();
	ck_assert(holes_acked(&holes, 20));
	ck_assert_uint_eq(holes.count, 2);
	is_at(0, 30, 40);
	ck_assert(!holes_acked(&holes, 21));
	ck_assert(!holes_acked(&holes, 30));
}
END_TEST

START_TEST(ack_of_all_closes_all)
{
	start_three();
	ck_assert(holes_acked(&holes, 55));
	ck_assert_uint_eq(holes.count, 1);
	is_at(0, 55, 60);
	ck_assert(holes_acked(&holes, 100));
	ck_assert_uint_eq(holes.count, 0);
}
END_TEST

START_TEST(what_was_acked_and_comes_late_makes_it_whole)
{
	start();
	holes_acked_unseen(&holes, 10, 20);
	ck_assert(!holes_are_whole(&holes));
	holes_acked_unseen(&holes, 20, 30); /* right behind it: one range still */
	holes_fill(&holes, 10, 20);
	ck_assert(!holes_are_whole(&holes));
	holes_fill(&holes, 20, 30);
	ck_assert(holes_are_whole(&holes));
	holes_acked_unseen(&holes, 40, 50);
	holes_acked_unseen(&holes, 60, 70); /* the one before never came */
	holes_fill(&holes, 60, 70);
	ck_assert(!holes_are_whole(&holes));
}
END_TEST

UNIT_MAIN("holes", hole_is_filled_at_once, hole_is_filled_from_below, hole_is_filled_from_above,
          hole_is_split_in_its_middle, one_segment_fills_all_that_it_covers, what_lies_beside_a_hole_fills_nothing,
          lowest_hole_is_forgotten_when_there_are_too_many, split_of_one_among_too_many_forgets_the_lowest,
          split_of_the_lowest_among_too_many_leaves_its_upper_part, ack_below_all_holes_shows_nothing_missing,
          ack_inside_a_hole_shows_that_bytes_never_came, ack_to_the_end_of_a_hole_closes_it, ack_of_all_closes_all,
          what_was_acked_and_comes_late_makes_it_whole)
