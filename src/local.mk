# All sources but the command line's main are one library, which the program, the tests and the fuzz targets link. A new
# file is one line in its room's list; private headers stand beside the sources (they are needed by `make dist`).

noinst_LIBRARIES += src/libflatline.a
src_libflatline_a_SOURCES = \
	$(headers) \
	$(base) \
	$(capture) \
	$(wire) \
	$(flow) \
	$(tcp) \
	$(message) \
	$(detect) \
	$(judge) \
	$(report) \
	$(run) \
	$(cli)

headers = \
	include/flatline/address.h \
	include/flatline/anonymize.h \
	include/flatline/capture.h \
	include/flatline/check.h \
	include/flatline/cursor.h \
	include/flatline/detect.h \
	include/flatline/detectors.def \
	include/flatline/engine.h \
	include/flatline/error.h \
	include/flatline/event.h \
	include/flatline/evidence.h \
	include/flatline/finding.h \
	include/flatline/flow.h \
	include/flatline/frame.h \
	include/flatline/json_file.h \
	include/flatline/live.h \
	include/flatline/judge.h \
	include/flatline/message.h \
	include/flatline/metrics.h \
	include/flatline/overlap.h \
	include/flatline/packet.h \
	include/flatline/picture.h \
	include/flatline/pictures.h \
	include/flatline/profile.h \
	include/flatline/report.h \
	include/flatline/ring.h \
	include/flatline/seq.h \
	include/flatline/session.h \
	include/flatline/settings.h \
	include/flatline/tcp.h \
	include/flatline/text.h \
	include/flatline/time.h \
	include/flatline/wheel.h \
	include/flatline/writer.h

base = \
	src/base/address.c \
	src/base/error.c \
	src/base/json_file.c \
	src/base/json_place.c \
	src/base/json_place.h \
	src/base/settings.c \
	src/base/text.c \
	src/base/time.c \
	src/base/wheel.c

capture = \
	src/capture/capture.c \
	src/capture/classic.c \
	src/capture/compressed.c \
	src/capture/filter.c \
	src/capture/filter.h \
	src/capture/interface.c \
	src/capture/interface.h \
	src/capture/links.c \
	src/capture/live.c \
	src/capture/pcapng.c \
	src/capture/pcapng_block.c \
	src/capture/pcapng_block.h \
	src/capture/pcapng_writer.c \
	src/capture/reader.c \
	src/capture/reader.h \
	src/capture/ring.c \
	src/capture/source.c \
	src/capture/source.h \
	src/capture/streams.c \
	src/capture/streams.h

wire = \
	src/wire/anonymize.c \
	src/wire/decode.c \
	src/wire/ethernet.c \
	src/wire/fragments.c \
	src/wire/fragments.h \
	src/wire/gre.c \
	src/wire/icmp.c \
	src/wire/ieee80211.c \
	src/wire/ip.c \
	src/wire/ipv6.c \
	src/wire/layout.c \
	src/wire/layout.h \
	src/wire/line.c \
	src/wire/link.c \
	src/wire/mpls.c \
	src/wire/neighbour.c \
	src/wire/ppp.c \
	src/wire/strip.c \
	src/wire/tcp.c \
	src/wire/tunnel.c \
	src/wire/wire.h

flow = \
	src/flow/blocks.c \
	src/flow/blocks.h \
	src/flow/key.h \
	src/flow/leaving.c \
	src/flow/leaving.h \
	src/flow/pages.c \
	src/flow/pages.h \
	src/flow/roles.c \
	src/flow/table.c \
	src/flow/tombstones.c \
	src/flow/tombstones.h \
	src/flow/wireshark_id.c

tcp = \
	src/tcp/classify.c \
	src/tcp/classify.h \
	src/tcp/copies.c \
	src/tcp/ending.c \
	src/tcp/ending.h \
	src/tcp/holes.c \
	src/tcp/holes.h \
	src/tcp/life.c \
	src/tcp/life.h \
	src/tcp/lone.c \
	src/tcp/round_trip.c \
	src/tcp/round_trip.h \
	src/tcp/series.c \
	src/tcp/series.h \
	src/tcp/track.c \
	src/tcp/under_way.c \
	src/tcp/under_way.h

message = \
	src/message/beats.c \
	src/message/beats.h \
	src/message/constants.c \
	src/message/pattern.c \
	src/message/pattern.h \
	src/message/profile.c \
	src/message/profile_read.c \
	src/message/profile_read.h \
	src/message/session.c \
	src/message/turns.c

# The protocols that the program knows, as data; they become strings of its own.
profiles = \
	src/profiles/amqp.json \
	src/profiles/bgp.json \
	src/profiles/cassandra.json \
	src/profiles/diameter.json \
	src/profiles/fix.json \
	src/profiles/http2.json \
	src/profiles/iec104.json \
	src/profiles/kafka.json \
	src/profiles/ldap.json \
	src/profiles/memcached.json \
	src/profiles/mongodb.json \
	src/profiles/mqtt.json \
	src/profiles/mysql.json \
	src/profiles/nats.json \
	src/profiles/openflow.json \
	src/profiles/postgresql.json \
	src/profiles/redis.json \
	src/profiles/rtmp.json \
	src/profiles/sip.json \
	src/profiles/smpp.json \
	src/profiles/soupbintcp.json \
	src/profiles/stomp.json \
	src/profiles/websocket.json \
	src/profiles/xmpp.json \
	src/profiles/zookeeper.json

