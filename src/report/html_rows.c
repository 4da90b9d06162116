/* The table of all connections. It is written at the end: only then is it known which of them have a section, and the
 * sick come first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "flatline/time.h"
#include "html_parts.h"

enum { most_kinds = 200 };

static bool has_room(struct html_rows *rows)
{
	size_t size = rows->size ? rows->size * 2 : 64;
	struct html_row *items;

	if (rows->count < rows->size)
		return true;
	items = realloc(rows->items, size * sizeof(*items));
	if (!items)
		return false;
	rows->items = items;
	rows->size = size;
	return true;
}

/* Short, as most are of one day; what sorts it is the time. */
static void time_cell(struct fl_text *html, const struct scene *scene, int64_t at)
{
	if (at == FL_TIME_NONE) {
		fl_text_add(html, "<td data-v=\"-1\"></td>");
		return;
	}
	fl_text_add(html, "<td data-v=\"%" PRId64 "\">", at / FL_NS_PER_US);
	text_moment(html, scene, at);
	fl_text_add(html, "</td>");
}

/* All cells but the first. Values by which a column is sorted stand in `data-v` where the text does not sort by itself.
 */
static void cells(struct fl_text *html, const struct scene *scene, const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;
	char client[FL_ENDPOINT_TEXT], server[FL_ENDPOINT_TEXT], length[FL_TIME_TEXT];
	uint64_t packets = account->packets[FL_CLIENT] + account->packets[FL_SERVER];

	fl_text_add(html, "<td data-v=\"%d\">%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>",
	            (int)verdict->severity, fl_severity_name(verdict->severity), verdict->id,
	            fl_endpoint_text(&account->address[FL_CLIENT], account->port[FL_CLIENT], client),
	            fl_endpoint_text(&account->address[FL_SERVER], account->port[FL_SERVER], server),
	            verdict->side != FL_SIDE_NONE ? fl_side_name(verdict->side) : "");
	time_cell(html, scene, account->first);
	time_cell(html, scene, verdict->onset);
	if (verdict->blind != FL_TIME_NONE)
		fl_text_add(html, "<td data-v=\"%" PRId64 "\">%s</td>", verdict->blind / FL_NS_PER_US,
		            fl_duration_text(verdict->blind, length));
	else
		fl_text_add(html, "<td data-v=\"-1\"></td>");
	fl_text_add(html, "<td data-v=\"%" PRIu64 "\">%" PRIu64 "</td></tr>\n", packets, packets);
}

bool html_rows_add(struct html_rows *rows, const struct scene *scene, const struct fl_account *account)
{
	struct html_row *row;

	if (!has_room(rows))
		return false;
	row = &rows->items[rows->count++];
	*row = (struct html_row){ .id = account->id, .severity = account->verdict.severity, .from = rows->text.length };
	cells(&rows->text, scene, account);
	row->length = rows->text.length - row->from;
	return !rows->text.failed;
}

struct html_row *html_rows_find(const struct html_rows *rows, uint32_t id)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (rows->items[i].id == id)
			return &rows->items[i];
	}
	return NULL;
}

void html_rows_deinit(struct html_rows *rows)
{
	fl_text_deinit(&rows->text);
	free(rows->items);
	*rows = (struct html_rows){ 0 };
}

static int compare(const void *a, const void *b)
{
	const struct html_row *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* A link to the connection leads to its section, and where it has none to its row. */
static void write_row(struct fl_text *html, const struct html_rows *rows, const struct html_row *row)
{
	const char *severity = fl_severity_name(row->severity);

	if (row->has_section)
		fl_text_add(html,
		            "<tr class=\"%s\"><td data-v=\"%" PRIu32 "\"><a href=\"#flow-%" PRIu32 "\">%" PRIu32
		            "</a></td>",
		            severity, row->id, row->id, row->id);
	else
		fl_text_add(html,
		            "<tr class=\"%s\" id=\"flow-%" PRIu32 "\"><td data-v=\"%" PRIu32 "\">%" PRIu32 "</td>",
		            severity, row->id, row->id, row->id);
	fl_text_bytes(html, rows->text.data + row->from, row->length);
}

static void write_unlisted(struct fl_text *html, const struct tally *unlisted)
{
	char count[32];

	if (unlisted->total == 0)
		return;
	fl_text_add(html, "<p>%s more have no row here:</p>\n<ul class=\"unlisted\">\n",
	            fl_count_text(unlisted->total, count));
	for (size_t i = 0; i < unlisted->n_rows && i < most_kinds; i++) {
		fl_text_add(html, "<li>%s ", fl_count_text(unlisted->rows[i].count, count));
		html_text(html, unlisted->rows[i].name);
		fl_text_add(html, "</li>\n");
	}
	if (unlisted->n_rows > most_kinds)
		fl_text_add(html, "<li>and %zu more kinds</li>\n", unlisted->n_rows - most_kinds);
	fl_text_add(html, "</ul>\n");
}

void html_rows_write(struct fl_text *html, struct html_rows *rows, const struct tally *unlisted)
{
	static const char *const columns[] = { "flow", "severity",          "verdict",    "client",        "server",
		                               "side", "first packet, UTC", "since, UTC", "unnoticed for", "packets" };

	if (rows->count == 0)
		return;
	fl_text_add(html,
	            "<section aria-labelledby=\"all\"><h2 id=\"all\">All connections</h2>\n"
	            "<p class=\"filter\" hidden><label>Show only what contains <input type=\"search\" id=\"filter\" "
	            "autocomplete=\"off\"></label> <output for=\"filter\" id=\"shown\"></output></p>\n"
	            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"all connections, scrollable\">"
	            "<table id=\"flows\"><caption class=\"sr\">All connections</caption><thead><tr>");
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		fl_text_add(html, "<th scope=\"col\">%s</th>", columns[i]);
	fl_text_add(html, "</tr></thead><tbody>\n");
	qsort(rows->items, rows->count, sizeof(*rows->items), compare);
	for (size_t i = 0; i < rows->count; i++)
		write_row(html, rows, &rows->items[i]);
	fl_text_add(html, "</tbody></table></div>\n");
	write_unlisted(html, unlisted);
	fl_text_add(html, "</section>\n");
}
