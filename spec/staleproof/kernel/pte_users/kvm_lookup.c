/*
 * hva_to_pfn() as virt/kvm/kvm_main.c had it before the series (v5.10-rc1), re-told for a caller
 * that may sleep and wants to wait: `atomic` is false, `async` is NULL.
 */

#include <linux/mm.h>
#include <linux/sched.h>

#define KVM_PFN_ERR_FAULT 0x7ff0000000000000ULL
#define KVM_PFN_ERR_HWPOISON 0x7ff0000000000001ULL

typedef unsigned long long kvm_pfn_t;

bool hva_to_pfn_fast(unsigned long addr, bool write_fault, bool *writable, kvm_pfn_t *pfn);
int hva_to_pfn_slow(unsigned long addr, bool write_fault, bool *writable, kvm_pfn_t *pfn);
int check_user_page_hwpoison(unsigned long addr);
int hva_to_pfn_remapped(struct vm_area_struct *vma, unsigned long addr, bool write_fault,
			bool *writable, kvm_pfn_t *p_pfn);

kvm_pfn_t hva_to_pfn(unsigned long addr, bool write_fault, bool *writable)
{
	struct vm_area_struct *vma;
	kvm_pfn_t pfn;
	int ret;

	if (hva_to_pfn_fast(addr, write_fault, writable, &pfn))
		return pfn;
	ret = hva_to_pfn_slow(addr, write_fault, writable, &pfn);
	if (ret == 1)
		return pfn;

	mmap_read_lock(current->mm);
	if (ret == -EHWPOISON || check_user_page_hwpoison(addr)) {
		pfn = KVM_PFN_ERR_HWPOISON;
		goto done;
	}

look_up:
	vma = find_vma_intersection(current->mm, addr, addr + 1);
	if (!vma || !(vma->vm_flags & (VM_IO | VM_PFNMAP))) {
		pfn = KVM_PFN_ERR_FAULT;
		goto done;
	}
	ret = hva_to_pfn_remapped(vma, addr, write_fault, writable, &pfn);
	/* A page fault has dropped the lock: the VMA may be another by now. */
	if (ret == -EAGAIN)
		goto look_up;
	if (ret < 0)
		pfn = KVM_PFN_ERR_FAULT;
done:
	mmap_read_unlock(current->mm);
	return pfn;
}
