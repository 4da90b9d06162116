/* A capture that ran for a week is a set of rotated files, named on the command line in any order; captures of two
 * places overlap. Each file's first time is looked at, then a file is opened when the merged time reaches it and closed
 * at its end, so that a thousand files need a few descriptors. Within a file the order of frames is what the kernel
 * wrote down and says more than its clock, which may step back. */
#include "streams.h"

#include <stdlib.h>

static bool is_before(const struct stream *a, const struct stream *b)
{
	return a->key != b->key ? a->key < b->key : a->index < b->index;
}

static void sift_down(struct streams *streams, size_t place)
{
	struct stream **heap = streams->heap, *moving = heap[place];

	for (;;) {
		size_t child = 2 * place + 1;

		if (child >= streams->n_heap)
			break;
		if (child + 1 < streams->n_heap && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], moving))
			break;
		heap[place] = heap[child];
		place = child;
	}
	heap[place] = moving;
}

static void sift_up(struct streams *streams, size_t place)
{
	struct stream **heap = streams->heap, *moving = heap[place];

	while (place && is_before(moving, heap[(place - 1) / 2])) {
		heap[place] = heap[(place - 1) / 2];
		place = (place - 1) / 2;
	}
	heap[place] = moving;
}

static void pop(struct streams *streams)
{
	streams->heap[0] = streams->heap[--streams->n_heap];
	if (streams->n_heap)
		sift_down(streams, 0);
}

/* What the reader knows besides its frames. */
static void note(struct stream *stream)
{
	const struct reader *reader = stream->reader;

	stream->file->format = reader->format;
	stream->file->snaplen = reader->snaplen;
	stream->interface_end = reader->interface_end;
	stream->has_drops = reader->has_drops;
	stream->drops = reader->drops;
}

static void close_reader(struct stream *stream)
{
	fl_reader_free(stream->reader);
	stream->reader = NULL;
}

static bool open_reader(struct stream *stream, struct reader_info *ret_info)
{
	stream->reader = fl_reader_open(stream->file->name, ret_info, &stream->file->problem);
	stream->file->compression = ret_info->compression;
	stream->file->modified = ret_info->source.modified;
	if (stream->reader)
		return true;
	stream->file->end = FL_FILE_UNREADABLE;
	return false;
}

/* Reads the next frame into the head; false at the file's end, which is noted and the file closed. */
static bool advance(struct stream *stream)
{
	struct reader_info info;

	if (!stream->reader && !open_reader(stream, &info))
		return false;
	stream->has_head = stream->reader->next(stream->reader, &stream->head);
	note(stream);
	if (!stream->has_head) {
		stream->file->end = stream->reader->end;
		if (stream->reader->end != FL_FILE_WHOLE)
			stream->file->problem = stream->reader->problem;
		close_reader(stream);
		return false;
	}
	stream->head.file = stream->index;
	if (stream->head.at > stream->key)
		stream->key = stream->head.at;
	return true;
}

/* The first look at a file. With several files, those that can be opened again are closed until their time comes. */
static bool look(struct stream *stream, bool is_only)
{
	struct reader_info info;

	if (!open_reader(stream, &info) || !advance(stream))
		return false;
	if (!is_only && info.source.can_reopen) {
		close_reader(stream);
		stream->has_head = false;
	}
	return true;
}

bool fl_streams_init(struct streams *streams, struct fl_capture_file *files, size_t count)
{
	*streams = (struct streams){ 0 };
	streams->at = calloc(count ? count : 1, sizeof(*streams->at));
	streams->heap = calloc(count ? count : 1, sizeof(struct stream *));
	if (!streams->at || !streams->heap)
		return false;
	streams->count = count;
	for (size_t i = 0; i < count; i++) {
		struct stream *stream = &streams->at[i];

		*stream = (struct stream){ .file = &files[i],
			                   .index = (uint32_t)i,
			                   .key = FL_TIME_NONE,
			                   .last_at = FL_TIME_NONE,
			                   .interface_end = FL_TIME_NONE };
		if (!look(stream, count == 1))
			continue;
		streams->heap[streams->n_heap] = stream;
		sift_up(streams, streams->n_heap++);
	}
	return true;
}

void fl_streams_deinit(struct streams *streams)
{
	for (size_t i = 0; i < streams->count; i++)
		close_reader(&streams->at[i]);
	free(streams->at);
	free(streams->heap);
	*streams = (struct streams){ 0 };
}

struct stream *fl_streams_next(struct streams *streams)
{
	while (streams->n_heap) {
		struct stream *first = streams->heap[0];

		if (first->has_head)
			return first;
		if (first->file->end == FL_FILE_READING && advance(first))
			sift_down(streams, 0);
		else
			pop(streams);
	}
	return NULL;
}

void fl_stream_stop(struct stream *stream, uint64_t frame, const char *message)
{
	stream->file->end = FL_FILE_CORRUPT;
	fl_error_set(&stream->file->problem, stream->file->name, frame, "%s", message);
	stream->has_head = false;
	close_reader(stream);
}
