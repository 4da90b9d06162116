/* The formats of `check`: plain text for who runs it by hand, the others for CI systems. */
#include <errno.h>
#include <string.h>

#include "check_format.h"

static const struct {
	const char *name, *help;
	check_write *write;
} formats[] = {
	{ "text", "what failed, in words, or that nothing did", check_text },
	{ "tap", "Test Anything Protocol 13, a line for each thing that was asked for", check_tap },
	{ "junit", "JUnit XML, as Jenkins, GitLab and others read it", check_junit },
	{ "sarif", "SARIF 2.1.0, what failed as results of an analysis", check_sarif },
	{ "github", "annotations of GitHub Actions for what failed", check_github },
};

enum { n_formats = sizeof(formats) / sizeof(formats[0]) };

const char *fl_checks_format_name(size_t index)
{
	return index < n_formats ? formats[index].name : NULL;
}

const char *fl_checks_format_help(size_t index)
{
	return index < n_formats ? formats[index].help : NULL;
}

static const char *spoken(const char *file)
{
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

const char *check_file(const struct fl_check_run *run, const struct fl_check_item *item)
{
	return item->file < run->n_files ? spoken(run->files[item->file]) : check_subject(run);
}

const char *check_subject(const struct fl_check_run *run)
{
	return run->n_files > 0 ? spoken(run->files[0]) : "";
}

int fl_checks_write(const struct fl_checks *checks, const struct fl_check_run *run, const char *format, FILE *out,
                    struct fl_error *reterr)
{
	size_t i = 0;

	while (i < n_formats && strcmp(formats[i].name, format) != 0)
		i++;
	if (i == n_formats) {
		fl_error_set(reterr, NULL, 0, "check has no format \"%s\" (see: flatline list formats)", format);
		return -1;
	}
	errno = 0;
	if (!formats[i].write(checks, run, out)) {
		fl_error_set(reterr, NULL, 0, "%s", strerror(ENOMEM));
		return -1;
	}
	if (fflush(out) != 0 || ferror(out)) {
		fl_error_set(reterr, NULL, 0, "%s", strerror(errno ? errno : EIO));
		return -1;
	}
	return 0;
}
