/* The table of flows against the simplest thing that can be right; what leaves when memory is short; and that nothing
 * depends on the seed. */
#include <stdlib.h>
#include <string.h>

#include "flatline/flow.h"
#include "flow/blocks.h"
#include "unit.h"

enum { n_tuples = 10000, n_packets = 60000 };

static uint64_t random_state;

static uint32_t next_random(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33);
}

/* Tuple `index` of a small world, so that addresses and ports repeat in all combinations; some are IPv6. */
static struct fl_packet packet_of(uint32_t index, bool is_back, uint8_t flags, uint32_t seq)
{
	struct fl_packet packet = { .outcome = FL_OUTCOME_TCP, .flags = flags, .seq = seq, .window = 100 };
	struct fl_address a = { .family = index % 5 ? 4 : 6 }, b = a;

	a.bytes[3] = (uint8_t)(index % 7);
	b.bytes[3] = (uint8_t)(index / 7 % 5);
	packet.source = is_back ? b : a;
	packet.target = is_back ? a : b;
	packet.source_port = (uint16_t)(1000 + index / 35);
	packet.target_port = (uint16_t)(5000 + index % 3);
	if (is_back) {
		uint16_t port = packet.source_port;

		packet.source_port = packet.target_port;
		packet.target_port = port;
	}
	return packet;
}

static struct fl_flow *get(struct fl_flows *flows, const struct fl_packet *packet, int64_t at, unsigned *ret_dir)
{
	struct fl_aim aim;
	struct fl_flow *flow;

	fl_flows_aim(flows, packet, &aim);
	fl_flows_fetch(flows, &aim);
	fl_flows_fetch_rest(&aim);
	flow = fl_flows_get(flows, &aim, packet, ret_dir);
	ck_assert_ptr_nonnull(flow);
	flow->end[*ret_dir].last_at = at;
	flow->end[*ret_dir].packets++;
	return flow;
}

START_TEST(ten_thousand_tuples_are_told_apart_with_any_seed)
{
	for (uint64_t seed = 0; seed < 3; seed++) {
		struct fl_flows_settings settings = { .seed = seed * 12345, .number_streams = true };
		struct fl_flows *flows = fl_flows_new(&settings);
		static uint32_t ids[n_tuples];
		static bool first_is_back[n_tuples];
		uint32_t n_ids = 0;

		memset(ids, 0xff, sizeof(ids));
		random_state = 99;
		for (unsigned i = 0; i < n_packets; i++) {
			uint32_t index = next_random() % n_tuples;
			bool is_back = next_random() & 1;
			struct fl_packet packet = packet_of(index, is_back, FL_TCP_ACK, 1);
			unsigned dir;
			struct fl_flow *flow = get(flows, &packet, i, &dir);

			if (ids[index] == UINT32_MAX) {
				ids[index] = n_ids++;
				first_is_back[index] = is_back;
			}
			ck_assert_uint_eq(flow->id, ids[index]);
			ck_assert_uint_eq(flow->stream, ids[index]);
			ck_assert_uint_eq(dir, is_back != first_is_back[index]);
		}
		ck_assert_uint_eq(fl_flows_count(flows), n_ids);
		for (uint32_t id = 0; id < n_ids; id++)
			ck_assert_uint_eq(fl_flows_at(flows, id)->id, id);
		ck_assert_uint_eq(fl_flows_evicted(flows), 0);
		fl_flows_free(flows);
	}
}
END_TEST

START_TEST(endpoints_are_those_of_the_packets)
{
	struct fl_flows_settings settings = { 0 };

	for (unsigned is_back = 0; is_back < 2; is_back++) {
		struct fl_flows *flows = fl_flows_new(&settings);
		struct fl_packet packet = packet_of(1234, is_back, FL_TCP_SYN, 1);
		struct fl_address address;
		uint16_t port;
		unsigned dir;
		struct fl_flow *flow = get(flows, &packet, 1, &dir);

		ck_assert_uint_eq(dir, 0);
		ck_assert_int_le(memcmp(flow->key.low, flow->key.high, sizeof(flow->key.low)), 0);
		fl_flow_endpoint(flow, 0, &address, &port);
		ck_assert(fl_address_equal(&address, &packet.source));
		ck_assert_uint_eq(port, packet.source_port);
		fl_flow_endpoint(flow, 1, &address, &port);
		ck_assert(fl_address_equal(&address, &packet.target));
		ck_assert_uint_eq(port, packet.target_port);
		fl_flows_free(flows);
	}
}
END_TEST

