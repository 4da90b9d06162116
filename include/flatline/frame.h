/* A frame: what the capturing kernel wrote down, numbered as in its file. Stands between capture and wire, which know
 * nothing of each other. */
#ifndef FLATLINE_FRAME_H
#define FLATLINE_FRAME_H

#include <stdint.h>

#include "flatline/time.h"

/* How many frames travel together from capture to engine. */
#define FL_BATCH 16

struct fl_frame {
	uint64_t number;      /* from 1, as in its file, also for frames that a filter hid in between */
	int64_t at;           /* ns; FL_TIME_NONE when the file gives no time (pcapng simple packet blocks) */
	const uint8_t *bytes; /* `caplen` of them; borrowed, valid until the giver's next call */
	uint32_t caplen;      /* bytes captured */
	uint32_t len;         /* bytes on the wire, never below caplen */
	uint32_t file;        /* index into fl_capture_facts.files */
	uint16_t link; /* LINKTYPE_ value as in the file (not libpcap's DLT_): 1 Ethernet, 101 RAW, 113 SLL, 276 SLL2 */
	uint16_t interface; /* of its file, from 0 */
};

#endif
