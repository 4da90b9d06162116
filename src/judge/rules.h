/* What rules of several files share. Private to judge/. */
#ifndef JUDGE_RULES_H
#define JUDGE_RULES_H

#include "case.h"

typedef bool rule_apply(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling);

/* rules_path.c: what the kernels' repeats show. */
rule_apply rule_peer_vanished, rule_connect_unanswered, rule_connect_slow, rule_degraded, rule_idle_unknown;

/* How the flow was seen, for every confidence. False out of memory. */
bool add_view_reasons(const struct hearing *hearing, struct fl_words *because);
/* The flow has an open finding of that id. */
bool has_finding(const struct hearing *hearing, const char *id);

#endif
