/* Addresses that are replaced: the keyed function by its published vectors, what holds of prefixes and classes, and the
 * same in words. */
#include <stdio.h>
#include <string.h>

#include "flatline/anonymize.h"
#include "unit.h"

static struct fl_anonymizer keyed(uint8_t first)
{
	struct fl_anonymizer anonymizer;
	uint8_t key[FL_ANONYMIZER_KEY];

	for (uint8_t i = 0; i < FL_ANONYMIZER_KEY; i++)
		key[i] = (uint8_t)(first + i);
	fl_anonymizer_init(&anonymizer, key);
	return anonymizer;
}

static struct fl_address address_4(uint32_t value)
{
	return (struct fl_address){ .family = 4,
		                    .bytes = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
		                               (uint8_t)value } };
}

static uint32_t map_4(const struct fl_anonymizer *anonymizer, uint32_t value)
{
	struct fl_address address = address_4(value);

	fl_anonymize_address(anonymizer, &address);
	ck_assert_uint_eq(address.family, 4);
	return (uint32_t)address.bytes[0] << 24 | (uint32_t)address.bytes[1] << 16 | (uint32_t)address.bytes[2] << 8 |
	       address.bytes[3];
}

static unsigned common_bits(const uint8_t *a, const uint8_t *b, unsigned most)
{
	unsigned count = 0;

	while (count < most && !((a[count / 8] ^ b[count / 8]) & 0x80 >> count % 8))
		count++;
	return count;
}

static const char *in_words(const struct fl_anonymizer *anonymizer, const char *words, struct fl_text *text)
{
	fl_text_clear(text);
	fl_anonymize_text(anonymizer, words, text);
	return fl_text_get(text);
}

