/* Storage of flows. A capture may hold millions of them; chunks keep each block where it is (pointers stay good, no
 * doubling copy), aligned to cache lines, and blocks of flows that left are used again. Cold blocks lie close together,
 * however few of the flows have one. */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>

#include "pages.h"

#define HOT_CHUNK (sizeof(struct fl_flow) << BLOCKS_HOT_BITS)
#define COLD_CHUNK (sizeof(struct fl_cold) << BLOCKS_COLD_BITS)
_Static_assert(HOT_CHUNK % PAGES_HUGE == 0 && COLD_CHUNK % PAGES_HUGE == 0, "whole huge pages");

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

static bool add_hot(struct blocks *blocks)
{
	if (!room_for_one(&blocks->hot, blocks->n_hot, &blocks->hot_size, sizeof(*blocks->hot)))
		return false;
	blocks->hot[blocks->n_hot] = pages_take(HOT_CHUNK);
	return blocks->hot[blocks->n_hot] && ++blocks->n_hot;
}

static bool add_cold(struct blocks *blocks)
{
	if (!room_for_one(&blocks->cold, blocks->n_cold, &blocks->cold_size, sizeof(*blocks->cold)))
		return false;
	blocks->cold[blocks->n_cold] = pages_take(COLD_CHUNK);
	return blocks->cold[blocks->n_cold] && ++blocks->n_cold;
}

/* Cold block number `at` of all that there are. */
static struct fl_cold *cold_at(const struct blocks *blocks, uint32_t at)
{
	return &blocks->cold[at >> BLOCKS_COLD_BITS][at & ((1u << BLOCKS_COLD_BITS) - 1)];
}

/* For the next one who takes a slot. */
static void fetch_next(const struct blocks *blocks)
{
	uint32_t slot = blocks->n_free > 0 ? blocks->free[blocks->n_free - 1] : blocks->used;

	if (slot >> BLOCKS_HOT_BITS < blocks->n_hot)
		blocks_fetch(blocks_hot(blocks, slot), sizeof(struct fl_flow));
}

static void fetch_next_cold(const struct blocks *blocks)
{
	if (blocks->n_cold_free > 0)
		blocks_fetch(blocks->cold_free[blocks->n_cold_free - 1], sizeof(struct fl_cold));
	else if (blocks->cold_used >> BLOCKS_COLD_BITS < blocks->n_cold)
		blocks_fetch(cold_at(blocks, blocks->cold_used), sizeof(struct fl_cold));
}

/* Called, and not put in its place: what compilers put there for a known size is slower than the library's. */
__attribute__((noinline)) static void clear(void *block, size_t size)
{
	memset(block, 0, size);
}

uint32_t blocks_take(struct blocks *blocks)
{
	uint32_t slot;

	if (blocks->n_free > 0) {
		slot = blocks->free[--blocks->n_free];
		clear(blocks_hot(blocks, slot), sizeof(struct fl_flow));
	} else {
		if (blocks->used == BLOCKS_NO_SLOT ||
		    (blocks->used >> BLOCKS_HOT_BITS == blocks->n_hot && !add_hot(blocks)))
			return BLOCKS_NO_SLOT;
		slot = blocks->used++;
		blocks->memory += sizeof(struct fl_flow); /* a chunk's pages come one by one */
	}
	fetch_next(blocks);
	return slot;
}

bool blocks_warm(struct blocks *blocks, struct fl_flow *flow)
{
	if (blocks->n_cold_free > 0) {
		flow->cold = blocks->cold_free[--blocks->n_cold_free];
		clear(flow->cold, sizeof(*flow->cold));
	} else {
		if (blocks->cold_used >> BLOCKS_COLD_BITS == blocks->n_cold && !add_cold(blocks))
			return false;
		flow->cold = cold_at(blocks, blocks->cold_used++);
		blocks->memory += sizeof(*flow->cold);
	}
	fetch_next_cold(blocks);
	return true;
}

static void free_sick(struct fl_sick *sick)
{
	if (!sick)
		return;
	free(sick->beats[0]);
	free(sick->beats[1]);
	free(sick->watch);
	free(sick->findings);
	free(sick->trouble);
	free(sick->holes[0]);
	free(sick->holes[1]);
	free(sick->ending);
	free(sick->icmp[0]);
	free(sick->icmp[1]);
	free(sick->session);
	free(sick);
}

