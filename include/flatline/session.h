/* A session: what the two sides said to each other in a protocol that is known, as far as it matters for whether one of
 * them still answers. Facts of the wire; what follows from them is for others to say. */
#ifndef FLATLINE_SESSION_H
#define FLATLINE_SESSION_H

#include "flatline/flow.h"
#include "flatline/profile.h"
#include "flatline/tcp.h"

/* A message that somebody sent. */
struct fl_said_at {
	int64_t at; /* FL_TIME_NONE for none */
	uint64_t end;
	uint32_t frame, file;
	uint32_t length; /* of its first segment */
	uint8_t said;    /* enum fl_said; FL_SAID_NOTHING for none, too */
};

/* What one side said. */
struct fl_speaker {
	struct fl_said_at owed; /* the first LOGIN or PING that the other side has said nothing since */
	struct fl_said_at last; /* its last message */
	struct fl_said_at beat; /* its last BEAT of the run */
	struct fl_said_at first_beat;
	int64_t longest;  /* that an `owed` of it waited until it was answered, ns; 0 before */
	int64_t ping_gap; /* from its message before to its last PING, ns */
	int64_t period;   /* of the beats: the time from its message before to the last of them, ns; 0 before two */
	uint32_t beats;   /* in a row, at about that period */
	uint32_t pings;   /* since the other side said something last */
	/* Messages since then that may be owed an answer: what is no beat, no answer and no goodbye; and how many those
	 * were that were answered last. */
	uint32_t requests, answered_requests;
};

enum fl_login { FL_LOGIN_NONE, FL_LOGIN_PENDING, FL_LOGIN_ACCEPTED, FL_LOGIN_REJECTED };

struct fl_session {
	const struct fl_profile *profile;
	struct fl_speaker by[2];
	struct fl_said_at login;    /* the first LOGIN of the last attempt */
	struct fl_said_at decided;  /* the ACCEPT or the REJECT; while PENDING none */
	struct fl_said_at rejected; /* the first REJECT, and how many there were in all */
	struct fl_said_at refused;  /* the LOGIN that it answered; none where nobody had logged in */
	struct fl_said_at answered; /* the first message behind the LOGIN, whatever it says; FL_TIME_NONE while there is
	                               none */
	uint32_t rejections;
	uint32_t served;     /* answers to the rejected side since the last REJECT that are none themselves */
	uint8_t rejected_by; /* direction of the first REJECT */
	uint8_t login_by;    /* of `login` */
	uint8_t state;       /* enum fl_login */
	bool is_told;        /* by its bytes; else the user said so */
};

/* Takes a segment that was tracked, before fl_message_feed() does: `packet` has its bytes. Looks at the first messages
 * of each side for a protocol that is known; from then on at all that it says. True when it began a message of one:
 * *ret_saying is its beginning, borrowed from the packet. */
bool fl_session_feed(struct fl_flows *flows, const struct fl_profiles *profiles, struct fl_flow *flow,
                     const struct fl_segment *segment, const struct fl_packet *packet, struct fl_saying *ret_saying);

/* NULL where no protocol was recognised. */
const struct fl_session *fl_session_of(const struct fl_flow *flow);
/* The LOGIN or PING of end[dir] that waits: owed an answer at once. NULL for none. */
const struct fl_said_at *fl_session_owed(const struct fl_flow *flow, unsigned dir);
/* How long that may wait, where `otherwise` is what holds for any message: what its protocol says; and for a PING as
 * long as it takes until its side would have pinged again, and half of that, unless it did, or `has_left`. */
int64_t fl_session_patience(const struct fl_flow *flow, unsigned dir, bool has_left, int64_t otherwise);
/* Nothing of what waits of end[dir] is owed an answer in its protocol: beats and answers; or it has said goodbye, which
 * gives up what else waits but what is owed at once. */
bool fl_session_asks_nothing(const struct fl_flow *flow, unsigned dir);

#endif
