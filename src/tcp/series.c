/* What a kernel does when nobody answers: it sends the oldest segment again, each time after twice the time, and gives
 * up without a word (RFC 6298 section 5, RFC 9293 section 3.8.3). The gaps are all that a capture shows of its timers,
 * so they are kept: from them follow the cause, the settings, and when it ends. */
#include "series.h"

static struct fl_trouble *trouble_of(const struct fl_flow *flow)
{
	return flow->sick ? flow->sick->trouble : NULL;
}

const struct fl_trouble *fl_tcp_trouble(const struct fl_flow *flow)
{
	return trouble_of(flow);
}

static struct fl_trouble *need_trouble(struct fl_flows *flows, struct fl_flow *flow, unsigned sender)
{
	struct fl_trouble *trouble = trouble_of(flow);

	if (trouble)
		return trouble;
	trouble = fl_flows_sick_bytes(flows, flow, sizeof(*trouble));
	if (!trouble)
		return NULL;
	trouble->stalled_until = FL_TIME_NONE;
	for (unsigned dir = 0; dir < 2; dir++) {
		trouble->closed[dir].since = trouble->closed[dir].opened_at = FL_TIME_NONE;
		trouble->repeated_at[dir] = FL_TIME_NONE;
		trouble->keepalives[dir].answered_at = trouble->window_probes[dir].answered_at = FL_TIME_NONE;
		trouble->keepalives[dir].began_at = trouble->window_probes[dir].began_at = FL_TIME_NONE;
		/* The sender's packet before this one is not known any more. */
		trouble->heard_at[dir] = dir != sender && flow->end[dir].packets > 0 ? flow->end[dir].last_at
		                                                                     : FL_TIME_NONE;
	}
	flow->sick->trouble = trouble;
	return trouble;
}

static bool is_lasting(const struct fl_series *series)
{
	return series->kind != FL_SERIES_NONE && series->over_at == FL_TIME_NONE;
}

const struct fl_series *series_lasting(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_trouble *trouble = trouble_of(flow);

	return trouble && is_lasting(&trouble->now[dir]) ? &trouble->now[dir] : NULL;
}

bool series_is_probed(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_trouble *trouble = trouble_of(flow);

	return trouble && (trouble->keepalives[dir].unanswered > 0 || trouble->window_probes[dir].unanswered > 0);
}

bool series_has_sack(const struct fl_flow *flow)
{
	uint16_t both = flow->end[0].seen & flow->end[1].seen;

	return !(both & FL_SEEN_SYN) || (both & FL_SEEN_SACK_PERMITTED);
}

