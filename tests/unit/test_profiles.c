/* The profiles that the program carries, on real messages of their protocols: tests/profiles.tsv has a message a line,
 * what it must be read as, whether it tells the protocol, and where its bytes are from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/profile.h"
#include "unit.h"

enum { columns = 7, longest_line = 4096, whole = 2 * FL_SAYING_MOST };

struct row {
	char text[longest_line];
	char *profile, *from, *hex, *is, *tells;
	uint16_t port;
	unsigned line;
	uint8_t bytes[FL_SAYING_MOST];
	size_t length;
};

static struct fl_profiles *profiles;
static FILE *table;

static void setup(void)
{
	const char *source = getenv("FLATLINE_SOURCE");
	char path[512];

	profiles = fl_profiles_new(NULL);
	ck_assert_ptr_nonnull(profiles);
	snprintf(path, sizeof(path), "%s/tests/profiles.tsv", source ? source : ".");
	table = fopen(path, "r");
	ck_assert_msg(table != NULL, "%s: cannot be opened (FLATLINE_SOURCE names the tree)", path);
}

static void teardown(void)
{
	fclose(table);
	fl_profiles_free(profiles);
}

static void take_hex(struct row *row)
{
	size_t digits = strlen(row->hex);

	ck_assert_msg(digits % 2 == 0 && digits > 0 && digits <= whole, "line %u: %zu digits", row->line, digits);
	row->length = digits / 2;
	for (size_t i = 0; i < row->length; i++) {
		unsigned byte;

		ck_assert_int_eq(sscanf(row->hex + 2 * i, "%2x", &byte), 1);
		row->bytes[i] = (uint8_t)byte;
	}
}

/* The next row; false at the end. The first line is the heading. */
static bool next(struct row *row)
{
	char *column[columns], *rest;
	size_t count = 0;

	do {
		if (!fgets(row->text, sizeof(row->text), table))
			return false;
	} while (row->line++ == 0);
	row->text[strcspn(row->text, "\n")] = '\0';
	for (char *item = strtok_r(row->text, "\t", &rest); item && count < columns; item = strtok_r(NULL, "\t", &rest))
		column[count++] = item;
	ck_assert_msg(count == columns, "line %u has %zu columns", row->line, count);
	row->profile = column[0];
	row->from = column[1];
	row->port = (uint16_t)atoi(column[2]);
	row->hex = column[3];
	row->is = column[4];
	row->tells = column[5];
	take_hex(row);
	return true;
}

static const struct fl_profile *named(const char *name)
{
	const struct fl_profile *profile;

	for (size_t i = 0; (profile = fl_profiles_at(profiles, i)) != NULL; i++) {
		if (strcmp(fl_profile_name(profile), name) == 0)
			return profile;
	}
	ck_abort_msg("no profile \"%s\"", name);
	return NULL;
}

/* A row holds 256 bytes at most: of one that is cut the true length is not known, and every length is tried that a
 * segment may have. */
static enum fl_said read_as(const struct row *row, const struct fl_profile *profile, struct fl_saying *ret_saying)
{
	const uint32_t most = row->length == FL_SAYING_MOST ? 4096 : (uint32_t)row->length;
	enum fl_said said = FL_SAID_NOTHING;

	*ret_saying = (struct fl_saying){ .bytes = row->bytes,
		                          .captured = row->length,
		                          .length = (uint32_t)row->length,
		                          .server_port = row->port,
		                          .is_from_client = strcmp(row->from, "client") == 0 };
	for (; said == FL_SAID_NOTHING && ret_saying->length <= most; ret_saying->length++)
		said = fl_profile_reads(profile, ret_saying);
	ret_saying->length--;
	return said;
}

START_TEST(messages_are_read_as_what_they_are)
{
	struct row row = { .line = 0 };
	struct fl_saying saying;
	size_t count = 0;

	for (; next(&row); count++) {
		enum fl_said said = read_as(&row, named(row.profile), &saying);
		const char *wanted = strcmp(row.is, "-") == 0 ? "nothing" : row.is;

		ck_assert_msg(strcmp(fl_said_name(said), wanted) == 0, "line %u: %s reads %s, not %s", row.line,
		              row.profile, fl_said_name(said), wanted);
	}
	ck_assert_uint_gt(count, 600);
}
END_TEST

/* What the protocol prescribes of a message is enough to read it, and holds nothing of what somebody said: it is the
 * same for another message of its kind, whose free bytes are others. */
START_TEST(constants_read_as_the_message_does)
{
	struct row row = { .line = 0 };
	struct fl_saying saying, shown;
	uint8_t constants[FL_SAYING_MOST];
	size_t count = 0, without = 0;

	while (next(&row)) {
		const struct fl_profile *profile = named(row.profile);
		enum fl_said said = read_as(&row, profile, &saying);
		size_t length = fl_profile_constants(profiles, profile, &saying, constants);

		ck_assert_uint_le(length, saying.captured);
		if (said == FL_SAID_NOTHING && !fl_profiles_recognise(profiles, &saying)) {
			ck_assert_uint_eq(length, 0);
			continue;
		}
		count++;
		without += length == 0;
		shown = saying;
		shown.bytes = constants;
		shown.captured = length;
		if (length > 0) {
			ck_assert_msg(fl_profile_reads(profile, &shown) == said, "line %u", row.line);
			ck_assert_msg(fl_profiles_recognise(profiles, &shown) ==
			                      fl_profiles_recognise(profiles, &saying),
			              "line %u", row.line);
		}
	}
	ck_assert_uint_gt(count, 300);
	ck_assert_msg(without * 50 < count, "%zu of %zu messages have none", without, count);
}
END_TEST

