/* The evidence captures of a report (--evidence, --anonymize). Private to cli/. */
#ifndef CLI_EXHIBITS_H
#define CLI_EXHIBITS_H

#include "chosen.h"
#include "flatline/evidence.h"
#include "options.h"

struct exhibits {
	const struct options *options;
	struct fl_anonymizer anonymizer;
	struct fl_profiles *profiles;
	char application[64];
	struct fl_evidence_incident **incidents;
	size_t n_incidents;
	uint64_t more_incidents; /* that get no file */
	uint32_t *ids;           /* of connections that incidents show */
	size_t n_ids;
	struct fl_evidence_flow **others; /* those of them that have no file of their own */
	size_t n_others;
	struct fl_exhibits *made; /* in the second pass; NULL before */
	bool is_starved;
};

/* Before anything is read: the key, and the directory, which is made when it is not there. An exit status; what is
 * wrong was told. Without --evidence nothing is done here, nor in what follows. */
int exhibits_open(struct exhibits *exhibits, const struct options *options);

/* In the first pass: an incident; whether a connection is one of those that they show, and must be told in words; such
 * a one. */
void exhibits_incident(struct exhibits *exhibits, const struct fl_incident *incident);
bool exhibits_wants(const struct exhibits *exhibits, uint32_t id);
void exhibits_flow(struct exhibits *exhibits, const struct fl_account *account);

/* Between the passes. False out of memory. */
bool exhibits_begin(struct exhibits *exhibits, const struct chosen *chosen);

/* At the end of the second pass: writes the files, and their names on standard output where no report goes there. An
 * exit status; what went wrong was told. */
int exhibits_write(struct exhibits *exhibits, const struct fl_capture_account *capture);
void exhibits_deinit(struct exhibits *exhibits);

#endif
