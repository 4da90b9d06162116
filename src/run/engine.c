/* Frames in, accounts out: capture -> wire -> flow -> tcp -> message -> detect -> judge. Several packets are in
 * hand at once, so that the memory of their flows is on its way before they are looked at. */
#include "flatline/engine.h"

#include <stdlib.h>
#include <string.h>

#include "engine_parts.h"
#include "flatline/flow.h"
#include "flatline/message.h"
#include "flatline/packet.h"
#include "flatline/session.h"
#include "flatline/tcp.h"

struct fl_judge_settings engine_judge_settings(const struct fl_engine *engine, int64_t observed_until)
{
	return (struct fl_judge_settings){ .settings = &engine->settings.settings,
		                           .profiles = engine->settings.profiles,
		                           .flows = engine->flows,
		                           .observed_until = observed_until,
		                           .is_untimed = engine->has_untimed,
		                           .unresolved = engine->asked.item,
		                           .n_unresolved = engine->asked.count,
		                           .jumps = engine->jumps.item,
		                           .n_jumps = engine->jumps.count,
		                           .losses = engine->losses.item,
		                           .n_losses = engine->losses.count };
}

static bool is_to_be_told(void *context, const struct fl_account *account)
{
	(void)context;
	return departures_tells(account);
}

static struct fl_judge *judge_of_leaving(struct fl_engine *engine)
{
	if (!engine->leaving) {
		struct fl_judge_settings settings = engine_judge_settings(engine, engine->now);

		engine->leaving = fl_judge_new(&settings);
	}
	return engine->leaving;
}

/* A flow has to leave: it is judged by what was seen of it so far. */
static void on_evict(void *context, struct fl_flow *flow)
{
	const struct fl_wish wish = { .wants = is_to_be_told };
	struct fl_engine *engine = context;
	struct fl_account account;
	const struct fl_finding *findings;
	struct fl_whole room;
	struct fl_flow *whole = fl_tcp_whole(flow, &room);
	size_t n_findings;

	watcher_end(&engine->watcher, whole, engine->now);
	watcher_forget(whole);
	flow->sick = whole->sick;
	findings = watcher_findings(whole, &n_findings);
	if (engine->lets_go && n_findings == 0) {
		engine->counts.let_go++;
		return;
	}
	engine->counts.evicted += !engine->lets_go;
	if (n_findings == 0 && !departures_has_room(&engine->departures)) { /* nothing failed: no need to judge it */
		engine->departures.forgotten++;
		return;
	}
	if (judge_of_leaving(engine) &&
	    fl_judge_flow(engine->leaving, whole, findings, n_findings, &wish, &account) == 0) {
		engine->is_out_of_memory |= !departures_keep(&engine->departures, &account);
		fl_account_deinit(&account);
	} else {
		engine->is_out_of_memory = true;
	}
}

static void dismiss_judge(struct fl_engine *engine)
{
	fl_judge_free(engine->leaving);
	engine->leaving = NULL;
}

struct fl_engine *fl_engine_new(const struct fl_engine_settings *settings)
{
	struct fl_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	engine->settings = *settings;
	engine->now = engine->before = engine->frame_at = FL_TIME_NONE;

	const size_t departures_part = 8; /* of the memory, for what is kept of flows that left */
	struct fl_flows_settings flows = { .seed = settings->seed,
		                           .memory = settings->memory - settings->memory / departures_part,
		                           .vlan_in_key = settings->settings.value[FL_SET_VLAN_IN_KEY],
		                           .number_streams = settings->number_streams,
		                           .keeps_lone = true,
		                           .on_evict = on_evict,
		                           .context = engine };

	engine->departures.memory = settings->memory / departures_part;
	engine->wire = fl_wire_new();
	engine->flows = fl_flows_new(&flows);
	engine->copies = fl_copies_new();
	if (!engine->wire || !engine->flows || !engine->copies ||
	    !watcher_init(&engine->watcher, engine->flows, &engine->settings.settings, engine->settings.profiles)) {
		fl_engine_free(engine);
		return NULL;
	}
	return engine;
}

