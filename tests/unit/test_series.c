/* Series of repeats, probes and closed windows, as they are kept of a flow; and what follows from a series' gaps.
 * end[0] is the client. */
#include <inttypes.h>

#include "tcp/series.h"

#include "script.h"
#include "unit.h"

/* Frames 1 to 3; the round trip is 20 ms. Without SACK there is no tail loss probe. */
#define OPEN \
	"0 C>S S 0:0(0) <mss 1460,sackok>\n" \
	"0.01 S>C SA 0:0(0) ack 1 <mss 1460,sackok>\n" \
	"0.02 C>S A 1:1(0) ack 1\n"
#define OPEN_NO_SACK \
	"0 C>S S 0:0(0) <mss 1460>\n" \
	"0.01 S>C SA 0:0(0) ack 1 <mss 1460>\n" \
	"0.02 C>S A 1:1(0) ack 1\n"

/* Frame 4, and its repeats in frames 5 to 7. */
#define ONE OPEN_NO_SACK "1 C>S PA 1:11(10) ack 1\n"
#define REPEATED ONE "1.2 C>S PA 1:11(10) ack 1\n1.6 C>S PA 1:11(10) ack 1\n2.4 C>S PA 1:11(10) ack 1\n"

enum { CLIENT, SERVER };

static struct script_track track;

static const struct fl_trouble *trouble(const char *text)
{
	script_track_init(&track, text);
	ck_assert_ptr_nonnull(fl_tcp_trouble(script_track_flow(&track)));
	return fl_tcp_trouble(script_track_flow(&track));
}

static const struct fl_series *now(const char *text)
{
	return &trouble(text)->now[CLIENT];
}

static void done(void)
{
	script_track_deinit(&track);
}

/* What is kept of a series. */

START_TEST(healthy_flow_has_no_trouble)
{
	script_track_init(&track, ONE "1.01 S>C A 1:1(0) ack 11\n2 S>C RA 1:1(0) ack 11 win 0\n");
	ck_assert_ptr_null(fl_tcp_trouble(script_track_flow(&track)));
	ck_assert_ptr_null(series_lasting(script_track_flow(&track), CLIENT));
	done();
}
END_TEST

START_TEST(gaps_of_a_series_are_kept)
{
	const struct fl_series *series = now(REPEATED);
	uint64_t start = track.segments[0].seq;

	ck_assert_uint_eq(series->kind, FL_SERIES_DATA);
	ck_assert_uint_eq(series->head, start + 1);
	ck_assert_uint_eq(series->end, start + 11);
	ck_assert_uint_eq(series->repeats, 3);
	ck_assert_uint_eq(series->gap_us[0], 200000);
	ck_assert_uint_eq(series->gap_us[1], 400000);
	ck_assert_uint_eq(series->gap_us[2], 800000);
	ck_assert_int_eq(series->sent_at, script_at(1));
	ck_assert_uint_eq(series->sent_frame, 4);
	ck_assert_int_eq(series->first_at, script_at(1.2));
	ck_assert_uint_eq(series->first_frame, 5);
	ck_assert_int_eq(series->last_at, script_at(2.4));
	ck_assert_uint_eq(series->last_frame, 7);
	ck_assert_int_eq(series->over_at, FL_TIME_NONE);
	ck_assert_int_eq(series->replied_at, FL_TIME_NONE);
	ck_assert_uint_eq(series->heard, 0);
	ck_assert(!series->is_tail && !series->is_acked && !series->is_reset);
	ck_assert_ptr_eq(series_lasting(script_track_flow(&track), CLIENT), series);
	ck_assert_ptr_null(series_lasting(script_track_flow(&track), SERVER));
	ck_assert_uint_eq(fl_tcp_trouble(script_track_flow(&track))->timed, 3);
	ck_assert_int_eq(fl_tcp_trouble(script_track_flow(&track))->repeated_at[CLIENT], script_at(2.4));
	ck_assert_int_eq(fl_tcp_trouble(script_track_flow(&track))->repeated_at[SERVER], FL_TIME_NONE);
	done();
}
END_TEST

START_TEST(gaps_beyond_the_twentieth_are_counted_only)
{
	struct fl_text text;
	const struct fl_series *series;

	fl_text_init(&text);
	fl_text_add(&text, "%s", ONE);
	for (unsigned i = 1; i <= FL_STEPS + 2; i++)
		fl_text_add(&text, "+%u C>S PA 1:11(10) ack 1\n", i);
	series = now(fl_text_get(&text));
	ck_assert_uint_eq(series->repeats, FL_STEPS + 2);
	ck_assert_uint_eq(series->gap_us[0], 1000000);
	ck_assert_uint_eq(series->gap_us[FL_STEPS - 1], FL_STEPS * 1000000);
	ck_assert_int_eq(fl_series_last_gap(series), FL_STEPS * FL_NS_PER_S);
	done();
	fl_text_deinit(&text);
}
END_TEST

START_TEST(gap_longer_than_can_be_kept_is_capped)
{
	ck_assert_uint_eq(now(ONE "5000 C>S PA 1:11(10) ack 1\n")->gap_us[0], UINT32_MAX);
	done();
	ck_assert_uint_eq(now(ONE "4295.967295 C>S PA 1:11(10) ack 1\n")->gap_us[0], UINT32_MAX);
	done();
	ck_assert_uint_eq(now(ONE "4295.967294 C>S PA 1:11(10) ack 1\n")->gap_us[0], UINT32_MAX - 1);
	done();
}
END_TEST

START_TEST(range_of_a_series_grows_with_its_repeats)
{
	const struct fl_series *series = now(OPEN "1 C>S PA 1:11(10) ack 1\n1 C>S PA 11:31(20) ack 1\n"
	                                          "1.007 C>S PA 11:31(20) ack 1\n1.2 C>S PA 1:31(30) ack 1\n"
	                                          "1.6 C>S PA 1:6(5) ack 1\n");
	uint64_t start = track.segments[0].seq;

	ck_assert_uint_eq(series->repeats, 3);
	ck_assert_uint_eq(series->head, start + 1);
	ck_assert_uint_eq(series->end, start + 31);
	ck_assert_uint_eq(series->least, 5);
	ck_assert_uint_eq(series->most, 30);
	done();
}
END_TEST

START_TEST(tail_loss_probe_waited_since_the_last_segment)
{
	const struct fl_series *series = now(
		OPEN "1 C>S PA 1:11(10) ack 1\n1.003 C>S PA 11:21(10) ack 1\n1.01 C>S PA 11:21(10) ack 1\n"
		     "1.218 C>S PA 1:21(20) ack 1\n");

	ck_assert(series->is_tail);
	ck_assert_int_eq(series->sent_at, script_at(1)); /* the oldest byte's */
	ck_assert_uint_eq(series->gap_us[0], 7000);
	ck_assert_uint_eq(series->gap_us[1], 208000);
	ck_assert_int_eq(fl_series_begins_with_tlp(series), 1);
	done();
	ck_assert(!now(OPEN "1 C>S PA 1:11(10) ack 1\n1.3 C>S PA 1:11(10) ack 1\n")->is_tail);
	done();
}
END_TEST

