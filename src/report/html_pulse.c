/* The pulse: for each side a strip for each sign of life, and under them what was on the wire. A strip is full as long
 * as that sign was seen, red where it was asked for and did not come, and pale where nobody asked. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flatline/time.h"
#include "html_parts.h"

enum { margin = 150, plot = 790, page_width = 960, strip_height = 13, strip_step = 17, lane = 26 };

static const char *const roles[2] = { [FL_CLIENT] = "client", [FL_SERVER] = "server" };
/* Letters of the classes in the style, by kind of tick. */
static const char kinds[FL_TICK_KINDS + 1] = "adopre";
static const char *const kind_names[FL_TICK_KINDS] = { "ACK", "data", "SYN", "probe", "sent again", "FIN or RST" };

/* What was asked just before the end may still be answered. */
static const int64_t patience = FL_NS_PER_S;

static bool is_flat(const struct fl_judged_rung *rung, int64_t to)
{
	return rung->asked_at != FL_TIME_NONE && to - rung->asked_at >= patience;
}

static void bar(struct fl_text *html, const struct axis *axis, const char *kind, int64_t from, int64_t to, int top)
{
	const int least = 2;
	int left = axis_place(axis, from), width = axis_place(axis, to) - left;

	fl_text_add(html, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", kind, left, top,
	            width > least ? width : least, strip_height);
}

/* The words at a strip's side, for those who do not see it. */
static void strip_title(struct fl_text *html, const struct fl_judged_rung *rung, int64_t to, const char *role,
                        const char *sign)
{
	char time[FL_TIME_TEXT];

	fl_text_add(html, "<title>%s, %s: ", role, sign);
	if (is_flat(rung, to))
		fl_text_add(html, "asked for at %s, and flat since", fl_time_of_day(rung->asked_at, true, time));
	else if (rung->last_at != FL_TIME_NONE)
		fl_text_add(html, "last seen at %s", fl_time_of_day(rung->last_at, true, time));
	else
		fl_text_add(html, "not seen, and not asked for");
	fl_text_add(html, "</title>");
}

/* In the flat part, or before it where that is too short. */
static void flat_words(struct fl_text *html, const struct axis *axis, const struct fl_judged_rung *rung, int top)
{
	const int needed = 130;
	char time[FL_TIME_TEXT];
	int x = axis_place(axis, rung->asked_at);
	bool fits = margin + plot - x > needed;

	fl_text_add(html, "<text class=\"in\" x=\"%d\" y=\"%d\"%s>flat ", fits ? x + 4 : x - 4, top + strip_height - 3,
	            fits ? "" : " text-anchor=\"end\"");
	if (rung->last_at == FL_TIME_NONE)
		fl_text_add(html, "from the start</text>");
	else
		fl_text_add(html, "since %s</text>", fl_time_of_day(rung->asked_at, true, time));
}

/* Whether that side sent, in that column, what makes the sign: of its program only data does. */
static bool has_sign(const struct fl_strip *strip, unsigned dir, unsigned sign, size_t column)
{
	bool is_of_program = sign == FL_SIGN_APPLICATION || sign == FL_SIGN_SESSION;

	for (unsigned kind = 0; kind < FL_TICK_KINDS; kind++) {
		if (strip->cells[dir][kind][column].count > 0 && (!is_of_program || kind == FL_TICK_DATA))
			return true;
	}
	return false;
}

/* Alive up to `until`, but for silences that are long against the whole: in those it is not known. */
static void draw_life(struct fl_text *html, const struct axis *axis, const struct fl_picture *picture, unsigned dir,
                      unsigned sign, int64_t until, int top)
{
	const size_t long_silence = FL_COLUMNS / 20;
	const int64_t column = (axis->to - axis->from) / FL_COLUMNS + 1;
	size_t begun = FL_COLUMNS, last = 0;

	if (picture->is_partial) {
		bar(html, axis, "live", axis->from, until, top);
		return;
	}
	for (size_t i = 0; i < FL_COLUMNS && axis->from + (int64_t)i * column <= until; i++) {
		if (!has_sign(picture->whole, dir, sign, i))
			continue;
		if (begun < FL_COLUMNS && i - last > long_silence) {
			bar(html, axis, "live", axis->from + (int64_t)begun * column,
			    axis->from + (int64_t)(last + 1) * column, top);
			begun = FL_COLUMNS;
		}
		begun = begun == FL_COLUMNS ? i : begun;
		last = i;
	}
	if (begun < FL_COLUMNS) {
		int64_t end = axis->from + (int64_t)(last + 1) * column;

		bar(html, axis, "live", axis->from + (int64_t)begun * column, end < until ? end : until, top);
	}
}

