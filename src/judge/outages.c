/* One connection that fails has a cause somewhere; several that fail at once, on one host, one service or one path, say
 * where. Each incident needs two connections at least, and nothing in the capture that contradicts it: a host that is
 * heard later is not down, a service that somebody reached since is not either. */
#include "outages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/text.h"
#include "flatline/time.h"
#include "hosts.h"

/* What a verdict says of where the fault is. */
enum kind { GONE, CUT, REFUSED, QUEUE, RESTARTED, DROPPED, KINDS };

/* A flow with such a verdict. */
struct row {
	struct fl_address client, server, host; /* host: of the side that is to blame */
	uint16_t port;                          /* the server's */
	uint8_t kind;
	bool is_connect; /* nothing came of it but a connect */
	bool is_sure;    /* it is critical: what nobody corroborates alone makes no incident */
	uint32_t flow;
	int64_t onset;
};

struct outages {
	struct row *rows;
	size_t count, size;
	struct row *by_client; /* the same, by client, service, flow; made when all are there */
	struct scanner {
		size_t from, count; /* of by_client */
	} * scanners;               /* in order of their addresses */
	size_t n_scanners;
};

enum { most_rows = 65536, enough = 2, many_services = 20, most_looked_at = 4096 };

static const int64_t one_moment = 2 * FL_NS_PER_S; /* what breaks at once is noticed within so much */

static const struct {
	const char *verdict;
	enum kind kind;
} kinds[] = {
	{ "peer-vanished", GONE },       { "connect-unanswered", GONE }, { "keepalive-unanswered", GONE },
	{ "unreachable", GONE },         { "connect-refused", REFUSED }, { "accept-queue-overflow", QUEUE },
	{ "peer-restarted", RESTARTED }, { "idle-dropped", DROPPED },
};

/* NULL for a verdict that says nothing of others. */
static const enum kind *kind_of(const char *verdict)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(verdict, kinds[i].verdict) == 0)
			return &kinds[i].kind;
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
		if (kind_of(findings[i].detector->id))
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
	free(outages->rows);
	free(outages->by_client);
	free(outages->scanners);
	free(outages);
}

