/* explain and list print what detectors, settings and formats say of themselves, so that nothing here can be out of
 * date. */
#include "words.h"

#include <string.h>

#include "flatline/detect.h"
#include "flatline/profile.h"
#include "flatline/report.h"
#include "flatline/text.h"

enum { width = 88, indent = 4 };

static void print_part(struct fl_text *text, const char *heading, const char *words)
{
	fl_text_add(text, "\n%s\n", heading);
	fl_text_wrap(text, words, indent, width);
}

static void print_params(struct fl_text *text, const char *id)
{
	const struct fl_detector *detector = fl_detector_find(id);
	char value[32];

	if (!detector || detector->n_params == 0)
		return;
	fl_text_add(text, "\nSettings\n");
	for (size_t i = 0; i < detector->n_params; i++) {
		const struct fl_setting *setting = fl_setting_at(detector->params[i]);

		fl_text_add(text, "    %s=%s  %s\n", setting->name,
		            fl_setting_text(setting, setting->preset, value, sizeof(value)), setting->help);
	}
}

int explain_run(const struct options *options)
{
	struct fl_topic topic;
	struct fl_text text;

	if (!fl_topic_find(options->args[0], &topic)) {
		fprintf(stderr,
		        "flatline: there is no verdict, finding or incident \"%s\" (see: flatline list verdicts, list "
		        "detectors, list "
		        "incidents)\n",
		        options->args[0]);
		return EXIT_USAGE;
	}
	fl_text_init(&text);
	fl_text_add(&text, "%s: %s\n", topic.id, topic.title);
	if (topic.kind == FL_TOPIC_INCIDENT)
		fl_text_add(&text, "An incident, over several connections\n");
	else
		fl_text_add(&text, "%s, %s at worst\n",
		            topic.kind == FL_TOPIC_VERDICT ? "A verdict" : "A finding beside others",
		            fl_severity_name(topic.worst));
	print_part(&text, "What it means, and how it is found", topic.explain);
	print_part(&text, "What it is mistaken for", topic.lookalikes);
	print_part(&text, "What to do", topic.advice);
	print_params(&text, topic.id);
	if (topic.reference)
		print_part(&text, "Where it comes from", topic.reference);
	fputs(fl_text_get(&text), stdout);
	fl_text_deinit(&text);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INPUT;
}

static void list_verdicts(void)
{
	struct fl_topic topic;

	for (size_t i = 0; fl_topic_at(i, &topic); i++) {
		if (topic.kind == FL_TOPIC_VERDICT)
			printf("%-24s %-9s %s\n", topic.id, fl_severity_name(topic.worst), topic.title);
	}
}

static void list_detectors(void)
{
	struct fl_topic topic;

	for (size_t i = 0; fl_topic_at(i, &topic); i++) {
		if (fl_detector_find(topic.id))
			printf("%-24s %-9s %s\n", topic.id, fl_severity_name(topic.worst), topic.title);
	}
}

static void list_incidents(void)
{
	struct fl_topic topic;

	for (size_t i = 0; fl_topic_at(i, &topic); i++) {
		if (topic.kind == FL_TOPIC_INCIDENT)
			printf("%-24s %s\n", topic.id, topic.title);
	}
}

static void list_settings(void)
{
	const struct fl_setting *setting;
	char value[32], assignment[64];

	for (size_t i = 0; (setting = fl_setting_at(i)) != NULL; i++) {
		snprintf(assignment, sizeof(assignment), "%s=%s", setting->name,
		         fl_setting_text(setting, setting->preset, value, sizeof(value)));
		printf("%-24s %s\n", assignment, setting->help);
	}
}

static void list_profiles(void)
{
	struct fl_error error;
	struct fl_profiles *profiles = fl_profiles_new(&error);
	const struct fl_profile *profile;

	for (size_t i = 0; profiles && (profile = fl_profiles_at(profiles, i)) != NULL; i++) {
		size_t count;
		const uint16_t *ports = fl_profile_ports(profile, &count);

		printf("%-24s %s", fl_profile_name(profile), fl_profile_title(profile));
		for (size_t j = 0; j < count; j++)
			printf("%s%u", j == 0 ? ", usually on port " : ", ", ports[j]);
		printf("\n");
	}
	fl_profiles_free(profiles);
}

static void list_formats(void)
{
	for (size_t i = 0; fl_report_format_name(i); i++)
		printf("%-24s %s\n", fl_report_format_name(i), fl_report_format_help(i));
	for (size_t i = 0; fl_checks_format_name(i); i++)
		printf("check: %-17s %s\n", fl_checks_format_name(i), fl_checks_format_help(i));
}

int list_run(const struct options *options)
{
	static const struct {
		const char *what;
		void (*list)(void);
	} lists[] = { { "verdicts", list_verdicts }, { "incidents", list_incidents }, { "detectors", list_detectors },
		      { "profiles", list_profiles }, { "settings", list_settings },   { "formats", list_formats } };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(options->args[0], lists[i].what) == 0) {
			lists[i].list();
			return fflush(stdout) == 0 ? EXIT_DONE : EXIT_INPUT;
		}
	}
	fprintf(stderr,
	        "flatline: list takes verdicts, incidents, detectors, profiles, settings or formats, not \"%s\"\n",
	        options->args[0]);
	return EXIT_USAGE;
}
