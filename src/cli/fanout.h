/* Several who look at the packets of one reading. Private to cli/. */
#ifndef CLI_FANOUT_H
#define CLI_FANOUT_H

#include "flatline/engine.h"

struct fanout {
	struct fl_engine_probe probes[2];
	size_t count;
};

void fanout_add(struct fanout *fanout, const struct fl_engine_probe *probe);
/* One probe that calls all; `fanout` outlives it. A lone SYN's segment may come to one that did not want it. */
struct fl_engine_probe fanout_probe(struct fanout *fanout);

#endif
