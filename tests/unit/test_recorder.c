/* The flight recorder without interfaces: whose packets become a file, and what is left out. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "cli/recorder.h"
#include "script.h"
#include "wire_bytes.h"

static char folder[] = "recorder-XXXXXX";
static struct options options;
static struct fl_engine *engine;
static struct recorder *recorder;

static void setup(void)
{
	struct fl_engine_settings settings = { .seed = 1, .memory = (size_t)64 << 20 };
	struct fl_engine_probe probe;

	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	options = (struct options){ .record = folder,
		                    .record_buffer = (size_t)1 << 20,
		                    .record_seconds = 600,
		                    .record_limit = (size_t)1 << 20,
		                    .snaplen = 256,
		                    .interfaces = { "eth0" },
		                    .n_interfaces = 1 };
	fl_settings_init(&settings.settings);
	engine = fl_engine_new(&settings);
	recorder = recorder_new(&options, NULL, NULL);
	ck_assert(engine && recorder);
	probe = recorder_probe(recorder);
	fl_engine_probe(engine, &probe);
}

static size_t remove_files(void)
{
	DIR *open = opendir(folder);
	size_t count = 0;

	ck_assert_ptr_nonnull(open);
	for (struct dirent *entry; (entry = readdir(open)) != NULL;)
		count += entry->d_name[0] != '.' && unlinkat(dirfd(open), entry->d_name, 0) == 0;
	closedir(open);
	return count;
}

static void teardown(void)
{
	recorder_free(recorder);
	fl_engine_free(engine);
	remove_files();
	ck_assert_int_eq(rmdir(folder), 0);
}

/* As a live run hands them on. */
static void take(const struct fl_frame *frames, size_t count)
{
	for (size_t at = 0; at < count; at += FL_BATCH) {
		size_t batch = count - at < FL_BATCH ? count - at : FL_BATCH;

		fl_engine_frames(engine, frames + at, batch);
		recorder_frames(recorder, frames + at, batch);
	}
}

static void turn_bad(uint32_t id, const char *verdict, int64_t now)
{
	struct fl_account account = gateway_account();

	account.id = id;
	account.first = SCRIPT_START;
	account.verdict.id = verdict;
	recorder_take(recorder, &account, now, now);
}

static void write_all(void)
{
	ck_assert(recorder_start(recorder, NULL));
	recorder_wait(recorder, 30000);
}

static void check_left_out(const char *words)
{
	struct fl_text text;

	fl_text_init(&text);
	recorder_left_out(recorder, &text);
	ck_assert_str_eq(fl_text_get(&text), words);
	fl_text_deinit(&text);
}

/* Numbers of the frames are not kept: their lengths tell which they are. */
static void check_file(uint32_t id, const uint32_t *lengths, size_t count)
{
	struct fl_recording recording;
	struct fl_frame frames[FL_BATCH];
	struct fl_capture *capture;

	ck_assert(recorder_next(recorder, &recording));
	ck_assert_uint_eq(recording.id, id);
	ck_assert_uint_eq(recording.packets, count);
	capture = fl_capture_new(&recording.path, 1, NULL, NULL);
	ck_assert_ptr_nonnull(capture);
	ck_assert_uint_eq(fl_capture_read(capture, frames, FL_BATCH), count);
	ck_assert_int_eq(frames[0].at, recording.first);
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(frames[i].len, lengths[i]);
	fl_capture_free(capture);
}

START_TEST(a_file_has_the_packets_of_its_connection_and_what_is_said_of_it)
{
	const uint32_t lengths[] = { 54, 54, 54, 118, 14 + 20 + 8 + 28 };
	struct script_frames frames;
	struct fl_recording none;

	script_frames_init(&frames, "0.000 C>S S 0:0(0) win 64240\n"
	                            "0.001 D>S S 0:0(0) win 64240\n"
	                            "0.002 S>C SA 0:0(0) ack 1\n"
	                            "0.003 C?S\n"
	                            "0.004 C>S A 1:1(0) ack 1\n"
	                            "0.005 C>S PA 1:65(64) ack 1\n"
	                            "0.006 R ICMP 3/1 C>S 1:65(64)\n"
	                            "0.007 R ICMP 3/1 D>S 1:65(64)\n");
	take(frames.frames, frames.count);
	script_frames_deinit(&frames);
	turn_bad(0, "auth-unanswered", script_at(5));
	write_all();
	check_left_out("");
	check_file(0, lengths, 5);
	ck_assert(!recorder_next(recorder, &none));
}
END_TEST

