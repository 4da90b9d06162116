/* Accounts out: at the end of everything, or, while more is to come, as if it ended now. */
#include <stdlib.h>
#include <string.h>

#include "engine_parts.h"
#include "flatline/tcp.h"

/* A healthy flow whose failure is over is told of, so its account is one in full. */
static bool has_relapse(const struct fl_finding *findings, size_t n_findings)
{
	for (size_t i = 0; i < n_findings; i++) {
		if (findings[i].recovered != FL_TIME_NONE)
			return true;
	}
	return false;
}

/* What is said of the capture as a whole, and the incidents, come before the flows in every report: so those that may
 * concern others are ended before. What an end brings is dropped where it can be found again: of a million flows it
 * would be a lot. */
static bool survey_flow(struct fl_engine *engine, struct fl_judge *judge, struct fl_flow *flow, int64_t until)
{
	bool is_fresh = watcher_is_fresh(flow), ok;
	const struct fl_finding *findings;
	size_t n_findings;

	if (!fl_judge_may_concern(flow))
		return fl_judge_note(judge, flow, NULL, 0);
	watcher_end(&engine->watcher, flow, until);
	findings = watcher_findings(flow, &n_findings);
	ok = fl_judge_note(judge, flow, findings, n_findings);
	if (is_fresh)
		watcher_drop(flow);
	return ok;
}

static bool survey(struct fl_engine *engine, struct fl_judge *judge, int64_t until)
{
	FL_FLOWS_EACH(engine->flows, id) {
		struct fl_flow *flow = fl_flows_at(engine->flows, id);

		fl_flows_fetch_at(engine->flows, id + 2);
		if (flow->marks & FL_MARK_LONE)
			continue;
		engine->counts.one_direction += unseen_direction(flow);
		if (!survey_flow(engine, judge, flow, until))
			return false;
	}
	return true;
}

/* A detector sees one flow only, and the view of its neighbours is of what flows are and not of what was found: so each
 * flow is ended and judged while it is at hand. */
struct judging {
	struct fl_engine *engine;
	struct fl_judge *judge;
	const struct fl_engine_sink *sink;
	int64_t until;
};

static int judge_flow(const struct judging *judging, struct fl_flow *flow)
{
	const struct fl_engine_sink *sink = judging->sink;
	struct fl_engine *engine = judging->engine;
	struct fl_whole room;
	struct fl_flow *whole = fl_tcp_whole(flow, &room);
	struct fl_wish wish = { .wants = sink->wants, .context = sink->context };
	const struct fl_finding *findings;
	struct fl_account account;
	size_t n_findings;

	watcher_end(&engine->watcher, whole, judging->until);
	flow->sick = whole->sick;
	findings = watcher_findings(whole, &n_findings);
	wish.all = engine->settings.detail || has_relapse(findings, n_findings);
	if (fl_judge_flow(judging->judge, whole, findings, n_findings, &wish, &account))
		return -1;
	sink->flow(sink->context, &account);
	fl_account_deinit(&account);
	watcher_drop(flow);
	return 0;
}

/* Those that left, up to the one with that id. */
static void tell_departed(const struct judging *judging, uint32_t id)
{
	struct fl_account account;

	while (departures_next(&judging->engine->departures, id, &account)) {
		judging->sink->flow(judging->sink->context, &account);
		fl_account_deinit(&account);
	}
}

static int judge_flows(const struct judging *judging)
{
	struct fl_flows *flows = judging->engine->flows;
	const uint32_t ahead = 2;

	FL_FLOWS_EACH(flows, id) {
		fl_flows_fetch_at(flows, id + ahead);
		tell_departed(judging, id);
		if (judge_flow(judging, fl_flows_at(flows, id)))
			return -1;
	}
	tell_departed(judging, FL_FLOW_UNSEEN);
	return 0;
}

/* A file tells only how many there were: a few among very many prove nothing. */
static void note_losses(struct fl_engine *engine, const struct fl_capture_facts *facts)
{
	const uint64_t few = 1000; /* frames to one that was lost */

	if (engine->losses.count == 0 && facts->has_drops && facts->drops > 0 && facts->drops >= facts->frames / few)
		losses_take(&engine->losses, FL_TIME_NONE, FL_TIME_NONE, facts->drops);
}

