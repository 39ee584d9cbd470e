/*
 * follow_fault_pfn() of drivers/vfio/vfio_iommu_type1.c as patch 10/15 of v4 leaves it, re-told.
 */

#include <linux/mm.h>

#define FAULT_FLAG_WRITE 0x01
#define FAULT_FLAG_REMOTE 0x80

int unsafe_follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn);

/* Take a page fault for a task that did not ask for one; *unlocked: mmap_lock was dropped. */
int fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags,
		     bool *unlocked);

int follow_fault_pfn(struct vm_area_struct *vma, struct mm_struct *mm, unsigned long vaddr,
		     unsigned long *pfn, bool write_fault)
{
	bool unlocked = false;
	int ret;

	ret = unsafe_follow_pfn(vma, vaddr, pfn);
	if (!ret)
		return 0;

	/* No PTE yet, perhaps: the driver fills them when they are touched. */
	ret = fixup_user_fault(mm, vaddr, FAULT_FLAG_REMOTE | (write_fault ? FAULT_FLAG_WRITE : 0),
			       &unlocked);
	/* The VMA may be gone; the caller has to look it up again. */
	if (unlocked)
		return -EAGAIN;
	if (ret)
		return ret;

	return unsafe_follow_pfn(vma, vaddr, pfn);
}
