/* live: the same verdicts while it happens. One thread reads and judges, one writes; nothing that a reader of the
 * output does can hold up the first. The verdicts are those that an analysis of the same packets would give at that
 * moment. */
#include "live.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "analyze.h"
#include "flatline/time.h"
#include "live_report.h"
#include "live_session.h"
#include "progress.h"

enum {
	wait_ms = 100,          /* for packets */
	batches_per_round = 64, /* before the clock is looked at again */
	most_let_go = 1 << 12,  /* at a time */
	drain_ms = 2000,        /* for the last lines */
};

static const int64_t surveys_every = 5 * FL_NS_PER_S; /* of incidents, when nothing is new, */
static const int64_t news_every = FL_NS_PER_S;        /* and when something is */
static const int64_t kept_for = 600 * FL_NS_PER_S; /* connections that are over: what they say of others is old then */

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

int64_t live_step(struct session *session, int64_t ticks, int64_t clock)
{
	const int64_t worth_it = FL_NS_PER_S;
	int64_t passed = ticks - session->ticks, back = session->clock + passed - clock;
	bool is_back = session->clock != 0 && back > worth_it;

	if (is_back)
		session->skew += back;
	session->clock = clock;
	session->ticks = ticks;
	session->now = clock + session->skew;
	return is_back ? back : 0;
}

int64_t live_clock(struct session *session)
{
	return live_step(session, clock_now(CLOCK_BOOTTIME), clock_now(CLOCK_REALTIME));
}

static bool is_due(void *context, const struct fl_flow *flow)
{
	return looking_take(&((struct session *)context)->looking, flow);
}

static bool wants(void *context, const struct fl_account *account)
{
	const struct session *session = context;

	return looking_was_asked(&session->looking, account->id) || watching_wants(session->watching, account);
}

/* The engine has gone on to the last frame, or to the look, whichever is later. */
static void record(struct session *session, const struct fl_account *account)
{
	int64_t looked = session->seen_until;

	recorder_take(session->recorder, account, session->now, session->last > looked ? session->last : looked);
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct session *session = context;
	struct fl_event event;

	looking_judged(&session->looking, clock_now(CLOCK_MONOTONIC));
	if (watching_take(session->watching, account, session->now, &event)) {
		session->has_news = true;
		live_tell(session, &event);
		if (session->recorder && event.kind != FL_EVENT_RECOVERED)
			record(session, account);
	} else if (looking_was_asked(&session->looking, account->id) && account->end == FL_END_NONE) {
		event = (struct fl_event){ .kind = FL_EVENT_STATE, .at = session->now, .account = account };
		live_tell(session, &event);
	}
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	struct session *session = context;
	struct fl_event event = { .kind = FL_EVENT_INCIDENT, .at = session->now, .incident = incident };

	/* Somebody always looks who is there, and harms nobody. */
	if (strcmp(incident->id, "scan") == 0 && session->options->min_severity > FL_NOTICE)
		return;
	if (watching_take_incident(session->watching, incident, session->ticks))
		live_tell(session, &event);
}

/* At all connections with `is_at_all`. False out of memory. */
static bool look(struct session *session, bool is_at_all)
{
	struct fl_engine_sink sink = {
		.incident = take_incident, .flow = take_flow, .wants = wants, .context = session
	};
	struct fl_look request = { .now = session->seen_until, .is_due = is_due };
	int64_t begun = clock_now(CLOCK_MONOTONIC), took;
	bool ok;

	request.with_incidents = is_at_all || session->ticks - session->surveyed_at >= surveys_every ||
	                         (session->has_news && session->ticks - session->surveyed_at >= news_every);
	if (request.with_incidents) {
		session->surveyed_at = session->ticks;
		session->has_news = false;
	}
	looking_begin(&session->looking, request.now, session->ticks, is_at_all);
	if (queue_is_full(session->queue)) /* what somebody asked for is not to be dropped */
		looking_hold(&session->looking);
	ok = fl_engine_look(session->engine, &request, &sink) == 0;
	took = clock_now(CLOCK_MONOTONIC) - begun;
	looking_end(&session->looking, session->ticks, took);
	metrics_looked(session->metrics, took);
	return ok;
}

static bool is_there(void *context, uint32_t id)
{
	return fl_engine_has(context, id);
}

/* Those that are over make room, a few at a time. */
static void let_go(struct session *session)
{
	fl_engine_let_go(session->engine, session->now - kept_for, most_let_go);
	watching_prune(session->watching, is_there, session->engine);
}

