/* The tuple of a packet in canonical order. Private to flow/. */
#ifndef FLOW_KEY_H
#define FLOW_KEY_H

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "flatline/flow.h"

static inline bool key_equal(const struct fl_key *a, const struct fl_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline uint64_t key_half(const uint8_t *bytes)
{
	uint64_t half;

	memcpy(&half, bytes, sizeof(half));
	return be64toh(half);
}

/* As memcmp() of 16 bytes, which compilers do not inline. */
static inline int key_order(const uint8_t *a, const uint8_t *b)
{
	uint64_t x = key_half(a), y = key_half(b);

	if (x == y) {
		x = key_half(a + 8);
		y = key_half(b + 8);
	}
	return x < y ? -1 : x > y;
}

/* Fills `key`; true when `source` became its `high` side. */
static inline bool key_of(const struct fl_address *source, uint16_t source_port, const struct fl_address *target,
                          uint16_t target_port, uint16_t vlan, struct fl_key *ret_key)
{
	int order = key_order(source->bytes, target->bytes);
	bool swapped = order > 0 || (order == 0 && source_port > target_port);
	const struct fl_address *low = swapped ? target : source, *high = swapped ? source : target;

	memcpy(ret_key->low, low->bytes, sizeof(ret_key->low));
	memcpy(ret_key->high, high->bytes, sizeof(ret_key->high));
	ret_key->low_port = swapped ? target_port : source_port;
	ret_key->high_port = swapped ? source_port : target_port;
	ret_key->vlan = vlan;
	ret_key->family = source->family;
	ret_key->pad = 0;
	return swapped;
}

#endif
