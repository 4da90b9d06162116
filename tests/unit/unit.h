/* The frame of a unit test program: START_TEST functions named after what they show, and one last line that runs them
 * and speaks TAP:
 *
 *	UNIT_MAIN("seq", unwraps_across_4_gib, before_is_serial_order)
 *
 * Each test runs in a process of its own, so that one that crashes or leaks (under AddressSanitizer) fails alone. */
#ifndef FLATLINE_TESTS_UNIT_H
#define FLATLINE_TESTS_UNIT_H

#include <check.h>
#include <stddef.h>
#include <stdlib.h>

/* Seconds until a hanging test is ended; generous because sanitizers and shared machines are slow. */
#define UNIT_TIMEOUT 60

/* A suite with one case of `n_tests` tests. */
static inline Suite *unit_suite(const char *name, const TTest *const *tests, size_t n_tests)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, UNIT_TIMEOUT);
	for (size_t i = 0; i < n_tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return suite;
}

/* Runs a suite made by hand (loop tests, fixtures) or by unit_suite; what main returns. */
static inline int unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int n_failed;

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? 1 : 0;
}

#define UNIT_MAIN(name, ...) \
	int main(void) \
	{ \
		const TTest *const tests[] = { __VA_ARGS__ }; \
		return unit_run(unit_suite(name, tests, sizeof(tests) / sizeof(tests[0]))); \
	}

/* Tests of what is promised and not done yet: compiled, and run instead of the others where FLATLINE_OWED is set. Each
 * stands with its reason, and moves up into UNIT_MAIN with what it asks for:
 *
 *	UNIT_OWED("seq", unwraps_across_8_gib)
 *	UNIT_MAIN_BUT_OWED("seq", unwraps_across_4_gib) */
#define UNIT_OWED(name, ...) \
	static int unit_owed(void) \
	{ \
		const TTest *const tests[] = { __VA_ARGS__ }; \
		return unit_run(unit_suite(name, tests, sizeof(tests) / sizeof(tests[0]))); \
	}

#define UNIT_MAIN_BUT_OWED(name, ...) \
	int main(void) \
	{ \
		const TTest *const tests[] = { __VA_ARGS__ }; \
		if (getenv("FLATLINE_OWED")) \
			return unit_owed(); \
		return unit_run(unit_suite(name, tests, sizeof(tests) / sizeof(tests[0]))); \
	}

#endif
