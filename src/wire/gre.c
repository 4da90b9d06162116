/* Generic Routing Encapsulation (RFC 2784, with the key and sequence number of RFC 2890), the variant of it that PPTP
 * carries PPP in (RFC 2637), and ERSPAN, in which switches send mirrored Ethernet frames. */
#include "wire.h"

enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACK = 0x0080, /* version 1 only */
	GRE_VERSION = 0x0007,
};

/* Type II has 8 bytes, type III 12 and a platform's own 8 more when the last bit says so. Type I has no header, which
 * only the missing sequence number tells. */
static void erspan(struct walk *walk, uint16_t type, bool has_sequence)
{
	walk->packet->via |= FL_VIA_ERSPAN;
	if (type == ETHERTYPE_ERSPAN_3) {
		const uint8_t *header = fl_cursor_bytes(&walk->cursor, 12);
		unsigned frame_type;

		if (!header)
			return;
		walk_mark(walk, PLACE_KEEP, header, 12);
		if (header[11] & 1)
			fl_cursor_skip(&walk->cursor, 8);
		frame_type = (header[10] >> 2) & 0x1f; /* below the P bit: 0 is Ethernet, 2 an IP packet */
		if (frame_type == 2) {
			wire_ip(walk);
			return;
		}
		if (frame_type != 0) {
			walk_unknown(walk);
			return;
		}
	} else if (has_sequence) {
		walk_mark(walk, PLACE_KEEP, walk->cursor.at, 8);
		fl_cursor_skip(&walk->cursor, 8);
	}
	wire_ethernet(walk);
}

/* Source routes (RFC 1701): family, offset, length, until one of family and length 0. */
static void source_routes(struct fl_cursor *cursor)
{
	while (fl_cursor_ok(cursor)) {
		uint16_t family = fl_cursor_be16(cursor);
		uint8_t length;

		fl_cursor_skip(cursor, 1);
		length = fl_cursor_u8(cursor);
		if (family == 0 && length == 0)
			return;
		fl_cursor_skip(cursor, length);
	}
}

void wire_gre(struct walk *walk)
{
	const uint8_t *header = walk->cursor.at;
	uint16_t flags = fl_cursor_be16(&walk->cursor), type = fl_cursor_be16(&walk->cursor);
	unsigned version = flags & GRE_VERSION;

	walk->packet->via |= FL_VIA_GRE;
	if (flags & (GRE_CHECKSUM | GRE_ROUTING))
		fl_cursor_skip(&walk->cursor, 4);
	if (flags & GRE_KEY)
		fl_cursor_skip(&walk->cursor, 4);
	if (flags & GRE_SEQUENCE)
		fl_cursor_skip(&walk->cursor, 4);
	if (version == 1 && (flags & GRE_ACK))
		fl_cursor_skip(&walk->cursor, 4);
	walk_mark_header(walk, version == 0 && (flags & GRE_CHECKSUM) ? PLACE_GRE : PLACE_KEEP, header,
	                 (size_t)(walk->cursor.at - header));
	if (version == 0 && (flags & GRE_ROUTING))
		source_routes(&walk->cursor);
	if (!fl_cursor_ok(&walk->cursor) || !walk_enter(walk))
		return;
	/* A bare acknowledgement of PPTP and a keepalive carry nothing. */
	if (version > 1 || walk_length(walk) == 0 || type <= ETHERNET_LONGEST)
		walk_unknown(walk);
	else if (type == ETHERTYPE_ERSPAN || type == ETHERTYPE_ERSPAN_3)
		erspan(walk, type, flags & GRE_SEQUENCE);
	else
		wire_ethertype(walk, type);
}