static bool add(struct outages *outages, const struct row *row)
{
	if (outages->count == outages->size) {
		size_t size = outages->size ? outages->size * 2 : 16;
		struct row *rows = realloc(outages->rows, size * sizeof(*rows));

		if (!rows)
			return false;
		outages->rows = rows;
		outages->size = size;
	}
	outages->rows[outages->count++] = *row;
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

bool outages_note(struct outages *outages, const struct fl_flow *flow, const struct fl_account *account)
{
	struct row row = { .client = account->address[FL_CLIENT],
		           .server = account->address[FL_SERVER],
		           .port = account->port[FL_SERVER],
		           .is_connect = strncmp(account->verdict.id, "connect-", strlen("connect-")) == 0,
		           .is_sure = account->verdict.severity == FL_CRITICAL,
		           .flow = account->id,
		           .onset = account->verdict.onset };
	enum fl_side side = account->verdict.side;
	const enum kind *kind = kind_of(account->verdict.id);

	if (!kind || outages->count == most_rows || account->verdict.is_over)
		return true;
	/* A SYN on an open connection's ports tells of that one alone. */
	if (*kind == RESTARTED && account->end != FL_END_RST)
		return true;
	row.kind = (uint8_t)*kind;
	row.host = side == FL_SIDE_CLIENT ? row.client : row.server;
	if ((row.kind == GONE || row.kind == REFUSED) && side != FL_SIDE_CLIENT && side != FL_SIDE_SERVER)
		row.kind = is_unreachable_host(flow, &row.host) ? GONE : CUT;
	return add(outages, &row);
}

/* By kind, blamed host, service, connects first, time, flow. */
static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
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

static bool is_same_host(const struct row *a, const struct row *b)
{
	return a->kind == b->kind && fl_address_equal(&a->host, &b->host);
}

static bool is_same_service(const struct row *a, const struct row *b)
{
	return is_same_host(a, b) && fl_address_equal(&a->server, &b->server) && a->port == b->port;
}

/* The rows from `from` on that are the same by `is_same`: one past the last. */
static size_t run_of(const struct outages *outages, size_t from,
                     bool (*is_same)(const struct row *, const struct row *))
{
	size_t to = from + 1;

	while (to < outages->count && is_same(&outages->rows[from], &outages->rows[to]))
		to++;
	return to;
}

/* The same, over. */
struct teller {
	struct fl_judge *judge;
	void (*take)(void *context, const struct fl_incident *incident);
	void *context;
};

static int compare_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_any_sure(const struct row *rows, size_t count)
{
	size_t i = 0;

	while (i < count && !rows[i].is_sure)
		i++;
	return i < count;
}

static int64_t earliest(const struct row *rows, size_t count)
{
	int64_t at = rows[0].onset;

	for (size_t i = 1; i < count; i++)
		at = rows[i].onset < at ? rows[i].onset : at;
	return at;
}

__attribute__((format(printf, 6, 7))) static bool tell(const struct teller *teller, const char *id, const char *subject,
                                                       const struct row *rows, size_t count, const char *format, ...)
{
	struct fl_incident incident = {
		.id = id, .subject = subject, .n_flows = count, .onset = earliest(rows, count)
	};
	struct fl_text text;
	va_list args;
	bool ok;

	fl_text_init(&text);
	va_start(args, format);
	fl_text_vadd(&text, format, args);
	va_end(args);
	incident.summary = text.data;
	incident.flows = malloc(count * sizeof(*incident.flows));
	ok = incident.flows != NULL && !text.failed;
	for (size_t i = 0; ok && i < count; i++)
		incident.flows[i] = rows[i].flow;
	if (ok) {
		qsort(incident.flows, count, sizeof(*incident.flows), compare_ids);
		teller->take(teller->context, &incident);
	}
	free(incident.flows);
	fl_text_deinit(&text);
	return ok;
}

/* The last packet of a host, of whatever connection; FL_TIME_NONE where there is none, and later than all times where
 * it has more connections than are looked at. *ret_others, if given: that of all who talk with it. */
static int64_t last_heard(const struct fl_judge *judge, const struct hosts *hosts, const struct fl_address *address,
                          int64_t *ret_others)
{
	const struct host *host = hosts_find(hosts, address);
	int64_t last = FL_TIME_NONE, others = FL_TIME_NONE;
	uint32_t place = host ? host->newest : 0, id, looked_at = 0;
	unsigned side;

	while (hosts_next(hosts, &place, &id, &side)) {
		const struct fl_flow *flow = fl_flows_at(judge->settings.flows, id);

		if (looked_at++ == most_looked_at) {
			last = others = INT64_MAX - one_moment;
			break;
		}
		if (!flow)
			continue;
		if (flow->end[side].packets > 0 && flow->end[side].last_at > last)
			last = flow->end[side].last_at;
		if (flow->end[!side].packets > 0 && flow->end[!side].last_at > others)
			others = flow->end[!side].last_at;
	}
	if (ret_others)
		*ret_others = others;
	return last;
}

static int compare_services(const struct row *a, const struct row *b)
{
	int order = memcmp(&a->server, &b->server, sizeof(a->server));

	return order ? order : (a->port > b->port) - (a->port < b->port);
}

static int compare_clients(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = memcmp(&x->client, &y->client, sizeof(x->client));

	if (order == 0)
		order = compare_services(x, y);
	if (order != 0)
		return order;
	return x->flow < y->flow ? -1 : x->flow > y->flow;
}

/* Who tried many services in vain looks for one that is open. */
static bool find_scanners(struct outages *outages)
{
	size_t count = outages->count, size = count * sizeof(*outages->rows);

	outages->by_client = malloc(size);
	outages->scanners = malloc((count / many_services + 1) * sizeof(*outages->scanners));
	if (!outages->by_client || !outages->scanners)
		return false;
	memcpy(outages->by_client, outages->rows, size);
	qsort(outages->by_client, count, sizeof(*outages->by_client), compare_clients);
	for (size_t from = 0, to; from < count; from = to) {
		const struct row *first = &outages->by_client[from];
		size_t services = 1;

		for (to = from + 1; to < count && fl_address_equal(&first->client, &outages->by_client[to].client);
		     to++)
			services += compare_services(&outages->by_client[to - 1], &outages->by_client[to]) != 0;
		/* Who loses what it was connected to is none, and only looks for it. */
		bool has_more = false;

		for (size_t i = from; i < to; i++)
			has_more |= !outages->by_client[i].is_connect;
		if (services >= many_services && !has_more)
			outages->scanners[outages->n_scanners++] = (struct scanner){ from, to - from };
	}
	return true;
}

static bool is_scanner(const struct outages *outages, const struct fl_address *client)
{
	size_t low = 0, high = outages->n_scanners;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct row *row = &outages->by_client[outages->scanners[middle].from];
		int order = memcmp(&row->client, client, sizeof(*client));

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* A host of which nothing is heard since, seen from the connections that it left. */
struct silent_host {
	const struct row *rows;
	size_t count;
	int64_t since;
	bool was_heard; /* before */
};

/* The silent ones among the rows of kind GONE, in order of time. -1 out of memory. */
static long silent_hosts(const struct fl_judge *judge, const struct hosts *hosts, const struct outages *outages,
                         struct silent_host **ret_found)
{
	struct silent_host *found = NULL;
	size_t count = 0;

	for (size_t from = 0, to; from < outages->count; from = to) {
		const struct row *row = &outages->rows[from];
		int64_t since, heard_at;
		struct silent_host *more;

		to = run_of(outages, from, is_same_host);
		if (row->kind != GONE || !is_any_sure(row, to - from) || is_scanner(outages, &row->client))
			continue;
		since = earliest(row, to - from);
		heard_at = last_heard(judge, hosts, &row->host, NULL);
		if (heard_at > since + one_moment)
			continue;
		more = realloc(found, (count + 1) * sizeof(*found));
		if (!more) {
			free(found);
			return -1;
		}
		found = more;
		found[count++] = (struct silent_host){ row, to - from, since, heard_at != FL_TIME_NONE };
	}
	*ret_found = found;
	return (long)count;
}

/* Those that were heard first: of the others nobody knows whether they ever were there. */
static int compare_since(const void *a, const void *b)
{
	const struct silent_host *x = a, *y = b;

	if (x->was_heard != y->was_heard)
		return x->was_heard ? -1 : 1;
	return x->since < y->since ? -1 : x->since > y->since;
}

/* The one that all these connections share at their other end; NULL when there is none. */
static const struct fl_address *common_asker(const struct silent_host *hosts, size_t count)
{
	const struct fl_address *asker = NULL;

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < hosts[i].count; k++) {
			const struct row *row = &hosts[i].rows[k];
			const struct fl_address *own = fl_address_equal(&row->host, &row->server) ? &row->client
			                                                                          : &row->server;

			if (asker && !fl_address_equal(asker, own))
				return NULL;
			asker = own;
		}
	}
	return asker;
}

