/* A packet: one frame, decoded to its innermost TCP segment (or to the ICMP error, ARP or ND message it is). Every read
 * is bounds-checked; a short packet is an outcome with a name. Knows nothing of flows. */
#ifndef FLATLINE_PACKET_H
#define FLATLINE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/address.h"
#include "flatline/frame.h"

/* What became of a frame. */
enum fl_outcome {
	FL_OUTCOME_TCP,       /* addresses, ports and TCP fields are set */
	FL_OUTCOME_ICMP,      /* an ICMP or ICMPv6 error that quotes a packet: `icmp` is set */
	FL_OUTCOME_NEIGHBOUR, /* ARP, or ICMPv6 neighbour solicitation/advertisement: `neighbour` is set */
	FL_OUTCOME_NOT_IP,    /* another network protocol */
	FL_OUTCOME_NOT_TCP,   /* IP, but UDP, QUIC, ICMP echo, ...: `protocol` and, for UDP, the ports are set */
	FL_OUTCOME_FRAGMENT,  /* a piece of a datagram that is not complete yet (or never will be) */
	FL_OUTCOME_MALFORMED, /* lengths that contradict each other, or too few bytes captured to say */
	FL_OUTCOME_LINK,      /* a link type that we do not know */
	FL_OUTCOMES,
};

/* TCP flags as on the wire (RFC 9293 section 3.1). */
enum {
	FL_TCP_FIN = 0x01,
	FL_TCP_SYN = 0x02,
	FL_TCP_RST = 0x04,
	FL_TCP_PSH = 0x08,
	FL_TCP_ACK = 0x10,
	FL_TCP_URG = 0x20,
	FL_TCP_ECE = 0x40,
	FL_TCP_CWR = 0x80,
};

/* Which TCP options were present (and understood). */
enum {
	FL_OPT_MSS = 1 << 0,
	FL_OPT_WSCALE = 1 << 1,
	FL_OPT_SACK_PERMITTED = 1 << 2,
	FL_OPT_SACK = 1 << 3,
	FL_OPT_TIMESTAMP = 1 << 4,
	FL_OPT_FASTOPEN = 1 << 5,
	FL_OPT_MALFORMED = 1 << 6, /* the options were damaged or not wholly captured; what could be read counts */
};

struct fl_tcp_options {
	uint32_t ts_value, ts_echo;
	uint32_t sack[4][2]; /* left and right edge, as on the wire */
	uint16_t mss;
	uint8_t wscale; /* shift count as sent, 0..255 (above 14 counts as 14, RFC 7323) */
	uint8_t n_sack;
	uint8_t present; /* FL_OPT_ bits */
};

/* Tunnels and tags that were passed on the way in. */
enum {
	FL_VIA_VLAN = 1 << 0,
	FL_VIA_MPLS = 1 << 1,
	FL_VIA_PPPOE = 1 << 2,
	FL_VIA_GRE = 1 << 3,
	FL_VIA_ERSPAN = 1 << 4,
	FL_VIA_IPIP = 1 << 5, /* IP in IP, 6in4, 4in6 */
	FL_VIA_VXLAN = 1 << 6,
	FL_VIA_GENEVE = 1 << 7,
	FL_VIA_GTPU = 1 << 8,
	FL_VIA_TEREDO = 1 << 9,
	FL_VIA_AH = 1 << 10,
	FL_VIA_FRAGMENTS = 1 << 11, /* completed from fragments by this frame */
	FL_VIA_L2TP = 1 << 12,
};

/* An ICMP error with what it quotes of the packet that caused it. The quoted packet was sent by `from` to `to`. */
struct fl_icmp_error {
	struct fl_address sender; /* who sent the error: the router, or the target itself */
	struct fl_address from, to;
	uint16_t from_port, to_port;
	uint32_t seq, ack;
	uint16_t mtu;       /* next-hop MTU of "fragmentation needed" / "packet too big", else 0 */
	uint8_t type, code; /* ICMP's, or ICMPv6's when `sender.family` is 6 */
	uint8_t flags;      /* quoted TCP flags, valid when quoted >= 14 */
	uint8_t protocol;   /* of the quoted packet */
	uint16_t quoted;    /* bytes of its TCP header that were quoted: 0, 8, 20, ...; ports need 4, seq 8, ack 12 */
};