START_TEST(constants_are_not_the_message)
{
	static const uint8_t secret[] = "*3\r\n$4\r\nAUTH\r\n$5\r\nalice\r\n$6\r\nsesame\r\n";
	static const uint8_t other[] = "*3\r\n$4\r\nAUTH\r\n$6\r\nbobby7\r\n$5\r\nxyzzy\r\n";
	uint8_t constants[FL_SAYING_MOST], same[FL_SAYING_MOST];
	struct fl_saying saying = { .bytes = secret,
		                    .captured = sizeof(secret) - 1,
		                    .length = sizeof(secret) - 1,
		                    .server_port = 6379,
		                    .is_from_client = true };
	size_t length = fl_profile_constants(profiles, named("redis"), &saying, constants);

	ck_assert_uint_eq(length, 14);
	ck_assert(memcmp(constants, secret, 14) == 0);
	saying.bytes = other;
	ck_assert_uint_eq(fl_profile_constants(profiles, named("redis"), &saying, same), length);
	ck_assert(memcmp(constants, same, length) == 0);
}
END_TEST

/* A port of nobody's: what tells there tells anywhere. */
static const uint16_t nobodys = 4;

START_TEST(messages_tell_their_own_protocol_and_no_other)
{
	struct row row = { .line = 0 };
	struct fl_saying saying;

	while (next(&row)) {
		const struct fl_profile *own = named(row.profile), *told;
		bool is_own = strcmp(row.is, "-") != 0;

		read_as(&row, own, &saying);
		told = fl_profiles_recognise(profiles, &saying);
		ck_assert_msg(!told || told == own || !is_own, "line %u: %s is taken for %s", row.line, row.profile,
		              fl_profile_name(told));
		if (!is_own)
			ck_assert_msg(told != own, "line %u: %s is told by what is none of its", row.line, row.profile);
		else
			ck_assert_msg((told == own) == (strcmp(row.tells, "no") != 0), "line %u: %s is told: %d",
			              row.line, row.profile, told == own);
		saying.server_port = nobodys;
		told = fl_profiles_recognise(profiles, &saying);
		if (is_own)
			ck_assert_msg((told == own) == (strcmp(row.tells, "yes") == 0), "line %u: %s on any port: %d",
			              row.line, row.profile, told == own);
	}
}
END_TEST

START_TEST(every_profile_says_who_it_is_and_has_its_rows)
{
	const struct fl_profile *profile;
	const char *before = "";
	size_t count = 0;

	for (; (profile = fl_profiles_at(profiles, count)) != NULL; count++) {
		struct row row = { .line = 0 };
		unsigned is = 0, is_not = 0;

		ck_assert_str_lt(before, fl_profile_name(profile)); /* so that `list` is in order */
		before = fl_profile_name(profile);
		/* The report puts it into a sentence, with a comma behind it. */
		ck_assert_ptr_null(strpbrk(fl_profile_title(profile), ",;:()"));
		ck_assert_str_ne(fl_profile_reference(profile), "");
		rewind(table);
		while (next(&row)) {
			bool is_its = strcmp(row.profile, fl_profile_name(profile)) == 0;

			is += is_its && strcmp(row.is, "-") != 0;
			is_not += is_its && strcmp(row.is, "-") == 0;
		}
		ck_assert_msg(is >= 3 && is_not >= 3, "%s has %u messages and %u look-alikes", before, is, is_not);
	}
	ck_assert_uint_ge(count, 25);
}
END_TEST

START_TEST(what_was_not_captured_fits_nothing)
{
	struct fl_saying saying = { .length = 40, .server_port = 6379, .is_from_client = true };

	ck_assert_ptr_null(fl_profiles_recognise(profiles, &saying));
	ck_assert_int_eq(fl_profile_reads(named("redis"), &saying), FL_SAID_NOTHING);
	saying.bytes = (const uint8_t *)"*2\r\n$4\r\nAUTH\r\n$5\r\nwrong\r\n";
	saying.captured = 14;
	ck_assert_ptr_eq(fl_profiles_recognise(profiles, &saying), named("redis"));
	saying.captured = 13;
	ck_assert_ptr_null(fl_profiles_recognise(profiles, &saying));
	ck_assert_int_eq(fl_profile_reads(named("redis"), &saying), FL_SAID_NOTHING);
}
END_TEST

/* A hello of MongoDB that may wait for news is no ping; where the word for that was cut off, nobody knows which it is.
 */
START_TEST(what_may_be_something_else_is_nothing)
{
	struct row row = { .line = 0 };
	struct fl_saying saying;
	size_t found = 0;

	while (next(&row)) {
		if (strcmp(row.profile, "mongodb") != 0 || strcmp(row.is, "hello") != 0)
			continue;
		ck_assert_int_eq(read_as(&row, named("mongodb"), &saying), FL_SAID_HELLO);
		saying.captured = 60;
		ck_assert_int_eq(fl_profile_reads(named("mongodb"), &saying), FL_SAID_NOTHING);
		found++;
	}
	ck_assert_uint_gt(found, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { messages_are_read_as_what_they_are,
		                       messages_tell_their_own_protocol_and_no_other,
		                       every_profile_says_who_it_is_and_has_its_rows,
		                       what_was_not_captured_fits_nothing,
		                       what_may_be_something_else_is_nothing,
		                       constants_read_as_the_message_does,
		                       constants_are_not_the_message };
	Suite *suite = suite_create("profiles");
	TCase *tcase = tcase_create("profiles");

	tcase_add_checked_fixture(tcase, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
