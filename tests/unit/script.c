/* Scripts become packets, or frames of Ethernet, IPv4 and TCP with the options that they name. */
#include "script.h"

#include <check.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/capture.h"

enum { most_packets = 4096, headers = 14 + 20 + 60, most_payload = 65000 };

static void end_of(const char *name, struct fl_address *ret_address, uint16_t *ret_port, uint32_t *ret_isn)
{
	bool is_server = name[0] >= 'S' && name[0] <= 'U';
	unsigned number = name[1] ? (unsigned)atoi(name + 1) : 0;

	ck_assert_msg(name[0] >= 'A' && name[0] <= 'Z', "script: \"%s\" is no host", name);
	*ret_address = (struct fl_address){ .bytes = { 10, 0, 0, (uint8_t)(name[0] - 'A' + 1) }, .family = 4 };
	*ret_port = (uint16_t)((is_server ? 9000 : 40000) + number);
	*ret_isn = is_server ? SCRIPT_SERVER_ISN : SCRIPT_CLIENT_ISN;
}

static uint8_t flags_of(const char *letters)
{
	static const struct {
		char letter;
		uint8_t flag;
	} table[] = { { 'S', FL_TCP_SYN }, { 'A', FL_TCP_ACK }, { 'P', FL_TCP_PSH },
		      { 'F', FL_TCP_FIN }, { 'R', FL_TCP_RST }, { 'U', FL_TCP_URG },
		      { 'E', FL_TCP_ECE }, { 'C', FL_TCP_CWR }, { '-', 0 } };
	uint8_t flags = 0;

	for (; *letters; letters++) {
		size_t i = 0;

		while (i < sizeof(table) / sizeof(table[0]) && table[i].letter != *letters)
			i++;
		ck_assert_msg(i < sizeof(table) / sizeof(table[0]), "script: no flag \"%c\"", *letters);
		flags |= table[i].flag;
	}
	return flags;
}

/* "<mss 1460,wscale 7,ts 1 2>"; `isn` is the receiver's. */
static void take_options(char *text, uint32_t isn, struct fl_tcp_options *ret_options)
{
	for (char *rest, *item = strtok_r(text, "<,>", &rest); item; item = strtok_r(NULL, "<,>", &rest)) {
		unsigned a = 0, b = 0;

		if (sscanf(item, "mss %u", &a) == 1) {
			ret_options->mss = (uint16_t)a;
			ret_options->present |= FL_OPT_MSS;
		} else if (sscanf(item, "wscale %u", &a) == 1) {
			ret_options->wscale = (uint8_t)a;
			ret_options->present |= FL_OPT_WSCALE;
		} else if (sscanf(item, "ts %u %u", &a, &b) == 2) {
			ret_options->ts_value = a;
			ret_options->ts_echo = b;
			ret_options->present |= FL_OPT_TIMESTAMP;
		} else if (sscanf(item, "sack %u %u", &a, &b) == 2) {
			ck_assert_uint_lt(ret_options->n_sack, 4);
			ret_options->sack[ret_options->n_sack][0] = isn + a;
			ret_options->sack[ret_options->n_sack++][1] = isn + b;
			ret_options->present |= FL_OPT_SACK;
		} else if (strcmp(item, "sackok") == 0) {
			ret_options->present |= FL_OPT_SACK_PERMITTED;
		} else {
			ck_abort_msg("script: no option \"%s\"", item);
		}
	}
}

static int64_t time_of(const char *time, int64_t before)
{
	return time[0] == '+' ? before + script_at(atof(time + 1)) - SCRIPT_START : script_at(atof(time));
}

/* "1.000 C?S", "1.000 C!S" */
static bool take_neighbour(const char *line, int64_t before, struct fl_packet *ret_packet)
{
	char time[32], asker[8], mark, asked[8];
	uint16_t port;
	uint32_t isn;

	if (sscanf(line, "%31s %7[A-Z0-9]%c%7[A-Z0-9]", time, asker, &mark, asked) != 4 || (mark != '?' && mark != '!'))
		return false;
	*ret_packet = (struct fl_packet){ .outcome = FL_OUTCOME_NEIGHBOUR, .at = time_of(time, before) };
	end_of(asker, &ret_packet->neighbour.sender, &port, &isn);
	end_of(asked, &ret_packet->neighbour.target, &port, &isn);
	ret_packet->neighbour.is_reply = mark == '!';
	return true;
}

