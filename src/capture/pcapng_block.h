/* The frame of pcapng: blocks with their length in front and behind, in the byte order of their section. */
#ifndef CAPTURE_PCAPNG_BLOCK_H
#define CAPTURE_PCAPNG_BLOCK_H

#include "flatline/cursor.h"
#include "reader.h"

enum block_type {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_ENHANCED = 6,
};

struct block {
	uint32_t type;
	struct fl_cursor body;
};

struct blocks {
	struct reader reader; /* where a bad end is noted */
	struct source *source;
	bool is_big_endian;
	uint8_t *bytes; /* a window on the file; unread: [start, end) */
	size_t size, start, end;
};

/* Steps over the next block; its body stays valid until the next call. False at the end, which is then told. */
bool fl_blocks_next(struct blocks *blocks, struct block *ret_block);

/* Numbers in the section's byte order. */
static inline uint32_t fl_blocks_u32(const struct blocks *blocks, struct fl_cursor *cursor)
{
	return blocks->is_big_endian ? fl_cursor_be32(cursor) : fl_cursor_le32(cursor);
}

static inline uint16_t fl_blocks_u16(const struct blocks *blocks, struct fl_cursor *cursor)
{
	return blocks->is_big_endian ? fl_cursor_be16(cursor) : fl_cursor_le16(cursor);
}

#endif
