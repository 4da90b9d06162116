/* The words of the contract, as they stand in JSON, in text and on the command line. */
#include "flatline/judge.h"

static const char *const severities[] = { "ok", "notice", "warning", "critical" };
static const char *const layers[] = { "none", "path", "stack", "application", "unknown" };
static const char *const sides[] = { "none", "client", "server", "between", "unknown" };
static const char *const confidences[] = { "low", "medium", "high" };
static const char *const roles_names[] = { "handshake", "learned", "port", "guess" };
static const char *const ends[] = { "none", "fin", "rst" };
static const char *const until_sources[] = { "last-frame", "interface-end", "option", "mtime", "tick" };
static const char *const signs[] = { "wire", "stack", "application", "session" };

const char *fl_severity_name(enum fl_severity severity)
{
	return severities[severity];
}

const char *fl_layer_name(enum fl_layer layer)
{
	return layers[layer];
}

const char *fl_side_name(enum fl_side side)
{
	return sides[side];
}

const char *fl_confidence_name(enum fl_confidence confidence)
{
	return confidences[confidence];
}

const char *fl_roles_name(enum fl_roles roles)
{
	return roles_names[roles];
}

const char *fl_flow_end_name(enum fl_flow_end end)
{
	return ends[end];
}

const char *fl_until_source_name(enum fl_until_source source)
{
	return until_sources[source];
}

const char *fl_sign_name(unsigned sign)
{
	return signs[sign];
}
