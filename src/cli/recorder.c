/* The capture only copies: each packet into the ring, with the flow that the engine says it is of, and the packets of a
 * flow out of it when that turns bad. Directory and files are the work of a thread of its own. Packets of no TCP
 * connection are not kept, but for fragments: whose they are is known when the last one comes. */
#include "recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/flow.h"
#include "flatline/packet.h"
#include "recording.h"
#include "worker.h"

enum {
	files_per_minute = 10,
	most_waiting = 16, /* recordings */
	most_had = 4096,   /* of which it is known that they were made */
	most_pieces = 64,  /* fragments */
};

_Static_assert(FL_FLOW_UNSEEN == FL_RING_NO_ID, "a flow that has no number has none in the ring");

/* A datagram that came in fragments. */
struct datagram {
	struct fl_address source, target;
	uint16_t ip_id;
};

/* A packet of the frames at hand. */
struct pending {
	uint64_t number;
	uint32_t id; /* of its flow */
	enum { WHOLE, PIECE, JOINED } kind;
	struct datagram datagram; /* unless it is whole */
};

/* A fragment in the ring. */
struct piece {
	uint64_t place;
	struct datagram datagram;
};

/* What was left out since somebody asked. */
struct missed {
	uint64_t by_rate, by_room, gone, failed, full;
	bool is_full, is_news;   /* whether --record-limit stops it, and whether that was told */
	uint64_t taken;          /* bytes of recordings that made it full */
	struct fl_error problem; /* of the last one that failed */
};

struct recorder {
	const struct options *options;
	struct fl_live *live;
	struct recordings *folder;
	struct fl_ring *ring;
	struct pending pending[FL_BATCH];
	size_t n_pending;
	struct piece pieces[most_pieces]; /* the last ones, a ring */
	uint64_t n_pieces;
	struct {
		uint32_t id;
		const char *verdict;
	} had[most_had]; /* a ring */
	uint64_t n_had;
	int64_t made_at[files_per_minute]; /* a ring */
	uint64_t n_made;
	struct recording *told; /* by recorder_next() */

	struct worker worker;            /* its lock is of all below */
	struct recording *first, **last; /* that wait */
	struct recording *done, **last_done;
	size_t n_waiting, bytes_waiting; /* the one at hand included */
	struct missed missed;
	struct recording *in_hand; /* the thread's, with what came of it */
	bool is_made;
};

/* ---- files, by the thread ---- */

/* Whether the limit leaves room for it. 0, or the number of an error. */
static int look_for_room(struct recorder *recorder, const struct recording *recording, bool *ret_has_room)
{
	struct missed *missed = &recorder->missed;
	uint64_t taken;
	int problem = recordings_sum(recorder->folder, &taken);
	bool has_room;

	if (problem)
		return problem;
	has_room = taken + recording_size(recording) <= recorder->options->record_limit;
	pthread_mutex_lock(&recorder->worker.lock);
	if (missed->is_full == has_room) {
		missed->is_full = !has_room;
		missed->is_news = true;
		missed->taken = taken;
	}
	missed->full += !has_room;
	pthread_mutex_unlock(&recorder->worker.lock);
	*ret_has_room = has_room;
	return 0;
}

/* False: there is no file, and that is counted. */
static bool make_file(struct recorder *recorder, struct recording *recording)
{
	struct fl_error error;
	bool has_room = true;
	int problem = look_for_room(recorder, recording, &has_room);

	if (problem)
		fl_error_set(&error, recorder->options->record, 0, "cannot be read: %s", strerror(problem));
	if (!has_room)
		return false;
	if (!problem && recording_write(recording, recorder->folder, &error) == 0)
		return true;
	pthread_mutex_lock(&recorder->worker.lock);
	recorder->missed.failed++;
	recorder->missed.problem = error;
	pthread_mutex_unlock(&recorder->worker.lock);
	return false;
}

static void finish(struct recorder *recorder, struct recording *recording, bool is_made)
{
	recorder->n_waiting--;
	recorder->bytes_waiting -= recording->copy.bytes;
	if (!is_made) {
		recording_free(recording);
		return;
	}
	free(recording->copy.frames);
	recording->copy.frames = NULL;
	recording->next = NULL;
	*recorder->last_done = recording;
	recorder->last_done = &recording->next;
}

