/*
 * hva_to_pfn_remapped() and kvm_get_pfn() of virt/kvm/kvm_main.c after bd2fae8da794 (v5.12), which
 * looks at the permission, re-told. The caller always asks whether it may map the page writable.
 */

#include <linux/mm.h>
#include <linux/sched.h>

#define FAULT_FLAG_WRITE 0x01
#define KVM_PFN_ERR_RO_FAULT 0x7ff0000000000002ULL

typedef unsigned long long kvm_pfn_t;

bool kvm_is_reserved_pfn(kvm_pfn_t pfn);
void get_page(struct page *page);

static void kvm_get_pfn(kvm_pfn_t pfn)
{
	if (!kvm_is_reserved_pfn(pfn))
		get_page(pfn_to_page(pfn));
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
		/* Whoever gets the pfn gives a reference back in the end. */
		kvm_get_pfn(found);
	}
	pte_unmap_unlock(slot, lock);
	*p_pfn = found;
	return 0;
}
