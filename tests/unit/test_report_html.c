/* The HTML report: its first words, what is escaped, what is linked to what, and what is left out of long captures. How
 * it looks and behaves is shown in a browser (tests/browser). */
#include <inttypes.h>

#include "account.h"
#include "flatline/tcp.h"
#include "report/html_parts.h"
#include "report/plain.h"
#include "unit.h"

/* Prints incidents and accounts, free() it. */
static char *print_page(const struct fl_report_settings *settings, const struct fl_capture_account *capture,
                        const struct fl_incident *incidents, size_t n_incidents, const struct fl_account *accounts,
                        size_t count)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	struct fl_report *report = fl_report_new("html", out, settings);

	fl_report_begin(report, capture);
	for (size_t i = 0; i < n_incidents; i++)
		fl_report_incident(report, &incidents[i]);
	for (size_t i = 0; i < count; i++)
		fl_report_flow(report, &accounts[i]);
	ck_assert_int_eq(fl_report_end(report, NULL), 0);
	fl_report_free(report);
	fclose(out);
	return text;
}

static char *print_accounts(const struct fl_account *accounts, size_t count)
{
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();

	return print_report("html", &settings, &capture, accounts, count);
}

static size_t count_of(const char *text, const char *words)
{
	size_t count = 0;

	for (; (text = strstr(text, words)); text += strlen(words))
		count++;
	return count;
}

/* Pages are longer than what check can say. */
#define has(text, words) ck_assert_msg(strstr(text, words), "\"%s\" is not in: %.3000s", words, text_of_body(text))
#define lacks(text, words) ck_assert_msg(!strstr(text, words), "\"%s\" is in it", words)

static const char *text_of_body(const char *text)
{
	const char *body = strstr(text, "<body>");

	return body ? body : text;
}

START_TEST(the_head_says_it_in_words_for_everybody)
{
	struct fl_account account = gateway_account();
	char *text = print_accounts(&account, 1);

	has(text, "<header>\n<p class=\"kicker\">Incident report of incident.pcap</p>\n"
	          "<div class=\"lead\">\n"
	          "<h1>The server 10.1.0.9:9001 did not answer the first message of the client 10.1.0.2, which looks "
	          "like a login.</h1>\n"
	          "<p class=\"meaning\">Its computer was up and acknowledged every byte, so that the connection looked "
	          "healthy to the network; only its program said nothing.</p>\n"
	          "<dl class=\"facts\">\n"
	          "<dt>Where the fault is</dt>\n<dd>the program of the server 10.1.0.9:9001</dd>\n"
	          "<dt>Since</dt>\n<dd>2026-01-14 09:00:01.203 UTC (frame 4)</dd>\n"
	          "<dt>Unnoticed for</dt>\n<dd>14m29s at least: nobody had reacted when the capture ended</dd>\n"
	          "<dt>Now</dt>\n<dd>not over when the capture ended, at 09:14:30.000</dd>\n"
	          "<dt>How sure</dt>\n<dd>medium</dd>\n"
	          "<dt>Why nobody noticed</dt>\n"
	          "<dd>every byte is ACKed, so no kernel timer (retransmission, keepalive, TCP_USER_TIMEOUT) can "
	          "fire.</dd>\n"
	          "<dt>What would have caught it</dt>\n"
	          "<dd>a reply timeout in the client; and heartbeats only after the login was accepted.</dd>\n"
	          "</dl>\n<p><a href=\"#flow-7\">Details of this connection</a></p>\n</div>\n</header>\n");
	has(text, "<p class=\"counts\">1 connection: <span class=\"critical\"><b>1</b> failed</span>.</p>\n");
	has(text, "<article id=\"flow-7\" class=\"critical\">");
	has(text, "<tr class=\"critical\"><td data-v=\"7\"><a href=\"#flow-7\">7</a></td><td "
	          "data-v=\"3\">critical</td><td>auth-unanswered</td><td>10.1.0.2:40122</td><td>10.1.0.9:9001</td>"
	          "<td>server</td><td data-v=\"1768381201000000\">09:00:01.000</td>"
	          "<td data-v=\"1768381201203000\">09:00:01.203</td><td "
	          "data-v=\"868797000\">14m29s</td>"
	          "<td data-v=\"352\">352</td></tr>\n");
	lacks(text, "<svg viewBox"); /* nobody had a picture */
	free(text);
	account.again_at = AT(600000);
	text = print_accounts(&account, 1);
	has(text, "<dt>Now</dt>\n<dd>the client connected anew at 09:10:00.000, and was not let in</dd>\n");
	free(text);
	account.again_made = true;
	text = print_accounts(&account, 1);
	has(text, "<dt>Now</dt>\n<dd>the client connected anew at 09:10:00.000, and was let in</dd>\n");
	lacks(text, "id=\"again\"");
	free(text);
}
END_TEST

