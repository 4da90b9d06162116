/* What a team knows of and lives with for a while: verdicts that fail no check, each with its reason, most with the day
 * on which that ends. Read strictly: an allowance that is half understood would excuse too much. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/check.h"
#include "flatline/json_file.h"

/* An address, or all that begin with the same bits. */
struct range_of_addresses {
	struct fl_address address;
	unsigned bits;
	bool is_any;
};

struct allowance {
	const char *verdict, *reason; /* the file's */
	struct range_of_addresses client, server;
	int64_t port; /* of the server; -1: any */
	int64_t ends; /* the first moment behind its last day; FL_TIME_NONE: never */
	char last_day[16];
};

struct fl_allow {
	struct fl_json file;
	struct allowance *items;
	size_t count;
};

void fl_allow_free(struct fl_allow *allow)
{
	if (!allow)
		return;
	fl_json_deinit(&allow->file);
	free(allow->items);
	free(allow);
}

static const char *text_of(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static int read_verdict(struct json_object *value, struct allowance *item, struct fl_error *reterr)
{
	struct fl_topic topic;

	item->verdict = text_of(value);
	if (fl_topic_find(item->verdict, &topic) && topic.kind == FL_TOPIC_VERDICT)
		return 0;
	fl_error_set(reterr, NULL, 0, "there is no verdict \"%s\" (see: flatline list verdicts)", item->verdict);
	return -1;
}

static int read_range(const char *key, struct json_object *value, struct range_of_addresses *ret_range,
                      struct fl_error *reterr)
{
	const char *text = text_of(value), *slash = strchr(text, '/');
	char address[FL_ADDRESS_TEXT], rest;
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	unsigned most;

	snprintf(address, sizeof(address), "%.*s", (int)(length < sizeof(address) ? length : 0), text);
	*ret_range = (struct range_of_addresses){ .is_any = false };
	if (inet_pton(AF_INET, address, ret_range->address.bytes) == 1)
		ret_range->address.family = 4;
	else if (inet_pton(AF_INET6, address, ret_range->address.bytes) == 1)
		ret_range->address.family = 6;
	most = ret_range->address.family == 4 ? 32 : 128;
	ret_range->bits = most;
	if (ret_range->address.family == 0 ||
	    (slash && (sscanf(slash, "/%3u%c", &ret_range->bits, &rest) != 1 || ret_range->bits > most))) {
		fl_error_set(reterr, NULL, 0, "\"%s\" is an address, or one with /BITS behind it", key);
		return -1;
	}
	return 0;
}

static int read_port(struct json_object *value, struct allowance *item, struct fl_error *reterr)
{
	item->port = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : -1;
	if (item->port >= 0 && item->port <= UINT16_MAX)
		return 0;
	fl_error_set(reterr, NULL, 0, "\"port\" is the server's, a number from 0 to 65535");
	return -1;
}

static int read_day(struct json_object *value, struct allowance *item, struct fl_error *reterr)
{
	const int64_t a_day = 86400 * FL_NS_PER_S;
	const char *day = text_of(value);

	if (!fl_time_parse_day(day, &item->ends)) {
		fl_error_set(reterr, NULL, 0, "\"until\" is its last day, like \"2026-12-31\"");
		return -1;
	}
	item->ends += a_day;
	snprintf(item->last_day, sizeof(item->last_day), "%s", day);
	return 0;
}

static int read_reason(struct json_object *value, struct allowance *item, struct fl_error *reterr)
{
	item->reason = text_of(value);
	if (item->reason[0] != '\0' && !strchr(item->reason, '\n'))
		return 0;
	fl_error_set(reterr, NULL, 0, "\"reason\" is a text of one line");
	return -1;
}

static int read_member(const char *key, struct json_object *value, struct allowance *item, struct fl_error *reterr)
{
	if (strcmp(key, "verdict") == 0)
		return read_verdict(value, item, reterr);
	if (strcmp(key, "client") == 0)
		return read_range(key, value, &item->client, reterr);
	if (strcmp(key, "server") == 0)
		return read_range(key, value, &item->server, reterr);
	if (strcmp(key, "port") == 0)
		return read_port(value, item, reterr);
	if (strcmp(key, "until") == 0)
		return read_day(value, item, reterr);
	if (strcmp(key, "reason") == 0)
		return read_reason(value, item, reterr);
	fl_error_set(reterr, NULL, 0, "knows verdict, client, server, port, reason and until, not \"%s\"", key);
	return -1;
}

static int read_item(struct fl_json *json, struct json_object *from, struct allowance *item, struct fl_error *reterr)
{
	*item = (struct allowance){ .client.is_any = true, .server.is_any = true, .port = -1, .ends = FL_TIME_NONE };
	if (!json_object_is_type(from, json_type_object)) {
		fl_error_set(reterr, NULL, 0, "is an object with \"verdict\" and \"reason\"");
		return -1;
	}
	json_object_object_foreach(from, key, value)
	{
		fl_json_look_member(json, from, key);
		if (read_member(key, value, item, reterr))
			return -1;
	}
	fl_json_look(json, from);
	if (item->verdict && item->reason)
		return 0;
	fl_error_set(reterr, NULL, 0, "needs \"verdict\" and \"reason\"");
	return -1;
}

static int read_list(struct fl_allow *allow, struct json_object *list, struct fl_error *reterr)
{
	struct fl_error problem;

	if (!json_object_is_type(list, json_type_array)) {
		fl_error_set(reterr, NULL, 0, "\"allow\" is a list");
		return -1;
	}
	allow->items = calloc(json_object_array_length(list) + 1, sizeof(*allow->items));
	if (!allow->items) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		return -1;
	}
	for (; allow->count < json_object_array_length(list); allow->count++) {
		struct json_object *from = json_object_array_get_idx(list, allow->count);

		fl_json_look(&allow->file, from);
		if (read_item(&allow->file, from, &allow->items[allow->count], &problem)) {
			fl_error_set(reterr, NULL, 0, "allow[%zu]: %.200s", allow->count, problem.message);
			return -1;
		}
	}
	return 0;
}

