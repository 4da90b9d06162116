/* Captures as somebody would craft them to make an analyzer slow or let it eat memory, and one that is only very long.
 * They go to standard output as they are made, so that none of them needs a disk. The same arguments give the same
 *bytes.
 *
 *	storm KIND [COUNT [SEED]] */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "flow/key.h"
#include "frames.h"

enum { whole_frames = 262144, headers_only = 66 }; /* snaplens */

struct storm {
	struct frames frames;
	uint64_t count; /* of what, the table of kinds says */
	uint64_t seed;  /* that a flood of colliding tuples is aimed at */
};

/* What a connection says, line by line; all connections of a kind say the same. */
struct line {
	unsigned dir;
	uint8_t flags;
	uint32_t payload;
};

/* splitmix64: something random about number `index`, without remembering it. */
static uint64_t scattered(uint64_t index)
{
	uint64_t z = (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void set_syn_options(struct segment *segment)
{
	/* MSS 1460, SACK permitted, windows shifted by 10. */
	static const uint8_t options[] = { 2, 4, 0x05, 0xb4, 4, 2, 1, 1, 3, 3, 10, 1 };

	memcpy(segment->options, options, sizeof(options));
	segment->n_options = sizeof(options);
}

static bool write_segment(struct storm *storm, const struct tuple *tuple, struct segment *segment)
{
	if (segment->flags & SYN)
		set_syn_options(segment);
	if (segment->window == 0)
		segment->window = 1024; /* MiB by its scale: never in the way */
	segment->ip_id = (uint16_t)segment->seq;
	return frames_write(&storm->frames, tuple, segment);
}

/* Between packets 0.5 to 1.5 microseconds pass, as in the mixed capture that they are compared with. */
static void pass_time(struct storm *storm)
{
	storm->frames.now += 500 + frames_random(&storm->frames, 1000);
}

/* Connections first to first + count - 1 say the script's lines by turns: all the first line, then all the second.
 * Their order is scattered, for what comes in order is easily prefetched. */
static bool play(struct storm *storm, void (*make)(const struct storm *, uint64_t, struct tuple *),
                 const struct line *script, size_t n_lines, uint64_t first, uint64_t count)
{
	const uint64_t stride = 2654435761; /* a prime */
	uint32_t said[2] = { 0, 0 };

	for (size_t i = 0; i < n_lines; i++) {
		const struct line *line = &script[i];

		for (uint64_t n = 0; n < count; n++) {
			uint64_t index = first + n * stride % count, isn = scattered(index);
			uint32_t isns[2] = { (uint32_t)isn, (uint32_t)(isn >> 32) };
			struct segment segment = { .dir = line->dir,
				                   .seq = isns[line->dir] + said[line->dir],
				                   .ack = isns[!line->dir] + said[!line->dir],
				                   .payload = line->payload,
				                   .flags = line->flags };
			struct tuple tuple;

			make(storm, index, &tuple);
			pass_time(storm);
			if (!write_segment(storm, &tuple, &segment))
				return false;
		}
		said[line->dir] += line->payload + !!(line->flags & SYN);
	}
	return true;
}

/* A healthy conversation, so that the hash is all that differs from other captures. */
static const struct line conversation[] = {
	{ 0, SYN, 0 },         { 1, SYN | ACK, 0 },   { 0, ACK, 0 },         { 0, PSH | ACK, 120 },
	{ 1, PSH | ACK, 300 }, { 0, PSH | ACK, 120 }, { 1, PSH | ACK, 300 }, { 0, PSH | ACK, 120 },
	{ 1, PSH | ACK, 300 }, { 0, ACK, 0 },
};

enum { n_lines = sizeof(conversation) / sizeof(conversation[0]) };

static const uint64_t client_prefix = UINT64_C(0x20010db800000000), server_prefix = UINT64_C(0xfd00000000000000);

/* XXH3 folds the 40 bytes of a key with four multiplications, of two lanes of eight bytes each, which are XORed with a
 * secret (that everybody knows) plus or minus the seed. Where one lane is made to equal that the product is 0, whatever
 * the other holds. The last product is of the lower half of the higher address with what follows it, the ports: so
 * between two such addresses all tuples have one hash, in all of its 64 bits, for who knows the seed. */
static void colliding_tuple(const struct storm *storm, uint64_t index, struct tuple *ret_tuple)
{
	const uint64_t secret = UINT64_C(0xdb979083e96dd4de); /* of lane 24..31, read as little endian */
	const uint16_t n_ports = 60000, first_port = 1024;

	ret_tuple->address[0] = frames_ipv6(client_prefix, 1);
	ret_tuple->address[1] = frames_ipv6(server_prefix, __builtin_bswap64(secret + storm->seed));
	ret_tuple->port[0] = (uint16_t)(first_port + index % n_ports);
	ret_tuple->port[1] = (uint16_t)(first_port + index / n_ports);
}

/* Differs from the above only in the addresses. */
static void random_tuple(const struct storm *storm, uint64_t index, struct tuple *ret_tuple)
{
	colliding_tuple(storm, index, ret_tuple);
	ret_tuple->address[0] = frames_ipv6(client_prefix, scattered(index));
	ret_tuple->address[1] = frames_ipv6(server_prefix, 1);
}

static uint64_t hash_of(const struct storm *storm, uint64_t index)
{
	struct tuple tuple;
	struct fl_key key;

	colliding_tuple(storm, index, &tuple);
	key_of(&tuple.address[0], tuple.port[0], &tuple.address[1], tuple.port[1], 0, &key);
	return XXH3_64bits_withSeed(&key, sizeof(key), storm->seed);
}

/* As src/flow/table.c hashes. When that changes, so that these tuples are as good as random, somebody must hear of it.
 */
static bool collide(const struct storm *storm)
{
	uint64_t hash = hash_of(storm, 0);

	for (uint64_t index = 1; index < storm->count; index++) {
		if (hash_of(storm, index) != hash) {
			fprintf(stderr, "storm: tuples %llu and 0 do not collide: keys are hashed otherwise now\n",
			        (unsigned long long)index);
			return false;
		}
	}
	return true;
}

static bool hash_flood(struct storm *storm)
{
	return collide(storm) && play(storm, colliding_tuple, conversation, n_lines, 0, storm->count);
}

static bool hash_random(struct storm *storm)
{
	return play(storm, random_tuple, conversation, n_lines, 0, storm->count);
}

/* All IPv4 addresses come once before one comes again. */
static void flooding_tuple(const struct storm *storm, uint64_t index, struct tuple *ret_tuple)
{
	const uint32_t odd = 0x9e3779b1, server = 0xc0000201;

	(void)storm;
	ret_tuple->address[0] = frames_ipv4((uint32_t)(index + 1) * odd);
	ret_tuple->address[1] = frames_ipv4(server);
	ret_tuple->port[0] = (uint16_t)(1024 + (scattered(index) & 0x7fff));
	ret_tuple->port[1] = 443;
}

static bool syn_flood(struct storm *storm)
{
	return play(storm, flooding_tuple, conversation, 1, 0, storm->count);
}

/* A thousand at a time, as a client with so many sockets would do it. */
static bool reset_flood(struct storm *storm)
{
	static const struct line script[] = {
		{ 0, SYN, 0 }, { 1, SYN | ACK, 0 }, { 0, ACK, 0 }, { 0, PSH | ACK, 100 }, { 1, RST | ACK, 0 },
	};
	const uint64_t block = 1000;

	for (uint64_t first = 0; first < storm->count; first += block) {
		uint64_t left = storm->count - first;

		if (!play(storm, flooding_tuple, script, sizeof(script) / sizeof(script[0]), first,
		          left < block ? left : block))
			return false;
	}
	return true;
}

enum { overlap_window = 1 << 20, largest_payload = 1448, server_isn = 5000 };

/* A sender and a receiver that lost each other: the first byte that the receiver waits for never comes. */
struct overlap {
	uint32_t una;  /* what the receiver ACKs */
	uint32_t top;  /* behind the highest byte sent */
	uint32_t last; /* where the segment before began */
};

static bool write_data(struct storm *storm, const struct tuple *tuple, struct overlap *overlap, uint32_t seq,
                       uint32_t payload)
{
	struct segment segment = { .dir = 0, .ack = server_isn + 1, .payload = payload, .flags = PSH | ACK };
	uint32_t end;

	if (overlap->una - seq < payload)
		seq = overlap->una + 1;
	segment.seq = overlap->last = seq;
	end = seq + payload - overlap->una; /* large for what lies below */
	if (end > overlap->top - overlap->una && end < overlap_window)
		overlap->top = seq + payload;
	return write_segment(storm, tuple, &segment);
}

/* Somewhere in what was sent, over the byte that never comes. */
static uint32_t anywhere(struct storm *storm, const struct overlap *overlap)
{
	return overlap->una + 1 + frames_random(&storm->frames, overlap->top - overlap->una);
}

/* Four blocks; the first may lie in another of them, as a D-SACK does (RFC 2883). The window moves on when it is full,
 * over gaps that were never filled. */
static bool write_sack(struct storm *storm, const struct tuple *tuple, struct overlap *overlap)
{
	enum { n_blocks = 4, before = 4 };
	struct segment segment = { .dir = 1, .seq = server_isn + 1, .flags = ACK };
	uint8_t *at = segment.options;

	if (overlap->top - overlap->una > overlap_window - 2 * largest_payload)
		overlap->una += overlap_window / 2;
	segment.ack = overlap->una;
	*at++ = 1;
	*at++ = 1;
	*at++ = 5;
	*at++ = 2 + 8 * n_blocks;
	for (unsigned i = 0; i < n_blocks; i++, at += 8) {
		uint32_t start = anywhere(storm, overlap);

		put32(at, start);
		put32(at + 4, start + 1 + frames_random(&storm->frames, largest_payload));
	}
	segment.n_options = before + 8 * n_blocks;
	return write_segment(storm, tuple, &segment);
}

/* Of a hundred packets 25 are tiny and skip some bytes, 25 are tiny and land anywhere in what was skipped, 15 overlap
 * the one before by a part, 5 are large, 30 SACK. */
static bool overlap_packet(struct storm *storm, const struct tuple *tuple, struct overlap *overlap)
{
	const uint32_t tiny = 32, skip = 256;
	struct frames *frames = &storm->frames;
	uint32_t kind = frames_random(frames, 100);

	if (kind < 25)
		return write_data(storm, tuple, overlap, overlap->top + 1 + frames_random(frames, skip),
		                  1 + frames_random(frames, tiny));
	if (kind < 50)
		return write_data(storm, tuple, overlap, anywhere(storm, overlap), 1 + frames_random(frames, tiny));
	if (kind < 65) {
		uint32_t shift = frames_random(frames, largest_payload);

		return write_data(storm, tuple, overlap, overlap->last + shift - largest_payload / 2,
		                  1 + frames_random(frames, largest_payload));
	}
	if (kind < 70)
		return write_data(storm, tuple, overlap, anywhere(storm, overlap), largest_payload);
	return write_sack(storm, tuple, overlap);
}

static bool establish(struct storm *storm, const struct tuple *tuple, uint32_t isn)
{
	struct segment syn = { .dir = 0, .seq = isn, .flags = SYN };
	struct segment syn_ack = { .dir = 1, .seq = server_isn, .ack = isn + 1, .flags = SYN | ACK };
	struct segment ack = { .dir = 0, .seq = isn + 1, .ack = server_isn + 1, .flags = ACK };

	return write_segment(storm, tuple, &syn) && write_segment(storm, tuple, &syn_ack) &&
	       write_segment(storm, tuple, &ack);
}

static bool overlap_flows(struct storm *storm, uint32_t n_flows)
{
	struct overlap *overlaps = calloc(n_flows, sizeof(*overlaps));
	struct tuple tuple;
	bool ok = overlaps != NULL;

	for (uint32_t i = 0; ok && i < n_flows; i++) {
		const uint32_t client_isn = 0xffff0000; /* wraps inside the window */

		flooding_tuple(storm, i, &tuple);
		overlaps[i] = (struct overlap){ client_isn + 1, client_isn + 1, client_isn + 1 };
		ok = establish(storm, &tuple, client_isn);
	}
	for (uint64_t n = 3 * n_flows; ok && n < storm->count; n++) {
		uint32_t index = frames_random(&storm->frames, n_flows);

		pass_time(storm);
		flooding_tuple(storm, index, &tuple);
		ok = overlap_packet(storm, &tuple, &overlaps[index]);
	}
	free(overlaps);
	return ok;
}

static bool overlap_one(struct storm *storm)
{
	return overlap_flows(storm, 1);
}

static bool overlap_many(struct storm *storm)
{
	return overlap_flows(storm, 300);
}

/* Bulk data as a network card's offload shows it to a capture: 45 segments in one. */
enum { super_segment = 45 * largest_payload, request = 200 };

static bool say(struct storm *storm, const struct tuple *tuple, unsigned dir, uint8_t flags, uint32_t payload,
                uint32_t next[2])
{
	const uint64_t at_10_gbit = 52000; /* ns for a super-segment; the ACKs take their turn */
	struct segment segment = {
		.dir = dir, .seq = next[dir], .ack = next[!dir], .payload = payload, .window = 65535, .flags = flags
	};

	storm->frames.now += payload > 0 ? at_10_gbit : at_10_gbit / 10;
	next[dir] += payload + !!(flags & (SYN | FIN));
	return write_segment(storm, tuple, &segment);
}

/* A download. From its first number on 32 bits wrap twice in 10 GiB, as they would three times from a higher one. */
static bool huge_flow(struct storm *storm)
{
	const uint64_t total = storm->count << 30;
	uint32_t next[2] = { 1000, 0x70000000 };
	struct tuple tuple;
	bool ok;

	flooding_tuple(storm, 1, &tuple);
	ok = say(storm, &tuple, 0, SYN, 0, next) && say(storm, &tuple, 1, SYN | ACK, 0, next) &&
	     say(storm, &tuple, 0, ACK, 0, next) && say(storm, &tuple, 0, PSH | ACK, request, next) &&
	     say(storm, &tuple, 1, ACK, 0, next);
	for (uint64_t sent = 0, n = 0; ok && sent < total; n++) {
		uint32_t payload = total - sent < super_segment ? (uint32_t)(total - sent) : super_segment;

		sent += payload;
		ok = say(storm, &tuple, 1, sent < total ? ACK : PSH | ACK, payload, next);
		if (ok && (n % 2 || sent == total)) /* every second one is ACKed */
			ok = say(storm, &tuple, 0, ACK, 0, next);
	}
	return ok && say(storm, &tuple, 1, FIN | ACK, 0, next) && say(storm, &tuple, 0, FIN | ACK, 0, next) &&
	       say(storm, &tuple, 1, ACK, 0, next);
}

static const struct kind {
	const char *name;
	bool (*blow)(struct storm *storm);
	uint64_t count; /* unless told */
	const char *counted, *help;
	uint32_t snaplen;
} kinds[] = {
	{ "hash-flood", hash_flood, 200000, "tuples", "tuples that have one hash for SEED (0), 10 packets each",
	  whole_frames },
	{ "hash-random", hash_random, 200000, "tuples", "the same with tuples at random", whole_frames },
	{ "overlap", overlap_one, 2000000, "packets", "a flow of segments that overlap, out of order, with gaps",
	  whole_frames },
	{ "overlap-many", overlap_many, 2000000, "packets", "300 such flows", whole_frames },
	{ "syn-flood", syn_flood, 5000000, "SYNs", "each of a tuple of its own, never answered", whole_frames },
	{ "reset-flood", reset_flood, 1000000, "flows", "handshake, data, RST", whole_frames },
	{ "huge-flow", huge_flow, 10, "GiB", "one healthy download, only headers of which are captured", headers_only },
};

enum { n_kinds = sizeof(kinds) / sizeof(kinds[0]) };

static int usage(void)
{
	fprintf(stderr, "usage: storm KIND [COUNT [SEED]] > CAPTURE\n");
	for (size_t i = 0; i < n_kinds; i++)
		fprintf(stderr, "  %-12s %8llu %-7s  %s\n", kinds[i].name, (unsigned long long)kinds[i].count,
		        kinds[i].counted, kinds[i].help);
	return 2;
}

static int run(const struct kind *kind, struct storm *storm)
{
	bool ok = frames_begin(&storm->frames, stdout, kind->snaplen) && kind->blow(storm);

	if (fclose(stdout) != 0 || !ok) {
		perror("storm");
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct storm storm = { .seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 0 };

	for (size_t i = 0; argc > 1 && i < n_kinds; i++) {
		if (strcmp(argv[1], kinds[i].name) != 0)
			continue;
		storm.count = argc > 2 ? strtoull(argv[2], NULL, 10) : kinds[i].count;
		return storm.count > 0 ? run(&kinds[i], &storm) : usage();
	}
	return usage();
}
