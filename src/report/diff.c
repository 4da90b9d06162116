/* Two runs beside each other: which verdicts are new, gone, or have moved. Connections are compared by who talks with
 * which service, since a client's port is another one in every run. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "flatline/address.h"
#include "flatline/report.h"
#include "flatline/text.h"

/* Connections of one client to one service with one verdict, in both runs. */
struct group {
	char client[FL_ADDRESS_TEXT], server[FL_ENDPOINT_TEXT];
	char verdict[48];
	enum fl_severity severity;
	uint64_t count[2];
};

struct fl_diff {
	struct group *groups;
	size_t count, size;
	uint64_t flows[2];
};

struct fl_diff *fl_diff_new(void)
{
	return calloc(1, sizeof(struct fl_diff));
}

void fl_diff_free(struct fl_diff *diff)
{
	if (!diff)
		return;
	free(diff->groups);
	free(diff);
}

static int compare_pairs(const struct group *a, const struct group *b)
{
	int order = strcmp(a->server, b->server);

	return order ? order : strcmp(a->client, b->client);
}

static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	int order = compare_pairs(a, b);

	return order ? order : strcmp(a->verdict, b->verdict);
}

/* Groups stand unmerged until the end: sorting them then is quicker than looking each up. */
static int add(struct fl_diff *diff, const struct group *group)
{
	if (diff->count == diff->size) {
		size_t size = diff->size ? 2 * diff->size : 64;
		struct group *groups = realloc(diff->groups, size * sizeof(*groups));

		if (!groups)
			return -1;
		diff->groups = groups;
		diff->size = size;
	}
	diff->groups[diff->count++] = *group;
	diff->flows[0] += group->count[0];
	diff->flows[1] += group->count[1];
	return 0;
}

int fl_diff_flow(struct fl_diff *diff, unsigned run, const struct fl_account *account)
{
	struct group group = { .severity = account->verdict.severity, .count = { run == 0, run == 1 } };

	fl_address_text(&account->address[FL_CLIENT], group.client);
	fl_endpoint_text(&account->address[FL_SERVER], account->port[FL_SERVER], group.server);
	snprintf(group.verdict, sizeof(group.verdict), "%s", account->verdict.id);
	return add(diff, &group);
}

