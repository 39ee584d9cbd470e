/*
 * Which pages /dev/mem shows where the architecture has no rules of its own (arm64 of v5.10, and
 * lib/devmem_is_allowed.c since 5.11), re-told.
 */

#include <linux/ioport.h>

bool iomem_is_exclusive(u64 addr);

int devmem_is_allowed(unsigned long pfn)
{
	if (iomem_is_exclusive(pfn << PAGE_SHIFT))
		return 0;
	if (!page_is_ram(pfn))
		return 1;
	return 0;
}
