/* The capture as a whole, in words: what was read, what was passed over, and what makes its judgements unsure. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flatline/capture.h"
#include "flatline/judge.h"
#include "flatline/text.h"
#include "words.h"

static const char *plural(uint64_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

/* "12 frames" */
static const char *frames(uint64_t count, char ret_text[48])
{
	char number[32];

	snprintf(ret_text, 48, "%s %s", fl_count_text(count, number), plural(count, "frame", "frames"));
	return ret_text;
}

static bool add_file_caveat(const struct fl_capture_file *file, struct fl_words *caveats)
{
	char text[512];
	const char *name = strcmp(file->name, "-") == 0 ? "standard input" : file->name;

	if (file->end == FL_FILE_WHOLE)
		return true;
	if (file->end == FL_FILE_READING || file->end == FL_FILE_INTERRUPTED)
		return words_add(caveats, "%s was not read to its end: interrupted", name);
	if (file->end == FL_FILE_CUT)
		return words_add(caveats,
		                 "%s ends inside its last packet, as a killed capture leaves it: all before was read",
		                 name);
	return words_add(caveats, "%s%s", fl_error_text(&file->problem, text, sizeof(text)),
	                 file->end == FL_FILE_CORRUPT ? " (what came before was read)" : " (nothing was read)");
}

static bool add_time_caveats(const struct fl_capture_facts *facts, const struct fl_capture_counts *counts,
                             struct fl_words *caveats)
{
	char time[FL_TIME_TEXT], count[48];

	if (facts->untimed > 0 &&
	    !words_add(caveats,
	               "%s of %" PRIu64
	               " without a time (pcapng simple packets): nothing can be said of how long anything took",
	               frames(facts->untimed, count), facts->frames))
		return false;
	if (counts->clock_jumps > 0 &&
	    !words_add(caveats,
	               "the clock jumped forward by %s at frame %" PRIu64
	               "%s, which the packets' own timestamps deny: nobody waited that long",
	               fl_duration_text(counts->first_jump.to - counts->first_jump.from, time),
	               counts->first_jump.frame, counts->clock_jumps > 1 ? ", and at others" : ""))
		return false;
	return facts->backwards == 0 ||
	       words_add(caveats, "the clock went back %" PRIu64 " %s, by up to %s: times there are held still",
	                 facts->backwards, plural(facts->backwards, "time", "times"),
	                 fl_duration_text(facts->step_back, time));
}

/* What was not captured, though it was there. */
static bool add_view_caveats(const struct fl_capture_facts *facts, const struct fl_capture_counts *counts,
                             struct fl_words *caveats)
{
	char count[48], number[32], length[FL_TIME_TEXT];

	if (counts->one_direction > 0 &&
	    !words_add(
		    caveats,
		    "of %s %s only one direction was captured: what the other side sent, and whether it answered, is "
		    "not known",
		    fl_count_text(counts->one_direction, number),
		    plural(counts->one_direction, "connection", "connections")))
		return false;
	if (counts->silence.frame > 0 &&
	    !words_add(caveats,
	               "all of %u connections that were busy fell silent for %s behind frame %" PRIu64
	               ", without a repeat of anything: the capturing itself may have stopped",
	               counts->silenced, fl_duration_text(counts->silence.to - counts->silence.from, length),
	               counts->silence.frame))
		return false;
	if (counts->duplicate > 0 &&
	    !words_add(caveats, "%s %s captured twice (several interfaces, a mirror port): taken once",
	               fl_count_text(counts->duplicate, number),
	               plural(counts->duplicate, "packet was", "packets were")))
		return false;
	return facts->cut == 0 || words_add(caveats,
	                                    "%s cut short when captured (snaplen): what is missing of them is their "
	                                    "contents",
	                                    frames(facts->cut, count));
}

/* Of connections that are not there any more. */
static bool add_leaving_caveats(const struct fl_capture_counts *counts, struct fl_words *caveats)
{
	if (counts->let_go > 0 &&
	    !words_add(caveats, "%" PRIu64 " %s over long before the end without a failure, and %s not listed",
	               counts->let_go, plural(counts->let_go, "connection was", "connections were"),
	               plural(counts->let_go, "is", "are")))
		return false;
	if (counts->forgotten > 0 &&
	    !words_add(caveats, "%" PRIu64 " of those that left memory, in which nothing had failed, are not listed",
	               counts->forgotten))
		return false;
	return counts->failed_forgotten == 0 ||
	       words_add(caveats, "%" PRIu64 " connections that failed, the first ones, are not listed any more",
	                 counts->failed_forgotten);
}

static bool add_loss_caveats(const struct fl_capture_facts *facts, const struct fl_capture_counts *counts,
                             struct fl_words *caveats)
{
	char count[48];

