/* MPLS (RFC 3032): four-byte labels, the last with the S bit, and nothing that says what lies below. Routers look at
 * the first nibble, and so do we: 4 and 6 are IP, 0 is the control word of a pseudowire (RFC 4385) or the first nibble
 * of an Ethernet address, 1 its associated channel. */
#include "wire.h"

/* An Ethernet header `at` bytes on: one whose type is one that carries IP, a tag, or a length. */
static bool looks_like_ethernet(const struct walk *walk, size_t at)
{
	const uint8_t *bytes = walk->cursor.at;
	uint16_t type;

	if (fl_cursor_left(&walk->cursor) < at + 14)
		return false;
	type = bytes_be16(bytes + at + 12);
	switch (type) {
	case ETHERTYPE_IPV4:
	case ETHERTYPE_IPV6:
	case ETHERTYPE_ARP:
	case ETHERTYPE_VLAN:
	case ETHERTYPE_PROVIDER_VLAN:
	case ETHERTYPE_OLD_VLAN:
	case ETHERTYPE_MPLS:
	case ETHERTYPE_PPPOE: return true;
	default: return false;
	}
}

void wire_mpls(struct walk *walk)
{
	uint32_t label;

	walk->packet->via |= FL_VIA_MPLS;
	do {
		walk_mark(walk, PLACE_KEEP, walk->cursor.at, 4);
		label = fl_cursor_be32(&walk->cursor);
		if (!fl_cursor_ok(&walk->cursor))
			return;
	} while (!(label & 0x100));

	switch (walk_peek(walk) >> 4) {
	case 4: wire_ipv4(walk); return;
	case 6: wire_ipv6(walk); return;
	default: break;
	}
	if (looks_like_ethernet(walk, 0)) {
		wire_ethernet(walk);
	} else if (walk_peek(walk) >> 4 == 0 && looks_like_ethernet(walk, 4)) {
		walk_mark(walk, PLACE_KEEP, walk->cursor.at, 4);
		fl_cursor_skip(&walk->cursor, 4);
		wire_ethernet(walk);
	} else {
		walk_unknown(walk);
	}
}
