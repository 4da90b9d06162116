/* --evidence DIR: what is to become a file is known after the first pass, and cut out of the captures in the second.
 * The directory is made and the key read before anything else: nobody waits for an hour of reading to hear of a typo.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "exhibits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

enum {
	most_incidents = 40,
	key_least = 16, /* bytes of a key file: fewer could be guessed */
	key_most = 1 << 16
};

/* ---- before ---- */

static int read_key(const char *path, uint8_t ret_key[FL_ANONYMIZER_KEY], struct fl_error *reterr)
{
	uint8_t secret[4096];
	uint8_t *bytes = NULL;
	size_t length = 0, got;
	FILE *file = fopen(path, "re");
	int problem = 0;

	if (!file) {
		fl_error_set(reterr, path, 0, "the key of --anonymize cannot be read: %s", strerror(errno));
		return -1;
	}
	while (!problem && length <= key_most && (got = fread(secret, 1, sizeof(secret), file)) > 0) {
		uint8_t *grown = realloc(bytes, length + got);

		problem = grown ? 0 : ENOMEM;
		if (grown) {
			bytes = grown;
			memcpy(bytes + length, secret, got);
			length += got;
		}
	}
	if (!problem && ferror(file))
		problem = errno ? errno : EIO;
	fclose(file);
	if (problem)
		fl_error_set(reterr, path, 0, "the key of --anonymize cannot be read: %s", strerror(problem));
	else if (length < key_least || length > key_most)
		fl_error_set(reterr, path, 0,
		             "the key of --anonymize has %d to %d bytes (head -c 32 /dev/urandom > %s)", key_least,
		             key_most, path);
	else
		fl_anonymizer_key(bytes, length, ret_key);
	free(bytes);
	return problem || length < key_least || length > key_most ? -1 : 0;
}

static int choose_key(struct exhibits *exhibits)
{
	const char *path = exhibits->options->key_file;
	uint8_t key[FL_ANONYMIZER_KEY];
	struct fl_error error;

	if (path) {
		if (read_key(path, key, &error)) {
			complain(&error);
			return EXIT_USAGE;
		}
	} else if (getrandom(key, sizeof(key), 0) != sizeof(key)) {
		fprintf(stderr, "flatline: no random key for --anonymize: %s\n", strerror(errno));
		return EXIT_INPUT;
	}
	fl_anonymizer_init(&exhibits->anonymizer, key);
	return EXIT_DONE;
}

static int make_directory(const char *path)
{
	struct fl_error error;
	struct stat kind;
	int problem = 0;

	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		problem = errno;
	else if (stat(path, &kind) < 0)
		problem = errno;
	else if (!S_ISDIR(kind.st_mode))
		problem = ENOTDIR;
	else if (access(path, W_OK | X_OK) < 0)
		problem = errno;
	if (!problem)
		return EXIT_DONE;
	fl_error_set(&error, path, 0, "evidence cannot be written there: %s", strerror(problem));
	complain(&error);
	return EXIT_INPUT;
}

int exhibits_open(struct exhibits *exhibits, const struct options *options)
{
	int status = EXIT_DONE;

	*exhibits = (struct exhibits){ .options = options };
	if (!options->evidence)
		return EXIT_DONE;
	snprintf(exhibits->application, sizeof(exhibits->application), "flatline %s", PACKAGE_VERSION);
	if (options->anonymize)
		status = choose_key(exhibits);
	return status == EXIT_DONE ? make_directory(options->evidence) : status;
}

/* ---- the first pass ---- */

/* Makes room for one more of them, each as large as a pointer or less. NULL out of memory. */
static void *one_more(void *items, size_t count, size_t size)
{
	/* at every power of two */
	return (count & (count - 1)) == 0 ? realloc(items, (count ? count * 2 : 1) * size) : items;
}

