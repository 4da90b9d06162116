/* Values of options. Each returns 0, or -1 with `reterr`. Private to cli/. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "flatline/error.h"
#include "flatline/judge.h"

/* `option` is the name without its hyphens, for the message. */
int value_severity(const char *text, const char *option, enum fl_severity *ret_severity, struct fl_error *reterr);
int value_time(const char *text, const char *option, int64_t *ret_at, struct fl_error *reterr);
/* A day, as its first moment. */
int value_day(const char *text, int64_t *ret_at, struct fl_error *reterr);
int value_memory(const char *text, size_t *ret_memory, struct fl_error *reterr);
int value_size(const char *text, const char *option, size_t *ret_size, struct fl_error *reterr);
int value_number(const char *text, const char *option, uint32_t least, uint32_t most, uint32_t *ret_number,
                 struct fl_error *reterr);
int value_flow(const char *text, int64_t *ret_flow, struct fl_error *reterr);
int value_only(const char *text, const char *option, const char **ret_only, struct fl_error *reterr);
int value_format(const char *text, bool is_check, struct fl_error *reterr);
int value_color(const char *text, const char **ret_color, struct fl_error *reterr);

#endif
