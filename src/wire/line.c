/* A packet as one line of text, as reports, tests and debugging show it, and the names of ICMP's errors in an
 * operator's words (RFC 792, RFC 1122, RFC 1812, RFC 4443). */
#include "flatline/packet.h"

#include <stdarg.h>
#include <stdio.h>

struct line {
	char *text;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line->text + line->used, FL_PACKET_LINE - line->used, format, args);
	va_end(args);
	if (length < 0)
		return;
	line->used += (size_t)length;
	if (line->used >= FL_PACKET_LINE)
		line->used = FL_PACKET_LINE - 1;
}

const char *fl_flags_text(uint8_t flags, char ret_text[16])
{
	/* In the order in which people say them: SYN before ACK, the rest before both's companion. */
	static const struct {
		uint8_t flag;
		char letter;
	} letters[] = {
		{ FL_TCP_SYN, 'S' }, { FL_TCP_FIN, 'F' }, { FL_TCP_RST, 'R' }, { FL_TCP_PSH, 'P' },
		{ FL_TCP_ACK, 'A' }, { FL_TCP_URG, 'U' }, { FL_TCP_ECE, 'E' }, { FL_TCP_CWR, 'C' },
	};
	char *to = ret_text;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (flags & letters[i].flag)
			*to++ = letters[i].letter;
	}
	if (to == ret_text)
		*to++ = '-';
	*to = '\0';
	return ret_text;
}

static void add_options(struct line *line, const struct fl_tcp_options *options)
{
	const char *between = " <";

	if (options->present & FL_OPT_MSS) {
		add(line, "%smss %u", between, options->mss);
		between = ",";
	}
	if (options->present & FL_OPT_SACK_PERMITTED) {
		add(line, "%ssackOK", between);
		between = ",";
	}
	if (options->present & FL_OPT_TIMESTAMP) {
		add(line, "%sts %u %u", between, options->ts_value, options->ts_echo);
		between = ",";
	}
	if (options->present & FL_OPT_WSCALE) {
		add(line, "%swscale %u", between, options->wscale);
		between = ",";
	}
	for (unsigned i = 0; i < options->n_sack; i++) {
		add(line, "%ssack %u:%u", between, options->sack[i][0], options->sack[i][1]);
		between = ",";
	}
	if (options->present & FL_OPT_FASTOPEN) {
		add(line, "%sfastopen", between);
		between = ",";
	}
	if (options->present & FL_OPT_MALFORMED) {
		add(line, "%s...", between);
		between = ",";
	}
	if (*between == ',')
		add(line, ">");
}

static void add_tcp(struct line *line, const struct fl_packet *packet)
{
	char from[FL_ENDPOINT_TEXT], to[FL_ENDPOINT_TEXT], flags[16];

	add(line, "%s > %s %s seq %u", fl_endpoint_text(&packet->source, packet->source_port, from),
	    fl_endpoint_text(&packet->target, packet->target_port, to), fl_flags_text(packet->flags, flags),
	    packet->seq);
	if (packet->flags & FL_TCP_ACK)
		add(line, " ack %u", packet->ack);
	add(line, " len %u win %u", packet->length, packet->window);
	add_options(line, &packet->options);
}

static void add_icmp(struct line *line, const struct fl_icmp_error *error)
{
	char sender[FL_ADDRESS_TEXT], from[FL_ENDPOINT_TEXT], to[FL_ENDPOINT_TEXT];
	const char *name = fl_icmp_name(error->sender.family, error->type, error->code);

	add(line, "%s: ", fl_address_text(&error->sender, sender));
	if (name)
		add(line, "%s", name);
	else
		add(line, "ICMP type %u code %u", error->type, error->code);
	if (error->mtu)
		add(line, " (mtu %u)", error->mtu);
	if (error->quoted >= 4)
		add(line, " for %s > %s", fl_endpoint_text(&error->from, error->from_port, from),
		    fl_endpoint_text(&error->to, error->to_port, to));
	else
		add(line, " for %s > %s protocol %u", fl_address_text(&error->from, from),
		    fl_address_text(&error->to, to), error->protocol);
	if (error->quoted >= 8)
		add(line, " seq %u", error->seq);
}

static void add_neighbour(struct line *line, const struct fl_neighbour *neighbour)
{
	char sender[FL_ADDRESS_TEXT], target[FL_ADDRESS_TEXT];
	const uint8_t *mac = neighbour->target_mac;

	fl_address_text(&neighbour->sender, sender);
	fl_address_text(&neighbour->target, target);
	if (neighbour->is_reply)
		add(line, "%s is at %02x:%02x:%02x:%02x:%02x:%02x, told to %s", target, mac[0], mac[1], mac[2], mac[3],
		    mac[4], mac[5], sender);
	else
		add(line, "who has %s? tell %s", target, sender);
}

