/* A jump of the capture's clock is one only when both ends' timestamps deny it: a path that holds packets back looks
 * the same at its one end. */
#include "run/clock.h"
#include "script.h"
#include "unit.h"

#define TALK \
	"0 C>S S 0:0(0) <mss 1460,ts 1000 0>\n" \
	"+0.01 S>C SA 0:0(0) ack 1 <mss 1460,ts 5000 1000>\n" \
	"+0.01 C>S A 1:1(0) ack 1 <ts 1020 5000>\n" \
	"1 C>S PA 1:11(10) ack 1 <ts 2000 5000>\n" \
	"+0.01 S>C A 1:1(0) ack 11 <ts 5990 2000>\n"

enum { CLIENT, SERVER };

static struct script_track track;
static struct clock_jumps jumps;

static void begin(void)
{
	script_track_init(&track, TALK);
	jumps = (struct clock_jumps){ 0 };
}

/* A packet of `dir` at `at`, whose timestamp says that `ticks` ms passed since its last one; the frame before it was at
 * `before`; `host`: another last byte of its address, 0 for its own. */
static void take_from(uint8_t host, unsigned dir, double at, uint32_t ticks, double before, uint64_t frame)
{
	const struct fl_flow *flow = script_track_flow(&track);
	struct fl_packet packet = { .at = script_at(at), .number = frame };
	uint16_t port;

	fl_flow_endpoint(flow, dir, &packet.source, &port);
	fl_flow_endpoint(flow, !dir, &packet.target, &port);
	packet.source.bytes[3] = host ? host : packet.source.bytes[3];
	packet.options.present = FL_OPT_TIMESTAMP;
	packet.options.ts_value = flow->cold->ts_value[dir] + ticks;
	clock_take(&jumps, flow, &packet, dir, script_at(before));
}

static void take(unsigned dir, double at, uint32_t ticks, double before, uint64_t frame)
{
	take_from(0, dir, at, ticks, before, frame);
}

/* A link that held what several hosts sent, and delivers all of it at once. */
START_TEST(third_host_is_not_the_other_end)
{
	begin();
	take(CLIENT, 3601, 2, 1.01, 6);
	take_from(99, SERVER, 3601.01, 2, 3601, 7);
	ck_assert_uint_eq(jumps.total, 0);
	script_track_deinit(&track);
}
END_TEST

START_TEST(jump_that_both_ends_deny_is_one)
{
	begin();
	take(CLIENT, 3601, 2, 1.01, 6);
	ck_assert_uint_eq(jumps.total, 0);
	take(SERVER, 3601.01, 2, 3601, 7);
	ck_assert_uint_eq(jumps.total, 1);
	ck_assert_uint_eq(jumps.count, 1);
	ck_assert_int_eq(jumps.item[0].from, script_at(1.01));
	ck_assert_int_eq(jumps.item[0].to, script_at(3601));
	ck_assert_uint_eq(jumps.item[0].frame, 6);
	take(SERVER, 3602, 3, 3601.01, 8); /* once */
	ck_assert_uint_eq(jumps.total, 1);
	script_track_deinit(&track);
}
END_TEST

START_TEST(packets_that_the_path_held_back_are_no_jump)
{
	begin();
	take(CLIENT, 4, 100, 1.01, 6);  /* sent at 1.1 */
	take(SERVER, 4.01, 3000, 4, 7); /* its clock ran on */
	take(SERVER, 9, 100, 8.9, 8);
	ck_assert_uint_eq(jumps.total, 0);
	script_track_deinit(&track);
}
END_TEST

START_TEST(one_end_alone_proves_nothing)
{
	begin();
	take(CLIENT, 3601, 2, 1.01, 6);
	take(CLIENT, 3602, 3, 3601, 7);
	ck_assert_uint_eq(jumps.total, 0);
	script_track_deinit(&track);
}
END_TEST

START_TEST(time_that_the_timestamps_know_of_is_no_jump)
{
	begin();
	take(CLIENT, 3601, 3600000, 1.01, 6);
	take(SERVER, 3601.01, 3600000, 3601, 7);
	ck_assert_uint_eq(jumps.total, 0);
	/* a clock of ten ticks a second says the same with fewer */
	take(CLIENT, 3601, 36000, 1.01, 6);
	take(SERVER, 3601.01, 36000, 3601, 7);
	ck_assert_uint_eq(jumps.total, 0);
	script_track_deinit(&track);
}
END_TEST

START_TEST(pause_of_less_than_two_seconds_is_not_asked_about)
{
	begin();
	take(CLIENT, 3.009, 0, 1.01, 6);
	take(SERVER, 3.009, 0, 1.01, 7);
	ck_assert_uint_eq(jumps.total, 0);
	script_track_deinit(&track);
}
END_TEST

UNIT_MAIN("clock", third_host_is_not_the_other_end, jump_that_both_ends_deny_is_one,
          packets_that_the_path_held_back_are_no_jump, one_end_alone_proves_nothing,
          time_that_the_timestamps_know_of_is_no_jump, pause_of_less_than_two_seconds_is_not_asked_about)
