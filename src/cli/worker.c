/* It looks for work, does it without the lock, and sleeps while there is none. */
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "flatline/time.h"

static void *run(void *context)
{
	struct worker *worker = context;

	pthread_mutex_lock(&worker->lock);
	for (;;) {
		if (worker->acts->take(worker->context)) {
			pthread_mutex_unlock(&worker->lock);
			worker->acts->work(worker->context);
			pthread_mutex_lock(&worker->lock);
			worker->acts->done(worker->context);
			continue;
		}
		worker->is_idle = true;
		pthread_cond_broadcast(&worker->emptied);
		if (worker->is_ending)
			break;
		pthread_cond_wait(&worker->filled, &worker->lock);
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

void worker_init(struct worker *worker, const struct worker_acts *acts, void *context)
{
	*worker = (struct worker){ .acts = acts, .context = context, .is_idle = true };
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->filled, NULL);
	pthread_cond_init(&worker->emptied, NULL);
}

bool worker_start(struct worker *worker, const char *what, struct fl_error *reterr)
{
	int problem = pthread_create(&worker->thread, NULL, run, worker);

	worker->has_thread = problem == 0;
	if (problem)
		fl_error_set(reterr, NULL, 0, "no thread to %s: %s", what, strerror(problem));
	return problem == 0;
}

void worker_tell(struct worker *worker)
{
	worker->is_idle = false;
	pthread_cond_signal(&worker->filled);
}

void worker_wait(struct worker *worker, int patience_ms)
{
	struct timespec until;
	int64_t at;

	if (!worker->has_thread)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	at = until.tv_sec * FL_NS_PER_S + until.tv_nsec + patience_ms * FL_NS_PER_MS;
	until = (struct timespec){ .tv_sec = at / FL_NS_PER_S, .tv_nsec = at % FL_NS_PER_S };
	pthread_mutex_lock(&worker->lock);
	while (!worker->is_idle) {
		if (pthread_cond_timedwait(&worker->emptied, &worker->lock, &until) == ETIMEDOUT)
			break;
	}
	pthread_mutex_unlock(&worker->lock);
}

bool worker_end(struct worker *worker)
{
	bool is_idle;

	pthread_mutex_lock(&worker->lock);
	is_idle = worker->is_idle;
	worker->is_ending = true;
	pthread_cond_signal(&worker->filled);
	pthread_mutex_unlock(&worker->lock);
	if (worker->has_thread && !is_idle)
		return false;
	if (worker->has_thread)
		pthread_join(worker->thread, NULL);
	pthread_mutex_destroy(&worker->lock);
	pthread_cond_destroy(&worker->filled);
	pthread_cond_destroy(&worker->emptied);
	return true;
}
