/* JUnit XML: what CI systems agree to read, without times, so that the same captures give the same bytes. */
#include <stdlib.h>

#include "check_format.h"
#include "clean.h"
#include "flatline/text.h"

/* As an attribute, or as text: what XML 1.0 cannot hold was cleaned away. */
static void add_escaped(struct fl_text *text, const char *words)
{
	for (; *words; words++) {
		switch (*words) {
		case '&': fl_text_add(text, "&amp;"); break;
		case '<': fl_text_add(text, "&lt;"); break;
		case '>': fl_text_add(text, "&gt;"); break;
		case '"': fl_text_add(text, "&quot;"); break;
		default:
			if ((unsigned char)*words < ' ' && *words != '\n' && *words != '\t')
				fl_text_add(text, "\xef\xbf\xbd"); /* U+FFFD: XML 1.0 has no place for it */
			else
				fl_text_bytes(text, words, 1);
		}
	}
}

static bool add_attribute(struct fl_text *text, const char *name, const char *value)
{
	char *clean = clean_text(value);

	if (!clean)
		return false;
	fl_text_add(text, " %s=\"", name);
	add_escaped(text, clean);
	fl_text_add(text, "\"");
	free(clean);
	return true;
}

static bool add_failure(struct fl_text *text, const struct fl_check_item *item)
{
	fl_text_add(text, "><failure");
	if (!add_attribute(text, "type", item->verdict ? item->verdict : "expectation") ||
	    !add_attribute(text, "message", item->message))
		return false;
	fl_text_add(text, ">");
	add_escaped(text, item->detail ? item->detail : item->message);
	fl_text_add(text, "</failure></testcase>\n");
	return true;
}

static bool add_item(struct fl_text *text, const struct fl_check_run *run, const struct fl_check_item *item)
{
	fl_text_add(text, "    <testcase");
	if (!add_attribute(text, "classname", check_file(run, item)) || !add_attribute(text, "name", item->name))
		return false;
	if (item->state == FL_CHECK_FAILED)
		return add_failure(text, item);
	if (item->state == FL_CHECK_PASSED) {
		fl_text_add(text, "/>\n");
		return true;
	}
	fl_text_add(text, "><skipped");
	if (!add_attribute(text, "message", item->excuse))
		return false;
	fl_text_add(text, "/></testcase>\n");
	return true;
}

static bool add_trouble(struct fl_text *text, const struct fl_check_run *run)
{
	fl_text_add(text, "    <testcase");
	if (!add_attribute(text, "classname", check_subject(run)))
		return false;
	fl_text_add(text, " name=\"the capture can be checked\"><error");
	if (!add_attribute(text, "message", run->trouble))
		return false;
	fl_text_add(text, "/></testcase>\n");
	return true;
}

bool check_junit(const struct fl_checks *checks, const struct fl_check_run *run, FILE *out)
{
	size_t tests = run->trouble ? 1 : checks->count, failed = run->trouble ? 0 : checks->failed;
	struct fl_text text;
	bool ok;

	fl_text_init(&text);
	fl_text_add(&text,
	            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"flatline check\" tests=\"%zu\" "
	            "failures=\"%zu\" errors=\"%d\">\n  <testsuite",
	            tests, failed, run->trouble != NULL);
	ok = add_attribute(&text, "name", check_subject(run));
	fl_text_add(&text, " tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%zu\">\n", tests, failed,
	            run->trouble != NULL, run->trouble ? 0 : checks->excused);
	if (ok && run->trouble)
		ok = add_trouble(&text, run);
	for (size_t i = 0; ok && !run->trouble && i < checks->count; i++)
		ok = add_item(&text, run, &checks->items[i]);
	fl_text_add(&text, "  </testsuite>\n</testsuites>\n");
	ok = ok && !text.failed;
	if (ok)
		fputs(fl_text_get(&text), out);
	fl_text_deinit(&text);
	return ok;
}