/* "1.000 R ICMP 3/1 C>S 1:65(64)", "1.000 R ICMP 3/4 C>S 1:1449(1448) mtu 1300" */
static bool take_icmp(const char *line, int64_t before, struct fl_packet *ret_packet)
{
	char time[32], router[8], source[8], target[8];
	unsigned type, code, length, mtu = 0;
	uint64_t seq, end;
	struct fl_icmp_error *icmp = &ret_packet->icmp;
	uint16_t port;
	uint32_t isn;

	if (sscanf(line, "%31s %7[A-Z0-9] ICMP %u/%u %7[A-Z0-9]>%7[A-Z0-9] %" SCNu64 ":%" SCNu64 "(%u) mtu %u", time,
	           router, &type, &code, source, target, &seq, &end, &length, &mtu) < 9)
		return false;
	*ret_packet = (struct fl_packet){ .outcome = FL_OUTCOME_ICMP, .at = time_of(time, before) };
	end_of(router, &icmp->sender, &port, &isn);
	end_of(target, &icmp->to, &icmp->to_port, &isn);
	end_of(source, &icmp->from, &icmp->from_port, &isn);
	icmp->seq = isn + (uint32_t)seq;
	icmp->type = (uint8_t)type;
	icmp->code = (uint8_t)code;
	icmp->mtu = (uint16_t)mtu;
	return true;
}

static void take_line(const char *line, int64_t before, struct fl_packet *ret_packet)
{
	char time[32], source[8], target[8], flags[16], word[32] = "", options[96] = "";
	uint64_t seq, end, ack = 0;
	uint32_t source_isn, target_isn;
	unsigned length, window = 502, ttl = 64, id = 0, interface = 0, mac = 0;
	int used = 0, more = 0;

	if (take_neighbour(line, before, ret_packet) || take_icmp(line, before, ret_packet))
		return;
	if (sscanf(line, "%31s %7[A-Z0-9]>%7[A-Z0-9] %15[A-Z-] %" SCNu64 ":%" SCNu64 "(%u)%n", time, source, target,
	           flags, &seq, &end, &length, &used) != 7)
		ck_abort_msg("script: cannot read \"%s\"", line);
	if (sscanf(line + used, " ack %" SCNu64 "%n", &ack, &more) == 1)
		used += more;
	if (sscanf(line + used, " win %u%n", &window, &more) == 1)
		used += more;
	if (sscanf(line + used, " ttl %u%n", &ttl, &more) == 1)
		used += more;
	if (sscanf(line + used, " id %u%n", &id, &more) == 1)
		used += more;
	if (sscanf(line + used, " if %u%n", &interface, &more) == 1)
		used += more;
	if (sscanf(line + used, " mac %u%n", &mac, &more) == 1)
		used += more;
	if (sscanf(line + used, " says %31[a-z]%n", word, &more) == 1)
		used += more;
	if (sscanf(line + used, " %95[<a-z0-9 ,>]%n", options, &more) == 1)
		used += more;
	ck_assert_msg(line[used + (int)strspn(line + used, " \t")] == '\0', "script: \"%s\" is left of \"%s\"",
	              line + used, line);
	ck_assert_msg(end == seq + length, "script: the end is not the start and the length in \"%s\"", line);

	*ret_packet = (struct fl_packet){ .outcome = FL_OUTCOME_TCP,
		                          .protocol = 6,
		                          .length = length,
		                          .captured = (uint32_t)strlen(word),
		                          .window = (uint16_t)window,
		                          .flags = flags_of(flags),
		                          .ip_id = (uint16_t)id,
		                          .interface = (uint16_t)interface,
		                          .ttl = (uint8_t)ttl };
	end_of(source, &ret_packet->source, &ret_packet->source_port, &source_isn);
	end_of(target, &ret_packet->target, &ret_packet->target_port, &target_isn);
	ret_packet->at = time_of(time, before);
	ret_packet->seq = source_isn + (uint32_t)seq;
	ret_packet->ack = ret_packet->flags & FL_TCP_ACK ? target_isn + (uint32_t)ack : 0;
	ret_packet->mac_source[0] = 2;
	ret_packet->mac_source[5] = (uint8_t)(mac ? mac : ret_packet->source.bytes[3]);
	take_options(options, target_isn, &ret_packet->options);
}

