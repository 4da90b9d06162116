/* Frames out of files or standard input: classic pcap through libpcap, pcapng through our own block reader (libpcap
 * refuses mixed link types and gives no interface end time, drops or comments), gzip and zstd by magic number, several
 * files merged into one timeline by time. Knows nothing of TCP. */
#ifndef FLATLINE_CAPTURE_H
#define FLATLINE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flatline/error.h"
#include "flatline/frame.h"

struct fl_capture;

struct fl_capture_settings {
	const char *filter; /* pcap-filter(7) expression, NULL for none; applied in our loop so that numbers stay */
	int64_t from, to;   /* only frames with from <= at < to; FL_TIME_NONE: open. Untimed frames lie in no span */
};

/* How reading a file ended. */
enum fl_file_end {
	FL_FILE_READING, /* not at its end yet */
	FL_FILE_WHOLE,   /* read to its end */
	FL_FILE_CUT,     /* it ends inside its last packet, as every killed tcpdump leaves it (or inside its compressed
	                  * data): all before was read */
	FL_FILE_CORRUPT, /* damaged at a place told in `problem`, or the filter means nothing on a link type met there;
	                  * what could be read before was read */
	FL_FILE_UNREADABLE,  /* cannot be opened, or is no capture file: nothing was read */
	FL_FILE_INTERRUPTED, /* a signal came while more was waited for: all before was read */
};

struct fl_capture_file {
	const char *name;        /* as the user named it, "-" for standard input */
	const char *format;      /* "pcap", "pcapng", or "" when unreadable */
	const char *compression; /* "gzip", "zstd", or ""; "lz4", "xz", ... only when unreadable for that */
	enum fl_file_end end;
	struct fl_error problem; /* for CUT, CORRUPT, UNREADABLE: what and where */
	uint64_t frames;         /* in the file, as far as it was read, hidden ones included */
	int64_t first, last;     /* earliest and latest time of its frames, FL_TIME_NONE without any */
	int64_t modified;        /* mtime in ns, FL_TIME_NONE for standard input and pipes */
	uint32_t snaplen;        /* smallest of its interfaces, 0 when unlimited or unknown */
};

/* The counts and times are about the files: frames hidden by filter, from or to are in all of them. */
struct fl_capture_facts {
	const struct fl_capture_file *files; /* in the order given by the user; fl_frame.file is the index */
	size_t n_files;
	uint64_t frames;                 /* in all files, hidden ones included */
	uint64_t hidden;                 /* by filter, from, to */
	uint64_t cut;                    /* frames captured shorter than they were on the wire (snaplen) */
	uint64_t untimed;                /* frames without a time */
	uint64_t backwards;              /* frames earlier than the one before them in their file, by more than 1 ms */
	int64_t step_back;               /* the largest such step, ns */
	int64_t first, last;             /* over all files, FL_TIME_NONE without any */
	int64_t shown_first, shown_last; /* of the frames that are not hidden */
	int64_t interface_end; /* latest pcapng interface end time (isb_endtime), FL_TIME_NONE when told by none */
	bool has_drops;        /* a file told how many packets the capture lost (pcapng statistics) */
	uint64_t drops;        /* by interface and by system, summed over interfaces, sections and files */
	uint16_t links[16];    /* link types met, in order of appearance */
	size_t n_links;
};

/* Opens all `n_paths` files ("-": standard input, once). A file that cannot be read is noted in the facts and the
 * others are read. NULL with `reterr` only when nothing can be read because of the request itself: the filter does not
 * compile, "-" named twice, out of memory. NULL `settings` ask for everything. `paths` and the filter's text must
 * outlive the capture. The first frame of every file is read here, so that this waits for what comes through a pipe. */
struct fl_capture *fl_capture_new(const char *const *paths, size_t n_paths, const struct fl_capture_settings *settings,
                                  struct fl_error *reterr);
void fl_capture_free(struct fl_capture *capture);

/* The next frames in order of time over all files (a file's own order is kept even where its clock steps back; equal
 * times in the user's order of files), at most `max`, fewer when their bytes fill 256 KiB; their bytes are valid until
 * the next call. 0 at the end of all files. Damage ends its file only, and stands in the facts. */
size_t fl_capture_read(struct fl_capture *capture, struct fl_frame *ret_frames, size_t max);

/* What is known of the files so far; complete after fl_capture_read has returned 0. Valid as long as the capture. */
const struct fl_capture_facts *fl_capture_facts(const struct fl_capture *capture);

/* "Ethernet", "Linux cooked v2", ...; "link type 147" style is the caller's for NULL (not known). */
const char *fl_link_name(uint16_t link);

#endif
