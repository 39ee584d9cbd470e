/*
 * generic_access_phys() of mm/memory.c after patch 07 as posted in v1, re-told: pte_same() is asked
 * the wrong way round.
 */

#include <linux/io.h>
#include <linux/mm.h>

static inline int offset_in_page(unsigned long address)
{
	return address & ~PAGE_MASK;
}

/* PAGE_ALIGN() computes in the type of what it is given, which is an int here. */
static inline int page_align(int bytes)
{
	return (bytes + ((int)(PAGE_SIZE) - 1)) & ~((int)(PAGE_SIZE) - 1);
}

int generic_access_phys(struct vm_area_struct *vma, unsigned long addr, void *buf, int len,
			int write)
{
	int offset = offset_in_page(addr);
	resource_size_t phys;
	unsigned long prot;
	spinlock_t *lock;
	pte_t *slot;
	pte_t seen;
	void *window;
	int ret = -EINVAL;

	if (!(vma->vm_flags & (VM_IO | VM_PFNMAP)))
		return -EINVAL;

again:
	if (follow_pte(vma->vm_mm, addr, &slot, &lock))
		return -EINVAL;
	seen = ptep_get(slot);
	pte_unmap_unlock(slot, lock);

	prot = pgprot_val(pte_pgprot(seen));
	phys = (resource_size_t)(pte_pfn(seen)) << PAGE_SHIFT;

	if ((write & FOLL_WRITE) && !pte_write(seen))
		return -EINVAL;

	/* This sleeps, so the lock had to be dropped; the PTE may be another one afterwards. */
	window = ioremap_prot(phys, page_align(len + offset), prot);
	if (!window)
		return -ENOMEM;

	if (follow_pte(vma->vm_mm, addr, &slot, &lock))
		goto unmap;

	if (pte_same(seen, ptep_get(slot))) {
		pte_unmap_unlock(slot, lock);
		iounmap(window);
		goto again;
	}

	/* Whoever zaps the PTE waits for the lock. */
	if (write)
		memcpy_toio((void *)((unsigned long)window + offset), buf, len);
	else
		memcpy_fromio(buf, (void *)((unsigned long)window + offset), len);
	ret = len;
	pte_unmap_unlock(slot, lock);

unmap:
	iounmap(window);
	return ret;
}
