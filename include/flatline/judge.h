/* The judgement: one account per flow, in roles (client, server) and in words, from which every format is made. The
 * judge knows nothing of formats. */
#ifndef FLATLINE_JUDGE_H
#define FLATLINE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/address.h"
#include "flatline/finding.h"
#include "flatline/flow.h"
#include "flatline/profile.h"
#include "flatline/settings.h"
#include "flatline/time.h"

enum fl_severity { FL_OK, FL_NOTICE, FL_WARNING, FL_CRITICAL, FL_SEVERITIES };
enum fl_layer { FL_LAYER_NONE, FL_LAYER_PATH, FL_LAYER_STACK, FL_LAYER_APPLICATION, FL_LAYER_UNKNOWN, FL_LAYERS };
enum fl_side { FL_SIDE_NONE, FL_SIDE_CLIENT, FL_SIDE_SERVER, FL_SIDE_BETWEEN, FL_SIDE_UNKNOWN, FL_SIDES };
enum fl_confidence { FL_CONFIDENCE_LOW, FL_CONFIDENCE_MEDIUM, FL_CONFIDENCE_HIGH, FL_CONFIDENCES };
enum fl_flow_end { FL_END_NONE, FL_END_FIN, FL_END_RST };
enum fl_until_source { FL_UNTIL_LAST_FRAME, FL_UNTIL_INTERFACE_END, FL_UNTIL_OPTION, FL_UNTIL_MTIME, FL_UNTIL_TICK };

/* Index of the client and of the server in all pairs below. */
enum { FL_CLIENT, FL_SERVER };

/* The words as they stand in JSON and on the command line: "critical", "application", "server", "medium", ... */
const char *fl_severity_name(enum fl_severity severity);
const char *fl_layer_name(enum fl_layer layer);
const char *fl_side_name(enum fl_side side);
const char *fl_confidence_name(enum fl_confidence confidence);
const char *fl_roles_name(enum fl_roles roles);
const char *fl_flow_end_name(enum fl_flow_end end);
const char *fl_until_source_name(enum fl_until_source source);

/* A list of sentences; `items` belongs to the account. */
struct fl_words {
	char **items;
	size_t count;
	bool is_muted; /* nobody will read it: what is added is not kept */
};

struct fl_judged_evidence {
	uint32_t file, frame;
	int64_t at;
	char *what; /* "login sent, 64 bytes" */
};

struct fl_judged_finding {
	const char *id;
	enum fl_severity severity;
	enum fl_side side;
	int64_t onset;
	int64_t recovered; /* FL_TIME_NONE while it lasts */
	struct fl_figure figures[FL_FINDING_FIGURES];
	size_t n_figures;
	struct fl_judged_evidence evidence[FL_FINDING_EVIDENCE];
	size_t n_evidence;
};

/* Signs of life as reports show them; frames 0 and times FL_TIME_NONE mean never. */
struct fl_judged_rung {
	int64_t last_at, asked_at;
	uint32_t last_frame, asked_frame;
	uint32_t demands;
};
enum { FL_SIGN_WIRE, FL_SIGN_STACK, FL_SIGN_APPLICATION, FL_SIGN_SESSION, FL_SIGNS };
const char *fl_sign_name(unsigned sign); /* "wire", "stack", "application", "session" */

/* A setting of a kernel, as far as the wire tells it: never a range that leaves out the true value, if it was this
 * setting that acted. */
struct fl_knob {
	const char *name;          /* "tcp_retries2", "TCP_USER_TIMEOUT" (ms), ... */
	int64_t at_least, at_most; /* FL_KNOB_OPEN: no bound */
};
#define FL_KNOB_OPEN INT64_MIN
#define FL_KNOBS 6

