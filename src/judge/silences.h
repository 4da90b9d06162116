/* Hosts that fell silent. Private to judge/. */
#ifndef JUDGE_SILENCES_H
#define JUDGE_SILENCES_H

#include "hosts.h"
#include "outages.h"

/* Of the outages of kind GONE, which come host by host: tells of hosts that are down, and of what lies before several
 * of them. False out of memory. */
bool silences_tell(const struct hosts *hosts, const struct outage *outages, size_t count,
                   const struct incident_taker *taker);

#endif
