/* The report that people read: incidents, at most ten stories, the rest of the sick as a table, the healthy in one
 * line. Which ten is known only when all flows came by, so it is collected and written at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "flatline/capture.h"
#include "flatline/time.h"
#include "format.h"
#include "ranking.h"
#include "tally.h"
#include "text_parts.h"

enum { most_stories = 10, most_rows = 1000, default_width = 100, header_excess = 25 };

struct text_state {
	struct scene scene;
	bool all, quiet;
	enum fl_severity least;            /* flows under it are only counted */
	struct fl_text header, header_end; /* the number of flows stands between them */
	struct fl_text remarks, incidents;
	struct ranking ranking;
	struct tally all_verdicts, others; /* of all flows; of those that are neither told nor in the table */
	struct fl_text relapses;           /* healthy flows with a failure that is over */
	uint64_t n_relapses;
	uint64_t passed; /* flows that were not asked for */
	uint64_t lossy;  /* flows of which the capture lost packets */
	bool has_drops, is_empty, has_tcp, is_starved;
};

static void free_state(void *state)
{
	struct text_state *text = state;

	scene_deinit(&text->scene);
	fl_text_deinit(&text->header);
	fl_text_deinit(&text->header_end);
	fl_text_deinit(&text->remarks);
	fl_text_deinit(&text->incidents);
	fl_text_deinit(&text->relapses);
	ranking_deinit(&text->ranking);
	tally_deinit(&text->all_verdicts);
	tally_deinit(&text->others);
	free(text);
}

/* A row for which the table has no place is only counted, like the healthy. */
static void drop(void *context, const struct ranked *row)
{
	struct text_state *text = context;

	text->is_starved |= tally_add(&text->others, row->verdict) == NULL;
}

static void *new_state(const struct fl_report_settings *settings)
{
	struct text_state *text = calloc(1, sizeof(*text));

	if (!text)
		return NULL;
	text->scene.width = settings->width ? settings->width : default_width;
	text->scene.color = settings->color;
	text->all = settings->all;
	text->quiet = settings->quiet;
	text->least = settings->min_severity > FL_NOTICE || settings->all ? settings->min_severity : FL_NOTICE;
	if (!ranking_init(&text->ranking, settings->all ? 0 : most_stories)) {
		free_state(text);
		return NULL;
	}
	text->ranking.most_rows = settings->all ? 0 : most_rows;
	text->ranking.on_drop = drop;
	text->ranking.context = text;
	return text;
}

/* Whoever said how long the capture ran is named, since all waits are measured to that moment. */
static void remark_until(struct text_state *text, const struct fl_capture_account *capture)
{
	static const char *const sources[] = { [FL_UNTIL_INTERFACE_END] = "as the capture file says",
		                               [FL_UNTIL_OPTION] = "as --until says",
		                               [FL_UNTIL_MTIME] = "when the file was last written",
		                               [FL_UNTIL_TICK] = "so far" };
	char until[FL_TIME_TEXT], length[FL_TIME_TEXT];
	int64_t last = capture->facts->last;

	if (capture->until_source == FL_UNTIL_LAST_FRAME || capture->observed_until == FL_TIME_NONE)
		return;
	if (last != FL_TIME_NONE && capture->observed_until < last) {
		fl_text_add(&text->remarks, "Observed until %s UTC, as asked for: the capture goes on for %s.\n",
		            fl_time_date(capture->observed_until, until),
		            fl_duration_text(last - capture->observed_until, length));
		return;
	}
	fl_text_add(&text->remarks, "Observed until %s UTC, %s", fl_time_date(capture->observed_until, until),
	            sources[capture->until_source]);
	if (last != FL_TIME_NONE)
		fl_text_add(&text->remarks, ": %s after the last frame",
		            fl_duration_text(capture->observed_until - last, length));
	fl_text_add(&text->remarks, ".\n");
}

static void begin(struct fl_report *report, const struct fl_capture_account *capture)
{
	struct text_state *text = report->state;

	if (!scene_set(&text->scene, capture)) {
		report_starve(report);
		return;
	}
	text->is_empty = capture->facts->frames == 0;
	text->has_tcp = !capture->not_tcp && capture->tcp_packets > 0;
	text->has_drops = capture->facts->has_drops && capture->facts->drops > 0;
	text_header_begin(&text->header, &text->scene, capture);
	text_header_end(&text->header_end, capture);
	remark_until(text, capture);
	for (size_t i = 0; i < capture->caveats.count; i++)
		text_hang(&text->remarks, &text->scene, "Note: ", capture->caveats.items[i]);
	if (capture->not_tcp)
		text_hang(&text->remarks, &text->scene, "", capture->not_tcp);
	else if (text->is_empty)
		fl_text_add(&text->remarks, "The capture is empty.\n");
	else if (!text->has_tcp)
		fl_text_add(&text->remarks, "No TCP in this capture.\n");
}

static void incident(struct fl_report *report, const struct fl_incident *told)
{
	struct text_state *text = report->state;
	char *subject = clean_text(told->subject ? told->subject : "?");

	if (!subject) {
		report_starve(report);
		return;
	}
	fl_text_add(&text->incidents, "\nINCIDENT  %s   %s   %zu %s   since ", told->id, subject, told->n_flows,
	            told->n_flows == 1 ? "flow" : "flows");
	text_moment(&text->incidents, &text->scene, told->onset);
	fl_text_add(&text->incidents, "\n");
	if (told->summary)
		text_hang(&text->incidents, &text->scene, "  ", told->summary);
	free(subject);
}

