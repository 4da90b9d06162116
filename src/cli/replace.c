/* Written beside it, then moved over it: whoever reads it meanwhile, and whoever is interrupted, has the old file or
 * the new one. */
#include "replace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0, or the number of an error. */
static int write_all(int fd, const char *text, size_t length, const struct stat *old)
{
	size_t written = 0;

	while (written < length) {
		ssize_t part = write(fd, text + written, length - written);

		if (part < 0 && errno != EINTR)
			return errno;
		written += part > 0 ? (size_t)part : 0;
	}
	return fchmod(fd, old->st_mode & 07777) < 0 || fsync(fd) < 0 ? errno : 0;
}

static int replace(const char *path, char *beside, const char *text, size_t length)
{
	struct stat old;
	int fd, problem;

	if (stat(path, &old) < 0)
		return errno;
	fd = mkstemp(beside);
	if (fd < 0)
		return errno;
	problem = write_all(fd, text, length, &old);
	if (close(fd) < 0 && !problem)
		problem = errno;
	if (!problem && rename(beside, path) < 0)
		problem = errno;
	if (problem)
		unlink(beside);
	return problem;
}

int replace_file(const char *path, const char *text, size_t length, struct fl_error *reterr)
{
	char *real = realpath(path, NULL), *beside = NULL;
	int problem = real ? 0 : errno;

	if (!problem)
		problem = asprintf(&beside, "%s.XXXXXX", real) < 0 ? ENOMEM : replace(real, beside, text, length);
	if (problem)
		fl_error_set(reterr, path, 0, "cannot be written: %s", strerror(problem));
	free(beside);
	free(real);
	return problem ? -1 : 0;
}
