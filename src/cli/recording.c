/* A recording says by itself what it shows, in the words that evidence has, and how it was made. The interface's end
 * time is the moment that was judged: without it nobody could tell a silence from the end of the capture. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "recording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/writer.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

/* Interfaces of a file: a device that came back may have another link type. */
enum { most_interfaces_of_file = 4 * FL_LIVE_DEVICES };

struct sheet {
	struct {
		uint16_t device, link;
	} interfaces[most_interfaces_of_file];
	size_t n_interfaces;
};

void recording_free(struct recording *recording)
{
	if (!recording)
		return;
	fl_evidence_flow_free(recording->flow);
	free(recording->copy.frames);
	free(recording->path);
	free(recording);
}

uint64_t recording_size(const struct recording *recording)
{
	const uint64_t block = 32, words = 2048; /* of a packet, and in all */
	uint64_t size = words;

	for (size_t i = 0; i < recording->copy.count; i++)
		size += block + (recording->copy.frames[i].caplen + 3) / 4 * 4;
	return size;
}

/* ---- words ---- */

static void add_beginning(const struct recording *recording, struct fl_text *text)
{
	char time[FL_TIME_TEXT], count[32];

	switch (recording->begins) {
	case BEGINS_WITH_SYN: break;
	case BEGINS_UNDER_WAY: fl_text_add(text, "The connection was under way when the run began.\n"); break;
	case BEGINS_PUSHED_OUT:
		fl_text_add(text,
		            "This begins later than the connection, which is there since %s: packets of others have "
		            "pushed the first ones out of the %s bytes of --record-buffer.\n",
		            fl_time_rfc3339(recording->flow->first, time),
		            fl_count_text(recording->options->record_buffer, count));
		break;
	case BEGINS_TOO_OLD:
		fl_text_add(text,
		            "This begins later than the connection, which is there since %s: packets are kept for "
		            "%" PRIu32 " s (--record-seconds).\n",
		            fl_time_rfc3339(recording->flow->first, time), recording->options->record_seconds);
		break;
	}
}

static void add_section(const struct recording *recording, struct fl_text *text)
{
	char time[FL_TIME_TEXT], count[32];

	fl_evidence_describe(recording->flow, text);
	add_beginning(recording, text);
	fl_text_add(text,
	            "Recorded by flatline " PACKAGE_VERSION
	            " when that was told, at %s: %s packets of the connection and about it, as they were captured, up "
	            "to %" PRIu32 " bytes of each. That may be some of what was said. Frames are numbered anew: "
	            "numbers in words are those of the run, and frames with a comment say which they were.",
	            fl_time_rfc3339(recording->at, time), fl_count_text(recording->copy.count, count),
	            recording->options->snaplen);
}

static void add_remark(const struct recording *recording, const struct fl_frame *frame, struct fl_text *text)
{
	fl_text_clear(text);
	fl_evidence_remark(recording->flow, frame, text);
	if (text->length > 0)
		fl_text_add(text, " [frame %" PRIu64 " of the run]", frame->number);
}

/* ---- the file ---- */

/* SIZE_MAX: there are too many. */
static size_t interface_of(struct sheet *sheet, const struct fl_frame *frame)
{
	for (size_t i = 0; i < sheet->n_interfaces; i++) {
		if (sheet->interfaces[i].device == frame->interface && sheet->interfaces[i].link == frame->link)
			return i;
	}
	if (sheet->n_interfaces == most_interfaces_of_file)
		return SIZE_MAX;
	sheet->interfaces[sheet->n_interfaces].device = frame->interface;
	sheet->interfaces[sheet->n_interfaces].link = frame->link;
	return sheet->n_interfaces++;
}

static void write_interfaces(struct fl_writer *writer, const struct recording *recording, struct sheet *sheet)
{
	for (size_t i = 0; i < recording->copy.count; i++)
		(void)interface_of(sheet, &recording->copy.frames[i]);
	for (size_t i = 0; i < sheet->n_interfaces; i++)
		fl_writer_interface(writer, sheet->interfaces[i].link,
		                    recording->options->interfaces[sheet->interfaces[i].device],
		                    recording->options->snaplen);
}

static bool write_frames(struct fl_writer *writer, const struct recording *recording, struct sheet *sheet)
{
	struct fl_text remark;
	bool ok = true;

	fl_text_init(&remark);
	for (size_t i = 0; ok && i < recording->copy.count; i++) {
		const struct fl_frame *frame = &recording->copy.frames[i];
		size_t interface = interface_of(sheet, frame);

		add_remark(recording, frame, &remark);
		if (interface != SIZE_MAX)
			fl_writer_frame(writer, (uint32_t)interface, frame,
			                remark.length > 0 ? fl_text_get(&remark) : NULL);
		ok = !remark.failed;
	}
	fl_text_deinit(&remark);
	return ok;
}

/* What a device lost stands with its first interface: readers sum it. */
static void write_statistics(struct fl_writer *writer, const struct recording *recording, const struct sheet *sheet)
{
	bool has_said[FL_LIVE_DEVICES] = { false };

	for (size_t i = 0; i < sheet->n_interfaces; i++) {
		uint16_t device = sheet->interfaces[i].device;

		fl_writer_statistics(writer, (uint32_t)i, recording->until, !has_said[device],
		                     recording->drops[device]);
		has_said[device] = true;
	}
}

static int starve(const char *path, struct fl_error *reterr)
{
	fl_error_set(reterr, path, 0, "cannot be written: %s", strerror(ENOMEM));
	return -1;
}

static int write_file(struct recording *recording, const char *path, const char *section, struct fl_error *reterr)
{
	struct fl_writer *writer = fl_writer_new_private(path, "flatline " PACKAGE_VERSION, section, reterr);
	struct sheet sheet = { .n_interfaces = 0 };
	int status = -1;

	if (!writer)
		return -1;
	write_interfaces(writer, recording, &sheet);
	if (write_frames(writer, recording, &sheet)) {
		write_statistics(writer, recording, &sheet);
		status = fl_writer_finish(writer, reterr);
	} else {
		starve(path, reterr);
	}
	if (status == 0)
		recording->path = strdup(fl_writer_path(writer));
	fl_writer_free(writer);
	return status == 0 && !recording->path ? starve(path, reterr) : status;
}

int recording_write(struct recording *recording, const struct recordings *recordings, struct fl_error *reterr)
{
	struct fl_text path, section;
	int status;

	fl_text_init(&path);
	fl_text_init(&section);
	recordings_name(recordings, recording->at, recording->flow->id, recording->flow->verdict, &path);
	add_section(recording, &section);
	if (path.failed || section.failed)
		status = starve(recording->options->record, reterr);
	else
		status = write_file(recording, fl_text_get(&path), fl_text_get(&section), reterr);
	fl_text_deinit(&section);
	fl_text_deinit(&path);
	return status;
}
