/* What is collected for evidence, between who collects it and who writes it. Private to run/. */
#ifndef RUN_EVIDENCE_H
#define RUN_EVIDENCE_H

#include "flatline/evidence.h"

enum {
	whole_most = 2000, /* packets of a connection that are shown without leaving any out, */
	whole_other = 500, /* and of one that only an incident shows */
	ends_most = 200,   /* of more than that: the first and the last ones, */
	ends_other = 100,
	around = 5,         /* before and behind a decisive frame */
	odd_most = 500,     /* repeats, probes, SYN, FIN, RST */
	notices_most = 500, /* ICMP errors, and ARP and ND messages */
	/* Connections beside one, of the same hosts: what they do may be what its verdict stands on. */
	company_each = 32, /* of a connection, */
	company_most = 640,
	company_packets = 60 /* of each: the first ones, and the last few */
};

/* A frame that may be shown. */
struct kept {
	uint64_t order;        /* in which it was read */
	struct fl_frame frame; /* its headers; its bytes are its own */
	struct fl_frame
		said; /* the same with what its protocol prescribes of its message; no bytes where there is none */
};

/* A connection while its frames are collected. */
struct tracked {
	const struct fl_evidence_flow *flow; /* of company: its own, only with who it is */
	bool is_company;
	bool has_file; /* of its own; else only incidents show it */
	struct kept *kept;
	size_t n_kept, size;
	struct kept held[around]; /* the last ones that were not kept, a ring */
	uint64_t n_held;
	uint64_t seen;     /* its packets so far */
	uint64_t left_out; /* of them those that are not kept */
	uint32_t behind;   /* a decisive frame: so many are kept still */
	uint32_t n_odd, n_notices;
	uint64_t unshown; /* frames that cannot be shown (fl_wire_strip), or have no time */
	uint64_t unread;  /* messages of a protocol whose kind is not to be seen any more */
	uint32_t n_company;
};

struct fl_exhibits {
	struct fl_evidence_plan plan;
	struct tracked *tracked; /* by id */
	size_t n_tracked;
	struct tracked *company; /* by id */
	size_t n_company;
	struct pending *pending; /* packets of the frames at hand */
	size_t n_pending;
	struct fragment *fragments; /* frames that wait for the one that completes their datagram, a ring */
	uint64_t n_fragments;
	uint64_t order;
	bool is_starved; /* out of memory */
};

/* NULL when that connection is not tracked. */
struct tracked *evidence_find(const struct fl_exhibits *evidence, uint32_t id);
/* The decisive frame of a flow that this is; NULL for none. */
const struct fl_moment *evidence_moment(const struct fl_evidence_flow *flow, uint32_t file, uint64_t number);
/* It is the one with which the failure began. */
bool evidence_is_onset(const struct fl_evidence_flow *flow, const struct fl_frame *frame);

/* They have a host in common. */
bool evidence_is_beside(const struct tracked *tracked, const struct tracked *other);

/* evidence_words.c: what stands in the files beside the frames */

/* A file that is to be written, of one connection or of an incident. */
struct volume {
	const struct fl_exhibits *evidence;
	const struct fl_capture_account *capture;
	const struct fl_evidence_incident *incident; /* NULL: of `tracked[0]` alone */
	struct tracked *tracked[FL_EVIDENCE_SHOWN];
	size_t n_tracked;
	bool has_said;      /* with what protocols prescribe of messages */
	bool has_company;   /* with connections beside it */
	size_t n_company;   /* how many */
	const char *became; /* what flatline says of the file, where that is something else; NULL */
};

/* A file while it is made: its frames, numbered anew, and the interfaces that they came by. */
struct sheet {
	struct fl_frame *frames, *was; /* as they are in the file, and with the number and the file that they had */
	size_t n_frames;
	struct fl_frame *interfaces; /* the first frame of each */
	size_t n_interfaces;
};

/* evidence_check.c: what is said when only these frames are read: NULL for the same verdict of the connection (the same
 * incident), else what its id is. False out of memory. */
bool evidence_check(const struct volume *volume, const struct sheet *sheet, const char **ret_became);

/* The name of the file, without its directory. False out of memory. */
bool volume_name(const struct volume *volume, struct fl_text *ret_name);
/* What the file shows, and how it was made. */
bool volume_comment(const struct volume *volume, struct fl_text *ret_comment);
/* Why this frame matters: "" where it is one of many. */
bool volume_frame_comment(const struct volume *volume, const struct fl_frame *frame, struct fl_text *ret_comment);

#endif
