/* The list of what a check asked for. */
#include <stdlib.h>

#include "flatline/check.h"

static void item_deinit(const struct fl_check_item *item)
{
	free(item->name);
	free(item->message);
	free(item->detail);
	free(item->excuse);
}

bool fl_checks_add(struct fl_checks *checks, const struct fl_check_item *item)
{
	struct fl_check_item *items = NULL;

	if (item->name && (item->state == FL_CHECK_PASSED || item->message))
		items = realloc(checks->items, (checks->count + 1) * sizeof(*items));
	if (!items) {
		item_deinit(item);
		return false;
	}
	checks->items = items;
	items[checks->count++] = *item;
	checks->failed += item->state == FL_CHECK_FAILED;
	checks->excused += item->state == FL_CHECK_EXCUSED;
	return true;
}

bool fl_checks_add_texts(struct fl_checks *checks, const struct fl_check_item *item, struct fl_text *name,
                         struct fl_text *message, struct fl_text *detail)
{
	struct fl_check_item whole = *item;

	if (name->failed || message->failed || detail->failed) {
		fl_text_deinit(name);
		fl_text_deinit(message);
		fl_text_deinit(detail);
		free(item->excuse);
		return false;
	}
	whole.name = name->data;
	whole.message = message->data;
	whole.detail = detail->data;
	return fl_checks_add(checks, &whole);
}

void fl_checks_deinit(struct fl_checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		item_deinit(&checks->items[i]);
	free(checks->items);
	*checks = (struct fl_checks){ 0 };
}
