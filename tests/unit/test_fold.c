/* The fold: one verdict of many findings, whatever their order; and no ring of causes. */
#include <stdlib.h>
#include <string.h>

#include "judge/case.h"
#include "unit.h"

enum { n_findings = 5 };

static struct fl_finding findings[n_findings];
static struct ruling rulings[n_findings];
static bool explained[n_findings];

static void put(size_t at, const char *id, unsigned dir, double onset, double recovered, enum fl_severity severity,
                bool is_verdict)
{
	findings[at] = (struct fl_finding){ .detector = fl_detector_find(id),
		                            .dir = (uint8_t)dir,
		                            .onset = (int64_t)(onset * 1e9),
		                            .recovered = recovered > 0 ? (int64_t)(recovered * 1e9) : FL_TIME_NONE };
	rulings[at] = (struct ruling){ .is_verdict = is_verdict, .severity = severity };
	ck_assert_ptr_nonnull(findings[at].detector);
}

static size_t choose(size_t count)
{
	struct hearing hearing = { .findings = findings, .n_findings = count, .rulings = rulings };

	return fold_choose(&hearing, explained);
}

/* Every order of the first `count` findings chooses the same one. */
static void same_for_all_orders(size_t count, size_t expected)
{
	struct fl_finding all[n_findings], wanted = findings[expected];
	struct ruling all_rulings[n_findings];
	size_t orders = 1, order[n_findings];

	memcpy(all, findings, sizeof(all));
	memcpy(all_rulings, rulings, sizeof(all_rulings));
	for (size_t i = 2; i <= count; i++)
		orders *= i;
	for (size_t n = 0; n < orders; n++) {
		size_t rest = n, left = count, pool[n_findings] = { 0, 1, 2, 3, 4 }, chosen;

		for (size_t i = 0; i < count; i++) {
			size_t pick = rest % left;

			rest /= left--;
			order[i] = pool[pick];
			memmove(&pool[pick], &pool[pick + 1], (n_findings - pick - 1) * sizeof(pool[0]));
			findings[i] = all[order[i]];
			rulings[i] = all_rulings[order[i]];
		}
		chosen = choose(count);
		ck_assert_uint_lt(chosen, count);
		ck_assert_msg(findings[chosen].detector == wanted.detector && findings[chosen].onset == wanted.onset &&
		                      findings[chosen].dir == wanted.dir,
		              "order %zu chooses %s", n, findings[chosen].detector->id);
	}
	memcpy(findings, all, sizeof(all));
	memcpy(rulings, all_rulings, sizeof(all_rulings));
}

static const char *topic_at(size_t index)
{
	static struct fl_topic topic;

	return fl_topic_at(index, &topic) ? topic.id : NULL;
}

/* From `id` along all "explains"; `path` is where it came from. */
static void walk(const char *id, const char **path, size_t length)
{
	ck_assert_uint_lt(length, 64);
	for (size_t i = 0; i < length; i++)
		ck_assert_msg(strcmp(path[i], id) != 0, "%s explains itself in the end", id);
	path[length] = id;
	for (size_t i = 0; topic_at(i); i++) {
		if (fold_relates(id, topic_at(i)))
			walk(topic_at(i), path, length + 1);
	}
}

START_TEST(relation_has_no_ring)
{
	const char *path[64];
	size_t count = 0;

	for (; topic_at(count); count++)
		walk(topic_at(count), path, 0);
	ck_assert_uint_ge(count, 7);
	ck_assert(fold_relates("auth-unanswered", "heartbeat-ack-only"));
	ck_assert(!fold_relates("heartbeat-ack-only", "auth-unanswered"));
}
END_TEST

START_TEST(no_finding_is_no_verdict)
{
	ck_assert_uint_eq(choose(0), 0);
	put(0, "heartbeat-before-auth", 0, 5, 0, FL_WARNING, false);
	ck_assert_uint_eq(choose(1), 1);
	ck_assert(!explained[0]);
}
END_TEST

