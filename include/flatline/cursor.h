/* A reader over bytes that came from outside, which latches: after the first read past the end it hands out zeros and
 * stays short, so that a parser is written straight and asks `fl_cursor_ok` once where it matters. (The idea is Knot
 * DNS's wire_ctx.) */
#ifndef FLATLINE_CURSOR_H
#define FLATLINE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool is_short; /* a read or skip went past the end */
};

static inline struct fl_cursor fl_cursor_over(const uint8_t *bytes, size_t size)
{
	return (struct fl_cursor){ .at = bytes, .end = size ? bytes + size : bytes, .is_short = false };
}

static inline size_t fl_cursor_left(const struct fl_cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

static inline bool fl_cursor_ok(const struct fl_cursor *cursor)
{
	return !cursor->is_short;
}

/* The next `count` bytes, stepping over them; NULL, and short from now on, when there are fewer. */
static inline const uint8_t *fl_cursor_bytes(struct fl_cursor *cursor, size_t count)
{
	const uint8_t *bytes = cursor->at;

	if (cursor->is_short || count > fl_cursor_left(cursor)) {
		cursor->is_short = true;
		cursor->at = cursor->end;
		return NULL;
	}
	cursor->at += count;
	return bytes;
}

static inline void fl_cursor_skip(struct fl_cursor *cursor, size_t count)
{
	(void)fl_cursor_bytes(cursor, count);
}

/* Cuts the end so that at most `count` bytes are left (for lengths told by a header). */
static inline void fl_cursor_limit(struct fl_cursor *cursor, size_t count)
{
	if (count < fl_cursor_left(cursor))
		cursor->end = cursor->at + count;
}

static inline uint8_t fl_cursor_u8(struct fl_cursor *cursor)
{
	const uint8_t *b = fl_cursor_bytes(cursor, 1);
	return b ? b[0] : 0;
}

static inline uint16_t fl_cursor_be16(struct fl_cursor *cursor)
{
	const uint8_t *b = fl_cursor_bytes(cursor, 2);
	return b ? (uint16_t)(b[0] << 8 | b[1]) : 0;
}

static inline uint32_t fl_cursor_be32(struct fl_cursor *cursor)
{
	const uint8_t *b = fl_cursor_bytes(cursor, 4);
	return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}

static inline uint16_t fl_cursor_le16(struct fl_cursor *cursor)
{
	const uint8_t *b = fl_cursor_bytes(cursor, 2);
	return b ? (uint16_t)(b[1] << 8 | b[0]) : 0;
}

static inline uint32_t fl_cursor_le32(struct fl_cursor *cursor)
{
	const uint8_t *b = fl_cursor_bytes(cursor, 4);
	return b ? (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0] : 0;
}

#endif
