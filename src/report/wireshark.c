/* Stream numbers are Wireshark's only over one whole file; else addresses and ports find the place. */
#include "wireshark.h"

#include <inttypes.h>

#include "flatline/flow.h"

void wireshark_filter(struct fl_text *text, const struct fl_account *account)
{
	char client[FL_ADDRESS_TEXT], server[FL_ADDRESS_TEXT];
	const char *ip = account->address[FL_CLIENT].family == 6 ? "ipv6" : "ip";

	if (account->stream != FL_STREAM_NONE)
		fl_text_add(text, "tcp.stream eq %" PRIu32, account->stream);
	else
		fl_text_add(text, "%s.addr == %s && %s.addr == %s && tcp.port == %u && tcp.port == %u", ip,
		            fl_address_text(&account->address[FL_CLIENT], client), ip,
		            fl_address_text(&account->address[FL_SERVER], server), account->port[FL_CLIENT],
		            account->port[FL_SERVER]);
}
