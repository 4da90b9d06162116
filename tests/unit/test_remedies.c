/* What would have caught it: whose setting, and with which numbers. */
#include "account.h"
#include "report/remedies.h"
#include "unit.h"

/* An account with that verdict, and one finding of it with the figures. */
static struct fl_account sick_account(const char *verdict, enum fl_side side, struct fl_judged_finding *finding)
{
	struct fl_account account = gateway_account();

	account.verdict.id = verdict;
	account.verdict.side = side;
	finding->id = verdict;
	if (finding->side == FL_SIDE_NONE)
		finding->side = side;
	account.findings = finding;
	account.n_findings = 1;
	return account;
}

static struct remedies remedies_of(const struct fl_account *account)
{
	struct remedies remedies;

	ck_assert(remedies_find(account, &remedies));
	for (size_t i = 0; i < remedies.count; i++) {
		ck_assert_ptr_nonnull(remedies.items[i].title);
		ck_assert_ptr_nonnull(remedies.items[i].where);
		ck_assert_ptr_nonnull(remedies.items[i].why);
		for (size_t k = 0; k < remedies.items[i].n_snippets; k++)
			ck_assert_ptr_null(strchr(remedies.items[i].snippets[k].code, '@'));
	}
	return remedies;
}

static const struct remedy *find(const struct remedies *remedies, const char *title)
{
	for (size_t i = 0; i < remedies->count; i++) {
		if (strcmp(remedies->items[i].title, title) == 0)
			return &remedies->items[i];
	}
	ck_abort_msg("no remedy \"%s\"", title);
	return NULL;
}

static const char *code_of(const struct remedy *remedy, const char *language)
{
	for (size_t i = 0; i < remedy->n_snippets; i++) {
		if (strcmp(remedy->snippets[i].language, language) == 0)
			return remedy->snippets[i].code;
	}
	return "";
}

static void expect(const struct remedy *remedy, const char *where, const char *why)
{
	ck_assert_str_eq(remedy->where, where);
	ck_assert_msg(strstr(remedy->why, why) != NULL, "\"%s\" is not in \"%s\"", why, remedy->why);
}

static void expect_code(const struct remedy *remedy, const char *language, const char *code)
{
	ck_assert_msg(strstr(code_of(remedy, language), code) != NULL, "\"%s\" is not in \"%s\"", code,
	              code_of(remedy, language));
}

START_TEST(every_verdict_has_remedies_or_is_known_to_have_none)
{
	static const char *const without[] = { "alive", "closed", "degraded", "inconclusive", "one-way" };
	struct fl_topic topic;

	for (size_t i = 0; fl_topic_at(i, &topic); i++) {
		struct fl_account account = gateway_account();
		struct remedies remedies;
		bool has_none = false;

		if (topic.kind != FL_TOPIC_VERDICT)
			continue;
		account.verdict.id = topic.id;
		account.findings = NULL;
		account.n_findings = 0;
		for (size_t k = 0; k < sizeof(without) / sizeof(without[0]); k++)
			has_none |= strcmp(without[k], topic.id) == 0;
		remedies = remedies_of(&account);
		ck_assert_msg((remedies.count == 0) == has_none, "%s: %zu remedies", topic.id, remedies.count);
		remedies_deinit(&remedies);
	}
}
END_TEST