START_TEST(nothing_failed_or_nothing_was_there)
{
	struct fl_account account = healthy_account(3, "alive");
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_capture_facts facts = {
		.files = incident_files, .n_files = 1, .first = FL_TIME_NONE, .last = FL_TIME_NONE
	};
	char *text = print_accounts(&account, 1);

	has(text, "<h1>No connection failed in this capture.</h1>\n");
	has(text, "<tr class=\"ok\" id=\"flow-3\"><td data-v=\"3\">3</td>");
	lacks(text, "In detail");
	free(text);
	capture.facts = &facts;
	capture.tcp_packets = 0;
	capture.observed_until = FL_TIME_NONE;
	capture.not_tcp = (char *)"The capture is empty.";
	text = print_report("html", &settings, &capture, NULL, 0);
	has(text, "<h1>This capture shows no TCP connection.</h1>\n");
	has(text, "<p class=\"counts\">0 connections.</p>\n");
	has(text, "<p>The capture is empty.</p>\n");
	lacks(text, "<table");
	lacks(text, "Watched until");
	free(text);
}
END_TEST

#define MARKUP "<b a=\"1\" b='2'>&amp;\xe2\x80\xae\x1b[2J\xff"
#define ESCAPED "&#60;b a=&#34;1&#34; b=&#39;2&#39;&#62;&#38;amp;\xef\xbf\xbd\xef\xbf\xbd[2J\xef\xbf\xbd"

/* Whatever may come from a capture, a name or a profile. */
START_TEST(hostile_words_are_escaped_wherever_they_stand)
{
	char *words[] = { (char *)MARKUP };
	struct fl_moment moment = { AT(1203), 0, 4, (char *)MARKUP };
	struct fl_capture_file files[] = {
		{ .name = MARKUP, .format = "pcap", .compression = "", .end = FL_FILE_CORRUPT },
		{ .name = "b.pcap", .format = "pcap", .compression = "" }
	};
	struct fl_capture_facts facts = incident_facts;
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_incident incident = { MARKUP, MARKUP, NULL, 0, AT(0), MARKUP };
	struct fl_account account = gateway_account();
	char *text;

	snprintf(files[0].problem.message, sizeof(files[0].problem.message), "%s", MARKUP);
	facts.files = files;
	facts.n_files = 2;
	capture.facts = &facts;
	capture.not_tcp = (char *)MARKUP;
	capture.caveats = (struct fl_words){ .items = words, .count = 1 };
	account.profile = MARKUP;
	account.moments = &moment;
	account.n_moments = 1;
	account.verdict.summary = account.why_unnoticed = account.would_catch = (char *)MARKUP;
	account.kernel_says = account.keepalive_says = (char *)MARKUP;
	account.verdict.because = account.advice = account.caveats = account.verdict.alternatives = capture.caveats;
	text = print_page(&settings, &capture, &incident, 1, &account, 1);
	lacks(text, "<b a");
	lacks(text, "\x1b");
	lacks(text, "\xe2\x80\xae");
	/* File: kicker, moment, list, its problem. Incident: id and subject in title, h1 and section, summary twice.
	 * Capture: two. Flow: why and would catch it twice; profile, summary, kernel, keepalives, because, advice,
	 * caveat, alternative, moment. */
	ck_assert_uint_eq(count_of(text, ESCAPED), 4 + 3 * 2 + 2 + 2 + 4 + 9);
	free(text);
}
END_TEST

