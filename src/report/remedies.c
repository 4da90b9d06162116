/* Which failure is helped by what, and how a remedy is put together. Who suffers sets it, not who stopped: a host that
 * is gone sets nothing any more. */
#include "remedies.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/time.h"
#include "remedies_parts.h"

const struct fl_judged_finding *patient_finding(const struct patient *patient, const char *id)
{
	const struct fl_account *account = patient->account;

	for (size_t i = 0; i < account->n_findings; i++) {
		if (strcmp(account->findings[i].id, id) == 0)
			return &account->findings[i];
	}
	return NULL;
}

bool patient_figure(const struct patient *patient, const char *name, int64_t *ret_value)
{
	const struct fl_judged_finding *finding = patient->finding;

	for (size_t i = 0; finding && i < finding->n_figures; i++) {
		if (strcmp(finding->figures[i].name, name) != 0)
			continue;
		*ret_value = finding->figures[i].value;
		return true;
	}
	return false;
}

const char *patient_role(enum fl_side side)
{
	return side == FL_SIDE_CLIENT ? "client" : side == FL_SIDE_SERVER ? "server" : "program";
}

void patient_end(const struct patient *patient, struct fl_text *why)
{
	const struct fl_verdict *verdict = &patient->account->verdict;
	char length[FL_TIME_TEXT], most[FL_TIME_TEXT];

	fl_duration_text(verdict->blind, length);
	if (verdict->is_over)
		fl_text_add(why, "it lasted for %s.", length);
	else if (verdict->noticed != FL_TIME_NONE)
		fl_text_add(why, "it was noticed after %s.", length);
	else if (verdict->gave_up)
		fl_text_add(why, "the kernel gave up after %s to %s.", length,
		            fl_duration_text(verdict->gave_up_after, most));
	else
		fl_text_add(why, "nobody had reacted after %s, when the capture ended.", length);
}

/* What is set is a whole number of seconds. */
static const char *limit_text(int64_t ns, char ret_text[FL_TIME_TEXT])
{
	if (ns % FL_NS_PER_S != 0 || ns >= 60 * FL_NS_PER_S)
		return fl_duration_text(ns, ret_text);
	snprintf(ret_text, FL_TIME_TEXT, "%" PRId64 " s", ns / FL_NS_PER_S);
	return ret_text;
}

void patient_gain(const struct patient *patient, struct fl_text *why, const char *done, int64_t after)
{
	const struct fl_verdict *verdict = &patient->account->verdict;
	bool is_open = verdict->noticed == FL_TIME_NONE && !verdict->gave_up && !verdict->is_over;
	char length[FL_TIME_TEXT], limit[FL_TIME_TEXT];

	fl_text_add(why, "After %s it would have %s", limit_text(after, limit), done);
	if (verdict->blind == FL_TIME_NONE) {
		fl_text_add(why, ".");
	} else if (verdict->blind > after + after / 4) {
		fl_text_add(why, "; ");
		patient_end(patient, why);
	} else if (is_open) {
		fl_text_add(why, "; the capture shows only %s of this.", fl_duration_text(verdict->blind, length));
	} else {
		fl_text_add(why, ". Here ");
		patient_end(patient, why);
		fl_text_add(why, " The limit is for the day on which nothing else ends it.");
	}
}

static const char *where_of(const struct patient *patient, enum place place, enum fl_side side)
{
	bool is_program = place == PLACE_PROGRAM;

	if (place == PLACE_PATH)
		return "on the router or firewall between them";
	if (is_program && side == FL_SIDE_SERVER && protocol_is_product(patient->account->profile))
		return "in the server's configuration";
	if (side == FL_SIDE_CLIENT)
		return is_program ? "in the client's program" : "on the client's host";
	if (side == FL_SIDE_SERVER)
		return is_program ? "in the server's program" : "on the server's host";
	return is_program ? "in the program at either end" : "on the host at either end";
}

struct remedy *remedy_begin(struct patient *patient, const char *title, enum place place, enum fl_side side)
{
	struct remedies *remedies = patient->remedies;
	struct remedy *remedy;

	if (patient->failed || remedies->count == most_remedies)
		return NULL;
	remedy = &remedies->items[remedies->count++];
	*remedy = (struct remedy){ .title = title, .where = where_of(patient, place, side) };
	return remedy;
}

void remedy_why(struct patient *patient, struct remedy *remedy, struct fl_text *why)
{
	if (why->failed) {
		fl_text_deinit(why);
		patient->failed = true;
	} else if (remedy) {
		remedy->why = why->data;
	} else {
		fl_text_deinit(why);
	}
}

