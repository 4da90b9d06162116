/* Any bytes as a capture file, through everything: reader, decoder, flows, detectors, judge, and both reports. Nothing
 * may crash or run on, and the totals must agree with each other: every frame has one outcome, every TCP packet belongs
 * to one flow, and the judge speaks of each flow once and in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "flatline/capture.h"
#include "flatline/engine.h"
#include "flatline/packet.h"
#include "flatline/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the sink was told, and where it passes it on. */
struct told {
	struct fl_report *reports[2];
	uint64_t flows, packets;
	uint64_t captures;
	uint32_t next_id;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void take_capture(void *context, const struct fl_capture_account *capture)
{
	struct told *told = context;

	must(told->captures++ == 0 && told->flows == 0);
	for (size_t i = 0; i < 2; i++)
		fl_report_begin(told->reports[i], capture);
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	struct told *told = context;

	must(told->captures == 1 && told->flows == 0);
	for (size_t i = 0; i < 2; i++)
		fl_report_incident(told->reports[i], incident);
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct told *told = context;

	must(told->captures == 1 && account->id >= told->next_id);
	must(account->verdict.id && account->verdict.severity < FL_SEVERITIES);
	must(account->first <= account->last);
	told->next_id = account->id + 1;
	told->flows++;
	told->packets += account->packets[FL_CLIENT] + account->packets[FL_SERVER];
	for (size_t i = 0; i < 2; i++)
		fl_report_flow(told->reports[i], account);
}

static void check(const struct fl_engine *engine, const struct fl_capture_facts *facts, const struct told *told)
{
	struct fl_engine_counters counters;
	uint64_t outcomes = 0;

	fl_engine_counters(engine, &counters);
	for (size_t i = 0; i < FL_OUTCOMES; i++)
		outcomes += counters.outcomes[i];
	must(counters.frames == facts->frames && outcomes == counters.frames);
	must(counters.tcp_packets == counters.outcomes[FL_OUTCOME_TCP]);
	must(told->captures == 1 && told->flows == counters.flows && told->packets == counters.tcp_packets);
}

/* Small memory makes flows leave; which, the input decides. */
static struct fl_engine *new_engine(size_t size, const struct fl_profiles *profiles)
{
	struct fl_engine_settings settings = { .profiles = profiles,
		                               .seed = size,
		                               .memory = size % 3 == 0 ? 1 : 0,
		                               .number_streams = size % 2 == 0,
		                               .detail = size % 5 != 0 };

	fl_settings_init(&settings.settings);
	return fl_engine_new(&settings);
}

static void analyze(const char *path, size_t size, FILE *nowhere)
{
	struct fl_report_settings settings = { .all = size % 2 == 0 };
	struct told told = { .reports = { fl_report_new("text", nowhere, &settings),
		                          fl_report_new("json", nowhere, &settings) } };
	struct fl_engine_sink sink = {
		.capture = take_capture, .incident = take_incident, .flow = take_flow, .context = &told
	};
	struct fl_capture *capture = fl_capture_new(&path, 1, NULL, NULL);
	struct fl_profiles *profiles = fl_profiles_new(NULL);
	struct fl_engine *engine = new_engine(size, profiles);
	struct fl_frame frames[FL_BATCH];
	size_t count;

	must(capture && profiles && engine && told.reports[0] && told.reports[1]);
	while ((count = fl_capture_read(capture, frames, FL_BATCH)) > 0)
		fl_engine_frames(engine, frames, count);

	const struct fl_capture_facts *facts = fl_capture_facts(capture);

	must(fl_engine_finish(engine, facts, facts->interface_end, FL_UNTIL_INTERFACE_END, &sink) == 0);
	check(engine, facts, &told);
	for (size_t i = 0; i < 2; i++) {
		fl_report_end(told.reports[i], NULL);
		fl_report_free(told.reports[i]);
	}
	fl_engine_free(engine);
	fl_profiles_free(profiles);
	fl_capture_free(capture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int file = memfd_create("capture", MFD_CLOEXEC);
	FILE *nowhere = fopen("/dev/null", "w");
	char path[32];

	must(nowhere && file >= 0 && write(file, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/dev/fd/%d", file);
	analyze(path, size, nowhere);
	fclose(nowhere);
	close(file);
	return 0;
}
