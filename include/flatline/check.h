/* `flatline check`: what was asked for, item by item, and what was found. Items are made by expectations and by the
 * policy (which verdicts fail a build), and written in the formats of CI systems. */
#ifndef FLATLINE_CHECK_H
#define FLATLINE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "flatline/error.h"
#include "flatline/judge.h"
#include "flatline/text.h"

enum fl_check_state { FL_CHECK_PASSED, FL_CHECK_FAILED, FL_CHECK_EXCUSED };

/* One thing that was asked for. Strings belong to the list. */
struct fl_check_item {
	enum fl_check_state state;
	char *name;                /* what was asked for, in one line: the same in every run, as CI systems follow it */
	char *message;             /* expected and found, in one line; NULL for one that passed */
	char *detail;              /* what to look at, in lines; NULL for none */
	char *excuse;              /* why it is excused; NULL for none */
	const char *verdict;       /* the id that it is about; NULL for none */
	enum fl_severity severity; /* of that verdict; FL_CRITICAL without one */
	int64_t flow;              /* -1: of no single one */
	uint32_t frame;            /* where to look; 0: nowhere */
	uint32_t file;
};

struct fl_checks {
	struct fl_check_item *items;
	size_t count;
	size_t failed, excused;
	uint64_t flows; /* that were checked */
};

/* Takes the item over, with its strings. False out of memory, or when it lacks one: then they are freed. */
bool fl_checks_add(struct fl_checks *checks, const struct fl_check_item *item);
/* The same with name, message and detail of these texts, which are taken over; an empty one is NULL. */
bool fl_checks_add_texts(struct fl_checks *checks, const struct fl_check_item *item, struct fl_text *name,
                         struct fl_text *message, struct fl_text *detail);
void fl_checks_deinit(struct fl_checks *checks);

/* What a check ran on. */
struct fl_check_run {
	const char *const *files;
	size_t n_files;
	const char *trouble; /* why nothing could be checked; NULL: it was */
	bool is_whole;       /* the captures were read to their end */
	bool quiet;          /* text: only what failed */
};

/* Writes the items in `format` ("text", "tap", "junit", "sarif", "github"); the same items, the same bytes. 0, or -1
 * with `reterr`: no such format, or it could not be written. */
int fl_checks_write(const struct fl_checks *checks, const struct fl_check_run *run, const char *format, FILE *out,
                    struct fl_error *reterr);
/* Names of these formats with a line of help, NULL past the last. */
const char *fl_checks_format_name(size_t index);
const char *fl_checks_format_help(size_t index);

/* Verdicts that are known, and fail no check for a while: a file of them (flatline-check(1)). */
struct fl_allow;

/* NULL with `reterr`: file, entry, reason. */
struct fl_allow *fl_allow_load(const char *path, struct fl_error *reterr);
void fl_allow_free(struct fl_allow *allow);
/* Whether the flow's verdict is excused at `now`. *ret_reason: why it is, or was; NULL when no entry is about it.
 * *ret_last_day: until when, NULL for ever. */
bool fl_allow_excuses(const struct fl_allow *allow, const struct fl_account *account, int64_t now,
                      const char **ret_reason, const char **ret_last_day);

/* Which verdicts fail a check, whatever is expected. */
struct fl_policy_settings {
	enum fl_severity fail_on;    /* flows at or over it; FL_SEVERITIES: none */
	const char *const *verdicts; /* and those with one of these ids */
	size_t n_verdicts;
	const struct fl_allow *allow; /* what is excused; NULL: nothing */
	int64_t now;                  /* on which day */
};

struct fl_policy;

/* The strings of `settings`, and its `allow`, outlive the policy. NULL out of memory. */
struct fl_policy *fl_policy_new(const struct fl_policy_settings *settings);
void fl_policy_free(struct fl_policy *policy);
/* Takes note of a flow. 0, or -1 out of memory. */
int fl_policy_flow(struct fl_policy *policy, const struct fl_account *account);
/* Adds what it found: an item for each flow that fails, or one that says that none does. 0, or -1 out of memory. */
int fl_policy_end(struct fl_policy *policy, struct fl_checks *checks);

#endif
