/* A small process beside the capture, forked before that gives up its rights: it alone starts programs. It never looks
 * into an event, and starts nothing but the one program that it was made for; so whoever took over the capture by a
 * packet could only make it run that. The capture hands over and goes on, however long the programs take. */
#include "hook_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "analyze.h"
#include "flatline/time.h"
#include "hook_job.h"

struct runner {
	int socket; /* -1: closed */
	const char *path;
	int64_t patience, now;
	int64_t until; /* when it is closed: what waits may begin until then */
	struct hook_job jobs[hooks_at_once];
	int waiting[hooks_waiting]; /* files with events, a ring */
	size_t first, n_waiting;
	uint64_t dropped, untold; /* since the last reply */
	char line[hook_line_most];
};

static void on_wake(int number)
{
	(void)number;
}

/* It outlives a ^C that goes to all processes of the terminal, and what a service manager sends to all of a service:
 * that its work is over it hears from the socket. */
static void set_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE };
	struct sigaction wake = { .sa_handler = on_wake };
	sigset_t mask;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&wake.sa_mask);
	sigaction(SIGCHLD, &wake, NULL);
	sigaction(SIGALRM, &wake, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD); /* only while it waits */
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* What the capture has open is not its own: a reader of the report must see that it ended. Returns the socket. */
static int set_descriptors(int socket)
{
	const int own = 3;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (socket != own) {
		dup3(socket, own, O_CLOEXEC);
		if (null == own)
			null = -1;
	}
	if (null < 0)
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	closefrom(own + 1);
	return own;
}

static int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * FL_NS_PER_S + now.tv_nsec;
}

/* Nobody is left to tell it. Whoever reads standard error may not read, while a program floods it: never for long. */
static void tell_last(const struct fl_error *problem)
{
	alarm(1);
	complain(problem);
	alarm(0);
}

static bool reply(struct runner *runner, uint64_t dropped, const struct fl_error *problem)
{
	struct hook_reply packet = { .dropped = dropped, .problem = *problem };

	return write(runner->socket, &packet, sizeof(packet)) == (ssize_t)sizeof(packet);
}

static void tell(struct runner *runner, const struct fl_error *problem)
{
	if (runner->socket < 0)
		tell_last(problem);
	else if (!reply(runner, 0, problem))
		runner->untold++;
}

static void tell_losses(struct runner *runner)
{
	struct fl_error problem = { .message = "" };

	if (runner->socket < 0 || (runner->dropped == 0 && runner->untold == 0))
		return;
	if (runner->untold > 0)
		fl_error_set(&problem, runner->path, 0, "%" PRIu64 " more failures found no room to be told",
		             runner->untold);
	if (reply(runner, runner->dropped, &problem))
		runner->dropped = runner->untold = 0;
}

