/* What is told of a connection, and of an incident, while a run goes on: news, once. */
#include "cli/watching.h"

#include "account.h"
#include "unit.h"

#define S FL_NS_PER_S

static struct watching *watching;

static void setup(void)
{
	watching = watching_new(FL_WARNING);
	ck_assert_ptr_nonnull(watching);
}

static void teardown(void)
{
	watching_free(watching);
}

/* The kind of the event that is told; FL_EVENTS for none. */
static enum fl_event_kind take(uint32_t id, const char *verdict, enum fl_severity severity, bool is_over)
{
	struct fl_account account = { .id = id, .end = is_over ? FL_END_RST : FL_END_NONE };
	struct fl_event event;

	account.verdict = (struct fl_verdict){ .id = verdict, .severity = severity };
	if (!watching_take(watching, &account, 1, &event))
		return FL_EVENTS;
	ck_assert_ptr_eq(event.account, &account);
	return event.kind;
}

static bool is_told(struct fl_account *account, enum fl_event_kind *ret_kind)
{
	struct fl_event event = { .kind = FL_EVENTS };
	bool wanted = watching_wants(watching, account), told = watching_take(watching, account, AT(0), &event);

	ck_assert_int_eq(wanted, told);
	*ret_kind = event.kind;
	return told;
}

START_TEST(only_news_is_told)
{
	struct fl_account account = gateway_account(), healthy = gateway_account();
	enum fl_event_kind kind;

	healthy.verdict.id = "alive";
	healthy.verdict.severity = FL_OK;
	ck_assert(!is_told(&healthy, &kind)); /* it was never bad */
	ck_assert(is_told(&account, &kind));
	ck_assert_int_eq(kind, FL_EVENT_FOUND);
	ck_assert(!is_told(&account, &kind));
	ck_assert(watching_knows(watching, 7) && watching_count(watching) == 1);
	account.verdict.id = "heartbeat-ack-only";
	ck_assert(is_told(&account, &kind));
	ck_assert_int_eq(kind, FL_EVENT_CHANGED);
	ck_assert(is_told(&healthy, &kind));
	ck_assert_int_eq(kind, FL_EVENT_RECOVERED);
	ck_assert(!watching_knows(watching, 7));
	ck_assert(!is_told(&healthy, &kind));
	ck_assert(is_told(&account, &kind)); /* bad again */
	ck_assert_int_eq(kind, FL_EVENT_FOUND);
	for (uint32_t id = 200; id > 100; id--) {
		account.id = id;
		ck_assert(is_told(&account, &kind));
	}
	for (uint32_t id = 101; id <= 200; id++)
		ck_assert(watching_knows(watching, id));
	ck_assert_uint_eq(watching_count(watching), 101);
	for (account.id = 1000; account.id < 1000 + 70000; account.id++)
		ck_assert(is_told(&account, &kind));
	ck_assert_uint_lt(watching_count(watching), 65537); /* the oldest are forgotten */
	ck_assert(!watching_knows(watching, 101) && watching_knows(watching, 70999));
}
END_TEST

START_TEST(those_that_ended_are_no_longer_bad)
{
	take(1, "peer-vanished", FL_CRITICAL, false);
	take(2, "reset", FL_WARNING, true);
	take(3, "app-silent", FL_CRITICAL, false);
	ck_assert_uint_eq(watching_open(watching), 2);
	take(3, "app-silent", FL_CRITICAL, true); /* no news, but its end */
	ck_assert_uint_eq(watching_open(watching), 1);
	ck_assert_uint_eq(watching_count(watching), 3);
}
END_TEST

static bool is_odd(void *context, uint32_t id)
{
	ck_assert_ptr_eq(context, &watching);
	return id % 2;
}

START_TEST(pruning_keeps_those_that_are_there)
{
	for (uint32_t id = 0; id < 100; id++)
		take(id, "app-silent", FL_CRITICAL, false);
	watching_prune(watching, is_odd, &watching);
	ck_assert_uint_eq(watching_count(watching), 50);
	for (uint32_t id = 0; id < 100; id++)
		ck_assert_int_eq(watching_knows(watching, id), id % 2);
}
END_TEST

START_TEST(an_incident_is_told_again_when_it_was_away)
{
	struct fl_incident down = { .id = "host-down", .subject = "10.1.0.9" }, other = down;
	struct fl_incident restart = down;

	other.subject = "10.1.0.8";
	restart.id = "restart";
	ck_assert(watching_take_incident(watching, &down, 0));
	ck_assert(!watching_take_incident(watching, &down, 5 * S));
	ck_assert(watching_take_incident(watching, &other, 5 * S));
	ck_assert(watching_take_incident(watching, &restart, 5 * S));
	for (int64_t at = 10; at < 3600; at += 300)
		ck_assert(!watching_take_incident(watching, &down, at * S));
	ck_assert(watching_take_incident(watching, &down, 5000 * S));
	ck_assert(watching_take_incident(watching, &other, 5000 * S));
	ck_assert(!watching_take_incident(watching, &other, 5001 * S));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("watching");
	TCase *tcase = tcase_create("watching");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, only_news_is_told);
	tcase_add_test(tcase, those_that_ended_are_no_longer_bad);
	tcase_add_test(tcase, pruning_keeps_those_that_are_there);
	tcase_add_test(tcase, an_incident_is_told_again_when_it_was_away);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
