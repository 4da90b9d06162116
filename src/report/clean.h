/* Strings fit to be shown. Private to report/. */
#ifndef REPORT_CLEAN_H
#define REPORT_CLEAN_H

/* A copy of `text` that is valid UTF-8 without control characters: what is not becomes U+FFFD, one for each byte of
 * damage; a line feed becomes a blank. free() it; NULL out of memory. */
char *clean_text(const char *text);

#endif
