/* A picture: what the packets of one connection looked like over time, for reports that draw. Who collects it is in
 * pictures.h. */
#ifndef FLATLINE_PICTURE_H
#define FLATLINE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/address.h"

/* What a packet is drawn as: the first that fits, from the end on. */
enum fl_tick_kind {
	FL_TICK_ACK,
	FL_TICK_DATA,
	FL_TICK_OPEN,
	FL_TICK_PROBE,
	FL_TICK_REPEAT,
	FL_TICK_END,
	FL_TICK_KINDS
};

/* A packet. */
#define FL_TICK_HEAD 48
struct fl_tick {
	int64_t at;
	uint64_t nth;      /* of the connection's packets, from 1 */
	uint64_t seq, ack; /* from the side's first one on; ack is 0 without the flag */
	uint32_t frame, file;
	uint32_t length, window; /* payload bytes; scaled where the scale is known */
	uint32_t classes;        /* FL_SEG_ bits (tcp.h) */
	uint8_t kind;            /* enum fl_tick_kind */
	uint8_t n_head;
	uint8_t head[FL_TICK_HEAD]; /* the payload's first bytes, where they were asked for */
	uint8_t dir;                /* sender: address[dir] of the picture */
};

/* Packets of one kind that are drawn in one place. */
struct fl_cell {
	int64_t first_at, last_at;
	uint32_t first_frame, last_frame, count;
};

#define FL_COLUMNS 240
/* A span of time in columns of equal length, by sender and kind. */
struct fl_strip {
	int64_t from, to;
	struct fl_cell cells[2][FL_TICK_KINDS][FL_COLUMNS];
};

struct fl_picture {
	uint32_t id;
	bool is_partial;              /* of standard input: only `ticks` are drawn */
	struct fl_address address[2]; /* of the senders */
	uint16_t port[2];
	uint64_t packets;       /* copies not counted */
	struct fl_strip *whole; /* all of it */
	struct fl_strip *close; /* around the onset; NULL where that shows nothing more */
	struct fl_tick
		*ticks; /* packets that matter, in order: the first, the last, those around the onset, and the odd */
	size_t n_ticks;
};

#endif
