/* The one table of thresholds. VERDICTS names the defaults; a user with another network changes them by name, and every
 * place that prints a threshold reads it here. */
#include "flatline/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/time.h"

#define SECONDS(n) ((n)*FL_NS_PER_S)
#define A_YEAR SECONDS(366 * 86400)

static const struct fl_setting table[FL_SETTINGS] = {
	[FL_SET_ANSWER_OWED] = { "answer_owed",
	                         FL_SETTING_DURATION,
	                         SECONDS(5),
	                         FL_NS_PER_US,
	                         A_YEAR,
	                         { NULL },
	                         "how long a request may wait for its answer before the wait counts as a failure" },
	[FL_SET_BEATS_MISSED] = { "beats_missed",
	                          FL_SETTING_COUNT,
	                          3,
	                          2,
	                          1000000,
	                          { NULL },
	                          "heartbeats, or answers to them, missing in a row before it counts as a failure" },
	[FL_SET_BEATS_MISSED_FOR] = { "beats_missed_for",
	                              FL_SETTING_DURATION,
	                              SECONDS(3),
	                              0,
	                              A_YEAR,
	                              { NULL },
	                              "time since the first missing answer, at least" },
	[FL_SET_ONE_WAY_MESSAGES] = { "one_way_messages",
	                              FL_SETTING_COUNT,
	                              3,
	                              1,
	                              1000000,
	                              { NULL },
	                              "messages of one side alone before a connection counts as one-way" },
	[FL_SET_ONE_WAY_FOR] = { "one_way_for",
	                         FL_SETTING_DURATION,
	                         SECONDS(60),
	                         0,
	                         A_YEAR,
	                         { NULL },
	                         "time over which they come, at least, unless they are steady" },
	[FL_SET_IDLE] = { "idle",
	                  FL_SETTING_DURATION,
	                  SECONDS(60),
	                  FL_NS_PER_US,
	                  A_YEAR,
	                  { NULL },
	                  "silence after which nobody knows whether the other side is still there" },
	[FL_SET_IDLE_UNPROBED] = { "idle_unprobed",
	                           FL_SETTING_DURATION,
	                           SECONDS(350),
	                           FL_NS_PER_US,
	                           A_YEAR,
	                           { NULL },
	                           "idle for so long without a keepalive: many middleboxes have forgotten it by then" },
	[FL_SET_SYN_REPEATS] = { "syn_repeats",
	                         FL_SETTING_COUNT,
	                         1,
	                         1,
	                         1000000,
	                         { NULL },
	                         "repeats of a SYN that nobody answers before it counts as a failure" },
	[FL_SET_SYN_FOR] = { "syn_for",
	                     FL_SETTING_DURATION,
	                     SECONDS(1),
	                     0,
	                     A_YEAR,
	                     { NULL },
	                     "time from the first SYN to the last repeat, at least" },
	[FL_SET_DATA_TRIES] = { "data_tries",
	                        FL_SETTING_COUNT,
	                        3,
	                        1,
	                        1000000,
	                        { NULL },
	                        "repeats of data by the retransmission timer that nobody ACKs before it counts as a "
	                        "failure" },
	[FL_SET_DATA_TRIES_FOR] = { "data_tries_for",
	                            FL_SETTING_DURATION,
	                            SECONDS(1),
	                            0,
	                            A_YEAR,
	                            { NULL },
	                            "time from the first transmission to the last repeat, at least" },
	[FL_SET_STALLED] = { "stalled",
	                     FL_SETTING_DURATION,
	                     SECONDS(1),
	                     0,
	                     A_YEAR,
	                     { NULL },
	                     "time that a connection may stand still in all before it counts as degraded" },
	[FL_SET_HANDSHAKE_FOR] = { "handshake_for",
	                           FL_SETTING_DURATION,
	                           SECONDS(3),
	                           0,
	                           A_YEAR,
	                           { NULL },
	                           "how long a repeated SYN-ACK may wait for its ACK before it counts as a failure" },
	[FL_SET_WINDOW_CLOSED_FOR] = { "window_closed_for",
	                               FL_SETTING_DURATION,
	                               SECONDS(5),
	                               0,
	                               A_YEAR,
	                               { NULL },
	                               "how long a receive window may stay closed before it counts as a failure" },
	[FL_SET_WINDOW_PROBES] = { "window_probes",
	                           FL_SETTING_COUNT,
	                           2,
	                           1,
	                           1000000,
	                           { NULL },
	                           "answered probes of a closed window before it counts as a failure" },
	[FL_SET_PROBES_MISSED] = { "probes_missed",
	                           FL_SETTING_COUNT,
	                           2,
	                           1,
	                           1000000,
	                           { NULL },
	                           "keepalive probes in a row without an answer before it counts as a failure" },
	[FL_SET_HALF_CLOSED] = { "half_closed",
	                         FL_SETTING_DURATION,
	                         SECONDS(60),
	                         FL_NS_PER_US,
	                         A_YEAR,
	                         { NULL },
	                         "how long one side may stay open and silent after the other closed" },
	[FL_SET_REPLIES] = { "replies",
	                     FL_SETTING_WORD,
	                     0,
	                     0,
	                     1,
	                     { "unknown", "owed", NULL },
	                     "unknown: the capture itself shows whether answers are owed; owed: every message is to be "
	                     "answered" },
	[FL_SET_VLAN_IN_KEY] = { "vlan_in_key",
	                         FL_SETTING_WORD,
	                         0,
	                         0,
	                         1,
	                         { "no", "yes", NULL },
	                         "yes: the same addresses and ports on two VLANs are two connections" },
};

