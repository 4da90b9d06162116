/* One program that runs for an event. Private to cli/. */
#ifndef CLI_HOOK_JOB_H
#define CLI_HOOK_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum hook_job_state {
	HOOK_JOB_RUNNING,
	HOOK_JOB_ENDING, /* its time is over: it was asked to end */
	HOOK_JOB_KILLED, /* and made to */
};

struct hook_job {
	pid_t pid; /* and its process group; 0: there is none */
	enum hook_job_state state;
	int64_t until; /* when it is signalled next (ns, CLOCK_MONOTONIC) */
};

/* Starts the program at that path, without arguments, in a session of its own, with `input` as its standard input and
 * standard error as its output. It may run until then. 0, or the number of an error. */
int hook_job_start(struct hook_job *job, const char *path, int input, int64_t until);
/* Signals its group when it is time. True when its time is over now. */
bool hook_job_hurry(struct hook_job *job, int64_t now);
/* Whether it ended since the last call; then *ret_status is that of waitpid(), and there is no job any more. */
bool hook_job_reap(struct hook_job *job, int *ret_status);

#endif
