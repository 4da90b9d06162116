/* The small habits of the page. Nothing that a capture holds reaches it but through html_text(). */
#include "html_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "flatline/time.h"
#include "plain.h"

void html_text(struct fl_text *html, const char *words)
{
	char *clean = clean_text(words);

	if (!clean) {
		html->failed = true;
		return;
	}
	for (const char *at = clean; *at;) {
		size_t plain = strcspn(at, "&<>\"'");

		fl_text_bytes(html, at, plain);
		at += plain;
		if (*at)
			fl_text_add(html, "&#%d;", *at++);
	}
	free(clean);
}

void html_element(struct fl_text *html, const char *tag, const char *kind, const char *words)
{
	if (kind)
		fl_text_add(html, "<%s class=\"%s\">", tag, kind);
	else
		fl_text_add(html, "<%s>", tag);
	html_text(html, words);
	fl_text_add(html, "</%s>\n", tag);
}

void html_built(struct fl_text *html, const char *tag, const char *kind, struct fl_text *words)
{
	html->failed |= words->failed;
	if (words->length > 0)
		html_element(html, tag, kind, fl_text_get(words));
	fl_text_clear(words);
}

void html_term(struct fl_text *html, const char *term, const char *words)
{
	if (!words || !*words)
		return;
	html_element(html, "dt", NULL, term);
	html_element(html, "dd", NULL, words);
}

void html_built_term(struct fl_text *html, const char *term, struct fl_text *words)
{
	html->failed |= words->failed;
	html_term(html, term, fl_text_get(words));
	fl_text_clear(words);
}

void html_key_facts(struct fl_text *html, const struct fl_account *account, int64_t observed_until)
{
	const struct fl_verdict *verdict = &account->verdict;
	char when[FL_TIME_TEXT + 8];
	struct fl_text words;

	fl_text_init(&words);
	plain_whose(&words, account);
	html_built_term(html, "Where the fault is", &words);
	plain_last_heard(&words, account);
	html_built_term(html, "Last heard of it", &words);
	if (verdict->onset != FL_TIME_NONE) {
		fl_text_add(&words, "%s UTC", html_when(verdict->onset, when));
		if (verdict->onset_frame)
			fl_text_add(&words, " (frame %u)", verdict->onset_frame);
		html_built_term(html, "Since", &words);
	}
	plain_unnoticed(&words, account);
	html_built_term(html, verdict->is_over ? "How long" : "Unnoticed for", &words);
	plain_now(&words, account, observed_until);
	html_built_term(html, "Now", &words);
	fl_text_deinit(&words);
}

const char *html_when(int64_t at, char ret_text[FL_TIME_TEXT + 8])
{
	char day[FL_TIME_TEXT], time[FL_TIME_TEXT];

	if (at == FL_TIME_NONE)
		snprintf(ret_text, FL_TIME_TEXT + 8, "(no time)");
	else
		snprintf(ret_text, FL_TIME_TEXT + 8, "%.10s %s", fl_time_date(at, day), fl_time_of_day(at, true, time));
	return ret_text;
}

int axis_place(const struct axis *axis, int64_t at)
{
	double span = axis->to > axis->from ? (double)(axis->to - axis->from) : 1;
	double share = (double)(at - axis->from) / span;

	share = share < 0 ? 0 : share > 1 ? 1 : share;
	return axis->left + (int)(share * axis->width + 0.5);
}

/* Round lengths of time, so that five to ten of them fit. */
static int64_t step_of(int64_t span)
{
	static const int64_t seconds[] = { 1,   2,   5,    10,   15,   30,    60,    120,   300,
		                           600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400 };
	const int64_t most_marks = 9;

	for (int64_t unit = FL_NS_PER_US; unit < FL_NS_PER_S; unit *= 10) {
		for (int64_t times = 1; times <= 5; times += times == 1 ? 1 : 3) {
			if (span / (unit * times) < most_marks)
				return unit * times;
		}
	}
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		if (span / (seconds[i] * FL_NS_PER_S) < most_marks)
			return seconds[i] * FL_NS_PER_S;
	}
	return (span / most_marks / (seconds[17] * FL_NS_PER_S) + 1) * seconds[17] * FL_NS_PER_S;
}

/* Where marks are less than a millisecond apart, what is behind the second says it, and where they are days apart the
 * day. */
static void mark_text(struct fl_text *html, int64_t at, int64_t step)
{
	const int64_t day = 86400 * FL_NS_PER_S;
	const size_t minutes = strlen("09:00"), seconds = strlen("09:00:01");
	char time[FL_TIME_TEXT];
	int64_t part = (at % FL_NS_PER_S + FL_NS_PER_S) % FL_NS_PER_S;

	fl_time_of_day(at, true, time);
	if (step >= day)
		fl_text_add(html, "%.10s", fl_time_date(at, time));
	else if (step < FL_NS_PER_MS)
		fl_text_add(html, "%.*s.%06d", (int)seconds, time, (int)(part / FL_NS_PER_US));
	else if (step < FL_NS_PER_S)
		fl_text_add(html, "%s", time);
	else
		fl_text_add(html, "%.*s", (int)(step % (60 * FL_NS_PER_S) == 0 ? minutes : seconds), time);
}

void axis_draw(struct fl_text *html, const struct axis *axis, int top, int height)
{
	int64_t step = step_of(axis->to - axis->from), at = axis->from / step * step;
	const int text_below = 14, edge = 30;

	for (; at <= axis->to; at += step) {
		int x = axis_place(axis, at);

		if (at < axis->from)
			continue;
		fl_text_add(html, "<path class=\"grid\" d=\"M%d %dv%d\"/>", x, top, height);
		if (x < axis->left + edge - 10 || x > axis->left + axis->width - edge)
			continue;
		fl_text_add(html, "<text class=\"time\" x=\"%d\" y=\"%d\">", x, top + height + text_below);
		mark_text(html, at, step);
		fl_text_add(html, "</text>");
	}
}

unsigned picture_client(const struct fl_picture *picture, const struct fl_account *account)
{
	return picture->port[0] == account->port[FL_CLIENT] &&
	                       fl_address_equal(&picture->address[0], &account->address[FL_CLIENT])
	               ? 0
	               : 1;
}
