/* A silence that the capture itself made looks like one of the network. */
#include "losses.h"

#include <string.h>

#include "flatline/time.h"

/* Else what was lost for a month would all have been lost "meanwhile". */
static const int64_t longest = 60 * FL_NS_PER_S;

void losses_take(struct losses *losses, int64_t from, int64_t to, uint64_t packets)
{
	struct fl_loss *item = losses->item, *last = losses->count > 0 ? &item[losses->count - 1] : NULL;

	if (packets == 0)
		return;
	if (last && from <= last->to && to - last->from <= longest) {
		last->to = to;
		last->packets += packets;
		return;
	}
	if (losses->count == LOSSES_MOST) {
		item[0].to = item[1].to;
		item[0].packets += item[1].packets;
		losses->count--;
		memmove(&item[1], &item[2], (losses->count - 1) * sizeof(*item));
	}
	item[losses->count++] = (struct fl_loss){ from, to, packets };
}
