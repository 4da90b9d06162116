/* Errors travel as values; only cli prints them. */
#include "flatline/error.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void fl_error_set(struct fl_error *reterr, const char *file, uint64_t frame, const char *format, ...)
{
	va_list args;

	if (!reterr)
		return;
	reterr->file[0] = '\0';
	if (file) {
		size_t length = strlen(file), most = sizeof(reterr->file) - 1;

		if (length > most)
			snprintf(reterr->file, sizeof(reterr->file), "...%s", file + (length - (most - 3)));
		else
			memcpy(reterr->file, file, length + 1);
	}
	reterr->frame = frame;
	va_start(args, format);
	vsnprintf(reterr->message, sizeof(reterr->message), format, args);
	va_end(args);
}

const char *fl_error_text(const struct fl_error *error, char *ret_text, unsigned long size)
{
	const char *file = strcmp(error->file, "-") == 0 ? "standard input" : error->file;

	if (file[0] && error->frame)
		snprintf(ret_text, size, "%s: frame %" PRIu64 ": %s", file, error->frame, error->message);
	else if (file[0])
		snprintf(ret_text, size, "%s: %s", file, error->message);
	else
		snprintf(ret_text, size, "%s", error->message);
	return ret_text;
}
