/* What a program can do: a kernel ACKs for a process that hangs, and no timer of TCP ever ends that (RFC 9293 section
 * 3.8.3 watches unacknowledged data only). */
#include <inttypes.h>
#include <string.h>

#include "flatline/time.h"
#include "remedies_parts.h"

static const int64_t least_limit = 5 * FL_NS_PER_S; /* of an answer: what is owed is owed sooner */

static int64_t seconds_up(int64_t ns)
{
	return (ns + FL_NS_PER_S - 1) / FL_NS_PER_S;
}

/* Longer than the slowest good answer that the capture shows. */
static int64_t reply_limit(const struct patient *patient)
{
	const int64_t times = 4; /* of the slowest */
	int64_t patience = 0, longest = 0, limit = least_limit;

	patient_figure(patient, "patience", &patience);
	patient_figure(patient, "longest_answer", &longest);
	limit = patience > limit ? patience : limit;
	return times * longest > limit ? times * longest : limit;
}

/* Of what tells the side that waits. */
static void gain_for_role(const struct patient *patient, struct fl_text *why, const char *what, int64_t after)
{
	struct fl_text done;

	fl_text_init(&done);
	fl_text_add(&done, "told the %s%s", patient_role(patient->other), what);
	patient_gain(patient, why, fl_text_get(&done), after);
	why->failed |= done.failed;
	fl_text_deinit(&done);
}

void give_reply_limit(struct patient *patient)
{
	bool is_login = strcmp(patient->account->verdict.id, "auth-unanswered") == 0;
	bool is_late = strcmp(patient->account->verdict.id, "degraded") == 0;
	bool has_login = is_login && remedy_is_known(patient, CODE_LOGIN, patient->other);
	enum code code = has_login ? CODE_LOGIN : CODE_REPLY;
	struct amounts amounts = { .s = seconds_up(reply_limit(patient)) };
	char length[FL_TIME_TEXT];
	struct remedy *remedy;
	struct fl_text why;
	int64_t longest;

	/* Where the protocol asks by itself, and nothing else is known of it, that is better (give_beats). */
	if (!remedy_has_code(patient, code, patient->other))
		return;
	if (!is_login && !remedy_is_known(patient, code, patient->other) &&
	    remedy_is_known(patient, CODE_BEATS, patient->other))
		return;
	remedy = remedy_begin(patient, "Bound how long a reply may take", PLACE_PROGRAM, patient->other);
	fl_text_init(&why);
	gain_for_role(patient, &why, is_late ? " that the answer is late" : " that no answer comes",
	              amounts.s * FL_NS_PER_S);
	if (patient_figure(patient, "longest_answer", &longest) && longest > 0)
		fl_text_add(&why, " The slowest answer before that took %s.", fl_duration_text(longest, length));
	else
		fl_text_add(&why, " Choose a limit longer than your slowest good answer; then close, connect anew "
		                  "after pauses that grow, and "
		                  "count it: an alarm has to see what a quiet reconnect hides.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, code, patient->other, &amounts);
}

void give_beat_limit(struct patient *patient)
{
	const int64_t periods = 3, least = FL_NS_PER_S;
	bool asks = strcmp(patient->account->verdict.id, "heartbeat-ack-only") == 0;
	struct remedy *remedy = remedy_begin(
		patient, asks ? "Give up when heartbeats get no answers" : "Give up when the heartbeats stop",
		PLACE_PROGRAM, patient->other);
	int64_t period = 0, limit;
	struct amounts amounts;
	char length[FL_TIME_TEXT];
	struct fl_text why;

	patient_figure(patient, "period", &period);
	limit = period > 0 ? periods * period : least_limit;
	amounts.s = ((limit > least ? limit : least) + FL_NS_PER_S / 2) / FL_NS_PER_S;
	fl_text_init(&why);
	if (period > 0)
		fl_text_add(&why, "%s every %s. ", asks ? "They are sent" : "They came",
		            fl_duration_text(period, length));
	gain_for_role(patient, &why, asks ? " that no answer comes" : " that nothing comes any more",
	              amounts.s * FL_NS_PER_S);
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_REPLY, patient->other, &amounts);
}

