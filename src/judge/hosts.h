/* What is known of each host over all its connections. Private to judge/. */
#ifndef JUDGE_HOSTS_H
#define JUDGE_HOSTS_H

#include "flatline/flow.h"

struct host {
	struct fl_address address;
	uint32_t newest; /* where its chain of ends begins; see hosts_next() */
	uint32_t silent; /* connections on which it left something unanswered */
	uint8_t ttl;     /* of its packets; 0 where they differ, or never seen */
	bool ttl_differs;
	uint8_t scan; /* what neighbours.c found out of it as a client; 0 while nobody asked */
};

struct hosts;
struct hosts *hosts_new(const struct fl_flows *flows); /* NULL out of memory */
void hosts_free(struct hosts *hosts);
/* The id of the connection behind `*place` in the host's chain, the newest first, and which of its ends the host is;
 * false at the end. Begin with host->newest. */
bool hosts_next(const struct hosts *hosts, uint32_t *place, uint32_t *ret_id, unsigned *ret_dir);
/* NULL for one that is on no connection. */
struct host *hosts_find(const struct hosts *hosts, const struct fl_address *address);

#endif
