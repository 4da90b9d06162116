/* A frame without what it says: headers to the innermost one that matters, addresses replaced where that is asked for.
 * What comes out is decoded again and has to be the same packet; so a link or a tunnel whose header holds something
 * that no decoder has vouched for is left out, and never shown by mistake. */
#include <string.h>

#include "flatline/anonymize.h"
#include "wire.h"

struct stripping {
	const struct fl_anonymizer *anonymizer; /* NULL: addresses stay */
	const struct fl_frame *frame;
	const struct layout *layout;
	uint8_t *bytes; /* what comes out */
	size_t end;     /* of its headers */
	size_t length;  /* of all of it */
};

static void put_address(const struct stripping *stripping, size_t at, unsigned family)
{
	struct fl_address address;

	bytes_address(&address, family, stripping->frame->bytes + at);
	fl_anonymize_address(stripping->anonymizer, &address);
	memcpy(stripping->bytes + at, address.bytes, family == 4 ? 4 : 16);
}

static void put_mac(const struct stripping *stripping, size_t at)
{
	memcpy(stripping->bytes + at, stripping->frame->bytes + at, 6);
	fl_anonymize_mac(stripping->anonymizer, stripping->bytes + at);
}

static void keep(const struct stripping *stripping, size_t at, size_t length)
{
	memcpy(stripping->bytes + at, stripping->frame->bytes + at, length);
}

/* Options of which it is known that they name nobody: MSS, window scale, SACK and timestamps. Of others (cookies,
 * signatures, the addresses of multipath) only kind and length stay, of what cannot be followed nothing. */
static void put_tcp_options(const struct stripping *stripping, size_t at, size_t end)
{
	enum { end_of_list = 0, no_operation = 1, fast_open = 34, experiment = 254 };
	const uint8_t *bytes = stripping->frame->bytes;

	while (at < end && bytes[at] != end_of_list) {
		uint8_t kind = bytes[at], length = at + 1 < end ? bytes[at + 1] : 0;
		bool is_known = (kind >= 2 && kind <= 5) || kind == 8;

		if (kind == no_operation) {
			keep(stripping, at++, 1);
			continue;
		}
		if (length < 2 || at + length > end) {
			keep(stripping, at, at + 1 < end ? 2 : 1);
			return;
		}
		/* Fast Open's experiment is told by its first two bytes. */
		keep(stripping, at, is_known ? length : kind == experiment && length >= 4 ? 4 : 2);
		at += length;
	}
}

static void put_tcp(const struct stripping *stripping, const struct place *place)
{
	const size_t header = 20;

	keep(stripping, place->at, place->length < header ? place->length : header);
	if (place->length > header)
		put_tcp_options(stripping, place->at + header, (size_t)place->at + place->length);
}

static void put_place(const struct stripping *stripping, const struct place *place)
{
	switch (place->kind) {
	case PLACE_OPTIONS: break;
	case PLACE_MAC: put_mac(stripping, place->at); break;
	case PLACE_ADDRESS_4: put_address(stripping, place->at, 4); break;
	case PLACE_FINAL_6:
	case PLACE_ADDRESS_6: put_address(stripping, place->at, 6); break;
	case PLACE_IPV4:
		keep(stripping, place->at, 12);
		put_address(stripping, place->at + 12u, 4);
		put_address(stripping, place->at + 16u, 4);
		break;
	case PLACE_IPV6:
		keep(stripping, place->at, 8);
		put_address(stripping, place->at + 8u, 6);
		put_address(stripping, place->at + 24u, 6);
		break;
	case PLACE_TCP: put_tcp(stripping, place); break;
	default: keep(stripping, place->at, place->length);
	}
}

/* ---- checksums (RFC 1071) ---- */

static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put_sum(uint8_t *field, uint32_t sum)
{
	field[0] = (uint8_t)(~sum >> 8);
	field[1] = (uint8_t)~sum;
}

