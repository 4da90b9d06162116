/* A JSON file with comments, read strictly (RFC 8259, and comments as in C). */
#include "flatline/json_file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/text.h"
#include "json_place.h"

enum { most_bytes = 16 << 20, deepest = 32 };

static int fail(struct fl_error *reterr, const char *path, const char *text, size_t at, const char *what)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	fl_error_set(reterr, path, 0, "line %zu, column %zu: %s", line, column, what);
	return -1;
}

static int slurp(const char *path, struct fl_text *text, struct fl_error *reterr)
{
	FILE *file = fopen(path, "rb");
	char block[4096];
	size_t length;
	int problem = 0;

	if (!file) {
		fl_error_set(reterr, path, 0, "%s", strerror(errno));
		return -1;
	}
	while (!problem && (length = fread(block, 1, sizeof(block), file)) > 0) {
		fl_text_bytes(text, block, length);
		if (text->failed)
			problem = ENOMEM;
		else if (text->length > most_bytes)
			problem = EFBIG;
	}
	if (!problem && ferror(file))
		problem = errno;
	fclose(file);
	if (problem)
		fl_error_set(reterr, path, 0, "%s", strerror(problem));
	return problem ? -1 : 0;
}

/* The end of the string that begins at `at`. */
static size_t skip_string(const char *text, size_t length, size_t at)
{
	for (at++; at < length && text[at] != '"'; at++) {
		if (text[at] == '\\')
			at++;
	}
	return at < length ? at : length - 1;
}

/* Makes comments blank, so that places stay, and counts the members of objects by their colons. */
static int blank_comments(const char *path, char *text, size_t length, size_t *ret_colons, struct fl_error *reterr)
{
	*ret_colons = 0;
	for (size_t at = 0; at < length; at++) {
		const char *end = NULL;

		if (text[at] == '"') {
			at = skip_string(text, length, at);
			continue;
		}
		*ret_colons += text[at] == ':';
		if (text[at] != '/')
			continue;
		if (text[at + 1] == '*') {
			end = strstr(text + at + 2, "*/");
			if (!end)
				return fail(reterr, path, text, at, "this comment does not end");
			end += 2;
		} else if (text[at + 1] == '/') {
			end = text + at + strcspn(text + at, "\n");
		} else {
			return fail(reterr, path, text, at, "a lone slash");
		}
		for (; text + at < end; at++) {
			if (text[at] != '\n')
				text[at] = ' ';
		}
		at--;
	}
	return 0;
}

static size_t count_members(struct json_object *value)
{
	size_t count = 0;

	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			count += 1 + count_members(member);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			count += count_members(json_object_array_get_idx(value, i));
	}
	return count;
}

/* NaN and Infinity are no JSON, and compare with nothing; nor does what is too large for a number. The first of them;
 * NULL without one. */
static const struct json_object *find_infinite(struct json_object *value)
{
	const struct json_object *found = NULL;

	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			found = found ? found : find_infinite(member);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; !found && i < json_object_array_length(value); i++)
			found = find_infinite(json_object_array_get_idx(value, i));
	} else if (json_object_is_type(value, json_type_double) && !isfinite(json_object_get_double(value))) {
		found = value;
	}
	return found;
}

static struct json_object *parse(const char *path, const char *text, size_t length, struct fl_error *reterr)
{
	struct json_tokener *tokener = json_tokener_new_ex(deepest);
	struct json_object *value = NULL;
	enum json_tokener_error state;

	if (!tokener) {
		fl_error_set(reterr, path, 0, "out of memory");
		return NULL;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* With its terminating zero, which ends a number or word that stands last. */
	value = json_tokener_parse_ex(tokener, text, (int)length + 1);
	state = json_tokener_get_error(tokener);
	if (state != json_tokener_success) {
		size_t at = json_tokener_get_parse_end(tokener);
		const char *what = json_tokener_error_desc(state);

		if (at >= length || state == json_tokener_continue) {
			at = length;
			what = "the file ends too early";
		}
		fail(reterr, path, text, at, what);
		json_object_put(value);
		value = NULL;
	}
	json_tokener_free(tokener);
	return value;
}

/* What is wrong with a file that could be parsed; 0 when nothing is. */
static int check(const char *path, const char *text, size_t colons, const char *shape, struct json_object *value,
                 struct fl_error *reterr)
{
	const struct json_object *infinite = find_infinite(value);

	if (count_members(value) != colons)
		return fail(reterr, path, text, json_place_twice(text, value), "a key stands twice in one object");
	if (infinite)
		return fail(reterr, path, text, json_place_of(text, value, infinite),
		            "NaN, Infinity and what is larger than any number cannot be compared");
	if (json_object_is_type(value, json_type_object))
		return 0;
	fl_error_set(reterr, path, 0, "the file is to hold an object: %s", shape);
	return -1;
}

struct json_object *fl_json_text(const char *path, char *text, size_t length, const char *shape,
                                 struct fl_error *reterr)
{
	struct json_object *value;
	size_t colons;

	if (length == 0) {
		fl_error_set(reterr, path, 0, "the file is empty");
		return NULL;
	}
	if (strlen(text) != length) {
		fail(reterr, path, text, strlen(text), "a zero byte");
		return NULL;
	}
	if (blank_comments(path, text, length, &colons, reterr))
		return NULL;
	value = parse(path, text, length, reterr);
	if (!value || check(path, text, colons, shape, value, reterr) == 0)
		return value;
	json_object_put(value);
	return NULL;
}

int fl_json_load(struct fl_json *json, const char *path, const char *shape, struct fl_error *reterr)
{
	struct fl_text blanked;

	*json = (struct fl_json){ 0 };
	fl_text_init(&json->text);
	fl_text_init(&blanked);
	if (slurp(path, &json->text, reterr) == 0) {
		fl_text_bytes(&blanked, fl_text_get(&json->text), json->text.length);
		if (blanked.failed)
			fl_error_set(reterr, path, 0, "%s", strerror(ENOMEM));
		else
			json->root = fl_json_text(path, blanked.data ? blanked.data : (char[]){ "" }, blanked.length,
			                          shape, reterr);
	}
	fl_text_deinit(&blanked);
	json->at = json->root;
	if (!json->root)
		fl_json_deinit(json);
	return json->root ? 0 : -1;
}

void fl_json_deinit(struct fl_json *json)
{
	json_object_put(json->root);
	fl_text_deinit(&json->text);
	*json = (struct fl_json){ 0 };
}

struct json_object *fl_json_file(const char *path, const char *shape, struct fl_error *reterr)
{
	struct fl_json json;
	struct json_object *value = NULL;

	if (fl_json_load(&json, path, shape, reterr) == 0)
		value = json_object_get(json.root);
	fl_json_deinit(&json);
	return value;
}

size_t fl_json_line(const struct fl_json *json)
{
	const char *text = fl_text_get(&json->text);
	size_t at, end, line = 1;

	if (!json->key || !json_place_member(text, json->root, json->at, json->key, &at, &end))
		at = json_place_of(text, json->root, json->at);
	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

bool fl_json_span(const struct fl_json *json, const struct json_object *object, const char *key, size_t *ret_start,
                  size_t *ret_end)
{
	return json_place_member(fl_text_get(&json->text), json->root, object, key, ret_start, ret_end);
}
