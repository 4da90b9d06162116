/* A silence that the capture itself made looks like one of the network. */
#include "losses.h"

#include <string.h>

void losses_take(struct losses *losses, int64_t from, int64_t to, uint64_t packets)
{
	struct fl_loss *item = losses->item, *last = losses->count > 0 ? &item[losses->count - 1] : NULL;

	if (packets == 0)
		return;
	if (last && from <= last->to) {
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