/* Addresses, length and protocol of the IP header around place `inner`. */
static uint32_t pseudo_header(const struct stripping *stripping, size_t inner, uint8_t protocol, uint32_t length)
{
	const uint8_t *final = NULL, *bytes = stripping->bytes;
	uint32_t sum = protocol + (length >> 16) + (length & 0xffff);

	while (inner-- > 0) {
		const struct place *place = &stripping->layout->places[inner];

		if (place->kind == PLACE_FINAL_6)
			final = bytes + place->at;
		if (place->kind == PLACE_IPV4)
			return sum_of(sum, bytes + place->at + 12, 8);
		if (place->kind != PLACE_IPV6)
			continue;
		sum = sum_of(sum, bytes + place->at + 8, 16);
		return sum_of(sum, final ? final : bytes + place->at + 24, 16);
	}
	return sum;
}

/* Where the checksum of a header lies in it, and the protocol of its pseudo header (0: it has none). */
static bool has_checksum(const struct place *place, size_t *ret_at, uint8_t *ret_protocol)
{
	switch (place->kind) {
	case PLACE_TCP:
		*ret_at = 16;
		*ret_protocol = PROTOCOL_TCP;
		break;
	case PLACE_UDP:
		*ret_at = 6;
		*ret_protocol = PROTOCOL_UDP;
		break;
	case PLACE_ICMP:
		*ret_at = 2;
		*ret_protocol = 0;
		break;
	case PLACE_ICMPV6:
		*ret_at = 2;
		*ret_protocol = PROTOCOL_ICMPV6;
		break;
	case PLACE_GRE:
		*ret_at = 4;
		*ret_protocol = 0;
		break;
	default: return false;
	}
	return *ret_at + 2 <= place->length;
}

static void put_checksum(const struct stripping *stripping, size_t index)
{
	const struct place *place = &stripping->layout->places[index];
	uint8_t *header = stripping->bytes + place->at, *field, protocol;
	size_t left = stripping->length - place->at, at;
	uint32_t sum = 0, whole = place->whole;

	if (!has_checksum(place, &at, &protocol))
		return;
	/* Nothing was replaced, and nothing of what it covers left out. */
	if (!stripping->anonymizer && place->whole <= left)
		return;
	field = header + at;
	if (place->kind == PLACE_UDP) {
		whole = bytes_be16(header + 4);
		if (bytes_be16(field) == 0) /* none */
			return;
	}
	put_sum(field, 0xffff);
	if (protocol)
		sum = pseudo_header(stripping, index, protocol, whole);
	put_sum(field, sum_of(sum, header, left < whole ? left : whole));
	if (place->kind == PLACE_UDP && bytes_be16(field) == 0)
		put_sum(field, 0);
}

/* From the inside out: those outside cover those inside. */
static void put_checksums(const struct stripping *stripping)
{
	for (size_t i = stripping->layout->count; i-- > 0;) {
		const struct place *place = &stripping->layout->places[i];
		uint8_t *header = stripping->bytes + place->at;
		size_t length = (header[0] & 0x0f) * 4u;

		put_checksum(stripping, i);
		if (place->kind != PLACE_IPV4 || !stripping->anonymizer)
			continue;
		header[10] = header[11] = 0;
		put_sum(header + 10, sum_of(0, header, place->at + length > stripping->end ? 20 : length));
	}
}

/* ---- is it the same packet? ---- */

static bool is_mapped(const struct fl_anonymizer *anonymizer, const struct fl_address *from,
                      const struct fl_address *to)
{
	struct fl_address expected = *from;

	if (anonymizer)
		fl_anonymize_address(anonymizer, &expected);
	return fl_address_equal(&expected, to);
}

static bool is_same_error(const struct fl_anonymizer *anonymizer, const struct fl_icmp_error *a,
                          const struct fl_icmp_error *b)
{
	return is_mapped(anonymizer, &a->sender, &b->sender) && is_mapped(anonymizer, &a->from, &b->from) &&
	       is_mapped(anonymizer, &a->to, &b->to) && a->from_port == b->from_port && a->to_port == b->to_port &&
	       a->seq == b->seq && a->ack == b->ack && a->mtu == b->mtu && a->type == b->type && a->code == b->code &&
	       a->flags == b->flags && a->protocol == b->protocol && a->quoted == b->quoted;
}

