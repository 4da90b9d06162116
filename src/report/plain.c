/* At ten in the morning it is read by people who were asleep at three: no sentence here needs a word of TCP. */
#include "plain.h"

#include <inttypes.h>
#include <string.h>

#include "flatline/address.h"
#include "flatline/time.h"

/* In the sentences S is the side to blame with its address ("the server 10.1.0.9:9001"), O the other one. */
static const struct words {
	const char *id, *what, *meaning;
} table[] = {
	{ "auth-unanswered", "S did not answer the login of O.",
	  "Its computer was up and acknowledged every byte, so that the connection looked healthy to the network; only "
	  "its program said nothing." },
	{ "auth-rejected", "The login of S was refused by O.",
	  "Both sides and the network between them work. What is to be looked at is the name, the password or the "
	  "rights." },
	{ "heartbeat-ack-only", "S stopped answering heartbeats.",
	  "Its computer was up and acknowledged every heartbeat; its program no longer answered them." },
	{ "peer-vanished", "Nothing more was heard of S on this connection.",
	  "Its computer, or the network between, on the way there or back, did not answer. The other side kept trying "
	  "in "
	  "vain." },
	{ "connect-unanswered", "O could not connect: nothing answered at S.",
	  "That computer was down, or something on the way threw the packets away." },
	{ "connect-slow", "O could only connect to S after several tries.",
	  "The first tries, or their answers, were lost." },
	{ "degraded", "The connection of O with S stood still for a while, and went on.", "" },
	{ "idle-unknown", "Nobody knows whether S is still there.",
	  "The connection is open and silent, and neither side asked the other." },
	{ "heartbeat-stopped", "S stopped sending its regular messages.",
	  "The connection was still open; its program no longer did what it had done all the time." },
	{ "app-silent", "S no longer answered requests.",
	  "Its computer was up and acknowledged every request; its program did not answer." },
	{ "receiver-stalled", "The program of S stopped reading what it was sent.",
	  "Its computer was up, and full of messages that nobody fetched." },
	{ "keepalive-unanswered", "S no longer answered when it was asked whether it is there.",
	  "Its computer, or the network between, on the way there or back, did not answer." },
	{ "unreachable", "What O sent could not be delivered to S.",
	  "The network itself, or that computer, reported it." },
	{ "mtu-blackhole", "Large packets to S got lost, while small ones arrived.",
	  "Something on the way is too narrow for them, and does not say so." },
	{ "idle-dropped", "The connection of O with S was forgotten on the way while nobody used it.",
	  "A firewall, a load balancer or an address translator between them dropped it without telling both." },
	{ "peer-restarted", "S knew nothing of the connection any more.",
	  "Its computer was started again, or replaced by another one." },
	{ "closed-mid-request", "S hung up instead of answering.", "" },
	{ "reset", "S cut the connection off while something was still to be done.", "" },
	{ "connect-refused", "The connection to S was refused.", "" },
	{ "handshake-abandoned", "A connection of O with S was begun and never completed.", "" },
	{ "accept-queue-overflow", "S did not take up new connections.",
	  "Its computer was up and let them in; its program did not fetch them, until the queue was full." },
	{ "half-closed", "S did not close the connection after the other side had.",
	  "Such connections pile up until the program can open no more." },
	{ "close-unanswered", "The end of the connection was never confirmed by S.",
	  "All data had been delivered before." },
	{ "alive", "The connection of O with S was working when the capture ended.", "" },
	{ "closed", "The connection of O with S ended in order.", "" },
	{ "one-way", "On the connection of O with S one side only sends, as if by design.", "" },
	{ "inconclusive", "The capture cannot tell what became of the connection of O with S.", "" },
};

enum { n_words = sizeof(table) / sizeof(table[0]) };

/* What several connections say together; S is what the incident is about. */
static const struct words incidents[] = {
	{ "host-down", "The computer S answered nobody any more.", NULL },
	{ "service-down", "The service S refused every connection.", NULL },
	{ "listen-queue-overflow", "The service S did not take up new connections.", NULL },
	{ "network-down", "The computer S heard nobody any more.", NULL },
	{ "path-down", "Something in the network on the way to S was broken, or rejected what came.", NULL },
	{ "middlebox-timeout", "Something in the network forgot connections of S that nobody used.", NULL },
	{ "restart", "The computer S knew nothing of its connections any more: it was started again, or replaced.",
	  NULL },
	{ "time-wait-pressure", "A client of S closed so many connections that it ran short of ports for new ones.",
	  NULL },
	{ "scan", "The computer S tried many services in vain.", NULL },
	{ "neighbour-unresolved", "Nobody answers for the address S.", NULL },
};

