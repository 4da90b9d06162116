/* JSON that people write: files with comments, read strictly. What is unclear (a key that stands twice, text after the
 * end) is an error, since half-understood data would pass for understood. */
#ifndef FLATLINE_JSON_FILE_H
#define FLATLINE_JSON_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#include "flatline/error.h"
#include "flatline/text.h"

/* A file with its text beside it, so that what is wrong with a value is told with its line, and that a value can be
 * changed while all else stays as somebody wrote it. */
struct fl_json {
	struct json_object *root; /* an object */
	struct fl_text text;      /* the file as it is, comments and all */
	/* What is being read, as whoever reads it says: a value, or the member `key` of an object. */
	const struct json_object *at;
	const char *key;
};

/* 0 (fl_json_deinit() it), or -1 with `reterr`: file, line, column, reason. `shape`: how it is to look, for the error.
 */
int fl_json_load(struct fl_json *json, const char *path, const char *shape, struct fl_error *reterr);
void fl_json_deinit(struct fl_json *json);

/* What is read from here on; a null in a list has no place of its own, and leaves it with what was read before. */
static inline void fl_json_look(struct fl_json *json, const struct json_object *value)
{
	if (value) {
		json->at = value;
		json->key = NULL;
	}
}

static inline void fl_json_look_member(struct fl_json *json, const struct json_object *object, const char *key)
{
	json->at = object;
	json->key = key;
}

/* The line on which begins what is being read, from 1. */
size_t fl_json_line(const struct fl_json *json);
/* Where the value of `key` in `object` stands in the text, up to *ret_end. False when it is not there. */
bool fl_json_span(const struct fl_json *json, const struct json_object *object, const char *key, size_t *ret_start,
                  size_t *ret_end);

/* Only the object that the file holds: a new reference (json_object_put()). NULL with `reterr`, as above. */
struct json_object *fl_json_file(const char *path, const char *shape, struct fl_error *reterr);
/* The same of `length` bytes that are there already, which are changed (comments become blank) and end in a zero;
 * `path` is their name in errors. */
struct json_object *fl_json_text(const char *path, char *text, size_t length, const char *shape,
                                 struct fl_error *reterr);

#endif
