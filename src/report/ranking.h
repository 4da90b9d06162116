/* The sick flows, the worst of them with their stories. Private to report/. */
#ifndef REPORT_RANKING_H
#define REPORT_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/judge.h"

struct ranked {
	enum fl_severity severity;
	int64_t onset;
	uint32_t id;
	const char *verdict;          /* borrowed: the tally's */
	struct fl_address address[2]; /* [FL_CLIENT], [FL_SERVER] */
	uint16_t port[2];
	char *story; /* NULL when it has none */
};

struct ranking {
	size_t most;      /* stories that are kept; 0: all */
	size_t most_rows; /* and rows; 0: all */
	/* Called for a row that finds no place any more. */
	void (*on_drop)(void *context, const struct ranked *row);
	void *context;
	struct ranked *rows;
	size_t n_rows, size;
	size_t *told; /* rows with a story, the worst first, while `most` bounds them */
	size_t n_told;
};

/* False out of memory. */
bool ranking_init(struct ranking *ranking, size_t most);
void ranking_deinit(struct ranking *ranking);

/* Whether a flow like this one is to have a story as far as is known now. */
bool ranking_wants(const struct ranking *ranking, const struct ranked *row);

/* Takes the row with its story; `row->story` is given where ranking_wants said so, and a better one may take its
 * place later. False out of memory: the strings are freed. */
bool ranking_add(struct ranking *ranking, const struct ranked *row);

bool ranking_is_worse(const struct ranked *row, const struct ranked *other);

/* In order: the worst severity first, then the earliest onset, then the lowest id. */
void ranking_sort(struct ranking *ranking);

#endif
