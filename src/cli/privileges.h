/* The rights that a live run gives up once its interfaces are open. Private to cli/. */
#ifndef CLI_PRIVILEGES_H
#define CLI_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include "flatline/error.h"

/* As whom, and with what, the run goes on. */
struct privileges {
	char user[64]; /* its name; its number where it has none */
	uid_t uid;
	gid_t gid;
	bool changes_user;  /* else it stays who it is */
	bool keeps_net_raw; /* CAP_NET_RAW, and no other */
};

/* Looks up who that is: `user`; without it (NULL), when started as root, the one who called sudo, else nobody. Changes
 * nothing. False with `reterr`. */
bool privileges_choose(struct privileges *ret_privileges, const char *user, bool keeps_net_raw,
                       struct fl_error *reterr);
/* Becomes that user, for good, without capabilities (but the one), and with no way to new ones. Before any thread is
 * made: rights are each thread's own. False with `reterr` when anything is left; then the program must end. */
bool privileges_drop(const struct privileges *privileges, struct fl_error *reterr);
/* The same for a process that runs other people's programs: no capability stays, and what these may become
 * (set-user-ID) is theirs. False when it was not possible. */
bool privileges_leave(const struct privileges *privileges);

#endif
