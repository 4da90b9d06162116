/* Detectors are called for the rare segments and messages that they asked for, and at the end. What they keep lies in a
 * block that hangs on the flow's sick block, made when the first of them has something to keep; what they state lies in
 * an array beside it, which grows by what is stated. */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#define FL_DETECTOR(name) extern const struct fl_detector fl_detector_##name;
#include "flatline/detectors.def"
#undef FL_DETECTOR

#define FL_DETECTOR(name) &fl_detector_##name,
static const struct fl_detector *const detectors[] = {
#include "flatline/detectors.def"
};
#undef FL_DETECTOR

enum { n_detectors = sizeof(detectors) / sizeof(detectors[0]), most_findings = 6 };
_Static_assert(n_detectors <= WATCHER_MOST, "room for all of them");

/* What hangs on fl_sick.watch; the detectors' states follow it. */
struct block {
	struct fl_wheel_node alarm; /* first: an alarm's node is its block */
	struct fl_flow *flow;
	max_align_t states[];
};

/* A call's surroundings, behind fl_watch.host. */
struct host {
	struct watcher *watcher;
	struct fl_flow *flow;
	size_t state_at;
};

const struct fl_detector *fl_detector_at(size_t index)
{
	return index < n_detectors ? detectors[index] : NULL;
}

const struct fl_detector *fl_detector_find(const char *id)
{
	for (size_t i = 0; i < n_detectors; i++) {
		if (strcmp(detectors[i]->id, id) == 0)
			return detectors[i];
	}
	return NULL;
}

