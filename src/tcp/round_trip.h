/* The round trip as a capture shows it. Private to tcp/. */
#ifndef TCP_ROUND_TRIP_H
#define TCP_ROUND_TRIP_H

#include "flatline/tcp.h"

/* Takes a segment of the handshake, or any other, after its ACK was taken. */
void round_trip_measure(struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment);

#endif
