/* Whoever reads the file has a whole page, the old one or the new one; and a disk that hangs holds up nobody but the
 * thread that writes. */
#include "metrics_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker.h"

struct metrics_file {
	struct worker worker;
	char *path;   /* links followed */
	char *beside; /* in the same folder: else it could not take its place. The collector reads *.prom alone */
	char *page;   /* that waits; NULL for none */
	size_t length;
	int problem;
	char *in_hand; /* the thread's, with what came of it */
	size_t in_hand_length;
	int in_hand_problem;
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

static bool take(void *context)
{
	struct metrics_file *file = context;

	file->in_hand = file->page;
	file->in_hand_length = file->length;
	file->page = NULL;
	return file->in_hand != NULL;
}

static void work(void *context)
{
	struct metrics_file *file = context;

	file->in_hand_problem = write_page(file, file->in_hand, file->in_hand_length);
	free(file->in_hand);
}

static void done(void *context)
{
	struct metrics_file *file = context;

	file->problem = file->in_hand_problem;
}

static const struct worker_acts acts = { take, work, done };

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
	worker_init(&file->worker, &acts, file);
	return file;
}

bool metrics_file_start(struct metrics_file *file, struct fl_error *reterr)
{
	return worker_start(&file->worker, "write metrics with", reterr);
}

void metrics_file_put(struct metrics_file *file, const char *page, size_t length)
{
	char *copy = malloc(length);

	if (!copy)
		return;
	memcpy(copy, page, length);
	pthread_mutex_lock(&file->worker.lock);
	free(file->page);
	file->page = copy;
	file->length = length;
	worker_tell(&file->worker);
	pthread_mutex_unlock(&file->worker.lock);
}

int metrics_file_problem(struct metrics_file *file)
{
	int problem;

	pthread_mutex_lock(&file->worker.lock);
	problem = file->problem;
	pthread_mutex_unlock(&file->worker.lock);
	return problem;
}

void metrics_file_free(struct metrics_file *file, int patience_ms)
{
	if (!file)
		return;
	worker_wait(&file->worker, patience_ms);
	if (worker_end(&file->worker)) /* else it hangs on the disk */
		release(file);
}