/* What one kernel sent again and again by its timer, for those who draw it. */
#define FL_ATTEMPTS 21
struct fl_attempts {
	const char *what;        /* "SYN", "SYN-ACK", "data", "FIN"; NULL when there is none */
	enum fl_side side;       /* whose kernel */
	int64_t at[FL_ATTEMPTS]; /* the first transmission and its repeats */
	size_t n;                /* that are in `at` */
	uint32_t repeats;        /* all of them */
	bool begins_with_probe;  /* the first repeat is a tail loss probe: no step of the schedule */
	bool doubles;            /* each wait is twice the one before, up to the most that Linux waits */
	int64_t over_at;         /* the ACK or RST that ended it; FL_TIME_NONE without */
	bool has_stopped;        /* it sent nothing more though that was due: it gave up, */
	int64_t stopped_by;      /* by then at the latest */
	int64_t gives_up;        /* with default settings, at about; FL_TIME_NONE where that means nothing */
};

/* What a flow shows of a kernel's timers. */
struct fl_timers {
	bool is_known;       /* something was repeated, or asked for by a timer */
	int64_t initial_rto; /* ns, the first gap by the retransmission timer; FL_TIME_NONE unknown */
	uint32_t retries;    /* by that timer */
	struct fl_knob knobs[FL_KNOBS];
	size_t n_knobs;
	struct fl_attempts attempts;
};

struct fl_verdict {
	const char *id;
	enum fl_severity severity;
	enum fl_layer layer;
	enum fl_side side;
	int64_t onset; /* FL_TIME_NONE for healthy ones */
	uint32_t onset_frame;
	int64_t noticed; /* when the application noticed; FL_TIME_NONE while nobody did */
	int64_t blind;   /* onset to noticed, or to observed_until while nobody did, ns; FL_TIME_NONE when healthy */
	bool blind_open; /* nobody noticed: `blind` is a lower bound */
	bool gave_up; /* nobody is seen to have noticed, but the kernel that repeated gave up, and told its application:
	                 after `blind` at least, */
	int64_t gave_up_after; /* and after so long at most, ns */
	bool is_over;          /* what is told is over: it lasted for `blind` */
	uint64_t bytes_at_risk;
	enum fl_confidence confidence;
	struct fl_words because;      /* why this confidence */
	struct fl_words alternatives; /* verdict ids that the capture cannot exclude */
	struct fl_words explains;     /* ids of findings that this one explains */
	char *summary;                /* one sentence; NULL where nobody wished for words */
};

/* A moment of the story: a decisive frame and what it means. */
struct fl_moment {
	int64_t at;
	uint32_t file, frame;
	char *text;
};

/* Everything that is told of one flow. */
struct fl_account {
	uint32_t id;
	uint32_t stream;              /* tshark's number, UINT32_MAX where there is none */
	struct fl_address address[2]; /* [FL_CLIENT], [FL_SERVER] */
	uint16_t port[2];
	enum fl_roles roles;
	const char *profile;  /* NULL without one */
	enum fl_side vantage; /* client, server, between, unknown: where it was captured */
	char *vantage_because;
	int64_t first, last;
	uint32_t first_frame, last_frame;
	bool from_handshake; /* start: handshake or mid-flow */
	bool has_holes;      /* bytes were ACKed that were never captured: the capture lost packets */
	enum fl_flow_end end;
	bool is_abandoned; /* no end was seen, and nobody holds it open any more: the kernel that repeated gave up, or
	                      was told that there is no way, or a new connection has its ports */
	uint64_t packets[2], payload[2], retransmissions[2];
	int64_t rtt;             /* ns, FL_TIME_NONE unknown */
	int64_t connect;         /* from the first SYN to the answer that made the connection, repeats included, ns;
	                            FL_TIME_NONE where it was not made, or that was not captured */
	int64_t longest_silence; /* of both sides, in which not even a keepalive came; to the end of what was observed
	                            where it is open, ns */
	enum fl_side reset_by;   /* whose RST ended it: client, server, between; FL_SIDE_NONE for no RST */
	struct fl_verdict verdict;
	struct fl_judged_finding *findings;
	size_t n_findings;
	struct fl_judged_rung signs[2][FL_SIGNS];
	struct fl_moment *moments; /* the decisive frames, in order of time */
	size_t n_moments;
	struct fl_words story;   /* sentences, in order: what happened, why nobody noticed, what would have */
	struct fl_words advice;  /* what to do, worked out */
	struct fl_words caveats; /* what makes this flow unsure */
	struct fl_timers timers;
	int64_t again_at;     /* of a failure: when the client next connected to that service, after the onset;
	                         FL_TIME_NONE: it did not */
	bool again_made;      /* that connection was made */
	char *kernel_says;    /* what the series of repeats tells of the kernel, NULL without one */
	char *keepalive_says; /* who asks an idle peer, how often; or that nobody did; NULL where it is not idle */
	char *why_unnoticed; /* one sentence, NULL when it has none: text of "Why nobody noticed:", or "Why not sooner:"
	                      */
	char *would_catch;   /* one sentence, NULL: text of "What would have caught it:" */
};

