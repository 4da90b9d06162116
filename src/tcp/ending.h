/* The RST of a connection. Private to tcp/. */
#ifndef TCP_ENDING_H
#define TCP_ENDING_H

#include "flatline/tcp.h"

/* Takes an RST of end[dir], before it is counted. */
void ending_take(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir,
                 uint32_t classes);
/* What was taken so far was of another connection. */
void ending_forget(struct fl_flow *flow);

#endif