static const char says[] = " says ";

size_t script_packets(const char *text, struct fl_packet *ret_packets, size_t max)
{
	int64_t before = SCRIPT_START;
	size_t count = 0;

	while (*text) {
		size_t length = strcspn(text, "\n"), used;
		char line[256];

		ck_assert_uint_lt(length, sizeof(line));
		memcpy(line, text, length);
		line[length] = '\0';
		line[strcspn(line, "#")] = '\0';
		used = strspn(line, " \t");
		if (line[used]) {
			ck_assert_uint_lt(count, max);
			take_line(line + used, before, &ret_packets[count]);
			if (ret_packets[count].captured > 0)
				ret_packets[count].payload = (const uint8_t *)strstr(text, says) + strlen(says);
			before = ret_packets[count].at;
			count++;
			ret_packets[count - 1].number = count;
		}
		text += length + (text[length] == '\n');
	}
	return count;
}

struct bytes {
	uint8_t *at;
};

static void put(struct bytes *to, uint64_t value, unsigned size)
{
	while (size-- > 0)
		*to->at++ = (uint8_t)(value >> (8 * size));
}

static void put_options(struct bytes *to, const struct fl_tcp_options *options)
{
	if (options->present & FL_OPT_MSS) {
		put(to, 0x0204, 2);
		put(to, options->mss, 2);
	}
	if (options->present & FL_OPT_WSCALE) {
		put(to, 0x010303, 3);
		put(to, options->wscale, 1);
	}
	if (options->present & FL_OPT_TIMESTAMP) {
		put(to, 0x0101080a, 4);
		put(to, options->ts_value, 4);
		put(to, options->ts_echo, 4);
	}
	if (options->present & FL_OPT_SACK_PERMITTED)
		put(to, 0x01010402, 4);
	if (options->present & FL_OPT_SACK) {
		put(to, 0x01010500 + 2 + 8u * options->n_sack, 4);
		for (unsigned i = 0; i < options->n_sack; i++) {
			put(to, options->sack[i][0], 4);
			put(to, options->sack[i][1], 4);
		}
	}
}

static void end_frame(const struct fl_packet *packet, uint8_t *start, const struct bytes *to,
                      struct fl_frame *ret_frame)
{
	uint32_t length = (uint32_t)(to->at - start);

	*ret_frame = (struct fl_frame){
		.number = packet->number, .at = packet->at, .bytes = start, .caplen = length, .len = length, .link = 1
	};
	ret_frame->interface = packet->interface;
}

static void put_address(struct bytes *to, const struct fl_address *address)
{
	memcpy(to->at, address->bytes, 4);
	to->at += 4;
}

static void put_mac(struct bytes *to, const struct fl_address *address)
{
	put(to, 0x02000000, 4);
	put(to, address->bytes[3], 2);
}

static void put_ip(struct bytes *to, uint32_t length, uint16_t id, uint8_t ttl, uint8_t protocol,
                   const struct fl_address *source, const struct fl_address *target)
{
	put(to, 0x4500, 2);
	put(to, length, 2);
	put(to, (uint32_t)id << 16 | 0x4000, 4);
	put(to, (uint32_t)ttl << 24 | (uint32_t)protocol << 16, 4);
	put_address(to, source);
	put_address(to, target);
}

static void put_neighbour(struct bytes *to, const struct fl_packet *packet, struct fl_frame *ret_frame)
{
	const struct fl_neighbour *neighbour = &packet->neighbour;
	const struct fl_address *from = neighbour->is_reply ? &neighbour->target : &neighbour->sender;
	const struct fl_address *about = neighbour->is_reply ? &neighbour->sender : &neighbour->target;
	uint8_t *start = to->at;

	put(to, 0xffffffff, 4);
	put(to, 0xffff, 2);
	put_mac(to, from);
	put(to, 0x08060001, 4);
	put(to, 0x08000604, 4);
	put(to, neighbour->is_reply ? 2 : 1, 2);
	put_mac(to, from);
	put_address(to, from);
	put(to, 0, 6);
	put_address(to, about);
	end_frame(packet, start, to, ret_frame);
}

