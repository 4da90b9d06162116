/* What a value is compared with: plain equality, or an object of operators that must all hold. Each condition is
 * checked against its path while the file is read, so that one that could never hold is an error and not a silent
 * mismatch. */
#include <string.h>

#include "expect.h"
#include "flatline/time.h"

static bool is_number(struct json_object *value)
{
	return json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);
}

static bool is_string(struct json_object *value)
{
	return json_object_is_type(value, json_type_string);
}

/* A time as RFC 3339 has it; seconds since 1970 are none in JSON. */
static bool is_time(struct json_object *value, int64_t *ret_at)
{
	const char *text = is_string(value) ? json_object_get_string(value) : "";

	return strlen(text) > 4 && text[4] == '-' && fl_time_parse(text, ret_at);
}

/* Words that have an order among them, from the least on. */
static const char *const ranked[][5] = { { "ok", "notice", "warning", "critical" }, { "low", "medium", "high" } };

/* The place of a word in that list, from 1; 0 when it is not there. */
static int rank(const char *const list[], const char *word)
{
	for (int i = 0; list[i]; i++) {
		if (strcmp(list[i], word) == 0)
			return i + 1;
	}
	return 0;
}

static int compare_words(const char *a, const char *b)
{
	for (size_t i = 0; i < sizeof(ranked) / sizeof(ranked[0]); i++) {
		int x = rank(ranked[i], a), y = rank(ranked[i], b);

		if (x && y)
			return x < y ? -1 : x > y;
	}
	return strcmp(a, b);
}

/* Only such words can stand there. */
static bool is_ranked(const struct path *at)
{
	for (size_t i = 0; at->knows && i < sizeof(ranked) / sizeof(ranked[0]); i++) {
		if (at->knows(ranked[i][0]) && at->knows(ranked[i][1]))
			return true;
	}
	return false;
}

/* Below, equal or above: -1, 0, 1. Whole numbers exactly; times as such, with whatever decimals and offset they are
 * written. False when the two cannot be compared. */
static bool compare(struct json_object *a, struct json_object *b, int *ret_order)
{
	int64_t at, other;

	if (is_time(a, &at) && is_time(b, &other)) {
		*ret_order = at < other ? -1 : at > other;
	} else if (json_object_is_type(a, json_type_int) && json_object_is_type(b, json_type_int)) {
		int64_t x = json_object_get_int64(a), y = json_object_get_int64(b);

		*ret_order = x < y ? -1 : x > y;
	} else if (is_number(a) && is_number(b)) {
		double x = json_object_get_double(a), y = json_object_get_double(b);

		*ret_order = x < y ? -1 : x > y;
	} else if (is_string(a) && is_string(b)) {
		*ret_order = compare_words(json_object_get_string(a), json_object_get_string(b));
	} else {
		return false;
	}
	return true;
}

static bool equal(struct json_object *a, struct json_object *b)
{
	int order;

	if (!a || !b)
		return a == b;
	if (json_object_is_type(a, json_type_array) && json_object_is_type(b, json_type_array)) {
		size_t length = json_object_array_length(a);

		if (length != json_object_array_length(b))
			return false;
		for (size_t i = 0; i < length; i++) {
			if (!equal(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i)))
				return false;
		}
		return true;
	}
	return compare(a, b, &order) ? order == 0 : json_object_equal(a, b) != 0;
}

static bool at_least(struct json_object *value, struct json_object *bound)
{
	int order;

	return compare(value, bound, &order) && order >= 0;
}

static bool at_most(struct json_object *value, struct json_object *bound)
{
	int order;

	return compare(value, bound, &order) && order <= 0;
}

static bool below(struct json_object *value, struct json_object *bound)
{
	int order;

	return compare(value, bound, &order) && order < 0;
}

static bool above(struct json_object *value, struct json_object *bound)
{
	int order;

	return compare(value, bound, &order) && order > 0;
}

