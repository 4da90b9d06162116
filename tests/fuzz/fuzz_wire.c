/* Frames of any link type, as bytes. An input is: two bytes of link type (little endian), then frames, each led by two
 * bytes: twelve bits of captured length and four that say how much longer it was on the wire. Several frames share one
 * decoder, so that fragments meet. What must hold for any packet is checked, not only that nothing crashes. */
#include "flatline/anonymize.h"
#include "flatline/packet.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct fl_packet *packet)
{
	char line[FL_PACKET_LINE];
	unsigned sum = 0;

	must(packet->outcome < FL_OUTCOMES);
	must(packet->captured <= packet->length);
	must((packet->captured > 0) == (packet->payload != NULL));
	must(packet->options.n_sack <= 4);
	if (packet->outcome != FL_OUTCOME_TCP)
		must(packet->length == 0 && packet->captured == 0 && packet->flags == 0);
	else
		must(packet->source.family != 0 && packet->source.family == packet->target.family);
	if (packet->outcome == FL_OUTCOME_ICMP)
		must(packet->icmp.quoted <= 60 && packet->icmp.from.family != 0);
	/* The sanitizer sees whether the payload's bytes are still there. */
	for (uint32_t i = 0; i < packet->captured; i++)
		sum += packet->payload[i];
	must(sum <= packet->captured * 255u);
	must(fl_packet_line(packet, line) == line && strlen(line) > 0 && strlen(line) < FL_PACKET_LINE);
}

/* What may be shown of a frame is never more than there was of it. */
static void strip(const struct fl_frame *frame)
{
	const struct fl_anonymizer anonymizer = { { 1, 2 } };
	uint8_t bytes[FL_STRIPPED_MOST];

	must(fl_wire_strip(NULL, frame, NULL, 0, bytes) <= frame->caplen);
	must(fl_wire_strip(&anonymizer, frame, (const uint8_t *)"said", 4, bytes) <= frame->caplen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fl_wire *wire = fl_wire_new();
	struct fl_frame frame = { 0 };

	if (!wire || size < 2) {
		fl_wire_free(wire);
		return 0;
	}
	frame.link = (uint16_t)(data[0] | data[1] << 8);
	data += 2;
	size -= 2;
	while (size >= 2) {
		uint32_t head = (uint32_t)(data[0] | data[1] << 8), caplen = head & 0x0fff;
		struct fl_packet packet;
		uint8_t *bytes;

		data += 2;
		size -= 2;
		if (caplen > size)
			caplen = (uint32_t)size;
		frame.number++;
		frame.caplen = caplen;
		frame.len = caplen + (head >> 12) * (head >> 12) * 400;
		/* A block of its own for each frame: a read past its end is seen. */
		bytes = malloc(caplen ? caplen : 1);
		if (!bytes)
			break;
		memcpy(bytes, data, caplen);
		frame.bytes = bytes;
		fl_wire_decode(wire, &frame, &packet);
		check(&packet);
		strip(&frame);
		free(bytes);
		data += caplen;
		size -= caplen;
	}
	must(fl_wire_incomplete(wire) <= frame.number);
	fl_wire_free(wire);
	return 0;
}
