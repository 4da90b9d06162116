/* A SYN that nothing follows is kept in few bytes: nobody may be able to tell, but by the memory that it takes. */
#include <string.h>

#include "flatline/tcp.h"
#include "unit.h"

static struct fl_packet syn_of(uint32_t index)
{
	return (struct fl_packet){ .outcome = FL_OUTCOME_TCP,
		                   .number = 100 + index,
		                   .at = 5 * FL_NS_PER_S + index,
		                   .source = { .family = 4,
		                               .bytes = { 10, (uint8_t)(index >> 16), (uint8_t)(index >> 8),
		                                          (uint8_t)index } },
		                   .target = { .family = 4, .bytes = { 192, 0, 2, 1 } },
		                   .source_port = 40000,
		                   .target_port = 443,
		                   .ttl = 61,
		                   .seq = 0xfffffff0 + index,
		                   .flags = FL_TCP_SYN,
		                   .window = 64240 };
}

static struct fl_flows *table_of(bool keeps_lone, size_t memory)
{
	struct fl_flows_settings settings = { .seed = 1, .memory = memory, .keeps_lone = keeps_lone };
	struct fl_flows *flows = fl_flows_new(&settings);

	ck_assert_ptr_nonnull(flows);
	return flows;
}

static struct fl_flow *get(struct fl_flows *flows, const struct fl_packet *packet)
{
	struct fl_aim aim;
	struct fl_flow *flow;
	unsigned dir;

	fl_flows_aim(flows, packet, &aim);
	fl_flows_fetch(flows, &aim);
	fl_flows_fetch_rest(&aim);
	flow = fl_flows_get(flows, &aim, packet, &dir);
	ck_assert_ptr_nonnull(flow);
	return flow;
}

/* The flow as the engine would leave it behind a bare SYN. */
static struct fl_flow *keep(struct fl_flows *flows, const struct fl_packet *syn)
{
	struct fl_flow *flow = get(flows, syn);

	ck_assert(flow->marks & FL_MARK_LONE);
	fl_tcp_keep_lone(flow, syn);
	return flow;
}

static void same_as_tracked(const struct fl_packet *syn)
{
	struct fl_flows *plain = table_of(false, 0), *sparing = table_of(true, 0);
	struct fl_flow *tracked = get(plain, syn), *lone = keep(sparing, syn), *whole;
	struct fl_whole room;
	struct fl_segment segment;

	ck_assert_ptr_nonnull(tracked->cold);
	ck_assert_ptr_null(lone->cold);
	fl_tcp_track(plain, tracked, syn, 0, &segment);
	ck_assert_ptr_eq(fl_tcp_whole(tracked, &room), tracked);
	whole = fl_tcp_whole(lone, &room);
	ck_assert_ptr_ne(whole, lone);
	ck_assert_ptr_null(whole->sick);
	ck_assert_mem_eq(whole->end, tracked->end, sizeof(whole->end));
	ck_assert_mem_eq(whole->cold, tracked->cold, sizeof(*whole->cold));
	ck_assert_mem_eq(whole->wscale, tracked->wscale, sizeof(whole->wscale));
	ck_assert_uint_eq(whole->marks, tracked->marks);

	/* And what others read of it without that. */
	ck_assert_int_eq(lone->end[0].last_at, tracked->end[0].last_at);
	ck_assert_int_eq(lone->end[1].last_at, tracked->end[1].last_at);
	ck_assert_uint_eq(lone->end[0].packets, 1);
	ck_assert_uint_eq(lone->end[1].packets, 0);
	ck_assert_uint_eq(lone->end[0].seen & FL_SEEN_SYN, FL_SEEN_SYN);
	ck_assert_uint_eq(lone->end[1].seen, 0);
	fl_flows_free(plain);
	fl_flows_free(sparing);
}

