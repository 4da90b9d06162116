/* tshark's numbers: the rule on one tuple, clause by clause, and every capture of tests/parity/clauses with the numbers
 * that tshark 4.0 gave to its frames. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/capture.h"
#include "flatline/engine.h"
#include "unit.h"

enum { S = FL_TCP_SYN, A = FL_TCP_ACK, SA = FL_TCP_SYN | FL_TCP_ACK, R = FL_TCP_RST };

static struct fl_wireshark_id id;
static uint32_t next;

static void begin(void)
{
	id = (struct fl_wireshark_id){ .stream = FL_STREAM_NONE };
	next = 7;
}

static uint32_t step(unsigned dir, uint32_t seq, uint32_t ack, uint8_t flags)
{
	return fl_wireshark_id_step(&id, &next, dir, seq, ack, flags);
}

START_TEST(unknown_tuple_takes_the_next_number)
{
	begin();
	ck_assert_uint_eq(step(1, 100, 0, S), 7);
	ck_assert_uint_eq(next, 8);
	ck_assert_uint_eq(step(0, 500, 101, SA), 7);
	ck_assert_uint_eq(step(1, 101, 501, A), 7);
	ck_assert_uint_eq(next, 8);
}
END_TEST

START_TEST(syn_with_another_number_is_new)
{
	begin();
	step(0, 100, 0, S);
	ck_assert_uint_eq(step(0, 100, 0, S), 7);
	ck_assert_uint_eq(step(0, 101, 0, S), 8);
	ck_assert_uint_eq(step(0, 101, 0, S), 8);
	ck_assert_uint_eq(step(1, 9, 0, S), 8); /* simultaneous open: the other base is not set */
	ck_assert_uint_eq(step(1, 10, 0, S), 9);
}
END_TEST

START_TEST(first_segment_sets_a_base_one_below)
{
	begin();
	step(0, 0, 0, R);
	ck_assert_uint_eq(step(0, UINT32_MAX, 0, S), 7);
	ck_assert_uint_eq(step(0, 0, 0, S), 8);
}
END_TEST

START_TEST(ack_sets_the_other_base_once)
{
	begin();
	step(0, 100, 500, A);
	step(0, 100, 900, A);
	ck_assert_uint_eq(step(1, 499, 0, S), 7);
	ck_assert_uint_eq(step(1, 899, 0, S), 8);
}
END_TEST

START_TEST(syn_ack_overwrites_its_base)
{
	begin();
	step(0, 100, 0, S);
	step(1, 500, 101, SA);
	step(1, 600, 101, SA);
	ck_assert_uint_eq(step(1, 600, 0, S), 7);
	ck_assert_uint_eq(step(1, 500, 0, S), 8);
}
END_TEST

START_TEST(ack_field_without_the_flag_says_nothing)
{
	begin();
	step(0, 100, 500, S);
	ck_assert_uint_eq(step(1, 12345, 0, S), 7);
}
END_TEST

/* Numbers by frame, of one capture. */
struct numbers {
	uint32_t stream[64];
	unsigned count;
};

static void keep(void *context, const struct fl_packet *packet, uint32_t flow, uint32_t stream, unsigned dir)
{
	struct numbers *numbers = context;

	(void)flow;
	(void)dir;
	ck_assert_uint_lt(packet->number, 64);
	numbers->stream[packet->number] = stream;
	numbers->count++;
}

static void number_capture(const char *directory, const char *name, struct numbers *ret_numbers)
{
	struct fl_capture_settings capture_settings = { NULL, FL_TIME_NONE, FL_TIME_NONE };
	struct fl_engine_settings settings = { .seed = 5, .number_streams = true };
	struct fl_engine_probe probe = { .packet = keep, .context = ret_numbers };
	struct fl_frame frames[FL_BATCH];
	struct fl_error error;
	char path[1024];
	const char *paths[] = { path };
	size_t count;

	snprintf(path, sizeof(path), "%s/%s.pcap", directory, name);
	memset(ret_numbers, 0xff, sizeof(*ret_numbers));
	ret_numbers->count = 0;
	fl_settings_init(&settings.settings);

	struct fl_capture *capture = fl_capture_new(paths, 1, &capture_settings, &error);
	struct fl_engine *engine = fl_engine_new(&settings);

	ck_assert_ptr_nonnull(capture);
	fl_engine_probe(engine, &probe);
	while ((count = fl_capture_read(capture, frames, FL_BATCH)) > 0)
		fl_engine_frames(engine, frames, count);
	ck_assert_msg(fl_capture_facts(capture)->files[0].end == FL_FILE_WHOLE, "%s: not read to its end", path);
	fl_engine_free(engine);
	fl_capture_free(capture);
}

/* Frames with a TCP segment of their own are compared; the number that tshark shows at an ICMP error is that of its
 * quote, which we show by the frames after it. */
START_TEST(clauses_are_numbered_as_tshark_does)
{
	const char *source = getenv("FLATLINE_SOURCE");
	char directory[768], path[896], line[256], name[128], stream[32], last[128] = "";
	struct numbers numbers = { .count = 0 };
	unsigned frame, n_captures = 0, n_compared = 0, n_tcp = 0;
	FILE *answers;

	snprintf(directory, sizeof(directory), "%s/tests/parity/clauses", source ? source : ".");
	snprintf(path, sizeof(path), "%s/answers.tsv", directory);
	answers = fopen(path, "r");
	ck_assert_msg(answers != NULL, "%s is missing", path);
	while (fgets(line, sizeof(line), answers)) {
		if (line[0] == '#')
			continue;
		ck_assert_int_eq(sscanf(line, "%127s %u %31s", name, &frame, stream), 3);
		if (strcmp(name, last) != 0) {
			number_capture(directory, name, &numbers);
			n_tcp += numbers.count;
			n_captures++;
			strcpy(last, name);
		}
		if (numbers.stream[frame] == UINT32_MAX) {
			ck_assert_msg(stream[0] == '-' || strncmp(name, "icmp", 4) == 0, "%s: frame %u has number %s",
			              name, frame, stream);
			continue;
		}
		ck_assert_msg((uint32_t)atoi(stream) == numbers.stream[frame] && stream[0] != '-',
		              "%s: frame %u has number %s, not %u", name, frame, stream, numbers.stream[frame]);
		n_compared++;
	}
	fclose(answers);
	ck_assert_uint_ge(n_captures, 40);
	ck_assert_uint_eq(n_compared, n_tcp);
}
END_TEST

UNIT_MAIN("wireshark_id", unknown_tuple_takes_the_next_number, syn_with_another_number_is_new,
          first_segment_sets_a_base_one_below, ack_sets_the_other_base_once, syn_ack_overwrites_its_base,
          ack_field_without_the_flag_says_nothing, clauses_are_numbered_as_tshark_does)
