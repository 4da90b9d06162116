/* The ladder: who sent what to whom, in order, as far as it matters: the beginning, the decisive packets with their
 * neighbours, what is odd, and the end. What is left out is counted, and how long it took is said. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "flatline/tcp.h"
#include "flatline/time.h"
#include "html_parts.h"

enum { first_rows = 5, last_rows = 3, beside = 1, most_rows = 60, alike_rows = 3 };

/* The first moment of that frame; NULL without one. */
static const struct fl_moment *moment_of(const struct fl_account *account, const struct fl_tick *tick)
{
	for (size_t i = 0; i < account->n_moments; i++) {
		if (account->moments[i].frame == tick->frame && account->moments[i].file == tick->file)
			return &account->moments[i];
	}
	return NULL;
}

static bool is_near_moment(const struct fl_account *account, const struct fl_picture *picture, size_t at)
{
	size_t from = at > beside ? at - beside : 0,
	       to = at + beside < picture->n_ticks ? at + beside : picture->n_ticks - 1;

	for (size_t i = from; i <= to; i++) {
		if (moment_of(account, &picture->ticks[i]))
			return true;
	}
	return false;
}

/* How many packets before it were the same again: of those the first few say all. */
static size_t alike_before(const struct fl_picture *picture, size_t at)
{
	const struct fl_tick *tick = &picture->ticks[at];
	size_t count = 0;

	while (count < at && picture->ticks[at - count - 1].kind == tick->kind &&
	       picture->ticks[at - count - 1].dir == tick->dir && picture->ticks[at - count - 1].length == tick->length)
		count++;
	return count;
}

static bool is_shown(const struct fl_account *account, const struct fl_picture *picture, size_t at)
{
	const struct fl_tick *tick = &picture->ticks[at];

	if (at < first_rows || at + last_rows >= picture->n_ticks || moment_of(account, tick) ||
	    tick->kind == FL_TICK_END)
		return true;
	if (tick->kind == FL_TICK_REPEAT)
		return alike_before(picture, at) < alike_rows;
	return is_near_moment(account, picture, at);
}

/* What it is, in a few words: "data, 24 bytes", "SYN", "ACK, window closed". */
static void tell_tick(struct fl_text *text, const struct fl_tick *tick)
{
	static const struct {
		uint32_t bit;
		const char *words;
	} names[] = { { FL_SEG_RST, "RST" },
		      { FL_SEG_FIN, "FIN" },
		      { FL_SEG_SYN_ACK, "SYN-ACK" },
		      { FL_SEG_SYN, "SYN" },
		      { FL_SEG_WINDOW_PROBE, "window probe" },
		      { FL_SEG_PROBE, "keepalive" } };
	const char *name = tick->length > 0 ? "data" : "ACK";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (tick->classes & names[i].bit) {
			name = names[i].words;
			break;
		}
	}
	if (tick->kind == FL_TICK_REPEAT && strcmp(name, "ACK") == 0)
		name = "FIN";
	fl_text_add(text, "%s", name);
	if (tick->length > 0 && !(tick->classes & FL_SEG_PROBE))
		fl_text_add(text, ", %" PRIu32 " %s", tick->length, tick->length == 1 ? "byte" : "bytes");
	if (tick->kind == FL_TICK_REPEAT)
		fl_text_add(text, tick->classes & FL_SEG_TLP ? ", sent again as a probe" : ", sent again");
	if (tick->classes & FL_SEG_ZERO_WINDOW && !(tick->classes & FL_SEG_RST))
		fl_text_add(text, ", window closed");
}

/* The payload's first bytes as a string of C; whatever they are, they are only text here. */
static void payload(struct fl_text *html, const struct fl_tick *tick)
{
	struct fl_text text;

	if (tick->n_head == 0)
		return;
	fl_text_init(&text);
	fl_text_add(&text, "\"");
	for (size_t i = 0; i < tick->n_head; i++) {
		uint8_t byte = tick->head[i];

		if (byte == '"' || byte == '\\')
			fl_text_add(&text, "\\%c", byte);
		else if (byte >= ' ' && byte <= '~')
			fl_text_add(&text, "%c", byte);
		else
			fl_text_add(&text, "\\x%02x", byte);
	}
	fl_text_add(&text, "\"%s", tick->n_head < tick->length ? "..." : "");
	fl_text_add(html, " ");
	html_built(html, "code", NULL, &text);
	fl_text_deinit(&text);
}

