/* What to paste into Wireshark. Private to report/. */
#ifndef REPORT_WIRESHARK_H
#define REPORT_WIRESHARK_H

#include "flatline/judge.h"
#include "flatline/text.h"

/* A display filter that shows the flow: by its stream number where that is Wireshark's, else by addresses and ports. */
void wireshark_filter(struct fl_text *text, const struct fl_account *account);

#endif
