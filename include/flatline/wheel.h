/* Deadlines: a timing wheel of intrusive nodes. A liveness failure is mostly nothing happening, so every flow may have
 * one alarm; arming, moving and taking away cost O(1), and moving one later only writes a field (it is put in its right
 * place when its old slot comes by). Driven by the capture's clock. */
#ifndef FLATLINE_WHEEL_H
#define FLATLINE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/time.h"

struct fl_wheel_node {
	struct fl_wheel_node *next;
	struct fl_wheel_node **link; /* what points to this node; NULL when in no slot */
	int64_t due;                 /* ns; FL_TIME_NONE when not armed */
	int64_t slot_due;            /* due when it was put into its slot */
};

struct fl_wheel;

struct fl_wheel *fl_wheel_new(int64_t now);
void fl_wheel_free(struct fl_wheel *wheel); /* its nodes are the callers' */

/* Arms `node` (zeroed before first use) for `due`, or moves it. A due time in the past fires at the next advance. */
void fl_wheel_arm(struct fl_wheel *wheel, struct fl_wheel_node *node, int64_t due);
void fl_wheel_disarm(struct fl_wheel_node *node);

/* The node with the earliest due time <= now, disarmed; NULL when none is left and the wheel stands at `now`. Call
 * until NULL. Nodes come in order of due time; for equal times in order of `compare` (NULL: order unspecified). */
struct fl_wheel_node *fl_wheel_advance(struct fl_wheel *wheel, int64_t now,
                                       int (*compare)(const struct fl_wheel_node *, const struct fl_wheel_node *));

#endif
