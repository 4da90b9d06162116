/* What concerns more than one flow, or none. An address that nobody on the link answers for is a host that is down, and
 * no TCP may be there to show it; what failed on several connections is in outages.c, ports that wait in time_wait.c.
 */
#include <stdlib.h>

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
static bool list_flows(const struct fl_judge *judge, const struct fl_address *address, struct fl_incident *incident)
{
	const struct fl_flows *flows = judge->settings.flows;

	SCOPE_EACH(judge->scope, flows, id) {
		if (!has_end_at(fl_flows_at(flows, id), address))
			continue;

		uint32_t *more = realloc(incident->flows, (incident->n_flows + 1) * sizeof(*more));

		if (!more)
			return false;
		more[incident->n_flows++] = id;
		incident->flows = more;
	}
	return true;
}

static bool tell_unresolved(const struct fl_judge *judge, const struct fl_unresolved *item,
                            const struct incident_taker *taker)
{
	struct fl_incident incident = { .id = "neighbour-unresolved", .onset = item->first_at };
	char address[FL_ADDRESS_TEXT], asker[FL_ADDRESS_TEXT], length[FL_TIME_TEXT];
	struct fl_text text;
	bool ok;

	fl_address_text(&item->address, address);
	fl_text_init(&text);
	fl_text_add(&text,
	            "Nobody on the link answers for %s: %s asked %u times in %s (ARP or ND). That host is down or off "
	            "this link, or the address is wrong.",
	            address, fl_address_text(&item->asker, asker), item->asks,
	            fl_duration_text(item->last_at - item->first_at, length));
	incident.subject = address;
	ok = list_flows(judge, &item->address, &incident) && incident_tell(taker, &incident, &text);
	free(incident.flows);
	fl_text_deinit(&text);
	return ok;
}

bool fl_judge_may_concern(const struct fl_flow *flow)
{
	return outages_may_concern(flow);
}

static bool wants_nothing(void *context, const struct fl_account *account)
{
	(void)context;
	(void)account;
	return false;
}

bool fl_judge_note(struct fl_judge *judge, const struct fl_flow *flow, const struct fl_finding *findings,
                   size_t n_findings)
{
	const struct fl_wish none = { .wants = wants_nothing };
	struct fl_account account;

	if (!judge->ports)
		judge->ports = ports_new(judge);
	if (!judge->ports || !ports_note(judge->ports, flow))
		return false;
	if (!outages_concern(findings, n_findings))
		return true;
	if (!judge->outages)
		judge->outages = outages_new();
	return judge->outages && fl_judge_flow(judge, flow, findings, n_findings, &none, &account) == 0 &&
	       outages_note(judge, judge->outages, flow, &account);
}

bool fl_judge_incidents(struct fl_judge *judge, void (*take)(void *context, const struct fl_incident *incident),
                        void *context)
{
	const struct incident_taker taker = { take, context };

	for (size_t i = 0; i < judge->settings.n_unresolved; i++) {
		if (well_is_long_unresolved(&judge->settings.unresolved[i]) &&
		    !tell_unresolved(judge, &judge->settings.unresolved[i], &taker))
			return false;
	}
	if (judge->outages && !outages_tell(judge, judge->outages, &taker))
		return false;
	return !judge->ports || ports_tell(judge->ports, &taker);
}

bool fl_judge_time_waits(struct fl_judge *judge, void (*take)(void *context, const struct fl_time_wait *time_wait),
                         void *context)
{
	return !judge->ports || ports_each(judge->ports, take, context);
}
