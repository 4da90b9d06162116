/* What people who run services want to hold, in their words and with units: that a dead peer is noticed in time, that
 * nobody is silent for longer than a firewall bears, that connecting is fast. Each is asked of every connection, or of
 * those to its "port", or of the capture as a whole. */
#include "assertions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/capture.h"
#include "flatline/settings.h"
#include "flatline/text.h"

enum { most_shown = 5 };

enum takes { TAKES_DURATION, TAKES_FINDING, TAKES_SIDE, TAKES_COUNT, TAKES_TRUE };

struct assertion;

/* A kind of assertion. */
struct kind {
	const char *key;
	enum takes takes;
	const char *asks; /* what it asks for; its value follows */
	bool has_port;    /* it can be asked of one service alone */
	/* How a flow breaks it, in words; false when it holds, or nobody can tell. NULL: it is not of single flows. */
	bool (*breaks)(const struct assertion *assertion, const struct fl_account *account, struct fl_text *how);
};

struct assertion {
	const struct kind *kind;
	const char *name;     /* as the file has it; NULL without one */
	const char *value;    /* likewise; "" for true */
	int64_t duration;     /* ns */
	int64_t most;         /* a count */
	int64_t port;         /* of the server; -1: any */
	uint64_t broken;      /* flows, or clients, that broke it */
	struct fl_text shown; /* some of them, a line each; of the capture: how it broke it */
	int64_t first_flow;   /* of them; -1 */
	uint32_t first_frame;
};

struct assertions {
	struct assertion *items;
	size_t count;
};

static void add_duration(struct fl_text *text, const char *lead, int64_t ns)
{
	char words[FL_TIME_TEXT];

	fl_text_add(text, "%s%s", lead, fl_duration_text(ns, words));
}

/* A failure is to be noticed: by whose application it concerns, or by a kernel that gave up and told it. What nobody
 * had noticed when the capture ended breaks it once it is that old. */
static bool breaks_noticed(const struct assertion *assertion, const struct fl_account *account, struct fl_text *how)
{
	const struct fl_verdict *verdict = &account->verdict;

	if (verdict->severity < FL_WARNING || verdict->blind == FL_TIME_NONE || verdict->blind <= assertion->duration)
		return false;
	add_duration(how, verdict->blind_open ? "unnoticed for at least " : "noticed after ", verdict->blind);
	return true;
}

static bool breaks_silence(const struct assertion *assertion, const struct fl_account *account, struct fl_text *how)
{
	if (account->longest_silence <= assertion->duration)
		return false;
	add_duration(how, "silent for ", account->longest_silence);
	return true;
}

static bool breaks_connected(const struct assertion *assertion, const struct fl_account *account, struct fl_text *how)
{
	if (account->connect == FL_TIME_NONE || account->connect <= assertion->duration)
		return false;
	add_duration(how, "connected after ", account->connect);
	return true;
}

static bool breaks_no_finding(const struct assertion *assertion, const struct fl_account *account, struct fl_text *how)
{
	bool is_verdict = strcmp(account->verdict.id, assertion->value) == 0;
	size_t i = 0;

	while (!is_verdict && i < account->n_findings && strcmp(account->findings[i].id, assertion->value) != 0)
		i++;
	if (!is_verdict && i == account->n_findings)
		return false;
	fl_text_add(how, "%s", assertion->value);
	return true;
}

static bool breaks_no_reset(const struct assertion *assertion, const struct fl_account *account, struct fl_text *how)
{
	if (account->reset_by == FL_SIDE_NONE || strcmp(fl_side_name(account->reset_by), assertion->value) != 0)
		return false;
	fl_text_add(how, "reset by %s", assertion->value);
	return true;
}

/* Of the capture, but it shows in a flow: bytes were ACKed that were never captured. */
static bool breaks_loses_nothing(const struct assertion *assertion, const struct fl_account *account,
                                 struct fl_text *how)
{
	(void)assertion;
	if (!account->has_holes)
		return false;
	fl_text_add(how, "bytes were ACKed that were never captured");
	return true;
}

