/* One flow before the judge: what its parts hand to each other. Private to judge/. */
#ifndef JUDGE_CASE_H
#define JUDGE_CASE_H

#include "flatline/detect.h"
#include "flatline/judge.h"
#include "neighbours.h"
#include "services.h"
#include "story.h"
#include "vantage.h"
#include "words.h"

struct fl_judge {
	struct fl_judge_settings settings;
	struct neighbours *neighbours; /* frozen when the first sick flow asks */
	struct services *services;     /* likewise, when the first flow without a handshake does */
	struct outages *outages;       /* of the flows noted; NULL before the first */
	struct ports *ports;           /* likewise */
	struct scope *scope;           /* of what is judged; NULL: all hosts */
};

/* What the judge makes of one finding. */
struct ruling {
	bool is_verdict;  /* it may be the flow's verdict; else it is told beside another */
	bool is_pending;  /* a failure in progress, below its threshold */
	bool was_failure; /* it had been a verdict, and is over */
	enum fl_severity severity;
	enum fl_layer layer;
	enum fl_side side; /* FL_SIDE_NONE: that of the finding */
	enum fl_confidence confidence;
	int64_t noticed;     /* FL_TIME_NONE while nobody did */
	const char *summary; /* another of the detector's; NULL: the finding's */
	struct fl_words because, alternatives;
};

/* A flow, its findings, and their rulings. */
struct hearing {
	struct fl_judge *judge;
	const struct fl_flow *flow;
	const struct fl_finding *findings;
	size_t n_findings;
	struct ruling *rulings; /* one per finding */
	unsigned client;        /* direction of the client */
	enum fl_roles roles;
	struct vantage vantage;
	bool is_brief; /* the verdict without a word */
};

/* The neighbours, frozen at the first call; NULL out of memory. */
const struct neighbours *judge_neighbours(struct fl_judge *judge);

/* Rules on finding `index`. False out of memory. */
bool rules_apply(struct hearing *hearing, size_t index);
/* The severity that a topic's verdict may reach at most, and whether it is a verdict at all. */
enum fl_severity rules_worst(const char *id, bool *ret_is_verdict);

/* The finding that is the verdict: the index, or n_findings when none is. explained[i] is set for those it explains. */
size_t fold_choose(const struct hearing *hearing, bool *explained);
/* True when a finding of `cause` may explain one of `effect` (tested for cycles). */
bool fold_relates(const char *cause, const char *effect);

/* The verdict of a flow in which nothing failed: alive, closed, one-way, inconclusive. False out of memory. */
bool well_judge(const struct hearing *hearing, struct fl_verdict *ret_verdict);

/* Asked for so often, and for so long, that it is a failure (VERDICTS: three questions and two seconds). */
bool well_is_long_unresolved(const struct fl_unresolved *item);
/* The address of end[dir] was asked for on the link (ARP, ND) since it last said anything, and nobody answered. */
bool well_is_unresolved(const struct hearing *hearing, unsigned dir);
/* Its handshake was completed, or it was made before the capture began. */
bool well_was_made(const struct hearing *hearing);
/* A request waits for longer than any before it did, and nobody knows why. */
bool well_waits_too_long(const struct hearing *hearing);

/* One of the two sides in words. */
enum fl_side side_of(const struct hearing *hearing, unsigned dir);
/* The sides of a finding, as its sentences name them. */
struct story_roles roles_of(const struct hearing *hearing, const struct fl_finding *finding);

#endif