START_TEST(who_waits_for_an_answer_bounds_the_wait)
{
	struct fl_account account = gateway_account();
	struct remedies remedies = remedies_of(&account);
	const struct remedy *remedy = find(&remedies, "Bound how long a reply may take");

	expect(remedy, "in the client's program",
	       "After 5 s it would have told the client that no answer comes; nobody had reacted after 14m29s, when "
	       "the capture ended.");
	expect_code(remedy, "C", "SO_RCVTIMEO");
	expect_code(remedy, "Java", "socket.setSoTimeout(5000);");
	expect_code(remedy, "Python", "sock.settimeout(5)\n");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(the_limit_is_longer_than_the_slowest_good_answer)
{
	struct fl_judged_finding finding = {
		.figures = { { "longest_answer", FL_UNIT_DURATION, INT64_C(2100) * FL_NS_PER_MS } }, .n_figures = 1
	};
	struct fl_account account = sick_account("app-silent", FL_SIDE_CLIENT, &finding);
	struct remedies remedies = remedies_of(&account);
	const struct remedy *remedy = find(&remedies, "Bound how long a reply may take");

	expect(remedy, "in the server's program", "The slowest answer before that took 2.1 s.");
	expect_code(remedy, "Go", "time.Now().Add(9 * time.Second)");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_limit_is_not_praised_for_what_it_would_not_have_caught)
{
	struct fl_account account = gateway_account();
	struct remedies remedies;

	account.verdict.blind = 4 * FL_NS_PER_S;
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "in the client's program", "no answer comes; the capture shows only 4.0 s of this.");
	remedies_deinit(&remedies);
	account.verdict.noticed = account.verdict.onset + account.verdict.blind;
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "in the client's program",
	       "no answer comes. Here it was noticed after 4.0 s. The limit is for the day");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(heartbeats_wait_for_the_login)
{
	struct fl_judged_finding findings[] = {
		{ .id = "auth-unanswered", .side = FL_SIDE_SERVER },
		{ .id = "heartbeat-before-auth",
		  .side = FL_SIDE_CLIENT,
		  .figures = { { "beats", FL_UNIT_COUNT, 173 } },
		  .n_figures = 1 },
	};
	struct fl_account account = gateway_account();
	struct remedies remedies;

	account.findings = findings;
	account.n_findings = 2;
	remedies = remedies_of(&account);
	expect(find(&remedies, "Send heartbeats only after the login was accepted"), "in the client's program",
	       "The client sent 173 heartbeats into a session that was never accepted.");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(settings_of_a_known_protocol_take_the_place_of_sockets)
{
	struct fl_account account = gateway_account();
	struct remedies remedies;

	account.profile = "postgresql";
	remedies = remedies_of(&account);
	expect_code(&remedies.items[0], "libpq", "connect_timeout=5");
	ck_assert_str_eq(code_of(&remedies.items[0], "C"), "");
	remedies_deinit(&remedies);
	account.verdict.id = "peer-vanished";
	account.verdict.side = FL_SIDE_CLIENT;
	remedies = remedies_of(&account);
	ck_assert_str_eq(remedies.items[0].where, "in the server's configuration");
	expect_code(&remedies.items[0], "postgresql.conf", "tcp_user_timeout = 10000");
	remedies_deinit(&remedies);
	/* A server without such a setting has the kernel's. */
	account.profile = "redis";
	remedies = remedies_of(&account);
	ck_assert_str_eq(remedies.items[0].where, "on the server's host");
	expect_code(&remedies.items[0], "sysctl", "net.ipv4.tcp_retries2 = 8");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_protocol_that_beats_is_asked_to)
{
	struct fl_judged_finding finding = { .severity = FL_CRITICAL };
	struct fl_account account = sick_account("app-silent", FL_SIDE_SERVER, &finding);
	struct remedies remedies;

	account.profile = "mqtt";
	remedies = remedies_of(&account);
	ck_assert_uint_eq(remedies.count, 1);
	expect(&remedies.items[0], "in the client's program", "(mqtt) has heartbeats of its own: every 20 s");
	expect_code(&remedies.items[0], "Python (paho)", "keepalive=20");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(pings_that_found_it_are_kept)
{
	struct fl_judged_finding finding = { .figures = { { "ping", FL_UNIT_COUNT, 1 } }, .n_figures = 1 };
	struct fl_account account = sick_account("app-silent", FL_SIDE_SERVER, &finding);
	struct remedies remedies;

	account.profile = "mqtt";
	account.verdict.blind = 5 * FL_NS_PER_S;
	account.verdict.noticed = account.verdict.onset + account.verdict.blind;
	remedies = remedies_of(&account);
	ck_assert_uint_eq(remedies.count, 1);
	ck_assert_uint_eq(remedies.items[0].n_snippets, 0);
	expect(find(&remedies, "Keep the heartbeat of the protocol as it is set"), "in the client's program",
	       "and so it was noticed after 5.0 s.");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(who_beats_in_vain_counts_answers)
{
	struct fl_judged_finding finding = { .figures = { { "period", FL_UNIT_DURATION, 2 * FL_NS_PER_S } },
		                             .n_figures = 1 };
	struct fl_account account = sick_account("heartbeat-ack-only", FL_SIDE_SERVER, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(find(&remedies, "Give up when heartbeats get no answers"), "in the client's program",
	       "They are sent every 2.0 s. After 6 s it would have told the client that no answer comes;");
	remedies_deinit(&remedies);
	account = sick_account("heartbeat-stopped", FL_SIDE_SERVER, &finding);
	remedies = remedies_of(&account);
	expect(find(&remedies, "Give up when the heartbeats stop"), "in the client's program",
	       "They came every 2.0 s.");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_write_is_bounded_by_who_writes)
{
	struct fl_judged_finding finding = {
		.figures = { { "told_after", FL_UNIT_DURATION, INT64_C(10414) * FL_NS_PER_MS } }, .n_figures = 1
	};
	struct fl_account account = sick_account("peer-vanished", FL_SIDE_SERVER, &finding);
	struct remedies remedies;
	const struct remedy *remedy;

	account.verdict.blind = 924 * FL_NS_PER_S;
	account.verdict.noticed = account.verdict.onset + account.verdict.blind;
	remedies = remedies_of(&account);
	remedy = find(&remedies, "Bound how long a write may go unanswered");
	expect(remedy, "in the client's program",
	       "After 10.4 s it would have ended the connection; it was noticed after 15m24s.");
	expect_code(remedy, "C", "unsigned int limit = 10000; /* ms */");
	expect_code(remedy, "Java", "The JDK has no TCP_USER_TIMEOUT.");
	expect_code(remedy, "Node.js", "Node.js itself has no TCP_USER_TIMEOUT.");
	expect(find(&remedies, "Or bound it for every connection of the host"), "on the client's host", "102.2 s");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(what_a_kernel_gave_up_is_told_as_a_range)
{
	struct fl_judged_finding finding = { .severity = FL_CRITICAL };
	struct fl_account account = sick_account("peer-vanished", FL_SIDE_SERVER, &finding);
	struct remedies remedies;

	account.verdict.gave_up = true;
	account.verdict.blind = 13 * FL_NS_PER_S;
	account.verdict.gave_up_after = 27 * FL_NS_PER_S;
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "in the client's program", "the kernel gave up after 13.0 s to 27.0 s.");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_closed_window_counts_since_linux_5_11)
{
	struct fl_judged_finding finding = { .severity = FL_CRITICAL };
	struct fl_account account = sick_account("receiver-stalled", FL_SIDE_CLIENT, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(&remedies.items[0], "in the server's program", "since Linux 5.11");
	expect(find(&remedies, "Bound how long a write may wait"), "in the server's program", "A limit of 10 s");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(routers_are_listened_to_where_they_spoke)
{
	struct fl_judged_finding finding = { .side = FL_SIDE_SERVER,
		                             .figures = { { "errors", FL_UNIT_COUNT, 6 } },
		                             .n_figures = 1 };
	struct fl_account account = sick_account("unreachable", FL_SIDE_BETWEEN, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(&remedies.items[0], "in the client's program", "After 10 s it would have ended the connection");
	expect(find(&remedies, "Listen to what routers say"), "in the client's program", "6 ICMP errors came");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_keepalive_is_more_frequent_than_what_forgets)
{
	struct fl_judged_finding finding = { .side = FL_SIDE_SERVER,
		                             .figures = { { "quiet", FL_UNIT_DURATION, 65 * FL_NS_PER_S },
		                                          { "repeats", FL_UNIT_COUNT, 6 } },
		                             .n_figures = 2 };
	struct fl_account account = sick_account("idle-dropped", FL_SIDE_BETWEEN, &finding);
	struct remedies remedies = remedies_of(&account);
	const struct remedy *remedy = find(&remedies, "Keep the connection in use");

	expect(remedy, "in the client's program", "It was dropped within 1m05s of silence");
	expect_code(remedy, "C", "idle = 30,");
	expect_code(remedy, "sysctl", "net.ipv4.tcp_keepalive_time = 30\n");
	find(&remedies, "Bound how long a write may go unanswered");
	remedies_deinit(&remedies);
	/* It said so: nothing is waited for in vain. */
	finding.figures[1] = (struct fl_figure){ "gave_up", FL_UNIT_TIME, AT(9) };
	remedies = remedies_of(&account);
	ck_assert_uint_eq(remedies.count, 2);
	find(&remedies, "Connect anew when the connection is lost");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(keepalives_that_found_it_are_kept)
{
	struct fl_judged_finding finding = { .severity = FL_CRITICAL };
	struct fl_account account = sick_account("keepalive-unanswered", FL_SIDE_SERVER, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(&remedies.items[0], "in the client's program", "A dead peer is then known 90 s after its last word");
	remedies_deinit(&remedies);
	account.timers.knobs[0] = (struct fl_knob){ "tcp_keepalive_time", 3, 3 };
	account.timers.knobs[1] = (struct fl_knob){ "tcp_keepalive_intvl", 1, 1 };
	account.timers.knobs[2] = (struct fl_knob){ "tcp_keepalive_probes", 3, 3 };
	account.timers.n_knobs = 3;
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "in the client's program", "3 s of silence, then 3 probes, 1 s apart.");
	expect_code(&remedies.items[0], "Python", "socket.TCP_KEEPIDLE, 3)");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(nobody_knows_whose_idle_peer_is_gone)
{
	struct fl_judged_finding finding = { .side = FL_SIDE_CLIENT,
		                             .figures = { { "idle", FL_UNIT_DURATION, 90 * FL_NS_PER_S } },
		                             .n_figures = 1 };
	struct fl_account account = sick_account("idle-unknown", FL_SIDE_UNKNOWN, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(&remedies.items[0], "in the program at either end", "silent for 1m30s, and no keepalive was seen.");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_restarted_peer_is_met_by_a_keepalive)
{
	struct fl_judged_finding finding = { .figures = { { "outage", FL_UNIT_DURATION, 6 * FL_NS_PER_S } },
		                             .n_figures = 1 };
	struct fl_account account = sick_account("peer-restarted", FL_SIDE_SERVER, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(&remedies.items[0], "in the client's program", "Here 6.0 s passed");
	find(&remedies, "Connect anew when the connection is lost");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_client_bounds_its_connect)
{
	struct fl_judged_finding finding = { .figures = { { "syns", FL_UNIT_COUNT, 9 },
		                                          { "tried", FL_UNIT_DURATION, 19 * FL_NS_PER_S } },
		                             .n_figures = 2 };
	struct fl_account account = sick_account("connect-unanswered", FL_SIDE_SERVER, &finding);
	struct remedies remedies;

	account.verdict.layer = FL_LAYER_STACK;
	account.verdict.blind = 19 * FL_NS_PER_S;
	remedies = remedies_of(&account);
	expect(find(&remedies, "Bound how long a connect may take"), "in the client's program",
	       "After 5 s it would have failed the connect; nobody had reacted after 19.0 s");
	expect(find(&remedies, "Or bound it for every connect of the host"), "on the client's host",
	       "Its kernel sent 9 SYNs over 19.0 s.");
	expect(find(&remedies, "Give the listen queue more room"), "in the server's program", "Only if");
	remedies_deinit(&remedies);
	account = sick_account("connect-slow", FL_SIDE_BETWEEN, &finding);
	finding.figures[0] = (struct fl_figure){ "cost", FL_UNIT_DURATION, 2 * FL_NS_PER_S };
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "in the client's program", "This one took 2.0 s.");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_refused_client_tries_again)
{
	struct fl_judged_finding finding = { .figures = { { "after", FL_UNIT_DURATION, 42 * FL_NS_PER_US } },
		                             .n_figures = 1 };
	struct fl_account account = sick_account("connect-refused", FL_SIDE_SERVER, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(&remedies.items[0], "in the client's program", "The refusal came 42 us after the first SYN.");
	remedies_deinit(&remedies);
	account = sick_account("closed-mid-request", FL_SIDE_SERVER, &finding);
	finding.figures[0] = (struct fl_figure){ "waited", FL_UNIT_DURATION, FL_NS_PER_S };
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "in the client's program", "A request had waited for 1.0 s when it ended.");
	remedies_deinit(&remedies);
	account = sick_account("reset", FL_SIDE_SERVER, &finding);
	finding.figures[0] = (struct fl_figure){ "bytes", FL_UNIT_BYTES, 7 };
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "in the client's program", "7 bytes were not acknowledged");
	remedies_deinit(&remedies);
	/* Who reset it itself needs no advice. */
	account = sick_account("reset", FL_SIDE_CLIENT, &finding);
	remedies = remedies_of(&account);
	ck_assert_uint_eq(remedies.count, 0);
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_full_queue_is_the_servers)
{
	struct fl_judged_finding finding = { .figures = { { "repeats", FL_UNIT_COUNT, 4 },
		                                          { "tried", FL_UNIT_DURATION, 15 * FL_NS_PER_S },
		                                          { "bytes", FL_UNIT_BYTES, 50 } },
		                             .n_figures = 3 };
	struct fl_account account = sick_account("accept-queue-overflow", FL_SIDE_SERVER, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(&remedies.items[0], "in the server's program", "The SYN-ACK was sent 4 times more over 15.0 s");
	expect_code(&remedies.items[0], "sysctl", "net.core.somaxconn = 4096");
	ck_assert_str_eq(find(&remedies, "Bound how long a write may go unanswered")->where, "in the client's program");
	remedies_deinit(&remedies);
	account = sick_account("handshake-abandoned", FL_SIDE_CLIENT, &finding);
	finding.figures[0].name = "sent";
	finding.side = FL_SIDE_CLIENT;
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "on the server's host", "sent 4 SYN-ACKs over 15.0 s");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(large_segments_are_the_senders_and_the_routers)
{
	struct fl_judged_finding finding = { .side = FL_SIDE_CLIENT,
		                             .figures = { { "least", FL_UNIT_BYTES, 1448 },
		                                          { "mtu", FL_UNIT_BYTES, 1400 } },
		                             .n_figures = 1 };
	struct fl_account account = sick_account("mtu-blackhole", FL_SIDE_BETWEEN, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(&remedies.items[0], "on the server's host", "Segments of 1,448 bytes and more never arrived.");
	expect_code(&remedies.items[0], "sysctl", "net.ipv4.tcp_mtu_probing = 1");
	expect_code(&remedies.items[1], "nft", "size set rt mtu");
	ck_assert_str_eq(remedies.items[1].where, "on the router or firewall between them");
	remedies_deinit(&remedies);
	finding.n_figures = 2;
	remedies = remedies_of(&account);
	expect_code(&remedies.items[1], "nft", "size set 1360");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(who_does_not_close_is_to_close)
{
	struct fl_judged_finding finding = { .figures = { { "open_for", FL_UNIT_DURATION, 70 * FL_NS_PER_S },
		                                          { "repeats", FL_UNIT_COUNT, 5 },
		                                          { "tried", FL_UNIT_DURATION, 3 * FL_NS_PER_S } },
		                             .n_figures = 3 };
	struct fl_account account = sick_account("half-closed", FL_SIDE_SERVER, &finding);
	struct remedies remedies = remedies_of(&account);

	expect(&remedies.items[0], "in the server's program", "has known for 1m10s that the other side closed");
	expect(&remedies.items[1], "in the client's program", "60 s by default");
	remedies_deinit(&remedies);
	account = sick_account("close-unanswered", FL_SIDE_SERVER, &finding);
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "on the client's host", "The FIN was sent 5 times more over 3.0 s.");
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(no_setting_makes_a_password_right)
{
	struct fl_judged_finding finding = { .figures = { { "answer", FL_UNIT_FRAME, 6 },
		                                          { "took", FL_UNIT_DURATION, 5 * FL_NS_PER_MS } },
		                             .n_figures = 2 };
	struct fl_account account = sick_account("auth-rejected", FL_SIDE_CLIENT, &finding);
	struct remedies remedies;

	account.profile = "redis";
	remedies = remedies_of(&account);
	ck_assert_uint_eq(remedies.count, 1);
	ck_assert_uint_eq(remedies.items[0].n_snippets, 0);
	expect(&remedies.items[0], "in the client's program", "The server said no 5.0 ms after the login, in frame 6.");
	ck_assert_ptr_nonnull(strstr(remedies.items[0].why, "ACL LOG"));
	remedies_deinit(&remedies);
}
END_TEST

START_TEST(a_late_answer_is_bounded_a_lossy_path_is_not)
{
	struct fl_judged_finding finding = { .id = "app-silent", .side = FL_SIDE_SERVER };
	struct fl_account account = healthy_account(0, "degraded");
	struct remedies remedies;

	account.findings = &finding;
	account.n_findings = 1;
	account.verdict.side = FL_SIDE_SERVER;
	account.verdict.layer = FL_LAYER_APPLICATION;
	account.verdict.is_over = true;
	account.verdict.blind = 12 * FL_NS_PER_S;
	remedies = remedies_of(&account);
	expect(&remedies.items[0], "in the client's program", "that the answer is late; it lasted for 12.0 s.");
	remedies_deinit(&remedies);
	account.verdict.layer = FL_LAYER_PATH;
	remedies = remedies_of(&account);
	ck_assert_uint_eq(remedies.count, 0);
	remedies_deinit(&remedies);
}
END_TEST

UNIT_MAIN("remedies", every_verdict_has_remedies_or_is_known_to_have_none, who_waits_for_an_answer_bounds_the_wait,
          the_limit_is_longer_than_the_slowest_good_answer, a_limit_is_not_praised_for_what_it_would_not_have_caught,
          heartbeats_wait_for_the_login, settings_of_a_known_protocol_take_the_place_of_sockets,
          a_protocol_that_beats_is_asked_to, pings_that_found_it_are_kept, who_beats_in_vain_counts_answers,
          a_write_is_bounded_by_who_writes, what_a_kernel_gave_up_is_told_as_a_range,
          a_closed_window_counts_since_linux_5_11, routers_are_listened_to_where_they_spoke,
          a_keepalive_is_more_frequent_than_what_forgets, keepalives_that_found_it_are_kept,
          nobody_knows_whose_idle_peer_is_gone, a_restarted_peer_is_met_by_a_keepalive, a_client_bounds_its_connect,
          a_refused_client_tries_again, a_full_queue_is_the_servers, large_segments_are_the_senders_and_the_routers,
          who_does_not_close_is_to_close, no_setting_makes_a_password_right,
          a_late_answer_is_bounded_a_lossy_path_is_not)
