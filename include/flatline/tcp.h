/* Segments: what a packet meant for its connection (RFC 9293). Tracks both sides' coordinates, the signs of life of the
 * kernels, and the series in which a kernel repeats what gets no answer. Knows nothing of protocols, and of no verdict.
 */
#ifndef FLATLINE_TCP_H
#define FLATLINE_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "flatline/flow.h"
#include "flatline/packet.h"

/* What a segment is, decided once, in tcp/classify.c. Several may hold. */
enum {
	FL_SEG_SYN = 1 << 0, /* SYN without ACK */
	FL_SEG_SYN_ACK = 1 << 1,
	FL_SEG_FIN = 1 << 2, /* its first FIN */
	FL_SEG_RST = 1 << 3,
	FL_SEG_DATA = 1 << 4,        /* carries payload never seen before */
	FL_SEG_REPEAT = 1 << 5,      /* carries only sequence numbers that were sent before (payload, SYN or FIN) */
	FL_SEG_PROBE = 1 << 6,       /* keepalive or window probe: 0 or 1 byte just below what the peer has ACKed */
	FL_SEG_ACKS = 1 << 7,        /* ACKs sequence numbers for the first time */
	FL_SEG_ACKS_UNSEEN = 1 << 8, /* among them some that were never captured */
	FL_SEG_ZERO_WINDOW = 1 << 9,
	FL_SEG_PUSH = 1 << 10,
	FL_SEG_OUT_OF_ORDER = 1 << 11, /* fills a hole in what was seen of its side: late, or lost before the capture */

	/* why it is a REPEAT; exactly one of these with it */
	FL_SEG_RTO = 1 << 12,     /* the retransmission timer (RFC 6298) */
	FL_SEG_TLP = 1 << 13,     /* a tail loss probe (RFC 8985 section 7), or the first RTO: the next gap tells */
	FL_SEG_FAST = 1 << 14,    /* duplicate ACKs or SACKs asked for it (RFC 5681, RFC 6675) */
	FL_SEG_CLOCKED = 1 << 15, /* let out by an ACK, as all that follows the first RTO; or behind another repeat */

	FL_SEG_SPURIOUS = 1 << 16,     /* a REPEAT of what had been ACKed, as far as this capture knows */
	FL_SEG_WINDOW_PROBE = 1 << 17, /* sent into a closed window (RFC 9293 section 3.8.6.1) */
	FL_SEG_PROBE_ANSWER = 1 << 18,
	FL_SEG_WINDOW_OPENED = 1 << 19, /* the window was closed until now */
	FL_SEG_DUP_ACK = 1 << 20,       /* the same ACK again while data is under way */
	FL_SEG_CHALLENGE = 1 << 21,     /* the answer to an unacceptable SYN or RST (RFC 5961) */
	FL_SEG_DSACK = 1 << 22,         /* reports that something arrived twice (RFC 2883) */

	/* what an RST looks like; none for one that is like none of them */
	FL_SEG_RST_NO_SOCKET = 1 << 23, /* no ACK flag: its host knows no such connection */
	FL_SEG_RST_REFUSED = 1 << 24,   /* the answer to a SYN that nobody listens for */
	FL_SEG_RST_ACTIVE = 1 << 25,    /* a socket of this connection was aborted */
	FL_SEG_RST_IGNORED = 1 << 26,   /* not at the number that its receiver waits for (RFC 5961 section 3) */
	FL_SEG_RST_FOREIGN = 1 << 27,   /* its TTL is not its supposed sender's */
};

/* What the later steps see of a packet: facts, never raw flags. */
struct fl_segment {
	int64_t at;
	uint64_t seq, ack; /* unwrapped, in the coordinates of fl_end.next; ack is 0 without the ACK flag */
	uint64_t end;      /* seq + payload + SYN + FIN */
	uint32_t frame;
	uint32_t file;
	uint32_t classes; /* FL_SEG_ bits */
	uint32_t length;  /* payload bytes */
	uint32_t fresh;   /* of them never seen before */
	uint32_t window;  /* scaled where the scale is known */
	uint8_t dir;      /* sender: flow->end[dir] */
};

/* True when `packet`, sent by end[dir], begins a new connection on the tuple of `flow`: a SYN with another initial
 * sequence number. Silence never does, and a SYN repeated after a challenge ACK or an RST is the same attempt. */
bool fl_tcp_begins(const struct fl_flow *flow, const struct fl_packet *packet, unsigned dir);

