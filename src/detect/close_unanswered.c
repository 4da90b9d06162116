/* A FIN that nobody ACKs: all data had been delivered, and then the other host, or the path to it, was gone (RFC 9293
 * section 3.6; Linux gives an orphan up after tcp_orphan_retries). */
#include "flatline/detect.h"

static const char first_fin[] = "{other} closes (FIN); never ACKed";
static const char last_again[] = "FIN for the last time: {repeats} {repeats?repeat:repeats} in {tried}";

static void consider(struct fl_watch *watch, unsigned dir, const struct fl_series *series)
{
	const struct fl_settings *settings = watch->settings;
	struct fl_finding *finding;
	int64_t first;

	if (!fl_series_is_in_vain(series, FL_SERIES_FIN) || (watch->flow->end[!dir].seen & FL_SEEN_ZERO_WINDOW))
		return;
	finding = fl_watch_finding(watch, !dir);
	if (!finding)
		return;
	finding->onset = series->sent_at;
	finding->onset_frame = series->sent_frame;
	finding->until = series->last_at;
	fl_finding_set(finding, "repeats", FL_UNIT_COUNT, series->repeats);
	fl_finding_set(finding, "rtos", FL_UNIT_COUNT, fl_series_rtos(series, &first));
	fl_finding_set(finding, "tried", FL_UNIT_DURATION, series->last_at - series->sent_at);
	if (!fl_series_is_long(series, watch->now, settings->value[FL_SET_DATA_TRIES],
	                       settings->value[FL_SET_DATA_TRIES_FOR]))
		fl_finding_set(finding, "too_few", FL_UNIT_COUNT, series->repeats);
	fl_finding_show(finding, first_fin, dir, series->sent_file, series->sent_frame, series->sent_at);
	fl_finding_show(finding, last_again, dir, series->last_file, series->last_frame, series->last_at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(watch->flow);

	for (unsigned dir = 0; trouble && dir < 2; dir++)
		consider(watch, dir, &trouble->now[dir]);
}

static const enum fl_setting_id params[] = { FL_SET_DATA_TRIES, FL_SET_DATA_TRIES_FOR };

const struct fl_detector fl_detector_close_unanswered = {
	.id = "close-unanswered",
	.title = "a FIN is repeated and never ACKed; all data had been delivered",
	.explain =
		"One side closed, and its FIN is repeated by the timer without an ACK. Everything before it was ACKed, "
		"so "
		"nothing is lost; the other host or the path to it is gone. The kernel gives up "
		"after tcp_orphan_retries (0 stands for 8: about 100 s).\nThree repeats by the timer over a second, or "
		"two over five, make it a notice.",
	.lookalikes = "Data that waits with the FIN makes it peer-vanished. A closed window keeps the FIN back.",
	.advice = "Nothing was lost on this connection. Where it happens to many at once, see what became of that host "
		  "or "
		  "path at the onset.",
	.reference = "RFC 9293 section 3.6; Linux tcp_orphan_retries",
	.summary =
		"The {other}'s FIN was never ACKed, though its kernel sent it {repeats} {repeats?time:times} more over "
		"{tried}: the {side}'s host, or the path to it, is gone. All data had been delivered.",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.on_end = on_end,
	.is_of_sick = true,
};
