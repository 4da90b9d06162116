/* What a command took: runs it, and adds one line to FILE, "status S ns N peak P". N is the time that it spent
 *computing, in user and kernel together, which neither a slow pipe before it nor a busy neighbour makes longer; P the
 *largest resident memory in KiB. A command that a signal ended has the status that a shell would give it.
 *
 *	cost FILE COMMAND [ARGUMENT]... */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { not_run = 127, by_signal = 128 };

static int64_t ns_of(const struct timeval *time)
{
	return time->tv_sec * INT64_C(1000000000) + time->tv_usec * INT64_C(1000);
}

static int status_of(int status)
{
	return WIFSIGNALED(status) ? by_signal + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	FILE *file = argc > 2 ? fopen(argv[1], "ae") : NULL;
	struct rusage usage;
	int status;
	pid_t child;

	if (!file) {
		fprintf(stderr, "usage: cost FILE COMMAND [ARGUMENT]...\n");
		return 2;
	}
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(not_run);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child) {
		perror("cost");
		return not_run;
	}
	fprintf(file, "status %d ns %lld peak %ld\n", status_of(status),
	        (long long)(ns_of(&usage.ru_utime) + ns_of(&usage.ru_stime)), usage.ru_maxrss);
	return fclose(file) == 0 ? status_of(status) : not_run;
}
