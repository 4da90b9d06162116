/* Flows: which packets belong to one TCP connection. One hot block that each packet touches, one cold block beside it,
 * one sick block allocated at the first odd event. This folder stores; what the fields mean is tcp's and message's. */
#ifndef FLATLINE_FLOW_H
#define FLATLINE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/address.h"
#include "flatline/packet.h"
#include "flatline/time.h"

/* A tuple in canonical order: `low` is the endpoint whose (address, port) sorts first. */
struct fl_key {
	uint8_t low[16], high[16];
	uint16_t low_port, high_port;
	uint16_t vlan; /* 0 unless VLAN ids are part of the key (setting vlan_in_key) */
	uint8_t family;
	uint8_t pad;
};

/* tshark's view of a tuple: its current stream number and the base of each direction. See src/flow/wireshark_id.c. */
struct fl_wireshark_id {
	uint32_t stream;  /* FL_STREAM_NONE before the first packet */
	uint32_t base[2]; /* by direction of the key: 0 = sent by `low` */
	uint8_t has_base; /* bit 0, bit 1 */
};
#define FL_STREAM_NONE UINT32_MAX

/* What a side has shown, in the coordinates of its own sequence space (unwrapped, flatline/seq.h). The same code serves
 * both: end[dir] is the sender of the packet at hand, end[!dir] its peer. */
struct fl_end {
	uint64_t next;    /* one past the highest sequence number it sent; 0 before its first packet */
	uint64_t una;     /* highest ACK that its peer sent for it; 0 before the first */
	uint64_t payload; /* payload bytes on the wire, repeats included */
	int64_t last_at;  /* its last packet */
	uint32_t packets;
	uint32_t last_frame;
	uint32_t window; /* last advertised receive window, scaled where the scale is known */
	uint16_t retransmissions;
	uint16_t seen; /* FL_SEEN_ bits */
};
#define FL_WSCALE_UNKNOWN 255

/* What is to be known of a connection's SYN while nothing followed it. Most connections of a flood, or of a scan, never
 * are more than that: it lies where the numbers of the end go that never spoke (tcp/lone.c). */
struct fl_lone {
	uint32_t seq, file;
	uint32_t ts_value, ts_echo;
	uint16_t mss, window;
	uint8_t flags, ttl, wscale;
	uint8_t options; /* FL_OPT_ bits */
};

enum {
	FL_SEEN_SYN = 1 << 0, /* SYN or SYN-ACK */
	FL_SEEN_FIN = 1 << 1,
	FL_SEEN_RST = 1 << 2,
	FL_SEEN_PAYLOAD = 1 << 3,
	FL_SEEN_HOLE = 1 << 4, /* its peer ACKed bytes that were never captured */
	FL_SEEN_SYN_ACK = 1 << 5,
	FL_SEEN_BARE_RST = 1 << 6,   /* an RST without ACK, as a host sends that knows no such connection */
	FL_SEEN_ENDS_AGAIN = 1 << 7, /* its last packet repeated what was sent before */
	FL_SEEN_TIMESTAMP = 1 << 8,
	FL_SEEN_FOREIGN_RST = 1 << 9, /* an RST in its name whose TTL is not its own */
	FL_SEEN_SACK_PERMITTED = 1 << 10,
	FL_SEEN_ZERO_WINDOW = 1 << 11, /* its receive window is closed now */
};

/* One sign of life: last proof, first unmet demand, demands since. Times are FL_TIME_NONE and frames 0 for "never". */
struct fl_rung {
	int64_t last_at, asked_at;
	uint32_t last_frame, asked_frame;
	uint32_t demands;
} __attribute__((packed, aligned(4)));

/* The rungs that are stored. The wire rung is worked out: its proof is the side's last packet, its demand that of the
 * stack as far as no packet came since. */
enum fl_rung_id { FL_RUNG_STACK, FL_RUNG_APPLICATION, FL_RUNGS };

/* A mark in what one side has sent and its peer has not ACKed: from `seq` on it was first sent at this moment. A few
 * such marks tell when the oldest byte that waits was first sent, however much followed it (tcp/under_way.c). Packed,
 * since every flow has six of them. */
#define FL_MARKS 3
struct fl_sent {
	int64_t at;
	uint32_t seq; /* the low 32 bits */
	uint32_t frame;
	uint32_t file;
} __attribute__((packed, aligned(4)));

/* What one side said, message by message (message/). A message waits from its first byte until the other side speaks.
 */
