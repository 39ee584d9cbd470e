/*
 * vaddr_get_pfn() and follow_fault_pfn() of drivers/vfio/vfio_iommu_type1.c as of 07956b6269d3,
 * which looks at the permission, re-told. 5.12 has vaddr_get_pfns(), of many pages (4d83de6da265).
 */

#include <linux/mm.h>

#define IOMMU_WRITE 0x02
#define FAULT_FLAG_WRITE 0x01
#define FAULT_FLAG_REMOTE 0x80

long pin_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
			   unsigned int gup_flags, struct page **pages, void *vmas, int *locked);
bool is_invalid_reserved_pfn(unsigned long pfn);

static int follow_fault_pfn(struct vm_area_struct *vma, struct mm_struct *mm, unsigned long vaddr,
			    unsigned long *pfn, bool write_fault)
{
	bool unlocked = false;
	spinlock_t *lock;
	pte_t *slot;
	pte_t seen;
	int ret;

	ret = follow_pte(vma->vm_mm, vaddr, &slot, &lock);
	if (ret) {
		/* No PTE yet, perhaps: the driver fills them when they are touched. */
		ret = fixup_user_fault(mm, vaddr,
				       FAULT_FLAG_REMOTE | (write_fault ? FAULT_FLAG_WRITE : 0),
				       &unlocked);
		/* The VMA may be gone; the caller has to look it up again. */
		if (unlocked)
			return -EAGAIN;
		if (ret)
			return ret;

		ret = follow_pte(vma->vm_mm, vaddr, &slot, &lock);
		if (ret)
			return ret;
	}

	seen = ptep_get(slot);
	if (write_fault && !pte_write(seen))
		ret = -EFAULT;
	else
		*pfn = pte_pfn(seen);
	pte_unmap_unlock(slot, lock);
	return ret;
}

int vaddr_get_pfn(struct mm_struct *mm, unsigned long vaddr, int prot, unsigned long *pfn)
{
	struct vm_area_struct *vma;
	struct page *page;
	unsigned int flags = 0;
	int ret;

	if (prot & IOMMU_WRITE)
		flags = FOLL_WRITE;

	mmap_read_lock(mm);
	ret = pin_user_pages_remote(mm, vaddr, 1, flags | FOLL_LONGTERM, &page, NULL, NULL);
	if (ret == 1) {
		*pfn = page_to_pfn(page);
		ret = 0;
		goto done;
	}

	vaddr = untagged_addr(vaddr);
look_up:
	vma = find_vma_intersection(mm, vaddr, vaddr + 1);
	if (vma && vma->vm_flags & VM_PFNMAP) {
		ret = follow_fault_pfn(vma, mm, vaddr, pfn, prot & IOMMU_WRITE);
		if (ret == -EAGAIN)
			goto look_up;
		/* Pages that are counted have to be pinned. */
		if (!ret && !is_invalid_reserved_pfn(*pfn))
			ret = -EFAULT;
	}
done:
	mmap_read_unlock(mm);
	return ret;
}
