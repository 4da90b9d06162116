/* IPv4 (RFC 791), and what the protocol number of either IP says of the rest. The total length decides where the packet
 * ends (Ethernet pads short frames, some captures keep its checksum); a total length of 0 is a super-segment that the
 * kernel handed to its network card whole, and then the frame's length counts. */
#include "wire.h"

enum {
	IPV4_MORE = 0x2000,
	IPV4_OFFSET = 0x1fff,
};

void wire_ip(struct walk *walk)
{
	if (walk_peek(walk) >> 4 == 6)
		wire_ipv6(walk);
	else
		wire_ipv4(walk);
}

/* Keeps the fragment; goes on with the whole datagram when this one completes it. */
static void ipv4_fragment(struct walk *walk, uint8_t protocol, uint16_t bits)
{
	const struct fl_packet *packet = walk->packet;
	struct fragment fragment = {
		.source = packet->source,
		.target = packet->target,
		.id = packet->ip_id,
		.protocol = protocol,
		.offset = (bits & IPV4_OFFSET) * 8u,
		.length = walk_length(walk),
		.bytes = walk->cursor.at,
		.captured = (uint32_t)fl_cursor_left(&walk->cursor),
		.is_last = !(bits & IPV4_MORE),
	};
	struct datagram whole;

	walk_end(walk, FL_OUTCOME_FRAGMENT);
	if (walk->layout) {
		if (fragment.offset == 0)
			wire_transport(walk, protocol);
		return;
	}
	if (!fragments_add(&walk->wire->fragments, walk->wire->calls, &fragment, &whole))
		return;
	walk->packet->outcome = FL_OUTCOME_MALFORMED;
	walk->packet->via |= FL_VIA_FRAGMENTS;
	walk->cursor = fl_cursor_over(whole.bytes, whole.captured);
	walk->missing = whole.length - whole.captured;
	wire_transport(walk, protocol);
}

void wire_ipv4(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 20);
	struct fl_packet *packet = walk->packet;
	uint32_t header_length, total;
	uint16_t bits;

	if (!header || header[0] >> 4 != 4)
		return;
	header_length = (header[0] & 0x0f) * 4u;
	total = bytes_be16(header + 2);
	if (header_length < 20 || (total != 0 && total < header_length) || !walk_enter(walk))
		return;
	if (total != 0)
		walk_limit(walk, total - 20);
	walk_mark(walk, PLACE_IPV4, header, 20);
	if (header_length > 20) {
		walk_mark(walk, PLACE_OPTIONS, header + 20, header_length - 20);
		fl_cursor_skip(&walk->cursor, header_length - 20);
		if (!fl_cursor_ok(&walk->cursor))
			return;
	}
	bytes_address(&packet->source, 4, header + 12);
	bytes_address(&packet->target, 4, header + 16);
	packet->ip_id = bytes_be16(header + 4);
	packet->tos = header[1];
	packet->ttl = header[8];
	packet->flow_label = 0;

	bits = bytes_be16(header + 6) & (IPV4_MORE | IPV4_OFFSET);
	if (bits != 0) {
		packet->protocol = header[9];
		ipv4_fragment(walk, header[9], bits);
		return;
	}
	wire_transport(walk, header[9]);
}

/* Authentication header (RFC 4302): its length counts words, less two. */
static void authentication(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 12);
	uint32_t length = header ? (header[1] + 2u) * 4u : 0;

	if (length < 12 || !walk_enter(walk))
		return;
	walk->packet->via |= FL_VIA_AH;
	walk_mark(walk, PLACE_KEEP, header, 12);
	fl_cursor_skip(&walk->cursor, length - 12);
	if (!fl_cursor_ok(&walk->cursor))
		return;
	if (walk->packet->source.family == 6)
		wire_ipv6_next(walk, header[0]);
	else
		wire_transport(walk, header[0]);
}

void wire_transport(struct walk *walk, uint8_t protocol)
{
	walk->packet->protocol = protocol;
	if (protocol == PROTOCOL_TCP) {
		wire_tcp(walk);
		return;
	}
	switch (protocol) {
	case PROTOCOL_UDP: wire_udp(walk); break;
	case PROTOCOL_ICMP: wire_icmp(walk); break;
	case PROTOCOL_ICMPV6: wire_icmpv6(walk); break;
	case PROTOCOL_IPV4:
		walk->packet->via |= FL_VIA_IPIP;
		wire_ipv4(walk);
		break;
	case PROTOCOL_IPV6:
		walk->packet->via |= FL_VIA_IPIP;
		wire_ipv6(walk);
		break;
	case PROTOCOL_GRE: wire_gre(walk); break;
	case PROTOCOL_AH: authentication(walk); break;
	case PROTOCOL_MPLS: wire_mpls(walk); break;
	case PROTOCOL_ETHERIP: /* RFC 3378: version 3 and reserved bits, then Ethernet */
		walk_mark(walk, PLACE_KEEP, walk->cursor.at, 2);
		fl_cursor_skip(&walk->cursor, 2);
		wire_ethernet(walk);
		break;
	default: walk_end(walk, FL_OUTCOME_NOT_TCP);
	}
}
