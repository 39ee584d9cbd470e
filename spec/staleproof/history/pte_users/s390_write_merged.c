/*
 * The s390 system call that writes PCI memory after a67a88b0b8de (v5.11), re-told. Left out are
 * the way of machines with MIO instructions and the small buffer on the stack.
 */

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define ZPCI_IOMAP_ADDR_BASE 0x8000000000000000UL

bool zpci_is_enabled(void);
int zpci_memcpy_toio(void *dst, const void *src, size_t n);

long s390_pci_mmio_write(unsigned long mmio_addr, const void *user_buffer, size_t length)
{
	struct vm_area_struct *vma;
	unsigned long io_addr;
	spinlock_t *lock;
	pte_t *slot;
	void *buf;
	long ret;

	if (!zpci_is_enabled())
		return -ENODEV;
	if (length <= 0 || PAGE_SIZE - (mmio_addr & ~PAGE_MASK) < length)
		return -EINVAL;

	buf = kmalloc(length, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	ret = -EFAULT;
	if (copy_from_user(buf, user_buffer, length))
		goto free;

	mmap_read_lock(current->mm);
	ret = -EINVAL;
	vma = find_vma(current->mm, mmio_addr);
	if (!vma)
		goto unlock_mmap;
	if (!(vma->vm_flags & (VM_IO | VM_PFNMAP)))
		goto unlock_mmap;
	ret = -EACCES;
	if (!(vma->vm_flags & VM_WRITE))
		goto unlock_mmap;

	ret = follow_pte(vma->vm_mm, mmio_addr, &slot, &lock);
	if (ret)
		goto unlock_mmap;

	io_addr = (pte_pfn(ptep_get(slot)) << PAGE_SHIFT) | (mmio_addr & ~PAGE_MASK);
	/* ret is 0 here. */
	if (io_addr < ZPCI_IOMAP_ADDR_BASE)
		goto unlock_pte;
	ret = zpci_memcpy_toio((void *)io_addr, buf, length);
unlock_pte:
	pte_unmap_unlock(slot, lock);
unlock_mmap:
	mmap_read_unlock(current->mm);
free:
	kfree(buf);
	return ret;
}
