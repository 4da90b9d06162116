/* How a live run begins: everything is opened in the order in which rights are given up. What others read or run has a
 * process of its own, made first; interfaces take CAP_NET_RAW; files are opened by the user that goes on; threads are
 * made before system calls are restricted. */
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "analyze.h"
#include "live_session.h"
#include "sandbox.h"

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

/* Files are opened without rights, so that they can be opened again. */
static bool open_unprivileged(struct session *session, struct fl_error *reterr)
{
	const size_t most_waiting = (size_t)1 << 20;
	const struct privileges *privileges = &session->privileges;

	if (!privileges_drop(privileges, reterr))
		return false;
	if (privileges->uid == 0 && getuid() == 0)
		fprintf(stderr, "flatline: goes on as root, as --user says, but without capabilities\n");
	session->queue = queue_new(session->options->output, privileges->user, most_waiting, reterr);
	session->metrics = session->queue ? metrics_new(session->options, session->now, reterr) : NULL;
	return session->metrics;
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

/* What reads, judges and remembers; nothing of it is anybody else's. */
static bool make_engine(struct session *session, const struct fl_profiles *profiles)
{
	const struct options *options = session->options;
	const struct fl_engine_settings settings = {
		.settings = options->settings, .profiles = profiles, .seed = seed(), .memory = options->memory
	};

	session->engine = fl_engine_new(&settings);
	session->watching = watching_new(options->min_severity);
	looking_init(&session->looking, options->min_severity);
	return session->engine && session->watching;
}

/* Signals are for the capture's thread: what others write is not to be cut short by one. */
static bool start_threads(struct session *session, struct fl_error *reterr)
{
	const int numbers[] = { SIGHUP, SIGUSR1, SIGINT, SIGTERM };
	sigset_t those, before;
	bool ok;

	sigemptyset(&those);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&those, numbers[i]);
	pthread_sigmask(SIG_BLOCK, &those, &before);
	ok = queue_start(session->queue, reterr) && metrics_start(session->metrics, reterr) &&
	     (!session->recorder || recorder_start(session->recorder, reterr));
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

/* Last: from here on there are no new threads, and only the system calls of sandbox.c. */
static bool confine(const struct session *session, struct fl_error *reterr)
{
	const struct sandbox_settings sandbox = { .reopens_devices = session->options->keeps_net_raw,
		                                  .serves_http = session->options->metrics_listen != NULL,
		                                  .writes_files = session->recorder || session->options->metrics };

	return session->options->has_no_sandbox || sandbox_enter(&sandbox, reterr);
}

static bool open_all(struct session *session, const struct fl_profiles *profiles, const char *filter,
                     struct fl_error *reterr)
{
	const struct options *options = session->options;
	const struct fl_live_settings live = { .filter = *filter ? filter : NULL,
		                               .snaplen = options->snaplen,
		                               .buffer = (uint32_t)options->buffer,
		                               .is_promiscuous = options->is_promiscuous,
		                               .reopens = options->keeps_net_raw };

	session->live = fl_live_new(options->interfaces, options->n_interfaces, &live, reterr);
	if (!session->live || !open_unprivileged(session, reterr))
		return false;
	fl_error_set(reterr, NULL, 0, "out of memory");
	return make_engine(session, profiles) && open_recorder(session, reterr) && start_threads(session, reterr) &&
	       confine(session, reterr);
}

int live_begin(struct session *session, const struct fl_profiles *profiles, const char *filter)
{
	struct fl_error error;

	session->skew = session->clock = 0;
	(void)live_clock(session);
	session->second = session->ticks;
	session->told_at = session->now;
	session->seen_until = session->now - LIVE_LAG;
	session->first = session->last = FL_TIME_NONE;
	for (size_t i = 0; i < session->options->n_interfaces; i++)
		session->was_open[i] = true;
	if (!begin_hooks(session))
		return EXIT_USAGE;
	if (open_all(session, profiles, filter, &error)) {
		live_tell_second(session); /* there are numbers from the start */
		return EXIT_DONE;
	}
	complain(&error);
	/* An interface may be there later, and the right to open it. */
	return !session->live && error.file[0] ? EXIT_INPUT : EXIT_USAGE;
}
