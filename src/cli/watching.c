/* A connection is told of when it turns bad, when it turns bad in another way, and when it is well again. */
#include "watching.h"

#include <stdlib.h>
#include <string.h>

struct told {
	uint32_t id;
	enum fl_severity severity;
	bool is_over;        /* its end was seen */
	const char *verdict; /* static */
};

struct told_incident {
	const char *id; /* static */
	char *subject;
	int64_t seen_at;
};

/* One that was not there for so long is told again when it comes again. */
static const int64_t incident_lasts = 600 * FL_NS_PER_S;
enum { most_incidents = 4096 };

struct watching {
	enum fl_severity least;
	struct told *items; /* by id */
	size_t count, size;
	struct told_incident *incidents;
	size_t n_incidents;
};

struct watching *watching_new(enum fl_severity least)
{
	struct watching *watching = calloc(1, sizeof(*watching));

	if (watching)
		watching->least = least;
	return watching;
}

void watching_free(struct watching *watching)
{
	if (!watching)
		return;
	for (size_t i = 0; i < watching->n_incidents; i++)
		free(watching->incidents[i].subject);
	free(watching->incidents);
	free(watching->items);
	free(watching);
}

size_t watching_count(const struct watching *watching)
{
	return watching->count;
}

size_t watching_open(const struct watching *watching)
{
	size_t open = 0;

	for (size_t i = 0; i < watching->count; i++)
		open += !watching->items[i].is_over;
	return open;
}

/* Where the flow stands, or would. */
static size_t place_of(const struct watching *watching, uint32_t id)
{
	size_t low = 0, high = watching->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (watching->items[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct told *find(const struct watching *watching, uint32_t id)
{
	size_t at = place_of(watching, id);

	return at < watching->count && watching->items[at].id == id ? &watching->items[at] : NULL;
}

bool watching_knows(const struct watching *watching, uint32_t id)
{
	return find(watching, id) != NULL;
}

/* The id as it is for ever: an account's goes with it. */
static const char *lasting(const char *verdict)
{
	struct fl_topic topic;

	return fl_topic_find(verdict, &topic) ? topic.id : "";
}

bool watching_wants(const struct watching *watching, const struct fl_account *account)
{
	const struct told *told = find(watching, account->id);

	if (!told)
		return account->verdict.severity >= watching->least;
	return told->severity != account->verdict.severity || strcmp(told->verdict, account->verdict.id) != 0;
}

/* Most of what was told long ago is over: the oldest quarter is forgotten when there is too much of it. */
static void forget_oldest(struct watching *watching)
{
	const size_t most = (size_t)1 << 16, dropped = most / 4;

	if (watching->count < most)
		return;
	watching->count -= dropped;
	memmove(watching->items, watching->items + dropped, watching->count * sizeof(*watching->items));
}

static bool add(struct watching *watching, const struct fl_account *account)
{
	size_t at;

	forget_oldest(watching);
	at = place_of(watching, account->id);
	if (watching->count == watching->size) {
		size_t size = watching->size ? watching->size * 2 : 64;
		struct told *items = realloc(watching->items, size * sizeof(*items));

		if (!items)
			return false;
		watching->items = items;
		watching->size = size;
	}
	memmove(watching->items + at + 1, watching->items + at, (watching->count - at) * sizeof(*watching->items));
	watching->items[at] = (struct told){ .id = account->id,
		                             .severity = account->verdict.severity,
		                             .is_over = account->end != FL_END_NONE,
		                             .verdict = lasting(account->verdict.id) };
	watching->count++;
	return true;
}

static void take_out(struct watching *watching, struct told *told)
{
	size_t at = (size_t)(told - watching->items);

	watching->count--;
	memmove(told, told + 1, (watching->count - at) * sizeof(*told));
}

bool watching_take(struct watching *watching, const struct fl_account *account, int64_t now, struct fl_event *ret_event)
{
	struct told *told = find(watching, account->id);

	if (told)
		told->is_over = account->end != FL_END_NONE;
	if (!watching_wants(watching, account))
		return false;
	*ret_event = (struct fl_event){ .at = now, .account = account, .before = told ? told->verdict : NULL };
	if (!told) {
		ret_event->kind = FL_EVENT_FOUND;
		return add(watching, account);
	}
	if (account->verdict.severity < watching->least) {
		ret_event->kind = FL_EVENT_RECOVERED;
		take_out(watching, told);
		return true;
	}
	ret_event->kind = FL_EVENT_CHANGED;
	told->severity = account->verdict.severity;
	told->verdict = lasting(account->verdict.id);
	return true;
}

void watching_prune(struct watching *watching, bool (*is_there)(void *context, uint32_t id), void *context)
{
	size_t kept = 0;

	for (size_t i = 0; i < watching->count; i++) {
		if (is_there(context, watching->items[i].id))
			watching->items[kept++] = watching->items[i];
	}
	watching->count = kept;
}

static void forget_incidents(struct watching *watching, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < watching->n_incidents; i++) {
		if (now - watching->incidents[i].seen_at < incident_lasts)
			watching->incidents[kept++] = watching->incidents[i];
		else
			free(watching->incidents[i].subject);
	}
	watching->n_incidents = kept;
}

bool watching_take_incident(struct watching *watching, const struct fl_incident *incident, int64_t now)
{
	const char *subject = incident->subject ? incident->subject : "";
	struct told_incident *more;

	for (size_t i = 0; i < watching->n_incidents; i++) {
		if (strcmp(watching->incidents[i].id, incident->id) == 0 &&
		    strcmp(watching->incidents[i].subject, subject) == 0) {
			bool is_news = now - watching->incidents[i].seen_at >= incident_lasts;

			watching->incidents[i].seen_at = now;
			return is_news;
		}
	}
	forget_incidents(watching, now);
	if (watching->n_incidents == most_incidents) /* what is not remembered would be told each time */
		return false;
	more = realloc(watching->incidents, (watching->n_incidents + 1) * sizeof(*more));
	if (!more)
		return false;
	watching->incidents = more;
	more[watching->n_incidents] = (struct told_incident){ lasting(incident->id), strdup(subject), now };
	if (!more[watching->n_incidents].subject)
		return false;
	watching->n_incidents++;
	return true;
}
