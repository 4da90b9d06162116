/* The hosts that a judgement needs to know of, where it is one of a few flows among very many. Private to judge/. */
#ifndef JUDGE_SCOPE_H
#define JUDGE_SCOPE_H

#include "flatline/flow.h"

struct scope;

struct scope *scope_new(const struct fl_flows *flows); /* NULL out of memory */
void scope_free(struct scope *scope);
/* False out of memory. */
bool scope_add(struct scope *scope, const struct fl_address *address);
/* `scope` NULL: all are. */
bool scope_has(const struct scope *scope, const struct fl_address *address);
/* Whether one of its hosts is. */
bool scope_has_flow(const struct scope *scope, const struct fl_flow *flow);
/* Flows that may be in scope: all, unless there are so many SYNs that nothing followed that it is a flood or a scan;
 * then none of these. */
uint32_t scope_next(const struct scope *scope, const struct fl_flows *flows, uint32_t id);
#define SCOPE_EACH(scope, flows, id) \
	for (uint32_t id = scope_next(scope, flows, 0); id != FL_FLOW_UNSEEN; id = scope_next(scope, flows, id + 1))

#endif
