/* Live capture. Each device has its own handle, without blocking; one poll() waits for all of them. The kernel hands
 * over packets in blocks, at the latest every tenth of a second, so that a busy interface costs few wake-ups. */
#include "flatline/live.h"

#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { block_ms = 100, longest_pause_s = 30, batch_bytes = 1 << 18 };

struct device {
	pcap_t *handle; /* NULL while it is gone */
	int fd;
	struct bpf_program filter; /* compiled at the first opening; no instructions: none */
	int filter_dlt;            /* for that */
	uint64_t drops_before;     /* of its earlier openings */
	int64_t retry_at;
	int64_t pause; /* before the next try, ns */
};

struct fl_live {
	struct fl_live_settings settings;
	struct device devices[FL_LIVE_DEVICES];
	struct fl_live_device facts[FL_LIVE_DEVICES];
	size_t n_devices, next; /* the one whose turn is next: none starves */
	uint64_t frames;
	uint8_t *arena; /* bytes of the frames given out */
	size_t used;
	/* while a device is read */
	struct fl_frame *to;
	size_t count, max, reading;
};

static bool fail(struct fl_error *reterr, const char *name, pcap_t *handle, int status)
{
	const char *words = handle ? pcap_geterr(handle) : "";

	fl_error_set(reterr, name, 0, "%s%s%s", pcap_statustostr(status), *words ? ": " : "", words);
	return false;
}

static bool configure(pcap_t *handle, const struct fl_live_settings *settings)
{
	return pcap_set_snaplen(handle, (int)settings->snaplen) == 0 &&
	       pcap_set_promisc(handle, settings->is_promiscuous) == 0 && pcap_set_timeout(handle, block_ms) == 0 &&
	       pcap_set_buffer_size(handle, (int)settings->buffer) == 0;
}

/* The filter is compiled once: names in it are looked up in files and asked for in the network, for which there are no
 * rights later. */
static bool compile_filter(struct device *device, pcap_t *handle, const char *name, const char *expression,
                           struct fl_error *reterr)
{
	if (device->filter.bf_insns && device->filter_dlt == pcap_datalink(handle))
		return true;
	if (device->filter.bf_insns) {
		fl_error_set(reterr, name, 0, "is of another kind than before: the filter does not fit");
		return false;
	}
	if (pcap_compile(handle, &device->filter, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		fl_error_set(reterr, NULL, 0, "filter \"%s\": %s", expression, pcap_geterr(handle));
		return false;
	}
	device->filter_dlt = pcap_datalink(handle);
	return true;
}

static bool set_filter(struct device *device, pcap_t *handle, const char *name, const char *expression,
                       struct fl_error *reterr)
{
	if (!expression)
		return true;
	if (!compile_filter(device, handle, name, expression, reterr))
		return false;
	return pcap_setfilter(handle, &device->filter) == 0 || fail(reterr, name, handle, PCAP_ERROR);
}

static bool activate(struct device *device, pcap_t *handle, const char *name, const struct fl_live_settings *settings,
                     struct fl_error *reterr)
{
	char words[PCAP_ERRBUF_SIZE];
	int status;

	if (!configure(handle, settings))
		return fail(reterr, name, handle, PCAP_ERROR);
	(void)pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO); /* else they are in microseconds */
	status = pcap_activate(handle);
	if (status < 0)
		return fail(reterr, name, handle, status);
	if (pcap_setnonblock(handle, 1, words) != 0) {
		fl_error_set(reterr, name, 0, "%s", words);
		return false;
	}
	return set_filter(device, handle, name, settings->filter, reterr);
}

/* libpcap's own number for raw IP is not the one that files have. */
static uint16_t link_of(pcap_t *handle)
{
	const uint16_t raw_ip = 101;
	int dlt = pcap_datalink(handle);

	return dlt == DLT_RAW ? raw_ip : (uint16_t)dlt;
}

