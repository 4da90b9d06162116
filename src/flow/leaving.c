/* When memory is short a quarter of the flows leave at once: those that are finished first, then those that nobody ever
 * answered, then the longest silent. */
#include "leaving.h"

#include <stdlib.h>

int64_t leaving_last_seen(const struct fl_flow *flow)
{
	return flow->end[0].last_at > flow->end[1].last_at ? flow->end[0].last_at : flow->end[1].last_at;
}

/* What is worth least goes first. */
enum worth { WORTH_FINISHED, WORTH_UNANSWERED, WORTH_OPEN };

/* One that may have to leave. */
struct leaving {
	uint64_t order; /* worth and last packet: the lowest go first */
	uint32_t slot;
};

/* A flood of SYNs is not to drive those out that are at work, nor those that ask again. */
static enum worth worth_of(const struct fl_flow *flow)
{
	uint16_t both = flow->end[0].seen & flow->end[1].seen, any = flow->end[0].seen | flow->end[1].seen;

	if ((flow->marks & FL_MARK_GONE) || (any & FL_SEEN_RST) || (both & FL_SEEN_FIN))
		return WORTH_FINISHED;
	return flow->end[1].packets == 0 && !(any & FL_SEEN_PAYLOAD) && !flow->sick ? WORTH_UNANSWERED : WORTH_OPEN;
}

/* Within the same worth those go first that are silent for longest; slots make the order total. */
static struct leaving leaving_of(const struct fl_flow *flow, uint32_t slot)
{
	const unsigned worth_bit = 62;
	const int64_t latest = (INT64_C(1) << worth_bit) - 1; /* in the year 2116 */
	int64_t last = leaving_last_seen(flow);

	last = last < 0 ? 0 : last > latest ? latest : last;
	return (struct leaving){ (uint64_t)worth_of(flow) << worth_bit | (uint64_t)last, slot };
}

static bool leaves_before(const struct leaving *a, const struct leaving *b)
{
	return a->order != b->order ? a->order < b->order : a->slot < b->slot;
}

static int compare_leaving(const void *a, const void *b)
{
	return leaves_before(a, b) ? -1 : leaves_before(b, a);
}

static void swap(struct leaving *a, struct leaving *b)
{
	struct leaving kept = *a;

	*a = *b;
	*b = kept;
}

/* Brings the first `wanted` of the order to the front (Hoare's selection, on a middle element: their order as they
 * stand, that of time mostly, is no bad case for it). */
static void select_first(struct leaving *all, size_t count, size_t wanted)
{
	const unsigned enough = 64; /* rounds; an order that needs more was made to */
	size_t low = 0, high = count;

	for (unsigned round = 0; high - low > 1; round++) {
		if (round == enough) {
			qsort(all + low, high - low, sizeof(*all), compare_leaving);
			return;
		}

		struct leaving middle = all[low + (high - 1 - low) / 2];
		size_t left = low, right = high - 1;

		for (;;) {
			while (leaves_before(&all[left], &middle))
				left++;
			while (leaves_before(&middle, &all[right]))
				right--;
			if (left >= right)
				break;
			swap(&all[left++], &all[right--]);
		}
		if (right + 1 <= wanted)
			low = right + 1;
		else
			high = right + 1;
		if (low >= wanted)
			return;
	}
}

size_t leaving_choose(const struct blocks *blocks, enum leaving_whom whom, uint32_t **ret_slots)
{
	struct leaving *all = malloc(blocks->used * sizeof(*all));
	size_t count = 0, leave;

	*ret_slots = NULL;
	if (!all)
		return 0;
	for (uint32_t slot = 0; slot < blocks->used; slot++) {
		const struct fl_flow *flow = blocks_hot(blocks, slot);

		if (!blocks_is_free(flow) && (whom == LEAVING_ANY || flow->cold))
			all[count++] = leaving_of(flow, slot);
	}
	leave = (count + 3) / 4;
	select_first(all, count, leave);
	*ret_slots = malloc(leave * sizeof(**ret_slots));
	for (size_t i = 0; *ret_slots && i < leave; i++)
		(*ret_slots)[i] = all[i].slot;
	free(all);
	return *ret_slots ? leave : 0;
}

size_t leaving_over(const struct blocks *blocks, int64_t before, size_t most, uint32_t *from, uint32_t **ret_slots)
{
	const uint32_t ahead = 8, part = 1 << 16;
	uint32_t slot = *from < blocks->used ? *from : 0;
	uint32_t end = blocks->used - slot > part ? slot + part : blocks->used;
	size_t count = 0;

	*ret_slots = malloc(most * sizeof(**ret_slots));
	for (; *ret_slots && slot < end && count < most; slot++) {
		const struct fl_flow *flow = blocks_hot(blocks, slot);

		if (slot + ahead < end)
			blocks_fetch(blocks_hot(blocks, slot + ahead), sizeof(*flow));
		if (!blocks_is_free(flow) && leaving_last_seen(flow) < before && worth_of(flow) != WORTH_OPEN)
			(*ret_slots)[count++] = slot;
	}
	*from = slot;
	return count;
}
