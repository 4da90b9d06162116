/* Addresses are replaced as Crypto-PAn does it (Xu, Fan, Ammar, Moon 2002): whether a bit is turned over depends on the
 * bits before it and on the key, and on nothing else, so that prefixes stay prefixes and nobody without the key can
 * tell which. Its AES is SipHash-2-4 here (Aumasson, Bernstein 2012), a keyed function made for short inputs: forty
 * lines need no library that the build would have to look for, and one bit of it per prefix is all that is asked.
 *
 * The bits that lead to a class of its own (loopback, link-local, multicast) are never turned over, nor, as a prefix
 * has one rule for all that begin with it, the first bits of what lies beside such a class: 10.0.0.0/8 stays below 64.
 */
#include "flatline/anonymize.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What is hashed begins with what it is. */
enum domain { DOMAIN_PREFIX_4 = 4, DOMAIN_PREFIX_6 = 6, DOMAIN_MAC = 'M', DOMAIN_KEY = 'K' };

static uint64_t le64(const uint8_t *bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

static uint64_t rotated(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static void rounds(uint64_t v[4], unsigned count)
{
	while (count--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotated(v[1], 13) ^ v[0];
		v[3] = rotated(v[3], 16) ^ v[2];
		v[0] = rotated(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotated(v[1], 17) ^ v[2];
		v[3] = rotated(v[3], 21) ^ v[0];
		v[2] = rotated(v[2], 32);
	}
}

static uint64_t siphash(const uint64_t key[2], const uint8_t *bytes, size_t length)
{
	uint64_t v[4] = { key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
		          key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573) };
	uint8_t last[8] = { 0 };
	size_t whole = length / 8 * 8;

	for (size_t at = 0; at < whole; at += 8) {
		v[3] ^= le64(bytes + at);
		rounds(v, 2);
		v[0] ^= le64(bytes + at);
	}
	for (size_t i = whole; i < length; i++)
		last[i - whole] = bytes[i];
	last[7] = (uint8_t)length;
	v[3] ^= le64(last);
	rounds(v, 2);
	v[0] ^= le64(last);
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t fl_anonymizer_hash(const struct fl_anonymizer *anonymizer, const uint8_t *bytes, size_t length)
{
	return siphash(anonymizer->key, bytes, length);
}

void fl_anonymizer_init(struct fl_anonymizer *anonymizer, const uint8_t key[FL_ANONYMIZER_KEY])
{
	anonymizer->key[0] = le64(key);
	anonymizer->key[1] = le64(key + 8);
}

void fl_anonymizer_key(const uint8_t *secret, size_t length, uint8_t ret_key[FL_ANONYMIZER_KEY])
{
	for (unsigned half = 0; half < 2; half++) {
		const uint64_t fixed[2] = { DOMAIN_KEY, half };
		uint64_t hash = siphash(fixed, secret, length);

		for (unsigned i = 0; i < 8; i++)
			ret_key[half * 8 + i] = (uint8_t)(hash >> 8 * i);
	}
}

static unsigned bit_of(const uint8_t *bytes, unsigned at)
{
	return bytes[at / 8] >> (7 - at % 8) & 1;
}

/* How many leading bits two addresses have in common, at most `most`. */
static unsigned common(const uint8_t *a, const uint8_t *b, unsigned most)
{
	unsigned count = 0;

	while (count < most && bit_of(a, count) == bit_of(b, count))
		count++;
	return count;
}

struct class
{
	uint8_t family, length; /* bits */
	uint8_t prefix[8];
};

static const struct class classes[] = {
	{ 4, 8, { 127 } }, { 4, 4, { 224 } }, { 4, 16, { 169, 254 } }, { 6, 8, { 0xff } }, { 6, 64, { 0xfe, 0x80 } },
};

/* The bit behind the first `length` ones may lead out of a class, or into one. */
static bool is_fixed(const struct fl_address *address, unsigned length)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		const struct class *class = &classes[i];

		if (class->family == address->family && length < class->length &&
		    common(address->bytes, class->prefix, length) == length)
			return true;
	}
	return false;
}

static void turn(const struct fl_anonymizer *anonymizer, struct fl_address *address)
{
	const struct fl_address from = *address;
	unsigned bits = from.family == 4 ? 32 : 128;
	uint8_t message[18] = { from.family == 4 ? DOMAIN_PREFIX_4 : DOMAIN_PREFIX_6 };

	for (unsigned length = 0; length < bits; length++) {
		message[1] = (uint8_t)length;
		if (length > 0 && bit_of(from.bytes, length - 1))
			message[2 + (length - 1) / 8] |= (uint8_t)(0x80 >> (length - 1) % 8);
		if (!is_fixed(&from, length) && (siphash(anonymizer->key, message, sizeof(message)) & 1))
			address->bytes[length / 8] ^= (uint8_t)(0x80 >> length % 8);
	}
}

static bool is_all(const uint8_t *bytes, size_t length, uint8_t value)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

/* Nobody's: unspecified, everybody, oneself; and groups of the local network that have a number of their own
 * (224.0.0.0/24, ff02::1, ff02::2, ...). */
static bool is_nobodys(const struct fl_address *address)
{
	const uint8_t *bytes = address->bytes;

	if (address->family == 4)
		return is_all(bytes, 4, 0) || is_all(bytes, 4, 0xff) || (bytes[0] == 224 && is_all(bytes + 1, 2, 0));
	return (is_all(bytes, 15, 0) && bytes[15] <= 1) || (bytes[0] == 0xff && is_all(bytes + 2, 12, 0));
}

void fl_anonymize_address(const struct fl_anonymizer *anonymizer, struct fl_address *address)
{
	static const uint8_t solicited[13] = { 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff };
	bool is_solicited = address->family == 6 && memcmp(address->bytes, solicited, sizeof(solicited)) == 0;
	struct fl_address was = *address;

	if (address->family == 0 || is_nobodys(address))
		return;
	turn(anonymizer, address);
	if (is_solicited) /* the last 24 bits are some host's (RFC 4291 section 2.7.1), the rest is the group's */
		memcpy(address->bytes, solicited, sizeof(solicited));
	if (address->family == 6 && was.bytes[0] == 0xff)
		address->bytes[1] = was.bytes[1]; /* flags and scope */
	/* Once in 2^30 keys somebody would become nobody: he takes the address that that one had left. */
	if (is_nobodys(address))
		turn(anonymizer, address);
}

void fl_anonymize_mac(const struct fl_anonymizer *anonymizer, uint8_t mac[6])
{
	static const uint8_t group_4[3] = { 1, 0, 0x5e };
	uint8_t message[7] = { DOMAIN_MAC };
	const uint8_t own_bits = 3; /* of the first byte: group, local */
	unsigned from = 0;
	uint64_t hash;

	if (is_all(mac, 6, 0) || is_all(mac, 6, 0xff))
		return;
	if (memcmp(mac, group_4, sizeof(group_4)) == 0)
		from = 3;
	else if (mac[0] == 0x33 && mac[1] == 0x33)
		from = 2;
	memcpy(message + 1, mac, 6);
	hash = siphash(anonymizer->key, message, sizeof(message));
	for (unsigned i = from; i < 6; i++) {
		uint8_t byte = (uint8_t)(hash >> 8 * i);

		mac[i] = i > 0 ? byte : (uint8_t)((byte & ~own_bits) | (mac[0] & own_bits));
	}
}

/* ---- in text ---- */

/* "/24" behind an address: its length in bits, and how many characters that takes; 0 for none. */
static unsigned prefix_length(const char *text, unsigned most, size_t *ret_taken)
{
	char *end;
	unsigned long length;

	*ret_taken = 0;
	if (text[0] != '/' || !isdigit((unsigned char)text[1]))
		return 0;
	length = strtoul(text + 1, &end, 10);
	if (length > most)
		return 0;
	*ret_taken = (size_t)(end - text);
	return (unsigned)length;
}

static void add_address(const struct fl_anonymizer *anonymizer, struct fl_address *address, const char *behind,
                        struct fl_text *ret_text, size_t *ret_taken)
{
	char text[FL_ADDRESS_TEXT];
	unsigned bits = address->family == 4 ? 32 : 128, length = prefix_length(behind, bits, ret_taken);

	fl_anonymize_address(anonymizer, address);
	for (unsigned i = length; *ret_taken > 0 && i < bits; i++)
		address->bytes[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	fl_text_add(ret_text, "%s", fl_address_text(address, text));
	fl_text_bytes(ret_text, behind, *ret_taken);
}

static bool read_mac(const char *text, size_t length, uint8_t ret_mac[6])
{
	if (length < 17 || isxdigit((unsigned char)text[17]) || (text[17] == ':' && isxdigit((unsigned char)text[18])))
		return false;
	for (unsigned i = 0; i < 6; i++) {
		const char *at = text + 3 * i;
		char digits[3] = { at[0], at[1], '\0' };

		if (!isxdigit((unsigned char)at[0]) || !isxdigit((unsigned char)at[1]) || (i < 5 && at[2] != ':'))
			return false;
		ret_mac[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

static bool read_address(const char *text, size_t length, struct fl_address *ret_address)
{
	char copy[FL_ADDRESS_TEXT];

	if (length == 0 || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	*ret_address = (struct fl_address){ 0 };
	ret_address->family = inet_pton(AF_INET, copy, ret_address->bytes) == 1    ? 4
	                      : inet_pton(AF_INET6, copy, ret_address->bytes) == 1 ? 6
	                                                                           : 0;
	return ret_address->family != 0;
}

/* An address at the beginning of `text`, of which `length` characters could be part of one: it is replaced. How many
 * characters that took; 0 where none begins. */
static size_t replace(const struct fl_anonymizer *anonymizer, const char *text, size_t length, struct fl_text *ret_text)
{
	struct fl_address address;
	uint8_t mac[6];
	size_t taken;

	if (read_mac(text, length, mac)) {
		fl_anonymize_mac(anonymizer, mac);
		fl_text_add(ret_text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
		return 17;
	}
	/* The longest that is one: behind it may stand a port or the end of a sentence. */
	for (; length > 0; length--) {
		if (isxdigit((unsigned char)text[length - 1]) && isxdigit((unsigned char)text[length]))
			continue;
		if (read_address(text, length, &address)) {
			add_address(anonymizer, &address, text + length, ret_text, &taken);
			return length + taken;
		}
	}
	return 0;
}

void fl_anonymize_text(const struct fl_anonymizer *anonymizer, const char *text, struct fl_text *ret_text)
{
	static const char letters[] = "0123456789abcdefABCDEF:.";
	bool is_inside = false; /* of a word, in which no address begins */

	while (*text) {
		size_t length = is_inside ? 0 : strspn(text, letters);
		size_t taken = length > 0 ? replace(anonymizer, text, length, ret_text) : 0;

		if (taken == 0) {
			fl_text_bytes(ret_text, text, 1);
			taken = 1;
		}
		text += taken;
		is_inside = isalnum((unsigned char)text[-1]);
	}
}