START_TEST(lone_syn_is_what_tracking_makes_of_it)
{
	struct fl_packet syn = syn_of(1);

	same_as_tracked(&syn);
	syn.file = 3;
	syn.flags |= FL_TCP_ECE | FL_TCP_CWR;
	syn.window = 0;
	syn.options = (struct fl_tcp_options){ .ts_value = 77,
		                               .ts_echo = 78,
		                               .mss = 1460,
		                               .wscale = 7,
		                               .present = FL_OPT_MSS | FL_OPT_WSCALE | FL_OPT_SACK_PERMITTED |
		                                          FL_OPT_TIMESTAMP | FL_OPT_FASTOPEN };
	same_as_tracked(&syn);
	syn.number = (uint64_t)UINT32_MAX + 5;
	syn.options.present |= FL_OPT_MALFORMED;
	same_as_tracked(&syn);
}
END_TEST

START_TEST(what_is_more_than_a_bare_syn_has_its_cold_block_at_once)
{
	struct fl_flows *flows = table_of(true, 0);
	struct fl_packet data = syn_of(1), sack = syn_of(2), answer = syn_of(3), reset = syn_of(4), end = syn_of(5);

	data.length = 10;
	sack.options.present = FL_OPT_SACK;
	answer.flags |= FL_TCP_ACK;
	reset.flags |= FL_TCP_RST;
	end.flags |= FL_TCP_FIN;
	for (const struct fl_packet *const *packet =
	             (const struct fl_packet *const[]){ &data, &sack, &answer, &reset, &end, NULL };
	     *packet; packet++) {
		const struct fl_flow *flow = get(flows, *packet);

		ck_assert(!(flow->marks & FL_MARK_LONE));
		ck_assert_ptr_nonnull(flow->cold);
	}
	fl_flows_free(flows);
}
END_TEST

START_TEST(second_packet_finds_the_flow_as_if_nothing_had_been_spared)
{
	struct fl_flows *plain = table_of(false, 0), *sparing = table_of(true, 0);
	struct fl_packet syn = syn_of(1), again = syn, kept;
	struct fl_flow *tracked = get(plain, &syn), *lone = keep(sparing, &syn);
	struct fl_segment segment;

	again.at += FL_NS_PER_S;
	again.number++;
	ck_assert_ptr_eq(get(sparing, &again), lone);
	ck_assert(fl_flows_warm(sparing, lone));
	ck_assert(!(lone->marks & FL_MARK_LONE));
	fl_tcp_take_lone(lone, &kept);
	fl_tcp_track(sparing, lone, &kept, 0, &segment);
	ck_assert_uint_eq(segment.classes, FL_SEG_SYN);
	fl_tcp_track(plain, tracked, &syn, 0, &segment);
	fl_tcp_track(sparing, lone, &again, 0, &segment);
	ck_assert_uint_ne(segment.classes & FL_SEG_REPEAT, 0);
	fl_tcp_track(plain, tracked, &again, 0, &segment);
	ck_assert_mem_eq(lone->end, tracked->end, sizeof(lone->end));
	ck_assert_mem_eq(lone->cold, tracked->cold, sizeof(*lone->cold));
	ck_assert_mem_eq(lone->sick->trouble, tracked->sick->trouble, sizeof(struct fl_trouble));
	fl_flows_free(plain);
	fl_flows_free(sparing);
}
END_TEST

/* Lone SYNs get half of the memory, however many come. */
START_TEST(lone_ones_leave_room_for_those_that_go_on)
{
	enum { memory = 1024 * 1024, n_lone = 20000, n_open = 150 };
	struct fl_flows *flows = table_of(true, memory);
	static struct fl_flow *open[n_open];
	uint32_t gone = 0;

	for (uint32_t i = 0; i < n_lone; i++) {
		struct fl_packet syn = syn_of(i);

		keep(flows, &syn);
	}
	ck_assert_uint_gt(fl_flows_evicted(flows), n_lone / 2);
	ck_assert_uint_lt(fl_flows_memory(flows), memory);
	for (uint32_t i = 0; i < n_open; i++) {
		struct fl_packet data = syn_of(n_lone + i);

		data.flags = FL_TCP_ACK;
		data.length = 100;
		open[i] = get(flows, &data);
		open[i]->end[0].last_at = data.at;
		open[i]->end[0].seen = FL_SEEN_PAYLOAD;
	}
	for (uint32_t i = 0; i < n_open; i++)
		gone += open[i]->cold == NULL;
	ck_assert_uint_eq(gone, 0);
	ck_assert_uint_lt(fl_flows_memory(flows), memory * 5 / 4);
	fl_flows_free(flows);
}
END_TEST

