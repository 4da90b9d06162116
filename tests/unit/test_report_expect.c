/* Expectation files: each operator with a value that meets it and one that does not, what is refused and with which
 * words, and that a failure can be acted on. */
#include <unistd.h>

#include "account.h"
#include "report/expect.h"
#include "report/json_parts.h"
#include "unit.h"

/* Loads `text` through a file; `error` is filled when that fails. */
static struct fl_expect *load(const char *text, size_t length, struct fl_error *error)
{
	char path[] = "/tmp/flatline-expect-XXXXXX";
	int fd = mkstemp(path);
	struct fl_expect *expect;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, length), (ssize_t)length);
	close(fd);
	expect = fl_expect_load(path, error);
	unlink(path);
	return expect;
}

/* The failures of `text` over the gateway's flow and a healthy one, joined by newlines; "" when all is as expected. */
static char *check(const char *text)
{
	struct fl_account accounts[2] = { gateway_account(), healthy_account(8, "alive") };
	struct fl_error error = { .message = "" };
	struct fl_expect *expect = load(text, strlen(text), &error);
	struct fl_checks checks = { 0 };
	char *joined = calloc(1, 16384);

	ck_assert_msg(expect != NULL, "%s: %s", text, error.message);
	accounts[1].port[FL_CLIENT] = 40123;
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(fl_expect_flow(expect, &accounts[i]), 0);
	ck_assert_int_eq(fl_expect_end(expect, &checks), 0);
	for (size_t i = 0; i < checks.count; i++) {
		const struct fl_check_item *item = &checks.items[i];

		if (item->state == FL_CHECK_FAILED)
			sprintf(joined + strlen(joined), "%s: %s\n%s\n", item->name, item->message, item->detail);
	}
	fl_checks_deinit(&checks);
	fl_expect_free(expect);
	return joined;
}

/* Whether `condition` holds for exactly one of the two flows, the gateway's; the other one has none of what is asked.
 */
static bool meets(const char *condition)
{
	char text[1024], *failures;
	bool met;

	snprintf(text, sizeof(text), "{\"flows\":[{\"match\":{\"id\":7,%s},\"count\":1}]}", condition);
	failures = check(text);
	met = *failures == '\0';
	free(failures);
	return met;
}