static bool open_device(struct fl_live *live, size_t index, struct fl_error *reterr)
{
	struct device *device = &live->devices[index];
	struct fl_live_device *facts = &live->facts[index];
	char words[PCAP_ERRBUF_SIZE];
	pcap_t *handle = pcap_create(facts->name, words);

	if (!handle) {
		fl_error_set(reterr, facts->name, 0, "%s", words);
		return false;
	}
	if (!activate(device, handle, facts->name, &live->settings, reterr)) {
		pcap_close(handle);
		return false;
	}
	device->handle = handle;
	device->fd = pcap_get_selectable_fd(handle);
	device->pause = FL_NS_PER_S;
	facts->is_open = true;
	facts->link = link_of(handle);
	return true;
}

static uint64_t drops_of(pcap_t *handle)
{
	struct pcap_stat stats;

	return pcap_stats(handle, &stats) == 0 ? (uint64_t)stats.ps_drop + stats.ps_ifdrop : 0;
}

static const char stays_closed[] =
	"; it cannot be opened again, since that takes CAP_NET_RAW, which was given up at the "
	"start (--keep-net-raw keeps it)";

/* It went away. */
static void lose(struct fl_live *live, size_t index, int64_t now)
{
	struct device *device = &live->devices[index];
	struct fl_live_device *facts = &live->facts[index];

	fl_error_set(&facts->problem, facts->name, 0, "%s%s", pcap_geterr(device->handle),
	             live->settings.reopens ? "" : stays_closed);
	device->drops_before += drops_of(device->handle);
	pcap_close(device->handle);
	device->handle = NULL;
	device->retry_at = now + device->pause;
	facts->is_open = false;
	facts->is_lost = !live->settings.reopens;
	facts->losses++;
}

static void retry(struct fl_live *live, int64_t now)
{
	for (size_t i = 0; i < live->n_devices; i++) {
		struct device *device = &live->devices[i];
		int64_t pause = device->pause;

		if (device->handle || live->facts[i].is_lost || now < device->retry_at ||
		    open_device(live, i, &live->facts[i].problem))
			continue;
		device->pause = pause * 2 < longest_pause_s * FL_NS_PER_S ? pause * 2 : longest_pause_s * FL_NS_PER_S;
		device->retry_at = now + device->pause;
	}
}

struct fl_live *fl_live_new(const char *const *names, size_t n_names, const struct fl_live_settings *settings,
                            struct fl_error *reterr)
{
	struct fl_live *live = calloc(1, sizeof(*live));

	if (n_names > FL_LIVE_DEVICES) {
		fl_error_set(reterr, NULL, 0, "at most %d interfaces", FL_LIVE_DEVICES);
		free(live);
		return NULL;
	}
	if (live)
		live->arena = malloc(batch_bytes);
	if (!live || !live->arena) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		fl_live_free(live);
		return NULL;
	}
	live->settings = *settings;
	for (; live->n_devices < n_names; live->n_devices++) {
		live->facts[live->n_devices].name = names[live->n_devices];
		if (!open_device(live, live->n_devices, reterr)) {
			fl_live_free(live);
			return NULL;
		}
	}
	return live;
}

void fl_live_free(struct fl_live *live)
{
	if (!live)
		return;
	for (size_t i = 0; i < FL_LIVE_DEVICES; i++) {
		if (live->devices[i].handle)
			pcap_close(live->devices[i].handle);
		pcap_freecode(&live->devices[i].filter);
	}
	free(live->arena);
	free(live);
}

/* libpcap's buffer is its own: the bytes are copied, the few that were captured. */
static void take_frame(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct fl_live *live = (struct fl_live *)context;
	struct fl_live_device *facts = &live->facts[live->reading];
	bool is_nano = pcap_get_tstamp_precision(live->devices[live->reading].handle) == PCAP_TSTAMP_PRECISION_NANO;
	uint8_t *own = live->arena + live->used;

	if (live->used + header->caplen > batch_bytes) /* larger than anything that was asked for */
		return;
	memcpy(own, bytes, header->caplen);
	live->used += header->caplen;
	facts->frames++;
	live->to[live->count++] = (struct fl_frame){
		.number = ++live->frames,
		.at = header->ts.tv_sec * FL_NS_PER_S + header->ts.tv_usec * (is_nano ? 1 : FL_NS_PER_US),
		.bytes = own,
		.caplen = header->caplen,
		.len = header->len > header->caplen ? header->len : header->caplen,
		.link = facts->link,
		.interface = (uint16_t)live->reading,
	};
}

