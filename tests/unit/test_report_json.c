/* The JSON report: its members in their order, null for what is not known, the same bytes in every locale. */
#include <locale.h>

#include <json-c/json.h>

#include "account.h"
#include "unit.h"

static char *print_json(bool all, const struct fl_account *accounts, size_t count)
{
	struct fl_report_settings settings = { .all = all };
	struct fl_capture_account capture = incident_capture();

	return print_report("json", &settings, &capture, accounts, count);
}

static struct json_object *parse(const char *text)
{
	struct json_object *document = json_tokener_parse(text);

	ck_assert_msg(json_object_is_type(document, json_type_object), "no JSON: %s", text);
	return document;
}

static struct json_object *flow_at(struct json_object *document, size_t index)
{
	return json_object_array_get_idx(json_object_object_get(document, "flows"), index);
}

/* The members of an object in their order, "a b c". */
static const char *members(struct json_object *object, char ret_text[512])
{
	ret_text[0] = '\0';
	json_object_object_foreach(object, key, value)
	{
		(void)value;
		if (*ret_text)
			strcat(ret_text, " ");
		strcat(ret_text, key);
	}
	return ret_text;
}

#define BASICS \
	"id tcp_stream client server roles profile vantage first last duration_seconds start end packets " \
	"payload_bytes " \
	"retransmissions rtt_ms connect_ms longest_silence_seconds reset_by " \
	"verdict"

START_TEST(a_failure_is_written_whole)
{
	struct fl_account account = gateway_account();
	char *text = print_json(false, &account, 1);

	ck_assert_str_eq(
		text,
		"{\"format\":\"flatline/1\",\n"
		"\"capture\":{\"files\":[\"incident.pcap\"],\"frames\":1302,\"tcp_packets\":1300,"
		"\"first\":\"2026-01-14T09:00:00.000000000Z\",\"last\":\"2026-01-14T09:14:30.000000000Z\","
		"\"observed_until\":\"2026-01-14T09:14:30.000000000Z\",\"observed_until_source\":\"last-frame\","
		"\"link_types\":[\"Ethernet\",\"link type 147\"],"
		"\"skipped\":{\"not_ip\":1,\"not_tcp\":1,\"fragment\":0,\"malformed\":0,\"duplicate\":0},\"caveats\":[]"
		"},\n"
		"\"incidents\":[],\n"
		"\"flows\":[\n"
		"{\"id\":7,\"tcp_stream\":7,\"client\":{\"address\":\"10.1.0.2\",\"port\":40122},"
		"\"server\":{\"address\":\"10.1.0.9\",\"port\":9001},\"roles\":\"handshake\",\"profile\":null,"
		"\"vantage\":{\"where\":\"unknown\",\"because\":null},\"first\":\"2026-01-14T09:00:01.000000000Z\","
		"\"last\":\"2026-01-14T09:14:26.211000000Z\",\"duration_seconds\":865.211,\"start\":\"handshake\","
		"\"end\":\"none\","
		"\"packets\":{\"client\":177,\"server\":175},\"payload_bytes\":{\"client\":4216,\"server\":0},"
		"\"retransmissions\":{\"client\":0,\"server\":0},\"rtt_ms\":0.300,"
		"\"connect_ms\":0.400,\"longest_silence_seconds\":5.000,\"reset_by\":null,"
		"\"verdict\":{\"id\":\"auth-unanswered\",\"severity\":\"critical\",\"layer\":\"application\",\"side\":"
		"\"server\","
		"\"onset\":\"2026-01-14T09:00:01.203000000Z\",\"onset_after_seconds\":0.203,\"onset_frame\":4,"
		"\"noticed\":null,\"blind_seconds\":868."
		"797,"
		"\"blind_open\":true,\"bytes_at_risk\":0,\"confidence\":\"medium\","
		"\"because\":[\"protocol unknown, so the first message is taken for a login by its shape\","
		"\"captured from the first SYN on, both directions\"],\"alternatives\":[\"one-way\"],"
		"\"explains\":[\"heartbeat-ack-only\"],\"summary\":\"The server's application never answered the login "
		"(frame 4). "
		"Its kernel is alive: it ACKed the login and all 173 heartbeats.\"},"
		"\"findings\":[{\"id\":\"auth-unanswered\",\"severity\":\"critical\",\"side\":\"server\","
		"\"onset\":\"2026-01-14T09:00:01.203000000Z\",\"recovered\":null,\"figures\":{\"waited_seconds\":868."
		"797000,"
		"\"request\":4,\"request_length\":64,\"gave_up\":\"2026-01-14T09:14:28.000000000Z\"},"
		"\"evidence\":[{\"file\":0,\"frame\":4,\"time\":\"2026-01-14T09:00:01.203000000Z\","
		"\"what\":\"login sent, 64 bytes\"}]}],"
		"\"signs_of_life\":{\"client\":{"
		"\"wire\":{\"last\":{\"time\":\"2026-01-14T09:14:26.210000000Z\",\"frame\":1301},\"asked\":null,"
		"\"demands\":0},"
		"\"stack\":{\"last\":{\"time\":\"2026-01-14T09:14:26.210000000Z\",\"frame\":1301},\"asked\":null,"
		"\"demands\":0},"
		"\"application\":{\"last\":{\"time\":\"2026-01-14T09:14:26.210000000Z\",\"frame\":1301},\"asked\":null,"
		"\"demands\":0},"
		"\"session\":{\"last\":null,\"asked\":null,\"demands\":0}},\"server\":{"
		"\"wire\":{\"last\":{\"time\":\"2026-01-14T09:14:26.211000000Z\",\"frame\":1302},\"asked\":null,"
		"\"demands\":0},"
		"\"stack\":{\"last\":{\"time\":\"2026-01-14T09:14:26.211000000Z\",\"frame\":1302},\"asked\":null,"
		"\"demands\":0},"
		"\"application\":{\"last\":null,\"asked\":null,\"demands\":0},"
		"\"session\":{\"last\":null,\"asked\":{\"time\":\"2026-01-14T09:00:01.203000000Z\",\"frame\":4},"
		"\"demands\":174}}},"
		"\"timers\":null,\"keepalive\":null,\"story\":[],\"advice\":[\"Look at the server's "
		"process.\"],\"caveats\":[]}\n"
		"],\n"
		"\"summary\":{\"flows\":1,\"by_verdict\":{\"auth-unanswered\":1},"
		"\"by_severity\":{\"ok\":0,\"notice\":0,\"warning\":0,\"critical\":1}}}\n");
	free(text);
}
END_TEST

