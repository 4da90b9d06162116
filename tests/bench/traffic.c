/* Real connections with much to say, for tests/bench/soak: a service that answers each request of 100 bytes with 300,
 *and clients that ask at a steady rate, each so many times before it closes and another one connects. Every kernel does
 * with them what it always does.
 *
 *	traffic serve PORT
 *	traffic ask ADDRESS PORT CONNECTIONS REQUESTS_PER_SECOND SECONDS REQUESTS_PER_CONNECTION */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { request_size = 100, answer_size = 300, n_events = 256, ticks_per_second = 1000 };

struct client {
	int fd;
	bool is_waiting; /* for its connection, or an answer */
	uint32_t asked;  /* requests of this connection */
	uint32_t owed;   /* bytes of the answer that are still to come */
};

struct asking {
	struct sockaddr_in to;
	struct client *clients;
	size_t n_clients, next;
	uint32_t per_connection;
	uint64_t answers, connections, skipped; /* skipped: all clients waited when it was time to ask */
	int epoll;
};

static int fail(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	return 1;
}

static void watch_fd(int epoll, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* A request may come in pieces: all that counts is how many bytes came in all. */
static void serve_one(int fd, uint32_t *pending)
{
	static const char answer[answer_size];
	char bytes[4096];
	ssize_t got = recv(fd, bytes, sizeof(bytes), 0);

	if (got <= 0 && !(got < 0 && errno == EAGAIN)) {
		close(fd);
		*pending = 0;
		return;
	}
	for (*pending += got > 0 ? (uint32_t)got : 0; *pending >= request_size; *pending -= request_size) {
		if (send(fd, answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer)) {
			close(fd);
			*pending = 0;
			return;
		}
	}
}

static int serve(uint16_t port)
{
	enum { most_fds = 1 << 16 };
	static uint32_t pending[most_fds];
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct epoll_event events[n_events];
	int listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0), one = 1;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&own, sizeof(own)) || listen(listener, 4096))
		return fail("listen");
	watch_fd(epoll, listener, EPOLLIN, (uint64_t)listener);
	printf("serving\n");
	fflush(stdout);
	for (;;) {
		int count = epoll_wait(epoll, events, n_events, -1);

		for (int i = 0; i < count; i++) {
			int fd = (int)events[i].data.u64;

			if (fd != listener) {
				serve_one(fd, &pending[fd]);
				continue;
			}
			fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
			if (fd >= most_fds)
				return fail("too many connections");
			if (fd >= 0)
				watch_fd(epoll, fd, EPOLLIN, (uint64_t)fd);
		}
	}
}

static bool connect_one(struct asking *asking, size_t index)
{
	struct client *client = &asking->clients[index];
	int one = 1;

	*client = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), .is_waiting = true };
	if (client->fd < 0)
		return false;
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(client->fd, (struct sockaddr *)&asking->to, sizeof(asking->to)) && errno != EINPROGRESS) {
		fail("connect");
		return false;
	}
	watch_fd(asking->epoll, client->fd, EPOLLIN | EPOLLOUT | EPOLLET, index);
	asking->connections++;
	return true;
}

/* The next that does not wait; false when all do. */
static bool ask_one(struct asking *asking)
{
	static const char request[request_size];

	for (size_t tries = 0; tries < asking->n_clients; tries++) {
		struct client *client = &asking->clients[asking->next];

		asking->next = (asking->next + 1) % asking->n_clients;
		if (client->is_waiting)
			continue;
		client->is_waiting = send(client->fd, request, sizeof(request), MSG_NOSIGNAL) == sizeof(request);
		client->owed = answer_size;
		client->asked++;
		return true;
	}
	return false;
}

