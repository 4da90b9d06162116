/* The round trip: of the handshake where it tells one, else of the quickest ACKs. */
#include "script.h"
#include "unit.h"

static struct script_track track;

static int64_t rtt(const char *text)
{
	int64_t result;

	script_track_init(&track, text);
	result = fl_tcp_rtt(script_track_flow(&track));
	script_track_deinit(&track);
	return result;
}

static struct fl_cold cold(const char *text)
{
	struct fl_cold result;

	script_track_init(&track, text);
	result = *script_track_flow(&track)->cold;
	script_track_deinit(&track);
	return result;
}

START_TEST(handshake_holds_both_halves)
{
	static const char open[] = "0 C>S S 0:0(0)\n0.03 S>C SA 0:0(0) ack 1\n0.05 C>S A 1:1(0) ack 1\n";

	ck_assert_int_eq(rtt(open), 50 * FL_NS_PER_MS);
	ck_assert_uint_eq(cold(open).rtt_us, 50000);
	ck_assert_uint_eq(cold(open).synack_us, 30000);
}
END_TEST

START_TEST(half_a_handshake_is_the_half_that_is_known)
{
	static const char half[] = "0 C>S S 0:0(0)\n0.03 S>C SA 0:0(0) ack 1\n";

	ck_assert_int_eq(rtt("0 C>S S 0:0(0)\n"), 0);
	ck_assert_int_eq(rtt(half), 30 * FL_NS_PER_MS);
	ck_assert_uint_eq(cold(half).rtt_us, UINT32_MAX);
	ck_assert_uint_eq(cold(half).synack_us, 30000);
}
END_TEST

START_TEST(only_the_first_handshake_counts)
{
	ck_assert_int_eq(rtt("0 C>S S 0:0(0)\n0.03 S>C SA 0:0(0) ack 1\n0.05 C>S A 1:1(0) ack 1\n"
	                     "1 S>C PA 1:11(10) ack 1\n1.9 C>S A 1:1(0) ack 11\n"),
	                 50 * FL_NS_PER_MS);
}
END_TEST

START_TEST(data_that_completes_the_handshake_measures_it)
{
	ck_assert_int_eq(rtt("0 C>S S 0:0(0)\n0.03 S>C SA 0:0(0) ack 1\n0.05 C>S PA 1:11(10) ack 1\n"),
	                 50 * FL_NS_PER_MS);
}
END_TEST

START_TEST(repeated_syn_measures_nothing)
{
	static const char again[] =
		"0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.03 S>C SA 0:0(0) ack 1\n1.05 C>S A 1:1(0) ack 1\n";
	static const char late[] = "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n3 C>S S 0:0(0)\n3.03 S>C SA 0:0(0) ack 1\n"
				   "3.05 C>S A 1:1(0) ack 1\n";

	ck_assert_uint_eq(cold(again).rtt_us, UINT32_MAX);
	ck_assert_uint_eq(cold(again).synack_us, UINT32_MAX);
	ck_assert_int_eq(rtt(again), 20 * FL_NS_PER_MS); /* the other half is known */
	ck_assert_uint_eq(cold(late).rtt_us, UINT32_MAX);
}
END_TEST

START_TEST(repeated_syn_ack_measures_nothing)
{
	/* The first one was lost behind the place of capture, or its answer before it: a second is no round trip. */
	static const char again[] = "0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n1.01 S>C SA 0:0(0) ack 1\n"
				    "1.03 C>S A 1:1(0) ack 1\n";

	ck_assert_uint_eq(cold(again).rtt_us, UINT32_MAX);
	ck_assert_uint_eq(cold(again).synack_us, 10000);
	ck_assert_int_eq(rtt(again), 10 * FL_NS_PER_MS);
}
END_TEST

START_TEST(syn_ack_repeated_after_the_handshake_takes_nothing_back)
{
	ck_assert_int_eq(rtt("0 C>S S 0:0(0)\n0.03 S>C SA 0:0(0) ack 1\n0.05 C>S A 1:1(0) ack 1\n"
	                     "1 S>C SA 0:0(0) ack 1\n1.01 C>S A 1:1(0) ack 1\n"),
	                 50 * FL_NS_PER_MS);
}
END_TEST

START_TEST(ack_before_the_syn_ack_completes_nothing)
{
	/* the answer of an old connection to the SYN */
	static const char old[] = "0 C>S S 0:0(0)\n0.01 S>C A 500:500(0) ack 700\n";

	ck_assert_uint_eq(cold(old).rtt_us, UINT32_MAX);
	/* or that of a server whose SYN-ACK was not captured: only the client's completes it */
	ck_assert_uint_eq(cold("0 C>S S 0:0(0)\n0.01 S>C A 1:1(0) ack 1\n").rtt_us, UINT32_MAX);
}
END_TEST

START_TEST(rst_completes_nothing)
{
	ck_assert_uint_eq(cold("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n0.02 C>S R 1:1(0)\n").rtt_us, UINT32_MAX);
}
END_TEST

START_TEST(without_a_handshake_the_quickest_acks_tell)
{
	ck_assert_int_eq(rtt("0 C>S PA 1:11(10) ack 1\n"), 0);
	ck_assert_int_eq(rtt("0 C>S PA 1:11(10) ack 1\n0.03 S>C A 1:1(0) ack 11\n"), 30 * FL_NS_PER_MS);
	ck_assert_int_eq(rtt("0 C>S PA 1:11(10) ack 1\n0.03 S>C PA 1:11(10) ack 11\n0.05 C>S A 11:11(0) ack 11\n"),
	                 50 * FL_NS_PER_MS);
	ck_assert_uint_eq(cold("0 C>S PA 1:11(10) ack 1\n0.03 S>C A 1:1(0) ack 11\n").rtt_us, UINT32_MAX);
}
END_TEST

START_TEST(handshake_longer_than_can_be_told_is_capped)
{
	ck_assert_uint_eq(cold("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n5000 C>S A 1:1(0) ack 1\n").rtt_us,
	                  UINT32_MAX - 1);
	ck_assert_uint_eq(cold("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n4294.967293 C>S A 1:1(0) ack 1\n").rtt_us,
	                  UINT32_MAX - 2);
}
END_TEST

UNIT_MAIN("round_trip", handshake_holds_both_halves, half_a_handshake_is_the_half_that_is_known,
          only_the_first_handshake_counts, data_that_completes_the_handshake_measures_it, repeated_syn_measures_nothing,
          repeated_syn_ack_measures_nothing, syn_ack_repeated_after_the_handshake_takes_nothing_back,
          ack_before_the_syn_ack_completes_nothing, rst_completes_nothing, without_a_handshake_the_quickest_acks_tell,
          handshake_longer_than_can_be_told_is_capped)
