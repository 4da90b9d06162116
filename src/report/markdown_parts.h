/* Parts of the Markdown report. Private to report/. */
#ifndef REPORT_MARKDOWN_PARTS_H
#define REPORT_MARKDOWN_PARTS_H

#include "flatline/judge.h"
#include "flatline/picture.h"
#include "flatline/text.h"
#include "ranking.h"
#include "remedies.h"
#include "tally.h"
#include "text_parts.h"

/* Text that may hold anything: cleaned (clean.h), on one line, and with what Markdown reads as markup escaped, also at
 * the start of a line and in a cell of a table. */
void markdown_text(struct fl_text *markdown, const char *words);
/* As `code`: for what has no backtick in it (our own ids, addresses, filters). */
void markdown_code(struct fl_text *markdown, const char *code);
/* A paragraph; nothing when there are no words. */
void markdown_paragraph(struct fl_text *markdown, const char *words);
/* "**label:** words", a paragraph; nothing when there are no words. */
void markdown_labelled(struct fl_text *markdown, const char *label, const char *words);
/* The same as an item of a list. */
void markdown_item(struct fl_text *markdown, const char *label, const char *words);
/* Lines as they are, between fences that they cannot end; `language` NULL: text. */
void markdown_lines(struct fl_text *markdown, const char *language, const char *lines);
/* A date and time in UTC, "2026-01-14 09:00:01.203". */
const char *markdown_when(int64_t at, char ret_text[FL_TIME_TEXT + 8]);

/* The settings of all flows, each once, with the flows that it is for. */
struct markdown_settings {
	struct markdown_setting {
		char *text; /* its heading and its lines */
		uint32_t flows[12];
		size_t n_flows; /* all of them */
	} * items;
	size_t count;
};
/* Takes those of a flow. False out of memory. */
bool markdown_settings_add(struct markdown_settings *settings, const struct remedies *remedies, uint32_t flow);
/* Nothing when there are none. */
void markdown_settings_write(const struct markdown_settings *settings, struct fl_text *markdown);
void markdown_settings_deinit(struct markdown_settings *settings);

/* The first lines, of the worst flow: a heading and facts. `rank`: "# " or what else leads the heading. */
void markdown_lead(struct fl_text *markdown, const char *rank, const struct scene *scene,
                   const struct fl_account *account);
/* All that is told of one flow; `picture` NULL: there is none. */
void markdown_flow(struct fl_text *markdown, const struct scene *scene, const struct fl_account *account,
                   const struct fl_picture *picture, const struct remedies *remedies);
/* A table of those that have no story; and, below it, the kinds of those that found no row. */
void markdown_table(struct fl_text *markdown, const struct ranking *ranking, struct tally *unlisted);
void markdown_capture(struct fl_text *markdown, const struct fl_capture_account *capture);
/* `command`: how the report was made; NULL when nobody said. `verdict`: the worst one; NULL without. */
void markdown_reproduce(struct fl_text *markdown, const char *command, const char *verdict);

#endif
