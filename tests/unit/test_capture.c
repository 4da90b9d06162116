/* Files, pipes and many files through the capture object, as the engine sees them. */
#include "unit.h"

#include <sys/resource.h>

#include "capture_bytes.h"

#define MICRO 0xa1b2c3d4
#define NANO 0xa1b23c4d

static const struct fl_capture_settings everything = { .from = FL_TIME_NONE, .to = FL_TIME_NONE };

START_TEST(reads_classic_pcap_of_each_kind)
{
	bool is_nano = _i & 1;
	struct bytes *bytes = bytes_new(_i & 2);
	struct result *result;

	put_pcap(bytes, is_nano ? NANO : MICRO, 96, 113);
	put_record(bytes, 1700000000, 999999, 61, 1500, 'a');
	put_record(bytes, 0x90000000, 5, 0, 0, 0); /* beyond 2038 */
	result = read_bytes(bytes, bytes->size, _i & 4);
	ck_assert_uint_eq(result->count, 2);
	ck_assert_int_eq(result->frames[0].at, 1700000000 * FL_NS_PER_S + (is_nano ? 999999 : 999999000));
	ck_assert_int_eq(result->frames[1].at, 0x90000000 * FL_NS_PER_S + (is_nano ? 5 : 5000));
	ck_assert_uint_eq(result->frames[0].number, 1);
	ck_assert_uint_eq(result->frames[1].number, 2);
	ck_assert_uint_eq(result->frames[0].caplen, 61);
	ck_assert_uint_eq(result->frames[0].len, 1500);
	ck_assert_uint_eq(result->frames[0].link, 113);
	ck_assert_uint_eq(result->fill[0], 'a');
	ck_assert_str_eq(result->facts->files[0].format, "pcap");
	ck_assert_str_eq(result->facts->files[0].compression, "");
	ck_assert_int_eq(result->facts->files[0].end, FL_FILE_WHOLE);
	ck_assert_uint_eq(result->facts->files[0].snaplen, 96);
	ck_assert_uint_eq(result->facts->cut, 1);
	ck_assert_int_eq(result->facts->first, result->frames[0].at);
	ck_assert_int_eq(result->facts->last, result->frames[1].at);
	ck_assert(!result->facts->has_drops);
	ck_assert_int_eq(result->facts->interface_end, FL_TIME_NONE);
	if (_i & 4)
		ck_assert_int_eq(result->facts->files[0].modified, FL_TIME_NONE);
	else
		ck_assert_int_gt(result->facts->files[0].modified, 1500000000 * FL_NS_PER_S);
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(link_types_are_those_of_the_file)
{
	static const struct {
		uint32_t in_file;
		uint16_t link;
	} links[] = { { 1, 1 }, { 12, 101 }, { 14, 101 }, { 101, 101 }, { 103, 103 }, { 276, 276 }, { 0x14000001, 1 } };

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct bytes *bytes = bytes_new(i % 2);
		struct result *result;

		put_pcap(bytes, MICRO, 0, links[i].in_file);
		put_record(bytes, 1, 0, 4, 4, 'x');
		result = read_bytes(bytes, bytes->size, false);
		ck_assert_uint_eq(result->count, 1);
		ck_assert_uint_eq(result->frames[0].link, links[i].link);
		ck_assert_uint_eq(result->facts->links[0], links[i].link);
		result_free(result);
		free(bytes);
	}
}
END_TEST

START_TEST(classic_cut_anywhere_gives_all_frames_before_the_cut)
{
	struct bytes *bytes = bytes_new(_i);
	size_t frames = 0, border = 24;

	put_pcap(bytes, MICRO, 65535, 1);
	for (uint8_t i = 0; i < 4; i++)
		put_record(bytes, i, 0, i * 3, 100, i);
	for (size_t size = 1; size <= bytes->size; size++) {
		struct result *result = read_bytes(bytes, size, size % 2);
		enum fl_file_end end = FL_FILE_CUT;

		while (frames < 4 && border + 16 + frames * 3 <= size)
			border += 16 + frames++ * 3;
		if (size < 24)
			end = FL_FILE_UNREADABLE;
		else if (size == border)
			end = FL_FILE_WHOLE;
		ck_assert_uint_eq(result->count, frames);
		ck_assert_int_eq(result->facts->files[0].end, end);
		if (end == FL_FILE_CUT) {
			ck_assert_uint_eq(result->facts->files[0].problem.frame, frames + 1);
			ck_assert_str_eq(result->facts->files[0].problem.message, "the file ends inside this packet");
		}
		result_free(result);
	}
	ck_assert_uint_eq(frames, 4);
	free(bytes);
}
END_TEST

