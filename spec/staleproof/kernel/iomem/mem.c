/*
 * /dev/mem as drivers/char/mem.c had it before the series (v5.10-rc1), re-told: which ranges may
 * be mapped, the mmap, and the revoke. Caching attributes and vm_ops are left out.
 */

#include <linux/fs.h>
#include <linux/ioport.h>
#include <linux/mm.h>

static struct inode *devmem_inode;

int valid_mmap_phys_addr_range(unsigned long pfn, size_t size);

/* 0: hands off. 1: go ahead. 2: pretend that it is all zeros. */
int devmem_is_allowed(unsigned long pfn);

static inline resource_size_t resource_size(const struct resource *res)
{
	return res->end - res->start + 1;
}

int range_is_allowed(unsigned long pfn, unsigned long size)
{
	u64 from = ((u64)(pfn)) << PAGE_SHIFT;
	u64 to = from + size;
	u64 cursor = from;

	if (!IS_ENABLED(CONFIG_STRICT_DEVMEM))
		return 1;

	while (cursor < to) {
		if (!devmem_is_allowed(pfn))
			return 0;
		cursor += PAGE_SIZE;
		pfn++;
	}
	return 1;
}

/* The offset of the mapping is the physical address. */
int mmap_mem(struct file *file, struct vm_area_struct *vma)
{
	size_t size = vma->vm_end - vma->vm_start;
	phys_addr_t offset = (phys_addr_t)(vma->vm_pgoff) << PAGE_SHIFT;

	/* Bits that the shift has pushed out. */
	if (offset >> PAGE_SHIFT != vma->vm_pgoff)
		return -EINVAL;

	/* A last byte that lies below the first. */
	if (offset + (phys_addr_t)(size) - 1 < offset)
		return -EINVAL;

	if (!valid_mmap_phys_addr_range(vma->vm_pgoff, size))
		return -EINVAL;

	if (!range_is_allowed(vma->vm_pgoff, size))
		return -EPERM;

	if (remap_pfn_range(vma, vma->vm_start, vma->vm_pgoff, size, vma->vm_page_prot))
		return -EAGAIN;
	return 0;
}

/* User mappings of what a driver has just claimed have to go. */
void revoke_devmem(struct resource *res)
{
	struct inode *inode;

	if (!IS_ENABLED(CONFIG_IO_STRICT_DEVMEM))
		return;

	inode = READ_ONCE(devmem_inode);
	/* Too early in the boot for anybody to have opened the file. */
	if (!inode)
		return;

	/* Only the two ends are asked. Both allowed: no policy is in force here. */
	if (devmem_is_allowed(res->start >> PAGE_SHIFT) &&
	    devmem_is_allowed(res->end >> PAGE_SHIFT))
		return;

	unmap_mapping_range(inode->i_mapping, res->start, resource_size(res), 1);
}
