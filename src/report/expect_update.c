/* `flatline check --update NAME`: one entry of an expectation is made to hold for what the captures show now, and all
 * else in the file, comments too, stays as it was written. Where a connection is (addresses, ports) is never rewritten:
 * an entry follows its connection, not the nearest stranger. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "flatline/json_file.h"
#include "flatline/report.h"
#include "json_parts.h"

/* A connection that is where the entry looks. */
struct candidate {
	uint32_t id;
	unsigned misses;
	struct json_object *values; /* an array: what stands at each path of the entry, in its order */
};

struct fl_update {
	struct fl_json file;
	char *name;
	struct json_object *entry, *match; /* the file's */
	struct range count;
	struct candidate *candidates;
	size_t n_candidates;
};

void fl_update_free(struct fl_update *update)
{
	if (!update)
		return;
	for (size_t i = 0; i < update->n_candidates; i++)
		json_object_put(update->candidates[i].values);
	free(update->candidates);
	free(update->name);
	fl_json_deinit(&update->file);
	free(update);
}

/* The item of `list` with that name; NULL without one. */
static struct json_object *find_named(struct json_object *list, const char *name)
{
	size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(list, i), *its;

		if (json_object_object_get_ex(item, "name", &its) && strcmp(json_object_get_string(its), name) == 0)
			return item;
	}
	return NULL;
}

static int find_entry(struct fl_update *update, const char *path, struct fl_error *reterr)
{
	struct json_object *count;

	update->entry = find_named(json_object_object_get(update->file.root, "flows"), update->name);
	if (!update->entry) {
		if (find_named(json_object_object_get(update->file.root, "assert"), update->name))
			fl_error_set(reterr, path, 0,
			             "\"%.100s\" is an assertion: what somebody wants, not what was found; change it "
			             "by hand",
			             update->name);
		else
			fl_error_set(reterr, path, 0, "no entry has the name \"%.100s\"", update->name);
		return -1;
	}
	update->match = json_object_object_get(update->entry, "match");
	update->count = (struct range){ 1, INT64_MAX };
	if (json_object_object_get_ex(update->entry, "count", &count))
		return range_read("count", count, &update->count, reterr);
	return 0;
}

struct fl_update *fl_update_new(const char *path, const char *name, struct fl_error *reterr)
{
	struct fl_update *update = calloc(1, sizeof(*update));

	if (update)
		update->name = strdup(name);
	if (!update || !update->name)
		fl_error_set(reterr, path, 0, "out of memory");
	else if (fl_json_load(&update->file, path, "{ \"flows\": [ ... ] }", reterr) == 0 &&
	         find_entry(update, path, reterr) == 0)
		return update;
	fl_update_free(update);
	return NULL;
}

/* It says where a connection is, not what became of it. */
static bool is_place(const char *path)
{
	return strncmp(path, "client.", strlen("client.")) == 0 || strncmp(path, "server.", strlen("server.")) == 0;
}

/* What stands at each path of the entry. False when it is another connection's, with *ret_values NULL, or out of
 * memory, with an array that is not whole. */
static bool look(const struct fl_update *update, struct json_object *flow, struct candidate *ret_candidate)
{
	struct json_object *values = json_object_new_array();
	bool ok = values != NULL;

	ret_candidate->values = values;
	json_object_object_foreach(update->match, path, condition)
	{
		struct json_object *value = path_value(flow, path);
		bool holds = condition_holds(value, condition);

		if (!holds && is_place(path)) {
			json_object_put(values);
			ret_candidate->values = NULL;
			return false;
		}
		ret_candidate->misses += !holds;
		ok = ok && json_object_array_add(values, json_object_get(value)) == 0;
	}
	return ok;
}

int fl_update_flow(struct fl_update *update, const struct fl_account *account)
{
	struct json_object *flow = json_flow(account, true);
	struct candidate candidate = { .id = account->id }, *candidates;
	bool is_candidate = flow && look(update, flow, &candidate), is_other = flow && !candidate.values;

	json_object_put(flow);
	if (!is_candidate) {
		json_object_put(candidate.values);
		return is_other ? 0 : -1;
	}
	candidates = realloc(update->candidates, (update->n_candidates + 1) * sizeof(*candidates));
	if (!candidates) {
		json_object_put(candidate.values);
		return -1;
	}
	update->candidates = candidates;
	candidates[update->n_candidates++] = candidate;
	return 0;
}

static const char *print(struct json_object *value)
{
	return value ? json_object_to_json_string_ext(value, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)
	             : "null";
}

/* A bound that the value breaks is moved to it; anything else becomes the value. A new reference; NULL is null. */
static struct json_object *loosen(struct json_object *condition, struct json_object *value)
{
	static const struct {
		const char *strict, *loose;
	} bounds[] = {
		{ "below", "at_most" }, { "above", "at_least" }, { "at_most", "at_most" }, { "at_least", "at_least" }
	};
	struct json_object *loosened;

	if (!value || !json_object_is_type(condition, json_type_object))
		return json_object_get(value);
	loosened = json_object_new_object();
	json_object_object_foreach(condition, name, argument)
	{
		struct json_object *alone = json_object_new_object();
		const char *loose = NULL;
		bool holds;

		json_object_object_add(alone, name, json_object_get(argument));
		holds = condition_holds(value, alone);
		json_object_put(alone);
		for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
			if (strcmp(name, bounds[i].strict) == 0)
				loose = bounds[i].loose;
		}
		if (!holds && !loose) {
			json_object_put(loosened);
			return json_object_get(value);
		}
		json_object_object_add(loosened, holds ? name : loose, json_object_get(holds ? argument : value));
	}
	return loosened;
}

