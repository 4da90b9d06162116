/* The report in Markdown: one incident as a whole, names that try to be markup, nothing at all, and very much. */
#include "account.h"
#include "unit.h"

static bool told(void *context, const struct fl_account *account)
{
	(void)context;
	return account->verdict.severity > FL_OK;
}

static const struct fl_picture *no_picture(void *context, const struct fl_account *account)
{
	(void)context;
	(void)account;
	return NULL;
}

static const struct fl_report_detail detail = { .is_told = told,
	                                        .picture = no_picture,
	                                        .command = "flatline report -o incident.md incident.pcap" };

static void expect_in(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in:\n%.6000s", part, text);
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
		count++;
	return count;
}

#define FACTS \
	"- **Where the fault is:** the program of the server 10.1.0.9:9001\n" \
	"- **Since:** 2026-01-14 09:00:01.203 UTC (frame 4)\n" \
	"- **Unnoticed for:** 14m29s at least: nobody had reacted when the capture ended\n" \
	"- **Now:** not over when the capture ended, at 09:14:30.000\n"

#define WHY "every byte is ACKed, so no kernel timer (retransmission, keepalive, TCP\\_USER\\_TIMEOUT) can fire."

#define WOULD_CATCH "a reply timeout in the client; and heartbeats only after the login was accepted."

