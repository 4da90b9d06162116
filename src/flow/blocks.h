/* Hot and cold blocks of all flows, in chunks that never move; hot ones are addressed by a slot number, cold ones hang
 * on theirs; and the slots by connection id. Private to flow/. */
#ifndef FLOW_BLOCKS_H
#define FLOW_BLOCKS_H

#include "flatline/flow.h"

/* So many of each to a chunk that it is of whole huge pages: 6 MiB and 2 MiB. */
#define BLOCKS_HOT_BITS 15
#define BLOCKS_COLD_BITS 12
#define BLOCKS_ID_BITS 9
#define BLOCKS_NO_SLOT UINT32_MAX

/* Of so many connections in a row, while one of them is there. */
struct id_chunk {
	uint32_t count;        /* of those that are there */
	uint32_t n_lone;       /* of them those with one SYN and no more */
	uint32_t next, before; /* chunks that were made after and before it; BLOCKS_NO_SLOT for none */
	uint64_t lone[(1u << BLOCKS_ID_BITS) / 64]; /* a bit for each */
	uint32_t slots[1u << BLOCKS_ID_BITS];       /* BLOCKS_NO_SLOT where none is */
};

struct blocks {
	struct fl_flow **hot; /* chunks of 1 << BLOCKS_HOT_BITS */
	struct fl_cold **cold;
	uint32_t n_hot, hot_size, n_cold, cold_size;
	uint32_t used;  /* slots handed out so far, free ones included */
	uint32_t *free; /* slots given back */
	uint32_t n_free, free_size;
	uint32_t cold_used; /* the same of cold blocks */
	struct fl_cold **cold_free;
	uint32_t n_cold_free, cold_free_size;
	struct id_chunk **by_id; /* NULL where all left */
	uint32_t n_id_chunks, id_chunks_size;
	uint32_t first_chunk, last_chunk; /* in the order in which they were made; BLOCKS_NO_SLOT for none */
	uint32_t next_id, n_ids, n_lone;  /* n_ids: connections that are there; n_lone: with one SYN and no more */
	uint64_t numbered;                /* that ever were */
	size_t memory;                    /* of all this but the lists of what is free */
	size_t id_memory;                 /* its part for numbers */
};

static inline struct fl_flow *blocks_hot(const struct blocks *blocks, uint32_t slot)
{
	return &blocks->hot[slot >> BLOCKS_HOT_BITS][slot & ((1u << BLOCKS_HOT_BITS) - 1)];
}

/* Brings a block nearer; NULL is none. */
static inline void blocks_fetch(const void *block, size_t size)
{
	for (size_t at = 0; block && at < size; at += 64)
		__builtin_prefetch((const char *)block + at, 1);
}

/* A slot with a zeroed hot block, free until its key is set; BLOCKS_NO_SLOT out of memory. */
uint32_t blocks_take(struct blocks *blocks);
/* Hangs a zeroed cold block on the flow. False out of memory. */
bool blocks_warm(struct blocks *blocks, struct fl_flow *flow);
/* No flow is in the slot that this block belongs to. */
static inline bool blocks_is_free(const struct fl_flow *flow)
{
	return flow->key.family == 0;
}
/* Gives the slot and its cold block back, and frees its sick block. */
void blocks_give(struct blocks *blocks, uint32_t slot);
/* The next connection id, for the flow in `slot`; false out of memory. Behind FL_FLOW_LAST they begin anew, and those
 * that are taken are left out. */
bool blocks_number(struct blocks *blocks, uint32_t slot);
/* One SYN and no more is there of it; something came behind it. */
void blocks_mark_lone(struct blocks *blocks, uint32_t id);
void blocks_unmark_lone(struct blocks *blocks, uint32_t id);
/* BLOCKS_NO_SLOT when it is not there. */
uint32_t blocks_slot_of(const struct blocks *blocks, uint32_t id);
/* The first connection that is there, `id` or one that was numbered behind it; FL_FLOW_UNSEEN for none. */
uint32_t blocks_next_id(const struct blocks *blocks, uint32_t id);
/* The same but for those with one SYN and no more. */
uint32_t blocks_next_whole(const struct blocks *blocks, uint32_t id);
void blocks_forget(struct blocks *blocks, uint32_t id);
void blocks_init(struct blocks *blocks);
void blocks_deinit(struct blocks *blocks);

#endif
