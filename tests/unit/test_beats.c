/* Learning a heartbeat: one size, a steady period, and how much may be otherwise. */
#include "message/beats.h"
#include "unit.h"

static struct fl_beats beats;
static uint64_t end;

static void begin(void)
{
	beats_reset(&beats);
	end = 1000;
}

static bool feed(double at, uint32_t length)
{
	static uint32_t frame;
	struct fl_message message = { .at = (int64_t)(at * 1e9), .frame = ++frame, .length = length };

	end += length;
	message.end = end;
	return beats_feed(&beats, &message);
}

START_TEST(steady_beats_are_counted)
{
	begin();
	for (unsigned i = 0; i < 100; i++) {
		ck_assert(feed(10 + 5.0 * i, 24));
		ck_assert_uint_eq(beats.count, i + 1);
		ck_assert(fl_beats_steady(&beats, i + 1));
		ck_assert(!fl_beats_steady(&beats, i + 2));
	}
	ck_assert_int_eq(fl_beats_period(&beats), 5 * FL_NS_PER_S);
	ck_assert_int_eq(beats.first_at, 10 * FL_NS_PER_S);
	ck_assert_int_eq(beats.last_at, 505 * FL_NS_PER_S);
	ck_assert_uint_eq(beats.odd, 0);
}
END_TEST

START_TEST(period_of_one_message_is_not_known)
{
	begin();
	ck_assert_int_eq(fl_beats_period(&beats), 0);
	feed(1, 24);
	ck_assert_int_eq(fl_beats_period(&beats), 0);
}
END_TEST

START_TEST(gap_within_a_quarter_is_steady)
{
	static const double in[] = { 4.0, 5.0, 4.8, 3.0, 5.0, 3.01 }, out[] = { 5.01, 2.99, 6, 8, 1 };

	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		begin();
		for (unsigned k = 0; k < 5; k++)
			feed(4.0 * k, 24);
		ck_assert_msg(feed(16 + in[i], 24), "a gap of %g s is odd", in[i]);
	}
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		begin();
		for (unsigned k = 0; k < 5; k++)
			feed(4.0 * k, 24);
		ck_assert_msg(!feed(16 + out[i], 24), "a gap of %g s is steady", out[i]);
		ck_assert(!fl_beats_steady(&beats, 3));
		ck_assert_int_eq(fl_beats_period(&beats), 4 * FL_NS_PER_S);
	}
}
END_TEST

START_TEST(jitter_of_a_fifth_is_steady_in_any_order)
{
	static const double gaps[] = { 5.9, 4.2, 5.4, 4.0, 6.0, 4.7, 5.6, 5.0, 4.9 };
	double at = 0;

	begin();
	for (unsigned i = 0; i < 64; i++) {
		feed(at, 24);
		ck_assert_msg(i < 8 || fl_beats_steady(&beats, i), "not steady after %u", i);
		at += gaps[i % 9];
	}
	ck_assert_uint_eq(beats.odd, 0);
	ck_assert_int_ge(fl_beats_period(&beats), 4 * FL_NS_PER_S);
	ck_assert_int_le(fl_beats_period(&beats), 6 * FL_NS_PER_S);
}
END_TEST

START_TEST(growing_counter_is_one_size)
{
	begin();
	for (unsigned i = 0; i < 40; i++)
		ck_assert(feed(5.0 * i, 20 + i / 9)); /* "beat 9", "beat 10", ... */
	ck_assert_uint_eq(beats.count, 40);
	ck_assert(feed(200, beats.length + 2));
	ck_assert(!feed(205, beats.length + 3));
	ck_assert(!feed(210, beats.length - 3));
}
END_TEST

START_TEST(one_odd_message_in_nine_is_still_a_beat)
{
	begin();
	for (unsigned i = 0; i < 7; i++)
		feed(5.0 * i, 24);
	feed(31, 300);
	ck_assert(!fl_beats_steady(&beats, 3)); /* one to seven */
	feed(35, 24);
	ck_assert(fl_beats_steady(&beats, 3));
	ck_assert(!fl_beats_steady(&beats, 9));
	feed(36, 300);
	ck_assert(!fl_beats_steady(&beats, 3));
}
END_TEST

