/* How a connection ended when it did not end in order: its first RST that counted, the SYN that took its place, and
 * what ICMP errors said of it. */
#include "tcp/ending.h"

#include "script.h"
#include "unit.h"

#define HANDSHAKE \
	"0 C>S S 0:0(0) <mss 1460,sackok>\n" \
	"0.01 S>C SA 0:0(0) ack 1 <mss 1460,sackok>\n" \
	"0.02 C>S A 1:1(0) ack 1\n"

/* Frames 4 to 7: a request, and its answer. */
#define ANSWERED \
	HANDSHAKE "1 C>S PA 1:51(50) ack 1\n1.01 S>C A 1:1(0) ack 51\n1.1 S>C PA 1:81(80) ack 51\n" \
		  "1.11 C>S A 51:51(0) ack 81\n"

enum { CLIENT, SERVER };

static struct script_track track;

/* The ending of the last packet's flow; the track is to be deinited. */
static const struct fl_ending *ending_of(const char *text)
{
	script_track_init(&track, text);
	return fl_tcp_ending(script_track_flow(&track));
}

START_TEST(connection_that_goes_on_has_no_ending)
{
	ck_assert_ptr_null(ending_of(ANSWERED));
	script_track_deinit(&track);
	ck_assert_ptr_null(ending_of(ANSWERED "2 C>S FA 51:51(0) ack 81\n2.01 S>C FA 81:81(0) ack 52\n"
	                                      "2.02 C>S A 52:52(0) ack 82\n"));
	script_track_deinit(&track);
}
END_TEST

START_TEST(ending_tells_when_it_was_whose_and_of_which_form)
{
	const struct fl_ending *ending = ending_of(ANSWERED "2 S>C RA 81:81(0) ack 51 win 0 ttl 57\n");

	ck_assert_ptr_nonnull(ending);
	ck_assert_int_eq(ending->at, script_at(2));
	ck_assert_uint_eq(ending->frame, 8);
	ck_assert_uint_eq(ending->dir, SERVER);
	ck_assert_uint_eq(ending->ttl, 57);
	ck_assert_uint_eq(ending->classes, FL_SEG_RST | FL_SEG_RST_ACTIVE | FL_SEG_RST_FOREIGN);
	script_track_deinit(&track);
	ending = ending_of(ANSWERED "2 C>S R 51:51(0) win 0\n");
	ck_assert_uint_eq(ending->dir, CLIENT);
	ck_assert_uint_eq(ending->classes, FL_SEG_RST | FL_SEG_RST_NO_SOCKET);
	script_track_deinit(&track);
	ending = ending_of("0 C>S S 0:0(0)\n1 S>C RA 0:0(0) ack 1 win 0\n");
	ck_assert_uint_eq(ending->classes, FL_SEG_RST | FL_SEG_RST_REFUSED);
	script_track_deinit(&track);
}
END_TEST

START_TEST(ending_knows_what_was_under_way)
{
	const struct fl_ending *ending = ending_of(ANSWERED "2 C>S PA 51:61(10) ack 81\n2.1 S>C PA 81:181(100) ack 51\n"
	                                                    "3 C>S RA 61:61(0) ack 81 win 0\n");

	ck_assert_uint_eq(ending->waiting[CLIENT], 10);
	ck_assert_uint_eq(ending->waiting[SERVER], 100);
	script_track_deinit(&track);
	ending = ending_of(ANSWERED "3 C>S RA 51:51(0) ack 81 win 0\n");
	ck_assert_uint_eq(ending->waiting[CLIENT], 0);
	ck_assert_uint_eq(ending->waiting[SERVER], 0);
	script_track_deinit(&track);
}
END_TEST

START_TEST(quiet_before_an_answering_reset_is_that_of_its_sender)
{
	/* The server said nothing from 1.1 s on until the client spoke at 71.1 s. */
	const struct fl_ending *ending = ending_of(ANSWERED
	                                           "71.1 C>S PA 51:61(10) ack 81\n71.2 S>C R 81:81(0) win 0\n");

	ck_assert_int_eq(ending->quiet, 70 * FL_NS_PER_S);
	script_track_deinit(&track);
	/* Its sender had spoken last: nothing is answered. */
	ending = ending_of(ANSWERED "50 S>C PA 81:91(10) ack 51\n71.2 S>C R 91:91(0) win 0\n");
	ck_assert_int_eq(ending->quiet, 0);
	script_track_deinit(&track);
	/* Its sender was not captured before. */
	ending = ending_of("1 C>S PA 51:61(10) ack 81\n1.2 S>C R 81:81(0) win 0\n");
	ck_assert_int_eq(ending->quiet, 0);
	script_track_deinit(&track);
}
END_TEST

START_TEST(first_reset_that_counted_is_the_ending)
{
	const struct fl_ending *ending = ending_of(
		ANSWERED "2 S>C RA 81:81(0) ack 51 win 0\n3 C>S R 51:51(0) win 0\n4 S>C R 81:81(0) win 0\n");

	ck_assert_uint_eq(ending->frame, 8);
	ck_assert_uint_eq(ending->dir, SERVER);
	script_track_deinit(&track);
	/* One that nobody takes is kept until one counts. */
	ending = ending_of(ANSWERED "2 S>C R 900:900(0) win 0\n");
	ck_assert_uint_eq(ending->frame, 8);
	ck_assert(ending->classes & FL_SEG_RST_IGNORED);
	script_track_deinit(&track);
	ending = ending_of(ANSWERED "2 S>C R 900:900(0) win 0\n3 C>S RA 51:51(0) ack 81 win 0\n");
	ck_assert_uint_eq(ending->frame, 9);
	ck_assert_uint_eq(ending->dir, CLIENT);
	ck_assert(!(ending->classes & FL_SEG_RST_IGNORED));
	script_track_deinit(&track);
}
END_TEST