static size_t aligned(size_t size)
{
	return (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
}

bool watcher_init(struct watcher *watcher, struct fl_flows *flows, const struct fl_settings *settings,
                  const struct fl_profiles *profiles)
{
	*watcher = (struct watcher){ .flows = flows, .settings = settings, .profiles = profiles };
	for (size_t i = 0; i < n_detectors; i++) {
		watcher->states_size += aligned(detectors[i]->state_size);
		watcher->wakes_on |= detectors[i]->wakes_on;
		watcher->hears |= detectors[i]->hears;
		if (detectors[i]->on_end && !detectors[i]->is_of_sick)
			watcher->of_all[watcher->n_of_all++] = (uint8_t)i;
	}
	watcher->wheel = fl_wheel_new(0);
	return watcher->wheel != NULL;
}

void watcher_deinit(struct watcher *watcher)
{
	fl_wheel_free(watcher->wheel);
}

static struct block *block_of(const struct fl_flow *flow)
{
	return flow->sick ? flow->sick->watch : NULL;
}

static struct block *need_block(struct host *host)
{
	struct block *block = block_of(host->flow);

	if (block)
		return block;
	block = fl_flows_sick_bytes(host->watcher->flows, host->flow, sizeof(*block) + host->watcher->states_size);
	if (!block)
		return NULL;
	block->flow = host->flow;
	block->alarm.due = FL_TIME_NONE;
	host->flow->sick->watch = block;
	return block;
}

struct fl_finding *fl_watch_open(struct fl_watch *watch, unsigned dir)
{
	const struct fl_sick *sick = watch->flow->sick;

	for (uint32_t i = 0; sick && i < sick->n_findings; i++) {
		struct fl_finding *finding = (struct fl_finding *)sick->findings + i;

		if (finding->detector == watch->detector && finding->dir == dir && finding->recovered == FL_TIME_NONE)
			return finding;
	}
	return NULL;
}

/* Takes finding `index` out of the array. */
static void take_out(struct fl_sick *sick, size_t index)
{
	struct fl_finding *findings = sick->findings;

	sick->n_findings--;
	memmove(findings + index, findings + index + 1, (sick->n_findings - index) * sizeof(*findings));
}

/* Makes room: the oldest failure that is over goes, so that the newest can always be told. False when all still last.
 */
static bool forget_recovered(struct fl_sick *sick)
{
	const struct fl_finding *findings = sick->findings;

	for (size_t i = 0; i < sick->n_findings; i++) {
		if (findings[i].recovered != FL_TIME_NONE) {
			take_out(sick, i);
			return true;
		}
	}
	return false;
}

/* Room for one more; false when there is none to be had. */
static bool has_room(struct host *host)
{
	struct fl_sick *sick = fl_flows_sicken(host->watcher->flows, host->flow);

	if (!sick)
		return false;
	if (sick->n_findings < sick->findings_size)
		return true;
	if (sick->findings_size == most_findings)
		return forget_recovered(sick);

	size_t size = sick->findings_size, more = size == 0                     ? 1
	                                          : size < most_findings - size ? size
	                                                                        : most_findings - size;
	void *findings = fl_flows_sick_more(host->watcher->flows, host->flow, sick->findings,
	                                    size * sizeof(struct fl_finding), more * sizeof(struct fl_finding));

	if (!findings)
		return false;
	sick->findings = findings;
	sick->findings_size += more;
	return true;
}

struct fl_finding *fl_watch_finding(struct fl_watch *watch, unsigned dir)
{
	struct fl_finding *finding = fl_watch_open(watch, dir);
	struct host *host = watch->host;

	if (finding)
		return finding;
	if (!has_room(host)) {
		host->watcher->dropped++;
		return NULL;
	}
	finding = (struct fl_finding *)host->flow->sick->findings + host->flow->sick->n_findings++;
	finding->detector = watch->detector;
	finding->summary = NULL;
	finding->dir = (uint8_t)dir;
	finding->onset_frame = 0;
	finding->onset = finding->until = watch->now;
	finding->recovered = FL_TIME_NONE;
	finding->n_evidence = finding->n_figures = 0;
	return finding;
}

void fl_watch_withdraw(struct fl_watch *watch, struct fl_finding *finding)
{
	const struct host *host = watch->host;
	struct fl_sick *sick = host->flow->sick;

	take_out(sick, (size_t)(finding - (struct fl_finding *)sick->findings));
}

void fl_watch_alarm(struct fl_watch *watch, int64_t at)
{
	struct host *host = watch->host;
	struct block *block = need_block(host);

	host->watcher->has_alarms |= block != NULL;
	if (block && (block->alarm.due == FL_TIME_NONE || at < block->alarm.due))
		fl_wheel_arm(host->watcher->wheel, &block->alarm, at);
}

void fl_finding_show(struct fl_finding *finding, const char *what, unsigned dir, uint32_t file, uint32_t frame,
                     int64_t at)
{
	uint32_t i = 0;

	while (i < finding->n_evidence && finding->evidence[i].what != what)
		i++;
	if (i == FL_FINDING_EVIDENCE)
		return;
	if (i == finding->n_evidence)
		finding->n_evidence++;
	finding->evidence[i] = (struct fl_evidence){ file, frame, at, (uint8_t)dir, what };
}

void fl_finding_set(struct fl_finding *finding, const char *name, enum fl_unit unit, int64_t value)
{
	uint32_t i = 0;

	while (i < finding->n_figures && strcmp(finding->figures[i].name, name) != 0)
		i++;
	if (i == FL_FINDING_FIGURES)
		return;
	if (i == finding->n_figures)
		finding->n_figures++;
	finding->figures[i] = (struct fl_figure){ name, unit, value };
}

void fl_finding_drop(struct fl_finding *finding, const char *name)
{
	for (uint32_t i = 0; i < finding->n_figures; i++) {
		if (strcmp(finding->figures[i].name, name) == 0) {
			memmove(&finding->figures[i], &finding->figures[i + 1],
			        (finding->n_figures - i - 1) * sizeof(finding->figures[0]));
			finding->n_figures--;
			return;
		}
	}
}

int64_t fl_finding_get(const struct fl_finding *finding, const char *name, int64_t otherwise)
{
	for (uint32_t i = 0; i < finding->n_figures; i++) {
		if (strcmp(finding->figures[i].name, name) == 0)
			return finding->figures[i].value;
	}
	return otherwise;
}

/* Prepares the call of detector `index`: its state is found, or made where it has one. */
static struct fl_watch watch_for(struct host *host, size_t index, size_t state_at, int64_t now)
{
	struct fl_watch watch = { .flow = host->flow,
		                  .settings = host->watcher->settings,
		                  .profiles = host->watcher->profiles,
		                  .now = now,
		                  .detector = detectors[index],
		                  .host = host };

	if (detectors[index]->state_size > 0) {
		struct block *block = need_block(host);

		watch.state = block ? (char *)block->states + state_at : NULL;
	}
	return watch;
}

void watcher_segment(struct watcher *watcher, struct fl_flow *flow, const struct fl_segment *segment)
{
	struct host host = { .watcher = watcher, .flow = flow };
	size_t state_at = 0;

	if (!(segment->classes & watcher->wakes_on))
		return;
	for (size_t i = 0; i < n_detectors; i++) {
		if (segment->classes & detectors[i]->wakes_on) {
			struct fl_watch watch = watch_for(&host, i, state_at, segment->at);

			detectors[i]->on_segment(&watch, segment);
		}
		state_at += aligned(detectors[i]->state_size);
	}
}

void watcher_message(struct watcher *watcher, struct fl_flow *flow, const struct fl_message *message)
{
	struct host host = { .watcher = watcher, .flow = flow };
	size_t state_at = 0;

	if (!(message->kinds & watcher->hears))
		return;
	for (size_t i = 0; i < n_detectors; i++) {
		if (message->kinds & detectors[i]->hears) {
			struct fl_watch watch = watch_for(&host, i, state_at, message->at);

			detectors[i]->on_message(&watch, message);
		}
		state_at += aligned(detectors[i]->state_size);
	}
}

static int by_flow(const struct fl_wheel_node *a, const struct fl_wheel_node *b)
{
	uint32_t x = ((const struct block *)a)->flow->id, y = ((const struct block *)b)->flow->id;

	return x < y ? -1 : x > y;
}

void watcher_advance(struct watcher *watcher, int64_t now)
{
	struct fl_wheel_node *node;

	if (!watcher->has_alarms)
		return;
	while ((node = fl_wheel_advance(watcher->wheel, now, by_flow)) != NULL) {
		struct host host = { .watcher = watcher, .flow = ((struct block *)node)->flow };
		size_t state_at = 0;

		for (size_t i = 0; i < n_detectors; i++) {
			if (detectors[i]->on_alarm) {
				struct fl_watch watch = watch_for(&host, i, state_at, now);

				detectors[i]->on_alarm(&watch);
			}
			state_at += aligned(detectors[i]->state_size);
		}
	}
}

static bool ends_of(const struct fl_detector *detector, const struct fl_flow *flow)
{
	return detector->ends_of == 0 || ((flow->end[0].seen | flow->end[1].seen) & detector->ends_of);
}

/* Of a flow in which nothing odd was seen: no detector has a state of it, and few have a question. */
static void end_healthy(struct watcher *watcher, struct fl_watch *watch)
{
	for (size_t i = 0; i < watcher->n_of_all; i++) {
		watch->detector = detectors[watcher->of_all[i]];
		if (ends_of(watch->detector, watch->flow))
			watch->detector->on_end(watch);
	}
}

void watcher_end(struct watcher *watcher, struct fl_flow *flow, int64_t now)
{
	struct host host = { .watcher = watcher, .flow = flow };
	struct fl_watch watch = {
		.flow = flow, .settings = watcher->settings, .profiles = watcher->profiles, .now = now, .host = &host
	};
	size_t state_at = 0;

	if (!flow->sick) {
		end_healthy(watcher, &watch);
		return;
	}
	if (flow->sick->is_ended)
		return;
	flow->sick->is_ended = true;
	for (size_t i = 0; i < n_detectors; i++) {
		struct block *block = block_of(flow);

		watch.detector = detectors[i];
		watch.state = block && watch.detector->state_size > 0 ? (char *)block->states + state_at : NULL;
		if (watch.detector->on_end && ends_of(watch.detector, flow))
			watch.detector->on_end(&watch);
		state_at += aligned(watch.detector->state_size);
	}
}

const struct fl_finding *watcher_findings(const struct fl_flow *flow, size_t *ret_count)
{
	const struct fl_sick *sick = flow->sick;

	*ret_count = sick ? sick->n_findings : 0;
	return sick ? sick->findings : NULL;
}

bool watcher_is_fresh(const struct fl_flow *flow)
{
	return !flow->sick || (!flow->sick->watch && flow->sick->n_findings == 0);
}

void watcher_drop(struct fl_flow *flow)
{
	struct block *block = block_of(flow);

	if (!flow->sick)
		return;
	if (block)
		fl_wheel_disarm(&block->alarm);
	free(block);
	free(flow->sick->findings);
	flow->sick->watch = flow->sick->findings = NULL; /* their bytes stay counted: this is the end */
	flow->sick->n_findings = flow->sick->findings_size = 0;
	flow->sick->is_ended = false;
}

void watcher_forget(struct fl_flow *flow)
{
	struct block *block = block_of(flow);

	if (block)
		fl_wheel_disarm(&block->alarm);
}

/* What detectors keep and have found is copied; all else of the flow they only read. */
static bool copy_watch(const struct watcher *watcher, struct shadow *shadow)
{
	const struct fl_sick *from = shadow->flow.sick;
	size_t size = sizeof(struct block) + watcher->states_size;
	struct block *block = NULL;

	shadow->sick = *from;
	shadow->sick.watch = shadow->sick.findings = NULL;
	shadow->sick.is_ended = false;
	shadow->flow.sick = &shadow->sick;
	if (from->watch) {
		block = malloc(size);
		if (!block)
			return false;
		memcpy(block, from->watch, size);
		block->alarm = (struct fl_wheel_node){ .due = FL_TIME_NONE };
		block->flow = &shadow->flow;
		shadow->sick.watch = block;
	}
	if (from->findings_size == 0)
		return true;
	shadow->sick.findings = malloc(from->findings_size * sizeof(struct fl_finding));
	if (shadow->sick.findings)
		memcpy(shadow->sick.findings, from->findings, from->n_findings * sizeof(struct fl_finding));
	return shadow->sick.findings != NULL;
}

bool watcher_cast(struct watcher *watcher, const struct fl_flow *flow, struct shadow *ret_shadow)
{
	ret_shadow->flow = *flow;
	ret_shadow->counted = flow->sick ? flow->sick->size : 0;
	if (!flow->sick || copy_watch(watcher, ret_shadow))
		return true;
	watcher_uncast(watcher, ret_shadow);
	return false;
}

void watcher_uncast(struct watcher *watcher, struct shadow *shadow)
{
	struct fl_sick *sick = shadow->flow.sick;
	struct block *block = block_of(&shadow->flow);

	if (!sick)
		return;
	if (block)
		fl_wheel_disarm(&block->alarm);
	fl_flows_uncount(watcher->flows, sick->size - shadow->counted);
	free(sick->watch);
	free(sick->findings);
	if (sick != &shadow->sick)
		free(sick);
}
