/* The same packets in two files give themselves away by their contents: addresses, ports, sequence numbers, IP-ID and
 * timestamps agree, only the clocks differ. Each file is represented by the TCP packets with the smallest hashes (a
 * bottom-k sketch), so that the comparison finds what two files share wherever in them it lies. */
#include "flatline/overlap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "flatline/capture.h"
#include "flatline/packet.h"
#include "flatline/time.h"

enum { sketch_size = 1024, enough_in_common = 3, one_in = 20 };

struct sample {
	uint64_t hash;
	int64_t at;
	uint32_t file;
};

struct sketch {
	struct sample samples[2 * sketch_size]; /* the smallest first after `settle` */
	size_t count;
};

static int compare_samples(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->file < y->file ? -1 : x->file > y->file;
}

/* Sorts, and keeps the smallest hashes, each once. */
static void settle(struct sketch *sketch)
{
	size_t kept = 0;

	qsort(sketch->samples, sketch->count, sizeof(sketch->samples[0]), compare_samples);
	for (size_t i = 0; i < sketch->count && kept < sketch_size; i++) {
		if (kept == 0 || sketch->samples[i].hash != sketch->samples[kept - 1].hash)
			sketch->samples[kept++] = sketch->samples[i];
	}
	sketch->count = kept;
}

/* What stays the same from one place of capture to the next: not the TTL, not MAC addresses, not the time. */
static uint64_t fingerprint(const struct fl_packet *packet)
{
	struct {
		uint8_t source[16], target[16];
		uint16_t source_port, target_port, ip_id, window;
		uint32_t seq, ack, length, ts_value;
		uint8_t flags, family, pad[2];
	} identity;

	memset(&identity, 0, sizeof(identity));
	memcpy(identity.source, packet->source.bytes, 16);
	memcpy(identity.target, packet->target.bytes, 16);
	identity.source_port = packet->source_port;
	identity.target_port = packet->target_port;
	identity.ip_id = packet->ip_id;
	identity.window = packet->window;
	identity.seq = packet->seq;
	identity.ack = packet->ack;
	identity.length = packet->length;
	identity.ts_value = packet->options.ts_value;
	identity.flags = packet->flags;
	identity.family = packet->source.family;
	return XXH3_64bits(&identity, sizeof(identity));
}

/* Without payload, a timestamp or an IP-ID nothing tells one keepalive of an idle connection from the next. */
static bool comes_naturally_again(const struct fl_packet *packet)
{
	return packet->length == 0 && packet->ip_id == 0 && !(packet->options.present & FL_OPT_TIMESTAMP);
}

static void add_frame(struct sketch *sketch, struct fl_wire *wire, const struct fl_frame *frame, uint32_t file)
{
	struct fl_packet packet;

	fl_wire_decode(wire, frame, &packet);
	if (packet.outcome != FL_OUTCOME_TCP || frame->at == FL_TIME_NONE || comes_naturally_again(&packet))
		return;
	sketch->samples[sketch->count++] = (struct sample){ fingerprint(&packet), frame->at, file };
	if (sketch->count == 2 * sketch_size)
		settle(sketch);
}

