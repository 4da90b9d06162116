/* Settings: presets as VERDICTS.md has them, ranges, units, and errors that tell what would have been right. */
#include <stdio.h>
#include <string.h>

#include "flatline/settings.h"
#include "flatline/time.h"
#include "unit.h"

static int64_t value_of(const char *name, const struct fl_settings *settings)
{
	for (size_t id = 0; fl_setting_at(id); id++) {
		if (strcmp(fl_setting_at(id)->name, name) == 0)
			return settings->value[id];
	}
	ck_abort_msg("no setting %s", name);
	return 0;
}

static void takes(const char *name, const char *text, int64_t expected)
{
	struct fl_settings settings;
	struct fl_error error = { .message = "untouched" };
	char assignment[96];

	fl_settings_init(&settings);
	snprintf(assignment, sizeof(assignment), "%s=%s", name, text);
	ck_assert_msg(fl_settings_set(&settings, assignment, &error) == 0, "%s is refused: %s", assignment,
	              error.message);
	ck_assert_msg(value_of(name, &settings) == expected, "%s is %lld", assignment,
	              (long long)value_of(name, &settings));
	ck_assert_str_eq(error.message, "untouched");
}

static void refuses(const char *assignment, const char *why)
{
	struct fl_settings settings, before;
	struct fl_error error = { .message = "" };

	fl_settings_init(&settings);
	before = settings;
	ck_assert_msg(fl_settings_set(&settings, assignment, &error) == -1, "%s is taken", assignment);
	ck_assert_msg(strstr(error.message, why) != NULL, "%s: \"%s\" does not say \"%s\"", assignment, error.message,
	              why);
	ck_assert_mem_eq(&settings, &before, sizeof(settings));
	ck_assert_int_eq(fl_settings_set(&settings, assignment, NULL), -1);
}

START_TEST(presets_are_those_of_the_contract)
{
	struct fl_settings settings;

	fl_settings_init(&settings);
	ck_assert_int_eq(value_of("answer_owed", &settings), 5 * FL_NS_PER_S);
	ck_assert_int_eq(value_of("beats_missed", &settings), 3);
	ck_assert_int_eq(value_of("beats_missed_for", &settings), 3 * FL_NS_PER_S);
	ck_assert_int_eq(value_of("one_way_messages", &settings), 3);
	ck_assert_int_eq(value_of("one_way_for", &settings), 60 * FL_NS_PER_S);
	ck_assert_int_eq(value_of("idle", &settings), 60 * FL_NS_PER_S);
	ck_assert_int_eq(value_of("replies", &settings), 0);
	ck_assert_int_eq(value_of("vlan_in_key", &settings), 0);
}
END_TEST

