/* check in words. Silence would be ambiguous in a log, so a line says that all is as expected. */
#include <inttypes.h>

#include "check_format.h"

static void print_item(const struct fl_check_run *run, const struct fl_check_item *item, FILE *out)
{
	fprintf(out, "%s: %s: %s\n", check_file(run, item), item->name, item->message);
	if (item->detail)
		fprintf(out, "%s\n", item->detail);
	if (item->excuse)
		fprintf(out, "  excused: %s\n", item->excuse);
}

bool check_text(const struct fl_checks *checks, const struct fl_check_run *run, FILE *out)
{
	if (run->trouble) {
		fprintf(out, "%s: not checked: %s\n", check_subject(run), run->trouble);
		return true;
	}
	for (size_t i = 0; i < checks->count; i++) {
		const struct fl_check_item *item = &checks->items[i];

		if (item->state == FL_CHECK_FAILED || (item->state == FL_CHECK_EXCUSED && !run->quiet))
			print_item(run, item, out);
	}
	if (checks->failed == 0 && !run->quiet)
		fprintf(out, "%s: as expected%s (%" PRIu64 " %s)\n", check_subject(run),
		        run->is_whole ? "" : ", as far as it could be read", checks->flows,
		        checks->flows == 1 ? "flow" : "flows");
	return true;
}
