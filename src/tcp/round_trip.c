/* The round trip, measured at the handshake: SYN until the ACK that completes it holds both halves of the path,
 * wherever the capture stands. A repeated SYN or SYN-ACK tells nothing, since which one was answered is not known
 * (Karn's rule, RFC 6298 section 3). Without a handshake the shortest times from data to its ACK have to do. */
#include "round_trip.h"

void round_trip_measure(struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment)
{
	struct fl_cold *cold = flow->cold;
	int64_t us;

	if (segment->classes & FL_SEG_SYN) {
		cold->syn_at = cold->syn_at == 0 ? segment->at : FL_TIME_NONE;
		return;
	}
	if (cold->syn_at <= 0 || cold->rtt_us != UINT32_MAX)
		return;
	us = (segment->at - cold->syn_at) / FL_NS_PER_US;
	us = us < 0 || us >= UINT32_MAX ? UINT32_MAX - 1 : us;
	if (segment->classes & FL_SEG_SYN_ACK) {
		if (cold->synack_us == UINT32_MAX)
			cold->synack_us = (uint32_t)us;
		else if (segment->classes & FL_SEG_RTO)
			cold->syn_at = FL_TIME_NONE;
	} else if ((segment->classes & FL_SEG_ACKS) && !(packet->flags & FL_TCP_SYN) &&
	           (flow->end[!segment->dir].seen & FL_SEEN_SYN_ACK)) {
		cold->rtt_us = (uint32_t)us;
		cold->syn_at = FL_TIME_NONE;
	}
}

/* A handshake that took longer waited for something else, or the clock jumped in it. */
static int64_t capped(int64_t rtt)
{
	const int64_t most = 5 * FL_NS_PER_S;

	return rtt < most ? rtt : most;
}

int64_t fl_tcp_rtt(const struct fl_flow *flow)
{
	const struct fl_cold *cold = flow->cold;
	int64_t us = 0;

	if (cold->rtt_us != UINT32_MAX)
		return capped(cold->rtt_us * FL_NS_PER_US);
	for (unsigned dir = 0; dir < 2; dir++)
		us += cold->ack_delay_us[dir] != UINT32_MAX ? cold->ack_delay_us[dir] : 0;
	return capped(us * FL_NS_PER_US);
}

bool fl_tcp_is_slow_path(const struct fl_flow *flow)
{
	return fl_tcp_rtt(flow) >= 800 * FL_NS_PER_MS;
}
