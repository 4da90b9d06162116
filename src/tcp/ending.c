/* How a connection ended when it did not end in order: by an RST, by a SYN in its place, or with an ICMP error's word.
 * What was under way at that moment says whether anything was lost (RFC 9293 sections 3.5.2 and 3.10.7, RFC 5927). */
#include "ending.h"

#include "flatline/seq.h"

const struct fl_ending *fl_tcp_ending(const struct fl_flow *flow)
{
	return flow->sick ? flow->sick->ending : NULL;
}

bool fl_tcp_closed_first(const struct fl_flow *flow, unsigned dir)
{
	const char *history = flow->cold->history;

	for (size_t i = 0; i < sizeof(flow->cold->history) && history[i]; i++) {
		if (history[i] == 'F' || history[i] == 'f')
			return history[i] == (dir == 0 ? 'F' : 'f');
	}
	return false;
}

/* Without the number that a SYN or FIN takes. */
static uint64_t payload_waiting(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_end *end = &flow->end[dir];
	uint64_t waiting = fl_tcp_outstanding(flow, dir);

	if (waiting > 0 && (end->seen & FL_SEEN_FIN))
		waiting--;
	return end->seen & FL_SEEN_PAYLOAD ? waiting : 0;
}

static void fill(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir, uint32_t classes,
                 struct fl_ending *ending)
{
	const struct fl_end *own = &flow->end[dir], *peer = &flow->end[!dir];
	bool is_answer = own->packets > 0 && peer->packets > 0 && peer->last_at > own->last_at;

	*ending = (struct fl_ending){ .at = packet->at,
		                      .quiet = is_answer ? peer->last_at - own->last_at : 0,
		                      .waiting = { payload_waiting(flow, 0), payload_waiting(flow, 1) },
		                      .silent = own->packets > 0 ? packet->at - own->last_at : 0,
		                      .sent = own->packets,
		                      .is_beyond = own->next != 0 && fl_seq_unwrap(own->next, packet->seq) > own->next,
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

void ending_forget(struct fl_flow *flow)
{
	struct fl_ending *ending = flow->sick ? flow->sick->ending : NULL;

	if (ending)
		ending->classes |= FL_SEG_RST_IGNORED;
}

bool fl_tcp_replaced(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	uint16_t any = flow->end[0].seen | flow->end[1].seen;

	if (any & (FL_SEEN_FIN | FL_SEEN_RST))
		return false;
	ending_take(flows, flow, packet, dir, FL_SEG_SYN);
	return true;
}

bool fl_tcp_outlives(const struct fl_flow *old, const struct fl_flow *attempt, const struct fl_packet *packet,
                     unsigned dir)
{
	const struct fl_end *own = &old->end[dir], *peer = &old->end[!dir];
	const uint64_t near = 1 << 20; /* what is under way of an old connection, at most */
	bool is_plain = (packet->flags & (FL_TCP_SYN | FL_TCP_ACK | FL_TCP_RST)) == FL_TCP_ACK;
	const struct fl_ending *ending = fl_tcp_ending(old);

	/* Nobody who waits for a SYN-ACK can ACK anything. */
	if (!is_plain || !ending || !(ending->classes & FL_SEG_SYN) || (attempt->end[1].seen & FL_SEEN_SYN) ||
	    own->next == 0 || peer->next == 0)
		return false;

	uint64_t seq = fl_seq_unwrap(own->next, packet->seq), ack = fl_seq_unwrap(peer->next, packet->ack);

	return packet->seq - attempt->cold->isn[0] > near && seq + near >= own->next && seq <= own->next + near &&
	       ack + near >= peer->next && ack <= peer->next + near;
}

void fl_tcp_take_back(struct fl_flow *old)
{
	if (old->sick && old->sick->ending)
		((struct fl_ending *)old->sick->ending)->classes = FL_SEG_RST_IGNORED;
}

void fl_tcp_confirm_replaced(struct fl_flow *flow)
{
	struct fl_ending *ending = flow->sick ? flow->sick->ending : NULL;

	if (ending && (ending->classes & FL_SEG_SYN))
		ending->is_confirmed = true;
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

	const uint8_t unreachable = 3, unreachable6 = 1, too_big6 = 2;
	bool is_told = icmp->sender.family == 6 ? icmp->type == unreachable6 || icmp->type == too_big6
	                                        : icmp->type == unreachable;
	bool is_news = !(flow->marks & FL_MARK_ICMP_LAST);

	if (!is_told) /* redirects, and what traceroute provokes */
		return;
	flow->marks |= FL_MARK_ICMP | FL_MARK_ICMP_LAST;
	if (!fl_tcp_icmp(flow, dir)) {
		void *made = fl_flows_sick_bytes(flows, flow, sizeof(*seen));

		if (!made)
			return;
		flow->sick->icmp[dir] = made;
	}
	seen = flow->sick->icmp[dir];
	if (is_news) /* something was ACKed since: these are other bytes */
		*seen = (struct fl_icmp_seen){ 0 };
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
