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
#include "hooks.h"
#include "live_report.h"
#include "looking.h"
#include "privileges.h"
#include "progress.h"
#include "queue.h"
#include "sandbox.h"
#include "recorder.h"
#include "watching.h"

enum {
	wait_ms = 100,          /* for packets */
	batches_per_round = 64, /* before the clock is looked at again */
	most_let_go = 1 << 15,  /* at a time */
	drain_ms = 2000,        /* for the last lines */
};

/* How long packets may lie in the kernel's block before they come: what is looked at is so much in the past. */
static const int64_t lag = 200 * FL_NS_PER_MS;
static const int64_t surveys_every = 5 * FL_NS_PER_S; /* of incidents, when nothing is new */
static const int64_t kept_for = 600 * FL_NS_PER_S; /* connections that are over: what they say of others is old then */

struct session {
	const struct options *options;
	struct fl_live *live;
	struct fl_engine *engine;
	struct queue *queue;
	struct watching *watching;
	struct hooks *hooks;       /* NULL without --exec */
	struct recorder *recorder; /* NULL: nothing is recorded */
	struct fl_text line;
	bool is_json;
	bool tells_all; /* SIGUSR1: every connection that is open, once */
	bool has_news;  /* since the incidents were looked for */
	struct looking looking;
	int64_t now, surveyed_at;
	int64_t first, last;            /* frames */
	uint64_t frames, frames_before; /* of all, and at the last second's end */
	int64_t second;
	uint64_t drops_told, dropped_told, unrun_told;
	bool was_open[FL_LIVE_DEVICES];
	bool is_blind; /* all interfaces are lost for good */
	struct privileges privileges;
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
	fl_text_clear(&session->line);
	if (session->is_json)
		fl_event_json(&session->line, event);
	else
		fl_event_text(&session->line, event);
	if (!session->line.failed)
		queue_put(session->queue, fl_text_get(&session->line), session->line.length);
	hooks_take(session->hooks, event);
}

static bool is_due(void *context, const struct fl_flow *flow)
{
	return looking_is_due(&((struct session *)context)->looking, flow);
}

static bool wants(void *context, const struct fl_account *account)
{
	const struct session *session = context;

	return session->tells_all || watching_wants(session->watching, account);
}

