/* What is kept of a flow that left for lack of memory: its verdict as far as it was seen. Private to run/. */
#ifndef RUN_DEPARTED_H
#define RUN_DEPARTED_H

#include "flatline/judge.h"

struct departed;

struct departures {
	struct departed *items;
	size_t count, size;
	size_t memory;             /* bytes that they may take, and twice as many with those that failed; 0: no limit */
	size_t words;              /* bytes of their summaries */
	uint64_t forgotten;        /* found no room there; none of these had failed */
	uint64_t failed_forgotten; /* of those that had failed the first ones, where they were too many */
	bool is_sorted;
	size_t told; /* items before it were handed out */
};

/* Keeps the account in short form; false out of memory (then it is forgotten). Where there is no more room only those
 * that failed are kept, and of them the last. */
bool departures_keep(struct departures *departures, const struct fl_account *account);
/* Whether the words of an account are kept, too: it must have them. */
bool departures_tells(const struct fl_account *account);
/* Whether an account of less than a warning would be kept. */
bool departures_has_room(const struct departures *departures);
/* The next one by id, if its id is below that, as an account again (members from id to verdict): deinit it. False when
 * there is none, or out of memory. Nothing is kept any more afterwards. */
bool departures_next(struct departures *departures, uint32_t below, struct fl_account *ret_account);
void departures_deinit(struct departures *departures);

#endif