static bool take(void *context)
{
	struct recorder *recorder = context;
	struct recording *recording = recorder->first;

	if (!recording)
		return false;
	recorder->first = recording->next;
	if (!recorder->first)
		recorder->last = &recorder->first;
	recorder->in_hand = recording;
	return true;
}

static void work(void *context)
{
	struct recorder *recorder = context;

	recorder->is_made = make_file(recorder, recorder->in_hand);
}

static void done(void *context)
{
	struct recorder *recorder = context;

	finish(recorder, recorder->in_hand, recorder->is_made);
}

static const struct worker_acts acts = { take, work, done };

/* ---- beginning and end ---- */

static struct recorder *open_all(const struct options *options, struct fl_error *reterr)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (recorder)
		recorder->ring = fl_ring_new(options->record_buffer, options->record_seconds * FL_NS_PER_S);
	if (!recorder || !recorder->ring) {
		fl_error_set(reterr, NULL, 0, "out of memory for --record-buffer");
		free(recorder);
		return NULL;
	}
	recorder->folder = recordings_open(options->record, reterr);
	if (recorder->folder)
		return recorder;
	fl_ring_free(recorder->ring);
	free(recorder);
	return NULL;
}

struct recorder *recorder_new(const struct options *options, struct fl_live *live, struct fl_error *reterr)
{
	struct recorder *recorder = open_all(options, reterr);

	if (!recorder)
		return NULL;
	recorder->options = options;
	recorder->live = live;
	recorder->last = &recorder->first;
	recorder->last_done = &recorder->done;
	for (size_t i = 0; i < files_per_minute; i++)
		recorder->made_at[i] = FL_TIME_NONE;
	worker_init(&recorder->worker, &acts, recorder);
	return recorder;
}

bool recorder_start(struct recorder *recorder, struct fl_error *reterr)
{
	return worker_start(&recorder->worker, "record with", reterr);
}

void recorder_wait(struct recorder *recorder, int patience_ms)
{
	worker_wait(&recorder->worker, patience_ms);
}

static void free_list(struct recording *recording)
{
	while (recording) {
		struct recording *next = recording->next;

		recording_free(recording);
		recording = next;
	}
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder || !worker_end(&recorder->worker)) /* it hangs in a file system */
		return;
	free_list(recorder->done);
	recording_free(recorder->told);
	recordings_close(recorder->folder);
	fl_ring_free(recorder->ring);
	free(recorder);
}

/* ---- packets ---- */

static struct pending *add_pending(struct recorder *recorder, const struct fl_packet *packet, uint32_t id)
{
	struct pending *pending = &recorder->pending[recorder->n_pending];

	if (recorder->n_pending == FL_BATCH)
		return NULL;
	recorder->n_pending++;
	pending->number = packet->number;
	pending->id = id;
	pending->kind = WHOLE;
	return pending;
}

static void set_datagram(struct pending *pending, const struct fl_packet *packet, int kind)
{
	if (!pending)
		return;
	pending->kind = kind;
	pending->datagram = (struct datagram){ .source = packet->source,
		                               .target = packet->target,
		                               .ip_id = packet->ip_id };
}

static void on_packet(void *context, const struct fl_packet *packet, uint32_t id, uint32_t stream, unsigned dir)
{
	struct pending *pending = add_pending(context, packet, id);

	(void)stream;
	(void)dir;
	if (packet->via & FL_VIA_FRAGMENTS)
		set_datagram(pending, packet, JOINED);
}

static void on_notice(void *context, const struct fl_packet *packet, uint32_t id)
{
	if (packet->outcome == FL_OUTCOME_ICMP && id != FL_FLOW_UNSEEN)
		(void)add_pending(context, packet, id);
	else if (packet->outcome == FL_OUTCOME_FRAGMENT)
		set_datagram(add_pending(context, packet, FL_FLOW_UNSEEN), packet, PIECE);
}

struct fl_engine_probe recorder_probe(struct recorder *recorder)
{
	return (struct fl_engine_probe){ .packet = on_packet, .notice = on_notice, .context = recorder };
}

static bool is_same(const struct datagram *a, const struct datagram *b)
{
	return a->ip_id == b->ip_id && fl_address_equal(&a->source, &b->source) &&
	       fl_address_equal(&a->target, &b->target);
}