START_TEST(failure_began_when_the_oldest_byte_was_sent)
{
	/* new data behind it */
	const struct fl_series *series = now(ONE "1.1 C>S PA 11:21(10) ack 1\n1.2 C>S PA 1:11(10) ack 1\n");

	ck_assert_int_eq(series->sent_at, script_at(1));
	ck_assert_uint_eq(series->sent_frame, 4);
	ck_assert_uint_eq(series->gap_us[0], 200000);
	done();
	/* after an ACK of a part, with new data behind it: frame 5 waits */
	series = now(ONE "1.001 C>S PA 11:21(10) ack 1\n1.02 S>C A 1:1(0) ack 11\n1.1 C>S PA 21:31(10) ack 1\n"
	                 "1.3 C>S PA 11:21(10) ack 1\n");
	ck_assert_int_eq(series->sent_at, script_at(1.001));
	ck_assert_uint_eq(series->sent_frame, 5);
	done();
}
END_TEST

START_TEST(repeat_of_what_was_never_captured_began_with_itself)
{
	/* what was ACKed before it came is late when it comes, and a repeat when it comes again */
	const struct fl_series *series = now("0 C>S A 1:1(0) ack 1\n0.01 S>C A 1:1(0) ack 11\n"
	                                     "1 C>S PA 1:11(10) ack 1\n2 C>S PA 1:11(10) ack 1\n");

	ck_assert_int_eq(series->sent_at, script_at(2));
	ck_assert_uint_eq(series->sent_frame, 4);
	ck_assert_uint_eq(series->gap_us[0], 0);
	ck_assert(series->is_acked);
	done();
}
END_TEST

START_TEST(tail_of_what_was_sent_before_the_capture_began_with_itself)
{
	const struct fl_series *series = now(
		"0 C>S A 100:100(0) ack 1\n0.1 S>C A 1:1(0) ack 100\n1 C>S PA 90:100(10) ack 1\n");

	ck_assert_int_eq(series->sent_at, script_at(1));
	ck_assert_uint_eq(series->gap_us[0], 0);
	done();
}
END_TEST

/* What kind it is. */

START_TEST(series_of_syn_and_syn_ack)
{
	ck_assert_uint_eq(now("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n")->kind, FL_SERIES_SYN);
	done();
	ck_assert_uint_eq(
		trouble("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1 S>C SA 0:0(0) ack 1\n")->now[SERVER].kind,
		FL_SERIES_SYN_ACK);
	done();
}
END_TEST

START_TEST(series_of_a_fin_has_delivered_all_data)
{
	ck_assert_uint_eq(now(OPEN_NO_SACK "1 C>S FA 1:1(0) ack 1\n1.2 C>S FA 1:1(0) ack 1\n")->kind, FL_SERIES_FIN);
	done();
	/* the FIN comes with data that was ACKed */
	ck_assert_uint_eq(now(OPEN_NO_SACK "1 C>S FPA 1:11(10) ack 1\n1.01 S>C A 1:1(0) ack 11\n"
	                                   "1.2 C>S FPA 1:11(10) ack 1\n")
	                          ->kind,
	                  FL_SERIES_FIN);
	done();
	/* and with data that was not */
	ck_assert_uint_eq(now(OPEN_NO_SACK "1 C>S FPA 1:11(10) ack 1\n1.2 C>S FPA 1:11(10) ack 1\n")->kind,
	                  FL_SERIES_DATA);
	done();
	ck_assert_uint_eq(now(OPEN_NO_SACK "1 C>S FPA 1:11(10) ack 1\n1.01 S>C A 1:1(0) ack 10\n"
	                                   "1.2 C>S FPA 1:11(10) ack 1\n")
	                          ->kind,
	                  FL_SERIES_DATA);
	done();
}
END_TEST

START_TEST(fin_that_is_probed_with_first_is_data_all_the_same)
{
	const struct fl_series *series = now(OPEN "1 C>S PA 1:11(10) ack 1\n1 C>S FA 11:11(0) ack 1\n"
	                                          "1.007 C>S FA 11:11(0) ack 1\n1.2 C>S FPA 1:11(10) ack 1\n");

	ck_assert_uint_eq(series->repeats, 2);
	ck_assert_uint_eq(series->kind, FL_SERIES_DATA);
	done();
}
END_TEST

START_TEST(one_byte_is_data_and_no_fin)
{
	ck_assert_uint_eq(now(OPEN_NO_SACK "1 C>S PA 1:2(1) ack 1\n1.2 C>S PA 1:2(1) ack 1\n")->kind, FL_SERIES_DATA);
	done();
	ck_assert_uint_eq(
		now(OPEN_NO_SACK "1 C>S PA 1:2(1) ack 1\n1 C>S FA 2:2(0) ack 1\n1.2 C>S PA 1:2(1) ack 1\n")->kind,
		FL_SERIES_DATA);
	done();
}
END_TEST

/* How it ends. */

START_TEST(ack_of_the_first_byte_ends_a_series)
{
	const struct fl_series *series = now(REPEATED "2.5 S>C A 1:1(0) ack 2\n");

	ck_assert_int_eq(series->over_at, script_at(2.5));
	ck_assert_uint_eq(series->over_frame, 8);
	ck_assert_ptr_null(series_lasting(script_track_flow(&track), CLIENT));
	done();
	ck_assert_int_eq(now(REPEATED "2.5 S>C A 1:1(0) ack 1\n")->over_at, FL_TIME_NONE);
	done();
	/* an ACK that comes with data does, too */
	ck_assert_int_eq(now(REPEATED "2.5 S>C PA 1:11(10) ack 11\n")->over_at, script_at(2.5));
	done();
	/* what the sender itself says ends nothing */
	ck_assert_int_eq(now(REPEATED "2.5 C>S PA 11:21(10) ack 1\n")->over_at, FL_TIME_NONE);
	done();
	ck_assert_int_eq(now(REPEATED "2.5 C>S FA 11:11(0) ack 1\n")->over_at, FL_TIME_NONE);
	done();
}
END_TEST

/* Its receiver does not read, and the path lost nothing until then. */
START_TEST(time_of_a_closed_window_is_no_stall)
{
	const struct fl_trouble *sick = trouble(OPEN "1 C>S PA 1:11(10) ack 1\n1.01 S>C A 1:1(0) ack 1 win 0\n"
	                                             "2.2 S>C A 1:1(0) ack 1\n2.5 C>S PA 1:11(10) ack 1\n"
	                                             "2.52 S>C A 1:1(0) ack 11\n");

	ck_assert_int_eq(sick->stalled, 320 * FL_NS_PER_MS);
	done();
	sick = trouble(OPEN "1 C>S PA 1:11(10) ack 1\n2 C>S PA 1:11(10) ack 1\n2.01 S>C A 1:1(0) ack 1 win 0\n"
	                    "3 S>C A 1:1(0) ack 11\n");
	ck_assert_uint_eq(sick->stalls, 0);
	ck_assert_int_eq(sick->stalled, 0);
	done();
}
END_TEST

