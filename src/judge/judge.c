/* The judge: all findings of one flow, its neighbours, one verdict, and the words that go with it. Runs at the end over
 * a frozen view, so that the order of flows does not matter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "case.h"
#include "outages.h"
#include "time_wait.h"
#include "timers.h"

struct fl_judge *fl_judge_new(const struct fl_judge_settings *settings)
{
	struct fl_judge *judge = calloc(1, sizeof(*judge));

	if (judge)
		judge->settings = *settings;
	return judge;
}

/* What was asked for in vain is told of without a flow. */
static bool begin_scope(struct fl_judge *judge)
{
	judge->scope = scope_new(judge->settings.flows);
	for (size_t i = 0; judge->scope && i < judge->settings.n_unresolved; i++) {
		const struct fl_unresolved *item = &judge->settings.unresolved[i];

		if (!scope_add(judge->scope, &item->address) || !scope_add(judge->scope, &item->asker))
			return false;
	}
	return judge->scope != NULL;
}

void fl_judge_free(struct fl_judge *judge)
{
	if (!judge)
		return;
	neighbours_free(judge->neighbours);
	services_free(judge->services);
	outages_free(judge->outages);
	ports_free(judge->ports);
	scope_free(judge->scope);
	free(judge);
}

bool fl_judge_focus(struct fl_judge *judge, const struct fl_flow *flow)
{
	if (!judge->scope && !begin_scope(judge))
		return false;
	for (unsigned dir = 0; dir < 2; dir++) {
		struct fl_address address;
		uint16_t port;

		fl_flow_endpoint(flow, dir, &address, &port);
		if (!scope_add(judge->scope, &address))
			return false;
	}
	return true;
}

static const struct services *judge_services(struct fl_judge *judge)
{
	if (!judge->services)
		judge->services = services_new(judge->settings.flows);
	return judge->services;
}

const struct neighbours *judge_neighbours(struct fl_judge *judge)
{
	if (!judge->neighbours && judge_services(judge))
		judge->neighbours = neighbours_new(judge->settings.flows, judge->services, judge->scope);
	return judge->neighbours;
}

enum fl_side side_of(const struct hearing *hearing, unsigned dir)
{
	return dir == hearing->client ? FL_SIDE_CLIENT : FL_SIDE_SERVER;
}

struct story_roles roles_of(const struct hearing *hearing, const struct fl_finding *finding)
{
	return (struct story_roles){ .side = fl_side_name(side_of(hearing, finding->dir)),
		                     .other = fl_side_name(side_of(hearing, !finding->dir)) };
}

/* Nobody is seen to have noticed, but the kernel that repeated tells its application when it gives up. */
static void find_end(const struct hearing *hearing, struct fl_verdict *verdict)
{
	int64_t from, to;

	if (verdict->severity < FL_CRITICAL || verdict->noticed != FL_TIME_NONE || verdict->is_over ||
	    !timers_gave_up(hearing, &from, &to) || from < verdict->onset)
		return;
	verdict->gave_up = true;
	verdict->gave_up_after = to - verdict->onset;
	verdict->blind = from - verdict->onset;
}