/* Takes the packet into its flow: counts, coordinates, windows, rungs wire to application, series, history; and says
 * what it was. `flows` gives the memory for what is odd; where it has none, that is not remembered. */
void fl_tcp_track(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir,
                  struct fl_segment *ret_segment);

/* A connection that began with a bare SYN, and shows no more yet (FL_MARK_LONE): puts that SYN away; and takes it back,
 * to track it, when the flow has its cold block. */
void fl_tcp_keep_lone(struct fl_flow *flow, const struct fl_packet *syn);
void fl_tcp_take_lone(struct fl_flow *flow, struct fl_packet *ret_syn);

/* Room for such a flow as if it had been tracked. */
struct fl_whole {
	struct fl_flow flow;
	struct fl_cold cold;
};

/* The flow itself, or, of one that is a lone SYN, what tracking would have made of it, in `whole`. For everyone who
 * comes upon a flow without a packet of it. */
struct fl_flow *fl_tcp_whole(struct fl_flow *flow, struct fl_whole *whole);

/* A packet that was captured twice (see fl_copies): it is counted, and means nothing. */
void fl_tcp_track_copy(struct fl_flow *flow, const struct fl_packet *packet, unsigned dir);

/* It was reset, or both sides closed it and all of that was ACKed, or another connection has its ports. */
bool fl_tcp_is_over(const struct fl_flow *flow);
/* Bytes that end[dir] has sent and that were not ACKed so far. */
uint64_t fl_tcp_outstanding(const struct fl_flow *flow, unsigned dir);

/* Bytes that are missing of end[dir]'s right where its peer's ACK stands, though more was seen behind them; 0 for none.
 */
uint64_t fl_tcp_missing(const struct fl_flow *flow, unsigned dir);

/* When something of end[dir]'s that had been missing came last; FL_TIME_NONE for never. */
int64_t fl_tcp_filled_at(const struct fl_flow *flow, unsigned dir);

/* True when all of end[dir]'s sequence numbers below `seq` were ACKed. */
bool fl_tcp_acked(const struct fl_flow *flow, unsigned dir, uint64_t seq);

/* The sequence number of end[dir]'s first payload byte, with FL_SEEN_SYN. */
uint64_t fl_tcp_first_byte(const struct fl_flow *flow, unsigned dir);

/* When the oldest byte of end[dir] that was not ACKed was first sent: its mark, NULL when nothing is under way or it
 * was not captured. Of much that is under way the mark may be one of a little earlier. */
const struct fl_sent *fl_tcp_oldest(const struct fl_flow *flow, unsigned dir);

/* The round trip as far as it is known, ns: of the handshake, else the sum of the shortest times to an ACK; 0 when
 * nothing is known. */
int64_t fl_tcp_rtt(const struct fl_flow *flow);

/* The round trip is so long that the handshake's timer (1 s) fires before an answer can come: its repeats are no loss.
 */
bool fl_tcp_is_slow_path(const struct fl_flow *flow);
/* `length` payload bytes of end[dir] are nine tenths and more of what its peer takes in a segment (its MSS; of a
 * connection joined in the middle, of what is usual). */
bool fl_tcp_is_full_size(const struct fl_flow *flow, unsigned dir, uint32_t length);

/* A series: what a kernel sends again by its timer while it gets no answer. Ended by the ACK of its first byte. */
enum fl_series_kind { FL_SERIES_NONE, FL_SERIES_SYN, FL_SERIES_SYN_ACK, FL_SERIES_DATA, FL_SERIES_FIN };

