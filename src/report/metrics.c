/* Counters that only grow, and gauges, in two dialects of one format. OpenMetrics gives the name of a counter without
 * its "_total" where it is described, and wants to see its end; else they are the same. */
#include "flatline/metrics.h"

#include <inttypes.h>
#include <stdlib.h>

#include "clean.h"
#include "flatline/time.h"

enum kind { COUNTER, GAUGE };

/* The page, and what is described on it at the moment. */
struct page {
	struct fl_text *text;
	enum fl_metrics_format format;
	const char *name;
	enum kind kind;
};

struct label {
	const char *name, *value;
};

static void describe(struct page *page, enum kind kind, const char *name, const char *help)
{
	const char *ending = kind == COUNTER && page->format == FL_METRICS_TEXT ? "_total" : "";

	page->name = name;
	page->kind = kind;
	fl_text_add(page->text, "# HELP flatline_%s%s %s\n", name, ending, help);
	fl_text_add(page->text, "# TYPE flatline_%s%s %s\n", name, ending, kind == COUNTER ? "counter" : "gauge");
}

/* A value is any text in UTF-8: of a name that is none, what can be read. */
static void add_value(struct fl_text *text, const char *value)
{
	char *clean = clean_text(value);

	if (!clean)
		text->failed = true;
	for (const char *at = clean; at && *at; at++) {
		if (*at == '\\' || *at == '"')
			fl_text_bytes(text, "\\", 1);
		fl_text_bytes(text, at, 1);
	}
	free(clean);
}

