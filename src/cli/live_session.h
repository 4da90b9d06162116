/* A live run, for the files that are it: live.c reads and looks, live_begin.c opens all that it needs and gives up the
 * rest, live_tell.c tells. Private to cli/. */
#ifndef CLI_LIVE_SESSION_H
#define CLI_LIVE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/engine.h"
#include "flatline/event.h"
#include "flatline/live.h"
#include "flatline/text.h"
#include "hooks.h"
#include "looking.h"
#include "metrics.h"
#include "options.h"
#include "privileges.h"
#include "queue.h"
#include "recorder.h"
#include "watching.h"

/* How long packets may lie in the kernel's block before they come: what is looked at is so much in the past. */
#define LIVE_LAG (200 * FL_NS_PER_MS)

struct session {
	const struct options *options;
	struct privileges privileges;
	struct fl_live *live;
	struct fl_engine *engine;
	struct queue *queue;
	struct watching *watching;
	struct metrics *metrics;
	struct hooks *hooks;       /* NULL without --exec */
	struct recorder *recorder; /* NULL without --record */
	struct looking looking;
	struct fl_text line;
	bool is_json;
	bool has_news; /* since the incidents were looked for */
	bool is_blind; /* all interfaces are lost for good */
	bool was_open[FL_LIVE_DEVICES];

	int64_t now;         /* the wall clock's time, which is that of packets; never set back */
	int64_t ticks;       /* time that passed, whatever is done to that clock: for what is done every so often */
	int64_t clock, skew; /* see live_clock() */
	int64_t second;      /* ticks: when each_second() was last called */
	int64_t surveyed_at; /* ticks: when the incidents were last looked for */
	int64_t told_at;     /* now: when drops were last asked for */
	int64_t seen_until;  /* of now: what was sent by then is read */

	int64_t first, last;            /* frames */
	uint64_t frames, frames_before; /* of all, and at the last second's end */
	uint64_t drops, drops_told, dropped_told, unrun_told;
};

/* Reads the clocks. When the wall clock is set back the run's time goes on as if it had not been: packets that come
 * from then on are as much later than their stamps (`skew`). Returns by how much it was set back just now. */
int64_t live_clock(struct session *session);
/* The same with what the two clocks say: one that nobody sets, and the wall clock. */
int64_t live_step(struct session *session, int64_t ticks, int64_t clock);

/* Looks up as whom the run goes on, opens interfaces, files and threads in the order in which rights are given up.
 * An exit status; what went wrong was told. */
int live_begin(struct session *session, const struct fl_profiles *profiles, const char *filter);

/* Writes the event, counts it, and hands it to who waits for it. */
void live_tell(struct session *session, const struct fl_event *event);
/* What happened to the run itself since the last call, of a second ago, and its numbers. */
void live_tell_second(struct session *session);
/* Files of the recorder that are whole since. */
void live_tell_recordings(struct session *session);
/* The last of all that; `patience_ms` for what is being written. */
void live_tell_end(struct session *session, int patience_ms);

#endif
