/* What happens to a segment: its numbers are unwrapped, it is named, and both sides' coordinates move. A packet capture
 * shows what passed one point of the path, not what a kernel believed: bytes may be ACKed that were never captured, and
 * the first packet of a flow may be anything (RFC 9293 section 3.4, RFC 7323 for windows). */
#include "flatline/seq.h"
#include "flatline/tcp.h"
#include "life.h"

enum { largest_wscale = 14 };

uint64_t fl_tcp_outstanding(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_end *end = &flow->end[dir];

	return end->next > end->una && end->una != 0 ? end->next - end->una : 0;
}

bool fl_tcp_acked(const struct fl_flow *flow, unsigned dir, uint64_t seq)
{
	return flow->end[dir].una >= seq;
}

static bool has_packets(const struct fl_end *end)
{
	return end->packets > 0;
}

bool fl_tcp_begins(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	const struct fl_end *end = &flow->end[dir], *peer = &flow->end[!dir];

	if ((packet->flags & (FL_TCP_SYN | FL_TCP_ACK | FL_TCP_RST)) != FL_TCP_SYN)
		return false;
	if (end->seen & FL_SEEN_SYN) /* the same number again is the same attempt, whatever came between */
		return flow->cold->isn[dir] != packet->seq;
	if (!has_packets(end)) /* simultaneous open; or the peer's side alone was captured so far */
		return has_packets(peer) && !(peer->seen & FL_SEEN_SYN);
	return true; /* mid-flow, and now a SYN */
}

static void remember_letter(struct fl_flow *flow, unsigned dir, char letter)
{
	char *history = flow->cold->history;
	char said = dir == 0 ? (char)(letter - 'a' + 'A') : letter;

	/* Every packet comes by here: after a few letters its own is found. */
	for (size_t i = 0; i < sizeof(flow->cold->history) - 1 && history[i] != said; i++) {
		if (history[i] == '\0') {
			history[i] = said;
			return;
		}
	}
}

static char letter_of(const struct fl_segment *segment)
{
	if (segment->classes & FL_SEG_RST)
		return 'r';
	if (segment->classes & FL_SEG_SYN)
		return 's';
	if (segment->classes & FL_SEG_SYN_ACK)
		return 'h';
	if (segment->classes & FL_SEG_FIN)
		return 'f';
	return segment->length > 0 ? 'd' : 'a';
}

/* The segment's place in its sender's sequence space. A flow's first number of a side is placed by what its peer ACKed
 * of it, where that is known. */
static uint64_t place_seq(const struct fl_end *end, uint32_t seq)
{
	if (end->next != 0)
		return fl_seq_unwrap(end->next, seq);
	return end->una != 0 ? fl_seq_unwrap(end->una, seq) : fl_seq_first(seq);
}

static uint32_t classify(const struct fl_end *end, const struct fl_packet *packet, const struct fl_segment *segment)
{
	uint8_t flags = packet->flags;
	bool is_known = end->next != 0;
	uint32_t classes = 0;

	if (flags & FL_TCP_RST)
		return FL_SEG_RST;
	if (flags & FL_TCP_SYN)
		classes |= flags & FL_TCP_ACK ? FL_SEG_SYN_ACK : FL_SEG_SYN;
	if ((flags & FL_TCP_FIN) && !(end->seen & FL_SEEN_FIN))
		classes |= FL_SEG_FIN;
	if (segment->fresh > 0)
		classes |= FL_SEG_DATA;
	if ((flags & FL_TCP_PSH) && segment->length > 0)
		classes |= FL_SEG_PUSH;

	bool is_just_below = is_known && segment->length <= 1 && segment->seq + 1 == end->next && end->una == end->next;

	if (is_just_below && !(flags & (FL_TCP_SYN | FL_TCP_FIN)))
		classes |= FL_SEG_PROBE; /* RFC 9293 section 3.8.4; Linux sends none, Windows one byte */
	else if (is_known && segment->end > segment->seq && segment->end <= end->next)
		classes |= FL_SEG_REPEAT;
	if (packet->window == 0 && !(flags & (FL_TCP_SYN | FL_TCP_RST)))
		classes |= FL_SEG_ZERO_WINDOW;
	return classes;
}

