/* The frozen view of a flow's neighbours: what other connections of the same service did. Private to judge/. */
#ifndef JUDGE_NEIGHBOURS_H
#define JUDGE_NEIGHBOURS_H

#include "flatline/flow.h"

struct neighbours;

/* Freezes the view of all flows that are present. NULL out of memory. */
struct neighbours *neighbours_new(const struct fl_flows *flows);
void neighbours_free(struct neighbours *neighbours);

/* Other connections to the same server address and port. */
struct siblings {
	uint32_t count;
	uint32_t answered;       /* whose client asked something about as long first, and was answered */
	uint32_t beats_answered; /* whose client's repeated messages of about `length` were answered */
	int64_t longest_answer;  /* of those that were answered, ns */
};
void neighbours_siblings(const struct neighbours *neighbours, const struct fl_flow *flow, uint32_t length,
                         struct siblings *ret_siblings);

/* The SYN with which the same client address next connected to the same service after `after`, FL_TIME_NONE when there
 * is none. A connection that begins with a message of another length than this flow's first is one for something else;
 * with `must_ask` one that has not said anything yet does not count either. */
int64_t neighbours_next_syn(const struct neighbours *neighbours, const struct fl_flow *flow, int64_t after,
                            bool must_ask);

#endif
