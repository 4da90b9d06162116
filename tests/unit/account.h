/* Accounts by hand, as the judge would give them: the gateway's incident that DESIGN draws, and a healthy flow. For the
 * tests of the report. */
#ifndef FLATLINE_TESTS_ACCOUNT_H
#define FLATLINE_TESTS_ACCOUNT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/capture.h"
#include "flatline/judge.h"
#include "flatline/report.h"
#include "flatline/time.h"

/* 2026-01-14 09:00:00 UTC, and `ms` after it. */
#define NINE (INT64_C(1768381200) * FL_NS_PER_S)
#define AT(ms) (NINE + INT64_C(ms) * FL_NS_PER_MS)

static char *gateway_because[] = {
	(char *)"protocol unknown, so the first message is taken for a login by its shape",
	(char *)"captured from the first SYN on, both directions",
};
static char *gateway_alternatives[] = { (char *)"one-way" };
static char *gateway_explains[] = { (char *)"heartbeat-ack-only" };
static char *gateway_advice[] = { (char *)"Look at the server's process." };
static struct fl_moment gateway_moments[] = {
	{ AT(1203), 0, 4, (char *)"login sent, 64 bytes; ACKed after 0.3 ms, never answered" },
	{ AT(6204), 0, 6, (char *)"first heartbeat, 24 bytes every 5.0 s: sent although the login was not answered" },
	{ AT(866210), 0, 1302, (char *)"last heartbeat: 173 sent, 173 ACKed, 0 answered" },
};
static struct fl_judged_finding gateway_findings[] = {
	{ .id = "auth-unanswered",
	  .severity = FL_CRITICAL,
	  .side = FL_SIDE_SERVER,
	  .onset = AT(1203),
	  .recovered = FL_TIME_NONE,
	  .figures = { { "waited", FL_UNIT_DURATION, INT64_C(868797) * FL_NS_PER_MS },
	               { "request", FL_UNIT_FRAME, 4 },
	               { "request_length", FL_UNIT_BYTES, 64 },
	               { "gave_up", FL_UNIT_TIME, AT(868000) } },
	  .n_figures = 4,
	  .evidence = { { 0, 4, AT(1203), (char *)"login sent, 64 bytes" } },
	  .n_evidence = 1 },
};

/* The kernel of the server ACKs login and 173 heartbeats; its application never says a word. */
static inline struct fl_verdict gateway_verdict(void)
{
	struct fl_verdict verdict = { .id = "auth-unanswered", .severity = FL_CRITICAL, .layer = FL_LAYER_APPLICATION };

	verdict.side = FL_SIDE_SERVER;
	verdict.onset = AT(1203);
	verdict.onset_frame = 4;
	verdict.noticed = FL_TIME_NONE;
	verdict.blind = INT64_C(868797) * FL_NS_PER_MS;
	verdict.blind_open = true;
	verdict.confidence = FL_CONFIDENCE_MEDIUM;
	verdict.because = (struct fl_words){ .items = gateway_because, .count = 2 };
	verdict.alternatives = (struct fl_words){ .items = gateway_alternatives, .count = 1 };
	verdict.explains = (struct fl_words){ .items = gateway_explains, .count = 1 };
	verdict.summary =
		(char *)"The server's application never answered the login (frame 4). Its kernel is alive: it "
			"ACKed the login and all 173 heartbeats.";
	return verdict;
}

static inline void gateway_signs(struct fl_account *account)
{
	const struct fl_judged_rung never = { FL_TIME_NONE, FL_TIME_NONE, 0, 0, 0 };
	struct fl_judged_rung *client = account->signs[FL_CLIENT], *server = account->signs[FL_SERVER];

	for (unsigned sign = FL_SIGN_WIRE; sign <= FL_SIGN_APPLICATION; sign++)
		client[sign] = (struct fl_judged_rung){ AT(866210), FL_TIME_NONE, 1301, 0, 0 };
	for (unsigned sign = FL_SIGN_WIRE; sign <= FL_SIGN_STACK; sign++)
		server[sign] = (struct fl_judged_rung){ AT(866211), FL_TIME_NONE, 1302, 0, 0 };
	client[FL_SIGN_SESSION] = server[FL_SIGN_APPLICATION] = never;
	server[FL_SIGN_SESSION] = (struct fl_judged_rung){ FL_TIME_NONE, AT(1203), 0, 4, 174 };
}

