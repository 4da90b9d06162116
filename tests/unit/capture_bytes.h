/* For the tests of src/capture: captures built byte by byte in either byte order, put into a file or a pipe, and read
 * back whole. */
#ifndef FLATLINE_TESTS_CAPTURE_BYTES_H
#define FLATLINE_TESTS_CAPTURE_BYTES_H

#include <check.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flatline/capture.h"

struct bytes {
	bool is_big;
	size_t size;
	uint8_t at[2 * 1024 * 1024];
};

static inline void put(struct bytes *bytes, const void *from, size_t size)
{
	ck_assert_uint_le(bytes->size + size, sizeof(bytes->at));
	memcpy(bytes->at + bytes->size, from, size);
	bytes->size += size;
}

static inline void put_number(struct bytes *bytes, uint64_t number, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)(number >> 8 * (bytes->is_big ? size - 1 - i : i));

		put(bytes, &byte, 1);
	}
}

static inline void put16(struct bytes *bytes, uint16_t number)
{
	put_number(bytes, number, 2);
}

static inline void put32(struct bytes *bytes, uint32_t number)
{
	put_number(bytes, number, 4);
}

static inline void put64(struct bytes *bytes, uint64_t number)
{
	put_number(bytes, number, 8);
}

static inline void put_filler(struct bytes *bytes, uint8_t value, size_t size)
{
	ck_assert_uint_le(bytes->size + size, sizeof(bytes->at));
	memset(bytes->at + bytes->size, value, size);
	bytes->size += size;
}

static inline struct bytes *bytes_new(bool is_big)
{
	struct bytes *bytes = calloc(1, sizeof(*bytes));

	ck_assert_ptr_nonnull(bytes);
	bytes->is_big = is_big;
	return bytes;
}

/* Classic pcap: file header, and a record of `caplen` bytes of `fill`. */
static inline void put_pcap(struct bytes *bytes, uint32_t magic, uint32_t snaplen, uint32_t link)
{
	put32(bytes, magic);
	put16(bytes, 2);
	put16(bytes, 4);
	put64(bytes, 0);
	put32(bytes, snaplen);
	put32(bytes, link);
}

static inline void put_record(struct bytes *bytes, uint32_t seconds, uint32_t fraction, uint32_t caplen, uint32_t len,
                              uint8_t fill)
{
	put32(bytes, seconds);
	put32(bytes, fraction);
	put32(bytes, caplen);
	put32(bytes, len);
	put_filler(bytes, fill, caplen);
}

/* pcapng: a block around what is put between begin and end. */
static inline size_t begin_block(struct bytes *bytes, uint32_t type)
{
	put32(bytes, type);
	put32(bytes, 0);
	return bytes->size - 8;
}

static inline void end_block(struct bytes *bytes, size_t begin)
{
	size_t end;

	put_filler(bytes, 0, (4 - (bytes->size - begin) % 4) % 4);
	end = bytes->size + 4;
	put32(bytes, (uint32_t)(end - begin));
	bytes->size = begin + 4;
	put32(bytes, (uint32_t)(end - begin));
	bytes->size = end;
}

static inline void put_section(struct bytes *bytes)
{
	size_t block = begin_block(bytes, 0x0a0d0d0a);

	put32(bytes, 0x1a2b3c4d);
	put16(bytes, 1);
	put16(bytes, 0);
	put64(bytes, UINT64_MAX);
	end_block(bytes, block);
}

/* An interface; `resolution` is the raw if_tsresol byte, negative for none. */
static inline void put_interface(struct bytes *bytes, uint16_t link, uint32_t snaplen, int resolution)
{
	size_t block = begin_block(bytes, 1);

	put16(bytes, link);
	put16(bytes, 0);
	put32(bytes, snaplen);
	if (resolution >= 0) {
		put16(bytes, 9);
		put16(bytes, 1);
		put(bytes, (uint8_t[]){ (uint8_t)resolution, 0, 0, 0 }, 4);
		put32(bytes, 0); /* opt_endofopt */
	}
	end_block(bytes, block);
}

