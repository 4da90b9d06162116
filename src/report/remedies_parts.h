/* Parts of which remedies are made. Private to report/. */
#ifndef REPORT_REMEDIES_PARTS_H
#define REPORT_REMEDIES_PARTS_H

#include <stdint.h>

#include "flatline/text.h"
#include "remedies.h"

/* The flow that they are for. */
struct patient {
	const struct fl_account *account;
	const struct fl_judged_finding *finding; /* what the verdict says; NULL where the account is not in full */
	enum fl_side sick;                       /* who stopped; FL_SIDE_UNKNOWN: not known */
	enum fl_side other;                      /* who suffers from it */
	struct remedies *remedies;
	bool failed; /* out of memory */
};

/* What the lines to write are for. */
enum code {
	CODE_LOGIN,        /* a limit for the answer to the login */
	CODE_REPLY,        /* a limit for any answer */
	CODE_WRITE,        /* a limit for a write that waits */
	CODE_BEATS,        /* the protocol's own heartbeat */
	CODE_LOGIN_FIRST,  /* no heartbeat before the login was accepted */
	CODE_USER_TIMEOUT, /* TCP_USER_TIMEOUT */
	CODE_RETRIES2,     /* tcp_retries2 */
	CODE_KEEPALIVE,
	CODE_CONNECT, /* a limit for connect() */
	CODE_SYN_RETRIES,
	CODE_BACKLOG,
	CODE_SYN_COOKIES,
	CODE_RETRY,      /* once more, later each time */
	CODE_CLOSE,      /* close() at the peer's end of file */
	CODE_FIN_WAIT,   /* a limit for the peer's close */
	CODE_ORPHAN,     /* tcp_orphan_retries */
	CODE_MTU_PROBES, /* tcp_mtu_probing */
	CODE_MSS_ROUTE,  /* the segments' size, from the route */
	CODE_MSS_NUMBER, /* and as a number */
	CODE_ICMP,       /* IP_RECVERR */
	CODE_ICMP6,
};

/* What stands in the lines, by name: "@s". All but mss in seconds, or a count. */
struct amounts {
	int64_t s; /* a limit; @ms is the same in milliseconds */
	int64_t idle, interval, count;
	int64_t beat;
	int64_t mss;
};

/* Lines for whom: a row of a table. */
struct recipe {
	enum code code;
	const char *profile;  /* of that protocol only; NULL: of any */
	enum fl_side side;    /* who writes it; FL_SIDE_NONE: either */
	const char *language; /* what it is written in */
	const char *lines;
};

/* Recipe `index` for programs and kernels of any protocol, and for those of known protocols; false past the last. */
bool recipe_of_sockets(size_t index, struct recipe *ret_recipe);
bool recipe_of_protocols(size_t index, struct recipe *ret_recipe);
/* A protocol whose server is a product, with a configuration instead of a socket. */
bool protocol_is_product(const char *profile);

enum place { PLACE_PROGRAM, PLACE_HOST, PLACE_PATH };

/* A new one; NULL when there is no room. `side`: whose program or host. */
struct remedy *remedy_begin(struct patient *patient, const char *title, enum place place, enum fl_side side);
/* Takes what was built. */
void remedy_why(struct patient *patient, struct remedy *remedy, struct fl_text *why);
/* Adds the lines: those of its protocol where there are any, else those of any; and those of the kernel. For the server
 * of a product there may be none. */
void remedy_code(struct patient *patient, struct remedy *remedy, enum code code, enum fl_side side,
                 const struct amounts *amounts);
/* Whether there are any lines, and whether there are any of its protocol. */
bool remedy_has_code(const struct patient *patient, enum code code, enum fl_side side);
bool remedy_is_known(const struct patient *patient, enum code code, enum fl_side side);

/* A figure of what the verdict says. False when there is none. */
bool patient_figure(const struct patient *patient, const char *name, int64_t *ret_value);
/* A finding of that id, that of the verdict or another; NULL for none. */
const struct fl_judged_finding *patient_finding(const struct patient *patient, const char *id);
/* "client", "server", or "program" where it is not known which. */
const char *patient_role(enum fl_side side);
/* "it was noticed after 15m24s.": how long it lasted, and how that ended. */
void patient_end(const struct patient *patient, struct fl_text *why);
/* "After 10.4 s it would have {done}; it was noticed after 15m24s.", or that this would have been no better. */
void patient_gain(const struct patient *patient, struct fl_text *why, const char *done, int64_t after);

/* Of the application (remedies_application.c). */
void give_reply_limit(struct patient *patient);
void give_beat_limit(struct patient *patient);
void give_write_limit(struct patient *patient);
void give_beats(struct patient *patient, enum fl_side side);
void give_login_first(struct patient *patient);
void give_retry(struct patient *patient);
void give_account_check(struct patient *patient);
void give_close(struct patient *patient);

/* Of the kernel (remedies_kernel.c). */
void give_user_timeout(struct patient *patient);
void give_retries2(struct patient *patient);
void give_keepalive(struct patient *patient);
void give_connect_limit(struct patient *patient);
void give_syn_retries(struct patient *patient);
void give_backlog(struct patient *patient);
void give_syn_cookies(struct patient *patient);
void give_fin_wait(struct patient *patient);
void give_orphan(struct patient *patient);
void give_mtu_probes(struct patient *patient);
void give_mss_clamp(struct patient *patient);
void give_icmp(struct patient *patient);

#endif
