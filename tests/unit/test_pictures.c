/* Pictures that are collected while an engine reads: which packets are kept, what is counted where, what a ring keeps
 * of what comes through a pipe, and that many packets take no more room. */
#include <stdio.h>

#include "flatline/pictures.h"
#include "flatline/text.h"
#include "script.h"
#include "unit.h"

/* The script through an engine, seen by `pictures`. */
static void collect(struct fl_pictures *pictures, const char *text)
{
	struct fl_engine_settings settings = { .seed = 3 };
	struct fl_engine_probe probe = fl_pictures_probe(pictures);
	struct script_frames frames;
	struct fl_engine *engine;

	fl_settings_init(&settings.settings);
	script_frames_init(&frames, text);
	engine = fl_engine_new(&settings);
	ck_assert_ptr_nonnull(engine);
	fl_engine_probe(engine, &probe);
	for (size_t at = 0; at < frames.count; at += FL_BATCH)
		fl_engine_frames(engine, frames.frames + at,
		                 frames.count - at < FL_BATCH ? frames.count - at : FL_BATCH);
	fl_engine_free(engine);
	script_frames_deinit(&frames);
}

static const struct fl_cell *cell(const struct fl_strip *strip, unsigned dir, enum fl_tick_kind kind, size_t column)
{
	return &strip->cells[dir][kind][column];
}

static uint64_t counted(const struct fl_strip *strip)
{
	uint64_t count = 0;

	for (unsigned dir = 0; dir < 2; dir++) {
		for (unsigned kind = 0; kind < FL_TICK_KINDS; kind++) {
			for (size_t i = 0; i < FL_COLUMNS; i++)
				count += cell(strip, dir, kind, i)->count;
		}
	}
	return count;
}

static bool has_frame(const struct fl_picture *picture, uint32_t frame)
{
	for (size_t i = 0; i < picture->n_ticks; i++) {
		if (picture->ticks[i].frame == frame)
			return true;
	}
	return false;
}

/* In order, and each once. */
static void in_order(const struct fl_picture *picture)
{
	for (size_t i = 1; i < picture->n_ticks; i++) {
		ck_assert_int_ge(picture->ticks[i].at, picture->ticks[i - 1].at);
		ck_assert_uint_gt(picture->ticks[i].frame, picture->ticks[i - 1].frame);
		ck_assert_uint_gt(picture->ticks[i].nth, picture->ticks[i - 1].nth);
	}
}

/* A handshake, a request that is answered, one that is not and is sent again, a probe, and the end: frames 1 to 12. */
static const char short_story[] = "0 C>S S 0:0(0) win 64240 <mss 1460,sackok>\n"
				  "0.001 S>C SA 0:0(0) ack 1 win 65160 <mss 1460,sackok>\n"
				  "0.002 C>S A 1:1(0) ack 1\n"
				  "10 C>S PA 1:51(50) ack 1\n"
				  "10.001 S>C PA 1:81(80) ack 51\n"
				  "10.002 C>S A 51:51(0) ack 81\n"
				  "60 C>S PA 51:101(50) ack 81\n"
				  "60.3 C>S PA 51:101(50) ack 81\n"
				  "60.4 S>C A 81:81(0) ack 101 win 0\n"
				  "90 S>C A 80:80(0) ack 101\n"
				  "90.1 C>S A 101:101(0) ack 81\n"
				  "120 C>S R 101:101(0)\n";

