/* Profiles: what the first bytes of a message mean in a protocol, as far as it matters for whether somebody still
 * answers: who logs in, who accepts or refuses, who pings and who owes the pong. Data files (src/profiles/), of which
 * the program carries its own. */
#ifndef FLATLINE_PROFILE_H
#define FLATLINE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/error.h"

/* What a message says. */
enum fl_said {
	FL_SAID_NOTHING,   /* nothing that a profile has a word for */
	FL_SAID_HELLO,     /* something of the protocol's beginning */
	FL_SAID_LOGIN,     /* asks to be let in; owed an answer at once */
	FL_SAID_CHALLENGE, /* the server asks for more first */
	FL_SAID_ACCEPT,
	FL_SAID_REJECT,  /* the protocol says no */
	FL_SAID_PING,    /* asks whether the other side is there; owed an answer at once */
	FL_SAID_PONG,    /* that answer */
	FL_SAID_BEAT,    /* a sign of life that nobody answers */
	FL_SAID_GOODBYE, /* its sender is about to close */
	FL_SAIDS,
};

/* Bytes of a message that are looked at. */
#define FL_SAYING_MOST 256

/* The beginning of a message, as it was captured. */
struct fl_saying {
	const uint8_t *bytes;
	size_t captured;
	uint32_t length; /* of the TCP segment that begins it, on the wire */
	uint16_t server_port;
	bool is_from_client;
};

struct fl_profile; /* valid as long as its set */
struct fl_profiles;

/* The profiles that the program carries. NULL with `reterr` out of memory. */
struct fl_profiles *fl_profiles_new(struct fl_error *reterr);
void fl_profiles_free(struct fl_profiles *profiles);

/* Takes "NAME" or "FILE", either with "@PORT[,PORT]..." behind it: connections to these server ports speak that
 * protocol, whatever they say; without ports those of the profile, and of one that names none all connections. A file
 * is what has a '/' in it or ends in ".json". 0, or -1 with `reterr`. */
int fl_profiles_assign(struct fl_profiles *profiles, const char *assignment, struct fl_error *reterr);

/* The profile at `index`, in order of names, NULL past the last. */
const struct fl_profile *fl_profiles_at(const struct fl_profiles *profiles, size_t index);
const char *fl_profile_name(const struct fl_profile *profile);
const char *fl_profile_title(const struct fl_profile *profile);
const char *fl_profile_reference(const struct fl_profile *profile);
/* One request is answered after the other: a PING waits behind what was asked before. */
bool fl_profile_answers_in_order(const struct fl_profile *profile);
/* Who beats may stop as he likes. */
bool fl_profile_beats_at_will(const struct fl_profile *profile);
/* How long a LOGIN or a PING may wait in it, ns; 0 where it does not say. */
int64_t fl_profile_answer_within(const struct fl_profile *profile);
/* Its usual server ports; *ret_count of them. */
const uint16_t *fl_profile_ports(const struct fl_profile *profile, size_t *ret_count);

/* The profile that connections to this port were assigned to; NULL for none. */
const struct fl_profile *fl_profiles_assigned(const struct fl_profiles *profiles, uint16_t server_port);
/* The profile of which a server on this port greets whoever connects, before he says anything: the assigned one, or the
 * one whose usual port it is (*ret_is_assigned tells which). NULL for none. */
const struct fl_profile *fl_profiles_greeting(const struct fl_profiles *profiles, uint16_t server_port,
                                              bool *ret_is_assigned);
/* The profile that this message tells by its bytes; NULL for none. */
const struct fl_profile *fl_profiles_recognise(const struct fl_profiles *profiles, const struct fl_saying *saying);
/* What it says in that protocol. */
enum fl_said fl_profile_reads(const struct fl_profile *profile, const struct fl_saying *saying);

/* Of a message what the protocol itself prescribes: the bytes of the pattern as which it is read, and of the one by
 * which it tells its protocol, from the profile and not from the message, so that nothing shows that somebody said; in
 * between what follows from the segment's length, or one value for all. It is read as the message is, and tells the
 * same. How many of *ret_bytes those are, never more than the message has captured; 0 where nothing is read, or where
 * no such bytes do. */
size_t fl_profile_constants(const struct fl_profiles *profiles, const struct fl_profile *profile,
                            const struct fl_saying *saying, uint8_t ret_bytes[FL_SAYING_MOST]);

/* The files that the program carries, put together from src/profiles/ by the build; a NULL name ends them. */
struct fl_profile_file {
	const char *name, *text;
};
extern const struct fl_profile_file fl_profile_files[];

/* The word of a profile's "is"; "nothing" for none. */
const char *fl_said_name(enum fl_said said);

#endif
