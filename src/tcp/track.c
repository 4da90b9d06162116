/* What happens to a segment: its numbers are unwrapped, it is named, and both sides' coordinates move. A packet capture
 * shows what passed one point of the path, not what a kernel believed: bytes may be ACKed that were never captured, and
 * the first packet of a flow may be anything (RFC 9293 section 3.4, RFC 7323 for windows). */
#include "classify.h"
#include "ending.h"
#include "flatline/seq.h"
#include "flatline/tcp.h"
#include "holes.h"
#include "life.h"
#include "round_trip.h"
#include "series.h"
#include "under_way.h"

enum { largest_wscale = 14, young = 64 /* packets; few enough that their numbers have not wrapped */ };

bool fl_tcp_is_over(const struct fl_flow *flow)
{
	uint16_t any = flow->end[0].seen | flow->end[1].seen, both = flow->end[0].seen & flow->end[1].seen;

	if ((flow->marks & FL_MARK_GONE) || (any & FL_SEEN_RST))
		return true;
	return (both & FL_SEEN_FIN) && fl_tcp_outstanding(flow, 0) == 0 && fl_tcp_outstanding(flow, 1) == 0;
}

uint64_t fl_tcp_outstanding(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_end *end = &flow->end[dir];

	return end->next > end->una && end->una != 0 ? end->next - end->una : 0;
}

bool fl_tcp_is_full_size(const struct fl_flow *flow, unsigned dir, uint32_t length)
{
	const uint32_t usual = 1200, options = 12;
	uint32_t mss = flow->cold->mss[!dir];
	uint32_t largest = mss > options ? (mss - options) * 9 / 10 : usual;

	return length >= largest;
}

uint64_t fl_tcp_missing(const struct fl_flow *flow, unsigned dir)
{
	const struct holes *holes = flow->sick ? flow->sick->holes[dir] : NULL;

	if (!holes || holes->count == 0 || holes->at[0].from != flow->end[dir].una)
		return 0;
	return holes->at[0].to - holes->at[0].from;
}

int64_t fl_tcp_filled_at(const struct fl_flow *flow, unsigned dir)
{
	const struct holes *holes = flow->sick ? flow->sick->holes[dir] : NULL;

	return holes ? holes->filled_at : FL_TIME_NONE;
}

