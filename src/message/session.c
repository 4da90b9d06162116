/* What is said in a protocol that is known. A message is read where its side begins to speak: behind a push (what the
 * application wrote, RFC 9293 section 3.9.1), or when the other side has spoken since. Whatever a side says answers
 * what it was asked: also a server that pushes something else shows that it lives. */
#include "flatline/session.h"

#include "flatline/message.h"

/* Messages of a side after which it will not be recognised any more. */
enum { early = 2 };

const struct fl_session *fl_session_of(const struct fl_flow *flow)
{
	return flow->sick ? flow->sick->session : NULL;
}

const struct fl_said_at *fl_session_owed(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_session *session = fl_session_of(flow);

	return session && session->by[dir].owed.at != FL_TIME_NONE ? &session->by[dir].owed : NULL;
}

int64_t fl_session_patience(const struct fl_flow *flow, unsigned dir, bool has_left, int64_t otherwise)
{
	const struct fl_session *session = fl_session_of(flow);
	const struct fl_speaker *by = session ? &session->by[dir] : NULL;
	int64_t stated = session ? fl_profile_answer_within(session->profile) : 0;
	int64_t patience = stated > 0 ? stated : otherwise;
	int64_t until_next = by ? by->ping_gap + by->ping_gap / 2 : 0;
	bool waits_for_next = by && by->owed.said == FL_SAID_PING && by->pings < 2 && !has_left;

	return waits_for_next && until_next > patience ? until_next : patience;
}

bool fl_session_asks_nothing(const struct fl_flow *flow, unsigned dir)
{
	const struct fl_session *session = fl_session_of(flow);
	const struct fl_speaker *by = session ? &session->by[dir] : NULL;

	return by && by->last.at != FL_TIME_NONE && by->owed.at == FL_TIME_NONE &&
	       (by->requests == 0 || by->last.said == FL_SAID_GOODBYE);
}

static struct fl_session *begin(struct fl_flows *flows, struct fl_flow *flow, const struct fl_profile *profile,
                                bool is_told)
{
	struct fl_session *session = fl_flows_sick_bytes(flows, flow, sizeof(*session));

	if (!session)
		return NULL;
	flow->sick->session = session;
	session->profile = profile;
	session->is_told = is_told;
	session->login.at = session->decided.at = session->rejected.at = session->refused.at = FL_TIME_NONE;
	session->answered.at = FL_TIME_NONE;
	for (unsigned dir = 0; dir < 2; dir++) {
		struct fl_speaker *by = &session->by[dir];

		by->owed.at = by->last.at = by->beat.at = by->first_beat.at = FL_TIME_NONE;
	}
	return session;
}

static struct fl_session *recognise(struct fl_flows *flows, const struct fl_profiles *profiles, struct fl_flow *flow,
                                    const struct fl_saying *saying)
{
	const struct fl_profile *profile = fl_profiles_assigned(profiles, saying->server_port);
	bool is_assigned = profile != NULL;

	if (!profile)
		profile = fl_profiles_recognise(profiles, saying);
	return profile ? begin(flows, flow, profile, !is_assigned) : NULL;
}

/* The other side has spoken, or was heard to have: what this one asked is answered. */
static void answer(struct fl_speaker *asker, int64_t at)
{
	if (asker->owed.at != FL_TIME_NONE && at - asker->owed.at > asker->longest)
		asker->longest = at - asker->owed.at;
	if (asker->last.at != FL_TIME_NONE)
		asker->answered_requests = asker->requests;
	asker->pings = asker->requests = 0;
	asker->owed.at = FL_TIME_NONE;
}

/* A beat comes when its side has said nothing for a period. */
static void take_beat(struct fl_speaker *by, const struct fl_said_at *message)
{
	int64_t gap = by->last.at == FL_TIME_NONE ? 0 : message->at - by->last.at;
	int64_t off = gap > by->period ? gap - by->period : by->period - gap;

	if (gap == 0 || off > by->period / 4) {
		by->beats = 0;
		by->first_beat = *message;
	}
	by->period = gap;
	by->beats++;
	by->beat = *message;
}

/* Where somebody is in already, it is none that has to be answered before the work can begin; what looks like one may
 * be another message. */
static bool is_login(const struct fl_session *session, const struct fl_said_at *message)
{
	return message->said == FL_SAID_LOGIN && session->state != FL_LOGIN_ACCEPTED;
}

static void take_login(struct fl_session *session, unsigned dir, const struct fl_said_at *message)
{
	if (session->state != FL_LOGIN_PENDING) {
		session->login = *message;
		session->login_by = (uint8_t)dir;
	}
	session->state = FL_LOGIN_PENDING;
	session->decided.at = session->answered.at = FL_TIME_NONE;
}

/* What looks like a yes, or a no, when nobody waits for it is one to something else; but who never logged in may be
 * told so. */
static void take_decision(struct fl_session *session, unsigned dir, const struct fl_said_at *message, bool is_reject)
{
	bool is_of_login = session->state == FL_LOGIN_PENDING && session->login_by != dir;

	if (!is_of_login && (!is_reject || session->state == FL_LOGIN_ACCEPTED))
		return;
	session->served = 0;
	if (is_reject && session->rejections++ == 0) {
		session->rejected = *message;
		session->rejected_by = (uint8_t)dir;
		if (is_of_login)
			session->refused = session->login;
	}
	session->state = is_reject ? FL_LOGIN_REJECTED : FL_LOGIN_ACCEPTED;
	session->decided = *message;
}

