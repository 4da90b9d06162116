/* One connection on the page: in words for everybody, in pictures, as a timeline with frame numbers, and what to do. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flatline/time.h"
#include "html_parts.h"
#include "plain.h"
#include "remedies.h"
#include "wireshark.h"

static void facts(struct fl_text *html, const struct scene *scene, const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;
	struct fl_text words;

	fl_text_init(&words);
	fl_text_add(html, "<dl class=\"facts\">\n");
	html_key_facts(html, account, scene->observed_until);
	fl_text_add(&words, "confidence %s", fl_confidence_name(verdict->confidence));
	for (size_t i = 0; i < verdict->because.count; i++)
		fl_text_add(&words, "%s%s", i > 0 ? "; " : ": ", verdict->because.items[i]);
	html_built_term(html, "How sure", &words);
	fl_text_add(&words, "%s",
	            account->vantage == FL_SIDE_CLIENT    ? "at the client"
	            : account->vantage == FL_SIDE_SERVER  ? "at the server"
	            : account->vantage == FL_SIDE_BETWEEN ? "between the two"
	                                                  : "not known where");
	if (account->vantage_because)
		fl_text_add(&words, ": %s", account->vantage_because);
	html_built_term(html, "Captured", &words);
	fl_text_add(html, "</dl>\n");
	fl_text_deinit(&words);
}

static void timeline(struct fl_text *html, const struct scene *scene, const struct fl_account *account)
{
	struct fl_text words;

	if (account->n_moments == 0)
		return;
	fl_text_init(&words);
	fl_text_add(html, "<h4>What happened</h4>\n<ol class=\"story\">\n");
	for (size_t i = 0; i < account->n_moments; i++) {
		const struct fl_moment *moment = &account->moments[i];

		fl_text_add(html, "<li>");
		text_moment(&words, scene, moment->at);
		html_built(html, "time", NULL, &words);
		fl_text_add(&words, "frame %" PRIu32, moment->frame);
		if (scene->n_files > 1 && moment->file < scene->n_files)
			fl_text_add(&words, " of %s", scene->files[moment->file]);
		html_built(html, "span", "frame", &words);
		html_text(html, moment->text);
		fl_text_add(html, "</li>\n");
	}
	fl_text_add(html, "</ol>\n");
	fl_text_deinit(&words);
}

static void labelled(struct fl_text *html, const char *label, const char *words)
{
	if (!words || !*words)
		return;
	fl_text_add(html, "<p><strong>");
	html_text(html, label);
	fl_text_add(html, "</strong> ");
	html_text(html, words);
	fl_text_add(html, "</p>\n");
}

/* How it is told from what looks like it: the other side will ask. */
static void look_alikes(struct fl_text *html, const struct fl_verdict *verdict)
{
	struct fl_topic topic;

	if (verdict->severity == FL_OK || !fl_topic_find(verdict->id, &topic) || !topic.lookalikes)
		return;
	fl_text_add(html, "<h4>What it could be mistaken for</h4>\n");
	html_element(html, "p", NULL, topic.lookalikes);
}

/* What the capture cannot exclude, each with what it is. */
static void alternatives(struct fl_text *html, const struct fl_verdict *verdict)
{
	struct fl_topic topic;

	if (verdict->alternatives.count == 0)
		return;
	fl_text_add(html, "<h4>What this capture cannot exclude</h4>\n<ul>\n");
	for (size_t i = 0; i < verdict->alternatives.count; i++) {
		const char *id = verdict->alternatives.items[i];

		fl_text_add(html, "<li><code>");
		html_text(html, id);
		fl_text_add(html, "</code>");
		if (fl_topic_find(id, &topic)) {
			fl_text_add(html, ": ");
			html_text(html, topic.title);
		}
		fl_text_add(html, "</li>\n");
	}
	fl_text_add(html, "</ul>\n");
}

/* Lines of our own making: only their tabs are not what they seem. */
static void code(struct fl_text *html, const char *lines)
{
	char line[512];

	fl_text_add(html, "<pre tabindex=\"0\"><code>");
	while (*lines) {
		size_t length = strcspn(lines, "\n"), used = 0;

		for (size_t i = 0; i < length && used + 5 < sizeof(line); i++)
			used += (size_t)snprintf(line + used, sizeof(line) - used, lines[i] == '\t' ? "    " : "%c",
			                         lines[i]);
		line[used] = '\0';
		html_text(html, line);
		fl_text_add(html, "\n");
		lines += length + (lines[length] == '\n');
	}
	fl_text_add(html, "</code></pre>\n");
}