int fl_engine_finish(struct fl_engine *engine, const struct fl_capture_facts *facts, int64_t observed_until,
                     enum fl_until_source source, const struct fl_engine_sink *sink)
{
	int64_t until = observed_until > engine->now ? observed_until : engine->now;
	struct fl_judge_settings settings;
	struct fl_capture_account capture;
	struct fl_judge *judge;
	int status = 0;

	note_losses(engine, facts);
	settings = engine_judge_settings(engine, until);
	settings.counts_time_waits = sink->time_wait != NULL;
	unseen_step(&engine->unseen, engine->flows, engine->now, until);
	fl_engine_tick(engine, until);
	engine->counts.silence = engine->unseen.silence;
	engine->counts.silenced = engine->unseen.silenced;
	engine->counts.forgotten = engine->departures.forgotten;
	engine->counts.failed_forgotten = engine->departures.failed_forgotten;
	engine->counts.clock_jumps = engine->jumps.total;
	engine->counts.first_jump = engine->jumps.item[0];
	engine->counts.incomplete_datagrams = fl_wire_incomplete(engine->wire);
	if (engine->is_out_of_memory)
		return -1;
	judge = fl_judge_new(&settings);
	if (!judge)
		return -1;
	if (!survey(engine, judge, until) ||
	    fl_judge_capture(facts, &engine->counts, settings.is_untimed ? FL_TIME_NONE : until, source, &capture)) {
		fl_judge_free(judge);
		return -1;
	}
	if (sink->capture)
		sink->capture(sink->context, &capture);
	if ((sink->incident && !fl_judge_incidents(judge, sink->incident, sink->context)) ||
	    (sink->time_wait && !fl_judge_time_waits(judge, sink->time_wait, sink->context)))
		status = -1;
	if (status == 0)
		status = judge_flows(&(struct judging){ engine, judge, sink, until });
	fl_capture_account_deinit(&capture);
	fl_judge_free(judge);
	return status;
}

enum { severity_bits = 2 };
_Static_assert(FL_SEVERITIES <= 1 << severity_bits, "a flow's byte holds it");

/* The verdict in the flow's byte: its index among the topics and one, and the severity; 0 of one that is over. */
static uint8_t byte_of(const struct fl_account *account)
{
	struct fl_topic topic;
	size_t index = 0;

	if (account->end != FL_END_NONE || account->is_abandoned)
		return 0;
	while (fl_topic_at(index, &topic) && strcmp(topic.id, account->verdict.id) != 0)
		index++;
	index = index < UINT8_MAX >> severity_bits ? index + 1 : 0;
	return (uint8_t)(index << severity_bits | account->verdict.severity);
}

void fl_engine_open(const struct fl_engine *engine, size_t topics, uint64_t (*ret_counts)[FL_SEVERITIES])
{
	const uint32_t ahead = 2;

	memset(ret_counts, 0, topics * sizeof(*ret_counts));
	FL_FLOWS_EACH_WHOLE(engine->flows, id) {
		const struct fl_flow *flow = fl_flows_at(engine->flows, id);
		size_t index = (size_t)(flow->verdict >> severity_bits) - 1;

		fl_flows_fetch_at(engine->flows, id + ahead);
		if (flow->verdict != 0 && index < topics && !fl_tcp_is_over(flow))
			ret_counts[index][fl_flow_severity(flow)]++;
	}
}

