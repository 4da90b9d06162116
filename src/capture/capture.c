/* The frames of all files as batches for the engine. What the capture itself says of its quality is counted on the way:
 * frames cut by the snaplen, clocks stepping back, packets lost by the capturing kernel. It decides later how much an
 * absence proves. */
#include "flatline/capture.h"

#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "streams.h"

/* A batch's bytes: enough for 32 frames of 8 KiB; it ends early when they are full. */
#define ARENA_SIZE ((size_t)256 * 1024)

/* Frames of several CPUs or ports are written a little out of order; only larger steps are told. */
#define STEP_TOLD FL_NS_PER_MS

struct fl_capture {
	struct fl_capture_settings settings;
	struct filter *filter;
	struct fl_capture_facts facts;
	struct fl_capture_file *files;
	struct streams streams;
	uint8_t *arena; /* bytes of the frames given out */
	size_t arena_size, arena_used;
};

static bool name_files(struct fl_capture *capture, const char *const *paths, size_t n_paths, struct fl_error *reterr)
{
	size_t n_stdin = 0;

	capture->files = calloc(n_paths ? n_paths : 1, sizeof(*capture->files));
	if (!capture->files) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		return false;
	}
	for (size_t i = 0; i < n_paths; i++) {
		capture->files[i] = (struct fl_capture_file){ .name = paths[i],
			                                      .format = "",
			                                      .compression = "",
			                                      .end = FL_FILE_READING,
			                                      .first = FL_TIME_NONE,
			                                      .last = FL_TIME_NONE,
			                                      .modified = FL_TIME_NONE };
		n_stdin += strcmp(paths[i], "-") == 0;
	}
	if (n_stdin > 1)
		fl_error_set(reterr, "-", 0, "standard input can be read only once");
	capture->facts.files = capture->files;
	capture->facts.n_files = n_paths;
	return n_stdin <= 1;
}

static bool start(struct fl_capture *capture, const char *const *paths, size_t n_paths, struct fl_error *reterr)
{
	if (!name_files(capture, paths, n_paths, reterr))
		return false;
	if (capture->settings.filter) {
		capture->filter = fl_filter_new(capture->settings.filter, reterr);
		if (!capture->filter)
			return false;
	}
	capture->arena_size = ARENA_SIZE;
	capture->arena = malloc(capture->arena_size);
	if (capture->arena && fl_streams_init(&capture->streams, capture->files, n_paths))
		return true;
	fl_error_set(reterr, NULL, 0, "out of memory");
	return false;
}

struct fl_capture *fl_capture_new(const char *const *paths, size_t n_paths, const struct fl_capture_settings *settings,
                                  struct fl_error *reterr)
{
	static const struct fl_capture_settings none = { .from = FL_TIME_NONE, .to = FL_TIME_NONE };
	struct fl_capture *capture = calloc(1, sizeof(*capture));

	if (!capture) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		return NULL;
	}
	capture->settings = settings ? *settings : none;
	capture->facts.first = capture->facts.last = capture->facts.interface_end = FL_TIME_NONE;
	capture->facts.shown_first = capture->facts.shown_last = FL_TIME_NONE;
	if (start(capture, paths, n_paths, reterr))
		return capture;
	fl_capture_free(capture);
	return NULL;
}

void fl_capture_free(struct fl_capture *capture)
{
	if (!capture)
		return;
	fl_streams_deinit(&capture->streams);
	fl_filter_free(capture->filter);
	free(capture->files);
	free(capture->arena);
	free(capture);
}

static void note_link(struct fl_capture_facts *facts, uint16_t link)
{
	for (size_t i = 0; i < facts->n_links; i++)
		if (facts->links[i] == link)
			return;
	if (facts->n_links < sizeof(facts->links) / sizeof(facts->links[0]))
		facts->links[facts->n_links++] = link;
}

static void note_time(struct fl_capture_facts *facts, struct stream *stream, int64_t at)
{
	struct fl_capture_file *file = stream->file;

	if (at == FL_TIME_NONE) {
		facts->untimed++;
		return;
	}
	if (stream->last_at != FL_TIME_NONE && at < stream->last_at) {
		/* unsigned, since a damaged file's steps may not fit */
		uint64_t step = (uint64_t)stream->last_at - (uint64_t)at;

		if (step > INT64_MAX)
			step = INT64_MAX;
		if ((int64_t)step > STEP_TOLD)
			facts->backwards++;
		if ((int64_t)step > STEP_TOLD && (int64_t)step > facts->step_back)
			facts->step_back = (int64_t)step;
	}
	stream->last_at = at;
	if (file->first == FL_TIME_NONE || at < file->first)
		file->first = at;
	if (at > file->last)
		file->last = at;
	if (facts->first == FL_TIME_NONE || at < facts->first)
		facts->first = at;
	if (at > facts->last)
		facts->last = at;
}

