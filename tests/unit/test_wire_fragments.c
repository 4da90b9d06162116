/* Fragments: the segment counts once, at the frame that completes it. */
#include "wire_bytes.h"

#define MORE 0x2000
#define PIECES 4096

/* One datagram of 20 + 100 bytes: what lies at `offset`, `length` bytes of it, as an IPv4 fragment. */
struct piece {
	uint16_t offset, length;
	bool is_last;
};

static uint8_t datagram[120] = { TCP };

static struct fl_packet give(struct fl_wire *wire, uint16_t id, struct piece piece, uint32_t snap)
{
	uint8_t bytes[20 + 120] = { IPV4_FRAGMENT(20 + piece.length, 6, id,
		                                  piece.offset / 8 | (piece.is_last ? 0 : MORE)) };
	uint8_t *block = malloc(sizeof(bytes));
	struct fl_frame frame = { .link = 101, .bytes = block, .len = 20u + piece.length };
	struct fl_packet packet;

	ck_assert_ptr_nonnull(block);
	for (size_t i = 20; i < sizeof(datagram); i++)
		datagram[i] = (uint8_t)i;
	if (piece.offset < sizeof(datagram))
		memcpy(bytes + 20, datagram + piece.offset,
		       piece.length <= 120 - piece.offset ? piece.length : 120u - piece.offset);
	memcpy(block, bytes, sizeof(bytes));
	frame.caplen = frame.len < snap ? frame.len : snap;
	fl_wire_decode(wire, &frame, &packet);
	free(block); /* what was kept must be a copy */
	return packet;
}

static void assert_whole(const struct fl_packet *packet)
{
	assert_tcp(packet, 4, 100);
	ck_assert_uint_eq(packet->via, FL_VIA_FRAGMENTS);
	ck_assert_uint_eq(packet->captured, 100);
	ck_assert_mem_eq(packet->payload, datagram + 20, 100);
}

