/* Detectors are called for the rare segments and messages that they asked for, and at the end; what they state and keep
 * lies in a block that hangs on the flow's sick block, made when the first of them has something to say. */
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
	uint32_t n_findings;
	struct fl_finding findings[most_findings];
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

bool watcher_init(struct watcher *watcher, struct fl_flows *flows, const struct fl_settings *settings)
{
	*watcher = (struct watcher){ .flows = flows, .settings = settings };
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
	const struct host *host = watch->host;
	struct block *block = block_of(host->flow);

	for (uint32_t i = 0; block && i < block->n_findings; i++) {
		struct fl_finding *finding = &block->findings[i];

		if (finding->detector == watch->detector && finding->dir == dir && finding->recovered == FL_TIME_NONE)
			return finding;
	}
	return NULL;
}

/* Makes room: the oldest failure that is over goes, so that the newest can always be told. False when all still last.
 */
static bool forget_recovered(struct block *block)
{
	uint32_t i = 0;

	while (i < block->n_findings && block->findings[i].recovered == FL_TIME_NONE)
		i++;
	if (i == block->n_findings)
		return false;
	block->n_findings--;
	memmove(&block->findings[i], &block->findings[i + 1], (block->n_findings - i) * sizeof(block->findings[0]));
	return true;
}

struct fl_finding *fl_watch_finding(struct fl_watch *watch, unsigned dir)
{
	struct fl_finding *finding = fl_watch_open(watch, dir);
	struct host *host = watch->host;
	struct block *block;

	if (finding)
		return finding;
	block = need_block(host);
	if (!block || (block->n_findings == most_findings && !forget_recovered(block))) {
		host->watcher->dropped++;
		return NULL;
	}
	finding = &block->findings[block->n_findings++];
	finding->detector = watch->detector;
	finding->dir = (uint8_t)dir;
	finding->onset = finding->until = watch->now;
	finding->recovered = FL_TIME_NONE;
	return finding;
}

void fl_watch_withdraw(struct fl_watch *watch, struct fl_finding *finding)
{
	const struct host *host = watch->host;
	struct block *block = block_of(host->flow);
	size_t index = (size_t)(finding - block->findings);

	memmove(finding, finding + 1, (block->n_findings - index - 1) * sizeof(*finding));
	block->n_findings--;
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

/* Of a flow in which nothing odd was seen: no detector has a state of it, and few have a question. */
static void end_healthy(struct watcher *watcher, struct fl_watch *watch)
{
	for (size_t i = 0; i < watcher->n_of_all; i++) {
		watch->detector = detectors[watcher->of_all[i]];
		watch->detector->on_end(watch);
	}
}

void watcher_end(struct watcher *watcher, struct fl_flow *flow, int64_t now)
{
	struct host host = { .watcher = watcher, .flow = flow };
	struct fl_watch watch = { .flow = flow, .settings = watcher->settings, .now = now, .host = &host };
	size_t state_at = 0;

	if (!flow->sick) {
		end_healthy(watcher, &watch);
		return;
	}
	for (size_t i = 0; i < n_detectors; i++) {
		struct block *block = block_of(flow);

		watch.detector = detectors[i];
		watch.state = block && watch.detector->state_size > 0 ? (char *)block->states + state_at : NULL;
		if (watch.detector->on_end)
			watch.detector->on_end(&watch);
		state_at += aligned(watch.detector->state_size);
	}
}

const struct fl_finding *watcher_findings(const struct fl_flow *flow, size_t *ret_count)
{
	const struct block *block = block_of(flow);

	*ret_count = block ? block->n_findings : 0;
	return block ? block->findings : NULL;
}

void watcher_drop(struct fl_flow *flow)
{
	struct block *block = block_of(flow);

	if (!block)
		return;
	fl_wheel_disarm(&block->alarm);
	free(block);
	flow->sick->watch = NULL; /* its bytes stay counted: this is the end */
}

void watcher_forget(struct fl_flow *flow)
{
	struct block *block = block_of(flow);

	if (block)
		fl_wheel_disarm(&block->alarm);
}
