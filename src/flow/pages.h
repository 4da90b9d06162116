/* Large zeroed memory, in huge pages where there are any. Private to flow/. */
#ifndef FLOW_PAGES_H
#define FLOW_PAGES_H

#include <stddef.h>

#define PAGES_HUGE ((size_t)2 << 20)

/* `size` zeroed bytes, not 0; in huge pages when it is a multiple of one. NULL out of memory. */
void *pages_take(size_t size);
/* Gives back what pages_take(size) gave; NULL is none. */
void pages_give(void *pages, size_t size);

#endif
