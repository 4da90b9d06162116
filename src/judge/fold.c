/* Cause before symptom: of several failures of one flow, the one that explains the others is the verdict. A explains B
 * when the table relates them, A had begun when B began and had not recovered, and their sides stand as the row says.
 */
#include <string.h>

#include "case.h"

enum sides { SAME, OPPOSITE, ANY };

static const struct row {
	const char *cause, *effect;
	enum sides sides;
} rows[] = {
	{ "accept-queue-overflow", "connect-slow", SAME },
	{ "accept-queue-overflow", "peer-vanished", SAME },
	{ "accept-queue-overflow", "auth-unanswered", SAME },
	{ "accept-queue-overflow", "reset", SAME },
	{ "auth-unanswered", "heartbeat-ack-only", SAME },
	{ "auth-unanswered", "heartbeat-before-auth", OPPOSITE },
	{ "auth-unanswered", "heartbeat-stopped", OPPOSITE },
	{ "auth-unanswered", "app-silent", SAME },
	{ "auth-unanswered", "closed-mid-request", ANY },
	{ "auth-unanswered", "reset", ANY },
	{ "auth-unanswered", "idle-unknown", ANY },
	{ "auth-unanswered", "half-closed", ANY },
	{ "auth-unanswered", "close-unanswered", ANY },
	{ "app-silent", "heartbeat-stopped", OPPOSITE },
	{ "app-silent", "closed-mid-request", ANY },
	{ "app-silent", "reset", ANY },
	{ "app-silent", "idle-unknown", ANY },
	{ "app-silent", "half-closed", ANY },
	{ "app-silent", "close-unanswered", ANY },
	{ "heartbeat-ack-only", "heartbeat-stopped", OPPOSITE },
	{ "heartbeat-ack-only", "app-silent", SAME },
	{ "heartbeat-ack-only", "closed-mid-request", ANY },
	{ "heartbeat-ack-only", "reset", ANY },
	{ "heartbeat-ack-only", "idle-unknown", ANY },
	{ "heartbeat-ack-only", "half-closed", ANY },
	{ "heartbeat-ack-only", "close-unanswered", ANY },
	{ "receiver-stalled", "app-silent", SAME },
	{ "receiver-stalled", "heartbeat-ack-only", SAME },
	{ "receiver-stalled", "half-closed", ANY },
	{ "receiver-stalled", "close-unanswered", ANY },
	{ "receiver-stalled", "idle-unknown", ANY },
	{ "keepalive-unanswered", "half-closed", ANY },
	{ "keepalive-unanswered", "close-unanswered", ANY },
	{ "keepalive-unanswered", "idle-unknown", ANY },
	{ "peer-restarted", "unreachable", ANY },
	{ "peer-restarted", "peer-vanished", ANY },
	{ "mtu-blackhole", "peer-vanished", ANY },
	{ "mtu-blackhole", "keepalive-unanswered", ANY },
	{ "mtu-blackhole", "connect-unanswered", ANY },
	{ "unreachable", "peer-vanished", ANY },
	{ "unreachable", "keepalive-unanswered", ANY },
	{ "unreachable", "connect-unanswered", ANY },
	{ "unreachable", "half-closed", ANY },
	{ "unreachable", "close-unanswered", ANY },
	{ "unreachable", "idle-unknown", ANY },
	{ "idle-dropped", "peer-vanished", ANY },
	{ "idle-dropped", "keepalive-unanswered", ANY },
	{ "idle-dropped", "connect-unanswered", ANY },
	{ "idle-dropped", "half-closed", ANY },
	{ "idle-dropped", "close-unanswered", ANY },
	{ "idle-dropped", "idle-unknown", ANY },
	{ "idle-dropped", "reset", ANY },
	{ "idle-dropped", "peer-restarted", ANY },
	{ "peer-vanished", "heartbeat-ack-only", SAME },
	{ "peer-vanished", "heartbeat-stopped", OPPOSITE },
	{ "peer-vanished", "close-unanswered", SAME },
	{ "heartbeat-stopped", "idle-unknown", ANY },
	{ "peer-vanished", "keepalive-unanswered", SAME },
	{ "peer-vanished", "half-closed", ANY },
	{ "peer-vanished", "idle-unknown", ANY },
	{ "closed-mid-request", "reset", SAME },
	{ "closed-mid-request", "half-closed", SAME },
};

/* A symptom may be dated a little before its cause: clocks, and packets on their way. */
static const int64_t slack = 100 * FL_NS_PER_MS;

static const struct row *relation(const char *cause, const char *effect)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].cause, cause) == 0 && strcmp(rows[i].effect, effect) == 0)
			return &rows[i];
	}
	return NULL;
}

bool fold_relates(const char *cause, const char *effect)
{
	return relation(cause, effect) != NULL;
}

static bool explains(const struct fl_finding *cause, const struct fl_finding *effect)
{
	const struct row *row = relation(cause->detector->id, effect->detector->id);

	if (!row || cause->onset > effect->onset + slack)
		return false;
	if (cause->recovered != FL_TIME_NONE && cause->recovered <= effect->onset)
		return false;
	return row->sides == ANY || (row->sides == SAME) == (cause->dir == effect->dir);
}

/* What a flow is that suffered and goes on: it gives way to whatever else is as bad. */
static bool is_past(const struct fl_finding *finding)
{
	return finding->recovered != FL_TIME_NONE;
}

/* Severity, then what lasts, then the earlier, then the name, then the side: a total order. */
static bool is_before(const struct hearing *hearing, size_t a, size_t b)
{
	const struct fl_finding *x = &hearing->findings[a], *y = &hearing->findings[b];
	const struct ruling *p = &hearing->rulings[a], *q = &hearing->rulings[b];

	if (p->severity != q->severity)
		return p->severity > q->severity;
	if (is_past(x) != is_past(y))
		return is_past(y);
	if (x->onset != y->onset)
		return x->onset < y->onset;

	int names = strcmp(x->detector->id, y->detector->id);

	return names ? names < 0 : x->dir < y->dir;
}

/* What ended a connection whose answers were missing says nothing more than that, however it ended. */
static bool is_an_end(const struct fl_finding *finding)
{
	return strcmp(finding->detector->id, "reset") == 0 || strcmp(finding->detector->id, "closed-mid-request") == 0;
}

static bool is_explained(const struct hearing *hearing, size_t index)
{
	for (size_t i = 0; i < hearing->n_findings; i++) {
		if (i != index && hearing->rulings[i].is_verdict &&
		    (hearing->rulings[i].severity >= hearing->rulings[index].severity ||
		     is_an_end(&hearing->findings[index])) &&
		    explains(&hearing->findings[i], &hearing->findings[index]))
			return true;
	}
	return false;
}

size_t fold_choose(const struct hearing *hearing, bool *explained)
{
	size_t best = hearing->n_findings;

	for (size_t i = 0; i < hearing->n_findings; i++) {
		explained[i] = false;
		if (!hearing->rulings[i].is_verdict || is_explained(hearing, i))
			continue;
		if (best == hearing->n_findings || is_before(hearing, i, best))
			best = i;
	}
	for (size_t i = 0; best < hearing->n_findings && i < hearing->n_findings; i++)
		explained[i] = i != best && explains(&hearing->findings[best], &hearing->findings[i]);
	return best;
}
