/* What a live run tells while it happens, an event a line: for people, or as JSON, "flatline-event/1". */
#ifndef FLATLINE_EVENT_H
#define FLATLINE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/judge.h"
#include "flatline/text.h"

enum fl_event_kind {
	FL_EVENT_FOUND,     /* a connection is not well */
	FL_EVENT_CHANGED,   /* it is so in another way than was told */
	FL_EVENT_RECOVERED, /* it is well again */
	FL_EVENT_STATE,     /* what it is now, because somebody asked */
	FL_EVENT_INCIDENT,  /* several of them say something together */
	FL_EVENT_DEVICE,    /* an interface went away, or came back */
	FL_EVENT_DROPS,     /* packets, events or recordings were lost */
	FL_EVENT_HOOK,      /* a program that is told of events failed */
	FL_EVENT_RECORDED,  /* packets of a connection that is not well are in a file now */
	FL_EVENTS
};

/* A file of one connection's packets. */
struct fl_recording {
	uint32_t id; /* of the connection */
	const char *path;
	uint64_t packets;
	int64_t first; /* of them, ns */
	int64_t onset; /* of what is not well, FL_TIME_NONE without one */
};

struct fl_event {
	enum fl_event_kind kind;
	int64_t at;
	const struct fl_account *account;     /* of the first four; NULL else */
	const struct fl_incident *incident;   /* of an incident; NULL else */
	const char *before;                   /* the verdict that was told before; NULL for none */
	const char *device;                   /* its name; NULL where it is about none */
	const char *words;                    /* of a device, of drops, and of a hook */
	const struct fl_recording *recording; /* of a recording; NULL else */
};

/* "found", "changed", ... */
const char *fl_event_name(enum fl_event_kind kind);
/* Adds the event as a line with its newline; out of memory is the text's `failed`. */
void fl_event_text(struct fl_text *text, const struct fl_event *event);
void fl_event_json(struct fl_text *text, const struct fl_event *event);

#endif
