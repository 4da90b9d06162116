/* What a segment is, decided once, here. Repeats are told by what came before them and never by their own looks: the
 * timer fires into silence (RFC 6298), a fast retransmission follows duplicate ACKs (RFC 5681), the rest of a window
 * follows the ACK that lets it out. Compared are sequence ranges: a repeat may be longer than the original, where small
 * segments were put together, or shorter, where a kernel probes the path's MTU. */
#include "classify.h"

#include "flatline/seq.h"
#include "series.h"
#include "under_way.h"

/* A closed window of the peer: what is sent now is a probe. */
static bool is_into_closed_window(const struct fl_flow *flow, unsigned dir)
{
	return flow->end[!dir].seen & FL_SEEN_ZERO_WINDOW;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* For how long neither the sender sent nor the peer ACKed anything. What the peer sends of its own accord is no ACK,
 * and what it ACKed of these very bytes did not reach the sender. */
static int64_t quiet_for(const struct fl_flow *flow, const struct fl_segment *segment)
{
	unsigned dir = segment->dir;
	const struct fl_sent *sent = under_way_last(flow, dir);
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	int64_t since = sent ? sent->at : flow->cold->first_at;

	if (segment->end > flow->end[dir].una)
		since = later(since, flow->cold->acked_at[dir]);
	return segment->at - (trouble ? later(since, trouble->repeated_at[dir]) : since);
}

/* For how long the retransmission timer may have run for the oldest segment: since it was sent, or ACKed up to, or sent
 * again. New data behind it, and a tail loss probe, do not start it anew (RFC 6298 section 5). */
static int64_t timer_ran_for(const struct fl_flow *flow, const struct fl_segment *segment)
{
	unsigned dir = segment->dir;
	const struct fl_sent *oldest = fl_tcp_oldest(flow, dir);
	const struct fl_series *series = series_lasting(flow, dir);
	int64_t since;

	if (!oldest)
		return quiet_for(flow, segment);
	since = later(oldest->at, flow->cold->acked_at[dir]);
	if (series && !(series->is_tail && series->repeats == 1))
		since = later(since, series->last_at);
	return segment->at - since;
}

/* A timer is longer than a round trip; what an ACK lets out comes within one of it, wherever the capture stands. */
static int64_t shortest_timer(const struct fl_flow *flow)
{
	return fl_tcp_rtt(flow) * 5 / 4 + 10 * FL_NS_PER_MS;
}

/* SYN and SYN-ACK again. A SYN-ACK that answers a SYN that came again, and a SYN sent at once after an RST to an old
 * connection, are no timer's. */
static uint32_t why_again_connecting(const struct fl_flow *flow, const struct fl_segment *segment, bool is_syn)
{
	const int64_t shortest = 250 * FL_NS_PER_MS;
	const struct fl_series *other = series_lasting(flow, !segment->dir);
	int64_t quiet = quiet_for(flow, segment);

	if (quiet < shortest)
		return FL_SEG_CLOCKED;
	if (is_syn)
		return flow->end[!segment->dir].seen & FL_SEEN_RST ? FL_SEG_CLOCKED : FL_SEG_RTO;
	if (other && other->kind == FL_SERIES_SYN && segment->at - other->last_at < shortest_timer(flow))
		return FL_SEG_CLOCKED;
	return FL_SEG_RTO;
}

/* Which of the causes sent these bytes again. */
static uint32_t why_again(const struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment)
{
	unsigned dir = segment->dir;
	const struct fl_end *end = &flow->end[dir];
	const struct fl_series *series = series_lasting(flow, dir);
	bool is_spurious = segment->end <= end->una;
	uint32_t classes = is_spurious ? FL_SEG_SPURIOUS : 0;

	if (packet->flags & FL_TCP_SYN)
		return classes | why_again_connecting(flow, segment, !(packet->flags & FL_TCP_ACK));

	bool is_head = segment->seq <= end->una;
	bool is_tail = segment->end == end->next;
	bool may_be_tlp = is_tail && !series && series_has_sack(flow);

	if (may_be_tlp && quiet_for(flow, segment) >= shortest_timer(flow))
		return classes | FL_SEG_TLP;
	if (is_head && timer_ran_for(flow, segment) >= shortest_timer(flow))
		return classes | FL_SEG_RTO;
	if (flow->cold->dup_acks[dir] > 0)
		return classes | FL_SEG_FAST;
	return classes | (may_be_tlp && !is_head ? FL_SEG_TLP : FL_SEG_CLOCKED);
}

/* Programs that set their own TTL (BGP: 1, or 255) are reset by their kernel with its usual one. */
static bool is_of_another_hop(uint8_t usual, uint8_t ttl)
{
	const uint8_t lowest = 2, highest = 253, kernels = 128;
	bool is_set = usual <= lowest || (usual >= highest && ttl <= kernels);

	return usual != ttl && !is_set;
}

/* An RST's form says who made it: a host without that socket answers with the number that it was asked at and nothing
 * else, a socket that is aborted ends its own numbering (RFC 9293 section 3.5.2). */
static uint32_t classify_rst(const struct fl_flow *flow, const struct fl_packet *packet,
                             const struct fl_segment *segment)
{
	const struct fl_end *end = &flow->end[segment->dir], *peer = &flow->end[!segment->dir];
	uint32_t classes = FL_SEG_RST;
	bool has_ack = packet->flags & FL_TCP_ACK;

	if (!has_ack)
		classes |= FL_SEG_RST_NO_SOCKET;
	else if ((peer->seen & FL_SEEN_SYN) && !(end->seen & FL_SEEN_SYN))
		classes |= FL_SEG_RST_REFUSED;
	else
		classes |= FL_SEG_RST_ACTIVE;
	if (is_of_another_hop(flow->cold->ttl[segment->dir], packet->ttl))
		classes |= FL_SEG_RST_FOREIGN;
	/* Its receiver takes it only at the very next number that it waits for (RFC 5961 section 3.2): all that was
	 * ACKed, or all that was sent and may be ACKed by now. */
	if (end->next != 0 && end->una != 0) {
		uint64_t seq = fl_seq_unwrap(end->next, packet->seq);

		if (seq < end->una || seq > end->next)
			classes |= FL_SEG_RST_IGNORED;
	}
	return classes;
}

/* Zero bytes, or one, at the number just below what the peer waits for: keepalive (RFC 9293 section 3.8.4) or, into a
 * closed window, Linux' window probe. Others probe a window with the next byte itself. */
static uint32_t classify_probe(const struct fl_flow *flow, const struct fl_packet *packet,
                               const struct fl_segment *segment)
{
	const struct fl_end *end = &flow->end[segment->dir];
	bool is_plain = !(packet->flags & (FL_TCP_SYN | FL_TCP_FIN));
	bool is_closed = is_into_closed_window(flow, segment->dir);

	if (end->next == 0 || !is_plain || segment->length > 1)
		return 0;
	if (segment->seq + 1 == end->next && end->una == end->next)
		return is_closed ? FL_SEG_PROBE | FL_SEG_WINDOW_PROBE : FL_SEG_PROBE;
	if (!is_closed)
		return 0;
	if (segment->seq + 1 == end->una && segment->length == 0)
		return FL_SEG_PROBE | FL_SEG_WINDOW_PROBE;
	return segment->seq == end->una && segment->length == 1 ? FL_SEG_WINDOW_PROBE : 0;
}

uint32_t classify(const struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment,
                  bool is_hole_filled)
{
	const struct fl_end *end = &flow->end[segment->dir];
	uint8_t flags = packet->flags;
	uint32_t classes = 0;

	if (flags & FL_TCP_RST)
		return classify_rst(flow, packet, segment);
	if (flags & FL_TCP_SYN)
		classes |= flags & FL_TCP_ACK ? FL_SEG_SYN_ACK : FL_SEG_SYN;
	if ((flags & FL_TCP_FIN) && !(end->seen & FL_SEEN_FIN))
		classes |= FL_SEG_FIN;
	if (segment->fresh > 0)
		classes |= is_hole_filled ? FL_SEG_DATA | FL_SEG_OUT_OF_ORDER : FL_SEG_DATA;
	if ((flags & FL_TCP_PSH) && segment->length > 0)
		classes |= FL_SEG_PUSH;
	if (packet->window == 0 && !(flags & FL_TCP_SYN))
		classes |= FL_SEG_ZERO_WINDOW;

	uint32_t probe = classify_probe(flow, packet, segment);

	if (probe & FL_SEG_PROBE)
		return classes | probe;
	if (segment->end <= segment->seq || segment->end > end->next || segment->fresh > 0)
		return classes | probe;
	classes |= FL_SEG_REPEAT;
	if (is_into_closed_window(flow, segment->dir) && !(flags & FL_TCP_SYN))
		return classes | FL_SEG_WINDOW_PROBE | (segment->end <= end->una ? FL_SEG_SPURIOUS : 0);
	return classes | why_again(flow, packet, segment);
}

/* The first SACK block lies below the ACK, or inside the second (RFC 2883 section 4). */
static bool is_dsack(const struct fl_packet *packet)
{
	const struct fl_tcp_options *options = &packet->options;

	if (options->n_sack == 0)
		return false;
	if (fl_seq_before(options->sack[0][0], packet->ack))
		return true;
	return options->n_sack > 1 && !fl_seq_before(options->sack[0][0], options->sack[1][0]) &&
	       !fl_seq_before(options->sack[1][1], options->sack[0][1]);
}

/* An RST that was not at the very next number is answered, and its receiver lives on (RFC 5961 section 3). */
uint32_t classify_ack(const struct fl_flow *flow, const struct fl_packet *packet, const struct fl_segment *segment)
{
	unsigned dir = segment->dir;
	const struct fl_end *peer = &flow->end[!dir];
	uint32_t classes = is_dsack(packet) ? FL_SEG_DSACK : 0;

	if ((segment->classes & (FL_SEG_ACKS | FL_SEG_PROBE)) || segment->ack != peer->una)
		return classes;
	if (series_is_probed(flow, !dir))
		return classes | FL_SEG_PROBE_ANSWER;
	if (peer->seen & FL_SEEN_RST)
		return classes | FL_SEG_CHALLENGE;
	return fl_tcp_outstanding(flow, !dir) > 0 && !(segment->classes & FL_SEG_WINDOW_OPENED)
	               ? classes | FL_SEG_DUP_ACK
	               : classes;
}
