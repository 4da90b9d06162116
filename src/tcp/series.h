/* Series of repeats and probes. Private to tcp/. */
#ifndef TCP_SERIES_H
#define TCP_SERIES_H

#include "flatline/tcp.h"

/* Takes a segment whose coordinates and ACK were taken into the flow. `rst_ack`: of an RST with ACK, unwrapped, else 0.
 */
void series_update(struct fl_flows *flows, struct fl_flow *flow, const struct fl_segment *segment, uint64_t rst_ack);

/* The series of end[dir] that lasts, NULL when there is none. */
const struct fl_series *series_lasting(const struct fl_flow *flow, unsigned dir);
/* end[dir] has sent a probe that is not answered yet. */
bool series_is_probed(const struct fl_flow *flow, unsigned dir);
/* Both sides allowed SACK, or the handshake was not captured. */
bool series_has_sack(const struct fl_flow *flow);

#endif
