/* The set of profiles. Most messages are of none of them, and are to cost next to nothing: which patterns a message can
 * fit is asked of a table by its first byte. */
#include "flatline/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/json_file.h"
#include "profile_read.h"

static const char shape[] = "{ \"profile\": \"name\", \"messages\": [ ... ] }";

/* A pattern that tells its protocol. */
struct teller {
	const struct fl_profile *profile;
	const struct pattern *pattern;
};

enum { most_tellers = 256, words = most_tellers / 64, most_assigned = 64 };

struct fl_profiles {
	struct fl_profile **profile; /* each its own block: they are pointed at */
	size_t n_profiles;
	struct teller tellers[most_tellers];
	size_t n_tellers;
	uint64_t by_first[256][words]; /* those that a message may fit that begins with this byte */
	struct {
		const struct fl_profile *profile;
		uint16_t port;
	} assigned[most_assigned];
	size_t n_assigned;
	const struct fl_profile *assigned_to_all;
};

static void index_teller(struct fl_profiles *profiles, const struct pattern *pattern, size_t at)
{
	const struct masked *masked = &pattern->at_place;

	for (unsigned byte = 0; byte < 256; byte++) {
		bool may_fit = !masked->bytes || pattern->place > 0 || (byte & masked->mask[0]) == masked->bytes[0];

		if (may_fit)
			profiles->by_first[byte][at / 64] |= UINT64_C(1) << at % 64;
	}
}

static int index_profile(struct fl_profiles *profiles, const struct fl_profile *profile, const char *path,
                         struct fl_error *reterr)
{
	for (size_t i = 0; i < profile->n_patterns; i++) {
		const struct pattern *pattern = &profile->patterns[i];

		if (!pattern->tells && !pattern->tells_on_port)
			continue;
		if (profiles->n_tellers == most_tellers) {
			fl_error_set(reterr, path, 0, "too many patterns that tell a protocol");
			return -1;
		}
		index_teller(profiles, pattern, profiles->n_tellers);
		profiles->tellers[profiles->n_tellers++] = (struct teller){ profile, pattern };
	}
	return 0;
}

/* The profile that `file` holds, which is given up; NULL with `reterr`. */
static const struct fl_profile *add(struct fl_profiles *profiles, const char *path, struct json_object *file,
                                    struct fl_error *reterr)
{
	struct fl_profile **grown = realloc(profiles->profile,
	                                    (profiles->n_profiles + 1) * sizeof(struct fl_profile *));
	struct fl_profile *profile = calloc(1, sizeof(*profile));

	if (grown)
		profiles->profile = grown;
	if (!grown || !profile) {
		fl_error_set(reterr, path, 0, "%s", strerror(ENOMEM));
		free(profile);
		json_object_put(file);
		return NULL;
	}
	profiles->profile[profiles->n_profiles++] = profile;

	int problem = profile_read(profile, path, file, reterr) || index_profile(profiles, profile, path, reterr);

	json_object_put(file);
	return problem ? NULL : profile;
}

static int add_carried(struct fl_profiles *profiles, const struct fl_profile_file *carried, struct fl_error *reterr)
{
	char *text = strdup(carried->text);
	struct json_object *file = NULL;

	if (text)
		file = fl_json_text(carried->name, text, strlen(text), shape, reterr);
	else
		fl_error_set(reterr, carried->name, 0, "%s", strerror(ENOMEM));
	free(text);
	return file && add(profiles, carried->name, file, reterr) ? 0 : -1;
}

struct fl_profiles *fl_profiles_new(struct fl_error *reterr)
{
	struct fl_profiles *profiles = calloc(1, sizeof(*profiles));

	if (!profiles) {
		fl_error_set(reterr, NULL, 0, "%s", strerror(ENOMEM));
		return NULL;
	}
	for (const struct fl_profile_file *carried = fl_profile_files; carried->name; carried++) {
		if (add_carried(profiles, carried, reterr)) {
			fl_profiles_free(profiles);
			return NULL;
		}
	}
	return profiles;
}

void fl_profiles_free(struct fl_profiles *profiles)
{
	if (!profiles)
		return;
	for (size_t i = 0; i < profiles->n_profiles; i++) {
		profile_deinit(profiles->profile[i]);
		free(profiles->profile[i]);
	}
	free(profiles->profile);
	free(profiles);
}

static const struct fl_profile *find(const struct fl_profiles *profiles, const char *name)
{
	for (size_t i = 0; i < profiles->n_profiles; i++) {
		if (strcmp(profiles->profile[i]->name, name) == 0)
			return profiles->profile[i];
	}
	return NULL;
}

static bool is_path(const char *name)
{
	const char ending[] = ".json";
	size_t length = strlen(name);

	return strchr(name, '/') || (length > strlen(ending) && strcmp(name + length - strlen(ending), ending) == 0);
}

static int assign(struct fl_profiles *profiles, const struct fl_profile *profile, uint16_t port,
                  struct fl_error *reterr)
{
	if (profiles->n_assigned == most_assigned) {
		fl_error_set(reterr, NULL, 0, "more than %d ports with a profile", most_assigned);
		return -1;
	}
	profiles->assigned[profiles->n_assigned].profile = profile;
	profiles->assigned[profiles->n_assigned++].port = port;
	return 0;
}

static int assign_ports(struct fl_profiles *profiles, const struct fl_profile *profile, const char *list,
                        struct fl_error *reterr)
{
	for (;;) {
		char *end;
		unsigned long port = strtoul(list, &end, 10);

		if (end == list || *list == '-' || *list == '+' || *list == ' ' || port > UINT16_MAX ||
		    (*end && *end != ',')) {
			fl_error_set(reterr, NULL, 0, "\"%s\" is no list of ports", list);
			return -1;
		}
		if (assign(profiles, profile, (uint16_t)port, reterr))
			return -1;
		if (!*end)
			return 0;
		list = end + 1;
	}
}

