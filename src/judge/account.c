/* The account of a flow: everything that any format prints about it, in roles, in order, in words. */
#include "account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timers.h"

/* Index of pairs in the account for direction `dir`. */
static unsigned role_of(const struct hearing *hearing, unsigned dir)
{
	return dir == hearing->client ? FL_CLIENT : FL_SERVER;
}

static int64_t last_of(const struct fl_flow *flow)
{
	return flow->end[0].last_at > flow->end[1].last_at ? flow->end[0].last_at : flow->end[1].last_at;
}

static uint32_t last_frame_of(const struct fl_flow *flow)
{
	const struct fl_end *late = flow->end[0].last_at > flow->end[1].last_at ? &flow->end[0] : &flow->end[1];

	if (flow->end[0].last_at == flow->end[1].last_at)
		return flow->end[0].last_frame > flow->end[1].last_frame ? flow->end[0].last_frame
		                                                         : flow->end[1].last_frame;
	return late->last_frame;
}

static int64_t rtt_of(const struct hearing *hearing)
{
	uint32_t rtt_us = hearing->flow->cold->rtt_us;

	if (hearing->judge->settings.is_untimed || rtt_us == UINT32_MAX)
		return FL_TIME_NONE;
	return rtt_us * FL_NS_PER_US;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* When a series of the handshake ended. */
static int64_t connected_by(const struct fl_series *series)
{
	return series->kind == FL_SERIES_SYN || series->kind == FL_SERIES_SYN_ACK ? series->over_at : FL_TIME_NONE;
}

static int64_t connect_of(const struct hearing *hearing)
{
	const struct fl_flow *flow = hearing->flow;
	const struct fl_trouble *trouble = fl_tcp_trouble(flow);
	int64_t made_at = FL_TIME_NONE;

	if (!(flow->end[0].seen & flow->end[1].seen & FL_SEEN_SYN) || hearing->judge->settings.is_untimed)
		return FL_TIME_NONE;
	for (unsigned dir = 0; trouble && dir < 2; dir++) {
		made_at = later(made_at, connected_by(&trouble->connect[dir]));
		made_at = later(made_at, connected_by(&trouble->now[dir]));
	}
	return made_at != FL_TIME_NONE ? made_at - flow->cold->first_at : rtt_of(hearing);
}

static int64_t silence_of(const struct hearing *hearing)
{
	const struct fl_flow *flow = hearing->flow;
	bool is_open = !((flow->end[0].seen | flow->end[1].seen) & (FL_SEEN_FIN | FL_SEEN_RST)) &&
	               !(flow->marks & FL_MARK_GONE);
	int64_t longest = flow->cold->quiet_s * FL_NS_PER_S;

	if (hearing->judge->settings.is_untimed)
		return 0;
	return is_open ? later(longest, hearing->judge->settings.observed_until - last_of(flow)) : longest;
}

static enum fl_side resetter_of(const struct hearing *hearing)
{
	const struct fl_ending *ending = fl_tcp_ending(hearing->flow);

	if (!ending || !(ending->classes & FL_SEG_RST) || (ending->classes & FL_SEG_RST_IGNORED))
		return FL_SIDE_NONE;
	return ending->classes & FL_SEG_RST_FOREIGN ? FL_SIDE_BETWEEN : side_of(hearing, ending->dir);
}

/* What was never made is over with the first refusal, which need not be an RST. */
static bool is_abandoned(const struct hearing *hearing, const struct fl_account *account)
{
	bool is_made = account->packets[FL_SERVER] > 0;
	int64_t from, to;

	if (account->end != FL_END_NONE)
		return false;
	if (hearing->flow->marks & FL_MARK_GONE)
		return true;
	if (account->verdict.severity == FL_OK)
		return false;
	return (!is_made && account->verdict.noticed != FL_TIME_NONE) || timers_gave_up(hearing, &from, &to);
}

void account_identify(const struct hearing *hearing, struct fl_account *account)
{
	const struct fl_flow *flow = hearing->flow;
	const struct fl_session *session = fl_session_of(flow);
	uint16_t seen = flow->end[0].seen | flow->end[1].seen;

	account->id = flow->id;
	account->stream = flow->stream;
	account->roles = hearing->roles;
	account->profile = session ? fl_profile_name(session->profile) : NULL;
	account->vantage = hearing->vantage.because[0] ? hearing->vantage.where : FL_SIDE_UNKNOWN;
	account->first = flow->cold->first_at;
	account->last = last_of(flow);
	account->first_frame = flow->cold->first_frame;
	account->last_frame = last_frame_of(flow);
	account->from_handshake = !(flow->marks & FL_MARK_MID_FLOW);
	account->has_holes = seen & FL_SEEN_HOLE;
	account->end = seen & FL_SEEN_RST ? FL_END_RST : seen & FL_SEEN_FIN ? FL_END_FIN : FL_END_NONE;
	if (hearing->judge->settings.is_untimed)
		account->first = account->last = FL_TIME_NONE;
	account->rtt = rtt_of(hearing);
	account->connect = connect_of(hearing);
	account->longest_silence = silence_of(hearing);
	account->reset_by = resetter_of(hearing);
	for (unsigned dir = 0; dir < 2; dir++) {
		unsigned role = role_of(hearing, dir);

		fl_flow_endpoint(flow, dir, &account->address[role], &account->port[role]);
		account->packets[role] = flow->end[dir].packets;
		account->payload[role] = flow->end[dir].payload;
		account->retransmissions[role] = flow->end[dir].retransmissions;
	}
	account->is_abandoned = is_abandoned(hearing, account);
}

static bool fill_finding(const struct hearing *hearing, size_t index, struct fl_judged_finding *to)
{
	const struct fl_finding *from = &hearing->findings[index];
	struct story_roles roles = roles_of(hearing, from);

	to->id = from->detector->id;
	to->severity = hearing->rulings[index].severity;
	to->side = side_of(hearing, from->dir);
	to->onset = from->onset;
	to->recovered = from->recovered;
	memcpy(to->figures, from->figures, sizeof(to->figures));
	to->n_figures = from->n_figures;
	for (uint32_t i = 0; i < from->n_evidence; i++) {
		const struct fl_evidence *evidence = &from->evidence[i];

		to->evidence[i] = (struct fl_judged_evidence){ evidence->file, evidence->frame, evidence->at, NULL };
		to->evidence[i].what = story_sentence(evidence->what, from->figures, from->n_figures, &roles);
		if (!to->evidence[i].what)
			return false;
		to->n_evidence++;
	}
	return true;
}

/* Nothing is known of when. */
static void fill_signs_untimed(struct fl_account *account)
{
	for (unsigned role = 0; role < 2; role++) {
		for (unsigned sign = 0; sign < FL_SIGNS; sign++)
			account->signs[role][sign] = (struct fl_judged_rung){ FL_TIME_NONE, FL_TIME_NONE, 0, 0, 0 };
	}
}

static void fill_signs(const struct hearing *hearing, struct fl_account *account)
{
	const struct fl_flow *flow = hearing->flow;

	for (unsigned dir = 0; dir < 2; dir++) {
		struct fl_judged_rung *signs = account->signs[role_of(hearing, dir)];
		const struct fl_end *end = &flow->end[dir], *other = &flow->end[!dir];
		const struct fl_rung *stack = &flow->cold->rung[dir][FL_RUNG_STACK];
		const struct fl_talk *asker = &flow->cold->talk[!dir];

		for (unsigned rung = 0; rung < FL_RUNGS; rung++) {
			const struct fl_rung *from = &flow->cold->rung[dir][rung];
			bool asked = from->demands > 0;

			signs[FL_SIGN_STACK + rung] = (struct fl_judged_rung){
				from->last_frame ? from->last_at : FL_TIME_NONE, asked ? from->asked_at : FL_TIME_NONE,
				from->last_frame, asked ? from->asked_frame : 0, from->demands
			};
		}
		signs[FL_SIGN_SESSION] = signs[FL_SIGN_APPLICATION]; /* any payload answers, without a profile */
		signs[FL_SIGN_SESSION].demands = asker->waiting;
		signs[FL_SIGN_SESSION].asked_at = asker->waiting ? asker->waiting_at : FL_TIME_NONE;
		signs[FL_SIGN_SESSION].asked_frame = asker->waiting ? asker->waiting_frame : 0;
		signs[FL_SIGN_WIRE] = (struct fl_judged_rung){ end->packets ? end->last_at : FL_TIME_NONE, FL_TIME_NONE,
			                                       end->last_frame, 0, 0 };
		if (stack->demands > 0 && (end->packets == 0 || end->last_at < other->last_at)) {
			/* Whatever was asked of it, nothing came since its last packet. */
			signs[FL_SIGN_WIRE].asked_at = end->packets > 0 && end->last_at > stack->asked_at
			                                       ? end->last_at
			                                       : stack->asked_at;
			signs[FL_SIGN_WIRE].asked_frame = stack->asked_frame;
			signs[FL_SIGN_WIRE].demands = stack->demands;
		}
	}
}

static bool fill_caveats(const struct hearing *hearing, struct fl_account *account)
{
	const struct fl_flow *flow = hearing->flow;

	if ((flow->marks & FL_MARK_MID_FLOW) &&
	    !words_add(&account->caveats, "the connection was already open when the capture began"))
		return false;
	if ((flow->marks & FL_MARK_RETURNED) &&
	    !words_add(&account->caveats,
	               "an earlier part of this connection left memory (--memory) before this one came"))
		return false;
	if ((flow->marks & FL_MARK_OLD_ANSWER) &&
	    !words_add(
		    &account->caveats,
		    "an ACK that is not for its SYN came back: something is left of an older connection on these ports "
		    "(TIME_WAIT, or one side never closed)"))
		return false;
	for (unsigned dir = 0; dir < 2; dir++) {
		if ((flow->end[dir].seen & FL_SEEN_HOLE) &&
		    !words_add(&account->caveats,
		               "bytes of the %s were ACKed that this capture does not hold: it lost them, or a filter "
		               "left them out",
		               fl_side_name(side_of(hearing, dir))))
			return false;
	}
	return true;
}

/* What the client did next. False out of memory. */
static bool find_retry(const struct hearing *hearing, struct fl_account *account)
{
	const struct neighbours *neighbours;

	account->again_at = FL_TIME_NONE;
	if (account->verdict.severity < FL_CRITICAL || account->verdict.onset == FL_TIME_NONE)
		return true;
	neighbours = judge_neighbours(hearing->judge);
	if (!neighbours)
		return false;
	account->again_at = neighbours_next_try(neighbours, hearing->flow, account->verdict.onset,
	                                        &account->again_made);
	return true;
}

bool account_detail(const struct hearing *hearing, struct fl_account *account)
{
	if (!find_retry(hearing, account))
		return false;
	account->vantage_because = strdup(hearing->vantage.because[0] ? hearing->vantage.because : "not looked for");
	if (!account->vantage_because)
		return false;
	if (hearing->n_findings > 0) {
		account->findings = calloc(hearing->n_findings, sizeof(*account->findings));
		if (!account->findings)
			return false;
	}
	for (size_t i = 0; i < hearing->n_findings; i++) {
		account->n_findings++;
		if (!fill_finding(hearing, i, &account->findings[i]))
			return false;
	}
	if (hearing->judge->settings.is_untimed)
		fill_signs_untimed(account);
	else
		fill_signs(hearing, account);
	return fill_caveats(hearing, account);
}

static int compare_moments(const void *a, const void *b)
{
	const struct fl_moment *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static bool add_moments(const struct fl_finding *finding, const struct story_roles *roles, struct fl_account *account)
{
	struct fl_moment *moments = realloc(account->moments,
	                                    (account->n_moments + finding->n_evidence + 1) * sizeof(*moments));

	if (!moments)
		return false;
	account->moments = moments;
	for (uint32_t i = 0; i < finding->n_evidence; i++) {
		const struct fl_evidence *evidence = &finding->evidence[i];
		struct fl_moment *moment = &moments[account->n_moments];

		*moment = (struct fl_moment){ evidence->at, evidence->file, evidence->frame, NULL };
		moment->text = story_sentence(evidence->what, finding->figures, finding->n_figures, roles);
		if (!moment->text)
			return false;
		account->n_moments++;
	}
	return true;
}

bool account_tell(const struct hearing *hearing, size_t chosen, struct fl_account *account)
{
	const struct fl_finding *finding = &hearing->findings[chosen];
	struct story_roles roles = roles_of(hearing, finding);

	if (!add_moments(finding, &roles, account))
		return false;
	qsort(account->moments, account->n_moments, sizeof(*account->moments), compare_moments);
	if (!words_add(&account->story, "%s", account->verdict.summary))
		return false;
	if (account->why_unnoticed &&
	    !words_add(&account->story, "%s: %s", fl_account_why(account), account->why_unnoticed))
		return false;
	return !account->would_catch ||
	       words_add(&account->story, "What would have caught it: %s", account->would_catch);
}

const char *fl_account_why(const struct fl_account *account)
{
	return account->verdict.noticed == FL_TIME_NONE && !account->verdict.gave_up ? "Why nobody noticed"
	                                                                             : "Why not sooner";
}

/* What was given words, and behind them. */
static void free_told(struct fl_account *account)
{
	for (size_t i = 0; i < account->n_findings; i++) {
		for (size_t k = 0; k < account->findings[i].n_evidence; k++)
			free(account->findings[i].evidence[k].what);
	}
	for (size_t i = 0; i < account->n_moments; i++)
		free(account->moments[i].text);
	free(account->findings);
	free(account->moments);
	free(account->vantage_because);
	free(account->kernel_says);
	free(account->keepalive_says);
	free(account->why_unnoticed);
	free(account->would_catch);
	free(account->verdict.summary);
	words_deinit(&account->verdict.because);
	words_deinit(&account->verdict.alternatives);
	words_deinit(&account->verdict.explains);
	words_deinit(&account->story);
	words_deinit(&account->advice);
	words_deinit(&account->caveats);
}

void fl_account_deinit(struct fl_account *account)
{
	if (!account->verdict.because.is_muted)
		free_told(account);
}