START_TEST(every_setting_is_described_and_in_its_own_range)
{
	size_t count = 0;

	for (; fl_setting_at(count); count++) {
		const struct fl_setting *setting = fl_setting_at(count);

		ck_assert_ptr_nonnull(setting->help);
		ck_assert_uint_gt(strlen(setting->help), 10);
		ck_assert_int_le(setting->least, setting->preset);
		ck_assert_int_le(setting->preset, setting->most);
		ck_assert_uint_eq(strspn(setting->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(setting->name));
		for (size_t other = 0; other < count; other++)
			ck_assert_str_ne(fl_setting_at(other)->name, setting->name);
	}
	ck_assert_uint_eq(count, FL_SETTINGS);
}
END_TEST

START_TEST(ends_of_each_range_are_taken_and_what_is_beyond_is_not)
{
	for (size_t id = 0; fl_setting_at(id); id++) {
		const struct fl_setting *setting = fl_setting_at(id);
		char text[64], assignment[128];
		int64_t step = setting->kind == FL_SETTING_DURATION ? FL_NS_PER_US : 1;

		takes(setting->name, fl_setting_text(setting, setting->least, text, sizeof(text)), setting->least);
		takes(setting->name, fl_setting_text(setting, setting->most, text, sizeof(text)), setting->most);
		takes(setting->name, fl_setting_text(setting, setting->preset, text, sizeof(text)), setting->preset);
		if (setting->kind == FL_SETTING_WORD)
			continue;
		fl_setting_text(setting, setting->most + step, text, sizeof(text));
		snprintf(assignment, sizeof(assignment), "%s=%s", setting->name, text);
		refuses(assignment, setting->name);
		if (setting->least == 0)
			continue;
		fl_setting_text(setting, setting->least - step, text, sizeof(text));
		snprintf(assignment, sizeof(assignment), "%s=%s", setting->name, text);
		refuses(assignment, text);
	}
}
END_TEST

START_TEST(durations_have_units)
{
	takes("idle", "5", 5 * FL_NS_PER_S);
	takes("idle", "5s", 5 * FL_NS_PER_S);
	takes("idle", "0.5s", 500 * FL_NS_PER_MS);
	takes("idle", "1.5", 1500 * FL_NS_PER_MS);
	takes("idle", ".25s", 250 * FL_NS_PER_MS);
	takes("idle", "250ms", 250 * FL_NS_PER_MS);
	takes("idle", "1.5ms", 1500 * FL_NS_PER_US);
	takes("idle", "300us", 300 * FL_NS_PER_US);
	takes("idle", "2m", 120 * FL_NS_PER_S);
	takes("idle", "0.5m", 30 * FL_NS_PER_S);
	takes("idle", "1h", 3600 * FL_NS_PER_S);
	takes("idle", "1.25h", 4500 * FL_NS_PER_S);
	takes("idle", "8784h", INT64_C(8784) * 3600 * FL_NS_PER_S);
	takes("idle", "7200000ms", 7200 * FL_NS_PER_S);
	takes("idle", "40000000ms", 40000 * FL_NS_PER_S);
}
END_TEST

START_TEST(nonsense_is_no_duration)
{
	static const char *const texts[] = { "",
		                             ".",
		                             "..",
		                             "1.2.3s",
		                             "5 s",
		                             "s",
		                             "ms",
		                             "-5s",
		                             "+5s",
		                             "5x",
		                             "5sec",
		                             "1e3",
		                             "0x5",
		                             " 5",
		                             "5s ",
		                             "31622400h",
		                             "5124096h" /* 2^64 ns and a little */,
		                             "31622400m",
		                             "527041m",
		                             "99999999999999999999s",
		                             "99999999999999999999999999999999999s",
		                             "0",
		                             "0us",
		                             "nan" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char assignment[96];

		snprintf(assignment, sizeof(assignment), "idle=%s", texts[i]);
		refuses(assignment, "setting idle takes a time (5s, 250ms, 2m) from 1us to 31622400s");
	}
	refuses("beats_missed_for=.", "beats_missed_for");
}
END_TEST

START_TEST(counts_are_whole_numbers)
{
	takes("beats_missed", "2", 2);
	takes("beats_missed", "1000", 1000);
	refuses("beats_missed=1", "setting beats_missed takes a number from 2 to 1000000, not \"1\"");
	refuses("beats_missed=", "not \"\"");
	refuses("beats_missed=three", "not \"three\"");
	refuses("beats_missed=3.5", "not \"3.5\"");
	refuses("beats_missed=3s", "not \"3s\"");
	refuses("beats_missed=-3", "not \"-3\"");
	refuses("beats_missed=99999999999999999999999", "from 2 to 1000000");
}
END_TEST

START_TEST(words_are_listed_when_another_is_given)
{
	takes("replies", "owed", 1);
	takes("replies", "unknown", 0);
	takes("vlan_in_key", "yes", 1);
	takes("vlan_in_key", "no", 0);
	refuses("replies=yes", "setting replies takes \"unknown\" or \"owed\", not \"yes\"");
	refuses("replies=", "\"unknown\" or \"owed\"");
	refuses("replies", "\"unknown\" or \"owed\"");
	refuses("vlan_in_key=Yes", "\"no\" or \"yes\"");
}
END_TEST

START_TEST(unknown_names_are_told)
{
	refuses("nonsense=5", "there is no setting \"nonsense\"");
	refuses("idl=5", "there is no setting \"idl\"");
	refuses("idle_=5", "there is no setting \"idle_\"");
	refuses("IDLE=5", "there is no setting \"IDLE\"");
	refuses("=5", "there is no setting \"\"");
	refuses("", "there is no setting \"\"");
}
END_TEST

UNIT_MAIN("settings", presets_are_those_of_the_contract, every_setting_is_described_and_in_its_own_range,
          ends_of_each_range_are_taken_and_what_is_beyond_is_not, durations_have_units, nonsense_is_no_duration,
          counts_are_whole_numbers, words_are_listed_when_another_is_given, unknown_names_are_told)
