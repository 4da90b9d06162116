/* What the other connections of a service did says more about it than the connection at hand: when three clients are
 * answered and the fourth is not, answers are owed. Frozen once, so that no judgement depends on the order of flows. */
#include "neighbours.h"

#include <stdlib.h>
#include <string.h>

#include "flatline/tcp.h"
#include "hosts.h"
#include "services.h"

/* One flow as its neighbours see it, in roles. */
struct view {
	struct fl_address server, client;
	int64_t syn_at; /* FL_TIME_NONE without a SYN of the client */
	uint32_t id;
	uint32_t longest_answer_us;
	uint16_t answered_length, answered_run;
	uint16_t server_port;
	uint32_t first_length; /* of the client's first message; 0 without one */
	bool is_connected;
	bool is_greeted; /* the server spoke first */
};

struct neighbours {
	struct view *views; /* by service, client, time */
	size_t count;
	const struct fl_flows *flows;
	struct hosts *hosts;
	const struct services *services;
};

static const int64_t a_minute = 60 * FL_NS_PER_S;

enum { most_looked_at = 512, same_size = 2, alike_part = 4, run_of_answers = 2 };

static struct view view_of(const struct neighbours *neighbours, const struct fl_flow *flow)
{
	enum fl_roles roles;
	unsigned client = services_client(neighbours->services, flow, &roles);
	const struct fl_talk *talk = &flow->cold->talk[client];
	struct view view = { .id = flow->id, .syn_at = FL_TIME_NONE };
	uint16_t port;

	fl_flow_endpoint(flow, client, &view.client, &port);
	fl_flow_endpoint(flow, !client, &view.server, &view.server_port);
	if (roles == FL_ROLES_HANDSHAKE)
		view.syn_at = flow->cold->first_at;
	view.longest_answer_us = talk->longest_answer_us;
	view.answered_length = talk->answered_length;
	view.answered_run = talk->answered_run;
	view.first_length = talk->messages ? talk->first_length : 0;
	view.is_connected = flow->end[0].seen & flow->end[1].seen & FL_SEEN_SYN;
	view.is_greeted = flow->cold->talk[!client].messages > 0 &&
	                  (talk->messages == 0 || flow->cold->talk[!client].first_at < talk->first_at);
	return view;
}

static int compare_service(const struct view *a, const struct view *b)
{
	int order = memcmp(&a->server, &b->server, sizeof(a->server));

	return order ? order : (a->server_port > b->server_port) - (a->server_port < b->server_port);
}

static int compare_client(const struct view *a, const struct view *b)
{
	int order = compare_service(a, b);

	return order ? order : memcmp(&a->client, &b->client, sizeof(a->client));
}

