/* What a packet costs, step by step: the bare libpcap loop, our capture reader, decoding behind it, the whole engine.
 * They run in turn within one process and the median of several runs counts, so that a neighbour on the machine
 * disturbs all alike.
 *
 *	engine FILE             one line: "name value" pairs, for tests/bench/run
 *	engine STAGE FILE       one run of bare, capture, wire or whole and nothing else, for a profiler */
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bare.h"
#include "flatline/capture.h"
#include "flatline/engine.h"
#include "flatline/packet.h"
#include "flatline/settings.h"

enum { n_runs = 5 };

/* What a run of a stage showed. */
struct figures {
	uint64_t frames, bytes;
	uint64_t flows;
	uint64_t accounts; /* that the judge gave */
	int64_t ns;        /* reading and working, without the end */
	int64_t finish_ns; /* whole engine: judging at the end */
	int64_t counted;   /* bytes of flows, as the engine counts them */
	int64_t heap;      /* growth of the heap while it read */
	int64_t resident;  /* growth of resident memory meanwhile */
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int64_t heap_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return (int64_t)(info.uordblks + info.hblkhd);
}

static int64_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long total, pages = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%ld %ld", &total, &pages) != 2)
		pages = 0;
	fclose(file);
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static struct fl_capture *open_capture(const char *path)
{
	struct fl_error error;
	struct fl_capture *capture = fl_capture_new(&path, 1, NULL, &error);

	if (!capture)
		fprintf(stderr, "%s: %s\n", path, error.message);
	return capture;
}

static bool run_bare(const char *path, struct figures *ret_figures)
{
	int64_t start = now();
	bool is_read = bare_loop(path, &ret_figures->frames, &ret_figures->bytes);

	ret_figures->ns = now() - start;
	return is_read;
}

static bool run_capture(const char *path, struct figures *ret_figures)
{
	int64_t start = now();
	struct fl_capture *capture = open_capture(path);
	struct fl_frame frames[FL_BATCH];
	size_t count;

	if (!capture)
		return false;
	while ((count = fl_capture_read(capture, frames, FL_BATCH)) > 0) {
		ret_figures->frames += count;
		for (size_t i = 0; i < count; i++)
			ret_figures->bytes += frames[i].caplen;
	}
	ret_figures->ns = now() - start;
	fl_capture_free(capture);
	return true;
}

static bool run_wire(const char *path, struct figures *ret_figures)
{
	int64_t start = now();
	struct fl_capture *capture = open_capture(path);
	struct fl_wire *wire = fl_wire_new();
	struct fl_frame frames[FL_BATCH];
	struct fl_packet packets[FL_BATCH];
	size_t count = 0;

	while (capture && wire && (count = fl_capture_read(capture, frames, FL_BATCH)) > 0) {
		ret_figures->frames += count;
		for (size_t i = 0; i < count; i++) {
			fl_wire_decode(wire, &frames[i], &packets[i]);
			ret_figures->bytes += packets[i].outcome == FL_OUTCOME_TCP ? frames[i].caplen : 0;
		}
	}
	ret_figures->ns = now() - start;
	fl_wire_free(wire);
	fl_capture_free(capture);
	return capture && wire;
}

static void take_capture(void *context, const struct fl_capture_account *capture)
{
	(void)context;
	(void)capture;
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	(void)context;
	(void)incident;
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct figures *figures = context;

	(void)account;
	figures->accounts++;
}

static bool finish(struct fl_engine *engine, const struct fl_capture *capture, struct figures *figures)
{
	struct fl_engine_sink sink = {
		.capture = take_capture, .incident = take_incident, .flow = take_flow, .context = figures
	};
	int64_t start = now();
	int status = fl_engine_finish(engine, fl_capture_facts(capture), FL_TIME_NONE, FL_UNTIL_LAST_FRAME, &sink);

	figures->finish_ns = now() - start;
	return status == 0;
}

static bool run_whole(const char *path, struct figures *ret_figures)
{
	int64_t start = now(), heap, pages;
	struct fl_profiles *profiles = fl_profiles_new(NULL);
	struct fl_engine_settings settings = { .profiles = profiles, .seed = 1, .number_streams = true };
	struct fl_capture *capture = open_capture(path);
	struct fl_engine_counters counters;
	struct fl_frame frames[FL_BATCH];
	struct fl_engine *engine;
	size_t count;
	bool is_finished;

	fl_settings_init(&settings.settings);
	engine = capture && profiles ? fl_engine_new(&settings) : NULL;
	if (!engine) {
		fl_capture_free(capture);
		fl_profiles_free(profiles);
		return false;
	}
	heap = heap_in_use(); /* buffers and the like, which do not grow with the flows, are not theirs */
	pages = resident();
	while ((count = fl_capture_read(capture, frames, FL_BATCH)) > 0)
		fl_engine_frames(engine, frames, count);
	ret_figures->ns = now() - start;
	ret_figures->heap = heap_in_use() - heap;
	ret_figures->resident = resident() - pages;
	fl_engine_counters(engine, &counters);
	ret_figures->frames = counters.frames;
	ret_figures->flows = counters.flows;
	ret_figures->counted = (int64_t)counters.memory;
	is_finished = finish(engine, capture, ret_figures);
	fl_engine_free(engine);
	fl_capture_free(capture);
	fl_profiles_free(profiles);
	return is_finished;
}

static const struct stage {
	const char *name;
	bool (*run)(const char *path, struct figures *ret_figures);
} stages[] = { { "bare", run_bare }, { "capture", run_capture }, { "wire", run_wire }, { "whole", run_whole } };

enum { n_stages = sizeof(stages) / sizeof(stages[0]), whole = n_stages - 1 };

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static double median(int64_t times[n_runs])
{
	qsort(times, n_runs, sizeof(times[0]), compare_times);
	return (double)times[n_runs / 2];
}

static void print(const struct figures *first, int64_t times[n_stages][n_runs], int64_t finish_times[n_runs])
{
	double frames = (double)first->frames, flows = first->flows ? (double)first->flows : 1;

	printf("frames %llu flows %llu", (unsigned long long)first->frames, (unsigned long long)first->flows);
	for (size_t i = 0; i < n_stages; i++)
		printf(" %s %.1f", stages[i].name, median(times[i]) / frames);
	printf(" finish %.1f", median(finish_times) / flows);
	printf(" counted %.1f heap %.1f resident %.1f\n", (double)first->counted / flows, (double)first->heap / flows,
	       (double)first->resident / flows);
}

/* The first run begins with the whole engine and measures memory too: nothing was freed yet that it could reuse. */
static int measure(const char *path)
{
	int64_t times[n_stages][n_runs], finish_times[n_runs];
	struct figures first = { 0 };

	for (size_t run = 0; run < n_runs; run++) {
		for (size_t i = n_stages; i-- > 0;) {
			struct figures figures = { 0 };

			if (!stages[i].run(path, &figures))
				return 1;
			times[i][run] = figures.ns;
			if (i != whole)
				continue;
			finish_times[run] = figures.finish_ns;
			if (run == 0)
				first = figures;
		}
	}
	print(&first, times, finish_times);
	return 0;
}

int main(int argc, char **argv)
{
	struct figures figures = { 0 };

	if (argc == 2)
		return measure(argv[1]);
	for (size_t i = 0; i < n_stages; i++) {
		if (argc == 3 && strcmp(argv[1], stages[i].name) == 0)
			return stages[i].run(argv[2], &figures) ? 0 : 1;
	}
	fprintf(stderr, "usage: engine [bare|capture|wire|whole] FILE\n");
	return 2;
}
