/* The page that one sends to the other team: one file that holds everything, and asks nothing of any network. Its first
 * lines are for somebody who knows nothing of TCP, its last ones for somebody who doubts. Flows come by one at a time,
 * and which of them are the worst is known only at the end: their sections wait until then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "flatline/capture.h"
#include "flatline/time.h"
#include "format.h"
#include "html_parts.h"
#include "page_hashes.h"
#include "plain.h"
#include "ranking.h"
#include "tally.h"

enum { most_rows = 4000, most_told = 20, most_kinds = 1000, most_settled = 64 };

/* The settings that would have helped are those of a verdict, a side and a protocol: their lines are told once. */
struct settled {
	const char *verdict, *profile; /* static */
	enum fl_side side;
	uint32_t flow;
};

struct html_state {
	struct scene scene;
	struct html_incidents incidents;
	struct fl_text first_incident, capture, lead, title; /* title: what happened, of the worst */
	struct ranking sick;                                 /* the stories are their sections */
	struct tally verdicts;                               /* of all flows */
	struct tally unlisted;                               /* of flows that found no row, by verdict and service */
	struct html_rows rows;                               /* of the table */
	struct ranked worst;                                 /* whose lead stands in `lead` */
	uint64_t flows, by_severity[FL_SEVERITIES], passed;
	struct settled settled[most_settled];
	size_t n_settled;
	bool has_worst, is_starved;
};

static void free_state(void *state)
{
	struct html_state *html = state;

	scene_deinit(&html->scene);
	html_incidents_deinit(&html->incidents);
	fl_text_deinit(&html->first_incident);
	fl_text_deinit(&html->capture);
	fl_text_deinit(&html->lead);
	fl_text_deinit(&html->title);
	html_rows_deinit(&html->rows);
	ranking_deinit(&html->sick);
	tally_deinit(&html->verdicts);
	tally_deinit(&html->unlisted);
	free(html);
}

static void *new_state(const struct fl_report_settings *settings)
{
	struct html_state *html = calloc(1, sizeof(*html));

	(void)settings;
	if (!html || ranking_init(&html->sick, most_told))
		return html;
	free(html);
	return NULL;
}

static void begin(struct fl_report *report, const struct fl_capture_account *capture)
{
	struct html_state *html = report->state;

	html->is_starved |= !scene_set(&html->scene, capture);
	html_capture(&html->capture, &html->scene, capture);
}

static void incident(struct fl_report *report, const struct fl_incident *incident)
{
	struct html_state *html = report->state;

	if (html->incidents.count == 0) {
		plain_incident(&html->title, incident->id, incident->subject);
		html_incident_lead(&html->first_incident, incident);
	}
	html->is_starved |= !html_incidents_add(&html->incidents, incident);
}

static struct ranked ranked_of(const struct fl_account *account)
{
	struct ranked row = { .severity = account->verdict.severity,
		              .onset = account->verdict.onset,
		              .id = account->id,
		              .verdict = account->verdict.id };

	memcpy(row.address, account->address, sizeof(row.address));
	memcpy(row.port, account->port, sizeof(row.port));
	return row;
}

static bool is_told(const struct fl_report *report, const struct fl_account *account)
{
	const struct html_state *html = report->state;
	const struct fl_report_detail *detail = report->settings.detail;
	struct ranked row = ranked_of(account);

	if (detail)
		return detail->is_told(detail->context, account);
	return (account->verdict.severity > FL_OK || report->settings.all) && ranking_wants(&html->sick, &row);
}

static bool wants(const struct fl_report *report, const struct fl_account *account)
{
	return is_told(report, account);
}

/* The flow that told the same settings before, -1 for none: then it is this one. */
static int64_t settle(struct html_state *html, const struct fl_account *account)
{
	struct fl_topic topic = { .id = "" };
	const struct settled own = { .profile = account->profile, .side = account->verdict.side, .flow = account->id };
	size_t i = 0;

	fl_topic_find(account->verdict.id, &topic);
	while (i < html->n_settled && (html->settled[i].verdict != topic.id || html->settled[i].side != own.side ||
	                               html->settled[i].profile != own.profile))
		i++;
	if (i < html->n_settled)
		return html->settled[i].flow;
	if (i < most_settled) {
		html->settled[html->n_settled] = own;
		html->settled[html->n_settled++].verdict = topic.id;
	}
	return -1;
}