/* Microseconds, capped. */
static uint32_t gap_of(int64_t ns)
{
	int64_t us = ns / FL_NS_PER_US;

	return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static uint8_t kind_of(const struct fl_flow *flow, const struct fl_segment *segment)
{
	const struct fl_end *end = &flow->end[segment->dir];

	if (segment->classes & FL_SEG_SYN)
		return FL_SERIES_SYN;
	if (segment->classes & FL_SEG_SYN_ACK)
		return FL_SERIES_SYN_ACK;
	/* A FIN alone, or all that waits of it: the data before it was delivered. */
	if (segment->length == 0 || ((end->seen & FL_SEEN_FIN) && end->una + 1 == end->next))
		return FL_SERIES_FIN;
	return FL_SERIES_DATA;
}

static void begin(const struct fl_flow *flow, const struct fl_segment *segment, struct fl_series *series)
{
	unsigned dir = segment->dir;
	const struct fl_sent *sent = fl_tcp_oldest(flow, dir);
	bool is_acked = segment->classes & FL_SEG_SPURIOUS;

	/* When all was ACKed the last one sent is the only one that is known; it began no later. */
	if (is_acked && flow->cold->sent[dir][0].frame && flow->cold->n_sent[dir] == 0)
		sent = &flow->cold->sent[dir][0];
	*series = (struct fl_series){ .head = segment->seq,
		                      .end = segment->end,
		                      .sent_at = sent ? sent->at : segment->at,
		                      .sent_frame = sent ? sent->frame : segment->frame,
		                      .sent_file = sent ? sent->file : segment->file,
		                      .first_at = segment->at,
		                      .first_frame = segment->frame,
		                      .first_file = segment->file,
		                      .last_at = sent ? sent->at : segment->at,
		                      .over_at = FL_TIME_NONE,
		                      .replied_at = FL_TIME_NONE,
		                      .reset_at = FL_TIME_NONE,
		                      .least = segment->length,
		                      .kind = kind_of(flow, segment),
		                      .is_acked = is_acked };
	if (sent && flow->end[!dir].packets > 0 && flow->end[!dir].last_at < sent->at)
		series->quiet = sent->at - flow->end[!dir].last_at;
	series->stood_from = series->sent_at + fl_tcp_rtt(flow);
	if (!is_acked && flow->cold->acked_at[dir] > series->stood_from)
		series->stood_from = flow->cold->acked_at[dir];
	series->is_tail = !is_acked && segment->seq > flow->end[dir].una && series->kind == FL_SERIES_DATA;
	series->is_head = !is_acked && !series->is_tail && segment->end < flow->end[dir].next;
	if (series->is_tail && flow->cold->n_sent[dir] > 0) /* the probe waited since the last one was sent */
		series->last_at = flow->cold->sent[dir][flow->cold->n_sent[dir] - 1].at;
}

static void keep_worst(struct fl_trouble *trouble, unsigned dir)
{
	const struct fl_series *series = &trouble->now[dir], *worst = &trouble->worst[dir];

	if (series->kind == FL_SERIES_SYN || series->kind == FL_SERIES_SYN_ACK) {
		trouble->connect[dir] = *series;
		return;
	}
	if (series->kind == FL_SERIES_DATA && series->over_at != FL_TIME_NONE &&
	    (worst->kind == FL_SERIES_NONE ||
	     series->over_at - series->stood_from > worst->over_at - worst->stood_from))
		trouble->worst[dir] = *series;
}

/* One repeat more, by the timer. */
static void step(const struct fl_flow *flow, struct fl_trouble *trouble, const struct fl_segment *segment)
{
	struct fl_series *series = &trouble->now[segment->dir];
	bool is_acked = segment->classes & FL_SEG_SPURIOUS;

	if (!is_lasting(series) || series->is_acked != is_acked) {
		keep_worst(trouble, segment->dir);
		begin(flow, segment, series);
	}
	series->heard_trying = series->heard;
	series->unreplied++;
	if (series->repeats < FL_STEPS)
		series->gap_us[series->repeats] = gap_of(segment->at - series->last_at);
	series->repeats++;
	series->head = segment->seq < series->head ? segment->seq : series->head;
	series->end = segment->end > series->end ? segment->end : series->end;
	if (segment->length < series->least ||
	    (series->is_tail && series->repeats == 2)) /* the tail is what was left */
		series->least = segment->length;
	series->most = segment->length > series->most ? segment->length : series->most;
	if (series->kind == FL_SERIES_FIN) /* data repeated with it after all */
		series->kind = kind_of(flow, segment);
	series->last_at = segment->at;
	series->last_frame = segment->frame;
	series->last_file = segment->file;
	trouble->timed++;
}

/* An outage in which both sides repeat is one standstill. */
static void count_stall(struct fl_trouble *trouble, const struct fl_series *series)
{
	int64_t from = series->stood_from > trouble->stalled_until ? series->stood_from : trouble->stalled_until;

	if (series->kind != FL_SERIES_DATA || series->over_at <= from)
		return;
	trouble->stalls += series->stood_from >= trouble->stalled_until;
	trouble->stalled += series->over_at - from;
	trouble->stalled_until = series->over_at;
}

/* While its receiver has no room nothing stands still for a loss. */
static void wait_for_window(const struct fl_closed_window *closed, struct fl_series *series)
{
	int64_t opened_at = closed->since != FL_TIME_NONE ? series->over_at : closed->opened_at;

	if (opened_at > series->stood_from)
		series->stood_from = opened_at;
}

static void end_series(struct fl_trouble *trouble, unsigned dir, const struct fl_segment *segment)
{
	struct fl_series *series = &trouble->now[dir];

	series->over_at = segment->at;
	series->over_frame = segment->frame;
	series->over_file = segment->file;
	/* The sender heard an ACK that this capture saw go by before: the last one before it went on. */
	if (series->is_acked && series->replied_at != FL_TIME_NONE)
		series->over_at = series->replied_at;
	wait_for_window(&trouble->closed[!dir], series);
	count_stall(trouble, series);
}

static void note_reset(struct fl_series *series, const struct fl_segment *segment, bool by_peer, uint64_t rst_ack)
{
	if (series->is_reset || (segment->classes & FL_SEG_RST_IGNORED))
		return;
	series->is_reset = true;
	series->reset_by_peer = by_peer;
	series->reset_knows_less = by_peer && rst_ack != 0 && rst_ack <= series->head;
	series->reset_at = segment->at;
	series->reset_frame = segment->frame;
	series->reset_file = segment->file;
}

static void reply(struct fl_series *series)
{
	series->replies++;
	series->unreplied = 0;
}

/* What the peer of a series says while it lasts. */
static void hear(const struct fl_flow *flow, struct fl_trouble *trouble, const struct fl_segment *segment,
                 uint64_t rst_ack)
{
	const int64_t reply_slack = 60 * FL_NS_PER_MS; /* a delayed ACK */
	unsigned dir = !segment->dir;
	struct fl_series *series = &trouble->now[dir];

	if (!is_lasting(series))
		return;
	if (segment->classes & FL_SEG_RST) {
		note_reset(series, segment, true, rst_ack);
		return;
	}
	/* What it said before it could know of the first repeat says nothing. */
	series->heard += series->repeats >= 2;
	series->heard_again += series->repeats >= 2 && (segment->classes & (FL_SEG_RTO | FL_SEG_TLP));
	if (segment->classes & FL_SEG_SYN_ACK) /* it waits for the handshake's last ACK, and takes nothing before */
		reply(series);

	bool is_taken = !series->is_acked && flow->end[dir].una > series->head; /* the end, and no refusal */

	if (!is_taken && segment->end == segment->seq &&
	    segment->at - series->last_at <= fl_tcp_rtt(flow) + reply_slack) {
		reply(series);
		series->replied_at = segment->at;
		series->dsacks += !!(segment->classes & FL_SEG_DSACK);
	}
	if (is_taken)
		end_series(trouble, dir, segment);
}

/* A sender that goes on to new data has heard the ACK that it had missed, and one that ACKs the SYN-ACK has heard that.
 */
static void go_on(struct fl_trouble *trouble, const struct fl_segment *segment, uint64_t rst_ack)
{
	struct fl_series *series = &trouble->now[segment->dir];
	uint32_t shows = series->kind == FL_SERIES_SYN ? FL_SEG_DATA | FL_SEG_FIN | FL_SEG_ACKS
	                                               : FL_SEG_DATA | FL_SEG_FIN;

	if (!is_lasting(series))
		return;
	if (segment->classes & FL_SEG_RST)
		note_reset(series, segment, false, rst_ack);
	else if (series->is_acked && (segment->classes & shows))
		end_series(trouble, segment->dir, segment);
}

/* Milliseconds, at least one, capped. */
static uint32_t ms_of(int64_t ns)
{
	int64_t ms = ns / FL_NS_PER_MS;

	return ms < 1 ? 1 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

/* What the timer of keepalives may have been, which is set in whole seconds; else 0. */
static uint32_t timer_of(int64_t ns)
{
	const int64_t shortest = 950 * FL_NS_PER_MS;

	return ns < shortest ? 0 : ms_of(ns);
}

static void note(uint32_t *least, uint32_t *most, uint32_t value)
{
	if (value > 0 && (*least == 0 || value < *least))
		*least = value;
	if (most && value > *most)
		*most = value;
}

/* The first one of a run, after so long without a word of the peer (FL_TIME_NONE: not known since when). */
static void begin_run(struct fl_probes *probes, int64_t at, int64_t heard_at)
{
	probes->last_idle = heard_at == FL_TIME_NONE ? 0 : timer_of(at - heard_at);
	if (probes->count == 0)
		probes->first_idle = probes->last_idle;
	else
		note(&probes->least_idle, &probes->most_idle, probes->last_idle);
}

static void step_probes(struct fl_probes *probes, int64_t at)
{
	int64_t gap = at > probes->last_at ? at - probes->last_at : 0;

	probes->gap_before = probes->gap;
	probes->gap = gap;
	note(&probes->least_step, NULL, timer_of(gap));
	if (probes->run == 1)
		probes->least_retry = probes->most_retry = 0;
	if (probes->run > 0)
		note(&probes->least_retry, &probes->most_retry, timer_of(gap));
	if (probes->began_at == probes->last_at)
		probes->first_step = ms_of(gap);
}

static void probe(struct fl_probes *probes, const struct fl_segment *segment, int64_t heard_at)
{
	const int64_t limiter = 450 * FL_NS_PER_MS; /* a kernel answers one of them in half a second (KERNEL 0) */

	if (probes->run == 0)
		begin_run(probes, segment->at, heard_at);
	if (probes->count++ == 0) {
		probes->first_at = segment->at;
		probes->first_frame = segment->frame;
		probes->first_file = segment->file;
	} else {
		step_probes(probes, segment->at);
	}
	probes->run++;
	if (probes->unanswered == 0) {
		probes->unanswered_at = segment->at;
		probes->unanswered_frame = segment->frame;
		probes->unanswered_file = segment->file;
	}
	if (probes->unanswered == 0 || segment->at - probes->last_at >= limiter)
		probes->unanswered++;
	probes->last_at = segment->at;
	probes->last_frame = segment->frame;
	probes->last_file = segment->file;
}

static void probe_window(struct fl_probes *probes, const struct fl_segment *segment, int64_t heard_at)
{
	probe(probes, segment, heard_at);
	if (probes->began_at == FL_TIME_NONE) {
		probes->began_at = segment->at;
		probes->first_step = 0;
		probes->before = probes->count - 1;
	}
}

static void answer_probes(struct fl_probes *probes, const struct fl_segment *segment)
{
	if (probes->unanswered == 0)
		return;
	probes->answered++;
	probes->answered_at = segment->at;
	probes->unanswered = probes->run = 0;
}

/* `probes`: those that the other side sends into it. */
static void watch_window(struct fl_closed_window *closed, struct fl_probes *probes, const struct fl_segment *segment)
{
	if (segment->classes & (FL_SEG_RST | FL_SEG_SYN | FL_SEG_SYN_ACK))
		return;
	if (segment->classes & FL_SEG_ZERO_WINDOW) {
		if (closed->since != FL_TIME_NONE)
			return;
		closed->since = segment->at;
		closed->frame = segment->frame;
		closed->file = segment->file;
		closed->times++;
		closed->answered_before = probes->answered;
	} else if (closed->since != FL_TIME_NONE) {
		int64_t length = segment->at - closed->since;

		if (length > closed->longest) {
			closed->longest = length;
			closed->longest_since = closed->since;
			closed->longest_frame = closed->frame;
			closed->longest_file = closed->file;
		}
		closed->since = FL_TIME_NONE;
		closed->opened_at = segment->at;
		probes->began_at = FL_TIME_NONE;
	}
}

void series_update(struct fl_flows *flows, struct fl_flow *flow, const struct fl_segment *segment, uint64_t rst_ack)
{
	const uint32_t odd = FL_SEG_REPEAT | FL_SEG_PROBE | FL_SEG_ZERO_WINDOW;
	uint32_t classes = segment->classes;
	unsigned dir = segment->dir;
	struct fl_trouble *trouble = classes & odd ? need_trouble(flows, flow, dir) : trouble_of(flow);

	if (!trouble)
		return;
	hear(flow, trouble, segment, rst_ack);
	go_on(trouble, segment, rst_ack);
	if (!(classes & FL_SEG_RST)) {
		answer_probes(&trouble->keepalives[!dir], segment);
		answer_probes(&trouble->window_probes[!dir], segment);
	}
	if (classes & (FL_SEG_RTO | FL_SEG_TLP))
		step(flow, trouble, segment);
	if (classes & FL_SEG_WINDOW_PROBE)
		probe_window(&trouble->window_probes[dir], segment, trouble->heard_at[!dir]);
	else if (classes & FL_SEG_PROBE)
		probe(&trouble->keepalives[dir], segment, trouble->heard_at[!dir]);
	if (classes & FL_SEG_REPEAT) {
		trouble->repeated_at[dir] = segment->at;
		trouble->asked_for += !!(classes & FL_SEG_FAST);
		trouble->spurious += !!(classes & FL_SEG_SPURIOUS);
	}
	watch_window(&trouble->closed[dir], &trouble->window_probes[!dir], segment);
	if (!(classes & FL_SEG_PROBE))
		trouble->heard_at[dir] = segment->at;
}

int fl_series_begins_with_tlp(const struct fl_series *series)
{
	if (series->is_tail)
		return 1;
	if (series->is_head)
		return 0;
	if (series->kind != FL_SERIES_DATA && series->kind != FL_SERIES_FIN)
		return 0;
	if (series->repeats < 2)
		return -1;

	/* Twice the gap before is the timer's own growth; the same, or the 3 s of a connect that lost its SYN, is that
	 * of a timer which only began behind the probe. */
	uint64_t first = series->gap_us[0], second = series->gap_us[1];

	return second * 2 < first * 3 || second * 2 > first * 5;
}

uint32_t fl_series_rtos(const struct fl_series *series, int64_t *ret_first)
{
	bool is_probe = fl_series_begins_with_tlp(series) != 0;

	*ret_first = FL_TIME_NONE;
	if (series->repeats <= is_probe)
		return 0;
	*ret_first = series->first_at + (is_probe ? series->gap_us[1] * FL_NS_PER_US : 0);
	return series->repeats - is_probe;
}

bool fl_series_is_long(const struct fl_series *series, int64_t now, int64_t least, int64_t least_for)
{
	const int64_t long_for_two = 5 * FL_NS_PER_S;
	int64_t first, length = (series->over_at != FL_TIME_NONE ? series->over_at : now) - series->sent_at;

	if (series->repeats >= 2 && length >= long_for_two)
		return true;
	return fl_series_rtos(series, &first) >= least && length >= least_for;
}

bool fl_series_is_in_vain(const struct fl_series *series, enum fl_series_kind kind)
{
	return series->kind == kind && series->over_at == FL_TIME_NONE && !series->is_acked && !series->is_reset;
}

int64_t fl_series_last_gap(const struct fl_series *series)
{
	uint32_t last = series->repeats < FL_STEPS ? series->repeats : FL_STEPS;

	return last ? series->gap_us[last - 1] * FL_NS_PER_US : 0;
}

void fl_series_next(const struct fl_series *series, int64_t *ret_least, int64_t *ret_most)
{
	const int64_t most_timer = 120 * FL_NS_PER_S, tick = 10 * FL_NS_PER_MS; /* TCP_RTO_MAX */
	uint32_t kept = series->repeats < FL_STEPS ? series->repeats : FL_STEPS;
	int64_t last = fl_series_last_gap(series), before = kept > 1 ? series->gap_us[kept - 2] * FL_NS_PER_US : 0;
	int64_t least = last - last / 9 - tick, most = 2 * last; /* the timer itself was down to an eighth shorter */
	bool is_lone = series->repeats == 1 && (series->is_head || fl_series_begins_with_tlp(series) != 0);
	bool is_flat = last < before + before / 3;

	if (!is_flat && series->kind != FL_SERIES_SYN)
		least *= 2;
	if (is_lone) { /* the timer may have begun behind a probe, be it of new data; 3 s where that came after 1 s */
		least = last - last / 9 - tick;
		most = 3 * last > FL_NS_PER_S ? 3 * last : FL_NS_PER_S;
	}
	if (least > most_timer && last < most_timer + most_timer / 8)
		least = most_timer;
	if (most > most_timer)
		most = last > most_timer ? last : most_timer;
	*ret_least = series->last_at + (least > 0 ? least : 0);
	*ret_most = series->last_at + most + most / 8 + tick;
}

bool fl_series_stopped(const struct fl_series *series, int64_t now)
{
	int64_t least, most;

	fl_series_next(series, &least, &most);
	return now > most;
}
