/* Collects pictures (picture.h) in a second pass over the files, for those connections that are told in detail; of
 * standard input, which cannot be read twice, from the first and the last packets of every connection. */
#ifndef FLATLINE_PICTURES_H
#define FLATLINE_PICTURES_H

#include <stddef.h>
#include <stdint.h>

#include "flatline/engine.h"
#include "flatline/picture.h"

/* A connection that is to be drawn. */
struct fl_scope {
	uint32_t id;
	int64_t from, to; /* what the strip shows */
	int64_t onset;    /* FL_TIME_NONE without one */
};

struct fl_pictures;

/* Of these connections, in order of id; or, with NULL, of all of them, as far as a short ring for each goes. NULL out
 * of memory. `with_payload`: ticks hold the first bytes of theirs. */
struct fl_pictures *fl_pictures_new(const struct fl_scope *scopes, size_t n_scopes, bool with_payload);
void fl_pictures_free(struct fl_pictures *pictures);
/* What the engine is to call; `pictures` outlives it. */
struct fl_engine_probe fl_pictures_probe(struct fl_pictures *pictures);
/* The picture of that connection, NULL without one; valid as long as `pictures`. A ring is drawn as `scope` asks. */
const struct fl_picture *fl_pictures_of(struct fl_pictures *pictures, const struct fl_scope *scope);

#endif
