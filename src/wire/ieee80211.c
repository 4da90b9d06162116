/* Wireless frames in monitor mode (IEEE 802.11 section 9.2): a data frame that is not encrypted carries LLC/SNAP behind
 * a header whose length its control field tells. Encrypted ones, and management and control frames, hold nothing to
 * see. */
#include "wire.h"

enum {
	TYPE_DATA = 2,
	SUBTYPE_NULL = 4, /* no data */
	SUBTYPE_QOS = 8,
	FLAG_TO_DS = 0x01,
	FLAG_FROM_DS = 0x02,
	FLAG_PROTECTED = 0x40,
	FLAG_ORDER = 0x80, /* in a QoS frame: a high-throughput control field follows */
};

void wire_ieee80211(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 24);
	unsigned type, subtype, flags;

	if (!header)
		return;
	type = header[0] >> 2 & 3;
	subtype = header[0] >> 4;
	flags = header[1];
	if (type != TYPE_DATA || (subtype & SUBTYPE_NULL) || (flags & FLAG_PROTECTED)) {
		walk_unknown(walk);
		return;
	}
	walk->to_group = header[4] & 1;
	if ((flags & FLAG_TO_DS) && (flags & FLAG_FROM_DS))
		fl_cursor_skip(&walk->cursor, 6); /* the fourth address */
	if (subtype & SUBTYPE_QOS) {
		fl_cursor_skip(&walk->cursor, 2);
		if (flags & FLAG_ORDER)
			fl_cursor_skip(&walk->cursor, 4);
	}
	wire_llc(walk);
}

void wire_radiotap(struct walk *walk)
{
	uint16_t length;

	fl_cursor_skip(&walk->cursor, 2); /* version, padding */
	length = fl_cursor_le16(&walk->cursor);
	if (length < 8)
		return;
	fl_cursor_skip(&walk->cursor, length - 4u);
	wire_ieee80211(walk);
}
