/* The engine: frames in, accounts out. One object without globals, driven by the capture's clock; a second one beside
 * it costs nothing. */
#ifndef FLATLINE_ENGINE_H
#define FLATLINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/capture.h"
#include "flatline/frame.h"
#include "flatline/judge.h"
#include "flatline/profile.h"
#include "flatline/settings.h"
#include "flatline/tcp.h"

struct fl_engine;

struct fl_engine_settings {
	struct fl_settings settings;
	const struct fl_profiles
		*profiles;   /* protocols that are to be recognised; NULL for none. Outlives the engine */
	uint64_t seed;       /* of the hash tables; the output never depends on it */
	size_t memory;       /* bytes for flows; 0: no limit */
	bool number_streams; /* give tshark's numbers: one file, nothing filtered */
	bool detail; /* full accounts of healthy flows too; those with a failure that is over have them anyway */
};

/* NULL out of memory. */
struct fl_engine *fl_engine_new(const struct fl_engine_settings *settings);
void fl_engine_free(struct fl_engine *engine);

/* Takes frames in order of time; their bytes are not needed afterwards. */
void fl_engine_frames(struct fl_engine *engine, const struct fl_frame *frames, size_t count);

/* Lets time pass without a frame: alarms up to `now` fire. */
void fl_engine_tick(struct fl_engine *engine, int64_t now);

/* So many packets that passed between these times (in ascending order) never came: verdicts that rest on what was not
 * seen since are less sure. */
void fl_engine_lost(struct fl_engine *engine, int64_t from, int64_t to, uint64_t packets);

/* For a run without an end: up to `most` of the flows that were over before that time, or that nobody ever answered,
 * leave memory; those in which nothing failed are only counted, the others are in the report in short form. */
void fl_engine_let_go(struct fl_engine *engine, int64_t before, size_t most);

/* Whether the connection is in memory. */
bool fl_engine_has(const struct fl_engine *engine, uint32_t id);

/* Who takes the accounts: one call of `capture`, the incidents, what waited in TIME_WAIT, the flows by id; any but the
 * last may be NULL. What is passed is valid during the call. */
struct fl_engine_sink {
	void (*capture)(void *context, const struct fl_capture_account *capture);
	void (*incident)(void *context, const struct fl_incident *incident);
	void (*flow)(void *context, const struct fl_account *account);
	void *context;
	/* Whether the account of a flow that is not healthy, given from id to verdict, is to be one in full. NULL: each
	 * is. */
	bool (*wants)(void *context, const struct fl_account *account);
	void (*time_wait)(void *context, const struct fl_time_wait *time_wait);
};

/* The end: time passes until `observed_until` (FL_TIME_NONE: the last frame's), everything is judged and handed to
 * `sink`. 0, or -1 out of memory. */
int fl_engine_finish(struct fl_engine *engine, const struct fl_capture_facts *facts, int64_t observed_until,
                     enum fl_until_source source, const struct fl_engine_sink *sink);

/* The same while more is to come, as if it ended at `now`: the capture's account is left out, and flows that left
 * memory. `is_due` says which flows are judged (NULL: all), given as they stand. 0, or -1 out of memory; the engine
 * goes on as if nobody had asked. */
struct fl_look {
	int64_t now;
	bool (*is_due)(void *context, const struct fl_flow *flow);
	bool with_lone; /* also those with one SYN and no more: of a flood there are millions */
	bool with_incidents;
};
int fl_engine_look(struct fl_engine *engine, const struct fl_look *look, const struct fl_engine_sink *sink);

/* Connections that were open when a look was last at them (no end was seen, no other has their ports, no kernel gave
 * them up), by the index of their verdict among all topics, and by severity. `topics` is how many there are. */
void fl_engine_open(const struct fl_engine *engine, size_t topics, uint64_t (*ret_counts)[FL_SEVERITIES]);

/* For tests, bench and metrics: what was counted so far. */
struct fl_engine_counters {
	uint64_t frames, outcomes[8]; /* by enum fl_outcome */
	uint64_t tcp_packets;
	uint64_t flows, in_memory, evicted;
	size_t memory; /* bytes of flows and their table */
};
void fl_engine_counters(const struct fl_engine *engine, struct fl_engine_counters *ret_counters);

/* For pictures, evidence and tests: `packet` is called for every TCP packet with its flow's numbers, in order,
 * `segment` for every one that was no copy, with what it was; of a lone SYN only where `wants` says so of its flow
 * (NULL: of all). Each may be NULL. */
struct fl_engine_probe {
	void (*packet)(void *context, const struct fl_packet *packet, uint32_t id, uint32_t stream, unsigned dir);
	void (*segment)(void *context, uint32_t id, const struct fl_segment *segment);
	bool (*wants)(void *context, uint32_t id);
	void *context;
	/* A segment began a message of a protocol that is known; behind its `segment`. */
	void (*said)(void *context, uint32_t id, const struct fl_profiles *profiles, const struct fl_profile *profile,
	             const struct fl_saying *saying);
	/* An ICMP error, an ARP or ND message, or a fragment: `id` is the flow whose packet the error quotes,
	 * FL_FLOW_UNSEEN for none. */
	void (*notice)(void *context, const struct fl_packet *packet, uint32_t id);
};
void fl_engine_probe(struct fl_engine *engine, const struct fl_engine_probe *probe);

#endif
