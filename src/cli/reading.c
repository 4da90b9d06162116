/* Captures in, accounts out: reads all files through the engine, works out how long the capture ran, and says on
 * standard error what could not be read. A ^C ends the reading, not the program: what is known then is reported. */
#include "analyze.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "flatline/capture.h"
#include "flatline/overlap.h"
#include "flatline/profile.h"
#include "progress.h"

/* Output never depends on the hash seed; a random one keeps crafted captures from filling one chain. */
static uint64_t random_seed(void)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 0;
	return seed;
}

bool reading_is_broken_off(const struct fl_capture_facts *facts)
{
	for (size_t i = 0; i < facts->n_files; i++) {
		if (facts->files[i].end == FL_FILE_READING || facts->files[i].end == FL_FILE_INTERRUPTED)
			return true;
	}
	return false;
}

size_t reading_unreadable(const struct fl_capture_facts *facts)
{
	size_t count = 0;

	for (size_t i = 0; i < facts->n_files; i++)
		count += facts->files[i].end == FL_FILE_UNREADABLE;
	return count;
}

/* The end of what was looked at: the last frame, or --to where it hides later ones. */
static int64_t seen_until(const struct options *options, const struct fl_capture_facts *facts)
{
	return options->to != FL_TIME_NONE && facts->last > options->to ? options->to : facts->last;
}

/* How long the capture is known to have run: told by the user, by the file's time, by the file, or by its last frame.
 * What --to hides may have been anything, so silence counts no further than that; and of a capture that was not read to
 * its end, no further than it was read. */
static int64_t observed_until(const struct options *options, const struct fl_capture_facts *facts,
                              enum fl_until_source *ret_source)
{
	int64_t modified = FL_TIME_NONE, seen = seen_until(options, facts);
	bool has_all = !reading_is_broken_off(facts);

	*ret_source = FL_UNTIL_OPTION;
	if (has_all && options->until != FL_TIME_NONE)
		return options->until;
	for (size_t i = 0; has_all && options->until_mtime && i < facts->n_files; i++) {
		if (facts->files[i].modified > modified)
			modified = facts->files[i].modified;
	}
	if (modified != FL_TIME_NONE && modified >= facts->last) {
		*ret_source = FL_UNTIL_MTIME;
		return modified;
	}
	if (seen != facts->last || (options->to != FL_TIME_NONE && facts->interface_end > options->to && has_all))
		return options->to;
	if (facts->interface_end != FL_TIME_NONE && facts->interface_end >= facts->last && has_all) {
		*ret_source = FL_UNTIL_INTERFACE_END;
		return facts->interface_end;
	}
	*ret_source = FL_UNTIL_LAST_FRAME;
	return facts->last;
}

/* A capture cannot have ended before its own last frame. */
static bool until_is_too_early(const struct options *options, const struct fl_capture_facts *facts)
{
	char until[FL_TIME_TEXT], last[FL_TIME_TEXT];
	int64_t seen = seen_until(options, facts);

	if (options->until == FL_TIME_NONE || options->until >= seen || reading_is_broken_off(facts))
		return false;
	fprintf(stderr, "flatline: the capture goes on after --until %s, to %s (--to would leave frames out)\n",
	        fl_time_rfc3339(options->until, until), fl_time_rfc3339(seen, last));
	return true;
}

/* Says what could not be read, and how bad that is. */
static int file_status(const struct reading *reading, const struct fl_capture_facts *facts)
{
	const struct options *options = reading->options;
	int status = EXIT_DONE;

	for (size_t i = 0; i < facts->n_files; i++) {
		const struct fl_capture_file *file = &facts->files[i];
		bool is_cut = file->end == FL_FILE_CUT;

		if (options->verbose && !reading->is_again)
			fprintf(stderr, "flatline: %s: %s%s%s, %" PRIu64 " frames\n",
			        strcmp(file->name, "-") == 0 ? "standard input" : file->name,
			        file->format[0] ? file->format : "unreadable", file->compression[0] ? ", " : "",
			        file->compression, file->frames);
		if (file->end != FL_FILE_CORRUPT && file->end != FL_FILE_UNREADABLE && !is_cut)
			continue;
		if (!is_cut || options->strict) {
			if (!reading->is_again)
				complain(&file->problem);
			status = EXIT_INPUT;
		}
	}
	if (reading_is_broken_off(facts)) {
		if (!reading->is_again)
			fprintf(stderr, "flatline: interrupted after frame %" PRIu64 ": the rest was not read\n",
			        facts->frames);
		status = EXIT_INPUT;
	}
	return status;
}

