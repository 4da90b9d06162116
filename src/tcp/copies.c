/* A bridge, a router captured with all its interfaces, or a mirror port that takes both directions shows each packet
 * more than once. A copy has the same IP identification, numbers and timestamp; it may have lost a hop or more, and may
 * have been seen at another interface. A kernel that sends something again takes a new identification (Linux counts
 * them for each connection), and comes no sooner than a round trip. Where nothing tells the copy but that it is the
 * same, the capture must first have shown that it is one that doubles. */
#include <stdlib.h>
#include <string.h>

#include "flatline/tcp.h"

enum {
	places = 1024, /* packets remembered, each in one place: those of some milliseconds on a busy link */
	enough_suspects = 3,
	suspects_part = 5, /* of all packets, so that chance repeats are not taken for doubling */
};

struct place {
	uint64_t print;
	int64_t at;
	uint32_t at_interface; /* what tells two places of capture apart */
	uint8_t mac[6];
	uint8_t ttl;
};

struct fl_copies {
	uint64_t packets, suspects, certain;
	struct place place[places];
};

struct fl_copies *fl_copies_new(void)
{
	return calloc(1, sizeof(struct fl_copies));
}

void fl_copies_free(struct fl_copies *copies)
{
	free(copies);
}

static uint64_t mixed(uint64_t hash, uint64_t more)
{
	hash = (hash ^ more) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ (hash >> 29);
}

static uint64_t addresses_of(const struct fl_packet *packet)
{
	uint64_t source[2], target[2];

	memcpy(source, packet->source.bytes, sizeof(source));
	memcpy(target, packet->target.bytes, sizeof(target));
	if (packet->source.family == 4) /* the first four bytes, the rest is zero */
		return source[0] << 32 | target[0];
	return mixed(mixed(mixed(source[0], source[1]), target[0]), target[1]);
}

/* All of the packet that a hop leaves as it is. Not seeded: which packets are remembered must not depend on a seed. Of
 * parts that do not wait for each other, since every packet comes by here. */
static uint64_t print_of(const struct fl_packet *packet)
{
	const uint64_t other = UINT64_C(0xc2b2ae3d27d4eb4f);
	uint64_t ports = (uint64_t)packet->source_port << 16 | packet->target_port;
	uint64_t numbers = mixed((uint64_t)packet->seq << 32 | packet->ack, other);
	uint64_t header = mixed(ports << 32 | (uint64_t)packet->ip_id << 16 | packet->window, other << 1);
	uint64_t stamps = mixed((uint64_t)packet->options.ts_value << 32 | packet->options.ts_echo, other << 2);
	uint64_t sizes = mixed((uint64_t)packet->flags << 32 | packet->length, other << 3);
	uint64_t hash = mixed(mixed(mixed(addresses_of(packet), numbers), header), stamps ^ sizes);

	if (packet->options.present & FL_OPT_SACK)
		hash = mixed(hash, (uint64_t)packet->options.sack[0][0] << 32 | packet->options.sack[0][1]);
	return hash ? hash : 1;
}

static uint32_t interface_of(const struct fl_packet *packet)
{
	return packet->place + (uint32_t)packet->interface * 65537;
}

static void remember(struct place *place, uint64_t print, const struct fl_packet *packet)
{
	*place = (struct place){ print, packet->at, interface_of(packet), { 0 }, packet->ttl };
	memcpy(place->mac, packet->mac_source, sizeof(place->mac));
}

bool fl_copies_is_copy(struct fl_copies *copies, const struct fl_packet *packet)
{
	const int64_t at_once = 5 * FL_NS_PER_MS, on_the_way = FL_NS_PER_S;
	uint64_t print = print_of(packet);
	struct place *place = &copies->place[print % places];
	int64_t age = packet->at - place->at;

	copies->packets++;
	if (place->print != print || age < 0 || age > on_the_way) {
		remember(place, print, packet);
		return false;
	}

	bool is_hop_on = place->ttl != packet->ttl, has_id = packet->ip_id != 0;
	bool is_elsewhere = is_hop_on || place->at_interface != interface_of(packet) ||
	                    memcmp(place->mac, packet->mac_source, sizeof(place->mac)) != 0;

	if (is_elsewhere && (age <= at_once || (is_hop_on && has_id))) {
		copies->certain++;
		return true;
	}
	if (age > at_once) { /* sent again, and from now on this one is copied */
		remember(place, print, packet);
		return false;
	}
	/* A kernel that answers two SYNs at once sends the same SYN-ACK twice, without an identification. */
	copies->suspects += has_id || (packet->source.family == 6 && !(packet->flags & FL_TCP_SYN));
	return copies->certain > 0 ||
	       (copies->suspects >= enough_suspects && copies->suspects * suspects_part >= copies->packets);
}
