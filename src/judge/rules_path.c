/* The rules of what kernels repeat: when is a series of repeats a failure, whose, and how sure is that? The sender's
 * own timer is the clock (VERDICTS' "data tries" and "syn tries"); what makes it critical is its length, or a second
 * sign. */
#include <string.h>

#include "rules.h"

enum { many_tries = 5, many_syns = 3 };

/* What was on its way when it began does not count as heard meanwhile. */
static const int64_t slack = 100 * FL_NS_PER_MS;

static const int64_t long_tries = 5 * FL_NS_PER_S, long_syns = 3 * FL_NS_PER_S;

static int64_t setting(const struct hearing *hearing, enum fl_setting_id id)
{
	return hearing->judge->settings.settings->value[id];
}

/* When the asker noticed that something was wrong: it aborted, or its host connected to the service again. A host that
 * opens connections all the time says nothing by one more within the first second. */
struct notice {
	int64_t at;             /* FL_TIME_NONE while nobody did */
	int64_t connected_anew; /* the new SYN; FL_TIME_NONE without */
	bool is_answered;       /* which was answered */
};

static struct notice find_notice(const struct hearing *hearing, const struct fl_finding *finding,
                                 const struct neighbours *neighbours)
{
	const int64_t patience = FL_NS_PER_S;
	int64_t gave_up = fl_finding_get(finding, "gave_up", FL_TIME_NONE);
	struct notice notice = { .at = gave_up, .connected_anew = FL_TIME_NONE };

	if (finding->dir == hearing->client)
		return notice;
	notice.connected_anew = neighbours_next_try(neighbours, hearing->flow, finding->onset + patience,
	                                            &notice.is_answered);
	if (notice.connected_anew != FL_TIME_NONE && (gave_up == FL_TIME_NONE || notice.connected_anew < gave_up))
		notice.at = notice.connected_anew;
	return notice;
}

bool has_finding(const struct hearing *hearing, const char *id)
{
	for (size_t i = 0; i < hearing->n_findings; i++) {
		if (strcmp(hearing->findings[i].detector->id, id) == 0)
			return true;
	}
	return false;
}

/* Both sides were heard, or there is no telling what the other one said. */
static bool is_one_sided(const struct hearing *hearing)
{
	return hearing->flow->end[0].packets == 0 || hearing->flow->end[1].packets == 0;
}

static bool is_past_tries(const struct hearing *hearing, const struct fl_finding *finding)
{
	const int64_t longest_timer = 10 * FL_NS_PER_S; /* no first retransmission comes later: it is something else */
	int64_t waited = fl_finding_get(finding, "waited", 0), rtos = fl_finding_get(finding, "rtos", 0);

	if (fl_finding_get(finding, "first_gap", 0) > longest_timer)
		return false;
	if (fl_finding_get(finding, "repeats", 0) >= 2 && waited >= long_tries)
		return true;
	return rtos >= setting(hearing, FL_SET_DATA_TRIES) && waited >= setting(hearing, FL_SET_DATA_TRIES_FOR);
}

static bool add_host_reasons(const struct fl_finding *finding, const struct host_elsewhere *host,
                             const struct notice *notice, struct ruling *ruling)
{
	const char *what = "the host sent packets on other connections meanwhile: it lives, and what is dead concerns "
			   "this connection";

	if (notice->is_answered && notice->connected_anew < finding->until)
		return words_add(&ruling->because, "a new connection to the same service was made while this one was "
		                                   "still repeated: what is dead concerns this connection");
	if (host->heard_at != FL_TIME_NONE)
		return words_add(&ruling->because, "%s", what);
	if (host->silent > 0)
		return words_add(&ruling->because, "the same host left %u other %s unanswered, too", host->silent,
		                 host->silent == 1 ? "connection" : "connections");
	if (host->went_on)
		return words_add(&ruling->because, "a connection of the host from before had packets of it afterwards: "
		                                   "it was not restarted");
	if (host->back_at == FL_TIME_NONE)
		return true;

	char time[FL_TIME_TEXT];

	return words_add(&ruling->because, "nothing was heard of the host on any connection until %s",
	                 fl_time_of_day(host->back_at, true, time));
}