/* The amount that is named at `name`, the longest that fits: "ss" is s, and a letter. */
static int64_t amount_of(const struct amounts *amounts, const char *name, size_t *ret_length)
{
	const struct {
		const char *name;
		int64_t value;
	} names[] = { { "s", amounts->s },
		      { "ms", amounts->s * 1000 },
		      { "idle", amounts->idle },
		      { "idle_ms", amounts->idle * 1000 },
		      { "interval", amounts->interval },
		      { "count", amounts->count },
		      { "beat", amounts->beat },
		      { "beat_ms", amounts->beat * 1000 },
		      { "hold", amounts->beat * 3 },
		      { "hold_ms", amounts->beat * 3000 },
		      { "mss", amounts->mss } };
	int64_t value = 0;

	*ret_length = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i].name);

		if (length <= *ret_length || strncmp(names[i].name, name, length) != 0)
			continue;
		*ret_length = length;
		value = names[i].value;
	}
	return value;
}

/* The lines with their amounts. NULL out of memory. */
static char *fill_in(const char *lines, const struct amounts *amounts)
{
	struct fl_text text;

	fl_text_init(&text);
	while (*lines) {
		size_t plain = strcspn(lines, "@"), length;

		fl_text_bytes(&text, lines, plain);
		lines += plain;
		if (!*lines)
			break;
		fl_text_add(&text, "%" PRId64, amount_of(amounts, lines + 1, &length));
		lines += 1 + length;
	}
	if (text.failed)
		fl_text_deinit(&text);
	return text.data;
}

static bool fits(const struct patient *patient, const struct recipe *recipe, enum code code, enum fl_side side)
{
	const char *profile = patient->account->profile;

	return recipe->code == code &&
	       (recipe->side == FL_SIDE_NONE || recipe->side == side || side == FL_SIDE_UNKNOWN) &&
	       (!recipe->profile || (profile && strcmp(recipe->profile, profile) == 0));
}

static void add_snippet(struct patient *patient, struct remedy *remedy, const struct recipe *recipe,
                        const struct amounts *amounts)
{
	struct snippet *snippet;

	if (patient->failed || remedy->n_snippets == most_snippets)
		return;
	snippet = &remedy->snippets[remedy->n_snippets];
	snippet->language = recipe->language;
	snippet->code = fill_in(recipe->lines, amounts);
	if (snippet->code)
		remedy->n_snippets++;
	else
		patient->failed = true;
}

bool remedy_is_known(const struct patient *patient, enum code code, enum fl_side side)
{
	struct recipe recipe;

	for (size_t i = 0; recipe_of_protocols(i, &recipe); i++) {
		if (fits(patient, &recipe, code, side))
			return true;
	}
	return false;
}

/* Whether lines for any protocol are of use: who uses a library or a product has no socket to set anything on. */
static bool is_of_use(const struct patient *patient, const struct recipe *recipe, enum code code, enum fl_side side)
{
	if (strcmp(recipe->language, "sysctl") == 0)
		return true;
	return !remedy_is_known(patient, code, side) &&
	       !(side == FL_SIDE_SERVER && protocol_is_product(patient->account->profile));
}

bool remedy_has_code(const struct patient *patient, enum code code, enum fl_side side)
{
	struct recipe recipe;

	for (size_t i = 0; recipe_of_sockets(i, &recipe); i++) {
		if (fits(patient, &recipe, code, side) && is_of_use(patient, &recipe, code, side))
			return true;
	}
	return remedy_is_known(patient, code, side);
}

void remedy_code(struct patient *patient, struct remedy *remedy, enum code code, enum fl_side side,
                 const struct amounts *amounts)
{
	struct recipe recipe;

	if (!remedy)
		return;
	for (size_t i = 0; recipe_of_protocols(i, &recipe); i++) {
		if (fits(patient, &recipe, code, side))
			add_snippet(patient, remedy, &recipe, amounts);
	}
	for (size_t i = 0; recipe_of_sockets(i, &recipe); i++) {
		if (fits(patient, &recipe, code, side) && is_of_use(patient, &recipe, code, side))
			add_snippet(patient, remedy, &recipe, amounts);
	}
}

static void after_accept_queue_overflow(struct patient *patient)
{
	int64_t bytes;

	give_backlog(patient);
	give_reply_limit(patient);
	if (patient_figure(patient, "bytes", &bytes) && bytes > 0)
		give_user_timeout(patient);
}

static void after_app_silent(struct patient *patient)
{
	give_reply_limit(patient);
	give_beats(patient, patient->other);
}

static void after_auth_unanswered(struct patient *patient)
{
	int64_t beats;

	give_reply_limit(patient);
	if (patient_figure(patient, "beats", &beats) || patient_finding(patient, "heartbeat-before-auth"))
		give_login_first(patient);
	give_beats(patient, patient->other);
}

static void after_connect_slow(struct patient *patient)
{
	if (patient_finding(patient, "accept-queue-overflow"))
		give_backlog(patient);
	give_connect_limit(patient);
}

