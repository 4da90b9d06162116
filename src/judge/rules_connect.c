/* The rules of connects that were refused, or that only one side took for done. */
#include "rules.h"

enum { few_hops = 2 };

/* What a TTL began as: 64, 128, 255. */
static unsigned class_of(uint8_t ttl)
{
	return ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

/* A host's RST has the TTL of its other packets; another's was sent by something on the way. */
static bool is_of_another(const struct hearing *hearing, unsigned dir, const struct neighbours *neighbours)
{
	const struct fl_ending *ending = fl_tcp_ending(hearing->flow);
	uint8_t usual = neighbours_ttl(neighbours, hearing->flow, dir);

	/* Programs set their own TTL (BGP: 1, or 255), which the kernel's RST does not have; a few hops tell. */
	return ending && usual > few_hops && ending->ttl > few_hops && class_of(ending->ttl) == class_of(usual) &&
	       ending->ttl != usual;
}

bool add_scan_reason(enum scan scan, struct fl_words *because)
{
	return scan == NO_SCAN ||
	       words_add(because, "its client tried many ports or hosts, hardly one of them twice, and said nothing to "
	                          "any: it only looks who is there");
}

bool rule_connect_refused(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	const struct fl_icmp_seen *icmp = fl_tcp_icmp(hearing->flow, !finding->dir);
	bool is_rst = fl_finding_get(finding, "refused", 0);

	if (!neighbours)
		return false;

	enum scan scan = neighbours_scan(neighbours, hearing->flow, hearing->client);

	if (scan == IS_SCAN) /* a host whose ten services are down refuses as many */
		scan = NO_SCAN;
	ruling->is_verdict = true;
	ruling->severity = scan == NO_SCAN ? FL_CRITICAL : FL_NOTICE;
	ruling->confidence = FL_CONFIDENCE_HIGH;
	ruling->noticed = fl_finding_get(finding, "told", FL_TIME_NONE);
	if (!add_scan_reason(scan, &ruling->because))
		return false;
	if (is_rst) {
		bool is_another = is_of_another(hearing, finding->dir, neighbours);

		ruling->summary = is_another ? finding->detector->summaries[1] : NULL;
		ruling->layer = is_another ? FL_LAYER_PATH : FL_LAYER_STACK;
		ruling->side = is_another ? FL_SIDE_BETWEEN : FL_SIDE_NONE;
		return words_add(&ruling->because, "%s",
		                 is_another
		                         ? "the RST's TTL is not that of the host's other packets: something on the "
		                           "way sent it"
		                         : "an RST that ACKs the SYN: the host is up, and nobody listens on that port");
	}
	ruling->layer = FL_LAYER_PATH;
	ruling->side = icmp && icmp->is_from_target ? FL_SIDE_NONE : FL_SIDE_BETWEEN;
	return !icmp || add_icmp_reason(icmp, &ruling->because);
}

bool rule_handshake_abandoned(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	bool is_late = fl_finding_get(finding, "acked_late", 0);
	bool client_lives = is_late || fl_finding_get(finding, "client_lives", 0);

	if (!neighbours)
		return false;
	if (hearing->flow->marks & FL_MARK_ICMP_LAST)
		return true;
	if (fl_finding_get(finding, "waited", 0) < hearing->judge->settings.settings->value[FL_SET_HANDSHAKE_FOR]) {
		ruling->is_pending = true;
		return true;
	}

	enum scan scan = client_lives ? NO_SCAN : neighbours_scan(neighbours, hearing->flow, hearing->client);

	ruling->is_verdict = true;
	ruling->severity = scan == NO_SCAN ? FL_WARNING : FL_NOTICE;
	ruling->layer = client_lives ? FL_LAYER_PATH : FL_LAYER_UNKNOWN;
	ruling->side = client_lives ? FL_SIDE_BETWEEN : FL_SIDE_NONE;
	ruling->confidence = client_lives ? FL_CONFIDENCE_HIGH : FL_CONFIDENCE_MEDIUM;
	ruling->noticed = fl_finding_get(finding, "refused", FL_TIME_NONE);
	return add_scan_reason(scan, &ruling->because) &&
	       words_add(&ruling->because, "%lld SYN-ACKs, and no ACK of any",
	                 (long long)fl_finding_get(finding, "sent", 0)) &&
	       words_add(&ruling->because, "%s",
	                 is_late        ? "what the client sent later shows that it lives, and had got a SYN-ACK: "
	                                  "its ACKs did not arrive"
	                 : client_lives ? "the client repeats its SYN: it lives, and the SYN-ACKs do not reach it"
	                                : "nothing but its SYN came from the client: gone, a scan, a forged address, "
	                                  "or its ACKs are lost on the way");
}

bool rule_accept_queue_overflow(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	bool is_server_side = hearing->vantage.where == FL_SIDE_SERVER;
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	int64_t aborted = fl_finding_get(finding, "aborted", FL_TIME_NONE);
	struct siblings siblings;

	if (!neighbours)
		return false;
	neighbours_siblings(neighbours, hearing->flow, 0, &siblings);
	/* An RST alone may be a host that lost its state, or a listener that was closed. */
	bool is_ignored = aborted != FL_TIME_NONE && fl_finding_get(finding, "repeats", 0) > 0;
	uint32_t not_taken = aborted != FL_TIME_NONE ? neighbours_not_taken(neighbours, hearing->flow) : 0;

	if (aborted != FL_TIME_NONE && !is_ignored && siblings.connected == siblings.count && not_taken == 0)
		return true;
	/* Where all others were taken, one that was ignored does not show that nobody accepts. */
	bool is_alone = is_ignored && siblings.count > 0 && siblings.connected == siblings.count && not_taken == 0;

	ruling->is_verdict = true;
	ruling->severity = is_alone ? FL_WARNING : FL_CRITICAL;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->confidence = is_server_side ? FL_CONFIDENCE_HIGH : FL_CONFIDENCE_MEDIUM;
	if (aborted != FL_TIME_NONE) {
		ruling->noticed = aborted;
		if (is_ignored && !words_add(&ruling->because, "the client's bytes were ignored before the RST, which "
		                                               "a host without the connection would have sent at once"))
			return false;
		if (is_ignored && siblings.connected == siblings.count && not_taken == 0 &&
		    !words_add(&ruling->alternatives, "reset"))
			return false;
		if (not_taken > 0)
			return words_add(&ruling->because,
			                 "%u of %u other connections to this service had their SYN-ACK repeated behind "
			                 "their ACK within a minute: its queue was full",
			                 not_taken, siblings.count);
		return siblings.connected == siblings.count ||
		       words_add(&ruling->because,
		                 "%u of %u other connections to this service got no SYN-ACK: its queue was "
		                 "full",
		                 siblings.count - siblings.connected, siblings.count);
	}
	return words_add(&ruling->because, "%lld SYN-ACKs more, behind the client's ACK",
	                 (long long)fl_finding_get(finding, "repeats", 0)) &&
	       words_add(&ruling->because, "%s",
	                 is_server_side ? "captured at the server: the client's ACKs arrive there"
	                                : "at the client an ACK that is lost on the way looks the same");
}
