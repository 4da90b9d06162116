/* What several connections say together. Which of the connections have a section or a row is known only at the end, and
 * a link that leads nowhere is worse than none: until then each incident is kept with the numbers it names. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "html_parts.h"
#include "plain.h"

enum { most_incidents = 200, most_told = 20, most_linked = 12 };

struct html_incident {
	struct fl_text head; /* all but the links; of those beyond `most_told` their line */
	uint32_t flows[most_linked];
	size_t n_flows; /* of the incident, also those that are not kept */
};

void html_incident_lead(struct fl_text *html, const struct fl_incident *incident)
{
	struct fl_text words;

	fl_text_init(&words);
	plain_incident(&words, incident->id, incident->subject);
	html_built(html, "h1", NULL, &words);
	html_element(html, "p", "meaning", incident->summary);
	fl_text_deinit(&words);
}

static void write_name(struct fl_text *html, const struct fl_incident *incident)
{
	fl_text_add(html, "<code>");
	html_text(html, incident->id);
	fl_text_add(html, "</code> ");
	html_element(html, "span", "ends", incident->subject ? incident->subject : "");
}

/* In a list: where one host scans a network, nobody reads a hundred sections. */
static void write_line(struct fl_text *html, const struct fl_incident *incident)
{
	char count[32];

	fl_text_add(html, "<li>");
	write_name(html, incident);
	if (incident->n_flows > 0)
		fl_text_add(html, "(%s %s)", fl_count_text(incident->n_flows, count),
		            incident->n_flows == 1 ? "connection" : "connections");
	fl_text_add(html, "</li>\n");
}

static void write_head(struct fl_text *html, const struct fl_incident *incident)
{
	char when[FL_TIME_TEXT + 8];

	fl_text_add(html, "<article class=\"incident\">\n<h3>");
	write_name(html, incident);
	fl_text_add(html, "</h3>\n");
	html_element(html, "p", NULL, incident->summary);
	if (incident->onset != FL_TIME_NONE)
		fl_text_add(html, "<p>Since %s UTC.</p>\n", html_when(incident->onset, when));
}

bool html_incidents_add(struct html_incidents *incidents, const struct fl_incident *incident)
{
	struct html_incident *item;

	if (incidents->count++ >= most_incidents)
		return true;
	if (!incidents->items)
		incidents->items = calloc(most_incidents, sizeof(*incidents->items));
	if (!incidents->items)
		return false;
	item = &incidents->items[incidents->count - 1];
	item->n_flows = incident->n_flows;
	for (size_t i = 0; i < incident->n_flows && i < most_linked; i++)
		item->flows[i] = incident->flows[i];
	(incidents->count <= most_told ? write_head : write_line)(&item->head, incident);
	return !item->head.failed;
}

static void links(struct fl_text *html, const struct html_incident *incident, const struct html_rows *rows)
{
	char count[32];

	if (incident->n_flows == 0)
		return;
	fl_text_add(html, "<p class=\"flows\">%s %s: ", fl_count_text(incident->n_flows, count),
	            incident->n_flows == 1 ? "connection" : "connections");
	for (size_t i = 0; i < incident->n_flows && i < most_linked; i++) {
		uint32_t id = incident->flows[i];
		const char *between = i > 0 ? ", " : "";

		if (html_rows_find(rows, id))
			fl_text_add(html, "%s<a href=\"#flow-%" PRIu32 "\">%" PRIu32 "</a>", between, id, id);
		else
			fl_text_add(html, "%s%" PRIu32, between, id);
	}
	fl_text_add(html, "%s</p>\n", incident->n_flows > most_linked ? ", ..." : "");
}

void html_incidents_write(struct fl_text *html, const struct html_incidents *incidents, const struct html_rows *rows)
{
	char count[32];

	if (!incidents->items)
		return;
	fl_text_add(html, "<section aria-labelledby=\"incidents\"><h2 id=\"incidents\">What several connections say "
	                  "together</h2>\n");
	for (size_t i = 0; i < incidents->count && i < most_told; i++) {
		fl_text_bytes(html, fl_text_get(&incidents->items[i].head), incidents->items[i].head.length);
		links(html, &incidents->items[i], rows);
		fl_text_add(html, "</article>\n");
	}
	if (incidents->count > most_told)
		fl_text_add(html, "<p>%s more:</p>\n<ul>\n", fl_count_text(incidents->count - most_told, count));
	for (size_t i = most_told; i < incidents->count && i < most_incidents; i++)
		fl_text_bytes(html, fl_text_get(&incidents->items[i].head), incidents->items[i].head.length);
	if (incidents->count > most_incidents)
		fl_text_add(html, "<li>and %s that have no line here</li>\n",
		            fl_count_text(incidents->count - most_incidents, count));
	if (incidents->count > most_told)
		fl_text_add(html, "</ul>\n");
	fl_text_add(html, "</section>\n");
}

void html_incidents_deinit(struct html_incidents *incidents)
{
	for (size_t i = 0; incidents->items && i < most_incidents; i++)
		fl_text_deinit(&incidents->items[i].head);
	free(incidents->items);
	*incidents = (struct html_incidents){ 0 };
}