/* All lone SYNs go on at once: each needs a cold block while there is no memory for one. The one at hand stays. */
START_TEST(who_needs_a_cold_block_when_memory_is_short_takes_that_of_another)
{
	enum { memory = 256 * 1024, n_lone = 500 };
	struct fl_flows *flows = table_of(true, memory);
	struct fl_flow *flow[n_lone];
	uint32_t with_cold = 0;

	for (uint32_t i = 0; i < n_lone; i++) {
		struct fl_packet syn = syn_of(i);

		flow[i] = keep(flows, &syn);
	}
	ck_assert_uint_eq(fl_flows_evicted(flows), 0);
	for (uint32_t i = 0; i < n_lone; i++) {
		struct fl_packet kept, syn = syn_of(i);
		struct fl_segment segment;

		ck_assert_ptr_eq(get(flows, &syn), flow[i]); /* those without one do not have to go */
		ck_assert(fl_flows_warm(flows, flow[i]));
		fl_tcp_take_lone(flow[i], &kept);
		fl_tcp_track(flows, flow[i], &kept, 0, &segment);
		ck_assert_uint_eq(flow[i]->end[0].packets, 1);
	}
	for (uint32_t i = 0; i < n_lone; i++)
		with_cold += flow[i]->cold != NULL;
	ck_assert_uint_gt(fl_flows_evicted(flows), 0);
	ck_assert_uint_eq(with_cold + fl_flows_evicted(flows), n_lone);
	ck_assert_uint_lt(fl_flows_memory(flows), memory * 5 / 4);
	fl_flows_free(flows);
}
END_TEST

static struct fl_flows *walked;
static uint32_t n_walks;

/* What a judge does that looks at the neighbours of the one that leaves. */
static void walk(void *context, struct fl_flow *leaving)
{
	(void)context;
	(void)leaving;
	n_walks++;
	for (size_t id = 0; id < fl_flows_count(walked); id++) {
		const struct fl_flow *flow = fl_flows_at(walked, id);

		ck_assert(!flow || flow->cold || (flow->marks & FL_MARK_LONE));
	}
}

START_TEST(nobody_meets_a_flow_that_is_not_whole_yet)
{
	struct fl_flows_settings settings = { .seed = 1, .memory = 64 * 1024, .keeps_lone = true, .on_evict = walk };

	walked = fl_flows_new(&settings);
	n_walks = 0;
	for (uint32_t i = 0; i < 600; i++) {
		struct fl_packet packet = syn_of(i);

		if (i % 3 == 0) {
			keep(walked, &packet);
			continue;
		}
		packet.flags = FL_TCP_ACK;
		packet.length = 10;
		get(walked, &packet)->end[0].last_at = packet.at;
	}
	ck_assert_uint_gt(n_walks, 100);
	fl_flows_free(walked);
}
END_TEST

UNIT_MAIN("lone", nobody_meets_a_flow_that_is_not_whole_yet, lone_syn_is_what_tracking_makes_of_it,
          what_is_more_than_a_bare_syn_has_its_cold_block_at_once,
          second_packet_finds_the_flow_as_if_nothing_had_been_spared, lone_ones_leave_room_for_those_that_go_on,
          who_needs_a_cold_block_when_memory_is_short_takes_that_of_another)
