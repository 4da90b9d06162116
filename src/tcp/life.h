/* The four rungs: proofs and demands. Private to tcp/ (the session rung belongs to message/). */
#ifndef TCP_LIFE_H
#define TCP_LIFE_H

#include "flatline/tcp.h"

/* What this segment proves of its sender, and asks of its receiver. Call after the coordinates were updated. */
void life_update(struct fl_flow *flow, const struct fl_segment *segment);

#endif
