/* One connection that fails has a cause somewhere; several that fail at once, on one host, one service or one path, say
 * where. Each incident needs two connections at least, and nothing in the capture that contradicts it: a host that is
 * heard later is not down, a service that somebody reached since is not either. What fell silent is in silences.c. */
#include "outages.h"

#include <stdlib.h>
#include <string.h>

#include "flatline/time.h"
#include "hosts.h"
#include "silences.h"

struct outages {
	struct outage *items;
	size_t count, size;
};

enum { most_outages = 65536 };

static const struct {
	const char *verdict;
	enum fault fault;
} faults[] = {
	{ "peer-vanished", GONE },       { "connect-unanswered", GONE }, { "keepalive-unanswered", GONE },
	{ "unreachable", GONE },         { "connect-refused", REFUSED }, { "accept-queue-overflow", QUEUE },
	{ "peer-restarted", RESTARTED }, { "idle-dropped", DROPPED },
};

/* NULL for a verdict that says nothing of others. */
static const enum fault *fault_of(const char *verdict)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (strcmp(verdict, faults[i].verdict) == 0)
			return &faults[i].fault;
	}
	return NULL;
}

bool outages_may_concern(const struct fl_flow *flow)
{
	const struct fl_ending *ending = fl_tcp_ending(flow);

	return fl_tcp_trouble(flow) || fl_tcp_icmp(flow, 0) || fl_tcp_icmp(flow, 1) ||
	       (ending && (!(ending->classes & FL_SEG_RST_ACTIVE) ||
	                   (ending->classes & (FL_SEG_RST_FOREIGN | FL_SEG_RST_IGNORED))));
}

bool outages_concern(const struct fl_finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fault_of(findings[i].detector->id))
			return true;
	}
	return false;
}

struct outages *outages_new(void)
{
	return calloc(1, sizeof(struct outages));
}

void outages_free(struct outages *outages)
{
	if (!outages)
		return;
	free(outages->items);
	free(outages);
}

static bool add(struct outages *outages, const struct outage *outage)
{
	if (outages->count == outages->size) {
		size_t size = outages->size ? outages->size * 2 : 16;
		struct outage *items = realloc(outages->items, size * sizeof(*items));

		if (!items)
			return false;
		outages->items = items;
		outages->size = size;
	}
	outages->items[outages->count++] = *outage;
	return true;
}

/* A router says that a host cannot be reached (and not that somebody forbids it): *ret_host. */
static bool is_unreachable_host(const struct fl_flow *flow, struct fl_address *ret_host)
{
	const uint8_t host_unreachable = 1, address_unreachable = 3; /* codes of ICMP type 3, of ICMPv6 type 1 */

	for (unsigned dir = 0; dir < 2; dir++) {
		const struct fl_icmp_seen *icmp = fl_tcp_icmp(flow, dir);
		uint16_t port;

		if (!icmp || icmp->code != (flow->key.family == 6 ? address_unreachable : host_unreachable))
			continue;
		fl_flow_endpoint(flow, !dir, ret_host, &port);
		return true;
	}
	return false;
}

bool outages_note(struct fl_judge *judge, struct outages *outages, const struct fl_flow *flow,
                  const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;
	const enum fault *fault = fault_of(verdict->id);
	const struct neighbours *neighbours = fault ? judge_neighbours(judge) : NULL;
	bool is_sides = verdict->side == FL_SIDE_CLIENT || verdict->side == FL_SIDE_SERVER;
	int64_t left_at = fl_flows_left_at(judge->settings.flows);
	enum fl_roles roles;
	struct outage outage = { .client = account->address[FL_CLIENT],
		                 .server = account->address[FL_SERVER],
		                 .port = account->port[FL_SERVER],
		                 .is_connect = strncmp(verdict->id, "connect-", strlen("connect-")) == 0,
		                 .is_sure = verdict->severity == FL_CRITICAL,
		                 .flow = account->id,
		                 .onset = verdict->onset };

	if (!fault || outages->count == most_outages || verdict->is_over)
		return true;
	if (!neighbours)
		return false;
	/* A SYN on an open connection's ports tells of that one alone. */
	if (*fault == RESTARTED && account->end != FL_END_RST)
		return true;
	outage.fault = (uint8_t)*fault;
	outage.host = verdict->side == FL_SIDE_CLIENT ? outage.client : outage.server;
	if ((outage.fault == GONE || outage.fault == REFUSED) && !is_sides)
		outage.fault = is_unreachable_host(flow, &outage.host) ? GONE : CUT;
	/* What left memory since may have been the proof that somebody lived. */
	if (left_at != FL_TIME_NONE && left_at >= outage.onset && outage.fault != QUEUE && outage.fault != DROPPED)
		outage.fault = UNWITNESSED;
	outage.is_scan = outage.is_connect &&
	                 neighbours_scan(neighbours, flow, fl_flow_client(flow, &roles)) >= IS_LARGE_SCAN;
	return add(outages, &outage);
}

