/* The end of the text report: the failures that have no story as a table, and the healthy flows in one line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/time.h"
#include "ranking.h"
#include "tally.h"
#include "text_parts.h"

/* "10.0.0.1:80 -> 10.0.0.9:90", and its length. */
static int endpoints_of(const struct ranked *row, char ret_text[2 * FL_ENDPOINT_TEXT + 8])
{
	char client[FL_ENDPOINT_TEXT], server[FL_ENDPOINT_TEXT];

	return snprintf(ret_text, 2 * FL_ENDPOINT_TEXT + 8, "%s -> %s",
	                fl_endpoint_text(&row->address[FL_CLIENT], row->port[FL_CLIENT], client),
	                fl_endpoint_text(&row->address[FL_SERVER], row->port[FL_SERVER], server));
}

/* The sick ones beyond the tenth, a line each. */
void text_table(struct fl_text *table, const struct scene *scene, const struct ranking *ranking)
{
	int verdict_columns = 0, endpoint_columns = 0;
	size_t n_rows = 0;
	char count[32], endpoints[2 * FL_ENDPOINT_TEXT + 8];

	for (size_t i = 0; i < ranking->n_rows; i++) {
		const struct ranked *row = &ranking->rows[i];

		if (row->story)
			continue;
		n_rows++;
		verdict_columns = (int)strlen(row->verdict) > verdict_columns ? (int)strlen(row->verdict)
		                                                              : verdict_columns;

		int columns = endpoints_of(row, endpoints);

		endpoint_columns = columns > endpoint_columns ? columns : endpoint_columns;
	}
	if (n_rows == 0)
		return;
	fl_text_add(table, "\n%s more:\n", fl_count_text(n_rows, count));
	for (size_t i = 0; i < ranking->n_rows && !table->failed; i++) {
		const struct ranked *row = &ranking->rows[i];

		if (row->story)
			continue;
		endpoints_of(row, endpoints);
		text_severity(table, scene, row->severity, 8);
		fl_text_add(table, "  %-*s   %-*s   flow %" PRIu32, verdict_columns, row->verdict, endpoint_columns,
		            endpoints, row->id);
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

bool text_is_over(const struct fl_judged_finding *finding)
{
	struct fl_topic topic;

	return finding->recovered != FL_TIME_NONE && finding->severity >= FL_WARNING &&
	       fl_topic_find(finding->id, &topic) && topic.kind == FL_TOPIC_VERDICT;
}

bool text_relapse(struct fl_text *relapses, const struct fl_account *account, uint64_t index)
{
	const uint64_t most = 10;
	const char *between = "";
	char length[FL_TIME_TEXT];

	for (size_t i = 0; i < account->n_findings; i++) {
		const struct fl_judged_finding *finding = &account->findings[i];

		if (!text_is_over(finding))
			continue;
		if (index >= most) {
			fl_text_add(relapses, "%s", index == most ? ", and more" : "");
			return true;
		}
		if (!*between)
			fl_text_add(relapses, "%sflow %" PRIu32 " (", index > 0 ? ", " : "", account->id);
		fl_text_add(relapses, "%s%s, %s", between, finding->id,
		            fl_duration_text(finding->recovered - finding->onset, length));
		between = "; ";
	}
	fl_text_add(relapses, "%s", *between ? ")" : "");
	return *between;
}

void text_relapses(struct fl_text *text, const struct scene *scene, const struct fl_text *relapses, uint64_t count)
{
	struct fl_text line;
	char number[32];

	text->failed |= relapses->failed;
	if (count == 0)
		return;
	fl_text_init(&line);
	fl_text_add(&line, "%s %s had a failure that recovered: %s.", fl_count_text(count, number),
	            count == 1 ? "flow" : "flows", fl_text_get(relapses));
	text_hang(text, scene, "", fl_text_get(&line));
	text->failed |= line.failed;
	fl_text_deinit(&line);
}
