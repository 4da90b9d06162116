/* The report for a ticket or a post-mortem: plain text that is rendered where it is pasted. It says what the page in
 * HTML says, with the pulse in letters. Which connections are the worst is known only at the end, so all of it waits
 * until then. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "flatline/capture.h"
#include "flatline/time.h"
#include "format.h"
#include "markdown_parts.h"
#include "plain.h"
#include "ranking.h"
#include "tally.h"

enum { most_told = 10, most_rows = 1000, most_kinds = 200, most_named = 12, room_for_told = 100 };

struct markdown_state {
	struct scene scene;
	bool all;
	enum fl_severity least; /* flows under it are only counted */
	struct fl_text incidents, first_incident, first_summary, capture, lead;
	struct ranking sick; /* the stories are their sections */
	struct markdown_settings settings;
	struct tally verdicts; /* of all flows */
	struct tally well;     /* of flows that are only counted */
	struct tally unlisted; /* of flows that found no row, by verdict and service */
	struct ranked worst;   /* whose lead stands in `lead` */
	size_t n_incidents;
	uint64_t by_severity[FL_SEVERITIES], passed;
	bool has_worst, is_starved;
};

static void free_state(void *state)
{
	struct markdown_state *markdown = state;

	scene_deinit(&markdown->scene);
	fl_text_deinit(&markdown->incidents);
	fl_text_deinit(&markdown->first_incident);
	fl_text_deinit(&markdown->first_summary);
	fl_text_deinit(&markdown->capture);
	fl_text_deinit(&markdown->lead);
	ranking_deinit(&markdown->sick);
	markdown_settings_deinit(&markdown->settings);
	tally_deinit(&markdown->verdicts);
	tally_deinit(&markdown->well);
	tally_deinit(&markdown->unlisted);
	free(markdown);
}

/* A row for which the table has no place is counted with its like; of very many services only their verdicts are. */
static void drop(void *context, const struct ranked *row)
{
	struct markdown_state *markdown = context;
	char server[FL_ENDPOINT_TEXT];
	struct fl_text kind;

	fl_text_init(&kind);
	fl_text_add(&kind, "%s of %s", row->verdict,
	            markdown->unlisted.n_rows < most_kinds
	                    ? fl_endpoint_text(&row->address[FL_SERVER], row->port[FL_SERVER], server)
	                    : "other services");
	markdown->is_starved |= kind.failed || !tally_add(&markdown->unlisted, fl_text_get(&kind));
	fl_text_deinit(&kind);
}

static void *new_state(const struct fl_report_settings *settings)
{
	struct markdown_state *markdown = calloc(1, sizeof(*markdown));

	if (!markdown)
		return NULL;
	markdown->all = settings->all;
	markdown->least = settings->min_severity > FL_NOTICE || settings->all ? settings->min_severity : FL_NOTICE;
	/* Those who choose what is told choose how many. */
	if (!ranking_init(&markdown->sick, settings->detail || settings->all ? 0 : most_told)) {
		free_state(markdown);
		return NULL;
	}
	markdown->sick.most_rows = settings->all ? 0 : most_rows + room_for_told;
	markdown->sick.on_drop = drop;
	markdown->sick.context = markdown;
	return markdown;
}

static void begin(struct fl_report *report, const struct fl_capture_account *capture)
{
	struct markdown_state *markdown = report->state;

	markdown->is_starved |= !scene_set(&markdown->scene, capture);
	markdown_capture(&markdown->capture, capture);
}

