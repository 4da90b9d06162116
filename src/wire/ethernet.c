/* Ethernet II and IEEE 802.3 with LLC/SNAP (RFC 1042), and the tags between the addresses and the type: 802.1Q, 802.1ad
 * and the older 0x9100 of provider bridges. The type of what lies inside also names the inside of GRE, GENEVE and
 * "cooked" captures, so its table is here. */
#include "wire.h"

void wire_ethernet(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 14);

	if (!header || !walk_enter(walk))
		return;
	walk->to_group = header[0] & 1;
	walk_mark(walk, PLACE_MAC, header, 6);
	walk_mark(walk, PLACE_MAC, header + 6, 6);
	walk_mark(walk, PLACE_KEEP, header + 12, 2);
	wire_ethertype(walk, bytes_be16(header + 12));
}

/* Steps over a tag; the type behind it. The two outermost ids are kept. */
static uint16_t vlan_tag(struct walk *walk)
{
	const uint8_t *tag = walk->cursor.at;
	uint16_t id = fl_cursor_be16(&walk->cursor) & 0x0fff;
	struct fl_packet *packet = walk->packet;

	walk_mark(walk, PLACE_KEEP, tag, 4);
	if (!(packet->via & FL_VIA_VLAN))
		packet->vlan[0] = id;
	else if (packet->vlan[1] == 0)
		packet->vlan[1] = id;
	packet->via |= FL_VIA_VLAN;
	return fl_cursor_be16(&walk->cursor);
}

static bool is_tag(uint16_t type)
{
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_PROVIDER_VLAN || type == ETHERTYPE_OLD_VLAN;
}

/* WCCP's GRE has a redirect header of 4 bytes in its second version, and none in its first: then an IPv4 header, whose
 * first nibble cannot be a redirect header's. */
static void wccp(struct walk *walk)
{
	if (walk_peek(walk) >> 4 != 4) {
		walk_mark(walk, PLACE_KEEP, walk->cursor.at, 4);
		fl_cursor_skip(&walk->cursor, 4);
	}
	wire_ipv4(walk);
}

void wire_ethertype(struct walk *walk, uint16_t type)
{
	while (is_tag(type)) {
		type = vlan_tag(walk);
		if (!fl_cursor_ok(&walk->cursor))
			return;
	}
	if (type == ETHERTYPE_IPV4) {
		wire_ip(walk);
		return;
	}
	if (type <= ETHERNET_LONGEST) {
		walk_limit(walk, type);
		wire_llc(walk);
		return;
	}
	switch (type) {
	case ETHERTYPE_IPV6: wire_ipv6(walk); break;
	case ETHERTYPE_ARP: wire_arp(walk); break;
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_MULTICAST: wire_mpls(walk); break;
	case ETHERTYPE_PPPOE: wire_pppoe(walk); break;
	case ETHERTYPE_PPP: wire_ppp(walk); break;
	case ETHERTYPE_TRANSPARENT: wire_ethernet(walk); break;
	case ETHERTYPE_WCCP: wccp(walk); break;
	default: walk_unknown(walk);
	}
}

void wire_llc(struct walk *walk)
{
	const uint8_t *llc = fl_cursor_bytes(&walk->cursor, 3);

	if (!llc) {
		walk_unknown(walk);
		return;
	}
	walk_mark(walk, PLACE_KEEP, llc, 3);
	/* 06 is the service access point of IP itself; 03 an unnumbered information frame. */
	if (llc[0] == 0x06 && llc[1] == 0x06 && llc[2] == 0x03) {
		wire_ip(walk);
		return;
	}
	if (llc[0] == 0xaa && llc[1] == 0xaa && llc[2] == 0x03) {
		const uint8_t *snap = fl_cursor_bytes(&walk->cursor, 5);
		uint16_t type = snap ? bytes_be16(snap + 3) : 0;

		/* Encapsulated Ethernet (OUI 00-00-00), and Apple's and Cisco's bridging variant of it. */
		if (snap && type > ETHERNET_LONGEST && snap[0] == 0 && snap[1] == 0 &&
		    (snap[2] == 0 || snap[2] == 0xf8)) {
			walk_mark(walk, PLACE_KEEP, snap, 5);
			if (walk_enter(walk))
				wire_ethertype(walk, type);
			return;
		}
	}
	walk_unknown(walk);
}