START_TEST(stall_is_the_time_without_the_round_trip)
{
	const struct fl_trouble *sick = trouble(REPEATED "2.5 S>C A 1:1(0) ack 11\n");

	ck_assert_uint_eq(sick->stalls, 1);
	ck_assert_int_eq(sick->stalled, 1500 * FL_NS_PER_MS - 20 * FL_NS_PER_MS);
	done();
	sick = trouble(REPEATED "2.5 S>C A 1:1(0) ack 11\n3 C>S PA 11:21(10) ack 1\n3.2 C>S PA 11:21(10) ack 1\n"
	                        "3.22 S>C A 1:1(0) ack 21\n");
	ck_assert_uint_eq(sick->stalls, 2);
	ck_assert_int_eq(sick->stalled, 1480 * FL_NS_PER_MS + 200 * FL_NS_PER_MS);
	ck_assert_uint_eq(sick->timed, 4);
	done();
}
END_TEST

START_TEST(answer_within_the_round_trip_is_no_stall)
{
	/* a round trip of 200 ms; the last byte is probed for sooner */
#define FAR \
	"0 C>S S 0:0(0) <sackok>\n" \
	"0.1 S>C SA 0:0(0) ack 1 <sackok>\n" \
	"0.2 C>S A 1:1(0) ack 1\n" \
	"1 C>S PA 1:11(10) ack 1\n" \
	"1 C>S PA 11:21(10) ack 1\n" \
	"1.1 C>S PA 11:21(10) ack 1\n"
	const struct fl_trouble *sick = trouble(FAR "1.2 S>C A 1:1(0) ack 21\n");

	ck_assert_int_eq(sick->now[CLIENT].over_at, script_at(1.2));
	ck_assert_uint_eq(sick->stalls, 0);
	ck_assert_int_eq(sick->stalled, 0);
	done();
	sick = trouble(FAR "1.200001 S>C A 1:1(0) ack 21\n");
	ck_assert_uint_eq(sick->stalls, 1);
	ck_assert_int_eq(sick->stalled, FL_NS_PER_US);
	done();
}
END_TEST

START_TEST(only_data_stalls)
{
	const struct fl_trouble *sick = trouble("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.01 S>C SA 0:0(0) ack 1\n");

	ck_assert_int_eq(sick->now[CLIENT].over_at, script_at(1.01));
	ck_assert_uint_eq(sick->stalls, 0);
	done();
	sick = trouble(OPEN_NO_SACK "1 C>S FA 1:1(0) ack 1\n1.2 C>S FA 1:1(0) ack 1\n1.3 S>C A 1:1(0) ack 2\n");
	ck_assert_int_eq(sick->now[CLIENT].over_at, script_at(1.3));
	ck_assert_uint_eq(sick->stalls, 0);
	done();
}
END_TEST

START_TEST(longest_series_of_data_is_kept)
{
#define TWO_SERIES(at, again, acked, next_at, next_again, next_acked) \
	OPEN_NO_SACK at " C>S PA 1:11(10) ack 1\n" again " C>S PA 1:11(10) ack 1\n" acked \
			" S>C A 1:1(0) ack 11\n" next_at " C>S PA 11:21(10) ack 1\n" next_again \
			" C>S PA 11:21(10) ack 1\n" next_acked " S>C A 1:1(0) ack 21\n"
#define THIRD "20 C>S PA 21:31(10) ack 1\n21 C>S PA 21:31(10) ack 1\n"
	const struct fl_trouble *sick = trouble(TWO_SERIES("1", "2", "3", "5", "6", "8"));

	ck_assert_int_eq(sick->now[CLIENT].sent_at, script_at(5));
	ck_assert_int_eq(sick->worst[CLIENT].sent_at, script_at(1));
	ck_assert_uint_eq(sick->worst[SERVER].kind, FL_SERIES_NONE);
	done();
	ck_assert_int_eq(trouble(TWO_SERIES("1", "2", "3", "5", "6", "8") THIRD)->worst[CLIENT].sent_at, script_at(5));
	done();
	ck_assert_int_eq(trouble(TWO_SERIES("1", "2", "4", "5", "6", "7") THIRD)->worst[CLIENT].sent_at, script_at(1));
	done();
	ck_assert_int_eq(trouble(TWO_SERIES("1", "2", "3", "5", "6", "7") THIRD)->worst[CLIENT].sent_at, script_at(1));
	done();
	/* later and shorter, and not by when it was over */
	ck_assert_int_eq(trouble(TWO_SERIES("1", "2", "3", "10", "11", "11.5") THIRD)->worst[CLIENT].sent_at,
	                 script_at(1));
	done();
}
END_TEST

START_TEST(series_of_a_fin_is_never_the_worst)
{
	const struct fl_trouble *sick = trouble(OPEN_NO_SACK "1 C>S FA 1:1(0) ack 1\n2 C>S FA 1:1(0) ack 1\n"
	                                                     "3 S>C A 1:1(0) ack 2\n5 C>S FA 1:1(0) ack 1\n");

	ck_assert_uint_eq(sick->now[CLIENT].kind, FL_SERIES_FIN);
	ck_assert(sick->now[CLIENT].is_acked);
	ck_assert_uint_eq(sick->worst[CLIENT].kind, FL_SERIES_NONE);
	done();
}
END_TEST

START_TEST(series_of_the_handshake_is_kept_apart)
{
	const struct fl_trouble *sick = trouble(
		"0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.01 S>C SA 0:0(0) ack 1\n1.02 C>S A 1:1(0) ack 1\n"
		"3 C>S PA 1:11(10) ack 1\n4 C>S PA 1:11(10) ack 1\n");

	ck_assert_uint_eq(sick->connect[CLIENT].kind, FL_SERIES_SYN);
	ck_assert_int_eq(sick->connect[CLIENT].over_at, script_at(1.01));
	ck_assert_uint_eq(sick->worst[CLIENT].kind, FL_SERIES_NONE);
	ck_assert_uint_eq(sick->now[CLIENT].kind, FL_SERIES_DATA);
	done();
	sick = trouble("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1 S>C SA 0:0(0) ack 1\n1.02 C>S A 1:1(0) ack 1\n"
	               "3 S>C PA 1:11(10) ack 1\n4 S>C PA 1:11(10) ack 1\n");
	ck_assert_uint_eq(sick->connect[SERVER].kind, FL_SERIES_SYN_ACK);
	ck_assert_uint_eq(sick->connect[CLIENT].kind, FL_SERIES_NONE);
	done();
}
END_TEST

/* What is heard while it lasts. */

START_TEST(peer_is_heard_and_proves_no_more)
{
	const struct fl_series *series = now(
		ONE "1.2 C>S PA 1:11(10) ack 1\n1.3 S>C PA 1:11(10) ack 1\n1.6 C>S PA 1:11(10) ack 1\n"
		    "1.7 S>C PA 11:21(10) ack 1\n1.8 S>C PA 21:31(10) ack 1\n");

	ck_assert_uint_eq(series->heard, 2);        /* since the second repeat */
	ck_assert_uint_eq(series->heard_trying, 0); /* before the last repeat */
	ck_assert_uint_eq(series->replies, 0);
	ck_assert_int_eq(series->over_at, FL_TIME_NONE);
	done();
	/* before the first one nothing was */
	ck_assert_uint_eq(now(ONE "1.1 S>C PA 1:11(10) ack 1\n1.2 C>S PA 1:11(10) ack 1\n")->heard, 0);
	done();
}
END_TEST

