/* The values of the JSON report. Numbers with decimals are written by hand: printf's decimal point is the locale's, and
 * the digits of a binary fraction are not the same everywhere, while the same capture must give the same bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clean.h"
#include "flatline/time.h"
#include "json_parts.h"

void put(struct maker *maker, struct json_object *object, const char *key, struct json_object *value)
{
	if (!value || !object || json_object_object_add(object, key, value) != 0) {
		json_object_put(value);
		maker->failed = true;
	}
}

void put_null(struct maker *maker, struct json_object *object, const char *key)
{
	if (!object || json_object_object_add(object, key, NULL) != 0)
		maker->failed = true;
}

void put_item(struct maker *maker, struct json_object *array, struct json_object *value)
{
	if (!value || !array || json_object_array_add(array, value) != 0) {
		json_object_put(value);
		maker->failed = true;
	}
}

void put_number(struct maker *maker, struct json_object *object, const char *key, uint64_t value)
{
	put(maker, object, key, json_object_new_uint64(value));
}

struct json_object *json_text(const char *text)
{
	char *clean = clean_text(text);
	struct json_object *value = clean ? json_object_new_string(clean) : NULL;

	free(clean);
	return value;
}

void put_string(struct maker *maker, struct json_object *object, const char *key, const char *value)
{
	if (value)
		put(maker, object, key, json_text(value));
	else
		put_null(maker, object, key);
}

void put_bool(struct maker *maker, struct json_object *object, const char *key, bool value)
{
	put(maker, object, key, json_object_new_boolean(value));
}

void put_time(struct maker *maker, struct json_object *object, const char *key, int64_t at)
{
	char text[FL_TIME_TEXT];

	put_string(maker, object, key, at == FL_TIME_NONE ? NULL : fl_time_rfc3339(at, text));
}

/* "868.800": `unit` is at least 10^digits ns; halves go away from zero. What that amounts to: the double that is
 * nearest to the text, so that it equals what somebody copies from there. */
static double decimal(int64_t ns, int64_t unit, unsigned digits, char *ret_text, size_t size)
{
	uint64_t amount = ns < 0 ? -(uint64_t)ns : (uint64_t)ns, scale = 1, step;

	for (unsigned i = 0; i < digits; i++)
		scale *= 10;
	step = (uint64_t)unit / scale;
	amount = amount / step + (amount % step >= (step + 1) / 2 && step > 1);
	snprintf(ret_text, size, "%s%" PRIu64 ".%0*" PRIu64, ns < 0 && amount > 0 ? "-" : "", amount / scale,
	         (int)digits, amount % scale);
	return (ns < 0 ? -(double)amount : (double)amount) / (double)scale;
}

void put_duration(struct maker *maker, struct json_object *object, const char *key, int64_t ns, int64_t unit,
                  unsigned digits)
{
	char text[48];
	double amount;

	if (ns == FL_TIME_NONE) {
		put_null(maker, object, key);
		return;
	}
	amount = decimal(ns, unit, digits, text, sizeof(text));
	put(maker, object, key, json_object_new_double_s(amount, text));
}

void put_words(struct maker *maker, struct json_object *object, const char *key, const struct fl_words *words)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; array && i < words->count; i++)
		put_item(maker, array, json_text(words->items[i]));
	put(maker, object, key, array);
}
