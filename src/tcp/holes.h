/* What is missing of a direction's sequence numbers: bytes that were skipped and have not come yet. Private to tcp/. */
#ifndef TCP_HOLES_H
#define TCP_HOLES_H

#include <stdbool.h>
#include <stdint.h>

/* So many at most; then the lowest is forgotten, and counts as seen. */
#define HOLES_MOST 16

struct holes {
	uint32_t count;
	struct hole {
		uint64_t from, to;       /* [from, to) */
	} at[HOLES_MOST];                /* ascending, apart from each other */
	uint64_t unseen_from, unseen_to; /* what was ACKed before it came by, and has not come yet */
	bool is_lossy;                   /* something was ACKed and surely not captured */
	int64_t filled_at;               /* when something that had been missing came last; FL_TIME_NONE for never */
};

/* [from, to) was skipped; `from` is not below the end of any other. */
void holes_add(struct holes *holes, uint64_t from, uint64_t to);
/* [from, to) came: how many of its bytes had been missing. */
uint64_t holes_fill(struct holes *holes, uint64_t from, uint64_t to);
/* [from, to) was ACKed and had never come by: lost to the capture, or its ACK overtook it there. */
void holes_acked_unseen(struct holes *holes, uint64_t from, uint64_t to);
/* True when all that was ACKed has come by, if late. */
bool holes_are_whole(const struct holes *holes);
/* All below `una` was ACKed: true when some of it had never come by here. */
bool holes_acked(struct holes *holes, uint64_t una);

#endif
