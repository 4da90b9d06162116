/* The small habits of the Markdown report. It is pasted into tickets, where others render it: names of files come from
 * whoever sent the capture, and must be no markup there, no HTML, and no mention of anybody. */
#include "markdown_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "flatline/time.h"

/* What has a meaning at the start of a line: lists, rules, and "1." or "1)". */
static size_t leading(const char *words)
{
	size_t digits = strspn(words, "0123456789");

	if (digits > 0 && !words[digits]) /* a number */
		return SIZE_MAX;
	if (digits > 0)
		return strchr(".)", words[digits]) && strchr(" ", words[digits + 1]) ? digits : SIZE_MAX;
	return *words && strchr("-+=", *words) ? 0 : SIZE_MAX;
}

/* Whether `at` in `words` would make a link of bare text: "http://", "www.", "name@host". */
static bool is_of_link(const char *words, const char *at)
{
	const size_t www = strlen("www");

	if (*at == '.')
		return (size_t)(at - words) >= www && strncasecmp(at - www, "www", www) == 0;
	return *at == '@' || (*at == ':' && (at[1] == '/' || isalpha((unsigned char)at[1])));
}

void markdown_text(struct fl_text *markdown, const char *words)
{
	char *clean = clean_text(words);
	const char *text;
	size_t lead;

	if (!clean) {
		markdown->failed = true;
		return;
	}
	text = clean + strspn(clean, " ");
	lead = leading(text);
	for (const char *at = text; *at; at++) {
		if ((size_t)(at - text) == lead || strchr("\\`*_[]<>&|#~$", *at) || is_of_link(text, at))
			fl_text_bytes(markdown, "\\", 1);
		fl_text_bytes(markdown, at, 1);
	}
	free(clean);
}

void markdown_code(struct fl_text *markdown, const char *code)
{
	fl_text_add(markdown, "`%s`", code);
}

void markdown_paragraph(struct fl_text *markdown, const char *words)
{
	if (!words || !*words)
		return;
	markdown_text(markdown, words);
	fl_text_add(markdown, "\n\n");
}

void markdown_labelled(struct fl_text *markdown, const char *label, const char *words)
{
	if (!words || !*words)
		return;
	fl_text_add(markdown, "**%s:** ", label);
	markdown_paragraph(markdown, words);
}

void markdown_item(struct fl_text *markdown, const char *label, const char *words)
{
	if (!words || !*words)
		return;
	fl_text_add(markdown, "- **%s:** ", label);
	markdown_text(markdown, words);
	fl_text_add(markdown, "\n");
}

/* One backtick more than the longest run of them. */
static int fence_of(const char *lines)
{
	int longest = 2, run = 0;

	for (; *lines; lines++) {
		run = *lines == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest + 1;
}

static void fence(struct fl_text *markdown, int length)
{
	while (length-- > 0)
		fl_text_bytes(markdown, "`", 1);
}

void markdown_lines(struct fl_text *markdown, const char *language, const char *lines)
{
	int length = fence_of(lines);

	fence(markdown, length);
	fl_text_add(markdown, "%s\n%s\n", language ? language : "text", lines);
	fence(markdown, length);
	fl_text_add(markdown, "\n\n");
}

const char *markdown_when(int64_t at, char ret_text[FL_TIME_TEXT + 8])
{
	char day[FL_TIME_TEXT], time[FL_TIME_TEXT];

	if (at == FL_TIME_NONE)
		snprintf(ret_text, FL_TIME_TEXT + 8, "(no time)");
	else
		snprintf(ret_text, FL_TIME_TEXT + 8, "%.10s %s", fl_time_date(at, day), fl_time_of_day(at, true, time));
	return ret_text;
}