START_TEST(each_packet_is_counted_where_it_is_drawn)
{
	/* A column is half a second. */
	const struct fl_scope scope = { 0, script_at(0), script_at(120), FL_TIME_NONE };
	struct fl_pictures *pictures = fl_pictures_new(&scope, 1, false);
	const struct fl_picture *picture;
	const struct fl_cell *first;
	unsigned client;

	collect(pictures, short_story);
	picture = fl_pictures_of(pictures, &scope);
	ck_assert_ptr_nonnull(picture);
	ck_assert_uint_eq(picture->packets, 12);
	ck_assert_uint_eq(counted(picture->whole), 12);
	ck_assert_ptr_null(picture->close); /* nothing began */
	client = picture->port[0] == 40000 ? 0 : 1;
	ck_assert_uint_eq(picture->port[!client], 9000);
	ck_assert_uint_eq(picture->address[client].bytes[3], 'C' - 'A' + 1);
	ck_assert_uint_eq(cell(picture->whole, client, FL_TICK_OPEN, 0)->count, 1);
	ck_assert_uint_eq(cell(picture->whole, !client, FL_TICK_OPEN, 0)->first_frame, 2);
	ck_assert_uint_eq(cell(picture->whole, client, FL_TICK_ACK, 0)->first_frame, 3);
	ck_assert_uint_eq(cell(picture->whole, client, FL_TICK_DATA, 20)->first_frame, 4);
	ck_assert_uint_eq(cell(picture->whole, !client, FL_TICK_DATA, 20)->first_frame, 5);
	ck_assert_uint_eq(cell(picture->whole, client, FL_TICK_DATA, 120)->first_frame, 7);
	ck_assert_uint_eq(cell(picture->whole, client, FL_TICK_REPEAT, 120)->first_frame, 8);
	ck_assert_uint_eq(cell(picture->whole, !client, FL_TICK_PROBE, 180)->first_frame, 10);
	first = cell(picture->whole, client, FL_TICK_END, FL_COLUMNS - 1); /* at the very end */
	ck_assert_uint_eq(first->count, 1);
	ck_assert_uint_eq(first->last_frame, 12);
	ck_assert_int_eq(first->first_at, script_at(120));
	fl_pictures_free(pictures);
}
END_TEST

START_TEST(a_cell_holds_the_first_and_the_last_of_it)
{
	const struct fl_scope scope = { 0, script_at(0), script_at(1200), FL_TIME_NONE };
	struct fl_pictures *pictures = fl_pictures_new(&scope, 1, false);
	const struct fl_picture *picture;
	const struct fl_cell *acks;
	unsigned client;

	collect(pictures, short_story);
	picture = fl_pictures_of(pictures, &scope);
	client = picture->port[0] == 40000 ? 0 : 1;
	acks = cell(picture->whole, client, FL_TICK_ACK, 2); /* 10 to 15 s */
	ck_assert_uint_eq(acks->count, 1);
	acks = cell(picture->whole, client, FL_TICK_DATA, 12);
	ck_assert_uint_eq(acks->count, 1);
	fl_pictures_free(pictures);

	const struct fl_scope narrow = { 0, script_at(0), script_at(12000), FL_TIME_NONE }; /* 50 s a column */

	pictures = fl_pictures_new(&narrow, 1, false);
	collect(pictures, short_story);
	picture = fl_pictures_of(pictures, &narrow);
	client = picture->port[0] == 40000 ? 0 : 1;
	acks = cell(picture->whole, client, FL_TICK_ACK, 0);
	ck_assert_uint_eq(acks->count, 2);
	ck_assert_uint_eq(acks->first_frame, 3);
	ck_assert_uint_eq(acks->last_frame, 6);
	ck_assert_int_eq(acks->first_at, script_at(0.002));
	ck_assert_int_eq(acks->last_at, script_at(10.002));
	fl_pictures_free(pictures);
}
END_TEST

START_TEST(around_the_onset_is_another_strip)
{
	const struct fl_scope scope = { 0, script_at(0), script_at(120), script_at(60) };
	struct fl_pictures *pictures = fl_pictures_new(&scope, 1, false);
	const struct fl_picture *picture;

	collect(pictures, short_story);
	picture = fl_pictures_of(pictures, &scope);
	/* A fiftieth of the whole, a quarter of that before the onset: the two of 60 s and the ACK after them. */
	ck_assert_ptr_nonnull(picture->close);
	ck_assert_int_eq(picture->close->from, script_at(59.4));
	ck_assert_int_eq(picture->close->to, script_at(61.8));
	ck_assert_uint_eq(counted(picture->close), 3);
	ck_assert_uint_eq(counted(picture->whole), 12);
	fl_pictures_free(pictures);
}
END_TEST