static bool is_regular(const char *path)
{
	struct stat status;

	return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* The sketch of one file; false out of memory. A file that cannot be read has an empty one: others will say so. */
static bool sketch_file(const char *path, uint32_t file, bool (*is_stopped)(void), struct sketch *sketch)
{
	struct fl_capture_settings settings = { NULL, FL_TIME_NONE, FL_TIME_NONE };
	struct fl_capture *capture = fl_capture_new(&path, 1, &settings, NULL);
	struct fl_wire *wire = fl_wire_new();
	struct fl_frame frames[FL_BATCH];
	size_t count;

	sketch->count = 0;
	if (capture && wire) {
		while (!is_stopped() && (count = fl_capture_read(capture, frames, FL_BATCH)) > 0) {
			for (size_t i = 0; i < count; i++)
				add_frame(sketch, wire, &frames[i], file);
		}
		settle(sketch);
	}
	fl_wire_free(wire);
	fl_capture_free(capture);
	return wire != NULL;
}

struct common {
	uint32_t first, second; /* files */
	int64_t offset;         /* of their clocks */
};

static int compare_common(const void *a, const void *b)
{
	const struct common *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->second != y->second)
		return x->second < y->second ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void explain(const char *const *paths, const struct common *middle, size_t count, struct fl_error *reterr)
{
	char offset[FL_TIME_TEXT], how[64];

	if (middle->offset == 0)
		snprintf(how, sizeof(how), "at the same times");
	else
		snprintf(how, sizeof(how), "%s %s",
		         fl_duration_text(middle->offset > 0 ? middle->offset : -middle->offset, offset),
		         middle->offset > 0 ? "later" : "earlier");
	fl_error_set(reterr, paths[middle->second], 0,
	             "holds the same packets as %s, %s (%zu looked at): one traffic captured twice is no timeline; "
	             "give one of them",
	             paths[middle->first], how, count);
}

/* One traffic at two places has one offset, but for the drift of their clocks. Of commons sorted by offset, the largest
 * group within that; *ret_middle is its middle. */
static size_t largest_group(const struct common *commons, size_t count, const struct common **ret_middle)
{
	const int64_t drift = FL_NS_PER_S;
	size_t largest = 0;

	for (size_t first = 0, end = 0; first < count; first++) {
		while (end < count && commons[end].offset - commons[first].offset <= drift)
			end++;
		if (end - first > largest) {
			largest = end - first;
			*ret_middle = &commons[first + largest / 2];
		}
	}
	return largest;
}

/* Looks for two files with enough in common. The samples are sorted by hash. */
static int compare_files(const char *const *paths, const struct sample *samples, size_t count, const size_t *sizes,
                         struct fl_error *reterr)
{
	struct common *commons = malloc((count + 1) * sizeof(*commons));
	size_t n_commons = 0;
	int status = 0;

	if (!commons)
		return 0;
	for (size_t i = 1; i < count; i++) {
		if (samples[i].hash == samples[i - 1].hash)
			commons[n_commons++] = (struct common){ samples[i - 1].file, samples[i].file,
				                                samples[i].at - samples[i - 1].at };
	}
	qsort(commons, n_commons, sizeof(*commons), compare_common);
	for (size_t start = 0, end; status == 0 && start < n_commons; start = end) {
		for (end = start; end < n_commons && commons[end].first == commons[start].first &&
		                  commons[end].second == commons[start].second;)
			end++;

		size_t first = sizes[commons[start].first], second = sizes[commons[start].second];
		size_t smaller = first < second ? first : second;

		const struct common *middle = NULL;
		size_t same = largest_group(commons + start, end - start, &middle);

		if (same >= enough_in_common && same * one_in >= smaller) {
			explain(paths, middle, same, reterr);
			status = -1;
		}
	}
	free(commons);
	return status;
}

int fl_overlap_check(const char *const *paths, size_t n_paths, bool (*is_stopped)(void), struct fl_error *reterr)
{
	struct sketch *sketch = n_paths > 1 ? malloc(sizeof(*sketch)) : NULL;
	struct sample *samples = sketch ? malloc(n_paths * sketch_size * sizeof(*samples)) : NULL;
	size_t *sizes = samples ? calloc(n_paths, sizeof(*sizes)) : NULL;
	size_t count = 0;
	int status = 0;

	for (size_t i = 0; sizes && i < n_paths; i++) {
		if (!is_regular(paths[i]) || !sketch_file(paths[i], (uint32_t)i, is_stopped, sketch))
			continue;
		memcpy(samples + count, sketch->samples, sketch->count * sizeof(*samples));
		sizes[i] = sketch->count;
		count += sketch->count;
	}
	if (sizes) {
		qsort(samples, count, sizeof(*samples), compare_samples);
		status = compare_files(paths, samples, count, sizes, reterr);
	}
	free(sizes);
	free(samples);
	free(sketch);
	return status;
}
