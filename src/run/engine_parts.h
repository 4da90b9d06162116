/* The engine's inside, for the files that are it: engine.c takes frames, conclude.c hands out accounts. Private to
 * run/. */
#ifndef RUN_ENGINE_PARTS_H
#define RUN_ENGINE_PARTS_H

#include "asked.h"
#include "clock.h"
#include "departed.h"
#include "flatline/engine.h"
#include "flatline/flow.h"
#include "flatline/packet.h"
#include "losses.h"
#include "unseen.h"
#include "watch.h"

/* Several packets are in hand at a time, each some steps further than the next: while one is worked on, the memory of
 * the flows of those behind it is on its way. It is asked for in two parts, since a processor waits for only about ten
 * lines of memory at once. */
enum {
	flow_step = 2, /* steps after its decoding a packet's flow is asked for, */
	rest_step = 4, /* then the rest of that flow, */
	work_step = 6, /* and it is worked on */
	in_hand = 8,   /* packets: more than steps, and a power of two */
};

struct hand {
	struct fl_packet packets[in_hand];
	struct fl_aim aims[in_hand];
};

struct fl_engine {
	struct fl_engine_settings settings;
	struct fl_wire *wire;
	struct fl_flows *flows;
	struct fl_copies *copies;
	struct watcher watcher;
	struct asked asked;
	struct clock_jumps jumps;
	struct losses losses;
	struct unseen unseen;
	struct departures departures;
	struct fl_judge *leaving; /* of the flows that leave at one packet: all see the same neighbours; else NULL */
	struct fl_engine_probe probe;
	struct fl_engine_counters counters;
	struct fl_capture_counts counts;
	int64_t now;      /* never goes back; FL_TIME_NONE before the first frame */
	int64_t frame_at; /* the same, at the last frame */
	int64_t before;   /* and at the one before that */
	bool is_out_of_memory;
	bool lets_go;     /* who leaves is not driven out */
	bool has_untimed; /* a frame without a time: how long anything took is not known */
	struct hand hand;
};

/* What a judge is told of an engine that was watched until then. */
struct fl_judge_settings engine_judge_settings(const struct fl_engine *engine, int64_t observed_until);

#endif
