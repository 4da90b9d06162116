/* A heartbeat, as far as it can be known without the protocol: the same size again and again, at a steady period. A
 * client that beats into a hung gateway shows just this, and so does telemetry; the difference is the judge's affair.
 */
#include "beats.h"

#include <stdlib.h>
#include <string.h>

enum {
	length_slack = 2, /* bytes: a counter in the text may grow */
	steady_part = 4,  /* gaps within a quarter of their median */
	strict_part = 8,  /* one odd message to eight beats makes no doubt, */
	loose_part = 4,   /* and one to four does not undo what was taken for a beat */
};

static uint32_t kept(const struct fl_beats *beats)
{
	return beats->n_gaps < FL_BEAT_GAPS ? beats->n_gaps : FL_BEAT_GAPS;
}

static int compare_gaps(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

int64_t fl_beats_period(const struct fl_beats *beats)
{
	int64_t gaps[FL_BEAT_GAPS];
	uint32_t count = kept(beats);

	if (count == 0)
		return 0;
	memcpy(gaps, beats->gaps, count * sizeof(gaps[0]));
	qsort(gaps, count, sizeof(gaps[0]), compare_gaps);
	return gaps[(count - 1) / 2];
}

static bool is_near(int64_t gap, int64_t period)
{
	return (gap > period ? gap - period : period - gap) <= period / steady_part;
}

/* Of the gaps remembered, those that are not near their median. Asked of all of them together, and not of each when it
 * came: the first gap of a jittery beat may be its longest. */
static uint32_t unsteady(const struct fl_beats *beats)
{
	int64_t period = fl_beats_period(beats);
	uint32_t count = 0;

	for (uint32_t i = 0; i < kept(beats); i++)
		count += !is_near(beats->gaps[i], period);
	return count;
}

static bool has_few_odd(const struct fl_beats *beats, uint32_t part)
{
	uint64_t late = unsteady(beats);

	return (beats->odd + late) * part <= beats->count && late * part <= kept(beats) + 1;
}

bool fl_beats_steady(const struct fl_beats *beats, uint32_t least)
{
	return beats->count >= least && has_few_odd(beats, strict_part);
}

bool fl_beats_goes_on(const struct fl_beats *beats)
{
	return !beats || has_few_odd(beats, loose_part);
}

uint32_t fl_beats_acked(const struct fl_beats *beats, uint64_t una)
{
	if (una >= beats->last_end || beats->length == 0)
		return beats->count;

	uint64_t missing = (beats->last_end - una + beats->length - 1) / beats->length;

	return missing < beats->count ? beats->count - (uint32_t)missing : 0;
}

static bool is_same_size(const struct fl_beats *beats, uint32_t length)
{
	uint32_t longer = length > beats->length ? length - beats->length : beats->length - length;

	return longer <= length_slack;
}

/* The message may be the first beat of a run. */
static void start_run(struct fl_beats *beats, const struct fl_message *message)
{
	beats->count = 1;
	beats->n_gaps = 0;
	beats->first_at = message->at;
	beats->first_frame = message->frame;
	beats->first_file = message->file;
}

static void remember_last(struct fl_beats *beats, const struct fl_message *message)
{
	beats->last_at = message->at;
	beats->last_end = message->end;
	beats->last_frame = message->frame;
	beats->last_file = message->file;
	beats->length = message->length;
}

bool beats_feed(struct fl_beats *beats, const struct fl_message *message)
{
	const uint32_t prelude = 3; /* what a session says before it settles into its beat */

	beats->total++;
	if (beats->count == 0) {
		start_run(beats, message);
		remember_last(beats, message);
		return true;
	}

	bool same_size = is_same_size(beats, message->length);
	int64_t gap = message->at - beats->last_at;

	if (same_size && gap >= BEATS_SHORTEST_PERIOD) {
		beats->gaps[beats->n_gaps++ % FL_BEAT_GAPS] = gap;
		beats->count++;
		remember_last(beats, message);
		return is_near(gap, fl_beats_period(beats));
	}
	beats->odd++;
	if (beats->odd > beats->count) { /* what was taken for the shape was none */
		beats->odd = beats->total <= prelude ? 0 : beats->odd + beats->count - 1;
		start_run(beats, message);
		remember_last(beats, message);
	} else if (same_size) { /* right behind the last: the next gap counts from here */
		remember_last(beats, message);
	}
	return false;
}

void beats_reset(struct fl_beats *beats)
{
	*beats = (struct fl_beats){ 0 };
}
