/* `flatline check`: what a capture must show, as filters on the JSON of its flows with counts. A team keeps it beside a
 * capture of its incident, so that a client that was fixed stays fixed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assertions.h"
#include "expect.h"
#include "flatline/json_file.h"
#include "flatline/report.h"
#include "json_parts.h"
#include "near_misses.h"

struct entry {
	const char *name;          /* as the file has it; NULL without one */
	struct json_object *match; /* the file's */
	struct range count;
	uint64_t found;
	struct near_misses misses; /* flows that it did not match, the nearest ones */
	struct near_misses hits;   /* and some that it did */
};

struct fl_expect {
	struct fl_json file;
	struct entry *entries;
	size_t n_entries;
	bool counts_others;
	struct range others;
	uint64_t n_others;
	struct near_misses others_seen;
	uint64_t n_flows;
	struct assertions *assertions; /* NULL without any */
};

void fl_expect_free(struct fl_expect *expect)
{
	if (!expect)
		return;
	for (size_t i = 0; i < expect->n_entries; i++) {
		near_misses_deinit(&expect->entries[i].misses);
		near_misses_deinit(&expect->entries[i].hits);
	}
	near_misses_deinit(&expect->others_seen);
	assertions_free(expect->assertions);
	free(expect->entries);
	fl_json_deinit(&expect->file);
	free(expect);
}

static int read_match(struct fl_json *json, struct json_object *match, struct fl_error *reterr)
{
	if (!json_object_is_type(match, json_type_object)) {
		fl_error_set(reterr, NULL, 0, "\"match\" is an object of paths and what stands there");
		return -1;
	}
	json_object_object_foreach(match, path, condition)
	{
		const struct path *at = path_find(path);

		fl_json_look_member(json, match, path);
		if (!at) {
			fl_error_set(reterr, NULL, 0, "there is no \"%s\" in a flow (see flatline-report(5))", path);
			return -1;
		}
		if (condition_check(path, at, condition, reterr))
			return -1;
	}
	return 0;
}

/* CI systems, and --update, follow an entry by its name. */
static int check_names(const struct fl_expect *expect, struct fl_error *reterr)
{
	const struct entry *last = &expect->entries[expect->n_entries - 1];

	for (size_t i = 0; last->name && i + 1 < expect->n_entries; i++) {
		if (expect->entries[i].name && strcmp(expect->entries[i].name, last->name) == 0) {
			fl_error_set(reterr, NULL, 0, "has the name of flows[%zu]", i);
			return -1;
		}
	}
	return 0;
}

static int read_name(struct json_object *value, struct entry *entry, struct fl_error *reterr)
{
	const char *name = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";

	if (name[0] == '\0' || strchr(name, '\n')) {
		fl_error_set(reterr, NULL, 0, "\"name\" is a text of one line");
		return -1;
	}
	entry->name = name;
	return 0;
}

static int read_entry(struct fl_json *json, struct json_object *from, struct entry *entry, struct fl_error *reterr)
{
	entry->count = (struct range){ 1, INT64_MAX };
	if (!json_object_is_type(from, json_type_object)) {
		fl_error_set(reterr, NULL, 0, "is an object with \"match\" and \"count\"");
		return -1;
	}
	json_object_object_foreach(from, key, value)
	{
		fl_json_look_member(json, from, key);
		if (strcmp(key, "match") == 0) {
			entry->match = value;
			if (read_match(json, value, reterr))
				return -1;
		} else if (strcmp(key, "count") == 0) {
			if (range_read("count", value, &entry->count, reterr))
				return -1;
		} else if (strcmp(key, "name") == 0) {
			if (read_name(value, entry, reterr))
				return -1;
		} else {
			fl_error_set(reterr, NULL, 0, "knows \"name\", \"match\" and \"count\", not \"%s\"", key);
			return -1;
		}
	}
	fl_json_look(json, from);
	if (!entry->match) {
		fl_error_set(reterr, NULL, 0, "has no \"match\"");
		return -1;
	}
	return 0;
}

