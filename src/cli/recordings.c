/* Recordings are known by their names alone, so that those of earlier runs count, and nothing else is ever touched. As
 * long as a run records, it holds a shared lock on the directory: who gets it for himself alone knows that a file that
 * is not finished never will be. */
#include "recordings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flatline/time.h"

/* As recordings_name() makes them, and as fl_writer (capture/pcapng_writer.c) calls a file that is not finished. */
#define NAME "flatline-[0-9]{8}T[0-9]{6}Z-flow[0-9]+-[a-z0-9-]+\\.pcapng"
#define WHOLE "^" NAME "$"
#define UNFINISHED "^\\." NAME "\\.[0-9]+-[0-9]+$"

struct recordings {
	const char *path;
	regex_t whole, unfinished;
	int fd; /* the directory's; -1: none */
};

/* Calls `take` for each regular file whose name fits. 0, or the number of an error. */
static int each(const struct recordings *recordings, const regex_t *names,
                void (*take)(void *context, int folder, const char *name, const struct stat *facts), void *context)
{
	DIR *folder = opendir(recordings->path);
	struct dirent *entry;
	struct stat facts;

	if (!folder)
		return errno;
	while ((entry = readdir(folder)) != NULL) {
		if (regexec(names, entry->d_name, 0, NULL, 0) == 0 &&
		    fstatat(dirfd(folder), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(facts.st_mode))
			take(context, dirfd(folder), entry->d_name, &facts);
	}
	closedir(folder);
	return 0;
}

static void remove_one(void *context, int folder, const char *name, const struct stat *facts)
{
	(void)context;
	(void)facts;
	(void)unlinkat(folder, name, 0);
}

static void add_size(void *context, int folder, const char *name, const struct stat *facts)
{
	uint64_t *sum = context;

	(void)folder;
	(void)name;
	*sum += (uint64_t)facts->st_size;
}

int recordings_sum(const struct recordings *recordings, uint64_t *ret_bytes)
{
	uint64_t sum = 0;
	int problem = each(recordings, &recordings->whole, add_size, &sum);

	if (!problem)
		*ret_bytes = sum;
	return problem;
}

/* 0, or the number of an error. */
static int enter(struct recordings *recordings)
{
	recordings->fd = open(recordings->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (recordings->fd < 0 || access(recordings->path, W_OK | X_OK) < 0)
		return errno;
	/* Where a file system has no such locks, nothing is removed. */
	if (flock(recordings->fd, LOCK_EX | LOCK_NB) == 0)
		(void)each(recordings, &recordings->unfinished, remove_one, NULL);
	(void)flock(recordings->fd, LOCK_SH | LOCK_NB);
	return 0;
}

struct recordings *recordings_open(const char *path, struct fl_error *reterr)
{
	struct recordings *recordings = calloc(1, sizeof(*recordings));
	int problem;

	if (!recordings || regcomp(&recordings->whole, WHOLE, REG_EXTENDED | REG_NOSUB) != 0) {
		fl_error_set(reterr, path, 0, "out of memory");
		free(recordings);
		return NULL;
	}
	if (regcomp(&recordings->unfinished, UNFINISHED, REG_EXTENDED | REG_NOSUB) != 0) {
		fl_error_set(reterr, path, 0, "out of memory");
		regfree(&recordings->whole);
		free(recordings);
		return NULL;
	}
	recordings->path = path;
	problem = enter(recordings);
	if (!problem)
		return recordings;
	fl_error_set(reterr, path, 0, "recordings cannot be written there: %s", strerror(problem));
	recordings_close(recordings);
	return NULL;
}

void recordings_close(struct recordings *recordings)
{
	if (!recordings)
		return;
	if (recordings->fd >= 0)
		close(recordings->fd);
	regfree(&recordings->whole);
	regfree(&recordings->unfinished);
	free(recordings);
}

void recordings_name(const struct recordings *recordings, int64_t at, uint32_t flow, const char *verdict,
                     struct fl_text *text)
{
	char time[FL_TIME_TEXT]; /* 2026-11-24T21:00:06.203000000Z */

	fl_time_rfc3339(at, time);
	fl_text_add(text, "%s/flatline-%.4s%.2s%.2sT%.2s%.2s%.2sZ-flow%" PRIu32 "-%s.pcapng", recordings->path, time,
	            time + 5, time + 8, time + 11, time + 14, time + 17, flow, verdict);
}
