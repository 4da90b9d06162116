/* The backoff: when a kernel tried again, counted from the first transmission, on a scale of powers: a timer that is
 * doubled each time makes equal steps there. Under it the schedule that was recognised, and where it ends. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "flatline/time.h"
#include "html_parts.h"

enum { margin = 150, plot = 790, page_width = 960, height = 118, row_seen = 46, row_schedule = 78 };

/* The most that Linux waits between two repeats. */
static const int64_t longest_wait = 120 * FL_NS_PER_S;

struct scale {
	double from, to; /* powers of ten of seconds */
};

static int place(const struct scale *scale, int64_t after)
{
	double power = after > 0 ? log10((double)after / (double)FL_NS_PER_S) : scale->from;
	double share = (power - scale->from) / (scale->to - scale->from);

	return margin + (int)((share < 0 ? 0 : share > 1 ? 1 : share) * plot + 0.5);
}

/* How long it is known, or expected, to go on. */
static int64_t end_of(const struct fl_attempts *attempts)
{
	int64_t end = attempts->at[attempts->n - 1];

	if (attempts->stopped_by > end)
		end = attempts->stopped_by;
	if (attempts->over_at > end)
		end = attempts->over_at;
	if (attempts->gives_up > end)
		end = attempts->gives_up;
	return end - attempts->at[0];
}

static void marks(struct fl_text *html, const struct scale *scale)
{
	char length[FL_TIME_TEXT];

	for (int power = (int)ceil(scale->from); power <= (int)floor(scale->to); power++) {
		int64_t after = (int64_t)(pow(10, power) * (double)FL_NS_PER_S);
		int x = place(scale, after);

		fl_text_add(html,
		            "<path class=\"grid\" d=\"M%d 24v70\"/><text class=\"time\" x=\"%d\" y=\"108\">%s</text>\n",
		            x, x, fl_duration_text(after, length));
	}
}

/* The times of the schedule, from the first repeat by the timer on: each wait twice the one before. */
static void schedule(struct fl_text *html, const struct scale *scale, const struct fl_attempts *attempts)
{
	size_t first = attempts->begins_with_probe ? 2 : 1;
	int64_t at, wait, end = end_of(attempts);

	if (!attempts->doubles || attempts->n <= first)
		return;
	at = attempts->at[first];
	wait = at - attempts->at[first - 1];
	fl_text_add(html, "<text class=\"sign\" x=\"%d\" y=\"%d\">schedule</text>\n", margin - 8, row_schedule + 4);
	while (at - attempts->at[0] <= end) {
		fl_text_add(html, "<circle class=\"due\" cx=\"%d\" cy=\"%d\" r=\"4\"/>",
		            place(scale, at - attempts->at[0]), row_schedule);
		wait = wait * 2 < longest_wait ? wait * 2 : longest_wait;
		at += wait;
	}
	fl_text_add(html, "\n");
}

static void seen(struct fl_text *html, const struct scale *scale, const struct fl_attempts *attempts)
{
	char length[FL_TIME_TEXT];

	fl_text_add(html, "<text class=\"sign\" x=\"%d\" y=\"%d\">seen</text>\n", margin - 8, row_seen + 4);
	for (size_t i = 1; i < attempts->n; i++) {
		int64_t after = attempts->at[i] - attempts->at[0];
		bool is_probe = i == 1 && attempts->begins_with_probe;

		fl_text_add(html, "<g><title>%s %zu, %s after the first transmission</title>",
		            is_probe ? "probe" : "repeat", i, fl_duration_text(after, length));
		fl_text_add(html, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"5\"/></g>\n", is_probe ? "kp" : "kr",
		            place(scale, after), row_seen);
	}
}

static void ending(struct fl_text *html, const struct scale *scale, const struct fl_attempts *attempts)
{
	const char *words = NULL;
	int64_t at = FL_TIME_NONE;
	int x;

	if (attempts->over_at != FL_TIME_NONE) {
		at = attempts->over_at;
		words = "ended";
	} else if (attempts->has_stopped) {
		at = attempts->stopped_by;
		words = "gave up by here";
	} else if (attempts->gives_up != FL_TIME_NONE) {
		at = attempts->gives_up;
		words = "gives up here by default";
	}
	if (!words)
		return;
	x = place(scale, at - attempts->at[0]);
	fl_text_add(html,
	            "<path class=\"onset\" d=\"M%d 24v70\"/><text class=\"onset\" x=\"%d\" y=\"18\"%s>%s</text>\n", x,
	            x, x > margin + plot - 160 ? " text-anchor=\"end\"" : "", words);
}

void html_backoff(struct fl_text *html, const struct fl_account *account)
{
	const struct fl_attempts *attempts = &account->timers.attempts;
	const size_t least = 3; /* fewer show no schedule */
	struct scale scale;
	char caption[256];

	if (!attempts->what || attempts->n < least)
		return;
	scale.from = floor(log10((double)(attempts->at[1] - attempts->at[0] + 1) / (double)FL_NS_PER_S) * 2) / 2 - 0.1;
	scale.to = log10((double)(end_of(attempts) + 1) / (double)FL_NS_PER_S) + 0.1;
	if (scale.to <= scale.from)
		return;
	snprintf(caption, sizeof(caption),
	         "What the %s's kernel sent again (%s, %" PRIu32
	         " times), by the time since the first transmission. A timer "
	         "that waits twice as long each time makes equal steps here.",
	         fl_side_name(attempts->side), attempts->what, attempts->repeats);
	fl_text_add(html, "<figure>\n");
	html_element(html, "figcaption", NULL, caption);
	fl_text_add(html,
	            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"the backoff, scrollable\"><svg "
	            "viewBox=\"0 0 "
	            "%d %d\" role=\"img\" aria-label=\"Repeats by the retransmission timer\">\n",
	            page_width, height);
	marks(html, &scale);
	fl_text_add(html, "<path class=\"line\" d=\"M%d %dh%d\"/>\n", margin, row_seen, plot);
	schedule(html, &scale, attempts);
	seen(html, &scale, attempts);
	ending(html, &scale, attempts);
	fl_text_add(
		html,
		"</svg></div>\n<p class=\"legend\"><span><i class=\"kr\"></i>sent again</span> %s%s</p>\n</figure>\n",
		attempts->begins_with_probe ? "<span><i class=\"kp\"></i>a probe, before its time</span> " : "",
		attempts->doubles ? "<span>rings: when Linux's timer was due</span>" : "");
}