START_TEST(counts_at_the_frame_that_completes_it)
{
	static const struct piece pieces[3] = { { 0, 40, false }, { 40, 40, false }, { 80, 40, true } };
	static const unsigned orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		                               { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	for (size_t i = 0; i < 6; i++) {
		struct fl_wire *wire = fl_wire_new();
		struct fl_packet packet;

		ck_assert_uint_eq(give(wire, 1, pieces[orders[i][0]], 200).outcome, FL_OUTCOME_FRAGMENT);
		ck_assert_uint_eq(give(wire, 1, pieces[orders[i][1]], 200).outcome, FL_OUTCOME_FRAGMENT);
		ck_assert_uint_eq(fl_wire_incomplete(wire), 1);
		packet = give(wire, 1, pieces[orders[i][2]], 200);
		assert_whole(&packet);
		ck_assert_uint_eq(fl_wire_incomplete(wire), 0);
		fl_wire_free(wire);
	}
}
END_TEST

START_TEST(tiny_first_fragment_splits_the_header)
{
	struct fl_wire *wire = fl_wire_new();
	struct fl_packet packet;

	ck_assert_uint_eq(give(wire, 1, (struct piece){ 0, 8, false }, 200).outcome, FL_OUTCOME_FRAGMENT);
	packet = give(wire, 1, (struct piece){ 8, 112, true }, 200);
	assert_whole(&packet);
	fl_wire_free(wire);
}
END_TEST

START_TEST(duplicates_and_overlaps_change_nothing)
{
	struct fl_wire *wire = fl_wire_new();
	struct fl_packet packet;

	give(wire, 1, (struct piece){ 0, 40, false }, 200);
	give(wire, 1, (struct piece){ 0, 40, false }, 200);
	give(wire, 1, (struct piece){ 80, 40, true }, 200);
	packet = give(wire, 1, (struct piece){ 16, 80, false }, 200);
	assert_whole(&packet);
	fl_wire_free(wire);
}
END_TEST

START_TEST(ids_are_told_apart)
{
	struct fl_wire *wire = fl_wire_new();
	struct fl_packet packet;

	give(wire, 1, (struct piece){ 0, 40, false }, 200);
	ck_assert_uint_eq(give(wire, 2, (struct piece){ 40, 80, true }, 200).outcome, FL_OUTCOME_FRAGMENT);
	ck_assert_uint_eq(fl_wire_incomplete(wire), 2);
	packet = give(wire, 1, (struct piece){ 40, 80, true }, 200);
	assert_whole(&packet);
	ck_assert_uint_eq(fl_wire_incomplete(wire), 1);
	fl_wire_free(wire);
}
END_TEST

START_TEST(fragment_of_nothing_is_no_part)
{
	struct fl_wire *wire = fl_wire_new();

	ck_assert_uint_eq(give(wire, 1, (struct piece){ 0, 0, false }, 200).outcome, FL_OUTCOME_FRAGMENT);
	ck_assert_uint_eq(fl_wire_incomplete(wire), 0);
	fl_wire_free(wire);
}
END_TEST

START_TEST(ipv4_protocols_are_told_apart)
{
	static const uint8_t udp[] = { IPV4_FRAGMENT(60, 17, 1, 10),
		                       U32(0),
		                       U32(0),
		                       U32(0),
		                       U32(0),
		                       U32(0),
		                       U32(0),
		                       U32(0),
		                       U32(0),
		                       U32(0),
		                       U32(0) };
	struct fl_frame frame = { .link = 101, .bytes = udp, .caplen = sizeof(udp), .len = sizeof(udp) };
	struct fl_wire *wire = fl_wire_new();
	struct fl_packet packet;

	give(wire, 1, (struct piece){ 0, 80, false }, 200);
	fl_wire_decode(wire, &frame, &packet);
	ck_assert_uint_eq(packet.outcome, FL_OUTCOME_FRAGMENT);
	ck_assert_uint_eq(packet.protocol, 17);
	packet = give(wire, 1, (struct piece){ 80, 40, true }, 200);
	assert_whole(&packet);
	fl_wire_free(wire);
}
END_TEST

START_TEST(snap_length_leaves_the_sizes)
{
	struct fl_wire *wire = fl_wire_new();
	struct fl_packet packet;

	/* 24 bytes of the first fragment: the header and 4 bytes of payload */
	give(wire, 1, (struct piece){ 0, 40, false }, 44);
	packet = give(wire, 1, (struct piece){ 40, 80, true }, 44);
	assert_tcp(&packet, 4, 100);
	ck_assert_uint_eq(packet.captured, 4);
	ck_assert_mem_eq(packet.payload, datagram + 20, 4);
	fl_wire_free(wire);
}
END_TEST

START_TEST(payload_stays_for_64_calls)
{
	static const uint8_t other[] = { IPV4(40, 6), TCP };
	struct fl_frame frame = { .link = 101, .bytes = other, .caplen = sizeof(other), .len = sizeof(other) };
	struct fl_wire *wire = fl_wire_new();
	struct fl_packet packet, next;

	give(wire, 1, (struct piece){ 0, 40, false }, 200);
	packet = give(wire, 1, (struct piece){ 40, 80, true }, 200);
	for (int i = 0; i < 61; i++)
		fl_wire_decode(wire, &frame, &next);
	give(wire, 2, (struct piece){ 0, 40, false }, 200);
	next = give(wire, 2, (struct piece){ 40, 80, true }, 200); /* the 63rd: completing is what frees */
	assert_whole(&packet);
	assert_whole(&next);
	fl_wire_free(wire);
}
END_TEST

START_TEST(past_the_longest_datagram_is_never_whole)
{
	struct fl_wire *wire = fl_wire_new();

	give(wire, 1, (struct piece){ 0, 40, false }, 200);
	ck_assert_uint_eq(give(wire, 1, (struct piece){ 0xfff8, 40, true }, 200).outcome, FL_OUTCOME_FRAGMENT);
	fl_wire_free(wire);
}
END_TEST

START_TEST(memory_is_bounded_and_what_left_is_counted)
{
	struct fl_wire *wire = fl_wire_new();
	struct fl_packet packet;

	for (uint16_t id = 0; id < PIECES; id++)
		give(wire, id, (struct piece){ 0, 40, false }, 200);
	ck_assert_uint_eq(fl_wire_incomplete(wire), PIECES);
	/* The oldest left; the newest still waits. */
	ck_assert_uint_eq(give(wire, 0, (struct piece){ 40, 80, true }, 200).outcome, FL_OUTCOME_FRAGMENT);
	packet = give(wire, PIECES - 1, (struct piece){ 40, 80, true }, 200);
	assert_whole(&packet);
	ck_assert_uint_eq(fl_wire_incomplete(wire), PIECES);
	/* Fragments without end of one datagram do not pile up either. */
	for (unsigned i = 0; i < PIECES; i++)
		give(wire, 9, (struct piece){ (uint16_t)(8 + i % 1000 * 8), 8, false }, 200);
	ck_assert_uint_gt(fl_wire_incomplete(wire), PIECES);
	fl_wire_free(wire);
}
END_TEST

START_TEST(ipv6_takes_the_first_fragments_protocol)
{
	/* The second fragment names another next header, which counts for nothing. */
	static const uint8_t second[] = { IPV6(8 + 4, 44), 17, 0, U16(24), U32(99), 5, 6, 7, 8 };
	static const uint8_t first[] = { IPV6(8 + 24, 44), 6, 0, U16(1), U32(99), TCP, 1, 2, 3, 4 };
	struct fl_wire *wire = fl_wire_new();
	struct fl_frame frame = { .link = 229, .bytes = second, .caplen = sizeof(second), .len = sizeof(second) };
	struct fl_packet packet;

	fl_wire_decode(wire, &frame, &packet);
	ck_assert_uint_eq(packet.outcome, FL_OUTCOME_FRAGMENT);
	frame.bytes = first;
	frame.caplen = frame.len = sizeof(first);
	fl_wire_decode(wire, &frame, &packet);
	assert_tcp(&packet, 6, 8);
	ck_assert_mem_eq(packet.payload, ((const uint8_t[]){ 1, 2, 3, 4, 5, 6, 7, 8 }), 8);
	fl_wire_free(wire);
}
END_TEST

UNIT_MAIN("wire/fragments", counts_at_the_frame_that_completes_it, tiny_first_fragment_splits_the_header,
          duplicates_and_overlaps_change_nothing, ids_are_told_apart, fragment_of_nothing_is_no_part,
          ipv4_protocols_are_told_apart, snap_length_leaves_the_sizes, payload_stays_for_64_calls,
          past_the_longest_datagram_is_never_whole, memory_is_bounded_and_what_left_is_counted,
          ipv6_takes_the_first_fragments_protocol)