struct fl_talk {
	int64_t first_at, last_at; /* of its messages */
	int64_t waiting_at;        /* its first message that has had no answer; meaningless while `waiting` is 0 */
	uint32_t messages;
	uint32_t waiting; /* messages since the other side last spoke */
	uint32_t first_length, first_frame;
	uint32_t waiting_frame;
	uint32_t last_length;
	uint32_t longest_answer_us; /* longest wait that an answer ended; capped; 0 when it was never answered */
	uint32_t first_acked_us;    /* time until the first message was ACKed; 0 while it was not (else at least 1) */
	uint16_t answered_length;   /* length of the last message that was alone and got an answer (capped) */
	uint16_t answered_run;      /* how many in a row of about that length did (capped) */
	uint16_t answer_length;     /* of the last such answer (capped) */
	uint32_t gap_us;            /* from the message before to the one that waits first (capped) */
	uint32_t answered_gap_us;   /* that of the last message that was alone and got an answer */
	uint16_t first_file, waiting_file;
	uint32_t longest_gap_ms; /* between its messages (capped) */
};

/* Touched by packets that carry payload or prove life: eight cache lines, what goes together lies together. */
struct fl_cold {
	struct fl_rung rung[2][FL_RUNGS];

	char history[14];         /* letters in order of first appearance, capital for end[0]: "ShADad" */
	uint16_t quiet_s;         /* the longest time between two packets of whichever side (capped) */
	int64_t acked_at[2];      /* when its peer last ACKed anything of it, new or again; FL_TIME_NONE for never */
	uint32_t ack_delay_us[2]; /* shortest time from its data to the ACK of all of it; UINT32_MAX unknown */
	uint32_t ts_value[2];     /* its last timestamp (RFC 7323); valid with FL_SEEN_TIMESTAMP */
	uint32_t first_frame;
	uint8_t n_sent[2];
	uint8_t dup_acks[2]; /* ACKs its peer sent again while data of it was under way, since the last new one (capped)
	                      */
	uint8_t ttl[2];      /* of its last packet that was no RST; 0 before */
	uint8_t first_ttl[2]; /* of its first */
	uint16_t mss[2];

	struct fl_sent sent[2][FL_MARKS]; /* [n_sent - 1] is of what was sent last; [0] too when nothing is under way */

	struct fl_talk talk[2];

	int64_t first_at;
	int64_t syn_at;     /* the SYN that began it, 0 without */
	uint32_t rtt_us;    /* SYN to the ACK of the SYN-ACK, both halves as seen here; UINT32_MAX unknown */
	uint32_t synack_us; /* SYN to SYN-ACK, the server's half of rtt_us; UINT32_MAX unknown */
	uint32_t isn[2];    /* of SYN or SYN-ACK, with FL_SEEN_SYN; else the lowest number captured */
	uint32_t last_file; /* file of its last packet, for evidence */

	uint32_t replaced;            /* id and one of the connection whose tuple it took over while that was open; 0 */
	uint32_t fin_frame, fin_file; /* the first FIN of either side; 0 before */
	int64_t fin_at;
};
_Static_assert(sizeof(struct fl_cold) <= 512, "eight cache lines");

/* Allocated at the first odd event. What hangs on it belongs to the rooms named; the table frees it with free(). */
struct fl_sick {
	void *beats[2]; /* message: learner of periodic messages, by direction */
	void *watch;    /* detect: states and alarm; one block */
	void *findings; /* detect: what was found; an array */
	void *trouble;  /* tcp: series of repeats and probes */
	void *holes[2]; /* tcp: what is missing of each direction's sequence numbers */
	void *ending;   /* tcp: the RST, or the SYN that took its place */
	void *icmp[2];  /* tcp: ICMP errors about what each side sent */
	void *session;  /* message: what was said of the protocol that it speaks */
	uint16_t n_findings, findings_size;
	bool is_ended; /* detect: the detectors were asked for the last time */
	size_t size;   /* bytes of all this, as counted against the budget */
};

/* At most 192 bytes: three cache lines. */
struct fl_flow {
	struct fl_key key;
	union {
		struct fl_end end[2]; /* [0]: the side that was seen first */
		struct {
			struct fl_end sender;
			struct fl_lone lone; /* with FL_MARK_LONE; of end[1] only what lies behind it is valid */
		};
	};
	struct fl_cold *cold; /* NULL with FL_MARK_LONE */
	struct fl_sick *sick; /* NULL while nothing odd happened */
	struct fl_wireshark_id wireshark;
	uint32_t id;           /* our number, by first frame; FL_FLOW_UNSEEN while only ICMP quoted it */
	uint32_t stream;       /* tshark's number of its first packet, FL_STREAM_NONE where there is none to give */
	uint16_t marks;        /* FL_MARK_ bits */
	uint8_t first_is_high; /* end[0] is the key's `high` side */
	uint8_t wscale[2];     /* shift count of each end; FL_WSCALE_UNKNOWN without the handshake */
	uint8_t verdict;       /* of the last look (run/): see fl_flow_severity(); 0 before, and when it was over */
} __attribute__((aligned(64)));
_Static_assert(sizeof(struct fl_flow) == 192, "three cache lines");
_Static_assert(sizeof(struct fl_lone) <= offsetof(struct fl_end, last_at), "what evicts, and walks, reads the rest");
#define FL_FLOW_UNSEEN UINT32_MAX
#define FL_FLOW_LAST (UINT32_MAX / 2) /* the largest id: twice an id, and one, is a number too */