/* The engine has gone on to the last frame, or to the look, whichever is later. */
static void record(struct session *session, const struct fl_account *account)
{
	int64_t looked = session->now - lag;

	recorder_take(session->recorder, account, session->now, session->last > looked ? session->last : looked);
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct session *session = context;
	struct fl_event event;

	if (watching_take(session->watching, account, session->now, &event)) {
		session->has_news = true;
		tell(session, &event);
		if (session->recorder && event.kind != FL_EVENT_RECOVERED)
			record(session, account);
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

/* At all connections with `is_at_all`. False out of memory. */
static bool look(struct session *session, bool is_at_all)
{
	struct fl_engine_sink sink = {
		.incident = take_incident, .flow = take_flow, .wants = wants, .context = session
	};
	struct fl_look request = { .now = session->now - lag, .is_due = is_due };
	int64_t begun = clock_now(CLOCK_MONOTONIC);
	bool ok;

	request.with_incidents = watching_count(session->watching) > 1 &&
	                         (session->has_news || session->now - session->surveyed_at >= surveys_every);
	if (request.with_incidents) {
		session->surveyed_at = session->now;
		session->has_news = false;
	}
	looking_begin(&session->looking, request.now, is_at_all);
	ok = fl_engine_look(session->engine, &request, &sink) == 0;
	looking_end(&session->looking, session->now, clock_now(CLOCK_MONOTONIC) - begun);
	return ok;
}

/* Those that are over make room, a few at a time. */
static void let_go(struct session *session)
{
	fl_engine_let_go(session->engine, session->now - kept_for, most_let_go);
}

/* An interface that went away, or is back. */
static uint64_t tell_devices(struct session *session)
{
	size_t count;
	const struct fl_live_device *devices = fl_live_devices(session->live, &count);
	uint64_t drops = 0;

	session->is_blind = true;
	for (size_t i = 0; i < count; i++) {
		struct fl_event event = { .kind = FL_EVENT_DEVICE,
			                  .at = session->now,
			                  .device = devices[i].name,
			                  .words = devices[i].is_open ? "is back" : devices[i].problem.message };

		drops += devices[i].drops;
		session->is_blind &= devices[i].is_lost;
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
		fl_engine_lost(session->engine, session->second - lag, session->now, drops - session->drops_told);
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

static void tell_hooks(struct session *session)
{
	char words[512], count[32];
	struct fl_event event = { .kind = FL_EVENT_HOOK, .at = session->now, .words = words };
	struct fl_error problem;
	uint64_t unrun;

	while (hooks_problem(session->hooks, &problem)) {
		fl_error_text(&problem, words, sizeof(words));
		tell(session, &event);
	}
	unrun = hooks_dropped(session->hooks);
	if (unrun > session->unrun_told) {
		snprintf(words, sizeof(words), "%s was not run for %s events: it takes too long",
		         session->options->exec, fl_count_text(unrun - session->unrun_told, count));
		session->unrun_told = unrun;
		event.kind = FL_EVENT_DROPS;
		tell(session, &event);
	}
}

static void tell_recordings(struct session *session)
{
	struct fl_recording recording;

	while (recorder_next(session->recorder, &recording)) {
		struct fl_event event = { .kind = FL_EVENT_RECORDED, .at = session->now, .recording = &recording };

		tell(session, &event);
	}
}

/* Whoever rotates the file reads standard error, and not the file's end. */
static void tell_output(const struct session *session)
{
	struct fl_error error;
	char words[512];

	if (queue_reopen_failed(session->queue, &error))
		fprintf(stderr, "%sflatline: %s; lines go on into the file that was open\n",
		        isatty(STDERR_FILENO) ? "\r\033[K" : "", fl_error_text(&error, words, sizeof(words)));
}

static void tell_left_out(struct session *session)
{
	struct fl_event event = { .kind = FL_EVENT_DROPS, .at = session->now };
	struct fl_text words;

	fl_text_init(&words);
	recorder_left_out(session->recorder, &words);
	event.words = fl_text_get(&words);
	if (words.length > 0)
		tell(session, &event);
	fl_text_deinit(&words);
}

/* What can be written in time is, and is told. */
static void end_recording(struct session *session)
{
	recorder_wait(session->recorder, drain_ms);
	tell_recordings(session);
	tell_left_out(session);
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

static void each_second(struct session *session)
{
	uint64_t drops = tell_devices(session);

	tell_drops(session, drops);
	tell_hooks(session);
	tell_output(session);
	if (session->recorder)
		tell_left_out(session);
	show_status(session, drops);
	let_go(session);
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
		fl_engine_frames(session->engine, frames, count);
		if (session->recorder)
			recorder_frames(session->recorder, frames, count);
	}
}

/* An exit status. */
static int watch(struct session *session)
{
	while (!progress_is_interrupted() && !session->is_blind) {
		read_round(session);
		session->now = clock_now(CLOCK_REALTIME);
		if (wants_reopen) {
			wants_reopen = 0;
			queue_reopen(session->queue);
		}
		if (wants_all) {
			wants_all = 0;
			session->tells_all = true;
		}
		if ((session->tells_all || session->now >= session->looking.next) &&
		    !look(session, session->tells_all)) {
			fprintf(stderr, "flatline: out of memory\n");
			return EXIT_INPUT;
		}
		session->tells_all = false;
		if (session->recorder)
			tell_recordings(session);
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

/* First of all: its process has nothing of what comes later. False: told why. */
static bool begin_hooks(struct session *session)
{
	const struct options *options = session->options;
	const uint32_t preset = 10;
	struct fl_error error;

	if (!options->exec)
		return true;
	session->hooks = hooks_new(options->exec, options->exec_timeout ? options->exec_timeout : preset,
	                           &session->privileges, &error);
	if (!session->hooks)
		complain(&error);
	return session->hooks != NULL;
}

/* The file is opened without rights, so that it can be opened again. */
static bool open_unprivileged(struct session *session, struct fl_error *reterr)
{
	const size_t most_waiting = (size_t)1 << 20;
	const struct privileges *privileges = &session->privileges;

	if (!privileges_drop(privileges, reterr))
		return false;
	if (privileges->uid == 0 && getuid() == 0)
		fprintf(stderr, "flatline: goes on as root, as --user says, but without capabilities\n");
	session->queue = queue_new(session->options->output, privileges->user, most_waiting, reterr);
	return session->queue;
}

/* Last: from here on there are no new threads, and only the system calls of sandbox.c. */
static bool confine(const struct session *session, struct fl_error *reterr)
{
	const struct sandbox_settings sandbox = { .reopens_devices = session->options->keeps_net_raw,
		                                  .writes_files = session->recorder != NULL };

	return session->options->has_no_sandbox || sandbox_enter(&sandbox, reterr);
}

/* The memory and the directory of --record. False with `reterr`. */
static bool open_recorder(struct session *session, struct fl_error *reterr)
{
	struct fl_engine_probe probe;

	if (!session->options->record)
		return true;
	session->recorder = recorder_new(session->options, session->live, reterr);
	if (!session->recorder)
		return false;
	probe = recorder_probe(session->recorder);
	fl_engine_probe(session->engine, &probe);
	return true;
}

/* False: told why. */
static bool begin(struct session *session, const struct fl_profiles *profiles, const char *filter)
{
	const struct options *options = session->options;
	struct fl_live_settings live = { .filter = *filter ? filter : NULL,
		                         .snaplen = options->snaplen,
		                         .buffer = (uint32_t)options->buffer,
		                         .is_promiscuous = options->is_promiscuous,
		                         .reopens = options->keeps_net_raw };
	struct fl_engine_settings engine = {
		.settings = options->settings, .profiles = profiles, .seed = seed(), .memory = options->memory
	};
	struct fl_error error = { .file = "", .message = "out of memory" };

	if (!begin_hooks(session))
		return false;
	session->live = fl_live_new(options->interfaces, options->n_interfaces, &live, &error);
	if (!session->live || !open_unprivileged(session, &error)) {
		complain(&error);
		return false;
	}
	session->engine = fl_engine_new(&engine);
	session->watching = watching_new(options->min_severity);
	if (!session->engine || !session->watching || !open_recorder(session, &error) ||
	    !queue_start(session->queue, &error) || (session->recorder && !recorder_start(session->recorder, &error)) ||
	    !confine(session, &error)) {
		complain(&error);
		return false;
	}
	for (size_t i = 0; i < options->n_interfaces; i++)
		session->was_open[i] = true;
	session->first = session->last = FL_TIME_NONE;
	session->now = session->second = clock_now(CLOCK_REALTIME);
	session->surveyed_at = 0;
	looking_init(&session->looking, session->watching);
	return true;
}

/* Whether it is known as whom; false: told why. Before files are read that were named on the command line. */
static bool may_run(struct session *session)
{
	const struct options *options = session->options;
	struct fl_error error;

	if (privileges_choose(&session->privileges, options->user, options->keeps_net_raw, &error))
		return true;
	complain(&error);
	return false;
}

static int run(struct session *session, const char *filter)
{
	struct fl_profiles *profiles = may_run(session) ? read_profiles(session->options) : NULL;
	int status = EXIT_USAGE;

	if (profiles && begin(session, profiles, filter)) {
		catch_signals();
		if (!session->options->quiet)
			fprintf(stderr, "flatline: watching %s\n", session->options->interfaces[0]);
		status = watch(session);
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r\033[K");
		if (session->is_blind)
			fprintf(stderr,
			        "flatline: no interface is left, and none can be opened again without CAP_NET_RAW\n");
		session->now = clock_now(CLOCK_REALTIME);
		if (status == EXIT_DONE && !look(session, true))
			status = EXIT_INPUT;
		tell_hooks(session);
		if (session->recorder)
			end_recording(session);
		queue_free(session->queue, drain_ms);
		session->queue = NULL;
		if (status == EXIT_DONE && !session->is_json) /* JSON has said it all in its events */
			status = report(session);
		if (session->is_blind)
			status = EXIT_INPUT; /* whoever started it shall do so again */
	}
	queue_free(session->queue, 0);
	hooks_free(session->hooks);
	recorder_free(session->recorder);
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
