/* Captures for measuring: N connections whose packets come interleaved at random, as on a busy server's port, so that
 * each packet finds another flow's memory cold. Conversations are healthy (handshake, then requests, responses and
 * their ACKs, RFC 7323 timestamps), since that is what nearly all packets of a real capture are. The same arguments
 * give the same bytes.
 *
 *	generate small|mixed FRAMES FLOWS FILE
 *
 * small: frames of 66 bytes, Ethernet to timestamps without payload. mixed: about 250 bytes on average. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ethernet_size = 14,
	ip_size = 20,
	tcp_size = 20,
	stamp_size = 12,
	syn_options_size = 20,
	headers_size = ethernet_size + ip_size + tcp_size + stamp_size, /* 66 */
	largest_payload = 1448,
	server_port = 9001,
	n_servers = 64,
};

enum { SYN = 2, PSH = 8, ACK = 16 };

/* Whose turn it is in a connection. */
enum step { STEP_SYN, STEP_SYN_ACK, STEP_ESTABLISH, STEP_REQUEST, STEP_ACK_REQUEST, STEP_RESPONSE, STEP_ACK_RESPONSE };

struct connection {
	uint32_t next[2];  /* sequence numbers; 0: the client's side */
	uint32_t stamp[2]; /* timestamp value that each side sent last */
	uint32_t owed;     /* payload bytes of the response still to be sent */
	uint8_t step;
};

struct record {
	uint32_t seconds, microseconds, captured, length;
};

struct generator {
	struct connection *connections;
	uint32_t n_connections;
	bool is_small;
	uint64_t random;
	uint64_t now; /* ns */
	FILE *out;
	uint8_t frame[ethernet_size + ip_size + tcp_size + syn_options_size + largest_payload];
};

/* xorshift64*: the bytes must be the same everywhere, so not the C library's. */
static uint32_t random_below(struct generator *generator, uint32_t limit)
{
	uint64_t x = generator->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	generator->random = x;
	return (uint32_t)(((x * UINT64_C(0x2545f4914f6cdd1d)) >> 32) * limit >> 32);
}

static void put16(uint8_t *at, uint16_t value)
{
	value = htons(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

static uint16_t ip_checksum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < ip_size; i += 2)
		sum += (uint32_t)header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

static void put_ip(uint8_t *ip, uint32_t source, uint32_t target, uint16_t total, uint16_t id)
{
	memset(ip, 0, ip_size);
	ip[0] = 0x45;
	put16(ip + 2, total);
	put16(ip + 4, id);
	ip[6] = 0x40; /* don't fragment */
	ip[8] = 64;
	ip[9] = 6;
	put32(ip + 12, source);
	put32(ip + 16, target);
	put16(ip + 10, ip_checksum(ip));
}

/* Behind the fixed TCP header: a SYN's options, or two NOPs and a timestamp. Their size. */
static unsigned put_options(uint8_t *options, bool is_syn, uint32_t value, uint32_t echo)
{
	static const uint8_t syn[] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10 }; /* MSS 1460, SACK permitted, timestamp */
	static const uint8_t scale[] = { 1, 3, 3, 7 };
	static const uint8_t plain[] = { 1, 1, 8, 10 };
	unsigned size = is_syn ? sizeof(syn) : sizeof(plain);

	memcpy(options, is_syn ? syn : plain, size);
	put32(options + size, value);
	put32(options + size + 4, echo);
	if (is_syn)
		memcpy(options + size + 8, scale, sizeof(scale));
	return is_syn ? syn_options_size : stamp_size;
}

static bool write_frame(struct generator *generator, uint32_t length)
{
	struct record record = { .seconds = (uint32_t)(generator->now / 1000000000),
		                 .microseconds = (uint32_t)(generator->now / 1000 % 1000000),
		                 .captured = length,
		                 .length = length };

	return fwrite(&record, sizeof(record), 1, generator->out) == 1 &&
	       fwrite(generator->frame, length, 1, generator->out) == 1;
}

