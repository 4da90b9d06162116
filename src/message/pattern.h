/* How a message of a profile looks: bytes at a place, bytes anywhere, a length. Private to message/. */
#ifndef MESSAGE_PATTERN_H
#define MESSAGE_PATTERN_H

#include "flatline/profile.h"

/* Bytes and which bits of them count. */
struct masked {
	uint8_t *bytes, *mask; /* one block; NULL for none */
	size_t length;
};

struct pattern {
	struct masked at_place;    /* from `place` on */
	struct masked anywhere[2]; /* of each that is given: "has", "has_bytes" */
	size_t place;
	uint32_t least, most; /* bytes of the segment; 0 and UINT32_MAX when they do not matter */
	uint8_t said;         /* enum fl_said */
	bool by_client, by_server;
	bool tells;         /* the protocol */
	bool tells_on_port; /* on one of its ports */
};

/* "16 03 .. 01": hex digits, with '.' for any. 0, or -1: it is none, or out of memory. */
int masked_from_hex(const char *hex, struct masked *ret_masked);
/* Bytes themselves. */
int masked_from_bytes(const char *bytes, size_t length, struct masked *ret_masked);
void masked_deinit(struct masked *masked);

/* UNKNOWN: what was captured fits, and the rest of what it asks for was not. */
enum fit { FIT_NO, FIT_YES, FIT_UNKNOWN };
enum fit pattern_fits(const struct pattern *pattern, const struct fl_saying *saying);

#endif
