/* Settings: every threshold and switch that a user may change with --set name=value, in one table. */
#ifndef FLATLINE_SETTINGS_H
#define FLATLINE_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "flatline/error.h"

enum fl_setting_id {
	FL_SET_ANSWER_OWED,       /* ns */
	FL_SET_BEATS_MISSED,      /* count */
	FL_SET_BEATS_MISSED_FOR,  /* ns */
	FL_SET_ONE_WAY_MESSAGES,  /* count */
	FL_SET_ONE_WAY_FOR,       /* ns */
	FL_SET_IDLE,              /* ns */
	FL_SET_IDLE_UNPROBED,     /* ns */
	FL_SET_SYN_REPEATS,       /* count */
	FL_SET_SYN_FOR,           /* ns */
	FL_SET_DATA_TRIES,        /* count */
	FL_SET_DATA_TRIES_FOR,    /* ns */
	FL_SET_STALLED,           /* ns */
	FL_SET_HANDSHAKE_FOR,     /* ns */
	FL_SET_WINDOW_CLOSED_FOR, /* ns */
	FL_SET_WINDOW_PROBES,     /* count */
	FL_SET_PROBES_MISSED,     /* count */
	FL_SET_HALF_CLOSED,       /* ns */
	FL_SET_REPLIES,           /* 0 unknown, 1 owed */
	FL_SET_VLAN_IN_KEY,       /* 0 no, 1 yes */
	FL_SETTINGS,
};

enum fl_setting_kind { FL_SETTING_DURATION, FL_SETTING_COUNT, FL_SETTING_WORD };

struct fl_setting {
	const char *name;
	enum fl_setting_kind kind;
	int64_t preset, least, most; /* ns for durations; for words an index into `words` */
	const char *words[3];        /* the values of a word, NULL-terminated */
	const char *help;
};

struct fl_settings {
	int64_t value[FL_SETTINGS];
};

void fl_settings_init(struct fl_settings *settings);
/* The description of a setting, NULL past the last. */
const struct fl_setting *fl_setting_at(size_t id);
/* Takes "name=value"; durations as "5", "5s", "250ms", "2m", "1h". 0, or -1 with `reterr`. */
int fl_settings_set(struct fl_settings *settings, const char *assignment, struct fl_error *reterr);
/* A time as settings take it: "5", "5s", "0.5s", "250ms", "2m", "1h", at most about a year. 0, or -1. */
int fl_duration_parse(const char *text, int64_t *ret_ns);
/* The value as --set would take it, into `ret_text` of `size` bytes; returned. */
const char *fl_setting_text(const struct fl_setting *setting, int64_t value, char *ret_text, size_t size);

#endif
