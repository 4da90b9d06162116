/* One frame in, one packet out: the walk goes from the link header inward to the last TCP, ICMP or neighbour message
 * that it finds, and names what it met instead when there is none. Tunnels are walked through: the innermost flow
 * counts, as in Wireshark's columns. */
#include "wire.h"

#include <stdlib.h>

struct fl_wire *fl_wire_new(void)
{
	return calloc(1, sizeof(struct fl_wire));
}

void fl_wire_free(struct fl_wire *wire)
{
	if (!wire)
		return;
	fragments_deinit(&wire->fragments);
	free(wire);
}

uint64_t fl_wire_incomplete(const struct fl_wire *wire)
{
	return fragments_incomplete(&wire->fragments);
}

void wire_walk(struct fl_wire *wire, const struct fl_frame *frame, struct layout *layout, struct fl_packet *ret_packet)
{
	struct walk walk = {
		.cursor = fl_cursor_over(frame->bytes, frame->caplen),
		.missing = frame->len > frame->caplen ? frame->len - frame->caplen : 0,
		.packet = ret_packet,
		.wire = wire,
		.layout = layout,
	};

	memset(ret_packet, 0, sizeof(*ret_packet));
	ret_packet->number = frame->number;
	ret_packet->at = frame->at;
	ret_packet->file = frame->file;
	ret_packet->interface = frame->interface;
	ret_packet->outcome = FL_OUTCOME_MALFORMED;
	wire->calls++;

	if (frame->link == 1 && frame->caplen >= 12) {
		memcpy(ret_packet->mac_target, frame->bytes, 6);
		memcpy(ret_packet->mac_source, frame->bytes + 6, 6);
	}
	wire_link(&walk, frame->link);
}

void fl_wire_decode(struct fl_wire *wire, const struct fl_frame *frame, struct fl_packet *ret_packet)
{
	wire_walk(wire, frame, NULL, ret_packet);
}
