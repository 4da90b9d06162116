/* When one connection goes silent the first question is whether its host did: what it sent on others, and when for the
 * last time, tells. One entry for each address, so that a million connections of a few hosts cost little. */
#include "hosts.h"

#include <stdlib.h>

#include "flatline/tcp.h"

struct hosts {
	struct host *places; /* open addressing; family 0 is free */
	size_t n_places, count;
	const struct fl_flows *flows;
	struct link {
		uint32_t end;  /* 2 * id + direction */
		uint32_t next; /* one more than the index of the host's end before it, 0 without */
	} * links;
	size_t n_links;
};

static size_t place_of(const struct hosts *hosts, const struct fl_address *address)
{
	size_t at = fl_flows_hash(hosts->flows, address, 0) & (hosts->n_places - 1);

	while (hosts->places[at].address.family != 0 && !fl_address_equal(&hosts->places[at].address, address))
		at = (at + 1) & (hosts->n_places - 1);
	return at;
}

static bool grow(struct hosts *hosts)
{
	struct hosts bigger = { .n_places = hosts->n_places ? hosts->n_places * 2 : 64,
		                .count = hosts->count,
		                .flows = hosts->flows,
		                .links = hosts->links,
		                .n_links = hosts->n_links };

	bigger.places = calloc(bigger.n_places, sizeof(*bigger.places));
	if (!bigger.places)
		return false;
	for (size_t i = 0; i < hosts->n_places; i++) {
		if (hosts->places[i].address.family != 0)
			bigger.places[place_of(&bigger, &hosts->places[i].address)] = hosts->places[i];
	}
	free(hosts->places);
	*hosts = bigger;
	return true;
}

static struct host *need(struct hosts *hosts, const struct fl_address *address)
{
	struct host *host;

	if (hosts->count * 2 >= hosts->n_places && !grow(hosts))
		return NULL;
	host = &hosts->places[place_of(hosts, address)];
	if (host->address.family == 0) {
		*host = (struct host){ .address = *address };
		hosts->count++;
	}
	return host;
}

static void take_ttl(struct host *host, uint8_t ttl)
{
	if (host->ttl_differs || ttl == 0 || ttl == host->ttl)
		return;
	host->ttl_differs = host->ttl != 0;
	host->ttl = host->ttl_differs ? 0 : ttl;
}

static bool take_flow(struct hosts *hosts, const struct scope *scope, const struct fl_flow *flow)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		struct fl_address address;
		uint16_t port;
		struct host *host;

		fl_flow_endpoint(flow, dir, &address, &port);
		if (!scope_has(scope, &address))
			continue;
		host = need(hosts, &address);
		if (!host)
			return false;
		hosts->links[hosts->n_links] = (struct link){ 2 * flow->id + dir, host->newest };
		host->newest = (uint32_t)++hosts->n_links;
		if (flow->end[dir].packets > 0)
			take_ttl(host, flow->cold->first_ttl[dir]);
		host->silent += flow->cold->rung[dir][FL_RUNG_STACK].demands > 0;
	}
	return true;
}

struct hosts *hosts_new(const struct fl_flows *flows, const struct scope *scope)
{
	const uint32_t ahead = 2;
	struct hosts *hosts = calloc(1, sizeof(*hosts));

	if (!hosts)
		return NULL;
	hosts->flows = flows;
	hosts->links = calloc(2 * fl_flows_count(flows) + 1, sizeof(*hosts->links));
	if (!hosts->links) {
		hosts_free(hosts);
		return NULL;
	}
	SCOPE_EACH(scope, flows, id) {
		struct fl_flow *flow = fl_flows_at(flows, id);
		struct fl_whole room;

		fl_flows_fetch_at(flows, id + ahead);
		if (scope_has_flow(scope, flow) && !take_flow(hosts, scope, fl_tcp_whole(flow, &room))) {
			hosts_free(hosts);
			return NULL;
		}
	}
	return hosts;
}

