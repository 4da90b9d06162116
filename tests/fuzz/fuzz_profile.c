/* Profiles that people write, and the messages they meet. An input is a profile's text, a zero byte, and the first
 * bytes of a message. */
#include "flatline/json_file.h"
#include "message/profile_read.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* What a profile says of a message must be one of its own words, and hold for the side that it was said by. */
static void check(const struct fl_profile *profile, const struct fl_saying *saying)
{
	enum fl_said said = fl_profile_reads(profile, saying);
	bool is_known = said == FL_SAID_NOTHING;

	must(said < FL_SAIDS && fl_said_name(said) != NULL);
	for (size_t i = 0; i < profile->n_patterns; i++) {
		const struct pattern *pattern = &profile->patterns[i];

		must(pattern->at_place.bytes || pattern->anywhere[0].bytes || pattern->anywhere[1].bytes);
		must(pattern->said > FL_SAID_NOTHING && pattern->said < FL_SAIDS && pattern->least <= pattern->most);
		is_known |= pattern->said == said && (saying->is_from_client ? pattern->by_client : pattern->by_server);
	}
	must(is_known);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero = memchr(data, 0, size);
	size_t length = zero ? (size_t)(zero - data) : size;
	struct fl_profile profile = { 0 };
	struct fl_error error = { 0 };
	struct json_object *file;
	char *text = malloc(length + 1);
	uint8_t *message = malloc(size - length + 1); /* a block of its own: the sanitizer sees its end */
	struct fl_saying saying = { .bytes = message, .captured = zero ? size - length - 1 : 0 };

	must(text && message);
	memcpy(text, data, length);
	text[length] = '\0';
	memcpy(message, data + size - saying.captured, saying.captured);
	saying.length = (uint32_t)saying.captured;
	file = fl_json_text("fuzz", text, length, "{}", &error);
	if (file && profile_read(&profile, "fuzz", file, &error) == 0) {
		check(&profile, &saying);
		saying.is_from_client = true;
		check(&profile, &saying);
	} else {
		must(error.message[0] != '\0');
	}
	profile_deinit(&profile);
	json_object_put(file);
	free(text);
	free(message);
	return 0;
}