#define FL_STEPS 20
struct fl_series {
	uint64_t head, end; /* sequence numbers that it repeats: from the first to one past the highest */
	int64_t sent_at;    /* the first transmission of `head`; that of the first repeat where it was not captured */
	int64_t quiet;      /* before the first transmission: since the peer's packet before it, ns; 0 not known */
	int64_t stood_from; /* from when on it stood still: the ACK of `head` was due, or another ACK came after that */
	int64_t first_at, last_at; /* repeats */
	int64_t over_at;           /* the ACK; FL_TIME_NONE while it lasts */
	int64_t replied_at;        /* the last reply to a repeat (see `replies`); FL_TIME_NONE without */
	uint32_t sent_frame, first_frame, last_frame, over_frame;
	uint32_t sent_file, first_file, last_file, over_file;
	uint32_t gap_us[FL_STEPS]; /* [0]: first transmission to first repeat, [i]: from repeat i to i + 1 (capped) */
	uint32_t repeats;
	uint32_t least, most;  /* payload bytes of a repeat */
	uint32_t heard;        /* packets of the peer since the second repeat, RSTs not counted */
	uint32_t heard_again;  /* of them those that its own timer sent again: it misses ACKs, too */
	uint32_t heard_trying; /* of them those before the last repeat */
	uint32_t replies;   /* of them those right behind a repeat that carried nothing: it came, and was not taken */
	uint32_t unreplied; /* repeats since the last reply */
	uint32_t dsacks;    /* of those the ones that report it as come twice */
	uint8_t kind;       /* enum fl_series_kind */
	bool is_tail;       /* its first repeat was not of the oldest byte: a tail loss probe */
	bool is_head;  /* its first repeat was of the oldest bytes with more under way behind them: no such probe */
	bool is_acked; /* of bytes that this capture saw ACKed: the ACKs do not reach the sender */
	bool is_reset; /* an RST came while it lasted: of its sender or its peer */
	bool reset_by_peer;
	bool reset_knows_less; /* that RST's ACK shows that its sender never got what was repeated */
	int64_t reset_at;
	uint32_t reset_frame, reset_file;
};

/* Probes of one side: keepalives, or a closed window's. */
struct fl_probes {
	int64_t first_at, last_at, answered_at; /* the last answer; FL_TIME_NONE for never */
	int64_t unanswered_at;                  /* the first of the last unanswered run */
	uint32_t first_frame, last_frame, unanswered_frame;
	uint32_t first_file, last_file, unanswered_file;
	uint32_t count, answered;
	uint32_t unanswered;     /* in a row, up to now, of those half a second and more apart */
	uint32_t run;            /* in a row, up to now, all of them */
	int64_t gap, gap_before; /* between the last two, and the two before, ns; 0 before */
	/* What the settings of its timer are read from, ms (49 days at most); 0 for not known. An idle time is that
	 * from the peer's last packet, its own probes not counted, to the first probe of a run without an answer. What
	 * comes within 0.95 s is no keepalive's timer, and not taken. */
	uint32_t first_idle, last_idle;   /* of the first run ever, and of the last */
	uint32_t least_idle, most_idle;   /* of all runs behind the first */
	uint32_t least_step;              /* between any two probes */
	uint32_t least_retry, most_retry; /* between those of the last run that had several */
	/* Of window probes alone: since the window closed. */
	int64_t began_at;    /* the first one; FL_TIME_NONE while there is none */
	uint32_t first_step; /* between the first two, ms */
	uint32_t before;     /* how many there were before them */
};

/* A window that stayed closed while something waited. */
struct fl_closed_window {
	int64_t since; /* FL_TIME_NONE while it is open */
	uint32_t frame, file;
	int64_t longest, longest_since; /* of those that opened again, ns */
	uint32_t longest_frame, longest_file;
	uint32_t times;
	uint32_t answered_before; /* probes that were answered before it closed */
	int64_t opened_at;        /* the last time it opened again; FL_TIME_NONE for never */
};

/* All that was odd about a flow's segments; a few hundred bytes, made at the first repeat or probe. By direction of the
 * side that repeats or probes. */
struct fl_trouble {
	struct fl_series now[2];     /* the last one, lasting or over */
	struct fl_series worst[2];   /* the longest of those of data before it; kind NONE without */
	struct fl_series connect[2]; /* of SYN, or SYN-ACK, once the connection was made */
	struct fl_probes keepalives[2], window_probes[2];
	struct fl_closed_window closed[2]; /* of that side's own receive window */
	int64_t repeated_at[2]; /* when it last sent anything again, for whatever reason; FL_TIME_NONE for never */
	int64_t heard_at[2];    /* its last packet that was no probe; FL_TIME_NONE where that is not known */
	int64_t stalled_until;  /* the end of the last standstill in `stalled` */
	int64_t stalled;        /* time that series of data which ended took, in all, ns */
	uint32_t stalls;        /* how many those were */
	uint32_t timed, asked_for, spurious; /* repeats by a timer, by duplicate ACKs, and of what had been ACKed */
};

/* NULL for a flow in which nothing was odd. */
const struct fl_trouble *fl_tcp_trouble(const struct fl_flow *flow);

/* Repeats of the series by the retransmission timer: all but a tail loss probe at its beginning (KERNEL 0: then the
 * first two gaps are equal, or the first repeat was not of the oldest byte). A lone repeat counts as a probe when it
 * may be one. *ret_first: the time of the first of them, FL_TIME_NONE without. */
