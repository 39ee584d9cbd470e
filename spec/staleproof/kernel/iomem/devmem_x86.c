/*
 * Which pages /dev/mem shows on x86 (arch/x86/mm/init.c, v5.10-rc1), re-told.
 */

#include <linux/ioport.h>

bool iomem_is_exclusive(u64 addr);

int devmem_is_allowed(unsigned long pfn)
{
	/* Below 1 MiB there is what old programs look for, and some of it is RAM. */
	if (region_intersects(pfn << PAGE_SHIFT, PAGE_SIZE, IORESOURCE_SYSTEM_RAM,
			      IORES_DESC_NONE) != REGION_DISJOINT) {
		if (pfn < 256)
			return 2;
		return 0;
	}

	if (iomem_is_exclusive(pfn << PAGE_SHIFT)) {
		if (pfn < 256)
			return 1;
		return 0;
	}

	return 1;
}
