/* What a kernel can be told: how long data may stay unacknowledged (RFC 9293 section 3.8.3), whether to ask an idle
 * peer (3.8.4), how long to try to connect, how large a segment may be (RFC 4821). */
#include <inttypes.h>
#include <string.h>

#include "flatline/time.h"
#include "remedies_parts.h"

enum { user_timeout = 10 }; /* s: what the detectors work out, too */

static bool is_verdict(const struct patient *patient, const char *id)
{
	return strcmp(patient->account->verdict.id, id) == 0;
}

void give_user_timeout(struct patient *patient)
{
	const struct amounts amounts = { .s = user_timeout };
	int64_t after = user_timeout * FL_NS_PER_S;
	struct remedy *remedy;
	struct fl_text why;

	if (!remedy_has_code(patient, CODE_USER_TIMEOUT, patient->other))
		return;
	remedy = remedy_begin(patient, "Bound how long a write may go unanswered", PLACE_PROGRAM, patient->other);
	patient_figure(patient, "told_after", &after);
	fl_text_init(&why);
	patient_gain(patient, &why, "ended the connection", after);
	if (is_verdict(patient, "receiver-stalled"))
		fl_text_add(&why, " It counts for a closed window since Linux 5.11; before, do not rely on that.");
	else if (is_verdict(patient, "idle-dropped"))
		fl_text_add(&why, " It also ends the keepalives, and TCP_KEEPCNT no longer counts then.");
	else
		fl_text_add(&why,
		            " It counts from the first repeat, and sees only what the kernel does: a process that "
		            "hangs is not noticed.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_USER_TIMEOUT, patient->other, &amounts);
}

void give_retries2(struct patient *patient)
{
	const struct amounts amounts = { .s = 0 };
	const int64_t after = INT64_C(102200) * FL_NS_PER_MS; /* the sum of the timers for 8 */
	struct remedy *remedy = remedy_begin(patient, "Or bound it for every connection of the host", PLACE_HOST,
	                                     patient->other);
	struct fl_text why;

	fl_text_init(&why);
	fl_text_add(&why, "Without a limit of the program's own the kernel repeats for 924.6 s and more "
	                  "(tcp_retries2 = 15, the default). With 8 it gives up after 102.2 s and a little more.");
	if (patient->account->verdict.blind != FL_TIME_NONE && patient->account->verdict.blind < after) {
		fl_text_add(&why, " Here ");
		patient_end(patient, &why);
	}
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_RETRIES2, patient->other, &amounts);
}

/* What is known of a setting: its greatest value. */
static bool knob_at_most(const struct patient *patient, const char *name, int64_t *ret_value)
{
	const struct fl_timers *timers = &patient->account->timers;

	for (size_t i = 0; i < timers->n_knobs; i++) {
		if (strcmp(timers->knobs[i].name, name) != 0 || timers->knobs[i].at_most == FL_KNOB_OPEN)
			continue;
		*ret_value = timers->knobs[i].at_most;
		return true;
	}
	return false;
}

static int64_t known_after(const struct amounts *amounts)
{
	return amounts->idle + amounts->interval * amounts->count;
}

/* A round number of seconds well below `ns`. */
static int64_t well_below(int64_t ns, int64_t most)
{
	static const int64_t round[] = { 60, 45, 30, 20, 15, 10, 5 };

	for (size_t i = 0; i < sizeof(round) / sizeof(round[0]); i++) {
		if (round[i] <= most && 2 * round[i] * FL_NS_PER_S <= ns)
			return round[i];
	}
	return 1;
}

