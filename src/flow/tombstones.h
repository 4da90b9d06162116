/* What stays of a tuple whose flow left for lack of memory: tshark's number of it. Private to flow/. */
#ifndef FLOW_TOMBSTONES_H
#define FLOW_TOMBSTONES_H

#include "flatline/flow.h"

struct tombstone {
	uint64_t hash; /* of the key; 0: empty */
	struct fl_wireshark_id wireshark;
};

struct tombstones {
	struct tombstone *slots;
	size_t size, count; /* size is 0 or a power of two */
};

/* Remembers, or overwrites. Where there is no more room in `memory` bytes (0: no limit) those so far are forgotten; a
 * tuple that is forgotten counts as never seen. */
void tombstones_put(struct tombstones *stones, uint64_t hash, const struct fl_wireshark_id *wireshark, size_t memory);
/* Brings what is known of the hash nearer. */
void tombstones_prefetch(const struct tombstones *stones, uint64_t hash);
/* NULL when there is none. Valid until the next put. */
const struct tombstone *tombstones_find(const struct tombstones *stones, uint64_t hash);
void tombstones_deinit(struct tombstones *stones);

#endif
