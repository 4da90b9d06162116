/* Writes pcapng: one section, whose comment says what the file shows, interfaces with a clock of nanoseconds, packets
 * that may carry a comment each, and at the end how long the capture ran. Between capture and who wants to keep frames.
 */
#ifndef FLATLINE_WRITER_H
#define FLATLINE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/error.h"
#include "flatline/frame.h"

struct fl_writer;

/* A file that will be `path`: until fl_writer_finish() what stands there stays as it is. `application` and `comment`
 * (UTF-8) are those of the section. NULL with `reterr`. */
struct fl_writer *fl_writer_new(const char *path, const char *application, const char *comment,
                                struct fl_error *reterr);
/* The same for a file that holds what was said: only its owner may read it, and what stands there stays; the file then
 * is `path` with a number before its ending (".pcapng"). */
struct fl_writer *fl_writer_new_private(const char *path, const char *application, const char *comment,
                                        struct fl_error *reterr);
/* The next interface, numbered from 0; they come before the packets. `link` is a LINKTYPE_ value, `name` may be NULL,
 * `snaplen` 0: nobody says it. */
void fl_writer_interface(struct fl_writer *writer, uint16_t link, const char *name, uint32_t snaplen);
/* A frame that has a time (0 or later, ns): its bytes, its length on the wire, its time. NULL: no comment. */
void fl_writer_frame(struct fl_writer *writer, uint32_t interface, const struct fl_frame *frame, const char *comment);
/* Of that interface: when the capture ended, ns, and how many packets it lost (where that is known). */
void fl_writer_statistics(struct fl_writer *writer, uint32_t interface, int64_t end, bool has_drops, uint64_t drops);
/* All is written: the file gets its name, in place of what stood there. 0, or -1 with `reterr` and nothing changed. */
int fl_writer_finish(struct fl_writer *writer, struct fl_error *reterr);
/* The name that it got; valid as long as `writer`. */
const char *fl_writer_path(const struct fl_writer *writer);
/* What was not finished leaves nothing. NULL is allowed. */
void fl_writer_free(struct fl_writer *writer);

#endif
