/* Packets as annotated bytes for the tests of src/wire: headers to be laid in a row, and decoding with what must hold
 * for every packet, whole and cut at every byte. The innermost packet is always 10.0.0.1:40122 > 10.0.0.9:9001 (or
 * 2001:db8::1 and ::9), PSH ACK, seq 1000, ack 2000, window 502. */
#ifndef FLATLINE_TESTS_WIRE_BYTES_H
#define FLATLINE_TESTS_WIRE_BYTES_H

#include "flatline/packet.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define U16(value) (uint8_t)((value) >> 8), (uint8_t)((value)&0xff)
#define U32(value) U16((uint32_t)(value) >> 16), U16((uint32_t)(value)&0xffff)
#define LE16(value) (uint8_t)((value)&0xff), (uint8_t)((value) >> 8)

#define ETHERNET(type) /* 14 bytes: target, source, type */ 2, 0, 0, 0, 0, 0x09, 2, 0, 0, 0, 0, 0x01, U16(type)
#define IPV4_FRAGMENT(total, protocol, id, bits) /* 20 */ \
	0x45, 0x10, U16(total), U16(id), U16(bits), 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 9
#define IPV4(total, protocol) IPV4_FRAGMENT(total, protocol, 7, 0x4000)
#define IPV4_OUTER(total, protocol) /* 20: of a tunnel, 192.0.2.1 > 192.0.2.2 */ \
	0x45, 0, U16(total), 0, 1, 0, 0, 63, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2
#define ADDRESS6(last) 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last
#define IPV6(length, next) /* 40: traffic class 0x12, flow label 0x34567 */ \
	0x61, 0x23, 0x45, 0x67, U16(length), next, 61, ADDRESS6(1), ADDRESS6(9)
#define UDP(from, to, length) /* 8 */ U16(from), U16(to), U16(length), 0, 0
#define TCP_HEADER(words, flags) /* 20 */ \
	U16(40122), U16(9001), U32(1000), U32(2000), (words) << 4, flags, U16(502), 0, 0, 0, 0
#define TCP TCP_HEADER(5, FL_TCP_PSH | FL_TCP_ACK)

/* Decodes one frame, with a decoder of its own, from a block of exactly its size. The payload is not to be read. */
static inline struct fl_packet decode_cut(uint16_t link, const uint8_t *bytes, size_t caplen, size_t len)
{
	struct fl_wire *wire = fl_wire_new();
	uint8_t *block = malloc(caplen ? caplen : 1);
	struct fl_frame frame = {
		.number = 1, .link = link, .bytes = block, .caplen = (uint32_t)caplen, .len = (uint32_t)len
	};
	struct fl_packet packet;

	ck_assert_ptr_nonnull(wire);
	ck_assert_ptr_nonnull(block);
	if (caplen)
		memcpy(block, bytes, caplen);
	memset(&packet, 0xa5, sizeof(packet));
	fl_wire_decode(wire, &frame, &packet);
	ck_assert_uint_lt(packet.outcome, FL_OUTCOMES);
	ck_assert_uint_le(packet.captured, packet.length);
	ck_assert_int_eq(packet.captured > 0, packet.payload != NULL);
	fl_wire_free(wire);
	free(block);
	return packet;
}

/* Decodes the whole frame, and the frame cut at every byte: what was captured must say the same, or that it cannot say.
 * *ret_least, unless NULL, is the smallest captured length at which the outcome is the whole frame's. */
static inline struct fl_packet decode(uint16_t link, const uint8_t *bytes, size_t size, size_t *ret_least)
{
	struct fl_packet whole = decode_cut(link, bytes, size, size);
	size_t least = size;

	for (size_t cut = size; cut-- > 0;) {
		struct fl_packet packet = decode_cut(link, bytes, cut, size);

		if (packet.outcome == whole.outcome && least == cut + 1)
			least = cut;
		if (packet.outcome != FL_OUTCOME_TCP)
			continue;
		ck_assert_uint_eq(whole.outcome, FL_OUTCOME_TCP);
		ck_assert(fl_address_equal(&packet.source, &whole.source) &&
		          fl_address_equal(&packet.target, &whole.target));
		ck_assert_uint_eq(packet.source_port, whole.source_port);
		ck_assert_uint_eq(packet.target_port, whole.target_port);
		ck_assert_uint_eq(packet.seq, whole.seq);
		ck_assert_uint_eq(packet.ack, whole.ack);
		ck_assert_uint_eq(packet.flags, whole.flags);
		ck_assert_uint_eq(packet.window, whole.window);
		ck_assert_uint_eq(packet.length, whole.length);
	}
	if (ret_least)
		*ret_least = least;
	return whole;
}

/* The innermost packet of above, with `length` bytes of payload. */
static inline void assert_tcp(const struct fl_packet *packet, unsigned family, uint32_t length)
{
	char source[FL_ENDPOINT_TEXT], target[FL_ENDPOINT_TEXT];

	ck_assert_uint_eq(packet->outcome, FL_OUTCOME_TCP);
	fl_endpoint_text(&packet->source, packet->source_port, source);
	fl_endpoint_text(&packet->target, packet->target_port, target);
	ck_assert_str_eq(source, family == 4 ? "10.0.0.1:40122" : "[2001:db8::1]:40122");
	ck_assert_str_eq(target, family == 4 ? "10.0.0.9:9001" : "[2001:db8::9]:9001");
	ck_assert_uint_eq(packet->protocol, 6);
	ck_assert_uint_eq(packet->seq, 1000);
	ck_assert_uint_eq(packet->ack, 2000);
	ck_assert_uint_eq(packet->window, 502);
	ck_assert_uint_eq(packet->length, length);
}

/* Decodes with every cut, and wants that TCP packet; also that 16 bytes of its header suffice, no fewer. */
static inline struct fl_packet decode_tcp(uint16_t link, const uint8_t *bytes, size_t size, unsigned family,
                                          uint32_t length)
{
	size_t least;
	struct fl_packet packet = decode(link, bytes, size, &least);

	assert_tcp(&packet, family, length);
	ck_assert_uint_eq(packet.captured, length);
	ck_assert_uint_eq(least, size - length - 20 + 16);
	return packet;
}

#define DECODE_TCP(link, bytes, family, length) decode_tcp(link, bytes, sizeof(bytes), family, length)
#define DECODE(link, bytes) decode(link, bytes, sizeof(bytes), NULL)

#endif