/* A flow as it stands, with what its detectors would say at its end. */
static int look_at(struct fl_engine *engine, struct fl_judge *judge, struct fl_flow *flow, const struct fl_look *look,
                   const struct fl_engine_sink *sink, bool is_survey)
{
	struct fl_wish wish = { .all = engine->settings.detail, .wants = sink->wants, .context = sink->context };
	const struct fl_finding *findings;
	struct fl_account account;
	struct fl_whole room;
	struct shadow shadow;
	size_t n_findings;
	int status = 0;

	if (is_survey && !fl_judge_may_concern(flow))
		return fl_judge_note(judge, flow, NULL, 0) ? 0 : -1;
	if (!watcher_cast(&engine->watcher, fl_tcp_whole(flow, &room), &shadow))
		return -1;
	watcher_end(&engine->watcher, &shadow.flow, look->now);
	findings = watcher_findings(&shadow.flow, &n_findings);
	if (is_survey) {
		status = fl_judge_note(judge, &shadow.flow, findings, n_findings) ? 0 : -1;
	} else {
		wish.all |= has_relapse(findings, n_findings);
		status = fl_judge_flow(judge, &shadow.flow, findings, n_findings, &wish, &account);
		if (status == 0) {
			flow->verdict = byte_of(&account);
			if (fl_tcp_is_over(flow))
				flow->marks |= FL_MARK_LOOKED;
			sink->flow(sink->context, &account);
			fl_account_deinit(&account);
		}
	}
	watcher_uncast(&engine->watcher, &shadow);
	return status;
}

/* The flows of one look: those that are to be judged, and those whose verdicts may make incidents. */
struct ids {
	uint32_t *items;
	size_t count, places;
};

struct round {
	struct ids due, concerned;
};

static bool note_id(struct ids *ids, uint32_t id)
{
	if (ids->count == ids->places) {
		size_t places = ids->places ? ids->places * 2 : 64;
		uint32_t *items = realloc(ids->items, places * sizeof(*items));

		if (!items)
			return false;
		ids->items = items;
		ids->places = places;
	}
	ids->items[ids->count++] = id;
	return true;
}

static uint32_t next_of(const struct fl_engine *engine, const struct fl_look *look, uint32_t id)
{
	return look->with_lone ? fl_flows_next(engine->flows, id) : fl_flows_next_whole(engine->flows, id);
}

/* False out of memory. */
static bool choose(struct fl_engine *engine, struct fl_judge *judge, const struct fl_look *look,
                   const struct fl_engine_sink *sink, struct round *round)
{
	const uint32_t ahead = 2;
	bool is_survey = look->with_incidents && sink->incident;

	for (uint32_t id = next_of(engine, look, 0); id != FL_FLOW_UNSEEN; id = next_of(engine, look, id + 1)) {
		struct fl_flow *flow = fl_flows_at(engine->flows, id);
		bool is_due = !look->is_due || look->is_due(sink->context, flow);
		bool is_noted = is_survey && !(flow->marks & FL_MARK_LONE);

		fl_flows_fetch_at(engine->flows, id + ahead);
		if ((is_due && !note_id(&round->due, id)) || (is_noted && !note_id(&round->concerned, id)))
			return false;
		if ((is_due || (is_noted && fl_judge_may_concern(flow))) && !fl_judge_focus(judge, flow))
			return false;
	}
	return true;
}

static int look_at_each(struct fl_engine *engine, struct fl_judge *judge, const struct fl_look *look,
                        const struct fl_engine_sink *sink, const struct round *round)
{
	for (size_t i = 0; i < round->concerned.count; i++) {
		if (look_at(engine, judge, fl_flows_at(engine->flows, round->concerned.items[i]), look, sink, true))
			return -1;
	}
	if (look->with_incidents && sink->incident && !fl_judge_incidents(judge, sink->incident, sink->context))
		return -1;
	for (size_t i = 0; i < round->due.count; i++) {
		if (look_at(engine, judge, fl_flows_at(engine->flows, round->due.items[i]), look, sink, false))
			return -1;
	}
	return 0;
}

int fl_engine_look(struct fl_engine *engine, const struct fl_look *look, const struct fl_engine_sink *sink)
{
	struct round round = { .due.count = 0 };
	struct fl_judge_settings settings;
	struct fl_judge *judge;
	int status = -1;

	fl_engine_tick(engine, look->now);
	settings = engine_judge_settings(engine, engine->now);
	judge = fl_judge_new(&settings);
	if (judge && choose(engine, judge, look, sink, &round))
		status = look_at_each(engine, judge, look, sink, &round);
	free(round.due.items);
	free(round.concerned.items);
	fl_judge_free(judge);
	return engine->is_out_of_memory ? -1 : status;
}
