/* Segments: what a packet meant for its connection (RFC 9293). Tracks both sides' coordinates, and the signs of life of
 * the kernels. Knows nothing of protocols, and of no verdict. */
#ifndef FLATLINE_TCP_H
#define FLATLINE_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/flow.h"
#include "flatline/packet.h"

/* What a segment is. Several may hold. */
enum {
	FL_SEG_SYN = 1 << 0, /* SYN without ACK */
	FL_SEG_SYN_ACK = 1 << 1,
	FL_SEG_FIN = 1 << 2, /* its first FIN */
	FL_SEG_RST = 1 << 3,
	FL_SEG_DATA = 1 << 4,        /* carries payload never seen before */
	FL_SEG_REPEAT = 1 << 5,      /* carries only sequence numbers that were sent before (payload, SYN or FIN) */
	FL_SEG_PROBE = 1 << 6,       /* keepalive or window probe: 0 or 1 byte just below what the peer has ACKed */
	FL_SEG_ACKS = 1 << 7,        /* ACKs sequence numbers for the first time */
	FL_SEG_ACKS_UNSEEN = 1 << 8, /* among them some that were never captured */
	FL_SEG_ZERO_WINDOW = 1 << 9,
	FL_SEG_PUSH = 1 << 10,
};

/* What the later steps see of a packet: facts, never raw flags. */
struct fl_segment {
	int64_t at;
	uint64_t seq, ack; /* unwrapped, in the coordinates of fl_end.next; ack is 0 without the ACK flag */
	uint64_t end;      /* seq + payload + SYN + FIN */
	uint32_t frame;
	uint32_t file;
	uint32_t classes; /* FL_SEG_ bits */
	uint32_t length;  /* payload bytes */
	uint32_t fresh;   /* of them never seen before */
	uint32_t window;  /* scaled where the scale is known */
	uint8_t dir;      /* sender: flow->end[dir] */
};

/* True when `packet`, sent by end[dir], begins a new connection on the tuple of `flow`: a SYN with another initial
 * sequence number. Silence never does, and a SYN repeated after a challenge ACK or an RST is the same attempt. */
bool fl_tcp_begins(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir);

/* Takes the packet into its flow: counts, coordinates, windows, rungs wire to application, history; and says what it
 * was. */
void fl_tcp_track(struct fl_flow *flow, const struct fl_packet *packet, unsigned dir, struct fl_segment *ret_segment);

/* Bytes that end[dir] has sent and that were not ACKed so far. */
uint64_t fl_tcp_outstanding(const struct fl_flow *flow, unsigned dir);

/* True when all of end[dir]'s sequence numbers below `seq` were ACKed. */
bool fl_tcp_acked(const struct fl_flow *flow, unsigned dir, uint64_t seq);

#endif
