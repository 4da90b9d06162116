/* The frozen view of a flow's neighbours: what other connections of the same service did. Private to judge/. */
#ifndef JUDGE_NEIGHBOURS_H
#define JUDGE_NEIGHBOURS_H

#include "flatline/flow.h"
#include "scope.h"
#include "services.h"

struct neighbours;

/* Freezes the view of all flows that are present, or of those in `scope`; `services` outlives it. NULL out of memory.
 */
struct neighbours *neighbours_new(const struct fl_flows *flows, const struct services *services,
                                  const struct scope *scope);
void neighbours_free(struct neighbours *neighbours);

/* The hosts of all these flows; the view's own. */
const struct hosts *neighbours_hosts(const struct neighbours *neighbours);

/* Other connections to the same server address and port. */
struct siblings {
	uint32_t count;
	uint32_t connected;      /* that got their SYN-ACK */
	uint32_t greeted;        /* whose server spoke first */
	uint32_t began;          /* whose client did */
	uint32_t answered;       /* whose client asked something about as long first, and was answered */
	uint32_t exact;          /* of them those whose question was just as long */
	uint32_t beats_answered; /* whose client's repeated messages of about `length` were answered */
	int64_t longest_answer;  /* of those that were answered, ns */
};
void neighbours_siblings(const struct neighbours *neighbours, const struct fl_flow *flow, uint32_t length,
                         struct siblings *ret_siblings);

/* Those of them whose SYN-ACK was repeated behind its ACK within a minute of this one's beginning. */
uint32_t neighbours_not_taken(const struct neighbours *neighbours, const struct fl_flow *flow);

/* What the host of end[dir] did on its other connections, as far as their first and last packets show. */
struct host_elsewhere {
	int64_t heard_at; /* a packet of it after `from` and no later than `to`; FL_TIME_NONE without */
	int64_t back_at;  /* the first after `to`; FL_TIME_NONE without */
	bool went_on;     /* a connection from before `to` still had packets of it after `to` */
	uint32_t silent;  /* of them those on which it left something unanswered */
};
void neighbours_host(const struct neighbours *neighbours, const struct fl_flow *flow, unsigned dir, int64_t from,
                     int64_t to, struct host_elsewhere *ret_elsewhere);
/* The TTL of that host's packets, of whatever connection; 0 when not known, or when they differ. */
uint8_t neighbours_ttl(const struct neighbours *neighbours, const struct fl_flow *flow, unsigned dir);

/* Whether the client of a connection only looks who is there: it tried ten ports of one host, or 64 services, and
 * hardly any of them again; few of its connections were made, and it never said anything on one. A client that has lost
 * its servers comes back to them, or had talked to somebody before. */
enum scan {
	NO_SCAN = 1,
	IS_SCAN,
	IS_LARGE_SCAN, /* 20 ports of one host, or very many services: no client has so many that are all refused */
	IS_WIDE_SCAN,  /* 64 ports of one host: nobody uses so many, however long he waits for each */
};
enum scan neighbours_scan(const struct neighbours *neighbours, const struct fl_flow *flow, unsigned client);

/* The SYN with which the same client address next connected to the same service after `after`, FL_TIME_NONE when there
 * is none. A connection that begins with a message of another length than this flow's first is one for something else;
 * with `must_ask` one that has not said anything yet does not count either. */
int64_t neighbours_next_syn(const struct neighbours *neighbours, const struct fl_flow *flow, int64_t after,
                            bool must_ask);

/* The next SYN of that client to that service after `after`, whatever that connection is for; *ret_connected: it was
 * made. FL_TIME_NONE when there is none. */
int64_t neighbours_next_try(const struct neighbours *neighbours, const struct fl_flow *flow, int64_t after,
                            bool *ret_connected);

/* What became of it. */
struct retry {
	bool is_refused;
	int64_t unanswered_since; /* it asked about as long a question first, which was ACKed and never answered; else
	                             FL_TIME_NONE */
	int64_t given_up_at;      /* the client closed or reset it; FL_TIME_NONE where it did not */
};
/* That SYN again, and what became of the connection. */
int64_t neighbours_retry(const struct neighbours *neighbours, const struct fl_flow *flow, int64_t after,
                         struct retry *ret_retry);

/* The server closed over the first request, a while after it came, and had never said anything. */
bool neighbours_is_cut(const struct fl_flow *flow, unsigned client);
/* Other connections of that client to that service that were cut so; 0 when any was answered. */
uint32_t neighbours_cut(const struct neighbours *neighbours, const struct fl_flow *flow);

#endif
