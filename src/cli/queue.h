/* Lines that wait to be written by a thread of their own: a reader that does not read must never stop the capture.
 * Private to cli/. */
#ifndef CLI_QUEUE_H
#define CLI_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/error.h"

struct queue;

/* Lines for `path` (NULL: standard output), of which at most `most` bytes wait. `user` is who opens it, for words.
 * NULL with `reterr`. */
struct queue *queue_new(const char *path, const char *user, size_t most, struct fl_error *reterr);
/* From now on they are written, by a thread that is made here. False with `reterr`. */
bool queue_start(struct queue *queue, struct fl_error *reterr);
/* Takes a line (copied) with its newline. What finds no room is dropped, and counted. */
void queue_put(struct queue *queue, const char *line, size_t length);
/* A line could not be made: it counts as dropped. */
void queue_miss(struct queue *queue);
/* Half of the room is taken. */
bool queue_is_full(struct queue *queue);
/* Lines that were dropped so far. */
uint64_t queue_dropped(struct queue *queue);
/* The file is closed and opened again by its name, behind all lines that wait now (a rotation). */
void queue_reopen(struct queue *queue);
/* Whether that failed since the last call, with why; lines go on into the file that was open then. */
bool queue_reopen_failed(struct queue *queue, struct fl_error *reterr);
/* Nobody reads any more (a closed pipe), or the disk is full: the reason; NULL while all is well. */
const char *queue_trouble(struct queue *queue);
/* Waits up to `patience_ms` until all is written. */
void queue_free(struct queue *queue, int patience_ms);

#endif
