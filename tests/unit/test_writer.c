/* What is written is read back, here and by the reader of src/capture. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flatline/capture.h"
#include "flatline/time.h"
#include "flatline/writer.h"
#include "unit.h"

static char folder[] = "writer-XXXXXX";
static char path[64];

static void setup(void)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/it.pcapng", folder);
}

static size_t count_files(void)
{
	DIR *open = opendir(folder);
	size_t count = 0;

	ck_assert_ptr_nonnull(open);
	for (struct dirent *entry; (entry = readdir(open));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(open);
	return count;
}

static void teardown(void)
{
	unlink(path);
	rmdir(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static size_t read_whole(uint8_t *ret_bytes, size_t size)
{
	FILE *file = fopen(path, "rb");
	size_t length;

	ck_assert_ptr_nonnull(file);
	length = fread(ret_bytes, 1, size, file);
	fclose(file);
	return length;
}

static const struct fl_frame frame = {
	.at = INT64_C(1700000000123456789), .bytes = (const uint8_t *)"abcde", .caplen = 5, .len = 1500
};

static struct fl_writer *begin(const char *comment)
{
	struct fl_error error;
	struct fl_writer *writer = fl_writer_new(path, "flatline 0", comment, &error);

	ck_assert_msg(writer != NULL, "%s", error.message);
	fl_writer_interface(writer, 1, NULL, 0);
	fl_writer_interface(writer, 113, "eth0", 1500);
	return writer;
}

START_TEST(our_reader_reads_it)
{
	const char *const paths[] = { path };
	struct fl_writer *writer = begin("what it shows");
	struct fl_frame frames[FL_BATCH];
	struct fl_capture *capture;
	const struct fl_capture_facts *facts;

	fl_writer_frame(writer, 0, &frame, NULL);
	fl_writer_frame(writer, 1, &frame, "this one");
	fl_writer_statistics(writer, 0, frame.at + 5, true, 7);
	fl_writer_statistics(writer, 1, frame.at + 5, false, 0);
	ck_assert_int_eq(fl_writer_finish(writer, NULL), 0);
	fl_writer_free(writer);
	capture = fl_capture_new(paths, 1, NULL, NULL);
	ck_assert_ptr_nonnull(capture);
	ck_assert_uint_eq(fl_capture_read(capture, frames, FL_BATCH), 2);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(frames[i].at, frame.at);
		ck_assert_uint_eq(frames[i].caplen, 5);
		ck_assert_uint_eq(frames[i].len, 1500);
		ck_assert_uint_eq(frames[i].link, i ? 113 : 1);
		ck_assert_uint_eq(frames[i].interface, i);
		ck_assert(memcmp(frames[i].bytes, "abcde", 5) == 0);
	}
	ck_assert_uint_eq(fl_capture_read(capture, frames, FL_BATCH), 0);
	facts = fl_capture_facts(capture);
	ck_assert_int_eq(facts->files[0].end, FL_FILE_WHOLE);
	ck_assert_int_eq(facts->interface_end, frame.at + 5);
	ck_assert(facts->has_drops);
	ck_assert_uint_eq(facts->drops, 7);
	fl_capture_free(capture);
	ck_assert_uint_eq(count_files(), 1);
}
END_TEST

/* Every block says its length twice, is a multiple of 4, and has options that end where it does. */
START_TEST(blocks_are_whole)
{
	static uint8_t bytes[8192];
	struct fl_writer *writer;
	size_t length, n_blocks = 0;
	char comment[16] = "";

	writer = begin("a");
	for (size_t i = 0; i < sizeof(comment) - 1; i++) {
		comment[i] = 'x';
		fl_writer_frame(writer, 0, &frame, comment);
	}
	ck_assert_int_eq(fl_writer_finish(writer, NULL), 0);
	fl_writer_free(writer);
	length = read_whole(bytes, sizeof(bytes));
	for (size_t at = 0; at < length; n_blocks++) {
		uint32_t size, again;

		memcpy(&size, bytes + at + 4, 4);
		ck_assert_uint_eq(size % 4, 0);
		ck_assert_uint_le(at + size, length);
		memcpy(&again, bytes + at + size - 4, 4);
		ck_assert_uint_eq(size, again);
		at += size;
	}
	ck_assert_uint_eq(n_blocks, 3 + sizeof(comment) - 1);
	ck_assert_ptr_nonnull(memmem(bytes, length, "flatline 0", 10));
}
END_TEST