/* A file in memory, and no pipe: the program may read it late, in part or not at all, and nobody waits for that. */
static int input_of(const char *line, size_t length)
{
	int fd = memfd_create("flatline-event", MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, line, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int take_first(struct runner *runner)
{
	int input = runner->waiting[runner->first];

	runner->first = (runner->first + 1) % hooks_waiting;
	runner->n_waiting--;
	return input;
}

static void start(struct runner *runner, struct hook_job *job)
{
	int input = take_first(runner), problem;
	struct fl_error error;

	problem = hook_job_start(job, runner->path, input, runner->now + runner->patience);
	close(input);
	if (problem) {
		fl_error_set(&error, runner->path, 0, "cannot be run: %s", strerror(problem));
		tell(runner, &error);
	}
}

static void start_waiting(struct runner *runner)
{
	for (size_t i = 0; i < hooks_at_once; i++) {
		while (!runner->jobs[i].pid && runner->n_waiting > 0)
			start(runner, &runner->jobs[i]);
	}
}

static void take_line(struct runner *runner, size_t length)
{
	struct fl_error error;
	int input;

	if (runner->n_waiting == hooks_waiting) {
		runner->dropped++;
		return;
	}
	input = input_of(runner->line, length);
	if (input < 0) {
		fl_error_set(&error, runner->path, 0, "no room for its input: %s", strerror(errno));
		tell(runner, &error);
		return;
	}
	runner->waiting[(runner->first + runner->n_waiting++) % hooks_waiting] = input;
	start_waiting(runner);
}

static void take_lines(struct runner *runner)
{
	for (size_t i = 0; i < hooks_waiting && runner->socket >= 0; i++) {
		ssize_t length = read(runner->socket, runner->line, sizeof(runner->line));

		if (length > 0) {
			take_line(runner, (size_t)length);
		} else if (length == 0) {
			close(runner->socket);
			runner->socket = -1;
			runner->until = runner->now + runner->patience;
		} else {
			return; /* nothing more; or, once, that replies were not read: then lines may stand behind that
			         */
		}
	}
}

static void judge(struct runner *runner, int status)
{
	struct fl_error error = { .message = "" };

	if (WIFSIGNALED(status))
		fl_error_set(&error, runner->path, 0, "was ended by signal %d (%s)", WTERMSIG(status),
		             strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		fl_error_set(&error, runner->path, 0, "exited with %d", WEXITSTATUS(status));
	if (error.message[0])
		tell(runner, &error);
}

static void look_after(struct runner *runner, struct hook_job *job)
{
	bool is_in_time = job->state == HOOK_JOB_RUNNING;
	struct fl_error error;
	int status;

	if (is_in_time && hook_job_reap(job, &status)) {
		judge(runner, status);
	} else if (hook_job_hurry(job, runner->now)) {
		fl_error_set(&error, runner->path, 0, "took longer than %" PRId64 " s, and was ended",
		             runner->patience / FL_NS_PER_S);
		tell(runner, &error);
	} else if (!is_in_time) {
		hook_job_reap(job, &status); /* also one that ended long before its group was killed */
	}
}

/* When nobody is there any more, those that wait are no reason to stay for ever. */
static void give_up_waiting(struct runner *runner)
{
	struct fl_error error;

	if (runner->socket >= 0 || runner->now < runner->until)
		return;
	while (runner->n_waiting > 0) {
		close(take_first(runner));
		runner->dropped++;
	}
	if (runner->dropped > 0) {
		fl_error_set(&error, runner->path, 0, "was not run for %" PRIu64 " events: there was no time left",
		             runner->dropped);
		tell(runner, &error);
	}
	runner->dropped = 0;
}

static bool is_done(const struct runner *runner)
{
	for (size_t i = 0; i < hooks_at_once; i++) {
		if (runner->jobs[i].pid)
			return false;
	}
	return runner->socket < 0 && runner->n_waiting == 0;
}

/* Until a packet comes, a program ends, or the time of one is over. */
static void wait_for_news(struct runner *runner)
{
	bool has_losses = runner->dropped > 0 || runner->untold > 0;
	struct pollfd other = { .fd = runner->socket, .events = POLLIN | (has_losses ? POLLOUT : 0) };
	int64_t next = runner->socket < 0 && runner->n_waiting > 0 ? runner->until : INT64_MAX, left;
	struct timespec timeout;
	sigset_t none;

	for (size_t i = 0; i < hooks_at_once; i++) {
		if (runner->jobs[i].pid && runner->jobs[i].until < next)
			next = runner->jobs[i].until;
	}
	left = next > runner->now ? next - runner->now : 0;
	timeout = (struct timespec){ .tv_sec = left / FL_NS_PER_S, .tv_nsec = left % FL_NS_PER_S };
	sigemptyset(&none);
	ppoll(&other, 1, next == INT64_MAX ? NULL : &timeout, &none);
	runner->now = clock_now();
}

/* Room for as many events as there may be at once. Past the system's limit only with the right to it. */
static void set_room(int socket)
{
	const int room = 4 << 20;

	if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) < 0)
		setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

bool hook_runner_socket(int ret_ends[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret_ends) < 0)
		return false;
	set_room(ret_ends[0]);
	set_room(ret_ends[1]);
	return true;
}

void hook_runner_run(int socket, const char *path, int64_t patience)
{
	struct runner *runner = calloc(1, sizeof(*runner));

	if (!runner)
		return; /* the capture sees that nobody is there */
	prctl(PR_SET_NAME, "flatline-hooks");
	set_signals();
	runner->socket = set_descriptors(socket);
	runner->path = path;
	runner->patience = patience;
	runner->now = clock_now();
	for (;;) {
		take_lines(runner);
		for (size_t i = 0; i < hooks_at_once; i++)
			look_after(runner, &runner->jobs[i]);
		give_up_waiting(runner);
		start_waiting(runner);
		tell_losses(runner);
		if (is_done(runner))
			break;
		wait_for_news(runner);
	}
	free(runner);
}
