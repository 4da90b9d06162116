/* One packet as one line. */
#include "wire_bytes.h"

#define A4(last) \
	{ \
		.bytes = { 10, 0, 0, last }, .family = 4 \
	}

START_TEST(segment_with_options)
{
	struct fl_packet packet = {
		.outcome = FL_OUTCOME_TCP,
		.source = A4(1),
		.target = A4(9),
		.source_port = 40122,
		.target_port = 9001,
		.seq = 1000,
		.ack = 2000,
		.flags = FL_TCP_SYN | FL_TCP_ACK,
		.window = 502,
		.length = 24,
		.options = { .present = FL_OPT_MSS | FL_OPT_SACK_PERMITTED | FL_OPT_TIMESTAMP | FL_OPT_WSCALE,
		             .mss = 1460,
		             .ts_value = 1,
		             .ts_echo = 2,
		             .wscale = 7 },
	};
	char line[FL_PACKET_LINE];

	ck_assert_str_eq(fl_packet_line(&packet, line),
	                 "10.0.0.1:40122 > 10.0.0.9:9001 SA seq 1000 ack 2000 len 24 win 502 "
	                 "<mss 1460,sackOK,ts 1 2,wscale 7>");
	packet.flags = FL_TCP_RST;
	packet.options = (struct fl_tcp_options){ .present = FL_OPT_SACK | FL_OPT_MALFORMED,
		                                  .n_sack = 1,
		                                  .sack = { { 5, 9 } } };
	ck_assert_str_eq(fl_packet_line(&packet, line),
	                 "10.0.0.1:40122 > 10.0.0.9:9001 R seq 1000 len 24 win 502 <sack 5:9,...>");
	packet.options.present = packet.options.n_sack = 0;
	ck_assert_str_eq(fl_packet_line(&packet, line), "10.0.0.1:40122 > 10.0.0.9:9001 R seq 1000 len 24 win 502");
}
END_TEST

START_TEST(longest_line_fits)
{
	struct fl_packet packet;
	char line[FL_PACKET_LINE];

	memset(&packet, 0xff, sizeof(packet));
	packet.outcome = FL_OUTCOME_TCP;
	packet.source.family = packet.target.family = 6;
	packet.options.n_sack = 4;
	ck_assert_uint_lt(strlen(fl_packet_line(&packet, line)), FL_PACKET_LINE);
	ck_assert_ptr_nonnull(strstr(line, "4294967295"));
}
END_TEST

START_TEST(icmp_error_with_and_without_ports)
{
	struct fl_packet packet = { .outcome = FL_OUTCOME_ICMP,
		                    .icmp = { .sender = A4(254),
		                              .from = A4(1),
		                              .to = A4(9),
		                              .from_port = 40122,
		                              .to_port = 9001,
		                              .seq = 1000,
		                              .type = 3,
		                              .code = 4,
		                              .mtu = 1400,
		                              .quoted = 8,
		                              .protocol = 6 } };
	char line[FL_PACKET_LINE];

	ck_assert_str_eq(fl_packet_line(&packet, line),
	                 "10.0.0.254: fragmentation needed (mtu 1400) for 10.0.0.1:40122 > 10.0.0.9:9001 seq 1000");
	packet.icmp.quoted = 0;
	packet.icmp.type = 77;
	packet.icmp.mtu = 0;
	ck_assert_str_eq(fl_packet_line(&packet, line),
	                 "10.0.0.254: ICMP type 77 code 4 for 10.0.0.1 > 10.0.0.9 protocol 6");
}
END_TEST

START_TEST(neighbour_asks_and_tells)
{
	struct fl_packet packet = { .outcome = FL_OUTCOME_NEIGHBOUR,
		                    .neighbour = {
					    .sender = A4(1), .target = A4(9), .target_mac = { 2, 0, 0, 0, 0, 0xab } } };
	char line[FL_PACKET_LINE];

	ck_assert_str_eq(fl_packet_line(&packet, line), "who has 10.0.0.9? tell 10.0.0.1");
	packet.neighbour.is_reply = true;
	ck_assert_str_eq(fl_packet_line(&packet, line), "10.0.0.9 is at 02:00:00:00:00:ab, told to 10.0.0.1");
}
END_TEST

START_TEST(the_rest_says_what_it_is)
{
	struct fl_packet packet = { .outcome = FL_OUTCOME_NOT_TCP,
		                    .source = A4(1),
		                    .target = A4(9),
		                    .protocol = 17,
		                    .source_port = 5,
		                    .target_port = 53 };
	char line[FL_PACKET_LINE];

	ck_assert_str_eq(fl_packet_line(&packet, line), "10.0.0.1:5 > 10.0.0.9:53 not TCP, protocol 17");
	packet = (struct fl_packet){ .outcome = FL_OUTCOME_NOT_IP };
	ck_assert_str_eq(fl_packet_line(&packet, line), "not IP");
	packet.outcome = 200;
	ck_assert_str_eq(fl_packet_line(&packet, line), "?");
}
END_TEST

START_TEST(flags_as_one_word)
{
	char text[16];

	ck_assert_str_eq(fl_flags_text(0, text), "-");
	ck_assert_str_eq(fl_flags_text(FL_TCP_SYN | FL_TCP_ACK, text), "SA");
	ck_assert_str_eq(fl_flags_text(FL_TCP_FIN | FL_TCP_ACK, text), "FA");
	ck_assert_str_eq(fl_flags_text(FL_TCP_PSH | FL_TCP_ACK, text), "PA");
	ck_assert_str_eq(fl_flags_text(FL_TCP_RST | FL_TCP_ACK, text), "RA");
	ck_assert_str_eq(fl_flags_text(0xff, text), "SFRPAUEC");
}
END_TEST

START_TEST(icmp_names_of_both_families)
{
	ck_assert_str_eq(fl_icmp_name(4, 3, 1), "host unreachable");
	ck_assert_str_eq(fl_icmp_name(4, 3, 4), "fragmentation needed");
	ck_assert_str_eq(fl_icmp_name(6, 2, 0), "packet too big");
	ck_assert_str_eq(fl_icmp_name(6, 1, 4), "port unreachable");
	ck_assert_ptr_null(fl_icmp_name(4, 3, 99));
	ck_assert_ptr_null(fl_icmp_name(6, 11, 0));
}
END_TEST

UNIT_MAIN("wire/line", segment_with_options, longest_line_fits, icmp_error_with_and_without_ports,
          neighbour_asks_and_tells, the_rest_says_what_it_is, flags_as_one_word, icmp_names_of_both_families)
