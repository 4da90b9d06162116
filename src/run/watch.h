/* Calls the detectors. Private to run/. */
#ifndef RUN_WATCH_H
#define RUN_WATCH_H

#include "flatline/detect.h"
#include "flatline/wheel.h"

#define WATCHER_MOST 64 /* detectors */

struct watcher {
	struct fl_flows *flows;
	const struct fl_settings *settings;
	const struct fl_profiles *profiles;
	struct fl_wheel *wheel;
	size_t states_size;
	bool has_alarms;              /* one was ever asked for: until then the wheel need not turn */
	uint32_t wakes_on, hears;     /* of all detectors together */
	uint8_t of_all[WATCHER_MOST]; /* those that ask something of every flow at its end, by index */
	size_t n_of_all;
	uint64_t dropped; /* findings that found no room */
};

/* False out of memory. */
bool watcher_init(struct watcher *watcher, struct fl_flows *flows, const struct fl_settings *settings,
                  const struct fl_profiles *profiles);
void watcher_deinit(struct watcher *watcher);

void watcher_segment(struct watcher *watcher, struct fl_flow *flow, const struct fl_segment *segment);
void watcher_message(struct watcher *watcher, struct fl_flow *flow, const struct fl_message *message);
/* Fires the alarms up to `now`. */
void watcher_advance(struct watcher *watcher, int64_t now);
/* The detectors' last word on the flow; once, however often it is called. */
void watcher_end(struct watcher *watcher, struct fl_flow *flow, int64_t now);

/* The flow's findings; *ret_count 0 when there are none. Valid until the next call about that flow. */
const struct fl_finding *watcher_findings(const struct fl_flow *flow, size_t *ret_count);
/* No detector has stated or kept anything about it yet: what its end brings can be dropped, and found again. */
bool watcher_is_fresh(const struct fl_flow *flow);
/* What was found is freed: the flow was judged, and nothing more comes; or it was fresh before its end, which can then
 * be asked for again. */
void watcher_drop(struct fl_flow *flow);
/* A flow as it stands, to be judged now while the flow itself goes on: the detectors' last word is said about the copy.
 */
struct shadow {
	struct fl_flow flow;
	struct fl_sick sick;
	size_t counted; /* bytes of the sick block of the flow that it is of */
};
/* False out of memory. watcher_end() may then be called on ret_shadow->flow. */
bool watcher_cast(struct watcher *watcher, const struct fl_flow *flow, struct shadow *ret_shadow);
void watcher_uncast(struct watcher *watcher, struct shadow *shadow);

/* The flow leaves: its alarm must not fire. */
void watcher_forget(struct fl_flow *flow);

#endif