uint32_t fl_series_rtos(const struct fl_series *series, int64_t *ret_first);
/* Whether it begins with a tail loss probe: 1 yes, 0 no, -1 not to be told from one repeat. */
int fl_series_begins_with_tlp(const struct fl_series *series);
/* True when it is a failure by its length: `least` repeats by the timer and `least_for`, or two of any kind and 5 s
 * (VERDICTS' "data tries"); until its ACK, or `now`. */
bool fl_series_is_long(const struct fl_series *series, int64_t now, int64_t least, int64_t least_for);
/* True when it is one of that kind that goes on in vain: neither ACKed nor reset. */
bool fl_series_is_in_vain(const struct fl_series *series, enum fl_series_kind kind);
/* The last gap, ns; 0 without. */
int64_t fl_series_last_gap(const struct fl_series *series);
/* When the next repeat is due, at the earliest and at the latest: timers fire late and never early (KERNEL 0), a gap is
 * twice the one before or, capped or held flat, the same. */
void fl_series_next(const struct fl_series *series, int64_t *ret_least, int64_t *ret_most);
/* True when its sender no longer tries at `now`: the next repeat is overdue. Nobody says so on the wire. */
bool fl_series_stopped(const struct fl_series *series, int64_t now);

/* The RST that ended a connection, its first that counted; or, of a connection whose tuple was taken over while it was
 * open, that SYN. */
struct fl_ending {
	int64_t at;
	int64_t quiet; /* for how long its sender had said nothing when the other side spoke last; 0 when it spoke last
	                */
	uint64_t waiting[2]; /* payload bytes of each side that were not ACKed then */
	int64_t silent;      /* since its sender's own last packet; 0 when it had sent none */
	uint32_t sent;       /* packets of its sender before it */
	uint32_t frame, file;
	uint32_t classes; /* FL_SEG_RST with its form, or FL_SEG_SYN */
	uint8_t dir;      /* its sender */
	uint8_t ttl;
	bool is_beyond;    /* its number lies beyond all that was seen of its sender: the capture missed something */
	bool is_confirmed; /* of a SYN: its sender reset what was left of the connection at the other side */
};

/* NULL for a connection that was not reset. */
const struct fl_ending *fl_tcp_ending(const struct fl_flow *flow);
/* The first FIN was that of end[dir]. */
bool fl_tcp_closed_first(const struct fl_flow *flow, unsigned dir);
/* A new connection takes the tuple of `flow`, begun by `packet`, which end[dir] sent. True when `flow` was open. */
bool fl_tcp_replaced(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir);
/* `packet`, of the SYN's sender (`dir` in `old`), speaks for the connection that its SYN seemed to have replaced: a
 * challenge ACK told it, or the network, that it still lives (RFC 5961 section 4). */
bool fl_tcp_outlives(const struct fl_flow *old, const struct fl_flow *attempt, const struct fl_packet *packet,
                     unsigned dir);
/* That SYN ended nothing. */
void fl_tcp_take_back(struct fl_flow *old);
/* The sender of that SYN refused the old connection's challenge ACK by an RST: it has lost that connection. */
void fl_tcp_confirm_replaced(struct fl_flow *flow);

/* ICMP errors that quote what one side sent, of the last sender, type and code. */
struct fl_icmp_seen {
	struct fl_address sender;
	int64_t first_at, last_at;
	uint32_t first_frame, last_frame;
	uint32_t first_file, last_file;
	uint32_t count;
	uint16_t mtu; /* of "fragmentation needed" or "packet too big", else 0 */
	uint8_t type, code;
	bool is_from_target; /* the host itself says so, no router */
};

/* About what end[dir] sent; NULL for none. */
const struct fl_icmp_seen *fl_tcp_icmp(const struct fl_flow *flow, unsigned dir);
/* An ICMP error that quotes a packet of end[dir]. */
void fl_tcp_track_icmp(struct fl_flows *flows, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir);

/* Packets that were captured twice: on a bridge, a router with all its interfaces, a mirror port with both directions.
 * One object for a whole capture; it has to learn first that the capture does so, where nothing else tells the copy. */
struct fl_copies;
struct fl_copies *fl_copies_new(void); /* NULL out of memory */
void fl_copies_free(struct fl_copies *copies);
/* True when `packet` is another's copy. To be asked once for every TCP packet, in their order. */
bool fl_copies_is_copy(struct fl_copies *copies, const struct fl_packet *packet);

#endif
