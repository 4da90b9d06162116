/* Live capture. Each device has its own handle, without blocking; one poll() waits for all of them. The kernel hands
 * over packets in blocks, at the latest every tenth of a second, so that a busy interface costs few wake-ups. What one
 * device hands over now may be older than what another one did: of several, frames wait until they are in order. */
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

/* So long a frame waits for older ones of other devices: a block's time, and half of one for being late. */
static const int64_t patience = 3 * block_ms * FL_NS_PER_MS / 2;

struct device {
	pcap_t *handle; /* NULL while it is gone */
	int fd;
	struct bpf_program filter; /* compiled at the first opening; no instructions: none */
	int filter_dlt;            /* for that */
	uint32_t seen_drops[2];    /* the kernel's counts when they were last asked for: they wrap */
	int64_t retry_at;
	int64_t pause; /* before the next try, ns */
	/* Frames that were taken from it, with their bytes, and those of them that were given out. */
	struct fl_frame frames[FL_BATCH];
	size_t count, given;
	uint8_t *arena;
	size_t used;
};

struct fl_live {
	struct fl_live_settings settings;
	struct device devices[FL_LIVE_DEVICES];
	struct fl_live_device facts[FL_LIVE_DEVICES];
	size_t n_devices;
	uint64_t frames;
	size_t reading; /* the device that is read just now */
};

static bool fail(struct fl_error *reterr, const char *name, pcap_t *handle, int status)
{
	const char *words = handle ? pcap_geterr(handle) : "", *what = pcap_statustostr(status);

	if (status == PCAP_ERROR_PERM_DENIED)
		fl_error_set(reterr, name, 0,
		             "to capture takes CAP_NET_RAW: as root, or after setcap(8) cap_net_raw=ep%s%s",
		             *words ? ": " : "", words);
	else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		fl_error_set(reterr, name, 0, "there is no such interface (see: flatline live --list-interfaces)");
	else if (strcmp(what, words) == 0)
		fl_error_set(reterr, name, 0, "%s", what);
	else
		fl_error_set(reterr, name, 0, "%s%s%s", what, *words ? ": " : "", words);
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
	device->seen_drops[0] = device->seen_drops[1] = 0;
	device->fd = pcap_get_selectable_fd(handle);
	device->pause = FL_NS_PER_S;
	facts->is_open = true;
	facts->link = link_of(handle);
	return true;
}

/* The counts have 32 bits, and one of libpcap's own making may go back when an interface vanishes. */
static void add_drops(struct device *device, struct fl_live_device *facts)
{
	struct pcap_stat stats;

	if (!device->handle || pcap_stats(device->handle, &stats) != 0)
		return;
	for (unsigned i = 0; i < 2; i++) {
		uint32_t count = i == 0 ? stats.ps_drop : stats.ps_ifdrop, more = count - device->seen_drops[i];

		if (more <= INT32_MAX)
			facts->drops += more;
		device->seen_drops[i] = count;
	}
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
	if (!live) {
		fl_error_set(reterr, NULL, 0, "out of memory");
		return NULL;
	}
	live->settings = *settings;
	for (; live->n_devices < n_names; live->n_devices++) {
		live->facts[live->n_devices].name = names[live->n_devices];
		live->devices[live->n_devices].arena = malloc(batch_bytes);
		if (!live->devices[live->n_devices].arena) {
			fl_error_set(reterr, NULL, 0, "out of memory");
			fl_live_free(live);
			return NULL;
		}
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
		free(live->devices[i].arena);
	}
	free(live);
}

