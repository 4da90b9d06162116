/* One side closed, the other's kernel ACKed that, and its application neither sends nor closes: it does not look at its
 * socket (CLOSE_WAIT, which has no timer: RFC 9293 section 3.6). */
#include "flatline/detect.h"

static const char fin[] = "{other} closes its side (FIN)";

static void state(struct fl_watch *watch, unsigned closer, int64_t since)
{
	const struct fl_cold *cold = watch->flow->cold;
	struct fl_finding *finding = fl_watch_finding(watch, !closer);

	if (!finding)
		return;
	finding->onset = cold->fin_at;
	finding->onset_frame = cold->fin_frame;
	finding->until = watch->now;
	fl_finding_set(finding, "open_for", FL_UNIT_DURATION, watch->now - since);
	fl_finding_set(finding, "fin", FL_UNIT_FRAME, cold->fin_frame);
	fl_finding_show(finding, fin, closer, cold->fin_file, cold->fin_frame, cold->fin_at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_flow *flow = watch->flow;
	const int64_t worth_telling = FL_NS_PER_S; /* the judge says from when on it is a failure */
	uint16_t seen[2] = { flow->end[0].seen, flow->end[1].seen };

	if ((seen[0] | seen[1]) & FL_SEEN_RST)
		return;
	for (unsigned closer = 0; closer < 2; closer++) {
		const struct fl_talk *other = &flow->cold->talk[!closer];
		int64_t since = flow->cold->fin_at;

		if (!(seen[closer] & FL_SEEN_FIN) || (seen[!closer] & FL_SEEN_FIN) ||
		    fl_tcp_outstanding(flow, closer) > 0 || fl_tcp_outstanding(flow, !closer) > 0 ||
		    flow->end[!closer].packets == 0 || (seen[!closer] & FL_SEEN_HOLE))
			continue;
		if (other->messages > 0 && other->last_at > since)
			since = other->last_at;
		if (watch->now - since >= worth_telling)
			state(watch, closer, since);
	}
}

static const enum fl_setting_id params[] = { FL_SET_HALF_CLOSED };

const struct fl_detector fl_detector_half_closed = {
	.id = "half-closed",
	.title = "one side closed, and the other neither sends nor closes: a CLOSE_WAIT leak",
	.explain = "One side has closed (FIN), the other's kernel ACKed it, and its application has done nothing "
		   "since: it "
		   "does not close its own side. Its socket stays in CLOSE_WAIT, which no timer ends; a program that "
		   "leaks these runs out of descriptors. Where the closer's program has called close(), its kernel "
		   "forgets its "
		   "part after tcp_fin_timeout (60 s).\nSixty seconds make it a warning.",
	.lookalikes =
		"A half-close on purpose: one side has said all and waits for the rest of the answer, which goes on "
		"to come, or the other side closes soon.",
	.advice = "On the side that does not close: ss -tn state close-wait shows the sockets and whose they are. Its "
		  "program has to close when it reads the end of file.",
	.reference = "RFC 9293 section 3.6, RFC 1122 section 4.2.2.13; Linux tcp_fin_timeout",
	.summary = "The {side} does not close: the {other} closed in frame {fin}, and for {open_for} the {side} has "
		   "neither "
		   "sent nor closed.",
	.why_unnoticed = "a socket in CLOSE_WAIT has no timer, and nobody waits for it.",
	.would_catch = "a count of sockets in CLOSE_WAIT on the {side}'s host.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.ends_of = FL_SEEN_FIN,
};
