/* What is kept of a flow that left for lack of memory: its verdict as far as it was seen. Private to run/. */
#ifndef RUN_DEPARTED_H
#define RUN_DEPARTED_H

#include "flatline/judge.h"

struct departed;

struct departures {
	struct departed *items;
	size_t count, size;
	size_t memory;      /* bytes that they may take; 0: no limit */
	uint64_t forgotten; /* found no room there; none of these had failed */
	bool is_sorted;
	size_t asked; /* items before it are of ids lower than the one asked for last */
};

/* Keeps the account in short form; false out of memory (then it is forgotten). Where there is no more room only those
 * that failed are kept. */
bool departures_keep(struct departures *departures, const struct fl_account *account);
/* Whether the words of an account are kept, too: it must have them. */
bool departures_tells(const struct fl_account *account);
/* Whether an account of less than a warning would be kept. */
bool departures_has_room(const struct departures *departures);
/* The one with this id as an account again (members from id to verdict); false when there is none. Deinit it. Asked in
 * ascending order. */
bool departures_find(struct departures *departures, uint32_t id, struct fl_account *ret_account);
void departures_deinit(struct departures *departures);

#endif
