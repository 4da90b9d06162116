/* Where a connection was captured, from first TTLs and the halves of the handshake's round trip. */
#include "judge/vantage.h"

#include <string.h>

#include <stdio.h>

#include "script.h"
#include "unit.h"

static struct vantage vantage;

/* A handshake whose packets have these TTLs, with the SYN-ACK and the ACK at these milliseconds. */
static void handshake(unsigned ttl_client, unsigned ttl_server, double syn_ack_ms, double ack_ms)
{
	struct script_track track;
	char text[256];

	snprintf(text, sizeof(text),
	         "0 C>S S 0:0(0) ttl %u\n%.6f S>C SA 0:0(0) ack 1 ttl %u\n%.6f C>S A 1:1(0) ack 1 ttl %u\n", ttl_client,
	         syn_ack_ms / 1000, ttl_server, ack_ms / 1000, ttl_client);
	script_track_init(&track, text);
	vantage_find(script_track_flow(&track), 0, NULL, &vantage);
	script_track_deinit(&track);
}

static void is(enum fl_side where, const char *because)
{
	ck_assert_msg(vantage.where == where, "%s (%s), not %s", fl_side_name(vantage.where), vantage.because,
	              fl_side_name(where));
	ck_assert_msg(strstr(vantage.because, because) != NULL, "\"%s\" is not in \"%s\"", because, vantage.because);
}

START_TEST(first_ttl_of_one_side_is_its_place)
{
	handshake(64, 57, .1, .15);
	is(FL_SIDE_CLIENT, "the client's packets have their first TTL, 64, and the other side's have 57");
	handshake(57, 64, .1, .15);
	is(FL_SIDE_SERVER, "the server's packets have their first TTL, 64, and the other side's have 57");
	handshake(128, 240, .1, .15);
	is(FL_SIDE_CLIENT, "128");
	handshake(100, 255, .1, .15);
	is(FL_SIDE_SERVER, "255");
}
END_TEST

START_TEST(ttls_that_were_lowered_on_both_sides_are_between)
{
	handshake(63, 57, .1, .15);
	is(FL_SIDE_BETWEEN, "the packets of both sides have passed routers (TTL 63 and 57)");
}
END_TEST

START_TEST(first_ttls_of_both_sides_leave_it_to_the_times)
{
	handshake(64, 64, .1, .15);
	is(FL_SIDE_UNKNOWN, "no router lies between them");
	handshake(64, 128, 40, 40.1);
	is(FL_SIDE_CLIENT, "the client's half of the handshake took much the shorter time");
	handshake(64, 64, .1, 40);
	is(FL_SIDE_SERVER, "the server's half of the handshake took much the shorter time");
	handshake(64, 64, 20, 40);
	is(FL_SIDE_UNKNOWN, "no router lies between them");
}
END_TEST

START_TEST(one_half_is_near_below_an_eighth_of_the_other)
{
	handshake(64, 64, 8, 8.999);
	is(FL_SIDE_CLIENT, "half");
	handshake(64, 64, 8, 9);
	is(FL_SIDE_UNKNOWN, "");
	handshake(64, 64, .999, 8.999);
	is(FL_SIDE_SERVER, "half");
	handshake(64, 64, 1, 9);
	is(FL_SIDE_UNKNOWN, "");
}
END_TEST

START_TEST(short_round_trip_tells_no_place)
{
	handshake(64, 64, .001, .199);
	is(FL_SIDE_UNKNOWN, "");
	handshake(64, 64, .001, .2);
	is(FL_SIDE_SERVER, "half");
}
END_TEST

START_TEST(ttls_and_times_that_contradict_each_other_tell_nothing)
{
	handshake(64, 57, .1, 40);
	is(FL_SIDE_UNKNOWN, "the TTLs and the handshake's times point to different ends");
	handshake(57, 64, 40, 40.1);
	is(FL_SIDE_UNKNOWN, "the TTLs and the handshake's times point to different ends");
	handshake(57, 64, .1, 40);
	is(FL_SIDE_SERVER, "first TTL");
}
END_TEST

START_TEST(side_that_was_not_seen_leaves_the_other)
{
	struct script_track track;

	script_track_init(&track, "0 C>S S 0:0(0) ttl 64\n");
	vantage_find(script_track_flow(&track), 0, NULL, &vantage);
	is(FL_SIDE_CLIENT, "the client's packets have their first TTL, 64; the other side was not seen");
	script_track_deinit(&track);
	/* A client with a lowered TTL: the other side may be near, or not. */
	script_track_init(&track, "0 C>S S 0:0(0) ttl 60\n");
	vantage_find(script_track_flow(&track), 0, NULL, &vantage);
	is(FL_SIDE_UNKNOWN, "not to be told from the TTLs and times");
	script_track_deinit(&track);
	/* A server alone is told only where its client is known. */
	script_track_init(&track, "0 S>C PA 1:11(10) ack 1 ttl 64\n");
	vantage_find(script_track_flow(&track), 1, NULL, &vantage);
	is(FL_SIDE_UNKNOWN, "not to be told");
	script_track_deinit(&track);
}
END_TEST

START_TEST(other_connections_tell_the_ttl_of_a_side_that_was_not_seen)
{
	struct script_track track;
	struct neighbours *neighbours;
	struct services *services;

	script_track_init(&track,
	                  "0 D>S S 0:0(0) ttl 60\n0.1 S>D SA 0:0(0) ack 1 ttl 64\n0.2 D>S A 1:1(0) ack 1 ttl 60\n"
	                  "1 C>S S 0:0(0) ttl 62\n");
	services = services_new(track.flows);
	neighbours = neighbours_new(track.flows, services, NULL);
	vantage_find(script_track_flow(&track), 0, neighbours, &vantage);
	is(FL_SIDE_SERVER, "the server's packets have their first TTL, 64, and the other side's have 62");
	neighbours_free(neighbours);
	services_free(services);
	script_track_deinit(&track);
}
END_TEST

START_TEST(handshake_that_was_repeated_has_no_halves)
{
	struct script_track track;

	script_track_init(&track,
	                  "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.0001 S>C SA 0:0(0) ack 1\n1.04 C>S A 1:1(0) ack 1\n");
	vantage_find(script_track_flow(&track), 0, NULL, &vantage);
	is(FL_SIDE_UNKNOWN, "no router lies between them");
	script_track_deinit(&track);
	script_track_init(&track, "0 C>S S 0:0(0)\n.0001 S>C SA 0:0(0) ack 1\n1.0001 S>C SA 0:0(0) ack 1\n"
	                          "1.04 C>S A 1:1(0) ack 1\n");
	vantage_find(script_track_flow(&track), 0, NULL, &vantage);
	is(FL_SIDE_UNKNOWN, "no router lies between them");
	script_track_deinit(&track);
}
END_TEST

UNIT_MAIN("vantage", first_ttl_of_one_side_is_its_place, ttls_that_were_lowered_on_both_sides_are_between,
          first_ttls_of_both_sides_leave_it_to_the_times, one_half_is_near_below_an_eighth_of_the_other,
          short_round_trip_tells_no_place, ttls_and_times_that_contradict_each_other_tell_nothing,
          side_that_was_not_seen_leaves_the_other, other_connections_tell_the_ttl_of_a_side_that_was_not_seen,
          handshake_that_was_repeated_has_no_halves)
