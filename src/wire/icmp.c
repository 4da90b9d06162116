/* ICMP (RFC 792) and ICMPv6 (RFC 4443) errors: they quote the packet that caused them, with at least 8 bytes of its TCP
 * header, so that they can be matched to a connection: often the only word that a dead host's router sends. */
#include "wire.h"

enum {
	V4_UNREACHABLE = 3,
	V4_SOURCE_QUENCH = 4,
	V4_REDIRECT = 5,
	V4_TIME_EXCEEDED = 11,
	V4_PARAMETER = 12,
	V4_TOO_BIG = 4, /* a code of V4_UNREACHABLE */
	V6_UNREACHABLE = 1,
	V6_TOO_BIG = 2,
	V6_PARAMETER = 4,
	V6_SOLICITATION = 135,
	V6_ADVERTISEMENT = 136,
};

/* The quoted TCP header, as far as it was quoted. */
static void quoted_tcp(struct walk *walk, struct fl_icmp_error *error, struct fl_cursor quote, uint32_t whole)
{
	size_t length = fl_cursor_left(&quote);
	const uint8_t *tcp = quote.at;

	if (length >= 13) {
		size_t header = (tcp[12] >> 4) * 4u;

		if (header >= 20 && length > header)
			length = header;
	}
	if (length > 60)
		length = 60;
	error->quoted = (uint16_t)length;
	if (walk->layout)
		layout_add(walk->layout, PLACE_TCP, tcp, length, whole);
	if (length >= 4) {
		error->from_port = bytes_be16(tcp);
		error->to_port = bytes_be16(tcp + 2);
	}
	if (length >= 8)
		error->seq = bytes_be32(tcp + 4);
	if (length >= 12)
		error->ack = bytes_be32(tcp + 8);
	if (length >= 14)
		error->flags = tcp[13];
}

/* The quoted IP header; false when too little of it was quoted to say whose packet it was. */
static bool quoted_ip(struct walk *walk, struct fl_icmp_error *error, struct fl_cursor quote)
{
	unsigned version = fl_cursor_left(&quote) ? quote.at[0] >> 4 : 0;
	const uint8_t *header = fl_cursor_bytes(&quote, version == 6 ? 40 : 20);
	bool is_first = true;
	uint32_t whole; /* of what the quoted IP packet carried */

	if (!header || (version != 4 && version != 6))
		return false;
	bytes_address(&error->from, version, header + (version == 6 ? 8 : 12));
	bytes_address(&error->to, version, header + (version == 6 ? 24 : 16));
	if (version == 4) {
		uint32_t header_length = (header[0] & 0x0f) * 4u, total = bytes_be16(header + 2);

		if (header_length < 20)
			return false;
		whole = total > header_length ? total - header_length : 0;
		walk_mark(walk, PLACE_IPV4, header, 20);
		walk_mark(walk, PLACE_OPTIONS, header + 20, header_length - 20);
		/* Some senders quote this in their own byte order: then it limits nothing that is to be trusted. */
		if (total >= header_length + 8)
			fl_cursor_limit(&quote, total - 20);
		fl_cursor_skip(&quote, header_length - 20);
		is_first = (bytes_be16(header + 6) & 0x1fff) == 0;
		error->protocol = header[9];
	} else {
		const uint8_t *from = quote.at;

		error->protocol = header[6];
		walk_mark(walk, PLACE_IPV6, header, 40);
		is_first = wire_ipv6_skip(walk, &quote, &error->protocol);
		whole = bytes_be16(header + 4);
		whole -= quote.at - from < (int64_t)whole ? (uint32_t)(quote.at - from) : whole;
	}
	if (is_first && fl_cursor_ok(&quote) && error->protocol == PROTOCOL_TCP)
		quoted_tcp(walk, error, quote, whole);
	return true;
}

/* Takes the error whose first 8 bytes are `header`. RFC 4884 lets it say how long the quote is (`words`, of `unit`
 * bytes), where extensions follow it. */
static void read_error(struct walk *walk, const uint8_t *header, unsigned words, unsigned unit)
{
	struct fl_packet *packet = walk->packet;
	struct fl_icmp_error *error = &packet->icmp;
	struct fl_cursor quote = walk->cursor;

	if (words > 0)
		fl_cursor_limit(&quote, words * unit);
	error->sender = packet->source;
	error->type = header[0];
	error->code = header[1];
	walk_mark_header(walk, packet->source.family == 6 ? PLACE_ICMPV6 : PLACE_ICMP, header, 8);
	if (packet->source.family == 4 && header[0] == V4_REDIRECT)
		walk_mark(walk, PLACE_ADDRESS_4, header + 4, 4); /* the better gateway */
	if (quoted_ip(walk, error, quote)) {
		walk_end(walk, FL_OUTCOME_ICMP);
		return;
	}
	*error = (struct fl_icmp_error){ 0 };
	walk_end(walk, FL_OUTCOME_NOT_TCP);
}

void wire_icmp(struct walk *walk)
{
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, 8);
	unsigned words = 0;

	walk_end(walk, FL_OUTCOME_NOT_TCP);
	if (!header)
		return;
	switch (header[0]) {
	case V4_UNREACHABLE:
	case V4_TIME_EXCEEDED:
	case V4_PARAMETER: words = header[5]; break;
	case V4_SOURCE_QUENCH:
	case V4_REDIRECT: break;
	default: return;
	}
	read_error(walk, header, words, 4);
	if (walk->packet->outcome == FL_OUTCOME_ICMP && header[0] == V4_UNREACHABLE && header[1] == V4_TOO_BIG)
		walk->packet->icmp.mtu = bytes_be16(header + 6);
}

void wire_icmpv6(struct walk *walk)
{
	const uint8_t *header;
	uint32_t mtu;

	walk_end(walk, FL_OUTCOME_NOT_TCP);
	if (walk_peek(walk) == V6_SOLICITATION || walk_peek(walk) == V6_ADVERTISEMENT) {
		wire_neighbour(walk);
		return;
	}
	header = fl_cursor_bytes(&walk->cursor, 8);
	if (!header || header[0] < V6_UNREACHABLE || header[0] > V6_PARAMETER)
		return;
	/* Only these two leave room for the quote's length. */
	read_error(walk, header, header[0] == V6_UNREACHABLE || header[0] == 3 ? header[4] : 0, 8);
	mtu = bytes_be32(header + 4);
	if (walk->packet->outcome == FL_OUTCOME_ICMP && header[0] == V6_TOO_BIG)
		walk->packet->icmp.mtu = mtu > UINT16_MAX ? UINT16_MAX : (uint16_t)mtu;
}
