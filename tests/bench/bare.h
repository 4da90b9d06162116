/* The yardstick: what reading a capture costs anyone who uses libpcap. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the file with pcap_next_ex to its end. False, with a word on stderr, when it cannot be read. */
bool bare_loop(const char *path, uint64_t *ret_frames, uint64_t *ret_bytes);

#endif
