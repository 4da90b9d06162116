/* Sentences from templates. Private to judge/. */
#ifndef JUDGE_STORY_H
#define JUDGE_STORY_H

#include "flatline/finding.h"
#include "flatline/text.h"

struct story_roles {
	const char *side;  /* of the finding's side: "server" */
	const char *other; /* of its peer: "client" */
};

/* Adds `pattern`, filled in from the figures (see detect.h for the grammar), to `text`. */
void story_tell(struct fl_text *text, const char *pattern, const struct fl_figure *figures, size_t n_figures,
                const struct story_roles *roles);

/* The same as a string of its own, free() it; NULL out of memory or when `pattern` is NULL. */
char *story_sentence(const char *pattern, const struct fl_figure *figures, size_t n_figures,
                     const struct story_roles *roles);

#endif
