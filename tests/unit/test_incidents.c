/* What several connections say together: each incident beside the look-alike that is none. */
#include <stdio.h>

#include "script.h"
#include "unit.h"
#include "verdicts.h"

#include "flatline/text.h"

static struct fl_text script;

static void begin(void)
{
	fl_text_init(&script);
}

/* The client's socket number `port`, of host `client`, and a server. */
struct ends {
	char client;
	unsigned port;
	char server;
	unsigned to; /* number of the server's port, 0 for its first */
};

static void add_server(const struct ends *ends)
{
	fl_text_add(&script, "%c", ends->server);
	if (ends->to > 0)
		fl_text_add(&script, "%u", ends->to);
}

/* A line of the script, in which @ stands for the client and # for the server. */
__attribute__((format(printf, 3, 4))) static void line(double at, const struct ends *ends, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fl_text_add(&script, "%.6f ", at);
	for (const char *from = text; *from; from++) {
		if (*from == '@')
			fl_text_add(&script, "%c%u", ends->client, ends->port);
		else if (*from == '#')
			add_server(ends);
		else
			fl_text_add(&script, "%c", *from);
	}
	fl_text_add(&script, "\n");
}

static void open_at(double at, const struct ends *ends)
{
	line(at, ends, "@># S 0:0(0)");
	line(at + 0.0002, ends, "#>@ SA 0:0(0) ack 1");
	line(at + 0.0004, ends, "@># A 1:1(0) ack 1");
}

/* A question of 50 bytes behind `asked` of them, and its answer. */
static void talk_at(double at, const struct ends *ends, unsigned asked)
{
	line(at, ends, "@># PA %u:%u(50) ack %u", 1 + 50 * asked, 51 + 50 * asked, 1 + 80 * asked);
	line(at + 0.01, ends, "#>@ PA %u:%u(80) ack %u", 1 + 80 * asked, 81 + 80 * asked, 51 + 50 * asked);
	line(at + 0.0102, ends, "@># A %u:%u(0) ack %u", 51 + 50 * asked, 51 + 50 * asked, 81 + 80 * asked);
}

/* Attempt `index` of six to have the next question ACKed: the caller brings those of all connections into order. */
static void try_at(double at, const struct ends *ends, unsigned asked, unsigned index)
{
	static const double after[] = { 0, 0.2, 0.6, 1.4, 3, 6.2, 12.6 };

	line(at + after[index], ends, "@># PA %u:%u(50) ack %u", 1 + 50 * asked, 51 + 50 * asked, 1 + 80 * asked);
}

static void all_try_at(double at, const struct ends *ends, size_t count, unsigned asked)
{
	for (unsigned index = 0; index < 7; index++) {
		for (size_t i = 0; i < count; i++)
			try_at(at + 0.01 * (double)i, &ends[i], asked, index);
	}
}

static struct script_result *run(double until)
{
	struct script_run how = { .until = until };
	struct script_result *result = script_run(fl_text_get(&script), &how);

	fl_text_deinit(&script);
	return result;
}

static void has(const struct script_result *result, size_t index, const char *id, const char *subject, size_t n_flows,
                double onset)
{
	const struct script_incident *incident = &result->incidents[index];

	ck_assert_uint_gt(result->n_incidents, index);
	ck_assert_str_eq(incident->id, id);
	ck_assert_str_eq(incident->subject, subject);
	ck_assert_uint_eq(incident->n_flows, n_flows);
	ck_assert_int_eq(incident->onset, script_at(onset));
}

static const struct ends two[] = { { 'C', 1, 'S', 0 }, { 'C', 2, 'S', 0 } };

/* Two of them are opened, and ask once, with an answer each. */
static void sessions(const struct ends *ends)
{
	begin();
	open_at(0, &ends[0]);
	open_at(0.1, &ends[1]);
	talk_at(1, &ends[0], 0);
	talk_at(1.1, &ends[1], 0);
}

