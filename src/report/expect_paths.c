/* Every place of a flow's JSON that an expectation may speak of. A typo in a path would match nothing and, with a count
 * of 0, make a check that always passes: hence the list, which a test compares with what the report writes. */
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "flatline/judge.h"

#define KNOWS(function, names, last) \
	static bool function(const char *word) \
	{ \
		for (int i = 0; i <= (int)(last); i++) { \
			if (strcmp(word, names(i)) == 0) \
				return true; \
		} \
		return false; \
	}

static const char *start_name(int start)
{
	return start ? "handshake" : "mid-flow";
}

KNOWS(is_severity, fl_severity_name, FL_CRITICAL)
KNOWS(is_layer, fl_layer_name, FL_LAYER_UNKNOWN)
KNOWS(is_side, fl_side_name, FL_SIDE_UNKNOWN)
KNOWS(is_confidence, fl_confidence_name, FL_CONFIDENCE_HIGH)
KNOWS(is_role, fl_roles_name, FL_ROLES_GUESS)
KNOWS(is_end, fl_flow_end_name, FL_END_RST)
KNOWS(is_start, start_name, 1)

static bool is_topic(const char *word)
{
	struct fl_topic topic;

	return fl_topic_find(word, &topic);
}

/* '#' stands for an index, '*' for a name that the detector gives. */
static const struct row {
	const char *pattern;
	struct path path;
} rows[] = {
	{ "id", { PATH_NUMBER, NULL } },
	{ "tcp_stream", { PATH_NUMBER, NULL } },
	{ "client", { PATH_OBJECT, NULL } },
	{ "client.address", { PATH_STRING, NULL } },
	{ "client.port", { PATH_PORT, NULL } },
	{ "server", { PATH_OBJECT, NULL } },
	{ "server.address", { PATH_STRING, NULL } },
	{ "server.port", { PATH_PORT, NULL } },
	{ "roles", { PATH_STRING, is_role } },
	{ "profile", { PATH_STRING, NULL } },
	{ "vantage", { PATH_OBJECT, NULL } },
	{ "vantage.where", { PATH_STRING, is_side } },
	{ "vantage.because", { PATH_STRING, NULL } },
	{ "first", { PATH_TIME, NULL } },
	{ "last", { PATH_TIME, NULL } },
	{ "duration_seconds", { PATH_NUMBER, NULL } },
	{ "start", { PATH_STRING, is_start } },
	{ "end", { PATH_STRING, is_end } },
	{ "packets", { PATH_OBJECT, NULL } },
	{ "packets.client", { PATH_NUMBER, NULL } },
	{ "packets.server", { PATH_NUMBER, NULL } },
	{ "payload_bytes", { PATH_OBJECT, NULL } },
	{ "payload_bytes.client", { PATH_NUMBER, NULL } },
	{ "payload_bytes.server", { PATH_NUMBER, NULL } },
	{ "retransmissions", { PATH_OBJECT, NULL } },
	{ "retransmissions.client", { PATH_NUMBER, NULL } },
	{ "retransmissions.server", { PATH_NUMBER, NULL } },
	{ "rtt_ms", { PATH_NUMBER, NULL } },
	{ "connect_ms", { PATH_NUMBER, NULL } },
	{ "longest_silence_seconds", { PATH_NUMBER, NULL } },
	{ "reset_by", { PATH_STRING, is_side } },
	{ "verdict", { PATH_OBJECT, NULL } },
	{ "verdict.id", { PATH_STRING, is_topic } },
	{ "verdict.severity", { PATH_STRING, is_severity } },
	{ "verdict.layer", { PATH_STRING, is_layer } },
	{ "verdict.side", { PATH_STRING, is_side } },
	{ "verdict.onset", { PATH_TIME, NULL } },
	{ "verdict.onset_after_seconds", { PATH_NUMBER, NULL } },
	{ "verdict.onset_frame", { PATH_NUMBER, NULL } },
	{ "verdict.noticed", { PATH_TIME, NULL } },
	{ "verdict.blind_seconds", { PATH_NUMBER, NULL } },
	{ "verdict.blind_open", { PATH_BOOL, NULL } },
	{ "verdict.bytes_at_risk", { PATH_NUMBER, NULL } },
	{ "verdict.confidence", { PATH_STRING, is_confidence } },
	{ "verdict.because", { PATH_LIST, NULL } },
	{ "verdict.because.#", { PATH_STRING, NULL } },
	{ "verdict.alternatives", { PATH_LIST, is_topic } },
	{ "verdict.alternatives.#", { PATH_STRING, is_topic } },
	{ "verdict.explains", { PATH_LIST, is_topic } },
	{ "verdict.explains.#", { PATH_STRING, is_topic } },
	{ "verdict.summary", { PATH_STRING, NULL } },
	{ "findings", { PATH_LIST, NULL } },
	{ "findings.#", { PATH_OBJECT, NULL } },
	{ "findings.#.id", { PATH_STRING, is_topic } },
	{ "findings.#.severity", { PATH_STRING, is_severity } },
	{ "findings.#.side", { PATH_STRING, is_side } },
	{ "findings.#.onset", { PATH_TIME, NULL } },
	{ "findings.#.recovered", { PATH_TIME, NULL } },
	{ "findings.#.figures", { PATH_OBJECT, NULL } },
	{ "findings.#.figures.*", { PATH_FIGURE, NULL } },
	{ "findings.#.evidence", { PATH_LIST, NULL } },
	{ "findings.#.evidence.#", { PATH_OBJECT, NULL } },
	{ "findings.#.evidence.#.file", { PATH_NUMBER, NULL } },
	{ "findings.#.evidence.#.frame", { PATH_NUMBER, NULL } },
	{ "findings.#.evidence.#.time", { PATH_TIME, NULL } },
	{ "findings.#.evidence.#.what", { PATH_STRING, NULL } },
	{ "signs_of_life", { PATH_OBJECT, NULL } },
	{ "signs_of_life.%", { PATH_OBJECT, NULL } },
	{ "signs_of_life.%.&", { PATH_OBJECT, NULL } },
	{ "signs_of_life.%.&.last", { PATH_OBJECT, NULL } },
	{ "signs_of_life.%.&.last.time", { PATH_TIME, NULL } },
	{ "signs_of_life.%.&.last.frame", { PATH_NUMBER, NULL } },
	{ "signs_of_life.%.&.asked", { PATH_OBJECT, NULL } },
	{ "signs_of_life.%.&.asked.time", { PATH_TIME, NULL } },
	{ "signs_of_life.%.&.asked.frame", { PATH_NUMBER, NULL } },
	{ "signs_of_life.%.&.demands", { PATH_NUMBER, NULL } },
	{ "timers", { PATH_OBJECT, NULL } },
	{ "keepalive", { PATH_STRING, NULL } },
	{ "story", { PATH_LIST, NULL } },
	{ "story.#", { PATH_STRING, NULL } },
	{ "advice", { PATH_LIST, NULL } },
	{ "advice.#", { PATH_STRING, NULL } },
	{ "caveats", { PATH_LIST, NULL } },
	{ "caveats.#", { PATH_STRING, NULL } },
};

