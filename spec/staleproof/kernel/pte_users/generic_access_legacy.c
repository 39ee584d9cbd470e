/*
 * generic_access_phys() and follow_phys() as mm/memory.c had them before the series (v5.10-rc1),
 * re-told. ptrace and /proc/PID/mem reach device memory through it.
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

/* The physical address and the protection of one page, as they were when the lock was held. */
int follow_phys(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
		unsigned long *prot, resource_size_t *phys)
{
	spinlock_t *lock;
	pte_t *slot;
	pte_t entry;
	int ret = -EINVAL;

	if (!(vma->vm_flags & (VM_IO | VM_PFNMAP)))
		return ret;

	if (follow_pte(vma->vm_mm, address, &slot, &lock))
		return ret;

	entry = ptep_get(slot);
	if (!(flags & FOLL_WRITE) || pte_write(entry)) {
		*prot = pgprot_val(pte_pgprot(entry));
		*phys = (resource_size_t)(pte_pfn(entry)) << PAGE_SHIFT;
		ret = 0;
	}
	pte_unmap_unlock(slot, lock);
	return ret;
}

int generic_access_phys(struct vm_area_struct *vma, unsigned long addr, void *buf, int len,
			int write)
{
	int offset = offset_in_page(addr);
	resource_size_t phys = 0;
	unsigned long prot = 0;
	void *window;

	if (follow_phys(vma, addr, write, &prot, &phys))
		return -EINVAL;

	window = ioremap_prot(phys, page_align(len + offset), prot);
	if (!window)
		return -ENOMEM;

	/* Nothing holds the page here. */
	if (write)
		memcpy_toio((void *)((unsigned long)window + offset), buf, len);
	else
		memcpy_fromio(buf, (void *)((unsigned long)window + offset), len);

	iounmap(window);
	return len;
}
