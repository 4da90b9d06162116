/* IPv6 (RFC 8200) and its extension headers. A payload length of 0 is a jumbogram (RFC 2675: the length is in the
 * hop-by-hop header; Linux' BIG TCP captures look like that too), or a super-segment whose length only the frame knows.
 * A routing header that is not used up yet names the last address of the path, which is the one that answers. */
#include "wire.h"

/* The length that a jumbo payload option tells, 0 when the options have none. */
static uint32_t jumbo_length(struct walk *walk, struct fl_cursor options)
{
	while (fl_cursor_left(&options) > 0) {
		const uint8_t *option = options.at;
		uint8_t type = fl_cursor_u8(&options), length;

		if (type == 0) /* one byte of padding */
			continue;
		length = fl_cursor_u8(&options);
		if (type == 0xc2 && length == 4) {
			walk_mark(walk, PLACE_KEEP, option, 6);
			return fl_cursor_be32(&options);
		}
		fl_cursor_skip(&options, length);
	}
	return 0;
}

/* RFC 6275 type 2 and RFC 8200 type 0 list the path, the last address last; in RFC 8754's type 4 it is the first. */
static void routing(struct walk *walk, const uint8_t *body, uint32_t length)
{
	uint8_t type = body[0], segments_left = body[1];
	const uint8_t *last;

	walk_mark(walk, PLACE_KEEP, body, 2);
	if (segments_left == 0 || length < 6 + 16)
		return;
	if (type == 4)
		last = body + 6;
	else if (type == 0 || type == 2)
		last = body + 6 + (length - 6) / 16 * 16 - 16;
	else
		return;
	bytes_address(&walk->packet->target, 6, last);
	walk_mark(walk, PLACE_FINAL_6, last, 16);
}

/* Takes a fragment; true, with the walk over the whole datagram and *next its first header, when that is complete, or
 * was never split ("atomic" fragments, RFC 6946). */
static bool fragment_header(struct walk *walk, uint8_t *next)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 8);
	struct fl_packet *packet = walk->packet;
	struct fragment fragment;
	struct datagram whole;
	uint16_t bits;

	if (!header)
		return false;
	walk_mark(walk, PLACE_KEEP, header, 8);
	bits = bytes_be16(header + 2);
	*next = header[0];
	if ((bits & 0xfff9) == 0)
		return true;
	fragment = (struct fragment){
		.source = packet->source,
		.target = packet->target,
		.id = bytes_be32(header + 4),
		.protocol = header[0],
		.offset = bits & 0xfff8,
		.length = walk_length(walk),
		.bytes = walk->cursor.at,
		.captured = (uint32_t)fl_cursor_left(&walk->cursor),
		.is_last = !(bits & 1),
	};
	packet->protocol = header[0];
	walk_end(walk, FL_OUTCOME_FRAGMENT);
	if (walk->layout)
		return fragment.offset == 0;
	if (!fragments_add(&walk->wire->fragments, walk->wire->calls, &fragment, &whole))
		return false;
	packet->outcome = FL_OUTCOME_MALFORMED;
	packet->via |= FL_VIA_FRAGMENTS;
	walk->cursor = fl_cursor_over(whole.bytes, whole.captured);
	walk->missing = whole.length - whole.captured;
	*next = whole.protocol;
	return true;
}

static bool is_extension(uint8_t next)
{
	return next == PROTOCOL_HOP_BY_HOP || next == PROTOCOL_ROUTING || next == PROTOCOL_DESTINATION ||
	       next == PROTOCOL_MOBILITY || next == PROTOCOL_HIP || next == PROTOCOL_SHIM6;
}

/* What follows the two bytes of an extension header that say its kind and length; NULL when it is cut. */
static const uint8_t *extension(struct walk *walk, struct fl_cursor *cursor, uint8_t *next, uint32_t *ret_length)
{
	const uint8_t *head = fl_cursor_bytes(cursor, 2);

	if (!head)
		return NULL;
	*next = head[0];
	*ret_length = (head[1] + 1u) * 8u - 2u;
	walk_mark(walk, PLACE_KEEP, head, 2);
	walk_mark(walk, PLACE_OPTIONS, head + 2, *ret_length);
	return fl_cursor_bytes(cursor, *ret_length);
}

void wire_ipv6_next(struct walk *walk, uint8_t next)
{
	while (next == PROTOCOL_FRAGMENT || is_extension(next)) {
		uint8_t kind = next;
		const uint8_t *body;
		uint32_t length;

		if (kind == PROTOCOL_FRAGMENT) {
			if (!fragment_header(walk, &next))
				return;
			continue;
		}
		body = extension(walk, &walk->cursor, &next, &length);
		if (!body)
			return;
		if (kind == PROTOCOL_ROUTING)
			routing(walk, body, length);
	}
	wire_transport(walk, next);
}

/* A payload length of 0: the jumbo option's, when there is one; else the frame's stays. */
static void jumbogram(struct walk *walk, uint8_t next)
{
	struct fl_cursor options = walk->cursor;
	const uint8_t *body;
	uint32_t length, jumbo;

	if (next != PROTOCOL_HOP_BY_HOP)
		return;
	body = extension(walk, &options, &next, &length);
	if (!body)
		return;
	jumbo = jumbo_length(walk, fl_cursor_over(body, length));
	if (jumbo > 0)
		walk_limit(walk, jumbo);
}

void wire_ipv6(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 40);
	struct fl_packet *packet = walk->packet;
	uint32_t first, length;

	if (!header || header[0] >> 4 != 6 || !walk_enter(walk))
		return;
	walk_mark(walk, PLACE_IPV6, header, 40);
	first = bytes_be32(header);
	length = bytes_be16(header + 4);
	bytes_address(&packet->source, 6, header + 8);
	bytes_address(&packet->target, 6, header + 24);
	packet->tos = (uint8_t)(first >> 20);
	packet->flow_label = first & 0xfffff;
	packet->ttl = header[7];
	packet->ip_id = 0;

	if (length > 0)
		walk_limit(walk, length);
	else
		jumbogram(walk, header[6]);
	if (header[6] == PROTOCOL_TCP)
		wire_transport(walk, PROTOCOL_TCP);
	else
		wire_ipv6_next(walk, header[6]);
}

bool wire_ipv6_skip(struct walk *walk, struct fl_cursor *cursor, uint8_t *next)
{
	for (;;) {
		uint32_t length;

		if (is_extension(*next)) {
			if (!extension(walk, cursor, next, &length))
				return false;
		} else if (*next == PROTOCOL_FRAGMENT) {
			const uint8_t *header = fl_cursor_bytes(cursor, 8);

			if (!header || (bytes_be16(header + 2) & 0xfff8))
				return false;
			walk_mark(walk, PLACE_KEEP, header, 8);
			*next = header[0];
		} else {
			return true;
		}
	}
}
