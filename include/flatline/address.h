/* Addresses of either family in one shape, so that keys compare as bytes. */
#ifndef FLATLINE_ADDRESS_H
#define FLATLINE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct fl_address {
	uint8_t bytes[16]; /* IPv4 in the first four, the rest zero */
	uint8_t family;    /* 4, 6, or 0 for none */
};

/* Longest text of an address with its terminating zero. */
#define FL_ADDRESS_TEXT 48

static inline bool fl_address_equal(const struct fl_address *a, const struct fl_address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* "10.0.0.1" or "2001:db8::1" (RFC 5952); "?" for none. Returns `ret_text`. */
const char *fl_address_text(const struct fl_address *address, char ret_text[FL_ADDRESS_TEXT]);

/* Longest text of "[address]:port". */
#define FL_ENDPOINT_TEXT 64
/* "10.0.0.1:80" or "[2001:db8::1]:80". Returns `ret_text`. */
const char *fl_endpoint_text(const struct fl_address *address, uint16_t port, char ret_text[FL_ENDPOINT_TEXT]);

#endif
