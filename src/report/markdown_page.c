/* What stands below the connections that are told: the others as a table, the capture, and how to make the report
 * again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/capture.h"
#include "flatline/time.h"
#include "markdown_parts.h"
#include "plain.h"

static void row(struct fl_text *markdown, const struct ranked *ranked)
{
	char client[FL_ENDPOINT_TEXT], server[FL_ENDPOINT_TEXT], when[FL_TIME_TEXT + 8];

	fl_text_add(markdown, "| %" PRIu32 " | %s | `%s` | `%s` | `%s` | %s |\n", ranked->id,
	            fl_severity_name(ranked->severity), ranked->verdict,
	            fl_endpoint_text(&ranked->address[FL_CLIENT], ranked->port[FL_CLIENT], client),
	            fl_endpoint_text(&ranked->address[FL_SERVER], ranked->port[FL_SERVER], server),
	            ranked->onset != FL_TIME_NONE ? markdown_when(ranked->onset, when) : "");
}

/* The most frequent first. */
static int compare(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void unlisted_kinds(struct fl_text *markdown, struct tally *unlisted)
{
	char count[32];

	if (unlisted->n_rows == 0)
		return;
	qsort(unlisted->rows, unlisted->n_rows, sizeof(*unlisted->rows), compare);
	fl_text_add(markdown, "%s more that are not well have no row here:\n\n", fl_count_text(unlisted->total, count));
	for (size_t i = 0; i < unlisted->n_rows; i++) {
		fl_text_add(markdown, "- %s ", fl_count_text(unlisted->rows[i].count, count));
		markdown_text(markdown, unlisted->rows[i].name);
		fl_text_add(markdown, "\n");
	}
	fl_text_add(markdown, "\n");
}

void markdown_table(struct fl_text *markdown, const struct ranking *ranking, struct tally *unlisted)
{
	bool has_any = false;

	for (size_t i = 0; i < ranking->n_rows; i++) {
		if (ranking->rows[i].story)
			continue;
		if (!has_any)
			fl_text_add(markdown, "## Others that are not well\n\n"
			                      "| Flow | Severity | Verdict | Client | Server | Since, UTC |\n"
			                      "|---:|---|---|---|---|---|\n");
		has_any = true;
		row(markdown, &ranking->rows[i]);
	}
	if (has_any)
		fl_text_add(markdown, "\n");
	unlisted_kinds(markdown, unlisted);
}

static void file_item(struct fl_text *markdown, const struct fl_capture_file *file)
{
	struct fl_text words;

	fl_text_init(&words);
	plain_file(&words, file);
	fl_text_add(markdown, "- ");
	markdown_text(markdown, fl_text_get(&words));
	fl_text_add(markdown, "\n");
	markdown->failed |= words.failed;
	fl_text_deinit(&words);
}

static void span(struct fl_text *markdown, const struct fl_capture_account *capture)
{
	const struct fl_capture_facts *facts = capture->facts;
	char from[FL_TIME_TEXT + 8], to[FL_TIME_TEXT + 8], length[FL_TIME_TEXT];

	if (facts->first != FL_TIME_NONE)
		fl_text_add(markdown, "- **From, to:** %s - %s UTC (%s)\n", markdown_when(facts->first, from),
		            markdown_when(facts->last, to), fl_duration_text(facts->last - facts->first, length));
	if (capture->observed_until != FL_TIME_NONE)
		fl_text_add(markdown, "- **Watched until:** %s UTC (%s)\n", markdown_when(capture->observed_until, to),
		            plain_until(capture->until_source));
}

/* How a capture would have shown more: where packets are missing, cut, or seen one way only. */
static void better(struct fl_text *markdown, const struct fl_capture_account *capture)
{
	if (capture->caveats.count == 0 && capture->facts->cut == 0)
		return;
	markdown_paragraph(markdown, PLAIN_BETTER);
	markdown_lines(markdown, "sh", PLAIN_BETTER_LINE);
}

void markdown_capture(struct fl_text *markdown, const struct fl_capture_account *capture)
{
	const struct fl_capture_facts *facts = capture->facts;
	char count[32];

	fl_text_add(markdown, "## The capture\n\n");
	for (size_t i = 0; i < facts->n_files; i++)
		file_item(markdown, &facts->files[i]);
	fl_text_add(markdown, "- **Frames:** %s, ", fl_count_text(facts->frames, count));
	fl_text_add(markdown, "%s of them TCP", fl_count_text(capture->tcp_packets, count));
	if (capture->skipped.not_ip > 0)
		fl_text_add(markdown, ", %s of ARP and others that are not IP",
		            fl_count_text(capture->skipped.not_ip, count));
	if (capture->skipped.not_tcp > 0)
		fl_text_add(markdown, ", %s of UDP, ICMP and others", fl_count_text(capture->skipped.not_tcp, count));
	fl_text_add(markdown, "\n");
	span(markdown, capture);
	if (facts->has_drops)
		fl_text_add(markdown, "- **Lost:** %s packets, by the capture's own count\n",
		            fl_count_text(facts->drops, count));
	else
		fl_text_add(markdown, "- **Lost:** the file does not say whether the capture lost packets\n");
	fl_text_add(markdown, "\n");
	markdown_paragraph(markdown, capture->not_tcp);
	for (size_t i = 0; i < capture->caveats.count; i++)
		markdown_labelled(markdown, "Note", capture->caveats.items[i]);
	better(markdown, capture);
}

void markdown_reproduce(struct fl_text *markdown, const char *command, const char *verdict)
{
	struct fl_text lines;

	if (!command)
		return;
	fl_text_init(&lines);
	fl_text_add(&lines, "%s", command);
	if (verdict)
		fl_text_add(&lines, "\nflatline explain %s", verdict);
	fl_text_add(markdown, "## How to make this report again\n\n");
	markdown_lines(markdown, "sh", fl_text_get(&lines));
	markdown->failed |= lines.failed;
	fl_text_deinit(&lines);
}
