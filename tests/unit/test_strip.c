/* Frames without what they say: through each kind of header, with addresses and without. */
#include "flatline/anonymize.h"
#include "wire_bytes.h"

#define PAYLOAD 'S', 'E', 'C', 'R', 'E', 'T', '!', '!'
#define ROUTER(total) 0x45, 0, U16(total), 0, 1, 0, 0, 250, 1, 0, 0, 192, 0, 2, 1, 10, 0, 0, 1

struct stripped {
	uint8_t bytes[FL_STRIPPED_MOST];
	size_t length;
	struct fl_packet packet;
};

static struct fl_anonymizer keyed(void)
{
	struct fl_anonymizer anonymizer;

	fl_anonymizer_init(&anonymizer, (const uint8_t *)"sixteen letters.");
	return anonymizer;
}

static struct stripped strip(uint16_t link, const uint8_t *bytes, size_t size, bool is_anonymous, const uint8_t *said,
                             size_t n_said)
{
	struct fl_anonymizer anonymizer = keyed();
	struct fl_frame frame = {
		.number = 1, .link = link, .bytes = bytes, .caplen = (uint32_t)size, .len = (uint32_t)size
	};
	struct stripped stripped;

	stripped.length = fl_wire_strip(is_anonymous ? &anonymizer : NULL, &frame, said, n_said, stripped.bytes);
	if (stripped.length > 0)
		stripped.packet = decode_cut(link, stripped.bytes, stripped.length, size);
	return stripped;
}

#define STRIP(link, bytes, is_anonymous) strip(link, bytes, sizeof(bytes), is_anonymous, NULL, 0)

static bool has_bytes(const struct stripped *stripped, const void *bytes, size_t length)
{
	for (size_t at = 0; at + length <= stripped->length; at++) {
		if (memcmp(stripped->bytes + at, bytes, length) == 0)
			return true;
	}
	return false;
}

/* Nothing that names anybody in these tests, and nothing that was said. */
static void assert_nobody(const struct stripped *stripped)
{
	static const uint8_t names[][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 9 }, { 192, 0, 2, 1 }, { 192, 0, 2, 2 } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert(!has_bytes(stripped, names[i], 4));
	ck_assert(!has_bytes(stripped, "\x20\x01\x0d\xb8", 4));
	ck_assert(!has_bytes(stripped, "\x02\x00\x00\x00\x00", 5));
	ck_assert(!has_bytes(stripped, "SEC", 3));
	ck_assert(!has_bytes(stripped, "XXXX", 4));
}

