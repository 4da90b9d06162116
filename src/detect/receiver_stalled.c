/* A receive window that stays closed while the other side has something to send: the process behind it does not read.
 * Its kernel is well, and answers each probe (RFC 9293 section 3.8.6.1): nothing times out, ever. */
#include "flatline/detect.h"

static const char closed[] = "{side} closes its receive window";
static const char last_probe[] =
	"the {other}'s last probe so far: {answered} were answered, and the window stays closed";

static struct fl_finding *state(struct fl_watch *watch, unsigned dir, const struct fl_closed_window *window)
{
	const struct fl_ending *ending = fl_tcp_ending(watch->flow);
	int64_t end = ending && (ending->classes & FL_SEG_RST) ? ending->at : watch->now;
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);
	const struct fl_probes *probes = &trouble->window_probes[!dir];
	struct fl_finding *finding = fl_watch_finding(watch, dir);

	if (!finding)
		return NULL;
	finding->onset = window->since;
	finding->onset_frame = window->frame;
	finding->until = probes->answered_at != FL_TIME_NONE ? probes->answered_at : window->since;
	fl_finding_set(finding, "closed_for", FL_UNIT_DURATION, end - window->since);
	fl_finding_set(finding, "answered", FL_UNIT_COUNT, probes->answered - window->answered_before);
	if (window->longest > 0)
		fl_finding_set(finding, "longest_before", FL_UNIT_DURATION, window->longest);
	fl_finding_show(finding, closed, dir, window->file, window->frame, window->since);
	if (end != watch->now)
		fl_finding_set(finding, "ended", FL_UNIT_TIME, end);
	if (probes->count > 0)
		fl_finding_show(finding, last_probe, !dir, probes->last_file, probes->last_frame, probes->last_at);
	return finding;
}

/* A window that was closed for a while, and opened again. */
static void state_past(struct fl_watch *watch, unsigned dir, const struct fl_closed_window *window)
{
	struct fl_finding *finding = fl_watch_finding(watch, dir);

	if (!finding)
		return;
	finding->onset = window->longest_since;
	finding->onset_frame = window->longest_frame;
	finding->until = finding->recovered = window->longest_since + window->longest;
	fl_finding_set(finding, "closed_for", FL_UNIT_DURATION, window->longest);
	fl_finding_set(finding, "answered", FL_UNIT_COUNT, 0);
	fl_finding_show(finding, closed, dir, window->longest_file, window->longest_frame, window->longest_since);
}

static void consider(struct fl_watch *watch, unsigned dir, const struct fl_trouble *trouble)
{
	const uint32_t lost = 3; /* unanswered probes in a row: the host is gone, too */
	const int64_t worth_telling = FL_NS_PER_S / 5;
	const struct fl_closed_window *window = &trouble->closed[dir];
	const struct fl_probes *probes = &trouble->window_probes[!dir];
	struct fl_finding *finding;

	if (window->longest >= worth_telling)
		state_past(watch, dir, window);
	if (window->since == FL_TIME_NONE || probes->count == 0 || probes->last_at < window->since)
		return;
	finding = state(watch, dir, window);
	if (finding && probes->unanswered >= lost)
		fl_finding_set(finding, "unanswered", FL_UNIT_COUNT, probes->unanswered);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	for (unsigned dir = 0; trouble && dir < 2; dir++)
		consider(watch, dir, trouble);
}

static const enum fl_setting_id params[] = { FL_SET_WINDOW_CLOSED_FOR, FL_SET_WINDOW_PROBES };

const struct fl_detector fl_detector_receiver_stalled = {
	.id = "receiver-stalled",
	.title = "a receive window stays closed: the process behind it does not read",
	.explain =
		"One side's receive buffer is full and its kernel has said so (window 0); the other side has data to "
		"send, probes the window from time to time, and each probe is answered: the window is still closed. "
		"The process on the closed side does not read from its socket: it hangs, or waits for something "
		"else, or is far too slow. Neither kernel ever gives up while probes are answered.\nFive seconds and "
		"two answered probes make it critical; a window that opened again is told as a finding.",
	.lookalikes = "A window that closes for milliseconds in a fast transfer is flow control at work. Probes that "
		      "get no answer are another failure (peer-vanished).",
	.advice = "Look at the process on the closed side (its stack, its threads, what it waits for): its socket's "
		  "Recv-Q is full (ss -tn). On the sending side: TCP_USER_TIMEOUT ends it since Linux 5.11, and so "
		  "does a write timeout in the application.",
	.reference = "RFC 9293 sections 3.8.6 and 3.8.6.1, RFC 1122 section 4.2.2.17",
	.summary = "The {side}'s process does not read: its receive window has been closed for {closed_for}[, and "
		   "{answered} {answered?probe:probes} of it {answered?was:were} answered].",
	.why_unnoticed = "the {side}'s kernel answers every probe, so no timer of TCP ever ends it.",
	.would_catch = "a write timeout, or TCP_USER_TIMEOUT (since Linux 5.11), on the {other}'s socket.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.is_of_sick = true,
};
