/* What a segment is. Private to tcp/. */
#ifndef TCP_CLASSIFY_H
#define TCP_CLASSIFY_H

#include "flatline/tcp.h"

/* The class bits that the flow tells as it stood before the segment. seq, end, length and fresh of it are set, and
 * `is_hole_filled` says whether the fresh bytes are late ones. Those about its ACK come from track.c. */
uint32_t classify(const struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment,
                  bool is_hole_filled);
/* Of a segment without payload, SYN, FIN and RST, whose ACK was taken: what kind of ACK it is. `was_closed`: its
 * sender's window was, before it. */
uint32_t classify_ack(const struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment);

#endif
