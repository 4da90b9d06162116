/* The pulse of a flow, in letters. Private to report/. */
#ifndef REPORT_TEXT_PULSE_H
#define REPORT_TEXT_PULSE_H

#include "flatline/judge.h"
#include "flatline/picture.h"
#include "flatline/text.h"
#include "text_parts.h"

/* A strip for each sign of life of both sides, and what the letters mean; nothing for what was over at once. `picture`
 * shows when it was silent; NULL: that is not known. */
void text_pulse(struct fl_text *text, const struct scene *scene, const struct fl_account *account,
                const struct fl_picture *picture);

#endif
