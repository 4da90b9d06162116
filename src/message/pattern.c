/* Patterns are compared with the first bytes of a segment that begins a message: nothing is put together, so what lies
 * behind the first segment, or was not captured, fits none. */
#include "pattern.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int reserve(struct masked *masked, size_t length)
{
	masked->bytes = calloc(2, length ? length : 1);
	if (!masked->bytes)
		return -1;
	masked->mask = masked->bytes + length;
	masked->length = length;
	return 0;
}

void masked_deinit(struct masked *masked)
{
	free(masked->bytes);
	*masked = (struct masked){ 0 };
}

int masked_from_bytes(const char *bytes, size_t length, struct masked *ret_masked)
{
	if (reserve(ret_masked, length))
		return -1;
	memcpy(ret_masked->bytes, bytes, length);
	memset(ret_masked->mask, 0xff, ret_masked->length);
	return 0;
}

/* The next half byte of a text, blanks passed over: its value, 16 for any, -1 for none, -2 at the end. */
static int next_half(const char **text)
{
	while (**text == ' ')
		(*text)++;
	if (**text == '\0')
		return -2;

	char digit = *(*text)++;

	if (digit == '.')
		return 16;
	if (!isxdigit((unsigned char)digit))
		return -1;
	return isdigit((unsigned char)digit) ? digit - '0' : tolower((unsigned char)digit) - 'a' + 10;
}

int masked_from_hex(const char *hex, struct masked *ret_masked)
{
	size_t halves = 0;
	int half;

	if (reserve(ret_masked, strlen(hex) / 2))
		return -1;
	while ((half = next_half(&hex)) >= 0) {
		unsigned shift = halves % 2 ? 0 : 4;

		if (halves / 2 == ret_masked->length)
			break;
		if (half < 16) {
			ret_masked->bytes[halves / 2] |= (uint8_t)(half << shift);
			ret_masked->mask[halves / 2] |= (uint8_t)(15 << shift);
		}
		halves++;
	}
	if (half != -2 || halves == 0 || halves % 2) {
		masked_deinit(ret_masked);
		return -1;
	}
	ret_masked->length = halves / 2; /* blanks took room */
	return 0;
}

/* Its first `length` bytes, at most, are those. */
static bool begins(const struct masked *masked, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < masked->length && i < length; i++) {
		if ((bytes[i] & masked->mask[i]) != masked->bytes[i])
			return false;
	}
	return true;
}

static bool is_anywhere(const struct masked *masked, const uint8_t *bytes, size_t length)
{
	for (size_t at = 0; at + masked->length <= length; at++) {
		if (begins(masked, bytes + at, masked->length))
			return true;
	}
	return false;
}

enum fit pattern_fits(const struct pattern *pattern, const struct fl_saying *saying)
{
	size_t captured = saying->captured < FL_SAYING_MOST ? saying->captured : FL_SAYING_MOST;
	size_t whole = saying->length < FL_SAYING_MOST ? saying->length : FL_SAYING_MOST;
	bool is_cut = captured < whole;

	if (!(saying->is_from_client ? pattern->by_client : pattern->by_server) || saying->length < pattern->least ||
	    saying->length > pattern->most || pattern->place + pattern->at_place.length > whole)
		return FIT_NO;
	if (pattern->place > captured)
		return FIT_UNKNOWN;
	if (!begins(&pattern->at_place, saying->bytes + pattern->place, captured - pattern->place))
		return FIT_NO;
	if (pattern->place + pattern->at_place.length > captured)
		return FIT_UNKNOWN;
	for (size_t i = 0; i < 2; i++) {
		if (pattern->anywhere[i].bytes && !is_anywhere(&pattern->anywhere[i], saying->bytes, captured))
			return is_cut ? FIT_UNKNOWN : FIT_NO;
	}
	return FIT_YES;
}
