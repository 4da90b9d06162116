/* The protocol says no: to the login, or to what was asked without one. TCP is well, and the server's application, too;
 * the client's session never begins. */
#include "flatline/detect.h"

static const char login_sent[] = "{side}'s login, {login_length}";
static const char refused[] = "{other} says no";
static const char accepted[] = "{other} accepts the login at last";
static const char without_login[] = "The {other} refused the {side} in its protocol's words (frame {answer}).";

static void state(struct fl_watch *watch, const struct fl_session *session)
{
	unsigned side = !session->rejected_by;
	struct fl_finding *finding = fl_watch_finding(watch, side);
	const struct fl_said_at *login = &session->refused, *no = &session->rejected;

	if (!finding)
		return;
	finding->onset = finding->until = no->at;
	finding->onset_frame = no->frame;
	fl_finding_set(finding, "by_protocol", FL_UNIT_COUNT, 1);
	fl_finding_set(finding, "answer", FL_UNIT_FRAME, no->frame);
	fl_finding_set(finding, "rejected_at", FL_UNIT_TIME, no->at);
	fl_finding_set(finding, "rejections", FL_UNIT_COUNT, session->rejections);
	fl_finding_set(finding, "served", FL_UNIT_COUNT, session->served);
	if (session->rejections > 1)
		fl_finding_set(finding, "times", FL_UNIT_COUNT, session->rejections);
	if (login->at == FL_TIME_NONE) {
		finding->summary = without_login;
	} else {
		fl_finding_set(finding, "login", FL_UNIT_FRAME, login->frame);
		fl_finding_set(finding, "login_length", FL_UNIT_BYTES, login->length);
		fl_finding_set(finding, "took", FL_UNIT_DURATION, no->at - login->at);
		fl_finding_show(finding, login_sent, side, login->file, login->frame, login->at);
	}
	fl_finding_show(finding, refused, !side, no->file, no->frame, no->at);
	if (session->state != FL_LOGIN_ACCEPTED)
		return;
	finding->recovered = session->decided.at;
	fl_finding_show(finding, accepted, !side, session->decided.file, session->decided.frame, session->decided.at);
}

static void on_end(struct fl_watch *watch)
{
	const struct fl_session *session = fl_session_of(watch->flow);

	if (session && session->rejections > 0)
		state(watch, session);
}

const struct fl_detector fl_detector_auth_rejected = {
	.id = "auth-rejected",
	.title = "the protocol says no to the login",
	.explain = "The server's application answered, and its answer is a refusal: a wrong password, a user that may "
		   "not, a session that is taken already; or it refused a request since nobody had logged in; or it "
		   "takes nobody now: too many connections, or it is starting. Host, "
		   "path, TCP and the server's process are all well.\nIt is found by the protocol's own bytes "
		   "(flatline list profiles), and is a warning. A login that is accepted later on the same connection "
		   "ends it; so do two requests that were answered since.",
	.lookalikes = "A server that closes without a word may have rejected the login, too: that is "
		      "closed-mid-request. One that never answers is auth-unanswered.",
	.advice =
		"Look at the credentials that the client uses, and at what the server's log says of this login: user, "
		"reason, address. Was a password or a certificate changed a moment before? Is there a limit of "
		"connections, and who holds them? A client that tries again "
		"and again with what was rejected may get its account locked.",
	.reference = "the protocol's specification",
	.summary = "The {other} rejected the {side}'s login (frame {login}), {took} after it was sent[, and said no "
		   "{times} times in all].",
	.summaries = { without_login },
	.why_unnoticed = "the {side} was told at once; whether anybody hears of it is up to what it does with the "
			 "answer.",
	.would_catch = "an alarm of the {side}'s application on rejected logins.",
	.on_end = on_end,
	.is_of_sick = true,
};
