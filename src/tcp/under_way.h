/* What was sent and not ACKed yet, and when. Private to tcp/. */
#ifndef TCP_UNDER_WAY_H
#define TCP_UNDER_WAY_H

#include "flatline/tcp.h"

/* The segment carried sequence numbers for the first time: those from `from` on are under way from now on. */
void under_way_sent(struct fl_flow *flow, const struct fl_segment *segment, uint64_t from);
/* end[dir].una moved. */
void under_way_acked(struct fl_flow *flow, unsigned dir, int64_t at);
/* What end[dir] sent last, repeats not counted; NULL before the first. */
const struct fl_sent *under_way_last(const struct fl_flow *flow, unsigned dir);

#endif