static void put_icmp(struct bytes *to, const struct fl_packet *packet, struct fl_frame *ret_frame)
{
	const struct fl_icmp_error *icmp = &packet->icmp;
	const uint32_t quoted = 28, length = 28 + 28;
	uint8_t *start = to->at;

	put_mac(to, &icmp->from);
	put_mac(to, &icmp->sender);
	put(to, 0x0800, 2);
	put_ip(to, length, 0, 64, 1, &icmp->sender, &icmp->from);
	put(to, (uint32_t)icmp->type << 8 | icmp->code, 2);
	put(to, 0, 2);
	put(to, icmp->mtu, 4); /* the last half of it, of "fragmentation needed" */
	put_ip(to, quoted, 0, 64, 6, &icmp->from, &icmp->to);
	put(to, icmp->from_port, 2);
	put(to, icmp->to_port, 2);
	put(to, icmp->seq, 4);
	end_frame(packet, start, to, ret_frame);
}

/* One packet as a frame at `to`; payload bytes are zeros behind what it says. */
static void put_frame(struct bytes *to, const struct fl_packet *packet, struct fl_frame *ret_frame)
{
	struct bytes options = { NULL };
	uint8_t *start = to->at, *tcp, *ip;
	uint32_t length;

	if (packet->outcome == FL_OUTCOME_NEIGHBOUR) {
		put_neighbour(to, packet, ret_frame);
		return;
	}
	if (packet->outcome == FL_OUTCOME_ICMP) {
		put_icmp(to, packet, ret_frame);
		return;
	}
	put_mac(to, &packet->target);
	memcpy(to->at, packet->mac_source, sizeof(packet->mac_source));
	to->at += sizeof(packet->mac_source);
	put(to, 0x0800, 2);
	ip = to->at;
	put_ip(to, 0, packet->ip_id, packet->ttl, 6, &packet->source, &packet->target); /* length comes later */
	tcp = to->at;
	put(to, packet->source_port, 2);
	put(to, packet->target_port, 2);
	put(to, packet->seq, 4);
	put(to, packet->ack, 4);
	put(to, 0, 1); /* header length comes later */
	put(to, packet->flags, 1);
	put(to, packet->window, 2);
	put(to, 0, 4);
	options.at = to->at;
	put_options(to, &packet->options);
	ck_assert_uint_eq((to->at - options.at) % 4, 0);
	ck_assert_int_le(to->at - options.at, 40);
	tcp[12] = (uint8_t)((to->at - tcp) / 4 << 4);
	memset(to->at, 0, packet->length);
	if (packet->captured > 0)
		memcpy(to->at, packet->payload, packet->captured);
	to->at += packet->length;
	length = (uint32_t)(to->at - ip);
	ip[2] = (uint8_t)(length >> 8);
	ip[3] = (uint8_t)length;
	end_frame(packet, start, to, ret_frame);
}

void script_frames_init(struct script_frames *frames, const char *text)
{
	struct fl_packet *packets = malloc(most_packets * sizeof(*packets));
	size_t room = 0;
	struct bytes to;

	frames->count = script_packets(text, packets, most_packets);
	frames->says = false;
	for (size_t i = 0; i < frames->count; i++) {
		ck_assert_uint_le(packets[i].length, most_payload);
		room += headers + packets[i].length;
		frames->says |= packets[i].captured > 0;
	}
	frames->bytes = malloc(room ? room : 1);
	frames->frames = calloc(frames->count ? frames->count : 1, sizeof(*frames->frames));
	to.at = frames->bytes;
	for (size_t i = 0; i < frames->count; i++)
		put_frame(&to, &packets[i], &frames->frames[i]);
	free(packets);
}

void script_frames_deinit(struct script_frames *frames)
{
	free(frames->frames);
	free(frames->bytes);
}

/* The protocol of scripts that say something: the servers' usual port is S's; and another, of S1, in which the server
 * speaks first. */
