/* Where a flow was captured. Private to judge/. */
#ifndef JUDGE_VANTAGE_H
#define JUDGE_VANTAGE_H

#include "flatline/judge.h"
#include "neighbours.h"

struct vantage {
	enum fl_side where; /* client, server, between, unknown */
	char because[160];
};

/* `client`: its direction. `neighbours` may be NULL; then only the flow itself is asked. */
void vantage_find(const struct fl_flow *flow, unsigned client, const struct neighbours *neighbours,
                  struct vantage *ret_vantage);

#endif
