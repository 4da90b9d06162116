/* One connection: what happened, its pulse, its timeline, how sure that is, and what would have caught it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flatline/time.h"
#include "markdown_parts.h"
#include "plain.h"
#include "text_pulse.h"
#include "wireshark.h"

static const int64_t at_once = 100 * FL_NS_PER_MS;

/* Adds what was built, and empties it. */
static void built_item(struct fl_text *markdown, const char *label, struct fl_text *words)
{
	markdown->failed |= words->failed;
	markdown_item(markdown, label, fl_text_get(words));
	fl_text_clear(words);
}

/* What somebody looks for first. */
static void key_facts(struct fl_text *markdown, const struct fl_account *account, int64_t observed_until)
{
	const struct fl_verdict *verdict = &account->verdict;
	char when[FL_TIME_TEXT + 8];
	struct fl_text words;

	if (verdict->severity == FL_OK)
		return;
	fl_text_init(&words);
	plain_whose(&words, account);
	built_item(markdown, "Where the fault is", &words);
	plain_last_heard(&words, account);
	built_item(markdown, "Last heard of it", &words);
	if (verdict->onset != FL_TIME_NONE) {
		fl_text_add(&words, "%s UTC", markdown_when(verdict->onset, when));
		if (verdict->onset_frame)
			fl_text_add(&words, " (frame %" PRIu32 ")", verdict->onset_frame);
		built_item(markdown, "Since", &words);
	}
	plain_unnoticed(&words, account);
	built_item(markdown, verdict->is_over ? "How long" : "Unnoticed for", &words);
	plain_now(&words, account, observed_until);
	built_item(markdown, "Now", &words);
	fl_text_deinit(&words);
}

/* Why, where somebody could have noticed sooner. */
static const char *why_of(const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;

	return verdict->noticed == FL_TIME_NONE || verdict->blind >= at_once ? account->why_unnoticed : NULL;
}

void markdown_lead(struct fl_text *markdown, const char *rank, const struct scene *scene,
                   const struct fl_account *account)
{
	struct fl_text words;

	fl_text_init(&words);
	plain_what(&words, account);
	fl_text_add(markdown, "%s", rank);
	markdown_paragraph(markdown, words.length > 0 ? fl_text_get(&words) : account->verdict.id);
	fl_text_clear(&words);
	plain_meaning(&words, account);
	markdown_paragraph(markdown, fl_text_get(&words));
	markdown->failed |= words.failed;
	fl_text_deinit(&words);
	key_facts(markdown, account, scene->observed_until);
	markdown_item(markdown, "How sure", fl_confidence_name(account->verdict.confidence));
	markdown_item(markdown, fl_account_why(account), why_of(account));
	markdown_item(markdown, "What would have caught it", account->would_catch);
	fl_text_add(markdown, "\n");
}

static void heading(struct fl_text *markdown, const struct fl_account *account)
{
	struct fl_text ends;

	fl_text_init(&ends);
	text_endpoints(&ends, account->address, account->port);
	fl_text_add(markdown, "### Flow %" PRIu32 ": ", account->id);
	markdown_code(markdown, account->verdict.id);
	fl_text_add(markdown, " ");
	markdown_code(markdown, fl_text_get(&ends));
	fl_text_add(markdown, "\n\n");
	markdown->failed |= ends.failed;
	fl_text_deinit(&ends);
}

static void severity(struct fl_text *markdown, const struct fl_account *account)
{
	struct fl_text words;

	fl_text_init(&words);
	fl_text_add(&words, "%s", fl_severity_name(account->verdict.severity));
	if (account->profile)
		fl_text_add(&words, "; protocol: %s", account->profile);
	built_item(markdown, "Severity", &words);
	fl_text_deinit(&words);
}

static void facts(struct fl_text *markdown, const struct scene *scene, const struct fl_account *account)
{
	static const char *const places[FL_SIDES] = { [FL_SIDE_CLIENT] = "at the client",
		                                      [FL_SIDE_SERVER] = "at the server",
		                                      [FL_SIDE_BETWEEN] = "between the two" };
	const struct fl_verdict *verdict = &account->verdict;
	const char *place = places[account->vantage];
	struct fl_text words;

	fl_text_init(&words);
	severity(markdown, account);
	key_facts(markdown, account, scene->observed_until);
	fl_text_add(&words, "%s", fl_confidence_name(verdict->confidence));
	for (size_t i = 0; i < verdict->because.count; i++)
		fl_text_add(&words, "%s%s", i > 0 ? "; " : ": ", verdict->because.items[i]);
	built_item(markdown, "How sure", &words);
	fl_text_add(&words, "%s", place ? place : "not known where");
	if (account->vantage_because)
		fl_text_add(&words, ": %s", account->vantage_because);
	built_item(markdown, "Captured", &words);
	fl_text_add(markdown, "\n");
	fl_text_deinit(&words);
}

static void pulse(struct fl_text *markdown, const struct scene *scene, const struct fl_account *account,
                  const struct fl_picture *picture)
{
	struct fl_text lines;

	fl_text_init(&lines);
	text_pulse(&lines, scene, account, picture);
	if (lines.length > 0)
		markdown_lines(markdown, NULL, fl_text_get(&lines));
	markdown->failed |= lines.failed;
	fl_text_deinit(&lines);
}

