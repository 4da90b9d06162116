/* Frames off interfaces while they pass (libpcap). An interface that goes down is read on when it is up; one that
 * vanishes is tried again, if it may be opened again; what was known stays known. Knows nothing of TCP. */
#ifndef FLATLINE_LIVE_H
#define FLATLINE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/error.h"
#include "flatline/frame.h"

enum { FL_LIVE_DEVICES = 16 };

struct fl_live_settings {
	const char *filter; /* pcap-filter(7) expression, compiled into the kernel; NULL for none */
	uint32_t snaplen;   /* bytes of each frame */
	uint32_t buffer;    /* bytes that the kernel keeps for each device */
	bool is_promiscuous;
	bool reopens; /* opens again what vanished; else the right to is given up once all are open */
};

/* How a device stands. */
struct fl_live_device {
	const char *name;
	bool is_open;
	bool is_lost;            /* it vanished, and is not opened again */
	uint16_t link;           /* LINKTYPE_ value, while it is open */
	uint64_t frames;         /* taken from it */
	uint64_t drops;          /* lost by the kernel for want of room, and by the interface, over all its openings */
	uint32_t losses;         /* how often it went away */
	struct fl_error problem; /* why it is not open */
};

struct fl_live;

/* Opens all of them. NULL with `reterr` when one cannot be opened now, or the filter does not compile: later that is no
 * reason to end. `names` and the filter's text outlive it. */
struct fl_live *fl_live_new(const char *const *names, size_t n_names, const struct fl_live_settings *settings,
                            struct fl_error *reterr);
void fl_live_free(struct fl_live *live);

/* Waits up to `timeout_ms` for frames, and takes up to `max` of them; their bytes are valid until the next call. They
 * are numbered from 1 in the order in which they are given; `file` is 0, `interface` the device's index. Those of
 * several devices come in the order of their times, for which they are kept back for up to 150 ms by `clock` (that of
 * their stamps, ns). `now` is a clock's that nobody sets (ns): devices that are gone are tried again by it, after 1, 2,
 * 4, ... 30 s. 0 when none came, or when a signal did. */
size_t fl_live_read(struct fl_live *live, struct fl_frame *ret_frames, size_t max, int timeout_ms, int64_t now,
                    int64_t clock);
/* Asks the kernel for what it dropped; then the devices as they stand, valid as long as `live`. */
const struct fl_live_device *fl_live_devices(struct fl_live *live, size_t *ret_count);

/* Calls `take` for each interface that can be captured on, with a line about it (its addresses, whether it is up).
 * False with `reterr`. */
bool fl_live_list(void (*take)(void *context, const char *name, const char *about), void *context,
                  struct fl_error *reterr);

#endif