static void add_other(struct line *line, const struct fl_packet *packet)
{
	static const char *const words[FL_OUTCOMES] = {
		[FL_OUTCOME_NOT_IP] = "not IP",          [FL_OUTCOME_NOT_TCP] = "not TCP",
		[FL_OUTCOME_FRAGMENT] = "fragment",      [FL_OUTCOME_MALFORMED] = "malformed",
		[FL_OUTCOME_LINK] = "unknown link type",
	};
	char from[FL_ENDPOINT_TEXT], to[FL_ENDPOINT_TEXT];

	if (packet->source.family && packet->source_port)
		add(line, "%s > %s ", fl_endpoint_text(&packet->source, packet->source_port, from),
		    fl_endpoint_text(&packet->target, packet->target_port, to));
	else if (packet->source.family)
		add(line, "%s > %s ", fl_address_text(&packet->source, from), fl_address_text(&packet->target, to));
	add(line, "%s", packet->outcome < FL_OUTCOMES && words[packet->outcome] ? words[packet->outcome] : "?");
	if (packet->source.family)
		add(line, ", protocol %u", packet->protocol);
}

const char *fl_packet_line(const struct fl_packet *packet, char ret_text[FL_PACKET_LINE])
{
	struct line line = { .text = ret_text };

	ret_text[0] = '\0';
	switch (packet->outcome) {
	case FL_OUTCOME_TCP: add_tcp(&line, packet); break;
	case FL_OUTCOME_ICMP: add_icmp(&line, &packet->icmp); break;
	case FL_OUTCOME_NEIGHBOUR: add_neighbour(&line, &packet->neighbour); break;
	default: add_other(&line, packet);
	}
	return ret_text;
}

struct icmp_name {
	uint8_t type, code;
	const char *name;
};

static const struct icmp_name names_4[] = {
	{ 3, 0, "network unreachable" },
	{ 3, 1, "host unreachable" },
	{ 3, 2, "protocol unreachable" },
	{ 3, 3, "port unreachable" },
	{ 3, 4, "fragmentation needed" },
	{ 3, 5, "source route failed" },
	{ 3, 6, "network unknown" },
	{ 3, 7, "host unknown" },
	{ 3, 8, "source host isolated" },
	{ 3, 9, "network administratively prohibited" },
	{ 3, 10, "host administratively prohibited" },
	{ 3, 11, "network unreachable for this type of service" },
	{ 3, 12, "host unreachable for this type of service" },
	{ 3, 13, "administratively prohibited" },
	{ 3, 14, "host precedence violation" },
	{ 3, 15, "precedence cutoff" },
	{ 4, 0, "source quench" },
	{ 5, 0, "redirect for the network" },
	{ 5, 1, "redirect for the host" },
	{ 5, 2, "redirect for the type of service and network" },
	{ 5, 3, "redirect for the type of service and host" },
	{ 11, 0, "TTL exceeded" },
	{ 11, 1, "reassembly time exceeded" },
	{ 12, 0, "parameter problem" },
	{ 12, 1, "required option missing" },
	{ 12, 2, "bad length" },
};

static const struct icmp_name names_6[] = {
	{ 1, 0, "no route" },
	{ 1, 1, "administratively prohibited" },
	{ 1, 2, "beyond scope of source address" },
	{ 1, 3, "address unreachable" },
	{ 1, 4, "port unreachable" },
	{ 1, 5, "source address failed policy" },
	{ 1, 6, "route rejected" },
	{ 1, 7, "source routing header failed" },
	{ 2, 0, "packet too big" },
	{ 3, 0, "hop limit exceeded" },
	{ 3, 1, "reassembly time exceeded" },
	{ 4, 0, "erroneous header field" },
	{ 4, 1, "unknown next header" },
	{ 4, 2, "unknown IPv6 option" },
};

static const char *find_name(const struct icmp_name *names, size_t n, uint8_t type, uint8_t code)
{
	for (size_t i = 0; i < n; i++) {
		if (names[i].type == type && names[i].code == code)
			return names[i].name;
	}
	return NULL;
}

const char *fl_icmp_name(uint8_t family, uint8_t type, uint8_t code)
{
	if (family == 6)
		return find_name(names_6, sizeof(names_6) / sizeof(names_6[0]), type, code);
	return find_name(names_4, sizeof(names_4) / sizeof(names_4[0]), type, code);
}
