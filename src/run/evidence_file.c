/* What was collected becomes files: of each connection that is not well, and of each incident. A file holds the frames
 * of its connections in the order in which they were read, and how long the original ran, without which nobody could
 * tell a silence from the end of the capture. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "evidence.h"
#include "flatline/writer.h"

/* ---- copies of what the first pass knew ---- */

static char *join(const struct fl_words *words)
{
	struct fl_text text;
	char *joined;

	fl_text_init(&text);
	for (size_t i = 0; i < words->count; i++)
		fl_text_add(&text, "%s%s", i ? "; " : "", words->items[i]);
	joined = text.failed ? NULL : strdup(fl_text_get(&text));
	fl_text_deinit(&text);
	return joined;
}

static bool copy_moments(struct fl_evidence_flow *flow, const struct fl_account *account)
{
	flow->moments = calloc(account->n_moments + 1, sizeof(*flow->moments));
	for (size_t i = 0; flow->moments && i < account->n_moments; i++) {
		flow->moments[i] = account->moments[i];
		flow->moments[i].text = strdup(account->moments[i].text);
		if (!flow->moments[i].text)
			return false;
		flow->n_moments++;
	}
	return flow->moments != NULL;
}

struct fl_evidence_flow *fl_evidence_flow_new(const struct fl_account *account)
{
	const struct fl_verdict *verdict = &account->verdict;
	struct fl_evidence_flow *flow = calloc(1, sizeof(*flow));

	if (!flow)
		return NULL;
	*flow = (struct fl_evidence_flow){ .id = account->id,
		                           .address = { account->address[0], account->address[1] },
		                           .port = { account->port[0], account->port[1] },
		                           .verdict = verdict->id,
		                           .severity = verdict->severity,
		                           .layer = verdict->layer,
		                           .side = verdict->side,
		                           .confidence = verdict->confidence,
		                           .first = account->first,
		                           .onset = verdict->onset,
		                           .onset_frame = verdict->onset_frame,
		                           .packets = account->packets[0] + account->packets[1],
		                           .summary = strdup(verdict->summary ? verdict->summary : ""),
		                           .because = join(&verdict->because) };
	if (flow->summary && flow->because && copy_moments(flow, account))
		return flow;
	fl_evidence_flow_free(flow);
	return NULL;
}

void fl_evidence_flow_free(struct fl_evidence_flow *flow)
{
	if (!flow)
		return;
	for (size_t i = 0; i < flow->n_moments; i++)
		free(flow->moments[i].text);
	free(flow->moments);
	free(flow->summary);
	free(flow->because);
	free(flow);
}

struct fl_evidence_incident *fl_evidence_incident_new(const struct fl_incident *incident)
{
	struct fl_evidence_incident *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return NULL;
	copy->id = incident->id;
	copy->subject = strdup(incident->subject ? incident->subject : "");
	copy->summary = strdup(incident->summary ? incident->summary : "");
	copy->onset = incident->onset;
	copy->n_all = incident->n_flows;
	copy->n_flows = incident->n_flows < FL_EVIDENCE_SHOWN ? incident->n_flows : FL_EVIDENCE_SHOWN;
	if (copy->n_flows > 0)
		memcpy(copy->flows, incident->flows, copy->n_flows * sizeof(*copy->flows));
	if (copy->subject && copy->summary)
		return copy;
	fl_evidence_incident_free(copy);
	return NULL;
}

void fl_evidence_incident_free(struct fl_evidence_incident *incident)
{
	if (!incident)
		return;
	free(incident->subject);
	free(incident->summary);
	free(incident);
}

/* ---- a file ---- */

static void sheet_deinit(struct sheet *sheet)
{
	free(sheet->frames);
	free(sheet->was);
	free(sheet->interfaces);
	*sheet = (struct sheet){ 0 };
}

