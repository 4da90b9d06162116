/* What a capture does not show although it was there, and what it shows twice: each is said once. */
#include "script.h"
#include "unit.h"
#include "verdicts.h"

#include "flatline/text.h"

static void notes(const char *script, double until, const char *words)
{
	struct script_run how = { .until = until };
	struct script_result *result = script_run(script, &how);

	ck_assert_msg(strstr(result->caveats, words) != NULL, "\"%s\" is not in \"%s\"", words, result->caveats);
	free(result);
}

static void notes_nothing(const char *script, double until)
{
	struct script_run how = { .until = until };
	struct script_result *result = script_run(script, &how);

	ck_assert_str_eq(result->caveats, "");
	free(result);
}

START_TEST(connection_of_which_one_side_was_captured_is_counted)
{
	notes("0 C>S S 0:0(0)\n1 C>S A 1:1(0) ack 1\n2 C>S PA 1:51(50) ack 1\n3 C>S A 51:51(0) ack 81\n"
	      "4 C2>S S 0:0(0)\n",
	      5, "of 1 connection only one direction was captured");
	notes("0 C>S A 1:1(0) ack 1\n1 T>C2 A 1:1(0) ack 1\n", 5, "of 2 connections only one direction was captured");
	notes_nothing("0 C>S S 0:0(0)\n1 C>S S 0:0(0)\n", 5); /* nobody may have answered */
	notes_nothing(SESSION, 5);
}
END_TEST

/* `count` sessions with one answered question each, at the same time; the last of them says one more thing at `more`.
 */
static const char *sessions(unsigned count, double more)
{
	static struct fl_text text;

	fl_text_deinit(&text);
	fl_text_init(&text);
	for (unsigned i = 1; i <= count; i++)
		fl_text_add(&text, "%.6f C%u>S S 0:0(0)\n", i * 0.001, i);
	for (unsigned i = 1; i <= count; i++)
		fl_text_add(&text, "%.6f S>C%u SA 0:0(0) ack 1\n", 0.01 + i * 0.001, i);
	for (unsigned i = 1; i <= count; i++)
		fl_text_add(&text, "%.6f C%u>S PA 1:51(50) ack 1\n", 0.02 + i * 0.001, i);
	for (unsigned i = 1; i <= count; i++)
		fl_text_add(&text, "%.6f S>C%u PA 1:81(80) ack 51\n", 0.03 + i * 0.001, i);
	for (unsigned i = 1; i <= count; i++)
		fl_text_add(&text, "%.6f C%u>S A 51:51(0) ack 81\n", 0.04 + i * 0.001, i);
	fl_text_add(&text, "%.6f C%u>S PA 51:101(50) ack 81\n", more, count);
	fl_text_add(&text, "%.6f S>C%u A 81:81(0) ack 101\n", more + 0.001, count);
	return fl_text_get(&text);
}

START_TEST(capture_in_which_everybody_falls_silent_may_have_stopped)
{
	notes(sessions(5, 12), 13, "all of 5 connections that were busy fell silent for 12.0 s behind frame 25");
	notes(sessions(5, 0.5), 31, "all of 5 connections that were busy fell silent for 30.5 s behind frame 27");
	notes_nothing(sessions(5, 9), 10);  /* not long enough */
	notes_nothing(sessions(4, 12), 13); /* so few may all be idle */
	notes_nothing(sessions(5, 3), 14);  /* four of five had been idle before */
}
END_TEST

START_TEST(packets_captured_twice_are_counted)
{
	notes("0 C>S S 0:0(0) id 7 if 1\n0.00001 C>S S 0:0(0) id 7 if 2\n0.001 S>C SA 0:0(0) ack 1 id 9 if 2\n"
	      "0.00101 S>C SA 0:0(0) ack 1 id 9 if 1\n0.002 C>S A 1:1(0) ack 1 id 10 if 1\n"
	      "0.00201 C>S A 1:1(0) ack 1 id 10 if 2\n",
	      1, "were captured twice");
}
END_TEST

UNIT_MAIN("unseen", connection_of_which_one_side_was_captured_is_counted,
          capture_in_which_everybody_falls_silent_may_have_stopped, packets_captured_twice_are_counted)