/* By fault, blamed host, service, connects first, time, flow. */
static int compare(const void *a, const void *b)
{
	const struct outage *x = a, *y = b;
	int order;

	if (x->fault != y->fault)
		return x->fault < y->fault ? -1 : 1;
	order = memcmp(&x->host, &y->host, sizeof(x->host));
	if (order == 0)
		order = memcmp(&x->server, &y->server, sizeof(x->server));
	if (order != 0)
		return order;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	if (x->is_connect != y->is_connect)
		return x->is_connect ? -1 : 1;
	if (x->onset != y->onset)
		return x->onset < y->onset ? -1 : 1;
	return x->flow < y->flow ? -1 : x->flow > y->flow;
}

typedef bool is_same(const struct outage *a, const struct outage *b);

static bool is_same_fault(const struct outage *a, const struct outage *b)
{
	return a->fault == b->fault;
}

static bool is_same_host(const struct outage *a, const struct outage *b)
{
	return is_same_fault(a, b) && fl_address_equal(&a->host, &b->host);
}

static bool is_same_service(const struct outage *a, const struct outage *b)
{
	return is_same_host(a, b) && fl_address_equal(&a->server, &b->server) && a->port == b->port;
}

/* Those from `from` on that are the same by `same`: one past the last. */
static size_t run_of(const struct outages *outages, size_t from, is_same *same)
{
	size_t to = from + 1;

	while (to < outages->count && same(&outages->items[from], &outages->items[to]))
		to++;
	return to;
}

int64_t outages_earliest(const struct outage *outages, size_t count)
{
	int64_t at = outages[0].onset;

	for (size_t i = 1; i < count; i++)
		at = outages[i].onset < at ? outages[i].onset : at;
	return at;
}

bool outages_tell_one(const struct incident_taker *taker, const char *id, const char *subject,
                      const struct outage *outages, size_t count, const char *format, ...)
{
	struct fl_incident incident = {
		.id = id, .subject = subject, .n_flows = count, .onset = outages_earliest(outages, count)
	};
	struct fl_text text;
	va_list args;
	bool ok;

	fl_text_init(&text);
	va_start(args, format);
	fl_text_vadd(&text, format, args);
	va_end(args);
	incident.flows = malloc(count * sizeof(*incident.flows));
	for (size_t i = 0; incident.flows && i < count; i++)
		incident.flows[i] = outages[i].flow;
	ok = incident.flows && incident_tell(taker, &incident, &text);
	free(incident.flows);
	fl_text_deinit(&text);
	return ok;
}

/* Connects to a service that were not answered at all. */
static const struct outage *unanswered_connects(const struct outages *outages, const struct outage *service,
                                                size_t *ret_count)
{
	struct outage wanted = *service;
	size_t low = 0, high = outages->count, count = 0;

	wanted.fault = GONE;
	wanted.is_connect = true;
	wanted.host = service->server;
	wanted.onset = INT64_MIN;
	wanted.flow = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&outages->items[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + count < outages->count && is_same_service(&outages->items[low + count], &wanted) &&
	       outages->items[low + count].is_connect)
		count++;
	*ret_count = count;
	return outages->items + low;
}

/* Those who wait behind their handshake, and those whose SYNs find no place. */
static bool tell_full_queue(const struct incident_taker *taker, const struct outages *outages, size_t from,
                            size_t count)
{
	const struct outage *queued = &outages->items[from];
	char subject[FL_ENDPOINT_TEXT], time[FL_TIME_TEXT];
	size_t silent;
	const struct outage *unanswered = unanswered_connects(outages, queued, &silent);
	struct outage *all;
	bool ok;

	if (count + silent < OUTAGES_ENOUGH)
		return true;
	all = malloc((count + silent) * sizeof(*all));
	if (!all)
		return false;
	memcpy(all, queued, count * sizeof(*all));
	memcpy(all + count, unanswered, silent * sizeof(*all));
	fl_endpoint_text(&queued->server, queued->port, subject);
	fl_time_of_day(outages_earliest(queued, count), true, time);
	ok = outages_tell_one(
		taker, "listen-queue-overflow", subject, all, count + silent,
		"%s does not accept: %zu %s from %s on%s. Its accept queue is full; the process is slow, or hangs.",
		subject, count,
		count == 1 ? "half-open connection waits or was reset" : "half-open connections wait or were reset",
		time, silent > 0 ? ", and SYNs of others get no answer" : "");
	free(all);
	return ok;
}

static bool tell_refusals(const struct incident_taker *taker, const struct hosts *hosts, const struct outage *refused,
                          size_t count)
{
	char subject[FL_ENDPOINT_TEXT], time[FL_TIME_TEXT];
	int64_t since = outages_earliest(refused, count);

	if (count < OUTAGES_ENOUGH || refused->is_scan ||
	    hosts_is_reached(hosts, &refused->server, refused->port, since))
		return true;
	fl_endpoint_text(&refused->server, refused->port, subject);
	fl_time_of_day(since, true, time);
	return outages_tell_one(taker, "service-down", subject, refused, count,
	                        "%s refuses every connection from %s on (%zu of them, and none was accepted since): "
	                        "nothing listens there, or a filter rejects it.",
	                        subject, time, count);
}