/* All but the number. */
static void begin_sample(struct page *page, const struct label *labels, size_t n_labels)
{
	fl_text_add(page->text, "flatline_%s%s", page->name, page->kind == COUNTER ? "_total" : "");
	for (size_t i = 0; i < n_labels; i++) {
		fl_text_add(page->text, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
		add_value(page->text, labels[i].value);
		fl_text_add(page->text, "\"");
	}
	fl_text_add(page->text, "%s ", n_labels > 0 ? "}" : "");
}

static void add_number(struct page *page, uint64_t number)
{
	begin_sample(page, NULL, 0);
	fl_text_add(page->text, "%" PRIu64 "\n", number);
}

static void add_labelled(struct page *page, const char *name, const char *value, uint64_t number)
{
	struct label label = { name, value };

	begin_sample(page, &label, 1);
	fl_text_add(page->text, "%" PRIu64 "\n", number);
}

/* None is 0; a clock that stepped back makes no time negative. */
static void add_seconds(struct page *page, int64_t ns)
{
	int64_t known = ns > 0 ? ns : 0;

	begin_sample(page, NULL, 0);
	fl_text_add(page->text, "%" PRId64 ".%09" PRId64 "\n", known / FL_NS_PER_S, known % FL_NS_PER_S);
}

static void write_capture(struct page *page, const struct fl_metrics *metrics)
{
	const struct fl_metrics_interface *interfaces = metrics->interfaces;
	struct label version = { "version", metrics->version };

	describe(page, GAUGE, "build_info", "Always 1; the label says which version runs.");
	begin_sample(page, &version, 1);
	fl_text_add(page->text, "1\n");
	describe(page, GAUGE, "start_time_seconds", "When the run began, since 1970.");
	add_seconds(page, metrics->started);
	describe(page, COUNTER, "frames", "Frames taken.");
	add_number(page, metrics->frames);
	describe(page, COUNTER, "interface_frames", "Frames taken from the interface.");
	for (size_t i = 0; i < metrics->n_interfaces; i++)
		add_labelled(page, "interface", interfaces[i].name, interfaces[i].frames);
	describe(page, COUNTER, "interface_drops", "Frames lost at the interface for want of room.");
	for (size_t i = 0; i < metrics->n_interfaces; i++)
		add_labelled(page, "interface", interfaces[i].name, interfaces[i].drops);
	describe(page, GAUGE, "interface_up", "Whether the interface is captured on (1) or away (0).");
	for (size_t i = 0; i < metrics->n_interfaces; i++)
		add_labelled(page, "interface", interfaces[i].name, interfaces[i].is_up);
	describe(page, GAUGE, "last_frame_timestamp_seconds",
	         "Time of the last frame, since 1970; 0 before the first.");
	add_seconds(page, metrics->last_frame);
	describe(page, GAUGE, "capture_lag_seconds",
	         "The highest age of a newest frame when it was read, in the last "
	         "ten seconds.");
	add_seconds(page, metrics->lag);
}

static void write_connections(struct page *page, const struct fl_metrics *metrics)
{
	describe(page, COUNTER, "tcp_packets", "TCP packets among the frames.");
	add_number(page, metrics->tcp_packets);
	describe(page, COUNTER, "connections_seen", "Connections, also those with one SYN and no more.");
	add_number(page, metrics->seen);
	describe(page, GAUGE, "connections", "Connections in memory, also those that are over.");
	add_number(page, metrics->seen > metrics->evicted ? metrics->seen - metrics->evicted : 0);
	describe(page, COUNTER, "connections_evicted",
	         "Connections that left memory: it was short, or they had long been over.");
	add_number(page, metrics->evicted);
	describe(page, GAUGE, "open_connections", "Connections that are open, by verdict.");
	for (size_t i = 0; i < metrics->n_verdicts; i++)
		add_labelled(page, "verdict", metrics->verdicts[i].id, metrics->verdicts[i].open);
	describe(page, GAUGE, "open_connections_by_severity", "The same, by the severity of their verdict.");
	for (int severity = FL_OK; severity < FL_SEVERITIES; severity++)
		add_labelled(page, "severity", fl_severity_name(severity), metrics->open[severity]);
	describe(page, GAUGE, "memory_bytes", "Memory taken by connections.");
	add_number(page, metrics->memory);
	describe(page, GAUGE, "memory_limit_bytes",
	         "What --memory allows; an eighth of it is for what is kept of connections that left.");
	add_number(page, metrics->memory_limit);
	describe(page, GAUGE, "look_duration_seconds", "Time that the last look at connections took.");
	add_seconds(page, metrics->look);
}

static void write_told(struct page *page, const struct fl_metrics *metrics)
{
	describe(page, COUNTER, "events", "Events told.");
	for (int kind = 0; kind < FL_EVENTS; kind++)
		add_labelled(page, "event", fl_event_name(kind), metrics->events[kind]);
	describe(page, COUNTER, "verdicts", "Verdicts told (found or changed).");
	for (size_t i = 0; i < metrics->n_verdicts; i++) {
		const struct fl_metrics_verdict *verdict = &metrics->verdicts[i];

		for (int severity = FL_OK; severity < FL_SEVERITIES; severity++) {
			struct label labels[] = { { "verdict", verdict->id },
				                  { "severity", fl_severity_name(severity) } };
			bool can_be_told = severity >= (int)metrics->least && severity <= (int)verdict->worst;

			if (!can_be_told && verdict->told[severity] == 0)
				continue;
			begin_sample(page, labels, 2);
			fl_text_add(page->text, "%" PRIu64 "\n", verdict->told[severity]);
		}
	}
	describe(page, COUNTER, "output_dropped", "Lines that found no room, since their reader is too slow.");
	add_number(page, metrics->output_dropped);
}

void fl_metrics_write(struct fl_text *text, const struct fl_metrics *metrics, enum fl_metrics_format format)
{
	struct page page = { .text = text, .format = format };

	write_capture(&page, metrics);
	write_connections(&page, metrics);
	write_told(&page, metrics);
	if (format == FL_METRICS_OPENMETRICS)
		fl_text_add(text, "# EOF\n");
}

const char *fl_metrics_content_type(enum fl_metrics_format format)
{
	return format == FL_METRICS_OPENMETRICS ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
	                                        : "text/plain; version=0.0.4; charset=utf-8";
}