/* Several hosts fell silent in one moment: nobody believes in as many deaths. */
static bool tell_cut(const struct teller *teller, const struct hosts *view, struct silent_host *hosts, size_t count)
{
	const struct fl_address *asker = common_asker(hosts, count);
	char subject[FL_ADDRESS_TEXT], time[FL_TIME_TEXT];
	int64_t others = FL_TIME_NONE;
	size_t n_rows = 0, at = 0;
	struct row *rows;
	bool ok;

	for (size_t i = 0; i < count; i++)
		n_rows += hosts[i].count;
	rows = malloc(n_rows * sizeof(*rows));
	if (!rows)
		return false;
	for (size_t i = 0; i < count; at += hosts[i++].count)
		memcpy(rows + at, hosts[i].rows, hosts[i].count * sizeof(*rows));
	if (asker)
		last_heard(teller->judge, view, asker, &others);
	fl_address_text(asker ? asker : &hosts[0].rows->host, subject);
	fl_time_of_day(hosts[0].since, true, time);
	if (asker && others <= hosts[count - 1].since + one_moment)
		ok = tell(teller, "network-down", subject, rows, n_rows,
		          "From %s on %s hears nobody: %zu hosts fell silent within %d s, and none was heard since. "
		          "Its own "
		          "network is the likely place: link, address, route, or its next hop.",
		          time, subject, count, (int)(one_moment / FL_NS_PER_S));
	else
		ok = tell(teller, "path-down", subject, rows, n_rows,
		          "From %s on %zu hosts are silent, all within %d s%s%s%s: so many do not die at once. Look at "
		          "what "
		          "their paths share.",
		          time, count, (int)(one_moment / FL_NS_PER_S), asker ? ", while " : "", asker ? subject : "",
		          asker ? " hears others" : "");
	free(rows);
	return ok;
}

static bool tell_host_down(const struct teller *teller, const struct silent_host *host)
{
	char subject[FL_ADDRESS_TEXT], time[FL_TIME_TEXT];

	fl_address_text(&host->rows->host, subject);
	fl_time_of_day(host->since, true, time);
	if (!host->was_heard)
		return tell(
			teller, "host-down", subject, host->rows, host->count,
			"%s answered none of %zu connections from %s on, and not a packet of it was captured: the host "
			"is down or cut off, or the address is wrong.",
			subject, host->count, time);
	return tell(teller, "host-down", subject, host->rows, host->count,
	            "%s answers on none of its %zu connections from %s on, and nothing was heard of it since: the host "
	            "is down, or cut off.",
	            subject, host->count, time);
}

