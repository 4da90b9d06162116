/* A flow that left for lack of memory may come back with its next packet. Then it is the same connection for Wireshark,
 * and begins mid-flow for us; without a trace it would get a new number and shift all later ones. */
#include "tombstones.h"

#include <string.h>

#include "pages.h"

static struct tombstone *slot_of(const struct tombstones *stones, uint64_t hash)
{
	size_t mask = stones->size - 1, at = hash & mask;

	while (stones->slots[at].hash != 0 && stones->slots[at].hash != hash)
		at = (at + 1) & mask;
	return &stones->slots[at];
}

static bool grow(struct tombstones *stones)
{
	struct tombstones bigger = { .size = stones->size ? stones->size * 2 : 256, .count = stones->count };

	bigger.slots = pages_take(bigger.size * sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < stones->size; i++) {
		if (stones->slots[i].hash != 0)
			*slot_of(&bigger, stones->slots[i].hash) = stones->slots[i];
	}
	pages_give(stones->slots, stones->size * sizeof(*stones->slots));
	*stones = bigger;
	return true;
}

/* There is no more room: those that left long ago are forgotten. */
static void start_over(struct tombstones *stones)
{
	memset(stones->slots, 0, stones->size * sizeof(*stones->slots));
	stones->count = 0;
}

void tombstones_put(struct tombstones *stones, uint64_t hash, const struct fl_wireshark_id *wireshark, size_t memory)
{
	bool is_full = stones->count * 2 >= stones->size;

	if (is_full && stones->size > 0 && memory > 0 && stones->size * 2 * sizeof(*stones->slots) > memory)
		start_over(stones);
	else if (is_full && !grow(stones))
		return;

	struct tombstone *slot = slot_of(stones, hash ? hash : 1);

	stones->count += slot->hash == 0;
	slot->hash = hash ? hash : 1;
	slot->wireshark = *wireshark;
}

void tombstones_prefetch(const struct tombstones *stones, uint64_t hash)
{
	if (stones->count > 0)
		__builtin_prefetch(&stones->slots[hash & (stones->size - 1)]);
}

const struct tombstone *tombstones_find(const struct tombstones *stones, uint64_t hash)
{
	if (stones->count == 0)
		return NULL;

	const struct tombstone *slot = slot_of(stones, hash ? hash : 1);

	return slot->hash != 0 ? slot : NULL;
}

void tombstones_deinit(struct tombstones *stones)
{
	pages_give(stones->slots, stones->size * sizeof(*stones->slots));
	*stones = (struct tombstones){ 0 };
}
