/* What would have caught a failure, or kept it away: settings, worked out with the numbers of the capture, and the
 * lines to write. Data, for the formats that print them. Private to report/. */
#ifndef REPORT_REMEDIES_H
#define REPORT_REMEDIES_H

#include <stdbool.h>
#include <stddef.h>

#include "flatline/judge.h"

enum { most_snippets = 8, most_remedies = 6 };

struct snippet {
	const char *language; /* "C", "Java", "Go", "Python", "Node.js", "sysctl", or whose setting: "libpq" */
	char *code;           /* lines without a line feed at the end */
};

struct remedy {
	const char *title; /* "Bound how long a reply may take" */
	const char *where; /* "in the client's program" */
	char *why;         /* a sentence or two */
	struct snippet snippets[most_snippets];
	size_t n_snippets;
};

struct remedies {
	struct remedy items[most_remedies]; /* the most useful first */
	size_t count;
};

/* Those of one flow: none where nothing failed, or nothing that can be set would help. An account that is not in full
 * will do, but the sentences then lack its numbers. remedies_deinit() them. False out of memory, then nothing is
 * returned. */
bool remedies_find(const struct fl_account *account, struct remedies *ret_remedies);
void remedies_deinit(struct remedies *remedies);

#endif
