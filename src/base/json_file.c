/* A JSON file with comments, read strictly (RFC 8259, and comments as in C). */
#include "flatline/json_file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/text.h"

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

/* NaN and Infinity are no JSON, and compare with nothing; nor does what is too large for a number. */
static bool is_finite(struct json_object *value)
{
	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			if (!is_finite(member))
				return false;
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			if (!is_finite(json_object_array_get_idx(value, i)))
				return false;
		}
	}
	return !json_object_is_type(value, json_type_double) || isfinite(json_object_get_double(value));
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

struct json_object *fl_json_text(const char *path, char *text, size_t length, const char *shape,
                                 struct fl_error *reterr)
{
	struct json_object *value = NULL;
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
	if (!value)
		return NULL;
	if (count_members(value) != colons)
		fl_error_set(reterr, path, 0, "a key stands twice in one object");
	else if (!is_finite(value))
		fl_error_set(reterr, path, 0, "NaN, Infinity and what is larger than any number cannot be compared");
	else if (!json_object_is_type(value, json_type_object))
		fl_error_set(reterr, path, 0, "the file is to hold an object: %s", shape);
	else
		return value;
	json_object_put(value);
	return NULL;
}

struct json_object *fl_json_file(const char *path, const char *shape, struct fl_error *reterr)
{
	struct json_object *value = NULL;
	struct fl_text text;

	fl_text_init(&text);
	if (slurp(path, &text, reterr) == 0)
		value = fl_json_text(path, text.data ? text.data : (char[]){ "" }, text.length, shape, reterr);
	fl_text_deinit(&text);
	return value;
}