/* An ARP or ND message: "who has `target`? tell `sender`", or "`target` is at `target_mac`" told to `sender`. So a
 * request and its reply name the same pair. A request is a sign of life of `sender`, a reply one of `target`. */
struct fl_neighbour {
	struct fl_address sender; /* who asks; may be unspecified (0.0.0.0, ::) for a probe. In a reply: who is told */
	struct fl_address target; /* who is asked for. In a reply: who answers */
	uint8_t sender_mac[6];    /* zeros when the message does not say */
	uint8_t target_mac[6];
	bool is_reply;
	bool is_broadcast; /* asked of everyone (a unicast probe checks a cached entry) */
};

struct fl_packet {
	uint64_t number; /* of the frame */
	int64_t at;      /* ns, FL_TIME_NONE when unknown */
	uint32_t file;
	uint16_t interface;
	uint8_t outcome;  /* enum fl_outcome */
	uint8_t protocol; /* IP protocol number of the innermost packet, 0 before any IP header */

	/* the innermost IP header */
	struct fl_address source, target;
	uint16_t source_port, target_port;
	uint16_t ip_id;                       /* IPv4 only */
	uint8_t ttl;                          /* or hop limit */
	uint8_t tos;                          /* or traffic class */
	uint32_t flow_label;                  /* IPv6 only */
	uint32_t via;                         /* FL_VIA_ bits */
	uint16_t vlan[2];                     /* outermost two VLAN ids (12 bits), 0 for none */
	uint8_t mac_source[6], mac_target[6]; /* of the outermost Ethernet header, zeros elsewhere */
	uint32_t place; /* cooked captures: at which of the machine's interfaces, and whether in or out; 0 elsewhere */

	/* TCP */
	uint32_t seq, ack;
	uint8_t flags;   /* FL_TCP_ bits */
	uint16_t window; /* as on the wire, unscaled */
	struct fl_tcp_options options;
	const uint8_t *payload; /* captured part, `captured` bytes; borrowed from the frame. NULL when there is none */
	uint32_t captured;
	uint32_t length; /* payload bytes on the wire, from the IP header (from the frame when that says 0: BIG TCP) */

	union {
		struct fl_icmp_error icmp;     /* FL_OUTCOME_ICMP */
		struct fl_neighbour neighbour; /* FL_OUTCOME_NEIGHBOUR */
	};
};

struct fl_wire; /* what decoding has to remember: datagrams of which only fragments came so far */

struct fl_wire *fl_wire_new(void);
void fl_wire_free(struct fl_wire *wire);

/* Decodes `frame`. Every field of *ret_packet is set (zero where it has no meaning); its pointers borrow from the
 * frame's bytes, except for a segment completed from fragments, whose payload stays valid until the 64th next call. */
void fl_wire_decode(struct fl_wire *wire, const struct fl_frame *frame, struct fl_packet *ret_packet);

/* Datagrams whose fragments never completed, so far (each of their frames had FL_OUTCOME_FRAGMENT). */
uint64_t fl_wire_incomplete(const struct fl_wire *wire);

/* Longest line of fl_packet_line. */
#define FL_PACKET_LINE 256
/* One packet as one line, shared by reports, tests and debugging:
 * "10.0.0.1:40122 > 10.0.0.9:9001 SA seq 1000 ack 2000 len 24 win 502 <mss 1460,sackOK,ts 1 2,wscale 7>". */
const char *fl_packet_line(const struct fl_packet *packet, char ret_text[FL_PACKET_LINE]);

/* "SYN, ACK" style letters as one short word: "S", "SA", "A", "PA", "FA", "R", "RA", "-". */
const char *fl_flags_text(uint8_t flags, char ret_text[16]);

/* "host unreachable", "fragmentation needed", ...; family 4 or 6; NULL when it has no name. */
const char *fl_icmp_name(uint8_t family, uint8_t type, uint8_t code);

#endif
