/* Signs of life as strips: each rung of the sick side lives ('#') until it was asked and no longer answered ('_').
 * Quiet alone never draws '_': a rung that nobody asked is not flat. */
#include <stdio.h>
#include <string.h>

#include "flatline/time.h"
#include "text_parts.h"

enum { columns = 44, margin = 19 };

/* What was asked just before the end may still be answered: the last packet of a capture is seldom ACKed in it. */
static const int64_t patience = FL_NS_PER_S;

static bool is_flat(const struct fl_judged_rung *rung, int64_t to)
{
	return rung->asked_at != FL_TIME_NONE && to - rung->asked_at >= patience;
}

/* Columns of life before the first unmet demand; a flat rung shows at least one '_', one that ever lived one '#'. */
static unsigned lived(const struct fl_judged_rung *rung, int64_t from, int64_t to)
{
	double share;

	if (!is_flat(rung, to))
		return columns;
	if (rung->last_at == FL_TIME_NONE)
		return 0;
	share = to > from ? ((double)rung->asked_at - (double)from) / ((double)to - (double)from) : 1;

	int filled = (int)(share * columns + 0.5);

	return filled < 1 ? 1 : filled > columns - 1 ? columns - 1 : (unsigned)filled;
}

static void strip(struct fl_text *text, const struct scene *scene, const char *side, unsigned sign,
                  const struct fl_judged_rung *rung, int64_t from, int64_t to)
{
	static const char alive[] = "############################################";
	static const char flat[] = "____________________________________________";
	unsigned filled = lived(rung, from, to);

	fl_text_add(text, "  %-6s %-10s%.*s", side, fl_sign_name(sign), (int)filled, alive);
	if (is_flat(rung, to)) {
		fl_text_add(text, scene->color ? "\033[31m%.*s\033[0m" : "%.*s", (int)(columns - filled), flat);
		if (filled == 0) {
			fl_text_add(text, "  flat from the start");
		} else {
			fl_text_add(text, "  flat since ");
			text_moment(text, scene, rung->asked_at);
		}
	}
	fl_text_add(text, "\n");
}

static const char ruler[] = "|--------------------------------------------|";

/* Hours and minutes, or all of it where that would say little. */
static void axis(struct fl_text *text, int64_t from, int64_t to)
{
	bool fine = to - from < 300 * FL_NS_PER_S;
	char first[FL_TIME_TEXT], last[FL_TIME_TEXT];

	fl_text_add(text, "%*s %s %s\n", margin - 1, fl_time_of_day(from, fine, first), ruler,
	            fl_time_of_day(to, fine, last));
}

bool text_has_strips(const char *story)
{
	return strstr(story, ruler) != NULL;
}

void text_legend(struct fl_text *text)
{
	fl_text_add(text,
	            "\nwire: its packets. stack: its kernel's answers. application, session: its program's. _: none "
	            "came.\n");
}

void text_strips(struct fl_text *text, const struct scene *scene, const struct fl_account *account)
{
	enum fl_side side = account->verdict.side;
	const int64_t shortest = 10 * FL_NS_PER_MS; /* of what was over at once a strip shows nothing */
	int64_t from = account->first, to = account->last;
	const struct fl_judged_rung *signs;

	if ((side != FL_SIDE_CLIENT && side != FL_SIDE_SERVER) || from == FL_TIME_NONE)
		return;
	/* A flow that ended is shown to its end, an open one as long as it was watched. */
	if (account->end == FL_END_NONE && scene->observed_until > to)
		to = scene->observed_until;
	if (to - from < shortest)
		return;
	signs = account->signs[side == FL_SIDE_CLIENT ? FL_CLIENT : FL_SERVER];
	axis(text, from, to);
	strip(text, scene, fl_side_name(side), FL_SIGN_WIRE, &signs[FL_SIGN_WIRE], from, to);
	strip(text, scene, "", FL_SIGN_STACK, &signs[FL_SIGN_STACK], from, to);
	if (account->verdict.layer == FL_LAYER_PATH || account->verdict.layer == FL_LAYER_STACK)
		return; /* what is above a dead path or kernel cannot answer either: its rungs say nothing new */
	for (unsigned sign = FL_SIGN_APPLICATION; sign <= FL_SIGN_SESSION; sign++) {
		if (is_flat(&signs[sign], to)) {
			strip(text, scene, "", sign, &signs[sign], from, to);
			return;
		}
	}
	/* It answered in the end, too late for anyone: flat from the verdict's onset on. */
	struct fl_judged_rung late = signs[FL_SIGN_SESSION];

	late.asked_at = account->verdict.onset;
	if (late.last_at >= late.asked_at)
		late.last_at = FL_TIME_NONE;
	strip(text, scene, "", FL_SIGN_SESSION, &late, from, to);
}