/* Where the side now stands, and what of the segment is new. */
static void advance_sender(struct fl_flow *flow, struct fl_end *end, const struct fl_packet *packet,
                           const struct fl_segment *segment)
{
	end->seen &= (uint8_t)~FL_SEEN_ENDS_AGAIN;
	if (segment->classes & FL_SEG_RST) { /* its number may be the offender's: no coordinate */
		end->seen |= packet->flags & FL_TCP_ACK ? FL_SEEN_RST : FL_SEEN_RST | FL_SEEN_BARE_RST;
		return;
	}
	/* A pure ACK beyond what was seen shows that something before it was not captured, or not yet. It moves
	 * nothing: the repeat of what was lost must still be news. */
	if (end->next == 0 || (segment->end > segment->seq && segment->end > end->next))
		end->next = segment->end;
	if (packet->flags & FL_TCP_SYN) {
		end->seen |= packet->flags & FL_TCP_ACK ? FL_SEEN_SYN | FL_SEEN_SYN_ACK : FL_SEEN_SYN;
		flow->cold->isn[segment->dir] = packet->seq;
		flow->cold->mss[segment->dir] = packet->options.mss;
		end->wscale =
			FL_WSCALE_UNKNOWN; /* no option: nothing is scaled, by either side (RFC 7323 section 2.2) */
		if (packet->options.present & FL_OPT_WSCALE)
			end->wscale = packet->options.wscale > largest_wscale ? largest_wscale : packet->options.wscale;
	}
	if (packet->flags & FL_TCP_FIN)
		end->seen |= FL_SEEN_FIN;
	if (segment->length > 0)
		end->seen |= FL_SEEN_PAYLOAD;
	if (segment->classes & FL_SEG_REPEAT) {
		end->seen |= FL_SEEN_ENDS_AGAIN;
		if (end->retransmissions < UINT16_MAX)
			end->retransmissions++;
	}
}

/* The ACK moves the peer's left edge; an ACK beyond what was captured says that the capture has a hole there. */
static uint32_t advance_peer(struct fl_end *peer, struct fl_segment *segment, uint32_t ack)
{
	uint64_t near = peer->next != 0 ? peer->next : peer->una;
	uint32_t classes = 0;

	segment->ack = near != 0 ? fl_seq_unwrap(near, ack) : fl_seq_first(ack);
	if (peer->una == 0) {
		peer->una = segment->ack; /* the first ACK seen: how much of it is news, nobody knows */
		if (peer->next == 0)
			return 0;
		classes |= FL_SEG_ACKS;
	} else if (segment->ack > peer->una) {
		classes |= FL_SEG_ACKS;
		peer->una = segment->ack;
	}
	if (peer->next == 0)
		return classes ? classes | FL_SEG_ACKS_UNSEEN : 0;
	if (segment->ack > peer->next) {
		classes |= FL_SEG_ACKS_UNSEEN;
		peer->next = segment->ack;
		peer->seen |= FL_SEEN_HOLE;
	}
	return classes;
}

static uint32_t scaled_window(const struct fl_end *end, const struct fl_end *peer, const struct fl_packet *packet)
{
	bool both = (end->seen & FL_SEEN_SYN) && (peer->seen & FL_SEEN_SYN) && end->wscale != FL_WSCALE_UNKNOWN &&
	            peer->wscale != FL_WSCALE_UNKNOWN;
	unsigned shift = both && !(packet->flags & FL_TCP_SYN) ? end->wscale : 0;

	return (uint32_t)packet->window << shift;
}

/* The handshake's round trip as seen here: SYN until the ACK that completes it. */
static void measure_rtt(struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment)
{
	struct fl_cold *cold = flow->cold;

	if (segment->classes & FL_SEG_SYN) {
		if (cold->syn_at == 0)
			cold->syn_at = segment->at;
		else
			cold->syn_at = FL_TIME_NONE; /* repeated: which one was answered is not known (Karn) */
	} else if (cold->rtt_us == UINT32_MAX && cold->syn_at > 0 && (segment->classes & FL_SEG_ACKS) &&
	           !(packet->flags & FL_TCP_SYN) && (flow->end[!segment->dir].seen & FL_SEEN_SYN_ACK)) {
		int64_t us = (segment->at - cold->syn_at) / FL_NS_PER_US;

		cold->rtt_us = us >= 0 && us < UINT32_MAX ? (uint32_t)us : UINT32_MAX - 1;
		cold->syn_at = FL_TIME_NONE;
	}
}

