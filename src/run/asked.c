/* A host that is gone from its link shows no TCP at all: what is sent to it waits in the sender's kernel for an address
 * that nobody answers for (RFC 826, RFC 4861 section 7.2). All that is seen are the questions. */
#include "asked.h"

#include <string.h>

/* Each asker has its own questions: an answer goes to it alone. */
static struct fl_unresolved *find(struct asked *asked, const struct fl_address *address, const struct fl_address *asker)
{
	for (size_t i = 0; i < asked->count; i++) {
		if (fl_address_equal(&asked->item[i].address, address) &&
		    fl_address_equal(&asked->item[i].asker, asker))
			return &asked->item[i];
	}
	return NULL;
}

static void forget(struct asked *asked, const struct fl_address *address)
{
	for (size_t i = asked->count; i-- > 0;) {
		if (fl_address_equal(&asked->item[i].address, address))
			asked->item[i] = asked->item[--asked->count];
	}
}

/* 0.0.0.0 or :: asks whether an address is free, and hopes for silence (RFC 5227, RFC 4862); and so does one that asks
 * for its own. */
static bool is_probe(const struct fl_neighbour *neighbour)
{
	static const uint8_t none[sizeof(neighbour->sender.bytes)];

	return memcmp(neighbour->sender.bytes, none, sizeof(none)) == 0 ||
	       fl_address_equal(&neighbour->sender, &neighbour->target);
}

static struct fl_unresolved *add(struct asked *asked, const struct fl_address *address, int64_t at)
{
	struct fl_unresolved *item = &asked->item[0];

	if (asked->count < ASKED_MOST) {
		item = &asked->item[asked->count++];
	} else {
		for (size_t i = 1; i < asked->count; i++)
			item = asked->item[i].last_at < item->last_at ? &asked->item[i] : item;
	}
	*item = (struct fl_unresolved){ .address = *address, .first_at = at, .last_at = at };
	return item;
}

void asked_take(struct asked *asked, const struct fl_packet *packet)
{
	const struct fl_neighbour *neighbour = &packet->neighbour;
	const int64_t burst = 5 * FL_NS_PER_S; /* who gets no answer asks again after a second */
	struct fl_unresolved *item;

	if (neighbour->is_reply) {
		forget(asked, &neighbour->target);
		return;
	}
	forget(asked, &neighbour->sender);
	if (is_probe(neighbour))
		return;
	item = find(asked, &neighbour->target, &neighbour->sender);
	if (item && packet->at - item->last_at > burst) /* the answer went to the asker alone, perhaps */
		*item = (struct fl_unresolved){ .address = neighbour->target, .first_at = packet->at };
	if (!item)
		item = add(asked, &neighbour->target, packet->at);
	item->asks++;
	item->last_at = packet->at;
	item->asker = neighbour->sender;
}
