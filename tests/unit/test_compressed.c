/* gzip and zstd, whole, joined, cut and damaged. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "unit.h"

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "capture_bytes.h"

#define FRAMES 200

/* `from` frame number on, `count` frames of 400 to 599 bytes that do not compress to nothing. */
static void put_frames(struct bytes *bytes, unsigned from, unsigned count)
{
	for (unsigned i = from; i < from + count; i++)
		put_record(bytes, i, i * 7919 % 1000000, 400 + i, 1500, (uint8_t)(i * 37));
}

static void put_gzip(struct bytes *bytes, const uint8_t *from, size_t size)
{
#ifdef HAVE_ZLIB
	z_stream stream = { .next_in = (uint8_t *)from, .avail_in = (uInt)size };

	ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_out = bytes->at + bytes->size;
	stream.avail_out = (uInt)(sizeof(bytes->at) - bytes->size);
	ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
	bytes->size += stream.total_out;
	deflateEnd(&stream);
#else
	(void)from;
	put_filler(bytes, 0, size);
#endif
}

static void put_zstd(struct bytes *bytes, const uint8_t *from, size_t size)
{
#ifdef HAVE_ZSTD
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t made;

	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	made = ZSTD_compress2(context, bytes->at + bytes->size, sizeof(bytes->at) - bytes->size, from, size);
	ck_assert(!ZSTD_isError(made));
	bytes->size += made;
	ZSTD_freeCCtx(context);
#else
	(void)from;
	put_filler(bytes, 0, size);
#endif
}

#ifdef HAVE_ZLIB
#define GZIP_IS_BUILT true
#else
#define GZIP_IS_BUILT false
#endif
#ifdef HAVE_ZSTD
#define ZSTD_IS_BUILT true
#else
#define ZSTD_IS_BUILT false
#endif

static const struct compression {
	const char *name;
	void (*put)(struct bytes *bytes, const uint8_t *from, size_t size);
	bool is_built;
} compressions[] = {
	{ "gzip", put_gzip, GZIP_IS_BUILT },
	{ "zstd", put_zstd, ZSTD_IS_BUILT },
};

/* A capture of FRAMES frames, compressed as `parts` streams one after another; the border lies inside a frame. */
static struct bytes *compressed_capture(const struct compression *compression, unsigned parts)
{
	struct bytes *plain = bytes_new(false), *bytes = bytes_new(false);

	put_pcap(plain, 0xa1b2c3d4, 65535, 1);
	put_frames(plain, 0, FRAMES);
	for (unsigned i = 0; i < parts; i++) {
		size_t begin = plain->size / parts * i,
		       end = i + 1 == parts ? plain->size : plain->size / parts * (i + 1);

		compression->put(bytes, plain->at + begin, end - begin);
	}
	free(plain);
	return bytes;
}

/* Reads and checks that the frames are the first ones, all of them in order. */
static struct result *read_first_frames(const struct bytes *bytes, size_t size, bool is_pipe)
{
	struct result *result = read_bytes(bytes, size, is_pipe);

	for (size_t i = 0; i < result->count; i++) {
		ck_assert_uint_eq(result->frames[i].number, i + 1);
		ck_assert_uint_eq(result->frames[i].caplen, 400 + i);
		ck_assert_uint_eq(result->fill[i], (uint8_t)(i * 37));
	}
	return result;
}

START_TEST(compressed_captures_are_read_also_as_several_streams)
{
	const struct compression *compression = &compressions[_i];

	for (unsigned parts = 1; parts <= 3 && compression->is_built; parts++) {
		struct bytes *bytes = compressed_capture(compression, parts);
		struct result *result = read_first_frames(bytes, bytes->size, parts == 2);

		ck_assert_uint_eq(result->count, FRAMES);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_WHOLE);
		ck_assert_str_eq(result->facts->files[0].compression, compression->name);
		ck_assert_str_eq(result->facts->files[0].format, "pcap");
		result_free(result);
		free(bytes);
	}
}
END_TEST

START_TEST(a_cut_stream_gives_what_was_readable_and_says_cut)
{
	const struct compression *compression = &compressions[_i];
	struct bytes *bytes = compressed_capture(compression, 2);
	bool had_frames = false;

	for (size_t size = 1; size < bytes->size && compression->is_built; size += 1 + bytes->size / 300) {
		struct result *result = read_first_frames(bytes, size, false);
		const struct fl_capture_file *file = &result->facts->files[0];

		had_frames |= result->count > 0;
		ck_assert_uint_lt(result->count, FRAMES + 1);
		if (file->end == FL_FILE_CUT)
			ck_assert(strstr(file->problem.message, "before their time") ||
			          strstr(file->problem.message, "inside this packet"));
		else
			ck_assert_int_eq(file->end, FL_FILE_UNREADABLE);
		ck_assert(file->end == FL_FILE_CUT || result->count == 0);
		result_free(result);
	}
	ck_assert_int_eq(had_frames, compression->is_built);
	free(bytes);
}
END_TEST