START_TEST(each_operator_holds_and_fails)
{
	static const struct {
		const char *holds, *fails;
	} cases[] = {
		{ "\"verdict.id\":\"auth-unanswered\"", "\"verdict.id\":\"alive\"" },
		{ "\"server.port\":9001", "\"server.port\":9002" },
		{ "\"server.port\":9001.0", "\"server.port\":9001.5" },
		{ "\"rtt_ms\":0.3", "\"rtt_ms\":0" },
		{ "\"verdict.confidence\":{\"at_least\":\"medium\"}",
		  "\"verdict.confidence\":{\"at_least\":\"high\"}" },
		{ "\"verdict.confidence\":{\"above\":\"low\"}", "\"verdict.confidence\":{\"below\":\"medium\"}" },
		{ "\"verdict.severity\":{\"at_least\":\"warning\"}", "\"verdict.severity\":{\"at_most\":\"warning\"}" },
		{ "\"verdict.blind_open\":true", "\"verdict.blind_open\":false" },
		{ "\"profile\":null", "\"verdict.onset\":null" },
		{ "\"findings.9.id\":null", "\"findings.0.id\":null" },
		{ "\"findings.0.id\":\"auth-unanswered\"", "\"findings.1.id\":\"auth-unanswered\"" },
		{ "\"findings.0.figures.waited_seconds\":{\"above\":868}",
		  "\"findings.0.figures.nothing\":{\"above\":868}" },
		{ "\"verdict.alternatives\":[\"one-way\"]", "\"verdict.alternatives\":[]" },
		{ "\"verdict.blind_seconds\":{\"at_least\":868.797}",
		  "\"verdict.blind_seconds\":{\"at_least\":868.798}" },
		{ "\"verdict.blind_seconds\":{\"at_most\":868.797}",
		  "\"verdict.blind_seconds\":{\"at_most\":868.796}" },
		{ "\"server.port\":{\"below\":9002}", "\"server.port\":{\"below\":9001}" },
		{ "\"server.port\":{\"above\":9000}", "\"server.port\":{\"above\":9001}" },
		{ "\"server.port\":{\"at_least\":9001,\"at_most\":9001}",
		  "\"server.port\":{\"at_least\":9000,\"at_most\":9000}" },
		{ "\"verdict.onset\":\"2026-01-14T09:00:01.203Z\"", "\"verdict.onset\":\"2026-01-14T09:00:01.2031Z\"" },
		{ "\"verdict.onset\":\"2026-01-14T10:00:01.203000000000+01:00\"",
		  "\"verdict.onset\":\"2026-01-14T09:00:01.203+01:00\"" },
		{ "\"findings.0.figures.gave_up\":\"2026-01-14T09:14:28Z\"",
		  "\"findings.0.figures.gave_up\":{\"above\":\"2026-01-14T09:14:28Z\"}" },
		{ "\"verdict.onset\":{\"contains\":\"2026-01-14T09:00\"}",
		  "\"verdict.onset\":{\"contains\":\"2026-01-14T09:01\"}" },
		{ "\"verdict.onset\":{\"above\":\"2026-01-14T09:00:01.000000000Z\"}",
		  "\"verdict.onset\":{\"below\":\"2026-01-14T09:00:01.000000000Z\"}" },
		{ "\"verdict.noticed\":{\"not\":{\"above\":\"2026-01-01T00:00:00Z\"}}",
		  "\"verdict.noticed\":{\"above\":\"2026-01-01T00:00:00Z\"}" },
		{ "\"verdict.alternatives\":{\"contains\":\"one-way\"}",
		  "\"verdict.alternatives\":{\"contains\":\"alive\"}" },
		{ "\"verdict.because\":{\"not\":{\"contains\":\"captured\"}}",
		  "\"verdict.because\":{\"contains\":\"captured\"}" }, /* a whole item */
		{ "\"verdict.summary\":{\"contains\":\"173 heartbeats\"}",
		  "\"verdict.summary\":{\"contains\":\"174 heartbeats\"}" },
		{ "\"verdict.side\":{\"one_of\":[\"client\",\"server\"]}",
		  "\"verdict.side\":{\"one_of\":[\"client\",\"none\"]}" },
		{ "\"verdict.noticed\":{\"one_of\":[null]}", "\"verdict.onset\":{\"one_of\":[null]}" },
		{ "\"verdict.side\":{\"not\":\"client\"}", "\"verdict.side\":{\"not\":\"server\"}" },
		{ "\"server.port\":{\"not\":{\"at_least\":9002}}", "\"server.port\":{\"not\":{\"at_least\":9001}}" },
		{ "\"signs_of_life.server.session.asked.frame\":4", "\"signs_of_life.server.session.last.frame\":4" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(meets(cases[i].holds), "should hold: %s", cases[i].holds);
		ck_assert_msg(!meets(cases[i].fails), "should fail: %s", cases[i].fails);
	}
}
END_TEST

START_TEST(counts_are_met_or_not)
{
	static const struct {
		const char *text;
		bool met;
	} cases[] = {
		{ "{\"flows\":[{\"match\":{}}]}", true }, /* at least one */
		{ "{\"flows\":[{\"match\":{\"id\":99}}]}", false },
		{ "{\"flows\":[{\"match\":{},\"count\":2}]}", true },
		{ "{\"flows\":[{\"match\":{},\"count\":1}]}", false },
		{ "{\"flows\":[{\"match\":{},\"count\":3}]}", false },
		{ "{\"flows\":[{\"match\":{\"id\":99},\"count\":0}]}", true },
		{ "{\"flows\":[{\"match\":{},\"count\":{\"at_least\":2}}]}", true },
		{ "{\"flows\":[{\"match\":{},\"count\":{\"at_least\":3}}]}", false },
		{ "{\"flows\":[{\"match\":{},\"count\":{\"at_most\":1}}]}", false },
		{ "{\"flows\":[{\"match\":{},\"count\":{\"at_least\":1,\"at_most\":2}}]}", true },
		{ "{\"others\":2}", true },
		{ "{\"others\":0}", false },
		{ "{\"flows\":[{\"match\":{\"id\":7}}],\"others\":1}", true },
		{ "{\"flows\":[{\"match\":{\"id\":7}}],\"others\":0}", false },
		{ "{\"flows\":[{\"match\":{\"id\":7}},{\"match\":{\"id\":8}}],\"others\":0}", true },
		{ "/* a note */{\"flows\":[// and \"another:\n{\"match\":{\"profile\":null}}]}", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *failures = check(cases[i].text);

		ck_assert_msg((*failures == '\0') == cases[i].met, "%s: %s", cases[i].text, failures);
		free(failures);
	}
}
END_TEST

START_TEST(a_failure_names_the_flows_that_came_nearest)
{
	char *failures = check(
		"{\"flows\":[{\"match\":{\"verdict.id\":\"auth-unanswered\",\"server.port\":9002},\"count\":1}],"
		"\"others\":0}");

	ck_assert_str_eq(
		failures,
		"flows[0]: expected 1 flow with { \"verdict.id\": \"auth-unanswered\", \"server.port\": 9002 }, found "
		"0\n"
		"  nearest: flow 7, 10.1.0.2:40122 -> 10.1.0.9:9001, auth-unanswered (server): server.port is 9001\n"
		"  nearest: flow 8, 10.1.0.2:40123 -> 10.1.0.9:9001, alive: verdict.id is \"alive\"\n"
		"others: expected 0 flows that no entry matches, found 2\n"
		"  found: flow 7, 10.1.0.2:40122 -> 10.1.0.9:9001, auth-unanswered (server)\n"
		"  found: flow 8, 10.1.0.2:40123 -> 10.1.0.9:9001, alive\n");
	free(failures);
	failures = check("{\"flows\":[{\"match\":{\"verdict.id\":\"alive\"},\"count\":0}]}");
	ck_assert_str_eq(failures, "flows[0]: expected 0 flows with { \"verdict.id\": \"alive\" }, found 1\n"
	                           "  found: flow 8, 10.1.0.2:40123 -> 10.1.0.9:9001, alive\n");
	free(failures);
}
END_TEST

START_TEST(only_a_few_near_flows_are_shown)
{
	static const char text[] = "{\"flows\":[{\"match\":{\"verdict.id\":\"one-way\",\"id\":3}}]}";
	struct fl_error error;
	struct fl_expect *expect = load(text, strlen(text), &error);
	struct fl_checks checks = { 0 };

	for (uint32_t id = 0; id < 40; id++) {
		struct fl_account account = healthy_account(id, id == 30 ? "one-way" : "alive");

		ck_assert_int_eq(fl_expect_flow(expect, &account), 0);
	}
	ck_assert_int_eq(fl_expect_end(expect, &checks), 0);
	ck_assert_uint_eq(checks.count, 1);
	ck_assert_ptr_nonnull(strstr(checks.items[0].message, "found 0"));
	/* 3 and 30 miss by one; the first of those that miss by two follow. */
	ck_assert_int_eq(strncmp(checks.items[0].detail, "  nearest: flow 3, ", 19), 0);
	ck_assert_ptr_nonnull(strstr(checks.items[0].detail, "is \"alive\"\n  nearest: flow 30, "));
	ck_assert_ptr_nonnull(strstr(checks.items[0].detail, "id is 30\n  nearest: flow 0, "));
	ck_assert_ptr_nonnull(strstr(checks.items[0].detail, "\n  and 35 more"));
	fl_checks_deinit(&checks);
	fl_expect_free(expect);
}
END_TEST

/* A message that ends in a blank goes on in json-c's words, which are its own. */
static void refused(const char *text, size_t length, const char *message)
{
	struct fl_error error = { .file = "", .message = "" };

	ck_assert_msg(load(text, length, &error) == NULL, "taken: %s", text);
	if (message[strlen(message) - 1] == ' ')
		ck_assert_msg(strncmp(error.message, message, strlen(message)) == 0, "%s: %s", text, error.message);
	else
		ck_assert_str_eq(error.message, message);
	ck_assert_ptr_nonnull(strstr(error.file, "flatline-expect-"));
}

START_TEST(what_could_never_match_is_refused)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "the file is empty" },
		{ "{}", "line 1: expects nothing: it has neither \"flows\" nor \"others\" nor \"assert\"" },
		{ "{\"flows\":[]}", "line 1: expects nothing: it has neither \"flows\" nor \"others\" nor \"assert\"" },
		{ "[]", "the file is to hold an object: { \"flows\": [ ... ] }" },
		{ "{\"flow\":[]}", "line 1: there is no key \"flow\": \"flows\", \"others\" and \"assert\" are known" },
		{ "{\"flows\":{}}", "line 1: \"flows\" is a list" },
		{ "{\"flows\":[1]}", "line 1: flows[0]: is an object with \"match\" and \"count\"" },
		{ "{\"flows\":[{\"match\":{}},{\"count\":1}]}", "line 1: flows[1]: has no \"match\"" },
		{ "{\"flows\":[{\"match\":{},\"cuont\":1}]}",
		  "line 1: flows[0]: knows \"name\", \"match\" and \"count\", not \"cuont\"" },
		{ "{\"flows\":[{\"match\":{\"verdict.sid\":\"server\"}}]}",
		  "line 1: flows[0]: there is no \"verdict.sid\" in a flow (see flatline-report(5))" },
		{ "{\"flows\":[{\"match\":{\"\":1}}]}",
		  "line 1: flows[0]: there is no \"\" in a flow (see flatline-report(5))" },
		{ "{\"flows\":[{\"match\":{\"findings.x.id\":null}}]}",
		  "line 1: flows[0]: there is no \"findings.x.id\" in a flow (see flatline-report(5))" },
		{ "{\"flows\":[{\"match\":{\"verdict.\":null}}]}",
		  "line 1: flows[0]: there is no \"verdict.\" in a flow (see flatline-report(5))" },
		{ "{\"flows\":[{\"match\":{\"verdict.id\":\"auth-unansered\"},\"count\":0}]}",
		  "line 1: flows[0]: \"verdict.id\" is never \"auth-unansered\"" },
		{ "{\"flows\":[{\"match\":{\"verdict.side\":{\"one_of\":[\"server\",\"sever\"]}}}]}",
		  "line 1: flows[0]: \"verdict.side\" is never \"sever\"" },
		{ "{\"flows\":[{\"match\":{\"verdict.alternatives\":{\"not\":{\"contains\":\"oneway\"}}}}]}",
		  "line 1: flows[0]: \"verdict.alternatives\" is never \"oneway\"" },
		{ "{\"flows\":[{\"match\":{\"server.port\":\"9001\"}}]}",
		  "line 1: flows[0]: \"server.port\" is a number" },
		{ "{\"flows\":[{\"match\":{\"verdict\":\"alive\"}}]}",
		  "line 1: flows[0]: \"verdict\" is an object: compare its members" },
		{ "{\"flows\":[{\"match\":{\"id\":{}}}]}", "line 1: flows[0]: \"id\" is compared with nothing" },
		{ "{\"flows\":[{\"match\":{\"id\":{\"atleast\":1}}}]}",
		  "line 1: flows[0]: \"id\": there is no operator \"atleast\"" },
		{ "{\"flows\":[{\"match\":{\"id\":{\"one_of\":[]}}}]}",
		  "line 1: flows[0]: \"id\" is to be one of a list" },
		{ "{\"flows\":[{\"match\":{\"id\":{\"contains\":1}}}]}",
		  "line 1: flows[0]: \"id\" can only contain a string, and must be a string or a list" },
		{ "{\"flows\":[{\"match\":{\"verdict.blind_open\":{\"above\":true}}}]}",
		  "line 1: flows[0]: \"verdict.blind_open\" cannot be above or below anything" },
		{ "{\"flows\":[{\"match\":{},\"count\":-1}]}",
		  "line 1: flows[0]: \"count\" is a whole number, or an object of at_least and at_most" },
		{ "{\"flows\":[{\"match\":{},\"count\":{\"below\":1}}]}",
		  "line 1: flows[0]: \"count\" takes at_least and at_most, with whole numbers" },
		{ "{\"others\":{\"at_least\":2,\"at_most\":1}}",
		  "line 1: \"others\" can never be: at_least is over at_most" },
		{ "{\"flows\":[{\"match\":{\"rtt_ms\":NaN}}]}",
		  "line 1, column 30: NaN, Infinity and what is larger than any number cannot be compared" },
		{ "{\"flows\":[{\"match\":{\"rtt_ms\":{\"one_of\":[-Infinity]}}}]}",
		  "line 1, column 41: NaN, Infinity and what is larger than any number cannot be compared" },
		{ "{\"flows\":[{\"match\":{\"rtt_ms\":1e999}}]}",
		  "line 1, column 30: NaN, Infinity and what is larger than any number cannot be compared" },
		{ "{\"flows\":[{\"match\":{\"first\":\"yesterday\"}}]}",
		  "line 1: flows[0]: \"first\" is a time like 2026-01-14T09:00:00Z" },
		{ "{\"flows\":[{\"match\":{\"verdict.onset\":{\"above\":\"1768381200\"}}}]}",
		  "line 1: flows[0]: \"verdict.onset\" is a time like 2026-01-14T09:00:00Z" },
		{ "{\"flows\":[{\"match\":{\"findings.0.figures.gave_up\":\"late\"}}]}",
		  "line 1: flows[0]: \"findings.0.figures.gave_up\" is a number, or a time like 2026-01-14T09:00:00Z" },
		{ "{\"flows\":[{\"match\":{\"client.port\":65536}}]}",
		  "line 1: flows[0]: \"client.port\" is at most 65535" },
		{ "{\"flows\":[{\"match\":{\"verdict.onset_frame\":{\"one_of\":[-1]}}}]}",
		  "line 1: flows[0]: \"verdict.onset_frame\" is never negative" },
		{ "{\"flows\":[{\"match\":{\"id\":{\"at_least\":2,\"at_most\":1}}}]}",
		  "line 1: flows[0]: \"id\" can never be: nothing is both at_least and at_most these" },
		{ "{\"flows\":[{\"match\":{\"id\":{\"above\":2,\"below\":2}}}]}",
		  "line 1: flows[0]: \"id\" can never be: nothing is both above and below these" },
		{ "{\"flows\":[{\"match\":{\"id\":{\"at_least\":2,\"below\":2}}}]}",
		  "line 1: flows[0]: \"id\" can never be: nothing is both at_least and below these" },
		{ "{\"flows\":[{\"match\":{\"last\":{\"not\":{\"above\":\"2026-01-14T09:00:00Z\","
		  "\"at_most\":\"2026-01-14T09:00:00.0Z\"}}}}]}",
		  "line 1: flows[0]: \"last\" can never be: nothing is both above and at_most these" },
		{ "{\"others\":0,\"others\":1}", "line 1, column 13: a key stands twice in one object" },
		{ "{\"flows\":[{\"name\":\"a\",\"match\":{}},\n\n{\"name\":\"a\",\n\"match\":{}}]}",
		  "line 3: flows[1]: has the name of flows[0]" },
		{ "{\"flows\":[{\"match\":\n{\"id\":1,\n\"ide\":\n2}}]}",
		  "line 4: flows[0]: there is no \"ide\" in a flow (see flatline-report(5))" },
		{ "{ /* \n \" */ \"flows\": [ // }\n{\"match\":{\"server.port\":\n\"9001\"}}]}",
		  "line 4: flows[0]: \"server.port\" is a number" },
		{ "{\"flows\":[{\"match\":{\"a\\\"}\\\\\":1}},\n{}]}",
		  "line 1: flows[0]: there is no \"a\"}\\\" in a flow (see flatline-report(5))" },
		{ "{\"flows\":[{\"match\":{}},\n{\"match\":\n\n{},\n\"count\":null}]}",
		  "line 5: flows[1]: \"count\" is a whole number, or an object of at_least and at_most" },
		{ "{\"flows\":[{\"match\":{\"i\\u0064\":1,\n\"id\":2}}]}",
		  "line 2, column 1: a key stands twice in one object" },
		{ "{\"others\":0,\n\"assert\":[],\n\"assert\":[{}]}",
		  "line 3, column 1: a key stands twice in one object" },
		{ "{\"others\":\n 0,\n}", "line 3, column 1: " },
		{ "{\"others\":0", "line 1, column 12: the file ends too early" },
		{ "{\"others\":0} 1", "line 1, column 14: " },
		{ "{\"others\":0 /* note }", "line 1, column 13: this comment does not end" },
		{ "{\"others\":0 / }", "line 1, column 13: a lone slash" },
		{ "\"", "line 1, column 2: the file ends too early" },
		{ "{\"o\xff\":0}", "line 1, column 4: " },
	};
	static const char zero[] = "{\"others\":0}\0{";
	char deep[400];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].text, strlen(cases[i].text), cases[i].message);
	refused(zero, sizeof(zero) - 1, "line 1, column 13: a zero byte");
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	refused(deep, strlen(deep), "line 1, column 33: ");
}
END_TEST

