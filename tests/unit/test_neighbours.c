/* What the other connections of a service did, and when a client came back. */
#include "judge/neighbours.h"
#include "script.h"
#include "unit.h"

static struct dialogue dialogue;
static struct script_track track;
static struct neighbours *neighbours;
static struct services *services;

static void begin(void)
{
	dialogue_init(&dialogue);
}

static void open_at(const char *client, const char *server, double at)
{
	dialogue_between(&dialogue, client, server);
	dialogue_open(&dialogue, at);
}

static void freeze(void)
{
	script_track_init(&track, dialogue_text(&dialogue));
	services = services_new(track.flows);
	neighbours = neighbours_new(track.flows, services, NULL);
	ck_assert_ptr_nonnull(neighbours);
}

static void done(void)
{
	neighbours_free(neighbours);
	services_free(services);
	script_track_deinit(&track);
	dialogue_deinit(&dialogue);
}

static struct siblings siblings_of(size_t id, uint32_t length)
{
	struct siblings siblings;

	neighbours_siblings(neighbours, fl_flows_at(track.flows, id), length, &siblings);
	return siblings;
}

static int64_t next_syn(size_t id, double after)
{
	return neighbours_next_syn(neighbours, fl_flows_at(track.flows, id), script_at(after), false);
}

START_TEST(flow_is_not_its_own_sibling)
{
	begin();
	open_at("C", "S", 0);
	dialogue_ask(&dialogue, 1, 64, 0.1, 10);
	freeze();
	ck_assert_uint_eq(siblings_of(0, 64).count, 0);
	ck_assert_uint_eq(siblings_of(0, 64).answered, 0);
	ck_assert_int_eq(siblings_of(0, 64).longest_answer, 0);
	done();
}
END_TEST

START_TEST(siblings_share_the_servers_address_and_port)
{
	begin();
	open_at("C", "S", 0);
	open_at("C2", "S", 1);
	open_at("D", "S", 2);
	open_at("C", "S2", 3);
	open_at("C", "T", 4);
	freeze();
	ck_assert_uint_eq(siblings_of(0, 0).count, 2);
	ck_assert_uint_eq(siblings_of(2, 0).count, 2);
	ck_assert_uint_eq(siblings_of(3, 0).count, 0);
	ck_assert_uint_eq(siblings_of(4, 0).count, 0);
	done();
}
END_TEST

START_TEST(answers_of_siblings_are_counted_and_the_longest_kept)
{
	begin();
	open_at("C", "S", 0);
	dialogue_say(&dialogue, 0.1, 0, 64);
	open_at("C2", "S", 1);
	dialogue_ask(&dialogue, 1.1, 64, 0.5, 10);
	open_at("D", "S", 5);
	dialogue_ask(&dialogue, 5.1, 64, 2, 10);
	dialogue_ask(&dialogue, 8, 64, 0.1, 10);
	open_at("D2", "S", 9);
	dialogue_say(&dialogue, 9.1, 0, 64);
	freeze();
	ck_assert_uint_eq(siblings_of(0, 64).count, 3);
	ck_assert_uint_eq(siblings_of(0, 64).answered, 2);
	ck_assert_int_eq(siblings_of(0, 64).longest_answer, 2 * FL_NS_PER_S);
	ck_assert_int_eq(siblings_of(2, 64).longest_answer, 500 * FL_NS_PER_MS); /* its own do not count */
	done();
}
END_TEST

START_TEST(beats_count_as_answered_from_two_of_their_size)
{
	begin();
	open_at("C", "S", 0);
	open_at("D", "S", 1);
	dialogue_ask(&dialogue, 1.1, 64, 0.1, 10);
	dialogue_ask(&dialogue, 2, 24, 0.1, 10);
	dialogue_ask(&dialogue, 3, 25, 0.1, 10);
	open_at("D2", "S", 4);
	dialogue_ask(&dialogue, 5, 24, 0.1, 10);
	freeze();
	ck_assert_uint_eq(siblings_of(0, 24).beats_answered, 1);
	ck_assert_uint_eq(siblings_of(0, 27).beats_answered, 1);
	ck_assert_uint_eq(siblings_of(0, 28).beats_answered, 0);
	ck_assert_uint_eq(siblings_of(0, 64).beats_answered, 0);
	done();
}
END_TEST

