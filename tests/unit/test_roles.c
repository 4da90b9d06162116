/* Who is the client: the one that connects, else the one with the client's port. */
#include "flatline/flow.h"
#include "unit.h"

/* A flow whose end[0] has `port0`, seen as told: its client is end[expected], known by `how`. */
static void is(uint16_t port0, uint16_t port1, bool first_is_high, uint8_t seen0, uint8_t seen1, unsigned expected,
               enum fl_roles how)
{
	struct fl_flow flow = { .first_is_high = first_is_high };
	enum fl_roles roles;

	flow.key.low_port = first_is_high ? port1 : port0;
	flow.key.high_port = first_is_high ? port0 : port1;
	flow.end[0].seen = seen0;
	flow.end[1].seen = seen1;
	ck_assert_uint_eq(fl_flow_client(&flow, &roles), expected);
	ck_assert_int_eq(roles, how);
}

enum { SYN = FL_SEEN_SYN, SYN_ACK = FL_SEEN_SYN | FL_SEEN_SYN_ACK };

START_TEST(handshake_decides_whatever_the_ports)
{
	for (unsigned high = 0; high < 2; high++) {
		is(80, 40000, high, SYN, SYN_ACK, 0, FL_ROLES_HANDSHAKE);
		is(80, 40000, high, SYN, 0, 0, FL_ROLES_HANDSHAKE);
		is(40000, 80, high, SYN_ACK, 0, 1, FL_ROLES_HANDSHAKE);
		is(40000, 80, high, SYN_ACK, SYN, 1, FL_ROLES_HANDSHAKE);
		is(40000, 80, high, 0, SYN, 1, FL_ROLES_HANDSHAKE);
	}
}
END_TEST

START_TEST(simultaneous_open_belongs_to_the_first)
{
	is(5000, 6000, false, SYN, SYN, 0, FL_ROLES_HANDSHAKE);
}
END_TEST

START_TEST(ports_tell_without_a_handshake)
{
	for (unsigned high = 0; high < 2; high++) {
		is(40000, 9001, high, 0, 0, 0, FL_ROLES_PORT);
		is(9001, 40000, high, 0, 0, 1, FL_ROLES_PORT);
		is(32767, 32768, high, 0, 0, 1, FL_ROLES_PORT);
		is(443, 8080, high, 0, 0, 1, FL_ROLES_PORT);
		is(1024, 1023, high, 0, 0, 0, FL_ROLES_PORT);
	}
}
END_TEST

START_TEST(two_ports_of_one_kind_are_a_guess)
{
	is(50000, 40000, false, 0, 0, 0, FL_ROLES_GUESS);
	is(40000, 50000, false, 0, 0, 1, FL_ROLES_GUESS);
	is(5432, 9001, true, 0, 0, 1, FL_ROLES_GUESS);
	is(9001, 9001, true, 0, 0, 0, FL_ROLES_GUESS);
}
END_TEST

UNIT_MAIN("roles", handshake_decides_whatever_the_ports, simultaneous_open_belongs_to_the_first,
          ports_tell_without_a_handshake, two_ports_of_one_kind_are_a_guess)
