/* The rules of the applications: logins, heartbeats and requests that get no answer, or a no. What the asker did about
 * it, what others were answered, and what a known protocol owes is the second sign beside the wait. */
#include "rules.h"

enum { run_of_answers = 2, few_answers = 5, times_the_longest = 4 };

static const int64_t long_silence = 30 * FL_NS_PER_S;

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool replies_are_owed(const struct hearing *hearing)
{
	return hearing->judge->settings.settings->value[FL_SET_REPLIES] == 1;
}

static bool add_sibling_reasons(const struct siblings *siblings, uint32_t answered, struct fl_words *because)
{
	char longest[FL_TIME_TEXT];

	if (siblings->count == 0)
		return words_add(because, "no other connection to this service in the capture to compare with");
	if (answered == 0 && siblings->count == 1)
		return words_add(because, "the one other connection to this service was not answered either");
	if (answered == 0)
		return words_add(because, "none of %u other connections to this service was answered either",
		                 siblings->count);
	return words_add(because, "%u of %u other %s to this service %s answered, after %s at most", answered,
	                 siblings->count, siblings->count == 1 ? "connection" : "connections",
	                 answered == 1 ? "was" : "were", fl_duration_text(siblings->longest_answer, longest));
}

/* When the asker's host connected to the same service again. A client that opens another connection before it could
 * have lost patience opens them in parallel as a matter of course: that says nothing. */
static int64_t asked_again_at(const struct hearing *hearing, const struct fl_finding *finding,
                              const struct neighbours *neighbours, int64_t patience, bool must_ask)
{
	int64_t again = neighbours_next_syn(neighbours, hearing->flow, finding->onset, must_ask);

	return again != FL_TIME_NONE && again - finding->onset >= patience ? again : FL_TIME_NONE;
}

/* A client that leaves one connection for another does both at once, in whatever order. */
static const int64_t one_breath = FL_NS_PER_S;

/* The asker's application noticed: it closed, or its host connected to the same service again. */
static int64_t noticed_at(const struct hearing *hearing, const struct fl_finding *finding,
                          const struct neighbours *neighbours, int64_t patience)
{
	int64_t gave_up = fl_finding_get(finding, "gave_up", FL_TIME_NONE);
	int64_t again = asked_again_at(hearing, finding, neighbours, patience, false);

	/* Who goes on here after that is another program of the host, or one that did not notice. */
	if (again != FL_TIME_NONE && hearing->flow->cold->talk[!finding->dir].last_at > again + one_breath &&
	    gave_up == FL_TIME_NONE)
		again = FL_TIME_NONE;
	if (gave_up == FL_TIME_NONE || (again != FL_TIME_NONE && again < gave_up))
		return again;
	return gave_up;
}

/* The asker left without its answer. A FIN alone may be a client that has said all; a server that reads on closes soon,
 * too, and does not hang. */
static bool has_given_up(const struct hearing *hearing, const struct fl_finding *finding)
{
	const struct fl_judge_settings *settings = &hearing->judge->settings;
	int64_t gave_up = fl_finding_get(finding, "gave_up", FL_TIME_NONE);
	bool by_reset = hearing->flow->end[!finding->dir].seen & FL_SEEN_RST;

	if (gave_up == FL_TIME_NONE || fl_finding_get(finding, "follows", 0))
		return false;
	return by_reset || settings->observed_until - gave_up >= settings->settings->value[FL_SET_ANSWER_OWED];
}

/* Its receive window is closed: that is what is the matter with it, and not the answer alone. */
static bool has_closed_window(const struct hearing *hearing, unsigned dir)
{
	const struct fl_trouble *trouble = fl_tcp_trouble(hearing->flow);

	return trouble && trouble->closed[dir].since != FL_TIME_NONE;
}

/* The server was to speak first, in the protocol of its port. */
static bool rule_greeting(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	bool is_assigned, gave_up = fl_finding_get(finding, "gave_up", 0);
	struct fl_address address;
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	const struct fl_profile *profile;
	struct siblings siblings;
	uint16_t port;

	fl_flow_endpoint(hearing->flow, finding->dir, &address, &port);
	profile = fl_profiles_greeting(hearing->judge->settings.profiles, port, &is_assigned);
	if (!profile)
		return true;
	if (!neighbours)
		return false;
	neighbours_siblings(neighbours, hearing->flow, 0, &siblings);
	if (!is_assigned && siblings.began > 0) /* it is something else that listens there */
		return true;
	ruling->is_verdict = true;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->noticed = fl_finding_get(finding, "gave_up", FL_TIME_NONE);
	ruling->severity = is_assigned || gave_up || siblings.greeted > 0 ? FL_CRITICAL : FL_NOTICE;
	ruling->confidence = is_assigned || siblings.greeted > 0 ? FL_CONFIDENCE_HIGH : FL_CONFIDENCE_MEDIUM;
	if (siblings.greeted > 0 &&
	    !words_add(&ruling->because, "%u of %u other connections to this service %s greeted", siblings.greeted,
	               siblings.count, siblings.greeted == 1 ? "was" : "were"))
		return false;
	return words_add(&ruling->because,
	                 is_assigned ? "%s, as --profile says: the server speaks first"
	                             : "%s, by its port alone: there the server speaks first",
	                 fl_profile_title(profile)) &&
	       (ruling->confidence == FL_CONFIDENCE_HIGH ||
	        words_add(&ruling->alternatives, gave_up ? "closed" : "idle-unknown")) &&
	       add_view_reasons(hearing, &ruling->because);
}

