/* Workflow commands of GitHub Actions: an annotation for each failure, on the capture's file. */
#include <inttypes.h>
#include <string.h>

#include "check_format.h"

/* What would end a command, or one of its properties. */
static void print_escaped(const char *text, bool is_property, FILE *out)
{
	for (; *text; text++) {
		if (*text == '%' || *text == '\r' || *text == '\n' || (is_property && (*text == ':' || *text == ',')))
			fprintf(out, "%%%02X", (unsigned char)*text);
		else
			fputc(*text, out);
	}
}

static void print_item(const struct fl_check_run *run, const struct fl_check_item *item, FILE *out)
{
	fprintf(out, "::%s file=", item->state == FL_CHECK_EXCUSED ? "notice" : "error");
	print_escaped(check_file(run, item), true, out);
	fputs(",title=", out);
	print_escaped(item->name, true, out);
	fputs("::", out);
	print_escaped(item->message, false, out);
	if (item->detail) {
		fputs("%0A", out);
		print_escaped(item->detail, false, out);
	}
	if (item->excuse) {
		fputs("%0Aexcused: ", out);
		print_escaped(item->excuse, false, out);
	}
	fputc('\n', out);
}

bool check_github(const struct fl_checks *checks, const struct fl_check_run *run, FILE *out)
{
	if (run->trouble) {
		fputs("::error file=", out);
		print_escaped(check_subject(run), true, out);
		fputs("::not checked: ", out);
		print_escaped(run->trouble, false, out);
		fputc('\n', out);
		return true;
	}
	for (size_t i = 0; i < checks->count; i++) {
		if (checks->items[i].state != FL_CHECK_PASSED)
			print_item(run, &checks->items[i], out);
	}
	if (checks->failed == 0 && !run->quiet)
		fprintf(out, "%s: as expected (%" PRIu64 " %s)\n", check_subject(run), checks->flows,
		        checks->flows == 1 ? "flow" : "flows");
	return true;
}