START_TEST(next_syn_is_the_same_clients_to_the_same_service)
{
	begin();
	open_at("C", "S", 0);
	open_at("D", "S", 10);
	open_at("C2", "T", 11);
	open_at("C3", "S2", 12);
	open_at("C4", "S", 20);
	open_at("C5", "S", 30);
	freeze();
	ck_assert_int_eq(next_syn(0, 0), script_at(20));
	ck_assert_int_eq(next_syn(0, 19.9), script_at(20));
	ck_assert_int_eq(next_syn(0, 20), script_at(30));
	ck_assert_int_eq(next_syn(0, 30), FL_TIME_NONE);
	ck_assert_int_eq(next_syn(1, 0), FL_TIME_NONE);
	ck_assert_int_eq(next_syn(4, 0), script_at(30)); /* its own SYN is passed over */
	done();
}
END_TEST

START_TEST(flow_joined_in_the_middle_is_no_new_connect)
{
	begin();
	open_at("C", "S", 0);
	dialogue_between(&dialogue, "C2", "S");
	dialogue.next[0] = dialogue.next[1] = 100;
	dialogue_say(&dialogue, 10, 0, 24);
	freeze();
	ck_assert_uint_eq(siblings_of(0, 0).count, 1);
	ck_assert_int_eq(next_syn(0, 1), FL_TIME_NONE);
	done();
}
END_TEST

START_TEST(only_who_begins_with_the_same_asks_again)
{
	begin();
	open_at("C", "S", 0);
	dialogue_say(&dialogue, 1, 0, 64);
	open_at("C2", "S", 10);
	dialogue_say(&dialogue, 11, 0, 40);
	open_at("C3", "S", 20);
	open_at("C4", "S", 30);
	dialogue_say(&dialogue, 31, 0, 64); /* not answered either */
	open_at("C5", "S", 40);
	dialogue_ask(&dialogue, 41, 64, 0.1, 10);
	freeze();
	ck_assert_int_eq(next_syn(0, 1), script_at(20)); /* nothing said yet */
	ck_assert_int_eq(neighbours_next_syn(neighbours, fl_flows_at(track.flows, 0), script_at(1), true),
	                 script_at(40));
	done();
}
END_TEST

START_TEST(quick_questions_beside_a_slow_one_are_no_siblings_of_it)
{
	begin();
	open_at("C", "S", 0);
	dialogue_say(&dialogue, 1, 0, 100);
	open_at("C2", "S", 1);
	dialogue_ask(&dialogue, 2, 60, 0.1, 10);
	open_at("C3", "S", 3);
	dialogue_ask(&dialogue, 4, 110, 0.2, 10);
	freeze();
	ck_assert_uint_eq(siblings_of(0, 0).count, 2);
	ck_assert_uint_eq(siblings_of(0, 0).answered, 1);
	ck_assert_int_eq(siblings_of(0, 0).longest_answer, 200 * FL_NS_PER_MS);
	done();
}
END_TEST

START_TEST(reused_port_is_a_new_connect)
{
	begin();
	open_at("C", "S", 0);
	fl_text_add(&dialogue.lines, "20 C>S S 70000:70000(0) win 64240 <mss 1460>\n");
	freeze();
	ck_assert_uint_eq(fl_flows_count(track.flows), 2);
	ck_assert_int_eq(next_syn(0, 1), script_at(20));
	done();
}
END_TEST

START_TEST(siblings_that_were_made_are_counted)
{
	begin();
	open_at("C", "S", 0);
	open_at("C2", "S", 1);
	fl_text_add(&dialogue.lines, "2 D>S S 0:0(0)\n3 D2>S S 0:0(0)\n3.1 S>D2 RA 0:0(0) ack 1 win 0\n");
	freeze();
	ck_assert_uint_eq(siblings_of(0, 0).count, 3);
	ck_assert_uint_eq(siblings_of(0, 0).connected, 1);
	ck_assert_uint_eq(siblings_of(2, 0).connected, 2);
	done();
}
END_TEST

/* Between two times, in seconds. */
static struct host_elsewhere elsewhere_in(size_t id, unsigned dir, double from, double to)
{
	struct host_elsewhere host;

	neighbours_host(neighbours, fl_flows_at(track.flows, id), dir, script_at(from), script_at(to), &host);
	return host;
}

static struct host_elsewhere elsewhere(size_t id, unsigned dir)
{
	return elsewhere_in(id, dir, -1, 1000);
}

