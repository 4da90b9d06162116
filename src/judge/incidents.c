/* What concerns more than one flow, or none. An address that nobody on the link answers for is a host that is down, and
 * no TCP may be there to show it; what failed on several connections is in outages.c, ports that wait in time_wait.c.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"
#include "outages.h"
#include "time_wait.h"

static bool has_end_at(const struct fl_flow *flow, const struct fl_address *address)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		struct fl_address own;
		uint16_t port;

		fl_flow_endpoint(flow, dir, &own, &port);
		if (fl_address_equal(&own, address))
			return true;
	}
	return false;
}

/* The flows of that address, by id; false out of memory. */
static bool list_flows(const struct fl_flows *flows, const struct fl_address *address, struct fl_incident *incident)
{
	for (size_t id = 0; id < fl_flows_count(flows); id++) {
		const struct fl_flow *flow = fl_flows_at(flows, id);

		if (!flow || !has_end_at(flow, address))
			continue;

		uint32_t *more = realloc(incident->flows, (incident->n_flows + 1) * sizeof(*more));

		if (!more)
			return false;
		more[incident->n_flows++] = (uint32_t)id;
		incident->flows = more;
	}
	return true;
}

static bool tell(const struct fl_judge *judge, const struct fl_unresolved *item,
                 void (*take)(void *context, const struct fl_incident *incident), void *context)
{
	struct fl_incident incident = { .id = "neighbour-unresolved", .onset = item->first_at };
	char address[FL_ADDRESS_TEXT], asker[FL_ADDRESS_TEXT], length[FL_TIME_TEXT], text[256];
	bool ok;

	fl_address_text(&item->address, address);
	fl_address_text(&item->asker, asker);
	snprintf(
		text, sizeof(text),
		"Nobody on the link answers for %s: %s asked %u times in %s (ARP or ND). That host is down or off this "
		"link, or the address is wrong.",
		address, asker, item->asks, fl_duration_text(item->last_at - item->first_at, length));
	incident.subject = address;
	incident.summary = text;
	ok = list_flows(judge->settings.flows, &item->address, &incident);
	if (ok)
		take(context, &incident);
	free(incident.flows);
	return ok;
}

bool fl_judge_may_concern(const struct fl_flow *flow)
{
	return outages_may_concern(flow);
}

bool fl_judge_concerns(const struct fl_finding *findings, size_t n_findings)
{
	return outages_concern(findings, n_findings);
}

bool fl_judge_note(struct fl_judge *judge, const struct fl_flow *flow, const struct fl_account *account)
{
	if (!judge->ports)
		judge->ports = ports_new(judge);
	if (!judge->ports || !ports_note(judge->ports, flow))
		return false;
	if (!account)
		return true;
	if (!judge->outages)
		judge->outages = outages_new();
	return judge->outages && outages_note(judge->outages, flow, account);
}

bool fl_judge_incidents(struct fl_judge *judge, void (*take)(void *context, const struct fl_incident *incident),
                        void *context)
{
	for (size_t i = 0; i < judge->settings.n_unresolved; i++) {
		if (well_is_long_unresolved(&judge->settings.unresolved[i]) &&
		    !tell(judge, &judge->settings.unresolved[i], take, context))
			return false;
	}
	if (judge->outages && !outages_tell(judge, judge->outages, take, context))
		return false;
	return !judge->ports || ports_tell(judge->ports, take, context);
}