START_TEST(a_healthy_flow_ends_with_its_verdict_unless_all_is_asked)
{
	struct fl_account accounts[2] = { gateway_account(), healthy_account(8, "alive") };
	char *text = print_json(false, accounts, 2), *all = print_json(true, accounts, 2), names[512];
	struct json_object *document = parse(text), *full = parse(all);

	ck_assert_str_eq(members(flow_at(document, 1), names), BASICS);
	ck_assert_str_eq(members(flow_at(document, 0), names),
	                 BASICS " findings signs_of_life timers keepalive story advice caveats");
	ck_assert_str_eq(members(flow_at(full, 1), names),
	                 BASICS " findings signs_of_life timers keepalive story advice caveats");
	json_object_put(document);
	json_object_put(full);
	free(text);
	free(all);
	accounts[0].verdict.severity = FL_NOTICE;
	text = print_json(false, accounts, 1);
	document = parse(text);
	ck_assert_str_eq(members(flow_at(document, 0), names),
	                 BASICS " findings signs_of_life timers keepalive story advice caveats");
	json_object_put(document);
	free(text);
}
END_TEST

START_TEST(what_is_not_known_is_null)
{
	struct fl_account account = healthy_account(0, "inconclusive");
	char *text;
	struct json_object *document, *flow;

	account.stream = UINT32_MAX;
	account.rtt = FL_TIME_NONE;
	account.first = FL_TIME_NONE;
	account.signs[FL_CLIENT][FL_SIGN_WIRE].last_frame = 0; /* a time without a frame is no moment */
	text = print_json(true, &account, 1);
	document = parse(text);
	flow = flow_at(document, 0);
	ck_assert_ptr_nonnull(strstr(text, "\"client\":{\"wire\":{\"last\":null,"));
	ck_assert(json_object_object_get_ex(flow, "tcp_stream", NULL));
	ck_assert_ptr_null(json_object_object_get(flow, "tcp_stream"));
	ck_assert_ptr_null(json_object_object_get(flow, "rtt_ms"));
	ck_assert_ptr_null(json_object_object_get(flow, "first"));
	flow = json_object_object_get(flow, "verdict");
	ck_assert_ptr_null(json_object_object_get(flow, "onset"));
	ck_assert_ptr_null(json_object_object_get(flow, "onset_frame"));
	ck_assert_ptr_null(json_object_object_get(flow, "blind_seconds"));
	json_object_put(document);
	free(text);
}
END_TEST

START_TEST(an_empty_report_is_whole)
{
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_facts facts = { .files = incident_files, .first = FL_TIME_NONE, .last = FL_TIME_NONE };
	struct fl_capture_account capture = { .facts = &facts, .observed_until = FL_TIME_NONE };
	char *text = print_report("json", &settings, &capture, NULL, 0), names[512];
	struct json_object *document = parse(text);

	ck_assert_str_eq(members(document, names), "format capture incidents flows summary");
	ck_assert_uint_eq(json_object_array_length(json_object_object_get(document, "flows")), 0);
	ck_assert_ptr_nonnull(strstr(text, "\"observed_until\":null"));
	json_object_put(document);
	free(text);
}
END_TEST