static const char greeting_profile[] = "{ \"profile\": \"greeting\", \"title\": \"Greeting\", \"ports\": [9001], "
				       "\"first\": \"server\", \"messages\": [\n"
				       "{ \"is\": \"goodbye\", \"from\": \"server\", \"starts\": \"farewell\" } ] }\n";
static const char words_profile[] =
	"{ \"profile\": \"words\", \"title\": \"Words\", \"ports\": [9000], \"messages\": [\n"
	"{ \"is\": \"hello\", \"from\": \"server\", \"starts\": \"hello\", \"tells\": true },\n"
	"{ \"is\": \"login\", \"from\": \"client\", \"starts\": \"login\", \"tells\": true },\n"
	"{ \"is\": \"challenge\", \"from\": \"server\", \"starts\": \"challenge\" },\n"
	"{ \"is\": \"accept\", \"from\": \"server\", \"starts\": \"accept\" },\n"
	"{ \"is\": \"reject\", \"from\": \"server\", \"starts\": \"reject\" },\n"
	"{ \"is\": \"reject\", \"from\": \"client\", \"starts\": \"sorry\" },\n"
	"{ \"is\": \"ping\", \"from\": \"either\", \"starts\": \"ping\", \"tells\": \"on its ports\" },\n"
	"{ \"is\": \"pong\", \"from\": \"either\", \"starts\": \"pong\" },\n"
	"{ \"is\": \"beat\", \"from\": \"either\", \"starts\": \"beat\", \"tells\": \"on its ports\" },\n"
	"{ \"is\": \"goodbye\", \"from\": \"either\", \"starts\": \"goodbye\" } ] }\n";

/* The program's own profiles and that one; it is read from a file, since it is one of the user's. */
/* Of S2: answers come in the order of the requests. */
static const char order_profile[] =
	"{ \"profile\": \"order\", \"title\": \"Order\", \"ports\": [9002], \"answers\": \"in order\", \"messages\": "
	"[\n"
	"{ \"is\": \"login\", \"from\": \"client\", \"starts\": \"open\", \"tells\": true },\n"
	"{ \"is\": \"ping\", \"from\": \"client\", \"starts\": \"sync\", \"tells\": \"on its ports\" } ] }\n";

static void add_profile(struct fl_profiles *profiles, const char *text)
{
	FILE *file = tmpfile(); /* which nothing leaves behind */
	char assignment[64];

	ck_assert(profiles && file && fputs(text, file) >= 0 && fflush(file) == 0);
	snprintf(assignment, sizeof(assignment), "/dev/fd/%d@1", fileno(file)); /* nobody's port: its words tell it */
	ck_assert_int_eq(fl_profiles_assign(profiles, assignment, NULL), 0);
	fclose(file);
}

static struct fl_profiles *script_profiles(void)
{
	struct fl_profiles *profiles = fl_profiles_new(NULL);

	add_profile(profiles, words_profile);
	add_profile(profiles, greeting_profile);
	add_profile(profiles, order_profile);
	return profiles;
}

static void join(const struct fl_words *words, char *ret_text, size_t size)
{
	size_t used = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < words->count && used < size; i++)
		used += (size_t)snprintf(ret_text + used, size - used, "%s%s", i ? " " : "", words->items[i]);
}

static void keep_words(const char *from, char *ret_text, size_t size)
{
	snprintf(ret_text, size, "%s", from ? from : "");
}

static void keep_finding(const struct fl_judged_finding *from, struct script_finding *to)
{
	*to = (struct script_finding){ .id = from->id,
		                       .severity = from->severity,
		                       .side = from->side,
		                       .onset = from->onset,
		                       .recovered = from->recovered,
		                       .n_figures = from->n_figures,
		                       .n_evidence = from->n_evidence };
	memcpy(to->figures, from->figures, sizeof(to->figures));
	for (size_t i = 0; i < from->n_evidence; i++) {
		snprintf(to->evidence[i], sizeof(to->evidence[i]), "%s", from->evidence[i].what);
		to->evidence_frame[i] = from->evidence[i].frame;
	}
}

