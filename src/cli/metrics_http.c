/* A client is served by libmicrohttpd's thread, which copies the page out that the capture's thread left for it: what a
 * client does, or does not do, is nothing to the capture. There are few of them, their requests are small, and who says
 * nothing for a while is left. */
#include "metrics_http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef HAVE_MICROHTTPD
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#endif

/* The value of "q" among the parameters from `at` to `end`, in thousandths; 1000 without. */
static int quality(const char *at, const char *end)
{
	for (; at < end; at++) {
		char value[6] = "";
		size_t length;

		if (*at != ';')
			continue;
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, "q=", 2) != 0)
			continue;
		length = strspn(at + 2, "0123456789.");
		memcpy(value, at + 2, length < sizeof(value) ? length : sizeof(value) - 1);
		return (int)(strtod(value, NULL) * 1000);
	}
	return 1000;
}

/* How much the client likes a type that it names; 0 when it does not. */
static int liking(const char *accept, const char *type)
{
	size_t length = strlen(type);
	int most = 0;

	for (const char *at = accept; *at; at += *at == ',') {
		const char *end;

		at += strspn(at, " \t");
		end = at + strcspn(at, ",");
		if (strncasecmp(at, type, length) == 0 && strchr(" \t;,", at[length])) {
			int value = quality(at, end);

			most = value > most ? value : most;
		}
		at = end;
	}
	return most;
}

enum fl_metrics_format metrics_http_format(const char *accept)
{
	int open = accept ? liking(accept, "application/openmetrics-text") : 0;

	return open > 0 && open >= liking(accept, "text/plain") ? FL_METRICS_OPENMETRICS : FL_METRICS_TEXT;
}

#ifdef HAVE_MICROHTTPD

enum {
	formats = FL_METRICS_OPENMETRICS + 1,
	most_clients = 16,
	patience_s = 10,              /* with a client that sends or takes nothing */
	bytes_per_client = 16 * 1024, /* of its request's head, and the answer's */
	longest_queue = 8,            /* of those that are not accepted yet */
};

struct metrics_http {
	int fd;
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;
	struct {
		char *bytes; /* NULL: there is none yet */
		size_t length;
	} pages[formats];
};

/* "ADDRESS:PORT" into its parts; false when it is not. */
static bool split(const char *where, char ret_address[64], char ret_port[6])
{
	bool is_bracketed = where[0] == '[';
	const char *address = where + is_bracketed;
	size_t length = strcspn(address, is_bracketed ? "]" : ":");
	const char *port = address + length + is_bracketed;
	size_t digits;

	if (length == 0 || length > 63 || !address[length] || *port != ':')
		return false;
	digits = strspn(++port, "0123456789");
	if (digits == 0 || digits > 5 || port[digits] || atoi(port) < 1 || atoi(port) > UINT16_MAX)
		return false;
	memcpy(ret_address, address, length);
	ret_address[length] = '\0';
	memcpy(ret_port, port, digits + 1);
	return true;
}

/* The socket, or -1 with errno. */
static int listen_on(const struct addrinfo *place)
{
	int fd = socket(place->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1, problem;

	if (fd < 0)
		return -1;
	/* Else connections of an earlier run, in TIME_WAIT, keep the port for a minute. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
	    bind(fd, place->ai_addr, place->ai_addrlen) == 0 && listen(fd, longest_queue) == 0)
		return fd;
	problem = errno;
	close(fd);
	errno = problem;
	return -1;
}

struct metrics_http *metrics_http_open(const char *where, struct fl_error *reterr)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *place;
	struct metrics_http *http;
	char address[64], port[6];

	if (!split(where, address, port) || getaddrinfo(address, port, &hints, &place) != 0) {
		fl_error_set(
			reterr, NULL, 0,
			"--metrics-listen takes an address and a port like 127.0.0.1:9810 or [::1]:9810, not \"%s\"",
			where);
		return NULL;
	}
	http = calloc(1, sizeof(*http));
	if (http)
		http->fd = listen_on(place);
	if (!http || http->fd < 0) {
		fl_error_set(reterr, where, 0, "cannot be listened on: %s", strerror(http ? errno : ENOMEM));
		free(http);
		http = NULL;
	} else {
		pthread_mutex_init(&http->lock, NULL);
		tzset(); /* a first "Date:" would read the zone, when files may be out of reach */
	}
	freeaddrinfo(place);
	return http;
}

