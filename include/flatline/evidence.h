/* Evidence: small captures that show one failure each, made in a second pass over the files. Headers and times of the
 * packets that matter, and beside the decisive ones, in words, why they do; nothing of what anybody said. */
#ifndef FLATLINE_EVIDENCE_H
#define FLATLINE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/anonymize.h"
#include "flatline/engine.h"
#include "flatline/error.h"
#include "flatline/judge.h"
#include "flatline/text.h"

/* What is to be remembered of a connection from the first pass; a copy. */
struct fl_evidence_flow {
	uint32_t id;
	struct fl_address address[2]; /* [FL_CLIENT], [FL_SERVER] */
	uint16_t port[2];
	const char *verdict; /* its id */
	enum fl_severity severity;
	enum fl_layer layer;
	enum fl_side side;
	enum fl_confidence confidence;
	int64_t first; /* its first packet */
	int64_t onset; /* FL_TIME_NONE without one */
	uint32_t onset_frame;
	uint64_t packets;
	char *summary, *because; /* "" where nothing is to be said */
	struct fl_moment *moments;
	size_t n_moments;
};

/* NULL out of memory. */
struct fl_evidence_flow *fl_evidence_flow_new(const struct fl_account *account);
void fl_evidence_flow_free(struct fl_evidence_flow *flow);

/* The same words for who writes packets of that flow himself: which one it is, verdict, onset and summary, in lines
 * with their newlines; */
void fl_evidence_describe(const struct fl_evidence_flow *flow, struct fl_text *text);
/* and why this frame of it matters: nothing where it is one of many. */
void fl_evidence_remark(const struct fl_evidence_flow *flow, const struct fl_frame *frame, struct fl_text *text);

/* Connections of an incident whose packets are shown. */
#define FL_EVIDENCE_SHOWN 20

/* Of an incident; a copy. */
struct fl_evidence_incident {
	const char *id;
	char *subject, *summary;
	int64_t onset;
	uint32_t flows[FL_EVIDENCE_SHOWN]; /* the first ones */
	size_t n_flows, n_all;
};

/* NULL out of memory. */
struct fl_evidence_incident *fl_evidence_incident_new(const struct fl_incident *incident);
void fl_evidence_incident_free(struct fl_evidence_incident *incident);

struct fl_evidence_plan {
	const char *directory;   /* exists */
	const char *application; /* who writes: "flatline 0.1.0" */
	/* With which the captures are read: each file is read again, to see whether it shows what it is to show. */
	const struct fl_settings *settings;
	const struct fl_profiles *profiles;     /* NULL for none */
	const struct fl_anonymizer *anonymizer; /* NULL: addresses and names stay */
	/* Connections that get a file each, and others that only incidents show. A flow may be among both. */
	struct fl_evidence_flow *const *flows, *const *others;
	size_t n_flows, n_others;
	struct fl_evidence_incident *const *incidents;
	size_t n_incidents;
};

struct fl_exhibits;

/* What the plan points to outlives the evidence. NULL out of memory. */
struct fl_exhibits *fl_exhibits_new(const struct fl_evidence_plan *plan);
void fl_exhibits_free(struct fl_exhibits *evidence);

/* What the engine is to call; `evidence` outlives it. */
struct fl_engine_probe fl_exhibits_probe(struct fl_exhibits *evidence);
/* The frames that the engine has just taken (FL_BATCH at most), their bytes still valid. */
void fl_exhibits_frames(struct fl_exhibits *evidence, const struct fl_frame *frames, size_t count);

/* All is read: writes the files; `wrote` (or NULL) is called with the path of each. 0, or -1 with `reterr` at the first
 * that cannot be written, or would overwrite one of the captures. */
int fl_exhibits_write(struct fl_exhibits *evidence, const struct fl_capture_account *capture,
                      void (*wrote)(void *context, const char *path), void *context, struct fl_error *reterr);

#endif
