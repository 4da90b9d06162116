/* Which packets are copies of others: each test writes what a capture holds, and what is said of each packet in turn,
 * "." for a packet of its own and "c" for a copy. */
#include <string.h>

#include "script.h"
#include "unit.h"

enum { most = 64 };

static struct fl_packet packets[most];

static void says_of(size_t count, const char *expected)
{
	struct fl_copies *copies = fl_copies_new();
	char said[most + 1];

	for (size_t i = 0; i < count; i++)
		said[i] = fl_copies_is_copy(copies, &packets[i]) ? 'c' : '.';
	said[count] = '\0';
	ck_assert_str_eq(said, expected);
	fl_copies_free(copies);
}

static void says(const char *text, const char *expected)
{
	says_of(script_packets(text, packets, most), expected);
}

/* The same over IPv6. */
static void says_ipv6(const char *text, const char *expected)
{
	size_t count = script_packets(text, packets, most);

	for (size_t i = 0; i < count; i++) {
		packets[i].source.family = packets[i].target.family = 6;
		packets[i].ip_id = 0;
	}
	says_of(count, expected);
}

START_TEST(copy_that_lost_a_hop_is_certain)
{
	says("0 C>S PA 1:11(10) ack 1 ttl 64 id 7\n+0.00002 C>S PA 1:11(10) ack 1 ttl 63 id 7\n", ".c");
	says("0 C>S PA 1:11(10) ack 1 ttl 63 id 7\n+0.00002 C>S PA 1:11(10) ack 1 ttl 64 id 7\n", ".c");
	says("0 C>S PA 1:11(10) ack 1 ttl 64\n+0.00002 C>S PA 1:11(10) ack 1 ttl 63\n", ".c");
	says_ipv6("0 C>S PA 1:11(10) ack 1 ttl 64\n+0.00002 C>S PA 1:11(10) ack 1 ttl 63\n", ".c");
}
END_TEST

START_TEST(each_further_place_shows_a_copy)
{
	says("0 C>S PA 1:11(10) ack 1 ttl 64 id 7\n+0.001 C>S PA 1:11(10) ack 1 ttl 63 id 7\n"
	     "+0.001 C>S PA 1:11(10) ack 1 ttl 62 id 7\n",
	     ".cc");
}
END_TEST

START_TEST(copy_at_another_interface_is_certain)
{
	says("0 C>S PA 1:11(10) ack 1 id 7 if 0\n+0.00002 C>S PA 1:11(10) ack 1 id 7 if 1\n", ".c");
	says("0 C>S PA 1:11(10) ack 1 if 0\n+0.00002 C>S PA 1:11(10) ack 1 if 1\n", ".c");
}
END_TEST

START_TEST(copy_at_another_place_is_certain)
{
	size_t count = script_packets("0 C>S PA 1:11(10) ack 1 id 7\n+0.00002 C>S PA 1:11(10) ack 1 id 7\n", packets,
	                              most);

	packets[1].place = 65536 + 3; /* `any`: in at one interface, out at the other */
	says_of(count, ".c");
	packets[0].place = packets[1].place;
	says_of(count, "..");
	packets[1].interface = 1;
	packets[0].place = 0;
	packets[1].place = 0;
	says_of(count, ".c");
	/* one further on and one place back is another one, too */
	packets[0].place = 1;
	says_of(count, ".c");
}
END_TEST

START_TEST(copy_with_another_sending_mac_is_certain)
{
	says("0 C>S PA 1:11(10) ack 1 id 7\n+0.00002 C>S PA 1:11(10) ack 1 id 7 mac 99\n", ".c");
}
END_TEST

START_TEST(copy_elsewhere_comes_within_5_ms)
{
	says("0 C>S PA 1:11(10) ack 1 id 7 if 0\n+0.005 C>S PA 1:11(10) ack 1 id 7 if 1\n", ".c");
	says("0 C>S PA 1:11(10) ack 1 id 7 if 0\n+0.005001 C>S PA 1:11(10) ack 1 id 7 if 1\n", "..");
	says("0 C>S PA 1:11(10) ack 1 ttl 64\n+0.005 C>S PA 1:11(10) ack 1 ttl 63\n", ".c");
	says("0 C>S PA 1:11(10) ack 1 ttl 64\n+0.005001 C>S PA 1:11(10) ack 1 ttl 63\n", "..");
}
END_TEST