struct fl_incident {
	const char *id;
	const char *subject;
	uint32_t *flows;
	size_t n_flows;
	int64_t onset;
	const char *summary;
};

/* The ports of one client that wait in TIME_WAIT after it closed connections to one service (RFC 9293 section 3.6.1;
 * 60 s in Linux). */
struct fl_time_wait {
	struct fl_address client, server;
	uint16_t port; /* the server's */
	uint32_t peak; /* how many waited at once, at most */
	int64_t peak_at;
};

/* What all flows together looked like. */
struct fl_capture_account {
	const struct fl_capture_facts *facts;
	uint64_t tcp_packets;
	int64_t observed_until;
	enum fl_until_source until_source;
	struct {
		uint64_t not_ip, not_tcp, fragment, malformed, duplicate;
	} skipped;
	struct fl_words caveats;
	char *not_tcp; /* for a capture without TCP: what was there instead ("92 % is UDP/443, QUIC"), else NULL */
};

struct fl_judge;

/* An address that was asked for on the link (ARP, ND) and for which nobody has answered since. */
struct fl_unresolved {
	struct fl_address address;
	struct fl_address asker; /* the last one */
	uint32_t asks;
	int64_t first_at, last_at;
};

/* A jump of the capture's clock that the timestamps of the packets deny: nothing took that long. */
struct fl_clock_jump {
	int64_t from, to;
	uint64_t frame;
};

/* So many packets passed in that time and were not captured. FL_TIME_NONE twice: at some time or other. */
struct fl_loss {
	int64_t from, to;
	uint64_t packets;
};

struct fl_judge_settings {
	const struct fl_settings *settings;
	const struct fl_profiles *profiles; /* NULL when no protocol is to be known */
	const struct fl_flows
		*flows; /* all of them, as they stand at the end: the frozen view of a flow's neighbours */
	int64_t observed_until;
	bool is_untimed;        /* frames of the capture have no time: no wait can be measured */
	bool counts_time_waits; /* fl_judge_time_waits() will be asked */
	const struct fl_unresolved *unresolved;
	size_t n_unresolved;
	const struct fl_clock_jump *jumps;
	size_t n_jumps;
	const struct fl_loss *losses;
	size_t n_losses;
};

/* NULL out of memory. What `settings` points to must outlive the judge, and stay as it is. */
struct fl_judge *fl_judge_new(const struct fl_judge_settings *settings);
void fl_judge_free(struct fl_judge *judge);

/* Only this flow, and others of which this was said, will be judged or noted: the view of the neighbours holds what
 * shares a host with one of them. Before the first judgement; where it is never said the view holds all. False out of
 * memory. */
bool fl_judge_focus(struct fl_judge *judge, const struct fl_flow *flow);

/* Which accounts are told: in words, and unless the flow is healthy in full, with findings, signs and what else stands
 * behind the verdict. The others have the members from id to verdict, without a word. */
