/* Segments overtake each other, and are lost before the place of capture: what follows shows that something is missing,
 * and what fills the hole later is late, not repeated (RFC 9293 section 3.10.7.4 keeps the same books in a receiver).
 */
#include "holes.h"

#include <string.h>

static void take_out(struct holes *holes, uint32_t index)
{
	holes->count--;
	memmove(&holes->at[index], &holes->at[index + 1], (holes->count - index) * sizeof(holes->at[0]));
}

static void put_in(struct holes *holes, uint32_t index, uint64_t from, uint64_t to)
{
	if (holes->count == HOLES_MOST) {
		take_out(holes, 0);
		index = index > 0 ? index - 1 : 0;
	}
	memmove(&holes->at[index + 1], &holes->at[index], (holes->count - index) * sizeof(holes->at[0]));
	holes->at[index] = (struct hole){ from, to };
	holes->count++;
}

void holes_add(struct holes *holes, uint64_t from, uint64_t to)
{
	put_in(holes, holes->count, from, to);
}

static uint64_t fill_unseen(struct holes *holes, uint64_t from, uint64_t to)
{
	uint64_t low = holes->unseen_from > from ? holes->unseen_from : from;
	uint64_t high = holes->unseen_to < to ? holes->unseen_to : to;

	if (low >= high)
		return 0;
	holes->is_lossy |= low > holes->unseen_from;
	holes->unseen_from = high;
	return high - low;
}

void holes_acked_unseen(struct holes *holes, uint64_t from, uint64_t to)
{
	if (holes->unseen_from < holes->unseen_to && holes->unseen_to == from) {
		holes->unseen_to = to;
		return;
	}
	holes->is_lossy |= holes->unseen_from < holes->unseen_to;
	holes->unseen_from = from;
	holes->unseen_to = to;
}

bool holes_are_whole(const struct holes *holes)
{
	return !holes->is_lossy && holes->unseen_from >= holes->unseen_to;
}

uint64_t holes_fill(struct holes *holes, uint64_t from, uint64_t to)
{
	uint64_t filled = 0;

	for (uint32_t i = holes->count; i-- > 0;) {
		struct hole *hole = &holes->at[i];
		uint64_t low = hole->from > from ? hole->from : from, high = hole->to < to ? hole->to : to;
		uint64_t end = hole->to;

		if (low >= high)
			continue;
		filled += high - low;
		if (low == hole->from && high == end) {
			take_out(holes, i);
		} else if (low == hole->from) {
			hole->from = high;
		} else {
			hole->to = low;
			if (high < end)
				put_in(holes, i + 1, high, end);
		}
	}
	return filled + fill_unseen(holes, from, to);
}

bool holes_acked(struct holes *holes, uint64_t una)
{
	bool was_missing = false;

	while (holes->count > 0 && holes->at[0].from < una) {
		was_missing = true;
		if (holes->at[0].to > una) {
			holes->at[0].from = una;
			break;
		}
		take_out(holes, 0);
	}
	holes->is_lossy |= was_missing;
	return was_missing;
}
