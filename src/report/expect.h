/* What an expectation file says, checked while it is read, and how a value meets it. Private to report/. */
#ifndef REPORT_EXPECT_H
#define REPORT_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "flatline/error.h"

/* What may stand at a path of a flow's JSON. */
enum path_kind {
	PATH_NUMBER, /* zero or more */
	PATH_PORT,
	PATH_FIGURE, /* a number, or a time */
	PATH_STRING,
	PATH_TIME,
	PATH_BOOL,
	PATH_LIST,
	PATH_OBJECT
};

struct path {
	enum path_kind kind;
	bool (*knows)(const char *word); /* whether a string can ever stand there; NULL: any */
};

/* The kind of what a dotted path leads to; NULL when "flatline/1" has no such member. */
const struct path *path_find(const char *path);
/* The index-th path as it stands in the table, for tests; NULL past the last. */
const char *path_name(size_t index);
/* What stands there in `flow`; NULL for null and for what is absent. */
struct json_object *path_value(struct json_object *flow, const char *path);

/* Whether the condition (a value, or an object of operators) can be asked of that path; -1 with the reason in `reterr`.
 */
int condition_check(const char *path, const struct path *at, struct json_object *condition, struct fl_error *reterr);
bool condition_holds(struct json_object *value, struct json_object *condition);

/* How many: "count" and "others". */
struct range {
	int64_t least, most;
};
/* A number, or an object of at_least and at_most; -1 with the reason in `reterr`. */
int range_read(const char *what, struct json_object *value, struct range *ret_range, struct fl_error *reterr);
bool range_holds(const struct range *range, uint64_t count);

#endif