uint64_t fl_tcp_first_byte(const struct fl_flow *flow, unsigned dir)
{
	return fl_seq_first(flow->cold->isn[dir]) + 1;
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

/* Where the side now stands, and what of the segment is new. */
static void advance_sender(struct fl_flow *flow, struct fl_end *end, const struct fl_packet *packet,
                           const struct fl_segment *segment)
{
	end->seen &= (uint16_t)~FL_SEEN_ENDS_AGAIN;
	if (segment->classes & FL_SEG_RST) { /* its number may be the offender's: no coordinate */
		const struct fl_end *peer = &flow->end[!segment->dir];
		int64_t at_once = fl_tcp_rtt(flow) + 50 * FL_NS_PER_MS;

		/* A host that is back may have to ask for an address before it can answer. */
		if (fl_tcp_outstanding(flow, !segment->dir) > 0)
			at_once = fl_tcp_rtt(flow) + FL_NS_PER_S;
		if (segment->classes & FL_SEG_RST_IGNORED)
			return;
		end->seen |= FL_SEEN_RST;
		/* Without a packet to answer it was sent of its sender's own accord. */
		if (!(packet->flags & FL_TCP_ACK) && peer->packets > 0 && segment->at - peer->last_at <= at_once)
			end->seen |= FL_SEEN_BARE_RST;
		if (segment->classes & FL_SEG_RST_FOREIGN)
			end->seen |= FL_SEEN_FOREIGN_RST;
		return;
	}
	if (end->packets == 1)
		flow->cold->first_ttl[segment->dir] = packet->ttl;
	flow->cold->ttl[segment->dir] = packet->ttl;
	if (packet->options.present & FL_OPT_TIMESTAMP) {
		flow->cold->ts_value[segment->dir] = packet->options.ts_value;
		end->seen |= FL_SEEN_TIMESTAMP;
	}
	if (end->next == 0)
		flow->cold->isn[segment->dir] = packet->seq;
	/* A pure ACK beyond what was seen shows that something before it was not captured, or not yet. It moves
	 * nothing: the repeat of what was lost must still be news. */
	if (end->next == 0 || (segment->end > segment->seq && segment->end > end->next))
		end->next = segment->end;
	if (packet->flags & FL_TCP_SYN) {
		end->seen |= packet->flags & FL_TCP_ACK ? FL_SEEN_SYN | FL_SEEN_SYN_ACK : FL_SEEN_SYN;
		flow->cold->isn[segment->dir] = packet->seq;
		flow->cold->mss[segment->dir] = packet->options.mss;
		flow->wscale[segment->dir] =
			FL_WSCALE_UNKNOWN; /* no option: nothing is scaled, by either side (RFC 7323 section 2.2) */
		if (packet->options.present & FL_OPT_SACK_PERMITTED)
			end->seen |= FL_SEEN_SACK_PERMITTED;
		if (packet->options.present & FL_OPT_WSCALE)
			flow->wscale[segment->dir] = packet->options.wscale > largest_wscale ? largest_wscale
			                                                                     : packet->options.wscale;
	}
	if (packet->flags & FL_TCP_FIN) {
		end->seen |= FL_SEEN_FIN;
		if (flow->cold->fin_frame == 0) {
			flow->cold->fin_at = segment->at;
			flow->cold->fin_frame = segment->frame;
			flow->cold->fin_file = segment->file;
		}
	}
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

static uint32_t scaled_window(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	bool both = (flow->end[0].seen & flow->end[1].seen & FL_SEEN_SYN) && flow->wscale[0] != FL_WSCALE_UNKNOWN &&
	            flow->wscale[1] != FL_WSCALE_UNKNOWN;
	unsigned shift = both && !(packet->flags & FL_TCP_SYN) ? flow->wscale[dir] : 0;

	return (uint32_t)packet->window << shift;
}

static void begin(struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment)
{
	struct fl_cold *cold = flow->cold;

	cold->first_at = segment->at;
	cold->first_frame = segment->frame;
	cold->rtt_us = UINT32_MAX;
	flow->wscale[0] = flow->wscale[1] = FL_WSCALE_UNKNOWN;
	cold->synack_us = UINT32_MAX;
	for (unsigned dir = 0; dir < 2; dir++) {
		flow->end[dir].last_at = cold->acked_at[dir] = FL_TIME_NONE;
		cold->ack_delay_us[dir] = UINT32_MAX;
	}
	if (!(packet->flags & FL_TCP_SYN))
		flow->marks |= FL_MARK_MID_FLOW;
	else if (!(packet->flags & FL_TCP_ACK) && (packet->options.present & FL_OPT_TIMESTAMP) &&
	         packet->options.ts_echo != 0)
		flow->marks |= FL_MARK_ECHO;
}

/* A SYN on a tuple whose old connection still lives somewhere is answered by that one's ACK, and by an RST to it,
 * before it gets its SYN-ACK (RFC 9293 section 3.10.7.4; one attempt): what was learned from these is not this
 * connection's. */
static void forget_old_answers(struct fl_flow *flow, unsigned dir)
{
	struct fl_end *end = &flow->end[dir], *peer = &flow->end[!dir];

	end->next = end->una = peer->una = 0;
	peer->next = fl_seq_first(flow->cold->isn[!dir]) + 1;
	peer->seen &= (uint16_t) ~(FL_SEEN_HOLE | FL_SEEN_RST | FL_SEEN_BARE_RST);
	end->seen &= (uint16_t) ~(FL_SEEN_HOLE | FL_SEEN_RST | FL_SEEN_BARE_RST);
	for (unsigned side = 0; side < 2; side++)
		flow->cold->rung[side][FL_RUNG_STACK].demands = 0;
	ending_forget(flow);
}

/* A first SYN-ACK after other packets of its side, for a peer whose SYN was seen. */
static bool is_late_syn_ack(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	const uint8_t syn_ack = FL_TCP_SYN | FL_TCP_ACK;

	return (packet->flags & (syn_ack | FL_TCP_RST)) == syn_ack && has_packets(&flow->end[dir]) &&
	       !(flow->end[dir].seen & (FL_SEEN_SYN | FL_SEEN_PAYLOAD)) && (flow->end[!dir].seen & FL_SEEN_SYN) &&
	       !(flow->end[!dir].seen & FL_SEEN_PAYLOAD);
}

/* Of a side that is joined in the middle, how many bytes lie before the first one captured, and are not ACKed: packets
 * overtake each other there, too, while it is young. From then on it begins with this packet. A lone byte that no ACK
 * places may be a keepalive's. */
static uint64_t count_before_first(struct fl_flow *flow, const struct fl_packet *packet,
                                   const struct fl_segment *segment)
{
	const struct fl_end *end = &flow->end[segment->dir];
	uint32_t *first = &flow->cold->isn[segment->dir];

	if (end->next == 0 || end->packets > young || (end->seen & FL_SEEN_SYN) || (packet->flags & FL_TCP_SYN) ||
	    (end->una == 0 && packet->length == 1))
		return 0;

	uint64_t begin = fl_seq_unwrap(end->next, *first), stop = segment->seq + packet->length;
	uint64_t from = segment->seq > end->una ? segment->seq : end->una, to = stop < begin ? stop : begin;

	if (from >= to)
		return 0;
	*first = packet->seq;
	return to - from;
}

/* How many of the payload's bytes were never seen before; *ret_is_late when they had been skipped. */
static uint32_t count_fresh(struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment,
                            bool *ret_is_late)
{
	uint64_t next = flow->end[segment->dir].next;
	struct holes *holes = flow->sick ? flow->sick->holes[segment->dir] : NULL;
	uint64_t end = segment->seq + packet->length + !!(packet->flags & FL_TCP_SYN);
	uint64_t fresh = next == 0 ? packet->length : end > next ? end - next : 0;

	*ret_is_late = false;
	if (packet->flags & FL_TCP_RST)
		return 0;

	uint64_t late = count_before_first(flow, packet, segment);

	if (holes && segment->seq < next) {
		late += holes_fill(holes, segment->seq, segment->end < next ? segment->end : next);
		if (late > 0)
			holes->filled_at = segment->at;
		if (late > 0 && holes_are_whole(holes))
			flow->end[segment->dir].seen &= (uint16_t)~FL_SEEN_HOLE;
	}
	*ret_is_late = late > 0 && late == packet->length; /* what brings seen bytes along was sent again */
	fresh += late;
	return fresh < packet->length ? (uint32_t)fresh : packet->length;
}

static struct holes *need_holes(struct fl_flows *flows, struct fl_flow *flow, unsigned dir)
{
	if (!fl_flows_sicken(flows, flow))
		return NULL;
	if (!flow->sick->holes[dir]) {
		struct holes *made = fl_flows_sick_bytes(flows, flow, sizeof(struct holes));

		if (made)
			made->filled_at = FL_TIME_NONE;
		flow->sick->holes[dir] = made;
	}
	return flow->sick->holes[dir];
}

/* The segment begins beyond what was seen: the bytes between are missing, so far. */
static void note_hole(struct fl_flows *flows, struct fl_flow *flow, const struct fl_segment *segment)
{
	uint64_t next = flow->end[segment->dir].next;
	struct holes *holes;

	if (next == 0 || segment->seq <= next || segment->end == segment->seq || (segment->classes & FL_SEG_RST))
		return;
	holes = need_holes(flows, flow, segment->dir);
	if (holes)
		holes_add(holes, next, segment->seq);
}

/* The answer to a SYN is no SYN-ACK and ACKs something else: it is of an old connection, and says nothing of this one.
 * A client that ever sent an ACK has heard more than the capture. */
static bool is_old_answer(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	const struct fl_end *end = &flow->end[dir], *peer = &flow->end[!dir];
	uint64_t ack = fl_seq_unwrap(peer->next, packet->ack);

	return (peer->seen & FL_SEEN_SYN) && !(end->seen & FL_SEEN_SYN) && end->una == 0 &&
	       (ack <= fl_seq_first(flow->cold->isn[!dir]) || ack > peer->next);
}

/* What of the ACK's sender is known from its kind: new, again, of a probe. */
static void take_ack(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet,
                     struct fl_segment *segment)
{
	unsigned peer = !segment->dir;
	struct fl_cold *cold = flow->cold;
	struct holes *holes = flow->sick ? flow->sick->holes[peer] : NULL;
	uint64_t next = flow->end[peer].next;

	if (is_old_answer(flow, packet, segment->dir)) {
		segment->ack = fl_seq_unwrap(flow->end[peer].next, packet->ack);
		segment->classes |= FL_SEG_CHALLENGE;
		flow->marks |= FL_MARK_OLD_ANSWER;
		return;
	}
	segment->classes |= advance_peer(&flow->end[peer], segment, packet->ack);
	if ((segment->classes & FL_SEG_ACKS_UNSEEN) && next != 0) {
		holes = need_holes(flows, flow, peer);
		if (holes)
			holes_acked_unseen(holes, next, flow->end[peer].next);
	}
	if (segment->classes & FL_SEG_ACKS) {
		if (holes && holes_acked(holes, flow->end[peer].una)) {
			segment->classes |= FL_SEG_ACKS_UNSEEN;
			flow->end[peer].seen |= FL_SEEN_HOLE;
		}
		flow->marks &= (uint16_t)~FL_MARK_ICMP_LAST;
		cold->dup_acks[peer] = 0;
		cold->acked_at[peer] = segment->at;
		under_way_acked(flow, peer, segment->at);
	}
	if (segment->end > segment->seq)
		return;
	segment->classes |= classify_ack(flow, packet, segment);
	if (segment->classes & FL_SEG_DUP_ACK) {
		cold->dup_acks[peer] += cold->dup_acks[peer] < UINT8_MAX;
		cold->acked_at[peer] = segment->at;
	}
}

static void take_window(struct fl_flow *flow, const struct fl_packet *packet, struct fl_segment *segment)
{
	struct fl_end *end = &flow->end[segment->dir];

	end->window = segment->window = scaled_window(flow, packet, segment->dir);
	if (packet->flags & FL_TCP_SYN)
		return;
	if (packet->window > 0 && (end->seen & FL_SEEN_ZERO_WINDOW))
		segment->classes |= FL_SEG_WINDOW_OPENED;
	if (packet->window == 0)
		end->seen |= FL_SEEN_ZERO_WINDOW;
	else
		end->seen &= (uint16_t)~FL_SEEN_ZERO_WINDOW;
}

/* For how long the connection had been silent. */
static void note_quiet(struct fl_flow *flow, int64_t at)
{
	const struct fl_end *end = flow->end;
	bool is_later = end[1].packets > 0 && end[1].last_at > end[0].last_at;
	int64_t quiet = end[0].packets > 0 ? at - end[is_later].last_at : 0;

	if (quiet >= (flow->cold->quiet_s + 1) * FL_NS_PER_S)
		flow->cold->quiet_s = quiet / FL_NS_PER_S < UINT16_MAX ? (uint16_t)(quiet / FL_NS_PER_S) : UINT16_MAX;
}

static void count_packet(struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	struct fl_end *end = &flow->end[dir];

	end->packets++;
	end->payload += packet->length;
	end->last_at = packet->at;
	end->last_frame = packet->number < UINT32_MAX ? (uint32_t)packet->number : UINT32_MAX;
	flow->cold->last_file = packet->file;
}

void fl_tcp_track_copy(struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	count_packet(flow, packet, dir);
}

void fl_tcp_track(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir,
                  struct fl_segment *ret_segment)
{
	struct fl_end *end = &flow->end[dir];
	struct fl_segment *segment = ret_segment;
	bool is_rst = packet->flags & FL_TCP_RST, has_ack = packet->flags & FL_TCP_ACK, is_late;
	uint64_t rst_ack = 0;

	if (is_late_syn_ack(flow, packet, dir))
		forget_old_answers(flow, dir);
	*segment = (struct fl_segment){
		.at = packet->at, .length = packet->length, .file = packet->file, .dir = (uint8_t)dir
	};
	segment->frame = packet->number < UINT32_MAX ? (uint32_t)packet->number : UINT32_MAX;
	if (!has_packets(end) && !has_packets(&flow->end[!dir]))
		begin(flow, packet, segment);

	segment->seq = place_seq(end, packet->seq);
	segment->end = segment->seq + packet->length + !!(packet->flags & FL_TCP_SYN) + !!(packet->flags & FL_TCP_FIN);
	segment->fresh = count_fresh(flow, packet, segment, &is_late);
	segment->classes = classify(flow, packet, segment, is_late);

	bool is_new = !is_rst && segment->end > segment->seq && segment->end > end->next;
	uint64_t new_from = segment->seq > end->next ? segment->seq : end->next;

	note_hole(flows, flow, segment);
	note_quiet(flow, packet->at);
	if (is_rst)
		ending_take(flows, flow, packet, dir, segment->classes);
	count_packet(flow, packet, dir);
	advance_sender(flow, end, packet, segment);
	if (is_new)
		under_way_sent(flow, segment, new_from);
	if (!is_rst)
		take_window(flow, packet, segment);
	if (has_ack && !is_rst)
		take_ack(flows, flow, packet, segment);
	else if (has_ack && flow->end[!dir].next != 0)
		rst_ack = fl_seq_unwrap(flow->end[!dir].next, packet->ack);
	round_trip_measure(flow, packet, segment);
	series_update(flows, flow, segment, rst_ack);
	life_update(flow, segment);
	remember_letter(flow, dir, letter_of(segment));
}
