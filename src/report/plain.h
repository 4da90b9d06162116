/* A verdict in words for everybody, also for those who know nothing of TCP. Private to report/. */
#ifndef REPORT_PLAIN_H
#define REPORT_PLAIN_H

#include "flatline/capture.h"
#include "flatline/judge.h"
#include "flatline/text.h"

/* What happened, in a sentence: "The server 10.1.0.9:9001 did not answer the login." */
void plain_what(struct fl_text *text, const struct fl_account *account);
/* What that means, in a sentence or two; "" where there is nothing to add. */
void plain_meaning(struct fl_text *text, const struct fl_account *account);
/* Whose side it is: "the server's program (10.1.0.9:9001)". */
void plain_whose(struct fl_text *text, const struct fl_account *account);
/* For how long nobody knew: "14m28s at least: nobody had noticed when the capture ended". */
void plain_unnoticed(struct fl_text *text, const struct fl_account *account);

/* What is the matter now: "not over when the capture ended, at 21:02:08.945". */
void plain_now(struct fl_text *text, const struct fl_account *account, int64_t observed_until);
/* When the last packet of the blamed side came, where its computer or the network is in question; else nothing. */
void plain_last_heard(struct fl_text *text, const struct fl_account *account);
/* An incident, in a sentence: "The computer 10.1.0.9 answered nobody any more." */
void plain_incident(struct fl_text *text, const char *id, const char *subject);

/* A file in a line: "a.pcap: pcap, gzip, 127 frames; cut"; its name is not cleaned. */
void plain_file(struct fl_text *text, const struct fl_capture_file *file);
/* Who said until when was watched: "the last frame". */
const char *plain_until(enum fl_until_source source);
/* How a capture would have shown more: a sentence, and the line for a shell. */
#define PLAIN_BETTER \
	"To capture it better next time (all interfaces, headers and heads of messages, a larger buffer, each packet " \
	"written at once):"
#define PLAIN_BETTER_LINE "tcpdump -i any -s 256 -B 65536 -U -w better.pcap 'tcp or icmp or icmp6 or arp'"

/* The ids of the table, for a test; NULL past the last. */
const char *plain_id(size_t index);

#endif
