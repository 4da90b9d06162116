/* The TCP header (RFC 9293 section 3.1) and its options (RFC 7323, RFC 2018, RFC 7413). A header that the snap length
 * cut still tells who, where and how long; the length of the payload comes from the layer below, never from what was
 * captured. */
#include "wire.h"

enum {
	HEADER = 20,
	HEADER_LEAST = 16, /* ports, numbers, offset, flags, window: fewer say too little to follow a connection */
};

enum {
	KIND_END = 0,
	KIND_NOP = 1,
	KIND_MSS = 2,
	KIND_WSCALE = 3,
	KIND_SACK_PERMITTED = 4,
	KIND_SACK = 5,
	KIND_TIMESTAMP = 8,
	KIND_FASTOPEN = 34,
	KIND_EXPERIMENT = 254,
	MAGIC_FASTOPEN = 0xf989, /* the experiment that Fast Open was before it had a number */
};

static void timestamp(struct fl_tcp_options *options, const uint8_t *body)
{
	options->ts_value = bytes_be32(body);
	options->ts_echo = bytes_be32(body + 4);
	options->present |= FL_OPT_TIMESTAMP;
}

static void sack(struct fl_tcp_options *options, const uint8_t *body, unsigned length)
{
	unsigned n = length / 8;

	if (n > 4)
		n = 4; /* 40 bytes of options cannot hold more */
	for (unsigned i = 0; i < n; i++) {
		options->sack[i][0] = bytes_be32(body + i * 8);
		options->sack[i][1] = bytes_be32(body + i * 8 + 4);
	}
	options->n_sack = (uint8_t)n;
	options->present |= FL_OPT_SACK;
}

/* One option's body; false when its length is not the one that its kind has. */
static bool option(struct fl_tcp_options *options, uint8_t kind, const uint8_t *body, unsigned length)
{
	switch (kind) {
	case KIND_MSS:
		if (length != 2)
			return false;
		options->mss = bytes_be16(body);
		options->present |= FL_OPT_MSS;
		return true;
	case KIND_WSCALE:
		if (length != 1)
			return false;
		options->wscale = body[0];
		options->present |= FL_OPT_WSCALE;
		return true;
	case KIND_SACK_PERMITTED:
		if (length != 0)
			return false;
		options->present |= FL_OPT_SACK_PERMITTED;
		return true;
	case KIND_SACK:
		if (length == 0 || length % 8 != 0)
			return false;
		sack(options, body, length);
		return true;
	case KIND_TIMESTAMP:
		if (length != 8)
			return false;
		timestamp(options, body);
		return true;
	case KIND_FASTOPEN: options->present |= FL_OPT_FASTOPEN; return true;
	case KIND_EXPERIMENT:
		if (length >= 2 && bytes_be16(body) == MAGIC_FASTOPEN)
			options->present |= FL_OPT_FASTOPEN;
		return true;
	default: return true;
	}
}

/* An option of a wrong length is stepped over, as kernels do; one that leads out of the list ends it. */
static void read_options(struct fl_tcp_options *options, struct fl_cursor list)
{
	while (fl_cursor_left(&list) > 0) {
		uint8_t kind = fl_cursor_u8(&list);
		const uint8_t *body;
		uint8_t length;

		if (kind == KIND_END)
			return;
		if (kind == KIND_NOP)
			continue;
		length = fl_cursor_u8(&list);
		body = length < 2 ? NULL : fl_cursor_bytes(&list, length - 2u);
		if (!body || !option(options, kind, body, length - 2u))
			options->present |= FL_OPT_MALFORMED;
		if (!body)
			return;
	}
}

/* Takes `length` bytes of options off the walk, or as many of them as were captured. */
static void take_options(struct walk *walk, uint32_t length)
{
	struct fl_tcp_options *options = &walk->packet->options;
	size_t captured = fl_cursor_left(&walk->cursor);
	const uint8_t *list;

	if (captured < length) {
		list = fl_cursor_bytes(&walk->cursor, captured);
		read_options(options, fl_cursor_over(list, captured));
		options->present |= FL_OPT_MALFORMED;
		return;
	}
	list = fl_cursor_bytes(&walk->cursor, length);
	/* Nearly every segment of an established connection has just this: two NOPs and a timestamp. */
	if (length == 12 && bytes_be32(list) == 0x0101080a)
		timestamp(options, list + 4);
	else
		read_options(options, fl_cursor_over(list, length));
}

void wire_tcp(struct walk *walk)
{
	struct fl_packet *packet = walk->packet;
	uint32_t length = walk_length(walk), header_length;
	bool is_cut = fl_cursor_left(&walk->cursor) < HEADER;
	const uint8_t *header = fl_cursor_bytes(&walk->cursor, is_cut ? HEADER_LEAST : HEADER);

	if (!header)
		return;
	header_length = (header[12] >> 4) * 4u;
	/* A frame that lost its last bytes (a tool that took them for a checksum) is not the sender's fault. */
	if (header_length < HEADER || header_length > (uint64_t)length + walk->beyond)
		return;
	packet->source_port = bytes_be16(header);
	packet->target_port = bytes_be16(header + 2);
	packet->seq = bytes_be32(header + 4);
	packet->ack = bytes_be32(header + 8);
	packet->flags = header[13];
	packet->window = bytes_be16(header + 14);
	packet->length = length > header_length ? length - header_length : 0;
	packet->outcome = FL_OUTCOME_TCP;
	if (walk->layout) {
		size_t captured = fl_cursor_left(&walk->cursor) + (is_cut ? HEADER_LEAST : HEADER);

		layout_add(walk->layout, PLACE_TCP, header, captured < header_length ? captured : header_length,
		           length);
	}
	if (header_length > HEADER) {
		if (is_cut)
			fl_cursor_skip(&walk->cursor, fl_cursor_left(&walk->cursor));
		take_options(walk, header_length - HEADER);
	}
	if (!is_cut && fl_cursor_left(&walk->cursor) > 0) {
		packet->payload = walk->cursor.at;
		packet->captured = (uint32_t)fl_cursor_left(&walk->cursor);
	}
}
