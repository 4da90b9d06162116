/* What a live run says: of connections, and of itself. One thread writes the lines, so that nothing that a reader of
 * them does can hold up the capture. */
#include <stdio.h>
#include <unistd.h>

#include "flatline/report.h"
#include "live_session.h"

void live_tell(struct session *session, const struct fl_event *event)
{
	metrics_event(session->metrics, event);
	fl_text_clear(&session->line);
	if (session->is_json)
		fl_event_json(&session->line, event);
	else
		fl_event_text(&session->line, event);
	if (session->line.failed) {
		queue_miss(session->queue);
		fl_text_deinit(&session->line); /* the next may find memory */
	} else {
		queue_put(session->queue, fl_text_get(&session->line), session->line.length);
	}
	hooks_take(session->hooks, event);
}

/* An interface that went away, or is back. */
static void tell_devices(struct session *session)
{
	size_t count;
	const struct fl_live_device *devices = fl_live_devices(session->live, &count);

	session->drops = 0;
	session->is_blind = true;
	for (size_t i = 0; i < count; i++) {
		struct fl_event event = { .kind = FL_EVENT_DEVICE,
			                  .at = session->now,
			                  .device = devices[i].name,
			                  .words = devices[i].is_open ? "is back" : devices[i].problem.message };

		session->drops += devices[i].drops;
		session->is_blind &= devices[i].is_lost;
		if (devices[i].is_open != session->was_open[i])
			live_tell(session, &event);
		session->was_open[i] = devices[i].is_open;
	}
}

static void tell_drops(struct session *session)
{
	uint64_t dropped = queue_dropped(session->queue);
	char words[128], count[32];
	struct fl_event event = { .kind = FL_EVENT_DROPS, .at = session->now, .words = words };

	if (session->drops > session->drops_told) {
		fl_engine_lost(session->engine, session->told_at - LIVE_LAG, session->now,
		               session->drops - session->drops_told);
		snprintf(words, sizeof(words), "the kernel dropped %s packets: what is missing makes verdicts unsure",
		         fl_count_text(session->drops - session->drops_told, count));
		session->drops_told = session->drops;
		live_tell(session, &event);
	}
	if (dropped > session->dropped_told) {
		snprintf(words, sizeof(words), "%s lines found no room: whoever reads them is too slow",
		         fl_count_text(dropped - session->dropped_told, count));
		session->dropped_told = dropped;
		live_tell(session, &event);
	}
}

static void tell_hooks(struct session *session)
{
	char words[512], count[32];
	struct fl_event event = { .kind = FL_EVENT_HOOK, .at = session->now, .words = words };
	struct fl_error problem;
	uint64_t unrun;

	while (hooks_problem(session->hooks, &problem)) {
		fl_error_text(&problem, words, sizeof(words));
		live_tell(session, &event);
	}
	unrun = hooks_dropped(session->hooks);
	if (unrun > session->unrun_told) {
		snprintf(words, sizeof(words), "%s was not run for %s events: it takes too long",
		         session->options->exec, fl_count_text(unrun - session->unrun_told, count));
		session->unrun_told = unrun;
		event.kind = FL_EVENT_DROPS;
		live_tell(session, &event);
	}
}

void live_tell_recordings(struct session *session)
{
	struct fl_recording recording;

	if (!session->recorder)
		return;
	while (recorder_next(session->recorder, &recording)) {
		struct fl_event event = { .kind = FL_EVENT_RECORDED, .at = session->now, .recording = &recording };

		live_tell(session, &event);
	}
}

/* Whoever rotates the file reads standard error, and not the file's end. */
static void tell_output(const struct session *session)
{
	struct fl_error error;
	char words[512];

	if (queue_reopen_failed(session->queue, &error))
		fprintf(stderr, "%sflatline: %s; lines go on into the file that was open\n",
		        isatty(STDERR_FILENO) ? "\r\033[K" : "", fl_error_text(&error, words, sizeof(words)));
}

static void tell_left_out(struct session *session)
{
	struct fl_event event = { .kind = FL_EVENT_DROPS, .at = session->now };
	struct fl_text words;

	if (!session->recorder)
		return;
	fl_text_init(&words);
	recorder_left_out(session->recorder, &words);
	event.words = fl_text_get(&words);
	if (words.length > 0)
		live_tell(session, &event);
	fl_text_deinit(&words);
}

static void show_status(const struct session *session)
{
	struct fl_engine_counters counters;
	char rate[32], flows[32], lost[32];

	if (session->options->quiet || !isatty(STDERR_FILENO))
		return;
	fl_engine_counters(session->engine, &counters);
	fprintf(stderr, "\r%s packets/s  %s connections  %zu bad  %s dropped \033[K",
	        fl_count_text(session->frames - session->frames_before, rate), fl_count_text(counters.flows, flows),
	        watching_open(session->watching), fl_count_text(session->drops, lost));
}

static void publish(struct session *session, bool is_last)
{
	struct metrics_sources sources = { .live = session->live,
		                           .engine = session->engine,
		                           .queue = session->queue,
		                           .frames = session->frames,
		                           .last = session->last,
		                           .now = session->now };
	struct fl_event event = { .kind = FL_EVENT_DROPS, .at = session->now };

	metrics_publish(session->metrics, &sources, is_last);
	event.words = metrics_trouble(session->metrics);
	if (event.words)
		live_tell(session, &event);
}

void live_tell_second(struct session *session)
{
	tell_devices(session);
	tell_drops(session);
	tell_hooks(session);
	tell_output(session);
	tell_left_out(session);
	publish(session, false);
	show_status(session);
	session->frames_before = session->frames;
	session->told_at = session->now;
}

void live_tell_end(struct session *session, int patience_ms)
{
	if (session->recorder)
		recorder_wait(session->recorder, patience_ms);
	live_tell_recordings(session);
	tell_left_out(session);
	tell_hooks(session);
	publish(session, true);
}
