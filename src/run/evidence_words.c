/* A file that is mailed around has to say by itself what it shows: the section's comment names the failure and how the
 * file was made, the decisive frames say why they are. Where addresses are replaced, no word may bring one back, and no
 * name of a file that might be a host's. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"

#include "flatline/time.h"

static bool is_anonymous(const struct volume *volume)
{
	return volume->evidence->plan.anonymizer != NULL;
}

/* Words that may hold addresses. */
static void add_words(const struct volume *volume, struct fl_text *text, const char *words)
{
	if (is_anonymous(volume))
		fl_anonymize_text(volume->evidence->plan.anonymizer, words, text);
	else
		fl_text_add(text, "%s", words);
}

static void add_endpoint(const struct volume *volume, struct fl_text *text, const struct fl_address *address,
                         uint16_t port)
{
	char words[FL_ENDPOINT_TEXT];

	add_words(volume, text, fl_endpoint_text(address, port, words));
}

/* "incident.pcap", "the capture", "file 2 of the capture". */
static void add_file(const struct volume *volume, struct fl_text *text, uint32_t file)
{
	const struct fl_capture_facts *facts = volume->capture->facts;

	if (!is_anonymous(volume) && file < facts->n_files) {
		const char *slash = strrchr(facts->files[file].name, '/');

		fl_text_add(text, "%s", slash ? slash + 1 : facts->files[file].name);
	} else if (facts->n_files == 1) {
		fl_text_add(text, "the capture");
	} else {
		fl_text_add(text, "file %u of the capture", file + 1);
	}
}

/* ---- the name ---- */

/* Nothing that a shell or a file system takes for something else. */
static void add_clean(struct fl_text *text, const char *words)
{
	const int most = 80;

	for (int i = 0; words[i] && i < most; i++) {
		bool is_plain = isalnum((unsigned char)words[i]) || words[i] == '.' || words[i] == '_';

		fl_text_add(text, "%c", is_plain && (unsigned char)words[i] < 0x80 ? words[i] : '-');
	}
}

bool volume_name(const struct volume *volume, struct fl_text *ret_name)
{
	if (volume->incident) {
		struct fl_text subject;

		fl_text_init(&subject);
		add_words(volume, &subject, volume->incident->subject);
		add_clean(ret_name, volume->incident->id);
		fl_text_add(ret_name, "-");
		add_clean(ret_name, fl_text_get(&subject));
		ret_name->failed |= subject.failed;
		fl_text_deinit(&subject);
	} else {
		fl_text_add(ret_name, "flow-%" PRIu32 "-", volume->tracked[0]->flow->id);
		add_clean(ret_name, volume->tracked[0]->flow->verdict);
	}
	return !ret_name->failed;
}

/* ---- the section ---- */

static void add_onset(const struct volume *volume, struct fl_text *text, const struct fl_evidence_flow *flow)
{
	char time[FL_TIME_TEXT];

	if (flow->onset == FL_TIME_NONE)
		return;
	fl_text_add(text, "since %s", fl_time_rfc3339(flow->onset, time));
	if (flow->onset_frame > 0)
		fl_text_add(text, ", frame %" PRIu32 "%s", flow->onset_frame,
		            volume->capture->facts->n_files == 1 ? "" : " of its file");
	fl_text_add(text, "\n");
}

static void add_flow(const struct volume *volume, struct fl_text *text, const struct fl_evidence_flow *flow)
{
	fl_text_add(text, "flow %" PRIu32 ": ", flow->id);
	add_endpoint(volume, text, &flow->address[FL_CLIENT], flow->port[FL_CLIENT]);
	fl_text_add(text, " -> ");
	add_endpoint(volume, text, &flow->address[FL_SERVER], flow->port[FL_SERVER]);
	fl_text_add(text, "\nverdict: %s (%s), side: %s, confidence: %s", flow->verdict,
	            fl_severity_name(flow->severity), fl_side_name(flow->side), fl_confidence_name(flow->confidence));
	if (flow->because[0]) {
		fl_text_add(text, " (");
		add_words(volume, text, flow->because);
		fl_text_add(text, ")");
	}
	fl_text_add(text, "\n");
	add_onset(volume, text, flow);
	if (flow->summary[0]) {
		add_words(volume, text, flow->summary);
		fl_text_add(text, "\n");
	}
}

static void add_incident(const struct volume *volume, struct fl_text *text)
{
	const struct fl_evidence_incident *incident = volume->incident;
	char time[FL_TIME_TEXT];

	fl_text_add(text, "incident: %s, ", incident->id);
	add_words(volume, text, incident->subject);
	if (incident->onset != FL_TIME_NONE)
		fl_text_add(text, ", since %s", fl_time_rfc3339(incident->onset, time));
	fl_text_add(text, "\n");
	add_words(volume, text, incident->summary);
	fl_text_add(text, "\n");
	if (incident->n_all > volume->n_tracked)
		fl_text_add(text, "%zu of its %zu connections are here.\n", volume->n_tracked, incident->n_all);
}