static bool is_same_neighbour(const struct fl_anonymizer *anonymizer, const struct fl_neighbour *a,
                              const struct fl_neighbour *b)
{
	return is_mapped(anonymizer, &a->sender, &b->sender) && is_mapped(anonymizer, &a->target, &b->target) &&
	       a->is_reply == b->is_reply && a->is_broadcast == b->is_broadcast;
}

static bool is_same_segment(const struct fl_packet *a, const struct fl_packet *b)
{
	const struct fl_tcp_options *x = &a->options, *y = &b->options;

	return a->seq == b->seq && a->ack == b->ack && a->flags == b->flags && a->window == b->window &&
	       a->length == b->length && x->ts_value == y->ts_value && x->ts_echo == y->ts_echo &&
	       memcmp(x->sack, y->sack, sizeof(x->sack)) == 0 && x->mss == y->mss && x->wscale == y->wscale &&
	       x->n_sack == y->n_sack && x->present == y->present;
}

static bool is_same(const struct fl_anonymizer *anonymizer, const struct fl_packet *a, const struct fl_packet *b)
{
	if (a->outcome != b->outcome || a->protocol != b->protocol || a->via != b->via || a->ttl != b->ttl ||
	    a->ip_id != b->ip_id || a->source_port != b->source_port || a->target_port != b->target_port ||
	    a->place != b->place || memcmp(a->vlan, b->vlan, sizeof(a->vlan)) != 0 ||
	    !is_mapped(anonymizer, &a->source, &b->source) || !is_mapped(anonymizer, &a->target, &b->target))
		return false;
	switch (a->outcome) {
	case FL_OUTCOME_TCP: return is_same_segment(a, b);
	case FL_OUTCOME_ICMP: return is_same_error(anonymizer, &a->icmp, &b->icmp);
	case FL_OUTCOME_NEIGHBOUR: return is_same_neighbour(anonymizer, &a->neighbour, &b->neighbour);
	case FL_OUTCOME_FRAGMENT: return true;
	default: return false;
	}
}

/* ---- */

static size_t end_of(const struct layout *layout)
{
	size_t end = 0;

	for (size_t i = 0; i < layout->count; i++) {
		const struct place *place = &layout->places[i];

		if (place->at + (size_t)place->length > end)
			end = place->at + (size_t)place->length;
	}
	return end;
}

static void walk(const struct fl_frame *frame, struct layout *layout, struct fl_packet *ret_packet)
{
	struct fl_wire wire = { 0 };

	*layout = (struct layout){ .frame = frame->bytes, .captured = frame->caplen };
	wire_walk(&wire, frame, layout, ret_packet);
}

size_t fl_wire_strip(const struct fl_anonymizer *anonymizer, const struct fl_frame *frame, const uint8_t *said,
                     size_t n_said, uint8_t ret_bytes[FL_STRIPPED_MOST])
{
	struct fl_packet packet, again;
	struct fl_frame stripped = *frame;
	struct layout layout, layout_again;
	struct stripping stripping = {
		.anonymizer = anonymizer, .frame = frame, .layout = &layout, .bytes = ret_bytes
	};

	walk(frame, &layout, &packet);
	stripping.end = end_of(&layout);
	if (layout.is_full || stripping.end == 0)
		return 0;
	if (n_said > packet.captured || stripping.end + n_said > FL_STRIPPED_MOST)
		n_said = 0; /* it is in another frame: a fragment's */
	stripping.length = stripping.end + n_said;
	memset(ret_bytes, 0, FL_STRIPPED_MOST);
	if (!anonymizer)
		keep(&stripping, 0, stripping.end);
	for (size_t i = 0; anonymizer && i < layout.count; i++)
		put_place(&stripping, &layout.places[i]);
	if (n_said > 0)
		memcpy(ret_bytes + stripping.end, said, n_said);
	put_checksums(&stripping);
	stripped.bytes = ret_bytes;
	stripped.caplen = (uint32_t)stripping.length;
	walk(&stripped, &layout_again, &again);
	return is_same(anonymizer, &packet, &again) ? stripping.length : 0;
}
