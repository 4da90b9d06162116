/* pcapng (draft-ietf-opsawg-pcapng), written: the one format in which a packet can say why it matters (opt_comment).
 * The file grows under another name beside its own, so that nobody ever opens half of it. Little endian on every
 * machine: the same evidence is the same bytes. */
#include "flatline/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flatline/text.h"
#include "pcapng_block.h"

enum option_code {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SHB_USERAPPL = 4,
	IF_NAME = 2,
	IF_TSRESOL = 9,
	ISB_ENDTIME = 3,
	ISB_OSDROP = 7,
};

/* An option's length has 16 bits, and some readers want less of them. */
#define OPTION_MOST 32000

struct fl_writer {
	FILE *file;
	char *path, *beside;  /* where it is to be, and where it is */
	struct fl_text block; /* the block at hand */
	bool is_private;
	bool is_starved;
};

static void put(struct fl_writer *writer, const void *bytes, size_t length)
{
	if (length > 0)
		fl_text_bytes(&writer->block, bytes, length);
}

static void put_u16(struct fl_writer *writer, uint32_t value)
{
	const uint8_t bytes[2] = { value & 0xff, value >> 8 & 0xff };

	put(writer, bytes, sizeof(bytes));
}

static void put_u32(struct fl_writer *writer, uint32_t value)
{
	put_u16(writer, value & 0xffff);
	put_u16(writer, value >> 16);
}

static void put_padding(struct fl_writer *writer)
{
	static const uint8_t zeros[4];

	put(writer, zeros, (4 - writer->block.length % 4) % 4);
}

static void put_option(struct fl_writer *writer, enum option_code code, const void *value, size_t length)
{
	put_u16(writer, code);
	put_u16(writer, (uint32_t)length);
	put(writer, value, length);
	put_padding(writer);
}

