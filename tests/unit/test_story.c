/* Sentences: the template's grammar, and every template of every detector with short, long and plural values. */
#include <stdlib.h>
#include <string.h>

#include "flatline/detect.h"
#include "judge/story.h"
#include "script.h"
#include "unit.h"

static const struct story_roles roles = { .side = "server", .other = "client" };

static void tells(const char *pattern, const struct fl_figure *figures, size_t n_figures, const char *expected)
{
	char *sentence = story_sentence(pattern, figures, n_figures, &roles);

	ck_assert_str_eq(sentence, expected);
	free(sentence);
}

static void tells_one(const char *pattern, enum fl_unit unit, int64_t value, const char *expected)
{
	struct fl_figure figure = { "it", unit, value };

	tells(pattern, &figure, 1, expected);
}

START_TEST(figures_are_said_by_their_unit)
{
	tells_one("{it}", FL_UNIT_COUNT, 1302, "1,302");
	tells_one("{it}", FL_UNIT_NONE, 7, "7");
	tells_one("{it}", FL_UNIT_BYTES, 1, "1 byte");
	tells_one("{it}", FL_UNIT_BYTES, 0, "0 bytes");
	tells_one("{it}", FL_UNIT_BYTES, 65536, "65,536 bytes");
	tells_one("{it}", FL_UNIT_DURATION, 300000, "0.3 ms");
	tells_one("{it}", FL_UNIT_DURATION, 870 * FL_NS_PER_S, "14m30s");
	tells_one("{it}", FL_UNIT_FRAME, 1302, "1302");
	tells_one("{it}", FL_UNIT_TIME, script_at(1.203), "09:00:01.203");
}
END_TEST

START_TEST(words_follow_the_count)
{
	tells_one("{it?heartbeat:heartbeats}", FL_UNIT_COUNT, 1, "heartbeat");
	tells_one("{it?heartbeat:heartbeats}", FL_UNIT_COUNT, 2, "heartbeats");
	tells_one("{it?heartbeat:heartbeats}", FL_UNIT_COUNT, 0, "heartbeats");
}
END_TEST

START_TEST(words_follow_presence)
{
	tells_one("the {it|login|first request} waits", FL_UNIT_COUNT, 0, "the login waits");
	tells("the {it|login|first request} waits", NULL, 0, "the first request waits");
	tells_one("{it||no }answer", FL_UNIT_COUNT, 0, "answer");
	tells("{it||no }answer", NULL, 0, "no answer");
}
END_TEST

START_TEST(roles_are_said_and_begin_sentences)
{
	tells("the {side} and the {other}", NULL, 0, "the server and the client");
	tells("{Side} hangs. {Other} waits.", NULL, 0, "Server hangs. Client waits.");
}
END_TEST

START_TEST(bracketed_part_goes_with_its_figures)
{
	struct fl_figure two[] = { { "a", FL_UNIT_COUNT, 1 }, { "b", FL_UNIT_COUNT, 2 } };

	tells("x[ and {a} of {b}].", two, 2, "x and 1 of 2.");
	tells("x[ and {a} of {b}].", two, 1, "x.");
	tells("x[ and {a} of {b}].", NULL, 0, "x.");
	tells("x[ of the {side}].", NULL, 0, "x of the server.");
	tells("[{a} ][{b} ]end", two + 1, 1, "2 end");
	tells("x[{a!}; and more].", two, 2, "x; and more.");
	tells("x[{a!}; and more].", NULL, 0, "x.");
}
END_TEST

START_TEST(names_must_match_whole)
{
	struct fl_figure figures[] = { { "beats", FL_UNIT_COUNT, 5 }, { "beats_acked", FL_UNIT_COUNT, 4 } };

	tells("{beats_acked} of {beats}", figures, 2, "4 of 5");
	tells("[{beat} ]{beats}", figures, 2, "5");
}
END_TEST

START_TEST(missing_figure_is_no_hole_in_the_sentence)
{
	tells("after {tries} tries", NULL, 0, "after an unknown number of tries");
}
END_TEST

