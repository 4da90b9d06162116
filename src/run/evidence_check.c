/* Evidence that shows something else than what it is to show is worse than none: before a file is written, its frames
 * are read as whoever gets it will read them. */
#include <string.h>

#include "evidence.h"

struct checking {
	const struct volume *volume;
	const struct fl_evidence_flow *flow;
	struct fl_address address[2]; /* as they are in the file */
	const char *became;
	bool is_found; /* the very one */
};

/* It is that connection, whoever is taken for the client. */
static bool is_it(const struct checking *checking, const struct fl_account *account)
{
	for (unsigned client = 0; client < 2; client++) {
		if (fl_address_equal(&account->address[FL_CLIENT], &checking->address[client]) &&
		    fl_address_equal(&account->address[FL_SERVER], &checking->address[!client]) &&
		    account->port[FL_CLIENT] == checking->flow->port[client] &&
		    account->port[FL_SERVER] == checking->flow->port[!client])
			return true;
	}
	return false;
}

static void take_flow(void *context, const struct fl_account *account)
{
	struct checking *checking = context;
	const struct fl_evidence_flow *flow = checking->flow;
	const struct fl_verdict *verdict = &account->verdict;

	if (checking->is_found || !is_it(checking, account))
		return;
	/* Its first packet tells it from others on the same ports; but where the capture's clock went back, the time
	 * that the engine had then depends on what came before: the last that may be it is taken for it. */
	checking->is_found = account->first == flow->first;
	if (strcmp(verdict->id, flow->verdict) == 0 && verdict->severity == flow->severity &&
	    verdict->side == flow->side)
		checking->became = NULL;
	else
		checking->became = verdict->id;
}

static void take_incident(void *context, const struct fl_incident *incident)
{
	struct checking *checking = context;
	const struct fl_evidence_incident *wanted = checking->volume->incident;
	const struct fl_anonymizer *anonymizer = checking->volume->evidence->plan.anonymizer;
	struct fl_text subject;

	if (strcmp(incident->id, wanted->id) != 0)
		return;
	fl_text_init(&subject);
	if (anonymizer)
		fl_anonymize_text(anonymizer, wanted->subject, &subject);
	else
		fl_text_add(&subject, "%s", wanted->subject);
	if (strcmp(fl_text_get(&subject), incident->subject ? incident->subject : "") == 0)
		checking->became = NULL;
	fl_text_deinit(&subject);
}

/* Flows are to be handed out, whatever is asked. */
static void pass_flow(void *context, const struct fl_account *account)
{
	(void)context;
	(void)account;
}

static bool wants_no_words(void *context, const struct fl_account *account)
{
	(void)context;
	(void)account;
	return false;
}

static struct fl_capture_facts facts_of(const struct volume *volume, const struct sheet *sheet,
                                        struct fl_capture_file *ret_file)
{
	const struct fl_frame *last = sheet->n_frames ? &sheet->frames[sheet->n_frames - 1] : NULL;
	struct fl_capture_facts facts = { .files = ret_file,
		                          .n_files = 1,
		                          .frames = sheet->n_frames,
		                          .first = last ? sheet->frames[0].at : FL_TIME_NONE,
		                          .last = last ? last->at : FL_TIME_NONE,
		                          .interface_end = volume->capture->observed_until,
		                          .has_drops = volume->capture->facts->has_drops,
		                          .drops = volume->capture->facts->drops };

	facts.shown_first = facts.first;
	facts.shown_last = facts.last;
	*ret_file = (struct fl_capture_file){ .name = "",
		                              .format = "pcapng",
		                              .compression = "",
		                              .end = FL_FILE_WHOLE,
		                              .frames = sheet->n_frames,
		                              .first = facts.first,
		                              .last = facts.last,
		                              .modified = FL_TIME_NONE };
	return facts;
}

bool evidence_check(const struct volume *volume, const struct sheet *sheet, const char **ret_became)
{
	const struct fl_evidence_plan *plan = &volume->evidence->plan;
	const struct fl_evidence_flow *flow = volume->tracked[0]->flow;
	struct fl_engine_settings settings = { .settings = *plan->settings, .profiles = plan->profiles };
	struct checking checking = { .volume = volume, .flow = flow, .became = "nothing of it" };
	struct fl_engine_sink sink = { .flow = take_flow, .wants = wants_no_words, .context = &checking };
	struct fl_engine *engine = fl_engine_new(&settings);
	struct fl_capture_file file;
	struct fl_capture_facts facts = facts_of(volume, sheet, &file);
	int64_t until = volume->capture->observed_until;
	bool ok = engine != NULL;

	if (volume->incident) {
		sink.flow = pass_flow;
		sink.incident = take_incident;
	}
	for (unsigned i = 0; i < 2; i++) {
		checking.address[i] = flow->address[i];
		if (plan->anonymizer)
			fl_anonymize_address(plan->anonymizer, &checking.address[i]);
	}
	for (size_t i = 0; ok && i < sheet->n_frames; i += FL_BATCH) {
		size_t left = sheet->n_frames - i;

		fl_engine_frames(engine, sheet->frames + i, left < FL_BATCH ? left : FL_BATCH);
	}
	ok = ok && fl_engine_finish(engine, &facts, until, FL_UNTIL_INTERFACE_END, &sink) == 0;
	fl_engine_free(engine);
	*ret_became = checking.became;
	return ok;
}
