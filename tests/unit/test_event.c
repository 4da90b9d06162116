/* Live events: what is news, and how it is written. */
#include <string.h>

#include <json-c/json.h>

#include "account.h"
#include "flatline/event.h"
#include "unit.h"

static char *text_of(const struct fl_event *event, bool is_json)
{
	struct fl_text text;

	fl_text_init(&text);
	if (is_json)
		fl_event_json(&text, event);
	else
		fl_event_text(&text, event);
	ck_assert(!text.failed);
	return text.data;
}

START_TEST(an_event_is_one_line)
{
	struct fl_account account = gateway_account();
	struct fl_event event = { .kind = FL_EVENT_FOUND, .at = AT(6500), .account = &account };
	char *text = text_of(&event, false);

	ck_assert_str_eq(
		text, "2026-01-14T09:00:06.500Z  critical  auth-unanswered  10.1.0.2:40122 -> 10.1.0.9:9001  flow 7: "
		      "The server's "
		      "application never answered the login (frame 4). Its kernel is alive: it ACKed the login and all "
		      "173 heartbeats.\n");
	free(text);
	event.kind = FL_EVENT_CHANGED;
	event.before = "app-silent";
	account.timers.attempts = (struct fl_attempts){ .what = "data",
		                                        .side = FL_SIDE_CLIENT,
		                                        .gives_up = AT(418500) };
	text = text_of(&event, false);
	ck_assert_ptr_nonnull(strstr(text, "flow 7, was app-silent: "));
	ck_assert_ptr_nonnull(strstr(text, " The client's kernel gives it up in about 412 s (default settings).\n"));
	free(text);
	event.at = AT(500000); /* that is over: of no use any more */
	text = text_of(&event, false);
	ck_assert_ptr_null(strstr(text, "gives it up"));
	free(text);
	event.kind = FL_EVENT_RECOVERED;
	text = text_of(&event, false);
	ck_assert_int_eq(strncmp(text, "2026-01-14T09:08:20.000Z  recovered auth-unanswered  ", 41), 0);
	free(text);
	event = (struct fl_event){
		.kind = FL_EVENT_DEVICE, .at = AT(0), .device = "eth0", .words = "it is \x1b[2Jdown"
	};
	text = text_of(&event, false);
	ck_assert_str_eq(text, "2026-01-14T09:00:00.000Z  device    eth0: it is \xef\xbf\xbd[2Jdown\n");
	free(text);
	event = (struct fl_event){ .kind = FL_EVENT_HOOK, .at = AT(0), .words = "/bin/alert: exited with 3" };
	text = text_of(&event, false);
	ck_assert_str_eq(text, "2026-01-14T09:00:00.000Z  hook      /bin/alert: exited with 3\n");
	free(text);
}
END_TEST

START_TEST(a_recording_says_how_far_it_reaches_back)
{
	struct fl_recording recording = { 17, "DIR/it\x1b.pcapng", 1212, AT(0), AT(200000) };
	struct fl_event event = { .kind = FL_EVENT_RECORDED, .at = AT(200500), .recording = &recording };
	char *text = text_of(&event, false);

	ck_assert_str_eq(
		text,
		"2026-01-14T09:03:20.500Z  recorded  flow 17: DIR/it\xef\xbf\xbd.pcapng (1,212 packets, from 3m20s "
		"before the onset)\n");
	free(text);
	recording.first = AT(209000);
	text = text_of(&event, false);
	ck_assert_ptr_nonnull(strstr(text, " (1,212 packets, from 9.0 s after the onset)\n"));
	free(text);
	recording.first = AT(200000);
	text = text_of(&event, false);
	ck_assert_ptr_nonnull(strstr(text, " (1,212 packets, from the onset on)\n"));
	free(text);
	recording.packets = 1;
	recording.onset = FL_TIME_NONE;
	text = text_of(&event, false);
	ck_assert_ptr_nonnull(strstr(text, " (1 packet)\n"));
	free(text);
	text = text_of(&event, true);
	ck_assert_ptr_nonnull(strstr(text, "\"recording\":{\"flow\":17,\"file\":\"DIR/it"));
	ck_assert_ptr_nonnull(
		strstr(text, "\"packets\":1,\"first\":\"2026-01-14T09:03:20.000000000Z\",\"onset\":null}"));
	free(text);
}
END_TEST

START_TEST(as_json_each_has_all_members)
{
	static const char *const members[] = { "format",  "event",    "at",   "before",   "device",
		                               "message", "incident", "flow", "recording" };
	struct fl_account account = gateway_account();
	struct fl_incident incident = { "host-down", "10.1.0.9", NULL, 0, AT(0), "It is down." };
	struct fl_recording recorded = { 17, "DIR/it.pcapng", 212, AT(0), FL_TIME_NONE };
	struct fl_event events[] = { { .kind = FL_EVENT_FOUND, .at = AT(0), .account = &account },
		                     { .kind = FL_EVENT_INCIDENT, .at = AT(0), .incident = &incident },
		                     { .kind = FL_EVENT_DROPS, .at = AT(0), .words = "3 packets" },
		                     { .kind = FL_EVENT_HOOK, .at = AT(0), .words = "exited with 3" },
		                     { .kind = FL_EVENT_RECORDED, .at = AT(0), .recording = &recorded } };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		char *text = text_of(&events[i], true);
		struct json_object *object = json_tokener_parse(text), *value;

		ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
		ck_assert_int_eq(json_object_object_length(object), 9);
		for (size_t k = 0; k < 9; k++)
			ck_assert_msg(json_object_object_get_ex(object, members[k], &value), "no %s", members[k]);
		ck_assert_str_eq(json_object_get_string(json_object_object_get(object, "format")), "flatline-event/1");
		ck_assert_str_eq(json_object_get_string(json_object_object_get(object, "event")),
		                 fl_event_name(events[i].kind));
		if (events[i].words)
			ck_assert_str_eq(json_object_get_string(json_object_object_get(object, "message")),
			                 events[i].words);
		ck_assert_int_eq(json_object_object_get(object, "flow") != NULL, i == 0);
		ck_assert_int_eq(json_object_object_get(object, "incident") != NULL, i == 1);
		ck_assert_int_eq(json_object_object_get(object, "recording") != NULL, i == 4);
		json_object_put(object);
		free(text);
	}
}
END_TEST

UNIT_MAIN("event", an_event_is_one_line, a_recording_says_how_far_it_reaches_back, as_json_each_has_all_members)
