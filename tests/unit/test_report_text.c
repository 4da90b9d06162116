/* The text report, compared as a whole with what DESIGN draws. */
#include "account.h"
#include "unit.h"

#define STORY_OF_THE_GATEWAY \
	"CRITICAL  auth-unanswered   10.1.0.2:40122 -> 10.1.0.9:9001   flow 7   confidence medium (protocol " \
	"unknown)\n" \
	"  The server's application never answered the login (frame 4). Its kernel is alive: it ACKed the login and " \
	"all 173 " \
	"heartbeats.\n" \
	"             09:00 |--------------------------------------------| 09:14\n" \
	"  server wire      ############################################\n" \
	"         stack     ############################################\n" \
	"         session   ____________________________________________  flat from the start\n" \
	"  09:00:01.203  #4     login sent, 64 bytes; ACKed after 0.3 ms, never answered\n" \
	"  09:00:06.204  #6     first heartbeat, 24 bytes every 5.0 s: sent although the login was not answered\n" \
	"  09:14:26.210  #1302  last heartbeat: 173 sent, 173 ACKed, 0 answered\n" \
	"  Unnoticed for at least 14m29s: nobody had noticed when the capture ended.\n" \
	"  Why nobody noticed: every byte is ACKed, so no kernel timer (retransmission, keepalive, TCP_USER_TIMEOUT) " \
	"can " \
	"fire.\n" \
	"  What would have caught it: a reply timeout in the client; and heartbeats only after the login was " \
	"accepted.\n" \
	"  Confidence medium: protocol unknown, so the first message is taken for a login by its shape; captured " \
	"from the " \
	"first SYN " \
	"on, both directions.\n" \
	"  This capture cannot exclude one-way: one side only sends, the other only ACKs, as if by design.\n" \
	"  In Wireshark: tcp.stream eq 7\n"

static void expect_text(char *text, const char *expected)
{
	ck_assert_str_eq(text, expected);
	free(text);
}

#define LEGEND "\nwire: its packets. stack: its kernel's answers. application, session: its program's. _: none came.\n"

START_TEST(the_gateway_incident_reads_as_designed)
{
	struct fl_report_settings settings = { .width = 150 };
	struct fl_capture_account capture = incident_capture();
	struct fl_account accounts[12];

	for (uint32_t i = 0; i < 12; i++)
		accounts[i] = healthy_account(i, i == 3 ? "closed" : "alive");
	accounts[7] = gateway_account();
	expect_text(print_report("text", &settings, &capture, accounts, 12),
	            "incident.pcap   1,302 frames   12 flows   2026-01-14 09:00:00 - 09:14:30 UTC (14m30s)   no sign "
	            "that the capture lost packets\n"
	            "\n" STORY_OF_THE_GATEWAY "\n"
	            "11 other flows: 10 alive, 1 closed.\n" LEGEND);
}
END_TEST

START_TEST(lines_break_at_100_columns_unless_told)
{
	struct fl_report_settings settings = { .quiet = true };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	char *text = print_report("text", &settings, &capture, &account, 1);

	ck_assert_ptr_nonnull(
		strstr(text, "\n  The server's application never answered the login (frame 4). Its kernel is alive: it "
	                     "ACKed the\n  login and all 173 heartbeats.\n"));
	ck_assert_ptr_nonnull(strstr(
		text, "\n  09:00:06.204  #6     first heartbeat, 24 bytes every 5.0 s: sent although the login was "
		      "not\n                       answered\n"));
	free(text);
}
END_TEST