START_TEST(the_gateway_incident_is_told_as_a_whole)
{
	struct fl_report_settings settings = { .detail = &detail };
	struct fl_capture_account capture = incident_capture();
	struct fl_account accounts[2] = { healthy_account(0, "alive"), gateway_account() };
	char *text = print_report("markdown", &settings, &capture, accounts, 2);

	ck_assert_str_eq(
		text, "# The server 10.1.0.9:9001 did not answer the first message of the client 10.1.0.2, which "
		      "looks like a login.\n"
		      "\n"
		      "Its computer was up and acknowledged every byte, so that the connection looked healthy to "
		      "the network; only its program said nothing.\n"
		      "\n" FACTS "- **How sure:** medium\n"
		      "- **Why nobody noticed:** " WHY "\n"
		      "- **What would have caught it:** " WOULD_CATCH "\n"
		      "\n"
		      "Of incident.pcap: 2 connections: 1 failed, 1 healthy.\n"
		      "\n"
		      "## In detail\n"
		      "\n"
		      "### Flow 7: `auth-unanswered` `10.1.0.2:40122 -> 10.1.0.9:9001`\n"
		      "\n"
		      "The server's application never answered the login (frame 4). Its kernel is alive: it ACKed "
		      "the login and all 173 heartbeats.\n"
		      "\n"
		      "- **Severity:** critical\n" FACTS
		      "- **How sure:** medium: protocol unknown, so the first message is taken for a login by its "
		      "shape; captured from the first SYN on, both directions\n"
		      "- **Captured:** not known where\n"
		      "\n"
		      "```text\n"
		      "                    09:00                                                  09:14\n"
		      "client wire         ############################################################\n"
		      "       stack        ############################################################\n"
		      "       application  ############################################################\n"
		      "server wire         ############################################################\n"
		      "       stack        ############################################################\n"
		      "       session      ____________________________________________________________  flat from "
		      "the start\n"
		      "\n"
		      "# seen until then   _ asked for, and not seen   . nobody asked\n"
		      "wire: its packets   stack: its kernel's answers   application, session: its program's\n"
		      "```\n"
		      "\n"
		      "| Time, UTC | Frame | What |\n"
		      "|---|---:|---|\n"
		      "| 09:00:01.203 | 4 | login sent, 64 bytes; ACKed after 0.3 ms, never answered |\n"
		      "| 09:00:06.204 | 6 | first heartbeat, 24 bytes every 5.0 s: sent although the login was not "
		      "answered |\n"
		      "| 09:14:26.210 | 1302 | last heartbeat: 173 sent, 173 ACKed, 0 answered |\n"
		      "\n"
		      "**Why nobody noticed:** " WHY "\n"
		      "\n"
		      "**What would have caught it:** " WOULD_CATCH "\n"
		      "\n"
		      "**What to do:** Look at the server's process.\n"
		      "\n"
		      "**Settings, worked out for this connection:**\n"
		      "\n"
		      "- **Bound how long a reply may take**, in the client's program. After 5 s it would have told "
		      "the client that no answer comes; nobody had reacted after 14m29s, when the capture ended. "
		      "Choose a limit longer than your slowest good answer; then close, connect anew after pauses that "
		      "grow, and count it: an alarm has to see what a quiet reconnect hides.\n"
		      "\n"
		      "**What this capture cannot exclude:**\n"
		      "\n"
		      "- `one-way`: one side only sends, the other only ACKs, as if by design\n"
		      "\n"
		      "**What it could be mistaken for:** A client that only ever sends (telemetry, logging) may "
		      "look the same on the wire when it says hello and then sends lines of one size at a steady "
		      "pace; that is why the confidence is medium at most, unless other connections of the same "
		      "service were answered, or the protocol is known. A proxy that terminates TCP ACKs for a "
		      "backend that is long dead: then the proxy's application is the one that does not answer.\n"
		      "\n"
		      "**In Wireshark:** `tcp.stream eq 7`\n"
		      "\n"
		      "## Settings that would have caught it\n"
		      "\n"
		      "### Bound how long a reply may take, in the client's program\n"
		      "\n"
		      "C:\n"
		      "\n"
		      "```c\n"
		      "struct timeval limit = { .tv_sec = 5 }, none = { 0 };\n"
		      "\n"
		      "if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)\n"
		      "\treturn -1;\n"
		      "if (recv(fd, buffer, size, 0) <= 0)\n"
		      "\treturn -1; /* 0: closed; -1 and errno EAGAIN: nothing came in time */\n"
		      "if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none)) < 0)\n"
		      "\treturn -1; /* later, nothing need come */\n"
		      "```\n"
		      "\n"
		      "Java:\n"
		      "\n"
		      "```java\n"
		      "socket.setSoTimeout(5000); // ms: read() then throws SocketTimeoutException\n"
		      "int length = socket.getInputStream().read(buffer); // -1: closed\n"
		      "socket.setSoTimeout(0); // later, nothing need come\n"
		      "```\n"
		      "\n"
		      "Go:\n"
		      "\n"
		      "```go\n"
		      "if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {\n"
		      "\treturn err\n"
		      "}\n"
		      "if _, err := conn.Read(buffer); err != nil {\n"
		      "\treturn err // os.ErrDeadlineExceeded: nothing came in time\n"
		      "}\n"
		      "return conn.SetReadDeadline(time.Time{}) // later, nothing need come\n"
		      "```\n"
		      "\n"
		      "Python:\n"
		      "\n"
		      "```python\n"
		      "sock.settimeout(5)\n"
		      "data = sock.recv(4096)  # raises TimeoutError when nothing came in time\n"
		      "if not data:\n"
		      "    raise ConnectionError(\"the other side closed\")\n"
		      "sock.settimeout(None)  # later, nothing need come\n"
		      "```\n"
		      "\n"
		      "Node.js:\n"
		      "\n"
		      "```javascript\n"
		      "socket.on('error', error => console.error(error.message)); // else it ends the process\n"
		      "const timer = setTimeout(() => socket.destroy(new Error('no reply in 5 s')), 5000); // anew for "
		      "each request\n"
		      "socket.once('data', () => clearTimeout(timer));\n"
		      "socket.once('close', () => clearTimeout(timer));\n"
		      "```\n"
		      "\n"
		      "For flow 7.\n"
		      "\n"
		      "1 connection is not told here: 1 alive.\n"
		      "\n"
		      "## The capture\n"
		      "\n"
		      "- incident.pcap: pcap, 0 frames\n"
		      "- **Frames:** 1,302, 1,300 of them TCP, 1 of ARP and others that are not IP, 1 of UDP, ICMP "
		      "and others\n"
		      "- **From, to:** 2026-01-14 09:00:00.000 - 2026-01-14 09:14:30.000 UTC (14m30s)\n"
		      "- **Watched until:** 2026-01-14 09:14:30.000 UTC (the last frame)\n"
		      "- **Lost:** the file does not say whether the capture lost packets\n"
		      "\n"
		      "## How to make this report again\n"
		      "\n"
		      "```sh\n"
		      "flatline report -o incident.md incident.pcap\n"
		      "flatline explain auth-unanswered\n"
		      "```\n"
		      "\n"
		      "Made by flatline " PACKAGE_VERSION ". All times are UTC.\n");
	free(text);
}
END_TEST

/* The report on a capture of that name. */
static char *named(const char *name)
{
	struct fl_capture_file file = { .name = name, .format = "pcap" };
	struct fl_capture_facts facts = incident_facts;
	struct fl_capture_account capture = incident_capture();
	struct fl_report_detail command = detail;
	struct fl_report_settings settings = { .detail = &command };

	command.command = name;
	facts.files = &file;
	facts.n_files = 1;
	capture.facts = &facts;
	return print_report("markdown", &settings, &capture, NULL, 0);
}

