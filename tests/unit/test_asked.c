/* Addresses that were asked for on the link and not answered: kept until they answer or speak, and never too many. */
#include "run/asked.h"

#include "script.h"
#include "unit.h"

static struct asked asked;

static struct fl_address address_of(unsigned number)
{
	return (struct fl_address){ { 10, 0, (uint8_t)(number >> 8), (uint8_t)number }, 4 };
}

static void take(double at, unsigned sender, unsigned target, bool is_reply)
{
	struct fl_packet packet = { .outcome = FL_OUTCOME_NEIGHBOUR, .at = script_at(at) };

	packet.neighbour.sender = address_of(sender);
	packet.neighbour.target = address_of(target);
	packet.neighbour.is_reply = is_reply;
	asked_take(&asked, &packet);
}

static const struct fl_unresolved *find(unsigned number)
{
	struct fl_address address = address_of(number);

	for (size_t i = 0; i < asked.count; i++) {
		if (fl_address_equal(&asked.item[i].address, &address))
			return &asked.item[i];
	}
	return NULL;
}

START_TEST(questions_are_counted_from_the_first_to_the_last)
{
	struct fl_address asker = address_of(1);

	asked.count = 0;
	take(1, 1, 9, false);
	take(2, 1, 9, false);
	take(3.5, 1, 9, false);
	take(3.6, 2, 9, false); /* another asker: its questions are its own */
	ck_assert_uint_eq(asked.count, 2);
	ck_assert_uint_eq(find(9)->asks, 3);
	ck_assert_int_eq(find(9)->first_at, script_at(1));
	ck_assert_int_eq(find(9)->last_at, script_at(3.5));
	ck_assert(fl_address_equal(&find(9)->asker, &asker));
}
END_TEST

/* RFC 5227: before an address is used it is asked for, in the hope that nobody answers. */
START_TEST(probe_for_a_free_address_counts_as_no_question)
{
	struct fl_packet packet = { .outcome = FL_OUTCOME_NEIGHBOUR, .at = script_at(1) };

	asked.count = 0;
	packet.neighbour.sender.family = 4;
	packet.neighbour.target = address_of(9);
	for (unsigned i = 0; i < 3; i++)
		asked_take(&asked, &packet);
	ck_assert_uint_eq(asked.count, 0);
}
END_TEST

START_TEST(answer_ends_it_and_the_next_question_begins_anew)
{
	asked.count = 0;
	take(1, 1, 9, false);
	take(2, 1, 9, false);
	take(2.1, 1, 9, true);
	ck_assert_uint_eq(asked.count, 0);
	take(5, 1, 9, false);
	ck_assert_uint_eq(find(9)->asks, 1);
	ck_assert_int_eq(find(9)->first_at, script_at(5));
}
END_TEST

START_TEST(who_asks_for_others_is_there)
{
	asked.count = 0;
	take(1, 1, 9, false);
	take(1.5, 1, 8, false);
	take(2, 9, 1, false);
	ck_assert_ptr_null(find(9));
	ck_assert_uint_eq(find(8)->asks, 1);
	ck_assert_uint_eq(find(1)->asks, 1);
}
END_TEST

START_TEST(answer_for_another_address_ends_nothing)
{
	asked.count = 0;
	take(1, 1, 9, false);
	take(2, 1, 8, true);
	ck_assert_uint_eq(find(9)->asks, 1);
	ck_assert_uint_eq(asked.count, 1);
}
END_TEST

/* A host that asks everyone and is answered alone asks again when it has forgotten, minutes later. */
START_TEST(questions_far_apart_may_have_been_answered_elsewhere)
{
	asked.count = 0;
	take(10, 1, 9, false);
	take(15, 1, 9, false);
	ck_assert_uint_eq(find(9)->asks, 2);
	take(20.001, 1, 9, false);
	ck_assert_uint_eq(find(9)->asks, 1);
	ck_assert_int_eq(find(9)->first_at, script_at(20.001));
	ck_assert_uint_eq(asked.count, 1);
}
END_TEST

START_TEST(one_asked_for_longest_ago_leaves_when_there_are_too_many)
{
	asked.count = 0;
	for (unsigned i = 0; i < ASKED_MOST; i++)
		take(i * .01, 1, 100 + i, false);
	take(3, 1, 100, false); /* the first was asked for again: the second is the oldest */
	ck_assert_uint_eq(asked.count, ASKED_MOST);
	take(4, 1, 500, false);
	ck_assert_uint_eq(asked.count, ASKED_MOST);
	ck_assert_ptr_null(find(101));
	ck_assert_uint_eq(find(100)->asks, 2);
	ck_assert_uint_eq(find(500)->asks, 1);
	ck_assert_int_eq(find(500)->first_at, script_at(4));
	take(4.1, 1, 501, false);
	ck_assert_ptr_null(find(102));
	ck_assert_ptr_nonnull(find(100 + ASKED_MOST - 1));
}
END_TEST

START_TEST(last_of_a_full_list_may_be_answered)
{
	asked.count = 0;
	for (unsigned i = 0; i < ASKED_MOST; i++)
		take(i, 1, 100 + i, false);
	take(100, 1, 100 + ASKED_MOST - 1, true);
	ck_assert_uint_eq(asked.count, ASKED_MOST - 1);
	take(101, 1, 100, true);
	ck_assert_uint_eq(asked.count, ASKED_MOST - 2);
	ck_assert_ptr_null(find(100));
	ck_assert_ptr_nonnull(find(100 + ASKED_MOST - 2));
}
END_TEST

UNIT_MAIN("asked", questions_are_counted_from_the_first_to_the_last, probe_for_a_free_address_counts_as_no_question,
          answer_ends_it_and_the_next_question_begins_anew, who_asks_for_others_is_there,
          answer_for_another_address_ends_nothing, questions_far_apart_may_have_been_answered_elsewhere,
          one_asked_for_longest_ago_leaves_when_there_are_too_many, last_of_a_full_list_may_be_answered)
