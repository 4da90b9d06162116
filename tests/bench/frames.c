/* Frames are written as they are made: a capture that goes into a pipe needs no room, however long it is. */
#include "frames.h"

#include <arpa/inet.h>
#include <string.h>

enum { ethernet_size = 14, ipv4_size = 20, ipv6_size = 40, tcp_size = 20 };

struct record {
	uint32_t seconds, microseconds, captured, length;
};

void put16(uint8_t *at, uint16_t value)
{
	value = htons(value);
	memcpy(at, &value, sizeof(value));
}

void put32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	memcpy(at, &value, sizeof(value));
}

struct fl_address frames_ipv4(uint32_t address)
{
	struct fl_address result = { .family = 4 };

	put32(result.bytes, address);
	return result;
}

struct fl_address frames_ipv6(uint64_t prefix, uint64_t rest)
{
	struct fl_address result = { .family = 6 };

	put32(result.bytes, (uint32_t)(prefix >> 32));
	put32(result.bytes + 4, (uint32_t)prefix);
	put32(result.bytes + 8, (uint32_t)(rest >> 32));
	put32(result.bytes + 12, (uint32_t)rest);
	return result;
}

bool frames_begin(struct frames *frames, FILE *out, uint32_t snaplen)
{
	const uint32_t header[] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, snaplen, 1 /* Ethernet */ };

	*frames = (struct frames){ .out = out,
		                   .random = UINT64_C(0x9e3779b97f4a7c15),
		                   .now = UINT64_C(1768381200000000000),
		                   .snaplen = snaplen };
	return fwrite(header, sizeof(header), 1, out) == 1;
}

/* xorshift64*: the bytes must be the same everywhere, so not the C library's. */
uint32_t frames_random(struct frames *frames, uint32_t limit)
{
	uint64_t x = frames->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	frames->random = x;
	return (uint32_t)(((x * UINT64_C(0x2545f4914f6cdd1d)) >> 32) * limit >> 32);
}

static uint16_t ip_checksum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < ipv4_size; i += 2)
		sum += (uint32_t)header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

static void put_ipv4(uint8_t *ip, const struct tuple *tuple, const struct segment *segment, uint32_t total)
{
	memset(ip, 0, ipv4_size);
	ip[0] = 0x45;
	put16(ip + 2, (uint16_t)(ipv4_size + total));
	put16(ip + 4, segment->ip_id);
	ip[6] = 0x40; /* don't fragment */
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, tuple->address[segment->dir].bytes, 4);
	memcpy(ip + 16, tuple->address[!segment->dir].bytes, 4);
	put16(ip + 10, ip_checksum(ip));
}

static void put_ipv6(uint8_t *ip, const struct tuple *tuple, const struct segment *segment, uint32_t total)
{
	memset(ip, 0, ipv6_size);
	ip[0] = 0x60;
	put16(ip + 4, (uint16_t)total);
	ip[6] = 6;
	ip[7] = 64;
	memcpy(ip + 8, tuple->address[segment->dir].bytes, 16);
	memcpy(ip + 24, tuple->address[!segment->dir].bytes, 16);
}

static void put_tcp(uint8_t *tcp, const struct tuple *tuple, const struct segment *segment)
{
	memset(tcp, 0, tcp_size);
	put16(tcp, tuple->port[segment->dir]);
	put16(tcp + 2, tuple->port[!segment->dir]);
	put32(tcp + 4, segment->seq);
	put32(tcp + 8, segment->flags & ACK ? segment->ack : 0);
	tcp[12] = (uint8_t)((tcp_size + segment->n_options) / 4 << 4);
	tcp[13] = segment->flags;
	put16(tcp + 14, segment->window);
	memcpy(tcp + tcp_size, segment->options, segment->n_options);
}

static bool write_frame(struct frames *frames, uint32_t length)
{
	uint32_t most = frames->snaplen < most_captured ? frames->snaplen : most_captured;
	struct record record = { .seconds = (uint32_t)(frames->now / 1000000000),
		                 .microseconds = (uint32_t)(frames->now / 1000 % 1000000),
		                 .captured = length < most ? length : most,
		                 .length = length };

	return fwrite(&record, sizeof(record), 1, frames->out) == 1 &&
	       fwrite(frames->frame, record.captured, 1, frames->out) == 1;
}

bool frames_write(struct frames *frames, const struct tuple *tuple, const struct segment *segment)
{
	static const uint8_t ethernet[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	bool is_ipv4 = tuple->address[0].family == 4;
	uint8_t *ip = frames->frame + ethernet_size, *tcp = ip + (is_ipv4 ? ipv4_size : ipv6_size);
	uint8_t *payload = tcp + tcp_size + segment->n_options;
	uint32_t headers = (uint32_t)(payload - frames->frame), room = most_captured - headers;
	uint32_t total = (uint32_t)(payload - tcp) + segment->payload;

	memcpy(frames->frame, ethernet, sizeof(ethernet));
	put16(frames->frame + sizeof(ethernet), is_ipv4 ? 0x0800 : 0x86dd);
	if (is_ipv4)
		put_ipv4(ip, tuple, segment, total);
	else
		put_ipv6(ip, tuple, segment, total);
	put_tcp(tcp, tuple, segment);
	memset(payload, 'f', segment->payload < room ? segment->payload : room);
	return write_frame(frames, headers + segment->payload);
}