static void incident(struct fl_report *report, const struct fl_incident *told)
{
	struct markdown_state *markdown = report->state;
	struct fl_text *text = &markdown->incidents;
	char when[FL_TIME_TEXT + 8], count[32];

	if (markdown->n_incidents++ == 0)
		plain_incident(&markdown->first_incident, told->id, told->subject);
	if (markdown->n_incidents == 1 && told->summary)
		fl_text_add(&markdown->first_summary, "%s", told->summary);
	fl_text_add(text, "### `%s` ", told->id);
	markdown_text(text, told->subject ? told->subject : "");
	fl_text_add(text, "\n\n");
	markdown_paragraph(text, told->summary);
	if (told->onset != FL_TIME_NONE)
		fl_text_add(text, "- **Since:** %s UTC\n", markdown_when(told->onset, when));
	if (told->n_flows > 0)
		fl_text_add(text, "- **Connections:** %s, flow%s ", fl_count_text(told->n_flows, count),
		            told->n_flows == 1 ? "" : "s");
	for (size_t i = 0; i < told->n_flows && i < most_named; i++)
		fl_text_add(text, "%s%" PRIu32, i > 0 ? ", " : "", told->flows[i]);
	fl_text_add(text, "%s\n\n", told->n_flows > most_named ? ", ..." : "");
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
	const struct markdown_state *markdown = report->state;
	const struct fl_report_detail *detail = report->settings.detail;
	struct ranked row = ranked_of(account);

	if (detail)
		return detail->is_told(detail->context, account);
	return account->verdict.severity >= markdown->least && ranking_wants(&markdown->sick, &row);
}

/* The section of a flow; NULL out of memory. */
static char *section(struct fl_report *report, const struct fl_account *account)
{
	struct markdown_state *markdown = report->state;
	const struct fl_report_detail *detail = report->settings.detail;
	const struct fl_picture *picture = detail ? detail->picture(detail->context, account) : NULL;
	struct remedies remedies;
	struct fl_text text;

	if (!remedies_find(account, &remedies))
		return NULL;
	fl_text_init(&text);
	markdown_flow(&text, &markdown->scene, account, picture, &remedies);
	text.failed |= !markdown_settings_add(&markdown->settings, &remedies, account->id);
	remedies_deinit(&remedies);
	if (text.failed)
		fl_text_deinit(&text);
	return text.data;
}

/* The first lines are those of the worst. */
static void lead(struct markdown_state *markdown, const struct fl_account *account, const struct ranked *row)
{
	if (account->verdict.severity == FL_OK || (markdown->has_worst && !ranking_is_worse(row, &markdown->worst)))
		return;
	markdown->worst = *row;
	markdown->worst.story = NULL;
	markdown->has_worst = true;
	fl_text_clear(&markdown->lead);
	markdown_lead(&markdown->lead, markdown->n_incidents > 0 ? "" : "# ", &markdown->scene, account);
}

static void flow(struct fl_report *report, const struct fl_account *account)
{
	struct markdown_state *markdown = report->state;
	struct ranked row = ranked_of(account);

	markdown->by_severity[account->verdict.severity]++;
	row.verdict = tally_add(&markdown->verdicts, account->verdict.id);
	markdown->is_starved |= !row.verdict;
	if (markdown->is_starved)
		return;
	lead(markdown, account, &row);
	if (account->verdict.summary && is_told(report, account)) {
		row.story = section(report, account);
		markdown->is_starved |= !row.story;
	}
	if (row.story || account->verdict.severity >= markdown->least)
		markdown->is_starved |= !ranking_add(&markdown->sick, &row);
	else
		markdown->is_starved |= !tally_add(&markdown->well, row.verdict);
}

static void pass(struct fl_report *report, const struct fl_account *account)
{
	struct markdown_state *markdown = report->state;

	(void)account;
	markdown->passed++;
}

static void header(struct fl_text *text, const struct markdown_state *markdown)
{
	if (markdown->n_incidents > 0) {
		fl_text_add(text, "# ");
		markdown_paragraph(text, fl_text_get(&markdown->first_incident));
		markdown_paragraph(text, fl_text_get(&markdown->first_summary));
	}
	if (markdown->has_worst && markdown->n_incidents > 0)
		fl_text_add(text, "The worst of its connections:\n\n");
	if (markdown->has_worst)
		fl_text_bytes(text, fl_text_get(&markdown->lead), markdown->lead.length);
	else if (markdown->n_incidents == 0)
		fl_text_add(text, "# %s\n\n",
		            markdown->verdicts.total > 0 ? "No connection failed in this capture"
		            : markdown->passed > 0       ? "No connection was asked for"
		                                         : "This capture shows no TCP connection");
}

