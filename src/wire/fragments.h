/* Datagrams of which only some fragments came so far. Private to wire/. */
#ifndef WIRE_FRAGMENTS_H
#define WIRE_FRAGMENTS_H

#include "flatline/address.h"

#include <stddef.h>

/* At most so many datagrams wait at a time, with so many fragments each (65,535 bytes in pieces of 64, as a sender of a
 * tiny MTU would make) and so many captured bytes in all; the oldest leaves first. */
#define FRAGMENTS_WAITING 512
#define FRAGMENTS_EACH 1024
#define FRAGMENTS_BYTES (8u << 20)
/* A whole datagram's bytes stay for so many calls of fl_wire_decode after the one that completed it (two batches). */
#define FRAGMENTS_KEPT 64

struct fragment {
	struct fl_address source, target;
	uint32_t id;
	uint8_t protocol; /* of the fragment's own header; in IPv6 the first fragment's counts */
	bool is_last;
	uint32_t offset, length; /* of its data, on the wire */
	const uint8_t *bytes;
	uint32_t captured; /* of them */
};

struct datagram {
	const uint8_t *bytes;
	uint32_t captured; /* without a hole, from its start */
	uint32_t length;   /* on the wire */
	uint8_t protocol;
};

struct fragments {
	struct waiting *oldest, *newest; /* NULL when none waits */
	struct whole *kept;              /* completed ones, the newest first */
	uint32_t n_waiting;
	size_t bytes;      /* captured ones that are stored for those that wait */
	uint64_t given_up; /* datagrams that left before they were complete */
};

void fragments_deinit(struct fragments *fragments);

/* Stores one fragment. True when it completes its datagram: *ret_whole is set, and its bytes stay valid until call
 * `call` + FRAGMENTS_KEPT. */
bool fragments_add(struct fragments *fragments, uint64_t call, const struct fragment *fragment,
                   struct datagram *ret_whole);

/* Datagrams that never completed: those that left and those that still wait. */
uint64_t fragments_incomplete(const struct fragments *fragments);

#endif