START_TEST(fragments_are_those_of_the_connection_that_they_make)
{
	static const uint8_t first[] = { ETHERNET(0x0800), IPV4_FRAGMENT(44, 6, 9, 0x2000), TCP, 1, 2, 3, 4 };
	static const uint8_t other[] = { ETHERNET(0x0800), IPV4_FRAGMENT(52, 6, 8, 0x2000), TCP, [65] = 0 };
	static const uint8_t last[] = { ETHERNET(0x0800), IPV4_FRAGMENT(60, 6, 9, 3), [73] = 0 };
	const uint32_t lengths[] = { sizeof(first), sizeof(last) };
	const struct fl_frame frames[] = {
		{ .number = 1, .at = AT(0), .bytes = first, .caplen = sizeof(first), .len = sizeof(first), .link = 1 },
		{ .number = 2, .at = AT(1), .bytes = other, .caplen = sizeof(other), .len = sizeof(other), .link = 1 },
		{ .number = 3, .at = AT(2), .bytes = last, .caplen = sizeof(last), .len = sizeof(last), .link = 1 },
	};
	struct fl_engine_counters counters;

	take(frames, 1); /* the one that completes it comes later */
	take(frames + 1, 2);
	fl_engine_counters(engine, &counters);
	ck_assert_uint_eq(counters.tcp_packets, 1);
	turn_bad(0, "auth-unanswered", AT(5000));
	write_all();
	check_file(0, lengths, 2);
}
END_TEST

/* Many connections of a packet each, by their ids. */
static void take_connections(uint32_t count)
{
	struct script_frames frames;
	struct fl_text script;

	fl_text_init(&script);
	for (uint32_t i = 0; i < count; i++)
		fl_text_add(&script, "0.%03u C%u>S S 0:0(0) win 64240\n", i, i + 1);
	script_frames_init(&frames, fl_text_get(&script));
	take(frames.frames, frames.count);
	script_frames_deinit(&frames);
	fl_text_deinit(&script);
}

START_TEST(each_verdict_of_a_connection_is_recorded_once)
{
	take_connections(2);
	turn_bad(0, "auth-unanswered", script_at(5));
	turn_bad(0, "auth-unanswered", script_at(6));
	turn_bad(0, "app-silent", script_at(7));
	turn_bad(1, "auth-unanswered", script_at(8));
	turn_bad(0, "app-silent", script_at(9));
	write_all();
	check_left_out("");
	ck_assert_uint_eq(remove_files(), 3);
}
END_TEST

START_TEST(ten_in_a_minute)
{
	take_connections(14);
	for (uint32_t id = 0; id < 12; id++)
		turn_bad(id, "auth-unanswered", script_at(5 + id));
	check_left_out("2 recordings were left out: no more than 10 are made in a minute");
	turn_bad(12, "auth-unanswered", script_at(64.9));
	check_left_out("1 recording was left out: no more than 10 are made in a minute");
	turn_bad(13, "auth-unanswered", script_at(65));
	check_left_out("");
	write_all();
	ck_assert_uint_eq(remove_files(), 11);
}
END_TEST

START_TEST(what_waits_has_a_bound)
{
	take_connections(20);
	for (uint32_t id = 0; id < 18; id++)
		turn_bad(id, "auth-unanswered", script_at(10 + 7 * id));
	check_left_out("2 recordings were left out: those before are not written yet");
	write_all();
	ck_assert_uint_eq(remove_files(), 16);
	turn_bad(18, "auth-unanswered", script_at(300));
	recorder_wait(recorder, 30000);
	check_left_out("");
	ck_assert_uint_eq(remove_files(), 1);
}
END_TEST

START_TEST(what_is_too_old_is_gone)
{
	take_connections(1);
	turn_bad(0, "auth-unanswered", script_at(601));
	check_left_out("1 recording was left out: no packet of the connection is in memory any more");
	write_all();
	ck_assert_uint_eq(remove_files(), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { a_file_has_the_packets_of_its_connection_and_what_is_said_of_it,
		                       fragments_are_those_of_the_connection_that_they_make,
		                       each_verdict_of_a_connection_is_recorded_once,
		                       ten_in_a_minute,
		                       what_waits_has_a_bound,
		                       what_is_too_old_is_gone };
	Suite *suite = suite_create("recorder");
	TCase *tcase = tcase_create("recorder");

	tcase_set_timeout(tcase, UNIT_TIMEOUT);
	tcase_add_checked_fixture(tcase, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
