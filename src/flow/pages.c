/* Memory for tables that are touched everywhere. With millions of flows finding their pages costs as much as their
 * memory, and clearing it twice as much again. Where the system has no huge pages these are small ones. */
#include "pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static void *take_huge(size_t size)
{
	char *all = mmap(NULL, size + PAGES_HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (all == MAP_FAILED)
		return NULL;
	before = (PAGES_HUGE - (uintptr_t)all % PAGES_HUGE) % PAGES_HUGE;
	if (before > 0)
		munmap(all, before);
	munmap(all + before + size, PAGES_HUGE - before);
#ifdef MADV_HUGEPAGE
	madvise(all + before, size, MADV_HUGEPAGE);
#endif
	return all + before;
}

void *pages_take(size_t size)
{
	return size % PAGES_HUGE == 0 ? take_huge(size) : calloc(1, size);
}

void pages_give(void *pages, size_t size)
{
	if (pages && size % PAGES_HUGE == 0)
		munmap(pages, size);
	else
		free(pages);
}