void fl_engine_free(struct fl_engine *engine)
{
	if (!engine)
		return;
	watcher_deinit(&engine->watcher);
	fl_flows_free(engine->flows);
	fl_copies_free(engine->copies);
	fl_wire_free(engine->wire);
	departures_deinit(&engine->departures);
	dismiss_judge(engine);
	free(engine);
}

void fl_engine_probe(struct fl_engine *engine, const struct fl_engine_probe *probe)
{
	engine->probe = *probe;
}

void fl_engine_counters(const struct fl_engine *engine, struct fl_engine_counters *ret_counters)
{
	*ret_counters = engine->counters;
	ret_counters->tcp_packets = engine->counts.tcp_packets;
	ret_counters->flows = fl_flows_numbered(engine->flows);
	ret_counters->in_memory = fl_flows_count(engine->flows);
	ret_counters->evicted = fl_flows_evicted(engine->flows);
	ret_counters->memory = fl_flows_memory(engine->flows);
}

/* Engine time never goes back; a frame without a time, or from the past, happens now. */
static void take_time(struct fl_engine *engine, struct fl_packet *packet)
{
	engine->before = engine->frame_at;
	if (packet->at == FL_TIME_NONE)
		engine->has_untimed = true;
	unseen_step(&engine->unseen, engine->flows, engine->frame_at, packet->at);
	engine->unseen.frame = packet->number;
	if (packet->at > engine->now)
		engine->now = packet->at;
	else
		packet->at = engine->now;
	if (packet->at == FL_TIME_NONE)
		packet->at = engine->now = 0;
	engine->frame_at = packet->at;
}

static void count_other(struct fl_engine *engine, const struct fl_packet *packet)
{
	const uint8_t udp = 17, icmp = 1, icmp6 = 58;
	const uint16_t https = 443;
	struct fl_capture_counts *counts = &engine->counts;

	switch (packet->outcome) {
	case FL_OUTCOME_LINK:
		counts->unknown_link++;
		counts->not_ip++;
		break;
	case FL_OUTCOME_NOT_IP: counts->not_ip++; break;
	case FL_OUTCOME_NEIGHBOUR:
		counts->arp++;
		if (packet->protocol == icmp6)
			counts->not_tcp++;
		else
			counts->not_ip++;
		break;
	case FL_OUTCOME_FRAGMENT: counts->fragment++; break;
	case FL_OUTCOME_MALFORMED: counts->malformed++; break;
	default:
		counts->not_tcp++;
		if (packet->protocol == udp) {
			counts->udp++;
			counts->quic += packet->source_port == https || packet->target_port == https;
		} else if (packet->protocol == icmp || packet->protocol == icmp6) {
			counts->icmp++;
		} else {
			counts->other_ip++;
		}
	}
}

/* The connection on the same addresses and ports that this one replaced, while it is in memory. */
static struct fl_flow *replaced_by(const struct fl_engine *engine, const struct fl_flow *flow)
{
	struct fl_flow *old = fl_flows_at(engine->flows, flow->cold->replaced - 1);

	return old && memcmp(&old->key, &flow->key, sizeof(old->key)) == 0 ? old : NULL;
}

/* A challenge ACK was answered by an RST: whoever sent that SYN knows nothing of the connection that was there. */
static void confirm_replaced(struct fl_engine *engine, const struct fl_flow *flow)
{
	struct fl_flow *replaced = replaced_by(engine, flow);

	if (replaced && !(flow->end[1].seen & FL_SEEN_SYN))
		fl_tcp_confirm_replaced(replaced);
}

/* Through all that follows a flow. */
static void follow(struct fl_engine *engine, struct fl_flow *flow, const struct fl_packet *packet, unsigned dir)
{
	struct fl_segment segment;
	struct fl_message message;
	struct fl_saying saying;
	bool is_message;

	fl_tcp_track(engine->flows, flow, packet, dir, &segment);
	if (engine->probe.segment)
		engine->probe.segment(engine->probe.context, flow->id, &segment);
	if (flow->cold->replaced && dir == 0 && (segment.classes & FL_SEG_RST))
		confirm_replaced(engine, flow);
	if (fl_session_feed(engine->flows, engine->settings.profiles, flow, &segment, packet, &saying) &&
	    engine->probe.said)
		engine->probe.said(engine->probe.context, flow->id, engine->settings.profiles,
		                   fl_session_of(flow)->profile, &saying);
	is_message = fl_message_feed(engine->flows, flow, &segment, &message);
	watcher_segment(&engine->watcher, flow, &segment);
	if (is_message)
		watcher_message(&engine->watcher, flow, &message);
}

