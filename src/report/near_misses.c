/* An expectation that failed is to be understood without opening the capture: which flows came nearest, what they are,
 * and the first thing in which they differ. */
#include "near_misses.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/address.h"

static char *describe(const struct fl_account *account, const char *path, struct json_object *found)
{
	char client[FL_ENDPOINT_TEXT], server[FL_ENDPOINT_TEXT];
	struct fl_text text;
	char *line;

	fl_text_init(&text);
	fl_text_add(&text, "flow %" PRIu32 ", %s -> %s, %s", account->id,
	            fl_endpoint_text(&account->address[FL_CLIENT], account->port[FL_CLIENT], client),
	            fl_endpoint_text(&account->address[FL_SERVER], account->port[FL_SERVER], server),
	            account->verdict.id);
	if (account->verdict.side != FL_SIDE_NONE)
		fl_text_add(&text, " (%s)", fl_side_name(account->verdict.side));
	if (path)
		fl_text_add(&text, ": %s is %.200s", path,
		            found ? json_object_to_json_string_ext(found, JSON_C_TO_STRING_PLAIN |
		                                                                  JSON_C_TO_STRING_NOSLASHESCAPE)
		                  : "null");
	line = text.failed ? NULL : strdup(fl_text_get(&text));
	fl_text_deinit(&text);
	return line;
}

bool near_misses_add(struct near_misses *misses, unsigned how_many, const struct fl_account *account, const char *path,
                     struct json_object *found)
{
	size_t at = misses->count;
	char *line;

	misses->seen++;
	while (at > 0 && misses->items[at - 1].misses > how_many)
		at--;
	if (at == near_misses_shown)
		return true;
	line = describe(account, path, found);
	if (!line)
		return false;
	if (misses->count == near_misses_shown)
		free(misses->items[--misses->count].line);
	memmove(misses->items + at + 1, misses->items + at, (misses->count - at) * sizeof(*misses->items));
	misses->items[at] = (struct near_miss){ how_many, line };
	misses->count++;
	return true;
}

void near_misses_tell(const struct near_misses *misses, struct fl_text *text, const char *label, const char *none)
{
	for (size_t i = 0; i < misses->count; i++)
		fl_text_add(text, "%s  %s: %s", i > 0 ? "\n" : "", label, misses->items[i].line);
	if (misses->seen > misses->count)
		fl_text_add(text, "\n  and %" PRIu64 " more", misses->seen - misses->count);
	else if (misses->seen == 0)
		fl_text_add(text, "  %s", none);
}

void near_misses_deinit(struct near_misses *misses)
{
	for (size_t i = 0; i < misses->count; i++)
		free(misses->items[i].line);
	*misses = (struct near_misses){ 0 };
}
