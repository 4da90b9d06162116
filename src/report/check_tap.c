/* TAP 13 (Test Anything Protocol): a line for each thing that was asked for; what is excused is a TODO, which fails no
 * run. What there is to say of a failure follows as a YAML block. */
#include <inttypes.h>
#include <string.h>

#include "check_format.h"

/* A name must not look like a directive. */
static void print_name(const char *name, FILE *out)
{
	for (; *name; name++) {
		if (*name == '#' || *name == '\\')
			fputc('\\', out);
		fputc(*name == '\n' ? ' ' : *name, out);
	}
}

static void print_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
	fputc('"', out);
}

static void print_lines(const char *lines, FILE *out)
{
	while (*lines) {
		size_t length = strcspn(lines, "\n");

		fprintf(out, "    %.*s\n", (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
}

static void print_block(const struct fl_check_run *run, const struct fl_check_item *item, FILE *out)
{
	fputs("  ---\n  message: ", out);
	print_quoted(item->message, out);
	fputs("\n  file: ", out);
	print_quoted(check_file(run, item), out);
	if (item->verdict)
		fprintf(out, "\n  verdict: %s\n  severity: %s", item->verdict, fl_severity_name(item->severity));
	if (item->flow >= 0)
		fprintf(out, "\n  flow: %" PRId64, item->flow);
	if (item->frame > 0)
		fprintf(out, "\n  frame: %" PRIu32, item->frame);
	fputc('\n', out);
	if (item->detail) {
		fputs("  detail: |\n", out);
		print_lines(item->detail, out);
	}
	fputs("  ...\n", out);
}

bool check_tap(const struct fl_checks *checks, const struct fl_check_run *run, FILE *out)
{
	fputs("TAP version 13\n", out);
	if (run->trouble) {
		fprintf(out, "Bail out! %s: not checked: %s\n", check_subject(run), run->trouble);
		return true;
	}
	fprintf(out, "1..%zu\n", checks->count);
	for (size_t i = 0; i < checks->count; i++) {
		const struct fl_check_item *item = &checks->items[i];

		fprintf(out, "%sok %zu - ", item->state == FL_CHECK_PASSED ? "" : "not ", i + 1);
		print_name(item->name, out);
		if (item->excuse) {
			fputs(" # TODO ", out);
			print_name(item->excuse, out);
		}
		fputc('\n', out);
		if (item->state != FL_CHECK_PASSED)
			print_block(run, item, out);
	}
	return true;
}
