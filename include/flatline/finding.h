/* A finding: a fact about one flow with its evidence, in directions and not in roles. What detectors hand to the judge.
 */
#ifndef FLATLINE_FINDING_H
#define FLATLINE_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/time.h"

struct fl_detector;

/* How a named number is to be said. */
enum fl_unit {
	FL_UNIT_NONE,
	FL_UNIT_COUNT,    /* integer */
	FL_UNIT_DURATION, /* ns */
	FL_UNIT_TIME,     /* ns since 1970 */
	FL_UNIT_FRAME,    /* frame number */
	FL_UNIT_BYTES,    /* integer */
};

struct fl_figure {
	const char *name; /* static, lower_case */
	enum fl_unit unit;
	int64_t value;
};

/* A decisive frame. `what` is a static template of the detector's with {figures} (judge/story.c says how), which the
 * judge fills in. */
struct fl_evidence {
	uint32_t file;
	uint32_t frame;
	int64_t at;
	uint8_t dir; /* who sent it */
	const char *what;
};

#define FL_FINDING_EVIDENCE 8
#define FL_FINDING_FIGURES 16

struct fl_finding {
	const struct fl_detector *detector; /* who states it: its id, its words */
	const char *summary;                /* one of the detector's other summaries; NULL: its usual one */
	uint8_t dir;                        /* the side that it is about (who stopped doing its part) */
	int64_t onset;
	uint32_t onset_frame;
	int64_t until;     /* last proof of the failure so far */
	int64_t recovered; /* FL_TIME_NONE while it lasts */
	uint32_t n_evidence, n_figures;
	struct fl_evidence evidence[FL_FINDING_EVIDENCE];
	struct fl_figure figures[FL_FINDING_FIGURES];
};

#endif