nodist_src_libflatline_a_SOURCES = src/profiles/profiles.c src/report/page.c
src/profiles/profiles.c: $(profiles) src/profiles/carry.awk
	$(AM_V_GEN)$(MKDIR_P) src/profiles && \
		LC_ALL=C $(AWK) -f $(srcdir)/src/profiles/carry.awk \
			`for file in $(profiles); do echo $(srcdir)/$$file; done` > $@.tmp && mv $@.tmp $@
EXTRA_DIST += $(profiles) src/profiles/carry.awk
CLEANFILES += src/profiles/profiles.c

# What the HTML report carries; page_hashes.h holds the hashes of the two (tests/style/page.py --update).
page = \
	src/report/page.css \
	src/report/page.js

src/report/page.c: $(page) src/report/carry.awk
	$(AM_V_GEN)$(MKDIR_P) src/report && \
		LC_ALL=C $(AWK) -f $(srcdir)/src/report/carry.awk \
			`for file in $(page); do echo $(srcdir)/$$file; done` > $@.tmp && mv $@.tmp $@
EXTRA_DIST += $(page) src/report/carry.awk
CLEANFILES += src/report/page.c

detect = \
	src/detect/accept_queue_overflow.c \
	src/detect/app_silent.c \
	src/detect/auth_rejected.c \
	src/detect/auth_unanswered.c \
	src/detect/close_unanswered.c \
	src/detect/closed_mid_request.c \
	src/detect/connect_refused.c \
	src/detect/connect_slow.c \
	src/detect/connect_unanswered.c \
	src/detect/degraded.c \
	src/detect/half_closed.c \
	src/detect/handshake_abandoned.c \
	src/detect/heartbeat_ack_only.c \
	src/detect/heartbeat_before_auth.c \
	src/detect/heartbeat_stopped.c \
	src/detect/idle_dropped.c \
	src/detect/idle_unknown.c \
	src/detect/keepalive_unanswered.c \
	src/detect/mtu_blackhole.c \
	src/detect/peer_restarted.c \
	src/detect/peer_vanished.c \
	src/detect/receiver_stalled.c \
	src/detect/reset.c \
	src/detect/unreachable.c

judge = \
	src/judge/account.c \
	src/judge/account.h \
	src/judge/capture.c \
	src/judge/case.h \
	src/judge/fold.c \
	src/judge/hosts.c \
	src/judge/hosts.h \
	src/judge/incident.c \
	src/judge/incident.h \
	src/judge/incidents.c \
	src/judge/judge.c \
	src/judge/knobs.c \
	src/judge/knobs.h \
	src/judge/knobs_probes.c \
	src/judge/names.c \
	src/judge/neighbours.c \
	src/judge/neighbours.h \
	src/judge/outages.c \
	src/judge/outages.h \
	src/judge/probes.c \
	src/judge/probes.h \
	src/judge/rules.c \
	src/judge/rules_application.c \
	src/judge/rules.h \
	src/judge/rules_connect.c \
	src/judge/rules_end.c \
	src/judge/rules_path.c \
	src/judge/scope.c \
	src/judge/scope.h \
	src/judge/services.c \
	src/judge/services.h \
	src/judge/silences.c \
	src/judge/silences.h \
	src/judge/story.c \
	src/judge/story.h \
	src/judge/time_wait.c \
	src/judge/time_wait.h \
	src/judge/timers.c \
	src/judge/timers.h \
	src/judge/topics.c \
	src/judge/vantage.c \
	src/judge/vantage.h \
	src/judge/well.c \
	src/judge/words.c \
	src/judge/words.h

