/* Who is the client: the one that connects, else the one with the client's port. */
#include "flatline/flow.h"
#include "unit.h"

/* A flow whose end[0] has `port0`, seen as told. */
static unsigned client(uint16_t port0, uint16_t port1, bool first_is_high, uint8_t seen0, uint8_t seen1, enum fl_roles *ret_roles)
{
	struct fl_flow flow = { .first_is_high = first_is_high };

	flow.key.low_port = first_is_high ? port1 : port0;
	flow.key.high_port = first_is_high ? port0 : port1;
	flow.end[0].seen = seen0;
	flow.end[1].seen = seen1;
	return fl_flow_client(&flow, ret_roles);
}

static void is(unsigned got, enum fl_roles roles, unsigned expected, enum fl_roles how)
{
	ck_assert_uint_eq(got, expected);
	ck_assert_int_eq(roles, how);
}

enum { SYN = FL_SEEN_SYN, SYN_ACK = FL_SEEN_SYN | FL_SEEN_SYN_ACK };

START_TEST(handshake_decides_whatever_the_ports)
{
	for (unsigned high = 0; high < 2; high++) {
		enum fl_roles roles;

		is(client(80, 40000, high, SYN, SYN_ACK, &roles), roles, 0, FL_ROLES_HANDSHAKE);
		is(client(80, 40000, high, SYN, 0, &roles), roles, 0, FL_ROLES_HANDSHAKE);
		is(client(40000, 80, high, SYN_ACK, 0, &roles), roles, 1, FL_ROLES_HANDSHAKE);
		is(client(40000, 80, high, SYN_ACK, SYN, &roles), roles, 1, FL_ROLES_HANDSHAKE);
		is(client(40000, 80, high, 0, SYN, &roles), roles, 1, FL_ROLES_HANDSHAKE);
	}
}
END_TEST

START_TEST(simultaneous_open_belongs_to_the_first)
{
	enum fl_roles roles;

	is(client(5000, 6000, false, SYN, SYN, &roles), roles, 0, FL_ROLES_HANDSHAKE);
}
END_TEST

START_TEST(ports_tell_without_a_handshake)
{
	for (unsigned high = 0; high < 2; high++) {
		enum fl_roles roles;

		is(client(40000, 9001, high, 0, 0, &roles), roles, 0, FL_ROLES_PORT);
		is(client(9001, 40000, high, 0, 0, &roles), roles, 1, FL_ROLES_PORT);
		is(client(32767, 32768, high, 0, 0, &roles), roles, 1, FL_ROLES_PORT);
		is(client(443, 8080, high, 0, 0, &roles), roles, 1, FL_ROLES_PORT);
		is(client(1024, 1023, high, 0, 0, &roles), roles, 0, FL_ROLES_PORT);
	}
}
END_TEST

START_TEST(two_ports_of_one_kind_are_a_guess)
{
	enum fl_roles roles;

	is(client(50000, 40000, false, 0, 0, &roles), roles, 0, FL_ROLES_GUESS);
	is(client(40000, 50000, false, 0, 0, &roles), roles, 1, FL_ROLES_GUESS);
	is(client(5432, 9001, true, 0, 0, &roles), roles, 1, FL_ROLES_GUESS);
	is(client(9001, 9001, true, 0, 0, &roles), roles, 0, FL_ROLES_GUESS);
}
END_TEST

UNIT_MAIN("roles", handshake_decides_whatever_the_ports, simultaneous_open_belongs_to_the_first,
          ports_tell_without_a_handshake, two_ports_of_one_kind_are_a_guess)