/* One segment of connection `index`, sent by `dir`. The TCP checksum stays 0, as before a network card's offload. */
static bool send_segment(struct generator *generator, uint32_t index, unsigned dir, uint8_t flags, uint32_t payload)
{
	struct connection *connection = &generator->connections[index];
	uint8_t *ip = generator->frame + ethernet_size, *tcp = ip + ip_size;
	uint32_t client = 0x0a000001 + index, server = 0xc0000201 + index % n_servers;
	uint16_t client_port = (uint16_t)(32768 + index % 28000);
	unsigned options;

	connection->stamp[dir] = (uint32_t)(generator->now / 1000000) + (dir ? 77 : 1000);
	memset(tcp, 0, tcp_size);
	put16(tcp, dir ? server_port : client_port);
	put16(tcp + 2, dir ? client_port : server_port);
	put32(tcp + 4, connection->next[dir]);
	if (flags & ACK)
		put32(tcp + 8, connection->next[!dir]);
	options = put_options(tcp + tcp_size, flags & SYN, connection->stamp[dir],
	                      flags & ACK ? connection->stamp[!dir] : 0);
	tcp[12] = (uint8_t)((tcp_size + options) / 4 << 4);
	tcp[13] = flags;
	put16(tcp + 14, 502);
	memset(tcp + tcp_size + options, 'f', payload);
	put_ip(ip, dir ? server : client, dir ? client : server, (uint16_t)(ip_size + tcp_size + options + payload),
	       (uint16_t)connection->next[dir]);
	connection->next[dir] += payload + !!(flags & SYN);
	return write_frame(generator, ethernet_size + ip_size + tcp_size + options + payload);
}

static uint32_t response_size(struct generator *generator)
{
	uint32_t kind = random_below(generator, 100);

	if (kind < 45)
		return 60 + random_below(generator, 150);
	if (kind < 90)
		return 400 + random_below(generator, 300);
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
		return send_segment(generator, index, 0, PSH | ACK, 60 + random_below(generator, 150));
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
		connection->next[0] = random_below(generator, UINT32_MAX);
		connection->next[1] = random_below(generator, UINT32_MAX);
		return send_segment(generator, index, 0, SYN, 0);
	case STEP_SYN_ACK: connection->step = STEP_ESTABLISH; return send_segment(generator, index, 1, SYN | ACK, 0);
	case STEP_ESTABLISH: connection->step = STEP_REQUEST; return send_segment(generator, index, 0, ACK, 0);
	default:
		return generator->is_small ? send_segment(generator, index, random_below(generator, 2), ACK, 0)
		                           : converse(generator, index);
	}
}

static bool write_header(FILE *out)
{
	static const uint32_t header[] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1 /* Ethernet */ };

	return fwrite(header, sizeof(header), 1, out) == 1;
}

/* A frame each 0.5 to 1.5 microseconds: 2 Gbit/s of the mixed kind. */
static bool generate(struct generator *generator, uint64_t n_frames)
{
	static const uint8_t ethernet[ethernet_size] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00 };

	memcpy(generator->frame, ethernet, sizeof(ethernet));
	if (!write_header(generator->out))
		return false;
	for (uint64_t i = 0; i < n_frames; i++) {
		generator->now += 500 + random_below(generator, 1000);
		if (!step(generator, random_below(generator, generator->n_connections)))
			return false;
	}
	return fclose(generator->out) == 0;
}

int main(int argc, char **argv)
{
	struct generator generator = { .random = UINT64_C(0x9e3779b97f4a7c15), .now = UINT64_C(1768381200000000000) };
	uint64_t n_frames = argc == 5 ? strtoull(argv[2], NULL, 10) : 0;

	generator.n_connections = argc == 5 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
	if (n_frames == 0 || generator.n_connections == 0 || (strcmp(argv[1], "small") && strcmp(argv[1], "mixed"))) {
		fprintf(stderr, "usage: generate small|mixed FRAMES FLOWS FILE\n");
		return 2;
	}
	generator.is_small = strcmp(argv[1], "small") == 0;
	generator.connections = calloc(generator.n_connections, sizeof(*generator.connections));
	generator.out = fopen(argv[4], "wb");
	if (!generator.connections || !generator.out || !generate(&generator, n_frames)) {
		perror(argv[4]);
		return 1;
	}
	free(generator.connections);
	return 0;
}