static int compare_order(const void *a, const void *b)
{
	const struct kept *const *x = a, *const *y = b;

	return ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

/* The interface of a frame, a new one when there is none yet; SIZE_MAX out of memory. */
static size_t interface_of(struct sheet *sheet, const struct fl_frame *frame)
{
	struct fl_frame *grown;

	for (size_t i = 0; i < sheet->n_interfaces; i++) {
		const struct fl_frame *first = &sheet->interfaces[i];

		if (first->file == frame->file && first->interface == frame->interface && first->link == frame->link)
			return i;
	}
	grown = realloc(sheet->interfaces, (sheet->n_interfaces + 1) * sizeof(*grown));
	if (!grown)
		return SIZE_MAX;
	sheet->interfaces = grown;
	sheet->interfaces[sheet->n_interfaces] = *frame;
	return sheet->n_interfaces++;
}

/* All frames that are to be in a file, in any order, some more than once (an ARP message may be about several). */
struct heap {
	const struct kept **items;
	size_t count;
	bool is_starved;
};

static void heap_add(struct heap *heap, const struct tracked *tracked)
{
	size_t room = heap->count + tracked->n_kept + around;
	const struct kept **items = realloc((void *)heap->items, room * sizeof(*items));

	if (!items) {
		heap->is_starved = true;
		return;
	}
	heap->items = items;
	for (size_t i = 0; i < tracked->n_kept; i++)
		items[heap->count++] = &tracked->kept[i];
	for (size_t i = 0; tracked->is_company && i < around; i++) { /* its last ones */
		if (tracked->held[i].frame.bytes)
			items[heap->count++] = &tracked->held[i];
	}
}

/* It shares a host with a connection of the file, and is none of them. */
static bool is_beside(const struct volume *volume, const struct tracked *other)
{
	bool is_any = false;

	for (size_t i = 0; i < volume->n_tracked; i++) {
		if (volume->tracked[i] == other)
			return false;
		is_any |= evidence_is_beside(volume->tracked[i], other);
	}
	return is_any;
}

static void heap_add_beside(struct heap *heap, struct volume *volume, const struct tracked *others, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (others[i].n_kept > 0 && is_beside(volume, &others[i])) {
			heap_add(heap, &others[i]);
			volume->n_company++;
		}
	}
}

static void heap_fill(struct heap *heap, struct volume *volume)
{
	const struct fl_exhibits *evidence = volume->evidence;

	volume->n_company = 0;
	for (size_t i = 0; i < volume->n_tracked; i++)
		heap_add(heap, volume->tracked[i]);
	if (!volume->has_company)
		return;
	heap_add_beside(heap, volume, evidence->tracked, evidence->n_tracked);
	heap_add_beside(heap, volume, evidence->company, evidence->n_company);
}

static bool add_frame(struct sheet *sheet, const struct kept *kept, bool has_said)
{
	const struct fl_frame *frame = has_said && kept->said.bytes ? &kept->said : &kept->frame;
	size_t interface = interface_of(sheet, frame);

	if (interface == SIZE_MAX)
		return false;
	sheet->was[sheet->n_frames] = sheet->frames[sheet->n_frames] = *frame;
	sheet->frames[sheet->n_frames].number = sheet->n_frames + 1;
	sheet->frames[sheet->n_frames].file = 0;
	sheet->frames[sheet->n_frames].interface = (uint16_t)interface;
	sheet->n_frames++;
	return interface < UINT16_MAX;
}

static bool gather(struct volume *volume, struct sheet *sheet)
{
	struct heap heap = { 0 };
	bool ok;

	heap_fill(&heap, volume);
	sheet->frames = calloc(heap.count + 1, sizeof(*sheet->frames));
	sheet->was = calloc(heap.count + 1, sizeof(*sheet->was));
	ok = !heap.is_starved && sheet->frames && sheet->was;
	if (ok && heap.count > 0)
		qsort((void *)heap.items, heap.count, sizeof(*heap.items), compare_order);
	for (size_t i = 0; ok && i < heap.count; i++) {
		if (i == 0 || heap.items[i - 1]->order != heap.items[i]->order)
			ok = add_frame(sheet, heap.items[i], volume->has_said);
	}
	free((void *)heap.items);
	return ok;
}

