/* After an outage thousands of flows are sick, and nobody reads a thousand stories: only the worst are kept in words
 * while flows come by, the others as a row of a table, so that memory stays bounded by the rows. */
#include "ranking.h"

#include <stdlib.h>
#include <string.h>

/* Worst severity, then earliest onset (an unknown one last), then id: a total order, since ids differ. */
static int compare(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if ((x->onset == FL_TIME_NONE) != (y->onset == FL_TIME_NONE))
		return x->onset == FL_TIME_NONE ? 1 : -1;
	if (x->onset != y->onset)
		return x->onset < y->onset ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

bool ranking_is_worse(const struct ranked *row, const struct ranked *other)
{
	return compare(row, other) < 0;
}

bool ranking_init(struct ranking *ranking, size_t most)
{
	*ranking = (struct ranking){ .most = most };
	ranking->told = calloc(most + 1, sizeof(*ranking->told));
	return ranking->told != NULL;
}

void ranking_deinit(struct ranking *ranking)
{
	for (size_t i = 0; i < ranking->n_rows; i++) {
		free(ranking->rows[i].story);
	}
	free(ranking->rows);
	free(ranking->told);
	*ranking = (struct ranking){ 0 };
}

bool ranking_wants(const struct ranking *ranking, const struct ranked *row)
{
	if (ranking->most == 0 || ranking->n_told < ranking->most)
		return true;
	return compare(row, &ranking->rows[ranking->told[ranking->n_told - 1]]) < 0;
}

static bool grow(struct ranking *ranking)
{
	size_t size = ranking->size ? ranking->size * 2 : 16;
	struct ranked *rows;

	if (ranking->n_rows < ranking->size)
		return true;
	rows = realloc(ranking->rows, size * sizeof(*rows));
	if (!rows)
		return false;
	ranking->rows = rows;
	ranking->size = size;
	return true;
}

/* Puts row `index` among the told; the last of them loses its story when there are too many. */
static void tell(struct ranking *ranking, size_t index)
{
	size_t at = ranking->n_told;

	while (at > 0 && compare(&ranking->rows[index], &ranking->rows[ranking->told[at - 1]]) < 0)
		at--;
	memmove(ranking->told + at + 1, ranking->told + at, (ranking->n_told - at) * sizeof(*ranking->told));
	ranking->told[at] = index;
	ranking->n_told++;
	if (ranking->n_told > ranking->most) {
		struct ranked *last = &ranking->rows[ranking->told[--ranking->n_told]];

		free(last->story);
		last->story = NULL;
	}
}

/* The worst rows stay; the told are the worst of them. */
static void trim(struct ranking *ranking)
{
	size_t told = ranking->n_told;

	ranking_sort(ranking);
	while (ranking->n_rows > ranking->most_rows) {
		struct ranked *row = &ranking->rows[--ranking->n_rows];

		ranking->on_drop(ranking->context, row);
		free(row->story);
	}
	for (ranking->n_told = 0; ranking->n_told < told; ranking->n_told++)
		ranking->told[ranking->n_told] = ranking->n_told;
}

bool ranking_add(struct ranking *ranking, const struct ranked *row)
{
	if (!grow(ranking)) {
		free(row->story);
		return false;
	}
	ranking->rows[ranking->n_rows++] = *row;
	if (row->story && ranking->most > 0)
		tell(ranking, ranking->n_rows - 1);
	if (ranking->most_rows > 0 && ranking->n_rows > 2 * ranking->most_rows)
		trim(ranking);
	return true;
}

void ranking_sort(struct ranking *ranking)
{
	if (ranking->n_rows > 1)
		qsort(ranking->rows, ranking->n_rows, sizeof(*ranking->rows), compare);
	ranking->n_told = 0; /* the indexes hold no longer */
}
