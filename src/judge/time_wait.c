/* Who closes a connection first keeps its port for another minute (TIME_WAIT, RFC 9293 section 3.6.1; Linux: 60 s, no
 * setting). A client that opens and closes many connections to one service runs out of ports, and then connect() fails
 * with EADDRNOTAVAIL, of which the wire shows nothing but that no SYN comes. */
#include "time_wait.h"

#include <stdlib.h>
#include <string.h>

#include "flatline/text.h"
#include "flatline/time.h"

/* net.ipv4.ip_local_port_range by default: 32768 to 60999. */
enum { usual_ports = 28232, few = 256 };

static const int64_t waits_for = 60 * FL_NS_PER_S;

/* A client and a service. */
struct pair {
	struct fl_address client, server;
	uint16_t port;  /* the server's */
	uint32_t count; /* connections that the client closed first; 0: a free place */
	uint32_t first; /* where its ports begin in `waits` */
};

/* A port of a client that waits. */
struct wait {
	int64_t opened_at, from, until;
	uint32_t flow;
	uint16_t port, marks; /* FL_MARK_ bits of the connection */
};

struct ports {
	const struct fl_judge *judge;
	struct pair *places; /* open addressing */
	size_t n_places, n_pairs;
	struct wait *waits; /* by pair */
	uint32_t least;     /* a pair with fewer connections is of no interest */
	bool is_ready;      /* all is noted, and `waits` is there when any are of interest */
};

/* What the ports of a pair came to. */
struct pressure {
	uint32_t peak;
	int64_t peak_at;
	uint32_t again;     /* ports that were used more than once, whenever */
	uint32_t reused;    /* taken again while they waited, */
	uint32_t echoing;   /* of them by a SYN that echoes a timestamp, as Linux sends from TIME_WAIT */
	uint32_t met;       /* SYNs that met an ACK of the connection before */
	uint16_t low, high; /* of those that were used */
	int64_t paused;     /* the longest time without a new connection right after the peak */
	bool is_exhausted;  /* nearly all between the lowest and the highest waited at once */
};

static struct pair *place_of(const struct ports *ports, const struct pair *wanted)
{
	uint64_t hash = fl_flows_hash(ports->judge->settings.flows, &wanted->client, wanted->port) ^
	                fl_flows_hash(ports->judge->settings.flows, &wanted->server, 0);

	for (size_t at = hash & (ports->n_places - 1);; at = (at + 1) & (ports->n_places - 1)) {
		struct pair *place = &ports->places[at];

		if (place->count == 0 ||
		    (place->port == wanted->port && fl_address_equal(&place->client, &wanted->client) &&
		     fl_address_equal(&place->server, &wanted->server)))
			return place;
	}
}

static bool grow(struct ports *ports)
{
	struct ports bigger = *ports;

	bigger.n_places = ports->n_places ? ports->n_places * 2 : 64;
	bigger.places = calloc(bigger.n_places, sizeof(*bigger.places));
	if (!bigger.places)
		return false;
	for (size_t i = 0; i < ports->n_places; i++) {
		if (ports->places[i].count > 0)
			*place_of(&bigger, &ports->places[i]) = ports->places[i];
	}
	free(ports->places);
	*ports = bigger;
	return true;
}

static int64_t last_of(const struct fl_flow *flow)
{
	return flow->end[0].last_at > flow->end[1].last_at ? flow->end[0].last_at : flow->end[1].last_at;
}

/* Closed in order, and by its client first: the client's port waits from the last packet on. */
static bool is_waiting(const struct fl_flow *flow, struct pair *ret_pair, uint16_t *ret_port)
{
	uint16_t any = flow->end[0].seen | flow->end[1].seen, both = flow->end[0].seen & flow->end[1].seen;
	enum fl_roles roles;
	unsigned client;

	if (!(both & FL_SEEN_FIN) || (any & FL_SEEN_RST))
		return false;
	client = fl_flow_client(flow, &roles);
	if (roles != FL_ROLES_HANDSHAKE || !fl_tcp_closed_first(flow, client))
		return false;
	*ret_pair = (struct pair){ 0 };
	fl_flow_endpoint(flow, client, &ret_pair->client, ret_port);
	fl_flow_endpoint(flow, !client, &ret_pair->server, &ret_pair->port);
	return true;
}

struct ports *ports_new(const struct fl_judge *judge)
{
	struct ports *ports = calloc(1, sizeof(*ports));

	if (ports) {
		ports->judge = judge;
		ports->least = judge->settings.counts_time_waits ? 1 : few;
	}
	return ports;
}

void ports_free(struct ports *ports)
{
	if (!ports)
		return;
	free(ports->places);
	free(ports->waits);
	free(ports);
}

