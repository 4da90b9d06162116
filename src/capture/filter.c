/* `--filter 'tcp port 9001'` is compiled to BPF and run on each frame by us and not by libpcap's reader, so that frames
 * keep their numbers. Where the IP header lies depends on the link type, so there is one program for each; a pcapng
 * file may hold several. */
#include "filter.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

/* What a program accepts of a frame: all of it. */
#define SNAPLEN 262144

struct program {
	uint16_t link;
	bool is_compiled;
	struct bpf_program code;
	char why[PCAP_ERRBUF_SIZE + 64]; /* when it is not compiled */
	struct program *next;
};

struct filter {
	const char *expression;
	struct program *programs; /* the last used first */
};

/* libpcap compiles for DLT_ values, files hold LINKTYPE_ values; where they differ on this system. */
static int dlt_of_link(uint16_t link)
{
	static const struct {
		uint16_t link;
		int dlt;
	} differing[] = {
		{ 100, DLT_ATM_RFC1483 }, { 101, DLT_RAW },      { 102, DLT_SLIP_BSDOS }, { 103, DLT_PPP_BSDOS },
		{ 104, DLT_C_HDLC },      { 106, DLT_ATM_CLIP }, { 107, DLT_FRELAY },     { 108, DLT_LOOP },
		{ 109, DLT_ENC },         { 258, DLT_PKTAP },
	};

	for (size_t i = 0; i < sizeof(differing) / sizeof(differing[0]); i++)
		if (differing[i].link == link)
			return differing[i].dlt;
	return link;
}

static bool compile(struct program *program, const char *expression)
{
	pcap_t *dead = pcap_open_dead(dlt_of_link(program->link), SNAPLEN);

	if (!dead) {
		snprintf(program->why, sizeof(program->why), "out of memory");
		return false;
	}
	program->is_compiled = pcap_compile(dead, &program->code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!program->is_compiled)
		snprintf(program->why, sizeof(program->why), "%s", pcap_geterr(dead));
	pcap_close(dead);
	return program->is_compiled;
}

/* The program for `link`, moved to the front; NULL: out of memory. */
static struct program *program_for(struct filter *filter, uint16_t link)
{
	struct program **place = &filter->programs, *program;

	while (*place && (*place)->link != link)
		place = &(*place)->next;
	program = *place;
	if (program) {
		*place = program->next;
	} else {
		program = calloc(1, sizeof(*program));
		if (!program)
			return NULL;
		program->link = link;
		compile(program, filter->expression);
	}
	program->next = filter->programs;
	filter->programs = program;
	return program;
}

/* Some words exist only on some link types ("wlan", "ifindex"): valid is what compiles for one of them, and the message
 * is Ethernet's. */
static bool is_valid(struct filter *filter, struct fl_error *reterr)
{
	static const uint16_t links[] = { 1, 127, 276, 117, 9 };

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct program *program = program_for(filter, links[i]);

		if (program && program->is_compiled)
			return true;
		if (i == 0)
			fl_error_set(reterr, NULL, 0, "filter \"%s\": %s", filter->expression,
			             program ? program->why : "out of memory");
	}
	return false;
}

struct filter *fl_filter_new(const char *expression, struct fl_error *reterr)
{
	struct filter *filter = calloc(1, sizeof(*filter));
	struct fl_error error;

	if (!filter) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		return NULL;
	}
	filter->expression = expression;
	if (is_valid(filter, &error))
		return filter;
	if (reterr)
		*reterr = error;
	fl_filter_free(filter);
	return NULL;
}

void fl_filter_free(struct filter *filter)
{
	if (!filter)
		return;
	while (filter->programs) {
		struct program *program = filter->programs;

		filter->programs = program->next;
		if (program->is_compiled)
			pcap_freecode(&program->code);
		free(program);
	}
	free(filter);
}

enum filter_answer fl_filter_match(struct filter *filter, const struct fl_frame *frame, const char **ret_why)
{
	struct pcap_pkthdr header = { .caplen = frame->caplen, .len = frame->len };
	struct program *program = filter->programs;

	if (!program || program->link != frame->link)
		program = program_for(filter, frame->link);
	if (program && program->is_compiled)
		return pcap_offline_filter(&program->code, &header, frame->bytes) ? FILTER_YES : FILTER_NO;
	*ret_why = program ? program->why : "out of memory";
	return FILTER_CANNOT;
}