START_TEST(nothing_comes_of_nothing)
{
	ck_assert_ptr_null(story_sentence(NULL, NULL, 0, &roles));
	tells("", NULL, 0, "");
	tells("[{a}]", NULL, 0, "");
}
END_TEST

START_TEST(unfinished_templates_end_safely)
{
	struct fl_figure figure = { "a", FL_UNIT_COUNT, 1 };

	tells("x {a", &figure, 1, "x 1");
	tells("x [ y {a}", &figure, 1, "x  y 1");
	tells("{a?one", &figure, 1, "one");
	tells("{", &figure, 1, "an unknown number of");
}
END_TEST

/* Names in the template, as figures. */
static size_t take_names(const char *pattern, struct fl_figure *ret_figures, char (*names)[64], size_t count)
{
	for (; (pattern = strchr(pattern, '{')) != NULL; pattern++) {
		size_t length = strcspn(pattern + 1, "}?|!");
		char name[64];
		bool is_known = false;

		ck_assert_uint_lt(length, sizeof(name));
		memcpy(name, pattern + 1, length);
		name[length] = '\0';
		for (size_t i = 0; i < count; i++)
			is_known |= strcmp(names[i], name) == 0;
		if (is_known || strcasecmp(name, "side") == 0 || strcasecmp(name, "other") == 0)
			continue;
		ck_assert_uint_lt(count, FL_FINDING_FIGURES);
		memcpy(names[count], name, sizeof(name));
		ret_figures[count] = (struct fl_figure){ .name = names[count] };
		count++;
	}
	return count;
}

static void reads_well(const char *id, const char *pattern, const struct fl_figure *figures, size_t n_figures)
{
	char *sentence = story_sentence(pattern, figures, n_figures, &roles);
	size_t length = strlen(sentence);

	ck_assert_msg(length > 0, "%s: nothing comes of \"%s\"", id, pattern);
	ck_assert_msg(strpbrk(sentence, "{}[]|") == NULL, "%s: \"%s\" shows its template", id, sentence);
	ck_assert_msg(!strstr(sentence, "  ") && !strstr(sentence, " ,") && !strstr(sentence, " .") &&
	                      !strstr(sentence, ".."),
	              "%s: \"%s\" has a hole", id, sentence);
	ck_assert_msg(sentence[0] != ' ' && sentence[length - 1] != ' ', "%s: \"%s\" has blanks around it", id,
	              sentence);
	free(sentence);
}

/* All figures there, with every value and unit; then each subset that the [parts] allow is too many: none there. */
static void reads_well_with_all_values(const struct fl_detector *detector, const char *pattern)
{
	static const int64_t values[] = { 0, 1, 2, 173, 1302, 123456789, INT64_MAX / 2 };
	static const enum fl_unit units[] = { FL_UNIT_COUNT, FL_UNIT_DURATION, FL_UNIT_BYTES, FL_UNIT_FRAME,
		                              FL_UNIT_TIME };
	struct fl_figure figures[FL_FINDING_FIGURES];
	char names[FL_FINDING_FIGURES][64];
	size_t count;

	if (!pattern)
		return;
	count = take_names(pattern, figures, names, 0);
	for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
		for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
			for (size_t i = 0; i < count; i++) {
				figures[i].unit = units[u];
				figures[i].value = values[v];
			}
			reads_well(detector->id, pattern, figures, count);
		}
	}
	reads_well(detector->id, pattern, NULL, 0);
}

START_TEST(every_template_reads_well)
{
	const struct fl_detector *detector;
	size_t count = 0;

	for (; (detector = fl_detector_at(count)) != NULL; count++) {
		ck_assert_ptr_nonnull(detector->summary);
		reads_well_with_all_values(detector, detector->summary);
		for (size_t i = 0; i < sizeof(detector->summaries) / sizeof(detector->summaries[0]); i++)
			reads_well_with_all_values(detector, detector->summaries[i]);
		reads_well_with_all_values(detector, detector->why_unnoticed);
		reads_well_with_all_values(detector, detector->would_catch);
	}
	ck_assert_uint_ge(count, 3);
}
END_TEST

