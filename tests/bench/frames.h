/* Segments as frames of a classic pcap: what the programs here share that make captures. */
#ifndef BENCH_FRAMES_H
#define BENCH_FRAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "flatline/address.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

enum { most_options = 40, most_captured = 2048 };

/* Who talks with whom; 0: the client. */
struct tuple {
	struct fl_address address[2];
	uint16_t port[2];
};

/* What one side sends. */
struct segment {
	unsigned dir; /* the sender in its tuple */
	uint32_t seq, ack;
	uint32_t payload; /* its length; the bytes are all alike */
	uint16_t window, ip_id;
	uint8_t flags;
	uint8_t n_options; /* a multiple of 4 */
	uint8_t options[most_options];
};

struct frames {
	FILE *out;
	uint64_t random; /* state, not 0 */
	uint64_t now;    /* ns */
	uint32_t snaplen;
	uint8_t frame[most_captured];
};

/* Writes the file's header. Frames are cut to `snaplen`. */
bool frames_begin(struct frames *frames, FILE *out, uint32_t snaplen);
/* One frame, at frames->now. The TCP checksum stays 0, as before a network card's offload. */
bool frames_write(struct frames *frames, const struct tuple *tuple, const struct segment *segment);
/* 0 <= result < limit; the same numbers everywhere. */
uint32_t frames_random(struct frames *frames, uint32_t limit);

struct fl_address frames_ipv4(uint32_t address);
struct fl_address frames_ipv6(uint64_t prefix, uint64_t rest);

/* Network byte order. */
void put16(uint8_t *at, uint16_t value);
void put32(uint8_t *at, uint32_t value);

#endif
