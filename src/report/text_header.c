/* The first line: which capture, how much of what, when, and whether it can be trusted to be whole. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flatline/capture.h"
#include "flatline/time.h"
#include "text_parts.h"

void text_header_begin(struct fl_text *text, const struct scene *scene, const struct fl_capture_account *capture)
{
	uint64_t frames = capture->facts->frames, hidden = capture->facts->hidden;
	char count[32];

	fl_text_add(text, "%s", scene->n_files > 0 ? scene->files[0] : "no file");
	if (scene->n_files > 1)
		fl_text_add(text, " and %zu more", scene->n_files - 1);
	if (hidden > 0)
		fl_text_add(text, "   %s of", fl_count_text(frames - hidden, count));
	fl_text_add(text, "%s%s %s", hidden > 0 ? " " : "   ", fl_count_text(frames, count),
	            frames == 1 ? "frame" : "frames");
}

/* "2026-01-14 09:00:00 - 09:14:30 UTC (14m30s)"; the second date only where it is another one. */
static void span(struct fl_text *text, int64_t first, int64_t last)
{
	char from[FL_TIME_TEXT], to[FL_TIME_TEXT], length[FL_TIME_TEXT];
	const size_t date = strlen("2026-01-14");

	if (first == FL_TIME_NONE || last == FL_TIME_NONE) {
		fl_text_add(text, "   without times");
		return;
	}
	fl_time_date(first, from);
	fl_time_date(last, to);
	fl_text_add(text, "   %s - %s UTC (%s)", from, memcmp(from, to, date) == 0 ? to + date + 1 : to,
	            fl_duration_text(last - first, length));
}

void text_header_end(struct fl_text *text, const struct fl_capture_account *capture)
{
	const struct fl_capture_facts *facts = capture->facts;
	char count[32];

	if (facts->frames == 0)
		return;
	if (facts->hidden == 0)
		span(text, facts->first, facts->last);
	else if (facts->hidden < facts->frames)
		span(text, facts->shown_first, facts->shown_last);
	if (facts->has_drops && facts->drops > 0)
		fl_text_add(text, "   the capture lost %s %s", fl_count_text(facts->drops, count),
		            facts->drops == 1 ? "packet" : "packets");
}
