/* What is known of a host over all its connections: which those are, its TTL, and where it is silent. */
#include "judge/hosts.h"

#include "script.h"
#include "unit.h"

static struct script_track track;
static struct hosts *hosts;

static void take(const char *text)
{
	script_track_init(&track, text);
	hosts = hosts_new(track.flows, NULL);
	ck_assert_ptr_nonnull(hosts);
}

static void done(void)
{
	hosts_free(hosts);
	script_track_deinit(&track);
}

static const struct host *host_of(char letter)
{
	struct fl_address address = { { 10, 0, 0, (uint8_t)(letter - 'A' + 1) }, 4 };

	return hosts_find(hosts, &address);
}

/* The host's connections, the newest first, as digits; those where it is the second end in brackets. */
static const char *connections_of(char letter)
{
	static struct fl_text text;
	uint32_t place = host_of(letter)->newest, id;
	unsigned dir;

	fl_text_deinit(&text);
	fl_text_init(&text);
	while (hosts_next(hosts, &place, &id, &dir))
		fl_text_add(&text, dir ? "(%u)" : "%u", id);
	return fl_text_get(&text);
}

static uint32_t newest_of(const struct host *host)
{
	uint32_t place = host->newest, id = UINT32_MAX;
	unsigned dir;

	ck_assert(hosts_next(hosts, &place, &id, &dir));
	return id;
}

START_TEST(connections_of_a_host_are_chained)
{
	take("0 C>S S 0:0(0)\n1 S>C SA 0:0(0) ack 1\n2 C>S A 1:1(0) ack 1\n"
	     "3 C2>S S 0:0(0)\n4 S>C2 SA 0:0(0) ack 1\n5 C2>S A 1:1(0) ack 1\n"
	     "6 D>S S 0:0(0)\n7 S>D SA 0:0(0) ack 1\n8 D>S A 1:1(0) ack 1\n"
	     "9 S>C PA 1:11(10) ack 1\n");
	ck_assert_str_eq(connections_of('S'), "(2)(1)(0)");
	ck_assert_str_eq(connections_of('C'), "10");
	ck_assert_str_eq(connections_of('D'), "2");
	done();
}
END_TEST

START_TEST(host_that_was_only_spoken_to_was_never_heard)
{
	take("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n");
	ck_assert_ptr_nonnull(host_of('S'));
	ck_assert_uint_eq(host_of('S')->ttl, 0);
	ck_assert_uint_eq(host_of('S')->silent, 1);
	ck_assert_uint_eq(host_of('C')->silent, 0);
	ck_assert_ptr_null(host_of('X'));
	done();
}
END_TEST

START_TEST(what_a_host_leaves_unanswered_is_counted_by_connection)
{
	take("0 C>S S 0:0(0)\n1 S>C SA 0:0(0) ack 1\n2 C>S A 1:1(0) ack 1\n3 C>S PA 1:11(10) ack 1\n4 C>S PA 11:21(10) "
	     "ack 1\n"
	     "5 D>S S 0:0(0)\n5.1 D>S S 0:0(0)\n6 E>S2 S 0:0(0)\n6.1 S2>E SA 0:0(0) ack 1\n6.2 E>S2 A 1:1(0) ack 1\n");
	ck_assert_uint_eq(host_of('S')->silent, 2);
	ck_assert_uint_eq(host_of('C')->silent, 0);
	done();
}
END_TEST

START_TEST(ttl_is_known_where_all_connections_agree)
{
	take("0 C>S S 0:0(0) ttl 60\n1 S>C SA 0:0(0) ack 1 ttl 64\n2 C>S A 1:1(0) ack 1 ttl 60\n"
	     "3 C2>S S 0:0(0) ttl 61\n4 S>C2 SA 0:0(0) ack 1 ttl 64\n5 C2>S A 1:1(0) ack 1 ttl 61\n"
	     "6 C3>T S 0:0(0) ttl 61\n");
	ck_assert_uint_eq(host_of('S')->ttl, 64);
	ck_assert_uint_eq(host_of('C')->ttl, 0); /* and one more that agrees with the last does not change that */
	ck_assert(host_of('C')->ttl_differs);
	ck_assert(!host_of('S')->ttl_differs);
	done();
}
END_TEST

START_TEST(both_ends_of_one_host_are_in_its_chain)
{
	take("0 C>C2 S 0:0(0)\n1 C2>C SA 0:0(0) ack 1\n2 C>C2 A 1:1(0) ack 1\n3 C2>C PA 1:11(10) ack 1\n"
	     "0 C3>S S 0:0(0)\n");
	ck_assert_str_eq(connections_of('C'), "1(0)0");
	done();
}
END_TEST

START_TEST(many_hosts_are_all_found)
{
	struct fl_text text = { 0 };

	/* 26 hosts and 150 ports: the table grows on the way, and holds each address once. */
	for (unsigned i = 0; i < 150; i++)
		fl_text_add(&text, "%u %c%u>S S 0:0(0)\n", i, (char)('A' + i % 18), i);
	take(fl_text_get(&text));
	for (unsigned i = 0; i < 18; i++) {
		ck_assert_ptr_nonnull(host_of((char)('A' + i)));
		ck_assert_uint_eq(newest_of(host_of((char)('A' + i))), i + (i < 6 ? 144 : 126));
	}
	ck_assert_uint_eq(host_of('S')->silent, 150);
	done();
	fl_text_deinit(&text);
}
END_TEST

START_TEST(no_flows_are_no_hosts)
{
	take("");
	ck_assert_ptr_null(host_of('C'));
	done();
	hosts_free(NULL);
}
END_TEST

/* More addresses than one table begins with. */
START_TEST(table_of_hosts_grows)
{
	struct fl_flows_settings settings = { .seed = 1 };
	struct fl_flows *flows = fl_flows_new(&settings);

	for (unsigned i = 0; i < 500; i++) {
		struct fl_packet packet = { .outcome = FL_OUTCOME_TCP,
			                    .at = script_at(i),
			                    .number = i + 1,
			                    .flags = FL_TCP_SYN,
			                    .ttl = 64,
			                    .source = { { 10, 1, (uint8_t)(i >> 8), (uint8_t)i }, 4 },
			                    .target = { { 10, 2, 0, 1 }, 4 },
			                    .source_port = 40000,
			                    .target_port = 80 };
		struct fl_segment segment;
		struct fl_flow *flow;
		struct fl_aim aim;
		unsigned dir;

		fl_flows_aim(flows, &packet, &aim);
		flow = fl_flows_get(flows, &aim, &packet, &dir);
		fl_tcp_track(flows, flow, &packet, dir, &segment);
	}
	hosts = hosts_new(flows, NULL);
	for (unsigned i = 0; i < 500; i++) {
		struct fl_address address = { { 10, 1, (uint8_t)(i >> 8), (uint8_t)i }, 4 };

		ck_assert_ptr_nonnull(hosts_find(hosts, &address));
		ck_assert_uint_eq(newest_of(hosts_find(hosts, &address)), i);
	}
	hosts_free(hosts);
	fl_flows_free(flows);
}
END_TEST

UNIT_MAIN("hosts", connections_of_a_host_are_chained, host_that_was_only_spoken_to_was_never_heard,
          what_a_host_leaves_unanswered_is_counted_by_connection, ttl_is_known_where_all_connections_agree,
          both_ends_of_one_host_are_in_its_chain, many_hosts_are_all_found, no_flows_are_no_hosts, table_of_hosts_grows)