static void strip(struct fl_text *html, const struct axis *axis, const struct fl_picture *picture, unsigned dir,
                  const struct fl_judged_rung *rung, unsigned role, unsigned sign, int top)
{
	bool flat = is_flat(rung, axis->to);

	fl_text_add(html, "<g>");
	strip_title(html, rung, axis->to, roles[role], fl_sign_name(sign));
	fl_text_add(html, "<text class=\"sign\" x=\"%d\" y=\"%d\">%s</text>", margin - 8, top + strip_height - 2,
	            fl_sign_name(sign));
	bar(html, axis, "pale", axis->from, axis->to, top);
	if (rung->last_at != FL_TIME_NONE)
		draw_life(html, axis, picture, dir, sign,
		          flat && rung->asked_at < rung->last_at ? rung->asked_at : rung->last_at, top);
	if (flat) {
		bar(html, axis, "flat", rung->asked_at, axis->to, top);
		flat_words(html, axis, rung, top);
	}
	fl_text_add(html, "</g>\n");
}

/* It answered in the end, too late for anyone: flat from the onset on. */
static struct fl_judged_rung rung_of(const struct fl_account *account, unsigned role, unsigned sign, int64_t to)
{
	struct fl_judged_rung rung = account->signs[role][sign];
	enum fl_side side = role == FL_CLIENT ? FL_SIDE_CLIENT : FL_SIDE_SERVER;

	if (sign != FL_SIGN_SESSION || account->verdict.side != side || account->verdict.severity < FL_CRITICAL ||
	    account->verdict.layer != FL_LAYER_APPLICATION || is_flat(&account->signs[role][FL_SIGN_APPLICATION], to) ||
	    is_flat(&rung, to))
		return rung;
	rung.asked_at = account->verdict.onset;
	if (rung.last_at >= rung.asked_at)
		rung.last_at = FL_TIME_NONE;
	return rung;
}

static void strips(struct fl_text *html, const struct axis *axis, const struct fl_account *account,
                   const struct fl_picture *picture, int top)
{
	unsigned client = picture_client(picture, account);

	for (unsigned role = 0; role < 2; role++) {
		fl_text_add(html, "<text class=\"role\" x=\"4\" y=\"%d\">%s</text>\n", top + strip_height - 2,
		            roles[role]);
		for (unsigned sign = 0; sign < FL_SIGNS; sign++, top += strip_step) {
			struct fl_judged_rung rung = rung_of(account, role, sign, axis->to);

			strip(html, axis, picture, role == FL_CLIENT ? client : !client, &rung, role, sign, top);
		}
		top += 6;
	}
}

/* The packets of one kind and sender as one path of small strokes; where there were many they are higher. */
static void strokes(struct fl_text *html, const struct axis *axis, const struct fl_strip *strip, unsigned dir,
                    unsigned kind, int base, bool is_up)
{
	bool has_any = false;

	for (size_t column = 0; column < FL_COLUMNS; column++) {
		const struct fl_cell *cell = &strip->cells[dir][kind][column];
		int height = cell->count > 8 ? 22 : cell->count > 1 ? 18 : 14;

		if (cell->count == 0)
			continue;
		if (kind == FL_TICK_ACK)
			height /= 2;
		if (!has_any)
			fl_text_add(html, "<path class=\"k%c\" d=\"", kinds[kind]);
		has_any = true;
		fl_text_add(html, "M%d %dv%s%d", axis_place(axis, cell->first_at), base, is_up ? "-" : "", height);
	}
	if (has_any)
		fl_text_add(html, "\"/>\n");
}

/* What a pointer or the arrow keys tell of: place, kind, sender, how many, frames, time; for the page's script. */
static void points(struct fl_text *html, const struct axis *axis, const struct fl_strip *strip, unsigned client)
{
	char time[FL_TIME_TEXT];
	const char *between = "";

	fl_text_add(html, " data-points=\"");
	for (size_t column = 0; column < FL_COLUMNS; column++) {
		for (unsigned role = 0; role < 2; role++) {
			for (unsigned kind = 0; kind < FL_TICK_KINDS; kind++) {
				const struct fl_cell
					*cell = &strip->cells[role == FL_CLIENT ? client : !client][kind][column];

				if (cell->count == 0)
					continue;
				fl_text_add(html, "%s%d,%u%u,%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%s", between,
				            axis_place(axis, cell->first_at), role, kind, cell->count,
				            cell->first_frame, cell->last_frame,
				            fl_time_of_day(cell->first_at, true, time));
				between = ";";
			}
		}
	}
	fl_text_add(html, "\"");
}

static void packets(struct fl_text *html, const struct axis *axis, const struct fl_strip *strip, unsigned client,
                    int top)
{
	for (unsigned role = 0; role < 2; role++) {
		int base = top + lane;

		fl_text_add(html, "<text class=\"sign\" x=\"%d\" y=\"%d\">from the %s</text>\n", margin - 8,
		            role == FL_CLIENT ? base - 6 : base + 16, roles[role]);
		for (unsigned kind = 0; kind < FL_TICK_KINDS; kind++)
			strokes(html, axis, strip, role == FL_CLIENT ? client : !client, kind, base, role == FL_CLIENT);
	}
	fl_text_add(html, "<path class=\"line\" d=\"M%d %dh%d\"/>\n", margin, top + lane, plot);
}

