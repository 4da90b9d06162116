/* The members of a flow's JSON that only those have of whom there is something to tell: the findings with their
 * decisive frames, the signs of life of both sides, and the words. */
#include <stdio.h>

#include "flatline/time.h"
#include "json_parts.h"

/* Bytes, counts and frames are whole numbers; a length of time says its unit in its name. */
static void put_figure(struct maker *maker, struct json_object *figures, const struct fl_figure *figure)
{
	char name[96];

	switch (figure->unit) {
	case FL_UNIT_DURATION:
		snprintf(name, sizeof(name), "%s_seconds", figure->name);
		put_duration(maker, figures, name, figure->value, FL_NS_PER_S, 6);
		break;
	case FL_UNIT_TIME: put_time(maker, figures, figure->name, figure->value); break;
	default: put(maker, figures, figure->name, json_object_new_int64(figure->value));
	}
}

static struct json_object *evidence(struct maker *maker, const struct fl_judged_evidence *from)
{
	struct json_object *object = json_object_new_object();

	put_number(maker, object, "file", from->file);
	put_number(maker, object, "frame", from->frame);
	put_time(maker, object, "time", from->at);
	put_string(maker, object, "what", from->what);
	return object;
}

static struct json_object *finding(struct maker *maker, const struct fl_judged_finding *from)
{
	struct json_object *object = json_object_new_object(), *figures = json_object_new_object();
	struct json_object *proofs = json_object_new_array();

	put_string(maker, object, "id", from->id);
	put_string(maker, object, "severity", fl_severity_name(from->severity));
	put_string(maker, object, "side", fl_side_name(from->side));
	put_time(maker, object, "onset", from->onset);
	put_time(maker, object, "recovered", from->recovered);
	for (size_t i = 0; i < from->n_figures; i++)
		put_figure(maker, figures, &from->figures[i]);
	put(maker, object, "figures", figures);
	for (size_t i = 0; i < from->n_evidence; i++)
		put_item(maker, proofs, evidence(maker, &from->evidence[i]));
	put(maker, object, "evidence", proofs);
	return object;
}

static void put_findings(struct maker *maker, struct json_object *object, const struct fl_account *account)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < account->n_findings; i++)
		put_item(maker, array, finding(maker, &account->findings[i]));
	put(maker, object, "findings", array);
}

/* When and in which frame; null for never. */
static void put_moment(struct maker *maker, struct json_object *object, const char *key, int64_t at, uint32_t frame)
{
	struct json_object *moment;

	if (at == FL_TIME_NONE || frame == 0) {
		put_null(maker, object, key);
		return;
	}
	moment = json_object_new_object();
	put_time(maker, moment, "time", at);
	put_number(maker, moment, "frame", frame);
	put(maker, object, key, moment);
}

static struct json_object *side(struct maker *maker, const struct fl_judged_rung signs[FL_SIGNS])
{
	struct json_object *object = json_object_new_object();

	for (unsigned sign = 0; sign < FL_SIGNS; sign++) {
		struct json_object *rung = json_object_new_object();

		put_moment(maker, rung, "last", signs[sign].last_at, signs[sign].last_frame);
		put_moment(maker, rung, "asked", signs[sign].asked_at, signs[sign].asked_frame);
		put_number(maker, rung, "demands", signs[sign].demands);
		put(maker, object, fl_sign_name(sign), rung);
	}
	return object;
}

static void put_bound(struct maker *maker, struct json_object *object, const char *key, int64_t bound)
{
	if (bound == FL_KNOB_OPEN)
		put_null(maker, object, key);
	else
		put(maker, object, key, json_object_new_int64(bound));
}

static struct json_object *timers(struct maker *maker, const struct fl_timers *from)
{
	struct json_object *object = json_object_new_object(), *knobs = json_object_new_array();

	put_duration(maker, object, "initial_rto_ms", from->initial_rto, FL_NS_PER_MS, 3);
	put_number(maker, object, "retries", from->retries);
	for (size_t i = 0; i < from->n_knobs; i++) {
		struct json_object *knob = json_object_new_object();

		put_string(maker, knob, "name", from->knobs[i].name);
		put_bound(maker, knob, "at_least", from->knobs[i].at_least);
		put_bound(maker, knob, "at_most", from->knobs[i].at_most);
		put_item(maker, knobs, knob);
	}
	put(maker, object, "knobs", knobs);
	return object;
}

void put_detail(struct maker *maker, struct json_object *object, const struct fl_account *account)
{
	struct json_object *signs = json_object_new_object();

	put_findings(maker, object, account);
	put(maker, signs, "client", side(maker, account->signs[FL_CLIENT]));
	put(maker, signs, "server", side(maker, account->signs[FL_SERVER]));
	put(maker, object, "signs_of_life", signs);
	if (account->timers.is_known)
		put(maker, object, "timers", timers(maker, &account->timers));
	else
		put_null(maker, object, "timers");
	if (account->keepalive_says)
		put_string(maker, object, "keepalive", account->keepalive_says);
	else
		put_null(maker, object, "keepalive");
	put_words(maker, object, "story", &account->story);
	put_words(maker, object, "advice", &account->advice);
	put_words(maker, object, "caveats", &account->caveats);
}
