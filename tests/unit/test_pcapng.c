/* pcapng blocks as bytes, right ones and wrong ones. */
#include "unit.h"

#include "capture_bytes.h"

START_TEST(reads_packets_in_both_byte_orders)
{
	for (int is_big = 0; is_big < 2; is_big++) {
		struct bytes *bytes = bytes_new(is_big);
		struct result *result;

		put_section(bytes);
		put_interface(bytes, 1, 96, -1);
		put_enhanced(bytes, 0, 1700000000123456, 61, 1500, 'a');
		put_enhanced(bytes, 0, 1700000000123457, 60, 60, 'b');
		result = read_bytes(bytes, bytes->size, false);
		ck_assert_uint_eq(result->count, 2);
		ck_assert_int_eq(result->frames[0].at, INT64_C(1700000000123456000));
		ck_assert_uint_eq(result->frames[0].number, 1);
		ck_assert_uint_eq(result->frames[0].caplen, 61);
		ck_assert_uint_eq(result->frames[0].len, 1500);
		ck_assert_uint_eq(result->frames[0].link, 1);
		ck_assert_uint_eq(result->fill[1], 'b');
		ck_assert_uint_eq(result->frames[1].number, 2);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_WHOLE);
		ck_assert_str_eq(result->facts->files[0].format, "pcapng");
		ck_assert_uint_eq(result->facts->files[0].snaplen, 96);
		ck_assert_uint_eq(result->facts->cut, 1);
		result_free(result);
		free(bytes);
	}
}
END_TEST

START_TEST(interfaces_of_different_links_keep_their_own)
{
	struct bytes *bytes = bytes_new(false);
	struct result *result;

	put_section(bytes);
	put_interface(bytes, 1, 0, -1);
	put_interface(bytes, 113, 128, 9);
	put_interface(bytes, 1, 256, -1);
	put_interface(bytes, 1, 96, -1);
	put_enhanced(bytes, 1, 1700000000000000001, 20, 20, 'c');
	put_enhanced(bytes, 0, 1700000000000001, 20, 20, 'e');
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_uint_eq(result->count, 2);
	ck_assert_uint_eq(result->frames[0].link, 113);
	ck_assert_uint_eq(result->frames[0].interface, 1);
	ck_assert_int_eq(result->frames[0].at, INT64_C(1700000000000000001));
	ck_assert_uint_eq(result->frames[1].link, 1);
	ck_assert_uint_eq(result->frames[1].interface, 0);
	ck_assert_int_eq(result->frames[1].at, INT64_C(1700000000000001000));
	ck_assert_uint_eq(result->facts->n_links, 2);
	ck_assert_uint_eq(result->facts->links[0], 113);
	ck_assert_uint_eq(result->facts->links[1], 1);
	ck_assert_uint_eq(result->facts->files[0].snaplen, 96);
	result_free(result);
	free(bytes);
}
END_TEST

static const struct {
	int resolution;
	uint64_t ticks;
	int64_t at;
} clocks[] = {
	{ -1, 1700000000000001, INT64_C(1700000000000001000) },
	{ 0, 1700000000, INT64_C(1700000000000000000) },
	{ 3, 1700000000123, INT64_C(1700000000123000000) },
	{ 6, 1700000000000001, INT64_C(1700000000000001000) },
	{ 7, 17000000000000001, INT64_C(1700000000000000100) },
	{ 9, 1700000000000000001, INT64_C(1700000000000000001) },
	{ 10, 17000000000000000015u, INT64_C(1700000000000000001) },
	{ 127, UINT64_MAX, 0 },
	{ 0x80, 1700000000, INT64_C(1700000000000000000) },
	{ 0x80 | 10, (UINT64_C(1700000000) << 10) + 512, INT64_C(1700000000500000000) },
	{ 0x80 | 32, (UINT64_C(1700000000) << 32) + (UINT64_C(1) << 30), INT64_C(1700000000250000000) },
	{ 0x80 | 127, UINT64_MAX, 0 },
	{ 9, (uint64_t)FL_TIME_MOST, FL_TIME_MOST },
	/* beyond the year 2116 */
	{ 9, (uint64_t)FL_TIME_MOST + 1, FL_TIME_NONE },
	{ 9, (uint64_t)INT64_MAX + 1, FL_TIME_NONE },
	{ 6, UINT64_MAX, FL_TIME_NONE },
	{ 0, UINT64_MAX, FL_TIME_NONE },
};

