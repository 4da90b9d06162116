/* The table of flows: which connection does a packet belong to? A flow is one connection (incarnation); a tuple's slot
 * shows its newest. Several packets are aimed and their flows fetched first: with many flows, waiting for memory is
 * what costs. The hash is seeded, and nothing that is printed depends on its order. */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "blocks.h"
#include "flatline/flow.h"
#include "key.h"
#include "leaving.h"
#include "pages.h"
#include "tombstones.h"

/* A place of the hash table: the lower half of the hash, from which its home follows when the table grows without a
 * look at the flow, and the slot of the flow plus one (0: empty). */
enum { tombstones_part = 8 }; /* of the memory goes to them at most */

struct place {
	uint32_t tag;
	uint32_t slot_plus_one;
};

struct fl_flows {
	struct fl_flows_settings settings;
	struct blocks blocks;
	struct place *places;
	size_t n_places; /* a power of two */
	size_t n_tuples;
	struct tombstones tombstones;
	uint32_t next_stream;
	uint64_t evicted;
	int64_t left_at;
	uint32_t let_go_from; /* the slot where the next look for those that are over begins */
};

enum { first_places = 1024 };

struct fl_flows *fl_flows_new(const struct fl_flows_settings *settings)
{
	struct fl_flows *flows = calloc(1, sizeof(*flows));

	if (!flows)
		return NULL;
	flows->settings = *settings;
	flows->left_at = FL_TIME_NONE;
	blocks_init(&flows->blocks);
	flows->n_places = first_places;
	flows->places = pages_take(flows->n_places * sizeof(*flows->places));
	if (!flows->places) {
		free(flows);
		return NULL;
	}
	return flows;
}

void fl_flows_free(struct fl_flows *flows)
{
	if (!flows)
		return;
	blocks_deinit(&flows->blocks);
	tombstones_deinit(&flows->tombstones);
	pages_give(flows->places, flows->n_places * sizeof(*flows->places));
	free(flows);
}

uint64_t fl_flows_hash(const struct fl_flows *flows, const struct fl_address *address, uint16_t port)
{
	return XXH3_64bits_withSeed(address->bytes, sizeof(address->bytes), flows->settings.seed + port);
}

static uint64_t hash_key(const struct fl_flows *flows, const struct fl_key *key)
{
	return XXH3_64bits_withSeed(key, sizeof(*key), flows->settings.seed);
}

static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)hash;
}

static size_t place_of(const struct fl_flows *flows, uint64_t hash)
{
	return hash & (flows->n_places - 1);
}

void fl_flows_aim(const struct fl_flows *flows, const struct fl_packet *packet, struct fl_aim *ret_aim)
{
	uint16_t vlan = flows->settings.vlan_in_key ? packet->vlan[0] : 0;

	ret_aim->is_swapped = key_of(&packet->source, packet->source_port, &packet->target, packet->target_port, vlan,
	                             &ret_aim->key);
	ret_aim->flow = NULL;
	ret_aim->hash = hash_key(flows, &ret_aim->key);
	__builtin_prefetch(&flows->places[place_of(flows, ret_aim->hash)]);
}

/* From place `at` on, the first that is empty or has the tag. */
static size_t look_on(const struct fl_flows *flows, size_t at, uint32_t tag)
{
	size_t mask = flows->n_places - 1;

	while (flows->places[at & mask].slot_plus_one != 0 && flows->places[at & mask].tag != tag)
		at++;
	return at & mask;
}

void fl_flows_fetch(const struct fl_flows *flows, struct fl_aim *aim)
{
	const struct place *place = &flows->places[look_on(flows, place_of(flows, aim->hash), tag_of(aim->hash))];

	if (place->slot_plus_one == 0) { /* a new one */
		tombstones_prefetch(&flows->tombstones, aim->hash);
		return;
	}

	aim->flow = blocks_hot(&flows->blocks, place->slot_plus_one - 1);
	blocks_fetch(aim->flow, sizeof(struct fl_flow));
}

void fl_flows_fetch_rest(const struct fl_aim *aim)
{
	if (aim->flow)
		blocks_fetch(aim->flow->cold, sizeof(struct fl_cold));
}

/* The place of the key, or the empty place where it belongs. */
static struct place *find_place(const struct fl_flows *flows, const struct fl_key *key, uint64_t hash)
{
	size_t at = place_of(flows, hash);
	uint32_t tag = tag_of(hash);

