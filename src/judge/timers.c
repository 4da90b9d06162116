/* The kernel's hand in words: after what times it tried again, whether it gave up and when, and which settings would
 * have made it do just that. */
#include "timers.h"

#include <inttypes.h>
#include <string.h>

#include "flatline/text.h"
#include "flatline/time.h"
#include "knobs.h"

enum { told_gaps = 6 };

static int64_t length_of(const struct fl_series *series)
{
	return (series->over_at != FL_TIME_NONE ? series->over_at : series->last_at) - series->sent_at;
}

/* What lasts before what is over, and of what lasts data before the rest; of a flow that suffered what it suffered.
 * What was repeated although it had been ACKed lasts only when it goes on and on. */
static int rank_of(const struct fl_series *series, bool is_past)
{
	const uint32_t enough = 3;
	bool is_over = series->over_at != FL_TIME_NONE || (series->is_acked && series->repeats < enough);

	if (series->kind == FL_SERIES_NONE)
		return 0;
	if (is_over)
		return is_past && series->over_at != FL_TIME_NONE ? 4 : 1;
	return series->kind == FL_SERIES_DATA ? 3 : 2;
}

/* The series that is told: the longest of the highest rank. */
static const struct fl_series *told_series(const struct fl_trouble *trouble, bool is_past, unsigned *ret_dir)
{
	const struct fl_series *best = NULL;

	for (unsigned dir = 0; dir < 2; dir++) {
		const struct fl_series *all[] = { &trouble->now[dir], &trouble->worst[dir], &trouble->connect[dir] };

		for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			int rank = rank_of(all[i], is_past), so_far = best ? rank_of(best, is_past) : 0;

			if (rank < so_far || rank == 0 || (rank == so_far && length_of(all[i]) <= length_of(best)))
				continue;
			best = all[i];
			*ret_dir = dir;
		}
	}
	return best;
}

static void tell_gaps(struct fl_text *text, const struct fl_series *series)
{
	uint32_t count = series->repeats < FL_STEPS ? series->repeats : FL_STEPS;
	bool has_probe = fl_series_begins_with_tlp(series) == 1;
	char length[FL_TIME_TEXT];

	for (uint32_t i = 0; i < count; i++) {
		if (count > told_gaps && i == told_gaps - 2)
			fl_text_add(text, ", ...");
		if (count > told_gaps && i >= told_gaps - 2 && i + 2 < count)
			continue;
		fl_text_add(text, "%s%s%s", i ? ", " : "", fl_duration_text(series->gap_us[i] * FL_NS_PER_US, length),
		            i == 0 && has_probe ? " (a tail loss probe)" : "");
	}
}

static bool is_named(const struct fl_knob *knob, const char *name)
{
	return strcmp(knob->name, name) == 0;
}

static const struct fl_knob *knob_of(const struct fl_timers *timers, const char *name)
{
	for (size_t i = 0; i < timers->n_knobs; i++) {
		if (is_named(&timers->knobs[i], name))
			return &timers->knobs[i];
	}
	return NULL;
}

/* Gaps that follow a known schedule: ", doubled each time". SYNs have one for each age of Linux. */
static const char *schedule_of(const struct fl_series *series, const struct fl_timers *timers)
{
	const uint32_t first_of_old = 2800000; /* us: an initial RTO of 3 s */
	uint32_t count = series->repeats < FL_STEPS ? series->repeats : FL_STEPS;
	uint32_t from = fl_series_begins_with_tlp(series) == 1;
	const struct fl_knob *linear = knob_of(timers, "tcp_syn_linear_timeouts");
	bool doubles = true, is_flat = true;

	if (series->kind == FL_SERIES_SYN && series->gap_us[0] >= first_of_old)
		return ", as systems do whose first timer is 3 s (Linux before 3.1, old Windows)";
	if (linear && linear->at_least == linear->at_most)
		return linear->at_least == 0 ? ", as Linux did before 6.5 (tcp_syn_linear_timeouts = 0)"
		                             : ", as Linux does since 6.5";
	if (count < from + 3)
		return "";
	for (uint32_t i = from + 1; i < count; i++) {
		uint64_t before = series->gap_us[i - 1], gap = series->gap_us[i];

		doubles &= gap * 4 >= before * 7 && gap * 4 <= before * 10;
		is_flat &= gap * 10 >= before * 8 && gap * 10 <= before * 12;
	}
	return doubles ? ", doubled each time" : is_flat ? ", without growing" : "";
}