START_TEST(cause_explains_what_follows_it)
{
	put(0, "heartbeat-ack-only", 1, 5, 0, FL_CRITICAL, true);
	put(1, "auth-unanswered", 1, 1, 0, FL_CRITICAL, true);
	put(2, "heartbeat-before-auth", 0, 5, 0, FL_WARNING, false);
	ck_assert_uint_eq(choose(3), 1);
	ck_assert(explained[0] && !explained[1] && explained[2]);
	same_for_all_orders(3, 1);
}
END_TEST

START_TEST(symptom_of_the_other_side_is_not_explained)
{
	put(0, "auth-unanswered", 1, 1, 0, FL_CRITICAL, true);
	put(1, "heartbeat-ack-only", 0, 5, 0, FL_CRITICAL, true);
	put(2, "heartbeat-before-auth", 1, 5, 0, FL_WARNING, false);
	ck_assert_uint_eq(choose(3), 0);
	ck_assert(!explained[1] && !explained[2]);
	same_for_all_orders(3, 0);
}
END_TEST

START_TEST(cause_that_came_later_explains_nothing)
{
	put(0, "auth-unanswered", 1, 5.2, 0, FL_CRITICAL, true);
	put(1, "heartbeat-ack-only", 1, 5, 0, FL_CRITICAL, true);
	ck_assert_uint_eq(choose(2), 1);
	ck_assert(!explained[0]);
	put(0, "auth-unanswered", 1, 5.1, 0, FL_CRITICAL, true); /* within the slack */
	ck_assert_uint_eq(choose(2), 0);
	ck_assert(explained[1]);
	put(0, "auth-unanswered", 1, 5.100001, 0, FL_CRITICAL, true);
	ck_assert_uint_eq(choose(2), 1);
	ck_assert(!explained[0]);
}
END_TEST

START_TEST(cause_that_had_recovered_explains_nothing)
{
	put(0, "auth-unanswered", 1, 1, 20, FL_CRITICAL, true);
	put(1, "heartbeat-ack-only", 1, 30, 0, FL_CRITICAL, true);
	ck_assert_uint_eq(choose(2), 1); /* of two that are as bad the one that lasts */
	ck_assert(!explained[0]);
	same_for_all_orders(2, 1);
	put(0, "auth-unanswered", 1, 1, 20, FL_WARNING, false); /* what the rules make of one that is over */
	ck_assert_uint_eq(choose(2), 1);
	same_for_all_orders(2, 1);
}
END_TEST

START_TEST(lesser_cause_does_not_hide_a_greater_failure)
{
	put(0, "auth-unanswered", 1, 1, 0, FL_NOTICE, true);
	put(1, "heartbeat-ack-only", 1, 5, 0, FL_CRITICAL, true);
	ck_assert_uint_eq(choose(2), 1);
	same_for_all_orders(2, 1);
}
END_TEST

START_TEST(severity_comes_before_time_and_time_before_name)
{
	put(0, "heartbeat-ack-only", 0, 1, 0, FL_WARNING, true);
	put(1, "heartbeat-ack-only", 1, 9, 0, FL_CRITICAL, true);
	ck_assert_uint_eq(choose(2), 1);
	same_for_all_orders(2, 1);
	put(0, "heartbeat-ack-only", 0, 1, 0, FL_CRITICAL, true);
	ck_assert_uint_eq(choose(2), 0);
	same_for_all_orders(2, 0);
	put(0, "heartbeat-ack-only", 0, 9, 0, FL_CRITICAL, true);
	put(1, "auth-unanswered", 1, 9, 0, FL_CRITICAL, true);
	ck_assert_uint_eq(choose(2), 1);
	same_for_all_orders(2, 1);
	put(1, "heartbeat-ack-only", 1, 9, 0, FL_CRITICAL, true);
	ck_assert_uint_eq(choose(2), 0);
	same_for_all_orders(2, 0);
}
END_TEST