static void tell_keepalive(const struct patient *patient, const struct amounts *amounts, struct fl_text *why)
{
	char length[FL_TIME_TEXT];
	int64_t value;

	if (is_verdict(patient, "idle-dropped")) {
		fl_text_add(why,
		            "Asking after %" PRId64 " s of silence keeps the connection in the tables on its way. ",
		            amounts->idle);
		if (patient_figure(patient, "quiet", &value))
			fl_text_add(why, "It was dropped within %s of silence: the timer is no longer than that.",
			            fl_duration_text(value, length));
	} else if (is_verdict(patient, "peer-restarted")) {
		fl_text_add(
			why,
			"Nobody tells a connection that the other host was restarted; the next packet that it sends "
			"does. A keepalive sends one after %" PRId64 " s of silence.",
			amounts->idle);
		if (patient_figure(patient, "outage", &value) && value >= FL_NS_PER_S)
			fl_text_add(why, " Here %s passed from the first packet without an answer to the reset.",
			            fl_duration_text(value, length));
	} else {
		fl_text_add(why,
		            "A dead peer is then known %" PRId64 " s after its last word: %" PRId64
		            " s of silence, %" PRId64 " probes %" PRId64 " s apart.",
		            known_after(amounts), amounts->idle, amounts->count, amounts->interval);
		if (is_verdict(patient, "idle-unknown") && patient_figure(patient, "idle", &value))
			fl_text_add(why, " This connection was silent for %s, and no keepalive was seen.",
			            fl_duration_text(value, length));
		else if (is_verdict(patient, "keepalive-unanswered"))
			fl_text_add(why, " The default takes 7,875 s (7,200 + 9 x 75).");
	}
}

/* Keepalives were sent, and how they are set is known. */
static bool has_keepalive(const struct patient *patient, struct amounts *ret_amounts)
{
	return is_verdict(patient, "keepalive-unanswered") &&
	       knob_at_most(patient, "tcp_keepalive_time", &ret_amounts->idle) &&
	       knob_at_most(patient, "tcp_keepalive_intvl", &ret_amounts->interval) &&
	       knob_at_most(patient, "tcp_keepalive_probes", &ret_amounts->count);
}

void give_keepalive(struct patient *patient)
{
	struct amounts advised = { .idle = 60, .interval = 10, .count = 3 }, amounts = advised;
	bool is_set = has_keepalive(patient, &amounts) && known_after(&amounts) <= known_after(&advised);
	struct remedy *remedy;
	struct fl_text why;
	int64_t quiet;

	if (!is_set)
		amounts = advised;
	if (patient_figure(patient, "quiet", &quiet))
		amounts.idle = well_below(quiet, advised.idle);
	fl_text_init(&why);
	if (is_set)
		fl_text_add(&why,
		            "It found this: %" PRId64 " s of silence, then %" PRId64 " %s, %" PRId64
		            " s apart. So a dead peer is known about %" PRId64
		            " s after its last word, and shorter times are seldom worth their packets.",
		            amounts.idle, amounts.count, amounts.count == 1 ? "probe" : "probes", amounts.interval,
		            known_after(&amounts));
	else
		tell_keepalive(patient, &amounts, &why);
	remedy = remedy_begin(patient,
	                      is_set                                ? "Keep the keepalive as it is set"
	                      : is_verdict(patient, "idle-dropped") ? "Keep the connection in use"
	                                                            : "Ask an idle peer whether it is still there",
	                      PLACE_PROGRAM, patient->other);
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_KEEPALIVE, patient->other, &amounts);
}

void give_connect_limit(struct patient *patient)
{
	const struct amounts amounts = { .s = 5 };
	struct remedy *remedy = remedy_begin(patient, "Bound how long a connect may take", PLACE_PROGRAM,
	                                     FL_SIDE_CLIENT);
	char length[FL_TIME_TEXT];
	struct fl_text why;
	int64_t cost;

	fl_text_init(&why);
	if (is_verdict(patient, "connect-slow") && patient_figure(patient, "cost", &cost))
		fl_text_add(
			&why,
			"This one took %s. Measure it, too: one that needs a second or more has lost a packet of the "
			"handshake, or waited for it.",
			fl_duration_text(cost, length));
	else
		patient_gain(patient, &why, "failed the connect", amounts.s * FL_NS_PER_S);
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_CONNECT, FL_SIDE_CLIENT, &amounts);
}