	for (;; at++) {
		at = look_on(flows, at, tag);

		struct place *place = &flows->places[at];

		if (place->slot_plus_one == 0 ||
		    key_equal(&blocks_hot(&flows->blocks, place->slot_plus_one - 1)->key, key))
			return place;
	}
}

/* Grows or rebuilds the table so that one more tuple fits below four fifths. */
static bool make_room(struct fl_flows *flows)
{
	size_t n_places = flows->n_places;

	if ((flows->n_tuples + 1) * 5 <= n_places * 4)
		return true;

	struct place *old = flows->places, *places = pages_take(n_places * 2 * sizeof(*places));

	if (!places)
		return false;
	flows->places = places;
	flows->n_places = n_places * 2;
	for (size_t i = 0; i < n_places; i++) {
		if (old[i].slot_plus_one == 0)
			continue;

		size_t at = place_of(flows, old[i].tag);

		while (places[at].slot_plus_one != 0)
			at = (at + 1) & (flows->n_places - 1);
		places[at] = old[i];
	}
	pages_give(old, n_places * sizeof(*old));
	return true;
}

size_t fl_flows_memory(const struct fl_flows *flows)
{
	return flows->blocks.memory + flows->n_places * sizeof(*flows->places) +
	       flows->tombstones.size * sizeof(struct tombstone);
}

/* Takes the key out of the table, and moves those behind it up (linear probing without deleted marks). */
static void remove_place(struct fl_flows *flows, struct place *place)
{
	size_t mask = flows->n_places - 1, hole = (size_t)(place - flows->places);

	for (size_t at = (hole + 1) & mask; flows->places[at].slot_plus_one != 0; at = (at + 1) & mask) {
		size_t home = place_of(flows, flows->places[at].tag);

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			flows->places[hole] = flows->places[at];
			hole = at;
		}
	}
	flows->places[hole] = (struct place){ 0 };
	flows->n_tuples--;
}

/* What evict() is about to look at. */
static void fetch_leaving(const struct fl_flows *flows, uint32_t slot)
{
	const struct fl_flow *flow = blocks_hot(&flows->blocks, slot);
	uint64_t hash = hash_key(flows, &flow->key);

	__builtin_prefetch(&flows->places[place_of(flows, hash)]);
	tombstones_prefetch(&flows->tombstones, hash);
	blocks_fetch(flow->cold, sizeof(struct fl_cold));
}

static void evict(struct fl_flows *flows, uint32_t slot)
{
	struct fl_flow *flow = blocks_hot(&flows->blocks, slot);
	uint64_t hash = hash_key(flows, &flow->key);
	struct place *place = find_place(flows, &flow->key, hash);

	if (leaving_last_seen(flow) > flows->left_at)
		flows->left_at = leaving_last_seen(flow);
	if (flow->id != FL_FLOW_UNSEEN && flows->settings.on_evict)
		flows->settings.on_evict(flows->settings.context, flow);
	if (place->slot_plus_one == slot + 1) {
		tombstones_put(&flows->tombstones, hash, &flow->wireshark, flows->settings.memory / tombstones_part);
		remove_place(flows, place);
	}
	if (flow->id != FL_FLOW_UNSEEN)
		blocks_forget(&flows->blocks, flow->id);
	blocks_give(&flows->blocks, slot);
	flows->evicted++;
}

static void evict_these(struct fl_flows *flows, const uint32_t *slots, size_t count)
{
	const size_t far = 4, near = 2; /* how long before its turn a flow's memory is asked for */

	for (size_t i = 0; i < count; i++) {
		if (i + far < count)
			blocks_fetch(blocks_hot(&flows->blocks, slots[i + far]), sizeof(struct fl_flow));
		if (i + near < count)
			fetch_leaving(flows, slots[i + near]);
		evict(flows, slots[i]);
	}
}

/* Lets a quarter of the flows go. So many at once keep the cost per new flow small and constant. */
static void evict_some(struct fl_flows *flows, enum leaving_whom whom)
{
	uint32_t *slots;
	size_t count = leaving_choose(&flows->blocks, whom, &slots);

	evict_these(flows, slots, count);
	free(slots);
}