START_TEST(what_is_short_needs_no_strip_of_its_own)
{
	/* A tenth of a second at least, and four times as much to be worth it. */
	const struct fl_scope scope = { 0, script_at(0), script_at(0.4), script_at(0.001) };
	struct fl_pictures *pictures = fl_pictures_new(&scope, 1, false);

	collect(pictures, short_story);
	ck_assert_ptr_null(fl_pictures_of(pictures, &scope)->close);
	fl_pictures_free(pictures);
}
END_TEST

START_TEST(without_times_nothing_is_counted)
{
	const struct fl_scope scope = { 0, FL_TIME_NONE, script_at(120), script_at(60) };
	struct fl_pictures *pictures = fl_pictures_new(&scope, 1, false);
	const struct fl_picture *picture;

	collect(pictures, short_story);
	picture = fl_pictures_of(pictures, &scope);
	ck_assert_uint_eq(counted(picture->whole), 0);
	ck_assert_ptr_null(picture->close);
	ck_assert_uint_eq(picture->n_ticks, 12);
	fl_pictures_free(pictures);
}
END_TEST

/* Packets before the strip and after it, as --until brings them, are told but not drawn. */
START_TEST(what_lies_outside_is_not_drawn)
{
	const struct fl_scope scope = { 0, script_at(5), script_at(61), FL_TIME_NONE };
	struct fl_pictures *pictures = fl_pictures_new(&scope, 1, false);
	const struct fl_picture *picture;

	collect(pictures, short_story);
	picture = fl_pictures_of(pictures, &scope);
	ck_assert_uint_eq(counted(picture->whole), 6);
	ck_assert_uint_eq(picture->n_ticks, 12);
	fl_pictures_free(pictures);
}
END_TEST

START_TEST(only_those_that_are_asked_for_are_collected)
{
	static const char two[] = "0 C>S S 0:0(0)\n0.1 D>S S 0:0(0)\n0.2 S>D SA 0:0(0) ack 1\n0.3 E>S S 0:0(0)\n";
	const struct fl_scope scopes[] = { { 0, script_at(0), script_at(1), FL_TIME_NONE },
		                           { 1, script_at(0), script_at(1), FL_TIME_NONE } };
	struct fl_pictures *pictures = fl_pictures_new(&scopes[1], 1, false);

	collect(pictures, two);
	ck_assert_ptr_null(fl_pictures_of(pictures, &scopes[0]));
	ck_assert_ptr_nonnull(fl_pictures_of(pictures, &scopes[1]));
	ck_assert_uint_eq(fl_pictures_of(pictures, &scopes[1])->packets, 2);
	fl_pictures_free(pictures);
	/* A lone SYN, too. */
	pictures = fl_pictures_new(scopes, 2, false);
	collect(pictures, two);
	ck_assert_uint_eq(fl_pictures_of(pictures, &scopes[0])->packets, 1);
	ck_assert_uint_eq(fl_pictures_of(pictures, &scopes[1])->packets, 2);
	fl_pictures_free(pictures);
}
END_TEST

/* `count` requests of 10 bytes, a tenth of a second apart, each ACKed: frames 4 to 3 + 2 * count. */
static void long_story(struct fl_text *text, unsigned count)
{
	fl_text_init(text);
	fl_text_add(text,
	            "0 C>S S 0:0(0) <mss 1460>\n0.001 S>C SA 0:0(0) ack 1 <mss 1460>\n0.002 C>S A 1:1(0) ack 1\n");
	for (unsigned i = 0; i < count; i++) {
		fl_text_add(text, "%u.%u C>S PA %u:%u(10) ack 1\n", 1 + i / 10, i % 10, 1 + i * 10, 11 + i * 10);
		fl_text_add(text, "+0.001 S>C A 1:1(0) ack %u\n", 11 + i * 10);
	}
}