/* What the files tell besides their frames: it changes rarely, and most of it stands at their ends. */
static void sum_up(struct fl_capture *capture)
{
	struct fl_capture_facts *facts = &capture->facts;

	facts->interface_end = FL_TIME_NONE;
	facts->has_drops = false;
	facts->drops = 0;
	for (size_t i = 0; i < capture->streams.count; i++) {
		const struct stream *stream = &capture->streams.at[i];

		if (stream->interface_end > facts->interface_end)
			facts->interface_end = stream->interface_end;
		facts->has_drops |= stream->has_drops;
		facts->drops += stream->drops;
	}
}

/* Counts the frame, shown or hidden: the facts are about the files. */
static void note_frame(struct fl_capture_facts *facts, struct stream *stream)
{
	const struct fl_frame *frame = &stream->head;

	facts->frames++;
	stream->file->frames++;
	facts->cut += frame->caplen < frame->len;
	if (facts->n_links == 0 || facts->links[0] != frame->link)
		note_link(facts, frame->link);
	note_time(facts, stream, frame->at);
}

/* A frame without a time lies in no span of time. */
static bool is_in_span(const struct fl_capture_settings *settings, int64_t at)
{
	if (settings->from == FL_TIME_NONE && settings->to == FL_TIME_NONE)
		return true;
	return at != FL_TIME_NONE && at >= settings->from && (settings->to == FL_TIME_NONE || at < settings->to);
}

static void note_shown(struct fl_capture_facts *facts, int64_t at)
{
	if (at == FL_TIME_NONE)
		return;
	if (facts->shown_first == FL_TIME_NONE || at < facts->shown_first)
		facts->shown_first = at;
	if (at > facts->shown_last)
		facts->shown_last = at;
}

static enum filter_answer is_wanted(struct fl_capture *capture, const struct fl_frame *frame, const char **ret_why)
{
	if (!is_in_span(&capture->settings, frame->at))
		return FILTER_NO;
	return capture->filter ? fl_filter_match(capture->filter, frame, ret_why) : FILTER_YES;
}

/* A filter that means nothing on a link type would hide all of that link's frames, and the report would call the absent
 * ones dead: the file ends there instead, told as its problem. */
static void stop_for_filter(struct fl_capture *capture, struct stream *stream, const char *why)
{
	const char *link = fl_link_name(stream->head.link);
	struct fl_error message;

	fl_error_set(&message, NULL, 0, "filter \"%s\" cannot be applied to link type %u%s%s%s: %s",
	             capture->settings.filter, stream->head.link, link ? " (" : "", link ? link : "", link ? ")" : "",
	             why);
	fl_stream_stop(stream, stream->head.number, message.message);
}

/* Room for a frame of `size` bytes in the arena. It grows only when empty, so that no frame given out moves. */
static uint8_t *room_for(struct fl_capture *capture, size_t size, bool is_first)
{
	if (capture->arena_size - capture->arena_used < size) {
		uint8_t *arena;

		if (!is_first)
			return NULL;
		arena = malloc(size);
		if (!arena)
			return NULL;
		free(capture->arena);
		capture->arena = arena;
		capture->arena_size = size;
	}
	return capture->arena + capture->arena_used;
}

/* Copies the head of `stream` behind the frames given out; false when it must wait for the next batch. */
static bool give(struct fl_capture *capture, struct stream *stream, struct fl_frame *ret_frame, bool is_first)
{
	uint8_t *room = room_for(capture, stream->head.caplen, is_first);

	if (!room) {
		if (is_first)
			fl_stream_stop(stream, stream->head.number, "out of memory");
		return is_first;
	}
	memcpy(room, stream->head.bytes, stream->head.caplen);
	*ret_frame = stream->head;
	ret_frame->bytes = room;
	capture->arena_used += stream->head.caplen;
	return true;
}

size_t fl_capture_read(struct fl_capture *capture, struct fl_frame *ret_frames, size_t max)
{
	struct fl_capture_facts *facts = &capture->facts;
	size_t n_open = capture->streams.n_heap, count = 0;
	struct stream *stream;

	capture->arena_used = 0;
	while (count < max && (stream = fl_streams_next(&capture->streams))) {
		const char *why = NULL;
		enum filter_answer wanted = is_wanted(capture, &stream->head, &why);

		if (wanted == FILTER_CANNOT) {
			stop_for_filter(capture, stream, why);
			continue;
		}
		if (wanted == FILTER_YES) {
			if (!give(capture, stream, &ret_frames[count], count == 0))
				break;
			if (!stream->has_head)
				continue;
			note_shown(facts, stream->head.at);
			count++;
		} else {
			facts->hidden++;
		}
		note_frame(facts, stream);
		fl_stream_take(stream);
	}
	if (count == 0 || capture->streams.n_heap != n_open)
		sum_up(capture);
	return count;
}

const struct fl_capture_facts *fl_capture_facts(const struct fl_capture *capture)
{
	return &capture->facts;
}
