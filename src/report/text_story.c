/* One flow in words: what happened, its signs of life, the decisive frames, why nobody noticed, what would have, and
 * how sure this is. A failure gets all of it, a doubt its sentences, a healthy flow one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flatline/flow.h"
#include "flatline/time.h"
#include "text_parts.h"

static void labelled(struct fl_text *text, const struct scene *scene, const char *label, const char *words)
{
	struct fl_text line;

	if (!words || !*words)
		return;
	fl_text_init(&line);
	fl_text_add(&line, "%s%s", label, words);
	text_hang(text, scene, "  ", fl_text_get(&line));
	text->failed |= line.failed;
	fl_text_deinit(&line);
}

static void listed(struct fl_text *text, const struct scene *scene, const char *label, const struct fl_words *words,
                   const char *between, const char *after)
{
	struct fl_text line;

	if (words->count == 0)
		return;
	fl_text_init(&line);
	for (size_t i = 0; i < words->count; i++)
		fl_text_add(&line, "%s%s", i > 0 ? between : "", words->items[i]);
	fl_text_add(&line, "%s", after);
	labelled(text, scene, label, fl_text_get(&line));
	text->failed |= line.failed;
	fl_text_deinit(&line);
}

/* The first reason in short, "protocol unknown" of "protocol unknown, so the first message ...", where it is short. */
static void confidence(struct fl_text *text, const struct fl_verdict *verdict)
{
	const char *reason = verdict->because.count > 0 ? verdict->because.items[0] : "";
	size_t length = strcspn(reason, ":,;");

	fl_text_add(text, "   confidence %s", fl_confidence_name(verdict->confidence));
	if (length > 0 && length <= 40)
		fl_text_add(text, " (%.*s)", (int)length, reason);
}

static void headline(struct fl_text *text, const struct scene *scene, const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;

	text_severity(text, scene, verdict->severity, 8);
	fl_text_add(text, "  %s   ", verdict->id);
	text_endpoints(text, account->address, account->port);
	fl_text_add(text, "   flow %" PRIu32, account->id);
	confidence(text, verdict);
	fl_text_add(text, "\n");
}

static void moment(struct fl_text *text, const struct scene *scene, const struct fl_moment *told, bool names_file,
                   int columns)
{
	struct fl_text lead, words;
	char frame[16];

	fl_text_init(&lead);
	fl_text_init(&words);
	snprintf(frame, sizeof(frame), "#%" PRIu32, told->frame);
	fl_text_add(&lead, "  ");
	text_moment(&lead, scene, told->at);
	fl_text_add(&lead, "  %-*s", columns, frame);
	fl_text_add(&words, "%s", told->text);
	if (names_file && told->file < scene->n_files)
		fl_text_add(&words, " (%s)", scene->files[told->file]);
	text_hang(text, scene, fl_text_get(&lead), fl_text_get(&words));
	text->failed |= lead.failed || words.failed;
	fl_text_deinit(&lead);
	fl_text_deinit(&words);
}

static void moments(struct fl_text *text, const struct scene *scene, const struct fl_account *account)
{
	int columns = 7;

	for (size_t i = 0; i < account->n_moments; i++) {
		int needed = snprintf(NULL, 0, "#%" PRIu32 "  ", account->moments[i].frame);

		columns = needed > columns ? needed : columns;
	}
	for (size_t i = 0; i < account->n_moments; i++) {
		const struct fl_moment *told = &account->moments[i];

		/* Of several files each is named where it takes over. */
		moment(text, scene, told, scene->n_files > 1 && (i == 0 || told->file != told[-1].file), columns);
	}
}

static const int64_t at_once = 100 * FL_NS_PER_MS;