static void row(struct fl_text *html, const struct scene *scene, const struct fl_account *account, unsigned client,
                const struct fl_tick *tick)
{
	const struct fl_moment *moment = moment_of(account, tick);
	bool to_server = tick->dir == client;
	struct fl_text text;

	fl_text_init(&text);
	text_moment(&text, scene, tick->at);
	fl_text_add(html, "<tr%s>", moment ? " class=\"decisive\"" : "");
	html_built(html, "td", "num", &text);
	fl_text_add(html, "<td class=\"num\">%" PRIu32 "</td>", tick->frame);
	tell_tick(&text, tick);
	fl_text_add(html, "<td class=\"wire %s\"><span class=\"sr\">%s</span><b class=\"arrow\">",
	            to_server ? "right" : "left", to_server ? "client to server: " : "server to client: ");
	html_text(html, fl_text_get(&text));
	fl_text_add(html, "</b></td>");
	fl_text_add(html, "<td>");
	html_text(html, moment ? moment->text : "");
	payload(html, tick);
	fl_text_add(html, "</td></tr>\n");
	html->failed |= text.failed;
	fl_text_deinit(&text);
}

/* 0 where a time is not known. */
static int64_t length_of(int64_t from, int64_t to)
{
	return from != FL_TIME_NONE && to != FL_TIME_NONE ? to - from : 0;
}

/* What stands between two rows: packets that are left out, or a silence that is long against the rest. */
static void fold(struct fl_text *html, const struct fl_picture *picture, const struct fl_tick *before,
                 const struct fl_tick *after)
{
	const int64_t parts = 50, least = FL_NS_PER_S;
	int64_t gap = length_of(before->at, after->at), whole = length_of(picture->whole->from, picture->whole->to);
	uint64_t count = after->nth - before->nth - 1;
	char length[FL_TIME_TEXT], number[32];

	fl_duration_text(gap, length);
	if (count > 0)
		fl_text_add(html, "<tr class=\"fold\"><td colspan=\"4\">%s %s in %s</td></tr>\n",
		            fl_count_text(count, number), count == 1 ? "packet" : "packets", length);
	else if (gap >= least && gap >= whole / parts)
		fl_text_add(html, "<tr class=\"fold\"><td colspan=\"4\">nothing on this connection for %s</td></tr>\n",
		            length);
}

/* From the last packet to the end of what was watched. */
static void tail(struct fl_text *html, const struct fl_account *account, const struct fl_picture *picture,
                 const struct fl_tick *last)
{
	int64_t rest = length_of(last->at, picture->whole->to);
	char length[FL_TIME_TEXT];

	if (account->end == FL_END_NONE && rest >= FL_NS_PER_S)
		fl_text_add(
			html,
			"<tr class=\"fold\"><td colspan=\"4\">nothing more for %s, until the capture ended</td></tr>\n",
			fl_duration_text(rest, length));
}

void html_ladder(struct fl_text *html, const struct scene *scene, const struct fl_account *account,
                 const struct fl_picture *picture)
{
	unsigned client = picture_client(picture, account);
	const struct fl_tick *before = NULL;
	size_t rows = 0;

	if (picture->n_ticks == 0)
		return;
	fl_text_add(html, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"the packets, scrollable\">"
	                  "<table class=\"ladder\"><caption>The packets that matter</caption>"
	                  "<thead><tr><th scope=\"col\">time, UTC</th><th scope=\"col\">frame</th>"
	                  "<th scope=\"col\" class=\"ends\"><span>client</span><span>server</span></th>"
	                  "<th scope=\"col\">what it means</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < picture->n_ticks; i++) {
		bool is_last = i + last_rows >= picture->n_ticks;

		if (!is_shown(account, picture, i) || (rows >= most_rows && !is_last))
			continue;
		if (before)
			fold(html, picture, before, &picture->ticks[i]);
		row(html, scene, account, client, &picture->ticks[i]);
		before = &picture->ticks[i];
		rows++;
	}
	tail(html, account, picture, before);
	fl_text_add(html, "</tbody></table></div>\n");
}