void blocks_give(struct blocks *blocks, uint32_t slot)
{
	struct fl_flow *flow = blocks_hot(blocks, slot);

	if (flow->sick)
		blocks->memory -= flow->sick->size;
	free_sick(flow->sick);
	if (flow->cold &&
	    room_for_one(&blocks->cold_free, blocks->n_cold_free, &blocks->cold_free_size, sizeof(struct fl_cold *)))
		blocks->cold_free[blocks->n_cold_free++] = flow->cold;
	flow->sick = NULL;
	flow->cold = NULL;
	flow->key.family = 0;
	if (room_for_one(&blocks->free, blocks->n_free, &blocks->free_size, sizeof(*blocks->free)))
		blocks->free[blocks->n_free++] = slot;
}

enum { ids_in_chunk = 1 << BLOCKS_ID_BITS };

static struct id_chunk *chunk_of(const struct blocks *blocks, uint32_t id)
{
	uint32_t at = id >> BLOCKS_ID_BITS;

	return at < blocks->n_id_chunks ? blocks->by_id[at] : NULL;
}

/* Room in the list for the chunk with that number. */
static bool reach_chunk(struct blocks *blocks, uint32_t at)
{
	uint32_t size = blocks->id_chunks_size;

	while (blocks->n_id_chunks <= at) {
		if (!room_for_one(&blocks->by_id, blocks->n_id_chunks, &blocks->id_chunks_size, sizeof(*blocks->by_id)))
			return false;
		blocks->by_id[blocks->n_id_chunks++] = NULL;
	}
	size = (blocks->id_chunks_size - size) * sizeof(*blocks->by_id);
	blocks->memory += size;
	blocks->id_memory += size;
	return true;
}

static struct id_chunk *add_chunk(struct blocks *blocks, uint32_t id)
{
	uint32_t at = id >> BLOCKS_ID_BITS;
	struct id_chunk *chunk = reach_chunk(blocks, at) ? malloc(sizeof(*chunk)) : NULL;

	if (!chunk)
		return NULL;
	*chunk = (struct id_chunk){ .next = BLOCKS_NO_SLOT, .before = blocks->last_chunk };
	memset(chunk->slots, 0xff, sizeof(chunk->slots));
	if (blocks->last_chunk == BLOCKS_NO_SLOT)
		blocks->first_chunk = at;
	else
		blocks->by_id[blocks->last_chunk]->next = at;
	blocks->last_chunk = at;
	blocks->by_id[at] = chunk;
	blocks->memory += sizeof(*chunk);
	blocks->id_memory += sizeof(*chunk);
	return chunk;
}

static void drop_chunk(struct blocks *blocks, uint32_t at)
{
	struct id_chunk *chunk = blocks->by_id[at];

	if (chunk->before == BLOCKS_NO_SLOT)
		blocks->first_chunk = chunk->next;
	else
		blocks->by_id[chunk->before]->next = chunk->next;
	if (chunk->next == BLOCKS_NO_SLOT)
		blocks->last_chunk = chunk->before;
	else
		blocks->by_id[chunk->next]->before = chunk->before;
	free(chunk);
	blocks->by_id[at] = NULL;
	blocks->memory -= sizeof(*chunk);
	blocks->id_memory -= sizeof(*chunk);
}

bool blocks_number(struct blocks *blocks, uint32_t slot)
{
	uint32_t id = blocks->next_id;
	struct id_chunk *chunk;

	while (blocks_slot_of(blocks, id) != BLOCKS_NO_SLOT) /* after 2^31 of them */
		id = id == FL_FLOW_LAST ? 0 : id + 1;
	chunk = chunk_of(blocks, id);
	if (!chunk)
		chunk = add_chunk(blocks, id);
	if (!chunk)
		return false;
	chunk->slots[id % ids_in_chunk] = slot;
	chunk->count++;
	blocks_hot(blocks, slot)->id = id;
	blocks->next_id = id == FL_FLOW_LAST ? 0 : id + 1;
	blocks->n_ids++;
	blocks->numbered++;
	return true;
}

uint32_t blocks_slot_of(const struct blocks *blocks, uint32_t id)
{
	const struct id_chunk *chunk = chunk_of(blocks, id);

	return chunk ? chunk->slots[id % ids_in_chunk] : BLOCKS_NO_SLOT;
}

