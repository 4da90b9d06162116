/* What failed on several connections, and what that says together. Private to judge/. */
#ifndef JUDGE_OUTAGES_H
#define JUDGE_OUTAGES_H

#include "case.h"

struct outages;

struct outages *outages_new(void); /* NULL out of memory */
void outages_free(struct outages *outages);
/* False when nothing was seen of a flow that could make a verdict which counts here: no repeat or probe, no ICMP error,
 * and no end but one by a process. */
bool outages_may_concern(const struct fl_flow *flow);
/* False when none of these findings can be the verdict of a flow that counts here. */
bool outages_concern(const struct fl_finding *findings, size_t count);
/* Takes note of the verdict of one flow, given from id to verdict. False out of memory. */
bool outages_note(struct outages *outages, const struct fl_flow *flow, const struct fl_account *account);
/* Hands on what several of those noted share. False out of memory. */
bool outages_tell(struct fl_judge *judge, struct outages *outages,
                  void (*take)(void *context, const struct fl_incident *incident), void *context);

#endif