START_TEST(of_many_packets_the_ends_and_the_onset_are_kept)
{
	const struct fl_scope scope = { 0, script_at(0), script_at(102), script_at(51) };
	struct fl_pictures *pictures = fl_pictures_new(&scope, 1, false);
	const struct fl_picture *picture;
	struct fl_text text;

	long_story(&text, 1000);
	collect(pictures, fl_text_get(&text));
	picture = fl_pictures_of(pictures, &scope);
	ck_assert_uint_eq(picture->packets, 2003);
	ck_assert_uint_eq(counted(picture->whole), 2003);
	in_order(picture);
	/* Twelve first, twenty-four last; the onset is frame 1004: twelve before, and twenty-four from it on. */
	ck_assert_uint_eq(picture->n_ticks, 12 + 24 + 12 + 24);
	ck_assert(has_frame(picture, 1) && has_frame(picture, 12) && !has_frame(picture, 13));
	ck_assert(has_frame(picture, 992) && has_frame(picture, 1004) && has_frame(picture, 1027));
	ck_assert(!has_frame(picture, 991) && !has_frame(picture, 1028));
	ck_assert(has_frame(picture, 1980) && has_frame(picture, 2003) && !has_frame(picture, 1979));
	ck_assert_uint_eq(picture->ticks[picture->n_ticks - 1].nth, 2003);
	fl_text_deinit(&text);
	fl_pictures_free(pictures);
}
END_TEST

START_TEST(odd_packets_are_kept_up_to_a_bound)
{
	const struct fl_scope scope = { 0, script_at(0), script_at(1000), FL_TIME_NONE };
	struct fl_pictures *pictures = fl_pictures_new(&scope, 1, false);
	const struct fl_picture *picture;
	struct fl_text text;
	size_t n_odd = 0;

	long_story(&text, 300);
	for (unsigned i = 0; i < 200; i++)
		fl_text_add(&text, "%u C>S PA 2991:3001(10) ack 1\n", 40 + i);
	for (unsigned i = 0; i < 40; i++)
		fl_text_add(&text, "%u S>C A 1:1(0) ack 3001\n", 300 + i);
	collect(pictures, fl_text_get(&text));
	picture = fl_pictures_of(pictures, &scope);
	in_order(picture);
	for (size_t i = 0; i < picture->n_ticks; i++)
		n_odd += picture->ticks[i].kind >= FL_TICK_OPEN;
	ck_assert_uint_eq(n_odd, 96); /* two of them of the handshake */
	ck_assert_uint_eq(picture->n_ticks, 12 + 94 + 24);
	fl_text_deinit(&text);
	fl_pictures_free(pictures);
}
END_TEST

START_TEST(a_closed_window_is_odd)
{
	const struct fl_scope scope = { 0, script_at(0), script_at(1000), FL_TIME_NONE };
	struct fl_pictures *pictures = fl_pictures_new(&scope, 1, false);
	struct fl_text text;

	long_story(&text, 40); /* frames up to 83 */
	fl_text_add(&text, "+1 S>C A 1:1(0) ack 401 win 0\n");
	for (unsigned i = 0; i < 30; i++)
		fl_text_add(&text, "+1 S>C A 1:1(0) ack 401\n");
	collect(pictures, fl_text_get(&text));
	ck_assert(has_frame(fl_pictures_of(pictures, &scope), 84));
	ck_assert(!has_frame(fl_pictures_of(pictures, &scope), 85));
	fl_text_deinit(&text);
	fl_pictures_free(pictures);
}
END_TEST

