/* What a frame begins with depends on where it was captured: an Ethernet port, `-i any` (Linux cooked), a tunnel (raw
 * IP), a wireless card. The numbers are the LINKTYPE_ values of tcpdump.org/linktypes.html. */
#include "flatline/capture.h"

static const struct {
	uint16_t link;
	const char *name;
} names[] = {
	{ 0, "BSD loopback" },
	{ 1, "Ethernet" },
	{ 6, "Token Ring" },
	{ 7, "ARCnet" },
	{ 8, "SLIP" },
	{ 9, "PPP" },
	{ 10, "FDDI" },
	{ 50, "PPP in HDLC framing" },
	{ 51, "PPPoE" },
	{ 99, "Symantec Enterprise Firewall" },
	{ 100, "ATM (RFC 1483)" },
	{ 101, "raw IP" },
	{ 104, "Cisco HDLC" },
	{ 105, "802.11" },
	{ 107, "Frame Relay" },
	{ 108, "OpenBSD loopback" },
	{ 109, "OpenBSD IPsec" },
	{ 113, "Linux cooked" },
	{ 114, "LocalTalk" },
	{ 117, "OpenBSD pflog" },
	{ 119, "802.11 with Prism header" },
	{ 122, "IP over Fibre Channel" },
	{ 127, "802.11 with radiotap header" },
	{ 129, "ARCnet on Linux" },
	{ 138, "IP over FireWire" },
	{ 143, "DOCSIS" },
	{ 144, "Linux IrDA" },
	{ 163, "802.11 with AVS header" },
	{ 166, "PPP of pppd" },
	{ 187, "Bluetooth HCI" },
	{ 189, "USB on Linux" },
	{ 192, "PPI" },
	{ 195, "802.15.4" },
	{ 201, "Bluetooth HCI with direction" },
	{ 204, "PPP with direction" },
	{ 220, "USB on Linux, long header" },
	{ 224, "Fibre Channel FC-2" },
	{ 226, "Solaris ipnet" },
	{ 227, "CAN" },
	{ 228, "raw IPv4" },
	{ 229, "raw IPv6" },
	{ 231, "D-Bus" },
	{ 239, "Linux netfilter log" },
	{ 240, "netANALYZER" },
	{ 242, "IP over InfiniBand" },
	{ 243, "MPEG transport stream" },
	{ 247, "InfiniBand" },
	{ 248, "SCTP" },
	{ 249, "USB on Windows" },
	{ 253, "Linux netlink" },
	{ 258, "Apple PKTAP" },
	{ 266, "USB on macOS" },
	{ 271, "Linux vsock" },
	{ 274, "Ethernet mPackets" },
	{ 276, "Linux cooked v2" },
};

const char *fl_link_name(uint16_t link)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].link == link)
			return names[i].name;
	return NULL;
}
