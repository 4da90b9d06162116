/* Cuts a capture after every frame and prints the frames whose cut gives a critical verdict, with the verdict: a
 * healthy connection must never be called dead, wherever the capture happens to end. Beside that one engine takes all
 * frames and is looked at after each: it must say what the end of that cut says. After every other frame it is looked
 * at a third of the connections alone: what is not looked at must make no difference. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/capture.h"
#include "flatline/engine.h"
#include "flatline/text.h"

enum { parts = 3 };

struct worst {
	enum fl_severity severity;
	const char *id;
	size_t cut;
	struct fl_text told; /* what was said of all flows and incidents, or of the part whose turn it is */
};

static bool is_whole(const struct worst *worst)
{
	return worst->cut % 2 == 0;
}

static bool is_part(const struct worst *worst, uint32_t id)
{
	return is_whole(worst) || id % parts == worst->cut % parts;
}

static bool is_due(void *context, const struct fl_flow *flow)
{
	return is_part(context, flow->id);
}

static void take_capture(void *context, const struct fl_capture_account *capture)
{
	(void)context;
	(void)capture;
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	struct worst *worst = context;

	if (!is_whole(worst))
		return;
	fl_text_add(&worst->told, "%s %zu %s\n", incident->id, incident->n_flows, incident->summary);
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct worst *worst = context;
	const struct fl_verdict *verdict = &account->verdict;

	if (verdict->severity > worst->severity) {
		worst->severity = verdict->severity;
		worst->id = verdict->id;
	}
	if (!is_part(worst, account->id))
		return;
	fl_text_add(&worst->told, "%" PRIu32 " %s %d %d %d %d %" PRId64 " %" PRId64 " %" PRId64 " %zu %s %s %s\n",
	            account->id, verdict->id, (int)verdict->severity, (int)verdict->side, (int)verdict->layer,
	            (int)verdict->confidence, verdict->onset, verdict->noticed, verdict->blind, account->n_findings,
	            verdict->summary ? verdict->summary : "", account->kernel_says ? account->kernel_says : "",
	            account->keepalive_says ? account->keepalive_says : "");
}

static struct fl_engine_sink sink_for(struct worst *worst)
{
	return (struct fl_engine_sink){
		.capture = take_capture, .incident = take_incident, .flow = take_flow, .context = worst
	};
}

static void begin(struct worst *worst, size_t cut)
{
	worst->cut = cut;
	worst->severity = FL_OK;
	worst->id = "";
	fl_text_clear(&worst->told);
}

/* Judges the first `count` frames. */
static int judge_cut(const struct fl_frame *frames, size_t count, const struct fl_capture_facts *facts,
                     const struct fl_profiles *profiles, struct worst *ret_worst)
{
	struct fl_engine_settings settings = { .profiles = profiles, .seed = count, .number_streams = true };
	struct fl_engine_sink sink = sink_for(ret_worst);
	struct fl_engine *engine;
	int status;

	fl_settings_init(&settings.settings);
	engine = fl_engine_new(&settings);
	if (!engine)
		return -1;
	begin(ret_worst, count);
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
	struct fl_engine_settings looked = { .profiles = profiles, .seed = 7, .number_streams = true };
	struct fl_engine *engine;
	struct worst worst = { 0 }, seen = { 0 };
	struct fl_engine_sink sink = sink_for(&seen);

	fl_settings_init(&looked.settings);
	engine = fl_engine_new(&looked);
	if (!engine)
		return 3;
	for (size_t cut = 1; cut <= count; cut++) {
		struct fl_look look = {
			.now = frames[cut - 1].at, .is_due = is_due, .with_lone = true, .with_incidents = cut % 2 == 0
		};

		if (judge_cut(frames, cut, fl_capture_facts(capture), profiles, &worst))
			return 3;
		if (worst.severity == FL_CRITICAL)
			printf("%" PRIu64 " %s\n", frames[cut - 1].number, worst.id);
		begin(&seen, cut);
		fl_engine_frames(engine, &frames[cut - 1], 1);
		if (fl_engine_look(engine, &look, &sink))
			return 3;
		if (strcmp(fl_text_get(&worst.told), fl_text_get(&seen.told)) != 0) {
			fprintf(stderr, "frame %" PRIu64 ": an end says\n%sa look says\n%s", frames[cut - 1].number,
			        fl_text_get(&worst.told), fl_text_get(&seen.told));
			return 4;
		}
	}
	fl_engine_free(engine);
	fl_text_deinit(&worst.told);
	fl_text_deinit(&seen.told);
	printf("end %zu\n", count);
	fl_profiles_free(profiles);
	for (size_t i = 0; i < count; i++)
		free((void *)frames[i].bytes);
	free(frames);
	fl_capture_free(capture);
	return 0;
}
