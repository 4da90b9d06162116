/* The capture's end of the socket: an event is a packet on it, there as a whole or not at all. */
#include "hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flatline/text.h"
#include "flatline/time.h"
#include "hook_runner.h"

struct hooks {
	int socket; /* -1: the other process is gone */
	char *path;
	uint64_t dropped;
};

/* Why it cannot be run; NULL when it can. */
static const char *trouble_with(const char *path)
{
	struct stat about;

	if (stat(path, &about) < 0)
		return strerror(errno);
	if (!S_ISREG(about.st_mode))
		return "it is no file";
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? strerror(errno) : NULL;
}

/* In PATH, as execvp() does. NULL: nowhere. */
static char *search(const char *name)
{
	const char *path = getenv("PATH");

	for (const char *at = path ? path : "/usr/bin:/bin";; at++) {
		size_t length = strcspn(at, ":");
		char *candidate;

		if (asprintf(&candidate, "%.*s/%s", length > 0 ? (int)length : 1, length > 0 ? at : ".", name) < 0)
			return NULL;
		if (!trouble_with(candidate))
			return candidate;
		free(candidate);
		at += length;
		if (!*at)
			return NULL;
	}
}

static char *find(const char *program, struct fl_error *reterr)
{
	bool has_slash = strchr(program, '/') != NULL;
	const char *trouble = has_slash ? trouble_with(program) : NULL;
	char *path = has_slash ? strdup(program) : search(program);

	if (trouble || !path) {
		fl_error_set(reterr, program, 0, "--exec cannot run it: %s", trouble ? trouble : "it is not in PATH");
		free(path);
		return NULL;
	}
	return path;
}

/* No signal comes before the new process has said what it makes of them. */
static pid_t fork_runner(const int ends[2], const char *path, int64_t patience, const struct privileges *privileges)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0) {
		if (!privileges || privileges_leave(privileges))
			hook_runner_run(ends[1], path, patience);
		_exit(0); /* the other end sees that it is gone */
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* Asks as the user who will run it: root may look everywhere, and run what nobody may. */
static bool may_run(const char *path, const struct privileges *privileges)
{
	int status = 0;
	pid_t pid = privileges ? fork() : -1;

	if (pid < 0)
		return true; /* it is told when it comes to it */
	if (pid == 0)
		_exit(privileges_leave(privileges) && access(path, X_OK) != 0);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return !WIFEXITED(status) || WEXITSTATUS(status) == 0;
}

struct hooks *hooks_new(const char *program, uint32_t seconds, const struct privileges *privileges,
                        struct fl_error *reterr)
{
	struct hooks *hooks = calloc(1, sizeof(*hooks));
	int ends[2] = { -1, -1 };

	if (!hooks) {
		fl_error_set(reterr, program, 0, "out of memory");
		return NULL;
	}
	hooks->path = find(program, reterr);
	if (!hooks->path) {
		free(hooks);
		return NULL;
	}
	if (!may_run(hooks->path, privileges)) {
		fl_error_set(reterr, program, 0, "--exec cannot run it as user %s: it may not execute it",
		             privileges->user);
		free(hooks->path);
		free(hooks);
		return NULL;
	}
	hooks->socket = -1;
	if (hook_runner_socket(ends))
		hooks->socket = ends[0];
	if (hooks->socket < 0 || fork_runner(ends, hooks->path, seconds * FL_NS_PER_S, privileges) < 0) {
		fl_error_set(reterr, program, 0, "no process to run it: %s", strerror(errno));
		close(ends[1]);
		hooks_free(hooks);
		return NULL;
	}
	close(ends[1]);
	return hooks;
}

void hooks_free(struct hooks *hooks)
{
	if (!hooks)
		return;
	if (hooks->socket >= 0)
		close(hooks->socket);
	free(hooks->path);
	free(hooks);
}

void hooks_take(struct hooks *hooks, const struct fl_event *event)
{
	bool is_news = event->kind == FL_EVENT_FOUND || event->kind == FL_EVENT_CHANGED;
	struct fl_text line;

	if (!hooks || hooks->socket < 0 || !is_news || event->account->verdict.severity != FL_CRITICAL)
		return;
	fl_text_init(&line);
	fl_event_json(&line, event);
	if (line.failed || line.length > hook_line_most ||
	    write(hooks->socket, fl_text_get(&line), line.length) != (ssize_t)line.length)
		hooks->dropped++;
	fl_text_deinit(&line);
}

bool hooks_problem(struct hooks *hooks, struct fl_error *ret_problem)
{
	struct hook_reply reply;

	while (hooks && hooks->socket >= 0) {
		ssize_t length = read(hooks->socket, &reply, sizeof(reply));

		if (length == (ssize_t)sizeof(reply)) {
			hooks->dropped += reply.dropped;
			if (!reply.problem.message[0])
				continue;
			*ret_problem = reply.problem;
			return true;
		}
		if (length < 0 && errno == EAGAIN)
			return false;
		close(hooks->socket);
		hooks->socket = -1;
		fl_error_set(ret_problem, hooks->path, 0, "is not run any more: the process that did so is gone");
		return true;
	}
	return false;
}

uint64_t hooks_dropped(const struct hooks *hooks)
{
	return hooks ? hooks->dropped : 0;
}
