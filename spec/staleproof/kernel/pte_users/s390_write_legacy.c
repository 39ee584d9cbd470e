/*
 * The s390 system call that writes PCI memory, as arch/s390/pci/pci_mmio.c had them before
 * a67a88b0b8de (v5.10-rc1), re-told. Left out are the way of machines with MIO instructions, which
 * goes through the user's own mapping, and the small buffer on the stack.
 */

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define ZPCI_IOMAP_ADDR_BASE 0x8000000000000000UL

bool zpci_is_enabled(void);
int zpci_memcpy_toio(void *dst, const void *src, size_t n);

static long get_pfn(unsigned long address, unsigned long access, unsigned long *pfn)
{
	struct vm_area_struct *vma;
	long ret = -EINVAL;

	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, address);
	if (vma) {
		ret = -EACCES;
		if (vma->vm_flags & access)
			ret = follow_pfn(vma, address, pfn);
	}
	mmap_read_unlock(current->mm);
	return ret;
}

long s390_pci_mmio_write(unsigned long mmio_addr, const void *user_buffer, size_t length)
{
	unsigned long io_addr;
	unsigned long pfn = 0;
	void *buf;
	long ret;

	if (!zpci_is_enabled())
		return -ENODEV;
	if (length <= 0 || PAGE_SIZE - (mmio_addr & ~PAGE_MASK) < length)
		return -EINVAL;

	buf = kmalloc(length, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;

	ret = get_pfn(mmio_addr, VM_WRITE, &pfn);
	if (ret)
		goto out;
	io_addr = (pfn << PAGE_SHIFT) | (mmio_addr & ~PAGE_MASK);

	ret = -EFAULT;
	if (io_addr < ZPCI_IOMAP_ADDR_BASE)
		goto out;
	if (copy_from_user(buf, user_buffer, length))
		goto out;

	ret = zpci_memcpy_toio((void *)io_addr, buf, length);
out:
	kfree(buf);
	return ret;
}