static int compare_times(const struct view *a, const struct view *b)
{
	int order = compare_client(a, b);

	if (order)
		return order;
	if (a->syn_at != b->syn_at)
		return a->syn_at < b->syn_at ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static int compare_views(const void *a, const void *b)
{
	return compare_times(a, b);
}

struct neighbours *neighbours_new(const struct fl_flows *flows, const struct services *services,
                                  const struct scope *scope)
{
	const uint32_t ahead = 2;
	struct neighbours *neighbours = calloc(1, sizeof(*neighbours));
	size_t count = fl_flows_count(flows);

	if (!neighbours)
		return NULL;
	neighbours->views = malloc((count ? count : 1) * sizeof(*neighbours->views));
	neighbours->flows = flows;
	neighbours->hosts = hosts_new(flows, scope);
	neighbours->services = services;
	if (!neighbours->views || !neighbours->hosts) {
		neighbours_free(neighbours);
		return NULL;
	}
	SCOPE_EACH(scope, flows, id) {
		struct fl_flow *flow = fl_flows_at(flows, id);
		struct fl_whole room;

		fl_flows_fetch_at(flows, id + ahead);
		if (scope_has_flow(scope, flow))
			neighbours->views[neighbours->count++] = view_of(neighbours, fl_tcp_whole(flow, &room));
	}
	qsort(neighbours->views, neighbours->count, sizeof(*neighbours->views), compare_views);
	return neighbours;
}

const struct hosts *neighbours_hosts(const struct neighbours *neighbours)
{
	return neighbours->hosts;
}

void neighbours_free(struct neighbours *neighbours)
{
	if (!neighbours)
		return;
	hosts_free(neighbours->hosts);
	free(neighbours->views);
	free(neighbours);
}

static struct host *host_of(const struct neighbours *neighbours, const struct fl_flow *flow, unsigned dir)
{
	struct fl_address address;
	uint16_t port;

	fl_flow_endpoint(flow, dir, &address, &port);
	return hosts_find(neighbours->hosts, &address);
}

static void note(int64_t at, int64_t from, int64_t to, struct host_elsewhere *elsewhere)
{
	if (at == FL_TIME_NONE || at <= from)
		return;
	if (at <= to)
		elsewhere->heard_at = at > elsewhere->heard_at ? at : elsewhere->heard_at;
	else if (elsewhere->back_at == FL_TIME_NONE || at < elsewhere->back_at)
		elsewhere->back_at = at;
}

/* When the end sent its first packet; FL_TIME_NONE where it is not known. */
static int64_t first_packet(const struct fl_flow *flow, unsigned dir)
{
	if (dir == 0)
		return flow->cold->first_at;
	if (flow->cold->synack_us == UINT32_MAX)
		return FL_TIME_NONE;
	return flow->cold->first_at + (int64_t)flow->cold->synack_us * FL_NS_PER_US;
}

void neighbours_host(const struct neighbours *neighbours, const struct fl_flow *flow, unsigned dir, int64_t from,
                     int64_t to, struct host_elsewhere *ret_elsewhere)
{
	const struct host *host = host_of(neighbours, flow, dir);
	bool is_silent_here = flow->cold->rung[dir][FL_RUNG_STACK].demands > 0;
	uint32_t place = host ? host->newest : 0, id, looked_at = 0;
	unsigned side;

	*ret_elsewhere = (struct host_elsewhere){ .heard_at = FL_TIME_NONE, .back_at = FL_TIME_NONE };
	if (!host)
		return;
	ret_elsewhere->silent = host->silent - (host->silent > 0 && is_silent_here);
	while (looked_at++ < most_looked_at && hosts_next(neighbours->hosts, &place, &id, &side)) {
		struct fl_flow *there = fl_flows_at(neighbours->flows, id);
		struct fl_whole room;
		const struct fl_flow *other;

		if (!there || id == flow->id || there->end[side].packets == 0)
			continue;
		other = fl_tcp_whole(there, &room);
		note(other->end[side].last_at, from, to, ret_elsewhere);
		note(first_packet(other, side), from, to, ret_elsewhere);
		ret_elsewhere->went_on |= other->cold->first_at <= to && other->end[side].last_at > to;
	}
}

/* Services that a client tried, each once. */
struct tried {
	struct service_name {
		struct fl_address address;
		uint16_t port;
	} services[64];
	uint32_t count, again; /* of those kept: how many, and how often one of them was tried once more */
	uint32_t in_all, made; /* connections: all, and those that were made */
};
enum {
	most_services = sizeof(((struct tried *)0)->services) / sizeof(struct service_name),
	many_ports = 10,
	very_many_ports = 20
};

static void try_service(struct tried *tried, const struct fl_flow *flow, unsigned server)
{
	struct service_name name;

	fl_flow_endpoint(flow, server, &name.address, &name.port);
	tried->in_all++;
	tried->made += flow->end[server].una != 0;
	for (uint32_t i = 0; i < tried->count; i++) {
		if (tried->services[i].port == name.port &&
		    fl_address_equal(&tried->services[i].address, &name.address)) {
			tried->again++;
			return;
		}
	}
	if (tried->count < most_services)
		tried->services[tried->count++] = name;
}

/* Of one host, the most. */
static uint32_t ports_of_one(const struct tried *tried)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < tried->count; i++) {
		uint32_t ports = 0;

		for (uint32_t k = i; k < tried->count; k++)
			ports += fl_address_equal(&tried->services[k].address, &tried->services[i].address);
		most = ports > most ? ports : most;
	}
	return most;
}

/* Goes through all connections of that client; false when one shows that it is no scanner. */
static bool collect_tried(const struct neighbours *neighbours, const struct host *host, struct tried *tried)
{
	uint32_t place = host->newest, id;
	unsigned side;

	while (hosts_next(neighbours->hosts, &place, &id, &side)) {
		struct fl_flow *there = fl_flows_at(neighbours->flows, id);
		struct fl_whole room;
		const struct fl_flow *flow;
		enum fl_roles roles;

		if (!there)
			continue;
		flow = fl_tcp_whole(there, &room);
		if (services_client(neighbours->services, flow, &roles) != side)
			continue;
		if (roles != FL_ROLES_HANDSHAKE || (flow->end[side].seen & FL_SEEN_PAYLOAD))
			return false;
		try_service(tried, flow, !side);
	}
	return true;
}

static enum scan scan_of(const struct neighbours *neighbours, const struct host *host)
{
	const uint32_t made_part = 4;
	struct tried tried = { .count = 0 };
	uint32_t ports;

	if (!collect_tried(neighbours, host, &tried) || tried.again > tried.count ||
	    tried.made * made_part > tried.in_all)
		return NO_SCAN;
	ports = ports_of_one(&tried);
	if (ports == most_services)
		return IS_WIDE_SCAN;
	if (ports >= very_many_ports || tried.count == most_services)
		return IS_LARGE_SCAN;
	return ports >= many_ports ? IS_SCAN : NO_SCAN;
}