/* The least that is read as what it is to show: headers alone, with what protocols prescribe of messages, with the
 * connections beside. When nothing is, all of it. */
static bool gather_enough(struct volume *volume, struct sheet *sheet)
{
	static const struct {
		bool has_said, has_company;
	} tries[] = { { false, false }, { true, false }, { false, true }, { true, true } };
	const char *became = NULL;

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		volume->has_said = tries[i].has_said;
		volume->has_company = tries[i].has_company;
		sheet_deinit(sheet);
		if (!gather(volume, sheet) || !evidence_check(volume, sheet, &became))
			return false;
		if (!became)
			return true;
	}
	volume->became = became;
	return true;
}

static bool write_frames(struct fl_writer *writer, const struct volume *volume, const struct sheet *sheet)
{
	struct fl_text comment;
	bool ok = true;

	fl_text_init(&comment);
	for (size_t i = 0; ok && i < sheet->n_frames; i++) {
		const struct fl_frame *frame = &sheet->frames[i];

		ok = volume_frame_comment(volume, &sheet->was[i], &comment);
		fl_writer_frame(writer, frame->interface, frame, comment.length ? fl_text_get(&comment) : NULL);
	}
	fl_text_deinit(&comment);
	return ok;
}

static void write_statistics(struct fl_writer *writer, const struct volume *volume, const struct sheet *sheet)
{
	const struct fl_capture_account *capture = volume->capture;

	if (capture->observed_until == FL_TIME_NONE || capture->observed_until < 0)
		return;
	/* The reader sums what the interfaces lost: all of it stands with the first. */
	for (size_t i = 0; i < sheet->n_interfaces; i++)
		fl_writer_statistics(writer, (uint32_t)i, capture->observed_until, i == 0 && capture->facts->has_drops,
		                     capture->facts->drops);
}

static int starve(const char *path, struct fl_error *reterr)
{
	fl_error_set(reterr, path, 0, "cannot be written: %s", strerror(ENOMEM));
	return -1;
}

static int write_sheet(const struct volume *volume, const struct sheet *sheet, const char *path,
                       struct fl_error *reterr)
{
	struct fl_writer *writer = NULL;
	struct fl_text comment;
	int status = -1;

	fl_text_init(&comment);
	if (!volume_comment(volume, &comment))
		starve(path, reterr);
	else
		writer = fl_writer_new(path, volume->evidence->plan.application, fl_text_get(&comment), reterr);
	fl_text_deinit(&comment);
	if (!writer)
		return -1;
	for (size_t i = 0; i < sheet->n_interfaces; i++)
		fl_writer_interface(writer, sheet->interfaces[i].link, NULL, 0);
	if (write_frames(writer, volume, sheet)) {
		write_statistics(writer, volume, sheet);
		status = fl_writer_finish(writer, reterr);
	} else {
		starve(path, reterr);
	}
	fl_writer_free(writer);
	return status;
}

/* A report on evidence, written where that lies, must not take its own captures away. */
static bool is_capture(const struct fl_capture_facts *facts, const char *path)
{
	struct stat own, other;

	if (stat(path, &own) < 0)
		return false;
	for (size_t i = 0; i < facts->n_files; i++) {
		if (stat(facts->files[i].name, &other) == 0 && own.st_dev == other.st_dev && own.st_ino == other.st_ino)
			return true;
	}
	return false;
}

static int write_volume(struct volume *volume, const char *path, struct fl_error *reterr)
{
	struct sheet sheet = { 0 };
	int status;

	if (is_capture(volume->capture->facts, path)) {
		fl_error_set(reterr, path, 0, "is one of the captures: the evidence would overwrite it");
		return -1;
	}
	status = gather_enough(volume, &sheet) ? write_sheet(volume, &sheet, path, reterr) : starve(path, reterr);
	sheet_deinit(&sheet);
	return status;
}

/* ---- all files ---- */