START_TEST(copy_hops_on_with_its_identification_comes_within_a_second)
{
	says("0 C>S PA 1:11(10) ack 1 ttl 64 id 7\n+1 C>S PA 1:11(10) ack 1 ttl 63 id 7\n", ".c");
	says("0 C>S PA 1:11(10) ack 1 ttl 64 id 7\n+1.000001 C>S PA 1:11(10) ack 1 ttl 63 id 7\n", "..");
	says("0 C>S PA 1:11(10) ack 1 ttl 64 id 1\n+1 C>S PA 1:11(10) ack 1 ttl 63 id 1\n", ".c");
}
END_TEST

START_TEST(packet_from_before_is_no_copy)
{
	says("1 C>S PA 1:11(10) ack 1 ttl 64 id 7\n0.999 C>S PA 1:11(10) ack 1 ttl 63 id 7\n", "..");
	says("1 C>S PA 1:11(10) ack 1 ttl 64 id 7\n1 C>S PA 1:11(10) ack 1 ttl 63 id 7\n", ".c");
}
END_TEST

START_TEST(retransmission_with_a_new_identification_is_no_copy)
{
	says("0 C>S PA 1:11(10) ack 1 id 7\n+0.001 C>S PA 1:11(10) ack 1 id 8\n", "..");
	says("0 C>S PA 1:11(10) ack 1 ttl 64 id 7\n+0.001 C>S PA 1:11(10) ack 1 ttl 63 id 8\n", "..");
}
END_TEST

START_TEST(whatever_a_hop_leaves_as_it_is_tells_packets_apart)
{
	static const char *const others[] = {
		"C2>S PA 1:11(10) ack 1 win 502 ttl 63 id 7 <ts 5 6>",
		"D>S PA 1:11(10) ack 1 win 502 ttl 63 id 7 <ts 5 6>",
		"C>S2 PA 1:11(10) ack 1 win 502 ttl 63 id 7 <ts 5 6>",
		"C>T PA 1:11(10) ack 1 win 502 ttl 63 id 7 <ts 5 6>",
		"C>S A 1:11(10) ack 1 win 502 ttl 63 id 7 <ts 5 6>",
		"C>S PA 2:12(10) ack 1 win 502 ttl 63 id 7 <ts 5 6>",
		"C>S PA 1:12(11) ack 1 win 502 ttl 63 id 7 <ts 5 6>",
		"C>S PA 1:11(10) ack 2 win 502 ttl 63 id 7 <ts 5 6>",
		"C>S PA 1:11(10) ack 1 win 503 ttl 63 id 7 <ts 5 6>",
		"C>S PA 1:11(10) ack 1 win 502 ttl 63 id 8 <ts 5 6>",
		"C>S PA 1:11(10) ack 1 win 502 ttl 63 id 7 <ts 4 6>",
		"C>S PA 1:11(10) ack 1 win 502 ttl 63 id 7 <ts 5 7>",
	};
	static const char first[] = "0 C>S PA 1:11(10) ack 1 win 502 ttl 64 id 7 <ts 5 6>\n+0.001 ";
	struct fl_text text;

	says("0 C>S PA 1:11(10) ack 1 win 502 ttl 64 id 7 <ts 5 6>\n"
	     "+0.001 C>S PA 1:11(10) ack 1 win 502 ttl 63 id 7 <ts 5 6>\n",
	     ".c");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		fl_text_init(&text);
		fl_text_add(&text, "%s%s\n", first, others[i]);
		says(fl_text_get(&text), "..");
		fl_text_deinit(&text);
	}
}
END_TEST

START_TEST(acks_with_other_sack_blocks_are_two)
{
	says("0 C>S A 1:1(0) ack 1 ttl 64 <sack 11 21>\n+0.001 C>S A 1:1(0) ack 1 ttl 63 <sack 11 31>\n", "..");
	says("0 C>S A 1:1(0) ack 1 ttl 64 <sack 11 21>\n+0.001 C>S A 1:1(0) ack 1 ttl 63 <sack 12 21>\n", "..");
	says("0 C>S A 1:1(0) ack 1 ttl 64 <sack 11 21>\n+0.001 C>S A 1:1(0) ack 1 ttl 63\n", "..");
	says("0 C>S A 1:1(0) ack 1 ttl 64 <sack 11 21>\n+0.001 C>S A 1:1(0) ack 1 ttl 63 <sack 11 21>\n", ".c");
}
END_TEST