static const struct kind kinds[] = {
	{ "noticed_within", TAKES_DURATION, "every failure is noticed within ", true, breaks_noticed },
	{ "silent_for_at_most", TAKES_DURATION, "no connection is silent for longer than ", true, breaks_silence },
	{ "connected_within", TAKES_DURATION, "every connect is done within ", true, breaks_connected },
	{ "no_finding", TAKES_FINDING, "nowhere is ", true, breaks_no_finding },
	{ "no_reset_by", TAKES_SIDE, "no connection is reset by ", true, breaks_no_reset },
	{ "lasts_at_least", TAKES_DURATION, "the capture lasts at least ", false, NULL },
	{ "time_wait_at_most", TAKES_COUNT, "a client's ports in TIME_WAIT towards one service are at most ", true,
	  NULL },
	{ "loses_nothing", TAKES_TRUE, "the capture loses no packet", false, breaks_loses_nothing },
};

enum { n_kinds = sizeof(kinds) / sizeof(kinds[0]) };

void assertions_free(struct assertions *assertions)
{
	if (!assertions)
		return;
	for (size_t i = 0; i < assertions->count; i++)
		fl_text_deinit(&assertions->items[i].shown);
	free(assertions->items);
	free(assertions);
}

static int take_duration(const char *key, struct json_object *value, struct assertion *item, struct fl_error *reterr)
{
	const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";

	/* With its unit: a bare number would be read in the wrong one. */
	if (strspn(text, "0123456789.") == strlen(text) || fl_duration_parse(text, &item->duration)) {
		fl_error_set(reterr, NULL, 0, "\"%s\" takes a time with its unit, like \"10s\", \"250ms\" or \"2m\"",
		             key);
		return -1;
	}
	return 0;
}

static int take_word(const struct kind *kind, struct json_object *value, struct fl_error *reterr)
{
	const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
	struct fl_topic topic;

	if (kind->takes == TAKES_FINDING) {
		if (fl_topic_find(text, &topic) && topic.kind != FL_TOPIC_INCIDENT)
			return 0;
		fl_error_set(reterr, NULL, 0, "there is no verdict or finding \"%s\" (see: flatline list detectors)",
		             text);
		return -1;
	}
	if (strcmp(text, "client") == 0 || strcmp(text, "server") == 0 || strcmp(text, "between") == 0)
		return 0;
	fl_error_set(reterr, NULL, 0, "\"%s\" takes client, server or between", kind->key);
	return -1;
}

static int take_count(const char *key, struct json_object *value, struct assertion *item, struct fl_error *reterr)
{
	item->most = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;
	if (item->most >= 0) {
		item->value = json_object_to_json_string(value);
		return 0;
	}
	fl_error_set(reterr, NULL, 0, "\"%s\" takes a whole number", key);
	return -1;
}

static int take_kind(const struct kind *kind, struct json_object *value, struct assertion *item,
                     struct fl_error *reterr)
{
	if (item->kind) {
		fl_error_set(reterr, NULL, 0, "asserts two things: \"%s\" and \"%s\"", item->kind->key, kind->key);
		return -1;
	}
	item->kind = kind;
	item->value = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
	if (kind->takes == TAKES_DURATION)
		return take_duration(kind->key, value, item, reterr);
	if (kind->takes == TAKES_COUNT)
		return take_count(kind->key, value, item, reterr);
	if (kind->takes != TAKES_TRUE)
		return take_word(kind, value, reterr);
	if (json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value))
		return 0;
	fl_error_set(reterr, NULL, 0, "\"%s\" is true, or left out", kind->key);
	return -1;
}

