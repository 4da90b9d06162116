/* Nobody reads a thousand connections in detail, and each costs memory and a part of the page: the worst are told. */
#include "chosen.h"

#include <stdlib.h>
#include <string.h>

/* Worst severity, then earliest onset (an unknown one last), then id: as in the report of text. */
static bool is_worse(enum fl_severity severity, const struct fl_scope *scope, const struct choice *other)
{
	if (severity != other->severity)
		return severity > other->severity;
	if ((scope->onset == FL_TIME_NONE) != (other->scope.onset == FL_TIME_NONE))
		return scope->onset != FL_TIME_NONE;
	if (scope->onset != other->scope.onset)
		return scope->onset < other->scope.onset;
	return scope->id < other->scope.id;
}

struct fl_scope scope_of(const struct fl_account *account, int64_t observed_until)
{
	int64_t to = account->last;

	/* One that ended is shown to its end, an open one as long as it was watched. */
	if (account->end == FL_END_NONE && observed_until > to)
		to = observed_until;
	return (struct fl_scope){ account->id, account->first, to, account->verdict.onset };
}

bool chosen_wants(const struct chosen *chosen, const struct fl_account *account)
{
	struct fl_scope scope = { .id = account->id, .onset = account->verdict.onset };

	if (account->verdict.severity == FL_OK && !chosen->all)
		return false;
	return chosen->count < most_chosen ||
	       is_worse(account->verdict.severity, &scope, &chosen->items[chosen->count - 1]);
}

static void drop(struct choice *choice)
{
	for (size_t i = 0; i < choice->n_moments; i++)
		free(choice->moments[i].text);
	free(choice->moments);
	fl_evidence_flow_free(choice->evidence);
}

static bool copy(struct choice *choice, const struct fl_account *account)
{
	choice->moments = calloc(account->n_moments + 1, sizeof(*choice->moments));
	for (size_t i = 0; choice->moments && i < account->n_moments; i++) {
		choice->moments[i] = account->moments[i];
		choice->moments[i].text = strdup(account->moments[i].text);
		if (!choice->moments[i].text)
			return false;
		choice->n_moments++;
	}
	return choice->moments != NULL;
}

void chosen_add(struct chosen *chosen, const struct fl_account *account)
{
	struct choice choice = { .scope = scope_of(account, chosen->observed_until),
		                 .severity = account->verdict.severity,
		                 .verdict = account->verdict.id };
	size_t at = chosen->count;

	if (!chosen_wants(chosen, account)) {
		chosen->others += account->verdict.severity > FL_OK;
		return;
	}
	memcpy(choice.address, account->address, sizeof(choice.address));
	memcpy(choice.port, account->port, sizeof(choice.port));
	if (chosen->keeps_evidence)
		choice.evidence = fl_evidence_flow_new(account);
	if (!copy(&choice, account) || (chosen->keeps_evidence && !choice.evidence)) {
		drop(&choice);
		chosen->is_starved = true;
		return;
	}
	while (at > 0 && is_worse(choice.severity, &choice.scope, &chosen->items[at - 1]))
		at--;
	memmove(chosen->items + at + 1, chosen->items + at, (chosen->count - at) * sizeof(choice));
	chosen->items[at] = choice;
	if (++chosen->count > most_chosen) {
		chosen->others += chosen->items[most_chosen].severity > FL_OK;
		drop(&chosen->items[--chosen->count]);
	}
}

static int compare_ids(const void *a, const void *b)
{
	const struct choice *x = a, *y = b;

	return (x->scope.id > y->scope.id) - (x->scope.id < y->scope.id);
}

void chosen_sort(struct chosen *chosen)
{
	qsort(chosen->items, chosen->count, sizeof(*chosen->items), compare_ids);
}

const struct choice *chosen_find(const struct chosen *chosen, uint32_t id)
{
	const struct choice key = { .scope.id = id };

	return bsearch(&key, chosen->items, chosen->count, sizeof(*chosen->items), compare_ids);
}

void chosen_deinit(struct chosen *chosen)
{
	for (size_t i = 0; i < chosen->count; i++)
		drop(&chosen->items[i]);
	chosen->count = 0;
}