START_TEST(renewed_connection_stands_for_its_tuple)
{
	struct fl_flows_settings settings = { .number_streams = true };
	struct fl_flows *flows = fl_flows_new(&settings);
	struct fl_packet first = packet_of(7, false, FL_TCP_SYN, 100), second = packet_of(7, true, FL_TCP_SYN, 900);
	struct fl_aim aim;
	unsigned dir;
	struct fl_flow *old = get(flows, &first, 1, &dir), *flow;

	fl_flows_aim(flows, &second, &aim);
	ck_assert_ptr_eq(fl_flows_get(flows, &aim, &second, &dir), old);
	flow = fl_flows_renew(flows, old, &aim, &second);
	ck_assert_ptr_ne(flow, old);
	ck_assert(old->marks & FL_MARK_GONE);
	ck_assert_uint_eq(flow->id, 1);
	ck_assert_ptr_eq(get(flows, &second, 2, &dir), flow);
	ck_assert_uint_eq(dir, 0); /* its sender is seen first now */
	ck_assert_ptr_eq(get(flows, &first, 3, &dir), flow);
	ck_assert_uint_eq(dir, 1);
	ck_assert_ptr_eq(fl_flows_at(flows, 0), old);
	fl_flows_free(flows);
}
END_TEST

START_TEST(vlan_belongs_to_the_key_on_request)
{
	for (unsigned in_key = 0; in_key < 2; in_key++) {
		struct fl_flows_settings settings = { .vlan_in_key = in_key };
		struct fl_flows *flows = fl_flows_new(&settings);
		struct fl_packet ten = packet_of(7, false, FL_TCP_ACK, 1), twenty = ten,
				 back = packet_of(7, true, FL_TCP_ACK, 1);
		unsigned dir;

		ten.vlan[0] = back.vlan[0] = 10;
		twenty.vlan[0] = 20;
		ck_assert_uint_eq(get(flows, &ten, 1, &dir)->id, 0);
		ck_assert_uint_eq(get(flows, &twenty, 2, &dir)->id, in_key);
		ck_assert_uint_eq(get(flows, &back, 3, &dir)->id, 0);
		ck_assert_uint_eq(dir, 1);
		fl_flows_free(flows);
	}
}
END_TEST

/* Who left, as it is told. */
static uint32_t left[n_tuples];
static uint32_t n_left;

static void on_evict(void *context, struct fl_flow *flow)
{
	ck_assert_ptr_eq(context, &n_left);
	ck_assert_uint_lt(n_left, n_tuples);
	left[n_left++] = flow->id;
}

static struct fl_flows *small_table(void)
{
	struct fl_flows_settings settings = {
		.memory = 1, .number_streams = true, .on_evict = on_evict, .context = &n_left
	};

	n_left = 0;
	return fl_flows_new(&settings);
}

/* Those that left are the ones with the lowest ids, however they came. */
static bool lowest_left(void)
{
	uint32_t highest = 0;

	for (uint32_t i = 0; i < n_left; i++)
		highest = left[i] > highest ? left[i] : highest;
	return n_left == 0 || highest == n_left - 1;
}

static bool has_left(uint32_t id)
{
	for (uint32_t i = 0; i < n_left; i++) {
		if (left[i] == id)
			return true;
	}
	return false;
}

START_TEST(each_flow_leaves_once_and_the_newest_stay)
{
	struct fl_flows *flows = small_table();
	static unsigned times[n_tuples];
	unsigned dir;

	memset(times, 0, sizeof(times));
	for (uint32_t i = 0; i < 2000; i++) {
		struct fl_packet packet = packet_of(i, false, FL_TCP_ACK, 1);

		ck_assert_uint_eq(get(flows, &packet, i, &dir)->id, i);
		ck_assert(lowest_left()); /* the longest silent first */
	}
	ck_assert_uint_eq(fl_flows_evicted(flows), n_left);
	ck_assert_uint_gt(n_left, 1900);
	for (uint32_t i = 0; i < n_left; i++)
		ck_assert_uint_eq(times[left[i]]++, 0);
	for (uint32_t id = 0; id < 2000; id++)
		ck_assert((fl_flows_at(flows, id) != NULL) == (id >= n_left));
	fl_flows_free(flows);
}
END_TEST

