/* What is to hold for every connection, or for the capture: the "assert" of an expectation file. Private to report/. */
#ifndef REPORT_ASSERTIONS_H
#define REPORT_ASSERTIONS_H

#include <json-c/json.h>

#include "flatline/check.h"
#include "flatline/json_file.h"

struct assertions;

/* Reads the list, which is borrowed from the file. NULL with the reason in `reterr`. */
struct assertions *assertions_read(struct fl_json *json, struct json_object *list, struct fl_error *reterr);
void assertions_free(struct assertions *assertions);

/* Whether the flow holds them; false out of memory. */
bool assertions_flow(struct assertions *assertions, const struct fl_account *account);
void assertions_capture(struct assertions *assertions, const struct fl_capture_account *capture);
/* Whether any of them asks what waits in TIME_WAIT, and what of one client and service came to. */
bool assertions_want_time_waits(const struct assertions *assertions);
void assertions_time_wait(struct assertions *assertions, const struct fl_time_wait *time_wait);
/* An item for each. False out of memory. */
bool assertions_end(const struct assertions *assertions, struct fl_checks *checks);

#endif
