/* The learner of periodic messages. Private to message/. */
#ifndef MESSAGE_BEATS_H
#define MESSAGE_BEATS_H

#include "flatline/message.h"

/* Below this, messages in a row are a transfer, not a beat. */
#define BEATS_SHORTEST_PERIOD (50 * FL_NS_PER_MS)

/* A learner, as it hangs on the sick block. `now` is first: it is what others see. */
struct learner {
	struct fl_beats now;
	struct fl_beats before; /* without the last message, which may still grow */
};

/* Takes an unanswered message; true when it fits the shape learned so far. */
bool beats_feed(struct fl_beats *beats, const struct fl_message *message);
/* Forgets the run (an answer came). */
void beats_reset(struct fl_beats *beats);

#endif
