/* live: the same verdicts while it happens. One thread reads and judges, one writes; nothing that a reader of the
 * output does can hold up the first. The verdicts are those that an analysis of the same packets would give at that
 * moment. */
#include "live.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "analyze.h"
#include "flatline/event.h"
#include "flatline/live.h"
#include "live_report.h"
#include "metrics.h"
#include "progress.h"
#include "queue.h"
#include "watching.h"

enum {
	wait_ms = 100,          /* for packets */
	batches_per_round = 64, /* before the clock is looked at again */
	drain_ms = 2000,        /* for the last lines */
};

/* How long packets may lie in the kernel's block before they come: what is looked at is so much in the past. */
static const int64_t lag = 200 * FL_NS_PER_MS;
static const int64_t shortest_pause = 200 * FL_NS_PER_MS; /* between two looks */
static const int64_t sweeps_every = 5 * FL_NS_PER_S;
static const int64_t share = 10; /* and ten times what a look took */

struct session {
	const struct options *options;
	struct fl_live *live;
	struct fl_engine *engine;
	struct queue *queue;
	struct watching *watching;
	struct metrics *metrics;
	struct fl_text line;
	bool is_json;
	bool tells_all; /* SIGUSR1: every connection that is open, once */
	bool is_sweep;  /* this look is at all that are open */
	int64_t now, looked_at, next_look, swept_at;
	int64_t first, last;            /* frames */
	uint64_t frames, frames_before; /* of all, and at the last second's end */
	int64_t second;
	uint64_t drops_told, dropped_told;
	bool was_open[FL_LIVE_DEVICES];
};

static volatile sig_atomic_t wants_reopen, wants_all;

static void on_signal(int number)
{
	if (number == SIGHUP)
		wants_reopen = 1;
	else
		wants_all = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN); /* a reader that went away is told by write() */
	progress_catch_interrupt();
}

static int64_t clock_now(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * FL_NS_PER_S + now.tv_nsec;
}

static void tell(struct session *session, const struct fl_event *event)
{
	metrics_event(session->metrics, event);
	fl_text_clear(&session->line);
	if (session->is_json)
		fl_event_json(&session->line, event);
	else
		fl_event_text(&session->line, event);
	if (!session->line.failed)
		queue_put(session->queue, fl_text_get(&session->line), session->line.length);
}

static int64_t last_of(const struct fl_flow *flow)
{
	return flow->end[0].last_at > flow->end[1].last_at ? flow->end[0].last_at : flow->end[1].last_at;
}

/* Connections that a look is worth: those that are open and bad, in which something waits or is odd, and those that
 * just ended. A healthy conversation that goes on is none of them; it, and one that is idle, is looked at every few
 * seconds. A SYN that nothing follows is told of by nobody: of a flood there are millions. */
static bool is_due(void *context, const struct fl_flow *flow)
{
	const struct session *session = context;
	uint16_t any, both;

	if (flow->marks & FL_MARK_LONE)
		return session->tells_all;
	any = flow->end[0].seen | flow->end[1].seen;
	both = flow->end[0].seen & flow->end[1].seen;
	if (session->tells_all)
		return true;
	if ((any & FL_SEEN_RST) || (both & FL_SEEN_FIN))
		return last_of(flow) >= (session->is_sweep ? session->swept_at : session->looked_at);
	return session->is_sweep || flow->sick || !(both & FL_SEEN_SYN) || fl_tcp_outstanding(flow, 0) > 0 ||
	       fl_tcp_outstanding(flow, 1) > 0 || watching_knows(session->watching, flow->id);
}

static bool wants(void *context, const struct fl_account *account)
{
	const struct session *session = context;

	return session->tells_all || watching_wants(session->watching, account);
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct session *session = context;
	struct fl_event event;

	if (session->is_sweep)
		metrics_flow(session->metrics, account);
	if (watching_take(session->watching, account, session->now, &event)) {
		tell(session, &event);
	} else if (session->tells_all && account->end == FL_END_NONE) {
		event = (struct fl_event){ .kind = FL_EVENT_STATE, .at = session->now, .account = account };
		tell(session, &event);
	}
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	struct session *session = context;
	struct fl_event event = { .kind = FL_EVENT_INCIDENT, .at = session->now, .incident = incident };

	if (watching_take_incident(session->watching, incident))
		tell(session, &event);
}