static const struct fl_profile *named(struct fl_profiles *profiles, const char *name, struct fl_error *reterr)
{
	const struct fl_profile *profile = NULL;

	if (is_path(name)) {
		struct json_object *file = fl_json_file(name, shape, reterr);

		return file ? add(profiles, name, file, reterr) : NULL;
	}
	profile = find(profiles, name);
	if (!profile)
		fl_error_set(reterr, NULL, 0,
		             "no profile \"%s\" (see: flatline list profiles; a file has a '/' or .json)", name);
	return profile;
}

int fl_profiles_assign(struct fl_profiles *profiles, const char *assignment, struct fl_error *reterr)
{
	const char *ports = strrchr(assignment, '@');
	char *name = strndup(assignment, ports ? (size_t)(ports - assignment) : strlen(assignment));
	const struct fl_profile *profile;
	int result = 0;

	if (!name) {
		fl_error_set(reterr, NULL, 0, "%s", strerror(ENOMEM));
		return -1;
	}
	profile = named(profiles, name, reterr);
	free(name);
	if (!profile)
		return -1;
	if (ports)
		return assign_ports(profiles, profile, ports + 1, reterr);
	if (profile->n_ports == 0)
		profiles->assigned_to_all = profile;
	for (size_t i = 0; i < profile->n_ports && result == 0; i++)
		result = assign(profiles, profile, profile->ports[i], reterr);
	return result;
}

const struct fl_profile *fl_profiles_at(const struct fl_profiles *profiles, size_t index)
{
	return index < profiles->n_profiles ? profiles->profile[index] : NULL;
}

const char *fl_profile_name(const struct fl_profile *profile)
{
	return profile->name;
}

const char *fl_profile_title(const struct fl_profile *profile)
{
	return profile->title;
}

const char *fl_profile_reference(const struct fl_profile *profile)
{
	return profile->reference ? profile->reference : "";
}

bool fl_profile_answers_in_order(const struct fl_profile *profile)
{
	return profile->in_order;
}

bool fl_profile_beats_at_will(const struct fl_profile *profile)
{
	return profile->beats_at_will;
}

int64_t fl_profile_answer_within(const struct fl_profile *profile)
{
	return profile->answer_within;
}

const uint16_t *fl_profile_ports(const struct fl_profile *profile, size_t *ret_count)
{
	*ret_count = profile->n_ports;
	return profile->ports;
}

const struct fl_profile *fl_profiles_assigned(const struct fl_profiles *profiles, uint16_t server_port)
{
	/* What was said last counts. */
	for (size_t i = profiles->n_assigned; i-- > 0;) {
		if (profiles->assigned[i].port == server_port)
			return profiles->assigned[i].profile;
	}
	return profiles->assigned_to_all;
}

static bool is_usual_port(const struct fl_profile *profile, uint16_t port)
{
	for (size_t i = 0; i < profile->n_ports; i++) {
		if (profile->ports[i] == port)
			return true;
	}
	return false;
}

const struct fl_profile *fl_profiles_greeting(const struct fl_profiles *profiles, uint16_t server_port,
                                              bool *ret_is_assigned)
{
	const struct fl_profile *assigned = profiles ? fl_profiles_assigned(profiles, server_port) : NULL;

	*ret_is_assigned = assigned != NULL;
	if (assigned)
		return assigned->greets ? assigned : NULL;
	for (size_t i = 0; profiles && i < profiles->n_profiles; i++) {
		if (profiles->profile[i]->greets && is_usual_port(profiles->profile[i], server_port))
			return profiles->profile[i];
	}
	return NULL;
}

const struct pattern *profiles_teller(const struct fl_profiles *profiles, const struct fl_saying *saying,
                                      const struct fl_profile **ret_profile)
{
	*ret_profile = NULL;
	if (saying->captured == 0)
		return NULL;
	for (size_t word = 0; word < words; word++) {
		uint64_t left = profiles->by_first[saying->bytes[0]][word];

		for (; left; left &= left - 1) {
			const struct teller *teller = &profiles->tellers[word * 64 + (size_t)__builtin_ctzll(left)];

			if ((teller->pattern->tells || is_usual_port(teller->profile, saying->server_port)) &&
			    pattern_fits(teller->pattern, saying) == FIT_YES) {
				*ret_profile = teller->profile;
				return teller->pattern;
			}
		}
	}
	return NULL;
}

const struct fl_profile *fl_profiles_recognise(const struct fl_profiles *profiles, const struct fl_saying *saying)
{
	const struct fl_profile *profile;

	(void)profiles_teller(profiles, saying, &profile);
	return profile;
}

const struct pattern *profile_reading(const struct fl_profile *profile, const struct fl_saying *saying)
{
	for (size_t i = 0; i < profile->n_patterns && saying->captured > 0; i++) {
		enum fit fit = pattern_fits(&profile->patterns[i], saying);

		if (fit != FIT_NO) /* the first that may fit decides, also when nobody knows */
			return fit == FIT_YES ? &profile->patterns[i] : NULL;
	}
	return NULL;
}

enum fl_said fl_profile_reads(const struct fl_profile *profile, const struct fl_saying *saying)
{
	const struct pattern *pattern = profile_reading(profile, saying);

	return pattern ? pattern->said : FL_SAID_NOTHING;
}