static void tell_bound(struct fl_text *text, const struct fl_knob *knob, int64_t value)
{
	char length[FL_TIME_TEXT];

	if (is_named(knob, "TCP_USER_TIMEOUT"))
		fl_text_add(text, "%s", fl_duration_text(value * FL_NS_PER_MS, length));
	else
		fl_text_add(text, "%" PRId64, value);
}

/* "tcp_retries2 is 5", "tcp_retries2 is 3 to 5", "TCP_USER_TIMEOUT is above 6.2 s" */
static void tell_knob(struct fl_text *text, const struct fl_knob *knob)
{
	bool is_time = is_named(knob, "TCP_USER_TIMEOUT");

	fl_text_add(text, "%s is ", knob->name);
	if (knob->at_most == FL_KNOB_OPEN) {
		fl_text_add(text, is_time ? "above " : "at least ");
		tell_bound(text, knob, knob->at_least);
		return;
	}
	tell_bound(text, knob, knob->at_least);
	if (knob->at_most != knob->at_least) {
		fl_text_add(text, " to ");
		tell_bound(text, knob, knob->at_most);
	}
}

/* Of settings that exclude each other one acted; those of SYNs act together. An application's close ends SYNs, and not
 * data. */
static void tell_knobs(struct fl_text *text, const struct fl_timers *timers, bool is_connecting)
{
	const char *between = "";

	for (size_t i = 0; i < timers->n_knobs; i++) {
		const struct fl_knob *knob = &timers->knobs[i];

		fl_text_add(text, "%s", between);
		if (is_named(knob, "tcp_orphan_retries"))
			fl_text_add(text, "the application had closed it and ");
		tell_knob(text, knob);
		between = is_named(knob, "tcp_syn_retries") ? " and " : ", or ";
	}
	if (is_connecting)
		fl_text_add(text, ", or the application gave up");
}

static void tell_end(struct fl_text *text, const struct fl_series *series, int64_t until, struct fl_timers *timers)
{
	bool is_syn = series->kind == FL_SERIES_SYN;
	const char *usual = is_syn ? "tcp_syn_retries = 6" : "tcp_retries2 = 15";
	char from[FL_TIME_TEXT], to[FL_TIME_TEXT];
	bool is_close = series->kind == FL_SERIES_FIN; /* its limit is another */
	int64_t least, most, gives_up = is_close ? FL_TIME_NONE : knobs_gives_up(series, is_syn ? 6 : 15);
	bool has_stopped = series->over_at == FL_TIME_NONE && !series->is_reset && fl_series_stopped(series, until);

	fl_series_next(series, &least, &most);
	if (has_stopped) {
		fl_text_add(text, ". It sent nothing more, and gave up without a word, between %s and %s",
		            fl_time_of_day(series->last_at, true, from), fl_time_of_day(most, true, to));
		if (timers->n_knobs > 0) {
			fl_text_add(text, ": ");
			tell_knobs(text, timers, series->kind != FL_SERIES_DATA);
		}
	} else if (series->is_reset) {
		fl_text_add(text, ", until an RST ended it at %s", fl_time_of_day(series->reset_at, true, from));
	} else if (series->over_at != FL_TIME_NONE) {
		fl_text_add(text, ", until it was ACKed at %s", fl_time_of_day(series->over_at, true, from));
	} else if (gives_up != FL_TIME_NONE && gives_up <= until) {
		fl_text_add(text,
		            ". All repeats of the default %s were sent: such a kernel gives up at about %s, without a "
		            "packet",
		            usual, fl_time_of_day(gives_up, true, from));
	} else {
		fl_text_add(text,
		            ". Nothing shows that it had given up when the capture ended: the next repeat is due by %s",
		            fl_time_of_day(most, true, to));
		if (gives_up != FL_TIME_NONE)
			fl_text_add(text, ", and with the default %s it gives up at about %s", usual,
			            fl_time_of_day(gives_up, true, from));
	}
}

