/* Each pcapng interface has its own clock: ticks of 10^-n or 2^-n seconds, microseconds unless told otherwise, plus an
 * offset in whole seconds (if_tsresol, if_tsoffset; draft-ietf-opsawg-pcapng section 4.2). Read with the wrong
 * resolution, every duration of the analysis is wrong by powers of ten and nothing looks broken. */
#include "interface.h"

#include <stdlib.h>

enum interface_option {
	OPTION_END = 0,
	IF_TSRESOL = 9,
	IF_TSOFFSET = 14,
	ISB_ENDTIME = 3,
	ISB_IFDROP = 5,
	ISB_OSDROP = 7,
};

/* More than frames can name; a file with more of them in one section is nonsense made to eat memory. */
#define INTERFACES_MOST UINT16_MAX

/* Ticks finer than 10^-28 s make less than 1 ns of 64 bits of them. */
#define EXPONENT_MOST_DECIMAL 28

__extension__ typedef __int128 wide;

struct option {
	uint16_t code;
	struct fl_cursor value;
};

void fl_interfaces_deinit(struct interfaces *interfaces)
{
	free(interfaces->at);
	*interfaces = (struct interfaces){ 0 };
}

uint64_t fl_interfaces_drops(const struct interfaces *interfaces)
{
	uint64_t drops = interfaces->drops_before;

	for (size_t i = 0; i < interfaces->count; i++)
		drops += interfaces->at[i].dropped_by_interface + interfaces->at[i].dropped_by_system;
	return drops;
}

void fl_interfaces_restart(struct interfaces *interfaces)
{
	interfaces->drops_before = fl_interfaces_drops(interfaces);
	interfaces->before += interfaces->count;
	interfaces->count = 0;
}

struct interface *fl_interfaces_add(struct interfaces *interfaces)
{
	if (interfaces->count == INTERFACES_MOST)
		return NULL;
	if (interfaces->count == interfaces->room) {
		size_t room = interfaces->room ? interfaces->room * 2 : 4;
		struct interface *at = realloc(interfaces->at, room * sizeof(*at));

		if (!at)
			return NULL;
		interfaces->at = at;
		interfaces->room = room;
	}
	interfaces->at[interfaces->count] = (struct interface){ .end_time = FL_TIME_NONE };
	return &interfaces->at[interfaces->count++];
}

/* The next option, its padding stepped over; false at the end of the options. A value longer than the block latches
 * `options`. */
static bool next_option(struct fl_cursor *options, bool is_big_endian, struct option *ret_option)
{
	const uint8_t *value;
	uint16_t length;

	if (fl_cursor_left(options) < 4)
		return false;
	ret_option->code = is_big_endian ? fl_cursor_be16(options) : fl_cursor_le16(options);
	length = is_big_endian ? fl_cursor_be16(options) : fl_cursor_le16(options);
	if (ret_option->code == OPTION_END)
		return false;
	value = fl_cursor_bytes(options, length);
	if (!value)
		return false;
	ret_option->value = fl_cursor_over(value, length);
	fl_cursor_skip(options, (4 - length % 4) % 4);
	return true;
}

/* An option of 8 bytes in the section's byte order. */
static uint64_t value64(struct fl_cursor value, bool is_big_endian)
{
	uint64_t first = is_big_endian ? fl_cursor_be32(&value) : fl_cursor_le32(&value);
	uint64_t second = is_big_endian ? fl_cursor_be32(&value) : fl_cursor_le32(&value);

	return is_big_endian ? first << 32 | second : second << 32 | first;
}

const char *fl_interface_read(struct interface *ret_interface, struct fl_cursor *body, bool is_big_endian)
{
	struct option option;
	uint8_t resolution;

	ret_interface->exponent = 6;
	ret_interface->link = is_big_endian ? fl_cursor_be16(body) : fl_cursor_le16(body);
	fl_cursor_skip(body, 2);
	ret_interface->snaplen = is_big_endian ? fl_cursor_be32(body) : fl_cursor_le32(body);
	if (!fl_cursor_ok(body))
		return "the interface block is too short";
	while (next_option(body, is_big_endian, &option)) {
		switch (option.code) {
		case IF_TSRESOL:
			if (fl_cursor_left(&option.value) != 1)
				return "the interface's time resolution is not one byte";
			resolution = fl_cursor_u8(&option.value);
			ret_interface->is_binary = resolution & 0x80;
			ret_interface->exponent = resolution & 0x7f;
			break;
		case IF_TSOFFSET:
			if (fl_cursor_left(&option.value) != 8)
				return "the interface's time offset is not 8 bytes";
			ret_interface->offset = (int64_t)value64(option.value, is_big_endian);
			break;
		}
	}
	return fl_cursor_ok(body) ? NULL : "an option of the interface is longer than its block";
}

/* The end time is two words, the high one first in both byte orders, unlike the counters. */
static int64_t end_time(const struct interface *interface, struct fl_cursor value, bool is_big_endian)
{
	uint64_t ticks = (uint64_t)(is_big_endian ? fl_cursor_be32(&value) : fl_cursor_le32(&value)) << 32;

	ticks |= is_big_endian ? fl_cursor_be32(&value) : fl_cursor_le32(&value);
	return fl_interface_time(interface, ticks);
}

void fl_interface_statistics(struct interface *interface, struct fl_cursor *body, bool is_big_endian)
{
	struct option option;

	fl_cursor_skip(body, 8); /* when the statistics were taken */
	while (next_option(body, is_big_endian, &option)) {
		if (fl_cursor_left(&option.value) != 8)
			continue;
		switch (option.code) {
		case ISB_ENDTIME: interface->end_time = end_time(interface, option.value, is_big_endian); break;
		case ISB_IFDROP:
			interface->has_drops = true;
			interface->dropped_by_interface = value64(option.value, is_big_endian);
			break;
		case ISB_OSDROP:
			interface->has_drops = true;
			interface->dropped_by_system = value64(option.value, is_big_endian);
			break;
		}
	}
}

static wide power_of_ten(unsigned exponent)
{
	wide power = 1;

	while (exponent--)
		power *= 10;
	return power;
}

/* Ticks since the offset in ns. */
static wide nanoseconds(const struct interface *interface, uint64_t ticks)
{
	if (interface->is_binary)
		return ((wide)ticks * FL_NS_PER_S) >> interface->exponent; /* at most 127 */
	if (interface->exponent <= 9)
		return (wide)ticks * power_of_ten(9 - interface->exponent);
	if (interface->exponent > EXPONENT_MOST_DECIMAL)
		return 0;
	return (wide)ticks / power_of_ten(interface->exponent - 9);
}

int64_t fl_interface_time(const struct interface *interface, uint64_t ticks)
{
	wide at;

	/* nearly every file: microseconds or nanoseconds without an offset, and no 128 bits needed */
	if (!interface->is_binary && interface->offset == 0 && ticks <= FL_TIME_MOST / FL_NS_PER_US) {
		if (interface->exponent == 6)
			return (int64_t)ticks * FL_NS_PER_US;
		if (interface->exponent == 9)
			return (int64_t)ticks;
	}
	at = nanoseconds(interface, ticks) + (wide)interface->offset * FL_NS_PER_S;
	if (at < 0 || at > FL_TIME_MOST)
		return FL_TIME_NONE;
	return (int64_t)at;
}