static const char *text_at(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* An end as fl_endpoint_text() writes it. */
static bool endpoint_at(struct json_object *flow, const char *name, char *ret_address, char *ret_endpoint)
{
	struct json_object *end = NULL, *port = NULL;
	const char *address;

	json_object_object_get_ex(flow, name, &end);
	address = json_object_is_type(end, json_type_object) ? text_at(end, "address") : NULL;
	if (!address || !json_object_object_get_ex(end, "port", &port) || !json_object_is_type(port, json_type_int) ||
	    strlen(address) >= FL_ADDRESS_TEXT)
		return false;
	snprintf(ret_address, FL_ADDRESS_TEXT, "%s", address);
	snprintf(ret_endpoint, FL_ENDPOINT_TEXT, strchr(address, ':') ? "[%s]:%d" : "%s:%d", address,
	         json_object_get_int(port));
	return true;
}

static bool read_flow(struct json_object *flow, unsigned run, struct group *ret_group)
{
	struct json_object *verdict = NULL;
	char endpoint[FL_ENDPOINT_TEXT], address[FL_ADDRESS_TEXT];
	const char *id = NULL, *severity = NULL;

	*ret_group = (struct group){ .count = { run == 0, run == 1 } };
	if (!json_object_is_type(flow, json_type_object) || !json_object_object_get_ex(flow, "verdict", &verdict) ||
	    !endpoint_at(flow, "client", ret_group->client, endpoint) ||
	    !endpoint_at(flow, "server", address, ret_group->server))
		return false;
	id = text_at(verdict, "id");
	severity = text_at(verdict, "severity");
	if (!id || !severity || strlen(id) >= sizeof(ret_group->verdict))
		return false;
	snprintf(ret_group->verdict, sizeof(ret_group->verdict), "%s", id);
	while (ret_group->severity < FL_SEVERITIES && strcmp(severity, fl_severity_name(ret_group->severity)) != 0)
		ret_group->severity++;
	return ret_group->severity < FL_SEVERITIES;
}

int fl_diff_report(struct fl_diff *diff, unsigned run, const char *path, struct json_object *report,
                   struct fl_error *reterr)
{
	const char *format = text_at(report, "format");
	struct json_object *flows = NULL;
	struct group group;

	json_object_object_get_ex(report, "flows", &flows);
	if (!format || strcmp(format, "flatline/1") != 0 || !json_object_is_type(flows, json_type_array)) {
		fl_error_set(reterr, path, 0, "is no report of flatline (\"format\": \"flatline/1\")");
		return -1;
	}
	for (size_t i = 0; i < json_object_array_length(flows); i++) {
		if (!read_flow(json_object_array_get_idx(flows, i), run, &group)) {
			fl_error_set(reterr, path, 0, "flows[%zu] is no connection of a report", i);
			return -1;
		}
		if (add(diff, &group)) {
			fl_error_set(reterr, path, 0, "out of memory");
			return -1;
		}
	}
	return 0;
}

static void merge(struct fl_diff *diff)
{
	size_t kept = 0;

	qsort(diff->groups, diff->count, sizeof(*diff->groups), compare_groups);
	for (size_t i = 0; i < diff->count; i++) {
		struct group *last = kept > 0 ? &diff->groups[kept - 1] : NULL;

		if (last && compare_groups(last, &diff->groups[i]) == 0) {
			last->count[0] += diff->groups[i].count[0];
			last->count[1] += diff->groups[i].count[1];
			if (diff->groups[i].severity > last->severity)
				last->severity = diff->groups[i].severity;
		} else {
			diff->groups[kept++] = diff->groups[i];
		}
	}
	diff->count = kept;
}

static const char *connections(uint64_t count)
{
	return count == 1 ? "connection" : "connections";
}

/* By how many more there are in the later run; negative: fewer. */
static int64_t change_of(const struct group *group)
{
	return (int64_t)group->count[1] - (int64_t)group->count[0];
}

/* What one client's connections to one service were called, and are: as many as are gone under one name and new under
 * another have moved. */
static uint64_t tell_pair(struct group *groups, size_t count, FILE *out)
{
	uint64_t told = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count && change_of(&groups[i]) < 0; j++) {
			int64_t lost = -change_of(&groups[i]), won = change_of(&groups[j]),
				moved = lost < won ? lost : won;

			if (moved <= 0)
				continue;
			fprintf(out, "moved  %-8s  %s -> %s   %s -> %s   %" PRId64 " %s\n",
			        fl_severity_name(groups[j].severity), groups[i].verdict, groups[j].verdict,
			        groups[i].client, groups[i].server, moved, connections((uint64_t)moved));
			groups[i].count[1] += (uint64_t)moved;
			groups[j].count[0] += (uint64_t)moved;
			told++;
		}
	}
	for (size_t i = 0; i < count; i++) {
		int64_t change = change_of(&groups[i]);

		if (change == 0)
			continue;
		fprintf(out, "%s  %-8s  %s   %s -> %s   %" PRId64 " %s\n", change > 0 ? "new  " : "gone ",
		        fl_severity_name(groups[i].severity), groups[i].verdict, groups[i].client, groups[i].server,
		        change > 0 ? change : -change, connections((uint64_t)(change > 0 ? change : -change)));
		told++;
	}
	return told;
}

int fl_diff_write(struct fl_diff *diff, FILE *out, bool *ret_differs)
{
	uint64_t told = 0;

	merge(diff);
	for (size_t at = 0, end; at < diff->count; at = end) {
		for (end = at + 1; end < diff->count && compare_pairs(&diff->groups[at], &diff->groups[end]) == 0;
		     end++)
			;
		told += tell_pair(&diff->groups[at], end - at, out);
	}
	if (told == 0)
		fprintf(out, "no difference: %" PRIu64 " %s in both\n", diff->flows[0], connections(diff->flows[0]));
	*ret_differs = told > 0;
	return fflush(out) != 0 || ferror(out) ? -1 : 0;
}
