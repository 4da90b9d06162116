/* One error: which file, which frame, what is wrong, in words for the user. Set-up and output functions return a status
 * and fill their last parameter, `reterr`, on failure only. */
#ifndef FLATLINE_ERROR_H
#define FLATLINE_ERROR_H

#include <stdint.h>

struct fl_error {
	char file[192];    /* as the user named it (its end, when longer); "" when the error is about no file */
	uint64_t frame;    /* number of the frame as in the file, 0 when the error is about no frame */
	char message[256]; /* a sentence without a full stop: "block of 4 bytes is too short" */
};

/* Fills `reterr` (NULL is allowed and ignored). `file` may be NULL. */
void fl_error_set(struct fl_error *reterr, const char *file, uint64_t frame, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* "FILE: frame 12: message", "FILE: message" or "message" into `ret_text` of `size` bytes; returned. */
const char *fl_error_text(const struct fl_error *error, char *ret_text, unsigned long size);

#endif