static int take_member(const char *key, struct json_object *value, struct assertion *item, struct fl_error *reterr)
{
	for (size_t i = 0; i < n_kinds; i++) {
		if (strcmp(key, kinds[i].key) == 0)
			return take_kind(&kinds[i], value, item, reterr);
	}
	if (strcmp(key, "name") == 0) {
		item->name = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
		if (item->name[0] != '\0' && !strchr(item->name, '\n'))
			return 0;
		fl_error_set(reterr, NULL, 0, "\"name\" is a text of one line");
		return -1;
	}
	if (strcmp(key, "port") == 0) {
		item->port = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;
		if (item->port >= 0 && item->port <= UINT16_MAX)
			return 0;
		fl_error_set(reterr, NULL, 0, "\"port\" is the server's, a number from 0 to 65535");
		return -1;
	}
	fl_error_set(reterr, NULL, 0, "there is no assertion \"%s\" (see flatline-check(1))", key);
	return -1;
}

static int read_item(struct fl_json *json, struct json_object *from, struct assertion *item, struct fl_error *reterr)
{
	fl_text_init(&item->shown);
	item->port = item->first_flow = -1;
	if (!json_object_is_type(from, json_type_object)) {
		fl_error_set(reterr, NULL, 0, "is an object with one assertion");
		return -1;
	}
	json_object_object_foreach(from, key, value)
	{
		fl_json_look_member(json, from, key);
		if (take_member(key, value, item, reterr))
			return -1;
	}
	fl_json_look(json, from);
	if (!item->kind) {
		fl_error_set(reterr, NULL, 0, "asserts nothing");
		return -1;
	}
	if (item->kind->has_port || item->port < 0)
		return 0;
	fl_error_set(reterr, NULL, 0, "\"%s\" is of the capture, and has no port", item->kind->key);
	return -1;
}

struct assertions *assertions_read(struct fl_json *json, struct json_object *list, struct fl_error *reterr)
{
	struct assertions *assertions = calloc(1, sizeof(*assertions));
	struct fl_error problem;
	size_t count;

	if (!json_object_is_type(list, json_type_array)) {
		fl_error_set(reterr, NULL, 0, "\"assert\" is a list");
		free(assertions);
		return NULL;
	}
	count = json_object_array_length(list);
	if (assertions)
		assertions->items = calloc(count + 1, sizeof(*assertions->items));
	if (!assertions || !assertions->items) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		free(assertions);
		return NULL;
	}
	while (assertions->count < count) {
		size_t at = assertions->count++;
		struct json_object *from = json_object_array_get_idx(list, at);

		fl_json_look(json, from);
		if (read_item(json, from, &assertions->items[at], &problem)) {
			fl_error_set(reterr, NULL, 0, "assert[%zu]: %.200s", at, problem.message);
			assertions_free(assertions);
			return NULL;
		}
	}
	return assertions;
}

static void show(struct assertion *item, const struct fl_account *account, const struct fl_text *how)
{
	char client[FL_ENDPOINT_TEXT], server[FL_ENDPOINT_TEXT];

	if (item->broken++ == 0) {
		item->first_flow = account->id;
		item->first_frame = account->verdict.onset_frame ? account->verdict.onset_frame : account->first_frame;
	}
	if (item->broken > most_shown)
		return;
	fl_text_add(&item->shown, "%s  flow %" PRIu32 ", %s -> %s, %s: %s", item->shown.length > 0 ? "\n" : "",
	            account->id, fl_endpoint_text(&account->address[FL_CLIENT], account->port[FL_CLIENT], client),
	            fl_endpoint_text(&account->address[FL_SERVER], account->port[FL_SERVER], server),
	            account->verdict.id, fl_text_get(how));
}

bool assertions_flow(struct assertions *assertions, const struct fl_account *account)
{
	bool ok = true;

	for (size_t i = 0; i < assertions->count; i++) {
		struct assertion *item = &assertions->items[i];
		struct fl_text how;

		if (!item->kind->breaks || (item->port >= 0 && item->port != account->port[FL_SERVER]))
			continue;
		fl_text_init(&how);
		if (item->kind->breaks(item, account, &how))
			show(item, account, &how);
		ok = ok && !how.failed && !item->shown.failed;
		fl_text_deinit(&how);
	}
	return ok;
}