/* A SYN of the client's for a new connection, as frame 100, replaces the last flow of `text`. */
static const struct fl_ending *replace(const char *text)
{
	struct fl_packet packet;
	struct fl_flow *flow;

	script_track_init(&track, text);
	flow = track.flow[track.count - 1];
	ck_assert_uint_eq(script_packets("10 C>S S 5000:5000(0)\n", &packet, 1), 1);
	packet.number = 100;
	fl_tcp_replaced(track.flows, flow, &packet, CLIENT);
	return fl_tcp_ending(flow);
}

START_TEST(syn_in_the_place_of_an_open_connection_is_its_ending)
{
	const struct fl_ending *ending = replace(ANSWERED);

	ck_assert_ptr_nonnull(ending);
	ck_assert_int_eq(ending->at, script_at(10));
	ck_assert_uint_eq(ending->frame, 100);
	ck_assert_uint_eq(ending->classes, FL_SEG_SYN);
	ck_assert_uint_eq(ending->dir, CLIENT);
	script_track_deinit(&track);
	/* What was closed or reset is over. */
	ck_assert_ptr_null(replace(ANSWERED "2 C>S FA 51:51(0) ack 81\n"));
	script_track_deinit(&track);
	ck_assert_ptr_null(replace(ANSWERED "2 S>C FA 81:81(0) ack 51\n"));
	script_track_deinit(&track);
	ck_assert_uint_eq(replace(ANSWERED "2 S>C RA 81:81(0) ack 51 win 0\n")->frame, 8);
	script_track_deinit(&track);
}
END_TEST

/* ICMP errors, of one line each, about what `dir` of the last flow sent. */
static const struct fl_icmp_seen *told(const char *errors, unsigned dir)
{
	struct fl_packet packets[4];
	struct fl_flow *flow;
	size_t count;

	script_track_init(&track, ANSWERED);
	flow = track.flow[track.count - 1];
	count = script_packets(errors, packets, 4);
	for (size_t i = 0; i < count; i++) {
		packets[i].number += track.count;
		fl_tcp_track_icmp(track.flows, flow, &packets[i], dir);
	}
	return fl_tcp_icmp(flow, dir);
}

START_TEST(icmp_errors_are_counted_from_the_first_to_the_last)
{
	const struct fl_icmp_seen *seen = told("2 R ICMP 3/1 C>S 51:61(10)\n3 R ICMP 3/13 C>S 51:61(10)\n", CLIENT);

	ck_assert_ptr_nonnull(seen);
	ck_assert_uint_eq(seen->count, 2);
	ck_assert_int_eq(seen->first_at, script_at(2));
	ck_assert_uint_eq(seen->first_frame, 8);
	ck_assert_int_eq(seen->last_at, script_at(3));
	ck_assert_uint_eq(seen->last_frame, 9);
	ck_assert_uint_eq(seen->type, 3);
	ck_assert_uint_eq(seen->code, 13); /* of the last */
	ck_assert(!seen->is_from_target);
	ck_assert_uint_eq(seen->mtu, 0);
	ck_assert_uint_eq(track.flow[track.count - 1]->marks & (FL_MARK_ICMP | FL_MARK_ICMP_LAST),
	                  FL_MARK_ICMP | FL_MARK_ICMP_LAST);
	ck_assert_ptr_null(fl_tcp_icmp(track.flow[track.count - 1], SERVER));
	script_track_deinit(&track);
}
END_TEST

START_TEST(icmp_error_of_the_host_itself_is_told_from_a_routers)
{
	ck_assert(told("2 S ICMP 3/3 C>S 51:61(10)\n", CLIENT)->is_from_target);
	script_track_deinit(&track);
	ck_assert(!told("2 C ICMP 3/3 C>S 51:61(10)\n", CLIENT)->is_from_target);
	script_track_deinit(&track);
	ck_assert_uint_eq(told("2 R ICMP 3/4 S>C 81:1541(1460) mtu 1300\n", SERVER)->mtu, 1300);
	script_track_deinit(&track);
}
END_TEST

START_TEST(connection_without_icmp_errors_has_none)
{
	script_track_init(&track, ANSWERED);
	ck_assert_ptr_null(fl_tcp_icmp(script_track_flow(&track), CLIENT));
	ck_assert_uint_eq(script_track_flow(&track)->marks & (FL_MARK_ICMP | FL_MARK_ICMP_LAST), 0);
	script_track_deinit(&track);
}
END_TEST

UNIT_MAIN("ending", connection_that_goes_on_has_no_ending, ending_tells_when_it_was_whose_and_of_which_form,
          ending_knows_what_was_under_way, quiet_before_an_answering_reset_is_that_of_its_sender,
          first_reset_that_counted_is_the_ending, syn_in_the_place_of_an_open_connection_is_its_ending,
          icmp_errors_are_counted_from_the_first_to_the_last, icmp_error_of_the_host_itself_is_told_from_a_routers,
          connection_without_icmp_errors_has_none)
