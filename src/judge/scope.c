/* A set of addresses. While a run goes on a few flows at a time are judged, and every time all others would have to be
 * sorted and counted: of these only those matter that share a host with one of the few. */
#include "scope.h"

#include <stdlib.h>

enum { few_lone = 4096 };

struct scope {
	struct fl_address *places; /* open addressing; family 0 is free */
	size_t n_places, count;
	const struct fl_flows *flows;
	bool is_flooded;
};

static struct fl_address *place_of(const struct scope *scope, const struct fl_address *address)
{
	size_t at = fl_flows_hash(scope->flows, address, 0) & (scope->n_places - 1);

	while (scope->places[at].family != 0 && !fl_address_equal(&scope->places[at], address))
		at = (at + 1) & (scope->n_places - 1);
	return &scope->places[at];
}

static bool grow(struct scope *scope)
{
	struct scope bigger = *scope;

	bigger.n_places = scope->n_places ? scope->n_places * 2 : 64;
	bigger.places = calloc(bigger.n_places, sizeof(*bigger.places));
	if (!bigger.places)
		return false;
	for (size_t i = 0; i < scope->n_places; i++) {
		if (scope->places[i].family != 0)
			*place_of(&bigger, &scope->places[i]) = scope->places[i];
	}
	free(scope->places);
	*scope = bigger;
	return true;
}

struct scope *scope_new(const struct fl_flows *flows)
{
	struct scope *scope = calloc(1, sizeof(*scope));

	if (!scope)
		return NULL;
	scope->flows = flows;
	scope->is_flooded = fl_flows_lone(flows) > few_lone;
	if (grow(scope))
		return scope;
	free(scope);
	return NULL;
}

void scope_free(struct scope *scope)
{
	if (!scope)
		return;
	free(scope->places);
	free(scope);
}

bool scope_add(struct scope *scope, const struct fl_address *address)
{
	struct fl_address *place;

	if (scope->count * 2 >= scope->n_places && !grow(scope))
		return false;
	place = place_of(scope, address);
	scope->count += place->family == 0;
	*place = *address;
	return true;
}

bool scope_has(const struct scope *scope, const struct fl_address *address)
{
	return !scope || place_of(scope, address)->family != 0;
}

static bool has_end(const struct scope *scope, const struct fl_flow *flow, unsigned dir)
{
	struct fl_address address;
	uint16_t port;

	fl_flow_endpoint(flow, dir, &address, &port);
	return scope_has(scope, &address);
}

bool scope_has_flow(const struct scope *scope, const struct fl_flow *flow)
{
	return !scope || has_end(scope, flow, 0) || has_end(scope, flow, 1);
}

uint32_t scope_next(const struct scope *scope, const struct fl_flows *flows, uint32_t id)
{
	return scope && scope->is_flooded ? fl_flows_next_whole(flows, id) : fl_flows_next(flows, id);
}
