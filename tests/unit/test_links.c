/* Names of link types. */
#include "unit.h"

#include "flatline/capture.h"

START_TEST(common_links_have_names_and_unknown_ones_none)
{
	ck_assert_str_eq(fl_link_name(1), "Ethernet");
	ck_assert_str_eq(fl_link_name(101), "raw IP");
	ck_assert_str_eq(fl_link_name(113), "Linux cooked");
	ck_assert_str_eq(fl_link_name(276), "Linux cooked v2");
	ck_assert_ptr_null(fl_link_name(147));
	ck_assert_ptr_null(fl_link_name(65535));
}
END_TEST

UNIT_MAIN("links", common_links_have_names_and_unknown_ones_none)
