/* A connection that dies sends nothing, so what tells of it is a deadline that passes: RTO, keepalive, an answer owed.
 * Every packet moves deadlines, most of them are never reached, and a capture's clock may stand still for a thousand
 * packets or leap over a night; so arming is O(1), and empty time costs nothing.
 *
 * The wheel is a radix heap of 64-ary digits over nanoseconds: a node lies at the level of the highest digit in which
 * its time differs from the wheel's, in the slot of that digit. All in a lower level is earlier than all in a higher
 * one. Entering a slot deals its nodes out to lower levels, until those of one nanosecond are together. */
#include <stdlib.h>

#include "flatline/wheel.h"

#define DIGIT_BITS 6
#define SLOTS (1 << DIGIT_BITS)
#define LEVELS ((64 + DIGIT_BITS - 1) / DIGIT_BITS)

struct fl_wheel {
	uint64_t at;                 /* where the wheel stands, as key_of() gives it; what is in slots is later */
	struct fl_wheel_node *ready; /* due at `at` or before, in order */
	struct fl_wheel_node *late;  /* the same, but not brought into order yet */
	uint64_t used[LEVELS];       /* a bit for each slot that has nodes, or had them before they were disarmed */
	struct fl_wheel_node *slot[LEVELS][SLOTS];
};

typedef int compare_fn(const struct fl_wheel_node *, const struct fl_wheel_node *);

/* Times as unsigned numbers of the same order, since digits have no sign. */
static uint64_t key_of(int64_t time)
{
	return (uint64_t)time ^ UINT64_C(1) << 63;
}

static void push(struct fl_wheel_node **list, struct fl_wheel_node *node)
{
	node->next = *list;
	node->link = list;
	if (node->next)
		node->next->link = &node->next;
	*list = node;
}

static void take_out(struct fl_wheel_node *node)
{
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
	node->next = NULL;
	node->link = NULL;
}

/* Puts a node that is in no list where its due time says. */
static void file(struct fl_wheel *wheel, struct fl_wheel_node *node)
{
	uint64_t key = key_of(node->due);
	unsigned level, digit;

	node->slot_due = node->due;
	if (key <= wheel->at) {
		push(&wheel->late, node);
		return;
	}
	level = (63 - (unsigned)__builtin_clzll(key ^ wheel->at)) / DIGIT_BITS;
	digit = key >> (level * DIGIT_BITS) & (SLOTS - 1);
	wheel->used[level] |= UINT64_C(1) << digit;
	push(&wheel->slot[level][digit], node);
}

struct fl_wheel *fl_wheel_new(int64_t now)
{
	struct fl_wheel *wheel = calloc(1, sizeof(*wheel));

	if (wheel)
		wheel->at = key_of(now);
	return wheel;
}

void fl_wheel_free(struct fl_wheel *wheel)
{
	free(wheel);
}

void fl_wheel_arm(struct fl_wheel *wheel, struct fl_wheel_node *node, int64_t due)
{
	if (due == FL_TIME_NONE) {
		fl_wheel_disarm(node);
		return;
	}
	node->due = due;
	/* Later than where it lies: it is found and filed again when that comes by. */
	if (node->link && due >= node->slot_due)
		return;
	if (node->link)
		take_out(node);
	file(wheel, node);
}

void fl_wheel_disarm(struct fl_wheel_node *node)
{
	if (node->link)
		take_out(node);
	node->due = FL_TIME_NONE;
}

static bool is_before(const struct fl_wheel_node *a, const struct fl_wheel_node *b, compare_fn *compare)
{
	if (a->slot_due != b->slot_due)
		return a->slot_due < b->slot_due;
	return compare && compare(a, b) < 0;
}

/* Merges two ordered lists; only `next` of the result is right. */
static struct fl_wheel_node *merge(struct fl_wheel_node *a, struct fl_wheel_node *b, compare_fn *compare)
{
	struct fl_wheel_node *first = NULL, **tail = &first;

	while (a && b) {
		struct fl_wheel_node **earlier = is_before(b, a, compare) ? &b : &a;

		*tail = *earlier;
		tail = &(*earlier)->next;
		*earlier = *tail;
	}
	*tail = a ? a : b;
	return first;
}

/* Orders a list by merging runs of 1, 2, 4, ... nodes; run[i] holds 2^i of them or none. */
static struct fl_wheel_node *sort(struct fl_wheel_node *list, compare_fn *compare)
{
	struct fl_wheel_node *run[64] = { NULL }, *all = NULL;

	while (list) {
		struct fl_wheel_node *one = list;
		unsigned i = 0;

		list = list->next;
		one->next = NULL;
		for (; run[i]; i++) {
			one = merge(run[i], one, compare);
			run[i] = NULL;
		}
		run[i] = one;
	}
	for (unsigned i = 0; i < 64; i++)
		all = merge(run[i], all, compare);
	return all;
}

/* Brings the late nodes in among those that are ready. */
static void order_ready(struct fl_wheel *wheel, compare_fn *compare)
{
	if (!wheel->late)
		return;
	wheel->ready = merge(wheel->ready, sort(wheel->late, compare), compare);
	wheel->late = NULL;
	for (struct fl_wheel_node **link = &wheel->ready; *link; link = &(*link)->next)
		(*link)->link = link;
}

/* Moves the wheel into its earliest slot that has nodes and deals them out. False, with the wheel at `now`, when there
 * is none up to then. */
static bool enter_next_slot(struct fl_wheel *wheel, uint64_t now)
{
	for (unsigned level = 0; level < LEVELS;) {
		unsigned shift = level * DIGIT_BITS;
		struct fl_wheel_node **slot, *node;
		uint64_t digit, start;

		if (!wheel->used[level]) {
			level++;
			continue;
		}
		digit = (uint64_t)__builtin_ctzll(wheel->used[level]);
		slot = &wheel->slot[level][digit];
		start = ((wheel->at >> shift & ~(uint64_t)(SLOTS - 1)) | digit) << shift;
		if (*slot && start > now)
			break;
		wheel->used[level] &= ~(UINT64_C(1) << digit);
		if (!*slot)
			continue;
		wheel->at = start;
		while ((node = *slot)) {
			take_out(node);
			file(wheel, node);
		}
		return true;
	}
	wheel->at = now;
	return false;
}

struct fl_wheel_node *fl_wheel_advance(struct fl_wheel *wheel, int64_t now, compare_fn *compare)
{
	/* The capture's clock does not go back; where a caller's does, nothing more comes due. */
	uint64_t until = key_of(now) > wheel->at ? key_of(now) : wheel->at;

	do {
		order_ready(wheel, compare);
		while (wheel->ready) {
			struct fl_wheel_node *node = wheel->ready;

			if (node->slot_due > now)
				return NULL;
			take_out(node);
			if (node->due == node->slot_due) {
				node->due = FL_TIME_NONE;
				return node;
			}
			/* It was moved later while it lay here. */
			file(wheel, node);
			order_ready(wheel, compare);
		}
	} while (enter_next_slot(wheel, until));
	return NULL;
}
