/* One recording: the packets of a connection, copied out of the ring, until they are a file. Private to cli/. */
#ifndef CLI_RECORDING_H
#define CLI_RECORDING_H

#include <stdint.h>

#include "flatline/evidence.h"
#include "flatline/live.h"
#include "flatline/ring.h"
#include "options.h"
#include "recordings.h"

/* What is known of the connection's beginning. */
enum begins {
	BEGINS_WITH_SYN,
	BEGINS_UNDER_WAY,  /* it was there before the run */
	BEGINS_PUSHED_OUT, /* its first packets had to go for others, */
	BEGINS_TOO_OLD,    /* or were too old */
};

struct recording {
	struct recording *next;
	const struct options *options;
	struct fl_evidence_flow *flow; /* what was told of it */
	struct fl_ring_copy copy;
	enum begins begins;
	int64_t first;                   /* its first packet */
	int64_t at;                      /* the event */
	int64_t until;                   /* what was judged ends there */
	uint64_t drops[FL_LIVE_DEVICES]; /* by device */
	char *path;                      /* once it is written */
};

/* NULL is allowed. */
void recording_free(struct recording *recording);
/* Bytes that the file will take, or somewhat less. */
uint64_t recording_size(const struct recording *recording);
/* Writes it; `path` is set. 0, or -1 with `reterr`. */
int recording_write(struct recording *recording, const struct recordings *recordings, struct fl_error *reterr);

#endif