/* How long the failure lasted before its application knew. */
static void blind(struct fl_text *text, const struct scene *scene, const struct fl_verdict *verdict)
{
	char length[FL_TIME_TEXT], most[FL_TIME_TEXT];

	if (verdict->blind == FL_TIME_NONE)
		return;
	fl_duration_text(verdict->blind, length);
	if (verdict->noticed == FL_TIME_NONE) {
		if (verdict->gave_up)
			fl_text_add(text,
			            "  Unnoticed for %s to %s, until the kernel gave up, and told the application if "
			            "that still "
			            "ran.\n",
			            length, fl_duration_text(verdict->gave_up_after, most));
		else
			fl_text_add(text, "  Unnoticed for at least %s: nobody had noticed when the capture ended.\n",
			            length);
		return;
	}
	if (verdict->blind < at_once)
		fl_text_add(text, "  Noticed at once, at ");
	else
		fl_text_add(text, "  Unnoticed for %s, until ", length);
	text_moment(text, scene, verdict->noticed);
	fl_text_add(text, ".\n");
}

static void why(struct fl_text *text, const struct scene *scene, const struct fl_account *account)
{
	struct fl_text label;

	fl_text_init(&label);
	fl_text_add(&label, "%s: ", fl_account_why(account));
	labelled(text, scene, fl_text_get(&label), account->why_unnoticed);
	text->failed |= label.failed;
	fl_text_deinit(&label);
}

/* How much of the capture there is after what is in doubt. Of an answer that is waited for, more of it could tell, and
 * the user knows how long the capture ran; most other doubts stay doubts. */
static void ask_until(struct fl_text *text, const struct scene *scene, const struct fl_account *account)
{
	bool is_waiting = account->verdict.onset != FL_TIME_NONE && strcmp(account->verdict.id, "inconclusive") != 0;
	int64_t since = is_waiting ? account->verdict.onset : account->last;
	struct fl_text words;
	char length[FL_TIME_TEXT];

	if (account->verdict.noticed != FL_TIME_NONE) /* it is over: nothing of it can be longer */
		return;
	if (scene->until_source != FL_UNTIL_LAST_FRAME || account->end != FL_END_NONE || since == FL_TIME_NONE ||
	    scene->observed_until == FL_TIME_NONE || scene->observed_until < since)
		return;
	fl_duration_text(scene->observed_until - since, length);
	fl_text_init(&words);
	if (is_waiting)
		fl_text_add(&words,
		            "The capture shows %s of this. If it ran on longer, give --until TIME: that may settle it.",
		            length);
	else if (scene->observed_until == since)
		fl_text_add(&words, "The capture ends with this connection's last packet.");
	else
		fl_text_add(&words, "The last frame came %s after its last packet.", length);
	text_hang(text, scene, "  ", fl_text_get(&words));
	text->failed |= words.failed;
	fl_text_deinit(&words);
}

/* "one-way: one side only sends, ...": the id alone would say little at 3 am. */
static void alternative(struct fl_text *text, const struct scene *scene, const char *id)
{
	struct fl_topic topic;
	struct fl_text line;

	fl_text_init(&line);
	fl_text_add(&line, "%s", id);
	if (fl_topic_find(id, &topic))
		fl_text_add(&line, ": %s", topic.title);
	fl_text_add(&line, ".");
	labelled(text, scene, "This capture cannot exclude ", fl_text_get(&line));
	text->failed |= line.failed;
	fl_text_deinit(&line);
}

/* One outage may be told of both directions. */
static bool was_told(const struct fl_account *account, size_t index)
{
	const struct fl_judged_finding *finding = &account->findings[index];

	for (size_t i = 0; i < index; i++) {
		const struct fl_judged_finding *other = &account->findings[i];

		if (strcmp(other->id, finding->id) == 0 && text_is_over(other) && other->onset <= finding->onset &&
		    finding->onset < other->recovered)
			return true;
	}
	return false;
}

