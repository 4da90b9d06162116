/* Several files as one row of frames in order of time, each file in its own order. */
#ifndef CAPTURE_STREAMS_H
#define CAPTURE_STREAMS_H

#include "reader.h"

/* One file on its way through the merge. */
struct stream {
	struct fl_capture_file *file; /* its place in the facts */
	uint32_t index;               /* in the user's order: decides between equal times */
	struct reader *reader;        /* NULL: not open */
	bool has_head;
	struct fl_frame head; /* the next frame, when has_head */
	int64_t key;          /* the latest time so far, the head's included: a file's own order is never changed */
	int64_t last_at;      /* time of the frame before the head, FL_TIME_NONE before the first */
	/* what the reader told, kept when it is closed */
	int64_t interface_end;
	bool has_drops;
	uint64_t drops;
};

struct streams {
	struct stream *at;
	size_t count;
	struct stream **heap; /* those not at their end, the earliest first */
	size_t n_heap;
};

/* Looks at the first frame of each of the `count` files, in order. False: out of memory. */
bool fl_streams_init(struct streams *streams, struct fl_capture_file *files, size_t count);
void fl_streams_deinit(struct streams *streams);

/* The stream whose head is the next frame of all; NULL at the end of all. The head's bytes are valid until the next
 * call after `fl_stream_take`. */
struct stream *fl_streams_next(struct streams *streams);

/* The head was used: the next call of fl_streams_next reads on. */
static inline void fl_stream_take(struct stream *stream)
{
	stream->has_head = false;
}

/* Ends a stream before its end for a reason of the caller's; it is dropped by the next fl_streams_next. */
void fl_stream_stop(struct stream *stream, uint64_t frame, const char *message);

#endif
