/* Signs of life. A rung is flat when it was asked and did not answer, never merely when it is quiet: an ACK of new
 * bytes proves the kernel and says nothing of the process; a FIN or RST proves the kernel, too, since a dead process's
 * kernel sends them. New payload proves the application. */
#include "life.h"

static void prove(struct fl_rung *rung, const struct fl_segment *segment)
{
	rung->last_at = segment->at;
	rung->last_frame = segment->frame;
}

static void demand(struct fl_rung *rung, const struct fl_segment *segment)
{
	if (rung->demands++ > 0)
		return;
	rung->asked_at = segment->at;
	rung->asked_frame = segment->frame;
}

static void prove_stack(struct fl_flow *flow, const struct fl_segment *segment)
{
	const uint32_t proofs = FL_SEG_ACKS | FL_SEG_SYN_ACK | FL_SEG_FIN | FL_SEG_RST;
	struct fl_rung *stack = &flow->cold->rung[segment->dir][FL_RUNG_STACK];
	bool is_probed = stack->demands > 0 && segment->length == 0 && fl_tcp_outstanding(flow, !segment->dir) == 0;

	if (!(segment->classes & proofs) && !is_probed)
		return;
	prove(stack, segment);
	if (fl_tcp_outstanding(flow, !segment->dir) == 0 || (segment->classes & FL_SEG_RST)) {
		stack->demands = 0;
	} else if (stack->demands > 0) {
		/* Something newer is still out: it has waited since it was first sent. */
		const struct fl_sent *oldest = fl_tcp_oldest(flow, !segment->dir);

		stack->asked_at = oldest ? oldest->at : segment->at;
		stack->asked_frame = oldest ? oldest->frame : segment->frame;
		stack->demands = 1;
	}
}

void life_update(struct fl_flow *flow, const struct fl_segment *segment)
{
	const uint32_t demands = FL_SEG_SYN | FL_SEG_SYN_ACK | FL_SEG_FIN | FL_SEG_DATA | FL_SEG_REPEAT | FL_SEG_PROBE;

	prove_stack(flow, segment);
	if (segment->classes & (FL_SEG_DATA | FL_SEG_WINDOW_OPENED)) /* only a process that reads opens a window */
		prove(&flow->cold->rung[segment->dir][FL_RUNG_APPLICATION], segment);
	if (segment->classes & demands)
		demand(&flow->cold->rung[!segment->dir][FL_RUNG_STACK], segment);
}