START_TEST(a_cut_in_the_checksum_is_a_cut_behind_the_last_frame)
{
	const struct compression *compression = &compressions[_i];
	struct bytes *bytes = compressed_capture(compression, 1);
	struct result *result;

	for (size_t cut = 1; cut <= 4 && compression->is_built; cut++) {
		result = read_first_frames(bytes, bytes->size - cut, false);
		ck_assert_uint_eq(result->count, FRAMES);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_CUT);
		result_free(result);
	}
	free(bytes);
}
END_TEST

START_TEST(damage_is_told_and_what_was_before_is_read)
{
	const struct compression *compression = &compressions[_i];
	struct bytes *bytes = compressed_capture(compression, 1);
	struct result *result;

	bytes->at[bytes->size - 3] ^=
		0x55; /* in the check at the end: all frames are there, and the file is not whole */
	if (compression->is_built) {
		result = read_first_frames(bytes, bytes->size, false);
		ck_assert_uint_le(result->count, FRAMES);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_CORRUPT);
		ck_assert_ptr_nonnull(strstr(result->problem, compression->name));
		ck_assert_ptr_nonnull(strstr(result->problem, "data are damaged ("));
		result_free(result);
	}
	free(bytes);
}
END_TEST

START_TEST(zeros_behind_gzip_are_padding_and_other_bytes_are_damage)
{
	struct bytes *bytes = compressed_capture(&compressions[0], 1);
	struct result *result;

	put_filler(bytes, 0, 1000);
	if (compressions[0].is_built) {
		result = read_first_frames(bytes, bytes->size, false);
		ck_assert_uint_eq(result->count, FRAMES);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_WHOLE);
		result_free(result);
		put_filler(bytes, 'x', 10);
		result = read_first_frames(bytes, bytes->size, false);
		ck_assert_uint_eq(result->count, FRAMES);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_CORRUPT);
		result_free(result);
	}
	free(bytes);
}
END_TEST

START_TEST(a_compression_that_is_not_built_in_is_named)
{
	static const char *const magics[] = { "\x1f\x8b\x08\x00", "\x28\xb5\x2f\xfd", "\x04\x22\x4d\x18",
		                              "\xfd\x37\x7a\x58\x5a" };
	static const char *const names[] = { "gzip", "zstd", "lz4", "xz" };

	for (size_t i = 0; i < 4; i++) {
		struct bytes *bytes = bytes_new(false);
		struct result *result;
		char expected[80];

		put(bytes, magics[i], strlen(magics[i]));
		put_filler(bytes, 0, 40);
		result = read_bytes(bytes, bytes->size, false);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_UNREADABLE);
		ck_assert_str_eq(result->facts->files[0].compression, names[i]);
		snprintf(expected, sizeof(expected), "compressed with %s, which this build cannot read", names[i]);
		if (i >= 2 || !compressions[i].is_built)
			ck_assert_str_eq(result->facts->files[0].problem.message, expected);
		result_free(result);
		free(bytes);
	}
}
END_TEST

START_TEST(text_in_gzip_is_no_capture)
{
	struct bytes *bytes = bytes_new(false);
	struct result *result;

	put_gzip(bytes, (const uint8_t *)"hello world", 11);
	if (compressions[0].is_built) {
		result = read_bytes(bytes, bytes->size, false);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_UNREADABLE);
		ck_assert_ptr_nonnull(strstr(result->problem, "(decompressed it begins with 68 65 6c 6c)"));
		result_free(result);
	}
	free(bytes);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		zeros_behind_gzip_are_padding_and_other_bytes_are_damage,
		a_compression_that_is_not_built_in_is_named,
		text_in_gzip_is_no_capture,
	};
	const TTest *const both[] = {
		compressed_captures_are_read_also_as_several_streams,
		a_cut_stream_gives_what_was_readable_and_says_cut,
		a_cut_in_the_checksum_is_a_cut_behind_the_last_frame,
		damage_is_told_and_what_was_before_is_read,
	};
	Suite *suite = unit_suite("compressed", tests, sizeof(tests) / sizeof(tests[0]));
	TCase *loops = tcase_create("loops");

	tcase_set_timeout(loops, UNIT_TIMEOUT);
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++)
		tcase_add_loop_test(loops, both[i], 0, 2);
	suite_add_tcase(suite, loops);
	return unit_run(suite);
}