START_TEST(a_damaged_record_header_is_corrupt_and_not_cut)
{
	struct bytes *bytes = bytes_new(_i);
	struct result *result;

	put_pcap(bytes, MICRO, 65535, 1);
	put_record(bytes, 1, 0, 10, 10, 'a');
	put32(bytes, 2);
	put32(bytes, 0);
	put32(bytes, 0x61626364); /* captured length */
	put32(bytes, 60);
	put_filler(bytes, 'x', 200);
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_uint_eq(result->count, 1);
	ck_assert_int_eq(result->facts->files[0].end, FL_FILE_CORRUPT);
	ck_assert_uint_eq(result->facts->files[0].problem.frame, 2);
	ck_assert_ptr_nonnull(strstr(result->problem, "frame 2: the record header is damaged (invalid packet capture"));
	result_free(result);
	free(bytes);
}
END_TEST

/* Several files, each of a few times in ms; frame bytes are the file's number. */
struct set {
	char paths[512][PATH_SIZE];
	const char *names[512];
	size_t count;
};

static void add_file(struct set *set, const unsigned *times, size_t n_times)
{
	struct bytes *bytes = bytes_new(set->count % 2);

	put_pcap(bytes, MICRO, 65535, 1);
	for (size_t i = 0; i < n_times; i++)
		put_record(bytes, times[i] / 1000, times[i] % 1000 * 1000, 8, 8, (uint8_t)set->count);
	set->names[set->count] = put_file(bytes->at, bytes->size, set->paths[set->count]);
	set->count++;
	free(bytes);
}

static void set_free(struct set *set)
{
	for (size_t i = 0; i < set->count; i++)
		unlink(set->paths[i]);
	free(set);
}

START_TEST(files_merge_by_time_and_at_equal_times_in_their_order)
{
	static const struct {
		unsigned file, number, ms;
	} expected[] = { { 1, 1, 5 },  { 0, 1, 10 }, { 1, 2, 10 }, { 2, 1, 10 }, { 2, 2, 11 },
		         { 1, 3, 15 }, { 0, 2, 20 }, { 2, 3, 20 }, { 0, 3, 30 } };
	struct set *set = calloc(1, sizeof(*set));
	struct result *result;

	add_file(set, (unsigned[]){ 10, 20, 30 }, 3);
	add_file(set, (unsigned[]){ 5, 10, 15 }, 3);
	add_file(set, (unsigned[]){ 10, 11, 20 }, 3);
	result = read_all(set->names, set->count, &everything);
	ck_assert_uint_eq(result->count, 9);
	for (size_t i = 0; i < 9; i++) {
		ck_assert_uint_eq(result->frames[i].file, expected[i].file);
		ck_assert_uint_eq(result->fill[i], expected[i].file);
		ck_assert_uint_eq(result->frames[i].number, expected[i].number);
		ck_assert_int_eq(result->frames[i].at, expected[i].ms * FL_NS_PER_MS);
	}
	ck_assert_uint_eq(result->facts->frames, 9);
	ck_assert_uint_eq(result->facts->files[2].frames, 3);
	ck_assert_int_eq(result->facts->files[2].first, 10 * FL_NS_PER_MS);
	ck_assert_int_eq(result->facts->files[2].last, 20 * FL_NS_PER_MS);
	ck_assert_int_eq(result->facts->first, 5 * FL_NS_PER_MS);
	ck_assert_int_eq(result->facts->last, 30 * FL_NS_PER_MS);
	ck_assert_uint_eq(result->facts->backwards, 0);
	result_free(result);
	set_free(set);
}
END_TEST

