/* The ring of the last frames: what goes, what stays, and whose it is. */
#include <stdint.h>
#include <string.h>

#include "flatline/ring.h"
#include "unit.h"

enum { small = 4096, longest = 600 };

static const int64_t second = FL_NS_PER_S;

/* Bytes of a frame tell its number, so that a mixed-up one is seen. */
static struct fl_frame frame_of(uint64_t number, uint32_t caplen)
{
	static uint8_t bytes[2 * small];

	ck_assert_uint_le(caplen, sizeof(bytes));
	for (uint32_t i = 0; i < caplen; i++)
		bytes[i] = (uint8_t)(number * 7 + i);
	return (struct fl_frame){ .number = number,
		                  .at = (int64_t)number * second,
		                  .bytes = bytes,
		                  .caplen = caplen,
		                  .len = caplen + 1000,
		                  .link = (uint16_t)(number % 3),
		                  .interface = (uint16_t)(number % 5) };
}

static uint64_t put(struct fl_ring *ring, uint64_t number, uint32_t caplen, uint32_t id)
{
	struct fl_frame frame = frame_of(number, caplen);

	return fl_ring_put(ring, &frame, id);
}

static void check_frame(const struct fl_frame *frame)
{
	struct fl_frame whole = frame_of(frame->number, frame->caplen);

	ck_assert_int_eq(frame->at, whole.at);
	ck_assert_uint_eq(frame->len, whole.len);
	ck_assert_uint_eq(frame->link, whole.link);
	ck_assert_uint_eq(frame->interface, whole.interface);
	ck_assert(memcmp(frame->bytes, whole.bytes, frame->caplen) == 0);
}

/* The flow's frames, which are whole and in order. */
static struct fl_ring_copy copy_of(const struct fl_ring *ring, uint32_t id)
{
	struct fl_ring_copy copy;
	uint64_t before = 0;

	ck_assert(fl_ring_copy(ring, id, SIZE_MAX, &copy));
	for (size_t i = 0; i < copy.count; i++) {
		ck_assert_uint_gt(copy.frames[i].number, before);
		before = copy.frames[i].number;
		check_frame(&copy.frames[i]);
	}
	return copy;
}

static size_t count_of(const struct fl_ring *ring, uint32_t id)
{
	struct fl_ring_copy copy = copy_of(ring, id);

	free(copy.frames);
	return copy.count;
}

START_TEST(each_flow_has_its_frames_in_order)
{
	struct fl_ring *ring = fl_ring_new(small, longest * second);
	struct fl_ring_copy copy;

	for (uint64_t number = 1; number <= 20; number++)
		ck_assert_uint_ne(put(ring, number, 20 + (uint32_t)number, (uint32_t)(number % 3)), FL_RING_NOWHERE);
	ck_assert_uint_eq(fl_ring_count(ring), 20);
	copy = copy_of(ring, 1);
	ck_assert_uint_eq(copy.count, 7);
	ck_assert_uint_eq(copy.frames[0].number, 1);
	ck_assert_uint_eq(copy.frames[6].number, 19);
	ck_assert_uint_eq(copy.frames[6].caplen, 39);
	free(copy.frames);
	/* Ids with the same low bits share a chain, and stay apart. */
	put(ring, 21, 30, 1 + (1 << 20));
	ck_assert_uint_eq(count_of(ring, 1), 7);
	ck_assert_uint_eq(count_of(ring, 1 + (1 << 20)), 1);
	ck_assert_uint_eq(count_of(ring, 1 + (1 << 21)), 0);
	fl_ring_free(ring);
}
END_TEST

/* Of every flow the newest stay, without a gap, whatever the lengths with which the end is met. */
START_TEST(the_oldest_go_when_it_is_full)
{
	struct fl_ring *ring = fl_ring_new(small, INT64_C(1000000) * second);
	size_t least = SIZE_MAX, most = 0;
	uint32_t random = 1;

	for (uint64_t number = 1; number <= 20000; number++) {
		struct fl_ring_copy copies[3];
		size_t count = 0, bytes = 0;
		uint64_t oldest = UINT64_MAX;

		random = random * 1103515245 + 12345;
		ck_assert_uint_ne(put(ring, number, random >> 16 & 0xff, (uint32_t)(number % 3)), FL_RING_NOWHERE);
		for (uint32_t id = 0; id < 3; id++) {
			copies[id] = copy_of(ring, id);
			count += copies[id].count;
			for (size_t i = 0; i < copies[id].count; i++)
				bytes += copies[id].frames[i].caplen + 40;
			if (copies[id].count > 0 && copies[id].frames[0].number < oldest)
				oldest = copies[id].frames[0].number;
			free(copies[id].frames);
		}
		ck_assert_uint_eq(count, fl_ring_count(ring));
		ck_assert_uint_eq(oldest, number - count + 1); /* the newest `count` ones */
		ck_assert_uint_le(bytes, small);
		if (number > 100) {
			least = bytes < least ? bytes : least;
			most = bytes > most ? bytes : most;
		}
	}
	/* What is lost is the index, and at the end at most one frame, and another that had to go. */
	ck_assert_uint_gt(least, small - 600 - 2 * 296);
	ck_assert_uint_gt(most, small - 600);
	ck_assert(!fl_ring_goes_by_age(ring));
	fl_ring_free(ring);
}
END_TEST