START_TEST(bare_ack_right_behind_a_repeat_is_a_reply)
{
	const struct fl_series *series = now(REPEATED "2.48 S>C A 1:1(0) ack 1\n");

	ck_assert_uint_eq(series->replies, 1); /* 60 ms and the round trip */
	ck_assert_int_eq(series->replied_at, script_at(2.48));
	ck_assert_uint_eq(series->dsacks, 0);
	done();
	series = now(REPEATED "2.480001 S>C A 1:1(0) ack 1\n");
	ck_assert_uint_eq(series->replies, 0);
	ck_assert_int_eq(series->replied_at, FL_TIME_NONE);
	ck_assert_uint_eq(series->heard, 1);
	done();
	ck_assert_uint_eq(now(REPEATED "2.41 S>C PA 1:11(10) ack 1\n")->replies, 0);
	done();
}
END_TEST

START_TEST(syn_ack_again_is_a_reply_at_any_time)
{
	/* KERNEL f2: the request waits for the third ACK, and takes no data */
	ck_assert_uint_eq(now(REPEATED "4 S>C SA 0:0(0) ack 1\n")->replies, 1);
	done();
}
END_TEST

START_TEST(rst_of_the_peer_explains_a_series)
{
	const struct fl_series *series = now(REPEATED "2.5 S>C R 1:1(0) win 0\n");

	ck_assert(series->is_reset && series->reset_by_peer && !series->reset_knows_less);
	ck_assert_int_eq(series->reset_at, script_at(2.5));
	ck_assert_uint_eq(series->reset_frame, 8);
	ck_assert_uint_eq(series->heard, 0);
	ck_assert_int_eq(series->over_at, FL_TIME_NONE);
	done();
}
END_TEST

START_TEST(rst_that_acks_no_byte_of_it_knows_less)
{
	ck_assert(now(REPEATED "2.5 S>C RA 1:1(0) ack 1 win 0\n")->reset_knows_less);
	done();
	ck_assert(!now(REPEATED "2.5 S>C RA 1:1(0) ack 2 win 0\n")->reset_knows_less);
	done();
	ck_assert(!now(REPEATED "2.5 S>C RA 1:1(0) ack 11 win 0\n")->reset_knows_less);
	done();
}
END_TEST

START_TEST(rst_of_the_sender_gives_up)
{
	const struct fl_series *series = now(REPEATED "2.5 C>S RA 11:11(0) ack 1 win 0\n");

	ck_assert(series->is_reset && !series->reset_by_peer && !series->reset_knows_less);
	ck_assert_int_eq(series->reset_at, script_at(2.5));
	done();
}
END_TEST

START_TEST(first_rst_that_counts_is_the_one)
{
	const struct fl_series *series = now(REPEATED "2.5 C>S RA 11:11(0) ack 1 win 0\n2.6 S>C R 1:1(0) win 0\n");

	ck_assert(!series->reset_by_peer);
	ck_assert_int_eq(series->reset_at, script_at(2.5));
	done();
	series = now(REPEATED "2.5 S>C R 900:900(0) win 0\n"); /* ignored by its receiver */
	ck_assert(!series->is_reset);
	done();
	series = now(REPEATED "2.5 S>C A 1:1(0) ack 11\n2.6 S>C R 1:1(0) win 0\n"); /* of one that is over */
	ck_assert(!series->is_reset);
	done();
	series = now(REPEATED "2.5 S>C A 1:1(0) ack 11\n2.6 C>S R 11:11(0) win 0\n");
	ck_assert(!series->is_reset);
	done();
}
END_TEST

START_TEST(old_connections_answer_does_not_end_a_syn_series)
{
	const struct fl_series *series = now("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.01 S>C A 700:700(0) ack 900\n");

	ck_assert_uint_eq(series->kind, FL_SERIES_SYN);
	ck_assert_int_eq(series->over_at, FL_TIME_NONE);
	ck_assert_uint_eq(series->heard, 0);
	done();
}
END_TEST

/* Its data was ACKed, and it does not know. */

/* Frame 4 at 1 s, ACKed; the server's ACKs of the repeats do not get through. */
#define UNHEARD ONE "1.01 S>C A 1:1(0) ack 11\n"

START_TEST(series_of_acked_bytes_lasts_until_its_sender_goes_on)
{
	static const char lasting[] = UNHEARD "1.2 C>S PA 1:11(10) ack 1\n1.21 S>C A 1:1(0) ack 11 <sack 1 11>\n"
					      "1.6 C>S PA 1:11(10) ack 1\n1.61 S>C A 1:1(0) ack 11 <sack 1 11>\n";
	const struct fl_series *series = now(lasting);

	ck_assert(series->is_acked && !series->is_tail);
	ck_assert_uint_eq(series->kind, FL_SERIES_DATA);
	ck_assert_uint_eq(series->repeats, 2);
	ck_assert_int_eq(series->sent_at, script_at(1)); /* all was ACKed: the last one sent */
	ck_assert_uint_eq(series->sent_frame, 4);
	ck_assert_uint_eq(series->gap_us[0], 200000);
	ck_assert_uint_eq(series->replies, 2);
	ck_assert_uint_eq(series->dsacks, 2);
	ck_assert_int_eq(series->over_at, FL_TIME_NONE);
	ck_assert_uint_eq(fl_tcp_trouble(script_track_flow(&track))->spurious, 2);
	done();
}
END_TEST

START_TEST(sender_that_goes_on_heard_the_last_reply)
{
	const struct fl_trouble *sick = trouble(UNHEARD "1.2 C>S PA 1:11(10) ack 1\n1.21 S>C A 1:1(0) ack 11\n"
	                                                "5 C>S PA 11:21(10) ack 1\n");

	ck_assert_int_eq(sick->now[CLIENT].over_at, script_at(1.21));
	ck_assert_uint_eq(sick->now[CLIENT].over_frame, 8);
	ck_assert_int_eq(sick->stalled, 190 * FL_NS_PER_MS);
	done();
	sick = trouble(UNHEARD "1.2 C>S PA 1:11(10) ack 1\n5 C>S PA 11:21(10) ack 1\n"); /* no reply was seen */
	ck_assert_int_eq(sick->now[CLIENT].over_at, script_at(5));
	done();
	sick = trouble(UNHEARD "1.2 C>S PA 1:11(10) ack 1\n5 C>S FA 11:11(0) ack 1\n");
	ck_assert_int_eq(sick->now[CLIENT].over_at, script_at(5));
	done();
	sick = trouble(UNHEARD "1.2 C>S PA 1:11(10) ack 1\n5 C>S A 11:11(0) ack 1\n");
	ck_assert_int_eq(sick->now[CLIENT].over_at, FL_TIME_NONE);
	done();
	sick = trouble(UNHEARD "1.2 C>S PA 1:11(10) ack 1\n5 S>C PA 1:11(10) ack 11\n");
	ck_assert_int_eq(sick->now[CLIENT].over_at, FL_TIME_NONE);
	done();
}
END_TEST

