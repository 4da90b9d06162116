/* A SYN is answered by a refusal: an RST of a host on which nobody listens there, or an ICMP error of the host or of
 * something on the way to it (RFC 9293 section 3.10.7.1, RFC 1122 section 4.2.3.9). */
#include "flatline/detect.h"

static const char first_syn[] = "{other} sends the first SYN";
static const char reset[] = "RST: refused, {after} after the SYN";
static const char first_error[] = "ICMP error about that SYN, {after} after it";

static const char by_icmp[] =
	"The connection was refused: an ICMP error (type {icmp_type}, code {icmp_code}) came back "
	"for the SYN after {after}.";

static const char by_another[] = "The connection was refused by an RST in the {side}'s name, {after} after the SYN, "
				 "whose TTL is not the {side}'s "
				 "own: something on the path, such as a firewall, sent it.";

static bool is_connecting(const struct fl_flow *flow, unsigned dir)
{
	return (flow->end[dir].seen & (FL_SEEN_SYN | FL_SEEN_SYN_ACK)) == FL_SEEN_SYN &&
	       !(flow->end[!dir].seen & (FL_SEEN_SYN | FL_SEEN_PAYLOAD)) && flow->end[!dir].una == 0;
}

static struct fl_finding *state(struct fl_watch *watch, unsigned dir, int64_t at)
{
	const struct fl_cold *cold = watch->flow->cold;
	struct fl_finding *finding = fl_watch_finding(watch, !dir);

	if (!finding)
		return NULL;
	finding->onset = cold->first_at;
	finding->onset_frame = cold->first_frame;
	finding->until = at;
	fl_finding_set(finding, "after", FL_UNIT_DURATION, at - cold->first_at);
	fl_finding_set(finding, "told", FL_UNIT_TIME, at);
	fl_finding_show(finding, first_syn, dir, cold->last_file, cold->first_frame, cold->first_at);
	return finding;
}

static void consider(struct fl_watch *watch, unsigned dir)
{
	const struct fl_ending *ending = fl_tcp_ending(watch->flow);
	const struct fl_icmp_seen *icmp = fl_tcp_icmp(watch->flow, dir);
	bool is_reset = ending && ending->dir != dir && (ending->classes & FL_SEG_RST_REFUSED);
	struct fl_finding *finding;

	if (!is_reset && !icmp)
		return;
	finding = state(watch, dir, is_reset ? ending->at : icmp->first_at);
	if (!finding)
		return;
	if (is_reset) {
		fl_finding_set(finding, "refused", FL_UNIT_FRAME, ending->frame);
		fl_finding_show(finding, reset, !dir, ending->file, ending->frame, ending->at);
		return;
	}
	finding->summary = by_icmp;
	fl_finding_set(finding, "icmp_type", FL_UNIT_COUNT, icmp->type);
	fl_finding_set(finding, "icmp_code", FL_UNIT_COUNT, icmp->code);
	fl_finding_set(finding, "errors", FL_UNIT_COUNT, icmp->count);
	/* A kernel that repeats its SYN after an error has passed over that. */
	if (watch->flow->end[dir].last_at > icmp->last_at)
		fl_finding_drop(finding, "told");
	else if (watch->flow->end[dir].last_at > icmp->first_at)
		fl_finding_set(finding, "told", FL_UNIT_TIME, icmp->last_at);
	fl_finding_show(finding, first_error, !dir, icmp->first_file, icmp->first_frame, icmp->first_at);
}

static void on_end(struct fl_watch *watch)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		if (is_connecting(watch->flow, dir))
			consider(watch, dir);
	}
}

const struct fl_detector fl_detector_connect_refused = {
	.id = "connect-refused",
	.title = "the SYN is answered by a refusal: an RST, or an ICMP error",
	.explain = "The client asks for a connection and is told at once that there is none: by an RST of a host on "
		   "which nobody listens on that port, or by an ICMP error, which says that the host, its network or "
		   "the port cannot be reached, or that a filter forbids it. The client's connect() fails at once "
		   "(ECONNREFUSED, EHOSTUNREACH, ENETUNREACH).\nIt is critical as it stands: the answer is no. It is a "
		   "notice where the client only looks who is there (a scan of twenty ports or more).",
	.lookalikes = "No answer at all is connect-unanswered. An RST after the handshake is a reset. A firewall may "
		      "send the RST in the host's name: its TTL then differs from that of the host's other packets.",
	.advice = "RST: is the service up, and does it listen on that address and port (ss -ltn)? ICMP: the sender of "
		  "the error names the machine to look at; code 10 or 13 (ICMPv6: 1) is a filter's, the others are "
		  "about routes and neighbours.",
	.reference = "RFC 9293 section 3.10.7.1, RFC 792, RFC 4443, RFC 1122 section 4.2.3.9",
	.summary = "The connection was refused: the {side}'s host answered the SYN by an RST after {after}; nobody "
		   "listens on that port.",
	.summaries = { by_icmp, by_another }, /* the second is for the judge to take */
	.on_end = on_end,
	.is_of_sick = true,
};