START_TEST(a_doubt_is_told_in_short_and_asks_for_until)
{
	struct fl_report_settings settings = { .width = 100 };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();

	account.verdict.severity = FL_NOTICE;
	account.verdict.because.count = 0;
	account.verdict.confidence = FL_CONFIDENCE_LOW;
	account.verdict.onset = AT(869600);
	account.verdict.summary = (char *)"Waiting for an answer.";
	account.n_moments = 1;
	account.stream = UINT32_MAX;
	account.has_holes = true;
	expect_text(
		print_report("text", &settings, &capture, &account, 1),
		"incident.pcap   1,302 frames   1 flow\n"
		"   2026-01-14 09:00:00 - 09:14:30 UTC (14m30s)   packets of 1 flow are missing in the capture\n"
		"\n"
		"NOTICE    auth-unanswered   10.1.0.2:40122 -> 10.1.0.9:9001   flow 7   confidence low\n"
		"  Waiting for an answer.\n"
		"  09:00:01.203  #4     login sent, 64 bytes; ACKed after 0.3 ms, never answered\n"
		"  What would have caught it: a reply timeout in the client; and heartbeats only after the login was\n"
		"  accepted.\n"
		"  This capture cannot exclude one-way: one side only sends, the other only ACKs, as if by design.\n"
		"  The capture shows 400 ms of this. If it ran on longer, give --until TIME: that may settle it.\n"
		"  In Wireshark: frame.number in {4}\n");
}
END_TEST

/* The words about what is left of the capture after a doubt of `verdict`. */
static char *doubt_of(const char *verdict, int64_t onset, int64_t last, int64_t noticed)
{
	struct fl_report_settings settings = { .quiet = true, .width = 200 };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();

	account.verdict.severity = FL_NOTICE;
	account.verdict.id = verdict;
	account.verdict.onset = onset;
	account.verdict.noticed = noticed;
	account.last = last;
	return print_report("text", &settings, &capture, &account, 1);
}

START_TEST(until_is_only_asked_for_where_it_may_decide)
{
	char *text = doubt_of("inconclusive", FL_TIME_NONE, AT(870000), FL_TIME_NONE);

	ck_assert_ptr_nonnull(strstr(text, "\n  The capture ends with this connection's last packet.\n"));
	ck_assert_ptr_null(strstr(text, "--until"));
	free(text);
	text = doubt_of("inconclusive", FL_TIME_NONE, AT(860000), FL_TIME_NONE);
	ck_assert_ptr_nonnull(strstr(text, "\n  The last frame came 10.0 s after its last packet.\n"));
	ck_assert_ptr_null(strstr(text, "--until"));
	free(text);
	text = doubt_of("auth-unanswered", AT(860000), AT(870000), FL_TIME_NONE);
	ck_assert_ptr_nonnull(strstr(text, "\n  The capture shows 10.0 s of this. If it ran on longer, give --until"));
	free(text);
	text = doubt_of("auth-rejected", AT(860000), AT(870000), AT(860000));
	ck_assert_ptr_null(strstr(text, "--until"));
	free(text);
}
END_TEST

/* A failure of `severity` from 2 s to 6.8 s. */
static struct fl_judged_finding over(const char *id, enum fl_severity severity)
{
	return (struct fl_judged_finding){ .id = id, .severity = severity, .onset = AT(2000), .recovered = AT(6800) };
}

/* How often `word` stands in `text`. */
static unsigned count_of(const char *text, const char *word)
{
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
		count++;
	return count;
}

START_TEST(a_failure_that_is_over_is_told)
{
	struct fl_judged_finding found[] = { over("heartbeat-ack-only", FL_WARNING), over("auth-unanswered", FL_NOTICE),
		                             over("heartbeat-before-auth", FL_WARNING) };
	const char *line = "\n  Earlier: heartbeat-ack-only from 09:00:02.000 to 09:00:06.800 (4.8 s), recovered\n";
	struct fl_report_settings settings = { .width = 100 };
	struct fl_capture_account capture = incident_capture();
	struct fl_account accounts[3] = { healthy_account(0, "alive"), healthy_account(1, "alive"), gateway_account() };
	char *text;

	for (size_t i = 0; i < 3; i++) {
		accounts[i].findings = found;
		accounts[i].n_findings = 3;
	}
	found[1].recovered = AT(6900); /* too mild to be told; the third is never a verdict */
	accounts[1].n_findings = 0;
	text = print_report("text", &settings, &capture, accounts, 3);
	ck_assert_ptr_nonnull(strstr(text, line));
	ck_assert_uint_eq(count_of(text, "Earlier"), 1);
	ck_assert_str_eq(strstr(text, "2 other flows"),
	                 "2 other flows: 2 alive.\n"
	                 "1 flow had a failure that recovered: flow 0 (heartbeat-ack-only, 4.8 s).\n" LEGEND);
	free(text);
	settings.all = true;
	text = print_report("text", &settings, &capture, accounts, 1);
	ck_assert_ptr_nonnull(strstr(text, line));
	free(text);
}
END_TEST

