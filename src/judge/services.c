/* A connection that was open before the capture began does not show who made it, and a service may well listen on a
 * port that looks like a client's. Other connections to the same address and port, whose handshakes were captured,
 * tell. */
#include "services.h"

#include <stdlib.h>

struct service {
	struct fl_address address; /* family 0: a free place */
	uint16_t port;
};

struct services {
	struct service *places; /* open addressing */
	size_t n_places, count;
	const struct fl_flows *flows;
};

static struct service *place_of(const struct services *services, const struct service *wanted)
{
	uint64_t hash = fl_flows_hash(services->flows, &wanted->address, wanted->port);

	for (size_t at = hash & (services->n_places - 1);; at = (at + 1) & (services->n_places - 1)) {
		struct service *place = &services->places[at];

		if (place->address.family == 0 ||
		    (place->port == wanted->port && fl_address_equal(&place->address, &wanted->address)))
			return place;
	}
}

static bool grow(struct services *services)
{
	struct services bigger = { .n_places = services->n_places ? services->n_places * 2 : 64,
		                   .count = services->count,
		                   .flows = services->flows };

	bigger.places = calloc(bigger.n_places, sizeof(*bigger.places));
	if (!bigger.places)
		return false;
	for (size_t i = 0; i < services->n_places; i++) {
		if (services->places[i].address.family != 0)
			*place_of(&bigger, &services->places[i]) = services->places[i];
	}
	free(services->places);
	*services = bigger;
	return true;
}

static bool add(struct services *services, const struct service *service)
{
	struct service *place;

	if (services->count * 2 >= services->n_places && !grow(services))
		return false;
	place = place_of(services, service);
	services->count += place->address.family == 0;
	*place = *service;
	return true;
}

static struct service end_of(const struct fl_flow *flow, unsigned dir)
{
	struct service service;

	fl_flow_endpoint(flow, dir, &service.address, &service.port);
	return service;
}

struct services *services_new(const struct fl_flows *flows)
{
	const uint32_t ahead = 2;
	struct services *services = calloc(1, sizeof(*services));

	if (!services)
		return NULL;
	services->flows = flows;
	if (!grow(services)) {
		services_free(services);
		return NULL;
	}
	FL_FLOWS_EACH_WHOLE(flows, id) {
		const struct fl_flow *flow = fl_flows_at(flows, id);

		fl_flows_fetch_at(flows, id + ahead);

		for (unsigned dir = 0; dir < 2; dir++) {
			struct service service = end_of(flow, dir);

			if ((flow->end[dir].seen & FL_SEEN_SYN_ACK) && !(flow->end[!dir].seen & FL_SEEN_SYN_ACK) &&
			    !add(services, &service)) {
				services_free(services);
				return NULL;
			}
		}
	}
	return services;
}

void services_free(struct services *services)
{
	if (!services)
		return;
	free(services->places);
	free(services);
}

static bool is_service(const struct services *services, const struct fl_flow *flow, unsigned dir)
{
	struct service wanted = end_of(flow, dir);

	return place_of(services, &wanted)->address.family != 0;
}

unsigned services_client(const struct services *services, const struct fl_flow *flow, enum fl_roles *ret_roles)
{
	unsigned client = fl_flow_client(flow, ret_roles);

	if (*ret_roles == FL_ROLES_HANDSHAKE || is_service(services, flow, 0) == is_service(services, flow, 1))
		return client;
	*ret_roles = FL_ROLES_LEARNED;
	return is_service(services, flow, 0);
}
