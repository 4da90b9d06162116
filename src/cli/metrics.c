/* The capture's thread counts and makes the pages; two other threads bring them to the disk and to clients. */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "flatline/error.h"
#include "flatline/metrics.h"
#include "flatline/text.h"
#include "flatline/time.h"
#include "metrics_file.h"
#include "metrics_http.h"

static const int64_t file_every = 5 * FL_NS_PER_S;
static const int64_t count_every = 2 * FL_NS_PER_S;
static const int64_t lag_window = 5 * FL_NS_PER_S;

struct metrics {
	const struct options *options;
	struct fl_metrics numbers;
	struct fl_metrics_verdict *verdicts; /* those of `numbers` */
	size_t last_verdict;                 /* most are as the one before */
	size_t *topics;                      /* the index of each among all topics */
	size_t n_topics;
	uint64_t (*open)[FL_SEVERITIES]; /* by topic */
	int64_t counted_at;
	struct fl_metrics_interface interfaces[FL_LIVE_DEVICES];
	struct metrics_file *file; /* NULL without */
	struct metrics_http *http; /* NULL without */
	struct fl_text page;
	int64_t file_at;           /* when its last page was made */
	int64_t lag_since, lag[2]; /* the highest of this window, and of the one before */
	int trouble_told;          /* errno */
	char trouble[512];
};

static bool list_verdicts(struct metrics *metrics)
{
	struct fl_metrics *numbers = &metrics->numbers;
	struct fl_topic topic;

	while (fl_topic_at(metrics->n_topics, &topic))
		metrics->n_topics++;
	metrics->verdicts = calloc(metrics->n_topics, sizeof(*metrics->verdicts));
	metrics->topics = calloc(metrics->n_topics, sizeof(*metrics->topics));
	metrics->open = calloc(metrics->n_topics, sizeof(*metrics->open));
	numbers->verdicts = metrics->verdicts;
	if (!metrics->verdicts || !metrics->topics || !metrics->open)
		return false;
	for (size_t i = 0; fl_topic_at(i, &topic); i++) {
		if (topic.kind != FL_TOPIC_VERDICT)
			continue;
		metrics->topics[numbers->n_verdicts] = i;
		metrics->verdicts[numbers->n_verdicts++] = (struct fl_metrics_verdict){ .id = topic.id,
			                                                                .worst = topic.worst };
	}
	return true;
}

struct metrics *metrics_new(const struct options *options, int64_t now, struct fl_error *reterr)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics || !list_verdicts(metrics)) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		metrics_free(metrics, 0);
		return NULL;
	}
	metrics->options = options;
	metrics->numbers.version = PACKAGE_VERSION;
	metrics->numbers.started = now;
	metrics->numbers.least = options->min_severity;
	metrics->numbers.memory_limit = options->memory;
	metrics->numbers.interfaces = metrics->interfaces;
	fl_text_init(&metrics->page);
	if (options->metrics)
		metrics->file = metrics_file_open(options->metrics, reterr);
	if (options->metrics_listen && (metrics->file || !options->metrics))
		metrics->http = metrics_http_open(options->metrics_listen, reterr);
	if ((options->metrics && !metrics->file) || (options->metrics_listen && !metrics->http)) {
		metrics_free(metrics, 0);
		return NULL;
	}
	return metrics;
}

bool metrics_start(struct metrics *metrics, struct fl_error *reterr)
{
	return (!metrics->file || metrics_file_start(metrics->file, reterr)) &&
	       (!metrics->http || metrics_http_start(metrics->http, reterr));
}

void metrics_free(struct metrics *metrics, int patience_ms)
{
	if (!metrics)
		return;
	metrics_http_free(metrics->http);
	metrics_file_free(metrics->file, patience_ms);
	fl_text_deinit(&metrics->page);
	free(metrics->verdicts);
	free(metrics->topics);
	free(metrics->open);
	free(metrics);
}

/* Every verdict is a topic. */
static struct fl_metrics_verdict *verdict_of(struct metrics *metrics, const struct fl_account *account)
{
	if (strcmp(metrics->verdicts[metrics->last_verdict].id, account->verdict.id) != 0) {
		for (size_t i = 0; i < metrics->numbers.n_verdicts; i++) {
			if (strcmp(metrics->verdicts[i].id, account->verdict.id) == 0)
				metrics->last_verdict = i;
		}
	}
	return &metrics->verdicts[metrics->last_verdict];
}

