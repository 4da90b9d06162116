/* The connections that a report tells in detail: the worst of all. Private to cli/. */
#ifndef CLI_CHOSEN_H
#define CLI_CHOSEN_H

#include <stdbool.h>
#include <stddef.h>

#include "flatline/evidence.h"
#include "flatline/judge.h"
#include "flatline/pictures.h"

enum { most_chosen = 20 };

/* What is kept of one. */
struct choice {
	struct fl_scope scope;
	enum fl_severity severity;
	struct fl_address address[2];
	uint16_t port[2];
	const char *verdict;
	struct fl_moment *moments; /* copies */
	size_t n_moments;
	struct fl_evidence_flow *evidence; /* NULL where that is not asked for */
};

struct chosen {
	struct choice items[most_chosen + 1]; /* the worst first; chosen_sort(): by id */
	size_t count;
	uint64_t others;        /* that are not well either, and found no place */
	int64_t observed_until; /* of the capture */
	bool all;               /* healthy ones, too */
	bool keeps_evidence;
	bool is_starved; /* out of memory */
};

/* Whether it is among the worst so far, given from id to verdict. */
bool chosen_wants(const struct chosen *chosen, const struct fl_account *account);
/* Takes it, given in full, when it is. */
void chosen_add(struct chosen *chosen, const struct fl_account *account);
void chosen_sort(struct chosen *chosen);
/* After that: the one of that id, NULL when it is none of them. */
const struct choice *chosen_find(const struct chosen *chosen, uint32_t id);
void chosen_deinit(struct chosen *chosen);

/* What a picture of it is to show. */
struct fl_scope scope_of(const struct fl_account *account, int64_t observed_until);

#endif