/* What is not here of a connection. */
static void add_missing(struct fl_text *text, const struct tracked *tracked)
{
	const struct fl_evidence_flow *flow = tracked->flow;
	int ends = tracked->has_file ? ends_most : ends_other;

	if (tracked->left_out > 0)
		fl_text_add(
			text,
			"Of the %" PRIu64 " packets of flow %" PRIu32 " %" PRIu64
			" are not here: of so many the first and the last %d, those around the decisive frames, and "
			"what is odd (SYN, FIN, RST, repeats, probes; %d at most) are.\n",
			flow->packets, flow->id, tracked->left_out, ends, odd_most);
	if (tracked->unshown > 0)
		fl_text_add(text,
		            "%" PRIu64 " frames about flow %" PRIu32
		            " are not here, since they have no time, or headers that cannot be shown safely.\n",
		            tracked->unshown, flow->id);
	if (tracked->unread > 0)
		fl_text_add(text,
		            "What %" PRIu64 " messages of flow %" PRIu32
		            " say in their protocol cannot be shown without showing more of them.\n",
		            tracked->unread, flow->id);
}

/* What stands beside the connection itself, and whether that is enough. */
static void add_reading(const struct volume *volume, struct fl_text *text)
{
	if (volume->n_company > 0)
		fl_text_add(
			text,
			"Beside it are %zu connections with the same hosts, since the verdict stands on what they did "
			"(of each the first %d packets and the last few).\n",
			volume->n_company, company_packets);
	if (volume->became)
		fl_text_add(text,
		            "Of this file alone flatline says %s: what else the verdict stands on is not in it.\n",
		            volume->became);
	else
		fl_text_add(text, "Of this file alone flatline says the same.\n");
}

static void add_making(const struct volume *volume, struct fl_text *text)
{
	const struct fl_capture_facts *facts = volume->capture->facts;

	fl_text_add(text, "Made by %s from ", volume->evidence->plan.application);
	for (uint32_t i = 0; i < facts->n_files && i < 10; i++) {
		fl_text_add(text, "%s", i ? ", " : "");
		add_file(volume, text, i);
	}
	fl_text_add(
		text,
		"%s. Frames are numbered anew: numbers in words are those of the original, and frames with a comment "
		"say which they were. They end behind their headers: what was said is not here%s. Checksums over what "
		"was cut are as if it had been zeros.\n",
		facts->n_files > 10 ? ", ..." : "",
		volume->has_said ? ", but for bytes that a protocol prescribes" : "");
	if (is_anonymous(volume))
		fl_text_add(text,
		            "Addresses are replaced, and leading bits that two had in common are still in common; "
		            "ports, sequence numbers, lengths, TTLs, timestamps and times are as they were.\n");
}

bool volume_comment(const struct volume *volume, struct fl_text *ret_comment)
{
	if (volume->incident)
		add_incident(volume, ret_comment);
	for (size_t i = 0; i < volume->n_tracked; i++)
		add_flow(volume, ret_comment, volume->tracked[i]->flow);
	for (size_t i = 0; i < volume->n_tracked; i++)
		add_missing(ret_comment, volume->tracked[i]);
	add_reading(volume, ret_comment);
	add_making(volume, ret_comment);
	if (ret_comment->length > 0) /* the last newline */
		ret_comment->data[--ret_comment->length] = '\0';
	return !ret_comment->failed;
}

/* ---- a frame ---- */

static void begin_frame(const struct volume *volume, struct fl_text *text, const struct fl_evidence_flow *flow)
{
	fl_text_add(text, "%sflatline: ", text->length ? "\n" : "");
	if (volume->incident)
		fl_text_add(text, "flow %" PRIu32 ": ", flow->id);
}

static void add_frame(const struct volume *volume, struct fl_text *text, const struct fl_evidence_flow *flow,
                      const struct fl_frame *frame)
{
	const struct fl_moment *moment = evidence_moment(flow, frame->file, frame->number);

	if (moment) {
		begin_frame(volume, text, flow);
		add_words(volume, text, moment->text);
	}
	if (evidence_is_onset(flow, frame)) {
		begin_frame(volume, text, flow);
		fl_text_add(text, "here begins %s (%s): ", flow->verdict, fl_severity_name(flow->severity));
		add_words(volume, text, flow->summary);
	}
}

/* Nothing is replaced, and there is one capture. */
static const struct fl_exhibits plain = { .n_tracked = 0 };
static const struct fl_capture_facts one_file = { .n_files = 1 };
static const struct fl_capture_account one_capture = { .facts = &one_file };
static const struct volume alone = { .evidence = &plain, .capture = &one_capture };

void fl_evidence_describe(const struct fl_evidence_flow *flow, struct fl_text *text)
{
	add_flow(&alone, text, flow);
}

void fl_evidence_remark(const struct fl_evidence_flow *flow, const struct fl_frame *frame, struct fl_text *text)
{
	add_frame(&alone, text, flow, frame);
}

bool volume_frame_comment(const struct volume *volume, const struct fl_frame *frame, struct fl_text *ret_comment)
{
	fl_text_clear(ret_comment);
	for (size_t i = 0; i < volume->n_tracked; i++)
		add_frame(volume, ret_comment, volume->tracked[i]->flow, frame);
	if (ret_comment->length > 0) {
		fl_text_add(ret_comment, " [frame %" PRIu64 " of ", frame->number);
		add_file(volume, ret_comment, frame->file);
		fl_text_add(ret_comment, "]");
	}
	return !ret_comment->failed;
}