static inline void put_enhanced(struct bytes *bytes, uint32_t interface, uint64_t ticks, uint32_t caplen, uint32_t len,
                                uint8_t fill)
{
	size_t block = begin_block(bytes, 6);

	put32(bytes, interface);
	put32(bytes, (uint32_t)(ticks >> 32));
	put32(bytes, (uint32_t)ticks);
	put32(bytes, caplen);
	put32(bytes, len);
	put_filler(bytes, fill, caplen);
	end_block(bytes, block);
}

#define PATH_SIZE 64

/* The first `size` bytes as a file in the directory for temporary files; `ret_path` holds PATH_SIZE bytes. */
static inline const char *put_file(const void *bytes, size_t size, char *ret_path)
{
	int fd;

	snprintf(ret_path, PATH_SIZE, "/tmp/flatline-test-XXXXXX");
	fd = mkstemp(ret_path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	close(fd);
	return ret_path;
}

/* The bytes as a pipe that is at its end behind them; returns the reading descriptor. At most 64 KiB. */
static inline int put_pipe(const void *bytes, size_t size)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], bytes, size), (ssize_t)size);
	close(ends[1]);
	return ends[0];
}

#define FRAMES_MOST 4096

/* A capture read to its end; `fill` is each frame's first byte, checked to be all of its bytes. */
struct result {
	struct fl_capture *capture;
	const struct fl_capture_facts *facts;
	size_t count;
	struct fl_frame frames[FRAMES_MOST];
	uint8_t fill[FRAMES_MOST];
	char problem[512]; /* of the first file */
};

static inline void keep(struct result *result, const struct fl_frame *frame)
{
	ck_assert_uint_lt(result->count, FRAMES_MOST);
	result->frames[result->count] = *frame;
	result->fill[result->count] = frame->caplen ? frame->bytes[0] : 0;
	for (uint32_t i = 1; i < frame->caplen; i++)
		if (frame->bytes[i] != frame->bytes[0])
			ck_abort_msg("byte %u of frame %zu differs", i, result->count);
	result->count++;
}

static inline struct result *read_all(const char *const *paths, size_t n_paths,
                                      const struct fl_capture_settings *settings)
{
	struct result *result = calloc(1, sizeof(*result));
	struct fl_frame frames[FL_BATCH];
	struct fl_error error;
	size_t count;

	ck_assert_ptr_nonnull(result);
	result->capture = fl_capture_new(paths, n_paths, settings, &error);
	if (!result->capture)
		ck_abort_msg("%s", error.message);
	while ((count = fl_capture_read(result->capture, frames, FL_BATCH)))
		for (size_t i = 0; i < count; i++)
			keep(result, &frames[i]);
	result->facts = fl_capture_facts(result->capture);
	ck_assert_uint_eq(result->facts->n_files, n_paths);
	fl_error_text(&result->facts->files[0].problem, result->problem, sizeof(result->problem));
	return result;
}

static inline void result_free(struct result *result)
{
	fl_capture_free(result->capture);
	free(result);
}

/* Reads the first `size` of the bytes from a file, or from a pipe by its name in /dev/fd as a shell's <(...) gives it.
 * The path goes stale, so tests look at it in `problem` only from ": " on. */
static inline struct result *read_bytes(const struct bytes *bytes, size_t size, bool is_pipe)
{
	static char path[PATH_SIZE];
	const char *paths[] = { path };
	struct result *result;
	int fd = -1;

	if (is_pipe) {
		fd = put_pipe(bytes->at, size);
		snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	} else {
		put_file(bytes->at, size, path);
	}
	result = read_all(paths, 1, NULL);
	if (is_pipe)
		close(fd);
	else
		unlink(path);
	return result;
}

#endif