static bool tell_silent(const struct teller *teller, const struct hosts *view, const struct outages *outages)
{
	struct silent_host *hosts;
	long count = silent_hosts(teller->judge, view, outages, &hosts);
	bool ok = count >= 0;

	if (count <= 0)
		return ok;
	qsort(hosts, (size_t)count, sizeof(*hosts), compare_since);
	for (size_t from = 0, to; ok && from < (size_t)count; from = to) {
		to = from + 1;
		while (hosts[from].was_heard && to < (size_t)count && hosts[to].was_heard &&
		       hosts[to].since - hosts[from].since <= one_moment)
			to++;
		if (to - from >= enough)
			ok = tell_cut(teller, view, hosts + from, to - from);
		else if (hosts[from].count >= enough)
			ok = tell_host_down(teller, &hosts[from]);
	}
	free(hosts);
	return ok;
}

/* Whether somebody was connected to that service after that. */
static bool is_reached_since(const struct fl_judge *judge, const struct hosts *view, const struct row *row,
                             int64_t since)
{
	const struct host *host = hosts_find(view, &row->server);
	uint32_t place = host ? host->newest : 0, id, looked_at = 0;
	unsigned side;

	while (hosts_next(view, &place, &id, &side)) {
		struct fl_flow *flow = fl_flows_at(judge->settings.flows, id);
		struct fl_address address;
		struct fl_whole room;
		uint16_t port;

		if (looked_at++ == most_looked_at)
			return true; /* or so it may be */
		if (!flow)
			continue;
		fl_flow_endpoint(flow, side, &address, &port);
		if (port != row->port)
			continue;
		if ((flow->end[0].seen & flow->end[1].seen & FL_SEEN_SYN) &&
		    fl_tcp_whole(flow, &room)->cold->first_at > since)
			return true;
		/* One that was open before, and goes on: the process is there. */
		if ((flow->end[side].seen & FL_SEEN_PAYLOAD) && !(flow->end[side].seen & FL_SEEN_RST) &&
		    flow->end[side].last_at > since)
			return true;
	}
	return false;
}

/* A connection of that host is older than all of these, and goes on behind them. */
static bool is_lived_through(const struct fl_judge *judge, const struct hosts *view, const struct row *rows,
                             size_t count)
{
	const struct host *host = hosts_find(view, &rows->host);
	uint32_t place = host ? host->newest : 0, id, looked_at = 0;
	int64_t first = earliest(rows, count), last = first;
	unsigned side;

	for (size_t i = 0; i < count; i++)
		last = rows[i].onset > last ? rows[i].onset : last;
	while (hosts_next(view, &place, &id, &side)) {
		struct fl_flow *flow = fl_flows_at(judge->settings.flows, id);
		struct fl_whole room;

		if (looked_at++ == most_looked_at)
			return true; /* or so it may be */
		if (flow && flow->end[side].last_at > last + one_moment && !(flow->end[side].seen & FL_SEEN_RST) &&
		    fl_tcp_whole(flow, &room)->cold->first_at < first)
			return true;
	}
	return false;
}

/* Connects to a service that were not answered at all: the rows are in order. */
static const struct row *unanswered_connects(const struct outages *outages, const struct row *service,
                                             size_t *ret_count)
{
	struct row wanted = *service;
	size_t low = 0, high = outages->count, count = 0;

	wanted.kind = GONE;
	wanted.is_connect = true;
	wanted.host = service->server;
	wanted.onset = INT64_MIN;
	wanted.flow = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&outages->rows[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + count < outages->count && is_same_service(&outages->rows[low + count], &wanted) &&
	       outages->rows[low + count].is_connect)
		count++;
	*ret_count = count;
	return outages->rows + low;
}

/* Those who wait behind their handshake, and those whose SYNs find no place. */
static bool tell_full_queue(const struct teller *teller, const struct outages *outages, const struct row *rows,
                            size_t count, const char *subject, const char *time)
{
	size_t silent;
	const struct row *unanswered = unanswered_connects(outages, rows, &silent);
	struct row *all;
	bool ok;

	if (count + silent < enough)
		return true;
	all = malloc((count + silent) * sizeof(*all));
	if (!all)
		return false;
	memcpy(all, rows, count * sizeof(*all));
	memcpy(all + count, unanswered, silent * sizeof(*all));
	ok = tell(teller, "listen-queue-overflow", subject, all, count + silent,
	          "%s does not accept: %zu %s from %s on%s. Its accept queue is full; the process is slow, or "
	          "hangs.",
	          subject, count,
	          count == 1 ? "half-open connection waits or was reset" : "half-open connections wait or were reset",
	          time, silent > 0 ? ", and SYNs of others get no answer" : "");
	free(all);
	return ok;
}

