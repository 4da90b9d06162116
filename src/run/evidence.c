/* Of a connection that failed a few hundred packets tell everything: how it began, what was around the decisive
 * moments, how it ended, and whatever was odd between. They are kept while they pass, cut to their headers at once, so
 * that memory is bounded whatever the capture's size, and so that no payload waits in it to be written by mistake. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "flatline/packet.h"

enum { fragments_most = 64 };

/* A packet of the frames at hand. */
struct pending {
	uint64_t number;
	uint32_t file, id; /* of its flow; FL_FLOW_UNSEEN: whose addresses it names */
	uint32_t classes;  /* FL_SEG_ bits */
	uint16_t ip_id;
	uint8_t outcome; /* enum fl_outcome */
	bool is_joined;  /* of fragments */
	bool is_unread;
	struct fl_address address[2];
	uint8_t said[FL_SAYING_MOST];
	size_t n_said;
};

/* A frame of a datagram that is not complete yet. */
struct fragment {
	struct kept kept;
	struct fl_address address[2];
	uint16_t ip_id;
};

/* ---- what is tracked ---- */

static int compare_tracked(const void *a, const void *b)
{
	const struct tracked *x = a, *y = b;

	if (x->flow->id != y->flow->id)
		return x->flow->id < y->flow->id ? -1 : 1;
	return y->has_file - x->has_file; /* of one that is there twice, the one with a file first */
}

static void track(struct fl_exhibits *evidence, struct fl_evidence_flow *const *flows, size_t count, bool has_file)
{
	for (size_t i = 0; i < count; i++)
		evidence->tracked[evidence->n_tracked++] = (struct tracked){ .flow = flows[i], .has_file = has_file };
}

static void sort_tracked(struct fl_exhibits *evidence)
{
	size_t count = 0;

	qsort(evidence->tracked, evidence->n_tracked, sizeof(*evidence->tracked), compare_tracked);
	for (size_t i = 0; i < evidence->n_tracked; i++) {
		if (count == 0 || evidence->tracked[count - 1].flow->id != evidence->tracked[i].flow->id)
			evidence->tracked[count++] = evidence->tracked[i];
	}
	evidence->n_tracked = count;
}

struct fl_exhibits *fl_exhibits_new(const struct fl_evidence_plan *plan)
{
	struct fl_exhibits *evidence = calloc(1, sizeof(*evidence));

	if (!evidence)
		return NULL;
	evidence->plan = *plan;
	evidence->tracked = calloc(plan->n_flows + plan->n_others + 1, sizeof(*evidence->tracked));
	evidence->company = calloc(company_most, sizeof(*evidence->company));
	evidence->pending = calloc(FL_BATCH, sizeof(*evidence->pending));
	evidence->fragments = calloc(fragments_most, sizeof(*evidence->fragments));
	if (!evidence->tracked || !evidence->company || !evidence->pending || !evidence->fragments) {
		fl_exhibits_free(evidence);
		return NULL;
	}
	track(evidence, plan->flows, plan->n_flows, true);
	track(evidence, plan->others, plan->n_others, false);
	sort_tracked(evidence);
	return evidence;
}

static void drop(struct kept *kept)
{
	free((void *)kept->frame.bytes);
	free((void *)kept->said.bytes);
	*kept = (struct kept){ 0 };
}

static void drop_tracked(struct tracked *tracked)
{
	for (size_t j = 0; j < tracked->n_kept; j++)
		drop(&tracked->kept[j]);
	for (size_t j = 0; j < around; j++)
		drop(&tracked->held[j]);
	free(tracked->kept);
	if (tracked->is_company)
		free((void *)tracked->flow);
}

void fl_exhibits_free(struct fl_exhibits *evidence)
{
	if (!evidence)
		return;
	for (size_t i = 0; i < evidence->n_tracked; i++)
		drop_tracked(&evidence->tracked[i]);
	for (size_t i = 0; i < evidence->n_company; i++)
		drop_tracked(&evidence->company[i]);
	free(evidence->company);
	for (size_t i = 0; evidence->fragments && i < fragments_most; i++)
		drop(&evidence->fragments[i].kept);
	free(evidence->fragments);
	free(evidence->pending);
	free(evidence->tracked);
	free(evidence);
}

static int compare_id(const void *key, const void *member)
{
	const uint32_t *id = key;
	const struct tracked *tracked = member;

	return (*id > tracked->flow->id) - (*id < tracked->flow->id);
}

struct tracked *evidence_find(const struct fl_exhibits *evidence, uint32_t id)
{
	return bsearch(&id, evidence->tracked, evidence->n_tracked, sizeof(*evidence->tracked), compare_id);
}

