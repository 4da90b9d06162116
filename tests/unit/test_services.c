/* Who is the client of a connection that was open already: other connections to the same end tell. */
#include "judge/services.h"
#include "script.h"
#include "unit.h"

/* C's port looks like a client's, S's like a server's; in the first flow S2 connects to C. */
#define C_LISTENS \
	"0 S2>C S 0:0(0) win 64240 <mss 1460>\n" \
	"+0.01 C>S2 SA 0:0(0) ack 1 win 65160 <mss 1460>\n" \
	"+0.01 S2>C A 1:1(0) ack 1\n"

static struct script_track track;

/* The client's direction of the script's last flow, and how it is known. */
static unsigned client_of(const char *text, enum fl_roles *ret_roles)
{
	struct services *services;
	unsigned client;

	script_track_init(&track, text);
	services = services_new(track.flows);
	ck_assert_ptr_nonnull(services);
	client = services_client(services, script_track_flow(&track), ret_roles);
	services_free(services);
	script_track_deinit(&track);
	return client;
}

START_TEST(port_tells_where_nothing_else_does)
{
	enum fl_roles roles;

	ck_assert_uint_eq(client_of("0 S>C PA 100:110(10) ack 1\n", &roles), 1);
	ck_assert_int_eq(roles, FL_ROLES_PORT);
}
END_TEST

START_TEST(end_that_answered_a_syn_elsewhere_is_the_server)
{
	enum fl_roles roles;

	ck_assert_uint_eq(client_of(C_LISTENS "1 S>C PA 100:110(10) ack 1\n", &roles), 0);
	ck_assert_int_eq(roles, FL_ROLES_LEARNED);
	ck_assert_uint_eq(client_of(C_LISTENS "1 C>S PA 100:110(10) ack 1\n", &roles), 1);
	ck_assert_int_eq(roles, FL_ROLES_LEARNED);
}
END_TEST

START_TEST(own_handshake_is_believed_before_anything)
{
	enum fl_roles roles;

	ck_assert_uint_eq(client_of(C_LISTENS "1 C>S S 0:0(0)\n+0.01 S>C SA 0:0(0) ack 1\n", &roles), 0);
	ck_assert_int_eq(roles, FL_ROLES_HANDSHAKE);
}
END_TEST

START_TEST(other_port_of_a_host_that_listens_says_nothing)
{
	enum fl_roles roles;

	ck_assert_uint_eq(client_of(C_LISTENS "1 C3>S PA 100:110(10) ack 1\n", &roles), 0);
	ck_assert_int_eq(roles, FL_ROLES_PORT);
}
END_TEST

START_TEST(two_services_tell_nothing_of_each_other)
{
	enum fl_roles roles;

	ck_assert_uint_eq(client_of(C_LISTENS "0.5 C2>S S 0:0(0)\n+0.01 S>C2 SA 0:0(0) ack 1\n"
	                                      "1 C>S PA 100:110(10) ack 1\n",
	                            &roles),
	                  0);
	ck_assert_int_eq(roles, FL_ROLES_PORT);
}
END_TEST

UNIT_MAIN("services", port_tells_where_nothing_else_does, end_that_answered_a_syn_elsewhere_is_the_server,
          own_handshake_is_believed_before_anything, other_port_of_a_host_that_listens_says_nothing,
          two_services_tell_nothing_of_each_other)
