/* Packets become pictures while they pass: each is counted where it will be drawn, and those that a person would look
 * at are kept. Memory is bounded by the number of connections that are drawn, whatever the capture's size. */
#include "flatline/pictures.h"

#include <stdlib.h>
#include <string.h>

enum {
	head_ticks = 12,  /* of the beginning */
	ring_ticks = 24,  /* of the end, and before the onset */
	onset_ticks = 24, /* from the onset on */
	odd_ticks = 96,   /* repeats, probes, SYN, FIN, RST */
	most_rings = 1 << 15
};

/* A connection while it is collected. */
struct collected {
	struct fl_scope scope;
	struct fl_picture picture;
	struct fl_tick head[head_ticks], ring[ring_ticks];
	size_t n_head;
	uint64_t n_ring;      /* that passed through the ring: the last `ring_ticks` of them are there */
	struct fl_tick *kept; /* around the onset, and odd ones */
	size_t n_kept, n_onset, n_odd, size;
	bool is_past_onset;
};

struct fl_pictures {
	struct collected **items; /* by id; of rings, the index is the id, and NULL has none */
	size_t count;
	bool has_rings, with_payload;
	const struct fl_packet *packet; /* the last one, while its segment comes; NULL between */
	size_t n_rings;
	bool is_starved; /* out of memory: what is missing is not drawn */
};

static void drop(struct collected *item)
{
	if (!item)
		return;
	free(item->picture.whole);
	free(item->picture.close);
	free(item->picture.ticks);
	free(item->kept);
	free(item);
}

void fl_pictures_free(struct fl_pictures *pictures)
{
	if (!pictures)
		return;
	for (size_t i = 0; i < pictures->count; i++)
		drop(pictures->items[i]);
	free(pictures->items);
	free(pictures);
}

static struct fl_strip *new_strip(int64_t from, int64_t to)
{
	struct fl_strip *strip = calloc(1, sizeof(*strip));

	if (strip) {
		strip->from = from;
		strip->to = to;
	}
	return strip;
}

/* The strip around the onset: a fiftieth of the whole, and never less than what a person can tell apart. */
static bool close_span(const struct fl_scope *scope, int64_t *ret_from, int64_t *ret_to)
{
	const int64_t parts = 50, least = 100 * FL_NS_PER_MS, worth = 4;
	int64_t whole, length;

	if (scope->onset == FL_TIME_NONE || scope->from == FL_TIME_NONE)
		return false;
	whole = scope->to - scope->from;
	length = whole / parts > least ? whole / parts : least;
	*ret_from = scope->onset - length / 4 > scope->from ? scope->onset - length / 4 : scope->from;
	*ret_to = *ret_from + length;
	return whole > worth * length;
}

static bool add_strips(struct collected *item)
{
	int64_t from, to;

	item->picture.whole = new_strip(item->scope.from, item->scope.to);
	if (close_span(&item->scope, &from, &to))
		item->picture.close = new_strip(from, to);
	return item->picture.whole != NULL;
}

static struct collected *new_item(const struct fl_scope *scope)
{
	struct collected *item = calloc(1, sizeof(*item));

	if (item) {
		item->scope = *scope;
		item->picture.id = scope->id;
	}
	return item;
}

struct fl_pictures *fl_pictures_new(const struct fl_scope *scopes, size_t n_scopes, bool with_payload)
{
	struct fl_pictures *pictures = calloc(1, sizeof(*pictures));

	if (!pictures)
		return NULL;
	pictures->has_rings = !scopes;
	pictures->with_payload = with_payload;
	pictures->items = calloc(n_scopes + 1, sizeof(*pictures->items));
	for (size_t i = 0; pictures->items && i < n_scopes; i++) {
		pictures->items[i] = new_item(&scopes[i]);
		if (!pictures->items[i] || !add_strips(pictures->items[i])) {
			drop(pictures->items[i]);
			break;
		}
		pictures->count++;
	}
	if (pictures->items && pictures->count == n_scopes)
		return pictures;
	fl_pictures_free(pictures);
	return NULL;
}

static int compare_ids(const void *key, const void *member)
{
	const uint32_t *id = key;
	const struct collected *const *item = member;

	return (*id > (*item)->scope.id) - (*id < (*item)->scope.id);
}

static struct collected *find(const struct fl_pictures *pictures, uint32_t id)
{
	struct collected **found;

