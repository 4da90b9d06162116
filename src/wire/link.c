/* What stands before the network layer, by the file's LINKTYPE_ number: Ethernet, the "cooked" headers of Linux' any
 * device, the address family of loopback devices, nothing at all, PPP and its kin, and pseudo-headers (PPI, NFLOG,
 * those of capturing hardware) that carry one of the others. */
#include "wire.h"

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_PPP_SERIAL = 50,
	LINK_PPPOE = 51,
	LINK_RAW = 101,
	LINK_CISCO_HDLC = 104,
	LINK_IEEE80211 = 105,
	LINK_FRAME_RELAY = 107,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_RADIOTAP = 127,
	LINK_ARCNET_LINUX = 129,
	LINK_PPP_PPPD = 166,
	LINK_JUNIPER_ETHERNET = 178,
	LINK_PPI = 192,
	LINK_ERF = 197,
	LINK_PPP_DIRECTION = 204,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_NFLOG = 239,
	LINK_SLL2 = 276,
};

enum {
	JUNIPER_NO_LINK_HEADER = 0x02,
	JUNIPER_EXTENSIONS = 0x80,
	ERF_EXTENSIONS = 0x80,
	ERF_HDLC = 1,
	ERF_ETHERNET = 2,
};

/* "Cooked" captures give a protocol where Ethernet has its type; below 0x600 it is a number of Linux' own. */
static void cooked(struct walk *walk, uint16_t protocol)
{
	if (protocol > ETHERNET_LONGEST)
		wire_ethertype(walk, protocol);
	else if (protocol == 4) /* IEEE 802.2 */
		wire_llc(walk);
	else
		walk_unknown(walk);
}

/* The sender's hardware address in a "cooked" header: a MAC address, or (of a tunnel's device) an IPv4 address. */
static void cooked_address(struct walk *walk, const uint8_t *bytes, unsigned length)
{
	if (length == 6)
		walk_mark(walk, PLACE_MAC, bytes, 6);
	else if (length == 4)
		walk_mark(walk, PLACE_ADDRESS_4, bytes, 4);
}

static void sll(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 16);

	if (!header)
		return;
	walk->to_group = header[1] == 1 || header[1] == 2; /* packet type: broadcast, multicast */
	walk->packet->place = 1 + header[1];
	walk_mark(walk, PLACE_KEEP, header, 6);
	cooked_address(walk, header + 6, bytes_be16(header + 4));
	walk_mark(walk, PLACE_KEEP, header + 14, 2);
	cooked(walk, bytes_be16(header + 14));
}

static void sll2(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 20);

	if (!header)
		return;
	walk->to_group = header[10] == 1 || header[10] == 2;
	walk_mark(walk, PLACE_KEEP, header, 12);
	cooked_address(walk, header + 12, header[11]);
	walk->packet->place = 1 + header[10] + (bytes_be32(header + 4) << 3); /* packet type, interface index */
	cooked(walk, bytes_be16(header));
}

/* Loopback devices write the address family in the byte order of the machine that captured (LOOP: in network order),
 * and the number of IPv6 differs among systems. The value is small, so its place tells the order. */
static void loopback(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 4);
	unsigned family;

	if (!header)
		return;
	walk_mark(walk, PLACE_KEEP, header, 4);
	if (header[0] == 0 && header[1] == 0)
		family = bytes_be16(header + 2);
	else
		family = (unsigned)header[1] << 8 | header[0];
	switch (family) {
	case 2: wire_ip(walk); break;
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD */
	case 23: /* Windows */
	case 28: /* FreeBSD */
	case 30: /* macOS */ wire_ipv6(walk); break;
	default:
		if (family > ETHERNET_LONGEST)
			wire_ethertype(walk, (uint16_t)family);
		else
			walk_unknown(walk);
	}
}

/* Linux' ARCNET: source, target, an offset of two bytes that is not on the wire, and RFC 1201's protocol id. */
static void arcnet(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 5);
	uint8_t protocol = header ? header[4] : 0;

	if (!header)
		return;
	if (protocol == 240 || protocol == 241) { /* RFC 1051: no split flag, no sequence */
		if (protocol == 240)
			wire_ipv4(walk);
		else
			walk_unknown(walk);
		return;
	}
	if (protocol == 212 || protocol == 213 || protocol == 196) {
		uint8_t split = fl_cursor_u8(&walk->cursor);

		if (split == 0xff) /* an "exception" packet: four bytes of padding come first */
			fl_cursor_skip(&walk->cursor, 4);
		fl_cursor_skip(&walk->cursor, 2);
	}
	if (protocol == 212)
		wire_ipv4(walk);
	else if (protocol == 196)
		wire_ipv6(walk);
	else
		walk_unknown(walk);
}