bool rule_auth_unanswered(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct fl_settings *settings = hearing->judge->settings.settings;
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	int64_t waited = fl_finding_get(finding, "waited", 0);
	bool beats = fl_finding_get(finding, "beats", 0) > 0;
	struct siblings siblings;

	if (fl_finding_get(finding, "greeting", 0))
		return rule_greeting(hearing, finding, ruling);
	if (!neighbours)
		return false;
	neighbours_siblings(neighbours, hearing->flow, 0, &siblings);

	int64_t owed = later(fl_finding_get(finding, "patience", settings->value[FL_SET_ANSWER_OWED]),
	                     siblings.longest_answer * times_the_longest);

	if (has_closed_window(hearing, finding->dir))
		return true;
	if (waited < owed) {
		ruling->is_pending = true;
		return true;
	}
	ruling->is_verdict = true;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->noticed = noticed_at(hearing, finding, neighbours, owed);

	bool gave_up = has_given_up(hearing, finding) ||
	               asked_again_at(hearing, finding, neighbours, owed, true) != FL_TIME_NONE;
	/* A question of another length may well be another question: a poll that has to wait. */
	bool siblings_answered = siblings.exact > 0 ||
	                         (siblings.answered > 0 && waited >= settings->value[FL_SET_IDLE]);

	bool is_owed = replies_are_owed(hearing) || is_by_protocol(finding);

	ruling->severity = beats || gave_up || siblings_answered || is_owed ? FL_CRITICAL : FL_NOTICE;
	/* A side that never spoke and closes owes nothing, as far as anything shows; one that aborts leaves unread what
	 * it was asked. */
	if (ruling->severity < FL_CRITICAL && fl_finding_get(finding, "left", 0) &&
	    !fl_finding_get(finding, "aborted", 0))
		ruling->is_verdict = false;
	/* It read to the end of what its client sent, and closed. */
	if (ruling->severity < FL_CRITICAL && fl_finding_get(finding, "follows", 0))
		ruling->is_verdict = false;
	if (siblings_answered || is_owed)
		ruling->confidence = FL_CONFIDENCE_HIGH;
	else
		ruling->confidence = beats ? FL_CONFIDENCE_MEDIUM : FL_CONFIDENCE_LOW;
	if (ruling->confidence != FL_CONFIDENCE_HIGH && !words_add(&ruling->alternatives, "one-way"))
		return false;
	if (is_by_protocol(finding) && !add_protocol_reason(hearing, "a login is owed its answer", &ruling->because))
		return false;
	if (beats && !is_by_protocol(finding) &&
	    !words_add(&ruling->because, "protocol unknown, so the first message is taken for a login by its shape: "
	                                 "one message unlike the rest, then a steady beat"))
		return false;
	if (!beats && !is_by_protocol(finding) &&
	    !words_add(&ruling->because, "protocol unknown, and only the first message to go by"))
		return false;
	return add_view_reasons(hearing, &ruling->because) &&
	       add_sibling_reasons(&siblings, siblings.answered, &ruling->because);
}

