/* tshark numbers TCP conversations (tcp.stream) by a rule of its own, and people paste those numbers into Wireshark.
 * This file knows that rule (of tshark 4.0) and nothing else; our own connections are told apart elsewhere, and
 * otherwise.
 *
 * The rule: a tuple that was never seen gets a number. A SYN without ACK whose sequence number is not the base of its
 * direction gets a new one, and the tuple's bases are forgotten. The base is the sequence number of the first SYN or
 * SYN-ACK, else one less than the first sequence number; an ACK gives the other direction ack - 1 when it has none. A
 * SYN-ACK with another sequence number overwrites its base. */
#include "flatline/flow.h"

static bool has_base(const struct fl_wireshark_id *id, unsigned dir)
{
	return id->has_base & (1u << dir);
}

static void set_base(struct fl_wireshark_id *id, unsigned dir, uint32_t base)
{
	id->base[dir] = base;
	id->has_base |= (uint8_t)(1u << dir);
}

uint32_t fl_wireshark_id_step(struct fl_wireshark_id *id, uint32_t *next_stream, unsigned dir, uint32_t seq,
                              uint32_t ack, uint8_t flags)
{
	bool syn = flags & FL_TCP_SYN, acks = flags & FL_TCP_ACK;
	bool other_syn = syn && !acks && has_base(id, dir) && id->base[dir] != seq;

	if (id->stream == FL_STREAM_NONE || other_syn) {
		id->stream = (*next_stream)++;
		id->has_base = 0;
	}
	if (!has_base(id, dir))
		set_base(id, dir, syn ? seq : seq - 1);
	else if (syn && acks)
		set_base(id, dir, seq);
	if (acks && !has_base(id, !dir))
		set_base(id, !dir, ack - 1);
	return id->stream;
}