START_TEST(reply_before_the_end_is_no_end_of_a_series_that_was_not_acked)
{
	/* the first repeat drew a duplicate ACK, the next its ACK */
	const struct fl_series *series = now(ONE "1.2 C>S PA 1:11(10) ack 1\n1.21 S>C A 1:1(0) ack 1\n"
	                                         "1.6 C>S PA 1:11(10) ack 1\n1.7 S>C A 1:1(0) ack 11\n");

	ck_assert_int_eq(series->replied_at, script_at(1.21));
	ck_assert_int_eq(series->over_at, script_at(1.7));
	done();
}
END_TEST

START_TEST(acked_and_unacked_bytes_are_two_series)
{
	const struct fl_trouble *sick = trouble(
		ONE "1.2 C>S PA 1:11(10) ack 1\n1.21 S>C A 1:1(0) ack 11\n1.6 C>S PA 1:11(10) ack 1\n");

	ck_assert(sick->now[CLIENT].is_acked);
	ck_assert_uint_eq(sick->now[CLIENT].repeats, 1);
	ck_assert_int_eq(sick->worst[CLIENT].over_at, script_at(1.21));
	done();
	/* an is_acked one that lasts, and then the head of what was not */
	sick = trouble(OPEN_NO_SACK "1 C>S PA 1:11(10) ack 1\n1 C>S PA 11:21(10) ack 1\n1.01 S>C A 1:1(0) ack 11\n"
	                            "1.2 C>S PA 1:11(10) ack 1\n1.6 C>S PA 11:21(10) ack 1\n");
	ck_assert(!sick->now[CLIENT].is_acked);
	ck_assert_uint_eq(sick->now[CLIENT].repeats, 1);
	ck_assert_uint_eq(sick->worst[CLIENT].kind, FL_SERIES_NONE); /* that one was never over */
	done();
}
END_TEST

START_TEST(third_ack_ends_the_series_of_a_syn_whose_syn_ack_was_lost)
{
	static const char lost[] =
		"0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1 C>S S 0:0(0)\n1.01 S>C SA 0:0(0) ack 1\n"
		"1.02 C>S A 1:1(0) ack 1\n";
	const struct fl_series *series = now(lost);

	ck_assert_uint_eq(series->kind, FL_SERIES_SYN);
	ck_assert(series->is_acked);
	ck_assert_int_eq(series->over_at, script_at(1.02));
	done();
	ck_assert_int_eq(
		now("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1 C>S S 0:0(0)\n1.01 S>C SA 0:0(0) ack 1\n")->over_at,
		FL_TIME_NONE);
	done();
}
END_TEST

START_TEST(syn_series_behind_the_handshake_ends_as_others)
{
#define SYN_AGAIN OPEN "1 C>S S 0:0(0)\n"
	ck_assert_int_eq(now(SYN_AGAIN "2 C>S A 1:1(0) ack 1\n")->over_at, FL_TIME_NONE);
	done();
	ck_assert_int_eq(now(SYN_AGAIN "2 C>S PA 1:11(10) ack 1\n")->over_at, script_at(2));
	done();
	ck_assert_int_eq(now(SYN_AGAIN "2 C>S FA 1:1(0) ack 1\n")->over_at, script_at(2));
	done();
	/* that of a SYN-ACK does not end with an ACK of its sender */
	ck_assert_int_eq(trouble(OPEN "1 S>C SA 0:0(0) ack 1\n2 C>S PA 1:11(10) ack 1\n2 S>C A 1:1(0) ack 11\n")
	                         ->now[SERVER]
	                         .over_at,
	                 FL_TIME_NONE);
	done();
}
END_TEST

/* Causes. */

START_TEST(only_timers_make_a_series)
{
	const struct fl_trouble *sick = trouble(
		ONE "1.001 C>S PA 11:21(10) ack 1\n1.01 S>C A 1:1(0) ack 1\n1.011 C>S PA 1:11(10) ack 1\n");

	ck_assert_uint_eq(sick->now[CLIENT].kind, FL_SERIES_NONE);
	ck_assert_uint_eq(sick->asked_for, 1);
	ck_assert_uint_eq(sick->timed, 0);
	ck_assert_uint_eq(sick->spurious, 0);
	ck_assert_int_eq(sick->repeated_at[CLIENT], script_at(1.011));
	ck_assert_ptr_null(series_lasting(script_track_flow(&track), CLIENT));
	done();
	ck_assert_uint_eq(trouble(OPEN "1 C>S PA 1:11(10) ack 1\n1 C>S PA 11:21(10) ack 1\n1.01 S>C A 1:1(0) ack 1\n"
	                               "1.011 C>S PA 1:11(10) ack 1\n1.012 C>S PA 11:21(10) ack 1\n")
	                          ->asked_for,
	                  2);
	done();
	sick = trouble(ONE "1.001 C>S PA 1:11(10) ack 1\n");
	ck_assert_uint_eq(sick->now[CLIENT].kind, FL_SERIES_NONE);
	ck_assert_uint_eq(sick->asked_for, 0);
	done();
	ck_assert_uint_eq(trouble(OPEN "1 C>S PA 1:11(10) ack 1\n1.2 C>S PA 1:11(10) ack 1\n")->now[CLIENT].repeats, 1);
	done();
}
END_TEST

/* Probes. */

START_TEST(probes_are_counted_and_timed)
{
	const struct fl_trouble *sick = trouble(OPEN "60 C>S A 0:0(0) ack 1\n61 C>S A 0:0(0) ack 1\n"
	                                             "62.5 C>S A 0:0(0) ack 1\n");
	const struct fl_probes *probes = &sick->keepalives[CLIENT];

	ck_assert_uint_eq(probes->count, 3);
	ck_assert_uint_eq(probes->unanswered, 3);
	ck_assert_uint_eq(probes->answered, 0);
	ck_assert_int_eq(probes->answered_at, FL_TIME_NONE);
	ck_assert_int_eq(probes->first_at, script_at(60));
	ck_assert_uint_eq(probes->first_frame, 4);
	ck_assert_int_eq(probes->last_at, script_at(62.5));
	ck_assert_uint_eq(probes->last_frame, 6);
	ck_assert_int_eq(probes->unanswered_at, script_at(60));
	ck_assert_uint_eq(probes->unanswered_frame, 4);
	ck_assert_int_eq(probes->gap, 1500 * FL_NS_PER_MS);
	ck_assert_uint_eq(sick->keepalives[SERVER].count, 0);
	ck_assert_uint_eq(sick->window_probes[CLIENT].count, 0);
	done();
	ck_assert_int_eq(trouble(OPEN "60 C>S A 0:0(0) ack 1\n")->keepalives[CLIENT].gap, 0);
	done();
	ck_assert_int_eq(trouble(OPEN "60 C>S A 0:0(0) ack 1\n59 C>S A 0:0(0) ack 1\n")->keepalives[CLIENT].gap, 0);
	done(); /* a clock that stepped back */
}
END_TEST

