/* UDP (RFC 768), and the tunnels inside it that are known by their port alone: VXLAN (RFC 7348) and its generic
 * extension, GENEVE (RFC 8926), GTP-U (3GPP TS 29.281), Teredo (RFC 4380), L2TP, MPLS and GRE in UDP (RFC 7510, RFC
 * 8086). What does not begin as the tunnel's header must is plain UDP that happens to use the port. */
#include "wire.h"

enum {
	PORT_L2TP = 1701,
	PORT_GTPU = 2152,
	PORT_TEREDO = 3544,
	PORT_GRE = 4754,
	PORT_VXLAN = 4789,
	PORT_VXLAN_GPE = 4790,
	PORT_GENEVE = 6081,
	PORT_MPLS = 6635,
};

static void vxlan(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 8);

	if (!header || !(header[0] & 0x08)) /* the I bit: a network identifier is there */
		return;
	walk_mark(walk, PLACE_KEEP, header, 8);
	walk->packet->via |= FL_VIA_VXLAN;
	walk_end(walk, FL_OUTCOME_MALFORMED);
	wire_ethernet(walk);
}

static void vxlan_gpe(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 8);

	if (!header || !(header[0] & 0x04) || header[3] < 1 || header[3] > 3)
		return;
	walk->packet->via |= FL_VIA_VXLAN;
	walk_end(walk, FL_OUTCOME_MALFORMED);
	walk_mark(walk, PLACE_KEEP, header, 8);
	if (header[3] == 1)
		wire_ipv4(walk);
	else if (header[3] == 2)
		wire_ipv6(walk);
	else
		wire_ethernet(walk);
}

static void geneve(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 8);

	if (!header || header[0] >> 6 != 0)
		return;
	fl_cursor_skip(&walk->cursor, (header[0] & 0x3f) * 4u);
	walk->packet->via |= FL_VIA_GENEVE;
	walk_mark(walk, PLACE_KEEP, header, 8);
	walk_end(walk, FL_OUTCOME_MALFORMED);
	if (!fl_cursor_ok(&walk->cursor))
		return;
	if (bytes_be16(header + 2) > ETHERNET_LONGEST)
		wire_ethertype(walk, bytes_be16(header + 2));
	else
		walk_unknown(walk);
}

static void gtpu(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 8);

	/* Version 1, GTP and not GTP', a user packet (message 255). */
	if (!header || header[0] >> 4 != 3 || header[1] != 255)
		return;
	walk_limit(walk, bytes_be16(header + 2));
	walk_mark(walk, PLACE_KEEP, header, 8);
	if (header[0] & 0x07) {
		uint8_t next;

		walk_mark(walk, PLACE_KEEP, walk->cursor.at, 4);
		fl_cursor_skip(&walk->cursor, 3); /* sequence number, N-PDU number */
		next = fl_cursor_u8(&walk->cursor);
		/* Extension headers: length in words, content, and the next one's type last. */
		while (next != 0 && (header[0] & 0x04) && fl_cursor_ok(&walk->cursor)) {
			const uint8_t *extension = walk->cursor.at;
			uint8_t words = fl_cursor_u8(&walk->cursor);

			if (words == 0)
				return;
			walk_mark(walk, PLACE_KEEP, extension, 1);
			fl_cursor_skip(&walk->cursor, words * 4u - 2);
			walk_mark(walk, PLACE_KEEP, walk->cursor.at, 1);
			next = fl_cursor_u8(&walk->cursor);
		}
	}
	if (!fl_cursor_ok(&walk->cursor) || (walk_peek(walk) >> 4 != 4 && walk_peek(walk) >> 4 != 6))
		return;
	walk->packet->via |= FL_VIA_GTPU;
	walk_end(walk, FL_OUTCOME_MALFORMED);
	wire_ip(walk);
}

/* An authentication header and an origin indication may come before the IPv6 packet; both begin with a zero byte. */
static void teredo(struct walk *walk)
{
	if (fl_cursor_left(&walk->cursor) >= 4 && bytes_be16(walk->cursor.at) == 1) {
		walk_mark(walk, PLACE_KEEP, walk->cursor.at, 4);
		fl_cursor_skip(&walk->cursor, 4u + walk->cursor.at[2] + walk->cursor.at[3] + 8 + 1);
	}
	if (fl_cursor_left(&walk->cursor) >= 2 && bytes_be16(walk->cursor.at) == 0)
		fl_cursor_skip(&walk->cursor, 8);
	if (!fl_cursor_ok(&walk->cursor) || walk_peek(walk) >> 4 != 6)
		return;
	walk->packet->via |= FL_VIA_TEREDO;
	walk_end(walk, FL_OUTCOME_MALFORMED);
	wire_ipv6(walk);
}

/* True when `port` is a tunnel's. */
static bool tunnel(struct walk *walk, uint16_t port)
{
	switch (port) {
	case PORT_VXLAN: vxlan(walk); return true;
	case PORT_VXLAN_GPE: vxlan_gpe(walk); return true;
	case PORT_GENEVE: geneve(walk); return true;
	case PORT_GTPU: gtpu(walk); return true;
	case PORT_TEREDO: teredo(walk); return true;
	case PORT_L2TP: wire_l2tp(walk); return true;
	case PORT_GRE: wire_gre(walk); return true;
	case PORT_MPLS: wire_mpls(walk); return true;
	default: return false;
	}
}

void wire_udp(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 8);
	uint16_t from, to, length;

	walk_end(walk, FL_OUTCOME_NOT_TCP);
	if (!header)
		return;
	from = bytes_be16(header);
	to = bytes_be16(header + 2);
	length = bytes_be16(header + 4);
	walk_mark_header(walk, PLACE_UDP, header, 8);
	walk->packet->source_port = from;
	walk->packet->target_port = to;
	if (length >= 8)
		walk_limit(walk, length - 8u);
	if (!walk_enter(walk))
		return;
	if (!tunnel(walk, from < to ? from : to))
		tunnel(walk, from < to ? to : from);
}
