/* What tests of verdicts share: connections to begin with, as lines of a script, and what they expect of the verdict.
 * A test holds the case that is called beside its look-alike that is not. */
#ifndef FLATLINE_TESTS_VERDICTS_H
#define FLATLINE_TESTS_VERDICTS_H

#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "unit.h"

/* A handshake of half a millisecond. The next numbers are 1 and 1. */
#define OPEN \
	"0 C>S S 0:0(0) win 64240 <mss 1460,wscale 7,sackok>\n" \
	"0.0002 S>C SA 0:0(0) ack 1 win 65160 <mss 1460,wscale 7,sackok>\n" \
	"0.0004 C>S A 1:1(0) ack 1\n"

/* A handshake, and two requests of 50 bytes that are answered by 80 bytes each within 10 ms: 11 frames, the last at
 * 2.0102 s. The next numbers are 101 of the client and 161 of the server. */
#define SESSION \
	OPEN "1 C>S PA 1:51(50) ack 1\n" \
	     "1.0002 S>C A 1:1(0) ack 51\n" \
	     "1.01 S>C PA 1:81(80) ack 51\n" \
	     "1.0102 C>S A 51:51(0) ack 81\n" \
	     "2 C>S PA 51:101(50) ack 81\n" \
	     "2.0002 S>C A 81:81(0) ack 101\n" \
	     "2.01 S>C PA 81:161(80) ack 101\n" \
	     "2.0102 C>S A 101:101(0) ack 161\n"

/* The client's third request at 3 s, ACKed and not answered; the next numbers are 151 and 161. */
#define ASKS "3 C>S PA 101:151(50) ack 161\n3.0002 S>C A 161:161(0) ack 151\n"

/* 100 bytes of the client at `AT`, and three repeats by the timer over 1.4 s; nobody ACKs. */
#define REPEATED(AT) \
	AT " C>S PA 101:201(100) ack 161\n+0.2 C>S PA 101:201(100) ack 161\n" \
	   "+0.4 C>S PA 101:201(100) ack 161\n+0.8 C>S PA 101:201(100) ack 161\n"

/* `flow` is called that. */
static inline void is(const struct script_flow *flow, const char *id, enum fl_severity severity, enum fl_side side)
{
	ck_assert_msg(strcmp(flow->verdict, id) == 0 && flow->severity == severity && flow->side == side,
	              "flow %u is %s (%s, %s), not %s (%s, %s): %s", flow->id, flow->verdict,
	              fl_severity_name(flow->severity), fl_side_name(flow->side), id, fl_severity_name(severity),
	              fl_side_name(side), flow->summary);
}

/* The script's first flow, observed until then (0: the last frame), is called that; the flow is returned. */
static inline struct script_flow called(const char *text, double until, const char *id, enum fl_severity severity,
                                        enum fl_side side)
{
	struct script_flow flow = script_judge(text, until, 0);

	is(&flow, id, severity, side);
	return flow;
}

/* It is called something else, by whatever severity; a finding of that id there may be. */
static inline struct script_flow not_called(const char *text, double until, const char *id)
{
	struct script_flow flow = script_judge(text, until, 0);

	ck_assert_msg(strcmp(flow.verdict, id) != 0, "flow %u is %s (%s, %s): %s", flow.id, flow.verdict,
	              fl_severity_name(flow.severity), fl_side_name(flow.side), flow.summary);
	return flow;
}

/* It is well: nobody's fault, at most a notice ("closed with a notice"), and no prefix of it is critical. */
static inline struct script_flow well(const char *text, double until, const char *id)
{
	struct script_flow flow = script_judge(text, until, 0);

	ck_assert_msg(strcmp(flow.verdict, id) == 0 && flow.severity <= FL_NOTICE && flow.side == FL_SIDE_NONE &&
	                      flow.layer == FL_LAYER_NONE,
	              "flow %u is %s (%s, %s), not %s: %s", flow.id, flow.verdict, fl_severity_name(flow.severity),
	              fl_side_name(flow.side), id, flow.summary);
	script_never_critical(text);
	return flow;
}

/* It ended too soon to tell, and that is said with a finding of that id, of severity notice. */
static inline struct script_flow too_soon(const char *text, double until, const char *id)
{
	struct script_flow flow = called(text, until, "inconclusive", FL_NOTICE, FL_SIDE_UNKNOWN);
	const struct script_finding *finding = script_find(&flow, id);

	ck_assert_msg(finding && finding->severity == FL_NOTICE, "no notice of %s: %s", id, flow.summary);
	return flow;
}

/* With a setting, "name=value". */
static inline struct script_flow judged_with(const char *text, double until, const char *set)
{
	struct script_run how = { .until = until, .set = { set } };
	struct script_result *result = script_run(text, &how);
	struct script_flow flow = result->flows[0];

	free(result);
	return flow;
}

/* The finding's evidence is of so many packets; one of them is that frame, with those words. */
static inline void shows(const struct script_flow *flow, const char *id, size_t count, uint32_t frame, const char *what)
{
	const struct script_finding *finding = script_find(flow, id);

	ck_assert_msg(finding != NULL, "no finding %s: %s", id, flow->summary);
	ck_assert_uint_eq(finding->n_evidence, count);
	for (size_t i = 0; i < count; i++) {
		if (finding->evidence_frame[i] == frame && strcmp(finding->evidence[i], what) == 0)
			return;
	}
	ck_abort_msg("%s does not show frame %u: \"%s\", but first \"%s\"", id, frame, what, finding->evidence[0]);
}

static inline void says(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in \"%s\"", part, text);
}

#endif