START_TEST(names_of_files_are_no_markup)
{
	char *text = named("<img src=x> *a* _b_ [c](d) `e` f|g & #h ~i~ $j$\n# k\\l");

	expect_in(
		text,
		"- \\<img src=x\\> \\*a\\* \\_b\\_ \\[c\\](d) \\`e\\` f\\|g \\& \\#h \\~i\\~ \\$j\\$ \\# k\\\\l: pcap");
	free(text);
	text = named("1. one");
	expect_in(text, "- 1\\. one: pcap");
	free(text);
	text = named("- two");
	expect_in(text, "- \\- two: pcap");
	free(text);
	text = named("10.pcap");
	expect_in(text, "- 10.pcap: pcap");
	free(text);
	text = named("http://a.example www.b.example c@d.example mailto:e :smile:");
	expect_in(text, "http\\://a.example www\\.b.example c\\@d.example mailto\\:e \\:smile:");
	free(text);
	text = named("\033[31m\xff");
	expect_in(text, "- \xef\xbf\xbd\\[31m\xef\xbf\xbd: pcap");
	free(text);
}
END_TEST

START_TEST(no_command_ends_its_fence)
{
	char *text = named("a\n```\n# b");

	expect_in(text, "\n````sh\na\n```\n# b\n````\n");
	free(text);
}
END_TEST

START_TEST(a_timeline_names_its_files_in_their_cells)
{
	struct fl_capture_file files[] = { { .name = "a|b.pcap", .format = "pcap" },
		                           { .name = "c.pcap", .format = "pcap" } };
	struct fl_capture_facts facts = incident_facts;
	struct fl_capture_account capture = incident_capture();
	struct fl_report_settings settings = { .detail = &detail };
	struct fl_account account = gateway_account();
	struct fl_moment moment = { AT(1203), 0, 4, (char *)"a | b" };
	char *text;

	facts.files = files;
	facts.n_files = 2;
	capture.facts = &facts;
	account.moments = &moment;
	account.n_moments = 1;
	account.stream = UINT32_MAX;
	text = print_report("markdown", &settings, &capture, &account, 1);
	expect_in(text, "Of a\\|b.pcap and 1 more: 1 connection: 1 failed.\n");
	expect_in(text, "| 09:00:01.203 | 4 of a\\|b.pcap | a \\| b |\n");
	expect_in(text, "`ip.addr == 10.1.0.2 && ip.addr == 10.1.0.9 && tcp.port == 40122 && tcp.port == 9001`");
	free(text);
}
END_TEST

START_TEST(nothing_is_told_of_nothing)
{
	static struct fl_capture_facts none = { .first = FL_TIME_NONE,
		                                .last = FL_TIME_NONE,
		                                .interface_end = FL_TIME_NONE };
	struct fl_capture_account capture = { .facts = &none,
		                              .observed_until = FL_TIME_NONE,
		                              .not_tcp = (char *)"No TCP: 92 % is UDP/443, QUIC." };
	struct fl_report_settings settings = { .color = false };
	char *text = print_report("markdown", &settings, &capture, NULL, 0);

	ck_assert_str_eq(text, "# This capture shows no TCP connection\n"
	                       "\n"
	                       "Of no file: 0 connections.\n"
	                       "\n"
	                       "## The capture\n"
	                       "\n"
	                       "- **Frames:** 0, 0 of them TCP\n"
	                       "- **Lost:** the file does not say whether the capture lost packets\n"
	                       "\n"
	                       "No TCP: 92 % is UDP/443, QUIC.\n"
	                       "\n"
	                       "Made by flatline " PACKAGE_VERSION ". All times are UTC.\n");
	free(text);
}
END_TEST