static int read_entries(struct fl_expect *expect, struct json_object *list, struct fl_error *reterr)
{
	struct fl_error problem;

	if (!json_object_is_type(list, json_type_array)) {
		fl_error_set(reterr, NULL, 0, "\"flows\" is a list");
		return -1;
	}
	expect->entries = calloc(json_object_array_length(list) + 1, sizeof(*expect->entries));
	if (!expect->entries) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		return -1;
	}
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *from = json_object_array_get_idx(list, i);

		expect->n_entries++;
		fl_json_look(&expect->file, from);
		if (read_entry(&expect->file, from, &expect->entries[i], &problem) || check_names(expect, &problem)) {
			fl_error_set(reterr, NULL, 0, "flows[%zu]: %.200s", i, problem.message);
			return -1;
		}
	}
	return 0;
}

static int read_file(struct fl_expect *expect, struct fl_error *reterr)
{
	json_object_object_foreach(expect->file.root, key, value)
	{
		fl_json_look_member(&expect->file, expect->file.root, key);
		if (strcmp(key, "flows") == 0) {
			if (read_entries(expect, value, reterr))
				return -1;
		} else if (strcmp(key, "others") == 0) {
			expect->counts_others = true;
			if (range_read("others", value, &expect->others, reterr))
				return -1;
		} else if (strcmp(key, "assert") == 0) {
			expect->assertions = assertions_read(&expect->file, value, reterr);
			if (!expect->assertions)
				return -1;
		} else {
			fl_error_set(reterr, NULL, 0,
			             "there is no key \"%s\": \"flows\", \"others\" and \"assert\" are known", key);
			return -1;
		}
	}
	fl_json_look(&expect->file, expect->file.root);
	if (expect->n_entries == 0 && !expect->counts_others && !expect->assertions) {
		fl_error_set(reterr, NULL, 0,
		             "expects nothing: it has neither \"flows\" nor \"others\" nor \"assert\"");
		return -1;
	}
	return 0;
}

struct fl_expect *fl_expect_load(const char *path, struct fl_error *reterr)
{
	struct fl_expect *expect = calloc(1, sizeof(*expect));
	struct fl_error problem;

	if (!expect) {
		fl_error_set(reterr, path, 0, "out of memory");
		return NULL;
	}
	if (fl_json_load(&expect->file, path, "{ \"flows\": [ ... ] }", reterr) == 0) {
		if (read_file(expect, &problem) == 0)
			return expect;
		fl_error_set(reterr, path, 0, "line %zu: %.230s", fl_json_line(&expect->file), problem.message);
	}
	fl_expect_free(expect);
	return NULL;
}

/* How many conditions of the entry hold not; the first of them in *ret_path. */
static unsigned misses_of(const struct entry *entry, struct json_object *flow, const char **ret_path)
{
	unsigned misses = 0;

	*ret_path = NULL;
	json_object_object_foreach(entry->match, path, condition)
	{
		if (condition_holds(path_value(flow, path), condition))
			continue;
		if (misses++ == 0)
			*ret_path = path;
	}
	return misses;
}

int fl_expect_flow(struct fl_expect *expect, const struct fl_account *account)
{
	struct json_object *flow = json_flow(account, true);
	bool is_other = true, ok = flow != NULL;

	expect->n_flows++;

	for (size_t i = 0; ok && i < expect->n_entries; i++) {
		struct entry *entry = &expect->entries[i];
		const char *path;
		unsigned misses = misses_of(entry, flow, &path);

		if (misses == 0) {
			entry->found++;
			is_other = false;
			ok = near_misses_add(&entry->hits, 0, account, NULL, NULL);
		} else {
			ok = near_misses_add(&entry->misses, misses, account, path, path_value(flow, path));
		}
	}
	if (ok && is_other) {
		expect->n_others++;
		ok = near_misses_add(&expect->others_seen, 0, account, NULL, NULL);
	}
	if (ok && expect->assertions)
		ok = assertions_flow(expect->assertions, account);
	json_object_put(flow);
	return ok ? 0 : -1;
}