static bool tell_service(const struct teller *teller, const struct hosts *view, const struct outages *outages,
                         const struct row *rows, size_t count)
{
	char address[FL_ADDRESS_TEXT], subject[FL_ADDRESS_TEXT + 8], time[FL_TIME_TEXT];
	int64_t since = earliest(rows, count);

	fl_address_text(&rows->server, address);
	snprintf(subject, sizeof(subject), rows->server.family == 6 ? "[%s]:%u" : "%s:%u", address, rows->port);
	fl_time_of_day(since, true, time);
	switch (rows->kind) {
	case REFUSED:
		return count < enough || is_reached_since(teller->judge, view, rows, since) ||
		       is_scanner(outages, &rows->client) ||
		       tell(teller, "service-down", subject, rows, count,
		            "%s refuses every connection from %s on (%zu of them, and none was accepted since): "
		            "nothing "
		            "listens there, or a filter rejects it.",
		            subject, time, count);
	case QUEUE: return tell_full_queue(teller, outages, rows, count, subject, time);
	default: return true;
	}
}

static bool tell_host(const struct teller *teller, const struct hosts *view, const struct row *rows, size_t count)
{
	char subject[FL_ADDRESS_TEXT], time[FL_TIME_TEXT];

	if (count < enough || !is_any_sure(rows, count))
		return true;
	fl_address_text(&rows->host, subject);
	fl_time_of_day(earliest(rows, count), true, time);
	switch (rows->kind) {
	case RESTARTED:
		return is_lived_through(teller->judge, view, rows, count) ||
		       tell(teller, "restart", subject, rows, count,
		            "%s knows nothing of %zu connections that were open: it was restarted, or another took its "
		            "place. The first of them met this at %s.",
		            subject, count, time);
	case DROPPED:
		return tell(
			teller, "middlebox-timeout", subject, rows, count,
			"%zu connections with %s were dropped after a quiet time, the first at %s: something between "
			"forgets those that are idle. Keepalives more often than its timer would keep them.",
			count, subject, time);
	case CUT:
		return last_heard(teller->judge, view, &rows->host, NULL) > earliest(rows, count) + one_moment ||
		       tell(teller, "path-down", subject, rows, count,
		            "%zu connections with %s are cut off from %s on by something between, which rejects them, "
		            "or "
		            "loses what one side sends; nothing of that host was heard since.",
		            count, subject, time);
	default: return true;
	}
}

static bool tell_scan(const struct teller *teller, const struct row *rows, size_t count)
{
	char subject[FL_ADDRESS_TEXT];
	size_t services = 1;

	for (size_t i = 1; i < count; i++)
		services += compare_services(&rows[i - 1], &rows[i]) != 0;
	fl_address_text(&rows->client, subject);
	return tell(teller, "scan", subject, rows, count,
	            "%s tried %zu services in vain: a scan, or a client with a wrong list "
	            "of addresses.",
	            subject, services);
}

bool outages_tell(struct fl_judge *judge, struct outages *outages,
                  void (*take)(void *context, const struct fl_incident *incident), void *context)
{
	struct teller teller = { judge, take, context };
	struct hosts *view;
	bool ok;

	if (outages->count == 0)
		return true;
	view = hosts_new(judge->settings.flows);
	if (!view)
		return false;
	ok = find_scanners(outages);
	qsort(outages->rows, outages->count, sizeof(*outages->rows), compare);
	/* What left memory may have been the proof that somebody lived. */
	bool is_whole = fl_flows_evicted(judge->settings.flows) == 0;

	ok = ok && (!is_whole || tell_silent(&teller, view, outages));
	for (size_t from = 0, to; ok && from < outages->count; from = to) {
		to = run_of(outages, from, is_same_service);
		if (!is_whole && outages->rows[from].kind != QUEUE)
			continue;
		ok = tell_service(&teller, view, outages, &outages->rows[from], to - from);
	}
	for (size_t from = 0, to; ok && from < outages->count; from = to) {
		to = run_of(outages, from, is_same_host);
		if (!is_whole && outages->rows[from].kind != DROPPED)
			continue;
		ok = tell_host(&teller, view, &outages->rows[from], to - from);
	}
	for (size_t i = 0; ok && i < outages->n_scanners; i++)
		ok = tell_scan(&teller, &outages->by_client[outages->scanners[i].from], outages->scanners[i].count);
	hosts_free(view);
	return ok;
}
