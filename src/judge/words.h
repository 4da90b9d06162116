/* Lists of sentences. Private to judge/. */
#ifndef JUDGE_WORDS_H
#define JUDGE_WORDS_H

#include <stdbool.h>

#include "flatline/judge.h"

/* Adds a formatted sentence, unless the list is muted; false out of memory (the list stays as it was). */
bool words_add(struct fl_words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds `sentence`, which becomes the list's; NULL is out of memory. */
bool words_take(struct fl_words *words, char *sentence);
/* Leaves it empty, and as muted as it was. */
void words_deinit(struct fl_words *words);

#endif