/* Who goes on with other things behind an answer to its login is in, whatever that answer said. */
static void presume_accepted(struct fl_session *session, unsigned dir, const struct fl_said_at *message)
{
	bool goes_on = message->said == FL_SAID_NOTHING || message->said == FL_SAID_PING ||
	               message->said == FL_SAID_BEAT;

	if (!goes_on || session->state != FL_LOGIN_PENDING || session->login_by != dir ||
	    session->answered.at == FL_TIME_NONE)
		return;
	session->state = FL_LOGIN_ACCEPTED;
	session->decided = session->answered;
}

/* What the other side says to a login that waits, and to one that it has rejected. */
static void note_answer(struct fl_session *session, unsigned dir, const struct fl_said_at *message)
{
	const struct fl_speaker *asker = &session->by[!dir];
	bool is_no = message->said == FL_SAID_REJECT || message->said == FL_SAID_GOODBYE;

	if (session->state == FL_LOGIN_PENDING && session->login_by != dir && session->answered.at == FL_TIME_NONE)
		session->answered = *message;
	if (session->rejections > 0 && session->rejected_by == dir && asker->answered_requests > 0 && !is_no)
		session->served++;
}

/* It may be owed an answer. */
static bool is_request(const struct fl_said_at *message)
{
	return message->said == FL_SAID_NOTHING || message->said == FL_SAID_HELLO || message->said == FL_SAID_LOGIN ||
	       message->said == FL_SAID_PING;
}

/* A ping behind a request waits until that is answered, in a protocol that answers one after the other. */
static bool is_owed(const struct fl_session *session, const struct fl_speaker *by, const struct fl_said_at *message)
{
	return is_login(session, message) ||
	       (message->said == FL_SAID_PING && (by->requests == 0 || !fl_profile_answers_in_order(session->profile)));
}

static void take_message(struct fl_session *session, unsigned dir, const struct fl_said_at *message)
{
	struct fl_speaker *by = &session->by[dir];
	bool answers_login = session->state == FL_LOGIN_PENDING && session->by[!dir].last.said == FL_SAID_LOGIN;

	presume_accepted(session, dir, message);
	note_answer(session, dir, message);
	if (by->owed.at == FL_TIME_NONE && is_owed(session, by, message))
		by->owed = *message;
	by->requests += is_request(message);
	switch (message->said) {
	case FL_SAID_LOGIN:
		if (is_login(session, message))
			take_login(session, dir, message);
		break;
	case FL_SAID_ACCEPT: take_decision(session, dir, message, false); break;
	case FL_SAID_REJECT: take_decision(session, dir, message, true); break;
	case FL_SAID_PING:
		by->pings++;
		by->ping_gap = by->last.at == FL_TIME_NONE ? 0 : message->at - by->last.at;
		break;
	case FL_SAID_BEAT: take_beat(by, message); break;
	case FL_SAID_GOODBYE:
		if (answers_login) /* "no", in other words */
			take_decision(session, dir, message, true);
		break;
	default: break;
	}
	by->last = *message;
}

/* Its first bytes are those of a message: nothing that its side began is still open. */
static bool begins_message(const struct fl_flow *flow, const struct fl_segment *segment)
{
	bool is_open = flow->marks & (segment->dir ? FL_MARK_OPEN_1 : FL_MARK_OPEN_0);

	return segment->fresh == segment->length && !(segment->classes & FL_SEG_OUT_OF_ORDER) &&
	       (!is_open || flow->cold->talk[!segment->dir].waiting > 0);
}

static void read_message(struct fl_session *session, const struct fl_segment *segment, const struct fl_saying *saying)
{
	struct fl_said_at message = { .at = segment->at,
		                      .end = segment->end,
		                      .frame = segment->frame,
		                      .file = segment->file,
		                      .length = segment->length,
		                      .said = (uint8_t)fl_profile_reads(session->profile, saying) };

	take_message(session, segment->dir, &message);
}

bool fl_session_feed(struct fl_flows *flows, const struct fl_profiles *profiles, struct fl_flow *flow,
                     const struct fl_segment *segment, const struct fl_packet *packet, struct fl_saying *ret_saying)
{
	struct fl_session *session = flow->sick ? flow->sick->session : NULL;
	bool is_data = segment->classes & FL_SEG_DATA;

	if (session && (segment->classes & FL_SEG_ACKS_UNSEEN))
		answer(&session->by[segment->dir], segment->at);
	if (!is_data || (!session && flow->cold->talk[segment->dir].messages >= early) || !profiles)
		return false;
	if (!begins_message(flow, segment)) {
		if (session)
			answer(&session->by[!segment->dir], segment->at);
		return false;
	}

	enum fl_roles roles;
	bool is_from_client = fl_flow_client(flow, &roles) == segment->dir;

	if (roles == FL_ROLES_GUESS) /* who asks, and who owes an answer? */
		return false;

	struct fl_saying saying = { .bytes = packet->payload,
		                    .captured = packet->captured,
		                    .length = segment->length,
		                    .server_port = is_from_client ? packet->target_port : packet->source_port,
		                    .is_from_client = is_from_client };

	if (!session)
		session = recognise(flows, profiles, flow, &saying);
	if (!session)
		return false;
	answer(&session->by[!segment->dir], segment->at);
	read_message(session, segment, &saying);
	*ret_saying = saying;
	return true;
}
