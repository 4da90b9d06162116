/* Who has this address? ARP (RFC 826) and IPv6 neighbour discovery (RFC 4861): when nobody answers any more, the host
 * is gone from its own network, and when the answer's hardware address changes, another host has taken its place. */
#include "wire.h"

enum {
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	SOLICITATION = 135,
	OPTION_SOURCE = 1,
	OPTION_TARGET = 2,
};

/* ARP's sender asks, or answers: see struct fl_neighbour. */
static void arp_sides(struct fl_neighbour *neighbour, const uint8_t *body)
{
	const uint8_t *asking = body, *asked = body + 10;

	if (neighbour->is_reply) {
		asking = body + 10;
		asked = body;
	}
	memcpy(neighbour->sender_mac, asking, 6);
	bytes_address(&neighbour->sender, 4, asking + 6);
	memcpy(neighbour->target_mac, asked, 6);
	bytes_address(&neighbour->target, 4, asked + 6);
}

void wire_arp(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 8);
	const uint8_t *body = header ? fl_cursor_bytes(&walk->cursor, 20) : NULL;
	struct fl_neighbour *neighbour = &walk->packet->neighbour;
	uint16_t operation = header ? bytes_be16(header + 6) : 0;

	walk_end(walk, FL_OUTCOME_NOT_IP);
	/* IPv4 over hardware addresses of 6 bytes; the rest (reverse ARP, ATM's, ...) is nothing that TCP waits for. */
	if (!body || bytes_be16(header + 2) != ETHERTYPE_IPV4 || header[4] != 6 || header[5] != 4)
		return;
	if (operation != ARP_REQUEST && operation != ARP_REPLY)
		return;
	walk_mark(walk, PLACE_KEEP, header, 8);
	for (const uint8_t *side = body; side < body + 20; side += 10) {
		walk_mark(walk, PLACE_MAC, side, 6);
		walk_mark(walk, PLACE_ADDRESS_4, side + 6, 4);
	}
	neighbour->is_reply = operation == ARP_REPLY;
	neighbour->is_broadcast = walk->to_group;
	arp_sides(neighbour, body);
	walk_end(walk, FL_OUTCOME_NEIGHBOUR);
}

void wire_neighbour(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 24);
	struct fl_packet *packet = walk->packet;
	struct fl_neighbour *neighbour = &packet->neighbour;

	if (!header || packet->source.family != 6)
		return;
	if (walk->layout)
		layout_add(walk->layout, PLACE_ICMPV6, header, 8, 24 + walk_length(walk));
	walk_mark(walk, PLACE_ADDRESS_6, header + 8, 16);
	neighbour->is_reply = header[0] != SOLICITATION;
	neighbour->is_broadcast = packet->target.bytes[0] == 0xff;
	neighbour->sender = neighbour->is_reply ? packet->target : packet->source;
	bytes_address(&neighbour->target, 6, header + 8);

	while (fl_cursor_left(&walk->cursor) >= 8) {
		const uint8_t *option = walk->cursor.at;
		uint8_t kind = fl_cursor_u8(&walk->cursor), words = fl_cursor_u8(&walk->cursor);
		const uint8_t *body = words ? fl_cursor_bytes(&walk->cursor, words * 8u - 2) : NULL;

		if (!body)
			break;
		walk_mark(walk, PLACE_KEEP, option, 2);
		walk_mark(walk, PLACE_OPTIONS, body, words * 8u - 2);
		if (kind == OPTION_SOURCE || kind == OPTION_TARGET)
			walk_mark(walk, PLACE_MAC, body, 6);
		if (kind == OPTION_SOURCE && !neighbour->is_reply)
			memcpy(neighbour->sender_mac, body, 6);
		if (kind == OPTION_TARGET && neighbour->is_reply)
			memcpy(neighbour->target_mac, body, 6);
	}
	walk_end(walk, FL_OUTCOME_NEIGHBOUR);
}
