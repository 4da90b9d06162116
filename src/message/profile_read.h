/* A profile, and how it is read. Private to message/. */
#ifndef MESSAGE_PROFILE_READ_H
#define MESSAGE_PROFILE_READ_H

#include <json-c/json.h>

#include "pattern.h"

enum { profile_ports = 16 };

struct fl_profile {
	char *name, *title, *reference;
	bool greets;           /* the server speaks first */
	bool in_order;         /* one request is answered after the other */
	bool beats_at_will;    /* nobody owes them */
	int64_t answer_within; /* ns; 0: it does not say */
	uint16_t ports[profile_ports];
	size_t n_ports;
	struct pattern *patterns;
	size_t n_patterns;
};

/* Fills a zeroed profile from what a file holds. 0, or -1 with `reterr`; to be deinitialised in any case. */
int profile_read(struct fl_profile *profile, const char *path, struct json_object *file, struct fl_error *reterr);
void profile_deinit(struct fl_profile *profile);

/* profile.c: the pattern by which a message tells its protocol, and which that is; the pattern as which a message of
 * that protocol is read. NULL for none. */
const struct pattern *profiles_teller(const struct fl_profiles *profiles, const struct fl_saying *saying,
                                      const struct fl_profile **ret_profile);
const struct pattern *profile_reading(const struct fl_profile *profile, const struct fl_saying *saying);

#endif