START_TEST(a_rotated_set_in_any_order_needs_few_descriptors)
{
	struct set *set = calloc(1, sizeof(*set));
	struct rlimit limit = { .rlim_cur = 24, .rlim_max = 24 };
	struct result *result;

	for (unsigned i = 0; i < 300; i++) {
		unsigned place = i * 7 % 300; /* every place once, out of order */

		add_file(set, (unsigned[]){ place * 100, place * 100 + 99, place * 100 + 100 }, 3);
	}
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	result = read_all(set->names, set->count, &everything);
	ck_assert_uint_eq(result->count, 900);
	for (size_t i = 1; i < result->count; i++)
		ck_assert_int_ge(result->frames[i].at, result->frames[i - 1].at);
	for (size_t i = 0; i < 300; i++)
		ck_assert_int_eq(result->facts->files[i].end, FL_FILE_WHOLE);
	result_free(result);
	set_free(set);
}
END_TEST

START_TEST(a_file_keeps_its_order_when_its_clock_steps_back)
{
	static const unsigned numbers[] = { 1, 2, 3, 4, 1, 5, 6, 2 };
	static const unsigned files[] = { 0, 0, 0, 0, 1, 0, 0, 1 };
	struct set *set = calloc(1, sizeof(*set));
	struct result *result;

	add_file(set, (unsigned[]){ 1000, 2000, 500, 499, 2600, 2590 }, 6);
	add_file(set, (unsigned[]){ 2500, 3000 }, 2);
	result = read_all(set->names, set->count, &everything);
	ck_assert_uint_eq(result->count, 8);
	for (size_t i = 0; i < 8; i++) {
		ck_assert_uint_eq(result->frames[i].file, files[i]);
		ck_assert_uint_eq(result->frames[i].number, numbers[i]);
	}
	/* 2000 -> 500 and 2600 -> 2590; 500 -> 499 is no more than 1 ms */
	ck_assert_uint_eq(result->facts->backwards, 2);
	ck_assert_int_eq(result->facts->step_back, 1500 * FL_NS_PER_MS);
	ck_assert_int_eq(result->facts->files[0].first, 499 * FL_NS_PER_MS);
	ck_assert_int_eq(result->facts->last, 3000 * FL_NS_PER_MS);
	result_free(result);
	set_free(set);
}
END_TEST

