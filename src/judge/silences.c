/* One host of which nothing is heard since is down, or cut off. Several that fall silent in one moment do not die at
 * once: what lies before them, or the network of the one who asks them all. */
#include "silences.h"

#include <stdlib.h>
#include <string.h>

#include "flatline/time.h"

/* A host of which nothing is heard since, seen from the connections that it left. */
struct silence {
	const struct outage *outages;
	size_t count;
	int64_t since;
	bool was_heard; /* before */
};

struct silences {
	struct silence *items;
	size_t count;
};

/* Whether connections that somebody needs, and not a scanner's, show it, and one of them surely. */
static bool is_evident(const struct outage *outages, size_t count)
{
	bool is_sure = false, is_needed = false;

	for (size_t i = 0; i < count; i++) {
		is_sure |= outages[i].is_sure;
		is_needed |= !outages[i].is_scan;
	}
	return is_sure && is_needed;
}

static bool add(struct silences *silences, const struct silence *silence)
{
	struct silence *more = realloc(silences->items, (silences->count + 1) * sizeof(*more));

	if (!more)
		return false;
	more[silences->count++] = *silence;
	silences->items = more;
	return true;
}

static bool collect(const struct hosts *hosts, const struct outage *outages, size_t count, struct silences *silences)
{
	for (size_t from = 0, to; from < count; from = to) {
		struct silence silence = { .outages = &outages[from] };
		int64_t heard_at;

		to = from + 1;
		while (to < count && fl_address_equal(&outages[from].host, &outages[to].host))
			to++;
		silence.count = to - from;
		silence.since = outages_earliest(silence.outages, silence.count);
		heard_at = hosts_last_heard(hosts, &outages[from].host, NULL);
		silence.was_heard = heard_at != FL_TIME_NONE;
		if (is_evident(silence.outages, silence.count) && heard_at <= silence.since + OUTAGES_MOMENT &&
		    !add(silences, &silence))
			return false;
	}
	return true;
}

/* Those that were heard first: of the others nobody knows whether they ever were there. */
static int compare_since(const void *a, const void *b)
{
	const struct silence *x = a, *y = b;

	if (x->was_heard != y->was_heard)
		return x->was_heard ? -1 : 1;
	if (x->since != y->since)
		return x->since < y->since ? -1 : 1;
	return memcmp(&x->outages->host, &y->outages->host, sizeof(x->outages->host));
}

/* The one that all these connections share at their other end; NULL when there is none. */
static const struct fl_address *common_asker(const struct outage *outages, size_t count)
{
	const struct fl_address *asker = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct outage *outage = &outages[i];
		const struct fl_address *own = fl_address_equal(&outage->host, &outage->server) ? &outage->client
		                                                                                : &outage->server;

		if (asker && !fl_address_equal(asker, own))
			return NULL;
		asker = own;
	}
	return asker;
}

/* The connections that all of them left. NULL out of memory. */
static struct outage *all_of(const struct silence *silences, size_t count, size_t *ret_count)
{
	size_t n_all = 0, at = 0;
	struct outage *all;

	for (size_t i = 0; i < count; i++)
		n_all += silences[i].count;
	all = malloc(n_all * sizeof(*all));
	for (size_t i = 0; all && i < count; at += silences[i++].count)
		memcpy(all + at, silences[i].outages, silences[i].count * sizeof(*all));
	*ret_count = n_all;
	return all;
}

static bool tell_cut(const struct incident_taker *taker, const struct hosts *hosts, const struct silence *silences,
                     size_t count)
{
	size_t n_all;
	struct outage *all = all_of(silences, count, &n_all);
	const struct fl_address *asker = all ? common_asker(all, n_all) : NULL;
	char subject[FL_ADDRESS_TEXT], time[FL_TIME_TEXT], length[FL_TIME_TEXT];
	int64_t others = FL_TIME_NONE;
	bool ok;

	if (!all)
		return false;
	if (asker)
		hosts_last_heard(hosts, asker, &others);
	fl_address_text(asker ? asker : &silences[0].outages->host, subject);
	fl_time_of_day(silences[0].since, true, time);
	fl_duration_text(OUTAGES_MOMENT, length);
	if (asker && others <= silences[count - 1].since + OUTAGES_MOMENT)
		ok = outages_tell_one(
			taker, "network-down", subject, all, n_all,
			"From %s on %s hears nobody: %zu hosts fell silent within %s, and nobody was heard "
			"since. Look first at what they share: its own link, address, route, next hop.",
			time, subject, count, length);
	else
		ok = outages_tell_one(taker, "path-down", subject, all, n_all,
		                      "From %s on %zu hosts are silent, all within %s%s%s%s. Look at what their paths "
		                      "share.",
		                      time, count, length, asker ? ", while " : "", asker ? subject : "",
		                      asker ? " hears others" : "");
	free(all);
	return ok;
}

static bool tell_host_down(const struct incident_taker *taker, const struct silence *silence)
{
	char subject[FL_ADDRESS_TEXT], time[FL_TIME_TEXT];

	fl_address_text(&silence->outages->host, subject);
	fl_time_of_day(silence->since, true, time);
	if (!silence->was_heard)
		return outages_tell_one(taker, "host-down", subject, silence->outages, silence->count,
		                        "%s answered none of %zu connections from %s on, and not a packet of it was "
		                        "captured: the host is down or cut off, or the address is wrong.",
		                        subject, silence->count, time);
	return outages_tell_one(taker, "host-down", subject, silence->outages, silence->count,
	                        "%s answers on none of its %zu connections from %s on, and nothing was heard of it "
	                        "since: the host is down, or cut off.",
	                        subject, silence->count, time);
}

/* One past the last that fell silent in the same moment as the one at `from`. */
static size_t together(const struct silences *silences, size_t from)
{
	const struct silence *first = &silences->items[from];
	size_t to = from + 1;

	while (first->was_heard && to < silences->count && silences->items[to].was_heard &&
	       silences->items[to].since - first->since <= OUTAGES_MOMENT)
		to++;
	return to;
}

bool silences_tell(const struct hosts *hosts, const struct outage *outages, size_t count,
                   const struct incident_taker *taker)
{
	struct silences silences = { .count = 0 };
	bool ok = collect(hosts, outages, count, &silences);

	if (silences.count > 1)
		qsort(silences.items, silences.count, sizeof(*silences.items), compare_since);
	for (size_t from = 0, to; ok && from < silences.count; from = to) {
		to = together(&silences, from);
		if (to - from >= OUTAGES_ENOUGH)
			ok = tell_cut(taker, hosts, &silences.items[from], to - from);
		else if (silences.items[from].count >= OUTAGES_ENOUGH)
			ok = tell_host_down(taker, &silences.items[from]);
	}
	free(silences.items);
	return ok;
}
