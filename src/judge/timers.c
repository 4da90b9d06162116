/* The kernel's hand in words: after what times it tried again, whether it gave up and when, and which settings would
 * have made it do just that. */
#include "timers.h"

#include <inttypes.h>
#include <string.h>

#include "flatline/text.h"
#include "flatline/time.h"
#include "knobs.h"
#include "probes.h"

enum { told_gaps = 6 };

static int64_t length_of(const struct fl_series *series)
{
	return (series->over_at != FL_TIME_NONE ? series->over_at : series->last_at) - series->sent_at;
}

/* A SYN that comes again when the connection is made is none of its handshake's: the same packets, captured anew. */
static bool is_echo(const struct fl_flow *flow, const struct fl_series *series)
{
	return series->kind == FL_SERIES_SYN && series->over_at == FL_TIME_NONE &&
	       (flow->end[0].seen & flow->end[1].seen & FL_SEEN_SYN);
}

/* What lasts before what is over, and of what lasts data before the rest; of a flow that suffered what it suffered.
 * What was repeated although it had been ACKed lasts only when it goes on and on. */
static int rank_of(const struct fl_flow *flow, const struct fl_series *series, bool is_past)
{
	const uint32_t enough = 3;
	bool is_over = series->over_at != FL_TIME_NONE || (series->is_acked && series->repeats < enough);

	if (series->kind == FL_SERIES_NONE || is_echo(flow, series))
		return 0;
	if (is_over)
		return is_past && series->over_at != FL_TIME_NONE ? 4 : 1;
	return series->kind == FL_SERIES_DATA ? 3 : 2;
}

/* The series that is told: the longest of the highest rank. */
static const struct fl_series *told_series(const struct fl_flow *flow, bool is_past, unsigned *ret_dir)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	const struct fl_series *best = NULL;

	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		const struct fl_series *all[] = { &trouble->now[dir], &trouble->worst[dir], &trouble->connect[dir] };

		for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			int rank = rank_of(flow, all[i], is_past), so_far = best ? rank_of(flow, best, is_past) : 0;

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
		fl_text_add(text, "%s%s%s%s", i ? ", " : "", series->gap_us[i] == UINT32_MAX ? "more than " : "",
		            fl_duration_text(series->gap_us[i] * FL_NS_PER_US, length),
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

/* How the gaps grow, of three at least; Linux doubles them up to two minutes (TCP_RTO_MAX). */
static void find_growth(const struct fl_series *series, bool *ret_doubles, bool *ret_is_capped, bool *ret_is_flat)
{
	const uint64_t least_cap = 115000000, most_cap = 130000000; /* us */
	uint32_t count = series->repeats < FL_STEPS ? series->repeats : FL_STEPS;
	uint32_t from = fl_series_begins_with_tlp(series) == 1;

	*ret_doubles = *ret_is_flat = count >= from + 3;
	*ret_is_capped = false;
	for (uint32_t i = from + 1; i < count; i++) {
		uint64_t before = series->gap_us[i - 1], gap = series->gap_us[i];
		bool is_doubled = gap * 4 >= before * 7 && gap * 4 <= before * 10;
		bool is_at_cap = gap >= least_cap && gap <= most_cap && before * 2 >= least_cap && before <= most_cap;

		*ret_is_capped |= is_at_cap && !is_doubled;
		*ret_doubles &= is_doubled || is_at_cap;
		*ret_is_flat &= gap * 10 >= before * 8 && gap * 10 <= before * 12;
	}
}

/* Gaps that follow a known schedule: ", doubled each time". SYNs have one for each age of Linux. */
static const char *schedule_of(const struct fl_series *series, const struct fl_timers *timers)
{
	const uint32_t least_of_old = 2800000, most_of_old = 3600000; /* us: an initial RTO of 3 s */
	const struct fl_knob *linear = knob_of(timers, "tcp_syn_linear_timeouts");
	bool doubles, is_capped, is_flat;

	if (series->kind == FL_SERIES_SYN && series->gap_us[0] >= least_of_old && series->gap_us[0] <= most_of_old)
		return ", as systems do whose first timer is 3 s (Linux before 3.1, old Windows)";
	if (linear && linear->at_least == linear->at_most)
		return linear->at_least == 0 ? ", as Linux did before 6.5 (tcp_syn_linear_timeouts = 0)"
		                             : ", as Linux does since 6.5";
	find_growth(series, &doubles, &is_capped, &is_flat);
	if (is_flat)
		return ", without growing";
	return !doubles ? "" : is_capped ? ", doubled each time up to two minutes" : ", doubled each time";
}

/* What a setting is called, per socket where that has a name of its own, and what it counts. */
static const struct term {
	const char *name, *also;
	int64_t unit; /* ns; 0: a number */
} terms[] = { { "TCP_USER_TIMEOUT", NULL, FL_NS_PER_MS },
	      { "tcp_rto_max_ms", NULL, FL_NS_PER_MS },
	      { "tcp_keepalive_time", "TCP_KEEPIDLE", FL_NS_PER_S },
	      { "tcp_keepalive_intvl", "TCP_KEEPINTVL", FL_NS_PER_S },
	      { "tcp_keepalive_probes", "TCP_KEEPCNT", 0 },
	      { "tcp_fin_timeout", "TCP_LINGER2", FL_NS_PER_S } };

static struct term term_of(const struct fl_knob *knob)
{
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		if (is_named(knob, terms[i].name))
			return terms[i];
	}
	return (struct term){ knob->name, NULL, 0 };
}

