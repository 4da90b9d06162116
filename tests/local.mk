# Every test speaks TAP to automake's driver. A new unit test or fuzz target is one line here (and one for a fuzz
# target's libraries); scripts end in .sh or .py.

TEST_EXTENSIONS = .sh .py
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_COMPILER = $(SHELL)
PY_LOG_DRIVER = $(TAP_DRIVER)
if HAVE_PYTHON
PY_LOG_COMPILER = $(PYTHON)
else
PY_LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/skip.sh python3
endif

# What every test finds in its environment. The time zone is an odd one so that nothing prints local time unnoticed.
TEST_ENVIRONMENT = \
	FLATLINE='$(abs_top_builddir)/flatline' \
	FLATLINE_BUILD='$(abs_top_builddir)' \
	FLATLINE_SOURCE='$(abs_top_srcdir)' \
	FLATLINE_CAPTURES="$${FLATLINE_CAPTURES-$(abs_top_srcdir)/../shared}" \
	ASAN_OPTIONS="$${ASAN_OPTIONS-allow_addr2line=1}" \
	UBSAN_OPTIONS="$${UBSAN_OPTIONS-print_stacktrace=1}" \
	CK_DEFAULT_TIMEOUT="$${CK_DEFAULT_TIMEOUT-60}" \
	PYTHON='$(PYTHON)' \
	PYTHONDONTWRITEBYTECODE=1 \
	TZ=XST-05:45
AM_TESTS_ENVIRONMENT = export $(TEST_ENVIRONMENT);

# unit: one program per source file, named after it.
UNIT = \
	tests/unit/test_anonymize \
	tests/unit/test_asked \
	tests/unit/test_beats \
	tests/unit/test_capture \
	tests/unit/test_classify \
	tests/unit/test_clock \
	tests/unit/test_compressed \
	tests/unit/test_copies \
	tests/unit/test_departed \
	tests/unit/test_detectors \
	tests/unit/test_filter \
	tests/unit/test_ending \
	tests/unit/test_event \
	tests/unit/test_ends \
	tests/unit/test_fold \
	tests/unit/test_holes \
	tests/unit/test_hooks \
	tests/unit/test_hosts \
	tests/unit/test_incidents \
	tests/unit/test_knobs \
	tests/unit/test_life \
	tests/unit/test_links \
	tests/unit/test_lone \
	tests/unit/test_looking \
	tests/unit/test_losses \
	tests/unit/test_metrics \
	tests/unit/test_neighbours \
	tests/unit/test_path \
	tests/unit/test_pcapng \
	tests/unit/test_pictures \
	tests/unit/test_probes \
	tests/unit/test_reach \
	tests/unit/test_recorder \
	tests/unit/test_ring \
	tests/unit/test_profiles \
	tests/unit/test_remedies \
	tests/unit/test_report_expect \
	tests/unit/test_report_html \
	tests/unit/test_report_json \
	tests/unit/test_report_markdown \
	tests/unit/test_report_text \
	tests/unit/test_roles \
	tests/unit/test_round_trip \
	tests/unit/test_seq \
	tests/unit/test_series \
	tests/unit/test_sandbox \
	tests/unit/test_services \
	tests/unit/test_session \
	tests/unit/test_settings \
	tests/unit/test_story \
	tests/unit/test_strip \
	tests/unit/test_table \
	tests/unit/test_text \
	tests/unit/test_unseen \
	tests/unit/test_time \
	tests/unit/test_tombstones \
	tests/unit/test_track \
	tests/unit/test_turns \
	tests/unit/test_under_way \
	tests/unit/test_vantage \
	tests/unit/test_watching \
	tests/unit/test_well \
	tests/unit/test_wheel \
	tests/unit/test_wire_decode \
	tests/unit/test_wire_ethernet \
	tests/unit/test_wire_fragments \
	tests/unit/test_wire_gre \
	tests/unit/test_wire_icmp \
	tests/unit/test_wire_ieee80211 \
	tests/unit/test_wire_ip \
	tests/unit/test_wire_ipv6 \
	tests/unit/test_wire_line \
	tests/unit/test_wire_link \
	tests/unit/test_wire_mpls \
	tests/unit/test_wire_neighbour \
	tests/unit/test_wire_ppp \
	tests/unit/test_wire_tcp \
	tests/unit/test_wire_tunnel \
	tests/unit/test_wireshark_id \
	tests/unit/test_writer

# What several unit tests share.
UNIT_HELPERS = \
	tests/unit/script.c

check_LIBRARIES = tests/unit/libunit.a
tests_unit_libunit_a_SOURCES = $(UNIT_HELPERS)
LDADD = tests/unit/libunit.a $(LIBFLATLINE) $(CHECK_LIBS)
if HAVE_CHECK
check_PROGRAMS += $(UNIT)
TESTS += $(UNIT)
else
TESTS += tests/unit/no_check.sh
endif

# fuzz: with --enable-fuzzing libFuzzer drives them, else our own main replays files and directories.
FUZZ = \
	tests/fuzz/fuzz_engine \
	tests/fuzz/fuzz_pcapng \
	tests/fuzz/fuzz_profile \
	tests/fuzz/fuzz_wire
