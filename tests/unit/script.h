/* Connections as lines of text, one packet a line, so that a test of the engine reads like the wire:
 *
 *	0.000  C>S S 0:0(0) win 64240 <mss 1460,wscale 7>
 *	0.001  S>C SA 0:0(0) ack 1 win 65160
 *	+0.5   C>S PA 1:65(64) ack 1 win 502 <ts 10 20>
 *	+0     S>C A 1:1(0) ack 65 win 502 ttl 63 id 7 if 1 mac 9 <sackok,sack 1 65>
 *
 * A time is in seconds since 2026-01-14 09:00:00 UTC, or "+" and the seconds since the line before. An end is a host's
 * letter, with a number for another port of it: C and C2 are two clients' sockets on one host, D is another host; S, T
 * and U are servers. Sequence numbers count from the sender's initial one, ACKs and SACK blocks from the receiver's;
 * the end is checked against the length. What a line leaves out is window 502, TTL 64, IP identification 0, the
 * capture's interface 0, and a source MAC of the host's own. Other kinds of line:
 *
 *	1.000  C?S                        ARP: C asks who has S
 *	1.000  C!S                        ARP: S answers C
 *	1.000  R ICMP 3/1 C>S 1:65(64)    ICMP: R says to C that its segment could not be delivered
 *	1.000  R ICMP 3/4 C>S 1:65(64) mtu 1300
 *
 * A segment of payload may end in " says WORD": its bytes begin with that word, and the script is read with the
 *profiles of script.c (these words; a greeting) on top of the program's own.
 *
 * Blank lines and what follows a # are passed over. Errors in a script fail the test. */
#ifndef FLATLINE_TESTS_SCRIPT_H
#define FLATLINE_TESTS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/engine.h"
#include "flatline/flow.h"
#include "flatline/message.h"
#include "flatline/packet.h"
#include "flatline/tcp.h"
#include "flatline/text.h"

/* What a script's time 0 is, and its numbers' 0. The server's lies just below 2^32, so that every dialogue wraps. */
#define SCRIPT_START (INT64_C(1768381200) * FL_NS_PER_S)
#define SCRIPT_CLIENT_ISN 1000u
#define SCRIPT_SERVER_ISN 4294967290u

/* Seconds of a script as a time. */
static inline int64_t script_at(double seconds)
{
	return SCRIPT_START + (int64_t)(seconds * 1e6 + 0.5) * FL_NS_PER_US;
}

/* Up to `max` packets, numbered from 1; returns how many the script holds. */
size_t script_packets(const char *text, struct fl_packet *ret_packets, size_t max);

/* The same as Ethernet frames, for the whole engine. */
struct script_frames {
	struct fl_frame *frames;
	size_t count;
	uint8_t *bytes; /* of all of them */
	bool says;      /* one of them says something */
};
void script_frames_init(struct script_frames *frames, const char *text);
void script_frames_deinit(struct script_frames *frames);

/* What the engine made of one flow, as far as tests look at it. */
#define SCRIPT_FINDINGS 6
struct script_finding {
	const char *id;
	enum fl_severity severity;
	enum fl_side side;
	int64_t onset, recovered;
	struct fl_figure figures[FL_FINDING_FIGURES];
	size_t n_figures;
	char evidence[FL_FINDING_EVIDENCE][160];
	uint32_t evidence_frame[FL_FINDING_EVIDENCE];
	size_t n_evidence;
};

struct script_flow {
	uint32_t id, stream;
	const char *verdict;
	char profile[32];
	enum fl_severity severity;
	enum fl_layer layer;
	enum fl_side side;
	enum fl_confidence confidence;
	int64_t onset, noticed, blind;
	uint32_t onset_frame;
	bool blind_open;
	bool has_alternative_one_way;
	char alternatives[128]; /* ids with blanks between */
	uint64_t bytes_at_risk;
	bool from_handshake, is_abandoned;
	enum fl_side vantage;
	char vantage_because[160];
	struct fl_timers timers;
	int64_t again_at;
	bool again_made;
	char kernel_says[1024], keepalive_says[1024];
	char would_catch[512];
	uint16_t port[2];
	uint64_t packets[2], payload[2], retransmissions[2];
	int64_t rtt;
	char summary[512];
	char explains[256]; /* ids with blanks between */
	char because[1024];
	char caveats[512];
	struct fl_judged_rung signs[2][FL_SIGNS];
	struct script_finding findings[SCRIPT_FINDINGS];
	size_t n_findings;
};

