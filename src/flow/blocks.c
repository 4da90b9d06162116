/* Storage of flows. A capture may hold millions of them; chunks keep each block where it is (pointers stay good, no
 * doubling copy), aligned to cache lines, and blocks of flows that left are used again. */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { cache_line = 64, huge_page = 2 << 20 };

/* Of whole huge pages where it is as large as that: with millions of flows finding their pages costs as much as their
 * memory. Where the system has none this changes nothing. */
static void *take_chunk(size_t size)
{
	bool is_huge = size % huge_page == 0;
	void *chunk = aligned_alloc(is_huge ? huge_page : cache_line, size);

#ifdef MADV_HUGEPAGE
	if (chunk && is_huge)
		madvise(chunk, size, MADV_HUGEPAGE);
#endif
	return chunk;
}

/* Room for one more pointer in a growing array of them. */
static bool room_for_one(void *array, uint32_t count, uint32_t *size, size_t item)
{
	void **where = array;

	if (count < *size)
		return true;

	uint32_t bigger = *size ? *size * 2 : 64;
	void *grown = realloc(*where, bigger * item);

	if (!grown)
		return false;
	*where = grown;
	*size = bigger;
	return true;
}

static bool add_chunk(struct blocks *blocks)
{
	size_t hot_size = BLOCKS_CHUNK * sizeof(struct fl_flow), cold_size = BLOCKS_CHUNK * sizeof(struct fl_cold);
	uint32_t size = blocks->chunks_size, cold_capacity = size;

	if (!room_for_one(&blocks->hot, blocks->n_chunks, &size, sizeof(*blocks->hot)) ||
	    !room_for_one(&blocks->cold, blocks->n_chunks, &cold_capacity, sizeof(*blocks->cold)))
		return false;
	blocks->chunks_size = size;

	struct fl_flow *hot = take_chunk(hot_size);
	struct fl_cold *cold = take_chunk(cold_size);

	if (!hot || !cold) {
		free(hot);
		free(cold);
		return false;
	}
	blocks->hot[blocks->n_chunks] = hot;
	blocks->cold[blocks->n_chunks] = cold;
	blocks->n_chunks++;
	return true;
}

uint32_t blocks_take(struct blocks *blocks)
{
	uint32_t slot;

	if (blocks->n_free > 0) {
		slot = blocks->free[--blocks->n_free];
	} else {
		if (blocks->used == BLOCKS_NO_SLOT)
			return BLOCKS_NO_SLOT;
		if (blocks->used >> BLOCKS_CHUNK_BITS == blocks->n_chunks && !add_chunk(blocks))
			return BLOCKS_NO_SLOT;
		slot = blocks->used++;
		blocks->memory += sizeof(struct fl_flow) + sizeof(struct fl_cold); /* a chunk's pages come one by one */
	}

	struct fl_flow *flow = blocks_hot(blocks, slot);
	struct fl_cold *cold = blocks_cold(blocks, slot);

	memset(flow, 0, sizeof(*flow));
	memset(cold, 0, sizeof(*cold));
	flow->cold = cold;
	return slot;
}

static void free_sick(struct fl_sick *sick)
{
	if (!sick)
		return;
	free(sick->beats[0]);
	free(sick->beats[1]);
	free(sick->watch);
	free(sick->trouble);
	free(sick->holes[0]);
	free(sick->holes[1]);
	free(sick);
}

void blocks_give(struct blocks *blocks, uint32_t slot)
{
	struct fl_flow *flow = blocks_hot(blocks, slot);

	if (flow->sick)
		blocks->memory -= flow->sick->size;
	free_sick(flow->sick);
	flow->sick = NULL;
	flow->cold = NULL;
	if (room_for_one(&blocks->free, blocks->n_free, &blocks->free_size, sizeof(*blocks->free)))
		blocks->free[blocks->n_free++] = slot;
}

bool blocks_number(struct blocks *blocks, uint32_t slot)
{
	uint32_t id = blocks->n_ids;

	if (id == FL_FLOW_UNSEEN)
		return false;
	if (id >> BLOCKS_CHUNK_BITS == blocks->n_id_chunks) {
		if (!room_for_one(&blocks->by_id, blocks->n_id_chunks, &blocks->id_chunks_size, sizeof(*blocks->by_id)))
			return false;

		uint32_t *chunk = malloc(BLOCKS_CHUNK * sizeof(*chunk));

		if (!chunk)
			return false;
		blocks->by_id[blocks->n_id_chunks++] = chunk;
		blocks->memory += BLOCKS_CHUNK * sizeof(*chunk);
	}
	blocks->by_id[id >> BLOCKS_CHUNK_BITS][id & (BLOCKS_CHUNK - 1)] = slot;
	blocks_hot(blocks, slot)->id = id;
	blocks->n_ids++;
	return true;
}

uint32_t blocks_slot_of(const struct blocks *blocks, uint32_t id)
{
	return blocks->by_id[id >> BLOCKS_CHUNK_BITS][id & (BLOCKS_CHUNK - 1)];
}

void blocks_forget(struct blocks *blocks, uint32_t id)
{
	blocks->by_id[id >> BLOCKS_CHUNK_BITS][id & (BLOCKS_CHUNK - 1)] = BLOCKS_NO_SLOT;
}

void blocks_deinit(struct blocks *blocks)
{
	for (uint32_t slot = 0; slot < blocks->used; slot++) {
		if (blocks_hot(blocks, slot)->cold)
			free_sick(blocks_hot(blocks, slot)->sick);
	}
	for (uint32_t i = 0; i < blocks->n_chunks; i++) {
		free(blocks->hot[i]);
		free(blocks->cold[i]);
	}
	for (uint32_t i = 0; i < blocks->n_id_chunks; i++)
		free(blocks->by_id[i]);
	free(blocks->hot);
	free(blocks->cold);
	free(blocks->by_id);
	free(blocks->free);
}