/* False out of memory. */
static bool look(struct session *session)
{
	struct fl_engine_sink sink = {
		.incident = take_incident, .flow = take_flow, .wants = wants, .context = session
	};
	struct fl_look request = { .now = session->now - lag,
		                   .is_due = is_due,
		                   .with_incidents = watching_count(session->watching) > 1 };
	int64_t begun = clock_now(CLOCK_MONOTONIC), took;
	bool ok;

	/* All that are told are more than those that are open. */
	session->is_sweep = !session->tells_all && session->now - session->swept_at >= sweeps_every;
	if (session->is_sweep)
		metrics_sweep(session->metrics);
	ok = fl_engine_look(session->engine, &request, &sink) == 0;
	took = clock_now(CLOCK_MONOTONIC) - begun;
	if (session->is_sweep) {
		session->swept_at = request.now;
		metrics_swept(session->metrics, took);
	}
	session->looked_at = request.now;
	session->next_look = session->now + (took * share > shortest_pause ? took * share : shortest_pause);
	session->tells_all = false;
	return ok;
}

/* An interface that went away, or is back. */
static uint64_t tell_devices(struct session *session)
{
	size_t count;
	const struct fl_live_device *devices = fl_live_devices(session->live, &count);
	uint64_t drops = 0;

	for (size_t i = 0; i < count; i++) {
		struct fl_event event = { .kind = FL_EVENT_DEVICE,
			                  .at = session->now,
			                  .device = devices[i].name,
			                  .words = devices[i].is_open ? "is back" : devices[i].problem.message };

		drops += devices[i].drops;
		if (devices[i].is_open != session->was_open[i])
			tell(session, &event);
		session->was_open[i] = devices[i].is_open;
	}
	return drops;
}

static void tell_drops(struct session *session, uint64_t drops)
{
	uint64_t dropped = queue_dropped(session->queue);
	char words[128], count[32];
	struct fl_event event = { .kind = FL_EVENT_DROPS, .at = session->now, .words = words };

	if (drops > session->drops_told) {
		snprintf(words, sizeof(words), "the kernel dropped %s packets: what is missing makes verdicts unsure",
		         fl_count_text(drops - session->drops_told, count));
		session->drops_told = drops;
		tell(session, &event);
	}
	if (dropped > session->dropped_told) {
		snprintf(words, sizeof(words), "%s lines found no room: whoever reads them is too slow",
		         fl_count_text(dropped - session->dropped_told, count));
		session->dropped_told = dropped;
		tell(session, &event);
	}
}

static void show_status(const struct session *session, uint64_t drops)
{
	struct fl_engine_counters counters;
	char rate[32], flows[32], lost[32];

	if (session->options->quiet || !isatty(STDERR_FILENO))
		return;
	fl_engine_counters(session->engine, &counters);
	fprintf(stderr, "\r%s packets/s  %s connections  %zu bad  %s dropped \033[K",
	        fl_count_text(session->frames - session->frames_before, rate), fl_count_text(counters.flows, flows),
	        watching_count(session->watching), fl_count_text(drops, lost));
}

static void publish(struct session *session, bool is_last)
{
	struct metrics_sources sources = { .live = session->live,
		                           .engine = session->engine,
		                           .queue = session->queue,
		                           .frames = session->frames,
		                           .last = session->last,
		                           .now = session->now };
	struct fl_event event = { .kind = FL_EVENT_DROPS, .at = session->now };

	metrics_publish(session->metrics, &sources, is_last);
	event.words = metrics_trouble(session->metrics);
	if (event.words)
		tell(session, &event);
}

static void each_second(struct session *session)
{
	uint64_t drops = tell_devices(session);

	tell_drops(session, drops);
	publish(session, false);
	show_status(session, drops);
	session->frames_before = session->frames;
	session->second = session->now;
}

static void read_round(struct session *session)
{
	struct fl_frame frames[FL_BATCH];

	for (unsigned i = 0; i < batches_per_round; i++) {
		size_t count = fl_live_read(session->live, frames, FL_BATCH, i == 0 ? wait_ms : 0, session->now);

		if (count == 0)
			return;
		if (session->first == FL_TIME_NONE)
			session->first = frames[0].at;
		session->last = frames[count - 1].at;
		session->frames += count;
		metrics_frames(session->metrics, session->last, clock_now(CLOCK_REALTIME));
		fl_engine_frames(session->engine, frames, count);
	}
}