static bool add_tries_reason(const struct fl_finding *finding, struct ruling *ruling)
{
	long long rtos = fl_finding_get(finding, "rtos", 0);

	if (fl_finding_get(finding, "acks_lost", 0))
		return words_add(&ruling->because,
		                 "%lld %s by the retransmission timer of what was ACKed, and %lld D-SACKs for them",
		                 rtos, rtos == 1 ? "repeat" : "repeats",
		                 (long long)fl_finding_get(finding, "d_sacks", 0));
	if (fl_finding_get(finding, "probes", 0))
		return words_add(&ruling->because, "%lld probes in a row, each of which its kernel owes an answer",
		                 rtos);
	return words_add(&ruling->because, "%lld %s by the retransmission timer%s, and no ACK", rtos,
	                 rtos == 1 ? "repeat" : "repeats",
	                 fl_finding_get(finding, "repeats", 0) > rtos ? " and a tail loss probe" : "");
}

/* What else looks like this. A full accept queue and an ICMP error are told by themselves, and not called this. */
static bool add_alternatives(const struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	if (fl_finding_get(finding, "full_size", 0) && !words_add(&ruling->alternatives, "mtu-blackhole"))
		return false;
	return fl_finding_get(finding, "quiet_before", 0) < setting(hearing, FL_SET_IDLE) ||
	       words_add(&ruling->alternatives, "idle-dropped");
}

static bool is_corroborated(const struct fl_finding *finding, const struct host_elsewhere *host,
                            const struct notice *notice)
{
	bool host_is_silent = host->silent > 0 && host->heard_at == FL_TIME_NONE && !host->went_on;

	return fl_finding_get(finding, "stopped", 0) || notice->at != FL_TIME_NONE || host_is_silent;
}

/* What later packets, or an ICMP error, say belongs to another id, or to none that is known. */
static bool belongs_elsewhere(const struct hearing *hearing, const struct fl_finding *finding,
                              const struct notice *notice)
{
	bool was_idle = fl_finding_get(finding, "quiet_before", 0) >= setting(hearing, FL_SET_IDLE);

	return (hearing->flow->marks & FL_MARK_ICMP_LAST) || (was_idle && notice->is_answered);
}

bool rule_peer_vanished(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	struct host_elsewhere host;
	struct notice notice;

	if (!neighbours)
		return false;
	if (is_one_sided(hearing))
		return true;
	neighbours_host(neighbours, hearing->flow, finding->dir, finding->onset + slack, finding->until, &host);
	notice = find_notice(hearing, finding, neighbours);
	if (belongs_elsewhere(hearing, finding, &notice) || well_is_unresolved(hearing, finding->dir))
		return true;
	if (!is_past_tries(hearing, finding) && !fl_finding_get(finding, "probes", 0)) {
		ruling->is_pending = true;
		return true;
	}

	bool is_between = fl_finding_get(finding, "one_way", 0);
	bool is_long = fl_finding_get(finding, "rtos", 0) >= many_tries &&
	               fl_finding_get(finding, "waited", 0) >= long_tries;
	bool host_lives = host.heard_at != FL_TIME_NONE || host.went_on;

	ruling->is_verdict = true;
	ruling->layer = FL_LAYER_PATH;
	ruling->side = is_between ? FL_SIDE_BETWEEN : FL_SIDE_NONE;
	ruling->severity = is_long || is_corroborated(finding, &host, &notice) ? FL_CRITICAL : FL_WARNING;
	ruling->noticed = notice.at;
	ruling->confidence = FL_CONFIDENCE_HIGH;
	if ((host_lives && !is_between) || (notice.is_answered && notice.connected_anew < finding->until) ||
	    fl_finding_get(finding, "full_size", 0) || ruling->severity < FL_CRITICAL)
		ruling->confidence = FL_CONFIDENCE_MEDIUM;
	if ((hearing->flow->end[0].seen | hearing->flow->end[1].seen) & FL_SEEN_HOLE)
		ruling->confidence = FL_CONFIDENCE_LOW;
	return add_tries_reason(finding, ruling) && add_view_reasons(hearing, &ruling->because) &&
	       add_host_reasons(finding, &host, &notice, ruling) && add_alternatives(hearing, finding, ruling);
}

