/* The format "flatline/1": one document, written as it becomes known. Each flow is one object on one line, printed and
 * freed, so that a capture of a million flows needs no more memory than one of ten. */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "json_parts.h"
#include "tally.h"

/* Which array is open. */
enum place { BEFORE, INCIDENTS, FLOWS };

struct json_state {
	enum place place;
	bool has_items; /* the open array has one: the next needs a comma */
	struct tally verdicts;
	uint64_t severities[FL_SEVERITIES];
};

static void *new_state(const struct fl_report_settings *settings)
{
	(void)settings;
	return calloc(1, sizeof(struct json_state));
}

static void free_state(void *state)
{
	struct json_state *json = state;

	tally_deinit(&json->verdicts);
	free(json);
}

/* Prints and releases `object`; NULL is out of memory. */
static void print(struct fl_report *report, struct json_object *object)
{
	const char *text = NULL;
	size_t length = 0;

	if (object)
		text = json_object_to_json_string_length(
			object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	if (text)
		report_write(report, text, length);
	else
		report_starve(report);
	json_object_put(object);
}

static void print_item(struct fl_report *report, struct json_object *object)
{
	struct json_state *json = report->state;

	report_print(report, json->has_items ? ",\n" : "\n");
	json->has_items = true;
	print(report, object);
}

static void begin(struct fl_report *report, const struct fl_capture_account *capture)
{
	struct json_state *json = report->state;

	report_print(report, "{\"format\":\"flatline/1\",\n\"capture\":");
	print(report, json_capture(capture));
	report_print(report, ",\n\"incidents\":[");
	json->place = INCIDENTS;
}

static void incident(struct fl_report *report, const struct fl_incident *told)
{
	print_item(report, json_incident(told));
}

/* Closes the incidents when the first flow comes, or the end without any. */
static void open_flows(struct fl_report *report)
{
	struct json_state *json = report->state;

	if (json->place == FLOWS)
		return;
	report_print(report, json->has_items ? "\n],\n\"flows\":[" : "],\n\"flows\":[");
	json->place = FLOWS;
	json->has_items = false;
}

static void flow(struct fl_report *report, const struct fl_account *account)
{
	struct json_state *json = report->state;

	open_flows(report);
	if (!tally_add(&json->verdicts, account->verdict.id))
		report_starve(report);
	json->severities[account->verdict.severity]++;
	print_item(report, json_flow(account, report->settings.all || account->verdict.severity != FL_OK));
}

static struct json_object *summary(const struct json_state *json)
{
	struct maker maker = { false };
	struct json_object *object = json_object_new_object();
	struct json_object *verdicts = json_object_new_object(), *severities = json_object_new_object();

	put_number(&maker, object, "flows", json->verdicts.total);
	for (size_t i = 0; i < json->verdicts.n_rows; i++)
		put_number(&maker, verdicts, json->verdicts.rows[i].name, json->verdicts.rows[i].count);
	put(&maker, object, "by_verdict", verdicts);
	for (int severity = 0; severity < FL_SEVERITIES; severity++)
		put_number(&maker, severities, fl_severity_name(severity), json->severities[severity]);
	put(&maker, object, "by_severity", severities);
	if (maker.failed) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

static void end(struct fl_report *report)
{
	struct json_state *json = report->state;

	open_flows(report);
	report_print(report, json->has_items ? "\n],\n\"summary\":" : "],\n\"summary\":");
	print(report, summary(json));
	report_print(report, "}\n");
}

const struct format format_json = {
	.name = "json",
	.help = "one JSON document, \"flatline/1\" (see flatline-report(5))",
	.new = new_state,
	.free = free_state,
	.begin = begin,
	.incident = incident,
	.flow = flow,
	.end = end,
};