START_TEST(a_long_list_of_failures_that_are_over_ends)
{
	struct fl_judged_finding found = over("heartbeat-ack-only", FL_WARNING);
	struct fl_report_settings settings = { .width = 2000 };
	struct fl_capture_account capture = incident_capture();
	struct fl_account accounts[12];
	char *text;

	for (uint32_t i = 0; i < 12; i++) {
		accounts[i] = healthy_account(i, "alive");
		accounts[i].findings = &found;
		accounts[i].n_findings = 1;
	}
	text = print_report("text", &settings, &capture, accounts, 12);
	ck_assert_ptr_nonnull(strstr(text, "12 flows had a failure that recovered: flow 0 (heartbeat-ack-only, 4.8 s), "
	                                   "flow 1 ("));
	ck_assert_ptr_nonnull(strstr(text, "flow 9 (heartbeat-ack-only, 4.8 s), and more.\n"));
	free(text);
}
END_TEST

START_TEST(flows_that_were_not_asked_for_are_counted)
{
	struct fl_report_settings settings = { .width = 100 };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = healthy_account(0, "alive");
	static const char *const ends[] = { "2 flows, none selected.\n", "2 flows, 1 selected.\n" };

	for (size_t i = 0; i < 2; i++) {
		char *text = NULL;
		size_t length;
		FILE *out = open_memstream(&text, &length);
		struct fl_report *report = fl_report_new("text", out, &settings);

		fl_report_begin(report, &capture);
		fl_report_pass(report, &account);
		(i == 0 ? fl_report_pass : fl_report_flow)(report, &account);
		ck_assert_int_eq(fl_report_end(report, NULL), 0);
		fl_report_free(report);
		fclose(out);
		ck_assert_ptr_nonnull(strstr(text, "1,302 frames   2 flows"));
		ck_assert_str_eq(strstr(text, "2 flows, "), ends[i]);
		free(text);
	}
}
END_TEST

START_TEST(the_header_shows_the_frames_that_were_asked_for)
{
	struct fl_capture_facts facts = incident_facts;
	struct fl_report_settings settings = { .width = 200 };
	struct fl_capture_account capture = incident_capture();
	char *text;

	facts.hidden = 1000;
	facts.shown_first = AT(60000);
	facts.shown_last = AT(120000);
	capture.facts = &facts;
	capture.until_source = FL_UNTIL_OPTION;
	capture.observed_until = AT(150000);
	text = print_report("text", &settings, &capture, NULL, 0);
	ck_assert_ptr_eq(
		strstr(text,
	               "incident.pcap   302 of 1,302 frames   0 flows   2026-01-14 09:01:00 - 09:02:00 UTC (1m00s) "),
		text);
	ck_assert_ptr_nonnull(strstr(
		text, "\nObserved until 2026-01-14 09:02:30 UTC, as asked for: the capture goes on for 12m00s.\n"));
	free(text);
}
END_TEST

