/* Prints what flatline's engine makes of every TCP frame, for the comparison with tshark: one line a frame,
 * "FRAME STREAM PAYLOAD SOURCE:PORT". The last line holds the totals. */
#include <inttypes.h>
#include <stdio.h>

#include "flatline/packet.h"
#include "replay.h"

static void print_packet(void *context, const struct fl_packet *packet, uint32_t id, uint32_t stream, unsigned dir)
{
	char source[FL_ENDPOINT_TEXT];

	(void)context;
	(void)id;
	(void)dir;
	printf("%" PRIu64 " %u %u %s\n", packet->number, stream, packet->length,
	       fl_endpoint_text(&packet->source, packet->source_port, source));
}

int main(int argc, char **argv)
{
	struct fl_engine_probe probe = { .packet = print_packet };
	struct fl_engine_counters counters;
	static struct replay replay;

	if (argc != 2)
		return 2;
	if (!replay_run(&replay, argv[1], &probe))
		return 3;
	fl_engine_counters(replay.engine, &counters);

	const struct fl_capture_file *file = &fl_capture_facts(replay.capture)->files[0];

	printf("end %" PRIu64 " frames %" PRIu64 " tcp %d%s%s\n", counters.frames, counters.tcp_packets, (int)file->end,
	       file->problem.message[0] ? " " : "", file->problem.message);
	replay_deinit(&replay);
	return 0;
}
