/* What a flow shows of its kernels' timers, in figures and in words. Private to judge/. */
#ifndef JUDGE_TIMERS_H
#define JUDGE_TIMERS_H

#include "case.h"

/* Fills in account->timers and account->kernel_says, if something was repeated. False out of memory. */
bool timers_tell(const struct hearing *hearing, struct fl_account *account);

#endif