/* How many more frames fit, whatever their size. */
static int room(const struct fl_live *live)
{
	size_t by_bytes = (batch_bytes - live->used) / live->settings.snaplen, by_count = live->max - live->count;

	return (int)(by_bytes < by_count ? by_bytes : by_count);
}

static void read_all(struct fl_live *live, int64_t now)
{
	for (size_t i = 0; i < live->n_devices && room(live) > 0; i++) {
		live->reading = (live->next + i) % live->n_devices;
		if (live->devices[live->reading].handle &&
		    pcap_dispatch(live->devices[live->reading].handle, room(live), take_frame, (u_char *)live) < 0)
			lose(live, live->reading, now);
	}
	live->next = live->n_devices ? (live->next + 1) % live->n_devices : 0;
}

static void wait_for_any(const struct fl_live *live, int timeout_ms)
{
	struct pollfd fds[FL_LIVE_DEVICES];
	nfds_t count = 0;

	for (size_t i = 0; i < live->n_devices; i++) {
		if (live->devices[i].handle && live->devices[i].fd >= 0)
			fds[count++] = (struct pollfd){ .fd = live->devices[i].fd, .events = POLLIN };
	}
	(void)poll(fds, count, timeout_ms);
}

size_t fl_live_read(struct fl_live *live, struct fl_frame *ret_frames, size_t max, int timeout_ms, int64_t now)
{
	live->to = ret_frames;
	live->max = max;
	live->count = live->used = 0;
	retry(live, now);
	read_all(live, now);
	if (live->count > 0)
		return live->count;
	wait_for_any(live, timeout_ms);
	read_all(live, now);
	return live->count;
}

/* libpcap waits on when an interface is taken down, and reads on when it is up again: its flags tell. Not 0: the number
 * of an error. */
static int look_whether_up(const char *name, bool *ret_is_up)
{
	struct ifreq request = { .ifr_flags = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), problem = 0;

	*ret_is_up = true;
	if (fd < 0)
		return 0;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		problem = errno;
	else
		*ret_is_up = request.ifr_flags & IFF_UP;
	close(fd);
	return problem;
}

/* "any" is no interface, and what has no flags (a D-Bus, a USB bus) is not asked. */
static void check_device(struct fl_live *live, size_t index)
{
	struct fl_live_device *facts = &live->facts[index];
	bool is_up;

	if (!live->devices[index].handle || strcmp(facts->name, "any") == 0)
		return;
	if (look_whether_up(facts->name, &is_up) != 0)
		return;
	facts->losses += facts->is_open && !is_up;
	facts->is_open = is_up;
	if (!is_up)
		fl_error_set(&facts->problem, facts->name, 0, "it is down");
}

const struct fl_live_device *fl_live_devices(struct fl_live *live, size_t *ret_count)
{
	for (size_t i = 0; i < live->n_devices; i++) {
		check_device(live, i);
		live->facts[i].drops = live->devices[i].drops_before +
		                       (live->devices[i].handle ? drops_of(live->devices[i].handle) : 0);
	}
	*ret_count = live->n_devices;
	return live->facts;
}

static void describe(const pcap_if_t *item, char *ret_text, size_t size)
{
	snprintf(ret_text, size, "%s%s%s%s", item->flags & PCAP_IF_UP ? "up" : "down",
	         item->flags & PCAP_IF_LOOPBACK ? ", loopback" : "", item->description ? ", " : "",
	         item->description ? item->description : "");
}

bool fl_live_list(void (*take)(void *context, const char *name, const char *about), void *context,
                  struct fl_error *reterr)
{
	char words[PCAP_ERRBUF_SIZE], about[256];
	pcap_if_t *all;

	if (pcap_findalldevs(&all, words) != 0) {
		fl_error_set(reterr, NULL, 0, "%s", words);
		return false;
	}
	for (const pcap_if_t *item = all; item; item = item->next) {
		describe(item, about, sizeof(about));
		take(context, item->name, about);
	}
	pcap_freealldevs(all);
	return true;
}