/* Random packets while an eighth of a well-filled table leaves now and then: whoever is still there must be found, and
 * whoever left must not. */
START_TEST(those_that_stay_are_found_while_others_leave)
{
	enum { n_here = 3000, n_gone = UINT32_MAX };
	struct fl_flows_settings settings = { .on_evict = on_evict, .context = &n_left };
	struct fl_packet packet = packet_of(0, false, FL_TCP_ACK, 1);
	struct fl_flows *flows = fl_flows_new(&settings);
	static uint32_t id_of[n_here], tuple_of[n_tuples];
	uint32_t n_ids = 0;
	unsigned dir;

	get(flows, &packet, 0, &dir);
	settings.memory = fl_flows_memory(flows); /* with the first chunk of blocks: exceeded when the table grows */
	fl_flows_free(flows);
	flows = fl_flows_new(&settings);
	memset(id_of, 0xff, sizeof(id_of));
	random_state = 5;
	for (unsigned i = 0; i < n_packets && n_ids < n_tuples - 1; i++) {
		uint32_t index = next_random() % n_here;
		struct fl_flow *flow;

		packet = packet_of(index, false, FL_TCP_ACK, 1);
		n_left = 0;
		flow = get(flows, &packet, i, &dir);
		for (uint32_t k = 0; k < n_left; k++)
			id_of[tuple_of[left[k]]] = n_gone;
		if (id_of[index] == n_gone) {
			tuple_of[n_ids] = index;
			id_of[index] = n_ids++;
		}
		ck_assert_uint_eq(flow->id, id_of[index]);
	}
	ck_assert_uint_gt(fl_flows_evicted(flows), 5000);
	fl_flows_free(flows);
}
END_TEST

START_TEST(finished_flows_leave_before_idle_ones)
{
	struct fl_flows *flows = small_table();
	unsigned dir;

	for (uint32_t i = 0; i < 9; i++) {
		struct fl_packet packet = packet_of(i, false, FL_TCP_ACK, 1);
		struct fl_flow *flow = get(flows, &packet, i, &dir);

		if (i == 5)
			flow->end[1].seen |= FL_SEEN_RST;
		if (i == 6)
			flow->end[0].seen = flow->end[1].seen = FL_SEEN_FIN;
		if (i == 2)
			flow->end[0].seen = FL_SEEN_FIN; /* half-closed is not finished */
	}
	for (uint32_t i = 9; n_left < 3; i++) {
		struct fl_packet packet = packet_of(i, false, FL_TCP_ACK, 1);

		get(flows, &packet, i, &dir);
	}
	ck_assert_uint_eq(n_left, 3);
	ck_assert(has_left(5) && has_left(6) && has_left(0));
	fl_flows_free(flows);
}
END_TEST

START_TEST(flow_that_comes_back_has_its_stream_number)
{
	struct fl_flows *flows = small_table();
	struct fl_packet packet;
	unsigned dir;

	for (uint32_t i = 0; i < 100; i++) {
		packet = packet_of(i, false, FL_TCP_ACK, 1);
		get(flows, &packet, i, &dir);
	}
	packet = packet_of(3, true, FL_TCP_ACK, 500);

	struct fl_flow *flow = get(flows, &packet, 200, &dir);

	ck_assert_uint_eq(flow->stream, 3);
	ck_assert_uint_eq(flow->id, 100); /* but it is another record of ours */
	ck_assert(flow->marks & FL_MARK_RETURNED);
	packet = packet_of(5000, false, FL_TCP_ACK, 1);
	flow = get(flows, &packet, 201, &dir);
	ck_assert_uint_eq(flow->stream, 100); /* numbers go on where they were */
	ck_assert(!(flow->marks & FL_MARK_RETURNED));
	packet = packet_of(4, false, FL_TCP_SYN, 777);
	flow = get(flows, &packet, 202, &dir);
	ck_assert_uint_eq(flow->stream, 101);
	ck_assert(!(flow->marks & FL_MARK_RETURNED)); /* a connection of its own */
	fl_flows_free(flows);
}
END_TEST