static void tell_bound(struct fl_text *text, const struct term *term, int64_t value)
{
	char length[FL_TIME_TEXT];

	if (term->unit == FL_NS_PER_MS)
		fl_text_add(text, "%s", fl_duration_text(value * term->unit, length));
	else
		fl_text_add(text, "%" PRId64 "%s", value, term->unit ? " s" : "");
}

/* "tcp_retries2 is 5", "tcp_retries2 is 3 to 5", "TCP_USER_TIMEOUT is above 6.2 s" */
static void tell_knob(struct fl_text *text, const struct fl_knob *knob)
{
	struct term term = term_of(knob);

	fl_text_add(text, "%s%s%s%s is ", term.name, term.also ? " (" : "", term.also ? term.also : "",
	            term.also ? ")" : "");
	if (knob->at_most == FL_KNOB_OPEN) {
		fl_text_add(text, term.unit == FL_NS_PER_MS ? "above " : "at least ");
		tell_bound(text, &term, knob->at_least);
		return;
	}
	if (knob->at_least == FL_KNOB_OPEN) {
		fl_text_add(text, "at most ");
	} else if (knob->at_most != knob->at_least) {
		tell_bound(text, &term, knob->at_least);
		fl_text_add(text, " to ");
	}
	tell_bound(text, &term, knob->at_most);
}

/* What stands before a setting, and when it is the one that acted. */
static const char *lead_of(const struct fl_knob *knob, unsigned kind)
{
	if (is_named(knob, "tcp_orphan_retries") && kind == FL_SERIES_DATA)
		return "the application had closed it and ";
	if (is_named(knob, "tcp_retries2") && kind == FL_SERIES_FIN)
		return "the application only shut down its sending side and ";
	return "";
}

/* Of settings that exclude each other one acted; those of SYNs act together, and so do those of keepalives. */
static const char *between(const struct fl_knob *knob, const struct fl_knob *next)
{
	if (is_named(next, "TCP_USER_TIMEOUT"))
		return ", or ";
	if (is_named(knob, "tcp_keepalive_time") || is_named(knob, "tcp_keepalive_intvl"))
		return ", ";
	return is_named(knob, "tcp_syn_retries") ? " and " : ", or ";
}

void timers_tell_knobs(struct fl_text *text, const struct fl_timers *timers, unsigned kind)
{
	for (size_t i = 0; i < timers->n_knobs; i++) {
		const struct fl_knob *knob = &timers->knobs[i];

		fl_text_add(text, "%s%s", i > 0 ? between(knob - 1, knob) : "", lead_of(knob, kind));
		tell_knob(text, knob);
	}
	/* An application's close ends SYNs, and not data. */
	if (kind == FL_SERIES_SYN)
		fl_text_add(text, ", or the application gave up");
	else if (kind == FL_SERIES_SYN_ACK && timers->n_knobs > 0 && timers->knobs[0].at_most == FL_KNOB_OPEN)
		fl_text_add(text, " (a listener with much to do sends fewer than that, but two)");
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
			timers_tell_knobs(text, timers, series->kind);
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

/* A server also answers each SYN that came again, and that starts its timer anew. */
static bool is_servers_own(const struct hearing *hearing, unsigned dir)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(hearing->flow);

	return hearing->flow->end[!dir].packets > 0 && trouble->now[!dir].kind != FL_SERIES_SYN &&
	       trouble->connect[!dir].kind != FL_SERIES_SYN;
}