/* Something comes after the lone SYN (or somebody wants to hear of every segment): the flow is one like others. */
static bool unfold(struct fl_engine *engine, struct fl_flow *flow)
{
	struct fl_packet syn;
	bool is_new = flow->end[0].packets == 0;

	if (!fl_flows_warm(engine->flows, flow))
		return false;
	if (is_new)
		return true;
	fl_tcp_take_lone(flow, &syn);
	follow(engine, flow, &syn, 0);
	return true;
}

/* The connection that a SYN seemed to replace, which goes on with this packet; else `attempt`, which that SYN began. */
static struct fl_flow *who_goes_on(struct fl_engine *engine, struct fl_flow *attempt, const struct fl_packet *packet,
                                   const struct fl_aim *aim, unsigned *ret_dir)
{
	struct fl_flow *old = replaced_by(engine, attempt);
	unsigned dir = old && aim->is_swapped != old->first_is_high;

	if (!old || *ret_dir != 0 || !fl_tcp_outlives(old, attempt, packet, dir))
		return attempt;
	fl_tcp_take_back(old);
	fl_flows_return(engine->flows, old, attempt, aim);
	*ret_dir = dir;
	return old;
}

/* Somebody wants to hear of the segments of that flow. */
static bool is_probed(const struct fl_engine *engine, const struct fl_flow *flow)
{
	const struct fl_engine_probe *probe = &engine->probe;

	return probe->segment && (!probe->wants || probe->wants(probe->context, flow->id));
}

/* NULL out of memory. */
static struct fl_flow *find_flow(struct fl_engine *engine, const struct fl_packet *packet, const struct fl_aim *aim,
                                 unsigned *ret_dir)
{
	struct fl_flow *flow = fl_flows_get(engine->flows, aim, packet, ret_dir);
	uint32_t replaced;

	if (!flow)
		return NULL;
	if (flow->marks & FL_MARK_LONE) {
		bool is_kept = flow->end[0].packets == 0 && !is_probed(engine, flow);

		if (!is_kept && !unfold(engine, flow))
			return NULL;
	}
	if (flow->marks & FL_MARK_LONE)
		return flow;
	if (!fl_tcp_begins(flow, packet, *ret_dir))
		return flow->cold->replaced ? who_goes_on(engine, flow, packet, aim, ret_dir) : flow;
	replaced = fl_tcp_replaced(engine->flows, flow, packet, *ret_dir) ? flow->id + 1 : 0;
	flow = fl_flows_renew(engine->flows, flow, aim, packet);
	*ret_dir = 0;
	if (flow)
		flow->cold->replaced = replaced;
	return flow;
}

static void take_segment(struct fl_engine *engine, const struct fl_packet *packet, const struct fl_aim *aim)
{
	unsigned dir;
	struct fl_flow *flow = find_flow(engine, packet, aim, &dir);
	bool is_copy;

	if (!flow) {
		engine->is_out_of_memory = true;
		return;
	}
	engine->counts.tcp_packets++;
	if (engine->probe.packet)
		engine->probe.packet(engine->probe.context, packet, flow->id, flow->wireshark.stream, dir);
	is_copy = fl_copies_is_copy(engine->copies, packet);
	if (flow->marks & FL_MARK_LONE) {
		fl_tcp_keep_lone(flow, packet);
		return;
	}
	clock_take(&engine->jumps, flow, packet, dir, engine->before);
	/* What is the first that is known of a flow begins it, copy or not. */
	if (is_copy && (flow->end[0].packets > 0 || flow->end[1].packets > 0)) {
		engine->counts.duplicate++;
		fl_tcp_track_copy(flow, packet, dir);
		return;
	}
	follow(engine, flow, packet, dir);
}