START_TEST(host_is_heard_on_its_other_connections_only)
{
	begin();
	open_at("C", "S", 0);
	freeze();
	ck_assert_int_eq(elsewhere(0, 1).heard_at, FL_TIME_NONE);
	ck_assert_uint_eq(elsewhere(0, 1).silent, 0);
	done();
	begin();
	open_at("C", "S", 0);
	open_at("D", "S2", 5); /* another service of the host */
	dialogue_ask(&dialogue, 6, 10, .1, 10);
	open_at("C2", "T", 8); /* another host */
	freeze();
	ck_assert_int_eq(elsewhere(0, 1).heard_at, script_at(6.1));
	ck_assert_int_eq(elsewhere(1, 1).heard_at, script_at(.0002)); /* not its own, though that came later */
	ck_assert_int_eq(elsewhere(0, 0).heard_at, script_at(8.0004));
	ck_assert_int_eq(elsewhere(2, 1).heard_at, FL_TIME_NONE);
	done();
}
END_TEST

START_TEST(host_is_heard_in_the_time_asked_for_or_is_back_after_it)
{
	begin();
	open_at("C", "S", 0);
	open_at("D", "S", 5);
	dialogue_ask(&dialogue, 6, 10, .1, 10); /* answered at 6.1 */
	open_at("E", "S", 20);
	dialogue_ask(&dialogue, 21, 10, .1, 10);
	fl_text_add(&dialogue.lines, "8 F>S S 0:0(0)\n9 F>S S 0:0(0)\n11 F>S S 0:0(0)\n11.1 S>F SA 0:0(0) ack 1\n");
	freeze();
	ck_assert_int_eq(elsewhere_in(0, 1, 1, 10).heard_at, script_at(6.1));
	ck_assert_int_eq(elsewhere_in(0, 1, 1, 10).back_at, script_at(11.1)); /* not when it was asked first, at 8 */
	ck_assert_int_eq(elsewhere_in(0, 1, 6.1, 10).heard_at,
	                 FL_TIME_NONE); /* what came at the time itself is not after it */
	ck_assert_int_eq(elsewhere_in(0, 1, 6.05, 6.1).heard_at, script_at(6.1));
	ck_assert_int_eq(elsewhere_in(0, 1, 12, 15).heard_at, FL_TIME_NONE);
	ck_assert_int_eq(elsewhere_in(0, 1, 12, 15).back_at, script_at(20.0002));
	ck_assert_int_eq(elsewhere_in(0, 1, 30, 40).back_at, FL_TIME_NONE);
	ck_assert(!elsewhere_in(0, 1, 12, 15).went_on);
	ck_assert(elsewhere_in(0, 1, 5.5, 6).went_on); /* D's connection, made before, went on at 6.1 */
	ck_assert(!elsewhere_in(0, 1, 4, 4.5).went_on);
	done();
}
END_TEST

START_TEST(silence_of_a_host_is_counted_without_the_flow_that_asks)
{
	begin();
	open_at("C", "S", 0);
	dialogue_say_unacked(&dialogue, 1, 0, 10);
	open_at("D", "S", 2);
	dialogue_say_unacked(&dialogue, 3, 0, 10);
	open_at("E", "S2", 4);
	dialogue_say_unacked(&dialogue, 5, 0, 10);
	open_at("E2", "S", 6);
	freeze();
	ck_assert_uint_eq(elsewhere(0, 1).silent, 2);
	ck_assert_uint_eq(elsewhere(3, 1).silent, 3); /* on which it is not silent itself */
	ck_assert_uint_eq(elsewhere(0, 0).silent, 0);
	done();
}
END_TEST

START_TEST(ttl_of_a_host_comes_from_all_its_connections)
{
	begin();
	fl_text_add(&dialogue.lines, "0 D>S S 0:0(0) ttl 60\n0.1 S>D SA 0:0(0) ack 1 ttl 57\n1 C>S S 0:0(0) ttl 64\n"
	                             "2 E>T S 0:0(0) ttl 64\n");
	freeze();
	ck_assert_uint_eq(neighbours_ttl(neighbours, fl_flows_at(track.flows, 1), 1), 57);
	ck_assert_uint_eq(neighbours_ttl(neighbours, fl_flows_at(track.flows, 1), 0), 64);
	ck_assert_uint_eq(neighbours_ttl(neighbours, fl_flows_at(track.flows, 2), 1), 0);
	done();
}
END_TEST