/* An item of a list, or a part of a string. */
static bool contains(struct json_object *value, struct json_object *part)
{
	if (is_string(value) && is_string(part))
		return strstr(json_object_get_string(value), json_object_get_string(part)) != NULL;
	if (!json_object_is_type(value, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		if (equal(json_object_array_get_idx(value, i), part))
			return true;
	}
	return false;
}

static bool one_of(struct json_object *value, struct json_object *list)
{
	return contains(list, value);
}

static bool not(struct json_object * value, struct json_object *condition)
{
	return !condition_holds(value, condition);
}

enum takes { TAKES_BOUND, TAKES_PART, TAKES_LIST, TAKES_CONDITION };

static const struct operator
{
	const char *name;
	bool (*holds)(struct json_object * value, struct json_object * argument);
	enum takes takes;
}
operators[] = {
	{ "at_least", at_least, TAKES_BOUND }, { "at_most", at_most, TAKES_BOUND },  { "below", below, TAKES_BOUND },
	{ "above", above, TAKES_BOUND },       { "contains", contains, TAKES_PART }, { "one_of", one_of, TAKES_LIST },
	{ "not", not, TAKES_CONDITION },
};

static const struct operator* find_operator(const char *name)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (strcmp(operators[i].name, name) == 0)
			return &operators[i];
	}
	return NULL;
}

bool condition_holds(struct json_object *value, struct json_object *condition)
{
	if (!json_object_is_type(condition, json_type_object))
		return equal(value, condition);
	json_object_object_foreach(condition, name, argument)
	{
		if (!find_operator(name)->holds(value, argument))
			return false;
	}
	return true;
}

static int complain(struct fl_error *reterr, const char *path, const char *what)
{
	fl_error_set(reterr, NULL, 0, "\"%s\" %s", path, what);
	return -1;
}

static int check_word(const char *path, const struct path *at, struct json_object *word, struct fl_error *reterr)
{
	if (!at->knows || !is_string(word) || at->knows(json_object_get_string(word)))
		return 0;
	fl_error_set(reterr, NULL, 0, "\"%s\" is never \"%s\"", path, json_object_get_string(word));
	return -1;
}

/* A number that can stand there: none of a flow's is negative, and a port has 16 bits. */
static int check_number(const char *path, const struct path *at, struct json_object *value, struct fl_error *reterr)
{
	const double most_port = 65535;

	if (at->kind != PATH_FIGURE && json_object_get_double(value) < 0)
		return complain(reterr, path, "is never negative");
	if (at->kind == PATH_PORT && json_object_get_double(value) > most_port)
		return complain(reterr, path, "is at most 65535");
	return 0;
}

static bool fits(const struct path *at, struct json_object *value)
{
	int64_t time;

	switch (at->kind) {
	case PATH_NUMBER:
	case PATH_PORT: return is_number(value);
	case PATH_FIGURE: return is_number(value) || is_time(value, &time);
	case PATH_STRING: return is_string(value);
	case PATH_TIME: return is_time(value, &time);
	case PATH_BOOL: return json_object_is_type(value, json_type_boolean);
	case PATH_LIST: return json_object_is_type(value, json_type_array);
	default: return false;
	}
}

/* A plain value: of the path's kind, and for a word one that exists. null fits everywhere: it is what is not known. */
static int check_value(const char *path, const struct path *at, struct json_object *value, struct fl_error *reterr)
{
	static const char *const nouns[] = { [PATH_NUMBER] = "is a number",
		                             [PATH_PORT] = "is a number",
		                             [PATH_FIGURE] = "is a number, or a time like 2026-01-14T09:00:00Z",
		                             [PATH_STRING] = "is a string",
		                             [PATH_TIME] = "is a time like 2026-01-14T09:00:00Z",
		                             [PATH_BOOL] = "is true or false",
		                             [PATH_LIST] = "is a list",
		                             [PATH_OBJECT] = "is an object: compare its members" };

	if (value && !fits(at, value))
		return complain(reterr, path, nouns[at->kind]);
	if (is_number(value))
		return check_number(path, at, value, reterr);
	if (!json_object_is_type(value, json_type_array))
		return check_word(path, at, value, reterr);
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		if (check_word(path, at, json_object_array_get_idx(value, i), reterr))
			return -1;
	}
	return 0;
}

