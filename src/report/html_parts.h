/* Parts of the HTML report. Private to report/. */
#ifndef REPORT_HTML_PARTS_H
#define REPORT_HTML_PARTS_H

#include "flatline/judge.h"
#include "flatline/picture.h"
#include "flatline/text.h"
#include "ranking.h"
#include "text_parts.h"

/* What the page carries: made from page.css and page.js by the build. */
extern const char page_css[], page_js[];

/* Text that may hold anything: cleaned (clean.h), and with what HTML reads as markup escaped. */
void html_text(struct fl_text *html, const char *words);
/* "<tag class="kind">words</tag>" and a newline; `kind` NULL: without. */
void html_element(struct fl_text *html, const char *tag, const char *kind, const char *words);
/* The same of text that was built, which is emptied. Nothing when it is empty. */
void html_built(struct fl_text *html, const char *tag, const char *kind, struct fl_text *words);
/* A row of a list of terms: "<dt>term</dt><dd>words</dd>"; nothing when there are no words. */
void html_term(struct fl_text *html, const char *term, const char *words);
/* A term whose words were built, which are emptied. */
void html_built_term(struct fl_text *html, const char *term, struct fl_text *words);
/* What somebody looks for first: where the fault is, since when, how long, what is the matter now. */
void html_key_facts(struct fl_text *html, const struct fl_account *account, int64_t observed_until);
/* A date and time in UTC, "2026-01-14 09:00:01.203". */
const char *html_when(int64_t at, char ret_text[FL_TIME_TEXT + 8]);

/* A span of time on `width` units, and its marks. All places are whole units: a printed fraction would depend on the
 * locale. */
struct axis {
	int64_t from, to;
	int left, width;
};
int axis_place(const struct axis *axis, int64_t at);
/* Lines of the grid and times of day below `top`, through `height`. */
void axis_draw(struct fl_text *html, const struct axis *axis, int top, int height);

/* Which index of a picture's pairs is the client. */
unsigned picture_client(const struct fl_picture *picture, const struct fl_account *account);

/* The signs of life of both sides, and their packets; with another strip around the onset. */
void html_pulse(struct fl_text *html, const struct fl_account *account, const struct fl_picture *picture);
/* The packets that matter, from side to side; long silences folded. */
void html_ladder(struct fl_text *html, const struct scene *scene, const struct fl_account *account,
                 const struct fl_picture *picture);
/* What a kernel sent again, on a scale on which a timer that doubles has equal steps. Nothing without a series. */
void html_backoff(struct fl_text *html, const struct fl_account *account);

/* What several connections say together, kept until the end; all zero at first. */
struct html_incidents {
	struct html_incident *items;
	size_t count; /* those that the page does not tell, too */
};

/* The table of all connections, its rows as they came by; all zero at first. */
struct html_rows {
	struct fl_text text;
	struct html_row {
		size_t from, length; /* its cells, in `text` */
		uint32_t id;
		enum fl_severity severity;
		bool has_section;
	} * items;
	size_t count, size;
};
/* False out of memory. */
bool html_rows_add(struct html_rows *rows, const struct scene *scene, const struct fl_account *account);
/* The row of that connection; NULL without one. */
struct html_row *html_rows_find(const struct html_rows *rows, uint32_t id);
/* `unlisted`: those without a row. The rows are sorted. */
void html_rows_write(struct fl_text *html, struct html_rows *rows, const struct tally *unlisted);
void html_rows_deinit(struct html_rows *rows);

/* False out of memory. */
bool html_incidents_add(struct html_incidents *incidents, const struct fl_incident *incident);
void html_incidents_write(struct fl_text *html, const struct html_incidents *incidents, const struct html_rows *rows);
void html_incidents_deinit(struct html_incidents *incidents);

/* The first lines of the page: of an incident, and of the worst flow, whose `heading` is "h1", or "h2" below an
 * incident's.
 */
void html_incident_lead(struct fl_text *html, const struct fl_incident *incident);
void html_lead(struct fl_text *html, const struct scene *scene, const struct fl_account *account, const char *heading);
void html_capture(struct fl_text *html, const struct scene *scene, const struct fl_capture_account *capture);
/* `command`: how the report was made; NULL when nobody said. `verdict`: one to explain; NULL for none. */
void html_reproduce(struct fl_text *html, const char *command, const char *verdict);

/* All that is told of one flow. `is_once`: the capture was not read twice. `same_as`: an earlier flow whose section has
 * the settings that would have helped, -1 for none. */
void html_flow(struct fl_text *html, const struct scene *scene, const struct fl_account *account,
               const struct fl_picture *picture, bool is_once, int64_t same_as);

#endif