/* What failed before, and is well again. */
static void earlier(struct fl_text *text, const struct scene *scene, const struct fl_account *account)
{
	char length[FL_TIME_TEXT];

	for (size_t i = 0; i < account->n_findings; i++) {
		const struct fl_judged_finding *finding = &account->findings[i];

		if (!text_is_over(finding) || strcmp(finding->id, account->verdict.id) == 0 || was_told(account, i))
			continue;
		fl_text_add(text, "  Earlier: %s from ", finding->id);
		text_moment(text, scene, finding->onset);
		fl_text_add(text, " to ");
		text_moment(text, scene, finding->recovered);
		fl_text_add(text, " (%s), recovered\n", fl_duration_text(finding->recovered - finding->onset, length));
	}
}

static void reasons(struct fl_text *text, const struct scene *scene, const struct fl_verdict *verdict)
{
	char label[40];

	snprintf(label, sizeof(label), "Confidence %s: ", fl_confidence_name(verdict->confidence));
	listed(text, scene, label, &verdict->because, "; ", ".");
	for (size_t i = 0; i < verdict->alternatives.count; i++)
		alternative(text, scene, verdict->alternatives.items[i]);
}

/* Stream numbers are tshark's only over one whole file; else the decisive frames find the place. */
static void wireshark(struct fl_text *text, const struct scene *scene, const struct fl_account *account)
{
	struct fl_text line;
	uint32_t file = account->n_moments > 0 ? account->moments[0].file : 0, last = 0;

	if (account->stream != FL_STREAM_NONE) {
		fl_text_add(text, "  In Wireshark: tcp.stream eq %" PRIu32 "\n", account->stream);
		return;
	}
	if (scene->until_source == FL_UNTIL_TICK) { /* numbers of frames that are in no file */
		fl_text_add(text, "  In Wireshark: tcp.port == %u && tcp.port == %u\n", account->port[FL_CLIENT],
		            account->port[FL_SERVER]);
		return;
	}
	fl_text_init(&line);
	fl_text_add(&line, "In Wireshark: frame.number in {");
	for (size_t i = 0; i < account->n_moments; i++) {
		if (account->moments[i].file != file || account->moments[i].frame == last)
			continue;
		fl_text_add(&line, "%s%" PRIu32, last ? ", " : "", account->moments[i].frame);
		last = account->moments[i].frame;
	}
	if (!last)
		fl_text_add(&line, "%" PRIu32, account->first_frame);
	fl_text_add(&line, "}");
	if (scene->n_files > 1 && account->n_moments > 0 && file < scene->n_files)
		fl_text_add(&line, " of %s", scene->files[file]);
	text_hang(text, scene, "  ", fl_text_get(&line));
	text->failed |= line.failed;
	fl_text_deinit(&line);
}

/* Whether the silence was watched is part of the story where the silence is. */
static bool is_of_silence(const struct fl_verdict *verdict)
{
	static const char *const ids[] = { "idle-unknown",  "idle-dropped",   "keepalive-unanswered",
		                           "peer-vanished", "peer-restarted", "unreachable" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (strcmp(verdict->id, ids[i]) == 0)
			return true;
	}
	return verdict->severity == FL_OK;
}

void text_story(struct fl_text *text, const struct scene *scene, const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;
	bool is_failure = verdict->severity == FL_CRITICAL;

	headline(text, scene, account);
	labelled(text, scene, "", verdict->summary);
	if (is_failure)
		text_strips(text, scene, account);
	moments(text, scene, account);
	if (verdict->severity > FL_OK)
		labelled(text, scene, "", account->kernel_says);
	if (is_of_silence(verdict))
		labelled(text, scene, "", account->keepalive_says);
	if (is_failure) {
		blind(text, scene, verdict);
		if (verdict->noticed == FL_TIME_NONE || verdict->blind >= at_once)
			why(text, scene, account);
	}
	labelled(text, scene, "What would have caught it: ", account->would_catch);
	if (verdict->severity != FL_OK)
		reasons(text, scene, verdict);
	earlier(text, scene, account);
	listed(text, scene, "Note: ", &account->caveats, "; ", ".");
	if (!is_failure && verdict->severity != FL_OK && !verdict->is_over)
		ask_until(text, scene, account);
	wireshark(text, scene, account);
}
