/* Deadlines come in order, at their time and not before, whatever was moved or taken away in between. Beside single
 * cases, long random runs are compared with the simplest thing that can be right: a plain array searched for its
 * earliest entry. */
#include <stdlib.h>

#include "flatline/wheel.h"
#include "unit.h"

struct alarm {
	struct fl_wheel_node node; /* first */
	int id;
};

static int by_id(const struct fl_wheel_node *a, const struct fl_wheel_node *b)
{
	return ((const struct alarm *)a)->id - ((const struct alarm *)b)->id;
}

static int id_of(const struct fl_wheel_node *node)
{
	return node ? ((const struct alarm *)node)->id : -1;
}

static int next_id(struct fl_wheel *wheel, int64_t now)
{
	struct fl_wheel_node *node = fl_wheel_advance(wheel, now, by_id);

	if (node) {
		ck_assert_ptr_null(node->link);
		ck_assert(node->due == FL_TIME_NONE);
	}
	return id_of(node);
}

START_TEST(alarm_fires_at_its_nanosecond_and_not_before)
{
	struct alarm a = { .id = 1 };
	struct fl_wheel *wheel = fl_wheel_new(0);

	fl_wheel_arm(wheel, &a.node, 5 * FL_NS_PER_S);
	ck_assert_int_eq(next_id(wheel, 5 * FL_NS_PER_S - 1), -1);
	ck_assert_int_eq(next_id(wheel, 5 * FL_NS_PER_S), 1);
	ck_assert_int_eq(next_id(wheel, 6 * FL_NS_PER_S), -1);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(alarms_fire_by_time_and_then_by_compare)
{
	struct alarm a[5] = { { .id = 0 }, { .id = 1 }, { .id = 2 }, { .id = 3 }, { .id = 4 } };
	struct fl_wheel *wheel = fl_wheel_new(0);

	fl_wheel_arm(wheel, &a[4].node, 700);
	fl_wheel_arm(wheel, &a[2].node, 900);
	fl_wheel_arm(wheel, &a[1].node, 900);
	fl_wheel_arm(wheel, &a[3].node, 900);
	fl_wheel_arm(wheel, &a[0].node, INT64_MAX);
	ck_assert_int_eq(next_id(wheel, 10000), 4);
	ck_assert_int_eq(next_id(wheel, 10000), 1);
	ck_assert_int_eq(next_id(wheel, 10000), 2);
	ck_assert_int_eq(next_id(wheel, 10000), 3);
	ck_assert_int_eq(next_id(wheel, 10000), -1);
	ck_assert_int_eq(next_id(wheel, INT64_MAX), 0);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(alarm_moved_later_fires_once_and_later)
{
	struct alarm a = { .id = 1 };
	struct fl_wheel *wheel = fl_wheel_new(0);

	fl_wheel_arm(wheel, &a.node, 100);
	fl_wheel_arm(wheel, &a.node, FL_NS_PER_S);
	ck_assert_int_eq(next_id(wheel, FL_NS_PER_S - 1), -1);
	ck_assert_int_eq(next_id(wheel, FL_NS_PER_S), 1);
	ck_assert_int_eq(next_id(wheel, 10 * FL_NS_PER_S), -1);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(moving_an_alarm_later_leaves_it_in_its_slot)
{
	struct alarm a = { .id = 1 };
	struct fl_wheel *wheel = fl_wheel_new(0);
	struct fl_wheel_node **link;

	fl_wheel_arm(wheel, &a.node, 100);
	link = a.node.link;
	fl_wheel_arm(wheel, &a.node, FL_NS_PER_S);
	ck_assert_ptr_eq(a.node.link, link);
	ck_assert(a.node.due == FL_NS_PER_S && a.node.slot_due == 100);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(alarm_moved_earlier_fires_earlier)
{
	struct alarm a = { .id = 1 };
	struct fl_wheel *wheel = fl_wheel_new(0);

	fl_wheel_arm(wheel, &a.node, FL_NS_PER_S);
	fl_wheel_arm(wheel, &a.node, 100);
	ck_assert_int_eq(next_id(wheel, 99), -1);
	ck_assert_int_eq(next_id(wheel, 100), 1);
	ck_assert_int_eq(next_id(wheel, 10 * FL_NS_PER_S), -1);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(alarm_in_the_past_fires_at_the_next_advance_and_first)
{
	struct alarm past = { .id = 1 }, now = { .id = 2 };
	struct fl_wheel *wheel = fl_wheel_new(1000);

	fl_wheel_arm(wheel, &now.node, 1000);
	fl_wheel_arm(wheel, &past.node, 3);
	ck_assert_int_eq(next_id(wheel, 1000), 1);
	ck_assert_int_eq(next_id(wheel, 1000), 2);
	ck_assert_int_eq(next_id(wheel, 1000), -1);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(disarmed_alarm_is_silent_wherever_it_lies)
{
	struct alarm a[3] = { { .id = 0 }, { .id = 1 }, { .id = 2 } };
	struct fl_wheel *wheel = fl_wheel_new(0);

	fl_wheel_disarm(&a[0].node); /* never armed */
	for (int i = 0; i < 3; i++)
		fl_wheel_arm(wheel, &a[i].node, 500);
	fl_wheel_disarm(&a[1].node); /* in a slot */
	ck_assert_int_eq(next_id(wheel, 500), 0);
	fl_wheel_disarm(&a[2].node); /* ready to fire */
	ck_assert_int_eq(next_id(wheel, 500), -1);
	fl_wheel_arm(wheel, &a[2].node, 600);
	fl_wheel_arm(wheel, &a[2].node, FL_TIME_NONE); /* "never" is a way to say it */
	ck_assert_int_eq(next_id(wheel, INT64_MAX), -1);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(alarm_armed_between_two_that_are_ready_fires_between_them)
{
	struct alarm a[4] = { { .id = 0 }, { .id = 1 }, { .id = 2 }, { .id = 3 } };
	struct fl_wheel *wheel = fl_wheel_new(0);

	fl_wheel_arm(wheel, &a[0].node, 500);
	fl_wheel_arm(wheel, &a[1].node, 500);
	fl_wheel_arm(wheel, &a[3].node, 500);
	ck_assert_int_eq(next_id(wheel, 800), 0);
	fl_wheel_arm(wheel, &a[2].node, 500);
	fl_wheel_arm(wheel, &a[3].node, 700); /* it lay among the ready */
	fl_wheel_arm(wheel, &a[0].node, 499);
	ck_assert_int_eq(next_id(wheel, 800), 0);
	ck_assert_int_eq(next_id(wheel, 800), 1);
	ck_assert_int_eq(next_id(wheel, 800), 2);
	ck_assert_int_eq(next_id(wheel, 800), 3);
	ck_assert_int_eq(next_id(wheel, 800), -1);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(clock_that_goes_back_fires_nothing_that_is_later)
{
	struct alarm a = { .id = 1 };
	struct fl_wheel *wheel = fl_wheel_new(0);

	ck_assert_int_eq(next_id(wheel, 5000), -1);
	fl_wheel_arm(wheel, &a.node, 3000);
	ck_assert_int_eq(next_id(wheel, 2000), -1);
	ck_assert_int_eq(next_id(wheel, 3000), 1);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(times_before_1970_are_in_order_too)
{
	struct alarm a = { .id = 1 }, b = { .id = 2 };
	struct fl_wheel *wheel = fl_wheel_new(-FL_NS_PER_S);

	fl_wheel_arm(wheel, &b.node, 1);
	fl_wheel_arm(wheel, &a.node, -2);
	ck_assert_int_eq(next_id(wheel, -3), -1);
	ck_assert_int_eq(next_id(wheel, 1), 1);
	ck_assert_int_eq(next_id(wheel, 1), 2);
	fl_wheel_free(wheel);
}
END_TEST

START_TEST(many_alarms_of_one_nanosecond_cost_no_square)
{
	enum { MANY = 300000 };
	struct alarm *all = calloc(MANY, sizeof(*all));
	struct fl_wheel *wheel = fl_wheel_new(0);

	for (int i = 0; i < MANY; i++) {
		all[i].id = (int)((unsigned)i * 7919U % MANY);
		fl_wheel_arm(wheel, &all[i].node, 30 * FL_NS_PER_S);
	}
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(next_id(wheel, 60 * FL_NS_PER_S), i);
	ck_assert_int_eq(next_id(wheel, 60 * FL_NS_PER_S), -1);
	fl_wheel_free(wheel);
	free(all);
}
END_TEST

/* The model: when each alarm is due, FL_TIME_NONE for never. */
enum { ALARMS = 40 };

static int model_next(int64_t due[ALARMS], int64_t now)
{
	int first = -1;

	for (int i = 0; i < ALARMS; i++) {
		if (due[i] != FL_TIME_NONE && due[i] <= now && (first < 0 || due[i] < due[first]))
			first = i;
	}
	if (first >= 0)
		due[first] = FL_TIME_NONE;
	return first;
}

static uint64_t draw(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* A distance of up to 2^scale ns, small ones as likely as large ones. */
static int64_t distance(uint64_t *state, unsigned scale)
{
	unsigned bits = (unsigned)draw(state) % (scale + 1);

	return (int64_t)((draw(state) << 31 | draw(state)) & ((UINT64_C(1) << bits) - 1));
}

static void fire_until(struct fl_wheel *wheel, int64_t due[ALARMS], int64_t now, uint64_t *random, struct alarm *alarms)
{
	for (;;) {
		int expected = model_next(due, now);

		ck_assert_int_eq(next_id(wheel, now), expected);
		if (expected < 0)
			return;
		/* What fires may arm another, also for a moment that has passed already, now and then. */
		if (draw(random) % 4 == 0) {
			int other = (int)(draw(random) % ALARMS);

			due[other] = now + distance(random, 20) - (int64_t)(draw(random) % 8);
			fl_wheel_arm(wheel, &alarms[other].node, due[other]);
		}
	}
}

START_TEST(random_runs_agree_with_a_plain_array)
{
	uint64_t random = (uint64_t)_i * 1000003 + 1;
	unsigned scale = (unsigned)_i % 50 + 2;
	int64_t now = _i % 3 ? FL_NS_PER_S * 1768381200 : -(INT64_C(1) << 40);
	struct alarm alarms[ALARMS] = { 0 };
	int64_t due[ALARMS];
	struct fl_wheel *wheel = fl_wheel_new(now);

	for (int i = 0; i < ALARMS; i++) {
		alarms[i].id = i;
		due[i] = FL_TIME_NONE;
	}
	for (int step = 0; step < 1500; step++) {
		int i = (int)(draw(&random) % ALARMS);

		switch (draw(&random) % 8) {
		case 0:
			fl_wheel_disarm(&alarms[i].node);
			due[i] = FL_TIME_NONE;
			break;
		case 1:
			now += distance(&random, scale);
			fire_until(wheel, due, now, &random, alarms);
			break;
		case 2: /* a few at one moment */
			for (int j = 0; j < 5; j++) {
				due[(i + j) % ALARMS] = now + 77;
				fl_wheel_arm(wheel, &alarms[(i + j) % ALARMS].node, now + 77);
			}
			break;
		default:
			due[i] = now + distance(&random, scale) - (draw(&random) % 16 ? 0 : distance(&random, scale));
			fl_wheel_arm(wheel, &alarms[i].node, due[i]);
		}
	}
	fire_until(wheel, due, now + (INT64_C(1) << 55), &random, alarms);
	fl_wheel_free(wheel);
}
END_TEST

int main(void)
{
	static const TTest *const *const single[] = {
		&alarm_fires_at_its_nanosecond_and_not_before,
		&alarms_fire_by_time_and_then_by_compare,
		&alarm_moved_later_fires_once_and_later,
		&moving_an_alarm_later_leaves_it_in_its_slot,
		&alarm_moved_earlier_fires_earlier,
		&alarm_in_the_past_fires_at_the_next_advance_and_first,
		&disarmed_alarm_is_silent_wherever_it_lies,
		&alarm_armed_between_two_that_are_ready_fires_between_them,
		&clock_that_goes_back_fires_nothing_that_is_later,
		&times_before_1970_are_in_order_too,
		&many_alarms_of_one_nanosecond_cost_no_square,
	};
	Suite *suite = suite_create("wheel");
	TCase *tcase = tcase_create("wheel");

	tcase_set_timeout(tcase, UNIT_TIMEOUT);
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		tcase_add_test(tcase, *single[i]);
	tcase_add_loop_test(tcase, random_runs_agree_with_a_plain_array, 0, 50);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
