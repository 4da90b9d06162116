/* Lists of sentences, each its own string, all of them the list's. */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool words_take(struct fl_words *words, char *sentence)
{
	char **items;

	if (!sentence)
		return false;
	items = realloc(words->items, (words->count + 1) * sizeof(*items));
	if (!items) {
		free(sentence);
		return false;
	}
	words->items = items;
	words->items[words->count++] = sentence;
	return true;
}

bool words_add(struct fl_words *words, const char *format, ...)
{
	va_list args;
	char *sentence;
	int length;

	if (words->is_muted)
		return true;
	va_start(args, format);
	length = vasprintf(&sentence, format, args);
	va_end(args);
	return length >= 0 && words_take(words, sentence);
}

void words_deinit(struct fl_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct fl_words){ .is_muted = words->is_muted };
}
