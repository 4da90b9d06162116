/* Files, pipes and memory as one stream of bytes. A capture often comes through a pipe (`ssh host tcpdump -w - |`, a
 * process substitution), so what was read to recognise the file is kept and handed out again instead of seeking back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"

struct file_source {
	struct source source;
	int fd;
};

struct memory_source {
	struct source source;
	const uint8_t *at;
	size_t left;
};

size_t fl_source_fail(struct source *source, enum fl_file_end end, const char *format, ...)
{
	va_list args;

	source->end = end;
	va_start(args, format);
	vsnprintf(source->problem, sizeof(source->problem), format, args);
	va_end(args);
	return 0;
}

size_t fl_source_read(struct source *source, uint8_t *ret_bytes, size_t size)
{
	size_t held = source->head_end - source->head_at;

	if (held == 0)
		return source->end == FL_FILE_WHOLE ? source->read(source, ret_bytes, size) : 0;
	if (size > held)
		size = held;
	memcpy(ret_bytes, source->head + source->head_at, size);
	source->head_at += size;
	return size;
}

size_t fl_source_peek(struct source *source)
{
	while (source->head_end < SOURCE_HEAD) {
		size_t got = source->read(source, source->head + source->head_end, SOURCE_HEAD - source->head_end);

		if (got == 0)
			break;
		source->head_end += got;
	}
	return source->head_end;
}

void fl_source_free(struct source *source)
{
	if (source)
		source->free(source);
}

static size_t file_read(struct source *source, uint8_t *ret_bytes, size_t size)
{
	struct file_source *self = (struct file_source *)source;
	ssize_t got = read(self->fd, ret_bytes, size);

	/* Only a handler that asks for it ends a read: somebody wants to hear what is known so far. */
	if (got < 0 && errno == EINTR)
		return fl_source_fail(source, FL_FILE_INTERRUPTED, "reading was interrupted");
	if (got < 0)
		return fl_source_fail(source, FL_FILE_CORRUPT, "reading failed: %s", strerror(errno));
	return (size_t)got;
}

static void file_free(struct source *source)
{
	struct file_source *self = (struct file_source *)source;

	if (self->fd != STDIN_FILENO)
		close(self->fd);
	free(self);
}

static bool check_kind(const char *path, const struct stat *kind, int fd, struct fl_error *reterr)
{
	const char *why = NULL;

	if (S_ISDIR(kind->st_mode))
		why = "is a directory";
	else if (S_ISBLK(kind->st_mode))
		why = "is a block device";
	else if (isatty(fd))
		why = "is a terminal: a capture is expected from a file or a pipe";
	else if (S_ISREG(kind->st_mode) && kind->st_size == 0)
		why = "empty file";
	if (why)
		fl_error_set(reterr, path, 0, "%s", why);
	return !why;
}

struct source *fl_source_open(const char *path, struct source_info *ret_info, struct fl_error *reterr)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct file_source *self;
	struct stat kind;
	bool is_file;

	if (fd < 0 || fstat(fd, &kind) < 0) {
		fl_error_set(reterr, path, 0, "cannot be opened: %s", strerror(errno));
		goto failed;
	}
	if (!check_kind(path, &kind, fd, reterr))
		goto failed;
	self = calloc(1, sizeof(*self));
	if (!self) {
		fl_error_set(reterr, path, 0, "out of memory");
		goto failed;
	}
	is_file = S_ISREG(kind.st_mode) && !is_stdin;
	ret_info->can_reopen = is_file;
	ret_info->modified = is_file ? kind.st_mtim.tv_sec * FL_NS_PER_S + kind.st_mtim.tv_nsec : FL_TIME_NONE;
	self->source.read = file_read;
	self->source.free = file_free;
	self->source.end = FL_FILE_WHOLE;
	self->fd = fd;
	return &self->source;
failed:
	if (fd > STDIN_FILENO)
		close(fd);
	return NULL;
}

static size_t memory_read(struct source *source, uint8_t *ret_bytes, size_t size)
{
	struct memory_source *self = (struct memory_source *)source;

	if (size > self->left)
		size = self->left;
	if (size == 0)
		return 0;
	memcpy(ret_bytes, self->at, size);
	self->at += size;
	self->left -= size;
	return size;
}

static void memory_free(struct source *source)
{
	free(source);
}

struct source *fl_source_memory(const uint8_t *bytes, size_t size)
{
	struct memory_source *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->source.read = memory_read;
	self->source.free = memory_free;
	self->source.end = FL_FILE_WHOLE;
	self->at = bytes;
	self->left = size;
	return &self->source;
}
