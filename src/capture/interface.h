/* What a pcapng section says of its interfaces: link type, clock, and at the end of the capture their statistics. */
#ifndef CAPTURE_INTERFACE_H
#define CAPTURE_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/cursor.h"
#include "flatline/time.h"

struct interface {
	uint16_t link;
	uint32_t snaplen; /* 0: unlimited */
	bool is_binary;   /* ticks are powers of two of a second, else of ten */
	uint8_t exponent;
	int64_t offset;   /* seconds added to every time */
	int64_t end_time; /* FL_TIME_NONE until a statistics block tells it */
	bool has_drops;
	uint64_t dropped_by_interface, dropped_by_system;
};

struct interfaces {
	struct interface *at; /* of the section being read */
	size_t count, room;
	size_t before;         /* how many the sections before had */
	uint64_t drops_before; /* and what they lost */
};

void fl_interfaces_deinit(struct interfaces *interfaces);
/* A new section: interfaces are numbered from 0 again. */
void fl_interfaces_restart(struct interfaces *interfaces);
/* A zeroed one at the end; NULL when there are too many, or no memory. */
struct interface *fl_interfaces_add(struct interfaces *interfaces);
/* The lost packets of all sections so far. */
uint64_t fl_interfaces_drops(const struct interfaces *interfaces);

/* The interface `id` of the section being read, NULL when there is none; valid until the next add or restart. */
static inline struct interface *fl_interfaces_find(const struct interfaces *interfaces, uint32_t id)
{
	return id < interfaces->count ? &interfaces->at[id] : NULL;
}

/* Its number in the file, which goes on counting over sections. */
static inline uint16_t fl_interfaces_number(const struct interfaces *interfaces, uint32_t id)
{
	size_t number = interfaces->before + id;

	return number < UINT16_MAX ? (uint16_t)number : UINT16_MAX;
}

/* Reads the body of an interface description block; what is wrong with it, or NULL. */
const char *fl_interface_read(struct interface *ret_interface, struct fl_cursor *body, bool is_big_endian);
/* Reads the body of a statistics block behind its interface id. The counters run from the start of the capture, so the
 * last block counts. */
void fl_interface_statistics(struct interface *interface, struct fl_cursor *body, bool is_big_endian);
/* `ticks` of the interface's clock as time; FL_TIME_NONE when that is outside of what 64 bits of ns hold. */
int64_t fl_interface_time(const struct interface *interface, uint64_t ticks);

#endif
