/* The text is walked beside what was made of it, member by member: objects keep the order in which they were written.
 */
#include "json_place.h"

#include <string.h>

struct walk {
	const char *text;
	size_t at;
	/* What is looked for: a value by its identity, or the member `key` of the object `wanted`. */
	const struct json_object *wanted;
	const char *key;
	size_t start, end; /* where it stands */
	bool is_found;
	bool is_lost; /* text and tree part at `at`: a key stands there again */
};

static void skip_space(struct walk *walk)
{
	for (;;) {
		const char *here = walk->text + walk->at + strspn(walk->text + walk->at, " \t\r\n"), *end = NULL;

		if (here[0] == '/' && here[1] == '/')
			end = here + strcspn(here, "\n");
		else if (here[0] == '/' && here[1] == '*' && (end = strstr(here + 2, "*/")))
			end += 2;
		walk->at = (size_t)((end ? end : here) - walk->text);
		if (!end)
			return;
	}
}

static void skip_string(struct walk *walk)
{
	for (walk->at++; walk->text[walk->at] && walk->text[walk->at] != '"'; walk->at++) {
		if (walk->text[walk->at] == '\\' && walk->text[walk->at + 1])
			walk->at++;
	}
	walk->at += walk->text[walk->at] == '"';
}

/* Whether the string at `at`, quotes and all, is how `key` may be written. */
static bool is_key(const struct walk *walk, size_t length, const char *key)
{
	const char *written = walk->text + walk->at;
	struct json_tokener *tokener;
	struct json_object *value;
	bool is_same;

	if (length < 2 || !memchr(written, '\\', length))
		return length == strlen(key) + 2 && memcmp(written + 1, key, length - 2) == 0;
	tokener = json_tokener_new();
	value = tokener ? json_tokener_parse_ex(tokener, written, (int)length) : NULL;
	is_same = json_object_is_type(value, json_type_string) && strcmp(json_object_get_string(value), key) == 0;
	json_object_put(value);
	if (tokener)
		json_tokener_free(tokener);
	return is_same;
}

static void walk_value(struct walk *walk, struct json_object *value);

/* Keeps where the value goes that was just walked, when it is the one. */
static void note(struct walk *walk, const struct json_object *holder, const char *key, const struct json_object *value,
                 size_t start)
{
	bool is_it = walk->key ? holder == walk->wanted && key && strcmp(key, walk->key) == 0
	                       : value && value == walk->wanted;

	if (walk->is_found || walk->is_lost || !is_it)
		return;
	walk->is_found = true;
	walk->start = start;
	walk->end = walk->at;
}

/* Goes on behind a comma; false at the end. */
static bool next(struct walk *walk, char closing)
{
	skip_space(walk);
	if (walk->text[walk->at] == ',') {
		walk->at++;
		skip_space(walk);
	}
	return walk->text[walk->at] && walk->text[walk->at] != closing;
}

static void walk_member(struct walk *walk, struct json_object *object, const char *key, struct json_object *value)
{
	size_t here = walk->at, length, start;

	skip_string(walk);
	length = walk->at - here;
	walk->at = here;
	if (!key || !is_key(walk, length, key)) {
		walk->is_lost = true;
		return;
	}
	walk->at += length;
	skip_space(walk);
	walk->at += walk->text[walk->at] == ':';
	skip_space(walk);
	start = walk->at;
	walk_value(walk, value);
	note(walk, object, key, value, start);
}

static void walk_object(struct walk *walk, struct json_object *object)
{
	struct json_object_iterator member = json_object_iter_begin(object), end = json_object_iter_end(object);

	walk->at++;
	while (!walk->is_found && !walk->is_lost && next(walk, '}')) {
		bool is_there = !json_object_iter_equal(&member, &end);

		walk_member(walk, object, is_there ? json_object_iter_peek_name(&member) : NULL,
		            is_there ? json_object_iter_peek_value(&member) : NULL);
		if (is_there)
			json_object_iter_next(&member);
	}
	walk->at += walk->text[walk->at] == '}';
}

static void walk_array(struct walk *walk, struct json_object *array)
{
	walk->at++;
	for (size_t i = 0; !walk->is_found && !walk->is_lost && next(walk, ']'); i++) {
		struct json_object *item = json_object_array_get_idx(array, i);
		size_t start = walk->at;

		walk_value(walk, item);
		note(walk, array, NULL, item, start);
	}
	walk->at += walk->text[walk->at] == ']';
}

static void walk_value(struct walk *walk, struct json_object *value)
{
	char first = walk->text[walk->at];
	bool is_object = json_object_is_type(value, json_type_object),
	     is_array = json_object_is_type(value, json_type_array);

	if ((first == '{') != is_object || (first == '[') != is_array)
		walk->is_lost = true; /* the value is that of the same key further on */
	else if (is_object)
		walk_object(walk, value);
	else if (is_array)
		walk_array(walk, value);
	else if (first == '"')
		skip_string(walk);
	else
		walk->at += strcspn(walk->text + walk->at, " \t\r\n,]}/");
}

static void walk_all(struct walk *walk, struct json_object *root)
{
	size_t start;

	skip_space(walk);
	start = walk->at;
	walk_value(walk, root);
	note(walk, NULL, NULL, root, start);
}

size_t json_place_of(const char *text, struct json_object *root, const struct json_object *value)
{
	struct walk walk = { .text = text, .wanted = value };

	walk_all(&walk, root);
	return walk.start;
}

size_t json_place_twice(const char *text, struct json_object *root)
{
	struct walk walk = { .text = text };

	walk_all(&walk, root);
	return walk.is_lost ? walk.at : 0;
}

bool json_place_member(const char *text, struct json_object *root, const struct json_object *object, const char *key,
                       size_t *ret_start, size_t *ret_end)
{
	struct walk walk = { .text = text, .wanted = object, .key = key };

	walk_all(&walk, root);
	*ret_start = walk.start;
	*ret_end = walk.end;
	return walk.is_found;
}
