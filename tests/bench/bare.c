/* A bare libpcap loop: every analyzer pays at least this for each packet, so it is what ours is measured against. */
#include "bare.h"

#include <pcap/pcap.h>
#include <stdio.h>

bool bare_loop(const char *path, uint64_t *ret_frames, uint64_t *ret_bytes)
{
	char problem[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, problem);
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int status;

	if (!pcap) {
		fprintf(stderr, "%s\n", problem);
		return false;
	}
	*ret_frames = *ret_bytes = 0;
	while ((status = pcap_next_ex(pcap, &header, &bytes)) == 1) {
		++*ret_frames;
		*ret_bytes += header->caplen;
	}
	if (status != PCAP_ERROR_BREAK)
		fprintf(stderr, "%s: %s\n", path, pcap_geterr(pcap));
	pcap_close(pcap);
	return status == PCAP_ERROR_BREAK;
}
