/* Who is near the place of capture? A packet whose TTL is what its system starts with has passed no router: its sender
 * is on this machine or this link. And of the handshake's round trip the half of the near side is short. Both have to
 * agree where both are known, for much depends on it: what was sent and never arrived looks otherwise at either end. */
#include "vantage.h"

#include <stdio.h>

enum { much_shorter = 8 }; /* of two halves of a round trip */

static bool is_untouched(uint8_t ttl)
{
	return ttl == 64 || ttl == 128 || ttl == 255;
}

/* The TTL of one side, of its other connections where this one has no packet of it; 0 unknown. */
static uint8_t ttl_of(const struct fl_flow *flow, unsigned dir, const struct neighbours *neighbours)
{
	if (flow->end[dir].packets > 0 && flow->cold->first_ttl[dir] > 0)
		return flow->cold->first_ttl[dir];
	return neighbours ? neighbours_ttl(neighbours, flow, dir) : 0;
}

/* The side whose half of the handshake's round trip is much the shorter one; FL_SIDE_UNKNOWN when neither is. */
static enum fl_side near_by_time(const struct fl_flow *flow)
{
	const uint32_t least_us = 200; /* below it the hosts' own work is all that is measured */
	const struct fl_cold *cold = flow->cold;

	if (cold->rtt_us == UINT32_MAX || cold->synack_us == UINT32_MAX || cold->rtt_us < least_us ||
	    cold->synack_us > cold->rtt_us)
		return FL_SIDE_UNKNOWN;

	uint32_t to_server = cold->synack_us, to_client = cold->rtt_us - cold->synack_us;

	if (to_client < to_server / much_shorter)
		return FL_SIDE_CLIENT;
	return to_server < to_client / much_shorter ? FL_SIDE_SERVER : FL_SIDE_UNKNOWN;
}

static enum fl_side near_by_ttl(uint8_t client, uint8_t server)
{
	bool at_client = is_untouched(client), at_server = is_untouched(server);

	if (at_client == at_server || client == 0)
		return !at_client && client && server ? FL_SIDE_BETWEEN : FL_SIDE_UNKNOWN;
	if (at_client)
		return FL_SIDE_CLIENT;
	return FL_SIDE_SERVER;
}

void vantage_find(const struct fl_flow *flow, unsigned client, const struct neighbours *neighbours,
                  struct vantage *ret_vantage)
{
	uint8_t ttl_client = ttl_of(flow, client, neighbours), ttl_server = ttl_of(flow, !client, neighbours);
	enum fl_side by_ttl = near_by_ttl(ttl_client, ttl_server), by_time = near_by_time(flow);
	char *because = ret_vantage->because;
	size_t size = sizeof(ret_vantage->because);

	ret_vantage->where = by_ttl;
	if (by_ttl == FL_SIDE_UNKNOWN && by_time != FL_SIDE_UNKNOWN) {
		ret_vantage->where = by_time;
		snprintf(because, size, "the %s's half of the handshake took much the shorter time",
		         fl_side_name(by_time));
	} else if (by_ttl == FL_SIDE_CLIENT || by_ttl == FL_SIDE_SERVER) {
		bool is_client = by_ttl == FL_SIDE_CLIENT;
		uint8_t near = is_client ? ttl_client : ttl_server, far = is_client ? ttl_server : ttl_client;

		if (by_time != FL_SIDE_UNKNOWN && by_time != by_ttl) {
			ret_vantage->where = FL_SIDE_UNKNOWN;
			snprintf(because, size, "the TTLs and the handshake's times point to different ends");
		} else if (far == 0) {
			snprintf(because, size,
			         "the %s's packets have their first TTL, %u; the other side was not seen",
			         fl_side_name(by_ttl), near);
		} else {
			snprintf(because, size,
			         "the %s's packets have their first TTL, %u, and the other side's have %u",
			         fl_side_name(by_ttl), near, far);
		}
	} else if (by_ttl == FL_SIDE_BETWEEN) {
		snprintf(because, size, "the packets of both sides have passed routers (TTL %u and %u)", ttl_client,
		         ttl_server);
	} else if (is_untouched(ttl_client) && is_untouched(ttl_server)) {
		snprintf(because, size, "the packets of both sides have their first TTL: no router lies between them");
	} else {
		snprintf(because, size, "not to be told from the TTLs and times of this connection");
	}
}
