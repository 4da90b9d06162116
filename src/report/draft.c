/* An expectation that a capture meets, for a human to read and to keep what matters: connections of one verdict, side
 * and service make an entry. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/report.h"
#include "flatline/text.h"

struct kind {
	const char *verdict;
	enum fl_severity severity;
	enum fl_side side;
	uint16_t port; /* of the server */
	uint64_t count;
};

struct fl_draft {
	struct kind *kinds; /* in the order in which they came first */
	size_t count;
};

struct fl_draft *fl_draft_new(void)
{
	return calloc(1, sizeof(struct fl_draft));
}

void fl_draft_free(struct fl_draft *draft)
{
	if (!draft)
		return;
	free(draft->kinds);
	free(draft);
}

int fl_draft_flow(struct fl_draft *draft, const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;
	struct kind *kinds;
	size_t i = 0;

	while (i < draft->count &&
	       (strcmp(draft->kinds[i].verdict, verdict->id) != 0 || draft->kinds[i].severity != verdict->severity ||
	        draft->kinds[i].side != verdict->side || draft->kinds[i].port != account->port[FL_SERVER]))
		i++;
	if (i < draft->count) {
		draft->kinds[i].count++;
		return 0;
	}
	kinds = realloc(draft->kinds, (draft->count + 1) * sizeof(*kinds));
	if (!kinds)
		return -1;
	draft->kinds = kinds;
	kinds[draft->count++] = (struct kind){ verdict->id, verdict->severity, verdict->side, account->port[FL_SERVER],
		                               1 };
	return 0;
}

int fl_draft_write(const struct fl_draft *draft, FILE *out)
{
	fprintf(out,
	        "/* What the capture shows, drafted by flatline: read it, and keep what matters. */\n{ \"flows\": [");
	for (size_t i = 0; i < draft->count; i++) {
		const struct kind *kind = &draft->kinds[i];

		fprintf(out,
		        "%s\n    { \"name\": \"%s on port %u\",\n      \"match\": { \"verdict.id\": \"%s\", "
		        "\"verdict.severity\": \"%s\", \"verdict.side\": \"%s\",\n                 \"server.port\": %u "
		        "},\n"
		        "      \"count\": %" PRIu64 " }",
		        i > 0 ? "," : "", kind->verdict, kind->port, kind->verdict, fl_severity_name(kind->severity),
		        fl_side_name(kind->side), kind->port, kind->count);
	}
	fprintf(out, "%s],\n  \"others\": 0 }\n", draft->count > 0 ? " " : "");
	return fflush(out) != 0 || ferror(out) ? -1 : 0;
}
