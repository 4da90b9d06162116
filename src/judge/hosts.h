/* What is known of each host over all its connections. Private to judge/. */
#ifndef JUDGE_HOSTS_H
#define JUDGE_HOSTS_H

#include "flatline/flow.h"

struct host {
	struct fl_address address;
	int64_t heard_at[2];  /* its last packet on any connection, and the last on any other than that one */
	uint32_t heard_on[2]; /* ids of those */
	uint32_t silent;      /* connections on which it left something unanswered */
	uint8_t ttl;          /* of its packets; 0 where they differ, or never seen */
	bool ttl_differs;
};

struct hosts;
struct hosts *hosts_new(const struct fl_flows *flows); /* NULL out of memory */
void hosts_free(struct hosts *hosts);
/* NULL for one that is on no connection. */
const struct host *hosts_find(const struct hosts *hosts, const struct fl_address *address);

#endif
