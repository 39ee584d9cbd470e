/*
 * What patch 08/15 (as posted in v4) adds to mm/nommu.c, re-told.
 */

#include <linux/mm.h>

int follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn);

/* The other build's warning and refusal are not here. */
int unsafe_follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn)
{
	return follow_pfn(vma, address, pfn);
}