void give_write_limit(struct patient *patient)
{
	const struct amounts amounts = { .s = 10 };
	struct remedy *remedy;
	struct fl_text why;

	if (!remedy_has_code(patient, CODE_WRITE, patient->other))
		return;
	remedy = remedy_begin(patient, "Bound how long a write may wait", PLACE_PROGRAM, patient->other);
	fl_text_init(&why);
	fl_text_add(&why,
	            "A write that blocks on a full send buffer waits for as long as the other side reads nothing. A "
	            "limit of %" PRId64 " s begins when the buffer is full, some time after the window closed.",
	            amounts.s);
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_WRITE, patient->other, &amounts);
}

/* A ping of the protocol found it: no longer ones are to be advised. */
static bool is_found_by_ping(struct patient *patient, enum fl_side side)
{
	struct remedy *remedy;
	struct fl_text why;
	int64_t ping;

	if (patient->account->verdict.noticed == FL_TIME_NONE || !patient_figure(patient, "ping", &ping))
		return false;
	remedy = remedy_begin(patient, "Keep the heartbeat of the protocol as it is set", PLACE_PROGRAM, side);
	fl_text_init(&why);
	fl_text_add(&why, "The %s asked by itself, as its protocol (%s) provides, and so ", patient_role(side),
	            patient->account->profile);
	patient_end(patient, &why);
	remedy_why(patient, remedy, &why);
	return true;
}

