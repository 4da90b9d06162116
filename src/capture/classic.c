/* Classic pcap: a file header of 24 bytes, then each packet behind a record header with time and lengths, in the byte
 * order of the machine that captured (draft-ietf-opsawg-pcap). libpcap knows the variants of thirty years, so it reads;
 * here stand the link type as in the file, times beyond 2038, and whether a bad end is a cut or damage. */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/types.h>

#include "flatline/cursor.h"
#include "reader.h"

#define FILE_HEADER 24

struct classic {
	struct reader reader;
	struct source *source;
	FILE *stream; /* over the source; closed by libpcap once `pcap` is open */
	pcap_t *pcap;
	uint16_t link;
	char buffer[SOURCE_CHUNK];
};

static ssize_t stream_read(void *cookie, char *ret_bytes, size_t size)
{
	return (ssize_t)fl_source_read(cookie, (uint8_t *)ret_bytes, size);
}

/* libpcap says what was wrong, not whether the file went on: having run into the end of the stream means cut. */
static bool ended(struct classic *self, int status)
{
	uint64_t frame = self->reader.frames + 1;

	if (status == PCAP_ERROR_BREAK)
		return fl_reader_bytes_ended(&self->reader, self->source, frame, NULL);
	if (feof(self->stream))
		return fl_reader_bytes_ended(&self->reader, self->source, frame, "this packet");
	return fl_reader_end(&self->reader, FL_FILE_CORRUPT, frame, "the record header is damaged (%s)",
	                     pcap_geterr(self->pcap));
}

static bool classic_next(struct reader *reader, struct fl_frame *ret_frame)
{
	struct classic *self = (struct classic *)reader;
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	int status = pcap_next_ex(self->pcap, &header, &bytes);

	if (status != 1)
		return ended(self, status);
	ret_frame->number = ++reader->frames;
	/* The file holds 32 bits: libpcap sign-extends them, although they last until 2106. With nanosecond precision
	 * tv_usec holds nanoseconds. */
	ret_frame->at = (int64_t)(uint32_t)header->ts.tv_sec * FL_NS_PER_S + header->ts.tv_usec;
	ret_frame->bytes = bytes;
	ret_frame->caplen = header->caplen;
	ret_frame->len = header->len < header->caplen ? header->caplen : header->len;
	ret_frame->link = self->link;
	ret_frame->interface = 0;
	return true;
}

static void classic_free(struct reader *reader)
{
	struct classic *self = (struct classic *)reader;

	if (self->pcap)
		pcap_close(self->pcap);
	else if (self->stream)
		fclose(self->stream);
	fl_source_free(self->source);
	free(self);
}

/* libpcap hands out DLT_ values, which differ between systems, so the file header is read here too. Files of before
 * LINKTYPE_ values existed hold the DLT_ value of their system: 12 and 14 are raw IP, 11 is ATM. */
static uint16_t link_as_in_file(uint32_t field)
{
	uint16_t link = field & 0xffff;

	if (link == 12 || link == 14)
		return 101;
	return link == 11 ? 100 : link;
}

static void read_header(struct classic *self)
{
	struct fl_cursor cursor = fl_cursor_over(self->source->head, FILE_HEADER);
	/* every pcap magic number begins with a1 in its own byte order, and none ends with it */
	bool is_big = fl_cursor_u8(&cursor) == 0xa1;

	fl_cursor_skip(&cursor, 15);
	self->reader.snaplen = is_big ? fl_cursor_be32(&cursor) : fl_cursor_le32(&cursor);
	self->link = link_as_in_file(is_big ? fl_cursor_be32(&cursor) : fl_cursor_le32(&cursor));
}

static bool open_stream(struct classic *self, struct fl_error *reterr)
{
	static const cookie_io_functions_t functions = { .read = stream_read };
	char problem[PCAP_ERRBUF_SIZE] = "";

	self->stream = fopencookie(self->source, "r", functions);
	if (!self->stream) {
		fl_error_set(reterr, self->reader.name, 0, "out of memory");
		return false;
	}
	setvbuf(self->stream, self->buffer, _IOFBF, sizeof(self->buffer));
	__fsetlocking(self->stream, FSETLOCKING_BYCALLER); /* nobody else sees it: no lock per packet */
	self->pcap = pcap_fopen_offline_with_tstamp_precision(self->stream, PCAP_TSTAMP_PRECISION_NANO, problem);
	if (!self->pcap)
		fl_error_set(reterr, self->reader.name, 0, "the pcap file header is not valid (%s)", problem);
	return self->pcap;
}

struct reader *fl_classic_open(struct source *source, const char *name, struct fl_error *reterr)
{
	struct classic *self;

	if (source->head_end < FILE_HEADER) {
		fl_error_set(reterr, name, 0, "%s",
		             source->end == FL_FILE_WHOLE ? "the file ends inside its header" : source->problem);
		fl_source_free(source);
		return NULL;
	}
	self = calloc(1, sizeof(*self));
	if (!self) {
		fl_error_set(reterr, name, 0, "out of memory");
		fl_source_free(source);
		return NULL;
	}
	self->reader = (struct reader){ .next = classic_next,
		                        .free = classic_free,
		                        .name = name,
		                        .format = "pcap",
		                        .end = FL_FILE_READING,
		                        .interface_end = FL_TIME_NONE };
	self->source = source;
	read_header(self);
	if (open_stream(self, reterr))
		return &self->reader;
	classic_free(&self->reader);
	return NULL;
}