bool rule_heartbeat_ack_only(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct fl_settings *settings = hearing->judge->settings.settings;
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	int64_t answered_before = fl_finding_get(finding, "answered_before", 0);
	uint32_t length = (uint32_t)fl_finding_get(finding, "beat_length", 0);
	bool answered = answered_before >= run_of_answers;
	bool is_protocol = fl_finding_get(finding, "pings", 0) >= settings->value[FL_SET_BEATS_MISSED];
	bool is_owed = replies_are_owed(hearing) || is_protocol;
	struct siblings siblings = { 0 };

	if (!neighbours)
		return false;
	if (finding->dir != hearing->client)
		neighbours_siblings(neighbours, hearing->flow, length, &siblings);
	if (!answered && siblings.beats_answered == 0 && !is_owed)
		return true; /* nothing shows that anyone owes an answer */
	if (hearing->flow->end[0].packets == 0 || hearing->flow->end[1].packets == 0 ||
	    fl_finding_get(finding, "missed_acked", 0) < settings->value[FL_SET_BEATS_MISSED])
		return true; /* one direction, or a path that died: not the application's silence */
	if (fl_finding_get(finding, "missing", 0) < settings->value[FL_SET_BEATS_MISSED] ||
	    fl_finding_get(finding, "missed_for", 0) < settings->value[FL_SET_BEATS_MISSED_FOR]) {
		ruling->is_pending = true;
		return true;
	}
	ruling->is_verdict = true;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->severity = FL_CRITICAL;
	ruling->confidence = answered || is_owed ? FL_CONFIDENCE_HIGH : FL_CONFIDENCE_MEDIUM;
	ruling->noticed = noticed_at(hearing, finding, neighbours, settings->value[FL_SET_BEATS_MISSED_FOR]);
	if (is_protocol && !add_protocol_reason(hearing, "a ping is owed its answer", &ruling->because))
		return false;
	if (answered &&
	    !words_add(&ruling->because, "%lld messages of this kind in a row were answered before on this connection",
	               (long long)answered_before))
		return false;
	if (!answered && !is_owed && !words_add(&ruling->alternatives, "one-way"))
		return false;
	return add_view_reasons(hearing, &ruling->because) &&
	       add_sibling_reasons(&siblings, siblings.beats_answered, &ruling->because);
}

/* One request after another, where each of many had its answer; more than those were would be a stream. */
static bool is_missed(const struct fl_finding *finding, int64_t waited)
{
	const int64_t many = 10, long_enough = 10 * FL_NS_PER_S;
	int64_t answered = fl_finding_get(finding, "answered", 0);

	return answered >= many && fl_finding_get(finding, "requests", 0) <= answered && waited >= long_enough;
}

/* The asker left, and the other side had the time to close as well, which a process that reads on does as soon as it
 * hears of it; or its kernel waited for that before it ACKed the FIN (a delayed ACK). */
static bool is_left_behind(const struct hearing *hearing, unsigned asker, int64_t left_at)
{
	const struct fl_flow *flow = hearing->flow;
	const int64_t quick_close = 200 * FL_NS_PER_MS, delayed_ack = 30 * FL_NS_PER_MS;
	uint32_t usual_us = flow->cold->ack_delay_us[asker];
	int64_t usual = usual_us == UINT32_MAX ? fl_tcp_rtt(flow) : usual_us * FL_NS_PER_US;

	return (flow->end[asker].seen & FL_SEEN_RST) || (flow->end[!asker].seen & FL_SEEN_FIN) ||
	       flow->end[!asker].last_at - left_at >= usual + delayed_ack ||
	       hearing->judge->settings.observed_until - left_at >= fl_tcp_rtt(flow) + quick_close;
}

/* The last answered ones were of one length, and so is what waits. */
static bool is_alike(const struct fl_finding *finding)
{
	return fl_finding_get(finding, "same_length", 0) >= run_of_answers;
}

/* By how much answers and answered requests differ in number. */
static int64_t odd_answers(const struct fl_finding *finding)
{
	int64_t odd = fl_finding_get(finding, "answers", 0) - fl_finding_get(finding, "answered", 0);

	return odd < 0 ? -odd : odd;
}

/* What was answered twice may have been what is always answered, and the rest what never is; and where the other side
 * also speaks of its own accord, what was said last may have been said to that. */
static bool is_habit(const struct fl_finding *finding)
{
	int64_t answered = fl_finding_get(finding, "answered", 0);

	return (answered >= few_answers && odd_answers(finding) * 10 <= answered) || is_alike(finding);
}

/* It has but one thing to say, which had its one answer each time. */
static bool has_one_question(const struct fl_finding *finding)
{
	return fl_finding_get(finding, "answered", 0) >= run_of_answers && fl_finding_get(finding, "all_alike", 0) &&
	       odd_answers(finding) == 0;
}