/* Of standard input nothing is known before, and every connection has a ring. */
START_TEST(a_ring_keeps_the_beginning_and_the_end)
{
	const struct fl_scope scope = { 0, script_at(0), script_at(102), script_at(51) };
	struct fl_pictures *pictures = fl_pictures_new(NULL, 0, false);
	const struct fl_picture *picture;
	struct fl_text text;

	long_story(&text, 1000);
	collect(pictures, fl_text_get(&text));
	picture = fl_pictures_of(pictures, &scope);
	ck_assert(picture->is_partial);
	ck_assert_uint_eq(picture->packets, 2003);
	ck_assert_uint_eq(picture->n_ticks, 12 + 24);
	ck_assert_uint_eq(counted(picture->whole), 36);
	ck_assert_int_eq(picture->whole->to, script_at(102));
	in_order(picture);
	ck_assert(has_frame(picture, 1) && has_frame(picture, 12) && has_frame(picture, 1980) &&
	          has_frame(picture, 2003));
	ck_assert_ptr_eq(fl_pictures_of(pictures, &scope), picture); /* asked again */
	ck_assert_uint_eq(counted(picture->whole), 36);
	fl_text_deinit(&text);
	fl_pictures_free(pictures);
}
END_TEST

START_TEST(a_ring_of_a_short_connection_is_all_of_it)
{
	const struct fl_scope scope = { 0, script_at(0), script_at(120), script_at(60) };
	const struct fl_scope other = { 1, script_at(0), script_at(120), script_at(60) };
	struct fl_pictures *pictures = fl_pictures_new(NULL, 0, false);
	const struct fl_picture *picture;

	collect(pictures, short_story);
	picture = fl_pictures_of(pictures, &scope);
	ck_assert(!picture->is_partial);
	ck_assert_uint_eq(counted(picture->whole), 12);
	ck_assert_uint_eq(counted(picture->close), 3);
	ck_assert_ptr_null(fl_pictures_of(pictures, &other));
	fl_pictures_free(pictures);
}
END_TEST

START_TEST(many_connections_have_rings_of_their_own)
{
	struct fl_pictures *pictures = fl_pictures_new(NULL, 0, false);
	struct fl_text text;

	fl_text_init(&text);
	for (unsigned i = 0; i < 2000; i++)
		fl_text_add(&text, "+0.001 C%u>S S 0:0(0)\n+0.0001 S>C%u RA 0:0(0) ack 1\n", i, i);
	collect(pictures, fl_text_get(&text));
	for (uint32_t i = 0; i < 2000; i += 333) {
		const struct fl_scope scope = { i, script_at(0), script_at(5), FL_TIME_NONE };
		const struct fl_picture *picture = fl_pictures_of(pictures, &scope);

		ck_assert_ptr_nonnull(picture);
		ck_assert_uint_eq(picture->packets, 2);
		ck_assert(picture->port[0] == 40000 + i || picture->port[1] == 40000 + i);
		ck_assert_uint_eq(picture->ticks[0].frame, 2 * i + 1);
		ck_assert_uint_eq(picture->ticks[1].kind, FL_TICK_END);
	}
	fl_text_deinit(&text);
	fl_pictures_free(pictures);
}
END_TEST

UNIT_MAIN("pictures", each_packet_is_counted_where_it_is_drawn, a_cell_holds_the_first_and_the_last_of_it,
          around_the_onset_is_another_strip, what_is_short_needs_no_strip_of_its_own, what_lies_outside_is_not_drawn,
          without_times_nothing_is_counted, only_those_that_are_asked_for_are_collected,
          of_many_packets_the_ends_and_the_onset_are_kept, odd_packets_are_kept_up_to_a_bound, a_closed_window_is_odd,
          a_ring_keeps_the_beginning_and_the_end, a_ring_of_a_short_connection_is_all_of_it,
          many_connections_have_rings_of_their_own)
