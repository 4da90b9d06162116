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
	alarm(1); /* should it have come just before a read that waits for ever, another one ends that */
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void handle(int signal, void (*handler)(int), int flags)
{
	struct sigaction action, before;

	if (sigaction(signal, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
		return; /* who started the program in the background wants it so */
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags; /* never SA_RESTART: a read that waits is to end */
	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

void progress_catch_interrupt(void)
{
	interrupted = 0;                            /* that was another reading */
	handle(SIGINT, on_interrupt, SA_RESETHAND); /* a second ^C ends the program */
	handle(SIGTERM, on_interrupt, SA_RESETHAND);
	handle(SIGALRM, on_alarm, 0);
}

void progress_release_interrupt(void)
{
	alarm(0);
	handle(SIGINT, SIG_DFL, 0);
	handle(SIGTERM, SIG_DFL, 0);
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