/* Per-packet information: a header of its own length, and the DLT of what follows, all in little endian. */
static void ppi(struct walk *walk)
{
	uint16_t length;
	uint32_t dlt;

	fl_cursor_skip(&walk->cursor, 2); /* version, flags */
	length = fl_cursor_le16(&walk->cursor);
	dlt = fl_cursor_le32(&walk->cursor);
	if (length < 8)
		return;
	fl_cursor_skip(&walk->cursor, length - 8u);
	if (dlt <= UINT16_MAX)
		wire_link(walk, (uint16_t)dlt);
	else
		walk_end(walk, FL_OUTCOME_LINK);
}

/* Linux' netfilter log: attributes (length, type, value, padded to 4) in the byte order of the host; number 9 holds the
 * packet. The first byte of a small length tells the order. */
static void nflog(struct walk *walk)
{
	uint8_t family = fl_cursor_u8(&walk->cursor);

	fl_cursor_skip(&walk->cursor, 3);
	for (;;) {
		const uint8_t *head = fl_cursor_bytes(&walk->cursor, 4);
		uint32_t length, type;

		if (!head)
			return;
		if (head[3] && !head[2]) {
			length = bytes_be16(head);
			type = head[3];
		} else {
			length = (uint32_t)head[1] << 8 | head[0];
			type = (uint32_t)head[3] << 8 | head[2];
		}
		if (length < 4)
			return;
		if ((type & 0x7fff) == 9) {
			walk_limit(walk, length - 4);
			break;
		}
		fl_cursor_skip(&walk->cursor, ((length + 3) & ~3u) - 4);
	}
	/* IPv4, IPv6, a bridge's hook: all from the network header on. */
	if (family == 2 || family == 10 || family == 7)
		wire_ip(walk);
	else
		walk_unknown(walk);
}

/* Juniper's routers: "MGC", flags, extensions of a told length. */
static void juniper(struct walk *walk)
{
	static const uint8_t magic[3] = { 'M', 'G', 'C' };
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 4);

	if (!header || memcmp(header, magic, sizeof(magic)) != 0)
		return;
	if (header[3] & JUNIPER_EXTENSIONS)
		fl_cursor_skip(&walk->cursor, fl_cursor_be16(&walk->cursor));
	if (header[3] & JUNIPER_NO_LINK_HEADER) {
		walk_unknown(walk); /* a family and a cookie of the router's own follow */
		return;
	}
	wire_ethernet(walk);
}

/* Endace's cards: time, type, lengths; extension headers of 8 bytes while their first bit says that one follows. */
static void endace(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 16);
	bool has_extension = header && (header[8] & ERF_EXTENSIONS);

	if (!header)
		return;
	while (has_extension) {
		const uint8_t *extension = fl_cursor_bytes(&walk->cursor, 8);

		if (!extension)
			return;
		has_extension = extension[0] & 0x80;
	}
	switch (header[8] & 0x7f) {
	case ERF_ETHERNET:
		fl_cursor_skip(&walk->cursor, 2); /* alignment */
		wire_ethernet(walk);
		break;
	case ERF_HDLC: wire_ppp_serial(walk); break;
	default: walk_unknown(walk);
	}
}

void wire_link(struct walk *walk, uint16_t link)
{
	if (link == LINK_ETHERNET) {
		wire_ethernet(walk);
		return;
	}
	if (!walk_enter(walk))
		return;
	switch (link) {
	case LINK_SLL: sll(walk); break;
	case LINK_SLL2: sll2(walk); break;
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD: wire_ip(walk); break;
	case LINK_IPV4: wire_ipv4(walk); break;
	case LINK_IPV6: wire_ipv6(walk); break;
	case LINK_NULL:
	case LINK_LOOP: loopback(walk); break;
	case LINK_PPP_PPPD:
	case LINK_PPP_DIRECTION:
		walk_mark(walk, PLACE_KEEP, walk->cursor.at, 1);
		fl_cursor_skip(&walk->cursor, 1); /* in or out */
		wire_ppp(walk);
		break;
	case LINK_PPP: wire_ppp(walk); break;
	case LINK_PPP_SERIAL: wire_ppp_serial(walk); break;
	case LINK_PPPOE: wire_pppoe(walk); break;
	case LINK_CISCO_HDLC: wire_cisco_hdlc(walk); break;
	case LINK_IEEE80211: wire_ieee80211(walk); break;
	case LINK_RADIOTAP: wire_radiotap(walk); break;
	case LINK_FRAME_RELAY: wire_frame_relay(walk); break;
	case LINK_ARCNET_LINUX: arcnet(walk); break;
	case LINK_JUNIPER_ETHERNET: juniper(walk); break;
	case LINK_ERF: endace(walk); break;
	case LINK_PPI: ppi(walk); break;
	case LINK_NFLOG: nflog(walk); break;
	default: walk_end(walk, FL_OUTCOME_LINK);
	}
}
