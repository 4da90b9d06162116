/* Who leaves when memory is short. Private to flow/. */
#ifndef FLOW_LEAVING_H
#define FLOW_LEAVING_H

#include "blocks.h"

enum leaving_whom { LEAVING_ANY, LEAVING_WITH_COLD };

/* The slots of a quarter of the flows, those that are worth least, in no order; returns how many: 0 out of memory, too.
 * *ret_slots is free()d by the caller. */
size_t leaving_choose(const struct blocks *blocks, enum leaving_whom whom, uint32_t **ret_slots);

/* When its last packet was seen. */
int64_t leaving_last_seen(const struct fl_flow *flow);

/* Up to `most` of those that are over, or that nobody ever answered, and whose last packet was before that time, in a
 * part of all slots: *from and those behind it, which becomes the one to go on with. *ret_slots is freed by the caller;
 * 0 also out of memory. */
size_t leaving_over(const struct blocks *blocks, int64_t before, size_t most, uint32_t *from, uint32_t **ret_slots);

#endif
