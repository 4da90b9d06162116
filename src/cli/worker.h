/* A thread that does what takes long, so that the capture never waits for it: whoever has work for it puts it under the
 * lock, and tells. Private to cli/. */
#ifndef CLI_WORKER_H
#define CLI_WORKER_H

#include <pthread.h>
#include <stdbool.h>

#include "flatline/error.h"

/* Called by the thread; `take` and `done` with the lock held, `work` without. */
struct worker_acts {
	bool (*take)(void *context); /* takes the next piece of work in hand; false: nothing waits */
	void (*work)(void *context);
	void (*done)(void *context); /* notes what came of it */
};

struct worker {
	const struct worker_acts *acts;
	void *context;
	pthread_t thread;
	pthread_mutex_t lock; /* of all that the acts share with others */
	pthread_cond_t filled, emptied;
	bool is_idle; /* nothing waited when it last looked, and nobody told since */
	bool is_ending, has_thread;
};

/* Nothing runs yet. `acts` and `context` outlive it. */
void worker_init(struct worker *worker, const struct worker_acts *acts, void *context);
/* Makes the thread. False with `reterr`: no thread to `what`. */
bool worker_start(struct worker *worker, const char *what, struct fl_error *reterr);
/* There is work; with the lock held. */
void worker_tell(struct worker *worker);
/* Waits up to `patience_ms` until all is done. */
void worker_wait(struct worker *worker, int patience_ms);
/* Ends the thread, and what worker_init() made. False when it hangs in its work: then it goes with the process, and so
 * must all that it uses. */
bool worker_end(struct worker *worker);

#endif