enum {
	FL_MARK_GONE = 1 << 0,     /* replaced by a newer connection of its tuple */
	FL_MARK_RETURNED = 1 << 1, /* its earlier part left for lack of memory */
	FL_MARK_MID_FLOW = 1 << 2, /* no handshake was captured */
	FL_MARK_OPEN_0 = 1 << 3,   /* message: end[0] has not pushed what it began */
	FL_MARK_OPEN_1 = 1 << 4,
	FL_MARK_ICMP = 1 << 5,       /* an ICMP error quoted a packet of it */
	FL_MARK_ICMP_LAST = 1 << 6,  /* and nothing new was ACKed since */
	FL_MARK_LONE = 1 << 7,       /* one SYN and no more so far: `lone` is valid, and there is no cold block */
	FL_MARK_ECHO = 1 << 8,       /* its SYN echoed a timestamp: Linux takes ports out of TIME_WAIT so */
	FL_MARK_OLD_ANSWER = 1 << 9, /* its SYN met an ACK of an older connection on its ports */
	FL_MARK_LOOKED = 1 << 10,    /* run/: a look was at it when it was over */
};

/* How bad it was at the last look while it was open; 0 (FL_OK) without one. */
static inline unsigned fl_flow_severity(const struct fl_flow *flow)
{
	return flow->verdict & 3;
}

struct fl_flows;

struct fl_flows_settings {
	uint64_t seed; /* of the hash; output never depends on it */
	size_t memory; /* bytes that flows may take before the oldest leave; 0: no limit */
	bool vlan_in_key;
	bool number_streams; /* give tshark's numbers (one file, in its order) */
	bool keeps_lone;     /* a connection that begins with a bare SYN gets its cold block with its second packet */
	/* Called for a flow that leaves for lack of memory, before its blocks are freed. */
	void (*on_evict)(void *context, struct fl_flow *flow);
	void *context;
};

/* NULL out of memory. */
struct fl_flows *fl_flows_new(const struct fl_flows_settings *settings);
void fl_flows_free(struct fl_flows *flows);

/* A tuple ready to be looked up. A packet goes through four steps, and others lie between them, so that the memory of
 * its flow arrives while those are worked on: aim, fetch the flow, fetch the rest of it, get. What happens to the table
 * meanwhile makes a fetch useless at worst. */
struct fl_aim {
	struct fl_key key;
	uint64_t hash;
	const struct fl_flow *flow; /* what seems to be its flow; NULL while nothing is known of it */
	uint8_t is_swapped;         /* the packet was sent by the key's `high` side */
};

void fl_flows_aim(const struct fl_flows *flows, const struct fl_packet *packet, struct fl_aim *ret_aim);
void fl_flows_fetch(const struct fl_flows *flows, struct fl_aim *aim);
void fl_flows_fetch_rest(const struct fl_aim *aim);

/* The connection that the packet belongs to, made when there is none; *ret_dir is 0 when it was sent by the side seen
 * first. flow->wireshark.stream is the packet's number in tshark. NULL only out of memory. Valid until the next call.
 */
struct fl_flow *fl_flows_get(struct fl_flows *flows, const struct fl_aim *aim, const struct fl_packet *packet,
                             unsigned *ret_dir);

/* A new connection on the tuple of `old` (which stays, marked gone), begun by `packet`, whose sender is its end[0].
 * NULL out of memory. */
struct fl_flow *fl_flows_renew(struct fl_flows *flows, struct fl_flow *old, const struct fl_aim *aim,
                               const struct fl_packet *packet);

/* The tuple is that of `old` again, which `attempt` had taken it from: that one is marked gone. */
void fl_flows_return(struct fl_flows *flows, struct fl_flow *old, struct fl_flow *attempt, const struct fl_aim *aim);

/* The flow that an ICMP error's quote belongs to, NULL when no packet of it was seen; gives the tuple a tshark number
 * as tshark does. *ret_dir: the direction of the quoted segment. */
struct fl_flow *fl_flows_quoted(struct fl_flows *flows, const struct fl_packet *packet, unsigned *ret_dir);