void assertions_capture(struct assertions *assertions, const struct fl_capture_account *capture)
{
	const struct fl_capture_facts *facts = capture->facts;
	int64_t lasted = facts->first != FL_TIME_NONE ? capture->observed_until - facts->first : 0;

	for (size_t i = 0; i < assertions->count; i++) {
		struct assertion *item = &assertions->items[i];

		if (item->kind->takes == TAKES_DURATION && !item->kind->breaks && lasted < item->duration)
			add_duration(&item->shown, "  it lasts ", lasted);
		else if (item->kind->takes == TAKES_TRUE && facts->has_drops && facts->drops > 0)
			fl_text_add(&item->shown, "  it lost %" PRIu64 " by its own count", facts->drops);
	}
}

bool assertions_want_time_waits(const struct assertions *assertions)
{
	for (size_t i = 0; i < assertions->count; i++) {
		if (assertions->items[i].kind->takes == TAKES_COUNT)
			return true;
	}
	return false;
}

void assertions_time_wait(struct assertions *assertions, const struct fl_time_wait *time_wait)
{
	char client[FL_ADDRESS_TEXT], server[FL_ENDPOINT_TEXT], count[32], at[FL_TIME_TEXT];

	for (size_t i = 0; i < assertions->count; i++) {
		struct assertion *item = &assertions->items[i];

		if (item->kind->takes != TAKES_COUNT || (int64_t)time_wait->peak <= item->most ||
		    (item->port >= 0 && item->port != time_wait->port) || item->broken++ >= most_shown)
			continue;
		fl_text_add(&item->shown, "%s  %s -> %s: %s at %s", item->shown.length > 0 ? "\n" : "",
		            fl_address_text(&time_wait->client, client),
		            fl_endpoint_text(&time_wait->server, time_wait->port, server),
		            fl_count_text(time_wait->peak, count), fl_time_of_day(time_wait->peak_at, true, at));
	}
}

/* "3 connections break it". */
static void tell_broken(const struct assertion *item, struct fl_text *text)
{
	const char *noun = item->kind->takes == TAKES_COUNT ? "client" : "connection";
	bool is_one = item->broken == 1;

	fl_text_add(text, "; %" PRIu64 " %s%s %s it", item->broken, noun, is_one ? "" : "s",
	            is_one ? "breaks" : "break");
}

static bool end_item(const struct assertion *item, struct fl_checks *checks)
{
	struct fl_check_item told = { .severity = FL_CRITICAL, .flow = item->first_flow, .frame = item->first_frame };
	bool is_broken = item->shown.length > 0;
	struct fl_text name, message, detail;

	fl_text_init(&name);
	fl_text_init(&message);
	fl_text_init(&detail);
	if (item->name)
		fl_text_add(&name, "%s", item->name);
	else
		fl_text_add(&name, "%s%s", item->kind->asks, item->value);
	if (!item->name && item->port >= 0)
		fl_text_add(&name, " on port %" PRId64, item->port);
	if (is_broken) {
		fl_text_add(&message, "expected that %s%s", item->kind->asks, item->value);
		if (item->broken > 0)
			tell_broken(item, &message);
		fl_text_add(&detail, "%s", fl_text_get(&item->shown));
		if (item->broken > most_shown)
			fl_text_add(&detail, "\n  and %" PRIu64 " more", item->broken - most_shown);
	}
	told.state = is_broken ? FL_CHECK_FAILED : FL_CHECK_PASSED;
	return fl_checks_add_texts(checks, &told, &name, &message, &detail);
}

bool assertions_end(const struct assertions *assertions, struct fl_checks *checks)
{
	for (size_t i = 0; i < assertions->count; i++) {
		if (!end_item(&assertions->items[i], checks))
			return false;
	}
	return true;
}
