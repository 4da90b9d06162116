/* Pages of metrics over HTTP (libmicrohttpd), for Prometheus. Private to cli/. */
#ifndef CLI_METRICS_HTTP_H
#define CLI_METRICS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "flatline/error.h"
#include "flatline/metrics.h"

struct metrics_http;

/* Listens on "ADDRESS:PORT" ("[ADDRESS]:PORT" for IPv6), and answers nobody yet. NULL with `reterr`, also where it was
 * not built in. */
struct metrics_http *metrics_http_open(const char *where, struct fl_error *reterr);
/* Makes the thread that answers. False with `reterr`. */
bool metrics_http_start(struct metrics_http *http, struct fl_error *reterr);
/* From now on this page (copied) is the answer. Never waits for a client: where one is being served right now, the page
 * of before stays the answer. */
void metrics_http_put(struct metrics_http *http, enum fl_metrics_format format, const char *page, size_t length);
void metrics_http_free(struct metrics_http *http);

/* Which format a client wants that sends this in "Accept:" (NULL: nothing): OpenMetrics when it takes that, and does
 * not like text better (RFC 9110 section 12.5.1). */
enum fl_metrics_format metrics_http_format(const char *accept);

#endif