/* The fragments before the one that completed this packet are its flow's, too. */
static void label_pieces(struct recorder *recorder, const struct pending *pending)
{
	for (size_t i = 0; i < most_pieces; i++) {
		struct piece *piece = &recorder->pieces[i];

		if (piece->place != FL_RING_NOWHERE && is_same(&piece->datagram, &pending->datagram)) {
			fl_ring_label(recorder->ring, piece->place, pending->id);
			piece->place = FL_RING_NOWHERE;
		}
	}
}

static void keep(struct recorder *recorder, const struct pending *pending, const struct fl_frame *frame)
{
	uint64_t place = fl_ring_put(recorder->ring, frame, pending->id);

	if (pending->kind == PIECE)
		recorder->pieces[recorder->n_pieces++ % most_pieces] = (struct piece){ .place = place,
			                                                               .datagram = pending->datagram };
	else if (pending->kind == JOINED)
		label_pieces(recorder, pending);
}

void recorder_frames(struct recorder *recorder, const struct fl_frame *frames, size_t count)
{
	size_t next = 0;

	/* The engine told of them in their order. */
	for (size_t i = 0; i < count && next < recorder->n_pending; i++) {
		if (recorder->pending[next].number == frames[i].number)
			keep(recorder, &recorder->pending[next++], &frames[i]);
	}
	recorder->n_pending = 0;
}

/* ---- a verdict ---- */

static void count(struct recorder *recorder, uint64_t *counter)
{
	pthread_mutex_lock(&recorder->worker.lock);
	++*counter;
	pthread_mutex_unlock(&recorder->worker.lock);
}

static bool was_had(const struct recorder *recorder, uint32_t id, const char *verdict)
{
	for (size_t i = 0; i < most_had && i < recorder->n_had; i++) {
		if (recorder->had[i].id == id && strcmp(recorder->had[i].verdict, verdict) == 0)
			return true;
	}
	return false;
}

static bool is_too_often(const struct recorder *recorder, int64_t now)
{
	int64_t at = recorder->made_at[recorder->n_made % files_per_minute];

	return at != FL_TIME_NONE && now >= at && now - at < 60 * FL_NS_PER_S;
}

static enum begins beginning_of(const struct recorder *recorder, const struct recording *recording,
                                const struct fl_account *account)
{
	if (recording->first > account->first)
		return fl_ring_goes_by_age(recorder->ring) ? BEGINS_TOO_OLD : BEGINS_PUSHED_OUT;
	return account->from_handshake ? BEGINS_WITH_SYN : BEGINS_UNDER_WAY;
}

/* All but the packets. NULL out of memory. */
static struct recording *describe(struct recorder *recorder, const struct fl_account *account, const char *verdict,
                                  int64_t now, int64_t until)
{
	struct recording *recording = calloc(1, sizeof(*recording));
	const struct fl_live_device *devices = NULL;
	size_t n_devices = 0;

	if (!recording)
		return NULL;
	recording->options = recorder->options;
	recording->at = now;
	recording->until = until;
	recording->flow = fl_evidence_flow_new(account);
	if (!recording->flow) {
		free(recording);
		return NULL;
	}
	recording->flow->verdict = verdict;
	if (recorder->live)
		devices = fl_live_devices(recorder->live, &n_devices);
	for (size_t i = 0; i < n_devices && i < FL_LIVE_DEVICES; i++)
		recording->drops[i] = devices[i].drops;
	return recording;
}

/* What waits takes no more memory than the ring, and one always has room. */
static size_t room(struct recorder *recorder)
{
	size_t taken, n_waiting, most = recorder->options->record_buffer;

	pthread_mutex_lock(&recorder->worker.lock);
	taken = recorder->bytes_waiting;
	n_waiting = recorder->n_waiting;
	pthread_mutex_unlock(&recorder->worker.lock);
	if (n_waiting == 0)
		return SIZE_MAX;
	return n_waiting == most_waiting || taken > most ? 0 : most - taken;
}

static void hand_over(struct recorder *recorder, struct recording *recording)
{
	pthread_mutex_lock(&recorder->worker.lock);
	*recorder->last = recording;
	recorder->last = &recording->next;
	recorder->n_waiting++;
	recorder->bytes_waiting += recording->copy.bytes;
	worker_tell(&recorder->worker);
	pthread_mutex_unlock(&recorder->worker.lock);
}