static void timeline(struct fl_text *markdown, const struct scene *scene, const struct fl_account *account)
{
	if (account->n_moments == 0)
		return;
	fl_text_add(markdown, "| Time, UTC | Frame | What |\n|---|---:|---|\n");
	for (size_t i = 0; i < account->n_moments; i++) {
		const struct fl_moment *moment = &account->moments[i];

		fl_text_add(markdown, "| ");
		text_moment(markdown, scene, moment->at);
		fl_text_add(markdown, " | %" PRIu32, moment->frame);
		if (scene->n_files > 1 && moment->file < scene->n_files) {
			fl_text_add(markdown, " of ");
			markdown_text(markdown, scene->files[moment->file]);
		}
		fl_text_add(markdown, " | ");
		markdown_text(markdown, moment->text);
		fl_text_add(markdown, " |\n");
	}
	fl_text_add(markdown, "\n");
}

/* What failed before, and is well again. */
static void earlier(struct fl_text *markdown, const struct scene *scene, const struct fl_account *account)
{
	struct fl_text words;
	char length[FL_TIME_TEXT];

	fl_text_init(&words);
	for (size_t i = 0; i < account->n_findings; i++) {
		const struct fl_judged_finding *finding = &account->findings[i];

		if (!text_is_over(finding) || strcmp(finding->id, account->verdict.id) == 0)
			continue;
		fl_text_add(&words, "%s%s from ", words.length > 0 ? "; " : "", finding->id);
		text_moment(&words, scene, finding->onset);
		fl_text_add(&words, " for %s", fl_duration_text(finding->recovered - finding->onset, length));
	}
	if (words.length > 0)
		fl_text_add(&words, ". That had recovered.");
	markdown->failed |= words.failed;
	markdown_labelled(markdown, "Earlier", fl_text_get(&words));
	fl_text_deinit(&words);
}

/* What the capture cannot exclude, each with what it is. */
static void alternatives(struct fl_text *markdown, const struct fl_verdict *verdict)
{
	struct fl_topic topic;

	if (verdict->alternatives.count == 0)
		return;
	fl_text_add(markdown, "**What this capture cannot exclude:**\n\n");
	for (size_t i = 0; i < verdict->alternatives.count; i++) {
		const char *id = verdict->alternatives.items[i];

		fl_text_add(markdown, "- ");
		markdown_code(markdown, id);
		if (fl_topic_find(id, &topic)) {
			fl_text_add(markdown, ": ");
			markdown_text(markdown, topic.title);
		}
		fl_text_add(markdown, "\n");
	}
	fl_text_add(markdown, "\n");
}

/* How it is told from what looks like it: the other side will ask. */
static void look_alikes(struct fl_text *markdown, const struct fl_verdict *verdict)
{
	struct fl_topic topic;

	if (verdict->severity > FL_OK && fl_topic_find(verdict->id, &topic))
		markdown_labelled(markdown, "What it could be mistaken for", topic.lookalikes);
}

/* Their lines stand once for all flows, under their titles. */
static void list_remedies(struct fl_text *markdown, const struct remedies *remedies)
{
	if (remedies->count == 0)
		return;
	fl_text_add(markdown, "**Settings, worked out for this connection:**\n\n");
	for (size_t i = 0; i < remedies->count; i++) {
		const struct remedy *remedy = &remedies->items[i];

		fl_text_add(markdown, "- **%s**, %s. ", remedy->title, remedy->where);
		markdown_text(markdown, remedy->why);
		fl_text_add(markdown, "\n");
	}
	fl_text_add(markdown, "\n");
}

static void prevention(struct fl_text *markdown, const struct fl_account *account)
{
	markdown_labelled(markdown, fl_account_why(account), why_of(account));
	markdown_labelled(markdown, "What would have caught it", account->would_catch);
	for (size_t i = 0; i < account->advice.count; i++)
		markdown_labelled(markdown, "What to do", account->advice.items[i]);
}

static void look_yourself(struct fl_text *markdown, const struct fl_account *account)
{
	struct fl_text filter;

	fl_text_init(&filter);
	wireshark_filter(&filter, account);
	fl_text_add(markdown, "**In Wireshark:** ");
	markdown_code(markdown, fl_text_get(&filter));
	fl_text_add(markdown, "\n\n");
	markdown->failed |= filter.failed;
	fl_text_deinit(&filter);
}

void markdown_flow(struct fl_text *markdown, const struct scene *scene, const struct fl_account *account,
                   const struct fl_picture *picture, const struct remedies *remedies)
{
	heading(markdown, account);
	markdown_paragraph(markdown, account->verdict.summary);
	facts(markdown, scene, account);
	pulse(markdown, scene, account, picture);
	timeline(markdown, scene, account);
	markdown_labelled(markdown, "The kernel", account->kernel_says);
	markdown_labelled(markdown, "Keepalives", account->keepalive_says);
	earlier(markdown, scene, account);
	if (account->verdict.severity > FL_OK)
		prevention(markdown, account);
	list_remedies(markdown, remedies);
	alternatives(markdown, &account->verdict);
	look_alikes(markdown, &account->verdict);
	for (size_t i = 0; i < account->caveats.count; i++)
		markdown_labelled(markdown, "Note", account->caveats.items[i]);
	look_yourself(markdown, account);
}