START_TEST(ipv6_addresses_count_with_both_halves)
{
	size_t count = script_packets("0 C>S PA 1:11(10) ack 1 ttl 64\n+0.001 C>S PA 1:11(10) ack 1 ttl 63\n", packets,
	                              most);

	for (size_t i = 0; i < count; i++)
		packets[i].source.family = packets[i].target.family = 6;
	says_of(count, ".c");
	packets[1].source.bytes[15] = 1;
	says_of(count, "..");
	packets[1].source.bytes[15] = 0;
	packets[1].target.bytes[7] = 1;
	says_of(count, "..");
	/* of an IPv4 address only its own bytes do */
	for (size_t i = 0; i < count; i++)
		packets[i].source.family = packets[i].target.family = 4;
	packets[1].target.bytes[7] = 0;
	packets[1].source.bytes[15] = 1;
	says_of(count, ".c");
}
END_TEST

START_TEST(same_place_is_believed_from_the_third_on)
{
	says("0 C>S PA 1:11(10) ack 1 id 7\n+0.001 C>S PA 1:11(10) ack 1 id 7\n"
	     "1 C>S PA 11:21(10) ack 1 id 8\n+0.001 C>S PA 11:21(10) ack 1 id 8\n"
	     "2 C>S PA 21:31(10) ack 1 id 9\n+0.001 C>S PA 21:31(10) ack 1 id 9\n"
	     "3 C>S PA 31:41(10) ack 1 id 10\n+0.005 C>S PA 31:41(10) ack 1 id 10\n"
	     "4 C>S PA 41:51(10) ack 1 id 11\n+0.005001 C>S PA 41:51(10) ack 1 id 11\n",
	     ".....c.c..");
}
END_TEST

START_TEST(same_place_is_believed_once_a_copy_was_certain)
{
	says("0 C>S PA 1:11(10) ack 1 id 7\n+0.001 C>S PA 1:11(10) ack 1 id 7\n"
	     "1 C>S PA 11:21(10) ack 1 id 8\n+0.001 C>S PA 11:21(10) ack 1 ttl 63 id 8\n"
	     "2 C>S PA 21:31(10) ack 1 id 9\n+0.001 C>S PA 21:31(10) ack 1 id 9\n",
	     "...c.c");
}
END_TEST

/* `before` packets that are like no other, then three that come twice. */
static void says_after(unsigned before, const char *expected_at_the_end)
{
	struct fl_text text;
	char expected[most + 1];

	fl_text_init(&text);
	for (unsigned i = 0; i < before; i++) {
		fl_text_add(&text, "0 C>S PA %u:%u(10) ack 1 id %u\n", 1000 + 10 * i, 1010 + 10 * i, 100 + i);
		expected[i] = '.';
	}
	for (unsigned i = 0; i < 3; i++) {
		for (unsigned twice = 0; twice < 2; twice++)
			fl_text_add(&text, "%u C>S PA %u:%u(10) ack 1 id %u\n", i + 1, 1 + 10 * i, 11 + 10 * i, i + 1);
	}
	memcpy(expected + before, expected_at_the_end, strlen(expected_at_the_end) + 1);
	says(fl_text_get(&text), expected);
	fl_text_deinit(&text);
}

START_TEST(same_place_is_believed_when_a_fifth_of_all_come_twice)
{
	says_after(9, ".....c");  /* the third of 15 */
	says_after(10, "......"); /* the third of 16 */
}
END_TEST

START_TEST(same_place_without_identification_teaches_nothing)
{
	says("0 C>S PA 1:11(10) ack 1\n+0.001 C>S PA 1:11(10) ack 1\n"
	     "1 C>S PA 11:21(10) ack 1\n+0.001 C>S PA 11:21(10) ack 1\n"
	     "2 C>S PA 21:31(10) ack 1\n+0.001 C>S PA 21:31(10) ack 1\n"
	     "3 C>S PA 31:41(10) ack 1\n+0.001 C>S PA 31:41(10) ack 1\n",
	     "........");
}
END_TEST