enum { n_rows = sizeof(rows) / sizeof(rows[0]) };

static bool is_index(const char *part, size_t length)
{
	return length > 0 && length < 10 && strspn(part, "0123456789") >= length;
}

static bool is_one_of(const char *part, size_t length, const char *const *words)
{
	for (; *words; words++) {
		if (strlen(*words) == length && memcmp(*words, part, length) == 0)
			return true;
	}
	return false;
}

/* One part of a path against one of a pattern; '%' is a side, '&' a rung. */
static bool part_fits(const char *pattern, size_t pattern_length, const char *part, size_t length)
{
	static const char *const sides[] = { "client", "server", NULL };
	static const char *const signs[] = { "wire", "stack", "application", "session", NULL };

	switch (pattern_length == 1 ? *pattern : '\0') {
	case '#': return is_index(part, length);
	case '*': return length > 0;
	case '%': return is_one_of(part, length, sides);
	case '&': return is_one_of(part, length, signs);
	}
	return pattern_length == length && memcmp(pattern, part, length) == 0;
}

static bool fits(const char *pattern, const char *path)
{
	for (;;) {
		size_t expected = strcspn(pattern, "."), length = strcspn(path, ".");

		if (!part_fits(pattern, expected, path, length))
			return false;
		pattern += expected;
		path += length;
		if (!*pattern || !*path)
			return *pattern == *path;
		pattern++;
		path++;
	}
}

const struct path *path_find(const char *path)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (fits(rows[i].pattern, path))
			return &rows[i].path;
	}
	return NULL;
}

const char *path_name(size_t index)
{
	return index < n_rows ? rows[index].pattern : NULL;
}

struct json_object *path_value(struct json_object *flow, const char *path)
{
	char part[128];

	while (flow) {
		size_t length = strcspn(path, ".");

		if (length >= sizeof(part))
			return NULL;
		memcpy(part, path, length);
		part[length] = '\0';
		if (json_object_is_type(flow, json_type_array))
			flow = is_index(part, length) ? json_object_array_get_idx(flow, (size_t)atol(part)) : NULL;
		else if (!json_object_is_type(flow, json_type_object) || !json_object_object_get_ex(flow, part, &flow))
			return NULL;
		if (!path[length])
			break;
		path += length + 1;
	}
	return flow;
}