/* A file of which no frame has a link type that is known is not readable, whatever its container. */
static int link_status(const struct reading *reading, const struct fl_capture_facts *facts,
                       const struct fl_engine *engine)
{
	struct fl_engine_counters counters;
	struct fl_error error;
	const char *name;

	fl_engine_counters(engine, &counters);
	if (counters.outcomes[FL_OUTCOME_LINK] == 0 || counters.outcomes[FL_OUTCOME_LINK] < counters.frames)
		return EXIT_DONE;
	name = fl_link_name(facts->links[0]);
	fl_error_set(&error, facts->files[0].name, 1, "link type %u (%s) is not supported", facts->links[0],
	             name ? name : "unknown");
	if (!reading->is_again)
		complain(&error);
	return EXIT_INPUT;
}

/* How many frames to ask for; 0 when there were enough. */
static size_t how_many(const struct reading *reading)
{
	uint64_t left = reading->most - reading->count;

	return reading->most == 0 || left > FL_BATCH ? FL_BATCH : (size_t)left;
}

static void read_all(struct fl_capture *capture, struct fl_engine *engine, struct reading *reading)
{
	struct fl_frame frames[FL_BATCH];
	struct progress progress;
	size_t wanted, count;

	reading->count = 0;
	progress_init(&progress, reading->options->quiet);
	while (!progress_is_interrupted() && (wanted = how_many(reading)) > 0 &&
	       (count = fl_capture_read(capture, frames, wanted)) > 0) {
		fl_engine_frames(engine, frames, count);
		if (reading->frames)
			reading->frames(reading->context, frames, count);
		reading->count += count;
		progress_show(&progress, reading->count);
	}
	progress_end(&progress);
}

/* All is read: what is known goes to the sink. */
static int conclude(const struct reading *reading, const struct fl_capture_facts *facts, struct fl_engine *engine)
{
	const struct options *options = reading->options;
	enum fl_until_source source;
	int64_t until = observed_until(options, facts, &source);
	int status = file_status(reading, facts);

	if (until_is_too_early(options, facts))
		return EXIT_USAGE;
	if (link_status(reading, facts, engine))
		status = EXIT_INPUT;
	if (fl_engine_finish(engine, facts, until, source, reading->sink)) {
		fprintf(stderr, "flatline: out of memory\n");
		status = EXIT_INPUT;
	}
	return status;
}

struct fl_profiles *read_profiles(const struct options *options)
{
	struct fl_error error;
	struct fl_profiles *profiles = fl_profiles_new(&error);

	for (size_t i = 0; profiles && i < options->n_profiles; i++) {
		if (fl_profiles_assign(profiles, options->profiles[i], &error)) {
			fl_profiles_free(profiles);
			profiles = NULL;
		}
	}
	if (!profiles)
		complain(&error);
	return profiles;
}

static int read_with(const struct fl_profiles *profiles, struct reading *reading)
{
	const struct options *options = reading->options;
	struct fl_capture_settings capture_settings = { options->filter, options->from, options->to };
	struct fl_engine_settings engine_settings = { .settings = options->settings,
		                                      .profiles = profiles,
		                                      .seed = random_seed(),
		                                      .memory = options->memory,
		                                      .detail = reading->detail,
		                                      .number_streams = options->n_args == 1 && !options->filter &&
		                                                        options->from == FL_TIME_NONE &&
		                                                        options->to == FL_TIME_NONE };
	struct fl_error error;
	struct fl_capture *capture;
	struct fl_engine *engine = NULL;
	int status;

	progress_catch_interrupt(); /* opening reads, and so waits, too */
	if (!reading->is_again && fl_overlap_check(options->args, options->n_args, progress_is_interrupted, &error)) {
		complain(&error);
		return EXIT_USAGE;
	}
	capture = fl_capture_new(options->args, options->n_args, &capture_settings, &error);
	if (!capture) {
		complain(&error);
		return EXIT_USAGE;
	}
	engine = fl_engine_new(&engine_settings);
	if (!engine) {
		fl_capture_free(capture);
		fprintf(stderr, "flatline: out of memory\n");
		return EXIT_INPUT;
	}
	if (reading->probe)
		fl_engine_probe(engine, reading->probe);
	read_all(capture, engine, reading);
	progress_release_interrupt();
	status = conclude(reading, fl_capture_facts(capture), engine);
	fl_engine_free(engine);
	fl_capture_free(capture);
	return status;
}

int read_files(struct reading *reading)
{
	struct fl_profiles *profiles = read_profiles(reading->options);
	int status = profiles ? read_with(profiles, reading) : EXIT_USAGE;

	fl_profiles_free(profiles);
	return status;
}

int analyze_files(const struct options *options, bool detail, const struct fl_engine_sink *sink)
{
	struct reading reading = { .options = options, .detail = detail, .sink = sink };

	return read_files(&reading);
}