static void after_connect_unanswered(struct patient *patient)
{
	give_connect_limit(patient);
	give_syn_retries(patient);
	/* The SYN arrives at the server's host, which does not answer. */
	if (patient->account->verdict.layer == FL_LAYER_STACK)
		give_backlog(patient);
}

/* It was slow; where that was the application, an answer was waited for. */
static void after_degraded(struct patient *patient)
{
	const char *const waits[] = { "app-silent", "auth-unanswered" };

	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		const struct fl_judged_finding *finding = patient_finding(patient, waits[i]);

		if (!finding || patient->account->verdict.layer != FL_LAYER_APPLICATION)
			continue;
		patient->finding = finding;
		give_reply_limit(patient);
		return;
	}
}

static void after_half_closed(struct patient *patient)
{
	give_close(patient);
	give_fin_wait(patient);
}

static void after_idle_dropped(struct patient *patient)
{
	int64_t repeats, gave_up;

	give_keepalive(patient);
	give_beats(patient, patient->other);
	if (patient_figure(patient, "repeats", &repeats))
		give_user_timeout(patient);
	if (patient_figure(patient, "gave_up", &gave_up))
		give_retry(patient);
}

static void after_idle(struct patient *patient)
{
	give_keepalive(patient);
	give_beats(patient, patient->other);
}

static void after_mtu_blackhole(struct patient *patient)
{
	give_mtu_probes(patient);
	give_mss_clamp(patient);
	give_user_timeout(patient);
}

static void after_peer_restarted(struct patient *patient)
{
	give_keepalive(patient);
	give_beats(patient, patient->other);
	give_retry(patient);
}

static void after_peer_vanished(struct patient *patient)
{
	give_user_timeout(patient);
	give_retries2(patient);
	give_beats(patient, patient->other);
}

static void after_receiver_stalled(struct patient *patient)
{
	give_user_timeout(patient);
	give_write_limit(patient);
}

static void after_unreachable(struct patient *patient)
{
	int64_t errors;

	give_user_timeout(patient);
	if (patient_figure(patient, "errors", &errors))
		give_icmp(patient);
	give_retries2(patient);
}

static const struct {
	const char *verdict;
	void (*give)(struct patient *patient);
} table[] = {
	{ "accept-queue-overflow", after_accept_queue_overflow },
	{ "app-silent", after_app_silent },
	{ "auth-rejected", give_account_check },
	{ "auth-unanswered", after_auth_unanswered },
	{ "close-unanswered", give_orphan },
	{ "closed-mid-request", give_retry },
	{ "connect-refused", give_retry },
	{ "connect-slow", after_connect_slow },
	{ "connect-unanswered", after_connect_unanswered },
	{ "degraded", after_degraded },
	{ "half-closed", after_half_closed },
	{ "handshake-abandoned", give_syn_cookies },
	{ "heartbeat-ack-only", give_beat_limit },
	{ "heartbeat-stopped", give_beat_limit },
	{ "idle-dropped", after_idle_dropped },
	{ "idle-unknown", after_idle },
	{ "keepalive-unanswered", after_idle },
	{ "mtu-blackhole", after_mtu_blackhole },
	{ "peer-restarted", after_peer_restarted },
	{ "peer-vanished", after_peer_vanished },
	{ "receiver-stalled", after_receiver_stalled },
	{ "reset", give_retry },
	{ "unreachable", after_unreachable },
};

static enum fl_side opposite(enum fl_side side)
{
	return side == FL_SIDE_CLIENT ? FL_SIDE_SERVER : side == FL_SIDE_SERVER ? FL_SIDE_CLIENT : FL_SIDE_UNKNOWN;
}

/* Where the path is sick its finding still names whose packets do not come; whose nothing is known of, neither. */
static void find_sides(struct patient *patient)
{
	enum fl_side side = patient->account->verdict.side;

	patient->finding = patient_finding(patient, patient->account->verdict.id);
	if (side == FL_SIDE_BETWEEN && patient->finding)
		side = patient->finding->side;
	patient->sick = side == FL_SIDE_CLIENT || side == FL_SIDE_SERVER ? side : FL_SIDE_UNKNOWN;
	patient->other = opposite(patient->sick);
}

bool remedies_find(const struct fl_account *account, struct remedies *ret_remedies)
{
	struct remedies remedies = { .count = 0 };
	struct patient patient = { .account = account, .remedies = &remedies };

	find_sides(&patient);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].verdict, account->verdict.id) == 0)
			table[i].give(&patient);
	}
	if (patient.failed) {
		remedies_deinit(&remedies);
		return false;
	}
	*ret_remedies = remedies;
	return true;
}

void remedies_deinit(struct remedies *remedies)
{
	for (size_t i = 0; i < remedies->count; i++) {
		struct remedy *remedy = &remedies->items[i];

		for (size_t k = 0; k < remedy->n_snippets; k++)
			free(remedy->snippets[k].code);
		free(remedy->why);
	}
	*remedies = (struct remedies){ .count = 0 };
}