/* Nothing of the one who would ACK it was captured; only of SYNs it is known that no answer came. */
static bool is_unheard(const struct fl_flow *flow, const struct fl_series *series, unsigned dir)
{
	return series->kind != FL_SERIES_SYN && flow->end[!dir].packets == 0;
}

/* Without ACKs it is not known which bytes were the oldest, and so not which of the repeats are one series. */
static void tell_unheard(const struct hearing *hearing, unsigned dir, struct fl_text *text)
{
	uint32_t count = hearing->flow->end[dir].retransmissions;

	fl_text_add(text, "The %s's kernel sent %u %s again: whether anything was ACKed was not captured",
	            fl_side_name(side_of(hearing, dir)), count, count == 1 ? "segment" : "segments");
}

/* Until when the timers of that series are seen, and not only what became of them. */
static int64_t seen_until(const struct hearing *hearing, const struct fl_series *series, unsigned dir)
{
	bool is_refused = series->kind == FL_SERIES_SYN && (hearing->flow->marks & FL_MARK_ICMP);

	return is_hidden(hearing, series, dir) || is_refused ? series->last_at
	                                                     : hearing->judge->settings.observed_until;
}

bool timers_gave_up(const struct hearing *hearing, int64_t *ret_from, int64_t *ret_to)
{
	unsigned dir = 0;
	const struct fl_series *series = told_series(hearing->flow, false, &dir);
	bool lasts = series && series->over_at == FL_TIME_NONE;
	int64_t least;

	if (!lasts && probes_gave_up(hearing, ret_from, ret_to))
		return true;
	if (!series || rank_of(hearing->flow, series, false) < 2 || is_unheard(hearing->flow, series, dir) ||
	    series->kind == FL_SERIES_SYN_ACK || series->is_reset ||
	    !fl_series_stopped(series, seen_until(hearing, series, dir)))
		return false;
	*ret_from = series->last_at;
	fl_series_next(series, &least, ret_to);
	return true;
}

/* The same for those who draw it. */
static void list_attempts(const struct hearing *hearing, const struct fl_series *series, unsigned dir, int64_t until,
                          struct fl_attempts *ret_attempts)
{
	static const char *const names[] = { NULL, "SYN", "SYN-ACK", "data", "FIN" };
	const unsigned usual_syn = 6, usual_data = 15;
	int64_t at = series->sent_at, least;
	bool is_capped, is_flat;

	*ret_attempts = (struct fl_attempts){ .what = names[series->kind],
		                              .side = side_of(hearing, dir),
		                              .repeats = series->repeats,
		                              .begins_with_probe = fl_series_begins_with_tlp(series) == 1,
		                              .over_at = series->is_reset ? series->reset_at : series->over_at,
		                              .gives_up = FL_TIME_NONE,
		                              .stopped_by = FL_TIME_NONE };
	find_growth(series, &ret_attempts->doubles, &is_capped, &is_flat);
	ret_attempts->doubles &= !is_flat;
	for (size_t i = 0;; i++) {
		ret_attempts->at[ret_attempts->n++] = at;
		if (i >= series->repeats || i >= FL_STEPS || series->gap_us[i] == UINT32_MAX)
			break;
		at += series->gap_us[i] * FL_NS_PER_US;
	}
	if (ret_attempts->over_at != FL_TIME_NONE)
		return;
	ret_attempts->has_stopped = fl_series_stopped(series, until);
	if (ret_attempts->has_stopped)
		fl_series_next(series, &least, &ret_attempts->stopped_by);
	else if (series->kind == FL_SERIES_SYN || series->kind == FL_SERIES_DATA)
		ret_attempts->gives_up = knobs_gives_up(series, series->kind == FL_SERIES_SYN ? usual_syn : usual_data);
}