static void onset_line(struct fl_text *html, const struct axis *axis, const struct fl_account *account, int top,
                       int height)
{
	int x;

	if (account->verdict.onset == FL_TIME_NONE || account->verdict.onset < axis->from ||
	    account->verdict.onset > axis->to)
		return;
	x = axis_place(axis, account->verdict.onset);
	fl_text_add(html, "<path class=\"onset\" d=\"M%d %dv%d\"/>", x, top - 3, height + 3);
	fl_text_add(html, "<text class=\"onset\" x=\"%d\" y=\"%d\"%s>onset</text>\n", x, top - 5,
	            x > margin + plot - 30 ? " text-anchor=\"end\"" : "");
}

/* Which strokes are there, in words: never by colour alone. */
static void legend(struct fl_text *html, const struct fl_strip *strip)
{
	fl_text_add(html, "<p class=\"legend\">");
	for (unsigned kind = 0; kind < FL_TICK_KINDS; kind++) {
		bool has_any = false;

		for (size_t i = 0; i < FL_COLUMNS; i++)
			has_any |= strip->cells[0][kind][i].count > 0 || strip->cells[1][kind][i].count > 0;
		if (has_any)
			fl_text_add(html, "<span><i class=\"k%c\"></i>%s</span> ", kinds[kind], kind_names[kind]);
	}
	fl_text_add(html, "</p>\n");
}

/* `with_signs`: the strips of life above the packets. */
static void figure(struct fl_text *html, const struct fl_account *account, const struct fl_picture *picture,
                   const struct fl_strip *strip, bool with_signs, const char *caption)
{
	unsigned client = picture_client(picture, account);
	struct axis axis = { strip->from, strip->to, margin, plot };
	const int top = 22, rows = with_signs ? 2 * (FL_SIGNS * strip_step + 6) : 0;
	int height = rows + 2 * lane + 4;

	fl_text_add(html, "<figure>\n");
	html_element(html, "figcaption", NULL, caption);
	fl_text_add(html,
	            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><svg viewBox=\"0 0 %d %d\" "
	            "role=\"img\" aria-label=\"%s\" class=\"pulse\"",
	            with_signs ? "the pulse, scrollable" : "the onset, scrollable", page_width, top + height + 22,
	            with_signs ? "Signs of life of both sides, and their packets, over time"
	                       : "The packets around the onset");
	points(html, &axis, strip, client);
	fl_text_add(html, ">\n");
	axis_draw(html, &axis, top, height);
	if (with_signs)
		strips(html, &axis, account, picture, top);
	packets(html, &axis, strip, client, top + rows);
	onset_line(html, &axis, account, top, height);
	fl_text_add(html, "</svg></div>\n");
	legend(html, strip);
	fl_text_add(html, "<p class=\"said\" aria-live=\"polite\"></p>\n</figure>\n");
}

/* Whether a strip shows more than a few packets on one spot. */
static bool is_worth_it(const struct fl_strip *strip)
{
	const size_t least = 4;
	size_t places = 0;

	for (size_t column = 0; column < FL_COLUMNS; column++) {
		bool has_any = false;

		for (unsigned kind = 0; kind < FL_TICK_KINDS; kind++)
			has_any |= strip->cells[0][kind][column].count > 0 || strip->cells[1][kind][column].count > 0;
		places += has_any;
	}
	return places >= least;
}

/* With their dates where they are of two days. */
static void tell_span(struct fl_text *text, const struct fl_strip *strip)
{
	char from[FL_TIME_TEXT + 8], to[FL_TIME_TEXT + 8];
	size_t day = strlen("2026-01-14 ");

	html_when(strip->from, from);
	html_when(strip->to, to);
	if (strncmp(from, to, day) == 0)
		fl_text_add(text, "%s to %s", from + day, to + day);
	else
		fl_text_add(text, "%s to %s", from, to);
}

void html_pulse(struct fl_text *html, const struct fl_account *account, const struct fl_picture *picture)
{
	char caption[512];
	struct fl_text span;

	fl_text_init(&span);
	tell_span(&span, picture->whole);
	snprintf(
		caption, sizeof(caption),
		"The pulse of this connection, %s UTC. Wire: any packet of that side. Stack: its kernel answers. "
		"Application: its program sends. Session: its program gives the answers that it owes. Blue: seen. Red: "
		"asked "
		"for, and it did not come. Grey: not asked for, or not seen for long.",
		fl_text_get(&span));
	figure(html, account, picture, picture->whole, true, caption);
	if (picture->close && is_worth_it(picture->close)) {
		fl_text_clear(&span);
		tell_span(&span, picture->close);
		snprintf(caption, sizeof(caption), "Around the onset, %s.", fl_text_get(&span));
		figure(html, account, picture, picture->close, false, caption);
	}
	html->failed |= span.failed;
	fl_text_deinit(&span);
}
