/* One thread writes, the capture only hands over. The lines lie one behind the other in a ring of bytes; an empty line
 * stands for "open the file again here". */
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

struct line {
	struct line *next;
	size_t length; /* 0: open the file again */
	char bytes[];
};

struct queue {
	struct worker worker;
	struct line *first, **last;
	struct line *in_hand; /* the thread's, with what came of it */
	int write_problem, open_problem;
	size_t waiting, most; /* bytes */
	const char *path, *user;
	int fd;
	uint64_t dropped;
	int reopen_problem; /* errno of the last reopening that failed; 0 once it is told */
	int problem;        /* errno of the first write that failed for good */
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

static bool take(void *context)
{
	struct queue *queue = context;
	struct line *line = queue->first;

	if (!line)
		return false;
	queue->first = line->next;
	if (!queue->first)
		queue->last = &queue->first;
	queue->in_hand = line;
	return true;
}

static void work(void *context)
{
	struct queue *queue = context;
	const struct line *line = queue->in_hand;

	queue->write_problem = line->length > 0 ? write_line(queue->fd, line->bytes, line->length) : 0;
	queue->open_problem = line->length > 0 ? 0 : open_again(queue);
}

static void done(void *context)
{
	struct queue *queue = context;

	queue->waiting -= queue->in_hand->length;
	if (!queue->problem)
		queue->problem = queue->write_problem;
	if (queue->open_problem)
		queue->reopen_problem = queue->open_problem;
	free(queue->in_hand);
}

static const struct worker_acts acts = { take, work, done };

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
	worker_init(&queue->worker, &acts, queue);
	return queue;
}

bool queue_start(struct queue *queue, struct fl_error *reterr)
{
	return worker_start(&queue->worker, "write with", reterr);
}

static void put(struct queue *queue, const char *bytes, size_t length)
{
	struct line *line = malloc(sizeof(*line) + length);

	pthread_mutex_lock(&queue->worker.lock);
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
		worker_tell(&queue->worker);
	}
	pthread_mutex_unlock(&queue->worker.lock);
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

	pthread_mutex_lock(&queue->worker.lock);
	problem = queue->reopen_problem;
	queue->reopen_problem = 0;
	pthread_mutex_unlock(&queue->worker.lock);
	if (problem)
		set_error(queue, problem, reterr);
	return problem != 0;
}

void queue_miss(struct queue *queue)
{
	pthread_mutex_lock(&queue->worker.lock);
	queue->dropped++;
	pthread_mutex_unlock(&queue->worker.lock);
}

bool queue_is_full(struct queue *queue)
{
	bool is_full;

	pthread_mutex_lock(&queue->worker.lock);
	is_full = queue->waiting > queue->most / 2;
	pthread_mutex_unlock(&queue->worker.lock);
	return is_full;
}

uint64_t queue_dropped(struct queue *queue)
{
	uint64_t dropped;

	pthread_mutex_lock(&queue->worker.lock);
	dropped = queue->dropped;
	pthread_mutex_unlock(&queue->worker.lock);
	return dropped;
}

const char *queue_trouble(struct queue *queue)
{
	int problem;

	pthread_mutex_lock(&queue->worker.lock);
	problem = queue->problem;
	pthread_mutex_unlock(&queue->worker.lock);
	return problem ? strerror(problem) : NULL;
}

void queue_free(struct queue *queue, int patience_ms)
{
	if (!queue)
		return;
	worker_wait(&queue->worker, patience_ms);
	if (!worker_end(&queue->worker))
		return; /* nobody takes what it writes */
	if (queue->path)
		close(queue->fd);
	free(queue);
}
