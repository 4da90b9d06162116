/* What was told of each connection while a live run goes on, so that only news is told. Private to cli/. */
#ifndef CLI_WATCHING_H
#define CLI_WATCHING_H

#include <stdbool.h>
#include <stddef.h>

#include "flatline/event.h"
#include "flatline/flow.h"

struct watching;

struct watching *watching_new(enum fl_severity least); /* NULL out of memory */
void watching_free(struct watching *watching);

/* Connections of which something bad was told, and that are not well again. */
size_t watching_count(const struct watching *watching);
/* Of them those whose end was not seen. */
size_t watching_open(const struct watching *watching);
/* Whether the flow was told of. */
bool watching_knows(const struct watching *watching, uint32_t id);
/* Whether the verdict (given from id to verdict) is news. */
bool watching_wants(const struct watching *watching, const struct fl_account *account);
/* Takes note of it. True when it is news: then *ret_event says which, valid while `account` is. */
bool watching_take(struct watching *watching, const struct fl_account *account, int64_t now,
                   struct fl_event *ret_event);
/* Those that are not there any more are forgotten. */
void watching_prune(struct watching *watching, bool (*is_there)(void *context, uint32_t id), void *context);
/* Whether an incident with that id and subject is news: it was not there in the ten minutes before `now`. Takes note of
 * it. */
bool watching_take_incident(struct watching *watching, const struct fl_incident *incident, int64_t now);

#endif
