/* Ports that wait in TIME_WAIT. Private to judge/. */
#ifndef JUDGE_TIME_WAIT_H
#define JUDGE_TIME_WAIT_H

#include "case.h"

/* Hands on each client and service whose connections leave so many ports waiting that the next may find none. False out
 * of memory. */
bool time_wait_tell(const struct fl_judge *judge, void (*take)(void *context, const struct fl_incident *incident),
                    void *context);

#endif