/* `same_as`: the flow whose section has the lines already; -1 for none. */
static void remedy(struct fl_text *html, const struct remedy *item, int64_t same_as)
{
	fl_text_add(html, "<details><summary>");
	html_text(html, item->title);
	fl_text_add(html, " <span class=\"where\">");
	html_text(html, item->where);
	fl_text_add(html, "</span></summary>\n");
	html_element(html, "p", NULL, item->why);
	if (same_as >= 0 && item->n_snippets > 0)
		fl_text_add(html,
		            "<p>The lines for it stand with <a href=\"#flow-%" PRId64 "\">flow %" PRId64 "</a>.</p>\n",
		            same_as, same_as);
	for (size_t i = 0; same_as < 0 && i < item->n_snippets; i++) {
		html_element(html, "p", "language", item->snippets[i].language);
		code(html, item->snippets[i].code);
	}
	fl_text_add(html, "</details>\n");
}

/* What could not have caught it, what would have, and the settings for that. */
static void prevention(struct fl_text *html, const struct fl_account *account, int64_t same_as)
{
	struct remedies remedies;
	char why[64];

	if (account->verdict.severity == FL_OK)
		return;
	fl_text_add(html, "<h4>Why it went unnoticed, and what would have caught it</h4>\n");
	snprintf(why, sizeof(why), "%s:", fl_account_why(account));
	labelled(html, why, account->why_unnoticed);
	labelled(html, "What would have caught it:", account->would_catch);
	for (size_t i = 0; i < account->advice.count; i++)
		labelled(html, "What to do:", account->advice.items[i]);
	if (!remedies_find(account, &remedies)) {
		html->failed = true;
		return;
	}
	if (remedies.count > 0)
		fl_text_add(html, "<div class=\"remedies\">\n");
	for (size_t i = 0; i < remedies.count; i++)
		remedy(html, &remedies.items[i], same_as);
	if (remedies.count > 0)
		fl_text_add(html, "</div>\n");
	remedies_deinit(&remedies);
}

static void look_yourself(struct fl_text *html, const struct fl_account *account)
{
	struct fl_text words;

	fl_text_init(&words);
	fl_text_add(html, "<h4>Look for yourself</h4>\n<p>In Wireshark: ");
	wireshark_filter(&words, account);
	html_built(html, "code", "copy", &words);
	fl_text_add(html, "</p>\n");
	html->failed |= words.failed;
	fl_text_deinit(&words);
}

static void caveats(struct fl_text *html, const struct fl_account *account)
{
	for (size_t i = 0; i < account->caveats.count; i++)
		labelled(html, "Note:", account->caveats.items[i]);
}

static void heading(struct fl_text *html, const struct fl_account *account)
{
	const char *severity = fl_severity_name(account->verdict.severity);
	struct fl_text words;

	fl_text_init(&words);
	fl_text_add(html, "<article id=\"flow-%" PRIu32 "\" class=\"%s\">\n<h3>", account->id, severity);
	html_element(html, "span", "badge", severity);
	fl_text_add(html, "<code>");
	html_text(html, account->verdict.id);
	fl_text_add(html, "</code> ");
	text_endpoints(&words, account->address, account->port);
	html_built(html, "span", "ends", &words);
	fl_text_add(&words, "flow %" PRIu32, account->id);
	if (account->profile)
		fl_text_add(&words, ", %s", account->profile);
	html_built(html, "span", "id", &words);
	fl_text_add(html, "</h3>\n");
	plain_what(&words, account);
	fl_text_add(&words, " ");
	plain_meaning(&words, account);
	html_built(html, "p", "plain", &words);
	html_element(html, "p", "summary", account->verdict.summary ? account->verdict.summary : "");
	html->failed |= words.failed;
	fl_text_deinit(&words);
}

void html_flow(struct fl_text *html, const struct scene *scene, const struct fl_account *account,
               const struct fl_picture *picture, bool is_once, int64_t same_as)
{
	heading(html, account);
	facts(html, scene, account);
	if (picture && picture->whole->from != FL_TIME_NONE && picture->whole->to > picture->whole->from)
		html_pulse(html, account, picture);
	if (is_once && (!picture || picture->is_partial))
		html_element(html, "p", "note",
		             picture ? "The capture came through a pipe and could not be read twice: only the first "
		                       "and the last "
		                       "packets of this connection are drawn."
		                     : "The capture came through a pipe, and no packets of this connection were kept "
		                       "to draw.");
	timeline(html, scene, account);
	if (picture)
		html_ladder(html, scene, account, picture);
	html_backoff(html, account);
	labelled(html, "The kernel:", account->kernel_says);
	labelled(html, "Keepalives:", account->keepalive_says);
	prevention(html, account, same_as);
	look_alikes(html, &account->verdict);
	alternatives(html, &account->verdict);
	caveats(html, account);
	look_yourself(html, account);
	fl_text_add(html, "</article>\n");
}