void metrics_event(struct metrics *metrics, const struct fl_event *event)
{
	metrics->numbers.events[event->kind]++;
	if (event->kind == FL_EVENT_FOUND || event->kind == FL_EVENT_CHANGED)
		verdict_of(metrics, event->account)->told[event->account->verdict.severity]++;
}

void metrics_frames(struct metrics *metrics, int64_t newest, int64_t now)
{
	if (now - newest > metrics->lag[0])
		metrics->lag[0] = now - newest;
}

void metrics_looked(struct metrics *metrics, int64_t took)
{
	metrics->numbers.look = took;
}

/* Goes through all connections: seldom. */
static void take_open(struct metrics *metrics, const struct fl_engine *engine)
{
	struct fl_metrics *numbers = &metrics->numbers;

	fl_engine_open(engine, metrics->n_topics, metrics->open);
	memset(numbers->open, 0, sizeof(numbers->open));
	for (size_t i = 0; i < numbers->n_verdicts; i++) {
		const uint64_t *open = metrics->open[metrics->topics[i]];

		metrics->verdicts[i].open = 0;
		for (int severity = 0; severity < FL_SEVERITIES; severity++) {
			metrics->verdicts[i].open += open[severity];
			numbers->open[severity] += open[severity];
		}
	}
}

static void take_interfaces(struct metrics *metrics, struct fl_live *live)
{
	size_t count;
	const struct fl_live_device *devices = fl_live_devices(live, &count);

	metrics->numbers.n_interfaces = count;
	for (size_t i = 0; i < count; i++)
		metrics->interfaces[i] = (struct fl_metrics_interface){ .name = devices[i].name,
			                                                .frames = devices[i].frames,
			                                                .drops = devices[i].drops,
			                                                .is_up = devices[i].is_open };
}

/* Also when the clock was set back. */
static bool is_over(int64_t since, int64_t length, int64_t now)
{
	return now < since || now - since >= length;
}

static void take_lag(struct metrics *metrics, int64_t now)
{
	metrics->numbers.lag = metrics->lag[metrics->lag[1] > metrics->lag[0]];
	if (!is_over(metrics->lag_since, lag_window, now))
		return;
	metrics->lag_since = now;
	metrics->lag[1] = metrics->lag[0];
	metrics->lag[0] = 0;
}

static bool make_page(struct metrics *metrics, enum fl_metrics_format format)
{
	fl_text_clear(&metrics->page);
	fl_metrics_write(&metrics->page, &metrics->numbers, format);
	if (!metrics->page.failed)
		return true;
	fl_text_deinit(&metrics->page); /* the next may find memory */
	return false;
}

static void publish_file(struct metrics *metrics, int64_t now)
{
	metrics->file_at = now;
	if (make_page(metrics, FL_METRICS_TEXT))
		metrics_file_put(metrics->file, fl_text_get(&metrics->page), metrics->page.length);
}

void metrics_publish(struct metrics *metrics, const struct metrics_sources *sources, bool is_last)
{
	struct fl_metrics *numbers = &metrics->numbers;
	struct fl_engine_counters counters;

	if (!metrics->file && !metrics->http)
		return;
	fl_engine_counters(sources->engine, &counters);
	numbers->last_frame = sources->last;
	numbers->frames = sources->frames;
	numbers->tcp_packets = counters.tcp_packets;
	numbers->seen = counters.flows;
	numbers->evicted = counters.evicted;
	numbers->memory = counters.memory;
	numbers->output_dropped = queue_dropped(sources->queue);
	take_interfaces(metrics, sources->live);
	take_lag(metrics, sources->now);
	if (is_last || is_over(metrics->counted_at, count_every, sources->now)) {
		metrics->counted_at = sources->now;
		take_open(metrics, sources->engine);
	}
	for (int format = FL_METRICS_TEXT; metrics->http && format <= FL_METRICS_OPENMETRICS; format++) {
		if (make_page(metrics, format))
			metrics_http_put(metrics->http, format, fl_text_get(&metrics->page), metrics->page.length);
	}
	if (metrics->file && (is_last || is_over(metrics->file_at, file_every, sources->now)))
		publish_file(metrics, sources->now);
}

const char *metrics_trouble(struct metrics *metrics)
{
	int problem = metrics->file ? metrics_file_problem(metrics->file) : 0;
	bool is_news = problem && !metrics->trouble_told;
	struct fl_error error;

	metrics->trouble_told = problem;
	if (!is_news)
		return NULL;
	fl_error_set(&error, metrics->options->metrics, 0, "the metrics cannot be written: %s", strerror(problem));
	return fl_error_text(&error, metrics->trouble, sizeof(metrics->trouble));
}