/* Who gave up: a new connection while the old one is still repeated is the application's doing, one that comes just
 * when the next repeat was due is what it did when its kernel had told it. */
static void tell_reconnect(const struct hearing *hearing, const struct fl_series *series, unsigned dir,
                           const struct neighbours *neighbours, struct fl_text *text)
{
	bool is_answered;
	char time[FL_TIME_TEXT];
	int64_t least, most, again;

	if (dir != hearing->client || series->over_at != FL_TIME_NONE || series->kind != FL_SERIES_DATA)
		return;
	again = neighbours_next_try(neighbours, hearing->flow, series->sent_at + FL_NS_PER_S, &is_answered);
	fl_series_next(series, &least, &most);
	if (again == FL_TIME_NONE)
		return;
	if (again < series->last_at)
		fl_text_add(text,
		            ". The application did not wait for that: it connected anew at %s, while its kernel "
		            "still repeated the old data",
		            fl_time_of_day(again, true, time));
	else if (again <= most)
		fl_text_add(text,
		            ". The client connected anew at %s, %s the next repeat was due: its kernel had "
		            "given up, or its application",
		            fl_time_of_day(again, true, time), again < least ? "before" : "when");
}

/* A sender whose next hop answers no ARP sends nothing that a capture could show: its timers run on behind that. */
static bool is_hidden(const struct hearing *hearing, const struct fl_series *series, unsigned dir)
{
	const struct fl_judge_settings *settings = &hearing->judge->settings;
	struct fl_address sender;
	uint16_t port;

	fl_flow_endpoint(hearing->flow, dir, &sender, &port);
	for (size_t i = 0; i < settings->n_unresolved; i++) {
		const struct fl_unresolved *item = &settings->unresolved[i];

		if (fl_address_equal(&item->asker, &sender) && item->last_at >= series->last_at)
			return true;
	}
	return false;
}

bool timers_tell(const struct hearing *hearing, struct fl_account *account)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(hearing->flow);
	unsigned dir = 0;
	const struct fl_series *series = trouble ? told_series(trouble, account->verdict.is_over, &dir) : NULL;
	const struct neighbours *neighbours;
	int64_t until = hearing->judge->settings.observed_until;
	static const char *const names[] = { "it", "its SYN", "its SYN-ACK", "the oldest segment", "its FIN" };
	struct fl_text text;

	if (!series)
		return true;
	neighbours = judge_neighbours(hearing->judge);
	if (!neighbours)
		return false;
	if (is_hidden(hearing, series, dir))
		until = series->last_at;
	knobs_find(series, until, hearing->flow->marks & FL_MARK_ICMP, &account->timers);
	fl_text_init(&text);
	fl_text_add(&text, "The %s's kernel sent %s again after ", fl_side_name(side_of(hearing, dir)),
	            names[series->kind]);
	tell_gaps(&text, series);
	fl_text_add(&text, "%s", schedule_of(series, &account->timers));
	if (series->kind == FL_SERIES_SYN && (hearing->flow->marks & FL_MARK_ICMP))
		fl_text_add(&text, ", and was told by ICMP that it is in vain");
	else
		tell_end(&text, series, until, &account->timers);
	tell_reconnect(hearing, series, dir, neighbours, &text);
	fl_text_add(&text, ".");
	if (text.failed) {
		fl_text_deinit(&text);
		return false;
	}
	account->kernel_says = text.data;
	return account->verdict.severity == FL_OK || words_add(&account->story, "%s", account->kernel_says);
}