/* That one, or one of those beside. */
static struct tracked *find_any(const struct fl_exhibits *evidence, uint32_t id)
{
	struct tracked *tracked = evidence_find(evidence, id);

	if (tracked || evidence->n_company == 0)
		return tracked;
	return bsearch(&id, evidence->company, evidence->n_company, sizeof(*evidence->company), compare_id);
}

const struct fl_moment *evidence_moment(const struct fl_evidence_flow *flow, uint32_t file, uint64_t number)
{
	for (size_t i = 0; i < flow->n_moments; i++) {
		if (flow->moments[i].frame == number && flow->moments[i].file == file)
			return &flow->moments[i];
	}
	return NULL;
}

bool evidence_is_onset(const struct fl_evidence_flow *flow, const struct fl_frame *frame)
{
	return flow->onset_frame > 0 && flow->onset_frame == frame->number && flow->onset == frame->at;
}

/* One of its addresses is among those two. */
static bool concerns(const struct tracked *tracked, const struct fl_address *address)
{
	for (unsigned i = 0; i < 4; i++) {
		if (address[i % 2].family && fl_address_equal(&tracked->flow->address[i / 2], &address[i % 2]))
			return true;
	}
	return false;
}

bool evidence_is_beside(const struct tracked *tracked, const struct tracked *other)
{
	return concerns(tracked, other->flow->address);
}

/* ---- those beside ---- */

/* What happens a minute before the failure or later may have to do with it. */
static bool is_company(const struct tracked *tracked, const struct fl_packet *packet)
{
	const struct fl_address address[2] = { packet->source, packet->target };
	const int64_t before = 60 * FL_NS_PER_S;
	int64_t since = tracked->flow->onset != FL_TIME_NONE ? tracked->flow->onset : tracked->flow->first;

	return tracked->has_file && tracked->n_company < company_each && packet->at >= since - before &&
	       concerns(tracked, address);
}

/* Counts it for those that it is company of; false for none. */
static bool count_company(struct fl_exhibits *evidence, const struct fl_packet *packet)
{
	bool is_any = false;

	for (size_t i = 0; i < evidence->n_tracked; i++) {
		struct tracked *tracked = &evidence->tracked[i];

		if (is_company(tracked, packet)) {
			tracked->n_company++;
			is_any = true;
		}
	}
	return is_any;
}

static struct tracked *add_company(struct fl_exhibits *evidence, const struct fl_packet *packet, uint32_t id)
{
	struct fl_evidence_flow *flow;
	size_t at = evidence->n_company;

	if (at == company_most || !count_company(evidence, packet))
		return NULL;
	flow = calloc(1, sizeof(*flow));
	if (!flow) {
		evidence->is_starved = true;
		return NULL;
	}
	flow->id = id;
	flow->address[0] = packet->source;
	flow->address[1] = packet->target;
	while (at > 0 && evidence->company[at - 1].flow->id > id)
		at--;
	memmove(evidence->company + at + 1, evidence->company + at,
	        (evidence->n_company - at) * sizeof(*evidence->company));
	evidence->n_company++;
	evidence->company[at] = (struct tracked){ .flow = flow, .is_company = true };
	return &evidence->company[at];
}

/* ---- what the engine tells ---- */

static struct pending *add_pending(struct fl_exhibits *evidence, const struct fl_packet *packet, uint32_t id)
{
	struct pending *pending = &evidence->pending[evidence->n_pending];

	if (evidence->n_pending == FL_BATCH)
		return NULL;
	evidence->n_pending++;
	*pending = (struct pending){ .number = packet->number,
		                     .file = packet->file,
		                     .id = id,
		                     .outcome = packet->outcome,
		                     .ip_id = packet->ip_id,
		                     .is_joined = packet->via & FL_VIA_FRAGMENTS,
		                     .address = { packet->source, packet->target } };
	if (packet->outcome == FL_OUTCOME_NEIGHBOUR) {
		pending->address[0] = packet->neighbour.sender;
		pending->address[1] = packet->neighbour.target;
	}
	return pending;
}

static void on_packet(void *context, const struct fl_packet *packet, uint32_t id, uint32_t stream, unsigned dir)
{
	struct fl_exhibits *evidence = context;

	(void)stream;
	(void)dir;
	if (find_any(evidence, id) || add_company(evidence, packet, id))
		(void)add_pending(evidence, packet, id);
}

/* The packet at hand, when it is that flow's: what follows on_packet() is about it. */
static struct pending *at_hand(struct fl_exhibits *evidence, uint32_t id)
{
	struct pending *last = evidence->n_pending ? &evidence->pending[evidence->n_pending - 1] : NULL;

	return last && last->id == id && last->outcome == FL_OUTCOME_TCP ? last : NULL;
}

