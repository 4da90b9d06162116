/* The walk from a frame's first byte inward: what all decoders of this folder share. A decoder takes the bytes that are
 * left, reads its header, and hands the rest to the next one; the last one names the outcome. Private to wire/. */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include "flatline/cursor.h"
#include "flatline/packet.h"

#include "fragments.h"
#include "layout.h"

/* Layers with a header of their own that may lie in one another. Real stacks have at most about eight (Ethernet, IP,
 * UDP, VXLAN, Ethernet, IP, GRE, IP); a crafted frame must not take the stack away. */
#define WALK_DEPTH 24

struct fl_wire {
	struct fragments fragments;
	uint64_t calls;
};

struct walk {
	struct fl_cursor cursor; /* captured bytes, from the current header on */
	uint32_t missing;        /* bytes that were on the wire behind those, and not captured */
	unsigned depth;
	uint32_t beyond; /* bytes that the IP header claims and the frame never had */
	bool to_group;   /* the link's destination was broadcast or multicast */
	struct fl_packet *packet;
	struct fl_wire *wire;
	struct layout *layout; /* who wants to know where what stands; NULL: nobody. Then nothing is put together */
};

/* Says what the `length` bytes from `at` on are, to whom wants to know. */
static inline void walk_mark(struct walk *walk, enum place_kind kind, const uint8_t *at, size_t length)
{
	if (walk->layout)
		layout_add(walk->layout, kind, at, length, 0);
}

/* Bytes of this layer on the wire, from here. */
static inline uint32_t walk_length(const struct walk *walk)
{
	return (uint32_t)fl_cursor_left(&walk->cursor) + walk->missing;
}

/* The same of a header with a checksum over what follows it, to the end of its layer; the cursor stands behind the
 * header. */
static inline void walk_mark_header(struct walk *walk, enum place_kind kind, const uint8_t *at, size_t length)
{
	if (walk->layout)
		layout_add(walk->layout, kind, at, length, (uint32_t)length + walk_length(walk));
}

/* A header said that only `length` bytes follow; what lies behind (Ethernet padding, a checksum) is not of this layer.
 * When it says more than the frame had, the frame is believed, as tshark does. */
static inline void walk_limit(struct walk *walk, uint32_t length)
{
	uint32_t captured = (uint32_t)fl_cursor_left(&walk->cursor);

	if (length <= captured) {
		fl_cursor_limit(&walk->cursor, length);
		walk->missing = 0;
	} else if (length - captured <= walk->missing) {
		walk->missing = length - captured;
	} else {
		walk->beyond = length - captured - walk->missing;
	}
}

/* Ends the walk: `packet->outcome` starts as FL_OUTCOME_MALFORMED, so a decoder that runs out of bytes just returns. */
static inline void walk_end(struct walk *walk, enum fl_outcome outcome)
{
	walk->packet->outcome = (uint8_t)outcome;
}

/* Ends the walk at something that no decoder here knows. */
static inline void walk_unknown(struct walk *walk)
{
	walk_end(walk, walk->packet->protocol ? FL_OUTCOME_NOT_TCP : FL_OUTCOME_NOT_IP);
}

/* One layer deeper; false at the limit. */
static inline bool walk_enter(struct walk *walk)
{
	return ++walk->depth <= WALK_DEPTH;
}

static inline uint16_t bytes_be16(const uint8_t *b)
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t bytes_be32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline void bytes_address(struct fl_address *ret_address, unsigned family, const uint8_t *bytes)
{
	if (family == 4) {
		memcpy(ret_address->bytes, bytes, 4);
		memset(ret_address->bytes + 4, 0, 12);
	} else {
		memcpy(ret_address->bytes, bytes, 16);
	}
	ret_address->family = (uint8_t)family;
}

/* The first byte of what is left without stepping over it; 0 when nothing is. */
static inline uint8_t walk_peek(const struct walk *walk)
{
	return fl_cursor_left(&walk->cursor) ? walk->cursor.at[0] : 0;
}

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_TRANSPARENT = 0x6558, /* Ethernet inside */
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_PPP = 0x880b,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_MULTICAST = 0x8848,
	ETHERTYPE_PPPOE = 0x8864,
	ETHERTYPE_PROVIDER_VLAN = 0x88a8,
	ETHERTYPE_ERSPAN = 0x88be,
	ETHERTYPE_ERSPAN_3 = 0x22eb,
	ETHERTYPE_WCCP = 0x883e,
	ETHERTYPE_OLD_VLAN = 0x9100,
};

/* Lengths up to here, in the place of a type, are IEEE 802.3 lengths. */
#define ETHERNET_LONGEST 1500

enum {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_IPV4 = 4,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_IPV6 = 41,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_GRE = 47,
	PROTOCOL_AH = 51,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_NONE = 59,
	PROTOCOL_DESTINATION = 60,
	PROTOCOL_ETHERIP = 97,
	PROTOCOL_MOBILITY = 135,
	PROTOCOL_MPLS = 137,
	PROTOCOL_HIP = 139,
	PROTOCOL_SHIM6 = 140,
};

/* link.c: what a LINKTYPE_ number says of the first bytes */
void wire_link(struct walk *walk, uint16_t link);

/* ethernet.c: a whole Ethernet frame; what follows its type (or length); what follows an LLC header's first byte */
void wire_ethernet(struct walk *walk);
void wire_ethertype(struct walk *walk, uint16_t type);
void wire_llc(struct walk *walk);

/* ieee80211.c: a wireless frame, with radiotap's header before it or without */
void wire_ieee80211(struct walk *walk);
void wire_radiotap(struct walk *walk);

/* mpls.c: a label stack and what lies below */
void wire_mpls(struct walk *walk);

/* ppp.c: PPP with or without address and control; a PPPoE session header before it; Cisco HDLC; either of them; L2TPv2
 * over UDP */
void wire_ppp(struct walk *walk);
void wire_pppoe(struct walk *walk);
void wire_cisco_hdlc(struct walk *walk);
void wire_ppp_serial(struct walk *walk);
void wire_frame_relay(struct walk *walk);
void wire_l2tp(struct walk *walk);

/* decode.c: the walk itself; with a layout fragments stay what they are */
void wire_walk(struct fl_wire *wire, const struct fl_frame *frame, struct layout *layout, struct fl_packet *ret_packet);

/* ip.c: IP of either version by its first nibble; IPv4; what an IP protocol number says of the rest */
void wire_ip(struct walk *walk);
void wire_ipv4(struct walk *walk);
void wire_transport(struct walk *walk, uint8_t protocol);

/* ipv6.c: the header and its extensions; the extensions alone, from the one that `next` names */
void wire_ipv6(struct walk *walk);
void wire_ipv6_next(struct walk *walk, uint8_t next);

/* The upper protocol of a quoted IPv6 packet: steps over its extension headers. False when it cannot be known (cut
 * off, or a later fragment); else *next is the protocol and the cursor stands behind the last extension. */
bool wire_ipv6_skip(struct walk *walk, struct fl_cursor *cursor, uint8_t *next);

/* gre.c: GRE, PPTP's variant of it, ERSPAN inside */
void wire_gre(struct walk *walk);

/* tunnel.c: UDP, and the tunnels that are known by its ports */
void wire_udp(struct walk *walk);

/* tcp.c */
void wire_tcp(struct walk *walk);

/* icmp.c */
void wire_icmp(struct walk *walk);
void wire_icmpv6(struct walk *walk);

/* neighbour.c: ARP; ICMPv6 neighbour solicitation (type 135) and advertisement (136), from the type's byte on */
void wire_arp(struct walk *walk);
void wire_neighbour(struct walk *walk);

#endif