static void keep_flow(void *context, const struct fl_account *account)
{
	struct script_result *result = context;
	const struct fl_verdict *verdict = &account->verdict;

	if (result->n_flows++ >= SCRIPT_FLOWS)
		return;

	struct script_flow *to = &result->flows[result->n_flows - 1];

	*to = (struct script_flow){ .id = account->id,
		                    .stream = account->stream,
		                    .verdict = verdict->id,
		                    .severity = verdict->severity,
		                    .layer = verdict->layer,
		                    .side = verdict->side,
		                    .confidence = verdict->confidence,
		                    .onset = verdict->onset,
		                    .noticed = verdict->noticed,
		                    .blind = verdict->blind,
		                    .onset_frame = verdict->onset_frame,
		                    .blind_open = verdict->blind_open,
		                    .from_handshake = account->from_handshake,
		                    .is_abandoned = account->is_abandoned,
		                    .rtt = account->rtt,
		                    .vantage = account->vantage,
		                    .timers = account->timers,
		                    .again_at = account->again_at,
		                    .again_made = account->again_made,
		                    .bytes_at_risk = verdict->bytes_at_risk };
	for (unsigned role = 0; role < 2; role++) {
		to->port[role] = account->port[role];
		to->packets[role] = account->packets[role];
		to->payload[role] = account->payload[role];
		to->retransmissions[role] = account->retransmissions[role];
	}
	memcpy(to->signs, account->signs, sizeof(to->signs));
	keep_words(account->profile, to->profile, sizeof(to->profile));
	snprintf(to->summary, sizeof(to->summary), "%s", verdict->summary);
	for (size_t i = 0; i < verdict->alternatives.count; i++)
		to->has_alternative_one_way |= strcmp(verdict->alternatives.items[i], "one-way") == 0;
	join(&verdict->explains, to->explains, sizeof(to->explains));
	join(&verdict->alternatives, to->alternatives, sizeof(to->alternatives));
	keep_words(account->vantage_because, to->vantage_because, sizeof(to->vantage_because));
	keep_words(account->kernel_says, to->kernel_says, sizeof(to->kernel_says));
	keep_words(account->keepalive_says, to->keepalive_says, sizeof(to->keepalive_says));
	keep_words(account->would_catch, to->would_catch, sizeof(to->would_catch));
	join(&verdict->because, to->because, sizeof(to->because));
	join(&account->caveats, to->caveats, sizeof(to->caveats));
	for (; to->n_findings < account->n_findings && to->n_findings < SCRIPT_FINDINGS; to->n_findings++)
		keep_finding(&account->findings[to->n_findings], &to->findings[to->n_findings]);
}

static void keep_capture(void *context, const struct fl_capture_account *capture)
{
	struct script_result *result = context;

	join(&capture->caveats, result->caveats, sizeof(result->caveats));
}

static void keep_incident(void *context, const struct fl_incident *incident)
{
	struct script_result *result = context;

	if (result->n_incidents++ >= SCRIPT_INCIDENTS)
		return;

	struct script_incident *to = &result->incidents[result->n_incidents - 1];

	snprintf(to->id, sizeof(to->id), "%s", incident->id);
	snprintf(to->subject, sizeof(to->subject), "%s", incident->subject);
	snprintf(to->summary, sizeof(to->summary), "%s", incident->summary);
	to->onset = incident->onset;
	to->n_flows = incident->n_flows;
}

static struct script_result *run_frames(const struct script_frames *frames, size_t count, const struct script_run *how)
{
	struct script_result *result = calloc(1, sizeof(*result));
	struct fl_engine_sink sink = {
		.capture = keep_capture, .incident = keep_incident, .flow = keep_flow, .context = result
	};
	struct fl_engine_settings settings = {
		.seed = how->seed, .memory = how->memory, .number_streams = true, .detail = true
	};
	struct fl_engine_counters counters;
	struct fl_capture_facts facts = {
		.frames = count, .interface_end = FL_TIME_NONE, .first = FL_TIME_NONE, .last = FL_TIME_NONE
	};
	facts.has_drops = how->drops > 0;
	facts.drops = how->drops;

	size_t batch = how->batch ? how->batch : FL_BATCH;
	struct fl_profiles *profiles = frames->says ? script_profiles() : NULL;
	struct fl_engine *engine;