/* Sum of a header with its own checksum in it: 0xffff. */
static uint32_t sum(const uint8_t *bytes, size_t length, uint32_t start)
{
	uint32_t total = start;

	for (size_t i = 0; i < length; i++)
		total += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

START_TEST(payload_is_cut_and_the_rest_stays)
{
	static const uint8_t bytes[] = { ETHERNET(0x0800), IPV4(48, 6), TCP, PAYLOAD, 0xaa, 0xbb, 0xcc, 0xdd };
	struct stripped stripped = STRIP(1, bytes, false);
	uint32_t pseudo;

	ck_assert_uint_eq(stripped.length, 54);
	ck_assert(memcmp(stripped.bytes, bytes, 50) == 0); /* up to the checksum */
	assert_tcp(&stripped.packet, 4, 8);
	ck_assert_uint_eq(stripped.packet.captured, 0);
	/* That is as if zeros had been said, so that it tells nothing of what was. */
	pseudo = sum(stripped.bytes + 26, 8, 6 + 28);
	ck_assert_uint_eq(sum(stripped.bytes + 34, 20, pseudo), 0xffff);
}
END_TEST

START_TEST(whole_segments_keep_the_checksum_that_they_had)
{
	static const uint8_t bytes[] = { ETHERNET(0x0800),
		                         IPV4(40, 6),
		                         U16(40122),
		                         U16(9001),
		                         U32(1000),
		                         U32(2000),
		                         0x50,
		                         0x18,
		                         U16(502),
		                         0x12,
		                         0x34,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0,
		                         0 };
	struct stripped stripped = STRIP(1, bytes, false);

	ck_assert_uint_eq(stripped.length, 54); /* Ethernet's padding may hold anything */
	ck_assert(memcmp(stripped.bytes, bytes, 54) == 0);
}
END_TEST

START_TEST(addresses_are_replaced_and_checksums_right)
{
	static const uint8_t bytes[] = { ETHERNET(0x0800), IPV4(40, 6), TCP };
	struct stripped stripped = STRIP(1, bytes, true);
	struct fl_anonymizer anonymizer = keyed();
	struct fl_address source = { .family = 4, .bytes = { 10, 0, 0, 1 } };

	ck_assert_uint_eq(stripped.length, 54);
	assert_nobody(&stripped);
	fl_anonymize_address(&anonymizer, &source);
	ck_assert(fl_address_equal(&stripped.packet.source, &source));
	ck_assert_uint_eq(stripped.packet.source_port, 40122);
	ck_assert_uint_eq(stripped.packet.seq, 1000);
	ck_assert_uint_eq(stripped.packet.ttl, 64);
	ck_assert_uint_eq(stripped.packet.ip_id, 7);
	ck_assert_uint_eq(sum(stripped.bytes + 14, 20, 0), 0xffff);
	ck_assert_uint_eq(sum(stripped.bytes + 34, 20, sum(stripped.bytes + 26, 8, 6 + 20)), 0xffff);
}
END_TEST

START_TEST(what_is_said_instead_stands_behind_the_header)
{
	static const uint8_t bytes[] = { IPV4(48, 6), TCP, PAYLOAD };
	struct stripped stripped = strip(101, bytes, sizeof(bytes), true, (const uint8_t *)"+OK", 3);

	ck_assert_uint_eq(stripped.length, 43);
	ck_assert_uint_eq(stripped.packet.captured, 3);
	ck_assert_uint_eq(stripped.packet.length, 8);
	ck_assert(memcmp(stripped.bytes + 40, "+OK", 3) == 0);
	assert_nobody(&stripped);
	/* never more than there was */
	stripped = strip(101, bytes, sizeof(bytes), true, (const uint8_t *)"+OK\r\n+OK\r\n", 10);
	ck_assert_uint_eq(stripped.length, 40);
}
END_TEST

START_TEST(options_that_could_name_somebody_are_blanked)
{
	/* MSS, timestamps, a Fast Open cookie, a signature's beginning, and padding */
	static const uint8_t bytes[] = { IPV4(72, 6),
		                         TCP_HEADER(13, FL_TCP_SYN),
		                         2,
		                         4,
		                         U16(1460),
		                         8,
		                         10,
		                         U32(111),
		                         U32(222),
		                         34,
		                         10,
		                         'X',
		                         'X',
		                         'X',
		                         'X',
		                         'X',
		                         'X',
		                         'X',
		                         'X',
		                         253,
		                         6,
		                         'X',
		                         'X',
		                         'X',
		                         'X',
		                         1,
		                         0 };
	struct stripped plain = STRIP(101, bytes, false), stripped = STRIP(101, bytes, true);

	ck_assert(has_bytes(&plain, "XXXXXXXX", 8));
	ck_assert_uint_eq(stripped.length, 72);
	assert_nobody(&stripped);
	ck_assert_uint_eq(stripped.packet.options.mss, 1460);
	ck_assert_uint_eq(stripped.packet.options.ts_value, 111);
	ck_assert_uint_eq(stripped.packet.options.ts_echo, 222);
	ck_assert(stripped.packet.options.present & FL_OPT_FASTOPEN);
}
END_TEST

START_TEST(ip_options_are_blanked)
{
	/* a recorded route with a router in it */
	static const uint8_t bytes[] = { 0x47, 0,  U16(48), 0, 7, 0x40, 0, 64, 6,   0, 0, 10, 0, 0,
		                         1,    10, 0,       0, 9, 7,    7, 8,  192, 0, 2, 2,  0, TCP };
	struct stripped stripped = STRIP(101, bytes, true);

	ck_assert_uint_eq(stripped.length, 48);
	assert_nobody(&stripped);
	ck_assert_uint_eq(sum(stripped.bytes, 28, 0), 0xffff);
}
END_TEST

static void assert_stripped(uint16_t link, const uint8_t *bytes, size_t size, uint32_t via)
{
	for (int is_anonymous = 0; is_anonymous < 2; is_anonymous++) {
		struct stripped stripped = strip(link, bytes, size, is_anonymous, NULL, 0);

		ck_assert_uint_eq(stripped.length, size - 8);
		ck_assert_uint_eq(stripped.packet.outcome, FL_OUTCOME_TCP);
		ck_assert_uint_eq(stripped.packet.length, 8);
		ck_assert_uint_eq(stripped.packet.via & via, via);
		if (is_anonymous)
			assert_nobody(&stripped);
		else
			ck_assert(!has_bytes(&stripped, "SEC", 3));
	}
}

#define ASSERT_STRIPPED(link, via, ...) \
	do { \
		static const uint8_t frame_bytes[] = { __VA_ARGS__, PAYLOAD }; \
		assert_stripped(link, frame_bytes, sizeof(frame_bytes), via); \
	} while (0)

START_TEST(links_and_tunnels_are_passed)
{
	ASSERT_STRIPPED(101, 0, IPV6(28, 6), TCP);
	ASSERT_STRIPPED(1, FL_VIA_VLAN, ETHERNET(0x8100), U16(7), U16(0x8100), U16(9), U16(0x0800), IPV4(48, 6), TCP);
	ASSERT_STRIPPED(0, 0, 2, 0, 0, 0, IPV4(48, 6), TCP);
	ASSERT_STRIPPED(113, 0, U16(0), U16(1), U16(6), 2, 0, 0, 0, 0, 9, 0, 0, U16(0x0800), IPV4(48, 6), TCP);
	ASSERT_STRIPPED(113, 0, U16(0), U16(778), U16(4), 192, 0, 2, 1, 0, 0, 0, 0, U16(0x0800), IPV4(48, 6), TCP);
	ASSERT_STRIPPED(276, 0, U16(0x0800), U16(0), U32(3), U16(1), 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, IPV4(48, 6), TCP);
	ASSERT_STRIPPED(9, 0, 0xff, 3, 0, 0x21, IPV4(48, 6), TCP);
	ASSERT_STRIPPED(1, FL_VIA_PPPOE, ETHERNET(0x8864), 0x11, 0, U16(1), U16(50), 0, 0x21, IPV4(48, 6), TCP);
	ASSERT_STRIPPED(1, FL_VIA_MPLS, ETHERNET(0x8847), U32(0x10140), IPV4(48, 6), TCP);
	ASSERT_STRIPPED(101, FL_VIA_IPIP, IPV4_OUTER(68, 4), IPV4(48, 6), TCP);
	ASSERT_STRIPPED(101, FL_VIA_GRE, IPV4_OUTER(72, 47), U16(0), U16(0x0800), IPV4(48, 6), TCP);
	ASSERT_STRIPPED(101, FL_VIA_GRE, IPV4_OUTER(80, 47), U16(0xa000), U16(0x0800), U16(0xabcd), U16(0), U32(7),
	                IPV4(48, 6), TCP);
	ASSERT_STRIPPED(101, FL_VIA_VXLAN, IPV4_OUTER(98, 17), UDP(40000, 4789, 78), 8, 0, 0, 0, U32(0x500),
	                ETHERNET(0x0800), IPV4(48, 6), TCP);
	ASSERT_STRIPPED(101, FL_VIA_GENEVE, IPV4_OUTER(92, 17), UDP(40000, 6081, 72), 2, 0, U16(0x0800), U32(0x500), 1,
	                2, 3, 1, 'X', 'X', 'X', 'X', IPV4(48, 6), TCP);
	ASSERT_STRIPPED(101, FL_VIA_GTPU, IPV4_OUTER(84, 17), UDP(40000, 2152, 64), 0x30, 255, U16(48), U32(9),
	                IPV4(48, 6), TCP);
}
END_TEST

START_TEST(what_no_decoder_vouches_for_is_not_shown)
{
	/* A wireless frame's three addresses lie in a header that stays as it is, or not at all. */
	static const uint8_t wireless[] = { 0x08, 0x01, 0, 0, 2, 0, 0,           0,           0,   9,      2, 0,
		                            0,    0,    0, 1, 2, 0, 0,           0,           0,   3,      0, 0,
		                            0xaa, 0xaa, 3, 0, 0, 0, U16(0x0800), IPV4(48, 6), TCP, PAYLOAD };
	static const uint8_t udp[] = { IPV4(36, 17), UDP(53, 53, 16), PAYLOAD };

	ck_assert_uint_eq(STRIP(105, wireless, false).length, sizeof(wireless) - 8);
	ck_assert_uint_eq(STRIP(105, wireless, true).length, 0);
	ck_assert_uint_eq(STRIP(101, udp, false).length, 0);
	ck_assert_uint_eq(STRIP(101, udp, true).length, 0);
}
END_TEST

START_TEST(errors_quote_headers_and_nothing_else)
{
	static const uint8_t bytes[] = { ROUTER(76), 3, 1, 0, 0, U32(0), IPV4(1500, 6), TCP, PAYLOAD };
	static const uint8_t redirect[] = { ROUTER(56),    5,          1,         0,        0, 192, 0, 2, 2,
		                            IPV4(1500, 6), U16(40122), U16(9001), U32(1000) };
	struct stripped stripped = STRIP(101, bytes, true);

	ck_assert_uint_eq(stripped.length, 68);
	assert_nobody(&stripped);
	ck_assert_uint_eq(stripped.packet.outcome, FL_OUTCOME_ICMP);
	ck_assert_uint_eq(stripped.packet.icmp.from_port, 40122);
	ck_assert_uint_eq(stripped.packet.icmp.quoted, 20);
	stripped = STRIP(101, redirect, true);
	ck_assert_uint_eq(stripped.length, 56);
	assert_nobody(&stripped);
	ck_assert_uint_eq(sum(stripped.bytes + 20, 36, 0), 0xffff);
}
END_TEST

START_TEST(neighbours_are_replaced_too)
{
	static const uint8_t arp[] = { ETHERNET(0x0806),
		                       U16(1),
		                       U16(0x0800),
		                       6,
		                       4,
		                       U16(1),
		                       2,
		                       0,
		                       0,
		                       0,
		                       0,
		                       1,
		                       10,
		                       0,
		                       0,
		                       1,
		                       0,
		                       0,
		                       0,
		                       0,
		                       0,
		                       0,
		                       10,
		                       0,
		                       0,
		                       9,
		                       PAYLOAD };
	static const uint8_t asks[] = { ETHERNET(0x86dd),
		                        IPV6(40, 58),
		                        135,
		                        0,
		                        0,
		                        0,
		                        U32(0),
		                        ADDRESS6(9),
		                        1,
		                        1,
		                        2,
		                        0,
		                        0,
		                        0,
		                        0,
		                        1,
		                        14,
		                        1,
		                        'X',
		                        'X',
		                        'X',
		                        'X',
		                        'X',
		                        'X' };
	struct stripped stripped = STRIP(1, arp, true);

	ck_assert_uint_eq(stripped.length, 42);
	assert_nobody(&stripped);
	ck_assert_uint_eq(stripped.packet.outcome, FL_OUTCOME_NEIGHBOUR);
	ck_assert(memcmp(stripped.bytes + 6, stripped.bytes + 22, 6) == 0); /* the sender is the same in both headers */
	stripped = STRIP(1, asks, true);
	ck_assert_uint_eq(stripped.packet.outcome, FL_OUTCOME_NEIGHBOUR);
	assert_nobody(&stripped);
	ck_assert_uint_eq(sum(stripped.bytes + 54, 40, sum(stripped.bytes + 22, 32, 58 + 40)), 0xffff);
}
END_TEST

START_TEST(fragments_end_behind_their_headers)
{
	static const uint8_t first[] = { IPV4_FRAGMENT(48, 6, 7, 0x2000), TCP, PAYLOAD };
	static const uint8_t later[] = { IPV4_FRAGMENT(36, 6, 7, 3), PAYLOAD, PAYLOAD };
	struct stripped stripped = STRIP(101, first, true);

	ck_assert_uint_eq(stripped.length, 40);
	assert_nobody(&stripped);
	stripped = STRIP(101, later, true);
	ck_assert_uint_eq(stripped.length, 20);
	assert_nobody(&stripped);
}
END_TEST

START_TEST(frames_that_were_cut_are_stripped_as_far_as_they_go)
{
	static const uint8_t bytes[] = { ETHERNET(0x0800), IPV4(48, 6), TCP, PAYLOAD };

	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		uint8_t *block = malloc(cut + 1);
		struct stripped stripped;

		memcpy(block, bytes, cut);
		stripped = strip(1, block, cut, cut % 2, NULL, 0);
		ck_assert_uint_le(stripped.length, cut);
		if (cut % 2)
			assert_nobody(&stripped);
		free(block);
	}
}
END_TEST