/* A piece of the file that is replaced. */
struct edit {
	size_t start, end;
	struct fl_text text;
};

struct edits {
	struct edit *items; /* room for each condition, and the count */
	size_t count;
};

static void tell(struct fl_text *told, const struct fl_update *update, const char *what, const char *was,
                 const char *is)
{
	fl_text_add(told, "%s: %s was %s, is now %s\n", update->name, what, was, is);
}

static bool add_edit(struct edits *edits, const struct fl_update *update, const struct json_object *object,
                     const char *key, const char *text)
{
	struct edit *edit = &edits->items[edits->count];

	if (!fl_json_span(&update->file, object, key, &edit->start, &edit->end))
		return false;
	fl_text_init(&edit->text);
	fl_text_add(&edit->text, "%s", text);
	edits->count++;
	return !edit->text.failed;
}

/* The conditions that do not hold for `nearest`. A copy of the entry's match as it is to be: a new reference; NULL out
 * of memory. */
static struct json_object *edit_match(const struct fl_update *update, const struct candidate *nearest,
                                      struct edits *edits, struct fl_text *told)
{
	struct json_object *wanted = json_object_new_object();
	size_t i = 0;
	bool ok = wanted != NULL;

	json_object_object_foreach(update->match, path, condition)
	{
		struct json_object *value = json_object_array_get_idx(nearest->values, i++), *now;

		now = condition_holds(value, condition) ? json_object_get(condition) : loosen(condition, value);
		if (ok && !condition_holds(value, condition)) {
			ok = add_edit(edits, update, update->match, path, print(now));
			tell(told, update, path, print(condition), print(now));
		}
		ok = ok && json_object_object_add(wanted, path, now) == 0;
	}
	if (ok)
		return wanted;
	json_object_put(wanted);
	return NULL;
}

/* How many meet `match`, whose paths are the entry's. */
static uint64_t count_matching(const struct fl_update *update, struct json_object *match)
{
	uint64_t count = 0;

	for (size_t i = 0; i < update->n_candidates; i++) {
		size_t at = 0;
		bool holds = true;

		json_object_object_foreach(match, path, condition)
		{
			(void)path;
			holds = condition_holds(json_object_array_get_idx(update->candidates[i].values, at++),
			                        condition) &&
			        holds;
		}
		count += holds;
	}
	return count;
}

/* The count, where it does not hold: without one at least one is expected, and then there is one. */
static bool edit_count(const struct fl_update *update, uint64_t found, struct edits *edits, struct fl_text *told)
{
	char number[32];

	if (range_holds(&update->count, found))
		return true;
	snprintf(number, sizeof(number), "%" PRIu64, found);
	tell(told, update, "count", print(json_object_object_get(update->entry, "count")), number);
	return add_edit(edits, update, update->entry, "count", number);
}

static int compare_edits(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static void apply(const struct fl_update *update, struct edits *edits, struct fl_text *ret_file)
{
	const char *text = fl_text_get(&update->file.text);
	size_t at = 0;

	qsort(edits->items, edits->count, sizeof(*edits->items), compare_edits);
	for (size_t i = 0; i < edits->count; i++) {
		fl_text_bytes(ret_file, text + at, edits->items[i].start - at);
		fl_text_add(ret_file, "%s", fl_text_get(&edits->items[i].text));
		at = edits->items[i].end;
	}
	fl_text_bytes(ret_file, text + at, update->file.text.length - at);
}

static const struct candidate *find_nearest(const struct fl_update *update)
{
	const struct candidate *nearest = NULL;

	for (size_t i = 0; i < update->n_candidates; i++) {
		if (!nearest || update->candidates[i].misses < nearest->misses)
			nearest = &update->candidates[i];
	}
	return nearest;
}

/* Makes the edits: none where the entry holds, its count where it matches something, else what it matches too. False
 * out of memory. */
static bool make_edits(const struct fl_update *update, struct edits *edits, struct fl_text *told)
{
	uint64_t found = count_matching(update, update->match);
	struct json_object *match;
	bool ok;

	if (range_holds(&update->count, found))
		return true;
	if (found > 0)
		return edit_count(update, found, edits, told);
	match = edit_match(update, find_nearest(update), edits, told);
	ok = match && edit_count(update, count_matching(update, match), edits, told);
	json_object_put(match);
	return ok;
}

int fl_update_end(const struct fl_update *update, struct fl_text *ret_file, struct fl_text *told,
                  struct fl_error *reterr)
{
	struct edits edits = { calloc((size_t)json_object_object_length(update->match) + 1, sizeof(*edits.items)), 0 };
	int status = -1;

	if (update->n_candidates == 0 && !range_holds(&update->count, 0)) {
		fl_error_set(reterr, NULL, 0,
		             "\"%.100s\" cannot be updated: no connection has the addresses and ports that it names",
		             update->name);
	} else if (!edits.items || !make_edits(update, &edits, told)) {
		fl_error_set(reterr, NULL, 0, "out of memory");
	} else {
		apply(update, &edits, ret_file);
		status = 0;
	}
	for (size_t i = 0; i < edits.count; i++)
		fl_text_deinit(&edits.items[i].text);
	free(edits.items);
	if (status == 0 && (ret_file->failed || told->failed)) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		status = -1;
	}
	return status;
}
