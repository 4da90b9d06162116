/* What a live run counts, for those who watch it: in a file, and over HTTP, as the options say. Private to cli/. */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/engine.h"
#include "flatline/event.h"
#include "flatline/live.h"
#include "options.h"
#include "queue.h"

struct metrics;

/* What a page is made of, beside what was counted. */
struct metrics_sources {
	struct fl_live *live;
	const struct fl_engine *engine;
	struct queue *queue;
	uint64_t frames;
	int64_t last; /* frame's time; FL_TIME_NONE before the first */
	int64_t now;
};

/* Opens what the options name: the socket listens, and the file can be written; `now` is when the run began. With
 * neither of the options it only counts. NULL with `reterr`. */
struct metrics *metrics_new(const struct options *options, int64_t now, struct fl_error *reterr);
/* Makes the threads that write and answer. False with `reterr`. */
bool metrics_start(struct metrics *metrics, struct fl_error *reterr);
/* Waits up to `patience_ms` until the last page is in the file. */
void metrics_free(struct metrics *metrics, int patience_ms);

/* An event was told. */
void metrics_event(struct metrics *metrics, const struct fl_event *event);
/* Frames were read, of which the newest has that time. */
void metrics_frames(struct metrics *metrics, int64_t newest, int64_t now);
/* A look took so long (ns). */
void metrics_looked(struct metrics *metrics, int64_t took);

/* Makes the pages: the one of HTTP each time, the file's every five seconds, or with `is_last`. */
void metrics_publish(struct metrics *metrics, const struct metrics_sources *sources, bool is_last);
/* In words why the file could not be written, once until it could; NULL else. Valid until the next call. */
const char *metrics_trouble(struct metrics *metrics);

#endif