	settings.profiles = profiles;
	fl_settings_init(&settings.settings);
	for (size_t i = 0; i < sizeof(how->set) / sizeof(how->set[0]) && how->set[i]; i++)
		ck_assert_int_eq(fl_settings_set(&settings.settings, how->set[i], NULL), 0);
	engine = fl_engine_new(&settings);
	ck_assert_ptr_nonnull(engine);
	for (size_t at = 0; at < count; at += batch)
		fl_engine_frames(engine, frames->frames + at, count - at < batch ? count - at : batch);
	if (how->lost_to > 0)
		fl_engine_lost(engine, script_at(how->lost_from), script_at(how->lost_to), 1);
	fl_engine_counters(engine, &counters);
	ck_assert_uint_eq(counters.outcomes[FL_OUTCOME_TCP] + counters.outcomes[FL_OUTCOME_ICMP] +
	                          counters.outcomes[FL_OUTCOME_NEIGHBOUR],
	                  count);
	result->evicted = counters.evicted;
	ck_assert_int_eq(fl_engine_finish(engine, &facts, how->until > 0 ? script_at(how->until) : FL_TIME_NONE,
	                                  how->until > 0 ? FL_UNTIL_OPTION : FL_UNTIL_LAST_FRAME, &sink),
	                 0);
	fl_engine_free(engine);
	fl_profiles_free(profiles);
	return result;
}

struct script_result *script_run(const char *text, const struct script_run *how)
{
	static const struct script_run defaults = { 0 };
	struct script_frames frames;
	struct script_result *result;

	how = how ? how : &defaults;
	script_frames_init(&frames, text);
	result = run_frames(&frames, how->cut && how->cut < frames.count ? how->cut : frames.count, how);
	script_frames_deinit(&frames);
	return result;
}

struct script_flow script_judge(const char *text, double until, size_t id)
{
	struct script_run how = { .until = until };
	struct script_result *result = script_run(text, &how);
	struct script_flow flow;

	ck_assert_uint_lt(id, result->n_flows);
	flow = result->flows[id];
	free(result);
	return flow;
}

const struct script_finding *script_find(const struct script_flow *flow, const char *id)
{
	for (size_t i = 0; i < flow->n_findings; i++) {
		if (strcmp(flow->findings[i].id, id) == 0)
			return &flow->findings[i];
	}
	return NULL;
}

int64_t script_figure(const struct script_finding *finding, const char *name, int64_t otherwise)
{
	for (size_t i = 0; finding && i < finding->n_figures; i++) {
		if (strcmp(finding->figures[i].name, name) == 0)
			return finding->figures[i].value;
	}
	return otherwise;
}

void script_never_critical(const char *text)
{
	static const struct script_run how = { 0 };
	struct script_frames frames;

	script_frames_init(&frames, text);
	for (size_t count = 1; count <= frames.count; count++) {
		struct script_result *result = run_frames(&frames, count, &how);

		for (size_t i = 0; i < result->n_flows; i++)
			ck_assert_msg(result->flows[i].severity < FL_CRITICAL,
			              "cut after frame %zu: flow %zu is %s, critical: %s", count, i,
			              result->flows[i].verdict, result->flows[i].summary);
		free(result);
	}
	script_frames_deinit(&frames);
}

void script_track_init(struct script_track *track, const char *text)
{
	struct fl_flows_settings settings = { .seed = 1 };
	struct fl_packet packets[SCRIPT_TRACKED];

	memset(track, 0, sizeof(*track));
	track->flows = fl_flows_new(&settings);
	track->count = script_packets(text, packets, SCRIPT_TRACKED);
	for (size_t i = 0; i < track->count; i++) {
		struct fl_aim aim;
		struct fl_flow *flow;
		unsigned dir;

		ck_assert_int_eq(packets[i].outcome, FL_OUTCOME_TCP);
		fl_flows_aim(track->flows, &packets[i], &aim);
		flow = fl_flows_get(track->flows, &aim, &packets[i], &dir);
		ck_assert_ptr_nonnull(flow);
		if (fl_tcp_begins(flow, &packets[i], dir)) {
			flow = fl_flows_renew(track->flows, flow, &aim, &packets[i]);
			dir = 0;
		}
		fl_tcp_track(track->flows, flow, &packets[i], dir, &track->segments[i]);
		track->flow[i] = flow;
		track->is_message[i] = fl_message_feed(track->flows, flow, &track->segments[i], &track->messages[i]);
		if (!track->is_message[i])
			memset(&track->messages[i], 0, sizeof(track->messages[i]));
	}
}

