/* What a flow shows of its kernels' timers, in figures and in words. Private to judge/. */
#ifndef JUDGE_TIMERS_H
#define JUDGE_TIMERS_H

#include "case.h"
#include "flatline/text.h"

/* Fills in account->timers, account->kernel_says and account->keepalive_says, as far as there is something to tell.
 * False out of memory. */
bool timers_tell(const struct hearing *hearing, struct fl_account *account);

/* The settings in words, "tcp_retries2 is 5, or TCP_USER_TIMEOUT is 6.3 s to 14.1 s"; `kind`: of what they are read,
 * enum fl_series_kind. */
void timers_tell_knobs(struct fl_text *text, const struct fl_timers *timers, unsigned kind);

/* The kernel that repeated gave up, without a packet: between these two moments. False when nothing shows that. */
bool timers_gave_up(const struct hearing *hearing, int64_t *ret_from, int64_t *ret_to);

#endif
