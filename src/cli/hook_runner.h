/* The process that runs the programs of --exec. Private to cli/. */
#ifndef CLI_HOOK_RUNNER_H
#define CLI_HOOK_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/error.h"

enum {
	hook_line_most = 256 * 1024, /* bytes of an event */
	hooks_at_once = 4,           /* programs that run */
	hooks_waiting = 64,          /* and events that wait for one */
};

/* What it says of its work, a packet each. */
struct hook_reply {
	uint64_t dropped;        /* events that found no room since the last reply */
	struct fl_error problem; /* of a program; its message is "" for none */
};

/* The capture's end of a socket of packets, on which nobody waits, and that of the process. False with errno. */
bool hook_runner_socket(int ret_ends[2]);
/* Runs `path` for each packet that comes from that `socket`, at most `patience` ns long, until
 * the other end is closed and all programs have ended. What is wrong is told there, and when it is closed on standard
 * error. For a process of its own: signals and descriptors but standard error are taken over. */
void hook_runner_run(int socket, const char *path, int64_t patience);

#endif
