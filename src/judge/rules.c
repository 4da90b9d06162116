/* When is a finding a failure, how bad is it, and how sure is that? Waiting is not failing: the threshold decides the
 * verdict, corroboration its severity (VERDICTS). One rule per finding, in one table; the rules themselves are in the
 * files beside. */
#include "rules.h"

#include <inttypes.h>
#include <string.h>

bool is_by_protocol(const struct fl_finding *finding)
{
	return fl_finding_get(finding, "by_protocol", 0) != 0;
}

bool add_protocol_reason(const struct hearing *hearing, const char *what, struct fl_words *because)
{
	const struct fl_session *session = fl_session_of(hearing->flow);

	if (!session)
		return true;
	return words_add(because, "%s, %s: %s", fl_profile_title(session->profile),
	                 session->is_told ? "by its bytes" : "as --profile says", what);
}

bool add_view_reasons(const struct hearing *hearing, struct fl_words *because)
{
	bool whole = !(hearing->flow->marks & FL_MARK_MID_FLOW);

	return words_add(because, whole ? "captured from the first SYN on, both directions"
	                                : "captured from the middle of the connection on, both directions");
}

/* Told beside others, never a verdict. */
static bool rule_beside(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	(void)hearing;
	(void)finding;
	ruling->severity = FL_WARNING;
	return true;
}

static const struct rule {
	const char *id;
	enum fl_severity worst;
	bool is_verdict;
	rule_apply *apply;
	bool is_past;  /* it is about what is over */
	bool is_blank; /* it rests on packets that were not seen */
} rules[] = {
	{ "auth-unanswered", FL_CRITICAL, true, rule_auth_unanswered, false, true },
	{ "heartbeat-ack-only", FL_CRITICAL, true, rule_heartbeat_ack_only, false, true },
	{ "heartbeat-before-auth", FL_WARNING, false, rule_beside, false, false },
	{ "peer-vanished", FL_CRITICAL, true, rule_peer_vanished, false, true },
	{ "connect-unanswered", FL_CRITICAL, true, rule_connect_unanswered, false, true },
	{ "connect-slow", FL_WARNING, true, rule_connect_slow, true, false },
	{ "degraded", FL_WARNING, true, rule_degraded, true, false },
	{ "idle-unknown", FL_WARNING, true, rule_idle_unknown, false, false },
	{ "auth-rejected", FL_WARNING, true, rule_auth_rejected, false, false },
	{ "heartbeat-stopped", FL_CRITICAL, true, rule_heartbeat_stopped, false, true },
	{ "app-silent", FL_CRITICAL, true, rule_app_silent, false, true },
	{ "receiver-stalled", FL_CRITICAL, true, rule_receiver_stalled, false, true },
	{ "keepalive-unanswered", FL_CRITICAL, true, rule_keepalive_unanswered, false, true },
	{ "unreachable", FL_CRITICAL, true, rule_unreachable, false, false },
	{ "mtu-blackhole", FL_CRITICAL, true, rule_mtu_blackhole, false, true },
	{ "idle-dropped", FL_CRITICAL, true, rule_idle_dropped, false, true },
	{ "peer-restarted", FL_CRITICAL, true, rule_peer_restarted, false, false },
	{ "closed-mid-request", FL_CRITICAL, true, rule_closed_mid_request, false, true },
	{ "reset", FL_WARNING, true, rule_reset, false, false },
	{ "connect-refused", FL_CRITICAL, true, rule_connect_refused, false, false },
	{ "handshake-abandoned", FL_WARNING, true, rule_handshake_abandoned, false, true },
	{ "accept-queue-overflow", FL_CRITICAL, true, rule_accept_queue_overflow, false, true },
	{ "half-closed", FL_WARNING, true, rule_half_closed, false, true },
	{ "close-unanswered", FL_NOTICE, true, rule_close_unanswered, false, true },
};

static const struct rule *find_rule(const char *id)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strcmp(rules[i].id, id) == 0)
			return &rules[i];
	}
	return NULL;
}

enum fl_severity rules_worst(const char *id, bool *ret_is_verdict)
{
	const struct rule *rule = find_rule(id);

	*ret_is_verdict = rule && rule->is_verdict;
	return rule ? rule->worst : FL_NOTICE;
}

/* More than half of the time since it began is a jump of the capture's clock, through which nobody waited. */
static bool is_of_the_clock(const struct hearing *hearing, const struct fl_finding *finding)
{
	const struct fl_judge_settings *settings = &hearing->judge->settings;
	int64_t end = finding->recovered != FL_TIME_NONE ? finding->recovered : settings->observed_until, jumped = 0;

	for (size_t i = 0; i < settings->n_jumps; i++) {
		if (settings->jumps[i].from >= finding->onset && settings->jumps[i].to <= end)
			jumped += settings->jumps[i].to - settings->jumps[i].from;
	}
	return jumped > (end - finding->onset) / 2;
}

static uint64_t lost_since(const struct fl_judge_settings *settings, int64_t onset)
{
	uint64_t packets = 0;

	for (size_t i = 0; i < settings->n_losses; i++) {
		if (settings->losses[i].to == FL_TIME_NONE || settings->losses[i].to >= onset)
			packets += settings->losses[i].packets;
	}
	return packets;
}

/* What was not seen may have been lost by the capture. */
static bool doubt(const struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	uint64_t lost = lost_since(&hearing->judge->settings, finding->onset);

	if (lost == 0)
		return true;
	if (ruling->confidence > FL_CONFIDENCE_LOW)
		ruling->confidence--;
	return words_add(&ruling->because,
	                 "the capture lost %" PRIu64 " %s meanwhile: what is missing may be among them", lost,
	                 lost == 1 ? "packet" : "packets");
}

bool rules_apply(struct hearing *hearing, size_t index)
{
	const struct fl_finding *finding = &hearing->findings[index];
	const struct rule *rule = find_rule(finding->detector->id);
	struct ruling *ruling = &hearing->rulings[index];

	*ruling = (struct ruling){ .severity = FL_NOTICE,
		                   .noticed = FL_TIME_NONE,
		                   .layer = FL_LAYER_UNKNOWN,
		                   .because.is_muted = hearing->is_brief,
		                   .alternatives.is_muted = hearing->is_brief };
	if (!rule || !rule->apply(hearing, finding, ruling))
		return rule == NULL;
	ruling->was_failure = ruling->is_verdict && finding->recovered != FL_TIME_NONE;
	if (ruling->is_verdict && is_of_the_clock(hearing, finding)) {
		ruling->severity = FL_NOTICE;
		ruling->confidence = FL_CONFIDENCE_LOW;
		if (!words_add(&ruling->because, "most of this time is a jump of the capture's clock"))
			return false;
	}
	if (ruling->is_verdict && rule->is_blank && !doubt(hearing, finding, ruling))
		return false;
	/* Over: told, but not what the flow is, unless that it is over is part of what it is. */
	if (finding->recovered != FL_TIME_NONE && !rule->is_past) {
		ruling->is_verdict = ruling->is_pending = false;
		if (ruling->severity > FL_WARNING)
			ruling->severity = FL_WARNING;
	}
	return true;
}