static void tell_notice(struct fl_engine *engine, const struct fl_packet *packet, uint32_t id)
{
	bool is_notice = packet->outcome == FL_OUTCOME_ICMP || packet->outcome == FL_OUTCOME_NEIGHBOUR ||
	                 packet->outcome == FL_OUTCOME_FRAGMENT;

	if (is_notice && engine->probe.notice)
		engine->probe.notice(engine->probe.context, packet, id);
}

static void take_packet(struct fl_engine *engine, struct fl_packet *packet, const struct fl_aim *aim)
{
	uint32_t quoted = FL_FLOW_UNSEEN;
	unsigned dir;

	take_time(engine, packet);
	watcher_advance(&engine->watcher, engine->now);
	engine->counters.outcomes[packet->outcome]++;
	if (packet->outcome == FL_OUTCOME_TCP) {
		take_segment(engine, packet, aim);
		return;
	}
	if (packet->outcome == FL_OUTCOME_ICMP) {
		struct fl_flow *flow = fl_flows_quoted(engine->flows, packet, &dir);

		if (flow && (flow->marks & FL_MARK_LONE) && !unfold(engine, flow))
			engine->is_out_of_memory = true;
		else if (flow)
			fl_tcp_track_icmp(engine->flows, flow, packet, dir);
		quoted = flow ? flow->id : FL_FLOW_UNSEEN;
	}
	if (packet->outcome == FL_OUTCOME_NEIGHBOUR)
		asked_take(&engine->asked, packet);
	tell_notice(engine, packet, quoted);
	count_other(engine, packet);
}

static void decode(struct fl_engine *engine, const struct fl_frame *frame, size_t at)
{
	struct fl_packet *packet = &engine->hand.packets[at % in_hand];

	fl_wire_decode(engine->wire, frame, packet);
	if (packet->outcome == FL_OUTCOME_TCP)
		fl_flows_aim(engine->flows, packet, &engine->hand.aims[at % in_hand]);
}

/* The aim of the packet that was decoded `steps` before step `now`; NULL where there is none. */
static struct fl_aim *aim_of(struct fl_engine *engine, size_t now, size_t steps, size_t count)
{
	size_t at = now - steps;
	bool is_there = now >= steps && at < count;

	return is_there && engine->hand.packets[at % in_hand].outcome == FL_OUTCOME_TCP
	               ? &engine->hand.aims[at % in_hand]
	               : NULL;
}

static void work(struct fl_engine *engine, size_t at)
{
	take_packet(engine, &engine->hand.packets[at % in_hand], &engine->hand.aims[at % in_hand]);
	if (engine->leaving)
		dismiss_judge(engine);
}

void fl_engine_frames(struct fl_engine *engine, const struct fl_frame *frames, size_t count)
{
	engine->counters.frames += count;
	for (size_t now = 0; now < count + work_step; now++) {
		struct fl_aim *aim = aim_of(engine, now, rest_step, count);

		if (aim)
			fl_flows_fetch_rest(aim);
		if (now < count)
			decode(engine, &frames[now], now);
		aim = aim_of(engine, now, flow_step, count);
		if (aim)
			fl_flows_fetch(engine->flows, aim);
		if (now >= work_step)
			work(engine, now - work_step);
	}
}

void fl_engine_tick(struct fl_engine *engine, int64_t now)
{
	if (now > engine->now)
		engine->now = now;
	watcher_advance(&engine->watcher, engine->now);
}

void fl_engine_lost(struct fl_engine *engine, int64_t from, int64_t to, uint64_t packets)
{
	losses_take(&engine->losses, from, to, packets);
}

/* Those in which something was odd will be judged. */
static void on_announce(void *context, const struct fl_flow *flow)
{
	struct fl_engine *engine = context;

	if (!flow->sick)
		return;
	if (!judge_of_leaving(engine) || !fl_judge_focus(engine->leaving, flow))
		engine->is_out_of_memory = true;
}

void fl_engine_let_go(struct fl_engine *engine, int64_t before, size_t most)
{
	engine->lets_go = true;
	fl_flows_let_go(engine->flows, before, most, on_announce, engine);
	engine->lets_go = false;
	dismiss_judge(engine);
}

bool fl_engine_has(const struct fl_engine *engine, uint32_t id)
{
	return fl_flows_at(engine->flows, id) != NULL;
}
