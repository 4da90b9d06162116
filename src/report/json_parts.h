/* Parts of which the JSON report is made: the values that stand in many places, and the objects of a flow and of the
 * capture. Private to report/. */
#ifndef REPORT_JSON_PARTS_H
#define REPORT_JSON_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "flatline/judge.h"

/* Collects the failures of many calls, so that an object is written straight and checked once. */
struct maker {
	bool failed; /* out of memory */
};

/* Adds `value` as member `key`, or as the next item of an array; the parent owns it. NULL means out of memory. */
void put(struct maker *maker, struct json_object *object, const char *key, struct json_object *value);
void put_null(struct maker *maker, struct json_object *object, const char *key);
void put_item(struct maker *maker, struct json_object *array, struct json_object *value);

void put_number(struct maker *maker, struct json_object *object, const char *key, uint64_t value);
/* A string, cleaned (clean.h). */
struct json_object *json_text(const char *text);
/* The same as a member; null for NULL. */
void put_string(struct maker *maker, struct json_object *object, const char *key, const char *value);
void put_bool(struct maker *maker, struct json_object *object, const char *key, bool value);
/* RFC 3339; null for FL_TIME_NONE. */
void put_time(struct maker *maker, struct json_object *object, const char *key, int64_t at);
/* `ns` in units of `unit` ns with `digits` decimals, whatever the locale; null for FL_TIME_NONE. */
void put_duration(struct maker *maker, struct json_object *object, const char *key, int64_t ns, int64_t unit,
                  unsigned digits);
void put_words(struct maker *maker, struct json_object *object, const char *key, const struct fl_words *words);

/* The object of one flow: every member, or only those from `id` to `verdict`. NULL out of memory; json_object_put it.
 */
struct json_object *json_flow(const struct fl_account *account, bool full);
/* Its later members: findings, signs_of_life, timers, story, advice, caveats. */
void put_detail(struct maker *maker, struct json_object *object, const struct fl_account *account);
struct json_object *json_capture(const struct fl_capture_account *capture);
struct json_object *json_incident(const struct fl_incident *incident);

#endif
