/* What probes tell of their kernels' timers: keepalives, and those of a closed window. Private to judge/. */
#ifndef JUDGE_PROBES_H
#define JUDGE_PROBES_H

#include "case.h"
#include "flatline/text.h"

/* The side whose probes of a closed window are the last that a kernel does of its own accord. False without. */
bool probes_of_window(const struct hearing *hearing, unsigned *ret_dir);
/* Those of end[dir] in words, as they stand at `until`, and their settings. */
void probes_tell_window(const struct hearing *hearing, unsigned dir, int64_t until, struct fl_text *text,
                        struct fl_timers *ret_timers);

/* The kernel that probed a closed window gave up, without a packet: between these two moments. False when nothing shows
 * that. */
bool probes_gave_up(const struct hearing *hearing, int64_t *ret_from, int64_t *ret_to);

/* Fills in account->keepalive_says, of a flow that shows keepalives, or was silent for long without; and, if nothing is
 * known of other timers (`takes_timers`), account->timers. False out of memory. */
bool probes_tell_keepalives(const struct hearing *hearing, bool takes_timers, struct fl_account *account);

#endif
