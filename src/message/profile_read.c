/* A profile's file, read strictly: a key that is not known is an error, since a pattern that is half understood would
 * fit too much. */
#include "profile_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/time.h"

static const char *const said_names[FL_SAIDS] = {
	[FL_SAID_NOTHING] = "nothing",     [FL_SAID_HELLO] = "hello",   [FL_SAID_LOGIN] = "login",
	[FL_SAID_CHALLENGE] = "challenge", [FL_SAID_ACCEPT] = "accept", [FL_SAID_REJECT] = "reject",
	[FL_SAID_PING] = "ping",           [FL_SAID_PONG] = "pong",     [FL_SAID_BEAT] = "beat",
	[FL_SAID_GOODBYE] = "goodbye",
};

const char *fl_said_name(enum fl_said said)
{
	return said_names[said];
}

/* Where in which file something is read: for errors. */
struct place {
	const char *path;
	size_t message; /* its number, from 1; 0: not in a message */
	struct fl_error *reterr;
};

__attribute__((format(printf, 2, 3))) static int fail(const struct place *place, const char *format, ...)
{
	char words[192];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	if (place->message)
		fl_error_set(place->reterr, place->path, 0, "message %zu: %s", place->message, words);
	else
		fl_error_set(place->reterr, place->path, 0, "%s", words);
	return -1;
}

static int take_word(const struct place *place, const char *key, struct json_object *value, char **ret_word)
{
	if (!json_object_is_type(value, json_type_string) || json_object_get_string_len(value) == 0)
		return fail(place, "\"%s\" is to be a text", key);
	*ret_word = strdup(json_object_get_string(value));
	return *ret_word ? 0 : fail(place, "out of memory");
}

static int take_number(const struct place *place, const char *key, struct json_object *value, int64_t most,
                       int64_t *ret_number)
{
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0 ||
	    json_object_get_int64(value) > most)
		return fail(place, "\"%s\" is to be a number from 0 to %lld", key, (long long)most);
	*ret_number = json_object_get_int64(value);
	return 0;
}

static int take_said(const struct place *place, struct pattern *pattern, struct json_object *value)
{
	const char *word = json_object_get_string(value);

	for (unsigned said = FL_SAID_HELLO; said < FL_SAIDS && word; said++) {
		if (strcmp(word, said_names[said]) == 0) {
			pattern->said = (uint8_t)said;
			return 0;
		}
	}
	return fail(place, "\"is\" is to be hello, login, challenge, accept, reject, ping, pong, beat or goodbye");
}

static int take_from(const struct place *place, struct pattern *pattern, struct json_object *value)
{
	const char *word = json_object_get_string(value);
	bool either = word && strcmp(word, "either") == 0;

	pattern->by_client = either || (word && strcmp(word, "client") == 0);
	pattern->by_server = either || (word && strcmp(word, "server") == 0);
	return pattern->by_client || pattern->by_server ? 0 : fail(place, "\"from\" is to be client, server or either");
}

/* A pattern's bytes, given as text or as hex digits. */
static int take_bytes(const struct place *place, const char *key, struct json_object *value, bool is_hex,
                      struct masked *ret_masked)
{
	const char *text = json_object_get_string(value);
	int length = json_object_get_string_len(value);

	if (ret_masked->bytes)
		return fail(place, "\"%s\", and its bytes are given already", key);
	if (!json_object_is_type(value, json_type_string) || length <= 0)
		return fail(place, "\"%s\" is to be a text", key);
	if (is_hex ? masked_from_hex(text, ret_masked) : masked_from_bytes(text, (size_t)length, ret_masked))
		return fail(place, "\"%s\" is to be hex digits in pairs, '.' for any", key);
	if (ret_masked->length > FL_SAYING_MOST)
		return fail(place, "\"%s\" is longer than the %d bytes that are looked at", key, FL_SAYING_MOST);
	return 0;
}

static int take_length(const struct place *place, struct pattern *pattern, struct json_object *value)
{
	const int64_t longest = 1 << 30;
	bool is_pair = json_object_is_type(value, json_type_array) && json_object_array_length(value) == 2;
	int64_t least, most;

	if (take_number(place, "length", is_pair ? json_object_array_get_idx(value, 0) : value, longest, &least) ||
	    take_number(place, "length", is_pair ? json_object_array_get_idx(value, 1) : value, longest, &most))
		return -1;
	if (least > most)
		return fail(place, "\"length\" is to be a number, or the least and the most");
	pattern->least = (uint32_t)least;
	pattern->most = (uint32_t)most;
	return 0;
}

static int take_tells(const struct place *place, struct pattern *pattern, struct json_object *value)
{
	const char *word = json_object_get_string(value);

	pattern->tells = json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
	pattern->tells_on_port = json_object_is_type(value, json_type_string) && strcmp(word, "on its ports") == 0;
	return pattern->tells || pattern->tells_on_port ? 0 : fail(place, "\"tells\" is true, or \"on its ports\"");
}