void give_syn_retries(struct patient *patient)
{
	const struct amounts amounts = { .s = 0 };
	struct remedy *remedy = remedy_begin(patient, "Or bound it for every connect of the host", PLACE_HOST,
	                                     FL_SIDE_CLIENT);
	char length[FL_TIME_TEXT], number[32];
	struct fl_text why;
	int64_t syns, tried;

	fl_text_init(&why);
	if (patient_figure(patient, "syns", &syns) && patient_figure(patient, "tried", &tried))
		fl_text_add(&why, "Its kernel sent %s %s over %s. ", fl_count_text((unsigned long long)syns, number),
		            syns == 1 ? "SYN" : "SYNs", fl_duration_text(tried, length));
	fl_text_add(&why, "By default (tcp_syn_retries = 6) it tries for 127 s, since Linux 6.5 for 131 s; with 2 for "
	                  "7 s.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_SYN_RETRIES, FL_SIDE_CLIENT, &amounts);
}

void give_backlog(struct patient *patient)
{
	const struct amounts amounts = { .count = 1024 };
	struct remedy *remedy = remedy_begin(patient, "Give the listen queue more room", PLACE_PROGRAM, FL_SIDE_SERVER);
	char length[FL_TIME_TEXT], number[32];
	int64_t repeats, tried;
	struct fl_text why;

	fl_text_init(&why);
	if (is_verdict(patient, "connect-unanswered"))
		fl_text_add(&why, "Only if that queue was full (ss -ltn: Recv-Q has reached Send-Q). ");
	else if (patient_figure(patient, "repeats", &repeats) && patient_figure(patient, "tried", &tried))
		fl_text_add(&why, "The SYN-ACK was sent %s %s more over %s, for want of a place. ",
		            fl_count_text((unsigned long long)repeats, number), repeats == 1 ? "time" : "times",
		            fl_duration_text(tried, length));
	fl_text_add(&why, "Its length is the smaller one of listen()'s backlog and net.core.somaxconn. That only buys "
	                  "time: the program has to accept faster.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_BACKLOG, FL_SIDE_SERVER, &amounts);
}

void give_syn_cookies(struct patient *patient)
{
	const struct amounts amounts = { .s = 0 };
	struct remedy *remedy = remedy_begin(patient, "Keep half-open requests from crowding out others", PLACE_HOST,
	                                     FL_SIDE_SERVER);
	char length[FL_TIME_TEXT], number[32];
	struct fl_text why;
	int64_t sent, tried;

	fl_text_init(&why);
	if (patient_figure(patient, "sent", &sent) && patient_figure(patient, "tried", &tried))
		fl_text_add(&why, "The server sent %s SYN-ACKs over %s for a handshake that was never finished. ",
		            fl_count_text((unsigned long long)sent, number), fl_duration_text(tried, length));
	fl_text_add(&why, "With tcp_synack_retries = 2 it stops after 7 s, with the default of 5 after 63 s. Cookies "
	                  "(1, the default) let others in while the queue is full.");
	if (patient->account->verdict.side == FL_SIDE_BETWEEN)
		fl_text_add(&why, " Neither mends the path.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_SYN_COOKIES, FL_SIDE_SERVER, &amounts);
}

void give_fin_wait(struct patient *patient)
{
	const struct amounts amounts = { .s = 30 };
	struct remedy *remedy = remedy_begin(patient, "Bound the wait for the other side's close", PLACE_PROGRAM,
	                                     patient->other);
	struct fl_text why;

	fl_text_init(&why);
	fl_text_add(&why, "After close() the kernel drops its half after tcp_fin_timeout (60 s by default). After "
	                  "shutdown() alone nothing ends it: bound the read as well.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_FIN_WAIT, patient->other, &amounts);
}

void give_orphan(struct patient *patient)
{
	const struct amounts amounts = { .s = 0 };
	struct remedy *remedy = remedy_begin(patient, "Bound how long a close is repeated", PLACE_HOST, patient->other);
	char length[FL_TIME_TEXT], number[32];
	struct fl_text why;
	int64_t repeats, tried;

	fl_text_init(&why);
	if (patient_figure(patient, "repeats", &repeats) && patient_figure(patient, "tried", &tried))
		fl_text_add(&why, "The FIN was sent %s %s more over %s. ",
		            fl_count_text((unsigned long long)repeats, number), repeats == 1 ? "time" : "times",
		            fl_duration_text(tried, length));
	fl_text_add(&why, "No program waits for it, and nothing was lost; it only takes memory. By default "
	                  "(tcp_orphan_retries = 0, which stands for 8) the kernel goes on for 102 s and more, with 3 "
	                  "for 3 s and more.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_ORPHAN, patient->other, &amounts);
}

void give_mtu_probes(struct patient *patient)
{
	const struct amounts amounts = { .s = 0 };
	struct remedy *remedy = remedy_begin(patient, "Let the kernel find a size that passes", PLACE_HOST,
	                                     patient->other);
	int64_t least, missing;
	struct fl_text why;
	char number[32];

	fl_text_init(&why);
	if (patient_figure(patient, "least", &least) && !patient_figure(patient, "missing", &missing))
		fl_text_add(&why, "Segments of %s bytes and more never arrived. ",
		            fl_count_text((unsigned long long)least, number));
	fl_text_add(&why,
	            "With tcp_mtu_probing = 1 the %s's kernel tries smaller ones after some repeats, 1,024 bytes "
	            "first, and goes on with what passes: seconds instead of a dead connection.",
	            patient_role(patient->other));
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_MTU_PROBES, patient->other, &amounts);
}

void give_mss_clamp(struct patient *patient)
{
	const int64_t headers = patient->account->address[FL_CLIENT].family == 6 ? 60 : 40;
	struct remedy *remedy = remedy_begin(patient, "Have both ends agree on smaller segments", PLACE_PATH,
	                                     FL_SIDE_NONE);
	struct amounts amounts = { .mss = 0 };
	bool is_told = patient_figure(patient, "mtu", &amounts.mss) && amounts.mss > headers;
	struct fl_text why;
	char number[32];

	fl_text_init(&why);
	if (is_told)
		fl_text_add(&why, "An ICMP error says that packets of %s bytes pass. ",
		            fl_count_text((unsigned long long)amounts.mss, number));
	amounts.mss -= headers;
	fl_text_add(&why, "The router writes the size that fits into each SYN, so that nothing larger is ever sent.");
	if (!is_told)
		fl_text_add(&why,
		            " \"rt mtu\" is that of its own next link: where the narrow link lies further on, write "
		            "a number instead (ping -M do -s SIZE finds it).");
	fl_text_add(&why, " And let ICMP type 3 code 4 (ICMPv6: type 2) pass.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, is_told ? CODE_MSS_NUMBER : CODE_MSS_ROUTE, FL_SIDE_NONE, &amounts);
}

void give_icmp(struct patient *patient)
{
	const struct amounts amounts = { .s = 0 };
	bool is_ipv6 = patient->account->address[FL_CLIENT].family == 6;
	struct remedy *remedy = remedy_begin(patient, "Listen to what routers say", PLACE_PROGRAM, patient->other);
	char number[32];
	struct fl_text why;
	int64_t errors;

	fl_text_init(&why);
	if (patient_figure(patient, "errors", &errors))
		fl_text_add(&why, "%s ICMP %s came, and the kernel keeps them to itself until it gives up. ",
		            fl_count_text((unsigned long long)errors, number), errors == 1 ? "error" : "errors");
	fl_text_add(&why, "With this option the next call on the socket fails at once (EHOSTUNREACH or the like). The "
	                  "connection stays open: it may only have been a moment.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, is_ipv6 ? CODE_ICMP6 : CODE_ICMP, patient->other, &amounts);
}
