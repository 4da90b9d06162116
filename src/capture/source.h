/* Where bytes come from: a file descriptor that may be a pipe (nothing here ever seeks), memory, or a decompressor over
 * another source. The first bytes can be looked at before they are taken, so that the kind of file is known in time. */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/capture.h"

/* How many bytes can be looked at: a classic pcap file header. */
#define SOURCE_HEAD 24

/* How much is asked of the kernel at once. */
#define SOURCE_CHUNK ((size_t)128 * 1024)

struct source {
	size_t (*read)(struct source *source, uint8_t *ret_bytes, size_t size); /* 0 at the end, whatever kind of end */
	void (*free)(struct source *source);
	uint8_t head[SOURCE_HEAD]; /* looked at, not yet taken */
	size_t head_at, head_end;
	enum fl_file_end end; /* WHOLE while all is well; CUT or CORRUPT when the bytes ended before their time */
	char problem[160];    /* why, when end is not WHOLE */
};

/* What the file system tells of a file. */
struct source_info {
	bool can_reopen;  /* a regular file by its name: opening it again gives the same bytes */
	int64_t modified; /* ns, FL_TIME_NONE when it is no regular file */
};

/* Opens `path` ("-": standard input, which stays open afterwards). NULL with `reterr`. */
struct source *fl_source_open(const char *path, struct source_info *ret_info, struct fl_error *reterr);
/* Reads from `bytes`, which must outlive it. NULL: out of memory. */
struct source *fl_source_memory(const uint8_t *bytes, size_t size);
void fl_source_free(struct source *source);

/* At most `size` bytes, as many as are there without waiting for more; 0 at the end. */
size_t fl_source_read(struct source *source, uint8_t *ret_bytes, size_t size);
/* How many bytes of `head` could be filled: SOURCE_HEAD, or fewer when the source is shorter. They are not taken. */
size_t fl_source_peek(struct source *source);
/* Notes how the bytes ended before their time; returns 0, the answer of a read at the end. */
size_t fl_source_fail(struct source *source, enum fl_file_end end, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The name of the compression that the first bytes show, "" for none. */
const char *fl_compression_name(const uint8_t *head, size_t size);
/* A source of what `inner` holds compressed by `compression`; owns `inner` from now on, also when it fails. NULL with
 * `reterr` when this build cannot read it. */
struct source *fl_source_decompress(struct source *inner, const char *name, const char *compression,
                                    struct fl_error *reterr);

#endif