/* Too long a text loses its end, but no half of a character stays. */
static void put_text(struct fl_writer *writer, enum option_code code, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (length > OPTION_MOST) {
		length = OPTION_MOST;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	if (length > 0)
		put_option(writer, code, text, length);
}

/* Two words, the high one first in either byte order. */
static void put_time(struct fl_writer *writer, int64_t at)
{
	put_u32(writer, (uint32_t)((uint64_t)at >> 32));
	put_u32(writer, (uint32_t)(uint64_t)at);
}

static void put_u64(struct fl_writer *writer, uint64_t value)
{
	put_u32(writer, (uint32_t)value);
	put_u32(writer, (uint32_t)(value >> 32));
}

static void begin_block(struct fl_writer *writer, enum block_type type)
{
	fl_text_clear(&writer->block);
	put_u32(writer, type);
	put_u32(writer, 0); /* its length, when that is known */
}

static void end_options(struct fl_writer *writer)
{
	put_option(writer, OPTION_END, NULL, 0);
}

static void end_block(struct fl_writer *writer)
{
	uint32_t length = (uint32_t)writer->block.length + 4;

	put_u32(writer, length);
	if (writer->block.failed) {
		writer->is_starved = true;
		return;
	}
	for (unsigned i = 0; i < 4; i++)
		writer->block.data[4 + i] = (char)(uint8_t)(length >> 8 * i);
	(void)fwrite(writer->block.data, 1, writer->block.length, writer->file); /* errors stay with the file */
}

static void write_section(struct fl_writer *writer, const char *application, const char *comment)
{
	begin_block(writer, BLOCK_SECTION);
	put_u32(writer, 0x1a2b3c4d); /* byte order */
	put_u16(writer, 1);          /* version 1.0 */
	put_u16(writer, 0);
	put_u64(writer, UINT64_MAX); /* nobody says how long the section is */
	put_text(writer, OPTION_COMMENT, comment);
	put_text(writer, SHB_USERAPPL, application);
	end_options(writer);
	end_block(writer);
}

void fl_writer_interface(struct fl_writer *writer, uint16_t link, const char *name, uint32_t snaplen)
{
	const uint8_t nanoseconds = 9;

	begin_block(writer, BLOCK_INTERFACE);
	put_u16(writer, link);
	put_u16(writer, 0);
	put_u32(writer, snaplen); /* of evidence 0: who cut the frames is this file's maker, and he says so */
	put_text(writer, IF_NAME, name);
	put_option(writer, IF_TSRESOL, &nanoseconds, sizeof(nanoseconds));
	end_options(writer);
	end_block(writer);
}

void fl_writer_frame(struct fl_writer *writer, uint32_t interface, const struct fl_frame *frame, const char *comment)
{
	begin_block(writer, BLOCK_ENHANCED);
	put_u32(writer, interface);
	put_time(writer, frame->at);
	put_u32(writer, frame->caplen);
	put_u32(writer, frame->len);
	put(writer, frame->bytes, frame->caplen);
	put_padding(writer);
	if (comment) {
		put_text(writer, OPTION_COMMENT, comment);
		end_options(writer);
	}
	end_block(writer);
}

void fl_writer_statistics(struct fl_writer *writer, uint32_t interface, int64_t end, bool has_drops, uint64_t drops)
{
	begin_block(writer, BLOCK_STATISTICS);
	put_u32(writer, interface);
	put_time(writer, end);
	put_u16(writer, ISB_ENDTIME);
	put_u16(writer, 8);
	put_time(writer, end);
	if (has_drops) {
		put_u16(writer, ISB_OSDROP);
		put_u16(writer, 8);
		put_u64(writer, drops);
	}
	end_options(writer);
	end_block(writer);
}

/* ".NAME.PID" beside the file, new: a name that is taken, or a link that somebody laid there, is never followed. */
static int open_beside(struct fl_writer *writer)
{
	const int tries = 100;
	const mode_t mode = writer->is_private ? 0600 : 0666;
	const char *name = strrchr(writer->path, '/');
	int folder = name ? (int)(name + 1 - writer->path) : 0, fd = -1;

	for (int i = 0; i < tries; i++) {
		free(writer->beside);
		if (asprintf(&writer->beside, "%.*s.%s.%ld-%d", folder, writer->path, writer->path + folder,
		             (long)getpid(), i) < 0) {
			writer->beside = NULL;
			errno = ENOMEM;
			return -1;
		}
		fd = open(writer->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

static bool open_file(struct fl_writer *writer)
{
	int fd = open_beside(writer);

	writer->file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (writer->file)
		return true;
	if (fd >= 0) {
		close(fd);
		unlink(writer->beside);
	}
	free(writer->beside);
	writer->beside = NULL;
	return false;
}

static struct fl_writer *new_writer(const char *path, bool is_private, const char *application, const char *comment,
                                    struct fl_error *reterr)
{
	struct fl_writer *writer = calloc(1, sizeof(*writer));

	if (writer) {
		writer->path = strdup(path);
		writer->is_private = is_private;
	}
	if (!writer || !writer->path) {
		fl_error_set(reterr, path, 0, "cannot be written: %s", strerror(ENOMEM));
		fl_writer_free(writer);
		return NULL;
	}
	fl_text_init(&writer->block);
	if (!open_file(writer)) {
		fl_error_set(reterr, path, 0, "cannot be written: %s", strerror(errno));
		fl_writer_free(writer);
		return NULL;
	}
	write_section(writer, application, comment);
	return writer;
}

struct fl_writer *fl_writer_new(const char *path, const char *application, const char *comment, struct fl_error *reterr)
{
	return new_writer(path, false, application, comment, reterr);
}

struct fl_writer *fl_writer_new_private(const char *path, const char *application, const char *comment,
                                        struct fl_error *reterr)
{
	return new_writer(path, true, application, comment, reterr);
}

/* Where the file system knows no such renaming, whoever takes the name in the moment between loses it. */
static int rename_to_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	if (access(to, F_OK) == 0)
		return EEXIST;
	return rename(from, to) < 0 ? errno : 0;
}

/* The first of "it.pcapng", "it-2.pcapng", ... that is not there. */
static int take_free_name(struct fl_writer *writer)
{
	const unsigned most = 10000;
	const char *ending = strrchr(writer->path, '.');
	int stem = (int)(ending ? ending - writer->path : (ptrdiff_t)strlen(writer->path));
	int problem = rename_to_new(writer->beside, writer->path);

	for (unsigned number = 2; problem == EEXIST && number < most; number++) {
		char *path;

		if (asprintf(&path, "%.*s-%u%s", stem, writer->path, number, writer->path + stem) < 0)
			return ENOMEM;
		problem = rename_to_new(writer->beside, path);
		if (problem) {
			free(path);
		} else {
			free(writer->path);
			writer->path = path;
		}
	}
	return problem;
}

static int take_name(struct fl_writer *writer)
{
	if (writer->is_private)
		return take_free_name(writer);
	return rename(writer->beside, writer->path) < 0 ? errno : 0;
}

/* 0, or the number of an error. */
static int finish(struct fl_writer *writer)
{
	FILE *file = writer->file;
	int problem = 0;

	errno = 0;
	if (fflush(file) != 0 || ferror(file) || fsync(fileno(file)) < 0)
		problem = errno ? errno : EIO;
	writer->file = NULL;
	if (fclose(file) != 0 && !problem)
		problem = errno;
	if (!problem && writer->is_starved)
		problem = ENOMEM;
	return problem ? problem : take_name(writer);
}

int fl_writer_finish(struct fl_writer *writer, struct fl_error *reterr)
{
	int problem = finish(writer);

	if (problem) {
		fl_error_set(reterr, writer->path, 0, "cannot be written: %s", strerror(problem));
		return -1;
	}
	free(writer->beside);
	writer->beside = NULL;
	return 0;
}

const char *fl_writer_path(const struct fl_writer *writer)
{
	return writer->path;
}

void fl_writer_free(struct fl_writer *writer)
{
	if (!writer)
		return;
	if (writer->file)
		fclose(writer->file);
	if (writer->beside)
		unlink(writer->beside);
	fl_text_deinit(&writer->block);
	free(writer->beside);
	free(writer->path);
	free(writer);
}