static void on_segment(void *context, uint32_t id, const struct fl_segment *segment)
{
	struct pending *pending = at_hand(context, id);

	if (pending && pending->number == segment->frame)
		pending->classes = segment->classes;
}

static void on_said(void *context, uint32_t id, const struct fl_profiles *profiles, const struct fl_profile *profile,
                    const struct fl_saying *saying)
{
	struct pending *pending = at_hand(context, id);

	if (!pending)
		return;
	pending->n_said = fl_profile_constants(profiles, profile, saying, pending->said);
	pending->is_unread = pending->n_said == 0 && fl_profile_reads(profile, saying) != FL_SAID_NOTHING;
}

/* Both of these two addresses are those of a connection that is tracked. */
static bool is_of(const struct tracked *tracked, const struct fl_address *address)
{
	const struct fl_address *of = tracked->flow->address;

	return (fl_address_equal(&of[0], &address[0]) && fl_address_equal(&of[1], &address[1])) ||
	       (fl_address_equal(&of[0], &address[1]) && fl_address_equal(&of[1], &address[0]));
}

static void on_notice(void *context, const struct fl_packet *packet, uint32_t id)
{
	struct fl_exhibits *evidence = context;

	if (packet->outcome != FL_OUTCOME_ICMP || (id != FL_FLOW_UNSEEN && find_any(evidence, id)))
		(void)add_pending(evidence, packet, id);
}

static bool wants(void *context, uint32_t id)
{
	return find_any(context, id) != NULL;
}

struct fl_engine_probe fl_exhibits_probe(struct fl_exhibits *evidence)
{
	return (struct fl_engine_probe){ .packet = on_packet,
		                         .segment = on_segment,
		                         .wants = wants,
		                         .said = on_said,
		                         .notice = on_notice,
		                         .context = evidence };
}

/* ---- the frames ---- */

/* A copy of what may be shown of it, with `n_said` bytes of a message. False when it cannot be shown, or out of memory.
 */
static bool copy_frame(struct fl_exhibits *evidence, const struct fl_frame *frame, const uint8_t *said, size_t n_said,
                       struct fl_frame *ret_frame)
{
	uint8_t bytes[FL_STRIPPED_MOST], *own;
	size_t length = fl_wire_strip(evidence->plan.anonymizer, frame, said, n_said, bytes);

	own = length > 0 ? malloc(length) : NULL;
	evidence->is_starved |= length > 0 && !own;
	if (!own)
		return false;
	memcpy(own, bytes, length);
	*ret_frame = *frame;
	ret_frame->bytes = own;
	ret_frame->caplen = (uint32_t)length;
	return true;
}

static bool copy(struct fl_exhibits *evidence, const struct fl_frame *frame, const struct pending *pending,
                 struct kept *ret_kept)
{
	*ret_kept = (struct kept){ .order = evidence->order };
	if (frame->at < 0 || !copy_frame(evidence, frame, NULL, 0, &ret_kept->frame))
		return false;
	if (pending->n_said > 0)
		(void)copy_frame(evidence, frame, pending->said, pending->n_said, &ret_kept->said);
	return true;
}

/* Takes it over. */
static void keep(struct fl_exhibits *evidence, struct tracked *tracked, struct kept *kept)
{
	if (tracked->n_kept == tracked->size) {
		size_t size = tracked->size ? tracked->size * 2 : 64;
		struct kept *grown = realloc(tracked->kept, size * sizeof(*grown));

		if (!grown) {
			evidence->is_starved = true;
			drop(kept);
			return;
		}
		tracked->kept = grown;
		tracked->size = size;
	}
	tracked->kept[tracked->n_kept++] = *kept;
	*kept = (struct kept){ 0 };
}

static void hold(struct tracked *tracked, struct kept *kept)
{
	struct kept *place = &tracked->held[tracked->n_held++ % around];

	tracked->left_out++;
	drop(place);
	*place = *kept;
}

static void keep_held(struct fl_exhibits *evidence, struct tracked *tracked)
{
	uint64_t from = tracked->n_held > around ? tracked->n_held - around : 0;

	for (; from < tracked->n_held; from++) {
		struct kept *held = &tracked->held[from % around];

		if (held->frame.bytes) {
			keep(evidence, tracked, held);
			tracked->left_out--;
		}
	}
	tracked->n_held = 0;
}

static bool is_odd(const struct pending *pending)
{
	return pending->classes & (FL_SEG_SYN | FL_SEG_SYN_ACK | FL_SEG_FIN | FL_SEG_RST | FL_SEG_REPEAT |
	                           FL_SEG_PROBE | FL_SEG_WINDOW_PROBE | FL_SEG_ZERO_WINDOW | FL_SEG_WINDOW_OPENED);
}

