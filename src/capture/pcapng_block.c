/* pcapng's outer shape (draft-ietf-opsawg-pcapng section 3.1): each block tells its length twice, so that a reader can
 * step over what it does not know, and damage shows where the two differ. Lengths come from outside: they are bounded
 * before they become memory, and a file that ends inside a block is a cut one. */
#include <stdlib.h>
#include <string.h>

#include "pcapng_block.h"

#define BYTE_ORDER_MAGIC 0x1a2b3c4d

/* Type, total length, and the total length again. */
#define BLOCK_FRAME 12
#define SECTION_LEAST 28

/* No writer makes blocks near this; a length beyond it is damage, and must not become memory. */
#define BLOCK_MOST ((uint32_t)64 * 1024 * 1024)

static bool corrupt(struct blocks *self, const char *why)
{
	return fl_reader_end(&self->reader, FL_FILE_CORRUPT, self->reader.frames + 1, "%s", why);
}

/* Doubles the window; by doubling, memory follows the bytes that really come and not the length that a block claims. */
static bool grow(struct blocks *self)
{
	size_t size = self->size ? self->size * 2 : SOURCE_CHUNK;
	uint8_t *bytes = realloc(self->bytes, size);

	if (!bytes)
		return false;
	self->bytes = bytes;
	self->size = size;
	return true;
}

/* Brings at least `count` unread bytes into the window; fewer are left there when the file or the memory ends. */
static bool fill(struct blocks *self, size_t count)
{
	while (self->end - self->start < count) {
		size_t got;

		if (self->start + count > self->size && self->start > 0) {
			memmove(self->bytes, self->bytes + self->start, self->end - self->start);
			self->end -= self->start;
			self->start = 0;
		}
		if (self->end == self->size && !grow(self)) {
			fl_source_fail(self->source, FL_FILE_CORRUPT, "out of memory");
			return false;
		}
		got = fl_source_read(self->source, self->bytes + self->end, self->size - self->end);
		if (got == 0)
			return false;
		self->end += got;
	}
	return true;
}

static bool is_packet(uint32_t type)
{
	return type == BLOCK_ENHANCED || type == BLOCK_SIMPLE || type == BLOCK_PACKET;
}

static bool ended_inside(struct blocks *self, bool inside_packet)
{
	return fl_reader_bytes_ended(&self->reader, self->source, inside_packet ? self->reader.frames + 1 : 0,
	                             inside_packet ? "this packet" : "its last block");
}

/* A section's first 12 bytes decide in which byte order even its own length is to be read. */
static bool set_byte_order(struct blocks *self)
{
	struct fl_cursor cursor;

	if (!fill(self, 12))
		return ended_inside(self, false);
	cursor = fl_cursor_over(self->bytes + self->start + 8, 4);
	switch (fl_cursor_be32(&cursor)) {
	case BYTE_ORDER_MAGIC: self->is_big_endian = true; return true;
	case __builtin_bswap32(BYTE_ORDER_MAGIC): self->is_big_endian = false; return true;
	}
	return corrupt(self, "the section header has no byte-order magic");
}

static bool check_length(struct blocks *self, uint32_t type, uint32_t length)
{
	uint32_t least = type == BLOCK_SECTION ? SECTION_LEAST : BLOCK_FRAME;
	const char *why = NULL;

	if (length < least)
		why = "too short";
	else if (length % 4 != 0)
		why = "not a multiple of 4";
	else if (length > BLOCK_MOST)
		why = "more than 64 MiB";
	if (why)
		fl_reader_end(&self->reader, FL_FILE_CORRUPT, self->reader.frames + 1,
		              "a block of type %#x says that it has %u bytes, which is %s", type, length, why);
	return !why;
}

bool fl_blocks_next(struct blocks *self, struct block *ret_block)
{
	struct fl_cursor cursor;
	uint32_t type, length, again;
	bool has_length = fill(self, 8);

	if (self->end == self->start)
		return fl_reader_bytes_ended(&self->reader, self->source, 0, NULL);
	cursor = fl_cursor_over(self->bytes + self->start, self->end - self->start);
	type = fl_blocks_u32(self, &cursor); /* 0 when not even that is there */
	if (!has_length)
		return ended_inside(self, is_packet(type));
	if (type == BLOCK_SECTION && !set_byte_order(self)) /* its type reads the same in both */
		return false;
	length = fl_blocks_u32(self, &cursor);
	if (!check_length(self, type, length))
		return false;
	if (!fill(self, length))
		return ended_inside(self, is_packet(type));
	cursor = fl_cursor_over(self->bytes + self->start + length - 4, 4);
	again = fl_blocks_u32(self, &cursor);
	if (again != length)
		return fl_reader_end(&self->reader, FL_FILE_CORRUPT, self->reader.frames + 1,
		                     "a block says %u bytes in front and %u bytes behind", length, again);
	ret_block->type = type;
	ret_block->body = fl_cursor_over(self->bytes + self->start + 8, length - BLOCK_FRAME);
	self->start += length;
	return true;
}
