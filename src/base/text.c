/* Text that grows while it is built, and the few ways in which all reports write numbers. */
#include "flatline/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fl_text_init(struct fl_text *text)
{
	*text = (struct fl_text){ 0 };
}

void fl_text_deinit(struct fl_text *text)
{
	free(text->data);
	fl_text_init(text);
}

void fl_text_clear(struct fl_text *text)
{
	text->length = 0;
	if (text->data)
		text->data[0] = '\0';
}

/* Room for `more` bytes and a terminating zero. */
static bool reserve(struct fl_text *text, size_t more)
{
	size_t size = text->size ? text->size : 64;

	if (text->failed)
		return false;
	while (size - text->length <= more) {
		if (size > SIZE_MAX / 2) {
			text->failed = true;
			return false;
		}
		size *= 2;
	}
	if (size != text->size) {
		char *data = realloc(text->data, size);

		if (!data) {
			text->failed = true;
			return false;
		}
		text->data = data;
		text->size = size;
	}
	return true;
}

void fl_text_bytes(struct fl_text *text, const char *bytes, size_t length)
{
	if (!reserve(text, length))
		return;
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void fl_text_vadd(struct fl_text *text, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0) {
		text->failed = true;
		return;
	}
	if (!reserve(text, (size_t)length))
		return;
	vsnprintf(text->data + text->length, (size_t)length + 1, format, args);
	text->length += (size_t)length;
}

void fl_text_add(struct fl_text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fl_text_vadd(text, format, args);
	va_end(args);
}

const char *fl_text_get(const struct fl_text *text)
{
	return text->data ? text->data : "";
}

/* Columns that `length` bytes of UTF-8 take: continuation bytes take none. */
static unsigned columns(const char *bytes, size_t length)
{
	unsigned count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)bytes[i] & 0xc0) != 0x80;
	return count;
}

void fl_text_wrap(struct fl_text *text, const char *words, unsigned indent, unsigned width)
{
	unsigned column = 0;

	while (*words) {
		size_t length = strcspn(words, " \n");
		unsigned wide = columns(words, length);

		if (length > 0) {
			if (column > 0 && column + 1 + wide > width) {
				fl_text_bytes(text, "\n", 1);
				column = 0;
			}
			if (column == 0) {
				fl_text_add(text, "%*s", (int)indent, "");
				column = indent;
			} else {
				fl_text_bytes(text, " ", 1);
				column++;
			}
			fl_text_bytes(text, words, length);
			column += wide;
		}
		words += length;
		if (*words == '\n') {
			fl_text_bytes(text, "\n", 1);
			column = 0;
		}
		if (*words)
			words++;
	}
	if (column > 0)
		fl_text_bytes(text, "\n", 1);
}

const char *fl_count_text(unsigned long long count, char ret_text[32])
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", count);
	char *to = ret_text;

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return ret_text;
}