void fl_flows_let_go(struct fl_flows *flows, int64_t before, size_t most,
                     void (*announce)(void *context, const struct fl_flow *flow), void *context)
{
	uint32_t *slots;
	size_t count = leaving_over(&flows->blocks, before, most, &flows->let_go_from, &slots);

	for (size_t i = 0; announce && i < count; i++)
		announce(context, blocks_hot(&flows->blocks, slots[i]));
	evict_these(flows, slots, count);
	free(slots);
}

/* Flows that are there already grow when something is the matter with them: no new flow is needed to fill the memory.
 */
static bool is_mostly_sick(const struct fl_flows *flows)
{
	const size_t least = 1 << 20;
	const struct blocks *blocks = &flows->blocks;
	size_t sick = blocks->memory - blocks->used * sizeof(struct fl_flow) -
	              blocks->cold_used * sizeof(struct fl_cold) - blocks->id_memory;

	return flows->settings.memory > 0 && sick > least && sick > flows->settings.memory / 2;
}

/* No block is free of those of which `used` are there, and the memory says that there are to be no more. Hot blocks get
 * half of it at most: those who have only them must leave room for the cold ones of the others. */
static bool is_short_of_hot(const struct fl_flows *flows)
{
	const struct blocks *blocks = &flows->blocks;
	const uint32_t least = 8;

	return flows->settings.memory > 0 && blocks->n_free == 0 && blocks->used > least &&
	       (fl_flows_memory(flows) > flows->settings.memory ||
	        blocks->used * sizeof(struct fl_flow) > flows->settings.memory / 2);
}

static bool is_short_of_cold(const struct fl_flows *flows)
{
	const struct blocks *blocks = &flows->blocks;
	const uint32_t least = 8;

	return flows->settings.memory > 0 && blocks->n_cold_free == 0 && blocks->cold_used > least &&
	       fl_flows_memory(flows) > flows->settings.memory;
}

bool fl_flows_warm(struct fl_flows *flows, struct fl_flow *flow)
{
	if (is_short_of_cold(flows))
		evict_some(flows, LEAVING_WITH_COLD); /* not this one: it has none yet */
	if (!blocks_warm(&flows->blocks, flow))
		return false;
	flow->marks &= (uint16_t)~FL_MARK_LONE;
	if (flow->id != FL_FLOW_UNSEEN)
		blocks_unmark_lone(&flows->blocks, flow->id);
	return true;
}

/* A hot block for a new flow on `key`, which is in no place yet. */
static struct fl_flow *new_flow(struct fl_flows *flows, const struct fl_key *key, uint32_t *ret_slot)
{
	if (is_short_of_hot(flows))
		evict_some(flows, LEAVING_ANY);

	uint32_t slot = blocks_take(&flows->blocks);

	if (slot == BLOCKS_NO_SLOT)
		return NULL;

	struct fl_flow *flow = blocks_hot(&flows->blocks, slot);

	flow->key = *key;
	flow->id = FL_FLOW_UNSEEN;
	flow->stream = FL_STREAM_NONE;
	flow->wireshark.stream = FL_STREAM_NONE;
	*ret_slot = slot;
	return flow;
}

/* A flow for a tuple that has none. */
static struct fl_flow *add_tuple(struct fl_flows *flows, const struct fl_key *key, uint64_t hash, uint32_t *ret_slot)
{
	struct fl_flow *flow = new_flow(flows, key, ret_slot);

	if (!flow)
		return NULL;
	if (!make_room(flows)) {
		blocks_give(&flows->blocks, *ret_slot);
		return NULL;
	}

	const struct tombstone *stone = tombstones_find(&flows->tombstones, hash);

	if (stone) {
		flow->wireshark = stone->wireshark;
		flow->marks |= FL_MARK_RETURNED;
	}
	*find_place(flows, key, hash) = (struct place){ tag_of(hash), *ret_slot + 1 };
	flows->n_tuples++;
	return flow;
}

/* A SYN, and nothing with it that fl_lone has no place for. */
static bool is_bare_syn(const struct fl_packet *packet)
{
	return (packet->flags & (FL_TCP_SYN | FL_TCP_ACK | FL_TCP_FIN | FL_TCP_RST)) == FL_TCP_SYN &&
	       packet->length == 0 && !(packet->options.present & FL_OPT_SACK);
}

