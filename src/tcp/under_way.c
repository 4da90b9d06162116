/* When was the oldest byte first sent that still waits for its ACK? That is when a failure began, not when the kernel
 * first sent it again. A few marks per direction answer it: while they suffice each is exact. Of a whole window under
 * way the oldest is exact and, once that is ACKed, the mark is one a little before what waits. */
#include "under_way.h"

static uint64_t seq_of(const struct fl_flow *flow, unsigned dir, const struct fl_sent *mark)
{
	const struct fl_end *end = &flow->end[dir];

	return end->next + (uint64_t)(int64_t)(int32_t)(mark->seq - (uint32_t)end->next);
}

const struct fl_sent *under_way_last(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_cold *cold = flow->cold;
	const struct fl_sent *mark = &cold->sent[dir][cold->n_sent[dir] ? cold->n_sent[dir] - 1 : 0];

	return mark->frame ? mark : NULL;
}

const struct fl_sent *fl_tcp_oldest(const struct fl_flow *flow, unsigned dir)
{
	return flow->cold->n_sent[dir] ? &flow->cold->sent[dir][0] : NULL;
}

void under_way_sent(struct fl_flow *flow, const struct fl_segment *segment, uint64_t from)
{
	struct fl_cold *cold = flow->cold;
	struct fl_sent *marks = cold->sent[segment->dir];
	uint8_t *count = &cold->n_sent[segment->dir];

	if (*count == FL_MARKS) { /* the oldest stays, and one near the middle */
		if ((uint32_t)segment->seq - marks[1].seq > marks[1].seq - marks[0].seq)
			marks[1] = marks[2];
		*count = FL_MARKS - 1;
	}
	marks[(*count)++] = (struct fl_sent){ segment->at, (uint32_t)from, segment->frame, segment->file };
}

void under_way_acked(struct fl_flow *flow, unsigned dir, int64_t at)
{
	struct fl_cold *cold = flow->cold;
	struct fl_sent *marks = cold->sent[dir];
	const struct fl_end *end = &flow->end[dir];
	uint8_t count = cold->n_sent[dir], gone = 0;

	if (count == 0)
		return;
	if (end->una >= end->next) {
		int64_t us = (at - marks[count - 1].at) / FL_NS_PER_US;

		if (us >= 0 && us < cold->ack_delay_us[dir] && !(end->seen & FL_SEEN_ENDS_AGAIN))
			cold->ack_delay_us[dir] = us ? (uint32_t)us : 1;
		marks[0] = marks[count - 1];
		cold->n_sent[dir] = 0;
		return;
	}
	while (gone + 1 < count && seq_of(flow, dir, &marks[gone + 1]) <= end->una)
		gone++;
	if (gone == 0)
		return;
	for (uint8_t i = gone; i < count; i++)
		marks[i - gone] = marks[i];
	cold->n_sent[dir] = count - gone;
}