START_TEST(too_many_headers_are_not_shown)
{
	uint8_t bytes[20 * 22 + 40 + 20] = { 0 };
	struct fl_anonymizer anonymizer = keyed();
	struct fl_frame frame = {
		.number = 1, .link = 101, .bytes = bytes, .caplen = sizeof(bytes), .len = sizeof(bytes)
	};
	uint8_t stripped[FL_STRIPPED_MOST];

	for (size_t i = 0; i < 24; i++) { /* IP in IP in IP */
		const uint8_t header[] = { IPV4_OUTER(sizeof(bytes) - i * 20, 4) };

		memcpy(bytes + i * 20, header, i * 20 + 20 <= sizeof(bytes) ? 20 : 0);
	}
	ck_assert_uint_eq(fl_wire_strip(&anonymizer, &frame, NULL, 0, stripped), 0);
}
END_TEST

UNIT_MAIN("wire/strip", payload_is_cut_and_the_rest_stays, whole_segments_keep_the_checksum_that_they_had,
          addresses_are_replaced_and_checksums_right, what_is_said_instead_stands_behind_the_header,
          options_that_could_name_somebody_are_blanked, ip_options_are_blanked, links_and_tunnels_are_passed,
          what_no_decoder_vouches_for_is_not_shown, errors_quote_headers_and_nothing_else, neighbours_are_replaced_too,
          fragments_end_behind_their_headers, frames_that_were_cut_are_stripped_as_far_as_they_go,
          too_many_headers_are_not_shown)
