/* pcapng (draft-ietf-opsawg-pcapng): a file of blocks. A section header sets the byte order, interface blocks the link
 * type and the clock's resolution, then packets name their interface. At the end of a capture dumpcap writes when it
 * stopped and how many packets it lost, which no other format tells. */
#include <stdlib.h>

#include "interface.h"
#include "pcapng_block.h"

struct pcapng {
	struct blocks blocks; /* begins with the reader */
	struct interfaces interfaces;
};

static bool corrupt(struct pcapng *self, const char *why)
{
	return fl_reader_end(&self->blocks.reader, FL_FILE_CORRUPT, self->blocks.reader.frames + 1, "%s", why);
}

static bool read_section(struct pcapng *self, struct fl_cursor *body)
{
	uint16_t major, minor;

	fl_cursor_skip(body, 4);
	major = fl_blocks_u16(&self->blocks, body);
	minor = fl_blocks_u16(&self->blocks, body);
	/* 1.2 was written by some and means 1.0 (draft, section 4.1) */
	if (major != 1 || (minor != 0 && minor != 2))
		return fl_reader_end(&self->blocks.reader, FL_FILE_CORRUPT, 0,
		                     "pcapng version %u.%u, which is not known", major, minor);
	fl_interfaces_restart(&self->interfaces);
	return true;
}

static bool read_interface(struct pcapng *self, struct fl_cursor *body)
{
	struct interface *interface = fl_interfaces_add(&self->interfaces);
	const char *why;

	if (!interface)
		return corrupt(self, "more interfaces than can be kept");
	why = fl_interface_read(interface, body, self->blocks.is_big_endian);
	if (why)
		return corrupt(self, why);
	if (interface->snaplen && (!self->blocks.reader.snaplen || interface->snaplen < self->blocks.reader.snaplen))
		self->blocks.reader.snaplen = interface->snaplen;
	return true;
}

static void read_statistics(struct pcapng *self, struct fl_cursor *body)
{
	uint32_t id = fl_blocks_u32(&self->blocks, body);
	struct interface *interface = fl_interfaces_find(&self->interfaces, id);

	if (!interface)
		return;
	fl_interface_statistics(interface, body, self->blocks.is_big_endian);
	if (interface->end_time > self->blocks.reader.interface_end)
		self->blocks.reader.interface_end = interface->end_time;
	self->blocks.reader.has_drops |= interface->has_drops;
	self->blocks.reader.drops = fl_interfaces_drops(&self->interfaces);
}

/* The common end of the packet blocks: the frame over its `caplen` bytes of `body`. */
static bool give_frame(struct pcapng *self, struct fl_cursor *body, uint32_t id, uint32_t caplen,
                       struct fl_frame *ret_frame)
{
	const struct interface *interface = fl_interfaces_find(&self->interfaces, id);
	uint64_t number = self->blocks.reader.frames + 1;

	if (!fl_cursor_ok(body))
		return corrupt(self, "the packet block is too short for its own header");
	if (!interface)
		return fl_reader_end(&self->blocks.reader, FL_FILE_CORRUPT, number,
		                     "the packet names interface %u, which the file does not describe", id);
	if (caplen > fl_cursor_left(body))
		return fl_reader_end(&self->blocks.reader, FL_FILE_CORRUPT, number,
		                     "the packet has %u bytes, more than the %zu of its block", caplen,
		                     fl_cursor_left(body));
	ret_frame->number = number;
	ret_frame->bytes = body->at;
	ret_frame->caplen = caplen;
	if (ret_frame->len < caplen)
		ret_frame->len = caplen;
	ret_frame->link = interface->link;
	ret_frame->interface = fl_interfaces_number(&self->interfaces, id);
	self->blocks.reader.frames = number;
	return true;
}

