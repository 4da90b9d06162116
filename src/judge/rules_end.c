/* The rules of connections that did not end in order: what an RST, a FIN in place of an answer, or the missing half of
 * a close says, and whose it is. */
#include "rules.h"

static int64_t setting(const struct hearing *hearing, enum fl_setting_id id)
{
	return hearing->judge->settings.settings->value[id];
}

bool rule_peer_restarted(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	bool is_replaced = fl_finding_get(finding, "replaced", 0);

	ruling->is_verdict = true;
	ruling->severity = FL_CRITICAL;
	ruling->layer = FL_LAYER_PATH;
	ruling->noticed = fl_finding_get(finding, "gave_up", FL_TIME_NONE);
	ruling->confidence = is_replaced || (hearing->flow->marks & FL_MARK_MID_FLOW) ? FL_CONFIDENCE_MEDIUM
	                                                                              : FL_CONFIDENCE_HIGH;
	if (is_replaced)
		return words_add(&ruling->because,
		                 "a SYN with another initial sequence number, from the same port to the "
		                 "same port, while the connection was open, and then an RST to the other side's ACK "
		                 "of the old one") &&
		       words_add(&ruling->alternatives, "reset");
	return words_add(&ruling->because,
	                 "an RST without ACK, as a host sends that knows no such connection, with the "
	                 "TTL of its other packets") &&
	       words_add(&ruling->because, "no FIN or RST of it before") && add_view_reasons(hearing, &ruling->because);
}

static const int64_t at_once = 50 * FL_NS_PER_MS;

/* What the client said last may have been a goodbye: its close comes within a round trip. */
static bool may_be_goodbye(const struct hearing *hearing, const struct fl_finding *finding)
{
	return fl_finding_get(finding, "waited", 0) <= fl_tcp_rtt(hearing->flow) + at_once;
}

/* The client's next connection asked as much, and waited for longer than this one did, and than is usual. */
static bool is_unanswered_again(const struct hearing *hearing, const struct fl_finding *finding,
                                const struct retry *retry)
{
	int64_t end = retry->given_up_at != FL_TIME_NONE ? retry->given_up_at : hearing->judge->settings.observed_until;
	int64_t waited = retry->unanswered_since != FL_TIME_NONE ? end - retry->unanswered_since : 0;

	return waited >= setting(hearing, FL_SET_ANSWER_OWED) && waited >= fl_finding_get(finding, "waited", 0) &&
	       waited >= 4 * fl_finding_get(finding, "longest_answer", 0) && waited > 0;
}

/* The protocol owed an answer. A server that closes over a login may well mean that it rejects it. */
static bool add_owed_reason(const struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	bool is_login = fl_finding_get(finding, "login", 0);

	return (!is_login || words_add(&ruling->alternatives, "auth-rejected")) &&
	       add_protocol_reason(hearing, is_login ? "a login is owed its answer" : "a ping is owed its answer",
	                           &ruling->because);
}

bool rule_closed_mid_request(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const int64_t weak = FL_NS_PER_S;
	const int64_t idle = setting(hearing, FL_SET_IDLE); /* what nobody answered for so long was no request */
	bool is_quick = fl_finding_get(finding, "waited", 0) < weak;
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);

	/* What is young and unlike all that was answered may need no answer. */
	bool is_login = fl_finding_get(finding, "login", 0);

	/* A ping may cross a close; who has just connected is not closed for having been idle. */
	if (is_by_protocol(finding) && !is_login && may_be_goodbye(hearing, finding))
		return true;
	if (!is_by_protocol(finding) &&
	    (finding->dir == hearing->client || may_be_goodbye(hearing, finding) ||
	     (is_quick && !fl_finding_get(finding, "alike", 0)) || fl_finding_get(finding, "waited", 0) >= idle))
		return true;

	struct retry retry;

	if (!neighbours)
		return false;
	neighbours_retry(neighbours, hearing->flow, finding->onset, &retry);

	bool stays_unanswered = is_unanswered_again(hearing, finding, &retry);

	ruling->is_verdict = true;
	ruling->severity = stays_unanswered || is_by_protocol(finding) ? FL_CRITICAL : FL_WARNING;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->noticed = fl_finding_get(finding, "closed_at", FL_TIME_NONE);
	if (stays_unanswered &&
	    !words_add(&ruling->because, "the client connected again, asked again, and got no answer either"))
		return false;
	if (is_by_protocol(finding)) {
		ruling->confidence = FL_CONFIDENCE_HIGH;
		return add_owed_reason(hearing, finding, ruling) && add_view_reasons(hearing, &ruling->because);
	}
	ruling->confidence = is_quick ? FL_CONFIDENCE_LOW : FL_CONFIDENCE_MEDIUM;
	return words_add(&ruling->because, "%lld requests were answered before on this connection",
	                 (long long)fl_finding_get(finding, "answered", 0)) &&
	       words_add(&ruling->because, "%s",
	                 is_quick ? "the request was young: it may have been a goodbye"
	                          : "an answer is owed by what was answered before, not by what is known of the "
	                            "protocol") &&
	       add_view_reasons(hearing, &ruling->because);
}