START_TEST(five_findings_choose_alike_in_all_orders)
{
	put(0, "auth-unanswered", 1, 1, 0, FL_CRITICAL, true);
	put(1, "heartbeat-ack-only", 1, 5, 0, FL_CRITICAL, true);
	put(2, "heartbeat-ack-only", 0, 1, 0, FL_CRITICAL, true);
	put(3, "heartbeat-before-auth", 0, 5, 0, FL_WARNING, false);
	put(4, "heartbeat-ack-only", 1, 50, 60, FL_WARNING, false);
	same_for_all_orders(5, 0);
}
END_TEST

START_TEST(rows_of_the_path_hold_for_their_sides)
{
	static const struct {
		const char *cause, *effect;
		bool same, opposite;
	} rows[] = {
		{ "auth-unanswered", "heartbeat-ack-only", true, false },
		{ "auth-unanswered", "heartbeat-before-auth", false, true },
		{ "auth-unanswered", "idle-unknown", true, true },
		{ "heartbeat-ack-only", "idle-unknown", true, true },
		{ "peer-vanished", "heartbeat-ack-only", true, false },
		{ "peer-vanished", "idle-unknown", true, true },
		{ "peer-vanished", "half-closed", true, true },
		{ "keepalive-unanswered", "half-closed", true, true },
		{ "keepalive-unanswered", "close-unanswered", true, true },
		{ "keepalive-unanswered", "idle-unknown", true, true },
		{ "unreachable", "half-closed", true, true },
		{ "unreachable", "close-unanswered", true, true },
		{ "unreachable", "idle-unknown", true, true },
		{ "idle-dropped", "half-closed", true, true },
		{ "idle-dropped", "close-unanswered", true, true },
		{ "idle-dropped", "idle-unknown", true, true },
		{ "keepalive-unanswered", "peer-vanished", false, false },
		{ "peer-vanished", "auth-unanswered", false, false },
		{ "peer-vanished", "degraded", false, false },
		{ "connect-slow", "peer-vanished", false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put(0, rows[i].cause, 1, 1, 0, FL_CRITICAL, true);
		put(1, rows[i].effect, 1, 5, 0, FL_WARNING, true);
		ck_assert_uint_eq(choose(2), 0);
		ck_assert_int_eq(explained[1], rows[i].same);
		put(1, rows[i].effect, 0, 5, 0, FL_WARNING, true);
		ck_assert_uint_eq(choose(2), 0);
		ck_assert_int_eq(explained[1], rows[i].opposite);
	}
}
END_TEST

START_TEST(what_is_over_gives_way_to_what_lasts_and_is_as_bad)
{
	put(0, "connect-slow", 1, 1, 2, FL_WARNING, true);
	put(1, "peer-vanished", 1, 9, 0, FL_WARNING, true);
	ck_assert_uint_eq(choose(2), 1);
	same_for_all_orders(2, 1);
	put(1, "idle-unknown", 0, 9, 0, FL_NOTICE, true); /* but not to what is less bad */
	ck_assert_uint_eq(choose(2), 0);
	same_for_all_orders(2, 0);
	put(1, "degraded", 1, 9, 12, FL_WARNING, true); /* of two that are over, the earlier */
	ck_assert_uint_eq(choose(2), 0);
	same_for_all_orders(2, 0);
}
END_TEST

START_TEST(cause_that_recovered_explains_what_began_before_that)
{
	put(0, "peer-vanished", 1, 1, 5, FL_CRITICAL, true);
	put(1, "idle-unknown", 1, 4.999, 0, FL_WARNING, true);
	choose(2);
	ck_assert(explained[1]);
	put(1, "idle-unknown", 1, 5, 0, FL_WARNING, true);
	choose(2);
	ck_assert(!explained[1]);
}
END_TEST

UNIT_MAIN("fold", relation_has_no_ring, no_finding_is_no_verdict, cause_explains_what_follows_it,
          symptom_of_the_other_side_is_not_explained, cause_that_came_later_explains_nothing,
          cause_that_had_recovered_explains_nothing, lesser_cause_does_not_hide_a_greater_failure,
          severity_comes_before_time_and_time_before_name, five_findings_choose_alike_in_all_orders,
          rows_of_the_path_hold_for_their_sides, what_is_over_gives_way_to_what_lasts_and_is_as_bad,
          cause_that_recovered_explains_what_began_before_that)
