/* IP fragments (RFC 791 section 3.2, RFC 8200 section 4.5): only the first has the TCP header, and only the last says
 * how long the datagram was. The segment counts once, with its whole length, at the frame that completes it. Of
 * overlapping fragments the bytes that lie first stay; a last one that contradicts an earlier one does not move the
 * end. */
#include "fragments.h"

#include <stdlib.h>
#include <string.h>

struct piece {
	struct piece *next; /* by offset; of equal offsets the one that came first */
	uint32_t offset, length, captured;
	uint8_t bytes[];
};

struct waiting {
	struct waiting *newer, *older;
	struct fl_address source, target;
	uint32_t id;
	uint32_t end; /* length of the datagram; 0 until its last fragment came */
	uint32_t n_pieces;
	size_t bytes;
	uint8_t protocol;
	bool is_first_here;
	struct piece *pieces;
};

struct whole {
	struct whole *older;
	uint64_t call;
	uint8_t bytes[];
};

static void unlink_waiting(struct fragments *fragments, struct waiting *waiting)
{
	*(waiting->older ? &waiting->older->newer : &fragments->oldest) = waiting->newer;
	*(waiting->newer ? &waiting->newer->older : &fragments->newest) = waiting->older;
	fragments->n_waiting--;
	fragments->bytes -= waiting->bytes;
}

static void free_waiting(struct waiting *waiting)
{
	struct piece *next;

	for (struct piece *piece = waiting->pieces; piece; piece = next) {
		next = piece->next;
		free(piece);
	}
	free(waiting);
}

static void give_up(struct fragments *fragments, struct waiting *waiting)
{
	fragments->given_up++;
	unlink_waiting(fragments, waiting);
	free_waiting(waiting);
}

/* Frees whole datagrams that were completed more than FRAGMENTS_KEPT calls before `call`. */
static void free_kept(struct fragments *fragments, uint64_t call)
{
	struct whole **from = &fragments->kept;
	struct whole *whole, *older;

	while (*from && (*from)->call + FRAGMENTS_KEPT > call)
		from = &(*from)->older;
	whole = *from;
	*from = NULL;
	for (; whole; whole = older) {
		older = whole->older;
		free(whole);
	}
}

void fragments_deinit(struct fragments *fragments)
{
	while (fragments->oldest)
		give_up(fragments, fragments->oldest);
	free_kept(fragments, UINT64_MAX);
}

uint64_t fragments_incomplete(const struct fragments *fragments)
{
	return fragments->given_up + fragments->n_waiting;
}

/* IPv6 tells datagrams apart by addresses and id alone; IPv4 also by the protocol. */
static bool is_of(const struct waiting *waiting, const struct fragment *fragment)
{
	return waiting->id == fragment->id && fl_address_equal(&waiting->source, &fragment->source) &&
	       fl_address_equal(&waiting->target, &fragment->target) &&
	       (fragment->source.family == 6 || waiting->protocol == fragment->protocol);
}

/* The datagram that `fragment` is of, new if need be; NULL out of memory. */
static struct waiting *find(struct fragments *fragments, const struct fragment *fragment)
{
	struct waiting *waiting;

	/* Fragments of one datagram mostly follow one another: the newest first. */
	for (waiting = fragments->newest; waiting; waiting = waiting->older) {
		if (is_of(waiting, fragment))
			return waiting;
	}
	if (fragments->n_waiting == FRAGMENTS_WAITING)
		give_up(fragments, fragments->oldest);
	waiting = calloc(1, sizeof(*waiting));
	if (!waiting)
		return NULL;
	waiting->source = fragment->source;
	waiting->target = fragment->target;
	waiting->id = fragment->id;
	waiting->protocol = fragment->protocol;
	waiting->older = fragments->newest;
	*(waiting->older ? &waiting->older->newer : &fragments->oldest) = waiting;
	fragments->newest = waiting;
	fragments->n_waiting++;
	return waiting;
}

/* Puts the fragment in its place; false out of memory. */
static bool store(struct fragments *fragments, struct waiting *waiting, const struct fragment *fragment)
{
	struct piece *piece = malloc(sizeof(*piece) + fragment->captured);
	struct piece **place = &waiting->pieces;

	if (!piece)
		return false;
	*piece = (struct piece){ .offset = fragment->offset,
		                 .length = fragment->length,
		                 .captured = fragment->captured };
	if (fragment->captured)
		memcpy(piece->bytes, fragment->bytes, fragment->captured);
	while (*place && (*place)->offset <= piece->offset)
		place = &(*place)->next;
	piece->next = *place;
	*place = piece;
	waiting->n_pieces++;
	waiting->bytes += fragment->captured;
	fragments->bytes += fragment->captured;

	if (fragment->offset == 0 && !waiting->is_first_here) {
		waiting->is_first_here = true;
		waiting->protocol = fragment->protocol;
	}
	if (fragment->is_last && waiting->end == 0)
		waiting->end = fragment->offset + fragment->length;
	return true;
}

/* How far the pieces reach from the start without a hole. */
static uint32_t reach(const struct waiting *waiting)
{
	uint32_t far = 0;

	for (const struct piece *piece = waiting->pieces; piece && piece->offset <= far; piece = piece->next) {
		if (piece->offset + piece->length > far)
			far = piece->offset + piece->length;
	}
	return far;
}

/* Lays the captured bytes side by side; NULL out of memory. */
static struct whole *join(const struct waiting *waiting, uint64_t call, uint32_t length, struct datagram *ret_whole)
{
	struct whole *whole = malloc(sizeof(*whole) + length);
	uint32_t captured = 0;

	if (!whole)
		return NULL;
	for (const struct piece *piece = waiting->pieces; piece; piece = piece->next) {
		uint32_t end = piece->offset + piece->captured;

		if (piece->offset <= captured && end > captured) {
			memcpy(whole->bytes + captured, piece->bytes + (captured - piece->offset), end - captured);
			captured = end;
		}
	}
	whole->call = call;
	*ret_whole = (struct datagram){
		.bytes = whole->bytes, .captured = captured, .length = length, .protocol = waiting->protocol
	};
	return whole;
}

bool fragments_add(struct fragments *fragments, uint64_t call, const struct fragment *fragment,
                   struct datagram *ret_whole)
{
	struct waiting *waiting;
	struct whole *whole;
	uint32_t far;

	/* Nothing, or past the longest datagram (the "ping of death"): no part of a segment. */
	if (fragment->length == 0 || fragment->offset + (uint64_t)fragment->length > UINT16_MAX)
		return false;
	while (fragments->oldest && fragments->bytes + fragment->captured > FRAGMENTS_BYTES)
		give_up(fragments, fragments->oldest);
	waiting = find(fragments, fragment);
	if (!waiting)
		return false;
	if (waiting->n_pieces == FRAGMENTS_EACH || !store(fragments, waiting, fragment)) {
		give_up(fragments, waiting);
		return false;
	}
	far = reach(waiting);
	if (waiting->end == 0 || far < waiting->end)
		return false;

	whole = join(waiting, call, far, ret_whole);
	unlink_waiting(fragments, waiting);
	free_waiting(waiting);
	if (!whole)
		return false;
	free_kept(fragments, call);
	whole->older = fragments->kept;
	fragments->kept = whole;
	return true;
}