bool rule_reset(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	bool is_foreign = fl_finding_get(finding, "foreign", 0), is_early = fl_finding_get(finding, "early", 0);
	bool is_server = finding->dir != hearing->client;
	/* A server that answered all before, and resets right behind what the client said last: a goodbye, perhaps. */
	int64_t unanswered = fl_finding_get(finding, "unanswered", FL_TIME_NONE);
	bool is_weak = unanswered != FL_TIME_NONE && fl_finding_get(finding, "answered", 0) > 0 &&
	               !fl_finding_get(finding, "not_taken", 0) && unanswered <= fl_tcp_rtt(hearing->flow) + at_once;

	ruling->is_verdict = !is_early || is_server;
	ruling->severity = is_early || is_weak ? FL_NOTICE : FL_WARNING;
	ruling->layer = is_foreign ? FL_LAYER_PATH : FL_LAYER_APPLICATION;
	ruling->side = is_foreign ? FL_SIDE_BETWEEN : FL_SIDE_NONE;
	ruling->noticed = fl_finding_get(finding, "at", FL_TIME_NONE);
	ruling->confidence = is_foreign || fl_finding_get(finding, "bytes", 0) ? FL_CONFIDENCE_HIGH
	                                                                       : FL_CONFIDENCE_MEDIUM;
	if (is_weak) {
		ruling->confidence = FL_CONFIDENCE_LOW;
		if (!words_add(&ruling->because, "what the client said a moment before may have been a goodbye"))
			return false;
	}
	if (is_foreign)
		return words_add(&ruling->because,
		                 "the RST's TTL differs from that of all other packets of its supposed "
		                 "sender");
	return words_add(&ruling->because, "the RST is in the capture, with its sender's TTL") &&
	       add_view_reasons(hearing, &ruling->because);
}

bool rule_half_closed(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	if (fl_finding_get(finding, "open_for", 0) < setting(hearing, FL_SET_HALF_CLOSED))
		return true; /* and it may well be on purpose */
	ruling->is_verdict = true;
	ruling->severity = FL_WARNING;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->confidence = FL_CONFIDENCE_HIGH;
	return words_add(&ruling->because, "the FIN was ACKed, and nothing came after that") &&
	       add_view_reasons(hearing, &ruling->because);
}

bool rule_close_unanswered(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct fl_end *end = &hearing->flow->end[finding->dir];

	if (end->packets == 0 || (hearing->flow->marks & FL_MARK_ICMP_LAST))
		return true;
	if (fl_finding_get(finding, "too_few", 0)) {
		ruling->is_pending = true;
		return true;
	}
	ruling->is_verdict = true;
	ruling->severity = FL_NOTICE;
	ruling->layer = FL_LAYER_PATH;
	ruling->confidence = FL_CONFIDENCE_HIGH;
	return words_add(&ruling->because, "%lld repeats of the FIN by the retransmission timer, and no ACK",
	                 (long long)fl_finding_get(finding, "rtos", 0));
}

/* The process of that side does not read. While it lasts it is a failure from its length on; later it is a finding. */
bool rule_receiver_stalled(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	int64_t closed_for = fl_finding_get(finding, "closed_for", 0);
	bool is_long = closed_for >= setting(hearing, FL_SET_WINDOW_CLOSED_FOR);

	if (finding->recovered != FL_TIME_NONE) {
		ruling->is_verdict = is_long;
		ruling->severity = is_long ? FL_WARNING : FL_NOTICE;
		ruling->layer = FL_LAYER_APPLICATION;
		return true;
	}
	if (fl_finding_get(finding, "unanswered", 0))
		return true; /* its host is gone since: peer-vanished */
	/* A reader that pauses, a paused video, has closed it for as long before. */
	if (closed_for <= 2 * fl_finding_get(finding, "longest_before", 0)) {
		ruling->is_pending = true;
		return true;
	}
	if (!is_long || fl_finding_get(finding, "answered", 0) < setting(hearing, FL_SET_WINDOW_PROBES)) {
		ruling->is_pending = true;
		return true;
	}
	ruling->is_verdict = true;
	ruling->severity = FL_CRITICAL;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->noticed = fl_finding_get(finding, "ended", FL_TIME_NONE);
	ruling->confidence = FL_CONFIDENCE_HIGH;
	return words_add(&ruling->because,
	                 "%lld probes were answered, each with the window still closed: the kernel lives, "
	                 "its process does not read",
	                 (long long)fl_finding_get(finding, "answered", 0)) &&
	       add_view_reasons(hearing, &ruling->because);
}