/* An exit status. */
static int watch(struct session *session)
{
	while (!progress_is_interrupted()) {
		read_round(session);
		session->now = clock_now(CLOCK_REALTIME);
		if (wants_reopen) {
			wants_reopen = 0;
			queue_reopen(session->queue);
		}
		if (wants_all) {
			wants_all = 0;
			session->tells_all = true;
			session->next_look = session->now;
		}
		if (session->now >= session->next_look && !look(session)) {
			fprintf(stderr, "flatline: out of memory\n");
			return EXIT_INPUT;
		}
		if (session->now - session->second >= FL_NS_PER_S)
			each_second(session);
		if (queue_trouble(session->queue)) {
			fprintf(stderr, "flatline: the output cannot be written: %s\n", queue_trouble(session->queue));
			return EXIT_INPUT;
		}
	}
	return EXIT_DONE;
}

static int report(struct session *session)
{
	struct live_end end = { .options = session->options,
		                .live = session->live,
		                .engine = session->engine,
		                .frames = session->frames,
		                .first = session->first,
		                .last = session->last,
		                .until = session->now - lag };

	return live_report(&end);
}

static uint64_t seed(void)
{
	uint64_t value = 0;

	return getrandom(&value, sizeof(value), 0) == sizeof(value) ? value : 0;
}

/* False: told why. */
static bool begin(struct session *session, const struct fl_profiles *profiles, const char *filter)
{
	const struct options *options = session->options;
	struct fl_live_settings live = { .filter = *filter ? filter : NULL,
		                         .snaplen = options->snaplen,
		                         .buffer = (uint32_t)options->buffer,
		                         .is_promiscuous = options->is_promiscuous };
	struct fl_engine_settings engine = {
		.settings = options->settings, .profiles = profiles, .seed = seed(), .memory = options->memory
	};
	const size_t most_waiting = (size_t)1 << 20;
	struct fl_error error = { .file = "", .message = "out of memory" };

	session->now = session->second = clock_now(CLOCK_REALTIME);
	session->metrics = metrics_new(options, session->now, &error);
	if (session->metrics)
		session->live = fl_live_new(options->interfaces, options->n_interfaces, &live, &error);
	if (session->live)
		session->queue = queue_new(options->output, most_waiting, &error);
	session->engine = fl_engine_new(&engine);
	session->watching = watching_new(options->min_severity);
	if (!session->live || !session->queue || !session->engine || !session->watching ||
	    !queue_start(session->queue, &error) || !metrics_start(session->metrics, &error)) {
		complain(&error);
		return false;
	}
	for (size_t i = 0; i < options->n_interfaces; i++)
		session->was_open[i] = true;
	session->first = session->last = FL_TIME_NONE;
	session->looked_at = session->swept_at = 0;
	publish(session, false);
	return true;
}

static int run(struct session *session, const char *filter)
{
	struct fl_profiles *profiles = read_profiles(session->options);
	int status = EXIT_USAGE;

	if (profiles && begin(session, profiles, filter)) {
		catch_signals();
		if (!session->options->quiet)
			fprintf(stderr, "flatline: watching %s\n", session->options->interfaces[0]);
		status = watch(session);
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r\033[K");
		session->now = clock_now(CLOCK_REALTIME);
		session->swept_at = 0; /* the last look is at all of them */
		if (status == EXIT_DONE && !look(session))
			status = EXIT_INPUT;
		publish(session, true);
		queue_free(session->queue, drain_ms);
		session->queue = NULL;
		if (status == EXIT_DONE && !session->is_json) /* JSON has said it all in its events */
			status = report(session);
	}
	queue_free(session->queue, 0);
	metrics_free(session->metrics, drain_ms);
	watching_free(session->watching);
	fl_engine_free(session->engine);
	fl_live_free(session->live);
	fl_profiles_free(profiles);
	return status;
}

int live_run(const struct options *options)
{
	struct session session = { .options = options, .is_json = strcmp(options->format, "ndjson") == 0 };
	struct fl_text filter;
	int status;

	fl_text_init(&session.line);
	fl_text_init(&filter);
	for (size_t i = 0; i < options->n_args; i++)
		fl_text_add(&filter, "%s%s", i > 0 ? " " : "", options->args[i]);
	status = run(&session, fl_text_get(&filter));
	fl_text_deinit(&filter);
	fl_text_deinit(&session.line);
	return status;
}

static void print_interface(void *context, const char *name, const char *about)
{
	(void)context;
	printf("%-16s %s\n", name, about);
}

int live_list(void)
{
	struct fl_error error;

	if (!fl_live_list(print_interface, NULL, &error)) {
		complain(&error);
		return EXIT_INPUT;
	}
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INPUT;
}