enum { n_incidents = sizeof(incidents) / sizeof(incidents[0]) };

const char *plain_id(size_t index)
{
	return index < n_words ? table[index].id : index - n_words < n_incidents ? incidents[index - n_words].id : NULL;
}

void plain_incident(struct fl_text *text, const char *id, const char *subject)
{
	for (size_t i = 0; i < n_incidents; i++) {
		const char *what = incidents[i].what, *place = strstr(what, " S");

		if (strcmp(incidents[i].id, id) != 0)
			continue;
		fl_text_add(text, "%.*s %s%s", (int)(place - what), what, subject ? subject : "somewhere", place + 2);
		return;
	}
	fl_text_add(text, "%s: %s", id, subject ? subject : "");
}

static const struct words *words_of(const char *id)
{
	for (size_t i = 0; i < n_words; i++) {
		if (strcmp(table[i].id, id) == 0)
			return &table[i];
	}
	return NULL;
}

/* "the server 10.1.0.9:9001" */
static void name(struct fl_text *text, const struct fl_account *account, unsigned role)
{
	char endpoint[FL_ENDPOINT_TEXT];

	if (role == FL_SERVER)
		fl_text_add(text, "the server %s",
		            fl_endpoint_text(&account->address[role], account->port[role], endpoint));
	else
		fl_text_add(text, "the client %s", fl_address_text(&account->address[role], endpoint));
}

/* Whose side "S" is: where nobody's is known, or it is between, the server is the one that was wanted. */
static unsigned blamed_role(const struct fl_account *account)
{
	return account->verdict.side == FL_SIDE_CLIENT ? FL_CLIENT : FL_SERVER;
}

static void tell(struct fl_text *text, const struct fl_account *account, const char *sentence)
{
	static const char letters[] = "SO";
	size_t start = text->length;

	for (const char *at = sentence; *at; at++) {
		bool stands_alone = (at == sentence || at[-1] == ' ') && !(at[1] >= 'a' && at[1] <= 'z');
		const char *letter = stands_alone ? strchr(letters, *at) : NULL;

		if (!letter)
			fl_text_bytes(text, at, 1);
		else if (*letter == 'S' && account->verdict.side == FL_SIDE_BETWEEN &&
		         strcmp(account->verdict.id, "reset") == 0)
			fl_text_add(text, "something between the two sides");
		else
			name(text, account, *letter == 'S' ? blamed_role(account) : !blamed_role(account));
	}
	if (!text->failed && text->length > start && text->data[start] == 't')
		text->data[start] = 'T';
	else if (!text->failed && text->length > start && text->data[start] == 's')
		text->data[start] = 'S';
}

void plain_what(struct fl_text *text, const struct fl_account *account)
{
	const struct words *words = words_of(account->verdict.id);

	/* Of a protocol that is not known the login is a guess, and has to be called one. */
	if (words && !account->profile && strcmp(words->id, "auth-unanswered") == 0)
		tell(text, account, "S did not answer the first message of O, which looks like a login.");
	else if (words)
		tell(text, account, words->what);
}

void plain_meaning(struct fl_text *text, const struct fl_account *account)
{
	const struct words *words = words_of(account->verdict.id);

	if (words)
		tell(text, account, words->meaning);
}

void plain_whose(struct fl_text *text, const struct fl_account *account)
{
	static const char *const parts[FL_LAYERS] = {
		[FL_LAYER_APPLICATION] = "the program of ", [FL_LAYER_STACK] = "the computer of "
	};
	const char *part = parts[account->verdict.layer];

	switch (account->verdict.side) {
	case FL_SIDE_CLIENT:
	case FL_SIDE_SERVER:
		if (account->verdict.layer == FL_LAYER_PATH)
			fl_text_add(text,
			            "not to be told from here: the network between, either way, or the computer of ");
		else if (part)
			fl_text_add(text, "%s", part);
		name(text, account, blamed_role(account));
		break;
	case FL_SIDE_BETWEEN: fl_text_add(text, "something between the two: neither of them"); break;
	case FL_SIDE_UNKNOWN: fl_text_add(text, "not known"); break;
	default: fl_text_add(text, "nobody's");
	}
}

