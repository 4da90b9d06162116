/* Messages: what the applications said, without a protocol: turns, waits, and beats (messages of one size at a steady
 * period). Knows of no verdict. */
#ifndef FLATLINE_MESSAGE_H
#define FLATLINE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/flow.h"
#include "flatline/tcp.h"

/* What a message is. Several may hold. */
enum {
	FL_MSG_FIRST = 1 << 0,   /* the first of its side */
	FL_MSG_ANSWER = 1 << 1,  /* the other side waited for it */
	FL_MSG_REPLY = 1 << 2,   /* an ANSWER to beats that had been missing theirs */
	FL_MSG_WAITING = 1 << 3, /* not the first that waits: its side spoke again without an answer */
	FL_MSG_BEAT = 1 << 4,    /* it fits the shape of a beat that is not answered */
	FL_MSG_LATE = 1 << 5,    /* an ANSWER after a second and more, and four times the longest wait before it */
};

struct fl_message {
	int64_t at;     /* first byte */
	uint64_t end;   /* one past its last byte, in its side's coordinates */
	uint32_t frame; /* of its last byte so far */
	uint32_t file;
	uint32_t length; /* payload bytes */
	uint32_t kinds;  /* FL_MSG_ bits */
	int64_t waited;  /* of an ANSWER: since the first message that waited for it, ns */
	uint8_t dir;
};

/* Gaps that the learner remembers. */
#define FL_BEAT_GAPS 16

/* What was learned of messages that one side repeats without getting an answer. Gaps within a quarter of their median,
 * lengths within two bytes (counters may grow); anything else counts as odd. */
struct fl_beats {
	int64_t gaps[FL_BEAT_GAPS]; /* ns, a ring */
	int64_t first_at, last_at;  /* of the beats of this run */
	uint64_t last_end;          /* one past the last beat's last byte */
	uint32_t first_frame, last_frame;
	uint32_t first_file, last_file;
	uint32_t length;       /* of the last beat */
	uint32_t asked_length; /* of the message that waits before them, 0 when not known */
	uint32_t count;        /* beats of this run */
	uint32_t n_gaps;       /* in all */
	uint32_t total;        /* messages since it began to learn */
	uint32_t odd;          /* messages since it began that did not fit */
};

/* Takes a segment that was tracked. True when it completed a message (or told that an answer went by uncaptured, see
 * *ret_message's kinds: ANSWER with length 0). */
bool fl_message_feed(struct fl_flows *flows, struct fl_flow *flow, const struct fl_segment *segment,
                     struct fl_message *ret_message);

/* The learner of end[dir]'s unanswered repeats, NULL when there is none. */
const struct fl_beats *fl_message_beats(const struct fl_flow *flow, unsigned dir);

/* The beats' period: median of the gaps remembered, ns; 0 without any. */
int64_t fl_beats_period(const struct fl_beats *beats);

/* How many of the beats were ACKed (all up to `una`, worked out from their length). */
uint32_t fl_beats_acked(const struct fl_beats *beats, uint64_t una);

/* True when there are at least `least` beats, and no more than one odd message or gap to eight of them. */
bool fl_beats_steady(const struct fl_beats *beats, uint32_t least);

/* True while what was once steady need not be doubted: no more than one odd message to four beats (or none at
 * all: NULL). */
bool fl_beats_goes_on(const struct fl_beats *beats);

#endif
