/* Ports that wait in TIME_WAIT. Private to judge/. */
#ifndef JUDGE_TIME_WAIT_H
#define JUDGE_TIME_WAIT_H

#include "case.h"
#include "incident.h"

struct ports;

struct ports *ports_new(const struct fl_judge *judge); /* NULL out of memory */
void ports_free(struct ports *ports);
/* Takes note of a flow that may have left a port waiting. False out of memory. */
bool ports_note(struct ports *ports, const struct fl_flow *flow);
/* Hands on each client and service whose connections left so many ports waiting that the next may find none. False out
 * of memory. */
bool ports_tell(struct ports *ports, const struct incident_taker *taker);
/* Hands on what each client and service came to; the judge's settings ask for it. False out of memory. */
bool ports_each(struct ports *ports, void (*take)(void *context, const struct fl_time_wait *time_wait), void *context);

#endif