START_TEST(odd_message_of_another_size_does_not_move_the_beat)
{
	begin();
	for (unsigned i = 0; i < 10; i++)
		feed(5.0 * i, 24);
	feed(46, 300);
	ck_assert(feed(50, 24));
	ck_assert_int_eq(fl_beats_period(&beats), 5 * FL_NS_PER_S);
}
END_TEST

START_TEST(run_restarts_when_the_shape_was_none)
{
	begin();
	feed(0, 100);
	ck_assert(!feed(1, 24));
	ck_assert(!feed(6, 24)); /* more that did not fit than that did */
	ck_assert_uint_eq(beats.count, 1);
	ck_assert_int_eq(beats.first_at, 6 * FL_NS_PER_S);
	for (unsigned i = 2; i < 30; i++)
		ck_assert(feed(1 + 5.0 * i, 24));
	ck_assert_uint_eq(beats.count, 29);
	ck_assert_uint_le(beats.odd, 3);
	ck_assert(fl_beats_steady(&beats, 20));
}
END_TEST

/* However many were steady before: what came last is asked. */
START_TEST(beat_that_became_irregular_is_none)
{
	static const double gaps[] = { 1, 9, 2, 14, 3, 7 };
	double at = 0;

	begin();
	for (unsigned i = 0; i < 500; i++, at += 5)
		feed(at, 24);
	ck_assert(fl_beats_steady(&beats, 3));
	for (unsigned i = 0; i < 12; i++, at += gaps[i % 6])
		feed(at, 24);
	ck_assert(!fl_beats_steady(&beats, 3));
}
END_TEST

START_TEST(bulk_is_no_beat)
{
	begin();
	for (unsigned i = 0; i < 200; i++)
		feed(0.001 * i, 1460);
	ck_assert(!fl_beats_steady(&beats, 2));
}
END_TEST

START_TEST(irregular_gaps_are_no_beat)
{
	static const double gaps[] = { 0.3, 4.1, 1.0, 7.7, 0.2, 2.6, 9.0, 3.3 };
	double at = 0;

	begin();
	for (unsigned i = 0; i < 100; i++, at += gaps[i % 8]) {
		feed(at, 80);
		ck_assert(!fl_beats_steady(&beats, 3));
	}
}
END_TEST

START_TEST(varying_sizes_are_no_beat)
{
	static const unsigned sizes[] = { 48, 120, 75, 260, 90, 33, 180, 64 };

	begin();
	for (unsigned i = 0; i < 100; i++) {
		feed(2.5 * i, sizes[i % 8]);
		ck_assert(!fl_beats_steady(&beats, 3));
	}
}
END_TEST

START_TEST(acked_beats_are_counted_from_their_length)
{
	begin();
	for (unsigned i = 0; i < 5; i++)
		feed(5.0 * i, 24);
	ck_assert_uint_eq(fl_beats_acked(&beats, end), 5);
	ck_assert_uint_eq(fl_beats_acked(&beats, end + 1), 5);
	ck_assert_uint_eq(fl_beats_acked(&beats, end - 1), 4);
	ck_assert_uint_eq(fl_beats_acked(&beats, end - 24), 4);
	ck_assert_uint_eq(fl_beats_acked(&beats, end - 25), 3);
	ck_assert_uint_eq(fl_beats_acked(&beats, end - 5 * 24), 0);
	ck_assert_uint_eq(fl_beats_acked(&beats, 0), 0);
}
END_TEST

START_TEST(reset_forgets_everything)
{
	begin();
	for (unsigned i = 0; i < 5; i++)
		feed(5.0 * i, 24);
	beats_reset(&beats);
	ck_assert_uint_eq(beats.count, 0);
	ck_assert(feed(100, 999));
	ck_assert_uint_eq(beats.count, 1);
}
END_TEST

UNIT_MAIN("beats", steady_beats_are_counted, period_of_one_message_is_not_known, gap_within_a_quarter_is_steady,
          jitter_of_a_fifth_is_steady_in_any_order, growing_counter_is_one_size,
          one_odd_message_in_nine_is_still_a_beat, odd_message_of_another_size_does_not_move_the_beat,
          run_restarts_when_the_shape_was_none, beat_that_became_irregular_is_none, bulk_is_no_beat,
          irregular_gaps_are_no_beat, varying_sizes_are_no_beat, acked_beats_are_counted_from_their_length,
          reset_forgets_everything)
