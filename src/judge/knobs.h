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

/* Of a FIN that was ACKed: the closer's kernel had forgotten the connection `after` so long, ns. */
void knobs_of_fin_wait(int64_t after, struct fl_timers *ret_timers);

/* A side's keepalives, and what is known around them. */
struct keepalives {
	const struct fl_probes *probes;
	int64_t seen_before; /* how long the flow had been seen before the first of them, ns; FL_TIME_NONE: from its SYN
	                        on */
	int64_t rtt;         /* ns */
	int64_t gave_up_at;  /* the prober's own RST after them, FL_TIME_NONE without */
	bool is_reset;       /* their answer was an RST: none of them was in vain */
};
/* True when that RST came when the kernel's own would: one interval after the last one. */
bool knobs_keepalives_gave_up(const struct keepalives *keepalives);
/* The settings that could have sent those keepalives: tcp_keepalive_time and tcp_keepalive_intvl act together, and then
 * tcp_keepalive_probes or TCP_USER_TIMEOUT. */
void knobs_of_keepalives(const struct keepalives *keepalives, struct fl_timers *ret_timers);

/* True when the next probe of a closed window is overdue at `now`. *ret_due: when it was due at the latest. */
bool knobs_persist_stopped(const struct fl_probes *probes, int64_t now, int64_t *ret_due);
/* True when their gaps no longer grow. */
bool knobs_persist_is_capped(const struct fl_probes *probes);
/* True when each of them was twice the one before. */
bool knobs_persist_doubles(const struct fl_probes *probes);
/* The settings that could have sent those probes into a window that is closed, and ended them where they stopped. */
void knobs_of_persist(const struct fl_probes *probes, int64_t now, struct fl_timers *ret_timers);

#endif