START_TEST(the_keyed_function_is_siphash)
{
	/* Aumasson, Bernstein: SipHash, appendix A, and the first of the reference implementation's vectors. */
	struct fl_anonymizer anonymizer = keyed(0);
	uint8_t bytes[15];

	for (uint8_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	ck_assert_uint_eq(fl_anonymizer_hash(&anonymizer, bytes, 15), UINT64_C(0xa129ca6149be45e5));
	ck_assert_uint_eq(fl_anonymizer_hash(&anonymizer, bytes, 0), UINT64_C(0x726fdb47dd0e0e31));
	ck_assert_uint_eq(fl_anonymizer_hash(&anonymizer, bytes, 1), UINT64_C(0x74f839c593dc67fd));
	ck_assert_uint_eq(fl_anonymizer_hash(&anonymizer, bytes, 8), UINT64_C(0x93f5f5799a932462));
}
END_TEST

START_TEST(prefixes_that_two_ipv4_addresses_share_stay_shared)
{
	struct fl_anonymizer anonymizer = keyed(7);
	uint32_t state = 1;

	for (unsigned i = 0; i < 20000; i++) {
		uint32_t a, b;
		unsigned shared = i % 32;

		state = state * 1664525 + 1013904223;
		a = state;
		state = state * 1664525 + 1013904223;
		/* the same up to a bit, then another one, then whatever */
		b = (shared ? a & ~(UINT32_MAX >> shared) : 0) | (~a & 0x80000000u >> shared) |
		    (state & (UINT32_MAX >> shared >> 1));
		if (a == 0 || b == 0 || a >> 8 == 0xe00000 || b >> 8 == 0xe00000)
			continue;

		struct fl_address x = address_4(a), y = address_4(b);

		ck_assert_uint_eq(common_bits(x.bytes, y.bytes, 32), shared);
		fl_anonymize_address(&anonymizer, &x);
		fl_anonymize_address(&anonymizer, &y);
		ck_assert_uint_eq(common_bits(x.bytes, y.bytes, 32), shared);
	}
}
END_TEST

START_TEST(prefixes_that_two_ipv6_addresses_share_stay_shared)
{
	struct fl_anonymizer anonymizer = keyed(9);

	for (unsigned shared = 3; shared < 128; shared++) {
		struct fl_address a = { .family = 6,
			                .bytes = { 0x20, 1, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 } };
		struct fl_address b = a;

		b.bytes[shared / 8] ^= (uint8_t)(0x80 >> shared % 8);
		for (unsigned i = shared / 8 + 1; i < 16; i++)
			b.bytes[i] = (uint8_t)(b.bytes[i] * 31 + shared);
		fl_anonymize_address(&anonymizer, &a);
		fl_anonymize_address(&anonymizer, &b);
		ck_assert_uint_eq(common_bits(a.bytes, b.bytes, 128), shared);
	}
}
END_TEST

START_TEST(no_two_addresses_become_one)
{
	static uint8_t taken[1 << 16];
	struct fl_anonymizer anonymizer = keyed(3);

	for (uint32_t i = 0; i < 1 << 16; i++) {
		uint32_t to = map_4(&anonymizer, 0x0a010000 | i);

		ck_assert_uint_eq(to >> 16, map_4(&anonymizer, 0x0a010000) >> 16);
		ck_assert_uint_eq(taken[to & 0xffff]++, 0);
	}
}
END_TEST

START_TEST(classes_of_their_own_stay_what_they_are)
{
	for (uint8_t key = 0; key < 50; key++) {
		struct fl_anonymizer anonymizer = keyed(key);
		struct fl_address local = { .family = 6, .bytes = { 0xfe, 0x80, [8] = 1, 2, 3, 0xff, 0xfe, 4, 5, 6 } };
		struct fl_address group = { .family = 6, .bytes = { 0xff, 0x05, [10] = 1, [15] = 9 } };

		ck_assert_uint_eq(map_4(&anonymizer, 0x7f000001) >> 24, 127);
		ck_assert_uint_eq(map_4(&anonymizer, 0xa9fe0102) >> 16, 0xa9fe);
		ck_assert_uint_eq(map_4(&anonymizer, 0xe8010203) >> 28, 0xe);
		ck_assert_uint_eq(map_4(&anonymizer, 0), 0);
		ck_assert_uint_eq(map_4(&anonymizer, 0xffffffff), 0xffffffff);
		ck_assert_uint_eq(map_4(&anonymizer, 0xe00000fb), 0xe00000fb);
		for (uint32_t i = 1; i < 255; i++) {
			uint32_t to = map_4(&anonymizer, i * 0x01010101u) >> 24;

			/* and nobody else gets there */
			ck_assert(i == 127 || to != 127);
			ck_assert_uint_eq(to >> 4 == 14, i >> 4 == 14);
		}
		fl_anonymize_address(&anonymizer, &local);
		ck_assert(memcmp(local.bytes, (uint8_t[]){ 0xfe, 0x80, 0, 0, 0, 0, 0, 0 }, 8) == 0);
		fl_anonymize_address(&anonymizer, &group);
		ck_assert_uint_eq(group.bytes[0], 0xff);
		ck_assert_uint_eq(group.bytes[1], 0x05);
	}
}
END_TEST

START_TEST(solicited_node_groups_hide_whom_they_solicit)
{
	struct fl_anonymizer anonymizer = keyed(1);
	struct fl_address group = { .family = 6, .bytes = { 0xff, 2, [11] = 1, 0xff, 0xab, 0xcd, 0xef } }, was = group;
	struct fl_address nodes = { .family = 6, .bytes = { 0xff, 2, [15] = 1 } }, all = nodes;

	fl_anonymize_address(&anonymizer, &group);
	ck_assert(memcmp(group.bytes, was.bytes, 13) == 0);
	ck_assert(memcmp(group.bytes + 13, was.bytes + 13, 3) != 0);
	fl_anonymize_address(&anonymizer, &nodes);
	ck_assert(fl_address_equal(&nodes, &all));
}
END_TEST

START_TEST(another_key_gives_other_addresses)
{
	struct fl_anonymizer one = keyed(1), again = keyed(1), other = keyed(2);
	unsigned same = 0;

	for (uint32_t i = 0; i < 1000; i++) {
		ck_assert_uint_eq(map_4(&one, 0xc0a80000 + i), map_4(&again, 0xc0a80000 + i));
		same += map_4(&one, 0xc0a80000 + i) == map_4(&other, 0xc0a80000 + i);
	}
	ck_assert_uint_lt(same, 10);
}
END_TEST

/* Who keeps a key wants the same addresses from the next version. */
START_TEST(a_key_means_the_same_for_ever)
{
	static const struct {
		const char *from, *to;
	} kept[] = {
		{ "10.0.0.1", "46.48.196.193" },
		{ "10.0.0.2", "46.48.196.195" },
		{ "192.168.1.10", "215.46.55.34" },
		{ "8.8.8.8", "44.220.11.254" },
		{ "127.0.0.1", "127.15.108.132" },
		{ "169.254.1.1", "169.254.155.216" },
		{ "2001:db8::1", "2f56:1d92:224e:8908:510b:1c6e:a852:f4f8" },
		{ "fe80::1", "fe80::b7b9:9d6f:a0f1:b546" },
		{ "fd00::1", "fd3c:d61f:a645:d308:ac33:e6ae:1183:cdc3" },
		{ "02:00:00:00:00:01", "ca:8a:98:b7:79:09" },
	};
	struct fl_anonymizer anonymizer = keyed(0);
	uint8_t key[FL_ANONYMIZER_KEY];
	struct fl_text text;

	fl_text_init(&text);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		ck_assert_str_eq(in_words(&anonymizer, kept[i].from, &text), kept[i].to);
	fl_text_deinit(&text);
	fl_anonymizer_key((const uint8_t *)"a key for tests, no secret", 26, key);
	fl_anonymizer_init(&anonymizer, key);
	ck_assert_uint_eq(map_4(&anonymizer, 0x0a010009), 707233405);
}
END_TEST

START_TEST(hardware_addresses_keep_group_and_local_bits)
{
	static const uint8_t addresses[][6] = { { 0x02, 1, 2, 3, 4, 5 },
		                                { 0x00, 0x1b, 0x21, 3, 4, 5 },
		                                { 0x01, 0x00, 0x5e, 1, 2, 3 },
		                                { 0x33, 0x33, 0xff, 1, 2, 3 },
		                                { 0x01, 0x80, 0xc2, 0, 0, 0x0e } };
	static const uint8_t zeros[6], ones[6] = { 255, 255, 255, 255, 255, 255 };
	struct fl_anonymizer anonymizer = keyed(5);

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		uint8_t mac[6];

		memcpy(mac, addresses[i], 6);
		fl_anonymize_mac(&anonymizer, mac);
		ck_assert_uint_eq(mac[0] & 3, addresses[i][0] & 3);
		ck_assert(memcmp(mac + 3, addresses[i] + 3, 3) != 0);
		ck_assert_int_eq(memcmp(mac, addresses[i], 2) == 0, i == 2 || i == 3);
	}
	for (unsigned i = 0; i < 2; i++) {
		uint8_t mac[6];

		memcpy(mac, i ? ones : zeros, 6);
		fl_anonymize_mac(&anonymizer, mac);
		ck_assert(memcmp(mac, i ? ones : zeros, 6) == 0);
	}
}
END_TEST

