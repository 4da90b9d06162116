/* How an incident is handed on. Private to judge/. */
#ifndef JUDGE_INCIDENT_H
#define JUDGE_INCIDENT_H

#include "flatline/judge.h"
#include "flatline/text.h"

/* Whom incidents are handed to. */
struct incident_taker {
	void (*take)(void *context, const struct fl_incident *incident);
	void *context;
};

/* Hands on an incident that has its id, its subject, its flows in any order, and its onset, with `summary`. False out
 * of memory, or when the summary is. */
bool incident_tell(const struct incident_taker *taker, struct fl_incident *incident, const struct fl_text *summary);

#endif