START_TEST(renewing_while_memory_is_short_keeps_the_table_whole)
{
	struct fl_flows *flows = small_table();
	uint32_t seq[40] = { 0 }, ids = 0, last_id[40];
	unsigned dir;

	random_state = 4;
	for (unsigned i = 0; i < 5000; i++) {
		uint32_t index = next_random() % 40;
		struct fl_packet packet = packet_of(index, false, FL_TCP_SYN, ++seq[index]);
		struct fl_aim aim;
		struct fl_flow *flow;

		fl_flows_aim(flows, &packet, &aim);
		flow = fl_flows_get(flows, &aim, &packet, &dir);
		if (flow->id < ids) {
			ck_assert_uint_eq(flow->id, last_id[index]);
			flow = fl_flows_renew(flows, flow, &aim, &packet);
		}
		ck_assert_uint_eq(flow->id, ids);
		last_id[index] = ids++;
		flow->end[0].last_at = i;
		flow->end[1].last_at = FL_TIME_NONE;
		n_left = 0;
		ck_assert_ptr_eq(get(flows, &packet, i, &dir), flow);
	}
	ck_assert_uint_eq(fl_flows_numbered(flows), 5000);
	ck_assert_uint_lt(fl_flows_count(flows), 40);
	fl_flows_free(flows);
}
END_TEST

START_TEST(sick_blocks_are_given_back)
{
	struct fl_flows *flows = small_table();
	size_t memory = 0;
	unsigned dir;

	for (uint32_t i = 0; i < 900; i++) {
		struct fl_packet packet = packet_of(i, false, FL_TCP_ACK, 1);
		struct fl_flow *flow = get(flows, &packet, i, &dir);

		ck_assert_ptr_nonnull(fl_flows_sicken(flows, flow));
		ck_assert_ptr_eq(fl_flows_sicken(flows, flow), flow->sick);
		flow->sick->watch = malloc(100);
		flow->sick->beats[1] = malloc(100);
		if (i == 20)
			memory = fl_flows_memory(flows);
	}
	/* Tombstones grow; some ten flows' sick blocks do not. */
	ck_assert_uint_lt(fl_flows_memory(flows) - memory,
	                  2048 * (sizeof(uint64_t) + sizeof(struct fl_wireshark_id)) + 1);
	fl_flows_free(flows);
}
END_TEST

/* The slots that blocks_next_id() leads through. */
static uint32_t walk(const struct blocks *blocks, uint32_t from, uint32_t *ret_ids, uint32_t most)
{
	uint32_t count = 0;

	for (uint32_t id = blocks_next_id(blocks, from); id != FL_FLOW_UNSEEN && count < most;
	     id = blocks_next_id(blocks, id + 1))
		ret_ids[count++] = id;
	return count;
}

START_TEST(numbers_of_those_that_left_cost_nothing)
{
	enum { all = 100000, every = 9973 };
	struct blocks blocks;
	uint32_t ids[16], slot, kept = 0;
	size_t memory;

	blocks_init(&blocks);
	ck_assert_uint_eq(walk(&blocks, 0, ids, 16), 0);
	for (uint32_t i = 0; i < all; i++) {
		slot = blocks_take(&blocks);
		ck_assert(blocks_number(&blocks, slot));
		ck_assert_uint_eq(blocks_slot_of(&blocks, i), slot);
		if (i % every == 5)
			continue;
		blocks_forget(&blocks, i);
		blocks_give(&blocks, slot);
	}
	ck_assert_uint_eq(blocks.numbered, all);
	for (uint32_t i = 5; i < all; i += every)
		kept++;
	ck_assert_uint_eq(blocks.n_ids, kept);
	ck_assert_uint_eq(walk(&blocks, 0, ids, 16), kept);
	for (uint32_t i = 0; i < kept; i++)
		ck_assert_uint_eq(ids[i], i * every + 5);
	/* A walk may begin anywhere, also where nobody is any more. */
	ck_assert_uint_eq(blocks_next_id(&blocks, 6), every + 5);
	ck_assert_uint_eq(blocks_next_id(&blocks, every - 3000), every + 5);
	ck_assert_uint_eq(blocks_next_id(&blocks, all), FL_FLOW_UNSEEN);
	memory = (kept + 1) * sizeof(struct id_chunk) + 2 * (all >> BLOCKS_ID_BITS) * sizeof(struct id_chunk *);
	ck_assert_uint_le(blocks.id_memory, memory);
	blocks_deinit(&blocks);
}
END_TEST

