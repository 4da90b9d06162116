/* Every id that can stand in a report, with its words: those of the detectors are theirs, those of flows in which
 * nothing failed stand here. */
#include <string.h>

#include "case.h"

static const struct fl_topic well[] = {
	{ "alive", "answering at the end of the capture",
	  "Both sides did their part until the capture ended: what was sent was ACKed, and no answer is overdue that "
	  "is known to be owed. It says nothing of what came after the last frame.",
	  "A connection on which one side waits for an answer that is not overdue yet.", "Nothing to do.",
	  "RFC 9293 section 3.3.2", FL_OK, true },
	{ "closed", "ended in order, or reset after its work was done",
	  "Both sides sent a FIN and everything was ACKed, or one side reset the connection when nothing was under way "
	  "and nobody waited for an answer. It is a warning where a server closes over the first request of one client "
	  "three times and more, and never says anything.",
	  "A reset in the middle of work is not this.", "Nothing to do.", "RFC 9293 section 3.6", FL_WARNING, true },
	{ "one-way", "one side only sends, the other only ACKs, as if by design",
	  "One side spoke (at least three messages, over a minute or at a steady pace), the other never did, and its "
	  "kernel ACKed all of it. Telemetry, logging and market-data feeds look like this and are well, as far as TCP "
	  "can tell.",
	  "A session whose first request was never answered looks much the same: see auth-unanswered for how the two "
	  "are told apart, and when they cannot be.",
	  "If this service owes answers, say so: --set replies=owed.",
	  "none: it is a matter of the application's protocol", FL_OK, true },
	{ "inconclusive", "the capture cannot tell, and why",
	  "Something is missing that a judgement would need: one direction was not captured, times are absent, the "
	  "capture ended before a failure was provable, or what happened is not one of the failures that this version "
	  "knows.",
	  "It is neither a clean bill nor an alarm.",
	  "Capture both directions from the start of the connection, with whole headers (tcpdump -s 128 or more), and "
	  "longer; give --until when the capture was stopped later than its last frame.",
	  "none", FL_NOTICE, true },
};

enum { n_well = sizeof(well) / sizeof(well[0]) };

static size_t count_detectors(void)
{
	size_t count = 0;

	while (fl_detector_at(count))
		count++;
	return count;
}

bool fl_topic_at(size_t index, struct fl_topic *ret_topic)
{
	size_t n_detectors = count_detectors();

	if (index < n_detectors) {
		const struct fl_detector *detector = fl_detector_at(index);
		bool is_verdict;
		enum fl_severity worst = rules_worst(detector->id, &is_verdict);

		*ret_topic = (struct fl_topic){
			detector->id,        detector->title, detector->explain, detector->lookalikes, detector->advice,
			detector->reference, worst,           is_verdict
		};
		return true;
	}
	if (index - n_detectors >= n_well)
		return false;
	*ret_topic = well[index - n_detectors];
	return true;
}

bool fl_topic_find(const char *id, struct fl_topic *ret_topic)
{
	for (size_t i = 0; fl_topic_at(i, ret_topic); i++) {
		if (strcmp(ret_topic->id, id) == 0)
			return true;
	}
	return false;
}