START_TEST(a_missing_file_is_named)
{
	struct fl_error error;

	ck_assert_ptr_null(fl_expect_load("/nonexistent/expect.json", &error));
	ck_assert_str_eq(error.file, "/nonexistent/expect.json");
	ck_assert_str_eq(error.message, "No such file or directory");
	ck_assert_ptr_null(fl_expect_load("/tmp", &error));
	ck_assert_str_eq(error.message, "Is a directory");
}
END_TEST

/* Every place of the JSON, written as a path, is one that an expectation may name. */
static void walk(struct json_object *value, const char *path, size_t *places)
{
	char below[256];

	if (*path) {
		ck_assert_msg(path_find(path) != NULL, "no expectation can name %s", path);
		++*places;
	}
	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, member)
		{
			snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
			walk(member, below, places);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			snprintf(below, sizeof(below), "%s.%zu", path, i);
			walk(json_object_array_get_idx(value, i), below, places);
		}
	}
}

START_TEST(paths_are_those_of_the_report)
{
	static char *story[] = { (char *)"It happened." };
	struct fl_account account = gateway_account();
	struct json_object *flow;
	size_t places = 0, n_paths = 0;

	account.story = account.caveats = (struct fl_words){ .items = story, .count = 1 };
	account.signs[FL_SERVER][FL_SIGN_SESSION].last_at = AT(1000);
	account.signs[FL_SERVER][FL_SIGN_SESSION].last_frame = 3;
	flow = json_flow(&account, true);
	walk(flow, "", &places);
	ck_assert_uint_gt(places, 100);

	/* And the other way round: each path of the table is there. */
	for (const char *pattern; (pattern = path_name(n_paths)) != NULL; n_paths++) {
		char path[256] = "";

		for (const char *at = pattern; *at; at++)
			strncat(path,
			        *at == '#'   ? "0"
			        : *at == '*' ? "request"
			        : *at == '%' ? "server"
			        : *at == '&' ? "session"
			                     : (char[2]){ *at, '\0' },
			        sizeof(path) - strlen(path) - 1);
		if (strcmp(path, "timers") == 0 || strcmp(path, "keepalive") == 0 || strcmp(path, "profile") == 0 ||
		    strcmp(path, "reset_by") == 0 || strcmp(path, "vantage.because") == 0 ||
		    strcmp(path, "verdict.noticed") == 0 || strcmp(path, "findings.0.recovered") == 0)
			continue; /* null here */
		ck_assert_msg(path_value(flow, path) != NULL, "the report has no %s", path);
	}
	ck_assert_uint_gt(n_paths, 60);
	json_object_put(flow);
}
END_TEST

UNIT_MAIN("report_expect", each_operator_holds_and_fails, counts_are_met_or_not,
          a_failure_names_the_flows_that_came_nearest, only_a_few_near_flows_are_shown,
          what_could_never_match_is_refused, a_missing_file_is_named, paths_are_those_of_the_report)
