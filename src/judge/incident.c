/* Incidents are told one by one, each with its flows in order of id, so that no report depends on how it was found. */
#include "incident.h"

#include <stdlib.h>

static int compare_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

bool incident_tell(const struct incident_taker *taker, struct fl_incident *incident, const struct fl_text *summary)
{
	if (summary->failed)
		return false;
	if (incident->n_flows > 1)
		qsort(incident->flows, incident->n_flows, sizeof(*incident->flows), compare_ids);
	incident->summary = fl_text_get(summary);
	taker->take(taker->context, incident);
	return true;
}
