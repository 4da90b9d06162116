/* Settings that would have caught it. Private to report/. */
#ifndef REPORT_REMEDIES_H
#define REPORT_REMEDIES_H
#include "flatline/judge.h"
struct snippet {
	const char *language;
	char *code;
};
struct remedy {
	char *title;
	char *where;
	char *why;
	struct snippet snippets[8];
	size_t n_snippets;
};
struct remedies {
	struct remedy *items;
	size_t count;
};
bool remedies_find(const struct fl_account *account, struct remedies *ret_remedies);
void remedies_deinit(struct remedies *remedies);
#endif