START_TEST(answer_ends_a_run_of_probes)
{
	const struct fl_trouble *sick = trouble(OPEN "60 C>S A 0:0(0) ack 1\n61 C>S A 0:0(0) ack 1\n"
	                                             "61.01 S>C A 1:1(0) ack 1\n");
	const struct fl_probes *probes = &sick->keepalives[CLIENT];

	ck_assert_uint_eq(probes->unanswered, 0);
	ck_assert_uint_eq(probes->answered, 1);
	ck_assert_int_eq(probes->answered_at, script_at(61.01));
	ck_assert(!series_is_probed(script_track_flow(&track), CLIENT));
	done();
	sick = trouble(OPEN "60 C>S A 0:0(0) ack 1\n60.01 S>C A 1:1(0) ack 1\n60.02 S>C A 1:1(0) ack 1\n"
	                    "70 C>S A 0:0(0) ack 1\n");
	probes = &sick->keepalives[CLIENT];
	ck_assert_uint_eq(probes->answered, 1);
	ck_assert_int_eq(probes->answered_at, script_at(60.01));
	ck_assert_uint_eq(probes->unanswered, 1);
	ck_assert_int_eq(probes->unanswered_at, script_at(70));
	ck_assert_uint_eq(probes->unanswered_frame, 7);
	ck_assert_int_eq(probes->first_at, script_at(60));
	ck_assert(series_is_probed(script_track_flow(&track), CLIENT));
	ck_assert(!series_is_probed(script_track_flow(&track), SERVER));
	done();
}
END_TEST

START_TEST(whatever_the_peer_sends_but_an_rst_answers)
{
	ck_assert_uint_eq(
		trouble(OPEN "60 C>S A 0:0(0) ack 1\n61 S>C PA 1:11(10) ack 1\n")->keepalives[CLIENT].answered, 1);
	done();
	ck_assert_uint_eq(trouble(OPEN "60 C>S A 0:0(0) ack 1\n61 S>C R 1:1(0) win 0\n")->keepalives[CLIENT].answered,
	                  0);
	done();
	ck_assert_uint_eq(
		trouble(OPEN "60 C>S A 0:0(0) ack 1\n61 C>S PA 1:11(10) ack 1\n")->keepalives[CLIENT].answered, 0);
	done();
	/* both ask: each is the other's answer */
	ck_assert_uint_eq(trouble(OPEN "60 C>S A 0:0(0) ack 1\n61 S>C A 0:0(0) ack 1\n")->keepalives[CLIENT].answered,
	                  1);
	ck_assert_uint_eq(fl_tcp_trouble(script_track_flow(&track))->keepalives[SERVER].unanswered, 1);
	done();
}
END_TEST

START_TEST(probe_within_half_a_second_of_another_proves_nothing)
{
	ck_assert_uint_eq(
		trouble(OPEN "60 C>S A 0:0(0) ack 1\n60.45 C>S A 0:0(0) ack 1\n")->keepalives[CLIENT].unanswered, 2);
	done();
	ck_assert_uint_eq(
		trouble(OPEN "60 C>S A 0:0(0) ack 1\n60.449999 C>S A 0:0(0) ack 1\n")->keepalives[CLIENT].unanswered,
		1);
	ck_assert_uint_eq(fl_tcp_trouble(script_track_flow(&track))->keepalives[CLIENT].count, 2);
	done();
	/* measured from the probe before, also one that did not count */
	ck_assert_uint_eq(trouble(OPEN "60 C>S A 0:0(0) ack 1\n60.3 C>S A 0:0(0) ack 1\n60.6 C>S A 0:0(0) ack 1\n")
	                          ->keepalives[CLIENT]
	                          .unanswered,
	                  1);
	done();
}
END_TEST

START_TEST(probes_of_a_window_are_counted_apart)
{
	const struct fl_trouble *sick = trouble(
		OPEN "1 C>S PA 1:11(10) ack 1\n1.01 S>C A 1:1(0) ack 11 win 0\n1.3 C>S A 10:10(0) ack 1\n"
		     "1.31 S>C A 1:1(0) ack 11 win 0\n2 C>S A 10:10(0) ack 1\n");

	ck_assert_uint_eq(sick->window_probes[CLIENT].count, 2);
	ck_assert_uint_eq(sick->window_probes[CLIENT].answered, 1);
	ck_assert_uint_eq(sick->window_probes[CLIENT].unanswered, 1);
	ck_assert_uint_eq(sick->keepalives[CLIENT].count, 0);
	ck_assert(series_is_probed(script_track_flow(&track), CLIENT));
	done();
	sick = trouble(OPEN "1 C>S PA 1:11(10) ack 1\n1.01 S>C A 1:1(0) ack 11 win 0\n1.3 C>S A 10:10(0) ack 1\n"
	                    "2 C>S A 10:10(0) ack 1\n");
	ck_assert_uint_eq(sick->window_probes[CLIENT].answered, 0);
	ck_assert_uint_eq(sick->window_probes[CLIENT].unanswered, 2);
	done();
}
END_TEST

/* Closed windows. */

START_TEST(closed_window_is_timed_until_it_opens)
{
	const struct fl_trouble *sick = trouble(OPEN "1 S>C A 1:1(0) ack 1 win 0\n2 S>C A 1:1(0) ack 1 win 0\n");
	const struct fl_closed_window *closed = &sick->closed[SERVER];

	ck_assert_int_eq(closed->since, script_at(1));
	ck_assert_uint_eq(closed->frame, 4);
	ck_assert_uint_eq(closed->times, 1);
	ck_assert_int_eq(closed->longest, 0);
	ck_assert_int_eq(sick->closed[CLIENT].since, FL_TIME_NONE);
	done();
	sick = trouble(OPEN "1 S>C A 1:1(0) ack 1 win 0\n3 S>C A 1:1(0) ack 1 win 9\n10 S>C A 1:1(0) ack 1 win 0\n"
	                    "11 S>C A 1:1(0) ack 1 win 9\n");
	closed = &sick->closed[SERVER];
	ck_assert_int_eq(closed->since, FL_TIME_NONE);
	ck_assert_uint_eq(closed->times, 2);
	ck_assert_int_eq(closed->longest, 2 * FL_NS_PER_S);
	ck_assert_int_eq(closed->longest_since, script_at(1));
	done();
	sick = trouble(OPEN "1 S>C A 1:1(0) ack 1 win 0\n3 S>C A 1:1(0) ack 1 win 9\n10 S>C A 1:1(0) ack 1 win 0\n"
	                    "13 S>C A 1:1(0) ack 1 win 9\n14 S>C A 1:1(0) ack 1 win 0\n17 S>C A 1:1(0) ack 1 win 9\n");
	ck_assert_int_eq(sick->closed[SERVER].longest, 3 * FL_NS_PER_S);
	ck_assert_int_eq(sick->closed[SERVER].longest_since, script_at(10)); /* the first of the longest */
	done();
	ck_assert_int_eq(
		trouble(OPEN "1 S>C A 1:1(0) ack 1 win 0\n1.000001 S>C A 1:1(0) ack 1 win 1\n")->closed[SERVER].longest,
		FL_NS_PER_US);
	done();
}
END_TEST

