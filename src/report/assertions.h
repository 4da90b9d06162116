/* What is to hold for every connection, or for the capture: the "assert" of an expectation file. Private to report/. */
#ifndef REPORT_ASSERTIONS_H
#define REPORT_ASSERTIONS_H

#include <json-c/json.h>

#include "flatline/check.h"

struct assertions;

/* Reads the list, which is borrowed. NULL with the reason in `reterr`. */
struct assertions *assertions_read(struct json_object *list, struct fl_error *reterr);
void assertions_free(struct assertions *assertions);

/* Whether the flow holds them; false out of memory. */
bool assertions_flow(struct assertions *assertions, const struct fl_account *account);
void assertions_capture(struct assertions *assertions, const struct fl_capture_account *capture);
/* An item for each. False out of memory. */
bool assertions_end(const struct assertions *assertions, struct fl_checks *checks);

#endif
