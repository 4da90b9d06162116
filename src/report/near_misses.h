/* A few flows to show where an expectation failed. Private to report/. */
#ifndef REPORT_NEAR_MISSES_H
#define REPORT_NEAR_MISSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "flatline/judge.h"
#include "flatline/text.h"

enum { near_misses_shown = 5 };

/* Those with the fewest conditions missed, then the earliest; zeroed to begin with. */
struct near_misses {
	struct near_miss {
		unsigned misses;
		char *line;
	} items[near_misses_shown];
	size_t count;
	uint64_t seen;
};

/* Notes a flow; `path` (NULL: none) is where it first missed, and `found` what stands there. False out of memory. */
bool near_misses_add(struct near_misses *misses, unsigned how_many, const struct fl_account *account, const char *path,
                     struct json_object *found);
/* A line for each, "  nearest: flow 3 ...", or "  " and `none`; without a line feed at the end. */
void near_misses_tell(const struct near_misses *misses, struct fl_text *text, const char *label, const char *none);
void near_misses_deinit(struct near_misses *misses);

#endif