tests_fuzz_fuzz_engine_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_pcapng_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_profile_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_wire_LDADD = $(FUZZ_LDADD)

if FUZZING
FUZZ_DRIVER = $(FUZZ_LIBS)
else
check_LIBRARIES += tests/fuzz/libreplay.a
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c
FUZZ_DRIVER = tests/fuzz/libreplay.a
endif
FUZZ_LDADD = $(FUZZ_DRIVER) $(LIBFLATLINE)
check_PROGRAMS += $(FUZZ)

# Programs that scripts call.
check_PROGRAMS += \
	$(BENCH) \
	tests/golden/prefix \
	tests/parity/classes \
	tests/parity/numbers
tests_parity_classes_SOURCES = tests/parity/classes.c tests/parity/replay.h
tests_parity_numbers_SOURCES = tests/parity/numbers.c tests/parity/replay.h
tests_golden_prefix_LDADD = $(LIBFLATLINE)
tests_parity_classes_LDADD = $(LIBFLATLINE)
tests_parity_numbers_LDADD = $(LIBFLATLINE)

BENCH = \
	tests/bench/cost \
	tests/bench/engine \
	tests/bench/generate \
	tests/bench/storm \
	tests/bench/traffic
tests_bench_cost_LDADD =
tests_bench_engine_SOURCES = tests/bench/engine.c tests/bench/bare.c tests/bench/bare.h
tests_bench_engine_LDADD = $(LIBFLATLINE)
tests_bench_generate_SOURCES = tests/bench/generate.c $(BENCH_FRAMES)
tests_bench_generate_LDADD =
tests_bench_storm_SOURCES = tests/bench/storm.c $(BENCH_FRAMES)
tests_bench_storm_LDADD =
tests_bench_traffic_SOURCES = tests/bench/traffic.c
tests_bench_traffic_LDADD =
BENCH_FRAMES = tests/bench/frames.c tests/bench/frames.h

# What golden/checks.py fetches once for a build.
CLEANFILES += sarif-2.1.0.json

# And what browser/page.py and lab/metrics.py do.
clean-local:
	rm -rf browser prometheus prometheus.new

# scripts
SCRIPTS_OF_TESTS = \
	tests/browser/page.py \
	tests/fuzz/replay.sh \
	tests/golden/captures.sh \
	tests/golden/checks.py \
	tests/golden/cli.py \
	tests/golden/corpus.py \
	tests/golden/evidence.py \
	tests/golden/incidents.py \
	tests/golden/healthy.sh \
	tests/golden/kernel_settings.sh \
	tests/golden/remedies.py \
	tests/golden/schema.py \
	tests/lab/hooks.py \
	tests/lab/live.py \
	tests/lab/live_cases.py \
	tests/lab/live_load.py \
	tests/lab/manual_examples.py \
	tests/lab/privileges.py \
	tests/lab/recorder.py \
	tests/lab/metrics.py \
	tests/lab/record.sh \
	tests/lab/worked_example.py \
	tests/parity/outside.sh \
	tests/parity/segments.sh \
	tests/parity/tshark.sh \
	tests/style/format.sh \
	tests/style/globals.sh \
	tests/style/lists.py \
	tests/style/man.sh \
	tests/style/options.sh \
	tests/style/page.py \
	tests/style/readme.sh \
	tests/style/test_walls.py \
	tests/style/text.py \
	tests/style/twins.py \
	tests/style/unit_file.py \
	tests/style/walls.py

TESTS += $(SCRIPTS_OF_TESTS)

# bench: figures to look at, not a test; it is only built with the tests.
bench: all $(BENCH)
	@$(TEST_ENVIRONMENT) CC='$(CC)' $(top_srcdir)/tests/bench/run
	@$(TEST_ENVIRONMENT) $(top_srcdir)/tests/bench/storms
# soak: the same of a live run, half an hour, as root.
soak: all $(BENCH)
	@$(TEST_ENVIRONMENT) $(PYTHON) $(top_srcdir)/tests/bench/soak.py
.PHONY: bench soak

# mutations: are the tests awake? Minutes for the default selection, and hours for all: MUTATIONS='--all'.
mutations: all
	@$(TEST_ENVIRONMENT) $(PYTHON) $(top_srcdir)/tests/mutations/mutate.py $(MUTATIONS)
.PHONY: mutations

# Everything below captures/ and tests/ is in the tarball, without a list: data, headers and scripts. What building in the
# source tree leaves there is not.
abs_distdir = $(abs_builddir)/$(distdir)
dist-hook:
	cd $(srcdir) && find captures tests -type d -name '__pycache__' -prune -o -type f ! -name '*.o' ! -name '*.a' \
		! -name '*.trs' ! -path 'tests/*.log' ! -name .dirstamp ! -path '*/.deps/*' ! -name '*~' \
		! \( -path 'tests/*/test_*' ! -name '*.*' \) ! \( -path 'tests/fuzz/fuzz_*' ! -name '*.*' \) -print | \
	while read -r file; do \
		$(MKDIR_P) "$(abs_distdir)/$${file%/*}" && cp -p "$$file" "$(abs_distdir)/$$file" || exit 1; \
	done
	chmod -R u+w $(distdir)
