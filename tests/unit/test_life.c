/* The rungs: what a segment proves of its sender, and what it asks of its receiver. end[0] is the client. */
#include "script.h"
#include "unit.h"

#define HANDSHAKE \
	"0 C>S S 0:0(0) win 64240 <mss 1460>\n" \
	"0.01 S>C SA 0:0(0) ack 1 win 65160 <mss 1460>\n" \
	"0.02 C>S A 1:1(0) ack 1\n"

enum { CLIENT, SERVER };

static struct script_track track;

static struct fl_rung rung(const char *text, unsigned dir, enum fl_rung_id id)
{
	struct fl_rung result;

	script_track_init(&track, text);
	result = script_track_flow(&track)->cold->rung[dir][id];
	script_track_deinit(&track);
	return result;
}

static void stands(struct fl_rung rung, uint32_t last_frame, uint32_t demands, uint32_t asked_frame)
{
	ck_assert_uint_eq(rung.last_frame, last_frame);
	ck_assert_uint_eq(rung.demands, demands);
	if (demands > 0)
		ck_assert_uint_eq(rung.asked_frame, asked_frame);
}

START_TEST(syn_asks_the_servers_kernel)
{
	stands(rung("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n", SERVER, FL_RUNG_STACK), 0, 2, 1);
}
END_TEST

START_TEST(handshake_leaves_nothing_asked)
{
	stands(rung(HANDSHAKE, SERVER, FL_RUNG_STACK), 2, 0, 0);
	stands(rung(HANDSHAKE, CLIENT, FL_RUNG_STACK), 3, 0, 0);
	stands(rung(HANDSHAKE, SERVER, FL_RUNG_APPLICATION), 0, 0, 0);
}
END_TEST

START_TEST(syn_ack_proves_its_kernel_and_asks_the_clients)
{
	stands(rung("0 C>S S 0:0(0)\n0.01 S>C SA 0:0(0) ack 1\n", CLIENT, FL_RUNG_STACK), 0, 1, 2);
	stands(rung("0 S>C SA 0:0(0) ack 1\n", 0, FL_RUNG_STACK), 1, 0, 0);
}
END_TEST

START_TEST(data_asks_the_kernel_until_all_is_acked)
{
	static const char two[] = HANDSHAKE "1 C>S PA 1:11(10) ack 1\n2 C>S PA 11:21(10) ack 1\n";

	stands(rung(two, SERVER, FL_RUNG_STACK), 2, 2, 4);
	ck_assert_int_eq(rung(two, SERVER, FL_RUNG_STACK).asked_at, script_at(1));
	stands(rung(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n2 C>S PA 11:21(10) ack 1\n3 S>C A 1:1(0) ack 21\n", SERVER,
	            FL_RUNG_STACK),
	       6, 0, 0);
}
END_TEST

START_TEST(ack_of_a_part_moves_the_question)
{
	struct fl_rung stack = rung(HANDSHAKE
	                            "1 C>S PA 1:11(10) ack 1\n2 C>S PA 11:21(10) ack 1\n3 S>C A 1:1(0) ack 11\n",
	                            SERVER, FL_RUNG_STACK);

	stands(stack, 6, 1, 5); /* to what still waits, since it was first sent */
	ck_assert_int_eq(stack.asked_at, script_at(2));
}
END_TEST

START_TEST(repeats_ask_again)
{
	stands(rung(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n1.2 C>S PA 1:11(10) ack 1\n1.6 C>S PA 1:11(10) ack 1\n", SERVER,
	            FL_RUNG_STACK),
	       2, 3, 4);
}
END_TEST

START_TEST(ack_proves_the_kernel_and_not_the_application)
{
	static const char acked[] = HANDSHAKE "1 C>S PA 1:11(10) ack 1\n2 S>C A 1:1(0) ack 11\n";

	stands(rung(acked, SERVER, FL_RUNG_STACK), 5, 0, 0);
	stands(rung(acked, SERVER, FL_RUNG_APPLICATION), 0, 0, 0);
	stands(rung(acked, CLIENT, FL_RUNG_APPLICATION), 4, 0, 0);
}
END_TEST

START_TEST(repeated_payload_proves_no_application)
{
	stands(rung(HANDSHAKE "1 S>C PA 1:11(10) ack 1\n2 S>C PA 1:11(10) ack 1\n", SERVER, FL_RUNG_APPLICATION), 4, 0,
	       0);
}
END_TEST

START_TEST(duplicate_ack_proves_nothing_new)
{
	stands(rung(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n2 S>C A 1:1(0) ack 1\n", SERVER, FL_RUNG_STACK), 2, 1, 4);
}
END_TEST

START_TEST(probe_asks_and_its_ack_answers)
{
	stands(rung(HANDSHAKE "60 C>S A 0:0(0) ack 1\n", SERVER, FL_RUNG_STACK), 2, 1, 4);
	stands(rung(HANDSHAKE "60 C>S A 0:0(0) ack 1\n60.1 S>C A 1:1(0) ack 1\n", SERVER, FL_RUNG_STACK), 5, 0, 0);
	stands(rung(HANDSHAKE "60 C>S A 0:0(0) ack 1\n61 C>S A 0:0(0) ack 1\n", SERVER, FL_RUNG_STACK), 2, 2, 4);
}
END_TEST

START_TEST(fin_and_rst_prove_the_kernel)
{
	stands(rung(HANDSHAKE "1 S>C FA 1:1(0) ack 1\n", SERVER, FL_RUNG_STACK), 4, 0, 0);
	stands(rung(HANDSHAKE "1 S>C FA 1:1(0) ack 1\n", CLIENT, FL_RUNG_STACK), 3, 1, 4);
	stands(rung(HANDSHAKE "1 C>S PA 1:11(10) ack 1\n2 S>C R 1:1(0) win 0\n", SERVER, FL_RUNG_STACK), 5, 0, 0);
	stands(rung(HANDSHAKE "1 S>C FA 1:1(0) ack 1\n", SERVER, FL_RUNG_APPLICATION), 0, 0, 0);
}
END_TEST

START_TEST(window_that_opens_proves_a_process_that_reads)
{
	stands(rung(HANDSHAKE "1 S>C A 1:1(0) ack 1 win 0\n2 S>C A 1:1(0) ack 1 win 9\n", SERVER, FL_RUNG_APPLICATION),
	       5, 0, 0);
	stands(rung(HANDSHAKE "1 S>C A 1:1(0) ack 1 win 0\n2 S>C A 1:1(0) ack 1 win 0\n", SERVER, FL_RUNG_APPLICATION),
	       0, 0, 0);
}
END_TEST

START_TEST(old_connections_answer_proves_the_kernel)
{
	stands(rung("0 C>S S 0:0(0)\n0.01 S>C A 700:700(0) ack 900\n", SERVER, FL_RUNG_STACK), 2, 0, 0);
}
END_TEST

UNIT_MAIN("life", syn_asks_the_servers_kernel, handshake_leaves_nothing_asked,
          syn_ack_proves_its_kernel_and_asks_the_clients, data_asks_the_kernel_until_all_is_acked,
          ack_of_a_part_moves_the_question, repeats_ask_again, ack_proves_the_kernel_and_not_the_application,
          repeated_payload_proves_no_application, duplicate_ack_proves_nothing_new, probe_asks_and_its_ack_answers,
          fin_and_rst_prove_the_kernel, old_connections_answer_proves_the_kernel,
          window_that_opens_proves_a_process_that_reads)