void script_track_deinit(struct script_track *track)
{
	fl_flows_free(track->flows);
}

const struct fl_flow *script_track_flow(const struct script_track *track)
{
	return track->flow[track->count - 1];
}

void dialogue_init(struct dialogue *dialogue)
{
	*dialogue = (struct dialogue){ .client = "C", .server = "S", .rtt = 0.0004 };
}

void dialogue_deinit(struct dialogue *dialogue)
{
	fl_text_deinit(&dialogue->lines);
}

const char *dialogue_text(const struct dialogue *dialogue)
{
	return fl_text_get(&dialogue->lines);
}

void dialogue_between(struct dialogue *dialogue, const char *client, const char *server)
{
	dialogue->client = client;
	dialogue->server = server;
	dialogue->next[0] = dialogue->next[1] = 0;
}

static void line(struct dialogue *dialogue, double at, unsigned who, const char *flags, uint64_t seq, unsigned length,
                 const char *options)
{
	const char *from = who ? dialogue->server : dialogue->client, *to = who ? dialogue->client : dialogue->server;

	fl_text_add(&dialogue->lines, "%.6f %s>%s %s %" PRIu64 ":%" PRIu64 "(%u) ack %" PRIu64 " %s\n", at, from, to,
	            flags, seq, seq + length, length, dialogue->next[!who], options);
}

void dialogue_open(struct dialogue *dialogue, double at)
{
	line(dialogue, at, 0, "S", 0, 0, "win 64240 <mss 1460,wscale 7>");
	dialogue->next[0] = 1;
	line(dialogue, at + dialogue->rtt / 2, 1, "SA", 0, 0, "win 65160 <mss 1460,wscale 7>");
	dialogue->next[1] = 1;
	line(dialogue, at + dialogue->rtt, 0, "A", 1, 0, "");
}

void dialogue_say_unacked(struct dialogue *dialogue, double at, unsigned who, unsigned length)
{
	line(dialogue, at, who, "PA", dialogue->next[who], length, "");
	dialogue->next[who] += length;
}

void dialogue_again(struct dialogue *dialogue, double at, unsigned who, unsigned length)
{
	line(dialogue, at, who, "PA", dialogue->next[who] - length, length, "");
}

void dialogue_ack(struct dialogue *dialogue, double at, unsigned who)
{
	line(dialogue, at, who, "A", dialogue->next[who], 0, "");
}

void dialogue_say(struct dialogue *dialogue, double at, unsigned who, unsigned length)
{
	dialogue_say_unacked(dialogue, at, who, length);
	line(dialogue, at + dialogue->rtt / 2, !who, "A", dialogue->next[!who], 0, "");
}

void dialogue_ask(struct dialogue *dialogue, double at, unsigned length, double after, unsigned answer)
{
	dialogue_say(dialogue, at, 0, length);
	dialogue_say(dialogue, at + after, 1, answer);
}

void dialogue_fin(struct dialogue *dialogue, double at, unsigned who)
{
	line(dialogue, at, who, "FA", dialogue->next[who], 0, "");
	dialogue->next[who]++;
	line(dialogue, at + dialogue->rtt / 2, !who, "A", dialogue->next[!who], 0, "");
}

void dialogue_rst(struct dialogue *dialogue, double at, unsigned who)
{
	line(dialogue, at, who, "RA", dialogue->next[who], 0, "win 0");
}

void dialogue_probe(struct dialogue *dialogue, double at, unsigned who, bool is_answered)
{
	line(dialogue, at, who, "A", dialogue->next[who] - 1, 0, "");
	if (is_answered)
		line(dialogue, at + dialogue->rtt / 2, !who, "A", dialogue->next[!who], 0, "");
}