/* Other connections to the same port that were made say that somebody listens there, and when the host was heard
 * meanwhile, that it is up. */
static bool add_connect_reasons(const struct hearing *hearing, const struct siblings *siblings,
                                const struct host_elsewhere *host, struct ruling *ruling)
{
	bool is_up = host->heard_at != FL_TIME_NONE || host->went_on;
	char time[FL_TIME_TEXT];
	const char *why = "no other connection to that port in the capture to compare with";

	if (siblings->connected > 0 && is_up)
		why = "other connections to the same port were made, and the host lives: its listen "
		      "queue was full, or a filter drops this client's packets";
	else if (is_up && host->heard_at == FL_TIME_NONE)
		why = "a connection of the host from before had packets of it afterwards: it was not restarted";
	else if (siblings->connected > 0)
		why = "other connections to the same port had been made before; nothing was heard of the host since";
	else if (is_up)
		why = "the host was heard on other connections meanwhile: it is up";
	else if (siblings->count > 0)
		why = "no other connection to that port was made either";
	if (!is_up && host->back_at != FL_TIME_NONE) {
		if (!words_add(&ruling->because, "nothing was heard of the host until %s",
		               fl_time_of_day(host->back_at, true, time)))
			return false;
	} else if (!words_add(&ruling->because, "%s", why)) {
		return false;
	}
	return hearing->vantage.where != FL_SIDE_SERVER ||
	       words_add(&ruling->because, "captured at the server: the SYNs arrive, and nothing leaves");
}

bool rule_connect_unanswered(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	int64_t waited = fl_finding_get(finding, "waited", 0), repeats = fl_finding_get(finding, "repeats", 0);
	struct host_elsewhere host;
	bool is_answered = false;
	struct siblings siblings;
	int64_t again;

	if (!neighbours)
		return false;
	if (hearing->flow->marks & FL_MARK_ICMP)
		return true; /* somebody said why */
	if (repeats < setting(hearing, FL_SET_SYN_REPEATS) || waited < setting(hearing, FL_SET_SYN_FOR)) {
		ruling->is_pending = true;
		return true;
	}
	neighbours_siblings(neighbours, hearing->flow, 0, &siblings);
	neighbours_host(neighbours, hearing->flow, finding->dir, finding->onset, finding->until, &host);
	again = neighbours_next_try(neighbours, hearing->flow, finding->until, &is_answered);

	bool has_stopped = fl_finding_get(finding, "stopped", 0);
	bool gave_up = fl_finding_get(finding, "gave_up", 0) || (has_stopped && again != FL_TIME_NONE);
	bool is_long = waited >= long_syns && repeats >= many_syns;
	enum scan scan = neighbours_scan(neighbours, hearing->flow, hearing->client);

	if (is_long && scan != NO_SCAN && scan != IS_WIDE_SCAN) /* who waits so long wants to be answered */
		scan = NO_SCAN;
	ruling->is_verdict = true;
	ruling->layer = hearing->vantage.where == FL_SIDE_SERVER ? FL_LAYER_STACK : FL_LAYER_PATH;
	ruling->severity = is_long || gave_up ? FL_CRITICAL : FL_WARNING;
	if (scan != NO_SCAN)
		ruling->severity = FL_NOTICE;
	ruling->noticed = fl_finding_get(finding, "gave_up", again);
	ruling->confidence = repeats >= many_syns ? FL_CONFIDENCE_HIGH : FL_CONFIDENCE_MEDIUM;
	return add_scan_reason(scan, &ruling->because) &&
	       words_add(&ruling->because, "%lld SYNs of one attempt, none of which got anything back",
	                 (long long)repeats + 1) &&
	       add_connect_reasons(hearing, &siblings, &host, ruling);
}

