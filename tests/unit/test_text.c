/* Text that grows, lines that break, counts with commas. */
#include <string.h>

#include "flatline/text.h"
#include "unit.h"

START_TEST(empty_text_is_an_empty_string)
{
	struct fl_text text;

	fl_text_init(&text);
	ck_assert_str_eq(fl_text_get(&text), "");
	fl_text_clear(&text);
	ck_assert_str_eq(fl_text_get(&text), "");
	fl_text_add(&text, "%s", "");
	ck_assert_str_eq(fl_text_get(&text), "");
	fl_text_deinit(&text);
}
END_TEST

START_TEST(text_grows_past_every_power_of_two)
{
	struct fl_text text;

	fl_text_init(&text);
	for (size_t i = 0; i < 3000; i++) {
		fl_text_add(&text, "%c", (int)('a' + i % 26));
		ck_assert_uint_eq(text.length, i + 1);
		ck_assert_uint_eq(strlen(fl_text_get(&text)), i + 1);
	}
	ck_assert_int_eq(text.data[2999], 'a' + 2999 % 26);
	ck_assert(!text.failed);
	fl_text_deinit(&text);
	ck_assert_ptr_null(text.data);
}
END_TEST

START_TEST(one_long_piece_fits_exactly)
{
	for (size_t length = 60; length < 70; length++) { /* around the first allocation */
		char piece[128];
		struct fl_text text;

		memset(piece, 'x', length);
		piece[length] = '\0';
		fl_text_init(&text);
		fl_text_add(&text, "%s", piece);
		fl_text_bytes(&text, "yz", 2);
		ck_assert_uint_eq(text.length, length + 2);
		ck_assert_uint_gt(text.size, text.length);
		ck_assert_str_eq(fl_text_get(&text) + length, "yz");
		fl_text_deinit(&text);
	}
}
END_TEST

START_TEST(cleared_text_begins_anew)
{
	struct fl_text text;

	fl_text_init(&text);
	fl_text_add(&text, "before");
	fl_text_clear(&text);
	ck_assert_str_eq(fl_text_get(&text), "");
	fl_text_add(&text, "%d", 7);
	ck_assert_str_eq(fl_text_get(&text), "7");
	fl_text_deinit(&text);
}
END_TEST

START_TEST(failed_text_keeps_what_it_has)
{
	struct fl_text text;

	fl_text_init(&text);
	fl_text_add(&text, "kept");
	text.failed = true;
	fl_text_add(&text, " and not this");
	fl_text_bytes(&text, "nor this", 8);
	ck_assert_str_eq(fl_text_get(&text), "kept");
	fl_text_deinit(&text);
}
END_TEST

static void wraps_to(const char *words, unsigned indent, unsigned width, const char *expected)
{
	struct fl_text text;

	fl_text_init(&text);
	fl_text_wrap(&text, words, indent, width);
	ck_assert_str_eq(fl_text_get(&text), expected);
	fl_text_deinit(&text);
}

START_TEST(lines_break_at_the_width_and_not_before)
{
	wraps_to("one two three", 0, 7, "one two\nthree\n");
	wraps_to("one two three", 0, 6, "one\ntwo\nthree\n");
	wraps_to("one two three", 2, 9, "  one two\n  three\n");
	wraps_to("one two three", 2, 8, "  one\n  two\n  three\n");
	wraps_to("one two three", 0, 100, "one two three\n");
}
END_TEST

START_TEST(word_longer_than_the_width_stands_alone)
{
	wraps_to("a verylongword b", 1, 6, " a\n verylongword\n b\n");
	wraps_to("verylongword", 0, 3, "verylongword\n");
}
END_TEST

START_TEST(paragraphs_stay)
{
	wraps_to("one\ntwo", 2, 20, "  one\n  two\n");
	wraps_to("one\n\ntwo", 2, 20, "  one\n\n  two\n");
	wraps_to("one\n", 0, 20, "one\n");
	wraps_to("", 2, 20, "");
}
END_TEST

START_TEST(several_blanks_are_one)
{
	wraps_to("  one   two  ", 1, 20, " one two\n");
}
END_TEST

START_TEST(letters_of_several_bytes_take_one_column)
{
	wraps_to("\xc3\xa4\xc3\xb6 \xc3\xbc\xc3\x9f x", 0, 5, "\xc3\xa4\xc3\xb6 \xc3\xbc\xc3\x9f\nx\n");
}
END_TEST

START_TEST(counts_have_commas)
{
	char text[32];

	ck_assert_str_eq(fl_count_text(0, text), "0");
	ck_assert_str_eq(fl_count_text(999, text), "999");
	ck_assert_str_eq(fl_count_text(1000, text), "1,000");
	ck_assert_str_eq(fl_count_text(1302, text), "1,302");
	ck_assert_str_eq(fl_count_text(100000, text), "100,000");
	ck_assert_str_eq(fl_count_text(1000000, text), "1,000,000");
	ck_assert_str_eq(fl_count_text(18446744073709551615ull, text), "18,446,744,073,709,551,615");
}
END_TEST

UNIT_MAIN("text", empty_text_is_an_empty_string, text_grows_past_every_power_of_two, one_long_piece_fits_exactly,
          cleared_text_begins_anew, failed_text_keeps_what_it_has, lines_break_at_the_width_and_not_before,
          word_longer_than_the_width_stands_alone, paragraphs_stay, several_blanks_are_one,
          letters_of_several_bytes_take_one_column, counts_have_commas)
