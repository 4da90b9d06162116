/* Captures for measuring: N connections whose packets come interleaved at random, as on a busy server's port, so that
 * each packet finds another flow's memory cold. Conversations are healthy (handshake, then requests, responses and
 * their ACKs, RFC 7323 timestamps), since that is what nearly all packets of a real capture are. The same arguments
 * give the same bytes.
 *
 *	generate small|mixed FRAMES FLOWS FILE
 *
 * small: frames of 66 bytes, Ethernet to timestamps without payload. mixed: about 250 bytes on average. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"

enum {
	snaplen = 262144,
	stamp_size = 12,
	syn_options_size = 20,
	largest_payload = 1448,
	server_port = 9001,
	n_servers = 64,
};

/* Whose turn it is in a connection. */
enum step { STEP_SYN, STEP_SYN_ACK, STEP_ESTABLISH, STEP_REQUEST, STEP_ACK_REQUEST, STEP_RESPONSE, STEP_ACK_RESPONSE };

struct connection {
	uint32_t next[2];  /* sequence numbers; 0: the client's side */
	uint32_t stamp[2]; /* timestamp value that each side sent last */
	uint32_t owed;     /* payload bytes of the response still to be sent */
	uint8_t step;
};

struct generator {
	struct connection *connections;
	uint32_t n_connections;
	bool is_small;
	struct frames frames;
};

/* Behind the fixed TCP header: a SYN's options, or two NOPs and a timestamp. Their size. */
static uint8_t put_options(uint8_t *options, bool is_syn, uint32_t value, uint32_t echo)
{
	static const uint8_t syn[] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10 }; /* MSS 1460, SACK permitted, timestamp */
	static const uint8_t scale[] = { 1, 3, 3, 7 };
	static const uint8_t plain[] = { 1, 1, 8, 10 };
	size_t size = is_syn ? sizeof(syn) : sizeof(plain);

	memcpy(options, is_syn ? syn : plain, size);
	put32(options + size, value);
	put32(options + size + 4, echo);
	if (is_syn)
		memcpy(options + size + 8, scale, sizeof(scale));
	return is_syn ? syn_options_size : stamp_size;
}

/* One segment of connection `index`, sent by `dir`. */
static bool send_segment(struct generator *generator, uint32_t index, unsigned dir, uint8_t flags, uint32_t payload)
{
	struct connection *connection = &generator->connections[index];
	struct tuple tuple = { { frames_ipv4(0x0a000001 + index), frames_ipv4(0xc0000201 + index % n_servers) },
		               { (uint16_t)(32768 + index % 28000), server_port } };
	struct segment segment = { .dir = dir,
		                   .seq = connection->next[dir],
		                   .ack = connection->next[!dir],
		                   .payload = payload,
		                   .window = 502,
		                   .ip_id = (uint16_t)connection->next[dir],
		                   .flags = flags };

	connection->stamp[dir] = (uint32_t)(generator->frames.now / 1000000) + (dir ? 77 : 1000);
	segment.n_options = put_options(segment.options, flags & SYN, connection->stamp[dir],
	                                flags & ACK ? connection->stamp[!dir] : 0);
	connection->next[dir] += payload + !!(flags & SYN);
	return frames_write(&generator->frames, &tuple, &segment);
}

static uint32_t response_size(struct generator *generator)
{
	uint32_t kind = frames_random(&generator->frames, 100);

	if (kind < 45)
		return 60 + frames_random(&generator->frames, 150);
	if (kind < 90)
		return 400 + frames_random(&generator->frames, 300);
	return largest_payload * 2;
}

/* The part of the conversation that repeats: request, its ACK, the response in one or two segments, its ACK. */
static bool converse(struct generator *generator, uint32_t index)
{
	struct connection *connection = &generator->connections[index];
	uint32_t payload;

	switch (connection->step) {
	case STEP_REQUEST:
		connection->step = STEP_ACK_REQUEST;
		connection->owed = response_size(generator);
		return send_segment(generator, index, 0, PSH | ACK, 60 + frames_random(&generator->frames, 150));
	case STEP_ACK_REQUEST: connection->step = STEP_RESPONSE; return send_segment(generator, index, 1, ACK, 0);
	case STEP_RESPONSE:
		payload = connection->owed < largest_payload ? connection->owed : largest_payload;
		connection->owed -= payload;
		if (connection->owed > 0)
			return send_segment(generator, index, 1, ACK, payload);
		connection->step = STEP_ACK_RESPONSE;
		return send_segment(generator, index, 1, PSH | ACK, payload);
	default: connection->step = STEP_REQUEST; return send_segment(generator, index, 0, ACK, 0);
	}
}

static bool step(struct generator *generator, uint32_t index)
{
	struct connection *connection = &generator->connections[index];

	switch (connection->step) {
	case STEP_SYN:
		connection->step = STEP_SYN_ACK;
		connection->next[0] = frames_random(&generator->frames, UINT32_MAX);
		connection->next[1] = frames_random(&generator->frames, UINT32_MAX);
		return send_segment(generator, index, 0, SYN, 0);
	case STEP_SYN_ACK: connection->step = STEP_ESTABLISH; return send_segment(generator, index, 1, SYN | ACK, 0);
	case STEP_ESTABLISH: connection->step = STEP_REQUEST; return send_segment(generator, index, 0, ACK, 0);
	default:
		return generator->is_small
		               ? send_segment(generator, index, frames_random(&generator->frames, 2), ACK, 0)
		               : converse(generator, index);
	}
}

/* A frame each 0.5 to 1.5 microseconds: 2 Gbit/s of the mixed kind. */
static bool generate(struct generator *generator, uint64_t n_frames)
{
	struct frames *frames = &generator->frames;

	for (uint64_t i = 0; i < n_frames; i++) {
		frames->now += 500 + frames_random(frames, 1000);
		if (!step(generator, frames_random(frames, generator->n_connections)))
			return false;
	}
	return fclose(frames->out) == 0;
}

int main(int argc, char **argv)
{
	struct generator generator = { 0 };
	FILE *out;
	uint64_t n_frames = argc == 5 ? strtoull(argv[2], NULL, 10) : 0;

	generator.n_connections = argc == 5 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
	if (n_frames == 0 || generator.n_connections == 0 || (strcmp(argv[1], "small") && strcmp(argv[1], "mixed"))) {
		fprintf(stderr, "usage: generate small|mixed FRAMES FLOWS FILE\n");
		return 2;
	}
	generator.is_small = strcmp(argv[1], "small") == 0;
	generator.connections = calloc(generator.n_connections, sizeof(*generator.connections));
	out = fopen(argv[4], "wb");
	if (!generator.connections || !out || !frames_begin(&generator.frames, out, snaplen) ||
	    !generate(&generator, n_frames)) {
		perror(argv[4]);
		return 1;
	}
	free(generator.connections);
	return 0;
}
