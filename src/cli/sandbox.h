/* The system calls that a live run may make once it runs. Private to cli/. */
#ifndef CLI_SANDBOX_H
#define CLI_SANDBOX_H

#include <stdbool.h>

#include "flatline/error.h"

/* What a run does after its start, beyond reading packets and writing lines: each allows its system calls. */
struct sandbox_settings {
	bool reopens_devices; /* opens interfaces again that had vanished */
	bool serves_http;     /* a thread that answers on a socket which listens already */
	bool writes_files;    /* makes files beside others and moves them over those, removes old ones */
};

/* From now on any other call ends the process (SIGSYS), in all of its threads; those that it needs have to be there. A
 * kernel without seccomp is told on standard error, and nothing happens. False with `reterr` when it cannot be done. */
bool sandbox_enter(const struct sandbox_settings *settings, struct fl_error *reterr);
/* For --version: "yes", or why there is none in this build. */
const char *sandbox_state(void);

#endif
