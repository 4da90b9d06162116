/* What of a message may be shown to others: never what somebody said, but what the protocol makes everybody say. A
 * server's "-WRONGPASS " stands in every profile of Redis; with it a capture whose payload was taken out still shows
 * that the login was refused. */
#include <string.h>

#include "profile_read.h"

struct draft {
	uint8_t bytes[FL_SAYING_MOST];
	uint8_t mask[FL_SAYING_MOST]; /* bits that the protocol prescribes */
	size_t length;                /* up to the last constant */
	size_t room;
};

static bool has(const struct draft *draft, const struct masked *masked)
{
	for (size_t at = 0; at + masked->length <= draft->length; at++) {
		size_t i = 0;

		while (i < masked->length && (draft->bytes[at + i] & masked->mask[i]) == masked->bytes[i])
			i++;
		if (i == masked->length)
			return true;
	}
	return false;
}

static bool put(struct draft *draft, const struct masked *masked, size_t place)
{
	if (place + masked->length > draft->room)
		return false;
	for (size_t i = 0; i < masked->length; i++) {
		draft->bytes[place + i] = (uint8_t)((draft->bytes[place + i] & ~masked->mask[i]) | masked->bytes[i]);
		draft->mask[place + i] |= masked->mask[i];
	}
	if (place + masked->length > draft->length)
		draft->length = place + masked->length;
	return true;
}

/* What stands anywhere in the message is put behind the rest: where it stood tells how long a name before it is. */
static bool put_pattern(struct draft *draft, const struct pattern *pattern)
{
	if (pattern->at_place.bytes && !put(draft, &pattern->at_place, pattern->place))
		return false;
	for (size_t i = 0; i < 2; i++) {
		const struct masked *masked = &pattern->anywhere[i];

		if (masked->bytes && !has(draft, masked) && !put(draft, masked, draft->length))
			return false;
	}
	return true;
}

/* The bits in between are free. Where whole bytes are, mostly a length stands: how much of the segment follows them,
 * which its TCP header tells as well, spares dissectors a message of nothing. */
static void fill(struct draft *draft, uint32_t length, bool has_lengths, uint8_t bits)
{
	for (size_t i = 0; i < draft->length; i++)
		draft->bytes[i] = (uint8_t)((draft->bytes[i] & draft->mask[i]) | (bits & ~draft->mask[i]));
	for (size_t from = 0, to; from < draft->length; from = to + 1) {
		for (to = from; to < draft->length && draft->mask[to] == 0;)
			to++;
		for (size_t i = from; i < to; i++) {
			size_t shift = 8 * (to - 1 - i);
			bool is_length = has_lengths && shift < 32 && length > to;

			draft->bytes[i] = is_length ? (uint8_t)((length - (uint32_t)to) >> shift) : 0;
		}
	}
}

/* With `length` bytes of the draft it is read as the message is. */
static bool does(const struct fl_profiles *profiles, const struct fl_profile *profile, const struct fl_saying *saying,
                 const struct draft *draft, size_t length)
{
	struct fl_saying shown = *saying;

	shown.bytes = draft->bytes;
	shown.captured = length;
	return fl_profile_reads(profile, &shown) == fl_profile_reads(profile, saying) &&
	       fl_profiles_recognise(profiles, &shown) == fl_profiles_recognise(profiles, saying);
}

/* The first filling with which it is; how long the message then is, 0 for none. */
static size_t choose(const struct fl_profiles *profiles, const struct fl_profile *profile,
                     const struct fl_saying *saying, struct draft *draft)
{
	static const struct {
		bool has_lengths;
		uint8_t bits; /* of bytes that are prescribed in part: zeros may say something else ("0." but not 00) */
	} fillings[] = { { true, 0 }, { true, 0x55 }, { false, 0 }, { false, 0x55 }, { false, 0xff } };

	for (size_t i = 0; draft->length > 0 && i < sizeof(fillings) / sizeof(fillings[0]); i++) {
		fill(draft, saying->length, fillings[i].has_lengths, fillings[i].bits);
		if (does(profiles, profile, saying, draft, draft->length))
			return draft->length;
		/* An earlier pattern may ask for bytes behind these, and only zeros there say that it does not fit. */
		if (does(profiles, profile, saying, draft, draft->room))
			return draft->room;
	}
	return 0;
}

size_t fl_profile_constants(const struct fl_profiles *profiles, const struct fl_profile *profile,
                            const struct fl_saying *saying, uint8_t ret_bytes[FL_SAYING_MOST])
{
	const struct fl_profile *told;
	const struct pattern *teller = profiles_teller(profiles, saying, &told);
	const struct pattern *reading = profile_reading(profile, saying);
	struct draft draft = { .room = saying->captured < FL_SAYING_MOST ? saying->captured : FL_SAYING_MOST };

	if ((reading && !put_pattern(&draft, reading)) || (teller && teller != reading && !put_pattern(&draft, teller)))
		return 0;
	draft.length = choose(profiles, profile, saying, &draft);
	memcpy(ret_bytes, draft.bytes, draft.length);
	return draft.length;
}