static void record(struct recorder *recorder, const struct fl_account *account, const char *verdict, int64_t now,
                   int64_t until)
{
	struct recording *recording;
	struct fl_ring_copy copy;

	fl_ring_expire(recorder->ring, now);
	if (!fl_ring_copy(recorder->ring, account->id, room(recorder), &copy)) {
		count(recorder, &recorder->missed.by_room);
		return;
	}
	recording = copy.count > 0 ? describe(recorder, account, verdict, now, until) : NULL;
	if (!recording) {
		count(recorder, copy.count > 0 ? &recorder->missed.by_room : &recorder->missed.gone);
		free(copy.frames);
		return;
	}
	recording->copy = copy;
	recording->first = copy.frames[0].at;
	recording->begins = beginning_of(recorder, recording, account);
	recorder->had[recorder->n_had % most_had].id = account->id;
	recorder->had[recorder->n_had++ % most_had].verdict = verdict;
	recorder->made_at[recorder->n_made++ % files_per_minute] = now;
	hand_over(recorder, recording);
}

void recorder_take(struct recorder *recorder, const struct fl_account *account, int64_t now, int64_t until)
{
	struct fl_topic topic; /* an account's id goes with it */

	if (!fl_topic_find(account->verdict.id, &topic) || was_had(recorder, account->id, topic.id))
		return;
	if (is_too_often(recorder, now))
		count(recorder, &recorder->missed.by_rate);
	else
		record(recorder, account, topic.id, now, until);
}

/* ---- what is told ---- */

bool recorder_next(struct recorder *recorder, struct fl_recording *ret_recording)
{
	struct recording *recording;

	pthread_mutex_lock(&recorder->worker.lock);
	recording = recorder->done;
	if (recording)
		recorder->done = recording->next;
	if (!recorder->done)
		recorder->last_done = &recorder->done;
	pthread_mutex_unlock(&recorder->worker.lock);
	if (!recording)
		return false;
	recording_free(recorder->told);
	recorder->told = recording;
	*ret_recording = (struct fl_recording){ .id = recording->flow->id,
		                                .path = recording->path,
		                                .packets = recording->copy.count,
		                                .first = recording->first,
		                                .onset = recording->flow->onset };
	return true;
}

static void add_count(struct fl_text *text, uint64_t number, const char *why)
{
	char words[32];

	if (number > 0)
		fl_text_add(text, "%s%s recording%s left out: %s", text->length > 0 ? "; " : "",
		            fl_count_text(number, words), number == 1 ? " was" : "s were", why);
}

/* It is told when it stops, and when it goes on. */
static void add_limit(const struct recorder *recorder, const struct missed *missed, struct fl_text *text)
{
	char count[32], limit[32];

	if (!missed->is_news)
		return;
	fl_text_add(text, "%s", text->length > 0 ? "; " : "");
	if (missed->is_full)
		fl_text_add(
			text,
			"the recordings in %s take %s bytes, and --record-limit allows %s: no more are written until "
			"there is room",
			recorder->options->record, fl_count_text(missed->taken, count),
			fl_count_text(recorder->options->record_limit, limit));
	else
		fl_text_add(text, "there is room for recordings again; %s %s left out meanwhile",
		            fl_count_text(missed->full, count), missed->full == 1 ? "was" : "were");
}

void recorder_left_out(struct recorder *recorder, struct fl_text *text)
{
	struct missed missed;
	char problem[512];

	pthread_mutex_lock(&recorder->worker.lock);
	missed = recorder->missed;
	recorder->missed = (struct missed){ .is_full = missed.is_full, .full = missed.is_full ? missed.full : 0 };
	pthread_mutex_unlock(&recorder->worker.lock);
	snprintf(problem, sizeof(problem), "no more than %d are made in a minute", files_per_minute);
	add_count(text, missed.by_rate, problem);
	add_count(text, missed.by_room, "those before are not written yet");
	add_count(text, missed.gone, "no packet of the connection is in memory any more");
	if (missed.failed > 0)
		add_count(text, missed.failed, fl_error_text(&missed.problem, problem, sizeof(problem)));
	add_limit(recorder, &missed, text);
}