/* A slow connect is what a flow is only if it suffered from nothing else. */
bool rule_connect_slow(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	bool was_full = has_finding(hearing, "accept-queue-overflow");

	ruling->is_verdict = !has_finding(hearing, "degraded") || was_full;
	ruling->severity = FL_WARNING;
	ruling->layer = FL_LAYER_PATH;
	ruling->side = FL_SIDE_BETWEEN;
	ruling->confidence = FL_CONFIDENCE_HIGH;
	/* At the client an ACK that was lost on its way looks the same. */
	if (was_full && hearing->vantage.where != FL_SIDE_CLIENT) {
		ruling->layer = FL_LAYER_APPLICATION;
		ruling->side = FL_SIDE_SERVER;
		ruling->summary = finding->detector->summaries[0];
		return words_add(&ruling->because,
		                 "the client's ACK is in the capture before the SYN-ACK was sent again");
	}
	return words_add(&ruling->because, "the repeats of the handshake are in the capture; whether it or its answer "
	                                   "was lost, one place of capture cannot tell");
}

bool rule_degraded(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	bool is_whole = !((hearing->flow->end[0].seen | hearing->flow->end[1].seen) & FL_SEEN_HOLE);

	(void)finding;
	ruling->is_verdict = !has_finding(hearing, "accept-queue-overflow"); /* then it stood still for the handshake */
	ruling->severity = FL_WARNING;
	ruling->layer = FL_LAYER_PATH;
	ruling->side = FL_SIDE_BETWEEN;
	ruling->confidence = is_whole ? FL_CONFIDENCE_HIGH : FL_CONFIDENCE_MEDIUM;
	return words_add(&ruling->because, "the repeats and the ACKs that ended them are in the capture; "
	                                   "the round trip that an ACK takes anyway is not counted") &&
	       (is_whole || words_add(&ruling->because, "the capture itself lost packets of this connection"));
}

bool rule_idle_unknown(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	if (well_waits_too_long(hearing))
		return true; /* it is not idle: somebody waits */
	if (!well_was_made(hearing))
		return true; /* it was never open */
	ruling->is_verdict = true;
	ruling->side = FL_SIDE_UNKNOWN;
	ruling->severity = fl_finding_get(finding, "idle", 0) > setting(hearing, FL_SET_IDLE_UNPROBED) ? FL_WARNING
	                                                                                               : FL_NOTICE;
	ruling->confidence = FL_CONFIDENCE_MEDIUM;
	return words_add(&ruling->because, "nothing was under way, and nothing was asked") &&
	       add_view_reasons(hearing, &ruling->because);
}

bool rule_keepalive_unanswered(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	int64_t gave_up = fl_finding_get(finding, "gave_up", FL_TIME_NONE);
	struct host_elsewhere host;

	if (!neighbours)
		return false;
	if (is_one_sided(hearing))
		return true;
	neighbours_host(neighbours, hearing->flow, finding->dir, finding->onset + slack, finding->until, &host);
	ruling->is_verdict = true;
	ruling->severity = FL_CRITICAL;
	ruling->layer = FL_LAYER_PATH;
	ruling->noticed = fl_finding_get(finding, "left", gave_up);
	ruling->confidence = fl_finding_get(finding, "probes", 0) > 1 ? FL_CONFIDENCE_HIGH : FL_CONFIDENCE_MEDIUM;
	if (gave_up != FL_TIME_NONE &&
	    !words_add(&ruling->because,
	               "the prober's kernel gave the connection up after its probes, and said so (RST)"))
		return false;
	return words_add(&ruling->because, "each probe is one that a living kernel answers at once") &&
	       (host.heard_at == FL_TIME_NONE ||
	        words_add(&ruling->because,
	                  "the host sent packets on other connections meanwhile: it lives, and what is "
	                  "dead concerns this connection"));
}

