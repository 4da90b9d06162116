/* A pcap-filter(7) expression, compiled for each link type that is met. */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include <stdbool.h>

#include "flatline/error.h"
#include "flatline/frame.h"

struct filter;

/* NULL with `reterr` when the expression is not valid. `expression` must outlive the filter. */
struct filter *fl_filter_new(const char *expression, struct fl_error *reterr);
void fl_filter_free(struct filter *filter);

enum filter_answer {
	FILTER_NO,
	FILTER_YES,
	FILTER_CANNOT, /* the expression means nothing on this link type; `ret_why` set */
};

/* Does the frame match? `ret_why` lives as long as the filter. */
enum filter_answer fl_filter_match(struct filter *filter, const struct fl_frame *frame, const char **ret_why);

#endif