static void tell_series(const struct hearing *hearing, const struct fl_series *series, unsigned dir,
                        const struct neighbours *neighbours, struct fl_text *text, struct fl_timers *ret_timers)
{
	static const char *const names[] = { "it", "its SYN", "its SYN-ACK", "the oldest segment", "its FIN" };
	int64_t until = seen_until(hearing, series, dir);
	bool is_refused = series->kind == FL_SERIES_SYN && (hearing->flow->marks & FL_MARK_ICMP);

	knobs_find(series, until, hearing->flow->marks & FL_MARK_ICMP, ret_timers);
	list_attempts(hearing, series, dir, until, &ret_timers->attempts);
	if (series->kind == FL_SERIES_SYN_ACK && !is_servers_own(hearing, dir))
		ret_timers->n_knobs = 0;
	fl_text_add(text, "The %s's kernel sent %s again after ", fl_side_name(side_of(hearing, dir)),
	            names[series->kind]);
	tell_gaps(text, series);
	fl_text_add(text, "%s", schedule_of(series, ret_timers));
	if (is_refused)
		fl_text_add(text, ", and was told by ICMP that it is in vain");
	else if (series->over_at == FL_TIME_NONE && is_hidden(hearing, series, dir))
		fl_text_add(
			text,
			". Later repeats could not leave the host, since nobody answers for the address: whether its "
			"kernel gave up is not to be seen");
	else
		tell_end(text, series, until, ret_timers);
	tell_reconnect(hearing, series, dir, neighbours, text);
}

/* How long after its FIN, which was ACKed, the closer's kernel knew no such connection any more, ns; 0 where nothing
 * shows it. Data would be refused before that, too (KERNEL k2): only a FIN, or a probe, tells. */
static int64_t forgotten_after(const struct hearing *hearing, unsigned *ret_dir)
{
	const struct fl_flow *flow = hearing->flow;
	const struct fl_ending *ending = fl_tcp_ending(flow);
	unsigned closer = !fl_tcp_closed_first(flow, 0);

	if (!ending || ending->dir != closer || !(flow->end[closer].seen & FL_SEEN_FIN) ||
	    !(ending->classes & FL_SEG_RST_NO_SOCKET) ||
	    (ending->classes & (FL_SEG_RST_IGNORED | FL_SEG_RST_FOREIGN)) || ending->waiting[!closer] > 0 ||
	    fl_tcp_outstanding(flow, closer) > 0)
		return 0;
	*ret_dir = closer;
	return ending->at - flow->cold->fin_at;
}

/* The hand of one kernel. True when that is what lasts, and no series that is over. */
static bool tell_hand(const struct hearing *hearing, bool is_past, const struct neighbours *neighbours,
                      struct fl_text *text, struct fl_timers *ret_timers)
{
	unsigned dir = 0, other;
	const struct fl_series *series = told_series(hearing->flow, is_past, &dir);
	bool lasts = series && rank_of(hearing->flow, series, is_past) > 1;
	int64_t after = forgotten_after(hearing, &other);
	char length[FL_TIME_TEXT];

	if (!lasts && after >= FL_NS_PER_S) {
		knobs_of_fin_wait(after, ret_timers);
		fl_text_add(text,
		            "%s after its FIN the %s's kernel knew no such connection any more, and refused the other "
		            "side's close: ",
		            fl_duration_text(after, length), fl_side_name(side_of(hearing, other)));
		timers_tell_knobs(text, ret_timers, FL_SERIES_NONE);
		return true;
	}
	if (!lasts && probes_of_window(hearing, &other)) {
		probes_tell_window(hearing, other, hearing->judge->settings.observed_until, text, ret_timers);
		return true;
	}
	if (series && is_unheard(hearing->flow, series, dir))
		tell_unheard(hearing, dir, text);
	else if (series)
		tell_series(hearing, series, dir, neighbours, text, ret_timers);
	return lasts;
}

static bool is_odd(const struct hearing *hearing)
{
	return fl_tcp_trouble(hearing->flow) || fl_tcp_ending(hearing->flow);
}

bool timers_tell(const struct hearing *hearing, struct fl_account *account)
{
	/* Of who connects anew after a series: nobody else asks. */
	bool is_repeated = fl_tcp_trouble(hearing->flow) != NULL;
	const struct neighbours *neighbours = is_repeated ? judge_neighbours(hearing->judge) : NULL;
	struct fl_text text;
	bool lasts = false;

	if (is_repeated && !neighbours)
		return false;
	fl_text_init(&text);
	if (is_odd(hearing))
		lasts = tell_hand(hearing, account->verdict.is_over, neighbours, &text, &account->timers);
	if (text.length > 0)
		fl_text_add(&text, ".");
	if (text.failed) {
		fl_text_deinit(&text);
		return false;
	}
	account->kernel_says = text.data;
	if (!probes_tell_keepalives(hearing, !lasts, account))
		return false;
	if (account->verdict.severity == FL_OK)
		return true;
	return (!account->kernel_says || words_add(&account->story, "%s", account->kernel_says)) &&
	       (!account->keepalive_says || words_add(&account->story, "%s", account->keepalive_says));
}