START_TEST(next_try_is_any_new_syn_of_the_client_to_the_service)
{
	bool is_made = false;

	begin();
	open_at("C", "S", 0);
	dialogue_say(&dialogue, 1, 0, 64);
	open_at("D", "S", 2);
	open_at("C2", "T", 3);
	open_at("C3", "S", 10);
	dialogue_say(&dialogue, 11, 0, 40); /* for something else, which is all the same here */
	fl_text_add(&dialogue.lines, "20 C4>S S 0:0(0)\n");
	freeze();
	ck_assert_int_eq(neighbours_next_try(neighbours, fl_flows_at(track.flows, 0), script_at(1), &is_made),
	                 script_at(10));
	ck_assert(is_made);
	ck_assert_int_eq(neighbours_next_try(neighbours, fl_flows_at(track.flows, 0), script_at(10), &is_made),
	                 script_at(20));
	ck_assert(!is_made);
	ck_assert_int_eq(neighbours_next_try(neighbours, fl_flows_at(track.flows, 3), script_at(9), &is_made),
	                 script_at(20)); /* its own is passed over */
	ck_assert_int_eq(neighbours_next_try(neighbours, fl_flows_at(track.flows, 0), script_at(20), &is_made),
	                 FL_TIME_NONE);
	ck_assert_int_eq(neighbours_next_try(neighbours, fl_flows_at(track.flows, 1), script_at(0), &is_made),
	                 FL_TIME_NONE);
	done();
}
END_TEST

/* A client tries ports 1 to `ports` of the server, each `times`; `made` of these connections are made. */
static enum scan scan_of(unsigned ports, unsigned times, unsigned made)
{
	enum scan scan;

	begin();
	for (unsigned i = 0; i < ports * times; i++) {
		unsigned own = 1 + i, port = 1 + i % ports;

		fl_text_add(&dialogue.lines, "+0.01 C%u>S%u S 0:0(0)\n", own, port);
		if (i < made)
			fl_text_add(&dialogue.lines, "+0.001 S%u>C%u SA 0:0(0) ack 1\n+0.001 C%u>S%u A 1:1(0) ack 1\n",
			            port, own, own, port);
	}
	freeze();
	scan = neighbours_scan(neighbours, fl_flows_at(track.flows, 0), 0);
	ck_assert_int_eq(neighbours_scan(neighbours, fl_flows_at(track.flows, 0), 0), scan); /* as before */
	ck_assert_int_eq(neighbours_scan(neighbours, fl_flows_at(track.flows, 0), 1), NO_SCAN);
	done();
	return scan;
}

START_TEST(who_tries_ten_ports_and_comes_back_to_none_scans)
{
	ck_assert_int_eq(scan_of(9, 1, 0), NO_SCAN);
	ck_assert_int_eq(scan_of(10, 1, 0), IS_SCAN);
	ck_assert_int_eq(scan_of(10, 2, 0), IS_SCAN); /* a scanner tries twice */
	ck_assert_int_eq(scan_of(10, 3, 0), NO_SCAN);
	ck_assert_int_eq(scan_of(19, 1, 0), IS_SCAN);
	ck_assert_int_eq(scan_of(20, 1, 0), IS_LARGE_SCAN);
	ck_assert_int_eq(scan_of(63, 1, 0), IS_LARGE_SCAN);
	ck_assert_int_eq(scan_of(64, 1, 0), IS_WIDE_SCAN);
	ck_assert_int_eq(scan_of(12, 1, 3), IS_SCAN);
	ck_assert_int_eq(scan_of(12, 1, 4), NO_SCAN);
}
END_TEST

START_TEST(who_has_said_anything_does_not_scan)
{
	begin();
	open_at("C", "T", 0);
	dialogue_say(&dialogue, 1, 0, 64);
	for (unsigned i = 1; i <= 12; i++)
		fl_text_add(&dialogue.lines, "+0.01 D%u>S%u S 0:0(0)\n+0.01 C%u>S%u S 0:0(0)\n", i, i, i + 1, i);
	freeze();
	ck_assert_int_eq(neighbours_scan(neighbours, fl_flows_at(track.flows, 2), 0), NO_SCAN); /* C */
	ck_assert_int_eq(neighbours_scan(neighbours, fl_flows_at(track.flows, 1), 0), IS_SCAN); /* D */
	done();
}
END_TEST

UNIT_MAIN("neighbours", flow_is_not_its_own_sibling, siblings_share_the_servers_address_and_port,
          answers_of_siblings_are_counted_and_the_longest_kept, beats_count_as_answered_from_two_of_their_size,
          next_syn_is_the_same_clients_to_the_same_service, flow_joined_in_the_middle_is_no_new_connect,
          only_who_begins_with_the_same_asks_again, quick_questions_beside_a_slow_one_are_no_siblings_of_it,
          reused_port_is_a_new_connect, siblings_that_were_made_are_counted,
          host_is_heard_on_its_other_connections_only, host_is_heard_in_the_time_asked_for_or_is_back_after_it,
          silence_of_a_host_is_counted_without_the_flow_that_asks, ttl_of_a_host_comes_from_all_its_connections,
          next_try_is_any_new_syn_of_the_client_to_the_service, who_tries_ten_ports_and_comes_back_to_none_scans,
          who_has_said_anything_does_not_scan)
