/* One expression over frames of several link types. */
#include "unit.h"

#include <string.h>

#include "capture/filter.h"

/* IPv4 with a TCP header from 10.0.0.1:1234 to 10.0.0.2:9001 */
static const uint8_t ip[] = { 0x45, 0,    0,    40,   0, 0, 0x40, 0, 64, 6, 0, 0, 10,   0, 0,    1,    10, 0, 0, 2,
	                      0x04, 0xd2, 0x23, 0x29, 0, 0, 0,    0, 0,  0, 0, 0, 0x50, 2, 0xff, 0xff, 0,  0, 0, 0 };

/* `ip` behind a link header of `header_size` bytes that ends with the ethertype. */
static enum filter_answer match(struct filter *filter, uint16_t link, size_t header_size, const char **ret_why)
{
	uint8_t bytes[64] = { 0 };
	struct fl_frame frame = { .bytes = bytes, .link = link, .caplen = (uint32_t)(header_size + sizeof(ip)) };

	frame.len = frame.caplen;
	if (header_size)
		memcpy(bytes + header_size - 2, "\x08\x00", 2);
	if (link == 276) /* its protocol stands in front */
		memcpy(bytes, "\x08\x00", 2);
	memcpy(bytes + header_size, ip, sizeof(ip));
	return fl_filter_match(filter, &frame, ret_why);
}

START_TEST(each_link_has_its_own_program)
{
	struct filter *yes = fl_filter_new("tcp dst port 9001", NULL), *no = fl_filter_new("tcp dst port 9002", NULL);
	const char *why = NULL;

	ck_assert_ptr_nonnull(yes);
	ck_assert_ptr_nonnull(no);
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(match(yes, 1, 14, &why), FILTER_YES);
		ck_assert_int_eq(match(yes, 101, 0, &why), FILTER_YES);
		ck_assert_int_eq(match(yes, 113, 16, &why), FILTER_YES);
		ck_assert_int_eq(match(yes, 276, 20, &why), FILTER_YES);
		ck_assert_int_eq(match(no, 1, 14, &why), FILTER_NO);
		ck_assert_int_eq(match(no, 101, 0, &why), FILTER_NO);
	}
	ck_assert_ptr_null(why);
	fl_filter_free(yes);
	fl_filter_free(no);
}
END_TEST

START_TEST(words_of_one_link_are_no_syntax_error_but_no_answer_elsewhere)
{
	struct filter *filter = fl_filter_new("wlan type data", NULL);
	const char *why = NULL;

	ck_assert_ptr_nonnull(filter);
	ck_assert_int_eq(match(filter, 1, 14, &why), FILTER_CANNOT);
	ck_assert_ptr_nonnull(why);
	ck_assert_int_ne(match(filter, 105, 14, &why), FILTER_CANNOT);
	fl_filter_free(filter);
}
END_TEST

START_TEST(nonsense_is_an_error_that_names_it)
{
	struct fl_error error;

	ck_assert_ptr_null(fl_filter_new("port port", &error));
	ck_assert_str_eq(error.file, "");
	ck_assert_int_eq(strncmp(error.message, "filter \"port port\": ", 20), 0);
	ck_assert_ptr_null(fl_filter_new("port port", NULL));
}
END_TEST

UNIT_MAIN("filter", each_link_has_its_own_program, words_of_one_link_are_no_syntax_error_but_no_answer_elsewhere,
          nonsense_is_an_error_that_names_it)
