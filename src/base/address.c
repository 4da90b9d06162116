/* Addresses as text: IPv4 dotted, IPv6 as RFC 5952 wants it (inet_ntop's own form on all systems we run on). */
#include "flatline/address.h"

#include <arpa/inet.h>
#include <stdio.h>

const char *fl_address_text(const struct fl_address *address, char ret_text[FL_ADDRESS_TEXT])
{
	int family = address->family == 4 ? AF_INET : AF_INET6;

	if (address->family == 0 || !inet_ntop(family, address->bytes, ret_text, FL_ADDRESS_TEXT))
		snprintf(ret_text, FL_ADDRESS_TEXT, "?");
	return ret_text;
}

const char *fl_endpoint_text(const struct fl_address *address, uint16_t port, char ret_text[FL_ENDPOINT_TEXT])
{
	char host[FL_ADDRESS_TEXT];

	fl_address_text(address, host);
	snprintf(ret_text, FL_ENDPOINT_TEXT, address->family == 6 ? "[%s]:%u" : "%s:%u", host, port);
	return ret_text;
}