/* libpcap's buffer is its own: the bytes are copied, the few that were captured. */
static void take_frame(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct fl_live *live = (struct fl_live *)context;
	struct device *device = &live->devices[live->reading];
	struct fl_live_device *facts = &live->facts[live->reading];
	bool is_nano = pcap_get_tstamp_precision(device->handle) == PCAP_TSTAMP_PRECISION_NANO;
	uint8_t *own = device->arena + device->used;

	if (device->used + header->caplen > batch_bytes) /* larger than anything that was asked for */
		return;
	memcpy(own, bytes, header->caplen);
	device->used += header->caplen;
	facts->frames++;
	device->frames[device->count++] = (struct fl_frame){
		.at = header->ts.tv_sec * FL_NS_PER_S + header->ts.tv_usec * (is_nano ? 1 : FL_NS_PER_US),
		.bytes = own,
		.caplen = header->caplen,
		.len = header->len > header->caplen ? header->len : header->caplen,
		.link = facts->link,
		.interface = (uint16_t)live->reading,
	};
}

static bool has_frame(const struct device *device)
{
	return device->given < device->count;
}

/* Takes the next frames from all devices whose last ones were given out. */
static void fill(struct fl_live *live, int64_t now)
{
	const size_t fitting = batch_bytes / live->settings.snaplen;
	const int most = (int)(fitting < FL_BATCH ? fitting : FL_BATCH);

	for (size_t i = 0; i < live->n_devices; i++) {
		struct device *device = &live->devices[i];

		if (has_frame(device))
			continue;
		device->count = device->given = device->used = 0;
		live->reading = i;
		if (device->handle && pcap_dispatch(device->handle, most, take_frame, (u_char *)live) < 0)
			lose(live, i, now);
	}
}

/* A frame from before the clock was set back is the oldest, whatever it says. */
static int64_t order_of(const struct device *device, int64_t clock)
{
	int64_t at = device->frames[device->given].at;

	return at > clock + patience ? INT64_MIN : at;
}

/* The device with the oldest frame; NULL when there is none. */
static struct device *oldest(struct fl_live *live, int64_t clock)
{
	struct device *found = NULL;

	for (size_t i = 0; i < live->n_devices; i++) {
		struct device *device = &live->devices[i];

		if (has_frame(device) && (!found || order_of(device, clock) < order_of(found, clock)))
			found = device;
	}
	return found;
}

/* No other device can have an older frame. */
static bool is_in_order(const struct fl_live *live, const struct device *device, int64_t clock)
{
	bool all_have = true;

	for (size_t i = 0; i < live->n_devices; i++)
		all_have &= has_frame(&live->devices[i]) || !live->devices[i].handle;
	return all_have || live->n_devices == 1 || order_of(device, clock) <= clock - patience;
}

/* Frames that are in order, until the last of some device's is given out: that one may have older ones than the
 * others'.
 */
static size_t give(struct fl_live *live, struct fl_frame *ret_frames, size_t max, int64_t clock)
{
	size_t count = 0;

	while (count < max) {
		struct device *device = oldest(live, clock);

		if (!device || !is_in_order(live, device, clock))
			break;
		ret_frames[count] = device->frames[device->given++];
		ret_frames[count++].number = ++live->frames;
		if (!has_frame(device) && live->n_devices > 1)
			break;
	}
	return count;
}

/* Those that have frames here are not waited for: theirs are waiting, too. */
static void wait_for_any(const struct fl_live *live, int timeout_ms)
{
	const int short_ms = 20; /* frames that wait here are in order soon */
	struct pollfd fds[FL_LIVE_DEVICES];
	nfds_t count = 0;

	for (size_t i = 0; i < live->n_devices; i++) {
		const struct device *device = &live->devices[i];

		if (has_frame(device))
			timeout_ms = timeout_ms < short_ms ? timeout_ms : short_ms;
		else if (device->handle && device->fd >= 0)
			fds[count++] = (struct pollfd){ .fd = device->fd, .events = POLLIN };
	}
	(void)poll(fds, count, timeout_ms);
}

size_t fl_live_read(struct fl_live *live, struct fl_frame *ret_frames, size_t max, int timeout_ms, int64_t now,
                    int64_t clock)
{
	size_t count;

	retry(live, now);
	fill(live, now);
	count = give(live, ret_frames, max, clock);
	if (count > 0)
		return count;
	wait_for_any(live, timeout_ms);
	fill(live, now);
	return give(live, ret_frames, max, clock);
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
		add_drops(&live->devices[i], &live->facts[i]);
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