START_TEST(without_detail_the_worst_ten_are_told)
{
	struct fl_report_settings settings = { .color = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_account accounts[13];
	char *text;

	for (uint32_t i = 0; i < 13; i++) {
		accounts[i] = gateway_account();
		accounts[i].id = i;
		accounts[i].verdict.onset = AT(1203) + i;
	}
	text = print_report("markdown", &settings, &capture, accounts, 13);
	ck_assert_uint_eq(count_of(text, "\n### Flow "), 10);
	ck_assert_uint_eq(count_of(text, "\n### Bound how long a reply may take"), 1);
	expect_in(text, "For flows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9.\n");
	expect_in(text,
	          "\n## Others that are not well\n\n| Flow | Severity | Verdict | Client | Server | Since, UTC |\n"
	          "|---:|---|---|---|---|---|\n"
	          "| 10 | critical | `auth-unanswered` | `10.1.0.2:40122` | `10.1.0.9:9001` | 2026-01-14 "
	          "09:00:01.203 |\n");
	ck_assert_uint_eq(count_of(text, "\n| 1"), 3);
	free(text);
}
END_TEST

START_TEST(of_very_many_the_rest_is_counted_by_service)
{
	enum { many = 5000, rows = 1000 };
	struct fl_report_settings settings = { .detail = &detail };
	struct fl_capture_account capture = incident_capture();
	struct fl_account *accounts = calloc(many, sizeof(*accounts));
	char *text;

	for (uint32_t i = 0; i < many; i++) {
		accounts[i] = healthy_account(i, "connect-refused");
		accounts[i].verdict.severity = i == 0 ? FL_CRITICAL : FL_NOTICE;
		accounts[i].verdict.onset = AT(1203) + i;
		accounts[i].port[FL_SERVER] = i < 4000 ? 9001 : 9002;
		if (i > 0)
			accounts[i].verdict.summary = NULL; /* not given in full */
	}
	text = print_report("markdown", &settings, &capture, accounts, many);
	ck_assert_uint_eq(count_of(text, "\n### Flow "), 1);
	ck_assert_uint_eq(count_of(text, "| notice |"), rows);
	expect_in(text, "3,999 more that are not well have no row here:\n\n"
	                "- 2,999 connect-refused of 10.1.0.9:9001\n"
	                "- 1,000 connect-refused of 10.1.0.9:9002\n");
	free(text);
	free(accounts);
}
END_TEST

START_TEST(a_healthy_flow_has_no_fault)
{
	struct fl_report_settings settings = { .all = true };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = healthy_account(3, "alive");
	char *text = print_report("markdown", &settings, &capture, &account, 1);

	expect_in(text, "# No connection failed in this capture\n");
	expect_in(text, "### Flow 3: `alive` `10.1.0.2:40122 -> 10.1.0.9:9001`\n\nNothing is owed.\n\n"
	                "- **Severity:** ok\n- **How sure:** high\n");
	free(text);
}
END_TEST

START_TEST(incidents_come_first)
{
	struct fl_report_settings settings = { .detail = &detail };
	struct fl_capture_account capture = incident_capture();
	uint32_t flows[] = { 7, 8 };
	struct fl_incident incident = { .id = "host-down",
		                        .subject = "10.1.0.9",
		                        .flows = flows,
		                        .n_flows = 2,
		                        .onset = AT(1203),
		                        .summary = "10.1.0.9 answers on none of its connections." };
	struct fl_account account = gateway_account();
	struct fl_error error;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	struct fl_report *report = fl_report_new("markdown", out, &settings);

	fl_report_begin(report, &capture);
	fl_report_incident(report, &incident);
	fl_report_flow(report, &account);
	fl_report_pass(report, &account);
	ck_assert_int_eq(fl_report_end(report, &error), 0);
	fl_report_free(report);
	fclose(out);
	expect_in(
		text,
		"# The computer 10.1.0.9 answered nobody any more.\n\n10.1.0.9 answers on none of its connections.\n\n"
		"The worst of its connections:\n\nThe server");
	expect_in(text, "## What several connections say together\n\n### `host-down` 10.1.0.9\n\n");
	expect_in(text, "- **Since:** 2026-01-14 09:00:01.203 UTC\n- **Connections:** 2, flows 7, 8\n\n");
	expect_in(text, "1 failed. 1 more was not asked for.\n");
	free(text);
}
END_TEST

/* A picture tells silences from life. */
static struct fl_picture gateway_picture;
static struct fl_strip gateway_strip;

static const struct fl_picture *its_picture(void *context, const struct fl_account *account)
{
	(void)context;
	(void)account;
	return &gateway_picture;
}

START_TEST(a_pulse_with_a_picture_shows_silences)
{
	struct fl_report_detail drawn = detail;
	struct fl_report_settings settings = { .detail = &drawn };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	char *text;

	drawn.picture = its_picture;
	gateway_strip.from = AT(0);
	gateway_strip.to = AT(870000);
	gateway_picture = (struct fl_picture){ .whole = &gateway_strip, .packets = 4 };
	gateway_picture.address[0] = account.address[FL_SERVER];
	gateway_picture.port[0] = account.port[FL_SERVER];
	gateway_picture.address[1] = account.address[FL_CLIENT];
	gateway_picture.port[1] = account.port[FL_CLIENT];
	gateway_strip.cells[1][FL_TICK_DATA][0].count = 1;
	gateway_strip.cells[1][FL_TICK_DATA][12].count = 1;
	gateway_strip.cells[1][FL_TICK_DATA][120].count = 1;
	gateway_strip.cells[0][FL_TICK_ACK][121].count = 1;
	text = print_report("markdown", &settings, &capture, &account, 1);
	expect_in(text, "client wire         ####..........................#.............................\n");
	expect_in(text, "server wire         ..............................#.............................\n");
	expect_in(text, "\n# seen   _ asked for");
	free(text);
}
END_TEST

UNIT_MAIN("report_markdown", the_gateway_incident_is_told_as_a_whole, names_of_files_are_no_markup,
          no_command_ends_its_fence, a_timeline_names_its_files_in_their_cells, nothing_is_told_of_nothing,
          without_detail_the_worst_ten_are_told, of_very_many_the_rest_is_counted_by_service,
          a_healthy_flow_has_no_fault, incidents_come_first, a_pulse_with_a_picture_shows_silences)
