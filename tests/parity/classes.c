/* Prints what flatline's engine calls every segment, and what stands on the wire: one line a TCP frame,
 *
 *	FRAME STREAM LETTER AT SEQ ACK LENGTH FLAGS WINDOW ID TTL WHOLE: CLASS...
 *
 * where the letter is that of the sender (A: seen first), AT is in nanoseconds and as in the file, ID is the IP
 * identification, WHOLE is "short" where the TCP header lacks a piece, and a copy of a packet is "copy". For the
 * comparison with tshark's analysis (marks.py), and for people. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "flatline/packet.h"
#include "replay.h"

static const struct {
	uint32_t bit;
	const char *name;
} names[] = {
	{ FL_SEG_SYN, "syn" },
	{ FL_SEG_SYN_ACK, "syn-ack" },
	{ FL_SEG_FIN, "fin" },
	{ FL_SEG_RST, "rst" },
	{ FL_SEG_DATA, "data" },
	{ FL_SEG_REPEAT, "repeat" },
	{ FL_SEG_PROBE, "probe" },
	{ FL_SEG_ACKS, "acks" },
	{ FL_SEG_ACKS_UNSEEN, "acks-unseen" },
	{ FL_SEG_ZERO_WINDOW, "zero-window" },
	{ FL_SEG_OUT_OF_ORDER, "out-of-order" },
	{ FL_SEG_RTO, "rto" },
	{ FL_SEG_TLP, "tlp" },
	{ FL_SEG_FAST, "fast" },
	{ FL_SEG_CLOCKED, "clocked" },
	{ FL_SEG_SPURIOUS, "spurious" },
	{ FL_SEG_WINDOW_PROBE, "window-probe" },
	{ FL_SEG_PROBE_ANSWER, "probe-answer" },
	{ FL_SEG_WINDOW_OPENED, "window-opened" },
	{ FL_SEG_DUP_ACK, "dup-ack" },
	{ FL_SEG_CHALLENGE, "challenge" },
	{ FL_SEG_DSACK, "d-sack" },
	{ FL_SEG_RST_NO_SOCKET, "no-socket" },
	{ FL_SEG_RST_REFUSED, "refused" },
	{ FL_SEG_RST_ACTIVE, "active" },
	{ FL_SEG_RST_IGNORED, "ignored" },
	{ FL_SEG_RST_FOREIGN, "foreign" },
};

struct printer {
	const struct fl_frame *frames; /* at hand, for their times: the engine holds a clock still that steps back */
	bool is_open; /* the packet's line waits for its classes, which come with its segment: of a copy there is none
	               */
};

static void end_line(struct printer *printer)
{
	if (printer->is_open)
		printf(" copy\n");
	printer->is_open = false;
}

static void take_packet(void *context, const struct fl_packet *packet, uint32_t id, uint32_t stream, unsigned dir)
{
	struct printer *printer = context;
	char flags[16];

	(void)id;
	end_line(printer);
	printf("%" PRIu64 " %u %c", packet->number, stream, "AB"[dir]);
	printf(" %" PRId64, printer->frames[packet->number - printer->frames[0].number].at);
	printf(" %u %u %u", packet->seq, packet->ack, packet->length);
	printf(" %s %u", fl_flags_text(packet->flags, flags), packet->window);
	printf(" %u %u %s:", packet->ip_id, packet->ttl, packet->options.present & FL_OPT_MALFORMED ? "short" : "-");
	printer->is_open = true;
}

static void take_segment(void *context, uint32_t id, const struct fl_segment *segment)
{
	struct printer *printer = context;

	(void)id;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (segment->classes & names[i].bit)
			printf(" %s", names[i].name);
	}
	printf("\n");
	printer->is_open = false;
}

int main(int argc, char **argv)
{
	static struct replay replay;
	struct printer printer = { replay.frames, false };
	struct fl_engine_probe probe = { .packet = take_packet, .segment = take_segment, .context = &printer };

	if (argc != 2)
		return 2;
	if (!replay_run(&replay, argv[1], &probe))
		return 3;
	end_line(&printer);
	replay_deinit(&replay);
	return 0;
}