static enum MHD_Result answer(struct MHD_Connection *client, unsigned status, struct MHD_Response *response)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	result = MHD_queue_response(client, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *client, unsigned status, const char *words)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(strlen(words), (char *)words,
	                                                                MHD_RESPMEM_PERSISTENT);

	if (response) {
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; charset=utf-8");
		if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
			MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_GET);
	}
	return answer(client, status, response);
}

static enum MHD_Result give_page(struct metrics_http *http, struct MHD_Connection *client)
{
	enum fl_metrics_format format = metrics_http_format(
		MHD_lookup_connection_value(client, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
	struct MHD_Response *response = NULL;

	pthread_mutex_lock(&http->lock);
	if (http->pages[format].bytes)
		response = MHD_create_response_from_buffer(http->pages[format].length, http->pages[format].bytes,
		                                           MHD_RESPMEM_MUST_COPY);
	pthread_mutex_unlock(&http->lock);
	if (!response)
		return refuse(client, MHD_HTTP_SERVICE_UNAVAILABLE, "There are no metrics yet.\n");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, fl_metrics_content_type(format));
	MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT);
	return answer(client, MHD_HTTP_OK, response);
}

/* Called with a request's head, and again when all of it is there. What is refused is so at once, and its body never
 * read. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *client, const char *path, const char *method,
                                  const char *protocol, const char *body, size_t *body_length, void **seen)
{
	static char is_seen;

	(void)protocol;
	(void)body;
	(void)body_length;
	if (strcmp(path, "/metrics") != 0)
		return refuse(client, MHD_HTTP_NOT_FOUND, "There is /metrics, and nothing else.\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
		return refuse(client, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET.\n");
	if (!*seen) { /* an answer now would end the connection, which Prometheus keeps */
		*seen = &is_seen;
		return MHD_YES;
	}
	return give_page(context, client);
}

bool metrics_http_start(struct metrics_http *http, struct fl_error *reterr)
{
	http->daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_request, http,
	                                MHD_OPTION_LISTEN_SOCKET, http->fd, MHD_OPTION_CONNECTION_LIMIT,
	                                (unsigned)most_clients, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)patience_s,
	                                MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)bytes_per_client, MHD_OPTION_END);
	if (!http->daemon)
		fl_error_set(reterr, NULL, 0, "--metrics-listen: no thread to answer with: %s", strerror(errno));
	return http->daemon != NULL;
}

void metrics_http_put(struct metrics_http *http, enum fl_metrics_format format, const char *page, size_t length)
{
	char *copy = malloc(length), *old = copy;

	if (!copy)
		return;
	memcpy(copy, page, length);
	if (pthread_mutex_trylock(&http->lock) == 0) {
		old = http->pages[format].bytes;
		http->pages[format].bytes = copy;
		http->pages[format].length = length;
		pthread_mutex_unlock(&http->lock);
	}
	free(old);
}

void metrics_http_free(struct metrics_http *http)
{
	if (!http)
		return;
	if (http->daemon)
		MHD_stop_daemon(http->daemon); /* it closes the socket */
	else
		close(http->fd);
	pthread_mutex_destroy(&http->lock);
	for (size_t i = 0; i < formats; i++)
		free(http->pages[i].bytes);
	free(http);
}

#else

struct metrics_http *metrics_http_open(const char *where, struct fl_error *reterr)
{
	(void)where;
	fl_error_set(
		reterr, NULL, 0,
		"--metrics-listen: this flatline was built without libmicrohttpd (--metrics writes them to a file)");
	return NULL;
}

bool metrics_http_start(struct metrics_http *http, struct fl_error *reterr)
{
	(void)http;
	(void)reterr;
	return false;
}

void metrics_http_put(struct metrics_http *http, enum fl_metrics_format format, const char *page, size_t length)
{
	(void)http;
	(void)format;
	(void)page;
	(void)length;
}

void metrics_http_free(struct metrics_http *http)
{
	(void)http;
}

#endif