/* The first packet of a connection: it gets its number, and its sender becomes end[0]. */
static bool begin(struct fl_flows *flows, struct fl_flow *flow, uint32_t slot, bool first_is_high, bool is_lone)
{
	/* Others may leave for its cold block, and are judged then: nobody is to meet one that has none yet. */
	if (!is_lone && !fl_flows_warm(flows, flow))
		return false;
	if (!blocks_number(&flows->blocks, slot))
		return false;
	flow->first_is_high = first_is_high;
	flow->stream = flow->wireshark.stream;
	if (is_lone) {
		flow->marks |= FL_MARK_LONE;
		blocks_mark_lone(&flows->blocks, flow->id);
	}
	return true;
}

static void step_number(struct fl_flows *flows, struct fl_flow *flow, unsigned key_dir, uint32_t seq, uint32_t ack,
                        uint8_t flags)
{
	if (flows->settings.number_streams)
		fl_wireshark_id_step(&flow->wireshark, &flows->next_stream, key_dir, seq, ack, flags);
}

struct fl_flow *fl_flows_get(struct fl_flows *flows, const struct fl_aim *aim, const struct fl_packet *packet,
                             unsigned *ret_dir)
{
	if (is_mostly_sick(flows))
		evict_some(flows, LEAVING_ANY);

	struct place *place = find_place(flows, &aim->key, aim->hash);
	struct fl_flow *flow;
	uint32_t slot = place->slot_plus_one - 1;

	if (place->slot_plus_one == 0)
		flow = add_tuple(flows, &aim->key, aim->hash, &slot);
	else
		flow = blocks_hot(&flows->blocks, slot);
	if (!flow)
		return NULL;
	step_number(flows, flow, aim->is_swapped, packet->seq, packet->ack, packet->flags);
	if (flow->id == FL_FLOW_UNSEEN) {
		if ((packet->flags & (FL_TCP_SYN | FL_TCP_ACK)) == FL_TCP_SYN)
			flow->marks &=
				(uint16_t)~FL_MARK_RETURNED; /* a connection of its own, whatever left before it */
		if (!begin(flows, flow, slot, aim->is_swapped, flows->settings.keeps_lone && is_bare_syn(packet)))
			return NULL;
	}
	*ret_dir = aim->is_swapped != flow->first_is_high;
	return flow;
}

struct fl_flow *fl_flows_renew(struct fl_flows *flows, struct fl_flow *old, const struct fl_aim *aim,
                               const struct fl_packet *packet)
{
	struct fl_wireshark_id wireshark = old->wireshark;
	uint32_t slot;

	(void)packet;
	old->marks |= FL_MARK_GONE;

	struct fl_flow *flow = new_flow(flows, &aim->key, &slot);

	if (!flow)
		return NULL;
	/* Making the new one may have let the old one go, and its place with it. */
	struct place *place = find_place(flows, &aim->key, aim->hash);

	if (place->slot_plus_one == 0) {
		if (!make_room(flows)) {
			blocks_give(&flows->blocks, slot);
			return NULL;
		}
		place = find_place(flows, &aim->key, aim->hash);
		flows->n_tuples++;
	}
	*place = (struct place){ tag_of(aim->hash), slot + 1 };
	flow->wireshark = wireshark;
	return begin(flows, flow, slot, aim->is_swapped, false) ? flow : NULL;
}

void fl_flows_return(struct fl_flows *flows, struct fl_flow *old, struct fl_flow *attempt, const struct fl_aim *aim)
{
	struct place *place = find_place(flows, &aim->key, aim->hash);

	old->wireshark = attempt->wireshark;
	old->marks &= (uint16_t)~FL_MARK_GONE;
	attempt->marks |= FL_MARK_GONE;
	place->slot_plus_one = blocks_slot_of(&flows->blocks, old->id) + 1;
}

struct fl_flow *fl_flows_quoted(struct fl_flows *flows, const struct fl_packet *packet, unsigned *ret_dir)
{
	const struct fl_icmp_error *icmp = &packet->icmp;
	const unsigned enough_for_tshark = 16;
	struct fl_key key;
	uint16_t vlan = flows->settings.vlan_in_key ? packet->vlan[0] : 0;

	if (icmp->protocol != 6 || icmp->quoted < 4)
		return NULL;