START_TEST(what_is_too_old_goes)
{
	struct fl_ring *ring = fl_ring_new(small, 5 * second);

	for (uint64_t number = 1; number <= 6; number++)
		put(ring, number, 10, 0);
	ck_assert_uint_eq(fl_ring_count(ring), 6); /* 5 s are not too old */
	put(ring, 7, 10, 1);
	ck_assert_uint_eq(fl_ring_count(ring), 6);
	ck_assert(fl_ring_goes_by_age(ring));
	ck_assert_uint_eq(count_of(ring, 0), 5);
	fl_ring_expire(ring, 11 * second); /* without a frame */
	ck_assert_uint_eq(fl_ring_count(ring), 2);
	ck_assert_uint_eq(count_of(ring, 0), 1);
	fl_ring_expire(ring, 100 * second);
	ck_assert_uint_eq(fl_ring_count(ring), 0);
	ck_assert_uint_eq(count_of(ring, 0), 0);
	put(ring, 100, 10, 0);
	ck_assert_uint_eq(count_of(ring, 0), 1);
	fl_ring_free(ring);
}
END_TEST

START_TEST(a_frame_that_is_larger_is_not_kept_and_pushes_nothing_out)
{
	struct fl_ring *ring = fl_ring_new(small, longest * second);

	put(ring, 1, 10, 0);
	ck_assert_uint_eq(put(ring, 2, 2 * small, 0), FL_RING_NOWHERE);
	ck_assert_uint_eq(put(ring, 3, small, 0), FL_RING_NOWHERE);
	ck_assert_uint_eq(count_of(ring, 0), 1);
	/* The largest that fits is alone, wherever the ring stands. */
	for (uint32_t caplen = small; caplen > 0; caplen--) {
		if (put(ring, 4, caplen, 0) != FL_RING_NOWHERE) {
			ck_assert_uint_gt(caplen, small - 700);
			ck_assert_uint_eq(count_of(ring, 0), 1);
			ck_assert_uint_ne(put(ring, 5, caplen, 0), FL_RING_NOWHERE);
			break;
		}
	}
	ck_assert_uint_eq(count_of(ring, 0), 1);
	put(ring, 6, 10, 0);
	ck_assert_uint_eq(count_of(ring, 0), 1);
	fl_ring_free(ring);
	ck_assert_ptr_null(fl_ring_new(64, second));
}
END_TEST

START_TEST(a_frame_can_be_labelled_late)
{
	struct fl_ring *ring = fl_ring_new(small, longest * second);
	uint64_t first, second_piece, gone;
	struct fl_ring_copy copy;

	first = put(ring, 1, 10, FL_RING_NO_ID);
	put(ring, 2, 10, 7);
	second_piece = put(ring, 3, 10, FL_RING_NO_ID);
	put(ring, 4, 10, 7);
	ck_assert_uint_eq(count_of(ring, 7), 2);
	ck_assert_uint_eq(count_of(ring, FL_RING_NO_ID), 0);
	fl_ring_label(ring, second_piece, 7);
	fl_ring_label(ring, first, 7);
	fl_ring_label(ring, first, 8); /* it has one */
	fl_ring_label(ring, FL_RING_NOWHERE, 8);
	copy = copy_of(ring, 7);
	ck_assert_uint_eq(copy.count, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(copy.frames[i].number, i + 1);
	free(copy.frames);
	ck_assert_uint_eq(count_of(ring, 8), 0);
	/* One that is gone has no label, and its place is another's. */
	gone = put(ring, 5, 10, FL_RING_NO_ID);
	for (uint64_t number = 6; number < 200; number++)
		put(ring, number, 200, 9);
	fl_ring_label(ring, gone, 7);
	ck_assert_uint_eq(count_of(ring, 7), 0);
	fl_ring_free(ring);
}
END_TEST

START_TEST(a_copy_outlives_the_ring_and_has_a_bound)
{
	struct fl_ring *ring = fl_ring_new(small, longest * second);
	struct fl_ring_copy copy, again;

	for (uint64_t number = 1; number <= 10; number++)
		put(ring, number, 100, 0);
	copy = copy_of(ring, 0);
	ck_assert_uint_ge(copy.bytes, 1000);
	ck_assert(!fl_ring_copy(ring, 0, copy.bytes - 1, &again));
	ck_assert(fl_ring_copy(ring, 0, copy.bytes, &again));
	free(again.frames);
	fl_ring_free(ring);
	for (size_t i = 0; i < copy.count; i++)
		check_frame(&copy.frames[i]);
	free(copy.frames);
}
END_TEST

UNIT_MAIN("ring", each_flow_has_its_frames_in_order, the_oldest_go_when_it_is_full, what_is_too_old_goes,
          a_frame_that_is_larger_is_not_kept_and_pushes_nothing_out, a_frame_can_be_labelled_late,
          a_copy_outlives_the_ring_and_has_a_bound)