/* Gives a flow that has none its cold block, zeroed, and takes FL_MARK_LONE from it; for that others may have to leave.
 * False out of memory. */
bool fl_flows_warm(struct fl_flows *flows, struct fl_flow *flow);

/* The sick block of `flow`, made (zeroed) when there is none. NULL out of memory. */
struct fl_sick *fl_flows_sicken(struct fl_flows *flows, struct fl_flow *flow);

/* `size` zeroed bytes for the flow's sick block, counted against the budget; to hang on a pointer of fl_sick, so that
 * they are freed with it. NULL out of memory. */
void *fl_flows_sick_bytes(struct fl_flows *flows, struct fl_flow *flow, size_t size);
/* Bytes that were counted for a copy of a flow, which is gone. */
void fl_flows_uncount(struct fl_flows *flows, size_t bytes);
/* The same bytes, `more` of them in addition to `size`, which may move; what is new is not zeroed. NULL out of memory,
 * and `bytes` stay as they were. */
void *fl_flows_sick_more(struct fl_flows *flows, struct fl_flow *flow, void *bytes, size_t size, size_t more);

/* Connections that are in memory, and all that ever were. */
size_t fl_flows_count(const struct fl_flows *flows);
uint64_t fl_flows_numbered(const struct fl_flows *flows);
/* NULL where it left for lack of memory. */
struct fl_flow *fl_flows_at(const struct fl_flows *flows, uint32_t id);
/* The first that is in memory, `id` or one that began behind it; FL_FLOW_UNSEEN for none. */
uint32_t fl_flows_next(const struct fl_flows *flows, uint32_t id);
/* The same but for those with one SYN and no more (FL_MARK_LONE); how many these are. */
uint32_t fl_flows_next_whole(const struct fl_flows *flows, uint32_t id);
size_t fl_flows_lone(const struct fl_flows *flows);
/* All that are in memory, in the order in which they began: that of their ids, but for 2^31 connections in one run. */
#define FL_FLOWS_EACH(flows, id) \
	for (uint32_t id = fl_flows_next(flows, 0); id != FL_FLOW_UNSEEN; id = fl_flows_next(flows, id + 1))
#define FL_FLOWS_EACH_WHOLE(flows, id) \
	for (uint32_t id = fl_flows_next_whole(flows, 0); id != FL_FLOW_UNSEEN; id = fl_flows_next_whole(flows, id + 1))
/* The first of the last `count` that began; FL_FLOW_UNSEEN when none of them is in memory. */
uint32_t fl_flows_recent(const struct fl_flows *flows, uint32_t count);
/* Brings the flow of `id`, which need not exist, nearer, and some that come behind it: for loops over all of them. */
void fl_flows_fetch_at(const struct fl_flows *flows, uint32_t id);

/* Up to `most` of the flows that are over, or that nobody ever answered, leave memory when their last packet was before
 * that time. A call looks at some of all flows, the next one at those behind them. Before the first of them leaves
 * `announce` (NULL: nobody asks) is called for each. */
void fl_flows_let_go(struct fl_flows *flows, int64_t before, size_t most,
                     void (*announce)(void *context, const struct fl_flow *flow), void *context);

/* Bytes taken by table and blocks now; flows that left memory so far, and the last packet that any of them had
 * (FL_TIME_NONE). */
size_t fl_flows_memory(const struct fl_flows *flows);
uint64_t fl_flows_evicted(const struct fl_flows *flows);
int64_t fl_flows_left_at(const struct fl_flows *flows);

/* Address and port of end[dir]. */
/* Of an address and a port, by the table's seed: nobody who chooses them can aim at one place. */
uint64_t fl_flows_hash(const struct fl_flows *flows, const struct fl_address *address, uint16_t port);
void fl_flow_endpoint(const struct fl_flow *flow, unsigned dir, struct fl_address *ret_address, uint16_t *ret_port);

/* How it is known who the client is. */
enum fl_roles { FL_ROLES_HANDSHAKE, FL_ROLES_LEARNED, FL_ROLES_PORT, FL_ROLES_GUESS };

/* The direction of the client: the sender of the SYN, the receiver of the SYN-ACK, else the side with the ephemeral
 * port, else the one with the higher port. */
unsigned fl_flow_client(const struct fl_flow *flow, enum fl_roles *ret_roles);

/* tshark's numbering rule (4.0) on the state of one tuple; `dir` is 0 for a segment sent by the key's `low` side. Takes
 * *next_stream when a new number is needed. Returns the segment's number. */
uint32_t fl_wireshark_id_step(struct fl_wireshark_id *id, uint32_t *next_stream, unsigned dir, uint32_t seq,
                              uint32_t ack, uint8_t flags);

#endif