static const char *icmp_name(const struct fl_icmp_seen *icmp)
{
	static const char *const names[] = {
		"network unreachable",
		"host unreachable",
		"protocol unreachable",
		"port unreachable",
		"fragmentation needed",
		"source route failed",
		"network unknown",
		"host unknown",
		"source host isolated",
		"network prohibited",
		"host prohibited",
		"network unreachable for that service",
		"host unreachable for that service",
		"administratively prohibited",
	};
	static const char *const names6[] = { "no route",         "administratively prohibited",
		                              "beyond the scope", "address unreachable",
		                              "port unreachable", "failed ingress policy",
		                              "route rejected" };
	const uint8_t unreachable = 3, unreachable6 = 1, too_big6 = 2;
	bool is_6 = icmp->sender.family == 6;

	if (is_6 && icmp->type == too_big6)
		return "packet too big";
	if (is_6 && icmp->type == unreachable6 && icmp->code < sizeof(names6) / sizeof(names6[0]))
		return names6[icmp->code];
	if (!is_6 && icmp->type == unreachable && icmp->code < sizeof(names) / sizeof(names[0]))
		return names[icmp->code];
	return "error";
}

bool add_icmp_reason(const struct fl_icmp_seen *icmp, struct fl_words *because)
{
	char sender[FL_ADDRESS_TEXT];

	return words_add(because, "%s type %u code %u (%s) from %s%s", icmp->sender.family == 6 ? "ICMPv6" : "ICMP",
	                 icmp->type, icmp->code, icmp_name(icmp), fl_address_text(&icmp->sender, sender),
	                 icmp->is_from_target ? ", the host itself" : ", which is not the host itself");
}

bool rule_unreachable(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct fl_icmp_seen *icmp = fl_tcp_icmp(hearing->flow, !finding->dir);
	const int64_t enough_errors = 2, long_enough = FL_NS_PER_S;

	if (fl_finding_get(finding, "errors", 0) < enough_errors ||
	    fl_finding_get(finding, "waited", 0) < long_enough) {
		ruling->is_pending = true;
		return true;
	}
	ruling->is_verdict = true;
	ruling->severity = FL_CRITICAL;
	ruling->layer = FL_LAYER_PATH;
	ruling->side = fl_finding_get(finding, "from_target", 0) ? FL_SIDE_NONE : FL_SIDE_BETWEEN;
	ruling->confidence = FL_CONFIDENCE_HIGH;
	ruling->noticed = fl_finding_get(finding, "gave_up", FL_TIME_NONE);
	return icmp && add_icmp_reason(icmp, &ruling->because) && add_view_reasons(hearing, &ruling->because);
}

bool rule_mtu_blackhole(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	if (is_one_sided(hearing))
		return true;
	ruling->is_verdict = true;
	ruling->severity = FL_CRITICAL;
	ruling->layer = FL_LAYER_PATH;
	ruling->side = FL_SIDE_BETWEEN;
	if (fl_finding_get(finding, "missing", 0)) {
		ruling->confidence = FL_CONFIDENCE_MEDIUM;
		return words_add(&ruling->because, "the ACKs stand before the hole, and SACK what is behind it") &&
		       words_add(&ruling->alternatives, "peer-vanished") && add_view_reasons(hearing, &ruling->because);
	}
	if (fl_finding_get(finding, "likely", 0)) {
		bool is_long = fl_finding_get(finding, "rtos", 0) >= many_tries &&
		               fl_finding_get(finding, "waited", 0) >= long_tries;

		/* A kernel that probes finds a size by then. */
		ruling->severity = is_long || fl_finding_get(finding, "stopped", 0) ? FL_CRITICAL : FL_WARNING;
		ruling->confidence = FL_CONFIDENCE_MEDIUM;
		return words_add(&ruling->because, "all that was ACKed before was small, and these are the first full "
		                                   "segments; nothing small was sent since") &&
		       words_add(&ruling->alternatives, "peer-vanished") && add_view_reasons(hearing, &ruling->because);
	}
	ruling->confidence = FL_CONFIDENCE_HIGH;
	return words_add(&ruling->because,
	                 "nothing but segments of %lld bytes and more is repeated, and %lld packets of the "
	                 "other side came meanwhile",
	                 (long long)fl_finding_get(finding, "least", 0),
	                 (long long)fl_finding_get(finding, "heard", 0)) &&
	       add_view_reasons(hearing, &ruling->because);
}