/* A string of its own from what was built; NULL out of memory. */
static char *take(struct fl_text *text)
{
	char *string = text->failed ? NULL : strdup(fl_text_get(text));

	fl_text_deinit(text);
	return string;
}

/* The flow's row, without its story. */
static struct ranked row_of(const struct fl_account *account)
{
	return (struct ranked){ .severity = account->verdict.severity,
		                .onset = account->verdict.onset,
		                .id = account->id,
		                .verdict = account->verdict.id,
		                .address = { account->address[FL_CLIENT], account->address[FL_SERVER] },
		                .port = { account->port[FL_CLIENT], account->port[FL_SERVER] } };
}

static bool wants(const struct fl_report *report, const struct fl_account *account)
{
	const struct text_state *text = report->state;
	struct ranked row = row_of(account);

	return account->verdict.severity >= text->least && ranking_wants(&text->ranking, &row);
}

static bool rank(struct text_state *text, const struct fl_account *account, const char *verdict)
{
	struct ranked row = row_of(account);
	struct fl_text part;

	row.verdict = verdict;
	if (ranking_wants(&text->ranking, &row)) {
		fl_text_init(&part);
		text_story(&part, &text->scene, account);
		row.story = take(&part);
		if (!row.story)
			return false;
	}
	return ranking_add(&text->ranking, &row);
}

static void flow(struct fl_report *report, const struct fl_account *account)
{
	struct text_state *text = report->state;
	const char *verdict = tally_add(&text->all_verdicts, account->verdict.id);
	bool ok = verdict != NULL;

	text->lossy += account->has_holes;
	if (ok && account->verdict.severity >= text->least)
		ok = rank(text, account, verdict);
	else if (ok)
		ok = tally_add(&text->others, verdict) != NULL;
	if (account->verdict.severity == FL_OK && account->verdict.severity < text->least &&
	    text_relapse(&text->relapses, account, text->n_relapses))
		text->n_relapses++;
	if (!ok || text->is_starved)
		report_starve(report);
}

static void pass(struct fl_report *report, const struct fl_account *account)
{
	struct text_state *text = report->state;

	text->passed++;
	text->lossy += account->has_holes;
}

static void print(struct fl_report *report, const struct fl_text *part)
{
	if (part->failed)
		report_starve(report);
	report_write(report, fl_text_get(part), part->length);
}

/* Too long for one line (which may be a little longer than sentences): what was read, and below it when. */
static bool is_long(const struct text_state *text)
{
	return text->header.length + text->header_end.length > text->scene.width + header_excess;
}

static void print_header(struct fl_report *report)
{
	struct text_state *text = report->state;
	uint64_t flows = text->all_verdicts.total + text->passed;
	char count[32];

	fl_text_add(&text->header, "   %s %s", fl_count_text(flows, count), flows == 1 ? "flow" : "flows");
	if (text->lossy > 0)
		fl_text_add(&text->header_end, "   packets of %s %s are missing in the capture",
		            fl_count_text(text->lossy, count), text->lossy == 1 ? "flow" : "flows");
	else if (text->has_tcp && !text->has_drops)
		fl_text_add(&text->header_end, "   no sign that the capture lost packets");
	fl_text_add(&text->header, "%s%s\n", is_long(text) ? "\n" : "", fl_text_get(&text->header_end));
	print(report, &text->header);
	print(report, &text->remarks);
}

/* The healthy, and those that nobody asked for. */
static void finish(struct text_state *text, struct fl_text *tail)
{
	uint64_t told = text->all_verdicts.total;
	char all[32], selected[32];

	text_others(tail, &text->scene, &text->others, text->ranking.n_rows == 0);
	text_relapses(tail, &text->scene, &text->relapses, text->n_relapses);
	if (text->passed == 0)
		return;
	fl_text_add(tail, "\n%s %s, %s selected.\n", fl_count_text(told + text->passed, all),
	            told + text->passed == 1 ? "flow" : "flows", told ? fl_count_text(told, selected) : "none");
}

static void end(struct fl_report *report)
{
	struct text_state *text = report->state;
	const char *between = "\n";
	bool has_strips = false;
	struct fl_text tail;

	if (!text->quiet)
		print_header(report);
	else
		between = "";
	if (text->incidents.length > 0) {
		print(report, &text->incidents);
		between = "\n";
	}
	ranking_sort(&text->ranking);
	for (size_t i = 0; i < text->ranking.n_rows; i++) {
		if (!text->ranking.rows[i].story)
			continue;
		report_print(report, between);
		report_print(report, text->ranking.rows[i].story);
		has_strips |= text_has_strips(text->ranking.rows[i].story);
		between = "\n";
	}
	fl_text_init(&tail);
	text_table(&tail, &text->scene, &text->ranking);
	if (!text->quiet)
		finish(text, &tail);
	if (has_strips && !text->quiet)
		text_legend(&tail);
	print(report, &tail);
	fl_text_deinit(&tail);
}

const struct format format_text = {
	.name = "text",
	.help = "for people: the failures as stories, the rest counted",
	.new = new_state,
	.free = free_state,
	.begin = begin,
	.incident = incident,
	.flow = flow,
	.pass = pass,
	.end = end,
	.wants = wants,
};
