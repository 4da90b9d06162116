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
};

/* Keeps the account in short form; false out of memory (then it is forgotten). Where there is no more room only those
 * that failed are kept. */
bool departures_keep(struct departures *departures, const struct fl_account *account);
/* The one with this id as an account again (members from id to verdict); false when there is none. Deinit it. */
bool departures_find(struct departures *departures, uint32_t id, struct fl_account *ret_account);
void departures_deinit(struct departures *departures);

#endif
