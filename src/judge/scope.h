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
/* Whether one of its hosts is. A SYN that nothing followed says something of its sender; where there are so many of
 * them that it is a flood or a scan, it says nothing of whom it was sent to. */
bool scope_has_flow(const struct scope *scope, const struct fl_flow *flow);

#endif