static void begin(struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment)
{
	struct fl_cold *cold = flow->cold;

	cold->first_at = segment->at;
	cold->first_frame = segment->frame;
	cold->rtt_us = UINT32_MAX;
	flow->end[0].wscale = flow->end[1].wscale = FL_WSCALE_UNKNOWN;
	flow->end[0].last_at = flow->end[1].last_at = FL_TIME_NONE;
	if (!(packet->flags & FL_TCP_SYN))
		flow->marks |= FL_MARK_MID_FLOW;
}

/* A SYN on a tuple whose old connection still lives somewhere is answered by that one's ACK, and by an RST to it,
 * before it gets its SYN-ACK (RFC 9293 section 3.10.7.4; one attempt): what was learned from these is not this
 * connection's. */
static void forget_old_answers(struct fl_flow *flow, unsigned dir)
{
	struct fl_end *end = &flow->end[dir], *peer = &flow->end[!dir];

	end->next = end->una = peer->una = 0;
	peer->next = fl_seq_first(flow->cold->isn[!dir]) + 1;
	peer->seen &= (uint8_t) ~(FL_SEEN_HOLE | FL_SEEN_RST | FL_SEEN_BARE_RST);
	end->seen &= (uint8_t) ~(FL_SEEN_HOLE | FL_SEEN_RST | FL_SEEN_BARE_RST);
	for (unsigned side = 0; side < 2; side++)
		flow->cold->rung[side][FL_RUNG_STACK].demands = 0;
}

/* A first SYN-ACK after other packets of its side, for a peer whose SYN was seen. */
static bool is_late_syn_ack(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	const uint8_t syn_ack = FL_TCP_SYN | FL_TCP_ACK;

	return (packet->flags & (syn_ack | FL_TCP_RST)) == syn_ack && has_packets(&flow->end[dir]) &&
	       !(flow->end[dir].seen & (FL_SEEN_SYN | FL_SEEN_PAYLOAD)) && (flow->end[!dir].seen & FL_SEEN_SYN) &&
	       !(flow->end[!dir].seen & FL_SEEN_PAYLOAD);
}

void fl_tcp_track(struct fl_flow *flow, const struct fl_packet *packet, unsigned dir, struct fl_segment *ret_segment)
{
	struct fl_end *end = &flow->end[dir], *peer = &flow->end[!dir];
	struct fl_segment *segment = ret_segment;

	if (is_late_syn_ack(flow, packet, dir))
		forget_old_answers(flow, dir);

	uint64_t next = end->next;

	*segment = (struct fl_segment){
		.at = packet->at, .length = packet->length, .file = packet->file, .dir = (uint8_t)dir
	};
	segment->frame = packet->number < UINT32_MAX ? (uint32_t)packet->number : UINT32_MAX;
	if (!has_packets(end) && !has_packets(peer))
		begin(flow, packet, segment);

	segment->seq = place_seq(end, packet->seq);
	segment->end = segment->seq + packet->length + !!(packet->flags & FL_TCP_SYN) + !!(packet->flags & FL_TCP_FIN);
	if (packet->length > 0 && !(packet->flags & FL_TCP_RST)) {
		uint64_t payload_end = segment->seq + packet->length + !!(packet->flags & FL_TCP_SYN);
		uint64_t fresh = next == 0 ? packet->length : payload_end > next ? payload_end - next : 0;

		segment->fresh = fresh < packet->length ? (uint32_t)fresh : packet->length;
	}
	segment->classes = classify(end, packet, segment);

	end->packets++;
	end->payload += packet->length;
	end->last_at = segment->at;
	end->last_frame = segment->frame;
	flow->cold->last_file = packet->file;
	advance_sender(flow, end, packet, segment);
	if ((packet->flags & FL_TCP_ACK) && !(packet->flags & FL_TCP_RST))
		segment->classes |= advance_peer(peer, segment, packet->ack);
	if (!(packet->flags & FL_TCP_RST))
		end->window = segment->window = scaled_window(end, peer, packet);
	measure_rtt(flow, packet, segment);
	life_update(flow, segment);
	remember_letter(flow, dir, letter_of(segment));
}
