/* Twenty connections that died of one cause need one setting: its lines stand in the report once, with the connections
 * that it is for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "markdown_parts.h"

enum { most_named = sizeof(((struct markdown_setting *)NULL)->flows) / sizeof(uint32_t) };

/* What a renderer knows the language by. */
static const char *fence_language(const char *language)
{
	static const struct {
		const char *language, *fence;
	} fences[] = { { "C", "c" },     { "Java", "java" },          { "Go", "go" },      { "Python", "python" },
		       { "curl", "sh" }, { "Node.js", "javascript" }, { "sysctl", "ini" }, { "nft", "sh" } };

	for (size_t i = 0; i < sizeof(fences) / sizeof(fences[0]); i++) {
		size_t length = strlen(fences[i].language);

		/* "Python (redis-py)" is Python, too. */
		if (strncmp(language, fences[i].language, length) == 0 &&
		    (language[length] == '\0' || language[length] == ' '))
			return fences[i].fence;
	}
	return NULL;
}

/* Of a remedy that has lines; NULL out of memory. */
static char *text_of(const struct remedy *remedy)
{
	struct fl_text text;

	fl_text_init(&text);
	fl_text_add(&text, "### %s, %s\n\n", remedy->title, remedy->where);
	for (size_t i = 0; i < remedy->n_snippets; i++) {
		fl_text_add(&text, "%s:\n\n", remedy->snippets[i].language);
		markdown_lines(&text, fence_language(remedy->snippets[i].language), remedy->snippets[i].code);
	}
	if (text.failed)
		fl_text_deinit(&text);
	return text.data;
}

static struct markdown_setting *find(struct markdown_settings *settings, const char *text)
{
	for (size_t i = 0; i < settings->count; i++) {
		if (strcmp(settings->items[i].text, text) == 0)
			return &settings->items[i];
	}
	return NULL;
}

/* Takes `text`. NULL out of memory, then it is freed. */
static struct markdown_setting *append(struct markdown_settings *settings, char *text)
{
	struct markdown_setting *items = realloc(settings->items, (settings->count + 1) * sizeof(*items));

	if (!items) {
		free(text);
		return NULL;
	}
	settings->items = items;
	items[settings->count] = (struct markdown_setting){ .text = text };
	return &items[settings->count++];
}

bool markdown_settings_add(struct markdown_settings *settings, const struct remedies *remedies, uint32_t flow)
{
	for (size_t i = 0; i < remedies->count; i++) {
		struct markdown_setting *setting;
		char *text;

		if (remedies->items[i].n_snippets == 0)
			continue;
		text = text_of(&remedies->items[i]);
		if (!text)
			return false;
		setting = find(settings, text);
		if (setting)
			free(text);
		else
			setting = append(settings, text);
		if (!setting)
			return false;
		if (setting->n_flows < most_named)
			setting->flows[setting->n_flows] = flow;
		setting->n_flows++;
	}
	return true;
}

void markdown_settings_write(const struct markdown_settings *settings, struct fl_text *markdown)
{
	if (settings->count > 0)
		fl_text_add(markdown, "## Settings that would have caught it\n\n");
	for (size_t i = 0; i < settings->count; i++) {
		const struct markdown_setting *setting = &settings->items[i];

		fl_text_add(markdown, "%s", setting->text);
		fl_text_add(markdown, "For flow%s ", setting->n_flows == 1 ? "" : "s");
		for (size_t k = 0; k < setting->n_flows && k < most_named; k++)
			fl_text_add(markdown, "%s%" PRIu32, k > 0 ? ", " : "", setting->flows[k]);
		if (setting->n_flows > most_named)
			fl_text_add(markdown, " and %zu more", setting->n_flows - most_named);
		fl_text_add(markdown, ".\n\n");
	}
}

void markdown_settings_deinit(struct markdown_settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		free(settings->items[i].text);
	free(settings->items);
	*settings = (struct markdown_settings){ 0 };
}