static int compare_ids(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool add_ids(struct exhibits *exhibits, const struct fl_evidence_incident *incident)
{
	uint32_t *ids = realloc(exhibits->ids, (exhibits->n_ids + incident->n_flows + 1) * sizeof(*ids));

	if (!ids)
		return false;
	exhibits->ids = ids;
	memcpy(ids + exhibits->n_ids, incident->flows, incident->n_flows * sizeof(*ids));
	exhibits->n_ids += incident->n_flows;
	qsort(ids, exhibits->n_ids, sizeof(*ids), compare_ids);
	return true;
}

static bool add_incident(struct exhibits *exhibits, const struct fl_incident *incident)
{
	struct fl_evidence_incident **incidents = one_more(exhibits->incidents, exhibits->n_incidents,
	                                                   sizeof(struct fl_evidence_incident *));
	struct fl_evidence_incident *copy = incidents ? fl_evidence_incident_new(incident) : NULL;

	if (incidents)
		exhibits->incidents = incidents;
	if (!copy)
		return false;
	exhibits->incidents[exhibits->n_incidents++] = copy;
	return add_ids(exhibits, copy);
}

void exhibits_incident(struct exhibits *exhibits, const struct fl_incident *incident)
{
	if (!exhibits->options->evidence || incident->n_flows == 0)
		return;
	if (exhibits->n_incidents == most_incidents)
		exhibits->more_incidents++;
	else if (!add_incident(exhibits, incident))
		exhibits->is_starved = true;
}

bool exhibits_wants(const struct exhibits *exhibits, uint32_t id)
{
	return exhibits->n_ids > 0 && bsearch(&id, exhibits->ids, exhibits->n_ids, sizeof(id), compare_ids);
}

void exhibits_flow(struct exhibits *exhibits, const struct fl_account *account)
{
	struct fl_evidence_flow **others;
	struct fl_evidence_flow *copy;

	if (!exhibits_wants(exhibits, account->id))
		return;
	others = one_more(exhibits->others, exhibits->n_others, sizeof(struct fl_evidence_flow *));
	copy = others ? fl_evidence_flow_new(account) : NULL;
	if (others)
		exhibits->others = others;
	if (copy)
		exhibits->others[exhibits->n_others++] = copy;
	else
		exhibits->is_starved = true;
}

/* ---- the second ---- */

bool exhibits_begin(struct exhibits *exhibits, const struct chosen *chosen)
{
	const struct options *options = exhibits->options;
	struct fl_evidence_flow *flows[most_chosen];
	size_t n_flows = 0;

	if (!options->evidence)
		return true;
	exhibits->profiles = read_profiles(options);
	if (!exhibits->profiles)
		return false;
	for (size_t i = 0; i < chosen->count; i++) {
		if (chosen->items[i].severity > FL_OK && chosen->items[i].evidence)
			flows[n_flows++] = chosen->items[i].evidence;
	}

	struct fl_evidence_plan plan = { .directory = options->evidence,
		                         .settings = &options->settings,
		                         .profiles = exhibits->profiles,
		                         .application = exhibits->application,
		                         .anonymizer = options->anonymize ? &exhibits->anonymizer : NULL,
		                         .flows = flows,
		                         .n_flows = n_flows,
		                         .others = exhibits->others,
		                         .n_others = exhibits->n_others,
		                         .incidents = exhibits->incidents,
		                         .n_incidents = exhibits->n_incidents };

	if (!exhibits->is_starved)
		exhibits->made = fl_exhibits_new(&plan);
	return exhibits->made != NULL;
}

static void print_name(void *context, const char *path)
{
	(void)context;
	printf("%s\n", path);
}

int exhibits_write(struct exhibits *exhibits, const struct fl_capture_account *capture)
{
	bool is_listed = exhibits->options->is_evidence_only && !exhibits->options->quiet;
	struct fl_error error;

	if (!exhibits->made)
		return EXIT_DONE;
	if (exhibits->more_incidents > 0)
		fprintf(stderr, "flatline: the first %d incidents get evidence, and %llu more do not\n", most_incidents,
		        (unsigned long long)exhibits->more_incidents);
	if (fl_exhibits_write(exhibits->made, capture, is_listed ? print_name : NULL, NULL, &error)) {
		complain(&error);
		return EXIT_INPUT;
	}
	if (is_listed && fflush(stdout) != 0) {
		fprintf(stderr, "flatline: standard output: %s\n", strerror(errno));
		return EXIT_INPUT;
	}
	return EXIT_DONE;
}

void exhibits_deinit(struct exhibits *exhibits)
{
	for (size_t i = 0; i < exhibits->n_incidents; i++)
		fl_evidence_incident_free(exhibits->incidents[i]);
	for (size_t i = 0; i < exhibits->n_others; i++)
		fl_evidence_flow_free(exhibits->others[i]);
	free(exhibits->incidents);
	free(exhibits->others);
	free(exhibits->ids);
	fl_profiles_free(exhibits->profiles);
	fl_exhibits_free(exhibits->made);
}
