/* Signs of life of both sides: a strip is full where the sign was seen, flat from where it was asked for and did not
 * come, and dotted where nobody asked. */
#include "text_pulse.h"

#include <string.h>

#include "flatline/time.h"

enum { columns = 60, margin = 20 };

/* What was asked just before the end may still be answered. */
static const int64_t patience = FL_NS_PER_S;

static bool is_flat(const struct fl_judged_rung *rung, int64_t to)
{
	return rung->asked_at != FL_TIME_NONE && to - rung->asked_at >= patience;
}

static size_t column_of(int64_t at, int64_t from, int64_t to)
{
	double share = to > from ? ((double)at - (double)from) / ((double)to - (double)from) : 0;

	if (share <= 0)
		return 0;
	return share >= 1 ? columns - 1 : (size_t)(share * columns);
}

/* Whether that side sent, in that column, what makes the sign: of its program only data does. */
static bool has_sign(const struct fl_strip *strip, unsigned dir, unsigned sign, size_t column)
{
	const size_t wide = FL_COLUMNS / columns;
	bool is_of_program = sign == FL_SIGN_APPLICATION || sign == FL_SIGN_SESSION;

	for (size_t i = column * wide; i < (column + 1) * wide; i++) {
		for (unsigned kind = 0; kind < FL_TICK_KINDS; kind++) {
			if (strip->cells[dir][kind][i].count > 0 && (!is_of_program || kind == FL_TICK_DATA))
				return true;
		}
	}
	return false;
}

/* Silences that are long against the whole are none of life, and none of death. */
static void draw_seen(char *line, const struct fl_strip *strip, unsigned dir, unsigned sign, size_t end)
{
	const size_t long_silence = columns / 20;
	size_t last = columns;

	for (size_t i = 0; i < end; i++) {
		if (!has_sign(strip, dir, sign, i))
			continue;
		line[i] = '#';
		if (last < columns && i - last <= long_silence)
			memset(line + last, '#', i - last);
		last = i;
	}
}

struct view {
	int64_t from, to;
	const struct fl_strip *strip; /* NULL without a picture */
	unsigned client;              /* index of the client in it */
};

static void draw(char *line, const struct view *view, const struct fl_judged_rung *rung, unsigned role, unsigned sign)
{
	bool flat = is_flat(rung, view->to);
	size_t end = columns, seen = 0;

	memset(line, '.', columns);
	line[columns] = '\0';
	if (flat && rung->last_at == FL_TIME_NONE)
		end = 0;
	else if (flat)
		end = column_of(rung->asked_at, view->from, view->to);
	if (rung->last_at != FL_TIME_NONE) {
		seen = column_of(rung->last_at, view->from, view->to) + 1;
		end = flat && end == 0 ? 1 : end; /* it lived for a moment */
	}
	seen = seen < end ? seen : end;
	if (view->strip)
		draw_seen(line, view->strip, role == FL_CLIENT ? view->client : !view->client, sign, seen);
	else
		memset(line, '#', seen);
	if (flat)
		memset(line + end, '_', columns - end);
}

/* It answered in the end, too late for anyone: flat from the onset on. */
static struct fl_judged_rung rung_of(const struct fl_account *account, unsigned role, unsigned sign, int64_t to)
{
	const struct fl_judged_rung *signs = account->signs[role];
	struct fl_judged_rung rung = signs[sign];
	enum fl_side side = role == FL_CLIENT ? FL_SIDE_CLIENT : FL_SIDE_SERVER;

	if (sign != FL_SIGN_SESSION || account->verdict.side != side || account->verdict.severity < FL_CRITICAL ||
	    account->verdict.layer != FL_LAYER_APPLICATION || is_flat(&signs[FL_SIGN_APPLICATION], to) ||
	    is_flat(&rung, to))
		return rung;
	rung.asked_at = account->verdict.onset;
	if (rung.last_at >= rung.asked_at)
		rung.last_at = FL_TIME_NONE;
	return rung;
}

static bool is_known(const struct fl_judged_rung *rung)
{
	return rung->last_at != FL_TIME_NONE || rung->asked_at != FL_TIME_NONE;
}

/* The rungs of one side, of which something is known. */
static void side(struct fl_text *text, const struct scene *scene, const struct fl_account *account,
                 const struct view *view, unsigned role)
{
	char line[columns + 1];
	bool has_any = false;

	for (unsigned sign = 0; sign < FL_SIGNS; sign++) {
		struct fl_judged_rung rung = rung_of(account, role, sign, view->to);

		if (!is_known(&rung))
			continue;
		draw(line, view, &rung, role, sign);
		fl_text_add(text, "%-6s %-12s %s",
		            has_any             ? ""
		            : role == FL_CLIENT ? "client"
		                                : "server",
		            fl_sign_name(sign), line);
		if (is_flat(&rung, view->to) && rung.last_at == FL_TIME_NONE) {
			fl_text_add(text, "  flat from the start");
		} else if (is_flat(&rung, view->to)) {
			fl_text_add(text, "  flat since ");
			text_moment(text, scene, rung.asked_at);
		}
		fl_text_add(text, "\n");
		has_any = true;
	}
}

static void axis(struct fl_text *text, const struct view *view)
{
	bool fine = view->to - view->from < 300 * FL_NS_PER_S;
	char first[FL_TIME_TEXT], last[FL_TIME_TEXT];

	fl_time_of_day(view->from, fine, first);
	fl_time_of_day(view->to, fine, last);
	fl_text_add(text, "%*s%s%*s\n", margin, "", first, (int)(columns - strlen(first)), last);
}

static bool is_clients(const struct fl_picture *picture, const struct fl_account *account)
{
	return picture->port[0] == account->port[FL_CLIENT] &&
	       fl_address_equal(&picture->address[0], &account->address[FL_CLIENT]);
}

void text_pulse(struct fl_text *text, const struct scene *scene, const struct fl_account *account,
                const struct fl_picture *picture)
{
	const int64_t shortest = 10 * FL_NS_PER_MS; /* of what was over at once a strip shows nothing */
	struct view view = { .from = account->first, .to = account->last };

	if (view.from == FL_TIME_NONE)
		return;
	/* A flow that ended is shown to its end, an open one as long as it was watched. */
	if (account->end == FL_END_NONE && scene->observed_until > view.to)
		view.to = scene->observed_until;
	if (picture && !picture->is_partial && picture->whole && picture->whole->to > picture->whole->from) {
		view.strip = picture->whole;
		view.from = picture->whole->from;
		view.to = picture->whole->to;
		view.client = !is_clients(picture, account);
	}
	if (view.to - view.from < shortest)
		return;
	axis(text, &view);
	side(text, scene, account, &view, FL_CLIENT);
	side(text, scene, account, &view, FL_SERVER);
	fl_text_add(text, "\n# seen%s   _ asked for, and not seen   . nobody asked\n", view.strip ? "" : " until then");
	fl_text_add(text, "wire: its packets   stack: its kernel's answers   application, session: its program's");
}