/* The idle timer of something usual that had run out by then, the longest; NULL for none. */
static const char *timer_before(int64_t quiet)
{
	static const struct {
		int64_t seconds;
		const char *whose;
	} timers[] = { { 432000, "432000 s (Linux conntrack)" },
		       { 3600, "3600 s" },
		       { 1800, "1800 s" },
		       { 1200, "1200 s (Google Cloud NAT)" },
		       { 900, "900 s (IPVS)" },
		       { 600, "600 s (Google Cloud)" },
		       { 350, "350 s (AWS)" },
		       { 300, "300 s" },
		       { 240, "240 s (Azure)" },
		       { 60, "60 s" } };

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		if (quiet >= timers[i].seconds * FL_NS_PER_S)
			return timers[i].whose;
	}
	return NULL;
}

bool rule_idle_dropped(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	int64_t quiet = fl_finding_get(finding, "quiet", 0);
	bool by_probes = fl_finding_get(finding, "probes", 0), by_reset = finding->summary != NULL && !by_probes;
	const char *timer = timer_before(quiet);
	struct host_elsewhere host;
	struct notice notice;

	if (!neighbours)
		return false;
	if (is_one_sided(hearing) || (hearing->flow->marks & FL_MARK_ICMP_LAST))
		return true;
	neighbours_host(neighbours, hearing->flow, finding->dir, finding->onset + slack, finding->until, &host);
	notice = find_notice(hearing, finding, neighbours);

	/* Whoever asks here: that client's next connection to the service. */
	if (notice.connected_anew == FL_TIME_NONE)
		notice.connected_anew = neighbours_next_try(neighbours, hearing->flow, finding->onset,
		                                            &notice.is_answered);

	bool host_lives = host.heard_at != FL_TIME_NONE || host.went_on || notice.is_answered;
	bool is_long = fl_finding_get(finding, "rtos", 0) >= many_tries &&
	               fl_finding_get(finding, "waited", 0) >= long_tries;

	if (!by_reset && !host_lives && host.silent > 0)
		return true; /* it left others unanswered, too: the host is gone */
	if (by_probes && !host_lives)
		return true; /* keepalives are there to find a host that died while nobody spoke */
	ruling->is_verdict = true;
	ruling->severity = by_reset || by_probes || is_long || is_corroborated(finding, &host, &notice) ? FL_CRITICAL
	                                                                                                : FL_WARNING;
	ruling->layer = FL_LAYER_PATH;
	ruling->side = FL_SIDE_BETWEEN;
	ruling->noticed = notice.at;
	ruling->confidence = by_reset || notice.is_answered ? FL_CONFIDENCE_HIGH
	                     : host_lives                   ? FL_CONFIDENCE_MEDIUM
	                                                    : FL_CONFIDENCE_LOW;
	if (!by_reset && !words_add(&ruling->alternatives, "peer-vanished"))
		return false;
	if (timer && !words_add(&ruling->because, "an idle timer of that quiet time or less fits, %s for one", timer))
		return false;
	const char *why = "nothing tells whether the host was there: one that died meanwhile looks the same";

	if (by_reset)
		why = "the RST's TTL is not that of its supposed sender";
	else if (notice.is_answered)
		why = "a new connection to the same service was made: the host lives, and so does the path for what is "
		      "new";
	else if (host_lives)
		why = "the host was heard on other connections: it lives";
	return words_add(&ruling->because, "%s", why) && add_view_reasons(hearing, &ruling->because);
}
