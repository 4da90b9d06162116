/* A connection that lives, and stood still: what it sent was lost, nothing moved until the retransmission timer fired
 * once or more, and then it went on (RFC 6298). Losses that duplicate ACKs mend within a round trip cost little and are
 * not counted as standing still. */
#include "flatline/detect.h"

static const char longest_from[] =
	"{longest|the longest|the} standstill begins:[ {longest},] {repeats} {repeats?repeat:repeats}";
static const char longest_to[] = "ACKed: it goes on";

enum { worth_telling = 20 }; /* short standstills count from one part in so many of the connection's time */

static int64_t length_of(const struct fl_series *series)
{
	return series->over_at > series->stood_from ? series->over_at - series->stood_from : 0;
}

/* The longest standstill of both directions; NULL without one. */
static const struct fl_series *longest_of(const struct fl_trouble *trouble, unsigned *ret_dir)
{
	const struct fl_series *longest = NULL;

	for (unsigned dir = 0; dir < 2; dir++) {
		const struct fl_series *both[] = { &trouble->worst[dir], &trouble->now[dir] };

		for (unsigned i = 0; i < 2; i++) {
			if (both[i]->kind != FL_SERIES_DATA || both[i]->over_at == FL_TIME_NONE)
				continue;
			if (longest && length_of(both[i]) <= length_of(longest))
				continue;
			longest = both[i];
			*ret_dir = dir;
		}
	}
	return longest;
}

static int64_t last_of(const struct fl_flow *flow)
{
	return flow->end[0].last_at > flow->end[1].last_at ? flow->end[0].last_at : flow->end[1].last_at;
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);
	const struct fl_flow *flow = watch->flow;
	const struct fl_series *longest;
	struct fl_finding *finding;
	unsigned dir = 0;

	if (!trouble || trouble->stalled <= watch->settings->value[FL_SET_STALLED])
		return;
	longest = longest_of(trouble, &dir);
	if (longest && length_of(longest) <= watch->settings->value[FL_SET_STALLED] &&
	    trouble->stalled < (last_of(flow) - flow->cold->first_at) / worth_telling)
		return; /* a few retransmissions now and then */
	finding = longest ? fl_watch_finding(watch, !dir) : NULL;
	if (!finding)
		return;
	finding->onset = longest->sent_at;
	finding->onset_frame = longest->sent_frame;
	finding->until = finding->recovered = longest->over_at;
	fl_finding_set(finding, "stalled", FL_UNIT_DURATION, trouble->stalled);
	fl_finding_set(finding, "stalls", FL_UNIT_COUNT, trouble->stalls);
	fl_finding_set(finding, trouble->stalls > 1 ? "longest" : "only", FL_UNIT_DURATION, length_of(longest));
	fl_finding_set(finding, "repeats", FL_UNIT_COUNT, longest->repeats);
	fl_finding_set(finding, "sent", FL_UNIT_FRAME, longest->sent_frame);
	fl_finding_set(finding, "again", FL_UNIT_COUNT,
	               (int64_t)flow->end[0].retransmissions + flow->end[1].retransmissions);
	fl_finding_set(finding, "packets", FL_UNIT_COUNT, (int64_t)flow->end[0].packets + flow->end[1].packets);
	fl_finding_show(finding, longest_from, dir, longest->sent_file, longest->sent_frame, longest->sent_at);
	fl_finding_show(finding, longest_to, !dir, longest->over_file, longest->over_frame, longest->over_at);
}

static const enum fl_setting_id params[] = { FL_SET_STALLED };

const struct fl_detector fl_detector_degraded = {
	.id = "degraded",
	.title = "alive, but it stood still for a while: packets lost or very late, or a failure that ended",
	.explain =
		"Both sides did their part, and the connection stood still for more than a second in all: packets "
		"were lost or very late, and the sender waited for its retransmission timer, which doubles each time. "
		"The report gives number, total and longest of these. A failure of the application that ended, such "
		"as an answer that came far too late, is told by the same name.",
	.lookalikes = "An application that pauses: then nothing is under way, and nothing is repeated. An answer "
		      "that takes its usual time.",
	.advice = "Look for loss on the path at those moments: errors and drops of interfaces and queues, a link that "
		  "went away for a while, a failover. Other connections over the same path show the same gap.",
	.reference = "RFC 6298 section 5, RFC 8985",
	.summary =
		"It works, and stood still {longest|for|once, for} {stalled}[ in all, {stalls} times, the longest for "
		"{longest}], from frame {sent} on: {again} of {packets} packets {again?was:were} sent again.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.is_of_sick = true,
};
