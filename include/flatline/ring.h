/* The last frames of a capture, as far as their memory goes, and which flow each belongs to: what a flight recorder
 * keeps. Knows frames and ids, and nothing of TCP. */
#ifndef FLATLINE_RING_H
#define FLATLINE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/frame.h"

struct fl_ring;

/* Of no flow, or of none yet. */
#define FL_RING_NO_ID UINT32_MAX
/* Where a frame lies that is not kept. */
#define FL_RING_NOWHERE 0

/* `size` bytes of memory, its index included, which the kernel gives as they are used; frames that are older than
 * `span` (ns) go. NULL out of memory, or when there is no room for an index. */
struct fl_ring *fl_ring_new(size_t size, int64_t span);
void fl_ring_free(struct fl_ring *ring);

/* Copies the frame (it has a time), and lets the oldest go that are in its way, and those that are too old at its time.
 * Its place, or FL_RING_NOWHERE for a frame that is larger than the ring. */
uint64_t fl_ring_put(struct fl_ring *ring, const struct fl_frame *frame, uint32_t id);
/* The flow of a frame that had none; nothing when it is gone. */
void fl_ring_label(struct fl_ring *ring, uint64_t place, uint32_t id);
/* Time passes: frames that are too old at `now` go. */
void fl_ring_expire(struct fl_ring *ring, int64_t now);

/* Frames of one flow that outlive the ring: one block, `bytes` large, with all that they point to. */
struct fl_ring_copy {
	struct fl_frame *frames; /* in the order in which they were put; free() it */
	size_t count;
	size_t bytes;
};
/* Those that are there; none is a copy, too. Only the flow's own are looked at (and those of few others). False out of
 * memory, or when it would take more than `most` bytes. */
bool fl_ring_copy(const struct fl_ring *ring, uint32_t id, size_t most, struct fl_ring_copy *ret_copy);

/* Frames that are kept. */
size_t fl_ring_count(const struct fl_ring *ring);
/* Whether the last one that went was too old; false: it was in the way of another, or none went. */
bool fl_ring_goes_by_age(const struct fl_ring *ring);

#endif