	if (pictures->has_rings)
		return id < pictures->count ? pictures->items[id] : NULL;
	found = bsearch(&id, pictures->items, pictures->count, sizeof(*pictures->items), compare_ids);
	return found ? *found : NULL;
}

/* A ring for a connection that is new; too many of them get none. */
static struct collected *add_ring(struct fl_pictures *pictures, uint32_t id)
{
	struct fl_scope scope = { .id = id, .from = FL_TIME_NONE, .to = FL_TIME_NONE, .onset = FL_TIME_NONE };

	if (pictures->n_rings >= most_rings)
		return NULL;
	if (id >= pictures->count) {
		size_t count = id + 1024;
		struct collected **items = realloc(pictures->items, count * sizeof(*items));

		if (!items)
			return NULL;
		memset(items + pictures->count, 0, (count - pictures->count) * sizeof(*items));
		pictures->items = items;
		pictures->count = count;
	}
	pictures->items[id] = new_item(&scope);
	pictures->n_rings += pictures->items[id] != NULL;
	return pictures->items[id];
}

static enum fl_tick_kind kind_of(uint32_t classes, uint32_t length)
{
	if (classes & (FL_SEG_FIN | FL_SEG_RST))
		return FL_TICK_END;
	if (classes & FL_SEG_REPEAT)
		return FL_TICK_REPEAT;
	if (classes & (FL_SEG_PROBE | FL_SEG_WINDOW_PROBE))
		return FL_TICK_PROBE;
	if (classes & (FL_SEG_SYN | FL_SEG_SYN_ACK))
		return FL_TICK_OPEN;
	return length > 0 ? FL_TICK_DATA : FL_TICK_ACK;
}

static void count_tick(struct fl_strip *strip, const struct fl_tick *tick)
{
	int64_t span;
	size_t column;
	struct fl_cell *cell;

	if (!strip || strip->from == FL_TIME_NONE || tick->at < strip->from || tick->at > strip->to)
		return;
	span = strip->to > strip->from ? strip->to - strip->from : 1;
	column = (size_t)((double)(tick->at - strip->from) / (double)span * FL_COLUMNS);
	cell = &strip->cells[tick->dir][tick->kind][column < FL_COLUMNS ? column : FL_COLUMNS - 1];
	if (cell->count++ == 0) {
		cell->first_at = tick->at;
		cell->first_frame = tick->frame;
	}
	cell->last_at = tick->at;
	cell->last_frame = tick->frame;
}

static bool keep(struct collected *item, const struct fl_tick *tick)
{
	if (item->n_kept == item->size) {
		size_t size = item->size ? item->size * 2 : 32;
		struct fl_tick *kept = realloc(item->kept, size * sizeof(*kept));

		if (!kept)
			return false;
		item->kept = kept;
		item->size = size;
	}
	item->kept[item->n_kept++] = *tick;
	return true;
}

/* What came right before the onset is in the ring. */
static bool keep_ring(struct collected *item)
{
	uint64_t from = item->n_ring > ring_ticks / 2 ? item->n_ring - ring_ticks / 2 : 0;

	for (; from < item->n_ring; from++) {
		if (!keep(item, &item->ring[from % ring_ticks]))
			return false;
	}
	return true;
}

static bool keep_if_wanted(struct collected *item, const struct fl_tick *tick)
{
	bool is_odd = tick->kind >= FL_TICK_OPEN || (tick->classes & FL_SEG_ZERO_WINDOW);
	bool has_onset = item->scope.onset != FL_TIME_NONE && tick->at >= item->scope.onset;
	bool ok = true;

	if (has_onset && !item->is_past_onset) {
		item->is_past_onset = true;
		ok = keep_ring(item);
	}
	if (has_onset && item->n_onset < onset_ticks) {
		item->n_onset++;
		return ok && keep(item, tick);
	}
	if (is_odd && item->n_odd < odd_ticks) {
		item->n_odd++;
		return ok && keep(item, tick);
	}
	return ok;
}

static void on_packet(void *context, const struct fl_packet *packet, uint32_t id, uint32_t stream, unsigned dir)
{
	struct fl_pictures *pictures = context;
	struct collected *item = find(pictures, id);

	(void)stream;
	pictures->packet = packet;
	if (!item && pictures->has_rings)
		item = add_ring(pictures, id);
	if (!item || item->picture.address[0].family)
		return;
	item->picture.address[dir] = packet->source;
	item->picture.port[dir] = packet->source_port;
	item->picture.address[!dir] = packet->target;
	item->picture.port[!dir] = packet->target_port;
}

