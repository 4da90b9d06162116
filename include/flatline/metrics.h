/* What a live run counts, as a page for Prometheus: in its text format 0.0.4, which node_exporter's textfile collector
 * reads as well, or as OpenMetrics 1.0.0. */
#ifndef FLATLINE_METRICS_H
#define FLATLINE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/event.h"
#include "flatline/judge.h"
#include "flatline/text.h"

enum fl_metrics_format { FL_METRICS_TEXT, FL_METRICS_OPENMETRICS };

struct fl_metrics_interface {
	const char *name;
	uint64_t frames, drops;
	bool is_up;
};

struct fl_metrics_verdict {
	const char *id;
	enum fl_severity worst; /* that it can have; rows up to it are always there, so that a rate of them can be */
	uint64_t open;          /* connections with it, of those that are open */
	uint64_t told[FL_SEVERITIES]; /* how often it was told, found or changed */
};

/* Times and lengths in ns. */
struct fl_metrics {
	const char *version;
	int64_t started, last_frame; /* since 1970; the latter FL_TIME_NONE before the first */
	uint64_t frames, tcp_packets;
	const struct fl_metrics_interface *interfaces;
	size_t n_interfaces;
	uint64_t seen, evicted; /* connections; all that were, and those that left memory */
	const struct fl_metrics_verdict *verdicts;
	size_t n_verdicts;
	enum fl_severity least;       /* below it no verdict is told */
	uint64_t open[FL_SEVERITIES]; /* connections that are open */
	uint64_t events[FL_EVENTS];
	uint64_t output_dropped;
	uint64_t memory, memory_limit; /* bytes */
	int64_t lag, look;             /* of the capture; how long a look at all that is open took */
};

/* Adds the whole page; out of memory is the text's `failed`. */
void fl_metrics_write(struct fl_text *text, const struct fl_metrics *metrics, enum fl_metrics_format format);
/* What HTTP calls it. */
const char *fl_metrics_content_type(enum fl_metrics_format format);

#endif
