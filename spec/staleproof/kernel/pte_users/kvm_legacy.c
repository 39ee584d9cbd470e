/*
 * hva_to_pfn_remapped() and kvm_get_pfn() as virt/kvm/kvm_main.c had them before the series
 * (v5.10-rc1), re-told. The caller always asks whether it may map the page writable.
 */

#include <linux/mm.h>
#include <linux/sched.h>

#define FAULT_FLAG_WRITE 0x01

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
	unsigned long found;
	bool unlocked = false;
	int ret;

	ret = follow_pfn(vma, addr, &found);
	if (ret) {
		/* Nobody has touched the page yet, perhaps: the guest is the first. */
		ret = fixup_user_fault(current->mm, addr, write_fault ? FAULT_FLAG_WRITE : 0,
				       &unlocked);
		/* Then the VMA is no longer to be trusted; the caller begins again. */
		if (unlocked)
			return -EAGAIN;
		if (ret)
			return ret;

		ret = follow_pfn(vma, addr, &found);
		if (ret)
			return ret;
	}

	*writable = true;
	/* Whoever gets the pfn gives a reference back in the end. */
	kvm_get_pfn(found);
	*p_pfn = found;
	return 0;
}
