/*
 * follow_pfn() of mm/memory.c (v5.10 to v6.9), re-told.
 */

#include <linux/mm.h>

int follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn)
{
	spinlock_t *lock;
	pte_t *slot;
	int ret;

	if (!(vma->vm_flags & (VM_IO | VM_PFNMAP)))
		return -EINVAL;

	ret = follow_pte(vma->vm_mm, address, &slot, &lock);
	if (ret)
		return ret;

	*pfn = pte_pfn(ptep_get(slot));
	/* What was read is a number now. */
	pte_unmap_unlock(slot, lock);
	return 0;
}
