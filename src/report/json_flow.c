/* A flow as one JSON object, "flatline/1" (flatline-report(5), flatline-1.schema.json). Both the report and `check`
 * read this one, so that an expectation speaks of exactly what the report shows. */
#include <string.h>

#include "flatline/address.h"
#include "flatline/time.h"
#include "json_parts.h"

static const char *const roles[2] = { [FL_CLIENT] = "client", [FL_SERVER] = "server" };

static void put_endpoint(struct maker *maker, struct json_object *object, const struct fl_account *account,
                         unsigned role)
{
	struct json_object *endpoint = json_object_new_object();
	char text[FL_ADDRESS_TEXT];

	put_string(maker, endpoint, "address", fl_address_text(&account->address[role], text));
	put_number(maker, endpoint, "port", account->port[role]);
	put(maker, object, roles[role], endpoint);
}

static void put_pair(struct maker *maker, struct json_object *object, const char *key, const uint64_t values[2])
{
	struct json_object *pair = json_object_new_object();

	for (unsigned role = 0; role < 2; role++)
		put_number(maker, pair, roles[role], values[role]);
	put(maker, object, key, pair);
}

static void put_vantage(struct maker *maker, struct json_object *object, const struct fl_account *account)
{
	struct json_object *vantage = json_object_new_object();

	/* "none" is not a place: an account that was never told one says unknown. */
	put_string(maker, vantage, "where", fl_side_name(account->vantage ? account->vantage : FL_SIDE_UNKNOWN));
	put_string(maker, vantage, "because", account->vantage_because);
	put(maker, object, "vantage", vantage);
}

static void put_frame(struct maker *maker, struct json_object *object, const char *key, uint32_t frame)
{
	if (frame)
		put_number(maker, object, key, frame);
	else
		put_null(maker, object, key);
}

static int64_t span(int64_t from, int64_t to)
{
	return from == FL_TIME_NONE || to == FL_TIME_NONE ? FL_TIME_NONE : to - from;
}

static void put_verdict(struct maker *maker, struct json_object *object, const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;
	struct json_object *told = json_object_new_object();

	put_string(maker, told, "id", verdict->id);
	put_string(maker, told, "severity", fl_severity_name(verdict->severity));
	put_string(maker, told, "layer", fl_layer_name(verdict->layer));
	put_string(maker, told, "side", fl_side_name(verdict->side));
	put_time(maker, told, "onset", verdict->onset);
	put_duration(maker, told, "onset_after_seconds", span(account->first, verdict->onset), FL_NS_PER_S, 3);
	put_frame(maker, told, "onset_frame", verdict->onset_frame);
	put_time(maker, told, "noticed", verdict->noticed);
	put_duration(maker, told, "blind_seconds", verdict->blind, FL_NS_PER_S, 3);
	put_bool(maker, told, "blind_open", verdict->blind_open);
	put_number(maker, told, "bytes_at_risk", verdict->bytes_at_risk);
	put_string(maker, told, "confidence", fl_confidence_name(verdict->confidence));
	put_words(maker, told, "because", &verdict->because);
	put_words(maker, told, "alternatives", &verdict->alternatives);
	put_words(maker, told, "explains", &verdict->explains);
	put_string(maker, told, "summary", verdict->summary);
	put(maker, object, "verdict", told);
}

static void put_stream(struct maker *maker, struct json_object *object, const struct fl_account *account)
{
	if (account->stream == FL_STREAM_NONE)
		put_null(maker, object, "tcp_stream");
	else
		put_number(maker, object, "tcp_stream", account->stream);
}

struct json_object *json_flow(const struct fl_account *account, bool full)
{
	struct maker maker = { false };
	struct json_object *object = json_object_new_object();

	if (!object)
		return NULL;
	put_number(&maker, object, "id", account->id);
	put_stream(&maker, object, account);
	put_endpoint(&maker, object, account, FL_CLIENT);
	put_endpoint(&maker, object, account, FL_SERVER);
	put_string(&maker, object, "roles", fl_roles_name(account->roles));
	put_string(&maker, object, "profile", account->profile);
	put_vantage(&maker, object, account);
	put_time(&maker, object, "first", account->first);
	put_time(&maker, object, "last", account->last);
	put_duration(&maker, object, "duration_seconds", span(account->first, account->last), FL_NS_PER_S, 3);
	put_string(&maker, object, "start", account->from_handshake ? "handshake" : "mid-flow");
	put_string(&maker, object, "end", fl_flow_end_name(account->end));
	put_pair(&maker, object, "packets", account->packets);
	put_pair(&maker, object, "payload_bytes", account->payload);
	put_pair(&maker, object, "retransmissions", account->retransmissions);
	put_duration(&maker, object, "rtt_ms", account->rtt, FL_NS_PER_MS, 3);
	put_duration(&maker, object, "connect_ms", account->connect, FL_NS_PER_MS, 3);
	put_duration(&maker, object, "longest_silence_seconds", account->longest_silence, FL_NS_PER_S, 3);
	put_string(&maker, object, "reset_by",
	           account->reset_by == FL_SIDE_NONE ? NULL : fl_side_name(account->reset_by));
	put_verdict(&maker, object, account);
	if (full)
		put_detail(&maker, object, account);
	if (maker.failed) {
		json_object_put(object);
		return NULL;
	}
	return object;
}