struct fl_wish {
	bool all; /* every one is told, and in full */
	/* Asked otherwise. NULL: all are told. */
	bool (*wants)(void *context, const struct fl_account *account);
	void *context;
};

/* Judges one flow by its findings. 0 and *ret_account (fl_account_deinit it), or -1 out of memory. */
int fl_judge_flow(struct fl_judge *judge, const struct fl_flow *flow, const struct fl_finding *findings,
                  size_t n_findings, const struct fl_wish *wish, struct fl_account *ret_account);
/* False when nothing in the flow can lead to a verdict that concerns other flows: its findings are not needed. */
bool fl_judge_may_concern(const struct fl_flow *flow);
/* Takes note of a flow, for the incidents. False out of memory. */
bool fl_judge_note(struct fl_judge *judge, const struct fl_flow *flow, const struct fl_finding *findings,
                   size_t n_findings);
/* Hands what concerns more than a flow to `take`. False out of memory. */
bool fl_judge_incidents(struct fl_judge *judge, void (*take)(void *context, const struct fl_incident *incident),
                        void *context);
/* Hands what waited in TIME_WAIT to `take`, by client and service. False out of memory. */
bool fl_judge_time_waits(struct fl_judge *judge, void (*take)(void *context, const struct fl_time_wait *time_wait),
                         void *context);
/* The label of why_unnoticed: "Why nobody noticed", or, where somebody did, "Why not sooner". */
const char *fl_account_why(const struct fl_account *account);
void fl_account_deinit(struct fl_account *account);

/* What the engine counted, for the words about the capture as a whole. */
struct fl_capture_counts {
	uint64_t tcp_packets, not_ip, not_tcp, fragment, malformed, duplicate, unknown_link, incomplete_datagrams;
	uint64_t udp, quic, icmp, arp, other_ip; /* of those that were not TCP: what was there instead */
	uint64_t evicted;                        /* flows that left for lack of memory */
	uint64_t forgotten;                      /* of them those in which nothing failed, that are not listed */
	uint64_t failed_forgotten;               /* and those in which something did */
	uint64_t let_go;                         /* flows that had ended well, long before, and are not listed */
	uint64_t clock_jumps;                    /* forward, denied by the packets' timestamps */
	struct fl_clock_jump first_jump;
	uint64_t one_direction;       /* flows of which only one side was captured, though the other was there */
	struct fl_clock_jump silence; /* the longest time without a frame while many flows were busy; frame 0: none */
	uint32_t silenced;            /* how many those were */
};

/* 0 and *ret_capture (fl_capture_account_deinit it), or -1 out of memory. */
int fl_judge_capture(const struct fl_capture_facts *facts, const struct fl_capture_counts *counts,
                     int64_t observed_until, enum fl_until_source source, struct fl_capture_account *ret_capture);
void fl_capture_account_deinit(struct fl_capture_account *capture);

/* One verdict or finding id, for `list`, `explain` and the man page. */
enum fl_topic_kind {
	FL_TOPIC_VERDICT,
	FL_TOPIC_FINDING,  /* only beside others */
	FL_TOPIC_INCIDENT, /* of more than one flow, or of none; it has no severity */
};

struct fl_topic {
	const char *id;
	const char *title;      /* one line */
	const char *explain;    /* what it means and how it is found */
	const char *lookalikes; /* what it is mistaken for */
	const char *advice;     /* what to do */
	const char *reference;  /* where the rule comes from; NULL: from nowhere but here */
	enum fl_severity worst; /* the highest severity that it can have */
	enum fl_topic_kind kind;
};
/* Topic `index` of all, in a stable order; false past the last. Its strings are static. */
bool fl_topic_at(size_t index, struct fl_topic *ret_topic);
/* False when there is no topic of that id. */
bool fl_topic_find(const char *id, struct fl_topic *ret_topic);

#endif
