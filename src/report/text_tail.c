/* The end of the text report: the failures that have no story as a table, and the healthy flows in one line. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ranking.h"
#include "tally.h"
#include "text_parts.h"

/* The sick ones beyond the tenth, a line each. */
void text_table(struct fl_text *table, const struct scene *scene, const struct ranking *ranking)
{
	int verdict_columns = 0, endpoint_columns = 0;
	size_t n_rows = 0;
	char count[32];

	for (size_t i = 0; i < ranking->n_rows; i++) {
		const struct ranked *row = &ranking->rows[i];

		if (row->story)
			continue;
		n_rows++;
		verdict_columns = (int)strlen(row->verdict) > verdict_columns ? (int)strlen(row->verdict)
		                                                              : verdict_columns;
		endpoint_columns = (int)strlen(row->endpoints) > endpoint_columns ? (int)strlen(row->endpoints)
		                                                                  : endpoint_columns;
	}
	if (n_rows == 0)
		return;
	fl_text_add(table, "\n%s more:\n", fl_count_text(n_rows, count));
	for (size_t i = 0; i < ranking->n_rows && !table->failed; i++) {
		const struct ranked *row = &ranking->rows[i];

		if (row->story)
			continue;
		text_severity(table, scene, row->severity, 8);
		fl_text_add(table, "  %-*s   %-*s   flow %" PRIu32, verdict_columns, row->verdict, endpoint_columns,
		            row->endpoints, row->id);
		if (row->onset != FL_TIME_NONE) {
			fl_text_add(table, "   since ");
			text_moment(table, scene, row->onset);
		}
		fl_text_add(table, "\n");
	}
}

/* The most frequent first. */
static int compare_counts(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* "11 other flows: 10 alive, 1 closed." */
void text_others(struct fl_text *text, const struct scene *scene, struct tally *others, bool is_all)
{
	struct fl_text line;
	char count[32];

	if (others->n_rows == 0)
		return;
	qsort(others->rows, others->n_rows, sizeof(*others->rows), compare_counts);
	fl_text_init(&line);
	fl_text_add(&line, "%s %s%s: ", fl_count_text(others->total, count), is_all ? "" : "other ",
	            others->total == 1 ? "flow" : "flows");
	for (size_t i = 0; i < others->n_rows; i++)
		fl_text_add(&line, "%s%s %s", i > 0 ? ", " : "", fl_count_text(others->rows[i].count, count),
		            others->rows[i].name);
	fl_text_add(&line, ".");
	text->failed |= line.failed;
	fl_text_add(text, "\n");
	text_hang(text, scene, "", fl_text_get(&line));
	fl_text_deinit(&line);
}