static void counts(struct fl_text *text, const struct markdown_state *markdown)
{
	static const char *const words[FL_SEVERITIES] = { "healthy", "in doubt", "with a warning", "failed" };
	const char *between = ": ";
	char count[32];

	fl_text_add(text, "Of ");
	markdown_text(text, markdown->scene.n_files > 0 ? markdown->scene.files[0] : "no file");
	if (markdown->scene.n_files > 1)
		fl_text_add(text, " and %zu more", markdown->scene.n_files - 1);
	fl_text_add(text, ": %s %s", fl_count_text(markdown->verdicts.total, count),
	            markdown->verdicts.total == 1 ? "connection" : "connections");
	for (int severity = FL_SEVERITIES - 1; severity >= 0; severity--) {
		if (markdown->by_severity[severity] == 0)
			continue;
		fl_text_add(text, "%s%s %s", between, fl_count_text(markdown->by_severity[severity], count),
		            words[severity]);
		between = ", ";
	}
	fl_text_add(text, ".");
	if (markdown->passed > 0)
		fl_text_add(text, " %s more %s not asked for.", fl_count_text(markdown->passed, count),
		            markdown->passed == 1 ? "was" : "were");
	fl_text_add(text, "\n\n");
}

/* "Only counted: 10 alive, 1 closed." */
static void rest(struct fl_text *text, const struct tally *well)
{
	char count[32];

	if (well->n_rows == 0)
		return;
	fl_text_add(text, "%s %s not told here: ", fl_count_text(well->total, count),
	            well->total == 1 ? "connection is" : "connections are");
	for (size_t i = 0; i < well->n_rows; i++)
		fl_text_add(text, "%s%s %s", i > 0 ? ", " : "", fl_count_text(well->rows[i].count, count),
		            well->rows[i].name);
	fl_text_add(text, ".\n\n");
}

static void sections(struct fl_text *text, const struct markdown_state *markdown)
{
	bool has_any = false;

	for (size_t i = 0; i < markdown->sick.n_rows; i++) {
		const char *story = markdown->sick.rows[i].story;

		if (!story)
			continue;
		if (!has_any)
			fl_text_add(text, "## In detail\n\n");
		has_any = true;
		fl_text_add(text, "%s", story);
	}
}

/* The worst rows stay; those that are told are no rows. */
static void bound(struct markdown_state *markdown)
{
	struct ranking *sick = &markdown->sick;
	size_t kept = 0, rows = 0;

	ranking_sort(sick);
	for (size_t i = 0; i < sick->n_rows; i++) {
		bool is_row = !sick->rows[i].story;

		if (is_row && !markdown->all && rows == most_rows) {
			drop(markdown, &sick->rows[i]);
			continue;
		}
		rows += is_row;
		sick->rows[kept++] = sick->rows[i];
	}
	sick->n_rows = kept;
}

static void end(struct fl_report *report)
{
	struct markdown_state *markdown = report->state;
	const struct fl_report_detail *detail = report->settings.detail;
	struct fl_text text;

	fl_text_init(&text);
	bound(markdown);
	header(&text, markdown);
	counts(&text, markdown);
	if (markdown->n_incidents > 0)
		fl_text_add(&text, "## What several connections say together\n\n%s", fl_text_get(&markdown->incidents));
	sections(&text, markdown);
	markdown_settings_write(&markdown->settings, &text);
	markdown_table(&text, &markdown->sick, &markdown->unlisted);
	rest(&text, &markdown->well);
	fl_text_bytes(&text, fl_text_get(&markdown->capture), markdown->capture.length);
	markdown_reproduce(&text, detail ? detail->command : NULL,
	                   markdown->has_worst ? markdown->worst.verdict : NULL);
	fl_text_add(&text, "Made by flatline " PACKAGE_VERSION ". All times are UTC.\n");
	if (markdown->is_starved || text.failed || markdown->capture.failed || markdown->incidents.failed ||
	    markdown->lead.failed || markdown->first_incident.failed || markdown->first_summary.failed)
		report_starve(report);
	report_write(report, fl_text_get(&text), text.length);
	fl_text_deinit(&text);
}

const struct format format_markdown = {
	.name = "markdown",
	.help = "for tickets and post-mortems, with the settings that would have caught it",
	.new = new_state,
	.free = free_state,
	.begin = begin,
	.incident = incident,
	.flow = flow,
	.end = end,
	.wants = is_told,
	.pass = pass,
};
