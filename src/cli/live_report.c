/* The report with which a live run ends: of everything, as an analysis of the same packets would give it. */
#include "live_report.h"

#include <stdio.h>

#include "analyze.h"
#include "flatline/report.h"

enum { name_size = 256 };

struct ending {
	struct fl_report *report;
};

static void end_capture(void *context, const struct fl_capture_account *capture)
{
	fl_report_begin(((struct ending *)context)->report, capture);
}

static void end_incident(void *context, const struct fl_incident *incident)
{
	fl_report_incident(((struct ending *)context)->report, incident);
}

static void end_flow(void *context, const struct fl_account *account)
{
	fl_report_flow(((struct ending *)context)->report, account);
}

static bool end_wants(void *context, const struct fl_account *account)
{
	return fl_report_wants(((struct ending *)context)->report, account);
}

static void name_devices(struct fl_live *live, char ret_name[name_size], struct fl_capture_facts *facts)
{
	size_t count, used = 0;
	const struct fl_live_device *devices = fl_live_devices(live, &count);

	ret_name[0] = '\0';
	for (size_t i = 0; i < count && used < name_size; i++) {
		used += (size_t)snprintf(ret_name + used, name_size - used, "%s%s", i > 0 ? "," : "", devices[i].name);
		facts->drops += devices[i].drops;
		if (facts->n_links < sizeof(facts->links) / sizeof(facts->links[0]) && devices[i].is_open)
			facts->links[facts->n_links++] = devices[i].link;
	}
}

int live_report(const struct live_end *end)
{
	char name[name_size];
	struct fl_capture_file file = { .name = name,
		                        .format = "live",
		                        .compression = "",
		                        .end = FL_FILE_WHOLE,
		                        .frames = end->frames,
		                        .first = end->first,
		                        .last = end->last,
		                        .modified = FL_TIME_NONE };
	struct fl_capture_facts facts = { .files = &file,
		                          .n_files = 1,
		                          .frames = end->frames,
		                          .first = end->first,
		                          .last = end->last,
		                          .interface_end = FL_TIME_NONE,
		                          .has_drops = true };
	struct fl_report_settings settings = { .min_severity = end->options->min_severity };
	struct ending ending;
	struct fl_engine_sink sink = { .capture = end_capture,
		                       .incident = end_incident,
		                       .flow = end_flow,
		                       .wants = end_wants,
		                       .context = &ending };
	struct fl_error error;
	int status = EXIT_DONE;

	name_devices(end->live, name, &facts);
	ending.report = fl_report_new("text", stdout, &settings);
	if (!ending.report || fl_engine_finish(end->engine, &facts, end->until, FL_UNTIL_TICK, &sink) != 0) {
		fprintf(stderr, "flatline: out of memory\n");
		status = EXIT_INPUT;
	} else if (fl_report_end(ending.report, &error)) {
		complain(&error);
		status = EXIT_INPUT;
	}
	fl_report_free(ending.report);
	return status;
}
