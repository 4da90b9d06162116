/* Any bytes as a pcapng file: the block reader must neither read past them nor run on without end, and what it gives
 * must hold what frame.h promises. */
#include <stdint.h>
#include <stdlib.h>

#include "capture/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frame(const struct fl_frame *frame, uint64_t number, size_t size)
{
	volatile uint8_t sum = 0;

	if (frame->number != number || frame->len < frame->caplen || frame->caplen > size)
		abort();
	for (uint32_t i = 0; i < frame->caplen; i++)
		sum ^= frame->bytes[i];
	(void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source *source = fl_source_memory(data, size);
	struct fl_frame frame = { 0 };
	struct reader *reader;
	uint64_t count = 0;

	if (!source)
		return 0;
	fl_source_peek(source);
	reader = fl_pcapng_open(source, "fuzz", NULL);
	if (!reader)
		return 0;
	while (reader->next(reader, &frame))
		check_frame(&frame, ++count, size);
	if (reader->end == FL_FILE_READING || reader->frames != count)
		abort();
	fl_reader_free(reader);
	return 0;
}
