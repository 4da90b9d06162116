/* How a connection ended when it did not end in order: by an RST, by a SYN in its place, or with an ICMP error's word.
 * What was under way at that moment says whether anything was lost (RFC 9293 sections 3.5.2 and 3.10.7, RFC 5927). */
#include "ending.h"

#include <string.h>

const struct fl_ending *fl_tcp_ending(const struct fl_flow *flow)
{
	return flow->sick ? flow->sick->ending : NULL;
}

static void fill(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir, uint32_t classes,
                 struct fl_ending *ending)
{
	const struct fl_end *own = &flow->end[dir], *peer = &flow->end[!dir];
	bool is_answer = own->packets > 0 && peer->packets > 0 && peer->last_at > own->last_at;

	*ending = (struct fl_ending){ .at = packet->at,
		                      .quiet = is_answer ? peer->last_at - own->last_at : 0,
		                      .waiting = { fl_tcp_outstanding(flow, 0), fl_tcp_outstanding(flow, 1) },
		                      .frame = packet->number < UINT32_MAX ? (uint32_t)packet->number : UINT32_MAX,
		                      .file = packet->file,
		                      .classes = classes,
		                      .dir = (uint8_t)dir,
		                      .ttl = packet->ttl };
}

void ending_take(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir,
                 uint32_t classes)
{
	const struct fl_ending *before = fl_tcp_ending(flow);

	if (before && !(before->classes & FL_SEG_RST_IGNORED))
		return;
	if (!before) {
		void *made = fl_flows_sick_bytes(flows, flow, sizeof(struct fl_ending));

		if (!made)
			return;
		flow->sick->ending = made;
	}
	fill(flow, packet, dir, classes, flow->sick->ending);
}

void fl_tcp_replaced(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	uint16_t any = flow->end[0].seen | flow->end[1].seen;

	if (!(any & (FL_SEEN_FIN | FL_SEEN_RST)))
		ending_take(flows, flow, packet, dir, FL_SEG_SYN);
}

const struct fl_icmp_seen *fl_tcp_icmp(const struct fl_flow *flow, unsigned dir)
{
	return flow->sick ? flow->sick->icmp[dir] : NULL;
}

void fl_tcp_track_icmp(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	const struct fl_icmp_error *icmp = &packet->icmp;
	uint32_t frame = packet->number < UINT32_MAX ? (uint32_t)packet->number : UINT32_MAX;
	struct fl_icmp_seen *seen;

	flow->marks |= FL_MARK_ICMP | FL_MARK_ICMP_LAST;
	if (!fl_tcp_icmp(flow, dir)) {
		void *made = fl_flows_sick_bytes(flows, flow, sizeof(*seen));

		if (!made)
			return;
		flow->sick->icmp[dir] = made;
	}
	seen = flow->sick->icmp[dir];
	if (seen->count++ == 0) {
		seen->first_at = packet->at;
		seen->first_frame = frame;
		seen->first_file = packet->file;
	}
	seen->last_at = packet->at;
	seen->last_frame = frame;
	seen->last_file = packet->file;
	seen->sender = icmp->sender;
	seen->type = icmp->type;
	seen->code = icmp->code;
	seen->mtu = icmp->mtu;
	seen->is_from_target = fl_address_equal(&icmp->sender, &icmp->to);
}
