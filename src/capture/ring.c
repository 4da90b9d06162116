/* Frames lie one behind the other, each in one piece: where the end is too near for one, it goes to the beginning. A
 * place is a number that only grows, so that whatever is older than the oldest is gone, and nothing that points there
 * has to be cleared. The frames of a flow are a chain from the newest back; flows whose ids end in the same bits share
 * one. */
#include "flatline/ring.h"

#include <stdlib.h>
#include <string.h>

enum { bytes_per_chain = 256, chains_least = 16 };

struct entry {
	uint64_t number;
	uint64_t before; /* place of the next older one of its chain */
	int64_t at;
	uint32_t id, caplen, len;
	uint16_t link, interface;
	uint8_t bytes[];
};

struct fl_ring {
	uint8_t *data; /* `size` bytes */
	size_t size;
	int64_t span;
	uint64_t head, tail; /* places: of the next one, and of the oldest */
	uint64_t lap;        /* where this round began, at the beginning of `data` */
	uint64_t cut;        /* where the round before ended */
	size_t count;
	bool goes_by_age;
	size_t mask;
	uint64_t newest[]; /* of each chain */
};

struct fl_ring *fl_ring_new(size_t size, int64_t span)
{
	size_t chains = chains_least, index, whole;
	struct fl_ring *ring;

	while (chains < size / bytes_per_chain / 2)
		chains *= 2;
	index = sizeof(*ring) + chains * sizeof(ring->newest[0]);
	whole = size & ~(_Alignof(struct entry) - 1);
	if (whole <= index)
		return NULL;
	ring = calloc(1, whole);
	if (!ring)
		return NULL;
	ring->data = (uint8_t *)ring + index;
	ring->size = whole - index;
	ring->span = span;
	ring->head = ring->tail = ring->lap = ring->size; /* no place is 0 */
	ring->mask = chains - 1;
	return ring;
}

void fl_ring_free(struct fl_ring *ring)
{
	free(ring);
}

static size_t size_of(uint32_t caplen)
{
	return (sizeof(struct entry) + caplen + _Alignof(struct entry) - 1) & ~(_Alignof(struct entry) - 1);
}

static struct entry *entry_at(const struct fl_ring *ring, uint64_t place)
{
	uint64_t round = place >= ring->lap ? ring->lap : ring->lap - ring->size;

	return (struct entry *)(void *)(ring->data + (place - round));
}

static bool is_there(const struct fl_ring *ring, uint64_t place)
{
	return place >= ring->tail && place < ring->head;
}

static void drop_oldest(struct fl_ring *ring, bool by_age)
{
	ring->tail += size_of(entry_at(ring, ring->tail)->caplen);
	if (ring->tail == ring->cut)
		ring->tail = ring->lap;
	ring->count--;
	ring->goes_by_age = by_age;
}

void fl_ring_expire(struct fl_ring *ring, int64_t now)
{
	while (ring->count > 0 && entry_at(ring, ring->tail)->at < now - ring->span)
		drop_oldest(ring, true);
}

/* `need` bytes in one piece; the place is where they begin. */
static uint64_t make_room(struct fl_ring *ring, size_t need)
{
	bool is_round = ring->head + need > ring->lap + ring->size;
	uint64_t place = is_round ? ring->lap + ring->size : ring->head;

	while (ring->count > 0 && place + need - ring->tail > ring->size)
		drop_oldest(ring, false);
	if (is_round) {
		ring->cut = ring->head;
		ring->lap = place;
	}
	if (ring->count == 0)
		ring->tail = place;
	ring->head = place + need;
	return place;
}

/* Most are the newest of their chain. */
static void enchain(struct fl_ring *ring, uint64_t place, struct entry *entry, uint32_t id)
{
	uint64_t *link = &ring->newest[id & ring->mask];

	while (*link > place)
		link = &entry_at(ring, *link)->before;
	entry->id = id;
	entry->before = *link;
	*link = place;
}

uint64_t fl_ring_put(struct fl_ring *ring, const struct fl_frame *frame, uint32_t id)
{
	size_t need = size_of(frame->caplen);
	struct entry *entry;
	uint64_t place;

	if (need > ring->size)
		return FL_RING_NOWHERE;
	fl_ring_expire(ring, frame->at);
	place = make_room(ring, need);
	entry = entry_at(ring, place);
	*entry = (struct entry){ .number = frame->number,
		                 .at = frame->at,
		                 .id = FL_RING_NO_ID,
		                 .caplen = frame->caplen,
		                 .len = frame->len,
		                 .link = frame->link,
		                 .interface = frame->interface };
	memcpy(entry->bytes, frame->bytes, frame->caplen);
	ring->count++;
	if (id != FL_RING_NO_ID)
		enchain(ring, place, entry, id);
	return place;
}

void fl_ring_label(struct fl_ring *ring, uint64_t place, uint32_t id)
{
	struct entry *entry = is_there(ring, place) ? entry_at(ring, place) : NULL;

	if (entry && entry->id == FL_RING_NO_ID && id != FL_RING_NO_ID)
		enchain(ring, place, entry, id);
}

/* The next older one of that flow from `place` on; NULL for none. */
static const struct entry *find(const struct fl_ring *ring, uint64_t place, uint32_t id)
{
	while (is_there(ring, place)) {
		const struct entry *entry = entry_at(ring, place);

		if (entry->id == id)
			return entry;
		place = entry->before;
	}
	return NULL;
}

static void copy_frame(const struct entry *entry, uint8_t *bytes, struct fl_frame *ret_frame)
{
	memcpy(bytes, entry->bytes, entry->caplen);
	*ret_frame = (struct fl_frame){ .number = entry->number,
		                        .at = entry->at,
		                        .bytes = bytes,
		                        .caplen = entry->caplen,
		                        .len = entry->len,
		                        .link = entry->link,
		                        .interface = entry->interface };
}

bool fl_ring_copy(const struct fl_ring *ring, uint32_t id, size_t most, struct fl_ring_copy *ret_copy)
{
	uint64_t newest = ring->newest[id & ring->mask];
	struct fl_ring_copy copy = { .frames = NULL };
	const struct entry *entry;
	uint8_t *bytes;
	size_t next;

	for (entry = find(ring, newest, id); entry; entry = find(ring, entry->before, id)) {
		copy.bytes += sizeof(*copy.frames) + entry->caplen;
		copy.count++;
	}
	if (copy.bytes > most)
		return false;
	copy.frames = malloc(copy.bytes + 1);
	if (!copy.frames)
		return false;
	bytes = (uint8_t *)copy.frames + copy.bytes;
	next = copy.count;
	for (entry = find(ring, newest, id); entry; entry = find(ring, entry->before, id)) {
		bytes -= entry->caplen;
		copy_frame(entry, bytes, &copy.frames[--next]);
	}
	*ret_copy = copy;
	return true;
}

size_t fl_ring_count(const struct fl_ring *ring)
{
	return ring->count;
}

bool fl_ring_goes_by_age(const struct fl_ring *ring)
{
	return ring->goes_by_age;
}
