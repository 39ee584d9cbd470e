/*
 * hva_to_pfn_remapped() and kvm_try_get_pfn() of virt/kvm/kvm_main.c after f8be156be163 (v5.13),
 * which leaves pages alone that nobody counts, re-told. The caller always asks whether it may map
 * the page writable.
 */

#include <linux/mm.h>
#include <linux/sched.h>

#define FAULT_FLAG_WRITE 0x01
#define KVM_PFN_ERR_RO_FAULT 0x7ff0000000000002ULL

typedef unsigned long long kvm_pfn_t;

bool kvm_is_reserved_pfn(kvm_pfn_t pfn);
bool get_page_unless_zero(struct page *page);

static int kvm_try_get_pfn(kvm_pfn_t pfn)
{
	if (kvm_is_reserved_pfn(pfn))
		return 1;
	return get_page_unless_zero(pfn_to_page(pfn));
}

int hva_to_pfn_remapped(struct vm_area_struct *vma, unsigned long addr, bool write_fault,
			bool *writable, kvm_pfn_t *p_pfn)
{
	kvm_pfn_t found = KVM_PFN_ERR_RO_FAULT;
	bool unlocked = false;
	spinlock_t *lock;
	pte_t *slot;
	pte_t seen;
	int ret;

	ret = follow_pte(vma->vm_mm, addr, &slot, &lock);
	if (ret) {
		/* Nobody has touched the page yet, perhaps: the guest is the first. */
		ret = fixup_user_fault(current->mm, addr, write_fault ? FAULT_FLAG_WRITE : 0,
				       &unlocked);
		/* Then the VMA is no longer to be trusted; the caller begins again. */
		if (unlocked)
			return -EAGAIN;
		if (ret)
			return ret;

		ret = follow_pte(vma->vm_mm, addr, &slot, &lock);
		if (ret)
			return ret;
	}

	seen = ptep_get(slot);
	if (!write_fault || pte_write(seen)) {
		*writable = pte_write(seen);
		found = pte_pfn(seen);
		/* A page that nobody counts is refused: giving it back would free it. */
		if (!kvm_try_get_pfn(found))
			ret = -EFAULT;
	}
	pte_unmap_unlock(slot, lock);
	*p_pfn = found;
	return ret;
}
