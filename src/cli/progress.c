/* Somebody who waits for a large file wants to see that something moves; and may press ^C and still get what is known.
 */
#include "progress.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { frames_per_look = 65536, seconds_before_first = 2 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

void progress_catch_interrupt(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_interrupt;
	action.sa_flags = SA_RESETHAND; /* a second ^C ends the program */
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
}

bool progress_is_interrupted(void)
{
	return interrupted != 0;
}

void progress_init(struct progress *progress, bool quiet)
{
	*progress = (struct progress){ .is_shown = !quiet && isatty(STDERR_FILENO),
		                       .next = frames_per_look,
		                       .started = time(NULL) };
}

void progress_show(struct progress *progress, uint64_t frames)
{
	if (!progress->is_shown || frames < progress->next)
		return;
	progress->next = frames + frames_per_look;
	if (time(NULL) - progress->started >= seconds_before_first)
		fprintf(stderr, "\r%" PRIu64 " frames read", frames);
}

void progress_end(struct progress *progress)
{
	if (progress->is_shown && time(NULL) - progress->started >= seconds_before_first)
		fprintf(stderr, "\r%*s\r", 40, "");
	progress->is_shown = false;
}
