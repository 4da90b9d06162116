/* Which kind of file is this? By its first four bytes, never by its name: pcap in either byte order and with micro- or
 * nanoseconds (draft-ietf-opsawg-pcap), pcapng (draft-ietf-opsawg-pcapng), or one of them compressed. What is none of
 * these is refused with its first bytes, since people hand in text logs and archives by mistake. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/cursor.h"
#include "reader.h"

/* The pcap magic numbers that libpcap reads: plain, nanoseconds, and three historic variants. */
static const uint32_t pcap_magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34, 0xa1b234cd, 0xa12b3c4d };

#define PCAPNG_MAGIC 0x0a0d0d0a

bool fl_reader_end(struct reader *reader, enum fl_file_end end, uint64_t frame, const char *format, ...)
{
	char message[sizeof(reader->problem.message)];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	reader->end = end;
	fl_error_set(&reader->problem, reader->name, frame, "%s", message);
	return false;
}

bool fl_reader_bytes_ended(struct reader *reader, const struct source *source, uint64_t frame, const char *inside)
{
	if (source->end != FL_FILE_WHOLE)
		return fl_reader_end(reader, source->end, frame, "%s", source->problem);
	if (inside)
		return fl_reader_end(reader, FL_FILE_CUT, frame, "the file ends inside %s", inside);
	reader->end = FL_FILE_WHOLE;
	return false;
}

void fl_reader_free(struct reader *reader)
{
	if (reader)
		reader->free(reader);
}

static bool is_pcap(const uint8_t *head)
{
	struct fl_cursor cursor = fl_cursor_over(head, 4);
	uint32_t big = fl_cursor_be32(&cursor);

	for (size_t i = 0; i < sizeof(pcap_magics) / sizeof(pcap_magics[0]); i++)
		if (big == pcap_magics[i] || __builtin_bswap32(big) == pcap_magics[i])
			return true;
	return false;
}

static void refuse(struct source *source, size_t size, const char *name, const char *compression,
                   struct fl_error *reterr)
{
	char bytes[16] = "";

	for (size_t i = 0; i < size && i < 4; i++)
		snprintf(bytes + strlen(bytes), sizeof(bytes) - strlen(bytes), "%s%02x", i ? " " : "", source->head[i]);
	if (source->end != FL_FILE_WHOLE)
		fl_error_set(reterr, name, 0, "%s", source->problem);
	else if (size == 0)
		fl_error_set(reterr, name, 0, "empty%s%s", *compression ? " when decompressed from " : "", compression);
	else
		fl_error_set(reterr, name, 0,
		             "not a capture file (%sbegins with %s): pcap, pcapng, gzip or zstd is expected",
		             *compression ? "decompressed it " : "", bytes);
	fl_source_free(source);
}

struct reader *fl_reader_open(const char *path, struct reader_info *ret_info, struct fl_error *reterr)
{
	struct source *source;
	size_t size;

	*ret_info = (struct reader_info){ .compression = "", .source.modified = FL_TIME_NONE };
	source = fl_source_open(path, &ret_info->source, reterr);
	if (!source)
		return NULL;
	size = fl_source_peek(source);
	ret_info->compression = fl_compression_name(source->head, size);
	if (*ret_info->compression) {
		source = fl_source_decompress(source, path, ret_info->compression, reterr);
		if (!source)
			return NULL;
		size = fl_source_peek(source);
	}
	if (size >= 4 && is_pcap(source->head))
		return fl_classic_open(source, path, reterr);
	if (size >= 4 && memcmp(source->head, "\x0a\x0d\x0d\x0a", 4) == 0)
		return fl_pcapng_open(source, path, reterr);
	refuse(source, size, path, ret_info->compression, reterr);
	return NULL;
}