	bool is_swapped = key_of(&icmp->from, icmp->from_port, &icmp->to, icmp->to_port, vlan, &key);
	uint64_t hash = hash_key(flows, &key);
	const struct place *place = find_place(flows, &key, hash);
	uint32_t slot = place->slot_plus_one - 1;
	struct fl_flow *flow = NULL;

	if (place->slot_plus_one != 0)
		flow = blocks_hot(&flows->blocks, slot);
	else if (icmp->quoted >= enough_for_tshark && flows->settings.number_streams)
		flow = add_tuple(flows, &key, hash, &slot);
	if (!flow)
		return NULL;
	if (icmp->quoted >= enough_for_tshark)
		step_number(flows, flow, is_swapped, icmp->seq, icmp->ack, icmp->flags);
	if (flow->id == FL_FLOW_UNSEEN)
		return NULL;
	*ret_dir = is_swapped != flow->first_is_high;
	return flow;
}

struct fl_sick *fl_flows_sicken(struct fl_flows *flows, struct fl_flow *flow)
{
	if (!flow->sick) {
		flow->sick = calloc(1, sizeof(*flow->sick));
		if (flow->sick) {
			flow->sick->size = sizeof(*flow->sick);
			flows->blocks.memory += sizeof(*flow->sick);
		}
	}
	return flow->sick;
}

void *fl_flows_sick_bytes(struct fl_flows *flows, struct fl_flow *flow, size_t size)
{
	struct fl_sick *sick = fl_flows_sicken(flows, flow);
	void *bytes = sick ? calloc(1, size) : NULL;

	if (bytes) {
		sick->size += size;
		flows->blocks.memory += size;
	}
	return bytes;
}

void fl_flows_uncount(struct fl_flows *flows, size_t bytes)
{
	flows->blocks.memory -= bytes;
}

void *fl_flows_sick_more(struct fl_flows *flows, struct fl_flow *flow, void *bytes, size_t size, size_t more)
{
	struct fl_sick *sick = fl_flows_sicken(flows, flow);
	void *moved = sick ? realloc(bytes, size + more) : NULL;

	if (moved) {
		sick->size += more;
		flows->blocks.memory += more;
	}
	return moved;
}

size_t fl_flows_count(const struct fl_flows *flows)
{
	return flows->blocks.n_ids;
}

uint64_t fl_flows_numbered(const struct fl_flows *flows)
{
	return flows->blocks.numbered;
}

uint32_t fl_flows_next(const struct fl_flows *flows, uint32_t id)
{
	return blocks_next_id(&flows->blocks, id);
}

uint32_t fl_flows_next_whole(const struct fl_flows *flows, uint32_t id)
{
	return blocks_next_whole(&flows->blocks, id);
}

size_t fl_flows_lone(const struct fl_flows *flows)
{
	return flows->blocks.n_lone;
}

uint32_t fl_flows_recent(const struct fl_flows *flows, uint32_t count)
{
	uint32_t next = flows->blocks.next_id;

	return fl_flows_next(flows, next > count ? next - count : 0);
}

struct fl_flow *fl_flows_at(const struct fl_flows *flows, uint32_t id)
{
	uint32_t slot = blocks_slot_of(&flows->blocks, id);

	return slot == BLOCKS_NO_SLOT ? NULL : blocks_hot(&flows->blocks, slot);
}

void fl_flows_fetch_at(const struct fl_flows *flows, uint32_t id)
{
	const uint32_t ahead = 2;
	const struct fl_flow *flow = fl_flows_at(flows, id), *behind = fl_flows_at(flows, id + ahead);

	if (flow)
		blocks_fetch(flow->cold, sizeof(struct fl_cold));
	if (behind)
		blocks_fetch(behind, sizeof(struct fl_flow));
}

uint64_t fl_flows_evicted(const struct fl_flows *flows)
{
	return flows->evicted;
}

int64_t fl_flows_left_at(const struct fl_flows *flows)
{
	return flows->left_at;
}

void fl_flow_endpoint(const struct fl_flow *flow, unsigned dir, struct fl_address *ret_address, uint16_t *ret_port)
{
	bool high = flow->first_is_high != (dir != 0);

	memcpy(ret_address->bytes, high ? flow->key.high : flow->key.low, sizeof(ret_address->bytes));
	ret_address->family = flow->key.family;
	*ret_port = high ? flow->key.high_port : flow->key.low_port;
}