void plain_unnoticed(struct fl_text *text, const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;
	const int64_t at_once = 100 * FL_NS_PER_MS;
	char length[FL_TIME_TEXT], most[FL_TIME_TEXT];

	if (verdict->blind == FL_TIME_NONE)
		return;
	fl_duration_text(verdict->blind, length);
	if (verdict->is_over)
		fl_text_add(text, "it lasted for %s", length);
	else if (verdict->noticed != FL_TIME_NONE && verdict->blind < at_once)
		fl_text_add(text, "not at all: it was noticed at once");
	else if (verdict->noticed != FL_TIME_NONE)
		fl_text_add(text, "%s", length);
	else if (verdict->gave_up)
		fl_text_add(text, "%s to %s, until the computer that kept trying gave up", length,
		            fl_duration_text(verdict->gave_up_after, most));
	else
		fl_text_add(text, "%s at least: nobody had reacted when the capture ended", length);
}

void plain_now(struct fl_text *text, const struct fl_account *account, int64_t observed_until)
{
	const struct fl_verdict *verdict = &account->verdict;
	char time[FL_TIME_TEXT];

	if (verdict->is_over)
		fl_text_add(text, "over: it went on after that");
	else if (verdict->severity == FL_CRITICAL && account->again_at > verdict->onset)
		fl_text_add(text, "the client connected anew at %s, and %s",
		            fl_time_of_day(account->again_at, true, time),
		            account->again_made ? "was let in" : "was not let in");
	else if (verdict->noticed != FL_TIME_NONE && verdict->noticed > verdict->onset)
		fl_text_add(text, "given up by the other side at %s: it closed, or connected anew",
		            fl_time_of_day(verdict->noticed, true, time));
	else if (account->end != FL_END_NONE)
		fl_text_add(text, "ended, by a packet that says so, at %s", fl_time_of_day(account->last, true, time));
	else if (observed_until != FL_TIME_NONE)
		fl_text_add(text, "not over when the capture ended, at %s", fl_time_of_day(observed_until, true, time));
}

void plain_last_heard(struct fl_text *text, const struct fl_account *account)
{
	const struct fl_judged_rung *wire = &account->signs[blamed_role(account)][FL_SIGN_WIRE];
	char time[FL_TIME_TEXT];

	if (account->verdict.layer == FL_LAYER_APPLICATION || account->verdict.side == FL_SIDE_BETWEEN ||
	    wire->last_at == FL_TIME_NONE)
		return;
	fl_text_add(text, "%s (frame %" PRIu32 ")", fl_time_of_day(wire->last_at, true, time), wire->last_frame);
}

void plain_file(struct fl_text *text, const struct fl_capture_file *file)
{
	const char *compression = file->compression ? file->compression : "";
	char count[32];

	fl_text_add(text, "%s: %s%s%s, %s %s", strcmp(file->name, "-") == 0 ? "standard input" : file->name,
	            file->format[0] ? file->format : "unreadable", *compression ? ", " : "", compression,
	            fl_count_text(file->frames, count), file->frames == 1 ? "frame" : "frames");
	if (file->snaplen > 0)
		fl_text_add(text, ", at most %" PRIu32 " bytes of each", file->snaplen);
	if (file->end == FL_FILE_CUT || file->end == FL_FILE_CORRUPT)
		fl_text_add(text, "; %s", file->problem.message);
}

const char *plain_until(enum fl_until_source source)
{
	static const char *const sources[] = { [FL_UNTIL_LAST_FRAME] = "the last frame",
		                               [FL_UNTIL_INTERFACE_END] = "the capture file says so",
		                               [FL_UNTIL_OPTION] = "given by --until",
		                               [FL_UNTIL_MTIME] = "when the file was last written",
		                               [FL_UNTIL_TICK] = "so far" };

	return sources[source];
}