/* Those of the protocol, where it has any that can be set. */
void give_beats(struct patient *patient, enum fl_side side)
{
	const struct amounts amounts = { .beat = 20 };
	struct remedy *remedy;
	struct fl_text why;

	if (!remedy_is_known(patient, CODE_BEATS, side) || is_found_by_ping(patient, side))
		return;
	remedy = remedy_begin(patient, "Let the protocol ask by itself", PLACE_PROGRAM, side);
	fl_text_init(&why);
	fl_text_add(&why,
	            "This protocol (%s) has heartbeats of its own: every %" PRId64
	            " s, and answers that fail to come end the "
	            "connection within about a minute.",
	            patient->account->profile, amounts.beat);
	if (patient->account->verdict.blind != FL_TIME_NONE &&
	    patient->account->verdict.blind < 3 * amounts.beat * FL_NS_PER_S)
		fl_text_add(&why, " Set them shorter where that is too long.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_BEATS, side, &amounts);
}

void give_login_first(struct patient *patient)
{
	const struct amounts amounts = { .s = seconds_up(reply_limit(patient)) };
	struct remedy *remedy = remedy_begin(patient, "Send heartbeats only after the login was accepted",
	                                     PLACE_PROGRAM, patient->other);
	const struct fl_judged_finding *before = patient_finding(patient, "heartbeat-before-auth");
	const struct patient beating = { .finding = before ? before : patient->finding };
	char number[32];
	struct fl_text why;
	int64_t beats;

	fl_text_init(&why);
	if (patient_figure(&beating, "beats", &beats))
		fl_text_add(&why, "The %s sent %s %s into a session that was never accepted. ",
		            patient_role(patient->other), fl_count_text((unsigned long long)beats, number),
		            beats == 1 ? "heartbeat" : "heartbeats");
	fl_text_add(&why, "Heartbeats that are ACKed make a dead session look alive, to people and to idle timers.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_LOGIN_FIRST, patient->other, &amounts);
}

/* What was lost when it ended. */
static void tell_loss(const struct patient *patient, struct fl_text *why)
{
	char length[FL_TIME_TEXT], number[32];
	int64_t value;

	if (patient_figure(patient, "after", &value))
		fl_text_add(why, "The refusal came %s after the first SYN. ", fl_duration_text(value, length));
	else if (patient_figure(patient, "bytes", &value) && value > 0)
		fl_text_add(why, "%s %s were not acknowledged when it ended. ",
		            fl_count_text((unsigned long long)value, number), value == 1 ? "byte" : "bytes");
	else if (strcmp(patient->account->verdict.id, "closed-mid-request") == 0 &&
	         patient_figure(patient, "waited", &value) && value > 0)
		fl_text_add(why, "A request had waited for %s when it ended. ", fl_duration_text(value, length));
}

void give_retry(struct patient *patient)
{
	bool is_refused = strcmp(patient->account->verdict.id, "connect-refused") == 0;
	const enum fl_side side = FL_SIDE_CLIENT; /* who listens cannot connect anew */
	const struct amounts amounts = { .s = 0 };
	struct remedy *remedy;
	struct fl_text why;

	if (patient->sick == side) /* it ended it itself */
		return;
	remedy = remedy_begin(patient,
	                      is_refused ? "Try again, later each time" : "Connect anew when the connection is lost",
	                      PLACE_PROGRAM, side);
	fl_text_init(&why);
	tell_loss(patient, &why);
	if (is_refused)
		fl_text_add(&why,
		            "A service that restarts refuses for a moment: five tries over some 15 s bridge that. "
		            "Where nothing listens there, or a rule rejects it, no try will help.");
	else
		fl_text_add(&why, "The client's program is told at once. What it asked for may have been done or not: "
		                  "repeat only what is safe to do twice.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_RETRY, side, &amounts);
}

/* Where to look, by protocol. */
static const struct {
	const char *profile, *look;
} accounts[] = {
	{ "amqp", "Check the user, the password, and the user's rights to the virtual host." },
	{ "kafka", "Check the SASL mechanism, the user and the password on both ends." },
	{ "ldap", "Check the bind DN and its password; the result code stands in the answer (49: wrong credentials)." },
	{ "mongodb", "Check the user, the password, and authSource: the database that holds the user." },
	{ "mqtt",
	  "Check the user, the password and the client id at the broker; the reason code stands in the answer." },
	{ "mysql", "Check user, host part and password (SELECT user, host, plugin FROM mysql.user)." },
	{ "nats", "Check the token, user or credentials file against the server's authorization block." },
	{ "postgresql", "Check pg_hba.conf, the role and its password; the server's log says which of them it was." },
	{ "redis", "Check requirepass or the ACL user; ACL LOG on the server lists rejected logins." },
};

static const char *account_look(const char *profile)
{
	for (size_t i = 0; profile && i < sizeof(accounts) / sizeof(accounts[0]); i++) {
		if (strcmp(accounts[i].profile, profile) == 0)
			return accounts[i].look;
	}
	return "Check the account and its password on both ends, and the server's log.";
}

void give_account_check(struct patient *patient)
{
	struct remedy *remedy = remedy_begin(patient, "No timeout or kernel setting helps: check the account",
	                                     PLACE_PROGRAM, patient->sick);
	char length[FL_TIME_TEXT];
	int64_t answer, took;
	struct fl_text why;

	fl_text_init(&why);
	if (patient_figure(patient, "answer", &answer) && patient_figure(patient, "took", &took))
		fl_text_add(&why, "The %s said no %s after the login, in frame %" PRId64 ". ",
		            patient_role(patient->other), fl_duration_text(took, length), answer);
	fl_text_add(&why, "%s", account_look(patient->account->profile));
	remedy_why(patient, remedy, &why);
}

void give_close(struct patient *patient)
{
	const struct amounts amounts = { .s = 0 };
	struct remedy *remedy = remedy_begin(patient, "Close when the other side has closed", PLACE_PROGRAM,
	                                     patient->sick);
	char length[FL_TIME_TEXT];
	struct fl_text why;
	int64_t open_for;

	fl_text_init(&why);
	if (patient_figure(patient, "open_for", &open_for))
		fl_text_add(&why, "The %s has known for %s that the other side closed, and keeps its socket. ",
		            patient_role(patient->sick), fl_duration_text(open_for, length));
	fl_text_add(&why,
	            "No timer ever ends that (CLOSE_WAIT): only its program does, when it reads the end of file.");
	remedy_why(patient, remedy, &why);
	remedy_code(patient, remedy, CODE_CLOSE, patient->sick, &amounts);
}