struct writing {
	struct fl_exhibits *evidence;
	const struct fl_capture_account *capture;
	void (*wrote)(void *context, const char *path);
	void *context;
	char **names; /* that are taken */
	size_t n_names;
};

static bool is_taken(const struct writing *writing, const char *name)
{
	for (size_t i = 0; i < writing->n_names; i++) {
		if (strcmp(writing->names[i], name) == 0)
			return true;
	}
	return false;
}

/* Two incidents may have one name; the second one gets a number. NULL out of memory. */
static const char *take_name(struct writing *writing, const struct volume *volume)
{
	struct fl_text name, numbered;
	char *taken = NULL;

	fl_text_init(&name);
	fl_text_init(&numbered);
	if (volume_name(volume, &name)) {
		fl_text_add(&numbered, "%s.pcapng", fl_text_get(&name));
		for (unsigned number = 2; !numbered.failed && is_taken(writing, fl_text_get(&numbered)); number++) {
			fl_text_clear(&numbered);
			fl_text_add(&numbered, "%s-%u.pcapng", fl_text_get(&name), number);
		}
		taken = numbered.failed ? NULL : strdup(fl_text_get(&numbered));
	}
	fl_text_deinit(&numbered);
	fl_text_deinit(&name);
	if (taken)
		writing->names[writing->n_names++] = taken;
	return taken;
}

static int write_one(struct writing *writing, struct volume *volume, struct fl_error *reterr)
{
	const char *directory = writing->evidence->plan.directory, *name = take_name(writing, volume);
	struct fl_text path;
	int status;

	fl_text_init(&path);
	if (name)
		fl_text_add(&path, "%s/%s", directory, name);
	if (!name || path.failed)
		status = starve(directory, reterr);
	else
		status = write_volume(volume, fl_text_get(&path), reterr);
	if (status == 0 && writing->wrote)
		writing->wrote(writing->context, fl_text_get(&path));
	fl_text_deinit(&path);
	return status;
}

static int write_flows(struct writing *writing, struct fl_error *reterr)
{
	struct fl_exhibits *evidence = writing->evidence;

	for (size_t i = 0; i < evidence->n_tracked; i++) {
		struct tracked *tracked = &evidence->tracked[i];
		struct volume volume = {
			.evidence = evidence, .capture = writing->capture, .tracked = { tracked }, .n_tracked = 1
		};

		if (tracked->has_file && write_one(writing, &volume, reterr))
			return -1;
	}
	return 0;
}

static int write_incidents(struct writing *writing, struct fl_error *reterr)
{
	struct fl_exhibits *evidence = writing->evidence;

	for (size_t i = 0; i < evidence->plan.n_incidents; i++) {
		const struct fl_evidence_incident *incident = evidence->plan.incidents[i];
		struct volume volume = { .evidence = evidence, .capture = writing->capture, .incident = incident };

		for (size_t j = 0; j < incident->n_flows; j++) {
			struct tracked *tracked = evidence_find(evidence, incident->flows[j]);

			if (tracked)
				volume.tracked[volume.n_tracked++] = tracked;
		}
		if (volume.n_tracked > 0 && write_one(writing, &volume, reterr))
			return -1;
	}
	return 0;
}

int fl_exhibits_write(struct fl_exhibits *evidence, const struct fl_capture_account *capture,
                      void (*wrote)(void *context, const char *path), void *context, struct fl_error *reterr)
{
	struct writing writing = { .evidence = evidence, .capture = capture, .wrote = wrote, .context = context };
	int status = -1;

	writing.names = calloc(evidence->n_tracked + evidence->plan.n_incidents + 1, sizeof(*writing.names));
	if (!writing.names || evidence->is_starved)
		starve(evidence->plan.directory, reterr);
	else
		status = write_flows(&writing, reterr) || write_incidents(&writing, reterr) ? -1 : 0;
	for (size_t i = 0; i < writing.n_names; i++)
		free(writing.names[i]);
	free(writing.names);
	return status;
}