START_TEST(windows_of_syn_and_rst_say_nothing)
{
	const struct fl_trouble *sick = trouble(OPEN "1 S>C A 1:1(0) ack 1 win 0\n2 S>C R 1:1(0) win 0\n");

	ck_assert_int_eq(sick->closed[SERVER].since, script_at(1));
	done();
	sick = trouble(OPEN "1 S>C A 1:1(0) ack 1 win 0\n2 S>C R 1:1(0) win 9\n");
	ck_assert_int_eq(sick->closed[SERVER].since, script_at(1));
	done();
	sick = trouble(OPEN "1 S>C A 1:1(0) ack 1 win 0\n2 S>C SA 0:0(0) ack 1 win 9\n");
	ck_assert_int_eq(sick->closed[SERVER].since, script_at(1));
	done();
	sick = trouble(OPEN "1 C>S A 1:1(0) ack 1 win 0\n2 C>S S 0:0(0) win 9\n");
	ck_assert_int_eq(sick->closed[CLIENT].since, script_at(1));
	done();
}
END_TEST

/* What the gaps say. */

static struct fl_series made_of(uint8_t kind, const double *ms, uint32_t repeats)
{
	struct fl_series series = { .kind = kind, .repeats = repeats };
	double at = 0;

	for (uint32_t i = 0; i < repeats; i++) {
		series.gap_us[i] = (uint32_t)(ms[i] * 1000 + 0.5);
		at += ms[i];
		if (i == 0)
			series.first_at = SCRIPT_START + (int64_t)(at * 1e6);
	}
	series.last_at = SCRIPT_START + (int64_t)(at * 1e6);
	return series;
}

static struct fl_series of_data(double first, double second, double third)
{
	const double ms[] = { first, second, third };

	return made_of(FL_SERIES_DATA, ms, third > 0 ? 3 : second > 0 ? 2 : 1);
}

static int begins(double first, double second)
{
	struct fl_series series = of_data(first, second, 0);

	return fl_series_begins_with_tlp(&series);
}

START_TEST(second_gap_tells_a_tail_loss_probe)
{
	ck_assert_int_eq(begins(206, 0), -1);
	ck_assert_int_eq(begins(206, 208), 1);
	ck_assert_int_eq(begins(208, 440), 0);
	ck_assert_int_eq(begins(1000, 3040), 1); /* no timestamps, and the SYN was lost: 3 s */
	ck_assert_int_eq(begins(200, 299.999), 1);
	ck_assert_int_eq(begins(200, 300), 0);
	ck_assert_int_eq(begins(200, 500), 0);
	ck_assert_int_eq(begins(200, 500.001), 1);
}
END_TEST

START_TEST(tail_is_a_probe_and_a_handshake_is_none)
{
	struct fl_series series = of_data(7, 0, 0);

	series.is_tail = true;
	ck_assert_int_eq(fl_series_begins_with_tlp(&series), 1);
	for (series.kind = FL_SERIES_SYN; series.kind <= FL_SERIES_FIN; series.kind++) {
		series.is_tail = false;
		ck_assert_int_eq(fl_series_begins_with_tlp(&series),
		                 series.kind == FL_SERIES_DATA || series.kind == FL_SERIES_FIN ? -1 : 0);
	}
}
END_TEST

/* What Linux sends first may be new data: a tail loss probe that is no repeat, and the timer begins behind it. */
START_TEST(oldest_of_several_sent_again_is_no_tail_loss_probe)
{
	const struct fl_series *series = now(
		OPEN "1 C>S PA 1:11(10) ack 1\n1.003 C>S PA 11:21(10) ack 1\n1.2 C>S PA 21:31(10) ack 1\n"
		     "1.524 C>S PA 1:11(10) ack 1\n");
	int64_t first, least, most;

	ck_assert(series->is_head && !series->is_tail);
	ck_assert_int_eq(fl_series_begins_with_tlp(series), 0);
	ck_assert_uint_eq(fl_series_rtos(series, &first), 1);
	ck_assert_int_eq(first, script_at(1.524));
	fl_series_next(series, &least, &most); /* it may have run for less than the 524 ms that were waited */
	ck_assert_int_le(least, script_at(1.524 + .47));
	done();
	series = now(OPEN "1 C>S PA 1:11(10) ack 1\n1.003 C>S PA 11:21(10) ack 1\n1.2 C>S PA 21:31(10) ack 1\n"
	                  "1.524 C>S PA 1:11(10) ack 1\n2.172 C>S PA 1:11(10) ack 1\n");
	ck_assert_int_eq(fl_series_begins_with_tlp(series), 0); /* though the second gap is not twice the first */
	ck_assert_uint_eq(fl_series_rtos(series, &first), 2);
	done();
	ck_assert(!now(OPEN "1 C>S PA 1:11(10) ack 1\n1.3 C>S PA 1:11(10) ack 1\n")->is_head);
	done();
}
END_TEST

START_TEST(timers_repeats_are_all_but_the_probe)
{
	struct fl_series series = of_data(206, 208, 440);
	int64_t first;

	ck_assert_uint_eq(fl_series_rtos(&series, &first), 2);
	ck_assert_int_eq(first, SCRIPT_START + 414 * FL_NS_PER_MS);
	series = of_data(208, 440, 832);
	ck_assert_uint_eq(fl_series_rtos(&series, &first), 3);
	ck_assert_int_eq(first, SCRIPT_START + 208 * FL_NS_PER_MS);
	series = of_data(208, 0, 0); /* a lone one may be a probe */
	ck_assert_uint_eq(fl_series_rtos(&series, &first), 0);
	ck_assert_int_eq(first, FL_TIME_NONE);
	series.kind = FL_SERIES_SYN;
	ck_assert_uint_eq(fl_series_rtos(&series, &first), 1);
	ck_assert_int_eq(first, SCRIPT_START + 208 * FL_NS_PER_MS);
	series.repeats = 0;
	ck_assert_uint_eq(fl_series_rtos(&series, &first), 0);
	ck_assert_int_eq(first, FL_TIME_NONE);
	series = of_data(206, 208, 0);
	ck_assert_uint_eq(fl_series_rtos(&series, &first), 1);
	ck_assert_int_eq(first, SCRIPT_START + 414 * FL_NS_PER_MS);
}
END_TEST

START_TEST(last_gap_is_that_before_the_last_repeat)
{
	struct fl_series series = of_data(206, 208, 440);

	ck_assert_int_eq(fl_series_last_gap(&series), 440 * FL_NS_PER_MS);
	series.repeats = 1;
	ck_assert_int_eq(fl_series_last_gap(&series), 206 * FL_NS_PER_MS);
	series.repeats = 0;
	ck_assert_int_eq(fl_series_last_gap(&series), 0);
}
END_TEST

/* The next repeat is due so many ms after the last one. */
static void is_due(const struct fl_series *series, double least_ms, double most_ms)
{
	int64_t least, most;

	fl_series_next(series, &least, &most);
	ck_assert_int_eq((least - series->last_at) / FL_NS_PER_US, (int64_t)(least_ms * 1000));
	ck_assert_int_eq((most - series->last_at) / FL_NS_PER_US, (int64_t)(most_ms * 1000));
	ck_assert(!fl_series_stopped(series, most));
	ck_assert(fl_series_stopped(series, most + 1));
}

START_TEST(next_gap_is_twice_the_last_and_late_by_an_eighth)
{
	struct fl_series series = of_data(200, 450, 900);

	/* The timer was 792 to 900 ms, or a little shorter still; twice that, and at most an eighth and 10 ms late. */
	is_due(&series, 2 * (900 - 100 - 10), 1800 + 225 + 10);
	series = of_data(200, 450, 0);
	is_due(&series, 2 * (450 - 50 - 10), 900 + 112.5 + 10);
	series.kind = FL_SERIES_SYN_ACK;
	is_due(&series, 2 * (450 - 50 - 10), 900 + 112.5 + 10);
}
END_TEST

