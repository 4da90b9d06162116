/* Text that grows while it is built. Running out of memory latches `failed`; what was built before stays. */
#ifndef FLATLINE_TEXT_H
#define FLATLINE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct fl_text {
	char *data; /* always terminated once anything was added; NULL before */
	size_t length;
	size_t size;
	bool failed;
};

void fl_text_init(struct fl_text *text);
void fl_text_deinit(struct fl_text *text);
/* Empties the text, keeps its memory. */
void fl_text_clear(struct fl_text *text);
void fl_text_add(struct fl_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fl_text_vadd(struct fl_text *text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void fl_text_bytes(struct fl_text *text, const char *bytes, size_t length);
/* The text so far, "" when nothing was added. Valid until the next call on `text`. */
const char *fl_text_get(const struct fl_text *text);

/* Adds `words` broken into lines of at most `width` columns, each led by `indent` blanks; a paragraph's "\n" stays. */
void fl_text_wrap(struct fl_text *text, const char *words, unsigned indent, unsigned width);

/* A count with blanks or commas as the report shows it: 1302 -> "1,302". `ret_text` holds 32 bytes and is returned. */
const char *fl_count_text(unsigned long long count, char ret_text[32]);

#endif
