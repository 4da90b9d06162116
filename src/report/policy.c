/* Which verdicts fail a check, whatever is expected: those at or over a severity, and those with an id that somebody
 * wants to hear of. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/check.h"
#include "flatline/text.h"

enum { most_told = 100 }; /* flows: more than that is a matter of the whole capture */

struct fl_policy {
	struct fl_policy_settings settings;
	const char **ids;       /* of the settings: the array is this object's */
	struct fl_checks found; /* items of flows that fail */
	uint64_t n_flows, n_failing, n_excused;
};

struct fl_policy *fl_policy_new(const struct fl_policy_settings *settings)
{
	struct fl_policy *policy = calloc(1, sizeof(*policy));
	const char **ids = calloc(settings->n_verdicts + 1, sizeof(*ids));

	if (!policy || !ids) {
		free(policy);
		free(ids);
		return NULL;
	}
	for (size_t i = 0; i < settings->n_verdicts; i++)
		ids[i] = settings->verdicts[i];
	policy->settings = *settings;
	policy->settings.verdicts = policy->ids = ids;
	return policy;
}

void fl_policy_free(struct fl_policy *policy)
{
	if (!policy)
		return;
	fl_checks_deinit(&policy->found);
	free(policy->ids);
	free(policy);
}

/* "no verdict at or over critical", "no reset, no idle-dropped": what was asked for. */
static void add_name(const struct fl_policy_settings *settings, struct fl_text *text)
{
	if (settings->fail_on < FL_SEVERITIES)
		fl_text_add(text, "no verdict at or over %s", fl_severity_name(settings->fail_on));
	for (size_t i = 0; i < settings->n_verdicts; i++)
		fl_text_add(text, "%sno %s", text->length ? ", " : "", settings->verdicts[i]);
}

static bool fails(const struct fl_policy_settings *settings, const struct fl_verdict *verdict)
{
	/* FL_SEVERITIES is over all of them. */
	if (verdict->severity >= settings->fail_on)
		return true;
	for (size_t i = 0; i < settings->n_verdicts; i++) {
		if (strcmp(settings->verdicts[i], verdict->id) == 0)
			return true;
	}
	return false;
}

/* The decisive frames, and what to do about it: enough to act on without opening the capture. */
static void add_detail(const struct fl_account *account, struct fl_text *text)
{
	char moment[FL_TIME_TEXT];

	for (size_t i = 0; i < account->n_moments; i++)
		fl_text_add(text, "  %s  #%" PRIu32 "  %s\n", fl_time_of_day(account->moments[i].at, true, moment),
		            account->moments[i].frame, account->moments[i].text);
	if (account->why_unnoticed)
		fl_text_add(text, "  %s: %s\n", fl_account_why(account), account->why_unnoticed);
	if (account->would_catch)
		fl_text_add(text, "  What would have caught it: %s\n", account->would_catch);
	if (account->stream != UINT32_MAX)
		fl_text_add(text, "  In Wireshark: tcp.stream eq %" PRIu32 "\n", account->stream);
	fl_text_add(text, "  flatline explain %s", account->verdict.id);
}

/* Why it is excused; or, into the detail, until when it was. */
static void add_excuse(const struct fl_policy_settings *settings, const struct fl_account *account,
                       struct fl_text *excuse, struct fl_text *detail)
{
	const char *reason, *last_day;

	if (fl_allow_excuses(settings->allow, account, settings->now, &reason, &last_day)) {
		fl_text_add(excuse, last_day ? "%s (until %s)" : "%s", reason, last_day);
		return;
	}
	if (reason)
		fl_text_add(detail, "\n  It was excused until %s: %s", last_day, reason);
}

static bool add_flow(struct fl_policy *policy, const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;
	char client[FL_ENDPOINT_TEXT], server[FL_ENDPOINT_TEXT], host[FL_ADDRESS_TEXT];
	struct fl_check_item item = { .verdict = verdict->id,
		                      .severity = verdict->severity,
		                      .flow = account->id,
		                      .frame = verdict->onset_frame ? verdict->onset_frame : account->first_frame,
		                      .file = account->n_moments > 0 ? account->moments[0].file : 0 };
	struct fl_text name, message, detail, excuse;

	fl_text_init(&name);
	fl_text_init(&message);
	fl_text_init(&detail);
	fl_text_init(&excuse);
	fl_endpoint_text(&account->address[FL_SERVER], account->port[FL_SERVER], server);
	/* Not the client's port: it is another one in every run. */
	add_name(&policy->settings, &name);
	fl_text_add(&name, " (%s, %s -> %s)", verdict->id, fl_address_text(&account->address[FL_CLIENT], host), server);
	fl_text_add(&message, "%s %s, flow %" PRIu32 ", %s -> %s: %s", fl_severity_name(verdict->severity), verdict->id,
	            account->id, fl_endpoint_text(&account->address[FL_CLIENT], account->port[FL_CLIENT], client),
	            server, verdict->summary ? verdict->summary : "");
	add_detail(account, &detail);
	add_excuse(&policy->settings, account, &excuse, &detail);
	item.state = excuse.length > 0 ? FL_CHECK_EXCUSED : FL_CHECK_FAILED;
	item.excuse = excuse.data;
	return fl_checks_add_texts(&policy->found, &item, &name, &message, &detail);
}

int fl_policy_flow(struct fl_policy *policy, const struct fl_account *account)
{
	const char *reason, *last_day;
	bool is_excused;

	policy->n_flows++;
	if (!fails(&policy->settings, &account->verdict))
		return 0;
	is_excused = fl_allow_excuses(policy->settings.allow, account, policy->settings.now, &reason, &last_day);
	if ((is_excused ? policy->n_excused++ : policy->n_failing++) >= most_told)
		return 0;
	return add_flow(policy, account) ? 0 : -1;
}

/* None failed, or more than are told. */
static bool add_total(const struct fl_policy *policy, struct fl_checks *checks)
{
	struct fl_check_item item = { .state = policy->n_failing ? FL_CHECK_FAILED : FL_CHECK_PASSED,
		                      .severity = FL_CRITICAL,
		                      .flow = -1 };
	struct fl_text name, message, detail;

	fl_text_init(&name);
	fl_text_init(&message);
	fl_text_init(&detail);
	add_name(&policy->settings, &name);
	if (policy->n_failing)
		fl_text_add(&message, "%" PRIu64 " more of %" PRIu64 " flows fail", policy->n_failing - most_told,
		            policy->n_flows);
	return fl_checks_add_texts(checks, &item, &name, &message, &detail);
}

int fl_policy_end(struct fl_policy *policy, struct fl_checks *checks)
{
	for (size_t i = 0; i < policy->found.count; i++) {
		if (!fl_checks_add(checks, &policy->found.items[i])) {
			policy->found.items[i] = (struct fl_check_item){ 0 };
			return -1;
		}
		policy->found.items[i] = (struct fl_check_item){ 0 }; /* it is the list's now */
	}
	if (policy->n_failing > 0 ? policy->n_failing <= most_told : policy->n_excused > 0)
		return 0;
	return add_total(policy, checks) ? 0 : -1;
}