static bool read_timed(struct pcapng *self, struct block *block, struct fl_frame *ret_frame)
{
	struct fl_cursor *body = &block->body;
	const struct interface *interface;
	uint32_t id, caplen;
	uint64_t ticks;

	if (block->type == BLOCK_PACKET) {
		id = fl_blocks_u16(&self->blocks, body);
		fl_cursor_skip(body, 2); /* drops since the packet before: the statistics block has the sum */
	} else {
		id = fl_blocks_u32(&self->blocks, body);
	}
	ticks = (uint64_t)fl_blocks_u32(&self->blocks, body) << 32;
	ticks |= fl_blocks_u32(&self->blocks, body);
	caplen = fl_blocks_u32(&self->blocks, body);
	ret_frame->len = fl_blocks_u32(&self->blocks, body);
	interface = fl_interfaces_find(&self->interfaces, id);
	ret_frame->at = interface ? fl_interface_time(interface, ticks) : FL_TIME_NONE;
	return give_frame(self, body, id, caplen, ret_frame);
}

/* A simple packet has no time, belongs to the first interface, and is as long as that one's snaplen let it be. */
static bool read_simple(struct pcapng *self, struct fl_cursor *body, struct fl_frame *ret_frame)
{
	const struct interface *interface = fl_interfaces_find(&self->interfaces, 0);
	uint32_t caplen;

	ret_frame->at = FL_TIME_NONE;
	ret_frame->len = caplen = fl_blocks_u32(&self->blocks, body);
	if (interface && interface->snaplen && interface->snaplen < caplen)
		caplen = interface->snaplen;
	return give_frame(self, body, 0, caplen, ret_frame);
}

static bool pcapng_next(struct reader *reader, struct fl_frame *ret_frame)
{
	struct pcapng *self = (struct pcapng *)reader;
	struct block block;

	while (fl_blocks_next(&self->blocks, &block)) {
		switch (block.type) {
		case BLOCK_ENHANCED:
		case BLOCK_PACKET: return read_timed(self, &block, ret_frame);
		case BLOCK_SIMPLE: return read_simple(self, &block.body, ret_frame);
		case BLOCK_SECTION:
			if (!read_section(self, &block.body))
				return false;
			break;
		case BLOCK_INTERFACE:
			if (!read_interface(self, &block.body))
				return false;
			break;
		case BLOCK_STATISTICS: read_statistics(self, &block.body); break;
		}
	}
	return false;
}

static void pcapng_free(struct reader *reader)
{
	struct pcapng *self = (struct pcapng *)reader;

	fl_interfaces_deinit(&self->interfaces);
	fl_source_free(self->blocks.source);
	free(self->blocks.bytes);
	free(self);
}

/* A first section that does not hold means that this is no capture file, and not a damaged one. */
static bool read_first_section(struct pcapng *self, struct fl_error *reterr)
{
	struct block block;

	if (fl_blocks_next(&self->blocks, &block) && read_section(self, &block.body))
		return true;
	if (self->blocks.reader.end == FL_FILE_CUT && self->blocks.source->end == FL_FILE_WHOLE)
		fl_error_set(reterr, self->blocks.reader.name, 0, "the file ends inside its header");
	else
		fl_error_set(reterr, self->blocks.reader.name, 0, "%s", self->blocks.reader.problem.message);
	return false;
}

struct reader *fl_pcapng_open(struct source *source, const char *name, struct fl_error *reterr)
{
	struct pcapng *self = calloc(1, sizeof(*self));

	if (!self) {
		fl_error_set(reterr, name, 0, "out of memory");
		fl_source_free(source);
		return NULL;
	}
	self->blocks.reader = (struct reader){ .next = pcapng_next,
		                               .free = pcapng_free,
		                               .name = name,
		                               .format = "pcapng",
		                               .end = FL_FILE_READING,
		                               .interface_end = FL_TIME_NONE };
	self->blocks.source = source;
	if (read_first_section(self, reterr))
		return &self->blocks.reader;
	pcapng_free(&self->blocks.reader);
	return NULL;
}