START_TEST(pipes_merge_with_files)
{
	struct set *set = calloc(1, sizeof(*set));
	struct bytes *bytes = bytes_new(false);
	struct result *result;
	char name[PATH_SIZE];
	int fd;

	add_file(set, (unsigned[]){ 10, 30 }, 2);
	put_pcap(bytes, MICRO, 65535, 1);
	put_record(bytes, 0, 20000, 8, 8, 1);
	put_record(bytes, 0, 40000, 8, 8, 1);
	fd = put_pipe(bytes->at, bytes->size);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	result = read_all((const char *[]){ set->names[0], name }, 2, &everything);
	ck_assert_uint_eq(result->count, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(result->frames[i].file, i % 2);
	result_free(result);
	close(fd);
	set_free(set);
	free(bytes);
}
END_TEST

START_TEST(standard_input_is_a_dash)
{
	struct bytes *bytes = bytes_new(false);
	struct result *result;
	struct fl_error error = { .message = "" };
	int fd;

	put_pcap(bytes, NANO, 65535, 1);
	put_record(bytes, 7, 8, 8, 8, 's');
	fd = put_pipe(bytes->at, bytes->size);
	ck_assert_int_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
	result = read_all((const char *[]){ "-" }, 1, &everything);
	ck_assert_uint_eq(result->count, 1);
	ck_assert_str_eq(result->facts->files[0].name, "-");
	ck_assert_int_eq(result->facts->files[0].modified, FL_TIME_NONE);
	result_free(result);
	ck_assert_ptr_null(fl_capture_new((const char *[]){ "-", "-" }, 2, &everything, &error));
	ck_assert_str_eq(error.message, "standard input can be read only once");
	free(bytes);
}
END_TEST

/* All frames of a batch must hold their bytes until the next call, so they are looked at after the whole batch came. */
START_TEST(bytes_of_a_whole_batch_stay_and_a_batch_ends_when_full)
{
	struct bytes *bytes = bytes_new(false);
	struct fl_frame frames[FL_BATCH];
	struct fl_capture *capture;
	char path[PATH_SIZE];
	size_t count, total = 0, batches = 0;

	put_pcap(bytes, MICRO, 262144, 1);
	for (uint8_t i = 0; i < 12; i++)
		put_record(bytes, i, 0, 100000, 100000, i);
	put_record(bytes, 12, 0, 262144, 262144, 12);
	put_record(bytes, 13, 0, 0, 0, 13);
	capture = fl_capture_new((const char *[]){ put_file(bytes->at, bytes->size, path) }, 1, &everything, NULL);
	ck_assert_ptr_nonnull(capture);
	while ((count = fl_capture_read(capture, frames, FL_BATCH))) {
		size_t sum = 0;

		batches++;
		for (size_t i = 0; i < count; i++, total++) {
			ck_assert_uint_eq(frames[i].number, total + 1);
			sum += frames[i].caplen;
			for (uint32_t j = 0; j < frames[i].caplen; j += 9999)
				ck_assert_uint_eq(frames[i].bytes[j], total);
		}
		ck_assert_uint_le(sum, 262144);
	}
	ck_assert_uint_eq(total, 14);
	ck_assert_uint_eq(batches, 7);
	ck_assert_uint_eq(fl_capture_read(capture, frames, FL_BATCH), 0);
	fl_capture_free(capture);
	unlink(path);
	free(bytes);
}
END_TEST

START_TEST(what_is_no_capture_is_refused_in_words_and_the_others_are_read)
{
	static const struct {
		const char *bytes, *problem;
	} wrong[] = {
		{ "{\"foo\":1}",
		  "not a capture file (begins with 7b 22 66 6f): pcap, pcapng, gzip or zstd is expected" },
		{ "x", "not a capture file (begins with 78): pcap, pcapng, gzip or zstd is expected" },
		{ "", "empty file" },
		{ "\xd4\xc3\xb2\xa1only", "the file ends inside its header" },
		{ "\x0a\x0d\x0d\x0a", "the file ends inside its header" },
		{ "\xfd\x37zXZ",
		  "not a capture file (begins with fd 37 7a 58): pcap, pcapng, gzip or zstd is expected" },
		{ "\x04\x22\x4d\x18 and more", "compressed with lz4, which this build cannot read" },
	};
	enum { COUNT = sizeof(wrong) / sizeof(wrong[0]) };
	struct set *set = calloc(1, sizeof(*set));
	struct result *result;

	for (; set->count < COUNT; set->count++) {
		const char *text = wrong[set->count].bytes;

		set->names[set->count] = put_file(text, strlen(text), set->paths[set->count]);
	}
	add_file(set, (unsigned[]){ 10 }, 1);
	set->names[COUNT + 1] = "/tmp";
	set->names[COUNT + 2] = "/nonexistent/x.pcap";
	result = read_all(set->names, COUNT + 3, &everything);
	ck_assert_uint_eq(result->count, 1);
	ck_assert_int_eq(result->facts->files[COUNT].end, FL_FILE_WHOLE);
	for (size_t i = 0; i < COUNT; i++) {
		ck_assert_int_eq(result->facts->files[i].end, FL_FILE_UNREADABLE);
		ck_assert_str_eq(result->facts->files[i].problem.message, wrong[i].problem);
		ck_assert_str_eq(result->facts->files[i].problem.file, set->names[i]);
		ck_assert_str_eq(result->facts->files[i].format, "");
	}
	ck_assert_str_eq(result->facts->files[COUNT + 1].problem.message, "is a directory");
	ck_assert_str_eq(result->facts->files[COUNT + 2].problem.message,
	                 "cannot be opened: No such file or directory");
	result_free(result);
	set_free(set);
}
END_TEST

START_TEST(a_span_of_time_hides_the_rest_and_numbers_stay)
{
	struct fl_capture_settings span = { .from = 20 * FL_NS_PER_MS, .to = 40 * FL_NS_PER_MS };
	struct set *set = calloc(1, sizeof(*set));
	struct result *result;

	add_file(set, (unsigned[]){ 10, 20, 30, 40, 50 }, 5);
	result = read_all(set->names, 1, &span);
	ck_assert_uint_eq(result->count, 2);
	ck_assert_uint_eq(result->frames[0].number, 2);
	ck_assert_uint_eq(result->frames[1].number, 3);
	ck_assert_uint_eq(result->facts->hidden, 3);
	ck_assert_uint_eq(result->facts->frames, 5);
	ck_assert_int_eq(result->facts->last, 50 * FL_NS_PER_MS);
	result_free(result);
	span.to = FL_TIME_NONE;
	result = read_all(set->names, 1, &span);
	ck_assert_uint_eq(result->count, 4);
	result_free(result);
	set_free(set);
}
END_TEST

START_TEST(a_filter_hides_what_does_not_match_and_numbers_stay)
{
	struct fl_capture_settings filter = { .filter = "greater 61", .from = FL_TIME_NONE, .to = FL_TIME_NONE };
	struct bytes *bytes = bytes_new(false);
	struct result *result;
	char path[PATH_SIZE];

	put_pcap(bytes, MICRO, 65535, 1);
	for (uint8_t i = 0; i < 100; i++)
		put_record(bytes, i, 0, 60 + i % 2, 60 + i % 2, i);
	result = read_all((const char *[]){ put_file(bytes->at, bytes->size, path) }, 1, &filter);
	ck_assert_uint_eq(result->count, 50);
	for (size_t i = 0; i < 50; i++)
		ck_assert_uint_eq(result->frames[i].number, 2 * i + 2);
	ck_assert_uint_eq(result->facts->hidden, 50);
	ck_assert_uint_eq(result->facts->files[0].frames, 100);
	result_free(result);
	unlink(path);
	free(bytes);
}
END_TEST

START_TEST(a_filter_that_is_not_valid_is_named)
{
	struct fl_capture_settings filter = { .filter = "tcp prot 80", .from = FL_TIME_NONE, .to = FL_TIME_NONE };
	struct fl_error error;

	ck_assert_ptr_null(fl_capture_new((const char *[]){ "/nonexistent" }, 1, &filter, &error));
	ck_assert_ptr_nonnull(strstr(error.message, "filter \"tcp prot 80\": "));
}
END_TEST

START_TEST(a_filter_that_means_nothing_on_a_link_ends_that_file)
{
	struct fl_capture_settings filter = { .filter = "ether host 1:2:3:4:5:6",
		                              .from = FL_TIME_NONE,
		                              .to = FL_TIME_NONE };
	struct bytes *bytes = bytes_new(false);
	struct result *result;
	char path[PATH_SIZE];

	put_pcap(bytes, MICRO, 65535, 101);
	put_record(bytes, 1, 0, 60, 60, 'E');
	result = read_all((const char *[]){ put_file(bytes->at, bytes->size, path) }, 1, &filter);
	ck_assert_uint_eq(result->count, 0);
	ck_assert_int_eq(result->facts->files[0].end, FL_FILE_CORRUPT);
	ck_assert_ptr_nonnull(strstr(result->problem,
	                             "frame 1: filter \"ether host 1:2:3:4:5:6\" cannot be applied to link "
	                             "type 101 (raw IP): "));
	result_free(result);
	unlink(path);
	free(bytes);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		link_types_are_those_of_the_file,
		files_merge_by_time_and_at_equal_times_in_their_order,
		a_rotated_set_in_any_order_needs_few_descriptors,
		a_file_keeps_its_order_when_its_clock_steps_back,
		pipes_merge_with_files,
		standard_input_is_a_dash,
		bytes_of_a_whole_batch_stay_and_a_batch_ends_when_full,
		what_is_no_capture_is_refused_in_words_and_the_others_are_read,
		a_span_of_time_hides_the_rest_and_numbers_stay,
		a_filter_hides_what_does_not_match_and_numbers_stay,
		a_filter_that_is_not_valid_is_named,
		a_filter_that_means_nothing_on_a_link_ends_that_file,
	};
	Suite *suite = unit_suite("capture", tests, sizeof(tests) / sizeof(tests[0]));
	TCase *loops = tcase_create("loops");

	tcase_set_timeout(loops, UNIT_TIMEOUT);
	tcase_add_loop_test(loops, reads_classic_pcap_of_each_kind, 0, 8);
	tcase_add_loop_test(loops, classic_cut_anywhere_gives_all_frames_before_the_cut, 0, 2);
	tcase_add_loop_test(loops, a_damaged_record_header_is_corrupt_and_not_cut, 0, 2);
	suite_add_tcase(suite, loops);
	return unit_run(suite);
}