/* What concerns more than a flow, or none. */
struct script_incident {
	char id[32], subject[64], summary[1024];
	int64_t onset;
	size_t n_flows;
};

#define SCRIPT_FLOWS 64
#define SCRIPT_INCIDENTS 4
struct script_result {
	char caveats[512]; /* of the capture as a whole */
	size_t n_incidents;
	struct script_incident incidents[SCRIPT_INCIDENTS];
	size_t n_flows; /* as given out, in order of id */
	struct script_flow flows[SCRIPT_FLOWS];
	uint64_t evicted;
};

/* How to run: NULL for the defaults. */
struct script_run {
	double until;       /* observed until this second; 0: the last frame */
	const char *set[4]; /* "name=value" */
	size_t cut;         /* only so many frames; 0: all */
	uint64_t seed;
	size_t memory;
	size_t batch;              /* frames a call; 0: 16 */
	uint64_t drops;            /* packets that the file says it lost */
	double lost_from, lost_to; /* seconds; a live run lost a packet between them; both 0: none */
};

/* Runs the script through an engine of its own. The result is free()d by the caller. */
struct script_result *script_run(const char *text, const struct script_run *how);

/* The engine's judgement of flow `id` of the script, observed until `until` (0: the last frame). */
struct script_flow script_judge(const char *text, double until, size_t id);

/* The finding of that id, NULL when there is none. */
const struct script_finding *script_find(const struct script_flow *flow, const char *id);
/* Its figure, or `otherwise`. */
int64_t script_figure(const struct script_finding *finding, const char *name, int64_t otherwise);

/* Fails unless no prefix of the script is judged critical, for any of its flows, at the last frame of the prefix. */
void script_never_critical(const char *text);

/* The script's packets taken one by one through flow, tcp and message, for the tests of those rooms. */
#define SCRIPT_TRACKED 256
struct script_track {
	struct fl_flows *flows;
	size_t count;
	struct fl_flow *flow[SCRIPT_TRACKED]; /* of each packet */
	struct fl_segment segments[SCRIPT_TRACKED];
	struct fl_message messages[SCRIPT_TRACKED]; /* kinds 0 where the packet completed none */
	bool is_message[SCRIPT_TRACKED];
};
void script_track_init(struct script_track *track, const char *text);
void script_track_deinit(struct script_track *track);
/* The flow of the last packet. */
const struct fl_flow *script_track_flow(const struct script_track *track);

/* Writes scripts of whole dialogues: keeps both sides' numbers, and lets the receiver ACK what was said after half a
 * round trip. `lines` is the script so far. */
struct dialogue {
	struct fl_text lines;
	const char *client, *server; /* "C", "S" */
	uint64_t next[2];            /* of the client, of the server */
	double rtt;                  /* seconds; 0.0004 */
};
void dialogue_init(struct dialogue *dialogue);
void dialogue_deinit(struct dialogue *dialogue);
const char *dialogue_text(const struct dialogue *dialogue);
/* Takes other ends from now on, both at their initial numbers. */
void dialogue_between(struct dialogue *dialogue, const char *client, const char *server);
/* SYN, SYN-ACK, ACK. */
void dialogue_open(struct dialogue *dialogue, double at);
/* `who` (0 the client, 1 the server) sends a message, which is ACKed, or not. */
void dialogue_say(struct dialogue *dialogue, double at, unsigned who, unsigned length);
void dialogue_say_unacked(struct dialogue *dialogue, double at, unsigned who, unsigned length);
/* `who` sends its last `length` bytes again. */
void dialogue_again(struct dialogue *dialogue, double at, unsigned who, unsigned length);
/* A lone ACK of `who`, of all that was said to it. */
void dialogue_ack(struct dialogue *dialogue, double at, unsigned who);
/* The client's message of `length`, and its answer `after` seconds later. */
void dialogue_ask(struct dialogue *dialogue, double at, unsigned length, double after, unsigned answer);
/* FIN of `who`, ACKed. */
void dialogue_fin(struct dialogue *dialogue, double at, unsigned who);
/* RST of `who`. */
void dialogue_rst(struct dialogue *dialogue, double at, unsigned who);
/* A keepalive probe of `who`, answered or not. */
void dialogue_probe(struct dialogue *dialogue, double at, unsigned who, bool is_answered);

#endif