START_TEST(a_side_that_died_turns_flat_where_it_was_first_asked_in_vain)
{
	struct fl_report_settings settings = { .quiet = true, .color = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	struct fl_judged_rung *server = account.signs[FL_SERVER];
	char *text;

	/* Half way through its 870 s, and what is flat above the wire is left out. */
	account.verdict.layer = FL_LAYER_PATH;
	account.first = AT(0);
	account.last = AT(500000);
	server[FL_SIGN_WIRE] = (struct fl_judged_rung){ AT(434000), AT(435000), 900, 901, 9 };
	server[FL_SIGN_STACK] = server[FL_SIGN_WIRE];
	server[FL_SIGN_STACK].asked_at = AT(868000);
	text = print_report("text", &settings, &capture, &account, 1);
	ck_assert_ptr_nonnull(strstr(
		text, "  server wire      ######################______________________  flat since 09:07:15.000\n"
		      "         stack     ###########################################_  flat since 09:14:28.000\n"
		      "  09:00:01.203"));
	ck_assert_ptr_null(strstr(text, "session"));
	free(text);
}
END_TEST

START_TEST(what_was_asked_at_the_very_end_is_not_flat_yet)
{
	struct fl_report_settings settings = { .quiet = true, .color = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	struct fl_judged_rung *server = account.signs[FL_SERVER];
	char *text;

	account.first = AT(0);
	server[FL_SIGN_STACK].asked_at = AT(869500); /* 0.5 s before the capture ended */
	text = print_report("text", &settings, &capture, &account, 1);
	ck_assert_ptr_nonnull(strstr(text, "         stack     ############################################\n"));
	free(text);
}
END_TEST

START_TEST(a_strip_shows_that_there_was_life_however_short)
{
	struct fl_report_settings settings = { .quiet = true };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	char *text;

	account.first = AT(0);
	account.signs[FL_SERVER][FL_SIGN_WIRE] = (struct fl_judged_rung){ AT(1), AT(2), 1, 2, 9 };
	text = print_report("text", &settings, &capture, &account, 1);
	ck_assert_ptr_nonnull(strstr(
		text, "  server wire      #___________________________________________  flat since 09:00:00.002\n"));
	free(text);
}
END_TEST

START_TEST(the_ten_worst_are_told_and_the_rest_is_a_table)
{
	struct fl_report_settings settings = { .width = 100 };
	struct fl_capture_account capture = incident_capture();
	struct fl_account accounts[13];
	char *text, *at;

	/* In no order at all: the report makes its own. */
	for (uint32_t i = 0; i < 13; i++) {
		uint32_t id = (i * 5 + 12) % 13;

		accounts[i] = gateway_account();
		accounts[i].id = id;
		/* 0, 1: notices; the later the id, the earlier the onset; 11 and 12 tie: the lower id first */
		accounts[i].verdict.severity = id < 2 ? FL_NOTICE : FL_CRITICAL;
		accounts[i].verdict.onset = AT(20000) - (id < 12 ? id : 11) * FL_NS_PER_S;
	}
	text = print_report("text", &settings, &capture, accounts, 13);
	at = text;
	for (int id = 11; id >= 3; id--) {
		char flow[16];

		snprintf(flow, sizeof(flow), "flow %d ", id);
		at = strstr(at, flow);
		ck_assert_msg(at, "flow %d is not told in its place", id);
		if (id == 11)
			ck_assert_ptr_nonnull(at = strstr(at, "flow 12 "));
	}
	ck_assert_str_eq(strstr(at, "\n\n"),
	                 "\n\n3 more:\n"
	                 "CRITICAL  auth-unanswered   10.1.0.2:40122 -> 10.1.0.9:9001   flow 2   since 09:00:18.000\n"
	                 "NOTICE    auth-unanswered   10.1.0.2:40122 -> 10.1.0.9:9001   flow 1   since 09:00:19.000\n"
	                 "NOTICE    auth-unanswered   10.1.0.2:40122 -> 10.1.0.9:9001   flow 0   since "
	                 "09:00:20.000\n" LEGEND);
	free(text);
}
END_TEST

START_TEST(min_severity_counts_what_it_does_not_tell)
{
	struct fl_report_settings settings = { .min_severity = FL_CRITICAL };
	struct fl_capture_account capture = incident_capture();
	struct fl_account accounts[2] = { gateway_account(), healthy_account(1, "alive") };
	char *text;

	accounts[0].verdict.severity = FL_WARNING;
	text = print_report("text", &settings, &capture, accounts, 2);
	ck_assert_str_eq(strstr(text, "\n\n"), "\n\n2 flows: 1 alive, 1 auth-unanswered.\n");
	free(text);
}
END_TEST

START_TEST(all_tells_healthy_flows_too)
{
	struct fl_report_settings settings = { .all = true };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = healthy_account(3, "alive");
	char *text = print_report("text", &settings, &capture, &account, 1);

	ck_assert_str_eq(strstr(text, "\n\n"),
	                 "\n\nOK        alive   10.1.0.2:40122 -> 10.1.0.9:9001   flow 3   confidence high\n"
	                 "  Nothing is owed.\n"
	                 "  In Wireshark: tcp.stream eq 3\n");
	free(text);
}
END_TEST

START_TEST(a_capture_without_tcp_says_what_was_there)
{
	struct fl_report_settings settings = { .width = 0 };
	struct fl_capture_account capture = incident_capture();

	capture.tcp_packets = 0;
	capture.not_tcp = (char *)"No TCP in this capture: 92 % of its frames are UDP/443, QUIC.";
	expect_text(print_report("text", &settings, &capture, NULL, 0),
	            "incident.pcap   1,302 frames   0 flows   2026-01-14 09:00:00 - 09:14:30 UTC (14m30s)\n"
	            "No TCP in this capture: 92 % of its frames are UDP/443, QUIC.\n");
}
END_TEST

START_TEST(an_empty_capture_says_so)
{
	struct fl_report_settings settings = { .width = 0 };
	struct fl_capture_account capture = incident_capture();
	struct fl_capture_facts facts = {
		.files = incident_files, .n_files = 1, .first = FL_TIME_NONE, .last = FL_TIME_NONE
	};

	capture.facts = &facts;
	capture.tcp_packets = 0;
	capture.observed_until = FL_TIME_NONE;
	expect_text(print_report("text", &settings, &capture, NULL, 0),
	            "incident.pcap   0 frames   0 flows\nThe capture is empty.\n");
}
END_TEST

START_TEST(who_says_how_long_the_capture_ran_is_named)
{
	struct fl_report_settings settings = { .width = 0 };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = healthy_account(0, "alive");
	char *text;

	capture.until_source = FL_UNTIL_OPTION;
	capture.observed_until = AT(930000);
	text = print_report("text", &settings, &capture, &account, 1);
	ck_assert_ptr_nonnull(strstr(
		text, "\nObserved until 2026-01-14 09:15:30 UTC, as --until says: 1m00s after the last frame.\n"));
	free(text);
}
END_TEST

START_TEST(file_names_cannot_repaint_the_terminal)
{
	const struct fl_capture_file file = { .name = "a\033[2Jb\xff\xc3\xa4\x7f.pcap" };
	struct fl_capture_facts facts = incident_facts;
	struct fl_report_settings settings = { .width = 0 };
	struct fl_capture_account capture = incident_capture();
	char *text;

	facts.files = &file;
	capture.facts = &facts;
	text = print_report("text", &settings, &capture, NULL, 0);
	ck_assert_ptr_eq(strstr(text, "a\xef\xbf\xbd[2Jb\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd.pcap   1,302 frames"), text);
	free(text);
}
END_TEST

START_TEST(color_only_when_asked_for)
{
	struct fl_report_settings settings = { .color = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	char *text = print_report("text", &settings, &capture, &account, 1);

	ck_assert_ptr_null(strchr(text, '\033'));
	free(text);
	settings.color = true;
	text = print_report("text", &settings, &capture, &account, 1);
	ck_assert_ptr_nonnull(strstr(text, "\n\033[1;31mCRITICAL\033[0m  auth-unanswered "));
	free(text);
}
END_TEST

START_TEST(of_several_files_each_is_named_where_it_takes_over)
{
	struct fl_moment moments[] = { { AT(1203), 0, 4, (char *)"first" },
		                       { AT(6204), 0, 6, (char *)"second" },
		                       { AT(86400000), 1, 2, (char *)"third" } };
	struct fl_capture_facts facts = incident_facts;
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	char *text;

	facts.n_files = 2;
	facts.last = AT(86400000);
	capture.facts = &facts;
	account.stream = UINT32_MAX;
	account.moments = moments;
	text = print_report("text", &settings, &capture, &account, 1);
	ck_assert_ptr_eq(strstr(text, "incident.pcap and 1 more   1,302 frames   1 flow\n"
	                              "   2026-01-14 09:00:00 - 2026-01-15 09:00:00 UTC (24h00m)   no sign that the "
	                              "capture lost packets\n"),
	                 text);
	ck_assert_ptr_nonnull(strstr(text, "\n  09:00:01.203  #4     first (incident.pcap)\n"
	                                   "  09:00:06.204  #6     second\n"
	                                   "  2026-01-15 09:00:00.000  #2     third (later.pcap)\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n  In Wireshark: frame.number in {4, 6} of incident.pcap\n"));
	free(text);
}
END_TEST

START_TEST(an_incident_comes_before_the_stories)
{
	uint32_t flows[] = { 7, 8 };
	struct fl_incident incident = { "host-down", (char *)"10.1.0.9", flows,
		                        2,           AT(1203),           (char *)"The host vanished." };
	struct fl_report_settings settings = { .quiet = true };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct fl_report *report = fl_report_new("text", out, &settings);

	fl_report_begin(report, &capture);
	fl_report_incident(report, &incident);
	fl_report_flow(report, &account);
	ck_assert_int_eq(fl_report_end(report, NULL), 0);
	fl_report_free(report);
	fclose(out);
	ck_assert_ptr_eq(strstr(text, "\nINCIDENT  host-down   10.1.0.9   2 flows   since 09:00:01.203\n"
	                              "  The host vanished.\n\nCRITICAL  auth-unanswered"),
	                 text);
	free(text);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	static const char *const names[] = { "text", "json" };

	for (size_t i = 0; i < 4; i++) {
		struct fl_report_settings settings = { .all = true };
		struct fl_capture_account capture = incident_capture();
		struct fl_account account = gateway_account();
		FILE *out = fopen("/dev/full", "w");
		struct fl_report *report = fl_report_new(names[i / 2], out, &settings);
		struct fl_error error = { .message = "" };

		fl_report_begin(report, &capture);
		/* Nothing fails before the end, or the stream's buffer overflows on the way. */
		for (int flow = 0; flow < (i % 2 ? 1000 : 1); flow++)
			fl_report_flow(report, &account);
		ck_assert_int_eq(fl_report_end(report, &error), -1);
		ck_assert_str_eq(error.message, "the report could not be written: No space left on device");
		fl_report_free(report);
		fclose(out);
	}
}
END_TEST

START_TEST(formats_are_listed_and_others_refused)
{
	struct fl_report_settings settings = { .all = false };

	ck_assert_str_eq(fl_report_format_name(0), "text");
	ck_assert_str_eq(fl_report_format_name(1), "json");
	ck_assert_str_eq(fl_report_format_name(2), "html");
	ck_assert_str_eq(fl_report_format_name(3), "markdown");
	ck_assert_ptr_null(fl_report_format_name(4));
	ck_assert_ptr_nonnull(fl_report_format_help(1));
	ck_assert_ptr_null(fl_report_new("xml", stdout, &settings));
}
END_TEST

UNIT_MAIN("report_text", of_several_files_each_is_named_where_it_takes_over, the_gateway_incident_reads_as_designed,
          lines_break_at_100_columns_unless_told, until_is_only_asked_for_where_it_may_decide,
          a_failure_that_is_over_is_told, a_long_list_of_failures_that_are_over_ends,
          flows_that_were_not_asked_for_are_counted, the_header_shows_the_frames_that_were_asked_for,
          a_doubt_is_told_in_short_and_asks_for_until, a_side_that_died_turns_flat_where_it_was_first_asked_in_vain,
          what_was_asked_at_the_very_end_is_not_flat_yet, a_strip_shows_that_there_was_life_however_short,
          the_ten_worst_are_told_and_the_rest_is_a_table, min_severity_counts_what_it_does_not_tell,
          all_tells_healthy_flows_too, a_capture_without_tcp_says_what_was_there, an_empty_capture_says_so,
          who_says_how_long_the_capture_ran_is_named, file_names_cannot_repaint_the_terminal, color_only_when_asked_for,
          an_incident_comes_before_the_stories, a_full_disk_is_told, formats_are_listed_and_others_refused)
