/* Events as lines. The words are the judge's, as in every report; a line is complete in itself, so that any of them can
 * be the first that somebody sees. */
#include "flatline/event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "flatline/address.h"
#include "flatline/time.h"
#include "json_parts.h"

static const char *const names[FL_EVENTS] = { "found",  "changed", "recovered", "state",   "incident",
	                                      "device", "drops",   "hook",      "recorded" };

const char *fl_event_name(enum fl_event_kind kind)
{
	return names[kind];
}

static void add_clean(struct fl_text *text, const char *words)
{
	char *clean = clean_text(words);

	if (clean)
		fl_text_add(text, "%s", clean);
	else
		text->failed = true;
	free(clean);
}

/* When the kernel that keeps trying gives up, while that is of use. */
static void tell_patience(struct fl_text *text, const struct fl_event *event)
{
	const struct fl_attempts *attempts = &event->account->timers.attempts;

	if (attempts->what && attempts->gives_up != FL_TIME_NONE && attempts->gives_up > event->at)
		fl_text_add(text, " The %s's kernel gives it up in about %" PRId64 " s (default settings).",
		            fl_side_name(attempts->side), (attempts->gives_up - event->at) / FL_NS_PER_S);
}

static void tell_flow(struct fl_text *text, const struct fl_event *event)
{
	const struct fl_account *account = event->account;
	char client[FL_ENDPOINT_TEXT], server[FL_ENDPOINT_TEXT];

	if (event->kind == FL_EVENT_RECOVERED)
		fl_text_add(text, "%-9s %s", names[event->kind], account->verdict.id);
	else if (event->kind == FL_EVENT_STATE)
		fl_text_add(text, "%-9s %s %s", names[event->kind], fl_severity_name(account->verdict.severity),
		            account->verdict.id);
	else
		fl_text_add(text, "%-9s %s", fl_severity_name(account->verdict.severity), account->verdict.id);
	fl_text_add(text, "  %s -> %s  flow %" PRIu32,
	            fl_endpoint_text(&account->address[FL_CLIENT], account->port[FL_CLIENT], client),
	            fl_endpoint_text(&account->address[FL_SERVER], account->port[FL_SERVER], server), account->id);
	if (event->before)
		fl_text_add(text, ", was %s", event->before);
	fl_text_add(text, ": ");
	add_clean(text, account->verdict.summary ? account->verdict.summary : "");
	if (event->kind != FL_EVENT_RECOVERED)
		tell_patience(text, event);
}

/* "flow 17: DIR/it.pcapng (212 packets, from 3m20s before the onset)" */
static void tell_recording(struct fl_text *text, const struct fl_recording *recording)
{
	bool is_before = recording->first < recording->onset;
	char count[32], time[FL_TIME_TEXT];

	fl_text_add(text, "flow %" PRIu32 ": ", recording->id);
	add_clean(text, recording->path);
	fl_text_add(text, " (%s packet%s", fl_count_text(recording->packets, count),
	            recording->packets == 1 ? "" : "s");
	if (recording->onset == FL_TIME_NONE)
		fl_text_add(text, ")");
	else if (recording->first == recording->onset)
		fl_text_add(text, ", from the onset on)");
	else
		fl_text_add(text, ", from %s %s the onset)",
		            fl_duration_text(is_before ? recording->onset - recording->first
		                                       : recording->first - recording->onset,
		                             time),
		            is_before ? "before" : "after");
}

static struct json_object *json_recording(const struct fl_recording *recording)
{
	struct maker maker = { false };
	struct json_object *object = json_object_new_object();

	put_number(&maker, object, "flow", recording->id);
	put_string(&maker, object, "file", recording->path);
	put_number(&maker, object, "packets", recording->packets);
	put_time(&maker, object, "first", recording->first);
	put_time(&maker, object, "onset", recording->onset);
	if (!maker.failed)
		return object;
	json_object_put(object);
	return NULL;
}

void fl_event_text(struct fl_text *text, const struct fl_event *event)
{
	char time[FL_TIME_TEXT];

	/* To the millisecond: a file of them runs for months. */
	fl_text_add(text, "%.23sZ  ", fl_time_rfc3339(event->at, time));
	if (event->account) {
		tell_flow(text, event);
	} else if (event->incident) {
		fl_text_add(text, "%-9s %s  ", names[event->kind], event->incident->id);
		add_clean(text, event->incident->summary);
	} else if (event->recording) {
		fl_text_add(text, "%-9s ", names[event->kind]);
		tell_recording(text, event->recording);
	} else {
		fl_text_add(text, "%-9s ", names[event->kind]);
		if (event->device) {
			add_clean(text, event->device);
			fl_text_add(text, ": ");
		}
		add_clean(text, event->words);
	}
	fl_text_add(text, "\n");
}

void fl_event_json(struct fl_text *text, const struct fl_event *event)
{
	struct maker maker = { false };
	struct json_object *object = json_object_new_object();
	const char *line = NULL;

	put_string(&maker, object, "format", "flatline-event/1");
	put_string(&maker, object, "event", names[event->kind]);
	put_time(&maker, object, "at", event->at);
	put_string(&maker, object, "before", event->before);
	put_string(&maker, object, "device", event->device);
	put_string(&maker, object, "message", event->words);
	if (event->incident)
		put(&maker, object, "incident", json_incident(event->incident));
	else
		put_null(&maker, object, "incident");
	if (event->account)
		put(&maker, object, "flow", json_flow(event->account, true));
	else
		put_null(&maker, object, "flow");
	if (event->recording)
		put(&maker, object, "recording", json_recording(event->recording));
	else
		put_null(&maker, object, "recording");
	if (!maker.failed)
		line = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (line)
		fl_text_add(text, "%s\n", line);
	else
		text->failed = true;
	json_object_put(object);
}
