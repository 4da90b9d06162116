/* Detectors: one failure each, stated as facts about one flow, in directions and not in roles. A detector never sees
 * another flow and never judges. The one header that a file of src/detect/ includes. */
#ifndef FLATLINE_DETECT_H
#define FLATLINE_DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/finding.h"
#include "flatline/flow.h"
#include "flatline/message.h"
#include "flatline/session.h"
#include "flatline/settings.h"
#include "flatline/tcp.h"
#include "flatline/time.h"

/* What a detector is given: the flow as it stands, and where to state findings. Valid during the call. */
struct fl_watch {
	const struct fl_flow *flow;
	const struct fl_settings *settings;
	const struct fl_profiles *profiles; /* NULL when no protocol is to be known */
	int64_t now;                        /* time of the packet, of the alarm, or observed_until in on_end */
	void *state; /* state_size bytes of this detector and flow, zeroed at first; NULL when state_size is 0 */
	const struct fl_detector *detector; /* the one called */
	void *host;                         /* the caller's (run/watch.c) */
};

/* Every word about a failure that any format, `explain`, `list` and the man page print. Templates hold {figures}:
 * "{beats}" prints the finding's figure of that name by its unit, "{beats?heartbeat:heartbeats}" the word for its
 * count,
 * "{beats|login|request}" the first word when there is such a figure, else the second; "{side}" and "{other}" are the
 * roles of the finding's side and of its peer. A part in [brackets] is left out when a figure in it is missing;
 * "{beats!}" prints nothing and only asks that there is one. */
struct fl_detector {
	const char *id;
	const char *title;
	const char *explain;
	const char *lookalikes;
	const char *advice;
	const char *reference;

	const char *summary;       /* template: one or two sentences */
	const char *summaries[3];  /* others, for findings of another shape (fl_finding.summary) */
	const char *why_unnoticed; /* template, NULL for none */
	const char *would_catch;   /* template, NULL for none */

	const enum fl_setting_id *params; /* settings that it reads */
	size_t n_params;

	uint32_t wakes_on; /* FL_SEG_ bits that call on_segment */
	uint32_t hears;    /* FL_MSG_ bits that call on_message */
	size_t state_size;

	void (*on_segment)(struct fl_watch *watch, const struct fl_segment *segment);
	void (*on_message)(struct fl_watch *watch, const struct fl_message *message);
	void (*on_alarm)(struct fl_watch *watch);
	/* At observed_until, or when the flow leaves; for every flow, with state NULL when nothing woke it before. */
	void (*on_end)(struct fl_watch *watch);
	bool is_of_sick;  /* on_end only of flows in which something odd was seen (flow->sick) */
	uint16_t ends_of; /* FL_SEEN_ bits: on_end only of flows of which a side showed one of these; 0: of all */
};

/* The finding of this detector about end[dir]: the one that has not recovered, else a new one; then findings got before
 * are no longer valid. NULL out of memory, or when the flow has too many (that is counted). */
struct fl_finding *fl_watch_finding(struct fl_watch *watch, unsigned dir);
/* The one that has not recovered; NULL when there is none. */
struct fl_finding *fl_watch_open(struct fl_watch *watch, unsigned dir);

/* Takes back a finding of this detector that later packets proved to be none. Findings got before are no longer valid.
 */
void fl_watch_withdraw(struct fl_watch *watch, struct fl_finding *finding);

/* Asks for on_alarm at `at` (once; an earlier alarm asked by anyone for this flow comes first). */
void fl_watch_alarm(struct fl_watch *watch, int64_t at);

/* Adds evidence, or replaces the one with the same `what` (static strings: compared by address). */
void fl_finding_show(struct fl_finding *finding, const char *what, unsigned dir, uint32_t file, uint32_t frame,
                     int64_t at);
/* Sets a figure, or replaces the one of that name. */
void fl_finding_set(struct fl_finding *finding, const char *name, enum fl_unit unit, int64_t value);
/* Takes the figure away, if it is there. */
void fl_finding_drop(struct fl_finding *finding, const char *name);
/* The figure, or `otherwise` when it is not there. */
int64_t fl_finding_get(const struct fl_finding *finding, const char *name, int64_t otherwise);

/* All detectors in a stable order, NULL past the last. */
const struct fl_detector *fl_detector_at(size_t index);
/* The detector of that id, NULL when there is none. */
const struct fl_detector *fl_detector_find(const char *id);

#endif
