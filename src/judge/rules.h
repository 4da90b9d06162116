/* What rules of several files share. Private to judge/. */
#ifndef JUDGE_RULES_H
#define JUDGE_RULES_H

#include "case.h"

typedef bool rule_apply(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling);

/* rules_application.c: logins, beats and requests. */
rule_apply rule_auth_unanswered, rule_auth_rejected, rule_heartbeat_ack_only, rule_heartbeat_stopped, rule_app_silent;

/* rules_path.c: what the kernels' repeats show. */
rule_apply rule_peer_vanished, rule_connect_unanswered, rule_connect_slow, rule_degraded, rule_idle_unknown;

rule_apply rule_keepalive_unanswered, rule_unreachable, rule_mtu_blackhole, rule_idle_dropped;

/* rules_connect.c: connects that were refused, or half made. */
rule_apply rule_connect_refused, rule_handshake_abandoned, rule_accept_queue_overflow;

/* rules_end.c: ends that were none in order, and who does not read. */
rule_apply rule_peer_restarted, rule_closed_mid_request, rule_reset, rule_half_closed, rule_close_unanswered,
	rule_receiver_stalled;

/* Who sent the ICMP error, and what it says. False out of memory. */
bool add_icmp_reason(const struct fl_icmp_seen *icmp, struct fl_words *because);
/* How the flow was seen, for every confidence. False out of memory. */
bool add_view_reasons(const struct hearing *hearing, struct fl_words *because);
/* That the client is a scanner, where it is one. False out of memory. */
bool add_scan_reason(enum scan scan, struct fl_words *because);
/* It stands on what a known protocol owes. */
bool is_by_protocol(const struct fl_finding *finding);
/* Which protocol that is, by what it is known, and what it owes. False out of memory. */
bool add_protocol_reason(const struct hearing *hearing, const char *what, struct fl_words *because);
/* The flow has an open finding of that id. */
bool has_finding(const struct hearing *hearing, const char *id);

#endif
