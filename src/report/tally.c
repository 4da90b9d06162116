/* How many flows got which verdict. There are a few dozen names at most, so a sorted list is found through in no time.
 */
#include "tally.h"

#include <stdlib.h>
#include <string.h>

const char *tally_add(struct tally *tally, const char *name)
{
	struct tally_row *rows;
	size_t at = 0;

	while (at < tally->n_rows && strcmp(tally->rows[at].name, name) < 0)
		at++;
	if (at == tally->n_rows || strcmp(tally->rows[at].name, name) != 0) {
		char *copy = strdup(name);

		rows = copy ? realloc(tally->rows, (tally->n_rows + 1) * sizeof(*rows)) : NULL;
		if (!rows) {
			free(copy);
			return NULL;
		}
		memmove(rows + at + 1, rows + at, (tally->n_rows - at) * sizeof(*rows));
		rows[at] = (struct tally_row){ .name = copy };
		tally->rows = rows;
		tally->n_rows++;
	}
	tally->rows[at].count++;
	tally->total++;
	return tally->rows[at].name;
}

void tally_deinit(struct tally *tally)
{
	for (size_t i = 0; i < tally->n_rows; i++)
		free(tally->rows[i].name);
	free(tally->rows);
	*tally = (struct tally){ 0 };
}