START_TEST(host_that_answers_on_none_of_its_connections_is_down)
{
	struct script_result *result;

	sessions(two);
	all_try_at(3, two, 2, 1);
	result = run(30);
	ck_assert_uint_eq(result->n_incidents, 1);
	has(result, 0, "host-down", "10.0.0.19", 2, 3);
	free(result);
}
END_TEST

START_TEST(host_that_is_heard_on_another_connection_is_not_down)
{
	const struct ends third = { 'D', 3, 'S', 0 };
	struct script_result *result;

	sessions(two);
	all_try_at(3, two, 2, 1);
	open_at(20, &third);
	talk_at(21, &third, 0);
	result = run(30);
	is(&result->flows[0], "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

START_TEST(one_connection_that_fails_is_no_incident)
{
	struct script_result *result;

	begin();
	open_at(0, &two[0]);
	talk_at(1, &two[0], 0);
	all_try_at(3, two, 1, 1);
	result = run(30);
	is(&result->flows[0], "peer-vanished", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

static const struct ends to_two_hosts[] = { { 'C', 1, 'S', 0 }, { 'C', 2, 'T', 0 } };

START_TEST(who_hears_nobody_any_more_has_lost_its_network)
{
	struct script_result *result;

	sessions(to_two_hosts);
	all_try_at(3, to_two_hosts, 2, 1);
	result = run(30);
	ck_assert_uint_eq(result->n_incidents, 1);
	has(result, 0, "network-down", "10.0.0.3", 2, 3);
	free(result);
}
END_TEST

START_TEST(hosts_that_were_never_heard_do_not_fall_silent)
{
	static const char *const tries[] = { "0", "1", "3", "7" };
	struct script_result *result;

	begin();
	for (unsigned i = 0; i < 4; i++) {
		line(atof(tries[i]), &to_two_hosts[0], "@># S 0:0(0)");
		line(atof(tries[i]) + 0.1, &to_two_hosts[1], "@># S 0:0(0)");
	}
	result = run(30);
	is(&result->flows[0], "connect-unanswered", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

START_TEST(hosts_that_fall_silent_together_while_others_are_heard_share_a_path)
{
	const struct ends third = { 'C', 3, 'U', 0 };
	struct script_result *result;

	sessions(to_two_hosts);
	all_try_at(3, to_two_hosts, 2, 1);
	open_at(20, &third);
	talk_at(21, &third, 0);
	result = run(30);
	ck_assert_uint_eq(result->n_incidents, 1);
	has(result, 0, "path-down", "10.0.0.3", 2, 3);
	free(result);
}
END_TEST

static void refused_at(double at, const struct ends *ends)
{
	line(at, ends, "@># S 0:0(0)");
	line(at + 0.0002, ends, "#>@ RA 0:0(0) ack 1 win 0");
}

START_TEST(service_that_refuses_everybody_is_down)
{
	struct script_result *result;

	begin();
	refused_at(1, &two[0]);
	refused_at(2, &two[1]);
	result = run(30);
	ck_assert_uint_eq(result->n_incidents, 1);
	has(result, 0, "service-down", "10.0.0.19:9000", 2, 1);
	free(result);
}
END_TEST

START_TEST(service_that_accepts_again_is_not_down)
{
	const struct ends third = { 'C', 3, 'S', 0 };
	struct script_result *result;

	begin();
	refused_at(1, &two[0]);
	refused_at(2, &two[1]);
	open_at(3, &third);
	talk_at(4, &third, 0);
	result = run(30);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
	begin();
	refused_at(1, &two[0]);
	result = run(30);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

START_TEST(service_that_serves_others_all_the_while_is_not_down)
{
	const struct ends old = { 'D', 3, 'S', 0 };
	struct script_result *result;

	begin();
	open_at(0, &old);
	talk_at(0.5, &old, 0);
	refused_at(1, &two[0]);
	refused_at(2, &two[1]);
	talk_at(3, &old, 1);
	result = run(30);
	is(&result->flows[1], "connect-refused", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

START_TEST(outage_of_many_servers_is_no_scan)
{
	struct ends all[22];
	struct script_result *result;

	begin();
	for (unsigned i = 0; i < 22; i++) {
		all[i] = (struct ends){ 'C', 1 + i, (char)('S' + i % 3), 1 + i };
		open_at(0.01 * i, &all[i]);
	}
	for (unsigned i = 0; i < 22; i++)
		talk_at(1 + 0.02 * i, &all[i], 0);
	all_try_at(3, all, 22, 1);
	result = run(30);
	ck_assert_uint_eq(result->n_incidents, 1);
	has(result, 0, "network-down", "10.0.0.3", 22, 3);
	free(result);
}
END_TEST

START_TEST(host_that_knows_none_of_its_connections_was_restarted)
{
	struct script_result *result;

	sessions(two);
	for (unsigned i = 0; i < 2; i++) {
		line(5 + i, &two[i], "@># PA 51:101(50) ack 81");
		line(5.0002 + i, &two[i], "#>@ R 81:81(0) win 0");
	}
	result = run(30);
	ck_assert_uint_eq(result->n_incidents, 1);
	has(result, 0, "restart", "10.0.0.19", 2, 5);
	free(result);
}
END_TEST

START_TEST(host_that_an_older_connection_outlives_was_not_restarted)
{
	const struct ends third = { 'D', 3, 'S', 0 };
	struct script_result *result;

	begin();
	open_at(-0.0, &third);
	open_at(0.01, &two[0]);
	open_at(0.1, &two[1]);
	talk_at(1, &two[0], 0);
	talk_at(1.1, &two[1], 0);
	for (unsigned i = 0; i < 2; i++) {
		line(5 + i, &two[i], "@># PA 51:101(50) ack 81");
		line(5.0002 + i, &two[i], "#>@ R 81:81(0) win 0");
	}
	talk_at(10, &third, 0);
	result = run(30);
	is(&result->flows[1], "peer-restarted", FL_CRITICAL, FL_SIDE_SERVER);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

/* `count` ports from 1 on are opened and closed by their client, `gap` apart. */
static void closes(unsigned count, double gap, bool by_client)
{
	begin();
	for (unsigned i = 0; i < count; i++) {
		struct ends ends = { 'C', 1 + i, 'S', 0 };
		double at = gap * i;

		open_at(at, &ends);
		line(at + 0.001, &ends, by_client ? "@># FA 1:1(0) ack 1" : "#>@ FA 1:1(0) ack 1");
		line(at + 0.0012, &ends, by_client ? "#>@ FA 1:1(0) ack 2" : "@># FA 1:1(0) ack 2");
		line(at + 0.0014, &ends, by_client ? "@># A 2:2(0) ack 2" : "#>@ A 2:2(0) ack 2");
	}
}

/* The first `count` of them are taken again, with other numbers. */
static void take_again(double at, unsigned count, const char *options, bool is_met)
{
	for (unsigned i = 0; i < count; i++) {
		struct ends ends = { 'C', 1 + i, 'S', 0 };

		line(at + i, &ends, "@># S 200000:200000(0) %s", options);
		if (is_met)
			line(at + i + 0.0002, &ends, "#>@ A 2:2(0) ack 2");
		if (is_met)
			line(at + i + 1, &ends, "@># S 200000:200000(0) %s", options);
		line(at + i + 1.0002, &ends, "#>@ SA 300000:300000(0) ack 200001");
		line(at + i + 1.0004, &ends, "@># A 200001:200001(0) ack 300001");
		line(at + i + 1.001, &ends, "@># FA 200001:200001(0) ack 300001");
		line(at + i + 1.0012, &ends, "#>@ FA 300001:300001(0) ack 200002");
		line(at + i + 1.0014, &ends, "@># A 200002:200002(0) ack 300002");
	}
}

START_TEST(ports_that_all_wait_are_a_pressure)
{
	struct script_result *result;

	closes(300, 0.1, true);
	take_again(61, 3, "<ts 9 0>", false);
	result = run(70);
	ck_assert_uint_eq(result->n_incidents, 1);
	has(result, 0, "time-wait-pressure", "10.0.0.19:9000", 303, 0.0014);
	free(result);
	/* Its range may go on beyond the ports that it has used. */
	closes(300, 0.1, true);
	result = run(70);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

static void tells(const char *words, bool is_told)
{
	struct script_result *result = run(45);

	has(result, 0, "time-wait-pressure", "10.0.0.19:9000", 303, 0.0014);
	ck_assert_msg((strstr(result->incidents[0].summary, words) != NULL) == is_told, "%s",
	              result->incidents[0].summary);
	free(result);
}

START_TEST(ports_that_are_taken_again_while_they_wait_are_counted)
{
	closes(300, 0.1, true);
	take_again(32, 3, "<ts 9 7>", false);
	tells("3 were taken again before the 60 s were over (tcp_tw_reuse, or bind(): their SYNs echo a timestamp)",
	      true);
	closes(300, 0.1, true);
	take_again(32, 3, "<ts 9 0>", false);
	tells("3 were taken again before the 60 s were over (bind())", true);
	closes(300, 0.1, true);
	take_again(32, 3, "<ts 9 0>", false);
	tells("met what was left", false);
	closes(300, 0.1, true);
	take_again(32, 3, "<ts 9 0>", true);
	tells("3 SYNs met what was left of the connection before", true);
}
END_TEST

START_TEST(ports_that_are_over_or_whose_server_closed_are_none)
{
	struct script_result *result;

	closes(300, 0.3, true); /* 200 at once */
	take_again(95, 3, "<ts 9 0>", false);
	result = run(100);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
	closes(300, 0.1, false);
	result = run(40);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
	closes(200, 0.1, true); /* so few may be by chance */
	take_again(61, 3, "<ts 9 0>", false);
	result = run(70);
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

/* `count` services, spread over so many hosts, are tried once each, and refuse. */
static struct script_result *try_all(unsigned count, unsigned hosts)
{
	begin();
	for (unsigned i = 0; i < count; i++) {
		struct ends ends = { 'C', 1 + i, (char)('F' + i % hosts), 1 + i / hosts };

		refused_at(0.01 * i, &ends);
	}
	return run(30);
}

START_TEST(who_tries_many_services_in_vain_scans)
{
	struct script_result *result = try_all(24, 1);

	ck_assert_uint_eq(result->n_incidents, 1);
	has(result, 0, "scan", "10.0.0.3", 24, 0);
	is(&result->flows[0], "connect-refused", FL_NOTICE, FL_SIDE_SERVER);
	free(result);
	result = try_all(19, 1); /* a host may have so many, and all of them down */
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
	result = try_all(24, 12); /* nor does a client of many hosts scan any */
	ck_assert_uint_eq(result->n_incidents, 0);
	free(result);
}
END_TEST

UNIT_MAIN("incidents", host_that_answers_on_none_of_its_connections_is_down,
          host_that_is_heard_on_another_connection_is_not_down, one_connection_that_fails_is_no_incident,
          who_hears_nobody_any_more_has_lost_its_network, hosts_that_were_never_heard_do_not_fall_silent,
          hosts_that_fall_silent_together_while_others_are_heard_share_a_path, service_that_refuses_everybody_is_down,
          service_that_accepts_again_is_not_down, service_that_serves_others_all_the_while_is_not_down,
          outage_of_many_servers_is_no_scan, host_that_an_older_connection_outlives_was_not_restarted,
          host_that_knows_none_of_its_connections_was_restarted, ports_that_all_wait_are_a_pressure,
          ports_that_are_taken_again_while_they_wait_are_counted, ports_that_are_over_or_whose_server_closed_are_none,
          who_tries_many_services_in_vain_scans)
