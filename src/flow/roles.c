/* Who is the client? The one that connects. Where the handshake was not captured the ports tell: clients get theirs
 * from the ephemeral range (RFC 6335 section 6: 49152 on; Linux 32768 on), servers listen below it. */
#include "flatline/flow.h"

enum { first_ephemeral = 32768, first_unprivileged = 1024 };

static bool sent_syn_ack(const struct fl_flow *flow, unsigned dir)
{
	return flow->end[dir].seen & FL_SEEN_SYN_ACK;
}

static bool sent_syn(const struct fl_flow *flow, unsigned dir)
{
	return flow->end[dir].seen & FL_SEEN_SYN;
}

unsigned fl_flow_client(const struct fl_flow *flow, enum fl_roles *ret_roles)
{
	uint16_t port[2] = { flow->first_is_high ? flow->key.high_port : flow->key.low_port,
		             flow->first_is_high ? flow->key.low_port : flow->key.high_port };

	*ret_roles = FL_ROLES_HANDSHAKE;
	for (unsigned dir = 0; dir < 2; dir++) {
		if (sent_syn_ack(flow, !dir) && !sent_syn_ack(flow, dir))
			return dir;
	}
	for (unsigned dir = 0; dir < 2; dir++) {
		if (sent_syn(flow, dir) && !sent_syn_ack(flow, dir))
			return dir;
	}

	bool ports_tell = (port[0] < first_ephemeral) != (port[1] < first_ephemeral) ||
	                  (port[0] < first_unprivileged) != (port[1] < first_unprivileged);

	*ret_roles = ports_tell ? FL_ROLES_PORT : FL_ROLES_GUESS;
	return port[0] >= port[1] ? 0 : 1;
}
