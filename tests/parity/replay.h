/* One capture through the engine, with a probe, for the programs that compare it with tshark. */
#ifndef PARITY_REPLAY_H
#define PARITY_REPLAY_H

#include "flatline/capture.h"
#include "flatline/engine.h"

/* Frames that are at hand while the probe is called; zeroed to begin with, each batch overwrites the one before. */
struct replay {
	struct fl_capture *capture;
	struct fl_engine *engine;
	struct fl_frame frames[FL_BATCH];
};

/* False when it cannot be opened. Ends with replay_deinit() either way. */
static inline bool replay_run(struct replay *replay, const char *path, const struct fl_engine_probe *probe)
{
	struct fl_capture_settings capture_settings = { NULL, FL_TIME_NONE, FL_TIME_NONE };
	struct fl_engine_settings settings = { .seed = 1, .number_streams = true };
	struct fl_error error;
	size_t count;

	fl_settings_init(&settings.settings);
	replay->capture = fl_capture_new(&path, 1, &capture_settings, &error);
	replay->engine = fl_engine_new(&settings);
	if (!replay->capture || !replay->engine)
		return false;
	fl_engine_probe(replay->engine, probe);
	while ((count = fl_capture_read(replay->capture, replay->frames, FL_BATCH)) > 0)
		fl_engine_frames(replay->engine, replay->frames, count);
	return true;
}

static inline void replay_deinit(struct replay *replay)
{
	fl_engine_free(replay->engine);
	fl_capture_free(replay->capture);
}

#endif
