/* The report with which a live run ends. Private to cli/. */
#ifndef CLI_LIVE_REPORT_H
#define CLI_LIVE_REPORT_H

#include "flatline/engine.h"
#include "flatline/live.h"
#include "options.h"

struct live_end {
	const struct options *options;
	struct fl_live *live;
	struct fl_engine *engine;
	uint64_t frames;
	int64_t first, last; /* frames */
	int64_t until;       /* the run was watched until then */
};

/* Writes it as text on standard output, and ends the engine. An exit status; what went wrong was told. */
int live_report(const struct live_end *end);

#endif
