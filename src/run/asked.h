/* Addresses that were asked for on the link and not answered. Private to run/. */
#ifndef RUN_ASKED_H
#define RUN_ASKED_H

#include "flatline/judge.h"
#include "flatline/packet.h"

#define ASKED_MOST 64 /* addresses at a time; then the one asked for longest ago is forgotten */

struct asked {
	struct fl_unresolved item[ASKED_MOST];
	size_t count;
};

/* Takes an ARP or ND message. */
void asked_take(struct asked *asked, const struct fl_packet *packet);

#endif
