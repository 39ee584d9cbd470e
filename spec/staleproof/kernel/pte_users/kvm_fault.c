/*
 * direct_page_fault() as arch/x86/kvm/mmu/mmu.c had it before the series (v5.10-rc1), re-told, with
 * mmu_notifier_retry() of include/linux/kvm_host.h. Where the guest's memory lies in the address
 * space of the process is known to the caller here.
 */

#include <linux/mm.h>

#define KVM_PFN_ERR_MASK 0x7ff0000000000000ULL
#define KVM_PFN_ERR_HWPOISON 0x7ff0000000000001ULL
#define KVM_PFN_ERR_RO_FAULT 0x7ff0000000000002ULL
#define RET_PF_RETRY 0
#define RET_PF_EMULATE 1

typedef unsigned long long kvm_pfn_t;

struct kvm {
	spinlock_t mmu_lock;
	unsigned long mmu_notifier_seq;
	long mmu_notifier_count;
};

kvm_pfn_t hva_to_pfn(unsigned long addr, bool write_fault, bool *writable);
int make_mmu_pages_available(struct kvm *kvm);
int __direct_map(struct kvm *kvm, unsigned long gpa, bool map_writable, kvm_pfn_t pfn);
void kvm_release_pfn_clean(kvm_pfn_t pfn);

static int mmu_notifier_retry(struct kvm *kvm, unsigned long before)
{
	/* A range is being invalidated: what was looked up may be in it. */
	if (kvm->mmu_notifier_count)
		return 1;
	smp_rmb();
	/* One was, since before the lookup. */
	return kvm->mmu_notifier_seq != before;
}

static int kvm_handle_bad_page(kvm_pfn_t pfn)
{
	if (pfn == KVM_PFN_ERR_RO_FAULT)
		return RET_PF_EMULATE;
	/* The process gets a signal, and the guest comes back. */
	if (pfn == KVM_PFN_ERR_HWPOISON)
		return RET_PF_RETRY;
	return -EFAULT;
}

int direct_page_fault(struct kvm *kvm, unsigned long gpa, unsigned long hva, bool write)
{
	bool map_writable;
	unsigned long seq;
	kvm_pfn_t pfn;
	int ret;

	seq = kvm->mmu_notifier_seq;
	smp_rmb();

	pfn = hva_to_pfn(hva, write, &map_writable);
	if (pfn & KVM_PFN_ERR_MASK)
		return kvm_handle_bad_page(pfn);

	ret = RET_PF_RETRY;
	spin_lock(&kvm->mmu_lock);
	if (mmu_notifier_retry(kvm, seq))
		goto out_unlock;
	ret = make_mmu_pages_available(kvm);
	if (ret)
		goto out_unlock;
	ret = __direct_map(kvm, gpa, map_writable, pfn);
out_unlock:
	spin_unlock(&kvm->mmu_lock);
	kvm_release_pfn_clean(pfn);
	return ret;
}