/* The section of a flow; NULL out of memory. */
static char *section(const struct fl_report *report, const struct fl_account *account)
{
	struct html_state *html = report->state;
	const struct fl_report_detail *detail = report->settings.detail;
	const struct fl_picture *picture = detail ? detail->picture(detail->context, account) : NULL;
	struct fl_text text;

	fl_text_init(&text);
	html_flow(&text, &html->scene, account, picture, detail && detail->is_once, settle(html, account));
	if (!text.failed)
		return text.data;
	fl_text_deinit(&text);
	return NULL;
}

/* One that found no row is counted by what and where it was; of a scan each is somewhere else. */
static bool count_unlisted(struct html_state *html, const struct fl_account *account)
{
	struct fl_text kind;
	char server[FL_ENDPOINT_TEXT];
	bool ok;

	fl_text_init(&kind);
	if (html->unlisted.n_rows < most_kinds)
		fl_text_add(&kind, "%s of %s", account->verdict.id,
		            fl_endpoint_text(&account->address[FL_SERVER], account->port[FL_SERVER], server));
	else
		fl_text_add(&kind, "%s of other services", account->verdict.id);
	ok = !kind.failed && tally_add(&html->unlisted, fl_text_get(&kind));
	fl_text_deinit(&kind);
	return ok;
}

/* The sick come first in the table, but flows come by in order of id: of the healthy only so many are kept that there
 * is room left for sick ones. */
static bool list(struct html_state *html, const struct fl_account *account, bool is_told)
{
	const size_t most_healthy = most_rows / 2;

	if (is_told || html->rows.count < (account->verdict.severity > FL_OK ? most_rows : most_healthy))
		return html_rows_add(&html->rows, &html->scene, account);
	return count_unlisted(html, account);
}

static void flow(struct fl_report *report, const struct fl_account *account)
{
	struct html_state *html = report->state;
	struct ranked row = ranked_of(account);

	html->flows++;
	html->by_severity[account->verdict.severity]++;
	row.verdict = tally_add(&html->verdicts, account->verdict.id);
	html->is_starved |= !row.verdict;
	if (html->is_starved)
		return;
	if (is_told(report, account)) {
		row.story = section(report, account);
		html->is_starved |= !row.story;
	}
	html->is_starved |= !list(html, account, row.story != NULL);
	if (account->verdict.severity > FL_OK && (!html->has_worst || ranking_is_worse(&row, &html->worst))) {
		html->worst = row;
		html->has_worst = true;
		fl_text_clear(&html->lead);
		html_lead(&html->lead, &html->scene, account, html->incidents.count > 0 ? "h2" : "h1");
		if (html->incidents.count == 0) {
			fl_text_clear(&html->title);
			plain_what(&html->title, account);
		}
	}
	if (row.story)
		html->is_starved |= !ranking_add(&html->sick, &row);
}

static void pass(struct fl_report *report, const struct fl_account *account)
{
	struct html_state *html = report->state;

	(void)account;
	html->passed++;
}

/* The policy lets the page run its own script and style, known by their hashes, and load nothing from anywhere. */
static void head(struct fl_text *text, const char *title)
{
	fl_text_add(
		text,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src '%s'; style-src "
		"'%s'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"flatline\">\n",
		PAGE_SCRIPT_HASH, PAGE_STYLE_HASH);
	html_element(text, "title", NULL, title);
	fl_text_add(text, "<style>%s</style>\n</head>\n<body>\n", page_css);
}

static void header(struct fl_text *text, const struct html_state *html)
{
	fl_text_add(text, "<header>\n<p class=\"kicker\">Incident report of ");
	html_text(text, html->scene.n_files > 0 ? html->scene.files[0] : "no file");
	if (html->scene.n_files > 1)
		fl_text_add(text, " and %zu more", html->scene.n_files - 1);
	fl_text_add(text, "</p>\n");
	if (html->incidents.count > 0) {
		fl_text_bytes(text, fl_text_get(&html->first_incident), html->first_incident.length);
		if (html->has_worst)
			fl_text_add(text, "<p class=\"also\">The worst of its connections:</p>\n");
	}
	if (html->has_worst) {
		fl_text_add(text, "<div class=\"lead%s\">\n", html->incidents.count > 0 ? " second" : "");
		fl_text_bytes(text, fl_text_get(&html->lead), html->lead.length);
		fl_text_add(text, "</div>\n");
	} else if (html->incidents.count == 0) {
		html_element(text, "h1", NULL,
		             html->flows > 0 ? "No connection failed in this capture."
		                             : "This capture shows no TCP connection.");
	}
	fl_text_add(text, "</header>\n");
}