START_TEST(incidents_stand_before_the_flows)
{
	uint32_t flows[] = { 7, 8 };
	struct fl_incident incident = { "host-down", (char *)"10.1.0.9", flows, 2, AT(1203), (char *)"It vanished." };
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();
	struct fl_account account = gateway_account();
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct fl_report *report = fl_report_new("json", out, &settings);

	fl_report_begin(report, &capture);
	fl_report_incident(report, &incident);
	fl_report_incident(report, &incident);
	fl_report_flow(report, &account);
	ck_assert_int_eq(fl_report_end(report, NULL), 0);
	fl_report_free(report);
	fclose(out);

#define HOST_DOWN \
	"{\"id\":\"host-down\",\"subject\":\"10.1.0.9\",\"flows\":[7,8],\"onset\":\"2026-01-14T09:00:01.203000000Z\"," \
	"\"summary\":\"It vanished.\"}"
	ck_assert_ptr_nonnull(
		strstr(text, "\"incidents\":[\n" HOST_DOWN ",\n" HOST_DOWN "\n],\n\"flows\":[\n{\"id\":7,"));
	json_object_put(parse(text));
	free(text);
}
END_TEST

START_TEST(file_names_become_valid_utf8)
{
	/* half a character, an overlong slash, a surrogate, a control character, and a real umlaut */
	const struct fl_capture_file file = { .name = "a\xc3"
		                                      "b\xc0\xaf"
		                                      "c\xed\xa0\x80\x01\xc3\xa4\"\xf4\x90\x80\x80" };
	struct fl_capture_facts facts = incident_facts;
	struct fl_report_settings settings = { .all = false };
	struct fl_capture_account capture = incident_capture();
	char *text;

	facts.files = &file;
	capture.facts = &facts;
	text = print_report("json", &settings, &capture, NULL, 0);

#define LOST "\xef\xbf\xbd"
	ck_assert_ptr_nonnull(strstr(text, "\"files\":[\"a" LOST "b" LOST LOST "c" LOST LOST LOST LOST
	                                   "\xc3\xa4\\\"" LOST LOST LOST LOST "\"]"));
	free(text);
}
END_TEST

START_TEST(decimals_have_a_point_in_every_locale_and_are_rounded)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = { { 0, "0.000" },
		      { 1, "0.000" },
		      { 499999, "0.000" },
		      { 500000, "0.001" },
		      { 999500000, "1.000" },
		      { 1234567890, "1.235" },
		      { INT64_MAX, "9223372036.855" } };

	/* Where the locale is installed, printf would write a comma. */
	(void)(setlocale(LC_ALL, "de_DE.UTF-8") || setlocale(LC_ALL, "fr_FR.UTF-8"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fl_account account = gateway_account();
		char expected[64], *text;

		account.verdict.blind = cases[i].ns;
		text = print_json(false, &account, 1);
		snprintf(expected, sizeof(expected), "\"blind_seconds\":%s,", cases[i].text);
		ck_assert_msg(strstr(text, expected), "%s is not in %s", expected, text);
		free(text);
	}
}
END_TEST

START_TEST(the_summary_counts_in_order_of_names)
{
	struct fl_account accounts[4] = { healthy_account(0, "one-way"), gateway_account(), healthy_account(2, "alive"),
		                          healthy_account(3, "one-way") };
	char *text = print_json(false, accounts, 4);

	ck_assert_ptr_nonnull(strstr(
		text, "\n\"summary\":{\"flows\":4,\"by_verdict\":{\"alive\":1,\"auth-unanswered\":1,"
		      "\"one-way\":2},\"by_severity\":{\"ok\":3,\"notice\":0,\"warning\":0,\"critical\":1}}}\n"));
	free(text);
}
END_TEST

START_TEST(timers_name_their_settings_and_leave_bounds_open)
{
	struct fl_account account = gateway_account();
	char *text;

	account.timers = (struct fl_timers){ .is_known = true,
		                             .initial_rto = 204500 * FL_NS_PER_US,
		                             .retries = 15,
		                             .knobs = { { "tcp_retries2", 15, 15 },
		                                        { "TCP_USER_TIMEOUT", 5000, FL_KNOB_OPEN },
		                                        { "x", FL_KNOB_OPEN, 0 } },
		                             .n_knobs = 3 };
	text = print_json(false, &account, 1);
	ck_assert_ptr_nonnull(strstr(text, "\"timers\":{\"initial_rto_ms\":204.500,\"retries\":15,\"knobs\":["
	                                   "{\"name\":\"tcp_retries2\",\"at_least\":15,\"at_most\":15},"
	                                   "{\"name\":\"TCP_USER_TIMEOUT\",\"at_least\":5000,\"at_most\":null},"
	                                   "{\"name\":\"x\",\"at_least\":null,\"at_most\":0}]},\"keepalive\""));
	free(text);
	account.timers = (struct fl_timers){ .is_known = true, .initial_rto = FL_TIME_NONE };
	text = print_json(false, &account, 1);
	ck_assert_ptr_nonnull(strstr(text, "\"timers\":{\"initial_rto_ms\":null,\"retries\":0,\"knobs\":[]},"));
	free(text);
}
END_TEST

UNIT_MAIN("report_json", a_failure_is_written_whole, a_healthy_flow_ends_with_its_verdict_unless_all_is_asked,
          what_is_not_known_is_null, an_empty_report_is_whole, incidents_stand_before_the_flows,
          file_names_become_valid_utf8, decimals_have_a_point_in_every_locale_and_are_rounded,
          the_summary_counts_in_order_of_names, timers_name_their_settings_and_leave_bounds_open)