START_TEST(ipv6_at_the_same_place_teaches_too)
{
	says_ipv6("0 C>S PA 1:11(10) ack 1\n+0.001 C>S PA 1:11(10) ack 1\n"
	          "1 C>S PA 11:21(10) ack 1\n+0.001 C>S PA 11:21(10) ack 1\n"
	          "2 C>S PA 21:31(10) ack 1\n+0.001 C>S PA 21:31(10) ack 1\n",
	          ".....c");
	says_ipv6("0 S>C SA 0:0(0) ack 1\n+0.001 S>C SA 0:0(0) ack 1\n"
	          "1 S>D SA 0:0(0) ack 1\n+0.001 S>D SA 0:0(0) ack 1\n"
	          "2 S>B SA 0:0(0) ack 1\n+0.001 S>B SA 0:0(0) ack 1\n",
	          "......");
}
END_TEST

START_TEST(syn_acks_7_us_apart_without_identification_are_two)
{
	/* KERNEL g2: one answers the SYN that came again, one is the timer's */
	says("0 S>C SA 0:0(0) ack 1 <ts 5 6>\n+0.000007 S>C SA 0:0(0) ack 1 <ts 5 6>\n"
	     "1 S>D SA 0:0(0) ack 1 <ts 5 6>\n+0.000007 S>D SA 0:0(0) ack 1 <ts 5 6>\n"
	     "2 S>B SA 0:0(0) ack 1 <ts 5 6>\n+0.000007 S>B SA 0:0(0) ack 1 <ts 5 6>\n",
	     "......");
}
END_TEST

START_TEST(repeat_that_looks_the_same_has_copies_of_its_own)
{
	/* IPv6 without timestamps: 0.2 s later the same bytes come again, and again twice */
	says_ipv6("0 C>S PA 1:11(10) ack 1 ttl 64\n+0.0001 C>S PA 1:11(10) ack 1 ttl 63\n"
	          "0.2 C>S PA 1:11(10) ack 1 ttl 64\n+0.0001 C>S PA 1:11(10) ack 1 ttl 63\n"
	          "0.6 C>S PA 1:11(10) ack 1 ttl 64\n+0.005 C>S PA 1:11(10) ack 1 ttl 63\n",
	          ".c.c.c");
}
END_TEST

START_TEST(whole_engine_passes_copies_over)
{
	static const char text[] =
		"0 C>S S 0:0(0) ttl 64 id 1\n+0.00002 C>S S 0:0(0) ttl 63 id 1\n"
		"+0.01 S>C SA 0:0(0) ack 1 ttl 64\n+0.00002 S>C SA 0:0(0) ack 1 ttl 63\n"
		"+0.01 C>S A 1:1(0) ack 1 ttl 64 id 2\n+0.00002 C>S A 1:1(0) ack 1 ttl 63 id 2\n"
		"1 C>S PA 1:11(10) ack 1 id 3 if 0\n+0.00002 C>S PA 1:11(10) ack 1 id 3 if 1 mac 9\n"
		"+0.01 S>C PA 1:11(10) ack 11 id 9\n+0.00002 S>C PA 1:11(10) ack 11 id 9 mac 8 <sackok>\n";
	struct script_flow flow = script_judge(text, 0, 0);

	ck_assert_uint_eq(flow.retransmissions[0], 0);
	ck_assert_uint_eq(flow.retransmissions[1], 0);
	ck_assert_uint_eq(flow.packets[0], 6);
	ck_assert_str_eq(flow.verdict, "alive");
}
END_TEST

UNIT_MAIN("copies", copy_that_lost_a_hop_is_certain, each_further_place_shows_a_copy,
          copy_at_another_interface_is_certain, copy_at_another_place_is_certain,
          copy_with_another_sending_mac_is_certain, copy_elsewhere_comes_within_5_ms,
          copy_hops_on_with_its_identification_comes_within_a_second, packet_from_before_is_no_copy,
          retransmission_with_a_new_identification_is_no_copy, whatever_a_hop_leaves_as_it_is_tells_packets_apart,
          acks_with_other_sack_blocks_are_two, ipv6_addresses_count_with_both_halves,
          same_place_is_believed_from_the_third_on, same_place_is_believed_once_a_copy_was_certain,
          same_place_is_believed_when_a_fifth_of_all_come_twice, same_place_without_identification_teaches_nothing,
          ipv6_at_the_same_place_teaches_too, syn_acks_7_us_apart_without_identification_are_two,
          repeat_that_looks_the_same_has_copies_of_its_own, whole_engine_passes_copies_over)
