/* PPP (RFC 1661) in HDLC-like framing (RFC 1662), with the address and control bytes or without, and with a protocol
 * field of one byte where the peers agreed on it (an odd first byte says so); the PPPoE session header (RFC 2516),
 * Cisco's HDLC, frame relay and L2TPv2 (RFC 2661), which carry the same. */
#include "wire.h"

void wire_ppp(struct walk *walk)
{
	const uint8_t *header = walk->cursor.at;
	uint16_t protocol;

	if (!walk_enter(walk))
		return;
	if (fl_cursor_left(&walk->cursor) >= 2 && bytes_be16(walk->cursor.at) == 0xff03)
		fl_cursor_skip(&walk->cursor, 2);
	protocol = fl_cursor_u8(&walk->cursor);
	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | fl_cursor_u8(&walk->cursor));
	if (!fl_cursor_ok(&walk->cursor))
		return;
	walk_mark(walk, PLACE_KEEP, header, (size_t)(walk->cursor.at - header));
	switch (protocol) {
	case 0x0021: wire_ipv4(walk); break;
	case 0x0057: wire_ipv6(walk); break;
	case 0x0281:
	case 0x0283: wire_mpls(walk); break;
	default: walk_unknown(walk);
	}
}

void wire_pppoe(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 6);

	if (!header)
		return;
	walk->packet->via |= FL_VIA_PPPOE;
	walk_mark(walk, PLACE_KEEP, header, 6);
	if (header[1] != 0) { /* discovery: no session yet */
		walk_unknown(walk);
		return;
	}
	walk_limit(walk, bytes_be16(header + 4));
	wire_ppp(walk);
}

void wire_cisco_hdlc(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 4);
	uint16_t type = header ? bytes_be16(header + 2) : 0;

	if (!header || !walk_enter(walk))
		return;
	walk_mark(walk, PLACE_KEEP, header, 4);
	if (type > ETHERNET_LONGEST)
		wire_ethertype(walk, type);
	else
		walk_unknown(walk);
}

/* RFC 2427: a Q.922 address of two bytes (the second has the last bit set), unnumbered information, and the network
 * layer's id; 0xcc is IP, 0x8e IPv6, 0x80 SNAP. Cisco's own encapsulation has an Ethernet type after the address. */
void wire_frame_relay(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 4);

	if (!header)
		return;
	walk_mark(walk, PLACE_KEEP, header, 4);
	if (!(header[1] & 1)) {
		walk_unknown(walk);
		return;
	}
	if (header[2] != 0x03) {
		uint16_t type = bytes_be16(header + 2);

		if (type > ETHERNET_LONGEST)
			wire_ethertype(walk, type);
		else
			walk_unknown(walk);
		return;
	}
	if (header[3] == 0xcc)
		wire_ipv4(walk);
	else if (header[3] == 0x8e)
		wire_ipv6(walk);
	else
		walk_unknown(walk);
}

/* A serial line of either kind: Cisco's addresses are a unicast (0f) and a broadcast (8f), PPP's is ff. */
void wire_ppp_serial(struct walk *walk)
{
	uint8_t address = walk_peek(walk);

	if (address == 0x0f || address == 0x8f)
		wire_cisco_hdlc(walk);
	else
		wire_ppp(walk);
}

void wire_l2tp(struct walk *walk)
{
	const uint8_t *header = walk->cursor.at;
	uint16_t flags = fl_cursor_be16(&walk->cursor);

	/* Control messages (0x8000) carry no packets; version 3 has another header. */
	if ((flags & 0x8000) || (flags & 0x000f) != 2) {
		walk_unknown(walk);
		return;
	}
	walk->packet->via |= FL_VIA_L2TP;
	if (flags & 0x4000)
		fl_cursor_skip(&walk->cursor, 2); /* length */
	fl_cursor_skip(&walk->cursor, 4);         /* tunnel and session */
	if (flags & 0x0800)
		fl_cursor_skip(&walk->cursor, 4); /* sequence numbers */
	if (flags & 0x0200) {
		uint16_t padding = fl_cursor_be16(&walk->cursor);

		walk_mark(walk, PLACE_KEEP, header, (size_t)(walk->cursor.at - header));
		fl_cursor_skip(&walk->cursor, padding);
	} else {
		walk_mark(walk, PLACE_KEEP, header, (size_t)(walk->cursor.at - header));
	}
	wire_ppp(walk);
}
