/* Sequence numbers (RFC 9293 section 3.4) are 32 bit and wrap. Here they are unwrapped to 64 bit as soon as a packet
 * meets its flow: the first one seen becomes (1 << 32) + seq, and later ones the nearest value of the same residue. So
 * ordinary comparison is right, also past 4 GiB, and a number somewhat before the first does not fall below zero. */
#ifndef FLATLINE_SEQ_H
#define FLATLINE_SEQ_H

#include <stdint.h>

static inline uint64_t fl_seq_first(uint32_t seq)
{
	return (UINT64_C(1) << 32) + seq;
}

/* The value with the low 32 bits of `seq` that is nearest to `near` (within +-2 GiB). */
static inline uint64_t fl_seq_unwrap(uint64_t near, uint32_t seq)
{
	return near + (uint64_t)(int64_t)(int32_t)(seq - (uint32_t)near);
}

/* True where 32-bit `a` is before `b` in serial-number order; for the few places that have no flow. */
static inline int fl_seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

#endif