/* A lone SYN's segment comes later than its packet, and has no payload. */
static void keep_head(const struct fl_pictures *pictures, struct fl_tick *tick)
{
	const struct fl_packet *packet = pictures->packet;

	if (!pictures->with_payload || !packet || packet->number != tick->frame || packet->file != tick->file)
		return;
	tick->n_head = (uint8_t)(packet->captured < FL_TICK_HEAD ? packet->captured : FL_TICK_HEAD);
	if (tick->n_head > 0)
		memcpy(tick->head, packet->payload, tick->n_head);
}

static void on_segment(void *context, uint32_t id, const struct fl_segment *segment)
{
	struct fl_pictures *pictures = context;
	struct collected *item = find(pictures, id);
	struct fl_tick tick = { .at = segment->at,
		                .seq = segment->seq,
		                .ack = segment->ack,
		                .frame = segment->frame,
		                .file = segment->file,
		                .length = segment->length,
		                .window = segment->window,
		                .classes = segment->classes,
		                .kind = (uint8_t)kind_of(segment->classes, segment->length),
		                .dir = segment->dir };

	if (!item)
		return;
	keep_head(pictures, &tick);
	tick.nth = ++item->picture.packets;
	count_tick(item->picture.whole, &tick);
	count_tick(item->picture.close, &tick);
	if (!pictures->has_rings && !keep_if_wanted(item, &tick))
		pictures->is_starved = true;
	if (item->n_head < head_ticks)
		item->head[item->n_head++] = tick;
	else
		item->ring[item->n_ring++ % ring_ticks] = tick;
}

static bool wants(void *context, uint32_t id)
{
	const struct fl_pictures *pictures = context;

	return pictures->has_rings ? pictures->n_rings < most_rings : find(pictures, id) != NULL;
}

struct fl_engine_probe fl_pictures_probe(struct fl_pictures *pictures)
{
	return (struct fl_engine_probe){
		.packet = on_packet, .segment = on_segment, .wants = wants, .context = pictures
	};
}

static int compare_ticks(const void *a, const void *b)
{
	const struct fl_tick *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return (x->frame > y->frame) - (x->frame < y->frame);
}

/* Head, what was kept and the ring become one list, each packet once. */
static void gather(struct collected *item)
{
	struct fl_picture *picture = &item->picture;
	size_t n_ring = item->n_ring < ring_ticks ? (size_t)item->n_ring : ring_ticks, count = 0;
	struct fl_tick *ticks = calloc(item->n_head + item->n_kept + n_ring + 1, sizeof(*ticks));

	if (!ticks)
		return;
	memcpy(ticks, item->head, item->n_head * sizeof(*ticks));
	if (item->n_kept > 0)
		memcpy(ticks + item->n_head, item->kept, item->n_kept * sizeof(*ticks));
	memcpy(ticks + item->n_head + item->n_kept, item->ring, n_ring * sizeof(*ticks));
	qsort(ticks, item->n_head + item->n_kept + n_ring, sizeof(*ticks), compare_ticks);
	for (size_t i = 0; i < item->n_head + item->n_kept + n_ring; i++) {
		if (count == 0 || compare_ticks(&ticks[count - 1], &ticks[i]) != 0)
			ticks[count++] = ticks[i];
	}
	picture->ticks = ticks;
	picture->n_ticks = count;
}

const struct fl_picture *fl_pictures_of(struct fl_pictures *pictures, const struct fl_scope *scope)
{
	struct collected *item = find(pictures, scope->id);

	if (!item || item->picture.packets == 0)
		return NULL;
	if (item->picture.ticks)
		return &item->picture;
	gather(item);
	if (!pictures->has_rings)
		return &item->picture;
	item->scope = *scope;
	item->picture.is_partial = item->picture.packets > item->picture.n_ticks;
	if (!item->picture.ticks || !add_strips(item))
		return NULL;
	for (size_t i = 0; i < item->picture.n_ticks; i++) {
		count_tick(item->picture.whole, &item->picture.ticks[i]);
		count_tick(item->picture.close, &item->picture.ticks[i]);
	}
	return &item->picture;
}