static int take_member(const struct place *place, struct pattern *pattern, const char *key, struct json_object *value)
{
	int64_t number;

	if (strcmp(key, "is") == 0)
		return take_said(place, pattern, value);
	if (strcmp(key, "from") == 0)
		return take_from(place, pattern, value);
	if (strcmp(key, "starts") == 0)
		return take_bytes(place, key, value, false, &pattern->at_place);
	if (strcmp(key, "bytes") == 0)
		return take_bytes(place, key, value, true, &pattern->at_place);
	if (strcmp(key, "has") == 0)
		return take_bytes(place, key, value, false, &pattern->anywhere[0]);
	if (strcmp(key, "has_bytes") == 0)
		return take_bytes(place, key, value, true, &pattern->anywhere[1]);
	if (strcmp(key, "length") == 0)
		return take_length(place, pattern, value);
	if (strcmp(key, "tells") == 0)
		return take_tells(place, pattern, value);
	if (strcmp(key, "at") != 0)
		return fail(place, "\"%s\" is not known here", key);
	if (take_number(place, key, value, FL_SAYING_MOST - 1, &number))
		return -1;
	pattern->place = (size_t)number;
	return 0;
}

static int take_message(const struct place *place, struct pattern *pattern, struct json_object *message)
{
	pattern->most = UINT32_MAX;
	if (!json_object_is_type(message, json_type_object))
		return fail(place, "it is to be an object");
	json_object_object_foreach(message, key, value)
	{
		if (take_member(place, pattern, key, value))
			return -1;
	}
	if (!pattern->said)
		return fail(place, "\"is\" is missing");
	if (!pattern->by_client && !pattern->by_server)
		return fail(place, "\"from\" is missing");
	if (!pattern->at_place.bytes && !pattern->anywhere[0].bytes && !pattern->anywhere[1].bytes)
		return fail(place, "it needs \"starts\", \"bytes\", \"has\" or \"has_bytes\"");
	return 0;
}

static int take_messages(struct place *place, struct fl_profile *profile, struct json_object *list)
{
	size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	if (count == 0)
		return fail(place, "\"messages\" is to be a list that is not empty");
	profile->patterns = calloc(count, sizeof(*profile->patterns));
	if (!profile->patterns)
		return fail(place, "out of memory");
	profile->n_patterns = count;
	for (size_t i = 0; i < count; i++) {
		place->message = i + 1;
		if (take_message(place, &profile->patterns[i], json_object_array_get_idx(list, i)))
			return -1;
	}
	place->message = 0;
	return 0;
}

static int take_ports(const struct place *place, struct fl_profile *profile, struct json_object *list)
{
	size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : profile_ports + 1;
	int64_t port;

	if (count > profile_ports)
		return fail(place, "\"ports\" is to be a list of at most %d", profile_ports);
	for (size_t i = 0; i < count; i++) {
		if (take_number(place, "ports", json_object_array_get_idx(list, i), UINT16_MAX, &port))
			return -1;
		profile->ports[profile->n_ports++] = (uint16_t)port;
	}
	return 0;
}

static int take_first(const struct place *place, struct fl_profile *profile, struct json_object *value)
{
	const char *word = json_object_get_string(value);

	profile->greets = word && strcmp(word, "server") == 0;
	return profile->greets || (word && strcmp(word, "client") == 0)
	               ? 0
	               : fail(place, "\"first\" is to be client or server");
}

static int take_order(const struct place *place, struct fl_profile *profile, struct json_object *value)
{
	const char *word = json_object_get_string(value);

	profile->in_order = word && strcmp(word, "in order") == 0;
	return profile->in_order ? 0 : fail(place, "\"answers\" is \"in order\", or left out");
}

static int take_beats(const struct place *place, struct fl_profile *profile, struct json_object *value)
{
	const char *word = json_object_get_string(value);

	profile->beats_at_will = word && strcmp(word, "at will") == 0;
	return profile->beats_at_will ? 0 : fail(place, "\"beats\" is \"at will\", or left out");
}

static int take_patience(const struct place *place, struct fl_profile *profile, struct json_object *value)
{
	const int64_t a_day = 86400;
	int64_t seconds;

	if (take_number(place, "answer_within", value, a_day, &seconds))
		return -1;
	profile->answer_within = seconds * FL_NS_PER_S;
	return 0;
}

int profile_read(struct fl_profile *profile, const char *path, struct json_object *file, struct fl_error *reterr)
{
	struct place place = { .path = path, .reterr = reterr };

	json_object_object_foreach(file, key, value)
	{
		int problem;

		if (strcmp(key, "profile") == 0)
			problem = take_word(&place, key, value, &profile->name);
		else if (strcmp(key, "title") == 0)
			problem = take_word(&place, key, value, &profile->title);
		else if (strcmp(key, "reference") == 0)
			problem = take_word(&place, key, value, &profile->reference);
		else if (strcmp(key, "ports") == 0)
			problem = take_ports(&place, profile, value);
		else if (strcmp(key, "first") == 0)
			problem = take_first(&place, profile, value);
		else if (strcmp(key, "answers") == 0)
			problem = take_order(&place, profile, value);
		else if (strcmp(key, "beats") == 0)
			problem = take_beats(&place, profile, value);
		else if (strcmp(key, "answer_within") == 0)
			problem = take_patience(&place, profile, value);
		else if (strcmp(key, "messages") == 0)
			problem = take_messages(&place, profile, value);
		else
			problem = fail(&place, "\"%s\" is not known here", key);
		if (problem)
			return -1;
	}
	if (!profile->name || !profile->title || !profile->patterns)
		return fail(&place, "it needs \"profile\", \"title\" and \"messages\"");
	return 0;
}

void profile_deinit(struct fl_profile *profile)
{
	for (size_t i = 0; i < profile->n_patterns; i++) {
		masked_deinit(&profile->patterns[i].at_place);
		masked_deinit(&profile->patterns[i].anywhere[0]);
		masked_deinit(&profile->patterns[i].anywhere[1]);
	}
	free(profile->patterns);
	free(profile->name);
	free(profile->title);
	free(profile->reference);
}
