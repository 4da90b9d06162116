/* One capture file as a row of frames, whatever its format. */
#ifndef CAPTURE_READER_H
#define CAPTURE_READER_H

#include "source.h"

struct reader {
	/* The next frame, its bytes valid until the next call; false at the end, told in `end` and `problem`. */
	bool (*next)(struct reader *reader, struct fl_frame *ret_frame);
	void (*free)(struct reader *reader);
	const char *name;   /* as the user named the file */
	const char *format; /* "pcap", "pcapng" */
	enum fl_file_end end;
	struct fl_error problem;
	uint64_t frames;       /* read so far */
	uint32_t snaplen;      /* smallest of its interfaces so far, 0 when unlimited or unknown */
	int64_t interface_end; /* latest pcapng interface end time, FL_TIME_NONE without */
	bool has_drops;
	uint64_t drops;
};

/* What is known of a file besides its frames, also when it cannot be read. */
struct reader_info {
	struct source_info source;
	const char *compression; /* "gzip", "zstd", "" */
};

/* Recognises the file by its first bytes and reads its header. NULL with `reterr`. `path` must outlive the reader. */
struct reader *fl_reader_open(const char *path, struct reader_info *ret_info, struct fl_error *reterr);
void fl_reader_free(struct reader *reader);

/* The two formats, over a source whose head was peeked at; they own the source from now on, also when they fail. */
struct reader *fl_classic_open(struct source *source, const char *name, struct fl_error *reterr);
struct reader *fl_pcapng_open(struct source *source, const char *name, struct fl_error *reterr);

/* For the formats: notes how the file ended, and at which frame (0: none); false, the answer of `next` at the end. */
bool fl_reader_end(struct reader *reader, enum fl_file_end end, uint64_t frame, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* For the formats, when the bytes of `source` ran out: the source's own reason, else CUT with `inside` ("this packet"),
 * or WHOLE when `inside` is NULL because nothing had begun. */
bool fl_reader_bytes_ended(struct reader *reader, const struct source *source, uint64_t frame, const char *inside);

#endif