START_TEST(addresses_in_words_are_those_on_the_wire)
{
	struct fl_anonymizer anonymizer = keyed(8);
	struct fl_address four = address_4(0x0a010009),
			  six = { .family = 6, .bytes = { 0x20, 1, 0x0d, 0xb8, [15] = 9 } };
	char new_four[FL_ADDRESS_TEXT], new_six[FL_ADDRESS_TEXT], expected[512];
	uint8_t mac[6] = { 2, 0, 0, 0xab, 0, 9 };
	struct fl_text text;

	fl_text_init(&text);
	fl_anonymize_address(&anonymizer, &four);
	fl_anonymize_address(&anonymizer, &six);
	fl_anonymize_mac(&anonymizer, mac);
	fl_address_text(&four, new_four);
	fl_address_text(&six, new_six);
	snprintf(expected, sizeof(expected), "10 of %s:9001, [%s]:80 and (%s), %s.", new_four, new_six, new_four,
	         new_six);
	ck_assert_str_eq(
		in_words(&anonymizer, "10 of 10.1.0.9:9001, [2001:db8::9]:80 and (10.1.0.9), 2001:db8::9.", &text),
		expected);
	snprintf(expected, sizeof(expected), "%02x:%02x:%02x:%02x:%02x:%02x, at", mac[0], mac[1], mac[2], mac[3],
	         mac[4], mac[5]);
	ck_assert_str_eq(in_words(&anonymizer, "02:00:00:AB:00:09, at", &text), expected);
	fl_text_deinit(&text);
}
END_TEST

START_TEST(prefixes_in_words_have_no_host)
{
	struct fl_anonymizer anonymizer = keyed(8);
	struct fl_address net = address_4(0x0a010000);
	char expected[64];
	struct fl_text text;

	fl_text_init(&text);
	fl_anonymize_address(&anonymizer, &net);
	snprintf(expected, sizeof(expected), "%u.%u.%u.0/24 is down", net.bytes[0], net.bytes[1], net.bytes[2]);
	ck_assert_str_eq(in_words(&anonymizer, "10.1.0.0/24 is down", &text), expected);
	fl_text_deinit(&text);
}
END_TEST

START_TEST(other_words_stay)
{
	static const char *const words[] = { "",
		                             "#4 at 09:00:01.203: login sent, 64 bytes; ACKed after 0.3 ms",
		                             "dead::", /* no word of ours: an address of nobody's */
		                             "version 1.2.3, frame 1301 (a, b: c), 99.9 %",
		                             "2026-01-14T09:00:00.000000000Z",
		                             "face: cafe. added feed" };
	struct fl_anonymizer anonymizer = keyed(8);
	struct fl_text text;

	fl_text_init(&text);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (i != 2)
			ck_assert_str_eq(in_words(&anonymizer, words[i], &text), words[i]);
		else
			ck_assert_str_ne(in_words(&anonymizer, words[i], &text), words[i]);
	}
	fl_text_deinit(&text);
}
END_TEST

UNIT_MAIN("wire/anonymize", the_keyed_function_is_siphash, prefixes_that_two_ipv4_addresses_share_stay_shared,
          prefixes_that_two_ipv6_addresses_share_stay_shared, no_two_addresses_become_one,
          classes_of_their_own_stay_what_they_are, solicited_node_groups_hide_whom_they_solicit,
          another_key_gives_other_addresses, a_key_means_the_same_for_ever,
          hardware_addresses_keep_group_and_local_bits, addresses_in_words_are_those_on_the_wire,
          prefixes_in_words_have_no_host, other_words_stay)
