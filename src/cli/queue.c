/* One thread writes, the capture only hands over. The lines lie one behind the other in a ring of bytes; an empty line
 * stands for "open the file again here". */
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "flatline/time.h"

struct line {
	struct line *next;
	size_t length; /* 0: open the file again */
	char bytes[];
};

struct queue {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct line *first, **last;
	size_t waiting, most; /* bytes */
	const char *path, *user;
	int fd;
	uint64_t dropped;
	int reopen_problem; /* errno of the last reopening that failed; 0 once it is told */
	int problem;        /* errno of the first write that failed for good */
	bool is_ending, is_writing, has_thread;
};

static int open_file(const char *path)
{
	return path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666) : STDOUT_FILENO;
}

/* 0, or the number of an error. */
static int write_line(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno == EAGAIN) /* somebody else's idea: it is shared */
			(void)poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		else if (written < 0 && errno != EINTR)
			return errno;
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	return 0;
}

/* The old file stays open when the new one cannot be: better there than nowhere. 0, or the number of an error. */
static int open_again(struct queue *queue)
{
	int fd = open_file(queue->path);

	if (fd < 0)
		return errno;
	close(queue->fd);
	queue->fd = fd;
	return 0;
}

static void set_error(const struct queue *queue, int problem, struct fl_error *reterr)
{
	fl_error_set(reterr, queue->path, 0, "cannot be written as user %s: %s", queue->user, strerror(problem));
}

static void *run(void *context)
{
	struct queue *queue = context;

	pthread_mutex_lock(&queue->lock);
	for (;;) {
		struct line *line = queue->first;
		int problem = 0, reopen_problem = 0;

		if (!line) {
			pthread_cond_broadcast(&queue->emptied);
			if (queue->is_ending)
				break;
			pthread_cond_wait(&queue->filled, &queue->lock);
			continue;
		}
		queue->first = line->next;
		if (!queue->first)
			queue->last = &queue->first;
		queue->is_writing = true;
		pthread_mutex_unlock(&queue->lock);
		if (line->length > 0)
			problem = write_line(queue->fd, line->bytes, line->length);
		else
			reopen_problem = open_again(queue);
		pthread_mutex_lock(&queue->lock);
		queue->is_writing = false;
		queue->waiting -= line->length;
		if (problem && !queue->problem)
			queue->problem = problem;
		if (reopen_problem)
			queue->reopen_problem = reopen_problem;
		free(line);
	}
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

struct queue *queue_new(const char *path, const char *user, size_t most, struct fl_error *reterr)
{
	struct queue *queue = calloc(1, sizeof(*queue));

	if (!queue) {
		fl_error_set(reterr, path, 0, "out of memory");
		return NULL;
	}
	queue->path = path;
	queue->user = user;
	queue->most = most;
	queue->last = &queue->first;
	queue->fd = open_file(path);
	if (queue->fd < 0) {
		set_error(queue, errno, reterr);
		free(queue);
		return NULL;
	}
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->filled, NULL);
	pthread_cond_init(&queue->emptied, NULL);
	return queue;
}

bool queue_start(struct queue *queue, struct fl_error *reterr)
{
	int problem = pthread_create(&queue->thread, NULL, run, queue);

	queue->has_thread = problem == 0;
	if (problem)
		fl_error_set(reterr, NULL, 0, "no thread to write with: %s", strerror(problem));
	return problem == 0;
}

static void put(struct queue *queue, const char *bytes, size_t length)
{
	struct line *line = malloc(sizeof(*line) + length);

	pthread_mutex_lock(&queue->lock);
	if (!line || queue->waiting + length > queue->most || queue->problem) {
		queue->dropped++;
		free(line);
	} else {
		line->next = NULL;
		line->length = length;
		memcpy(line->bytes, bytes, length);
		*queue->last = line;
		queue->last = &line->next;
		queue->waiting += length;
		pthread_cond_signal(&queue->filled);
	}
	pthread_mutex_unlock(&queue->lock);
}

void queue_put(struct queue *queue, const char *line, size_t length)
{
	if (length > 0)
		put(queue, line, length);
}

void queue_reopen(struct queue *queue)
{
	if (queue->path)
		put(queue, "", 0);
}

bool queue_reopen_failed(struct queue *queue, struct fl_error *reterr)
{
	int problem;

	pthread_mutex_lock(&queue->lock);
	problem = queue->reopen_problem;
	queue->reopen_problem = 0;
	pthread_mutex_unlock(&queue->lock);
	if (problem)
		set_error(queue, problem, reterr);
	return problem != 0;
}

void queue_miss(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->dropped++;
	pthread_mutex_unlock(&queue->lock);
}

bool queue_is_full(struct queue *queue)
{
	bool is_full;

	pthread_mutex_lock(&queue->lock);
	is_full = queue->waiting > queue->most / 2;
	pthread_mutex_unlock(&queue->lock);
	return is_full;
}

uint64_t queue_dropped(struct queue *queue)
{
	uint64_t dropped;

	pthread_mutex_lock(&queue->lock);
	dropped = queue->dropped;
	pthread_mutex_unlock(&queue->lock);
	return dropped;
}

const char *queue_trouble(struct queue *queue)
{
	int problem;

	pthread_mutex_lock(&queue->lock);
	problem = queue->problem;
	pthread_mutex_unlock(&queue->lock);
	return problem ? strerror(problem) : NULL;
}

static void wait_until_empty(struct queue *queue, int patience_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += patience_ms / 1000;
	until.tv_nsec += patience_ms % 1000 * FL_NS_PER_MS;
	until.tv_sec += until.tv_nsec / FL_NS_PER_S;
	until.tv_nsec %= FL_NS_PER_S;
	while ((queue->first || queue->is_writing) && !queue->problem) {
		if (pthread_cond_timedwait(&queue->emptied, &queue->lock, &until) == ETIMEDOUT)
			break;
	}
}

void queue_free(struct queue *queue, int patience_ms)
{
	bool is_empty;

	if (!queue)
		return;
	pthread_mutex_lock(&queue->lock);
	if (queue->has_thread)
		wait_until_empty(queue, patience_ms);
	is_empty = !queue->first && !queue->is_writing;
	queue->is_ending = true;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
	if (queue->has_thread && !is_empty && !queue->problem)
		return; /* its thread hangs in a write that nobody takes: it goes with the process */
	if (queue->has_thread)
		pthread_join(queue->thread, NULL);
	if (queue->path)
		close(queue->fd);
	pthread_mutex_destroy(&queue->lock);
	pthread_cond_destroy(&queue->filled);
	pthread_cond_destroy(&queue->emptied);
	free(queue);
}
