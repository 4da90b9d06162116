/* Addresses that tell nothing of whose they were, and still which of them are neighbours: what a capture shows can be
 * handed to others, and what is wrong in it stays to be seen. */
#ifndef FLATLINE_ANONYMIZE_H
#define FLATLINE_ANONYMIZE_H

#include <stddef.h>
#include <stdint.h>

#include "flatline/address.h"
#include "flatline/frame.h"
#include "flatline/text.h"

#define FL_ANONYMIZER_KEY 16

/* The same key gives the same addresses. */
struct fl_anonymizer {
	uint64_t key[2];
};

void fl_anonymizer_init(struct fl_anonymizer *anonymizer, const uint8_t key[FL_ANONYMIZER_KEY]);
/* The key that a secret of any length stands for. */
void fl_anonymizer_key(const uint8_t *secret, size_t length, uint8_t ret_key[FL_ANONYMIZER_KEY]);

/* What all of it stands on, for tests: SipHash-2-4 of the bytes. */
uint64_t fl_anonymizer_hash(const struct fl_anonymizer *anonymizer, const uint8_t *bytes, size_t length);

/* Another address in place of `address`: two that have n leading bits in common have n in common afterwards, and one
 * of a class of its own (loopback, link-local, multicast) stays in it. 0.0.0.0, 255.255.255.255, :: and ::1, and
 * groups that all hosts or all routers are in, stay as they are. */
void fl_anonymize_address(const struct fl_anonymizer *anonymizer, struct fl_address *address);
/* The same of a hardware address, without the prefixes: its bits "group" and "local" stay, and what begins every
 * address of IP's groups (01-00-5e, 33-33); broadcast and zeros stay as they are. */
void fl_anonymize_mac(const struct fl_anonymizer *anonymizer, uint8_t mac[6]);
/* Adds `text` with every address in it (IPv4, IPv6, prefixes with "/n", hardware addresses) replaced. */
void fl_anonymize_text(const struct fl_anonymizer *anonymizer, const char *text, struct fl_text *ret_text);

/* Room for the headers of a frame and FL_SAYING_MOST bytes of what it says. */
#define FL_STRIPPED_MOST 1024

/* The headers of a frame, to the end of what matters here: the TCP header, that of the packet that an ICMP error
 * quotes, or an ARP or ND message; behind a TCP header follow `n_said` bytes in place of the payload, none of which is
 * the capture's. Fragments end behind the headers that they have. `anonymizer` NULL: addresses stay.
 *
 * With an anonymizer only what the decoders know is copied, and the rest of the headers (options of IP, unknown options
 * of TCP, cookies, integrity values) is zeros. Checksums over anything that was replaced or left out are those of what
 * stands there, with zeros for what is missing: they say nothing of the payload, and are right where nothing is cut.
 *
 * How many bytes they are; 0 when the frame is none of those, or when what came out does not read as the same packet
 * between the replaced addresses: then it is not to be shown. */
size_t fl_wire_strip(const struct fl_anonymizer *anonymizer, const struct fl_frame *frame, const uint8_t *said,
                     size_t n_said, uint8_t ret_bytes[FL_STRIPPED_MOST]);

#endif
