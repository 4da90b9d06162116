/* --exec: a program that is told of each critical verdict. Private to cli/. */
#ifndef CLI_HOOKS_H
#define CLI_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/error.h"
#include "flatline/event.h"
#include "privileges.h"

struct hooks;

/* Forks the process that runs the program, each time `seconds` long at most, as the user of `privileges` and without
 * capabilities (NULL: as it is). To be called before there are threads,
 * rights are given up, or anything is opened that is not for others. A name without a slash is looked for in PATH, now.
 * NULL with `reterr`. */
struct hooks *hooks_new(const char *program, uint32_t seconds, const struct privileges *privileges,
                        struct fl_error *reterr);
/* That process lives on until the programs have ended that run. */
void hooks_free(struct hooks *hooks);

/* Hands the event over when it is about a verdict that is critical, and new. Never waits; what finds no room is
 * counted. Writes to the socket, and makes no other system call. */
void hooks_take(struct hooks *hooks, const struct fl_event *event);
/* The next thing that went wrong with a program. False when there is none; reads from the socket. */
bool hooks_problem(struct hooks *hooks, struct fl_error *ret_problem);
/* Events for which no program was run for want of room, so far. */
uint64_t hooks_dropped(const struct hooks *hooks);

#endif