static inline struct fl_account gateway_account(void)
{
	struct fl_account account = { .id = 7, .stream = 7, .port = { 40122, 9001 }, .roles = FL_ROLES_HANDSHAKE };

	account.address[FL_CLIENT] = (struct fl_address){ { 10, 1, 0, 2 }, 4 };
	account.address[FL_SERVER] = (struct fl_address){ { 10, 1, 0, 9 }, 4 };
	account.vantage = FL_SIDE_UNKNOWN;
	account.first = AT(1000);
	account.last = AT(866211);
	account.first_frame = 1;
	account.last_frame = 1302;
	account.from_handshake = true;
	account.end = FL_END_NONE;
	account.packets[FL_CLIENT] = 177;
	account.packets[FL_SERVER] = 175;
	account.payload[FL_CLIENT] = 64 + 173 * 24;
	account.rtt = 300 * FL_NS_PER_US;
	account.connect = 400 * FL_NS_PER_US;
	account.longest_silence = 5 * FL_NS_PER_S;
	account.reset_by = FL_SIDE_NONE;
	account.verdict = gateway_verdict();
	account.findings = gateway_findings;
	account.n_findings = 1;
	gateway_signs(&account);
	account.moments = gateway_moments;
	account.n_moments = 3;
	account.advice = (struct fl_words){ .items = gateway_advice, .count = 1 };
	account.why_unnoticed = (char *)"every byte is ACKed, so no kernel timer (retransmission, keepalive, "
					"TCP_USER_TIMEOUT) can fire.";
	account.would_catch =
		(char *)"a reply timeout in the client; and heartbeats only after the login was accepted.";
	return account;
}

static inline struct fl_account healthy_account(uint32_t id, const char *verdict)
{
	struct fl_account account = gateway_account();

	account.id = account.stream = id;
	account.n_findings = account.n_moments = 0;
	account.why_unnoticed = account.would_catch = NULL;
	account.advice.count = 0;
	account.verdict = (struct fl_verdict){ .id = verdict,
		                               .onset = FL_TIME_NONE,
		                               .noticed = FL_TIME_NONE,
		                               .blind = FL_TIME_NONE,
		                               .confidence = FL_CONFIDENCE_HIGH,
		                               .summary = (char *)"Nothing is owed." };
	return account;
}

static const struct fl_capture_file incident_files[] = {
	{ .name = "incident.pcap", .format = "pcap", .compression = "" },
	{ .name = "later.pcap", .format = "pcap", .compression = "" }
};
static struct fl_capture_facts incident_facts = { .files = incident_files,
	                                          .n_files = 1,
	                                          .frames = 1302,
	                                          .first = AT(0),
	                                          .last = AT(870000),
	                                          .interface_end = FL_TIME_NONE,
	                                          .links = { 1, 147 },
	                                          .n_links = 2 };

static inline struct fl_capture_account incident_capture(void)
{
	return (struct fl_capture_account){ .facts = &incident_facts,
		                            .tcp_packets = 1300,
		                            .observed_until = AT(870000),
		                            .skipped = { .not_ip = 1, .not_tcp = 1 } };
}

/* What the report of `format` prints, free() it. */
static inline char *print_report(const char *format, const struct fl_report_settings *settings,
                                 const struct fl_capture_account *capture, const struct fl_account *accounts,
                                 size_t count)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	struct fl_report *report = fl_report_new(format, out, settings);
	struct fl_error error;

	fl_report_begin(report, capture);
	for (size_t i = 0; i < count; i++)
		fl_report_flow(report, &accounts[i]);
	if (fl_report_end(report, &error) != 0)
		abort();
	fl_report_free(report);
	fclose(out);
	return text;
}

#endif