START_TEST(flat_gaps_may_stay_flat)
{
	struct fl_series series = of_data(200, 300, 399.999);

	is_due(&series, 399.999 - 44.444333 - 10, 799.998 + 99.99975 + 10);
	series = of_data(200, 300, 400);
	is_due(&series, 2 * (400 - 44.444444 - 10), 800 + 100 + 10);
	series = of_data(206, 208, 0); /* behind a tail loss probe the next is doubled, or not */
	is_due(&series, 208 - 23.111111 - 10, 416 + 52 + 10);
}
END_TEST

START_TEST(syn_gaps_double_or_not)
{
	const double linear[] = { 1000, 1000, 2000 };
	struct fl_series series = made_of(FL_SERIES_SYN, linear, 1);

	is_due(&series, 1000 - 111.111111 - 10, 2000 + 250 + 10);
	series = made_of(FL_SERIES_SYN, linear, 3);
	is_due(&series, 2000 - 222.222222 - 10, 4000 + 500 + 10);
}
END_TEST

START_TEST(lone_repeat_may_be_a_probe_before_a_longer_timer)
{
	struct fl_series series = of_data(207, 0, 0);

	is_due(&series, 207 - 23 - 10, 1000 + 125 + 10);
	series = of_data(333.3, 0, 0);
	is_due(&series, 333.3 - 37.033333 - 10, 1000 + 125 + 10);
	series = of_data(400, 0, 0);
	is_due(&series, 400 - 44.444444 - 10, 1200 + 150 + 10);
	series = of_data(900, 0, 0); /* 3 s behind 1 s, where the SYN was lost and there are no timestamps */
	is_due(&series, 900 - 100 - 10, 2700 + 337.5 + 10);
	series = of_data(9, 0, 0);
	is_due(&series, 0, 1000 + 125 + 10);
}
END_TEST

START_TEST(tail_loss_probe_says_nothing_of_the_timer_behind_it)
{
	/* KERNEL b3: 7 ms, then 208 ms, then twice that */
	struct fl_series series = of_data(7, 0, 0);

	series.is_tail = true;
	is_due(&series, 0, 1000 + 125 + 10);
	series = of_data(207, 0, 0);
	series.is_tail = true;
	is_due(&series, 207 - 23 - 10, 1000 + 125 + 10);
	series = of_data(7, 207, 0);
	series.is_tail = true;
	is_due(&series, 2 * (207 - 23 - 10), 414 + 51.75 + 10);
}
END_TEST

START_TEST(timer_is_at_most_120_s)
{
	struct fl_series series = of_data(26000, 52000, 108000);

	is_due(&series, 120000, 120000 + 15000 + 10);
	series = of_data(26000, 52000, 67500); /* flat it is not, and twice 60 s less a little */
	series.gap_us[1] = 30000000;
	is_due(&series, 2 * (67500 - 7500 - 10), 120000 + 15000 + 10);
	series = of_data(52000, 108000, 120832); /* flat at its cap */
	is_due(&series, 120832 - 13425.777777 - 10, 120832 + 15104 + 10);
	series = of_data(30000, 60000, 134999.999);
	is_due(&series, 120000, 134999.999 + 16874.999875 + 10);
	series = of_data(30000, 60000, 135000); /* longer than any kernel's timer */
	is_due(&series, 2 * (135000 - 15000 - 10), 135000 + 16875 + 10);
	series = of_data(15000, 30000, 59000);
	is_due(&series, 2 * (59000 - 6555.555555 - 10), 118000 + 14750 + 10);
}
END_TEST

START_TEST(gaps_beyond_the_twentieth_go_on_like_it)
{
	double ms[FL_STEPS];
	struct fl_series series;

	for (unsigned i = 0; i < FL_STEPS; i++)
		ms[i] = 1000;
	ms[FL_STEPS - 1] = 1800;
	series = made_of(FL_SERIES_DATA, ms, FL_STEPS);
	is_due(&series, 2 * (1800 - 200 - 10), 3600 + 450 + 10);
	series.repeats = FL_STEPS + 5;
	is_due(&series, 2 * (1800 - 200 - 10), 3600 + 450 + 10);
}
END_TEST

UNIT_MAIN("series", healthy_flow_has_no_trouble, gaps_of_a_series_are_kept, gaps_beyond_the_twentieth_are_counted_only,
          gap_longer_than_can_be_kept_is_capped, range_of_a_series_grows_with_its_repeats,
          tail_loss_probe_waited_since_the_last_segment, failure_began_when_the_oldest_byte_was_sent,
          repeat_of_what_was_never_captured_began_with_itself,
          tail_of_what_was_sent_before_the_capture_began_with_itself, series_of_syn_and_syn_ack,
          series_of_a_fin_has_delivered_all_data, fin_that_is_probed_with_first_is_data_all_the_same,
          one_byte_is_data_and_no_fin, ack_of_the_first_byte_ends_a_series, time_of_a_closed_window_is_no_stall,
          stall_is_the_time_without_the_round_trip, answer_within_the_round_trip_is_no_stall, only_data_stalls,
          longest_series_of_data_is_kept, series_of_a_fin_is_never_the_worst, series_of_the_handshake_is_kept_apart,
          peer_is_heard_and_proves_no_more, bare_ack_right_behind_a_repeat_is_a_reply,
          syn_ack_again_is_a_reply_at_any_time, rst_of_the_peer_explains_a_series,
          rst_that_acks_no_byte_of_it_knows_less, rst_of_the_sender_gives_up, first_rst_that_counts_is_the_one,
          old_connections_answer_does_not_end_a_syn_series, series_of_acked_bytes_lasts_until_its_sender_goes_on,
          sender_that_goes_on_heard_the_last_reply, reply_before_the_end_is_no_end_of_a_series_that_was_not_acked,
          acked_and_unacked_bytes_are_two_series, third_ack_ends_the_series_of_a_syn_whose_syn_ack_was_lost,
          syn_series_behind_the_handshake_ends_as_others, only_timers_make_a_series, probes_are_counted_and_timed,
          answer_ends_a_run_of_probes, whatever_the_peer_sends_but_an_rst_answers,
          probe_within_half_a_second_of_another_proves_nothing, probes_of_a_window_are_counted_apart,
          closed_window_is_timed_until_it_opens, windows_of_syn_and_rst_say_nothing, second_gap_tells_a_tail_loss_probe,
          tail_is_a_probe_and_a_handshake_is_none, oldest_of_several_sent_again_is_no_tail_loss_probe,
          timers_repeats_are_all_but_the_probe, last_gap_is_that_before_the_last_repeat,
          next_gap_is_twice_the_last_and_late_by_an_eighth, flat_gaps_may_stay_flat, syn_gaps_double_or_not,
          lone_repeat_may_be_a_probe_before_a_longer_timer, tail_loss_probe_says_nothing_of_the_timer_behind_it,
          timer_is_at_most_120_s, gaps_beyond_the_twentieth_go_on_like_it)