START_TEST(every_detector_has_all_its_words)
{
	const struct fl_detector *detector;

	for (size_t i = 0; (detector = fl_detector_at(i)) != NULL; i++) {
		ck_assert(detector->id[0] && detector->title[0] && detector->explain[0] && detector->lookalikes[0]);
		ck_assert(detector->advice[0] && detector->reference[0] && detector->summary[0]);
		ck_assert_ptr_eq(fl_detector_find(detector->id), detector);
		ck_assert(!detector->wakes_on == !detector->on_segment);
		ck_assert(!detector->hears == !detector->on_message);
		ck_assert_uint_eq(strspn(detector->id, "abcdefghijklmnopqrstuvwxyz-"), strlen(detector->id));
	}
	ck_assert_ptr_null(fl_detector_find("nonsense"));
	ck_assert_ptr_null(fl_detector_find(""));
}
END_TEST

/* The evidence of real findings, whose templates stand inside the detectors. */
START_TEST(every_sentence_of_an_account_reads_well)
{
	struct dialogue dialogue;
	struct script_flow flow;

	dialogue_init(&dialogue);
	dialogue_open(&dialogue, 0);
	dialogue_say(&dialogue, 0.001, 0, 64);
	for (unsigned i = 0; i < 5; i++)
		dialogue_say(&dialogue, 5 + 5.0 * i, 0, 24);
	dialogue_fin(&dialogue, 30, 0);
	flow = script_judge(dialogue_text(&dialogue), 0, 0);
	ck_assert_uint_ge(flow.n_findings, 2);
	for (size_t i = 0; i < flow.n_findings; i++) {
		ck_assert_uint_ge(flow.findings[i].n_evidence, 1);
		for (size_t k = 0; k < flow.findings[i].n_evidence; k++)
			reads_well(flow.findings[i].id, flow.findings[i].evidence[k], NULL, 0);
	}
	ck_assert_ptr_nonnull(strstr(script_find(&flow, "auth-unanswered")->evidence[0], "64 bytes"));
	dialogue_deinit(&dialogue);
}
END_TEST