static int read_file(struct fl_allow *allow, struct fl_error *reterr)
{
	struct json_object *list = NULL;

	json_object_object_foreach(allow->file.root, key, value)
	{
		fl_json_look_member(&allow->file, allow->file.root, key);
		if (strcmp(key, "allow") != 0) {
			fl_error_set(reterr, NULL, 0, "there is no key \"%s\": \"allow\" is known", key);
			return -1;
		}
		list = value;
	}
	return read_list(allow, list, reterr);
}

struct fl_allow *fl_allow_load(const char *path, struct fl_error *reterr)
{
	struct fl_allow *allow = calloc(1, sizeof(*allow));
	struct fl_error problem;

	if (!allow) {
		fl_error_set(reterr, path, 0, "out of memory");
		return NULL;
	}
	if (fl_json_load(&allow->file, path, "{ \"allow\": [ ... ] }", reterr) == 0) {
		if (read_file(allow, &problem) == 0)
			return allow;
		fl_error_set(reterr, path, 0, "line %zu: %.230s", fl_json_line(&allow->file), problem.message);
	}
	fl_allow_free(allow);
	return NULL;
}

static bool is_in(const struct range_of_addresses *range, const struct fl_address *address)
{
	if (range->is_any)
		return true;
	if (range->address.family != address->family)
		return false;
	for (unsigned bit = 0; bit < range->bits; bit++) {
		unsigned mask = 0x80u >> bit % 8;

		if ((range->address.bytes[bit / 8] & mask) != (address->bytes[bit / 8] & mask))
			return false;
	}
	return true;
}

static bool is_about(const struct allowance *item, const struct fl_account *account)
{
	return strcmp(item->verdict, account->verdict.id) == 0 && is_in(&item->client, &account->address[FL_CLIENT]) &&
	       is_in(&item->server, &account->address[FL_SERVER]) &&
	       (item->port < 0 || item->port == account->port[FL_SERVER]);
}

bool fl_allow_excuses(const struct fl_allow *allow, const struct fl_account *account, int64_t now,
                      const char **ret_reason, const char **ret_last_day)
{
	*ret_reason = *ret_last_day = NULL;
	for (size_t i = 0; allow && i < allow->count; i++) {
		const struct allowance *item = &allow->items[i];
		bool is_over = item->ends != FL_TIME_NONE && now >= item->ends;

		if (!is_about(item, account))
			continue;
		*ret_reason = item->reason;
		*ret_last_day = item->last_day[0] ? item->last_day : NULL;
		if (!is_over)
			return true;
	}
	return false;
}
