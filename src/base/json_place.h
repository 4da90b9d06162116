/* Where in its text a value of JSON stands: json-c does not keep that. Private to base/. */
#ifndef BASE_JSON_PLACE_H
#define BASE_JSON_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

/* `root` is what json-c made of `text`, which may hold comments. */

/* Where `value` begins, by its identity; 0 when it is not in there. */
size_t json_place_of(const char *text, struct json_object *root, const struct json_object *value);
/* Where a key stands for the second time in its object; 0 when none does. */
size_t json_place_twice(const char *text, struct json_object *root);
/* From where to where the value of `key` in `object` goes. False when it is not there. */
bool json_place_member(const char *text, struct json_object *root, const struct json_object *object, const char *key,
                       size_t *ret_start, size_t *ret_end);

#endif