START_TEST(long_comments_end_between_two_characters)
{
	enum { most = 40000 };
	static char comment[2 * most + 2];
	static uint8_t bytes[4 * most];
	struct fl_writer *writer;
	size_t length;
	uint16_t said;

	comment[0] = 'x';
	for (size_t i = 0; i < most; i++)
		memcpy(comment + 1 + 2 * i, "\xc3\xa4", 2);
	writer = begin(comment);
	ck_assert_int_eq(fl_writer_finish(writer, NULL), 0);
	fl_writer_free(writer);
	length = read_whole(bytes, sizeof(bytes));
	ck_assert_uint_gt(length, 30000);
	memcpy(&said, bytes + 26, 2);
	ck_assert_uint_eq(bytes[24], 1);
	ck_assert_uint_eq(said % 2, 1);
	ck_assert_uint_eq(bytes[28 + said - 1], 0xa4);
}
END_TEST

START_TEST(what_is_not_finished_leaves_nothing)
{
	struct fl_writer *writer = begin("never");

	fl_writer_frame(writer, 0, &frame, NULL);
	ck_assert_uint_eq(count_files(), 1);
	ck_assert_int_ne(access(path, F_OK), 0);
	fl_writer_free(writer);
	ck_assert_uint_eq(count_files(), 0);
}
END_TEST

START_TEST(what_stood_there_stays_until_the_end)
{
	uint8_t bytes[1024];
	FILE *file = fopen(path, "w");
	struct fl_writer *writer;

	ck_assert_ptr_nonnull(file);
	fputs("old", file);
	fclose(file);
	writer = begin("new");
	ck_assert_uint_eq(read_whole(bytes, sizeof(bytes)), 3);
	ck_assert_int_eq(fl_writer_finish(writer, NULL), 0);
	fl_writer_free(writer);
	ck_assert_uint_gt(read_whole(bytes, sizeof(bytes)), 60);
	ck_assert_uint_eq(count_files(), 1);
}
END_TEST

static void check_private(const char *name)
{
	struct fl_writer *writer = fl_writer_new_private(path, "", "", NULL);
	struct stat facts;

	ck_assert_ptr_nonnull(writer);
	fl_writer_frame(writer, 0, &frame, NULL);
	ck_assert_int_eq(fl_writer_finish(writer, NULL), 0);
	ck_assert_str_eq(strrchr(fl_writer_path(writer), '/') + 1, name);
	ck_assert_int_eq(stat(fl_writer_path(writer), &facts), 0);
	ck_assert_uint_eq(facts.st_mode & 07777, 0600);
	ck_assert_int_eq(unlink(fl_writer_path(writer)), 0);
	fl_writer_free(writer);
}

START_TEST(a_private_file_is_its_owners_and_replaces_nothing)
{
	uint8_t bytes[1024];
	char second[80];
	FILE *file;

	check_private("it.pcapng");
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("old", file);
	fclose(file);
	check_private("it-2.pcapng");
	snprintf(second, sizeof(second), "%s/it-2.pcapng", folder);
	ck_assert_int_eq(symlink("/nowhere", second), 0); /* nor is one followed */
	check_private("it-3.pcapng");
	ck_assert_uint_eq(read_whole(bytes, sizeof(bytes)), 3);
	ck_assert_uint_eq(count_files(), 2);
	unlink(second);
}
END_TEST

START_TEST(where_nothing_can_be_written_it_says_why)
{
	struct fl_error error = { .message = "" };
	struct fl_writer *writer;

	ck_assert_ptr_null(fl_writer_new("/nowhere/at/all.pcapng", "", "", &error));
	ck_assert_str_eq(error.file, "/nowhere/at/all.pcapng");
	ck_assert_ptr_nonnull(strstr(error.message, strerror(ENOENT)));
	/* a directory has the name */
	ck_assert_int_eq(mkdir(path, 0777), 0);
	writer = fl_writer_new(path, "", "", &error);
	ck_assert_ptr_nonnull(writer);
	ck_assert_int_eq(fl_writer_finish(writer, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.message, strerror(EISDIR)));
	fl_writer_free(writer);
	ck_assert_uint_eq(count_files(), 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { our_reader_reads_it,
		                       blocks_are_whole,
		                       long_comments_end_between_two_characters,
		                       what_is_not_finished_leaves_nothing,
		                       what_stood_there_stays_until_the_end,
		                       a_private_file_is_its_owners_and_replaces_nothing,
		                       where_nothing_can_be_written_it_says_why };
	Suite *suite = suite_create("capture/writer");
	TCase *tcase = tcase_create("capture/writer");

	tcase_set_timeout(tcase, UNIT_TIMEOUT);
	tcase_add_checked_fixture(tcase, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
