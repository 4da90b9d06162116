/* Parts of the text report. Private to report/. */
#ifndef REPORT_TEXT_PARTS_H
#define REPORT_TEXT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/judge.h"
#include "flatline/report.h"
#include "flatline/text.h"
#include "ranking.h"
#include "tally.h"

/* What the lines of a story need to know beside their flow. */
struct scene {
	unsigned width; /* columns */
	bool color;
	char **files; /* names, cleaned */
	size_t n_files;
	int64_t first; /* of the capture */
	int64_t observed_until;
	enum fl_until_source until_source;
};

/* What is known of the capture; `width` and `color` stay as they are. False out of memory: scene_deinit() it all the
 * same.
 */
bool scene_set(struct scene *scene, const struct fl_capture_account *capture);
void scene_deinit(struct scene *scene);

/* A word in the colour of a severity, padded with blanks to `columns`; plain without colour. */
void text_severity(struct fl_text *text, const struct scene *scene, enum fl_severity severity, int columns);

/* `words`, cleaned, led by `lead` on the first line and by as many blanks on the next ones, inside the scene's width.
 */
void text_hang(struct fl_text *text, const struct scene *scene, const char *lead, const char *words);

/* "10.1.0.2:40122 -> 10.1.0.9:9001" */
void text_endpoints(struct fl_text *text, const struct fl_address address[2], const uint16_t port[2]);

/* Time of day with milliseconds, led by the date where it is not the capture's first day. */
void text_moment(struct fl_text *text, const struct scene *scene, int64_t at);

/* The strips of the sick side; nothing when no side is. */
void text_strips(struct fl_text *text, const struct scene *scene, const struct fl_account *account);
/* Whether they stand in a story; and what they mean, said once for all of them. */
bool text_has_strips(const char *story);
void text_legend(struct fl_text *text);

/* All that is told of one flow, from its headline to the filter for Wireshark. */
void text_story(struct fl_text *text, const struct scene *scene, const struct fl_account *account);

/* A line for each row that has no story; nothing when all have one. */
void text_table(struct fl_text *table, const struct scene *scene, const struct ranking *ranking);
/* "11 other flows: 10 alive, 1 closed."; sorts `others` by how many. Nothing when there are none. */
void text_others(struct fl_text *text, const struct scene *scene, struct tally *others, bool is_all);

/* Adds a healthy flow that had a failure which is over, the `index`-th of them, to the list `relapses`. False when it
 * had none. */
bool text_relapse(struct fl_text *relapses, const struct fl_account *account, uint64_t index);
/* "1 flow had a failure that recovered: flow 0 (heartbeat-ack-only, 4.8 s)." Nothing when there is none. */
void text_relapses(struct fl_text *text, const struct scene *scene, const struct fl_text *relapses, uint64_t count);

/* Whether the finding is a failure of its own, bad enough to be told, that ended. */
bool text_is_over(const struct fl_judged_finding *finding);

/* The header line, in two parts between which the number of flows stands. */
void text_header_begin(struct fl_text *text, const struct scene *scene, const struct fl_capture_account *capture);
void text_header_end(struct fl_text *text, const struct fl_capture_account *capture);

#endif