/* Connections that bring out what the detectors of the path show, and what is said of the kernel's timers. */
START_TEST(every_sentence_of_the_path_reads_well)
{
#define OPENED \
	"0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n1.1 S>C SA 0:0(0) ack 1\n1.2 C>S A 1:1(0) ack 1\n2 C>S PA 1:11(10) ack 1\n" \
	"2.1 S>C PA 1:21(20) ack 11\n2.2 C>S A 11:11(0) ack 21\n"
#define REPEATED \
	OPENED "3 C>S PA 11:21(10) ack 21\n3.5 C>S PA 11:21(10) ack 21\n4.5 C>S PA 11:21(10) ack 21\n" \
	       "6.5 C>S PA 11:21(10) ack 21\n"
	static const struct {
		const char *text, *kernel;
	} scripts[] = {
		{ "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n3 C>S S 0:0(0)\n",
		  "The client's kernel sent its SYN again after 1.0 s, 2.0 s, as Linux did before 6.5 "
		  "(tcp_syn_linear_timeouts = 0). It sent nothing more, and gave up "
		  "without "
		  "a word, between 09:00:03.000 and 09:00:07.510: tcp_syn_retries is 2 and tcp_syn_linear_timeouts is "
		  "0, "
		  "or TCP_USER_TIMEOUT is 3.0 s to 7.5 s, or the application gave up." },
		{ REPEATED, "The client's kernel sent the oldest segment again after 500 ms, 1.0 s, 2.0 s, doubled "
		            "each time. It sent nothing "
		            "more, and gave up without a word, between 09:00:06.500 and 09:00:11.010: " },
		{ "0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n",
		  "tcp_syn_retries is 0 to 1 and tcp_syn_linear_timeouts is at least 0, "
		  "or TCP_USER_TIMEOUT is 990 ms to 3.3 s" },
		{ OPENED "3 C>S PA 11:21(10) ack 21\n3.5 C>S PA 11:21(10) ack 21\n4 C>S PA 11:21(10) ack 21\n"
		         "5 C>S PA 11:21(10) ack 21\n7 C>S PA 11:21(10) ack 21\n11 C>S PA 11:21(10) ack 21\n"
		         "19 C>S PA 11:21(10) ack 21\n",
		  "again after 500 ms (a tail loss probe), 500 ms, 1.0 s, 2.0 s, 4.0 s, 8.0 s, doubled" },
		{ REPEATED "6.6 C>S RA 21:21(0) ack 21\n",
		  "2.0 s, doubled each time, until an RST ended it at 09:00:06.600." },
		{ REPEATED "6.6 S>C A 21:21(0) ack 21\n",
		  "The client's kernel sent the oldest segment again after 500 ms, 1.0 s, 2.0 s, doubled each time, "
		  "until it was ACKed at 09:00:06.600." },
		{ REPEATED "6.7 C2>S S 0:0(0)\n",
		  ". The client connected anew at 09:00:06.700, before the next repeat was "
		  "due: its kernel had given up, or its application." },
		{ REPEATED "10.6 C2>S S 0:0(0)\n",
		  ". The client connected anew at 09:00:10.600, when the next repeat was "
		  "due: its kernel had given up, or its application." },
		{ OPENED "3 C>S PA 11:21(10) ack 21\n3.5 C>S PA 11:21(10) ack 21\n4 C>S PA 11:21(10) ack 21\n"
		         "5 C>S PA 11:21(10) ack 21\n7 C>S PA 11:21(10) ack 21\n11 C>S PA 11:21(10) ack 21\n"
		         "19 C>S PA 11:21(10) ack 21\n35 C>S PA 11:21(10) ack 21\n",
		  "again after 500 ms (a tail loss probe), 500 ms, 1.0 s, 2.0 s, ..., 8.0 s, 16.0 s, doubled" },
	};

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct script_flow flow = script_judge(scripts[i].text, 200, 0);

		ck_assert_uint_ge(flow.n_findings, 1);
		for (size_t f = 0; f < flow.n_findings; f++) {
			ck_assert_uint_ge(flow.findings[f].n_evidence, 1);
			for (size_t k = 0; k < flow.findings[f].n_evidence; k++)
				reads_well(flow.findings[f].id, flow.findings[f].evidence[k], NULL, 0);
		}
		ck_assert_msg(strstr(flow.kernel_says, scripts[i].kernel) != NULL, "%zu: \"%s\" is not in \"%s\"", i,
		              scripts[i].kernel, flow.kernel_says);
	}
}
END_TEST

START_TEST(kernel_that_still_tries_is_told_until_when)
{
	struct script_flow flow = script_judge(REPEATED, 7, 0);

	ck_assert_msg(strstr(flow.kernel_says,
	                     ". Nothing shows that it had given up when the capture ended: the next repeat is due by "
	                     "09:00:11.010, and with the default tcp_retries2 = 15 it gives up at "
	                     "about 09:16:10.500.") != NULL,
	              "%s", flow.kernel_says);
}
END_TEST

static void attempts_are(const struct fl_attempts *attempts, const char *what, size_t count, const double *at)
{
	ck_assert_str_eq(attempts->what, what);
	ck_assert_uint_eq(attempts->n, count);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(attempts->at[i], script_at(at[i]));
}

START_TEST(what_was_sent_again_is_listed_for_those_who_draw_it)
{
	static const double times[] = { 3, 3.5, 4.5, 6.5 };
	struct script_flow flow = script_judge(REPEATED, 200, 0);
	const struct fl_attempts *attempts = &flow.timers.attempts;

	attempts_are(attempts, "data", 4, times);
	ck_assert_int_eq(attempts->side, FL_SIDE_CLIENT);
	ck_assert_uint_eq(attempts->repeats, 3);
	ck_assert(attempts->doubles && !attempts->begins_with_probe);
	ck_assert(attempts->has_stopped && attempts->over_at == FL_TIME_NONE);
	ck_assert_int_eq(attempts->stopped_by, script_at(11.010)); /* as the words have it */
	ck_assert_int_eq(attempts->gives_up, FL_TIME_NONE);

	flow = script_judge(REPEATED, 7, 0); /* it still tries */
	ck_assert(!flow.timers.attempts.has_stopped);
	ck_assert_int_eq(flow.timers.attempts.gives_up, script_at(16 * 60 + 10.5));

	flow = script_judge(REPEATED "6.6 S>C A 21:21(0) ack 21\n", 200, 0);
	ck_assert_int_eq(flow.timers.attempts.over_at, script_at(6.6));
	ck_assert(!flow.timers.attempts.has_stopped);

	flow = script_judge(OPENED, 200, 0);
	ck_assert_str_eq(flow.timers.attempts.what, "SYN");
	flow = script_judge("0 C>S S 0:0(0)\n0.1 S>C SA 0:0(0) ack 1\n0.2 C>S A 1:1(0) ack 1\n", 200, 0);
	ck_assert_ptr_null(flow.timers.attempts.what);
}
END_TEST