/* The chosen finding becomes the verdict. */
static bool pronounce(struct hearing *hearing, size_t chosen, const bool *explained, struct fl_account *account)
{
	const struct fl_finding *finding = &hearing->findings[chosen];
	const struct fl_detector *detector = finding->detector;
	struct ruling *ruling = &hearing->rulings[chosen];
	struct fl_verdict *verdict = &account->verdict;
	struct story_roles roles = roles_of(hearing, finding);
	int64_t end = ruling->noticed != FL_TIME_NONE ? ruling->noticed : hearing->judge->settings.observed_until;

	*verdict = (struct fl_verdict){ .id = detector->id,
		                        .severity = ruling->severity,
		                        .layer = ruling->layer,
		                        .side = ruling->side != FL_SIDE_NONE ? ruling->side
		                                                             : side_of(hearing, finding->dir),
		                        .onset = finding->onset,
		                        .onset_frame = finding->onset_frame,
		                        .noticed = ruling->noticed,
		                        .blind = end > finding->onset ? end - finding->onset : 0,
		                        .blind_open = ruling->noticed == FL_TIME_NONE,
		                        .confidence = ruling->confidence };
	if (finding->recovered != FL_TIME_NONE) {
		verdict->is_over = true;
		verdict->blind = finding->recovered - finding->onset;
		verdict->blind_open = false;
	}
	verdict->bytes_at_risk = fl_tcp_outstanding(hearing->flow, 0) + fl_tcp_outstanding(hearing->flow, 1);
	verdict->because = ruling->because;
	verdict->alternatives = ruling->alternatives;
	ruling->because = ruling->alternatives = (struct fl_words){ 0 };
	if (hearing->is_brief)
		return true;
	find_end(hearing, verdict);
	for (size_t i = 0; i < hearing->n_findings; i++) {
		if (explained && explained[i] &&
		    !words_add(&verdict->explains, "%s", hearing->findings[i].detector->id))
			return false;
	}
	verdict->summary = story_sentence(ruling->summary    ? ruling->summary
	                                  : finding->summary ? finding->summary
	                                                     : detector->summary,
	                                  finding->figures, finding->n_figures, &roles);
	if (!verdict->summary)
		return false;

	account->why_unnoticed = story_sentence(detector->why_unnoticed, finding->figures, finding->n_figures, &roles);
	account->would_catch = story_sentence(detector->would_catch, finding->figures, finding->n_figures, &roles);
	return words_add(&account->advice, "%s", detector->advice);
}

static bool find_roles(struct hearing *hearing)
{
	struct fl_judge *judge = hearing->judge;

	hearing->client = fl_flow_client(hearing->flow, &hearing->roles);
	if (hearing->roles == FL_ROLES_HANDSHAKE)
		return true;
	if (!judge_services(judge))
		return false;
	hearing->client = services_client(judge->services, hearing->flow, &hearing->roles);
	return true;
}

/* Of a side that this flow does not show its other connections may tell. */
static bool find_vantage(struct hearing *hearing)
{
	const struct fl_flow *flow = hearing->flow;
	bool is_whole = flow->end[0].packets > 0 && flow->end[1].packets > 0;
	const struct neighbours *neighbours = is_whole ? NULL : judge_neighbours(hearing->judge);

	if (!is_whole && !neighbours)
		return false;
	vantage_find(flow, hearing->client, neighbours, &hearing->vantage);
	return true;
}

static bool condemn(struct hearing *hearing, size_t chosen, const bool *explained, struct fl_account *account)
{
	return pronounce(hearing, chosen, explained, account) &&
	       (hearing->is_brief || account_tell(hearing, chosen, account));
}

/* What failed earlier and is well again; n_findings for none. */
static size_t find_relapse(const struct hearing *hearing)
{
	size_t found = hearing->n_findings;

	for (size_t i = 0; i < hearing->n_findings; i++) {
		/* What the path did for a while is told by how long it stood still. */
		if (hearing->rulings[i].was_failure && hearing->rulings[i].layer == FL_LAYER_APPLICATION &&
		    (found == hearing->n_findings || hearing->findings[i].onset < hearing->findings[found].onset))
			found = i;
	}
	return found;
}

/* It is well, but was not: an answer that came after it was overdue (VERDICTS: a recovered failure). */
static bool recover(struct hearing *hearing, size_t relapse, struct fl_account *account)
{
	const struct fl_finding *finding = &hearing->findings[relapse];
	struct ruling *ruling = &hearing->rulings[relapse];
	char from[FL_TIME_TEXT], length[FL_TIME_TEXT];
	struct fl_verdict *verdict = &account->verdict;

	ruling->severity = FL_WARNING;
	ruling->noticed = FL_TIME_NONE;
	if (!pronounce(hearing, relapse, NULL, account))
		return false;
	verdict->id = "degraded";
	if (hearing->is_brief)
		return true;
	free(verdict->summary);
	free(account->why_unnoticed);
	account->why_unnoticed = NULL;
	if (asprintf(&verdict->summary, "It works again, after %s of %s from %s on.",
	             fl_duration_text(verdict->blind, length), finding->detector->id,
	             fl_time_of_day(finding->onset, true, from)) < 0)
		verdict->summary = NULL;
	return verdict->summary && account_tell(hearing, relapse, account);
}