static bool is_any_sure(const struct outage *outages, size_t count)
{
	size_t i = 0;

	while (i < count && !outages[i].is_sure)
		i++;
	return i < count;
}

static int64_t latest(const struct outage *outages, size_t count)
{
	int64_t at = outages[0].onset;

	for (size_t i = 1; i < count; i++)
		at = outages[i].onset > at ? outages[i].onset : at;
	return at;
}

/* What its connections met that a host, or something before it, did to them. */
static bool tell_host(const struct incident_taker *taker, const struct hosts *hosts, const struct outage *outages,
                      size_t count)
{
	int64_t first = outages_earliest(outages, count);
	char subject[FL_ADDRESS_TEXT], time[FL_TIME_TEXT];

	if (count < OUTAGES_ENOUGH || !is_any_sure(outages, count))
		return true;
	fl_address_text(&outages->host, subject);
	fl_time_of_day(first, true, time);
	switch (outages->fault) {
	case RESTARTED:
		return hosts_outlives(hosts, &outages->host, first, latest(outages, count) + OUTAGES_MOMENT) ||
		       outages_tell_one(taker, "restart", subject, outages, count,
		                        "%s knows nothing of %zu connections that were open: it was restarted, or "
		                        "another took its place. The first of them met this at %s.",
		                        subject, count, time);
	case DROPPED:
		return outages_tell_one(taker, "middlebox-timeout", subject, outages, count,
		                        "%zu connections with %s were dropped after a quiet time, the first at %s: "
		                        "something between forgets those that are idle. Keepalives more often than its "
		                        "timer would keep them.",
		                        count, subject, time);
	case CUT:
		return hosts_last_heard(hosts, &outages->host, NULL) > first + OUTAGES_MOMENT ||
		       outages_tell_one(taker, "path-down", subject, outages, count,
		                        "%zu connections with %s are cut off from %s on by something between, which "
		                        "rejects them, or loses what one side sends; nothing of that host was heard "
		                        "since.",
		                        count, subject, time);
	default: return true;
	}
}

static int compare_scans(const void *a, const void *b)
{
	const struct outage *x = a, *y = b;
	int order = memcmp(&x->client, &y->client, sizeof(x->client));

	return order ? order : compare(a, b);
}

/* Those of one client, which come service by service. */
static bool tell_scan(const struct incident_taker *taker, const struct outage *scans, size_t count)
{
	char subject[FL_ADDRESS_TEXT];
	size_t services = 1;

	for (size_t i = 1; i < count; i++)
		services += !is_same_service(&scans[i - 1], &scans[i]);
	fl_address_text(&scans->client, subject);
	return outages_tell_one(taker, "scan", subject, scans, count,
	                        "%s tried %zu services in vain: a scan, or a client with a wrong list of addresses.",
	                        subject, services);
}

static bool tell_scans(const struct incident_taker *taker, const struct outages *outages)
{
	struct outage *scans = malloc(outages->count * sizeof(*scans));
	size_t count = 0;
	bool ok = scans != NULL;

	for (size_t i = 0; ok && i < outages->count; i++) {
		if (outages->items[i].is_scan)
			scans[count++] = outages->items[i];
	}
	if (count > 1)
		qsort(scans, count, sizeof(*scans), compare_scans);
	for (size_t from = 0, to; ok && from < count; from = to) {
		to = from + 1;
		while (to < count && fl_address_equal(&scans[from].client, &scans[to].client))
			to++;
		ok = to - from < OUTAGES_ENOUGH || tell_scan(taker, &scans[from], to - from);
	}
	free(scans);
	return ok;
}

/* All of one fault, host by host, and of a host service by service. */
static bool tell_fault(const struct incident_taker *taker, const struct hosts *hosts, const struct outages *outages,
                       size_t from, size_t to)
{
	enum fault fault = outages->items[from].fault;
	bool is_service = fault == REFUSED || fault == QUEUE, ok = true;

	if (fault == GONE)
		return silences_tell(hosts, &outages->items[from], to - from, taker);
	for (size_t next; ok && from < to; from = next) {
		next = run_of(outages, from, is_service ? is_same_service : is_same_host);
		if (fault == QUEUE)
			ok = tell_full_queue(taker, outages, from, next - from);
		else if (fault == REFUSED)
			ok = tell_refusals(taker, hosts, &outages->items[from], next - from);
		else
			ok = tell_host(taker, hosts, &outages->items[from], next - from);
	}
	return ok;
}

bool outages_tell(struct fl_judge *judge, struct outages *outages, const struct incident_taker *taker)
{
	const struct hosts *hosts;
	bool ok = true;

	if (outages->count == 0)
		return true;
	if (!judge_neighbours(judge))
		return false;
	hosts = neighbours_hosts(judge->neighbours);
	qsort(outages->items, outages->count, sizeof(*outages->items), compare);
	for (size_t from = 0, to; ok && from < outages->count; from = to) {
		to = run_of(outages, from, is_same_fault);
		if (outages->items[from].fault != UNWITNESSED)
			ok = tell_fault(taker, hosts, outages, from, to);
	}
	return ok && tell_scans(taker, outages);
}