START_TEST(what_the_client_did_next_is_known)
{
	struct script_flow flow = script_judge(REPEATED "20 C>S PA 11:21(10) ack 21\n40 C>S PA 11:21(10) ack 21\n", 200,
	                                       0);

	ck_assert_str_eq(flow.verdict, "peer-vanished");
	ck_assert_int_eq(flow.again_at, FL_TIME_NONE);
	flow = script_judge(REPEATED "20 C>S PA 11:21(10) ack 21\n40 C>S PA 11:21(10) ack 21\n50 C2>S S 0:0(0)\n", 200,
	                    0);
	ck_assert_int_eq(flow.again_at, script_at(50));
	ck_assert(!flow.again_made);
	flow = script_judge(REPEATED "20 C>S PA 11:21(10) ack 21\n40 C>S PA 11:21(10) ack 21\n50 C2>S S 0:0(0)\n"
	                             "50.1 S>C2 SA 0:0(0) ack 1\n50.2 C2>S A 1:1(0) ack 1\n",
	                    200, 0);
	ck_assert(flow.again_made);
	flow = script_judge(REPEATED "6.6 S>C A 21:21(0) ack 21\n50 C2>S S 0:0(0)\n", 200, 0); /* no failure */
	ck_assert_int_eq(flow.again_at, FL_TIME_NONE);
}
END_TEST

/* Linux waits two minutes at most: then the gaps no longer grow, and the schedule is still that one. */
START_TEST(a_schedule_that_reached_its_longest_wait_is_still_one)
{
	static const char script[] = OPENED
		"3 C>S PA 11:21(10) ack 21\n33 C>S PA 11:21(10) ack 21\n93 C>S PA 11:21(10) ack 21\n"
		"213 C>S PA 11:21(10) ack 21\n333 C>S PA 11:21(10) ack 21\n453 C>S PA 11:21(10) ack 21\n";
	struct script_flow flow = script_judge(script, 460, 0);

	ck_assert(flow.timers.attempts.doubles);
	ck_assert_ptr_nonnull(strstr(flow.kernel_says, "2m00s, doubled each time up to two minutes. "));
	/* Gaps that do not grow are none of a doubled timer, however long they are. */
	flow = script_judge(OPENED
	                    "3 C>S PA 11:21(10) ack 21\n123 C>S PA 11:21(10) ack 21\n"
	                    "243 C>S PA 11:21(10) ack 21\n363 C>S PA 11:21(10) ack 21\n483 C>S PA 11:21(10) ack 21\n",
	                    490, 0);
	ck_assert(!flow.timers.attempts.doubles);
	ck_assert_ptr_nonnull(strstr(flow.kernel_says, "2m00s, without growing. "));
}
END_TEST

UNIT_MAIN("story", figures_are_said_by_their_unit, words_follow_the_count, words_follow_presence,
          roles_are_said_and_begin_sentences, bracketed_part_goes_with_its_figures, names_must_match_whole,
          missing_figure_is_no_hole_in_the_sentence, nothing_comes_of_nothing, unfinished_templates_end_safely,
          every_template_reads_well, every_detector_has_all_its_words, every_sentence_of_an_account_reads_well,
          every_sentence_of_the_path_reads_well, kernel_that_still_tries_is_told_until_when,
          what_was_sent_again_is_listed_for_those_who_draw_it, a_schedule_that_reached_its_longest_wait_is_still_one,
          what_the_client_did_next_is_known)
