/* Where in a frame what stands: the decoders tell it while they pass, so that whoever shows a frame to others knows its
 * headers as well as they do, and takes for safe what they know and nothing else. Private to wire/. */
#ifndef WIRE_LAYOUT_H
#define WIRE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum place_kind {
	PLACE_KEEP,    /* tells nobody's name */
	PLACE_OPTIONS, /* of a header; what may be known of them is a place of its own, behind this one */
	PLACE_MAC,
	PLACE_ADDRESS_4,
	PLACE_ADDRESS_6,
	PLACE_FINAL_6, /* the last address of a routing header: the packet's real target */
	PLACE_IPV4,    /* the first 20 bytes */
	PLACE_IPV6,    /* 40 bytes */
	/* Headers with a checksum over what follows; `whole` says how much that is. */
	PLACE_TCP, /* as far as it was captured, with its options */
	PLACE_UDP,
	PLACE_ICMP,
	PLACE_ICMPV6,
	PLACE_GRE,
};

struct place {
	uint8_t kind;
	uint16_t at, length; /* bytes, from the frame's first one on */
	uint32_t whole;      /* of this header and all that follows it in its layer, on the wire */
};

/* Headers deeper in a frame than that, and more places than that, are shown to nobody. */
enum { layout_bytes = 700, layout_places = 160 };

struct layout {
	const uint8_t *frame;
	size_t captured;
	struct place places[layout_places]; /* from the outside in */
	size_t count;
	bool is_full; /* there are more than fit: not to be trusted */
};

void layout_add(struct layout *layout, enum place_kind kind, const uint8_t *at, size_t length, uint32_t whole);

#endif