void hosts_free(struct hosts *hosts)
{
	if (!hosts)
		return;
	free(hosts->places);
	free(hosts->links);
	free(hosts);
}

bool hosts_next(const struct hosts *hosts, uint32_t *place, uint32_t *ret_id, unsigned *ret_dir)
{
	const struct link *link;

	if (*place == 0)
		return false;
	link = &hosts->links[*place - 1];
	*ret_id = link->end / 2;
	*ret_dir = link->end % 2;
	*place = link->next;
	return true;
}

struct host *hosts_find(const struct hosts *hosts, const struct fl_address *address)
{
	struct host *host = hosts->n_places ? &hosts->places[place_of(hosts, address)] : NULL;

	return host && host->address.family != 0 ? host : NULL;
}

/* Goes through a host's connections, the newest first. */
struct walk {
	const struct hosts *hosts;
	uint32_t place, looked_at;
	bool is_cut; /* there are more than are looked at */
	unsigned side;
};

static struct walk walk_of(const struct hosts *hosts, const struct fl_address *address)
{
	const struct host *host = hosts_find(hosts, address);

	return (struct walk){ .hosts = hosts, .place = host ? host->newest : 0 };
}

/* The next that is in memory, NULL at the end; walk->side is the host's. */
static struct fl_flow *step(struct walk *walk)
{
	const uint32_t most_looked_at = 4096;
	uint32_t id;

	while (hosts_next(walk->hosts, &walk->place, &id, &walk->side)) {
		struct fl_flow *flow = fl_flows_at(walk->hosts->flows, id);

		if (walk->looked_at++ == most_looked_at) {
			walk->is_cut = true;
			return NULL;
		}
		if (flow)
			return flow;
	}
	return NULL;
}

int64_t hosts_last_heard(const struct hosts *hosts, const struct fl_address *address, int64_t *ret_others)
{
	struct walk walk = walk_of(hosts, address);
	int64_t last = FL_TIME_NONE, others = FL_TIME_NONE;
	const struct fl_flow *flow;

	while ((flow = step(&walk)) != NULL) {
		const struct fl_end *own = &flow->end[walk.side], *other = &flow->end[!walk.side];

		if (own->packets > 0 && own->last_at > last)
			last = own->last_at;
		if (other->packets > 0 && other->last_at > others)
			others = other->last_at;
	}
	if (walk.is_cut)
		last = others = FL_TIME_MOST;
	if (ret_others)
		*ret_others = others;
	return last;
}

bool hosts_is_reached(const struct hosts *hosts, const struct fl_address *address, uint16_t port, int64_t since)
{
	struct walk walk = walk_of(hosts, address);
	struct fl_flow *flow;

	while ((flow = step(&walk)) != NULL) {
		const struct fl_end *own = &flow->end[walk.side];
		struct fl_address at;
		struct fl_whole room;
		uint16_t own_port;

		fl_flow_endpoint(flow, walk.side, &at, &own_port);
		if (own_port != port)
			continue;
		if ((flow->end[0].seen & flow->end[1].seen & FL_SEEN_SYN) &&
		    fl_tcp_whole(flow, &room)->cold->first_at > since)
			return true;
		if ((own->seen & FL_SEEN_PAYLOAD) && !(own->seen & FL_SEEN_RST) && own->last_at > since)
			return true;
	}
	return walk.is_cut;
}

bool hosts_outlives(const struct hosts *hosts, const struct fl_address *address, int64_t first, int64_t last)
{
	struct walk walk = walk_of(hosts, address);
	struct fl_flow *flow;

	while ((flow = step(&walk)) != NULL) {
		const struct fl_end *own = &flow->end[walk.side];
		struct fl_whole room;

		if (own->last_at > last && !(own->seen & FL_SEEN_RST) &&
		    fl_tcp_whole(flow, &room)->cold->first_at < first)
			return true;
	}
	return walk.is_cut;
}
