/* Captures are kept compressed: tcpdump -z gzip, or zstd by hand. Both formats allow several streams one after another
 * (`cat a.gz b.gz`), and both end early when a disk is full or a download breaks; then all that was readable is handed
 * out first and the end is told as what it is. gzip is RFC 1952, zstd is RFC 8878. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "source.h"

#define INPUT_CHUNK ((size_t)64 * 1024)

static const struct {
	const char *name;
	uint8_t magic[6];
	size_t size;
} kinds[] = {
	{ "gzip", { 0x1f, 0x8b }, 2 },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4 },
	{ "lz4", { 0x04, 0x22, 0x4d, 0x18 }, 4 },
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0x00 }, 6 },
	{ "bzip2", { 'B', 'Z', 'h' }, 3 },
	{ "zip", { 'P', 'K', 0x03, 0x04 }, 4 },
	{ "compress", { 0x1f, 0x9d }, 2 },
};

const char *fl_compression_name(const uint8_t *head, size_t size)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (size >= kinds[i].size && memcmp(head, kinds[i].magic, kinds[i].size) == 0)
			return kinds[i].name;
	/* pzstd leads its frames with skippable ones, 0x184d2a50 to 0x184d2a5f */
	if (size >= 4 && (head[0] & 0xf0) == 0x50 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0)
		return "zstd";
	return "";
}

#if defined(HAVE_ZLIB) || defined(HAVE_ZSTD)
/* The compressed bytes ran out: the right end between two streams, else an early one, for the reason the file has. */
static size_t input_ended(struct source *source, const struct source *inner, bool is_inside, const char *compression)
{
	if (inner->end != FL_FILE_WHOLE)
		return fl_source_fail(source, inner->end, "%s", inner->problem);
	if (is_inside)
		return fl_source_fail(source, FL_FILE_CUT, "the %s data end before their time", compression);
	return 0;
}
#endif

#ifdef HAVE_ZLIB
struct gzip_source {
	struct source source;
	struct source *inner;
	z_stream stream;
	bool is_between; /* behind a member: another, padding or the end may follow */
	uint8_t input[INPUT_CHUNK];
};

static bool gzip_refill(struct gzip_source *self)
{
	if (self->stream.avail_in)
		return true;
	self->stream.next_in = self->input;
	self->stream.avail_in = (uInt)fl_source_read(self->inner, self->input, sizeof(self->input));
	return self->stream.avail_in > 0;
}

/* Steps over zero padding (tapes, block devices) to the next member. */
static bool gzip_next_member(struct gzip_source *self)
{
	while (gzip_refill(self)) {
		if (*self->stream.next_in != 0) {
			self->is_between = false;
			return inflateReset(&self->stream) == Z_OK;
		}
		self->stream.next_in++;
		self->stream.avail_in--;
	}
	return false;
}

static size_t gzip_read(struct source *source, uint8_t *ret_bytes, size_t size)
{
	struct gzip_source *self = (struct gzip_source *)source;

	self->stream.next_out = ret_bytes;
	self->stream.avail_out = (uInt)size;
	while (self->stream.avail_out == size) {
		int status;

		if (self->is_between && !gzip_next_member(self))
			return input_ended(source, self->inner, false, "gzip");
		if (!gzip_refill(self))
			return input_ended(source, self->inner, true, "gzip");
		status = inflate(&self->stream, Z_NO_FLUSH);
		if (status == Z_STREAM_END)
			self->is_between = true;
		else if (status != Z_OK) {
			fl_source_fail(source, FL_FILE_CORRUPT, "the gzip data are damaged (%s)",
			               self->stream.msg ? self->stream.msg : zError(status));
			break; /* what was decompressed before the damage is still good */
		}
	}
	return size - self->stream.avail_out;
}

static void gzip_free(struct source *source)
{
	struct gzip_source *self = (struct gzip_source *)source;

	inflateEnd(&self->stream);
	fl_source_free(self->inner);
	free(self);
}

static struct source *gzip_new(struct source *inner)
{
	struct gzip_source *self = calloc(1, sizeof(*self));

	if (!self || inflateInit2(&self->stream, 15 + 16) != Z_OK) {
		free(self);
		return NULL;
	}
	self->source.read = gzip_read;
	self->source.free = gzip_free;
	self->source.end = FL_FILE_WHOLE;
	self->inner = inner;
	return &self->source;
}
#endif

#ifdef HAVE_ZSTD
struct zstd_source {
	struct source source;
	struct source *inner;
	ZSTD_DStream *stream;
	ZSTD_inBuffer in;
	bool is_inside;   /* a frame has begun and not ended */
	bool has_pending; /* the last output was full: more may wait inside the decompressor */
	uint8_t input[INPUT_CHUNK];
};

static size_t zstd_read(struct source *source, uint8_t *ret_bytes, size_t size)
{
	struct zstd_source *self = (struct zstd_source *)source;
	ZSTD_outBuffer out = { .dst = ret_bytes, .size = size };

	while (out.pos == 0) {
		size_t status;

		if (self->in.pos == self->in.size && !self->has_pending) {
			self->in.pos = 0;
			self->in.size = fl_source_read(self->inner, self->input, sizeof(self->input));
			if (self->in.size == 0)
				return input_ended(source, self->inner, self->is_inside, "zstd");
		}
		status = ZSTD_decompressStream(self->stream, &out, &self->in);
		if (ZSTD_isError(status)) {
			fl_source_fail(source, FL_FILE_CORRUPT, "the zstd data are damaged (%s)",
			               ZSTD_getErrorName(status));
			break;
		}
		self->is_inside = status != 0;
		self->has_pending = status != 0 && out.pos == out.size;
	}
	return out.pos;
}

static void zstd_free(struct source *source)
{
	struct zstd_source *self = (struct zstd_source *)source;

	ZSTD_freeDStream(self->stream);
	fl_source_free(self->inner);
	free(self);
}

static struct source *zstd_new(struct source *inner)
{
	struct zstd_source *self = calloc(1, sizeof(*self));

	if (self)
		self->stream = ZSTD_createDStream();
	if (!self || !self->stream) {
		free(self);
		return NULL;
	}
	self->source.read = zstd_read;
	self->source.free = zstd_free;
	self->source.end = FL_FILE_WHOLE;
	self->inner = inner;
	self->in.src = self->input;
	return &self->source;
}
#endif

struct source *fl_source_decompress(struct source *inner, const char *name, const char *compression,
                                    struct fl_error *reterr)
{
	struct source *(*make)(struct source *) = NULL;
	struct source *source;

#ifdef HAVE_ZLIB
	if (strcmp(compression, "gzip") == 0)
		make = gzip_new;
#endif
#ifdef HAVE_ZSTD
	if (strcmp(compression, "zstd") == 0)
		make = zstd_new;
#endif
	source = make ? make(inner) : NULL;
	if (source)
		return source;
	fl_source_free(inner);
	if (make)
		fl_error_set(reterr, name, 0, "out of memory");
	else
		fl_error_set(reterr, name, 0, "compressed with %s, which this build cannot read", compression);
	return NULL;
}
