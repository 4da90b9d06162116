/* File names are bytes, and whoever sends a capture chooses them: one may hold half a character, an escape sequence
 * that would repaint the terminal, or an override that turns what is written after it round (UAX #9). What is printed
 * is valid UTF-8 (RFC 3629) without control characters, also those of direction. */
#include "clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Length of the character at `at`, 0 when there is none: overlong forms, surrogates and numbers past U+10FFFF are none.
 */
static unsigned character(const unsigned char *at, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned length = at[0] < 0x80             ? 1
	                  : (at[0] & 0xe0) == 0xc0 ? 2
	                  : (at[0] & 0xf0) == 0xe0 ? 3
	                  : (at[0] & 0xf8) == 0xf0 ? 4
	                                           : 0;
	uint32_t code = length == 1 ? at[0] : at[0] & (0x7fu >> length);

	for (unsigned i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80) /* the terminating zero stops here as well */
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (length > 1 && (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)))
		return 0;
	*ret_code = code;
	return length;
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

char *clean_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	const unsigned char *from = (const unsigned char *)text;
	char *clean = malloc(strlen(text) * 3 + 1), *to = clean;

	if (!clean)
		return NULL;
	while (*from) {
		uint32_t code = 0;
		unsigned length = character(from, &code);

		if (length > 0 && code == '\n') {
			*to++ = ' ';
		} else if (length > 0 && !is_control(code)) {
			memcpy(to, from, length);
			to += length;
		} else {
			memcpy(to, replacement, 3);
			to += 3;
		}
		from += length ? length : 1;
	}
	*to = '\0';
	return clean;
}