static void each_second(struct session *session)
{
	live_tell_second(session);
	let_go(session);
	session->second = session->ticks;
}

static void tell_clock(struct session *session, int64_t back)
{
	char length[FL_TIME_TEXT], words[128];
	struct fl_event event = { .kind = FL_EVENT_DEVICE, .at = session->now, .words = words };

	if (back == 0)
		return;
	snprintf(words, sizeof(words), "the clock was set back by %s; times go on here as if it had not been",
	         fl_duration_text(back, length));
	live_tell(session, &event);
}

/* The time of a frame in the run's own, which is never in the future: one from before the clock was set back has that
 * time already. */
static int64_t own_time(const struct session *session, int64_t at, int64_t now)
{
	const int64_t worth_it = FL_NS_PER_S;

	return at + session->skew > now + worth_it ? now : at + session->skew;
}

/* Until when everything was seen: what still waits to be read is not missing. */
static void note_seen(struct session *session, bool is_drained)
{
	int64_t until = session->now - LIVE_LAG;

	if (!is_drained && session->last < until)
		until = session->last;
	session->seen_until = until;
}

/* True when nothing waits to be read. */
static bool read_round(struct session *session)
{
	struct fl_frame frames[FL_BATCH];

	for (unsigned i = 0; i < batches_per_round; i++) {
		int64_t clock = clock_now(CLOCK_REALTIME), now = clock + session->skew;
		size_t count = fl_live_read(session->live, frames, FL_BATCH, i == 0 ? wait_ms : 0, session->ticks,
		                            clock);

		if (count == 0)
			return true;
		for (size_t k = 0; k < count; k++)
			frames[k].at = own_time(session, frames[k].at, now);
		if (session->first == FL_TIME_NONE)
			session->first = frames[0].at;
		session->last = frames[count - 1].at;
		session->frames += count;
		metrics_frames(session->metrics, session->last, now);
		fl_engine_frames(session->engine, frames, count);
		if (session->recorder)
			recorder_frames(session->recorder, frames, count);
	}
	return false;
}

/* An exit status. */
static int watch(struct session *session)
{
	while (!progress_is_interrupted() && !session->is_blind) {
		bool is_drained = read_round(session);

		tell_clock(session, live_clock(session));
		note_seen(session, is_drained);
		if (wants_reopen) {
			wants_reopen = 0;
			queue_reopen(session->queue);
		}
		if (wants_all) {
			wants_all = 0;
			looking_ask(&session->looking);
		}
		if (session->ticks >= session->looking.next && !look(session, false)) {
			fprintf(stderr, "flatline: out of memory\n");
			return EXIT_INPUT;
		}
		live_tell_recordings(session);
		if (session->ticks - session->second >= FL_NS_PER_S)
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
		                .until = session->seen_until };

	return live_report(&end);
}

/* The last look is at all connections, and all that was told is written before the report follows. */
static int finish(struct session *session, int status)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	if (session->is_blind)
		fprintf(stderr, "flatline: no interface is left, and none can be opened again without CAP_NET_RAW\n");
	(void)live_clock(session);
	note_seen(session, true);
	live_tell_second(session); /* what was lost just now counts */
	if (status == EXIT_DONE && !look(session, true))
		status = EXIT_INPUT;
	live_tell_end(session, drain_ms);
	queue_free(session->queue, drain_ms);
	session->queue = NULL;
	if (status == EXIT_DONE && !session->is_json) /* JSON has said it all in its events */
		status = report(session);
	return session->is_blind ? EXIT_INPUT : status; /* whoever started it shall do so again */
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

static void announce(const struct session *session)
{
	const struct options *options = session->options;

	fprintf(stderr, "flatline: watching ");
	for (size_t i = 0; i < options->n_interfaces; i++)
		fprintf(stderr, "%s%s", i > 0 ? ", " : "", options->interfaces[i]);
	fprintf(stderr, ", as user %s\n", session->privileges.user);
}

static int run(struct session *session, const char *filter)
{
	struct fl_profiles *profiles = may_run(session) ? read_profiles(session->options) : NULL;
	int status = EXIT_USAGE;

	if (profiles)
		status = live_begin(session, profiles, filter);
	if (profiles && status == EXIT_DONE) {
		catch_signals();
		if (!session->options->quiet)
			announce(session);
		status = finish(session, watch(session));
	}
	queue_free(session->queue, 0);
	metrics_free(session->metrics, drain_ms);
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
