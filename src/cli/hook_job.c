/* A program is started by its path, never by a shell: whatever an event says, none of it is ever part of a command. */
#include "hook_job.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flatline/time.h"

static const int64_t last_chance = FL_NS_PER_S; /* between SIGTERM and SIGKILL */

/* As if a login shell had started it: no signal ignored or blocked, whatever its parents think of them. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	return posix_spawnattr_setflags(attributes,
	                                POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

int hook_job_start(struct hook_job *job, const char *path, int input, int64_t until)
{
	char *const arguments[] = { (char *)path, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid = 0;
	int problem;

	problem = posix_spawn_file_actions_init(&actions);
	if (problem)
		return problem;
	posix_spawnattr_init(&attributes);
	problem = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (!problem)
		problem = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	if (!problem)
		problem = set_attributes(&attributes);
	if (!problem)
		problem = posix_spawn(&pid, path, &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (!problem)
		*job = (struct hook_job){ .pid = pid, .state = HOOK_JOB_RUNNING, .until = until };
	return problem;
}

bool hook_job_hurry(struct hook_job *job, int64_t now)
{
	if (!job->pid || now < job->until)
		return false;
	if (job->state == HOOK_JOB_RUNNING) {
		kill(-job->pid, SIGTERM);
		job->state = HOOK_JOB_ENDING;
		job->until = now + last_chance;
		return true;
	}
	if (job->state == HOOK_JOB_ENDING)
		kill(-job->pid, SIGKILL);
	job->state = HOOK_JOB_KILLED;
	job->until = INT64_MAX;
	return false;
}

/* One that was asked to end is not waited for before its group was killed: until then its id is nobody else's. */
bool hook_job_reap(struct hook_job *job, int *ret_status)
{
	if (!job->pid || job->state == HOOK_JOB_ENDING || waitpid(job->pid, ret_status, WNOHANG) != job->pid)
		return false;
	job->pid = 0;
	return true;
}
