/* Memory is bounded, and nothing is lost without a word: a flow that has to leave is judged by what was seen of it, and
 * a short record stands for it in the report. */
#include "departed.h"

#include <stdlib.h>
#include <string.h>

struct departed {
	struct fl_address address[2];
	uint8_t roles, end, from_handshake, has_holes, severity, layer, side, confidence;
	uint16_t port[2];
	uint32_t id, stream, first_frame, last_frame, onset_frame;
	uint32_t packets[2], retransmissions[2];
	uint64_t payload[2];
	int64_t first, last, rtt, onset;
	const char *verdict;
	char *summary; /* of failures; the others' words are short and the same */
};

bool departures_has_room(const struct departures *departures)
{
	return departures->memory == 0 || (departures->count + 1) * sizeof(*departures->items) <= departures->memory;
}

bool departures_tells(const struct fl_account *account)
{
	return account->verdict.severity > FL_NOTICE;
}

static bool is_over(const struct departures *departures)
{
	size_t bytes = departures->count * sizeof(*departures->items) + departures->words;

	return departures->memory > 0 && departures->count > 1 && bytes > 2 * departures->memory;
}

/* Those that left first. */
static void forget_half(struct departures *departures)
{
	size_t half = departures->count / 2;

	for (size_t i = 0; i < half; i++) {
		struct departed *item = &departures->items[i];

		departures->words -= item->summary ? strlen(item->summary) + 1 : 0;
		free(item->summary);
		if (item->severity < FL_WARNING)
			departures->forgotten++;
		else
			departures->failed_forgotten++;
	}
	departures->count -= half;
	memmove(departures->items, departures->items + half, departures->count * sizeof(*departures->items));
}

bool departures_keep(struct departures *departures, const struct fl_account *account)
{
	bool is_full;

	if (!departures_has_room(departures) && account->verdict.severity < FL_WARNING) {
		departures->forgotten++;
		return true;
	}
	if (is_over(departures))
		forget_half(departures);
	is_full = departures->count == departures->size;
	if (is_full) {
		size_t size = departures->size ? departures->size + departures->size / 2 : 64;
		struct departed *items = realloc(departures->items, size * sizeof(*items));

		if (!items)
			return false;
		departures->items = items;
		departures->size = size;
	}

	struct departed *to = &departures->items[departures->count];

	*to = (struct departed){ .roles = (uint8_t)account->roles,
		                 .end = (uint8_t)account->end,
		                 .from_handshake = account->from_handshake,
		                 .has_holes = account->has_holes,
		                 .severity = (uint8_t)account->verdict.severity,
		                 .layer = (uint8_t)account->verdict.layer,
		                 .side = (uint8_t)account->verdict.side,
		                 .confidence = (uint8_t)account->verdict.confidence,
		                 .id = account->id,
		                 .stream = account->stream,
		                 .first_frame = account->first_frame,
		                 .last_frame = account->last_frame,
		                 .onset_frame = account->verdict.onset_frame,
		                 .first = account->first,
		                 .last = account->last,
		                 .rtt = account->rtt,
		                 .onset = account->verdict.onset,
		                 .verdict = account->verdict.id };
	for (unsigned role = 0; role < 2; role++) {
		to->address[role] = account->address[role];
		to->port[role] = account->port[role];
		to->packets[role] = (uint32_t)account->packets[role];
		to->retransmissions[role] = (uint32_t)account->retransmissions[role];
		to->payload[role] = account->payload[role];
	}
	if (departures_tells(account))
		to->summary = strdup(account->verdict.summary);
	departures->words += to->summary ? strlen(to->summary) + 1 : 0;
	departures->count++;
	departures->is_sorted = false;
	return true;
}

static int compare_ids(const void *a, const void *b)
{
	const struct departed *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

bool departures_next(struct departures *departures, uint32_t below, struct fl_account *ret_account)
{
	const struct departed *from;

	if (!departures->is_sorted && departures->count > 0)
		qsort(departures->items, departures->count, sizeof(*departures->items), compare_ids);
	departures->is_sorted = true;
	if (departures->told == departures->count || departures->items[departures->told].id >= below)
		return false;
	from = &departures->items[departures->told++];
	*ret_account = (struct fl_account){ .id = from->id,
		                            .stream = from->stream,
		                            .roles = from->roles,
		                            .vantage = FL_SIDE_UNKNOWN,
		                            .first = from->first,
		                            .last = from->last,
		                            .first_frame = from->first_frame,
		                            .last_frame = from->last_frame,
		                            .from_handshake = from->from_handshake,
		                            .has_holes = from->has_holes,
		                            .end = from->end,
		                            .rtt = from->rtt };
	ret_account->verdict = (struct fl_verdict){ .id = from->verdict,
		                                    .severity = from->severity,
		                                    .layer = from->layer,
		                                    .side = from->side,
		                                    .onset = from->onset,
		                                    .onset_frame = from->onset_frame,
		                                    .noticed = FL_TIME_NONE,
		                                    .blind = FL_TIME_NONE,
		                                    .confidence = from->confidence };
	for (unsigned role = 0; role < 2; role++) {
		for (unsigned sign = 0; sign < FL_SIGNS; sign++)
			ret_account->signs[role][sign].last_at = ret_account->signs[role][sign].asked_at = FL_TIME_NONE;
	}
	ret_account->verdict.summary = strdup(
		from->summary ? from->summary : "Nothing had failed when it left memory, before the end.");
	ret_account->vantage_because = strdup("it left memory before the end");
	for (unsigned role = 0; role < 2; role++) {
		ret_account->address[role] = from->address[role];
		ret_account->port[role] = from->port[role];
		ret_account->packets[role] = from->packets[role];
		ret_account->retransmissions[role] = from->retransmissions[role];
		ret_account->payload[role] = from->payload[role];
	}
	if (!ret_account->verdict.summary || !ret_account->vantage_because) {
		fl_account_deinit(ret_account);
		return false;
	}
	return true;
}

void departures_deinit(struct departures *departures)
{
	for (size_t i = 0; i < departures->count; i++)
		free(departures->items[i].summary);
	free(departures->items);
	*departures = (struct departures){ 0 };
}