/* Packet `index` of its connection matters. */
static bool is_wanted(struct fl_exhibits *evidence, struct tracked *tracked, const struct pending *pending,
                      const struct fl_frame *frame, uint64_t index)
{
	const struct fl_evidence_flow *flow = tracked->flow;
	uint64_t whole = tracked->has_file ? whole_most : whole_other;
	uint64_t ends = tracked->has_file ? ends_most : ends_other;

	if (tracked->is_company)
		return index < company_packets;
	if (flow->packets <= whole && index < whole)
		return true;
	if (evidence_moment(flow, frame->file, frame->number) || evidence_is_onset(flow, frame)) {
		keep_held(evidence, tracked);
		tracked->behind = around;
		return true;
	}
	if (tracked->behind > 0) {
		tracked->behind--;
		return true;
	}
	if (is_odd(pending) && tracked->n_odd < odd_most) {
		tracked->n_odd++;
		return true;
	}
	return index < ends || (index + ends >= flow->packets && index < flow->packets);
}

/* The fragments before the one that completed this packet. */
static void keep_fragments(struct fl_exhibits *evidence, struct tracked *tracked, const struct pending *pending)
{
	uint64_t from = evidence->n_fragments > fragments_most ? evidence->n_fragments - fragments_most : 0;

	for (; from < evidence->n_fragments; from++) {
		struct fragment *fragment = &evidence->fragments[from % fragments_most];

		if (fragment->kept.frame.bytes && fragment->ip_id == pending->ip_id &&
		    fl_address_equal(&fragment->address[0], &pending->address[0]) &&
		    fl_address_equal(&fragment->address[1], &pending->address[1]))
			keep(evidence, tracked, &fragment->kept);
	}
}

static void take_segment(struct fl_exhibits *evidence, const struct pending *pending, const struct fl_frame *frame)
{
	struct tracked *tracked = find_any(evidence, pending->id);
	bool is_kept = is_wanted(evidence, tracked, pending, frame, tracked->seen++);
	struct kept kept;

	tracked->unread += pending->is_unread;
	if (!copy(evidence, frame, pending, &kept)) {
		tracked->unshown++;
		return;
	}
	if (!is_kept) {
		hold(tracked, &kept);
		return;
	}
	if (pending->is_joined)
		keep_fragments(evidence, tracked, pending);
	keep(evidence, tracked, &kept);
}

static void take_notice(struct fl_exhibits *evidence, struct tracked *tracked, const struct pending *pending,
                        const struct fl_frame *frame)
{
	struct kept kept;

	if (tracked->n_notices >= notices_most) {
		tracked->left_out++;
		return;
	}
	if (copy(evidence, frame, pending, &kept)) {
		tracked->n_notices++;
		keep(evidence, tracked, &kept);
	} else {
		tracked->unshown++;
	}
}

static void take_fragment(struct fl_exhibits *evidence, const struct pending *pending, const struct fl_frame *frame)
{
	struct fragment *place = &evidence->fragments[evidence->n_fragments % fragments_most];
	struct kept kept;
	bool is_wanted_by_any = false;

	for (size_t i = 0; i < evidence->n_tracked && !is_wanted_by_any; i++)
		is_wanted_by_any = is_of(&evidence->tracked[i], pending->address);
	if (!is_wanted_by_any || !copy(evidence, frame, pending, &kept))
		return;
	evidence->n_fragments++;
	drop(&place->kept);
	*place = (struct fragment){ .kept = kept, .ip_id = pending->ip_id };
	memcpy(place->address, pending->address, sizeof(place->address));
}

static void take(struct fl_exhibits *evidence, const struct pending *pending, const struct fl_frame *frame)
{
	switch (pending->outcome) {
	case FL_OUTCOME_TCP: take_segment(evidence, pending, frame); break;
	case FL_OUTCOME_ICMP: take_notice(evidence, find_any(evidence, pending->id), pending, frame); break;
	case FL_OUTCOME_FRAGMENT: take_fragment(evidence, pending, frame); break;
	default:
		for (size_t i = 0; i < evidence->n_tracked; i++) {
			if (concerns(&evidence->tracked[i], pending->address))
				take_notice(evidence, &evidence->tracked[i], pending, frame);
		}
	}
}

void fl_exhibits_frames(struct fl_exhibits *evidence, const struct fl_frame *frames, size_t count)
{
	size_t next = 0;

	/* The engine told of them in their order. */
	for (size_t i = 0; i < count; i++) {
		evidence->order++;
		if (next < evidence->n_pending && evidence->pending[next].number == frames[i].number &&
		    evidence->pending[next].file == frames[i].file)
			take(evidence, &evidence->pending[next++], &frames[i]);
	}
	evidence->n_pending = 0;
}
