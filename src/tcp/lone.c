/* A SYN that nothing follows: of a flood, or of a scan, they are all that there is, by millions. What is to be known of
 * one is kept in few bytes, and worked out from them, by the same code as every other segment, when somebody asks. */
#include <string.h>

#include "flatline/tcp.h"

void fl_tcp_keep_lone(struct fl_flow *flow, const struct fl_packet *syn)
{
	flow->sender = (struct fl_end){ .last_at = syn->at,
		                        .packets = 1,
		                        .last_frame = syn->number < UINT32_MAX ? (uint32_t)syn->number : UINT32_MAX,
		                        .seen = FL_SEEN_SYN };
	flow->lone = (struct fl_lone){ .seq = syn->seq,
		                       .file = syn->file,
		                       .ts_value = syn->options.ts_value,
		                       .ts_echo = syn->options.ts_echo,
		                       .mss = syn->options.mss,
		                       .window = syn->window,
		                       .flags = syn->flags,
		                       .ttl = syn->ttl,
		                       .wscale = syn->options.wscale,
		                       .options = syn->options.present };
	flow->end[1].last_at = FL_TIME_NONE;
}

void fl_tcp_take_lone(struct fl_flow *flow, struct fl_packet *ret_syn)
{
	const struct fl_lone *lone = &flow->lone;

	*ret_syn = (struct fl_packet){ .number = flow->sender.last_frame,
		                       .at = flow->sender.last_at,
		                       .file = lone->file,
		                       .outcome = FL_OUTCOME_TCP,
		                       .ttl = lone->ttl,
		                       .seq = lone->seq,
		                       .flags = lone->flags,
		                       .window = lone->window,
		                       .options = { .ts_value = lone->ts_value,
		                                    .ts_echo = lone->ts_echo,
		                                    .mss = lone->mss,
		                                    .wscale = lone->wscale,
		                                    .present = lone->options } };
	memset(flow->end, 0, sizeof(flow->end));
}

struct fl_flow *fl_tcp_whole(struct fl_flow *flow, struct fl_whole *whole)
{
	struct fl_segment segment;
	struct fl_packet syn;

	if (!(flow->marks & FL_MARK_LONE))
		return flow;
	whole->flow = *flow;
	whole->flow.cold = memset(&whole->cold, 0, sizeof(whole->cold));
	whole->flow.marks &= (uint16_t)~FL_MARK_LONE;
	fl_tcp_take_lone(&whole->flow, &syn);
	fl_tcp_track(NULL, &whole->flow, &syn, 0, &segment); /* no first segment is odd: none needs the table */
	return &whole->flow;
}
