/* SARIF 2.1.0 (OASIS): what failed, as results of an analysis, each with the verdict as its rule; what is excused is
 * suppressed. A capture has no lines: the place is the file, and the flow and frame stand beside it. */
#include <string.h>

#include "check_format.h"
#include "json_parts.h"

#include "flatline/text.h"

static const char schema[] = "https://json.schemastore.org/sarif-2.1.0.json";
static const char expectation[] = "expectation"; /* the rule of what no verdict stands for */

static const char *rule_of(const struct fl_check_item *item)
{
	return item->verdict ? item->verdict : expectation;
}

static struct json_object *member(struct maker *maker, struct json_object *object, const char *key)
{
	struct json_object *value = json_object_new_object();

	if (object && value && json_object_object_add(object, key, value) == 0)
		return value;
	json_object_put(value);
	maker->failed = true;
	return NULL;
}

static struct json_object *list(struct maker *maker, struct json_object *object, const char *key)
{
	struct json_object *value = json_object_new_array();

	if (object && value && json_object_object_add(object, key, value) == 0)
		return value;
	json_object_put(value);
	maker->failed = true;
	return NULL;
}

static struct json_object *next(struct maker *maker, struct json_object *array)
{
	struct json_object *value = json_object_new_object();

	if (array && value && json_object_array_add(array, value) == 0)
		return value;
	json_object_put(value);
	maker->failed = true;
	return NULL;
}

static void put_message(struct maker *maker, struct json_object *object, const char *key, const char *text)
{
	put_string(maker, member(maker, object, key), "text", text);
}

/* A path as a relative reference (RFC 3986 section 4.2): what a URI has no place for is percent-encoded. */
static void put_uri(struct maker *maker, struct json_object *object, const char *key, const char *path)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	struct fl_text text;

	fl_text_init(&text);
	for (; *path; path++) {
		if (strchr(kept, *path))
			fl_text_bytes(&text, path, 1);
		else
			fl_text_add(&text, "%%%02X", (unsigned char)*path);
	}
	maker->failed |= text.failed;
	put_string(maker, object, key, fl_text_get(&text));
	fl_text_deinit(&text);
}

static void put_rule(struct maker *maker, struct json_object *rules, const char *id)
{
	struct json_object *rule = next(maker, rules);
	struct fl_topic topic;

	put_string(maker, rule, "id", id);
	if (!fl_topic_find(id, &topic)) {
		put_message(maker, rule, "shortDescription", "the capture does not show what it must");
		return;
	}
	put_message(maker, rule, "shortDescription", topic.title);
	put_message(maker, rule, "fullDescription", topic.explain);
	put_message(maker, rule, "help", topic.advice);
}

/* Each rule once, in the order of their first results. */
static void put_rules(struct maker *maker, struct json_object *driver, const struct fl_checks *checks)
{
	struct json_object *rules = list(maker, driver, "rules");

	for (size_t i = 0; i < checks->count; i++) {
		size_t before = 0;

		if (checks->items[i].state == FL_CHECK_PASSED)
			continue;
		while (before < i && (checks->items[before].state == FL_CHECK_PASSED ||
		                      strcmp(rule_of(&checks->items[before]), rule_of(&checks->items[i])) != 0))
			before++;
		if (before == i)
			put_rule(maker, rules, rule_of(&checks->items[i]));
	}
}

static void put_place(struct maker *maker, struct json_object *result, const struct fl_check_run *run,
                      const struct fl_check_item *item)
{
	struct json_object *place = next(maker, list(maker, result, "locations"));

	put_uri(maker, member(maker, member(maker, place, "physicalLocation"), "artifactLocation"), "uri",
	        check_file(run, item));
	if (item->flow < 0)
		return;

	struct json_object *properties = member(maker, result, "properties");

	put_number(maker, properties, "flow", (uint64_t)item->flow);
	put_number(maker, properties, "frame", item->frame);
}

static void put_result(struct maker *maker, struct json_object *results, const struct fl_check_run *run,
                       const struct fl_check_item *item)
{
	static const char *const levels[FL_SEVERITIES] = { "note", "note", "warning", "error" };
	struct json_object *result = next(maker, results);
	struct fl_text text;

	fl_text_init(&text);
	fl_text_add(&text, "%s: %s", item->name, item->message);
	put_string(maker, result, "ruleId", rule_of(item));
	put_string(maker, result, "level", levels[item->severity]);
	maker->failed |= text.failed;
	put_message(maker, result, "message", fl_text_get(&text));
	fl_text_deinit(&text);
	put_place(maker, result, run, item);
	if (item->excuse) {
		struct json_object *suppression = next(maker, list(maker, result, "suppressions"));

		put_string(maker, suppression, "kind", "external");
		put_string(maker, suppression, "justification", item->excuse);
	}
}

static void put_invocation(struct maker *maker, struct json_object *analysis, const struct fl_check_run *run)
{
	struct json_object *invocation = next(maker, list(maker, analysis, "invocations"));

	put_bool(maker, invocation, "executionSuccessful", !run->trouble);
	if (!run->trouble)
		return;

	struct json_object *notification = next(maker, list(maker, invocation, "toolExecutionNotifications"));

	put_string(maker, notification, "level", "error");
	put_message(maker, notification, "message", run->trouble);
}

bool check_sarif(const struct fl_checks *checks, const struct fl_check_run *run, FILE *out)
{
	struct maker maker = { false };
	struct json_object *log = json_object_new_object();
	const char *text = NULL;

	if (!log)
		return false;
	put_string(&maker, log, "$schema", schema);
	put_string(&maker, log, "version", "2.1.0");

	struct json_object *analysis = next(&maker, list(&maker, log, "runs"));
	struct json_object *driver = member(&maker, member(&maker, analysis, "tool"), "driver");

	put_string(&maker, driver, "name", "flatline");
	put_string(&maker, driver, "version", PACKAGE_VERSION);
	put_rules(&maker, driver, checks);
	put_invocation(&maker, analysis, run);

	struct json_object *results = list(&maker, analysis, "results");

	for (size_t i = 0; !run->trouble && i < checks->count; i++) {
		if (checks->items[i].state != FL_CHECK_PASSED)
			put_result(&maker, results, run, &checks->items[i]);
	}
	if (!maker.failed)
		text = json_object_to_json_string_ext(log, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		fprintf(out, "%s\n", text);
	json_object_put(log);
	return text != NULL;
}