	if (facts->has_drops && facts->drops > 0 &&
	    !words_add(caveats, "the capture lost %" PRIu64 " %s, by its own count", facts->drops,
	               plural(facts->drops, "packet", "packets")))
		return false;
	if (facts->hidden > 0 &&
	    !words_add(caveats, "%s left out by --filter, --from or --to", frames(facts->hidden, count)))
		return false;
	if (counts->unknown_link > 0 &&
	    !words_add(caveats, "%s of a link type that is not supported", frames(counts->unknown_link, count)))
		return false;
	if (counts->malformed > 0 &&
	    !words_add(caveats, "%s damaged, or cut too short to be understood", frames(counts->malformed, count)))
		return false;
	if (counts->incomplete_datagrams > 0 &&
	    !words_add(caveats, "%" PRIu64 " fragmented %s never completed", counts->incomplete_datagrams,
	               plural(counts->incomplete_datagrams, "datagram was", "datagrams were")))
		return false;
	if (counts->evicted > 0 &&
	    !words_add(caveats,
	               "%" PRIu64 " %s left memory before the end (raise --memory): judged by what was seen until then",
	               counts->evicted, plural(counts->evicted, "connection", "connections")))
		return false;
	return add_leaving_caveats(counts, caveats);
}

/* "of link type 147 (User 0), which is not supported" */
static const char *link_words(const struct fl_capture_facts *facts, char ret_text[96])
{
	const char *name = facts->n_links == 1 ? fl_link_name(facts->links[0]) : NULL;

	if (facts->n_links != 1)
		snprintf(ret_text, 96, "of link types that are not supported");
	else
		snprintf(ret_text, 96, "of link type %u%s%s%s, which is not supported", facts->links[0],
		         name ? " (" : "", name ? name : "", name ? ")" : "");
	return ret_text;
}

/* A capture without TCP: what was there instead, the largest part first. */
static char *what_instead(const struct fl_capture_facts *facts, const struct fl_capture_counts *counts)
{
	uint64_t total = facts->frames - facts->hidden, known_link = counts->not_ip - counts->unknown_link;
	char link[96];
	struct {
		const char *what;
		uint64_t count;
	} kinds[] = { { "UDP/443, QUIC", counts->quic },
		      { "UDP", counts->udp - counts->quic },
		      { "ICMP", counts->icmp },
		      { "ARP or neighbour discovery", counts->arp },
		      { "other IP", counts->other_ip },
		      { "no IP", known_link - (counts->arp < known_link ? counts->arp : known_link) },
		      { link_words(facts, link), counts->unknown_link },
		      { "fragments", counts->fragment },
		      { "damaged or cut", counts->malformed } };
	size_t n_kinds = sizeof(kinds) / sizeof(kinds[0]), most = 0;
	char *sentence;

	if (total == 0) {
		bool is_readable = false;

		for (size_t i = 0; i < facts->n_files; i++)
			is_readable |= facts->files[i].end != FL_FILE_UNREADABLE;
		return strdup(!is_readable    ? "Nothing could be read."
		              : facts->hidden ? "No frame is left by --filter, --from and --to."
		                              : "The capture is empty.");
	}
	for (size_t i = 1; i < n_kinds; i++) {
		if (kinds[i].count > kinds[most].count)
			most = i;
	}
	if (kinds[most].count == 0)
		return strdup("No TCP in this capture.");
	if (asprintf(&sentence, "No TCP in this capture: %" PRIu64 " %% of its frames are %s.",
	             kinds[most].count * 100 / total, kinds[most].what) < 0)
		return NULL;
	return sentence;
}

int fl_judge_capture(const struct fl_capture_facts *facts, const struct fl_capture_counts *counts,
                     int64_t observed_until, enum fl_until_source source, struct fl_capture_account *ret_capture)
{
	struct fl_capture_account *capture = ret_capture;
	bool ok = true;

	memset(capture, 0, sizeof(*capture));
	capture->facts = facts;
	capture->tcp_packets = counts->tcp_packets;
	capture->observed_until = observed_until;
	capture->until_source = source;
	capture->skipped.not_ip = counts->not_ip;
	capture->skipped.not_tcp = counts->not_tcp;
	capture->skipped.fragment = counts->fragment;
	capture->skipped.malformed = counts->malformed;
	capture->skipped.duplicate = counts->duplicate;
	for (size_t i = 0; ok && i < facts->n_files; i++)
		ok = add_file_caveat(&facts->files[i], &capture->caveats);
	ok = ok && add_time_caveats(facts, counts, &capture->caveats) &&
	     add_loss_caveats(facts, counts, &capture->caveats) && add_view_caveats(facts, counts, &capture->caveats);
	if (ok && counts->tcp_packets == 0) {
		capture->not_tcp = what_instead(facts, counts);
		ok = capture->not_tcp != NULL;
	}
	if (!ok)
		fl_capture_account_deinit(capture);
	return ok ? 0 : -1;
}

void fl_capture_account_deinit(struct fl_capture_account *capture)
{
	words_deinit(&capture->caveats);
	free(capture->not_tcp);
	memset(capture, 0, sizeof(*capture));
}
