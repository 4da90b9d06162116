/* Cuts a capture after every frame and prints the frames whose cut gives a critical verdict, with the verdict: a
 * healthy connection must never be called dead, wherever the capture happens to end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/capture.h"
#include "flatline/engine.h"

struct worst {
	enum fl_severity severity;
	const char *id;
};

static void take_capture(void *context, const struct fl_capture_account *capture)
{
	(void)context;
	(void)capture;
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct worst *worst = context;

	if (account->verdict.severity > worst->severity)
		*worst = (struct worst){ account->verdict.severity, account->verdict.id };
}

/* Judges the first `count` frames. */
static int judge_cut(const struct fl_frame *frames, size_t count, const struct fl_capture_facts *facts,
                     const struct fl_profiles *profiles, struct worst *ret_worst)
{
	struct fl_engine_settings settings = { .profiles = profiles, .seed = count, .number_streams = true };
	struct fl_engine_sink sink = { .capture = take_capture, .flow = take_flow, .context = ret_worst };
	struct fl_engine *engine;
	int status;

	fl_settings_init(&settings.settings);
	engine = fl_engine_new(&settings);
	if (!engine)
		return -1;
	*ret_worst = (struct worst){ FL_OK, "" };
	fl_engine_frames(engine, frames, count);
	status = fl_engine_finish(engine, facts, frames[count - 1].at, FL_UNTIL_LAST_FRAME, &sink);
	fl_engine_free(engine);
	return status;
}

int main(int argc, char **argv)
{
	struct fl_capture_settings settings = { NULL, FL_TIME_NONE, FL_TIME_NONE };
	struct fl_capture *capture = argc == 2 ? fl_capture_new((const char *const *)&argv[1], 1, &settings, NULL)
	                                       : NULL;
	struct fl_profiles *profiles = fl_profiles_new(NULL);
	struct fl_frame *frames = NULL, frame;
	size_t count = 0;

	if (!capture || !profiles)
		return 2;
	while (fl_capture_read(capture, &frame, 1) == 1) {
		uint8_t *bytes = malloc(frame.caplen + 1);

		frames = realloc(frames, (count + 1) * sizeof(*frames));
		if (!frames || !bytes)
			return 3;
		memcpy(bytes, frame.bytes, frame.caplen);
		frame.bytes = bytes;
		frames[count++] = frame;
	}
	for (size_t cut = 1; cut <= count; cut++) {
		struct worst worst;

		if (judge_cut(frames, cut, fl_capture_facts(capture), profiles, &worst))
			return 3;
		if (worst.severity == FL_CRITICAL)
			printf("%" PRIu64 " %s\n", frames[cut - 1].number, worst.id);
	}
	printf("end %zu\n", count);
	fl_profiles_free(profiles);
	for (size_t i = 0; i < count; i++)
		free((void *)frames[i].bytes);
	free(frames);
	fl_capture_free(capture);
	return 0;
}
