/* What is known of each host over all its connections. Private to judge/. */
#ifndef JUDGE_HOSTS_H
#define JUDGE_HOSTS_H

#include "flatline/flow.h"
#include "scope.h"

struct host {
	struct fl_address address;
	uint32_t newest; /* where its chain of ends begins; see hosts_next() */
	uint32_t silent; /* connections on which it left something unanswered */
	uint8_t ttl;     /* of its packets; 0 where they differ, or never seen */
	bool ttl_differs;
	uint8_t scan; /* what neighbours.c found out of it as a client; 0 while nobody asked */
};

struct hosts;
/* Of those in `scope`. NULL out of memory. */
struct hosts *hosts_new(const struct fl_flows *flows, const struct scope *scope);
void hosts_free(struct hosts *hosts);
/* The id of the connection behind `*place` in the host's chain, the newest first, and which of its ends the host is;
 * false at the end. Begin with host->newest. */
bool hosts_next(const struct hosts *hosts, uint32_t *place, uint32_t *ret_id, unsigned *ret_dir);
/* Proofs that a host lives, or lived. Of one with more connections than are looked at they say what claims least. */
/* Its last packet, of whatever connection; FL_TIME_NONE where there is none. *ret_others, if given: that of all who
 * talk with it. */
int64_t hosts_last_heard(const struct hosts *hosts, const struct fl_address *address, int64_t *ret_others);
/* Somebody was connected to that port of it after `since`, or one that was before still got something. */
bool hosts_is_reached(const struct hosts *hosts, const struct fl_address *address, uint16_t port, int64_t since);
/* A connection of it is older than `first`, and it speaks there after `last`. */
bool hosts_outlives(const struct hosts *hosts, const struct fl_address *address, int64_t first, int64_t last);
/* NULL for one that is on no connection. */
struct host *hosts_find(const struct hosts *hosts, const struct fl_address *address);

#endif