/* What it suffered is what it is only when it is well since; else nobody can tell. */
static bool suffered(struct hearing *hearing, size_t chosen, const bool *explained, struct fl_account *account)
{
	struct fl_account now = { .verdict.because.is_muted = hearing->is_brief };
	bool ok = well_judge(hearing, &now.verdict);

	if (ok && now.verdict.severity > FL_OK) {
		account->verdict = now.verdict;
		return true;
	}
	fl_account_deinit(&now);
	return ok && condemn(hearing, chosen, explained, account);
}

/* Nothing lasts: the flow is well, unless it had failed before. */
static bool acquit(struct hearing *hearing, struct fl_account *account)
{
	size_t relapse = find_relapse(hearing);

	if (!well_judge(hearing, &account->verdict))
		return false;
	if (relapse == hearing->n_findings || account->verdict.severity > FL_OK)
		return true;
	free(account->verdict.summary);
	account->verdict.summary = NULL;
	return recover(hearing, relapse, account);
}

static bool decide(struct hearing *hearing, struct fl_account *account)
{
	if (hearing->n_findings == 0)
		return acquit(hearing, account);

	bool *explained = calloc(hearing->n_findings, sizeof(*explained));
	bool ok = explained != NULL;
	size_t chosen;

	for (size_t i = 0; ok && i < hearing->n_findings; i++)
		ok = rules_apply(hearing, i);
	if (ok) {
		chosen = fold_choose(hearing, explained);
		if (chosen == hearing->n_findings)
			ok = acquit(hearing, account);
		else if (hearing->findings[chosen].recovered != FL_TIME_NONE)
			ok = suffered(hearing, chosen, explained, account);
		else
			ok = condemn(hearing, chosen, explained, account);
	}
	free(explained);
	return ok;
}

static void end_hearing(struct hearing *hearing)
{
	for (size_t i = 0; hearing->rulings && i < hearing->n_findings; i++) {
		words_deinit(&hearing->rulings[i].because);
		words_deinit(&hearing->rulings[i].alternatives);
	}
	free(hearing->rulings);
	hearing->rulings = NULL;
}

/* The verdict, and in words unless the hearing is brief. */
static bool hear(struct hearing *hearing, struct fl_account *ret_account)
{
	bool ok = true;

	memset(ret_account, 0, sizeof(*ret_account));
	ret_account->verdict.because.is_muted = hearing->is_brief;
	if (hearing->n_findings > 0) {
		hearing->rulings = calloc(hearing->n_findings, sizeof(*hearing->rulings));
		ok = hearing->rulings != NULL;
	}
	ok = ok && decide(hearing, ret_account);
	if (ok)
		account_identify(hearing, ret_account);
	return ok;
}

static bool tell(struct hearing *hearing, bool all, struct fl_account *ret_account)
{
	bool ok = hear(hearing, ret_account);

	if (ok && (all || ret_account->verdict.severity > FL_OK))
		ok = account_detail(hearing, ret_account) && timers_tell(hearing, ret_account);
	end_hearing(hearing);
	return ok;
}

/* Without a word. */
static bool sketch(struct hearing *hearing, struct fl_account *ret_account)
{
	bool ok;

	hearing->is_brief = true;
	ok = hear(hearing, ret_account);
	end_hearing(hearing);
	hearing->is_brief = false;
	return ok;
}

static bool is_wished(const struct fl_wish *wish, const struct fl_account *account)
{
	return !wish->wants || wish->wants(wish->context, account);
}

/* Most flows of an outage, or of a flood, are a row in a table: words are made for those that somebody reads. */
int fl_judge_flow(struct fl_judge *judge, const struct fl_flow *flow, const struct fl_finding *findings,
                  size_t n_findings, const struct fl_wish *wish, struct fl_account *ret_account)
{
	/* Where frames have no time no wait is a fact. */
	struct hearing hearing = { .judge = judge,
		                   .flow = flow,
		                   .findings = findings,
		                   .n_findings = judge->settings.is_untimed ? 0 : n_findings };
	bool ok = true;

	if (!find_roles(&hearing) || ((wish->all || n_findings > 0) && !find_vantage(&hearing)))
		return -1;
	if (!wish->all)
		ok = sketch(&hearing, ret_account);
	if (ok && (wish->all || is_wished(wish, ret_account)))
		ok = tell(&hearing, wish->all, ret_account);
	if (!ok)
		fl_account_deinit(ret_account);
	return ok ? 0 : -1;
}