bool ports_note(struct ports *ports, const struct fl_flow *flow)
{
	struct pair pair, *place;
	uint16_t port;

	if (!is_waiting(flow, &pair, &port))
		return true;
	if (ports->n_pairs * 2 >= ports->n_places && !grow(ports))
		return false;
	place = place_of(ports, &pair);
	if (place->count == 0) {
		*place = pair;
		ports->n_pairs++;
	}
	place->count++;
	return true;
}

/* The ports of those pairs that have many. */
static bool gather(struct ports *ports)
{
	const struct fl_flows *flows = ports->judge->settings.flows;
	uint32_t count = 0;

	for (size_t i = 0; i < ports->n_places; i++) {
		ports->places[i].first = count;
		if (ports->places[i].count >= ports->least)
			count += ports->places[i].count;
	}
	if (count == 0)
		return true;
	ports->waits = malloc(count * sizeof(*ports->waits));
	if (!ports->waits)
		return false;
	FL_FLOWS_EACH(flows, id) {
		const struct fl_flow *flow = fl_flows_at(flows, id);
		struct pair pair, *place;
		uint16_t port;

		if (!is_waiting(flow, &pair, &port))
			continue;
		place = place_of(ports, &pair);
		if (place->count >= ports->least)
			ports->waits[place->first++] = (struct wait){
				flow->cold->first_at, last_of(flow), last_of(flow) + waits_for, flow->id, port,
				flow->marks
			};
	}
	for (size_t i = 0; i < ports->n_places; i++) {
		if (ports->places[i].count >= ports->least)
			ports->places[i].first -= ports->places[i].count;
	}
	return true;
}

static int compare_starts(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->flow < y->flow ? -1 : x->flow > y->flow;
}

static int compare_ends(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	return x->until != y->until ? (x->until > y->until) - (x->until < y->until) : compare_starts(a, b);
}

static int compare_ports(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	return x->port != y->port ? (x->port > y->port) - (x->port < y->port) : compare_starts(a, b);
}

/* A port that is taken again waits no longer. `waits` come by port. */
static void find_reuse(struct wait *waits, size_t count, struct pressure *pressure)
{
	for (size_t i = 0; i < count; i++) {
		pressure->met += !!(waits[i].marks & FL_MARK_OLD_ANSWER);
		if (i == 0 || waits[i].port != waits[i - 1].port)
			continue;
		pressure->again++;
		if (waits[i].opened_at >= waits[i - 1].until)
			continue;
		waits[i - 1].until = waits[i].opened_at;
		pressure->reused++;
		pressure->echoing += !!(waits[i].marks & FL_MARK_ECHO);
	}
	pressure->low = waits[0].port;
	pressure->high = waits[count - 1].port;
}

/* How many wait at once, at most. `starts` and `ends` are the same waits in order of each. */
static void find_peak(const struct wait *starts, const struct wait *ends, size_t count, struct pressure *pressure)
{
	static const uint32_t ninety = 90, hundred = 100;
	size_t over = 0;

	for (size_t i = 0; i < count; i++) {
		while (over < count && ends[over].until <= starts[i].from)
			over++;
		if (i + 1 > over + pressure->peak) {
			pressure->peak = (uint32_t)(i + 1 - over);
			pressure->peak_at = starts[i].from;
		}
	}
	/* Who goes through its ports in order uses all between its lowest and its highest: only one that is used again
	 * shows where the range ends. */
	pressure->is_exhausted = pressure->peak >= few && pressure->again > 0 &&
	                         pressure->peak * hundred >= (pressure->high - pressure->low + 1u) * ninety;
}

/* How long nobody connected from the peak on. */
static void find_pause(const struct fl_judge *judge, const struct wait *waits, size_t count, struct pressure *pressure)
{
	int64_t next = judge->settings.observed_until;

	for (size_t i = 0; i < count; i++) {
		if (waits[i].opened_at > pressure->peak_at && waits[i].opened_at < next)
			next = waits[i].opened_at;
	}
	pressure->paused = next > pressure->peak_at ? next - pressure->peak_at : 0;
}

