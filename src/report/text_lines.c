/* The small habits of the text report: colours, hanging lines, times. Times are UTC everywhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "flatline/address.h"
#include "flatline/capture.h"
#include "flatline/time.h"
#include "text_parts.h"

bool scene_set(struct scene *scene, const struct fl_capture_account *capture)
{
	const struct fl_capture_facts *facts = capture->facts;

	scene->first = facts->first;
	scene->observed_until = capture->observed_until;
	scene->until_source = capture->until_source;
	scene->files = calloc(facts->n_files + 1, sizeof(*scene->files));
	for (size_t i = 0; scene->files && i < facts->n_files; i++) {
		const char *name = strcmp(facts->files[i].name, "-") == 0 ? "standard input" : facts->files[i].name;

		scene->files[i] = clean_text(name);
		if (!scene->files[i])
			return false;
		scene->n_files++;
	}
	return scene->files != NULL;
}

void scene_deinit(struct scene *scene)
{
	for (size_t i = 0; i < scene->n_files; i++)
		free(scene->files[i]);
	free(scene->files);
}

static const struct {
	const char *word, *color;
} severities[FL_SEVERITIES] = {
	[FL_OK] = { "OK", "\033[32m" },
	[FL_NOTICE] = { "NOTICE", "\033[36m" },
	[FL_WARNING] = { "WARNING", "\033[33m" },
	[FL_CRITICAL] = { "CRITICAL", "\033[1;31m" },
};

void text_severity(struct fl_text *text, const struct scene *scene, enum fl_severity severity, int columns)
{
	const char *word = severities[severity].word;
	int blanks = columns - (int)strlen(word);

	if (scene->color)
		fl_text_add(text, "%s%s\033[0m", severities[severity].color, word);
	else
		fl_text_add(text, "%s", word);
	fl_text_add(text, "%*s", blanks > 0 ? blanks : 0, "");
}

void text_hang(struct fl_text *text, const struct scene *scene, const char *lead, const char *words)
{
	size_t indent = strlen(lead), start = text->length;
	char *clean = clean_text(words);

	if (!clean) {
		text->failed = true;
		return;
	}
	/* On a narrow terminal words still get room: a line too long reads better than one word a line. */
	fl_text_wrap(text, clean, (unsigned)indent, scene->width > indent + 40 ? scene->width : (unsigned)indent + 40);
	free(clean);
	if (!text->failed && text->length - start >= indent) /* nothing was added for blanks alone */
		memcpy(text->data + start, lead, indent);
}

void text_endpoints(struct fl_text *text, const struct fl_address address[2], const uint16_t port[2])
{
	char client[FL_ENDPOINT_TEXT], server[FL_ENDPOINT_TEXT];

	fl_text_add(text, "%s -> %s", fl_endpoint_text(&address[FL_CLIENT], port[FL_CLIENT], client),
	            fl_endpoint_text(&address[FL_SERVER], port[FL_SERVER], server));
}

void text_moment(struct fl_text *text, const struct scene *scene, int64_t at)
{
	char time[FL_TIME_TEXT], date[FL_TIME_TEXT], today[FL_TIME_TEXT];

	if (at == FL_TIME_NONE) {
		fl_text_add(text, "(no time)");
		return;
	}
	fl_time_date(at, date);
	if (scene->first != FL_TIME_NONE && memcmp(date, fl_time_date(scene->first, today), strlen("2026-01-14")) != 0)
		fl_text_add(text, "%.10s ", date);
	fl_text_add(text, "%s", fl_time_of_day(at, true, time));
}
