/* The flight recorder of a live run (--record): the last packets of all connections are kept in memory, and those of
 * one that turns bad become a file. Private to cli/. */
#ifndef CLI_RECORDER_H
#define CLI_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/engine.h"
#include "flatline/error.h"
#include "flatline/event.h"
#include "flatline/live.h"
#include "options.h"

struct recorder;

/* Memory, and the directory of --record. NULL with `reterr`. `options` and `live` (NULL: nobody knows of drops) outlive
 * it. */
struct recorder *recorder_new(const struct options *options, struct fl_live *live, struct fl_error *reterr);
/* From now on files are written, by a thread that is made here. False with `reterr`. */
bool recorder_start(struct recorder *recorder, struct fl_error *reterr);
/* What the engine is to call. */
struct fl_engine_probe recorder_probe(struct recorder *recorder);
/* The frames that the engine has just taken (FL_BATCH at most), their bytes still valid. */
void recorder_frames(struct recorder *recorder, const struct fl_frame *frames, size_t count);
/* That account is told at `now`; what was judged ends at `until`. Its packets are copied, and wait to be written, once
 * for each connection and verdict; what finds no room is left out, and counted. */
void recorder_take(struct recorder *recorder, const struct fl_account *account, int64_t now, int64_t until);
/* The next file that got its name since; false: none. Valid until the next call. */
bool recorder_next(struct recorder *recorder, struct fl_recording *ret_recording);
/* What was left out since the last call, and why, added as words; nothing: nothing was. */
void recorder_left_out(struct recorder *recorder, struct fl_text *text);
/* Waits up to `patience_ms` until all is written. */
void recorder_wait(struct recorder *recorder, int patience_ms);
/* What is not written by then goes with the process. NULL is allowed. */
void recorder_free(struct recorder *recorder);

#endif