static void overview(struct fl_text *text, struct html_state *html)
{
	static const char *const words[FL_SEVERITIES] = { "healthy", "in doubt", "with a warning", "failed" };
	char count[32];

	fl_text_add(text, "<p class=\"counts\">%s %s%s", fl_count_text(html->flows, count),
	            html->flows == 1 ? "connection" : "connections", html->flows > 0 ? ": " : "");
	for (int severity = FL_SEVERITIES - 1, first = 1; severity >= 0; severity--) {
		if (html->by_severity[severity] == 0)
			continue;
		fl_text_add(text, "%s<span class=\"%s\"><b>%s</b> %s</span>", first ? "" : ", ",
		            fl_severity_name((enum fl_severity)severity),
		            fl_count_text(html->by_severity[severity], count), words[severity]);
		first = 0;
	}
	fl_text_add(text, ".");
	if (html->passed > 0)
		fl_text_add(text, " %s more %s not asked for.", fl_count_text(html->passed, count),
		            html->passed == 1 ? "was" : "were");
	fl_text_add(text, "</p>\n");
}

/* The rows say where a connection is told in detail. */
static size_t link_sections(struct html_state *html)
{
	size_t told = 0;

	for (size_t i = 0; i < html->sick.n_rows; i++) {
		struct html_row *row = html_rows_find(&html->rows, html->sick.rows[i].id);

		if (!html->sick.rows[i].story || !row)
			continue;
		row->has_section = true;
		told++;
	}
	return told;
}

static void sections(struct fl_text *text, const struct html_state *html, size_t told)
{
	uint64_t sick = html->flows - html->by_severity[FL_OK], sick_told = 0;
	char count[32];

	if (told == 0)
		return;
	for (size_t i = 0; i < html->sick.n_rows; i++)
		sick_told += html->sick.rows[i].story && html->sick.rows[i].severity > FL_OK;
	fl_text_add(text, "<section aria-labelledby=\"told\"><h2 id=\"told\">In detail</h2>\n");
	if (sick > sick_told)
		fl_text_add(text,
		            "<p class=\"note\">The worst %zu connections. %s more that are not well stand in the table "
		            "alone.</p>\n",
		            told, fl_count_text(sick - sick_told, count));
	for (size_t i = 0; i < html->sick.n_rows; i++) {
		if (html->sick.rows[i].story)
			fl_text_add(text, "%s", html->sick.rows[i].story);
	}
	fl_text_add(text, "</section>\n");
}

static void write_and_clear(struct fl_report *report, struct fl_text *text)
{
	if (text->failed)
		report_starve(report);
	else
		report_write(report, fl_text_get(text), text->length);
	fl_text_clear(text);
}

static void end(struct fl_report *report)
{
	struct html_state *html = report->state;
	struct fl_text text;
	size_t told;

	fl_text_init(&text);
	if (html->is_starved)
		report_starve(report);
	told = link_sections(html);
	ranking_sort(&html->sick);
	if (html->title.length == 0)
		fl_text_add(&html->title, "%s", html->scene.n_files > 0 ? html->scene.files[0] : "flatline");
	head(&text, fl_text_get(&html->title));
	header(&text, html);
	fl_text_add(&text, "<main>\n");
	overview(&text, html);
	html_incidents_write(&text, &html->incidents, &html->rows);
	write_and_clear(report, &text);
	sections(&text, html, told);
	write_and_clear(report, &text);
	html_rows_write(&text, &html->rows, &html->unlisted);
	fl_text_bytes(&text, fl_text_get(&html->capture), html->capture.length);
	html_reproduce(&text, report->settings.detail ? report->settings.detail->command : NULL,
	               html->has_worst ? html->worst.verdict : NULL);
	fl_text_add(&text,
	            "</main>\n<footer><p>Made by flatline " PACKAGE_VERSION
	            ". All times are UTC.</p></footer>\n<script>%s</script>\n</body>\n"
	            "</html>\n",
	            page_js);
	text.failed |= html->rows.text.failed || html->capture.failed || html->first_incident.failed ||
	               html->lead.failed;
	write_and_clear(report, &text);
	fl_text_deinit(&text);
}

const struct format format_html = {
	.name = "html",
	.help = "a page for others, with pictures (flatline report)",
	.new = new_state,
	.free = free_state,
	.begin = begin,
	.incident = incident,
	.flow = flow,
	.end = end,
	.wants = wants,
	.pass = pass,
};