/* Both bounds hold for no value: whatever is between them, a number below the upper one is not over the lower one. */
static int check_bounds(const char *path, struct json_object *condition, struct fl_error *reterr)
{
	static const struct {
		const char *lower, *upper;
		bool may_be_equal;
	} pairs[] = { { "at_least", "at_most", true },
		      { "at_least", "below", false },
		      { "above", "at_most", false },
		      { "above", "below", false } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct json_object *lower, *upper;
		int order;

		if (!json_object_object_get_ex(condition, pairs[i].lower, &lower) ||
		    !json_object_object_get_ex(condition, pairs[i].upper, &upper) || !compare(lower, upper, &order))
			continue;
		if (order > 0 || (order == 0 && !pairs[i].may_be_equal)) {
			fl_error_set(reterr, NULL, 0, "\"%s\" can never be: nothing is both %s and %s these", path,
			             pairs[i].lower, pairs[i].upper);
			return -1;
		}
	}
	return 0;
}

static int check_operator(const char *path, const struct path *at, const char *name, struct json_object *argument,
                          struct fl_error *reterr)
{
	const struct operator* operator= find_operator(name);

	if (!operator) {
		fl_error_set(reterr, NULL, 0, "\"%s\": there is no operator \"%s\"", path, name);
		return -1;
	}
	switch (operator->takes) {
	case TAKES_BOUND:
		if (!argument || at->kind == PATH_LIST || at->kind == PATH_BOOL || at->kind == PATH_OBJECT ||
		    (at->kind == PATH_STRING && at->knows && !is_ranked(at)))
			return complain(reterr, path, "cannot be above or below anything");
		return check_value(path, at, argument, reterr);
	case TAKES_PART:
		if (!is_string(argument) || (at->kind != PATH_LIST && at->kind != PATH_STRING && at->kind != PATH_TIME))
			return complain(reterr, path, "can only contain a string, and must be a string or a list");
		return at->kind == PATH_LIST ? check_word(path, at, argument, reterr) : 0;
	case TAKES_LIST:
		if (!json_object_is_type(argument, json_type_array) || json_object_array_length(argument) == 0)
			return complain(reterr, path, "is to be one of a list");
		for (size_t i = 0; i < json_object_array_length(argument); i++) {
			if (check_value(path, at, json_object_array_get_idx(argument, i), reterr))
				return -1;
		}
		return 0;
	default: return condition_check(path, at, argument, reterr);
	}
}

int condition_check(const char *path, const struct path *at, struct json_object *condition, struct fl_error *reterr)
{
	if (!json_object_is_type(condition, json_type_object))
		return check_value(path, at, condition, reterr);
	if (json_object_object_length(condition) == 0)
		return complain(reterr, path, "is compared with nothing");
	json_object_object_foreach(condition, name, argument)
	{
		if (check_operator(path, at, name, argument, reterr))
			return -1;
	}
	return check_bounds(path, condition, reterr);
}

bool range_holds(const struct range *range, uint64_t count)
{
	return (int64_t)count >= range->least && (int64_t)count <= range->most;
}

static bool is_count(struct json_object *value)
{
	return json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 0;
}

int range_read(const char *what, struct json_object *value, struct range *ret_range, struct fl_error *reterr)
{
	if (is_count(value)) {
		ret_range->least = ret_range->most = json_object_get_int64(value);
		return 0;
	}
	*ret_range = (struct range){ 0, INT64_MAX };
	if (!json_object_is_type(value, json_type_object) || json_object_object_length(value) == 0)
		return complain(reterr, what, "is a whole number, or an object of at_least and at_most");
	json_object_object_foreach(value, name, bound)
	{
		bool is_least = strcmp(name, "at_least") == 0;

		if ((!is_least && strcmp(name, "at_most") != 0) || !is_count(bound))
			return complain(reterr, what, "takes at_least and at_most, with whole numbers");
		*(is_least ? &ret_range->least : &ret_range->most) = json_object_get_int64(bound);
	}
	if (ret_range->least > ret_range->most)
		return complain(reterr, what, "can never be: at_least is over at_most");
	return 0;
}
