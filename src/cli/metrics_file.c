/* Whoever reads the file has a whole page, the old one or the new one; and a disk that hangs holds up nobody but the
 * thread that writes. */
#include "metrics_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "flatline/time.h"

struct metrics_file {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	char *path;   /* links followed */
	char *beside; /* in the same folder: else it could not take its place. The collector reads *.prom alone */
	char *page;   /* that waits; NULL for none */
	size_t length;
	int problem;
	bool is_ending, is_writing, has_thread;
};

/* What an earlier run left there goes. */
static FILE *open_beside(const struct metrics_file *file)
{
	if (unlink(file->beside) < 0 && errno != ENOENT)
		return NULL;
	return fopen(file->beside, "wxe");
}

/* 0, or the number of an error. */
static int write_page(const struct metrics_file *file, const char *page, size_t length)
{
	FILE *out = open_beside(file);
	int problem = 0;

	if (!out)
		return errno;
	(void)fchmod(fileno(out), 0644); /* its reader is another user */
	if (fwrite(page, 1, length, out) != length)
		problem = errno;
	if (fclose(out) != 0 && !problem)
		problem = errno;
	if (!problem && rename(file->beside, file->path) < 0)
		problem = errno;
	if (problem)
		unlink(file->beside);
	return problem;
}

static void *run(void *context)
{
	struct metrics_file *file = context;

	pthread_mutex_lock(&file->lock);
	for (;;) {
		char *page = file->page;
		size_t length = file->length;
		int problem;

		if (!page) {
			pthread_cond_broadcast(&file->emptied);
			if (file->is_ending)
				break;
			pthread_cond_wait(&file->filled, &file->lock);
			continue;
		}
		file->page = NULL;
		file->is_writing = true;
		pthread_mutex_unlock(&file->lock);
		problem = write_page(file, page, length);
		free(page);
		pthread_mutex_lock(&file->lock);
		file->is_writing = false;
		file->problem = problem;
	}
	pthread_mutex_unlock(&file->lock);
	return NULL;
}

/* Only a file may be replaced: /dev/null is to stay what it is. */
static int check_target(const struct metrics_file *file)
{
	struct stat old;

	if (stat(file->path, &old) == 0)
		return S_ISREG(old.st_mode) ? 0 : S_ISDIR(old.st_mode) ? EISDIR : EINVAL;
	return errno == ENOENT ? 0 : errno;
}

/* 0, or the number of an error. */
static int find_place(struct metrics_file *file, const char *path)
{
	FILE *out;
	int problem;

	file->path = realpath(path, NULL);
	if (!file->path)
		file->path = strdup(path);
	if (!file->path || asprintf(&file->beside, "%s.new", file->path) < 0) {
		file->beside = NULL;
		return ENOMEM;
	}
	problem = check_target(file);
	if (problem)
		return problem;
	out = open_beside(file);
	if (!out)
		return errno;
	fclose(out);
	return unlink(file->beside) < 0 ? errno : 0;
}

static void release(struct metrics_file *file)
{
	free(file->path);
	free(file->beside);
	free(file->page);
	free(file);
}

struct metrics_file *metrics_file_open(const char *path, struct fl_error *reterr)
{
	struct metrics_file *file = calloc(1, sizeof(*file));
	int problem = file ? find_place(file, path) : ENOMEM;

	if (problem) {
		fl_error_set(reterr, path, 0, "cannot be written: %s", strerror(problem));
		if (file)
			release(file);
		return NULL;
	}
	pthread_mutex_init(&file->lock, NULL);
	pthread_cond_init(&file->filled, NULL);
	pthread_cond_init(&file->emptied, NULL);
	return file;
}

bool metrics_file_start(struct metrics_file *file, struct fl_error *reterr)
{
	int problem = pthread_create(&file->thread, NULL, run, file);

	file->has_thread = problem == 0;
	if (problem)
		fl_error_set(reterr, file->path, 0, "no thread to write it: %s", strerror(problem));
	return problem == 0;
}

void metrics_file_put(struct metrics_file *file, const char *page, size_t length)
{
	char *copy = malloc(length);

	if (!copy)
		return;
	memcpy(copy, page, length);
	pthread_mutex_lock(&file->lock);
	free(file->page);
	file->page = copy;
	file->length = length;
	pthread_cond_signal(&file->filled);
	pthread_mutex_unlock(&file->lock);
}

int metrics_file_problem(struct metrics_file *file)
{
	int problem;

	pthread_mutex_lock(&file->lock);
	problem = file->problem;
	pthread_mutex_unlock(&file->lock);
	return problem;
}

static void wait_until_written(struct metrics_file *file, int patience_ms)
{
	struct timespec until;
	int64_t at;

	clock_gettime(CLOCK_REALTIME, &until);
	at = until.tv_sec * FL_NS_PER_S + until.tv_nsec + patience_ms * FL_NS_PER_MS;
	until = (struct timespec){ .tv_sec = at / FL_NS_PER_S, .tv_nsec = at % FL_NS_PER_S };
	while (file->page || file->is_writing) {
		if (pthread_cond_timedwait(&file->emptied, &file->lock, &until) == ETIMEDOUT)
			break;
	}
}

void metrics_file_free(struct metrics_file *file, int patience_ms)
{
	bool is_written;

	if (!file)
		return;
	pthread_mutex_lock(&file->lock);
	if (file->has_thread)
		wait_until_written(file, patience_ms);
	is_written = !file->page && !file->is_writing;
	file->is_ending = true;
	pthread_cond_signal(&file->filled);
	pthread_mutex_unlock(&file->lock);
	if (file->has_thread && !is_written)
		return; /* its thread hangs on the disk: it goes with the process */
	if (file->has_thread)
		pthread_join(file->thread, NULL);
	pthread_mutex_destroy(&file->lock);
	pthread_cond_destroy(&file->filled);
	pthread_cond_destroy(&file->emptied);
	release(file);
}