START_TEST(an_incident_is_said_in_words_for_everybody)
{
	static const struct {
		const char *id, *subject, *heading;
	} cases[] = {
		{ "host-down", "10.1.0.9", "The computer 10.1.0.9 answered nobody any more." },
		{ "listen-queue-overflow", "10.1.0.9:9120",
		  "The service 10.1.0.9:9120 did not take up new connections." },
		{ "scan", NULL, "The computer somewhere tried many services in vain." },
		{ "of-the-future", "2001:db8::1", "of-the-future: 2001:db8::1" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fl_incident incident = { .id = cases[i].id,
			                        .subject = cases[i].subject,
			                        .summary = "It <did>." };
		struct fl_text text, wanted;

		fl_text_init(&text);
		fl_text_init(&wanted);
		html_incident_lead(&text, &incident);
		fl_text_add(&wanted, "<h1>%s</h1>\n<p class=\"meaning\">It &#60;did&#62;.</p>\n", cases[i].heading);
		ck_assert_str_eq(fl_text_get(&text), fl_text_get(&wanted));
		fl_text_deinit(&text);
		fl_text_deinit(&wanted);
	}
}
END_TEST

START_TEST(an_incident_links_to_sections_and_rows_that_are_there)
{
	uint32_t flows[14] = { 7, 8, 9 };
	struct fl_incident incident = { "host-down", "10.1.0.9", flows, 3, AT(1203), "It vanished." };
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_account accounts[2] = { gateway_account(), healthy_account(8, "alive") };
	char *text = print_page(&settings, &capture, &incident, 1, accounts, 2);

	has(text, "<p class=\"flows\">3 connections: <a href=\"#flow-7\">7</a>, <a href=\"#flow-8\">8</a>, 9</p>\n");
	has(text, "<article id=\"flow-7\"");
	has(text, "<tr class=\"ok\" id=\"flow-8\">");
	ck_assert_uint_eq(count_of(text, "<h1>"), 1);
	has(text, "<h2>The server 10.1.0.9:9001 did not answer");
	free(text);
	incident.n_flows = 14;
	text = print_page(&settings, &capture, &incident, 1, accounts, 2);
	has(text, "<p class=\"flows\">14 connections: <a ");
	has(text, ", 0, 0, ...</p>\n"); /* twelve of them */
	free(text);
}
END_TEST

START_TEST(of_many_incidents_the_first_are_told_and_more_are_a_list)
{
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_incident incidents[230];
	char *text;

	for (size_t i = 0; i < 230; i++)
		incidents[i] = (struct fl_incident){ "scan", "10.1.0.2", NULL, 0, AT(0), "It tried." };
	text = print_page(&settings, &capture, incidents, 230, NULL, 0);
	ck_assert_uint_eq(count_of(text, "<article class=\"incident\">"), 20);
	has(text, "<p>210 more:</p>\n<ul>\n");
	ck_assert_uint_eq(count_of(text, "<li><code>scan</code>"), 180);
	has(text, "<li>and 30 that have no line here</li>\n");
	free(text);
}
END_TEST

/* Places of rows in the page. */
static const char *row_of(const char *text, const char *attributes)
{
	char row[64];

	snprintf(row, sizeof(row), "<tr class=%s", attributes);
	has(text, row);
	return strstr(text, row);
}

START_TEST(the_sick_come_first_and_the_worst_are_told)
{
	struct fl_account *accounts = calloc(40, sizeof(*accounts));
	char *text;

	for (uint32_t i = 0; i < 40; i++) {
		accounts[i] = i < 10 ? healthy_account(i, "alive") : gateway_account();
		accounts[i].id = i;
		if (i >= 10)
			accounts[i].verdict.severity = i % 2 ? FL_WARNING : FL_CRITICAL;
	}
	text = print_accounts(accounts, 40);
	has(text,
	    "<p class=\"note\">The worst 20 connections. 10 more that are not well stand in the table alone.</p>");
	ck_assert_uint_eq(count_of(text, "<article id="), 20);
	ck_assert(row_of(text, "\"critical\"><td data-v=\"10\">") < row_of(text, "\"critical\"><td data-v=\"12\">"));
	ck_assert(row_of(text, "\"critical\"><td data-v=\"38\">") < row_of(text, "\"warning\"><td data-v=\"11\">"));
	/* 15 critical ones, then the first five warnings; the sixth has a row only. */
	row_of(text, "\"warning\"><td data-v=\"19\"><a href=");
	row_of(text, "\"warning\" id=\"flow-21\"><td data-v=\"21\">21</td>");
	ck_assert(row_of(text, "\"warning\" id=\"flow-39\">") < row_of(text, "\"ok\" id=\"flow-0\">"));
	free(text);
	free(accounts);
}
END_TEST

START_TEST(a_long_capture_has_so_many_rows_and_counts_the_rest)
{
	const uint32_t count = 7000;
	struct fl_account *accounts = calloc(count, sizeof(*accounts));
	char *text;

	/* 3000 healthy ones first, of which 2000 have a row; 2000 sick ones of one service have, 2000 more of many not.
	 */
	for (uint32_t i = 0; i < count; i++) {
		accounts[i] = healthy_account(i, i < 3000 ? "closed" : "connect-refused");
		accounts[i].verdict.severity = i < 3000 ? FL_OK : FL_WARNING;
		if (i >= 5000)
			accounts[i].port[FL_SERVER] = (uint16_t)(i - 5000);
	}
	text = print_accounts(accounts, count);
	ck_assert_uint_eq(count_of(text, "<td data-v=\"2\">warning</td>"), 2000);
	ck_assert_uint_eq(count_of(text, "<td data-v=\"0\">ok</td>"), 2000);
	has(text,
	    "<p>3,000 more have no row here:</p>\n<ul class=\"unlisted\">\n<li>1,000 closed of 10.1.0.9:9001</li>\n");
	has(text, "<li>1 connect-refused of 10.1.0.9:0</li>\n");
	ck_assert_uint_eq(count_of(text, "<li>1 connect-refused of "), 199);
	has(text, "<li>and 801 more kinds</li>\n"); /* 1,000 kinds, and one for all others */
	free(text);
	free(accounts);
}
END_TEST

START_TEST(what_was_not_asked_for_is_counted)
{
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	struct fl_report *report = fl_report_new("html", out, &settings);

	fl_report_begin(report, &capture);
	fl_report_pass(report, &account);
	fl_report_flow(report, &account);
	ck_assert_int_eq(fl_report_end(report, NULL), 0);
	fl_report_free(report);
	fclose(out);
	has(text, "failed</span>. 1 more was not asked for.</p>");
	free(text);
}
END_TEST

/* A picture by hand: handshake, login with its ACK, and two beats, the last sent again. */
static struct fl_strip strip;
static struct fl_tick ticks[] = {
	{ .at = AT(1000), .nth = 1, .frame = 1, .classes = FL_SEG_SYN, .kind = FL_TICK_OPEN, .dir = 1 },
	{ .at = AT(1001), .nth = 2, .frame = 2, .classes = FL_SEG_SYN_ACK, .kind = FL_TICK_OPEN, .dir = 0 },
	{ .at = AT(1002), .nth = 3, .frame = 3, .kind = FL_TICK_ACK, .dir = 1 },
	{ .at = AT(1203), .nth = 4, .frame = 4, .length = 64, .kind = FL_TICK_DATA, .dir = 1 },
	{ .at = AT(1204), .nth = 5, .frame = 5, .kind = FL_TICK_ACK, .classes = FL_SEG_ZERO_WINDOW, .dir = 0 },
	{ .at = AT(6204), .nth = 6, .frame = 6, .length = 24, .kind = FL_TICK_DATA, .dir = 1 },
	{ .at = AT(6400),
	  .nth = 9,
	  .frame = 9,
	  .length = 24,
	  .classes = FL_SEG_REPEAT,
	  .kind = FL_TICK_REPEAT,
	  .dir = 1 },
};

static struct fl_picture make_picture(void)
{
	struct fl_account account = gateway_account();
	struct fl_picture picture = { .id = 7, .packets = 9, .whole = &strip, .ticks = ticks, .n_ticks = 7 };

	/* The server is the first of the pair here. */
	for (unsigned i = 0; i < 2; i++) {
		picture.address[i] = account.address[!i];
		picture.port[i] = account.port[!i];
	}
	strip = (struct fl_strip){ .from = AT(0), .to = AT(870000) };
	strip.cells[1][FL_TICK_DATA][0] = (struct fl_cell){ AT(1203), AT(1203), 4, 4, 1 };
	strip.cells[1][FL_TICK_DATA][1] = (struct fl_cell){ AT(6204), AT(6300), 6, 8, 3 };
	strip.cells[0][FL_TICK_ACK][0] = (struct fl_cell){ AT(1204), AT(1204), 5, 5, 1 };
	return picture;
}

static bool tell_seven(void *context, const struct fl_account *account)
{
	(void)context;
	return account->id == 7;
}

static const struct fl_picture *give_picture(void *context, const struct fl_account *account)
{
	(void)account;
	return context;
}

static char *print_picture(struct fl_picture *picture, const struct fl_account *account, bool is_once)
{
	struct fl_report_detail detail = { .is_told = tell_seven,
		                           .picture = give_picture,
		                           .context = picture,
		                           .command = "flatline report -o 'a b.html' x.pcap",
		                           .is_once = is_once };
	struct fl_report_settings settings = { .detail = &detail };
	struct fl_capture_account capture = incident_capture();

	return print_report("html", &settings, &capture, account, 1);
}

START_TEST(a_picture_is_drawn_told_and_folded)
{
	struct fl_picture picture = make_picture();
	struct fl_account account = gateway_account();
	char *text = print_picture(&picture, &account, false);

	has(text, "<figcaption>The pulse of this connection, 09:00:00.000 to 09:14:30.000 UTC. Wire: ");
	/* Place, sender and kind, count, frames, time; by column, then the client's first. */
	has(text, " data-points=\"151,01,1,4,4,09:00:01.203;151,10,1,5,5,09:00:01.204;156,01,3,6,8,09:00:06.204\"");
	has(text,
	    "<path class=\"kd\" d=\"M151 196v-14M156 196v-18\"/>"); /* the client's upwards, many of them higher */
	has(text, "<path class=\"ka\" d=\"M151 196v7\"/>");
	has(text, "<title>server, session: asked for at 09:00:01.203, and flat since</title>");
	has(text, ">flat from the start</text>");
	has(text, "<span><i class=\"ka\"></i>ACK</span> <span><i class=\"kd\"></i>data</span> </p>");
	lacks(text, "<i class=\"kr\">");
	/* The ladder. */
	has(text,
	    "<td class=\"wire right\"><span class=\"sr\">client to server: </span><b class=\"arrow\">SYN</b></td>");
	has(text, "<td class=\"wire left\"><span class=\"sr\">server to client: </span><b class=\"arrow\">SYN-ACK</b>");
	has(text, "<tr class=\"decisive\"><td class=\"num\">09:00:01.203</td>\n<td class=\"num\">4</td>");
	has(text, "data, 64 bytes</b></td><td>login sent, 64 bytes; ACKed after 0.3 ms, never answered</td>");
	has(text, ">ACK, window closed</b>");
	has(text, "<tr class=\"fold\"><td colspan=\"4\">2 packets in 196 ms</td></tr>\n");
	has(text, ">data, 24 bytes, sent again</b>");
	has(text, "<td colspan=\"4\">nothing more for 14m24s, until the capture ended</td>");
	has(text, "<code>flatline report -o &#39;a b.html&#39; x.pcap\nflatline explain auth-unanswered\n</code>");
	lacks(text, "could not be read twice");
	free(text);
}
END_TEST

START_TEST(a_rung_that_came_back_unasked_stays_flat)
{
	struct fl_picture picture = make_picture();
	struct fl_account account = gateway_account();
	char *text;

	/* Half way; what the stack sent after that (a SYN-ACK again) was no answer. */
	for (size_t i = 0; i < FL_COLUMNS; i++)
		strip.cells[0][FL_TICK_ACK][i].count++;
	account.signs[FL_SERVER][FL_SIGN_STACK] = (struct fl_judged_rung){ AT(600000), AT(435000), 900, 700, 9 };
	text = print_picture(&picture, &account, false);
	has(text, ">stack</text><rect class=\"pale\" x=\"150\" y=\"113\" width=\"790\" height=\"13\"/>"
	          "<rect class=\"live\" x=\"150\" y=\"113\" width=\"395\" height=\"13\"/>"
	          "<rect class=\"flat\" x=\"545\" y=\"113\" width=\"395\" height=\"13\"/>");
	free(text);
}
END_TEST

START_TEST(a_picture_of_many_days_says_which)
{
	struct fl_picture picture = make_picture();
	struct fl_account account = gateway_account();
	char *text;

	strip.to = AT(INT64_C(864000000));
	text = print_picture(&picture, &account, false);
	has(text, "The pulse of this connection, 2026-01-14 09:00:00.000 to 2026-01-24 09:00:00.000 UTC. ");
	has(text, ">2026-01-17</text>");
	free(text);
}
END_TEST

/* Files whose packets have no times, and those with times on both ends of what is possible. */
START_TEST(times_that_are_missing_or_far_apart_do_not_matter)
{
	struct fl_picture picture = make_picture();
	struct fl_account account = gateway_account();
	struct fl_tick saved[2] = { ticks[0], ticks[6] };
	char *text;

	ticks[0].at = strip.from = FL_TIME_NONE;
	text = print_picture(&picture, &account, false);
	lacks(text, "class=\"pulse\"");
	has(text, ">SYN</b>");
	lacks(text, ">silence of 35");
	free(text);
	ticks[0].at = strip.from = 0;
	ticks[6].at = strip.to = FL_TIME_MOST;
	text = print_picture(&picture, &account, false);
	has(text, "class=\"pulse\"");
	has(text, ">nothing on this connection for ");
	free(text);
	ticks[0] = saved[0];
	ticks[6] = saved[1];
}
END_TEST

#define ONLY_ENDS "only the first and the last packets of this connection are drawn."
#define NO_PACKETS "no packets of this connection were kept to draw."

START_TEST(a_picture_of_standard_input_says_so)
{
	struct fl_picture picture = make_picture();
	struct fl_account account = gateway_account();
	struct fl_capture_facts facts = incident_facts;
	struct fl_capture_file file = { .name = "-", .format = "pcap", .compression = "" };
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();
	char *text;

	picture.is_partial = true;
	text = print_picture(&picture, &account, true);
	has(text, ONLY_ENDS);
	free(text);
	picture.is_partial = false; /* a short one is drawn whole */
	text = print_picture(&picture, &account, true);
	lacks(text, "through a pipe");
	free(text);
	text = print_picture(NULL, &account, true);
	has(text, NO_PACKETS);
	free(text);
	facts.files = &file;
	capture.facts = &facts;
	text = print_report("html", &settings, &capture, &account, 1);
	has(text, "Incident report of standard input</p>");
	free(text);
}
END_TEST

START_TEST(a_backoff_has_its_schedule_and_its_end)
{
	struct fl_account account = gateway_account();
	struct fl_attempts *attempts = &account.timers.attempts;
	char *text;

	*attempts = (struct fl_attempts){
		.what = "data", .side = FL_SIDE_CLIENT, .n = 4, .repeats = 3, .doubles = true
	};
	for (size_t i = 0; i < 4; i++)
		attempts->at[i] = AT(0) + ((INT64_C(1) << i) - 1) * 200 * FL_NS_PER_MS;
	attempts->over_at = FL_TIME_NONE;
	attempts->gives_up = AT(0) + 3 * FL_NS_PER_S;
	text = print_accounts(&account, 1);
	has(text, "What the client&#39;s kernel sent again (data, 3 times), by the time since");
	ck_assert_uint_eq(count_of(text, "<circle class=\"kr\""), 3);
	ck_assert_uint_eq(count_of(text, "<circle class=\"due\""), 4); /* 0.2, 0.6, 1.4 and 3.0 s */
	has(text, ">gives up here by default</text>");
	free(text);
	attempts->over_at = attempts->at[3];
	text = print_accounts(&account, 1);
	has(text, ">ended</text>");
	free(text);
	attempts->n = 2;
	text = print_accounts(&account, 1);
	lacks(text, "<circle class=\"due\"");
	free(text);
}
END_TEST

/* A verdict that is new stands in the table of plain words, and none that is gone does. */
START_TEST(every_verdict_has_its_plain_words)
{
	struct fl_topic topic;
	size_t n_verdicts = 0, n_plain = 0;

	while (plain_id(n_plain)) {
		ck_assert_msg(fl_topic_find(plain_id(n_plain), &topic) && topic.kind != FL_TOPIC_FINDING,
		              "\"%s\" is no verdict and no incident", plain_id(n_plain));
		n_plain++;
	}
	for (size_t i = 0; fl_topic_at(i, &topic); i++) {
		struct fl_account account = gateway_account();
		struct fl_text text;

		if (topic.kind == FL_TOPIC_FINDING)
			continue;
		n_verdicts++;
		fl_text_init(&text);
		account.verdict.id = topic.id;
		if (topic.kind == FL_TOPIC_VERDICT)
			plain_what(&text, &account);
		else
			plain_incident(&text, topic.id, "10.1.0.9");
		ck_assert_msg(text.length > 20 && text.data[text.length - 1] == '.', "%s: \"%s\"", topic.id,
		              fl_text_get(&text));
		ck_assert_msg(strstr(text.data, "10.1.0."), "%s names nobody: \"%s\"", topic.id, text.data);
		fl_text_deinit(&text);
	}
	ck_assert_uint_eq(n_verdicts, n_plain);
}
END_TEST

UNIT_MAIN("report_html", the_head_says_it_in_words_for_everybody, nothing_failed_or_nothing_was_there,
          hostile_words_are_escaped_wherever_they_stand, an_incident_is_said_in_words_for_everybody,
          an_incident_links_to_sections_and_rows_that_are_there,
          of_many_incidents_the_first_are_told_and_more_are_a_list, the_sick_come_first_and_the_worst_are_told,
          a_long_capture_has_so_many_rows_and_counts_the_rest, what_was_not_asked_for_is_counted,
          a_picture_is_drawn_told_and_folded, a_rung_that_came_back_unasked_stays_flat,
          a_picture_of_many_days_says_which, times_that_are_missing_or_far_apart_do_not_matter,
          a_picture_of_standard_input_says_so, a_backoff_has_its_schedule_and_its_end,
          every_verdict_has_its_plain_words)