/* A second sign beside the wait: what the asker did about it. */
static bool is_corroborated(const struct hearing *hearing, const struct fl_finding *finding,
                            const struct neighbours *neighbours, int64_t owed)
{
	bool is_clients = finding->dir != hearing->client; /* question */
	int64_t left_at = fl_finding_get(finding, "gave_up", FL_TIME_NONE);
	int64_t requests = fl_finding_get(finding, "requests", 0), waited = fl_finding_get(finding, "waited", 0);
	bool has_left = left_at != FL_TIME_NONE && is_left_behind(hearing, !finding->dir, left_at) &&
	                left_at - finding->onset >= owed && !fl_finding_get(finding, "minor", 0);
	bool gave_up = has_left ||
	               (is_clients && asked_again_at(hearing, finding, neighbours, owed, true) != FL_TIME_NONE);
	/* Not whatever is said next: the same again, or on and on. */
	bool asks_again = requests > (is_alike(finding) ? 1 : run_of_answers) &&
	                  (is_alike(finding) || waited >= long_silence || is_missed(finding, waited));
	/* It said it again when it had waited, or left and nobody took notice of that either. */
	bool lost_patience = (requests == run_of_answers && fl_finding_get(finding, "again_after", 0) >= owed) ||
	                     (gave_up && !fl_finding_get(finding, "follows", 0)) ||
	                     fl_finding_get(finding, "left_for", 0) >= long_silence;

	return (is_habit(finding) && (asks_again || gave_up || is_alike(finding))) ||
	       (has_one_question(finding) && lost_patience);
}

bool rule_app_silent(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	const struct fl_settings *settings = hearing->judge->settings.settings;
	const struct neighbours *neighbours = judge_neighbours(hearing->judge);
	int64_t waited = fl_finding_get(finding, "waited", 0);
	long long answered = fl_finding_get(finding, "answered", 0);
	struct siblings siblings;

	if (!neighbours)
		return false;
	bool is_servers = finding->dir == hearing->client; /* request, and the client owes the answer */

	if ((is_servers && !fl_finding_get(finding, "by_itself", 0)) || has_closed_window(hearing, finding->dir))
		return true;
	neighbours_siblings(neighbours, hearing->flow, 0, &siblings);
	if (is_servers || fl_finding_get(finding, "ping", 0)) /* which is no request like theirs */
		siblings.longest_answer = 0;

	int64_t owed = later(settings->value[FL_SET_ANSWER_OWED], siblings.longest_answer * times_the_longest);

	if (waited < owed)
		return true;
	if (finding->recovered != FL_TIME_NONE) {
		ruling->is_verdict = answered >= few_answers ||
		                     (answered >= run_of_answers && fl_finding_get(finding, "all_alike", 0));
		ruling->severity = FL_WARNING;
		ruling->layer = FL_LAYER_APPLICATION;
		return true;
	}
	ruling->is_verdict = true;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->noticed = is_servers ? fl_finding_get(finding, "gave_up", FL_TIME_NONE)
	                             : noticed_at(hearing, finding, neighbours, owed);

	bool is_owed = replies_are_owed(hearing) || is_by_protocol(finding);

	ruling->severity = is_corroborated(hearing, finding, neighbours, owed) || is_owed ? FL_CRITICAL : FL_NOTICE;
	ruling->confidence = (is_habit(finding) && is_alike(finding)) || is_owed ? FL_CONFIDENCE_HIGH
	                                                                         : FL_CONFIDENCE_MEDIUM;
	if (is_by_protocol(finding) &&
	    !add_protocol_reason(hearing, "what waits is owed its answer at once", &ruling->because))
		return false;
	return words_add(&ruling->because, "%lld requests were answered before on this connection", answered) &&
	       add_view_reasons(hearing, &ruling->because);
}

bool rule_heartbeat_stopped(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	if (hearing->flow->end[0].packets == 0 || hearing->flow->end[1].packets == 0)
		return true; /* one direction: nobody knows what went by */
	ruling->is_verdict = true;
	ruling->severity = is_by_protocol(finding) ? FL_CRITICAL : FL_WARNING;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->confidence = is_by_protocol(finding) ? FL_CONFIDENCE_HIGH : FL_CONFIDENCE_MEDIUM;
	if (is_by_protocol(finding))
		return add_protocol_reason(hearing, "each side owes its beat", &ruling->because) &&
		       add_view_reasons(hearing, &ruling->because);
	return words_add(&ruling->because,
	                 "%lld beats before, of a protocol that is not known: whether more were owed is not, either",
	                 (long long)fl_finding_get(finding, "beats", 0)) &&
	       add_view_reasons(hearing, &ruling->because);
}

/* It came to nothing, and its client was told so at once. */
bool rule_auth_rejected(struct hearing *hearing, const struct fl_finding *finding, struct ruling *ruling)
{
	/* A mistyped password stalls nobody, nor does a no to one of many requests. */
	ruling->is_verdict = finding->recovered == FL_TIME_NONE &&
	                     fl_finding_get(finding, "served", 0) < run_of_answers;
	ruling->severity = FL_WARNING;
	ruling->layer = FL_LAYER_APPLICATION;
	ruling->noticed = fl_finding_get(finding, "rejected_at", FL_TIME_NONE);
	ruling->confidence = FL_CONFIDENCE_HIGH;
	return add_protocol_reason(hearing, "it says no in its own words", &ruling->because) &&
	       add_view_reasons(hearing, &ruling->because);
}