START_TEST(clock_resolution_is_honoured)
{
	struct bytes *bytes = bytes_new(_i % 2);
	struct result *result;

	put_section(bytes);
	put_interface(bytes, 1, 0, clocks[_i].resolution);
	put_enhanced(bytes, 0, clocks[_i].ticks, 4, 4, 'x');
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_uint_eq(result->count, 1);
	ck_assert_int_eq(result->frames[0].at, clocks[_i].at);
	ck_assert_uint_eq(result->facts->untimed, clocks[_i].at == FL_TIME_NONE);
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(clock_offset_is_added)
{
	struct bytes *bytes = bytes_new(_i);
	struct result *result;
	size_t block;

	put_section(bytes);
	block = begin_block(bytes, 1);
	put16(bytes, 1);
	put16(bytes, 0);
	put32(bytes, 0);
	put16(bytes, 2); /* if_name */
	put16(bytes, 5);
	put(bytes, "eth0\0\0\0", 8);
	put16(bytes, 14);
	put16(bytes, 8);
	put64(bytes, (uint64_t)-3600);
	end_block(bytes, block); /* without opt_endofopt, as some write it */
	put_enhanced(bytes, 0, 7200000001, 4, 4, 'x');
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_uint_eq(result->count, 1);
	ck_assert_int_eq(result->frames[0].at, 3600 * FL_NS_PER_S + 1000);
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(simple_packets_have_no_time_and_the_first_interface)
{
	struct bytes *bytes = bytes_new(_i);
	struct result *result;
	size_t block;

	put_section(bytes);
	put_interface(bytes, 101, 10, -1);
	put_interface(bytes, 1, 0, -1);
	block = begin_block(bytes, 3);
	put32(bytes, 90);
	put_filler(bytes, 's', 10);
	end_block(bytes, block);
	block = begin_block(bytes, 3);
	put32(bytes, 7);
	put_filler(bytes, 't', 7);
	end_block(bytes, block);
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_uint_eq(result->count, 2);
	ck_assert_int_eq(result->frames[0].at, FL_TIME_NONE);
	ck_assert_uint_eq(result->frames[0].caplen, 10);
	ck_assert_uint_eq(result->frames[0].len, 90);
	ck_assert_uint_eq(result->frames[0].link, 101);
	ck_assert_uint_eq(result->frames[1].caplen, 7);
	ck_assert_uint_eq(result->facts->untimed, 2);
	ck_assert_int_eq(result->facts->first, FL_TIME_NONE);
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(obsolete_packet_block_is_read)
{
	struct bytes *bytes = bytes_new(_i);
	struct result *result;
	size_t block;

	put_section(bytes);
	put_interface(bytes, 1, 0, -1);
	put_interface(bytes, 276, 0, -1);
	block = begin_block(bytes, 2);
	put16(bytes, 1);
	put16(bytes, 0xffff);
	put32(bytes, 1);
	put32(bytes, 5);
	put32(bytes, 3);
	put32(bytes, 9);
	put_filler(bytes, 'o', 3);
	end_block(bytes, block);
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_uint_eq(result->count, 1);
	ck_assert_uint_eq(result->frames[0].link, 276);
	ck_assert_int_eq(result->frames[0].at, ((INT64_C(1) << 32) + 5) * 1000);
	ck_assert_uint_eq(result->frames[0].caplen, 3);
	ck_assert_uint_eq(result->frames[0].len, 9);
	result_free(result);
	free(bytes);
}
END_TEST

static void put_statistics(struct bytes *bytes, uint32_t interface, uint64_t end, int ifdrop, int osdrop)
{
	size_t block = begin_block(bytes, 5);

	put32(bytes, interface);
	put64(bytes, 0);
	put16(bytes, 3);
	put16(bytes, 8);
	put32(bytes, (uint32_t)(end >> 32));
	put32(bytes, (uint32_t)end);
	if (ifdrop >= 0) {
		put16(bytes, 5);
		put16(bytes, 8);
		put64(bytes, (uint64_t)ifdrop);
	}
	if (osdrop >= 0) {
		put16(bytes, 7);
		put16(bytes, 8);
		put64(bytes, (uint64_t)osdrop);
	}
	put32(bytes, 0);
	end_block(bytes, block);
}

START_TEST(statistics_tell_end_time_and_drops)
{
	struct bytes *bytes = bytes_new(_i);
	struct result *result;

	put_section(bytes);
	put_interface(bytes, 1, 0, 9);
	put_interface(bytes, 1, 0, -1);
	put_enhanced(bytes, 0, 1700000000000000000, 4, 4, 'x');
	put_statistics(bytes, 0, 1700000005000000000, 2, -1);
	put_statistics(bytes, 0, 1700000009000000000, 3, 4); /* counters run on: the last counts */
	put_statistics(bytes, 1, 1700000007000000, -1, 10);
	put_statistics(bytes, 9, 1800000007000000, 99, 99); /* no such interface */
	put_section(bytes);
	put_interface(bytes, 1, 0, -1);
	put_statistics(bytes, 0, 1700000001000000, 100, -1);
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_int_eq(result->facts->files[0].end, FL_FILE_WHOLE);
	ck_assert_int_eq(result->facts->interface_end, INT64_C(1700000009000000000));
	ck_assert(result->facts->has_drops);
	ck_assert_uint_eq(result->facts->drops, 117);
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(end_time_alone_says_nothing_about_drops)
{
	struct bytes *bytes = bytes_new(_i);
	struct result *result;

	put_section(bytes);
	put_interface(bytes, 1, 0, -1);
	put_statistics(bytes, 0, 1700000005000000, -1, -1);
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_int_eq(result->facts->interface_end, INT64_C(1700000005000000000));
	ck_assert(!result->facts->has_drops);
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(a_new_section_may_change_byte_order_and_interfaces)
{
	struct bytes *bytes = bytes_new(false);
	struct result *result;

	put_section(bytes);
	put_interface(bytes, 1, 0, -1);
	put_enhanced(bytes, 0, 1000000, 4, 4, 'a');
	bytes->is_big = true;
	put_section(bytes);
	put_interface(bytes, 113, 0, 9);
	put_enhanced(bytes, 0, 2000000000, 4, 4, 'b');
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_int_eq(result->facts->files[0].end, FL_FILE_WHOLE);
	ck_assert_uint_eq(result->count, 2);
	ck_assert_int_eq(result->frames[1].at, 2 * FL_NS_PER_S);
	ck_assert_uint_eq(result->frames[1].number, 2);
	ck_assert_uint_eq(result->frames[1].link, 113);
	ck_assert_uint_eq(result->frames[1].interface, 1);
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(other_blocks_are_stepped_over)
{
	static const uint32_t types[] = { 4, 7, 10, 0xbad, 0x40000bad, 0x80000001 };
	struct bytes *bytes = bytes_new(_i);
	struct result *result;

	put_section(bytes);
	put_interface(bytes, 1, 0, -1);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t block = begin_block(bytes, types[i]);

		put_filler(bytes, 0xff, i * 4);
		end_block(bytes, block);
	}
	put_enhanced(bytes, 0, 1, 4, 4, 'x');
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_int_eq(result->facts->files[0].end, FL_FILE_WHOLE);
	ck_assert_uint_eq(result->count, 1);
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(a_frame_of_a_mebibyte_comes_whole)
{
	struct bytes *bytes = bytes_new(false);
	struct result *result;

	put_section(bytes);
	put_interface(bytes, 1, 0, -1);
	put_enhanced(bytes, 0, 1, 0, 0, 0);
	put_enhanced(bytes, 0, 2, 1024 * 1024, 1024 * 1024, 'm');
	put_enhanced(bytes, 0, 3, 4, 4, 'x');
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_uint_eq(result->count, 3);
	ck_assert_uint_eq(result->frames[1].caplen, 1024 * 1024);
	ck_assert_uint_eq(result->fill[1], 'm');
	ck_assert_uint_eq(result->fill[2], 'x');
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(wire_length_is_never_below_the_captured_one)
{
	struct bytes *bytes = bytes_new(false);
	struct result *result;

	put_section(bytes);
	put_interface(bytes, 1, 0, -1);
	put_enhanced(bytes, 0, 1, 60, 20, 'x');
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_uint_eq(result->frames[0].len, 60);
	ck_assert_uint_eq(result->facts->cut, 0);
	result_free(result);
	free(bytes);
}
END_TEST

/* Damage: one good packet in front, then 4 bytes of the second packet's block (of 36 bytes) are overwritten. */
static const struct {
	unsigned offset;
	uint32_t value;
	const char *problem;
} damages[] = {
	{ 4, 8, "frame 2: a block of type 0x6 says that it has 8 bytes, which is too short" },
	{ 4, 37, "frame 2: a block of type 0x6 says that it has 37 bytes, which is not a multiple of 4" },
	{ 4, 0x7ffffffc, "frame 2: a block of type 0x6 says that it has 2147483644 bytes, which is more than 64 MiB" },
	{ 4, 12, "frame 2: a block says 12 bytes in front and 0 bytes behind" },
	{ 8, 1, "frame 2: the packet names interface 1, which the file does not describe" },
	{ 20, 5, "frame 2: the packet has 5 bytes, more than the 4 of its block" },
	{ 20, 0xffffffff, "frame 2: the packet has 4294967295 bytes, more than the 4 of its block" },
	{ 32, 40, "frame 2: a block says 36 bytes in front and 40 bytes behind" },
	{ 0, 0x0a0d0d0a, "frame 2: the section header has no byte-order magic" },
	{ 0, 1, NULL }, /* becomes an interface: no damage to see */
};

START_TEST(damage_is_told_with_its_frame_and_ends_the_file)
{
	struct bytes *bytes = bytes_new(_i % 2);
	struct result *result;
	size_t second, end;

	put_section(bytes);
	put_interface(bytes, 1, 0, -1);
	put_enhanced(bytes, 0, 1, 4, 4, 'x');
	second = bytes->size;
	put_enhanced(bytes, 0, 0, 4, 4, 'y');
	put_enhanced(bytes, 0, 3, 4, 4, 'z');
	end = bytes->size;
	bytes->size = second + damages[_i].offset;
	put32(bytes, damages[_i].value);
	bytes->size = end;
	result = read_bytes(bytes, bytes->size, false);
	if (damages[_i].problem) {
		ck_assert_uint_eq(result->count, 1);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_CORRUPT);
		ck_assert_str_eq(strstr(result->problem, "frame"), damages[_i].problem);
	} else {
		ck_assert_uint_eq(result->count, 2);
		ck_assert_int_eq(result->facts->files[0].end, FL_FILE_WHOLE);
	}
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(an_unknown_version_is_no_capture)
{
	struct bytes *bytes = bytes_new(false);
	struct result *result;

	put_section(bytes);
	bytes->at[12] = 2;
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_int_eq(result->facts->files[0].end, FL_FILE_UNREADABLE);
	ck_assert_ptr_nonnull(strstr(result->problem, "pcapng version 2.0"));
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(an_interface_option_beyond_its_block_is_damage)
{
	struct bytes *bytes = bytes_new(false);
	struct result *result;
	size_t block;

	put_section(bytes);
	block = begin_block(bytes, 1);
	put16(bytes, 1);
	put16(bytes, 0);
	put32(bytes, 0);
	put16(bytes, 9);
	put16(bytes, 100);
	put32(bytes, 9);
	end_block(bytes, block);
	put_enhanced(bytes, 0, 1, 4, 4, 'x');
	result = read_bytes(bytes, bytes->size, false);
	ck_assert_uint_eq(result->count, 0);
	ck_assert_int_eq(result->facts->files[0].end, FL_FILE_CORRUPT);
	ck_assert_ptr_nonnull(strstr(result->problem, "an option of the interface is longer than its block"));
	result_free(result);
	free(bytes);
}
END_TEST

START_TEST(cut_anywhere_gives_all_frames_before_the_cut)
{
	struct bytes *bytes = bytes_new(_i);
	size_t borders[8], n_borders = 0, frames = 0, border = 0;

	put_section(bytes);
	borders[n_borders++] = bytes->size;
	put_interface(bytes, 1, 0, 9);
	borders[n_borders++] = bytes->size;
	for (uint8_t i = 0; i < 3; i++) {
		put_enhanced(bytes, 0, i, 5 + i, 5 + i, i);
		borders[n_borders++] = bytes->size;
	}
	put_statistics(bytes, 0, 9, 1, 1);
	borders[n_borders++] = bytes->size;
	for (size_t size = 1; size <= bytes->size; size++) {
		struct result *result = read_bytes(bytes, size, size % 2);
		bool is_border = size == borders[border];
		enum fl_file_end end = is_border ? FL_FILE_WHOLE : FL_FILE_CUT;

		frames += is_border && border >= 2 && border <= 4;
		border += is_border;
		ck_assert_uint_eq(result->count, frames);
		ck_assert_int_eq(result->facts->files[0].end, size < borders[0] ? FL_FILE_UNREADABLE : end);
		if (border >= 2 && border < 5 && end == FL_FILE_CUT && size >= borders[border - 1] + 4)
			ck_assert_uint_eq(result->facts->files[0].problem.frame, frames + 1);
		result_free(result);
	}
	ck_assert_uint_eq(frames, 3);
	free(bytes);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reads_packets_in_both_byte_orders,
		interfaces_of_different_links_keep_their_own,
		a_new_section_may_change_byte_order_and_interfaces,
		a_frame_of_a_mebibyte_comes_whole,
		wire_length_is_never_below_the_captured_one,
		an_unknown_version_is_no_capture,
		an_interface_option_beyond_its_block_is_damage,
	};
	const TTest *const both_orders[] = {
		clock_offset_is_added,
		simple_packets_have_no_time_and_the_first_interface,
		obsolete_packet_block_is_read,
		statistics_tell_end_time_and_drops,
		end_time_alone_says_nothing_about_drops,
		other_blocks_are_stepped_over,
		cut_anywhere_gives_all_frames_before_the_cut,
	};
	Suite *suite = unit_suite("pcapng", tests, sizeof(tests) / sizeof(tests[0]));
	TCase *loops = tcase_create("loops");

	tcase_set_timeout(loops, UNIT_TIMEOUT);
	tcase_add_loop_test(loops, clock_resolution_is_honoured, 0, sizeof(clocks) / sizeof(clocks[0]));
	tcase_add_loop_test(loops, damage_is_told_with_its_frame_and_ends_the_file, 0,
	                    sizeof(damages) / sizeof(damages[0]));
	for (size_t i = 0; i < sizeof(both_orders) / sizeof(both_orders[0]); i++)
		tcase_add_loop_test(loops, both_orders[i], 0, 2);
	suite_add_tcase(suite, loops);
	return unit_run(suite);
}