static bool hear(struct asking *asking, size_t index)
{
	struct client *client = &asking->clients[index];
	char bytes[4096];
	ssize_t got = recv(client->fd, bytes, sizeof(bytes), 0);

	if (got < 0 && errno == EAGAIN) { /* connected */
		client->is_waiting = client->owed > 0;
		return true;
	}
	if (got <= 0) {
		fail("recv");
		return false;
	}
	client->owed -= (uint32_t)got < client->owed ? (uint32_t)got : client->owed;
	if (client->owed > 0)
		return true;
	asking->answers++;
	client->is_waiting = false;
	if (client->asked < asking->per_connection)
		return true;
	close(client->fd);
	return connect_one(asking, index);
}

/* Those that wait hear their answers, and then all close in order: nothing is reset at the end. */
static void leave(struct asking *asking)
{
	const unsigned patience_ms = 1000;
	struct pollfd fd;
	char bytes[4096];

	for (size_t i = 0; i < asking->n_clients; i++) {
		struct client *client = &asking->clients[i];

		fd = (struct pollfd){ .fd = client->fd, .events = POLLIN };
		while (client->is_waiting && client->owed > 0 && poll(&fd, 1, patience_ms) > 0) {
			ssize_t got = recv(client->fd, bytes, sizeof(bytes), 0);

			if (got <= 0)
				break;
			client->owed -= (uint32_t)got < client->owed ? (uint32_t)got : client->owed;
		}
		close(client->fd);
	}
}

static uint64_t ticks(int timer)
{
	uint64_t passed = 0;

	return read(timer, &passed, sizeof(passed)) == sizeof(passed) ? passed : 0;
}

static int ask(struct asking *asking, uint32_t per_second, uint32_t seconds)
{
	const struct itimerspec each = { { 0, 1000000000 / ticks_per_second }, { 0, 1 } };
	const uint64_t end = (uint64_t)seconds * ticks_per_second, timer_data = UINT64_MAX;
	struct epoll_event events[n_events];
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	uint64_t now = 0, asked = 0;

	for (size_t i = 0; i < asking->n_clients; i++) {
		if (!connect_one(asking, i))
			return 1;
	}
	timerfd_settime(timer, 0, &each, NULL);
	watch_fd(asking->epoll, timer, EPOLLIN, timer_data);
	while (now < end) {
		int count = epoll_wait(asking->epoll, events, n_events, -1);

		for (int i = 0; i < count; i++) {
			if (events[i].data.u64 != timer_data) {
				if (!hear(asking, events[i].data.u64))
					return 1;
				continue;
			}
			now += ticks(timer);
			for (uint64_t due = now * per_second / ticks_per_second; asked < due; asked++) {
				if (!ask_one(asking)) {
					asking->skipped += due - asked;
					asked = due;
					break;
				}
			}
		}
	}
	leave(asking);
	printf("%llu answers on %llu connections, %llu requests left out\n", (unsigned long long)asking->answers,
	       (unsigned long long)asking->connections, (unsigned long long)asking->skipped);
	return 0;
}

int main(int argc, char **argv)
{
	struct asking asking = { .to.sin_family = AF_INET, .epoll = epoll_create1(0) };

	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve((uint16_t)atoi(argv[2]));
	if (argc != 8 || strcmp(argv[1], "ask") != 0 || inet_pton(AF_INET, argv[2], &asking.to.sin_addr) != 1) {
		fprintf(stderr, "usage: traffic serve PORT | traffic ask ADDRESS PORT CONNECTIONS REQUESTS_PER_SECOND "
		                "SECONDS REQUESTS_PER_CONNECTION\n");
		return 2;
	}
	asking.to.sin_port = htons((uint16_t)atoi(argv[3]));
	asking.n_clients = (size_t)atoi(argv[4]);
	asking.per_connection = (uint32_t)atoi(argv[7]);
	asking.clients = calloc(asking.n_clients, sizeof(*asking.clients));
	if (!asking.clients || asking.n_clients == 0)
		return fail("clients");
	return ask(&asking, (uint32_t)atoi(argv[5]), (uint32_t)atoi(argv[6]));
}