report = \
	src/report/allow.c \
	src/report/assertions.c \
	src/report/assertions.h \
	src/report/check_format.h \
	src/report/check_formats.c \
	src/report/check_github.c \
	src/report/check_junit.c \
	src/report/check_sarif.c \
	src/report/check_tap.c \
	src/report/check_text.c \
	src/report/checks.c \
	src/report/clean.c \
	src/report/clean.h \
	src/report/diff.c \
	src/report/draft.c \
	src/report/event.c \
	src/report/expect.c \
	src/report/expect.h \
	src/report/expect_conditions.c \
	src/report/expect_paths.c \
	src/report/expect_update.c \
	src/report/format.h \
	src/report/html.c \
	src/report/html_backoff.c \
	src/report/html_flow.c \
	src/report/html_incidents.c \
	src/report/html_ladder.c \
	src/report/html_page.c \
	src/report/html_parts.c \
	src/report/html_parts.h \
	src/report/html_pulse.c \
	src/report/html_rows.c \
	src/report/json.c \
	src/report/json_capture.c \
	src/report/json_detail.c \
	src/report/json_flow.c \
	src/report/json_parts.h \
	src/report/json_values.c \
	src/report/markdown.c \
	src/report/markdown_flow.c \
	src/report/markdown_page.c \
	src/report/markdown_parts.c \
	src/report/markdown_parts.h \
	src/report/markdown_settings.c \
	src/report/metrics.c \
	src/report/near_misses.c \
	src/report/near_misses.h \
	src/report/page_hashes.h \
	src/report/plain.c \
	src/report/plain.h \
	src/report/policy.c \
	src/report/ranking.c \
	src/report/ranking.h \
	src/report/remedies.c \
	src/report/remedies.h \
	src/report/remedies_application.c \
	src/report/remedies_kernel.c \
	src/report/remedies_parts.h \
	src/report/remedies_protocols.c \
	src/report/remedies_sockets.c \
	src/report/report.c \
	src/report/tally.c \
	src/report/tally.h \
	src/report/text.c \
	src/report/text_header.c \
	src/report/text_lines.c \
	src/report/text_parts.h \
	src/report/text_pulse.c \
	src/report/text_pulse.h \
	src/report/text_story.c \
	src/report/text_strips.c \
	src/report/text_tail.c \
	src/report/wireshark.c \
	src/report/wireshark.h

run = \
	src/run/asked.c \
	src/run/asked.h \
	src/run/clock.c \
	src/run/clock.h \
	src/run/conclude.c \
	src/run/departed.c \
	src/run/departed.h \
	src/run/engine.c \
	src/run/engine_parts.h \
	src/run/evidence.c \
	src/run/evidence.h \
	src/run/evidence_check.c \
	src/run/evidence_file.c \
	src/run/evidence_words.c \
	src/run/losses.c \
	src/run/losses.h \
	src/run/overlap.c \
	src/run/pictures.c \
	src/run/unseen.c \
	src/run/unseen.h \
	src/run/watch.c \
	src/run/watch.h

# Without main.c, which is the program's own.
cli = \
	src/cli/analyze.c \
	src/cli/analyze.h \
	src/cli/check.c \
	src/cli/check.h \
	src/cli/chosen.c \
	src/cli/chosen.h \
	src/cli/diff.c \
	src/cli/diff.h \
	src/cli/hook_job.c \
	src/cli/hook_job.h \
	src/cli/hook_runner.c \
	src/cli/hook_runner.h \
	src/cli/hooks.c \
	src/cli/hooks.h \
	src/cli/live.c \
	src/cli/live.h \
	src/cli/live_begin.c \
	src/cli/live_report.c \
	src/cli/live_report.h \
	src/cli/live_session.h \
	src/cli/live_tell.c \
	src/cli/looking.c \
	src/cli/looking.h \
	src/cli/watching.c \
	src/cli/watching.h \
	src/cli/exhibits.c \
	src/cli/exhibits.h \
	src/cli/fanout.c \
	src/cli/fanout.h \
	src/cli/metrics.c \
	src/cli/metrics.h \
	src/cli/metrics_file.c \
	src/cli/metrics_file.h \
	src/cli/metrics_http.c \
	src/cli/metrics_http.h \
	src/cli/options.c \
	src/cli/options.h \
	src/cli/options_check.c \
	src/cli/options_check.h \
	src/cli/output.c \
	src/cli/output.h \
	src/cli/privileges.c \
	src/cli/privileges.h \
	src/cli/progress.c \
	src/cli/progress.h \
	src/cli/queue.c \
	src/cli/queue.h \
	src/cli/reading.c \
	src/cli/recorder.c \
	src/cli/recorder.h \
	src/cli/recording.c \
	src/cli/recording.h \
	src/cli/recordings.c \
	src/cli/recordings.h \
	src/cli/replace.c \
	src/cli/replace.h \
	src/cli/report.c \
	src/cli/report.h \
	src/cli/sandbox.c \
	src/cli/sandbox.h \
	src/cli/update.c \
	src/cli/update.h \
	src/cli/values.c \
	src/cli/values.h \
	src/cli/words.c \
	src/cli/words.h \
	src/cli/worker.c \
	src/cli/worker.h

bin_PROGRAMS += flatline
flatline_SOURCES = src/cli/main.c
flatline_LDADD = $(LIBFLATLINE)

# The JSON report's schema, for those who read reports.
dist_pkgdata_DATA = src/report/flatline-1.schema.json

# For systemd; where that is depends on --prefix.
unit = src/systemd/flatline@.service
if SYSTEMD_UNITS
systemdsystemunit_DATA = $(unit)
endif
$(unit): src/systemd/flatline@.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) src/systemd && \
		$(SED) 's|[@]bindir[@]|$(bindir)|g' '$(srcdir)/src/systemd/flatline@.service.in' > '$@.tmp' && mv '$@.tmp' '$@'
EXTRA_DIST += src/systemd/flatline@.service.in
CLEANFILES += $(unit)

# What everything links.
LIBFLATLINE = src/libflatline.a $(PCAP_LIBS) $(JSON_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS) $(LIBCAPNG_LIBS) \
	$(SECCOMP_LIBS) $(MICROHTTPD_LIBS)
