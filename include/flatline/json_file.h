/* JSON that people write: files with comments, read strictly. What is unclear (a key that stands twice, text after the
 * end) is an error, since half-understood data would pass for understood. */
#ifndef FLATLINE_JSON_FILE_H
#define FLATLINE_JSON_FILE_H

#include <stddef.h>

#include <json-c/json.h>

#include "flatline/error.h"

/* The object that the file at `path` holds: a new reference (json_object_put()). `shape`: how it is to look, for the
 * error. NULL with `reterr`: file, line, column, reason. */
struct json_object *fl_json_file(const char *path, const char *shape, struct fl_error *reterr);
/* The same of `length` bytes that are there already, which are changed (comments become blank) and end in a zero;
 * `path` is their name in errors. */
struct json_object *fl_json_text(const char *path, char *text, size_t length, const char *shape,
                                 struct fl_error *reterr);

#endif