/* Of the chunks, the one to go on with where `id` has none: it begins one, mostly, or is the first of all. */
static uint32_t chunk_behind(const struct blocks *blocks, uint32_t id)
{
	uint32_t at = id >> BLOCKS_ID_BITS;

	if (id == 0)
		return blocks->first_chunk;
	if (chunk_of(blocks, id - 1))
		return chunk_of(blocks, id - 1)->next;
	while (at < blocks->n_id_chunks && !blocks->by_id[at])
		at++;
	return at < blocks->n_id_chunks ? at : BLOCKS_NO_SLOT;
}

static bool is_lone(const struct id_chunk *chunk, uint32_t in_chunk)
{
	return chunk->lone[in_chunk / 64] >> in_chunk % 64 & 1;
}

static uint32_t next_of(const struct blocks *blocks, uint32_t id, bool with_lone)
{
	uint32_t at = id >> BLOCKS_ID_BITS, in_chunk = id % ids_in_chunk;

	if (!chunk_of(blocks, id) || in_chunk == 0) {
		at = chunk_behind(blocks, id);
		in_chunk = 0;
	}
	for (; at != BLOCKS_NO_SLOT; at = blocks->by_id[at]->next, in_chunk = 0) {
		const struct id_chunk *chunk = blocks->by_id[at];

		if (!with_lone && chunk->n_lone == chunk->count)
			continue;
		for (; in_chunk < ids_in_chunk; in_chunk++) {
			if (chunk->slots[in_chunk] != BLOCKS_NO_SLOT && (with_lone || !is_lone(chunk, in_chunk)))
				return (at << BLOCKS_ID_BITS) + in_chunk;
		}
	}
	return FL_FLOW_UNSEEN;
}

uint32_t blocks_next_id(const struct blocks *blocks, uint32_t id)
{
	return next_of(blocks, id, true);
}

uint32_t blocks_next_whole(const struct blocks *blocks, uint32_t id)
{
	return next_of(blocks, id, false);
}

void blocks_mark_lone(struct blocks *blocks, uint32_t id)
{
	struct id_chunk *chunk = chunk_of(blocks, id);
	uint32_t in_chunk = id % ids_in_chunk;

	chunk->lone[in_chunk / 64] |= UINT64_C(1) << in_chunk % 64;
	chunk->n_lone++;
	blocks->n_lone++;
}

void blocks_unmark_lone(struct blocks *blocks, uint32_t id)
{
	struct id_chunk *chunk = chunk_of(blocks, id);
	uint32_t in_chunk = id % ids_in_chunk;

	if (!is_lone(chunk, in_chunk))
		return;
	chunk->lone[in_chunk / 64] &= ~(UINT64_C(1) << in_chunk % 64);
	chunk->n_lone--;
	blocks->n_lone--;
}

void blocks_forget(struct blocks *blocks, uint32_t id)
{
	struct id_chunk *chunk = chunk_of(blocks, id);

	blocks_unmark_lone(blocks, id);
	chunk->slots[id % ids_in_chunk] = BLOCKS_NO_SLOT;
	blocks->n_ids--;
	if (--chunk->count == 0)
		drop_chunk(blocks, id >> BLOCKS_ID_BITS);
}

void blocks_init(struct blocks *blocks)
{
	*blocks = (struct blocks){ .first_chunk = BLOCKS_NO_SLOT, .last_chunk = BLOCKS_NO_SLOT };
}

void blocks_deinit(struct blocks *blocks)
{
	for (uint32_t slot = 0; slot < blocks->used; slot++) {
		if (!blocks_is_free(blocks_hot(blocks, slot)))
			free_sick(blocks_hot(blocks, slot)->sick);
	}
	for (uint32_t i = 0; i < blocks->n_hot; i++)
		pages_give(blocks->hot[i], HOT_CHUNK);
	for (uint32_t i = 0; i < blocks->n_cold; i++)
		pages_give(blocks->cold[i], COLD_CHUNK);
	for (uint32_t i = 0; i < blocks->n_id_chunks; i++)
		free(blocks->by_id[i]);
	free(blocks->hot);
	free(blocks->cold);
	free(blocks->by_id);
	free(blocks->free);
	free(blocks->cold_free);
}
