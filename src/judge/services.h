/* Who is the client, learned from other connections. Private to judge/. */
#ifndef JUDGE_SERVICES_H
#define JUDGE_SERVICES_H

#include "flatline/flow.h"

struct services;

/* The addresses and ports that answered a SYN in any of the flows. NULL out of memory. */
struct services *services_new(const struct fl_flows *flows);
void services_free(struct services *services);

/* The direction of the client, as fl_flow_client, but of a flow without its handshake the end that is a service on
 * other connections is the server. */
unsigned services_client(const struct services *services, const struct fl_flow *flow, enum fl_roles *ret_roles);

#endif