enum scan neighbours_scan(const struct neighbours *neighbours, const struct fl_flow *flow, unsigned client)
{
	struct host *host = host_of(neighbours, flow, client);

	if (!host)
		return NO_SCAN;
	if (host->scan == 0)
		host->scan = (uint8_t)scan_of(neighbours, host);
	return (enum scan)host->scan;
}

uint8_t neighbours_ttl(const struct neighbours *neighbours, const struct fl_flow *flow, unsigned dir)
{
	const struct host *host = host_of(neighbours, flow, dir);

	return host ? host->ttl : 0;
}

/* The first view that is not before `wanted` by `compare`. */
static size_t lower_bound(const struct neighbours *neighbours, const struct view *wanted,
                          int (*compare)(const struct view *, const struct view *))
{
	size_t low = 0, high = neighbours->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&neighbours->views[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t difference(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

static int64_t apart(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* A quick question beside a slow one says nothing of the slow one. */
static bool asked_alike(const struct view *view, const struct view *self)
{
	return view->first_length > 0 &&
	       difference(view->first_length, self->first_length) <= self->first_length / alike_part;
}

void neighbours_siblings(const struct neighbours *neighbours, const struct fl_flow *flow, uint32_t length,
                         struct siblings *ret_siblings)
{
	struct view self = view_of(neighbours, flow);
	size_t at = lower_bound(neighbours, &self, compare_service);

	*ret_siblings = (struct siblings){ 0 };
	for (; at < neighbours->count && ret_siblings->count < most_looked_at; at++) {
		const struct view *view = &neighbours->views[at];

		if (compare_service(view, &self) != 0)
			break;
		if (view->id == self.id)
			continue;
		ret_siblings->count++;
		ret_siblings->connected += view->is_connected;
		ret_siblings->greeted += view->is_connected && view->is_greeted;
		ret_siblings->began += view->is_connected && view->first_length > 0 && !view->is_greeted;
		ret_siblings->beats_answered += view->answered_run >= run_of_answers &&
		                                difference(view->answered_length, length) <= same_size;
		if (!asked_alike(view, &self))
			continue;
		ret_siblings->answered += view->longest_answer_us > 0;
		ret_siblings->exact += view->longest_answer_us > 0 &&
		                       difference(view->first_length, self.first_length) <= same_size;
		if (view->longest_answer_us * FL_NS_PER_US > ret_siblings->longest_answer)
			ret_siblings->longest_answer = view->longest_answer_us * FL_NS_PER_US;
	}
}

/* The server's kernel goes on sending SYN-ACKs, two and more, though the client has ACKed one: its accept queue is full
 * (the detector of that name says so of a connection itself). */
static int64_t not_taken_at(const struct fl_flow *flow, unsigned server)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	const struct fl_series *both[] = { trouble ? &trouble->now[server] : NULL,
		                           trouble ? &trouble->connect[server] : NULL };

	for (unsigned i = 0; trouble && i < 2 && !fl_tcp_is_slow_path(flow); i++) {
		if (both[i]->kind == FL_SERIES_SYN_ACK && both[i]->is_acked && both[i]->repeats >= 2)
			return both[i]->last_at;
	}
	return FL_TIME_NONE;
}

uint32_t neighbours_not_taken(const struct neighbours *neighbours, const struct fl_flow *flow)
{
	struct view self = view_of(neighbours, flow);
	size_t at = lower_bound(neighbours, &self, compare_service);
	uint32_t looked_at = 0, found = 0;

	for (; at < neighbours->count && looked_at++ < most_looked_at; at++) {
		const struct view *view = &neighbours->views[at];
		struct fl_flow *other;
		enum fl_roles roles;
		int64_t last;

		if (compare_service(view, &self) != 0)
			break;
		other = view->id != self.id ? fl_flows_at(neighbours->flows, view->id) : NULL;
		if (!other || !other->sick)
			continue;
		last = not_taken_at(other, !fl_flow_client(other, &roles));
		found += last != FL_TIME_NONE && apart(last, flow->cold->first_at) <= a_minute;
	}
	return found;
}

/* It said the same first and was answered, or (unless it must have been) it said nothing yet. */
static bool asks_again(const struct view *view, uint32_t length, bool must_be_answered)
{
	if (view->first_length == 0 || (must_be_answered && view->longest_answer_us == 0))
		return !must_be_answered;
	return difference(view->first_length, length) <= same_size;
}

/* Where to begin among the connections of that client to that service: at the first whose SYN came after `after`. */
static struct view behind(const struct neighbours *neighbours, const struct fl_flow *flow, int64_t after,
                          size_t *ret_place)
{
	struct view wanted = view_of(neighbours, flow);

	wanted.syn_at = after;
	wanted.id = UINT32_MAX; /* behind all that came at that moment */
	*ret_place = lower_bound(neighbours, &wanted, compare_times);
	return wanted;
}

/* The next of them but the flow itself; NULL at the end. */
static const struct view *next_view(const struct neighbours *neighbours, const struct fl_flow *flow,
                                    const struct view *wanted, size_t *place)
{
	while (*place < neighbours->count) {
		const struct view *view = &neighbours->views[(*place)++];

		if (compare_client(view, wanted) != 0)
			break;
		if (view->id != flow->id)
			return view;
	}
	return NULL;
}

int64_t neighbours_next_syn(const struct neighbours *neighbours, const struct fl_flow *flow, int64_t after,
                            bool must_be_answered)
{
	size_t place, looked_at = 0;
	struct view wanted = behind(neighbours, flow, after, &place);
	const struct view *view;

	while (looked_at++ < most_looked_at && (view = next_view(neighbours, flow, &wanted, &place)) != NULL) {
		if (asks_again(view, wanted.first_length, must_be_answered))
			return view->syn_at;
	}
	return FL_TIME_NONE;
}

int64_t neighbours_next_try(const struct neighbours *neighbours, const struct fl_flow *flow, int64_t after,
                            bool *ret_connected)
{
	size_t place;
	struct view wanted = behind(neighbours, flow, after, &place);
	const struct view *view = next_view(neighbours, flow, &wanted, &place);

	if (!view)
		return FL_TIME_NONE;
	*ret_connected = view->is_connected;
	return view->syn_at;
}

int64_t neighbours_retry(const struct neighbours *neighbours, const struct fl_flow *flow, int64_t after,
                         struct retry *ret_retry)
{
	size_t place;
	struct view wanted = behind(neighbours, flow, after, &place);
	const struct view *view = next_view(neighbours, flow, &wanted, &place);
	struct fl_flow *there = view ? fl_flows_at(neighbours->flows, view->id) : NULL;
	struct fl_whole room;
	const struct fl_flow *next;
	const struct fl_ending *ending;
	enum fl_roles roles;
	unsigned client;

	*ret_retry = (struct retry){ .unanswered_since = FL_TIME_NONE, .given_up_at = FL_TIME_NONE };
	if (!there)
		return FL_TIME_NONE;
	next = fl_tcp_whole(there, &room);
	client = fl_flow_client(next, &roles);
	ending = fl_tcp_ending(next);
	if (fl_tcp_closed_first(next, client))
		ret_retry->given_up_at = next->cold->fin_at;
	else if (ending && ending->dir == client)
		ret_retry->given_up_at = ending->at;
	ret_retry->is_refused = ending && ending->dir != client && (ending->classes & FL_SEG_RST_REFUSED);
	if (view->first_length > 0 && difference(view->first_length, wanted.first_length) <= same_size &&
	    view->longest_answer_us == 0 && next->cold->talk[!client].messages == 0 &&
	    !(next->end[!client].seen & FL_SEEN_HOLE) && next->end[client].una > fl_tcp_first_byte(next, client))
		ret_retry->unanswered_since = next->cold->talk[client].first_at;
	return view->syn_at;
}

bool neighbours_is_cut(const struct fl_flow *flow, unsigned client)
{
	const int64_t at_once = 50 * FL_NS_PER_MS; /* what it said may have been a goodbye */
	const struct fl_talk *asks = &flow->cold->talk[client];
	uint16_t any = flow->end[0].seen | flow->end[1].seen;

	return !(any & (FL_SEEN_RST | FL_SEEN_HOLE)) && fl_tcp_closed_first(flow, !client) &&
	       flow->cold->talk[!client].messages == 0 && asks->messages == 1 &&
	       flow->cold->fin_at - asks->waiting_at > at_once + fl_tcp_rtt(flow);
}

uint32_t neighbours_cut(const struct neighbours *neighbours, const struct fl_flow *flow)
{
	size_t place;
	struct view wanted = behind(neighbours, flow, FL_TIME_NONE, &place);
	const struct view *view;
	uint32_t looked_at = 0, found = 0;

	while (looked_at++ < most_looked_at && (view = next_view(neighbours, flow, &wanted, &place)) != NULL) {
		struct fl_flow *other = fl_flows_at(neighbours->flows, view->id);
		enum fl_roles roles;

		if (view->longest_answer_us > 0)
			return 0; /* that service answers this client */
		if (other && !(other->marks & FL_MARK_LONE))
			found += neighbours_is_cut(other, fl_flow_client(other, &roles));
	}
	return found;
}