void fl_expect_capture(struct fl_expect *expect, const struct fl_capture_account *capture)
{
	if (expect->assertions)
		assertions_capture(expect->assertions, capture);
}

bool fl_expect_wants_time_waits(const struct fl_expect *expect)
{
	return expect->assertions && assertions_want_time_waits(expect->assertions);
}

void fl_expect_time_wait(struct fl_expect *expect, const struct fl_time_wait *time_wait)
{
	if (expect->assertions)
		assertions_time_wait(expect->assertions, time_wait);
}

static void tell_range(struct fl_text *text, const struct range *range)
{
	if (range->least == range->most)
		fl_text_add(text, "%" PRId64, range->least);
	else if (range->most == INT64_MAX)
		fl_text_add(text, "at least %" PRId64, range->least);
	else if (range->least == 0)
		fl_text_add(text, "at most %" PRId64, range->most);
	else
		fl_text_add(text, "%" PRId64 " to %" PRId64, range->least, range->most);
	fl_text_add(text, range->least == 1 && (range->most == 1 || range->most == INT64_MAX) ? " flow" : " flows");
}

static bool add_item(struct fl_checks *checks, bool holds, struct fl_text *name, struct fl_text *message,
                     struct fl_text *detail)
{
	struct fl_check_item item = { .state = holds ? FL_CHECK_PASSED : FL_CHECK_FAILED,
		                      .severity = FL_CRITICAL,
		                      .flow = -1 };

	return fl_checks_add_texts(checks, &item, name, message, detail);
}

static bool judge_entry(const struct fl_expect *expect, size_t index, struct fl_checks *checks)
{
	const struct entry *entry = &expect->entries[index];
	bool too_many = (int64_t)entry->found > entry->count.most, holds = range_holds(&entry->count, entry->found);
	struct fl_text name, message, detail;

	fl_text_init(&name);
	fl_text_init(&message);
	fl_text_init(&detail);
	if (entry->name)
		fl_text_add(&name, "%s", entry->name);
	else
		fl_text_add(&name, "flows[%zu]", index);
	if (!holds) {
		fl_text_add(&message, "expected ");
		tell_range(&message, &entry->count);
		fl_text_add(&message, " with %s, found %" PRIu64,
		            json_object_to_json_string_ext(entry->match,
		                                           JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE),
		            entry->found);
		near_misses_tell(too_many ? &entry->hits : &entry->misses, &detail, too_many ? "found" : "nearest",
		                 expect->n_flows > 0 ? "the capture shows no other flow"
		                                     : "the capture shows no TCP connection at all");
	}
	return add_item(checks, holds, &name, &message, &detail);
}

static bool judge_others(const struct fl_expect *expect, struct fl_checks *checks)
{
	bool holds = range_holds(&expect->others, expect->n_others);
	struct fl_text name, message, detail;

	fl_text_init(&name);
	fl_text_init(&message);
	fl_text_init(&detail);
	fl_text_add(&name, "others");
	if (!holds) {
		fl_text_add(&message, "expected ");
		tell_range(&message, &expect->others);
		fl_text_add(&message, " that no entry matches, found %" PRIu64, expect->n_others);
		near_misses_tell(&expect->others_seen, &detail, "found", "all flows are matched");
	}
	return add_item(checks, holds, &name, &message, &detail);
}

int fl_expect_end(const struct fl_expect *expect, struct fl_checks *checks)
{
	bool ok = true;

	for (size_t i = 0; ok && i < expect->n_entries; i++)
		ok = judge_entry(expect, i, checks);
	if (ok && expect->counts_others)
		ok = judge_others(expect, checks);
	if (ok && expect->assertions)
		ok = assertions_end(expect->assertions, checks);
	return ok ? 0 : -1;
}
