/* The sentences of a verdict are written once, in its detector, with named figures; every format prints the same words.
 * What is filled in here: figures by their unit, singular or plural, roles, and parts that fall away when a figure was
 * never set. */
#include "story.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/time.h"

struct teller {
	struct fl_text *text;
	const struct fl_figure *figures;
	size_t n_figures;
	const struct story_roles *roles;
};

static const struct fl_figure *find(const struct teller *teller, const char *name, size_t length)
{
	for (size_t i = 0; i < teller->n_figures; i++) {
		const struct fl_figure *figure = &teller->figures[i];

		if (strlen(figure->name) == length && memcmp(figure->name, name, length) == 0)
			return figure;
	}
	return NULL;
}

static void tell_figure(struct fl_text *text, const struct fl_figure *figure)
{
	char number[32], time[FL_TIME_TEXT];

	switch (figure->unit) {
	case FL_UNIT_DURATION: fl_text_add(text, "%s", fl_duration_text(figure->value, time)); break;
	case FL_UNIT_TIME: fl_text_add(text, "%s", fl_time_of_day(figure->value, true, time)); break;
	case FL_UNIT_FRAME: fl_text_add(text, "%" PRId64, figure->value); break;
	case FL_UNIT_BYTES:
		fl_text_add(text, "%s %s", fl_count_text((unsigned long long)figure->value, number),
		            figure->value == 1 ? "byte" : "bytes");
		break;
	default: fl_text_add(text, "%s", fl_count_text((unsigned long long)figure->value, number));
	}
}

static bool is_role(const char *name, size_t length, const char *role)
{
	return length == strlen(role) && strncasecmp(name, role, length) == 0;
}

/* "{side}" and "{other}"; a capital letter asks for one. */
static bool tell_role(const struct teller *teller, const char *name, size_t length)
{
	const char *word;

	if (is_role(name, length, "side"))
		word = teller->roles->side;
	else if (is_role(name, length, "other"))
		word = teller->roles->other;
	else
		return false;
	fl_text_add(teller->text, "%c%s", isupper((unsigned char)*name) ? toupper((unsigned char)*word) : *word,
	            word + 1);
	return true;
}

/* One {place}, given without its braces. False when its figure is missing. */
static bool tell_place(const struct teller *teller, const char *place, size_t length)
{
	size_t name = 0;

	while (name < length && !strchr("?|!", place[name]))
		name++;

	const struct fl_figure *figure = find(teller, place, name);

	if (name == length) {
		if (figure)
			tell_figure(teller->text, figure);
		return figure || tell_role(teller, place, length);
	}

	if (place[name] == '!') /* asks for the figure, and says nothing */
		return figure != NULL;

	/* {count?one:many} or {figure|there|not there} */
	const char *first = place + name + 1, *end = place + length;
	const char *second = memchr(first, place[name] == '?' ? ':' : '|', (size_t)(end - first));
	bool take_first = place[name] == '?' ? figure && figure->value == 1 : figure != NULL;

	if (!second)
		second = end;
	if (take_first)
		fl_text_bytes(teller->text, first, (size_t)(second - first));
	else if (second < end)
		fl_text_bytes(teller->text, second + 1, (size_t)(end - second - 1));
	return figure || place[name] == '|';
}

/* True when every figure that the part needs is there; {figure|...|...} needs none. */
static bool has_all(const struct teller *teller, const char *part, const char *end)
{
	while (part < end && (part = memchr(part, '{', (size_t)(end - part))) != NULL) {
		size_t length = strcspn(part + 1, "}?|!");

		if (part[1 + length] != '|' && !find(teller, part + 1, length) && !is_role(part + 1, length, "side") &&
		    !is_role(part + 1, length, "other"))
			return false;
		part++;
	}
	return true;
}

void story_tell(struct fl_text *text, const char *pattern, const struct fl_figure *figures, size_t n_figures,
                const struct story_roles *roles)
{
	struct teller teller = { text, figures, n_figures, roles };

	while (*pattern) {
		size_t plain = strcspn(pattern, "{[]");

		fl_text_bytes(text, pattern, plain);
		pattern += plain;
		if (*pattern == '[') {
			const char *end = strchr(pattern, ']');

			if (end && !has_all(&teller, pattern, end))
				pattern = end;
			pattern++;
		} else if (*pattern == ']') {
			pattern++;
		} else if (*pattern == '{') {
			size_t length = strcspn(pattern + 1, "}");

			if (!tell_place(&teller, pattern + 1, length))
				fl_text_add(text, "an unknown number of");
			pattern += 1 + length + (pattern[1 + length] == '}');
		}
	}
}

char *story_sentence(const char *pattern, const struct fl_figure *figures, size_t n_figures,
                     const struct story_roles *roles)
{
	struct fl_text text;

	if (!pattern)
		return NULL;
	fl_text_init(&text);
	story_tell(&text, pattern, figures, n_figures, roles);
	if (text.failed) {
		fl_text_deinit(&text);
		return NULL;
	}
	return text.data ? text.data : strdup("");
}