START_TEST(numbers_begin_anew_behind_the_last_and_leave_out_those_that_are_taken)
{
	struct blocks blocks;
	uint32_t ids[8], first, old, last;

	blocks_init(&blocks);
	first = blocks_take(&blocks);
	ck_assert(blocks_number(&blocks, first)); /* 0 leaves, 1 stays */
	old = blocks_take(&blocks);
	ck_assert(blocks_number(&blocks, old));
	blocks_forget(&blocks, 0);
	blocks.next_id = FL_FLOW_LAST;
	last = blocks_take(&blocks);
	ck_assert(blocks_number(&blocks, last));
	ck_assert(blocks_number(&blocks, first));
	ck_assert(blocks_number(&blocks, blocks_take(&blocks)));
	ck_assert_uint_eq(blocks_hot(&blocks, first)->id, 0);
	ck_assert_uint_eq(blocks_slot_of(&blocks, 1), old);
	ck_assert_uint_eq(walk(&blocks, 0, ids, 8), 4);
	for (uint32_t i = 0; i < 4; i++)
		ck_assert_uint_eq(ids[i], i < 3 ? i : FL_FLOW_LAST);
	blocks_deinit(&blocks);
}
END_TEST

START_TEST(a_walk_may_leave_out_those_with_one_syn)
{
	struct fl_flows_settings settings = { .keeps_lone = true };
	struct fl_flows *flows = fl_flows_new(&settings);
	uint32_t expected = 0;
	unsigned dir;

	for (uint32_t i = 0; i < 3000; i++) {
		struct fl_packet packet = packet_of(i, false, FL_TCP_SYN, 1);
		struct fl_flow *flow = get(flows, &packet, i, &dir);

		ck_assert_uint_ne(flow->marks & FL_MARK_LONE, 0);
		if (i % 1000 == 7)
			ck_assert(fl_flows_warm(flows, flow));
	}
	ck_assert_uint_eq(fl_flows_lone(flows), 2997);
	FL_FLOWS_EACH_WHOLE(flows, id) {
		ck_assert_uint_eq(id, expected * 1000 + 7);
		expected++;
	}
	ck_assert_uint_eq(expected, 3);
	fl_flows_let_go(flows, 3000, 5000, NULL, NULL); /* one that is not lone, and was not answered, goes too */
	ck_assert_uint_eq(fl_flows_lone(flows), 0);
	ck_assert_uint_eq(fl_flows_next(flows, 0), FL_FLOW_UNSEEN);
	fl_flows_free(flows);
}
END_TEST

START_TEST(who_is_over_or_was_never_answered_is_let_go_in_time)
{
	struct fl_flows_settings settings = { .on_evict = on_evict, .context = &n_left };
	struct fl_flows *flows = fl_flows_new(&settings);
	unsigned dir;

	n_left = 0;
	for (uint32_t i = 0; i < 40; i++) {
		struct fl_packet syn = packet_of(i, false, FL_TCP_SYN, 1), answer = packet_of(i, true, FL_TCP_ACK, 1);
		struct fl_flow *flow = get(flows, &syn, i, &dir);

		flow->end[1].last_at = FL_TIME_NONE;
		if (i % 2)
			get(flows, &answer, i, &dir);
		if (i % 4 == 1)
			flow->end[0].seen |= FL_SEEN_RST;
	}
	fl_flows_let_go(flows, 20, 1000, NULL, NULL);
	ck_assert_uint_eq(n_left, 15); /* 10 without an answer, 5 that were reset; those that go on stay */
	ck_assert_int_eq(fl_flows_left_at(flows), 18);
	for (uint32_t id = 0; id < 40; id++)
		ck_assert_int_eq(fl_flows_at(flows, id) != NULL, id >= 20 || id % 4 == 3);
	fl_flows_let_go(flows, 100, 4, NULL, NULL); /* no more at a time */
	ck_assert_uint_eq(n_left, 19);
	ck_assert_uint_eq(fl_flows_count(flows), 21);
	fl_flows_free(flows);
}
END_TEST

