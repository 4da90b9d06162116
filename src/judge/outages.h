/* What failed on several connections, and what that says together. Private to judge/. */
#ifndef JUDGE_OUTAGES_H
#define JUDGE_OUTAGES_H

#include "case.h"
#include "incident.h"

/* What a verdict says of where the fault is. */
enum fault { GONE, CUT, REFUSED, QUEUE, RESTARTED, DROPPED, UNWITNESSED };

/* A flow with such a verdict. */
struct outage {
	struct fl_address client, server, host; /* host: of the side that is to blame */
	uint16_t port;                          /* the server's */
	uint8_t fault;
	bool is_connect; /* nothing came of it but a connect */
	bool is_scan;    /* its client only looks who is there */
	bool is_sure;    /* it is critical: what nobody corroborates alone makes no incident */
	uint32_t flow;
	int64_t onset;
};

/* Two of a kind make an incident; what breaks at once is noticed within so much. */
enum { OUTAGES_ENOUGH = 2 };
#define OUTAGES_MOMENT (2 * FL_NS_PER_S)

struct outages;

struct outages *outages_new(void); /* NULL out of memory */
void outages_free(struct outages *outages);
/* False when nothing was seen of a flow that could make a verdict which counts here: no repeat or probe, no ICMP error,
 * and no end but one by a process. */
bool outages_may_concern(const struct fl_flow *flow);
/* False when none of these findings can be the verdict of a flow that counts here. */
bool outages_concern(const struct fl_finding *findings, size_t count);
/* Takes note of the verdict of one flow, given from id to verdict. False out of memory. */
bool outages_note(struct fl_judge *judge, struct outages *outages, const struct fl_flow *flow,
                  const struct fl_account *account);
/* Hands on what several of those noted share. False out of memory. */
bool outages_tell(struct fl_judge *judge, struct outages *outages, const struct incident_taker *taker);

/* For those that tell: `count` of one kind as an incident, with what the words say of it. False out of memory. */
bool outages_tell_one(const struct incident_taker *taker, const char *id, const char *subject,
                      const struct outage *outages, size_t count, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
int64_t outages_earliest(const struct outage *outages, size_t count);

#endif
