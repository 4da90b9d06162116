/* Which kernel settings a series of repeats fits. Private to judge/. */
#ifndef JUDGE_KNOBS_H
#define JUDGE_KNOBS_H

#include "flatline/judge.h"
#include "flatline/tcp.h"

/* The settings that could have made the series as it stands at `now`, each with the values that would: one of them
 * acted. `is_flattened`: ICMP errors held its gaps flat (RFC 6069), which then say nothing of the timer. */
void knobs_find(const struct fl_series *series, int64_t now, bool is_flattened, struct fl_timers *ret_timers);

/* When the kernel of a series that still goes on gives up at the latest, if its tcp_retries2 (of SYNs: tcp_syn_retries)
 * is `retries`; FL_TIME_NONE for other series, or where its gaps are not Linux'. */
int64_t knobs_gives_up(const struct fl_series *series, unsigned retries);

#endif