static struct fl_packet quote_of(uint32_t index, uint16_t quoted)
{
	struct fl_packet of = packet_of(index, false, FL_TCP_SYN, 100);
	struct fl_packet packet = { .outcome = FL_OUTCOME_ICMP, .protocol = 1 };

	packet.icmp = (struct fl_icmp_error){ .from = of.source,
		                              .to = of.target,
		                              .from_port = of.source_port,
		                              .to_port = of.target_port,
		                              .seq = 100,
		                              .flags = FL_TCP_SYN,
		                              .protocol = 6,
		                              .quoted = quoted };
	return packet;
}

START_TEST(icmp_quote_takes_a_number_and_makes_no_flow)
{
	struct fl_flows_settings settings = { .number_streams = true };
	struct fl_flows *flows = fl_flows_new(&settings);
	struct fl_packet quote = quote_of(7, 20), other = packet_of(8, false, FL_TCP_SYN, 1),
			 own = packet_of(7, true, FL_TCP_ACK, 1);
	struct fl_flow *flow;
	unsigned dir;

	ck_assert_ptr_null(fl_flows_quoted(flows, &quote, &dir));
	ck_assert_uint_eq(fl_flows_count(flows), 0);
	ck_assert_uint_eq(get(flows, &other, 1, &dir)->stream, 1);
	flow = get(flows, &own, 2, &dir);
	ck_assert_uint_eq(flow->stream, 0);
	ck_assert_uint_eq(flow->id, 1);
	ck_assert_uint_eq(dir, 0);
	ck_assert_ptr_eq(fl_flows_quoted(flows, &quote, &dir), flow);
	ck_assert_uint_eq(dir, 1); /* the quoted segment was sent by the other side */
	fl_flows_free(flows);
}
END_TEST

START_TEST(short_or_foreign_quotes_are_passed_over)
{
	struct fl_flows_settings settings = { .number_streams = true };
	struct fl_flows *flows = fl_flows_new(&settings);
	struct fl_packet own = packet_of(7, false, FL_TCP_SYN, 100), quote;
	struct fl_flow *flow;
	unsigned dir;

	flow = get(flows, &own, 1, &dir);
	quote = quote_of(7, 8);
	ck_assert_ptr_eq(fl_flows_quoted(flows, &quote, &dir), flow); /* ports are enough to know whose it is */
	quote = quote_of(7, 3);
	ck_assert_ptr_null(fl_flows_quoted(flows, &quote, &dir));
	quote = quote_of(7, 20);
	quote.icmp.protocol = 17;
	ck_assert_ptr_null(fl_flows_quoted(flows, &quote, &dir));
	quote = quote_of(9, 15);
	ck_assert_ptr_null(fl_flows_quoted(flows, &quote, &dir));
	own = packet_of(10, false, FL_TCP_SYN, 1);
	ck_assert_uint_eq(get(flows, &own, 2, &dir)->stream, 1);
	fl_flows_free(flows);
}
END_TEST

UNIT_MAIN("table", ten_thousand_tuples_are_told_apart_with_any_seed, endpoints_are_those_of_the_packets,
          renewed_connection_stands_for_its_tuple, vlan_belongs_to_the_key_on_request,
          each_flow_leaves_once_and_the_newest_stay, those_that_stay_are_found_while_others_leave,
          finished_flows_leave_before_idle_ones, flow_that_comes_back_has_its_stream_number,
          renewing_while_memory_is_short_keeps_the_table_whole, numbers_of_those_that_left_cost_nothing,
          numbers_begin_anew_behind_the_last_and_leave_out_those_that_are_taken,
          a_walk_may_leave_out_those_with_one_syn, who_is_over_or_was_never_answered_is_let_go_in_time,
          sick_blocks_are_given_back, icmp_quote_takes_a_number_and_makes_no_flow,
          short_or_foreign_quotes_are_passed_over)
