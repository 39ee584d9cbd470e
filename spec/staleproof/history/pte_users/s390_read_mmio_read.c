/*
 * The s390 system call that reads PCI memory after 41a0926e82f4 (v6.15), re-told. Left out are
 * the way of machines with MIO instructions and the small buffer on the stack; the arguments of
 * follow_pfnmap_start(), a struct in the kernel, are taken apart.
 */

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define ZPCI_IOMAP_ADDR_BASE 0x8000000000000000UL

bool zpci_is_enabled(void);
int zpci_memcpy_fromio(void *dst, const void *src, size_t n);
int follow_pfnmap_start(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn);
void follow_pfnmap_end(void);

long s390_pci_mmio_read(unsigned long mmio_addr, void *user_buffer, size_t length)
{
	struct vm_area_struct *vma;
	unsigned long io_addr;
	unsigned long pfn;
	void *buf;
	long ret;

	if (!zpci_is_enabled())
		return -ENODEV;
	if (length <= 0 || PAGE_SIZE - (mmio_addr & ~PAGE_MASK) < length)
		return -EINVAL;

	buf = kmalloc(length, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	mmap_read_lock(current->mm);
	ret = -EINVAL;
	vma = vma_lookup(current->mm, mmio_addr);
	if (!vma)
		goto unlock_mmap;
	if (!(vma->vm_flags & (VM_IO | VM_PFNMAP)))
		goto unlock_mmap;
	ret = -EACCES;
	if (!(vma->vm_flags & VM_READ))
		goto unlock_mmap;

	ret = follow_pfnmap_start(vma, mmio_addr, &pfn);
	if (ret) {
		/* A PTE that nobody has touched yet. Without a last argument the lock is kept. */
		fixup_user_fault(current->mm, mmio_addr, 0, NULL);
		ret = follow_pfnmap_start(vma, mmio_addr, &pfn);
		if (ret)
			goto unlock_mmap;
	}

	io_addr = (pfn << PAGE_SHIFT) | (mmio_addr & ~PAGE_MASK);
	if (io_addr < ZPCI_IOMAP_ADDR_BASE) {
		ret = -EFAULT;
		goto unlock_pte;
	}
	ret = zpci_memcpy_fromio(buf, (void *)io_addr, length);
unlock_pte:
	follow_pfnmap_end();
unlock_mmap:
	mmap_read_unlock(current->mm);
	if (!ret && copy_to_user(user_buffer, buf, length))
		ret = -EFAULT;
	kfree(buf);
	return ret;
}