/* The sentences: what is so, what it does, what helps. */
static void tell_pressure(const struct pair *pair, const struct pressure *pressure, struct fl_text *text)
{
	char client[FL_ADDRESS_TEXT], at[FL_TIME_TEXT], count[32], length[FL_TIME_TEXT];
	uint32_t span = pressure->high - pressure->low + 1u, per_second = pressure->peak / 60;

	fl_address_text(&pair->client, client);
	fl_text_add(text,
	            "%s closes its connections to this service itself, and each leaves a port that nobody can use for "
	            "60 s (TIME_WAIT): %s at once at %s",
	            client, fl_count_text(pressure->peak, count), fl_time_of_day(pressure->peak_at, true, at));
	if (pressure->is_exhausted) {
		fl_text_add(
			text,
			", of the %s ports from %u to %u. All are taken: connect() fails with EADDRNOTAVAIL, which no "
			"packet shows",
			fl_count_text(span, count), pressure->low, pressure->high);
		if (pressure->paused >= FL_NS_PER_S)
			fl_text_add(text, "; for %s no new connection came",
			            fl_duration_text(pressure->paused, length));
	} else {
		fl_text_add(text, ", %u %% of the usual range of %s ports", pressure->peak * 100 / usual_ports,
		            fl_count_text(usual_ports, count));
		if (per_second * 60 >= usual_ports)
			fl_text_add(text, ". At %u a second a range of that size is full in %u s", per_second,
			            usual_ports / per_second);
	}
	if (pressure->reused > 0)
		fl_text_add(text, ". %s %s taken again before the 60 s were over (%s)",
		            fl_count_text(pressure->reused, count), pressure->reused == 1 ? "was" : "were",
		            pressure->echoing > 0 ? "tcp_tw_reuse, or bind(): their SYNs echo a timestamp" : "bind()");
	if (pressure->met > 0)
		fl_text_add(text, ". %s %s met what was left of the connection before",
		            fl_count_text(pressure->met, count), pressure->met == 1 ? "SYN" : "SYNs");
	fl_text_add(text, ". Keep connections open and use them again (a pool, HTTP keep-alive), let the server close "
	                  "first, widen net.ipv4.ip_local_port_range, or set net.ipv4.tcp_tw_reuse = 1.");
}

/* What the ports of the pair came to. False out of memory. */
static bool find_pressure(const struct ports *ports, const struct pair *pair, struct pressure *ret_pressure)
{
	struct wait *waits = ports->waits + pair->first, *ends = malloc(pair->count * sizeof(*ends));

	*ret_pressure = (struct pressure){ 0 };
	if (!ends)
		return false;
	qsort(waits, pair->count, sizeof(*waits), compare_ports);
	find_reuse(waits, pair->count, ret_pressure);
	memcpy(ends, waits, pair->count * sizeof(*ends));
	qsort(ends, pair->count, sizeof(*ends), compare_ends);
	qsort(waits, pair->count, sizeof(*waits), compare_starts);
	find_peak(waits, ends, pair->count, ret_pressure);
	find_pause(ports->judge, waits, pair->count, ret_pressure);
	free(ends);
	return true;
}

static bool tell_pair(const struct ports *ports, const struct pair *pair, const struct incident_taker *taker)
{
	const struct wait *waits = ports->waits + pair->first;
	struct fl_incident incident = { .id = "time-wait-pressure", .n_flows = pair->count };
	char subject[FL_ENDPOINT_TEXT];
	struct pressure pressure;
	struct fl_text text;
	bool ok;

	if (!find_pressure(ports, pair, &pressure))
		return false;
	if (!pressure.is_exhausted && pressure.peak < usual_ports / 2)
		return true;
	incident.onset = waits[0].from;
	incident.subject = fl_endpoint_text(&pair->server, pair->port, subject);
	incident.flows = malloc(pair->count * sizeof(*incident.flows));
	for (size_t i = 0; incident.flows && i < pair->count; i++)
		incident.flows[i] = waits[i].flow;
	fl_text_init(&text);
	tell_pressure(pair, &pressure, &text);
	ok = incident.flows && incident_tell(taker, &incident, &text);
	free(incident.flows);
	fl_text_deinit(&text);
	return ok;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = memcmp(&x->client, &y->client, sizeof(x->client));

	if (order == 0)
		order = memcmp(&x->server, &y->server, sizeof(x->server));
	return order ? order : (x->port > y->port) - (x->port < y->port);
}

/* Everything was noted. False out of memory. */
static bool get_ready(struct ports *ports)
{
	if (ports->is_ready)
		return true;
	if (!ports->judge->settings.is_untimed && !gather(ports))
		return false;
	/* Out of the table's order, which its seed makes; nothing is looked up in it from here on. */
	if (ports->waits)
		qsort(ports->places, ports->n_places, sizeof(*ports->places), compare_pairs);
	ports->is_ready = true;
	return true;
}

bool ports_tell(struct ports *ports, const struct incident_taker *taker)
{
	bool ok = get_ready(ports);

	for (size_t i = 0; ok && ports->waits && i < ports->n_places; i++) {
		if (ports->places[i].count >= few)
			ok = tell_pair(ports, &ports->places[i], taker);
	}
	return ok;
}

bool ports_each(struct ports *ports, void (*take)(void *context, const struct fl_time_wait *time_wait), void *context)
{
	bool ok = get_ready(ports);

	for (size_t i = 0; ok && ports->waits && i < ports->n_places; i++) {
		const struct pair *pair = &ports->places[i];
		struct pressure pressure;

		if (pair->count < ports->least)
			continue;
		ok = find_pressure(ports, pair, &pressure);
		if (ok)
			take(context, &(struct fl_time_wait){ pair->client, pair->server, pair->port, pressure.peak,
			                                      pressure.peak_at });
	}
	return ok;
}
