/* Prints what flatline's engine makes of every TCP frame, for the comparison with tshark: one line a frame,
 * "FRAME STREAM PAYLOAD SOURCE:PORT". The last line holds the totals. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "flatline/capture.h"
#include "flatline/engine.h"
#include "flatline/packet.h"

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
	struct fl_capture_settings capture_settings = { NULL, FL_TIME_NONE, FL_TIME_NONE };
	struct fl_engine_settings settings = { .seed = 1, .number_streams = true };
	struct fl_engine_probe probe = { .packet = print_packet };
	struct fl_engine_counters counters;
	struct fl_frame frames[FL_BATCH];
	struct fl_error error;
	size_t count;

	if (argc != 2)
		return 2;
	fl_settings_init(&settings.settings);

	struct fl_capture *capture = fl_capture_new((const char *const *)&argv[1], 1, &capture_settings, &error);
	struct fl_engine *engine = fl_engine_new(&settings);

	if (!capture || !engine)
		return 3;
	fl_engine_probe(engine, &probe);
	while ((count = fl_capture_read(capture, frames, FL_BATCH)) > 0)
		fl_engine_frames(engine, frames, count);
	fl_engine_counters(engine, &counters);

	const struct fl_capture_file *file = &fl_capture_facts(capture)->files[0];

	printf("end %" PRIu64 " frames %" PRIu64 " tcp %d%s%s\n", counters.frames, counters.tcp_packets, (int)file->end,
	       file->problem.message[0] ? " " : "", file->problem.message);
	fl_engine_free(engine);
	fl_capture_free(capture);
	return 0;
}