void fl_settings_init(struct fl_settings *settings)
{
	for (size_t id = 0; id < FL_SETTINGS; id++)
		settings->value[id] = table[id].preset;
}

const struct fl_setting *fl_setting_at(size_t id)
{
	return id < FL_SETTINGS ? &table[id] : NULL;
}

int fl_duration_parse(const char *text, int64_t *ret_ns)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = { { "", FL_NS_PER_S },    { "s", FL_NS_PER_S },      { "ms", FL_NS_PER_MS },
		      { "us", FL_NS_PER_US }, { "m", 60 * FL_NS_PER_S }, { "h", 3600 * FL_NS_PER_S } };
	size_t digits = strspn(text, "0123456789.");
	char number[32], *end;

	if (digits == 0 || digits >= sizeof(number))
		return -1;
	memcpy(number, text, digits);
	number[digits] = '\0';

	/* By hand and not with strtod, whose decimal point is the locale's. */
	int64_t whole = strtoll(number, &end, 10), part = 0, scale = 1;

	if (*end == '.') {
		for (end++; *end >= '0' && *end <= '9' && scale < FL_NS_PER_S; end++, scale *= 10)
			part = part * 10 + (*end - '0');
	}
	if (*end != '\0' || digits == strspn(text, "."))
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].name) == 0) {
			if (whole > A_YEAR / units[i].ns)
				return -1;
			*ret_ns = whole * units[i].ns + part * (units[i].ns / FL_NS_PER_US) / scale * FL_NS_PER_US;
			return 0;
		}
	}
	return -1;
}

static int parse_value(const struct fl_setting *setting, const char *text, int64_t *ret_value)
{
	char *end;

	switch (setting->kind) {
	case FL_SETTING_DURATION: return fl_duration_parse(text, ret_value);
	case FL_SETTING_COUNT:
		errno = 0;
		*ret_value = strtoll(text, &end, 10);
		return errno || end == text || *end ? -1 : 0;
	case FL_SETTING_WORD:
		for (int i = 0; setting->words[i]; i++) {
			if (strcmp(text, setting->words[i]) == 0) {
				*ret_value = i;
				return 0;
			}
		}
	}
	return -1;
}

const char *fl_setting_text(const struct fl_setting *setting, int64_t value, char *ret_text, size_t size)
{
	if (setting->kind == FL_SETTING_WORD)
		snprintf(ret_text, size, "%s", setting->words[value]);
	else if (setting->kind == FL_SETTING_COUNT)
		snprintf(ret_text, size, "%" PRId64, value);
	else if (value % FL_NS_PER_S == 0)
		snprintf(ret_text, size, "%" PRId64 "s", value / FL_NS_PER_S);
	else
		snprintf(ret_text, size, "%" PRId64 "us", value / FL_NS_PER_US);
	return ret_text;
}

/* What the setting takes, for the error: "a time from 1us to 366 days". */
static void explain_range(const struct fl_setting *setting, char *ret_text, size_t size)
{
	char least[32], most[32];

	if (setting->kind == FL_SETTING_WORD) {
		snprintf(ret_text, size, "\"%s\" or \"%s\"", setting->words[0], setting->words[1]);
		return;
	}
	fl_setting_text(setting, setting->least, least, sizeof(least));
	fl_setting_text(setting, setting->most, most, sizeof(most));
	snprintf(ret_text, size, "%s from %s to %s",
	         setting->kind == FL_SETTING_COUNT ? "a number" : "a time (5s, 250ms, 2m)", least, most);
}

int fl_settings_set(struct fl_settings *settings, const char *assignment, struct fl_error *reterr)
{
	const char *equals = strchr(assignment, '=');
	size_t length = equals ? (size_t)(equals - assignment) : strlen(assignment);
	char range[160];

	for (size_t id = 0; id < FL_SETTINGS; id++) {
		const struct fl_setting *setting = &table[id];
		int64_t value = 0;

		if (strlen(setting->name) != length || strncmp(setting->name, assignment, length) != 0)
			continue;
		if (!equals || parse_value(setting, equals + 1, &value) || value < setting->least ||
		    value > setting->most) {
			explain_range(setting, range, sizeof(range));
			fl_error_set(reterr, NULL, 0, "setting %s takes %s, not \"%s\"", setting->name, range,
			             equals ? equals + 1 : "");
			return -1;
		}
		settings->value[id] = value;
		return 0;
	}
	fl_error_set(reterr, NULL, 0, "there is no setting \"%.*s\" (see: flatline list settings)", (int)length,
	             assignment);
	return -1;
}
